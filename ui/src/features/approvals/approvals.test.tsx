import { fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { clockNow } from '../../format'
import type { ApprovalQueue } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { ApiError } from '../../platform'
import { openDoor, refund, refundView, show } from '../../test/door'
import ApprovalsPage from './components/ApprovalsPage'

const queue: ApprovalQueue = { mine: [refund], not_mine: [], unknown: [], handled: [], cooling: [], progress: [] }

describe('approvals', () => {
  it('A opens the signing step and signs nothing; the step signs the digest shown', async () => {
    setLanguage('zh')
    const door = openDoor({ 'approvals.queue': () => queue, 'refunds.detail': () => refundView, 'approvals.approve': () => refundView })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    await screen.findByTestId('request-digest')
    fireEvent.keyDown(document.body, { key: 'a' })
    await screen.findByTestId('approve-step')
    fireEvent.keyDown(document.body, { key: 'a' })
    expect(door.named('approvals.approve')).toEqual([])
    fireEvent.click(screen.getByTestId('approve-confirm'))
    await waitFor(() => expect(door.named('approvals.approve')).toHaveLength(1))
    expect(door.named('approvals.approve')[0]).toEqual({ refund_no: 'RF1120-0318', digest: refundView.digest, comment: '' })
  })

  it('shows changes first, with what stood there before', async () => {
    openDoor({ 'approvals.queue': () => queue, 'refunds.detail': () => refundView })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    expect((await screen.findByTestId('field-amount')).textContent).toContain('¥1,180.00')
  })

  it('rejects only with a reason', async () => {
    const door = openDoor({ 'approvals.queue': () => queue, 'refunds.detail': () => refundView, 'approvals.reject': () => refundView })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    fireEvent.click(await screen.findByTestId('reject'))
    const confirm = await screen.findByTestId('reject-confirm')
    expect((confirm as HTMLButtonElement).disabled).toBe(true)
    fireEvent.change(screen.getByTestId('reject-reason'), { target: { value: '依据不足' } })
    fireEvent.click(confirm)
    await waitFor(() => expect(door.named('approvals.reject')).toHaveLength(1))
  })

  it('keeps the button of whoever may not, with the reason', async () => {
    openDoor({
      'approvals.queue': () => ({ ...queue, mine: [], not_mine: [{ row: refund, because: 'approval.maker_is_checker' }] }),
      'refunds.detail': () => ({ ...refundView, may_approve: false, may_not_because: 'approval.maker_is_checker' }),
    })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    expect((await screen.findByTestId('not-allowed')).textContent).toContain('另一位复核人')
    expect(screen.queryByTestId('approve')).toBeNull()
    fireEvent.keyDown(document.body, { key: 'a' })
    expect(screen.queryByTestId('approve-step')).toBeNull()
  })

  it('keeps what was looked at when somebody changes it, theirs beside mine, and signs nothing', async () => {
    setLanguage('zh')
    let view = refundView
    const changed = () => {
      throw new ApiError({ code: 'approval.content_changed', retry: 'after_fix', params: { number: refund.refund_no }, message: '', remedy: '' })
    }
    const door = openDoor({ 'approvals.queue': () => queue, 'refunds.detail': () => view, 'approvals.approve': changed })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    await screen.findByTestId('request-digest')
    view = {
      ...refundView,
      version: 2,
      digest: '1111417e2ab3d058f61a94c7e802bd6f354e19d8a773c20b5d92fe61a835cce0',
      fields: [
        { name: 'amount', value: '1200.00', before: '1280.00' },
        { name: 'note', value: '付了两次', before: null },
      ],
      versions: [...refundView.versions, { version: 2, editor: '许知夏', at: '2026-11-20T01:40:12Z', digest: '1111' }],
    }
    fireEvent.click(await screen.findByTestId('approve'))
    fireEvent.click(await screen.findByTestId('approve-confirm'))
    await waitFor(() => expect(door.named('approvals.approve')).toHaveLength(1))
    expect(door.named('approvals.approve')[0]).toMatchObject({ digest: refundView.digest })
    // The core refused; the page has read the new version by now.
    const conflict = await screen.findByTestId('conflict')
    expect(conflict.textContent).toContain('许知夏')
    expect(screen.getByTestId('conflict-theirs').textContent).toContain('1200.00')
    expect(screen.queryByTestId('approve')).toBeNull()
    fireEvent.keyDown(document.body, { key: 'a' })
    expect(screen.queryByTestId('approve-step')).toBeNull()
    fireEvent.click(screen.getByTestId('conflict-take'))
    expect(screen.getByTestId('request-digest').dataset['digest']).toContain('1111')
    expect(screen.getByTestId('approve')).toBeTruthy()
  })

  it('shows how far two people are, the facts found, and the text behind the digest', async () => {
    openDoor({
      'approvals.queue': () => ({ ...queue, progress: [{ refund_no: refund.refund_no, version: 1, approved: 1, needed: 2 }] }),
      'refunds.detail': () => ({
        ...refundView,
        checkers_required: 2,
        approvals: [{ version: 1, checker: '何以宁', approved: true, comment: '', at: '2026-11-20T01:38:47Z', stands: true }],
        related: [
          { order_id: 'o1', order_no: 'QY1', amount: refund.amount, refunded_minor: 0, goods: null, paid_at: '2026-11-19T12:58:31Z', this: true },
          { order_id: 'o2', order_no: 'QY2', amount: refund.amount, refunded_minor: 0, goods: null, paid_at: '2026-11-19T13:01:22Z', this: false },
        ],
      }),
    })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    expect((await screen.findByTestId('approval-progress')).querySelectorAll('[data-done="true"]')).toHaveLength(1)
    expect(screen.getByTestId('queue-item').textContent).toContain('1 / 2')
    expect(screen.getByTestId('request-related').textContent).toContain('QY2')
    fireEvent.click(screen.getByTestId('show-text'))
    expect((await screen.findByTestId('signed-text')).textContent).toContain('zhangfang.refund.2')
  })

  it('keeps the resend of an unknown refund locked, and counts down to the next query', async () => {
    setLanguage('zh')
    const next = new Date(clockNow() + 72_000).toISOString()
    openDoor({
      'approvals.queue': () => ({ ...queue, unknown: [{ ...refund, state: 'unknown', query_count: 2, sent_at: '2026-11-20T01:38:28Z', next_query_at: next }] }),
      'refunds.detail': () => refundView,
    })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    const lane = await screen.findByTestId('unknown-lane')
    expect((screen.getByTestId('lane-resend') as HTMLButtonElement).disabled).toBe(true)
    expect(lane.querySelectorAll('[data-done="true"]')).toHaveLength(3)
    expect(screen.getByTestId('lane-next').textContent).toMatch(/1 分 1[0-2] 秒/)
    expect(lane.textContent).toContain('不等于失败')
  })

  it('opens the lane of unknown refunds by its address, and marks a changed sentence in place', async () => {
    window.location.hash = '#/approvals?view=unknown'
    openDoor({
      'approvals.queue': () => ({ ...queue, unknown: [{ ...refund, refund_no: 'RF-U', state: 'unknown' }] }),
      'refunds.detail': () => ({ ...refundView, fields: [{ name: 'note', value: '保留后一笔', before: '退其中一笔' }] }),
    })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    expect((await screen.findByTestId('queue-item')).dataset['key']).toBe('RF-U')
    const field = await screen.findByTestId('field-note')
    expect(field.querySelector('s')?.textContent).toBe('退其中')
    expect(field.querySelector('ins')?.textContent).toBe('保留后')
    window.location.hash = '#/approvals'
  })

  it('takes an approval back while it cools off, with a reason', async () => {
    const cooling = { ...refund, state: 'cooling_off' as const, expires_at: null, cooling_until: new Date(clockNow() + 300_000).toISOString() }
    const door = openDoor({
      'approvals.queue': () => ({ ...queue, mine: [], cooling: [cooling] }),
      'refunds.detail': () => ({ ...refundView, row: cooling, may_approve: false, may_recall: true }),
      'approvals.recall': () => refundView,
    })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    fireEvent.click(await screen.findByTestId('recall'))
    expect((screen.getByTestId('recall-confirm') as HTMLButtonElement).disabled).toBe(true)
    fireEvent.change(screen.getByTestId('recall-reason'), { target: { value: '看错了' } })
    fireEvent.click(screen.getByTestId('recall-confirm'))
    await waitFor(() => expect(door.named('approvals.recall')).toHaveLength(1))
  })
})
