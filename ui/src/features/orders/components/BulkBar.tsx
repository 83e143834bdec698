import { CloseOutlined, CopyOutlined, FilePdfOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMemo, useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { ExportButton } from '../../../components/ExportButton'
import { copyText } from '../../../components/Id'
import { Moneys } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { Facts, Kbd } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count } from '../../../format'
import { useT } from '../../../i18n'
import { go } from '../../../router'
import { pickedMax, searchOfPicked, useIssueBatch, usePickedTotals } from '../api'

type Props = { /** Ids of the picked orders, with their numbers. */ orders: ReadonlyMap<string, string>; onDone: () => void }

/** What may be done with the orders picked by hand, and what they come to by the core's count. */
export function BulkBar({ orders, onDone }: Props) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const mayIssue = useMay('issue_receipt')
  const issue = useIssueBatch()
  const [asking, setAsking] = useState(false)
  const ids = useMemo(() => [...orders.keys()].toSorted(), [orders])
  const n = ids.length
  const tooMany = n > pickedMax
  const totals = usePickedTotals(ids)
  const sums = tooMany || totals.isPlaceholderData ? undefined : totals.data
  const money = sums === undefined ? null : <Moneys values={sums.paid_sums.map((s) => s.money)} />
  const copy = () => {
    void copyText([...orders.values()].filter((no) => no !== '').join('\n')).then((ok) => ok && toasts.show({ text: t('orders.bulk.copied', { n: count(n) }) }))
  }
  const begin = () =>
    issue.mutate(
      { order_ids: ids, search: null, title: t('orders.bulk.title', { n: count(n) }) },
      {
        onSuccess: (batch) => {
          setAsking(false)
          onDone()
          toasts.show({ text: t('receipts.batch.begun', { no: batch.number, n: count(batch.total) }) })
          go('/receipts')
        },
      },
    )
  return (
    <>
      <b data-testid="bulk-count" data-count={n}>
        {t('orders.bulk.count', { n: count(n) })}
      </b>
      {tooMany ? (
        <span className="zf-c-at">{t('orders.bulk.too_many', { max: pickedMax })}</span>
      ) : totals.error !== null ? (
        <button type="button" className="zf-linkbtn" onClick={() => void totals.refetch()}>
          {t('orders.footer.failed')}
        </button>
      ) : sums === undefined ? (
        <span className="zf-t3">{t('orders.footer.counting')}</span>
      ) : (
        <span className="zf-row zf-nowrap" data-testid="bulk-sum">
          {sums.paid_sums.length === 0 ? (
            <span className="zf-t2">{t('orders.bulk.nothing_paid')}</span>
          ) : (
            <span className="zf-nowrap-text">
              {t('orders.footer.paid')} {money}
            </span>
          )}
          <AboutNumber name={t('orders.footer.paid')} counts={t('orders.footer.about')} filter={t('orders.bulk.count', { n: count(n) })} asOf={sums.as_of} testid="about-bulk" />
        </span>
      )}
      <span className="zf-keys">
        <Button size="small" icon={<CopyOutlined />} onClick={copy} data-testid="bulk-copy">
          {t('orders.bulk.copy')}
        </Button>
        <ExportButton
          sources={tooMany ? null : [{ kind: 'orders', ...searchOfPicked(ids), cursor: null, limit: 200 }]}
          filters={[t('orders.bulk.count', { n: count(n) })]}
          rows={n}
          size="small"
          label={t('orders.bulk.export')}
          testid="bulk-export"
        />
        <Button
          size="small"
          icon={<FilePdfOutlined />}
          disabled={!mayIssue || !ready || tooMany}
          title={mayIssue ? (ready ? undefined : t('state.no_money_offline')) : t('orders.bulk.not_yours')}
          onClick={() => setAsking(true)}
          data-testid="bulk-receipts"
        >
          {t('orders.bulk.receipts', { n: count(n) })}
        </Button>
        <Button size="small" type="text" icon={<CloseOutlined />} aria-label={t('orders.bulk.clear')} title={t('orders.bulk.clear')} onClick={onDone} data-testid="bulk-clear" />
      </span>
      <Overlay
        open={asking}
        onClose={() => setAsking(false)}
        title={t('orders.bulk.receipts_title')}
        width={460}
        testid="bulk-receipts-form"
        footer={
          <>
            <Button onClick={() => setAsking(false)}>{t('common.cancel')}</Button>
            <Button type="primary" autoFocus icon={<FilePdfOutlined />} disabled={!ready} loading={issue.isPending} onClick={begin} data-testid="bulk-receipts-go">
              {t('receipts.batch.go', { n: count(n) })} <Kbd keys="Enter" />
            </Button>
          </>
        }
      >
        <div className="zf-form">
          <Facts rows={[[t('orders.bulk.picked'), t('common.items', { n: count(n) })], money === null ? null : [t('orders.footer.paid'), money]]} />
          <p className="zf-help">{t('receipts.batch.rules')}</p>
          <p className="zf-help">{t('orders.bulk.no_undo')}</p>
          {issue.error === null ? null : <ErrorPanel error={issue.error} testid="bulk-error" />}
        </div>
      </Overlay>
    </>
  )
}
