import { fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import type { XrayReport } from '../../generated/types'
import { catalogue } from '../../i18n/catalogue'
import { setLanguage } from '../../i18n'
import { openDoor, show } from '../../test/door'
import { asText, withoutSecrets, words } from './api'
import XrayPage from './components/XrayPage'

const report: XrayReport = {
  mode: 'request',
  verdict: 'bad',
  cause: 'url_without_query',
  proven: true,
  params: {},
  fault_line: 2,
  lines: [
    { name: 'method', common: 'GET\u23ce', signed: '', sent: '', same: true, known: true },
    { name: 'url', common: '/v3/refund/domestic/refunds/RF1120-0307', signed: '\u23ce', sent: '?sub_mchid=1900007736\u23ce', same: false, known: true },
    { name: 'body', common: '\u23ce', signed: '', sent: '', same: true, known: true },
  ],
  difference: { offset: 43, line: 2, column: 40, mark: 5, signed_byte: '0A', sent_byte: '3F', signed_hex: ['2D', '30', '33', '30', '37', '0A'], sent_hex: ['2D', '30', '33', '30', '37', '3F'] },
  bytes: 120,
  digest_algorithm: 'SHA-256',
  digest: 'ab'.repeat(32),
  key: { role: 'merchant', serial: '3C8E77A1', serial_decimal: '1', algorithm: 'RSA-2048', not_after: null },
  private_key_sealed: true,
  tries: [{ cause: 'url_without_query', matched: true }],
  checks: [
    { name: 'serial_known', outcome: 'ok' },
    { name: 'chain_complete', outcome: 'not_applicable' },
  ],
  plaintext: null,
  clock_seconds: 0,
  millis: 3,
}

describe('x-ray', () => {
  beforeEach(() => setLanguage('zh'))

  it('says in one sentence what is wrong, and shows the byte', async () => {
    const door = openDoor({ 'xray.inspect': () => report })
    show(<XrayPage />, ['view_orders'])
    const box = screen.getByTestId('xray-text')
    fireEvent.change(box, { target: { value: 'GET /x HTTP/1.1\nAuthorization: y' } })
    fireEvent.keyDown(box, { key: 'Enter', ctrlKey: true })
    const verdict = await screen.findByTestId('xray-verdict')
    expect(verdict.textContent).toContain('签名不对：第 2 行网址少了“?”后面的部分')
    expect(screen.getByTestId('xray-byte').textContent).toContain('第 2 行第 40 个字节，全文第 44 个字节（0x2B）：签的是 0A，这里是 3F')
    expect(screen.getByTestId('xray-fault-line').dataset['line']).toBe('2')
    expect(screen.getByTestId('xray-line-url').textContent).toContain('?sub_mchid=1900007736')
    expect(door.named('xray.inspect')).toEqual([
      { mode: 'request', text: 'GET /x HTTP/1.1\nAuthorization: y', account_id: 'a1', key_pem: null, key_serial: null, api_v3_key: null, example: null },
    ])
  })

  it('an example is made and judged by the core', async () => {
    const door = openDoor({ 'xray.inspect': () => report, 'xray.example': () => ({ name: 'url_without_query', mode: 'request', text: 'GET /y' }) })
    show(<XrayPage />, ['view_orders'])
    await userEvent.click(screen.getByTestId('xray-example-url_without_query'))
    await screen.findByTestId('xray-verdict')
    expect(door.named('xray.inspect')).toMatchObject([{ text: 'GET /y', example: 'url_without_query', account_id: null }])
  })

  it('takes a private key out of the paste before it is shown or sent', async () => {
    const door = openDoor({ 'xray.inspect': () => report })
    show(<XrayPage />, ['view_orders'])
    fireEvent.change(screen.getByTestId('xray-text'), { target: { value: 'A: b\n-----BEGIN PRIVATE KEY-----\nMIIsecret\n-----END PRIVATE KEY-----\n' } })
    expect(await screen.findByTestId('xray-masked')).toBeTruthy()
    await userEvent.click(screen.getByTestId('xray-run'))
    await waitFor(() => expect(door.named('xray.inspect')).toHaveLength(1))
    expect(JSON.stringify(door.named('xray.inspect'))).not.toContain('MIIsecret')
    expect(withoutSecrets('-----BEGIN RSA PRIVATE KEY-----\ncut', '#').text).toBe('#')
  })

  it('is told to developers without any key, in either language', () => {
    const text = asText(report)
    expect(text).toContain('- 网址: /v3/refund/domestic/refunds/RF1120-0307')
    expect(text).toContain('+ 网址: /v3/refund/domestic/refunds/RF1120-0307?sub_mchid=1900007736')
    setLanguage('en')
    expect(words(report).verdict).toBe('The signature is wrong: line 2, the URL, lacks what follows “?”')
    expect(words({ ...report, cause: 'body_reserialized', params: { form: 'spaced' } }).title).toContain('spaces after colons')
  })

  it('every cause has its verdict, its reason and its remedy', () => {
    const causes = Object.keys(catalogue).filter((key) => key.startsWith('xray.cause.')).map((key) => key.slice(11))
    expect(causes.length).toBeGreaterThan(60)
    for (const cause of causes) {
      for (const part of ['why', 'fix']) expect(catalogue, `${part} of ${cause}`).toHaveProperty([`xray.${part}.${cause}`])
    }
  })
})
