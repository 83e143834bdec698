/** What the refund desk asks of the core. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useRead, useReadPages, useWrite, type ParamsOf } from '../../api/query'
import { clockNow } from '../../format'
import type { RefundForm, RefundLane } from '../../generated/types'

export function useRefund(refundNo: string | null) {
  return useRead('refunds.detail', refundNo === null ? null : { refund_no: refundNo }, { refetchMs: 15_000 })
}

export function useRefundForm(refundNo: string | null) {
  return useRead('refunds.form', refundNo === null ? null : { refund_no: refundNo })
}

export function usePreflight(refundNo: string, amountMinor: number | null) {
  return useRead('refunds.preflight', amountMinor === null ? null : { refund_no: refundNo, amount_minor: amountMinor }, { keep: true })
}

export function useRefunds(lane: RefundLane, text: string | null) {
  return useReadPages('refunds.list', { lane, text, limit: 200 }, (page) => page.rows)
}

export const useRequestRefund = () => useWrite('refunds.request')
export const useWithdraw = () => useWrite('refunds.withdraw')
export const useQueryRefund = () => useWrite('refunds.query_channel')

/** Waits for a pause in typing. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}

type Draft = ParamsOf<'refunds.save_draft'>

/**
 * Keeps a form that is being written: after a pause in typing and when it is left. Nothing is asked of
 * anybody by it. Gives when it was last kept, and a way to say that it needs keeping no more.
 */
export function useKeptDraft(draft: Draft, active: boolean) {
  const client = useQueryClient()
  const { mutate } = useWrite('refunds.save_draft')
  const [keptAt, setKeptAt] = useState<string | null>(null)
  const text = JSON.stringify(draft)
  const kept = useRef(text)
  const newest = useRef({ text, active })
  const settled = useSettled(text, 800)
  useEffect(() => {
    newest.current = { text, active }
  })
  const keep = useRef((json: string) => {
    kept.current = json
    const next = JSON.parse(json) as Draft
    const content = { amount_minor: next.amount_minor ?? 0, reason_code: next.reason_code, note: next.note, buyer_note: next.buyer_note }
    // A form opened again in a moment starts from what was written here.
    client.setQueryData<RefundForm>(['refunds.form', { refund_no: next.refund_no }], (form) => (form === undefined ? form : { ...form, content }))
    mutate(next, { onSuccess: () => setKeptAt(new Date(clockNow()).toISOString()) })
  })
  useEffect(() => {
    if (active && settled === newest.current.text && settled !== kept.current) keep.current(settled)
  }, [active, settled])
  useEffect(() => {
    const leave = keep.current
    return () => {
      if (newest.current.active && newest.current.text !== kept.current) leave(newest.current.text)
    }
  }, [])
  const done = () => {
    kept.current = newest.current.text
  }
  return { keptAt, done }
}
