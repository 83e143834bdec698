import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OrderDetail, OrderPage, OrderRow, OrderSearch } from '../../generated/types'
import { EventFollower } from '../../api/status'
import { setLanguage } from '../../i18n'
import { openDoor, order, orderPage, orderTotals, show } from '../../test/door'
import OrdersPage from './components/OrdersPage'

const million = 1_000_000

/** Row number `index` of a list of a million. */
const rowAt = (index: number): OrderRow => ({ ...order, order_id: `o${index}`, order_no: `N${index}` })

function pageOf(params: OrderSearch, total = million): OrderPage {
  const from = params.offset ?? 0
  const rows = Array.from({ length: Math.max(0, Math.min(params.limit, total - from)) }, (_, i) => rowAt(from + i))
  return { ...orderPage(rows), anchor: 'first' }
}

const press = (key: string) => fireEvent.keyDown(document.body, { key })

// A low window: what is tested does not hang on how many rows are drawn.
beforeAll(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(200)
})
afterAll(() => vi.restoreAllMocks())

beforeEach(() => {
  setLanguage('zh')
  window.location.hash = '#/orders'
})

describe('a million orders', () => {
  it('announces them all, keeps few in the document, and jumps by position', async () => {
    const door = openDoor({ 'orders.search': (p) => pageOf(p), 'orders.totals': () => orderTotals(million) })
    show(<OrdersPage />, ['view_orders'])
    await waitFor(() => expect(document.querySelector('[role="grid"]')?.getAttribute('aria-rowcount')).toBe('1000001'))
    expect(screen.getByTestId('orders-count').textContent).toContain('1,000,000')
    expect(screen.getAllByTestId('row').length).toBeLessThanOrEqual(60)
    press('End')
    // Its page is on its way: places are kept, nothing is invented.
    expect(screen.getAllByTestId('row-pending').length).toBeGreaterThan(0)
    await waitFor(() => expect(document.querySelector('[aria-rowindex="1000001"]')?.textContent).toContain('N999999'))
    // The cursor waited for the row and is on it.
    await waitFor(() => expect(document.querySelector('.zf-grid-active')?.getAttribute('data-key')).toBe('o999999'))
    expect(document.querySelectorAll('[role="row"]').length).toBeLessThanOrEqual(61)
    const asked = door.named('orders.search') as OrderSearch[]
    expect(asked.at(-1)).toMatchObject({ offset: 999_800, limit: 200, anchor: 'first' })
    // From one end to the other: not the pages between.
    expect(asked.length).toBeLessThanOrEqual(3)
    press('Home')
    await waitFor(() => expect(document.querySelector('.zf-grid-active')?.getAttribute('data-key')).toBe('o0'))
  })

  it('moves row by row under held keys, and asks for details only where it rests', async () => {
    const door = openDoor({ 'orders.search': (p) => pageOf(p), 'orders.totals': () => orderTotals(million), 'orders.detail': () => Promise.reject(new Error('not needed')) })
    window.location.hash = '#/orders?order=o0'
    show(<OrdersPage />, ['view_orders'])
    await screen.findAllByTestId('row')
    for (let i = 0; i < 8; i += 1) press('j')
    expect(document.querySelector('.zf-grid-active')?.getAttribute('data-key')).toBe('o8')
    await waitFor(() => expect(window.location.hash).toContain('order=o8'))
    const details = door.named('orders.detail') as { order_id: string }[]
    expect(new Set(details.map((d) => d.order_id))).toEqual(new Set(['o0', 'o8']))
  })

  it('never shows the answer of an earlier search', async () => {
    const late: (() => void)[] = []
    openDoor({
      'orders.search': (p) =>
        p.text === 'ab'
          ? new Promise<OrderPage>((resolve) => late.push(() => resolve(orderPage([{ ...order, order_id: 'stale', order_no: 'STALE' }]))))
          : p.text === 'abc'
            ? orderPage([{ ...order, order_id: 'fresh', order_no: 'FRESH' }])
            : pageOf(p, 3),
      'orders.totals': (p) => orderTotals(p.text === null ? 3 : 1),
    })
    show(<OrdersPage />, ['view_orders'])
    await screen.findAllByTestId('row')
    const field = screen.getByTestId('orders-search')
    fireEvent.change(field, { target: { value: 'ab' } })
    await waitFor(() => expect(late.length).toBe(1))
    fireEvent.change(field, { target: { value: 'abc' } })
    await screen.findByText('FRESH')
    await act(async () => {
      for (const answer of late) answer()
      await Promise.resolve()
    })
    expect(screen.queryByText('STALE')).toBeNull()
    expect(screen.getByText('FRESH')).toBeTruthy()
  })

  it('lets new orders wait until somebody asks for them', async () => {
    let total = 500
    const door = openDoor({ 'orders.search': (p) => pageOf(p, total), 'orders.totals': () => orderTotals(total) })
    show(
      <>
        <EventFollower onSignedOut={() => undefined} />
        <OrdersPage />
      </>,
      ['view_orders'],
    )
    await screen.findAllByTestId('row')
    await waitFor(() => expect(screen.getByTestId('orders-count').dataset['total']).toBe('500'))
    total = 503
    act(() => door.emit({ type: 'stale', tags: ['orders'] }))
    expect((await screen.findByTestId('orders-news')).textContent).toContain('3 条新的')
    const refetched = (door.named('orders.search') as OrderSearch[]).at(-1)
    expect(refetched?.anchor).toBe('first')
    await userEvent.click(screen.getByTestId('orders-news'))
    await waitFor(() => expect(screen.queryByTestId('orders-news')).toBeNull())
    expect((door.named('orders.search') as OrderSearch[]).at(-1)).not.toHaveProperty('anchor')
  })

  it('names what the sums leave out, and what a filter found nothing for', async () => {
    openDoor({
      'orders.search': () => orderPage([]),
      'orders.totals': () =>
        orderTotals(0, { gaps: [{ account_id: 'a1', account_name: '示例商城', status: 'not_fetched', days: ['2026-11-19', '2026-11-18'], days_total: 2 }] }),
    })
    window.location.hash = '#/orders?view=late&min=50&recon=waiting'
    show(<OrdersPage />, ['view_orders'])
    expect((await screen.findByTestId('partial')).textContent).toContain('示例商城 11-19、11-18 的账单')
    const empty = await screen.findByTestId('empty')
    for (const filter of ['关单后到账', '≥ 50.00', '等待对账']) expect(empty.textContent).toContain(filter)
    await userEvent.click(screen.getByTestId('clear-filters'))
    await waitFor(() => expect(window.location.hash).toBe('#/orders'))
  })

  it('asks the core for another order by the head of a column', async () => {
    const door = openDoor({ 'orders.search': (p) => pageOf(p, 3), 'orders.totals': () => orderTotals(3) })
    show(<OrdersPage />, ['view_orders'])
    await screen.findAllByTestId('row')
    await userEvent.click(screen.getByTestId('sort-amount'))
    await waitFor(() => expect((door.named('orders.search') as OrderSearch[]).at(-1)?.sort).toBe('largest_first'))
    expect(screen.getByRole('columnheader', { name: /订单金额/ }).getAttribute('aria-sort')).toBe('descending')
  })
})

