/** The twelve looks of a list or panel (guide §9), one by one. */
import { act, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { setLanguage } from '../i18n'
import { ApiError } from '../platform'
import { ExplainCode, ExplainedStatus } from './Explain'
import { MissingSide, Money, NotApplicable } from './Money'
import { MaskedPerson } from './small'
import { BatchResult, Conflict, Empty, ErrorPanel, FilteredEmpty, LongWork, NotAllowed, OfflineBanner, PartialBanner, Skeleton, StaleBanner, UnknownOutcome } from './states'
import { ToastPlace, useToasts } from './Toast'

const fault = (code: string, retry: ApiError['retry'], params: Record<string, string> = {}) => new ApiError({ code, retry, params, message: '', remedy: '' })
const text = (id: string) => screen.getByTestId(id).textContent ?? ''

beforeEach(() => setLanguage('zh'))
afterEach(() => {
  vi.useRealTimers()
  setLanguage('zh')
})

describe('twelve states', () => {
  it('1 loading: nothing for 120 ms, then lines of the height of rows', () => {
    vi.useFakeTimers()
    const { container } = render(<Skeleton rows={4} />)
    const status = screen.getByRole('status')
    expect(status.getAttribute('aria-busy')).toBe('true')
    expect(container.querySelectorAll('.zf-skeleton-row')).toHaveLength(0)
    act(() => vi.advanceTimersByTime(119))
    expect(container.querySelectorAll('.zf-skeleton-row')).toHaveLength(0)
    act(() => vi.advanceTimersByTime(2))
    expect(container.querySelectorAll('.zf-skeleton-row')).toHaveLength(4)
  })

  it('2 empty: why, and the next step', () => {
    render(<Empty title="今天没有待您审批的事" note="有人提交时会提醒" action={<button type="button">看我处理过的</button>} />)
    expect(text('empty')).toContain('有人提交时会提醒')
    expect(screen.getByRole('button').textContent).toBe('看我处理过的')
  })

  it('3 filtered empty: names the filters, removes one, or all', () => {
    const one = vi.fn()
    const all = vi.fn()
    render(<FilteredEmpty title="没有符合条件的订单" filters={['11-19', { label: '金额 ≥ ¥5,000.00', onRemove: one }]} onClear={all} />)
    expect(text('empty')).toContain('11-19 · 金额 ≥ ¥5,000.00')
    fireEvent.click(screen.getByTestId('remove-filter'))
    fireEvent.click(screen.getByTestId('clear-filters'))
    expect([one.mock.calls.length, all.mock.calls.length]).toEqual([1, 1])
  })

  it.each([
    ['bill.not_ready', 'later', '渠道那边'],
    ['channel.unreachable', 'same_number', '网络或服务没有答复'],
    ['file.refused', 'after_fix', '文件内容'],
    ['close.content_changed', 'after_fix', '别人先动了'],
    ['close.same_person', 'never', '业务规则不允许'],
    ['internal', 'later', '程序自身'],
  ] as const)('4 error %s: whose fault, impact, next, a code to copy', async (code, retry, whose) => {
    const write = vi.fn(() => Promise.resolve())
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: write }, configurable: true })
    const again = vi.fn()
    render(<ErrorPanel error={fault(code, retry, { date: '2026-11-19', detail: '磁盘 / the disk' })} onRetry={again} />)
    expect(text('error-fault')).toBe(`${whose} · 只影响这一块，其他照常`)
    fireEvent.click(screen.getByTestId('retry'))
    expect(again).toHaveBeenCalledTimes(1)
    await act(async () => fireEvent.click(screen.getByText(`复制错误号 ${code}`)))
    expect(write).toHaveBeenCalledWith(expect.stringContaining(code))
  })

  it('4 error: parameters speak the language of the person', () => {
    setLanguage('en')
    render(<ErrorPanel error={fault('internal', 'later', { detail: '磁盘坏了 / the disk broke' })} />)
    expect(text('error')).toContain('Internal error: the disk broke')
    expect(text('error')).not.toMatch(/[\u4e00-\u9fff]/)
  })

  it('5 partial: says what is missing', () => {
    render(<PartialBanner action={<button type="button">重试</button>}>6 个账户来了 5 个。缺 PayPal，合计里没有它。</PartialBanner>)
    expect(text('partial')).toContain('缺 PayPal')
  })

  it('6 offline and stale: readable, no money', () => {
    const retry = vi.fn()
    render(
      <>
        <OfflineBanner since="09:21" onRetry={retry} />
        <StaleBanner at="2026-11-20T01:21:00Z" onRefresh={retry} />
      </>,
    )
    expect(text('offline')).toContain('退款、签署已停用')
    expect(text('stale')).toContain('11-20 09:21:00')
    for (const button of screen.getAllByRole('button')) fireEvent.click(button)
    expect(retry).toHaveBeenCalledTimes(2)
  })

  it('7 long work: count, rate, time left, pause, cancel, what it leaves', () => {
    vi.useFakeTimers()
    const pause = vi.fn()
    const cancel = vi.fn()
    const work = (done: number, paused = false) => (
      <LongWork label="导出 11 月订单" done={done} total={248_931} paused={paused} onPause={pause} onCancel={cancel} leaves="取消会删掉半个文件" />
    )
    const { rerender } = render(work(1000))
    act(() => vi.advanceTimersByTime(2000))
    rerender(work(92_400))
    expect(text('long-work')).toContain('第 92,400 / 248,931 · 45,700/秒')
    expect(text('long-work')).toContain('还要约 4 秒')
    expect(screen.getByRole('status').textContent).toBe('30 %')
    fireEvent.click(screen.getByTestId('pause-work'))
    expect(pause).toHaveBeenCalledWith(true)
    rerender(work(92_400, true))
    expect(text('long-work')).toContain('已暂停')
    fireEvent.click(screen.getByTestId('pause-work'))
    expect(pause).toHaveBeenCalledWith(false)
    fireEvent.click(screen.getByTestId('cancel-work'))
    expect(cancel).toHaveBeenCalledTimes(1)
    expect(text('long-work')).toContain('取消会删掉半个文件')
  })

  it('8 undoable: done, with undo by U', () => {
    const undo = vi.fn()
    function Page() {
      const toasts = useToasts()
      return (
        <button type="button" onClick={() => toasts.show({ text: '已挂账 3 条，共 ¥356.00', undo })}>
          go
        </button>
      )
    }
    render(
      <>
        <Page />
        <ToastPlace />
      </>,
    )
    fireEvent.click(screen.getByText('go'))
    fireEvent.keyDown(document.body, { key: 'u' })
    expect(undo).toHaveBeenCalledTimes(1)
  })

  it('9 unknown: not failed, can be asked about, resend locked', () => {
    const query = vi.fn()
    render(<UnknownOutcome title="RF1120-0307 结果未知" asked={2} nextAt="2026-11-20T01:43:28Z" onQuery={query} />)
    const panel = screen.getByTestId('unknown')
    expect(panel.className).toContain('zf-f-un')
    expect(panel.textContent).not.toContain('失败')
    expect(panel.textContent).toContain('09:43:28 第 3 次查询')
    expect((screen.getByTestId('resend-locked') as HTMLButtonElement).disabled).toBe(true)
    fireEvent.click(screen.getByTestId('query-now'))
    expect(query).toHaveBeenCalledTimes(1)
  })

  it('9 unknown: an error whose outcome is unknown is never offered for another try', () => {
    render(<ErrorPanel error={fault('refund.outcome_unknown', 'query_first', { refund_no: 'R1' })} onRetry={() => {}} />)
    expect(screen.queryByTestId('retry')).toBeNull()
    expect(text('error-fault')).toContain('不知道有没有做成')
  })

  it('10 no permission: the button stays, says why and whom to ask', () => {
    render(<NotAllowed label="批准 ¥6,900.00" why="提交人不可复核" ask="可以批准的人：周砚" />)
    expect((screen.getByRole('button') as HTMLButtonElement).disabled).toBe(true)
    expect(text('not-allowed')).toContain('可以批准的人：周砚')
  })

  it('11 conflict: theirs beside yours', () => {
    render(<Conflict title="沈拾一 09:41 刚退了 ¥400.00" theirs="¥1,280.00" yours="¥1,680.00" />)
    expect(text('conflict')).toMatch(/现在是¥1,280.00您看到的¥1,680.00/)
  })

  it('12 batch result: a verdict a row, only the failed again, a file of the results', () => {
    const again = vi.fn()
    const file = vi.fn()
    render(
      <BatchResult
        ok={36}
        rows={[
          { key: 'a', label: '第 17 行', outcome: 'unknown', note: '等渠道答复' },
          { key: 'b', label: '第 29 行', outcome: 'failed', note: '超过一年期限' },
          { key: 'c', label: '第 30 行', outcome: 'not_run' },
        ]}
        onRetryFailed={again}
        onDownload={file}
      />,
    )
    expect(text('batch-result')).toMatch(/成功 36.*未知 1.*失败 1.*未执行 1/)
    fireEvent.click(screen.getByTestId('batch-retry'))
    fireEvent.click(screen.getByTestId('batch-download'))
    expect(again).toHaveBeenCalledWith(['b'])
    expect(file).toHaveBeenCalledTimes(1)
  })

  it('12 batch result: nothing failed, nothing to do again', () => {
    render(<BatchResult rows={[{ key: 'a', label: '第 17 行', outcome: 'unknown' }]} onRetryFailed={() => {}} />)
    expect(screen.queryByTestId('batch-retry')).toBeNull()
  })
})

