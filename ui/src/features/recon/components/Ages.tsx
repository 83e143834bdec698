import { count } from '../../../format'
import { useT } from '../../../i18n'
import { useDayChoice } from '../../../components/AccountSelect'
import { usePool } from '../api'

/** How old what is unsettled is, in the carry-over bands. */
export function Ages({ accountId }: { accountId: string }) {
  const t = useT()
  const [date] = useDayChoice()
  const pool = usePool(accountId, date).data
  const ages = pool?.ages ?? []
  const last = pool?.forecast.last ?? null
  return (
    <span className="zf-help" data-testid="pool-ages">
      {t('rr.ages')}{' '}
      {ages
        .map((age) => `${age.to_days === null ? t('rr.age_over') : t('rr.age_band', { from: age.from_days, to: age.to_days })} ${count(age.count)}`)
        .join(' · ')}
      {last === null || last.expected === 0 ? '' : ` · ${t('rr.forecast_last', { date: last.date.slice(5), expected: count(last.expected), cleared: count(last.cleared) })}`}
    </span>
  )
}
