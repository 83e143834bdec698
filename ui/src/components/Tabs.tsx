import type { KeyboardEvent, ReactNode } from 'react'
import { count } from '../format'
import type { Family } from '../theme/tokens'

/** A small count in a family's colours. */
export function FamilyBadge({ family, n }: { family: Family; n: number }) {
  return <span className={`zf-badge zf-f-${family}`}>{count(n)}</span>
}

type Item<Key extends string> = { key: Key; label: ReactNode; n?: number | null; badge?: ReactNode }
type Props<Key extends string> = {
  label: string
  items: readonly Item<Key>[]
  value: Key
  onChange: (next: Key) => void
  /** `box`: a switch between kinds of content; `line`: views of one list. */
  look?: 'line' | 'box'
}

/** Tabs with counts; arrow keys move between them. */
export function Tabs<Key extends string>({ label, items, value, onChange, look = 'line' }: Props<Key>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    const at = items.findIndex((item) => item.key === value)
    const next = items[(at + by + items.length) % items.length]
    if (next === undefined) return
    onChange(next.key)
    event.currentTarget.querySelectorAll<HTMLButtonElement>('[role="tab"]')[items.indexOf(next)]?.focus()
  }
  return (
    <div className={`zf-tabs${look === 'box' ? ' zf-tabs-box' : ''}`} role="tablist" aria-label={label} onKeyDown={move} tabIndex={-1}>
      {items.map((item) => (
        <button
          key={item.key}
          type="button"
          role="tab"
          aria-selected={item.key === value}
          tabIndex={item.key === value ? 0 : -1}
          onClick={() => onChange(item.key)}
          data-testid={`tab-${item.key}`}
        >
          {item.label}
          {item.n === null || item.n === undefined ? null : <span>{count(item.n)}</span>}
          {item.badge}
        </button>
      ))}
    </div>
  )
}
