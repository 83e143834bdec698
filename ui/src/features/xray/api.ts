/** The X-ray's calls, and a report in words. */
import { useWrite } from '../../api/query'
import type { XrayExample, XrayExampleName, XrayMode, XrayReport } from '../../generated/types'
import { t, tDynamic, type MessageKey } from '../../i18n'
import { call } from '../../platform'

export const useInspect = () => useWrite('xray.inspect')
export const fetchExample = (name: XrayExampleName) => call<XrayExample>('xray.example', { name })

export const modes: readonly XrayMode[] = ['request', 'reply', 'notice', 'decrypt']

export const examples: Record<XrayMode, readonly XrayExampleName[]> = {
  request: ['url_without_query', 'missing_newline', 'platform_serial', 'clock_off', 'serial_header', 'body_rewritten', 'good_request'],
  reply: ['wrong_key', 'good_reply'],
  notice: ['notice_changed', 'probe', 'good_notice'],
  decrypt: ['sealed_mixed', 'sealed'],
}

/** Causes found beside a signature that is right in itself. */
const besides = new Set([
  'signature_probe',
  'unsigned_by_design',
  'serial_header_missing',
  'serial_notation',
  'merchant_mismatch',
  'clock_off',
  'key_expired',
  'key_not_yet',
  'unreadable',
  'header_missing',
  'authorization_missing',
  'ciphertext_url_safe',
])
const sealed = /^(api_key|nonce_encoded|nonce_swapped|aad_wrong|aead_mode|ciphertext_not)/

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g

/** Takes private keys out of a paste: nothing here needs one. */
export function withoutSecrets(text: string, mark: string): { text: string; found: boolean } {
  const clean = text.replace(privateKey, mark)
  return { text: clean, found: clean !== text }
}

export type Words = { verdict: string; title: string; why: string; steps: string[]; forward: string }

/** What a report says to a person, in the language of the moment. */
export function words(report: XrayReport): Words {
  const params: Record<string, string> = { ...report.params }
  if (params['form'] !== undefined) params['form'] = tDynamic(`xray.form.${params['form']}` as MessageKey, {})
  // Typed without a cast: a cause of the core without its words does not compile.
  const say = (part: 'cause' | 'why' | 'fix') => {
    const key: MessageKey = `xray.${part}.${report.cause}`
    return tDynamic(key, params)
  }
  const title = say('cause')
  const steps = say('fix').split(' | ')
  const kind =
    report.verdict === 'bad' ? (sealed.test(report.cause) ? 'bad_decrypt' : besides.has(report.cause) ? 'bad_other' : 'bad') : report.verdict
  const first = title.slice(0, 1).toUpperCase() + title.slice(1)
  return {
    verdict: t('xray.verdict.text', { verdict: t(`xray.verdict.${kind}`), title }),
    title,
    why: say('why'),
    steps,
    forward: t('xray.forward.text', { title: first, fix: steps[0] ?? '' }),
  }
}

/** The report as text for a developer: no key, no paste, only what was found. */
export function asText(report: XrayReport): string {
  const w = words(report)
  const lines = report.lines.flatMap((line) => {
    const name = t(`xray.line.${line.name}`)
    if (line.same) return [`= ${name}: ${line.common}`]
    return [`- ${name}: ${line.common}${line.signed}`, `+ ${name}: ${line.common}${line.sent}`]
  })
  const { difference: d } = report
  return [
    w.verdict,
    w.why,
    ...w.steps.map((step, i) => `${i + 1}. ${step}`),
    ...(lines.length === 0 ? [] : ['', ...lines]),
    ...(d === null ? [] : [byteText(report)]),
    ...(report.digest === '' ? [] : [`${report.digest_algorithm} ${report.digest}`]),
    ...(report.key?.serial === null || report.key === null ? [] : [report.key.serial]),
  ].join('\n')
}

export function byteText(report: XrayReport): string {
  const d = report.difference
  if (d === null) return ''
  return t('xray.byte.text', {
    line: d.line,
    column: d.column,
    n: d.offset + 1,
    hex: d.offset.toString(16).toUpperCase().padStart(2, '0'),
    signed: d.signed_byte ?? t('xray.byte.end'),
    sent: d.sent_byte ?? t('xray.byte.end'),
  })
}
