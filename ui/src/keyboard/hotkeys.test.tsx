import { fireEvent, render } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { HotkeyLayer, useHotkeys, useRaisedLayer, type Hotkey } from './hotkeys'
import { keyFault, setKeymap } from './keymap'

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

describe('while an input method composes', () => {
  const composing = (field: HTMLElement, key: string, more: KeyboardEventInit & { keyCode?: number } = {}) => fireEvent.keyDown(field, { key, ...more })

  /** At a moment of the page's clock: a loaded machine must not decide. */
  function at(ms: number, what: () => void) {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(ms)
    what()
    clock.mockRestore()
  }

  function setUp() {
    const [letter, chord] = [vi.fn(), vi.fn()]
    const { getByLabelText } = render(
      <>
        <Keys
          keys={[
            { keys: 'a', run: letter },
            { keys: 'Enter', run: letter },
            { keys: 'mod+Enter', run: chord, whileTyping: true },
          ]}
        />
        <input aria-label="field" />
        <div aria-label="plain" tabIndex={-1} />
      </>,
    )
    return { letter, chord, field: getByLabelText('field'), plain: getByLabelText('plain') }
  }

  it('no key is ours, chords neither (Chromium: isComposing)', () => {
    const { letter, chord, field } = setUp()
    fireEvent.compositionStart(field)
    composing(field, 'a', { isComposing: true })
    composing(field, 'Enter', { isComposing: true, ctrlKey: true })
    composing(field, 'Process', { keyCode: 229 })
    expect([letter.mock.calls.length, chord.mock.calls.length]).toEqual([0, 0])
  })

  it('nor the key that ends it, which WebKit sends after the end', () => {
    const { letter, chord, field, plain } = setUp()
    fireEvent.compositionStart(field)
    at(1000, () => fireEvent.compositionEnd(field))
    at(1010, () => composing(field, 'Enter', { ctrlKey: true }))
    at(1040, () => composing(plain, 'Enter'))
    at(2000, () => composing(plain, 'a', { keyCode: 229 }))
    expect([letter.mock.calls.length, chord.mock.calls.length]).toEqual([0, 0])
  })

  it('and afterwards they work again', () => {
    const { letter, chord, field, plain } = setUp()
    fireEvent.compositionStart(field)
    at(1000, () => fireEvent.compositionEnd(field))
    at(1080, () => composing(field, 'Enter', { ctrlKey: true }))
    at(1090, () => composing(plain, 'a'))
    expect([letter.mock.calls.length, chord.mock.calls.length]).toEqual([1, 1])
  })

  it('full-width signs are the keys they came from', () => {
    const run = vi.fn()
    render(<Keys keys={[{ keys: '/', run }, { keys: '?', run }]} />)
    press('\u3001')
    press('\uff0f')
    press('\uff1f', { shiftKey: true })
    expect(run).toHaveBeenCalledTimes(3)
  })
})

describe('keys of one’s own', () => {
  afterEach(() => setKeymap({}))

  it('do what they were given, and the old ones nothing', () => {
    const [suspend, orders] = [vi.fn(), vi.fn()]
    render(<Keys keys={[{ keys: 'h', run: suspend }, { keys: 'g o', run: orders }]} />)
    setKeymap({ h: 'z', 'g o': 'g 1' })
    press('h')
    press('z')
    press('g')
    press('1')
    expect([suspend.mock.calls.length, orders.mock.calls.length]).toEqual([1, 1])
  })

  it('are refused with the command that has them', () => {
    const commands = ['h', 'r', 'g o', 'g d', 'mod+k']
    const cases: [string, string, ReturnType<typeof keyFault>][] = [
      ['h', 'z', null],
      ['h', 'r', { fault: 'taken', by: 'r' }],
      ['h', 'g', { fault: 'begins', by: 'g o' }],
      ['g o', 'r x', { fault: 'begins', by: 'r' }],
      ['h', 'Enter', { fault: 'reserved' }],
      ['h', 'mod+c', { fault: 'reserved' }],
      ['h', 'h', null],
    ]
    for (const [command, keys, fault] of cases) expect(keyFault(command, keys, commands, {}), `${command} ${keys}`).toEqual(fault)
    // A key somebody gave away is free.
    expect(keyFault('h', 'r', commands, { r: 'z' })).toBeNull()
  })

  it('held keys move rows and do nothing else twice', () => {
    const [next, suspend] = [vi.fn(), vi.fn()]
    render(<Keys keys={[{ keys: 'j', run: next }, { keys: 'h', run: suspend }]} />)
    for (const repeat of [false, true, true]) {
      press('j', { repeat })
      press('h', { repeat })
    }
    expect([next.mock.calls.length, suspend.mock.calls.length]).toEqual([3, 1])
  })
})
