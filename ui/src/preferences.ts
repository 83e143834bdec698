/**
 * How the console looks to this person: light or dark, wide or narrow navigation, row height, what is
 * masked. Local storage holds it for the first paint; `app/Look.ts` keeps it with the person.
 */
import { useSyncExternalStore } from 'react'
import type { Mode } from './theme/tokens'

export type Density = 'compact' | 'default' | 'roomy'

export type Preferences = {
  mode: Mode
  navSmall: boolean
  density: Density
  /** Everything personal is hidden, tails too: for a shared screen. */
  masked: boolean
  /** Whether that hides amounts as well. */
  maskAmounts: boolean
}

const key = 'zf.preferences'
const listeners = new Set<() => void>()

/** Row heights in pixels (guide §2). */
export const rowHeights: Record<Density, number> = { compact: 30, default: 35, roomy: 42 }

function systemMode(): Mode {
  return globalThis.matchMedia?.('(prefers-color-scheme: dark)').matches === true ? 'dark' : 'light'
}

function read(): Preferences {
  let saved: Partial<Preferences> = {}
  try {
    saved = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>
  } catch {
    // What cannot be read is as good as nothing.
  }
  return {
    mode: saved.mode === 'dark' || saved.mode === 'light' ? saved.mode : systemMode(),
    navSmall: saved.navSmall === true,
    density: saved.density === 'compact' || saved.density === 'roomy' ? saved.density : 'default',
    masked: saved.masked === true,
    maskAmounts: saved.maskAmounts === true,
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

/** Calls `listener` after every change; gives how to stop. */
export function onPreferences(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(onPreferences, preferences, preferences)
}

/** Whether amounts are hidden on this screen now. */
export function amountsHidden(): boolean {
  return current.masked && current.maskAmounts
}

/** Follows it. What hides its amounts must not be signed: nobody signs what they do not see. */
export function useAmountsHidden(): boolean {
  return useSyncExternalStore(onPreferences, amountsHidden, amountsHidden)
}
