/** Rules in words: one line a rule, the same for what stands, what is proposed and what changed. */
import { channelName } from '../../components/small'
import { cny } from '../../format'
import type { Person, RuleBody, RuleKey } from '../../generated/types'
import type { Translate } from '../../i18n'

export const parts = ['keys', 'tolerances', 'fees', 'day_cuts', 'carry'] as const
export type Part = (typeof parts)[number]

/** Millionths as a percentage, exact: 6000 is 0.60. */
export function percent(ppm: number): string {
  const whole = Math.trunc(ppm / 10_000)
  const rest = String(ppm % 10_000).padStart(4, '0').replace(/0{1,2}$/, '')
  return `${whole}.${rest}`
}

/** A percentage as millionths, or `null` when it is none. */
export function readPercent(text: string): number | null {
  const found = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(text.trim())
  if (found === null) return null
  const ppm = Number(found[1]) * 10_000 + Number((found[2] ?? '').padEnd(4, '0'))
  return ppm <= 1_000_000 ? ppm : null
}

const clock = (minutes: number) => `${String(Math.trunc(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** What stands at a rule that ships, in the reader's language. */
export function shipped(t: Translate, text: string): string {
  if (text === '@administrator') return t('rr.owner.shipped')
  return text === '@rounding' ? t('rr.reason.shipped') : text
}

/** In which order rows are looked for. */
export function keysLine(t: Translate, keys: readonly RuleKey[]): string {
  const [first, second] = keys.map((key) => t(`rr.key.${key}`))
  return second === undefined ? t('rr.keys_only', { first: first ?? '' }) : t('rr.keys_line', { first: first ?? '', second })
}

export function ruleLines(t: Translate, rules: RuleBody, part: Part, people: readonly Person[]): string[] {
  const name = (channel: string) => channelName(t, channel)
  switch (part) {
    case 'keys':
      return [keysLine(t, rules.keys)]
    case 'tolerances':
      return [
        t('rr.principal_line'),
        ...rules.tolerances.map((rule) =>
          t('rr.tolerance_line', {
            channel: name(rule.channel),
            row: cny(rule.per_row_minor),
            day: cny(rule.daily_minor),
            month: cny(rule.monthly_minor),
            owner: people.find((p) => p.login === rule.owner)?.display_name ?? shipped(t, rule.owner),
            reason: shipped(t, rule.reason),
          }),
        ),
      ]
    case 'fees':
      return rules.fees.length === 0
        ? [t('rr.no_fees')]
        : rules.fees.map((rule) =>
            t('rr.fee_line', {
              channel: name(rule.channel),
              rate: `${percent(rule.rate_ppm)}%`,
              minimum: rule.minimum_minor === 0 ? t('rr.fee_no_minimum') : t('rr.fee_minimum', { amount: cny(rule.minimum_minor) }),
              refund: t(`rr.refund.${rule.on_refund}`),
              from: rule.from,
              until: rule.until ?? t('rr.open_end'),
            }),
          )
    case 'day_cuts':
      return rules.day_cuts.map((rule) =>
        rule.minutes_after_midnight === 0 ? t('rr.cut_midnight', { channel: name(rule.channel) }) : t('rr.cut_line', { channel: name(rule.channel), time: clock(rule.minutes_after_midnight) }),
      )
    case 'carry':
      return rules.carry.map((rule) => t('rr.carry_line', { channel: name(rule.channel), kind: t(`entry.${rule.kind}`), n: rule.days }))
  }
}

export type Change = { part: Part; before: string[]; after: string[] }

/** Lines that are only in one of two sets, part by part. */
export function changes(t: Translate, from: RuleBody, to: RuleBody, people: readonly Person[]): Change[] {
  return parts.flatMap((part) => {
    const [old, now] = [ruleLines(t, from, part, people), ruleLines(t, to, part, people)]
    const before = old.filter((line) => !now.includes(line))
    const after = now.filter((line) => !old.includes(line))
    return before.length + after.length === 0 ? [] : [{ part, before, after }]
  })
}
