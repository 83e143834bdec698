/** One reconciled day with Latin names only: whatever Chinese appears in English mode then comes from the console. */
import type { BillCalendar, BillView, CloseView, CompareView, DifferenceDetail, DifferenceRow, FlowDay, PoolView, ReconView, ResolutionView } from '../generated/types'

const cny = (minor: number) => ({ minor, currency: 'CNY' as const })
const at = '2026-11-20T01:10:00Z'

export const differenceRow: DifferenceRow = {
  difference_id: 'd1',
  date: '2026-11-19',
  code: 'missing_in_ledger',
  bucket: 'missing_in_ledger',
  status: 'broken',
  kind: 'payment',
  number: 'QY1',
  order_id: 'o1',
  channel: { amount: cny(49900), state_text: 'SUCCESS', at, number: '4200002481202611196730185524', line_no: 2207, raw: null },
  ledger: null,
  gap: cny(49900),
  age_days: 1,
  disposition: 'open',
  owner: null,
  due_date: null,
  note: null,
  suggestion: 'query_channel',
}

export const heldRow: DifferenceRow = {
  ...differenceRow,
  difference_id: 'd2',
  code: 'amount_mismatch',
  bucket: 'channel_higher',
  status: 'overdue',
  number: 'QY2',
  ledger: { amount: cny(47900), state_text: 'SUCCESS', at, number: 'QY2', line_no: 9, raw: null },
  gap: cny(2000),
  disposition: 'suspended',
  owner: 'Xu',
  due_date: '2026-11-18',
  note: 'asked the shop',
  suggestion: 'compare_totals',
}

/** A write-off that waits for a second person. */
export const proposal: ResolutionView = {
  resolution_id: 'e1',
  difference_id: 'd3',
  account_id: 'a1',
  date: '2026-11-19',
  code: 'missing_in_channel',
  entry_kind: 'payment',
  number: 'QY3',
  kind: 'write_off',
  amount: cny(-32800),
  owner: null,
  due_date: null,
  reason: 'shop closed',
  label: null,
  other_date: null,
  other_line: null,
  reverses: null,
  state: 'proposed',
  second_person: true,
  proposed_by: 'Xu',
  proposed_at: at,
  decided_by: null,
  decided_at: null,
  decision_note: null,
  may_decide: true,
  may_not_because: null,
}

export const pendingRow: DifferenceRow = {
  ...differenceRow,
  difference_id: 'd3',
  code: 'missing_in_channel',
  bucket: 'missing_in_channel',
  status: 'pending',
  disposition: 'pending',
  number: 'QY3',
  channel: null,
  ledger: { amount: cny(32800), state_text: 'SUCCESS', at, number: 'QY3', line_no: 12, raw: null },
  gap: cny(-32800),
}

export const difference: DifferenceDetail = {
  row: { ...differenceRow, channel: differenceRow.channel === null ? null : { ...differenceRow.channel, raw: '`2026-11-19 19:44:08,`SUCCESS' } },
  bill_sha256: '8c0fd21b8c0fd21b',
  books_sha256: '41d80c7e41d80c7e',
  likely_cause: 'lost_notice',
  order: null,
  queried: { at, kind: 'channel_queried', amount: null, refund_no: null, actor: null, source: 'channel_query', verified: true, detail: 'SUCCESS' },
  noticed: null,
  alike: 3,
  choices: ['wait', 'query', 'supplement', 'refund', 'write_off', 'relabel'],
  history: [],
}

