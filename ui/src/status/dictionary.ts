/**
 * The one place for status words, icons and families (guide §3). Screens show a status only through
 * this dictionary, so that one state never has two names. Keys are the core's own state names.
 */
import {
  AuditOutlined,
  CalendarOutlined,
  CheckCircleFilled,
  CheckCircleOutlined,
  ClockCircleFilled,
  ClockCircleOutlined,
  CloseCircleOutlined,
  CloseSquareFilled,
  CloudDownloadOutlined,
  CopyOutlined,
  DashOutlined,
  EditOutlined,
  FieldTimeOutlined,
  FileDoneOutlined,
  FileExclamationOutlined,
  ForkOutlined,
  HourglassOutlined,
  LinkOutlined,
  LockFilled,
  MinusCircleOutlined,
  OrderedListOutlined,
  PauseCircleOutlined,
  PieChartOutlined,
  QuestionCircleOutlined,
  RedoOutlined,
  RollbackOutlined,
  SafetyCertificateFilled,
  SafetyCertificateOutlined,
  StopFilled,
  SyncOutlined,
  UnlockFilled,
  WarningFilled,
} from '@ant-design/icons'
import type { ComponentType } from 'react'
import type { BillStatus, CloseStatus, DifferenceStatus, OrderState, RefundState, ResolutionState } from '../generated/types'
import type { Family } from '../theme/tokens'

export type StatusEntry = { family: Family; zh: string; en: string; icon: ComponentType }

export const familyIcon: Record<Family, ComponentType> = {
  ok: CheckCircleFilled,
  ru: SyncOutlined,
  wa: HourglassOutlined,
  at: WarningFilled,
  br: CloseSquareFilled,
  un: QuestionCircleOutlined,
  vo: MinusCircleOutlined,
}

/** What the seven families are called, for legends and printing without colour. */
export const familyWords: Record<Family, readonly [zh: string, en: string]> = {
  ok: ['完成', 'Done'],
  ru: ['进行中', 'Under way'],
  wa: ['等待', 'Waiting'],
  at: ['要人处理', 'Needs a person'],
  br: ['坏了 / 超期', 'Broken or overdue'],
  un: ['未知', 'Unknown'],
  vo: ['结束 / 中性', 'Over or neutral'],
}

const entry = (family: Family, zh: string, en: string, icon?: ComponentType): StatusEntry => ({
  family,
  zh,
  en,
  icon: icon ?? familyIcon[family],
})

type Words<State extends string> = Record<State, StatusEntry> & Record<string, StatusEntry>

