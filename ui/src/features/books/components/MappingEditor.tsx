import { Button, Checkbox, Input, Select } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useMay } from '../../../api/status'
import { Money } from '../../../components/Money'
import { Card, Time } from '../../../components/small'
import { Empty, ErrorPanel, Notice, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, inLanguage } from '../../../format'
import type { BookAmountUnit, BookMapping, BooksPreview, BookTimeFormat, Currency, EntryKind, EntryState, PreviewRow } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import type { HeldFile } from '../../../platform'
import { columnFields, usePreview, useSaveMapping, withKind, withState, wordsOf, type ColumnField } from '../api'

const states: readonly EntryState[] = ['done', 'in_progress', 'void']
const kinds: readonly EntryKind[] = ['payment', 'refund']
const currencies: readonly Currency[] = ['CNY', 'USD', 'HKD', 'EUR', 'GBP', 'JPY']
const units: readonly BookAmountUnit[] = ['yuan', 'fen']
const formats: readonly BookTimeFormat[] = ['local', 'rfc3339', 'beijing', 'unix_seconds', 'unix_millis']
/** A value no column can be told from: a choice of none. */
const none = '\u0000'

type Props = {
  accountId: string
  file: HeldFile
  /** `null`: let the core propose one. */
  start: BookMapping | null
  name: string
  onClose: () => void
}

/** What each column of a file means, with the first rows as the engine reads them after every change. */
export function MappingEditor({ accountId, file, start, name: firstName, onClose }: Props) {
  const t = useT()
  const [changed, setChanged] = useState<BookMapping | null>(start)
  const asked = useDeferredValue(changed)
  const seen = usePreview(file.file_token, asked)
  const mapping = changed ?? seen.data?.mapping ?? null
  return (
    <Card
      className="zf-fixed"
      title={t('books.editor')}
      note={file.name}
      testid="mapping-editor"
      extra={
        <Button size="small" onClick={onClose} data-testid="editor-close">
          {t('common.close')}
        </Button>
      }
    >
      {seen.error !== null ? (
        <ErrorPanel error={seen.error} onRetry={() => void seen.refetch()} testid="editor-error" />
      ) : seen.data === undefined || mapping === null ? (
        <Skeleton rows={8} />
      ) : (
        <div className="zf-mapping">
          <Fields mapping={mapping} preview={seen.data} onChange={setChanged} />
          <div className="zf-stack zf-mapping-rows">
            <Preview preview={seen.data} busy={seen.isFetching} />
            <Save accountId={accountId} mapping={mapping} preview={seen.data} firstName={firstName} busy={seen.isFetching || asked !== changed} onDone={onClose} />
          </div>
        </div>
      )}
    </Card>
  )
}

