/** Invented answers for double.mjs. People, companies and numbers are made up. */
const cny = (minor) => ({ minor, currency: 'CNY' })
const at = (text) => new Date(`${text}+08:00`).toISOString()
const people = {
  clerk: { user_id: 'u1', login: 'xu', display_name: '许知夏', role: 'clerk' },
  approver: { user_id: 'u2', login: 'zhou', display_name: '周砚', role: 'approver' },
  administrator: { user_id: 'u3', login: 'he', display_name: '何以宁', role: 'administrator' },
  auditor: { user_id: 'u4', login: 'gu', display_name: '顾青禾', role: 'auditor' },
}
const rights = {
  clerk: ['view_orders', 'request_refund', 'view_bills', 'run_reconciliation', 'sign_day_as_maker', 'issue_receipt', 'verify_receipt'],
  approver: ['view_orders', 'approve_refund', 'view_bills', 'sign_day_as_checker', 'issue_receipt', 'verify_receipt', 'view_audit'],
  administrator: ['view_orders', 'view_bills', 'verify_receipt', 'view_audit', 'manage_accounts', 'manage_users'],
  auditor: ['view_orders', 'view_bills', 'verify_receipt', 'view_audit'],
}
const account = { account_id: 'a1', channel: 'wechat_pay', environment: 'sandbox', display_name: '青屿商城', merchant_no_masked: '1900••2481' }
const states = ['paid', 'paid', 'paid', 'refund_unknown', 'paid', 'partly_refunded', 'paying', 'refunding', 'paid', 'paid_after_close', 'paid', 'fully_refunded', 'paid', 'closed', 'paid', 'awaiting_payment', 'abnormal', 'paid']
const amounts = [26800, 3650, 129900, 45900, 320000, 168000, 8800, 52000, 7450, 19900, 1800, 32800, 238800, 12800, 5280, 11800, 89900, 64000]
const rows = Array.from({ length: 400 }, (_, i) => {
  const state = states[i % states.length]
  const amount = amounts[i % amounts.length]
  return {
    order_id: `o${i}`,
    account_id: 'a1',
    channel: 'wechat_pay',
    account_tail: '2481',
    order_no: `QY20261119000${4218 - i}`,
    payment_id: `42000024812026111967301855${String(24 + i).padStart(2, '0')}`,
    payer_masked: i % 5 === 1 ? null : `尾号 ${8831 - i * 7}`,
    goods: '露营灯 2 件 等 3 项',
    state,
    amount: cny(amount),
    refunded_minor: state === 'partly_refunded' ? 40000 : state === 'fully_refunded' ? amount : 0,
    in_flight_minor: state === 'refund_unknown' ? amount : state === 'refunding' ? 12000 : 0,
    created_at: at(`2026-11-19T${String(21 - Math.floor(i / 30)).padStart(2, '0')}:${String(59 - (i % 30) * 2).padStart(2, '0')}:17`),
    paid_at: ['awaiting_payment', 'closed', 'paying'].includes(state) ? null : at('2026-11-19T20:58:31'),
    reconciliation: state === 'paid_after_close' ? 'missing_in_ledger' : state === 'paying' || state === 'closed' ? null : 'matched',
  }
})
const refund = (no, i, state, amount, extra = {}) => ({
  refund_no: no,
  order_id: `o${i}`,
  order_no: rows[i].order_no,
  channel: 'wechat_pay',
  state,
  amount: cny(amount),
  reason_code: 'duplicate',
  maker: '许知夏',
  created_at: at('2026-11-20T09:33:58'),
  requested_at: at('2026-11-20T09:36:20'),
  sent_at: null,
  finished_at: null,
  next_query_at: null,
  query_count: 0,
  expires_at: new Date(Date.now() + 46 * 3600_000).toISOString(),
  cooling_until: null,
  last_error: null,
  mine: true,
  ...extra,
})
const refunds = [
  refund('RF1120-0289', 3, 'unknown', 45900, { query_count: 3, sent_at: at('2026-11-20T09:38:28'), next_query_at: at('2026-11-20T09:43:28'), expires_at: null }),
  refund('RF1120-0296', 16, 'abnormal', 8800, { reason_code: 'goodwill', next_query_at: at('2026-11-20T10:00:00') }),
  refund('RF1120-0318', 5, 'awaiting_approval', 128000),
  refund('RF1120-0311', 7, 'processing', 12000, { next_query_at: at('2026-11-20T09:50:00'), reason_code: 'not_delivered' }),
  refund('RF1120-0320', 5, 'draft', 0),
  refund('RF1119-0277', 5, 'succeeded', 40000, { finished_at: at('2026-11-19T22:15:47') }),
]
const checks = {
  checks: [
    { name: 'payer_in_flight', level: 'warning', value: '−¥36.50', detail: 'RF1120-0311 · 渠道处理中', detail_en: 'RF1120-0311 · 渠道处理中' },
    { name: 'remaining', level: 'pass', value: '¥1,280.00', detail: '实付 1,680.00 − 已退 400.00 − 在途 0.00', detail_en: '实付 1,680.00 − 已退 400.00 − 在途 0.00' },
    { name: 'in_flight', level: 'pass', value: '无', detail: '', detail_en: '' },
    { name: 'age', level: 'pass', value: '剩 364 天', detail: '支付后 1 年内，到 2027-11-19', detail_en: '支付后 1 年内，到 2027-11-19' },
    { name: 'count', level: 'pass', value: '第 2 次', detail: '渠道上限 50 次', detail_en: '渠道上限 50 次' },
    { name: 'interval', level: 'pass', value: '≥ 1 分钟', detail: '距上次 11 小时 19 分', detail_en: '距上次 11 小时 19 分' },
    { name: 'balance', level: 'pass', value: '¥86,412.07', detail: '基本账户，查询于 09:35:39', detail_en: '基本账户，查询于 09:35:39' },
  ],
  checked_at: at('2026-11-20T09:35:40'),
  millis: 310,
  arrival_en: 'Sent once approved; about 5 minutes to the wallet',
  arrival: '复核通过后立即发出；微信零钱约 5 分钟，银行卡 1–3 个工作日',
}
const timeline = [
  { at: at('2026-11-20T09:12:40'), kind: 'bill_line', amount: null, refund_no: null, actor: null, source: 'channel_bill', verified: true, detail: '第 3,418 行', detail_en: '第 3,418 行' },
  { at: at('2026-11-19T22:15:47'), kind: 'refund_succeeded', amount: cny(40000), refund_no: 'RF1119-0277', actor: null, source: 'channel_notice', verified: true, detail: null },
  { at: at('2026-11-19T22:15:02'), kind: 'refund_accepted', amount: null, refund_no: 'RF1119-0277', actor: null, source: 'channel_query', verified: true, detail: null },
  { at: at('2026-11-19T22:09:58'), kind: 'refund_approved', amount: null, refund_no: 'RF1119-0277', actor: '周砚', source: 'desk', verified: false, detail: null },
  { at: at('2026-11-19T22:06:21'), kind: 'refund_requested', amount: cny(40000), refund_no: 'RF1119-0277', actor: '许知夏', source: 'desk', verified: false, detail: '少发一件', detail_en: '少发一件' },
  { at: at('2026-11-19T20:58:31'), kind: 'payment_paid', amount: null, refund_no: null, actor: null, source: 'channel_notice', verified: true, detail: null },
  { at: at('2026-11-19T20:58:03'), kind: 'order_created', amount: null, refund_no: null, actor: null, source: 'books', verified: false, detail: null },
]
const receipt = {
  receipt_id: 'r1', serial_no: 'SK20261119-0004127', order_id: 'o5', order_no: rows[5].order_no, amount: cny(168000), payer_masked: '李** · 尾号 7731',
  issued_at: at('2026-11-20T09:20:41'), issued_by: '许知夏', signer: '青屿生活示例商贸有限公司', sha256: '2f71b8c406ad93e57c18d4025b9fe36a80d714c2a95e6b03f8d127ce4a905e0c', bytes: 88210, already_issued: false,
}
const digest = '9c417e2ab3d058f61a94c7e802bd6f354e19d8a773c20b5d92fe61a835cce07b'
const refundView = (no) => {
  const row = refunds.find((r) => r.refund_no === no) ?? refunds[2]
  const order = rows.find((r) => r.order_id === row.order_id)
  return {
    row,
    content: { amount_minor: row.amount.minor, reason_code: 'duplicate', note: '买家 20:58 与 21:01 各付一次，保留后一笔', buyer_note: '重复付款已为您退回，请查收' },
    version: 2,
    order,
    refundable_after: cny(0),
    amount_in_words: '人民币壹仟贰佰捌拾元整',
    fields: [
      { name: 'refund_no', value: row.refund_no, before: null },
      { name: 'order_no', value: order.order_no, before: null },
      { name: 'payment_id', value: order.payment_id, before: null },
      { name: 'amount', value: '1280.00 CNY', before: '1180.00 CNY' },
      { name: 'reason_code', value: 'duplicate', before: null },
      { name: 'note', value: '买家 20:58 与 21:01 各付一次，保留后一笔', before: '买家 20:58 与 21:01 各付一次，退其中一笔' },
      { name: 'buyer_note', value: '重复付款已为您退回，请查收', before: null },
      { name: 'maker', value: '许知夏', before: null },
    ],
    digest,
    approvals: [{ version: 1, checker: '周砚', approved: true, comment: '', at: at('2026-11-20T09:38:47'), stands: false }],
    checkers_required: 1,
    may_approve: true,
    may_not_because: null,
    preflight: checks,
    timeline: timeline.slice(1),
    received_account: null,
    channel_refund_id: null,
    path: { checkers: 1, approval_hours: 48, cooling_off_seconds: 0 },
    versions: [
      { version: 1, editor: '许知夏', at: at('2026-11-20T09:36:20'), digest },
      { version: 2, editor: '许知夏', at: at('2026-11-20T09:40:12'), digest },
    ],
    related: [],
    signed_text: '[]',
    may_recall: false,
  }
}

