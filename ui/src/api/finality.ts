/**
 * What a finished write means for U: some can be taken back by another procedure, some never. Pages
 * that offer an undo of their own (a suspension) say it with their toast.
 */
import type { ProcedureName, Replies } from '../generated/client'
import { t } from '../i18n'
import { call } from '../platform'
import { rememberFinal, rememberUndo } from '../undo'

type Meaning = { [Name in ProcedureName]?: (reply: Replies[Name], after: () => void) => void }

const meanings: Meaning = {
  'refunds.request': ({ row }, after) =>
    rememberUndo(t('undo.request', { no: row.refund_no }), () => call('refunds.withdraw', { refund_no: row.refund_no }).finally(after)),
  'approvals.approve': ({ row }) => rememberFinal(t('undo.approve', { no: row.refund_no }), t('undo.approve_why')),
  'approvals.reject': ({ row }) => rememberFinal(t('undo.reject', { no: row.refund_no }), t('undo.reject_why')),
  'close.sign_maker': () => rememberFinal(t('undo.sign'), t('undo.sign_why')),
  'close.sign_checker': () => rememberFinal(t('undo.sign'), t('undo.sign_why')),
  'receipts.issue': (receipt) =>
    receipt.already_issued ? undefined : rememberFinal(t('undo.receipt', { no: receipt.serial_no }), t('undo.receipt_why')),
  'orders.close': () => rememberFinal(t('undo.close_order'), t('undo.close_order_why')),
}

type Listener = (name: ProcedureName) => void
const listeners = new Set<Listener>()

/** Hears the name of every write that succeeded in this window; gives how to stop. */
export function onDone(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Called once a write succeeded; `after` marks what an undo makes stale. */
export function noteDone<Name extends ProcedureName>(name: Name, reply: Replies[Name], after: () => void): void {
  const meaning = meanings[name] as ((reply: Replies[Name], after: () => void) => unknown) | undefined
  meaning?.(reply, after)
  for (const listener of listeners) listener(name)
}
