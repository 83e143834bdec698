import { SafetyCertificateOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { useDeferredValue, useState } from 'react'
import { DetailPane } from '../../../components/DetailPane'
import { Grid, type Column } from '../../../components/Grid'
import { CopyButton, Digest } from '../../../components/Id'
import { Facts, PageHeader, Time } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, Notice, Skeleton } from '../../../components/states'
import { count, shortDigest } from '../../../format'
import type { AuditRowView } from '../../../generated/types'
import { useT } from '../../../i18n'
import { useAudit, useChainCheck } from '../api'

/** Who did what, in the order it happened, and whether the log itself still holds. */
export default function AuditPage() {
  const t = useT()
  const [text, setText] = useState('')
  const deferred = useDeferredValue(text.trim())
  const log = useAudit(deferred)
  const chain = useChainCheck()
  const [active, setActive] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  const current = log.rows.find((r) => String(r.seq) === active) ?? null
  const columns: Column<AuditRowView>[] = [
    { key: 'seq', title: t('audit.col.seq'), width: 72, align: 'right', sort: 'descending', render: (r) => <span className="zf-t3">{count(r.seq)}</span> },
    { key: 'at', title: t('audit.col.at'), width: 162, render: (r) => <Time at={r.at} /> },
    { key: 'actor', title: t('audit.col.actor'), width: 110, render: (r) => r.actor },
    { key: 'role', title: t('audit.col.role'), width: 84, render: (r) => <span className="zf-t2">{r.role === null ? '—' : t(`role.${r.role}`)}</span> },
    { key: 'action', title: t('audit.col.action'), width: 170, render: (r) => <span className="zf-mono">{r.action}</span> },
    { key: 'object', title: t('audit.col.object'), width: 200, grow: true, render: (r) => <span className="zf-mono zf-cut">{r.object}</span> },
    { key: 'reason', title: t('audit.col.reason'), width: 150, render: (r) => <span className="zf-t2 zf-cut">{r.reason ?? '—'}</span> },
    { key: 'result', title: t('audit.col.result'), width: 100, render: (r) => <span className={/[.]|failed/.test(r.result) ? 'zf-c-at' : 'zf-t2'}>{r.result}</span> },
    { key: 'hash', title: t('audit.col.hash'), width: 100, render: (r) => <span className="zf-mono zf-t3">{shortDigest(r.hash)}</span> },
  ]
  const verdict = chain.data
  return (
    <div className="zf-page">
      <PageHeader
        title={t('audit.title')}
        note={t('audit.note')}
        actions={
          <Button icon={<SafetyCertificateOutlined />} loading={chain.isFetching} onClick={() => void chain.refetch()} data-testid="audit-verify">
            {t('audit.verify')}
          </Button>
        }
      />
      {chain.error === null ? null : <ErrorPanel error={chain.error} />}
      {verdict === undefined ? null : verdict.verified ? (
        <Notice family="ok" title={t('audit.verified', { rows: count(verdict.rows) })} testid="audit-verdict">
          {verdict.head === null ? undefined : (
            <span className="zf-row">
              {t('audit.head')} <Digest value={verdict.head} wrap={16} />
            </span>
          )}
        </Notice>
      ) : (
        <Notice family="br" title={t('audit.broken', { seq: count(verdict.broken_seq ?? 0) })} testid="audit-verdict">
          {t('audit.broken_note', { problem: verdict.problem ?? '' })}
        </Notice>
      )}
      <Input
        prefix={<SearchOutlined className="zf-t3" />}
        placeholder={t('audit.search')}
        aria-label={t('audit.search')}
        allowClear
        value={text}
        onChange={(event) => setText(event.target.value)}
        data-page-search=""
        data-testid="audit-search"
      />
      <div className="zf-split">
        <Grid
          label={t('audit.title')}
          testid="audit-grid"
          rows={log.rows}
          rowKey={(r) => String(r.seq)}
          columns={columns}
          total={log.total}
          active={active}
          onActive={setActive}
          onOpen={() => setOpen(true)}
          onClose={() => setOpen(false)}
          idOf={(r) => r.hash}
          onEndReached={log.more}
          placeholder={
            log.error !== null ? (
              <ErrorPanel error={log.error} onRetry={() => void log.refetch()} />
            ) : log.isPending ? (
              <Skeleton rows={14} />
            ) : deferred === '' ? (
              <Empty title={t('audit.empty')} />
            ) : (
              <FilteredEmpty title={t('audit.filtered_empty')} filters={[deferred]} onClear={() => setText('')} />
            )
          }
          footer={log.total === null ? null : <span>{t('audit.count', { n: count(log.total) })}</span>}
        />
        {open && current !== null ? (
          <DetailPane title={t('audit.row', { seq: count(current.seq) })} onClose={() => setOpen(false)}>
            <div className="zf-pane-section">
              <Facts
                rows={[
                  [t('audit.col.at'), <Time key="t" at={current.at} zone />],
                  [t('audit.col.actor'), `${current.actor}${current.role === null ? '' : ` · ${t(`role.${current.role}`)}`}`],
                  [t('audit.col.device'), current.device],
                  [t('audit.col.action'), <span key="a" className="zf-mono">{current.action}</span>],
                  [t('audit.col.object'), <span key="o" className="zf-mono">{current.object}</span>],
                  [t('audit.col.reason'), current.reason ?? '—'],
                  [t('audit.col.result'), current.result],
                  current.before_digest === null ? null : [t('audit.before'), <Digest key="b" value={current.before_digest} wrap={4} />],
                  current.after_digest === null ? null : [t('audit.after'), <Digest key="c" value={current.after_digest} wrap={4} />],
                  [
                    t('audit.col.hash'),
                    <>
                      <Digest value={current.hash} wrap={4} />
                      <CopyButton text={current.hash} />
                    </>,
                  ],
                ]}
              />
            </div>
          </DetailPane>
        ) : null}
      </div>
    </div>
  )
}
