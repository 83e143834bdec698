import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BackTestView, RuleBody, RuleSetsView, RuleSetView } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { openDoor, show } from '../../test/door'
import RulesPage from './components/RulesPage'
import { percent, readPercent } from './words'

const rules: RuleBody = {
  version: 1,
  keys: ['channel_number', 'merchant_number'],
  tolerances: [{ channel: 'wechat_pay', on: 'fee', per_row_minor: 1, daily_minor: 500, monthly_minor: 5000, owner: '@administrator', reason: '@rounding' }],
  fees: [],
  day_cuts: [{ channel: 'wechat_pay', minutes_after_midnight: 0 }],
  carry: [{ channel: 'wechat_pay', kind: 'payment', days: 1 }],
}

const shipped: RuleSetView = {
  rule_set_id: null,
  version: 1,
  based_on: 0,
  state: 'built_in',
  rules,
  digest: 'a'.repeat(64),
  reason: '@rounding',
  proposed_by: null,
  proposed_at: null,
  decided_by: null,
  decided_at: null,
  decision_note: null,
  back_test_digest: null,
  back_test: null,
  mine: false,
  may_decide: false,
  may_not_because: null,
}

const test: BackTestView = {
  back_test_id: 'b1',
  rule_set_id: 's2',
  rules_digest: 'b'.repeat(64),
  against_version: 1,
  account_id: 'a1',
  first: '2026-11-01',
  last: '2026-11-19',
  days: [{ date: '2026-11-19', run_number: 3, rules_version: 1, before: 2, after: 1, hidden: 1, raised: 0, tolerated_rows: 4, spent_minor: 4, ended_by: null }],
  codes: [{ code: 'fee_mismatch', before: 2, after: 1 }],
  hidden: 1,
  raised: 0,
  digest: 'c'.repeat(64),
  run_by: '周砚',
  at: '2026-11-20T01:00:00Z',
}

const proposal: RuleSetView = {
  ...shipped,
  rule_set_id: 's2',
  version: 2,
  based_on: 1,
  state: 'proposed',
  rules: { ...rules, version: 2, fees: [{ channel: 'wechat_pay', rate_ppm: 6000, minimum_minor: 0, on_refund: 'returned', from: '2026-01-01', until: null }] },
  digest: 'b'.repeat(64),
  reason: '合同更新',
  proposed_by: '许知夏',
  proposed_at: '2026-11-20T00:00:00Z',
  back_test: test,
}

const sets = (changes: Partial<RuleSetsView> = {}): RuleSetsView => ({
  current: shipped,
  proposals: [],
  history: [shipped],
  budgets: [{ channel: 'wechat_pay', on: 'fee', month: '2026-11-01', spent_minor: 127, monthly_minor: 5000, owner: '@administrator' }],
  back_test_days_max: 92,
  ...changes,
})

const people = { people: [{ user_id: 'u2', login: 'zhouyan', display_name: '周砚', role: 'approver' as const }] }
const items = {
  rows: [
    {
      position: 1,
      change: 'hidden' as const,
      date: '2026-11-19',
      code: 'fee_mismatch' as const,
      kind: 'payment' as const,
      number: 'QY0001',
      channel: { minor: 100, currency: 'CNY' as const },
      ledger: { minor: 100, currency: 'CNY' as const },
      channel_line: 2,
      ledger_line: 2,
      fee: { charged: { minor: 2, currency: 'CNY' as const }, agreed: { minor: 1, currency: 'CNY' as const }, over_budget: false },
    },
  ],
  next_cursor: null,
  total: 1,
}

beforeEach(() => setLanguage('zh'))

