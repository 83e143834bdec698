import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import { setLanguage } from '../../i18n'
import { keymap, setKeymap } from '../../keyboard/keymap'
import { openDoor, show } from '../../test/door'
import { KeysCard } from './components/KeysCard'

beforeEach(() => {
  setLanguage('zh')
  setKeymap({})
})

const row = (command: string) => document.querySelector<HTMLElement>(`[data-command="${command}"]`) as HTMLElement

async function record(command: string, ...keys: string[]) {
  fireEvent.click(within(row(command)).getByTestId('key-change'))
  for (const key of keys) fireEvent.keyDown(await screen.findByTestId('key-recorder'), { key })
}

describe('keys of one’s own', () => {
  it('are recorded, kept, named when taken, and given back', async () => {
    let kept: Record<string, string> = {}
    openDoor({
      'preferences.all': () => ({ values: kept }),
      'preferences.put': ({ name, value }) => {
        kept = value === null ? {} : { [name]: value }
        return { values: kept }
      },
    })
    show(<KeysCard />)
    await record('h', 'F8')
    await waitFor(() => expect(keymap()).toEqual({ h: 'F8' }))
    await waitFor(() => expect(kept).toEqual({ keymap: '{"h":"F8"}' }))

    await record('e', 'F5')
    expect((await screen.findByTestId('key-fault')).textContent).toContain('F5 已是「刷新」')
    expect(keymap()).toEqual({ h: 'F8' })

    // Two keys, one after the other.
    await record('x', 'z', 'z')
    await waitFor(() => expect(keymap()).toEqual({ h: 'F8', x: 'z z' }))

    // Esc leaves it as it was.
    await record('q', 'Escape')
    expect(keymap()).toEqual({ h: 'F8', x: 'z z' })

    fireEvent.click(within(row('h')).getByTestId('key-reset'))
    await waitFor(() => expect(keymap()).toEqual({ x: 'z z' }))
    fireEvent.click(screen.getByTestId('keys-reset-all'))
    await waitFor(() => expect(keymap()).toEqual({}))
    act(() => setKeymap({}))
  })
})
