/**
 * One message catalogue, each message in both languages on one line: `t('orders.title')`.
 * `{name}` takes a parameter; English may write `{n|order|orders}` for a number's plural.
 */
import { useCallback, useSyncExternalStore } from 'react'
import { catalogue } from './catalogue'

export type Language = 'zh' | 'en'
export type MessageKey = keyof typeof catalogue

type ParamNames<S extends string> = S extends `${string}{${infer P}}${infer Rest}` ? P | ParamNames<Rest> : never
type Zh<K extends MessageKey> = (typeof catalogue)[K][0]
export type MessageArgs<K extends MessageKey> = [ParamNames<Zh<K>>] extends [never]
  ? []
  : [params: Record<ParamNames<Zh<K>>, string | number>]

/** Messages that take no parameters. */
export type PlainKey = { [K in MessageKey]: [ParamNames<Zh<K>>] extends [never] ? K : never }[MessageKey]

export type Translate = <K extends MessageKey>(key: K, ...args: MessageArgs<K>) => string

const storageKey = 'zf.language'
const listeners = new Set<() => void>()
let current: Language = readSaved()

function readSaved(): Language {
  try {
    return localStorage.getItem(storageKey) === 'en' ? 'en' : 'zh'
  } catch {
    return 'zh'
  }
}

export function language(): Language {
  return current
}

export function setLanguage(next: Language): void {
  current = next
  try {
    localStorage.setItem(storageKey, next)
  } catch {
    // Private browsing keeps nothing; the choice holds until the window closes.
  }
  if (typeof document !== 'undefined') document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
  for (const listener of listeners) listener()
}

/** Puts parameters into a message. A missing one stays visible as `{name}` rather than vanish. */
export function fill(message: string, params: Record<string, string | number>): string {
  return message.replace(/\{([^}|]+)(?:\|([^}|]*)\|([^}|]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = params[name]
    if (one !== undefined && many !== undefined) return Number(String(value).replaceAll(',', '')) === 1 ? one : many
    return value === undefined ? whole : String(value)
  })
}

function translate(lang: Language, key: MessageKey, params: Record<string, string | number>): string {
  const pair = catalogue[key] as readonly [string, string] | undefined
  if (pair === undefined) return key
  return fill(pair[lang === 'zh' ? 0 : 1], params)
}

/** The message in the language of the moment; inside components use `useT`, which follows changes. */
export const t: Translate = (key, ...args) => translate(current, key, args[0] ?? {})

/** Whether the catalogue has such a message; for codes that come from the core. */
export function hasMessage(key: string): key is MessageKey {
  return Object.hasOwn(catalogue, key)
}

/** A message by a key that is known only at run time, with whatever parameters the core sent. */
export function tDynamic(key: MessageKey, params: Record<string, unknown>): string {
  const plain: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(params)) plain[name] = typeof value === 'number' ? value : String(value)
  return translate(current, key, plain)
}

export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    language,
    language,
  )
}

export function useT(): Translate {
  const lang = useLanguage()
  // eslint-disable-next-line react-hooks/exhaustive-deps -- a new function per language makes memoised callers follow
  return useCallback(((key, ...args) => translate(lang, key, args[0] ?? {})) as Translate, [lang])
}
