import { PageHeader } from '../../../components/small'
import { useT } from '../../../i18n'
import { IssueCard } from './IssueCard'
import { ReceiptList } from './ReceiptList'
import { VerifyPanel } from './VerifyPanel'

/** Receipts both ways: ours issued, others' verified. */
export default function ReceiptsPage() {
  const t = useT()
  return (
    <div className="zf-page">
      <PageHeader title={t('receipts.title')} note={t('receipts.note')} />
      <div className="zf-receipts">
        <div className="zf-bill">
          <IssueCard />
          <ReceiptList />
        </div>
        <VerifyPanel />
      </div>
    </div>
  )
}
