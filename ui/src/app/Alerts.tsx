import { BellOutlined } from '@ant-design/icons'
import { useRead } from '../api/query'
import { useMay, useStatus } from '../api/status'
import type { Badges, Permission } from '../generated/types'
import { clockNow } from '../format'
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

const soonDays = 30
const dayMs = 86_400_000

/** The connected accounts with how they do, for whoever may see them. */
export function useAccountViews() {
  const may = useMay('view_orders')
  return useRead('accounts.list', may ? {} : null).data?.accounts
}

/** The bell: what needs this person now, each a way to it. */
export function Alerts() {
  const t = useT()
  const { badges, permissions } = useStatus()
  const mine = alerts.filter((a) => badges[a.of] > 0 && permissions.includes(a.needs) && routes.some((r) => r.path === a.path))
  const accounts = useAccountViews() ?? []
  const expiring = accounts.flatMap((a) => {
    if (a.certificate_expires_at === null) return []
    const days = Math.floor((new Date(a.certificate_expires_at).getTime() - clockNow()) / dayMs)
    return days < soonDays ? [{ id: a.brief.account_id, name: a.brief.display_name, days }] : []
  })
  const keysPath = routes.some((r) => r.path === '/keys') ? '/keys' : '/channels'
  const n = mine.reduce((sum, a) => sum + badges[a.of], 0) + expiring.length
  return (
    <Drop
      title={t('frame.alerts')}
      placement="bottomRight"
      className="zf-bell"
      label={n === 0 ? t('frame.alerts_none') : t('frame.alerts_n', { n })}
      testid="alerts"
      content={
        <div className="zf-alerts" data-testid="alerts-list">
          {n === 0 ? <span className="zf-t2">{t('frame.alerts_none')}</span> : null}
          {mine.map((a) => (
            <a key={a.of} href={href(a.path)} data-testid={`alert-${a.of}`}>
              <StatusIcon family={a.family} />
              {t(`alerts.${a.of}`, { n: badges[a.of] })}
            </a>
          ))}
          {expiring.map((a) => (
            <a key={a.id} href={href(keysPath)} data-testid="alert-key">
              <StatusIcon family={a.days < 0 ? 'br' : 'at'} />
              {a.days < 0 ? t('alerts.keys_expired', { name: a.name }) : t('alerts.keys_expiring', { name: a.name, n: a.days })}
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
