import { useEffect, useId, useRef, useState, type RefObject } from 'react'
import { count, currencyOf, minus, moneyDigits, moneyText } from '../format'
import type { Currency, WaterfallStep } from '../generated/types'
import { hasMessage, tDynamic, useLanguage, useT, type Translate } from '../i18n'
import { Money } from './Money'
import { layout, plain, totals } from './waterfall'

const known: ReadonlySet<string> = new Set([...totals, 'opening_balance', 'waiting', 'residual'])

/** The two-sided name of a step. */
function stepName(name: string): string {
  // Runs of older versions name their steps by code.
  const key = [`recon.step.${name}`, `bucket.${name}`, `difference.${name}`].find(hasMessage)
  return key === undefined ? name : tDynamic(key, {})
}

/** The name under a bar: short, so that nine of them stand side by side in English too. */
function stepLabel(name: string): string {
  const key = `bucket_short.${name}`
  return hasMessage(key) ? tDynamic(key, {}) : stepName(name)
}

/** An amount on an axis: ten-thousands in Chinese, thousands in English, with as many decimals as tell two ticks apart. */
function axis(t: Translate, minor: number, step: number, currency: string, lang: 'zh' | 'en'): string {
  const perUnit = 10 ** currencyOf(currency).digits * (lang === 'zh' ? 10_000 : 1000)
  if (Math.abs(minor) < perUnit) return moneyText({ minor, currency }).replace(currencyOf(currency).symbol, '')
  let decimals = 1
  while (decimals < 4 && (step * 10 ** decimals) % perUnit !== 0) decimals += 1
  const scaled = String(Math.round((Math.abs(minor) * 10 ** decimals) / perUnit)).padStart(decimals + 1, '0')
  const n = `${minor < 0 ? minus : ''}${count(Number(scaled.slice(0, -decimals)))}.${scaled.slice(-decimals)}`
  return lang === 'zh' ? t('common.ten_thousand', { n }) : t('common.thousand', { n })
}

const height = 150
const left = 62

type Props = { steps: readonly WaterfallStep[]; currency: Currency }

/** The waterfall in one sentence, for whoever does not see it. */
function waterfallSummary(t: Translate, { steps, currency }: Props): string {
  const of = (name: string) => steps.find((s) => s.name === name)?.minor ?? 0
  if (steps.some((s) => s.name === 'gross_paid')) {
    return t('flow.waterfall_summary', {
      paid: moneyText({ minor: of('gross_paid'), currency }),
      booked: moneyText({ minor: of('booked_net'), currency }),
      closing: moneyText({ minor: of('closing_balance'), currency }),
      residual: moneyText({ minor: of('residual'), currency }),
    })
  }
  return t('recon.waterfall_summary', {
    channel: moneyText({ minor: of('channel_net'), currency }),
    ledger: moneyText({ minor: of('ledger_net'), currency }),
    steps: Math.max(0, steps.length - 3),
    residual: moneyText({ minor: of('residual'), currency }),
  })
}

