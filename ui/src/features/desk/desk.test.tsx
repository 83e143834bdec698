import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import type { DeskAccount, DeskMonth, DeskOverview, FetchMissingResult } from '../../generated/types'
import { setClock } from '../../format'
import { setLanguage } from '../../i18n'
import { ApiError } from '../../platform'
import { openDoor, refund, show } from '../../test/door'
import { palettes } from '../../theme/tokens'
import { dayRanges, percentText, solidRow } from './api'
import DeskPage from './components/DeskPage'
import { axisText, axisUnit, monthOption } from './month'

const account: DeskAccount = {
  account: { account_id: 'a1', channel: 'wechat_pay', environment: 'sandbox', display_name: '示例商城', merchant_no_masked: '1900••2481' },
  bills_settled: 2,
  bill_status: 'verified',
  bill_days_left: null,
  bill_next_try_at: null,
  bill_rows: 4270,
  matched: 4253,
  match_basis_points: 9960,
  pool: { waiting: 41, broken: 23, overdue: 4, first: { account_id: 'a1', date: '2026-11-12' } },
  residual: { minor: 0, currency: 'CNY' },
  close: 'items_open',
  closed_at: null,
  action: 'handle_differences',
  needs: 'run_reconciliation',
  not_mine_because: null,
}
const late: DeskAccount = {
  ...account,
  account: { ...account.account, account_id: 'a2', display_name: '门店收银', merchant_no_masked: '1900••7736' },
  bills_settled: 1,
  bill_status: 'generating',
  bill_next_try_at: '2026-11-20T03:00:00Z',
  bill_rows: null,
  matched: null,
  match_basis_points: null,
  pool: { waiting: 0, broken: 0, overdue: 0, first: null },
  residual: null,
  close: 'waiting_for_bill',
  action: 'see_bill',
  needs: null,
}
const day = (worse: 'verified' | 'not_fetched' | 'lost_soon') => ({ trade: worse, fund_flow: 'verified' as const, worse, days_left: worse === 'verified' ? null : 12 })
const desk: DeskOverview = {
  business_date: '2026-11-19',
  today: '2026-11-20',
  as_of: '2026-11-20T01:42:16Z',
  collected: [
    { money: { minor: 123_235_731, currency: 'CNY' }, count: 8412 },
    { money: { minor: 825_970, currency: 'USD' }, count: 86 },
  ],
  refunded: [{ money: { minor: 3_551_050, currency: 'CNY' }, count: 96 }],
  residuals: [{ minor: 0, currency: 'CNY' }],
  reconciled: 1,
  pool: account.pool,
  approvals_mine: 1,
  approvals_other: 1,
  approvals_expire_at: '2026-11-20T09:42:16Z',
  approvals: [
    { row: refund, because: null },
    { row: { ...refund, refund_no: 'RF1120-0321' }, because: 'approval.maker_is_checker' },
  ],
  unknown: 2,
  unknown_sums: [{ money: { minor: 1000, currency: 'CNY' }, count: 2 }],
  unknown_next_query_at: '2026-11-20T01:43:28Z',
  accounts: [account, late],
  gaps: {
    accounts: [
      { account_id: 'a1', days: [day('verified'), day('not_fetched'), day('verified')] },
      { account_id: 'a2', days: [day('lost_soon'), day('verified'), day('verified')] },
    ],
    counts: [
      { status: 'verified', count: 10 },
      { status: 'not_fetched', count: 1 },
      { status: 'lost_soon', count: 1 },
    ],
    fetchable: 2,
    least_days_left: 12,
    first: '2026-11-17',
    last: '2026-11-19',
  },
  ages: [
    { from_days: 0, to_days: 1, waiting: 38, broken: 11, overdue: 0 },
    { from_days: 2, to_days: 3, waiting: 3, broken: 12, overdue: 0 },
    { from_days: 4, to_days: 7, waiting: 0, broken: 0, overdue: 0 },
    { from_days: 8, to_days: 30, waiting: 0, broken: 0, overdue: 3 },
    { from_days: 31, to_days: null, waiting: 0, broken: 0, overdue: 1 },
  ],
}
const month: DeskMonth = {
  first: '2026-11-18',
  last: '2026-11-19',
  series: [
    {
      currency: 'CNY',
      days: [
        { date: '2026-11-18', collected_minor: 0, collected_count: 0, refunded_minor: 0, refunded_count: 0, rate_basis_points: null },
        { date: '2026-11-19', collected_minor: 123_235_731, collected_count: 8412, refunded_minor: 3_551_050, refunded_count: 96, rate_basis_points: 288 },
      ],
    },
  ],
  partial: [{ account_id: 'a1', days: ['2026-11-18'] }],
  as_of: '2026-11-20T01:42:16Z',
}
const clerk = ['view_orders', 'view_bills', 'request_refund', 'run_reconciliation', 'sign_day_as_maker'] as const
const checker = ['view_orders', 'view_bills', 'approve_refund', 'sign_day_as_checker'] as const

