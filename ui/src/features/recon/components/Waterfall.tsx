import { useState } from 'react'
import { AboutNumber } from '../../../components/AboutNumber'
import { Card } from '../../../components/small'
import { Tabs } from '../../../components/Tabs'
import { WaterfallChart, WaterfallTable } from '../../../components/WaterfallChart'
import { layout } from '../../../components/waterfall'
import { count, moneyText } from '../../../format'
import type { BillView, Currency, ReconView, RunTermsView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { FamilyTag, StatusIcon, StatusTag } from '../../../status/StatusTag'

const cny = (minor: number) => moneyText({ minor, currency: 'CNY' })

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

/** From the channel's net to ours, one currency at a time: they are never added. */
export function Waterfall({ run, bill }: { run: ReconView; bill: BillView }) {
  const t = useT()
  const [table, setTable] = useState(false)
  const falls = [{ currency: run.residual.currency, steps: run.waterfall }, ...run.other_waterfalls]
  const [chosen, setChosen] = useState<Currency>(run.residual.currency)
  const fall = falls.find((f) => f.currency === chosen) ?? { currency: run.residual.currency, steps: run.waterfall }
  // A day without trade has no file to check.
  const checked = bill.status === 'no_trade' || bill.sha256 === null ? null : bill.hash_verified && bill.totals.every((total) => total.agrees)
  const residual = { minor: fall.steps.find((s) => s.name === 'residual')?.minor ?? 0, currency: fall.currency }
  return (
    <Card
      className="zf-waterfall"
      testid="waterfall"
      title={t('recon.waterfall')}
      note={`${t('recon.waterfall_note', { date: run.date.slice(5), currency: fall.currency })}${layout(fall.steps).broken ? ` · ${t('recon.waterfall_broken')}` : ''}`}
      extra={
        <>
          {falls.length === 1 ? null : (
            <Tabs<Currency> look="box" label={t('recon.currency')} value={fall.currency} onChange={setChosen} items={falls.map((f) => ({ key: f.currency, label: f.currency }))} />
          )}
          <button type="button" className="zf-linkbtn" onClick={() => setTable(!table)} data-testid="waterfall-table">
            {table ? t('recon.as_chart') : t('recon.as_table')}
          </button>
          <span className="zf-row zf-nowrap">
            <FamilyTag family={residual.minor === 0 ? 'ok' : 'br'}>
              {t('recon.residual')} <b data-testid="residual">{moneyText(residual)}</b>
            </FamilyTag>
            <AboutNumber name={t('recon.residual')} counts={t('recon.about.residual')} filter={`${run.date} · ${fall.currency}`} asOf={run.finished_at} />
          </span>
        </>
      }
    >
      {table ? <WaterfallTable steps={fall.steps} currency={fall.currency} /> : <WaterfallChart steps={fall.steps} currency={fall.currency} />}
      <div className="zf-row zf-waterfall-foot">
        <StatusTag kind="difference" status="matched" suffix={<b data-testid="count-matched">{count(run.matched)}</b>} />
        <span className="zf-help">{t('recon.count.matched_note', { bill: count(run.bill_rows), books: count(run.ledger_rows) })}</span>
        {checked === null ? null : (
          <span className="zf-row zf-nowrap zf-help" data-testid="file-checked">
            <StatusIcon family={checked ? 'ok' : 'br'} /> {t(checked ? 'recon.file_checked' : 'recon.file_unchecked')}
          </span>
        )}
        {run.terms === undefined ? null : <FeeTick terms={run.terms} />}
        <span className="zf-help">{t('recon.run_by', { name: run.run_by })}</span>
      </div>
    </Card>
  )
}
