/** The shortcuts of the guide's table (§7), by the keys they begin with. Pages are added by the frame as `g x`. */
import type { PlainKey } from '../i18n'
import type { KeyGroup } from './hotkeys'

export type Command = { keys: string; label: PlainKey; group: KeyGroup }

export const commands: readonly Command[] = [
  { keys: 'mod+k', label: 'keys.palette', group: 'global' },
  { keys: '/', label: 'keys.search', group: 'global' },
  { keys: '?', label: 'keys.title', group: 'global' },
  { keys: 'F5', label: 'keys.refresh', group: 'global' },
  { keys: 'mod+shift+m', label: 'keys.mask', group: 'global' },
  { keys: 'j', label: 'keys.next_row', group: 'list' },
  { keys: 'k', label: 'keys.previous_row', group: 'list' },
  { keys: 'x', label: 'keys.select', group: 'list' },
  { keys: 'shift+x', label: 'keys.select_range', group: 'list' },
  { keys: 'c', label: 'keys.copy_id', group: 'list' },
  { keys: 'a', label: 'keys.approve', group: 'action' },
  { keys: 'b', label: 'keys.reject', group: 'action' },
  { keys: 'h', label: 'keys.suspend', group: 'action' },
  { keys: 'r', label: 'keys.refund', group: 'action' },
  { keys: 'e', label: 'keys.evidence', group: 'action' },
  { keys: 'shift+e', label: 'keys.export', group: 'action' },
  { keys: 'q', label: 'keys.query', group: 'action' },
  { keys: 'p', label: 'keys.receipt', group: 'action' },
  { keys: 'u', label: 'keys.undo', group: 'action' },
]
