/**
 * What stands behind every status word and every difference code: what it means, whether money is at
 * risk, what to do. Shown by `components/Explain.tsx`. The types make a word without an explanation a
 * compile error; sources of the facts are the domain rules the core enforces.
 */
import type { DifferenceCode } from '../generated/types'
import type { StatusKind, StatusOf } from './dictionary'

/** Chinese, English. */
export type Pair = readonly [zh: string, en: string]

/** `none`: money is where it belongs; `moving`: under way and followed; `check`: may be involved; `risk`: act soon. */
export type Risk = 'none' | 'moving' | 'check' | 'risk'

export type Explanation = { means: Pair; risk: Risk; next: Pair }
export type CodeExplanation = Explanation & { channel: Pair; ours: Pair }

export const riskWords: Record<Risk, Pair> = {
  none: ['不影响资金', 'No money is at risk'],
  moving: ['资金在途，系统一直在跟', 'Money is under way and is being followed'],
  check: ['可能牵涉资金，要核实', 'Money may be involved: verify'],
  risk: ['有资金风险，请尽快处理', 'Money is at risk: act soon'],
}

const say = (means: Pair, risk: Risk, next: Pair): Explanation => ({ means, risk, next })
const nothing: Pair = ['不用做什么。', 'Nothing needs doing.']
const watch: Pair = ['等着就好，状态会自己更新。', 'Just wait: it updates by itself.']

