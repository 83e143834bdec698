import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input, InputNumber, Select } from 'antd'
import { useState, type ReactNode } from 'react'
import { MoneyInput } from '../../../components/MoneyInput'
import { Overlay } from '../../../components/Overlay'
import { channelName } from '../../../components/small'
import { Conflict, ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { EntryKind, FeeOnRefund, Person, RuleBody, RuleKey, RuleSetsView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { usePropose } from '../api'
import { keysLine, parts, percent, readPercent, shipped, type Part } from '../words'
import { Changes } from './Changes'

const channels = ['wechat_pay'] as const
const orders: readonly RuleKey[][] = [['channel_number', 'merchant_number'], ['merchant_number', 'channel_number'], ['merchant_number']]

/** A rate as people write it; what is no rate stays as text and is not taken. */
function RateInput({ value, label, onChange, testid }: { value: number; label: string; onChange: (ppm: number) => void; testid: string }) {
  const [text, setText] = useState(percent(value))
  const read = readPercent(text)
  return (
    <Input
      className="zf-rule-short"
      value={text}
      aria-label={label}
      status={read === null ? 'error' : ''}
      onChange={(event) => {
        setText(event.target.value)
        const ppm = readPercent(event.target.value)
        if (ppm !== null) onChange(ppm)
      }}
      data-testid={testid}
    />
  )
}

type RowsProps<Rule> = { part: Part; rows: readonly Rule[]; fresh: () => Rule; onChange: (rows: Rule[]) => void; render: (rule: Rule, set: (change: Partial<Rule>) => void, at: number) => ReactNode }

function Rows<Rule>({ part, rows, fresh, onChange, render }: RowsProps<Rule>) {
  const t = useT()
  return (
    <div className="zf-stack">
      {rows.map((rule, at) => (
        // A rule is its place in the list.
        // eslint-disable-next-line react/no-array-index-key
        <div key={at} className="zf-rule-fields">
          {render(rule, (change) => onChange(rows.map((r, i) => (i === at ? { ...r, ...change } : r))), at)}
          <Button type="text" icon={<DeleteOutlined />} aria-label={t('rr.remove', { n: at + 1 })} onClick={() => onChange(rows.filter((_, i) => i !== at))} />
        </div>
      ))}
      <div>
        <Button size="small" icon={<PlusOutlined />} onClick={() => onChange([...rows, fresh()])} data-testid={`rr-add-${part}`}>
          {t('rr.add')}
        </Button>
      </div>
    </div>
  )
}

function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span className="zf-rule-field">
      <span className="zf-help">{label}</span>
      {children}
    </span>
  )
}

const money = (label: string, value: number, set: (minor: number) => void, testid: string) => (
  <Field label={label}>
    <MoneyInput currency="CNY" value={value} label={label} onChange={(minor) => set(minor ?? 0)} testid={testid} />
  </Field>
)

