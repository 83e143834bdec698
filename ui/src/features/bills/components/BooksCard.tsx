import { UploadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useMay } from '../../../api/status'
import { AboutNumber } from '../../../components/AboutNumber'
import { FaultList } from '../../../components/FaultList'
import { Money } from '../../../components/Money'
import { Card } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, timeText } from '../../../format'
import { useT } from '../../../i18n'
import { pickFile, toApiError, type ApiError } from '../../../platform'
import { go } from '../../../router'
import { useDay, useImportBooks } from '../api'

/** The merchant's own books of the day: imported or not, and the way to reconciling. */
export function BooksCard({ accountId, date }: { accountId: string; date: string }) {
  const t = useT()
  const toasts = useToasts()
  const may = useMay('run_reconciliation')
  const day = useDay(accountId, date)
  const importBooks = useImportBooks()
  const [picking, setPicking] = useState<ApiError | null>(null)
  const books = importBooks.data?.date === date ? importBooks.data : (day.data?.books ?? null)
  const choose = () => {
    setPicking(null)
    pickFile('books', '.csv,.txt,.xlsx,.zfb').then(
      (file) => {
        if (file === null) return
        importBooks.mutate(
          { account_id: accountId, date, file_token: file.file_token },
          {
            onSuccess: (done) =>
              toasts.show({ text: done.already_imported ? t('bills.books_same') : t('bills.books_imported', { rows: count(done.rows) }) }),
          },
        )
      },
      (cause: unknown) => setPicking(toApiError(cause)),
    )
  }
  const error = picking ?? importBooks.error
  return (
    <Card className="zf-books" title={t('bills.books')} note={date} testid="books">
      {day.error !== null ? (
        <ErrorPanel error={day.error} onRetry={() => void day.refetch()} />
      ) : day.data === undefined ? (
        <Skeleton rows={3} />
      ) : (
        <div className="zf-stack">
          {books === null ? (
            <p className="zf-t2">{t('bills.books_note')}</p>
          ) : (
            <div data-testid="books-file">
              <div className="zf-strong">{t('bills.books_file', { name: books.file_name, rows: count(books.rows) })}</div>
              <div className="zf-help">{t('bills.books_by', { name: books.imported_by, time: timeText(books.imported_at, 'minute') })}</div>
              <div className="zf-help">
                {t('bills.books_sum')}{' '}
                <AboutNumber
                  name={t('bills.books_sum')}
                  counts={t('bills.about.books')}
                  filter={`${date} · ${books.file_name}`}
                  asOf={books.imported_at}
                  missing={books.faults.length === 0 ? [] : [t('bills.about.unreadable', { n: books.faults.length })]}
                />
              </div>
              <dl className="zf-books-sums">
                {books.sums.map((s) => (
                  <div key={`${s.money.currency}${s.money.minor < 0 ? '-' : '+'}`}>
                    <dt>{t('bills.books_count', { kind: t(s.money.minor < 0 ? 'entry.refund' : 'entry.payment'), n: count(s.count) })}</dt>
                    <dd>
                      <Money value={s.money} />
                    </dd>
                  </div>
                ))}
              </dl>
            </div>
          )}
          {books === null ? null : <FaultList faults={books.faults} />}
          {error === null ? null : <ErrorPanel error={error} testid="books-error" />}
          <div className="zf-row">
            <Button icon={<UploadOutlined />} disabled={!may} loading={importBooks.isPending} onClick={choose} data-testid="import-books">
              {books === null ? t('bills.books_import') : t('bills.books_again')}
            </Button>
            <Button onClick={() => go('/books', { account: accountId, day: date })} data-testid="go-books">
              {t('bills.go_books')}
            </Button>
            <Button onClick={() => go('/recon', { account: accountId, day: date })} data-testid="go-recon">
              {t('bills.go_recon')}
            </Button>
          </div>
        </div>
      )}
    </Card>
  )
}
