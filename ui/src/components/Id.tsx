import { CheckOutlined, CopyOutlined } from '@ant-design/icons'
import { useState } from 'react'
import { digestGroups, shortId } from '../format'
import { useT } from '../i18n'

/** Copies text; says whether it worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    area.className = 'zf-sr'
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useT()
  const [done, setDone] = useState(false)
  return (
    <button
      type="button"
      className="zf-copy"
      aria-label={label ?? t('common.copy_id', { id: text })}
      title={done ? t('common.copied') : t('common.copy')}
      onClick={(event) => {
        event.stopPropagation()
        void copyText(text).then((ok) => {
          setDone(ok)
          setTimeout(() => setDone(false), 1500)
        })
      }}
    >
      {done ? <CheckOutlined aria-hidden /> : <CopyOutlined aria-hidden />}
    </button>
  )
}

type Props = {
  value: string
  /** Shortens ids of channels (28 digits); copying still takes the whole. */
  short?: boolean
  copy?: boolean
  strong?: boolean
  testid?: string
}

/** An id in the mono font. */
export function Id({ value, short = false, copy = false, strong = false, testid }: Props) {
  const shown = short ? shortId(value) : value
  return (
    <span className={`zf-id${strong ? ' zf-id-strong' : ''}`} title={shown === value ? undefined : value}>
      <span data-testid={testid}>{shown}</span>
      {copy ? <CopyButton text={value} /> : null}
    </span>
  )
}

/** A digest in groups of four, first and last bold, so that two people can compare it aloud. */
export function Digest({ value, wrap = 8, testid }: { value: string; wrap?: number; testid?: string }) {
  const groups = digestGroups(value)
  const lines: string[][] = []
  for (let i = 0; i < groups.length; i += wrap) lines.push(groups.slice(i, i + wrap))
  const last = groups.length - 1
  return (
    <span className="zf-digest" data-testid={testid} data-digest={value}>
      {lines.map((line, row) => (
        <span className="zf-digest-line" key={row * wrap}>
          {line.map((g, i) => {
            const at = row * wrap + i
            return at === 0 || at === last ? <b key={at}>{g}</b> : <span key={at}>{g}</span>
          })}
        </span>
      ))}
    </span>
  )
}

/** First and last group of a digest, for a line of text. */
export function DigestEnds({ value }: { value: string }) {
  const groups = digestGroups(value)
  return (
    <span className="zf-id" title={value}>
      <b>{groups[0]}</b> … <b>{groups.at(-1)}</b>
    </span>
  )
}
