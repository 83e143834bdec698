import { CaretRightOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useLive, useMay, useMoneyReady } from '../../../api/status'
import { Id } from '../../../components/Id'
import { Money } from '../../../components/Money'
import { Overlay } from '../../../components/Overlay'
import { Card, Time } from '../../../components/small'
import { ErrorPanel, Skeleton } from '../../../components/states'
import { TaskProgress } from '../../../components/TaskProgress'
import { describeError } from '../../../api/errors'
import { count } from '../../../format'
import type { BatchOutcome, BatchView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { ApiError } from '../../../platform'
import { StatusIcon } from '../../../status/StatusTag'
import type { Family } from '../../../theme/tokens'
import { useBatches, useBatchRows, useContinueBatch } from '../api'

const shownMax = 4
const outcomeFamilies: Record<BatchOutcome, Family> = { waiting: 'wa', issued: 'ok', already: 'vo', failed: 'br' }

function waiting(batch: BatchView): number {
  return batch.total - batch.issued - batch.already - batch.failed
}

function batchFamily(batch: BatchView): Family {
  if (batch.state === 'running') return 'ru'
  if (batch.state === 'failed') return 'br'
  if (batch.failed > 0 || batch.state === 'interrupted') return 'at'
  return batch.state === 'done' ? 'ok' : 'vo'
}

/** The batch under way with its counts and brakes, and those before it. */
export function Batches() {
  const t = useT()
  const { tasks } = useLive()
  const task = tasks.find((one) => one.kind === 'receipts') ?? null
  const list = useBatches(task !== null)
  const goOn = useContinueBatch()
  const may = useMay('issue_receipt')
  const ready = useMoneyReady()
  const [looking, setLooking] = useState<BatchView | null>(null)
  const batches = list.data?.batches ?? []
  const running = task === null ? null : (batches.find((b) => b.task_id === task.task_id) ?? null)
  if (list.error !== null) return <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
  if (batches.length === 0) return null
  return (
    <>
      {task === null ? null : (
        <Card className="zf-fixed" testid="batch-running" title={t('receipts.batch.running')} note={running === null ? undefined : t('receipts.batch.name', { no: running.number, title: running.title })}>
          <TaskProgress task={task} />
          {running === null ? null : <Counters batch={running} />}
        </Card>
      )}
      <Card className="zf-fixed" flush title={t('receipts.batch.recent')} testid="batches">
        <table className="zf-plain">
          <tbody>
            {batches.slice(0, shownMax).map((batch) => (
              <tr key={batch.batch_id} data-testid="batch" data-state={batch.state}>
                <td className="zf-cut">{t('receipts.batch.name', { no: batch.number, title: batch.title })}</td>
                <td className="zf-num">{t('receipts.batch.of', { done: count(batch.issued + batch.already), total: count(batch.total) })}</td>
                <td>
                  <span className={`zf-status zf-f-${batchFamily(batch)}`}>
                    <StatusIcon family={batchFamily(batch)} />
                    {t(`receipts.batch.state.${batch.state}`)}
                    {batch.failed > 0 ? ` · ${t('receipts.batch.failed', { n: count(batch.failed) })}` : ''}
                    {batch.already > 0 ? ` · ${t('receipts.batch.already', { n: count(batch.already) })}` : ''}
                  </span>
                </td>
                <td>
                  <Time at={batch.created_at} as="short" />
                </td>
                <td className="zf-num">
                  {batch.state !== 'running' && waiting(batch) > 0 ? (
                    <Button
                      size="small"
                      icon={<CaretRightOutlined />}
                      disabled={!may || !ready}
                      title={may ? undefined : t('state.no_permission')}
                      loading={goOn.isPending}
                      onClick={() => goOn.mutate({ batch_id: batch.batch_id })}
                      data-testid="batch-continue"
                    >
                      {t('receipts.batch.continue', { n: count(waiting(batch)) })}
                    </Button>
                  ) : (
                    <Button size="small" onClick={() => setLooking(batch)} data-testid="batch-look">
                      {batch.failed > 0 ? t('receipts.batch.look_failed', { n: count(batch.failed) }) : t('receipts.batch.look')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {goOn.error === null ? null : <ErrorPanel error={goOn.error} testid="batch-continue-error" />}
      </Card>
      {looking === null ? null : <RowsOverlay batch={looking} onClose={() => setLooking(null)} />}
    </>
  )
}

function Counters({ batch }: { batch: BatchView }) {
  const t = useT()
  const cells: readonly [Family, string, number, string][] = [
    ['ok', t('receipts.batch.cell.signed'), batch.issued, t('receipts.batch.cell.signed_note')],
    ['ok', t('receipts.batch.cell.verified'), batch.issued, t('receipts.batch.cell.verified_note')],
    ['vo', t('receipts.batch.cell.already'), batch.already, t('receipts.batch.cell.already_note')],
    [batch.failed > 0 ? 'at' : 'vo', t('receipts.batch.cell.failed'), batch.failed, t('receipts.batch.cell.failed_note')],
  ]
  return (
    <div className="zf-cells">
      {cells.map(([family, name, n, note]) => (
        <div key={name}>
          <span className={`zf-status zf-f-${family}`}>
            <StatusIcon family={family} /> {name}
          </span>
          <b>{count(n)}</b>
          <span className="zf-help">{note}</span>
        </div>
      ))}
    </div>
  )
}

/** One verdict an order; those that got none first. */
function RowsOverlay({ batch, onClose }: { batch: BatchView; onClose: () => void }) {
  const t = useT()
  const rows = useBatchRows(batch.batch_id, batch.failed > 0 ? 'failed' : null)
  return (
    <Overlay open onClose={onClose} title={t('receipts.batch.name', { no: batch.number, title: batch.title })} width={640} testid="batch-rows">
      {rows.error !== null ? (
        <ErrorPanel error={rows.error} onRetry={() => void rows.refetch()} />
      ) : rows.isPending ? (
        <Skeleton rows={8} />
      ) : (
        <div className="zf-batch-rows">
          <table className="zf-plain">
            <tbody>
              {rows.rows.map((row) => (
                <tr key={row.position} data-outcome={row.outcome}>
                  <td className="zf-num zf-t3">{count(row.position)}</td>
                  <td>
                    <Id value={row.order_no} />
                  </td>
                  <td className="zf-num">
                    <Money value={row.amount} />
                  </td>
                  <td>
                    <span className={`zf-status zf-f-${outcomeFamilies[row.outcome]}`}>
                      <StatusIcon family={outcomeFamilies[row.outcome]} /> {t(`receipts.batch.outcome.${row.outcome}`)}
                    </span>
                  </td>
                  <td className="zf-t2">{row.error === null ? (row.serial_no ?? '') : describeError(new ApiError(row.error), t).title}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {rows.hasNextPage ? (
            <Button size="small" onClick={rows.more}>
              {t('receipts.batch.more')}
            </Button>
          ) : null}
        </div>
      )}
    </Overlay>
  )
}
