import { SearchOutlined } from '@ant-design/icons'
import { startTransition, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { createPortal, flushSync } from 'react-dom'
import { usePreference } from '../../api/preferences'
import { describeError } from '../../api/errors'
import { useWrite } from '../../api/query'
import { useLive, useStatus } from '../../api/status'
import { copyText } from '../../components/Id'
import { Kbd } from '../../components/small'
import { useToasts } from '../../components/Toast'
import { useT } from '../../i18n'
import { isComposition, liveHotkeys, useRaisedLayer } from '../../keyboard/hotkeys'
import { go } from '../../router'
import { FamilyTag } from '../../status/StatusTag'
import { actionEntries, foundEntries, recentEntries, score, sumEntries, type Doing, type Entry, type FrameActions, type Recent } from './entries'
import { useFinding } from './find'

const recentMax = 8

type Props = { open: boolean; onClose: () => void; actions: FrameActions }

/**
 * One box for everything: any number, `>` actions, `=` sums, `@` people. It opens pages and steps; what
 * moves money is done on its own step, never from here.
 */
export function Palette({ open, onClose, actions }: Props) {
  // Raised here, so that the page's keys are dead from the first frame on.
  useRaisedLayer(open)
  const t = useT()
  const toasts = useToasts()
  // Asked from here, not from the layer: that is gone before the answer comes.
  const openRefund = useWrite('refunds.open')
  const queryChannel = useWrite('orders.query_channel')
  const doing: Doing = {
    openRefund: (orderId: string) =>
      openRefund.mutate(
        { order_id: orderId },
        {
          onSuccess: (form) => go('/refunds', { no: form.refund_no }),
          onError: (cause) => {
            go('/orders', { order: orderId })
            toasts.show({ text: describeError(cause, t).title, note: describeError(cause, t).remedy, family: 'br', seconds: 8 })
          },
        },
      ),
    queryChannel: (orderId: string) => {
      go('/orders', { order: orderId })
      queryChannel.mutate(
        { order_id: orderId },
        { onSuccess: () => toasts.show({ text: t('orders.queried') }), onError: (cause) => toasts.show({ text: describeError(cause, t).title, family: 'br', seconds: 8 }) },
      )
    },
  }
  return open ? <Over onClose={onClose} actions={actions} doing={doing} /> : null
}

type Inside = Omit<Props, 'open'> & { doing: Doing }

/** The layer itself, our own for speed: the page behind is inert, so the focus cannot leave, and gets it back. */
function Over({ onClose, actions, doing }: Inside) {
  const t = useT()
  // Read while rendering: the box takes the focus before any effect runs.
  const [before] = useState(() => document.activeElement)
  // After the first paint: making the page behind inert restyles all of it, and the box has the focus.
  useEffect(() => {
    const root = document.getElementById('root')
    root?.setAttribute('inert', '')
    return () => {
      root?.removeAttribute('inert')
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [before])
  return createPortal(
    // The pointer may close it from outside; keys have Esc.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className="zf-palette-back"
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose()
      }}
    >
      <div className="zf-palette-card" role="dialog" aria-modal="true" aria-label={t('palette.title')}>
        <Body onClose={onClose} actions={actions} doing={doing} />
      </div>
    </div>,
    document.body,
  )
}

function Body({ onClose, actions, doing }: Inside) {
  const t = useT()
  const toasts = useToasts()
  const { permissions } = useStatus()
  const { linkUp } = useLive()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const [actionsOnly, setActionsOnly] = useState(false)
  // What the page offered at the moment the palette opened.
  const [live] = useState(liveHotkeys)
  const [recent, setRecent] = usePreference<Recent[]>('palette.recent', [])
  const listId = useId()
  const list = useRef<HTMLDivElement>(null)

  const plain = text.normalize('NFKC').trim()
  const mode = plain.startsWith('>') ? 'action' : plain.startsWith('=') ? 'sum' : plain === '' ? 'empty' : 'find'
  const finding = useFinding(mode === 'find' && linkUp ? plain : null)
  const found = finding.state === 'found' ? finding.found : finding.state === 'searching' ? finding.last : null

  const allActions = useMemo(() => actionEntries(t, live, actions, permissions), [t, live, actions, permissions])
  const matching = (wanted: string) =>
    allActions
      .map((entry) => ({ entry, points: score(entry.words, wanted) }))
      .filter(({ points }) => points > 0)
      .toSorted((a, b) => b.points - a.points)
      .map(({ entry }) => entry)

  let refusal: string | null = null
  let entries: Entry[] = []
  if (mode === 'empty') {
    entries = [...recentEntries(t, recent), ...allActions]
  } else if (mode === 'action') {
    const wanted = plain.slice(1).trim()
    entries = wanted === '' ? allActions : matching(wanted)
  } else if (mode === 'sum') {
    const sum = sumEntries(t, plain.slice(1), (copied) => {
      void copyText(copied).then((ok) => ok && toasts.show({ text: t('palette.copied_result', { text: copied }) }))
    })
    entries = sum.entries
    refusal = sum.refusal
  } else {
    entries = [...(found === null ? [] : foundEntries(t, found, plain, doing, permissions)), ...matching(plain).slice(0, 4)]
  }
  if (actionsOnly) entries = entries.filter((entry) => entry.action === true)

  // The first entry that can be done, until the person moves.
  const doable = entries.map((entry, i) => (entry.disabled === undefined ? i : -1)).filter((i) => i >= 0)
  const current = doable.includes(at) ? at : (doable[0] ?? -1)
  const now = entries[current]

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest' })
  }, [current])

  const move = (by: number) => {
    const place = doable.indexOf(current)
    const next = doable[(place + by + doable.length) % doable.length]
    if (next !== undefined) setAt(next)
  }
  const choose = (entry: Entry | undefined) => {
    if (entry === undefined || entry.disabled !== undefined) return
    const kept = entry.recent
    if (kept !== undefined && kept.kind !== 'page') {
      setRecent([kept, ...recent.filter((r) => r.title !== kept.title)].slice(0, recentMax))
    }
    // Gone before anything is done: what opens next takes the focus, and the page can take it.
    flushSync(onClose)
    entry.run()
  }
  const onKey = (event: KeyboardEvent) => {
    // The Enter that ends a composition chooses a word, not an entry.
    if (isComposition(event.nativeEvent)) return
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }
    const by = moves[event.key] ?? (event.ctrlKey && event.key === 'n' ? 1 : event.ctrlKey && event.key === 'p' ? -1 : 0)
    if (by !== 0) move(by)
    else if (event.key === 'Enter') choose(now)
    else if (event.key === 'Tab') setActionsOnly(!actionsOnly)
    else if (event.key === 'Escape' || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k')) onClose()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  const chip =
    mode === 'action'
      ? t('palette.looks_action')
      : mode === 'sum'
        ? t('palette.looks_sum')
        : mode === 'find' && found?.looks_like[0] !== undefined && finding.state === 'found' && found.looks_like[0] !== 'fragment'
          ? t(`palette.looks.${found.looks_like[0]}`)
          : null
  const sections: { name: string; from: number; entries: Entry[] }[] = []
  // What fits the box is drawn with the key, the rest right after it.
  const [whole, setWhole] = useState(false)
  useEffect(() => startTransition(() => setWhole(true)), [])
  const drawn = whole ? entries : entries.slice(0, 10)
  drawn.forEach((entry, i) => {
    const last = sections.at(-1)
    if (last?.name === entry.section) last.entries.push(entry)
    else sections.push({ name: entry.section, from: i, entries: [entry] })
  })
  const nothing = mode === 'find' && finding.state === 'found' && !entries.some((e) => e.id !== 'all-orders' && e.action !== true)

  return (
    <div className="zf-palette" role="presentation" data-testid="palette" onMouseDown={(event) => event.target instanceof HTMLInputElement || event.preventDefault()}>
      <div className="zf-palette-box">
        <SearchOutlined aria-hidden />
        <input
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={now === undefined ? undefined : `${listId}-${current}`}
          aria-label={t('palette.placeholder')}
          placeholder={t('palette.placeholder')}
          value={text}
          maxLength={200}
          autoFocus
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKey}
          data-testid="palette-input"
        />
        {chip === null ? null : (
          <span className="zf-palette-chip" data-testid="palette-kind">
            <FamilyTag family="ru" icon={<span />}>
              {t('palette.recognised', { kind: chip })}
            </FamilyTag>
          </span>
        )}
      </div>
      <div className="zf-palette-list" id={listId} role="listbox" aria-label={t('palette.title')} ref={list}>
        {sections.map((section) => (
          <div key={`${section.from}-${section.name}`} role="group" aria-labelledby={`${listId}-s${section.from}`}>
            <div className="zf-palette-section" id={`${listId}-s${section.from}`}>
              {section.name}
            </div>
            {section.entries.map((entry, i) => {
              const index = section.from + i
              const Icon = entry.icon
              return (
                // The box above has the focus and its keys; the pointer only chooses.
                // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
                <div
                  key={entry.id}
                  id={`${listId}-${index}`}
                  role="option"
                  aria-selected={index === current}
                  aria-disabled={entry.disabled !== undefined}
                  className="zf-palette-entry"
                  data-testid="palette-entry"
                  data-entry={entry.id}
                  onMouseMove={() => entry.disabled === undefined && index !== current && setAt(index)}
                  onClick={() => choose(entry)}
                >
                  <Icon />
                  <span className="zf-palette-title">{entry.title}</span>
                  <span className="zf-palette-note">{entry.disabled ?? entry.note}</span>
                  {entry.right === undefined || entry.right === null ? null : <span className="zf-palette-right">{entry.right}</span>}
                  {entry.keys === undefined ? null : <Kbd keys={entry.keys} />}
                  {index === current && entry.keys === undefined ? <Kbd keys="Enter" /> : null}
                </div>
              )
            })}
          </div>
        ))}
        {nothing ? (
          <div className="zf-palette-none" data-testid="palette-none">
            <strong>{t('palette.none', { text: plain })}</strong>
            <span className="zf-t2">{t('palette.none_note', { seconds: ((found?.micros ?? 0) / 1_000_000).toFixed(2) })}</span>
          </div>
        ) : null}
        {refusal === null ? null : (
          <div className="zf-palette-none" data-testid="palette-refusal">
            {refusal}
          </div>
        )}
        {finding.state === 'failed' ? <div className="zf-palette-none">{describeError(finding.error, t).title}</div> : null}
        {mode === 'find' && !linkUp ? <div className="zf-palette-none">{t('palette.offline')}</div> : null}
        {mode === 'find' && finding.state === 'searching' && found === null ? <div className="zf-palette-none zf-t3">{t('palette.searching')}</div> : null}
      </div>
      <div className="zf-sr" role="status" aria-live="polite">
        {finding.state === 'searching' ? '' : t('palette.count', { n: entries.length })}
      </div>
      <footer className="zf-palette-foot">
        <span>
          <Kbd keys="ArrowUp" /> <Kbd keys="ArrowDown" /> {t('palette.choose')}
        </span>
        <span>
          <Kbd keys="Enter" /> {t('palette.open')}
        </span>
        <span>
          <Kbd keys="Tab" /> {actionsOnly ? t('palette.all') : t('palette.only_actions')}
        </span>
        <span>
          <Kbd keys="Escape" /> {t('palette.leave')}
        </span>
        <span className="zf-palette-hint">{t('palette.hint')}</span>
      </footer>
    </div>
  )
}