function matching(p) {
  let found = rows
  if (p.states.length > 0) found = found.filter((r) => p.states.includes(r.state))
  if (p.text !== null) found = found.filter((r) => r.order_no.includes(p.text) || r.payment_id.includes(p.text))
  return found
}

const deskAccount = (id, name, tail, changes) => ({
  account: { ...account, account_id: id, display_name: name, merchant_no_masked: tail },
  bills_settled: 2, bill_status: 'verified', bill_days_left: null, bill_next_try_at: null, bill_rows: 4270, matched: 4253, match_basis_points: 9960,
  pool: { waiting: 41, broken: 23, overdue: 4, first: { account_id: id, date: '2026-11-12' } }, residual: cny(0),
  close: 'items_open', closed_at: null, action: 'handle_differences', needs: 'run_reconciliation', not_mine_because: null, ...changes,
})
const none = { waiting: 0, broken: 0, overdue: 0, first: null }
const deskOverview = ({ role }) => {
  const other = (roles) => (roles.includes(role) ? null : 'permission.denied')
  return {
    business_date: '2026-11-19', today: '2026-11-20', as_of: at('2026-11-20T09:42:16'),
    collected: [{ money: cny(123235731), count: 8412 }, { money: { minor: 825970, currency: 'USD' }, count: 86 }],
    refunded: [{ money: cny(3551050), count: 96 }, { money: { minor: 24500, currency: 'USD' }, count: 3 }],
    residuals: [cny(0)], reconciled: 4, pool: { waiting: 56, broken: 26, overdue: 4, first: { account_id: 'a1', date: '2026-11-12' } },
    approvals_mine: role === 'approver' ? 1 : 0, approvals_other: role === 'approver' ? 0 : 1, approvals_expire_at: role === 'approver' ? refunds[2].expires_at : null,
    approvals: [{ row: refunds[2], because: other(['approver']) }], unknown: 1, unknown_sums: [{ money: cny(45900), count: 1 }], unknown_next_query_at: new Date(Date.now() + 72_000).toISOString(),
    accounts: [
      deskAccount('a1', '青屿商城', '1900••2481', { not_mine_because: other(['clerk']) }),
      deskAccount('a2', '门店收银', '1900••7736', { bill_rows: 2323, matched: 2319, match_basis_points: 9982, pool: { ...none, waiting: 3, broken: 1 }, not_mine_because: other(['clerk']) }),
      deskAccount('a3', '会员商城', '2088••9052', { bill_rows: 1528, matched: 1514, match_basis_points: 9908, pool: { ...none, waiting: 12, broken: 2 }, close: 'checker_to_sign', action: 'sign_checker', needs: 'sign_day_as_checker', not_mine_because: other(['approver']) }),
      deskAccount('a4', '门店 POS', '8981••0417', { bills_settled: 0, bill_status: 'generating', bill_next_try_at: at('2026-11-20T11:00:00'), bill_rows: null, matched: null, match_basis_points: null, pool: none, residual: null, close: 'waiting_for_bill', action: 'see_bill', needs: null }),
      deskAccount('a5', '海外站', '1900••5531', { bill_rows: 86, matched: 86, match_basis_points: 10000, pool: none, close: 'closed', closed_at: at('2026-11-20T09:31:00'), action: 'see_close', needs: null }),
      deskAccount('a6', '直播间', '1900••6602', { bills_settled: 1, bill_status: 'failed', bill_rows: null, matched: null, match_basis_points: null, pool: none, residual: null, close: 'bill_missing', action: 'fetch_bill', not_mine_because: other(['clerk']) }),
    ],
    gaps: {
      accounts: ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'].map((account_id, n) => ({
        account_id,
        days: Array.from({ length: 35 }, (_, i) => {
          const word = n === 3 && i === 34 ? 'generating' : n === 3 && i < 2 ? 'no_trade' : n === 5 && i === 2 ? 'lost_soon' : n === 5 && (i === 19 || i === 34) ? 'failed' : n > 3 && i % 7 === 4 ? 'no_trade' : 'verified'
          return { trade: word, fund_flow: word === 'failed' ? 'verified' : word, worse: word, days_left: ['verified', 'no_trade'].includes(word) ? null : 12 }
        }),
      })),
      counts: [{ status: 'verified', count: 382 }, { status: 'no_trade', count: 24 }, { status: 'generating', count: 2 }, { status: 'lost_soon', count: 2 }, { status: 'failed', count: 2 }],
      fetchable: 6, least_days_left: 12, first: '2026-10-16', last: '2026-11-19',
    },
    ages: [[0, 1, 38, 11, 0], [2, 3, 18, 9, 0], [4, 7, 0, 6, 0], [8, 30, 0, 0, 3], [31, null, 0, 0, 1]].map(([from_days, to_days, waiting, broken, overdue]) => ({ from_days, to_days, waiting, broken, overdue })),
  }
}
const deskMonth = () => ({
  first: '2026-10-21', last: '2026-11-19',
  series: [{
    currency: 'CNY',
    days: Array.from({ length: 30 }, (_, n) => {
      const date = new Date(Date.UTC(2026, 9, 21 + n)).toISOString().slice(0, 10)
      const collected = n === 21 ? 322000000 : 98000000 + ((n * 37) % 60) * 1000000
      const rate = n === 23 ? 980 : 150 + ((n * 53) % 130)
      return { date, collected_minor: collected, collected_count: Math.round(collected / 15000), refunded_minor: Math.round((collected * rate) / 10000), refunded_count: 80 + n, rate_basis_points: rate }
    }),
  }],
  partial: [{ account_id: 'a6', days: ['2026-10-24', '2026-10-25'] }],
  as_of: at('2026-11-20T09:42:16'),
})
/** The rules as they ship. */
const shippedRules = {
  rule_set_id: null, version: 1, based_on: 0, state: 'built_in', digest: 'e41b07c95a3df86211d0c7a49b2e3f58e41b07c95a3df86211d0c7a49b2e3f58', reason: '@rounding',
  rules: {
    version: 1, keys: ['channel_number', 'merchant_number'],
    tolerances: [{ channel: 'wechat_pay', on: 'fee', per_row_minor: 1, daily_minor: 500, monthly_minor: 5000, owner: '@administrator', reason: '@rounding' }],
    fees: [], day_cuts: [{ channel: 'wechat_pay', minutes_after_midnight: 0 }],
    carry: [{ channel: 'wechat_pay', kind: 'payment', days: 1 }, { channel: 'wechat_pay', kind: 'refund', days: 3 }],
  },
  proposed_by: null, proposed_at: null, decided_by: null, decided_at: null, decision_note: null, back_test_digest: null, back_test: null, mine: false, may_decide: false, may_not_because: null,
}

