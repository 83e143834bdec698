import { errorTexts } from '../generated/errors'
import { fill, hasMessage, language, tDynamic, type Translate } from '../i18n'
import { toApiError } from '../platform'

export type ShownError = {
  code: string
  title: string
  remedy: string
  /** Purple while money may have moved; red otherwise. Unknown is not failed. */
  family: 'un' | 'br'
  /** What the copy button takes: enough to be found in the log. */
  copy: string
}

function plain(params: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]))
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
    title = tDynamic(key, error.params)
    remedy = hasMessage(`${key}.remedy`) ? tDynamic(`${key}.remedy` as typeof key, error.params) : ''
  }
  return {
    code: error.code,
    title: title === '' ? t('error.unworded', { code: error.code }) : title,
    remedy,
    family: error.retry === 'query_first' && error.code !== 'ui.unreachable' ? 'un' : 'br',
    copy: `${error.code} ${JSON.stringify(error.params)}`,
  }
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
