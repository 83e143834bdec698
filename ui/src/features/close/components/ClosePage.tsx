import { DownloadOutlined, FilePdfOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useState } from 'react'
import { useDayChoice } from '../../../components/AccountSelect'
import { DayStepper } from '../../../components/DayStepper'
import { Card, ChannelMark, PageHeader } from '../../../components/small'
import { saveHeld } from '../../../components/saveHeld'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { useToasts } from '../../../components/Toast'
import type { CloseView } from '../../../generated/types'
import { inLanguage } from '../../../format'
import { useLanguage, useT } from '../../../i18n'
import { useHotkeys } from '../../../keyboard/hotkeys'
import { go, useQueryState } from '../../../router'
import { statusEntry } from '../../../status/dictionary'
import { StatusTag } from '../../../status/StatusTag'
import { useBoard, useExportClose } from '../api'
import { Checklist } from './Checklist'
import { ReportDialog } from './ReportDialog'
import { Signatures } from './Signatures'

/** All accounts of one day: what is checked, what is open, who signed. */
export default function ClosePage() {
  const t = useT()
  const [date, setDay, today] = useDayChoice()
  const lang = useLanguage()
  const toasts = useToasts()
  const save = useExportClose()
  const board = useBoard(date)
  const [query, setQuery] = useQueryState()
  const accounts = board.data?.accounts ?? []
  const chosen = accounts.find((a) => a.account.account_id === query['account']) ?? accounts[0] ?? null
  const [reporting, setReporting] = useState(false)
  const move = (by: 1 | -1) => {
    const at = accounts.findIndex((a) => a === chosen)
    const next = accounts[at + by]
    if (next !== undefined) setQuery({ account: next.account.account_id })
  }
  useHotkeys([
    { keys: 'j', run: () => move(1), label: t('keys.next_row'), group: 'list' },
    { keys: 'k', run: () => move(-1), label: t('keys.previous_row'), group: 'list' },
  ])
  const mine = accounts.filter((a) => a.may_sign).length
  // Every account once: those for this person to sign, the rest by their standing.
  const standings = [...new Set(accounts.filter((a) => !a.may_sign).map((a) => a.status))].map((status) =>
    t('close.summary_of', { n: accounts.filter((a) => !a.may_sign && a.status === status).length, status: statusEntry('close', status)[lang] }),
  )
  const blocked = accounts.filter((a) => a.status !== 'closed' && a.checks.some((c) => !c.passed))
  return (
    <div className="zf-page">
      <PageHeader
        title={t('close.title')}
        note={
          <span className="zf-row zf-nowrap">
            <DayStepper value={date} onChange={setDay} max={today} weekday />
            {board.data === undefined ? null : (
              <span className="zf-note">
                {t('close.summary', { n: accounts.length, parts: [mine === 0 ? null : t('close.summary_mine', { n: mine }), ...standings].filter((part) => part !== null).join(t('common.list_comma')) })}
              </span>
            )}
          </span>
        }
        actions={
          chosen === null ? null : (
            <>
              <Button icon={<FilePdfOutlined />} onClick={() => setReporting(true)} data-testid="close-preview">
                {t('close.report.preview')}
              </Button>
              <Button
                icon={<DownloadOutlined />}
                loading={save.isPending}
                onClick={() =>
                  save.mutate(
                    { account_id: chosen.account.account_id, date, english: lang === 'en' },
                    { onSuccess: (file) => void saveHeld(t, file).then((text) => text !== null && toasts.show({ text })) },
                  )
                }
                data-testid="close-export"
              >
                {t('close.export')}
              </Button>
            </>
          )
        }
      />
      {save.error === null ? null : <ErrorPanel error={save.error} />}
      {chosen === null ? null : <ReportDialog accountId={chosen.account.account_id} date={date} open={reporting} onClose={() => setReporting(false)} />}
      {board.error !== null ? (
        <ErrorPanel error={board.error} onRetry={() => void board.refetch()} />
      ) : board.data === undefined ? (
        <Card>
          <Skeleton rows={9} />
        </Card>
      ) : chosen === null ? (
        <Card className="zf-grow">
          <Empty title={t('bills.no_accounts')} note={t('bills.no_accounts_note')} />
        </Card>
      ) : (
        <div className="zf-close">
          <Card flush title={t('close.accounts')}>
            {accounts.map((a) => (
              <button
                key={a.account.account_id}
                type="button"
                className="zf-list-item"
                aria-current={a === chosen}
                onClick={() => setQuery({ account: a.account.account_id })}
                data-testid="close-account"
              >
                <span className="zf-row zf-nowrap">
                  <ChannelMark channel={a.account.channel} /> <span className="zf-cut">{a.account.display_name}</span>
                </span>
                <span>
                  <span className="zf-mono zf-t3">{a.account.merchant_no_masked}</span>
                </span>
                <span className="zf-between">
                  <StatusTag kind="close" status={a.status} />
                  <span className="zf-help">{t('close.checks', { done: a.checks.filter((c) => c.passed).length, all: a.checks.length })}</span>
                </span>
              </button>
            ))}
            <p className="zf-help zf-pane-section">{t('close.locked_note')}</p>
          </Card>
          <Checklist view={chosen} />
          <div className="zf-approvals-side">
            <Signatures key={`${chosen.account.account_id}-${chosen.date}-${chosen.digest}`} view={chosen} />
            <Blocked accounts={blocked} />
          </div>
        </div>
      )}
    </div>
  )
}

function Blocked({ accounts }: { accounts: readonly CloseView[] }) {
  const t = useT()
  const lang = useLanguage()
  return (
    <Card flush title={t('close.cannot')}>
      {accounts.length === 0 ? <p className="zf-t3 zf-pane-section">{t('close.all_good')}</p> : null}
      {accounts.map((a) => (
        <div key={a.account.account_id} className="zf-pane-section" data-testid="blocked">
          <div className="zf-row">
            <ChannelMark channel={a.account.channel} /> {a.account.display_name}
          </div>
          {a.checks.map((c, i) =>
            c.passed ? null : (
              <div key={c.kind} className="zf-c-at">
                {t('close.cannot_item', { n: i + 1, detail: c.detail === '' ? t(`close.check.${c.kind}`) : inLanguage(c.detail, lang) })}
              </div>
            ),
          )}
          <span className="zf-row">
            <button type="button" className="zf-linkbtn" onClick={() => go('/recon', { account: a.account.account_id, day: a.date })}>
              {t('close.go_recon')}
            </button>
            <button type="button" className="zf-linkbtn" onClick={() => go('/bills', { account: a.account.account_id, day: a.date })}>
              {t('close.go_bills')}
            </button>
          </span>
        </div>
      ))}
    </Card>
  )
}
