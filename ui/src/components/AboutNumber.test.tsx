import { fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import { setLanguage } from '../i18n'
import { openDoor, show } from '../test/door'
import { AboutNumber } from './AboutNumber'

describe('about this number', () => {
  it('says what is counted, under which filter, as of when and what is missing; Esc closes it', async () => {
    setLanguage('zh')
    openDoor({})
    show(<AboutNumber name="收款" counts="已支付的订单" filter="11-19" asOf="2026-11-20T01:42:16Z" missing={['门店 POS：缺 11-19 账单']} />)
    const button = screen.getByRole('button', { name: '关于这个数：收款' })
    expect(screen.queryByTestId('about-number-note')).toBeNull()
    await userEvent.click(button)
    const note = await screen.findByTestId('about-number-note')
    for (const part of ['已支付的订单', '11-19', '2026-11-20 09:42:16', '门店 POS：缺 11-19 账单']) expect(note.textContent).toContain(part)
    expect(button.getAttribute('aria-expanded')).toBe('true')
    fireEvent.keyDown(button, { key: 'Escape' })
    await waitFor(() => expect(button.getAttribute('aria-expanded')).toBe('false'))
  })

  it('says aloud that nothing is missing', async () => {
    setLanguage('en')
    openDoor({})
    show(<AboutNumber name="Refunds" counts="refunds" filter="today" asOf="2026-11-20T01:42:16Z" />)
    await userEvent.click(screen.getByTestId('about-number'))
    expect((await screen.findByTestId('about-number-note')).textContent).toContain('Nothing is missing')
    setLanguage('zh')
  })
})
