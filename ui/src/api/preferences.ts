/**
 * Small choices of the person signed in, kept by the core: saved views, keys, how a list is sorted.
 * They follow the person to any window. While they are on their way, and where the core cannot
 * keep them, the fallback holds.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { Preferences } from '../generated/types'
import { call } from '../platform'
import { useRead } from './query'

const key = ['preferences.all', {}] as const

/** Puts under way, so that an older reply never takes back a newer choice. */
let latest = 0

function parsed<Value>(text: string | undefined, fallback: Value): Value {
  if (text === undefined) return fallback
  try {
    return JSON.parse(text) as Value
  } catch {
    return fallback
  }
}

/** All choices as text, and whether they have arrived. */
export function usePreferenceTexts(): { values: Preferences['values']; ready: boolean } {
  const read = useRead('preferences.all', {})
  return useMemo(() => ({ values: read.data?.values ?? {}, ready: read.data !== undefined }), [read.data])
}

/** Keeps a choice by name; `null` forgets it. It shows at once; a core that refuses does not stop the work. */
export function usePutPreference(): (name: string, value: unknown) => void {
  const client = useQueryClient()
  return useCallback(
    (name, value) => {
      const text = value === null ? null : JSON.stringify(value)
      latest += 1
      const mine = latest
      void client.cancelQueries({ queryKey: key })
      client.setQueryData<Preferences>(key, (old) => {
        const { [name]: _, ...rest } = old?.values ?? {}
        return { values: text === null ? rest : { ...rest, [name]: text } }
      })
      call<Preferences>('preferences.put', { name, value: text }).then(
        (reply) => {
          if (mine === latest) client.setQueryData<Preferences>(key, reply)
        },
        // The choice holds in this window until it is read again.
        () => {},
      )
    },
    [client],
  )
}

/**
 * One choice of the person signed in: `[value, set, ready]`. `name` is of lower-case letters, dots and
 * underscores; the value, as JSON, at most 16 KB. `set(null)` goes back to the fallback.
 */
export function usePreference<Value>(name: string, fallback: Value): [Value, (value: Value | null) => void, boolean] {
  const { values, ready } = usePreferenceTexts()
  const put = usePutPreference()
  const text = values[name]
  // The fallback is a constant of its caller.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const value = useMemo(() => parsed(text, fallback), [text])
  const set = useCallback((next: Value | null) => put(name, next), [put, name])
  return [value, set, ready]
}
