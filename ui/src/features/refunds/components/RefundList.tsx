import { Input } from 'antd'
import { useState } from 'react'
import { useMay } from '../../../api/status'
import { ExportButton } from '../../../components/ExportButton'
import { Grid, type Column } from '../../../components/Grid'
import { Id } from '../../../components/Id'
import { Money, Moneys } from '../../../components/Money'
import { nextStep } from '../../../components/refundNext'
import { ChannelMark, Time } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { count } from '../../../format'
import type { RefundLane, RefundRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { go } from '../../../router'
import { StatusTag } from '../../../status/StatusTag'
import { useRefunds, useSettled } from '../api'

/** Refunds by lane; one's own first for whoever may ask for them. */
export function RefundList({ current }: { current: string | null }) {
  const t = useT()
  const mayRequest = useMay('request_refund')
  const [lane, setLane] = useState<RefundLane>(mayRequest ? 'mine' : 'open')
  const [typed, setTyped] = useState('')
  const sought = useSettled(typed.trim(), 80)
  const list = useRefunds(lane, sought === '' ? null : sought)
  const [active, setActive] = useState<string | null>(current)
  const columns: Column<RefundRow>[] = [
    { key: 'no', title: t('refunds.col.no'), width: 150, render: (r) => <Id value={r.refund_no} /> },
    {
      key: 'order',
      title: t('refunds.col.order'),
      width: 200,
      render: (r) => (
        <>
          <ChannelMark channel={r.channel} /> <Id value={r.order_no} />
        </>
      ),
    },
    {
      key: 'amount',
      title: t('refunds.col.amount'),
      width: 110,
      align: 'right',
      render: (r) => <Money value={{ minor: -r.amount.minor, currency: r.amount.currency }} />,
    },
    { key: 'state', title: t('refunds.col.state'), width: 150, render: (r) => <StatusTag kind="refund" status={r.state} /> },
    {
      key: 'next',
      title: t('refunds.col.next'),
      width: 200,
      grow: true,
      render: (r) => <span className={r.state === 'unknown' ? 'zf-c-un' : r.state === 'abnormal' ? 'zf-c-br' : 'zf-t2'}>{nextStep(t, r)}</span>,
    },
    { key: 'maker', title: t('refunds.col.maker'), width: 80, render: (r) => r.maker },
    { key: 'created', title: t('refunds.col.created'), width: 122, render: (r) => <Time at={r.created_at} as="short" /> },
  ]
  return (
    <div className={current === null ? 'zf-refund-list zf-refund-list-tall' : 'zf-refund-list'}>
      <div className="zf-between">
        <Tabs
          label={t('refunds.title')}
          value={lane}
          onChange={setLane}
          items={[
            ...(mayRequest ? [{ key: 'mine' as const, label: t('refunds.mine') }] : []),
            { key: 'open', label: t('refunds.open') },
            { key: 'unknown', label: t('refunds.unknown') },
            { key: 'finished', label: t('refunds.finished') },
            { key: 'all', label: t('refunds.everyone') },
          ]}
        />
        <Input
          size="small"
          allowClear
          className="zf-refund-search"
          value={typed}
          placeholder={t('refunds.search')}
          aria-label={t('refunds.search')}
          onChange={(event) => setTyped(event.target.value)}
          data-page-search
          data-testid="refund-search"
        />
        {list.first === null ? null : (
          <span className="zf-help">
            {t('common.items', { n: count(list.first.total) })}
            {list.first.sums.length === 0 ? null : ' · '}
            <Moneys values={list.first.sums.map((s) => s.money)} />
          </span>
        )}
        <ExportButton
          sources={list.first === null || list.first.total === 0 ? null : [{ kind: 'refunds', lane, text: sought === '' ? null : sought, cursor: null, limit: 200 }]}
          filters={sought === '' ? [] : [sought]}
          rows={list.first?.total ?? null}
        />
      </div>
      <Grid
        label={t('refunds.title')}
        testid="refunds-grid"
        rows={list.rows}
        rowKey={(r) => r.refund_no}
        columns={columns}
        total={list.first?.total ?? null}
        active={active}
        onActive={setActive}
        onOpen={(r) => go('/refunds', { no: r.refund_no })}
        onClose={() => go('/refunds')}
        idOf={(r) => r.refund_no}
        onEndReached={list.more}
        placeholder={
          list.error !== null ? (
            <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
          ) : list.isPending ? (
            <Skeleton rows={4} />
          ) : sought !== '' ? (
            <FilteredEmpty title={t('refunds.empty')} filters={[sought]} onClear={() => setTyped('')} />
          ) : (
            <Empty title={t('refunds.empty')} note={t('refunds.empty_note')} />
          )
        }
      />
    </div>
  )
}
