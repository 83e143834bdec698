import { type ReactNode, useEffect, useSyncExternalStore } from 'react'
import { describeError } from '../api/errors'
import { t as say, useT } from '../i18n'
import { useHotkeys } from '../keyboard/hotkeys'
import { StatusIcon } from '../status/StatusTag'
import { rememberUndo, takeDone, type Done } from '../undo'
import { Kbd } from './small'

type Toast = { id: number; text: ReactNode; note?: ReactNode; undoId?: number; seconds: number; family: 'ok' | 'vo' | 'br'; urgent?: boolean }
type NewToast = {
  text: ReactNode
  note?: ReactNode
  /** Takes it back; a promise lets U say that it worked, or why not. Stays undoable after the toast is gone. */
  undo?: () => unknown
  seconds?: number
  family?: 'ok' | 'vo' | 'br'
  /** What became of money: read out at once. Everything else waits for its turn. */
  urgent?: boolean
}

let current: Toast | null = null
let nextId = 1
const listeners = new Set<() => void>()

function set(next: Toast | null): void {
  current = next
  for (const listener of listeners) listener()
}

const store = {
  /** Says what was done; with `undo`, offers to take it back (U) for 8 seconds here, and with U until sign-out. One at a time. */
  show({ undo, ...toast }: NewToast): void {
    const undoId = undo === undefined ? undefined : rememberUndo(toast.text, undo)
    set({
      seconds: undo === undefined ? 3 : 8,
      family: 'ok',
      ...toast,
      ...(undoId === undefined ? {} : { undoId }),
      id: nextId++,
    })
  },
  hide(): void {
    set(null)
  },
}

export function useToasts() {
  return store
}

async function takeBack(done: Done | null): Promise<void> {
  if (done === null) {
    store.show({ text: say('undo.nothing'), note: say('undo.nothing_note'), family: 'vo', seconds: 6 })
    return
  }
  if (done.undo === undefined) {
    store.show({ text: say('undo.cannot'), note: <>{done.what} · {done.final}</>, family: 'vo', seconds: 8 })
    return
  }
  try {
    set(null)
    const shown = current
    await done.undo()
    // A page that words its own success has said it already.
    if (current === shown) store.show({ text: <>{say('undo.done')} {done.what}</> })
  } catch (cause) {
    const { title, remedy } = describeError(cause, say)
    store.show({ text: <>{say('undo.failed')} {title}</>, note: remedy, family: 'br', seconds: 10 })
  }
}

/** U: takes back the last thing that can be, or says why nothing can. */
export function undoLast(): Promise<void> {
  return takeBack(takeDone())
}

/** Where toasts appear; once, in the frame. */
export function ToastPlace() {
  const t = useT()
  const toast = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
    () => null,
  )
  useEffect(() => {
    if (toast === null) return
    const timer = setTimeout(() => set(null), toast.seconds * 1000)
    return () => clearTimeout(timer)
  }, [toast])
  useHotkeys([{ keys: 'u', run: () => void undoLast(), label: t('keys.undo'), group: 'action' }])
  const undoId = toast?.undoId
  const urgent = toast?.urgent === true
  return (
    <div className="zf-toast-place" role={urgent ? 'alert' : 'status'} aria-live={urgent ? 'assertive' : 'polite'}>
      {toast === null ? null : (
        <div className="zf-toast" data-testid="toast" data-family={toast.family}>
          <StatusIcon family={toast.family} />
          <span>{toast.text}</span>
          {undoId === undefined ? null : (
            <button type="button" onClick={() => void takeBack(takeDone(undoId))} data-testid="toast-undo">
              {t('common.undo')} <Kbd keys="U" />
            </button>
          )}
          {toast.note === undefined ? null : <span className="zf-toast-note">{toast.note}</span>}
        </div>
      )}
    </div>
  )
}
