import { fireEvent, screen, waitFor } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AccountView } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { ApiError } from '../../platform'
import { day } from '../../test/days'
import { openDoor, show } from '../../test/door'
import ChannelsPage from './components/ChannelsPage'

const key = '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----'
const account: AccountView = {
  brief: day.account,
  merchant_no: '1900002481',
  appid: 'wx1',
  certificate_serial: 'AB',
  certificate_expires_at: null,
  verify_mode: 'certificates',
  base_url: 'x',
  backup_url: null,
  created_at: '2026-11-01T00:00:00Z',
  last_self_test: null,
}

beforeEach(() => setLanguage('zh'))

const fill = (id: string, value: string) => fireEvent.change(screen.getByTestId(id), { target: { value } })

async function fillTo(step: 2 | 3) {
  fireEvent.click(await screen.findByTestId('add-account'))
  fill('account-name', 'Mall')
  fill('account-merchant-no', '1900002481')
  fill('account-appid', 'wx1')
  fireEvent.click(screen.getByTestId('account-next'))
  await waitFor(() => expect(screen.getByTestId('account-private-key').closest('.zf-hidden')).toBeNull())
  if (step === 2) return
  fill('account-private-key', key)
  fill('account-api-v3-key', 'a'.repeat(32))
  fireEvent.click(screen.getByTestId('account-next'))
  await screen.findByTestId('account-submit')
}

// Thirteen fields are slow to set up on a loaded machine.
describe('connecting an account', { timeout: 60_000 }, () => {
  it('does not go on from a step that lacks something, and says what', async () => {
    openDoor({ 'accounts.list': () => ({ accounts: [] }) })
    show(<ChannelsPage />, ['manage_accounts'])
    await fillTo(2)
    fireEvent.click(screen.getByTestId('account-next'))
    expect(await screen.findByText('请填写')).toBeTruthy()
    expect(screen.queryByTestId('account-submit')).toBeNull()
  })

  it('leads a refused key back to its field, keeping what was entered', async () => {
    openDoor({
      'accounts.list': () => ({ accounts: [] }),
      'accounts.add_wechat': () => {
        throw new ApiError({
          code: 'account.credential_invalid',
          retry: 'after_fix',
          params: { field: 'private_key_pem', detail: '不是一对 / no pair', remedy: '请换 / Give the other' },
          message: '',
          remedy: '',
        })
      },
    })
    show(<ChannelsPage />, ['manage_accounts'])
    await fillTo(3)
    fireEvent.click(screen.getByTestId('account-submit'))
    await waitFor(() => expect(screen.getByTestId('account-private-key').closest('.zf-hidden')).toBeNull())
    await waitFor(() => expect(document.querySelector('.ant-form-item-explain-error')?.textContent).toContain('不是一对'))
    expect((screen.getByTestId('account-name') as HTMLInputElement).value).toBe('Mall')
  })

  it('seals, drops the secrets from the page, and tries the channel at once', async () => {
    const door = openDoor({
      'accounts.list': () => ({ accounts: [] }),
      'accounts.add_wechat': () => account,
      'accounts.self_test': () => ({ at: '2026-11-20T00:00:00Z', passed: true, steps: [{ step: 'clock', outcome: 'passed', detail: '准 / exact', remedy: null }] }),
    })
    show(<ChannelsPage />, ['manage_accounts'])
    await fillTo(3)
    fireEvent.click(screen.getByTestId('account-submit'))
    expect((await screen.findByTestId('self-test-result')).textContent).toContain('自检全部通过')
    expect(door.named('accounts.self_test')).toEqual([{ account_id: 'a1' }])
    expect(document.body.innerHTML).not.toContain('PRIVATE KEY')
    expect(document.body.innerHTML).not.toContain('a'.repeat(32))
    expect([...document.querySelectorAll<HTMLInputElement>('input, textarea')].map((e) => e.value).join('')).not.toMatch(/PRIVATE KEY|aaaa/)
  })
})
