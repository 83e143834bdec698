/** Where the bars of the waterfall stand. Pure: minor units in, fractions of the height out. */
import type { WaterfallStep } from '../generated/types'

export type Bar = {
  step: WaterfallStep
  /** `total` stands on the axis, `delta` floats, `residual` is the leftover. */
  look: 'total' | 'delta' | 'residual'
  /** Fractions of the plot's height from its bottom, 0 to 1. */
  from: number
  to: number
  /** The running sum after this bar, as a fraction: where the connector to the next one lies. */
  level: number
}

export type Plot = { bars: readonly Bar[]; broken: boolean; ticks: readonly { minor: number; at: number }[] }

/** The nicest step (1, 2 or 5 times a power of ten) that cuts a span in about four. */
function niceStep(span: number): number {
  const rough = Math.max(1, Math.ceil(span / 4))
  const power = 10 ** (String(rough).length - 1)
  return [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough
}

/** Steps that stand on the axis: what the way begins with, passes and ends in. */
export const totals: ReadonlySet<string> = new Set(['channel_net', 'ledger_net', 'gross_paid', 'booked_net', 'closing_balance'])

/** Steps that are no differences: they look like what waits, not like what is wrong. */
export const plain: ReadonlySet<string> = new Set([
  'waiting', 'gross_refunded', 'fees', 'opening_balance', 'top_up', 'service_fee', 'adjustment', 'explained', 'bank_received',
])

/**
 * Lays out channel net → differences → ledger net. The axis is broken (and says so) when the totals
 * are so large that the differences between them could not be seen from zero.
 */
export function layout(steps: readonly WaterfallStep[]): Plot {
  let running = 0
  const spans: { step: WaterfallStep; look: Bar['look']; a: number; b: number }[] = []
  for (const step of steps) {
    if (totals.has(step.name)) {
      running = step.minor
      spans.push({ step, look: 'total', a: 0, b: step.minor })
    } else if (step.name === 'residual') {
      spans.push({ step, look: 'residual', a: running, b: running + step.minor })
    } else {
      spans.push({ step, look: 'delta', a: running, b: running + step.minor })
      running += step.minor
    }
  }
  const levels = spans.flatMap((s) => (s.look === 'total' ? [s.b] : [s.a, s.b]))
  const high = Math.max(0, ...levels)
  const low = Math.min(...levels, high)
  const spread = Math.max(1, high - low)
  const broken = low > 0 && spread * 4 < high
  const floor = broken ? low - Math.max(1, Math.round(spread / 2)) : Math.min(0, low)
  const range = Math.max(1, high - floor)
  const at = (minor: number) => Math.max(0, Math.min(1, (minor - floor) / range))
  const step = niceStep(range)
  const ticks: { minor: number; at: number }[] = []
  for (let minor = Math.ceil(floor / step) * step; minor <= high; minor += step) ticks.push({ minor, at: at(minor) })
  return {
    broken,
    ticks,
    bars: spans.map((s) => ({
      step: s.step,
      look: s.look,
      from: s.look === 'total' ? (broken ? 0 : at(0)) : at(s.a),
      to: at(s.b),
      level: at(s.b),
    })),
  }
}
