import { Select } from 'antd'
import { useStatus } from '../api/status'
import { useT } from '../i18n'
import { useQueryState } from '../router'
import { shiftDay, timeText } from '../format'
import { ChannelMark } from './small'

/** The account a page works on, kept in the address; the first one unless chosen. */
export function useAccountChoice(): [string | null, (accountId: string) => void] {
  const { accounts } = useStatus()
  const [query, setQuery] = useQueryState()
  const known = accounts.some((a) => a.account_id === query['account'])
  return [known ? (query['account'] ?? null) : (accounts[0]?.account_id ?? null), (accountId) => setQuery({ account: accountId })]
}

/** The business day a page works on, kept in the address; yesterday unless chosen, by the core's clock. */
export function useDayChoice(): [string, (day: string) => void, string] {
  const { now } = useStatus()
  const [query, setQuery] = useQueryState()
  const today = timeText(now, 'date')
  return [query['day'] ?? shiftDay(today, -1), (day) => setQuery({ day }), today]
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
