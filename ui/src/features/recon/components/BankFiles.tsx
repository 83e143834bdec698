import { UploadOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { FaultList } from '../../../components/FaultList'
import { DigestEnds } from '../../../components/Id'
import { Overlay } from '../../../components/Overlay'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, timeText } from '../../../format'
import type { BankStatementView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { pickFile, toApiError, type ApiError } from '../../../platform'
import { useImportBank, useStatements, useWithdrawBank } from '../api'

/** The bank's statements of an account: imported, archived, and taken out of use with a reason. */
export function BankFiles({ accountId }: { accountId: string }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const may = useMay('run_reconciliation') && ready
  const list = useStatements(accountId)
  const bring = useImportBank()
  const withdraw = useWithdrawBank()
  const [picking, setPicking] = useState<ApiError | null>(null)
  const [going, setGoing] = useState<BankStatementView | null>(null)
  const [reason, setReason] = useState('')
  const choose = () => {
    setPicking(null)
    pickFile('any', '.csv,.txt').then(
      (file) => {
        if (file === null) return
        bring.mutate(
          { account_id: accountId, file_token: file.file_token },
          { onSuccess: (done) => toasts.show({ text: done.already_imported ? t('bank.imported_same') : t('bank.imported', { rows: count(done.rows) }) }) },
        )
      },
      (cause: unknown) => setPicking(toApiError(cause)),
    )
  }
  const error = picking ?? bring.error ?? withdraw.error
  const button = (
    <Button icon={<UploadOutlined />} disabled={!may} title={may ? undefined : t('recon.cannot_run')} loading={bring.isPending} onClick={choose} data-testid="bank-import">
      {t('bank.import')}
    </Button>
  )
  return (
    <div className="zf-stack">
      {error === null ? null : <ErrorPanel error={error} testid="bank-file-error" />}
      {list.error !== null ? (
        <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data === undefined ? (
        <Skeleton rows={3} />
      ) : list.data.statements.length === 0 ? (
        <Empty title={t('bank.files_none')} note={t('bank.files_note')} action={button} />
      ) : (
        <>
          <div className="zf-between">
            <p className="zf-help">{t('bank.files_note')}</p>
            {button}
          </div>
          {list.data.statements.map((s) => (
            <div key={s.statement_id} className="zf-flow-payout" data-testid="bank-file">
              <div className="zf-between">
                <span>
                  <span className="zf-strong">{s.file_name}</span> <span className="zf-help">{t('bank.file', { rows: count(s.rows), first: s.first_day, last: s.last_day, encoding: s.encoding.toUpperCase() })}</span>
                </span>
                <Button size="small" type="text" disabled={!may} onClick={() => setGoing(s)} data-testid="bank-withdraw">
                  {t('bank.withdraw')}
                </Button>
              </div>
              <div className="zf-help">
                {t('bank.file_by', { name: s.imported_by, time: timeText(s.imported_at, 'minute') })} · <DigestEnds value={s.sha256} />
                {s.fault_count === 0 ? null : <> · {t('bank.file_faults', { n: count(s.fault_count) })}</>}
              </div>
              <FaultList faults={bring.data?.statement_id === s.statement_id ? bring.data.faults : s.faults} />
            </div>
          ))}
        </>
      )}
      <Overlay open={going !== null} onClose={() => setGoing(null)} title={t('bank.withdraw_title', { name: going?.file_name ?? '' })} width={440} testid="bank-withdraw-step">
        <div className="zf-stack">
          <p className="zf-t2">{t('bank.withdraw_note')}</p>
          <Input autoFocus value={reason} maxLength={500} placeholder={t('flow.reason')} aria-label={t('flow.reason')} onChange={(event) => setReason(event.target.value)} data-testid="bank-withdraw-reason" />
          <div className="zf-row zf-end">
            <Button onClick={() => setGoing(null)}>{t('common.cancel')}</Button>
            <Button
              type="primary"
              disabled={reason.trim() === '' || going === null}
              loading={withdraw.isPending}
              onClick={() =>
                withdraw.mutate(
                  { account_id: accountId, statement_id: going?.statement_id ?? '', reason: reason.trim() },
                  {
                    onSuccess: () => toasts.show({ text: t('bank.withdrawn', { name: going?.file_name ?? '' }) }),
                    onSettled: () => {
                      setGoing(null)
                      setReason('')
                    },
                  },
                )
              }
              data-testid="bank-withdraw-confirm"
            >
              {t('bank.withdraw')}
            </Button>
          </div>
        </div>
      </Overlay>
    </div>
  )
}
