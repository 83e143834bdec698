import { DownOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, DatePicker, Input, Popover, Select, Tag } from 'antd'
import dayjs from 'dayjs'
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { useStatus } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { ExportButton } from '../../../components/ExportButton'
import { FamilyBadge, Tabs } from '../../../components/Tabs'
import { useMedia, useNarrow } from '../../../components/DetailPane'
import { Grid, type Column, type RowSource } from '../../../components/Grid'
import { Id } from '../../../components/Id'
import { Money, Moneys, NotApplicable } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { ChannelMark, Kbd, MaskedPerson, PageHeader, Time } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, PartialBanner, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { amountForInput, clockNow, count, currencyOf, shortId, timeText } from '../../../format'
import type { OrderGap, OrderRow, OrderSort, OrderState } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { go, useQueryState } from '../../../router'
import { dictionary } from '../../../status/dictionary'
import { StatusTag } from '../../../status/StatusTag'
import {
  amountLimit,
  filterKeys,
  movedOf,
  reconOf,
  reconWords,
  searchOf,
  useLookup,
  useOrders,
  useRecognised,
  useSavedViews,
  useTotals,
  views,
  type ReconWord,
  type SavedView,
  type ViewName,
} from '../api'
import { useClipboardNumber } from '../clipboard'
import { BulkBar } from './BulkBar'
import { OrderPane } from './OrderPane'

function useDebounced<T>(value: T, ms: number): T {
  const [late, setLate] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return late
}

const unpaid: ReadonlySet<OrderState> = new Set(['awaiting_payment', 'paying', 'closed', 'payment_unknown'])

function Recon({ row }: { row: OrderRow }) {
  const t = useT()
  switch (row.reconciliation) {
    case null:
      // Paid, and its day not reconciled yet: it waits, which is no error.
      return unpaid.has(row.state) ? <NotApplicable /> : <StatusTag kind="difference" status="waiting" place="problems" />
    case 'matched':
      return <StatusTag kind="difference" status="matched" place="problems" />
    default:
      return (
        <span title={t(`difference.${row.reconciliation as Exclude<ReconWord, 'matched' | 'waiting' | 'difference' | 'none'>}`)}>
          <StatusTag kind="difference" status="broken" place="problems" />
        </span>
      )
  }
}

const sorts: Record<string, OrderSort> = { oldest: 'oldest_first', largest: 'largest_first', smallest: 'smallest_first' }

/** How long the cursor rests on a row before the pane and the address follow it. */
const followMs = 90

