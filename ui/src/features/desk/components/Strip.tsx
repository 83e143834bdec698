import { CheckOutlined } from '@ant-design/icons'
import { useEffect, useState, type ReactNode } from 'react'
import { useMay } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { Money, Moneys, NotApplicable } from '../../../components/Money'
import { timeLeft } from '../../../components/refundNext'
import { durationText } from '../../../components/states'
import { clockNow, count, moneyText } from '../../../format'
import type { DeskOverview, Sum } from '../../../generated/types'
import { useT } from '../../../i18n'
import { href } from '../../../router'
import { missingBills, missingRuns, shortDay } from '../api'

type CellProps = {
  name: string
  note?: ReactNode
  to: string
  about: ReactNode
  children: ReactNode
  sub: ReactNode
  testid: string
}

/** One figure of the strip: the figure opens the list it counts, the mark beside its name says what it is. */
function Cell({ name, note, to, about, children, sub, testid }: CellProps) {
  return (
    <div className="zf-strip-cell" role="group" aria-label={name} data-testid={testid}>
      <div className="zf-strip-name">
        <span title={name}>
          {name}
          {note === undefined ? null : <span className="zf-t3"> · {note}</span>}
        </span>
        {about}
      </div>
      <a className="zf-strip-figure" href={to} data-testid={`${testid}-open`}>
        {children}
      </a>
      <div className="zf-strip-sub">{sub}</div>
    </div>
  )
}

/** The first currency as the figure; others stand below it, never added. */
function Figure({ sums, sign, known }: { sums: readonly Sum[]; sign: 1 | -1; known: boolean }) {
  const first = sums[0]
  if (first === undefined) return known ? <Money value={{ minor: 0, currency: 'CNY' }} size="big" /> : <NotApplicable />
  return <Money value={{ ...first.money, minor: first.money.minor * sign }} size="big" />
}

const ordersIn = (sums: readonly Sum[]): number => sums.reduce((n, s) => n + s.count, 0)

/** A count large, its unit small: "30 条", "30 items". */
function Counted({ text, n, tone = '', testid }: { text: string; n: number; tone?: string; testid: string }) {
  const [before, after] = text.split(count(n), 2)
  return (
    <>
      <span className="zf-strip-unit">{before}</span>
      <b className={`zf-strip-count ${tone}`} data-testid={testid}>
        {count(n)}
      </b>
      <span className="zf-strip-unit">{after}</span>
    </>
  )
}

/** Seconds until a moment, counted down while there is one. */
function useSecondsUntil(at: string | null): number | null {
  const [now, setNow] = useState(clockNow)
  useEffect(() => {
    if (at === null) return
    const timer = setInterval(() => setNow(clockNow()), 1000)
    return () => clearInterval(timer)
  }, [at])
  return at === null ? null : Math.round((new Date(at).getTime() - now) / 1000)
}

function NextQuery({ at }: { at: string | null }) {
  const t = useT()
  const seconds = useSecondsUntil(at)
  if (seconds === null) return null
  return <span className="zf-c-un">{seconds <= 0 ? t('desk.next_query_now') : t('desk.next_query', { time: durationText(t, seconds) })}</span>
}

