import { describe, expect, it } from 'vitest'
import type { WaterfallStep } from '../generated/types'
import { layout } from './waterfall'

const step = (name: string, minor: number): WaterfallStep => ({ name, minor, count: 1 })

describe('waterfall', () => {
  it('breaks its axis when the totals dwarf the differences, and says so', () => {
    const plot = layout([step('channel_net', 59413836), step('missing_in_ledger', -122800), step('ledger_net', 59291036), step('residual', 0)])
    expect(plot.broken).toBe(true)
    expect(plot.bars.map((b) => b.look)).toEqual(['total', 'delta', 'total', 'residual'])
    const [channel, delta, ledger, residual] = plot.bars
    expect(delta?.from).toBeCloseTo(channel?.to ?? -1)
    expect(delta?.to).toBeCloseTo(ledger?.to ?? -1)
    expect(residual?.from).toBe(residual?.to)
  })

  it('starts at zero when it can', () => {
    const plot = layout([step('channel_net', 1000), step('amount_mismatch', -600), step('ledger_net', 400), step('residual', 0)])
    expect(plot.broken).toBe(false)
    expect(plot.bars[0]?.from).toBe(0)
    expect(plot.bars[0]?.to).toBe(1)
  })

  it('shows a leftover as its own bar', () => {
    const plot = layout([step('channel_net', 1000), step('ledger_net', 900), step('residual', 100)])
    expect(plot.bars[2]?.look).toBe('residual')
    expect(plot.bars[2]?.from).not.toBe(plot.bars[2]?.to)
  })

  it('lives with an empty day and with negative nets', () => {
    for (const steps of [
      [step('channel_net', 0), step('ledger_net', 0), step('residual', 0)],
      [step('channel_net', -500), step('missing_in_channel', 200), step('ledger_net', -300), step('residual', 0)],
    ]) {
      for (const bar of layout(steps).bars) {
        expect(bar.from).toBeGreaterThanOrEqual(0)
        expect(bar.to).toBeLessThanOrEqual(1)
        expect(Number.isFinite(bar.to)).toBe(true)
      }
    }
  })
})
