/**
 * Where the console is: the part of the address after `#`, so that one bundle works behind
 * `tauri://localhost` and behind HTTP without a server that knows the pages.
 */
import { useMemo, useSyncExternalStore } from 'react'

export type Place = { path: string; query: Readonly<Record<string, string>> }

function parse(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2)
  return { path: path === '' ? '/' : path, query: Object.fromEntries(new URLSearchParams(search)) }
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

/** The address of a place, for links. Empty values are left out. */
export function href(path: string, query: Record<string, string | null | undefined> = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, value)
  }
  const text = search.toString()
  return `#${path}${text === '' ? '' : `?${text}`}`
}

/** Goes to a place. `replace` keeps it out of the history: for filters and selections. */
export function go(path: string, query: Record<string, string | null | undefined> = {}, replace = false): void {
  const to = href(path, query)
  if (to === window.location.hash) return
  if (replace) {
    window.history.replaceState(null, '', to)
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  } else window.location.hash = to
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(
    subscribe,
    () => window.location.hash,
    () => '',
  )
  return useMemo(() => parse(hash), [hash])
}

/** Changes some query values of the present place. */
export function useQueryState(): [Place['query'], (changes: Record<string, string | null>, replace?: boolean) => void] {
  const place = usePlace()
  return [
    place.query,
    (changes, replace = true) => {
      const now = parse(window.location.hash)
      go(now.path, { ...now.query, ...changes }, replace)
    },
  ]
}
