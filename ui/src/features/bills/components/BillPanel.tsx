import { CloudDownloadOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useDeferredValue, useState } from 'react'
import { AboutNumber } from '../../../components/AboutNumber'
import { ExportButton } from '../../../components/ExportButton'
import { FaultList } from '../../../components/FaultList'
import { Grid, type Column } from '../../../components/Grid'
import { ExplainedStatus } from '../../../components/Explain'
import { CopyButton, Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { saveHeld } from '../../../components/saveHeld'
import { Card, Time } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import { bytesText, count, grouped, inLanguage, shortDigest, timeText } from '../../../format'
import type { BillCell, BillLineView, BillTotal, BillView, RawLine } from '../../../generated/types'
import { hasMessage, tDynamic, useLanguage, useT } from '../../../i18n'
import { StatusIcon } from '../../../status/StatusTag'
import { useBill, useBillLines, useBillRaw, useExportBill } from '../api'
import type { Chosen } from './BillCalendar'

type View = 'lines' | 'raw'

/** What the trailer's total is called; the file's own name for one this console has no word for. */
function totalName(total: BillTotal): string {
  const key = `bill_total.${total.code}`
  return hasMessage(key) ? tDynamic(key, {}) : total.name
}

type Props = { chosen: Chosen; /** `undefined` while the calendar is on its way. */ cell: BillCell | null | undefined; busy: boolean; onFetch: (() => void) | null }

/** One bill: how it was checked, and its lines with their bytes. */
export function BillPanel({ chosen, cell, busy, onFetch }: Props) {
  const t = useT()
  const lang = useLanguage()
  const [view, setView] = useState<View>('lines')
  const bill = useBill(cell?.bill_id ?? null)
  const fetchButton = (label: string, primary: boolean) => (
    <Button
      type={primary ? 'primary' : 'default'}
      icon={<CloudDownloadOutlined />}
      disabled={onFetch === null}
      loading={busy}
      title={onFetch === null ? t('bills.cannot_fetch') : undefined}
      onClick={() => onFetch?.()}
      data-testid="fetch-bill"
    >
      {label}
    </Button>
  )
  const title = t('bills.day', { date: chosen.date })
  if (cell === undefined) {
    return (
      <Card className="zf-grow" title={title}>
        <Skeleton rows={8} />
      </Card>
    )
  }
  if (cell === null || cell.bill_id === null) {
    return (
      <Card className="zf-grow" title={title} note={t(`bills.kind.${chosen.kind}`)} extra={cell === null ? null : <ExplainedStatus kind="bill" status={cell.status} n={cell.days_left ?? 0} />}>
        <Empty
          title={t('bills.not_here')}
          note={
            <>
              {cell?.detail === null || cell === null ? t('bills.not_here_note') : inLanguage(cell.detail, lang)}
              {cell?.next_try_at === null || cell === null ? null : <div>{t('bills.next_try', { time: timeText(cell.next_try_at, 'minute') })}</div>}
            </>
          }
          action={cell === null || cell.status === 'not_due' || cell.status === 'lost' ? undefined : fetchButton(t('bills.fetch'), true)}
        />
      </Card>
    )
  }
  if (bill.data === undefined) {
    return (
      <Card className="zf-grow" title={title}>
        {bill.error === null ? <Skeleton rows={8} /> : <ErrorPanel error={bill.error} onRetry={() => void bill.refetch()} />}
      </Card>
    )
  }
  return (
    <div className="zf-grow zf-bill">
      <BillCheck bill={bill.data} again={fetchButton(t('bills.fetch_again'), false)} />
      <div className="zf-fixed">
        <Tabs<View>
          label={t('bills.view')}
          value={view}
          onChange={setView}
          items={[
            { key: 'lines', label: t('bills.lines'), n: bill.data.rows },
            { key: 'raw', label: t('bills.raw_view') },
          ]}
        />
      </div>
      {view === 'lines' ? <Lines bill={bill.data} /> : <Raw bill={bill.data} />}
    </div>
  )
}

function BillCheck({ bill, again }: { bill: BillView; again: React.ReactNode }) {
  const t = useT()
  const lang = useLanguage()
  const toasts = useToasts()
  const save = useExportBill()
  const trouble = bill.status === 'partial' || bill.status === 'refused' || bill.status === 'failed'
  return (
    <Card
      className="zf-fixed"
      testid="bill-check"
      title={t('bills.day', { date: bill.date })}
      note={t(`bills.kind.${bill.kind}`)}
      extra={
        <>
          <ExplainedStatus kind="bill" status={bill.status} />
          {trouble ? again : null}
          {bill.bill_id === null ? null : (
            <Button
              size="small"
              loading={save.isPending}
              onClick={() =>
                save.mutate(
                  { bill_id: bill.bill_id ?? '' },
                  { onSuccess: (file) => void saveHeld(t, file).then((text) => text !== null && toasts.show({ text })) },
                )
              }
            >
              {t('bills.export')}
            </Button>
          )}
        </>
      }
    >
      {save.error === null ? null : <ErrorPanel error={save.error} />}
      <div className="zf-bill-facts">
        <span>
          <span className="zf-t3">{t('bills.fact.rows')}</span> <b data-testid="bill-rows">{count(bill.rows)}</b>
        </span>
        <span>
          <span className="zf-t3">{t('bills.fact.bytes')}</span> {bytesText(bill.bytes)}
        </span>
        {bill.sha256 === null ? null : (
          <span title={bill.sha256}>
            <span className="zf-t3">{t('bills.fact.sha256')}</span> <span className="zf-mono">{shortDigest(bill.sha256)}</span>
            <CopyButton text={bill.sha256} />
          </span>
        )}
        {bill.channel_hash === null ? null : (
          <span title={bill.channel_hash}>
            <StatusIcon family={bill.hash_verified ? 'ok' : 'br'} /> <span className="zf-t3">{t('bills.fact.channel_hash')}</span>{' '}
            <span className="zf-mono">{shortDigest(bill.channel_hash)}</span> {bill.hash_verified ? t('bills.fact.hash_ok') : t('bills.fact.hash_bad')}
          </span>
        )}
        {bill.fetched_at === null ? null : (
          <span>
            <span className="zf-t3">{t('bills.fact.fetched')}</span> <Time at={bill.fetched_at} as="short" />
          </span>
        )}
        {bill.next_try_at === null ? null : (
          <span>
            <span className="zf-t3">{t('bills.fact.next_try')}</span> <Time at={bill.next_try_at} as="short" />
          </span>
        )}
      </div>
      {bill.detail === null || bill.detail === '' ? null : <p className="zf-t2">{inLanguage(bill.detail, lang)}</p>}
      {bill.totals.length === 0 ? null : (
        <div className="zf-bill-totals" data-testid="bill-totals">
          {bill.totals.map((total) => (
            <span key={total.name} className="zf-row" title={total.name} data-own-words="">
              <StatusIcon family={total.agrees ? 'ok' : 'br'} label={total.agrees ? t('bills.totals.ok') : t('bills.totals.bad')} />
              <span className="zf-t3">{totalName(total)}</span> {total.agrees ? grouped(total.counted) : `${t('bills.totals.trailer')} ${grouped(total.trailer)} · ${t('bills.totals.counted')} ${grouped(total.counted)}`}
            </span>
          ))}
          <AboutNumber
            name={t('bills.totals')}
            counts={t('bills.about.totals')}
            filter={`${bill.date} · ${t(`bills.kind.${bill.kind}`)}`}
            asOf={bill.fetched_at}
            missing={bill.faults.length === 0 ? [] : [t('bills.about.unreadable', { n: bill.faults.length })]}
          />
        </div>
      )}
      <FaultList faults={bill.faults} />
    </Card>
  )
}

function Lines({ bill }: { bill: BillView }) {
  const t = useT()
  const [text, setText] = useState('')
  const deferred = useDeferredValue(text.trim())
  const lines = useBillLines(bill.bill_id, deferred)
  const [active, setActive] = useState<string | null>(null)
  const current = lines.lines.find((l) => String(l.line_no) === active) ?? null
  const columns: Column<BillLineView>[] = [
    { key: 'line', title: t('bills.col.line'), width: 64, align: 'right', render: (l) => <span className="zf-t3">{count(l.line_no)}</span> },
    { key: 'kind', title: t('bills.col.kind'), width: 76, render: (l) => t(`entry.${l.kind}`) },
    { key: 'time', title: t('bills.col.time'), width: 122, render: (l) => <Time at={l.occurred_at} as="short" /> },
    { key: 'order', title: t('bills.col.order'), width: 160, grow: true, render: (l) => <Id value={l.order_no} /> },
    { key: 'payment', title: t('bills.col.payment'), width: 136, render: (l) => <Id value={l.payment_id} short /> },
    {
      key: 'amount',
      title: t('bills.col.amount'),
      width: 104,
      align: 'right',
      render: (l) => <Money value={l.kind === 'refund' && l.amount.minor > 0 ? { ...l.amount, minor: -l.amount.minor } : l.amount} />,
    },
    { key: 'fee', title: t('bills.col.fee'), width: 80, align: 'right', render: (l) => <Money value={{ minor: l.fee_minor, currency: l.amount.currency }} /> },
    { key: 'state', title: t('bills.col.state'), width: 90, render: (l) => <span className="zf-mono zf-t2">{l.state_text}</span> },
  ]
  return (
    <>
      <div className="zf-row zf-nowrap">
      <Input
        prefix={<SearchOutlined className="zf-t3" />}
        placeholder={t('bills.lines.search')}
        aria-label={t('bills.lines.search')}
        value={text}
        allowClear
        onChange={(event) => setText(event.target.value)}
        data-page-search=""
        data-testid="bill-search"
      />
        <ExportButton
          sources={
            bill.bill_id === null || bill.rows === 0
              ? null
              : [
                  { kind: 'bill_lines', bill_id: bill.bill_id, text: deferred === '' ? null : deferred, after_line: null, limit: 200 },
                  { kind: 'bill_archive', account_id: bill.account_id, date_from: `${bill.date.slice(0, 8)}01`, date_to: bill.date },
                ]
          }
          filters={[bill.date, ...(deferred === '' ? [] : [deferred])]}
        />
      </div>
      <Grid
        label={t('bills.lines')}
        testid="bill-lines"
        rows={lines.lines}
        rowKey={(l) => String(l.line_no)}
        columns={columns}
        total={bill.rows}
        active={active}
        onActive={setActive}
        idOf={(l) => l.order_no}
        onEndReached={lines.more}
        placeholder={
          lines.error !== null ? (
            <ErrorPanel error={lines.error} onRetry={() => void lines.refetch()} />
          ) : lines.isPending ? (
            <Skeleton rows={10} />
          ) : (
            deferred === '' ? <Empty title={t('bills.lines.empty')} /> : <FilteredEmpty title={t('bills.lines.none')} filters={[deferred]} onClear={() => setText('')} />
          )
        }
        footer={
          current === null ? null : (
            <>
              <span className="zf-raw" title={current.raw}>
                <span className="zf-t3">{t('bills.raw', { n: count(current.line_no) })}</span> <code>{current.raw}</code>
              </span>
              <CopyButton text={current.raw} label={t('common.copy')} />
            </>
          )
        }
      />
    </>
  )
}

/** The archived file as it stands, header and trailer included, with line numbers. */
function Raw({ bill }: { bill: BillView }) {
  const t = useT()
  const raw = useBillRaw(bill.bill_id)
  const [active, setActive] = useState<string | null>(null)
  const columns: Column<RawLine>[] = [
    { key: 'line', title: t('bills.col.line'), width: 64, align: 'right', render: (l) => <span className="zf-t3">{count(l.line_no)}</span> },
    { key: 'text', title: t('bills.raw_text'), width: 400, grow: true, render: (l) => <code className="zf-rawtext" title={l.text}>{l.text}</code> },
  ]
  return (
    <Grid
      label={t('bills.raw_view')}
      testid="bill-raw"
      rows={raw.lines}
      rowKey={(l) => String(l.line_no)}
      columns={columns}
      active={active}
      onActive={setActive}
      idOf={(l) => l.text}
      onEndReached={raw.more}
      placeholder={raw.error !== null ? <ErrorPanel error={raw.error} onRetry={() => void raw.refetch()} /> : raw.isPending ? <Skeleton rows={10} /> : <Empty title={t('bills.lines.empty')} />}
      footer={<span className="zf-help">{t('bills.raw_note')}</span>}
    />
  )
}
