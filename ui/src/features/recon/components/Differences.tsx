import { CloseOutlined, PauseCircleOutlined, SearchOutlined, SwapOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { Grid, type Column } from '../../../components/Grid'
import { Id } from '../../../components/Id'
import { MissingSide, Money } from '../../../components/Money'
import { Avatar, Kbd } from '../../../components/small'
import { BatchResult, Empty, ErrorPanel, FilteredEmpty, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import { count, moneyText } from '../../../format'
import type { BatchResult as Result, DifferenceCode, DifferenceRow, Disposition, ReconView } from '../../../generated/types'
import { hasMessage, tDynamic, useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { StatusIcon, StatusTag } from '../../../status/StatusTag'
import { useDifferences, useReopen, useSuspend } from '../api'
import { DifferencePane } from './DifferencePane'
import { SuspendOverlay } from './SuspendOverlay'

type Tab = 'all' | 'suspended' | DifferenceCode
type Perspective = 'channel' | 'ours'

function suggestionText(name: string): string {
  const key = `suggestion.${name}`
  return hasMessage(key) ? tDynamic(key, {}) : name
}

/** Every difference of a run, worked by keyboard: look, select, suspend, undo. */
export function Differences({ run }: { run: ReconView }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const may = useMay('run_reconciliation')
  const [tab, setTab] = useState<Tab>('all')
  const [perspective, setPerspective] = useState<Perspective>('channel')
  const [text, setText] = useState('')
  const deferred = useDeferredValue(text.trim())
  const disposition: Disposition | null = tab === 'suspended' ? 'suspended' : null
  const list = useDifferences(run.run_id, {
    codes: tab === 'all' || tab === 'suspended' ? [] : [tab],
    disposition,
    text: deferred === '' ? null : deferred,
  })
  const [active, setActive] = useState<string | null>(null)
  const [open, setOpen] = useState(true)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [suspending, setSuspending] = useState<readonly DifferenceRow[] | null>(null)
  const [failed, setFailed] = useState<Result | null>(null)
  const suspend = useSuspend()
  const reopen = useReopen()
  const rows = list.rows
  const shown = active ?? rows[0]?.difference_id ?? null
  const current = rows.find((r) => r.difference_id === shown) ?? null
  const chosen = rows.filter((r) => selected.has(r.difference_id))
  const targets = chosen.length > 0 ? chosen : current === null ? [] : [current]
  const openTargets = targets.filter((r) => r.disposition === 'open')
  const heldTargets = targets.filter((r) => r.disposition === 'suspended')
  const currency = run.residual.currency
  const gapOf = (row: DifferenceRow) => ({ ...row.gap, minor: perspective === 'channel' ? row.gap.minor : 0 - row.gap.minor })
  const chosenGap = chosen.reduce((sum, r) => sum + gapOf(r).minor, 0)

  const afterBatch = (result: Result) => {
    setFailed(result.failed.length > 0 ? result : null)
    setSelected(new Set())
  }
  const undoSuspension = (ids: readonly string[]) =>
    reopen.mutate(
      { difference_ids: [...ids] },
      {
        onSuccess: (result) => {
          afterBatch(result)
          toasts.show({ text: t('recon.reopened', { n: result.done }) })
        },
      },
    )
  const doSuspend = (ids: readonly string[], ownerId: string, due: string, note: string) =>
    suspend.mutate(
      { difference_ids: [...ids], owner_id: ownerId, due_date: due, note },
      {
        onSuccess: (result) => {
          setSuspending(null)
          afterBatch(result)
          const broken = new Set(result.failed.map((f) => f.id))
          toasts.show({
            text:
              result.sum === null
                ? t('recon.suspended_plain', { n: result.done })
                : t('recon.suspended', { n: result.done, sum: moneyText(result.sum) }),
            note: t('recon.undo_note'),
            undo: () => reopen.mutateAsync({ difference_ids: ids.filter((id) => !broken.has(id)) }),
          })
        },
      },
    )
  const canWork = may && ready
  useHotkeys(
    [{ keys: 'h', run: () => openTargets.length > 0 && setSuspending(openTargets), label: t('recon.suspend'), group: 'action' }],
    canWork,
  )

  const columns: Column<DifferenceRow>[] = [
    {
      key: 'difference',
      title: t('recon.col.difference'),
      width: 152,
      grow: true,
      render: (r) => (
        <>
          {r.disposition === 'suspended' ? <PauseCircleOutlined aria-hidden className="zf-t3" /> : <StatusIcon family="at" />}
          <span className="zf-cut">
            {t(`difference.${r.code}`)}
            {r.kind === 'refund' ? ` · ${t('entry.refund')}` : ''}
          </span>
        </>
      ),
    },
    { key: 'number', title: t('recon.col.number'), width: 164, render: (r) => <Id value={r.number} short /> },
    { key: 'channel', title: t('recon.col.channel'), width: 92, align: 'right', render: (r) => (r.channel === null ? <MissingSide /> : <Money value={r.channel.amount} />) },
    { key: 'ledger', title: t('recon.col.ledger'), width: 92, align: 'right', render: (r) => (r.ledger === null ? <MissingSide /> : <Money value={r.ledger.amount} />) },
    {
      key: 'gap',
      title: (
        <button
          type="button"
          className="zf-linkbtn zf-row zf-nowrap"
          title={t('recon.view')}
          onClick={() => setPerspective(perspective === 'channel' ? 'ours' : 'channel')}
          data-testid="perspective"
        >
          {t(`recon.view.${perspective}`)} <SwapOutlined aria-hidden />
        </button>
      ),
      width: 104,
      align: 'right',
      render: (r) => <Money value={gapOf(r)} signed size="strong" />,
    },
    { key: 'age', title: t('recon.col.age'), width: 54, align: 'right', render: (r) => <span className={r.age_days > 7 ? 'zf-c-br zf-strong' : 'zf-t2'}>{t('common.days', { n: r.age_days })}</span> },
    {
      key: 'suggestion',
      title: t('recon.col.suggestion'),
      width: 116,
      render: (r) => (
        <>
          {r.disposition === 'suspended' ? <StatusTag kind="difference" status="suspended" /> : <span className="zf-t2 zf-cut">{suggestionText(r.suggestion)}</span>}
          {r.owner === null ? null : (
            <span className="zf-push" title={`${t('recon.col.owner')} ${r.owner}`}>
              <Avatar name={r.owner} size={20} />
            </span>
          )}
        </>
      ),
    },
  ]
  const index = rows.findIndex((r) => r.difference_id === shown)
  const step = (by: 1 | -1) => {
    const row = rows[index + by]
    return row === undefined ? null : () => setActive(row.difference_id)
  }
  const error = suspend.error ?? reopen.error

  return (
    <div className="zf-split">
      <div className="zf-bill zf-grow">
        <div className="zf-between zf-fixed">
          <Tabs<Tab>
            label={t('recon.col.difference')}
            value={tab}
            onChange={(next) => {
              setTab(next)
              setSelected(new Set())
              setActive(null)
            }}
            items={[
              { key: 'all', label: t('recon.tab.all'), n: run.counts.reduce((n, c) => n + c.count, 0) },
              ...run.counts.filter((c) => c.count > 0).map((c) => ({ key: c.code, label: t(`recon.tab.${c.code}`), n: c.count })),
              { key: 'suspended', label: t('recon.tab.suspended') },
            ]}
          />
          <span className="zf-row zf-nowrap">
            <Input
              size="small"
              className="zf-recon-search"
              prefix={<SearchOutlined className="zf-t3" />}
              placeholder={t('recon.search')}
              aria-label={t('recon.search')}
              allowClear
              value={text}
              onChange={(event) => setText(event.target.value)}
              data-page-search=""
              data-testid="recon-search"
            />
          </span>
        </div>
        {error === null ? null : <ErrorPanel error={error} testid="difference-error" />}
        {failed === null ? null : (
          <div className="zf-card zf-pane-section">
            <BatchResult
              rows={[
                ...Array.from({ length: failed.done }, (_, i) => ({ key: `ok-${i}`, label: '', outcome: 'ok' as const })),
                ...failed.failed.map((f) => ({
                  key: f.id,
                  label: rows.find((r) => r.difference_id === f.id)?.number ?? f.id,
                  outcome: 'failed' as const,
                  note: f.message,
                })),
              ]}
              actions={
                <Button size="small" onClick={() => setFailed(null)}>
                  {t('common.close')}
                </Button>
              }
            />
          </div>
        )}
        <Grid
          label={t('recon.col.difference')}
          testid="differences"
          rows={rows}
          rowKey={(r) => r.difference_id}
          columns={columns}
          total={list.first?.total ?? null}
          active={shown}
          onActive={(key) => {
            setActive(key)
            setOpen(true)
          }}
          onOpen={() => setOpen(true)}
          onClose={() => (selected.size > 0 ? setSelected(new Set()) : setOpen(false))}
          selected={may ? selected : undefined}
          onSelected={may ? setSelected : undefined}
          idOf={(r) => r.number}
          onEndReached={list.more}
          placeholder={
            list.error !== null ? (
              <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
            ) : list.isPending ? (
              <Skeleton rows={8} />
            ) : tab === 'all' && deferred === '' ? (
              <Empty icon={<StatusIcon family="ok" />} title={t('recon.empty')} />
            ) : (
              <FilteredEmpty
                title={t('recon.filtered_empty')}
                filters={[...(tab === 'all' ? [] : [tab === 'suspended' ? t('recon.tab.suspended') : t(`difference.${tab}`)]), ...(deferred === '' ? [] : [deferred])]}
                onClear={() => {
                  setTab('all')
                  setText('')
                }}
              />
            )
          }
          footer={
            selected.size > 0 ? (
              <>
                <b>{t('recon.selected', { n: count(selected.size) })}</b>
                <span>
                  {t('recon.selected_sum')} <Money value={{ minor: chosenGap, currency }} signed size="strong" />
                </span>
                <span className="zf-keys">
                  {heldTargets.length === 0 ? null : (
                    <Button size="small" disabled={!canWork} loading={reopen.isPending} onClick={() => undoSuspension(heldTargets.map((r) => r.difference_id))}>
                      {t('recon.reopen')}
                    </Button>
                  )}
                  <Button size="small" type="primary" disabled={!canWork || openTargets.length === 0} onClick={() => setSuspending(openTargets)} data-testid="suspend-selected">
                    {t('recon.suspend_n', { n: openTargets.length })} <Kbd keys="H" />
                  </Button>
                  <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t('recon.clear')} onClick={() => setSelected(new Set())} />
                </span>
              </>
            ) : (
              <span className="zf-keys" aria-hidden>
                <span>
                  <Kbd keys="J K" /> {t('keys.up_down')}
                </span>
                <span>
                  <Kbd keys="X" /> {t('keys.select')}
                </span>
                <span>
                  <Kbd keys="H" /> {t('recon.suspend')}
                </span>
              </span>
            )
          }
        />
      </div>
      {open && current !== null ? (
        <DifferencePane
          row={current}
          onClose={() => setOpen(false)}
          onPrev={step(-1)}
          onNext={step(1)}
          onSuspend={canWork && current.disposition === 'open' ? () => setSuspending([current]) : null}
          onReopen={canWork && current.disposition === 'suspended' ? () => undoSuspension([current.difference_id]) : null}
        />
      ) : null}
      <SuspendOverlay
        rows={suspending}
        busy={suspend.isPending}
        onClose={() => setSuspending(null)}
        onSuspend={(owner, due, note) => doSuspend((suspending ?? []).map((r) => r.difference_id), owner, due, note)}
      />
    </div>
  )
}
