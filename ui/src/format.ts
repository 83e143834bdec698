/** How numbers, ids and times are written on screen (guide §4). Pure; the core does the arithmetic. */

import { amountsHidden } from './preferences'

export type Money = { minor: number; currency: string }

const currencies: Record<string, { symbol: string; digits: number; zh: string; en: string }> = {
  CNY: { symbol: '¥', digits: 2, zh: '元', en: 'yuan' },
  USD: { symbol: 'US$', digits: 2, zh: '美元', en: 'US dollars' },
  HKD: { symbol: 'HK$', digits: 2, zh: '港元', en: 'Hong Kong dollars' },
  EUR: { symbol: '€', digits: 2, zh: '欧元', en: 'euros' },
  JPY: { symbol: 'JP¥', digits: 0, zh: '日元', en: 'Japanese yen' },
}

export function currencyOf(code: string) {
  return currencies[code] ?? { symbol: `${code} `, digits: 2, zh: code, en: code }
}

export const minus = '\u2212'

const group = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** A decimal text of the core with thousands separators in its whole part; anything else as it is. */
export function grouped(text: string): string {
  const match = /^(\d+)(\.\d+)?$/.exec(text)
  return match === null ? text : `${group(match[1] ?? '')}${match[2] ?? ''}`
}

/** A whole number with thousands separators and our minus sign. */
export function count(n: number): string {
  return `${n < 0 ? minus : ''}${group(String(Math.abs(n)))}`
}

/** The digits of an amount, without sign and symbol: 168000 fen is `1,680.00`. Works on text, never on fractions. */
export function moneyDigits({ minor, currency }: Money): string {
  const { digits } = currencyOf(currency)
  const whole = String(Math.abs(minor)).padStart(digits + 1, '0')
  if (digits === 0) return group(whole)
  return `${group(whole.slice(0, -digits))}.${whole.slice(-digits)}`
}

/** What stands in place of the digits of a masked amount. */
export const maskedDigits = '\u2022\u2022\u2022\u2022'

/** An amount in one line of text. `signed` writes "+" too and is for difference columns. */
export function moneyText(money: Money, signed = false): string {
  if (amountsHidden()) return `${currencyOf(money.currency).symbol}${maskedDigits}`
  const sign = money.minor < 0 ? minus : signed && money.minor > 0 ? '+' : ''
  return `${sign}${currencyOf(money.currency).symbol}${moneyDigits(money)}`
}

/** Minor units of a rule, which are always yuan's. */
export const cny = (minor: number): string => moneyText({ minor, currency: 'CNY' })

/** A sentence of the core with its amounts (“45.80 CNY”) written the console's way, and hidden when told to. */
export function amountsIn(text: string): string {
  return text.replace(/(?<![\d.])(-?)(\d+(?:\.\d+)?) ([A-Z]{3})\b/g, (whole: string, sign: string, digits: string, code: string) => {
    const read = parseAmount(digits, code)
    if (read.ok) return moneyText({ minor: sign === '-' ? -read.minor : read.minor, currency: code })
    return read.fault === 'zero' ? moneyText({ minor: 0, currency: code }) : whole
  })
}

/** What a screen reader says for an amount. */
export function moneySpoken(money: Money, lang: 'zh' | 'en'): string {
  const { zh, en } = currencyOf(money.currency)
  const digits = moneyDigits(money)
  return lang === 'zh' ? `${money.minor < 0 ? '负 ' : ''}${digits} ${zh}` : `${money.minor < 0 ? 'minus ' : ''}${digits} ${en}`
}

export type AmountFault = 'empty' | 'exponent' | 'negative' | 'grouped' | 'decimals' | 'shape' | 'too_large' | 'zero'

/**
 * Reads what a person typed as an amount into minor units.
 *
 * Only plain digits with at most the currency's decimals pass; full-width digits from an IME count as
 * digits. `1e3`, `-0.01` and `1,234.5` are refused, each with its own reason, because guessing is how
 * a refund gets ten times too big.
 */
