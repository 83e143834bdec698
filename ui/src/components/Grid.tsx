import { Checkbox } from 'antd'
import { memo, type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { useHotkeys, type Hotkey } from '../keyboard/hotkeys'
import { useT } from '../i18n'
import { rowHeights, usePreferences } from '../preferences'
import { copyText } from './Id'
import { useRowWindow } from './rowWindow'
import { useToasts } from './Toast'

export type Column<Row> = {
  key: string
  title: ReactNode
  /** Pixels; with `grow` the least width. */
  width: number
  grow?: boolean
  align?: 'right' | 'center'
  /** How the core sorted by this column, when it did. */
  sort?: 'ascending' | 'descending'
  /** Asks the core for another order by this column. */
  onSort?: () => void
  render: (row: Row, index: number) => ReactNode
}

/** Rows that are read by position, a page at a time, instead of one after the other. */
export type RowSource<Row> = {
  count: number
  /** The row at a position, or nothing while its page is on its way. */
  at: (index: number) => Row | undefined
  /** Where a row lies among those that are here; -1 when it is not. */
  indexOf: (key: string) => number
  /** Told which rows are in view. */
  onRange: (first: number, last: number) => void
}

type Props<Row> = {
  /** Names the grid for screen readers. */
  label: string
  /** All rows so far; left out where a `source` is given. */
  rows?: readonly Row[]
  source?: RowSource<Row>
  rowKey: (row: Row) => string
  columns: readonly Column<Row>[]
  /** All rows there are, when the core said so. */
  total?: number | null
  /** The row under the cursor. */
  active: string | null
  onActive: (key: string) => void
  /** Enter or click. */
  onOpen?: (row: Row) => void
  onClose?: () => void
  selected?: ReadonlySet<string>
  onSelected?: (next: ReadonlySet<string>) => void
  /** What C copies. */
  idOf?: (row: Row) => string
  onEndReached?: () => void
  banner?: ReactNode
  /** Floats over the first rows: what came in and waits. */
  news?: ReactNode
  footer?: ReactNode
  /** Shown in place of rows: loading, empty, error. */
  placeholder?: ReactNode
  /** Off when another list on the page holds the keys. */
  keys?: boolean
  testid?: string
}

const none: readonly never[] = []
/** Rows left below the view when the next page is asked for: two seconds of a quick wheel. */
const ahead = 120

/**
 * The one list for anything long: fixed row height, a few dozen rows in the document whatever the
 * count, worked by keyboard. Sorting, filtering and sums are the core's. Pages arrive by cursor
 * through `onEndReached`, or by position through a `source`, which may hold millions of rows.
 */
export function Grid<Row>(props: Props<Row>) {
  const { rows = none as readonly Row[], source, rowKey, columns, active, onActive, onOpen, onClose, selected, onSelected, idOf, onEndReached, keys = true } = props
  const t = useT()
  const toasts = useToasts()
  const scroller = useRef<HTMLDivElement>(null)
  const [anchor, setAnchor] = useState<number | null>(null)
  /** The row the cursor was last put on, and one that waits for its page. */
  const [cursor, setCursor] = useState(-1)
  const [wanted, setWanted] = useState<number | null>(null)
  const count = source?.count ?? rows.length
  const rowAt = useCallback((index: number) => (source === undefined ? rows[index] : source.at(index)), [source, rows])
  const rowHeight = rowHeights[usePreferences().density]
  const view = useRowWindow(count, scroller, rowHeight)
  const { first, last, reveal } = view

  const indexOf = (key: string): number => {
    const row = rowAt(cursor)
    if (row !== undefined && rowKey(row) === key) return cursor
    return source === undefined ? rows.findIndex((r) => rowKey(r) === key) : source.indexOf(key)
  }
  const at = active === null ? -1 : indexOf(active)
  if (at >= 0 && at !== cursor && wanted === null) setCursor(at)
  if (wanted !== null && at === wanted) setWanted(null)

  useEffect(() => {
    if (source === undefined && rows.length > 0 && last >= rows.length - ahead) onEndReached?.()
  }, [last, rows.length, onEndReached, source])
  const onRange = source?.onRange
  useEffect(() => {
    if (count > 0) onRange?.(first, last)
  }, [onRange, first, last, count])

  const move = useCallback(
    (to: number) => {
      const index = Math.max(0, Math.min(count - 1, to))
      if (count === 0) return
      setCursor(index)
      reveal(index)
      const row = rowAt(index)
      setWanted(row === undefined ? index : null)
      if (row !== undefined) onActive(rowKey(row))
    },
    [count, rowAt, onActive, rowKey, reveal],
  )
  // A row the keyboard went to before its page was here.
  const arrived = wanted === null ? undefined : rowAt(wanted)
  useEffect(() => {
    if (arrived !== undefined) onActive(rowKey(arrived))
  }, [arrived, onActive, rowKey])

  const toggle = (index: number, range: boolean) => {
    if (selected === undefined || onSelected === undefined) return
    const row = rowAt(index)
    if (row === undefined) return
    const next = new Set(selected)
    if (range && anchor !== null) {
      const [from, to] = anchor < index ? [anchor, index] : [index, anchor]
      let missed = 0
      for (let i = from; i <= to; i += 1) {
        const r = rowAt(i)
        if (r === undefined) missed += 1
        else next.add(rowKey(r))
      }
      // Rows whose page is not here cannot be named: better said than left out in silence.
      if (missed > 0) toasts.show({ text: t('keys.range_missed', { n: missed }) })
    } else if (next.has(rowKey(row))) next.delete(rowKey(row))
    else next.add(rowKey(row))
    setAnchor(index)
    onSelected(next)
  }
  const toggleRef = useRef(toggle)
  useEffect(() => {
    toggleRef.current = toggle
  })
  const onToggle = useCallback((index: number, range: boolean) => toggleRef.current(index, range), [])
  const here = wanted ?? (at >= 0 ? at : cursor)

  const hotkeys: Hotkey[] = [
    { keys: 'j', run: () => move(here + 1), label: t('keys.next_row'), group: 'list' },
    { keys: 'k', run: () => move(here - 1), label: t('keys.previous_row'), group: 'list' },
    { keys: 'ArrowDown', run: () => move(here + 1) },
    { keys: 'ArrowUp', run: () => move(here - 1) },
    { keys: 'PageDown', run: () => move(here + 15) },
    { keys: 'PageUp', run: () => move(here - 15) },
    { keys: 'Home', run: () => move(0) },
    { keys: 'End', run: () => move(count - 1) },
  ]
  const current = at < 0 ? undefined : rowAt(at)
  if (onOpen !== undefined)
    hotkeys.push({ keys: 'Enter', run: () => current !== undefined && onOpen(current), label: t('keys.open'), group: 'list' })
  if (onClose !== undefined) hotkeys.push({ keys: 'Escape', run: () => onClose(), label: t('keys.close'), group: 'list' })
  if (onSelected !== undefined) {
    hotkeys.push({ keys: 'x', run: () => toggle(at, false), label: t('keys.select'), group: 'list' })
    hotkeys.push({ keys: 'shift+x', run: () => toggle(at, true), label: t('keys.select_range'), group: 'list' })
  }
  if (idOf !== undefined)
    hotkeys.push({
      keys: 'c',
      run: () => {
        if (current === undefined) return
        const id = idOf(current)
        void copyText(id).then((ok) => ok && toasts.show({ text: t('common.copied_id', { id }) }))
      },
      label: t('keys.copy_id'),
      group: 'list',
    })
  useHotkeys(hotkeys, keys)

  const template = [
    ...(onSelected === undefined ? [] : ['34px']),
    ...columns.map((c) => (c.grow === true ? `minmax(${c.width}px, 1fr)` : `${c.width}px`)),
  ].join(' ')
  const minWidth = columns.reduce((sum, c) => sum + c.width, onSelected === undefined ? 0 : 34)
  // Of rows read by position only some are here: the box in the head then clears, it does not select.
  const allSelected = selected !== undefined && source === undefined && rows.length > 0 && rows.every((row) => selected.has(rowKey(row)))
  const open = useRef({ onActive, onOpen })
  useEffect(() => {
    open.current = { onActive, onOpen }
  })
  const onClick = useCallback((key: string, row: Row) => {
    open.current.onActive(key)
    open.current.onOpen?.(row)
  }, [])

  return (
    <div className="zf-grid" data-testid={props.testid}>
      {props.banner}
      <div
        className="zf-grid-scroll"
        ref={scroller}
        role="grid"
        aria-label={props.label}
        aria-rowcount={(props.total ?? count) + 1}
        aria-colcount={columns.length + (onSelected === undefined ? 0 : 1)}
        aria-multiselectable={onSelected !== undefined}
        aria-activedescendant={at >= 0 ? `row-${active}` : undefined}
        tabIndex={0}
      >
        <div className="zf-grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template, minWidth }}>
          {onSelected === undefined ? null : (
            <div className="zf-grid-cell" role="columnheader">
              <Checkbox
                aria-label={t('keys.select_all')}
                checked={allSelected}
                indeterminate={!allSelected && (selected?.size ?? 0) > 0}
                disabled={source === undefined ? rows.length === 0 : (selected?.size ?? 0) === 0}
                onChange={() => onSelected(allSelected || source !== undefined ? new Set() : new Set(rows.map(rowKey)))}
              />
            </div>
          )}
          {columns.map((c) => (
            <div key={c.key} className={cellClass(c)} role="columnheader" aria-sort={c.sort}>
              {c.onSort === undefined ? (
                c.title
              ) : (
                <button type="button" className="zf-grid-sort" onClick={c.onSort} data-testid={`sort-${c.key}`}>
                  {c.title}
                </button>
              )}
              {c.sort === undefined ? null : <span aria-hidden> {c.sort === 'descending' ? '↓' : '↑'}</span>}
            </div>
          ))}
        </div>
        {count === 0 ? (
          <div className="zf-grid-placeholder">{props.placeholder}</div>
        ) : (
          <div className="zf-grid-rows" style={{ height: view.height, minWidth }} role="rowgroup">
            {Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
              const index = first + i
              const row = rowAt(index)
              const key = row === undefined ? null : rowKey(row)
              return (
                <GridRow
                  key={index}
                  index={index}
                  row={row}
                  rowId={key}
                  y={view.y(index)}
                  height={rowHeight}
                  template={template}
                  columns={columns as readonly Column<unknown>[]}
                  active={key !== null && key === active}
                  selected={key !== null && selected !== undefined && selected.has(key)}
                  selectable={onSelected !== undefined}
                  onToggle={onToggle}
                  onClick={onClick as (key: string, row: unknown) => void}
                />
              )
            })}
          </div>
        )}
      </div>
      {props.news === undefined || props.news === null ? null : <div className="zf-grid-news">{props.news}</div>}
      {props.footer === undefined ? null : <div className="zf-grid-foot">{props.footer}</div>}
    </div>
  )
}

