/** The twelve looks of a list or panel (guide §9). They take the place and height of the content. */
import {
  CopyOutlined,
  DisconnectOutlined,
  FilterOutlined,
  InboxOutlined,
  InfoCircleOutlined,
  LockOutlined,
  ReloadOutlined,
  TeamOutlined,
} from '@ant-design/icons'
import { Button, Progress } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { describeError } from '../api/errors'
import { count } from '../format'
import { useT } from '../i18n'
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

/** Something is there, but not under these filters, which are named. */
export function FilteredEmpty({ title, filters, onClear }: { title: ReactNode; filters: readonly string[]; onClear: () => void }) {
  const t = useT()
  return (
    <Empty
      icon={<FilterOutlined />}
      title={title}
      note={filters.join(' · ')}
      action={
        <Button size="small" onClick={onClear} data-testid="clear-filters">
          {t('state.clear_filters')}
        </Button>
      }
    />
  )
}

type ErrorProps = { error: unknown; onRetry?: () => void; action?: ReactNode; testid?: string }

/** What failed, whose fault it is, what it affects, what to do now, and a code to copy. */
export function ErrorPanel({ error, onRetry, action, testid = 'error' }: ErrorProps) {
  const t = useT()
  const toasts = useToasts()
  const shown = describeError(error, t)
  const unknown = shown.family === 'un'
  return (
    <div className={`zf-notice zf-f-${shown.family}`} role="alert" data-testid={testid} data-code={shown.code}>
      <StatusIcon family={shown.family} />
      <div className="zf-notice-main">
        <div className="zf-notice-title">{shown.title}</div>
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
export function OfflineBanner({ since, onRetry }: { since: string; onRetry: () => void }) {
  const t = useT()
  return (
    <div className="zf-banner zf-f-wa" role="status" data-testid="offline">
      <DisconnectOutlined aria-hidden />
      <span>{t('state.offline', { time: since })}</span>
      <span className="zf-banner-action">
        <Button size="small" onClick={onRetry}>
          {t('state.connect_now')}
        </Button>
      </span>
    </div>
  )
}

type LongWorkProps = {
  label: ReactNode
  done: number
  total: number | null
  /** What cancelling leaves behind. */
  leaves?: ReactNode
  onCancel?: () => void
}

/** Work of more than a second: how far, how much, and what cancelling leaves. */
export function LongWork({ label, done, total, leaves, onCancel }: LongWorkProps) {
  const t = useT()
  const percent = total === null || total === 0 ? 0 : Math.min(100, Math.floor((done * 100) / total))
  return (
    <div className="zf-longwork" data-testid="long-work">
      <div className="zf-longwork-head">
        <span>{label}</span>
        <span className="zf-t3">{total === null ? count(done) : t('state.of', { done: count(done), total: count(total) })}</span>
      </div>
      <Progress percent={percent} showInfo={false} size="small" status={total === null ? 'active' : 'normal'} />
      {onCancel === undefined && leaves === undefined ? null : (
        <div className="zf-longwork-foot">
          {onCancel === undefined ? null : (
            <Button size="small" onClick={onCancel}>
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

/** Somebody else changed it first: theirs beside yours, nothing overwritten. */
export function Conflict({ title, children, action }: { title: ReactNode; children: ReactNode; action?: ReactNode }) {
  return (
    <Notice family="at" title={title} icon={<TeamOutlined aria-hidden className="zf-icon" />} action={action} testid="conflict">
      {children}
    </Notice>
  )
}

export type BatchRow = { key: string; label: ReactNode; outcome: 'ok' | 'unknown' | 'failed' | 'not_run'; note?: ReactNode }

/** One verdict a row. An unknown one is never offered for another try. */
export function BatchResult({ rows, actions }: { rows: readonly BatchRow[]; actions?: ReactNode }) {
  const t = useT()
  const n = (outcome: BatchRow['outcome']) => rows.filter((r) => r.outcome === outcome).length
  const troubled = rows.filter((r) => r.outcome !== 'ok')
  return (
    <div className="zf-batch" data-testid="batch-result">
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
      {actions === undefined ? null : <div className="zf-row zf-end">{actions}</div>}
    </div>
  )
}
