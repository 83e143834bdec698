import { CopyButton } from '../../../components/Id'
import { Time } from '../../../components/small'
import type { KeyList, KeyRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { StatusTag } from '../../../status/StatusTag'
import { shortSerial } from '../api'
import { KeyName } from './KeyName'

type Props = { list: KeyList; active: string | null; onOpen: (row: KeyRow) => void }

/** The same keys as a table: what a screen reader or a printer wants. */
export function KeyTable({ list, active, onOpen }: Props) {
  const t = useT()
  return (
    <div className="zf-card zf-scroll" data-testid="key-table">
      <table className="zf-table">
        <thead>
          <tr>
            <th scope="col">{t('certs.col.key')}</th>
            <th scope="col">{t('certs.col.state')}</th>
            <th scope="col">{t('certs.col.account')}</th>
            <th scope="col">{t('certs.col.serial')}</th>
            <th scope="col">{t('certs.col.from')}</th>
            <th scope="col">{t('certs.col.to')}</th>
            <th scope="col">{t('certs.col.consequence')}</th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row) => (
            <tr key={row.key_id} aria-selected={row.key_id === active} className={row.key_id === active ? 'zf-key-active' : undefined}>
              <td>
                <button type="button" className="zf-key-open" onClick={() => onOpen(row)}>
                  <KeyName row={row} rows={list.rows} />
                </button>
              </td>
              <td>
                <StatusTag kind="key" status={row.state} n={row.days_left ?? 0} />
              </td>
              <td>{row.account === null ? t('certs.desk') : row.account.display_name}</td>
              <td>
                {row.serial === null ? (
                  <span className="zf-na">—</span>
                ) : (
                  <span className="zf-id" title={row.serial}>
                    <span>{shortSerial(row.serial)}</span>
                    <CopyButton text={row.serial} />
                  </span>
                )}
              </td>
              <td>
                <Time at={row.not_before} as="date" />
              </td>
              <td>{row.not_after === null && row.state === 'no_expiry' ? t('certs.no_end') : <Time at={row.not_after} as="date" />}</td>
              <td className="zf-t2">{t(`certs.consequence.${row.consequence}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
