import { Button } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { usePreference } from '../../../api/preferences'
import { Card, Kbd } from '../../../components/small'
import { useT } from '../../../i18n'
import { commands } from '../../../keyboard/commands'
import { isComposition, keyName, useLiveHotkeys, useRaisedLayer } from '../../../keyboard/hotkeys'
import { keyFault, keysFor, readKeymap, remapped, setKeymap, type Keymap } from '../../../keyboard/keymap'

/** A second key of a sequence is waited for this long. */
const sequenceMs = 900

type Row = { keys: string; label: string }

/** Waits for the keys a command shall have; the page's own keys are dead meanwhile. */
function Recorder({ onKeys, onLeave }: { onKeys: (keys: string) => void; onLeave: () => void }) {
  const t = useT()
  const [first, setFirst] = useState<string | null>(null)
  const button = useRef<HTMLButtonElement>(null)
  useRaisedLayer(true)
  useEffect(() => button.current?.focus(), [])
  useEffect(() => {
    if (first === null) return
    const timer = setTimeout(() => onKeys(first), sequenceMs)
    return () => clearTimeout(timer)
  }, [first, onKeys])
  return (
    <button
      type="button"
      ref={button}
      className="zf-keymap-record zf-keymap-recording"
      data-testid="key-recorder"
      onBlur={onLeave}
      onKeyDown={(event) => {
        if (isComposition(event.nativeEvent) || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return
        event.preventDefault()
        event.stopPropagation()
        if (event.key === 'Escape') {
          onLeave()
          return
        }
        const name = keyName(event.nativeEvent)
        // Only a plain key may begin a sequence; a chord is whole.
        if (first !== null) onKeys(`${first} ${name}`)
        else if (name.length === 1) setFirst(name)
        else onKeys(name)
      }}
    >
      {first === null ? t('keymap.press') : t('keymap.more')}
    </button>
  )
}

/** Every shortcut with the keys it has now, each to be changed; what is in the way is named. */
export function KeysCard() {
  const t = useT()
  const live = useLiveHotkeys()
  const [kept, keep] = usePreference<unknown>('keymap', null)
  const map = readKeymap(kept)
  const [recording, setRecording] = useState<string | null>(null)
  const [fault, setFault] = useState<{ of: string; text: string } | null>(null)

  const pages: Row[] = live.filter((h) => h.keys.startsWith('g ')).map((h) => ({ keys: h.keys, label: h.label ?? h.keys }))
  const groups: { name: string; rows: Row[] }[] = [
    ...(['global', 'list', 'action'] as const).map((group) => ({
      name: t(`keys.${group}`),
      rows: commands.filter((c) => c.group === group).map((c) => ({ keys: c.keys, label: t(c.label) })),
    })),
    { name: t('keys.pages'), rows: pages },
  ]
  const all = groups.flatMap((g) => g.rows)
  const nameOf = (command: string) => all.find((r) => r.keys === command)?.label ?? command

  const save = (next: Keymap) => {
    // At once for this window; the frame hears of it with the choice itself.
    setKeymap(next)
    keep(Object.keys(next).length === 0 ? null : next)
  }
  const record = (command: string, keys: string) => {
    setRecording(null)
    const found = keyFault(command, keys, all.map((r) => r.keys), map)
    if (found === null) {
      setFault(null)
      save(remapped(map, command, keys))
      return
    }
    setFault({
      of: command,
      text: found.fault === 'reserved' ? t('keymap.reserved', { keys }) : t(`keymap.${found.fault}`, { keys, by: nameOf(found.by) }),
    })
  }

  return (
    <Card
      title={t('keymap.title')}
      note={t('keymap.note')}
      extra={
        <Button size="small" disabled={Object.keys(map).length === 0} onClick={() => save({})} data-testid="keys-reset-all">
          {t('keymap.reset_all')}
        </Button>
      }
      testid="keys-card"
      className="zf-fixed"
    >
      <div className="zf-keymap">
        {groups.map((group) => [
          <h3 key={group.name}>{group.name}</h3>,
          ...group.rows.map((row) => {
            const changed = map[row.keys] !== undefined
            return (
              <div key={row.keys}>
                <div className="zf-keymap-row" data-testid="key-row" data-command={row.keys}>
                  <span>
                    {row.label} {changed ? <span className="zf-t3">{t('keymap.changed')}</span> : null}
                  </span>
                  {recording === row.keys ? (
                    <Recorder onKeys={(keys) => record(row.keys, keys)} onLeave={() => setRecording(null)} />
                  ) : (
                    <button
                      type="button"
                      className="zf-keymap-record"
                      aria-label={t('keymap.change', { what: row.label })}
                      onClick={() => {
                        setFault(null)
                        setRecording(row.keys)
                      }}
                      data-testid="key-change"
                    >
                      <Kbd keys={row.keys} />
                      <span className="zf-sr">{keysFor(row.keys, map)}</span>
                    </button>
                  )}
                  {changed ? (
                    <Button size="small" type="text" aria-label={t('keymap.reset', { what: row.label })} onClick={() => save(remapped(map, row.keys, row.keys))} data-testid="key-reset">
                      ×
                    </Button>
                  ) : null}
                </div>
                {fault?.of === row.keys ? (
                  <div className="zf-keymap-fault" role="alert" data-testid="key-fault">
                    {fault.text}
                  </div>
                ) : null}
              </div>
            )
          }),
        ])}
      </div>
    </Card>
  )
}
