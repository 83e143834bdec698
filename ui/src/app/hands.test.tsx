import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { setLanguage } from '../i18n'
import { setKeymap } from '../keyboard/keymap'
import { setPreferences } from '../preferences'
import { openDoor, order, orderPage, orderTotals, refundView, status, type TestDoor } from '../test/door'
import { App } from './App'
import { forgetTour } from './Tour'

const page = orderPage([order])

beforeEach(() => {
  setLanguage('zh')
  setKeymap({})
  setPreferences({ mode: 'light', masked: false, maskAmounts: false, density: 'default', navSmall: false })
  forgetTour()
})

function desk(values: Record<string, string> = {}, changes: Parameters<typeof status>[1] = {}): { door: TestDoor; kept: Record<string, string> } {
  const kept = { ...values }
  const door = openDoor({
    'app.status': () => status(['view_orders', 'approve_refund'], changes),
    'orders.search': () => page,
    'orders.totals': () => orderTotals(1),
    'preferences.all': () => ({ values: { ...kept } }),
    'preferences.put': ({ name, value }) => {
      if (value === null) delete kept[name]
      else kept[name] = value
      return { values: { ...kept } }
    },
    'refunds.request': () => refundView,
  })
  window.location.hash = '#/orders'
  return { door, kept }
}

describe('choices follow the person', () => {
  it('from another window, and to the next one', async () => {
    const { kept } = desk({ look: JSON.stringify({ mode: 'dark', density: 'compact', language: 'en' }) })
    render(<App />)
    await screen.findByText('Sandbox · no real money')
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'))
    const row = await screen.findByTestId('row')
    await waitFor(() => expect(row.style.height).toBe('30px'))
    act(() => setPreferences({ density: 'roomy' }))
    await waitFor(() => expect(JSON.parse(kept['look'] ?? '{}')).toMatchObject({ density: 'roomy', mode: 'dark', language: 'en' }))
  })

  it('keys too', async () => {
    desk({ keymap: JSON.stringify({ 'g l': 'g 9' }) })
    render(<App />)
    await screen.findByTestId('row')
    await waitFor(() => expect(screen.getByTestId('nav-audit').textContent).toContain('G 9'))
    fireEvent.keyDown(document.body, { key: 'g' })
    fireEvent.keyDown(document.body, { key: '9' })
    await screen.findByTestId('page-audit')
  })
})

describe('masking', () => {
  it('hides who paid, and amounts when asked, and nothing of them is left in the page', async () => {
    desk()
    render(<App />)
    const row = await screen.findByTestId('row')
    expect(row.textContent).toContain('7731')
    fireEvent.keyDown(document.body, { key: 'M', ctrlKey: true, shiftKey: true })
    await waitFor(() => expect(row.textContent).not.toContain('7731'))
    expect(row.textContent).toContain('1,680.00')
    act(() => setPreferences({ maskAmounts: true }))
    await waitFor(() => expect(screen.getByTestId('row').innerHTML).not.toMatch(/1,680|168000/))
    expect(screen.getByTestId('masking').dataset['masked']).toBe('true')
    fireEvent.keyDown(document.body, { key: 'M', ctrlKey: true, shiftKey: true })
    await waitFor(() => expect(screen.getByTestId('row').textContent).toContain('7731'))
  })
})

describe('the bell', () => {
  it('lists what needs this person, each a way to it', async () => {
    desk({}, { badges: { refunds_unknown: 2, approvals_waiting: 3, differences_open: 9, bills_missing: 1, keys_due: 0 } })
    render(<App />)
    await screen.findByTestId('row')
    // The bill is not this person's to fetch.
    expect(screen.getByTestId('alerts').getAttribute('aria-label')).toBe('5 件事等您')
    await userEvent.click(screen.getByTestId('alerts'))
    expect((await screen.findByTestId('alert-refunds_unknown')).textContent).toContain('2 笔退款未知')
    expect(screen.queryByTestId('alert-bills_missing')).toBeNull()
    fireEvent.keyDown(screen.getByTestId('alert-refunds_unknown'), { key: 'Escape' })
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('alerts')))
  })
})

describe('the tour', () => {
  const demo = { environment: 'demo' as const }

  it('ticks a step when it was really done, is put away, and comes back from the sheet', async () => {
    const { kept } = desk({}, demo)
    render(<App />)
    await screen.findByTestId('row')
    expect(screen.getByTestId('tour').dataset['done']).toBe('0')
    act(() => {
      window.location.hash = '#/orders?order=o1'
      window.dispatchEvent(new HashChangeEvent('hashchange'))
    })
    await waitFor(() => expect(screen.getByTestId('tour').dataset['done']).toBe('1'))
    await waitFor(() => expect(JSON.parse(kept['tour'] ?? '{}')).toMatchObject({ done: ['find'] }))
    await userEvent.click(screen.getByTestId('tour-away'))
    expect(screen.queryByTestId('tour')).toBeNull()
    fireEvent.keyDown(document.body, { key: '?', shiftKey: true })
    await userEvent.click(await screen.findByTestId('sheet-tour'))
    expect((await screen.findByTestId('tour')).dataset['done']).toBe('1')
  })

  it('is not offered where there is no demo', async () => {
    desk()
    render(<App />)
    await screen.findByTestId('row')
    expect(screen.queryByTestId('tour')).toBeNull()
  })
})

describe('a lost link', () => {
  it('says when it is tried again', async () => {
    const { door } = desk()
    render(<App />)
    await screen.findByTestId('row')
    act(() => door.emit({ type: 'link', up: false, retry_at: Date.now() + 8000 }))
    expect((await screen.findByTestId('reconnect-in')).textContent).toMatch(/[78] 秒后再连/)
    act(() => door.emit({ type: 'link', up: true }))
    await waitFor(() => expect(screen.getByTestId('toast').textContent).toContain('已重新连上'))
  })
})
