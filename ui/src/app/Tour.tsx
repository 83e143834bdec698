import { CheckCircleFilled, CloseOutlined, CompassOutlined, DownOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useEffect, useSyncExternalStore } from 'react'
import { onDone } from '../api/finality'
import { usePreference } from '../api/preferences'
import { useRead } from '../api/query'
import { useStatus } from '../api/status'
import { useToasts } from '../components/Toast'
import type { ProcedureName } from '../generated/client'
import { shiftDay, timeText } from '../format'
import { useT } from '../i18n'
import { go, usePlace } from '../router'
import { Drop } from './Drop'

/** The demo's day, in order. `done`: the write that proves it; without one, an opened order does. */
const steps = [
  { name: 'find', path: '/orders', targets: ['[data-testid="row"]'], done: null },
  { name: 'refund', path: '/orders', targets: ['[data-testid="action-request_refund"]', '[data-testid="row"]'], done: 'refunds.request' },
  { name: 'approve', path: '/approvals', targets: ['[data-testid="approve"]', '[data-testid="who"]'], done: 'approvals.approve' },
  { name: 'bill', path: '/bills', targets: ['[data-testid="fetch-bill"]', '[data-testid="fetch-missing"]'], done: 'bills.fetch' },
  { name: 'recon', path: '/recon', targets: ['[data-testid="recon-run"]'], done: 'recon.run' },
  { name: 'close', path: '/close', targets: ['[data-testid="confirm-digest"]', '[data-testid="checklist"]'], done: 'close.sign_checker' },
  { name: 'receipt', path: '/receipts', targets: ['[data-testid="issue-number"]', '[data-testid="issue"]'], done: 'receipts.issue' },
] as const satisfies readonly { name: string; path: string; targets: readonly string[]; done: ProcedureName | null }[]

type Step = (typeof steps)[number]['name']
type State = { done: Step[]; away: boolean }

const key = 'zf.tour'
const fresh: State = { done: [], away: false }

/** Two people walk the tour at one desk, so this desk remembers too, beside each person's own choice. */
function atThisDesk(): State {
  try {
    const saved = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<State>
    return { done: Array.isArray(saved.done) ? saved.done.filter((d) => steps.some((s) => s.name === d)) : [], away: saved.away === true }
  } catch {
    return fresh
  }
}

let desk: State | null = null
const listeners = new Set<() => void>()

function deskState(): State {
  desk ??= atThisDesk()
  return desk
}

function keepAtThisDesk(state: State): void {
  desk = state
  try {
    localStorage.setItem(key, JSON.stringify(state))
  } catch {
    // The tour then lives as long as the window.
  }
  for (const listener of listeners) listener()
}

/** For tests: reads again what this desk remembers. */
export function forgetTour(): void {
  desk = null
}

export type Tour = {
  /** The tour can be walked here: only a demo has its day. */
  offered: boolean
  away: boolean
  done: ReadonlySet<Step>
  start: () => void
  putAway: () => void
  again: () => void
}

/** The state of the tour; ticks a step when it was really done in this window. */
export function useTour(): Tour {
  const { environment, permissions, accounts, now } = useStatus()
  const place = usePlace()
  const [mine, keep, ready] = usePreference<State>('tour', fresh)
  const desk = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    deskState,
    deskState,
  )
  const offered = environment === 'demo'
  const done = new Set<Step>([...desk.done, ...mine.done])
  const away = desk.away || mine.away

  const put = (next: State) => {
    keepAtThisDesk(next)
    if (ready) keep(next)
  }
  const tick = (name: Step) => {
    if (!offered || done.has(name)) return
    put({ done: [...done, name], away })
  }
  // What this desk did before the tour counts once it is looked at: the bill there, the run, the lock.
  const looking = offered && !away && permissions.includes('view_bills')
  const account = accounts.find((a) => a.account_id === place.query['account']) ?? accounts[0]
  const date = place.query['day'] ?? shiftDay(timeText(now, 'date'), -1)
  const atRecon = (place.path === '/bills' && !done.has('bill')) || (place.path === '/recon' && !done.has('recon'))
  const day = useRead('recon.day', looking && atRecon && account !== undefined ? { account_id: account.account_id, date } : null).data
  const board = useRead('close.board', looking && place.path === '/close' && !done.has('close') ? { date } : null).data
  useEffect(() => {
    if (place.path === '/bills' && day?.bill?.status === 'verified') tick('bill')
    if (place.path === '/recon' && (day?.runs.length ?? 0) > 0) tick('recon')
    if (place.path === '/close' && board?.accounts.some((a) => a.status === 'closed') === true) tick('close')
  })
  const orderOpen = place.path === '/orders' && place.query['order'] !== undefined
  useEffect(() => {
    if (orderOpen) tick('find')
  })
  useEffect(() =>
    onDone((procedure) => {
      // Every missing bill at once is a bill fetched, too.
      const step = steps.find((s) => s.done === (procedure === 'bills.fetch_missing' ? 'bills.fetch' : procedure))
      if (step !== undefined) tick(step.name)
    }),
  )
  return {
    offered,
    away,
    done,
    start: () => put({ done: [...done], away: false }),
    putAway: () => put({ done: [...done], away: true }),
    again: () => put({ done: [], away: false }),
  }
}

