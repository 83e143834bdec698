import { useMemo } from 'react'
import { AboutNumber } from '../../../components/AboutNumber'
import { Chart, ChartSwitch, useChartSwitch } from '../../../components/Chart'
import type { ChartOption } from '../../../components/echarts'
import { Card } from '../../../components/small'
import { Empty } from '../../../components/states'
import { count } from '../../../format'
import type { DeskAge, DeskOverview } from '../../../generated/types'
import { useT } from '../../../i18n'
import { usePreferences } from '../../../preferences'
import { palettes } from '../../../theme/tokens'
import { missingRuns } from '../api'

/** Diagonal stripes: a bar that can be told from another without colour. */
const stripes = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: Math.PI / 4 }

/** How old unsettled differences are: waiting, broken and overdue beside each other. */
export function AgeCard({ desk }: { desk: DeskOverview }) {
  const t = useT()
  const { mode } = usePreferences()
  const [asTable, setAsTable] = useChartSwitch()
  const { ages } = desk
  const open = desk.pool.broken + desk.pool.overdue
  const nothing = open + desk.pool.waiting === 0

  const option = useMemo((): ChartOption => {
    const p = palettes[mode]
    const f = p.families
    const band = (age: DeskAge) => (age.to_days === null ? t('desk.ages_last') : t('desk.ages_band', { from: age.from_days, to: age.to_days }))
    const most = Math.max(...ages.map((age) => age.waiting + age.broken + age.overdue))
    const bar = (name: string, of: (age: DeskAge) => number, colour: string, ink: string, stripe: string | null) => ({
      type: 'bar' as const,
      name,
      stack: 'age',
      barWidth: 14,
      barMinHeight: 3,
      data: ages.map((age) => {
        const value = of(age)
        // A short bar has no room for its figure: it stands beside it.
        const beside = value * 16 < most
        return { value: value === 0 ? null : value, label: beside ? { position: 'right' as const, color: p.text, textBorderWidth: 0 } : {} }
      }),
      itemStyle: stripe === null ? { color: colour } : { color: colour, decal: { ...stripes, color: stripe } },
      label: { show: true, position: 'inside' as const, color: ink, fontSize: 11, fontWeight: 600, textBorderColor: colour, textBorderWidth: stripe === null ? 0 : 3 },
    })
    return {
      grid: { left: 62, right: 14, top: 4, bottom: 4 },
      xAxis: { type: 'value', min: 0, show: false },
      yAxis: {
        type: 'category',
        inverse: true,
        data: ages.map(band),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: p.text2, fontSize: 11 },
      },
      series: [
        bar(t('desk.col.waiting'), (a) => a.waiting, f.wa.solid, p.text, null),
        bar(t('desk.col.broken'), (a) => a.broken, f.at.border, p.text, f.at.solid),
        bar(t('desk.col.overdue'), (a) => a.overdue, f.br.solid, '#FFFFFF', null),
      ],
    }
  }, [ages, mode, t])

  return (
    <Card
      className="zf-desk-ages"
      title={t('desk.ages')}
      note={t('desk.ages_note')}
      testid="desk-ages"
      extra={
        <>
          <AboutNumber
            name={t('desk.ages')}
            counts={t('desk.about.open')}
            filter={t('desk.about.open_filter')}
            asOf={desk.as_of}
            missing={missingRuns(t, desk)}
            testid="about-ages"
          />
          <ChartSwitch asTable={asTable} onChange={setAsTable} label={t('desk.ages')} />
        </>
      }
    >
      {nothing ? (
        <Empty title={t('desk.ages_empty')} note={t('desk.ages_empty_note')} />
      ) : (
        <>
          <div className="zf-chart-legend" aria-hidden>
            <span className="zf-key zf-key-waiting" /> {t('desk.col.waiting')}
            <span className="zf-key zf-key-broken" /> {t('desk.col.broken')}
            <span className="zf-key zf-key-overdue" /> {t('desk.col.overdue')}
          </div>
          <Chart
            label={t('desk.ages')}
            option={option}
            asTable={asTable}
            summary={t('desk.ages_summary', { open: count(open), overdue: count(desk.pool.overdue), waiting: count(desk.pool.waiting) })}
            table={{
              head: [t('desk.ages_col'), t('desk.col.waiting'), t('desk.col.broken'), t('desk.col.overdue')],
              rows: ages.map((age) => ({
                key: String(age.from_days),
                cells: [
                  age.to_days === null ? t('desk.ages_last') : t('desk.ages_band', { from: age.from_days, to: age.to_days }),
                  count(age.waiting),
                  count(age.broken),
                  count(age.overdue),
                ],
              })),
            }}
            testid="age-chart"
          />
        </>
      )}
    </Card>
  )
}
