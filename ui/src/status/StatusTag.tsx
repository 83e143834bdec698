import type { ReactNode } from 'react'
import { fill, useLanguage } from '../i18n'
import type { Family } from '../theme/tokens'
import { familyIcon, statusEntry, type StatusKind, type StatusOf } from './dictionary'

type Props<Kind extends StatusKind> = {
  kind: Kind
  status: StatusOf<Kind> | (string & {})
  /** The number in words such as "12 天后取不回". */
  n?: number
  /** `cell`: healthy states tint the icon only; `problems`: a list made only of problems, no fill; `header`: always filled. */
  place?: 'cell' | 'problems' | 'header'
  /** Said after the word, e.g. "08:55 时". */
  suffix?: ReactNode
}

const loud: ReadonlySet<Family> = new Set<Family>(['at', 'br', 'un'])

/** A status in its three cues: colour, silhouette, word. */
export function StatusTag<Kind extends StatusKind>({ kind, status, n, place = 'cell', suffix }: Props<Kind>) {
  const language = useLanguage()
  const { family, icon: Icon, ...words } = statusEntry(kind, status)
  const filled = place === 'header' || (place === 'cell' && loud.has(family))
  const word = fill(words[language], n === undefined ? {} : { n })
  return (
    <span
      className={`zf-status zf-f-${family}${filled ? ' zf-status-filled' : ''}`}
      data-status={status}
      data-family={family}
    >
      <Icon aria-hidden />
      <span className="zf-status-word">{word}</span>
      {suffix === undefined ? null : <span>{suffix}</span>}
    </span>
  )
}

/** The icon of a family alone, for check lists; `label` is what a screen reader says. */
export function StatusIcon({ family, label }: { family: Family; label?: string }) {
  const Icon = familyIcon[family]
  return (
    <span className={`zf-icon zf-f-${family}`} role={label === undefined ? undefined : 'img'} aria-label={label}>
      <Icon aria-hidden />
    </span>
  )
}

/** A tag in a family's colours for a conclusion that is no state, e.g. "9 / 9 项完成". */
export function FamilyTag({ family, children, icon }: { family: Family; children: ReactNode; icon?: ReactNode }) {
  const Icon = familyIcon[family]
  return (
    <span className={`zf-status zf-status-filled zf-f-${family}`} data-family={family}>
      {icon ?? <Icon aria-hidden />}
      <span className="zf-status-word">{children}</span>
    </span>
  )
}
