/** What the workbench asks of the core. */
import { useEffect, useRef, useState } from 'react'
import { useRead, useReadPages, useWrite } from '../../api/query'
import { usePreference } from '../../api/preferences'
import type { DifferenceCode, DifferenceSort, DifferenceStatus, Disposition, EntryKind, Money, ResolutionKind, ResolutionState } from '../../generated/types'

export function useDay(accountId: string | null, date: string) {
  return useRead('recon.day', accountId === null ? null : { account_id: accountId, date })
}

export type DifferenceFilter = { codes: DifferenceCode[]; disposition: Disposition | null; text: string | null; sort: DifferenceSort | null }

export function useDifferences(runId: string | null, filter: DifferenceFilter) {
  return useReadPages('recon.differences', runId === null ? null : { run_id: runId, ...filter, limit: 200 }, (page) => page.rows)
}

export type LedgerFilter = { state: ResolutionState | null; text: string | null }

/** Everything done about an account's differences, the newest first. */
export function useResolutions(accountId: string, filter: LedgerFilter) {
  return useReadPages('recon.resolutions', { account_id: accountId, ...filter, limit: 200 }, (page) => page.rows)
}

/** Where an unsettled difference can be in the pool. */
export type Standing = Extract<DifferenceStatus, 'waiting' | 'broken' | 'overdue' | 'suspended' | 'pending'>

/** What the address asks the workbench for beside the day: a standing of the pool, the rows that wait, or the ledger. */
export type Wanted = Standing | 'carried' | 'ledger'

/** Rows that were not final when their day was reconciled: what waits, or what came since. */
export function useCarried(accountId: string, cleared: boolean) {
  return useReadPages('recon.carried', { account_id: accountId, cleared, limit: 200 }, (page) => page.rows)
}

/** Everything open of an account, counted. */
export const usePool = (accountId: string, date: string) => useRead('recon.pool', { account_id: accountId, date })

export type PoolFilter = { status: DifferenceStatus | null; codes: DifferenceCode[]; text: string | null; sort: DifferenceSort | null }

/** Open differences over all days; `null` waits. */
export function usePoolDifferences(accountId: string | null, filter: PoolFilter) {
  return useReadPages('recon.pool_differences', accountId === null ? null : { account_id: accountId, ...filter, limit: 200 }, (page) => page.rows)
}

/** A value that came to rest: told at once after a pause, and while it changes quickly only when it stops. */
export function useRested<T>(value: T, ms: number): T {
  const [rested, setRested] = useState(value)
  const changed = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    const now = performance.now()
    const wait = now - changed.current > ms ? 0 : ms
    changed.current = now
    const timer = setTimeout(() => setRested(value), wait)
    return () => clearTimeout(timer)
  }, [value, ms])
  return rested
}

export function useDifference(id: string | null) {
  return useRead('recon.difference', id === null ? null : { difference_id: id }, { keep: true })
}

export const usePeople = () => useRead('users.people', {})
export const useRun = () => useWrite('recon.run')
export const useResolve = () => useWrite('recon.resolve')
export const useReverse = () => useWrite('recon.reverse')
export const useDecide = () => useWrite('recon.decide')
export const useOpenRefund = () => useWrite('refunds.open')
export const useQueryChannel = () => useWrite('orders.query_channel')
export const useLookup = () => useWrite('orders.lookup')
export const useEvidence = () => useWrite('recon.evidence')

/** What a person may choose, in the order it is offered; which of them fits a row is the core's to say. */
export const kinds: readonly ResolutionKind[] = ['wait', 'query', 'supplement', 'refund', 'claim', 'adjust', 'write_off', 'relabel']

/** Whether the difference stays with somebody until a date. */
export const needsOwner = (kind: ResolutionKind) => kind === 'wait' || kind === 'query' || kind === 'refund' || kind === 'claim'

/** Whether it moves books, so that another person decides. */
export const needsSecondPerson = (kind: ResolutionKind) => kind === 'supplement' || kind === 'adjust' || kind === 'write_off'

/** One sum a currency: amounts of two are never added. */
export function byCurrency(amounts: readonly Money[]): Money[] {
  return [...new Set(amounts.map((m) => m.currency))].map((currency) => ({
    currency,
    minor: amounts.filter((m) => m.currency === currency).reduce((sum, m) => sum + m.minor, 0),
  }))
}

/** How many wait for a second person. */
export const useWaitingCount = (accountId: string) =>
  useRead('recon.resolutions', { account_id: accountId, state: 'proposed', text: null, cursor: null, limit: 1 }).data?.total ?? 0

/** A side's amount with its direction: a refund took money away. Files write both as plain figures. */
export function directed(kind: EntryKind, amount: Money): Money {
  return kind === 'refund' && amount.minor > 0 ? { ...amount, minor: -amount.minor } : amount
}

/** A view of the differences somebody saved for themselves: which list, its filters, which way the gap is read, in which order. */
export type SavedView = { id: string; name: string; pool: boolean; tab: string; text: string; perspective: 'channel' | 'ours'; sort: DifferenceSort }

const noViews: readonly SavedView[] = []

export const useReconViews = () => usePreference<readonly SavedView[]>('views.recon', noViews)

/** The other two legs of a day: trade bill and fund flow, fund flow and bank. */
export const useFlow = (accountId: string, date: string) => useRead('recon.flow', { account_id: accountId, date })
export const useTie = () => useWrite('recon.tie_flow')
export const useNameEntries = () => useWrite('recon.name_entries')
export const useUnname = () => useWrite('recon.unname_entry')
export const useStatements = (accountId: string) => useRead('recon.bank_statements', { account_id: accountId })
export const useImportBank = () => useWrite('recon.import_bank')
export const useWithdrawBank = () => useWrite('recon.withdraw_bank')
export const useConfirmBank = () => useWrite('recon.confirm_bank')
export const useUndoBank = () => useWrite('recon.undo_bank')
