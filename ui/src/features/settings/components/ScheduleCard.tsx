import { Select, Switch } from 'antd'
import { useMay } from '../../../api/status'
import { Card } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { Schedule } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useSchedule, useSetSchedule } from '../api'
import { ChangedBy } from './RuleCards'

/** The channel has yesterday's bill from ten on. */
const hours = Array.from({ length: 14 }, (_, i) => 10 + i)

/** What the timer does by itself. */
export function ScheduleCard() {
  const t = useT()
  const toasts = useToasts()
  const view = useSchedule()
  const set = useSetSchedule()
  const may = useMay('manage_settings')
  const { data } = view
  const change = (next: Partial<Schedule>) => {
    if (data === undefined) return
    const former = data.schedule
    set.mutate(
      { schedule: { ...former, ...next }, version_seen: data.version, note: '' },
      {
        onSuccess: (now) =>
          toasts.show({
            text: t('rules.saved', { what: t('schedule.title') }),
            undo: () => set.mutateAsync({ schedule: former, version_seen: now.version, note: t('rules.undone') }),
          }),
      },
    )
  }
  return (
    <Card title={t('schedule.title')} testid="schedule" extra={may ? undefined : t('rules.by_admin')}>
      {view.error !== null ? (
        <ErrorPanel error={view.error} onRetry={() => void view.refetch()} />
      ) : data === undefined ? (
        <Skeleton rows={2} />
      ) : (
        <div className="zf-stack">
          <div className="zf-between">
            <span>{t('schedule.fetch')}</span>
            <Switch
              checked={data.schedule.fetch_bills}
              disabled={!may}
              loading={set.isPending}
              aria-label={t('schedule.fetch')}
              onChange={(on) => change({ fetch_bills: on })}
              data-testid="schedule-fetch"
            />
          </div>
          <div className="zf-between">
            <span>{t('schedule.hour')}</span>
            <Select<number>
              aria-label={t('schedule.hour')}
              value={data.schedule.fetch_hour}
              disabled={!may || !data.schedule.fetch_bills}
              options={hours.map((h) => ({ value: h, label: t('schedule.from', { h }) }))}
              onChange={(hour) => change({ fetch_hour: hour })}
              data-testid="schedule-hour"
            />
          </div>
          <p className="zf-help">{data.schedule.fetch_bills ? t('schedule.note') : t('schedule.off_note')}</p>
          {set.error === null ? null : <ErrorPanel error={set.error} />}
          <ChangedBy change={data.history[0] ?? null} />
        </div>
      )}
    </Card>
  )
}
