import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import { ToastPlace } from '../../components/Toast'
import { setLanguage } from '../../i18n'
import { difference, differenceRow, firstRun, heldRow, pendingRow, pool, proposal, run } from '../../test/days'
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

  it('keeps A struck while the detail is on its way, for that row alone', async () => {
    open()
    show(<ReconPage />, ['view_bills', 'run_reconciliation'])
    await screen.findByTestId('difference-pane')
    press('j')
    press('a')
    expect(await screen.findByTestId('resolve-reason')).toBeTruthy()
  })

  it('is worked by keys: select, the sum of the selection, E packs the evidence, undo; a row that fails says why', async () => {
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
    await waitFor(() => expect(door.named('recon.evidence')).toEqual([{ difference_id: 'd2' }]))
    fireEvent.click(screen.getByTestId('reverse-selected'))
    fireEvent.change(await screen.findByTestId('reverse-reason'), { target: { value: '挂错了' } })
    fireEvent.click(screen.getByTestId('reverse-confirm'))
    await waitFor(() => expect(door.named('recon.reverse')).toEqual([{ difference_ids: ['d2'], reason: '挂错了' }]))
    const result = await screen.findByTestId('batch-result')
    expect(result.textContent).toMatch(/成功 1.*失败 1/)
    expect(result.textContent).toContain('QY9')
    expect(result.textContent).toContain('2026-11-18 已日结锁定，不能再改')
  })
})

const settled = { ...proposal, resolution_id: 'e0', difference_id: 'd1', kind: 'cross_day' as const, code: 'missing_in_ledger' as const, state: 'in_effect' as const, second_person: false, other_date: '2026-11-20', other_line: 88, may_decide: false }
const back = { ...proposal, resolution_id: 'e2', number: 'QY4', reverses: 'e9', amount: { minor: 32800, currency: 'CNY' as const } }

type Answers = Parameters<typeof openDoor>[0]

/** The workbench over three rows, the third of which waits for a second person. */
function work(answers: Answers = {}, rights: Parameters<typeof show>[1] = ['view_bills', 'run_reconciliation']): TestDoor {
  const door = openDoor({
    'recon.day': () => ({ bill, books: null, runs: [run] }),
    'recon.pool': () => pool,
    'recon.differences': () => ({ rows: [differenceRow, heldRow, pendingRow], next_cursor: null, total: 3 }),
    'recon.pool_differences': () => ({ rows: [], next_cursor: null, total: 0 }),
    'recon.difference': (p) =>
      p.difference_id === 'd3'
        ? { ...difference, row: pendingRow, choices: [], history: [proposal] }
        : { ...difference, row: p.difference_id === 'd2' ? heldRow : differenceRow, history: [settled] },
    'recon.resolve': (p) => ({ done: p.difference_ids.length, failed: [], sums: [{ money: { minor: 49900, currency: 'CNY' }, count: 1 }] }),
    'recon.reverse': (p) => ({ done: p.difference_ids.length, failed: [], sums: [] }),
    'recon.decide': (p) => ({ done: p.resolution_ids.length, failed: [], sums: [] }),
    'recon.resolutions': () => ({ rows: [proposal, back], next_cursor: null, total: 2 }),
    'users.people': () => ({ people: [{ user_id: 'u1', login: 'xu', display_name: '许知夏', role: 'clerk' }] }),
    ...answers,
  })
  show(
    <>
      <ReconPage />
      <ToastPlace />
    </>,
    rights,
  )
  return door
}

/** Writes down why. */
async function say(testid: string, text: string) {
  fireEvent.change(await screen.findByTestId(testid), { target: { value: text } })
}

