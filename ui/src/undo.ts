/**
 * What can be taken back, newest last, for this person and this session. What cannot is remembered
 * too, with the reason: U says so instead of quietly taking back something older.
 */
import { useSyncExternalStore, type ReactNode } from 'react'

export type Done = {
  id: number
  /** What was done, as the toast said it. */
  what: ReactNode
} & ({ undo: () => unknown; final?: never } | { final: string; undo?: never })

const max = 50
let stack: readonly Done[] = []
let nextId = 1
const listeners = new Set<() => void>()

function set(next: readonly Done[]): void {
  stack = next
  for (const listener of listeners) listener()
}

/** Remembers something that can be taken back; gives its id. */
export function rememberUndo(what: ReactNode, undo: () => unknown): number {
  const id = nextId++
  set([...stack, { id, what, undo }].slice(-max))
  return id
}

/** Remembers something that cannot be taken back; `final` says why. */
export function rememberFinal(what: ReactNode, final: string): void {
  set([...stack, { id: nextId++, what, final }].slice(-max))
}

/** Takes the last deed off the stack, or the one with this id. */
export function takeDone(id?: number): Done | null {
  const found = id === undefined ? stack.at(-1) : stack.find((done) => done.id === id)
  if (found === undefined) return null
  set(stack.filter((done) => done !== found))
  return found
}

/** Forgets everything: another person sits here now. */
export function forgetDone(): void {
  set([])
}

/** The last deed, for a hint of what U would do. */
export function useLastDone(): Done | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => stack.at(-1) ?? null,
    () => null,
  )
}
