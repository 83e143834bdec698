/** The twelve looks of a list or panel (guide §9). They take the place and height of the content. */
import {
  CloseOutlined,
  CopyOutlined,
  DisconnectOutlined,
  DownloadOutlined,
  FilterOutlined,
  InboxOutlined,
  InfoCircleOutlined,
  LockOutlined,
  PauseOutlined,
  CaretRightOutlined,
  ReloadOutlined,
  SearchOutlined,
  TeamOutlined,
} from '@ant-design/icons'
import { Button, Progress } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { describeError } from '../api/errors'
import { count, timeText } from '../format'
import { useT, type Translate } from '../i18n'
import { StatusIcon } from '../status/StatusTag'
import { copyText } from './Id'
import { useToasts } from './Toast'

/** Nothing for 120 ms, then grey lines the height of real rows. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  const t = useT()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 120)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="zf-skeleton" aria-busy="true" role="status" aria-label={t('state.loading')}>
      {late
        ? Array.from({ length: rows }, (_, i) => (
            <div key={i} className="zf-skeleton-row">
              <span />
              <span />
              <span />
              <span />
            </div>
          ))
        : null}
    </div>
  )
}

/** There never was anything: why, and what to do next. */
export function Empty({ title, note, action, icon }: { title: ReactNode; note?: ReactNode; action?: ReactNode; icon?: ReactNode }) {
  return (
    <div className="zf-empty" data-testid="empty">
      <span className="zf-empty-icon" aria-hidden>
        {icon ?? <InboxOutlined />}
      </span>
      <div className="zf-empty-title">{title}</div>
      {note === undefined ? null : <div className="zf-empty-note">{note}</div>}
      {action === undefined ? null : <div className="zf-empty-action">{action}</div>}
    </div>
  )
}

/** A filter that is in force: its name, and how to take it away alone. */
export type NamedFilter = string | { label: string; onRemove: () => void }

/** Something is there, but not under these filters, which are named and can be taken away one by one. */
export function FilteredEmpty({ title, filters, onClear }: { title: ReactNode; filters: readonly NamedFilter[]; onClear: () => void }) {
  const t = useT()
  return (
    <Empty
      icon={<FilterOutlined />}
      title={title}
      note={filters.map((f) => (typeof f === 'string' ? f : f.label)).join(' · ')}
      action={
        <>
          {filters.map((f) =>
            typeof f === 'string' ? null : (
              <Button key={f.label} size="small" icon={<CloseOutlined />} onClick={f.onRemove} data-testid="remove-filter">
                {t('state.remove_filter', { filter: f.label })}
              </Button>
            ),
          )}
          <Button size="small" type={filters.some((f) => typeof f !== 'string') ? 'text' : 'default'} onClick={onClear} data-testid="clear-filters">
            {t('state.clear_filters')}
          </Button>
        </>
      }
    />
  )
}

type ErrorProps = {
  error: unknown
  onRetry?: () => void
  action?: ReactNode
  /** What it affects, when that is more than what is shown here. */
  impact?: ReactNode
  testid?: string
}

/** What failed, whose fault it is, what it affects, what to do now, and a code to copy. */
export function ErrorPanel({ error, onRetry, action, impact, testid = 'error' }: ErrorProps) {
  const t = useT()
  const toasts = useToasts()
  const shown = describeError(error, t)
  const unknown = shown.family === 'un'
  return (
    <div className={`zf-notice zf-f-${shown.family}`} role="alert" data-testid={testid} data-code={shown.code}>
      <StatusIcon family={shown.family} />
      <div className="zf-notice-main">
        <div className="zf-notice-title">{shown.title}</div>
        <div data-testid="error-fault">
          <b>{t(`fault.${shown.fault}`)}</b>
          {' · '}
          {impact ?? (unknown ? t('state.impact_unknown') : onRetry === undefined ? t('state.impact_step') : t('state.impact_here'))}
        </div>
        {shown.remedy === '' ? null : <div>{shown.remedy}</div>}
        <div className="zf-notice-actions">
          {onRetry === undefined || unknown ? null : (
            <Button size="small" icon={<ReloadOutlined />} onClick={onRetry} data-testid="retry">
              {t('common.retry')}
            </Button>
          )}
          {action}
          <Button
            size="small"
            type="text"
            icon={<CopyOutlined />}
            onClick={() => void copyText(shown.copy).then((ok) => ok && toasts.show({ text: t('common.copied') }))}
          >
            {t('state.copy_code', { code: shown.code })}
          </Button>
        </div>
      </div>
    </div>
  )
}

