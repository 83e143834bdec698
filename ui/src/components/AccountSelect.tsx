import { Select } from 'antd'
import { useEffect } from 'react'
import { useStatus } from '../api/status'
import { useT } from '../i18n'
import { useQueryState } from '../router'
import { shiftDay, timeText } from '../format'
import { ChannelMark } from './small'

/**
 * What the person last chose, so that the next page begins where this one left off: the workbench
 * of a day leads to the close of that day. Forgotten when somebody else signs in.
 */
const chosen: { account: string | undefined; day: string | undefined } = { account: undefined, day: undefined }

export function forgetChoices(): void {
  chosen.account = undefined
  chosen.day = undefined
}

/** The account a page works on, kept in the address; the last one chosen, or the first. */
export function useAccountChoice(): [string | null, (accountId: string) => void] {
  const { accounts } = useStatus()
  const [query, setQuery] = useQueryState()
  const asked = query['account']
  useEffect(() => {
    if (asked !== undefined) chosen.account = asked
  }, [asked])
  const known = accounts.find((a) => a.account_id === (asked ?? chosen.account))
  return [(known ?? accounts[0])?.account_id ?? null, (accountId) => setQuery({ account: accountId })]
}

/** The business day a page works on, kept in the address; the last one chosen, or yesterday by the core's clock. */
export function useDayChoice(): [string, (day: string) => void, string] {
  const { now } = useStatus()
  const [query, setQuery] = useQueryState()
  const asked = query['day']
  useEffect(() => {
    if (asked !== undefined) chosen.day = asked
  }, [asked])
  const today = timeText(now, 'date')
  return [asked ?? chosen.day ?? shiftDay(today, -1), (day) => setQuery({ day }), today]
}

export function AccountSelect({ value, onChange }: { value: string; onChange: (accountId: string) => void }) {
  const t = useT()
  const { accounts } = useStatus()
  return (
    <Select
      className="zf-account-select"
      aria-label={t('bills.account')}
      value={value}
      onChange={onChange}
      options={accounts.map((a) => ({
        value: a.account_id,
        label: (
          <span className="zf-row zf-nowrap">
            <ChannelMark channel={a.channel} /> {a.display_name} <span className="zf-mono zf-t3">{a.merchant_no_masked}</span>
          </span>
        ),
      }))}
      data-testid="account-select"
    />
  )
}
