import { Select, Switch } from 'antd'
import { useMay } from '../../../api/status'
import { Card } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { ThreeWayRules } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useSetThreeWay, useThreeWay } from '../api'
import { ChangedBy } from './RuleCards'

const days = Array.from({ length: 11 }, (_, i) => i)

/** What the desk does about the fund flow and the bank. */
export function ThreeWayCard() {
  const t = useT()
  const toasts = useToasts()
  const view = useThreeWay()
  const set = useSetThreeWay()
  const may = useMay('manage_settings')
  const { data } = view
  const change = (next: Partial<ThreeWayRules>) => {
    if (data === undefined) return
    const former = data.rules
    set.mutate(
      { rules: { ...former, ...next }, version_seen: data.version, note: '' },
      {
        onSuccess: (now) =>
          toasts.show({
            text: t('rules.saved', { what: t('three_way.title') }),
            undo: () => set.mutateAsync({ rules: former, version_seen: now.version, note: t('rules.undone') }),
          }),
      },
    )
  }
  // The channel's and the bank's own words, whatever the language of the house.
  const wordList = (label: string, value: string[], put: (next: string[]) => void, testid: string) => (
    <div>
      <div className="zf-help">{label}</div>
      <div data-own-words="">
        <Select<string[]> mode="tags" className="zf-wide" aria-label={label} value={value} disabled={!may} open={false} suffixIcon={null} onChange={put} data-testid={testid} />
      </div>
    </div>
  )
  return (
    <Card title={t('three_way.title')} testid="three-way" extra={may ? undefined : t('rules.by_admin')}>
      {view.error !== null ? (
        <ErrorPanel error={view.error} onRetry={() => void view.refetch()} />
      ) : data === undefined ? (
        <Skeleton rows={3} />
      ) : (
        <div className="zf-stack">
          <div className="zf-between">
            <span>{t('three_way.blocks')}</span>
            <Switch
              checked={data.rules.bank_blocks_close}
              disabled={!may}
              loading={set.isPending}
              aria-label={t('three_way.blocks')}
              onChange={(on) => change({ bank_blocks_close: on })}
              data-testid="bank-blocks"
            />
          </div>
          <p className="zf-help">{t(data.rules.bank_blocks_close ? 'three_way.blocks_note' : 'three_way.warns_note')}</p>
          <div className="zf-between">
            <span>{t('three_way.days')}</span>
            <Select<number>
              aria-label={t('three_way.days')}
              value={data.rules.bank_days}
              disabled={!may}
              options={days.map((n) => ({ value: n, label: t('three_way.days_n', { n }) }))}
              onChange={(n) => change({ bank_days: n })}
              data-testid="bank-days"
            />
          </div>
          {wordList(t('three_way.withdrawal_words'), data.rules.withdrawal_words, (next) => change({ withdrawal_words: next }), 'withdrawal-words')}
          {wordList(t('three_way.bank_words'), data.rules.bank_words, (next) => change({ bank_words: next }), 'bank-words')}
          {set.error === null ? null : <ErrorPanel error={set.error} />}
          <ChangedBy change={data.history[0] ?? null} />
        </div>
      )}
    </Card>
  )
}
