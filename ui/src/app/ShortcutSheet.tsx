import { Overlay } from '../components/Overlay'
import { Kbd } from '../components/small'
import { useT } from '../i18n'
import { useLiveHotkeys, type KeyGroup } from '../keyboard/hotkeys'

const groups: readonly KeyGroup[] = ['global', 'list', 'action']

/** Every shortcut that works on this page right now. */
export function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT()
  const live = useLiveHotkeys()
  return (
    <Overlay open={open} onClose={onClose} title={t('keys.title')} width={620} testid="shortcut-sheet">
      <div className="zf-sheet">
        {groups.map((group) => {
          const rows = live.filter((h) => (h.group ?? 'action') === group)
          if (rows.length === 0) return null
          return (
            <div key={group}>
              <h3>{t(`keys.${group}`)}</h3>
              {rows.map((h) => (
                <div className="zf-sheet-row" key={`${h.keys}-${h.label}`}>
                  <span>{h.label}</span>
                  <Kbd keys={h.keys} />
                </div>
              ))}
            </div>
          )
        })}
      </div>
      <p className="zf-help">{t('keys.note')}</p>
    </Overlay>
  )
}
