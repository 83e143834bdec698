import { Card } from '../../../components/small'
import { Money } from '../../../components/Money'
import { count } from '../../../format'
import type { ReconView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { StatusTag } from '../../../status/StatusTag'
import { useDifferenceCount } from '../api'

/** What the run left: waiting is no error, broken needs an owner, suspended has one. */
export function Counters({ run }: { run: ReconView }) {
  const t = useT()
  const open = useDifferenceCount(run.run_id, 'open')
  const suspended = useDifferenceCount(run.run_id, 'suspended')
  const gap = run.counts.reduce((sum, c) => sum + c.channel_minor - c.ledger_minor, 0)
  const waiting = run.waterfall.find((s) => s.name === 'waiting')
  const openCount = open.data?.total ?? run.open_differences
  const heldCount = suspended.data?.total ?? 0
  // The run gives one sum for all of them: it stands where all of them are.
  const total = <Money value={{ minor: gap, currency: run.residual.currency }} signed />
  return (
    <Card flush className="zf-counters" testid="counters">
      <div>
        <StatusTag kind="difference" status="matched" />
        <b data-testid="count-matched">{count(run.matched)}</b>
        <span className="zf-help">{t('recon.count.matched_note', { bill: count(run.bill_rows), books: count(run.ledger_rows) })}</span>
      </div>
      <div>
        <StatusTag kind="difference" status="waiting" />
        <b>{count(run.waiting)}</b>
        <span className="zf-help">
          {waiting === undefined || waiting.minor === 0 ? null : <Money value={{ minor: waiting.minor, currency: run.residual.currency }} signed />}{' '}
          {t('recon.count.waiting_note')}
        </span>
      </div>
      <div>
        <StatusTag kind="difference" status="broken" place="problems" />
        <b className={openCount > 0 ? 'zf-c-at' : ''} data-testid="count-open">
          {count(openCount)}
        </b>
        <span className="zf-help">
          {openCount > 0 && heldCount === 0 ? total : null} {openCount > 0 ? t('recon.count.open_note') : null}
        </span>
      </div>
      <div>
        <StatusTag kind="difference" status="suspended" />
        <b data-testid="count-suspended">{count(heldCount)}</b>
        <span className="zf-help">
          {heldCount > 0 && openCount === 0 ? total : null} {t('recon.count.suspended_note')}
        </span>
      </div>
    </Card>
  )
}
