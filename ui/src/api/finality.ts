/**
 * What a finished write means for U: what can never be taken back, and why. Pages whose work can be
 * (a suspension, a request) offer it with their toast.
 */
import type { ProcedureName, Replies } from '../generated/client'
import { t } from '../i18n'
import { rememberFinal } from '../undo'

type Meaning = { [Name in ProcedureName]?: (reply: Replies[Name]) => void }

const meanings: Meaning = {
  'approvals.approve': ({ row }) =>
    rememberFinal(t('undo.approve', { no: row.refund_no }), t(row.state === 'cooling_off' ? 'undo.approve_cooling' : 'undo.approve_why')),
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

/** Called once a write succeeded. */
export function noteDone<Name extends ProcedureName>(name: Name, reply: Replies[Name]): void {
  const meaning = meanings[name] as ((reply: Replies[Name]) => unknown) | undefined
  meaning?.(reply)
  for (const listener of listeners) listener(name)
}
