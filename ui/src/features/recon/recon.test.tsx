import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import { ToastPlace } from '../../components/Toast'
import { setLanguage } from '../../i18n'
import { difference, differenceRow, firstRun, heldRow, pool, run } from '../../test/days'
import { bill } from '../../test/days'
import { openDoor, show, type TestDoor } from '../../test/door'
import ReconPage from './components/ReconPage'

const press = (key: string, more: Partial<KeyboardEventInit> = {}) => fireEvent.keyDown(document.body, { key, ...more })

function open(): TestDoor {
  return openDoor({
    'recon.day': () => ({ bill, books: null, runs: [run, firstRun] }),
    'recon.pool': () => pool,
    'recon.differences': () => ({ rows: [differenceRow, heldRow], next_cursor: null, total: 2 }),
    'recon.pool_differences': (p) => ({ rows: p.status === 'overdue' ? [heldRow] : [], next_cursor: null, total: p.status === 'overdue' ? 1 : 0 }),
    'recon.difference': (p) => ({ ...difference, row: p.difference_id === 'd2' ? heldRow : difference.row }),
    'recon.reverse': () => ({
      done: 1,
      failed: [{ id: 'd9', number: 'QY9', code: 'close.locked', params: { date: '2026-11-18' } }],
      sums: [{ money: { minor: 2000, currency: 'CNY' }, count: 1 }],
    }),
    'users.people': () => ({ people: [] }),
  })
}

beforeEach(() => setLanguage('zh'))

describe('the workbench', () => {
  it('counts the whole pool, each currency by itself, and says what a sum is', async () => {
    open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    const counters = within(await screen.findByTestId('counters'))
    expect((await counters.findByTestId('count-open')).textContent).toBe('23')
    expect(screen.getByTestId('count-waiting').textContent).toBe('41')
    expect(screen.getByTestId('count-overdue').textContent).toBe('4')
    const text = screen.getByTestId('counters').textContent ?? ''
    expect(text).toContain('+¥2,745.80')
    expect(text).toContain('+US$74.50')
    expect(text).toContain('\u2212¥335.00')
    expect(text).toContain('未到期，不算差错')
    expect(counters.getAllByTestId('about-number').length).toBe(4)
  })

  it('names both sides and never the bare short terms', async () => {
    open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    const pane = await screen.findByTestId('difference-pane')
    expect(pane.textContent).toContain('渠道有 · 我方无')
    expect(pane.textContent).toContain('内部叫法：单边 · 渠道')
    expect(await screen.findByText(/证据 2 件/)).toBeTruthy()
    expect(pane.textContent).toContain('一次都没收到')
    expect(pane.textContent).toContain('还有 3 条同类')
    expect(document.body.textContent).not.toMatch(/长款|短款/)
  })

  it('changes who is subtracted from whom', async () => {
    open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    const grid = await screen.findByTestId('differences')
    await waitFor(() => expect(grid.textContent).toContain('+¥499.00'))
    fireEvent.click(screen.getByTestId('perspective'))
    expect(grid.textContent).toContain('\u2212¥499.00')
  })

  it('opens the pool under a counter, and an empty standing says so', async () => {
    const door = open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    fireEvent.click(await screen.findByTestId('count-overdue'))
    await waitFor(() => expect(door.named('recon.pool_differences')).toContainEqual(expect.objectContaining({ account_id: 'a1', status: 'overdue' })))
    await waitFor(() => expect(screen.getByTestId('differences').textContent).toContain('QY2'))
    fireEvent.click(screen.getByTestId('tab-broken'))
    await screen.findByText('没有差错，每一条都有人负责')
  })

  it('shows an older run read-only and leads back to the latest', async () => {
    window.location.hash = '#/recon?run=r1'
    open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    expect((await screen.findByTestId('partial')).textContent).toContain('第 1 次运行')
    await screen.findByTestId('difference-pane')
    expect((screen.getByTestId('suspend') as HTMLButtonElement).disabled).toBe(true)
    fireEvent.click(screen.getByTestId('run-latest'))
    await waitFor(() => expect(screen.queryByTestId('partial')).toBeNull())
  })

  it('draws each currency by itself and gives the same as a table', async () => {
    open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    const waterfall = within(await screen.findByTestId('waterfall'))
    expect(waterfall.getByRole('img', { name: /渠道净额 ¥594,138.36，经 3 项差额到我方净额 ¥605,493.86，未解释 ¥0.00/ })).toBeTruthy()
    expect(screen.getByTestId('waterfall').textContent).toContain('断轴')
    fireEvent.click(waterfall.getByTestId('tab-JPY'))
    fireEvent.click(waterfall.getByTestId('waterfall-table'))
    expect(waterfall.getByRole('table').textContent).toContain('JP¥12,800')
    expect(waterfall.getByRole('table').textContent).not.toContain('594')
  })

  it('is worked by keys: select, the sum of the selection, E to the evidence, undo; a row that fails says why', async () => {
    const door = open()
    show(
      <>
        <ReconPage />
        <ToastPlace />
      </>,
      ['view_bills', 'run_reconciliation'],
    )
    await screen.findByTestId('difference-pane')
    press('j')
    press('x')
    expect((await screen.findByText('已选 1 条')).parentElement?.textContent).toContain('+¥20.00')
    press('e')
    await waitFor(() => expect(document.activeElement?.id).toBe('zf-evidence'))
    fireEvent.click(screen.getByText('取消挂账', { selector: '.zf-keys *' }))
    await waitFor(() => expect(door.named('recon.reverse')).toEqual([{ difference_ids: ['d2'], reason: '取消挂账' }]))
    const result = await screen.findByTestId('batch-result')
    expect(result.textContent).toMatch(/成功 1.*失败 1/)
    expect(result.textContent).toContain('QY9')
    expect(result.textContent).toContain('2026-11-18 已日结锁定，不能再改')
  })
})
