import { CopyOutlined, LockOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { CopyButton, copyText, DigestEnds, Id } from '../../../components/Id'
import { Card, Facts } from '../../../components/small'
import { useToasts } from '../../../components/Toast'
import type { XrayOutcome, XrayReport, XrayVerdict } from '../../../generated/types'
import { timeText } from '../../../format'
import { useT } from '../../../i18n'
import { StatusIcon } from '../../../status/StatusTag'
import type { Family } from '../../../theme/tokens'
import { asText, words } from '../api'

const verdictFamily: Record<XrayVerdict, Family> = { good: 'ok', bad: 'br', unknown: 'un' }
const outcomeFamily: Record<XrayOutcome, Family> = { ok: 'ok', failed: 'br', not_applicable: 'vo' }

/** The answer in one sentence. */
export function VerdictCard({ report }: { report: XrayReport }) {
  const t = useT()
  const toasts = useToasts()
  const family = report.cause === 'signature_probe' || report.cause === 'unsigned_by_design' ? 'at' : verdictFamily[report.verdict]
  const w = words(report)
  return (
    <section className={`zf-xverdict zf-f-${family}`} role="status" data-testid="xray-verdict" data-cause={report.cause} data-verdict={report.verdict}>
      <StatusIcon family={family} />
      <div>
        <h2>{w.verdict}</h2>
        <p>{w.why}</p>
      </div>
      <Button
        icon={<CopyOutlined />}
        onClick={() => void copyText(asText(report)).then((ok) => ok && toasts.show({ text: t('xray.copied') }))}
        data-testid="xray-copy"
      >
        {t('xray.copy_dev')}
      </Button>
    </section>
  )
}

/** The twelve failures, each said as what is in order. */
export function ChecksCard({ report }: { report: XrayReport }) {
  const t = useT()
  const n = (outcome: XrayOutcome) => report.checks.filter((c) => c.outcome === outcome).length
  const failed = n('failed')
  const w = words(report)
  return (
    <Card
      title={t('xray.checks')}
      extra={
        <>
          {failed === 0 ? null : (
            <span className="zf-row zf-c-br">
              <StatusIcon family="br" /> {t('xray.checks.failed', { n: failed })}
            </span>
          )}
          <span className="zf-row">
            <StatusIcon family="ok" /> {t('xray.checks.ruled_out', { n: n('ok') })}
          </span>
          <span>{t('xray.checks.not_applicable', { n: n('not_applicable') })}</span>
        </>
      }
      testid="xray-checks"
    >
      <ul className="zf-xchecks">
        {report.checks.map((c) => (
          <li key={c.name} data-check={c.name} data-outcome={c.outcome} className={c.outcome === 'not_applicable' ? 'zf-t3' : undefined}>
            <StatusIcon family={outcomeFamily[c.outcome]} label={t(`xray.outcome.${c.outcome}`)} />
            {t(`xray.check.${c.name}`)}
          </li>
        ))}
      </ul>
      <p className="zf-xforward">
        <b>{t('xray.forward')}</b> {w.forward} <CopyButton text={w.forward} label={t('xray.copy')} />
      </p>
    </Card>
  )
}

export function FixCard({ report }: { report: XrayReport }) {
  const t = useT()
  const w = words(report)
  return (
    <Card title={t('xray.fix')} testid="xray-fix">
      <ol className="zf-xsteps">
        {w.steps.map((step, i) => (
          <li key={step}>
            <b>{i + 1}</b> {step}
          </li>
        ))}
      </ol>
      {report.tries.length === 0 ? null : (
        <p className="zf-help">
          {t('xray.tries', { n: report.tries.length })} · {report.proven ? t('xray.tries_proof') : t('xray.unproven')}
        </p>
      )}
    </Card>
  )
}

export function KeysCard({ report }: { report: XrayReport }) {
  const t = useT()
  const { key } = report
  return (
    <Card title={t('xray.used')} testid="xray-keys">
      <Facts
        rows={[
          key === null
            ? [t('xray.used.platform'), <span key="n" className="zf-t3">{t('xray.used.none')}</span>]
            : [
                t(`xray.used.${key.role}`),
                <span key="k" className="zf-row">
                  {key.serial === null ? null : <Id value={key.serial} short copy />}
                  <span className="zf-t3">{key.algorithm}</span>
                  {key.not_after === null ? null : <span className="zf-t3">{t('xray.used.ends', { date: timeText(key.not_after, 'date') })}</span>}
                </span>,
              ],
          report.private_key_sealed
            ? [
                t('xray.used.private'),
                <span key="p">
                  <LockOutlined aria-hidden /> {t('xray.used.private_sealed')}
                </span>,
              ]
            : null,
          report.mode === 'decrypt'
            ? null
            : [
                t('xray.used.clock'),
                report.clock_seconds === null ? (
                  <span key="c" className="zf-t3">{t('xray.used.clock_unknown')}</span>
                ) : (
                  t('xray.used.clock_known', { n: report.clock_seconds })
                ),
              ],
          report.digest === ''
            ? null
            : [
                t('xray.used.digest'),
                <span key="d" className="zf-row">
                  <span className="zf-t3">{report.digest_algorithm}</span> <DigestEnds value={report.digest} />
                </span>,
              ],
        ]}
      />
    </Card>
  )
}

export function PlainCard({ text, masked }: { text: string; masked: boolean }) {
  const t = useT()
  return (
    <Card title={t('xray.plain')} note={masked ? t('xray.plain_note') : undefined} testid="xray-plain">
      <pre className="zf-xplain">{text}</pre>
    </Card>
  )
}

