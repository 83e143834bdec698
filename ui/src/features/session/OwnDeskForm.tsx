import { Button, Form, Input, Radio } from 'antd'
import { useRead, useWrite } from '../../api/query'
import { Card } from '../../components/small'
import { ErrorPanel } from '../../components/states'
import type { Role, SetupOwn } from '../../generated/types'
import { useT } from '../../i18n'

const people = ['clerk', 'approver', 'administrator'] as const satisfies readonly Role[]

type Values = {
  merchant_name: string
  environment: 'sandbox' | 'production'
  vault_passphrase?: string
} & Record<(typeof people)[number], { login: string; display_name: string; password: string }>

/** The merchant's own desk: its name, its first three people, the vault. Accounts are connected afterwards by the administrator. */
export function OwnDeskForm({ onBack }: { onBack: () => void }) {
  const t = useT()
  const setup = useWrite('setup.own')
  const status = useRead('app.status', {})
  const submit = (values: Values) => {
    const person = (role: (typeof people)[number]) => ({ ...values[role], role })
    const params: SetupOwn = {
      merchant_name: values.merchant_name,
      environment: values.environment,
      vault_passphrase: values.vault_passphrase === undefined || values.vault_passphrase === '' ? null : values.vault_passphrase,
      administrator: person('administrator'),
      clerk: person('clerk'),
      approver: person('approver'),
    }
    setup.mutate(params, { onSuccess: () => void status.refetch() })
  }
  const required = (what: string) => [{ required: true, whitespace: true, message: t('setup.missing', { what }) }]
  const passwordMin = 10
  return (
    <>
      <h1>{t('setup.own_title')}</h1>
      <p className="zf-t2">{t('setup.own_lead')}</p>
      <Form<Values> layout="vertical" className="zf-owndesk" initialValues={{ environment: 'sandbox' }} onFinish={submit} requiredMark scrollToFirstError>
        <Card>
          <Form.Item name="merchant_name" label={t('setup.merchant_name')} rules={required(t('setup.merchant_name'))}>
            <Input data-testid="own-merchant" />
          </Form.Item>
          <Form.Item name="environment" label={t('setup.environment')}>
            <Radio.Group
              options={[
                { value: 'sandbox', label: t('setup.env_sandbox') },
                { value: 'production', label: t('setup.env_production') },
              ]}
            />
          </Form.Item>
          <Form.Item name="vault_passphrase" label={t('setup.passphrase')} extra={t('setup.passphrase_note')}>
            <Input.Password autoComplete="new-password" data-testid="own-passphrase" />
          </Form.Item>
        </Card>
        {people.map((role) => (
          <Card key={role} title={t(`role.${role}`)} note={t(`setup.person_${role}`)}>
            <div className="zf-owndesk-person">
              <Form.Item name={[role, 'display_name']} label={t('setup.display_name')} rules={required(t('setup.display_name'))}>
                <Input data-testid={`own-${role}-name`} />
              </Form.Item>
              <Form.Item name={[role, 'login']} label={t('setup.login')}
                rules={[
                  ...required(t('setup.login')),
                  ({ getFieldsValue }) => ({
                    validator: (_, value: string | undefined) => {
                      const all = people.map((one) => (getFieldsValue(true) as Partial<Values>)[one]?.login)
                      return value !== undefined && value !== '' && all.filter((login) => login === value).length > 1 ? Promise.reject(new Error(t('setup.login_twice'))) : Promise.resolve()
                    },
                  }),
                ]}
             >
                <Input autoComplete="off" data-testid={`own-${role}-login`} />
              </Form.Item>
              <Form.Item name={[role, 'password']} label={t('setup.password')} extra={t('setup.password_note')} rules={[...required(t('setup.password')), { min: passwordMin, message: t('setup.too_short', { n: passwordMin }) }]}>
                <Input.Password autoComplete="new-password" data-testid={`own-${role}-password`} />
              </Form.Item>
            </div>
          </Card>
        ))}
        {setup.error === null ? null : <ErrorPanel error={setup.error} />}
        <div className="zf-row">
          <Button onClick={onBack}>{t('common.back')}</Button>
          <Button type="primary" htmlType="submit" loading={setup.isPending} data-testid="own-create">
            {t('setup.create')}
          </Button>
        </div>
      </Form>
    </>
  )
}
