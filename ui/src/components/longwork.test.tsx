import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { setLanguage } from '../i18n'
import { LongWork } from './states'

beforeEach(() => setLanguage('zh'))

const shown = () => screen.getByTestId('long-work').textContent

describe('LongWork', () => {
  it('says how far, how fast, how long still, and what stopping leaves', () => {
    render(<LongWork label="导出 11 月订单" done={92400} total={248931} unit="行" workedMillis={1515} leaves="取消会删掉半个文件" />)
    expect(shown()).toContain('第 92,400 / 248,931 行')
    expect(shown()).toContain('60,990 行/秒')
    expect(shown()).toContain('还要约 3 秒')
    expect(shown()).toContain('取消会删掉半个文件')
  })

  it('guesses no rate before there is one, and none without a total', () => {
    const { rerender } = render(<LongWork label="a" done={3} total={100} unit="行" workedMillis={100} />)
    expect(shown()).not.toContain('秒')
    rerender(<LongWork label="a" done={3000} total={null} unit="行" workedMillis={3000} />)
    expect(shown()).toContain('已完成 3,000 行')
    expect(shown()).toContain('1,000 行/秒')
    expect(shown()).not.toContain('还要约')
  })

  it('offers pause while it runs and resume while it rests', async () => {
    const pause = vi.fn()
    const { rerender } = render(<LongWork label="a" done={1} total={2} onPause={pause} />)
    await userEvent.click(screen.getByTestId('pause-work'))
    rerender(<LongWork label="a" done={1} total={2} paused onPause={pause} />)
    expect(shown()).toContain('已暂停')
    expect(screen.getByTestId('pause-work').textContent).toBe('继续')
    await userEvent.click(screen.getByTestId('pause-work'))
    expect(pause.mock.calls).toEqual([[true], [false]])
  })

  it('takes its buttons away while it stops', () => {
    render(<LongWork label="a" done={1} total={2} stopping onCancel={() => undefined} />)
    expect((screen.getByTestId('cancel-work') as HTMLButtonElement).disabled).toBe(true)
    expect(shown()).toContain('正在停下')
  })
})
