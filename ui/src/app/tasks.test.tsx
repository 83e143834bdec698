import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import type { TaskView } from '../generated/types'
import { setLanguage } from '../i18n'
import { openDoor, orderPage, orderTotals, status } from '../test/door'
import { App } from './App'

const empty = orderPage([])
const totals = () => orderTotals(0)
const owner = status([]).person?.user_id ?? ''

function task(extra: Partial<TaskView> = {}): TaskView {
  return {
    task_id: 't1', kind: 'bill_fetch', subject: '2026-11-19', label: 'reading', done: 500, total: 2000, finished: false, state: 'running',
    can_pause: true, can_cancel: true, stopping: false, started_at: '2026-11-20T01:42:16Z', started_by: '许知夏', owner_id: owner,
    worked_millis: 1000, ended_at: null, error: null, ...extra,
  }
}

beforeEach(() => setLanguage('zh'))

describe('background tasks', () => {
  it('are in the status bar, can be paused and cancelled there, and are told when they end', async () => {
    const door = openDoor({
      'app.status': () => status(['view_orders']),
      'orders.search': () => empty, 'orders.totals': totals,
      'tasks.list': () => ({ tasks: [task()] }),
      'tasks.pause': () => task({ state: 'paused' }),
      'tasks.cancel': () => task({ state: 'cancelled', finished: true, ended_at: '2026-11-20T01:42:17Z' }),
    })
    render(<App />)
    expect((await screen.findByTestId('task')).textContent).toContain('取账单 2026-11-19 · 逐行读取')
    await userEvent.click(screen.getByTestId('task'))
    await userEvent.click(await screen.findByTestId('pause-work'))
    await waitFor(() => expect(screen.getByTestId('long-work').dataset['paused']).toBe('true'))
    await userEvent.click(screen.getByTestId('cancel-work'))
    expect((await screen.findByTestId('task-ended')).dataset['state']).toBe('cancelled')
    expect(door.named('tasks.cancel')).toEqual([{ task_id: 't1' }])
  })

  it('of another person can be watched, not stopped', async () => {
    const door = openDoor({ 'app.status': () => status(['view_orders']), 'orders.search': () => empty, 'orders.totals': totals, 'tasks.list': () => ({ tasks: [] }) })
    window.location.hash = '#/orders'
    render(<App />)
    await screen.findByTestId('page-orders')
    act(() => door.emit({ type: 'progress', ...task({ task_id: 't2', owner_id: 'somebody', started_by: '周砚' }) }))
    await userEvent.click(await screen.findByTestId('task'))
    expect((await screen.findByTestId('long-work')).textContent).toContain('由 周砚 开始')
    expect(screen.queryByTestId('cancel-work')).toBeNull()
  })
})
