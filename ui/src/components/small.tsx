import { useEffect, useRef, useState, type ReactNode } from 'react'
import { EyeInvisibleOutlined } from '@ant-design/icons'
import { maskedDigits, timeText, zoneOffset, type TimeStyle } from '../format'
import { useT } from '../i18n'
import { keysFor, useKeymap } from '../keyboard/keymap'
import { usePreferences } from '../preferences'

/** A moment in the display zone. `zone` adds the offset, as details and exports must. */
export function Time({ at, as = 'full', zone = false }: { at: string | null | undefined; as?: TimeStyle; zone?: boolean }) {
  if (at === null || at === undefined) return <span className="zf-na">—</span>
  return (
    <time className="zf-time" dateTime={at} title={`${timeText(at)} ${zoneOffset(new Date(at))}`}>
      {timeText(at, as)}
      {zone ? <span className="zf-t3"> {zoneOffset(new Date(at))}</span> : null}
    </time>
  )
}

/** A key on the keyboard, as the person has it now. Several keys: one cap each. */
export function Kbd({ keys }: { keys: string }) {
  const map = useKeymap()
  const now = keysFor(keys.replace(/(?<![a-zA-Z])[A-Z](?![a-zA-Z0-9])/g, (letter) => letter.toLowerCase()), map)
  const mac = navigator.platform.startsWith('Mac')
  const names: Record<string, string> = {
    mod: mac ? '⌘' : 'Ctrl',
    shift: 'Shift',
    ArrowDown: '↓',
    ArrowUp: '↑',
    ArrowLeft: '←',
    ArrowRight: '→',
    Enter: '↵',
    Escape: 'Esc',
  }
  return (
    <span className="zf-kbds" aria-hidden>
      {now.split(/[ +]/).map((key) => (
        <kbd className="zf-kbd" key={key}>
          {names[key] ?? (key.length === 1 ? key.toUpperCase() : key)}
        </kbd>
      ))}
    </span>
  )
}

const marks: Record<string, { zh: string; className: string }> = {
  wechat_pay: { zh: '微', className: 'zf-mark-wechat' },
  alipay: { zh: '支', className: 'zf-mark-alipay' },
  unionpay: { zh: '银', className: 'zf-mark-unionpay' },
  stripe: { zh: 'S', className: 'zf-mark-stripe' },
  paypal: { zh: 'P', className: 'zf-mark-paypal' },
}

/** A channel as a letter tile: the logos belong to others. */
export function ChannelMark({ channel }: { channel: string }) {
  const t = useT()
  const mark = marks[channel] ?? { zh: channel.slice(0, 1).toUpperCase(), className: 'zf-mark-other' }
  return (
    <span className={`zf-mark ${mark.className}`} role="img" aria-label={channelName(t, channel)}>
      {mark.zh}
    </span>
  )
}

export function channelName(t: ReturnType<typeof useT>, channel: string): string {
  switch (channel) {
    case 'wechat_pay':
      return t('channel.wechat_pay')
    case 'alipay':
      return t('channel.alipay')
    case 'unionpay':
      return t('channel.unionpay')
    case 'stripe':
      return t('channel.stripe')
    case 'paypal':
      return t('channel.paypal')
    default:
      return channel
  }
}

/** A person, always masked: the core sends masked text, nothing here could unmask it. `bare`: without the sign, in columns that say it once. */
export function MaskedPerson({ text, bare = false }: { text: string | null; bare?: boolean }) {
  const t = useT()
  const { masked } = usePreferences()
  if (text === null || text === '') return <span className="zf-t3">{t('person.not_collected')}</span>
  return (
    <span className="zf-person">
      {masked ? maskedDigits : text}
      {bare ? null : <EyeInvisibleOutlined className="zf-t3" aria-label={t('person.masked')} />}
    </span>
  )
}

const tints = ['#3B5580', '#7A4A2A', '#3F6B57', '#6B3F66', '#4F5B2F', '#7A3B3B', '#2F5F6B', '#59506E']

/** The first character of a name on a tint that stays with the person. */
export function Avatar({ name, size = 22 }: { name: string; size?: 20 | 22 | 26 }) {
  let sum = 0
  for (const char of name) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973
  return (
    <span className={`zf-avatar zf-avatar-${size}`} style={{ background: tints[sum % tints.length] }} aria-hidden>
      {[...name][0] ?? '?'}
    </span>
  )
}

/** Label and value lines of a detail. */
export function Facts({ rows, wide = false }: { rows: readonly (readonly [ReactNode, ReactNode] | null)[]; wide?: boolean }) {
  return (
    <dl className={`zf-facts${wide ? ' zf-facts-wide' : ''}`}>
      {rows.map((row, i) =>
        row === null ? null : (
          // The rows of a detail are fixed by its kind.
          // eslint-disable-next-line react/no-array-index-key
          <div key={i}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

type CardProps = {
  title?: ReactNode
  note?: ReactNode
  extra?: ReactNode
  /** Between what scrolls and the footer: always in sight. */
  above?: ReactNode
  footer?: ReactNode
  children: ReactNode
  className?: string
  /** No padding round the body: tables and lists bring their own. */
  flush?: boolean
  testid?: string
}

/**
 * Whether a box scrolls and holds nothing the keyboard could stop at: then it is a stop itself, or what
 * lies below its edge would be for the mouse alone.
 */
function useScrollStop() {
  const box = useRef<HTMLDivElement>(null)
  const [stop, setStop] = useState(false)
  useEffect(() => {
    const element = box.current
    if (element === null || typeof ResizeObserver === 'undefined') return
    const look = () =>
      setStop(
        element.scrollHeight > element.clientHeight + 1 &&
          element.querySelector('a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]') === null,
      )
    const sizes = new ResizeObserver(look)
    sizes.observe(element)
    for (const child of element.children) sizes.observe(child)
    const content = new MutationObserver(look)
    content.observe(element, { childList: true, subtree: true })
    return () => {
      sizes.disconnect()
      content.disconnect()
    }
  }, [])
  return { ref: box, tabIndex: stop ? 0 : undefined }
}

/** A bordered panel with a head. */
export function Card({ title, note, extra, above, footer, children, className = '', flush = false, testid }: CardProps) {
  const body = useScrollStop()
  return (
    <section className={`zf-card ${className}`} data-testid={testid}>
      {title === undefined ? null : (
        <header className="zf-card-head">
          <h2>{title}</h2>
          {note === undefined ? null : <span className="zf-card-note">{note}</span>}
          {extra === undefined ? null : <span className="zf-card-extra">{extra}</span>}
        </header>
      )}
      <div className={flush ? 'zf-card-body zf-flush' : 'zf-card-body'} {...body}>
        {children}
      </div>
      {above === undefined ? null : <div className="zf-card-above">{above}</div>}
      {footer === undefined ? null : <footer className="zf-card-foot">{footer}</footer>}
    </section>
  )
}

/** The head of a page: title, what it shows, its actions. */
export function PageHeader({ title, note, tabs, actions }: { title: string; note?: ReactNode; tabs?: ReactNode; actions?: ReactNode }) {
  return (
    <header className="zf-page-head">
      <h1>{title}</h1>
      {tabs}
      {note === undefined ? null : <div className="zf-page-note">{note}</div>}
      {actions === undefined ? null : <div className="zf-page-actions">{actions}</div>}
    </header>
  )
}
