import { describe, expect, it } from 'vitest'
import { amountsIn, bytesText, capitalAmount, digestGroups, inLanguage, moneySpoken, moneyText, parseAmount, setDisplayZone, shiftDay, shortDigest, shortId, timeText, zoneOffset } from './format'

describe('money', () => {
  const cases: [number, string, string][] = [
    [123456780, 'CNY', '¥1,234,567.80'],
    [-3821400, 'CNY', '\u2212¥38,214.00'],
    [0, 'CNY', '¥0.00'],
    [1, 'CNY', '¥0.01'],
    [-5, 'CNY', '\u2212¥0.05'],
    [825970, 'USD', 'US$8,259.70'],
    [12800, 'JPY', 'JP¥12,800'],
    [99, 'XTS', 'XTS 0.99'],
    [-12800, 'JPY', '\u2212JP¥12,800'],
    [0, 'JPY', 'JP¥0'],
    [5, 'HKD', 'HK$0.05'],
    [-7450, 'HKD', '\u2212HK$74.50'],
    [1234500, 'EUR', '€12,345.00'],
    [100000000, 'CNY', '¥1,000,000.00'],
    [9007199254740991, 'CNY', '¥90,071,992,547,409.91'],
  ]
  it.each(cases)('%d %s is %s', (minor, currency, expected) => {
    expect(moneyText({ minor, currency })).toBe(expected)
  })

  it('writes a plus sign only where differences are', () => {
    expect(moneyText({ minor: 49900, currency: 'CNY' }, true)).toBe('+¥499.00')
    expect(moneyText({ minor: 0, currency: 'CNY' }, true)).toBe('¥0.00')
  })

  it('is read with sign and currency', () => {
    expect(moneySpoken({ minor: -128000, currency: 'CNY' }, 'zh')).toBe('负 1,280.00 元')
    expect(moneySpoken({ minor: 7450, currency: 'USD' }, 'en')).toBe('74.50 US dollars')
  })
})

describe('typed amounts', () => {
  const read: [string, number][] = [
    ['1280', 128000],
    ['1280.5', 128050],
    ['0.01', 1],
    [' 12.30 ', 1230],
    ['¥12.30', 1230],
    ['１２．３０', 1230],
    ['007', 700],
    ['5.', 500],
  ]
  it.each(read)('%s is %d fen', (text, minor) => {
    expect(parseAmount(text, 'CNY')).toEqual({ ok: true, minor })
  })

  const refused: [string, string][] = [
    ['', 'empty'],
    ['1e3', 'exponent'],
    ['1E3', 'exponent'],
    ['-0.01', 'negative'],
    ['\u22121', 'negative'],
    ['1,234.5', 'grouped'],
    ['1 234', 'grouped'],
    ['1，234', 'grouped'],
    ['0.001', 'decimals'],
    ['0', 'zero'],
    ['0.00', 'zero'],
    ['abc', 'shape'],
    ['1.2.3', 'shape'],
    ['+5', 'shape'],
    ['.5', 'shape'],
    ['0x10', 'shape'],
    ['99999999999999.99', 'too_large'],
  ]
  it.each(refused)('%j is refused: %s', (text, fault) => {
    expect(parseAmount(text, 'CNY')).toEqual({ ok: false, fault })
  })

  it('takes no decimals in a currency without them', () => {
    expect(parseAmount('12800', 'JPY')).toEqual({ ok: true, minor: 12800 })
    expect(parseAmount('12800.5', 'JPY')).toEqual({ ok: false, fault: 'decimals' })
  })
})

describe('amounts in words', () => {
  const cases: [number, string][] = [
    [128000, '人民币壹仟贰佰捌拾元整'],
    [168000, '人民币壹仟陆佰捌拾元整'],
    [1, '人民币壹分'],
    [10, '人民币壹角整'],
    [105, '人民币壹元零伍分'],
    [100, '人民币壹元整'],
    [0, '人民币零元整'],
    [10_000_00, '人民币壹万元整'],
    [10_001_00, '人民币壹万零壹元整'],
    [10_010_10, '人民币壹万零壹拾元壹角整'],
    [100_000_000_00, '人民币壹亿元整'],
    [100_000_001_01, '人民币壹亿零壹元零壹分'],
    [20_030_400_50, '人民币贰仟零叁万零肆佰元伍角整'],
    [-100, '人民币负壹元整'],
  ]
  it.each(cases)('%d fen', (minor, expected) => {
    expect(capitalAmount({ minor, currency: 'CNY' })).toBe(expected)
  })
  it('has none for other currencies', () => {
    expect(capitalAmount({ minor: 100, currency: 'USD' })).toBeNull()
  })
})

