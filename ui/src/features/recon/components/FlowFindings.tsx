import { Button, Checkbox, Input, Select } from 'antd'
import { useState } from 'react'
import { useMay, useMoneyReady } from '../../../api/status'
import { Id } from '../../../components/Id'
import { Money, MissingSide, NotApplicable } from '../../../components/Money'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count, timeText } from '../../../format'
import type { FlowDay, FlowFinding, FlowName } from '../../../generated/types'
import { useT } from '../../../i18n'
import { FamilyTag, StatusIcon } from '../../../status/StatusTag'
import { useNameEntries, useUnname } from '../api'

const keyOf = (f: FlowFinding) => `${f.code}/${f.business_no}/${f.flow_lines[0] ?? 0}`

/** The names that fit every chosen movement. */
function fitting(chosen: readonly FlowFinding[]): FlowName[] {
  if (chosen.some((f) => f.code !== 'other_entry')) return ['explained']
  const names: FlowName[] = []
  if (chosen.every((f) => f.booked.minor < 0)) names.push('withdrawal', 'service_fee')
  if (chosen.every((f) => f.booked.minor > 0)) names.push('top_up')
  return [...names, 'adjustment', 'explained']
}

/** What does not tie, and what belongs to no trade: every row is named by a rule or by a person, with a reason. */
export function FlowFindings({ flow }: { flow: FlowDay }) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const mayRun = useMay('run_reconciliation')
  const put = useNameEntries()
  const drop = useUnname()
  const [picked, setPicked] = useState<readonly string[]>([])
  const [name, setName] = useState<FlowName | null>(null)
  const [reason, setReason] = useState('')
  const may = mayRun && ready && !flow.locked
  const chosen = flow.findings.filter((f) => f.name === null && picked.includes(keyOf(f)))
  const names = fitting(chosen)
  const as = name !== null && names.includes(name) ? name : names[0]
  const error = put.error ?? drop.error

  const submit = () => {
    if (!may || as === undefined || chosen.length === 0 || reason.trim() === '') return
    const wanted = new Set(chosen.map(keyOf))
    put.mutate(
      {
        account_id: flow.account_id,
        date: flow.date,
        entries: chosen.map((f) => ({ code: f.code, business_no: f.business_no, flow_line: f.flow_lines[0] ?? 0 })),
        name: as,
        reason: reason.trim(),
      },
      {
        onSuccess: (now) => {
          setPicked([])
          setReason('')
          const ids = now.findings.filter((f) => wanted.has(keyOf(f))).map((f) => f.name_id)
          toasts.show({
            text: t('flow.named', { n: wanted.size }),
            undo: async () => {
              for (const id of ids) if (id !== null) await drop.mutateAsync({ name_id: id, reason: t('flow.undo_reason') })
            },
          })
        },
      },
    )
  }

  if (flow.findings.length === 0) return <p className="zf-t2">{t('flow.none')}</p>
  return (
    <div className="zf-stack">
      <div className="zf-flow-table">
        <table className="zf-table zf-boxed" data-testid="flow-findings-table">
          <thead>
            <tr>
              <th scope="col" aria-label={t('flow.name_as')} />
              <th scope="col">{t('flow.col.what')}</th>
              <th scope="col">{t('flow.col.number')}</th>
              <th scope="col" className="zf-num">{t('flow.col.expected')}</th>
              <th scope="col" className="zf-num">{t('flow.col.booked')}</th>
              <th scope="col">{t('flow.col.lines')}</th>
              <th scope="col">{t('flow.col.name')}</th>
            </tr>
          </thead>
          <tbody>
            {flow.findings.map((f) => (
              <tr key={keyOf(f)} data-testid="flow-finding">
                <td>
                  {f.name === null ? (
                    <Checkbox
                      checked={picked.includes(keyOf(f))}
                      disabled={!may}
                      aria-label={`${t(`flow.code.${f.code}`)} ${f.business_no}`}
                      onChange={(event) => setPicked(event.target.checked ? [...picked, keyOf(f)] : picked.filter((k) => k !== keyOf(f)))}
                      data-testid="flow-pick"
                    />
                  ) : null}
                </td>
                <td>
                  <span className="zf-row zf-nowrap">
                    <StatusIcon family={f.name === null ? 'at' : 'ok'} /> {t(`flow.code.${f.code}`)}
                  </span>
                  {f.word === '' ? null : <span className="zf-help zf-block">{[f.word, f.remark].filter((part) => part !== '').join(' · ')}</span>}
                </td>
                <td>
                  <Id value={f.business_no} short />
                </td>
                <td className="zf-num">{f.code === 'other_entry' ? <NotApplicable /> : f.trade_line === null ? <MissingSide /> : <Money value={f.expected} />}</td>
                <td className="zf-num">{f.flow_lines.length === 0 ? <MissingSide /> : <Money value={f.booked} />}</td>
                <td className="zf-t2 zf-nowrap-text">
                  {f.trade_line === null ? t('flow.line_flow', { flow: f.flow_lines.join(', ') }) : t('flow.lines', { trade: count(f.trade_line), flow: f.flow_lines.length === 0 ? '—' : f.flow_lines.join(', ') })}
                </td>
                <td>
                  {f.name === null ? (
                    <span className="zf-c-at">{t('flow.unnamed')}</span>
                  ) : (
                    <>
                      <FamilyTag family="ok">{t(`flow.name.${f.name}`)}</FamilyTag>{' '}
                      {f.name_id === null ? (
                        <span className="zf-help">{f.earlier === null ? t('flow.by_rule') : t('flow.by_earlier', { day: f.earlier.date, line: count(f.earlier.line_no) })}</span>
                      ) : (
                        <>
                          <span className="zf-help zf-block">
                            {f.named_by} {f.named_at === null ? '' : timeText(f.named_at, 'short')} · {f.reason}
                          </span>
                          {flow.locked ? null : (
                            <button
                              type="button"
                              className="zf-linkbtn"
                              disabled={!may}
                              onClick={() =>
                                drop.mutate({ name_id: f.name_id ?? '', reason: t('flow.undo_reason') }, { onSuccess: () => toasts.show({ text: t('flow.unnamed_done') }) })
                              }
                              data-testid="flow-unname"
                            >
                              {t('flow.unname')}
                            </button>
                          )}
                        </>
                      )}
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {flow.findings_total > flow.findings.length ? <p className="zf-help">{t('flow.more', { n: count(flow.findings.length), all: count(flow.findings_total) })}</p> : null}
      {error === null ? null : <ErrorPanel error={error} testid="flow-name-error" />}
      {chosen.length === 0 ? null : (
        <div className="zf-row" data-testid="flow-name-step">
          <Select<FlowName> aria-label={t('flow.name_as')} value={as ?? null} onChange={setName} options={names.map((n) => ({ value: n, label: t(`flow.name.${n}`) }))} popupMatchSelectWidth={false} data-testid="flow-name" />
          <Input className="zf-flow-reason" value={reason} maxLength={500} placeholder={t('flow.reason')} aria-label={t('flow.reason')} onChange={(event) => setReason(event.target.value)} onPressEnter={submit} data-testid="flow-reason" />
          <Button type="primary" disabled={!may || reason.trim() === ''} loading={put.isPending} onClick={submit} data-testid="flow-name-confirm">
            {t('flow.name_button', { n: chosen.length })}
          </Button>
        </div>
      )}
    </div>
  )
}
