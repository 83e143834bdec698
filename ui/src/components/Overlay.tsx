import { Modal } from 'antd'
import type { ReactNode } from 'react'
import { HotkeyLayer, useRaisedLayer } from '../keyboard/hotkeys'

type Props = {
  open: boolean
  onClose: () => void
  title: ReactNode
  children: ReactNode
  footer?: ReactNode
  width?: number
  testid?: string
}

/** A dialog: traps the focus, gives it back, and silences the page's single keys while open. */
export function Overlay({ open, onClose, title, children, footer = null, width = 520, testid }: Props) {
  const layer = useRaisedLayer(open)
  return (
    <Modal open={open} onCancel={onClose} title={title} footer={footer} width={width} destroyOnHidden centered>
      <HotkeyLayer value={layer}>
        <div data-testid={testid}>{children}</div>
      </HotkeyLayer>
    </Modal>
  )
}
