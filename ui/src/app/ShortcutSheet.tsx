import { Button } from 'antd'
import { Overlay } from '../components/Overlay'
import { Kbd } from '../components/small'
import { useT } from '../i18n'
import { useLiveHotkeys, type Hotkey, type KeyGroup } from '../keyboard/hotkeys'
import { keysFor, useKeymap } from '../keyboard/keymap'
import { go } from '../router'

const groups: readonly KeyGroup[] = ['global', 'list', 'action']

/** One line a command: the page that registered it last words it. */
function once(rows: readonly Hotkey[]): Hotkey[] {
  return [...new Map(rows.map((h) => [h.keys, h])).values()]
}

type Props = { open: boolean; onClose: () => void; onTour: (() => void) | null }

/** Every shortcut that works on this page right now, on the keys it has now. */
export function ShortcutSheet({ open, onClose, onTour }: Props) {
  const t = useT()
  const live = useLiveHotkeys()
  const map = useKeymap()
  const pages = live.filter((h) => h.keys.startsWith('g '))
  return (
    <Overlay
      open={open}
      onClose={onClose}
      title={t('keys.title')}
      width={640}
      testid="shortcut-sheet"
      footer={
        <>
          {onTour === null ? null : (
            <Button
              onClick={() => {
                onClose()
                onTour()
              }}
              data-testid="sheet-tour"
            >
              {t('keys.start_tour')}
            </Button>
          )}
          <Button
            onClick={() => {
              onClose()
              go('/settings', { part: 'keys' })
            }}
          >
            {t('keys.change')}
          </Button>
        </>
      }
    >
      <div className="zf-sheet">
        {groups.map((group) => {
          const rows = once(live.filter((h) => (h.group ?? 'action') === group && !h.keys.startsWith('g ')))
          if (rows.length === 0) return null
          return (
            <div key={group}>
              <h3>{t(`keys.${group}`)}</h3>
              {rows.map((h) => (
                <div className="zf-sheet-row" key={h.keys}>
                  <span>{h.label}</span>
                  <Kbd keys={h.keys} />
                  <span className="zf-sr">{keysFor(h.keys, map)}</span>
                </div>
              ))}
            </div>
          )
        })}
        <div>
          <h3>{t('keys.pages')}</h3>
          {pages.map((h) => (
            <div className="zf-sheet-row" key={h.keys}>
              <span>{h.label}</span>
              <Kbd keys={h.keys} />
              <span className="zf-sr">{keysFor(h.keys, map)}</span>
            </div>
          ))}
        </div>
      </div>
      <p className="zf-help">{t('keys.note')}</p>
    </Overlay>
  )
}
