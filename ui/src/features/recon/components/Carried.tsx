import { ArrowLeftOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { Grid, type Column } from '../../../components/Grid'
import { Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Card, Time } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import type { CarriedView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { StatusTag } from '../../../status/StatusTag'
import { directed, useCarried } from '../api'
import { Ages } from './Ages'

const keyOf = (row: CarriedView) => `${row.date}/${row.in_channel ? 'c' : 'l'}/${row.line_no}`

type Props = { accountId: string; onBack: () => void }

/** Rows that were not final when their day was reconciled: what they wait for, until when, and what cleared them. */
export function Carried({ accountId, onBack }: Props) {
  const t = useT()
  const [tab, setTab] = useState<'waiting' | 'cleared'>('waiting')
  const list = useCarried(accountId, tab === 'cleared')
  const [active, setActive] = useState<string | null>(null)
  const columns: Column<CarriedView>[] = [
    {
      key: 'status',
      title: t('rr.col.state'),
      width: 96,
      render: (r) => <StatusTag kind="difference" status={r.cleared_date === null ? (r.overdue ? 'overdue' : 'waiting') : 'resolved'} place="problems" />,
    },
    { key: 'date', title: t('rr.col.day'), width: 96, render: (r) => r.date },
    { key: 'side', title: t('rr.col.side'), width: 110, render: (r) => `${t(r.in_channel ? 'rr.side.bill' : 'rr.side.books')} ${t(`entry.${r.kind}`)}` },
    { key: 'number', title: t('rr.col.number'), width: 190, grow: true, render: (r) => <Id value={r.number} /> },
    { key: 'amount', title: t('rr.col.amount'), width: 120, align: 'right', render: (r) => <Money value={directed(r.kind, r.amount)} /> },
    { key: 'at', title: t('recon.col.age'), width: 64, align: 'right', render: (r) => t('rr.days', { n: r.age_days }) },
    {
      key: 'expected',
      title: t('rr.col.expected'),
      width: 240,
      render: (r) =>
        r.cleared_date !== null && r.cleared_line !== null
          ? t('rr.carried_by', { date: r.cleared_date, side: t(r.in_channel ? 'rr.side.books' : 'rr.side.bill'), n: r.cleared_line })
          : `${t('rr.expected', { date: r.expected_date.slice(5) })}${r.likely ? ` · ${t('rr.likely')}` : ''}`,
    },
    { key: 'time', title: t('rr.col.run'), width: 96, render: (r) => <Time at={r.at} as="short" /> },
  ]
  return (
    <Card
      flush
      className="zf-grow"
      testid="carried"
      title={t('rr.carried_title')}
      note={t('rr.carried_lead')}
      extra={
        <Button size="small" icon={<ArrowLeftOutlined />} onClick={onBack} data-testid="carried-back">
          {t('common.back')}
        </Button>
      }
    >
      <div className="zf-between zf-pad">
        <Tabs<'waiting' | 'cleared'>
          look="box"
          label={t('rr.carried_title')}
          value={tab}
          onChange={setTab}
          items={[
            { key: 'waiting', label: t('rr.carried_waiting') },
            { key: 'cleared', label: t('rr.carried_cleared') },
          ]}
        />
        <Ages accountId={accountId} />
      </div>
      <Grid
        label={t('rr.carried_title')}
        rows={list.rows}
        rowKey={keyOf}
        columns={columns}
        active={active}
        onActive={setActive}
        idOf={(r) => r.number}
        onClose={onBack}
        onEndReached={list.more}
        placeholder={
          list.error !== null ? (
            <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
          ) : list.isPending ? (
            <Skeleton rows={6} />
          ) : list.rows.length === 0 ? (
            <Empty title={t('rr.carried_empty')} note={t('rr.carried_lead')} />
          ) : undefined
        }
      />
    </Card>
  )
}