describe('ids, digests, times', () => {
  it('shortens what is long and leaves the rest', () => {
    expect(shortId('4200002481202611196730185524')).toBe('4200••6730185524')
    expect(shortId('QY202611190004127')).toBe('QY202611190004127')
    expect(shortDigest('9c417e2ab3d058f6e07b')).toBe('9c41…e07b')
    expect(digestGroups('9c417e2ab3')).toEqual(['9c41', '7e2a', 'b3'])
  })
  it('shows times of the desk, whatever the machine is set to', () => {
    expect(timeText('2026-11-19T12:58:31Z')).toBe('2026-11-19 20:58:31')
    expect(timeText('2026-11-19T16:00:00Z', 'date')).toBe('2026-11-20')
    expect(timeText('2026-11-19T12:58:31Z', 'short')).toBe('11-19 20:58:31')
    expect(timeText('2026-11-19T12:58:31Z', 'minute')).toBe('11-19 20:58')
    expect(timeText('nonsense')).toBe('nonsense')
    expect(zoneOffset()).toBe('UTC+8')
  })
  it('keeps to one zone through summer time and the turn of a year', () => {
    const cases: [zone: string, instant: string, text: string, offset: string][] = [
      ['Asia/Shanghai', '2026-12-31T16:00:00Z', '2027-01-01 00:00:00', 'UTC+8'],
      ['Asia/Shanghai', '2026-11-19T15:59:59.999Z', '2026-11-19 23:59:59', 'UTC+8'],
      ['America/New_York', '2026-03-08T06:59:59Z', '2026-03-08 01:59:59', 'UTC-5'],
      ['America/New_York', '2026-03-08T07:00:00Z', '2026-03-08 03:00:00', 'UTC-4'],
      ['Asia/Kolkata', '2026-11-19T12:58:31Z', '2026-11-19 18:28:31', 'UTC+5:30'],
      ['UTC', '2026-11-19T00:00:00+08:00', '2026-11-18 16:00:00', 'UTC+0'],
    ]
    try {
      for (const [zone, instant, text, offset] of cases) {
        setDisplayZone(zone)
        expect(timeText(instant), zone).toBe(text)
        expect(zoneOffset(new Date(instant)), zone).toBe(offset)
      }
    } finally {
      setDisplayZone('Asia/Shanghai')
    }
  })
  it('steps over months and leap days', () => {
    expect(shiftDay('2028-03-01', -1)).toBe('2028-02-29')
    expect(shiftDay('2026-12-31', 1)).toBe('2027-01-01')
  })
  it('writes sizes', () => {
    expect(bytesText(512)).toBe('512 B')
    expect(bytesText(88064)).toBe('86 KB')
  })
})

describe('sentences in two languages', () => {
  it.each([
    ['缺账单 / a bill is missing', 'zh', '缺账单'],
    ['缺账单 / a bill is missing', 'en', 'a bill is missing'],
    ['2 / 2', 'en', '2 / 2'],
    ['许知夏签过了 / signed by 许知夏', 'en', 'signed by 许知夏'],
    ['只有中文', 'en', '只有中文'],
  ] as const)('%s in %s', (text, lang, expected) => {
    expect(inLanguage(text, lang)).toBe(expected)
  })
})

describe('amounts inside a sentence of the core', () => {
  it.each([
    ['实付 45.80 CNY − 已退 0.00 CNY', '实付 ¥45.80 − 已退 ¥0.00'],
    ['1234567.00 USD available', 'US$1,234,567.00 available'],
    ['至少隔 60 秒, RF1120-0311', '至少隔 60 秒, RF1120-0311'],
  ])('%s', (text, shown) => expect(amountsIn(text)).toBe(shown))
})
