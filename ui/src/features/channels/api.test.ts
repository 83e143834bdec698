import { expect, it } from 'vitest'
import { pemFault, type PemFault, type PemKind } from './api'

const pem = (label: string) => `-----BEGIN ${label}-----\nMII\n-----END ${label}-----\n`

const cases: [string, PemKind, PemFault | null][] = [
  ['', 'private_key', null],
  ['hello', 'private_key', 'not'],
  [pem('PRIVATE KEY'), 'private_key', null],
  [pem('RSA PRIVATE KEY'), 'private_key', null],
  [pem('CERTIFICATE'), 'private_key', 'is_certificate'],
  [pem('CERTIFICATE'), 'certificate', null],
  [pem('PRIVATE KEY'), 'certificate', 'is_key'],
  [pem('PUBLIC KEY'), 'public_key', null],
  [pem('RSA PRIVATE KEY'), 'public_key', 'is_key'],
]

it.each(cases)('%j as %s', (text, kind, fault) => {
  expect(pemFault(text, kind)).toBe(fault)
})