describe('resolutions', () => {
  beforeEach(() => {
    window.location.hash = '#/recon'
  })

  it.each([
    ['query', true, false],
    ['supplement', false, true],
    ['write_off', false, true],
    ['relabel', false, false],
  ] as const)('%s: says what it does and who decides, and asks for what it needs', async (kind, owner, second) => {
    const door = work()
    await screen.findAllByTestId('history-entry')
    press('a')
    await screen.findByTestId('resolve-step')
    expect(screen.getByTestId('step-sum').textContent).toContain('+¥499.00')
    expect(screen.queryByTestId('kind-claim')).toBeNull()
    fireEvent.click(screen.getByTestId(`kind-${kind}`))
    expect(screen.getByTestId('resolve-who').textContent).toContain(second ? '要另一个人复核' : '您一人就能记下')
    expect(screen.queryByTestId('resolve-owner') !== null).toBe(owner)
    if (kind === 'relabel') await say('resolve-label', '充值')
    await say('resolve-reason', '查过账单')
    fireEvent.click(screen.getByTestId('resolve-confirm'))
    await waitFor(() =>
      expect(door.named('recon.resolve')).toEqual([
        { difference_ids: ['d1'], kind, reason: '查过账单', owner_id: owner ? 'u1' : null, due_date: owner ? '2026-11-23' : null, label: kind === 'relabel' ? '充值' : null },
      ]),
    )
    expect((await screen.findByTestId('toast')).textContent).toContain(second ? '已提交复核' : '已记录')
    fireEvent.click(screen.getByTestId('toast-undo'))
    await waitFor(() => expect(door.named('recon.reverse')).toEqual([{ difference_ids: ['d1'], reason: '撤销' }]))
  })

  it('nothing is recorded without a reason', async () => {
    const door = work()
    await screen.findAllByTestId('history-entry')
    fireEvent.click(screen.getByTestId('resolve'))
    fireEvent.click(await screen.findByTestId('kind-write_off'))
    fireEvent.click(screen.getByTestId('resolve-confirm'))
    await screen.findByText('为什么这样办，凭什么', { selector: '.ant-form-item-explain-error' })
    expect(door.named('recon.resolve')).toEqual([])
  })

  it('a refund is recorded, then asked for at the refund desk', async () => {
    const door = work({ 'refunds.open': () => ({ refund_no: 'RF1' }) as never }, ['view_bills', 'run_reconciliation', 'request_refund'])
    await screen.findAllByTestId('history-entry')
    press('a')
    fireEvent.click(await screen.findByTestId('kind-refund'))
    await say('resolve-reason', '付了两次')
    fireEvent.click(screen.getByTestId('resolve-confirm'))
    await waitFor(() => expect(door.named('refunds.open')).toEqual([{ order_id: 'o1' }]))
    await waitFor(() => expect(window.location.hash).toContain('/refunds?no=RF1'))
  })

  it('in bulk every kind is offered and each refused row says why', async () => {
    const door = work({
      'recon.resolve': () => ({
        done: 1,
        failed: [{ id: 'd2', number: 'QY2', code: 'state.illegal_step', params: { number: 'QY2', from: 'amount_mismatch', to: 'claim' } }],
        sums: [],
      }),
    })
    await screen.findAllByTestId('history-entry')
    press('x')
    press('j')
    press('x')
    press('a')
    await screen.findByTestId('resolve-step')
    expect(screen.getByTestId('step-sum').textContent).toContain('+¥519.00')
    fireEvent.click(screen.getByTestId('kind-claim'))
    await say('resolve-reason', '少给了')
    fireEvent.click(screen.getByTestId('resolve-confirm'))
    await waitFor(() => expect(door.named('recon.resolve')).toContainEqual(expect.objectContaining({ difference_ids: ['d1', 'd2'], kind: 'claim' })))
    expect((await screen.findByTestId('batch-result')).textContent).toContain('QY2 现在是「金额不同」，不能变为「向渠道索赔」')
  })

  it('tells the history, with the line of the other day', async () => {
    work()
    const entry = (await screen.findAllByTestId('history-entry'))[0]
    expect(entry?.textContent).toContain('跨日勾对')
    expect(entry?.textContent).toContain('由 2026-11-20 账簿第 88 行勾平')
    expect(entry?.textContent).toContain('已生效')
  })

  it.each([
    ['close.same_person', '这是您自己提的'],
    ['permission.denied', '您的角色不能复核处理'],
  ])('what waits shows its buttons to everybody, and why not: %s', async (code, words) => {
    work({
      'recon.differences': () => ({ rows: [pendingRow], next_cursor: null, total: 1 }),
      'recon.difference': () => ({ ...difference, row: pendingRow, choices: [], history: [{ ...proposal, may_decide: false, may_not_because: code }] }),
    })
    expect((await screen.findByTestId('may-not-decide')).textContent).toContain(words)
    expect((screen.getByTestId('approve') as HTMLButtonElement).disabled).toBe(true)
    expect((screen.getByTestId('reject') as HTMLButtonElement).disabled).toBe(true)
    press('a')
    expect(screen.queryByTestId('approve-step')).toBeNull()
    expect(screen.queryByTestId('resolve')).toBeNull()
  })

  it('whoever proposed it withdraws it with a reason', async () => {
    const door = work({ 'recon.differences': () => ({ rows: [pendingRow], next_cursor: null, total: 1 }) })
    await screen.findByTestId('proposal')
    fireEvent.click(screen.getByTestId('reopen'))
    await say('reverse-reason', '弄错了')
    fireEvent.click(screen.getByTestId('reverse-confirm'))
    await waitFor(() => expect(door.named('recon.reverse')).toEqual([{ difference_ids: ['d3'], reason: '弄错了' }]))
  })

  it('the second person says yes in the pane', async () => {
    const door = work({ 'recon.differences': () => ({ rows: [pendingRow], next_cursor: null, total: 1 }) }, ['view_bills', 'sign_day_as_checker'])
    expect((await screen.findByTestId('proposal')).textContent).toContain('Xu')
    expect(screen.queryByTestId('may-not-decide')).toBeNull()
    press('a')
    expect((await screen.findByTestId('approve-confirm')).textContent).toContain('\u2212¥328.00')
    fireEvent.click(screen.getByTestId('approve-confirm'))
    await waitFor(() => expect(door.named('recon.decide')).toEqual([{ resolution_ids: ['e1'], approve: true, note: '' }]))
  })
})

