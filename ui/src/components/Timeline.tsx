import type { ReactNode } from 'react'
import type { Family } from '../theme/tokens'
import { timeText } from '../format'
import { Time } from './small'

export type TimelineItem = {
  key: string
  at: string
  title: ReactNode
  note?: ReactNode
  family: Family
}

/** What happened to one thing, newest first. Times of the same day as the one above leave the date out. */
export function Timeline({ items, testid }: { items: readonly TimelineItem[]; testid?: string }) {
  const days = items.map((item) => timeText(item.at, 'date'))
  return (
    <ol className="zf-timeline" data-testid={testid}>
      {items.map((item, i) => (
        <li key={item.key} className={`zf-f-${item.family}`} data-family={item.family}>
          <span className="zf-timeline-dot" aria-hidden />
          <div className="zf-timeline-main">
            <div className="zf-timeline-title">{item.title}</div>
            {item.note === undefined || item.note === null || item.note === '' ? null : (
              <div className="zf-timeline-note">{item.note}</div>
            )}
          </div>
          <Time at={item.at} as={i > 0 && days[i] === days[i - 1] ? 'clock' : 'short'} />
        </li>
      ))}
    </ol>
  )
}