export const answers = {
  'desk.overview': (_p, who) => deskOverview(who),
  'desk.month': () => deskMonth(),
  'keys.list': () => {
    const key = (key_id, kind, serial, days_left, state, consequence) => ({
      key_id, kind, account: null, serial, serial_decimal: null, algorithm: 'RSA 2048', subject: null, issuer: null, fingerprint: null,
      not_before: at('2025-11-28T00:00:00'), not_after: days_left === null ? null : at('2026-11-29T00:00:00'), suggested_at: null, since: null, last_seen_at: null,
      days_left, state, attention: days_left !== null && days_left <= 10, paired: null, consequence,
    })
    const rows = [
      key('k1', 'platform_certificate', '5F3A00000000000000000000000000000091C7', 9, 'days_left_soon', 'replies_unverified'),
      key('k2', 'merchant_certificate', '20260000000000000000000000000000000a7e', 46, 'days_left', 'everything_stops'),
      key('k3', 'receipt_signer', 'SM77000000000000000000000000000000020', 128, 'days_left', 'receipts_stop'),
      key('k4', 'platform_public_key', 'PUB_KEY_ID_0000000000000000000000000031', null, 'no_expiry', 'replies_unverified'),
    ]
    return { rows, attention: 1, today: '2026-11-20', now: at('2026-11-20T09:42:16'), vault_locked: false, rehearsals: [] }
  },
  'tasks.list': () => ({ tasks: [] }),
  'app.status': (_p, { stage, role, environment }) => ({
    stage,
    environment: stage === 'first_run' ? null : environment,
    merchant_name: stage === 'first_run' ? null : '青屿生活示例商贸有限公司',
    version: '0.1.0',
    now: at('2026-11-20T09:42:16'),
    person: stage === 'ready' ? people[role] : null,
    permissions: stage === 'ready' ? rights[role] : [],
    demo_logins: environment === 'demo' && stage === 'sign_in' ? Object.values(people).map((p) => ({ ...p, password: 'demo-demo-demo' })) : [],
    accounts: stage === 'first_run' ? [] : [account],
    badges: { refunds_unknown: 2, approvals_waiting: 4, differences_open: 30, bills_missing: 1, keys_due: 1 },
    vault: 'demo_file',
  }),
  'orders.search': (p) => {
    const found = matching(p)
    const from = Number(p.cursor ?? p.offset ?? 0)
    return {
      rows: found.slice(from, from + p.limit),
      next_cursor: from + p.limit < found.length ? String(from + p.limit) : null,
      anchor: '0',
      recognised: p.text !== null && found.length === 1 ? 'order_no' : null,
      as_of: new Date().toISOString(),
    }
  },
  'orders.totals': (p) => {
    const found = matching(p)
    const counts = new Map()
    for (const r of rows) counts.set(r.state, (counts.get(r.state) ?? 0) + 1)
    return {
      total: found.length,
      paid_sums: [{ money: cny(123235731), count: 8000 }],
      refunded_sums: [{ money: cny(3551050), count: 96 }],
      state_counts: [...counts].map(([state, count]) => ({ state, count })),
      gaps: [],
      as_of: new Date().toISOString(),
    }
  },
  'orders.recognise': () => ({ kind: null, number: '', order_id: null, order_no: null }),
  'orders.detail': (p) => {
    const row = rows.find((r) => r.order_id === p.order_id) ?? rows[5]
    return {
      row,
      account_name: '青屿商城',
      payments: [{ payment_id: row.payment_id, state: 'paid', amount: row.amount, method: 'JSAPI', payer_masked: row.payer_masked, paid_at: row.paid_at, source: 'channel_notice', verified_at: row.paid_at }],
      refunds: refunds.filter((r) => r.order_id === row.order_id),
      refundable: cny(row.amount.minor - row.refunded_minor - row.in_flight_minor),
      actions: [
        { action: 'request_refund', allowed: true, reason: null },
        { action: 'query_channel', allowed: true, reason: null },
        { action: 'issue_receipt', allowed: true, reason: null },
        { action: 'close_order', allowed: false, reason: 'order.paid' },
      ],
      timeline,
      bill_match: { date: '2026-11-19', line_no: 3418, code: null },
      receipts: [receipt],
      checked_at: at('2026-11-20T09:12:40'),
    }
  },
  'refunds.list': (p) => {
    const found = p.lane === 'unknown' ? refunds.filter((r) => r.state === 'unknown') : refunds
    return { rows: found, next_cursor: null, total: found.length, sums: [{ money: cny(234700), count: found.length }], as_of: at('2026-11-20T09:42:16') }
  },
  'refunds.detail': (p) => refundView(p.refund_no),
  'refunds.open': () => answers['refunds.form'](),
  'refunds.form': () => ({
    refund_no: 'RF1120-0320',
    order: rows[5],
    account_name: '青屿商城',
    refundable: cny(128000),
    earlier: refunds.filter((r) => r.refund_no === 'RF1119-0277'),
    preflight: checks,
    reason_codes: ['duplicate', 'not_delivered', 'goodwill', 'price', 'fraud', 'test', 'reconciliation', 'other'],
    checkers: ['周砚', '何以宁'],
    checkers_required: 1,
    bands: [{ up_to_minor: 500000, checkers: 1 }, { up_to_minor: null, checkers: 2 }],
    approval_hours: 48,
    cooling_off_seconds: 0,
    rules_version: 0,
    note_required: ['duplicate', 'not_delivered', 'goodwill', 'price', 'fraud', 'test', 'reconciliation', 'other'],
    buyer_note: '',
    content: null,
  }),
  'refunds.preflight': () => checks,
  'approvals.queue': () => ({
    mine: [refunds[2], { ...refunds[2], refund_no: 'RF1120-0302', reason_code: 'not_delivered', amount: cny(690000), maker: '沈拾一', expires_at: new Date(Date.now() + 7 * 3600_000).toISOString() }],
    not_mine: [{ row: { ...refunds[2], refund_no: 'RF1120-0290', reason_code: 'price', amount: cny(6000), maker: '周砚' }, because: 'approval.maker_is_checker' }],
    unknown: [refunds[0], { ...refunds[0], refund_no: 'RF1120-0307', amount: cny(199900), query_count: 2 }],
    handled: [refunds[5]],
    cooling: [{ ...refunds[2], refund_no: 'RF1120-0299', state: 'cooling_off', expires_at: null, cooling_until: new Date(Date.now() + 200_000).toISOString() }],
    progress: [{ refund_no: refunds[2].refund_no, version: 2, approved: 0, needed: 1 }, { refund_no: 'RF1120-0302', version: 1, approved: 1, needed: 2 }],
  }),
}