export const run: ReconView = {
  run_id: 'r2',
  account_id: 'a1',
  date: '2026-11-19',
  number: 2,
  finished_at: at,
  millis: 840,
  run_by: 'Xu',
  matched: 4270,
  waiting: 41,
  bill_rows: 4303,
  ledger_rows: 4300,
  counts: [
    { code: 'missing_in_ledger', count: 1, channel_minor: 49900, ledger_minor: 0 },
    { code: 'amount_mismatch', count: 1, channel_minor: 49900, ledger_minor: 47900 },
  ],
  waterfall: [
    { name: 'channel_net', minor: 59413836, count: 4303 },
    { name: 'missing_in_ledger', minor: -49900, count: 1 },
    { name: 'channel_higher', minor: -2000, count: 1 },
    { name: 'waiting', minor: 1187450, count: 41 },
    { name: 'ledger_net', minor: 60549386, count: 4300 },
    { name: 'residual', minor: 0, count: 0 },
  ],
  other_waterfalls: [
    {
      currency: 'JPY',
      steps: [
        { name: 'channel_net', minor: 12800, count: 0 },
        { name: 'ledger_net', minor: 12800, count: 0 },
        { name: 'residual', minor: 0, count: 0 },
      ],
    },
  ],
  residual: cny(0),
  run_digest: '7be144a07be144a0',
  open_differences: 1,
}

export const firstRun: ReconView = { ...run, run_id: 'r1', number: 1 }

export const pool: PoolView = {
  waiting: { count: 41, sums: [{ money: cny(-1187450), count: 41 }], of_day: 41, oldest_days: 1 },
  broken: { count: 23, sums: [{ money: cny(274580), count: 20 }, { money: { minor: 7450, currency: 'USD' }, count: 3 }], of_day: 20, oldest_days: 3 },
  overdue: { count: 4, sums: [{ money: cny(-33500), count: 4 }], of_day: 0, oldest_days: 34 },
  suspended: { count: 2, sums: [], of_day: 1, oldest_days: 2 },
  pending: { count: 0, sums: [], of_day: 0, oldest_days: null },
  due_today: 1,
  forecast: { date: '2026-11-20', count: 38, sums: [], last: { date: '2026-11-19', expected: 5, cleared: 4 } },
  ages: [
    { from_days: 0, to_days: 1, count: 4 },
    { from_days: 31, to_days: null, count: 1 },
  ],
  as_of: at,
}

export const bill: BillView = {
  bill_id: 'b1',
  account_id: 'a1',
  date: '2026-11-19',
  kind: 'trade',
  status: 'partial',
  rows: 4303,
  bytes: 1204000,
  sha256: '8c0fd21b8c0fd21b',
  channel_hash: '5f78c1745f78c174',
  hash_verified: true,
  totals: [{ name: '\u603b\u4ea4\u6613\u5355\u6570', code: 'trade_count', trailer: '4304', counted: '4303', agrees: false }],
  faults: [{ line: 12, column: 'amount', field: '1,2', problem: '金额不能带千位分隔符 / thousands separators are not taken', remedy: '请改正 / Correct it.' }],
  fetched_at: at,
  next_try_at: at,
  detail: '1 行读不出（首个在第 12 行） / 1 rows could not be read, the first is line 12',
}

export const calendar: BillCalendar = {
  account_id: 'a1',
  days: (['verified', 'lost_soon', 'generating', 'failed', 'no_trade'] as const).map((status, i) => ({
    date: `2026-11-${19 - i}`,
    trade: { status: i === 0 ? 'partial' : status, bill_id: i === 0 ? 'b1' : null, rows: 10, days_left: 12, detail: '连不上 / not reachable', fetched_at: null, next_try_at: at },
    fund_flow: { status, bill_id: null, rows: 0, days_left: null, detail: null, fetched_at: null, next_try_at: null },
  })),
}

export const day: CloseView = {
  account: { account_id: 'a1', channel: 'wechat_pay', environment: 'sandbox', display_name: 'Sample Mall', merchant_no_masked: '1900****2481' },
  date: '2026-11-19',
  status: 'items_open',
  checks: [
    { kind: 'bills_complete', passed: true, figure: '2 / 2', detail: '都在 / both are there', checked_at: at, checked_by: null, warning: false },
    { kind: 'differences_owned', passed: false, figure: '1 / 2', detail: '1 条差异没有负责人 / 1 differences have no owner', checked_at: at, checked_by: 'Xu', warning: false },
    { kind: 'balance_continuous', passed: true, figure: '-10448.58', detail: '首尾相接 / rows follow each other', checked_at: at, checked_by: null, warning: false },
  ],
  balance: { opening: cny(853055), collected: cny(550272), refunded: cny(15183), fees: cny(3286), other: cny(-340000), closing: cny(1044858), withdrawn: cny(340000) },
  digest: 'e41b07c95a3df862e41b07c95a3d3f58',
  maker: null,
  checker: null,
  suspended: [heldRow],
  may_sign: false,
  may_not_because: 'close.blocked',
  reopening: null,
  closed_before: [],
}

