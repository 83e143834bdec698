import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { useState } from 'react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Found } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { useHotkeys } from '../../keyboard/hotkeys'
import { openDoor, order, refund, show } from '../../test/door'
import { Palette } from './Palette'
import type { FrameActions } from './entries'

const nothing: Found = {
  looks_like: [], orders: [], refunds: [], receipts: [], bills: [], bill_lines: [], differences: [], people: [],
  subject: null, exact: false, micros: 30_000,
}
const hit: Found = {
  ...nothing,
  looks_like: ['wechat_payment_id'],
  orders: [order],
  exact: true,
  subject: {
    order,
    refundable: { minor: 128000, currency: 'CNY' },
    actions: [
      { action: 'request_refund', allowed: true, reason: null },
      { action: 'close_order', allowed: false, reason: 'order.already_paid' },
    ],
    refunds: [refund],
    receipts: [],
    bill_match: { date: '2026-11-19', line_no: 3418, code: null },
    bill: { account_id: 'a1', channel: 'wechat_pay', account_tail: '2481', kind: 'trade', date: '2026-11-19', status: 'verified', rows: 4270 },
    notices: 2,
  },
}

const frame = (): FrameActions => ({
  language: vi.fn(), theme: vi.fn(), mask: vi.fn(), maskAmounts: vi.fn(), density: vi.fn(), nav: vi.fn(), refresh: vi.fn(),
  password: vi.fn(), signOut: vi.fn(), tour: null, keys: vi.fn(),
})

function PageKeys({ run, submit }: { run: () => void; submit: () => void }) {
  useHotkeys([
    { keys: 'h', run, label: 'hang it', group: 'action' },
    { keys: 'a', run: submit, label: 'submit it', group: 'action', commits: true },
  ])
  return null
}

beforeEach(() => setLanguage('zh'))

