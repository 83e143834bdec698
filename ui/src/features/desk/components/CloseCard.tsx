import { Button } from 'antd'
import { useState } from 'react'
import { reasonText } from '../../../api/errors'
import { Grid, type Column } from '../../../components/Grid'
import { Money, NotApplicable } from '../../../components/Money'
import { ChannelMark } from '../../../components/small'
import { count, timeText } from '../../../format'
import type { DeskAccount, DeskOverview } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { go, href } from '../../../router'
import { StatusIcon, StatusTag } from '../../../status/StatusTag'
import { missingBills, missingRuns, percentText, placeOf, solidRow, whoHolds } from '../api'

/** Rows shown before the table scrolls by itself. */
const rowsMax = 10

type CountProps = { n: number; tone: string; /** The list of exactly these. */ to?: string; name?: string }

function Count({ n, tone, to, name }: CountProps) {
  if (to === undefined || n === 0) return <span className={n > 0 ? tone : 'zf-t3'}>{count(n)}</span>
  return (
    <a className={tone} href={to} aria-label={`${name} ${count(n)}`} onClick={(event) => event.stopPropagation()} data-testid="desk-count">
      {count(n)}
    </a>
  )
}

function BillCell({ a }: { a: DeskAccount }) {
  const t = useT()
  if (a.bills_settled === 2) {
    return (
      <span className="zf-row zf-nowrap">
        <StatusIcon family="ok" /> {t('desk.bills_ok', { n: a.bills_settled })}
      </span>
    )
  }
  return <StatusTag kind="bill" status={a.bill_status} n={a.bill_days_left ?? 0} place="problems" />
}

function CloseCell({ a }: { a: DeskAccount }) {
  const t = useT()
  const time = a.closed_at ?? (a.close === 'waiting_for_bill' ? a.bill_next_try_at : null)
  // The words of signing say themselves who signs.
  const signing = a.action === 'sign_maker' || a.action === 'sign_checker'
  const who = a.needs !== null && a.not_mine_because !== null && !signing ? t(`desk.waits_for.${whoHolds(a.needs)}`) : null
  const said = [
    time === null ? null : a.closed_at === null ? t('desk.at_time', { time: timeText(time, 'clock').slice(0, 5) }) : timeText(time, 'clock').slice(0, 5),
    who,
  ].filter((part) => part !== null)
  return <StatusTag kind="close" status={a.close} suffix={said.length === 0 ? undefined : said.join(' · ')} />
}

/** Every account of the day to close, with one next step each. */
export function CloseCard({ desk }: { desk: DeskOverview }) {
  const t = useT()
  // English heads of the three counters are longer than the figures under them.
  const counter = useLanguage() === 'zh' ? 46 : 62
  const [active, setActive] = useState<string | null>(desk.accounts[0]?.account.account_id ?? null)
  const solid = solidRow(desk.accounts)
  const pool = (a: DeskAccount, standing: 'broken' | 'overdue') =>
    href('/recon', { account: a.account.account_id, day: a.pool.first?.date ?? desk.business_date, pool: standing })
  const open = (a: DeskAccount) => go(...placeOf(desk, a))
  const lacking = [...missingBills(t, desk), ...missingRuns(t, { ...desk, accounts: desk.accounts.filter((a) => a.bills_settled === 2) })]
  const columns: Column<DeskAccount>[] = [
    {
      key: 'account',
      title: t('desk.col.account'),
      width: 138,
      grow: true,
      render: ({ account }) => (
        <>
          <ChannelMark channel={account.channel} />
          <span className="zf-ellipsis" title={account.display_name}>
            {account.display_name}
          </span>
          <span className="zf-mono zf-t3" title={account.merchant_no_masked}>
            {account.merchant_no_masked.slice(-6)}
          </span>
        </>
      ),
    },
    { key: 'bill', title: t('desk.col.bill'), width: 104, render: (a) => <BillCell a={a} /> },
    { key: 'rows', title: t('desk.col.rows'), width: 70, align: 'right', render: (a) => (a.bill_rows === null ? <NotApplicable /> : count(a.bill_rows)) },
    {
      key: 'ratio',
      title: t('desk.col.ratio'),
      width: 68,
      align: 'right',
      render: (a) => (a.match_basis_points === null ? <NotApplicable /> : percentText(a.match_basis_points)),
    },
    { key: 'waiting', title: t('desk.col.waiting'), width: counter, align: 'right', render: (a) => <Count n={a.pool.waiting} tone="" /> },
    { key: 'broken', title: t('desk.col.broken'), width: counter, align: 'right', render: (a) => <Count n={a.pool.broken} tone="zf-strong zf-c-at" to={pool(a, 'broken')} name={t('desk.col.broken')} /> },
    { key: 'overdue', title: t('desk.col.overdue'), width: counter, align: 'right', render: (a) => <Count n={a.pool.overdue} tone="zf-strong zf-c-br" to={pool(a, 'overdue')} name={t('desk.col.overdue')} /> },
    {
      key: 'residual',
      title: t('desk.col.residual'),
      width: 92,
      align: 'right',
      render: (a) => (a.residual === null ? <NotApplicable /> : <Money value={a.residual} signed />),
    },
    { key: 'close', title: t('desk.col.close'), width: 146, render: (a) => <CloseCell a={a} /> },
    {
      key: 'action',
      title: t('desk.col.action'),
      width: 94,
      render: (a) => {
        const mine = a.not_mine_because === null
        const label = mine ? t(`desk.action.${a.action}`) : t('desk.view')
        const why = mine ? undefined : t('desk.not_yours', { action: t(`desk.action.${a.action}`), reason: reasonText(t, a.not_mine_because) })
        return (
          <Button
            size="small"
            type={a.account.account_id === solid ? 'primary' : 'default'}
            title={why}
            aria-label={why === undefined ? undefined : `${label} ${a.account.display_name} (${why})`}
            onClick={(event) => {
              event.stopPropagation()
              open(a)
            }}
            data-testid="desk-action"
            data-action={a.action}
            data-mine={mine}
          >
            {label}
          </Button>
        )
      },
    },
  ]
  return (
    <section className="zf-card zf-desk-close" data-testid="desk-close">
      <header className="zf-card-head">
        <h2>{t('desk.close')}</h2>
        <span className="zf-card-note">{t('desk.close_note', { date: desk.business_date })}</span>
        <span className="zf-card-extra">
          <a href={href('/close', { day: desk.business_date })}>{t('desk.close_list')} ›</a>
        </span>
      </header>
      <div className="zf-desk-table" style={{ height: 31 + Math.min(desk.accounts.length, rowsMax) * 35 + 30 }}>
        <Grid<DeskAccount>
          label={t('desk.close')}
          rows={desk.accounts}
          rowKey={(a) => a.account.account_id}
          columns={columns}
          active={active}
          onActive={setActive}
          onOpen={open}
          testid="desk-accounts"
          footer={
            <span className={lacking.length === 0 ? 'zf-help' : 'zf-help zf-c-at'} data-testid="desk-totals">
              {lacking.length === 0 ? t('desk.totals_whole', { n: desk.accounts.length }) : t('desk.not_in_totals', { list: lacking.join(t('common.comma')) })}
            </span>
          }
        />
      </div>
    </section>
  )
}
