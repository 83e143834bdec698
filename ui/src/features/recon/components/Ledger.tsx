import { CloseOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useDeferredValue, useState } from 'react'
import { wordCode } from '../../../api/errors'
import { useMay, useMoneyReady, useStatus } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { DetailPane, useNarrow } from '../../../components/DetailPane'
import { Grid, type Column } from '../../../components/Grid'
import { Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Kbd, Time } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import { count } from '../../../format'
import type { BatchResult as Result, ResolutionState, ResolutionView } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { go } from '../../../router'
import { statusEntry } from '../../../status/dictionary'
import { StatusTag } from '../../../status/StatusTag'
import { byCurrency, useDifference, useResolutions, useReverse } from '../api'
import { DecideButtons, Proposal } from './DecideButtons'
import { DecideStep, type Decision } from './DecideStep'
import { History, kindText, why } from './History'
import { Sides } from './Sides'
import { ReasonStep } from './Steps'
import { Verdicts } from './Verdicts'

type Tab = 'back' | 'all' | ResolutionState
const states: readonly ResolutionState[] = ['proposed', 'in_effect', 'rejected', 'withdrawn', 'reversed']

/** Everything done about an account's differences, of all days; what waits is decided here. */
export function Ledger({ accountId, onBack }: { accountId: string; onBack: () => void }) {
  const t = useT()
  const lang = useLanguage()
  const ready = useMoneyReady()
  const { now } = useStatus()
  const decides = useMay('sign_day_as_checker')
  const [state, setState] = useState<ResolutionState | null>(decides ? 'proposed' : null)
  const [text, setText] = useState('')
  const deferred = useDeferredValue(text.trim())
  const search = deferred === '' ? null : deferred
  const list = useResolutions(accountId, { state, text: search })
  const { rows } = list
  const [active, setActive] = useState<string | null>(null)
  const narrow = useNarrow()
  const [open, setOpen] = useState(!narrow)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [decision, setDecision] = useState<Decision | null>(null)
  const [refused, setRefused] = useState<Result | null>(null)
  const shown = active ?? rows[0]?.resolution_id ?? null
  const index = rows.findIndex((r) => r.resolution_id === shown)
  const current = rows[index] ?? null
  const chosen = rows.filter((r) => selected.has(r.resolution_id))
  const waiting = chosen.filter((r) => r.state === 'proposed')
  const targets = chosen.length > 0 ? waiting : current !== null && current.may_decide ? [current] : []
  const mayDecide = decides && ready
  const ask = (approve: boolean) => {
    if (targets.length > 0) setDecision({ entries: targets, approve })
  }
  useHotkeys(
    [
      { keys: 'a', run: () => ask(true), label: t('recon.approve'), group: 'action' },
      { keys: 'b', run: () => ask(false), label: t('recon.reject'), group: 'action' },
    ],
    mayDecide,
  )
  const filter = state === null ? t('recon.ledger.all') : statusEntry('resolution', state)[lang]
  const step = (by: 1 | -1) => {
    const row = rows[index + by]
    return row === undefined ? null : () => setActive(row.resolution_id)
  }
  const columns: Column<ResolutionView>[] = [
    { key: 'state', title: t('recon.col.state'), width: 100, render: (r) => <StatusTag kind="resolution" status={r.state} place="problems" /> },
    { key: 'kind', title: t('recon.col.resolution'), width: 104, render: (r) => <span className="zf-cut" title={kindText(t, r)}>{kindText(t, r)}</span> },
    { key: 'number', title: t('recon.col.number'), width: 158, render: (r) => <Id value={r.number} short /> },
    { key: 'amount', title: t('recon.col.gap'), width: 96, align: 'right', render: (r) => <Money value={r.amount} signed size="strong" /> },
    { key: 'why', title: t('recon.note'), width: 90, grow: true, render: (r) => <span className="zf-t2 zf-cut" title={why(t, r)}>{why(t, r)}</span> },
    { key: 'by', title: t('recon.col.proposed'), width: 64, render: (r) => <span className="zf-cut" title={r.proposed_by}>{r.proposed_by}</span> },
    { key: 'at', title: t('recon.col.at'), width: 92, render: (r) => <Time at={r.proposed_at} as="minute" /> },
  ]
  return (
    <div className="zf-split">
      <div className="zf-bill zf-grow">
        <div className="zf-between zf-fixed">
          <Tabs<Tab>
            label={t('recon.ledger')}
            value={state ?? 'all'}
            onChange={(next) => {
              if (next === 'back') return onBack()
              setState(next === 'all' ? null : next)
              setSelected(new Set())
              setActive(null)
            }}
            items={[
              { key: 'back', label: t('recon.ledger.back') },
              { key: 'all', label: t('recon.ledger.all') },
              ...states.map((s) => ({ key: s, label: statusEntry('resolution', s)[lang], n: s === state ? (list.first?.total ?? null) : null })),
            ]}
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
            data-testid="ledger-search"
          />
        </div>
        {refused === null ? null : <Verdicts result={refused} onClose={() => setRefused(null)} />}
        <Grid
          label={t('recon.ledger')}
          testid="ledger"
          rows={rows}
          rowKey={(r) => r.resolution_id}
          columns={columns}
          total={list.first?.total ?? null}
          active={shown}
          onActive={(key) => {
            setActive(key)
            if (!narrow) setOpen(true)
          }}
          onOpen={() => setOpen(true)}
          onClose={() => (selected.size > 0 ? setSelected(new Set()) : setOpen(false))}
          selected={decides ? selected : undefined}
          onSelected={decides ? setSelected : undefined}
          idOf={(r) => r.number}
          onEndReached={list.more}
          placeholder={
            list.error !== null ? (
              <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
            ) : list.isPending ? (
              <Skeleton rows={8} />
            ) : search === null && (state === null || state === 'proposed') ? (
              <Empty title={t(state === null ? 'recon.ledger.empty' : 'recon.ledger.none_waiting')} note={t('recon.ledger.empty_note')} />
            ) : (
              <FilteredEmpty
                title={t('recon.ledger.filtered_empty')}
                filters={[
                  ...(state === null ? [] : [{ label: filter, onRemove: () => setState(null) }]),
                  ...(search === null ? [] : [{ label: search, onRemove: () => setText('') }]),
                ]}
                onClear={() => {
                  setState(null)
                  setText('')
                }}
              />
            )
          }
          footer={
            selected.size > 0 ? (
              <>
                <b className="zf-grid-chosen">{t('recon.selected', { n: count(selected.size) })}</b>
                <span className="zf-row zf-nowrap">
                  {byCurrency(waiting.map((r) => r.amount)).map((sum) => (
                    <Money key={sum.currency} value={sum} signed size="strong" />
                  ))}
                  <AboutNumber
                    name={t('recon.selected_sum')}
                    counts={t('recon.about.ledger')}
                    filter={filter}
                    asOf={now}
                    missing={waiting.length < selected.size ? [t('recon.ledger.not_waiting', { n: count(selected.size - waiting.length) })] : []}
                  />
                </span>
                <span className="zf-keys">
                  <Button size="small" disabled={!mayDecide || waiting.length === 0} onClick={() => ask(false)} data-testid="reject-selected">
                    {t('recon.reject_n', { n: waiting.length })} <Kbd keys="B" />
                  </Button>
                  <Button size="small" type="primary" disabled={!mayDecide || waiting.length === 0} onClick={() => ask(true)} data-testid="approve-selected">
                    {t('recon.approve_n', { n: waiting.length })} <Kbd keys="A" />
                  </Button>
                  <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t('recon.clear')} onClick={() => setSelected(new Set())} />
                </span>
              </>
            ) : (
              <span className="zf-keys" aria-hidden>
                <span>
                  <Kbd keys="J K" /> {t('keys.up_down')}
                </span>
                {decides ? (
                  <>
                    <span>
                      <Kbd keys="X" /> {t('keys.select')}
                    </span>
                    <span>
                      <Kbd keys="A" /> {t('recon.approve')}
                    </span>
                    <span>
                      <Kbd keys="B" /> {t('recon.reject')}
                    </span>
                  </>
                ) : null}
              </span>
            )
          }
        />
      </div>
      {open && current !== null ? (
        <EntryPane
          entry={current}
          onClose={() => setOpen(false)}
          onPrev={step(-1)}
          onNext={step(1)}
          onDecide={ready && current.may_decide ? (approve) => setDecision({ entries: [current], approve }) : null}
        />
      ) : null}
      <DecideStep
        decision={decision}
        onClose={() => setDecision(null)}
        onDone={(result) => {
          setRefused(result.failed.length > 0 ? result : null)
          setSelected(new Set(result.failed.map((f) => f.id)))
        }}
      />
    </div>
  )
}