describe('the ledger', () => {
  beforeEach(() => {
    window.location.hash = '#/recon?pool=ledger'
  })

  it('opens on what waits for whoever may decide; a no needs its reason, and is given row by row', async () => {
    const door = work(
      { 'recon.decide': () => ({ done: 1, failed: [{ id: 'e2', number: 'QY4', code: 'close.same_person', params: {} }], sums: [] }) },
      ['view_bills', 'sign_day_as_checker'],
    )
    const grid = await screen.findByTestId('ledger')
    await waitFor(() => expect(grid.textContent).toContain('冲回：核销'))
    expect(door.named('recon.resolutions')).toContainEqual(expect.objectContaining({ account_id: 'a1', state: 'proposed' }))
    press('x')
    press('j')
    press('x')
    press('b')
    fireEvent.click(await screen.findByTestId('reject-confirm'))
    await screen.findByText('为什么这样办，凭什么', { selector: '.ant-form-item-explain-error' })
    expect(door.named('recon.decide')).toEqual([])
    await say('reject-reason', '没有凭据')
    fireEvent.click(screen.getByTestId('reject-confirm'))
    await waitFor(() => expect(door.named('recon.decide')).toEqual([{ resolution_ids: ['e1', 'e2'], approve: false, note: '没有凭据' }]))
    expect((await screen.findByTestId('batch-result')).textContent).toContain('这是您自己提的')
  })

  it('a clerk reads all of it and decides nothing', async () => {
    const mine = { ...proposal, may_decide: false, may_not_because: 'permission.denied' }
    const door = work({ 'recon.resolutions': () => ({ rows: [mine], next_cursor: null, total: 1 }) })
    await screen.findByTestId('entry-pane')
    expect(door.named('recon.resolutions')).toContainEqual(expect.objectContaining({ state: null, limit: 200 }))
    expect((screen.getByTestId('approve') as HTMLButtonElement).disabled).toBe(true)
    press('a')
    expect(screen.queryByTestId('approve-step')).toBeNull()
    fireEvent.click(screen.getByTestId('tab-back'))
    await screen.findByTestId('differences')
    fireEvent.click(screen.getByTestId('tab-ledger'))
    await screen.findByTestId('ledger')
  })

  it('names what no entry matches', async () => {
    work({ 'recon.resolutions': () => ({ rows: [], next_cursor: null, total: 0 }) }, ['view_bills', 'sign_day_as_checker'])
    await screen.findByText('没有等复核的处理')
    fireEvent.click(screen.getByTestId('tab-rejected'))
    await screen.findByText('没有符合条件的记录')
  })
})
