import { CloudSyncOutlined, LockOutlined, QuestionCircleOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useStatus } from '../../../api/status'
import { Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { secondsUntil, useNow } from '../../../components/now'
import { durationText, ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { timeText } from '../../../format'
import type { RefundRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useQueryRefund } from '../api'

/** When the core queries a lost reply by itself: minutes after sending, seconds where no real money waits. */
const stops = [1, 2, 5, 10] as const

function Lane({ row, real }: { row: RefundRow; real: boolean }) {
  const t = useT()
  const toasts = useToasts()
  const query = useQueryRefund()
  const now = useNow()
  const left = secondsUntil(row.next_query_at, now)
  const labels = [t('approvals.lane_sent'), ...stops.map((n) => (real ? t('approvals.lane_minutes', { n }) : t('tasks.seconds', { s: n })))]
  const late = row.query_count > stops.length
  return (
    <div className="zf-lane" data-testid="unknown-item" data-key={row.refund_no}>
      <div className="zf-between">
        <Id value={row.refund_no} strong copy />
        <Money value={{ minor: -row.amount.minor, currency: row.amount.currency }} size="strong" />
      </div>
      <p className="zf-help">
        {t('approvals.lane_note', { time: row.sent_at === null ? '—' : timeText(row.sent_at, 'clock') })}
        {row.query_count === 0 ? '' : ` ${t('approvals.lane_queries', { n: row.query_count })}`}
      </p>
      <ol className="zf-lane-dots" aria-label={t('approvals.lane_steps')}>
        {labels.map((label, i) => (
          <li key={label} data-done={i <= row.query_count} data-next={i === row.query_count + 1} aria-current={i === row.query_count + 1 ? 'step' : undefined}>
            <span aria-hidden />
            {label}
          </li>
        ))}
      </ol>
      <div className="zf-between">
        <span className="zf-c-un zf-help" data-testid="lane-next">
          {row.next_query_at === null
            ? t('approvals.lane_asking')
            : left === 0
              ? t('approvals.lane_asking')
              : late
                ? t('approvals.lane_late', { time: durationText(t, left) })
                : t('approvals.lane_next', { time: durationText(t, left) })}
        </span>
        <span className="zf-row zf-nowrap">
          <Button
            size="small"
            icon={<CloudSyncOutlined />}
            loading={query.isPending}
            onClick={() => query.mutate({ refund_no: row.refund_no }, { onSuccess: () => toasts.show({ text: t('refunds.queried') }) })}
            data-testid="lane-query"
          >
            {t('refunds.query_now')}
          </Button>
          <Button size="small" disabled icon={<LockOutlined />} title={t('refunds.resend_locked')} data-testid="lane-resend">
            {t('refunds.resend')}
          </Button>
        </span>
      </div>
      {query.error === null ? null : <ErrorPanel error={query.error} />}
    </div>
  )
}

/** Refunds the channel has not answered: neither failed nor done, queried by their number, never sent again. */
export function UnknownLane({ rows }: { rows: readonly RefundRow[] }) {
  const t = useT()
  const real = useStatus().environment === 'production'
  if (rows.length === 0) return null
  return (
    <section className="zf-unknown" data-testid="unknown-lane">
      <header className="zf-between">
        <span className="zf-strong">
          <QuestionCircleOutlined aria-hidden /> {t('approvals.unknown_lane')}
        </span>
        <span className="zf-strong">{rows.length}</span>
      </header>
      {rows.map((row) => (
        <Lane key={row.refund_no} row={row} real={real} />
      ))}
      <p className="zf-help">{t('refunds.resend_locked')}</p>
    </section>
  )
}
