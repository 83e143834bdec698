/** What the palette lists: entries made from what was found, from the page's live keys and from a sum. */
import {
  ArrowRightOutlined,
  BgColorsOutlined,
  CalendarOutlined,
  CloudSyncOutlined,
  ColumnHeightOutlined,
  CompassOutlined,
  EyeInvisibleOutlined,
  FilePdfOutlined,
  FileSearchOutlined,
  FolderOpenOutlined,
  GlobalOutlined,
  KeyOutlined,
  LogoutOutlined,
  MenuFoldOutlined,
  ReloadOutlined,
  RollbackOutlined,
  StopOutlined,
  ThunderboltOutlined,
  UserOutlined,
  WarningFilled,
} from '@ant-design/icons'
import type { ComponentType, ReactNode } from 'react'
import { Avatar, ChannelMark, MaskedPerson, Time, channelName } from '../../components/small'
import { Money } from '../../components/Money'
import type { Found, FoundBill, OrderAction, OrderActionKind, OrderRow, Permission, RefundRow } from '../../generated/types'
import { reasonText } from '../../api/errors'
import { capitalAmount, amountForInput, count, moneyText } from '../../format'
import type { PlainKey, Translate } from '../../i18n'
import { catalogue } from '../../i18n/catalogue'
import type { Hotkey } from '../../keyboard/hotkeys'
import { go } from '../../router'
import { StatusTag } from '../../status/StatusTag'
import { routes } from '../routes'
import { workOut } from './sum'

export type Entry = {
  id: string
  section: string
  icon: ComponentType
  /** What is matched against a typed action. */
  words: string
  title: ReactNode
  note?: ReactNode
  right?: ReactNode
  keys?: string
  /** Why it cannot be done; such an entry is shown and passed over. */
  disabled?: string
  /** An action, for Tab. */
  action?: boolean
  /** Remembered among the recent ones under this place. */
  recent?: Recent
  run: () => void
}

/** Something opened from here before: only numbers and places, nothing personal. */
export type Recent = { title: string; kind: 'order' | 'refund' | 'receipt' | 'page'; path: string; query?: Record<string, string> }

export type Doing = {
  openRefund: (orderId: string) => void
  queryChannel: (orderId: string) => void
}

const actionIcons: Record<OrderActionKind, ComponentType> = {
  request_refund: RollbackOutlined,
  query_channel: CloudSyncOutlined,
  issue_receipt: FilePdfOutlined,
  close_order: StopOutlined,
}
const actionKeys: Partial<Record<OrderActionKind, string>> = { request_refund: 'r', query_channel: 'q', issue_receipt: 'p' }

function orderEntry(row: OrderRow, section: string): Entry {
  return {
    id: `order-${row.order_id}`,
    section,
    icon: FileSearchOutlined,
    words: row.order_no,
    title: <span className="zf-id-strong">{row.order_no}</span>,
    note: (
      <>
        <MaskedPerson text={row.payer_masked} /> · <Time at={row.paid_at ?? row.created_at} as="short" />
      </>
    ),
    right: (
      <>
        <StatusTag kind="order" status={row.state} />
        <ChannelMark channel={row.channel} /> <Money value={row.amount} size="strong" />
      </>
    ),
    recent: { title: row.order_no, kind: 'order', path: '/orders', query: { order: row.order_id } },
    run: () => go('/orders', { order: row.order_id }),
  }
}

function refundEntry(t: Translate, row: RefundRow, section: string): Entry {
  return {
    id: `refund-${row.refund_no}`,
    section,
    icon: RollbackOutlined,
    words: row.refund_no,
    title: <span className="zf-id-strong">{row.refund_no}</span>,
    note: (
      <>
        <StatusTag kind="refund" status={row.state} /> · {t(`reason_code.${row.reason_code}`)}
      </>
    ),
    right: <Money value={{ minor: 0 - row.amount.minor, currency: row.amount.currency }} />,
    recent: { title: row.refund_no, kind: 'refund', path: '/refunds', query: { no: row.refund_no } },
    run: () => go('/refunds', { no: row.refund_no }),
  }
}

