/** What the audit page asks of the core. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { AuditPage, AuditVerdict } from '../../generated/types'
import { call, type ApiError } from '../../platform'

/** The log from its newest row back, page by page by sequence number. */
export function useAudit(text: string) {
  const params = { text: text === '' ? null : text, action: null, limit: 200 }
  const query = useInfiniteQuery({
    queryKey: ['audit.page', params, 'pages'],
    queryFn: ({ pageParam, signal }) => call<AuditPage>('audit.page', { ...params, before_seq: pageParam }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_before_seq,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage, data } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data])
  return { ...query, rows, total: data?.pages[0]?.total ?? null, more }
}

/** Walks the whole chain when asked to; it is not read by itself. */
export function useChainCheck() {
  return useQuery<AuditVerdict, ApiError>({
    queryKey: ['audit.verify', {}],
    queryFn: ({ signal }) => call<AuditVerdict>('audit.verify', {}, signal),
    enabled: false,
    gcTime: 0,
  })
}
