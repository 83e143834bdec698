import { fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import type { ApprovalQueue } from '../../generated/types'
import { setLanguage } from '../../i18n'
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
    await userEvent.click(screen.getByTestId('approve-confirm'))
    await waitFor(() => expect(door.named('approvals.approve')).toHaveLength(1))
    expect(door.named('approvals.approve')[0]).toEqual({ refund_no: 'RF1120-0318', digest: refundView.digest, comment: '' })
  })

  it('shows changes first, with what stood there before', async () => {
    openDoor({ 'approvals.queue': () => queue, 'refunds.detail': () => refundView })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    expect((await screen.findByTestId('field-amount')).textContent).toContain('1180.00 CNY')
  })

  it('rejects only with a reason', async () => {
    const door = openDoor({ 'approvals.queue': () => queue, 'refunds.detail': () => refundView, 'approvals.reject': () => refundView })
    show(<ApprovalsPage />, ['view_orders', 'approve_refund'])
    await userEvent.click(await screen.findByTestId('reject'))
    const confirm = await screen.findByTestId('reject-confirm')
    expect((confirm as HTMLButtonElement).disabled).toBe(true)
    await userEvent.type(screen.getByTestId('reject-reason'), '依据不足')
    await userEvent.click(confirm)
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
})
