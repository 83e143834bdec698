import { moneyText } from '../format'
import type { Band } from '../generated/types'
import type { Translate } from '../i18n'

/** The band an amount falls into. */
export function bandOf(bands: readonly Band[], minor: number): Band | null {
  return bands.find((b) => b.up_to_minor === null || minor <= b.up_to_minor) ?? bands.at(-1) ?? null
}

const yuan = (minor: number) => moneyText({ minor, currency: 'CNY' })

/** A band's range of amounts in words. */
export function bandRange(t: Translate, bands: readonly Band[], band: Band): string {
  const below = bands[bands.indexOf(band) - 1]?.up_to_minor ?? null
  if (band.up_to_minor === null) return below === null ? t('bands.any') : t('bands.above', { min: yuan(below) })
  return below === null ? t('bands.up_to', { max: yuan(band.up_to_minor) }) : t('bands.between', { min: yuan(below), max: yuan(band.up_to_minor) })
}
