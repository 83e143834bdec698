import { PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useMay } from '../../../api/status'
import { PageHeader } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { useT } from '../../../i18n'
import { useAccountList } from '../api'
import { AccountCard } from './AccountCard'
import { AddWechatForm } from './AddWechatForm'

/** Connected merchant numbers, each with its self-test; the administrator adds more. */
export default function ChannelsPage() {
  const t = useT()
  const list = useAccountList()
  const may = useMay('manage_accounts')
  const [adding, setAdding] = useState(false)
  const accounts = list.data?.accounts ?? []
  return (
    <div className="zf-page zf-scroll">
      <PageHeader
        title={t('channels.title')}
        note={t('channels.note')}
        actions={
          adding ? null : (
            <Button
              type="primary"
              icon={<PlusOutlined />}
              disabled={!may}
              title={may ? undefined : t('channels.add_denied')}
              onClick={() => setAdding(true)}
              data-testid="add-account"
            >
              {t('channels.add')}
            </Button>
          )
        }
      />
      {may ? null : <p className="zf-help">{t('channels.add_denied')}</p>}
      {adding ? <AddWechatForm onDone={() => setAdding(false)} /> : null}
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton rows={5} />
      ) : accounts.length === 0 && !adding ? (
        <div className="zf-card">
          <Empty title={t('channels.empty')} note={t('channels.empty_note')} />
        </div>
      ) : (
        <div className="zf-cards">
          {accounts.map((account) => (
            <AccountCard key={account.brief.account_id} account={account} />
          ))}
        </div>
      )}
    </div>
  )
}