function PartEditor({ part, rules, people, today, onChange }: { part: Part; rules: RuleBody; people: readonly Person[]; today: string; onChange: (change: Partial<RuleBody>) => void }) {
  const t = useT()
  const channel = (value: string, set: (channel: string) => void) => (
    <Field label={t('rr.field.channel')}>
      <Select<string> value={value} aria-label={t('rr.field.channel')} onChange={set} options={channels.map((c) => ({ value: c, label: channelName(t, c) }))} />
    </Field>
  )
  switch (part) {
    case 'keys':
      return (
        <Select<number>
          className="zf-rule-wide"
          aria-label={t('rr.part.keys')}
          value={orders.findIndex((order) => order.join() === rules.keys.join())}
          onChange={(at) => onChange({ keys: [...(orders[at] ?? rules.keys)] })}
          options={orders.map((order, value) => ({ value, label: keysLine(t, order) }))}
          data-testid="rr-keys"
        />
      )
    case 'tolerances':
      return (
        <Rows
          part={part}
          rows={rules.tolerances}
          fresh={() => ({ channel: 'wechat_pay', on: 'fee' as const, per_row_minor: 1, daily_minor: 500, monthly_minor: 5000, owner: people[0]?.login ?? '', reason: '' })}
          onChange={(tolerances) => onChange({ tolerances })}
          render={(rule, set, at) => (
            <>
              {channel(rule.channel, (to) => set({ channel: to }))}
              {money(t('rr.field.per_row'), rule.per_row_minor, (per_row_minor) => set({ per_row_minor }), `rr-row-${at}`)}
              {money(t('rr.field.daily'), rule.daily_minor, (daily_minor) => set({ daily_minor }), `rr-day-${at}`)}
              {money(t('rr.field.monthly'), rule.monthly_minor, (monthly_minor) => set({ monthly_minor }), `rr-month-${at}`)}
              <Field label={t('rr.field.owner')}>
                <Select<string>
                  value={people.some((p) => p.login === rule.owner) ? rule.owner : shipped(t, rule.owner)}
                  aria-label={t('rr.field.owner')}
                  onChange={(owner) => set({ owner })}
                  options={people.map((p) => ({ value: p.login, label: p.display_name }))}
                  popupMatchSelectWidth={false}
                  data-testid={`rr-owner-${at}`}
                />
              </Field>
              <Field label={t('rr.field.reason')}>
                <Input className="zf-rule-wide" value={shipped(t, rule.reason)} maxLength={100} aria-label={t('rr.field.reason')} onChange={(event) => set({ reason: event.target.value })} data-testid={`rr-reason-${at}`} />
              </Field>
            </>
          )}
        />
      )
    case 'fees':
      return (
        <Rows
          part={part}
          rows={rules.fees}
          fresh={() => ({ channel: 'wechat_pay', rate_ppm: 6000, minimum_minor: 0, on_refund: 'returned' as FeeOnRefund, from: today, until: null })}
          onChange={(fees) => onChange({ fees })}
          render={(rule, set, at) => (
            <>
              {channel(rule.channel, (to) => set({ channel: to }))}
              <Field label={t('rr.field.rate')}>
                <RateInput value={rule.rate_ppm} label={t('rr.field.rate')} onChange={(rate_ppm) => set({ rate_ppm })} testid={`rr-rate-${at}`} />
              </Field>
              {money(t('rr.field.minimum'), rule.minimum_minor, (minimum_minor) => set({ minimum_minor }), `rr-minimum-${at}`)}
              <Field label={t('rr.field.refund')}>
                <Select<FeeOnRefund>
                  value={rule.on_refund}
                  aria-label={t('rr.field.refund')}
                  onChange={(on_refund) => set({ on_refund })}
                  options={(['returned', 'kept'] as const).map((value) => ({ value, label: t(`rr.refund.${value}`) }))}
                  popupMatchSelectWidth={false}
                />
              </Field>
              <Field label={t('rr.field.from')}>
                <Input type="date" value={rule.from} aria-label={t('rr.field.from')} onChange={(event) => set({ from: event.target.value })} data-testid={`rr-from-${at}`} />
              </Field>
              <Field label={t('rr.field.until')}>
                <Input type="date" value={rule.until ?? ''} min={rule.from} aria-label={t('rr.field.until')} onChange={(event) => set({ until: event.target.value === '' ? null : event.target.value })} data-testid={`rr-until-${at}`} />
              </Field>
            </>
          )}
        />
      )
    case 'day_cuts':
      return (
        <Rows
          part={part}
          rows={rules.day_cuts}
          fresh={() => ({ channel: 'wechat_pay', minutes_after_midnight: 0 })}
          onChange={(day_cuts) => onChange({ day_cuts })}
          render={(rule, set) => (
            <>
              {channel(rule.channel, (to) => set({ channel: to }))}
              <Field label={t('rr.field.minutes')}>
                <InputNumber min={0} max={1439} precision={0} value={rule.minutes_after_midnight} aria-label={t('rr.field.minutes')} onChange={(n) => set({ minutes_after_midnight: n ?? 0 })} />
              </Field>
            </>
          )}
        />
      )
    case 'carry':
      return (
        <Rows
          part={part}
          rows={rules.carry}
          fresh={() => ({ channel: 'wechat_pay', kind: 'payment' as EntryKind, days: 1 })}
          onChange={(carry) => onChange({ carry })}
          render={(rule, set, at) => (
            <>
              {channel(rule.channel, (to) => set({ channel: to }))}
              <Field label={t('rr.field.kind')}>
                <Select<EntryKind> value={rule.kind} aria-label={t('rr.field.kind')} onChange={(kind) => set({ kind })} options={(['payment', 'refund'] as const).map((value) => ({ value, label: t(`entry.${value}`) }))} />
              </Field>
              <Field label={t('rr.field.days')}>
                <InputNumber min={0} max={366} precision={0} value={rule.days} aria-label={t('rr.field.days')} onChange={(n) => set({ days: n ?? 0 })} data-testid={`rr-days-${at}`} />
              </Field>
            </>
          )}
        />
      )
  }
}