export default function OrdersPage() {
  const t = useT()
  const lang = useLanguage()
  const { accounts } = useStatus()
  const toasts = useToasts()
  const [query, setQuery] = useQueryState()
  const [text, setText] = useState(query['q'] ?? '')
  const settled = useDebounced(text, 80)
  const [saved, setSaved] = useSavedViews()
  const mine = saved.find((v) => v.id === query['view']) ?? null
  const view: ViewName = query['view'] !== undefined && query['view'] in views ? (query['view'] as ViewName) : (mine?.base ?? 'all')
  const state = query['state'] as OrderState | undefined
  const recon = reconOf(query)
  const moved = movedOf(query)
  const sort: OrderSort = sorts[query['sort'] ?? ''] ?? 'newest_first'

  useEffect(() => {
    setQuery({ q: settled })
    // Only what was typed moves the address; the address does not move what is typed.
    // eslint-disable-next-line react/exhaustive-deps
  }, [settled])

  const search = searchOf(query, view, settled)
  const { list, totals } = useOrders(search, sort)
  const listKey = JSON.stringify(search)
  const { source } = list
  const lookup = useLookup()
  const open = query['order'] ?? null
  // Where the cursor goes when something outside of the list moves it.
  const [focus, setFocus] = useState<Focus | null>(null)
  const sums = totals.data ?? null
  const counts = new Map(sums?.state_counts.map((c) => [c.state, c.count]))
  const sum = (states: readonly OrderState[]) => states.reduce((n, s) => n + (counts.get(s) ?? 0), 0)
  const recognised = list.isStale || search.text === null ? null : (list.first?.recognised ?? null)

  const clipboard = useClipboardNumber()
  const offered = useRecognised(clipboard).data ?? null
  const [taken, setTaken] = useState<string | null>(null)
  const offer = offered?.kind !== null && offered !== null && offered.number !== taken && text === '' ? offered : null

  const show = (row: OrderRow) => setQuery({ order: row.order_id })
  const takeOffer = () => {
    if (offer === null) return
    setTaken(offer.number)
    if (offer.order_id === null) setText(offer.number)
    else {
      setFocus({ key: offer.order_id })
      setQuery({ order: offer.order_id })
    }
  }

  // Enter right after typing waits for the rows of what was typed.
  const enter = useRef(false)
  const answered = !list.isStale && settled === text && !list.isPending
  const firstRow = source.at(0)
  useEffect(() => {
    if (!enter.current || !answered) return
    enter.current = false
    if (firstRow === undefined) return
    setFocus({ key: firstRow.order_id })
    setQuery({ order: firstRow.order_id })
    // Only an answer that came in moves on.
    // eslint-disable-next-line react/exhaustive-deps
  }, [answered, firstRow])

  const filters: string[] = [
    ...(view === 'all' ? [] : [t(`orders.tab.${view}`)]),
    ...(search.text === null ? [] : [t('orders.filter.text', { text: search.text })]),
    ...(query['from'] === undefined ? [] : [`${query['from']} – ${query['to'] ?? ''}`]),
    ...(state === undefined ? [] : [dictionary.order[state][lang]]),
    ...(query['account'] === undefined ? [] : [accounts.find((a) => a.account_id === query['account'])?.display_name ?? '']),
    ...(amountLimit(query['min']) === null ? [] : [`≥ ${amountForInput({ minor: amountLimit(query['min']) ?? 0, currency: 'CNY' })}`]),
    ...(search.amount_max_minor === null ? [] : [`≤ ${amountForInput({ minor: search.amount_max_minor, currency: 'CNY' })}`]),
    ...(recon === null ? [] : [t(`orders.recon.${recon}`)]),
    ...(moved === null ? [] : [t(`orders.moved.${moved}`)]),
  ]
  const clear = () => {
    setText('')
    setQuery({ q: null, view: null, state: null, account: null, from: null, to: null, min: null, max: null, recon: null, moved: null })
  }
  const filtered = filters.length > 0
  const missing = (sums?.gaps ?? []).map((gap) => gapText(t, lang, gap))

  const amounts = amountLimit(query['min']) !== null || amountLimit(query['max']) !== null
  const today = timeText(clockNow(), 'date')
  const days = (from: number, to: number): [dayjs.Dayjs, dayjs.Dayjs] => [dayjs(today).subtract(from, 'day'), dayjs(today).subtract(to, 'day')]

  const choose = (key: string) => {
    const chosen = saved.find((v) => v.id === key)
    const empty = Object.fromEntries(filterKeys.map((name) => [name, null]))
    if (chosen === undefined) {
      // A built-in view is a condition beside the others; a saved one brings all of its own.
      setQuery({ ...(mine === null ? {} : empty), view: key === 'all' ? null : key, state: null })
      if (mine !== null) setText('')
      return
    }
    setText(chosen.query['q'] ?? '')
    setQuery({ ...empty, ...chosen.query, view: chosen.id })
  }
  const forget = (made: SavedView) => {
    setSaved(saved.filter((v) => v.id !== made.id))
    clear()
    toasts.show({ text: t('orders.view.forgotten', { name: made.name }), undo: () => setSaved(saved) })
  }

  const tab = (name: ViewName, n: number | null) => ({
    key: name,
    label: t(`orders.tab.${name}`),
    n: name === 'troubled' ? null : n,
    badge: name === 'troubled' && n !== null && n > 0 ? <FamilyBadge family="un" n={n} /> : null,
  })
  const index = open === null ? -1 : source.indexOf(open)
  const step = (by: 1 | -1) => {
    const row = index < 0 ? undefined : source.at(index + by)
    if (row === undefined) return null
    return () => {
      setFocus({ key: row.order_id })
      show(row)
    }
  }

  return (
    <div className="zf-page">
      <PageHeader
        title={t('orders.title')}
        tabs={
          <Tabs
            label={t('orders.title')}
            items={[
              tab('all', null),
              tab('awaiting', sums === null ? null : sum(views.awaiting.states)),
              tab('refunding', sums === null ? null : sum(views.refunding.states)),
              tab('troubled', sums === null ? null : sum(views.troubled.states)),
              tab('late', sums === null ? null : sum(views.late.states)),
              tab('large', null),
              ...saved.map((v) => ({ key: v.id, label: v.name, badge: <SavedCount view={v} /> })),
            ]}
            value={mine?.id ?? view}
            onChange={choose}
          />
        }
        actions={
          <>
            {mine === null ? null : (
              <Button type="text" onClick={() => forget(mine)} data-testid="view-forget">
                {t('orders.view.forget')}
              </Button>
            )}
            <SaveView
              disabled={!filtered}
              onSave={(name) => {
                const made = { id: `v${Date.now().toString(36)}`, name, base: view, query: kept(query, settled) }
                setSaved([...saved, made])
                setQuery({ view: made.id })
              }}
            />
            <ExportButton
              sources={sums === null || sums.total === 0 ? null : [{ kind: 'orders', ...search, sort, cursor: null, limit: 200 }]}
              filters={filters}
              rows={sums?.total ?? null}
              counted
            />
          </>
        }
      />
      <Input
        size="large"
        prefix={<SearchOutlined className="zf-t3" />}
        suffix={
          <>
            {recognised === null ? null : (
              <Tag className="zf-omni-kind" data-testid="recognised">
                {t(`number.${recognised}`)}
              </Tag>
            )}
            {offer === null || offer.kind === null ? null : (
              <button type="button" className="zf-omni-offer" onClick={takeOffer} data-testid="clipboard-offer">
                {t('orders.clipboard', { kind: t(`number.${offer.kind}`), number: shortId(offer.number) })} <Kbd keys="Enter" />
              </button>
            )}
            <Kbd keys="/" />
          </>
        }
        placeholder={t('orders.search.placeholder')}
        aria-label={t('orders.search.label')}
        value={text}
        allowClear
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Escape') event.currentTarget.blur()
          if (event.key === 'Enter' && text === '' && offer !== null) {
            event.currentTarget.blur()
            takeOffer()
            return
          }
          if (event.key === 'ArrowDown' || event.key === 'Enter') {
            event.currentTarget.blur()
            if (event.key === 'Enter' && !answered) enter.current = true
            else if (firstRow !== undefined) {
              setFocus({ key: firstRow.order_id })
              if (event.key === 'Enter') show(firstRow)
            }
          }
        }}
        data-page-search=""
        data-testid="orders-search"
      />
      <div className="zf-filters">
        <DatePicker.RangePicker
          aria-label={t('orders.filter.dates')}
          value={query['from'] === undefined ? null : [dayjs(query['from']), dayjs(query['to'] ?? query['from'])]}
          presets={[
            { label: t('orders.filter.today'), value: days(0, 0) },
            { label: t('orders.filter.yesterday'), value: days(1, 1) },
            { label: t('orders.filter.week'), value: days(6, 0) },
            { label: t('orders.filter.month'), value: days(29, 0) },
          ]}
          onChange={(range) =>
            setQuery({ from: range?.[0]?.format('YYYY-MM-DD') ?? null, to: range?.[1]?.format('YYYY-MM-DD') ?? null })
          }
        />
        <Select
          className="zf-filter-account"
          aria-label={t('orders.filter.account')}
          value={query['account'] ?? ''}
          onChange={(value) => setQuery({ account: value })}
          options={[
            { value: '', label: t('orders.filter.account_all', { n: accounts.length }) },
            ...accounts.map((a) => ({ value: a.account_id, label: `${a.display_name} ${a.merchant_no_masked}` })),
          ]}
        />
        <Select
          className="zf-filter-state"
          value={state ?? (moved === null ? '' : `moved:${moved}`)}
          aria-label={t('orders.col.state')}
          onChange={(value) => setQuery(value.startsWith('moved:') ? { state: null, moved: value.slice(6) } : { state: value, moved: null })}
          options={[
            { value: '', label: t('orders.filter.state') },
            { value: 'moved:in', label: t('orders.moved.in') },
            { value: 'moved:back', label: t('orders.moved.back') },
            ...Object.entries(dictionary.order).map(([value, entry]) => ({ value, label: entry[lang] })),
          ]}
          data-testid="filter-state"
        />
        <Popover
          trigger="click"
          placement="bottomLeft"
          content={
            <div className="zf-row">
              {(['min', 'max'] as const).map((end) => (
                <Input
                  key={end}
                  className="zf-filter-amount"
                  prefix={<span className="zf-money-symbol">{end === 'min' ? '≥' : '≤'} {currencyOf('CNY').symbol}</span>}
                  aria-label={t(end === 'min' ? 'orders.filter.amount_min' : 'orders.filter.amount_max')}
                  value={query[end] ?? ''}
                  status={query[end] !== undefined && amountLimit(query[end]) === null ? 'error' : ''}
                  onChange={(event) => setQuery({ [end]: event.target.value })}
                  data-testid={`filter-${end}`}
                />
              ))}
            </div>
          }
        >
          <Button className="zf-filter-amounts" data-testid="filter-amount">
            {amounts
              ? filters.filter((f) => f.startsWith('≥') || f.startsWith('≤')).join(' ')
              : t('orders.filter.amount_any')}
            <DownOutlined aria-hidden className="zf-t3" />
          </Button>
        </Popover>
        <Select
          className="zf-filter-recon"
          value={recon ?? ''}
          aria-label={t('orders.col.recon')}
          onChange={(value) => setQuery({ recon: value })}
          options={[
            { value: '', label: t('orders.filter.recon') },
            ...(Object.keys(reconWords) as ReconWord[]).map((value) => ({ value, label: t(`orders.recon.${value}`) })),
          ]}
          data-testid="filter-recon"
        />
        <span className="zf-filters-note">
          <span className="zf-filters-zone">{t('orders.filter.zone')}</span>
          {filtered ? (
            <button type="button" className="zf-linkbtn" onClick={clear} data-testid="filters-clear">
              {t('orders.filter.clear')}
            </button>
          ) : null}
        </span>
      </div>
      <div className="zf-split">
        <OrderList
          source={source}
          total={sums?.total ?? null}
          sort={sort}
          list={listKey}
          open={open}
          focus={focus}
          news={
            list.news === 0 ? null : (
              <Button size="small" type="primary" onClick={list.restart} data-testid="orders-news">
                {t('orders.news', { n: count(list.news) })}
              </Button>
            )
          }
          banner={
            list.error !== null && source.count > 0 ? (
              <ErrorPanel error={list.error} onRetry={list.retry} />
            ) : missing.length === 0 ? null : (
              <PartialBanner
                action={
                  <button type="button" className="zf-linkbtn" onClick={() => go('/bills')} data-testid="orders-gaps">
                    {t('orders.gap.fetch')}
                  </button>
                }
              >
                {t('orders.gap', { what: missing.join(t('orders.gap.then')) })}
              </PartialBanner>
            )
          }
          placeholder={
            list.error !== null ? (
              <ErrorPanel error={list.error} onRetry={list.retry} />
            ) : list.isPending ? (
              <Skeleton rows={14} />
            ) : filtered ? (
              <div>
                <FilteredEmpty title={t('orders.filtered_empty')} filters={filters} onClear={clear} />
                {search.text === null || accounts[0] === undefined ? null : (
                  <div className="zf-lookup">
                    <Button
                      loading={lookup.isPending}
                      onClick={() =>
                        lookup.mutate(
                          { account_id: search.account_id ?? accounts[0]?.account_id ?? '', number: search.text ?? '' },
                          { onSuccess: (found) => setQuery({ order: found.row.order_id }) },
                        )
                      }
                      data-testid="orders-lookup"
                    >
                      {t('orders.lookup', { number: search.text })}
                    </Button>
                    <div className="zf-help">{t('orders.lookup_note')}</div>
                    {lookup.error === null ? null : <ErrorPanel error={lookup.error} />}
                  </div>
                )}
              </div>
            ) : (
              <Empty title={t('orders.empty')} note={t('orders.empty_note')} />
            )
          }
          footer={
            sums === null ? (
              totals.error === null ? (
                <span className="zf-t3">{t('orders.footer.counting')}</span>
              ) : (
                <button type="button" className="zf-linkbtn" onClick={() => void totals.refetch()}>
                  {t('orders.footer.failed')}
                </button>
              )
            ) : (
              <>
                <span data-testid="orders-count" data-total={sums.total}>
                  {t('orders.footer.total', { total: count(sums.total) })}
                </span>
                {sums.paid_sums.length === 0 ? null : (
                  <span>
                    {t('orders.footer.paid')} <Moneys values={sums.paid_sums.map((s) => s.money)} />
                    {sums.paid_sums.length > 1 ? t('orders.footer.not_converted') : ''}
                  </span>
                )}
                {sums.refunded_sums.some((s) => s.money.minor > 0) ? (
                  <span>
                    {t('orders.footer.refunded')} <Moneys values={sums.refunded_sums.map((s) => s.money)} />
                  </span>
                ) : null}
                <AboutNumber
                  name={t('orders.footer.paid')}
                  counts={t('orders.footer.about')}
                  filter={filtered ? filters.join(' · ') : t('orders.footer.unfiltered')}
                  asOf={sums.as_of}
                  missing={missing}
                />
                <span className="zf-keys" aria-hidden>
                  <span>
                    <Kbd keys="J K" /> {t('keys.up_down')}
                  </span>
                  <span>
                    <Kbd keys="X" /> {t('keys.select')}
                  </span>
                  <span>
                    <Kbd keys="Enter" /> {t('keys.open')}
                  </span>
                  <span>
                    <Kbd keys="C" /> {t('common.copy')}
                  </span>
                </span>
              </>
            )
          }
        />
        {open === null ? null : (
          <OrderPane orderId={open} onClose={() => setQuery({ order: null })} onPrev={step(-1)} onNext={step(1)} />
        )}
      </div>
    </div>
  )
}