describe('orders picked by hand', () => {
  it('picks rows and a range by keyboard, and lets the core add them up', async () => {
    const door = openDoor({
      'orders.search': (p) => pageOf(p, 9),
      'orders.totals': (p) =>
        p.order_ids === undefined ? orderTotals(9) : orderTotals(p.order_ids.length, { paid_sums: [{ money: { minor: 4321, currency: 'CNY' }, count: p.order_ids.length }] }),
      'receipts.issue_batch': () => {
        throw new Error('not asked yet')
      },
    })
    show(<OrdersPage />, ['view_orders', 'issue_receipt'])
    await screen.findAllByTestId('row')
    press('j')
    press('x')
    press('j')
    press('j')
    fireEvent.keyDown(document.body, { key: 'X', shiftKey: true })
    expect((await screen.findByTestId('bulk-count')).dataset['count']).toBe('3')
    await waitFor(() => expect(screen.getByTestId('bulk-sum').textContent).toContain('43.21'))
    const asked = (door.named('orders.totals') as { order_ids?: string[] }[]).findLast((p) => p.order_ids !== undefined)
    expect(asked?.order_ids).toEqual(['o0', 'o1', 'o2'])
    await userEvent.click(screen.getByTestId('bulk-receipts'))
    expect((await screen.findByTestId('bulk-receipts-form')).textContent).toContain('不能撤销')
    expect(door.named('receipts.issue_batch')).toHaveLength(0)
  })

  it('lets go of what was picked when Esc is pressed or the list becomes another', async () => {
    openDoor({ 'orders.search': (p) => pageOf(p, 9), 'orders.totals': () => orderTotals(9) })
    show(<OrdersPage />, ['view_orders'])
    await screen.findAllByTestId('row')
    press('j')
    press('x')
    await screen.findByTestId('bulk-count')
    expect((screen.getByTestId('bulk-receipts') as HTMLButtonElement).disabled).toBe(true)
    fireEvent.keyDown(document.body, { key: 'Escape' })
    await waitFor(() => expect(screen.queryByTestId('bulk-count')).toBeNull())
    press('x')
    await screen.findByTestId('bulk-count')
    await userEvent.click(screen.getByRole('tab', { name: /退款中/ }))
    await waitFor(() => expect(screen.queryByTestId('bulk-count')).toBeNull())
  })

  it('lists exactly the orders a figure of the desk counts', async () => {
    const door = openDoor({ 'orders.search': (p) => pageOf(p, 3), 'orders.totals': () => orderTotals(3) })
    window.location.hash = '#/orders?from=2026-11-19&to=2026-11-19&moved=back'
    show(<OrdersPage />, ['view_orders'])
    await screen.findAllByTestId('row')
    expect((door.named('orders.search') as OrderSearch[]).at(-1)).toMatchObject({ moved: 'back', date_from: '2026-11-19' })
  })
})

