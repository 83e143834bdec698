/** What the channel accounts page asks of the core. */
import { useRead, useWrite } from '../../api/query'

export const useAccountList = () => useRead('accounts.list', {})
export const useAddWechat = () => useWrite('accounts.add_wechat')
export const useSelfTest = () => useWrite('accounts.self_test')

export type PemKind = 'private_key' | 'certificate' | 'public_key'
export type PemFault = 'not' | 'is_certificate' | 'is_key'

/** A first look at pasted PEM, so that the commonest mix-up is said at once. The core checks for real. */
export function pemFault(text: string, kind: PemKind): PemFault | null {
  const plain = text.trim()
  if (plain === '') return null
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(plain)?.[1]
  if (label === undefined) return 'not'
  const isKey = label.includes('PRIVATE KEY')
  if (kind === 'private_key') return isKey ? null : label.includes('CERTIFICATE') ? 'is_certificate' : 'not'
  return isKey ? 'is_key' : null
}