export const explanations: { [Kind in StatusKind]: Record<StatusOf<Kind>, Explanation> } = {
  order: {
    awaiting_payment: say(['买家还没有付款。', 'The buyer has not paid yet.'], 'none', ['超时会关单；买家说付过就向渠道查询。', 'It closes when it expires; if the buyer says it is paid, query the channel.']),
    paying: say(['买家正在付款，渠道还没有给结果。', 'The buyer is paying; the channel has no result yet.'], 'moving', watch),
    paid: say(['渠道确认收到全款。', 'The channel confirms the full amount was received.'], 'none', nothing),
    partly_refunded: say(['退过一部分，剩下的仍是收款。', 'Part was refunded; the rest is still collected.'], 'none', ['还要退时，可退金额以订单详情为准。', 'To refund more, go by the amount left in the order’s detail.']),
    refunding: say(['有退款已发出，渠道还没有最终结果。', 'A refund was sent; the channel has no final result yet.'], 'moving', watch),
    fully_refunded: say(['收到的钱已全部退还买家。', 'All that was received went back to the buyer.'], 'none', nothing),
    closed: say(['订单已关，买家不能再付。', 'The order is closed; the buyer can no longer pay.'], 'none', nothing),
    paid_after_close: say(['关单之后买家才付成，渠道收了钱而订单已作废。', 'The buyer paid after the order was closed: the channel has money for an order that no longer stands.'], 'risk', ['先向渠道查询，再决定补单还是退款。', 'Query the channel, then supplement the order or refund.']),
    payment_unknown: say(['问过渠道但没有得到答复，可能付了也可能没付。未知不等于失败。', 'The channel was asked and did not answer: it may be paid or not. Unknown is not failed.'], 'check', ['等自动核实，不要让买家再付一次。', 'Wait for the check; do not ask the buyer to pay again.']),
    refund_unknown: say(['退款发出后没有答复，可能已经退成。', 'The refund was sent and nobody answered: it may have succeeded.'], 'check', ['按同一单号自动核实，不要重发，也不要另开一笔。', 'It is checked under the same number. Do not resend, do not open another.']),
    abnormal: say(['渠道报告这笔订单或它的退款异常。', 'The channel reports this order or its refund as abnormal.'], 'risk', ['看时间线里最后一条，按说明处理。', 'Read the last entry of the timeline and follow it.']),
  },
  refund: {
    draft: say(['表单开着，单号已占用，还没有提交。', 'The form is open and the number taken; nothing was submitted.'], 'none', ['填完提交，或放着不管。', 'Finish and submit, or leave it.']),
    awaiting_approval: say(['等另一个人批准，批准前不会发出任何东西。', 'Waits for another person; nothing is sent before the approval.'], 'none', ['请复核人在期限内处理，过期要重新申请。', 'The checker decides in time; once expired it must be asked anew.']),
    cooling_off: say(['已批准，还在可以反悔的时间里。', 'Approved, and still within the time to think again.'], 'none', watch),
    queued: say(['已批准，排队等发出，还没有离开本机。', 'Approved and queued; nothing has left this machine.'], 'none', watch),
    processing: say(['渠道受理了退款。受理不等于到账。', 'The channel accepted the refund. Accepted is not yet done.'], 'moving', ['等渠道的最终结果，系统会一直查。', 'Wait for the final result; it is queried until then.']),
    unknown: say(['发出后没有收到答复，可能成功也可能没到渠道。未知不等于失败。', 'Sent without an answer: it may have succeeded or never arrived. Unknown is not failed.'], 'check', ['按同一单号自动查询，重发一直锁着，直到渠道给出结论。', 'It is queried under the same number; resending stays locked until the channel decides.']),
    succeeded: say(['渠道确认钱已退出。', 'The channel confirms the money went back.'], 'none', nothing),
    abnormal: say(['渠道退不进付款人的账户，多半是卡已注销。', 'The channel cannot pay it into the buyer’s account, mostly a dead card.'], 'risk', ['在商户平台改退到别的卡，或退回商户后另行退还。', 'On the merchant platform pay another card, or return it to the merchant and pay back another way.']),
    closed_by_channel: say(['渠道关闭了这笔退款，钱没有退出。', 'The channel closed this refund; no money went back.'], 'check', ['查明原因（常见是余额不足七天），要退就用新单号重新申请。', 'Find out why (often seven days without balance); to refund, ask anew under a new number.']),
    rejected: say(['复核人没有批准，什么也没有发出。', 'The checker did not approve; nothing was sent.'], 'none', ['看驳回理由，需要时重新申请。', 'Read the reason; ask anew if needed.']),
    approval_expired: say(['没有人在期限内批准，自动作废。', 'Nobody approved in time; it lapsed.'], 'none', ['还要退就重新申请。', 'To refund, ask anew.']),
    approval_voided: say(['批准之后内容改过，那次批准不再算数。', 'The content changed after an approval, which no longer counts.'], 'none', ['请复核人看过新内容再批准。', 'The checker must read the new content and approve again.']),
  },
  difference: {
    waiting: say(['只在一边，但另一边还没到时间，不算差错。', 'On one side only, and the other side is not due yet: no error.'], 'none', ['等次日账单，多半会自己对上。', 'Wait for the next bill; most clear by themselves.']),
    match_suggested: say(['找到一种配法，等人确认。', 'A match was found and waits for a person.'], 'none', ['看过两边再确认。', 'Look at both sides, then confirm.']),
    ambiguous: say(['有不止一种配法，系统不替您选。', 'More than one match fits; none is chosen for you.'], 'check', ['对照两边证据，选一种。', 'Compare the evidence and choose.']),
    broken: say(['过了该对上的时间仍对不上，还没有人认领。', 'Past its time and still not matching; nobody owns it.'], 'check', ['看证据，处理它，或写明负责人和期限挂账。', 'Read the evidence, settle it, or suspend it with owner and due date.']),
    overdue: say(['超过了应了结的日期，日结会被它挡住。', 'Past the date it should be settled by; it blocks the day close.'], 'risk', ['今天处理，或重新定期限并写明理由。', 'Settle it today, or set a new date with a reason.']),
    suspended: say(['有负责人、期限和理由，先挂着。', 'Has an owner, a due date and a reason, and waits.'], 'none', ['到期前了结；挂账不动钱，可以撤销。', 'Settle by its date; suspending moves no money and can be undone.']),
    pending: say(['处理办法已提交，等另一个人复核。', 'A fix was submitted and waits for another person.'], 'none', watch),
    resolved: say(['两边已一致，写明是怎么平的。', 'Both sides agree, and how is on record.'], 'none', nothing),
    written_off: say(['经两人同意，不再追。', 'Two people agreed to let it go.'], 'none', nothing),
    matched: say(['账单和账簿逐行一致。', 'Bill and books agree, row by row.'], 'none', nothing),
    within_tolerance: say(['差在有名字、有额度的容差之内，计入额度。', 'Within a named tolerance, counted against its budget.'], 'none', nothing),
    not_searched: say(['候选太多，没有搜索；系统明说，不当作没有。', 'Too many candidates to search: said openly, not taken for none.'], 'check', ['缩小范围后人工核对。', 'Narrow it down and check by hand.']),
  },
  resolution: {
    proposed: say(['办法已写明，等另一个人同意；同意之前差异还算未结。', 'The fix is written down and waits for another person; until then the difference stays open.'], 'none', ['请复核人同意或驳回；提的人可以撤回。', 'The checker decides; whoever proposed it can withdraw it.']),
    in_effect: say(['这一条正在起作用，差异按它算。', 'This entry holds: the difference stands by it.'], 'none', nothing),
    rejected: say(['复核人没有同意，差异回到原来的样子。', 'The checker said no; the difference is where it was.'], 'none', ['看驳回理由，换一种办法。', 'Read the reason and choose another way.']),
    withdrawn: say(['提的人在复核之前自己撤回了。', 'Whoever proposed it took it back before it was decided.'], 'none', nothing),
    reversed: say(['后来另有一条把它冲回，两条都留在记录里。', 'A later entry took it back; both stay on record.'], 'none', nothing),
  },
  bill: {
    not_due: say(['还没到渠道出账单的时间。', 'The channel’s time for this bill has not come.'], 'none', ['次日 10:00 后再取。', 'Fetch it after 10:00 the next day.']),
    not_fetched: say(['渠道应已备好，还没有取。', 'It should be ready and was not fetched.'], 'none', ['现在取，或等定时任务。', 'Fetch it now, or leave it to the timer.']),
    generating: say(['渠道还在生成，不是出错。', 'The channel is still making it: no error.'], 'none', ['会按显示的时间自动重取。', 'It is tried again at the time shown.']),
    downloading: say(['正在下载并核对摘要。', 'Being downloaded and its digest checked.'], 'none', watch),
    verified: say(['原文件已存档，摘要、行数、汇总行都对得上。', 'Archived as it came; digest, row count and trailer all agree.'], 'none', nothing),
    no_trade: say(['渠道明确答复这一天没有交易，与“取不到”不同。', 'The channel says there was no trade that day: not the same as “not available”.'], 'none', nothing),
    lost_soon: say(['渠道只留三个月，快要取不回了。', 'The channel keeps three months; soon it is gone.'], 'risk', ['今天就补取。', 'Fetch it today.']),
    partial: say(['取到了，但有行读不出，不在任何合计里。', 'Fetched, but some rows could not be read and are in no sum.'], 'check', ['看列出的行，重新取或请渠道核对。', 'Look at the rows named; fetch again or ask the channel.']),
    failed: say(['没有取到，原因写在下面。账单还在渠道那边。', 'Not fetched, for the reason below. The bill is still at the channel.'], 'none', ['按原因处理后重新取。', 'Settle the reason, then fetch again.']),
    refused: say(['收到的文件与渠道给的摘要或汇总行不符，已拒收，原字节保留。', 'The file did not match the channel’s digest or trailer and was refused; its bytes are kept.'], 'check', ['重新取；反复如此请联系渠道。', 'Fetch again; if it repeats, contact the channel.']),
    lost: say(['渠道已不再提供，本机也没有存档。', 'The channel no longer offers it and there is no archive here.'], 'check', ['从商户平台或别处的存档补，补不到就记录缺口。', 'Get it from the platform or another archive; otherwise record the gap.']),
  },
  close: {
    not_started: say(['这一天还没过完，或还没对账。', 'The day is not over, or not reconciled.'], 'none', ['取账单、导账簿、对账。', 'Fetch the bill, import the books, reconcile.']),
    items_open: say(['有检查项没通过，写明是哪一项。', 'A check fails, and which is said.'], 'check', ['去处理没通过的那一项。', 'Settle the check that fails.']),
    waiting_for_bill: say(['渠道的账单还没到时间。', 'The channel’s bill is not due yet.'], 'none', watch),
    bill_missing: say(['账单该有而没有。', 'A bill should be there and is not.'], 'check', ['去账单页补取。', 'Fetch it on the bills page.']),
    maker_to_sign: say(['检查全部通过，等经办签。', 'Every check passes; the maker signs next.'], 'none', ['经办核对清单和指纹后签署。', 'The maker compares list and digest, then signs.']),
    checker_to_sign: say(['经办已签，等另一个人复核签。', 'The maker has signed; another person signs next.'], 'none', ['复核人核对同一个指纹，签署或退回。', 'The checker compares the same digest, then signs or returns it.']),
    closed: say(['两人签过同一指纹，这一天已锁，数据库也不许再改。', 'Two people signed one digest; the day is locked, in the database too.'], 'none', ['迟到的账单行记到下一日。', 'Late lines belong to the next day.']),
    reopened: say(['已锁的一天经两人同意重新打开。', 'A locked day was reopened by two people.'], 'check', ['处理完重新签署。', 'Settle it and sign again.']),
  },
  key: {
    days_left: say(['有效期还长。', 'Valid for a good while.'], 'none', nothing),
    no_expiry: say(['没有到期日，只在换掉时失效。', 'Has no date of expiry; ends when it is replaced.'], 'none', nothing),
    rotating: say(['新旧两把同时有效，正在换。', 'Old and new both stand while it is replaced.'], 'none', watch),
    days_left_soon: say(['三十天内到期，到期后请求会被渠道拒绝。', 'Expires within thirty days; after that the channel refuses requests.'], 'none', ['安排更换。', 'Plan its replacement.']),
    days_left_urgent: say(['五天内到期。', 'Expires within five days.'], 'check', ['现在更换，否则收款查询和退款会停。', 'Replace it now, or queries and refunds stop.']),
    invalid: say(['已过期、被吊销或与别的密钥不成对。', 'Expired, revoked, or no pair with its key.'], 'risk', ['请管理员更换；换好之前这个账户不能动钱。', 'The administrator must replace it; until then this account moves no money.']),
    rotation_advised: say(['没有到期日，用满一年了。', 'Has no date of expiry and has been in use for a year.'], 'none', ['找个空闲的日子换掉。', 'Change it on a quiet day.']),
    end_unknown: say(['本机还没有取到它，不知道哪天到期。', 'This desk has not fetched it yet and does not know its end.'], 'check', ['请管理员取一次，或导入证书文件。', 'The administrator should fetch it, or import the certificate.']),
  },
  verdict: {
    trustworthy: say(['签名有效，内容从签署起没有改过。', 'The signature is valid and nothing changed since.'], 'none', ['可以入账，先看有没有入过。', 'It can be booked, once.']),
    already_booked: say(['是真的，但本机已经登记过同一张。', 'Genuine, but the same one is already on record here.'], 'check', ['不要再入一次。', 'Do not book it again.']),
    altered: say(['签署之后被改过。', 'It was changed after signing.'], 'risk', ['不要入账，请对方重发原件。', 'Do not book it; ask for the original.']),
    cannot_tell: say(['签名完整，但签署人不在信任名单里，或缺核对所需的材料。', 'The signature is whole, but its signer is not trusted here, or what is needed to check it is missing.'], 'check', ['向对方核实签署人身份。', 'Confirm the signer with the sender.']),
    not_signed: say(['文件里没有电子签名，只是一张图。', 'There is no signature in the file; it is just a picture.'], 'check', ['请对方提供签过名的原件。', 'Ask for the signed original.']),
  },
  callback: {
    verified: say(['渠道的通知，验签通过并已存档。', 'A notice of the channel, verified and archived.'], 'none', nothing),
    processing: say(['已存档，正在处理。', 'Archived and being handled.'], 'none', watch),
    duplicate: say(['同一通知又来一次，没有重复处理。', 'The same notice came again and was not handled twice.'], 'none', nothing),
    probe_refused: say(['渠道故意发来的错误签名，用来检查我们会不会验签；拒绝才对。', 'A wrong signature the channel sends on purpose to see whether we check; refusing it is right.'], 'none', nothing),
    bad_signature: say(['验签不过，内容没有采用。', 'It failed verification; its content was not used.'], 'check', ['打开签名透视看差在哪；大量出现时通知管理员。', 'Open the signature X-ray; tell the administrator if there are many.']),
    replayed: say(['由人从存档原文重新处理过。', 'A person handled it again from its archived bytes.'], 'none', ['看时间线确认结果。', 'See the result in the timeline.']),
  },
}

