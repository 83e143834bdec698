import { amountsIn, inLanguage } from '../format'
import type { CheckLevel, Preflight, PreflightCheck } from '../generated/types'
import { hasMessage, tDynamic, useLanguage, useT, type Translate } from '../i18n'
import { StatusIcon } from '../status/StatusTag'
import type { Family } from '../theme/tokens'

const familyOf: Record<CheckLevel, Family> = { block: 'br', warning: 'at', pass: 'ok' }
const order: Record<CheckLevel, number> = { block: 0, warning: 1, pass: 2 }

/** The name of a check in words; one the catalogue does not know shows as the core calls it. */
export function checkName(check: PreflightCheck, _t: Translate): string {
  const key = `check.${check.name}`
  return hasMessage(key) ? tDynamic(key, {}) : check.name
}

/** How many checks passed, warned and failed. */
export function PreflightCounts({ preflight }: { preflight: Preflight }) {
  const t = useT()
  const n = (level: CheckLevel) => preflight.checks.filter((c) => c.level === level).length
  return (
    <span className="zf-row">
      <span className="zf-status zf-f-ok zf-strong">
        <StatusIcon family="ok" /> {t('refunds.passed', { n: n('pass') })}
      </span>
      <span className={`zf-status ${n('warning') > 0 ? 'zf-f-at zf-strong' : 'zf-f-vo'}`}>
        <StatusIcon family={n('warning') > 0 ? 'at' : 'vo'} /> {t('refunds.warnings', { n: n('warning') })}
      </span>
      <span className={`zf-status ${n('block') > 0 ? 'zf-f-br zf-strong' : 'zf-f-vo'}`}>
        <StatusIcon family={n('block') > 0 ? 'br' : 'vo'} /> {t('refunds.blocks', { n: n('block') })}
      </span>
    </span>
  )
}

/** Every check of a refund, worst first, with the numbers it rests on. */
export function PreflightList({ preflight }: { preflight: Preflight }) {
  const t = useT()
  const lang = useLanguage()
  const checks = preflight.checks.toSorted((a, b) => order[a.level] - order[b.level])
  return (
    <ul className="zf-checks">
      {checks.map((check) => (
        <li key={check.name} data-level={check.level} data-testid={`check-${check.name}`}>
          <StatusIcon family={familyOf[check.level]} />
          <div>
            <div className="zf-between">
              <span className="zf-check-name">{checkName(check, t)}</span>
              <span className="zf-nowrap-text">{amountsIn(inLanguage(check.value, lang))}</span>
            </div>
            {check.detail === '' ? null : <div className="zf-help">{amountsIn(lang === 'zh' ? check.detail : check.detail_en)}</div>}
          </div>
        </li>
      ))}
    </ul>
  )
}
