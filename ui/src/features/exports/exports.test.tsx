import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { fireEvent } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import { ExportButton } from '../../components/ExportButton'
import type { ExportView } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { openDoor, show } from '../../test/door'
import ExportsPage from './components/ExportsPage'

beforeEach(() => setLanguage('zh'))

function made(extra: Partial<ExportView> = {}): ExportView {
  return {
    export_id: 'e1',
    kind: 'orders',
    format: 'xlsx',
    file_name: '订单-20261119-203011.xlsx',
    state: 'done',
    rows: 4218,
    problems: 0,
    sums: [{ money: { minor: 61248036, currency: 'CNY' }, count: 4218 }],
    bytes: 218_000,
    sha256: '9c417e2ab3d058f61a94c7e802bd6f354e19d8a773c20b5d92fe61a835cce07b',
    error: null,
    created_by: '许知夏',
    created_at: '2026-11-19T12:30:11Z',
    finished_at: '2026-11-19T12:30:14Z',
    expires_at: '2026-12-19T12:30:11Z',
    task_id: 'export.e1',
    mine: true,
    ...extra,
  }
}

const row = () => screen.getAllByTestId('row')[0] as HTMLElement

describe('the exports page', () => {
  it('lists count, sum and digest, and hands out the file', async () => {
    const door = openDoor({
      'exports.list': () => ({ exports: [made()], next_cursor: null }),
      'exports.file': () => ({ file_token: 'f', name: '订单-20261119-203011.xlsx', size: 218_000 }),
    })
    show(<ExportsPage />, ['view_orders'])
    await waitFor(() => expect(row().textContent).toContain('4,218'))
    expect(row().textContent).toContain('¥612,480.36')
    expect(row().textContent).toContain('9c41')
    await userEvent.click(screen.getByTestId('export-save'))
    expect(door.named('exports.file')).toEqual([{ export_id: 'e1' }])
  })

  it('says what an interrupted one left, and makes it again', async () => {
    const door = openDoor({
      'exports.list': () => ({ exports: [made({ state: 'interrupted', sha256: null, rows: 0, sums: [] })], next_cursor: null }),
      'exports.again': () => made({ state: 'running' }),
    })
    show(<ExportsPage />, ['view_orders'])
    await waitFor(() => expect(row().textContent).toContain('被中断'))
    await userEvent.dblClick(row())
    fireEvent.keyDown(row(), { key: 'Enter' })
    expect((await screen.findByTestId('export-pane')).textContent).toContain('半个文件已删')
    await userEvent.click(screen.getByTestId('export-again'))
    expect(door.named('exports.again')).toEqual([{ export_id: 'e1' }])
  })

  it('is empty with the next step', async () => {
    openDoor({ 'exports.list': () => ({ exports: [], next_cursor: null }) })
    show(<ExportsPage />, ['view_orders'])
    expect((await screen.findByTestId('empty')).textContent).toContain('Shift E')
  })
})

describe('Shift E', () => {
  const receipts = { kind: 'receipts', text: 'SK2026', cursor: null, limit: 200 } as const

  it('exports what is filtered, in the format chosen', async () => {
    const door = openDoor({ 'exports.start': () => made({ state: 'running' }) })
    show(<ExportButton sources={[receipts]} filters={['SK2026']} rows={12} />, ['view_orders'])
    fireEvent.keyDown(document.body, { key: 'E', shiftKey: true })
    const form = await screen.findByTestId('export-form')
    expect(form.textContent).toContain('只导出符合的：SK2026')
    expect((await screen.findByTestId('export-go')).textContent).toContain('导出 12 行')
    await userEvent.click(screen.getByLabelText('CSV（UTF-8）'))
    await userEvent.click(screen.getByLabelText('(12.30)'))
    await userEvent.click(screen.getByTestId('export-go'))
    expect(door.named('exports.start')).toEqual([{ source: receipts, format: 'csv', language: 'zh', negative: 'parentheses' }])
  })

  it('does nothing where there is nothing to take along', () => {
    openDoor({})
    show(<ExportButton sources={null} />, ['view_orders'])
    expect((screen.getByTestId('export') as HTMLButtonElement).disabled).toBe(true)
    fireEvent.keyDown(document.body, { key: 'E', shiftKey: true })
    expect(screen.queryByTestId('export-form')).toBeNull()
  })
})
