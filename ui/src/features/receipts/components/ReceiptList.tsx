import { DownloadOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useNarrow } from '../../../components/DetailPane'
import { ExportButton } from '../../../components/ExportButton'
import { Grid, type Column } from '../../../components/Grid'
import { Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { saveHeld } from '../../../components/saveHeld'
import { MaskedPerson, Time } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count } from '../../../format'
import type { ReceiptView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useQueryState } from '../../../router'
import { useReceiptFile, useReceipts } from '../api'

/** Every receipt issued here. */
export function ReceiptList() {
  const t = useT()
  const toasts = useToasts()
  const [query] = useQueryState()
  const [text, setText] = useState(query['q'] ?? '')
  const deferred = useDeferredValue(text.trim())
  const list = useReceipts(deferred)
  const file = useReceiptFile()
  const [active, setActive] = useState<string | null>(null)
  const save = (row: ReceiptView) =>
    file.mutate(
      { receipt_id: row.receipt_id },
      { onSuccess: (held) => void saveHeld(t, held).then((said) => said !== null && toasts.show({ text: said })) },
    )
  // On a narrow window the way to the file comes before who asked for it.
  const narrow = useNarrow()
  const all: Column<ReceiptView>[] = [
    { key: 'serial', title: t('receipts.col.serial'), width: 132, render: (r) => <Id value={r.serial_no} /> },
    { key: 'order', title: t('receipts.col.order'), width: 172, grow: true, render: (r) => <Id value={r.order_no} /> },
    { key: 'payer', title: t('receipts.col.payer'), width: 100, render: (r) => <MaskedPerson text={r.payer_masked} bare /> },
    { key: 'amount', title: t('receipts.col.amount'), width: 98, align: 'right', render: (r) => <Money value={r.amount} /> },
    { key: 'issued', title: t('receipts.col.issued'), width: 118, render: (r) => <Time at={r.issued_at} as="short" /> },
    { key: 'by', title: t('receipts.col.by'), width: 62, render: (r) => r.issued_by },
    {
      key: 'save',
      title: '',
      width: 88,
      align: 'right',
      render: (r) => (
        <Button
          size="small"
          icon={<DownloadOutlined />}
          loading={file.isPending && file.variables?.receipt_id === r.receipt_id}
          onClick={(event) => {
            event.stopPropagation()
            save(r)
          }}
          data-testid="receipt-save"
        >
          {t('receipts.open')}
        </Button>
      ),
    },
  ]
  const columns = narrow ? all.filter((c) => c.key !== 'payer' && c.key !== 'by' && c.key !== 'issued') : all
  return (
    <>
      <div className="zf-row zf-nowrap">
      <Input
        prefix={<SearchOutlined className="zf-t3" />}
        placeholder={t('receipts.search')}
        aria-label={t('receipts.search')}
        allowClear
        value={text}
        onChange={(event) => setText(event.target.value)}
        data-page-search=""
        data-testid="receipts-search"
      />
        <ExportButton
          sources={
            list.first === null || list.first.total === 0
              ? null
              : [
                  { kind: 'receipts', text: deferred === '' ? null : deferred, cursor: null, limit: 200 },
                  { kind: 'receipt_files', text: deferred === '' ? null : deferred, cursor: null, limit: 200 },
                ]
          }
          filters={deferred === '' ? [] : [deferred]}
          rows={list.first?.total ?? null}
        />
      </div>
      {file.error === null ? null : <ErrorPanel error={file.error} />}
      <Grid
        label={t('receipts.list')}
        testid="receipts-grid"
        rows={list.rows}
        rowKey={(r) => r.receipt_id}
        columns={columns}
        total={list.first?.total ?? null}
        active={active}
        onActive={setActive}
        idOf={(r) => r.serial_no}
        onEndReached={list.more}
        placeholder={
          list.error !== null ? (
            <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
          ) : list.isPending ? (
            <Skeleton rows={8} />
          ) : deferred === '' ? (
            <Empty title={t('receipts.empty')} note={t('receipts.empty_note')} />
          ) : (
            <FilteredEmpty title={t('receipts.filtered_empty')} filters={[deferred]} onClear={() => setText('')} />
          )
        }
        footer={list.first === null ? null : <span>{t('common.items', { n: count(list.first.total) })}</span>}
      />
    </>
  )
}
