/** What the exports page asks of the core. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { useWrite } from '../../api/query'
import type { ExportList } from '../../generated/types'
import { call, type ApiError } from '../../platform'

/** Exports, newest first, page by page. */
export function useExports() {
  const query = useInfiniteQuery<ExportList, ApiError, { pages: ExportList[] }, readonly unknown[], string | null>({
    queryKey: ['exports.list', { limit: 200 }, 'pages'],
    queryFn: ({ pageParam, signal }) => call<ExportList>('exports.list', { cursor: pageParam, limit: 200 }, signal),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage, data } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const rows = useMemo(() => data?.pages.flatMap((page) => page.exports) ?? [], [data])
  return { ...query, rows, more }
}

export const useExportFile = () => useWrite('exports.file')
export const useRemoveExport = () => useWrite('exports.remove')
export const useExportAgain = () => useWrite('exports.again')