function billEntry(t: Translate, bill: FoundBill, section: string): Entry {
  const names = { channel: channelName(t, bill.channel), tail: bill.account_tail, date: bill.date }
  return {
    id: `bill-${bill.account_id}-${bill.kind}-${bill.date}`,
    section,
    icon: CalendarOutlined,
    words: bill.date,
    title: bill.kind === 'trade' ? t('palette.bill', names) : t('palette.bill_fund', names),
    note: (
      <>
        <StatusTag kind="bill" status={bill.status} /> · {t('palette.bill_rows', { n: count(bill.rows) })}
      </>
    ),
    run: () => go('/bills', { account: bill.account_id, day: bill.date, kind: bill.kind }),
  }
}

function runAction(kind: OrderActionKind, orderId: string, doing: Doing): void {
  // What moves money or makes a paper is done on its own step, where it is seen whole.
  if (kind === 'request_refund') doing.openRefund(orderId)
  else if (kind === 'query_channel') doing.queryChannel(orderId)
  else go('/orders', { order: orderId })
}

function subjectEntries(t: Translate, found: Found, doing: Doing): Entry[] {
  const { subject } = found
  if (subject === null) return []
  const orderId = subject.order.order_id
  const section = t('palette.legal')
  const entry = (a: OrderAction): Entry => ({
    id: `action-${a.action}`,
    section,
    icon: a.allowed ? actionIcons[a.action] : StopOutlined,
    words: t(`orders.action.${a.action}`),
    title: t(`orders.action.${a.action}`),
    action: true,
    ...(a.action === 'request_refund' && a.allowed ? { note: t('palette.refundable', { amount: moneyText(subject.refundable) }) } : {}),
    ...(a.action === 'query_channel' && a.allowed ? { note: t('palette.no_change') } : {}),
    ...(a.allowed
      ? actionKeys[a.action] === undefined
        ? {}
        : { keys: actionKeys[a.action] ?? '' }
      : { disabled: t('palette.cannot', { why: reasonText(t, a.reason) }) }),
    run: () => runAction(a.action, orderId, doing),
  })
  const facts = [
    ...(subject.bill_match === null ? [] : [t('palette.evidence_line', { n: count(subject.bill_match.line_no) })]),
    ...(subject.notices > 0 ? [t('palette.evidence_notices', { n: subject.notices })] : []),
    ...(subject.refunds.length > 0 ? [t('palette.evidence_refunds', { n: subject.refunds.length })] : []),
  ]
  const evidence: Entry = {
    id: 'action-evidence',
    section,
    icon: FolderOpenOutlined,
    words: t('palette.evidence'),
    title: t('palette.evidence'),
    note: facts.join(t('common.comma')),
    keys: 'e',
    action: true,
    run: () => go('/orders', { order: orderId }),
  }
  const allowed = subject.actions.filter((a) => a.allowed).map(entry)
  const denied = subject.actions.filter((a) => !a.allowed).map(entry)
  const shown = new Set(found.refunds.map((r) => r.refund_no))
  const related = t('palette.related')
  return [
    ...allowed,
    evidence,
    ...denied,
    ...subject.refunds.filter((r) => !shown.has(r.refund_no)).map((r) => refundEntry(t, r, related)),
    ...(subject.bill === null ? [] : [billEntry(t, subject.bill, related)]),
    ...(found.receipts.length > 0 ? [] : subject.receipts.map((r) => receiptEntry(r, related))),
  ]
}

function receiptEntry(receipt: Found['receipts'][number], section: string): Entry {
  return {
    id: `receipt-${receipt.serial_no}`,
    section,
    icon: FilePdfOutlined,
    words: receipt.serial_no,
    title: <span className="zf-id-strong">{receipt.serial_no}</span>,
    note: <Time at={receipt.issued_at} as="short" />,
    right: <Money value={receipt.amount} />,
    recent: { title: receipt.serial_no, kind: 'receipt', path: '/receipts', query: { q: receipt.serial_no } },
    run: () => go('/receipts', { q: receipt.serial_no }),
  }
}

