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
    { name: 'payer_in_flight', level: 'warning', value: '−¥36.50', detail: 'RF1120-0311 · 渠道处理中' },
    { name: 'remaining', level: 'pass', value: '¥1,280.00', detail: '实付 1,680.00 − 已退 400.00 − 在途 0.00' },
    { name: 'in_flight', level: 'pass', value: '无', detail: '' },
    { name: 'age', level: 'pass', value: '剩 364 天', detail: '支付后 1 年内，到 2027-11-19' },
    { name: 'count', level: 'pass', value: '第 2 次', detail: '渠道上限 50 次' },
    { name: 'interval', level: 'pass', value: '≥ 1 分钟', detail: '距上次 11 小时 19 分' },
    { name: 'balance', level: 'pass', value: '¥86,412.07', detail: '基本账户，查询于 09:35:39' },
  ],
  checked_at: at('2026-11-20T09:35:40'),
  millis: 310,
  arrival: '复核通过后立即发出；微信零钱约 5 分钟，银行卡 1–3 个工作日',
}
const timeline = [
  { at: at('2026-11-20T09:12:40'), kind: 'bill_line', amount: null, refund_no: null, actor: null, source: 'channel_bill', verified: true, detail: '第 3,418 行' },
  { at: at('2026-11-19T22:15:47'), kind: 'refund_succeeded', amount: cny(40000), refund_no: 'RF1119-0277', actor: null, source: 'channel_notice', verified: true, detail: null },
  { at: at('2026-11-19T22:15:02'), kind: 'refund_accepted', amount: null, refund_no: 'RF1119-0277', actor: null, source: 'channel_query', verified: true, detail: null },
  { at: at('2026-11-19T22:09:58'), kind: 'refund_approved', amount: null, refund_no: 'RF1119-0277', actor: '周砚', source: 'desk', verified: false, detail: null },
  { at: at('2026-11-19T22:06:21'), kind: 'refund_requested', amount: cny(40000), refund_no: 'RF1119-0277', actor: '许知夏', source: 'desk', verified: false, detail: '少发一件' },
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
  }
}
export const answers = {
  'app.status': (_p, { stage, role, environment }) => ({
    stage,
    environment: stage === 'first_run' ? null : environment,
    merchant_name: stage === 'first_run' ? null : '青屿生活示例商贸有限公司',
    version: '0.1.0',
    now: new Date().toISOString(),
    person: stage === 'ready' ? people[role] : null,
    permissions: stage === 'ready' ? rights[role] : [],
    demo_logins: environment === 'demo' && stage === 'sign_in' ? Object.values(people).map((p) => ({ ...p, password: 'demo-demo-demo' })) : [],
    accounts: stage === 'first_run' ? [] : [account],
    badges: { refunds_unknown: 2, approvals_waiting: 4, differences_open: 30, bills_missing: 1 },
    vault: 'demo_file',
  }),
  'orders.search': (p) => {
    let found = rows
    if (p.states.length > 0) found = found.filter((r) => p.states.includes(r.state))
    if (p.text !== null) found = found.filter((r) => r.order_no.includes(p.text) || r.payment_id.includes(p.text))
    const counts = new Map()
    for (const r of rows) counts.set(r.state, (counts.get(r.state) ?? 0) + 1)
    const from = Number(p.cursor ?? 0)
    return {
      rows: found.slice(from, from + 200),
      next_cursor: from + 200 < found.length ? String(from + 200) : null,
      total: found.length === 400 ? 8412 : found.length,
      paid_sums: [{ money: cny(123235731), count: 8000 }],
      refunded_sums: [{ money: cny(3551050), count: 96 }],
      state_counts: [...counts].map(([state, count]) => ({ state, count })),
      as_of: new Date().toISOString(),
    }
  },
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
    return { rows: found, next_cursor: null, total: found.length, sums: [{ money: cny(234700), count: found.length }] }
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
    one_checker_minor_max: 500000,
    approval_hours: 48,
    content: null,
  }),
  'refunds.preflight': () => checks,
  'approvals.queue': () => ({
    mine: [refunds[2], { ...refunds[2], refund_no: 'RF1120-0302', reason_code: 'not_delivered', amount: cny(690000), maker: '沈拾一', expires_at: new Date(Date.now() + 7 * 3600_000).toISOString() }],
    not_mine: [{ row: { ...refunds[2], refund_no: 'RF1120-0290', reason_code: 'price', amount: cny(6000), maker: '周砚' }, because: 'approval.maker_is_checker' }],
    unknown: [refunds[0], { ...refunds[0], refund_no: 'RF1120-0307', amount: cny(199900), query_count: 2 }],
    handled: [refunds[5]],
  }),
}
