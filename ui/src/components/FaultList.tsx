import type { FileFault } from '../generated/types'
import { count, inLanguage } from '../format'
import { useLanguage, useT } from '../i18n'

/** What is wrong in a file, line by line, with the remedy. */
export function FaultList({ faults }: { faults: readonly FileFault[] }) {
  const t = useT()
  const lang = useLanguage()
  if (faults.length === 0) return null
  return (
    <ul className="zf-faults" data-testid="file-faults">
      {faults.map((f) => (
        <li key={`${f.line}-${f.column ?? ''}-${f.problem}`}>
          <span className="zf-strong">
            {t('common.line_no', { n: count(f.line) })}
            {f.column === null ? '' : ` · ${f.column}`}
            {f.field === null ? '' : ` · ${f.field}`}
          </span>{' '}
          {inLanguage(f.problem, lang)} <span className="zf-t3">{inLanguage(f.remedy, lang)}</span>
        </li>
      ))}
    </ul>
  )
}