const detail: OrderDetail = {
  row: order,
  account_name: '示例商城',
  payments: [],
  refunds: [],
  refundable: { minor: 128000, currency: 'CNY' },
  actions: [
    { action: 'request_refund', allowed: true, reason: null },
    { action: 'close_order', allowed: false, reason: 'order.already_paid' },
  ],
  timeline: [],
  bill_match: null,
  receipts: [],
  checked_at: null,
}

describe('a view of one’s own', () => {
  it('keeps the filters that are on under a name, for this person', async () => {
    let values: Record<string, string> = {}
    const door = openDoor({
      'orders.search': (p) => pageOf(p, 3),
      'orders.totals': () => orderTotals(3),
      'preferences.all': () => ({ values }),
      'preferences.put': (p) => ({ values: (values = { [p.name]: p.value ?? '' }) }),
    })
    window.location.hash = '#/orders?state=paid&min=50'
    show(<OrdersPage />, ['view_orders'])
    await userEvent.click(await screen.findByTestId('view-save'))
    await userEvent.type(await screen.findByTestId('view-name'), '大单')
    await userEvent.click(screen.getByTestId('view-keep'))
    expect(await screen.findByRole('tab', { name: /大单/, selected: true })).toBeTruthy()
    const [put] = door.named('preferences.put') as { name: string; value: string }[]
    expect(put?.name).toBe('views.orders')
    expect(JSON.parse(put?.value ?? '')).toMatchObject([{ name: '大单', base: 'all', query: { state: 'paid', min: '50' } }])
    await userEvent.click(screen.getByTestId('view-forget'))
    await waitFor(() => expect(screen.queryByRole('tab', { name: /大单/ })).toBeNull())
  })
})

describe('one order', () => {
  const answers = { 'orders.search': () => orderPage([order]), 'orders.totals': () => orderTotals(1), 'orders.detail': () => detail }

  it('shows who paid only for a reason, and says so beforehand', async () => {
    const door = openDoor({ ...answers, 'orders.reveal_payer': () => ({ payer: 'oInventedOpenid01', seconds: 30 }) })
    window.location.hash = '#/orders?order=o1'
    show(<OrdersPage />, ['view_orders', 'reveal_payer'])
    await userEvent.click(await screen.findByTestId('payer-reveal'))
    expect((await screen.findByTestId('payer-confirm')).hasAttribute('disabled')).toBe(true)
    expect(screen.getByText(/审计日志/)).toBeTruthy()
    await userEvent.type(screen.getByTestId('payer-reason'), '买家来电核对')
    await userEvent.click(screen.getByTestId('payer-confirm'))
    expect((await screen.findByTestId('payer-shown')).textContent).toContain('oInventedOpenid01')
    expect(door.named('orders.reveal_payer')).toEqual([{ order_id: 'o1', reason: '买家来电核对' }])
    await userEvent.click(screen.getByText(/立即遮回/))
    expect(screen.queryByText('oInventedOpenid01')).toBeNull()
  })

  it('is masked for who may not see it', async () => {
    openDoor(answers)
    window.location.hash = '#/orders?order=o1'
    show(<OrdersPage />, ['view_orders'])
    await screen.findByTestId('order-no')
    expect(screen.queryByTestId('payer-reveal')).toBeNull()
    expect(screen.getByText('仅经办、复核可查看')).toBeTruthy()
  })

  it('gives its evidence by E', async () => {
    const door = openDoor({ ...answers, 'orders.evidence': () => ({ file_token: 'f', name: 'evidence.zip', size: 10 }) })
    window.location.hash = '#/orders?order=o1'
    show(<OrdersPage />, ['view_orders'])
    await screen.findByTestId('order-no')
    press('e')
    await waitFor(() => expect(door.named('orders.evidence')).toEqual([{ order_id: 'o1' }]))
    expect(screen.getByTestId('evidence').textContent).toContain('SM3')
  })
})
