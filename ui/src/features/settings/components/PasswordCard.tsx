import { KeyOutlined } from '@ant-design/icons'
import { Button, Form, Input } from 'antd'
import { useState } from 'react'
import { Overlay } from '../../../components/Overlay'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { useT } from '../../../i18n'
import { useChangePassword } from '../api'

/** One's own password; whoever else sits in a session of this login is out. */
export function PasswordButton() {
  const t = useT()
  const toasts = useToasts()
  const change = useChangePassword()
  const [open, setOpen] = useState(false)
  const required = [{ required: true, message: '' }]
  return (
    <>
      <Button size="small" icon={<KeyOutlined />} onClick={() => setOpen(true)} data-testid="own-password">
        {t('frame.change_password')}
      </Button>
      <Overlay open={open} onClose={() => setOpen(false)} title={t('frame.change_password')} width={420}>
        <Form<{ old_password: string; new_password: string }>
          layout="vertical"
          onFinish={(values) =>
            change.mutate(values, {
              onSuccess: () => {
                toasts.show({ text: t('settings.password_done') })
                setOpen(false)
              },
            })
          }
        >
          <Form.Item name="old_password" label={t('frame.old_password')} rules={required}>
            <Input.Password autoComplete="current-password" autoFocus />
          </Form.Item>
          <Form.Item name="new_password" label={t('frame.new_password')} extra={t('setup.password_note')} rules={required}>
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <p className="zf-help">{t('settings.password_note')}</p>
          {change.error === null ? null : <ErrorPanel error={change.error} />}
          <div className="zf-row zf-end">
            <Button onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
            <Button type="primary" htmlType="submit" loading={change.isPending}>
              {t('frame.change_password')}
            </Button>
          </div>
        </Form>
      </Overlay>
    </>
  )
}
