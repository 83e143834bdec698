import { LockOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useMay } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { useNarrow } from '../../../components/DetailPane'
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

/** The one thing to do next with a row; nothing here moves money by itself. */
function Act({ row, mine }: { row: RefundRow; mine: boolean }) {
  const t = useT()
  if (row.state === 'unknown')
    return (
      <Button size="small" disabled icon={<LockOutlined />} title={t('refunds.resend_locked')}>
        {t('refunds.resend')}
      </Button>
    )
  const word = mine && (row.state === 'draft' || row.state === 'approval_voided') ? 'refunds.act.go_on' : row.state === 'abnormal' || row.state === 'closed_by_channel' ? 'refunds.act.handle' : 'refunds.act.look'
  return (
    <Button
      size="small"
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation()
        go('/refunds', { no: row.refund_no })
      }}
      data-testid="refund-act"
    >
      {t(word)}
    </Button>
  )
}

/** Refunds by lane; one's own first for whoever may ask for them. */
export function RefundList({ current }: { current: string | null }) {
  const t = useT()
  const mayRequest = useMay('request_refund')
  const [lane, setLane] = useState<RefundLane>(mayRequest ? 'mine' : 'open')
  const [typed, setTyped] = useState('')
  const sought = useSettled(typed.trim(), 80)
  const list = useRefunds(lane, sought === '' ? null : sought)
  const [active, setActive] = useState<string | null>(current)
  // Beside a form there is less room: what the row already implies goes first.
  const tight = useNarrow() && current !== null
  const columns: Column<RefundRow>[] = [
    { key: 'no', title: t('refunds.col.no'), width: 150, render: (r) => <Id value={r.refund_no} /> },
    ...(tight
      ? []
      : [
          {
            key: 'order',
            title: t('refunds.col.order'),
            width: 196,
            render: (r: RefundRow) => (
              <>
                <ChannelMark channel={r.channel} /> <Id value={r.order_no} />
              </>
            ),
          },
        ]),
    {
      key: 'amount',
      title: t('refunds.col.amount'),
      width: 100,
      align: 'right',
      render: (r) => <Money value={{ minor: -r.amount.minor, currency: r.amount.currency }} />,
    },
    { key: 'state', title: t('refunds.col.state'), width: 138, render: (r) => <StatusTag kind="refund" status={r.state} /> },
    {
      key: 'next',
      title: t('refunds.col.next'),
      width: current === null ? 200 : 130,
      grow: true,
      render: (r) => <span className={r.state === 'unknown' ? 'zf-c-un' : r.state === 'abnormal' ? 'zf-c-br' : 'zf-t2'}>{nextStep(t, r)}</span>,
    },
    ...(current === null || lane !== 'mine' ? [{ key: 'maker', title: t('refunds.col.maker'), width: 80, render: (r: RefundRow) => r.maker }] : []),
    ...(current === null ? [{ key: 'created', title: t('refunds.col.created'), width: 122, render: (r: RefundRow) => <Time at={r.created_at} as="short" /> }] : []),
    { key: 'act', title: '', width: 92, align: 'right', render: (r) => <Act row={r} mine={mayRequest && r.mine} /> },
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
            <AboutNumber
              name={t('refunds.about.sum')}
              counts={t('refunds.about.sum_counts')}
              filter={[t(`refunds.about.lane.${lane}`), ...(sought === '' ? [] : [sought])].join(' · ')}
              asOf={list.first.as_of}
              testid="about-refunds"
            />
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
