import { DownloadOutlined, EditOutlined, UploadOutlined } from '@ant-design/icons'
import { Button, Progress } from 'antd'
import { Fragment, useState } from 'react'
import { useMay } from '../../../api/status'
import { Digest, DigestEnds } from '../../../components/Id'
import { saveHeld } from '../../../components/saveHeld'
import { Card, PageHeader, Time } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { clockNow, cny, timeText } from '../../../format'
import type { BudgetView, Person, RuleBody, RuleSetState, RuleSetsView, RuleSetView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { pickFile, toApiError, type ApiError } from '../../../platform'
import { FamilyTag } from '../../../status/StatusTag'
import type { Family } from '../../../theme/tokens'
import { readRules, useExportRules, usePeople, useRuleSets } from '../api'
import { parts, ruleLines, shipped } from '../words'
import { Changes } from './Changes'
import { Editor } from './Editor'
import { Proposal } from './Proposal'

const families: Record<RuleSetState, Family> = { built_in: 'wa', proposed: 'ru', in_effect: 'ok', superseded: 'vo', rejected: 'vo', withdrawn: 'vo' }

function Budget({ budget }: { budget: BudgetView }) {
  const t = useT()
  const left = Math.max(0, budget.monthly_minor - budget.spent_minor)
  const share = budget.monthly_minor === 0 ? 0 : Math.min(100, Math.trunc((budget.spent_minor * 100) / budget.monthly_minor))
  return (
    <span className="zf-row zf-nowrap" data-testid="rr-budget">
      <Progress percent={share} size="small" showInfo={false} className="zf-rule-budget" aria-label={t('rr.budget_bar')} />
      <span className="zf-help">{t('rr.budget_line', { month: budget.month.slice(0, 7), spent: cny(budget.spent_minor), budget: cny(budget.monthly_minor), left: cny(left) })}</span>
    </span>
  )
}

function Standing({ sets, people }: { sets: RuleSetsView; people: readonly Person[] }) {
  const t = useT()
  const { current } = sets
  return (
    <Card flush className="zf-fixed" testid="rr-standing" title={t('rr.standing')} note={t('rr.lead')}>
      <ul>
        {parts.map((part) => (
          <li key={part} className="zf-rule" data-testid={`rr-${part}`}>
            <span className="zf-strong">{t(`rr.part.${part}`)}</span>
            <span>
              {ruleLines(t, current.rules, part, people).map((line) => (
                <div key={line}>{line}</div>
              ))}
              {part === 'tolerances' ? sets.budgets.map((budget) => <Budget key={budget.channel} budget={budget} />) : null}
              <span className="zf-help">{t(`rr.about.${part}`)}</span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function History({ sets, people }: { sets: RuleSetsView; people: readonly Person[] }) {
  const t = useT()
  const [open, setOpen] = useState<string | null>(null)
  /** What stood before a set: the version its author had. */
  const before = (set: RuleSetView) => sets.history.find((s) => s.version === set.based_on && (s.state === 'in_effect' || s.state === 'superseded' || s.state === 'built_in'))
  return (
    <Card flush className="zf-fixed" testid="rr-history" title={t('rr.history')}>
      <table className="zf-table">
        <thead>
          <tr>
            <th>{t('rr.col.version')}</th>
            <th>{t('rr.col.state')}</th>
            <th>{t('rr.col.proposed')}</th>
            <th>{t('rr.col.decided')}</th>
            <th>{t('rr.field.reason')}</th>
            <th>{t('rr.digest')}</th>
            <th>{t('rr.changes')}</th>
          </tr>
        </thead>
        <tbody>
          {sets.history.map((set) => {
            const key = set.rule_set_id ?? 'shipped'
            const from = before(set)
            return (
              <Fragment key={key}>
                <tr data-testid={`rr-version-${set.version}`}>
                  <td>{t('rr.version', { n: set.version })}</td>
                  <td>
                    <FamilyTag family={families[set.state]}>{t(`rr.state.${set.state}`)}</FamilyTag>
                  </td>
                  <td>
                    {set.proposed_by ?? ''} <Time at={set.proposed_at} as="short" />
                  </td>
                  <td>
                    {set.decided_by ?? ''} <Time at={set.decided_at} as="short" />
                    {set.decision_note === null ? null : <div className="zf-help">{set.decision_note}</div>}
                  </td>
                  <td className="zf-wrap">{shipped(t, set.reason)}</td>
                  <td>
                    <DigestEnds value={set.digest} />
                  </td>
                  <td>
                    {from === undefined ? (
                      '\u2014'
                    ) : (
                      <Button type="link" size="small" aria-expanded={open === key} aria-label={t('rr.show_changes', { n: set.version })} onClick={() => setOpen(open === key ? null : key)} data-testid={`rr-changes-${set.version}`}>
                        {t('rr.changes')}
                      </Button>
                    )}
                  </td>
                </tr>
                {open === key && from !== undefined ? (
                  <tr>
                    <td colSpan={7}>
                      <Changes from={from.rules} to={set.rules} people={people} testid={`rr-history-diff-${set.version}`} />
                      <Digest value={set.digest} />
                    </td>
                  </tr>
                ) : null}
              </Fragment>
            )
          })}
        </tbody>
      </table>
    </Card>
  )
}

/** The rules of reconciliation: what stands, what is proposed, what stood. */
export default function RulesPage() {
  const t = useT()
  const toasts = useToasts()
  const sets = useRuleSets()
  const people = usePeople().data?.people ?? []
  const mayPropose = useMay('run_reconciliation')
  const [editing, setEditing] = useState<RuleBody | null>(null)
  const [fileError, setFileError] = useState<ApiError | null>(null)
  const file = useExportRules()
  const { data } = sets
  const today = timeText(clockNow(), 'date')
  const edit = () => data !== undefined && setEditing(data.current.rules)
  useHotkeys([{ keys: 'e', run: edit, label: t('rr.edit'), group: 'action' }], mayPropose && data !== undefined && editing === null)
  const save = () =>
    file.mutate(
      { rule_set_id: data?.current.rule_set_id ?? null },
      { onSuccess: (held) => void saveHeld(t, held).then((said) => said !== null && toasts.show({ text: said })) },
    )
  const load = async () => {
    setFileError(null)
    try {
      const held = await pickFile('any', '.json')
      if (held !== null) setEditing(await readRules(held.file_token))
    } catch (cause) {
      setFileError(toApiError(cause))
    }
  }
  return (
    <div className="zf-page zf-scroll">
      <PageHeader
        title={t('rr.title')}
        note={
          data === undefined ? null : (
            <span className="zf-help" data-testid="rr-current" data-version={data.current.version}>
              {t('rr.version', { n: data.current.version })} ·{' '}
              {data.current.decided_at === null ? t('rr.built_in') : t('rr.since', { time: timeText(data.current.decided_at, 'short'), name: data.current.decided_by ?? '\u2014' })} · {t('rr.digest')}{' '}
              <DigestEnds value={data.current.digest} />
            </span>
          )
        }
        actions={
          <>
            <Button icon={<DownloadOutlined />} loading={file.isPending} disabled={data === undefined} onClick={save} data-testid="rr-export">
              {t('rr.export')}
            </Button>
            <Button icon={<UploadOutlined />} disabled={!mayPropose || data === undefined} title={mayPropose ? undefined : t('rr.cannot_edit')} onClick={() => void load()} data-testid="rr-import">
              {t('rr.import')}
            </Button>
            <Button type="primary" icon={<EditOutlined />} disabled={!mayPropose || data === undefined} title={mayPropose ? undefined : t('rr.cannot_edit')} onClick={edit} data-testid="rr-edit">
              {t('rr.edit')}
            </Button>
          </>
        }
      />
      {fileError === null ? null : <ErrorPanel error={fileError} testid="rr-file-error" />}
      {file.error === null ? null : <ErrorPanel error={file.error} />}
      {sets.error !== null ? (
        <ErrorPanel error={sets.error} onRetry={() => void sets.refetch()} />
      ) : data === undefined ? (
        <Card>
          <Skeleton rows={8} />
        </Card>
      ) : (
        <>
          {data.proposals.map((proposal, i) => (
            <Proposal key={proposal.rule_set_id} proposal={proposal} sets={data} people={people} today={today} first={i === 0} />
          ))}
          <Standing sets={data} people={people} />
          {data.proposals.length === 0 ? (
            <Card className="zf-fixed">
              <Empty title={t('rr.no_proposals')} note={t('rr.lead')} />
            </Card>
          ) : null}
          <History sets={data} people={people} />
          {editing === null ? null : <Editor sets={data} start={editing} people={people} today={today} onClose={() => setEditing(null)} />}
        </>
      )}
    </div>
  )
}