describe('explanations', () => {
  it('open by keyboard, say both sides, the risk and the next step, and close on Escape alone', () => {
    setLanguage('en')
    const below = vi.fn()
    const listen = (event: KeyboardEvent) => {
      if (!event.defaultPrevented) below()
    }
    window.addEventListener('keydown', listen)
    render(<ExplainCode code="missing_in_ledger" />)
    const ask = screen.getByRole('button', { name: /Channel has/ })
    ask.focus()
    fireEvent.click(ask)
    expect(text('explanation')).toMatch(/Channel.*Ours.*What to do/)
    expect(text('explanation')).not.toMatch(/[\u4e00-\u9fff]/)
    fireEvent.keyDown(ask, { key: 'Escape' })
    expect(ask.getAttribute('aria-expanded')).toBe('false')
    expect(below).not.toHaveBeenCalled()
    window.removeEventListener('keydown', listen)
  })

  it('stand beside the status of a detail, and not beside a state nobody knows', () => {
    const { rerender } = render(<ExplainedStatus kind="bill" status="lost_soon" n={3} />)
    fireEvent.click(screen.getByTestId('explain'))
    expect(text('explanation')).toContain('3 天后取不回')
    rerender(<ExplainedStatus kind="bill" status="brand_new" />)
    expect(screen.queryByTestId('explain')).toBeNull()
  })
})

describe('zero, none, missing, masked', () => {
  it('are four different looks', () => {
    const { container } = render(
      <>
        <Money value={{ minor: 0, currency: 'CNY' }} />
        <NotApplicable />
        <MissingSide />
        <MaskedPerson text="李** · 尾号 7731" />
        <MaskedPerson text={null} />
      </>,
    )
    expect([...container.children].map((c) => c.textContent)).toEqual(['¥0.00', '—', '无', '李** · 尾号 7731', '未采集'])
    expect(container.querySelector('.zf-missing')).toBeTruthy()
    expect(container.querySelector('.zf-na')).toBeTruthy()
    expect(screen.getByLabelText('已遮罩')).toBeTruthy()
  })

  it('a negative amount is ink, never red', () => {
    const { container } = render(<Money value={{ minor: -500, currency: 'JPY' }} signed />)
    expect(container.textContent).toBe('\u2212JP¥500')
    expect(container.innerHTML).not.toMatch(/zf-c-br|zf-f-br/)
  })
})
