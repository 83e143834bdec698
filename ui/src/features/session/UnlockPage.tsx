import { Button, Form, Input } from 'antd'
import { useRead, useWrite } from '../../api/query'
import { ErrorPanel } from '../../components/states'
import { useT } from '../../i18n'
import { Door } from './Door'

/** The vault's passphrase, where the system has no keychain to keep it. */
export function UnlockPage() {
  const t = useT()
  const unlock = useWrite('vault.unlock')
  const status = useRead('app.status', {})
  return (
    <Door step={2}>
      <h1>{t('unlock.title')}</h1>
      <p className="zf-t2">{t('unlock.lead')}</p>
      <Form
        layout="vertical"
        className="zf-signin"
        onFinish={(values: { passphrase: string }) => unlock.mutate(values, { onSuccess: () => void status.refetch() })}
      >
        <Form.Item name="passphrase" label={t('setup.passphrase')} rules={[{ required: true, message: '' }]}>
          <Input.Password size="large" autoFocus autoComplete="current-password" data-testid="passphrase" />
        </Form.Item>
        {unlock.error === null ? null : <ErrorPanel error={unlock.error} testid="unlock-error" />}
        <Button type="primary" size="large" htmlType="submit" loading={unlock.isPending} data-testid="unlock">
          {t('unlock.submit')}
        </Button>
      </Form>
    </Door>
  )
}
