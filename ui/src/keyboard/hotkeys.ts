/**
 * Single keys, sequences (`g o`) and chords (`mod+enter`). One listener on the window; what is
 * registered at this moment is also what the shortcut sheet lists, so the sheet never lies.
 *
 * Single keys are dead while typing and during IME composition. An open overlay raises the layer:
 * keys of the page below are dead until it closes. Which keys do what is the person's own choice
 * (`keymap`); pages name a command by the keys it has from the start.
 */
import { createContext, useContext, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react'
import { keymap, keysFor } from './keymap'

export type KeyGroup = 'global' | 'list' | 'action'

export type Hotkey = {
  /** `j`, `shift+x`, `?`, `Enter`, `ArrowDown`, `g o`, `mod+Enter`. */
  keys: string
  run: (event: KeyboardEvent) => void
  label?: string
  group?: KeyGroup
  /** Also while the focus is in a text field; only for chords. */
  whileTyping?: boolean
  /** Does the thing itself rather than open its step: the palette leaves it to the page. */
  commits?: boolean
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

/**
 * When an input method last put its text in; `Infinity` while it is open. By the page's clock: WebKit
 * stamps key presses and compositions from different ones.
 */
let composedAt = -Infinity
/** The key that ends a composition may come after it (WebKit); no person strikes another this fast. */
const composedMs = 60

function onComposition(event: CompositionEvent): void {
  composedAt = event.type === 'compositionend' ? performance.now() : Infinity
}

/**
 * Whether a key press belongs to an input method: while it composes, and the one press that ends it.
 * Chromium marks that press with `isComposing`, WebKit sends it after `compositionend` with the key
 * code 229 or with nothing at all, so the time between counts too.
 */
export function isComposition(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229 || event.key === 'Process' || performance.now() - composedAt < composedMs
}

/** Whether a key press belongs to text being written. */
export function isTyping(event: KeyboardEvent): boolean {
  if (isComposition(event)) return true
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true
  if (target.tagName !== 'INPUT') return false
  return !['checkbox', 'radio', 'button', 'submit', 'file', 'range'].includes((target as HTMLInputElement).type)
}

/** The sign a key writes on a plain keyboard: an input method may make `／` or `、` of it. */
function plainKey(event: KeyboardEvent): string {
  if (event.key.length !== 1) return event.key
  if (event.key === '\u3001') return '/'
  const key = event.key.normalize('NFKC').toLowerCase()
  // Another script's letter: the place of the key says which.
  const place = /^Key([A-Z])$/.exec(event.code)?.[1]
  return /^[\u0020-\u007e]$/.test(key) || place === undefined ? key : place.toLowerCase()
}

/** The name of a key press as hotkeys are written. */
export function keyName(event: KeyboardEvent): string {
  const key = plainKey(event)
  const parts: string[] = []
  if (event.ctrlKey || event.metaKey) parts.push('mod')
  if (event.altKey) parts.push('alt')
  // A shifted symbol (?) is its own key; only letters and named keys say "shift".
  if (event.shiftKey && (event.key.length > 1 || /^[a-z]$/.test(key))) parts.push('shift')
  parts.push(key)
  return parts.join('+')
}

function find(keys: string): Registered | undefined {
  const layer = top()
  const map = keymap()
  return registered.findLast((h) => keysFor(h.keys, map) === keys && h.layer === layer)
}

function isSequenceStart(key: string): boolean {
  const layer = top()
  const map = keymap()
  return registered.some((h) => h.layer === layer && keysFor(h.keys, map).startsWith(`${key} `))
}

/** Keys that go on while held: they only move. */
const repeatable = new Set(['j', 'k', 'ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'PageDown', 'PageUp'])

/** Handles one key press; exported for tests. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented) return
  const name = keyName(event)
  if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return
  // A composition takes every key, chords too: its Enter is not ours.
  if (isComposition(event)) {
    pending = null
    return
  }
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
    if (event.repeat && !repeatable.has(hit.keys)) return
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
  window.addEventListener('compositionstart', onComposition, true)
  window.addEventListener('compositionend', onComposition, true)
  // A composition that is abandoned with its field sends no end.
  window.addEventListener('focusout', () => composedAt === Infinity && (composedAt = -Infinity), true)
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

/** The hotkeys of the page as they stand, without following them: for the palette when it opens. */
export function liveHotkeys(): readonly Hotkey[] {
  return registered.filter((h) => h.layer === 0 && h.label !== undefined)
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