/** The filters of the address, as a saved view keeps them. */
function kept(query: Readonly<Record<string, string>>, text: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of filterKeys) {
    const value = name === 'q' ? text.trim() : query[name]
    if (value !== undefined && value !== '') found[name] = value
  }
  return found
}

/** How many orders a saved view holds now. */
function SavedCount({ view }: { view: SavedView }) {
  const { data } = useTotals(searchOf(view.query, view.base, view.query['q'] ?? ''))
  return data === undefined ? null : <span>{count(data.total)}</span>
}

/** Keeps the filters that are on as a view of one's own. */
function SaveView({ disabled, onSave }: { disabled: boolean; onSave: (name: string) => void }) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  return (
    <>
      <Button disabled={disabled} title={disabled ? t('orders.view.nothing') : undefined} onClick={() => setOpen(true)} data-testid="view-save">
        {t('orders.view.save')}
      </Button>
      <Overlay open={open} onClose={() => setOpen(false)} title={t('orders.view.save')} width={380}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() === '') return
            onSave(name.trim())
            setOpen(false)
            setName('')
          }}
        >
          <p className="zf-t2">{t('orders.view.note')}</p>
          <Input
            autoFocus
            maxLength={24}
            value={name}
            placeholder={t('orders.view.name')}
            aria-label={t('orders.view.name')}
            onChange={(event) => setName(event.target.value)}
            data-testid="view-name"
          />
          <div className="zf-row zf-end zf-gap-top">
            <Button onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
            <Button type="primary" htmlType="submit" disabled={name.trim() === ''} data-testid="view-keep">
              {t('orders.view.keep')}
            </Button>
          </div>
        </form>
      </Overlay>
    </>
  )
}

