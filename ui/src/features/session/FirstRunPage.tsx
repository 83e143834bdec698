import { ApiOutlined, BulbOutlined, FileSyncOutlined, LockFilled, PlayCircleFilled, SafetyCertificateOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState, type ReactNode } from 'react'
import { useRead, useWrite } from '../../api/query'
import { useTask } from '../../api/status'
import { ChannelMark } from '../../components/small'
import { ErrorPanel, LongWork } from '../../components/states'
import { hasMessage, tDynamic, useT } from '../../i18n'
import { StatusIcon } from '../../status/StatusTag'
import type { CompareView } from '../../generated/types'
import { CompareFilesCard, CompareResult } from './CompareFilesCard'
import { Door } from './Door'
import { OwnDeskForm } from './OwnDeskForm'

function Situation({ icon, title, note, where }: { icon: ReactNode; title: string; note: string; where: string }) {
  return (
    <li>
      {icon}
      <div>
        <div className="zf-strong">{title}</div>
        <div className="zf-help">{note}</div>
      </div>
      <span className="zf-help">{where}</span>
    </li>
  )
}

/** The offline demo: what will be met, one button, then progress in place of it. */
function DemoCard() {
  const t = useT()
  const demo = useWrite('setup.demo')
  const task = useTask('demo')
  const status = useRead('app.status', {})
  const stepKey = `task_step.${task?.label ?? ''}`
  const step = hasMessage(stepKey) ? tDynamic(stepKey, {}) : null
  return (
    <section className="zf-start-card zf-start-recommended">
      <div className="zf-between">
        <h2>
          <PlayCircleFilled className="zf-c-ru" aria-hidden /> {t('setup.demo')}
        </h2>
        <span className="zf-status zf-status-filled zf-f-ru">{t('setup.demo_tag')}</span>
      </div>
      <p className="zf-t2">{t('setup.demo_note')}</p>
      <ul className="zf-start-list">
        <Situation icon={<StatusIcon family="un" />} title={t('setup.demo_unknown')} note={t('setup.demo_unknown_note')} where={t('refunds.title')} />
        <Situation icon={<StatusIcon family="at" />} title={t('setup.demo_missing')} note={t('setup.demo_missing_note')} where={t('recon.nav')} />
        <Situation icon={<StatusIcon family="wa" />} title={t('setup.demo_bill')} note={t('setup.demo_bill_note')} where={t('bills.title')} />
        <Situation icon={<LockFilled className="zf-c-ru" aria-hidden />} title={t('setup.demo_close')} note={t('setup.demo_close_note')} where={t('close.title')} />
        <Situation icon={<SafetyCertificateOutlined className="zf-c-ok" aria-hidden />} title={t('setup.demo_receipt')} note={t('setup.demo_receipt_note')} where={t('receipts.title')} />
      </ul>
      {demo.error === null ? null : <ErrorPanel error={demo.error} />}
      {demo.isPending ? (
        <LongWork label={step === null ? t('setup.demo_preparing') : `${t('setup.demo_preparing')} · ${step}`} done={task?.done ?? 0} total={task?.total ?? null} />
      ) : (
        <div>
          <Button
            type="primary"
            size="large"
            onClick={() => demo.mutate({ seed: null }, { onSuccess: () => void status.refetch() })}
            data-testid="setup-demo"
          >
            {t('setup.demo_start')}
          </Button>
        </div>
      )}
    </section>
  )
}

/** Where a new desk begins: the demo, an own merchant number, or just two files. */
export function FirstRunPage() {
  const t = useT()
  const [own, setOwn] = useState(false)
  const [compared, setCompared] = useState<CompareView | null>(null)
  if (own) {
    return (
      <Door step={3}>
        <OwnDeskForm onBack={() => setOwn(false)} />
      </Door>
    )
  }
  if (compared !== null) {
    return (
      <Door step={1}>
        <CompareResult result={compared} onBack={() => setCompared(null)} />
      </Door>
    )
  }
  return (
    <Door step={1}>
      <h1>{t('setup.title')}</h1>
      <p className="zf-t2">{t('setup.lead')}</p>
      <div className="zf-start">
        <DemoCard />
        <div className="zf-stack">
          <section className="zf-start-card">
            <div className="zf-between">
              <h2>
                <ApiOutlined aria-hidden /> {t('setup.own')}
              </h2>
              <span className="zf-help">{t('setup.own_tag')}</span>
            </div>
            <p className="zf-t2">{t('setup.own_note')}</p>
            <div className="zf-row">
              <ChannelMark channel="wechat_pay" /> {t('channel.wechat_pay')}
            </div>
            <p className="zf-help">{t('setup.own_ready')}</p>
            <div>
              <Button onClick={() => setOwn(true)} data-testid="setup-own">
                {t('setup.own_start')}
              </Button>
            </div>
          </section>
          <section className="zf-start-card">
            <div className="zf-between">
              <h2>
                <FileSyncOutlined aria-hidden /> {t('setup.files')}
              </h2>
              <span className="zf-help">{t('setup.files_tag')}</span>
            </div>
            <CompareFilesCard onResult={setCompared} />
          </section>
        </div>
      </div>
      <p className="zf-help zf-start-foot">
        <BulbOutlined aria-hidden /> {t('setup.frame_note')}
      </p>
    </Door>
  )
}
