import { Button } from 'antd'
import { useState } from 'react'
import { Time } from '../../../components/small'
import { Empty, ErrorPanel, Skeleton } from '../../../components/states'
import { hasMessage, tDynamic, useT } from '../../../i18n'
import { useKeyChanges } from '../api'

function words(action: string): string {
  const key = `certs.change.${action}`
  return hasMessage(key) ? tDynamic(key, {}) : action
}

/** The audit rows about keys and certificates. */
export function Changes() {
  const t = useT()
  const [before, setBefore] = useState<number | null>(null)
  const page = useKeyChanges(before)
  if (page.error !== null) return <ErrorPanel error={page.error} onRetry={() => void page.refetch()} />
  if (page.data === undefined) return <Skeleton rows={8} />
  const { rows, next_before_seq: next } = page.data
  if (rows.length === 0)
    return (
      <div className="zf-card">
        <Empty title={t('certs.changes_empty')} />
      </div>
    )
  return (
    <div className="zf-card zf-scroll" data-testid="key-changes">
      <table className="zf-table">
        <thead>
          <tr>
            <th scope="col">{t('certs.col.when')}</th>
            <th scope="col">{t('certs.col.what')}</th>
            <th scope="col">{t('certs.col.object')}</th>
            <th scope="col">{t('certs.col.who')}</th>
            <th scope="col">{t('certs.col.result')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.seq}>
              <td>
                <Time at={row.at} />
              </td>
              <td>{words(row.action)}</td>
              <td className="zf-mono zf-wrap">{row.object}</td>
              <td>{row.actor}</td>
              <td>{row.result === 'ok' ? t('certs.ok') : <span className="zf-mono">{row.result}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {next === null ? null : (
        <div className="zf-card-foot">
          <Button size="small" onClick={() => setBefore(next)}>
            {t('certs.more')}
          </Button>
        </div>
      )}
    </div>
  )
}
