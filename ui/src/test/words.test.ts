/**
 * Every name the core can send has a word in both languages. The list of names is read from the file
 * generated from the Rust enums, so a state added there without a word here fails this test.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../i18n/catalogue'
import { dictionary, familyIcon, familyWords, type StatusKind } from '../status/dictionary'
import { codeExplanations, explanations, riskWords } from '../status/explanations'
import { families, palettes } from '../theme/tokens'

const source = readFileSync(join(process.cwd(), 'src/generated/types.ts'), 'utf8')
const enums = new Map(
  [...source.matchAll(/^export type (\w+) = ((?:"[^"]+"(?: \| )?)+);$/gm)].map((m) => [
    m[1] ?? '',
    [...(m[2] ?? '').matchAll(/"([^"]+)"/g)].map((v) => v[1] ?? ''),
  ]),
)

type Place = { status: StatusKind } | { messages: string } | { silent: string }

/** Where each enum of the API gets its words. A new enum must be added here, with a reason when it is never shown. */
const places: Record<string, Place> = {
  Currency: { silent: 'shown by its sign, see format.ts' },
  DifferenceCode: { messages: 'difference' },
  EntryKind: { messages: 'entry' },
  OrderState: { status: 'order' },
  PaymentState: { silent: 'the order’s state is shown' },
  Permission: { messages: 'permission' },
  RefundState: { status: 'refund' },
  Role: { messages: 'role' },
  Environment: { messages: 'frame.env' },
  Stage: { silent: 'chooses the page' },
  ChannelKind: { messages: 'channel' },
  FactSource: { messages: 'source' },
  OrderSort: { silent: 'the arrow in the column head shows it' },
  DifferenceSort: { messages: 'recon.sort' },
  CloseReportFormat: { messages: 'close.report' },
  MoneyMoved: { messages: 'orders.moved' },
  NumberKind: { messages: 'number' },
  OrderActionKind: { messages: 'orders.action' },
  CheckLevel: { silent: 'chooses the icon' },
  ReasonCode: { messages: 'reason_code' },
  LooksLike: { messages: 'palette.looks' },
  RefundLane: { silent: 'chooses the list' },
  EventKind: { messages: 'event' },
  EntryState: { messages: 'books.state' },
  BooksFormat: { silent: 'chooses the fields' },
  BookAmountUnit: { messages: 'books.unit' },
  BookTimeFormat: { messages: 'books.time' },
  SqlEngine: { messages: 'books.engine' },
  SqlTls: { messages: 'books.tls' },
  BillKind: { messages: 'bills.kind' },
  BillStatus: { status: 'bill' },
  DifferenceBucket: { messages: 'bucket' },
  DifferenceStatus: { status: 'difference' },
  RuleSetState: { messages: 'rr.state' },
  RuleKey: { messages: 'rr.key' },
  ToleranceOn: { silent: 'there is one kind, named in the sentence' },
  FeeOnRefund: { messages: 'rr.refund' },
  BackTestChange: { messages: 'rr.change' },
  BudgetEnd: { messages: 'rr.end' },
  Disposition: { silent: 'open is no word; the others are in the dictionary' },
  ResolutionKind: { messages: 'resolution' },
  ResolutionState: { status: 'resolution' },
  CloseStatus: { status: 'close' },
  CloseCheckKind: { messages: 'close.check' },
  ReceiptVerdict: { messages: 'receipts.verdict' },
  KeyKind: { messages: 'certs.kind' },
  KeyState: { status: 'key' },
  KeyConsequence: { messages: 'certs.consequence' },
  RehearsalCheck: { messages: 'certs.check' },
  RehearsalVerdict: { messages: 'certs.found' },
  XrayMode: { messages: 'xray.mode' },
  XrayVerdict: { messages: 'xray.verdict' },
  XrayCause: { messages: 'xray.cause' },
  XrayCheckName: { messages: 'xray.check' },
  XrayOutcome: { messages: 'xray.outcome' },
  XrayKeyRole: { messages: 'xray.used' },
  XrayLineName: { messages: 'xray.line' },
  XrayExampleName: { messages: 'xray.example' },
  SelfTestStep: { messages: 'channels.step' },
  StepOutcome: { silent: 'chooses the icon' },
  DeskAction: { messages: 'desk.action' },
  Retry: { silent: 'chooses the buttons' },
  Tag: { silent: 'names caches' },
  TaskState: { messages: 'tasks.state' },
  FindingKind: { messages: 'access.finding' },
  Severity: { messages: 'access.severity' },
  ExportKind: { messages: 'exports.kind' },
  ExportFormat: { messages: 'exports.format' },
  ExportState: { messages: 'exports.state' },
  NegativeStyle: { silent: 'shown by an example' },
  FileLanguage: { silent: 'the language of the screen' },
  BatchState: { messages: 'receipts.batch.state' },
  FlowCode: { messages: 'flow.code' },
  FlowName: { messages: 'flow.name' },
  FlowState: { messages: 'flow.state' },
  OpeningFact: { messages: 'flow.opening' },
  BankState: { messages: 'bank.state' },
  BankReason: { messages: 'bank.because' },
  BatchOutcome: { messages: 'receipts.batch.outcome' },
}

