import { useState } from 'react'

const lineHeight = 18

type Props = {
  value: string
  onChange: (text: string) => void
  placeholder: string
  label: string
  /** The line the fault is on, from 1. */
  faultLine: number | null
  faultNote: string
}

/** A box for raw text with line numbers; the line at fault is marked. */
export function Editor({ value, onChange, placeholder, label, faultLine, faultNote }: Props) {
  const [top, setTop] = useState(0)
  const count = Math.max(1, value.split('\n').length)
  const shift = { transform: `translateY(${-top}px)` }
  return (
    <div className="zf-editor">
      <div className="zf-editor-gutter" aria-hidden>
        <ol style={shift}>
          {Array.from({ length: count }, (_, i) => (
            <li key={i} className={faultLine === i + 1 ? 'zf-editor-bad' : undefined}>
              {i + 1}
            </li>
          ))}
        </ol>
      </div>
      <div className="zf-editor-text">
        {faultLine === null ? null : (
          <div className="zf-editor-mark" style={{ transform: `translateY(${(faultLine - 1) * lineHeight - top}px)` }} title={faultNote} data-testid="xray-fault-line" data-line={faultLine} />
        )}
        <textarea
          aria-label={label}
          value={value}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => setTop(event.currentTarget.scrollTop)}
          wrap="off"
          spellCheck={false}
          autoComplete="off"
          data-testid="xray-text"
        />
      </div>
    </div>
  )
}
