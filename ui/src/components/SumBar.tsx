import type { ReactNode } from 'react'
import { useT } from '../i18n'
import type { Money as Amount } from '../format'
import { Money } from './Money'

type Props = { refunded: Amount; inFlight: Amount; refundable: Amount; captions?: boolean; /** “About this number”, behind the last figure. */ about?: ReactNode }

/** Refunded, in flight and refundable as parts of what was paid. Widths are drawn, sums come from the core. */
export function SumBar({ refunded, inFlight, refundable, captions = true, about }: Props) {
  const t = useT()
  const parts = [
    { key: 'refunded', value: refunded, label: t('sum.refunded') },
    { key: 'in-flight', value: inFlight, label: t('sum.in_flight') },
    { key: 'refundable', value: refundable, label: t('sum.refundable') },
  ]
  return (
    <div className="zf-sumbar">
      <div className="zf-sumbar-bar" aria-hidden>
        {parts
          .filter((p) => p.value.minor > 0)
          .map((p) => (
            <span key={p.key} className={`zf-sumbar-${p.key}`} style={{ flexGrow: p.value.minor }} />
          ))}
      </div>
      {captions ? (
        <div className="zf-sumbar-captions">
          {parts.map((p) => (
            <span key={p.key}>
              {p.label} <Money value={p.value} size="strong" testid={`sum-${p.key}`} />
              {p.key === 'refundable' ? about : null}
            </span>
          ))}
        </div>
      ) : null}
    </div>
  )
}
