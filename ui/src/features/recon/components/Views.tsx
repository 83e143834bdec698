import { StarOutlined } from '@ant-design/icons'
import { Button, Dropdown, Input } from 'antd'
import { useState } from 'react'
import { Overlay } from '../../../components/Overlay'
import { useToasts } from '../../../components/Toast'
import type { DifferenceSort } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useReconViews, type SavedView as ReconView } from '../api'

type Props = {
  /** What the list shows now. */
  now: Omit<ReconView, 'id' | 'name'>
  /** Whether anything is filtered or sorted, so that there is something to keep. */
  kept: boolean
  onPick: (view: ReconView) => void
  onSort: (sort: DifferenceSort) => void
}

/** A person's own views of the differences: picked, kept and deleted. */
export function Views({ now, kept, onPick, onSort }: Props) {
  const t = useT()
  const toasts = useToasts()
  const [views, setViews] = useReconViews()
  const [naming, setNaming] = useState(false)
  const [name, setName] = useState('')
  const same = (v: ReconView) => v.pool === now.pool && v.tab === now.tab && v.text === now.text && v.perspective === now.perspective && v.sort === now.sort
  const current = views.find(same) ?? null
  const forget = () => {
    if (current === null) return
    setViews(views.filter((v) => v.id !== current.id))
    toasts.show({ text: t('orders.view.forgotten', { name: current.name }), undo: () => setViews(views) })
  }
  return (
    <>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            ...(['position', 'largest'] as const).map((sort) => ({ key: `sort:${sort}`, label: t(sort === 'position' && now.pool ? 'recon.sort.oldest' : `recon.sort.${sort}`), disabled: now.sort === sort })),
            { type: 'divider' as const },
            ...views.map((v) => ({ key: v.id, label: v.name })),
            ...(views.length === 0 ? [] : [{ type: 'divider' as const }]),
            { key: 'save', label: t('orders.view.save'), disabled: !kept || current !== null },
            { key: 'forget', label: t('orders.view.forget'), disabled: current === null },
          ],
          onClick: ({ key }) => {
            if (key === 'sort:position' || key === 'sort:largest') onSort(key === 'sort:largest' ? 'largest' : 'position')
            else if (key === 'save') setNaming(true)
            else if (key === 'forget') forget()
            else {
              const view = views.find((v) => v.id === key)
              if (view !== undefined) onPick(view)
            }
          },
        }}
      >
        <Button size="small" icon={<StarOutlined />} data-testid="recon-views">
          {current === null ? t('recon.views') : current.name}
        </Button>
      </Dropdown>
      <Overlay open={naming} onClose={() => setNaming(false)} title={t('orders.view.save')} width={380}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() === '') return
            setViews([...views, { id: `v${Date.now().toString(36)}`, name: name.trim(), ...now }])
            setNaming(false)
            setName('')
          }}
        >
          <p className="zf-t2">{t('orders.view.note')}</p>
          <Input autoFocus maxLength={24} value={name} placeholder={t('orders.view.name')} aria-label={t('orders.view.name')} onChange={(event) => setName(event.target.value)} data-testid="recon-view-name" />
          <div className="zf-row zf-end zf-gap-top">
            <Button onClick={() => setNaming(false)}>{t('common.cancel')}</Button>
            <Button type="primary" htmlType="submit" disabled={name.trim() === ''} data-testid="recon-view-keep">
              {t('orders.view.keep')}
            </Button>
          </div>
        </form>
      </Overlay>
    </>
  )
}