type PaneProps = {
  entry: ResolutionView
  onClose: () => void
  onPrev: (() => void) | null
  onNext: (() => void) | null
  onDecide: ((approve: boolean) => void) | null
}

/** The entry with the difference it is about: both sides, and everything done so far. */
function EntryPane({ entry, onClose, onPrev, onNext, onDecide }: PaneProps) {
  const t = useT()
  const detail = useDifference(entry.difference_id)
  const data = detail.data?.row.difference_id === entry.difference_id ? detail.data : undefined
  const toasts = useToasts()
  const reverse = useReverse()
  const ready = useMoneyReady()
  const works = useMay('run_reconciliation') && ready
  const [undoing, setUndoing] = useState(false)
  // What holds is reversed by another entry; what a run found across days is the run's to take back.
  const reversible = works && entry.state === 'in_effect' && entry.reverses === null && entry.kind !== 'cross_day'
  const undo = (reason: string) =>
    reverse.mutate(
      { difference_ids: [entry.difference_id], reason },
      {
        onSuccess: (result) => {
          setUndoing(false)
          const [refusal] = result.failed
          toasts.show({ text: refusal === undefined ? t('recon.reopened', { n: result.done }) : wordCode(t, refusal.code, refusal.params) })
        },
      },
    )
  return (
    <DetailPane
      testid="entry-pane"
      title={
        <span className="zf-row zf-nowrap zf-clip">
          <span className="zf-nowrap-text">{kindText(t, entry)}</span>
          <Money value={entry.amount} signed />
          <StatusTag kind="resolution" status={entry.state} place="header" />
        </span>
      }
      onClose={onClose}
      onPrev={onPrev}
      onNext={onNext}
      footer={
        entry.state === 'proposed' ? (
          <>
            <span className="zf-grow" />
            <DecideButtons onDecide={onDecide} />
          </>
        ) : (
          <>
            <span className="zf-help zf-grow">{t('recon.ledger.permanent')}</span>
            {reversible ? (
              <Button onClick={() => setUndoing(true)} data-testid="entry-reverse">
                {t('recon.reverse')}
              </Button>
            ) : null}
          </>
        )
      }
    >
      <div className="zf-pane-section zf-stack">
        <div className="zf-between">
          <span className="zf-row">
            <Id value={entry.number} copy /> <span className="zf-t2">{entry.date}</span>
          </span>
          <Button size="small" onClick={() => go('/recon', { account: entry.account_id, day: entry.date })} data-testid="entry-day">
            {t('recon.ledger.to_day')}
          </Button>
        </div>
        {entry.state === 'proposed' ? null : <p>{why(t, entry)}</p>}
        <span className="zf-help">
          {t(`resolution_does.${entry.kind}`)} {entry.reverses === null ? null : t('recon.reversal_note')}
        </span>
      </div>
      {entry.state === 'proposed' ? <Proposal entry={entry} /> : null}
      {data === undefined ? (
        detail.error === null ? <Skeleton rows={4} /> : <ErrorPanel error={detail.error} onRetry={() => void detail.refetch()} />
      ) : (
        <>
          <Sides row={data.row} />
          <History entries={data.history} />
        </>
      )}
      <ReasonStep
        name="reverse"
        amounts={undoing ? [entry.amount] : null}
        title={t('recon.reverse_title', { n: 1 })}
        lead={t('recon.reverse_lead')}
        verb={t('recon.reverse')}
        busy={reverse.isPending}
        error={reverse.error}
        onClose={() => setUndoing(false)}
        onConfirm={undo}
      />
    </DetailPane>
  )
}
