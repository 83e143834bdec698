import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogue, areas } from '../i18n/catalogue'
import { fill } from '../i18n'
import { dictionary } from '../status/dictionary'
import { environmentColours, environments, families, palettes } from '../theme/tokens'

const root = join(process.cwd(), 'src')

function sources(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : sources(path)
    return /\.(ts|tsx)$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) && !path.includes('/test/') ? [path] : []
  })
}

const files = sources().map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }))

function imports(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1] ?? '')
}

/** The parts of a file a person could read on screen: without comments. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '').replace(/\s\/\/ .*$/gm, '')
}

describe('walls', () => {
  it('only the platform imports Tauri', () => {
    const found = files.filter((f) => !f.path.startsWith('platform/') && imports(f.text).some((i) => i.startsWith('@tauri-apps')))
    expect(found.map((f) => f.path)).toEqual([])
  })

  it('features never import each other', () => {
    const found = files.flatMap((f) => {
      const feature = /^features\/([^/]+)\//.exec(f.path)?.[1]
      if (feature === undefined) return []
      const depth = f.path.split('/').length - 2
      const up = '../'.repeat(depth)
      return imports(f.text)
        .filter((i) => i.startsWith(up) && !i.startsWith(`${up}../`))
        .map((i) => i.slice(up.length))
        .filter((i) => i !== 'types' && !i.startsWith(`${feature}/`))
        .map((i) => `${f.path} → ${i}`)
    })
    expect(found).toEqual([])
  })

  it('shared code knows no feature and no frame', () => {
    const shared = /^(components|api|platform|i18n|status|theme|keyboard)\//
    const found = files.filter((f) => shared.test(f.path) && imports(f.text).some((i) => /\/(features|app)\//.test(i)))
    expect(found.map((f) => f.path)).toEqual([])
  })

  it('nothing is fetched from the network by name', () => {
    const allowed = /placeholder="https:\/\/api2?\.mch\.weixin\.qq\.com"/g
    const found = files.filter((f) => /https?:\/\/(?!www\.w3\.org)/.test(withoutComments(f.text).replace(allowed, '')))
    expect(found.map((f) => f.path)).toEqual([])
  })

  it('no float arithmetic on amounts', () => {
    const found = files.filter((f) => /\bparseFloat\(|_minor\s*\/|\.minor\s*\/|minor\s*\*\s*0\./.test(f.text))
    expect(found.map((f) => f.path)).toEqual([])
  })

  it('Chinese stands only in the catalogue, the dictionary and the amount-in-words rule', () => {
    const allowed = /^(i18n\/areas\/|status\/(dictionary|explanations)\.ts|format\.ts|components\/small\.tsx|theme\/antd\.ts)/
    const found = files.filter((f) => !allowed.test(f.path)).flatMap((f) => {
      const lines = withoutComments(f.text).split('\n')
      return lines.filter((line) => /[\u3400-\u9fff\uff0c\u3001\u3002\uff1a]/.test(line)).map((line) => `${f.path}: ${line.trim()}`)
    })
    expect(found).toEqual([])
  })
})

describe('catalogue', () => {
  const entries = Object.entries(catalogue) as [string, readonly [string, string]][]
  const names = (message: string) => [...new Set([...message.matchAll(/\{([^}|]+)/g)].map((m) => m[1] ?? ''))].toSorted()

  it('has both languages for every message', () => {
    const bare = entries.filter(([, pair]) => pair.length !== 2 || pair.some((text) => text.trim() === '')).map(([key]) => key)
    expect(bare).toEqual([])
  })

  it('uses the same parameters in both languages', () => {
    const uneven = entries.filter(([, [zh, en]]) => names(zh).join() !== names(en).join()).map(([key]) => key)
    expect(uneven).toEqual([])
  })

  it('defines no message twice', () => {
    const all = Object.values(areas).flatMap((area) => Object.keys(area))
    expect(all.length).toBe(new Set(all).size)
  })

  it('speaks politely and without exclamation marks', () => {
    const loud = entries.filter(([, [zh, en]]) => /[!！]/.test(zh + en) || /你(?!们)/.test(zh)).map(([key]) => key)
    expect(loud).toEqual([])
  })

  it('has no message nobody says', () => {
    const text = files.filter((f) => !f.path.startsWith('i18n/areas')).map((f) => f.text).join('\n')
    // Keys made from a code (`event.${kind}`) count as said when their beginning is written so.
    const stems = [...text.matchAll(/`([a-z_]+(?:\.[a-z_]+)*[._])\$\{/g)].map((m) => m[1] ?? '')
    const idle = entries
      .map(([key]) => key)
      .filter((key) => !text.includes(`'${key}'`) && !stems.some((stem) => key.startsWith(stem)))
      .filter((key) => !key.startsWith('error.'))
    expect(idle).toEqual([])
  })

  it('fills parameters and English plurals', () => {
    const cases: [string, Record<string, string | number>, string][] = [
      ['{n} 条', { n: 3 }, '3 条'],
      ['{n} {n|row|rows}', { n: 1 }, '1 row'],
      ['{n} {n|row|rows}', { n: '1,204' }, '1,204 rows'],
      ['to {name}', {}, 'to {name}'],
    ]
    for (const [message, params, expected] of cases) expect(fill(message, params)).toBe(expected)
  })
})

describe('status dictionary', () => {
  it('gives every status a word in both languages and a family', () => {
    for (const group of Object.values(dictionary)) {
      for (const [name, entry] of Object.entries(group)) {
        expect(entry.zh, name).toMatch(/[\u4e00-\u9fff]/)
        expect(entry.en, name).not.toBe('')
        expect(families).toContain(entry.family)
      }
    }
  })

  it('never calls an unknown outcome failed', () => {
    for (const group of Object.values(dictionary)) {
      for (const [name, entry] of Object.entries(group)) {
        if (name.includes('unknown')) expect(entry.family, name).toBe('un')
      }
    }
  })
})

describe('contrast', () => {
  const channel = (hex: string, at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  const luminance = (hex: string) => 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5)
  const ratio = (a: string, b: string) => {
    const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number]
    return (high + 0.05) / (low + 0.05)
  }

  it('text can be read on its ground, light and dark', () => {
    for (const [mode, palette] of Object.entries(palettes)) {
      for (const text of [palette.text, palette.text2, palette.text3, palette.link]) {
        for (const ground of [palette.container, palette.layout, palette.alter]) expect(ratio(text, ground)).toBeGreaterThanOrEqual(4.5)
      }
      for (const family of families) {
        const { text, fill: ground } = palette.families[family]
        if (ground === 'transparent') expect(ratio(text, palette.container), family).toBeGreaterThanOrEqual(4.5)
        else expect(ratio(text, ground), `${mode} ${family}`).toBeGreaterThanOrEqual(mode === 'light' ? 4.9 : 6.8)
        // Healthy states stand on the plain ground of a table, also under the pointer and selected.
        for (const plain of [palette.container, palette.hover, palette.selected]) expect(ratio(text, plain), `${mode} ${family}`).toBeGreaterThanOrEqual(4.4)
      }
      expect(ratio('#FFFFFF', palette.primary), mode).toBeGreaterThanOrEqual(4.5)
      expect(ratio(palette.text2, palette.selected), mode).toBeGreaterThanOrEqual(4.5)
      expect(ratio(palette.inputBorder, palette.container)).toBeGreaterThanOrEqual(3)
    }
    for (const byEnvironment of Object.values(environmentColours)) {
      for (const name of environments) {
        const c = byEnvironment[name]
        for (const [text, ground] of [[c.barText, c.bar], [c.barText2, c.bar], [c.barText2, c.box], [c.badgeText, c.badge]] as const) {
          expect(ratio(text, ground), name).toBeGreaterThanOrEqual(4.5)
        }
      }
    }
  })
})
