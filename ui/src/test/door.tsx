/** A door for tests: answers from a table, remembers what was asked. */
import { QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import { App as AntApp, ConfigProvider } from 'antd'
import type { ReactElement } from 'react'
import { createQueryClient, type ParamsOf, type ProcedureName, type ReplyOf } from '../api/query'
import { StatusProvider } from '../api/status'
import type { AppStatus, OrderPage, OrderRow, OrderTotals, Permission, Preflight, RefundRow, RefundView } from '../generated/types'
import { ApiError, setDoor, type AppEvent } from '../platform'

type Answers = { [Name in ProcedureName]?: (params: ParamsOf<Name>) => ReplyOf<Name> | Promise<ReplyOf<Name>> }

export type TestDoor = { calls: { name: string; params: unknown }[]; emit: (event: AppEvent) => void; named: (name: ProcedureName) => unknown[] }

export function openDoor(answers: Answers): TestDoor {
  const calls: TestDoor['calls'] = []
  const listeners = new Set<(event: AppEvent) => void>()
  setDoor({
    kind: 'browser',
    call: async <Reply,>(name: string, params: unknown) => {
      calls.push({ name, params })
      const answer = (answers as Record<string, ((params: unknown) => unknown) | undefined>)[name]
      if (answer === undefined) throw new ApiError({ code: 'request.unknown', retry: 'never', params: { name }, message: name, remedy: '' })
      return (await answer(params)) as Reply
    },
    events: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    pickFile: () => Promise.resolve({ file_token: 'held', name: 'file.pdf', size: 10 }),
    takeFile: () => Promise.resolve({ file_token: 'held', name: 'file.pdf', size: 10 }),
    saveFile: () => Promise.resolve(null),
  })
  return {
    calls,
    emit: (event) => {
      for (const listener of listeners) listener(event)
    },
    named: (name) => calls.filter((c) => c.name === name).map((c) => c.params),
  }
}

export function status(permissions: Permission[], changes: Partial<AppStatus> = {}): AppStatus {
  return {
    stage: 'ready',
    environment: 'sandbox',
    merchant_name: '示例商户',
    version: '0.1.0',
    now: '2026-11-20T01:42:16Z',
    person: { user_id: 'u1', login: 'xu', display_name: '许知夏', role: 'clerk' },
    permissions,
    demo_logins: [],
    accounts: [
      { account_id: 'a1', channel: 'wechat_pay', environment: 'sandbox', display_name: '示例商城', merchant_no_masked: '1900••2481' },
    ],
    badges: { refunds_unknown: 0, approvals_waiting: 0, differences_open: 0, bills_missing: 0, keys_due: 0 },
    vault: 'demo_file',
    ...changes,
  }
}

/** Shows a page as if somebody with these rights sat before it. */
export function show(element: ReactElement, permissions: Permission[] = []) {
  const client = createQueryClient()
  client.setDefaultOptions({ queries: { retry: false } })
  return render(
    <QueryClientProvider client={client}>
      <ConfigProvider theme={{ token: { motion: false } }} wave={{ disabled: true }}>
        <AntApp>
          <StatusProvider value={status(permissions)}>{element}</StatusProvider>
        </AntApp>
      </ConfigProvider>
    </QueryClientProvider>,
  )
}

export const order: OrderRow = {
  order_id: 'o1',
  account_id: 'a1',
  channel: 'wechat_pay',
  account_tail: '2481',
  order_no: 'QY202611190004127',
  payment_id: '4200002481202611196730185524',
  payer_masked: '尾号 7731',
  goods: '露营灯',
  state: 'partly_refunded',
  amount: { minor: 168000, currency: 'CNY' },
  refunded_minor: 40000,
  in_flight_minor: 0,
  created_at: '2026-11-19T12:58:03Z',
  paid_at: '2026-11-19T12:58:31Z',
  reconciliation: 'matched',
}

export const preflight: Preflight = {
  checks: [
    { name: 'remaining', level: 'pass', value: '¥1,280.00', detail: '', detail_en: '' },
    { name: 'payer_in_flight', level: 'warning', value: '¥36.50', detail: '', detail_en: '' },
  ],
  checked_at: '2026-11-20T01:35:40Z',
  millis: 31,
  arrival: '约 5 分钟',
  arrival_en: 'about 5 minutes',
}

export const refund: RefundRow = {
  refund_no: 'RF1120-0318',
  order_id: 'o1',
  order_no: order.order_no,
  channel: 'wechat_pay',
  state: 'awaiting_approval',
  amount: { minor: 128000, currency: 'CNY' },
  reason_code: 'duplicate',
  maker: '许知夏',
  created_at: '2026-11-20T01:33:58Z',
  requested_at: '2026-11-20T01:36:20Z',
  sent_at: null,
  finished_at: null,
  next_query_at: null,
  query_count: 0,
  expires_at: '2099-01-01T00:00:00Z',
  cooling_until: null,
  last_error: null,
  mine: true,
}

export const refundView: RefundView = {
  row: refund,
  content: { amount_minor: 128000, reason_code: 'duplicate', note: '付了两次', buyer_note: '' },
  version: 1,
  order,
  refundable_after: { minor: 0, currency: 'CNY' },
  amount_in_words: '人民币壹仟贰佰捌拾元整',
  fields: [
    { name: 'amount', value: '1280.00 CNY', before: '1180.00 CNY' },
    { name: 'note', value: '付了两次', before: null },
  ],
  digest: '9c417e2ab3d058f61a94c7e802bd6f354e19d8a773c20b5d92fe61a835cce07b',
  approvals: [],
  checkers_required: 1,
  may_approve: true,
  may_not_because: null,
  preflight,
  timeline: [],
  received_account: null,
  channel_refund_id: null,
  path: { checkers: 1, approval_hours: 48, cooling_off_seconds: 0 },
  versions: [{ version: 1, editor: '许知夏', at: '2026-11-20T01:36:20Z', digest: '9c417e2ab3d058f61a94c7e802bd6f354e19d8a773c20b5d92fe61a835cce07b' }],
  related: [],
  signed_text: '["zhangfang.refund.2",[]]',
  may_recall: false,
}

/** A first page of orders, and what is counted over them. */
export const orderPage = (rows: OrderRow[]): OrderPage => ({ rows, next_cursor: null, anchor: null, recognised: null, as_of: '2026-11-20T01:42:16Z' })
export const orderTotals = (total: number, changes: Partial<OrderTotals> = {}): OrderTotals => ({
  total,
  paid_sums: [],
  refunded_sums: [],
  state_counts: [],
  gaps: [],
  as_of: '2026-11-20T01:42:16Z',
  ...changes,
})
