import { Input } from 'antd'
import { useId, useState } from 'react'
import { amountForInput, currencyOf, moneyText, parseAmount, type AmountFault, type Money } from '../format'
import { useT } from '../i18n'

type Props = {
  currency: string
  /** Minor units, or `null` while the text is no amount. */
  value: number | null
  onChange: (minor: number | null) => void
  /** The most that may be entered; above it the field says so. */
  max?: Money
  label: string
  size?: 'large' | 'middle'
  disabled?: boolean
  testid?: string
}

/** A field for an amount. The text is read as whole minor units; what cannot be an amount is explained below. */
export function MoneyInput({ currency, value, onChange, max, label, size = 'middle', disabled = false, testid }: Props) {
  const t = useT()
  const hint = useId()
  const [text, setText] = useState(value === null ? '' : amountForInput({ minor: value, currency }))
  const [seen, setSeen] = useState(value)
  if (value !== seen) {
    setSeen(value)
    const parsed = parseAmount(text, currency)
    if (value !== null && !(parsed.ok && parsed.minor === value)) setText(amountForInput({ minor: value, currency }))
  }
  const parsed = parseAmount(text, currency)
  const fault: AmountFault | 'over' | null = parsed.ok
    ? max !== undefined && parsed.minor > max.minor
      ? 'over'
      : null
    : parsed.fault === 'empty'
      ? null
      : parsed.fault
  const change = (next: string) => {
    setText(next)
    const read = parseAmount(next, currency)
    const minor = read.ok ? read.minor : null
    setSeen(minor)
    onChange(minor)
  }
  return (
    <div className="zf-money-input">
      <Input
        size={size}
        className={size === 'large' ? 'zf-money-input-large' : ''}
        prefix={<span className="zf-money-symbol">{currencyOf(currency).symbol}</span>}
        inputMode="decimal"
        autoComplete="off"
        value={text}
        disabled={disabled}
        aria-label={label}
        aria-invalid={fault !== null}
        aria-describedby={fault === null ? undefined : hint}
        status={fault === null ? '' : 'error'}
        onChange={(event) => change(event.target.value)}
        data-testid={testid}
      />
      {fault === null ? null : (
        <div id={hint} className="zf-field-fault" role="alert" data-testid={testid === undefined ? undefined : `${testid}-fault`}>
          {fault === 'over'
            ? t('amount.over', { max: max === undefined ? '' : moneyText(max) })
            : fault === 'decimals'
              ? t('amount.decimals', { n: currencyOf(currency).digits })
              : t(`amount.${fault}`)}
        </div>
      )}
    </div>
  )
}
