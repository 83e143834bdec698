/** What the frame and every page know of the moment: who, where, which rights, is the core there. */
import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react'
import type { AppStatus, Permission, Person } from '../generated/types'
import { clockNow } from '../format'
import { events, type AppEvent } from '../platform'
import { invalidate } from './query'

const StatusContext = createContext<AppStatus | null>(null)

export function StatusProvider({ value, children }: { value: AppStatus; children: ReactNode }) {
  return <StatusContext value={value}>{children}</StatusContext>
}

export function useStatus(): AppStatus {
  const status = useContext(StatusContext)
  if (status === null) throw new Error('useStatus outside of StatusProvider')
  return status
}

/** The person signed in; only below a frame that is ready. */
export function usePerson(): Person {
  const { person } = useStatus()
  if (person === null) throw new Error('usePerson before sign-in')
  return person
}

export function useMay(permission: Permission): boolean {
  return useStatus().permissions.includes(permission)
}

export type Task = Extract<AppEvent, { type: 'progress' }>

type Live = { linkUp: boolean; since: string; tasks: readonly Task[] }
let live: Live = { linkUp: true, since: '', tasks: [] }
const listeners = new Set<() => void>()

function setLive(next: Partial<Live>): void {
  live = { ...live, ...next }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whether the core answers, since when not, and the work it does in the background. */
export function useLive(): Live {
  return useSyncExternalStore(
    subscribe,
    () => live,
    () => live,
  )
}

/** Work of one kind that is under way, if any. */
export function useTask(kind: string): Task | null {
  return useLive().tasks.find((task) => task.kind === kind) ?? null
}

/** Follows the core's events: marks replies stale, keeps tasks and the link. Mounted once. */
export function EventFollower({ onSignedOut }: { onSignedOut: () => void }) {
  const client = useQueryClient()
  const signedOut = useRef(onSignedOut)
  useEffect(() => {
    signedOut.current = onSignedOut
  })
  useEffect(
    () =>
      events((event) => {
        switch (event.type) {
          case 'stale':
            invalidate(client, event.tags)
            break
          case 'progress': {
            const others = live.tasks.filter((task) => task.task_id !== event.task_id)
            setLive({ tasks: event.finished ? others : [...others, event] })
            break
          }
          case 'signed_out':
            signedOut.current()
            break
          case 'link':
            if (event.up !== live.linkUp) {
              setLive({ linkUp: event.up, since: new Date(clockNow()).toISOString(), tasks: event.up ? live.tasks : [] })
              if (event.up) void client.invalidateQueries()
            }
            break
        }
      }),
    [client],
  )
  return null
}

/** Whether money may be moved from this screen now: the core answers. */
export function useMoneyReady(): boolean {
  return useLive().linkUp
}

/** The connected accounts by id. */
export function useAccounts() {
  const { accounts } = useStatus()
  return useMemo(() => new Map(accounts.map((a) => [a.account_id, a])), [accounts])
}