type Props = { sets: RuleSetsView; start: RuleBody; people: readonly Person[]; today: string; onClose: () => void }

/** The rules as a form; what comes out is a proposal. */
export function Editor({ sets, start, people, today, onClose }: Props) {
  const t = useT()
  const toasts = useToasts()
  const propose = usePropose()
  const [rules, setRules] = useState(start)
  const [reason, setReason] = useState('')
  const [seen, setSeen] = useState(sets.current.version)
  const standing = sets.current.rules
  const same = JSON.stringify({ ...rules, version: 0 }) === JSON.stringify({ ...standing, version: 0 })
  const elsewhere = propose.error?.code === 'settings.changed_elsewhere'
  const submit = () =>
    propose.mutate(
      { rules, based_on: seen, reason },
      {
        onSuccess: () => {
          toasts.show({ text: t('rr.proposed', { n: seen + 1 }) })
          onClose()
        },
      },
    )
  return (
    <Overlay open onClose={onClose} title={t('rr.edit_title', { n: sets.current.version })} width={980} testid="rr-editor">
      <div className="zf-stack zf-rule-editor">
        {parts.map((part) => (
          <fieldset key={part} data-testid={`rr-part-${part}`}>
            <legend className="zf-strong">{t(`rr.part.${part}`)}</legend>
            <p className="zf-help">{t(`rr.about.${part}`)}</p>
            <PartEditor part={part} rules={rules} people={people} today={today} onChange={(change) => setRules({ ...rules, ...change })} />
          </fieldset>
        ))}
      </div>
      <div className="zf-stack">
        {same ? <p className="zf-help">{t('rr.nothing_changed')}</p> : <Changes from={standing} to={rules} people={people} testid="rr-diff" />}
        <Input value={reason} maxLength={500} placeholder={t('rr.why')} aria-label={t('rr.why')} onChange={(event) => setReason(event.target.value)} data-testid="rr-why" />
        {propose.error === null ? null : elsewhere ? (
          <Conflict
            title={t('rules.elsewhere', { name: String(propose.error.params['by'] ?? '\u2014') })}
            theirs={t('rr.version', { n: sets.current.version })}
            yours={t('rr.based_on', { n: seen })}
            action={
              <Button
                size="small"
                onClick={() => {
                  setSeen(sets.current.version)
                  propose.reset()
                }}
              >
                {t('rules.mine_over')}
              </Button>
            }
          />
        ) : (
          <ErrorPanel error={propose.error} testid="rr-error" />
        )}
        <div className="zf-row zf-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" disabled={same || reason.trim() === '' || elsewhere} loading={propose.isPending} onClick={submit} data-testid="rr-propose">
            {t('rr.propose')}
          </Button>
        </div>
      </div>
    </Overlay>
  )
}
