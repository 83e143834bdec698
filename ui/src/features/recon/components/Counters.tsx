import type { ReactNode } from 'react'
import { AboutNumber } from '../../../components/AboutNumber'
import { ExplainStatus } from '../../../components/Explain'
import { Money } from '../../../components/Money'
import { Card } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { clockNow, count, moneyText, timeText } from '../../../format'
import type { ForecastView, PoolCounter } from '../../../generated/types'
import { useT } from '../../../i18n'
import { StatusTag } from '../../../status/StatusTag'
import { usePool, type Wanted } from '../api'

type Props = { accountId: string; date: string; onOpen: (status: Wanted) => void }

/** What should clear with the next bill, and how the last forecast came out. */
function Forecast({ forecast, onOpen }: { forecast: ForecastView; onOpen: () => void }) {
  const t = useT()
  const tonight = forecast.date === timeText(clockNow(), 'date')
  const sum = forecast.sums.length === 0 ? '' : t('rr.forecast_sum', { sum: forecast.sums.map((s) => moneyText(s.money)).join(t('common.and')) })
  const { last } = forecast
  const how = last === null || last.expected === 0 ? undefined : t('rr.forecast_last', { date: last.date.slice(5), expected: count(last.expected), cleared: count(last.cleared) })
  return (
    <>
      {t('recon.count.waiting_note')}{' · '}
      <button type="button" className="zf-linkbtn" title={how} onClick={onOpen} data-testid="forecast" data-count={forecast.count}>
        {forecast.count === 0 ? t('rr.forecast_none') : `${t(tonight ? 'rr.forecast_tonight' : 'rr.forecast', { date: forecast.date.slice(5), n: count(forecast.count) })}${sum}`}
      </button>
    </>
  )
}

/** The whole open pool of the account: waiting is no error, broken needs an owner, overdue has one who is late. */
export function Counters({ accountId, date, onOpen }: Props) {
  const t = useT()
  const pool = usePool(accountId, date)
  const data = pool.data
  const row = (status: 'waiting' | 'broken' | 'overdue' | 'suspended', counter: PoolCounter, note: ReactNode) => {
    const tone = counter.count === 0 ? '' : status === 'overdue' ? 'zf-c-br' : status === 'broken' ? 'zf-c-at' : ''
    const name = t(`recon.pool.${status}`)
    return (
      <div key={status}>
        <div>
          <span className="zf-row zf-nowrap zf-explained">
            <StatusTag kind="difference" status={status} place="problems" />
            <ExplainStatus kind="difference" status={status} />
          </span>
          <button type="button" className={`zf-counter ${tone}`} aria-label={t('recon.pool.open', { name, n: count(counter.count) })} onClick={() => onOpen(status)} data-testid={status === 'broken' ? 'count-open' : `count-${status}`}>
              {count(counter.count)}
          </button>
        </div>
        <div className="zf-end-text">
          <span className="zf-row zf-nowrap zf-end">
            {counter.sums.map((s) => (
              <Money key={s.money.currency} value={s.money} signed size="strong" />
            ))}
            {data === undefined ? null : (
              <AboutNumber name={name} counts={t(`recon.about.${status}`)} filter={t('recon.about.pool_filter')} asOf={data.as_of} />
            )}
          </span>
          <div className="zf-help">{note}</div>
        </div>
      </div>
    )
  }
  const carried = (c: PoolCounter) => (c.count === 0 ? t('recon.pool.none') : t('recon.pool.new_carried', { date: date.slice(5), n: count(c.of_day), m: count(c.count - c.of_day) }))
  return (
    <Card flush className="zf-counters" testid="counters">
      {pool.error !== null ? (
        <ErrorPanel error={pool.error} onRetry={() => void pool.refetch()} />
      ) : data === undefined ? (
        <Skeleton rows={4} />
      ) : (
        <>
          {row('waiting', data.waiting, <Forecast forecast={data.forecast} onOpen={() => onOpen('waiting')} />)}
          {row('broken', data.broken, carried(data.broken))}
          {row('overdue', data.overdue, data.overdue.oldest_days === null ? t('recon.pool.none_overdue') : t('recon.pool.oldest', { n: data.overdue.oldest_days }))}
          {row('suspended', data.suspended, <>
            {data.due_today > 0 ? t('recon.pool.due_today', { n: count(data.due_today) }) : t('recon.count.suspended_note')}
            {data.pending.count === 0 ? null : (
              <>
                {' · '}
                <button type="button" className="zf-linkbtn" onClick={() => onOpen('pending')} data-testid="count-pending">
                  {t('rr.pool_pending', { n: count(data.pending.count) })}
                </button>
              </>
            )}
          </>)}
        </>
      )}
    </Card>
  )
}
