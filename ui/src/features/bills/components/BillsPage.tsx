import { CloudDownloadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMay, useMoneyReady, useStatus, useTask } from '../../../api/status'
import { AccountSelect, useAccountChoice, useDayChoice } from '../../../components/AccountSelect'
import { FetchedBills } from '../../../components/FetchedBills'
import { Card, PageHeader } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { TaskProgress } from '../../../components/TaskProgress'
import { useToasts } from '../../../components/Toast'
import type { BillKind, BillStatus } from '../../../generated/types'
import { fill, useLanguage, useT } from '../../../i18n'
import { useQueryState } from '../../../router'
import { dictionary } from '../../../status/dictionary'
import { calendarDays, canFetch, useCalendar, useFetchBill, useFetchMissing } from '../api'
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
  const { accounts } = useStatus()
  const [accountId, setAccount] = useAccountChoice()
  const [day] = useDayChoice()
  const [query, setQuery] = useQueryState()
  const calendar = useCalendar(accountId)
  const fetchBill = useFetchBill()
  const fetchMissing = useFetchMissing()
  const running = useTask('bill_gaps')
  const busy = running !== null || fetchMissing.isPending
  const asList = query['view'] === 'list'
  const kind: BillKind = query['kind'] === 'fund_flow' ? 'fund_flow' : 'trade'
  const chosen: Chosen = { date: day, kind }
  const data = calendar.data
  const cell = data?.days.find((d) => d.date === day)?.[kind] ?? null
  const missing = (data?.days ?? []).flatMap((d) => [d.trade, d.fund_flow]).filter(canFetch).length
  const counts = new Map<BillStatus, number>()
  for (const d of data?.days ?? []) for (const c of [d.trade, d.fund_flow]) counts.set(c.status, (counts.get(c.status) ?? 0) + 1)

  const fetchOne = async (one: Chosen) => {
    if (accountId === null) return
    fetchMissing.reset()
    const bill = await fetchBill.mutateAsync({ account_id: accountId, date: one.date, kind: one.kind })
    const params = { date: one.date, kind: t(`bills.kind.${one.kind}`) }
    toasts.show({ text: bill.status === 'no_trade' ? t('bills.fetched_none', params) : t('bills.fetched', { ...params, rows: bill.rows }) })
  }
  const fetchAll = () => {
    fetchBill.reset()
    fetchMissing.mutate({ account_id: accountId })
  }
  const names = new Map(accounts.map((one) => [one.account_id, one.display_name]))
  // A result belongs to the account it was asked for.
  const result = fetchMissing.variables?.account_id === accountId && !busy ? fetchMissing.data : undefined

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
              disabled={!mayFetch || !ready || missing === 0 || running !== null}
              loading={fetchMissing.isPending}
              title={mayFetch ? undefined : t('bills.cannot_fetch')}
              onClick={fetchAll}
              data-testid="fetch-missing"
            >
              {data === undefined || missing > 0 ? t('bills.fetch_missing', { n: missing }) : t('bills.fetch_missing_none')}
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
      {running === null ? null : (
        <Card className="zf-fixed" testid="fetching-missing">
          <TaskProgress task={running} />
        </Card>
      )}
      {result === undefined ? null : (
        <Card className="zf-fixed" flush>
          <div className="zf-pane-section">
            <FetchedBills result={result} names={names} onAgain={mayFetch && ready ? fetchAll : undefined} onClose={fetchMissing.reset} />
          </div>
        </Card>
      )}
      {fetchMissing.error === null ? null : <ErrorPanel error={fetchMissing.error} testid="fetch-missing-error" />}
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
