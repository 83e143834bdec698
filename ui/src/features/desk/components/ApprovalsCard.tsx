import { Button } from 'antd'
import { reasonText } from '../../../api/errors'
import { useMay } from '../../../api/status'
import { Money } from '../../../components/Money'
import { isUrgent, timeLeft } from '../../../components/refundNext'
import { Card } from '../../../components/small'
import { Empty } from '../../../components/states'
import { timeText } from '../../../format'
import type { DeskApproval, DeskOverview } from '../../../generated/types'
import { useT } from '../../../i18n'
import { go } from '../../../router'
import { FamilyTag, StatusTag } from '../../../status/StatusTag'

/** Below this many hours the time left is worth a colour. */
const urgentHours = 8

function Item({ item }: { item: DeskApproval }) {
  const t = useT()
  const { row, because } = item
  const urgent = because === null && isUrgent(row.expires_at, urgentHours)
  return (
    <button type="button" className="zf-list-item" onClick={() => go('/approvals', { no: row.refund_no })} data-testid="desk-approval" data-key={row.refund_no} data-mine={because === null}>
      <span className="zf-between">
        <span className="zf-ellipsis">
          <b>{t('entry.refund')}</b> {t(`reason_code.${row.reason_code}`)}
        </span>
        <Money value={row.amount} size="strong" />
      </span>
      <span className="zf-between">
        <span className="zf-help zf-ellipsis">{t('approvals.submitted_by', { name: row.maker, time: timeText(row.requested_at ?? row.created_at, 'minute') })}</span>
        {because !== null ? (
          <span className="zf-help zf-ellipsis" title={reasonText(t, because)}>
            {reasonText(t, because)}
          </span>
        ) : urgent ? (
          <FamilyTag family="at">{timeLeft(t, row.expires_at)}</FamilyTag>
        ) : (
          <StatusTag kind="refund" status={row.state} place="problems" suffix={timeLeft(t, row.expires_at)} />
        )}
      </span>
    </button>
  )
}

/** Requests by the time they have left: one's own first; others stay visible with the reason. */
export function ApprovalsCard({ desk }: { desk: DeskOverview }) {
  const t = useT()
  const mayApprove = useMay('approve_refund')
  const all = desk.approvals_mine + desk.approvals_other
  const more = all - desk.approvals.length
  return (
    <Card
      flush
      className="zf-desk-approvals"
      title={mayApprove ? t('desk.approvals_mine') : t('desk.approvals_all')}
      note={mayApprove ? t('desk.approvals_by_time') : t('desk.by_checker')}
      testid="desk-approvals"
    >
      {all === 0 ? (
        <Empty title={t('desk.approvals_empty')} note={t('desk.approvals_empty_note')} />
      ) : (
        <>
          {desk.approvals.map((item) => (
            <Item key={item.row.refund_no} item={item} />
          ))}
          {more > 0 ? (
            <div className="zf-pane-section zf-between">
              <span className="zf-help">{t('desk.approvals_more', { n: more })}</span>
              <Button size="small" onClick={() => go('/approvals')}>
                {t('desk.approvals_go')}
              </Button>
            </div>
          ) : null}
        </>
      )}
    </Card>
  )
}
