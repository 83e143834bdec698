import { fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { DeskRules, RulesView, ScheduleView } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { ApiError } from '../../platform'
import { openDoor, show } from '../../test/door'
import { RuleCards } from './components/RuleCards'
import { ScheduleCard } from './components/ScheduleCard'
import { lastChange } from './rules'

const defaults: DeskRules = {
  bands: [
    { up_to_minor: 500000, checkers: 1 },
    { up_to_minor: null, checkers: 2 },
  ],
  approval_hours: 48,
  cooling_off_seconds: 0,
  daily_count_max: null,
  daily_sum_minor_max: null,
  note_required: ['other'],
  buyer_note: '',
}
const cooled: DeskRules = { ...defaults, cooling_off_seconds: 300 }
const at = '2026-11-20T01:36:20Z'
const view: RulesView = {
  rules: { ...cooled, approval_hours: 24 },
  version: 2,
  defaults,
  history: [
    { version: 2, rules: { ...cooled, approval_hours: 24 }, by: '何以宁', at, note: '' },
    { version: 1, rules: cooled, by: '示例管理员', at, note: '后悔五分钟' },
  ],
  checkers: 1,
}

describe('rules', () => {
  it('says of each card who changed it last', () => {
    expect(lastChange(view, 'time')?.by).toBe('何以宁')
    expect(lastChange(view, 'cooling')?.by).toBe('示例管理员')
    expect(lastChange(view, 'bands')).toBeNull()
    // Longer ago than is kept: nothing is claimed.
    expect(lastChange({ ...view, history: [{ version: 70, rules: cooled, by: 'x', at, note: '' }] }, 'cooling')).toBeNull()
  })

  it('stays readable and keeps its buttons for whoever may not change it', async () => {
    setLanguage('zh')
    openDoor({ 'settings.rules': () => view })
    show(<RuleCards />, ['view_orders'])
    expect((await screen.findByTestId('rule-cooling')).textContent).toContain('批准后 5 分钟再发')
    expect((screen.getByTestId('rule-cooling-edit') as HTMLButtonElement).disabled).toBe(true)
    expect(screen.getByTestId('rules').textContent).toContain('由管理员设置')
  })

  it('saves the one rule over the version seen', async () => {
    const door = openDoor({ 'settings.rules': () => view, 'settings.set_rules': () => view })
    show(<RuleCards />, ['manage_settings'])
    fireEvent.click(await screen.findByTestId('rule-time-edit'))
    fireEvent.change(await screen.findByTestId('rule-hours'), { target: { value: '12' } })
    fireEvent.click(screen.getByTestId('rule-save'))
    await waitFor(() => expect(door.named('settings.set_rules')).toHaveLength(1))
    expect(door.named('settings.set_rules')[0]).toMatchObject({ version_seen: 2, rules: { ...view.rules, approval_hours: 12 } })
  })

  it('shows what another administrator set beside what one was about to set', async () => {
    setLanguage('zh')
    openDoor({
      'settings.rules': () => view,
      'settings.set_rules': () => {
        throw new ApiError({ code: 'settings.changed_elsewhere', retry: 'after_fix', params: { by: '何以宁', at: '', version: '3' }, message: '', remedy: '' })
      },
    })
    show(<RuleCards />, ['manage_settings'])
    fireEvent.click(await screen.findByTestId('rule-time-edit'))
    fireEvent.change(await screen.findByTestId('rule-hours'), { target: { value: '12' } })
    fireEvent.click(screen.getByTestId('rule-save'))
    const conflict = await screen.findByTestId('conflict')
    expect(conflict.textContent).toContain('何以宁')
    expect(conflict.textContent).toContain('12 小时')
    expect((screen.getByTestId('rule-save') as HTMLButtonElement).disabled).toBe(true)
  })

  it('turns the schedule over the version seen', async () => {
    const schedule: ScheduleView = { schedule: { fetch_bills: true, fetch_hour: 10 }, version: 0, defaults: { fetch_bills: true, fetch_hour: 10 }, history: [] }
    const door = openDoor({ 'settings.schedule': () => schedule, 'settings.set_schedule': () => schedule })
    show(<ScheduleCard />, ['manage_settings'])
    fireEvent.click(await screen.findByTestId('schedule-fetch'))
    await waitFor(() => expect(door.named('settings.set_schedule')).toEqual([{ schedule: { fetch_bills: false, fetch_hour: 10 }, version_seen: 0, note: '' }]))
  })
})
