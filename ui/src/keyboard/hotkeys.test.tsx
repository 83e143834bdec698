import { fireEvent, render } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { HotkeyLayer, useHotkeys, useRaisedLayer, type Hotkey } from './hotkeys'

function Keys({ keys }: { keys: Hotkey[] }) {
  useHotkeys(keys)
  return null
}

function Above({ keys }: { keys: Hotkey[] }) {
  const layer = useRaisedLayer(true)
  return (
    <HotkeyLayer value={layer}>
      <Keys keys={keys} />
    </HotkeyLayer>
  )
}

const press = (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.body, { key, ...more })

describe('hotkeys', () => {
  it('go by sequence, shifted symbols and chords', () => {
    const [orders, help, submit] = [vi.fn(), vi.fn(), vi.fn()]
    render(
      <Keys
        keys={[
          { keys: 'g o', run: orders },
          { keys: '?', run: help },
          { keys: 'mod+Enter', run: submit, whileTyping: true },
        ]}
      />,
    )
    press('g')
    press('o')
    press('?', { shiftKey: true })
    press('Enter', { ctrlKey: true })
    expect([orders, help, submit].map((f) => f.mock.calls.length)).toEqual([1, 1, 1])
    press('o')
    expect(orders).toHaveBeenCalledTimes(1)
  })

  it('of the page are dead under an overlay and come back after it', () => {
    const [below, above] = [vi.fn(), vi.fn()]
    const page = <Keys keys={[{ keys: 'a', run: below }]} />
    const { rerender } = render(
      <>
        {page}
        <Above keys={[{ keys: 'b', run: above }]} />
      </>,
    )
    press('a')
    press('b')
    rerender(page)
    press('a')
    expect([below.mock.calls.length, above.mock.calls.length]).toEqual([1, 1])
  })

  it('let a focused button keep Enter', () => {
    const run = vi.fn()
    const { getByText } = render(
      <>
        <Keys keys={[{ keys: 'Enter', run }]} />
        <button type="button">ok</button>
      </>,
    )
    fireEvent.keyDown(getByText('ok'), { key: 'Enter' })
    expect(run).not.toHaveBeenCalled()
  })
})