function Fields({ mapping, preview, onChange }: { mapping: BookMapping; preview: BooksPreview; onChange: (mapping: BookMapping) => void }) {
  const t = useT()
  const set = (part: Partial<BookMapping>) => onChange({ ...mapping, ...part })
  const columns = preview.columns.map((name) => ({ value: name, label: name }))
  const column = (field: ColumnField, extra: readonly { value: string; label: string }[], value: string, choose: (value: string) => void) => (
    <label key={field} className="zf-mapping-field">
      <span>{t(`books.field.${field}`)}</span>
      <Select
        showSearch
        optionFilterProp="label"
        value={value === '' ? undefined : value}
        {...(value === '' ? { status: 'warning' as const } : {})}
        placeholder={t('books.choose_column')}
        options={[...extra, ...columns]}
        onChange={choose}
        aria-label={t(`books.field.${field}`)}
        data-testid={`field-${field}`}
      />
    </label>
  )
  const field = (name: ColumnField) => {
    switch (name) {
      case 'kind_column': {
        const constants = kinds.map((kind) => ({ value: none + kind, label: t('books.every_row', { what: t(`entry.${kind}`) }) }))
        const value = mapping.constant_kind === null ? (mapping.kind_column ?? '') : none + mapping.constant_kind
        return column(name, constants, value, (chosen) =>
          chosen.startsWith(none) ? set({ constant_kind: chosen.slice(1) as EntryKind }) : set({ constant_kind: null, kind_column: chosen }),
        )
      }
      case 'currency_column': {
        const constants = currencies.map((currency) => ({ value: none + currency, label: t('books.every_row', { what: currency }) }))
        const value = mapping.constant_currency === null ? (mapping.currency_column ?? '') : none + mapping.constant_currency
        return column(name, constants, value, (chosen) =>
          chosen.startsWith(none) ? set({ constant_currency: chosen.slice(1) as Currency }) : set({ constant_currency: null, currency_column: chosen }),
        )
      }
      case 'refund_no_column':
        // Payments only: there is no refund to number.
        if (mapping.constant_kind === 'payment') return null
        return column(name, [], mapping.refund_no_column ?? '', (chosen) => set({ refund_no_column: chosen }))
      case 'channel_no_column':
        return column(name, [], mapping.channel_no_column ?? '', (chosen) => set({ channel_no_column: chosen }))
      default:
        return column(name, [], mapping[name], (chosen) => set({ [name]: chosen }))
    }
  }
  const needsKinds = mapping.constant_kind === null && mapping.kind_column !== null && mapping.kind_column !== ''
  return (
    <div className="zf-stack zf-mapping-fields">
      {preview.sheets.length < 2 ? null : (
        <label className="zf-mapping-field">
          <span>{t('books.sheet')}</span>
          <Select
            value={mapping.sheet ?? preview.sheets[0] ?? ''}
            options={preview.sheets.map((name) => ({ value: name, label: name }))}
            onChange={(sheet: string) => set({ sheet })}
            aria-label={t('books.sheet')}
            data-testid="field-sheet"
          />
        </label>
      )}
      {columnFields.map(field)}
      <label className="zf-mapping-field">
        <span>{t('books.amount_unit')}</span>
        <Select value={mapping.amount_unit} options={units.map((value) => ({ value, label: t(`books.unit.${value}`) }))} onChange={(amount_unit: BookAmountUnit) => set({ amount_unit })} aria-label={t('books.amount_unit')} data-testid="field-unit" />
      </label>
      <label className="zf-mapping-field">
        <span>{t('books.time_format')}</span>
        <Select value={mapping.time_format} options={formats.map((value) => ({ value, label: t(`books.time.${value}`) }))} onChange={(time_format: BookTimeFormat) => set({ time_format })} aria-label={t('books.time_format')} data-testid="field-time" />
      </label>
      {mapping.time_format === 'local' || preview.format === 'workbook' ? (
        <label className="zf-mapping-field">
          <span>{t('books.zone')}</span>
          <Select
            showSearch
            value={mapping.zone}
            options={[...new Set([mapping.zone, '+08:00', '+00:00', '+09:00', '+07:00', '+01:00', '-05:00', '-08:00'])].map((zone) => ({ value: zone, label: `UTC${zone}` }))}
            onChange={(zone: string) => set({ zone })}
            aria-label={t('books.zone')}
            data-testid="field-zone"
          />
        </label>
      ) : null}
      {needsKinds ? (
        <Words
          title={t('books.kind_words')}
          words={wordsOf(preview.kind_words, mapping.kinds)}
          meaning={(word) => mapping.kinds.find((w) => w.word === word)?.kind ?? null}
          choices={kinds.map((value) => ({ value, label: t(`entry.${value}`) }))}
          onChange={(word, kind) => onChange(withKind(mapping, word, kind as EntryKind | null))}
          testid="kind-words"
        />
      ) : null}
      <Words
        title={t('books.status_words')}
        words={wordsOf(preview.status_words, mapping.statuses)}
        meaning={(word) => mapping.statuses.find((w) => w.word === word)?.state ?? null}
        choices={states.map((value) => ({ value, label: t(`books.state.${value}`) }))}
        onChange={(word, state) => onChange(withState(mapping, word, state as EntryState | null))}
        testid="status-words"
      />
    </div>
  )
}

type WordsProps = {
  title: string
  words: readonly string[]
  meaning: (word: string) => string | null
  choices: readonly { value: string; label: string }[]
  onChange: (word: string, value: string | null) => void
  testid: string
}

/** The words of a column, each with what it means; one without a meaning refuses its rows. */
function Words({ title, words, meaning, choices, onChange, testid }: WordsProps) {
  const t = useT()
  if (words.length === 0) return null
  return (
    <fieldset className="zf-mapping-words" data-testid={testid}>
      <legend>{title}</legend>
      {words.map((word) => {
        const value = meaning(word)
        return (
          <label key={word} className="zf-mapping-field">
            <span className="zf-mono">{word}</span>
            <Select
              size="small"
              allowClear
              value={value ?? undefined}
              {...(value === null ? { status: 'warning' as const } : {})}
              placeholder={t('books.no_meaning')}
              options={[...choices]}
              onChange={(chosen: string | undefined) => onChange(word, chosen ?? null)}
              aria-label={word}
            />
          </label>
        )
      })}
    </fieldset>
  )
}

