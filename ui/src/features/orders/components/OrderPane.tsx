import {
  CloudSyncOutlined,
  FolderOpenOutlined,
  FilePdfOutlined,
  RollbackOutlined,
  StopOutlined,
} from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useEffect, useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { DetailPane } from '../../../components/DetailPane'
import { EventTimeline } from '../../../components/EventTimeline'
import { ExplainedStatus, ExplainStatus } from '../../../components/Explain'
import { Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { ChannelMark, channelName, Facts, Kbd, MaskedPerson, Time } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { SumBar } from '../../../components/SumBar'
import { saveHeld } from '../../../components/saveHeld'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import { reasonText } from '../../../api/errors'
import { count } from '../../../format'
import type { OrderActionKind, OrderDetail, OrderRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useHotkeys, type Hotkey } from '../../../keyboard/hotkeys'
import { keysFor } from '../../../keyboard/keymap'
import { go } from '../../../router'
import { StatusTag } from '../../../status/StatusTag'
import { useCloseOrder, useEvidence, useIssueReceipt, useOpenRefund, useOrder, useQueryChannel, useRevealPayer } from '../api'

type Props = { orderId: string; onClose: () => void; onPrev: (() => void) | null; onNext: (() => void) | null }

/** One order in full: what is left of it, what may be done, what happened. */
export function OrderPane({ orderId, onClose, onPrev, onNext }: Props) {
  const order = useOrder(orderId)
  const t = useT()
  const [wide, setWide] = useState(false)
  // The order before stays until the next is here; never longer than it is the one asked for.
  const detail = order.data
  return (
    <DetailPane
      testid="order-pane"
      title={detail === undefined ? t('orders.detail') : <Id value={detail.row.order_no} copy strong testid="order-no" />}
      onClose={onClose}
      onPrev={onPrev}
      onNext={onNext}
      wide={wide}
      onWide={setWide}
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
  const [tab, setTab] = useState<'timeline' | 'refunds' | 'receipts' | 'evidence'>('timeline')
  const [closing, setClosing] = useState(false)
  const openRefund = useOpenRefund()
  const queryChannel = useQueryChannel()
  const issueReceipt = useIssueReceipt()
  const closeOrder = useCloseOrder()
  const evidence = useEvidence()
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
  const pack = () => {
    setTab('evidence')
    evidence.mutate(
      { order_id: row.order_id },
      { onSuccess: (file) => void saveHeld(t, file).then((text) => text !== null && toasts.show({ text })) },
    )
  }
  useHotkeys([
    ...allowed.flatMap((a): Hotkey[] => {
      const letter = letters[a.action]
      if (letter === null) return []
      return [{ keys: letter, run: () => !off(a.action) && run(a.action), label: t(`orders.action.${a.action}`), group: 'action' }]
    }),
    { keys: 'e', run: pack, label: t('orders.evidence.make'), group: 'action' },
  ])
  const failed = [evidence, openRefund, queryChannel, issueReceipt, closeOrder].find((m) => m.error !== null)

  return (
    <>
      <div className="zf-pane-section">
        <div className="zf-between">
          <Money value={row.amount} size="hero" testid="order-amount" />
          <ExplainedStatus kind="order" status={row.state} />
        </div>
        <div className="zf-gap-top">
          <SumBar
            refunded={{ minor: row.refunded_minor, currency: row.amount.currency }}
            inFlight={{ minor: row.in_flight_minor, currency: row.amount.currency }}
            refundable={detail.refundable}
            about={
              <AboutNumber
                name={t('sum.refundable')}
                counts={t('orders.about.refundable')}
                filter={row.order_no}
                asOf={detail.checked_at}
                testid="about-refundable"
              />
            }
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
              title={letters[a.action] === null ? undefined : keysFor(letters[a.action] ?? '').toUpperCase()}
              onClick={() => run(a.action)}
              data-testid={`action-${a.action}`}
            >
              {t(`orders.action.${a.action}`)}
              {a.action === 'request_refund' ? <Kbd keys={letters[a.action]} /> : null}
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
                <span className="zf-mono zf-t3" title={detail.account_name}>
                  {row.account_tail}
                </span>
              </>,
            ],
            row.payment_id === null ? null : [t('orders.fact.payment_id'), <Id key="id" value={row.payment_id} copy testid="payment-id" />],
            [t('orders.fact.payer'), <Payer key={`p-${row.order_id}`} row={row} />],
            row.goods === null ? null : [t('orders.fact.goods'), row.goods],
            row.paid_at === null
              ? [t('orders.fact.created_at'), <Time key="t" at={row.created_at} zone />]
              : [t('orders.fact.paid_at'), <Time key="t" at={row.paid_at} zone />],
            [
              t('orders.fact.recon'),
              row.reconciliation === null && row.paid_at === null ? (
                <span className="zf-na">—</span>
              ) : (
                <>
                  <StatusTag
                    kind="difference"
                    status={row.reconciliation === null ? 'waiting' : row.reconciliation === 'matched' ? 'matched' : 'broken'}
                    place="problems"
                  />
                  {detail.bill_match?.code === null || detail.bill_match === null ? null : <span>{t(`difference.${detail.bill_match.code}`)}</span>}
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
            {
              key: 'evidence',
              label: (
                <>
                  <FolderOpenOutlined aria-hidden /> {t('orders.tab.evidence')}
                </>
              ),
            },
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
                      <span className="zf-row zf-nowrap zf-explained">
                        <StatusTag kind="refund" status={r.state} />
                        <ExplainStatus kind="refund" status={r.state} />
                      </span>
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
          {tab === 'evidence' ? (
            <div data-testid="evidence">
              <p className="zf-t2">{t('orders.evidence.holds')}</p>
              <ul className="zf-lines zf-evidence">
                {evidenceParts.map((part) => (
                  <li key={part}>{t(`orders.evidence.${part}`)}</li>
                ))}
              </ul>
              <div className="zf-row zf-gap-top">
                <Button icon={<FolderOpenOutlined />} loading={evidence.isPending} onClick={pack} data-testid="evidence-make">
                  {t('orders.evidence.make')} <Kbd keys="e" />
                </Button>
                <span className="zf-help">{t('orders.evidence.masked')}</span>
              </div>
            </div>
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

const evidenceParts = ['facts', 'timeline', 'lines', 'answers', 'audit', 'manifest'] as const

/** Who paid: masked, and on request in full for half a minute. The request says why, and is logged. */
function Payer({ row }: { row: OrderRow }) {
  const t = useT()
  const may = useMay('reveal_payer')
  const reveal = useRevealPayer()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [shown, setShown] = useState<{ payer: string; until: number } | null>(null)
  const [left, setLeft] = useState(0)
  useEffect(() => {
    if (shown === null) return
    const timer = setInterval(() => {
      const seconds = Math.ceil((shown.until - Date.now()) / 1000)
      setLeft(seconds)
      if (seconds <= 0) setShown(null)
    }, 250)
    return () => clearInterval(timer)
  }, [shown])
  if (shown !== null)
    return (
      <span className="zf-row" data-testid="payer-shown">
        <Id value={shown.payer} copy />
        <button type="button" className="zf-linkbtn" onClick={() => setShown(null)}>
          {t('orders.payer.mask', { n: left })}
        </button>
      </span>
    )
  const ask = () =>
    reveal.mutate(
      { order_id: row.order_id, reason: reason.trim() },
      {
        onSuccess: (answer) => {
          setLeft(answer.seconds)
          setShown({ payer: answer.payer, until: Date.now() + answer.seconds * 1000 })
          setAsking(false)
          setReason('')
        },
      },
    )
  return (
    <>
      <MaskedPerson text={row.payer_masked} />
      {row.payer_masked === null ? null : may ? (
        <button type="button" className="zf-linkbtn" onClick={() => setAsking(true)} data-testid="payer-reveal">
          {t('orders.payer.reveal')}
        </button>
      ) : (
        <span className="zf-t3" title={t('state.no_permission')}>
          {t('orders.payer.not_yours')}
        </span>
      )}
      <Overlay open={asking} onClose={() => setAsking(false)} title={t('orders.payer.title')} width={420}>
        <p className="zf-t2">{t('orders.payer.note')}</p>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (reason.trim() !== '') ask()
          }}
        >
          <Input
            // The dialog has this one field.
            autoFocus
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            placeholder={t('orders.payer.reason')}
            aria-label={t('orders.payer.reason')}
            data-testid="payer-reason"
          />
          {reveal.error === null ? null : <ErrorPanel error={reveal.error} />}
          <div className="zf-row zf-end zf-gap-top">
            <Button onClick={() => setAsking(false)}>{t('common.cancel')}</Button>
            <Button type="primary" htmlType="submit" disabled={reason.trim() === ''} loading={reveal.isPending} data-testid="payer-confirm">
              {t('orders.payer.confirm')}
            </Button>
          </div>
        </form>
      </Overlay>
    </>
  )
}
