import { Button, DatePicker, Form, Input, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useStatus } from '../../../api/status'
import { Overlay } from '../../../components/Overlay'
import { shiftDay, timeText } from '../../../format'
import type { DifferenceRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { usePeople } from '../api'

type Props = {
  rows: readonly DifferenceRow[] | null
  busy: boolean
  onClose: () => void
  onSuspend: (ownerId: string, due: string, note: string) => void
}

type Values = { owner: string; due: Dayjs; note: string }

/** Who owns the chosen differences, until when, and why they wait. */
export function SuspendOverlay({ rows, busy, onClose, onSuspend }: Props) {
  const t = useT()
  const people = usePeople()
  const { now, person } = useStatus()
  const n = rows?.length ?? 0
  return (
    <Overlay open={rows !== null} onClose={onClose} title={t('recon.suspend_title', { n })} width={440} testid="suspend-step">
      <p className="zf-t2">{t('recon.suspend_lead')}</p>
      <Form<Values>
        layout="vertical"
        className="zf-gap-top"
        initialValues={{ owner: person?.user_id, due: dayjs(shiftDay(timeText(now, 'date'), 3)), note: '' }}
        onFinish={(values) => onSuspend(values.owner, values.due.format('YYYY-MM-DD'), values.note.trim())}
      >
        <Form.Item name="owner" label={t('recon.owner')} rules={[{ required: true, message: '' }]}>
          <Select
            options={(people.data?.people ?? []).map((p) => ({ value: p.user_id, label: `${p.display_name} · ${t(`role.${p.role}`)}` }))}
            data-testid="suspend-owner"
          />
        </Form.Item>
        <Form.Item name="due" label={t('recon.due')} rules={[{ required: true, message: '' }]}>
          <DatePicker allowClear={false} data-testid="suspend-due" />
        </Form.Item>
        <Form.Item name="note" label={t('recon.note')} rules={[{ required: true, whitespace: true, message: t('recon.note_hint') }]}>
          <Input placeholder={t('recon.note_hint')} autoFocus data-testid="suspend-note" />
        </Form.Item>
        <div className="zf-row zf-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={busy} data-testid="suspend-confirm">
            {t('recon.suspend_n', { n })}
          </Button>
        </div>
      </Form>
    </Overlay>
  )
}
