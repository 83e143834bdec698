import { Button, Form, Input } from 'antd'
import { useEffect } from 'react'
import { useRead, useWrite } from '../../api/query'
import { useStatus } from '../../api/status'
import { forgetChoices } from '../../components/AccountSelect'
import { Avatar } from '../../components/small'
import { ErrorPanel, Notice } from '../../components/states'
import type { SignIn } from '../../generated/types'
import { useT } from '../../i18n'
import { Door } from './Door'

/** Who sits down. In a demo home the invented people are offered with one click. */
export function SignInPage({ ended }: { ended: boolean }) {
  useEffect(forgetChoices, [])
  const t = useT()
  const status = useStatus()
  const fresh = useRead('app.status', {})
  const signIn = useWrite('session.sign_in')
  const submit = (values: SignIn) => signIn.mutate(values, { onSuccess: () => void fresh.refetch() })
  return (
    <Door step={2} badge={status.merchant_name === null ? null : <div className="zf-strong" data-testid="merchant">{status.merchant_name}</div>}>
      <h1>{t('signin.title')}</h1>
      <p className="zf-t2">{t('signin.lead')}</p>
      <div className="zf-signin zf-stack">
        {ended && signIn.error === null ? <Notice family="wa" title={t('signin.ended')} /> : null}
        {status.demo_logins.length === 0 ? null : (
          <div className="zf-stack">
            <div className="zf-help">{t('signin.demo')}</div>
            {status.demo_logins.map((demo) => (
              <button
                key={demo.login}
                type="button"
                className="zf-demo-login"
                disabled={signIn.isPending}
                onClick={() => submit({ login: demo.login, password: demo.password })}
                data-testid={`demo-${demo.role}`}
              >
                <Avatar name={demo.display_name} size={26} />
                <span className="zf-strong">{demo.display_name}</span>
                <span className="zf-tag">{t(`role.${demo.role}`)}</span>
                <span className="zf-help">{t(`signin.about_${demo.role}`)}</span>
              </button>
            ))}
            <div className="zf-help">{t('signin.or')}</div>
          </div>
        )}
        <Form<SignIn> layout="vertical" onFinish={submit} requiredMark={false}>
          <Form.Item name="login" label={t('setup.login')} rules={[{ required: true, message: '' }]}>
            <Input size="large" autoComplete="username" autoFocus data-testid="login" />
          </Form.Item>
          <Form.Item name="password" label={t('setup.password')} rules={[{ required: true, message: '' }]}>
            <Input.Password size="large" autoComplete="current-password" data-testid="password" />
          </Form.Item>
          {signIn.error === null ? null : <ErrorPanel error={signIn.error} testid="signin-error" />}
          <Button type="primary" size="large" htmlType="submit" block loading={signIn.isPending} data-testid="sign-in">
            {t('signin.submit')}
          </Button>
        </Form>
      </div>
    </Door>
  )
}