type Focus = { key: string }

type ListProps = {
  source: RowSource<OrderRow>
  total: number | null
  sort: OrderSort
  /** Which search the rows answer: another one lets go of what was picked. */
  list: string
  open: string | null
  focus: Focus | null
  news: ReactNode
  banner: ReactNode
  placeholder: ReactNode
  footer: ReactNode
}

/** Orders picked by hand, with their numbers, of one search. */
type Picked = { list: string; orders: ReadonlyMap<string, string> }

const none: ReadonlyMap<string, string> = new Map()

const rowKey = (row: OrderRow) => row.order_id
const idOf = (row: OrderRow) => row.order_no

/** The rows with their cursor. The cursor lives here: a held key draws two rows, not the page. */
function OrderList({ source, total, sort, list, open, focus, footer, ...rest }: ListProps) {
  const t = useT()
  const [, setQuery] = useQueryState()
  const [active, setActive] = useState<string | null>(open)
  const [seen, setSeen] = useState({ open, focus })
  if (seen.open !== open || seen.focus !== focus) {
    setSeen({ open, focus })
    if (focus !== seen.focus && focus !== null) setActive(focus.key)
    else if (open !== null && open !== seen.open) setActive(open)
  }

  // What is picked stays in sight: a new search lets go of it.
  const [picked, setPicked] = useState<Picked>({ list, orders: none })
  const orders = picked.list === list ? picked.orders : none
  const pick = (next: ReadonlySet<string>) =>
    setPicked({
      list,
      orders: new Map(
        [...next].map((key) => {
          const known = orders.get(key)
          return [key, known ?? source.at(source.indexOf(key))?.order_no ?? ''] as const
        }),
      ),
    })
  const letGo = () => setPicked({ list, orders: none })
  const keys = useMemo(() => new Set(orders.keys()), [orders])

  // The pane follows the cursor once it rests: held keys run through rows without asking for each.
  const follow = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(follow.current), [])
  const opened = open !== null
  const onActive = (key: string) => {
    setActive(key)
    clearTimeout(follow.current)
    if (opened) follow.current = setTimeout(() => setQuery({ order: key }), followMs)
  }
  // Below this width the amounts would lie outside of the window.
  const tight = useMedia('(max-width: 1339px)')
  const narrow = useNarrow()
  const english = useLanguage() === 'en'
  const paneOpen = open !== null && !narrow
  const columns = useMemo(() => {
    const turn = (by: 'time' | 'amount') => {
      const next = by === 'time' ? (sort === 'newest_first' ? 'oldest' : null) : sort === 'largest_first' ? 'smallest' : 'largest'
      const now = new URLSearchParams(window.location.hash.split('?', 2)[1] ?? '')
      if (next === null) now.delete('sort')
      else now.set('sort', next)
      go('/orders', Object.fromEntries(now), true)
    }
    return columnsOf(t, { pane: paneOpen, tight: paneOpen || tight, english }, sort, turn)
  }, [t, paneOpen, tight, english, sort])

  return (
    <Grid
      label={t('orders.title')}
      testid="orders-grid"
      source={source}
      rowKey={rowKey}
      columns={columns}
      total={total}
      active={active}
      onActive={onActive}
      onOpen={(row) => setQuery({ order: row.order_id })}
      onClose={() => (keys.size > 0 ? letGo() : setQuery({ order: null }))}
      selected={keys}
      onSelected={pick}
      idOf={idOf}
      footer={orders.size === 0 ? footer : <BulkBar orders={orders} onDone={letGo} />}
      {...rest}
    />
  )
}

