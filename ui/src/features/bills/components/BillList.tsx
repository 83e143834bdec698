import { Button } from 'antd'
import { useState } from 'react'
import { Grid, type Column } from '../../../components/Grid'
import { NotApplicable } from '../../../components/Money'
import { Time } from '../../../components/small'
import { Empty, FilteredEmpty } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { count, inLanguage } from '../../../format'
import type { BillCalendar, BillCell, BillKind } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { StatusTag } from '../../../status/StatusTag'
import { canFetch } from '../api'
import type { Chosen } from './BillCalendar'

type Row = { key: string; date: string; kind: BillKind; cell: BillCell }
type Show = 'all' | 'trouble'

const troubled = (row: Row) => canFetch(row.cell) || row.cell.status === 'lost'

type Props = { calendar: BillCalendar; chosen: Chosen; onChoose: (next: Chosen) => void; onOpen: (next: Chosen) => void; onFetch: ((one: Chosen) => void) | null }

/** The same bills one a row, newest first: status, rows, when fetched, when tried again. */
export function BillList({ calendar, chosen, onChoose, onOpen, onFetch }: Props) {
  const t = useT()
  const lang = useLanguage()
  const [show, setShow] = useState<Show>('all')
  const all = calendar.days
    .toSorted((a, b) => (a.date < b.date ? 1 : -1))
    .flatMap((d) => (['trade', 'fund_flow'] as const).map((kind): Row => ({ key: `${d.date}-${kind}`, date: d.date, kind, cell: d[kind] })))
  const rows = show === 'all' ? all : all.filter(troubled)
  const columns: Column<Row>[] = [
    { key: 'date', title: t('bills.col.date'), width: 104, sort: 'descending', render: (r) => r.date },
    { key: 'kind', title: t('bills.col.bill'), width: 104, render: (r) => t(`bills.kind.${r.kind}`) },
    { key: 'status', title: t('bills.col.status'), width: 170, render: (r) => <StatusTag kind="bill" status={r.cell.status} n={r.cell.days_left ?? 0} /> },
    { key: 'rows', title: t('bills.fact.rows'), width: 80, align: 'right', render: (r) => (r.cell.bill_id === null ? <NotApplicable /> : count(r.cell.rows)) },
    { key: 'fetched', title: t('bills.fact.fetched'), width: 130, render: (r) => <Time at={r.cell.fetched_at} as="short" /> },
    { key: 'next', title: t('bills.fact.next_try'), width: 130, render: (r) => <Time at={r.cell.next_try_at} as="short" /> },
    { key: 'detail', title: t('bills.col.detail'), width: 160, grow: true, render: (r) => <span className="zf-t2 zf-cut" title={inLanguage(r.cell.detail ?? '', lang)}>{inLanguage(r.cell.detail ?? '', lang)}</span> },
    {
      key: 'action',
      title: '',
      width: 96,
      render: (r) =>
        canFetch(r.cell) ? (
          <Button
            size="small"
            disabled={onFetch === null}
            title={onFetch === null ? t('bills.cannot_fetch') : undefined}
            onClick={(event) => {
              event.stopPropagation()
              onFetch?.({ date: r.date, kind: r.kind })
            }}
          >
            {t('bills.fetch')}
          </Button>
        ) : null,
    },
  ]
  return (
    <div className="zf-bill zf-grow">
      <div className="zf-fixed">
        <Tabs<Show>
          label={t('bills.show')}
          value={show}
          onChange={setShow}
          items={[
            { key: 'all', label: t('bills.show.all'), n: all.length },
            { key: 'trouble', label: t('bills.show.trouble'), n: all.filter(troubled).length },
          ]}
        />
      </div>
      <Grid
        label={t('bills.title')}
        testid="bill-list"
        rows={rows}
        rowKey={(r) => r.key}
        columns={columns}
        total={rows.length}
        active={`${chosen.date}-${chosen.kind}`}
        onActive={(key) => {
          const row = rows.find((r) => r.key === key)
          if (row !== undefined) onChoose({ date: row.date, kind: row.kind })
        }}
        onOpen={(row) => onOpen({ date: row.date, kind: row.kind })}
        idOf={(r) => r.date}
        placeholder={
          show === 'all' ? <Empty title={t('bills.not_here')} /> : <FilteredEmpty title={t('bills.fetch_missing_none')} filters={[t('bills.show.trouble')]} onClear={() => setShow('all')} />
        }
        footer={<span className="zf-help">{t('bills.list_note')}</span>}
      />
    </div>
  )
}
