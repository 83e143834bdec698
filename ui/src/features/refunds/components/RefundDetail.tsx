import { CloudSyncOutlined, EditOutlined, LockOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMay, useMoneyReady } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { EventTimeline } from '../../../components/EventTimeline'
import { ExplainedStatus } from '../../../components/Explain'
import { DigestEnds, Id } from '../../../components/Id'
import { CapitalAmount, Money } from '../../../components/Money'
import { clockText, secondsUntil, useNow } from '../../../components/now'
import { nextStep } from '../../../components/refundNext'
import { Card, ChannelMark, Facts, MaskedPerson, Time } from '../../../components/small'
import { ErrorPanel, Notice } from '../../../components/states'
import { SumBar } from '../../../components/SumBar'
import { useToasts } from '../../../components/Toast'
import { moneyText, timeText } from '../../../format'
import type { RefundRow, RefundView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { go } from '../../../router'
import { useQueryRefund, useWithdraw } from '../api'

/** Approved and not sent yet: how long it can still be taken back. */
function CoolingOff({ row }: { row: RefundRow }) {
  const t = useT()
  const now = useNow()
  return (
    <Notice family="wa" title={t('refunds.cooling_title', { time: clockText(secondsUntil(row.cooling_until, now)) })} testid="refund-cooling">
      {t('refunds.cooling_note')}
    </Notice>
  )
}

/** A refund that has been asked for: where it stands, what comes next, what happened. */
export function RefundDetail({ refund }: { refund: RefundView }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const withdraw = useWithdraw()
  const query = useQueryRefund()
  const mayRequest = useMay('request_refund')
  const { row } = refund
  const unknown = row.state === 'unknown'
  const cooling = row.state === 'cooling_off'
  const asking = row.state === 'unknown' || row.state === 'processing' || row.state === 'abnormal'
  const error = withdraw.error ?? query.error
  return (
    <div className="zf-refund-view" data-testid="refund-detail" data-state={row.state}>
      <Card
        title={
          <>
            {t('refunds.new_from_order')} <Id value={row.refund_no} copy />
          </>
        }
        extra={<ExplainedStatus kind="refund" status={row.state} />}
        footer={
          <>
            <span className="zf-help zf-grow">{unknown ? t('refunds.resend_locked') : nextStep(t, row)}</span>
            {unknown ? (
              <Button disabled icon={<LockOutlined />}>
                {t('refunds.resend')}
              </Button>
            ) : null}
            {asking ? (
              <Button
                icon={<CloudSyncOutlined />}
                loading={query.isPending}
                onClick={() => query.mutate({ refund_no: row.refund_no }, { onSuccess: () => toasts.show({ text: t('refunds.queried') }) })}
                data-testid="refund-query"
              >
                {t('refunds.query_now')}
              </Button>
            ) : null}
            {(row.state === 'awaiting_approval' || cooling) && row.mine && mayRequest ? (
              <Button
                icon={<EditOutlined />}
                disabled={!ready}
                loading={withdraw.isPending}
                onClick={() => withdraw.mutate({ refund_no: row.refund_no }, { onSuccess: () => toasts.show({ text: t('refunds.withdrawn') }) })}
                data-testid="refund-withdraw"
              >
                {t('refunds.withdraw')}
              </Button>
            ) : null}
            <Button onClick={() => go('/orders', { order: row.order_id })}>{t('refunds.view_order')}</Button>
          </>
        }
      >
        {unknown ? (
          <Notice
            family="un"
            title={t('refunds.unknown_title', { no: row.refund_no, amount: moneyText(row.amount) })}
            testid="refund-unknown"
          >
            {t('refunds.unknown_note', { time: row.next_query_at === null ? '—' : timeText(row.next_query_at, 'clock') })}
          </Notice>
        ) : null}
        {cooling ? <CoolingOff row={row} /> : null}
        {error === null ? null : <ErrorPanel error={error} />}
        <div className="zf-row zf-refund-amounts">
          <Money value={row.amount} size="hero" />
          <CapitalAmount value={row.amount} />
        </div>
        <div className="zf-refund-sums">
          <div className="zf-help">
            {t('refunds.of_paid')} <Money value={refund.order.amount} />
          </div>
          <SumBar
            refunded={{ minor: refund.order.refunded_minor, currency: row.amount.currency }}
            inFlight={{ minor: refund.order.in_flight_minor, currency: row.amount.currency }}
            refundable={refund.refundable_after}
            about={<AboutNumber name={t('sum.refundable')} counts={t('refunds.about.after')} filter={row.order_no} asOf={refund.timeline.at(-1)?.at} />}
          />
        </div>
        <Facts
          wide
          rows={[
            [t('refunds.reason'), `${t(`reason_code.${row.reason_code}`)}${refund.content.note === '' ? '' : ` · ${refund.content.note}`}`],
            refund.content.buyer_note === '' ? null : [t('refunds.buyer_note'), refund.content.buyer_note],
            [
              t('field.order_no'),
              <>
                <ChannelMark channel={row.channel} /> <Id value={row.order_no} copy />
              </>,
            ],
            [t('orders.fact.payer'), <MaskedPerson key="p" text={refund.order.payer_masked} />],
            [t('field.maker'), row.maker],
            refund.approvals.length === 0
              ? null
              : [
                  t('approvals.decisions'),
                  <span key="d">
                    {refund.approvals.map((a) => (
                      <span key={`${a.version}-${a.checker}`} className="zf-block">
                        {t(a.approved ? 'approvals.decision_yes' : 'approvals.decision_no', { name: a.checker })} {t('approvals.version', { n: a.version })}{' '}
                        {a.stands ? '' : t('approvals.decision_void')} <Time at={a.at} as="short" />
                        {a.comment === '' ? '' : ` · ${a.comment}`}
                      </span>
                    ))}
                  </span>,
                ],
            refund.digest === '' ? null : [t('refunds.digest'), <DigestEnds key="dg" value={refund.digest} />],
            row.sent_at === null ? null : [t('approvals.lane_sent'), <Time key="s" at={row.sent_at} zone />],
            refund.channel_refund_id === null ? null : [t('refunds.channel_refund_id'), <Id key="c" value={refund.channel_refund_id} copy />],
            refund.received_account === null ? null : [t('refunds.received_account'), refund.received_account],
          ]}
        />
      </Card>
      <Card title={t('refunds.timeline')}>
        <EventTimeline events={refund.timeline} about={row.refund_no} testid="refund-timeline" />
      </Card>
    </div>
  )
}
