import { KeyOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useMay } from '../../../api/status'
import { Card, Time } from '../../../components/small'
import { Empty, ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { BooksKeyView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { pickFile, toApiError, type ApiError } from '../../../platform'
import { useAddKey, useRemoveKey } from '../api'

/** Keys of encrypted books: into the vault from a file, never out again. */
export function KeysCard({ accountId, keys }: { accountId: string; keys: readonly BooksKeyView[] }) {
  const t = useT()
  const toasts = useToasts()
  const may = useMay('manage_accounts')
  const add = useAddKey()
  const remove = useRemoveKey()
  const [name, setName] = useState('')
  const [failed, setFailed] = useState<ApiError | null>(null)
  const error = failed ?? add.error ?? remove.error
  const denied = may ? undefined : t('books.manage_denied')
  const choose = () => {
    setFailed(null)
    pickFile('any', '.key,.txt,.hex,.bin').then(
      (file) => {
        if (file === null) return
        add.mutate(
          { account_id: accountId, name: name.trim(), file_token: file.file_token },
          {
            onSuccess: () => {
              setName('')
              toasts.show({ text: t('books.key_added', { name: name.trim() }) })
            },
          },
        )
      },
      (cause: unknown) => setFailed(toApiError(cause)),
    )
  }
  return (
    <Card
      className="zf-fixed"
      flush
      title={t('books.keys')}
      note={t('books.keys_note')}
      testid="book-keys"
      extra={
        <>
          <Input size="small" className="zf-mapping-name" value={name} maxLength={64} disabled={!may} placeholder={t('books.key_name')} aria-label={t('books.key_name')} onChange={(event) => setName(event.target.value)} data-testid="key-name" />
          <Button size="small" icon={<KeyOutlined />} disabled={!may || name.trim() === ''} title={denied} loading={add.isPending} onClick={choose} data-testid="add-key">
            {t('books.key_add')}
          </Button>
        </>
      }
    >
      {error === null ? null : <ErrorPanel error={error} testid="key-error" />}
      {keys.length === 0 ? (
        <Empty title={t('books.keys_empty')} note={t('books.keys_empty_note')} />
      ) : (
        <table className="zf-table">
          <tbody>
            {keys.map((key) => (
              <tr key={key.name} data-testid="book-key">
                <td className="zf-mono zf-strong">{key.name}</td>
                <td>
                  {t('books.fingerprint')} <span className="zf-mono">{key.fingerprint}</span>
                </td>
                <td>
                  {key.added_by} · <Time at={key.added_at} as="minute" />
                </td>
                <td className="zf-num">
                  <Button size="small" danger disabled={!may} title={denied} onClick={() => remove.mutate({ account_id: accountId, name: key.name })} data-testid="remove-key">
                    {t('books.remove')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  )
}
