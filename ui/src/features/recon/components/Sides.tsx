import { Id } from '../../../components/Id'
import { MissingSide, Money } from '../../../components/Money'
import { Time } from '../../../components/small'
import type { DifferenceRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { directed } from '../api'

/** Marks a row whose two sides are there and unlike. */
function differs(a: string | undefined, b: string | undefined): string | undefined {
  return a !== undefined && b !== undefined && a !== b ? 'zf-differs' : undefined
}

/** Both sides of a difference, what is unlike marked. */
export function Sides({ row }: { row: DifferenceRow }) {
  const t = useT()
  const { channel, ledger } = row
  return (
    <div className="zf-pane-section">
      <table className="zf-sides">
        <thead>
          <tr>
            <th />
            <th>{t('recon.side.channel')}</th>
            <th>{t('recon.side.ours')}</th>
          </tr>
        </thead>
        <tbody>
          <tr className={differs(channel?.amount.minor.toString(), ledger?.amount.minor.toString())}>
            <th>{t('recon.side.amount')}</th>
            <td>{channel === null ? <MissingSide /> : <Money value={directed(row.kind, channel.amount)} />}</td>
            <td>{ledger === null ? <MissingSide /> : <Money value={directed(row.kind, ledger.amount)} />}</td>
          </tr>
          <tr className={row.code === 'status_mismatch' ? 'zf-differs' : undefined}>
            <th>{t('recon.side.state')}</th>
            <td>{channel === null ? <MissingSide /> : channel.state_text}</td>
            <td>{ledger === null ? <MissingSide /> : ledger.state_text}</td>
          </tr>
          <tr>
            <th>{t('recon.side.time')}</th>
            <td>{channel === null ? <MissingSide /> : <Time at={channel.at} as="short" />}</td>
            <td>{ledger === null ? <MissingSide /> : <Time at={ledger.at} as="short" />}</td>
          </tr>
          <tr>
            <th>{t('recon.side.day')}</th>
            <td colSpan={2}>{row.date}</td>
          </tr>
          <tr>
            <th>{t('recon.side.number')}</th>
            <td>{channel === null ? <MissingSide /> : <Id value={channel.number} short copy />}</td>
            <td>{ledger === null ? <MissingSide /> : <Id value={ledger.number} short copy />}</td>
          </tr>
        </tbody>
      </table>
    </div>
  )
}
