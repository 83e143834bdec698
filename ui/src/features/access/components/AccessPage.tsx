import { ReloadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { Avatar, Card, PageHeader, Time } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { count, timeText } from '../../../format'
import type { AccessFinding, AccessPerson, AccessReview, FindingKind, Severity } from '../../../generated/types'
import { useT, type Translate } from '../../../i18n'
import { go } from '../../../router'
import { FamilyTag, StatusIcon } from '../../../status/StatusTag'
import type { Family } from '../../../theme/tokens'
import { useAccessReview } from '../api'

const familyOf: Record<Severity, Family> = { high: 'br', medium: 'at', low: 'wa' }

/** Where a finding is mended. */
const placeOf: Record<FindingKind, '/settings' | '/audit' | '/refunds'> = {
  default_password: '/settings',
  no_checker: '/settings',
  too_few_checkers: '/settings',
  single_checker: '/settings',
  single_administrator: '/settings',
  asked_and_approved: '/audit',
  administrator_approved: '/audit',
  fixed_pair: '/refunds',
  failed_sign_ins: '/audit',
  dormant: '/settings',
  never_signed_in: '/settings',
}

function Finding({ finding }: { finding: AccessFinding }) {
  const t = useT()
  const { kind, severity, n, limit } = finding
  const place = placeOf[kind]
  const who = finding.people.join(t('common.comma'))
  return (
    <li className="zf-finding" data-testid={`finding-${kind}`} data-severity={severity}>
      <FamilyTag family={familyOf[severity]}>{t(`access.severity.${severity}`)}</FamilyTag>
      <div>
        <div className="zf-strong">{t(`access.finding.${kind}`, { who, n: count(n), limit: count(limit) })}</div>
        <div className="zf-help">{t(`access.remedy.${kind}`)}</div>
      </div>
      <Button size="small" onClick={() => go(place, place === '/audit' && finding.people[0] !== undefined ? { text: finding.people[0] } : {})}>
        {t(`access.go.${place.slice(1) as 'settings' | 'audit' | 'refunds'}`)}
      </Button>
    </li>
  )
}

function state(t: Translate, person: AccessPerson): string {
  if (person.disabled) return t('settings.state.disabled')
  if (person.locked_until !== null) return t('settings.state.locked', { time: timeText(person.locked_until, 'clock') })
  return person.live_sessions > 0 ? t('access.signed_in') : t('settings.state.active')
}

function People({ review }: { review: AccessReview }) {
  const t = useT()
  return (
    <table className="zf-table" data-testid="access-people">
      <thead>
        <tr>
          <th>{t('settings.col.name')}</th>
          <th>{t('settings.col.role')}</th>
          <th>{t('access.col.rights')}</th>
          <th>{t('access.col.last')}</th>
          <th className="zf-num">{t('access.col.dormant')}</th>
          <th className="zf-num">{t('access.col.failed')}</th>
          <th className="zf-num">{t('access.col.requested')}</th>
          <th className="zf-num">{t('access.col.approved')}</th>
          <th className="zf-num">{t('access.col.rejected')}</th>
          <th>{t('settings.col.state')}</th>
        </tr>
      </thead>
      <tbody>
        {review.people.map((p) => (
          <tr key={p.user_id} className={p.disabled ? 'zf-t3' : undefined} data-testid={`access-${p.login}`}>
            <td>
              <span className="zf-row zf-nowrap">
                <Avatar name={p.display_name} size={20} /> {p.display_name} <span className="zf-t3 zf-mono">{p.login}</span>
              </span>
            </td>
            <td>{t(`role.${p.role}`)}</td>
            <td className="zf-access-rights" title={p.rights.map((right) => t(`permission.${right}`)).join('\n')}>
              {p.rights.map((right) => t(`permission.${right}`)).join(' · ')}
            </td>
            <td>{p.last_sign_in === null ? <span className="zf-t3">{t('access.never')}</span> : <Time at={p.last_sign_in} as="short" />}</td>
            <td className="zf-num">{p.dormant_days === null ? '—' : count(p.dormant_days)}</td>
            <td className={p.failed_sign_ins > 0 ? 'zf-num zf-c-at' : 'zf-num'}>{count(p.failed_sign_ins)}</td>
            <td className="zf-num">{count(p.requested)}</td>
            <td className="zf-num">{count(p.approved)}</td>
            <td className="zf-num">{count(p.rejected)}</td>
            <td>{state(t, p)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Who can do what, who does, and what a careful house would change. */
export default function AccessPage() {
  const t = useT()
  const review = useAccessReview()
  const data = review.data
  return (
    <div className="zf-page zf-scroll">
      <PageHeader
        title={t('access.title')}
        note={data === undefined ? undefined : t('access.note', { days: data.days, from: timeText(data.since, 'date'), at: timeText(data.at, 'short') })}
        actions={
          <Button icon={<ReloadOutlined />} loading={review.isFetching} onClick={() => void review.refetch()} data-testid="access-again">
            {t('access.again')}
          </Button>
        }
      />
      {review.error !== null ? (
        <ErrorPanel error={review.error} onRetry={() => void review.refetch()} />
      ) : data === undefined ? (
        <Card>
          <Skeleton rows={8} />
        </Card>
      ) : (
        <>
          <div className="zf-access-top">
            <Card flush className="zf-fixed" title={t('access.findings')} note={t('common.items', { n: count(data.findings.length) })} testid="access-findings">
              {data.findings.length === 0 ? (
                <Empty icon={<StatusIcon family="ok" />} title={t('access.nothing')} note={t('access.nothing_note', { n: data.passed.length })} />
              ) : (
                <ul>
                  {data.findings.map((finding) => (
                    <Finding key={`${finding.kind}-${finding.people.join()}`} finding={finding} />
                  ))}
                </ul>
              )}
            </Card>
            <Card className="zf-fixed" title={t('access.passed')} note={t('access.passed_note', { n: data.passed.length })} testid="access-passed">
              <ul className="zf-access-passed">
                {data.passed.map((kind) => (
                  <li key={kind}>
                    <StatusIcon family="ok" /> {t(`access.passed.${kind}`)}
                  </li>
                ))}
              </ul>
            </Card>
          </div>
          <Card flush className="zf-fixed" title={t('access.people')} note={t('access.people_note', { days: data.days })}>
            <People review={data} />
          </Card>
          <Card flush className="zf-fixed" title={t('access.pairs')} note={t('access.pairs_note')}>
            {data.pairs.length === 0 ? (
              <Empty title={t('access.pairs_empty')} />
            ) : (
              <table className="zf-table" data-testid="access-pairs">
                <thead>
                  <tr>
                    <th>{t('field.maker')}</th>
                    <th>{t('role.approver')}</th>
                    <th className="zf-num">{t('access.col.approved')}</th>
                    <th className="zf-num">{t('access.col.of_maker')}</th>
                  </tr>
                </thead>
                <tbody>
                  {data.pairs.map((pair) => (
                    <tr key={`${pair.maker}-${pair.checker}`}>
                      <td>{pair.maker}</td>
                      <td>{pair.checker}</td>
                      <td className="zf-num">{count(pair.approved)}</td>
                      <td className="zf-num">{t('access.of', { done: count(pair.approved), total: count(pair.of_maker) })}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </Card>
        </>
      )}
    </div>
  )
}
