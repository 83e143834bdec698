import { PlusOutlined, ScanOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { copyText } from '../../../components/Id'
import { PageHeader } from '../../../components/small'
import { Empty, ErrorPanel, Notice, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import type { KeyRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { go, useQueryState } from '../../../router'
import { useKeyList } from '../api'
import { Changes } from './Changes'
import { KeyCalendar } from './KeyCalendar'
import { KeyPane } from './KeyPane'
import { KeyTable } from './KeyTable'
import { RehearsalCard } from './RehearsalCard'
import { TodoCard } from './TodoCard'

const tabs = ['calendar', 'list', 'changes'] as const

/** Every key and certificate in use: how long each lasts, what stops, and what to do now. */
export default function KeysPage() {
  const t = useT()
  const toasts = useToasts()
  const list = useKeyList()
  const [query, setQuery] = useQueryState()
  const tab = tabs.find((name) => name === query['tab']) ?? 'calendar'
  const [active, setActive] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  const rows = list.data?.rows ?? []
  const at = rows.findIndex((r) => r.key_id === active)
  const current: KeyRow | undefined = rows[at]
  const move = (to: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))]
    if (row !== undefined) setActive(row.key_id)
  }
  const openRow = (row: KeyRow) => {
    setActive(row.key_id)
    setOpen(true)
  }
  useHotkeys(
    [
      { keys: 'j', run: () => move(at + 1), label: t('keys.next_row'), group: 'list' },
      { keys: 'k', run: () => move(at - 1), label: t('keys.previous_row'), group: 'list' },
      { keys: 'ArrowDown', run: () => move(at + 1) },
      { keys: 'ArrowUp', run: () => move(at - 1) },
      { keys: 'Enter', run: () => setOpen(current !== undefined), label: t('keys.open'), group: 'list' },
      { keys: 'Escape', run: () => setOpen(false), label: t('keys.close'), group: 'list' },
      {
        keys: 'c',
        run: () => {
          const serial = current?.serial
          if (serial !== null && serial !== undefined)
            void copyText(serial).then((ok) => ok && toasts.show({ text: t('common.copied_id', { id: serial }) }))
        },
        label: t('keys.copy_id'),
        group: 'list',
      },
    ],
    tab !== 'changes',
  )
  const invalid = rows.filter((r) => r.state === 'invalid' && r.attention).length
  const soon = rows.filter((r) => r.attention && r.state !== 'invalid').length
  const note = [
    t('certs.sum', { n: rows.length }),
    invalid > 0 ? t('certs.sum_invalid', { n: invalid }) : null,
    soon > 0 ? t('certs.sum_soon', { n: soon }) : null,
    invalid + soon === 0 ? t('certs.sum_fine') : null,
  ].filter((part) => part !== null)
  const accountId = rows.find((r) => r.account !== null)?.account?.account_id
  return (
    <div className="zf-page">
      <PageHeader
        title={t('certs.title')}
        tabs={
          <Tabs
            label={t('certs.view')}
            look="box"
            items={tabs.map((key) => ({ key, label: t(`certs.tab.${key}`) }))}
            value={tab}
            onChange={(next) => setQuery({ tab: next })}
          />
        }
        note={list.data === undefined ? undefined : <span data-testid="key-sum">{note.join(' · ')}</span>}
        actions={
          <>
            <Button icon={<ScanOutlined />} onClick={() => go('/xray')} data-testid="to-xray">
              {t('certs.to_xray')}
            </Button>
            <Button icon={<PlusOutlined />} onClick={() => go('/channels')}>
              {t('certs.import')}
            </Button>
          </>
        }
      />
      {list.data?.vault_locked === true ? <Notice family="at" title={t('certs.locked')} /> : null}
      {tab === 'changes' ? (
        <Changes />
      ) : list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data === undefined ? (
        <Skeleton rows={10} />
      ) : rows.length === 0 ? (
        <div className="zf-card">
          <Empty title={t('certs.empty')} note={t('certs.empty_note')} />
        </div>
      ) : (
        <div className={`zf-keys-body${open && current !== undefined ? ' zf-keys-open' : ''}`}>
          <div className="zf-keys-main">
            {tab === 'calendar' ? (
              <KeyCalendar list={list.data} active={active} onOpen={openRow} />
            ) : (
              <KeyTable list={list.data} active={active} onOpen={openRow} />
            )}
            <div className="zf-keys-cards">
              {accountId === undefined ? null : <RehearsalCard list={list.data} accountId={accountId} />}
              <TodoCard list={list.data} />
            </div>
          </div>
          {open && current !== undefined ? <KeyPane row={current} rows={rows} onClose={() => setOpen(false)} onStep={(by) => move(at + by)} /> : null}
        </div>
      )}
    </div>
  )
}