const days = Array.from({ length: 35 }, (_, i) => new Date(Date.UTC(2026, 10, 20 - i)).toISOString().slice(0, 10))
const cellOf = (i, kind) => {
  const status = i === 0 ? 'not_due' : i === 1 && kind === 'fund_flow' ? 'not_fetched' : i === 6 ? 'no_trade' : i === 9 ? 'failed' : i === 33 ? 'lost_soon' : 'verified'
  return { status, bill_id: status === 'verified' ? `b${i}${kind}` : null, rows: status === 'verified' ? 4270 - i : 0, days_left: status === 'lost_soon' ? 12 : null, detail: null }
}
const bill = {
  bill_id: 'b1trade', account_id: 'a1', date: '2026-11-19', kind: 'trade', status: 'verified', rows: 4270, bytes: 1_204_122,
  sha256: '8c0f4b1e6f2a7d93b5e04c1873fa20d6951be7c2480ad36f5b9e17c4082ad21b', channel_hash: '79bb0f45fc4c42234a918000b2668d689e2bde04', hash_verified: true,
  totals: [{ name: '总交易单数', trailer: '4270', counted: '4270', agrees: true }, { name: '应结订单总金额', trailer: '612,480.36', counted: '612,480.36', agrees: true }, { name: '退款总金额', trailer: '18,342.00', counted: '18,342.00', agrees: true }],
  faults: [], fetched_at: at('2026-11-20T09:06:12'), next_try_at: null, detail: null,
}
const codes = ['missing_in_ledger', 'missing_in_channel', 'amount_mismatch', 'status_mismatch', 'duplicate_in_channel', 'duplicate_in_ledger']
const differences = Array.from({ length: 27 }, (_, i) => {
  const code = codes[i % 6]
  const channelMinor = code === 'missing_in_channel' ? null : 6800 + i * 4311
  const ledgerMinor = code === 'missing_in_ledger' ? null : code === 'amount_mismatch' ? 6000 + i * 4311 : (channelMinor ?? 32800)
  const side = (minor, text) => (minor === null ? null : { amount: cny(minor), state_text: text, at: at('2026-11-19T19:44:08'), number: `42000024812026111930171${903 + i}`, line_no: 2207 + i, raw: "`2026-11-19 19:44:08,`wxd678efh567hg6787,`1900002481,`0,`,`4200002481202611193017190" + i + ",`QY202611190003902,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`SUCCESS" })
  return {
    difference_id: `d${i}`, date: i % 9 === 0 ? '2026-10-17' : '2026-11-19', code,
    bucket: { amount_mismatch: (channelMinor ?? 0) < (ledgerMinor ?? 0) ? 'channel_lower' : 'channel_higher', status_mismatch: 'channel_ahead' }[code] ?? code,
    status: i % 8 === 5 ? (i % 16 === 5 ? 'overdue' : 'suspended') : 'broken', kind: i % 7 === 3 ? 'refund' : 'payment', number: i % 2 ? `QY20261119000${3902 + i}` : `42000024812026111930171${903 + i}`, order_id: 'o5',
    channel: side(channelMinor, 'SUCCESS'), ledger: side(ledgerMinor, code === 'status_mismatch' ? 'PROCESSING' : 'SUCCESS'),
    gap: cny((channelMinor ?? 0) - (ledgerMinor ?? 0)), age_days: i % 9 === 0 ? 34 : 1, disposition: i % 8 === 5 ? 'suspended' : 'open',
    owner: i % 8 === 5 ? '沈拾一' : null, due_date: i % 8 === 5 ? '2026-11-24' : null, note: i % 8 === 5 ? '优惠口径待渠道确认' : null,
    suggestion: ['query_channel', 'query_channel', 'compare_totals', 'query_channel', 'refund', 'drop_duplicate'][i % 6],
  }
})
const entryOf = (i, changes) => ({
  resolution_id: `e${i}`, difference_id: `d${i}`, account_id: 'a1', date: differences[i].date, code: differences[i].code, entry_kind: differences[i].kind, number: differences[i].number,
  kind: 'write_off', amount: differences[i].gap, owner: null, due_date: null, reason: '门店已撤，买家联系不上', label: null, other_date: null, other_line: null, reverses: null, state: 'proposed',
  second_person: true, proposed_by: '许知夏', proposed_at: at('2026-11-20T09:20:00'), decided_by: null, decided_at: null, decision_note: null, may_decide: true, may_not_because: null, ...changes,
})
Object.assign(differences[3], { status: 'pending', disposition: 'pending' })
const entries = [
  entryOf(3, { kind: 'supplement', reason: '渠道查询证实已支付，补一笔' }),
  entryOf(1, { reverses: 'e9', reason: '买家找到了，重新追' }),
  entryOf(0, { kind: 'cross_day', state: 'in_effect', second_person: false, other_date: '2026-11-20', other_line: 88, reason: '2026-11-20 #88', may_decide: false }),
  entryOf(2, { kind: 'adjust', state: 'in_effect', reason: '优惠口径，按应结更正', decided_by: '周砚', decided_at: at('2026-11-20T09:30:00'), decision_note: '凭据齐', may_decide: false }),
  entryOf(5, { kind: 'relabel', state: 'reversed', second_person: false, label: '服务费', reason: '渠道扣的服务费', may_decide: false }),
  entryOf(4, { state: 'rejected', decided_by: '周砚', decided_at: at('2026-11-20T09:32:00'), decision_note: '先向渠道索赔', may_decide: false }),
]
const seenBy = (entry, role) => (entry.may_decide && role !== 'approver' ? { ...entry, may_decide: false, may_not_because: 'permission.denied' } : entry)
const run = {
  run_id: 'run3', account_id: 'a1', date: '2026-11-19', number: 3, finished_at: at('2026-11-20T09:12:40'), millis: 840, run_by: '许知夏', matched: 4243, waiting: 41, bill_rows: 4270, ledger_rows: 4303,
  counts: codes.map((code, i) => ({ code, count: [9, 4, 5, 4, 3, 2][i], channel_minor: [122800, 0, 40000, 115200, 8000, 0][i], ledger_minor: [0, 65800, 42000, 0, 0, 1640][i] })),
  waterfall: [
    { name: 'channel_net', minor: 59413836, count: 4270 },
    { name: 'missing_in_ledger', minor: -122800, count: 9 },
    { name: 'waiting', minor: 1187450, count: 41 },
    { name: 'missing_in_channel', minor: 65800, count: 4 },
    { name: 'channel_higher', minor: -3520, count: 5 },
    { name: 'channel_ahead', minor: -115200, count: 4 },
    { name: 'duplicate_in_channel', minor: 8000, count: 3 },
    { name: 'duplicate_in_ledger', minor: 1640, count: 2 },
    { name: 'ledger_net', minor: 60435206, count: 4303 },
    { name: 'residual', minor: 0, count: 0 },
  ],
  other_waterfalls: [], residual: cny(0), run_digest: '7be1c04f92ab1130d7e85f6c2a9930b4418e27fd56c3a08b9d1f7e604ac844a0', open_differences: 23,
}
const checkList = (passed) =>
  ['bills_complete', 'reconciled', 'residual_zero', 'balance_continuous', 'fees_recomputed', 'differences_owned', 'no_unknown_refunds', 'no_overdue', 'withdrawals_at_bank'].map((kind, i) => ({
    kind, passed: passed || i !== 5, figure: ['2 / 2', '99.08%', '¥0.00', '¥288,491.72', '+¥0.02', passed ? '2 / 2' : '3 / 23', '21 / 21', '0', '1 / 1'][i],
    detail: ['交易账单、资金账单各 1 份，文件摘要与汇总行一致', '1,528 行，勾对 1,514；等待 12，差错 2', '渠道净额与我方净额之间的每一分钱都有归属', '1,571 行首尾相接；期末等于次日期初', '按 0.60% 逐行复算', passed ? '2 条已挂账，有负责人、期限和理由' : '差错 23 条中 20 条没有负责人或期限', '当日退款 21 笔全部有渠道结论', '无超期', '1 笔共 300000.00 已在银行流水第 14 行找到 / 1 withdrawals of 300000.00 found on line 14 of the bank statement'][i],
    checked_at: at('2026-11-20T09:11:00'), checked_by: i === 5 ? '顾青禾' : null, warning: false,
  }))
