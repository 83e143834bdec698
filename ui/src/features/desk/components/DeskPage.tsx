import { ReloadOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect, useState } from 'react'
import { useMay, usePerson } from '../../../api/status'
import { Card, Kbd, PageHeader } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton, StaleBanner } from '../../../components/states'
import { clockNow, displayZone } from '../../../format'
import type { DeskOverview } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { go } from '../../../router'
import { shortDay, useOverview } from '../api'
import { AgeCard } from './AgeCard'
import { ApprovalsCard } from './ApprovalsCard'
import { CloseCard } from './CloseCard'
import { GapCard } from './GapCard'
import { KeysCard } from './KeysCard'
import { MonthCard } from './MonthCard'
import { Strip } from './Strip'

/** Figures older than this are said to be old. */
const staleMinutes = 5

/** Whole minutes since a moment, counted on while the page is open. */
function useMinutesSince(at: string): number {
  const [now, setNow] = useState(clockNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(clockNow()), 10_000)
    return () => clearInterval(timer)
  }, [])
  return Math.max(0, Math.floor((Math.max(now, clockNow()) - new Date(at).getTime()) / 60_000))
}

function Updated({ at }: { at: string }) {
  const t = useT()
  const minutes = useMinutesSince(at)
  return (
    <span className="zf-help" data-testid="desk-updated">
      {t('desk.updated', { ago: minutes === 0 ? t('desk.just_now') : t('desk.minutes_ago', { n: minutes }) })}
    </span>
  )
}

function Stale({ at, onRefresh }: { at: string; onRefresh: () => void }) {
  return useMinutesSince(at) >= staleMinutes ? <StaleBanner at={at} onRefresh={onRefresh} /> : null
}

/** The day to close, what waits for whom, what is missing: the page people keep open. */
export default function DeskPage() {
  const t = useT()
  const lang = useLanguage()
  const client = useQueryClient()
  const person = usePerson()
  const overview = useOverview()
  const desk = overview.data
  const acts = [useMay('run_reconciliation'), useMay('approve_refund')].includes(true)
  const refresh = () => void client.invalidateQueries()
  const weekday = (date: string) =>
    new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en', { weekday: 'short', timeZone: displayZone() }).format(new Date(`${date}T04:00:00Z`))
  return (
    <div className="zf-page zf-desk">
      <PageHeader
        title={t('desk.title')}
        note={
          desk === undefined ? undefined : (
            <span data-testid="desk-day" data-date={desk.business_date}>
              {shortDay(desk.today)} {weekday(desk.today)} ·{' '}
              {t('desk.to_close', {
                date: shortDay(desk.business_date),
                n: desk.accounts.length,
                closed: desk.accounts.filter((a) => a.close === 'closed').length,
              })}
            </span>
          )
        }
        actions={
          <>
            {desk === undefined ? null : <Updated at={desk.as_of} />}
            <Button icon={<ReloadOutlined />} loading={overview.isFetching && desk !== undefined} onClick={refresh} data-testid="desk-refresh">
              {t('desk.refresh')} <Kbd keys="F5" />
            </Button>
          </>
        }
      />
      {desk === undefined ? null : <Stale at={desk.as_of} onRefresh={refresh} />}
      {acts || desk === undefined ? null : <p className="zf-help zf-fixed">{t('desk.read_only', { role: t(`role.${person.role}`) })}</p>}
      {overview.error !== null && desk === undefined ? (
        <ErrorPanel error={overview.error} onRetry={() => void overview.refetch()} />
      ) : desk === undefined ? (
        <Card>
          <Skeleton rows={14} />
        </Card>
      ) : desk.accounts.length === 0 ? (
        <Card>
          <Empty
            title={t('bills.no_accounts')}
            note={t('bills.no_accounts_note')}
            action={<Button onClick={() => go('/channels')}>{t('channels.title')}</Button>}
          />
        </Card>
      ) : (
        <Desk desk={desk} />
      )}
    </div>
  )
}

function Desk({ desk }: { desk: DeskOverview }) {
  return (
    <>
      <Strip desk={desk} />
      <div className="zf-desk-grid">
        <div className="zf-desk-col">
          <CloseCard desk={desk} />
          <GapCard desk={desk} />
          <MonthCard accounts={desk.accounts} />
        </div>
        <div className="zf-desk-col">
          <ApprovalsCard desk={desk} />
          <AgeCard desk={desk} />
          <KeysCard />
        </div>
      </div>
    </>
  )
}
