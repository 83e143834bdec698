import { FolderOpenOutlined, HistoryOutlined, RightOutlined, SafetyCertificateOutlined, UserDeleteOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState, type ReactNode } from 'react'
import { reasonText } from '../../../api/errors'
import { useMay, useMoneyReady, usePerson } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { useNarrow } from '../../../components/DetailPane'
import { EventTimeline } from '../../../components/EventTimeline'
import { ExplainedStatus } from '../../../components/Explain'
import { CopyButton, Digest, DigestEnds, Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { clockText, secondsUntil, spanText, useNow } from '../../../components/now'
import { checkName, PreflightCounts } from '../../../components/PreflightList'
import { nextStep, timeLeft } from '../../../components/refundNext'
import { Card, ChannelMark, Facts, Kbd, MaskedPerson, Time } from '../../../components/small'
import { Conflict, ErrorPanel, NotAllowed } from '../../../components/states'
import { saveHeld } from '../../../components/saveHeld'
import { useToasts } from '../../../components/Toast'
import { amountsIn, moneyText, parseAmount, timeText, type Money as Amount } from '../../../format'
import type { RefundView, SignedField } from '../../../generated/types'
import { hasMessage, tDynamic, useLanguage, useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { StatusIcon } from '../../../status/StatusTag'
import { useApprove, useEvidence, useRecall, useReject } from '../api'

function fieldName(name: string): string {
  const key = `field.${name}`
  return hasMessage(key) ? tDynamic(key, {}) : name
}

function fieldValue(name: string, value: string): string {
  if (name === 'reason' || name === 'reason_code') {
    const key = `reason_code.${value}`
    if (hasMessage(key)) return tDynamic(key, {})
  }
  return value
}

const wideFields: ReadonlySet<string> = new Set(['note', 'buyer_note', 'account', 'order_no', 'payment_id'])
/** What is read first; the rest follows in the core's order. The digest covers all of them in that order. */
const readFirst: readonly string[] = ['note', 'order_no', 'reason_code', 'paid', 'payee', 'maker', 'buyer_note']
const place = (name: string) => (readFirst.includes(name) ? readFirst.indexOf(name) : readFirst.length + Number(wideFields.has(name)))
const idFields: ReadonlySet<string> = new Set(['refund_no', 'order_no', 'payment_id'])

const amountFields: ReadonlySet<string> = new Set(['amount', 'paid'])

/** An amount of the signed text, which is a bare decimal, as money; anything else as it stands. */
function amountOf(value: string, currency: string): Amount | null {
  const read = parseAmount(value.split(' ')[0] ?? '', currency)
  return read.ok ? { minor: read.minor, currency } : null
}

function Value({ name, value, currency }: { name: string; value: string; currency: string }) {
  const money = amountFields.has(name) ? amountOf(value, currency) : null
  return money === null ? value === '' ? '—' : fieldValue(name, value) : <Money value={money} />
}

/** Two texts by what they share at both ends: what went out and what came in between. */
function between(before: string, after: string): { head: string; out: string; in: string; tail: string } {
  const [a, b] = [[...before], [...after]]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  return { head: b.slice(0, head).join(''), out: a.slice(head, a.length - tail).join(''), in: b.slice(head, b.length - tail).join(''), tail: b.slice(b.length - tail).join('') }
}

/** A changed sentence with its change marked in place. */
function Sentence({ before, after }: { before: string; after: string }) {
  const t = useT()
  const diff = between(before, after)
  return (
    <span>
      {diff.head}
      {diff.out === '' ? null : (
        <s className="zf-t3" aria-label={t('approvals.taken_out', { text: diff.out })}>
          {diff.out}
        </s>
      )}
      {diff.in === '' ? null : <ins className="zf-diff-added">{diff.in}</ins>}
      {diff.tail}
    </span>
  )
}

const sentences: ReadonlySet<string> = new Set(['note', 'buyer_note'])

function Field({ field, request }: { field: SignedField; request: RefundView }) {
  const t = useT()
  const { currency } = request.row.amount
  const changed = field.before !== null && field.before !== field.value
  const sentence = changed && sentences.has(field.name)
  const [old, now] = field.name === 'amount' && changed ? [amountOf(field.before ?? '', currency), amountOf(field.value, currency)] : [null, null]
  return (
    <div className={`zf-signed${changed ? ' zf-signed-changed' : ''}${wideFields.has(field.name) ? ' zf-signed-wide' : ''}`} data-testid={`field-${field.name}`}>
      <span className="zf-t3">{fieldName(field.name)}</span>
      <span className="zf-signed-value">
        {changed ? (
          <>
            <span className="zf-c-at">
              <StatusIcon family="at" /> {t('approvals.changed')}
            </span>
            {sentence ? (
              <Sentence before={field.before ?? ''} after={field.value} />
            ) : (
              <>
                <s className="zf-t3">
                  <Value name={field.name} value={field.before ?? ''} currency={currency} />
                </s>
                <RightOutlined aria-label={t('approvals.becomes')} className="zf-t3" />
              </>
            )}
          </>
        ) : null}
        {field.name === 'order_no' ? <ChannelMark channel={request.row.channel} /> : null}
        {sentence ? null : idFields.has(field.name) && !changed ? (
          <Id value={field.value} copy />
        ) : (
          <span className={changed ? 'zf-strong' : ''}>
            <Value name={field.name} value={field.value} currency={currency} />
          </span>
        )}
        {old === null || now === null ? null : (
          <span className="zf-t2">{t('approvals.delta', { amount: moneyText({ minor: now.minor - old.minor, currency }, true) })}</span>
        )}
        {field.name === 'order_no' ? <MaskedPerson text={request.order.payer_masked} /> : null}
      </span>
    </div>
  )
}

/** What the desk found around the payment: a double payment shows here or nowhere. */
function Found({ request, action }: { request: RefundView; action: ReactNode }) {
  const t = useT()
  const others = request.related.filter((o) => !o.this)
  return (
    <div className="zf-signed" data-testid="request-related">
      <span className="zf-t3">{t('approvals.found')}</span>
      {others.length === 0 ? (
        <span className="zf-signed-value">
          <span className="zf-t2">{t('approvals.found_none')}</span> {action}
        </span>
      ) : (
        <span className="zf-signed-value zf-signed-column">
          {request.related.map((o) => (
            <span key={o.order_id} className="zf-related">
              <Time at={o.paid_at} as="short" /> <Id value={o.order_no} /> <Money value={o.amount} />
              <span className={o.this ? 'zf-strong' : 'zf-t2'}>
                {o.this
                  ? t('approvals.found_this')
                  : o.refunded_minor > 0
                    ? t('approvals.found_refunded', { amount: moneyText({ minor: o.refunded_minor, currency: o.amount.currency }) })
                    : t('approvals.found_other')}
              </span>
            </span>
          ))}
          {action}
        </span>
      )}
    </div>
  )
}

/** How many have approved of how many needed, as filled and empty steps. */
function Progress({ done, needed }: { done: number; needed: number }) {
  const t = useT()
  return (
    <span className="zf-steps2" data-testid="approval-progress">
      {Array.from({ length: needed }, (_, i) => (
        // The steps are the same but for their place.
        // eslint-disable-next-line react/no-array-index-key
        <span key={i} data-done={i < done} aria-hidden />
      ))}
      {t('approvals.checkers', { done, needed })}
    </span>
  )
}

/** The fields that differ between what was looked at and what stands now. */
function differing(seen: RefundView, now: RefundView): { name: string; mine: string; theirs: string }[] {
  return now.fields
    .map((f) => ({ name: f.name, theirs: f.value, mine: seen.fields.find((s) => s.name === f.name)?.value ?? '' }))
    .filter((f) => f.mine !== f.theirs && f.name !== 'version')
}

/** Approved and not sent: how long it can still be taken back. */
function CoolingLeft({ until }: { until: string | null }) {
  const t = useT()
  const now = useNow()
  return <>{t('approvals.cooling_left', { time: clockText(secondsUntil(until, now)) })}</>
}

type ReasonStepProps = {
  name: 'reject' | 'recall'
  open: boolean
  onClose: () => void
  title: string
  verb: string
  amount: string
  reason: string
  onReason: (text: string) => void
  busy: boolean
  onConfirm: () => void
}

/** The step of a decision that needs a reason: it cannot be taken without one. */
function ReasonStep({ name, open, onClose, title, verb, amount, reason, onReason, busy, onConfirm }: ReasonStepProps) {
  const t = useT()
  return (
    <Overlay open={open} onClose={onClose} title={title} testid={`${name}-step`}>
      <div className="zf-stack">
        <p>{t(`approvals.${name}_lead`)}</p>
        <Input.TextArea
          rows={3}
          autoFocus
          value={reason}
          aria-label={t('approvals.comment')}
          onChange={(event) => onReason(event.target.value)}
          data-testid={`${name}-reason`}
        />
        {reason.trim() === '' ? <span className="zf-help">{t('approvals.reject_needs')}</span> : null}
        <div className="zf-row zf-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button danger loading={busy} disabled={reason.trim() === ''} onClick={onConfirm} data-testid={`${name}-confirm`}>
            {verb} {amount}
          </Button>
        </div>
      </div>
    </Overlay>
  )
}

/** One request as the checker signs it: changes first, every signed field, the digest, then the decision. */
export function RequestCard({ request: latest }: { request: RefundView }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const lang = useLanguage()
  const me = usePerson()
  const narrow = useNarrow()
  const mayRole = useMay('approve_refund')
  const approve = useApprove()
  const reject = useReject()
  const [comment, setComment] = useState('')
  const recall = useRecall()
  const evidence = useEvidence()
  const [step, setStep] = useState<'approve' | 'reject' | 'recall' | 'versions' | 'text' | null>(null)
  // What is signed is what was looked at: a change in the meantime is shown beside it, never slipped under it.
  const [seen, setSeen] = useState(latest)
  const stale = latest.digest !== seen.digest
  const request = stale ? { ...seen, row: { ...seen.row, state: latest.row.state } } : latest
  const { row } = request
  const amount = moneyText(row.amount)
  const waiting = row.state === 'awaiting_approval'
  const cooling = row.state === 'cooling_off'
  const may = waiting && mayRole && request.may_approve && !stale
  const editor = latest.versions.at(-1)
  const standing = request.approvals.filter((a) => a.approved && a.stands).length
  const last = standing + 1 >= request.checkers_required
  const changes = request.fields.filter((f) => f.before !== null && f.before !== f.value)
  const same = request.fields
    .filter((f) => !changes.includes(f))
    .toSorted((a, b) => place(a.name) - place(b.name))
  const commonReasons = ['amount', 'evidence', 'duplicate', 'policy'] as const

  useHotkeys(
    [
      { keys: 'a', run: () => setStep('approve'), label: t('approvals.approve', { amount }), group: 'action' },
      { keys: 'b', run: () => setStep('reject'), label: t('approvals.reject'), group: 'action' },
    ],
    may && ready,
  )
  useHotkeys([{ keys: 'b', run: () => setStep('recall'), label: t('approvals.recall'), group: 'action' }], cooling && request.may_recall && ready)

  const doApprove = () => {
    if (approve.isPending || !ready) return
    approve.mutate(
      { refund_no: row.refund_no, digest: request.digest, comment: comment.trim() },
      {
        onSuccess: () => toasts.show({ text: t('approvals.approved', { no: row.refund_no }), urgent: true }),
        onSettled: () => setStep(null),
      },
    )
  }
  const doReject = () => {
    if (reject.isPending || comment.trim() === '') return
    reject.mutate(
      { refund_no: row.refund_no, digest: request.digest, reason: comment.trim() },
      {
        onSuccess: () => toasts.show({ text: t('approvals.rejected', { no: row.refund_no }) }),
        onSettled: () => setStep(null),
      },
    )
  }
  const doRecall = () => {
    if (recall.isPending || comment.trim() === '') return
    recall.mutate(
      { refund_no: row.refund_no, digest: request.digest, reason: comment.trim() },
      {
        onSuccess: () => toasts.show({ text: t('approvals.recalled', { no: row.refund_no }) }),
        onSettled: () => setStep(null),
      },
    )
  }
  // What happened to the order, as a file that can be checked without this program.
  const pack = () => {
    if (evidence.isPending) return
    evidence.mutate({ order_id: row.order_id }, { onSuccess: (file) => void saveHeld(t, file).then((text) => text !== null && toasts.show({ text })) })
  }
  useHotkeys([{ keys: 'e', run: pack, label: t('orders.evidence.make'), group: 'action' }])
  const error = approve.error ?? reject.error ?? recall.error ?? evidence.error
  const after =
    request.path.cooling_off_seconds > 0
      ? t('approvals.approve_cools', { time: spanText(t, request.path.cooling_off_seconds) })
      : t('approvals.approve_last')

  const signing = (
    <>
      <div className="zf-digestbox">
        <div className="zf-row">
          <SafetyCertificateOutlined aria-hidden className="zf-c-ok" />
          <span className="zf-strong">{t(waiting ? 'approvals.digest' : 'refunds.digest')}</span>
          <span className="zf-help">{t('approvals.digest_note')}</span>
          <Button type="link" size="small" className="zf-push" onClick={() => setStep('text')} data-testid="show-text">
            {t('approvals.text')}
          </Button>
        </div>
        <Digest value={request.digest} testid="request-digest" />
        <div className="zf-help">
          <DigestEnds value={request.digest} /> · {t('approvals.digest_ask')}
        </div>
      </div>
      {may ? (
        <div className="zf-request-comment">
          <span className="zf-t2">{t('approvals.comment')}</span>
          <Input
            value={comment}
            aria-label={t('approvals.comment')}
            placeholder={t('approvals.comment_hint')}
            onChange={(event) => setComment(event.target.value)}
            data-testid="approval-comment"
          />
          <span />
          <span className="zf-row zf-help">
            {t('approvals.common_reasons')}
            {commonReasons.map((reason) => (
              <button key={reason} type="button" className="zf-tag zf-tag-button" onClick={() => setComment(t(`approvals.reason.${reason}`))}>
                {t(`approvals.reason.${reason}`)}
              </button>
            ))}
          </span>
        </div>
      ) : null}
    </>
  )

  return (
    <Card
      flush
      className="zf-request"
      testid="request-card"
      title={
        <>
          {t('approvals.item', { reason: t(`reason_code.${row.reason_code}`) })} <Id value={row.refund_no} testid="request-no" />
          <CopyButton text={row.refund_no} />
        </>
      }
      extra={
        <>
          <ExplainedStatus kind="refund" status={row.state} />
          {waiting ? timeLeft(t, row.expires_at) : null}
          {cooling ? <CoolingLeft until={row.cooling_until} /> : null}
        </>
      }
      above={waiting ? signing : undefined}
      footer={
        may ? (
          <>
            <Button size="large" disabled={!ready} onClick={() => setStep('reject')} data-testid="reject">
              {t('approvals.reject')}… <Kbd keys="B" />
            </Button>
            <span className="zf-help zf-grow zf-end-text">
              {!ready ? t('state.no_money_offline') : last ? after : t('approvals.approve_more')}
            </span>
            <Button type="primary" size="large" disabled={!ready} onClick={() => setStep('approve')} data-testid="approve">
              {t('approvals.approve', { amount })} <Kbd keys="A" />
            </Button>
          </>
        ) : stale ? (
          <span className="zf-help">{t('approvals.stale_foot')}</span>
        ) : cooling && request.may_recall ? (
          <>
            <span className="zf-help zf-grow">{t('approvals.recall_note')}</span>
            <Button size="large" danger disabled={!ready} onClick={() => setStep('recall')} data-testid="recall">
              {t('approvals.recall')}… <Kbd keys="B" />
            </Button>
          </>
        ) : waiting ? (
          <NotAllowed
            label={t('approvals.approve', { amount })}
            why={reasonText(t, mayRole ? request.may_not_because : 'permission.denied_role')}
            ask={t('approvals.may_not')}
          />
        ) : (
          <span className="zf-help" data-testid="request-next">
            {nextStep(t, row)}
          </span>
        )
      }
    >
      {stale ? (
        <div className="zf-pane-section">
          <Conflict
            title={t('approvals.stale', { who: editor?.editor ?? '—', time: editor === undefined ? '—' : timeText(editor.at, 'clock') })}
            theirs={
              <ul className="zf-plain" data-testid="conflict-theirs">
                {differing(seen, latest).map((f) => (
                  <li key={f.name}>
                    {fieldName(f.name)}: <b>{f.theirs === '' ? '—' : fieldValue(f.name, f.theirs)}</b>
                  </li>
                ))}
              </ul>
            }
            yours={
              <ul className="zf-plain">
                {differing(seen, latest).map((f) => (
                  <li key={f.name}>
                    {fieldName(f.name)}: {f.mine === '' ? '—' : fieldValue(f.name, f.mine)}
                  </li>
                ))}
              </ul>
            }
            action={
              <Button
                size="small"
                type="primary"
                onClick={() => {
                  setSeen(latest)
                  setStep(null)
                  approve.reset()
                  reject.reset()
                }}
                data-testid="conflict-take"
              >
                {t('approvals.stale_take', { n: latest.version })}
              </Button>
            }
          />
        </div>
      ) : changes.length === 0 ? null : (
        <div className="zf-banner zf-f-at" role="status">
          <HistoryOutlined aria-hidden />
          <span>
            {editor === undefined ? '' : `${timeText(editor.at, 'minute')} `}
            {t(request.approvals.some((a) => a.approved && !a.stands) ? 'approvals.changed_banner' : 'approvals.changed_only', { n: changes.length })}
          </span>
          <span className="zf-banner-action">
            <Button size="small" onClick={() => setStep('versions')} data-testid="show-versions">
              {t('approvals.versions')}
            </Button>
          </span>
        </div>
      )}
      {error === null || stale ? null : (
        <div className="zf-pane-section">
          <ErrorPanel error={error} testid="approval-error" />
        </div>
      )}
      <div className="zf-request-top">
        <div>
          <div className="zf-help">{t('approvals.to_buyer')}</div>
          <Money value={row.amount} size="hero" testid="request-amount" />
        </div>
        {request.amount_in_words === null ? null : (
          <div className="zf-request-words">
            <div className="zf-help">{t('approvals.words')}</div>
            {request.amount_in_words}
          </div>
        )}
        <div className="zf-end-text">
          <div className="zf-help">
            {t('approvals.paid_left')}
            <AboutNumber name={t('refunds.left_after')} counts={t('refunds.about.after')} filter={row.order_no} asOf={request.preflight?.checked_at} testid="about-after" />
          </div>
          <Money value={request.order.amount} /> / <Money value={request.refundable_after} size="strong" />
        </div>
      </div>
      {changes.map((field) => (
        <Field key={field.name} field={field} request={request} />
      ))}
      <div className="zf-signed-grid">
        {same
          .filter((field) => readFirst.includes(field.name))
          .map((field) => (
            <Field key={field.name} field={field} request={request} />
          ))}
      </div>
      <Found
        request={request}
        action={
          <Button type="link" size="small" className="zf-push" icon={<FolderOpenOutlined />} loading={evidence.isPending} onClick={pack} data-testid="request-evidence">
            {t('orders.evidence.make')}
          </Button>
        }
      />
      {request.preflight === null ? null : (
        <div className="zf-signed">
          <span className="zf-t3">{t('approvals.preflight')}</span>
          <span className="zf-signed-value zf-signed-column">
            <PreflightCounts preflight={request.preflight} />
            {request.preflight.checks
              .filter((c) => c.level !== 'pass')
              .map((c) => (
                <span key={c.name} className={c.level === 'block' ? 'zf-c-br' : 'zf-c-at'}>
                  {checkName(c, t)}: {amountsIn(lang === 'zh' ? c.detail : c.detail_en)}
                </span>
              ))}
          </span>
        </div>
      )}
      <div className="zf-signed">
        <span className="zf-t3">{t('approvals.duties')}</span>
        <span className="zf-signed-value" data-testid="request-duties">
          {request.may_not_because === 'approval.maker_is_checker' ? (
            <>
              <StatusIcon family="at" /> {t('approvals.duties_no', { maker: row.maker, editor: editor?.editor ?? row.maker })}
            </>
          ) : (
            <>
              <UserDeleteOutlined aria-hidden className="zf-c-ok" />{' '}
              {t('approvals.duties_who', { maker: row.maker, editor: editor?.editor ?? row.maker, me: me.display_name })}
            </>
          )}
        </span>
      </div>
      <div className="zf-signed">
        <span className="zf-t3">{t('approvals.progress')}</span>
        <span className="zf-signed-value">
          <Progress done={standing} needed={request.checkers_required} />
        </span>
      </div>
      {request.approvals.length === 0 ? null : (
        <div className="zf-signed">
          <span className="zf-t3">{t('approvals.decisions')}</span>
          <span className="zf-signed-value zf-signed-column">
            {request.approvals.map((a) => (
              <span key={`${a.version}-${a.checker}`}>
                {t(a.approved ? 'approvals.decision_yes' : 'approvals.decision_no', { name: a.checker })}{' '}
                {t('approvals.version', { n: a.version })} {a.stands ? '' : t('approvals.decision_void')} <Time at={a.at} as="short" />
                {a.comment === '' ? '' : ` · ${a.comment}`}
              </span>
            ))}
          </span>
        </div>
      )}
      <div className="zf-signed-grid zf-signed-rest" data-testid="request-rest">
        <div className="zf-signed-head">{t('approvals.rest')}</div>
        {same
          .filter((field) => !readFirst.includes(field.name))
          .map((field) => (
            <Field key={field.name} field={field} request={request} />
          ))}
      </div>
      {waiting ? null : signing}
      {narrow ? (
        <div className="zf-pane-section">
          <h3 className="zf-strong">{t('approvals.history')}</h3>
          <EventTimeline events={latest.timeline} about={row.refund_no} testid="approval-timeline" />
        </div>
      ) : null}

      <Overlay open={step === 'approve'} onClose={() => setStep(null)} title={t('approvals.sign_title')} testid="approve-step">
        <div className="zf-stack">
          <p>{t('approvals.sign_lead')}</p>
          <Facts
            rows={[
              [t('field.refund_no'), <Id key="n" value={row.refund_no} strong />],
              [t('field.order_no'), <Id key="o" value={row.order_no} />],
              [t('refunds.amount'), <Money key="a" value={row.amount} size="strong" />],
              request.amount_in_words === null ? null : [t('approvals.words'), request.amount_in_words],
              [t('approvals.digest'), <Digest key="d" value={request.digest} wrap={8} />],
            ]}
          />
          <p className="zf-help">{last ? after : t('approvals.approve_more')}</p>
          <div className="zf-row zf-end">
            <Button onClick={() => setStep(null)}>{t('common.cancel')}</Button>
            <Button type="primary" autoFocus loading={approve.isPending} disabled={!ready} onClick={doApprove} data-testid="approve-confirm">
              {t('approvals.approve', { amount })} <Kbd keys="Enter" />
            </Button>
          </div>
        </div>
      </Overlay>
      <ReasonStep
        name="reject"
        open={step === 'reject'}
        onClose={() => setStep(null)}
        title={t('approvals.reject_title')}
        verb={t('approvals.reject')}
        amount={amount}
        reason={comment}
        onReason={setComment}
        busy={reject.isPending}
        onConfirm={doReject}
      />
      <ReasonStep
        name="recall"
        open={step === 'recall'}
        onClose={() => setStep(null)}
        title={t('approvals.recall')}
        verb={t('approvals.recall')}
        amount={amount}
        reason={comment}
        onReason={setComment}
        busy={recall.isPending}
        onConfirm={doRecall}
      />
      <Overlay open={step === 'versions'} onClose={() => setStep(null)} title={t('approvals.versions')} width={560} testid="versions">
        <table className="zf-table">
          <tbody>
            {request.versions.toReversed().map((v) => (
              <tr key={v.version}>
                <td>{t('approvals.version', { n: v.version })}</td>
                <td>{v.editor}</td>
                <td>
                  <Time at={v.at} as="short" />
                </td>
                <td>
                  <DigestEnds value={v.digest} />
                </td>
                <td className="zf-t2">
                  {request.approvals
                    .filter((a) => a.version === v.version)
                    .map((a) => `${t(a.approved ? 'approvals.decision_yes' : 'approvals.decision_no', { name: a.checker })} ${a.stands ? '' : t('approvals.decision_void')}`)
                    .join(' · ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Overlay>
      <Overlay open={step === 'text'} onClose={() => setStep(null)} title={t('approvals.text')} width={640} testid="signed-text">
        <div className="zf-stack">
          <p className="zf-t2">{t('approvals.text_note')}</p>
          <pre className="zf-pre">{request.signed_text}</pre>
          <Digest value={request.digest} />
        </div>
      </Overlay>
    </Card>
  )
}
