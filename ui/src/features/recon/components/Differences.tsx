import { CloseOutlined, SearchOutlined, SwapOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useDeferredValue, useMemo, useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { useNarrow } from '../../../components/DetailPane'
import { Grid, type Column } from '../../../components/Grid'
import { Id } from '../../../components/Id'
import { MissingSide, Money } from '../../../components/Money'
import { Avatar, Kbd } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, Skeleton } from '../../../components/states'
import { FamilyBadge, Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import { count, moneyText } from '../../../format'
import type { BatchResult as Result, DifferenceCode, DifferenceRow, DifferenceSort, DifferenceStatus, Disposition, ReconView, ResolutionKind } from '../../../generated/types'
import { hasMessage, tDynamic, useLanguage, useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { go } from '../../../router'
import { statusEntry } from '../../../status/dictionary'
import { StatusIcon } from '../../../status/StatusTag'
import { directed, useDifferences, usePoolDifferences, byCurrency, kinds, needsSecondPerson, useOpenRefund, useResolve, useReverse, useWaitingCount, type Standing, type Wanted } from '../api'
import { DecideStep, type Decision } from './DecideStep'
import { DifferencePane } from './DifferencePane'
import { ReasonStep, ResolveStep, type Resolution } from './Steps'
import { SuspendOverlay } from './SuspendOverlay'
import { Verdicts } from './Verdicts'
import { Views } from './Views'

type Scope = 'day' | 'pool'
type Tab = 'all' | 'pool' | 'carried' | 'ledger' | Standing | DifferenceCode
type Perspective = 'channel' | 'ours'

const standings: ReadonlySet<Tab> = new Set<Tab>(['waiting', 'broken', 'overdue', 'suspended', 'pending'])
const isStanding = (tab: Tab): tab is Standing => standings.has(tab)

function suggestionText(name: string): string {
  const key = `suggestion.${name}`
  return hasMessage(key) ? tDynamic(key, {}) : name
}

const gapSeen = (row: DifferenceRow, from: Perspective) => ({ ...row.gap, minor: from === 'channel' ? row.gap.minor : 0 - row.gap.minor })

/** Where a row stands, by the icon of its status alone: the whole list is problems. */
function StandingIcon({ status }: { status: DifferenceStatus }) {
  const lang = useLanguage()
  const { family, icon: Icon, ...words } = statusEntry('difference', status)
  return (
    <span className={`zf-icon zf-f-${family}`} role="img" aria-label={words[lang]} title={words[lang]}>
      <Icon aria-hidden />
    </span>
  )
}

type Props = {
  run: ReconView
  /** The standing a counter asked for: opens the pool under it. */
  wanted: Standing | null
  onWanted: (next: Wanted | null) => void
  /** An older run can be read only. */
  readOnly: boolean
}

/** The rows of a step that were not refused. */
function idsDone(of: readonly DifferenceRow[], result: Result): string[] {
  const refused = new Set(result.failed.map((f) => f.id))
  return of.filter((r) => !refused.has(r.difference_id)).map((r) => r.difference_id)
}

/** The differences of a run, or everything open of the account, worked by keyboard: look, select, resolve, undo. */
export function Differences({ run, wanted, onWanted, readOnly }: Props) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const may = useMay('run_reconciliation') && !readOnly
  const scope: Scope = wanted === null ? 'day' : 'pool'
  const [dayTab, setDayTab] = useState<Tab>('all')
  const tab: Tab = wanted ?? dayTab
  const [perspective, setPerspective] = useState<Perspective>('channel')
  const [text, setText] = useState('')
  const [sort, setSort] = useState<DifferenceSort>('position')
  const deferred = useDeferredValue(text.trim())
  const search = deferred === '' ? null : deferred
  const code: DifferenceCode | null = tab === 'all' || tab === 'pool' || tab === 'carried' || tab === 'ledger' || isStanding(tab) ? null : tab
  const disposition: Disposition | null = tab === 'suspended' ? tab : null
  const ofRun = useDifferences(scope === 'day' ? run.run_id : null, { codes: code === null ? [] : [code], disposition, text: search, sort })
  const ofPool = usePoolDifferences(scope === 'pool' ? run.account_id : null, { status: wanted, codes: [], text: search, sort })
  const list = scope === 'day' ? ofRun : ofPool
  const setTab = (next: Tab) => {
    if (next === 'ledger' || next === 'carried') onWanted(next)
    else if (next === 'pool') onWanted('broken')
    else if (scope === 'pool' && isStanding(next)) onWanted(next)
    else {
      onWanted(null)
      setDayTab(next)
    }
    setSelected(new Set())
    setActive(null)
  }
  const [active, setActive] = useState<string | null>(null)
  // A drawer over the list opens only when asked.
  const narrow = useNarrow()
  const [open, setOpen] = useState(!narrow)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [suspending, setSuspending] = useState<readonly DifferenceRow[] | null>(null)
  const [resolving, setResolving] = useState<{ rows: readonly DifferenceRow[]; kinds: readonly ResolutionKind[] } | null>(null)
  const [reversing, setReversing] = useState<readonly DifferenceRow[] | null>(null)
  const [decision, setDecision] = useState<Decision | null>(null)
  const [failed, setFailed] = useState<{ result: Result; done: readonly string[] } | null>(null)
  const resolve = useResolve()
  const reverse = useReverse()
  const openRefund = useOpenRefund()
  const mayRefund = useMay('request_refund')
  const waitingCount = useWaitingCount(run.account_id)
  const rows = list.rows
  const shown = active ?? rows[0]?.difference_id ?? null
  const current = rows.find((r) => r.difference_id === shown) ?? null
  const chosen = rows.filter((r) => selected.has(r.difference_id))
  const targets = chosen.length > 0 ? chosen : current === null ? [] : [current]
  const openTargets = targets.filter((r) => r.disposition === 'open')
  const heldTargets = targets.filter((r) => r.disposition !== 'open')
  const chosenGaps = byCurrency(chosen.map((r) => gapSeen(r, perspective)))

  const afterBatch = (result: Result, of: readonly DifferenceRow[] = []) => {
    const refused = new Set(result.failed.map((f) => f.id))
    setFailed(result.failed.length > 0 ? { result, done: of.filter((r) => !refused.has(r.difference_id)).map((r) => r.number) } : null)
    // What was refused stays selected: it is what is left to see to.
    setSelected(refused)
  }
  const doReverse = (of: readonly DifferenceRow[], reason: string) =>
    reverse.mutate(
      { difference_ids: of.map((r) => r.difference_id), reason },
      {
        onSuccess: (result) => {
          setReversing(null)
          afterBatch(result, of)
          if (result.done > 0) toasts.show({ text: t('recon.reopened', { n: result.done }) })
        },
      },
    )
  const doResolve = (of: readonly DifferenceRow[], what: Resolution) =>
    resolve.mutate(
      { difference_ids: of.map((r) => r.difference_id), kind: what.kind, reason: what.reason, owner_id: what.owner, due_date: what.due, label: what.label },
      {
        onSuccess: (result) => {
          setSuspending(null)
          setResolving(null)
          afterBatch(result, of)
          if (result.done === 0) return
          const done = idsDone(of, result)
          const values = { n: result.done, kind: t(`resolution.${what.kind}`), sum: result.sums.map((s) => moneyText(s.money)).join(t('common.and')) }
          toasts.show({
            text:
              what.kind === 'wait'
                ? t(result.sums.length === 0 ? 'recon.suspended_plain' : 'recon.suspended', values)
                : t(needsSecondPerson(what.kind) ? 'recon.proposed' : 'recon.resolved', values),
            note: what.kind === 'refund' ? t('recon.refund_note') : t('recon.undo_note'),
            undo: () => reverse.mutateAsync({ difference_ids: done, reason: t('common.undo') }).then((result) => afterBatch(result)),
          })
          // The entry moves no money: the refund is asked for, approved and sent where every refund is.
          const [only] = of
          if (what.kind === 'refund' && of.length === 1 && only !== undefined && only.order_id !== null && mayRefund) {
            openRefund.mutate({ order_id: only.order_id }, { onSuccess: (form) => go('/refunds', { no: form.refund_no }) })
          }
        },
      },
    )
  const canWork = may && ready
  useHotkeys(
    [{ keys: 'h', run: () => openTargets.length > 0 && setSuspending(openTargets), label: t('recon.suspend'), group: 'action' }],
    canWork,
  )
  useHotkeys([{ keys: 'a', run: () => setResolving({ rows: chosen, kinds }), label: t('recon.resolve'), group: 'action' }], canWork && chosen.length > 0)
  // The pane packs the evidence; while it is closed, E opens it.
  useHotkeys([{ keys: 'e', run: () => setOpen(true), label: t('recon.evidence_focus'), group: 'action' }], current !== null && !open)

  // Kept as they are from one render to the next: while the cursor moves only two rows are drawn anew.
  const columns = useMemo((): Column<DifferenceRow>[] => [
    {
      key: 'difference',
      title: t('recon.col.difference'),
      width: 170,
      grow: true,
      render: (r) => (
        <>
          <StandingIcon status={r.status} />
          <span className="zf-cut" title={t(`bucket.${r.bucket}`)}>
            {t(`bucket.${r.bucket}`)}
            {r.kind === 'refund' ? ` · ${t('entry.refund')}` : ''}
          </span>
        </>
      ),
    },
    { key: 'number', title: t('recon.col.number'), width: 158, render: (r) => <Id value={r.number} short /> },
    { key: 'channel', title: t('recon.col.channel'), width: 80, align: 'right', render: (r) => (r.channel === null ? <MissingSide /> : <Money value={directed(r.kind, r.channel.amount)} />) },
    { key: 'ledger', title: t('recon.col.ledger'), width: 80, align: 'right', render: (r) => (r.ledger === null ? <MissingSide /> : <Money value={directed(r.kind, r.ledger.amount)} />) },
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
      width: 102,
      align: 'right',
      render: (r) => <Money value={gapSeen(r, perspective)} signed size="strong" />,
    },
    { key: 'age', title: t('recon.col.age'), width: 48, align: 'right', render: (r) => <span title={r.date} className={r.age_days > 7 ? 'zf-c-br zf-strong' : 'zf-t2'}>{t('common.days', { n: r.age_days })}</span> },
    {
      key: 'suggestion',
      title: t('recon.col.suggestion'),
      width: 142,
      render: (r) => (
        <>
          <span className="zf-t2 zf-cut" title={suggestionText(r.suggestion)}>
            {suggestionText(r.suggestion)}
          </span>
          {r.owner === null ? null : (
            <span className="zf-push" title={`${t('recon.col.owner')} ${r.owner}`}>
              <Avatar name={r.owner} size={20} />
            </span>
          )}
        </>
      ),
    },
  ], [t, perspective])
  const index = rows.findIndex((r) => r.difference_id === shown)
  const step = (by: 1 | -1) => {
    const row = rows[index + by]
    return row === undefined ? null : () => setActive(row.difference_id)
  }
  const error = resolve.error ?? reverse.error ?? openRefund.error

  const ledgerTab = { key: 'ledger' as const, label: t('recon.ledger'), badge: waitingCount === 0 ? null : <FamilyBadge family="ru" n={waitingCount} /> }

  return (
    <div className="zf-split">
      <div className="zf-bill zf-grow">
        <div className="zf-between zf-fixed">
          <Tabs<Tab>
            label={t('recon.col.difference')}
            value={tab}
            onChange={setTab}
            items={
              scope === 'pool'
                ? [
                    { key: 'all', label: t('recon.scope.day') },
                    { key: 'waiting', label: t('recon.pool_tab.waiting') },
                    { key: 'broken', label: t('recon.pool_tab.broken') },
                    { key: 'overdue', label: t('recon.pool_tab.overdue') },
                    { key: 'suspended', label: t('recon.pool_tab.suspended') },
                    { key: 'pending', label: t('recon.pool_tab.pending') },
                    { key: 'carried', label: t('recon.pool_tab.carried') },
                    ledgerTab,
                  ]
                : [
                    { key: 'all', label: t('recon.tab.all'), n: run.counts.reduce((n, c) => n + c.count, 0) },
                    { key: 'suspended', label: t('recon.tab.suspended') },
                    { key: 'pool', label: t('recon.scope.pool') },
                    ledgerTab,
                    // The codes come last: where the row is too narrow they are the ones out of sight.
                    ...run.counts.filter((c) => c.count > 0).map((c) => ({ key: c.code, label: t(`recon.tab.${c.code}`), n: c.count })),
                  ]
            }
          />
          <span className="zf-row zf-nowrap">
            <Views
              now={{ pool: scope === 'pool', tab, text: text.trim(), perspective, sort }}
              kept={tab !== 'all' || search !== null || sort !== 'position' || perspective !== 'channel'}
              onSort={setSort}
              onPick={(view) => {
                if (view.pool && isStanding(view.tab as Tab)) onWanted(view.tab as Standing)
                else {
                  onWanted(null)
                  setDayTab(view.tab as Tab)
                }
                setSelected(new Set())
                setActive(null)
                setText(view.text)
                setPerspective(view.perspective)
                setSort(view.sort)
              }}
            />
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
        {failed === null ? null : <Verdicts result={failed.result} done={failed.done} onClose={() => setFailed(null)} />}
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
            if (!narrow) setOpen(true)
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
            ) : (tab === 'all' || scope === 'pool') && search === null ? (
              <Empty icon={<StatusIcon family="ok" />} title={scope === 'pool' && isStanding(tab) ? t(`recon.pool_empty.${tab}`) : t('recon.empty')} />
            ) : (
              <FilteredEmpty
                title={t('recon.filtered_empty')}
                filters={[
                  ...(tab === 'all' || tab === 'pool' || tab === 'carried' || tab === 'ledger' ? [] : [{ label: isStanding(tab) ? t(`recon.pool.${tab}`) : t(`difference.${tab}`), onRemove: () => setTab('all') }]),
                  ...(search === null ? [] : [{ label: search, onRemove: () => setText('') }]),
                ]}
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
                <b className="zf-grid-chosen">{t('recon.selected', { n: count(selected.size) })}</b>
                <span>
                  {t('recon.selected_sum')}{' '}
                  {chosenGaps.map((gap, i) => (
                    <span key={gap.currency}>
                      {i === 0 ? null : t('common.and')}
                      <Money value={gap} signed size="strong" />
                    </span>
                  ))}
                  <AboutNumber
                    name={t('recon.selected_sum')}
                    counts={t('recon.about.selected')}
                    filter={`${scope === 'day' ? run.date : t('recon.scope.pool')} · ${t('recon.selected', { n: count(chosen.length) })}`}
                    asOf={run.finished_at}
                    missing={chosen.length < selected.size ? [t('recon.selected_hidden', { n: count(selected.size - chosen.length) })] : []}
                  />
                </span>
                <span className="zf-keys">
                  {heldTargets.length === 0 ? null : (
                    <Button size="small" disabled={!canWork} onClick={() => setReversing(heldTargets)} data-testid="reverse-selected">
                      {t('recon.reverse_n', { n: heldTargets.length })}
                    </Button>
                  )}
                  <Button size="small" disabled={!canWork || openTargets.length === 0} onClick={() => setSuspending(openTargets)} data-testid="suspend-selected">
                    {t('recon.suspend_n', { n: openTargets.length })} <Kbd keys="H" />
                  </Button>
                  <Button size="small" type="primary" disabled={!canWork} onClick={() => setResolving({ rows: chosen, kinds })} data-testid="resolve-selected">
                    {t('recon.resolve_n', { n: chosen.length })} <Kbd keys="A" />
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
                  <Kbd keys="A" /> {t('recon.resolve')}
                </span>
                <span>
                  <Kbd keys="H" /> {t('recon.suspend')}
                </span>
                <span>
                  <Kbd keys="E" /> {t('recon.evidence.pack')}
                </span>
              </span>
            )
          }
        />
      </div>
      {open && current !== null ? (
        <DifferencePane
          accountId={run.account_id}
          row={current}
          onClose={() => setOpen(false)}
          onPrev={step(-1)}
          onNext={step(1)}
          onSuspend={canWork && current.disposition === 'open' ? () => setSuspending([current]) : null}
          onAlike={scope === 'day' && code === null ? () => setTab(current.code) : null}
          onResolve={canWork ? (fitting) => setResolving({ rows: [current], kinds: fitting }) : null}
          onReverse={canWork && current.disposition !== 'open' ? () => setReversing([current]) : null}
          onDecide={ready && !readOnly ? (entry, approve) => setDecision({ entries: [entry], approve }) : null}
          keys={chosen.length === 0}
        />
      ) : null}
      <SuspendOverlay
        rows={suspending}
        busy={resolve.isPending}
        onClose={() => setSuspending(null)}
        onSuspend={(owner, due, reason) => doResolve(suspending ?? [], { kind: 'wait', reason, owner, due, label: null })}
      />
      <ResolveStep
        rows={resolving?.rows ?? null}
        kinds={resolving?.kinds ?? []}
        busy={resolve.isPending}
        error={resolve.error}
        onClose={() => {
          resolve.reset()
          setResolving(null)
        }}
        onResolve={(what) => doResolve(resolving?.rows ?? [], what)}
      />
      <ReasonStep
        name="reverse"
        amounts={reversing?.map((r) => r.gap) ?? null}
        title={t('recon.reverse_title', { n: reversing?.length ?? 0 })}
        lead={t('recon.reverse_lead')}
        verb={t('recon.reverse_n', { n: reversing?.length ?? 0 })}
        busy={reverse.isPending}
        error={reverse.error}
        onClose={() => {
          reverse.reset()
          setReversing(null)
        }}
        onConfirm={(reason) => doReverse(reversing ?? [], reason)}
      />
      <DecideStep
        decision={decision}
        onClose={() => setDecision(null)}
        onDone={(result) => {
          // Its verdicts are about entries, not about rows of this list.
          setFailed(result.failed.length > 0 ? { result, done: [] } : null)
          setSelected(new Set())
        }}
      />
    </div>
  )
}
