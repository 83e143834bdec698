import { InfoCircleOutlined } from '@ant-design/icons'
import { Popover } from 'antd'
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useT } from '../i18n'
import { Facts, Time } from './small'

type Props = {
  /** What the number is called, for the head and for screen readers. */
  name: string
  /** What is counted or added up, in one sentence. */
  counts: ReactNode
  /** Which filter it stands under: account, day, states. */
  filter: ReactNode
  /** When the core computed it. */
  asOf: string | null | undefined
  /** What the number does not contain, each named; empty when nothing is missing. */
  missing?: readonly string[]
  testid?: string
}

const none: readonly string[] = []

/**
 * “About this number”: what a sum counts, under which filter, as of when, and what is missing from
 * it. Every sum on screen has one beside it. Opens by click, Enter or Space; Esc closes it.
 */
export function AboutNumber({ name, counts, filter, asOf, missing = none, testid = 'about-number' }: Props) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const id = useId()
  const close = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return
    // Only the note closes, not the pane around it.
    event.stopPropagation()
    event.nativeEvent.stopImmediatePropagation()
    setOpen(false)
  }
  return (
    <Popover
      trigger="click"
      open={open}
      onOpenChange={setOpen}
      title={name}
      content={
        <div id={id} className="zf-about" data-testid={`${testid}-note`}>
          <Facts
            rows={[
              [t('about.counts'), counts],
              [t('about.filter'), filter],
              [t('about.as_of'), <Time key="as-of" at={asOf} zone />],
              [
                t('about.missing'),
                missing.length === 0 ? (
                  t('about.missing_none')
                ) : (
                  <ul key="missing" className="zf-about-missing">
                    {missing.map((line) => (
                      <li key={line}>{line}</li>
                    ))}
                  </ul>
                ),
              ],
            ]}
          />
        </div>
      }
    >
      <button
        type="button"
        className={`zf-about-button${missing.length > 0 ? ' zf-c-at' : ''}`}
        aria-label={t('about.open', { name })}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        title={t('about.open', { name })}
        onKeyDown={close}
        onClick={(event) => event.stopPropagation()}
        data-testid={testid}
      >
        <InfoCircleOutlined aria-hidden />
      </button>
    </Popover>
  )
}
