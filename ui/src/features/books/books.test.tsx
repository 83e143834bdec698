import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BookMapping, BooksPreview, BooksWays, MappingView } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { ApiError } from '../../platform'
import { openDoor, show, type TestDoor } from '../../test/door'
import { neededColumns, withState, wordsOf } from './api'
import BooksPage from './components/BooksPage'
import { MappingEditor } from './components/MappingEditor'

const mapping: BookMapping = {
  kind_column: '类型',
  order_no_column: '订单号',
  refund_no_column: '退款单号',
  channel_no_column: null,
  amount_column: '金额',
  currency_column: null,
  status_column: '状态',
  created_at_column: '时间',
  kinds: [
    { word: '收', kind: 'payment' },
    { word: '退', kind: 'refund' },
  ],
  statuses: [{ word: '完成', state: 'done' }],
  amount_unit: 'yuan',
  time_format: 'local',
  constant_kind: null,
  constant_currency: 'CNY',
  zone: '+08:00',
  sheet: null,
}
const kept: MappingView = { name: '店铺后台', in_use: true, mapping, edited_by: '许知夏', edited_at: '2026-11-20T02:00:00Z' }
const ways: BooksWays = {
  mappings: [kept],
  sources: [
    {
      name: '店铺库',
      settings: { engine: 'postgres', host: 'db.example', port: 5432, database: 'shop', login: 'reader', tls: 'verify', ca_pem: null, query: 'SELECT 1', mapping: '店铺后台', zone: '+08:00' },
      edited_by: '管理员',
      edited_at: '2026-11-20T02:00:00Z',
    },
  ],
  keys: [{ name: 'books-2026', fingerprint: '0badc0de', added_by: '管理员', added_at: '2026-11-20T02:00:00Z' }],
}

/** What the core would answer: words without a meaning refuse their rows. */
function preview(asked: BookMapping | null): BooksPreview {
  const used = asked ?? mapping
  const known = used.statuses.some((w) => w.word === '待付')
  const at = '2026-11-19T01:12:33Z'
  return {
    name: 'house.csv',
    format: 'csv',
    sheets: [],
    columns: ['类型', '订单号', '退款单号', '金额', '状态', '时间'],
    mapping: used,
    rows: [
      { line_no: 2, entry: { kind: 'payment', order_no: 'M1', refund_no: null, channel_no: null, amount: { minor: 1230, currency: 'CNY' }, state: 'done', state_text: '完成', created_at: at }, fault: null },
      known
        ? { line_no: 3, entry: { kind: 'payment', order_no: 'M2', refund_no: null, channel_no: null, amount: { minor: 100, currency: 'CNY' }, state: 'in_progress', state_text: '待付', created_at: at }, fault: null }
        : { line_no: 3, entry: null, fault: { line: 3, column: '状态', field: '待付', problem: '状态词不认识 / unknown status', remedy: '请给这个词一个含义 / Give it a meaning' } },
    ],
    kind_words: [{ word: '收', count: 2 }],
    status_words: [
      { word: '完成', count: 1 },
      { word: '待付', count: 1 },
    ],
    looked_at: 2,
    refused: known ? 0 : 1,
    problem: used.amount_column === '' ? { line: 1, column: null, field: null, problem: '映射还不完整 / incomplete', remedy: '请选列 / Choose a column' } : null,
  }
}

function open(): TestDoor {
  return openDoor({
    'books.ways': () => ways,
    'books.preview': (p) => preview(p.mapping),
    'books.save_mapping': () => ways,
    'books.use_mapping': () => ways,
    'books.sample_source': () => ({ file_token: 'f2', name: '店铺库.csv', size: 10 }),
    'books.import_source': () => {
      throw new ApiError({ code: 'books.source_unreachable', retry: 'later', params: { place: 'db.example:5432/shop', detail: 'refused' }, message: '', remedy: '' })
    },
  })
}

const file = { file_token: 'f1', name: 'house.csv', size: 100 }

function edit(start: BookMapping | null) {
  show(<MappingEditor accountId="a" file={file} start={start} name="" onClose={() => undefined} />, ['view_bills', 'run_reconciliation'])
}

