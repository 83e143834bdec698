/** What the bills page asks of the core. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { useRead, useWrite } from '../../api/query'
import type { BillCell, BillLines, BillRaw, BillStatus } from '../../generated/types'
import { call } from '../../platform'

export const calendarDays = 35

export function useCalendar(accountId: string | null) {
  return useRead('bills.calendar', accountId === null ? null : { account_id: accountId, days: calendarDays })
}

export function useBill(billId: string | null) {
  return useRead('bills.detail', billId === null ? null : { bill_id: billId })
}

/** A bill's lines, page by page by line number. */
export function useBillLines(billId: string | null, text: string) {
  const params = { bill_id: billId ?? '', text: text === '' ? null : text, limit: 200 }
  const query = useInfiniteQuery({
    queryKey: ['bills.lines', params, 'pages'],
    queryFn: ({ pageParam, signal }) => call<BillLines>('bills.lines', { ...params, after_line: pageParam }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_after_line,
    enabled: billId !== null,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage, data } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const lines = useMemo(() => data?.pages.flatMap((page) => page.lines) ?? [], [data])
  return { ...query, lines, more }
}

/** The books of a day come with what else the day has. */
export function useDay(accountId: string | null, date: string | null) {
  return useRead('recon.day', accountId === null || date === null ? null : { account_id: accountId, date })
}

/** The archived file as text, page by page by line number. */
export function useBillRaw(billId: string | null) {
  const query = useInfiniteQuery({
    queryKey: ['bills.raw', billId, 'pages'],
    queryFn: ({ pageParam, signal }) => call<BillRaw>('bills.raw', { bill_id: billId ?? '', from_line: pageParam, limit: 200 }, signal),
    initialPageParam: 1,
    getNextPageParam: (last) => last.next_line,
    enabled: billId !== null,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage, data } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const lines = useMemo(() => data?.pages.flatMap((page) => page.lines) ?? [], [data])
  return { ...query, lines, more }
}

/** One piece of long work of the core over every bill that can be fetched. */
export const useFetchMissing = () => useWrite('bills.fetch_missing')
export const useFetchBill = () => useWrite('bills.fetch')
export const useExportBill = () => useWrite('bills.export')
export const useImportBooks = () => useWrite('books.import')

const fetchable: ReadonlySet<BillStatus> = new Set<BillStatus>(['not_fetched', 'generating', 'lost_soon', 'partial', 'failed', 'refused'])

/** Whether asking the channel for this bill now makes sense. */
export function canFetch(cell: BillCell): boolean {
  return fetchable.has(cell.status)
}