type NoticeProps = {
  family: 'ok' | 'ru' | 'wa' | 'at' | 'br' | 'un'
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
  icon?: ReactNode
  testid?: string
}

/** A filled notice in a family's colours. */
export function Notice({ family, title, children, action, icon, testid }: NoticeProps) {
  return (
    <div className={`zf-notice zf-f-${family}`} role={family === 'br' || family === 'un' ? 'alert' : 'status'} data-testid={testid}>
      {icon ?? <StatusIcon family={family} />}
      <div className="zf-notice-main">
        <div className="zf-notice-title">{title}</div>
        {children === undefined ? null : <div>{children}</div>}
        {action === undefined ? null : <div className="zf-notice-actions">{action}</div>}
      </div>
    </div>
  )
}

/** What is missing from the list or total below. */
export function PartialBanner({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="zf-banner zf-f-at" role="status" data-testid="partial">
      <InfoCircleOutlined aria-hidden />
      <span>{children}</span>
      {action === undefined ? null : <span className="zf-banner-action">{action}</span>}
    </div>
  )
}

/** The core does not answer: what is shown stays readable, money cannot move. */
export function OfflineBanner({ since, seconds = null, onRetry }: { since: string; seconds?: number | null; onRetry: () => void }) {
  const t = useT()
  return (
    <div className="zf-banner zf-f-wa" role="status" data-testid="offline">
      <DisconnectOutlined aria-hidden />
      <span>{t('state.offline', { time: since })}</span>
      {seconds === null ? null : (
        <span className="zf-t3" aria-hidden data-testid="reconnect-in">
          {t('state.reconnect_in', { n: seconds })}
        </span>
      )}
      <span className="zf-banner-action">
        <Button size="small" onClick={onRetry}>
          {t('state.connect_now')}
        </Button>
      </span>
    </div>
  )
}

/** What is shown was read a while ago; newer is to be had. */
export function StaleBanner({ at, onRefresh }: { at: string; onRefresh: () => void }) {
  const t = useT()
  return (
    <div className="zf-banner zf-f-wa" role="status" data-testid="stale">
      <InfoCircleOutlined aria-hidden />
      <span>{t('state.stale', { time: timeText(at, 'short') })}</span>
      <span className="zf-banner-action">
        <Button size="small" icon={<ReloadOutlined />} onClick={onRefresh}>
          {t('keys.refresh')}
        </Button>
      </span>
    </div>
  )
}

type UnknownProps = {
  title: ReactNode
  /** When the same number is asked about next. */
  nextAt: string | null
  /** How many times it was asked about. */
  asked: number
  onQuery?: (() => void) | null
  querying?: boolean
}

/** Sent, and nobody answered. Not failed: it can be asked about, the resend stays locked. */
export function UnknownOutcome({ title, nextAt, asked, onQuery, querying = false }: UnknownProps) {
  const t = useT()
  return (
    <Notice
      family="un"
      title={title}
      testid="unknown"
      action={
        <>
          <Button size="small" icon={<SearchOutlined />} disabled={onQuery === null || onQuery === undefined} loading={querying} onClick={() => onQuery?.()} data-testid="query-now">
            {t('state.query_now')}
          </Button>
          <Button size="small" disabled icon={<LockOutlined />} title={t('state.resend_locked')} data-testid="resend-locked">
            {t('state.resend')}
          </Button>
        </>
      }
    >
      {t('state.unknown_note', { n: asked + 1, time: nextAt === null ? '—' : timeText(nextAt, 'clock') })}
    </Notice>
  )
}