export function parseAmount(text: string, currency: string): { ok: true; minor: number } | { ok: false; fault: AmountFault } {
  const { digits } = currencyOf(currency)
  const plain = text.normalize('NFKC').trim().replace(/^(¥|US\$|HK\$|€|JP¥)\s*/, '')
  if (plain === '') return { ok: false, fault: 'empty' }
  if (/^[-\u2212\u2013]/.test(plain)) return { ok: false, fault: 'negative' }
  if (/^\d[\d.]*e/i.test(plain)) return { ok: false, fault: 'exponent' }
  if (/^\d[\d.]*[,，'\s]/.test(plain)) return { ok: false, fault: 'grouped' }
  const match = /^(\d+)(?:\.(\d*))?$/.exec(plain)
  if (match === null) return { ok: false, fault: 'shape' }
  const fraction = match[2] ?? ''
  if (fraction.length > digits) return { ok: false, fault: 'decimals' }
  const minorText = `${match[1] ?? ''}${fraction.padEnd(digits, '0')}`.replace(/^0+(?=\d)/, '')
  if (minorText.length > 15) return { ok: false, fault: 'too_large' }
  const minor = Number(minorText)
  if (minor === 0) return { ok: false, fault: 'zero' }
  return { ok: true, minor }
}

/** Minor units as text for an input field: no symbol, no separators. */
export function amountForInput({ minor, currency }: Money): string {
  return moneyDigits({ minor, currency }).replaceAll(',', '')
}

const capitals = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'] as const
const places = ['', '拾', '佰', '仟'] as const
const sections = ['', '万', '亿', '万亿'] as const

/** 大写: the amount in the characters cheques use. CNY only; anything else gives `null`. */
export function capitalAmount({ minor, currency }: Money): string | null {
  if (currency !== 'CNY' || !Number.isSafeInteger(minor)) return null
  const digits = String(Math.abs(minor)).padStart(3, '0')
  const yuan = digits.slice(0, -2)
  const jiao = Number(digits.at(-2))
  const fen = Number(digits.at(-1))
  let text = ''
  if (Number(yuan) > 0) {
    const groups: string[] = []
    for (let end = yuan.length; end > 0; end -= 4) groups.unshift(yuan.slice(Math.max(0, end - 4), end))
    let zero = false
    groups.forEach((g, i) => {
      let part = ''
      for (const [at, char] of [...g].entries()) {
        const digit = Number(char)
        if (digit === 0) {
          zero = zero || text !== '' || part !== ''
          continue
        }
        if (zero) part += '零'
        zero = false
        part += `${capitals[digit] ?? ''}${places[g.length - 1 - at] ?? ''}`
      }
      if (part !== '') text += `${part}${sections[groups.length - 1 - i] ?? ''}`
    })
    text += '元'
  }
  if (jiao === 0 && fen === 0) return `人民币${minor < 0 ? '负' : ''}${text === '' ? '零元' : text}整`
  if (jiao > 0) text += `${capitals[jiao] ?? ''}角`
  else if (text !== '') text += '零'
  if (fen > 0) text += `${capitals[fen] ?? ''}分`
  else text += '整'
  return `人民币${minor < 0 ? '负' : ''}${text}`
}

const chineseIn = (text: string): number => text.match(/[\u4e00-\u9fff]/g)?.length ?? 0

/**
 * The part of a text meant for this reader. The core writes some sentences once, as `中文 / English`;
 * a text of any other shape is given whole. Names inside may be Chinese in the English half too.
 */
export function inLanguage(text: string, lang: 'zh' | 'en'): string {
  const at = text.indexOf(' / ')
  if (at < 0) return text
  const [first, second] = [text.slice(0, at), text.slice(at + 3)]
  // An English sentence may list the house's own words: it begins with an English one all the same.
  const english = chineseIn(first) > 0 && (/^[a-z]{2,} [a-z]/i.test(second) || (/[a-z]{2}/i.test(second) && chineseIn(second) < chineseIn(first)))
  if (!english) return text
  return lang === 'zh' ? first : second
}

/** A long channel id in a table: its first four, two dots, its last ten. Short ids stay whole. */
export function shortId(id: string): string {
  return id.length > 22 ? `${id.slice(0, 4)}••${id.slice(-10)}` : id
}

/** A merchant number with its middle hidden: 1900••2481. */
export function shortAccount(id: string): string {
  return id.length > 8 ? `${id.slice(0, 4)}••${id.slice(-4)}` : id
}

/** A digest in groups of four. */
export function digestGroups(hex: string): string[] {
  return hex.match(/.{1,4}/g) ?? []
}

/** A digest in one short piece: 9c41…e07b. */
export function shortDigest(hex: string): string {
  return hex.length > 12 ? `${hex.slice(0, 4)}…${hex.slice(-4)}` : hex
}

let zone = 'Asia/Shanghai'
const formats = new Map<string, Intl.DateTimeFormat>()

/** The zone every time is shown in; the status bar names it. */
export function displayZone(): string {
  return zone
}

export function setDisplayZone(next: string): void {
  zone = next
}

let clockOffsetMs = 0

/** Sets the desk's clock by the core's: a demonstration lives on a clock of its own. */
export function setClock(coreNow: string): void {
  const at = new Date(coreNow).getTime()
  if (!Number.isNaN(at)) clockOffsetMs = at - Date.now()
}

/** The moment by the core's clock, in milliseconds. */
export function clockNow(): number {
  return Date.now() + clockOffsetMs
}

function parts(instant: string | number | Date): Record<string, string> | null {
  const date = new Date(instant)
  if (Number.isNaN(date.getTime())) return null
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  return Object.fromEntries(format.formatToParts(date).map((p) => [p.type, p.value]))
}

export type TimeStyle = 'full' | 'short' | 'minute' | 'clock' | 'date'

/** `full` 2026-11-19 20:58:31 · `short` 11-19 20:58:31 · `minute` 11-19 20:58 · `clock` 20:58:31 · `date` 2026-11-19. */
export function timeText(instant: string | number | Date, style: TimeStyle = 'full'): string {
  const p = parts(instant)
  if (p === null) return String(instant)
  const clock = `${p['hour']}:${p['minute']}:${p['second']}`
  switch (style) {
    case 'full':
      return `${p['year']}-${p['month']}-${p['day']} ${clock}`
    case 'short':
      return `${p['month']}-${p['day']} ${clock}`
    case 'minute':
      return `${p['month']}-${p['day']} ${p['hour']}:${p['minute']}`
    case 'clock':
      return clock
    case 'date':
      return `${p['year']}-${p['month']}-${p['day']}`
  }
}

/** The zone's offset as people write it: UTC+8. */
export function zoneOffset(at: Date = new Date()): string {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' })
    .formatToParts(at)
    .find((p) => p.type === 'timeZoneName')?.value
  return (name ?? 'UTC').replace('GMT', 'UTC')
}

/** A day before or after, as YYYY-MM-DD. */
export function shiftDay(day: string, by: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + by)
  return date.toISOString().slice(0, 10)
}

export function bytesText(size: number): string {
  if (size < 1024) return `${size} B`
  if (size < 1024 * 1024) return `${Math.round(size / 1024)} KB`
  return `${(size / 1024 / 1024).toFixed(1)} MB`
}

/** "周四", "Thu": the weekday of a business day. */
export function weekdayText(date: string, language: 'zh' | 'en'): string {
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'short', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`))
}
