/** What the receipts page asks of the core. */
import { useRead, useReadPages, useWrite } from '../../api/query'
import type { BatchOutcome, OrderSearch, ReceiptVerdict, ReceiptVerification } from '../../generated/types'
import { call } from '../../platform'
import type { StatusOf } from '../../status/dictionary'

export function useReceipts(text: string) {
  return useReadPages('receipts.list', { text: text === '' ? null : text, limit: 200 }, (page) => page.rows)
}

/** The orders a number names, for issuing: two at most, to tell one from many. */
export function useOrderFor(number: string | null) {
  return useRead(
    'orders.search',
    number === null
      ? null
      : {
          text: number,
          account_id: null,
          states: [],
          date_from: null,
          date_to: null,
          amount_min_minor: null,
          amount_max_minor: null,
          cursor: null,
          limit: 2,
        },
  )
}

/** Orders of one batch: what the core allows. */
export const batchMax = 500

/** Orders that were paid, of these days: what a batch is issued for. */
export function batchSearch(accountId: string, from: string, to: string, text: string): OrderSearch {
  return {
    text: text === '' ? null : text,
    account_id: accountId,
    states: ['paid', 'partly_refunded', 'refunding'],
    date_from: from,
    date_to: to,
    amount_min_minor: null,
    amount_max_minor: null,
    cursor: null,
    limit: 1,
  }
}

/** How many orders a batch would cover and what they come to. */
export function useBatchPreview(search: OrderSearch | null) {
  const counted =
    search === null
      ? null
      : {
          text: search.text,
          account_id: search.account_id,
          states: search.states,
          date_from: search.date_from,
          date_to: search.date_to,
          amount_min_minor: search.amount_min_minor,
          amount_max_minor: search.amount_max_minor,
        }
  return useRead('orders.totals', counted, { keep: true })
}

/** Batches, newest first; read again every half second while one is under way. */
export function useBatches(running: boolean) {
  return useRead('receipts.batches', {}, running ? { refetchMs: 500 } : {})
}

export function useBatchRows(batchId: string, outcome: BatchOutcome | null) {
  return useReadPages('receipts.batch_rows', { batch_id: batchId, outcome, limit: 200 }, (page) => page.rows)
}

export const useIssueBatch = () => useWrite('receipts.issue_batch')
export const useContinueBatch = () => useWrite('receipts.continue_batch')
export const useIssue = () => useWrite('receipts.issue')
export const useReceiptFile = () => useWrite('receipts.file')
export const useVerify = () => useWrite('receipts.verify')

/** The core's verdicts in the five words of the status dictionary; the sentence beside says which exactly. */
export const verdictWord: Record<ReceiptVerdict, StatusOf<'verdict'>> = {
  genuine: 'trustworthy',
  genuine_untrusted_signer: 'cannot_tell',
  already_booked: 'already_booked',
  altered: 'altered',
  bad_signature: 'altered',
  certificate_invalid: 'cannot_tell',
  not_signed: 'not_signed',
  unreadable: 'cannot_tell',
}

/** The verdict over an altered copy, made anew each time it is asked for. */
export const fetchAltered = () => call<ReceiptVerification>('receipts.try_altered', {})
