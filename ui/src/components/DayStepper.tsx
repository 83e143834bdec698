import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { Button, DatePicker } from 'antd'
import dayjs from 'dayjs'
import { shiftDay, weekdayText } from '../format'
import { useLanguage, useT } from '../i18n'

/** One business day, a day back, a day on. */
export function DayStepper({ value, onChange, max, weekday = false }: { value: string; onChange: (day: string) => void; max?: string; weekday?: boolean }) {
  const t = useT()
  const lang = useLanguage()
  return (
    <span className="zf-daystep">
      <Button type="text" icon={<LeftOutlined />} aria-label={t('common.previous')} onClick={() => onChange(shiftDay(value, -1))} data-testid="day-previous" />
      <DatePicker
        value={dayjs(value)}
        allowClear={false}
        variant="borderless"
        suffixIcon={weekday ? <span className="zf-daystep-week">{weekdayText(value, lang)}</span> : null}
        onChange={(day) => {
          if (day !== null) onChange(day.format('YYYY-MM-DD'))
        }}
        data-testid="day"
      />
      <Button
        type="text"
        icon={<RightOutlined />}
        aria-label={t('common.next')}
        disabled={max !== undefined && value >= max}
        onClick={() => onChange(shiftDay(value, 1))}
        data-testid="day-next"
      />
    </span>
  )
}