describe('reconciliation rules', () => {
  it('says what stands in words, and what the month has spent', async () => {
    openDoor({ 'recon.rules': () => sets(), 'users.people': () => people })
    show(<RulesPage />, ['view_bills'])
    expect((await screen.findByTestId('rr-tolerances')).textContent).toContain('每行 ±¥0.01，每日 ¥5.00，每月 ¥50.00；负责人 管理员')
    expect(screen.getByTestId('rr-budget').textContent).toContain('2026-11 已用 ¥1.27 / ¥50.00，剩 ¥48.73')
    expect(screen.getByTestId('rr-keys').textContent).toContain('先按渠道单号，再按商户单号')
    expect((screen.getByTestId('rr-edit') as HTMLButtonElement).disabled).toBe(true)
  })

  it('proposes what the form says, with a reason, and shows what changes', async () => {
    const door = openDoor({ 'recon.rules': () => sets(), 'users.people': () => people, 'recon.propose_rules': () => sets({ proposals: [proposal] }) })
    show(<RulesPage />, ['view_bills', 'run_reconciliation'])
    await userEvent.click(await screen.findByTestId('rr-edit'))
    const editor = await screen.findByTestId('rr-editor')
    await userEvent.click(within(editor).getByTestId('rr-add-fees'))
    const rate = within(editor).getByTestId('rr-rate-0')
    await userEvent.clear(rate)
    await userEvent.type(rate, '0.38')
    expect(within(editor).getByTestId('rr-diff').textContent).toContain('0.38%')
    expect((within(editor).getByTestId('rr-propose') as HTMLButtonElement).disabled).toBe(true)
    await userEvent.type(within(editor).getByTestId('rr-why'), '合同更新')
    await userEvent.click(within(editor).getByTestId('rr-propose'))
    await waitFor(() =>
      expect(door.named('recon.propose_rules')).toEqual([
        expect.objectContaining({ based_on: 1, reason: '合同更新', rules: expect.objectContaining({ fees: [expect.objectContaining({ rate_ppm: 3800 })] }) as unknown }),
      ]),
    )
  })

  it('approves over the digests that are shown, and only where another proposed', async () => {
    const door = openDoor({
      'recon.rules': () => sets({ proposals: [{ ...proposal, may_decide: true }] }),
      'users.people': () => people,
      'recon.back_test_items': () => items,
      'recon.decide_rules': () => sets({ current: { ...proposal, state: 'in_effect' } }),
    })
    show(<RulesPage />, ['view_bills', 'sign_day_as_checker'])
    expect((await screen.findByTestId('rr-covers')).textContent).toContain('bbbb')
    expect((await screen.findByTestId('rr-items')).textContent).toContain('QY0001')
    expect(screen.getByTestId('rr-proposal-diff').textContent).toContain('0.60%')
    await userEvent.click(screen.getByTestId('rr-approve'))
    await waitFor(() =>
      expect(door.named('recon.decide_rules')).toEqual([{ rule_set_id: 's2', digest: proposal.digest, back_test_digest: test.digest, approve: true, note: '' }]),
    )
  })

  it('leaves one’s own proposal to somebody else', async () => {
    openDoor({ 'recon.rules': () => sets({ proposals: [{ ...proposal, mine: true, back_test: null, may_not_because: 'approval.maker_is_checker' }] }), 'users.people': () => people })
    show(<RulesPage />, ['view_bills', 'run_reconciliation'])
    expect((await screen.findByTestId('rr-may-not')).textContent).toContain('请另一位复核人决定')
    expect(screen.queryByTestId('rr-approve')).toBeNull()
    expect(screen.getByTestId('rr-withdraw')).toBeTruthy()
  })

  it('reads and writes rates without a float', () => {
    for (const [text, ppm] of [
      ['0.60', 6000],
      ['0.6', 6000],
      ['0.385', 3850],
      ['100', 1_000_000],
    ] as const) {
      expect(readPercent(text)).toBe(ppm)
    }
    expect(percent(6000)).toBe('0.60')
    expect(percent(3850)).toBe('0.385')
    expect(readPercent('100.01')).toBeNull()
    expect(readPercent('x')).toBeNull()
  })
})
