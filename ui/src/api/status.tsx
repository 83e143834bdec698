/** What the frame and every page know of the moment: who, where, which rights, is the core there. */
import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from 'react'
import type { AppStatus, Permission, Person, TaskList, TaskView } from '../generated/types'
import { clockNow } from '../format'
import { call, events } from '../platform'
import { useAmountsHidden } from '../preferences'
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

export type Task = TaskView

/** `tasks`: what runs or rests; `ended`: what ended last, the newest first. */
type Live = { linkUp: boolean; since: string; retryAt: number | null; tasks: readonly Task[]; ended: readonly Task[] }
const nothing: Live = { linkUp: true, since: '', retryAt: null, tasks: [], ended: [] }
let live: Live = nothing
const endedMax = 5
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

function withTask({ tasks, ended }: Pick<Live, 'tasks' | 'ended'>, task: Task): Pick<Live, 'tasks' | 'ended'> {
  const others = (list: readonly Task[]) => list.filter((other) => other.task_id !== task.task_id)
  return task.finished
    ? { tasks: others(tasks), ended: [task, ...others(ended)].slice(0, endedMax) }
    : { tasks: [...others(tasks), task].toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1)), ended: others(ended) }
}

/** Takes in how a piece of work stands: from an event, or from the reply of a call that moved it. */
export function noteTask(task: Task): void {
  setLive(withTask(live, task))
}

/** News between two looks at it. */
const newsGapMs = 250

/**
 * Gathers the core's news: the first is taken in at once, what follows together. Work that fetches
 * a hundred bills tells of each; a page that read everything again for each would not be there to
 * be clicked on, least of all on "cancel".
 */
function gatherNews(take: (news: { tags: readonly string[]; tasks: readonly Task[] }) => void) {
  const tags = new Set<string>()
  const tasks = new Map<string, Task>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    const news = { tags: [...tags], tasks: [...tasks.values()] }
    tags.clear()
    tasks.clear()
    timer = news.tags.length + news.tasks.length === 0 ? undefined : setTimeout(flush, newsGapMs)
    if (timer !== undefined) take(news)
  }
  const soon = () => {
    if (timer === undefined) flush()
  }
  return {
    stale: (more: readonly string[]) => {
      for (const tag of more) tags.add(tag)
      soon()
    },
    progress: (task: Task) => {
      tasks.delete(task.task_id)
      tasks.set(task.task_id, task)
      if (!task.finished) {
        soon()
        return
      }
      // An end is told at once: somebody may have just pressed cancel.
      const ended = [...tasks.values()]
      tasks.clear()
      take({ tags: [], tasks: ended })
    },
    stop: () => clearTimeout(timer),
  }
}

/** Asks for the work under way: a window opened, or cut off, in the middle of it has missed its events. */
async function fetchTasks(): Promise<void> {
  try {
    const { tasks } = await call<TaskList>('tasks.list', {})
    setLive({ tasks: tasks.filter((task) => !task.finished).toReversed(), ended: tasks.filter((task) => task.finished).slice(0, endedMax) })
  } catch {
    // Before sign-in nobody may ask; events tell what begins from here on.
  }
}

/** Reads the work under way when somebody signs in; the frame mounts it. */
export function TaskFollower() {
  const person = usePerson().user_id
  useEffect(() => void fetchTasks(), [person])
  return null
}

/** Work of one kind that is under way, if any. */
export function useTask(kind: string): Task | null {
  const find = () => live.tasks.find((task) => task.kind === kind) ?? null
  return useSyncExternalStore(subscribe, find, find)
}

/** Follows the core's events: marks replies stale, keeps tasks and the link. Mounted once. */
export function EventFollower({ onSignedOut }: { onSignedOut: () => void }) {
  const client = useQueryClient()
  const signedOut = useRef(onSignedOut)
  useEffect(() => {
    signedOut.current = onSignedOut
  })
  useEffect(() => {
    const news = gatherNews(({ tags, tasks }) => {
      if (tasks.length > 0) setLive(tasks.reduce(withTask, { tasks: live.tasks, ended: live.ended }))
      invalidate(client, tags)
    })
    const stop = events((event) => {
      switch (event.type) {
        case 'stale':
          news.stale(event.tags)
          break
        case 'progress':
          news.progress(event)
          break
        case 'signed_out':
          signedOut.current()
          break
        case 'link':
          if (!event.up) setLive({ retryAt: event.retry_at ?? null })
          if (event.up !== live.linkUp) {
            setLive({ linkUp: event.up, since: new Date(clockNow()).toISOString(), tasks: event.up ? live.tasks : [] })
            if (event.up) {
              void client.invalidateQueries()
              void fetchTasks()
            }
          }
          break
      }
    })
    return () => {
      news.stop()
      stop()
    }
  }, [client])
  return null
}

/** Whether money may be moved from this screen now: the core answers, and amounts can be seen. */
export function useMoneyReady(): boolean {
  const hidden = useAmountsHidden()
  // Progress of some work is no reason to draw every button of the page again.
  const linkUp = useSyncExternalStore(
    subscribe,
    () => live.linkUp,
    () => live.linkUp,
  )
  return linkUp && !hidden
}

/** The connected accounts by id. */
export function useAccounts() {
  const { accounts } = useStatus()
  return useMemo(() => new Map(accounts.map((a) => [a.account_id, a])), [accounts])
}
