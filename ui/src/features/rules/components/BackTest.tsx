import { DownloadOutlined, ExperimentOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useLive } from '../../../api/status'
import { AccountSelect, useAccountChoice } from '../../../components/AccountSelect'
import { DigestEnds } from '../../../components/Id'
import { MissingSide, Money, NotApplicable } from '../../../components/Money'
import { saveHeld } from '../../../components/saveHeld'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { TaskProgress } from '../../../components/TaskProgress'
import { useToasts } from '../../../components/Toast'
import { count, moneyText, timeText } from '../../../format'
import type { BackTestView, RuleSetView } from '../../../generated/types'
import { language, useT } from '../../../i18n'
import { FamilyTag } from '../../../status/StatusTag'
import { useBackTest, useExportBackTest, useItems } from '../api'

function Items({ test }: { test: BackTestView }) {
  const t = useT()
  const list = useItems(test.back_test_id)
  const total = test.hidden + test.raised
  if (total === 0) return <Empty title={t('rr.test_none')} />
  if (list.error !== null) return <ErrorPanel error={list.error} />
  if (list.rows.length === 0) return <Skeleton rows={4} />
  return (
    <>
      <table className="zf-table" data-testid="rr-items">
        <thead>
          <tr>
            <th>{t('rr.col.change')}</th>
            <th>{t('rr.col.day')}</th>
            <th>{t('rr.col.difference')}</th>
            <th>{t('rr.col.number')}</th>
            <th className="zf-num">{t('rr.col.channel')}</th>
            <th className="zf-num">{t('rr.col.ledger')}</th>
            <th className="zf-num">{t('rr.col.fee')}</th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((item) => (
            <tr key={item.position}>
              <td>
                <FamilyTag family={item.change === 'hidden' ? 'at' : 'ru'}>{t(`rr.change.${item.change}`)}</FamilyTag>
              </td>
              <td>{item.date}</td>
              <td>{t(`difference.${item.code}`)}</td>
              <td className="zf-mono">{item.number}</td>
              <td className="zf-num">{item.channel === null ? <MissingSide /> : <Money value={item.channel} />}</td>
              <td className="zf-num">{item.ledger === null ? <MissingSide /> : <Money value={item.ledger} />}</td>
              <td className="zf-num">{item.fee === null ? <NotApplicable /> : `${moneyText(item.fee.charged)} / ${moneyText(item.fee.agreed)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.hasNextPage ? (
        <Button size="small" onClick={list.more} loading={list.isFetchingNextPage}>
          {t('rr.more', { n: count(total) })}
        </Button>
      ) : null}
    </>
  )
}

function Result({ test }: { test: BackTestView }) {
  const t = useT()
  const toasts = useToasts()
  const file = useExportBackTest()
  const save = () =>
    file.mutate(
      { back_test_id: test.back_test_id, english: language() === 'en' },
      { onSuccess: (held) => void saveHeld(t, held).then((said) => said !== null && toasts.show({ text: said })) },
    )
  const codes = test.codes.filter((c) => c.before !== c.after)
  return (
    <div className="zf-stack" data-testid="rr-test">
      <div className="zf-between">
        <span className="zf-row">
          <FamilyTag family={test.hidden > 0 ? 'at' : 'ok'}>{t('rr.test_result', { hidden: count(test.hidden), raised: count(test.raised) })}</FamilyTag>
          <span className="zf-help">
            {t('rr.test_by', { name: test.run_by, time: timeText(test.at, 'short'), first: test.first, last: test.last, n: test.days.length })} <DigestEnds value={test.digest} />
          </span>
        </span>
        <Button size="small" icon={<DownloadOutlined />} loading={file.isPending} onClick={save} data-testid="rr-test-export">
          {t('rr.test_export')}
        </Button>
      </div>
      {file.error === null ? null : <ErrorPanel error={file.error} />}
      {codes.length === 0 ? null : (
        <p className="zf-t2">
          {codes.map((c) => `${t(`difference.${c.code}`)} ${count(c.before)} \u2192 ${count(c.after)}`).join(t('common.comma'))}
        </p>
      )}
      <table className="zf-table" data-testid="rr-days">
        <thead>
          <tr>
            <th>{t('rr.col.day')}</th>
            <th>{t('rr.col.run')}</th>
            <th className="zf-num">{t('rr.before')}</th>
            <th className="zf-num">{t('rr.after')}</th>
            <th className="zf-num">{t('rr.change.hidden')}</th>
            <th className="zf-num">{t('rr.change.raised')}</th>
            <th className="zf-num">{t('rr.col.tolerated')}</th>
            <th className="zf-num">{t('rr.col.spent')}</th>
          </tr>
        </thead>
        <tbody>
          {test.days.map((day) => (
            <tr key={day.date}>
              <td>{day.date}</td>
              <td>{t('rr.run_of', { n: day.run_number, v: day.rules_version })}</td>
              <td className="zf-num">{count(day.before)}</td>
              <td className="zf-num">{count(day.after)}</td>
              <td className={`zf-num ${day.hidden > 0 ? 'zf-c-at' : ''}`}>{count(day.hidden)}</td>
              <td className="zf-num">{count(day.raised)}</td>
              <td className="zf-num">{count(day.tolerated_rows)}</td>
              <td className="zf-num">{day.ended_by === null ? moneyText({ minor: day.spent_minor, currency: 'CNY' }) : t(`rr.end.${day.ended_by}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h4>{t('rr.items')}</h4>
      <Items key={test.back_test_id} test={test} />
    </div>
  )
}

/** Tries a proposal on days that were reconciled. */
export function BackTest({ proposal, today, daysMax }: { proposal: RuleSetView; today: string; daysMax: number }) {
  const t = useT()
  const toasts = useToasts()
  const [account, setAccount] = useAccountChoice()
  const before = (days: number) => new Date(Date.parse(`${today}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10)
  const [first, setFirst] = useState(before(Math.min(30, daysMax - 1)))
  const [last, setLast] = useState(today)
  const test = useBackTest()
  const { tasks } = useLive()
  const running = tasks.find((task) => task.kind === 'back_test' && task.task_id === `back_test.${proposal.rule_set_id ?? ''}` && !task.finished)
  const start = () => {
    if (account === null || proposal.rule_set_id === null) return
    test.mutate(
      { rule_set_id: proposal.rule_set_id, account_id: account, first, last },
      { onSuccess: (done) => toasts.show({ text: t('rr.test_done', { hidden: count(done.hidden), raised: count(done.raised) }) }) },
    )
  }
  const result = proposal.back_test
  return (
    <div className="zf-stack">
      <p className="zf-help">{t('rr.test_lead')}</p>
      <div className="zf-row">
        {account === null ? null : <AccountSelect value={account} onChange={setAccount} />}
        <Input type="date" className="zf-rule-date" aria-label={t('rr.test_from')} value={first} max={last} onChange={(event) => setFirst(event.target.value)} data-testid="rr-test-from" />
        <span>–</span>
        <Input type="date" className="zf-rule-date" aria-label={t('rr.test_to')} value={last} min={first} max={today} onChange={(event) => setLast(event.target.value)} data-testid="rr-test-to" />
        <Button icon={<ExperimentOutlined />} disabled={account === null || first === '' || last === ''} loading={test.isPending} onClick={start} data-testid="rr-test-run">
          {t('rr.test_run')}
        </Button>
      </div>
      {running === undefined ? null : <TaskProgress task={running} />}
      {test.error === null ? null : <ErrorPanel error={test.error} testid="rr-test-error" />}
      {result === null ? null : <Result test={result} />}
    </div>
  )
}