/** `pane`: beside the detail; `tight`: without what can be read in the detail. */
type Room = { pane: boolean; tight: boolean; english: boolean }

function columnsOf(t: ReturnType<typeof useT>, { pane, tight, english }: Room, sort: OrderSort, turn: (by: 'time' | 'amount') => void): Column<OrderRow>[] {
  return [
    {
      key: 'created',
      title: t('orders.col.created'),
      width: pane ? 91 : 118,
      ...(sort === 'newest_first' ? { sort: 'descending' as const } : sort === 'oldest_first' ? { sort: 'ascending' as const } : {}),
      onSort: () => turn('time'),
      render: (r) => <Time at={r.created_at} as={pane ? 'minute' : 'short'} />,
    },
    {
      key: 'channel',
      title: t('orders.col.channel'),
      width: 68,
      render: (r) => (
        <>
          <ChannelMark channel={r.channel} />
          <span className="zf-mono zf-t3">{r.account_tail}</span>
        </>
      ),
    },
    { key: 'order_no', title: t('orders.col.order_no'), width: 164, grow: true, render: (r) => <Id value={r.order_no} /> },
    ...(tight
      ? []
      : ([
          { key: 'payment', title: t('orders.fact.payment_id'), width: 140, render: (r) => (r.payment_id === null ? <NotApplicable /> : <Id value={r.payment_id} short />) },
          { key: 'goods', title: t('orders.fact.goods'), width: 120, grow: true, render: (r) => <span className="zf-t2 zf-cut">{r.goods ?? '—'}</span> },
        ] satisfies Column<OrderRow>[])),
    {
      key: 'payer',
      title: t('orders.col.payer'),
      width: 72,
      render: (r) => <MaskedPerson text={r.payer_masked} bare />,
    },
    { key: 'state', title: t('orders.col.state'), width: 134, render: (r) => <StatusTag kind="order" status={r.state} /> },
    {
      key: 'amount',
      title: t('orders.col.amount'),
      width: 92,
      align: 'right',
      ...(sort === 'largest_first' ? { sort: 'descending' as const } : sort === 'smallest_first' ? { sort: 'ascending' as const } : {}),
      onSort: () => turn('amount'),
      render: (r) => <Money value={r.amount} />,
    },
    {
      key: 'refunded',
      title: t('orders.col.refunded'),
      width: 82,
      align: 'right',
      render: (r) => {
        const minor = r.refunded_minor + r.in_flight_minor
        return minor === 0 ? <NotApplicable /> : <Money value={{ minor: -minor, currency: r.amount.currency }} />
      },
    },
    { key: 'recon', title: t('orders.col.recon'), width: english ? 94 : 76, render: (r) => <Recon row={r} /> },
  ]
}

/** Which days of which account are not here, newest first, in one piece of text. */
function gapText(t: ReturnType<typeof useT>, lang: 'zh' | 'en', gap: OrderGap): string {
  const named = gap.days.slice(0, 3).map((day) => day.slice(5))
  return t(gap.days_total > 3 ? 'orders.gap.many' : 'orders.gap.some', {
    account: gap.account_name,
    days: named.join(t('orders.gap.and')),
    n: count(gap.days_total),
    status: dictionary.bill[gap.status === 'lost_soon' ? 'not_fetched' : gap.status][lang],
  })
}
