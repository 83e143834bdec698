import { HourglassOutlined, MinusCircleOutlined } from '@ant-design/icons'
import { reasonText } from '../../../api/errors'
import { Money } from '../../../components/Money'
import { clockText, secondsUntil, useNow } from '../../../components/now'
import { isUrgent, timeLeft } from '../../../components/refundNext'
import { FamilyTag, StatusIcon, StatusTag } from '../../../status/StatusTag'
import { clockNow, timeText } from '../../../format'
import type { QueueProgress, RefundRow } from '../../../generated/types'
import { useT } from '../../../i18n'

type Props = { row: RefundRow; current: boolean; onChoose: () => void; because?: string; progress?: QueueProgress | undefined }

/** Below this many hours the time left is worth a colour. */
const urgentHours = 8

/** The time alone when it was today. */
function shortTime(at: string): string {
  return timeText(at, 'date') === timeText(clockNow(), 'date') ? timeText(at, 'clock').slice(0, 5) : timeText(at, 'minute')
}

function Countdown({ until }: { until: string | null }) {
  const now = useNow()
  return (
    <span className="zf-nowrap-text">
      <HourglassOutlined aria-hidden /> {clockText(secondsUntil(until, now))}
    </span>
  )
}

/** One request in the queue: what, how much, from whom, how long there is. */
export function QueueItem({ row, current, onChoose, because, progress }: Props) {
  const t = useT()
  return (
    <button
      type="button"
      className="zf-list-item"
      aria-current={current}
      onClick={onChoose}
      data-testid="queue-item"
      data-key={row.refund_no}
      data-mine={because === undefined}
    >
      <span className="zf-between">
        <span className="zf-strong">
          {t('approvals.item', { reason: t(`reason_code.${row.reason_code}`) })}
          {progress !== undefined && progress.version > 1 ? <span className="zf-t2"> v{progress.version}</span> : null}
        </span>
        <Money value={row.amount} size="strong" />
      </span>
      <span className="zf-between">
        <span className="zf-help">
          {t('approvals.submitted_by', { name: row.maker, time: shortTime(row.requested_at ?? row.created_at) })}
          {row.state === 'awaiting_approval' && because === undefined && !isUrgent(row.expires_at, urgentHours) ? ` · ${timeLeft(t, row.expires_at)}` : ''}
        </span>
        {because !== undefined ? (
          <span className="zf-help zf-ellipsis" title={reasonText(t, because)}>
            <MinusCircleOutlined aria-hidden /> {reasonText(t, because)}
          </span>
        ) : row.state === 'cooling_off' ? (
          <Countdown until={row.cooling_until} />
        ) : row.state === 'awaiting_approval' && isUrgent(row.expires_at, urgentHours) ? (
          <FamilyTag family="at">{timeLeft(t, row.expires_at)}</FamilyTag>
        ) : (
          <span className="zf-nowrap-text">
            {progress === undefined || progress.needed < 2 ? (
              <StatusTag kind="refund" status={row.state} place="problems" />
            ) : (
              <span className="zf-status zf-f-ru">
                <StatusIcon family="ru" /> {t('approvals.of', { done: progress.approved, needed: progress.needed })}
              </span>
            )}
          </span>
        )}
      </span>
    </button>
  )
}
