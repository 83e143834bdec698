import { DeleteOutlined, DownloadOutlined, ReloadOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useLive } from '../../../api/status'
import { DetailPane } from '../../../components/DetailPane'
import { Grid, type Column } from '../../../components/Grid'
import { CopyButton, Digest } from '../../../components/Id'
import { Moneys, NotApplicable } from '../../../components/Money'
import { saveHeld } from '../../../components/saveHeld'
import { Card, Facts, PageHeader, Time } from '../../../components/small'
import { Empty, ErrorPanel, Notice, Skeleton } from '../../../components/states'
import { TaskProgress } from '../../../components/TaskProgress'
import { useToasts } from '../../../components/Toast'
import { bytesText, count, shortDigest } from '../../../format'
import type { ExportState, ExportView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { ApiError } from '../../../platform'
import { FamilyTag, StatusIcon } from '../../../status/StatusTag'
import type { Family } from '../../../theme/tokens'
import { useExportAgain, useExportFile, useExports, useRemoveExport } from '../api'

const families: Record<ExportState, Family> = { running: 'ru', done: 'ok', cancelled: 'vo', failed: 'br', interrupted: 'at', removed: 'vo' }
const remakeable: ReadonlySet<ExportState> = new Set(['cancelled', 'failed', 'interrupted', 'removed'])
const removable: ReadonlySet<ExportState> = new Set(['done', 'cancelled', 'failed', 'interrupted'])

/** Every file made to take along: how many rows, which sum, which digest, who and when. */
export default function ExportsPage() {
  const t = useT()
  const toasts = useToasts()
  const list = useExports()
  const file = useExportFile()
  const again = useExportAgain()
  const remove = useRemoveExport()
  const { tasks } = useLive()
  const running = tasks.filter((task) => task.kind === 'export')
  const [active, setActive] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  const current = list.rows.find((r) => r.export_id === active) ?? null
  const save = (row: ExportView) =>
    file.mutate(
      { export_id: row.export_id },
      { onSuccess: (held) => void saveHeld(t, held).then((said) => said !== null && toasts.show({ text: said })) },
    )
  const drop = (row: ExportView) =>
    remove.mutate({ export_id: row.export_id }, { onSuccess: (gone) => toasts.show({ text: t('exports.removed', { name: gone.file_name }) }) })
  const error = file.error ?? again.error ?? remove.error
  const columns: Column<ExportView>[] = [
    { key: 'name', title: t('exports.col.name'), width: 250, grow: true, render: (r) => <span className="zf-cut zf-mono">{r.file_name}</span> },
    { key: 'kind', title: t('exports.col.kind'), width: 96, render: (r) => t(`exports.kind.${r.kind}`) },
    { key: 'rows', title: t('exports.col.rows'), width: 80, align: 'right', render: (r) => (r.sha256 === null ? <NotApplicable /> : count(r.rows)) },
    {
      key: 'sum',
      title: t('exports.col.sum'),
      width: 130,
      align: 'right',
      render: (r) => (r.sums.length === 0 ? <NotApplicable /> : <Moneys values={r.sums.map((s) => s.money)} />),
    },
    { key: 'size', title: t('exports.col.size'), width: 84, align: 'right', render: (r) => (r.sha256 === null ? <NotApplicable /> : bytesText(r.bytes)) },
    {
      key: 'sha',
      title: t('exports.col.sha'),
      width: 110,
      render: (r) => (r.sha256 === null ? <NotApplicable /> : <span className="zf-mono zf-t3">{shortDigest(r.sha256)}</span>),
    },
    { key: 'state', title: t('exports.col.state'), width: 104, render: (r) =>
        r.state === 'failed' || r.state === 'interrupted' ? (
          <FamilyTag family={families[r.state]}>{t(`exports.state.${r.state}`)}</FamilyTag>
        ) : (
          <span className={`zf-status zf-f-${families[r.state]}`}>
            <StatusIcon family={families[r.state]} /> {t(`exports.state.${r.state}`)}
          </span>
        ),
    },
    { key: 'by', title: t('exports.col.by'), width: 78, render: (r) => <span className="zf-cut">{r.created_by}</span> },
    { key: 'at', title: t('exports.col.at'), width: 118, render: (r) => <Time at={r.created_at} as="short" /> },
    {
      key: 'save',
      title: '',
      width: 92,
      align: 'right',
      render: (r) =>
        r.state === 'done' ? (
          <Button
            size="small"
            icon={<DownloadOutlined />}
            loading={file.isPending && file.variables?.export_id === r.export_id}
            onClick={(event) => {
              event.stopPropagation()
              save(r)
            }}
            data-testid="export-save"
          >
            {t('exports.save')}
          </Button>
        ) : null,
    },
  ]
  return (
    <div className="zf-page" data-testid="exports">
      <PageHeader title={t('exports.title')} note={t('exports.note')} />
      {running.length === 0 ? null : (
        <Card className="zf-fixed" title={t('exports.running')} testid="exports-running">
          {running.map((task) => (
            <TaskProgress key={task.task_id} task={task} />
          ))}
        </Card>
      )}
      {error === null ? null : <ErrorPanel error={error} testid="exports-error" />}
      <div className="zf-split">
        <Grid
          label={t('exports.title')}
          testid="exports-grid"
          rows={list.rows}
          rowKey={(r) => r.export_id}
          columns={columns}
          total={list.hasNextPage ? null : list.rows.length}
          active={active}
          onActive={setActive}
          onOpen={() => setOpen(true)}
          onClose={() => setOpen(false)}
          idOf={(r) => r.sha256 ?? r.file_name}
          onEndReached={list.more}
          placeholder={
            list.error !== null ? (
              <ErrorPanel error={list.error} onRetry={() => void list.refetch()} />
            ) : list.isPending ? (
              <Skeleton rows={12} />
            ) : (
              <Empty title={t('exports.empty')} note={t('exports.empty_note')} />
            )
          }
        />
        {open && current !== null ? (
          <DetailPane
            title={t('exports.detail')}
            onClose={() => setOpen(false)}
            testid="export-pane"
            footer={
              <>
                {removable.has(current.state) ? (
                  <Button icon={<DeleteOutlined />} loading={remove.isPending} onClick={() => drop(current)} data-testid="export-remove">
                    {t('exports.remove')}
                  </Button>
                ) : null}
                {remakeable.has(current.state) && current.mine ? (
                  <Button icon={<ReloadOutlined />} loading={again.isPending} onClick={() => again.mutate({ export_id: current.export_id })} data-testid="export-again">
                    {t('exports.again')}
                  </Button>
                ) : null}
                {current.state === 'done' ? (
                  <Button type="primary" icon={<DownloadOutlined />} loading={file.isPending} onClick={() => save(current)}>
                    {t('exports.save')}
                  </Button>
                ) : null}
              </>
            }
          >
            <div className="zf-pane-section">
              {current.state === 'interrupted' ? <Notice family="at" title={t('exports.state.interrupted')}>{t('exports.interrupted_note')}</Notice> : null}
              {current.state === 'cancelled' ? <Notice family="wa" title={t('exports.state.cancelled')}>{t('exports.cancelled_note')}</Notice> : null}
              {current.error === null ? null : (
                <ErrorPanel error={new ApiError(current.error)} />
              )}
              {current.problems > 0 ? <Notice family="at" title={t('exports.problems', { n: current.problems })} /> : null}
              <Facts
                rows={[
                  [t('exports.col.name'), <span key="n" className="zf-mono">{current.file_name}</span>],
                  [t('exports.col.kind'), `${t(`exports.kind.${current.kind}`)} · ${t(`exports.format.${current.format}`)}`],
                  [t('exports.col.rows'), count(current.rows)],
                  [t('exports.col.sum'), current.sums.length === 0 ? t('exports.no_sum') : <Moneys key="s" values={current.sums.map((s) => s.money)} />],
                  current.sha256 === null ? null : [t('exports.col.size'), bytesText(current.bytes)],
                  current.sha256 === null
                    ? null
                    : [
                        t('exports.sha_full'),
                        <>
                          <Digest value={current.sha256} wrap={4} />
                          <CopyButton text={current.sha256} />
                        </>,
                      ],
                  [t('exports.col.by'), current.created_by],
                  [t('exports.col.at'), <Time key="t" at={current.created_at} zone />],
                  current.finished_at === null ? null : [t('exports.finished'), <Time key="f" at={current.finished_at} zone />],
                  current.state === 'done' ? [t('exports.expires'), <Time key="e" at={current.expires_at} as="date" />] : null,
                ]}
              />
            </div>
          </DetailPane>
        ) : null}
      </div>
    </div>
  )
}
