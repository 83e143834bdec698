import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useState, type ReactNode } from 'react'
import { useMay } from '../../../api/status'
import { bandRange } from '../../../components/bands'
import { MoneyInput } from '../../../components/MoneyInput'
import { spanText } from '../../../components/now'
import { Overlay } from '../../../components/Overlay'
import { Card, Time } from '../../../components/small'
import { Conflict, ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { cny } from '../../../format'
import type { Band, DeskRules, ReasonCode, RulesView } from '../../../generated/types'
import { useT, type Translate } from '../../../i18n'
import { useRules, useSetRules } from '../api'
import { lastChange, partOf, parts, type LastChange, type Part } from '../rules'

const reasons: readonly ReasonCode[] = ['duplicate', 'not_delivered', 'goodwill', 'price', 'fraud', 'test', 'reconciliation', 'other']

/** What stands, in words; one line each. */
function valueLines(t: Translate, rules: DeskRules, part: Part): ReactNode[] {
  switch (part) {
    case 'bands':
      return rules.bands.map((band) => t('rules.band_line', { range: bandRange(t, rules.bands, band), n: band.checkers }))
    case 'time':
      return [t('rules.time_line', { n: rules.approval_hours })]
    case 'cooling':
      return [rules.cooling_off_seconds === 0 ? t('rules.cooling_none') : t('rules.cooling_line', { time: spanText(t, rules.cooling_off_seconds) })]
    case 'daily':
      return [
        rules.daily_count_max === null ? t('rules.daily_count_none') : t('rules.daily_count_line', { n: rules.daily_count_max }),
        rules.daily_sum_minor_max === null ? t('rules.daily_sum_none') : t('rules.daily_sum_line', { amount: cny(rules.daily_sum_minor_max) }),
      ]
    case 'notes':
      return [
        rules.note_required.length === reasons.length
          ? t('rules.notes_all')
          : t('rules.notes_line', { reasons: rules.note_required.map((r) => t(`reason_code.${r}`)).join(t('common.comma')) }),
        rules.buyer_note === '' ? t('rules.buyer_none') : t('rules.buyer_line', { text: rules.buyer_note }),
      ]
  }
}

function BandsEditor({ bands, onChange }: { bands: readonly Band[]; onChange: (next: Band[]) => void }) {
  const t = useT()
  const set = (at: number, change: Partial<Band>) => onChange(bands.map((b, i) => (i === at ? { ...b, ...change } : b)))
  return (
    <div className="zf-stack">
      {bands.map((band, i) => (
        // A band is its place in the order.
        // eslint-disable-next-line react/no-array-index-key
        <div className="zf-band" key={i}>
          {i === bands.length - 1 ? (
            <span className="zf-t2">{t('rules.band_rest')}</span>
          ) : (
            <MoneyInput
              currency="CNY"
              value={band.up_to_minor}
              label={t('rules.band_up_to', { n: i + 1 })}
              onChange={(minor) => set(i, { up_to_minor: minor })}
              testid={`band-${i}`}
            />
          )}
          <Select<number>
            aria-label={t('rules.band_checkers', { n: i + 1 })}
            value={band.checkers}
            onChange={(checkers) => set(i, { checkers })}
            options={[1, 2, 3].map((n) => ({ value: n, label: t('rules.checkers', { n }) }))}
            data-testid={`band-checkers-${i}`}
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t('rules.band_remove', { n: i + 1 })}
            disabled={i === bands.length - 1}
            onClick={() => onChange(bands.filter((_, at) => at !== i))}
          />
        </div>
      ))}
      <div>
        <Button
          size="small"
          icon={<PlusOutlined />}
          disabled={bands.length >= 6}
          onClick={() => {
            const below = bands.at(-2)?.up_to_minor ?? 0
            const last = bands.at(-1) ?? { up_to_minor: null, checkers: 1 }
            onChange([...bands.slice(0, -1), { up_to_minor: below + 100_000, checkers: last.checkers }, last])
          }}
          data-testid="band-add"
        >
          {t('rules.band_add')}
        </Button>
      </div>
    </div>
  )
}

function Editor({ part, rules, onChange }: { part: Part; rules: DeskRules; onChange: (change: Partial<DeskRules>) => void }) {
  const t = useT()
  switch (part) {
    case 'bands':
      return <BandsEditor bands={rules.bands} onChange={(bands) => onChange({ bands })} />
    case 'time':
      return (
        <InputNumber
          min={1}
          max={720}
          precision={0}
          value={rules.approval_hours}
          suffix={t('rules.hours')}
          aria-label={t('rules.part.time')}
          onChange={(n) => onChange({ approval_hours: n ?? 0 })}
          data-testid="rule-hours"
        />
      )
    case 'cooling':
      return (
        <InputNumber
          min={0}
          max={1440}
          precision={0}
          value={Math.round(rules.cooling_off_seconds / 60)}
          suffix={t('rules.minutes')}
          aria-label={t('rules.part.cooling')}
          onChange={(n) => onChange({ cooling_off_seconds: (n ?? 0) * 60 })}
          data-testid="rule-cooling"
        />
      )
    case 'daily':
      return (
        <div className="zf-fields">
          <span>{t('rules.daily_count')}</span>
          <InputNumber
            min={1}
            precision={0}
            value={rules.daily_count_max}
            placeholder={t('rules.unlimited')}
            aria-label={t('rules.daily_count')}
            onChange={(n) => onChange({ daily_count_max: n })}
            data-testid="rule-daily-count"
          />
          <span>{t('rules.daily_sum')}</span>
          <MoneyInput
            currency="CNY"
            value={rules.daily_sum_minor_max}
            label={t('rules.daily_sum')}
            onChange={(minor) => onChange({ daily_sum_minor_max: minor })}
            testid="rule-daily-sum"
          />
          <span />
          <span className="zf-help">{t('rules.empty_unlimited')}</span>
        </div>
      )
    case 'notes':
      return (
        <div className="zf-stack">
          <Checkbox.Group
            value={rules.note_required}
            options={reasons.map((r) => ({ value: r, label: t(`reason_code.${r}`), disabled: r === 'other' }))}
            onChange={(list) => onChange({ note_required: list as ReasonCode[] })}
          />
          <label htmlFor="rule-buyer">{t('rules.buyer')}</label>
          <Input
            id="rule-buyer"
            maxLength={80}
            value={rules.buyer_note}
            onChange={(event) => onChange({ buyer_note: event.target.value })}
            data-testid="rule-buyer"
          />
        </div>
      )
  }
}

