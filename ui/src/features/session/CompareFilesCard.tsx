import { DownloadOutlined, PaperClipOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useWrite } from '../../api/query'
import { Money } from '../../components/Money'
import { ErrorPanel } from '../../components/states'
import { useToasts } from '../../components/Toast'
import { bytesText, count } from '../../format'
import { useT } from '../../i18n'
import { pickFile, saveFile, toApiError, type ApiError, type FileKind, type HeldFile } from '../../platform'
import { FaultList } from '../../components/FaultList'

/** Reconciles two files on the spot, without account or keys. */
export function CompareFilesCard() {
  const t = useT()
  const toasts = useToasts()
  const [bill, setBill] = useState<HeldFile | null>(null)
  const [books, setBooks] = useState<HeldFile | null>(null)
  const [pickError, setPickError] = useState<ApiError | null>(null)
  const compare = useWrite('recon.compare_files')
  const result = compare.data

  const choose = (kind: FileKind, set: (file: HeldFile | null) => void) => {
    setPickError(null)
    pickFile(kind, '.csv,.txt,.gz').then(
      (file) => {
        if (file !== null) set(file)
      },
      (cause: unknown) => setPickError(toApiError(cause)),
    )
  }
  const row = (label: string, file: HeldFile | null, kind: FileKind, set: (file: HeldFile | null) => void, testid: string) => (
    <div className="zf-between">
      <span>{label}</span>
      <Button size="small" icon={<PaperClipOutlined />} onClick={() => choose(kind, set)} data-testid={testid}>
        {file === null ? t('common.choose_file') : `${file.name} · ${bytesText(file.size)}`}
      </Button>
    </div>
  )
  return (
    <>
      <p className="zf-t2">{t('setup.files_note')}</p>
      {row(t('setup.files_bill'), bill, 'bill', setBill, 'compare-bill')}
      {row(t('setup.files_books'), books, 'books', setBooks, 'compare-books')}
      <div>
        <Button
          disabled={bill === null || books === null}
          loading={compare.isPending}
          onClick={() => {
            if (bill !== null && books !== null) compare.mutate({ bill_token: bill.file_token, ledger_token: books.file_token })
          }}
          data-testid="compare-run"
        >
          {t('setup.files_run')}
        </Button>
      </div>
      {pickError === null ? null : <ErrorPanel error={pickError} />}
      {compare.error === null ? null : <ErrorPanel error={compare.error} />}
      {result === undefined ? null : (
        <div className="zf-stack" data-testid="compare-result">
          <p>
            {t('setup.files_done', {
              matched: count(result.matched),
              bill: count(result.bill_rows),
              books: count(result.ledger_rows),
              ms: result.millis,
            })}
          </p>
          <table className="zf-table">
            <tbody>
              {result.counts.map((c) => (
                <tr key={c.code}>
                  <td>{t(`difference.${c.code}`)}</td>
                  <td className="zf-num">{t('common.items', { n: count(c.count) })}</td>
                </tr>
              ))}
              <tr>
                <td>{t('recon.residual')}</td>
                <td className="zf-num">
                  <Money value={result.residual} size="strong" />
                </td>
              </tr>
            </tbody>
          </table>
          <FaultList faults={result.faults} />
          <div>
            <Button
              icon={<DownloadOutlined />}
              onClick={() =>
                void saveFile(result.file.file_token, result.file.name).then((path) =>
                  toasts.show({ text: path === null ? t('common.saved', { name: result.file.name }) : t('common.saved_to', { path }) }),
                )
              }
              data-testid="compare-save"
            >
              {t('setup.files_save')}
            </Button>
          </div>
        </div>
      )}
    </>
  )
}
