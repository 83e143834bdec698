import { GlobalOutlined, LockOutlined, SafetyOutlined } from '@ant-design/icons'
import type { ReactNode } from 'react'
import { setLanguage, useLanguage, useT } from '../../i18n'

type Props = { step: 1 | 2 | 3; children: ReactNode; badge?: ReactNode }

/** What stands round the pages before the desk opens: who we are, the way ahead, the language. */
export function Door({ step, children, badge }: Props) {
  const t = useT()
  const lang = useLanguage()
  const steps = [
    [t('setup.step1'), t('setup.step1_note')],
    [t('setup.step2'), t('setup.step2_note')],
    [t('setup.step3'), t('setup.step3_note')],
    [t('setup.step4'), t('setup.step4_note')],
  ] as const
  return (
    <div className="zf-door">
      <aside className="zf-door-side">
        <div className="zf-door-brand">
          <span className="zf-logo zf-logo-big" aria-hidden>
            {'\u8d26'}
          </span>
          <span>
            <strong>{t('common.app')}</strong>
            <span className="zf-help">{t('common.tagline')}</span>
          </span>
        </div>
        {badge}
        <ol className="zf-steps">
          {steps.map(([title, note], i) => (
            <li key={title} aria-current={i + 1 === step ? 'step' : undefined}>
              <span className="zf-step-no">{i + 1}</span>
              <div>
                <div className="zf-step-title">{title}</div>
                <div className="zf-help">{note}</div>
              </div>
            </li>
          ))}
        </ol>
        <div className="zf-door-foot">
          <span>
            <LockOutlined aria-hidden /> {t('setup.foot_keys')}
          </span>
          <span>
            <SafetyOutlined aria-hidden /> {t('setup.foot_data')}
          </span>
          <span>
            <GlobalOutlined aria-hidden />
            <button
              type="button"
              className="zf-linkbtn"
              onClick={() => setLanguage(lang === 'zh' ? 'en' : 'zh')}
              data-testid="door-language"
            >
              {t('frame.language')}
            </button>
          </span>
        </div>
      </aside>
      <main className="zf-door-main">{children}</main>
    </div>
  )
}
