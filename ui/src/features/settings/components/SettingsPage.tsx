import { Checkbox } from 'antd'
import { useMay, usePerson, useStatus } from '../../../api/status'
import { Card, Facts, PageHeader } from '../../../components/small'
import { Tabs } from '../../../components/Tabs'
import { NotAllowed } from '../../../components/states'
import { hasMessage, setLanguage, tDynamic, useLanguage, useT, type Language } from '../../../i18n'
import { setPreferences, usePreferences, type Density } from '../../../preferences'
import { usePlace } from '../../../router'
import type { Mode } from '../../../theme/tokens'
import { KeysCard } from './KeysCard'
import { PasswordButton } from './PasswordCard'
import { PeopleCard } from './PeopleCard'
import { RuleCards } from './RuleCards'
import { ScheduleCard } from './ScheduleCard'
import { ThreeWayCard } from './ThreeWayCard'

/** Who may do what, how it looks, what this is. */
export default function SettingsPage() {
  const t = useT()
  const lang = useLanguage()
  const { mode, density, maskAmounts } = usePreferences()
  const person = usePerson()
  const status = useStatus()
  const mayManage = useMay('manage_users')
  const place = usePlace()
  const vaultKey = `settings.vault.${status.vault ?? ''}`
  return (
    <div className="zf-page zf-scroll">
      <PageHeader title={t('settings.title')} />
      {mayManage ? (
        <PeopleCard />
      ) : (
        <Card className="zf-fixed" title={t('settings.people')}>
          <NotAllowed label={t('settings.add')} why={t('settings.people_denied')} ask={t('settings.people_ask')} />
        </Card>
      )}
      <RuleCards />
      <div className="zf-cards">
        <ScheduleCard />
        <ThreeWayCard />
        <Card title={t('settings.me')} extra={<PasswordButton />}>
          <Facts
            wide
            rows={[
              [t('settings.col.name'), person.display_name],
              [t('settings.col.login'), person.login],
              [t('settings.col.role'), t(`role.${person.role}`)],
              [t('settings.my_rights'), status.permissions.map((p) => t(`permission.${p}`)).join(' · ')],
            ]}
          />
        </Card>
        <Card title={t('settings.look')}>
          <Facts
            wide
            rows={[
              [
                t('settings.language'),
                <Tabs<Language>
                  key="l"
                  look="box"
                  label={t('settings.language')}
                  value={lang}
                  onChange={setLanguage}
                  items={[
                    { key: 'zh', label: '\u4e2d\u6587' },
                    { key: 'en', label: 'English' },
                  ]}
                />,
              ],
              [
                t('settings.mode'),
                <Tabs<Mode>
                  key="m"
                  look="box"
                  label={t('settings.mode')}
                  value={mode}
                  onChange={(next) => setPreferences({ mode: next })}
                  items={[
                    { key: 'light', label: t('frame.theme_light') },
                    { key: 'dark', label: t('frame.theme_dark') },
                  ]}
                />,
              ],
              [
                t('settings.density'),
                <Tabs<Density>
                  key="d"
                  look="box"
                  label={t('settings.density')}
                  value={density}
                  onChange={(next) => setPreferences({ density: next })}
                  items={(['compact', 'default', 'roomy'] as const).map((name) => ({ key: name, label: t(`frame.density.${name}`) }))}
                />,
              ],
              [
                t('settings.masking'),
                <Checkbox key="a" checked={maskAmounts} onChange={(event) => setPreferences({ maskAmounts: event.target.checked })}>
                  {t('mask.amounts')}
                </Checkbox>,
              ],
            ]}
          />
        </Card>
        <Card title={t('settings.about')}>
          <Facts
            wide
            rows={[
              [t('settings.version'), status.version],
              [t('setup.merchant_name'), status.merchant_name ?? '—'],
              [t('setup.environment'), status.environment === null ? '—' : t(`frame.env.${status.environment}`)],
              [t('settings.vault'), hasMessage(vaultKey) ? tDynamic(vaultKey, {}) : (status.vault ?? '—')],
            ]}
          />
        </Card>
      </div>
      <div ref={place.query['part'] === 'keys' ? (card) => card?.scrollIntoView?.() : undefined} className="zf-fixed">
        <KeysCard />
      </div>
    </div>
  )
}
