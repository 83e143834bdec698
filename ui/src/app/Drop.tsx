import { Popover } from 'antd'
import { useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react'

type Props = {
  title: ReactNode
  /** What opens. Choosing a link or a `data-closes` button in it shuts it. */
  content: ReactNode
  className: string
  label?: string
  placement: 'bottomLeft' | 'bottomRight'
  children: ReactNode
  testid: string
}

/** A button with a small panel under it: the focus goes in, Esc closes, the focus comes back. */
export function Drop({ title, content, className, label, placement, children, testid }: Props) {
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    setOpen(false)
    button.current?.focus()
  }
  const onClick = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('a[href], [data-closes]') !== null) setOpen(false)
  }
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement={placement}
      title={title}
      destroyOnHidden
      content={
        // Esc and a choice bubble up from what inside has the focus.
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions
        <div onKeyDown={onKeyDown} onClick={onClick} ref={(panel) => panel?.querySelector<HTMLElement>('a[href], button')?.focus()}>
          {content}
        </div>
      }
    >
      <button type="button" ref={button} className={className} aria-label={label} aria-expanded={open} data-testid={testid}>
        {children}
      </button>
    </Popover>
  )
}
