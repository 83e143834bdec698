import { Button } from 'antd'
import { useMay } from '../../../api/status'
import { Id } from '../../../components/Id'
import { PageHeader } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { useT } from '../../../i18n'
import { go, useQueryState } from '../../../router'
import { useRefund, useRefundForm } from '../api'
import { RefundForm } from './RefundForm'
import { RefundList } from './RefundList'
import { RefundDetail } from './RefundDetail'

/** The refund desk: one request being written or followed, and the list of all. */
export default function RefundsPage() {
  const t = useT()
  const [query] = useQueryState()
  const no = query['no'] ?? null
  const refund = useRefund(no)
  const mayRequest = useMay('request_refund')
  const state = refund.data?.row.state
  const editable = mayRequest && refund.data?.row.mine === true && (state === 'draft' || state === 'approval_voided')
  const form = useRefundForm(editable ? no : null)

  return (
    <div className="zf-page">
      <PageHeader title={t('refunds.title')} note={no === null ? undefined : <Id value={no} copy testid="refund-no" />} />
      {no === null ? (
        <div className="zf-card zf-refund-start">
          <Empty
            title={t('refunds.choose_order')}
            note={t('refunds.choose_order_note')}
            action={
              <Button onClick={() => go('/orders')} data-testid="go-orders">
                {t('refunds.go_orders')}
              </Button>
            }
          />
        </div>
      ) : refund.error !== null ? (
        <ErrorPanel error={refund.error} onRetry={() => void refund.refetch()} />
      ) : refund.data === undefined || (editable && form.data === undefined && form.error === null) ? (
        <div className="zf-card">
          <Skeleton rows={10} />
        </div>
      ) : editable && form.data !== undefined ? (
        <RefundForm key={form.data.refund_no} form={form.data} voided={state === 'approval_voided'} below={<RefundList current={no} />} />
      ) : (
        <>
          {form.error === null ? null : <ErrorPanel error={form.error} onRetry={() => void form.refetch()} />}
          <RefundDetail refund={refund.data} />
        </>
      )}
      {editable && form.data !== undefined ? null : <RefundList current={no} />}
    </div>
  )
}
