import { CheckOutlined, CloseOutlined, RollbackOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useMoneyReady } from '../../../api/status'
import { Card, Kbd, Time } from '../../../components/small'
import { ErrorPanel } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import { shortDigest } from '../../../format'
import type { Person, RuleSetsView, RuleSetView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { useDecide, useWithdraw } from '../api'
import { BackTest } from './BackTest'
import { Changes } from './Changes'

type Props = { proposal: RuleSetView; sets: RuleSetsView; people: readonly Person[]; today: string; first: boolean }

/** One proposal: what changes, what it would have hidden, and another person's yes or no. */
export function Proposal({ proposal, sets, people, today, first }: Props) {
  const t = useT()
  const toasts = useToasts()
  const ready = useMoneyReady()
  const decide = useDecide()
  const withdraw = useWithdraw()
  const [note, setNote] = useState('')
  const { version, rule_set_id: id } = proposal
  const answer = (approve: boolean) => {
    if (id === null || decide.isPending) return
    decide.mutate(
      { rule_set_id: id, digest: proposal.digest, back_test_digest: proposal.back_test?.digest ?? null, approve, note },
      { onSuccess: () => toasts.show({ text: t(approve ? 'rr.approved' : 'rr.rejected', { n: version }) }) },
    )
  }
  const able = proposal.may_decide && ready
  useHotkeys([{ keys: 'a', run: () => answer(true), label: t('rr.approve', { n: version }), group: 'action', commits: true }], first && able)
  const error = decide.error ?? withdraw.error
  return (
    <Card
      className="zf-fixed"
      testid={`rr-proposal-${version}`}
      title={t('rr.proposal', { n: version })}
      note={
        <>
          {t('rr.proposal_by', { name: proposal.proposed_by ?? '\u2014' })} <Time at={proposal.proposed_at} as="short" /> · {t('rr.based_on', { n: proposal.based_on })} · {proposal.reason}
        </>
      }
      footer={
        <div className="zf-stack">
          <span className="zf-help" data-testid="rr-covers">
            {t('rr.covers', { rules: shortDigest(proposal.digest), test: proposal.back_test === null ? t('rr.untested') : shortDigest(proposal.back_test.digest) })}
          </span>
          {error === null ? null : <ErrorPanel error={error} testid="rr-decide-error" />}
          {proposal.may_decide ? (
            <div className="zf-row zf-nowrap">
              <Input value={note} maxLength={500} placeholder={t('rr.note')} aria-label={t('rr.note')} onChange={(event) => setNote(event.target.value)} data-testid="rr-note" />
              <Button icon={<CloseOutlined />} disabled={!ready || note.trim() === ''} loading={decide.isPending} onClick={() => answer(false)} data-testid="rr-reject">
                {t('rr.reject')}
              </Button>
              <Button type="primary" icon={<CheckOutlined />} disabled={!ready} loading={decide.isPending} onClick={() => answer(true)} data-testid="rr-approve">
                {t('rr.approve', { n: version })} {first ? <Kbd keys="a" /> : null}
              </Button>
            </div>
          ) : (
            <div className="zf-between">
              <span className="zf-help" data-testid="rr-may-not">
                {t(proposal.mine ? 'rr.own' : 'rr.not_yours')}
              </span>
              {proposal.mine && id !== null ? (
                <Button icon={<RollbackOutlined />} loading={withdraw.isPending} onClick={() => withdraw.mutate({ rule_set_id: id }, { onSuccess: () => toasts.show({ text: t('rr.withdrawn') }) })} data-testid="rr-withdraw">
                  {t('rr.withdraw')}
                </Button>
              ) : null}
            </div>
          )}
        </div>
      }
    >
      <div className="zf-stack">
        <Changes from={sets.current.rules} to={proposal.rules} people={people} testid="rr-proposal-diff" />
        <h4>{t('rr.test')}</h4>
        <BackTest proposal={proposal} today={today} daysMax={sets.back_test_days_max} />
      </div>
    </Card>
  )
}
