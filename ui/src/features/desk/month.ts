/** The 30-day chart as ECharts wants it: two panels, one question each, no second axis on either. */
import type { ChartOption } from '../../components/echarts'
import { count, currencyOf } from '../../format'
import type { DeskSeries } from '../../generated/types'
import type { Palette } from '../../theme/tokens'
import { percentText, shortDay } from './api'

/** Minor units a unit of the axis has: tens of thousands for Chinese readers, else thousands; the plain unit where no day reaches that. */
export function axisUnit(currency: string, lang: 'zh' | 'en', peakMinor = Infinity): number {
  const { digits } = currencyOf(currency)
  const large = 10 ** digits * (lang === 'zh' ? 10_000 : 1_000)
  return peakMinor < large ? 10 ** digits : large
}

/** The most collected on one day, minor units. */
export const peakOf = (series: DeskSeries): number => series.days.reduce((most, d) => Math.max(most, d.collected_minor), 0)

/** The end of an axis: the next of 1, 2, 5, 10, 20… that holds the value. */
export function niceEnd(value: number): number {
  for (let step = 1; ; step *= 10) for (const n of [1, 2, 5]) if (n * step >= value) return n * step
}

/** A figure of the axis in its unit, with at most two places (`plain`: two or none); for the eye, amounts stand in the table. */
export function axisText(minor: number, unit: number, plain = false): string {
  const hundredths = Math.round((minor * 100) / unit)
  const text = String(Math.abs(hundredths)).padStart(3, '0')
  const cents = text.slice(-2)
  const [whole, part] = [text.slice(0, -2), plain && cents !== '00' ? cents : cents.replace(/0+$/, '')]
  const grouped = count(Number(whole))
  return part === '' ? grouped : `${grouped}.${part}`
}

/** Neighbouring days joined: each run is shaded as one piece. */
function runs(days: readonly { date: string }[], marked: ReadonlySet<string>): [string, string][] {
  const found: [string, string][] = []
  let from: string | null = null
  days.forEach((day, i) => {
    const next = days[i + 1]
    if (!marked.has(day.date)) return
    from ??= day.date
    if (next === undefined || !marked.has(next.date)) {
      found.push([from, day.date])
      from = null
    }
  })
  return found
}

export type MonthWords = { collected: string; rate: string; partial: string }

/** Bars start at zero; days without their bill are shaded and named. */
export function monthOption(series: DeskSeries, partial: ReadonlySet<string>, p: Palette, words: MonthWords, lang: 'zh' | 'en'): ChartOption {
  const { days } = series
  const unit = axisUnit(series.currency, lang, peakOf(series))
  const plain = unit === 10 ** currencyOf(series.currency).digits
  const dates = days.map((d) => shortDay(d.date))
  const last = days.length - 1
  const peak = days.reduce((best, d, i) => (d.collected_minor > (days[best]?.collected_minor ?? 0) ? i : best), 0)
  const worst = days.reduce((best, d, i) => ((d.rate_basis_points ?? 0) > (days[best]?.rate_basis_points ?? 0) ? i : best), 0)
  const rateEnd = niceEnd(Math.max(100, days[worst]?.rate_basis_points ?? 0))
  const label = (text: string, strong: boolean) => ({ show: true, position: 'top' as const, formatter: text, color: strong ? p.text : p.text2, fontSize: 11, fontWeight: strong ? 600 : 400 })
  const axis = { axisLine: { lineStyle: { color: p.border } }, axisTick: { show: false } }
  const scale = { min: 0, splitNumber: 2, axisLabel: { color: p.text3, fontSize: 11 }, splitLine: { lineStyle: { color: p.split } } }
  return {
    tooltip: {
      trigger: 'axis',
      // Drawn on the canvas: an HTML note would need inline styles, which the security policy refuses.
      renderMode: 'richText',
      backgroundColor: p.elevated,
      borderColor: p.border,
      textStyle: { color: p.text, fontSize: 12 },
      axisPointer: { type: 'shadow', shadowStyle: { color: p.text, opacity: 0.05 } },
      formatter: (params: unknown) => {
        const list = Array.isArray(params) ? (params as { dataIndex: number }[]) : []
        const day = days[list[0]?.dataIndex ?? -1]
        if (day === undefined) return ''
        const rate = day.rate_basis_points === null ? '\u2014' : percentText(day.rate_basis_points)
        return [
          day.date,
          `${words.collected} ${axisText(day.collected_minor, unit, plain)}`,
          `${words.rate} ${rate}`,
          ...(partial.has(day.date) ? [words.partial] : []),
        ].join('\n')
      },
    },
    grid: [
      { left: 52, right: 12, top: 18, bottom: '43%' },
      { left: 52, right: 12, bottom: 20, height: '16%' },
    ],
    xAxis: [
      { type: 'category', gridIndex: 0, data: dates, ...axis, axisLabel: { show: false } },
      { type: 'category', gridIndex: 1, data: dates, ...axis, axisLabel: { color: p.text3, fontSize: 11, interval: (i: number) => (last - i) % 4 === 0 } },
    ],
    yAxis: [
      { type: 'value', gridIndex: 0, ...scale, axisLabel: { ...scale.axisLabel, formatter: (v: number) => axisText(v, unit) } },
      { type: 'value', gridIndex: 1, ...scale, max: rateEnd, interval: rateEnd, axisLabel: { ...scale.axisLabel, formatter: (v: number) => percentText(v) } },
    ],
    series: [
      {
        type: 'bar',
        name: words.collected,
        xAxisIndex: 0,
        yAxisIndex: 0,
        barMaxWidth: 16,
        barMinHeight: 3,
        data: days.map((d, i) => ({
          value: d.collected_minor === 0 ? null : d.collected_minor,
          itemStyle: { color: i === last ? p.chartStrong : p.chart },
          ...(i === last || (i === peak && Math.abs(last - peak) > 1) ? { label: label(axisText(d.collected_minor, unit, plain), i === last) } : {}),
        })),
        markArea: {
          silent: true,
          itemStyle: { color: p.families.wa.fill, opacity: 0.7 },
          label: { color: p.text3, fontSize: 11, position: 'inside' },
          data: runs(days, partial).map(([from, to]) => [{ name: words.partial, xAxis: shortDay(from) }, { xAxis: shortDay(to) }]),
        },
      },
      {
        type: 'bar',
        name: words.rate,
        xAxisIndex: 1,
        yAxisIndex: 1,
        barMaxWidth: 16,
        barMinHeight: 3,
        data: days.map((d, i) => ({
          value: d.rate_basis_points === 0 ? null : d.rate_basis_points,
          itemStyle: { color: p.chartSecond },
          ...(i === last || (i === worst && Math.abs(last - worst) > 1)
            ? { label: label(d.rate_basis_points === null ? '' : percentText(d.rate_basis_points), i === last) }
            : {}),
        })),
      },
    ],
  }
}
