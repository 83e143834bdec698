import { ChannelMark } from '../../../components/small'
import type { KeyRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { kindKey, shortSerial } from '../api'

/** Whose key, what it is, and its serial in short. */
export function KeyName({ row, rows }: { row: KeyRow; rows: readonly KeyRow[] }) {
  const t = useT()
  const desk = t('certs.desk')
  return (
    <span className="zf-key-name">
      {row.account === null ? (
        <span className="zf-mark zf-mark-other" role="img" aria-label={desk}>
          {[...desk][0]}
        </span>
      ) : (
        <ChannelMark channel={row.account.channel} />
      )}
      <span>
        <span className="zf-key-kind">{t(kindKey(row, rows))}</span>
        <span className="zf-key-serial" title={row.serial ?? undefined}>
          {row.serial === null ? (row.account?.merchant_no_masked ?? row.algorithm) : shortSerial(row.serial)}
        </span>
      </span>
    </span>
  )
}
