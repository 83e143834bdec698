import { ExportOutlined } from '@ant-design/icons'
import { Button, Input, Radio } from 'antd'
import { useState } from 'react'
import { useWrite } from '../api/query'
import type { ExportFormat, ExportSource, NegativeStyle } from '../generated/types'
import { count } from '../format'
import { useLanguage, useT, type PlainKey } from '../i18n'
import { useHotkeys } from '../keyboard/hotkeys'
import { Overlay } from './Overlay'
import { Kbd } from './small'
import { ErrorPanel } from './states'
import { useToasts } from './Toast'

const formatsOf: Record<ExportSource['kind'], readonly ExportFormat[]> = {
  orders: ['xlsx', 'csv'],
  refunds: ['xlsx', 'csv'],
  differences: ['xlsx', 'csv'],
  pool: ['xlsx', 'csv'],
  resolutions: ['xlsx', 'csv'],
  bill_lines: ['xlsx', 'csv'],
  receipts: ['xlsx', 'csv'],
  audit: ['xlsx', 'csv'],
  audit_chain: ['jsonl'],
  receipt_files: ['zip'],
  bill_archive: ['zip'],
}

/** What is said of kinds that are files rather than a list. */
const notes: Partial<Record<ExportSource['kind'], PlainKey>> = {
  audit_chain: 'exports.note.audit_chain',
  receipt_files: 'exports.note.receipt_files',
  bill_archive: 'exports.note.bill_archive',
}

type Props = {
  /** What the list shows at this moment: its whole search, not its page. `null`: nothing to take along. */
  sources: readonly ExportSource[] | null
  /** In words, beside the format: the filters that are on. */
  filters?: readonly string[]
  /** How many rows the first source has, when the page knows. */
  rows?: number | null
  testid?: string
  /** Off where the page has another use for Shift E. */
  hotkey?: boolean
  /** In place of “Export”. */
  label?: string
  /** Names the number of rows on the button. */
  counted?: boolean
  size?: 'small' | 'middle'
}

const none: readonly string[] = []

/** Takes along what a list shows: Shift E, a form, and the file is made in the background. */
export function ExportButton({ sources, filters = none, rows = null, testid = 'export', hotkey = true, label, counted = false, size = 'middle' }: Props) {
  const t = useT()
  const lang = useLanguage()
  const toasts = useToasts()
  const start = useWrite('exports.start')
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const [format, setFormat] = useState<ExportFormat>('xlsx')
  const [negative, setNegative] = useState<NegativeStyle>('minus')
  const [range, setRange] = useState<{ from: string; to: string } | null>(null)
  const able = sources !== null && sources.length > 0
  const show = () => {
    if (!able) return
    start.reset()
    setAt(0)
    setRange(null)
    setOpen(true)
  }
  useHotkeys([{ keys: 'shift+e', run: show, label: t('exports.do'), group: 'action' }], able && hotkey)
  const given = sources?.[at] ?? sources?.[0]
  const source: ExportSource | undefined =
    given?.kind === 'bill_archive' && range !== null ? { ...given, date_from: range.from, date_to: range.to } : given
  const formats = source === undefined ? [] : formatsOf[source.kind]
  const chosen = formats.includes(format) ? format : formats[0]
  const table = chosen === 'csv' || chosen === 'xlsx'
  const go = () => {
    if (source === undefined || chosen === undefined) return
    start.mutate(
      { source, format: chosen, language: lang, negative },
      {
        onSuccess: (made) => {
          setOpen(false)
          toasts.show({ text: t('exports.started', { name: made.file_name }), note: t('exports.started_note') })
        },
      },
    )
  }
  return (
    <>
      <Button size={size} icon={<ExportOutlined />} disabled={!able} onClick={show} data-testid={testid}>
        {label ?? (counted && rows !== null && rows > 0 ? t('exports.do_n', { n: count(rows) }) : t('exports.do'))} <Kbd keys="shift+e" />
      </Button>
      <Overlay
        open={open}
        onClose={() => setOpen(false)}
        title={t('exports.title_do')}
        width={460}
        testid="export-form"
        footer={
          <>
            <Button onClick={() => setOpen(false)}>{t('common.close')}</Button>
            <Button type="primary" autoFocus icon={<ExportOutlined />} loading={start.isPending} onClick={go} data-testid="export-go">
              {rows === null || at !== 0 ? t('exports.go') : t('exports.go_rows', { n: rows })}
            </Button>
          </>
        }
      >
        <div className="zf-form">
          {sources === null || sources.length < 2 ? null : (
            <fieldset>
              <legend>{t('exports.what')}</legend>
              <Radio.Group
                value={at}
                onChange={(event) => setAt(Number(event.target.value))}
                options={sources.map((s, i) => ({ value: i, label: t(`exports.kind.${s.kind}`) }))}
              />
            </fieldset>
          )}
          <fieldset>
            <legend>{t('exports.format')}</legend>
            <Radio.Group
              value={chosen}
              onChange={(event) => setFormat(event.target.value as ExportFormat)}
              options={formats.map((f) => ({ value: f, label: t(`exports.format.${f}`) }))}
              data-testid="export-format"
            />
          </fieldset>
          {table ? (
            <fieldset>
              <legend>{t('exports.negative')}</legend>
              <Radio.Group
                value={negative}
                onChange={(event) => setNegative(event.target.value as NegativeStyle)}
                options={[
                  { value: 'minus', label: '-12.30' },
                  { value: 'parentheses', label: '(12.30)' },
                ]}
              />
            </fieldset>
          ) : null}
          {source?.kind === 'bill_archive' ? (
            <fieldset>
              <legend>{t('exports.days')}</legend>
              <div className="zf-row">
                <Input
                  type="date"
                  aria-label={t('exports.days_from')}
                  value={source.date_from}
                  max={source.date_to}
                  onChange={(event) => setRange({ from: event.target.value, to: source.date_to })}
                  data-testid="export-from"
                />
                <span>–</span>
                <Input
                  type="date"
                  aria-label={t('exports.days_to')}
                  value={source.date_to}
                  min={source.date_from}
                  onChange={(event) => setRange({ from: source.date_from, to: event.target.value })}
                  data-testid="export-to"
                />
              </div>
            </fieldset>
          ) : null}
          <p className="zf-help">
            {source === undefined ? null : notes[source.kind] === undefined ? (
              <>
                {filters.length === 0 ? t('exports.all') : t('exports.filtered', { filters: filters.join(' · ') })} {t('exports.masked')}
              </>
            ) : (
              t(notes[source.kind] ?? 'exports.masked')
            )}
          </p>
          {start.error === null ? null : <ErrorPanel error={start.error} testid="export-error" />}
        </div>
      </Overlay>
    </>
  )
}
