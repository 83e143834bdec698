/**
 * A long list read by position: pages of 200 rows wherever the eye is, kept for a while, dropped when
 * nobody looks. The first row anchors the positions, so that what comes in above it does not move the
 * rows; how much came in is counted and waits for a click.
 */
import { useQueries, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ApiError, call } from '../platform'
import type { ParamsOf, ProcedureName, ReplyOf } from './query'

export const pageSize = 200
/** A scroll bar dragged past pages asks for none of them: only where it rests. */
const restMs = 50
/** The next page is fetched this many rows before it is seen. */
const ahead = 40
const keptMs = 60_000

type Paged<Name extends ProcedureName> = ReplyOf<Name> extends { anchor: string | null } ? Name : never

type Options<Reply, Row> = {
  rowsOf: (reply: Reply) => readonly Row[]
  keyOf: (row: Row) => string
  /** How many rows there are by the core's count; unknown until it answered. */
  total: number | null
  /** Whether rows that come in later come in above the first. */
  anchored: boolean
}

const pagesOf = (first: number, last: number, count: number): [number, number] => [
  Math.max(0, Math.floor((first - ahead) / pageSize)),
  Math.floor(Math.max(0, Math.min(count - 1, last + ahead)) / pageSize),
]

export function useReadAt<Name extends ProcedureName, Row>(
  name: Paged<Name>,
  params: Omit<ParamsOf<Name>, 'cursor' | 'limit' | 'offset' | 'anchor'>,
  { rowsOf, keyOf, total, anchored }: Options<ReplyOf<Name>, Row>,
) {
  type Reply = ReplyOf<Name> & { anchor: string | null }
  const client = useQueryClient()
  const [epoch, setEpoch] = useState(0)
  const listKey = `${epoch} ${JSON.stringify(params)}`
  /** What the positions of each list are counted from; and how many rows there were then. */
  const anchors = useRef(new Map<string, string | null>())
  const [pages, setPages] = useState<{ list: string; from: number; to: number }>({ list: listKey, from: 0, to: 0 })
  const wanted = pages.list === listKey ? pages : { list: listKey, from: 0, to: 0 }
  const rest = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const queryKey = useCallback((list: string, page: number) => [name, list, 'at', page] as const, [name])
  const started = client.getQueryData(queryKey(listKey, 0)) !== undefined
  // The first page stays observed: it says where the list begins.
  const numbers = [0, ...Array.from({ length: wanted.to - wanted.from + 1 }, (_, i) => wanted.from + i).filter((n) => n > 0)]
  const results = useQueries({
    queries: numbers.map((page) => ({
      queryKey: queryKey(listKey, page),
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const anchor = anchors.current.get(listKey) ?? null
        const reply = await call<Reply>(name, { ...params, cursor: null, limit: pageSize, offset: page * pageSize, ...(anchored && anchor !== null ? { anchor } : {}) }, signal)
        if (page === 0 && !anchors.current.has(listKey)) {
          // One list at a time is looked at; a few are remembered for going back.
          if (anchors.current.size > 20) anchors.current.clear()
          anchors.current.set(listKey, reply.anchor)
        }
        return reply
      },
      enabled: page === 0 || started,
      gcTime: keptMs,
    })),
  })

  const head = results[0]
  const ready = head?.data !== undefined
  // Until the first page of a new search is here, the rows of the one before stay.
  const [shown, setShown] = useState(listKey)
  if (ready && shown !== listKey) setShown(listKey)
  const list = ready ? listKey : shown

  const stamp = results.map((r) => r.dataUpdatedAt).join()
  const at = useCallback(
    (index: number): Row | undefined => {
      const page = client.getQueryData<Reply>(queryKey(list, Math.floor(index / pageSize)))
      return page === undefined ? undefined : rowsOf(page)[index % pageSize]
    },
    // `stamp`: a page that arrived is a new answer; `rowsOf` only picks a field.
    // eslint-disable-next-line react/exhaustive-deps
    [client, list, queryKey, stamp],
  )
  const indexOf = useCallback(
    (key: string): number => {
      for (const [cached, reply] of client.getQueriesData<Reply>({ queryKey: [name, list, 'at'] })) {
        const found = reply === undefined ? -1 : rowsOf(reply).findIndex((row) => keyOf(row) === key)
        if (found >= 0) return Number(cached[3]) * pageSize + found
      }
      return -1
    },
    // eslint-disable-next-line react/exhaustive-deps
    [client, list, name, stamp],
  )

  const [base, setBase] = useState<{ list: string; total: number } | null>(null)
  if (ready && total !== null && base?.list !== listKey) setBase({ list: listKey, total })
  const news = base?.list === listKey && total !== null ? Math.max(0, total - base.total) : 0
  const firstRows = client.getQueryData<Reply>(queryKey(list, 0))
  const count = total === null ? (firstRows === undefined ? 0 : rowsOf(firstRows).length) : total - news

  const onRange = useCallback(
    (first: number, last: number) => {
      const [from, to] = pagesOf(first, last, count)
      const next = { list: listKey, from, to }
      const here = from <= to && Array.from({ length: to - from + 1 }, (_, i) => from + i).every((n) => client.getQueryData(queryKey(listKey, n)) !== undefined)
      clearTimeout(rest.current)
      const set = () => setPages((now) => (now.list === next.list && now.from === from && now.to === to ? now : next))
      if (here) set()
      else rest.current = setTimeout(set, restMs)
    },
    [client, count, listKey, queryKey],
  )
  useEffect(() => () => clearTimeout(rest.current), [])

  const source = useMemo(() => ({ count, at, indexOf, onRange }), [count, at, indexOf, onRange])
  const failed = results.find((r) => r.error !== null)
  return {
    source,
    /** Rows that came in above since the list was read. */
    news,
    /** Reads the list anew, from its newest row. */
    restart: useCallback(() => setEpoch((n) => n + 1), []),
    /** The first page, also while the next search is on its way. */
    first: firstRows ?? null,
    isPending: firstRows === undefined && failed === undefined,
    /** The rows shown answer an earlier search. */
    isStale: !ready,
    error: (failed?.error ?? null) as ApiError | null,
    retry: () => results.forEach((r) => r.error !== null && void r.refetch()),
  }
}
