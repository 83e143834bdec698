import { Time } from '../../../components/small'
import { Skeleton } from '../../../components/states'
import { inLanguage } from '../../../format'
import type { SelfTest, StepOutcome } from '../../../generated/types'
import { useLanguage, useT } from '../../../i18n'
import { FamilyTag, StatusIcon } from '../../../status/StatusTag'
import type { Family } from '../../../theme/tokens'

const stepFamily: Record<StepOutcome, Family> = { passed: 'ok', failed: 'br', skipped: 'vo' }

/** What the self-test tried, step by step, each failure with its remedy. */
export function SelfTestResult({ test, running = false }: { test: SelfTest | null; running?: boolean }) {
  const t = useT()
  const lang = useLanguage()
  if (running) return <Skeleton rows={5} />
  if (test === null) return <p className="zf-t3">{t('channels.self_test_never')}</p>
  return (
    <div data-testid="self-test-result">
      <div className="zf-between">
        <FamilyTag family={test.passed ? 'ok' : 'br'}>{test.passed ? t('channels.self_test_ok') : t('channels.self_test_bad')}</FamilyTag>
        <span className="zf-help">
          <Time at={test.at} as="short" />
        </span>
      </div>
      <ul className="zf-verdict-checks">
        {test.steps.map((s) => (
          <li key={s.step} data-outcome={s.outcome}>
            <StatusIcon family={stepFamily[s.outcome]} label={t(`channels.outcome.${s.outcome}`)} />
            <div>
              <b>{t(`channels.step.${s.step}`)}</b> <span className="zf-t2">{inLanguage(s.detail, lang)}</span>
              {s.remedy === null ? null : <div className="zf-help">{inLanguage(s.remedy, lang)}</div>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
