import { SafetyCertificateOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input, Select } from 'antd'
import { useDeferredValue, useState } from 'react'
import { useLive, usePerson } from '../../../api/status'
import { DetailPane } from '../../../components/DetailPane'
import { ExportButton } from '../../../components/ExportButton'
import { Grid, type Column } from '../../../components/Grid'
import { CopyButton, Digest } from '../../../components/Id'
import { Card, Facts, PageHeader, Time } from '../../../components/small'
import { Empty, ErrorPanel, FilteredEmpty, Notice, Skeleton } from '../../../components/states'
import { TaskProgress } from '../../../components/TaskProgress'
import { count, shortDigest } from '../../../format'
import type { AuditRowView } from '../../../generated/types'
import { hasMessage, tDynamic, useT, type Translate } from '../../../i18n'
import { noFilters, useAudit, useAuditNames, useChainCheck, type AuditFilters } from '../api'

/** A code of the log in words; the code itself where this console has none. */
function worded(part: 'action' | 'kind' | 'result', code: string): string {
  const key = `audit.${part}.${code}`
  return hasMessage(key) ? tDynamic(key, {}) : code
}

/** `difference 01a1…` → the kind in words, the id as it is. */
function objectText(object: string): string {
  const at = object.indexOf(' ')
  return at < 0 ? worded('kind', object) : `${worded('kind', object.slice(0, at))} ${object.slice(at + 1)}`
}

function choice(action: string): string {
  const words = worded('action', action)
  return words === action ? action : `${words} · ${action}`
}

/** Whole rooms first, then single actions, each with the code that stands in the log. */
function actionChoices(actions: readonly string[]) {
  const rooms = [...new Set(actions.map((a) => `${a.split('.', 1)[0] ?? ''}.`))]
  return [...rooms.map((value) => ({ value, label: `${value}*` })), ...actions.map((value) => ({ value, label: choice(value) }))]
}

/** The filters that are on, in words. */
function spoken(t: Translate, f: AuditFilters): string[] {
  return [
    f.text?.trim() ?? '',
    f.actor ?? '',
    f.action === null ? '' : worded('action', f.action),
    f.object?.trim() ?? '',
    f.date_from === null && f.date_to === null ? '' : `${f.date_from ?? ''} – ${f.date_to ?? ''}`,
    f.refused ? t('audit.refused') : '',
  ].filter((part) => part !== '')
}