const code = (means: Pair, channel: Pair, ours: Pair, risk: Risk, next: Pair): CodeExplanation => ({ means, channel, ours, risk, next })
const lacks: Pair = ['没有这一笔', 'has no such entry']
const twice: Pair = ['同一单号出现两次', 'has the same number twice']
const once: Pair = ['只有一次', 'has it once']

export const codeExplanations: Record<DifferenceCode, CodeExplanation> = {
  missing_in_ledger: code(
    ['账单里有一行，账簿里找不到。', 'The bill has a line that the books lack.'],
    ['收了（或退了）这笔钱', 'took (or returned) this money'],
    lacks,
    'check',
    ['向渠道查询。常见原因：回调丢失、手工收款码、同一商户号被别的系统使用。证实后补单，或退还付款人。', 'Query the channel. Usual causes: a lost notice, a manual code, another system on the same number. Then supplement, or refund.'],
  ),
  missing_in_channel: code(
    ['账簿记了成功，账单里没有这一行。', 'The books say success; the bill has no such line.'],
    lacks,
    ['记成了收到（或退出）', 'booked it as received (or returned)'],
    'risk',
    ['靠近零点的先等次日账单；其余向渠道查询，证实没收到就先别发货。', 'Near midnight wait for the next bill; otherwise query the channel, and do not ship before it confirms.'],
  ),
  amount_mismatch: code(
    ['同一单号，两边金额不同。', 'The same number with two amounts.'],
    ['按订单总额记', 'counts the order’s total'],
    ['记的是另一个金额', 'has another amount'],
    'check',
    ['先比优惠前后的口径（订单金额与应结金额），再查币种和手工改动。', 'Compare total with settled amount first (coupons), then currency and changes by hand.'],
  ),
  status_mismatch: code(
    ['同一单号、同一金额，两边状态不同。', 'The same number and amount in two states.'],
    ['有它自己的结论', 'has its own conclusion'],
    ['停在另一个状态', 'stands in another state'],
    'check',
    ['渠道成功而我方没有：多半回调丢失，查证后推进我方状态。我方成功而渠道没有：先冻结，再上报。', 'Channel paid, ours not: mostly a lost notice; verify and move ours on. Ours paid, channel not: freeze and escalate.'],
  ),
  duplicate_in_channel: code(
    ['账单里同一单号有两行。', 'The bill has two lines with one number.'],
    twice,
    once,
    'risk',
    ['买家可能付了两次；向渠道查实后退一笔。', 'The buyer may have paid twice; verify, then refund one.'],
  ),
  duplicate_in_ledger: code(
    ['账簿里同一单号有两行。', 'The books have two rows with one number.'],
    once,
    twice,
    'none',
    ['多半是重复导入；核对后在账簿里剔除一行，重新导入。', 'Mostly imported twice; drop one row in the books and import again.'],
  ),
  currency_mismatch: code(
    ['同一单号，两边币种不同。', 'The same number in two currencies.'],
    ['按它的币种记', 'counts in its currency'],
    ['按另一种币种记', 'counts in another'],
    'check',
    ['先核对汇率来源和下单币种，再比金额。', 'Check the source of the rate and the order’s currency first, then the amounts.'],
  ),
  id_clash: code(
    ['同一商户单号，渠道单号却不同。', 'One merchant number with two channel numbers.'],
    ['是它的一笔交易', 'means one trade'],
    ['记的是另一笔', 'means another'],
    'risk',
    ['商户单号被用了两次。按渠道单号拆开，逐笔向渠道查询。', 'The merchant number was used twice. Split by channel number and query each.'],
  ),
  fee_mismatch: code(
    ['两边对得上，手续费与合同算出来的不同。', 'Both sides agree; the fee is not what the contract gives.'],
    ['收了另一笔手续费', 'took another fee'],
    ['按合同应是另一个数', 'expects the contract’s fee'],
    'check',
    ['按该行费率重算；确认多收就向渠道申诉。', 'Recompute by the row’s rate; if too much was taken, claim it.'],
  ),
}
