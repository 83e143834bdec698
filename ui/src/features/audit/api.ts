/** What the audit page asks of the core. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { useRead } from '../../api/query'
import type { AuditPage, AuditSearch, AuditVerdict } from '../../generated/types'
import { call, type ApiError } from '../../platform'

/** What is asked of the log; the page and its export ask the same. */
export type AuditFilters = Omit<AuditSearch, 'before_seq' | 'limit'>

export const noFilters: AuditFilters = { text: null, actor: null, action: null, object: null, date_from: null, date_to: null, refused: false }

/** The log from its newest row back, page by page by sequence number. */
export function useAudit(filters: AuditFilters) {
  const params = { ...filters, limit: 200 }
  const query = useInfiniteQuery<AuditPage, ApiError, { pages: AuditPage[] }, readonly unknown[], number | null>({
    queryKey: ['audit.page', params, 'pages'],
    queryFn: ({ pageParam, signal }) => call<AuditPage>('audit.page', { ...params, before_seq: pageParam }, signal),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_before_seq,
    placeholderData: (before) => before,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage, data } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data])
  return { ...query, rows, total: data?.pages[0]?.total ?? null, more }
}

/** Who and what stands in the log. */
export const useAuditNames = () => useRead('audit.names', {})

/** Walks the whole chain when asked to; it is not read by itself. */
export function useChainCheck() {
  return useQuery<AuditVerdict, ApiError>({
    queryKey: ['audit.verify', {}],
    queryFn: ({ signal }) => call<AuditVerdict>('audit.verify', {}, signal),
    enabled: false,
    gcTime: 0,
    retry: false,
  })
}
