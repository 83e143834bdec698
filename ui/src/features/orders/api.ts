/** What the orders page asks of the core. */
import { usePreference } from '../../api/preferences'
import { useReadAt } from '../../api/readAt'
import { useRead, useWrite } from '../../api/query'
import { parseAmount } from '../../format'
import type { MoneyMoved, OrderPage, OrderRow, OrderSort, OrderState, OrderTotalsRequest } from '../../generated/types'

export type Search = OrderTotalsRequest

const rowsOf = (page: OrderPage) => page.rows
const keyOf = (row: OrderRow) => row.order_id

/** Rows first; the totals come beside them and never hold them up. */
export function useOrders(search: Search, sort: OrderSort) {
  const totals = useRead('orders.totals', search, { keep: true })
  const list = useReadAt(
    'orders.search',
    { ...search, sort },
    {
      rowsOf,
      keyOf,
      total: totals.isPlaceholderData ? null : (totals.data?.total ?? null),
      anchored: sort === 'newest_first',
    },
  )
  return { list, totals }
}

export const useTotals = (search: Search | null) => useRead('orders.totals', search)

export function useOrder(orderId: string | null) {
  return useRead('orders.detail', orderId === null ? null : { order_id: orderId }, { keep: true })
}

export const useRecognised = (text: string | null) => useRead('orders.recognise', text === null ? null : { text })

export const useQueryChannel = () => useWrite('orders.query_channel')
export const useLookup = () => useWrite('orders.lookup')
export const useCloseOrder = () => useWrite('orders.close')
export const useOpenRefund = () => useWrite('refunds.open')
export const useIssueReceipt = () => useWrite('receipts.issue')
export const useRevealPayer = () => useWrite('orders.reveal_payer')
export const useEvidence = () => useWrite('orders.evidence')
export const useIssueBatch = () => useWrite('receipts.issue_batch')

/** Orders picked by hand: what the core takes at once. */
export const pickedMax = 500

/** A search of nothing but these orders. */
export function searchOfPicked(ids: readonly string[]): Search {
  return {
    text: null,
    account_id: null,
    states: [],
    date_from: null,
    date_to: null,
    amount_min_minor: null,
    amount_max_minor: null,
    order_ids: [...ids],
  }
}

/** What picked orders come to, each currency by itself. */
export function usePickedTotals(ids: readonly string[]) {
  const able = ids.length > 0 && ids.length <= pickedMax
  return useRead('orders.totals', able ? searchOfPicked(ids) : null, { keep: true })
}

/** The views above the list that everybody has: which states, or which amounts, each stands for. */
export const views = {
  all: { states: [], min: null },
  awaiting: { states: ['awaiting_payment', 'paying'], min: null },
  refunding: { states: ['refunding'], min: null },
  troubled: { states: ['payment_unknown', 'refund_unknown', 'abnormal'], min: null },
  late: { states: ['paid_after_close'], min: null },
  large: { states: [], min: 500_000 },
} as const satisfies Record<string, { states: readonly OrderState[]; min: number | null }>

export type ViewName = keyof typeof views

/** Words of the reconciliation filter, and the ones the core knows each by. */
export const reconWords = {
  matched: ['matched'],
  waiting: ['waiting'],
  difference: ['missing_in_ledger', 'missing_in_channel', 'amount_mismatch', 'status_mismatch', 'duplicate_in_channel', 'duplicate_in_ledger', 'currency_mismatch', 'id_clash', 'fee_mismatch'],
  missing_in_ledger: ['missing_in_ledger'],
  missing_in_channel: ['missing_in_channel'],
  amount_mismatch: ['amount_mismatch'],
  status_mismatch: ['status_mismatch'],
  duplicate_in_channel: ['duplicate_in_channel'],
  duplicate_in_ledger: ['duplicate_in_ledger'],
  currency_mismatch: ['currency_mismatch'],
  id_clash: ['id_clash'],
  fee_mismatch: ['fee_mismatch'],
  none: ['none'],
} as const

export type ReconWord = keyof typeof reconWords

/** A view somebody saved for themselves: a name, and the filters as the address holds them. */
export type SavedView = { id: string; name: string; base: ViewName; query: Record<string, string> }

export const useSavedViews = () => usePreference<readonly SavedView[]>('views.orders', noViews)

const noViews: readonly SavedView[] = []

/** What a saved view keeps of the address; which order is open is not part of it. */
export const filterKeys = ['q', 'state', 'account', 'from', 'to', 'min', 'max', 'recon', 'moved', 'sort'] as const

/** An amount in a filter: empty and unreadable both mean "no limit", the field itself shows which. */
export function amountLimit(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  const parsed = parseAmount(text, 'CNY')
  return parsed.ok ? parsed.minor : null
}

export function reconOf(query: Readonly<Record<string, string>>): ReconWord | null {
  const word = query['recon']
  return word !== undefined && word in reconWords ? (word as ReconWord) : null
}

/** Which way money must have moved, as the desk's figures ask for their lists. */
export function movedOf(query: Readonly<Record<string, string>>): MoneyMoved | null {
  const word = query['moved']
  return word === 'in' || word === 'back' ? word : null
}

/** The search the filters of an address stand for. */
export function searchOf(query: Readonly<Record<string, string>>, base: ViewName, text: string): Search {
  const state = query['state'] as OrderState | undefined
  const recon = reconOf(query)
  const moved = movedOf(query)
  return {
    text: text.trim() === '' ? null : text.trim(),
    account_id: query['account'] ?? null,
    states: state === undefined ? [...views[base].states] : [state],
    date_from: query['from'] ?? null,
    date_to: query['to'] ?? null,
    amount_min_minor: amountLimit(query['min']) ?? views[base].min,
    amount_max_minor: amountLimit(query['max']),
    ...(recon === null ? {} : { reconciliation: [...reconWords[recon]] }),
    ...(moved === null ? {} : { moved }),
  }
}
