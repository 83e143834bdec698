import { FileAddOutlined, ImportOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useMay } from '../../../api/status'
import { AccountSelect, useAccountChoice } from '../../../components/AccountSelect'
import { saveHeld } from '../../../components/saveHeld'
import { Card, PageHeader, Time } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { BookMapping, MappingView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { call, pickFile, toApiError, type ApiError, type HeldFile } from '../../../platform'
import { StatusIcon } from '../../../status/StatusTag'
import { useExportMapping, useRemoveMapping, useUseMapping, useWays } from '../api'
import { KeysCard } from './KeysCard'
import { MappingEditor } from './MappingEditor'
import { SourcesCard } from './SourcesCard'

type Work = { file: HeldFile; mapping: BookMapping | null; name: string }

/** How an account's books are read: mappings, databases, keys; and the editor over a file of theirs. */
export default function BooksPage() {
  const t = useT()
  const [accountId, setAccount] = useAccountChoice()
  if (accountId === null) {
    return (
      <div className="zf-page">
        <PageHeader title={t('books.title')} />
        <Empty title={t('bills.no_accounts')} note={t('bills.no_accounts_note')} />
      </div>
    )
  }
  // Another account begins anew: nothing half described is carried over.
  return <Ways key={accountId} accountId={accountId} onAccount={setAccount} />
}

function Ways({ accountId, onAccount }: { accountId: string; onAccount: (id: string) => void }) {
  const t = useT()
  const may = useMay('run_reconciliation')
  const ways = useWays(accountId)
  const [work, setWork] = useState<Work | null>(null)
  const [failed, setFailed] = useState<ApiError | null>(null)

  /** Opens the editor over a file the person chooses. */
  const choose = (mapping: BookMapping | null, name: string) => {
    setFailed(null)
    pickFile('books', '.csv,.txt,.xlsx,.zfb').then(
      (file) => file !== null && setWork({ file, mapping, name }),
      (cause: unknown) => setFailed(toApiError(cause)),
    )
  }
  /** Reads a mapping file, then asks for books to look at it with. */
  const bring = async () => {
    setFailed(null)
    try {
      const file = await pickFile('any', '.json')
      if (file === null) return
      const mapping = await call<BookMapping>('books.read_mapping', { file_token: file.file_token })
      choose(mapping, file.name.replace(/(\.mapping)?\.json$/, ''))
    } catch (cause) {
      setFailed(toApiError(cause))
    }
  }
  const denied = may ? undefined : t('books.denied')
  return (
    <div className="zf-page zf-scroll">
      <PageHeader title={t('books.title')} note={t('books.note')} actions={<AccountSelect value={accountId} onChange={onAccount} />} />
      {failed === null ? null : <ErrorPanel error={failed} testid="books-failed" />}
      {work === null ? null : (
        <MappingEditor
          key={work.file.file_token}
          accountId={accountId}
          file={work.file}
          start={work.mapping}
          name={work.name}
          onClose={() => setWork(null)}
        />
      )}
      {ways.error !== null ? (
        <ErrorPanel error={ways.error} onRetry={() => void ways.refetch()} />
      ) : ways.data === undefined ? (
        <Skeleton rows={6} />
      ) : (
        <>
          <Card
            className="zf-fixed"
            flush
            title={t('books.mappings')}
            note={t('books.mappings_note')}
            testid="mappings"
            extra={
              <>
                <Button size="small" icon={<ImportOutlined />} disabled={!may} title={denied} onClick={() => void bring()} data-testid="bring-mapping">
                  {t('books.bring')}
                </Button>
                <Button size="small" type="primary" icon={<FileAddOutlined />} disabled={!may} title={denied} onClick={() => choose(null, '')} data-testid="new-mapping">
                  {t('books.new')}
                </Button>
              </>
            }
          >
            <Mappings accountId={accountId} rows={ways.data.mappings} onEdit={(row) => choose(row.mapping, row.name)} />
          </Card>
          <SourcesCard accountId={accountId} ways={ways.data} onLook={(file, mapping, name) => setWork({ file, mapping, name })} />
          <KeysCard accountId={accountId} keys={ways.data.keys} />
        </>
      )}
    </div>
  )
}

function Mappings({ accountId, rows, onEdit }: { accountId: string; rows: readonly MappingView[]; onEdit: (row: MappingView) => void }) {
  const t = useT()
  const toasts = useToasts()
  const may = useMay('run_reconciliation')
  const use = useUseMapping()
  const remove = useRemoveMapping()
  const save = useExportMapping()
  const error = use.error ?? remove.error ?? save.error
  const standard = rows.every((row) => !row.in_use)
  const inUse = (
    <span className="zf-row zf-nowrap">
      <StatusIcon family="ok" /> {t('books.in_use')}
    </span>
  )
  return (
    <>
      {error === null ? null : <ErrorPanel error={error} />}
      <table className="zf-table">
        <thead>
          <tr>
            <th>{t('books.name')}</th>
            <th>{t('books.used')}</th>
            <th>{t('books.edited')}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>
              {t('books.default')} <div className="zf-help zf-mono">kind,out_trade_no,out_refund_no,amount,currency,status,created_at</div>
            </td>
            <td>
              {standard ? (
                inUse
              ) : (
                <Button size="small" disabled={!may} onClick={() => use.mutate({ account_id: accountId, name: null })} data-testid="use-default">
                  {t('books.use')}
                </Button>
              )}
            </td>
            <td>—</td>
            <td />
          </tr>
          {rows.map((row) => (
            <tr key={row.name} data-testid="mapping">
              <td className="zf-strong">{row.name}</td>
              <td>
                {row.in_use ? (
                  inUse
                ) : (
                  <Button size="small" disabled={!may} onClick={() => use.mutate({ account_id: accountId, name: row.name })} data-testid="use-mapping">
                    {t('books.use')}
                  </Button>
                )}
              </td>
              <td>
                {row.edited_by} · <Time at={row.edited_at} as="minute" />
              </td>
              <td className="zf-num">
                <span className="zf-row zf-end">
                  <Button size="small" disabled={!may} onClick={() => onEdit(row)} data-testid="edit-mapping">
                    {t('books.edit')}
                  </Button>
                  <Button
                    size="small"
                    onClick={() =>
                      save.mutate(
                        { account_id: accountId, name: row.name },
                        { onSuccess: (file) => void saveHeld(t, file).then((text) => text !== null && toasts.show({ text })) },
                      )
                    }
                    data-testid="export-mapping"
                  >
                    {t('books.export')}
                  </Button>
                  <Button size="small" danger disabled={!may || row.in_use} title={row.in_use ? t('books.remove_in_use') : undefined} onClick={() => remove.mutate({ account_id: accountId, name: row.name })} data-testid="remove-mapping">
                    {t('books.remove')}
                  </Button>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
