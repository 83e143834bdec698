/**
 * Which keys a person wants for what. A command is named by the keys it has from the start (`j`,
 * `shift+e`, `g o`): pages register those, and this map says which keys do it now. Kept with the
 * person's choices; this module only holds the map of the moment.
 */
import { useSyncExternalStore } from 'react'

/** From a command's own keys to the keys that do it now. */
export type Keymap = Readonly<Record<string, string>>

let current: Keymap = {}
const listeners = new Set<() => void>()

/** Keys with a meaning of their own everywhere; nothing may take them. */
const reserved = new Set([
  'Enter', 'Escape', 'Tab', 'shift+Tab', ' ', 'Backspace', 'Delete', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight',
  'Home', 'End', 'PageUp', 'PageDown', 'mod+Enter', 'mod+c', 'mod+v', 'mod+x', 'mod+a', 'mod+z', 'mod+shift+z', 'mod+y',
  'mod+w', 'mod+t', 'mod+n', 'mod+q', 'mod+p', 'mod+r', 'mod+l', 'F11', 'F12',
])

export function keymap(): Keymap {
  return current
}

export function setKeymap(next: Keymap): void {
  current = next
  for (const listener of listeners) listener()
}

/** Follows the map; for hints beside buttons and for the sheet. */
export function useKeymap(): Keymap {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    keymap,
    keymap,
  )
}

/** The keys that do a command now. */
export function keysFor(command: string, map: Keymap = current): string {
  return map[command] ?? command
}

/** Whether a command's keys may be changed: keys that mean the same everywhere stay. */
export function isRemappable(command: string): boolean {
  return !reserved.has(command)
}

export type KeyFault = { fault: 'reserved' } | { fault: 'taken'; by: string } | { fault: 'begins'; by: string }

/**
 * Why `keys` cannot do `command`, or `null`. A single key that begins another command's sequence, or
 * a sequence that begins with another command's key, would wait for each other.
 */
export function keyFault(command: string, keys: string, commands: readonly string[], map: Keymap = current): KeyFault | null {
  if (reserved.has(keys) || keys.split(' ').some((part) => reserved.has(part))) return { fault: 'reserved' }
  for (const other of commands) {
    if (other === command) continue
    const has = keysFor(other, map)
    if (has === keys) return { fault: 'taken', by: other }
    if (has.startsWith(`${keys} `) || keys.startsWith(`${has} `)) return { fault: 'begins', by: other }
  }
  return null
}

/** The map with a command on other keys; its own keys again when they are the ones it began with. */
export function remapped(map: Keymap, command: string, keys: string): Keymap {
  const { [command]: _, ...rest } = map
  return keys === command ? rest : { ...rest, [command]: keys }
}

/** A map as it was kept, without whatever is no key. */
export function readKeymap(kept: unknown): Keymap {
  if (typeof kept !== 'object' || kept === null) return {}
  return Object.fromEntries(
    Object.entries(kept).filter((pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== '' && pair[1].length < 40),
  )
}
