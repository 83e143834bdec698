import { AboutNumber } from '../../../components/AboutNumber'
import { kindKey, shortSerial } from '../../../components/keyWords'
import { Card } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { count } from '../../../format'
import type { KeyList, KeyRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { href } from '../../../router'
import { StatusTag } from '../../../status/StatusTag'
import { useKeys } from '../api'

/** Rows shown here; the rest are counted. */
const shownMax = 5
/** The bands before an end: from ten days on the new key is readied, from five on it is used. */
const bandDays = 10

/** What needs somebody first, then what ends first, then what has no end. */
function byUrgency(a: KeyRow, b: KeyRow): number {
  if (a.attention !== b.attention) return a.attention ? -1 : 1
  return (a.not_after === null ? Infinity : (a.days_left ?? 0)) - (b.not_after === null ? Infinity : (b.days_left ?? 0))
}

/** Where today lies on the last ten days of a key. */
function Scale({ days }: { days: number }) {
  const t = useT()
  return (
    <span className="zf-keyscale" title={t('desk.keys_scale')} aria-hidden>
      <span className="zf-keyscale-10">−10</span>
      <span className="zf-keyscale-5">−5</span>
      <i style={{ left: `${((bandDays - Math.max(0, Math.min(bandDays, days))) / bandDays) * 100}%` }} />
      <span className="zf-keyscale-0">0</span>
    </span>
  )
}

function Row({ row, rows }: { row: KeyRow; rows: readonly KeyRow[] }) {
  const t = useT()
  const near = row.not_after !== null && row.days_left !== null && row.days_left <= bandDays
  return (
    <li data-testid="desk-key" data-kind={row.kind} data-state={row.state} title={t(`certs.consequence.${row.consequence}`)}>
      <span className="zf-between">
        <span className="zf-ellipsis zf-desk-key-name">
          {t(kindKey(row, rows))} {row.serial === null ? null : <span className="zf-mono zf-t3">{shortSerial(row.serial)}</span>}
        </span>
        <span className="zf-nowrap-text">
          <StatusTag kind="key" status={row.state} n={row.days_left ?? 0} place="problems" />
        </span>
      </span>
      {near ? <Scale days={row.days_left ?? 0} /> : null}
    </li>
  )
}

function Rows({ list }: { list: KeyList }) {
  const t = useT()
  const rows = list.rows.toSorted(byUrgency)
  const shown = rows.slice(0, shownMax)
  return (
    <>
      <ul className="zf-desk-keys">
        {shown.map((row) => (
          <Row key={row.key_id} row={row} rows={list.rows} />
        ))}
      </ul>
      <p className="zf-help zf-desk-keys-more">
        {rows.length > shown.length ? t('desk.keys_more', { n: count(rows.length - shown.length) }) : t('desk.keys_all', { n: count(rows.length) })}
        {list.vault_locked ? ` · ${t('desk.keys_locked')}` : ''}
      </p>
    </>
  )
}

/** Which keys end soon: the worst first, each with the band it is in. */
export function KeysCard() {
  const t = useT()
  const keys = useKeys()
  const list = keys.data
  return (
    <Card
      flush
      className="zf-desk-keys-card"
      title={t('desk.keys')}
      note={list === undefined ? undefined : list.attention === 0 ? t('desk.keys_fine') : <span className="zf-c-at">{t('desk.keys_due', { n: count(list.attention) })}</span>}
      testid="desk-keys"
      extra={
        <>
          {list === undefined ? null : (
            <AboutNumber name={t('desk.keys')} counts={t('desk.keys_about')} filter={t('desk.about.all_accounts')} asOf={list.now} testid="about-keys" />
          )}
          <a href={href('/keys')}>{t('desk.keys_calendar')} ›</a>
        </>
      }
    >
      {list === undefined ? (
        <div className="zf-pane-section">{keys.error === null ? <Skeleton rows={4} /> : <ErrorPanel error={keys.error} onRetry={() => void keys.refetch()} />}</div>
      ) : list.rows.length === 0 ? (
        <Empty title={t('desk.keys_none')} />
      ) : (
        <Rows list={list} />
      )}
    </Card>
  )
}
