import { CopyOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import type { FileFault } from '../generated/types'
import { count, inLanguage } from '../format'
import { useLanguage, useT } from '../i18n'
import { copyText } from './Id'
import { useToasts } from './Toast'

type Props = {
  faults: readonly FileFault[]
  /** Named before each place when several files are shown. */
  file?: string
}

/** What is wrong in a file, line by line, with what stands there and the remedy; copied as text for whoever mends it. */
export function FaultList({ faults, file }: Props) {
  const t = useT()
  const lang = useLanguage()
  const toasts = useToasts()
  if (faults.length === 0) return null
  const place = (f: FileFault) => [file, t('common.line_no', { n: count(f.line) }), f.column, f.field === null ? null : t('faults.field', { text: f.field })].filter((part) => part !== null && part !== undefined)
  const asText = () => faults.map((f) => `${place(f).join(' · ')}: ${inLanguage(f.problem, lang)} ${inLanguage(f.remedy, lang)}`).join('\n')
  return (
    <div className="zf-fault-list">
      <ul className="zf-faults" data-testid="file-faults">
        {faults.map((f) => (
          <li key={`${f.line}-${f.column ?? ''}-${f.problem}`}>
            <span className="zf-strong">{place(f).join(' · ')}</span> {inLanguage(f.problem, lang)} <span className="zf-t3">{inLanguage(f.remedy, lang)}</span>
          </li>
        ))}
      </ul>
      <Button
        size="small"
        type="text"
        icon={<CopyOutlined />}
        onClick={() => void copyText(asText()).then((ok) => ok && toasts.show({ text: t('faults.copied', { n: count(faults.length) }) }))}
        data-testid="copy-faults"
      >
        {t('faults.copy', { n: count(faults.length) })}
      </Button>
    </div>
  )
}
