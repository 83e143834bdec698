import { PlusOutlined } from '@ant-design/icons'
import { Button, Form, Input, InputNumber, Radio, Select } from 'antd'
import { useState } from 'react'
import { useMay } from '../../../api/status'
import { DayStepper } from '../../../components/DayStepper'
import { useDayChoice } from '../../../components/AccountSelect'
import { FaultList } from '../../../components/FaultList'
import { Card, Time } from '../../../components/small'
import { Empty, ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { count } from '../../../format'
import type { BookMapping, BooksWays, SourceView, SqlEngine, SqlSettings, SqlTls } from '../../../generated/types'
import { useT } from '../../../i18n'
import type { HeldFile } from '../../../platform'
import { useImportSource, useRemoveSource, useSampleSource, useSaveSource } from '../api'

type Props = {
  accountId: string
  ways: BooksWays
  /** Opens the editor over the first rows of a database. */
  onLook: (file: HeldFile, mapping: BookMapping | null, name: string) => void
}

/** The merchant's own databases: look at a day, import a day; the administrator sets them up. */
export function SourcesCard({ accountId, ways, onLook }: Props) {
  const t = useT()
  const mayManage = useMay('manage_accounts')
  const [editing, setEditing] = useState<SourceView | 'new' | null>(null)
  return (
    <Card
      className="zf-fixed"
      flush={editing === null}
      title={t('books.sources')}
      note={t('books.sources_note')}
      testid="sources"
      extra={
        editing !== null ? null : (
          <Button size="small" icon={<PlusOutlined />} disabled={!mayManage} title={mayManage ? undefined : t('books.manage_denied')} onClick={() => setEditing('new')} data-testid="new-source">
            {t('books.source_new')}
          </Button>
        )
      }
    >
      {editing !== null ? (
        <SourceForm accountId={accountId} ways={ways} source={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      ) : ways.sources.length === 0 ? (
        <Empty title={t('books.sources_empty')} note={t('books.sources_empty_note')} />
      ) : (
        <Sources accountId={accountId} ways={ways} onLook={onLook} onEdit={setEditing} />
      )}
    </Card>
  )
}

function Sources({ accountId, ways, onLook, onEdit }: Props & { onEdit: (source: SourceView) => void }) {
  const t = useT()
  const toasts = useToasts()
  const mayManage = useMay('manage_accounts')
  const mayRun = useMay('run_reconciliation')
  const [date, setDate, today] = useDayChoice()
  const sample = useSampleSource()
  const bring = useImportSource()
  const remove = useRemoveSource()
  const error = sample.error ?? bring.error ?? remove.error
  const busy = sample.isPending || bring.isPending || remove.isPending
  const look = (source: SourceView) => {
    bring.reset()
    sample.mutate(
      { account_id: accountId, date, name: source.name },
      {
        onSuccess: (file) => {
          const own = source.settings.mapping
          const mapping = ways.mappings.find((m) => m.name === own)
          onLook(file, mapping?.mapping ?? null, mapping?.name ?? source.name)
        },
      },
    )
  }
  const take = (source: SourceView) => {
    sample.reset()
    bring.mutate(
      { account_id: accountId, date, name: source.name },
      { onSuccess: (done) => toasts.show({ text: done.already_imported ? t('bills.books_same') : t('bills.books_imported', { rows: count(done.rows) }) }) },
    )
  }
  return (
    <>
      <div className="zf-mapping-day">
        <DayStepper value={date} max={today} onChange={setDate} />
      </div>
      {error === null ? null : <ErrorPanel error={error} testid="source-error" />}
      {bring.data === undefined ? null : <FaultList faults={bring.data.faults} file={bring.data.file_name} />}
      <table className="zf-table">
        <tbody>
          {ways.sources.map((source) => (
            <tr key={source.name} data-testid="source">
              <td>
                <div className="zf-strong">{source.name}</div>
                <div className="zf-help zf-mono">
                  {t(`books.engine.${source.settings.engine}`)} {source.settings.login}@{source.settings.host}:{source.settings.port}/{source.settings.database}
                </div>
              </td>
              <td>
                {t(`books.tls.${source.settings.tls}`)}
                <div className="zf-help">{source.settings.mapping ?? t('books.mapping_in_use')}</div>
              </td>
              <td>
                {source.edited_by} · <Time at={source.edited_at} as="minute" />
              </td>
              <td className="zf-num">
                <span className="zf-row zf-end">
                  <Button size="small" disabled={busy || !(mayRun || mayManage)} loading={sample.isPending} onClick={() => look(source)} data-testid="look-source">
                    {t('books.look')}
                  </Button>
                  <Button size="small" type="primary" disabled={busy || !mayRun} title={mayRun ? undefined : t('books.denied')} loading={bring.isPending} onClick={() => take(source)} data-testid="import-source">
                    {t('books.import_day')}
                  </Button>
                  <Button size="small" disabled={busy || !mayManage} title={mayManage ? undefined : t('books.manage_denied')} onClick={() => onEdit(source)} data-testid="edit-source">
                    {t('books.edit')}
                  </Button>
                  <Button size="small" danger disabled={busy || !mayManage} title={mayManage ? undefined : t('books.manage_denied')} onClick={() => remove.mutate({ account_id: accountId, name: source.name })} data-testid="remove-source">
                    {t('books.remove')}
                  </Button>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

type Values = Omit<SqlSettings, 'port' | 'ca_pem' | 'mapping'> & { name: string; port: number | null; ca_pem: string; mapping: string; password: string }

const engines: readonly SqlEngine[] = ['postgres', 'mysql']
const protections: readonly SqlTls[] = ['verify', 'encrypt', 'off']
const usualPort: Record<SqlEngine, number> = { postgres: 5432, mysql: 3306 }

function SourceForm({ accountId, ways, source, onClose }: { accountId: string; ways: BooksWays; source: SourceView | null; onClose: () => void }) {
  const t = useT()
  const toasts = useToasts()
  const save = useSaveSource()
  const [form] = Form.useForm<Values>()
  const tls = Form.useWatch('tls', form)
  const engine = Form.useWatch('engine', form)
  const settings = source?.settings
  const required = [{ required: true, whitespace: true, message: t('channels.form.required') }]
  const submit = (values: Values) => {
    const { name, password, ...rest } = values
    save.mutate(
      {
        account_id: accountId,
        name: source?.name ?? name.trim(),
        password: password === '' ? null : password,
        settings: { ...rest, port: rest.port ?? 0, ca_pem: rest.tls === 'verify' && rest.ca_pem.trim() !== '' ? rest.ca_pem : null, mapping: rest.mapping === '' ? null : rest.mapping },
      },
      {
        onSuccess: () => {
          // The password leaves the page with the form.
          form.resetFields()
          toasts.show({ text: t('books.source_saved') })
          onClose()
        },
      },
    )
  }
  const initial: Values = {
    name: source?.name ?? '',
    engine: settings?.engine ?? 'postgres',
    host: settings?.host ?? '',
    port: settings?.port ?? null,
    database: settings?.database ?? '',
    login: settings?.login ?? '',
    password: '',
    tls: settings?.tls ?? 'verify',
    ca_pem: settings?.ca_pem ?? '',
    query: settings?.query ?? 'SELECT kind, out_trade_no, out_refund_no, amount, currency, status, created_at\nFROM orders\nWHERE created_at >= :from AND created_at < :to',
    mapping: settings?.mapping ?? '',
    zone: settings?.zone ?? '+08:00',
  }
  return (
    <Form<Values> form={form} layout="vertical" initialValues={initial} onFinish={submit} autoComplete="off" data-testid="source-form">
      {save.error === null ? null : <ErrorPanel error={save.error} testid="source-form-error" />}
      <div className="zf-form2">
        <Form.Item name="name" label={t('books.name')} rules={required}>
          <Input autoFocus maxLength={60} disabled={source !== null} data-testid="source-name" />
        </Form.Item>
        <Form.Item name="engine" label={t('books.engine')}>
          <Radio.Group options={engines.map((value) => ({ value, label: t(`books.engine.${value}`) }))} />
        </Form.Item>
        <Form.Item name="host" label={t('books.host')} rules={required}>
          <Input className="zf-mono" data-testid="source-host" />
        </Form.Item>
        <Form.Item name="port" label={t('books.port')}>
          <InputNumber min={1} max={65535} precision={0} placeholder={String(usualPort[engine ?? 'postgres'])} data-testid="source-port" />
        </Form.Item>
        <Form.Item name="database" label={t('books.database')} rules={required}>
          <Input className="zf-mono" data-testid="source-database" />
        </Form.Item>
        <Form.Item name="login" label={t('books.login')} rules={required} extra={t('books.login_note')}>
          <Input className="zf-mono" autoComplete="off" data-testid="source-login" />
        </Form.Item>
        <Form.Item name="password" label={t('books.password')} {...(source === null ? { rules: [{ required: true, message: t('channels.form.required') }] } : { extra: t('books.password_kept') })}>
          <Input.Password autoComplete="new-password" data-testid="source-password" />
        </Form.Item>
        <Form.Item name="tls" label={t('books.tls')} extra={tls === 'verify' ? undefined : t('books.tls_note')}>
          <Radio.Group options={protections.map((value) => ({ value, label: t(`books.tls.${value}`) }))} />
        </Form.Item>
        <Form.Item name="zone" label={t('books.zone')} rules={[{ pattern: /^[+-]\d\d:\d\d$/, message: '+08:00' }]}>
          <Input className="zf-mono" data-testid="source-zone" />
        </Form.Item>
        <Form.Item name="mapping" label={t('books.source_mapping')}>
          <Select options={[{ value: '', label: t('books.mapping_in_use') }, ...ways.mappings.map((m) => ({ value: m.name, label: m.name }))]} data-testid="source-mapping" />
        </Form.Item>
      </div>
      {tls === 'verify' ? (
        <Form.Item name="ca_pem" label={t('books.ca')} extra={t('books.ca_note')}>
          <Input.TextArea className="zf-mono" rows={2} spellCheck={false} data-testid="source-ca" />
        </Form.Item>
      ) : (
        <Form.Item name="ca_pem" hidden>
          <Input />
        </Form.Item>
      )}
      <Form.Item name="query" label={t('books.query')} rules={required} extra={t('books.query_note')}>
        <Input.TextArea className="zf-mono" rows={6} spellCheck={false} data-testid="source-query" />
      </Form.Item>
      <div className="zf-row">
        <Button type="primary" htmlType="submit" loading={save.isPending} data-testid="save-source">
          {t('books.save')}
        </Button>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
      </div>
    </Form>
  )
}
