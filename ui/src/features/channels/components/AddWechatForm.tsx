import { FileAddOutlined } from '@ant-design/icons'
import { Button, Collapse, Form, Input, Radio } from 'antd'
import { useRef } from 'react'
import { Card } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { AddWechatAccount } from '../../../generated/types'
import { useT } from '../../../i18n'
import { pemFault, useAddWechat, type PemKind } from '../api'

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

/** A WeChat Pay merchant number with its keys. The core checks them against each other, then seals them. */
export function AddWechatForm({ onDone }: { onDone: () => void }) {
  const t = useT()
  const toasts = useToasts()
  const add = useAddWechat()
  const [form] = Form.useForm<Values>()
  const required = [{ required: true, message: '' }]
  const pem = (kind: PemKind, needed: boolean) => [
    {
      validator: (_: unknown, text: string | undefined) => {
        const fault = pemFault(text ?? '', kind)
        if (fault !== null) return Promise.reject(new Error(t(`channels.form.pem_${fault}`)))
        return needed && (text ?? '').trim() === '' ? Promise.reject(new Error('')) : Promise.resolve()
      },
    },
  ]
  const submit = (values: Values) => {
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
        form.resetFields()
        toasts.show({ text: t('channels.added', { name: account.brief.display_name }) })
        onDone()
      },
    })
  }
  return (
    <Card className="zf-fixed" title={t('channels.form.title')} note={t('channels.note')} testid="add-wechat">
      <Form<Values> form={form} layout="vertical" initialValues={{ environment: 'sandbox' }} onFinish={submit} autoComplete="off">
        <div className="zf-form2">
          <Form.Item name="display_name" label={t('channels.form.display_name')} rules={required}>
            <Input data-testid="account-name" />
          </Form.Item>
          <Form.Item name="environment" label={t('channels.form.environment')}>
            <Radio.Group
              options={[
                { value: 'sandbox', label: t('setup.env_sandbox') },
                { value: 'production', label: t('setup.env_production') },
              ]}
            />
          </Form.Item>
          <Form.Item name="merchant_no" label={t('channels.form.merchant_no')} rules={required}>
            <Input inputMode="numeric" data-testid="account-merchant-no" />
          </Form.Item>
          <Form.Item name="appid" label={t('channels.form.appid')} rules={required}>
            <Input data-testid="account-appid" />
          </Form.Item>
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
            <Input.Password autoComplete="new-password" data-testid="account-api-v3-key" />
          </Form.Item>
          <Form.Item name="public_key_id" label={t('channels.form.public_key_id')} extra={t('channels.form.public_key_id_note')}>
            <Input className="zf-mono" data-testid="account-public-key-id" />
          </Form.Item>
          <Form.Item name="public_key_pem" label={t('channels.form.public_key')} rules={pem('public_key', false)}>
            <PemField kind="public_key" testid="account-public-key" />
          </Form.Item>
        </div>
        <Collapse
          ghost
          size="small"
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
        {add.error === null ? null : <ErrorPanel error={add.error} testid="account-error" />}
        <div className="zf-row zf-end">
          <Button onClick={onDone}>{t('common.cancel')}</Button>
          <Button type="primary" htmlType="submit" loading={add.isPending} data-testid="account-submit">
            {t('channels.form.submit')}
          </Button>
        </div>
      </Form>
    </Card>
  )
}
