import { useEffect, useRef, type KeyboardEvent } from 'react'
import type { BillCalendar as Calendar, BillCell, BillKind } from '../../../generated/types'
import { fill, useLanguage, useT } from '../../../i18n'
import { dictionary } from '../../../status/dictionary'

export type Chosen = { date: string; kind: BillKind }

const signs: Record<BillCell['status'], string> = {
  not_due: '',
  not_fetched: '↓',
  generating: '⋯',
  downloading: '↻',
  verified: '',
  no_trade: '·',
  lost_soon: '!',
  partial: '½',
  failed: '✕',
  refused: '✕',
  lost: '■',
}

/** The days side by side, one row a kind of bill. Arrow keys walk the cells. */
export function BillCalendar({ calendar, chosen, onChoose }: { calendar: Calendar; chosen: Chosen | null; onChoose: (next: Chosen) => void }) {
  const t = useT()
  const lang = useLanguage()
  const frame = useRef<HTMLDivElement>(null)
  // On a narrow window the newest days are the ones in sight.
  useEffect(() => {
    if (frame.current !== null) frame.current.scrollLeft = frame.current.scrollWidth
  }, [calendar.days.length])
  const days = calendar.days.toSorted((a, b) => (a.date < b.date ? -1 : 1))
  const kinds: readonly BillKind[] = ['trade', 'fund_flow']
  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const flip = event.key === 'ArrowUp' || event.key === 'ArrowDown'
    if ((by === undefined && !flip) || chosen === null) return
    event.preventDefault()
    event.stopPropagation()
    const at = days.findIndex((d) => d.date === chosen.date)
    const day = days[Math.max(0, Math.min(days.length - 1, at + (by ?? 0)))]
    const kind: BillKind = flip ? (chosen.kind === 'trade' ? 'fund_flow' : 'trade') : chosen.kind
    if (day === undefined) return
    onChoose({ date: day.date, kind })
    event.currentTarget.querySelector<HTMLButtonElement>(`[data-cell="${day.date}-${kind}"]`)?.focus()
  }
  return (
    <div ref={frame} className="zf-cal" role="group" aria-label={t('bills.calendar')} onKeyDown={walk}>
      <div className="zf-cal-row">
        <span className="zf-cal-name" />
        {days.map((d, i) => (
          <span key={d.date} className={`zf-cal-date${i === days.length - 1 ? ' zf-strong' : ''}`}>
            {i % 7 === days.length % 7 || i === days.length - 1 ? d.date.slice(5) : ''}
          </span>
        ))}
      </div>
      {kinds.map((kind) => (
        <div className="zf-cal-row" key={kind}>
          <span className="zf-cal-name">{t(`bills.kind.${kind}`)}</span>
          {days.map((d) => {
            const cell = d[kind]
            const isChosen = chosen !== null && chosen.date === d.date && chosen.kind === kind
            const label = t('bills.cell', {
              date: d.date,
              kind: t(`bills.kind.${kind}`),
              status: fill(dictionary.bill[cell.status][lang], { n: cell.days_left ?? '?' }),
            })
            return (
              <button
                key={d.date}
                type="button"
                className={`zf-cal-cell zf-cal-${cell.status}`}
                aria-pressed={isChosen}
                aria-label={label}
                title={label}
                tabIndex={isChosen ? 0 : -1}
                onClick={() => onChoose({ date: d.date, kind })}
                data-cell={`${d.date}-${kind}`}
                data-testid={`bill-${d.date}-${kind}`}
                data-status={cell.status}
              >
                {signs[cell.status]}
              </button>
            )
          })}
        </div>
      ))}
    </div>
  )
}
