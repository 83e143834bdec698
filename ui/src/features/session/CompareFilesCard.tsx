import { DownloadOutlined, InboxOutlined, PaperClipOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useWrite } from '../../api/query'
import { AboutNumber } from '../../components/AboutNumber'
import { ExplainCode } from '../../components/Explain'
import { FaultList } from '../../components/FaultList'
import { saveHeld } from '../../components/saveHeld'
import { Card } from '../../components/small'
import { Empty, ErrorPanel, Notice, PartialBanner } from '../../components/states'
import { useToasts } from '../../components/Toast'
import { WaterfallChart, WaterfallTable } from '../../components/WaterfallChart'
import { bytesText, clockNow, count, moneyText, shortDigest } from '../../format'
import type { CompareView } from '../../generated/types'
import { useT } from '../../i18n'
import { canDrop, pickFile, takeFile, toApiError, type ApiError, type FileKind, type HeldFile } from '../../platform'
import { FamilyTag, StatusIcon } from '../../status/StatusTag'

/** Whether a dropped file is a channel's bill: its values stand behind a back-tick. */
async function looksLikeBill(file: File): Promise<boolean> {
  const text = await file.slice(0, 4096).text()
  // A workbook or an encrypted file has any byte anywhere.
  return !text.startsWith('PK') && !text.startsWith('ZFB1') && text.includes('`')
}

const accepts: Partial<Record<FileKind, string>> = { bill: '.csv,.txt,.gz', books: '.csv,.txt,.xlsx,.zfb' }

/** Reconciles two files on the spot, without account or keys. */
export function CompareFilesCard({ onResult }: { onResult: (result: CompareView) => void }) {
  const t = useT()
  const [bill, setBill] = useState<HeldFile | null>(null)
  const [books, setBooks] = useState<HeldFile | null>(null)
  const [mapping, setMapping] = useState<HeldFile | null>(null)
  const [key, setKey] = useState<HeldFile | null>(null)
  const [pickError, setPickError] = useState<ApiError | null>(null)
  const [over, setOver] = useState(false)
  const compare = useWrite('recon.compare_files')
  const failed = (cause: unknown) => setPickError(toApiError(cause))

  const choose = (kind: FileKind, set: (file: HeldFile | null) => void) => {
    setPickError(null)
    compare.reset()
    pickFile(kind, accepts[kind] ?? '*').then((file) => file !== null && set(file), failed)
  }
  const drop = async (files: readonly File[]) => {
    setPickError(null)
    compare.reset()
    try {
      for (const file of files.slice(0, 2)) {
        const isBill = await looksLikeBill(file)
        const held = await takeFile(file)
        if (isBill) setBill(held)
        else setBooks(held)
      }
    } catch (cause) {
      failed(cause)
    }
  }
  const row = (label: string, file: HeldFile | null, kind: FileKind, set: (file: HeldFile | null) => void, testid: string) => (
    <div className="zf-between">
      <span className="zf-nowrap-text">
        {file === null ? null : <StatusIcon family="ok" />} {label}
      </span>
      <Button size="small" icon={<PaperClipOutlined />} className="zf-file-button" onClick={() => choose(kind, set)} title={file?.name} data-testid={testid}>
        {file === null ? t('common.choose_file') : `${file.name} · ${bytesText(file.size)}`}
      </Button>
    </div>
  )
  return (
    <>
      <p className="zf-t2">{t('setup.files_note')}</p>
      <div
        className={`zf-drop zf-drop-files${over ? ' zf-drop-over' : ''}`}
        role="group"
        aria-label={t('setup.files')}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(canDrop())
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          if (canDrop()) void drop([...event.dataTransfer.files])
        }}
      >
        {canDrop() ? (
          <div className="zf-row zf-center zf-help">
            <InboxOutlined aria-hidden /> {t('setup.files_drop')}
          </div>
        ) : null}
        {row(t('setup.files_bill'), bill, 'bill', setBill, 'compare-bill')}
        {row(t('setup.files_books'), books, 'books', setBooks, 'compare-books')}
        {books === null ? null : row(t('setup.files_mapping'), mapping, 'any', setMapping, 'compare-mapping')}
        {books?.name.endsWith('.zfb') === true ? row(t('setup.files_key'), key, 'any', setKey, 'compare-key') : null}
      </div>
      <div>
        <Button
          disabled={bill === null || books === null}
          loading={compare.isPending}
          onClick={() => {
            if (bill !== null && books !== null) compare.mutate({ bill_token: bill.file_token, ledger_token: books.file_token, mapping_token: mapping?.file_token ?? null, key_token: key?.file_token ?? null }, { onSuccess: onResult })
          }}
          data-testid="compare-run"
        >
          {t('setup.files_run')}
        </Button>
      </div>
      {pickError === null ? null : <ErrorPanel error={pickError} />}
      {compare.error === null ? null : <ErrorPanel error={compare.error} impact={t('setup.files_untouched')} />}
    </>
  )
}

