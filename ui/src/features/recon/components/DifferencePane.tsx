import { CloudServerOutlined, FileTextOutlined, FolderOpenOutlined, NotificationOutlined, ShoppingOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useEffect, useRef } from 'react'
import { ExplainCode } from '../../../components/Explain'
import { DetailPane } from '../../../components/DetailPane'
import { eventDetail } from '../../../components/eventDetail'
import { CopyButton } from '../../../components/Id'
import { saveHeld } from '../../../components/saveHeld'
import { Kbd, Time } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, moneyText, shortDigest } from '../../../format'
import type { DifferenceRow, OrderDetail, ResolutionKind, ResolutionView, SideView, TimelineEvent } from '../../../generated/types'
import { hasMessage, tDynamic, useLanguage, useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { go } from '../../../router'
import { statusEntry } from '../../../status/dictionary'
import { StatusTag } from '../../../status/StatusTag'
import { useDifference, useEvidence, useLookup, useQueryChannel, useRested } from '../api'
import { DecideButtons, Proposal } from './DecideButtons'
import { History } from './History'
import { Sides } from './Sides'

type Props = {
  accountId: string
  row: DifferenceRow
  onClose: () => void
  onPrev: (() => void) | null
  onNext: (() => void) | null
  onSuspend: (() => void) | null
  /** Opens the step with what may be done about it. */
  onResolve: ((kinds: readonly ResolutionKind[]) => void) | null
  onReverse: (() => void) | null
  onDecide: ((entry: ResolutionView, approve: boolean) => void) | null
  /** Off while a selection holds the keys. */
  keys: boolean
  /** Lists only what has the same code. */
  onAlike: (() => void) | null
}

function cause(text: string): string {
  const key = `cause.${text}`
  return hasMessage(key) ? tDynamic(key, {}) : text
}

/** One difference: both sides, the raw lines they come from, the likely cause. */
export function DifferencePane({ accountId, row, onClose, onPrev, onNext, onSuspend, onResolve, onReverse, onDecide, keys, onAlike }: Props) {
  const t = useT()
  // While J is held rows pass by faster than anybody reads: only where the cursor stops is looked up.
  const detail = useDifference(useRested(row.difference_id, 120))
  const data = detail.data?.row.difference_id === row.difference_id ? detail.data : undefined
  const { channel, ledger } = data?.row ?? row
  const lang = useLanguage()
  const toasts = useToasts()
  const known = useQueryChannel()
  const foreign = useLookup()
  const pack = useEvidence()
  const asking = known.isPending || foreign.isPending
  // A number the desk has never seen is asked for by itself; of a refund only its order can be asked about.
  const canAsk = row.order_id !== null || row.kind === 'payment'
  const onSuccess = ({ row: order }: OrderDetail) => {
    toasts.show({ text: t('recon.queried', { number: order.order_no, state: statusEntry('order', order.state)[lang] }) })
    void detail.refetch()
  }
  const ask = () => {
    if (asking || !canAsk) return
    if (row.order_id === null) foreign.mutate({ account_id: accountId, number: row.number }, { onSuccess })
    else known.mutate({ order_id: row.order_id }, { onSuccess })
  }
  useHotkeys([{ keys: 'q', run: ask, label: t('recon.query'), group: 'action' }], canAsk)
  const takePack = () => {
    if (pack.isPending) return
    pack.mutate(
      { difference_id: row.difference_id },
      {
        onSuccess: (made) =>
          void saveHeld(t, made.file).then((text) => text !== null && toasts.show({ text, note: t('recon.evidence.packed', { n: made.parts, digest: shortDigest(made.sha256) }) })),
      },
    )
  }
  useHotkeys([{ keys: 'e', run: takePack, label: t('recon.evidence.pack'), group: 'action' }])
  const choices = data?.choices ?? []
  const proposed = data?.history.findLast((e) => e.state === 'proposed') ?? null
  const governing = data?.history.findLast((e) => e.state === 'in_effect' && e.reverses === null) ?? null
  const byRun = row.disposition === 'resolved' && governing?.kind === 'cross_day'
  const decide = proposed === null || !proposed.may_decide || onDecide === null ? null : (approve: boolean) => onDecide(proposed, approve)
  const resolve = onResolve === null || choices.length === 0 ? null : () => onResolve(choices)
  // What may be done comes with the detail. A key struck before it is here is kept for this row, and done then.
  const early = useRef<{ id: string; approve: boolean } | null>(null)
  const awaited = data === undefined && detail.error === null
  const act = (approve: boolean) => {
    if (awaited) early.current = { id: row.difference_id, approve }
    else if (decide !== null) decide(approve)
    else if (approve) resolve?.()
  }
  useEffect(() => {
    const wish = early.current
    if (awaited || wish === null) return
    early.current = null
    if (wish.id === row.difference_id && keys) act(wish.approve)
  })
  const pending = row.disposition === 'pending'
  useHotkeys(
    [{ keys: 'a', run: () => act(true), label: t(pending ? 'recon.approve' : 'recon.resolve'), group: 'action' }],
    keys && (awaited ? (pending ? onDecide : onResolve) !== null : decide !== null || resolve !== null),
  )
  useHotkeys([{ keys: 'b', run: () => act(false), label: t('recon.reject'), group: 'action' }], keys && pending && (awaited ? onDecide !== null : decide !== null))
  const failure = known.error ?? foreign.error ?? pack.error
  return (
    <DetailPane
      testid="difference-pane"
      title={
        <span className="zf-row zf-nowrap zf-clip">
          <span className="zf-nowrap-text">{t(`bucket.${row.bucket}`)}</span>
          <ExplainCode code={row.code} />
          <span className="zf-tag zf-cut" title={t('recon.house_term', { term: t(`house.${row.code}`) })}>{t('recon.house_term', { term: t(`house.${row.code}`) })}</span>
        </span>
      }
      onClose={onClose}
      onPrev={onPrev}
      onNext={onNext}
      footer={
        <>
          {row.disposition === 'pending' ? (
            <span className="zf-grow" />
          ) : (
            <span className="zf-help zf-grow">
              {row.disposition === 'suspended' && row.owner !== null
                ? t('recon.suspension', { owner: row.owner, due: row.due_date ?? '—' })
                : t(byRun ? 'recon.by_run' : row.disposition === 'open' ? 'recon.resolve_lead' : 'recon.settled_lead')}
            </span>
          )}
          {row.disposition === 'open' ? (
            <Button disabled={onSuspend === null} onClick={() => onSuspend?.()} data-testid="suspend">
              {t('recon.suspend')}
            </Button>
          ) : (
            <Button disabled={onReverse === null || byRun} onClick={() => onReverse?.()} data-testid="reopen">
              {t(row.disposition === 'suspended' ? 'recon.reopen' : row.disposition === 'pending' ? 'recon.withdraw' : 'recon.reverse')}
            </Button>
          )}
          {row.disposition === 'pending' ? <DecideButtons onDecide={decide} /> : null}
          {row.disposition === 'open' || row.disposition === 'suspended' ? (
            <Button type="primary" disabled={resolve === null} onClick={() => resolve?.()} data-testid="resolve">
              {t('recon.resolve')} <Kbd keys="A" />
            </Button>
          ) : null}
        </>
      }
    >
      {proposed === null ? null : <Proposal entry={proposed} />}
      <Sides row={data?.row ?? row} />
      {row.fee === undefined && row.expected_date === undefined ? null : (
        <p className="zf-pane-section zf-help" data-testid="difference-terms">
          {row.fee === undefined ? null : t('rr.fee_of_row', { charged: moneyText(row.fee.charged), agreed: moneyText(row.fee.agreed) })}
          {row.fee?.over_budget === true ? ` · ${t('rr.fee_over')}` : ''}
          {row.expected_date === undefined ? null : t('rr.expected', { date: row.expected_date })}
        </p>
      )}
      <div className="zf-pane-section zf-stack">
        <div className="zf-between">
          <b tabIndex={-1} id="zf-evidence">
            {data === undefined ? t('recon.evidence') : t('recon.evidence.n', { n: [channel, ledger, data.queried, data.noticed, data.order].filter((e) => e !== null).length })}
          </b>
          <span className="zf-row zf-nowrap zf-gap-wide">
            {canAsk ? (
              <button type="button" className="zf-linkbtn zf-row zf-nowrap" disabled={asking} onClick={ask} data-testid="difference-query">
                <CloudServerOutlined aria-hidden /> {t('recon.query')} <Kbd keys="q" />
              </button>
            ) : null}
            <button type="button" className="zf-linkbtn zf-row zf-nowrap" disabled={pack.isPending} onClick={takePack} data-testid="difference-evidence">
              <FolderOpenOutlined aria-hidden /> {t('recon.evidence.pack')} <Kbd keys="e" />
            </button>
          </span>
        </div>
        {failure === null ? null : <ErrorPanel error={failure} testid="difference-query-error" />}
        {detail.error === null ? null : <ErrorPanel error={detail.error} onRetry={() => void detail.refetch()} />}
        {data === undefined ? (
          detail.error === null ? <Skeleton rows={4} /> : null
        ) : (
          <>
            <Raw title={(n) => t('recon.evidence.bill', { n })} side={channel} sha={data.bill_sha256} />
            <Raw title={(n) => t('recon.evidence.books', { n })} side={ledger} sha={data.books_sha256} />
            {data.order === null ? null : (
              <div className="zf-between">
                <span className="zf-row">
                  <ShoppingOutlined aria-hidden className="zf-t3" /> <b>{t('recon.evidence.order')}</b>
                  <StatusTag kind="order" status={data.order.state} place="problems" />
                </span>
                <Button size="small" onClick={() => go('/orders', { order: data.order?.order_id })}>
                  {t('recon.open_order')}
                </Button>
              </div>
            )}
            <Event icon={<CloudServerOutlined aria-hidden className="zf-t3" />} title={t('recon.evidence.query')} event={data.queried} none={t('recon.evidence.never_queried')} />
            <Event icon={<NotificationOutlined aria-hidden className="zf-t3" />} title={t('recon.evidence.notice')} event={data.noticed} none={t('recon.evidence.no_notice')} />
            {data.likely_cause === '' ? null : (
              <div className="zf-cause">
                <b>{t('recon.cause')}</b>
                {cause(data.likely_cause)}
                {data.alike === 0 ? null : (
                  <div>
                    {t('recon.alike', { n: count(data.alike) })}{' '}
                    {onAlike === null ? null : (
                      <button type="button" className="zf-linkbtn" onClick={onAlike} data-testid="show-alike">
                        {t('recon.select_alike')}
                      </button>
                    )}
                  </div>
                )}
              </div>
            )}
            {row.note === null || row.note === '' ? null : <p className="zf-t2">{row.note}</p>}
          </>
        )}
      </div>
      {data === undefined ? null : <History entries={data.history} />}
    </DetailPane>
  )
}

/** What the channel said when asked, or by itself; or that it never did. */
function Event({ icon, title, event, none }: { icon: React.ReactNode; title: string; event: TimelineEvent | null; none: string }) {
  const t = useT()
  return (
    <div className="zf-between">
      <span className="zf-row">
        {icon} <b>{title}</b>
        {event === null ? (
          <span className="zf-t3">{none}</span>
        ) : (
          <span className="zf-t2">
            {t(`event.${event.kind}`)} {eventDetail(t, event)} {event.verified ? `· ${t('source.verified')}` : ''}
          </span>
        )}
      </span>
      {event === null ? null : <Time at={event.at} as="short" />}
    </div>
  )
}

function Raw({ title, side, sha }: { title: (line: string) => string; side: SideView | null; sha: string | null }) {
  const t = useT()
  if (side === null) return null
  return (
    <div>
      <div className="zf-between">
        <span className="zf-row">
          <FileTextOutlined aria-hidden className="zf-t3" /> <b>{title(count(side.line_no))}</b>
        </span>
        {sha === null ? null : (
          <span className="zf-mono zf-t3" title={sha}>
            {t('recon.evidence.sha', { digest: shortDigest(sha) })}
          </span>
        )}
      </div>
      {side.raw === null ? null : (
        <div className="zf-rawline">
          <code>{side.raw}</code>
          <CopyButton text={side.raw} label={t('common.copy')} />
        </div>
      )}
    </div>
  )
}
