/**
 * Single keys, sequences (`g o`) and chords (`mod+enter`). One listener on the window; what is
 * registered at this moment is also what the shortcut sheet lists, so the sheet never lies.
 *
 * Single keys are dead while typing and during IME composition. An open overlay raises the layer:
 * keys of the page below are dead until it closes.
 */
import { createContext, useContext, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react'

export type KeyGroup = 'global' | 'list' | 'action'

export type Hotkey = {
  /** `j`, `shift+x`, `?`, `Enter`, `ArrowDown`, `g o`, `mod+Enter`. */
  keys: string
  run: (event: KeyboardEvent) => void
  label?: string
  group?: KeyGroup
  /** Also while the focus is in a text field; only for chords. */
  whileTyping?: boolean
}

type Registered = Hotkey & { layer: number; id: number }

const registered: Registered[] = []
const listeners = new Set<() => void>()
let version = 0
let nextId = 1
let topLayers: number[] = [0]
let pending: { key: string; at: number } | null = null

const sequenceMs = 1200

function changed(): void {
  version += 1
  for (const listener of listeners) listener()
}

function top(): number {
  return Math.max(...topLayers)
}

/** Whether a key press belongs to text being written. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.isComposing || event.keyCode === 229) return true
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true
  if (target.tagName !== 'INPUT') return false
  return !['checkbox', 'radio', 'button', 'submit', 'file', 'range'].includes((target as HTMLInputElement).type)
}

/** The name of a key press as hotkeys are written. */
export function keyName(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const parts: string[] = []
  if (event.ctrlKey || event.metaKey) parts.push('mod')
  if (event.altKey) parts.push('alt')
  // A shifted symbol (?) is its own key; only letters and named keys say "shift".
  if (event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key))) parts.push('shift')
  parts.push(key)
  return parts.join('+')
}

function find(keys: string): Registered | undefined {
  const layer = top()
  return registered.findLast((h) => h.keys === keys && h.layer === layer)
}

function isSequenceStart(key: string): boolean {
  const layer = top()
  return registered.some((h) => h.layer === layer && h.keys.startsWith(`${key} `))
}

/** Handles one key press; exported for tests. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented) return
  const name = keyName(event)
  if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return
  const typing = isTyping(event)
  const before = pending
  pending = null
  if (!typing && before !== null && event.timeStamp - before.at < sequenceMs) {
    const hit = find(`${before.key} ${name}`)
    if (hit !== undefined) {
      event.preventDefault()
      hit.run(event)
      return
    }
  }
  const hit = find(name)
  if (hit !== undefined && (!typing || hit.whileTyping === true)) {
    // Enter and Space on a focused button belong to the button.
    const onControl = event.target instanceof HTMLElement && event.target.closest('button, a[href], [role="tab"], [role="menuitem"]') !== null
    if (onControl && (event.key === 'Enter' || event.key === ' ') && !name.includes('mod')) return
    event.preventDefault()
    hit.run(event)
    return
  }
  if (!typing && isSequenceStart(name)) pending = { key: name, at: event.timeStamp }
}

let listening = false
function listen(): void {
  if (listening) return
  listening = true
  window.addEventListener('keydown', handleKey)
}

const LayerContext = createContext(0)
/** Gives the keys of an overlay their layer; used by `Overlay`. */
export const HotkeyLayer = LayerContext.Provider

export function useLayer(): number {
  return useContext(LayerContext)
}

/** While `open`, only hotkeys of the layer above this one run. Gives that layer. */
export function useRaisedLayer(open: boolean): number {
  const layer = useContext(LayerContext) + 1
  useLayoutEffect(() => {
    if (!open) return
    topLayers = [...topLayers, layer]
    changed()
    return () => {
      const at = topLayers.lastIndexOf(layer)
      topLayers = topLayers.filter((_, i) => i !== at)
      changed()
    }
  }, [open, layer])
  return layer
}

/** Registers hotkeys while the component is mounted. Later ones win over earlier ones with the same keys. */
export function useHotkeys(hotkeys: readonly Hotkey[], enabled = true): void {
  const layer = useContext(LayerContext)
  const latest = useRef(hotkeys)
  useLayoutEffect(() => {
    latest.current = hotkeys
  })
  const signature = hotkeys.map((h) => `${h.keys}|${h.label ?? ''}|${h.group ?? ''}`).join('\n')
  useEffect(() => {
    if (!enabled) return
    listen()
    const mine = latest.current.map(
      (h, i): Registered => ({
        ...h,
        layer,
        id: nextId++,
        run: (event) => latest.current[i]?.run(event),
      }),
    )
    registered.push(...mine)
    changed()
    return () => {
      for (const h of mine) registered.splice(registered.indexOf(h), 1)
      changed()
    }
  }, [signature, enabled, layer])
}

/** The hotkeys that work at this moment on the lowest layer, for the shortcut sheet. */
export function useLiveHotkeys(): readonly Hotkey[] {
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => version,
    () => version,
  )
  return registered.filter((h) => h.layer === 0 && h.label !== undefined)
}
