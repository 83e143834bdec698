import { FileAddOutlined } from '@ant-design/icons'
import { Button, Collapse, Form, Input, Radio, Steps } from 'antd'
import { useRef, useState } from 'react'
import { describeError } from '../../../api/errors'
import { Card, Facts } from '../../../components/small'
import { ErrorPanel, Notice } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { AddWechatAccount } from '../../../generated/types'
import { useT } from '../../../i18n'
import { pemFault, useAddWechat, useSelfTest, type PemKind } from '../api'
import { SelfTestResult } from './SelfTestResult'

type Values = Record<keyof AddWechatAccount, string | undefined> & { environment: 'sandbox' | 'production' }

const pemBytesMax = 64 * 1024

/** A field for PEM text: pasted, or read from a file on this machine. Handed to the core once, kept nowhere here. */
function PemField({ value, onChange, kind, testid }: { value?: string; onChange?: (text: string) => void; kind: PemKind; testid: string }) {
  const t = useT()
  const input = useRef<HTMLInputElement>(null)
  return (
    <div className="zf-pem">
      <Input.TextArea
        rows={3}
        value={value}
        placeholder={t('channels.form.pem_hint')}
        spellCheck={false}
        autoComplete="off"
        className={kind === 'private_key' ? 'zf-mono zf-secret' : 'zf-mono'}
        onChange={(event) => onChange?.(event.target.value)}
        data-testid={testid}
      />
      <Button size="small" icon={<FileAddOutlined />} onClick={() => input.current?.click()}>
        {t('channels.form.pem_from_file')}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".pem,.crt,.cer,.key,.txt"
        hidden
        data-testid={`${testid}-file`}
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file === undefined) return
          if (file.size > pemBytesMax) {
            onChange?.(t('channels.form.pem_too_large'))
            return
          }
          void file.text().then((text) => onChange?.(text))
        }}
      />
    </div>
  )
}

/** Which fields a step asks for; what the core finds wrong leads back to the step of its field. */
const steps = [
  ['display_name', 'environment', 'merchant_no', 'appid'],
  ['private_key_pem', 'certificate_pem', 'certificate_serial', 'api_v3_key'],
  ['public_key_id', 'public_key_pem', 'base_url', 'backup_url', 'extra_root_pem'],
] as const satisfies readonly (readonly (keyof AddWechatAccount)[])[]