type LongWorkProps = {
  label: ReactNode
  done: number
  total: number | null
  /** What is counted: rows, files. */
  unit?: string
  /** Time worked, without pauses, where the core tells it; else the pace is measured here. */
  workedMillis?: number
  /** What cancelling leaves behind, and what pausing keeps. */
  leaves?: ReactNode
  onCancel?: (() => void) | undefined
  /** Both, where the work can be paused and taken up again. */
  paused?: boolean
  onPause?: ((paused: boolean) => void) | undefined
  /** Told to stop, and not yet at rest. */
  stopping?: boolean
}

/** Below this a rate would be a guess. */
const rateAfterMillis = 600

/** "41 s", "1 min 36 s": nobody needs seconds beside hours. */
export function durationText(t: Translate, seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  if (whole < 60) return t('tasks.seconds', { s: whole })
  if (whole < 3600) return t('tasks.minutes', { m: Math.floor(whole / 60), s: whole % 60 })
  return t('tasks.hours', { h: Math.floor(whole / 3600), m: Math.floor((whole % 3600) / 60) })
}

/** Units a second so far; `null` while it is too early to say. */
export function rateOf(done: number, workedMillis: number): number | null {
  const rate = workedMillis < rateAfterMillis ? 0 : Math.round((done * 1000) / workedMillis)
  return rate < 1 ? null : rate
}

/** The rate since the work was first seen; nothing within the first second. */
function useMeasuredRate(done: number, paused: boolean): number | null {
  const first = useRef<{ at: number; done: number } | null>(null)
  const [rate, setRate] = useState<number | null>(null)
  useEffect(() => {
    if (paused || first.current === null || done < first.current.done) {
      first.current = paused ? null : { at: performance.now(), done }
      setRate(null)
      return
    }
    const seconds = (performance.now() - first.current.at) / 1000
    const perSecond = Math.round((done - first.current.done) / seconds)
    if (seconds < 1 || perSecond < 1) return
    setRate(perSecond)
  }, [done, paused])
  return rate
}

/** Work of more than a second: how far, how fast, how long yet, pause and cancel, and what cancelling leaves. */
export function LongWork({ label, done, total, unit = '', workedMillis, leaves, onCancel, paused = false, onPause, stopping = false }: LongWorkProps) {
  const t = useT()
  const measured = useMeasuredRate(done, paused)
  const percent = total === null || total === 0 ? 0 : Math.min(100, Math.floor((done * 100) / total))
  const rate = paused ? null : workedMillis === undefined ? measured : rateOf(done, workedMillis)
  const left = rate === null || total === null || total <= done ? null : (total - done) / rate
  const said = total === null ? t('tasks.progress_open', { done: count(done), unit }) : t('tasks.progress', { done: count(done), total: count(total), unit })
  return (
    <div className="zf-longwork" data-testid="long-work" data-paused={paused}>
      <div className="zf-longwork-head">
        <span>{label}</span>
        <span className="zf-t3">
          {stopping ? t('tasks.stopping') : paused ? t('tasks.state.paused') : left === null ? null : t('tasks.left', { time: durationText(t, left) })}
        </span>
      </div>
      <Progress percent={percent} showInfo={false} size="small" status={total === null && !paused ? 'active' : 'normal'} aria-hidden />
      <div className="zf-help zf-longwork-said">
        {said.trim()}
        {rate === null ? null : ` · ${t('tasks.rate', { n: count(rate), unit }).replace(' /', '/')}`}
      </div>
      {/* Told in steps of ten percent: a reader of the screen is not to hear every row. */}
      <span className="zf-sr" role="status">
        {total === null ? '' : `${Math.floor(percent / 10) * 10} %`}
      </span>
      {onCancel === undefined && onPause === undefined && leaves === undefined ? null : (
        <div className="zf-longwork-foot">
          {onPause === undefined ? null : (
            <Button size="small" icon={paused ? <CaretRightOutlined /> : <PauseOutlined />} disabled={stopping} onClick={() => onPause(!paused)} data-testid="pause-work">
              {paused ? t('tasks.resume') : t('tasks.pause')}
            </Button>
          )}
          {onCancel === undefined ? null : (
            <Button size="small" icon={<CloseOutlined />} disabled={stopping} onClick={onCancel} data-testid="cancel-work">
              {t('common.cancel')}
            </Button>
          )}
          {leaves === undefined ? null : <span className="zf-t3">{leaves}</span>}
        </div>
      )}
    </div>
  )
}

