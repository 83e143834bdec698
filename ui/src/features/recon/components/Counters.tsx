import { AboutNumber } from '../../../components/AboutNumber'
import { ExplainStatus } from '../../../components/Explain'
import { Money } from '../../../components/Money'
import { Card } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { count } from '../../../format'
import type { PoolCounter } from '../../../generated/types'
import { useT } from '../../../i18n'
import { StatusTag } from '../../../status/StatusTag'
import { usePool, type Standing } from '../api'

type Props = { accountId: string; date: string; onOpen: (status: Standing) => void }

/** The whole open pool of the account: waiting is no error, broken needs an owner, overdue has one who is late. */
export function Counters({ accountId, date, onOpen }: Props) {
  const t = useT()
  const pool = usePool(accountId, date)
  const data = pool.data
  const row = (status: 'waiting' | 'broken' | 'overdue' | 'suspended', counter: PoolCounter, note: string) => {
    const tone = counter.count === 0 ? '' : status === 'overdue' ? 'zf-c-br' : status === 'broken' ? 'zf-c-at' : ''
    const name = t(`recon.pool.${status}`)
    return (
      <div key={status}>
        <div>
          <span className="zf-row zf-nowrap zf-explained">
            <StatusTag kind="difference" status={status} place="problems" />
            <ExplainStatus kind="difference" status={status} />
          </span>
          {status === 'waiting' ? (
            <b data-testid="count-waiting">{count(counter.count)}</b>
          ) : (
            <button type="button" className={`zf-counter ${tone}`} aria-label={t('recon.pool.open', { name, n: count(counter.count) })} onClick={() => onOpen(status)} data-testid={status === 'broken' ? 'count-open' : `count-${status}`}>
              {count(counter.count)}
            </button>
          )}
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
          {row('waiting', data.waiting, t('recon.count.waiting_note'))}
          {row('broken', data.broken, carried(data.broken))}
          {row('overdue', data.overdue, data.overdue.oldest_days === null ? t('recon.pool.none_overdue') : t('recon.pool.oldest', { n: data.overdue.oldest_days }))}
          {row('suspended', data.suspended, data.due_today > 0 ? t('recon.pool.due_today', { n: count(data.due_today) }) : t('recon.count.suspended_note'))}
        </>
      )}
    </Card>
  )
}