/** What a manager reads first: takings, refunds, residual, differences, approvals, unknowns. */
export function Strip({ desk }: { desk: DeskOverview }) {
  const t = useT()
  const mayApprove = useMay('approve_refund')
  const day = shortDay(desk.business_date)
  const lacking = missingBills(t, desk)
  const allKnown = lacking.length === 0
  const open = desk.pool.broken + desk.pool.overdue
  const also = (sums: readonly Sum[], sign: 1 | -1) =>
    sums.length < 2
      ? null
      : t('desk.also', {
          sums: sums
            .slice(1)
            .map((s) => moneyText({ ...s.money, minor: s.money.minor * sign }))
            .join(t('common.comma')),
        })
  const whole = allKnown ? null : <span className="zf-c-at">{t('desk.partial_n', { n: lacking.length })}</span>
  const sub = (sums: readonly Sum[], sign: 1 | -1, healthy: string): ReactNode => {
    if (sums.length === 0 && !allKnown) return <span className="zf-c-at">{t('desk.no_figure')}</span>
    const others = also(sums, sign)
    if (others === null) return whole ?? healthy
    return (
      <>
        {whole} {others}
      </>
    )
  }
  const moved = (way: 'in' | 'back') => href('/orders', { from: desk.business_date, to: desk.business_date, moved: way })
  const first = desk.pool.first
  const pool = (standing: 'broken' | 'overdue') =>
    href('/recon', first === null ? { day: desk.business_date } : { account: first.account_id, day: first.date, pool: standing })
  const approvals = mayApprove ? desk.approvals_mine : desk.approvals_mine + desk.approvals_other
  const notZero = desk.residuals.some((r) => r.minor !== 0)
  return (
    <section className="zf-strip" aria-label={t('desk.strip')} data-testid="desk-strip">
      <Cell
        testid="strip-collected"
        name={t('desk.collected', { date: day })}
        note={t('desk.orders_n', { n: count(ordersIn(desk.collected)) })}
        to={moved('in')}
        about={
          <AboutNumber
            name={t('desk.collected', { date: day })}
            counts={t('desk.about.collected')}
            filter={t('desk.about.day', { date: desk.business_date })}
            asOf={desk.as_of}
            missing={lacking}
            testid="about-collected"
          />
        }
        sub={sub(desk.collected, 1, t('desk.complete'))}
      >
        <Figure sums={desk.collected} sign={1} known={allKnown} />
      </Cell>
      <Cell
        testid="strip-refunded"
        name={t('desk.refunded', { date: day })}
        note={t('desk.orders_n', { n: count(ordersIn(desk.refunded)) })}
        to={moved('back')}
        about={
          <AboutNumber
            name={t('desk.refunded', { date: day })}
            counts={t('desk.about.refunded')}
            filter={t('desk.about.day', { date: desk.business_date })}
            asOf={desk.as_of}
            missing={lacking}
            testid="about-refunded"
          />
        }
        sub={sub(desk.refunded, -1, t('desk.of_orders'))}
      >
        <Figure sums={desk.refunded} sign={-1} known={allKnown} />
      </Cell>
      <Cell
        testid="strip-residual"
        name={t('desk.residual')}
        note={t('desk.reconciled_n', { n: desk.reconciled, all: desk.accounts.length })}
        to={href('/recon', { day: desk.business_date })}
        about={
          <AboutNumber
            name={t('desk.residual')}
            counts={t('desk.about.residual')}
            filter={t('desk.about.residual_filter', { date: desk.business_date, n: desk.reconciled })}
            asOf={desk.as_of}
            missing={missingRuns(t, desk)}
            testid="about-residual"
          />
        }
        sub={
          desk.reconciled === 0 ? (
            t('desk.not_reconciled')
          ) : notZero ? (
            <span className="zf-c-br">{t('desk.not_zero')}</span>
          ) : (
            <span className="zf-c-ok">
              <CheckOutlined aria-hidden /> {t('desk.all_zero')}
            </span>
          )
        }
      >
        {desk.reconciled === 0 ? <NotApplicable /> : <Moneys values={desk.residuals} size="big" />}
      </Cell>
      <Cell
        testid="strip-open"
        name={t('desk.open')}
        to={pool(desk.pool.broken > 0 ? 'broken' : 'overdue')}
        about={
          <AboutNumber
            name={t('desk.open')}
            counts={t('desk.about.open')}
            filter={t('desk.about.open_filter')}
            asOf={desk.as_of}
            missing={missingRuns(t, desk)}
            testid="about-open"
          />
        }
        sub={
          <>
            {desk.pool.overdue > 0 ? (
              <>
                {t('desk.of_these')}
                <a className="zf-strong zf-c-br" href={pool('overdue')} data-testid="strip-overdue-open">
                  {t('desk.overdue_n', { n: count(desk.pool.overdue) })}
                </a>
                {' · '}
              </>
            ) : null}
            {t('desk.waiting_n', { n: count(desk.pool.waiting) })}
          </>
        }
      >
        <Counted text={t('desk.items_n', { n: count(open) })} n={open} testid="open-count" />
      </Cell>
      <Cell
        testid="strip-approvals"
        name={mayApprove ? t('desk.approvals_mine') : t('desk.approvals_all')}
        to={href('/approvals')}
        about={
          <AboutNumber
            name={mayApprove ? t('desk.approvals_mine') : t('desk.approvals_all')}
            counts={mayApprove ? t('desk.about.approvals') : t('desk.about.approvals_all')}
            filter={mayApprove ? t('desk.about.approvals_filter') : t('desk.about.all_accounts')}
            asOf={desk.as_of}
            testid="about-approvals"
          />
        }
        sub={
          !mayApprove ? (
            t('desk.by_checker')
          ) : desk.approvals_expire_at === null ? (
            t('desk.none_waiting')
          ) : (
            t('desk.earliest', { left: timeLeft(t, desk.approvals_expire_at) })
          )
        }
      >
        <Counted text={t('desk.requests_n', { n: count(approvals) })} n={approvals} testid="approvals-count" />
      </Cell>
      <Cell
        testid="strip-unknown"
        name={t('desk.unknown')}
        to={href('/approvals', { view: 'unknown' })}
        about={
          <AboutNumber
            name={t('desk.unknown')}
            counts={t('desk.about.unknown')}
            filter={t('desk.about.all_accounts')}
            asOf={desk.as_of}
            testid="about-unknown"
          />
        }
        sub={desk.unknown === 0 ? t('desk.none_unknown') : <NextQuery at={desk.unknown_next_query_at} />}
      >
        <Counted text={t('desk.refunds_n', { n: count(desk.unknown) })} n={desk.unknown} tone={desk.unknown > 0 ? 'zf-c-un' : ''} testid="unknown-count" />
      </Cell>
    </section>
  )
}
