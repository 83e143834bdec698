import { afterEach, describe, expect, it, vi } from 'vitest'
import { browserDoor } from './browser'
import { ApiError } from './types'

afterEach(() => vi.unstubAllGlobals())

function answer(status: number, body: string) {
  const fetched = vi.fn((_url: string, _init: RequestInit) => Promise.resolve(new Response(body, { status })))
  vi.stubGlobal('fetch', fetched)
  return fetched
}

async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.catch((cause: unknown) => cause)
  if (!(error instanceof ApiError)) throw new Error('no ApiError')
  return error
}

describe('the browser door', () => {
  it('posts with the guard header and gives the reply', async () => {
    const fetched = answer(200, '{"ok":true}')
    expect(await browserDoor.call('orders.search', { text: 'a' })).toEqual({ ok: true })
    const [url, init] = fetched.mock.calls[0] ?? []
    expect(url).toBe('/api/rpc/orders.search')
    expect(init?.method).toBe('POST')
    expect(new Headers(init?.headers).get('X-Zf-Console')).toBe('1')
    expect(init?.body).toBe('{"text":"a"}')
  })

  it('turns an error into ApiError with code, retry and parameters', async () => {
    answer(409, '{"code":"refund.remaining_changed","retry":"after_fix","params":{"left":"¥1.00"},"message":"m","remedy":"r"}')
    const error = await failure(browserDoor.call('refunds.request', {}))
    expect([error.code, error.retry, error.params['left'], error.remedy]).toEqual(['refund.remaining_changed', 'after_fix', '¥1.00', 'r'])
  })

  it('does not call a silent server a failure: ask first', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('connection refused')))
    const error = await failure(browserDoor.call('approvals.approve', {}))
    expect([error.code, error.retry]).toEqual(['ui.unreachable', 'query_first'])
  })

  it('says so when the answer cannot be read', async () => {
    answer(502, '<html>')
    expect((await failure(browserDoor.call('app.status', {}))).code).toBe('ui.unreadable')
  })
})
