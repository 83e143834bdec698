import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AppStatus } from '../generated/types'
import { setLanguage } from '../i18n'
import { ApiError } from '../platform'
import { openDoor, order, orderPage, orderTotals, status } from '../test/door'
import { App } from './App'

const page = orderPage([order])
const totals = () => orderTotals(1)

beforeEach(() => {
  setLanguage('zh')
  window.location.hash = '#/orders'
})

describe('the console', () => {
  it('leads from first run to the demo, to sign-in, to the desk', async () => {
    window.location.hash = ''
    let now: AppStatus = status([], { stage: 'first_run', environment: null, merchant_name: null, person: null })
    const door = openDoor({
      'app.status': () => now,
      'setup.demo': () => {
        now = status([], {
          stage: 'sign_in',
          environment: 'demo',
          person: null,
          demo_logins: [{ login: 'xu', display_name: '许知夏', role: 'clerk', password: 'demo-demo-demo' }],
        })
        return now
      },
      'session.sign_in': () => {
        now = status(['view_orders'], { environment: 'demo' })
        return now
      },
      'orders.search': () => page, 'orders.totals': totals,
    })
    render(<App />)
    await userEvent.click(await screen.findByTestId('setup-demo'))
    await userEvent.click(await screen.findByTestId('demo-clerk'))
    await screen.findByTestId('page-desk')
    expect(door.named('session.sign_in')).toEqual([{ login: 'xu', password: 'demo-demo-demo' }])
    expect(screen.getByTestId('environment').dataset['environment']).toBe('demo')
    expect(screen.getByTestId('who-name').textContent).toBe('许知夏')
    await userEvent.click(screen.getByTestId('nav-orders'))
    await screen.findByTestId('page-orders')
  })

  it('says why a sign-in was refused', async () => {
    openDoor({
      'app.status': () => status([], { stage: 'sign_in', person: null }),
      'session.sign_in': () => {
        throw new ApiError({ code: 'session.bad_credentials', retry: 'after_fix', params: { left: '4' }, message: '', remedy: '' })
      },
    })
    render(<App />)
    await userEvent.type(await screen.findByTestId('login'), 'xu')
    await userEvent.type(screen.getByTestId('password'), 'wrong')
    await userEvent.click(screen.getByTestId('sign-in'))
    expect((await screen.findByTestId('signin-error')).textContent).toContain('再错 4 次')
  })

  it('goes by G and a letter, shows why a page is closed, and lists live shortcuts', async () => {
    openDoor({ 'app.status': () => status(['view_orders']), 'orders.search': () => page, 'orders.totals': totals })
    render(<App />)
    await screen.findByTestId('page-orders')
    fireEvent.keyDown(document.body, { key: 'g' })
    fireEvent.keyDown(document.body, { key: 'l' })
    expect((await screen.findByTestId('page-audit')).textContent).toContain('查看审计')
    fireEvent.keyDown(document.body, { key: '?', shiftKey: true })
    expect((await screen.findByTestId('shortcut-sheet')).textContent).toContain('去订单')
  })

  it('stays readable and takes money actions away while the core is silent', async () => {
    const door = openDoor({ 'app.status': () => status(['view_orders']), 'orders.search': () => page, 'orders.totals': totals })
    render(<App />)
    await screen.findByTestId('page-orders')
    act(() => door.emit({ type: 'link', up: false }))
    expect((await screen.findByTestId('offline')).textContent).toContain('退款、签署已停用')
    act(() => door.emit({ type: 'link', up: true }))
    await waitFor(() => expect(screen.queryByTestId('offline')).toBeNull())
  })

  it('speaks English when asked, and remembers', async () => {
    openDoor({ 'app.status': () => status(['view_orders']), 'orders.search': () => page, 'orders.totals': totals })
    render(<App />)
    await screen.findByTestId('page-orders')
    act(() => setLanguage('en'))
    expect(await screen.findByText('Sandbox · no real money')).toBeTruthy()
    expect(localStorage.getItem('zf.language')).toBe('en')
  })

  it('reads again what the core says is stale', async () => {
    const door = openDoor({ 'app.status': () => status(['view_orders']), 'orders.search': () => page, 'orders.totals': totals })
    render(<App />)
    await screen.findByTestId('row')
    const before = door.named('orders.search').length
    act(() => door.emit({ type: 'stale', tags: ['orders'] }))
    await waitFor(() => expect(door.named('orders.search').length).toBeGreaterThan(before))
  })
})

describe('two people at one desk', () => {
  it('reads everything anew for the second', async () => {
    const signedOut = status([], { stage: 'sign_in', person: null })
    const second = status(['view_orders'], { person: { user_id: 'u2', login: 'zhou', display_name: '周砚', role: 'approver' } })
    let now: AppStatus = status(['view_orders'])
    const door = openDoor({
      'app.status': () => now,
      'orders.search': () => page, 'orders.totals': totals,
      'session.sign_out': () => (now = signedOut),
      'session.sign_in': () => (now = second),
    })
    render(<App />)
    await screen.findByTestId('row')
    const before = door.named('orders.search').length
    await userEvent.click(screen.getByTestId('who'))
    await userEvent.click(await screen.findByTestId('menu-sign-out'))
    await userEvent.type(await screen.findByTestId('login'), 'zhou')
    await userEvent.type(screen.getByTestId('password'), 'a-long-password')
    await userEvent.click(screen.getByTestId('sign-in'))
    await screen.findByTestId('row')
    expect(screen.getByTestId('who-name').textContent).toBe('周砚')
    expect(door.named('orders.search').length).toBeGreaterThan(before)
  })
})