/** Everything the core found, likeliest first. */
export function foundEntries(t: Translate, found: Found, text: string, doing: Doing, permissions: readonly Permission[]): Entry[] {
  const seconds = (found.micros / 1_000_000).toFixed(2)
  const hits = found.orders.length + found.refunds.length + found.receipts.length + found.bill_lines.length + found.differences.length
  const head = t(found.exact ? 'palette.exact' : 'palette.partial', { n: hits, seconds })
  const date = found.looks_like.includes('date') ? found.bills[0]?.date : undefined
  const days = t('palette.days')
  return [
    ...found.receipts.map((r) => receiptEntry(r, head)),
    ...found.refunds.map((r) => refundEntry(t, r, head)),
    ...found.orders.map((o) => orderEntry(o, head)),
    ...found.bill_lines.map(
      (l): Entry => ({
        id: `line-${l.bill_id}-${l.line_no}`,
        section: head,
        icon: CalendarOutlined,
        words: l.number,
        title: <span className="zf-id-strong">{l.number}</span>,
        note: t('palette.bill_line', { date: l.date, n: count(l.line_no) }),
        right: (
          <>
            <ChannelMark channel={l.channel} /> <Money value={l.amount} />
          </>
        ),
        run: () => go('/bills', { account: l.account_id, day: l.date }),
      }),
    ),
    ...found.differences.map(
      (d): Entry => ({
        id: `difference-${d.difference_id}`,
        section: head,
        icon: WarningFilled,
        words: d.number,
        title: t('palette.difference', { date: d.date, code: t(`difference.${d.code}`) }),
        note: d.number,
        right: <Money value={d.gap} signed />,
        run: () => go('/recon', { account: d.account_id, day: d.date, difference: d.difference_id }),
      }),
    ),
    ...found.bills.map((b) => billEntry(t, b, days)),
    ...(date === undefined
      ? []
      : [
          {
            id: 'day-orders',
            section: days,
            icon: FileSearchOutlined,
            words: date,
            title: t('palette.orders_of_day', { date }),
            run: () => go('/orders', { from: date, to: date }),
          },
          {
            id: 'day-recon',
            section: days,
            icon: ArrowRightOutlined,
            words: date,
            title: t('palette.recon_of_day', { date }),
            run: () => go('/recon', { day: date }),
          },
        ]),
    ...found.people.map(
      (p): Entry => ({
        id: `person-${p.user_id}`,
        section: t('palette.people'),
        icon: UserOutlined,
        words: p.display_name,
        title: (
          <span className="zf-row zf-nowrap">
            <Avatar name={p.display_name} size={20} /> {p.display_name}
          </span>
        ),
        note: `${t(`role.${p.role}`)} · ${p.login}`,
        right: permissions.includes('view_audit') ? t('palette.audit_of', { name: p.display_name }) : null,
        ...(permissions.includes('view_audit')
          ? { run: () => go('/audit', { q: p.display_name }) }
          : { disabled: t('state.no_permission'), run: () => {} }),
      }),
    ),
    ...subjectEntries(t, found, doing),
    ...(found.exact || !permissions.includes('view_orders') || text.startsWith('@')
      ? []
      : [
          {
            id: 'all-orders',
            section: t('palette.pages'),
            icon: FileSearchOutlined,
            words: text,
            title: t('palette.all_orders', { text }),
            keys: 'Enter',
            run: () => go('/orders', { q: text }),
          },
        ]),
  ]
}

/** The sum after `=`, or why it is none. */
export function sumEntries(t: Translate, source: string, copy: (text: string) => void): { entries: Entry[]; refusal: string | null } {
  const result = workOut(source)
  if (!result.ok) {
    switch (result.fault) {
      case 'shape':
      case 'grouped':
        return { entries: [], refusal: t(`palette.sum.${result.fault}`, { at: result.at }) }
      case 'not_whole':
        return { entries: [], refusal: t('palette.sum.not_whole', { exact: result.exact }) }
      default:
        return { entries: [], refusal: t(`palette.sum.${result.fault}`) }
    }
  }
  const money = { minor: result.minor, currency: 'CNY' }
  const words = capitalAmount(money)
  const plain = `${result.minor < 0 ? '-' : ''}${amountForInput(money)}`
  const section = t('palette.looks_sum')
  return {
    refusal: null,
    entries: [
      {
        id: 'sum',
        section,
        icon: ThunderboltOutlined,
        words: plain,
        title: <Money value={money} size="big" testid="palette-sum" />,
        note: t('palette.copy_result', { amount: plain }),
        keys: 'Enter',
        run: () => copy(plain),
      },
      ...(words === null
        ? []
        : [{ id: 'sum-words', section, icon: KeyOutlined, words, title: words, note: t('palette.copy_words'), run: () => copy(words) }]),
    ],
  }
}

/** A message in both languages: an action is found by either name. */
const both = (key: PlainKey): string => catalogue[key].join(' ')