/** What the comparison found: waterfall, every kind of difference, what could not be read, and the table to keep. */
export function CompareResult({ result, onBack }: { result: CompareView; onBack: () => void }) {
  const t = useT()
  const toasts = useToasts()
  const [table, setTable] = useState(false)
  const [at] = useState(() => new Date(clockNow()).toISOString())
  const found = result.counts.filter((c) => c.count > 0)
  return (
    <div className="zf-stack zf-compare" data-testid="compare-result">
      <div className="zf-between">
        <h1>{t('setup.files_title')}</h1>
        <span className="zf-row">
          <Button onClick={onBack} data-testid="compare-back">
            {t('common.back')}
          </Button>
          <Button type="primary" icon={<DownloadOutlined />} onClick={() => void saveHeld(t, result.file).then((text) => text !== null && toasts.show({ text }))} data-testid="compare-save">
            {t('setup.files_save')}
          </Button>
        </span>
      </div>
      <p className="zf-t2">
        {result.bill_name} · {result.ledger_name} ·{' '}
        {t('setup.files_done', { matched: count(result.matched), bill: count(result.bill_rows), books: count(result.ledger_rows), ms: count(result.millis) })} ·{' '}
        <span title={result.run_digest}>{t('recon.evidence.digest', { digest: shortDigest(result.run_digest) })}</span>
      </p>
      {result.refused_rows === 0 ? null : <PartialBanner>{t('setup.files_refused', { n: count(result.refused_rows) })}</PartialBanner>}
      {result.matched > 0 || result.bill_rows === 0 || result.ledger_rows === 0 ? null : <PartialBanner>{t('setup.files_unmatched')}</PartialBanner>}
      {result.waterfalls.map((fall) => {
        const residual = { minor: fall.steps.find((s) => s.name === 'residual')?.minor ?? 0, currency: fall.currency }
        return (
          <Card
            key={fall.currency}
            title={t('recon.waterfall')}
            note={fall.currency}
            extra={
              <>
                <button type="button" className="zf-linkbtn" onClick={() => setTable(!table)}>
                  {table ? t('recon.as_chart') : t('recon.as_table')}
                </button>
                <FamilyTag family={residual.minor === 0 ? 'ok' : 'br'}>
                  {t('recon.residual')} <b>{moneyText(residual)}</b>
                </FamilyTag>
                <AboutNumber
                  name={t('recon.residual')}
                  counts={t('recon.about.residual')}
                  filter={`${result.bill_name} · ${result.ledger_name} · ${fall.currency}`}
                  asOf={at}
                  missing={result.refused_rows === 0 ? [] : [t('setup.files_refused', { n: count(result.refused_rows) })]}
                />
              </>
            }
          >
            {table ? <WaterfallTable steps={fall.steps} currency={fall.currency} /> : <WaterfallChart steps={fall.steps} currency={fall.currency} />}
          </Card>
        )
      })}
      <Card flush title={t('setup.files_differences')} note={result.waiting === 0 ? undefined : t('setup.files_waiting', { n: count(result.waiting) })}>
        {found.length === 0 ? (
          <Empty icon={<StatusIcon family="ok" />} title={t('recon.empty')} />
        ) : (
          <table className="zf-table">
            <tbody>
              {found.map((c) => (
                <tr key={c.code}>
                  <td>
                    <span className="zf-row zf-nowrap">
                      <StatusIcon family="at" /> {t(`difference.${c.code}`)} <ExplainCode code={c.code} />
                    </span>
                  </td>
                  <td className="zf-num">{t('common.items', { n: count(c.count) })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      {result.bill_faults.length + result.ledger_faults.length === 0 ? null : (
        <Notice family="at" title={t('setup.files_faults')}>
          <FaultList faults={result.bill_faults} file={result.bill_name} />
          <FaultList faults={result.ledger_faults} file={result.ledger_name} />
        </Notice>
      )}
    </div>
  )
}