/** A WeChat Pay merchant number with its keys, in four steps. The core checks the keys against each other, seals them, then tries them. */
export function AddWechatForm({ onDone }: { onDone: () => void }) {
  const t = useT()
  const toasts = useToasts()
  const add = useAddWechat()
  const selfTest = useSelfTest()
  const [step, setStep] = useState(0)
  const [form] = Form.useForm<Values>()
  const required = [{ required: true, whitespace: true, message: t('channels.form.required') }]
  const pem = (kind: PemKind, needed: boolean) => [
    {
      validator: (_: unknown, text: string | undefined) => {
        const fault = pemFault(text ?? '', kind)
        if (fault !== null) return Promise.reject(new Error(t(`channels.form.pem_${fault}`)))
        return needed && (text ?? '').trim() === '' ? Promise.reject(new Error(t('channels.form.required'))) : Promise.resolve()
      },
    },
  ]
  const next = () => {
    form.validateFields([...(steps[step] ?? [])]).then(
      () => setStep(step + 1),
      () => undefined,
    )
  }
  const submit = () => {
    const values = form.getFieldsValue(true) as Values
    const text = (name: keyof AddWechatAccount) => (values[name] ?? '').trim()
    const optional = (name: keyof AddWechatAccount) => (text(name) === '' ? null : text(name))
    const params: AddWechatAccount = {
      display_name: text('display_name'),
      environment: values.environment,
      merchant_no: text('merchant_no'),
      appid: text('appid'),
      certificate_serial: text('certificate_serial'),
      private_key_pem: text('private_key_pem'),
      certificate_pem: optional('certificate_pem'),
      api_v3_key: text('api_v3_key'),
      public_key_id: optional('public_key_id'),
      public_key_pem: optional('public_key_pem'),
      base_url: optional('base_url'),
      backup_url: optional('backup_url'),
      extra_root_pem: optional('extra_root_pem'),
    }
    add.mutate(params, {
      onSuccess: (account) => {
        // The secrets leave the page with the form.
        form.resetFields()
        setStep(3)
        selfTest.mutate({ account_id: account.brief.account_id })
        toasts.show({ text: t('channels.added', { name: account.brief.display_name }) })
      },
      onError: (error) => {
        const field = String(error.params['field'] ?? '')
        const at = steps.findIndex((names) => names.some((name) => name === field))
        if (at < 0) return
        const shown = describeError(error, t)
        setStep(at)
        form.setFields([{ name: field as keyof Values, errors: [`${shown.title} ${shown.remedy}`] }])
      },
    })
  }
  const checkAndSubmit = () => {
    if (add.isPending) return
    form.validateFields().then(submit, (cause: unknown) => {
      const first = (cause as { errorFields?: { name: (string | number)[] }[] }).errorFields?.[0]?.name[0]
      const at = steps.findIndex((names) => names.some((name) => name === first))
      if (at >= 0) setStep(at)
    })
  }
  // Only what the last step repeats; the secrets are not watched.
  const merchantNo = Form.useWatch('merchant_no', form)
  const environment = Form.useWatch('environment', form)
  const certificate = Form.useWatch('certificate_pem', form)
  const hide = (n: number) => (step === n ? 'zf-form2' : 'zf-form2 zf-hidden')
  return (
    <Card className="zf-fixed" title={t('channels.form.title')} note={t('channels.note')} testid="add-wechat">
      <Steps
        size="small"
        current={step}
        className="zf-add-steps"
        items={[t('channels.form.step1'), t('channels.form.step2'), t('channels.form.step3'), t('channels.form.step4')].map((title) => ({ title }))}
      />
      <Form<Values> form={form} layout="vertical" initialValues={{ environment: 'sandbox' }} component={false}>
      {/* The library's own form would check the fields of later steps too. */}
      <form
        autoComplete="off"
        className="ant-form ant-form-vertical"
        onSubmit={(event) => {
          event.preventDefault()
          if (step === 2) checkAndSubmit()
          else next()
        }}
      >
        <div className={hide(0)}>
          <Form.Item name="display_name" label={t('channels.form.display_name')} rules={required}>
            <Input autoFocus data-testid="account-name" />
          </Form.Item>
          <Form.Item name="environment" label={t('channels.form.environment')} extra={t('channels.form.environment_note')}>
            <Radio.Group
              options={[
                { value: 'sandbox', label: t('setup.env_sandbox') },
                { value: 'production', label: t('setup.env_production') },
              ]}
            />
          </Form.Item>
          <Form.Item name="merchant_no" label={t('channels.form.merchant_no')} extra={t('channels.form.merchant_no_note')} rules={required}>
            <Input inputMode="numeric" data-testid="account-merchant-no" />
          </Form.Item>
          <Form.Item name="appid" label={t('channels.form.appid')} extra={t('channels.form.appid_note')} rules={required}>
            <Input data-testid="account-appid" />
          </Form.Item>
        </div>
        <div className={hide(1)}>
          <Form.Item name="private_key_pem" label={t('channels.form.private_key')} required rules={pem('private_key', true)}>
            <PemField kind="private_key" testid="account-private-key" />
          </Form.Item>
          <Form.Item name="certificate_pem" label={t('channels.form.certificate')} extra={t('channels.form.certificate_note')} rules={pem('certificate', false)}>
            <PemField kind="certificate" testid="account-certificate" />
          </Form.Item>
          <Form.Item name="certificate_serial" label={t('channels.form.serial')} extra={t('channels.form.serial_note')}>
            <Input className="zf-mono" data-testid="account-serial" />
          </Form.Item>
          <Form.Item
            name="api_v3_key"
            label={t('channels.form.api_v3_key')}
            extra={t('channels.form.api_v3_key_note')}
            required
            rules={[
              {
                validator: (_: unknown, text: string | undefined) =>
                  (text ?? '').length === 32
                    ? Promise.resolve()
                    : Promise.reject(new Error(t('channels.form.api_v3_key_now', { n: (text ?? '').length }))),
              },
            ]}
            validateTrigger="onBlur"
          >
            <Input.Password autoComplete="new-password" visibilityToggle={false} data-testid="account-api-v3-key" />
          </Form.Item>
        </div>
        <div className={hide(2)}>
          <Form.Item name="public_key_id" label={t('channels.form.public_key_id')} extra={t('channels.form.public_key_id_note')}>
            <Input className="zf-mono" data-testid="account-public-key-id" />
          </Form.Item>
          <Form.Item name="public_key_pem" label={t('channels.form.public_key')} rules={pem('public_key', false)}>
            <PemField kind="public_key" testid="account-public-key" />
          </Form.Item>
          <Collapse
            ghost
            size="small"
            className="zf-form2-wide"
            items={[
              {
                key: 'more',
                label: t('channels.form.more'),
                forceRender: true,
                children: (
                  <div className="zf-form2">
                    <Form.Item name="base_url" label={t('channels.form.base_url')}>
                      <Input placeholder="https://api.mch.weixin.qq.com" data-testid="account-base-url" />
                    </Form.Item>
                    <Form.Item name="backup_url" label={t('channels.form.backup_url')}>
                      <Input placeholder="https://api2.mch.weixin.qq.com" />
                    </Form.Item>
                    <Form.Item name="extra_root_pem" label={t('channels.form.extra_root')} extra={t('channels.form.extra_root_note')} rules={pem('certificate', false)}>
                      <PemField kind="certificate" testid="account-root" />
                    </Form.Item>
                  </div>
                ),
              },
            ]}
          />
          <div className="zf-form2-wide">
            <Facts
              rows={[
                [t('channels.form.merchant_no'), <span key="m" className="zf-mono">{merchantNo ?? ''}</span>],
                [t('channels.form.environment'), environment === 'production' ? t('setup.env_production') : t('setup.env_sandbox')],
                [t('channels.form.private_key'), t('channels.form.given')],
                [t('channels.form.certificate'), (certificate ?? '').trim() === '' ? t('channels.form.not_given') : t('channels.form.given')],
                [t('channels.form.api_v3_key'), t('channels.form.given')],
              ]}
            />
          </div>
        </div>
        {step < 3 && add.error !== null ? <ErrorPanel error={add.error} impact={t('channels.form.nothing_kept')} testid="account-error" /> : null}
        {step === 3 ? (
          <div className="zf-stack" data-testid="account-added">
            <Notice family="ok" title={t('channels.form.sealed')}>
              {t('channels.form.sealed_note')}
            </Notice>
            {selfTest.error === null ? null : <ErrorPanel error={selfTest.error} />}
            <SelfTestResult test={selfTest.data ?? null} running={selfTest.isPending} />
          </div>
        ) : null}
        <div className="zf-row zf-end">
          {step === 3 ? (
            <Button type="primary" onClick={onDone} data-testid="account-finish">
              {t('common.close')}
            </Button>
          ) : (
            <>
              <Button onClick={onDone}>{t('common.cancel')}</Button>
              {step === 0 ? null : <Button onClick={() => setStep(step - 1)}>{t('channels.form.back')}</Button>}
              <Button type="primary" htmlType="submit" loading={add.isPending} data-testid={step === 2 ? 'account-submit' : 'account-next'}>
                {step === 2 ? t('channels.form.submit') : t('channels.form.next')}
              </Button>
            </>
          )}
        </div>
      </form>
      </Form>
    </Card>
  )
}