const chinese = /[\u4e00-\u9fff]/
const messages: Record<string, readonly [string, string]> = catalogue

describe('words for what the core sends', () => {
  it('finds the enums', () => {
    expect(enums.size).toBeGreaterThan(20)
    expect(enums.get('RefundState')).toContain('unknown')
  })

  it.each([...enums])('%s', (name, values) => {
    const place = places[name]
    expect(place, `say in words.test.ts where ${name} gets its words`).toBeDefined()
    if (place === undefined || 'silent' in place) return
    for (const value of values) {
      if ('status' in place) {
        const group: Record<string, { zh: string; en: string }> = dictionary[place.status]
        expect(group[value], `${place.status}.${value}`).toBeDefined()
      } else {
        const pair = messages[`${place.messages}.${value}`]
        expect(pair, `${place.messages}.${value}`).toBeDefined()
        expect(pair?.[1], `${place.messages}.${value}`).not.toMatch(chinese)
      }
    }
  })

  it('no English message holds Chinese, but for the name of the language', () => {
    const mixed = Object.entries(messages).filter(([key, [, en]]) => chinese.test(en) && key !== 'frame.language')
    expect(mixed).toEqual([])
  })
})

describe('explanations', () => {
  const pairs = (about: object): (readonly [string, string])[] => Object.values(about).filter((v): v is readonly [string, string] => Array.isArray(v))

  it('stand behind every status and every code, in both languages', () => {
    for (const [kind, group] of Object.entries(dictionary)) {
      const about: Record<string, object> = explanations[kind as StatusKind]
      expect(Object.keys(about).toSorted()).toEqual(Object.keys(group).toSorted())
    }
    expect(Object.keys(codeExplanations).toSorted()).toEqual(enums.get('DifferenceCode')?.toSorted())
    const all = [...Object.values(explanations).flatMap((g) => Object.values(g)), ...Object.values(codeExplanations)]
    for (const about of all) {
      expect(pairs(about).length).toBeGreaterThanOrEqual(2)
      for (const [zh, en] of pairs(about)) {
        expect(zh).toMatch(chinese)
        expect(en).not.toMatch(chinese)
        expect(en.length, en).toBeGreaterThan(3)
        expect(zh + en).not.toMatch(/[!！]|长款|短款/)
      }
    }
    for (const [zh, en] of Object.values(riskWords)) expect(zh !== '' && en !== '').toBe(true)
  })

  it('never call an unknown outcome failed or harmless', () => {
    for (const [kind, group] of Object.entries(dictionary)) {
      for (const [status, { family }] of Object.entries(group)) {
        if (family !== 'un') continue
        const about = (explanations[kind as StatusKind] as Record<string, { risk: string }>)[status]
        expect(about?.risk, `${kind}.${status}`).toBe('check')
      }
    }
  })
})

describe('families', () => {
  it('are told apart by colour, silhouette and word', () => {
    const icons = families.map((f) => familyIcon[f])
    expect(new Set(icons).size).toBe(families.length)
    expect(new Set(families.map((f) => familyWords[f][0])).size).toBe(families.length)
    expect(new Set(families.map((f) => familyWords[f][1])).size).toBe(families.length)
    for (const palette of Object.values(palettes)) {
      expect(new Set(families.map((f) => palette.families[f].solid)).size).toBe(families.length)
    }
  })

  it('no two words of one group look alike: same family needs another icon or another word', () => {
    for (const group of Object.values(dictionary)) {
      const seen = Object.values(group).map((e) => `${e.family} ${e.zh}`)
      expect(new Set(seen).size).toBe(seen.length)
    }
  })
})
