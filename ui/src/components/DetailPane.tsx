import { CloseOutlined, DownOutlined, FullscreenExitOutlined, FullscreenOutlined, UpOutlined } from '@ant-design/icons'
import { Button, Drawer } from 'antd'
import { type ReactNode, useSyncExternalStore } from 'react'
import { useT } from '../i18n'

/** Whether a media query holds, followed. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = globalThis.matchMedia?.(query)
      media?.addEventListener('change', listener)
      return () => media?.removeEventListener('change', listener)
    },
    () => globalThis.matchMedia?.(query).matches ?? false,
    () => false,
  )
}

/** Below 1280 px detail panes become drawers. */
export function useNarrow(): boolean {
  return useMedia('(max-width: 1279px)')
}

type Props = {
  title: ReactNode
  onClose: () => void
  onPrev?: (() => void) | null
  onNext?: (() => void) | null
  /** Gives the pane the whole width, or its own again. */
  wide?: boolean
  onWide?: (wide: boolean) => void
  footer?: ReactNode
  children: ReactNode
  testid?: string
}

/** The pane beside a list: what is selected, in full. Beside it from 1280 px, over it below. */
export function DetailPane({ title, onClose, onPrev, onNext, wide = false, onWide, footer, children, testid }: Props) {
  const t = useT()
  const narrow = useNarrow()
  const content = (
    <section className={`zf-pane${wide && !narrow ? ' zf-pane-wide' : ''}`} data-testid={testid}>
      <header className="zf-pane-head">
        <div className="zf-pane-title">{title}</div>
        {onPrev === undefined ? null : (
          <Button type="text" icon={<UpOutlined />} aria-label={t('common.previous')} disabled={onPrev === null} onClick={() => onPrev?.()} />
        )}
        {onNext === undefined ? null : (
          <Button type="text" icon={<DownOutlined />} aria-label={t('common.next')} disabled={onNext === null} onClick={() => onNext?.()} />
        )}
        {onWide === undefined || narrow ? null : (
          <Button
            type="text"
            icon={wide ? <FullscreenExitOutlined /> : <FullscreenOutlined />}
            aria-label={t(wide ? 'common.narrower' : 'common.wider')}
            aria-pressed={wide}
            onClick={() => onWide(!wide)}
            data-testid="pane-wide"
          />
        )}
        <Button type="text" icon={<CloseOutlined />} aria-label={t('common.close')} onClick={onClose} data-testid="pane-close" />
      </header>
      <div className="zf-pane-body">{children}</div>
      {footer === undefined ? null : <footer className="zf-pane-foot">{footer}</footer>}
    </section>
  )
  if (!narrow) return content
  return (
    <Drawer open onClose={onClose} closable={false} size={400} styles={{ body: { padding: 0 } }}>
      {content}
    </Drawer>
  )
}