function answers(changes: Partial<DeskOverview> = {}) {
  return { 'desk.overview': () => ({ ...desk, ...changes }), 'desk.month': () => month }
}

beforeEach(() => {
  setLanguage('zh')
  setClock('2026-11-20T01:42:16Z')
  window.location.hash = ''
})

describe('the desk', () => {
  it('shows the day to close with its figures, each opening the list it counts', async () => {
    openDoor(answers())
    show(<DeskPage />, [...clerk])
    const strip = await screen.findByTestId('desk-strip')
    expect(screen.getByTestId('desk-day').textContent).toContain('业务日 11-19 待日结：2 个账户已锁 0 个')
    expect(within(strip).getByTestId('strip-collected').textContent).toContain('1,232,357.31')
    expect(within(strip).getByTestId('strip-collected').textContent).toContain('另 US$8,259.70')
    expect(within(strip).getByTestId('strip-refunded').textContent).toContain('−¥35,510.50')
    expect(within(strip).getByTestId('open-count').textContent).toBe('27')
    expect(within(strip).getByTestId('strip-open').textContent).toContain('超期 4')
    expect(within(strip).getByTestId('strip-open').textContent).toContain('等待 41 不计入')
    expect(within(strip).getByTestId('strip-unknown').textContent).toMatch(/下次自动查询 (1 分 )?\d+ 秒后/)
    expect(screen.getByTestId('strip-collected-open').getAttribute('href')).toBe('#/orders?from=2026-11-19&to=2026-11-19&moved=in')
    expect(screen.getByTestId('strip-open-open').getAttribute('href')).toBe('#/recon?account=a1&day=2026-11-12&pool=broken')
  })

  it('never shows a total without naming what is missing from it', async () => {
    openDoor(answers())
    show(<DeskPage />, [...clerk])
    expect((await screen.findByTestId('strip-collected')).textContent).toContain('缺 1 户账单')
    expect(screen.getByTestId('desk-totals').textContent).toContain('门店收银：11-19 账单渠道生成中')
    await userEvent.click(screen.getByTestId('about-collected'))
    expect((await screen.findByTestId('about-collected-note')).textContent).toContain('门店收银：11-19 账单渠道生成中')
  })

  it('tells no figure from zero', async () => {
    openDoor(answers({ collected: [], refunded: [] }))
    show(<DeskPage />, [...clerk])
    expect((await screen.findByTestId('strip-collected-open')).textContent).toBe('—')
  })

  it('is worked by keyboard: J and Enter go to the next step of an account', async () => {
    openDoor(answers())
    show(<DeskPage />, [...clerk])
    await screen.findByTestId('desk-accounts')
    fireEvent.keyDown(document.body, { key: 'Enter' })
    expect(window.location.hash).toBe('#/recon?account=a1&day=2026-11-12')
    fireEvent.keyDown(document.body, { key: 'j' })
    fireEvent.keyDown(document.body, { key: 'Enter' })
    expect(window.location.hash).toBe('#/bills?account=a2&day=2026-11-19')
  })

  it('has one solid button, and a signature comes first', () => {
    const sign: DeskAccount = { ...late, action: 'sign_checker', needs: 'sign_day_as_checker' }
    expect(solidRow([account, late])).toBe('a1')
    expect(solidRow([account, sign])).toBe('a2')
    expect(solidRow([{ ...account, not_mine_because: 'permission.denied' }, late])).toBeNull()
  })

  it('shows whoever may not act who does, and why', async () => {
    openDoor(answers({ accounts: [{ ...account, not_mine_because: 'permission.denied' }] }))
    show(<DeskPage />, [...checker])
    const action = await screen.findByTestId('desk-action')
    expect(action.textContent?.replace(' ', '')).toBe('查看')
    expect(action.getAttribute('title')).toContain('处理差异')
    expect(screen.getByTestId('desk-close').textContent).toContain('等经办')
    expect((screen.getByTestId('desk-fetch-missing') as HTMLButtonElement).disabled).toBe(true)
    expect(screen.getByTestId('desk-gaps').textContent).toContain('由经办补取')
    expect(screen.getByTestId('approvals-count').textContent).toBe('1')
  })

  it('shows a reader who may do nothing that this is so', async () => {
    openDoor(answers())
    show(<DeskPage />, ['view_orders', 'view_bills'])
    expect(await screen.findByText(/只看不改/)).toBeTruthy()
    expect(screen.getByTestId('strip-approvals').textContent).toContain('由复核人审批')
  })

  it('lists approvals with the reason where they are another person’s', async () => {
    openDoor(answers())
    show(<DeskPage />, [...checker])
    const items = await screen.findAllByTestId('desk-approval')
    expect(items.map((i) => i.dataset['mine'])).toEqual(['true', 'false'])
    await userEvent.click(items[0] as HTMLElement)
    expect(window.location.hash).toBe('#/approvals?no=RF1120-0318')
  })

  it('fetches the gaps and gives a verdict for each bill', async () => {
    const result: FetchMissingResult = {
      fetched: 1,
      rows: 120,
      troubled: [
        {
          account_id: 'a2',
          date: '2026-11-17',
          kind: 'trade',
          status: null,
          error: { code: 'bill.too_old', message: '', remedy: '', retry: 'never', params: { date: '2026-11-17' } },
        },
        { account_id: 'a1', date: '2026-11-18', kind: 'trade', status: 'generating', error: null },
      ],
      left: 0,
      cancelled: false,
      stopped: false,
    }
    const door = openDoor({ ...answers(), 'bills.fetch_missing': () => result })
    show(<DeskPage />, [...clerk])
    await userEvent.click(await screen.findByTestId('desk-fetch-missing'))
    const verdict = await screen.findByTestId('batch-result')
    expect(door.named('bills.fetch_missing')).toEqual([{ account_id: null }])
    for (const part of ['成功 1', '失败 1', '未执行 1', '门店收银 2026-11-17 交易账单']) expect(verdict.textContent).toContain(part)
  })

  it('walks the gap map by arrows and says the day in words', async () => {
    openDoor(answers())
    show(<DeskPage />, [...clerk])
    const cell = await screen.findAllByTestId('gap-2026-11-19')
    act(() => cell[0]?.focus())
    fireEvent.keyDown(cell[0] as HTMLElement, { key: 'ArrowLeft' })
    expect(document.activeElement?.getAttribute('aria-label')).toContain('2026-11-18 示例商城：交易账单待下载')
    expect(screen.getByTestId('desk-gaps').textContent).toContain('2026-11-18 示例商城：交易账单待下载')
    fireEvent.click(document.activeElement as HTMLElement)
    expect(window.location.hash).toBe('#/bills?account=a1&day=2026-11-18')
  })

  it('says its charts in a sentence and a table', async () => {
    openDoor(answers())
    show(<DeskPage />, [...clerk])
    const chart = await screen.findByTestId('month-chart')
    expect(chart.textContent).toContain('有 1 天缺账单')
    expect(within(chart).getByRole('table').textContent).toContain('2.88%')
    expect((await screen.findByTestId('age-chart')).textContent).toContain('待处理 27 条，其中超期 4 条；另有 41 条等待')
  })

  it('says whose fault it is when the core does not answer, and keeps what it has', async () => {
    let broken = true
    const door = openDoor({
      ...answers(),
      'desk.overview': () => {
        if (broken) throw new ApiError({ code: 'store.failure', retry: 'later', params: { detail: 'disk' }, message: '', remedy: '' })
        return desk
      },
    })
    show(<DeskPage />, [...clerk])
    await screen.findByTestId('error')
    broken = false
    await userEvent.click(screen.getByTestId('retry'))
    await screen.findByTestId('desk-strip')
    broken = true
    act(() => door.emit({ type: 'stale', tags: ['orders'] }))
    await waitFor(() => expect(screen.getByTestId('desk-strip')).toBeTruthy())
  })

  it('tells a desk without accounts what to do', async () => {
    openDoor(answers({ accounts: [] }))
    show(<DeskPage />, [...clerk])
    expect((await screen.findByTestId('empty')).textContent).toContain('还没有接入渠道')
  })

  it('speaks English', async () => {
    setLanguage('en')
    openDoor(answers())
    show(<DeskPage />, [...clerk])
    expect((await screen.findByTestId('strip-open')).textContent).toContain('27 items')
    setLanguage('zh')
  })
})

