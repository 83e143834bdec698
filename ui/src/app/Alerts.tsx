import { BellOutlined } from '@ant-design/icons'
import { useStatus } from '../api/status'
import type { Badges, Permission } from '../generated/types'
import { useT } from '../i18n'
import { href } from '../router'
import { StatusIcon } from '../status/StatusTag'
import type { Family } from '../theme/tokens'
import { Drop } from './Drop'
import { routes } from './routes'

type Kind = 'approvals_waiting' | 'refunds_unknown' | 'bills_missing'
type Alert = { of: Kind & keyof Badges; family: Family; needs: Permission; path: string }

/** What a person is called for, most pressing first. Open differences are work, not an alarm: the navigation counts them. */
const alerts: readonly Alert[] = [
  { of: 'refunds_unknown', family: 'un', needs: 'view_orders', path: '/approvals' },
  { of: 'approvals_waiting', family: 'ru', needs: 'approve_refund', path: '/approvals' },
  { of: 'bills_missing', family: 'br', needs: 'run_reconciliation', path: '/bills' },
]

/** The bell: what needs this person now, each a way to it. */
export function Alerts() {
  const t = useT()
  const { badges, permissions } = useStatus()
  const mine = alerts.filter((a) => badges[a.of] > 0 && permissions.includes(a.needs) && routes.some((r) => r.path === a.path))
  const n = mine.reduce((sum, a) => sum + badges[a.of], 0)
  return (
    <Drop
      title={t('frame.alerts')}
      placement="bottomRight"
      className="zf-bell"
      label={n === 0 ? t('frame.alerts_none') : t('frame.alerts_n', { n })}
      testid="alerts"
      content={
        <div className="zf-alerts" data-testid="alerts-list">
          {mine.length === 0 ? <span className="zf-t2">{t('frame.alerts_none')}</span> : null}
          {mine.map((a) => (
            <a key={a.of} href={href(a.path)} data-testid={`alert-${a.of}`}>
              <StatusIcon family={a.family} />
              {t(`alerts.${a.of}`, { n: badges[a.of] })}
            </a>
          ))}
        </div>
      }
    >
      <BellOutlined aria-hidden />
      {n === 0 ? null : (
        <span className="zf-bell-n" aria-hidden>
          {n > 99 ? '99+' : n}
        </span>
      )}
    </Drop>
  )
}