/** Who changed it when, or that it is as shipped. */
export function ChangedBy({ change }: { change: LastChange | null }) {
  const t = useT()
  return (
    <span className="zf-help">
      {change === null ? (
        t('rules.as_shipped')
      ) : (
        <>
          {t('rules.changed_by', { name: change.by, n: change.version })} <Time at={change.at} as="short" />
          {change.note === '' ? '' : ` · ${change.note}`}
        </>
      )}
    </span>
  )
}

function EditOverlay({ view, part, onClose }: { view: RulesView; part: Part; onClose: () => void }) {
  const t = useT()
  const toasts = useToasts()
  const save = useSetRules()
  const undo = useSetRules()
  const [changes, setChanges] = useState<Partial<DeskRules>>({})
  const [note, setNote] = useState('')
  const [seen, setSeen] = useState(view)
  const rules = { ...seen.rules, ...changes }
  const elsewhere = save.error?.code === 'settings.changed_elsewhere'
  const same = JSON.stringify(rules) === JSON.stringify(seen.rules)
  const most = Math.max(...rules.bands.map((b) => b.checkers))
  const submit = () =>
    save.mutate(
      { rules, version_seen: seen.version, note },
      {
        onSuccess: (now) => {
          const former = partOf(seen.rules, part)
          toasts.show({
            text: t('rules.saved', { what: t(`rules.part.${part}`) }),
            undo: () => undo.mutateAsync({ rules: { ...now.rules, ...former }, version_seen: now.version, note: t('rules.undone') }),
          })
          onClose()
        },
      },
    )
  return (
    <Overlay open onClose={onClose} title={t(`rules.part.${part}`)} width={480} testid="rule-edit">
      <div className="zf-stack">
        <p className="zf-t2">{t(`rules.about.${part}`)}</p>
        <Editor part={part} rules={rules} onChange={(change) => setChanges({ ...changes, ...change })} />
        {part === 'bands' && most > view.checkers ? <p className="zf-c-at">{t('rules.too_few', { n: most, have: view.checkers })}</p> : null}
        <Input value={note} maxLength={200} placeholder={t('rules.why')} aria-label={t('rules.why')} onChange={(event) => setNote(event.target.value)} />
        {save.error === null ? null : elsewhere ? (
          <Conflict
            title={t('rules.elsewhere', { name: String(save.error.params['by'] ?? '—') })}
            theirs={valueLines(t, view.rules, part).join(t('common.comma'))}
            yours={valueLines(t, rules, part).join(t('common.comma'))}
            action={
              <Button
                size="small"
                onClick={() => {
                  setSeen(view)
                  save.reset()
                }}
                data-testid="conflict-take"
              >
                {t('rules.mine_over')}
              </Button>
            }
          />
        ) : (
          <ErrorPanel error={save.error} testid="rule-error" />
        )}
        <p className="zf-help">{t('rules.only_new')}</p>
        <div className="zf-row zf-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" disabled={same || elsewhere} loading={save.isPending} onClick={submit} data-testid="rule-save">
            {t('rules.save')}
          </Button>
        </div>
      </div>
    </Overlay>
  )
}

/** The rules of the refund desk, a card each: what stands, who set it when, and the way to change it. */
export function RuleCards() {
  const t = useT()
  const view = useRules()
  const may = useMay('manage_settings')
  const [editing, setEditing] = useState<Part | null>(null)
  if (view.error !== null) return <ErrorPanel error={view.error} onRetry={() => void view.refetch()} />
  if (view.data === undefined) {
    return (
      <Card title={t('rules.title')}>
        <Skeleton rows={5} />
      </Card>
    )
  }
  const { data } = view
  return (
    <>
      <Card
        flush
        className="zf-fixed"
        testid="rules"
        title={t('rules.title')}
        note={data.version === 0 ? t('rules.version_none') : t('rules.version', { n: data.version })}
        extra={may ? undefined : t('rules.by_admin')}
      >
        <ul>
          {parts.map((part) => (
            <li key={part} className="zf-rule" data-testid={`rule-${part}`}>
              <span className="zf-strong">{t(`rules.part.${part}`)}</span>
              <span>
                {valueLines(t, data.rules, part).map((line, i) => (
                  // Lines are fixed by their rule.
                  // eslint-disable-next-line react/no-array-index-key
                  <div key={i}>{line}</div>
                ))}
                <ChangedBy change={lastChange(data, part)} />
              </span>
              <Button size="small" icon={<EditOutlined />} disabled={!may} title={may ? undefined : t('rules.by_admin')} onClick={() => setEditing(part)} data-testid={`rule-${part}-edit`}>
                {t('rules.change')}
              </Button>
            </li>
          ))}
        </ul>
      </Card>
      {editing === null ? null : <EditOverlay view={data} part={editing} onClose={() => setEditing(null)} />}
    </>
  )
}
