import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { setLanguage } from '../../i18n'
import { day } from '../../test/days'
import { openDoor, show } from '../../test/door'
import ClosePage from './components/ClosePage'

beforeEach(() => setLanguage('zh'))

describe('day close', () => {
  it('shows the balance, each check with evidence and who, and names the one that blocks', async () => {
    openDoor({ 'close.board': () => ({ date: day.date, accounts: [day] }) })
    show(<ClosePage />, ['view_bills', 'sign_day_as_maker'])
    expect((await screen.findByTestId('balance')).textContent).toMatch(/¥8,530\.55.*¥5,502\.72.*¥151\.83.*¥32\.86\u2212提现¥3,400\.00.*¥10,448\.58/)
    const check = screen.getByTestId('close-check-differences_owned')
    expect(check.dataset['passed']).toBe('false')
    expect(check.textContent).toContain('1 条差异没有负责人')
    expect(check.textContent).toContain('Xu')
    expect(screen.getByTestId('close-check-balance_continuous').textContent).toContain('\u2212¥10,448.58')
    expect(screen.getByTestId('blocked').textContent).toContain('第 2 项：1 条差异没有负责人')
    expect(screen.queryByTestId('sign-day')).toBeNull()
    expect(screen.getByTestId('may-not-sign').textContent).toContain('您现在不能签')
  })

  it('signs the digest that is shown, only once both ticks are set', async () => {
    const ready = { ...day, status: 'maker_to_sign' as const, may_sign: true, may_not_because: null, checks: day.checks.map((c) => ({ ...c, passed: true })) }
    const door = openDoor({ 'close.board': () => ({ date: day.date, accounts: [ready] }), 'close.sign_maker': () => ready })
    show(<ClosePage />, ['view_bills', 'sign_day_as_maker'])
    const sign = await screen.findByTestId('sign-day')
    expect((sign as HTMLButtonElement).disabled).toBe(true)
    await userEvent.click(within(screen.getByTestId('sign-box')).getByTestId('confirm-checks'))
    await userEvent.click(screen.getByTestId('confirm-digest'))
    await userEvent.click(sign)
    await waitFor(() => expect(door.named('close.sign_maker')).toEqual([{ account_id: 'a1', date: day.date, digest: day.digest, note: '' }]))
  })

  it('writes the report in the language of the person', async () => {
    setLanguage('en')
    const door = openDoor({
      'close.board': () => ({ date: day.date, accounts: [day] }),
      'close.export': () => ({ file_token: 't', name: 'day-close.csv', size: 10 }),
    })
    show(<ClosePage />, ['view_bills'])
    await userEvent.click(await screen.findByTestId('close-export'))
    await waitFor(() => expect(door.named('close.export')).toEqual([expect.objectContaining({ account_id: 'a1', english: true })]))
    setLanguage('zh')
  })

  it('previews the report, says what is no last word, and takes it along as a signed PDF', async () => {
    const preview = {
      title: '日结报告', subtitle: day.date, digest: null, last_word: false, mark: '预览 · 未锁账',
      parts: [{ heading: '未清项 101', facts: [{ name: '账户', value: '青屿商城' }], columns: [{ title: '单号', right: false }], rows: [['QY1']], rows_in_all: 101, note: null }],
    }
    const door = openDoor({
      'close.board': () => ({ date: day.date, accounts: [day] }),
      'close.preview': () => preview,
      'close.report': () => ({ file: { file_token: 't', name: 'day-close.pdf', size: 10 }, sha256: 'ab'.repeat(32), digest: null, last_word: false, pages: 1 }),
    })
    show(<ClosePage />, ['view_bills'])
    await userEvent.click(await screen.findByTestId('close-preview'))
    expect((await screen.findByTestId('report-mark')).textContent).toBe('预览 · 未锁账')
    expect(screen.getByTestId('close-report').textContent).toContain('其余 100 行在下载的文件里')
    await userEvent.click(screen.getByTestId('report-pdf'))
    await waitFor(() => expect(door.named('close.report')).toEqual([{ account_id: 'a1', date: day.date, english: false, format: 'pdf' }]))
  })

  const closed = { ...day, status: 'closed' as const, may_not_because: 'close.locked' }
  const wish = { reason: '渠道补发了一行', requested_by: 'Xu', requested_at: '2026-11-20T01:00:00Z', may_decide: false, own: true }

  it('is opened again only at the wish of one and the yes of another, each with a reason', async () => {
    const door = openDoor({ 'close.board': () => ({ date: day.date, accounts: [closed] }), 'close.ask_reopening': () => closed })
    show(<ClosePage />, ['view_bills', 'sign_day_as_maker'])
    await userEvent.click(await screen.findByTestId('ask-reopening'))
    expect((screen.getByTestId('reopening-confirm') as HTMLButtonElement).disabled).toBe(true)
    await userEvent.type(screen.getByTestId('reopening-reason'), '渠道补发了一行')
    await userEvent.click(screen.getByTestId('reopening-confirm'))
    await waitFor(() => expect(door.named('close.ask_reopening')).toEqual([{ account_id: 'a1', date: day.date, reason: '渠道补发了一行' }]))
  })

  it('lets the second person decide about the wish, and whoever made it only take it back', async () => {
    const waiting = { ...closed, reopening: { ...wish, may_decide: true, own: false } }
    const door = openDoor({ 'close.board': () => ({ date: day.date, accounts: [waiting] }), 'close.reopen': () => closed })
    const shown = show(<ClosePage />, ['view_bills', 'sign_day_as_checker'])
    expect((await screen.findByTestId('reopening')).textContent).toContain('渠道补发了一行')
    await userEvent.click(screen.getByTestId('reopen-day'))
    await userEvent.click(screen.getByTestId('reopening-confirm'))
    await waitFor(() => expect(door.named('close.reopen')).toHaveLength(1))
    shown.unmount()

    openDoor({ 'close.board': () => ({ date: day.date, accounts: [{ ...closed, reopening: wish }] }) })
    show(<ClosePage />, ['view_bills', 'sign_day_as_maker'])
    expect((await screen.findByTestId('reopening')).textContent).toContain('撤回请求')
    expect(screen.queryByTestId('reopen-day')).toBeNull()
  })

  it('keeps what was signed before in sight', async () => {
    const before = { version: 1, locked_at: '2026-11-20T01:00:00Z', digest: 'e41b07c95a3df862', maker: 'Xu', checker: 'Zhou', reason: '补一行', requested_by: 'Xu', reopened_by: 'Zhou', reopened_at: '2026-11-20T02:00:00Z' }
    openDoor({ 'close.board': () => ({ date: day.date, accounts: [{ ...day, closed_before: [before] }] }) })
    show(<ClosePage />, ['view_bills'])
    expect((await screen.findByTestId('closed-before')).textContent).toContain('第 1 次日结：Xu、Zhou 签')
  })
})
