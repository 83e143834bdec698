/** What the page of book sources asks of the core, and what it works out about a mapping. */
import { useRead, useWrite } from '../../api/query'
import type { BookMapping, EntryKind, EntryState } from '../../generated/types'

export const useWays = (accountId: string | null) => useRead('books.ways', accountId === null ? null : { account_id: accountId })

/** The first rows of a file as the engine reads them; a mapping that is being changed keeps the last rows in sight. */
export function usePreview(fileToken: string | null, mapping: BookMapping | null) {
  return useRead('books.preview', fileToken === null ? null : { file_token: fileToken, mapping }, { keep: true })
}

export const useSaveMapping = () => useWrite('books.save_mapping')
export const useUseMapping = () => useWrite('books.use_mapping')
export const useRemoveMapping = () => useWrite('books.remove_mapping')
export const useExportMapping = () => useWrite('books.export_mapping')
export const useSaveSource = () => useWrite('books.save_source')
export const useRemoveSource = () => useWrite('books.remove_source')
export const useSampleSource = () => useWrite('books.sample_source')
export const useImportSource = () => useWrite('books.import_source')
export const useAddKey = () => useWrite('books.add_key')
export const useRemoveKey = () => useWrite('books.remove_key')

/** Fields that take a column; the optional ones may be given once for every row instead. */
export const columnFields = [
  'order_no_column',
  'amount_column',
  'status_column',
  'created_at_column',
  'kind_column',
  'refund_no_column',
  'channel_no_column',
  'currency_column',
] as const satisfies readonly (keyof BookMapping)[]

export type ColumnField = (typeof columnFields)[number]

/** The columns a mapping looks at. */
export function neededColumns(mapping: BookMapping): Set<string> {
  const names = [mapping.order_no_column, mapping.amount_column, mapping.status_column, mapping.created_at_column]
  if (mapping.constant_kind === null && mapping.kind_column !== null) names.push(mapping.kind_column)
  if (mapping.constant_kind !== 'payment' && mapping.refund_no_column !== null) names.push(mapping.refund_no_column)
  if (mapping.channel_no_column !== null) names.push(mapping.channel_no_column)
  if (mapping.constant_currency === null && mapping.currency_column !== null) names.push(mapping.currency_column)
  return new Set(names.filter((name) => name !== ''))
}

/** The words of a column and those the mapping knows already, each once. */
export function wordsOf(found: readonly { word: string }[], known: readonly { word: string }[]): string[] {
  return [...new Set([...found.map((w) => w.word), ...known.map((w) => w.word)])]
}

export function withKind(mapping: BookMapping, word: string, kind: EntryKind | null): BookMapping {
  return { ...mapping, kinds: [...mapping.kinds.filter((w) => w.word !== word), ...(kind === null ? [] : [{ word, kind }])] }
}

export function withState(mapping: BookMapping, word: string, state: EntryState | null): BookMapping {
  return { ...mapping, statuses: [...mapping.statuses.filter((w) => w.word !== word), ...(state === null ? [] : [{ word, state }])] }
}
