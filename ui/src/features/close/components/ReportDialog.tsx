import { FileExcelOutlined, FilePdfOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { Digest } from '../../../components/Id'
import { Overlay } from '../../../components/Overlay'
import { saveHeld } from '../../../components/saveHeld'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, shortDigest } from '../../../format'
import type { CloseReportFormat, ReportPart } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { useReportPreview, useWriteReport } from '../api'

type Props = { accountId: string; date: string; open: boolean; onClose: () => void }

/** What the day's report will say, and the two files it can be taken along as. */
export function ReportDialog({ accountId, date, open, onClose }: Props) {
  const t = useT()
  const english = useLanguage() === 'en'
  const toasts = useToasts()
  const asked = { account_id: accountId, date, english }
  const preview = useReportPreview(open ? asked : null)
  const write = useWriteReport()
  const view = preview.data
  const take = (format: CloseReportFormat) =>
    write.mutate(
      { ...asked, format },
      {
        onSuccess: (made) =>
          void saveHeld(t, made.file).then(
            (text) => text !== null && toasts.show({ text, note: t(made.last_word ? 'close.report.made' : 'close.report.made_draft', { digest: shortDigest(made.sha256) }) }),
          ),
      },
    )
  return (
    <Overlay
      open={open}
      onClose={onClose}
      title={t('close.report.title')}
      width={960}
      testid="close-report"
      footer={
        <>
          <Button onClick={onClose}>{t('common.close')}</Button>
          <Button icon={<FileExcelOutlined />} loading={write.isPending && write.variables.format === 'xlsx'} disabled={view === undefined || write.isPending} onClick={() => take('xlsx')} data-testid="report-xlsx">
            {t('close.report.xlsx')}
          </Button>
          <Button
            type="primary"
            icon={<FilePdfOutlined />}
            loading={write.isPending && write.variables.format === 'pdf'}
            disabled={view === undefined || write.isPending}
            onClick={() => take('pdf')}
            data-testid="report-pdf"
          >
            {t('close.report.pdf')}
          </Button>
        </>
      }
    >
      {write.error === null ? null : <ErrorPanel error={write.error} testid="report-error" />}
      {preview.error !== null ? (
        <ErrorPanel error={preview.error} onRetry={() => void preview.refetch()} />
      ) : view === undefined ? (
        <Skeleton rows={12} />
      ) : (
        <article className="zf-report" data-last-word={view.last_word}>
          <header>
            <h2>{view.title}</h2>
            <p className="zf-t2">{view.subtitle}</p>
            {view.mark === null ? null : (
              <p className="zf-c-at zf-strong" data-testid="report-mark">
                {view.mark}
              </p>
            )}
          </header>
          {view.parts.map((part) => (
            <Part key={part.heading} part={part} />
          ))}
          <footer className="zf-between">
            <span className="zf-t2">{t('close.digest')}</span>
            {view.digest === null ? <span className="zf-t3">{t('close.report.no_digest')}</span> : <Digest value={view.digest} />}
          </footer>
          <p className="zf-help">{t('close.report.note')}</p>
        </article>
      )}
    </Overlay>
  )
}

function Part({ part }: { part: ReportPart }) {
  const t = useT()
  const hidden = part.rows_in_all - part.rows.length
  return (
    <section>
      <h3>{part.heading}</h3>
      {part.facts.length === 0 ? null : (
        <dl className="zf-report-facts">
          {part.facts.map((fact) => (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {part.note === null ? null : <p className="zf-t2">{part.note}</p>}
      {part.rows.length === 0 ? null : (
        <div>
          <table>
            <thead>
              <tr>
                {part.columns.map((c) => (
                  <th key={c.title} className={c.right ? 'zf-right' : undefined}>
                    {c.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {part.rows.map((row, at) => (
                // Rows of a report have no name of their own and never change places.
                <tr key={at}>
                  {row.map((cell, column) => (
                    <td key={column} className={part.columns[column]?.right === true ? 'zf-right' : undefined}>
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hidden > 0 ? <p className="zf-help">{t('close.report.more', { n: count(hidden) })}</p> : null}
    </section>
  )
}
