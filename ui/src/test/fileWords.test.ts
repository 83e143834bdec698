/** Files made by the core say the same words as the screen. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../i18n/catalogue'
import { dictionary } from '../status/dictionary'

const source = readFileSync(join(process.cwd(), '../src-tauri/zf-app/src/exports/words.rs'), 'utf8')
const words = [...source.matchAll(/\(\s*"(\w+)",\s*"(\w+)",\s*"([^"]+)",\s*"([^"]+)",?\s*\)/g)].map((m) => m.slice(1, 5) as [string, string, string, string])
const messages: Record<string, readonly [string, string]> = catalogue

describe('words of exported files', () => {
  it('are found', () => expect(words.length).toBeGreaterThan(40))

  it.each(words)('%s %s', (group, code, zh, en) => {
    const place = group === 'code' ? `difference.${code}` : `${group}.${code}`
    const inDictionary = (dictionary as Record<string, Record<string, { zh: string; en: string }>>)[group]?.[code]
    const said = inDictionary === undefined ? messages[place] : ([inDictionary.zh, inDictionary.en] as const)
    expect(said, place).toEqual([zh, en])
  })
})
