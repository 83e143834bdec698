import { useMemo, useState } from 'react'
import { AboutNumber } from '../../../components/AboutNumber'
import { Chart, ChartSwitch, useChartSwitch } from '../../../components/Chart'
import { Money } from '../../../components/Money'
import { Card } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { count, moneyText } from '../../../format'
import type { DeskAccount, DeskMonth, DeskSeries } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { usePreferences } from '../../../preferences'
import { go } from '../../../router'
import { palettes } from '../../../theme/tokens'
import { dayRanges, percentText, useMonth } from '../api'
import { axisUnit, monthOption, peakOf } from '../month'

/** Collected and refunded day by day; one currency at a time, never added up. */
export function MonthCard({ accounts }: { accounts: readonly DeskAccount[] }) {
  const t = useT()
  const lang = useLanguage()
  const month = useMonth()
  const [asTable, setAsTable] = useChartSwitch()
  const [currency, setCurrency] = useState<string | null>(null)
  const data = month.data
  const series = data?.series.find((s) => s.currency === currency) ?? data?.series[0]
  const names = new Map(accounts.map((a) => [a.account.account_id, a.account.display_name]))
  const missing = (data?.partial ?? []).map((p) =>
    t('desk.missing.days', { account: names.get(p.account_id) ?? '', n: p.days.length, days: dayRanges(p.days, t('common.comma')) }),
  )
  return (
    <Card
      className="zf-desk-month"
      title={t('desk.month')}
      note={series === undefined ? undefined : axisUnit(series.currency, lang, peakOf(series)) === axisUnit(series.currency, lang) ? t('desk.month_note', { currency: series.currency }) : series.currency}
      testid="desk-month"
      extra={
        series === undefined || data === undefined ? null : (
          <>
            {data.series.length < 2 ? null : (
              <Tabs label={t('desk.month')} value={series.currency} onChange={setCurrency} items={data.series.map((s) => ({ key: s.currency, label: s.currency }))} />
            )}
            <span className="zf-chart-legend" aria-hidden>
              <span className="zf-key zf-key-chart" /> {t('desk.month_collected')}
              <span className="zf-key zf-key-second" /> {t('desk.month_rate')}
            </span>
            <AboutNumber
              name={t('desk.month')}
              counts={t('desk.month_about')}
              filter={`${data.first} – ${data.last} · ${series.currency} · ${t('desk.about.all_accounts')}`}
              asOf={data.as_of}
              missing={missing}
              testid="about-month"
            />
            <ChartSwitch asTable={asTable} onChange={setAsTable} label={t('desk.month')} />
          </>
        )
      }
    >
      {month.error !== null && data === undefined ? (
        <ErrorPanel error={month.error} onRetry={() => void month.refetch()} />
      ) : data === undefined ? (
        <Skeleton rows={4} />
      ) : series === undefined ? (
        <Empty title={t('desk.month_empty')} note={t('desk.month_empty_note')} />
      ) : (
        <MonthChart month={data} series={series} asTable={asTable} />
      )}
    </Card>
  )
}

/** A refund rate, or that there is none: nothing was collected. */
const rate = (of: number | null | undefined): string => (of === null || of === undefined ? '—' : percentText(of))

function MonthChart({ month, series, asTable }: { month: DeskMonth; series: DeskSeries; asTable: boolean }) {
  const t = useT()
  const lang = useLanguage()
  const { mode } = usePreferences()
  const partial = useMemo(() => new Set(month.partial.flatMap((p) => p.days)), [month.partial])
  const option = useMemo(
    () => monthOption(series, partial, palettes[mode], { collected: t('desk.month_collected'), rate: t('desk.month_rate'), partial: t('desk.month_partial') }, lang),
    [series, partial, mode, t, lang],
  )
  const { days, currency } = series
  const peak = days.reduce((best, d) => (d.collected_minor > best.collected_minor ? d : best), days[0] ?? { date: '', collected_minor: 0 })
  const latest = days.at(-1)
  const money = (minor: number) => moneyText({ minor, currency })
  return (
    <Chart
      label={t('desk.month')}
      option={option}
      asTable={asTable}
      onChoose={(i) => {
        const day = days[i]
        if (day !== undefined) go('/orders', { from: day.date, to: day.date })
      }}
      summary={t('desk.month_summary', {
        first: month.first,
        last: month.last,
        peak: peak.date,
        amount: money(peak.collected_minor),
        latest: money(latest?.collected_minor ?? 0),
        rate: rate(latest?.rate_basis_points),
        partial: partial.size === 0 ? t('desk.month_full') : t('desk.month_partial_n', { n: partial.size }),
      })}
      table={{
        head: [t('desk.month_day'), t('desk.month_collected'), t('desk.month_n'), t('desk.month_refunded'), t('desk.month_rate'), t('desk.month_bill')],
        rows: days.toReversed().map((d) => ({
          key: d.date,
          cells: [
            d.date,
            <Money key="collected" value={{ minor: d.collected_minor, currency }} />,
            count(d.collected_count),
            <Money key="refunded" value={{ minor: -d.refunded_minor, currency }} />,
            rate(d.rate_basis_points),
            partial.has(d.date) ? t('desk.month_partial') : t('desk.month_whole'),
          ],
        })),
      }}
      testid="month-chart"
    />
  )
}