export const dictionary = {
  order: {
    awaiting_payment: entry('wa', '待支付', 'Awaiting payment', ClockCircleOutlined),
    paying: entry('ru', '支付中', 'Paying'),
    paid: entry('ok', '已支付', 'Paid'),
    partly_refunded: entry('vo', '部分退款', 'Partly refunded', PieChartOutlined),
    refunding: entry('ru', '退款中', 'Refunding'),
    fully_refunded: entry('vo', '已全额退款', 'Fully refunded', RollbackOutlined),
    closed: entry('vo', '已关闭', 'Closed'),
    paid_after_close: entry('at', '关单后到账', 'Paid after close'),
    payment_unknown: entry('un', '支付未知·核实中', 'Payment unknown'),
    refund_unknown: entry('un', '退款未知·核实中', 'Refund unknown'),
    abnormal: entry('br', '异常', 'Abnormal'),
  },
  refund: {
    draft: entry('vo', '草稿', 'Draft', EditOutlined),
    awaiting_approval: entry('ru', '待复核', 'Awaiting approval', AuditOutlined),
    cooling_off: entry('wa', '冷静期', 'Cooling-off'),
    queued: entry('wa', '排队发送', 'Queued', OrderedListOutlined),
    processing: entry('ru', '渠道处理中', 'Processing'),
    unknown: entry('un', '未知·核实中', 'Unknown, checking'),
    succeeded: entry('ok', '退款成功', 'Refunded'),
    abnormal: entry('br', '退款异常', 'Abnormal'),
    closed_by_channel: entry('at', '渠道已关闭', 'Closed by channel'),
    rejected: entry('vo', '已驳回', 'Rejected', CloseCircleOutlined),
    approval_expired: entry('vo', '复核过期', 'Approval expired', FieldTimeOutlined),
    approval_voided: entry('at', '批准已作废', 'Approval voided'),
  },
  difference: {
    waiting: entry('wa', '等待', 'Waiting'),
    match_suggested: entry('ru', '待确认匹配', 'Match suggested', LinkOutlined),
    ambiguous: entry('at', '有多种配法', 'Ambiguous', ForkOutlined),
    broken: entry('at', '差错', 'Broken'),
    overdue: entry('br', '超期', 'Overdue', ClockCircleFilled),
    suspended: entry('wa', '已挂账', 'Suspended', PauseCircleOutlined),
    pending: entry('ru', '处理待复核', 'Fix awaiting approval', AuditOutlined),
    resolved: entry('ok', '已平', 'Resolved'),
    written_off: entry('vo', '已核销', 'Written off', FileDoneOutlined),
    matched: entry('ok', '已勾对', 'Matched'),
    within_tolerance: entry('ok', '容差内', 'Within tolerance', CheckCircleOutlined),
    not_searched: entry('vo', '未搜索', 'Not searched', DashOutlined),
  },
  resolution: {
    proposed: entry('ru', '待复核', 'Awaiting approval', AuditOutlined),
    in_effect: entry('ok', '已生效', 'In effect'),
    rejected: entry('vo', '已驳回', 'Rejected', CloseCircleOutlined),
    withdrawn: entry('vo', '已撤回', 'Withdrawn'),
    reversed: entry('vo', '已冲回', 'Reversed', RollbackOutlined),
  },
  bill: {
    not_due: entry('vo', '未到时间', 'Not due yet', CalendarOutlined),
    not_fetched: entry('wa', '待下载', 'Not fetched', CloudDownloadOutlined),
    generating: entry('wa', '渠道生成中', 'Being generated'),
    downloading: entry('ru', '下载中', 'Downloading'),
    verified: entry('ok', '已核验', 'Verified'),
    no_trade: entry('vo', '确认无交易', 'No trade'),
    lost_soon: entry('at', '{n} 天后取不回', 'Lost in {n} days'),
    partial: entry('at', '只有部分', 'Partial'),
    failed: entry('br', '下载失败', 'Failed'),
    refused: entry('br', '文件拒收', 'File refused', FileExclamationOutlined),
    lost: entry('br', '已取不回', 'Lost', StopFilled),
  },
  close: {
    not_started: entry('vo', '未开始', 'Not started'),
    items_open: entry('at', '有未清项', 'Items open'),
    waiting_for_bill: entry('wa', '等账单', 'Waiting for bill'),
    bill_missing: entry('br', '缺账单', 'Bill missing'),
    maker_to_sign: entry('ru', '待经办签署', 'Maker to sign', EditOutlined),
    checker_to_sign: entry('ru', '待复核签署', 'Checker to sign', AuditOutlined),
    closed: entry('ok', '已日结', 'Closed & locked', LockFilled),
    reopened: entry('at', '已重开', 'Reopened', UnlockFilled),
  },
  key: {
    days_left: entry('ok', '还剩 {n} 天', '{n} days left'),
    no_expiry: entry('ok', '无到期日', 'No expiry'),
    rotating: entry('ru', '换新中', 'Rotating'),
    days_left_soon: entry('at', '还剩 {n} 天', '{n} days left'),
    days_left_urgent: entry('br', '还剩 {n} 天', '{n} days left'),
    invalid: entry('br', '已失效', 'Invalid'),
    rotation_advised: entry('at', '建议轮换', 'Rotation advised'),
    end_unknown: entry('un', '到期日未知', 'End unknown', CalendarOutlined),
  },
  verdict: {
    trustworthy: entry('ok', '可信', 'Trustworthy', SafetyCertificateFilled),
    already_booked: entry('at', '已入过账', 'Already booked'),
    altered: entry('br', '被改过', 'Altered'),
    cannot_tell: entry('un', '无法判断', 'Cannot tell'),
    not_signed: entry('vo', '没有签名', 'Not signed'),
  },
  callback: {
    verified: entry('ok', '已收，验签通过', 'Verified'),
    processing: entry('ru', '处理中', 'Processing'),
    duplicate: entry('vo', '重复，已忽略', 'Duplicate, ignored', CopyOutlined),
    probe_refused: entry('vo', '渠道探测，已拒绝', 'Probe, refused', SafetyCertificateOutlined),
    bad_signature: entry('br', '验签不过', 'Bad signature'),
    replayed: entry('at', '已重放', 'Replayed', RedoOutlined),
  },
} as const satisfies Record<string, Record<string, StatusEntry>> & {
  // A state added in Rust without a word here does not compile.
  order: Words<OrderState>
  refund: Words<RefundState>
  difference: Words<DifferenceStatus>
  resolution: Words<ResolutionState>
  bill: Words<BillStatus>
  close: Words<CloseStatus>
}

export type StatusKind = keyof typeof dictionary
export type StatusOf<Kind extends StatusKind> = keyof (typeof dictionary)[Kind] & string

/** The entry of a status. A name the dictionary lacks shows as it is, in the unknown family: never as good news. */
export function statusEntry(kind: StatusKind, status: string): StatusEntry {
  const group: Record<string, StatusEntry> = dictionary[kind]
  return group[status] ?? { family: 'un', zh: status, en: status, icon: QuestionCircleOutlined }
}
