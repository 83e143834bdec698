/** What the desk page asks of the core, and what follows from it without a sum of its own. */
import { useRead, useWrite } from '../../api/query'
import type { BillStatus, DeskAccount, DeskOverview, Permission } from '../../generated/types'
import { fill, language, type Translate } from '../../i18n'
import { dictionary } from '../../status/dictionary'

/** How often the page reads anew by itself. */
export const refreshMs = 60_000

export const useOverview = () => useRead('desk.overview', {}, { refetchMs: refreshMs, keep: true })
export const useMonth = () => useRead('desk.month', {}, { refetchMs: refreshMs, keep: true })
export const useKeys = () => useRead('keys.list', {}, { keep: true })
export const useFetchMissing = () => useWrite('bills.fetch_missing')

/** A bill's word in the reader's language. */
export function billWord(status: BillStatus, daysLeft: number | null): string {
  return fill(dictionary.bill[status][language()], { n: daysLeft ?? '?' })
}

/** Month and day. */
export const shortDay = (date: string): string => date.slice(5)

/** The accounts whose bills of the day are not all there, each with the word of its bill. */
export function missingBills(t: Translate, desk: DeskOverview): string[] {
  return desk.accounts
    .filter((a) => a.bills_settled < 2)
    .map((a) =>
      t('desk.missing.bill', {
        account: a.account.display_name,
        date: shortDay(desk.business_date),
        status: billWord(a.bill_status, a.bill_days_left),
      }),
    )
}

/** The accounts whose day is not reconciled. */
export function missingRuns(t: Translate, desk: DeskOverview): string[] {
  return desk.accounts
    .filter((a) => a.residual === null)
    .map((a) => t('desk.missing.recon', { account: a.account.display_name, date: shortDay(desk.business_date) }))
}

/** Where the next step of an account's day is done. */
export function placeOf(desk: DeskOverview, a: DeskAccount): [path: string, query: Record<string, string>] {
  const here = { account: a.account.account_id, day: desk.business_date }
  switch (a.action) {
    case 'fetch_bill':
    case 'see_bill':
    case 'import_books':
      return ['/bills', here]
    case 'reconcile':
      return ['/recon', here]
    case 'handle_differences':
      // The oldest day with something to handle, which need not be the day to close.
      return ['/recon', { account: a.account.account_id, day: a.pool.first?.date ?? desk.business_date }]
    case 'see_close':
    case 'sign_maker':
    case 'sign_checker':
      return ['/close', here]
  }
}

/** Who does what needs this right: the people to ask. */
export function whoHolds(right: Permission): 'clerk' | 'approver' {
  return right === 'sign_day_as_checker' || right === 'approve_refund' ? 'approver' : 'clerk'
}

/** The row with the page's one solid button: a signature first, else the first thing this person does. */
export function solidRow(accounts: readonly DeskAccount[]): string | null {
  const mine = accounts.filter((a) => a.needs !== null && a.not_mine_because === null)
  const chosen = mine.find((a) => a.action === 'sign_maker' || a.action === 'sign_checker') ?? mine[0]
  return chosen?.account.account_id ?? null
}

/** Hundredths of a percent as text: 9960 is 99.60%, 10000 is 100%. */
export function percentText(basisPoints: number): string {
  const text = String(Math.abs(basisPoints)).padStart(3, '0')
  const [whole, part] = [text.slice(0, -2), text.slice(-2)]
  return part === '00' ? `${whole}%` : `${whole}.${part}%`
}

/** Days as ranges: 11-01–11-03, 11-07. */
export function dayRanges(days: readonly string[], comma: string): string {
  const ranges: [string, string][] = []
  for (const day of days.toSorted()) {
    const last = ranges.at(-1)
    const next = last === undefined ? null : new Date(new Date(`${last[1]}T00:00:00Z`).getTime() + 86_400_000).toISOString().slice(0, 10)
    if (last !== undefined && next === day) last[1] = day
    else ranges.push([day, day])
  }
  return ranges.map(([from, to]) => (from === to ? shortDay(from) : `${shortDay(from)} – ${shortDay(to)}`)).join(comma)
}
