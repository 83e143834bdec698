/** In English mode nothing Chinese is left but names and data. The data here is Latin, so what is found came from the console. */
import { fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ComponentType } from 'react'
import BillsPage from '../features/bills/components/BillsPage'
import ChannelsPage from '../features/channels/components/ChannelsPage'
import ClosePage from '../features/close/components/ClosePage'
import ReconPage from '../features/recon/components/ReconPage'
import { CompareResult } from '../features/session/CompareFilesCard'
import { FirstRunPage } from '../features/session/FirstRunPage'
import { SignInPage } from '../features/session/SignInPage'
import { EventTimeline } from '../components/EventTimeline'
import type { EventKind, TimelineEvent } from '../generated/types'
import { setLanguage } from '../i18n'
import { bill, calendar, compared, day, difference, differenceRow, heldRow, pool, run } from './days'
import { openDoor, show, status } from './door'

/** What is data even here: the name of the account, the letter tile of the channel, the switch back to Chinese, the seal in the logo. */
const data = new Set(['示例商城', '示例商户', '微', '中文', '账'])

function leftovers(root: HTMLElement = document.body): string[] {
  const found: string[] = []
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (walker.nextNode() !== null) found.push(walker.currentNode.textContent?.trim() ?? '')
  for (const element of root.querySelectorAll('[aria-label], [title], [placeholder]')) {
    for (const name of ['aria-label', 'placeholder', ...(element.closest('[data-testid="bill-totals"]') === null ? ['title'] : [])]) found.push(element.getAttribute(name) ?? '')
  }
  return found.filter((text) => /[\u3400-\u9fff\uff0c\u3002]/.test(text) && !data.has(text))
}

beforeEach(() => {
  setLanguage('en')
  openDoor({
    'app.status': () => status([], { stage: 'first_run' }),
    'bills.calendar': () => calendar,
    'bills.detail': () => bill,
    'bills.lines': () => ({
      lines: [{ line_no: 2, kind: 'payment', occurred_at: '2026-11-19T12:00:00Z', order_no: 'QY1', payment_id: '42', refund_no: null, amount: { minor: 100, currency: 'CNY' }, fee_minor: 1, state_text: 'SUCCESS', goods: 'tea', raw: '`x' }],
      next_after_line: null,
    }),
    'recon.day': () => ({ bill, books: null, runs: [run, { ...run, run_id: 'r1', number: 1 }] }),
    'recon.pool': () => pool,
    'recon.differences': () => ({ rows: [differenceRow, heldRow], next_cursor: null, total: 2 }),
    'recon.difference': () => difference,
    'users.people': () => ({ people: [] }),
    'close.board': () => ({ date: day.date, accounts: [day] }),
    'accounts.list': () => ({
      accounts: [
        {
          brief: day.account,
          merchant_no: '1900002481',
          appid: 'wx1',
          certificate_serial: 'AB',
          certificate_expires_at: '2026-11-25T00:00:00Z',
          verify_mode: 'certificates',
          base_url: 'x',
          backup_url: null,
          created_at: '2026-11-01T00:00:00Z',
          last_self_test: {
            at: '2026-11-20T00:00:00Z',
            passed: false,
            steps: [{ step: 'clock', outcome: 'failed', detail: '差 7 分钟 / off by 7 minutes', remedy: '打开校时 / switch on network time' }],
          },
        },
      ],
    }),
  })
})
afterEach(() => setLanguage('zh'))

const rights = ['view_orders', 'view_bills', 'run_reconciliation', 'manage_accounts', 'sign_day_as_maker'] as const

describe('English', () => {
  const pages: [string, ComponentType, string][] = [
    ['bills', BillsPage, 'bill-lines'],
    ['workbench', ReconPage, 'difference-pane'],
    ['day close', ClosePage, 'checklist'],
    ['accounts', ChannelsPage, 'account'],
    ['first run', FirstRunPage, 'setup-own'],
  ]
  it.each(pages)('%s', async (_, Page, ready) => {
    show(<Page />, [...rights])
    await screen.findByTestId(ready)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(document.body.textContent?.length ?? 0).toBeGreaterThan(100)
    expect(leftovers()).toEqual([])
  })

  it('the form for an account, with its faults', async () => {
    show(<ChannelsPage />, [...rights])
    fireEvent.click(await screen.findByTestId('add-account'))
    fireEvent.click(await screen.findByTestId('account-next'))
    await screen.findAllByText('Required')
    expect(leftovers()).toEqual([])
  })

  it('sign-in and the result of two files', () => {
    show(<SignInPage ended />)
    show(<CompareResult result={compared} onBack={() => {}} />)
    expect(leftovers()).toEqual([])
  })

  it('every kind of event with every mark the core adds', () => {
    const kinds: EventKind[] = ['bill_line', 'refund_sending', 'refund_unknown', 'refund_queried', 'payment_paid']
    const details = ['2026-11-19:12', '2', 'restart', 'elsewhere', 'SUCCESS', '没有答复 / no answer']
    const events = kinds.flatMap((kind) =>
      details.map((detail): TimelineEvent => ({ at: '2026-11-19T12:00:00Z', kind, amount: null, refund_no: null, actor: null, source: 'channel_query', verified: true, detail })),
    )
    show(<EventTimeline events={events} />)
    expect(leftovers()).toEqual([])
    expect(document.body.textContent).toContain('taken up again after a restart')
    expect(document.body.textContent).toContain('attempt 2, same number')
  })
})
