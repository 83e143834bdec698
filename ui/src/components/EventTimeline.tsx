import type { EventKind, TimelineEvent } from '../generated/types'
import { moneyText } from '../format'
import { useT } from '../i18n'
import type { Family } from '../theme/tokens'
import { eventDetail } from './eventDetail'
import { Timeline, type TimelineItem } from './Timeline'

const familyOf: Partial<Record<EventKind, Family>> = {
  payment_paid: 'ok',
  refund_succeeded: 'ok',
  receipt_issued: 'ok',
  bill_line: 'ok',
  refund_accepted: 'ru',
  refund_sending: 'ru',
  refund_never_accepted: 'ru',
  refund_unknown: 'un',
  paid_after_close: 'at',
  approval_voided: 'at',
  refund_closed: 'at',
  refund_refused: 'at',
  refund_abnormal: 'br',
  channel_not_found: 'at',
}

/** The core's events in words, newest first. `about`: the refund the page is of, whose number need not be repeated. */
export function EventTimeline({ events, about, testid }: { events: readonly TimelineEvent[]; about?: string; testid?: string }) {
  const t = useT()
  const sorted = events.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
  const items = sorted.map((event, i): TimelineItem => {
    const word = t(`event.${event.kind}`)
    const source = event.source === 'desk' ? null : t(`source.${event.source}`)
    return {
      key: `${event.at}-${event.kind}-${event.refund_no ?? ''}-${i}`,
      at: event.at,
      family: familyOf[event.kind] ?? 'vo',
      title: event.amount === null ? word : `${word} ${moneyText(event.amount)}`,
      note: [event.refund_no === about ? null : event.refund_no, event.actor, source, event.verified ? t('source.verified') : null, eventDetail(t, event)]
        .filter((part) => part !== null && part !== '')
        .join(' · '),
    }
  })
  return <Timeline items={items} testid={testid} />
}
