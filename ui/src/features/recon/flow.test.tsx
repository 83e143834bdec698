import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import { ToastPlace } from '../../components/Toast'
import type { FlowDay } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { bill, flow, pool, run } from '../../test/days'
import { openDoor, show, type TestDoor } from '../../test/door'
import ReconPage from './components/ReconPage'

function open(day: FlowDay = flow): TestDoor {
  return openDoor({
    'recon.day': () => ({ bill, books: null, runs: [run] }),
    'recon.pool': () => pool,
    'recon.differences': () => ({ rows: [], next_cursor: null, total: 0 }),
    'recon.pool_differences': () => ({ rows: [], next_cursor: null, total: 0 }),
    'recon.resolutions': () => ({ rows: [], next_cursor: null, total: 0 }),
    'users.people': () => ({ people: [] }),
    'recon.flow': () => day,
    'recon.name_entries': () => ({ ...day, state: 'tied', findings_open: 0, findings: day.findings.map((f) => ({ ...f, name: f.name ?? 'service_fee', name_id: f.name === null ? 'n1' : null })) }),
    'recon.confirm_bank': () => ({ ...day, at_bank: 1, withdrawals: day.withdrawals.map((w) => ({ ...w, state: 'matched' as const, because: 'person' as const, confirmation_id: 'c1', confirmed_by: 'Xu', reason: 'ok' })) }),
    'recon.bank_statements': () => ({ account_id: 'a1', statements: [] }),
  })
}

beforeEach(() => setLanguage('en'))

describe('funds and bank', () => {
  it('shows the way to the bank beside the way to our books, and the ticks under both', async () => {
    open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    expect((await screen.findByTestId('flow-balance')).textContent).toContain('90 rows')
    expect(screen.getByTestId('flow-findings').textContent).toContain('1 movement not tied')
    expect(screen.getByTestId('flow-bank').textContent).toContain('0 / 1')
    fireEvent.click(screen.getByTestId('tab-to_bank'))
    fireEvent.click(screen.getByTestId('waterfall-table'))
    const table = within(screen.getByTestId('waterfall')).getByRole('table')
    expect(table.textContent).toMatch(/Paid, gross.*¥2,000\.00.*Net booked.*¥1,790\.00.*Not at bank.*¥1,200\.00.*Closing.*¥1,500\.00/)
    expect(screen.getByTestId('residual').textContent).toBe('¥0.00')
  })

  it('says what is missing before the fund flow is tied', async () => {
    open({ ...flow, state: 'flow_missing', tied_at: null, waterfall: [], findings: [], findings_total: 0, findings_open: 0, withdrawals: [], balance: null })
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    fireEvent.click(await screen.findByTestId('tab-to_bank'))
    expect(screen.getByTestId('flow-none').textContent).toContain('No fund-flow bill yet')
  })

  it('names a movement with a reason, and offers to take it back', async () => {
    const door = open()
    show(
      <>
        <ReconPage />
        <ToastPlace />
      </>,
      ['view_bills', 'run_reconciliation'],
    )
    fireEvent.click(await screen.findByTestId('flow-open'))
    const panel = within(await screen.findByTestId('flow-panel'))
    expect(panel.getAllByTestId('flow-finding')).toHaveLength(2)
    fireEvent.click(panel.getByTestId('flow-pick'))
    const button = panel.getByTestId('flow-name-confirm')
    expect((button as HTMLButtonElement).disabled).toBe(true)
    fireEvent.change(panel.getByTestId('flow-reason'), { target: { value: 'contract 4' } })
    fireEvent.click(button)
    await waitFor(() =>
      expect(door.named('recon.name_entries')).toEqual([
        { account_id: 'a1', date: '2026-11-19', entries: [{ code: 'other_entry', business_no: 'FW1', flow_line: 7 }], name: 'withdrawal', reason: 'contract 4' },
      ]),
    )
    expect((await screen.findByTestId('toast')).textContent).toContain('1 named')
  })

  it('never chooses between two answers: a person ticks both sides', async () => {
    const door = open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    fireEvent.click(await screen.findByTestId('flow-open'))
    const panel = within(await screen.findByTestId('flow-panel'))
    fireEvent.click(panel.getByTestId('tab-bank'))
    expect(panel.getByTestId('withdrawal').dataset['state']).toBe('ambiguous')
    fireEvent.click(panel.getByTestId('pick-payout'))
    fireEvent.click(panel.getByTestId('pick-line'))
    fireEvent.change(panel.getByTestId('bank-reason'), { target: { value: 'seen at the bank' } })
    fireEvent.click(panel.getByTestId('bank-confirm'))
    await waitFor(() =>
      expect(door.named('recon.confirm_bank')).toEqual([
        { account_id: 'a1', date: '2026-11-19', lines: [{ statement_id: 's1', line_no: 14 }], payouts: ['2026-11-19/TX1'], reason: 'seen at the bank' },
      ]),
    )
  })
})
