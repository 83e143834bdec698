import { ExperimentOutlined, InboxOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { ExplainedStatus } from '../../../components/Explain'
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
import type { Family } from '../../../theme/tokens'
import { fetchAltered, useReceipts, useVerify, verdictWord } from '../api'

type Judged = { key: number; result: ReceiptVerification }

/** Takes PDFs, one or many, and says of each in one sentence whether it can be trusted, then why. */
export function VerifyPanel() {
  const t = useT()
  const verify = useVerify()
  const [names, setNames] = useState<readonly string[]>([])
  const [judged, setJudged] = useState<readonly Judged[]>([])
  const [at, setAt] = useState<number | null>(null)
  const [fault, setFault] = useState<ApiError | null>(null)
  const [over, setOver] = useState(false)
  const judge = (result: ReceiptVerification) =>
    setJudged((old) => {
      setAt(old.length)
      return [...old, { key: old.length, result }]
    })
  /** One after the other: a pile of files must not be a pile of calls. */
  const take = async (files: readonly Promise<HeldFile | null>[]) => {
    setFault(null)
    for (const coming of files) {
      try {
        const held = await coming
        if (held === null) continue
        setNames((old) => [...old, held.name])
        try {
          const result = await verify.mutateAsync({ file_token: held.file_token })
          judge(result)
        } finally {
          setNames((old) => old.slice(1))
        }
      } catch (cause) {
        setFault(toApiError(cause))
      }
    }
  }
  const issued = useReceipts('').first?.total ?? 0
  const tryAltered = async () => {
    setFault(null)
    try {
      judge(await fetchAltered())
    } catch (cause) {
      setFault(toApiError(cause))
    }
  }
  const shown = at === null ? null : (judged[at] ?? null)
  const busy = names.length > 0
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
            if (canDrop()) void take([...event.dataTransfer.files].map(takeFile))
          }}
        >
          <InboxOutlined aria-hidden className="zf-drop-icon" />
          <div className="zf-strong">{canDrop() ? t('receipts.drop') : t('receipts.choose')}</div>
          <div className="zf-row zf-center">
            <Button size="small" loading={busy} onClick={() => void take([pickFile('receipt', '.pdf')])} data-testid="verify-pick">
              {canDrop() ? t('receipts.drop_or') : t('common.choose_file')}
            </Button>
            <Button
              size="small"
              type="text"
              icon={<ExperimentOutlined />}
              disabled={busy || issued === 0}
              title={issued === 0 ? t('receipts.try_altered_none') : t('receipts.try_altered_note')}
              onClick={() => void tryAltered()}
              data-testid="verify-altered"
            >
              {t('receipts.try_altered')}
            </Button>
          </div>
        </div>
      </Card>
      {fault === null ? null : <ErrorPanel error={fault} testid="verify-error" />}
      {busy ? (
        <Card title={t('receipts.verifying', { name: names[0] ?? '' })}>
          <Skeleton rows={6} />
        </Card>
      ) : shown === null ? null : (
        <Verdict key={shown.key} result={shown.result} twin={judged.findIndex((j) => j.key < shown.key && isTwin(j.result, shown.result)) >= 0} />
      )}
      {judged.length < 2 ? null : <Pile judged={judged} at={at} onChoose={setAt} />}
    </div>
  )
}

/** The same receipt again, by its number and its signed bytes. */
function isTwin(a: ReceiptVerification, b: ReceiptVerification): boolean {
  return a.digest !== null && a.digest === b.digest
}

