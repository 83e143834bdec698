/**
 * Reads and writes of the declared API through TanStack Query. Keys are procedure name and
 * parameters; what a write makes stale is declared in Rust and read from the generated table.
 */
import {
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useCallback, useMemo, useRef } from 'react'
import { procedures, type Params, type ProcedureName, type Replies } from '../generated/client'
import type { Tag } from '../generated/types'
import { ApiError, call } from '../platform'
import { noteDone } from './finality'

export type { ProcedureName }
export type ParamsOf<Name extends ProcedureName> = Params[Name]
export type ReplyOf<Name extends ProcedureName> = Replies[Name]

/** The tag under which a query's replies go stale: its room, but for rooms that share data. */
export function tagOf(name: string): Tag {
  const room = name.split('.', 1)[0] ?? ''
  if (room === 'app' || room === 'session' || room === 'setup') return 'status'
  if (room === 'approvals') return 'refunds'
  return room as Tag
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 300_000,
        refetchOnWindowFocus: true,
        // Only a door that did not answer is worth another try; the core's own "no" is final.
        retry: (failures, error) => failures < 1 && error instanceof ApiError && error.code === 'ui.unreachable',
        retryDelay: 400,
      },
      // Whatever moves money is asked once: a lost reply is followed up by query, never by resending.
      mutations: { retry: false },
    },
  })
}

/** Marks everything read under these tags as out of date; what is on screen is read again. */
export function invalidate(client: QueryClient, tags: readonly string[]): void {
  if (tags.length === 0) return
  void client.invalidateQueries({
    predicate: (query) => {
      const name = String(query.queryKey[0])
      // The desk page shows something of every room.
      return name.startsWith('desk.') || tags.includes(tagOf(name))
    },
  })
}

type ReadOptions = {
  /** Keeps the last reply on screen while the next one is on its way: lists under changing filters. */
  keep?: boolean
  refetchMs?: number
}

/** Reads a query procedure; `null` parameters wait. */
export function useRead<Name extends ProcedureName>(name: Name, params: ParamsOf<Name> | null, options: ReadOptions = {}) {
  return useQuery<ReplyOf<Name>, ApiError>({
    queryKey: [name, params],
    queryFn: ({ signal }) => call<ReplyOf<Name>>(name, params, signal),
    enabled: params !== null,
    ...(options.keep === true ? { placeholderData: keepPreviousData } : {}),
    ...(options.refetchMs === undefined ? {} : { refetchInterval: options.refetchMs }),
  })
}

/** Reads before anything is on screen; a failure is left to whoever reads next. */
export function readAhead<Name extends ProcedureName>(client: QueryClient, name: Name, params: ParamsOf<Name>): Promise<void> {
  return client.prefetchQuery({ queryKey: [name, params], queryFn: ({ signal }) => call<ReplyOf<Name>>(name, params, signal) })
}

type Paged<Name extends ProcedureName> = ParamsOf<Name> extends { cursor: string | null } ? Name : never

/** Reads a list page by page by its cursor. */
export function useReadPages<Name extends ProcedureName, Row>(
  name: Paged<Name>,
  params: Omit<ParamsOf<Name>, 'cursor'> | null,
  rowsOf: (page: ReplyOf<Name>) => readonly Row[],
) {
  const query = useInfiniteQuery({
    queryKey: [name, params, 'pages'],
    queryFn: ({ pageParam, signal }) =>
      call<ReplyOf<Name> & { next_cursor: string | null }>(name, { ...params, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    enabled: params !== null,
    placeholderData: keepPreviousData,
  })
  const { hasNextPage, isFetchingNextPage, fetchNextPage, data } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  // `rowsOf` only picks a field: it never changes between renders in a way that matters.
  // eslint-disable-next-line react/exhaustive-deps
  const rows = useMemo(() => data?.pages.flatMap((page) => [...rowsOf(page)]) ?? [], [data])
  return { ...query, error: query.error as ApiError | null, rows, first: data?.pages[0] ?? null, more }
}

/**
 * Calls a mutation procedure. While one call is on its way a second is dropped, however fast the key
 * is struck. Stale tags are marked after success and after failure alike: a lost reply may have
 * changed something.
 */
export function useWrite<Name extends ProcedureName>(name: Name) {
  const client = useQueryClient()
  const busy = useRef(false)
  const mutation = useMutation<ReplyOf<Name>, ApiError, ParamsOf<Name>>({
    mutationFn: (params) => call<ReplyOf<Name>>(name, params),
    onSuccess: (reply) => noteDone(name, reply),
    onSettled: () => {
      busy.current = false
      // Another person sees nothing that was read for the one before.
      if (name === 'session.sign_in' || name === 'session.sign_out') {
        client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'app.status' })
      }
      invalidate(client, procedures[name].stales)
    },
  })
  const { mutate: send } = mutation
  const mutate: typeof send = useCallback(
    (...args) => {
      if (busy.current) return
      busy.current = true
      send(...args)
    },
    [send],
  )
  return { ...mutation, mutate }
}
