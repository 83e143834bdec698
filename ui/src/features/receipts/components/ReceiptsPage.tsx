import { FilePdfOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useMay, useMoneyReady, useStatus } from '../../../api/status'
import { Kbd, PageHeader } from '../../../components/small'
import { timeText } from '../../../format'
import { useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { Batches } from './Batches'
import { BatchForm } from './BatchForm'
import { IssueCard } from './IssueCard'
import { ReceiptList } from './ReceiptList'
import { VerifyPanel } from './VerifyPanel'

/** Receipts both ways: ours issued, one or many, others' verified. */
export default function ReceiptsPage() {
  const t = useT()
  const { now } = useStatus()
  const may = useMay('issue_receipt')
  const ready = useMoneyReady()
  const [form, setForm] = useState(false)
  useHotkeys([{ keys: 'n', run: () => setForm(true), label: t('receipts.batch.do'), group: 'action' }], may && ready)
  return (
    <div className="zf-page">
      <PageHeader
        title={t('receipts.title')}
        note={t('receipts.note')}
        actions={
          <Button
            type="primary"
            icon={<FilePdfOutlined />}
            disabled={!may || !ready}
            title={may ? undefined : t('state.no_permission')}
            onClick={() => setForm(true)}
            data-testid="batch-open"
          >
            {t('receipts.batch.do')} <Kbd keys="n" />
          </Button>
        }
      />
      <div className="zf-receipts">
        <div className="zf-bill">
          <IssueCard />
          <Batches />
          <ReceiptList />
        </div>
        <VerifyPanel />
      </div>
      <BatchForm open={form} onClose={() => setForm(false)} today={timeText(now, 'date')} />
    </div>
  )
}
