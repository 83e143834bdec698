/**
 * Stands in for `@rc-component/util/Dom/dynamicCSS` and `@ant-design/icons/cssUtils` (see
 * vite.config.ts): keeps run-time styles in constructed style sheets instead of <style> elements,
 * so that `style-src 'self'` holds without a nonce.
 *
 * Order follows the original: `prepend: 'queue'` sheets come first, sorted by priority, then the rest.
 */
type Options = {
  mark?: string
  prepend?: boolean | 'queue'
  priority?: number
}

type Entry = { sheet: CSSStyleSheet; css: string; rank: number; node: HTMLStyleElement }

const entries = new Map<string, Entry>()

function rankOf({ prepend, priority = 0 }: Options): number {
  if (prepend === 'queue') return priority
  return prepend ? -1_000_000 : 1_000_000
}

function keyOf(key: string, { mark }: Options): string {
  return `${mark ?? ''}|${key}`
}

function install(entry: Entry): void {
  const ranked = [...entries.values()]
  const later = ranked.find((other) => other !== entry && other.rank > entry.rank)
  const sheets = [...document.adoptedStyleSheets]
  if (later === undefined) {
    sheets.push(entry.sheet)
  } else {
    const at = Math.min(
      ...ranked.filter((o) => o !== entry && o.rank > entry.rank).map((o) => sheets.indexOf(o.sheet)),
    )
    sheets.splice(at < 0 ? sheets.length : at, 0, entry.sheet)
  }
  document.adoptedStyleSheets = sheets
}

/** Adds the rules, or replaces those stored under the same key. The node given back is never attached. */
export function updateCSS(css: string, key: string, options: Options = {}): HTMLStyleElement {
  const id = keyOf(key, options)
  const known = entries.get(id)
  if (known !== undefined) {
    if (known.css !== css) {
      known.css = css
      known.sheet.replaceSync(css)
    }
    return known.node
  }
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  const entry: Entry = { sheet, css, rank: rankOf(options), node: document.createElement('style') }
  entries.set(id, entry)
  install(entry)
  return entry.node
}

/** Removes the rules stored under the key; an unknown key is no error. */
export function removeCSS(key: string, options: Options = {}): void {
  const id = keyOf(key, options)
  const known = entries.get(id)
  if (known === undefined) return
  entries.delete(id)
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== known.sheet)
}

/** Adds rules nobody will replace. */
export function injectCSS(css: string, options: Options = {}): HTMLStyleElement {
  return updateCSS(css, `anonymous-${entries.size}`, options)
}

/** The original keeps a cache to forget; there is none here. */
export function clearContainerCache(): void {}

/** Part of the icon module's surface: shadow roots are not used here. */
export function getShadowRoot(): null {
  return null
}

/** Part of the icon module's surface: its one warning is about an unknown icon, which types rule out. */
export function warningOnce(): void {}
