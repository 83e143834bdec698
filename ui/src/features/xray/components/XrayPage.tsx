import { ScanOutlined, SnippetsOutlined } from '@ant-design/icons'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { useStatus } from '../../../api/status'
import { Card, ChannelMark, Kbd, PageHeader } from '../../../components/small'
import { Empty, ErrorPanel } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { useToasts } from '../../../components/Toast'
import type { XrayExampleName, XrayMode, XrayReport } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { ApiError } from '../../../platform'
import { examples, fetchExample, modes, useInspect, withoutSecrets } from '../api'
import { Editor } from './Editor'
import { ChecksCard, FixCard, KeysCard, PlainCard, VerdictCard } from './Findings'
import { LinesCard } from './LinesCard'

const pastedKeys = 'pasted'
const exampleKeys = 'example'

/** A pasted message, looked through: which bytes its signature covers, and why it is refused. */
export default function XrayPage() {
  const t = useT()
  const toasts = useToasts()
  const { accounts } = useStatus()
  const inspect = useInspect()
  const [mode, setMode] = useState<XrayMode>('request')
  const [text, setText] = useState('')
  const [example, setExample] = useState<XrayExampleName | null>(null)
  const [source, setSource] = useState(accounts[0]?.account_id ?? pastedKeys)
  const [pem, setPem] = useState('')
  const [serial, setSerial] = useState('')
  const [apiKey, setApiKey] = useState('')
  const [masked, setMasked] = useState(false)
  const [report, setReport] = useState<XrayReport | null>(null)
  const [failed, setFailed] = useState<ApiError | null>(null)
  const keys = example === null ? source : exampleKeys
  const first = examples[mode][0]

  const write = (next: string) => {
    const clean = withoutSecrets(next, t('xray.private_key_removed'))
    if (clean.found) setMasked(true)
    setText(clean.text)
    setReport(null)
  }
  const run = (what: { mode: XrayMode; text: string; example: XrayExampleName | null }) => {
    if (what.text.trim() === '') return
    setFailed(null)
    const pasted = what.example === null && source === pastedKeys
    inspect.mutate(
      {
        mode: what.mode,
        text: what.text,
        account_id: what.example === null && !pasted ? source : null,
        key_pem: pasted && pem.trim() !== '' ? pem : null,
        key_serial: pasted && serial.trim() !== '' ? serial : null,
        api_v3_key: pasted && apiKey.trim() !== '' ? apiKey : null,
        example: what.example,
      },
      { onSuccess: setReport, onError: setFailed },
    )
  }
  const load = (name: XrayExampleName) => {
    setFailed(null)
    fetchExample(name).then(
      (made) => {
        setMode(made.mode)
        setText(made.text)
        setExample(name)
        setMasked(false)
        setReport(null)
        run({ mode: made.mode, text: made.text, example: name })
      },
      (error: unknown) => setFailed(error instanceof ApiError ? error : null),
    )
  }
  const paste = () => {
    navigator.clipboard?.readText().then(
      (found) => {
        setExample(null)
        write(found)
      },
      () => toasts.show({ text: t('xray.clipboard_denied') }),
    )
  }
  const choose = (next: XrayMode) => {
    setMode(next)
    setReport(null)
    if (example !== null) {
      setExample(null)
      setText('')
    }
  }
  useHotkeys([{ keys: 'mod+Enter', run: () => run({ mode, text, example }), whileTyping: true, label: t('xray.run'), group: 'action' }])

  return (
    <div className="zf-page">
      <PageHeader
        title={t('xray.title')}
        tabs={<Tabs label={t('xray.mode')} look="box" items={modes.map((key) => ({ key, label: t(`xray.mode.${key}`) }))} value={mode} onChange={choose} />}
        note={
          <Select
            className="zf-xkeys-select"
            aria-label={t('xray.keys')}
            value={keys}
            onChange={(next: string) => {
              setSource(next)
              setExample(null)
              setReport(null)
            }}
            options={[
              ...accounts.map((a) => ({
                value: a.account_id,
                label: (
                  <span className="zf-row zf-nowrap">
                    <ChannelMark channel={a.channel} /> {a.display_name} <span className="zf-mono zf-t3">{a.merchant_no_masked}</span>
                  </span>
                ),
              })),
              { value: pastedKeys, label: t('xray.keys.pasted') },
              ...(example === null ? [] : [{ value: exampleKeys, label: t('xray.keys.example') }]),
            ]}
            data-testid="xray-keys-select"
          />
        }
        actions={
          <>
            <Button icon={<SnippetsOutlined />} onClick={paste}>
              {t('xray.paste')}
            </Button>
            <Button
              type="primary"
              icon={<ScanOutlined />}
              loading={inspect.isPending}
              disabled={text.trim() === ''}
              onClick={() => run({ mode, text, example })}
              data-testid="xray-run"
            >
              {t('xray.run')} <Kbd keys="mod+Enter" />
            </Button>
          </>
        }
      />
      {report === null ? null : <VerdictCard report={report} />}
      {failed === null ? null : <ErrorPanel error={failed} />}
      <div className="zf-xray">
        <div className="zf-xray-left">
          <Card
            title={t('xray.source')}
            note={t('xray.source_note')}
            extra={
              text === '' ? undefined : (
                <button
                  type="button"
                  className="zf-linkbtn"
                  onClick={() => {
                    setText('')
                    setExample(null)
                    setReport(null)
                    setMasked(false)
                    setPem('')
                    setSerial('')
                    setApiKey('')
                  }}
                  data-testid="xray-clear"
                >
                  {t('xray.clear')}
                </button>
              )
            }
            flush
            className="zf-xsource"
          >
            <Editor
              value={text}
              onChange={(next) => {
                setExample(null)
                write(next)
              }}
              placeholder={t(`xray.placeholder.${mode}`)}
              label={t('xray.source')}
              faultLine={report?.fault_line ?? null}
              faultNote={t('xray.line_is_bad')}
            />
            {masked ? (
              <p className="zf-help zf-xmasked" role="status" data-testid="xray-masked">
                {t('xray.secret_masked')}
              </p>
            ) : null}
            <div className="zf-xexamples">
              <span className="zf-help">{t('xray.examples')}</span>
              <div className="zf-row">
                {examples[mode].map((name) => (
                  <button key={name} type="button" className="zf-tag zf-tag-button" aria-pressed={example === name} onClick={() => load(name)} data-testid={`xray-example-${name}`}>
                    {t(`xray.example.${name}`)}
                  </button>
                ))}
              </div>
            </div>
          </Card>
          {keys === pastedKeys ? (
            <Card title={t('xray.keys.pasted')} note={t('xray.keys.memory')}>
              <div className="zf-stack">
                {mode === 'decrypt' ? null : (
                  <>
                    <Input.TextArea
                      className="zf-mono zf-secret"
                      rows={3}
                      value={pem}
                      onChange={(event) => setPem(event.target.value)}
                      placeholder={t('xray.keys.pem')}
                      aria-label={t('xray.keys.pem')}
                      data-testid="xray-pem"
                    />
                    <Input className="zf-mono" value={serial} onChange={(event) => setSerial(event.target.value)} placeholder={t('xray.keys.serial')} aria-label={t('xray.keys.serial')} />
                  </>
                )}
                {mode === 'decrypt' || mode === 'notice' ? (
                  <Input.Password
                    value={apiKey}
                    onChange={(event) => setApiKey(event.target.value)}
                    placeholder={t('xray.keys.api_v3')}
                    aria-label={t('xray.keys.api_v3')}
                    autoComplete="off"
                    visibilityToggle={false}
                    data-testid="xray-apiv3"
                  />
                ) : null}
              </div>
            </Card>
          ) : null}
          {report === null ? null : <KeysCard report={report} />}
        </div>
        {report === null ? (
          <div className="zf-card zf-xempty">
            <Empty
              title={t('xray.empty')}
              note={t('xray.empty_note')}
              action={
                first === undefined ? undefined : (
                  <Button onClick={() => load(first)} data-testid="xray-first-example">
                    {t('xray.try', { example: t(`xray.example.${first}`) })}
                  </Button>
                )
              }
            />
          </div>
        ) : (
          <div className="zf-xray-right">
            {report.lines.length === 0 ? null : <LinesCard report={report} />}
            {report.plaintext === null ? null : <PlainCard text={report.plaintext} masked={keys !== pastedKeys} />}
            <div className="zf-xray-below">
              <ChecksCard report={report} />
              <FixCard report={report} />
            </div>
          </div>
        )}
      </div>
    </div>
  )
}
