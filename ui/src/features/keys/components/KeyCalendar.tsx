import { CloseOutlined } from '@ant-design/icons'
import type { KeyList, KeyRow } from '../../../generated/types'
import { shiftDay, timeText } from '../../../format'
import { useT } from '../../../i18n'
import { StatusTag } from '../../../status/StatusTag'
import { daysBefore, daysShown, span, ticks } from '../api'
import { KeyName } from './KeyName'

function Bar({ row, today }: { row: KeyRow; today: string }) {
  const t = useT()
  const place = span(row, today)
  if (place === null) return <span className="zf-keybar-note">{t('certs.end_unknown')}</span>
  const { from, to, ends, bands } = place
  const end = row.not_after === null ? null : timeText(row.not_after, 'date')
  const invalid = row.state === 'invalid'
  const look = invalid ? 'gone' : row.state === 'rotating' ? 'new' : end === null ? 'open' : 'held'
  const note =
    end === null
      ? row.suggested_at === null
        ? t('certs.no_end')
        : t('certs.advised', { date: timeText(row.suggested_at, 'date') })
      : !ends
        ? invalid
          ? t('certs.ended', { date: end })
          : `${end} →`
        : invalid
          ? t('certs.ended', { date: end.slice(5) })
          : row.attention
            ? t('certs.ends', { date: end.slice(5), ready: shiftDay(end, -5).slice(5) })
            : end
  return (
    <>
      {bands === null || invalid ? null : (
        <>
          <span className="zf-keyband zf-keyband-10" style={{ left: `${bands.ten[0]}%`, width: `${bands.ten[1] - bands.ten[0]}%` }} title={t('certs.band_10')}>
            <i>−10</i>
          </span>
          <span className="zf-keyband zf-keyband-5" style={{ left: `${bands.five[0]}%`, width: `${bands.five[1] - bands.five[0]}%` }} title={t('certs.band_5')}>
            <i>−5</i>
          </span>
        </>
      )}
      <span className={`zf-keybar zf-keybar-${look}`} style={{ left: `${from}%`, width: `${Math.max(0.6, to - from)}%` }} />
      {ends ? (
        <span className={`zf-keyend${invalid ? ' zf-keyend-gone' : row.attention ? ' zf-keyend-near' : ''}`} style={{ left: `${to}%` }}>
          {invalid ? <CloseOutlined aria-hidden /> : row.attention ? '0' : null}
        </span>
      ) : null}
      <span className={`zf-keybar-note${ends && to < 72 ? ' zf-keybar-after' : ''}`} style={ends && to < 72 ? { left: `${to}%` } : undefined}>
        {note}
      </span>
    </>
  )
}

type Props = { list: KeyList; active: string | null; onOpen: (row: KeyRow) => void }

/** Every key as a bar on one time line: what ends, when, and what stops then. */
export function KeyCalendar({ list, active, onOpen }: Props) {
  const t = useT()
  const { rows, today } = list
  const at = (daysBefore / daysShown) * 100
  const soon = rows.filter((r) => r.attention).length
  return (
    <div
      className="zf-keycal"
      role="grid"
      aria-label={t('certs.chart_summary', {
        n: rows.length,
        from: shiftDay(today, -daysBefore),
        to: shiftDay(today, daysShown - daysBefore),
        soon: soon === 0 ? t('certs.sum_fine') : t('certs.sum_soon', { n: soon }),
      })}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      aria-activedescendant={active === null ? undefined : `key-${active}`}
      data-testid="key-calendar"
    >
      <div className="zf-keycal-head" role="row" aria-rowindex={1}>
        <span role="columnheader">{t('certs.col.key')}</span>
        <span role="columnheader">{t('certs.col.state')}</span>
        <span role="columnheader" className="zf-keycal-axis" aria-label={t('certs.col.time')}>
          {ticks(today).map((tick) =>
            Math.abs(tick.at - at) < 5 ? null : (
              <i key={tick.day} style={{ left: `${tick.at}%` }}>
                {tick.day.slice(5)}
              </i>
            ),
          )}
          <b style={{ left: `${at}%` }}>{t('certs.today', { date: today.slice(5) })}</b>
        </span>
        <span role="columnheader">{t('certs.col.consequence')}</span>
      </div>
      {rows.map((row, i) => (
        // The grid's keys work for every row.
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
        <div
          key={row.key_id}
          id={`key-${row.key_id}`}
          role="row"
          aria-rowindex={i + 2}
          aria-selected={row.key_id === active}
          className="zf-keycal-row"
          onClick={() => onOpen(row)}
          data-testid="key-row"
          data-kind={row.kind}
          data-state={row.state}
        >
          <span role="gridcell">
            <KeyName row={row} rows={rows} />
          </span>
          <span role="gridcell">
            <StatusTag kind="key" status={row.state} n={row.days_left ?? 0} />
          </span>
          <span role="gridcell" className="zf-keycal-track">
            {ticks(today).map((tick) => (
              <span key={tick.day} className="zf-keycal-line" style={{ left: `${tick.at}%` }} />
            ))}
            <Bar row={row} today={today} />
            <span className="zf-keycal-today" style={{ left: `${at}%` }} />
          </span>
          <span role="gridcell" className={row.state === 'invalid' && row.consequence !== 'nothing' ? 'zf-c-br' : 'zf-t2'}>
            {t(`certs.consequence.${row.consequence}`)}
          </span>
        </div>
      ))}
    </div>
  )
}
