import { FilePdfOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Card } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { useT } from '../../../i18n'
import { go } from '../../../router'
import { StatusTag } from '../../../status/StatusTag'
import { useIssue, useOrderFor } from '../api'

/** Finds one order by any of its numbers and issues its receipt. */
export function IssueCard() {
  const t = useT()
  const toasts = useToasts()
  const may = useMay('issue_receipt')
  const ready = useMoneyReady()
  const [text, setText] = useState('')
  const [number, setNumber] = useState<string | null>(null)
  const found = useOrderFor(number)
  const issue = useIssue()
  const orders = found.data?.rows ?? []
  const order = orders.length === 1 ? orders[0] : undefined
  const find = () => {
    issue.reset()
    setNumber(text.trim() === '' ? null : text.trim())
  }
  return (
    <Card className="zf-fixed" title={t('receipts.issue')} testid="issue">
      <div className="zf-row zf-nowrap">
        <Input
          prefix={<SearchOutlined className="zf-t3" />}
          placeholder={t('receipts.issue_hint')}
          aria-label={t('receipts.issue_hint')}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onPressEnter={find}
          data-testid="issue-number"
        />
        <Button onClick={find} loading={found.isFetching} data-testid="issue-find">
          {t('receipts.issue_find')}
        </Button>
      </div>
      {number !== null ? null : (
        <p className="zf-help zf-gap-top">
          {t('receipts.issue_help')}{' '}
          <button type="button" className="zf-linkbtn" onClick={() => go('/orders', { state: 'paid' })}>
            {t('receipts.issue_orders')}
          </button>
        </p>
      )}
      {found.error === null ? null : <ErrorPanel error={found.error} />}
      {number === null || found.data === undefined ? null : orders.length === 0 ? (
        <p className="zf-t2 zf-gap-top">{t('receipts.issue_none')}</p>
      ) : order === undefined ? (
        <p className="zf-t2 zf-gap-top">{t('receipts.issue_many')}</p>
      ) : (
        <div className="zf-between zf-gap-top">
          <span className="zf-row">
            <Id value={order.order_no} /> <Money value={order.amount} size="strong" /> <StatusTag kind="order" status={order.state} />
          </span>
          <Button
            type="primary"
            icon={<FilePdfOutlined />}
            disabled={!may || !ready}
            title={may ? undefined : t('state.no_permission')}
            loading={issue.isPending}
            onClick={() =>
              issue.mutate(
                { order_id: order.order_id },
                {
                  onSuccess: (receipt) =>
                    toasts.show({ text: t(receipt.already_issued ? 'receipts.existing' : 'receipts.issued', { no: receipt.serial_no }) }),
                },
              )
            }
            data-testid="issue-confirm"
          >
            {t('receipts.issue_for', { order_no: order.order_no })}
          </Button>
        </div>
      )}
      {issue.error === null ? null : (
        <div className="zf-gap-top">
          <ErrorPanel error={issue.error} testid="issue-error" />
        </div>
      )}
    </Card>
  )
}
