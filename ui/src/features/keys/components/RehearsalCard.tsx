import { ExperimentOutlined, PlayCircleOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useMay } from '../../../api/status'
import { Card } from '../../../components/small'
import { ErrorPanel, Notice } from '../../../components/states'
import type { KeyList, RehearsalResult, StepOutcome } from '../../../generated/types'
import { inLanguage, timeText } from '../../../format'
import { useLanguage, useT } from '../../../i18n'
import { StatusIcon } from '../../../status/StatusTag'
import type { Family } from '../../../theme/tokens'
import { useAccountList, useRehearse, useSelfTest } from '../api'

const stepFamily: Record<StepOutcome, Family> = { passed: 'ok', failed: 'br', skipped: 'vo' }

function Result({ result }: { result: RehearsalResult }) {
  const t = useT()
  const good = result.found === result.wanted
  const word = good && result.check === 'after_expiry' ? t('certs.found.refused_old') : t(`certs.found.${result.found}`)
  return (
    <li data-check={result.check} data-good={good}>
      <span>{t(`certs.check.${result.check}`)}</span>
      <span className="zf-row zf-nowrap">
        <StatusIcon family={good ? 'ok' : 'br'} /> {word}
      </span>
    </li>
  )
}

/** A change of keys, run through before it happens; and the account tried against the channel itself. */
export function RehearsalCard({ list, accountId }: { list: KeyList; accountId: string }) {
  const t = useT()
  const lang = useLanguage()
  const may = useMay('manage_accounts')
  const rehearse = useRehearse()
  const selfTest = useSelfTest()
  const accounts = useAccountList()
  const last = list.rehearsals.find((r) => r.account_id === accountId)
  const test = accounts.data?.accounts.find((a) => a.brief.account_id === accountId)?.last_self_test ?? null
  return (
    <Card
      title={t('certs.rehearsal')}
      note={t('certs.rehearsal_note')}
      extra={
        <Button
          size="small"
          icon={<PlayCircleOutlined />}
          disabled={!may}
          title={may ? undefined : t('certs.admin_only')}
          loading={rehearse.isPending}
          onClick={() => rehearse.mutate({ account_id: accountId })}
          data-testid="rehearse"
        >
          {last === undefined ? t('certs.rehearse_first') : t('certs.rehearse')}
        </Button>
      }
      testid="rehearsal"
      flush
    >
      <div className="zf-rehearsal">
        <div>
          {rehearse.error === null ? null : <ErrorPanel error={rehearse.error} />}
          {last === undefined ? (
            <p className="zf-help zf-rehearsal-none">{t('certs.rehearsal_never')}</p>
          ) : (
            <>
              <p className="zf-help zf-rehearsal-none">{t('certs.rehearsal_at', { time: timeText(last.at, 'minute') })}</p>
              {last.passed ? null : <Notice family="br" title={t('certs.rehearsal_bad')} />}
              <ul className="zf-rehearsal-list">
                {last.results.map((r) => (
                  <Result key={r.check} result={r} />
                ))}
              </ul>
            </>
          )}
        </div>
        <div>
          <div className="zf-between zf-rehearsal-none">
            <span className="zf-help">
              {t('certs.channel_test')}
              {test === null ? null : ` · ${t('certs.channel_test_at', { time: timeText(test.at, 'minute') })}`}
            </span>
            <Button
              size="small"
              icon={<ExperimentOutlined />}
              disabled={!may}
              title={may ? undefined : t('certs.admin_only')}
              loading={selfTest.isPending}
              onClick={() => selfTest.mutate({ account_id: accountId })}
              data-testid="keys-self-test"
            >
              {t('certs.channel_test_run')}
            </Button>
          </div>
          {selfTest.error === null ? null : <ErrorPanel error={selfTest.error} />}
          {test === null ? (
            <p className="zf-help zf-rehearsal-none">{t('certs.channel_test_never')}</p>
          ) : (
            <ul className="zf-rehearsal-list">
              {test.steps.map((s) => (
                <li key={s.step}>
                  <span>
                    {t(`certs.step.${s.step}`)}
                    {s.detail === '' ? null : <span className="zf-help zf-block">{inLanguage(s.detail, lang)}</span>}
                  </span>
                  <span className="zf-row zf-nowrap">
                    <StatusIcon family={stepFamily[s.outcome]} /> {t(`certs.outcome.${s.outcome}`)}
                  </span>
                </li>
              ))}
            </ul>
          )}
          {may ? null : <p className="zf-help zf-rehearsal-none">{t('certs.admin_only')}</p>}
        </div>
      </div>
    </Card>
  )
}