/** A control that is there but not for this person: why, and whom to ask. */
export function NotAllowed({ label, why, ask }: { label: ReactNode; why: ReactNode; ask?: ReactNode }) {
  return (
    <div className="zf-notallowed" data-testid="not-allowed">
      <div className="zf-row">
        <Button disabled icon={<LockOutlined />}>
          {label}
        </Button>
        <span className="zf-tag">{why}</span>
      </div>
      {ask === undefined ? null : <div className="zf-t3">{ask}</div>}
    </div>
  )
}

type ConflictProps = { title: ReactNode; children?: ReactNode; action?: ReactNode; theirs?: ReactNode; yours?: ReactNode }

/** Somebody else changed it first: theirs beside yours, nothing overwritten. */
export function Conflict({ title, children, action, theirs, yours }: ConflictProps) {
  const t = useT()
  return (
    <Notice family="at" title={title} icon={<TeamOutlined aria-hidden className="zf-icon" />} action={action} testid="conflict">
      {theirs === undefined && yours === undefined ? null : (
        <dl className="zf-conflict">
          <dt>{t('state.theirs')}</dt>
          <dd>{theirs}</dd>
          <dt>{t('state.yours')}</dt>
          <dd>{yours}</dd>
        </dl>
      )}
      {children}
    </Notice>
  )
}

export type BatchRow = { key: string; label: ReactNode; outcome: 'ok' | 'unknown' | 'failed' | 'not_run'; note?: ReactNode }

type BatchProps = {
  /** Rows with a verdict; the ones that went well may be left out and counted in `ok`. */
  rows: readonly BatchRow[]
  /** How many went well beyond those among the rows. */
  ok?: number
  /** Does the failed rows again. Never the unknown ones. */
  onRetryFailed?: ((keys: readonly string[]) => void) | undefined
  onDownload?: (() => void) | undefined
  actions?: ReactNode
}

/** One verdict a row. An unknown one is never offered for another try. */
export function BatchResult({ rows, ok = 0, onRetryFailed, onDownload, actions }: BatchProps) {
  const t = useT()
  const n = (outcome: BatchRow['outcome']) => rows.filter((r) => r.outcome === outcome).length + (outcome === 'ok' ? ok : 0)
  const troubled = rows.filter((r) => r.outcome !== 'ok')
  const failed = rows.filter((r) => r.outcome === 'failed').map((r) => r.key)
  return (
    <div className="zf-batch" data-testid="batch-result" role="status">
      <div className="zf-row">
        <span className="zf-f-ok"><StatusIcon family="ok" /> {t('batch.ok', { n: n('ok') })}</span>
        <span className="zf-f-un"><StatusIcon family="un" /> {t('batch.unknown', { n: n('unknown') })}</span>
        <span className="zf-f-br"><StatusIcon family="br" /> {t('batch.failed', { n: n('failed') })}</span>
        <span className="zf-f-vo"><StatusIcon family="vo" /> {t('batch.not_run', { n: n('not_run') })}</span>
      </div>
      <ul>
        {troubled.map((row) => (
          <li key={row.key}>
            <span>{row.label}</span>
            <span className={row.outcome === 'unknown' ? 'zf-c-un' : row.outcome === 'failed' ? 'zf-c-br' : 'zf-t3'}>{row.note}</span>
          </li>
        ))}
      </ul>
      {actions === undefined && onDownload === undefined && (onRetryFailed === undefined || failed.length === 0) ? null : (
        <div className="zf-row zf-end">
          {onDownload === undefined ? null : (
            <Button size="small" icon={<DownloadOutlined />} onClick={onDownload} data-testid="batch-download">
              {t('batch.download')}
            </Button>
          )}
          {onRetryFailed === undefined || failed.length === 0 ? null : (
            <Button size="small" onClick={() => onRetryFailed(failed)} data-testid="batch-retry">
              {t('batch.retry_failed')}
            </Button>
          )}
          {actions}
        </div>
      )}
    </div>
  )
}
