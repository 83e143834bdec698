import { toApiError, unreachable, type AppEvent, type Door, type HeldFile } from './types'

/** The header a page of another site cannot send without asking: the server refuses posts without it. */
const guard = { 'X-Zf-Console': '1' }

async function reply(response: Response): Promise<unknown> {
  const text = await response.text()
  if (response.ok) {
    try {
      return text === '' ? null : JSON.parse(text)
    } catch {
      throw toApiError(new Error(`HTTP ${response.status}`))
    }
  }
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw toApiError(new Error(`HTTP ${response.status}`))
  }
  throw toApiError(body)
}

async function send(url: string, init: RequestInit): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(url, { credentials: 'same-origin', ...init })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw unreachable(cause instanceof Error ? cause.message : String(cause))
  }
  return reply(response)
}

async function takeFile(file: File): Promise<HeldFile> {
  const url = `/api/files?name=${encodeURIComponent(file.name)}`
  return (await send(url, { method: 'POST', headers: guard, body: file })) as HeldFile
}

function chooseFile(accept: string): Promise<File | null> {
  return new Promise((resolve) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.accept = accept
    input.dataset['testid'] = 'file-input'
    input.hidden = true
    const done = (file: File | null) => {
      input.remove()
      resolve(file)
    }
    input.addEventListener('change', () => done(input.files?.[0] ?? null))
    input.addEventListener('cancel', () => done(null))
    document.body.append(input)
    input.click()
  })
}

/** How long a lost link rests before each try. */
const retryMs = [1_000, 2_000, 4_000, 8_000, 15_000]
let connectNow: () => void = () => {}

/** The core behind HTTP on loopback (`zf serve`). The session is a cookie scripts cannot read. */
export const browserDoor: Door = {
  kind: 'browser',

  async call<Reply>(name: string, params: unknown, signal?: AbortSignal): Promise<Reply> {
    return (await send(`/api/rpc/${name}`, {
      method: 'POST',
      headers: { ...guard, 'Content-Type': 'application/json' },
      body: JSON.stringify(params ?? {}),
      signal: signal ?? null,
    })) as Reply
  },

  events(listener) {
    let source: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    let tries = 0
    const connect = () => {
      clearTimeout(timer)
      source?.close()
      const mine = new EventSource('/api/events')
      source = mine
      mine.addEventListener('open', () => {
        tries = 0
        listener({ type: 'link', up: true })
      })
      // The browser's own retry says nothing of when; ours does, and waits longer each time.
      mine.addEventListener('error', () => {
        if (source !== mine) return
        mine.close()
        const wait = retryMs[Math.min(tries, retryMs.length - 1)] ?? 15_000
        tries += 1
        listener({ type: 'link', up: false, retry_at: Date.now() + wait })
        timer = setTimeout(connect, wait)
      })
      mine.addEventListener('message', (message: MessageEvent<string>) => {
        try {
          listener(JSON.parse(message.data) as AppEvent)
        } catch {
          // A line that is not JSON carries no news; the next one will.
        }
      })
    }
    connectNow = connect
    connect()
    return () => {
      clearTimeout(timer)
      source?.close()
      source = null
    }
  },

  reconnect: () => connectNow(),

  async pickFile(_kind, accept) {
    const file = await chooseFile(accept)
    return file === null ? null : takeFile(file)
  },

  takeFile,

  async saveFile(token, suggestedName) {
    const link = document.createElement('a')
    link.href = `/api/files/${encodeURIComponent(token)}`
    link.download = suggestedName
    document.body.append(link)
    link.click()
    link.remove()
    return null
  },
}

