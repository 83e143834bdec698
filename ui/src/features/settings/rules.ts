import type { DeskRules, RulesView } from '../../generated/types'

/** The cards of the rules; each shows and changes some of the fields. */
export type Part = 'bands' | 'time' | 'cooling' | 'daily' | 'notes'

export const parts: readonly Part[] = ['bands', 'time', 'cooling', 'daily', 'notes']

const fieldsOf: Record<Part, readonly (keyof DeskRules)[]> = {
  bands: ['bands'],
  time: ['approval_hours'],
  cooling: ['cooling_off_seconds'],
  daily: ['daily_count_max', 'daily_sum_minor_max'],
  notes: ['note_required', 'buyer_note'],
}

/** The fields of one card, taken out of a whole set of rules. */
export function partOf(rules: DeskRules, part: Part): Partial<DeskRules> {
  return Object.fromEntries(fieldsOf[part].map((field) => [field, rules[field]]))
}

export type LastChange = { by: string; at: string; version: number; note: string }

/** Who last changed what a card shows; `null` while it is as shipped, or longer ago than is kept. */
export function lastChange(view: RulesView, part: Part): LastChange | null {
  for (const [i, version] of view.history.entries()) {
    const before = view.history[i + 1]?.rules ?? (version.version === 1 ? view.defaults : null)
    if (before === null) return null
    if (JSON.stringify(partOf(version.rules, part)) !== JSON.stringify(partOf(before, part))) return version
  }
  return null
}
