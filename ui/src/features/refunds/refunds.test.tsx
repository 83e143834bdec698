import { fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { setLanguage } from '../../i18n'
import { ApiError } from '../../platform'
import type { RefundForm as Form } from '../../generated/types'
import { openDoor, order, preflight, refund, refundView, show } from '../../test/door'
import RefundsPage from './components/RefundsPage'
import { RefundForm } from './components/RefundForm'

const form: Form = {
  refund_no: 'RF1120-0320',
  order,
  account_name: '示例商城',
  refundable: { minor: 128000, currency: 'CNY' },
  earlier: [],
  preflight,
  reason_codes: ['duplicate', 'other'],
  checkers: ['周砚'],
  checkers_required: 1,
  bands: [
    { up_to_minor: 500000, checkers: 1 },
    { up_to_minor: null, checkers: 2 },
  ],
  approval_hours: 48,
  cooling_off_seconds: 0,
  rules_version: 0,
  note_required: ['duplicate', 'other'],
  buyer_note: '',
  content: null,
}
const empty = { rows: [], next_cursor: null, total: 0, sums: [], as_of: '2026-11-20T01:42:16Z' }

const put = (testid: string, value: string) => fireEvent.change(screen.getByTestId(testid), { target: { value } })

function fillIn(amount: string) {
  put('refund-amount', amount)
  put('refund-note', '付了两次')
  fireEvent.click(screen.getByTestId('confirm-order'))
}

describe('the refund form', () => {
  it('sends what was seen and ticked, under the number it was given', async () => {
    setLanguage('zh')
    const door = openDoor({ 'refunds.preflight': () => preflight, 'refunds.request': () => refundView })
    show(<RefundForm form={form} voided={false} />, ['request_refund'])
    fillIn('1180')
    expect((screen.getByTestId('refund-submit') as HTMLButtonElement).disabled).toBe(true)
    fireEvent.click(screen.getByTestId('confirm-payer_in_flight'))
    expect(screen.getByTestId('refund-submit').textContent).toContain('¥1,180.00')
    fireEvent.click(screen.getByTestId('refund-submit'))
    await waitFor(() => expect(door.named('refunds.request')).toHaveLength(1))
    expect(door.named('refunds.request')[0]).toEqual({
      refund_no: 'RF1120-0320',
      content: { amount_minor: 118000, reason_code: 'duplicate', note: '付了两次', buyer_note: '' },
      remaining_seen_minor: 128000,
      acknowledged: ['payer_in_flight'],
    })
  })

  it('does not let more than the remainder or a failed check through', () => {
    const blocked = { ...preflight, checks: [{ name: 'age', level: 'block' as const, value: '', detail: '', detail_en: '' }] }
    const door = openDoor({ 'refunds.preflight': () => blocked })
    show(<RefundForm form={{ ...form, preflight: blocked }} voided={false} />, ['request_refund'])
    fillIn('1280.01')
    fireEvent.keyDown(document.body, { key: 'Enter', ctrlKey: true })
    expect((screen.getByTestId('refund-submit') as HTMLButtonElement).disabled).toBe(true)
    expect(door.named('refunds.request')).toEqual([])
  })

  it('submits once however often the key is struck', async () => {
    let release: (value: typeof refundView) => void = () => {}
    const door = openDoor({
      'refunds.preflight': () => preflight,
      'refunds.request': () => new Promise((resolve) => (release = resolve)),
    })
    show(<RefundForm form={form} voided={false} />, ['request_refund'])
    fillIn('10')
    fireEvent.click(screen.getByTestId('confirm-payer_in_flight'))
    for (let i = 0; i < 5; i += 1) fireEvent.keyDown(screen.getByTestId('refund-note'), { key: 'Enter', ctrlKey: true })
    await waitFor(() => expect(door.named('refunds.request')).toHaveLength(1))
    release(refundView)
  })

  it('shows what changed instead of overwriting it', async () => {
    openDoor({
      'refunds.preflight': () => preflight,
      'refunds.request': () => {
        throw new ApiError({ code: 'refund.remaining_changed', retry: 'after_fix', params: { left: '¥880.00' }, message: '', remedy: '' })
      },
    })
    show(<RefundForm form={form} voided={false} />, ['request_refund'])
    fillIn('10')
    fireEvent.click(screen.getByTestId('confirm-payer_in_flight'))
    fireEvent.click(screen.getByTestId('refund-submit'))
    expect((await screen.findByTestId('conflict')).textContent).toContain('¥880.00')
  })
})

describe('a refund form that meets others', () => {
  const refused = (params: Record<string, string>) => () => {
    throw new ApiError({ code: 'refund.remaining_changed', retry: 'after_fix', params, message: '', remedy: '' })
  }

  it('says who was first, and offers what is left', async () => {
    setLanguage('zh')
    const door = openDoor({
      'refunds.preflight': () => preflight,
      'refunds.form': () => ({ ...form, refundable: { minor: 88000, currency: 'CNY' } }),
      'refunds.request': refused({ left: '880.00 CNY', left_minor: '88000', by: '沈拾一', other_no: 'RF1', other_minor: '40000', other_at: '2026-11-20T01:41:00Z' }),
    })
    show(<RefundForm form={form} voided={false} />, ['request_refund'])
    fillIn('1280')
    fireEvent.click(screen.getByTestId('confirm-payer_in_flight'))
    fireEvent.click(screen.getByTestId('refund-submit'))
    const conflict = await screen.findByTestId('conflict')
    expect(conflict.textContent).toContain('沈拾一')
    expect(conflict.textContent).toContain('¥400.00')
    expect((screen.getByTestId('refund-submit') as HTMLButtonElement).disabled).toBe(true)
    fireEvent.click(screen.getByTestId('conflict-take'))
    expect((screen.getByTestId('refund-amount') as HTMLInputElement).value).toBe('880.00')
    expect(screen.queryByTestId('conflict')).toBeNull()
    expect(door.named('refunds.request')).toHaveLength(1)
  })

  it('names the path of the amount, and half is whole minor units', () => {
    setLanguage('zh')
    openDoor({ 'refunds.preflight': () => preflight })
    show(<RefundForm form={{ ...form, refundable: { minor: 128001, currency: 'CNY' }, bands: [{ up_to_minor: 50000, checkers: 1 }, { up_to_minor: null, checkers: 2 }] }} voided={false} />, ['request_refund'])
    fireEvent.click(screen.getByTestId('refund-half'))
    expect((screen.getByTestId('refund-amount') as HTMLInputElement).value).toBe('640.00')
    expect(screen.getByTestId('refund-path').textContent).toContain('¥500.00 以上 2 人复核')
  })

  it('keeps a form that is left half-written', async () => {
    const door = openDoor({ 'refunds.preflight': () => preflight, 'refunds.save_draft': () => ({}) })
    const shown = show(<RefundForm form={form} voided={false} />, ['request_refund'])
    put('refund-note', '半句')
    shown.unmount()
    await waitFor(() => expect(door.named('refunds.save_draft').at(-1)).toMatchObject({ refund_no: form.refund_no, note: '半句', amount_minor: null }))
  })

  it('needs no note where the rules need none', () => {
    openDoor({ 'refunds.preflight': () => ({ ...preflight, checks: [] }) })
    show(<RefundForm form={{ ...form, note_required: ['other'], preflight: { ...preflight, checks: [] } }} voided={false} />, ['request_refund'])
    put('refund-amount', '10')
    fireEvent.click(screen.getByTestId('confirm-order'))
    expect((screen.getByTestId('refund-submit') as HTMLButtonElement).disabled).toBe(false)
  })
})

describe('the refund desk', () => {
  it('keeps sending again locked while the outcome is unknown', async () => {
    setLanguage('zh')
    window.location.hash = '#/refunds?no=RF1120-0318'
    openDoor({
      'refunds.detail': () => ({ ...refundView, row: { ...refund, state: 'unknown', query_count: 2, next_query_at: '2026-11-20T01:50:00Z' } }),
      'refunds.list': () => empty,
    })
    show(<RefundsPage />, ['view_orders', 'request_refund'])
    expect((await screen.findByTestId('refund-unknown')).textContent).toContain('不等于失败')
    expect((screen.getByText('重发').closest('button') as HTMLButtonElement).disabled).toBe(true)
    expect(screen.getByTestId('refund-query')).toBeTruthy()
  })
})
