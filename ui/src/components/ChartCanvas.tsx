import { useEffect, useRef } from 'react'
import { init, type ChartOption, type ECharts } from './echarts'

/**
 * Draws one chart on a canvas. It is a picture only: `Chart` says the same in a sentence and a table,
 * so it is hidden from screen readers. Text in it takes the page's own font.
 */
export default function ChartCanvas({ option, onChoose }: { option: ChartOption; onChoose?: (index: number) => void }) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts | null>(null)
  const choose = useRef(onChoose)
  useEffect(() => {
    choose.current = onChoose
  })
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const drawn = init(element, null, { renderer: 'canvas' })
    chart.current = drawn
    drawn.on('click', (event) => choose.current?.(event.dataIndex))
    const observer = new ResizeObserver(() => drawn.resize())
    observer.observe(element)
    return () => {
      observer.disconnect()
      drawn.dispose()
      chart.current = null
    }
  }, [])
  useEffect(() => {
    chart.current?.setOption(
      { animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11 }, ...option },
      { notMerge: true },
    )
  }, [option])
  return <div ref={place} className="zf-chart-canvas" aria-hidden data-testid="chart-canvas" />
}
