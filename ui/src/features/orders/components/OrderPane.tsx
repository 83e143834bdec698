import {
  CloudSyncOutlined,
  FilePdfOutlined,
  RollbackOutlined,
  StopOutlined,
} from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useMoneyReady } from '../../../api/status'
import { DetailPane } from '../../../components/DetailPane'
import { EventTimeline } from '../../../components/EventTimeline'
import { Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { ChannelMark, channelName, Facts, Kbd, MaskedPerson, Time } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { SumBar } from '../../../components/SumBar'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import { reasonText } from '../../../api/errors'
import { count } from '../../../format'
import type { OrderActionKind, OrderDetail } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useHotkeys, type Hotkey } from '../../../keyboard/hotkeys'
import { go } from '../../../router'
import { StatusTag } from '../../../status/StatusTag'
import { useCloseOrder, useIssueReceipt, useOpenRefund, useOrder, useQueryChannel } from '../api'

type Props = { orderId: string; onClose: () => void; onPrev: (() => void) | null; onNext: (() => void) | null }

/** One order in full: what is left of it, what may be done, what happened. */
export function OrderPane({ orderId, onClose, onPrev, onNext }: Props) {
  const order = useOrder(orderId)
  const t = useT()
  const detail = order.data
  return (
    <DetailPane
      testid="order-pane"
      title={detail === undefined ? t('orders.detail') : <Id value={detail.row.order_no} copy strong testid="order-no" />}
      onClose={onClose}
      onPrev={onPrev}
      onNext={onNext}
    >
      {detail === undefined ? (
        <div className="zf-pane-section">
          {order.error === null ? <Skeleton rows={8} /> : <ErrorPanel error={order.error} onRetry={() => void order.refetch()} />}
        </div>
      ) : (
        <Body detail={detail} />
      )}
    </DetailPane>
  )
}

const icons = {
  request_refund: <RollbackOutlined />,
  query_channel: <CloudSyncOutlined />,
  issue_receipt: <FilePdfOutlined />,
  close_order: <StopOutlined />,
} as const satisfies Record<OrderActionKind, unknown>

const letters = { request_refund: 'r', query_channel: 'q', issue_receipt: 'p', close_order: null } as const

