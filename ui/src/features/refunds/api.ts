/** What the refund desk asks of the core. */
import { useRead, useReadPages, useWrite } from '../../api/query'
import type { RefundLane } from '../../generated/types'

export function useRefund(refundNo: string | null) {
  return useRead('refunds.detail', refundNo === null ? null : { refund_no: refundNo }, { refetchMs: 15_000 })
}

export function useRefundForm(refundNo: string | null) {
  return useRead('refunds.form', refundNo === null ? null : { refund_no: refundNo })
}

export function usePreflight(refundNo: string, amountMinor: number | null) {
  return useRead('refunds.preflight', amountMinor === null ? null : { refund_no: refundNo, amount_minor: amountMinor }, { keep: true })
}

export function useRefunds(lane: RefundLane) {
  return useReadPages('refunds.list', { lane, limit: 200 }, (page) => page.rows)
}

export const useRequestRefund = () => useWrite('refunds.request')
export const useWithdraw = () => useWrite('refunds.withdraw')
export const useQueryRefund = () => useWrite('refunds.query_channel')
