import { useNarrow } from '../../../components/DetailPane'
import { EventTimeline } from '../../../components/EventTimeline'
import { Id } from '../../../components/Id'
import { Card, Kbd, PageHeader } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { FamilyBadge, Tabs } from '../../../components/Tabs'
import type { ApprovalQueue, RefundRow } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { useQueryState } from '../../../router'
import { useQueue, useRequest } from '../api'
import { QueueItem } from './QueueItem'
import { RequestCard } from './RequestCard'
import { UnknownLane } from './UnknownLane'

const views = ['mine', 'unknown', 'handled', 'all'] as const
type View = (typeof views)[number]

/** The rows of a view in the order they are shown, which is the order J and K walk. */
function rowsOf(queue: ApprovalQueue, view: View): RefundRow[] {
  switch (view) {
    case 'mine':
      return [...queue.mine, ...queue.cooling, ...queue.not_mine.map((n) => n.row)]
    case 'unknown':
      return queue.unknown
    case 'handled':
      return queue.handled
    case 'all': {
      const rows = [...queue.mine, ...queue.cooling, ...queue.not_mine.map((n) => n.row), ...queue.unknown, ...queue.handled]
      return rows.filter((row, i) => rows.findIndex((r) => r.refund_no === row.refund_no) === i)
    }
  }
}

/** What waits for a decision, what one may not decide and why, and what the channel has not answered. */
export default function ApprovalsPage() {
  const t = useT()
  const narrow = useNarrow()
  const queue = useQueue()
  const [query, setQuery] = useQueryState()
  // Kept in the address: the desk and the alerts open a lane of it.
  const view = views.find((name) => name === query['view']) ?? 'mine'
  const rows = queue.data === undefined ? [] : rowsOf(queue.data, view)
  const chosen = query['no'] ?? rows[0]?.refund_no ?? null
  const request = useRequest(chosen)
  const at = rows.findIndex((r) => r.refund_no === chosen)
  const move = (by: 1 | -1) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))]
    if (row !== undefined) setQuery({ no: row.refund_no })
  }
  useHotkeys([
    { keys: 'j', run: () => move(1), label: t('keys.next_row'), group: 'list' },
    { keys: 'k', run: () => move(-1), label: t('keys.previous_row'), group: 'list' },
    { keys: 'ArrowDown', run: () => move(1) },
    { keys: 'ArrowUp', run: () => move(-1) },
  ])
  const data = queue.data
  const progress = new Map(data?.progress.map((p) => [p.refund_no, p]))

  return (
    <div className="zf-page">
      <PageHeader
        title={t('approvals.title')}
        tabs={
          <Tabs<View>
            label={t('approvals.title')}
            value={view}
            onChange={(next) => {
              setQuery({ view: next === 'mine' ? null : next, no: null })
            }}
            items={[
              { key: 'mine', label: t('approvals.tab.mine'), n: data?.mine.length ?? null },
              {
                key: 'unknown',
                label: t('approvals.tab.unknown'),
                badge: data === undefined || data.unknown.length === 0 ? null : <FamilyBadge family="un" n={data.unknown.length} />,
              },
              { key: 'handled', label: t('approvals.tab.handled') },
              { key: 'all', label: t('approvals.tab.all') },
            ]}
          />
        }
        actions={
          <span className="zf-keys" aria-hidden>
            <span>
              <Kbd keys="J K" /> {t('keys.up_down')}
            </span>
            <span>
              <Kbd keys="A" /> {t('approvals.approve', { amount: '' })}
            </span>
            <span>
              <Kbd keys="B" /> {t('approvals.reject')}
            </span>
            <span>
              <Kbd keys="E" /> {t('orders.tab.evidence')}
            </span>
          </span>
        }
      />
      {queue.error !== null ? (
        <ErrorPanel error={queue.error} onRetry={() => void queue.refetch()} />
      ) : data === undefined ? (
        <Card>
          <Skeleton rows={8} />
        </Card>
      ) : (
        <div className="zf-approvals">
          <Card flush testid="approval-queue">
            {view === 'mine' ? (
              <>
                <div className="zf-list-head">{t('approvals.by_time')}</div>
                {data.mine.length === 0 ? <Empty title={t('approvals.empty')} note={t('approvals.empty_note')} /> : null}
                {data.mine.map((row) => (
                  <QueueItem
                    key={row.refund_no}
                    row={row}
                    progress={progress.get(row.refund_no)}
                    current={row.refund_no === chosen}
                    onChoose={() => setQuery({ no: row.refund_no })}
                  />
                ))}
                {data.cooling.length === 0 ? null : <div className="zf-list-head">{t('approvals.cooling')}</div>}
                {data.cooling.map((row) => (
                  <QueueItem key={row.refund_no} row={row} current={row.refund_no === chosen} onChoose={() => setQuery({ no: row.refund_no })} />
                ))}
                {data.not_mine.length === 0 ? null : <div className="zf-list-head">{t('approvals.not_mine')}</div>}
                {data.not_mine.map(({ row, because }) => (
                  <QueueItem
                    key={row.refund_no}
                    row={row}
                    because={because}
                    current={row.refund_no === chosen}
                    onChoose={() => setQuery({ no: row.refund_no })}
                  />
                ))}
              </>
            ) : rows.length === 0 ? (
              <Empty title={view === 'unknown' ? t('approvals.unknown_empty') : view === 'all' ? t('approvals.empty') : t('approvals.handled_empty')} />
            ) : (
              rows.map((row) => (
                <QueueItem key={row.refund_no} row={row} current={row.refund_no === chosen} onChoose={() => setQuery({ no: row.refund_no })} />
              ))
            )}
          </Card>
          {chosen === null ? (
            <Card>
              <Empty title={t('approvals.choose')} />
            </Card>
          ) : request.error !== null ? (
            <Card>
              <ErrorPanel error={request.error} onRetry={() => void request.refetch()} />
            </Card>
          ) : request.data === undefined ? (
            <Card>
              <Skeleton rows={10} />
            </Card>
          ) : (
            <div className="zf-approvals-main">
              {narrow && view === 'unknown' ? <UnknownLane rows={data.unknown.filter((r) => r.refund_no === chosen)} /> : null}
              <RequestCard key={request.data.row.refund_no} request={request.data} />
            </div>
          )}
          {narrow ? null : (
            <div className="zf-approvals-side">
              <UnknownLane rows={data.unknown} />
              {request.data === undefined ? null : (
                <Card title={t('approvals.history')} extra={<Id value={request.data.row.refund_no} />}>
                  <EventTimeline events={request.data.timeline} about={request.data.row.refund_no} testid="approval-timeline" />
                </Card>
              )}
            </div>
          )}
        </div>
      )}
    </div>
  )
}

