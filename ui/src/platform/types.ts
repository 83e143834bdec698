/** What the two doors of the core have in common. See `index.ts`. */

import type { TaskView } from '../generated/types'

/** When a call may be made again, as the core says it. */
export type Retry = 'never' | 'same_number' | 'query_first' | 'later' | 'after_fix'

/** The error every procedure gives back; the screen translates by `code`. */
export type WireError = {
  code: string
  retry: Retry
  params: Record<string, unknown>
  message: string
  remedy: string
}

export class ApiError extends Error {
  readonly code: string
  readonly retry: Retry
  readonly params: Record<string, unknown>
  readonly remedy: string

  constructor(wire: WireError) {
    super(wire.message)
    this.name = 'ApiError'
    this.code = wire.code
    this.retry = wire.retry
    this.params = wire.params
    this.remedy = wire.remedy
  }
}

/** News from the core. `link` is made here: whether the door itself answers, and when it is tried again (Unix milliseconds). */
export type AppEvent =
  | { type: 'stale'; tags: string[] }
  | ({ type: 'progress' } & TaskView)
  | { type: 'signed_out' }
  | { type: 'link'; up: boolean; retry_at?: number }

/** A file the core holds for us: chosen, dropped, or made by it. */
export type HeldFile = { file_token: string; name: string; size: number }

export type FileKind = 'bill' | 'books' | 'pem' | 'receipt' | 'any'

export type Door = {
  readonly kind: 'desktop' | 'browser'
  call<Reply>(name: string, params: unknown, signal?: AbortSignal): Promise<Reply>
  events(listener: (event: AppEvent) => void): () => void
  /** Tries a lost link again at once; absent where there is none to lose. */
  reconnect?: () => void
  /** Lets the person choose a file; `null` when they change their mind. */
  pickFile(kind: FileKind, accept: string): Promise<HeldFile | null>
  /** Hands over a file dropped on the page; `null` where the door has no such way. */
  takeFile: ((file: File) => Promise<HeldFile>) | null
  /** Writes a file the core made to where the person wants it: the path, or `null` when refused or unknown. */
  saveFile(token: string, suggestedName: string): Promise<string | null>
}

const retries: ReadonlySet<string> = new Set(['never', 'same_number', 'query_first', 'later', 'after_fix'])

/** Reads whatever came back as an error; anything unlike the agreed shape becomes `ui.unreadable`. */
export function toApiError(value: unknown): ApiError {
  if (value instanceof ApiError) return value
  if (typeof value === 'object' && value !== null && 'code' in value) {
    const wire = value as Partial<WireError>
    return new ApiError({
      code: String(wire.code),
      retry: retries.has(String(wire.retry)) ? (wire.retry as Retry) : 'never',
      params: wire.params ?? {},
      message: String(wire.message ?? ''),
      remedy: String(wire.remedy ?? ''),
    })
  }
  return new ApiError({
    code: 'ui.unreadable',
    retry: 'never',
    params: { detail: value instanceof Error ? value.message : String(value) },
    message: '',
    remedy: '',
  })
}

/** The core did not answer: nothing is known about what it did. */
export function unreachable(detail: string): ApiError {
  return new ApiError({ code: 'ui.unreachable', retry: 'query_first', params: { detail }, message: '', remedy: '' })
}