const threeWay = { withdrawal_words: ['提现'], bank_words: ['财付通', '微信支付'], bank_days: 3, bank_blocks_close: false }
const closeDigest = 'e41b07c95a3df862c05b6e1d93a2748f5b0c7710ee6a49d3218fb65911d0c7a49b2e3f58'.slice(0, 60) + '3f58'
const closeOf = (role) => ({
  account, date: '2026-11-19', status: role === 'approver' ? 'checker_to_sign' : 'maker_to_sign', checks: checkList(true),
  balance: { opening: cny(31288420), collected: cny(28673115), refunded: cny(946000), fees: cny(166363), other: cny(-30000000), closing: cny(28849172), withdrawn: cny(30000000) },
  digest: closeDigest, maker: role === 'approver' ? { person: '许知夏', user_id: 'u1', role: 'clerk', at: at('2026-11-20T09:31:02'), digest: closeDigest, note: '' } : null, checker: null,
  suspended: differences.filter((d) => d.disposition === 'suspended').slice(0, 2), may_sign: role === 'approver' || role === 'clerk', may_not_because: null, reopening: null, closed_before: [],
})
const bookMapping = {
  kind_column: '类型', order_no_column: '订单号', refund_no_column: '退款单号', amount_column: '金额(元)', currency_column: null,
  status_column: '订单状态', created_at_column: '下单时间',
  kinds: [{ word: '收款', kind: 'payment' }, { word: '退款', kind: 'refund' }], statuses: [{ word: '已完成', state: 'done' }, { word: '已关闭', state: 'void' }],
  amount_unit: 'yuan', time_format: 'local', constant_kind: null, constant_currency: 'CNY', zone: '+08:00', sheet: null,
}
/** A row of the preview; the eighth has a word nobody has given a meaning. */
const bookRow = (i, mapping) => {
  const known = mapping.statuses.some((w) => w.word === '审单中')
  if (i === 7 && !known) {
    return { line_no: i + 2, entry: null, fault: { line: i + 2, column: '订单状态', field: '审单中', problem: '状态词不认识 / unknown status; 已完成, 已关闭 are taken', remedy: '请改正这一处后重新导入；其余行已读取。 / Correct the field, or give this word a meaning in the mapping' } }
  }
  const refund = i % 6 === 4
  return { line_no: i + 2, fault: null, entry: { kind: refund ? 'refund' : 'payment', order_no: `ZF2026111920${String(1000 + i)}`, refund_no: refund ? `TK20261119${100 + i}` : null, amount: cny(1280 * (i + 1)), state: i === 7 ? 'in_progress' : 'done', state_text: i === 7 ? '审单中' : '已完成', created_at: at(`2026-11-19T10:${String(10 + i)}:05`) } }
}
const bookWays = {
  mappings: [{ name: '店铺后台导出', in_use: true, mapping: bookMapping, edited_by: '许知夏', edited_at: at('2026-11-19T17:20:00') }],
  sources: [{ name: '订单库', settings: { engine: 'postgres', host: '10.0.8.12', port: 5432, database: 'shop', login: 'zhangfang_reader', tls: 'verify', ca_pem: null, query: 'SELECT 1', mapping: null, zone: '+08:00' }, edited_by: '管理员', edited_at: at('2026-11-18T11:02:00') }],
  keys: [{ name: 'books-2026', fingerprint: '9f3c07ab', added_by: '管理员', added_at: at('2026-11-18T11:05:00') }],
}
Object.assign(answers, {
  'books.ways': () => bookWays,
  'books.preview': (p) => {
    const mapping = p.mapping ?? bookMapping
    return {
      name: '店铺订单.xlsx', format: 'workbook', sheets: ['订单', '汇总'], columns: ['类型', '订单号', '门店', '退款单号', '金额(元)', '订单状态', '下单时间'], mapping,
      rows: Array.from({ length: 20 }, (_, i) => bookRow(i, mapping)),
      kind_words: [{ word: '收款', count: 190 }, { word: '退款', count: 10 }],
      status_words: [{ word: '已完成', count: 195 }, { word: '已关闭', count: 3 }, { word: '审单中', count: 2 }],
      looked_at: 200, refused: mapping.statuses.some((w) => w.word === '审单中') ? 0 : 2, problem: null,
    }
  },
  'books.save_mapping': () => bookWays,
  'books.use_mapping': () => bookWays,
  'books.remove_mapping': () => bookWays,
  'books.sample_source': () => ({ file_token: 'sample', name: '订单库 2026-11-19.csv', size: 2048 }),
})
Object.assign(answers, {
  'bills.calendar': () => ({ account_id: 'a1', days: days.map((date, i) => ({ date, trade: cellOf(i, 'trade'), fund_flow: cellOf(i, 'fund_flow') })) }),
  'bills.detail': () => bill,
  'bills.fetch': (p) => ({ ...bill, date: p.date, kind: p.kind }),
  'bills.lines': () => ({
    lines: rows.slice(0, 60).map((r, i) => ({ line_no: i + 2, kind: i % 11 === 4 ? 'refund' : 'payment', occurred_at: r.created_at, order_no: r.order_no, payment_id: r.payment_id, refund_no: null, amount: r.amount, fee_minor: Math.round(r.amount.minor * 0.006), state_text: i % 11 === 4 ? 'REFUND' : 'SUCCESS', goods: r.goods, raw: '`2026-11-19 19:44:08,`wxd678efh567hg6787,`1900002481,`0,`,`42000024812026111930171903,`QY202611190003902' })),
    next_after_line: null,
  }),
  'recon.day': () => ({ bill, books: { account_id: 'a1', date: '2026-11-19', file_name: 'books-1119.csv', rows: 4303, sums: [{ money: cny(60435206), count: 4303 }], faults: [], sha256: '41d8', imported_at: at('2026-11-20T09:08:00'), imported_by: '许知夏', already_imported: false }, runs: [run] }),
  'recon.run': () => run,
  'recon.flow': (p) => ({
    account_id: 'a1', date: p.date ?? '2026-11-19', state: 'tied', locked: false, currency: 'CNY', tied: 4270, trade_rows: 4270, flow_rows: 4325, tied_at: at('2026-11-20T09:11:58'), tied_by: '许知夏',
    balance: { opening: cny(31288420), closing: cny(28849172), breaks: 0, first_break: null }, opening: 'follows', closing_before: cny(31288420),
    waterfall: [['gross_paid', 29781015, 4249], ['gross_refunded', -946000, 21], ['fees', -1274263, 4270], ['booked_net', 27560752, 4324], ['opening_balance', 31288420, 0], ['bank_received', -30000000, 1], ['closing_balance', 28849172, 0], ['residual', 0, 0]].map(([name, minor, count]) => ({ name, minor, count })),
    residual: cny(0), findings: [{ code: 'other_entry', business_no: 'TX202611190001', expected: cny(0), booked: cny(-30000000), difference: cny(-30000000), trade_line: null, flow_lines: [3], word: '提现', remark: '', name: 'withdrawal', name_id: null, named_by: null, named_at: null, reason: null }],
    findings_total: 1, findings_open: 0, at_bank: 1, open_lines: [], open_payouts: [], statements: 1,
    withdrawals: [{ key: '2026-11-19/TX202611190001', business_no: 'TX202611190001', amount: cny(30000000), flow_line: 3, state: 'matched', because: 'reference', lines: [{ statement_id: 's1', file_name: 'bank-1119.csv', line_no: 14, day: '2026-11-19', amount: cny(30000000), text: '提现 TX202611190001', counterparty: '财付通支付科技有限公司', serial_no: 'B2026111900014' }], together_with: [], confirmation_id: null, confirmed_by: null, reason: null }],
  }),
  'recon.bank_statements': () => ({ account_id: 'a1', statements: [{ statement_id: 's1', file_name: 'bank-1119.csv', sha256: '9b2f04c7a1', encoding: 'utf-8', columns: [], rows: 46, faults: [], fault_count: 0, first_day: '2026-11-01', last_day: '2026-11-20', imported_by: '许知夏', imported_at: at('2026-11-20T09:02:00'), already_imported: false }] }),
  'settings.three_way': () => ({ rules: threeWay, version: 0, defaults: threeWay, history: [] }),
  'recon.differences': (p) => {
    const found = differences.filter((d) => (p.codes.length === 0 || p.codes.includes(d.code)) && (p.disposition === null || d.disposition === p.disposition))
    return { rows: found.slice(0, p.limit), next_cursor: null, total: found.length }
  },
  'recon.resolutions': (p, { role }) => {
    const found = entries.filter((e) => p.state === null || e.state === p.state).map((e) => seenBy(e, role))
    return { rows: found.slice(0, p.limit), next_cursor: null, total: found.length }
  },
  'recon.decide': (p) => ({ done: p.resolution_ids.length, failed: [], sums: [] }),
  'recon.difference': (p, { role }) => ({ row: differences.find((d) => d.difference_id === p.difference_id), bill_sha256: bill.sha256, books_sha256: '41d80c7e52b0c1d3a0f97be1c04f92ab1130d7e85f6c2a9930b4418e27fd567c', likely_cause: 'lost_notice', order: rows[5],
    queried: { at: at('2026-11-20T09:13:02'), kind: 'channel_queried', amount: null, refund_no: null, actor: null, source: 'channel_query', verified: true, detail: 'SUCCESS' }, noticed: null, alike: 3,
    choices: ['wait', 'query', 'supplement', 'refund', 'write_off', 'relabel'], history: entries.filter((e) => e.difference_id === p.difference_id).map((e) => seenBy(e, role)) }),
  'recon.pool': () => ({ waiting: { count: 41, sums: [{ money: cny(-1187450), count: 41 }], of_day: 41, oldest_days: 1 }, broken: { count: 23, sums: [{ money: cny(274580), count: 23 }], of_day: 20, oldest_days: 3 }, overdue: { count: 4, sums: [{ money: cny(-33500), count: 4 }], of_day: 0, oldest_days: 34 }, suspended: { count: 2, sums: [{ money: cny(2700), count: 2 }], of_day: 2, oldest_days: 1 }, pending: { count: 2, sums: [], of_day: 2, oldest_days: 1 }, due_today: 1, forecast: { date: '2026-11-20', count: 38, sums: [{ money: cny(1098200), count: 38 }], last: { date: '2026-11-19', expected: 36, cleared: 35 } }, ages: [[0, 1, 61], [2, 3, 3], [4, 7, 0], [8, 30, 3], [31, null, 1]].map(([from_days, to_days, n]) => ({ from_days, to_days, count: n })), as_of: at('2026-11-20T09:42:16') }),
  'recon.carried': () => ({ rows: [], next_cursor: null }),
  'recon.rules': () => ({ current: shippedRules, proposals: [], history: [shippedRules], budgets: [{ channel: 'wechat_pay', on: 'fee', month: '2026-11-01', spent_minor: 127, monthly_minor: 5000, owner: '@administrator' }], back_test_days_max: 92 }),
  'recon.pool_differences': (p) => {
    const found = differences.filter((d) => p.status === null || d.status === p.status)
    return { rows: found.slice(0, p.limit), next_cursor: null, total: found.length }
  },
  'bills.raw': (p) => ({ lines: rows.slice(0, 60).map((r, i) => ({ line_no: p.from_line + i, text: `\`2026-11-19 19:44:08,\`${r.payment_id},\`${r.order_no},\`SUCCESS` })), next_line: null }),
  'close.preview': (p) => ({
    title: '日结报告', subtitle: `${p.date} · 青屿商城 1900••2481 · 青屿生活示例商贸有限公司`, digest: 'e41b07c95a3df862'.repeat(4), last_word: false, mark: '预览 · 未锁账',
    parts: [
      { heading: '概要', facts: [{ name: '账户', value: '青屿商城 1900••2481' }, { name: '业务日', value: p.date }, { name: '状态', value: '待经办签署' }], columns: [], rows: [], rows_in_all: 0, note: null },
      { heading: '未清项 2', facts: [], columns: [{ title: '差异', right: false }, { title: '单号', right: false }, { title: '渠道减我方', right: true }], rows: [['金额不同', 'QY202611190007718', '-12.00'], ['渠道有 · 我方无', '4200002026111904471082203', '39.00']], rows_in_all: 2, note: null },
    ],
  }),
  'close.report': (p) => ({ file: { file_token: 'held', name: `day-close-${p.date}.${p.format}`, size: 4096 }, sha256: 'ab'.repeat(32), digest: null, last_word: false, pages: 2 }),
  'recon.evidence': () => ({ file: { file_token: 'held', name: 'evidence.zip', size: 4096 }, sha256: 'cd'.repeat(32), parts: 9 }),
  'close.export': () => ({ file_token: 'held', name: 'day-close-2026-11-19.csv', size: 4096 }),
  'recon.resolve': (p) => ({ done: p.difference_ids.length, failed: [], sums: [{ money: cny(35600), count: p.difference_ids.length }] }),
  'recon.reverse': (p) => ({ done: p.difference_ids.length, failed: [], sums: [] }),
  'users.people': () => ({ people: Object.values(people) }),
  'users.list': () => ({ users: Object.values(people).map((p, i) => ({ ...p, created_at: at('2026-11-01T09:00:00'), locked_until: i === 1 ? at('2026-11-20T10:12:00') : null, disabled: i === 3 })) }),
  'close.board': (_p, { role }) => ({ date: '2026-11-19', accounts: [closeOf(role), { ...closeOf('auditor'), account: { ...account, account_id: 'a2', display_name: '门店收银', merchant_no_masked: '1900••7736' }, status: 'items_open', checks: checkList(false), digest: null, may_sign: false, may_not_because: 'close.blocked' }] }),
  'receipts.list': () => ({ rows: Array.from({ length: 12 }, (_, i) => ({ ...receipt, receipt_id: `r${i}`, serial_no: `SK20261119-000412${i}` })), next_cursor: null, total: 12 }),
  'receipts.issue': () => receipt,
  'receipts.batches': () => ({
    batches: [
      { number: 3, title: '2026-11-18', state: 'done', total: 118, issued: 116, already: 2, failed: 0 },
      { number: 2, title: '2026-11-17', state: 'done', total: 109, issued: 106, already: 0, failed: 3 },
      { number: 1, title: '2026-11-01 – 2026-11-15', state: 'interrupted', total: 480, issued: 211, already: 0, failed: 0 },
    ].map((b) => ({ ...b, batch_id: `b${b.number}`, created_by: '许知夏', created_at: at('2026-11-19T09:20:00'), finished_at: null, task_id: `receipts.b${b.number}`, mine: true })),
  }),
  'receipts.batch_rows': () => ({ rows: [], next_cursor: null }),
  'audit.names': () => ({ actors: ['许知夏', '周砚', '定时任务'], actions: ['exports.start', 'refunds.request', 'refunds.send'] }),
  'exports.list': () => ({
    exports: [
      { kind: 'orders', format: 'xlsx', file_name: '订单-20261120-094216.xlsx', state: 'done', rows: 4218, sums: [{ money: cny(61248036), count: 4218 }], bytes: 318_204 },
      { kind: 'receipt_files', format: 'zip', file_name: '凭证文件-20261119-182011.zip', state: 'done', rows: 118, problems: 1, sums: [{ money: cny(2148036), count: 118 }], bytes: 4_618_204 },
      { kind: 'differences', format: 'csv', file_name: '对账差异-20261119-101800.csv', state: 'interrupted', rows: 0, sums: [] },
      { kind: 'bill_archive', format: 'zip', file_name: '账单存档-20261118-100501.zip', state: 'removed', rows: 30, sums: [], bytes: 912_040 },
      { kind: 'refunds', format: 'csv', file_name: '退款-20261117-174000.csv', state: 'cancelled', rows: 0, sums: [] },
    ].map((e, i) => ({
      problems: 0, bytes: 0, error: null, sha256: ['done', 'removed'].includes(e.state) ? '9c417e2ab3d058f61a94c7e802bd6f354e19d8a773c20b5d92fe61a835cce07b' : null,
      created_by: '许知夏', created_at: at('2026-11-20T09:42:16'), finished_at: at('2026-11-20T09:42:19'), expires_at: at('2026-12-20T09:42:16'), task_id: `export.e${i}`, mine: true, export_id: `e${i}`, ...e,
    })),
    next_cursor: null,
  }),
  'accounts.list': () => ({
    accounts: [{
      brief: account, merchant_no: '1900002481', appid: 'wxd678efh567hg6787', certificate_serial: '3C8E9A41D7B20F6655E1A94C08B37D2F16EC77A1', certificate_expires_at: at('2027-08-02T00:00:00'), verify_mode: 'public_key', base_url: 'https://127.0.0.1:40123', backup_url: null, created_at: at('2026-11-20T08:00:00'),
      last_self_test: { at: at('2026-11-20T08:01:00'), passed: false, steps: [{ step: 'credentials', outcome: 'passed', detail: '私钥与证书是一对', remedy: null }, { step: 'clock', outcome: 'failed', detail: '比渠道快 10 分 12 秒', remedy: '请打开系统的自动对时。' }, { step: 'signature', outcome: 'skipped', detail: '', remedy: null }, { step: 'reply_verification', outcome: 'skipped', detail: '', remedy: null }, { step: 'permission', outcome: 'skipped', detail: '', remedy: null }] },
    }],
  }),
  'audit.page': () => ({ rows: Array.from({ length: 120 }, (_, i) => ({ seq: 1204 - i, at: at('2026-11-20T09:36:20'), actor: i % 3 ? '许知夏' : '周砚', role: i % 3 ? 'clerk' : 'approver', device: 'desk-1', action: ['refund.requested', 'refund.approved', 'session.sign_in', 'bill.fetched'][i % 4], object: `refund RF1120-0${318 - i}`, before_digest: null, after_digest: digest, reason: i % 4 ? null : '重复支付', result: i % 17 === 5 ? 'refused' : 'ok', hash: digest })), next_before_seq: null, total: 1204 }),
  'audit.verify': () => ({ verified: true, rows: 1204, broken_seq: null, problem: null, head: digest }),
  'receipts.verify': () => ({
    file_name: '南屏物流_凭证_20261103.pdf', bytes: 88064, verdict: 'altered', valid: false,
    checks: [['签名域', true, '有且只有一个签名域'], ['覆盖全文', true, '签名覆盖到文件最后一个字节'], ['签名位置', true, '签名就在它声明的位置'], ['签名格式', true, 'SM3 摘要，一位签名人'], ['内容未变', false, '正文的 SM3 与签名里的不同：文件在签名后被改过'], ['内容类型', true, '类型一致']].map(([name, passed, text], i) => ({ rule: i + 1, name, passed, detail_zh: text, detail_en: String(text) })),
    fields: [{ name: 'serial_no', value: 'NP20261103-00417' }, { name: 'amount', value: '¥8,640.00' }], signer: '南屏物流示例公司', signed_at: at('2026-11-03T15:20:00'), digest, millis: 6, ours: null,
  }),
})
const chosen = {}
const action = (name, reason = null) => ({ action: name, allowed: reason === null, reason })
Object.assign(answers, {
  'preferences.all': () => ({ values: chosen }),
  'preferences.put': (p) => {
    if (p.value === null) delete chosen[p.name]
    else chosen[p.name] = p.value
    return { values: chosen }
  },
  'search.find': (p) => {
    const order = rows[5]
    const found = { looks_like: ['fragment'], orders: [], refunds: [], receipts: [], bills: [], bill_lines: [], differences: [], people: [], subject: null, exact: false, micros: 31_000 }
    if (p.text.startsWith('@')) return { ...found, looks_like: ['person'], people: Object.values(people) }
    if (!order.payment_id.startsWith(p.text.slice(0, 12)) && !order.order_no.includes(p.text)) return found
    return {
      ...found,
      looks_like: [p.text.length === 28 ? 'wechat_payment_id' : 'order_no'],
      orders: [order],
      exact: true,
      subject: {
        order, refundable: cny(128000), notices: 2, receipts: [], bill_match: { date: '2026-11-19', line_no: 3418, code: null },
        actions: [action('request_refund'), action('query_channel'), action('issue_receipt'), action('close_order', 'order.already_paid')],
        refunds: [],
        bill: { account_id: 'a1', channel: 'wechat_pay', account_tail: '2481', kind: 'trade', date: '2026-11-19', status: 'verified', rows: 4270 },
      },
    }
  },
})
