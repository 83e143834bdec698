/** What the approvals page asks of the core. */
import { useRead, useWrite } from '../../api/query'

export const useQueue = () => useRead('approvals.queue', {}, { refetchMs: 30_000 })

export function useRequest(refundNo: string | null) {
  return useRead('refunds.detail', refundNo === null ? null : { refund_no: refundNo }, { keep: true, refetchMs: 15_000 })
}

export const useApprove = () => useWrite('approvals.approve')
export const useReject = () => useWrite('approvals.reject')
export const useQueryRefund = () => useWrite('refunds.query_channel')
export const useRecall = () => useWrite('approvals.recall')
export const useEvidence = () => useWrite('orders.evidence')