export type FrameActions = {
  language: () => void
  theme: () => void
  mask: () => void
  maskAmounts: () => void
  density: () => void
  nav: () => void
  refresh: () => void
  password: () => void
  signOut: () => void
  tour: (() => void) | null
  keys: () => void
}

const pageIcon: ComponentType = ArrowRightOutlined

/** Pages, what the page can do now, and the frame's own actions. */
export function actionEntries(t: Translate, live: readonly Hotkey[], frame: FrameActions, permissions: readonly Permission[]): Entry[] {
  const pages = routes
    .filter((r) => r.needs === undefined || permissions.includes(r.needs))
    .map(
      (r): Entry => ({
        id: `page-${r.path}`,
        section: t('palette.pages'),
        icon: r.icon ?? pageIcon,
        words: `${both(r.title)} ${r.path} g${r.letter}`,
        title: t(r.title),
        keys: `g ${r.letter}`,
        action: true,
        recent: { title: t(r.title), kind: 'page', path: r.path },
        run: () => go(r.path),
      }),
    )
  const ours = new Set(['mod+k', '/', '?', 'F5', 'mod+shift+m', 'j', 'k', 'Enter', 'Escape', 'x', 'shift+x'])
  const here = live
    .filter((h) => h.commits !== true && !ours.has(h.keys) && !h.keys.startsWith('g ') && !h.keys.startsWith('mod+Enter'))
    .map(
      (h): Entry => ({
        id: `live-${h.keys}-${h.label ?? ''}`,
        section: t('palette.page_actions'),
        icon: ThunderboltOutlined,
        words: h.label ?? '',
        title: h.label,
        keys: h.keys,
        action: true,
        run: () => h.run(new KeyboardEvent('keydown')),
      }),
    )
  const own = (id: string, icon: ComponentType, title: PlainKey, run: () => void, keys?: string): Entry => ({
    id,
    section: t('palette.actions'),
    icon,
    words: both(title),
    title: t(title),
    action: true,
    ...(keys === undefined ? {} : { keys }),
    run,
  })
  return [
    ...here,
    ...pages,
    own('frame-refresh', ReloadOutlined, 'keys.refresh', frame.refresh, 'F5'),
    own('frame-mask', EyeInvisibleOutlined, 'keys.mask', frame.mask, 'mod+shift+m'),
    own('frame-mask-amounts', EyeInvisibleOutlined, 'mask.amounts', frame.maskAmounts),
    own('frame-theme', BgColorsOutlined, 'palette.theme', frame.theme),
    own('frame-language', GlobalOutlined, 'frame.language', frame.language),
    own('frame-density', ColumnHeightOutlined, 'palette.density', frame.density),
    own('frame-nav', MenuFoldOutlined, 'palette.nav', frame.nav),
    own('frame-keys', KeyOutlined, 'keys.title', frame.keys, '?'),
    ...(frame.tour === null ? [] : [own('frame-tour', CompassOutlined, 'tour.title', frame.tour)]),
    own('frame-password', KeyOutlined, 'frame.change_password', frame.password),
    own('frame-sign-out', LogoutOutlined, 'frame.sign_out', frame.signOut),
  ]
}

/** What was opened from here before. */
export function recentEntries(t: Translate, recent: readonly Recent[]): Entry[] {
  const icons: Record<Recent['kind'], ComponentType> = { order: FileSearchOutlined, refund: RollbackOutlined, receipt: FilePdfOutlined, page: ArrowRightOutlined }
  return recent.map((r) => ({
    id: `recent-${r.path}-${r.title}`,
    section: t('palette.recent'),
    icon: icons[r.kind],
    words: r.title,
    title: r.title,
    recent: r,
    run: () => go(r.path, r.query ?? {}),
  }))
}

/** Letters in order, gaps allowed; a better match comes first. -1: no match. */
export function score(words: string, wanted: string): number {
  const [text, find] = [words.toLowerCase(), wanted.toLowerCase().trim()]
  if (find === '') return 1
  const at = text.indexOf(find)
  if (at >= 0) return at === 0 ? 100 : 60 - Math.min(at, 40)
  let from = 0
  for (const letter of find.replaceAll(' ', '')) {
    from = text.indexOf(letter, from) + 1
    if (from === 0) return -1
  }
  return 10
}
