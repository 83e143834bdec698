import { CheckCircleFilled } from '@ant-design/icons'
import { type ReactNode, useEffect, useSyncExternalStore } from 'react'
import { useHotkeys } from '../keyboard/hotkeys'
import { useT } from '../i18n'
import { Kbd } from './small'

type Toast = { id: number; text: ReactNode; note?: ReactNode; undo?: () => void; seconds: number }
type NewToast = { text: ReactNode; note?: ReactNode; undo?: () => void; seconds?: number }

let current: Toast | null = null
let nextId = 1
const listeners = new Set<() => void>()

function set(next: Toast | null): void {
  current = next
  for (const listener of listeners) listener()
}

const store = {
  /** Says what was done; with `undo`, offers to take it back for 8 seconds (U). One at a time. */
  show(toast: NewToast): void {
    set({ seconds: toast.undo === undefined ? 3 : 8, ...toast, id: nextId++ })
  },
  hide(): void {
    set(null)
  },
}

export function useToasts() {
  return store
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
  const undo = () => {
    toast?.undo?.()
    set(null)
  }
  useHotkeys([{ keys: 'u', run: undo, label: t('keys.undo'), group: 'action' }], toast?.undo !== undefined)
  return (
    <div className="zf-toast-place" role="status" aria-live="polite">
      {toast === null ? null : (
        <div className="zf-toast" data-testid="toast">
          <CheckCircleFilled aria-hidden />
          <span>{toast.text}</span>
          {toast.undo === undefined ? null : (
            <button type="button" onClick={undo} data-testid="toast-undo">
              {t('common.undo')} <Kbd keys="U" />
            </button>
          )}
          {toast.note === undefined ? null : <span className="zf-toast-note">{toast.note}</span>}
        </div>
      )}
    </div>
  )
}