export const compared: CompareView = {
  matched: 10,
  bill_rows: 12,
  ledger_rows: 11,
  counts: run.counts,
  residual: cny(0),
  run_digest: '7be144a07be144a0',
  waiting: 1,
  waterfalls: [{ currency: 'CNY', steps: run.waterfall }, ...run.other_waterfalls],
  bill_name: 'bill.csv',
  ledger_name: 'books.csv',
  bill_faults: [],
  ledger_faults: [
    { line: 3, column: 'amount', field: '1,234', problem: '不能带千位分隔符 / no thousands separators', remedy: '请改正 / Correct it.' },
    { line: 7, column: 'status', field: 'MAYBE', problem: '状态词不认识 / unknown status', remedy: '请改正 / Correct it.' },
  ],
  refused_rows: 2,
  millis: 31,
  file: { file_token: 't', name: 'differences.csv', size: 100 },
}

/** The other two legs of that day: one service fee without a name, one withdrawal with two possible lines. */
export const flow: FlowDay = {
  account_id: 'a1',
  date: '2026-11-19',
  state: 'open',
  locked: false,
  currency: 'CNY',
  tied: 42,
  trade_rows: 42,
  flow_rows: 90,
  tied_at: at,
  tied_by: 'Xu',
  balance: { opening: cny(100000), closing: cny(150000), breaks: 0, first_break: null },
  opening: 'follows',
  closing_before: cny(100000),
  waterfall: [
    { name: 'gross_paid', minor: 200000, count: 40 },
    { name: 'gross_refunded', minor: -20000, count: 2 },
    { name: 'fees', minor: -1000, count: 42 },
    { name: 'booked_net', minor: 179000, count: 88 },
    { name: 'opening_balance', minor: 100000, count: 0 },
    { name: 'unnamed', minor: -9000, count: 1 },
    { name: 'bank_open', minor: -120000, count: 1 },
    { name: 'closing_balance', minor: 150000, count: 0 },
    { name: 'residual', minor: 0, count: 0 },
  ],
  residual: cny(0),
  findings: [
    { code: 'other_entry', business_no: 'FW1', expected: cny(0), booked: cny(-9000), difference: cny(-9000), trade_line: null, flow_lines: [7], word: '\u6280\u672f\u670d\u52a1\u8d39', remark: '', name: null, name_id: null, named_by: null, named_at: null, reason: null, earlier: null },
    { code: 'other_entry', business_no: 'TX1', expected: cny(0), booked: cny(-120000), difference: cny(-120000), trade_line: null, flow_lines: [3], word: '\u63d0\u73b0', remark: '', name: 'withdrawal', name_id: null, named_by: null, named_at: null, reason: null, earlier: null },
  ],
  findings_total: 2,
  findings_open: 1,
  withdrawals: [
    { key: '2026-11-19/TX1', business_no: 'TX1', amount: cny(120000), flow_line: 3, state: 'ambiguous', because: null, lines: [], together_with: [], confirmation_id: null, confirmed_by: null, reason: null },
  ],
  at_bank: 0,
  open_lines: [{ statement_id: 's1', file_name: 'bank.csv', line_no: 14, day: '2026-11-19', amount: cny(120000), text: 'payout', counterparty: 'Tenpay', serial_no: 'B1' }],
  open_payouts: [{ key: '2026-11-19/TX1', date: '2026-11-19', business_no: 'TX1', amount: cny(120000), state: 'ambiguous' }],
  statements: 1,
}
