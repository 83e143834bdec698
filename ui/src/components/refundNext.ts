import { clockNow, timeText } from '../format'
import type { RefundRow } from '../generated/types'
import type { Translate } from '../i18n'

/** How long until a moment, in words for a list: hours, then minutes. */
export function timeLeft(t: Translate, until: string | null, now: number = clockNow()): string {
  if (until === null) return ''
  const minutes = Math.floor((new Date(until).getTime() - now) / 60_000)
  if (minutes <= 0) return t('common.overdue_now')
  return minutes >= 120 ? t('common.hours_left', { n: Math.floor(minutes / 60) }) : t('common.minutes_left', { n: minutes })
}

/** Whether less than `hours` are left. */
export function isUrgent(until: string | null, hours: number, now: number = clockNow()): boolean {
  return until !== null && new Date(until).getTime() - now < hours * 3_600_000
}

/** What comes next for a refund, in one line. */
export function nextStep(t: Translate, row: RefundRow): string {
  const time = row.next_query_at === null ? '—' : timeText(row.next_query_at, 'clock')
  switch (row.state) {
    case 'draft':
      return t('refunds.next.draft')
    case 'awaiting_approval':
      return t('refunds.next.awaiting', { left: timeLeft(t, row.expires_at) })
    case 'cooling_off':
      return t('refunds.next.cooling', { time: row.cooling_until === null ? '—' : timeText(row.cooling_until, 'clock') })
    case 'queued':
      return t('refunds.next.queued')
    case 'processing':
      return t('refunds.next.processing', { time })
    case 'unknown':
      return t('refunds.next.unknown', { n: row.query_count, time })
    case 'succeeded':
      return t('refunds.next.succeeded', { time: row.finished_at === null ? '' : timeText(row.finished_at, 'short') })
    case 'abnormal':
      return t('refunds.next.abnormal')
    case 'closed_by_channel':
      return t('refunds.next.closed')
    case 'rejected':
      return t('refunds.next.rejected')
    case 'approval_expired':
      return t('refunds.next.expired')
    case 'approval_voided':
      return t('refunds.next.voided')
  }
}
