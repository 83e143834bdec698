import { BarChartOutlined, TableOutlined } from '@ant-design/icons'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useT } from '../i18n'
import type { ChartOption } from './echarts'

const ChartCanvas = lazy(() => import('./ChartCanvas'))

/** Whether this window can draw; a test environment cannot, and then the table stands in. */
function canDraw(): boolean {
  return typeof ResizeObserver !== 'undefined' && typeof CanvasRenderingContext2D !== 'undefined'
}

export type ChartTable = { head: readonly string[]; rows: readonly { key: string; cells: readonly ReactNode[] }[] }

type Props = {
  /** Made with `useMemo`: a new object draws again. At most 2,000 points. */
  option: ChartOption
  /** What the chart says, in one sentence: for everybody, and instead of the picture for some. */
  summary: string
  /** The same figures as a table. The first column names the row. */
  table: ChartTable
  /** Whether the table is shown in place of the picture; see `ChartSwitch`. */
  asTable: boolean
  label: string
  onChoose?: (index: number) => void
  testid?: string
}

/** A chart with its sentence and its table: the picture never is the only way to read it. */
export function Chart({ option, summary, table, asTable, label, onChoose, testid }: Props) {
  const drawn = !asTable && canDraw()
  return (
    <figure className="zf-chart" aria-label={label} data-testid={testid}>
      {drawn ? (
        <Suspense fallback={<div className="zf-chart-canvas" />}>
          <ChartCanvas option={option} {...(onChoose === undefined ? {} : { onChoose })} />
        </Suspense>
      ) : (
        // A table that scrolls must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="zf-chart-table" tabIndex={0} role="region" aria-label={label}>
          <table>
            <thead>
              <tr>
                {table.head.map((h) => (
                  <th key={h} scope="col">
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row) => (
                <tr key={row.key}>
                  {row.cells.map((cell, i) =>
                    i === 0 ? (
                      <th key={table.head[i]} scope="row">
                        {cell}
                      </th>
                    ) : (
                      <td key={table.head[i]}>{cell}</td>
                    ),
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <figcaption className={drawn ? 'zf-sr' : 'zf-help'}>{summary}</figcaption>
    </figure>
  )
}

/** The button in a chart's head that turns it into its table and back. */
export function ChartSwitch({ asTable, onChange, label }: { asTable: boolean; onChange: (next: boolean) => void; label: string }) {
  const t = useT()
  const text = asTable ? t('chart.as_chart', { name: label }) : t('chart.as_table', { name: label })
  return (
    <button type="button" className="zf-about-button" aria-label={text} title={text} aria-pressed={asTable} onClick={() => onChange(!asTable)} data-testid="chart-switch">
      {asTable ? <BarChartOutlined aria-hidden /> : <TableOutlined aria-hidden />}
    </button>
  )
}

/** A chart's state: picture or table. */
export function useChartSwitch(): [boolean, (next: boolean) => void] {
  return useState(false)
}
