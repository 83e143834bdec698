import { SearchOutlined } from '@ant-design/icons'
import { Button, DatePicker, Input, Select } from 'antd'
import dayjs from 'dayjs'
import { useEffect, useState } from 'react'
import { useStatus } from '../../../api/status'
import { FamilyBadge, Tabs } from '../../../components/Tabs'
import { Grid, type Column } from '../../../components/Grid'
import { Id } from '../../../components/Id'
import { Money, Moneys, NotApplicable } from '../../../components/Money'
import { ChannelMark, Kbd, MaskedPerson, PageHeader, Time } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, Skeleton } from '../../../components/states'
import { amountForInput, count, currencyOf, parseAmount } from '../../../format'
import type { OrderRow, OrderState } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { useQueryState } from '../../../router'
import { dictionary } from '../../../status/dictionary'
import { StatusTag } from '../../../status/StatusTag'
import { useLookup, useOrders, views, type Search, type ViewName } from '../api'
import { OrderPane } from './OrderPane'

function useDebounced<T>(value: T, ms: number): T {
  const [late, setLate] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return late
}

/** An amount in a filter: empty and unreadable both mean "no limit", the field itself shows which. */
function limit(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  const parsed = parseAmount(text, 'CNY')
  return parsed.ok ? parsed.minor : null
}

function Recon({ row }: { row: OrderRow }) {
  if (row.reconciliation === null) return <NotApplicable />
  return <StatusTag kind="difference" status={row.reconciliation === 'matched' ? 'matched' : 'broken'} place="problems" />
}

