import { errorTexts } from '../generated/errors'
import { inLanguage } from '../format'
import { fill, hasMessage, language, tDynamic, type Translate } from '../i18n'
import { ApiError, toApiError } from '../platform'
import { dictionary } from '../status/dictionary'

/** On whose side it lies, so that nobody looks for the fault in the wrong place. */
export type Fault = 'channel' | 'network' | 'settings' | 'machine' | 'program' | 'file' | 'input' | 'rights' | 'changed' | 'rule'

const faults: readonly (readonly [beginning: string, Fault])[] = [
  ['ui.unreachable', 'network'],
  ['ui.', 'program'],
  ['channel.unreachable', 'network'],
  ['channel.clock', 'machine'],
  ['channel.settings', 'settings'],
  ['channel.', 'channel'],
  ['bill.', 'channel'],
  ['refund.outcome_unknown', 'channel'],
  ['refund.remaining_changed', 'changed'],
  ['approval.content_changed', 'changed'],
  ['close.content_changed', 'changed'],
  ['state.illegal_step', 'changed'],
  ['account.', 'settings'],
  ['vault.', 'settings'],
  ['disk.', 'machine'],
  ['store.', 'machine'],
  ['internal', 'program'],
  ['file.', 'file'],
  ['permission.', 'rights'],
  ['session.', 'rights'],
  ['request.', 'input'],
  ['setup.', 'input'],
  ['user.', 'input'],
]

/** Whose fault an error is, by its code. What the desk itself forbids is a rule. */
export function faultOf(code: string): Fault {
  return faults.find(([beginning]) => code.startsWith(beginning))?.[1] ?? 'rule'
}

export type ShownError = {
  code: string
  fault: Fault
  title: string
  remedy: string
  /** Purple while money may have moved; red otherwise. Unknown is not failed. */
  family: 'un' | 'br'
  /** What the copy button takes: enough to be found in the log. */
  copy: string
}

/** A parameter as people read it: the core's names of states, rights and things get their words, its two-language sentences one of them. */
function paramText(name: string, value: string): string {
  if (name === 'from' || name === 'to') {
    for (const group of Object.values(dictionary)) {
      const entry = (group as Record<string, { zh: string; en: string }>)[value]
      if (entry !== undefined) return entry[language()]
    }
    // Of a difference: what it is, and what was to be done about it.
    for (const key of [`difference.${value}`, `resolution.${value}`, `recon.from.${value}`]) if (hasMessage(key)) return tDynamic(key, {})
  }
  const bare = value.replaceAll('"', '')
  const right = `permission.${bare}`
  if (name === 'permission' && hasMessage(right)) return tDynamic(right, {})
  const thing = `thing.${value.split(' ').at(-1) ?? ''}`
  if ((name === 'what' || name === 'from') && hasMessage(thing)) return tDynamic(thing, {})
  return inLanguage(value, language())
}

function plain(params: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, paramText(name, String(value))]))
}

/** Words an error for a person: by code in their language, else as the core put it. */
export function describeError(cause: unknown, t: Translate): ShownError {
  const error = toApiError(cause)
  const key = `error.${error.code}`
  const own = errorTexts[error.code]
  const params = plain(error.params)
  let title = error.message
  let remedy = error.remedy
  if (own !== undefined) {
    title = fill(language() === 'zh' ? own.zh : own.en, params)
    remedy = fill(language() === 'zh' ? own.zhRemedy : own.enRemedy, params)
  } else if (hasMessage(key)) {
    title = tDynamic(key, params)
    remedy = hasMessage(`${key}.remedy`) ? tDynamic(`${key}.remedy` as typeof key, params) : ''
  }
  return {
    code: error.code,
    fault: faultOf(error.code),
    title: title === '' ? t('error.unworded', { code: error.code }) : title,
    remedy,
    family: error.retry === 'query_first' && error.code !== 'ui.unreachable' ? 'un' : 'br',
    copy: `${error.code} ${JSON.stringify(error.params)}`,
  }
}

/** Words a code with its parameters, as a batch gives them row by row. */
export function wordCode(t: Translate, code: string, params: Record<string, string>): string {
  return describeError(new ApiError({ code, retry: 'never', params, message: '', remedy: '' }), t).title
}

/** Words a code the core gives as the reason of a "no". Without parameters the first sentence that needs none is shown. */
export function reasonText(t: Translate, code: string | null): string {
  if (code === null) return t('state.no_permission')
  const key = `reason.${code}`
  if (hasMessage(key)) return tDynamic(key, {})
  const own = errorTexts[code]
  if (own === undefined) return code
  const [title, remedy] = language() === 'zh' ? [own.zh, own.zhRemedy] : [own.en, own.enRemedy]
  if (!title.includes('{')) return title
  return remedy.includes('{') ? code : remedy
}
