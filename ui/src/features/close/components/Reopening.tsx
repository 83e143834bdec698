import { UnlockOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { DigestEnds } from '../../../components/Id'
import { Overlay } from '../../../components/Overlay'
import { Time } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { CloseView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { FamilyTag } from '../../../status/StatusTag'
import { useAskReopening, useKeepClosed, useReopen } from '../api'

type Step = 'ask' | 'reopen' | 'keep'

/** A closed day is opened again by two people, with a reason; what was signed before stays to be read. */
export function Reopening({ view }: { view: CloseView }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const mayAsk = useMay('sign_day_as_maker')
  const ask = useAskReopening()
  const reopen = useReopen()
  const keep = useKeepClosed()
  const [step, setStep] = useState<Step | null>(null)
  const [reason, setReason] = useState('')
  const wish = view.reopening
  const writes = { ask, reopen, keep }
  const error = ask.error ?? reopen.error ?? keep.error
  const begin = (next: Step) => {
    setReason(next === 'reopen' ? (wish?.reason ?? '') : '')
    setStep(next)
  }
  const submit = () => {
    if (step === null || reason.trim() === '') return
    writes[step].mutate(
      { account_id: view.account.account_id, date: view.date, reason: reason.trim() },
      {
        onSuccess: () => toasts.show({ text: t(`close.reopening.done.${step}`, { date: view.date }) }),
        onSettled: () => setStep(null),
      },
    )
  }
  return (
    <>
      {wish === null ? (
        view.status === 'closed' && mayAsk ? (
          <Button type="text" block icon={<UnlockOutlined />} disabled={!ready} onClick={() => begin('ask')} data-testid="ask-reopening">
            {t('close.reopening.ask')}
          </Button>
        ) : null
      ) : (
        <div className="zf-signature zf-stack" data-testid="reopening">
          <div className="zf-between">
            <FamilyTag family="at" icon={<UnlockOutlined aria-hidden />}>
              {t('close.reopening.wished', { person: wish.requested_by })}
            </FamilyTag>
            <Time at={wish.requested_at} as="short" />
          </div>
          <div>{wish.reason}</div>
          {wish.may_decide ? (
            <div className="zf-row zf-end">
              <Button disabled={!ready} onClick={() => begin('keep')} data-testid="keep-closed">
                {t('close.reopening.keep')}
              </Button>
              <Button type="primary" disabled={!ready} onClick={() => begin('reopen')} data-testid="reopen-day">
                {t('close.reopening.agree')}
              </Button>
            </div>
          ) : wish.own ? (
            <Button type="text" disabled={!ready} onClick={() => begin('keep')} data-testid="keep-closed">
              {t('close.reopening.withdraw')}
            </Button>
          ) : (
            <div className="zf-help">{t('close.reopening.waits')}</div>
          )}
        </div>
      )}
      {view.closed_before.length === 0 ? null : (
        <ul className="zf-stack zf-help" data-testid="closed-before">
          {view.closed_before.map((before) => (
            <li key={before.version}>
              {t('close.reopening.before', { n: before.version, maker: before.maker, checker: before.checker })} <Time at={before.locked_at} as="short" /> <DigestEnds value={before.digest} />
              <span className="zf-block">
                {t('close.reopening.why', { person: before.requested_by, second: before.reopened_by, reason: before.reason })} <Time at={before.reopened_at} as="short" />
              </span>
            </li>
          ))}
        </ul>
      )}
      {error === null ? null : <ErrorPanel error={error} testid="reopening-error" />}
      <Overlay open={step !== null} onClose={() => setStep(null)} title={step === null ? '' : t(`close.reopening.title.${step}`, { date: view.date })} width={440}>
        <div className="zf-stack">
          <p className="zf-t2">{step === null ? '' : t(`close.reopening.lead.${step}`)}</p>
          <Input.TextArea rows={3} autoFocus value={reason} maxLength={500} aria-label={t('close.return_reason')} onChange={(event) => setReason(event.target.value)} data-testid="reopening-reason" />
          <div className="zf-row zf-end">
            <Button onClick={() => setStep(null)}>{t('common.cancel')}</Button>
            <Button type="primary" disabled={reason.trim() === ''} loading={ask.isPending || reopen.isPending || keep.isPending} onClick={submit} data-testid="reopening-confirm">
              {step === null ? '' : t(`close.reopening.confirm.${step}`)}
            </Button>
          </div>
        </div>
      </Overlay>
    </>
  )
}
