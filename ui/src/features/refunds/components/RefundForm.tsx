import { DownOutlined, LockOutlined, ReloadOutlined, RightOutlined } from '@ant-design/icons'
import { Button, Checkbox, Dropdown, Input, Select } from 'antd'
import { useState, type ReactNode } from 'react'
import { useMoneyReady, usePerson } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { ExplainedStatus, ExplainStatus } from '../../../components/Explain'
import { CopyButton, Id } from '../../../components/Id'
import { CapitalAmount, Money } from '../../../components/Money'
import { MoneyInput } from '../../../components/MoneyInput'
import { bandOf, bandRange } from '../../../components/bands'
import { spanText } from '../../../components/now'
import { checkName, PreflightCounts, PreflightList } from '../../../components/PreflightList'
import { Avatar, Card, ChannelMark, channelName, Facts, Kbd, MaskedPerson, Time } from '../../../components/small'
import { Conflict, ErrorPanel } from '../../../components/states'
import { SumBar } from '../../../components/SumBar'
import { useToasts } from '../../../components/Toast'
import { moneyText, timeText } from '../../../format'
import type { ReasonCode, RefundForm as Form } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { go } from '../../../router'
import { StatusTag } from '../../../status/StatusTag'
import { useKeptDraft, usePreflight, useRefundForm, useRequestRefund, useSettled, useWithdraw } from '../api'

/** Shares of what was paid that people refund; whole minor units, rounded down. */
const shares = [10, 20, 30, 50, 80] as const
const shareOf = (minor: number, percent: number) => Math.floor((minor * percent) / 100)

/** Where an arrival is known per channel; source: the channels' refund pages. */
const arrivals: Record<string, readonly ('wallet' | 'card')[]> = { wechat_pay: ['wallet', 'card'] }

