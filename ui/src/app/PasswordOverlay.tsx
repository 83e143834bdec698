import { Button, Form, Input } from 'antd'
import { useWrite } from '../api/query'
import { Overlay } from '../components/Overlay'
import { ErrorPanel } from '../components/states'
import { useToasts } from '../components/Toast'
import { useT } from '../i18n'

/** Changing one's own password. */
export function PasswordOverlay({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useT()
  const toasts = useToasts()
  const change = useWrite('session.change_password')
  return (
    <Overlay open={open} onClose={onClose} title={t('frame.change_password')} width={400}>
      <Form
        layout="vertical"
        onFinish={(values: { old_password: string; new_password: string }) =>
          change.mutate(values, {
            onSuccess: () => {
              toasts.show({ text: t('frame.password_changed') })
              onClose()
            },
          })
        }
      >
        <Form.Item name="old_password" label={t('frame.old_password')} rules={[{ required: true, message: '' }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new_password" label={t('frame.new_password')} extra={t('setup.password_note')} rules={[{ required: true, message: '' }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        {change.error === null ? null : <ErrorPanel error={change.error} />}
        <div className="zf-row zf-end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={change.isPending}>
            {t('frame.change_password')}
          </Button>
        </div>
      </Form>
    </Overlay>
  )
}
