import { fireEvent, screen, waitFor } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import { setLanguage } from '../../i18n'
import { bill, calendar } from '../../test/days'
import { openDoor, show, type TestDoor } from '../../test/door'
import BillsPage from './components/BillsPage'

function open(): TestDoor {
  return openDoor({
    'bills.calendar': () => calendar,
    'bills.detail': () => bill,
    'bills.lines': () => ({ lines: [], next_after_line: null }),
    'bills.raw': (p) => ({
      lines: p.from_line === 1 ? [{ line_no: 1, text: 'header' }, { line_no: 2, text: '`2026-11-19' }] : [{ line_no: 3, text: 'trailer' }],
      next_line: p.from_line === 1 ? 3 : null,
    }),
    'recon.day': () => ({ bill, books: null, runs: [] }),
  })
}

beforeEach(() => {
  setLanguage('zh')
  window.location.hash = '#/bills?day=2026-11-19'
})

describe('bills', () => {
  it('verifies out loud: which total of the trailer differs, and which lines cannot be read, to be copied', async () => {
    const copied: string[] = []
    Object.defineProperty(navigator, 'clipboard', {
      value: {
        writeText: (text: string) => {
          copied.push(text)
          return Promise.resolve()
        },
      },
      configurable: true,
    })
    open()
    show(<BillsPage />, ['view_bills', 'run_reconciliation'])
    const totals = await screen.findByTestId('bill-totals')
    expect(totals.textContent).toContain('总交易单数 汇总行写的 4,304 · 逐行加出来的 4,303')
    expect(screen.getByTestId('file-faults').textContent).toContain('第 12 行 · amount · “1,2” 金额不能带千位分隔符')
    fireEvent.click(screen.getByTestId('copy-faults'))
    await waitFor(() => expect(copied).toEqual([expect.stringContaining('第 12 行')]))
  })

  it('shows the file as it stands, page after page', async () => {
    const door = open()
    show(<BillsPage />, ['view_bills', 'run_reconciliation'])
    fireEvent.click(await screen.findByTestId('tab-raw'))
    await waitFor(() => expect(screen.getByTestId('bill-raw').textContent).toContain('trailer'))
    expect(door.named('bills.raw').map((p) => (p as { from_line: number }).from_line)).toEqual([1, 3])
  })

  it('lists what the calendar draws, and only the troubled ones', async () => {
    window.location.hash = '#/bills?day=2026-11-19&view=list'
    open()
    show(<BillsPage />, ['view_bills', 'run_reconciliation'])
    await waitFor(() => expect(screen.getAllByTestId('row').length).toBe(10))
    expect(screen.getByTestId('bill-list').textContent).toContain('12 天后取不回')
    fireEvent.click(screen.getByTestId('tab-trouble'))
    expect(screen.getAllByTestId('row').length).toBe(7)
  })

  it('says why a bill is not here and when it is tried again', async () => {
    window.location.hash = '#/bills?day=2026-11-18'
    open()
    show(<BillsPage />, ['view_bills'])
    const empty = await screen.findByTestId('empty')
    expect(empty.textContent).toContain('连不上')
    expect(empty.textContent).toContain('11-20 09:10 自动重取')
    expect((screen.getByTestId('fetch-bill') as HTMLButtonElement).disabled).toBe(true)
  })
})