function Preview({ preview, busy }: { preview: BooksPreview; busy: boolean }) {
  const t = useT()
  const lang = useLanguage()
  if (preview.problem !== null) {
    const { problem } = preview
    return (
      <Notice family="at" title={inLanguage(problem.problem, lang)} testid="preview-problem">
        {[problem.column, inLanguage(problem.remedy, lang)].filter((part) => part !== null && part !== '').join(' ')}
      </Notice>
    )
  }
  if (preview.rows.length === 0) return <Empty title={t('books.no_rows')} note={t('books.no_rows_note')} />
  return (
    <div aria-busy={busy}>
      <p className="zf-t2" role="status" data-testid="preview-count">
        {t('books.looked', { n: count(preview.looked_at), refused: count(preview.refused) })}
      </p>
      <div className="zf-mapping-table">
        <table className="zf-table" data-testid="preview">
          <thead>
            <tr>
              <th>{t('books.row')}</th>
              <th>{t('books.field.kind_column')}</th>
              <th>{t('books.field.order_no_column')}</th>
              <th>{t('books.field.refund_no_column')}</th>
              <th>{t('books.field.channel_no_column')}</th>
              <th className="zf-num">{t('books.field.amount_column')}</th>
              <th>{t('books.field.status_column')}</th>
              <th>{t('books.field.created_at_column')}</th>
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row) => (
              <Row key={row.line_no} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function Row({ row }: { row: PreviewRow }) {
  const t = useT()
  const lang = useLanguage()
  const { entry, fault } = row
  if (entry === null) {
    return (
      <tr className="zf-mapping-fault" data-testid="preview-fault">
        <td className="zf-mono">{row.line_no}</td>
        <td colSpan={7}>
          {fault === null ? null : (
            <>
              <span className="zf-strong">{[fault.column, fault.field === null ? null : `“${fault.field}”`].filter((part) => part !== null).join(' ')}</span> {inLanguage(fault.problem, lang)}{' '}
              <span className="zf-t3">{inLanguage(fault.remedy, lang)}</span>
            </>
          )}
        </td>
      </tr>
    )
  }
  return (
    <tr data-testid="preview-row">
      <td className="zf-mono">{row.line_no}</td>
      <td>{t(`entry.${entry.kind}`)}</td>
      <td className="zf-mono">{entry.order_no}</td>
      <td className="zf-mono">{entry.refund_no ?? '—'}</td>
      <td className="zf-mono">{entry.channel_no ?? '—'}</td>
      <td className="zf-num">
        <Money value={entry.amount} />
      </td>
      <td>
        {t(`books.state.${entry.state}`)} <span className="zf-t3">{entry.state_text}</span>
      </td>
      <td>
        <Time at={entry.created_at} />
      </td>
    </tr>
  )
}

type SaveProps = { accountId: string; mapping: BookMapping; preview: BooksPreview; firstName: string; busy: boolean; onDone: () => void }

function Save({ accountId, mapping, preview, firstName, busy, onDone }: SaveProps) {
  const t = useT()
  const toasts = useToasts()
  const may = useMay('run_reconciliation')
  const save = useSaveMapping()
  const [name, setName] = useState(firstName)
  const [use, setUse] = useState(true)
  const unread = preview.problem !== null || (preview.rows.length > 0 && preview.refused === preview.looked_at)
  const submit = () => {
    save.mutate(
      { account_id: accountId, name: name.trim(), mapping, use_it: use },
      {
        onSuccess: () => {
          toasts.show({ text: t('books.saved', { name: name.trim() }) })
          onDone()
        },
      },
    )
  }
  return (
    <form
      className="zf-stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '' && !unread && !busy && may) submit()
      }}
    >
      {save.error === null ? null : <ErrorPanel error={save.error} />}
      <div className="zf-row">
        <Input className="zf-mapping-name" value={name} maxLength={60} placeholder={t('books.name_hint')} aria-label={t('books.name')} onChange={(event) => setName(event.target.value)} data-testid="mapping-name" />
        <Checkbox checked={use} onChange={(event) => setUse(event.target.checked)} data-testid="mapping-use">
          {t('books.use_it')}
        </Checkbox>
        <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!may || unread || busy || name.trim() === ''} title={may ? (unread ? t('books.unread') : undefined) : t('books.denied')} data-testid="save-mapping">
          {t('books.save')}
        </Button>
      </div>
      {preview.refused > 0 && !unread ? <p className="zf-help">{t('books.some_refused', { n: count(preview.refused) })}</p> : null}
    </form>
  )
}