function Body({ detail }: { detail: OrderDetail }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const [tab, setTab] = useState<'timeline' | 'refunds' | 'receipts'>('timeline')
  const [closing, setClosing] = useState(false)
  const openRefund = useOpenRefund()
  const queryChannel = useQueryChannel()
  const issueReceipt = useIssueReceipt()
  const closeOrder = useCloseOrder()
  const { row } = detail
  const busy = { request_refund: openRefund, query_channel: queryChannel, issue_receipt: issueReceipt, close_order: closeOrder }
  const payment = detail.payments[0]

  const run = (action: OrderActionKind) => {
    switch (action) {
      case 'request_refund':
        openRefund.mutate({ order_id: row.order_id }, { onSuccess: (form) => go('/refunds', { no: form.refund_no }) })
        break
      case 'query_channel':
        queryChannel.mutate({ order_id: row.order_id }, { onSuccess: () => toasts.show({ text: t('orders.queried') }) })
        break
      case 'issue_receipt':
        issueReceipt.mutate(
          { order_id: row.order_id },
          {
            onSuccess: (receipt) => {
              toasts.show({
                text: t(receipt.already_issued ? 'orders.receipt_existing' : 'orders.receipt_issued', { no: receipt.serial_no }),
              })
              setTab('receipts')
            },
          },
        )
        break
      case 'close_order':
        setClosing(true)
        break
    }
  }

  const allowed = detail.actions.filter((a) => a.allowed)
  const denied = detail.actions.filter((a) => !a.allowed)
  const off = (action: OrderActionKind) => busy[action].isPending || (!ready && action !== 'query_channel')
  useHotkeys(
    allowed.flatMap((a): Hotkey[] => {
      const letter = letters[a.action]
      if (letter === null) return []
      return [{ keys: letter, run: () => !off(a.action) && run(a.action), label: t(`orders.action.${a.action}`), group: 'action' }]
    }),
  )
  const failed = [openRefund, queryChannel, issueReceipt, closeOrder].find((m) => m.error !== null)

  return (
    <>
      <div className="zf-pane-section">
        <div className="zf-between">
          <Money value={row.amount} size="hero" testid="order-amount" />
          <StatusTag kind="order" status={row.state} place="header" />
        </div>
        <div className="zf-gap-top">
          <SumBar
            refunded={{ minor: row.refunded_minor, currency: row.amount.currency }}
            inFlight={{ minor: row.in_flight_minor, currency: row.amount.currency }}
            refundable={detail.refundable}
          />
        </div>
        <div className="zf-row zf-gap-top">
          {allowed.map((a) => (
            <Button
              key={a.action}
              type={a.action === 'request_refund' ? 'primary' : 'default'}
              icon={icons[a.action]}
              disabled={off(a.action)}
              loading={busy[a.action].isPending}
              onClick={() => run(a.action)}
              data-testid={`action-${a.action}`}
            >
              {t(`orders.action.${a.action}`)}
              {letters[a.action] === null ? null : <Kbd keys={letters[a.action] ?? ''} />}
            </Button>
          ))}
        </div>
        {ready ? null : <div className="zf-help zf-gap-top">{t('state.no_money_offline')}</div>}
        {denied.map((a) => (
          <div key={a.action} className="zf-denied" data-testid={`denied-${a.action}`}>
            <StopOutlined aria-hidden />
            {t('orders.cannot', { action: t(`orders.cannot.${a.action}`), reason: reasonText(t, a.reason) })}
          </div>
        ))}
        {failed === undefined ? null : (
          <div className="zf-gap-top">
            <ErrorPanel error={failed.error} testid="order-action-error" />
          </div>
        )}
      </div>
      <div className="zf-pane-section">
        <Facts
          rows={[
            [
              t('orders.fact.channel'),
              <>
                <ChannelMark channel={row.channel} /> {channelName(t, row.channel)}
                {payment === undefined || payment.method === '' ? null : <span> · {payment.method}</span>}
                <span className="zf-t3">{detail.account_name}</span>
              </>,
            ],
            row.payment_id === null ? null : [t('orders.fact.payment_id'), <Id key="id" value={row.payment_id} copy testid="payment-id" />],
            [t('orders.fact.payer'), <MaskedPerson key="p" text={row.payer_masked} />],
            row.goods === null ? null : [t('orders.fact.goods'), row.goods],
            row.paid_at === null
              ? [t('orders.fact.created_at'), <Time key="t" at={row.created_at} zone />]
              : [t('orders.fact.paid_at'), <Time key="t" at={row.paid_at} zone />],
            [
              t('orders.fact.recon'),
              row.reconciliation === null ? (
                <span className="zf-na">—</span>
              ) : (
                <>
                  <StatusTag kind="difference" status={row.reconciliation === 'matched' ? 'matched' : 'broken'} place="problems" />
                  {detail.bill_match === null ? null : (
                    <span className="zf-t3">
                      {t('orders.fact.bill_line', { date: detail.bill_match.date.slice(5), line: count(detail.bill_match.line_no) })}
                    </span>
                  )}
                </>
              ),
            ],
            detail.checked_at === null ? null : [t('orders.fact.checked'), <Time key="c" at={detail.checked_at} />],
          ]}
        />
      </div>
      <div className="zf-pane-section">
        <Tabs
          label={t('orders.detail')}
          value={tab}
          onChange={setTab}
          items={[
            { key: 'timeline', label: t('orders.tab.timeline', { n: detail.timeline.length }) },
            { key: 'refunds', label: t('orders.tab.refunds', { n: detail.refunds.length }) },
            { key: 'receipts', label: t('orders.tab.receipts', { n: detail.receipts.length }) },
          ]}
        />
        <div className="zf-gap-top">
          {tab === 'timeline' ? <EventTimeline events={detail.timeline} testid="timeline" /> : null}
          {tab === 'refunds' ? (
            detail.refunds.length === 0 ? (
              <p className="zf-t3">{t('orders.no_refunds')}</p>
            ) : (
              <ul className="zf-lines">
                {detail.refunds.map((r) => (
                  <li key={r.refund_no} data-testid="order-refund">
                    <div className="zf-between">
                      <Id value={r.refund_no} copy />
                      <Money value={{ minor: -r.amount.minor, currency: r.amount.currency }} size="strong" />
                    </div>
                    <div className="zf-between">
                      <Time at={r.created_at} as="short" />
                      <StatusTag kind="refund" status={r.state} />
                    </div>
                  </li>
                ))}
              </ul>
            )
          ) : null}
          {tab === 'receipts' ? (
            detail.receipts.length === 0 ? (
              <p className="zf-t3">{t('orders.no_receipts')}</p>
            ) : (
              <ul className="zf-lines">
                {detail.receipts.map((r) => (
                  <li key={r.receipt_id} className="zf-between" data-testid="order-receipt">
                    <Id value={r.serial_no} copy />
                    <Time at={r.issued_at} as="short" />
                    <Button size="small" onClick={() => go('/receipts', { q: r.serial_no })}>
                      {t('orders.go_receipts')}
                    </Button>
                  </li>
                ))}
              </ul>
            )
          ) : null}
        </div>
      </div>
      <Overlay open={closing} onClose={() => setClosing(false)} title={t('orders.action.close_order')} width={420}>
        <p>{t('orders.close_note')}</p>
        <div className="zf-row zf-end zf-gap-top">
          <Button onClick={() => setClosing(false)}>{t('common.cancel')}</Button>
          <Button
            danger
            disabled={!ready}
            loading={closeOrder.isPending}
            onClick={() =>
              closeOrder.mutate(
                { order_id: row.order_id },
                {
                  onSuccess: () => toasts.show({ text: t('orders.closed') }),
                  onSettled: () => setClosing(false),
                },
              )
            }
            data-testid="close-confirm"
          >
            {t('orders.close_confirm', { order_no: row.order_no })}
          </Button>
        </div>
      </Overlay>
    </>
  )
}
