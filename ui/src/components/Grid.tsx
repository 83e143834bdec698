import { useVirtualizer, type Rect, type Virtualizer } from '@tanstack/react-virtual'
import { Checkbox } from 'antd'
import { type ReactNode, useCallback, useEffect, useRef } from 'react'
import { useHotkeys, type Hotkey } from '../keyboard/hotkeys'
import { useT } from '../i18n'
import { rowHeights, usePreferences } from '../preferences'
import { copyText } from './Id'
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
  render: (row: Row, index: number) => ReactNode
}

type Props<Row> = {
  /** Names the grid for screen readers. */
  label: string
  rows: readonly Row[]
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
  footer?: ReactNode
  /** Shown in place of rows: loading, empty, error. */
  placeholder?: ReactNode
  /** Off when another list on the page holds the keys. */
  keys?: boolean
  testid?: string
}

/** A browser always measures; a test environment without layout gets a plain window's height. */
function observeRect(instance: Virtualizer<HTMLDivElement, HTMLDivElement>, report: (rect: Rect) => void) {
  const element = instance.scrollElement
  if (element === null) return
  const tell = () => report({ width: element.offsetWidth || 1000, height: element.offsetHeight || 700 })
  tell()
  if (typeof ResizeObserver === 'undefined') return
  const observer = new ResizeObserver(tell)
  observer.observe(element)
  return () => observer.disconnect()
}

/**
 * The one list for anything long: fixed row height, a few dozen rows in the document whatever the
 * count, worked by keyboard. Sorting, filtering and sums are the core's; pages arrive by cursor
 * through `onEndReached`.
 */
export function Grid<Row>(props: Props<Row>) {
  const { rows, rowKey, columns, active, onActive, onOpen, onClose, selected, onSelected, idOf, onEndReached, keys = true } = props
  const t = useT()
  const toasts = useToasts()
  const scroller = useRef<HTMLDivElement>(null)
  const anchor = useRef<number | null>(null)
  const rowHeight = rowHeights[usePreferences().density]
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    observeElementRect: observeRect,
  })

  useEffect(() => virtual.measure(), [virtual, rowHeight])

  const at = active === null ? -1 : rows.findIndex((row) => rowKey(row) === active)
  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && lastShown >= rows.length - 40) onEndReached?.()
  }, [lastShown, rows.length, onEndReached])

  const move = useCallback(
    (to: number) => {
      const index = Math.max(0, Math.min(rows.length - 1, to))
      const row = rows[index]
      if (row === undefined) return
      onActive(rowKey(row))
      virtual.scrollToIndex(index)
    },
    [rows, onActive, rowKey, virtual],
  )

  const toggle = (index: number, range: boolean) => {
    if (selected === undefined || onSelected === undefined) return
    const row = rows[index]
    if (row === undefined) return
    const next = new Set(selected)
    if (range && anchor.current !== null) {
      const [from, to] = anchor.current < index ? [anchor.current, index] : [index, anchor.current]
      for (const r of rows.slice(from, to + 1)) next.add(rowKey(r))
    } else if (next.has(rowKey(row))) next.delete(rowKey(row))
    else next.add(rowKey(row))
    anchor.current = index
    onSelected(next)
  }

  const hotkeys: Hotkey[] = [
    { keys: 'j', run: () => move(at + 1), label: t('keys.next_row'), group: 'list' },
    { keys: 'k', run: () => move(at - 1), label: t('keys.previous_row'), group: 'list' },
    { keys: 'ArrowDown', run: () => move(at + 1) },
    { keys: 'ArrowUp', run: () => move(at - 1) },
    { keys: 'PageDown', run: () => move(at + 15) },
    { keys: 'PageUp', run: () => move(at - 15) },
    { keys: 'Home', run: () => move(0) },
    { keys: 'End', run: () => move(rows.length - 1) },
  ]
  const current = rows[at]
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
  const allSelected = selected !== undefined && rows.length > 0 && rows.every((row) => selected.has(rowKey(row)))

  return (
    <div className="zf-grid" data-testid={props.testid}>
      {props.banner}
      <div
        className="zf-grid-scroll"
        ref={scroller}
        role="grid"
        aria-label={props.label}
        aria-rowcount={(props.total ?? rows.length) + 1}
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
                disabled={rows.length === 0}
                onChange={() => onSelected(allSelected ? new Set() : new Set(rows.map(rowKey)))}
              />
            </div>
          )}
          {columns.map((c) => (
            <div key={c.key} className={cellClass(c)} role="columnheader" aria-sort={c.sort}>
              {c.title}
              {c.sort === undefined ? null : <span aria-hidden> {c.sort === 'descending' ? '↓' : '↑'}</span>}
            </div>
          ))}
        </div>
        {rows.length === 0 ? (
          <div className="zf-grid-placeholder">{props.placeholder}</div>
        ) : (
          <div className="zf-grid-rows" style={{ height: virtual.getTotalSize(), minWidth }} role="rowgroup">
            {items.map((item) => {
              const row = rows[item.index]
              if (row === undefined) return null
              const key = rowKey(row)
              const isSelected = selected?.has(key) ?? false
              return (
                // Keys are handled for the whole grid, so a row needs no key listener of its own.
                // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
                <div
                  key={key}
                  id={`row-${key}`}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={onSelected === undefined ? key === active : isSelected}
                  className={`zf-grid-row${key === active ? ' zf-grid-active' : ''}${isSelected ? ' zf-grid-selected' : ''}`}
                  style={{ transform: `translateY(${item.start}px)`, gridTemplateColumns: template, height: rowHeight }}
                  data-testid="row"
                  data-key={key}
                  onClick={() => {
                    onActive(key)
                    onOpen?.(row)
                  }}
                >
                  {onSelected === undefined ? null : (
                    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
                    <div className="zf-grid-cell" role="gridcell" onClick={(event) => event.stopPropagation()} tabIndex={-1}>
                      <Checkbox
                        checked={isSelected}
                        aria-label={t('keys.select')}
                        onChange={(event) => toggle(item.index, (event.nativeEvent as MouseEvent).shiftKey)}
                      />
                    </div>
                  )}
                  {columns.map((c) => (
                    <div key={c.key} className={cellClass(c)} role="gridcell">
                      {c.render(row, item.index)}
                    </div>
                  ))}
                </div>
              )
            })}
          </div>
        )}
      </div>
      {props.footer === undefined ? null : <div className="zf-grid-foot">{props.footer}</div>}
    </div>
  )
}

function cellClass<Row>(column: Column<Row>): string {
  return `zf-grid-cell${column.align === undefined ? '' : ` zf-grid-${column.align}`}`
}