/** A refund being asked for: locked snapshot, the request, the pre-flight. Its number exists already. */
export function RefundForm({ form, voided, below }: { form: Form; voided: boolean; below?: ReactNode }) {
  const t = useT()
  const toasts = useToasts()
  const lang = useLanguage()
  const person = usePerson()
  const ready = useMoneyReady()
  const request = useRequestRefund()
  const withdraw = useWithdraw()
  const reread = useRefundForm(form.refund_no)
  const { order, refundable } = form
  const currency = order.amount.currency
  const [amount, setAmount] = useState<number | null>(form.content === null || form.content.amount_minor === 0 ? null : form.content.amount_minor)
  const [reason, setReason] = useState<ReasonCode>(form.content?.reason_code ?? form.reason_codes[0] ?? 'other')
  const [note, setNote] = useState(form.content?.note ?? '')
  const [buyerNote, setBuyerNote] = useState(form.content?.buyer_note ?? form.buyer_note)
  const [orderChecked, setOrderChecked] = useState(false)
  const [acknowledged, setAcknowledged] = useState<ReadonlySet<string>>(new Set())
  const settled = useSettled(amount, 250)
  const rerun = usePreflight(form.refund_no, settled)
  const preflight = rerun.data ?? form.preflight
  const draft = useKeptDraft(
    { refund_no: form.refund_no, amount_minor: amount, reason_code: reason, note, buyer_note: buyerNote },
    !voided && !request.isSuccess,
  )
  const noteNeeded = reason === 'other' || form.note_required.includes(reason)

  const warnings = preflight.checks.filter((c) => c.level === 'warning')
  const blocked = preflight.checks.some((c) => c.level === 'block')
  const over = amount !== null && amount > refundable.minor
  const missing: string[] = [
    ...(amount === null || over ? [t('refunds.needs.amount')] : []),
    ...(noteNeeded && note.trim() === '' ? [t('refunds.needs.note')] : []),
    ...(!orderChecked || warnings.some((w) => !acknowledged.has(w.name)) ? [t('refunds.needs.confirm')] : []),
    ...(blocked ? [t('refunds.needs.blocked')] : []),
  ]
  const changed = request.error?.code === 'refund.remaining_changed'
  const may = missing.length === 0 && ready && !request.isPending && form.checkers.length > 0 && !changed

  const submit = () => {
    if (!may || amount === null) return
    request.mutate(
      {
        refund_no: form.refund_no,
        content: { amount_minor: amount, reason_code: reason, note: note.trim(), buyer_note: buyerNote.trim() },
        remaining_seen_minor: refundable.minor,
        acknowledged: warnings.map((w) => w.name),
      },
      {
        onSuccess: (view) => {
          draft.done()
          toasts.show({
            text: t('refunds.submitted', { amount: moneyText({ minor: view.row.amount.minor, currency }), names: form.checkers.join(t('common.comma')) }),
            undo: () => withdraw.mutateAsync({ refund_no: view.row.refund_no }),
          })
        },
      },
    )
  }
  useHotkeys([
    { keys: 'mod+Enter', run: submit, whileTyping: true, commits: true, label: t('refunds.submit_short'), group: 'action' },
    { keys: 'a', run: submit, commits: true, label: t('refunds.submit_short'), group: 'action' },
    { keys: 'Escape', run: () => go('/refunds'), label: t('keys.close'), group: 'list' },
  ])
  const conflict = changed ? request.error : null
  const leftNow = conflict === null || conflict.params['left_minor'] === undefined ? null : Number(conflict.params['left_minor'])
  const said = (name: string) => String(conflict?.params[name] ?? '')
  const band = bandOf(form.bands, amount ?? refundable.minor)
  const needed = band?.checkers ?? 1
  const cooling = form.cooling_off_seconds
  const tick = (name: string, on: boolean) => {
    const next = new Set(acknowledged)
    if (on) next.add(name)
    else next.delete(name)
    setAcknowledged(next)
  }

  return (
    <div className="zf-refund" data-testid="refund-form">
      <div className="zf-refund-side zf-refund-order">
        <Card
          title={t('refunds.original')}
          extra={
            <>
              <LockOutlined aria-hidden /> {t('refunds.snapshot', { time: timeText(preflight.checked_at, 'clock') })}
            </>
          }
        >
          <div className="zf-help">{t('refunds.paid')}</div>
          <Money value={order.amount} size="big" />
          <SumBar
            refunded={{ minor: order.refunded_minor, currency }}
            inFlight={{ minor: order.in_flight_minor, currency }}
            refundable={refundable}
            captions={false}
          />
          <div className="zf-sums">
            <div className="zf-between">
              <span>{t('refunds.refunded')}</span>
              <Money value={{ minor: -order.refunded_minor, currency }} />
            </div>
            <div className="zf-between">
              <span>{t('refunds.in_flight')}</span>
              <Money value={{ minor: -order.in_flight_minor, currency }} />
            </div>
            <div className="zf-between zf-strong">
              <span className="zf-row zf-nowrap">
                {t('refunds.left')}
                <AboutNumber name={t('refunds.left')} counts={t('refunds.about.left')} filter={order.order_no} asOf={preflight.checked_at} testid="about-left" />
              </span>
              <Money value={refundable} size="strong" testid="refundable" />
            </div>
          </div>
          <hr className="zf-divider" />
          <Facts
            rows={[
              [t('field.order_no'), <Id key="o" value={order.order_no} copy />],
              order.payment_id === null ? null : [t('field.payment_id'), <Id key="p" value={order.payment_id} short copy />],
              [
                t('orders.fact.channel'),
                <>
                  <ChannelMark channel={order.channel} /> {channelName(t, order.channel)}{' '}
                  <span className="zf-mono zf-t3" title={form.account_name}>
                    {order.account_tail}
                  </span>
                </>,
              ],
              [t('orders.fact.payer'), <MaskedPerson key="m" text={order.payer_masked} />],
              [t('orders.fact.paid_at'), <Time key="t" at={order.paid_at} as="short" />],
              order.goods === null ? null : [t('orders.fact.goods'), order.goods],
            ]}
          />
        </Card>
        <Card title={t('refunds.of_order')}>
          <ul className="zf-lines">
            {form.earlier.map((r) => (
              <li key={r.refund_no}>
                <div className="zf-between">
                  <Id value={r.refund_no} />
                  <Money value={{ minor: -r.amount.minor, currency }} size="strong" />
                </div>
                <div className="zf-between">
                  <Time at={r.finished_at ?? r.created_at} as="short" />
                  <span className="zf-row zf-nowrap zf-explained">
                    <StatusTag kind="refund" status={r.state} />
                    <ExplainStatus kind="refund" status={r.state} />
                  </span>
                </div>
              </li>
            ))}
            <li>
              <div className="zf-between">
                <Id value={form.refund_no} strong />
                {amount === null ? null : <Money value={{ minor: -amount, currency }} size="strong" />}
              </div>
              <div className="zf-between">
                <span className="zf-help">{t('refunds.this_one')}</span>
                <ExplainedStatus kind="refund" status={voided ? 'approval_voided' : 'draft'} />
              </div>
            </li>
          </ul>
        </Card>
      </div>

      <Card
        className="zf-refund-form"
        title={
          <>
            {t('refunds.form')} <Id value={form.refund_no} testid="form-refund-no" />
            <CopyButton text={form.refund_no} />
          </>
        }
        extra={draft.keptAt === null ? t('refunds.number_taken') : t('refunds.draft_kept', { time: timeText(draft.keptAt, 'clock') })}
        footer={
          <>
            <span className="zf-help zf-grow" data-testid="refund-missing">
              {!ready
                ? t('state.no_money_offline')
                : missing.length > 0
                  ? t('refunds.needs', { what: missing.join(t('common.comma')) })
                  : voided
                    ? t('refunds.submit_voids')
                    : t('refunds.submit_note')}
            </span>
            <Button size="large" onClick={() => go('/refunds')}>
              {t('common.cancel')}
            </Button>
            <Button type="primary" size="large" disabled={!may} loading={request.isPending} onClick={submit} data-testid="refund-submit">
              {amount === null ? t('refunds.submit_short') : t('refunds.submit', { amount: moneyText({ minor: amount, currency }) })}
              <Kbd keys="mod+Enter" />
            </Button>
          </>
        }
      >
        <div className="zf-fields">
          <label htmlFor="refund-amount" className="zf-required">
            {t('refunds.amount')}
          </label>
          <div>
            <div className="zf-row">
              <div className="zf-refund-amount">
                <MoneyInput
                  currency={currency}
                  value={amount}
                  onChange={setAmount}
                  max={refundable}
                  label={t('refunds.amount')}
                  size="large"
                  testid="refund-amount"
                />
              </div>
              <Button onClick={() => setAmount(refundable.minor)} data-testid="refund-all">
                {t('refunds.all_left')}
              </Button>
              <Button disabled={refundable.minor < 2} onClick={() => setAmount(shareOf(refundable.minor, 50))} data-testid="refund-half">
                {t('refunds.half')}
              </Button>
              <Dropdown
                trigger={['click']}
                menu={{
                  items: shares
                    .map((percent) => ({ percent, minor: shareOf(order.amount.minor, percent) }))
                    .map(({ percent, minor }) => ({
                      key: String(percent),
                      disabled: minor < 1 || minor > refundable.minor,
                      label: t('refunds.share', { n: percent, amount: moneyText({ minor, currency }) }),
                      onClick: () => setAmount(minor),
                    })),
                }}
              >
                <Button type="link" data-testid="refund-share">
                  {t('refunds.by_share')} <DownOutlined aria-hidden />
                </Button>
              </Dropdown>
            </div>
            <div className="zf-between zf-help">
              {amount === null ? <span /> : <CapitalAmount value={{ minor: amount, currency }} />}
              {amount === null || over ? null : (
                <span>
                  {t('refunds.left_after')} <Money value={{ minor: refundable.minor - amount, currency }} />
                </span>
              )}
            </div>
          </div>

          <span>{t('refunds.way')}</span>
          <div>
            {t('refunds.way_original')} <span className="zf-help">{t('refunds.way_note')}</span>
          </div>

          <span className="zf-required">{t('refunds.reason')}</span>
          <div className="zf-refund-reason">
            <Select<ReasonCode>
              aria-label={t('refunds.reason')}
              value={reason}
              onChange={setReason}
              options={form.reason_codes.map((code) => ({ value: code, label: t(`reason_code.${code}`) }))}
              data-testid="refund-reason"
            />
            <Input
              aria-label={t('refunds.note')}
              placeholder={noteNeeded ? t('refunds.note_hint') : t('refunds.note_optional')}
              value={note}
              maxLength={500}
              aria-required={noteNeeded}
              onChange={(event) => setNote(event.target.value)}
              data-testid="refund-note"
            />
          </div>

          <label htmlFor="buyer-note">{t('refunds.buyer_note')}</label>
          <div>
            <Input
              id="buyer-note"
              value={buyerNote}
              maxLength={80}
              onChange={(event) => setBuyerNote(event.target.value)}
              data-testid="refund-buyer-note"
            />
            <div className="zf-help">{t('refunds.buyer_note_hint', { n: [...buyerNote].length })}</div>
          </div>

          <span>{t('refunds.path')}</span>
          <div className="zf-path">
            <div className="zf-row">
              <Avatar name={person.display_name} size={20} /> {t('refunds.path_submit', { name: person.display_name })}
              <RightOutlined aria-hidden className="zf-t3" />
              {form.checkers.map((name) => (
                <Avatar key={name} name={name} size={20} />
              ))}
              {form.checkers.length === 0
                ? null
                : needed > 1
                  ? t('refunds.path_check_n', { names: form.checkers.join(t('common.comma')), n: needed })
                  : t('refunds.path_check', { names: form.checkers.join(t('refunds.or')) })}
              {cooling > 0 ? (
                <>
                  <RightOutlined aria-hidden className="zf-t3" /> {t('refunds.path_cooling', { time: spanText(t, cooling) })}
                </>
              ) : null}
              <RightOutlined aria-hidden className="zf-t3" /> {t('refunds.path_send')}
            </div>
            <div className="zf-help" data-testid="refund-path">
              {form.checkers.length === 0 || band === null
                ? t('refunds.path_nobody')
                : t('refunds.path_rule', { range: bandRange(t, form.bands, band), n: needed, hours: form.approval_hours })}
            </div>
          </div>

          <span className="zf-required">{t('refunds.confirm')}</span>
          <div className="zf-confirms">
            <Checkbox checked={orderChecked} onChange={(event) => setOrderChecked(event.target.checked)} data-testid="confirm-order">
              {t('refunds.confirm_order', { order_no: order.order_no })}
            </Checkbox>
            {warnings.map((w) => (
              <Checkbox
                key={w.name}
                checked={acknowledged.has(w.name)}
                onChange={(event) => tick(w.name, event.target.checked)}
                data-testid={`confirm-${w.name}`}
              >
                {t('refunds.confirm_warning', { what: checkName(w, t) })}
              </Checkbox>
            ))}
          </div>
        </div>
        {request.error === null ? null : changed ? (
          <Conflict
            title={
              said('by') === ''
                ? t('refunds.changed', { left: said('left') })
                : t('refunds.changed_by', {
                    who: said('by'),
                    time: timeText(said('other_at'), 'clock'),
                    amount: moneyText({ minor: Number(said('other_minor')), currency }),
                  })
            }
            theirs={leftNow === null ? said('left') : t('refunds.changed_theirs', { left: moneyText({ minor: leftNow, currency }) })}
            yours={amount === null ? '—' : t('refunds.changed_yours', { amount: moneyText({ minor: amount, currency }), left: moneyText(refundable) })}
            action={
              <>
                {said('other_no') === '' ? null : (
                  <Button size="small" onClick={() => go('/refunds', { no: said('other_no') })} data-testid="conflict-look">
                    {t('refunds.changed_what')}
                  </Button>
                )}
                <Button
                  size="small"
                  type="primary"
                  onClick={() => {
                    if (leftNow !== null && leftNow > 0 && amount !== null && amount > leftNow) setAmount(leftNow)
                    request.reset()
                    void reread.refetch()
                  }}
                  data-testid="conflict-take"
                >
                  {leftNow !== null && leftNow > 0 && amount !== null && amount > leftNow
                    ? t('refunds.changed_take', { amount: moneyText({ minor: leftNow, currency }) })
                    : t('refunds.changed_look')}
                </Button>
              </>
            }
          />
        ) : (
          <ErrorPanel error={request.error} testid="refund-error" />
        )}
      </Card>

      {below === undefined ? null : <div className="zf-refund-below">{below}</div>}
      <div className="zf-refund-side zf-refund-checks">
        <Card
          flush
          title={t('refunds.preflight')}
          note={t('refunds.preflight_took', { time: timeText(preflight.checked_at, 'clock'), ms: preflight.millis })}
          extra={
            <Button
              type="text"
              size="small"
              icon={<ReloadOutlined />}
              loading={rerun.isFetching}
              onClick={() => void (settled === null ? reread.refetch() : rerun.refetch())}
            >
              {t('refunds.recheck')}
            </Button>
          }
        >
          <div className="zf-list-head">
            <PreflightCounts preflight={preflight} />
          </div>
          {rerun.error === null ? null : <ErrorPanel error={rerun.error} />}
          <PreflightList preflight={preflight} />
        </Card>
        <Card title={t('refunds.arrival')}>
          <dl className="zf-arrival">
            <dt>{t('arrival.cooling')}</dt>
            <dd>{cooling > 0 ? spanText(t, cooling) : t('arrival.at_once')}</dd>
            {(arrivals[order.channel] ?? []).map((way) => (
              <div key={way}>
                <dt>{t(`arrival.${way}`)}</dt>
                <dd>{t(`arrival.${way}.time`)}</dd>
              </div>
            ))}
          </dl>
          <p className="zf-help">{lang === 'zh' ? preflight.arrival : preflight.arrival_en}</p>
        </Card>
      </div>
    </div>
  )
}
