import { BankOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { AboutNumber } from '../../../components/AboutNumber'
import { Card } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { Tabs } from '../../../components/Tabs'
import { WaterfallChart, WaterfallTable } from '../../../components/WaterfallChart'
import { layout } from '../../../components/waterfall'
import { cny, count, moneyText } from '../../../format'
import type { BillView, Currency, FlowDay, ReconView, RunTermsView } from '../../../generated/types'
import { useT } from '../../../i18n'
import type { Family } from '../../../theme/tokens'
import { FamilyTag, StatusIcon, StatusTag } from '../../../status/StatusTag'
import { useFlow } from '../api'
import { FlowPanel } from './FlowPanel'

/** Fees of the run against the contract, and what the tolerance let pass. */
function FeeTick({ terms }: { terms: RunTermsView }) {
  const t = useT()
  if (terms.rate_ppm === null) {
    return (
      <span className="zf-row zf-nowrap zf-help" data-testid="fee-tick">
        <StatusIcon family="vo" /> {t('rr.fee_no_contract')}
      </span>
    )
  }
  // What the tolerance let pass is no trouble; anything more is a difference in the list below.
  const family = terms.ended_by === null && Math.abs(terms.off_minor) <= terms.spent_minor ? 'ok' : 'at'
  const about = t('rr.fee_about', {
    n: count(terms.fee_rows),
    rate: `${Math.trunc(terms.rate_ppm / 10_000)}.${String(terms.rate_ppm % 10_000).padStart(4, '0').slice(0, 2)}%`,
    m: count(terms.tolerated_rows),
    spent: cny(terms.month_spent_minor),
    budget: cny(terms.monthly_minor),
    owner: terms.owner === '@administrator' ? t('rr.owner.shipped') : terms.owner,
  })
  const ended = terms.ended_by === null ? '' : ` · ${t('rr.fee_ended', { why: t(`rr.end.${terms.ended_by}`) })}`
  return (
    <span className="zf-row zf-nowrap zf-help" title={`${about}${ended}`} data-testid="fee-tick" data-off={terms.off_minor}>
      <StatusIcon family={family} />{' '}
      {terms.daily_minor === 0 ? t('rr.fee_tick_none', { off: cny(terms.off_minor) }) : t('rr.fee_tick', { off: cny(terms.off_minor), day: cny(terms.daily_minor) })}
      {ended}
    </span>
  )
}

type View = 'to_ours' | 'to_bank'

/** From the channel's net to ours, or from its gross to the bank; one currency at a time: they are never added. */
export function Waterfall({ run, bill }: { run: ReconView; bill: BillView }) {
  const t = useT()
  const [table, setTable] = useState(false)
  const [view, setView] = useState<View>('to_ours')
  const [panel, setPanel] = useState(false)
  const flow = useFlow(run.account_id, run.date)
  const falls = [{ currency: run.residual.currency, steps: run.waterfall }, ...run.other_waterfalls]
  const [chosen, setChosen] = useState<Currency>(run.residual.currency)
  const ours = falls.find((f) => f.currency === chosen) ?? { currency: run.residual.currency, steps: run.waterfall }
  const toBank = view === 'to_bank'
  const fall = toBank ? { currency: flow.data?.currency ?? ours.currency, steps: flow.data?.waterfall ?? [] } : ours
  // A day without trade has no file to check.
  const checked = bill.status === 'no_trade' || bill.sha256 === null ? null : bill.hash_verified && bill.totals.every((total) => total.agrees)
  const residual = { minor: fall.steps.find((s) => s.name === 'residual')?.minor ?? 0, currency: fall.currency }
  const note = t(toBank ? 'flow.waterfall_note' : 'recon.waterfall_note', { date: run.date.slice(5), currency: fall.currency })
  const name = t('recon.residual')
  return (
    <Card
      className="zf-waterfall"
      testid="waterfall"
      title={t('recon.waterfall')}
      note={`${note}${layout(fall.steps).broken ? ` · ${t('recon.waterfall_broken')}` : ''}`}
      extra={
        <>
          <Tabs<View>
            look="box"
            label={t('flow.view')}
            value={view}
            onChange={setView}
            items={[
              { key: 'to_ours', label: t('flow.view.ours') },
              { key: 'to_bank', label: t('flow.view.bank') },
            ]}
          />
          {toBank || falls.length === 1 ? null : (
            <Tabs<Currency> look="box" label={t('recon.currency')} value={ours.currency} onChange={setChosen} items={falls.map((f) => ({ key: f.currency, label: f.currency }))} />
          )}
          <button type="button" className="zf-linkbtn" onClick={() => setTable(!table)} data-testid="waterfall-table">
            {table ? t('recon.as_chart') : t('recon.as_table')}
          </button>
          {fall.steps.length === 0 ? null : (
            <span className="zf-row zf-nowrap">
              <FamilyTag family={residual.minor === 0 ? 'ok' : 'br'}>
                {name} <b data-testid="residual">{moneyText(residual)}</b>
              </FamilyTag>
              <AboutNumber name={name} counts={t(toBank ? 'flow.about.residual' : 'recon.about.residual')} filter={`${run.date} · ${fall.currency}`} asOf={toBank ? (flow.data?.tied_at ?? null) : run.finished_at} />
            </span>
          )}
        </>
      }
    >
      {!toBank || fall.steps.length > 0 ? (
        table ? <WaterfallTable steps={fall.steps} currency={fall.currency} /> : <WaterfallChart steps={fall.steps} currency={fall.currency} />
      ) : flow.error !== null ? (
        <ErrorPanel error={flow.error} onRetry={() => void flow.refetch()} />
      ) : flow.data === undefined ? (
        <Skeleton rows={4} />
      ) : (
        <div className="zf-waterfall-none" data-testid="flow-none">
          <FamilyTag family="at">{t(`flow.state.${flow.data.state}`)}</FamilyTag>
          <p className="zf-help">{t('flow.state_note')}</p>
        </div>
      )}
      <div className="zf-row zf-waterfall-foot">
        <StatusTag kind="difference" status="matched" suffix={<b data-testid="count-matched">{count(run.matched)}</b>} />
        <span className="zf-help">{t('recon.count.matched_note', { bill: count(run.bill_rows), books: count(run.ledger_rows) })}</span>
        {checked === null ? null : <Tick family={checked ? 'ok' : 'br'} text={t(checked ? 'recon.file_checked' : 'recon.file_unchecked')} testid="file-checked" />}
        {flow.data === undefined ? null : <FlowTicks flow={flow.data} />}
        {flow.data === undefined ? null : (
          <Button size="small" icon={<BankOutlined />} onClick={() => setPanel(true)} data-testid="flow-open">
            {t('flow.open')}
          </Button>
        )}
        {run.terms === undefined ? null : <FeeTick terms={run.terms} />}
        <span className="zf-help">{t('recon.run_by', { name: run.run_by })}</span>
      </div>
      {flow.data === undefined ? null : <FlowPanel flow={flow.data} open={panel} onClose={() => setPanel(false)} />}
    </Card>
  )
}

function Tick({ family, text, testid }: { family: Family; text: string; testid: string }) {
  return (
    <span className="zf-row zf-nowrap zf-help" data-testid={testid} data-family={family}>
      <StatusIcon family={family} /> {text}
    </span>
  )
}

/** What the fund flow says of the day: its balance row by row, its vouchers, its withdrawals. */
function FlowTicks({ flow }: { flow: FlowDay }) {
  const t = useT()
  if (flow.state !== 'open' && flow.state !== 'tied') return <Tick family="at" text={t(`flow.state.${flow.state}`)} testid="flow-balance" />
  const broken = flow.balance?.first_break ?? null
  const all = flow.withdrawals.length
  return (
    <>
      {broken !== null ? (
        <Tick family="br" text={t('flow.tick.break', { line: count(broken.line) })} testid="flow-balance" />
      ) : flow.opening === 'differs' ? (
        <Tick family="br" text={t('flow.tick.opening')} testid="flow-balance" />
      ) : (
        <Tick family="ok" text={t('flow.tick.balance', { n: count(flow.flow_rows) })} testid="flow-balance" />
      )}
      {flow.findings_open > 0 ? <Tick family="at" text={t('flow.tick.open', { n: count(flow.findings_open) })} testid="flow-findings" /> : null}
      {all === 0 ? null : <Tick family={flow.at_bank === all ? 'ok' : 'at'} text={t('flow.tick.bank', { n: count(flow.at_bank), all: count(all) })} testid="flow-bank" />}
    </>
  )
}