/** Who did what, in the order it happened, and whether the log itself still holds. */
export default function AuditPage() {
  const t = useT()
  const [filters, setFilters] = useState<AuditFilters>(noFilters)
  const deferred = useDeferredValue(filters)
  const log = useAudit(deferred)
  const names = useAuditNames()
  const person = usePerson()
  const walk = useLive().tasks.find((task) => task.kind === 'audit_verify' && task.owner_id === person.user_id) ?? null
  const set = (change: Partial<AuditFilters>) => setFilters((old) => ({ ...old, ...change }))
  const clear = () => setFilters(noFilters)
  const said = spoken(t, deferred)
  const chain = useChainCheck()
  const [active, setActive] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  const current = log.rows.find((r) => String(r.seq) === active) ?? null
  const columns: Column<AuditRowView>[] = [
    { key: 'seq', title: t('audit.col.seq'), width: 72, align: 'right', sort: 'descending', render: (r) => <span className="zf-t3">{count(r.seq)}</span> },
    { key: 'at', title: t('audit.col.at'), width: 162, render: (r) => <Time at={r.at} /> },
    { key: 'actor', title: t('audit.col.actor'), width: 110, render: (r) => r.actor },
    { key: 'role', title: t('audit.col.role'), width: 84, render: (r) => <span className="zf-t2">{r.role === null ? '—' : t(`role.${r.role}`)}</span> },
    { key: 'action', title: t('audit.col.action'), width: 170, render: (r) => <span className="zf-cut" title={r.action}>{worded('action', r.action)}</span> },
    { key: 'object', title: t('audit.col.object'), width: 200, grow: true, render: (r) => <span className="zf-mono zf-cut" title={r.object}>{objectText(r.object)}</span> },
    { key: 'reason', title: t('audit.col.reason'), width: 150, render: (r) => <span className="zf-t2 zf-cut">{r.reason ?? '—'}</span> },
    { key: 'result', title: t('audit.col.result'), width: 100, render: (r) => <span className={/[.]|failed/.test(r.result) ? 'zf-c-at' : 'zf-t2'} title={r.result}>{worded('result', r.result)}</span> },
    { key: 'hash', title: t('audit.col.hash'), width: 100, render: (r) => <span className="zf-mono zf-t3">{shortDigest(r.hash)}</span> },
  ]
  const verdict = chain.data
  return (
    <div className="zf-page">
      <PageHeader
        title={t('audit.title')}
        note={t('audit.note')}
        actions={
          <>
          <ExportButton
            sources={log.total === null || log.total === 0 ? null : [{ kind: 'audit', ...deferred, before_seq: null, limit: 200 }, { kind: 'audit_chain' }]}
            filters={said}
            rows={log.total}
          />
          <Button icon={<SafetyCertificateOutlined />} loading={chain.isFetching} onClick={() => void chain.refetch()} data-testid="audit-verify">
            {t('audit.verify')}
          </Button>
          </>
        }
      />
      {walk === null ? null : (
        <Card className="zf-fixed" testid="audit-walk">
          <TaskProgress task={walk} />
        </Card>
      )}
      {chain.error === null || chain.error.code === 'task.cancelled' ? null : <ErrorPanel error={chain.error} />}
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
      <div className="zf-filters">
        <Input
          prefix={<SearchOutlined className="zf-t3" />}
          placeholder={t('audit.search')}
          aria-label={t('audit.search')}
          allowClear
          value={filters.text ?? ''}
          onChange={(event) => set({ text: event.target.value === '' ? null : event.target.value })}
          data-page-search=""
          data-testid="audit-search"
        />
        <Select
          aria-label={t('audit.col.actor')}
          placeholder={t('audit.col.actor')}
          allowClear
          showSearch
          value={filters.actor}
          onChange={(actor: string | undefined) => set({ actor: actor ?? null })}
          options={(names.data?.actors ?? []).map((value) => ({ value, label: value }))}
          data-testid="audit-actor"
        />
        <Select
          aria-label={t('audit.col.action')}
          placeholder={t('audit.col.action')}
          allowClear
          showSearch
          value={filters.action}
          onChange={(action: string | undefined) => set({ action: action ?? null })}
          options={actionChoices(names.data?.actions ?? [])}
          data-testid="audit-action"
        />
        <Input
          aria-label={t('audit.col.object')}
          placeholder={t('audit.object')}
          allowClear
          className="zf-audit-object"
          value={filters.object ?? ''}
          onChange={(event) => set({ object: event.target.value === '' ? null : event.target.value })}
          data-testid="audit-object"
        />
        <Input type="date" aria-label={t('audit.from')} value={filters.date_from ?? ''} onChange={(event) => set({ date_from: event.target.value === '' ? null : event.target.value })} data-testid="audit-from" />
        <Input type="date" aria-label={t('audit.to')} value={filters.date_to ?? ''} onChange={(event) => set({ date_to: event.target.value === '' ? null : event.target.value })} data-testid="audit-to" />
        <Checkbox checked={filters.refused} onChange={(event) => set({ refused: event.target.checked })} data-testid="audit-refused">
          {t('audit.refused')}
        </Checkbox>
      </div>
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
            ) : said.length === 0 ? (
              <Empty title={t('audit.empty')} />
            ) : (
              <FilteredEmpty title={t('audit.filtered_empty')} filters={said} onClear={clear} />
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
                  [t('audit.col.action'), <span key="a">{worded('action', current.action)} <span className="zf-mono zf-t3">{current.action}</span></span>],
                  [t('audit.col.object'), <span key="o" className="zf-mono">{current.object}</span>],
                  [t('audit.col.reason'), current.reason ?? '—'],
                  [t('audit.col.result'), worded('result', current.result)],
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
