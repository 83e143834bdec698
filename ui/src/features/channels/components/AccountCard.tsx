import { ExperimentOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMay, useStatus } from '../../../api/status'
import { ExplainStatus } from '../../../components/Explain'
import { Id } from '../../../components/Id'
import { Card, ChannelMark, channelName, Facts, Time } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import type { AccountView } from '../../../generated/types'
import { hasMessage, tDynamic, useT } from '../../../i18n'
import { StatusTag } from '../../../status/StatusTag'
import { useSelfTest } from '../api'
import { SelfTestResult } from './SelfTestResult'

function mode(name: string): string {
  const key = `channels.mode.${name}`
  return hasMessage(key) ? tDynamic(key, {}) : name
}

/** The words of the key dictionary for a date of expiry. */
function Expiry({ at }: { at: string }) {
  const { now } = useStatus()
  const days = Math.floor((new Date(at).getTime() - new Date(now).getTime()) / 86_400_000)
  const status = days < 0 ? 'invalid' : days <= 5 ? 'days_left_urgent' : days <= 30 ? 'days_left_soon' : 'days_left'
  return (
    <>
      <StatusTag kind="key" status={status} n={days} />
      <ExplainStatus kind="key" status={status} n={days} />
    </>
  )
}

/** One merchant number: what identifies it, how replies are verified, the last self-test. */
export function AccountCard({ account }: { account: AccountView }) {
  const t = useT()
  const may = useMay('manage_accounts')
  const selfTest = useSelfTest()
  const { brief } = account
  const test = selfTest.data ?? account.last_self_test
  return (
    <Card
      testid="account"
      title={
        <span className="zf-row">
          <ChannelMark channel={brief.channel} /> {brief.display_name}
        </span>
      }
      note={channelName(t, brief.channel)}
      extra={
        <>
          <span className="zf-tag">{t(`frame.env.${brief.environment}`)}</span>
          <Button
            size="small"
            icon={<ExperimentOutlined />}
            disabled={!may}
            title={may ? undefined : t('channels.add_denied')}
            loading={selfTest.isPending}
            onClick={() => selfTest.mutate({ account_id: brief.account_id })}
            data-testid="self-test"
          >
            {t('channels.self_test')}
          </Button>
        </>
      }
    >
      <div className="zf-account">
        <Facts
          wide
          rows={[
            [t('channels.fact.merchant_no'), <Id key="m" value={account.merchant_no} copy />],
            [t('channels.fact.appid'), <Id key="a" value={account.appid} copy />],
            [t('channels.fact.serial'), <Id key="s" value={account.certificate_serial} copy />],
            account.certificate_expires_at === null
              ? null
              : [
                  t('channels.fact.expires'),
                  <>
                    <Time at={account.certificate_expires_at} as="date" /> <Expiry at={account.certificate_expires_at} />
                  </>,
                ],
            [t('channels.fact.mode'), mode(account.verify_mode)],
            [t('channels.fact.base_url'), <span key="b" className="zf-mono">{account.base_url}</span>],
            account.backup_url === null ? null : [t('channels.fact.backup_url'), <span key="u" className="zf-mono">{account.backup_url}</span>],
            [t('channels.fact.created'), <Time key="c" at={account.created_at} as="minute" />],
          ]}
        />
        <div>
          {selfTest.error === null ? null : <ErrorPanel error={selfTest.error} />}
          <SelfTestResult test={test} running={selfTest.isPending} />
        </div>
      </div>
    </Card>
  )
}
