import { Button, DatePicker, Form, Input, Radio, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useState } from 'react'
import { useStatus } from '../../../api/status'
import { Money } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { ErrorPanel } from '../../../components/states'
import { shiftDay, timeText } from '../../../format'
import type { DifferenceRow, Money as Amount, ResolutionKind } from '../../../generated/types'
import { useT } from '../../../i18n'
import { byCurrency, needsOwner, needsSecondPerson, usePeople } from '../api'

/** The sum of what a step is about, one a currency: the gaps of two are never added. */
export function StepSum({ amounts }: { amounts: readonly Amount[] }) {
  const t = useT()
  const sums = byCurrency(amounts)
  return (
    <p className="zf-row" data-testid="step-sum">
      <span className="zf-t2">{t('recon.step_sum', { n: amounts.length })}</span>
      {sums.map((sum) => (
        <Money key={sum.currency} value={sum} signed size="strong" />
      ))}
    </p>
  )
}

export type Resolution = { kind: ResolutionKind; reason: string; owner: string | null; due: string | null; label: string | null }

type ResolveProps = {
  rows: readonly DifferenceRow[] | null
  /** What may be done; the core gives its verdict on every row. */
  kinds: readonly ResolutionKind[]
  busy: boolean
  error: unknown
  onClose: () => void
  onResolve: (what: Resolution) => void
}

/** What is done about the chosen differences, why, and whether a second person decides. */
export function ResolveStep({ rows, kinds, busy, error, onClose, onResolve }: ResolveProps) {
  const t = useT()
  return (
    <Overlay open={rows !== null} onClose={onClose} title={t('recon.resolve_title', { n: rows?.length ?? 0 })} width={520} testid="resolve-step">
      {rows === null ? null : <ResolveForm rows={rows} kinds={kinds} busy={busy} error={error} onClose={onClose} onResolve={onResolve} />}
    </Overlay>
  )
}

type Values = { owner: string; due: Dayjs; reason: string; label: string }

function ResolveForm({ rows, kinds, busy, error, onClose, onResolve }: ResolveProps & { rows: readonly DifferenceRow[] }) {
  const t = useT()
  const people = usePeople()
  const { now, person } = useStatus()
  const [kind, setKind] = useState<ResolutionKind | null>(kinds.length === 1 ? (kinds[0] ?? null) : null)
  const n = rows.length
  const finish = (values: Values) => {
    if (kind === null) return
    const held = needsOwner(kind)
    onResolve({
      kind,
      reason: values.reason.trim(),
      owner: held ? values.owner : null,
      due: held ? values.due.format('YYYY-MM-DD') : null,
      label: kind === 'relabel' ? values.label.trim() : null,
    })
  }
  return (
    <>
      <StepSum amounts={rows.map((r) => r.gap)} />
      {error === null ? null : <ErrorPanel error={error} testid="resolve-error" />}
      <Form<Values>
        layout="vertical"
        className="zf-gap-top"
        initialValues={{ owner: person?.user_id, due: dayjs(shiftDay(timeText(now, 'date'), 3)), reason: '', label: '' }}
        onFinish={finish}
      >
        <Form.Item label={t('recon.resolve_how')}>
          <Radio.Group className="zf-stack" value={kind} onChange={(event) => setKind(event.target.value as ResolutionKind)}>
            {kinds.map((k, i) => (
              <Radio key={k} value={k} autoFocus={i === 0} data-testid={`kind-${k}`}>
                <b>{t(`resolution.${k}`)}</b> <span className="zf-t2">{t(`resolution_does.${k}`)}</span>
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
        {kind === null ? null : (
          <p className="zf-help" data-testid="resolve-who">
            {t(needsSecondPerson(kind) ? 'recon.second_person' : 'recon.one_person')}
          </p>
        )}
        {kind !== null && needsOwner(kind) ? (
          <>
            <Form.Item name="owner" label={t('recon.owner')} rules={[{ required: true, message: '' }]}>
              <Select
                options={(people.data?.people ?? []).map((p) => ({ value: p.user_id, label: `${p.display_name} · ${t(`role.${p.role}`)}` }))}
                data-testid="resolve-owner"
              />
            </Form.Item>
            <Form.Item name="due" label={t('recon.due')} rules={[{ required: true, message: '' }]}>
              <DatePicker allowClear={false} data-testid="resolve-due" />
            </Form.Item>
          </>
        ) : null}
        {kind === 'relabel' ? (
          <Form.Item name="label" label={t('recon.label')} rules={[{ required: true, whitespace: true, message: t('recon.label_hint') }]}>
            <Input placeholder={t('recon.label_hint')} maxLength={50} data-testid="resolve-label" />
          </Form.Item>
        ) : null}
        <Form.Item name="reason" label={t('recon.note')} rules={[{ required: true, whitespace: true, message: t('recon.reason_hint') }]}>
          <Input placeholder={t('recon.reason_hint')} maxLength={500} data-testid="resolve-reason" />
        </Form.Item>
        <div className="zf-row zf-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" htmlType="submit" disabled={kind === null} loading={busy} data-testid="resolve-confirm">
            {kind === null
              ? t('recon.resolve_choose')
              : t(needsSecondPerson(kind) ? 'recon.resolve_submit' : 'recon.resolve_do', { kind: t(`resolution.${kind}`), n })}
          </Button>
        </div>
      </Form>
    </>
  )
}

type ReasonProps = {
  /** Names the step for tests: `reverse-step`, `reverse-reason`, `reverse-confirm`. */
  name: 'reverse' | 'approve' | 'reject'
  amounts: readonly Amount[] | null
  title: string
  lead: string
  verb: string
  /** A yes may go without words, a no may not. */
  optional?: boolean
  busy: boolean
  error: unknown
  onClose: () => void
  onConfirm: (reason: string) => void
}

/** A step that shows what it is about and takes down why. */
export function ReasonStep({ name, amounts, title, lead, verb, optional = false, busy, error, onClose, onConfirm }: ReasonProps) {
  const t = useT()
  return (
    <Overlay open={amounts !== null} onClose={onClose} title={title} width={440} testid={`${name}-step`}>
      <p className="zf-t2">{lead}</p>
      <StepSum amounts={amounts ?? []} />
      {error === null ? null : <ErrorPanel error={error} testid={`${name}-error`} />}
      <Form<{ reason: string }> layout="vertical" className="zf-gap-top" initialValues={{ reason: '' }} onFinish={(values) => onConfirm(values.reason.trim())}>
        <Form.Item
          name="reason"
          label={t(optional ? 'recon.note_optional' : 'recon.note')}
          rules={optional ? [] : [{ required: true, whitespace: true, message: t('recon.reason_hint') }]}
        >
          <Input placeholder={t('recon.reason_hint')} maxLength={500} autoFocus data-testid={`${name}-reason`} />
        </Form.Item>
        <div className="zf-row zf-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" danger={name === 'reject'} htmlType="submit" loading={busy} data-testid={`${name}-confirm`}>
            {verb}
          </Button>
        </div>
      </Form>
    </Overlay>
  )
}
