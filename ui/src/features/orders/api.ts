/** What the orders page asks of the core. */
import { useRead, useReadPages, useWrite } from '../../api/query'
import type { OrderSearch, OrderState } from '../../generated/types'

export type Search = Omit<OrderSearch, 'cursor' | 'limit'>

export function useOrders(search: Search) {
  return useReadPages('orders.search', { ...search, limit: 200 }, (page) => page.rows)
}

export function useOrder(orderId: string | null) {
  return useRead('orders.detail', orderId === null ? null : { order_id: orderId }, { keep: true })
}

export const useQueryChannel = () => useWrite('orders.query_channel')
export const useLookup = () => useWrite('orders.lookup')
export const useCloseOrder = () => useWrite('orders.close')
export const useOpenRefund = () => useWrite('refunds.open')
export const useIssueReceipt = () => useWrite('receipts.issue')

/** The saved views above the list: which states, or which amounts, each stands for. */
export const views = {
  all: { states: [], min: null },
  awaiting: { states: ['awaiting_payment', 'paying'], min: null },
  refunding: { states: ['refunding'], min: null },
  troubled: { states: ['payment_unknown', 'refund_unknown', 'abnormal'], min: null },
  late: { states: ['paid_after_close'], min: null },
  large: { states: [], min: 500_000 },
} as const satisfies Record<string, { states: readonly OrderState[]; min: number | null }>

export type ViewName = keyof typeof views
