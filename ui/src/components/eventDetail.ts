import { count, inLanguage } from '../format'
import type { TimelineEvent } from '../generated/types'
import { language, type Translate } from '../i18n'

/** What the core adds to an event: its own marks get words, a channel's or a person's text stays as it is. */
export function eventDetail(t: Translate, event: TimelineEvent): string | null {
  const text = event.detail
  if (text === null || text === '') return null
  if (text === 'restart') return t('event.detail.restart')
  if (text === 'elsewhere') return t('event.detail.elsewhere')
  if (event.kind === 'refund_sending' && /^\d+$/.test(text)) return t('event.detail.attempt', { n: text })
  const line = /^(\d{4}-\d\d-\d\d):(\d+)$/.exec(text)
  if (line !== null) return t('orders.fact.bill_line', { date: line[1] ?? '', line: count(Number(line[2])) })
  return inLanguage(text, language())
}
