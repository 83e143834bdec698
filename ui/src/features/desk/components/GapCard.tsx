import { CloudDownloadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useMay, useMoneyReady, useTask } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { FetchedBills } from '../../../components/FetchedBills'
import { Card, ChannelMark } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import { TaskProgress } from '../../../components/TaskProgress'
import { count, shiftDay } from '../../../format'
import type { BillStatus, DeskAccount, DeskGapDay, DeskGapRow, DeskOverview } from '../../../generated/types'
import { useT } from '../../../i18n'
import { go } from '../../../router'
import { billWord, missingBills, shortDay, useFetchMissing } from '../api'

/** The shape beside the colour; the same as on the bills page. */
const signs: Record<BillStatus, string> = {
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

type At = { row: number; day: number }

/** Up to this many accounts the two bills of a day are shown apart. */
const apartMax = 3

/** A row of the map: an account's days, by the worse word of its two bills or by one of them. */
type Line = { row: DeskGapRow; kind: 'worse' | 'trade' | 'fund_flow'; account: DeskAccount['account'] | undefined; name: ReactNode; title: string }

type DaysProps = { line: Line; index: number; first: string; at: At; onAt: (at: At) => void; label: (day: DeskGapDay, date: string) => string }

/** One line's days. */
function Days({ line, index, first, at, onAt, label }: DaysProps) {
  const { row, kind } = line
  return (
    <>
      <span className="zf-gap-name zf-ellipsis" title={line.title}>
        {line.name}
      </span>
      {row.days.map((day, i) => {
        const date = shiftDay(first, i)
        const text = label(day, date)
        const status = day[kind]
        const here = at.row === index && at.day === i
        return (
          <button
            key={date}
            type="button"
            className={`zf-cal-cell zf-cal-${status}`}
            aria-label={text}
            title={text}
            tabIndex={here ? 0 : -1}
            onFocus={() => onAt({ row: index, day: i })}
            onMouseEnter={() => onAt({ row: index, day: i })}
            onClick={() => go('/bills', { account: row.account_id, day: date })}
            data-gap={`${index}-${i}`}
            data-testid={kind === 'fund_flow' ? `gap-fund-${date}` : `gap-${date}`}
            data-status={kind === 'trade' ? day.worse : status}
          >
            {signs[status]}
          </button>
        )
      })}
    </>
  )
}

/** Which days of which account have their bills, and fetching those that can still be had. */
export function GapCard({ desk }: { desk: DeskOverview }) {
  const t = useT()
  const ready = useMoneyReady()
  const mayFetch = useMay('run_reconciliation')
  const fetching = useFetchMissing()
  const task = useTask('bill_gaps')
  const { gaps } = desk
  const days = gaps.accounts[0]?.days.length ?? 0
  const [at, setAt] = useState<At>({ row: 0, day: days - 1 })
  const [spoken, setSpoken] = useState(false)
  const grid = useRef<HTMLDivElement>(null)
  const names = new Map(desk.accounts.map((a) => [a.account.account_id, a.account.display_name]))
  const channels = new Map(desk.accounts.map((a) => [a.account.account_id, a.account]))
  const label = (row: DeskGapRow) => (day: DeskGapDay, date: string) =>
    t('desk.gaps_cell', {
      date,
      account: names.get(row.account_id) ?? '',
      trade: billWord(day.trade, day.days_left),
      fund: billWord(day.fund_flow, day.days_left),
    })
  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = ({ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] } as const)[event.key as 'ArrowLeft']
    if (step === undefined) return
    event.preventDefault()
    // The close table walks its rows with the same arrows: here they belong to the map.
    event.stopPropagation()
    const to = { row: Math.max(0, Math.min(lines.length - 1, at.row + step[0])), day: Math.max(0, Math.min(days - 1, at.day + step[1])) }
    setAt(to)
    grid.current?.querySelector<HTMLButtonElement>(`[data-gap="${to.row}-${to.day}"]`)?.focus()
  }
  // Few accounts leave room for both bills of a day; many share one line each.
  const apart = gaps.accounts.length <= apartMax
  const lines = gaps.accounts.flatMap((row): Line[] => {
    const account = channels.get(row.account_id)
    const title = names.get(row.account_id) ?? ''
    const mark = account === undefined ? null : <ChannelMark channel={account.channel} />
    const tail = account === undefined ? '' : account.merchant_no_masked.slice(-4)
    if (!apart) return [{ row, kind: 'worse', account, title, name: <>{mark} {tail}</> }]
    return (['trade', 'fund_flow'] as const).map((kind) => ({
      row,
      kind,
      account,
      title: `${title} ${t(`bills.kind.${kind}`)}`,
      name: (
        <>
          {mark} {tail} <span className="zf-t3">{t(`desk.gaps_kind.${kind}`)}</span>
        </>
      ),
    }))
  })
  const row = lines[at.row]?.row
  const day = row?.days[at.day]
  const words = gaps.counts.filter((c) => c.count > 0)
  const begin = () => {
    setSpoken(false)
    fetching.mutate({ account_id: null })
  }
  return (
    <Card
      className="zf-desk-gaps"
      title={t('desk.gaps')}
      note={t('desk.gaps_note', { n: days })}
      testid="desk-gaps"
      extra={
        <>
          <span className="zf-gap-legend">
            {words.map((c) => (
              <span key={c.status} className="zf-row zf-legend" data-testid={`gap-count-${c.status}`}>
                <span className={`zf-cal-cell zf-cal-${c.status}`} aria-hidden>
                  {signs[c.status]}
                </span>
                {t('desk.gaps_count', { word: billWord(c.status, c.status === 'lost_soon' ? gaps.least_days_left : null), n: count(c.count) })}
              </span>
            ))}
          </span>
          <AboutNumber
            name={t('desk.gaps')}
            counts={t('desk.about.gaps')}
            filter={`${gaps.first} – ${gaps.last} · ${t('desk.about.all_accounts')}`}
            asOf={desk.as_of}
            missing={missingBills(t, desk)}
            testid="about-gaps"
          />
          {mayFetch || gaps.fetchable === 0 ? null : <span className="zf-help">{t('desk.fetch_by')}</span>}
          <Button
            size="small"
            icon={<CloudDownloadOutlined />}
            disabled={!mayFetch || !ready || gaps.fetchable === 0 || task !== null}
            loading={fetching.isPending}
            title={mayFetch ? undefined : t('bills.cannot_fetch')}
            onClick={begin}
            data-testid="desk-fetch-missing"
          >
            {gaps.fetchable === 0 ? t('desk.fetch_none') : t('desk.fetch_n', { n: gaps.fetchable })}
          </Button>
        </>
      }
    >
      <div className={apart ? 'zf-gap-map zf-gap-apart' : 'zf-gap-map'} role="group" aria-label={t('desk.gaps')} ref={grid} onKeyDown={walk} onMouseLeave={() => setSpoken(false)} onMouseEnter={() => setSpoken(true)} onFocus={() => setSpoken(true)}>
        <span className="zf-gap-name" />
        {Array.from({ length: days }, (_, i) => (
          <span key={shiftDay(gaps.first, i)} className={`zf-gap-date${i === days - 1 ? ' zf-strong' : ''}`}>
            {(days - 1 - i) % 7 === 0 ? shortDay(shiftDay(gaps.first, i)) : ''}
          </span>
        ))}
        {lines.map((line, i) => (
          <Days key={`${line.row.account_id}-${line.kind}`} line={line} index={i} first={gaps.first} at={at} onAt={setAt} label={label(line.row)} />
        ))}
      </div>
      {/* Many accounts fill the card; each cell says the same by its own label. */}
      {apart ? (
        <p className="zf-help zf-gap-said" aria-hidden>
          {!spoken || row === undefined || day === undefined ? (
            t('desk.gaps_hint')
          ) : (
            <>
              <ChannelMark channel={channels.get(row.account_id)?.channel ?? ''} /> {label(row)(day, shiftDay(gaps.first, at.day))}
            </>
          )}
        </p>
      ) : null}
      {task === null ? null : <TaskProgress task={task} />}
      {fetching.error === null ? null : <ErrorPanel error={fetching.error} testid="fetch-missing-error" />}
      {fetching.data === undefined || task !== null ? null : <FetchedBills result={fetching.data} names={names} onAgain={mayFetch && ready ? begin : undefined} />}
    </Card>
  )
}
