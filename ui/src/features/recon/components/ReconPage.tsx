import { HistoryOutlined, LockOutlined, ReloadOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import { useMay, useMoneyReady } from '../../../api/status'
import { AccountSelect, useAccountChoice, useDayChoice } from '../../../components/AccountSelect'
import { DayStepper } from '../../../components/DayStepper'
import { ExportButton } from '../../../components/ExportButton'
import { Card, PageHeader } from '../../../components/small'
import { Empty, ErrorPanel, PartialBanner, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, shortDigest, timeText } from '../../../format'
import type { ReconDay } from '../../../generated/types'
import { useT } from '../../../i18n'
import { go, useQueryState } from '../../../router'
import { StatusTag } from '../../../status/StatusTag'
import { useDay, useRun, type Wanted } from '../api'
import { Carried } from './Carried'
import { Counters } from './Counters'
import { Differences } from './Differences'
import { Ledger } from './Ledger'
import { Waterfall } from './Waterfall'

/** The latest of a day's runs. */
function latest(day: ReconDay) {
  return day.runs.toSorted((a, b) => b.number - a.number)[0] ?? null
}

function standing(text: string | undefined): Wanted | null {
  const known: readonly string[] = ['ledger', 'carried', 'waiting', 'broken', 'overdue', 'suspended', 'pending']
  return known.includes(text ?? '') ? (text as Wanted) : null
}

/** One account, one day: from the channel's net to ours, and every difference between. */
export default function ReconPage() {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const mayRun = useMay('run_reconciliation')
  const [accountId, setAccount] = useAccountChoice()
  const [date, setDay, today] = useDayChoice()
  const day = useDay(accountId, date)
  const run = useRun()
  const [query, setQuery] = useQueryState()
  const last = day.data === undefined ? null : latest(day.data)
  const view = day.data?.runs.find((r) => r.run_id === query['run']) ?? last
  const older = view !== null && last !== null && view.run_id !== last.run_id
  const wanted = standing(query['pool'])
  const setWanted = (next: Wanted | null) => setQuery({ pool: next })
  const billReady = day.data?.bill.status === 'verified' || day.data?.bill.status === 'no_trade'
  const booksReady = day.data !== undefined && day.data.books !== null

  const reconcile = () => {
    if (accountId === null || run.isPending) return
    run.mutate(
      { account_id: accountId, date },
      { onSuccess: (done) => {
        setQuery({ run: null })
        toasts.show({ text: t('recon.ran', { matched: count(done.matched), open: count(done.open_differences) }) })
      } },
    )
  }
  const runButton = (
    <Button
      type={view === null ? 'primary' : 'default'}
      icon={<ReloadOutlined />}
      disabled={!mayRun || !ready || !billReady || !booksReady}
      title={mayRun ? undefined : t('recon.cannot_run')}
      loading={run.isPending}
      onClick={reconcile}
      data-testid="recon-run"
    >
      {view === null ? t('recon.run') : t('recon.rerun')}
    </Button>
  )

  return (
    <div className="zf-page">
      <PageHeader
        title={t('recon.title')}
        note={
          <span className="zf-row zf-nowrap">
            {accountId === null ? null : <AccountSelect value={accountId} onChange={setAccount} />}
            <DayStepper value={date} onChange={setDay} max={today} />
            {view === null || day.data === undefined || day.data.runs.length < 2 ? null : (
              <Select
                size="small"
                className="zf-run-select"
                suffixIcon={<HistoryOutlined />}
                aria-label={t('recon.run_choice')}
                value={view.run_id}
                popupMatchSelectWidth={false}
                onChange={(id) => setQuery({ run: id === last?.run_id ? null : id })}
                options={day.data.runs
                  .toSorted((a, b) => b.number - a.number)
                  .map((r) => ({ value: r.run_id, label: t('recon.run_option', { n: r.number, time: timeText(r.finished_at, 'short'), name: r.run_by }) }))}
                data-testid="run-select"
              />
            )}
            {view === null ? null : (
              <span className="zf-help zf-note" title={view.run_digest} data-testid="run-note" data-digest={view.run_digest}>
                {t('recon.run_note', {
                  n: view.number,
                  time: timeText(view.finished_at, 'clock'),
                  ms: view.millis,
                  digest: shortDigest(view.run_digest),
                })}
                {view.terms === undefined ? null : (
                  <>
                    {' · '}
                    <button type="button" className="zf-linkbtn" title={view.terms.rules_digest} onClick={() => go('/rules')} data-testid="run-rules" data-version={view.terms.rules_version}>
                      {t('rr.rules_note', { n: view.terms.rules_version })}
                    </button>
                  </>
                )}
              </span>
            )}
          </span>
        }
        actions={
          <>
            {view === null ? null : runButton}
            {view === null ? null : (
              <ExportButton
                sources={[
                  { kind: 'differences', run_id: view.run_id, codes: [], disposition: null, text: null, cursor: null, limit: 200 },
                  { kind: 'pool', account_id: view.account_id, status: null, codes: [], text: null, cursor: null, limit: 200 },
                  { kind: 'resolutions', account_id: view.account_id, state: null, text: null, cursor: null, limit: 200 },
                ]}
                testid="recon-export"
              />
            )}
            <Button icon={<LockOutlined />} onClick={() => go('/close', { day: date, account: accountId })}>
              {t('recon.go_close')}
            </Button>
          </>
        }
      />
      {run.error === null ? null : <ErrorPanel error={run.error} testid="recon-error" />}
      {accountId === null ? (
        <Card>
          <Empty title={t('bills.no_accounts')} note={t('bills.no_accounts_note')} />
        </Card>
      ) : day.error !== null ? (
        <ErrorPanel error={day.error} onRetry={() => void day.refetch()} />
      ) : day.data === undefined ? (
        <Card>
          <Skeleton rows={10} />
        </Card>
      ) : view === null && wanted === 'ledger' ? (
        <Ledger key={accountId} accountId={accountId} onBack={() => setWanted(null)} />
      ) : view === null ? (
        <Card className="zf-grow">
          <Empty
            title={t('recon.not_run')}
            note={
              <>
                <span className="zf-row zf-center">
                  {t('bills.kind.trade')} <StatusTag kind="bill" status={day.data.bill.status} place="header" />
                </span>
                {billReady && booksReady
                  ? t('recon.ready_note')
                  : [billReady ? null : t('recon.lacks_bill'), booksReady ? null : t('recon.lacks_books'), t('recon.lacks_note')]
                      .filter((part) => part !== null)
                      .join(' · ')}
              </>
            }
            action={
              <>
                {runButton}
                <Button onClick={() => go('/bills', { account: accountId, day: date })} data-testid="go-bills">
                  {t('recon.go_bills')}
                </Button>
              </>
            }
          />
        </Card>
      ) : (
        <>
          <div className="zf-recon-top">
            <Waterfall run={view} bill={day.data.bill} />
            <Counters accountId={accountId} date={date} onOpen={setWanted} />
          </div>
          {older ? (
            <PartialBanner
              action={
                <Button size="small" onClick={() => setQuery({ run: null })} data-testid="run-latest">
                  {t('recon.run_latest')}
                </Button>
              }
            >
              {t('recon.run_older', { n: view.number, latest: last.number })}
            </PartialBanner>
          ) : null}
          {wanted === 'ledger' ? (
            <Ledger key={accountId} accountId={accountId} onBack={() => setWanted(null)} />
          ) : wanted === 'carried' ? (
            <Carried key={accountId} accountId={accountId} onBack={() => setWanted(null)} />
          ) : (
            <Differences key={view.run_id} run={view} wanted={wanted} onWanted={setWanted} readOnly={older && wanted === null} />
          )}
        </>
      )}
    </div>
  )
}
