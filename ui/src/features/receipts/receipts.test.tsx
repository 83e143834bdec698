import { act, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { noteTask } from '../../api/status'
import type { BatchView, ReceiptVerification } from '../../generated/types'
import { setLanguage } from '../../i18n'
import { openDoor, show } from '../../test/door'
import { Batches } from './components/Batches'
import { VerifyPanel } from './components/VerifyPanel'

beforeEach(() => setLanguage('zh'))

function batch(extra: Partial<BatchView> = {}): BatchView {
  return {
    batch_id: 'b1', number: 3, title: '2026-11-18', state: 'done', total: 120, issued: 117, already: 2, failed: 1, created_by: '许知夏',
    created_at: '2026-11-19T12:30:11Z', finished_at: '2026-11-19T12:30:40Z', task_id: 'receipts.b1', mine: true, ...extra,
  }
}

const text = (id: string) => screen.getByTestId(id).textContent ?? ''

describe('batches of receipts', () => {
  it('say what was issued, what was there before, and what got none', async () => {
    openDoor({
      'receipts.batches': () => ({ batches: [batch()] }),
      'receipts.batch_rows': () => ({
        rows: [{
          position: 7, order_id: 'o7', order_no: 'QY7', amount: { minor: 100, currency: 'CNY' }, outcome: 'failed', serial_no: null, receipt_id: null,
          error: { code: 'receipt.not_paid', message: '', remedy: '', retry: 'never', params: { order_no: 'QY7' } },
        }],
        next_cursor: null,
      }),
    })
    show(<Batches />, ['issue_receipt'])
    await screen.findByTestId('batch')
    expect(text('batch')).toContain('119 / 120 份')
    expect(text('batch')).toContain('1 笔没开成')
    await userEvent.click(screen.getByTestId('batch-look'))
    expect((await screen.findByText('订单 QY7 没有收到款，不能开具收款凭证。')).tagName).toBe('TD')
  })

  it('show the one under way with its brakes, and go on with an interrupted one', async () => {
    const door = openDoor({
      'receipts.batches': () => ({ batches: [batch({ state: 'running', issued: 40, already: 0, failed: 0 }), batch({ batch_id: 'b0', number: 2, task_id: 'x', state: 'interrupted', issued: 10, already: 0, failed: 0 })] }),
      'receipts.continue_batch': () => batch(),
    })
    act(() =>
      noteTask({
        task_id: 'receipts.b1', kind: 'receipts', subject: '3', label: 'issuing', done: 40, total: 120, finished: false, state: 'running', can_pause: true,
        can_cancel: true, stopping: false, started_at: '2026-11-19T12:30:11Z', started_by: '许知夏', owner_id: 'u1', worked_millis: 1000, ended_at: null, error: null,
      }),
    )
    show(<Batches />, ['issue_receipt'])
    await screen.findByTestId('batch-running')
    expect(text('batch-running')).toContain('第 40 / 120 份')
    expect(text('batch-running')).toContain('签后立即复验')
    expect(screen.getByTestId('pause-work')).not.toBeNull()
    await userEvent.click(screen.getByTestId('batch-continue'))
    expect(door.named('receipts.continue_batch')).toEqual([{ batch_id: 'b0' }])
  })
})

describe('verifying', () => {
  const judged = (extra: Partial<ReceiptVerification>): ReceiptVerification => ({
    file_name: 'a.pdf', bytes: 39_000, verdict: 'genuine', valid: true,
    checks: Array.from({ length: 10 }, (_, i) => ({ rule: i + 1, name: '', passed: true, detail_zh: `规则 ${i + 1}`, detail_en: `rule ${i + 1}` })),
    fields: [], signer: '示例商户电子凭证章', signed_at: '2026-11-19T12:30:11Z', digest: 'aa'.repeat(32), millis: 4, ours: null, ...extra,
  })

  it('says five plain things, keeps the ten rules at hand, and lists several files', async () => {
    let n = 0
    openDoor({
      'receipts.verify': () => {
        n += 1
        return n === 2 ? judged({ file_name: 'b.pdf', verdict: 'altered', valid: false, digest: null, checks: [{ rule: 5, name: '', passed: false, detail_zh: '摘要不同', detail_en: 'digest differs' }] }) : judged({})
      },
    })
    show(<VerifyPanel />, ['verify_receipt'])
    await userEvent.click(screen.getByTestId('verify-pick'))
    await screen.findByTestId('verdict')
    for (const name of ['unaltered', 'signed', 'certificate', 'seal', 'repeat']) {
      expect(screen.getByTestId(`receipt-plain-${name}`).dataset['family'], name).toBe('ok')
    }
    expect(screen.queryByTestId('receipt-rule-5')).toBeNull()
    await userEvent.click(screen.getByTestId('receipt-technical'))
    expect(text('receipt-rule-5')).toContain('规则 5')
    await userEvent.click(screen.getByTestId('verify-pick'))
    expect((await screen.findAllByTestId('verify-pile-row')).length).toBe(2)
    expect(screen.getByTestId('verdict').dataset['verdict']).toBe('altered')
    expect(screen.getByTestId('receipt-plain-unaltered').dataset['family']).toBe('br')
    // The first file again: genuine, and a copy.
    await userEvent.click(screen.getByTestId('verify-pick'))
    expect((await screen.findAllByTestId('verify-pile-row')).length).toBe(3)
    expect(screen.getByTestId('receipt-plain-repeat').dataset['family']).toBe('at')
  })
})
