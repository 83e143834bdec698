import { CloudDownloadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useRef, useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { AccountSelect, useAccountChoice, useDayChoice } from '../../../components/AccountSelect'
import { Card, PageHeader } from '../../../components/small'
import { Empty, ErrorPanel, LongWork, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import type { BillKind, BillStatus } from '../../../generated/types'
import { fill, useLanguage, useT } from '../../../i18n'
import { useQueryState } from '../../../router'
import { dictionary } from '../../../status/dictionary'
import { calendarDays, canFetch, useCalendar, useFetchBill } from '../api'
import { BillCalendar, type Chosen } from './BillCalendar'
import { BillList } from './BillList'
import { BillPanel } from './BillPanel'
import { BooksCard } from './BooksCard'

const legend: readonly BillStatus[] = ['verified', 'no_trade', 'not_fetched', 'generating', 'lost_soon', 'partial', 'failed', 'refused', 'lost']

/** Which days have their bills, and each bill with its check and its lines. */
export default function BillsPage() {
  const t = useT()
  const lang = useLanguage()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const mayFetch = useMay('run_reconciliation')
  const [accountId, setAccount] = useAccountChoice()
  const [day] = useDayChoice()
  const [query, setQuery] = useQueryState()
  const calendar = useCalendar(accountId)
  const fetchBill = useFetchBill()
  const [series, setSeries] = useState<{ done: number; total: number } | null>(null)
  const stopped = useRef(false)
  const busy = series !== null
  const asList = query['view'] === 'list'
  const kind: BillKind = query['kind'] === 'fund_flow' ? 'fund_flow' : 'trade'
  const chosen: Chosen = { date: day, kind }
  const data = calendar.data
  const cell = data?.days.find((d) => d.date === day)?.[kind] ?? null
  const missing = (data?.days ?? []).flatMap((d) =>
    (['trade', 'fund_flow'] as const).filter((k) => canFetch(d[k])).map((k) => ({ date: d.date, kind: k })),
  )
  const counts = new Map<BillStatus, number>()
  for (const d of data?.days ?? []) for (const c of [d.trade, d.fund_flow]) counts.set(c.status, (counts.get(c.status) ?? 0) + 1)

  const fetchOne = async (one: Chosen) => {
    if (accountId === null) return
    const bill = await fetchBill.mutateAsync({ account_id: accountId, date: one.date, kind: one.kind })
    const params = { date: one.date, kind: t(`bills.kind.${one.kind}`) }
    toasts.show({ text: bill.status === 'no_trade' ? t('bills.fetched_none', params) : t('bills.fetched', { ...params, rows: bill.rows }) })
  }
  // The first bill that fails stops the series: its error says why, and the rest can go on by the same button.
  const fetchAll = async () => {
    stopped.current = false
    try {
      for (const [done, one] of missing.entries()) {
        if (stopped.current) break
        setSeries({ done, total: missing.length })
        await fetchOne(one)
      }
    } catch {
      // Shown below from the mutation's state.
    } finally {
      setSeries(null)
    }
  }

  if (accountId === null) {
    return (
      <div className="zf-page">
        <PageHeader title={t('bills.title')} />
        <Card>
          <Empty title={t('bills.no_accounts')} note={t('bills.no_accounts_note')} />
        </Card>
      </div>
    )
  }
  return (
    <div className="zf-page">
      <PageHeader title={t('bills.title')} note={t('bills.note')} actions={
          <>
            <Tabs<'calendar' | 'list'>
              look="box"
              label={t('bills.look')}
              value={asList ? 'list' : 'calendar'}
              onChange={(next) => setQuery({ view: next === 'list' ? 'list' : null })}
              items={[
                { key: 'calendar', label: t('bills.look.calendar') },
                { key: 'list', label: t('bills.look.list') },
              ]}
            />
            <AccountSelect value={accountId} onChange={setAccount} />
          </>
        }
      />
      <Card
        className="zf-fixed"
        title={t('bills.calendar')}
        note={t('bills.last_days', { n: calendarDays })}
        extra={
          <>
            {legend
              .filter((status) => (counts.get(status) ?? 0) > 0)
              .map((status) => (
                <span key={status} className="zf-row zf-legend">
                  <span className={`zf-cal-cell zf-cal-${status}`} aria-hidden />
                  {fill(dictionary.bill[status][lang], { n: 'N' })} {counts.get(status)}
                </span>
              ))}
            <Button
              size="small"
              icon={<CloudDownloadOutlined />}
              disabled={!mayFetch || !ready || missing.length === 0}
              loading={busy}
              title={mayFetch ? undefined : t('bills.cannot_fetch')}
              onClick={() => void fetchAll()}
              data-testid="fetch-missing"
            >
              {missing.length === 0 ? t('bills.fetch_missing_none') : t('bills.fetch_missing', { n: missing.length })}
            </Button>
          </>
        }
      >
        {calendar.error !== null ? (
          <ErrorPanel error={calendar.error} onRetry={() => void calendar.refetch()} />
        ) : data === undefined ? (
          <Skeleton rows={2} />
        ) : (
          <BillCalendar calendar={data} chosen={chosen} onChoose={(next) => setQuery({ day: next.date, kind: next.kind })} />
        )}
      </Card>
      {series === null ? null : (
        <Card className="zf-fixed">
          <LongWork
            label={t('bills.fetching')}
            done={series.done}
            total={series.total}
            leaves={t('bills.fetching_leaves')}
            onCancel={() => {
              stopped.current = true
            }}
          />
        </Card>
      )}
      {fetchBill.error === null ? null : <ErrorPanel error={fetchBill.error} testid="fetch-error" />}
      {asList && data !== undefined ? (
        <BillList
          calendar={data}
          chosen={chosen}
          onChoose={(next) => setQuery({ day: next.date, kind: next.kind })}
          onOpen={(next) => setQuery({ day: next.date, kind: next.kind, view: null })}
          onFetch={mayFetch && ready && !busy ? (one) => void fetchOne(one).catch(() => undefined) : null}
        />
      ) : null}
      {asList ? null : (
      <div className="zf-split">
        <BillPanel
          key={`${accountId}-${day}-${kind}`}
          chosen={chosen}
          cell={calendar.isPending ? undefined : cell}
          busy={busy || fetchBill.isPending}
          onFetch={mayFetch && ready ? () => void fetchOne(chosen).catch(() => undefined) : null}
        />
        <BooksCard accountId={accountId} date={day} />
      </div>
      )}
    </div>
  )
}