/** The same as a table: every step with its count and amount. */
export function WaterfallTable({ steps, currency }: Props) {
  const t = useT()
  return (
    <table className="zf-table">
      <caption className="zf-sr">{waterfallSummary(t, { steps, currency })}</caption>
      <thead>
        <tr>
          <th scope="col">{t('recon.col.step')}</th>
          <th scope="col" className="zf-num">{t('recon.col.count')}</th>
          <th scope="col" className="zf-num">{t('recon.col.sum')}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((s) => (
          <tr key={s.name}>
            <th scope="row">{stepName(s.name)}</th>
            <td className="zf-num">{s.name === 'residual' ? '—' : count(s.count)}</td>
            <td className="zf-num">
              <Money value={{ minor: s.minor, currency }} signed={!known.has(s.name)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The width there is, so that the chart is drawn at its true size and its smallest text stays 11 px. */
function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(840)
  useEffect(() => {
    const element = frame.current
    if (element === null || element.clientWidth === 0) return
    const tell = () => setWidth(Math.max(480, element.clientWidth))
    tell()
    const observer = new ResizeObserver(tell)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [frame, width]
}

/** From the channel's net to ours, one named bar a difference, ending in what nobody explains. One currency. */
export function WaterfallChart({ steps, currency }: Props) {
  const t = useT()
  const lang = useLanguage()
  const hatch = useId()
  const [frame, width] = useWidth()
  const plot = layout(steps)
  const slot = (width - left) / Math.max(1, plot.bars.length)
  const bar = Math.min(44, slot * 0.55)
  const y = (fraction: number) => 18 + (1 - fraction) * (height - 18)
  const tickStep = Math.abs((plot.ticks[1]?.minor ?? 0) - (plot.ticks[0]?.minor ?? 0))
  return (
    <div ref={frame} className="zf-chart-frame">
    <svg viewBox={`0 0 ${width} ${height + 40}`} className="zf-chart" role="img" aria-label={waterfallSummary(t, { steps, currency })}>
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="6" height="6" className="zf-bar-delta" />
          <rect width="2.4" height="6" className="zf-bar-hatch" />
        </pattern>
      </defs>
      {plot.ticks.map((tick) => (
        <g key={tick.minor}>
          <line x1={left - 6} x2={width} y1={y(tick.at)} y2={y(tick.at)} className="zf-axis" />
          <text x={left - 12} y={y(tick.at) + 4} textAnchor="end" className="zf-tick">
            {axis(t, tick.minor, tickStep, currency, lang)}
          </text>
        </g>
      ))}
      <line x1={left - 6} x2={width} y1={height} y2={height} className="zf-axis-base" />
      {plot.bars.map((b, i) => {
        const x = left + slot * i + (slot - bar) / 2
        const middle = x + bar / 2
        const top = y(Math.max(b.from, b.to))
        const tall = Math.max(3, Math.abs(y(b.from) - y(b.to)))
        const zero = b.look === 'residual' && b.step.minor === 0
        const money = { minor: b.step.minor, currency }
        const text =
          b.look === 'delta' || b.look === 'residual'
            ? `${b.step.minor < 0 ? minus : b.step.minor > 0 ? '+' : ''}${moneyDigits(money)}`
            : moneyDigits(money)
        const next = plot.bars[i + 1]
        return (
          <g key={b.step.name}>
            {zero ? (
              <line x1={x} x2={x + bar} y1={top} y2={top} className="zf-bar-zero" />
            ) : (
              <rect
                x={x}
                y={top}
                width={bar}
                height={tall}
                rx={2}
                className={b.look === 'total' ? 'zf-bar-total' : b.look === 'delta' && plain.has(b.step.name) ? 'zf-bar-waiting' : b.look === 'residual' ? 'zf-bar-residual' : ''}
                fill={b.look === 'delta' && !plain.has(b.step.name) ? `url(#${hatch})` : undefined}
              />
            )}
            {b.look === 'total' && plot.broken ? (
              <polyline points={[0, 1, 2, 3, 4].map((p) => `${x + (bar / 4) * p},${height - 10 - (p % 2) * 6}`).join(' ')} className="zf-bar-break" />
            ) : null}
            {next === undefined ? null : <line x1={x + bar} x2={x + slot} y1={y(b.level)} y2={y(b.level)} className="zf-connector" />}
            <text x={middle} y={top - 6} textAnchor="middle" className={b.look === 'delta' ? 'zf-bar-value' : zero ? 'zf-bar-value zf-bar-value-ok' : 'zf-bar-value zf-bar-value-strong'}>
              {zero ? `✓ ${text}` : text}
            </text>
            <text x={middle} y={height + 16} textAnchor="middle" className="zf-bar-name">
              {stepLabel(b.step.name)}
            </text>
            <text x={middle} y={height + 31} textAnchor="middle" className="zf-tick">
              {b.look === 'residual' ? t('recon.step.must_zero') : b.step.count === 0 ? '' : t('common.items', { n: count(b.step.count) })}
            </text>
          </g>
        )
      })}
    </svg>
    </div>
  )
}