beforeEach(() => {
  setLanguage('zh')
  window.location.hash = '#/books?day=2026-11-19'
})

describe('the editor of a mapping', () => {
  it('shows the first rows as the engine reads them, names what it cannot read, and follows a change', async () => {
    const door = open()
    edit(null)
    await screen.findByTestId('preview')
    expect(screen.getByTestId('preview-row').textContent).toContain('M1')
    expect(screen.getByTestId('preview-row').textContent).toContain('12.30')
    expect(screen.getByTestId('preview-fault').textContent).toContain('状态 “待付” 状态词不认识')
    expect(screen.getByTestId('preview-count').textContent).toContain('1 行读不懂')

    const words = screen.getByTestId('status-words')
    fireEvent.mouseDown(within(words).getByLabelText('待付'))
    fireEvent.click(await screen.findByTitle('进行中'))
    await waitFor(() => expect(screen.queryByTestId('preview-fault')).toBeNull())
    const asked = door.named('books.preview').at(-1) as { mapping: BookMapping }
    expect(asked.mapping.statuses).toContainEqual({ word: '待付', state: 'in_progress' })
  })

  it('keeps what was described under a name, for the account from then on', async () => {
    const door = open()
    edit(mapping)
    const name = await screen.findByTestId('mapping-name')
    expect((screen.getByTestId('save-mapping') as HTMLButtonElement).disabled).toBe(true)
    fireEvent.change(name, { target: { value: ' 店铺 ' } })
    await waitFor(() => expect((screen.getByTestId('save-mapping') as HTMLButtonElement).disabled).toBe(false))
    fireEvent.click(screen.getByTestId('save-mapping'))
    await waitFor(() => expect(door.named('books.save_mapping')).toEqual([{ account_id: 'a', name: '店铺', mapping, use_it: true }]))
  })

  it('says what is missing, and keeps nothing that cannot be read', async () => {
    open()
    edit({ ...mapping, amount_column: '' })
    const problem = await screen.findByTestId('preview-problem')
    expect(problem.textContent).toContain('映射还不完整')
    fireEvent.change(screen.getByTestId('mapping-name'), { target: { value: 'x' } })
    expect((screen.getByTestId('save-mapping') as HTMLButtonElement).disabled).toBe(true)
  })

  it('looks at the columns it needs only, and lists each word once', () => {
    expect(neededColumns({ ...mapping, constant_kind: 'payment' }).has('退款单号')).toBe(false)
    expect(wordsOf([{ word: 'a' }, { word: 'b' }], [{ word: 'a' }])).toEqual(['a', 'b'])
    expect(withState(mapping, '完成', null).statuses).toEqual([])
  })
})

describe('sources of books', () => {
  it('lists mappings, databases and keys; a clerk sets up no database', async () => {
    open()
    show(<BooksPage />, ['view_bills', 'run_reconciliation'])
    expect((await screen.findByTestId('mapping')).textContent).toContain('店铺后台')
    expect(screen.getByTestId('source').textContent).toContain('reader@db.example:5432/shop')
    expect(screen.getByTestId('book-key').textContent).toContain('0badc0de')
    expect((screen.getByTestId('new-source') as HTMLButtonElement).disabled).toBe(true)
    expect((screen.getByTestId('import-source') as HTMLButtonElement).disabled).toBe(false)
  })

  it('goes back to the default ledger file, looks at a database, and says why one cannot be reached', async () => {
    const door = open()
    show(<BooksPage />, ['view_bills', 'run_reconciliation'])
    fireEvent.click(await screen.findByTestId('use-default'))
    await waitFor(() => expect(door.named('books.use_mapping')).toEqual([{ account_id: expect.any(String), name: null }]))
    fireEvent.click(screen.getByTestId('import-source'))
    expect((await screen.findByTestId('source-error')).dataset['code']).toBe('books.source_unreachable')
    fireEvent.click(screen.getByTestId('look-source'))
    await screen.findByTestId('mapping-editor')
    expect(door.named('books.preview').at(-1)).toMatchObject({ file_token: 'f2', mapping: { order_no_column: '订单号' } })
  })
})
