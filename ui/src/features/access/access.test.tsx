import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { AccessReview } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { ApiError } from '../../platform'
import { openDoor, show } from '../../test/door'
import AccessPage from './components/AccessPage'

const review: AccessReview = {
  at: '2026-11-20T01:36:20Z',
  since: '2026-08-22T01:36:20Z',
  days: 90,
  findings: [
    { kind: 'default_password', severity: 'high', people: ['许知夏'], n: 1, limit: 0 },
    { kind: 'dormant', severity: 'medium', people: ['周砚'], n: 41, limit: 30 },
  ],
  passed: ['no_checker', 'fixed_pair'],
  people: [
    {
      user_id: 'u1',
      login: 'xu',
      display_name: '许知夏',
      role: 'clerk',
      rights: ['view_orders', 'request_refund'],
      disabled: false,
      locked_until: null,
      created_at: '2026-01-01T00:00:00Z',
      last_sign_in: null,
      dormant_days: null,
      live_sessions: 0,
      failed_sign_ins: 3,
      requested: 12,
      approved: 0,
      rejected: 0,
    },
  ],
  pairs: [{ maker: '许知夏', checker: '周砚', approved: 4, of_maker: 6 }],
}

describe('the access review', () => {
  it('names who, how serious and what to do, and what was looked for in vain', async () => {
    setLanguage('zh')
    openDoor({ 'access.review': () => review })
    show(<AccessPage />, ['view_audit'])
    const finding = await screen.findByTestId('finding-dormant')
    expect(finding.textContent).toContain('周砚 已 41 天没有登录')
    expect(finding.dataset['severity']).toBe('medium')
    expect(screen.getByTestId('access-passed').querySelectorAll('li')).toHaveLength(2)
    expect(screen.getByTestId('access-xu').textContent).toContain('从未')
    expect(screen.getByTestId('access-pairs').textContent).toContain('4 / 6')
  })

  it('says so when nothing was found, and whose fault it is when it cannot look', async () => {
    openDoor({ 'access.review': () => ({ ...review, findings: [] }) })
    const shown = show(<AccessPage />, ['view_audit'])
    expect((await screen.findByTestId('access-findings')).textContent).toContain('没有发现问题')
    shown.unmount()
    openDoor({
      'access.review': () => {
        throw new ApiError({ code: 'permission.denied', retry: 'never', params: { permission: 'view_audit' }, message: '', remedy: '' })
      },
    })
    show(<AccessPage />, [])
    expect((await screen.findByTestId('error')).dataset['code']).toBe('permission.denied')
  })
})