function cellClass<Row>(column: Column<Row>): string {
  return `zf-grid-cell${column.align === undefined ? '' : ` zf-grid-${column.align}`}`
}

type RowProps = {
  index: number
  row: unknown
  rowId: string | null
  y: number
  height: number
  template: string
  columns: readonly Column<unknown>[]
  active: boolean
  selected: boolean
  selectable: boolean
  onToggle: (index: number, range: boolean) => void
  onClick: (key: string, row: unknown) => void
}

/** One row; drawn again only when something of it changed, so that scrolling draws new rows alone. */
const GridRow = memo(function GridRow(props: RowProps) {
  const { index, row, rowId, columns, selectable, selected, active } = props
  const t = useT()
  const style = { transform: `translateY(${props.y}px)`, gridTemplateColumns: props.template, height: props.height }
  if (row === undefined || rowId === null)
    return (
      <div role="row" aria-rowindex={index + 2} aria-busy="true" className="zf-grid-row zf-grid-pending" style={style} data-testid="row-pending">
        {selectable ? <div className="zf-grid-cell" role="gridcell" /> : null}
        {columns.map((c) => (
          <div key={c.key} className={cellClass(c)} role="gridcell">
            <span />
          </div>
        ))}
      </div>
    )
  return (
    // Keys are handled for the whole grid, so a row needs no key listener of its own.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={`row-${rowId}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selectable ? selected : active}
      className={`zf-grid-row${active ? ' zf-grid-active' : ''}${selected ? ' zf-grid-selected' : ''}`}
      style={style}
      data-testid="row"
      data-key={rowId}
      onClick={() => props.onClick(rowId, row)}
    >
      {selectable ? (
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events
        <div className="zf-grid-cell" role="gridcell" onClick={(event) => event.stopPropagation()} tabIndex={-1}>
          <Checkbox
            checked={selected}
            aria-label={t('keys.select')}
            onChange={(event) => props.onToggle(index, (event.nativeEvent as MouseEvent).shiftKey)}
          />
        </div>
      ) : null}
      {columns.map((c) => (
        <div key={c.key} className={cellClass(c)} role="gridcell">
          {c.render(row, index)}
        </div>
      ))}
    </div>
  )
})
