import type { KeyRow } from '../generated/types'
import type { PlainKey } from '../i18n'

/** The name of a row: during a change the old and the new certificate are told apart. */
export function kindKey(row: KeyRow, rows: readonly KeyRow[]): PlainKey {
  if (row.kind === 'platform_certificate' && row.serial !== null) {
    const rotating = rows.some((r) => r.state === 'rotating' && r.account?.account_id === row.account?.account_id)
    if (rotating) return row.state === 'rotating' ? 'certs.kind.platform_certificate_new' : 'certs.kind.platform_certificate_old'
  }
  return `certs.kind.${row.kind}`
}

/** 5F3A…91C7 */
export function shortSerial(serial: string): string {
  if (serial.startsWith('PUB_KEY_ID_')) return `PUB_KEY_ID_…${serial.slice(-4)}`
  return serial.length > 12 ? `${serial.slice(0, 4)}…${serial.slice(-4)}` : serial
}
