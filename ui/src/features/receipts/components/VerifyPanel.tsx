import { InboxOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { CopyButton, DigestEnds, Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Card, Facts, Time } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { bytesText, timeText } from '../../../format'
import type { ReceiptField, ReceiptVerification } from '../../../generated/types'
import { hasMessage, tDynamic, useLanguage, useT, type Translate } from '../../../i18n'
import { canDrop, pickFile, takeFile, toApiError, type ApiError, type HeldFile } from '../../../platform'
import { statusEntry } from '../../../status/dictionary'
import { StatusIcon, StatusTag } from '../../../status/StatusTag'
import { useVerify, verdictWord } from '../api'

/** Takes a PDF and says in one sentence whether it can be trusted, then why. */
export function VerifyPanel() {
  const t = useT()
  const verify = useVerify()
  const [file, setFile] = useState<HeldFile | null>(null)
  const [fault, setFault] = useState<ApiError | null>(null)
  const [over, setOver] = useState(false)
  const take = (held: Promise<HeldFile | null>) => {
    setFault(null)
    held.then(
      (got) => {
        if (got === null) return
        setFile(got)
        verify.mutate({ file_token: got.file_token })
      },
      (cause: unknown) => setFault(toApiError(cause)),
    )
  }
  const error = fault ?? verify.error
  return (
    <div className="zf-bill">
      <Card className="zf-fixed" title={t('receipts.verify')} note={t('receipts.verify_local')}>
        <div
          className={`zf-drop${over ? ' zf-drop-over' : ''}`}
          role="group"
          aria-label={t('receipts.verify')}
          onDragOver={(event) => {
            event.preventDefault()
            setOver(canDrop())
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault()
            setOver(false)
            const dropped = event.dataTransfer.files[0]
            if (dropped !== undefined && canDrop()) take(takeFile(dropped))
          }}
        >
          <InboxOutlined aria-hidden className="zf-drop-icon" />
          <div className="zf-strong">{canDrop() ? t('receipts.drop') : t('receipts.choose')}</div>
          <Button size="small" loading={verify.isPending} onClick={() => take(pickFile('receipt', '.pdf'))} data-testid="verify-pick">
            {canDrop() ? t('receipts.drop_or') : t('common.choose_file')}
          </Button>
        </div>
      </Card>
      {error === null ? null : <ErrorPanel error={error} testid="verify-error" />}
      {verify.isPending ? (
        <Card title={t('receipts.verifying', { name: file?.name ?? '' })}>
          <Skeleton rows={6} />
        </Card>
      ) : verify.data === undefined ? null : (
        <Verdict result={verify.data} />
      )}
    </div>
  )
}

function fieldName(name: string): string {
  const key = `receipt_field.${name}`
  return hasMessage(key) ? tDynamic(key, {}) : name
}

const times: ReadonlySet<string> = new Set(['paid_at', 'issued_at'])

function fieldValue(t: Translate, { name, value }: ReceiptField): string {
  if (value === 'true') return t('common.yes')
  return times.has(name) ? timeText(value) : value
}

function Verdict({ result }: { result: ReceiptVerification }) {
  const t = useT()
  const lang = useLanguage()
  const word = verdictWord[result.verdict]
  const { family } = statusEntry('verdict', word)
  const sentence = t(`receipts.verdict.${result.verdict}`)
  const forward = t('receipts.forward_text', { name: result.file_name, verdict: sentence })
  const failed = result.checks.filter((c) => !c.passed)
  const checks = [...failed, ...result.checks.filter((c) => c.passed)]
  return (
    <section className={`zf-card zf-verdict zf-f-${family}`} data-testid="verdict" data-verdict={result.verdict} data-valid={result.valid}>
      <header className="zf-verdict-head">
        <StatusIcon family={family} />
        <div>
          <h2>{sentence}</h2>
          <div className="zf-help">{t('receipts.took', { name: result.file_name, size: bytesText(result.bytes), ms: result.millis })}</div>
        </div>
        <StatusTag kind="verdict" status={word} place="header" />
      </header>
      <div className="zf-verdict-body">
        <div className="zf-row">
          <b>{t('receipts.checks')}</b>
          <span className="zf-status zf-f-ok">
            <StatusIcon family="ok" /> {t('receipts.passed', { n: result.checks.length - failed.length })}
          </span>
          {failed.length === 0 ? null : (
            <span className="zf-status zf-f-br">
              <StatusIcon family="br" /> {t('receipts.failed', { n: failed.length })}
            </span>
          )}
        </div>
        <ul className="zf-verdict-checks">
          {checks.map((c) => (
            <li key={c.rule} data-passed={c.passed} data-testid={`receipt-rule-${c.rule}`}>
              <StatusIcon family={c.passed ? 'ok' : 'br'} label={c.passed ? t('common.yes') : t('common.no')} />
              <span>{lang === 'zh' ? c.detail_zh : c.detail_en}</span>
            </li>
          ))}
        </ul>
        <div className="zf-cause">
          <b>{t('receipts.forward')}</b>
          {forward} <CopyButton text={forward} label={t('common.copy')} />
        </div>
        <hr className="zf-divider" />
        <Facts
          rows={[
            ...result.fields.filter((f) => f.value !== '' && f.value !== 'false').map((f) => [fieldName(f.name), fieldValue(t, f)] as const),
            result.signer === null ? null : [t('receipts.signer'), result.signer],
            result.signed_at === null ? null : [t('receipts.signed_at'), <Time key="t" at={result.signed_at} zone />],
            result.digest === null ? null : [
                  t('receipts.digest'),
                  <>
                    <DigestEnds value={result.digest} />
                    <CopyButton text={result.digest} label={t('common.copy')} />
                  </>,
                ],
            result.ours === null
              ? null
              : [
                  t('receipts.serial'),
                  <>
                    <Id value={result.ours.serial_no} copy /> <Money value={result.ours.amount} size="strong" />
                    <span className="zf-help">{t('receipts.ours', { time: timeText(result.ours.issued_at, 'minute'), no: result.ours.serial_no })}</span>
                  </>,
                ],
          ]}
        />
      </div>
    </section>
  )
}
