/** What the workbench asks of the core. */
import { useRead, useReadPages, useWrite } from '../../api/query'
import type { DifferenceCode, Disposition } from '../../generated/types'

export function useDay(accountId: string | null, date: string) {
  return useRead('recon.day', accountId === null ? null : { account_id: accountId, date })
}

export type DifferenceFilter = { codes: DifferenceCode[]; disposition: Disposition | null; text: string | null }

export function useDifferences(runId: string | null, filter: DifferenceFilter) {
  return useReadPages('recon.differences', runId === null ? null : { run_id: runId, ...filter, limit: 200 }, (page) => page.rows)
}

/** How many of one disposition, without their rows. */
export function useDifferenceCount(runId: string | null, disposition: Disposition) {
  return useRead(
    'recon.differences',
    runId === null ? null : { run_id: runId, codes: [], disposition, text: null, cursor: null, limit: 1 },
  )
}

export function useDifference(id: string | null) {
  return useRead('recon.difference', id === null ? null : { difference_id: id }, { keep: true })
}

export const usePeople = () => useRead('users.people', {})
export const useRun = () => useWrite('recon.run')
export const useSuspend = () => useWrite('recon.suspend')
export const useReopen = () => useWrite('recon.reopen')
export const useExport = () => useWrite('recon.export')
