import { useState } from 'react'
import { Money } from '../../../components/Money'
import { Card } from '../../../components/small'
import { count, minus, moneyDigits, moneyText } from '../../../format'
import type { Money as Amount, ReconView } from '../../../generated/types'
import { hasMessage, tDynamic, useLanguage, useT, type Translate } from '../../../i18n'
import { FamilyTag } from '../../../status/StatusTag'
import { layout } from '../waterfall'

const known: ReadonlySet<string> = new Set(['channel_net', 'ledger_net', 'waiting', 'residual'])

export function stepName(t: Translate, name: string): string {
  if (known.has(name)) return t(`recon.step.${name as 'waiting'}`)
  const key = `difference.${name}`
  return hasMessage(key) ? tDynamic(key, {}) : name
}

/** The name under a bar: English ones would run into each other, so they are the short ones of the tabs. */
function stepLabel(t: Translate, lang: 'zh' | 'en', name: string): string {
  const key = `recon.tab.${name}`
  return lang === 'en' && hasMessage(key) ? tDynamic(key, {}) : stepName(t, name)
}

/** An amount on an axis: ten-thousands in Chinese, thousands in English. */
function axis(t: Translate, minor: number, lang: 'zh' | 'en'): string {
  const yuan = Math.round(minor / 100)
  const unit = lang === 'zh' ? 10_000 : 1000
  if (Math.abs(yuan) < unit) return count(yuan)
  const tenths = Math.round((Math.abs(yuan) * 10) / unit)
  const n = `${yuan < 0 ? minus : ''}${count(Math.floor(tenths / 10))}.${tenths % 10}`
  return lang === 'zh' ? t('common.ten_thousand', { n }) : t('common.thousand', { n })
}

const width = 1000
const height = 150
const left = 62

/** From the channel's net to ours, one named bar a difference, ending in what nobody explains. */
export function Waterfall({ run }: { run: ReconView }) {
  const t = useT()
  const lang = useLanguage()
  const [table, setTable] = useState(false)
  const steps = run.waterfall
  const currency = run.residual.currency
  const money = (minor: number): Amount => ({ minor, currency })
  const of = (name: string) => steps.find((s) => s.name === name)?.minor ?? 0
  const plot = layout(steps)
  const slot = (width - left) / Math.max(1, plot.bars.length)
  const bar = Math.min(44, slot * 0.55)
  const y = (fraction: number) => 18 + (1 - fraction) * (height - 18)
  return (
    <Card
      className="zf-waterfall"
      testid="waterfall"
      title={t('recon.waterfall')}
      note={`${t('recon.waterfall_note', { date: run.date.slice(5) })}${plot.broken ? ` · ${t('recon.waterfall_broken')}` : ''}`}
      extra={
        <>
          <button type="button" className="zf-linkbtn" onClick={() => setTable(!table)}>
            {table ? t('recon.as_chart') : t('recon.as_table')}
          </button>
          <FamilyTag family={run.residual.minor === 0 ? 'ok' : 'br'}>
            {t('recon.residual')} <b data-testid="residual">{moneyText(run.residual)}</b>
          </FamilyTag>
        </>
      }
    >
      {table ? (
        <table className="zf-table">
          <thead>
            <tr>
              <th>{t('recon.col.step')}</th>
              <th className="zf-num">{t('recon.col.count')}</th>
              <th className="zf-num">{t('recon.col.sum')}</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((s) => (
              <tr key={s.name}>
                <td>{stepName(t, s.name)}</td>
                <td className="zf-num">{count(s.count)}</td>
                <td className="zf-num">
                  <Money value={money(s.minor)} signed={!known.has(s.name)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <svg
          viewBox={`0 0 ${width} ${height + 40}`}
          className="zf-chart"
          role="img"
          aria-label={t('recon.waterfall_summary', {
            channel: moneyText(money(of('channel_net'))),
            ledger: moneyText(money(of('ledger_net'))),
            steps: Math.max(0, steps.length - 3),
            residual: moneyText(run.residual),
          })}
        >
          <defs>
            <pattern id="zf-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="6" height="6" className="zf-bar-delta" />
              <rect width="2.4" height="6" className="zf-bar-hatch" />
            </pattern>
          </defs>
          {plot.ticks.map((tick) => (
            <g key={tick.minor}>
              <line x1={left - 6} x2={width} y1={y(tick.at)} y2={y(tick.at)} className="zf-axis" />
              <text x={left - 12} y={y(tick.at) + 4} textAnchor="end" className="zf-tick">
                {axis(t, tick.minor, lang)}
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
            const text =
              b.look === 'delta' || b.look === 'residual'
                ? `${b.step.minor < 0 ? minus : b.step.minor > 0 ? '+' : ''}${moneyDigits(money(b.step.minor))}`
                : moneyDigits(money(b.step.minor))
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
                    className={b.look === 'total' ? 'zf-bar-total' : b.step.name === 'waiting' ? 'zf-bar-waiting' : b.look === 'residual' ? 'zf-bar-residual' : ''}
                    fill={b.look === 'delta' && b.step.name !== 'waiting' ? 'url(#zf-hatch)' : undefined}
                  />
                )}
                {b.look === 'total' && plot.broken ? (
                  <polyline
                    points={[0, 1, 2, 3, 4].map((p) => `${x + (bar / 4) * p},${height - 10 - (p % 2) * 6}`).join(' ')}
                    className="zf-bar-break"
                  />
                ) : null}
                {next === undefined ? null : (
                  <line x1={x + bar} x2={x + slot} y1={y(b.level)} y2={y(b.level)} className="zf-connector" />
                )}
                <text x={middle} y={top - 6} textAnchor="middle" className={b.look === 'delta' ? 'zf-bar-value' : zero ? 'zf-bar-value zf-bar-value-ok' : 'zf-bar-value zf-bar-value-strong'}>
                  {zero ? `✓ ${text}` : text}
                </text>
                <text x={middle} y={height + 16} textAnchor="middle" className="zf-bar-name">
                  {stepLabel(t, lang, b.step.name)}
                </text>
                <text x={middle} y={height + 31} textAnchor="middle" className="zf-tick">
                  {b.look === 'residual' ? t('recon.step.must_zero') : t('common.items', { n: count(b.step.count) })}
                </text>
              </g>
            )
          })}
        </svg>
      )}
    </Card>
  )
}