/** Every file verified so far, with its verdict; a click shows it. */
function Pile({ judged, at, onChoose }: { judged: readonly Judged[]; at: number | null; onChoose: (at: number) => void }) {
  const t = useT()
  const words = [...new Set(judged.map((j) => verdictWord[j.result.verdict]))]
  return (
    <Card
      className="zf-fixed"
      testid="verify-pile"
      title={t('receipts.pile', { n: judged.length })}
      extra={words.map((word) => (
        <span key={word} className="zf-row zf-nowrap">
          <StatusTag kind="verdict" status={word} /> {judged.filter((j) => verdictWord[j.result.verdict] === word).length}
        </span>
      ))}
    >
      <ul className="zf-pile">
        {judged.map((j, index) => (
          <li key={j.key}>
            <button type="button" className="zf-linkbtn" aria-current={index === at} onClick={() => onChoose(index)} data-testid="verify-pile-row">
              <StatusIcon family={statusEntry('verdict', verdictWord[j.result.verdict]).family} />
              <span className="zf-cut">{j.result.file_name}</span>
              <span className="zf-t3">{t(`receipts.verdict.${j.result.verdict}`)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  )
}

/** The person or house a certificate names, out of its full name: `CN=name,O=…` → `name`. */
function signerName(subject: string): string {
  return /(?:^|,)\s*CN=([^,]+)/.exec(subject)?.[1] ?? subject
}

type Plain = { name: PlainCheck; family: Family; note: string }
type PlainCheck = 'unaltered' | 'signed' | 'certificate' | 'seal' | 'repeat'

/** The ten rules as five statements a bookkeeper can use. Rules: zf-receipts, `verify`. */
function plainChecks(result: ReceiptVerification, twin: boolean): Plain[] {
  const holds = (...rules: number[]) => result.checks.filter((c) => rules.includes(c.rule)).every((c) => c.passed)
  const say = (name: PlainCheck, ok: boolean, bad: Family = 'br'): Plain => {
    const good = ok && result.checks.length > 0
    const key = `receipts.plain.${name}.${good ? 'ok' : 'bad'}` as const
    return {
      name,
      family: good ? 'ok' : bad,
      note: tDynamic(key, { signer: signerName(result.signer ?? ''), time: result.signed_at === null ? '' : timeText(result.signed_at, 'minute') }),
    }
  }
  return [
    say('unaltered', holds(2, 3, 5, 6)),
    say('signed', holds(1, 4, 7, 8)),
    say('certificate', holds(9), 'at'),
    say('seal', holds(2, 10)),
    say('repeat', !twin, 'at'),
  ]
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

function Verdict({ result, twin }: { result: ReceiptVerification; twin: boolean }) {
  const t = useT()
  const lang = useLanguage()
  // Genuine, and the second of its kind: nobody is to book it twice.
  const again = twin && result.verdict === 'genuine'
  const word = verdictWord[result.verdict]
  const family: Family = again ? 'at' : statusEntry('verdict', word).family
  const sentence = again ? t('receipts.verdict_twin') : t(`receipts.verdict.${result.verdict}`)
  const field = (name: string) => result.fields.find((f) => f.name === name)?.value
  const serial = field('serial_no')
  const amount = /^¥?(\d+)\.(\d\d) CNY$/.exec((field('amount') ?? '').replaceAll(',', ''))
  const forward = t('receipts.forward_text', { name: result.file_name, verdict: sentence })
  const [technical, setTechnical] = useState(false)
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
        {again ? null : <ExplainedStatus kind="verdict" status={word} />}
      </header>
      <div className="zf-verdict-body">
        {serial === undefined ? null : (
          <div className="zf-between zf-verdict-face">
            <span>
              <span className="zf-help zf-block">{t('receipt_field.amount')}</span>
              {amount === null ? <b>{field('amount')}</b> : <Money value={{ minor: Number(`${amount[1] ?? ''}${amount[2] ?? ''}`), currency: 'CNY' }} size="strong" />}
            </span>
            <span className="zf-end-text">
              <span className="zf-help zf-block">{t('receipt_field.serial_no')}</span>
              <Id value={serial} copy />
            </span>
          </div>
        )}
        <ul className="zf-verdict-checks">
          {plainChecks(result, twin).map((check) => (
            <li key={check.name} data-family={check.family} data-testid={`receipt-plain-${check.name}`}>
              <StatusIcon family={check.family} label={check.family === 'ok' ? t('common.yes') : t('common.no')} />
              <span>
                <b>{t(`receipts.plain.${check.name}`)}</b> {check.note}
              </span>
            </li>
          ))}
        </ul>
        <div className="zf-cause">
          <b>{t('receipts.forward')}</b>
          {forward} <CopyButton text={forward} label={t('common.copy')} />
        </div>
        <button type="button" className="zf-linkbtn" aria-expanded={technical} onClick={() => setTechnical(!technical)} data-testid="receipt-technical">
          {technical ? t('receipts.technical_hide') : t('receipts.technical')}
        </button>
        {technical ? (
          <>
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
          </>
        ) : null}
        <hr className="zf-divider" />
        <Facts
          rows={[
            ...result.fields.filter((f) => f.name !== 'serial_no' && f.name !== 'amount' && f.value !== '' && f.value !== 'false').map((f) => [fieldName(f.name), fieldValue(t, f)] as const),
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
