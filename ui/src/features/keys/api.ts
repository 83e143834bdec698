/** What the keys page asks of the core, and the sums of dates the calendar needs. */
import { useRead, useWrite } from '../../api/query'
import type { KeyRow } from '../../generated/types'
import { shiftDay, timeText } from '../../format'

export const useKeyList = () => useRead('keys.list', {})
export const useKeyChanges = (before: number | null) => useRead('keys.changes', { before_seq: before, limit: 50 }, { keep: true })
export const useRefreshKeys = () => useWrite('keys.refresh')
export const useRehearse = () => useWrite('keys.rehearse')
export const useSelfTest = () => useWrite('accounts.self_test')
export const useAccountList = () => useRead('accounts.list', {})

/** Days shown before today, and in all. */
export const daysBefore = 9
export const daysShown = 70

export type Span = {
  /** Percent of the chart. */
  from: number
  to: number
  /** The end lies within the chart. */
  ends: boolean
  bands: { ten: [number, number]; five: [number, number] } | null
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000
}

/** Where a key's bar runs on the calendar, in percent. */
export function span(row: KeyRow, today: string): Span | null {
  const first = dayNumber(today) - daysBefore
  const percent = (day: string) => Math.max(0, Math.min(100, ((dayNumber(day) - first) / daysShown) * 100))
  const begin = row.not_before === null ? 0 : percent(timeText(row.not_before, 'date'))
  if (row.not_after === null) return row.state === 'end_unknown' ? null : { from: begin, to: 100, ends: false, bands: null }
  const end = timeText(row.not_after, 'date')
  const ends = dayNumber(end) - first <= daysShown && dayNumber(end) >= first
  const bands = ends
    ? { ten: [percent(shiftDay(end, -10)), percent(shiftDay(end, -5))] as [number, number], five: [percent(shiftDay(end, -5)), percent(end)] as [number, number] }
    : null
  return { from: begin, to: percent(end), ends, bands }
}

/** Monday-like ticks: every seven days from the first day shown. */
export function ticks(today: string): { day: string; at: number }[] {
  const list: { day: string; at: number }[] = []
  for (let n = 2; n < daysShown - 2; n += 7) list.push({ day: shiftDay(today, n - daysBefore), at: (n / daysShown) * 100 })
  return list
}

export { kindKey, shortSerial } from '../../components/keyWords'
