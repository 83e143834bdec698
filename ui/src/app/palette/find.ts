import { useEffect, useState } from 'react'
import { call, ApiError } from '../../platform'
import type { Found } from '../../generated/types'

/** Typing rests this long before the core is asked (guide §12). */
export const debounceMs = 80

export type Finding =
  | { state: 'idle' }
  | { state: 'searching'; last: Found | null }
  | { state: 'found'; found: Found; text: string }
  | { state: 'failed'; error: ApiError }

/**
 * Asks the core what a text is, 80 ms after the last letter. Only the reply to the last question is
 * shown: an older one that comes late is dropped. `null` asks nothing.
 */
export function useFinding(text: string | null): Finding {
  const [finding, setFinding] = useState<Finding & { of: string | null }>({ state: 'idle', of: null })
  useEffect(() => {
    if (text === null) return
    const abort = new AbortController()
    let dropped = false
    const timer = setTimeout(() => {
      call<Found>('search.find', { text }, abort.signal).then(
        (found) => {
          if (!dropped) setFinding({ state: 'found', found, text, of: text })
        },
        (cause: unknown) => {
          if (!dropped && cause instanceof ApiError) setFinding({ state: 'failed', error: cause, of: text })
        },
      )
    }, debounceMs)
    return () => {
      dropped = true
      clearTimeout(timer)
      abort.abort()
    }
  }, [text])
  if (text === null) return { state: 'idle' }
  if (finding.of === text) return finding
  return { state: 'searching', last: finding.state === 'found' ? finding.found : null }
}
