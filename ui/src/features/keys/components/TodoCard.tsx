import { Button } from 'antd'
import { Card } from '../../../components/small'
import type { KeyList, KeyRow } from '../../../generated/types'
import { shiftDay, timeText } from '../../../format'
import { useT } from '../../../i18n'
import { go } from '../../../router'
import { StatusIcon, StatusTag } from '../../../status/StatusTag'
import { kindKey } from '../api'

function Todo({ row, rows }: { row: KeyRow; rows: readonly KeyRow[] }) {
  const t = useT()
  const consequence = t(`certs.consequence.${row.consequence}`)
  const end = row.not_after === null ? '' : timeText(row.not_after, 'date')
  const text =
    row.paired === false
      ? t('certs.todo.unpaired')
      : row.state === 'invalid'
        ? t('certs.todo.invalid', { consequence })
        : t('certs.todo.soon', { date: end, consequence, ready: shiftDay(end, -5).slice(5) })
  return (
    <li>
      <div className="zf-between">
        <b>{t(kindKey(row, rows))}</b>
        <StatusTag kind="key" status={row.state} n={row.days_left ?? 0} />
      </div>
      <p className="zf-t2">{text}</p>
      {row.account === null ? null : (
        <Button size="small" onClick={() => go('/channels')}>
          {t('certs.todo.open_accounts')}
        </Button>
      )}
    </li>
  )
}

/** What needs somebody, worst first, and what comes next when nothing does. */
export function TodoCard({ list }: { list: KeyList }) {
  const t = useT()
  const due = list.rows.filter((r) => r.attention).toSorted((a, b) => (a.days_left ?? 0) - (b.days_left ?? 0))
  const next = list.rows
    .filter((r) => !r.attention && r.not_after !== null && r.consequence !== 'nothing')
    .toSorted((a, b) => (a.days_left ?? 0) - (b.days_left ?? 0))[0]
  return (
    <Card title={t('certs.todo')} note={due.length === 0 ? undefined : String(due.length)} testid="key-todo" flush>
      <ul className="zf-todo">
        {due.map((row) => (
          <Todo key={row.key_id} row={row} rows={list.rows} />
        ))}
        {due.length === 0 ? (
          <li>
            <span className="zf-row">
              <StatusIcon family="ok" /> {t('certs.todo_none')}
            </span>
          </li>
        ) : null}
        <li className="zf-help">
          {next === undefined ? t('certs.todo_next_none') : t('certs.todo_next', { name: t(kindKey(next, list.rows)), n: next.days_left ?? 0 })}
        </li>
      </ul>
    </Card>
  )
}