/** Goes to a step's page and marks what it is about, once it is there. */
function showTarget(path: string, targets: readonly string[]): void {
  go(path)
  let tries = 0
  const look = () => {
    const found = targets.map((t) => document.querySelector<HTMLElement>(t)).find((e) => e !== null)
    tries += 1
    if (found === undefined || found === null) {
      if (tries < 20) setTimeout(look, 150)
      return
    }
    found.scrollIntoView?.({ block: 'nearest' })
    found.classList.add('zf-tour-target')
    setTimeout(() => found.classList.remove('zf-tour-target'), 6000)
    const focusable = found.matches('button, a, input, [tabindex]') ? found : found.querySelector<HTMLElement>('button, a, input, [tabindex]')
    focusable?.focus()
  }
  setTimeout(look, 60)
}

/** A line above the page: where the demo's day stands and what comes next. Blocks nothing, goes away when told. */
export function TourStrip({ tour }: { tour: Tour }) {
  const t = useT()
  const toasts = useToasts()
  if (!tour.offered || tour.away) return null
  const next = steps.find((s) => !tour.done.has(s.name))
  const putAway = () => {
    tour.putAway()
    toasts.show({ text: t('tour.skipped'), seconds: 5 })
  }
  const list = (
    <ol className="zf-tour-list" data-testid="tour-steps">
      {steps.map((step) => {
        const done = tour.done.has(step.name)
        return (
          <li key={step.name} data-done={done} data-step={step.name} aria-current={step === next ? 'step' : undefined}>
            <div>
              {done ? <CheckCircleFilled className="zf-c-ok" aria-label={t('tour.done_mark')} /> : <span className="zf-tour-dot" aria-hidden />}
              <span className="zf-tour-name">{t(`tour.step.${step.name}`)}</span>
              <Button
                size="small"
                type="link"
                onClick={() => showTarget(step.path, step.targets)}
                data-closes
                data-testid={`tour-show-${step.name}`}
              >
                {t('tour.show_me')}
              </Button>
            </div>
            {step === next ? <div className="zf-tour-how">{t(`tour.how.${step.name}`)}</div> : null}
          </li>
        )
      })}
    </ol>
  )
  return (
    <section className="zf-tour" aria-label={t('tour.title')} data-testid="tour" data-done={tour.done.size}>
      <CompassOutlined aria-hidden />
      <Drop title={t('tour.title')} placement="bottomLeft" className="zf-linkbtn" testid="tour-open" content={list}>
        {t('tour.title')} <span className="zf-t3">{t('tour.progress', { done: tour.done.size, total: steps.length })}</span> <DownOutlined aria-hidden />
      </Drop>
      <span className="zf-tour-next" role="status">
        {next === undefined ? (
          t('tour.finished')
        ) : (
          <>
            <strong>{t('tour.next_step', { step: t(`tour.step.${next.name}`) })}</strong> <span className="zf-t2">{t(`tour.how.${next.name}`)}</span>
          </>
        )}
      </span>
      {next === undefined ? (
        <Button size="small" type="text" onClick={tour.again}>
          {t('tour.again')}
        </Button>
      ) : (
        <Button size="small" onClick={() => showTarget(next.path, next.targets)} data-testid="tour-next">
          {t('tour.show_me')}
        </Button>
      )}
      <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t('tour.skip')} title={t('tour.skip')} onClick={putAway} data-testid="tour-away" />
    </section>
  )
}
