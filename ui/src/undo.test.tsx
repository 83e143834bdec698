import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ToastPlace, useToasts } from './components/Toast'
import { setLanguage } from './i18n'
import { ApiError } from './platform'
import { forgetDone, rememberFinal } from './undo'

beforeEach(() => {
  setLanguage('zh')
  forgetDone()
  useToasts().hide()
})

const u = () => fireEvent.keyDown(document.body, { key: 'u' })
const said = async (text: string) => waitFor(() => expect(screen.getByTestId('toast').textContent).toContain(text))

describe('U', () => {
  it('takes back the last, then the one before, then says that nothing is left', async () => {
    render(<ToastPlace />)
    const [first, second] = [vi.fn(() => Promise.resolve()), vi.fn(() => Promise.resolve())]
    act(() => useToasts().show({ text: '已挂账 3 条', undo: first }))
    act(() => useToasts().show({ text: '已挂账 1 条', undo: second }))
    u()
    await said('已撤销：已挂账 1 条'.replace('：', '： '))
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1])
    u()
    await said('已挂账 3 条')
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1])
    u()
    await said('没有可以撤销的')
  })

  it('still works when the toast is long gone', async () => {
    render(<ToastPlace />)
    const undo = vi.fn(() => Promise.resolve())
    act(() => useToasts().show({ text: '已挂账', undo }))
    act(() => useToasts().hide())
    u()
    await waitFor(() => expect(undo).toHaveBeenCalledTimes(1))
  })

  it('says why a signature stands, and only then reaches what is older', async () => {
    render(<ToastPlace />)
    const undo = vi.fn(() => Promise.resolve())
    act(() => useToasts().show({ text: '已挂账', undo }))
    act(() => rememberFinal('批准 RF1', '批准是签字'))
    u()
    await said('批准是签字')
    expect(undo).not.toHaveBeenCalled()
    u()
    await waitFor(() => expect(undo).toHaveBeenCalledTimes(1))
  })

  it('says why it did not work', async () => {
    render(<ToastPlace />)
    act(() =>
      useToasts().show({
        text: '已挂账',
        undo: () => Promise.reject(new ApiError({ code: 'close.locked', retry: 'never', params: { date: '2026-11-19' }, message: '', remedy: '' })),
      }),
    )
    u()
    await said('已日结锁定')
    expect(screen.getByTestId('toast').dataset['family']).toBe('br')
  })
})
