import { reasonText } from '../../../api/errors'
import { Money } from '../../../components/Money'
import { Time } from '../../../components/small'
import type { ResolutionView } from '../../../generated/types'
import { useT, type Translate } from '../../../i18n'
import { statusEntry } from '../../../status/dictionary'
import { StatusTag } from '../../../status/StatusTag'

/** What an entry did: its kind, or that it took one of its kind back. */
export function kindText(t: Translate, entry: ResolutionView): string {
  const kind = t(`resolution.${entry.kind}`)
  return entry.reverses === null ? kind : t('recon.reversal', { kind })
}

/** Why somebody may not decide, in the words of this page. */
export function whyNot(t: Translate, code: string | null): string {
  if (code === 'close.same_person') return t('recon.own_proposal')
  if (code === 'permission.denied') return t('recon.cannot_decide')
  return reasonText(t, code)
}

/** Why an entry was made: in words, or by the line of the other day that settles it. */
export function why(t: Translate, entry: ResolutionView): string {
  if (entry.other_date === null || entry.other_line === null) return entry.reason
  // The side this day lacked is the one the other day brought.
  return t(entry.code === 'missing_in_ledger' ? 'recon.by_books_line' : 'recon.by_bill_line', { date: entry.other_date, n: entry.other_line })
}

/** One entry of the ledger in full. */
function Entry({ entry }: { entry: ResolutionView }) {
  const t = useT()
  return (
    <li className={`zf-f-${statusEntry('resolution', entry.state).family}`} data-testid="history-entry" data-state={entry.state}>
      <span className="zf-timeline-dot" aria-hidden />
      <div className="zf-timeline-main">
        <div className="zf-between">
          <span className="zf-timeline-title">
            {kindText(t, entry)} <Money value={entry.amount} signed />
          </span>
          <StatusTag kind="resolution" status={entry.state} />
        </div>
        <div>{why(t, entry)}</div>
        <div className="zf-timeline-note">
          {t(entry.second_person ? 'recon.proposed_by' : 'recon.done_by', { name: entry.proposed_by })} <Time at={entry.proposed_at} as="short" />
        </div>
        {entry.label === null ? null : <div className="zf-timeline-note">{t('recon.labelled', { label: entry.label })}</div>}
        {entry.owner === null ? null : <div className="zf-timeline-note">{t('recon.suspension', { owner: entry.owner, due: entry.due_date ?? '—' })}</div>}
        {entry.decided_by === null || entry.decided_at === null ? null : (
          <div className="zf-timeline-note">
            {t(entry.state === 'rejected' ? 'recon.rejected_by' : 'recon.approved_by', { name: entry.decided_by })} <Time at={entry.decided_at} as="short" />
            {entry.decision_note === null ? null : ` · ${entry.decision_note}`}
          </div>
        )}
      </div>
    </li>
  )
}

/** Everything done about a difference, the newest first; nothing is ever taken out. */
export function History({ entries }: { entries: readonly ResolutionView[] }) {
  const t = useT()
  return (
    <div className="zf-pane-section zf-stack" data-testid="history">
      <b>{t('recon.history', { n: entries.length })}</b>
      {entries.length === 0 ? (
        <span className="zf-t3">{t('recon.history_none')}</span>
      ) : (
        <ol className="zf-timeline">
          {entries.toReversed().map((entry) => (
            <Entry key={entry.resolution_id} entry={entry} />
          ))}
        </ol>
      )}
    </div>
  )
}
