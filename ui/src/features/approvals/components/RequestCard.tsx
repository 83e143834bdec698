import { HistoryOutlined, SafetyCertificateOutlined, UserDeleteOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { reasonText } from '../../../api/errors'
import { useMay, useMoneyReady } from '../../../api/status'
import { CopyButton, Digest, DigestEnds, Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { PreflightCounts } from '../../../components/PreflightList'
import { nextStep, timeLeft } from '../../../components/refundNext'
import { Card, ChannelMark, Facts, Kbd, MaskedPerson, Time } from '../../../components/small'
import { ErrorPanel, NotAllowed } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { moneyText } from '../../../format'
import type { RefundView, SignedField } from '../../../generated/types'
import { hasMessage, tDynamic, useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { StatusIcon, StatusTag } from '../../../status/StatusTag'
import { useApprove, useReject } from '../api'

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
const idFields: ReadonlySet<string> = new Set(['refund_no', 'order_no', 'payment_id'])

function Field({ field, request }: { field: SignedField; request: RefundView }) {
  const t = useT()
  const changed = field.before !== null && field.before !== field.value
  return (
    <div className={`zf-signed${changed ? ' zf-signed-changed' : ''}${wideFields.has(field.name) ? ' zf-signed-wide' : ''}`} data-testid={`field-${field.name}`}>
      <span className="zf-t3">{fieldName(field.name)}</span>
      <span className="zf-signed-value">
        {changed ? (
          <>
            <span className="zf-c-at">
              <StatusIcon family="at" /> {t('approvals.changed')}
            </span>
            <s className="zf-t3">{fieldValue(field.name, field.before ?? '')}</s>
          </>
        ) : null}
        {field.name === 'order_no' ? <ChannelMark channel={request.row.channel} /> : null}
        {idFields.has(field.name) && !changed ? (
          <Id value={field.value} copy />
        ) : (
          <span className={changed ? 'zf-strong' : ''}>{field.value === '' ? '—' : fieldValue(field.name, field.value)}</span>
        )}
        {field.name === 'order_no' ? <MaskedPerson text={request.order.payer_masked} /> : null}
      </span>
    </div>
  )
}

/** One request as the checker signs it: changes first, every signed field, the digest, then the decision. */
export function RequestCard({ request }: { request: RefundView }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const mayRole = useMay('approve_refund')
  const approve = useApprove()
  const reject = useReject()
  const [comment, setComment] = useState('')
  const [step, setStep] = useState<'approve' | 'reject' | null>(null)
  const { row } = request
  const amount = moneyText(row.amount)
  const waiting = row.state === 'awaiting_approval'
  const may = waiting && mayRole && request.may_approve
  const standing = request.approvals.filter((a) => a.approved && a.stands).length
  const last = standing + 1 >= request.checkers_required
  const changes = request.fields.filter((f) => f.before !== null && f.before !== f.value)
  // Short ones first, two a row; the digest covers them in the core's own order.
  const same = request.fields
    .filter((f) => !changes.includes(f))
    .toSorted((a, b) => Number(wideFields.has(a.name)) - Number(wideFields.has(b.name)))
  const commonReasons = ['amount', 'evidence', 'duplicate', 'policy'] as const

  useHotkeys(
    [
      { keys: 'a', run: () => setStep('approve'), label: t('approvals.approve', { amount }), group: 'action' },
      { keys: 'b', run: () => setStep('reject'), label: t('approvals.reject'), group: 'action' },
    ],
    may && ready,
  )

  const doApprove = () => {
    if (approve.isPending || !ready) return
    approve.mutate(
      { refund_no: row.refund_no, digest: request.digest, comment: comment.trim() },
      {
        onSuccess: () => toasts.show({ text: t('approvals.approved', { no: row.refund_no }) }),
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
  const error = approve.error ?? reject.error

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
          <StatusTag kind="refund" status={row.state} place="header" />
          {waiting ? timeLeft(t, row.expires_at) : null}
        </>
      }
      footer={
        may ? (
          <>
            <Button size="large" disabled={!ready} onClick={() => setStep('reject')} data-testid="reject">
              {t('approvals.reject')}… <Kbd keys="B" />
            </Button>
            <span className="zf-help zf-grow zf-end-text">
              {!ready ? t('state.no_money_offline') : last ? t('approvals.approve_last') : t('approvals.approve_more')}
            </span>
            <Button type="primary" size="large" disabled={!ready} onClick={() => setStep('approve')} data-testid="approve">
              {t('approvals.approve', { amount })} <Kbd keys="A" />
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
      {changes.length === 0 ? null : (
        <div className="zf-banner zf-f-at" role="status">
          <HistoryOutlined aria-hidden />
          {t('approvals.changed_banner', { n: changes.length })}
        </div>
      )}
      {error === null ? null : (
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
          <div className="zf-help">{t('approvals.paid_left')}</div>
          <Money value={request.order.amount} /> / <Money value={request.refundable_after} size="strong" />
        </div>
      </div>
      {changes.map((field) => (
        <Field key={field.name} field={field} request={request} />
      ))}
      <div className="zf-signed-grid">
        {same.map((field) => (
          <Field key={field.name} field={field} request={request} />
        ))}
      </div>
      {request.preflight === null ? null : (
        <div className="zf-signed">
          <span className="zf-t3">{t('approvals.preflight')}</span>
          <span className="zf-signed-value">
            <PreflightCounts preflight={request.preflight} />
          </span>
        </div>
      )}
      {may ? (
        <div className="zf-signed">
          <span className="zf-t3">{t('approvals.duties')}</span>
          <span className="zf-signed-value">
            <UserDeleteOutlined aria-hidden className="zf-c-ok" /> {t('approvals.duties_ok')}
          </span>
        </div>
      ) : null}
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
            {request.checkers_required > 1 ? (
              <span className="zf-help">{t('approvals.checkers', { done: standing, needed: request.checkers_required })}</span>
            ) : null}
          </span>
        </div>
      )}
      <div className="zf-digestbox">
        <div className="zf-row">
          <SafetyCertificateOutlined aria-hidden className="zf-c-ok" />
          <span className="zf-strong">{t('approvals.digest')}</span>
          <span className="zf-help">{t('approvals.digest_note')}</span>
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
          <p className="zf-help">{last ? t('approvals.approve_last') : t('approvals.approve_more')}</p>
          <div className="zf-row zf-end">
            <Button onClick={() => setStep(null)}>{t('common.cancel')}</Button>
            <Button type="primary" autoFocus loading={approve.isPending} disabled={!ready} onClick={doApprove} data-testid="approve-confirm">
              {t('approvals.approve', { amount })} <Kbd keys="Enter" />
            </Button>
          </div>
        </div>
      </Overlay>
      <Overlay open={step === 'reject'} onClose={() => setStep(null)} title={t('approvals.reject_title')} testid="reject-step">
        <div className="zf-stack">
          <p>{t('approvals.reject_lead')}</p>
          <Input.TextArea
            rows={3}
            autoFocus
            value={comment}
            aria-label={t('approvals.comment')}
            onChange={(event) => setComment(event.target.value)}
            data-testid="reject-reason"
          />
          {comment.trim() === '' ? <span className="zf-help">{t('approvals.reject_needs')}</span> : null}
          <div className="zf-row zf-end">
            <Button onClick={() => setStep(null)}>{t('common.cancel')}</Button>
            <Button danger loading={reject.isPending} disabled={comment.trim() === ''} onClick={doReject} data-testid="reject-confirm">
              {t('approvals.reject')} {amount}
            </Button>
          </div>
        </div>
      </Overlay>
    </Card>
  )
}