export default function OrdersPage() {
  const t = useT()
  const lang = useLanguage()
  const { accounts } = useStatus()
  const [query, setQuery] = useQueryState()
  const [text, setText] = useState(query['q'] ?? '')
  const settled = useDebounced(text, 80)
  const view: ViewName = query['view'] !== undefined && query['view'] in views ? (query['view'] as ViewName) : 'all'
  const state = query['state'] as OrderState | undefined

  useEffect(() => {
    setQuery({ q: settled })
    // Only what was typed moves the address; the address does not move what is typed.
    // eslint-disable-next-line react/exhaustive-deps
  }, [settled])

  const search: Search = {
    text: settled.trim() === '' ? null : settled.trim(),
    account_id: query['account'] ?? null,
    states: state === undefined ? [...views[view].states] : [state],
    date_from: query['from'] ?? null,
    date_to: query['to'] ?? null,
    amount_min_minor: limit(query['min']) ?? views[view].min,
    amount_max_minor: limit(query['max']),
  }
  const list = useOrders(search)
  const lookup = useLookup()
  const open = query['order'] ?? null
  const [active, setActive] = useState<string | null>(open)
  const first = list.first
  const counts = new Map(first?.state_counts.map((c) => [c.state, c.count]))
  const sum = (states: readonly OrderState[]) => states.reduce((n, s) => n + (counts.get(s) ?? 0), 0)

  const filters: string[] = [
    ...(search.text === null ? [] : [t('orders.filter.text', { text: search.text })]),
    ...(query['from'] === undefined ? [] : [`${query['from']} – ${query['to'] ?? ''}`]),
    ...(state === undefined ? [] : [dictionary.order[state][lang]]),
    ...(query['account'] === undefined ? [] : [accounts.find((a) => a.account_id === query['account'])?.display_name ?? '']),
    ...(search.amount_min_minor === null ? [] : [`≥ ${amountForInput({ minor: search.amount_min_minor, currency: 'CNY' })}`]),
    ...(search.amount_max_minor === null ? [] : [`≤ ${amountForInput({ minor: search.amount_max_minor, currency: 'CNY' })}`]),
  ]
  const clear = () => {
    setText('')
    setQuery({ q: null, view: null, state: null, account: null, from: null, to: null, min: null, max: null })
  }
  const filtered = filters.length > 0 || view !== 'all'

  const columns: Column<OrderRow>[] = [
    { key: 'created', title: t('orders.col.created'), width: open === null ? 118 : 94, sort: 'descending', render: (r) => <Time at={r.created_at} as={open === null ? 'short' : 'minute'} /> },
    {
      key: 'channel',
      title: t('orders.col.channel'),
      width: 72,
      render: (r) => (
        <>
          <ChannelMark channel={r.channel} />
          <span className="zf-mono zf-t3">{r.account_tail}</span>
        </>
      ),
    },
    { key: 'order_no', title: t('orders.col.order_no'), width: 164, grow: true, render: (r) => <Id value={r.order_no} /> },
    ...(open === null
      ? ([
          { key: 'payment', title: t('orders.fact.payment_id'), width: 140, render: (r) => (r.payment_id === null ? <NotApplicable /> : <Id value={r.payment_id} short />) },
          { key: 'goods', title: t('orders.fact.goods'), width: 120, grow: true, render: (r) => <span className="zf-t2 zf-cut">{r.goods ?? '—'}</span> },
        ] satisfies Column<OrderRow>[])
      : []),
    {
      key: 'payer',
      title: t('orders.col.payer'),
      width: 82,
      render: (r) => <MaskedPerson text={r.payer_masked} bare />,
    },
    { key: 'state', title: t('orders.col.state'), width: 140, render: (r) => <StatusTag kind="order" status={r.state} /> },
    { key: 'amount', title: t('orders.col.amount'), width: 96, align: 'right', render: (r) => <Money value={r.amount} /> },
    {
      key: 'refunded',
      title: t('orders.col.refunded'),
      width: 90,
      align: 'right',
      render: (r) => {
        const minor = r.refunded_minor + r.in_flight_minor
        return minor === 0 ? <NotApplicable /> : <Money value={{ minor: -minor, currency: r.amount.currency }} />
      },
    },
    { key: 'recon', title: t('orders.col.recon'), width: 86, render: (r) => <Recon row={r} /> },
  ]

  const tab = (name: ViewName, n: number | null) => ({
    key: name,
    label: t(`orders.tab.${name}`),
    n: name === 'troubled' ? null : n,
    badge: name === 'troubled' && n !== null && n > 0 ? <FamilyBadge family="un" n={n} /> : null,
  })
  const show = (row: OrderRow) => setQuery({ order: row.order_id })
  const index = list.rows.findIndex((r) => r.order_id === open)
  const step = (by: 1 | -1) => {
    const row = list.rows[index + by]
    if (index < 0 || row === undefined) return null
    return () => {
      setActive(row.order_id)
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
              tab('awaiting', first === null ? null : sum(views.awaiting.states)),
              tab('refunding', first === null ? null : sum(views.refunding.states)),
              tab('troubled', first === null ? null : sum(views.troubled.states)),
              tab('late', first === null ? null : sum(views.late.states)),
              tab('large', null),
            ]}
            value={view}
            onChange={(next) => setQuery({ view: next === 'all' ? null : next, state: null })}
          />
        }
      />
      <Input
        size="large"
        prefix={<SearchOutlined className="zf-t3" />}
        suffix={<Kbd keys="/" />}
        placeholder={t('orders.search.placeholder')}
        aria-label={t('orders.search.label')}
        value={text}
        allowClear
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Escape') event.currentTarget.blur()
          if (event.key === 'ArrowDown' || event.key === 'Enter') {
            const row = list.rows[0]
            event.currentTarget.blur()
            if (row !== undefined) setActive(row.order_id)
            if (row !== undefined && event.key === 'Enter') show(row)
          }
        }}
        data-page-search=""
        data-testid="orders-search"
      />
      <div className="zf-filters">
        <DatePicker.RangePicker
          aria-label={t('orders.filter.dates')}
          value={query['from'] === undefined ? null : [dayjs(query['from']), dayjs(query['to'] ?? query['from'])]}
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
          value={state ?? ''}
          aria-label={t('orders.col.state')}
          onChange={(value) => setQuery({ state: value })}
          options={[
            { value: '', label: t('orders.filter.state') },
            ...Object.entries(dictionary.order).map(([value, entry]) => ({ value, label: entry[lang] })),
          ]}
          data-testid="filter-state"
        />
        <Input
          className="zf-filter-amount"
          prefix={<span className="zf-money-symbol">≥ {currencyOf('CNY').symbol}</span>}
          aria-label={t('orders.filter.amount_min')}
          value={query['min'] ?? ''}
          status={query['min'] !== undefined && limit(query['min']) === null ? 'error' : ''}
          onChange={(event) => setQuery({ min: event.target.value })}
        />
        <Input
          className="zf-filter-amount"
          prefix={<span className="zf-money-symbol">≤ {currencyOf('CNY').symbol}</span>}
          aria-label={t('orders.filter.amount_max')}
          value={query['max'] ?? ''}
          status={query['max'] !== undefined && limit(query['max']) === null ? 'error' : ''}
          onChange={(event) => setQuery({ max: event.target.value })}
        />
        <span className="zf-filters-note">
          {t('orders.filter.zone')}
          {filtered ? (
            <button type="button" className="zf-linkbtn" onClick={clear}>
              {t('orders.filter.clear')}
            </button>
          ) : null}
        </span>
      </div>
      <div className="zf-split">
        <Grid
          label={t('orders.title')}
          testid="orders-grid"
          rows={list.rows}
          rowKey={(r) => r.order_id}
          columns={columns}
          total={first?.total ?? null}
          active={active}
          onActive={(key) => {
            setActive(key)
            if (open !== null) setQuery({ order: key })
          }}
          onOpen={show}
          onClose={() => setQuery({ order: null })}
          idOf={(r) => r.order_no}
          onEndReached={list.more}
          placeholder={
            list.error !== null ? (
              <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
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
            first === null ? null : (
              <>
                <span data-testid="orders-count" data-total={first.total}>
                  {t('orders.footer.count', { shown: count(list.rows.length), total: count(first.total) })}
                </span>
                {first.paid_sums.length === 0 ? null : (
                  <span>
                    {t('orders.footer.paid')} <Moneys values={first.paid_sums.map((s) => s.money)} />
                    {first.paid_sums.length > 1 ? t('orders.footer.not_converted') : ''}
                  </span>
                )}
                {first.refunded_sums.some((s) => s.money.minor > 0) ? (
                  <span>
                    {t('orders.footer.refunded')} <Moneys values={first.refunded_sums.map((s) => s.money)} />
                  </span>
                ) : null}
                <span className="zf-keys" aria-hidden>
                  <span>
                    <Kbd keys="J K" /> {t('keys.up_down')}
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
