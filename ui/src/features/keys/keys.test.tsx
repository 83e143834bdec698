import { fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyList, KeyRow } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { openDoor, show } from '../../test/door'
import { daysShown, shortSerial, span } from './api'
import KeysPage from './components/KeysPage'

const account = { account_id: 'a1', channel: 'wechat_pay', environment: 'sandbox', display_name: '示例商城', merchant_no_masked: '1900••2481' } as const

const row = (changes: Partial<KeyRow>): KeyRow => ({
  key_id: 'a1/merchant_certificate',
  kind: 'merchant_certificate',
  account,
  serial: '3C8EFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF77A1',
  serial_decimal: '345',
  algorithm: 'RSA-2048',
  subject: 'CN=1900002481',
  issuer: 'CN=CA',
  fingerprint: 'ab'.repeat(32),
  not_before: '2022-08-02T00:00:00Z',
  not_after: '2027-08-02T00:00:00Z',
  suggested_at: null,
  since: '2026-01-01T00:00:00Z',
  last_seen_at: null,
  days_left: 255,
  state: 'days_left',
  attention: false,
  paired: true,
  consequence: 'everything_stops',
  ...changes,
})

const old = row({ key_id: 'a1/old', kind: 'platform_certificate', serial: '5F3A91C7', not_after: '2026-11-29T08:00:00Z', days_left: 9, state: 'days_left_soon', attention: true, paired: null, consequence: 'replies_unverified' })
const successor = row({ key_id: 'a1/new', kind: 'platform_certificate', serial: '6B102E4D', not_before: '2026-11-18T00:00:00Z', not_after: '2031-11-18T00:00:00Z', days_left: 1824, state: 'rotating', paired: null, consequence: 'nothing' })
const open = row({ key_id: 'a1/pub', kind: 'platform_public_key', serial: 'PUB_KEY_ID_01190000109200031', serial_decimal: null, not_before: null, not_after: null, days_left: null, state: 'no_expiry', paired: null, consequence: 'nothing' })

const list: KeyList = { rows: [old, successor, open, row({})], attention: 1, today: '2026-11-20', now: '2026-11-20T01:42:00Z', vault_locked: false, rehearsals: [] }

const passed = {
  account_id: 'a1',
  at: '2026-11-20T01:40:00Z',
  passed: true,
  results: [
    { check: 'old_certificate', found: 'accepted', wanted: 'accepted' },
    { check: 'wrong_signature', found: 'refused', wanted: 'refused' },
    { check: 'after_expiry', found: 'refused', wanted: 'refused' },
  ],
} as const

const door = (answer: KeyList = list) =>
  openDoor({
    'keys.list': () => answer,
    'accounts.list': () => ({ accounts: [] }),
    'keys.rehearse': () => ({ ...passed, results: [...passed.results] }),
    'keys.changes': () => ({
      rows: [
        { seq: 3, at: '2026-11-20T01:40:00Z', actor: '定时任务', role: null, device: 'timer', action: 'keys.seen', object: 'channel_key 6B10', before_digest: null, after_digest: null, reason: null, result: 'ok', hash: 'aa' },
      ],
      next_before_seq: null,
    }),
  })

describe('keys', () => {
  beforeEach(() => {
    setLanguage('zh')
    window.location.hash = '#/keys'
  })

  it('shows what ends, its bands and what stops; an open key has no end', async () => {
    door()
    show(<KeysPage />, ['view_orders'])
    const rows = await screen.findAllByTestId('key-row')
    expect(rows).toHaveLength(4)
    expect(rows[0]?.textContent).toContain('微信平台证书（旧）')
    expect(rows[0]?.textContent).toContain('还剩 9 天')
    expect(rows[0]?.textContent).toContain('−10')
    expect(rows[0]?.textContent).toContain('11-24 前必须能用新证书')
    expect(rows[1]?.textContent).toContain('换新中')
    expect(rows[2]?.textContent).toContain('无到期日')
    expect(rows[3]?.textContent).toContain('下单、退款、查询、账单全停')
    expect(screen.getByTestId('key-sum').textContent).toContain('1 件 10 天内到期')
    expect(screen.getByTestId('key-todo').textContent).toContain('2026-11-29 到期')
  })

  it('is worked by keys: J and Enter open a row, Escape closes it', async () => {
    door()
    show(<KeysPage />, ['view_orders'])
    await screen.findAllByTestId('key-row')
    fireEvent.keyDown(document.body, { key: 'j' })
    fireEvent.keyDown(document.body, { key: 'j' })
    fireEvent.keyDown(document.body, { key: 'Enter' })
    expect((await screen.findByTestId('key-serial')).textContent).toBe('6B102E4D')
    fireEvent.keyDown(document.body, { key: 'Escape' })
    await waitFor(() => expect(screen.queryByTestId('key-pane')).toBeNull())
  })

  it('has the same rows as a table, and the log of changes', async () => {
    door()
    show(<KeysPage />, ['view_orders'])
    await userEvent.click(await screen.findByTestId('tab-list'))
    expect((await screen.findByTestId('key-table')).querySelectorAll('tbody tr')).toHaveLength(4)
    await userEvent.click(screen.getByTestId('tab-changes'))
    expect((await screen.findByTestId('key-changes')).textContent).toContain('渠道给出新的公钥或证书')
  })

  it('rehearses only for who may, and says why not', async () => {
    door()
    const view = show(<KeysPage />, ['view_orders'])
    expect(((await screen.findByTestId('rehearse')) as HTMLButtonElement).disabled).toBe(true)
    view.unmount()
    const asked = door({ ...list, rehearsals: [{ ...passed, results: [...passed.results] }] })
    show(<KeysPage />, ['view_orders', 'manage_accounts'])
    expect((await screen.findByTestId('rehearsal')).textContent).toContain('拒绝旧、收新')
    await userEvent.click(screen.getByTestId('rehearse'))
    await waitFor(() => expect(asked.named('keys.rehearse')).toEqual([{ account_id: 'a1' }]))
  })

  it('is readable when empty and when the core refuses', async () => {
    door({ ...list, rows: [] })
    const view = show(<KeysPage />, ['view_orders'])
    expect(await screen.findByText('还没有密钥')).toBeTruthy()
    view.unmount()
    openDoor({})
    show(<KeysPage />, ['view_orders'])
    expect(await screen.findByRole('alert')).toBeTruthy()
  })
})

describe('bands', () => {
  it('stand ten and five days before the end', () => {
    const place = span(old, '2026-11-20')
    expect(place?.ends).toBe(true)
    const day = 100 / daysShown
    expect((place?.bands?.five[1] ?? 0) - (place?.bands?.five[0] ?? 0)).toBeCloseTo(5 * day)
    expect((place?.bands?.ten[1] ?? 0) - (place?.bands?.ten[0] ?? 0)).toBeCloseTo(5 * day)
    expect(span(row({}), '2026-11-20')?.ends).toBe(false)
    expect(span(row({ not_before: null, not_after: null, state: 'end_unknown' }), '2026-11-20')).toBeNull()
  })

  it('serials are short in a table', () => {
    expect(shortSerial('5F3A000000000000000000000000000000000091C7')).toBe('5F3A…91C7')
    expect(shortSerial('PUB_KEY_ID_0119000001092026110031')).toBe('PUB_KEY_ID_…0031')
  })
})
