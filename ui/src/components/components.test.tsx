import { fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { setLanguage } from '../i18n'
import { ApiError } from '../platform'
import { StatusTag } from '../status/StatusTag'
import { Digest, Id } from './Id'
import { Grid, type Column } from './Grid'
import { Money } from './Money'
import { MoneyInput } from './MoneyInput'
import { ErrorPanel, LongWork } from './states'
import { ToastPlace, useToasts } from './Toast'

describe('Money', () => {
  it('shows a leading minus in ink and is read with sign and currency', () => {
    render(<Money value={{ minor: -40000, currency: 'CNY' }} testid="m" />)
    expect(screen.getByTestId('m').textContent).toBe('\u2212¥400.00')
    expect(screen.getByTestId('m').getAttribute('aria-label')).toBe('负 400.00 元')
  })
})

describe('MoneyInput', () => {
  function Field() {
    const [minor, setMinor] = useState<number | null>(null)
    return (
      <>
        <MoneyInput currency="CNY" value={minor} onChange={setMinor} max={{ minor: 128000, currency: 'CNY' }} label="金额" testid="amount" />
        <output data-testid="minor">{String(minor)}</output>
      </>
    )
  }
  const cases: [string, string, RegExp | null][] = [
    ['1180', '118000', null],
    ['1180.5', '118050', null],
    ['1e3', 'null', /科学记数法/],
    ['-0.01', 'null', /负号/],
    ['1,234.5', 'null', /千分位/],
    ['0.001', 'null', /最多 2 位/],
    ['1280.01', '128001', /超过可退/],
  ]
  it.each(cases)('%s', async (text, minor, why) => {
    setLanguage('zh')
    render(<Field />)
    await userEvent.type(screen.getByTestId('amount'), text)
    expect(screen.getByTestId('minor').textContent).toBe(minor)
    if (why === null) expect(screen.queryByRole('alert')).toBeNull()
    else expect(screen.getByRole('alert').textContent).toMatch(why)
  })
})

describe('Id and Digest', () => {
  it('keeps the whole id for the title when shortened', () => {
    render(<Id value="4200002481202611196730185524" short testid="id" />)
    expect(screen.getByTestId('id').textContent).toBe('4200••6730185524')
    expect(screen.getByTitle('4200002481202611196730185524')).toBeTruthy()
  })
  it('marks the first and the last group', () => {
    const { container } = render(<Digest value="9c417e2ab3d0e07b" />)
    expect([...container.querySelectorAll('b')].map((b) => b.textContent)).toEqual(['9c41', 'e07b'])
  })
})

describe('StatusTag', () => {
  it('says the word, the family and fills only what needs a person', () => {
    setLanguage('zh')
    const { container, rerender } = render(<StatusTag kind="refund" status="unknown" />)
    expect(container.textContent).toBe('未知·核实中')
    expect(container.querySelector('.zf-status-filled.zf-f-un')).toBeTruthy()
    rerender(<StatusTag kind="order" status="paid" />)
    expect(container.querySelector('.zf-status-filled')).toBeNull()
    rerender(<StatusTag kind="bill" status="lost_soon" n={12} />)
    expect(container.textContent).toBe('12 天后取不回')
  })
  it('never shows a state it does not know as good news', () => {
    const { container } = render(<StatusTag kind="refund" status="brand_new" />)
    expect(container.querySelector('[data-family="un"]')).toBeTruthy()
  })
})

describe('ErrorPanel', () => {
  const unknown = new ApiError({ code: 'refund.outcome_unknown', retry: 'query_first', params: { refund_no: 'R1' }, message: '', remedy: '' })
  it('calls an unknown outcome unknown and offers no retry', () => {
    setLanguage('zh')
    render(<ErrorPanel error={unknown} onRetry={() => {}} />)
    expect(screen.getByTestId('error').className).toContain('zf-f-un')
    expect(screen.getByTestId('error').textContent).toContain('R1')
    expect(screen.queryByTestId('retry')).toBeNull()
  })
  it('speaks the language of the person', () => {
    setLanguage('en')
    render(<ErrorPanel error={unknown} />)
    expect(screen.getByTestId('error').textContent).toContain('did not answer')
    setLanguage('zh')
  })
})

describe('LongWork', () => {
  it('shows how far it is', () => {
    render(<LongWork label="导出" done={92400} total={248931} />)
    expect(screen.getByTestId('long-work').textContent).toContain('92,400 / 248,931')
  })
})

describe('Grid', () => {
  type Row = { id: string }
  const rows: Row[] = Array.from({ length: 5000 }, (_, i) => ({ id: `N${i}` }))
  const columns: Column<Row>[] = [{ key: 'id', title: '单号', width: 100, render: (r) => r.id }]
  function List({ onOpen }: { onOpen: (row: Row) => void }) {
    const [active, setActive] = useState<string | null>(null)
    const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
    return (
      <>
        <input aria-label="搜索" />
        <Grid
          label="订单"
          rows={rows}
          rowKey={(r) => r.id}
          columns={columns}
          active={active}
          onActive={setActive}
          onOpen={onOpen}
          selected={selected}
          onSelected={setSelected}
        />
        <output data-testid="selected">{[...selected].join(' ')}</output>
      </>
    )
  }
  const press = (key: string, more: Partial<KeyboardEventInit> = {}) => fireEvent.keyDown(document.body, { key, ...more })

  it('is worked by keyboard and keeps few rows in the document', () => {
    const open = vi.fn()
    render(<List onOpen={open} />)
    expect(screen.getAllByTestId('row').length).toBeLessThanOrEqual(60)
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('5001')
    press('j')
    press('j')
    press('x')
    press('j')
    press('j')
    press('X', { shiftKey: true })
    press('k')
    press('Enter')
    expect(screen.getByTestId('selected').textContent).toBe('N1 N2 N3')
    expect(open.mock.calls.map(([row]) => (row as Row).id)).toEqual(['N2'])
  })

  it('is deaf while somebody types or composes', () => {
    const open = vi.fn()
    render(<List onOpen={open} />)
    press('j')
    fireEvent.keyDown(screen.getByLabelText('搜索'), { key: 'x' })
    fireEvent.keyDown(document.body, { key: 'x', isComposing: true })
    fireEvent.keyDown(document.body, { key: 'Process', keyCode: 229 })
    expect(screen.getByTestId('selected').textContent).toBe('')
  })
})

describe('Toast', () => {
  it('undoes by U, once', () => {
    const undo = vi.fn()
    function Page() {
      const toasts = useToasts()
      return (
        <button type="button" onClick={() => toasts.show({ text: '已挂账 3 条', undo })}>
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
    expect(screen.getByTestId('toast').textContent).toContain('已挂账 3 条')
    fireEvent.keyDown(document.body, { key: 'u' })
    fireEvent.keyDown(document.body, { key: 'u' })
    expect(undo).toHaveBeenCalledTimes(1)
  })
})
