/** The parts of ECharts the charts use, and nothing else; loaded with the first chart. */
import { BarChart, type BarSeriesOption } from 'echarts/charts'
import {
  GridComponent,
  MarkAreaComponent,
  TooltipComponent,
  type GridComponentOption,
  type MarkAreaComponentOption,
  type TooltipComponentOption,
} from 'echarts/components'
import { init, use as register, type ComposeOption, type ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

register([BarChart, GridComponent, MarkAreaComponent, TooltipComponent, CanvasRenderer])

export type ChartOption = ComposeOption<BarSeriesOption | GridComponentOption | MarkAreaComponentOption | TooltipComponentOption>
export type { ECharts }
export { init }
