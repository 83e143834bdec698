import { FilePdfOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useMoneyReady } from '../../../api/status'
import { AccountSelect, useAccountChoice } from '../../../components/AccountSelect'
import { Moneys } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { ErrorPanel, Notice, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, shiftDay } from '../../../format'
import { useT } from '../../../i18n'
import { batchMax, batchSearch, useBatchPreview, useIssueBatch } from '../api'


type Props = { open: boolean; onClose: () => void; today: string }

/** Which orders get receipts: a stretch of days of one account, with what it comes to before it begins. */
export function BatchForm({ open, onClose, today }: Props) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const [accountId, setAccountId] = useAccountChoice()
  const [from, setFrom] = useState(shiftDay(today, -1))
  const [to, setTo] = useState(shiftDay(today, -1))
  const [text, setText] = useState('')
  const deferred = useDeferredValue(text.trim())
  const search = open && accountId !== null && from <= to ? batchSearch(accountId, from, to, deferred) : null
  const preview = useBatchPreview(search)
  const issue = useIssueBatch()
  const total = preview.data?.total ?? null
  const begin = () => {
    if (search === null) return
    issue.mutate(
      { order_ids: [], search, title: from === to ? from : `${from} – ${to}` },
      {
        onSuccess: (batch) => {
          onClose()
          toasts.show({ text: t('receipts.batch.begun', { no: batch.number, n: count(batch.total) }) })
        },
      },
    )
  }
  return (
    <Overlay
      open={open}
      onClose={onClose}
      title={t('receipts.batch.title')}
      width={520}
      testid="batch-form"
      footer={
        <>
          <Button onClick={onClose}>{t('common.close')}</Button>
          <Button
            type="primary"
            icon={<FilePdfOutlined />}
            disabled={!ready || total === null || total === 0 || total > batchMax}
            loading={issue.isPending}
            onClick={begin}
            data-testid="batch-go"
          >
            {total === null ? t('receipts.batch.go_plain') : t('receipts.batch.go', { n: count(total) })}
          </Button>
        </>
      }
    >
      <div className="zf-form">
        {accountId === null ? null : <AccountSelect value={accountId} onChange={setAccountId} />}
        <div className="zf-row">
          <label className="zf-row">
            {t('receipts.batch.from')}
            <Input type="date" value={from} max={today} onChange={(event) => setFrom(event.target.value)} data-testid="batch-from" />
          </label>
          <label className="zf-row">
            {t('receipts.batch.to')}
            <Input type="date" value={to} max={today} onChange={(event) => setTo(event.target.value)} data-testid="batch-to" />
          </label>
        </div>
        <Input
          placeholder={t('receipts.batch.text')}
          aria-label={t('receipts.batch.text')}
          allowClear
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {preview.error !== null ? (
          <ErrorPanel error={preview.error} />
        ) : preview.data === undefined ? (
          search === null ? (
            <Notice family="at" title={t('receipts.batch.dates')} />
          ) : (
            <Skeleton rows={1} />
          )
        ) : preview.data.total > batchMax ? (
          <Notice family="at" title={t('receipts.batch.too_many', { n: count(preview.data.total), max: batchMax })} testid="batch-too-many" />
        ) : (
          <p data-testid="batch-preview">
            {t('receipts.batch.preview', { n: count(preview.data.total) })} <Moneys values={preview.data.paid_sums.map((s) => s.money)} />
          </p>
        )}
        <p className="zf-help">{t('receipts.batch.rules')}</p>
        {issue.error === null ? null : <ErrorPanel error={issue.error} testid="batch-error" />}
      </div>
    </Overlay>
  )
}
