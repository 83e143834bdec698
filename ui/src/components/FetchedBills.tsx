import { describeError } from '../api/errors'
import { count } from '../format'
import type { FetchMissingItem, FetchMissingResult } from '../generated/types'
import { fill, useLanguage, useT } from '../i18n'
import { dictionary } from '../status/dictionary'
import { BatchResult, type BatchRow } from './states'

type Props = {
  result: FetchMissingResult
  /** Account id → the name it is told by. */
  names: ReadonlyMap<string, string>
  onAgain: (() => void) | undefined
  onClose?: () => void
}

/** What a run over the missing bills brought: what is here now, and each bill that is not, with its reason. */
export function FetchedBills({ result, names, onAgain, onClose }: Props) {
  const t = useT()
  const lang = useLanguage()
  const note = (item: FetchMissingItem): string | undefined => {
    if (item.error !== null) {
      const shown = describeError(item.error, t)
      return [shown.title, shown.remedy].filter((part) => part !== '').join(' ')
    }
    if (item.status === 'generating') return t('desk.fetch_waits')
    return item.status === null ? undefined : fill(dictionary.bill[item.status][lang], { n: '?' })
  }
  const rows = result.troubled.map(
    (item): BatchRow => ({
      key: `${item.account_id}-${item.date}-${item.kind}`,
      label: t('desk.fetch_item', { account: names.get(item.account_id) ?? '', date: item.date, kind: t(`bills.kind.${item.kind}`) }),
      outcome: item.error !== null || (item.status !== null && item.status !== 'generating') ? 'failed' : 'not_run',
      note: note(item),
    }),
  )
  return (
    <div className="zf-gap-result" data-testid="fetched-bills">
      <p className="zf-help">
        {[
          t('desk.fetch_done', { n: result.fetched, rows: count(result.rows) }),
          result.cancelled ? t('desk.fetch_cancelled') : null,
          result.stopped ? t('desk.fetch_stopped') : null,
          result.left > 0 ? t('desk.fetch_left', { n: result.left }) : null,
        ]
          .filter((part) => part !== null)
          .join(' \u00b7 ')}{' '}
        {onClose === undefined ? null : (
          <button type="button" className="zf-linkbtn" onClick={onClose}>
            {t('common.close')}
          </button>
        )}
      </p>
      {rows.length === 0 ? null : <BatchResult rows={rows} ok={result.fetched} onRetryFailed={onAgain} />}
    </div>
  )
}