const input = () => screen.findByTestId('palette-input')
const type = async (text: string) => fireEvent.change(await input(), { target: { value: text } })
const key = async (name: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(await input(), { key: name, ...more })
const entry = (id: string) => document.querySelector(`[data-entry="${id}"]`)
const chosen = () => document.querySelector('[aria-selected="true"]')?.getAttribute('data-entry')

describe('the palette', () => {
  it('says what a number is, what may be done and why the rest may not', async () => {
    const door = openDoor({ 'search.find': () => hit, 'preferences.put': () => ({ values: {} }), 'refunds.open': () => { throw new Error('not asked') } })
    show(<Palette open onClose={vi.fn()} actions={frame()} />, ['view_orders', 'request_refund'])
    await type('4200002481202611196730185524')
    await waitFor(() => expect(screen.getByTestId('palette-kind').textContent).toContain('微信支付订单号'))
    expect(entry('action-request_refund')?.textContent).toContain('可退 ¥1,280.00')
    expect(entry('action-evidence')?.textContent).toContain('账单第 3,418 行、回调 2 次、退款 1 次')
    expect(entry('action-close_order')?.getAttribute('aria-disabled')).toBe('true')
    expect(entry('action-close_order')?.textContent).toContain('不能：订单已经收到款')
    expect(entry(`refund-${refund.refund_no}`)).not.toBeNull()
    expect(chosen()).toBe(`order-${order.order_id}`)
    // The arrows pass over what cannot be done.
    await key('ArrowUp')
    await key('ArrowUp')
    expect(chosen()).not.toBe('action-close_order')
    // Nothing was done by looking.
    expect(door.calls.map((c) => c.name)).not.toContain('refunds.open')
    const box = await input()
    expect(box.getAttribute('role')).toBe('combobox')
    expect(document.getElementById(box.getAttribute('aria-activedescendant') ?? '')?.getAttribute('role')).toBe('option')
  })

  it('opens the step of a refund and leaves the sending to it', async () => {
    const door = openDoor({ 'search.find': () => hit, 'refunds.open': () => ({ refund_no: 'RF1' }) as never })
    // The palette is gone when the answer comes, as in the frame.
    function Frame() {
      const [open, setOpen] = useState(true)
      return <Palette open={open} onClose={() => setOpen(false)} actions={frame()} />
    }
    show(<Frame />, ['view_orders', 'request_refund'])
    await type(order.order_no)
    await waitFor(() => expect(entry('action-request_refund')).not.toBeNull())
    fireEvent.click(entry('action-request_refund') as Element)
    await waitFor(() => expect(window.location.hash).toBe('#/refunds?no=RF1'))
    expect(screen.queryByTestId('palette')).toBeNull()
    expect(door.calls.map((c) => c.name)).not.toContain('refunds.request')
  })

  it('asks once the typing rests, and drops replies that come late', async () => {
    const waiting = new Map<string, (found: Found) => void>()
    const door = openDoor({ 'search.find': ({ text }) => new Promise<Found>((resolve) => waiting.set(text, resolve)) })
    show(<Palette open onClose={vi.fn()} actions={frame()} />, ['view_orders'])
    for (const text of ['Q', 'QY', 'QY2']) await type(text)
    await waitFor(() => expect(door.named('search.find')).toEqual([{ text: 'QY2' }]))
    await type('QY20')
    await waitFor(() => expect(waiting.has('QY20')).toBe(true))
    await act(async () => waiting.get('QY20')?.({ ...nothing, orders: [{ ...order, order_id: 'new', order_no: 'QY20-NEW' }], exact: true }))
    await act(async () => waiting.get('QY2')?.({ ...nothing, orders: [{ ...order, order_id: 'old', order_no: 'QY2-OLD' }], exact: true }))
    expect(entry('order-new')).not.toBeNull()
    expect(entry('order-old')).toBeNull()
  })

  it('lists what the page can do now, but nothing that does it at once', async () => {
    openDoor({})
    const [run, submit] = [vi.fn(), vi.fn()]
    const ours = frame()
    const page = <PageKeys run={run} submit={submit} />
    const { rerender } = show(page, [])
    rerender(<></>)
    show(
      <>
        {page}
        <Palette open onClose={vi.fn()} actions={ours} />
      </>,
      [],
    )
    await type('>')
    await waitFor(() => expect(screen.getByTestId('palette-kind').textContent).toContain('动作'))
    await type('> 深浅')
    await key('Enter')
    expect(ours.theme).toHaveBeenCalledTimes(1)
    expect(submit).not.toHaveBeenCalled()
    expect(document.body.textContent).not.toContain('submit it')
  })

  it('leaves the Enter that ends a composition to the input method', async () => {
    openDoor({})
    const ours = frame()
    show(<Palette open onClose={vi.fn()} actions={ours} />, [])
    await type('> 刷新')
    await key('Enter', { isComposing: true })
    await key('Enter', { keyCode: 229 } as KeyboardEventInit)
    expect(ours.refresh).not.toHaveBeenCalled()
    await key('Enter')
    expect(ours.refresh).toHaveBeenCalledTimes(1)
  })

  it('Tab leaves only actions, and brings the rest back', async () => {
    openDoor({ 'search.find': () => hit })
    show(<Palette open onClose={vi.fn()} actions={frame()} />, ['view_orders'])
    await type(order.order_no)
    await waitFor(() => expect(entry(`order-${order.order_id}`)).not.toBeNull())
    await key('Tab')
    expect(entry(`order-${order.order_id}`)).toBeNull()
    expect(entry('action-evidence')).not.toBeNull()
    await key('Tab')
    expect(entry(`order-${order.order_id}`)).not.toBeNull()
  })

  it('gives the focus back when it is left', async () => {
    openDoor({})
    function Frame() {
      const [open, setOpen] = useState(false)
      return (
        <>
          <button type="button" onClick={() => setOpen(true)}>
            box
          </button>
          <Palette open={open} onClose={() => setOpen(false)} actions={frame()} />
        </>
      )
    }
    show(<Frame />, [])
    const box = screen.getByText('box')
    box.focus()
    fireEvent.click(box)
    expect(document.activeElement).toBe(await input())
    await key('Escape')
    expect(document.activeElement).toBe(box)
  })

  it('works out a sum, or says why it is none', async () => {
    openDoor({})
    show(<Palette open onClose={vi.fn()} actions={frame()} />, [])
    await type('=1280.00+36.5*2')
    await waitFor(() => expect(screen.getByTestId('palette-sum').textContent).toBe('¥1,353.00'))
    expect(document.body.textContent).toContain('人民币壹仟叁佰伍拾叁元整')
    await type('=10/3')
    expect((await screen.findByTestId('palette-refusal')).textContent).toContain('不是整分')
  })

  it('says aloud that nothing was found, and where it looked', async () => {
    openDoor({ 'search.find': () => nothing })
    show(<Palette open onClose={vi.fn()} actions={frame()} />, ['view_orders'])
    await type('zzzz99')
    expect((await screen.findByTestId('palette-none')).textContent).toContain('没有找到「zzzz99」')
    expect(entry('all-orders')).not.toBeNull()
  })
})
