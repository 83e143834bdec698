import { AuditOutlined, LockOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input } from 'antd'
import { useState } from 'react'
import { reasonText } from '../../../api/errors'
import { useMoneyReady, usePerson } from '../../../api/status'
import { ExplainedStatus } from '../../../components/Explain'
import { DigestEnds } from '../../../components/Id'
import { Overlay } from '../../../components/Overlay'
import { Avatar, Card, Kbd, Time } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { CloseSignature, CloseView, Role } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { FamilyTag } from '../../../status/StatusTag'
import { usePeople, useReturn, useSignChecker, useSignMaker } from '../api'
import { Reopening } from './Reopening'

function Signed({ signature, role }: { signature: CloseSignature; role: string }) {
  const t = useT()
  return (
    <div className="zf-signature zf-signature-done" data-testid="signature">
      <div className="zf-between">
        <span className="zf-row">
          <Avatar name={signature.person} size={26} />
          <span>
            <b>{signature.person}</b>
            <span className="zf-help zf-block">{role}</span>
          </span>
        </span>
        <span className="zf-status zf-f-ok">
          <FamilyTag family="ok">{t('close.signed')}</FamilyTag>
        </span>
      </div>
      <div className="zf-help">
        <Time at={signature.at} as="short" /> · {t('close.signed_digest')} <DigestEnds value={signature.digest} />
      </div>
      {signature.note === '' ? null : <div className="zf-help">{signature.note}</div>}
    </div>
  )
}

function Waiting({ text }: { text: string }) {
  return <div className="zf-signature zf-t3">{text}</div>
}

/** Two people sign one digest, then the day locks. */
export function Signatures({ view }: { view: CloseView }) {
  const t = useT()
  const toasts = useToasts()
  const person = usePerson()
  const ready = useMoneyReady()
  const signMaker = useSignMaker()
  const signChecker = useSignChecker()
  const giveBack = useReturn()
  const [read, setRead] = useState(false)
  const [compared, setCompared] = useState(false)
  const [note, setNote] = useState('')
  const [returning, setReturning] = useState(false)
  const [reason, setReason] = useState('')
  const asChecker = view.status === 'checker_to_sign'
  const sign = asChecker ? signChecker : signMaker
  const may = view.may_sign && ready && view.digest !== null
  const complete = read && compared
  const error = signMaker.error ?? signChecker.error ?? giveBack.error

  // Whom to ask; whoever signed as maker is not asked to check.
  const people = usePeople().data?.people ?? []
  const names = (role: Role) =>
    people
      .filter((one) => one.role === role && one.display_name !== view.maker?.person)
      .map((one) => one.display_name)
      .join(t('common.list_comma'))

  const submit = () => {
    if (!may || !complete || sign.isPending || view.digest === null) return
    sign.mutate(
      { account_id: view.account.account_id, date: view.date, digest: view.digest, note: note.trim() },
      { onSuccess: () => toasts.show({ text: asChecker ? t('close.closed', { date: view.date }) : t('close.maker_signed') }) },
    )
  }
  useHotkeys(
    [{ keys: 'mod+Enter', run: submit, whileTyping: true, label: asChecker ? t('close.sign_checker') : t('close.sign_maker'), group: 'action' }],
    view.may_sign,
  )

  const mine = (
    <div className="zf-signature zf-signature-mine" data-testid="sign-box">
      <div className="zf-between">
        <span className="zf-row">
          <Avatar name={person.display_name} size={26} />
          <span>
            <b>{person.display_name}</b>
            <span className="zf-help zf-block">{asChecker ? t('close.checker') : t('close.maker')}</span>
          </span>
        </span>
        <FamilyTag family="ru" icon={<AuditOutlined aria-hidden />}>
          {t('close.for_you')}
        </FamilyTag>
      </div>
      <Checkbox checked={read} onChange={(event) => setRead(event.target.checked)} data-testid="confirm-checks">
        {t('close.confirm_checks', { n: view.checks.length, m: view.suspended.length })}
      </Checkbox>
      <Checkbox checked={compared} onChange={(event) => setCompared(event.target.checked)} data-testid="confirm-digest">
        {t(asChecker ? 'close.confirm_digest' : 'close.confirm_digest_maker')} {view.digest === null ? null : <DigestEnds value={view.digest} />}
      </Checkbox>
      <Input value={note} placeholder={t('close.note')} aria-label={t('close.note')} onChange={(event) => setNote(event.target.value)} />
      <Button type="primary" size="large" block icon={<LockOutlined />} disabled={!may || !complete} loading={sign.isPending} onClick={submit} data-testid="sign-day">
        {asChecker ? t('close.sign_checker') : t('close.sign_maker')} <Kbd keys="mod+Enter" />
      </Button>
      {asChecker ? (
        <Button type="text" block disabled={!ready} onClick={() => setReturning(true)} data-testid="return-day">
          {t('close.return')}
        </Button>
      ) : null}
      <div className="zf-help">{!ready ? t('state.no_money_offline') : asChecker ? t('close.sign_checker_note') : t('close.sign_maker_note')}</div>
    </div>
  )

  return (
    <Card className="zf-signing" title={t('close.signing')} note={t('close.signing_note')} extra={<ExplainedStatus kind="close" status={view.status} />} testid="signing">
      <div className="zf-stack">
        {view.maker !== null ? <Signed signature={view.maker} role={t('close.maker')} /> : view.may_sign && !asChecker ? mine : <Waiting text={t('close.waiting_maker', { names: names('clerk') })} />}
        {view.checker !== null ? <Signed signature={view.checker} role={t('close.checker')} /> : view.may_sign && asChecker ? mine : <Waiting text={t('close.waiting_checker', { names: names('approver') })} />}
        {!view.may_sign && view.status !== 'closed' && view.may_not_because !== null ? (
          <div className="zf-help" data-testid="may-not-sign">
            {t('close.may_not', { reason: reasonText(t, view.may_not_because) })}
          </div>
        ) : null}
        {error === null ? null : <ErrorPanel error={error} testid="close-error" />}
        <Reopening view={view} />
      </div>
      <Overlay open={returning} onClose={() => setReturning(false)} title={t('close.return_title')} width={420}>
        <div className="zf-stack">
          <Input.TextArea rows={3} autoFocus value={reason} aria-label={t('close.return_reason')} onChange={(event) => setReason(event.target.value)} data-testid="return-reason" />
          <div className="zf-row zf-end">
            <Button onClick={() => setReturning(false)}>{t('common.cancel')}</Button>
            <Button
              danger
              disabled={reason.trim() === ''}
              loading={giveBack.isPending}
              onClick={() =>
                giveBack.mutate(
                  { account_id: view.account.account_id, date: view.date, reason: reason.trim() },
                  {
                    onSuccess: () => toasts.show({ text: t('close.returned') }),
                    onSettled: () => setReturning(false),
                  },
                )
              }
              data-testid="return-confirm"
            >
              {t('close.return_confirm')}
            </Button>
          </div>
        </div>
      </Overlay>
    </Card>
  )
}