describe('figures', () => {
  it('never round a share up to the whole', () => {
    for (const [basis, text] of [[10_000, '100%'], [9999, '99.99%'], [9960, '99.60%'], [0, '0%'], [7, '0.07%']] as const) {
      expect(percentText(basis)).toBe(text)
    }
  })

  it('join days that follow each other', () => {
    expect(dayRanges(['2026-11-03', '2026-10-31', '2026-11-01', '2026-11-07'], '、')).toBe('10-31 – 11-01、11-03、11-07')
  })

  it('stand on the axis in the reader’s unit', () => {
    expect(axisText(123_235_731, axisUnit('CNY', 'zh'))).toBe('123.24')
    expect(axisText(123_235_731, axisUnit('CNY', 'en'))).toBe('1,232.36')
    expect(axisText(5_000_000, axisUnit('JPY', 'zh'))).toBe('500')
  })

  it('draw bars from zero on two panels, and shade the days without bills', () => {
    const series = month.series[0]
    if (series === undefined) throw new Error('no series')
    const option = monthOption(series, new Set(['2026-11-18']), palettes.light, { collected: 'c', rate: 'r', partial: 'p' }, 'zh')
    const axes = Array.isArray(option.yAxis) ? option.yAxis : [option.yAxis]
    expect(axes.map((a) => a?.min)).toEqual([0, 0])
    const bars = Array.isArray(option.series) ? option.series : [option.series]
    expect(bars).toHaveLength(2)
    expect(JSON.stringify(bars[0])).toContain('"xAxis":"11-18"')
  })
})
