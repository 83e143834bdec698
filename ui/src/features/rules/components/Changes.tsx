import type { Person, RuleBody } from '../../../generated/types'
import { useT } from '../../../i18n'
import { changes } from '../words'

function Lines({ lines }: { lines: readonly string[] }) {
  const t = useT()
  return lines.length === 0 ? (
    <span className="zf-t3">{t('rr.none')}</span>
  ) : (
    <>
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </>
  )
}

/** What one set of rules says that the other does not. */
export function Changes({ from, to, people, testid }: { from: RuleBody; to: RuleBody; people: readonly Person[]; testid: string }) {
  const t = useT()
  const found = changes(t, from, to, people)
  if (found.length === 0) return <p className="zf-help">{t('rr.same')}</p>
  return (
    <table className="zf-table" data-testid={testid}>
      <thead>
        <tr>
          <th>{t('rr.changes')}</th>
          <th>{t('rr.before')}</th>
          <th>{t('rr.after')}</th>
        </tr>
      </thead>
      <tbody>
        {found.map((change) => (
          <tr key={change.part}>
            <td className="zf-nowrap-text">{t(`rr.part.${change.part}`)}</td>
            <td className="zf-t2 zf-wrap">
              <Lines lines={change.before} />
            </td>
            <td className="zf-wrap">
              <Lines lines={change.after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
