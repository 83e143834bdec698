/** The person's own choices on this machine: light or dark, wide or narrow navigation. */
import { useSyncExternalStore } from 'react'
import type { Mode } from './theme/tokens'

type Preferences = { mode: Mode; navSmall: boolean }

const key = 'zf.preferences'
const listeners = new Set<() => void>()

function systemMode(): Mode {
  return globalThis.matchMedia?.('(prefers-color-scheme: dark)').matches === true ? 'dark' : 'light'
}

function read(): Preferences {
  try {
    const saved = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>
    return { mode: saved.mode === 'dark' || saved.mode === 'light' ? saved.mode : systemMode(), navSmall: saved.navSmall === true }
  } catch {
    return { mode: systemMode(), navSmall: false }
  }
}

let current = read()

export function preferences(): Preferences {
  return current
}

export function setPreferences(changes: Partial<Preferences>): void {
  current = { ...current, ...changes }
  try {
    localStorage.setItem(key, JSON.stringify(current))
  } catch {
    // Nothing can be kept in private browsing; the choice holds until the window closes.
  }
  for (const listener of listeners) listener()
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    preferences,
    preferences,
  )
}
