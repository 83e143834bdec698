import { Button, Checkbox, Input } from 'antd'
import { useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { Id } from '../../../components/Id'
import { Money, Moneys } from '../../../components/Money'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, moneyText } from '../../../format'
import type { BankLine, BankState, FlowDay, Withdrawal } from '../../../generated/types'
import { useT } from '../../../i18n'
import { FamilyTag } from '../../../status/StatusTag'
import type { Family } from '../../../theme/tokens'
import { byCurrency, useConfirmBank, useUndoBank } from '../api'

const families: Record<BankState, Family> = { matched: 'ok', ambiguous: 'at', other_amount: 'at', missing: 'br', not_searched: 'vo', no_statement: 'wa' }

const keyOf = (line: BankLine) => `${line.statement_id}/${line.line_no}`

/** One key more or less in a list of chosen ones. */
function toggle(list: readonly string[], put: (next: readonly string[]) => void, key: string, on: boolean) {
  put(on ? [...list, key] : list.filter((k) => k !== key))
}

function LineText({ line }: { line: BankLine }) {
  const t = useT()
  return (
    <span>
      <span className="zf-mono">{line.day}</span> <Money value={line.amount} /> <span className="zf-t2">{[line.text, line.counterparty].filter((part) => part !== '').join(' · ')}</span>{' '}
      <span className="zf-help">
        {line.file_name} {t('bank.line', { n: count(line.line_no) })}
      </span>
    </span>
  )
}

/** The day's withdrawals at the bank. Where there is more than one answer a person chooses; the program never does. */
export function Withdrawals({ flow }: { flow: FlowDay }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const may = useMay('run_reconciliation') && ready
  const confirm = useConfirmBank()
  const undo = useUndoBank()
  const [lines, setLines] = useState<readonly string[]>([])
  const [payouts, setPayouts] = useState<readonly string[]>([])
  const [reason, setReason] = useState('')
  const pickedLines = flow.open_lines.filter((l) => lines.includes(keyOf(l)))
  const pickedPayouts = flow.open_payouts.filter((p) => payouts.includes(p.key))
  const complete = may && pickedLines.length > 0 && pickedPayouts.length > 0 && reason.trim() !== ''
  const error = confirm.error ?? undo.error
  const takeBack = (w: Withdrawal) =>
    undo.mutate(
      { account_id: flow.account_id, date: flow.date, confirmation_id: w.confirmation_id ?? '', reason: t('flow.undo_reason') },
      { onSuccess: () => toasts.show({ text: t('bank.unconfirmed') }) },
    )

  const submit = () => {
    if (!complete) return
    confirm.mutate(
      {
        account_id: flow.account_id,
        date: flow.date,
        lines: pickedLines.map((l) => ({ statement_id: l.statement_id, line_no: l.line_no })),
        payouts: pickedPayouts.map((p) => p.key),
        reason: reason.trim(),
      },
      {
        onSuccess: (now) => {
          const id = now.withdrawals.find((w) => payouts.includes(w.key))?.confirmation_id ?? null
          setLines([])
          setPayouts([])
          setReason('')
          toasts.show({
            text: t('bank.confirmed'),
            ...(id === null ? {} : { undo: () => undo.mutateAsync({ account_id: flow.account_id, date: flow.date, confirmation_id: id, reason: t('flow.undo_reason') }) }),
          })
        },
      },
    )
  }

  return (
    <div className="zf-stack">
      {flow.withdrawals.length === 0 ? <p className="zf-t2">{t('bank.none')}</p> : null}
      {flow.withdrawals.map((w) => (
        <div key={w.key} className="zf-flow-payout" data-testid="withdrawal" data-state={w.state}>
          <div className="zf-between">
            <span className="zf-row">
              <Id value={w.business_no} copy /> <Money value={w.amount} size="strong" />
              <span className="zf-help">{t('flow.line_flow', { flow: count(w.flow_line) })}</span>
            </span>
            <FamilyTag family={families[w.state]}>{t(`bank.state.${w.state}`)}</FamilyTag>
          </div>
          {w.lines.map((line) => (
            <div key={keyOf(line)}>
              <LineText line={line} />
            </div>
          ))}
          <div className="zf-help">
            {w.state === 'matched' ? (w.because === null ? '' : t(`bank.because.${w.because}`, { name: w.confirmed_by ?? '', reason: w.reason ?? '' })) : t(`bank.note.${w.state}`)}
            {w.together_with.length === 0 ? null : <> · {t('bank.together', { list: w.together_with.map((k) => k.split('/').join(' ')).join(t('common.list_comma')) })}</>}
            {w.confirmation_id === null ? null : (
              <>
                {' '}
                <button type="button" className="zf-linkbtn" disabled={!may} onClick={() => takeBack(w)} data-testid="bank-undo">
                  {t('bank.unconfirm')}
                </button>
              </>
            )}
          </div>
        </div>
      ))}
      {error === null ? null : <ErrorPanel error={error} testid="bank-error" />}
      {flow.open_payouts.length === 0 ? null : (
        <section className="zf-stack" aria-label={t('bank.choose')} data-testid="bank-choose">
          <div className="zf-strong">{t('bank.choose')}</div>
          <div className="zf-flow-choice">
            <div>
              <div className="zf-help">{t('bank.choose_payouts')}</div>
              {flow.open_payouts.map((p) => (
                <div key={p.key}>
                  <Checkbox checked={payouts.includes(p.key)} disabled={!may} onChange={(event) => toggle(payouts, setPayouts, p.key, event.target.checked)} data-testid="pick-payout">
                    <span className="zf-mono">{p.date}</span> {p.business_no} <Money value={p.amount} /> <span className="zf-help">{t(`bank.state.${p.state}`)}</span>
                  </Checkbox>
                </div>
              ))}
            </div>
            <div>
              <div className="zf-help">{t('bank.choose_lines')}</div>
              {flow.open_lines.length === 0 ? <p className="zf-t3">{t('bank.no_lines')}</p> : null}
              {flow.open_lines.map((l) => (
                <div key={keyOf(l)}>
                  <Checkbox checked={lines.includes(keyOf(l))} disabled={!may} onChange={(event) => toggle(lines, setLines, keyOf(l), event.target.checked)} data-testid="pick-line">
                    <LineText line={l} />
                  </Checkbox>
                </div>
              ))}
            </div>
          </div>
          {pickedLines.length === 0 && pickedPayouts.length === 0 ? null : (
            <div className="zf-row">
              <span className="zf-t2">
                {t('bank.sums', {
                  lines: byCurrency(pickedLines.map((l) => l.amount)).map((m) => moneyText(m)).join(' ') || '—',
                  payouts: byCurrency(pickedPayouts.map((p) => p.amount)).map((m) => moneyText(m)).join(' ') || '—',
                })}
              </span>
              <Input className="zf-flow-reason" value={reason} maxLength={500} placeholder={t('flow.reason')} aria-label={t('flow.reason')} onChange={(event) => setReason(event.target.value)} onPressEnter={submit} data-testid="bank-reason" />
              <Button type="primary" disabled={!complete} loading={confirm.isPending} onClick={submit} data-testid="bank-confirm">
                {t('bank.confirm')} <Moneys values={byCurrency(pickedPayouts.map((p) => p.amount))} />
              </Button>
            </div>
          )}
        </section>
      )}
    </div>
  )
}
