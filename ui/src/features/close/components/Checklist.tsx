import { FileDoneOutlined } from '@ant-design/icons'
import { Fragment } from 'react'
import { AboutNumber } from '../../../components/AboutNumber'
import { Digest, Id } from '../../../components/Id'
import { Money as Amount } from '../../../components/Money'
import { Card, ChannelMark } from '../../../components/small'
import { inLanguage, timeText } from '../../../format'
import type { BalanceLine, CloseView, Money } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { FamilyTag, StatusIcon } from '../../../status/StatusTag'

function Balance({ line, date, account, asOf }: { line: BalanceLine; date: string; account: string; asOf: string | null }) {
  const t = useT()
  // What left for the bank is named by the tie of the fund flow; the rest of the other movements stays beside it.
  const withdrawn = line.withdrawn ?? { ...line.other, minor: 0 }
  const rest = { ...line.other, minor: line.other.minor + withdrawn.minor }
  const other: (readonly [string, string, Money])[] =
    rest.minor === 0 ? [] : [rest.minor < 0 ? ['−', t('close.other_out'), { ...rest, minor: -rest.minor }] : ['+', t('close.other'), rest]]
  const parts: (readonly [string, string, Money])[] = [
    ['', t('close.opening'), line.opening],
    ['+', t('close.collected'), line.collected],
    ['−', t('close.refunded'), line.refunded],
    ['−', t('close.fees'), line.fees],
    ['−', t('close.withdrawn'), withdrawn],
    ...other,
    ['=', t('close.closing'), line.closing],
  ]
  return (
    <div className="zf-balance" data-testid="balance">
      {parts.map(([sign, label, value]) => (
        <Fragment key={label}>
          {sign === '' ? null : <span className="zf-t3">{sign}</span>}
          <span>
            <span className="zf-help">
              {label}
              {sign === '=' ? <AboutNumber name={label} counts={t('close.about.balance')} filter={`${date} · ${account}`} asOf={asOf} /> : null}
            </span>
            <Amount value={value} size={sign === '=' ? 'strong' : undefined} />
          </span>
        </Fragment>
      ))}
    </div>
  )
}

/** A decimal figure as money; anything else as it is. */
function figure(text: string) {
  const decimal = /^(-?)(\d+)\.(\d\d)$/.exec(text)
  if (decimal === null) return text
  const minor = Number(`${decimal[2] ?? ''}${decimal[3] ?? ''}`)
  return <Amount value={{ minor: decimal[1] === '-' ? 0 - minor : minor, currency: 'CNY' }} />
}

/** What must hold before a day can be signed, each with its figure, evidence, time and who checked. */
export function Checklist({ view }: { view: CloseView }) {
  const t = useT()
  const lang = useLanguage()
  const done = view.checks.filter((c) => c.passed).length
  return (
    <Card
      flush
      testid="checklist"
      title={
        <span className="zf-row zf-nowrap">
          <ChannelMark channel={view.account.channel} /> {view.account.display_name}
        </span>
      }
      note={
        <>
          <span className="zf-mono">{view.account.merchant_no_masked}</span> · {t('close.checklist')}
        </>
      }
      extra={<FamilyTag family={done === view.checks.length ? 'ok' : 'at'}>{t('close.checks_done', { done, all: view.checks.length })}</FamilyTag>}
      footer={
        <>
          <FileDoneOutlined aria-hidden className="zf-t3" />
          <span className="zf-t2 zf-nowrap-text">{t('close.digest')}</span>
          {view.digest === null ? <span className="zf-t3">{t('close.digest_none')}</span> : <Digest value={view.digest} wrap={8} testid="close-digest" />}
        </>
      }
    >
      {view.balance === null ? <p className="zf-help zf-pane-section">{t('close.no_balance')}</p> : <Balance line={view.balance} date={view.date} account={view.account.display_name} asOf={view.checks[0]?.checked_at ?? null} />}
      <ol className="zf-closechecks">
        {view.checks.map((c, i) => (
          <li key={c.kind} data-passed={c.passed} data-warning={c.warning} data-testid={`close-check-${c.kind}`}>
            <span className="zf-t3">{i + 1}</span>
            <StatusIcon family={c.passed && !c.warning ? 'ok' : 'at'} />
            <div>
              <div className="zf-check-name">{t(`close.check.${c.kind}`)}</div>
              <div className="zf-help">{inLanguage(c.detail, lang)}</div>
            </div>
            <div className="zf-end-text">
              <div>{figure(inLanguage(c.figure, lang))}</div>
              <div className="zf-help">
                {c.checked_at === null ? '' : timeText(c.checked_at, 'clock').slice(0, 5)} {c.checked_by ?? (c.checked_at === null ? '' : t('close.system'))}
              </div>
            </div>
          </li>
        ))}
      </ol>
      {view.suspended.length === 0 ? null : (
        <div className="zf-pane-section">
          <div className="zf-help">{t('close.suspended', { i: view.checks.findIndex((c) => c.kind === 'differences_owned') + 1, n: view.suspended.length })}</div>
          <table className="zf-table zf-boxed zf-held">
            <tbody>
              {view.suspended.map((d) => (
                <tr key={d.difference_id}>
                  <td>
                    <span className="zf-status zf-f-at">
                      <StatusIcon family="at" /> {t(`bucket.${d.bucket}`)}
                    </span>
                  </td>
                  <td>
                    <Id value={d.number} short />
                  </td>
                  <td className="zf-num">
                    <Amount value={d.gap} signed />
                  </td>
                  <td className="zf-nowrap-text">{d.owner}</td>
                  <td className="zf-t2 zf-cut zf-note-cell" title={d.note ?? undefined}>{d.note}</td>
                  <td className="zf-t3 zf-nowrap-text">{d.due_date?.slice(5)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  )
}
