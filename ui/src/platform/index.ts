/**
 * The only module that knows which door the console stands at: Tauri's IPC in the desktop window,
 * HTTP in a browser. Everything else calls `call`, listens to `events`, and picks or saves files here.
 */
import { browserDoor } from './browser'
import { desktopDoor } from './desktop'
import type { AppEvent, Door, FileKind, HeldFile } from './types'

export { ApiError, toApiError, type AppEvent, type FileKind, type HeldFile, type Retry } from './types'

let door: Door = '__TAURI_INTERNALS__' in globalThis ? desktopDoor : browserDoor

/** Replaces the door; for tests only. */
export function setDoor(other: Door): void {
  door = other
}

export function doorKind(): 'desktop' | 'browser' {
  return door.kind
}

/** Calls a declared procedure. Rejects with `ApiError` only. */
export function call<Reply>(name: string, params: unknown, signal?: AbortSignal): Promise<Reply> {
  return door.call<Reply>(name, params, signal)
}

/** Listens to the core; the function given back ends it. */
export function events(listener: (event: AppEvent) => void): () => void {
  return door.events(listener)
}

/** Tries a lost link again at once. */
export function reconnect(): void {
  door.reconnect?.()
}

export function pickFile(kind: FileKind, accept: string): Promise<HeldFile | null> {
  return door.pickFile(kind, accept)
}

export function saveFile(token: string, suggestedName: string): Promise<string | null> {
  return door.saveFile(token, suggestedName)
}

/** Whether files can be dropped on the page at this door. */
export function canDrop(): boolean {
  return door.takeFile !== null
}

export function takeFile(file: File): Promise<HeldFile> {
  if (door.takeFile === null) return Promise.reject(new Error('this door takes no dropped files'))
  return door.takeFile(file)
}
