import { useLanguage, useT } from '../i18n'
import { capitalAmount, currencyOf, maskedDigits, minus, moneyDigits, moneySpoken, type Money as Amount } from '../format'
import { useAmountsHidden } from '../preferences'

type Props = {
  value: Amount
  /** "+" before positive amounts: difference columns only. */
  signed?: boolean
  /** `hero` 26 px, `big` 18 px, `strong` weight 600. */
  size?: 'hero' | 'big' | 'strong'
  testid?: string
}

/** An amount: minor units in, symbol in the tertiary colour, minus sign U+2212, never red. */
export function Money({ value, signed = false, size, testid }: Props) {
  const t = useT()
  const lang = useLanguage()
  const hidden = useAmountsHidden()
  const className = `zf-money${size === undefined ? '' : ` zf-money-${size}`}`
  if (hidden) {
    return (
      <span className={className} role="img" aria-label={t('mask.amount')} data-testid={testid}>
        <span className="zf-money-symbol">{currencyOf(value.currency).symbol}</span>
        {maskedDigits}
      </span>
    )
  }
  const sign = value.minor < 0 ? minus : signed && value.minor > 0 ? '+' : ''
  return (
    <span
      className={className}
      role="img"
      aria-label={moneySpoken(value, lang)}
      data-testid={testid}
      data-minor={value.minor}
    >
      {sign}
      <span className="zf-money-symbol">{currencyOf(value.currency).symbol}</span>
      {moneyDigits(value)}
    </span>
  )
}

/** Amounts of several currencies side by side; they are never added. */
export function Moneys({ values, size }: { values: readonly Amount[]; size?: 'strong' | 'big' }) {
  const t = useT()
  return (
    <span>
      {values.map((value, i) => (
        <span key={value.currency}>
          {i === 0 ? null : t('common.and')}
          <Money value={value} size={size ?? 'strong'} />
        </span>
      ))}
    </span>
  )
}

/** 大写 under an amount; nothing for currencies that have none. */
export function CapitalAmount({ value }: { value: Amount }) {
  const text = capitalAmount(value)
  const hidden = useAmountsHidden()
  return text === null || hidden ? null : <span className="zf-capital">{text}</span>
}

/** Not applicable, as distinct from zero. */
export function NotApplicable() {
  return <span className="zf-na">—</span>
}

/** The side of a difference that has no line at all. */
export function MissingSide() {
  const t = useT()
  return <span className="zf-missing">{t('common.none')}</span>
}
