// Written from Rust by `make generate`. Do not edit.

export type AccountId = string;
export type BillId = string;
export type BusinessDate = string;
export type Currency = "CNY" | "USD" | "HKD" | "EUR" | "GBP" | "JPY";
export type DifferenceCode = "missing_in_ledger" | "missing_in_channel" | "amount_mismatch" | "status_mismatch" | "duplicate_in_channel" | "duplicate_in_ledger";
export type DifferenceId = string;
export type EntryKind = "payment" | "refund";
export type Money = { 
/**
 * Minor units of `currency`; negative only for differences and balances.
 */
minor: number, 
/**
 * The currency.
 */
currency: Currency, };
export type OrderId = string;
export type OrderState = "awaiting_payment" | "paying" | "paid" | "partly_refunded" | "refunding" | "fully_refunded" | "closed" | "paid_after_close" | "payment_unknown" | "refund_unknown" | "abnormal";
export type PaymentState = "pending" | "paying" | "paid" | "closed" | "failed";
export type Permission = "view_orders" | "request_refund" | "approve_refund" | "view_bills" | "run_reconciliation" | "sign_day_as_maker" | "sign_day_as_checker" | "issue_receipt" | "verify_receipt" | "view_audit" | "manage_accounts" | "manage_users" | "manage_settings";
export type ReceiptId = string;
export type ReceiptBatchId = string;
export type ExportId = string;
export type RefundState = "draft" | "awaiting_approval" | "cooling_off" | "queued" | "processing" | "unknown" | "succeeded" | "abnormal" | "closed_by_channel" | "rejected" | "approval_expired" | "approval_voided";
export type Role = "clerk" | "approver" | "auditor" | "administrator";
export type RunId = string;
export type Timestamp = string;
export type UserId = string;
export type Environment = "production" | "sandbox" | "demo";
export type Stage = "first_run" | "vault_locked" | "sign_in" | "ready";
export type ChannelKind = "wechat_pay";
export type FactSource = "channel_query" | "channel_bill" | "channel_notice" | "books" | "desk";
export type OrderActionKind = "request_refund" | "query_channel" | "issue_receipt" | "close_order";
export type CheckLevel = "block" | "warning" | "pass";
export type ReasonCode = "duplicate" | "not_delivered" | "goodwill" | "price" | "fraud" | "test" | "reconciliation" | "other";
export type LooksLike = "wechat_payment_id" | "channel_refund_id" | "refund_no" | "order_no" | "receipt_no" | "amount" | "date" | "tail" | "person" | "fragment";
export type FindingKind = "default_password" | "no_checker" | "too_few_checkers" | "single_checker" | "single_administrator" | "asked_and_approved" | "administrator_approved" | "fixed_pair" | "failed_sign_ins" | "dormant" | "never_signed_in";
export type Severity = "high" | "medium" | "low";
export type RefundLane = "all" | "mine" | "open" | "awaiting_approval" | "unknown" | "finished";
export type EventKind = "order_created" | "books_entry" | "bill_line" | "payment_paid" | "payment_closed" | "payment_pending" | "paid_after_close" | "channel_queried" | "channel_not_found" | "refund_opened" | "refund_requested" | "refund_revised" | "refund_withdrawn" | "refund_approved" | "refund_rejected" | "refund_cooling_off" | "approval_recalled" | "approval_voided" | "approval_expired" | "refund_sending" | "refund_accepted" | "refund_unknown" | "refund_queried" | "refund_never_accepted" | "refund_succeeded" | "refund_abnormal" | "refund_closed" | "refund_refused" | "receipt_issued";
export type BillKind = "trade" | "fund_flow";
export type BillStatus = "not_due" | "not_fetched" | "generating" | "downloading" | "verified" | "no_trade" | "lost_soon" | "partial" | "failed" | "refused" | "lost";
export type Disposition = "open" | "suspended";
export type CloseStatus = "not_started" | "items_open" | "waiting_for_bill" | "bill_missing" | "maker_to_sign" | "checker_to_sign" | "closed";
export type CloseCheckKind = "bills_complete" | "reconciled" | "residual_zero" | "balance_continuous" | "fees_recomputed" | "differences_owned" | "no_unknown_refunds" | "no_overdue";
export type ReceiptVerdict = "genuine" | "genuine_untrusted_signer" | "already_booked" | "altered" | "not_signed" | "unreadable" | "bad_signature" | "certificate_invalid";
export type SelfTestStep = "credentials" | "clock" | "signature" | "reply_verification" | "permission";
export type StepOutcome = "passed" | "failed" | "skipped";
export type Retry = "never" | "same_number" | "query_first" | "later" | "after_fix";
export type TaskState = "running" | "paused" | "cancelled" | "done" | "failed";
export type ExportKind = "orders" | "refunds" | "differences" | "bill_lines" | "receipts" | "audit" | "audit_chain" | "receipt_files" | "bill_archive";
export type ExportFormat = "csv" | "xlsx" | "jsonl" | "zip";
export type ExportState = "running" | "done" | "cancelled" | "failed" | "interrupted" | "removed";
export type NegativeStyle = "minus" | "parentheses";
export type FileLanguage = "zh" | "en";
export type BatchState = "running" | "done" | "cancelled" | "failed" | "interrupted";
export type BatchOutcome = "waiting" | "issued" | "already" | "failed";
export type Tag = "status" | "users" | "accounts" | "orders" | "refunds" | "bills" | "books" | "recon" | "close" | "receipts" | "audit" | "settings" | "access" | "exports";
export type Nothing = Record<symbol, never>;
export type FindRequest = { text: string, };
export type Found = { 
/**
 * Likeliest first; empty for an empty text.
 */
looks_like: Array<LooksLike>, orders: Array<OrderRow>, refunds: Array<RefundRow>, receipts: Array<ReceiptView>, bills: Array<FoundBill>, bill_lines: Array<FoundBillLine>, differences: Array<FoundDifference>, people: Array<Person>, subject: FoundSubject | null, 
/**
 * Whether the numbers were found whole, not as a part of others.
 */
exact: boolean, 
/**
 * How long the search took, microseconds.
 */
micros: number, };
export type FoundBill = { account_id: AccountId, channel: ChannelKind, account_tail: string, kind: BillKind, date: BusinessDate, status: BillStatus, rows: number, };
export type FoundBillLine = { bill_id: BillId, account_id: AccountId, channel: ChannelKind, account_tail: string, date: BusinessDate, line_no: number, kind: EntryKind, number: string, amount: Money, };
export type FoundDifference = { difference_id: DifferenceId, account_id: AccountId, date: BusinessDate, code: DifferenceCode, number: string, gap: Money, disposition: Disposition, };
export type FoundSubject = { order: OrderRow, refundable: Money, actions: Array<OrderAction>, refunds: Array<RefundRow>, receipts: Array<ReceiptView>, bill_match: BillMatch | null, 
/**
 * The trade bill of that day.
 */
bill: FoundBill | null, 
/**
 * Notices of the channel about it.
 */
notices: number, };
export type Preferences = { values: { [key in string]: string }, };
export type PreferencePut = { name: string, value: string | null, };
export type Person = { user_id: UserId, login: string, display_name: string, role: Role, };
export type DemoLogin = { login: string, display_name: string, role: Role, password: string, };
export type AppStatus = { stage: Stage, environment: Environment | null, merchant_name: string | null, version: string, now: Timestamp, person: Person | null, permissions: Array<Permission>, demo_logins: Array<DemoLogin>, accounts: Array<AccountBrief>, badges: Badges, 
/**
 * How the vault's key is kept: keychain, passphrase, or demo_file.
 */
vault: string | null, };
export type Badges = { refunds_unknown: number, approvals_waiting: number, differences_open: number, bills_missing: number, };
export type SetupDemo = { seed: number | null, };
export type SetupOwn = { merchant_name: string, environment: Environment, 
/**
 * Seals the vault where the system has no keychain; at least 12 characters.
 */
vault_passphrase: string | null, administrator: NewUser, clerk: NewUser, approver: NewUser, };
export type NewUser = { login: string, display_name: string, role: Role, 
/**
 * At least 10 characters.
 */
password: string, };
export type SignIn = { login: string, password: string, };
export type UnlockVault = { passphrase: string, };
export type ChangePassword = { old_password: string, new_password: string, };
export type UserView = { user_id: UserId, login: string, display_name: string, role: Role, created_at: Timestamp, locked_until: Timestamp | null, disabled: boolean, last_sign_in: Timestamp | null, };
export type UserList = { users: Array<UserView>, };
export type UserRef = { user_id: UserId, };
export type SetRole = { user_id: UserId, role: Role, };
export type ResetPassword = { user_id: UserId, new_password: string, };
export type AccountBrief = { account_id: AccountId, channel: ChannelKind, environment: Environment, display_name: string, 
/**
 * The merchant number with its middle hidden.
 */
merchant_no_masked: string, };
export type AccountView = { brief: AccountBrief, merchant_no: string, appid: string, certificate_serial: string, certificate_expires_at: Timestamp | null, verify_mode: string, base_url: string, backup_url: string | null, created_at: Timestamp, last_self_test: SelfTest | null, };
export type AccountList = { accounts: Array<AccountView>, };
export type AccountRef = { account_id: AccountId, };
export type AddWechatAccount = { display_name: string, environment: Environment, merchant_no: string, appid: string, 
/**
 * Empty: read from the certificate.
 */
certificate_serial: string, 
/**
 * PEM text of apiclient_key.pem.
 */
private_key_pem: string, 
/**
 * PEM text of apiclient_cert.pem; checked against the key.
 */
certificate_pem: string | null, 
/**
 * 32 ASCII characters.
 */
api_v3_key: string, 
/**
 * Public-key mode: PUB_KEY_ID_…; empty for platform certificates.
 */
public_key_id: string | null, public_key_pem: string | null, base_url: string | null, backup_url: string | null, 
/**
 * Only for a server with its own root, such as the sandbox with --tls.
 */
extra_root_pem: string | null, };
export type SelfTestResult = { step: SelfTestStep, outcome: StepOutcome, detail: string, remedy: string | null, };
export type SelfTest = { at: Timestamp, passed: boolean, steps: Array<SelfTestResult>, };
export type OrderSearch = { text: string | null, account_id: AccountId | null, states: Array<OrderState>, date_from: BusinessDate | null, date_to: BusinessDate | null, amount_min_minor: number | null, amount_max_minor: number | null, cursor: string | null, 
/**
 * At most 200.
 */
limit: number, };
export type OrderRow = { order_id: OrderId, account_id: AccountId, channel: ChannelKind, account_tail: string, order_no: string, payment_id: string | null, payer_masked: string | null, goods: string | null, state: OrderState, amount: Money, refunded_minor: number, in_flight_minor: number, created_at: Timestamp, paid_at: Timestamp | null, 
/**
 * matched, a difference code, or null when its day was not reconciled.
 */
reconciliation: string | null, };
export type Sum = { money: Money, count: number, };
export type StateCount = { state: OrderState, count: number, };
export type OrderPage = { rows: Array<OrderRow>, next_cursor: string | null, total: number, 
/**
 * Collected, by currency.
 */
paid_sums: Array<Sum>, refunded_sums: Array<Sum>, 
/**
 * Over the search without its state filter, for the tabs.
 */
state_counts: Array<StateCount>, as_of: Timestamp, };
export type OrderRef = { order_id: OrderId, };
export type OrderLookup = { account_id: AccountId, number: string, };
export type PaymentView = { payment_id: string, state: PaymentState, amount: Money, method: string, payer_masked: string | null, paid_at: Timestamp | null, source: FactSource, verified_at: Timestamp | null, };
export type OrderAction = { action: OrderActionKind, allowed: boolean, 
/**
 * Why not, as an error code the console words.
 */
reason: string | null, };
export type TimelineEvent = { at: Timestamp, kind: EventKind, amount: Money | null, refund_no: string | null, actor: string | null, source: FactSource, 
/**
 * Signature or hash checked.
 */
verified: boolean, detail: string | null, };
export type OrderDetail = { row: OrderRow, account_name: string, payments: Array<PaymentView>, refunds: Array<RefundRow>, refundable: Money, actions: Array<OrderAction>, timeline: Array<TimelineEvent>, bill_match: BillMatch | null, receipts: Array<ReceiptView>, checked_at: Timestamp | null, };
export type BillMatch = { date: BusinessDate, line_no: number, code: DifferenceCode | null, };
export type RefundRow = { refund_no: string, order_id: OrderId, order_no: string, channel: ChannelKind, state: RefundState, amount: Money, reason_code: ReasonCode, maker: string, created_at: Timestamp, requested_at: Timestamp | null, sent_at: Timestamp | null, finished_at: Timestamp | null, next_query_at: Timestamp | null, query_count: number, expires_at: Timestamp | null, 
/**
 * Approved, and sent at this moment unless somebody takes it back.
 */
cooling_until: Timestamp | null, 
/**
 * Code of the last thing that went wrong; the console words it.
 */
last_error: string | null, 
/**
 * Whether this person may withdraw or revise it now.
 */
mine: boolean, };
export type OpenRefund = { order_id: OrderId, };
export type PreflightCheck = { 
/**
 * Stable name, e.g. remaining, age, count, interval, in_flight, payer_in_flight, balance, channel.
 */
name: string, level: CheckLevel, 
/**
 * Short figure at the right: an amount, a count, a date.
 */
value: string, 
/**
 * A sentence with the numbers it rests on, in Chinese.
 */
detail: string, 
/**
 * The same in English.
 */
detail_en: string, };
export type Preflight = { checks: Array<PreflightCheck>, checked_at: Timestamp, millis: number, 
/**
 * Text for "expected arrival", in Chinese.
 */
arrival: string, 
/**
 * The same in English.
 */
arrival_en: string, };
export type Band = { up_to_minor: number | null, checkers: number, };
export type RefundForm = { refund_no: string, order: OrderRow, account_name: string, refundable: Money, earlier: Array<RefundRow>, preflight: Preflight, reason_codes: Array<ReasonCode>, checkers: Array<string>, checkers_required: number, 
/**
 * Who approves how much, for the amount being typed.
 */
bands: Array<Band>, approval_hours: number, cooling_off_seconds: number, 
/**
 * Version of the rules these come from; 0 are the defaults.
 */
rules_version: number, 
/**
 * Reasons that need a note for the checker.
 */
note_required: Array<ReasonCode>, 
/**
 * What the buyer reads unless the clerk writes something else.
 */
buyer_note: string, 
/**
 * Present when an unfinished form or a pending request is revised.
 */
content: RefundContent | null, };
export type SaveDraft = { refund_no: string, amount_minor: number | null, reason_code: ReasonCode, note: string, buyer_note: string, };
export type RefundContent = { amount_minor: number, reason_code: ReasonCode, 
/**
 * For the checker; required.
 */
note: string, 
/**
 * Shown to the payer; at most 80 characters.
 */
buyer_note: string, };
export type PreflightRequest = { refund_no: string, amount_minor: number, };
export type RefundRequest = { refund_no: string, content: RefundContent, 
/**
 * What the form showed as left; a different figure refuses the request.
 */
remaining_seen_minor: number, 
/**
 * Names of the warnings that were ticked.
 */
acknowledged: Array<string>, };
export type RefundRef = { refund_no: string, };
export type RefundList = { lane: RefundLane, 
/**
 * A part of a number or of the note, or an amount.
 */
text: string | null, cursor: string | null, limit: number, };
export type RefundPage = { rows: Array<RefundRow>, next_cursor: string | null, total: number, sums: Array<Sum>, };
export type SignedField = { name: string, value: string, 
/**
 * Value in the version approved or shown before, when it changed.
 */
before: string | null, };
export type ApprovalView = { version: number, checker: string, approved: boolean, comment: string, at: Timestamp, 
/**
 * False when a later change voided it.
 */
stands: boolean, };
export type PathView = { checkers: number, approval_hours: number, cooling_off_seconds: number, };
export type VersionView = { version: number, editor: string, at: Timestamp, digest: string, };
export type RelatedOrder = { order_id: OrderId, order_no: string, amount: Money, refunded_minor: number, goods: string | null, paid_at: Timestamp | null, 
/**
 * The order this refund is of.
 */
this: boolean, };
export type RefundView = { row: RefundRow, content: RefundContent, version: number, order: OrderRow, refundable_after: Money, 
/**
 * 大写, CNY only.
 */
amount_in_words: string | null, fields: Array<SignedField>, 
/**
 * SM3 over the signed fields, 64 hex digits.
 */
digest: string, approvals: Array<ApprovalView>, checkers_required: number, may_approve: boolean, 
/**
 * Why not: an error code.
 */
may_not_because: string | null, preflight: Preflight | null, timeline: Array<TimelineEvent>, received_account: string | null, channel_refund_id: string | null, 
/**
 * The way it goes, as it was asked for.
 */
path: PathView, 
/**
 * Every version, oldest first.
 */
versions: Array<VersionView>, 
/**
 * Paid orders of the same payer within a day of this one, this one among them.
 */
related: Array<RelatedOrder>, 
/**
 * The canonical text the digest is over.
 */
signed_text: string, 
/**
 * Whether this person may take an approval back before it is sent.
 */
may_recall: boolean, };
export type Approve = { refund_no: string, 
/**
 * The digest that was on the screen.
 */
digest: string, comment: string, };
export type Reject = { refund_no: string, digest: string, reason: string, };
export type QueueProgress = { refund_no: string, version: number, approved: number, needed: number, };
export type ApprovalQueue = { 
/**
 * Approved, not sent yet, can be taken back.
 */
cooling: Array<RefundRow>, progress: Array<QueueProgress>, mine: Array<RefundRow>, not_mine: Array<NotMine>, unknown: Array<RefundRow>, handled: Array<RefundRow>, };
export type NotMine = { row: RefundRow, because: string, };
export type DeskRules = { bands: Array<Band>, 
/**
 * Hours a request waits for approval.
 */
approval_hours: number, 
/**
 * Seconds between the last approval and the sending; 0 sends at once.
 */
cooling_off_seconds: number, 
/**
 * Refunds one person may ask for in a Beijing day; null: no limit.
 */
daily_count_max: number | null, 
/**
 * Minor units one person may ask for in a Beijing day; null: no limit.
 */
daily_sum_minor_max: number | null, note_required: Array<ReasonCode>, buyer_note: string, };
export type RulesVersion = { version: number, rules: DeskRules, by: string, at: Timestamp, note: string, };
export type RulesView = { rules: DeskRules, 
/**
 * 0: the defaults, which nobody changed yet.
 */
version: number, defaults: DeskRules, 
/**
 * Newest first, at most 50.
 */
history: Array<RulesVersion>, 
/**
 * People who could approve now.
 */
checkers: number, };
export type SetRules = { rules: DeskRules, 
/**
 * The version that was on the screen; another refuses the change.
 */
version_seen: number, note: string, };
export type Schedule = { 
/**
 * Yesterday's bills are fetched without anybody asking.
 */
fetch_bills: boolean, 
/**
 * From this hour on, Beijing time, 10 to 23.
 */
fetch_hour: number, };
export type ScheduleVersion = { version: number, schedule: Schedule, by: string, at: Timestamp, note: string, };
export type ScheduleView = { schedule: Schedule, version: number, defaults: Schedule, history: Array<ScheduleVersion>, };
export type SetSchedule = { schedule: Schedule, version_seen: number, note: string, };
export type AccessPerson = { user_id: UserId, login: string, display_name: string, role: Role, rights: Array<Permission>, disabled: boolean, locked_until: Timestamp | null, created_at: Timestamp, last_sign_in: Timestamp | null, 
/**
 * Whole days since the last sign-in.
 */
dormant_days: number | null, live_sessions: number, failed_sign_ins: number, requested: number, approved: number, rejected: number, };
export type AccessFinding = { kind: FindingKind, severity: Severity, people: Array<string>, n: number, limit: number, };
export type AccessPair = { maker: string, checker: string, approved: number, 
/**
 * Approvals of this maker's requests in all.
 */
of_maker: number, };
export type AccessReview = { at: Timestamp, since: Timestamp, days: number, 
/**
 * Worst first.
 */
findings: Array<AccessFinding>, 
/**
 * What was looked for and not found.
 */
passed: Array<FindingKind>, people: Array<AccessPerson>, pairs: Array<AccessPair>, };
export type BillCalendarRequest = { account_id: AccountId, days: number, };
export type BillDay = { date: BusinessDate, trade: BillCell, fund_flow: BillCell, };
export type BillCell = { status: BillStatus, bill_id: BillId | null, rows: number, days_left: number | null, detail: string | null, };
export type BillCalendar = { account_id: AccountId, days: Array<BillDay>, };
export type FetchBill = { account_id: AccountId, date: BusinessDate, kind: BillKind, };
export type BillRef = { bill_id: BillId, };
export type BillTotal = { name: string, trailer: string, counted: string, agrees: boolean, };
export type FileFault = { line: number, column: string | null, field: string | null, problem: string, remedy: string, };
export type BillView = { bill_id: BillId | null, account_id: AccountId, date: BusinessDate, kind: BillKind, status: BillStatus, rows: number, bytes: number, sha256: string | null, channel_hash: string | null, hash_verified: boolean, totals: Array<BillTotal>, faults: Array<FileFault>, fetched_at: Timestamp | null, next_try_at: Timestamp | null, detail: string | null, };
export type BillLinesRequest = { bill_id: BillId, text: string | null, after_line: number | null, limit: number, };
export type BillLineView = { line_no: number, kind: EntryKind, occurred_at: Timestamp, order_no: string, payment_id: string, refund_no: string | null, amount: Money, fee_minor: number, state_text: string, goods: string, 
/**
 * The row's bytes as they stand in the file.
 */
raw: string, };
export type BillLines = { lines: Array<BillLineView>, next_after_line: number | null, };
export type ImportBooks = { account_id: AccountId, date: BusinessDate, file_token: string, };
export type BooksView = { account_id: AccountId, date: BusinessDate, file_name: string, rows: number, sums: Array<Sum>, faults: Array<FileFault>, sha256: string, imported_at: Timestamp, imported_by: string, 
/**
 * The same bytes were imported before; nothing changed.
 */
already_imported: boolean, };
export type DayRef = { account_id: AccountId, date: BusinessDate, };
export type CodeCount = { code: DifferenceCode, count: number, channel_minor: number, ledger_minor: number, };
export type WaterfallStep = { 
/**
 * channel_net, a difference code, waiting, ledger_net or residual.
 */
name: string, minor: number, count: number, };
export type ReconView = { run_id: RunId, account_id: AccountId, date: BusinessDate, number: number, finished_at: Timestamp, millis: number, run_by: string, matched: number, waiting: number, bill_rows: number, ledger_rows: number, counts: Array<CodeCount>, waterfall: Array<WaterfallStep>, residual: Money, run_digest: string, open_differences: number, };
export type ReconDay = { bill: BillView, books: BooksView | null, runs: Array<ReconView>, };
export type RunRef = { run_id: RunId, };
export type DifferenceSearch = { run_id: RunId, codes: Array<DifferenceCode>, disposition: Disposition | null, text: string | null, cursor: string | null, limit: number, };
export type SideView = { amount: Money, state_text: string, at: Timestamp | null, number: string, line_no: number, 
/**
 * The raw row.
 */
raw: string | null, };
export type DifferenceRow = { difference_id: DifferenceId, code: DifferenceCode, kind: EntryKind, number: string, order_id: OrderId | null, channel: SideView | null, ledger: SideView | null, 
/**
 * Channel minus ledger.
 */
gap: Money, age_days: number, disposition: Disposition, owner: string | null, due_date: BusinessDate | null, note: string | null, 
/**
 * Name of the first thing to do: query_channel, compare_totals, drop_duplicate, wait, refund.
 */
suggestion: string, };
export type DifferencePage = { rows: Array<DifferenceRow>, next_cursor: string | null, total: number, };
export type DifferenceRef = { difference_id: DifferenceId, };
export type DifferenceDetail = { row: DifferenceRow, bill_sha256: string | null, books_sha256: string | null, likely_cause: string, order: OrderRow | null, };
export type SuspendDifferences = { difference_ids: Array<DifferenceId>, owner_id: UserId, due_date: BusinessDate, note: string, };
export type ReopenDifferences = { difference_ids: Array<DifferenceId>, };
export type BatchResult = { done: number, failed: Array<BatchFailure>, sum: Money | null, };
export type BatchFailure = { id: string, code: string, message: string, };
export type People = { people: Array<Person>, };
export type CloseDay = { date: BusinessDate, };
export type CloseCheck = { kind: CloseCheckKind, passed: boolean, figure: string, detail: string, checked_at: Timestamp | null, checked_by: string | null, };
export type CloseSignature = { person: string, user_id: UserId, role: Role, at: Timestamp, digest: string, note: string, };
export type CloseView = { account: AccountBrief, date: BusinessDate, status: CloseStatus, checks: Array<CloseCheck>, 
/**
 * opening + collected − refunded − fees = closing, from the fund-flow bill; null until it is there.
 */
balance: BalanceLine | null, digest: string | null, maker: CloseSignature | null, checker: CloseSignature | null, suspended: Array<DifferenceRow>, may_sign: boolean, may_not_because: string | null, };
export type BalanceLine = { opening: Money, collected: Money, refunded: Money, fees: Money, other: Money, closing: Money, };
export type CloseBoard = { date: BusinessDate, accounts: Array<CloseView>, };
export type SignDay = { account_id: AccountId, date: BusinessDate, 
/**
 * The digest that was on the screen.
 */
digest: string, note: string, };
export type ReturnDay = { account_id: AccountId, date: BusinessDate, reason: string, };
export type IssueReceipt = { order_id: OrderId, };
export type ReceiptView = { receipt_id: ReceiptId, serial_no: string, order_id: OrderId, order_no: string, amount: Money, payer_masked: string | null, issued_at: Timestamp, issued_by: string, signer: string, sha256: string, bytes: number, 
/**
 * This order already had a receipt; that one is returned, no second is made.
 */
already_issued: boolean, };
export type ReceiptRef = { receipt_id: ReceiptId, };
export type ReceiptSearch = { text: string | null, cursor: string | null, limit: number, };
export type ReceiptPage = { rows: Array<ReceiptView>, next_cursor: string | null, total: number, };
export type FileView = { file_token: string, name: string, size: number, };
export type VerifyReceipt = { file_token: string, };
export type ReceiptCheckView = { rule: number, name: string, passed: boolean, detail_zh: string, detail_en: string, };
export type ReceiptField = { name: string, value: string, };
export type ReceiptVerification = { file_name: string, bytes: number, verdict: ReceiptVerdict, valid: boolean, checks: Array<ReceiptCheckView>, fields: Array<ReceiptField>, signer: string | null, signed_at: Timestamp | null, digest: string | null, millis: number, 
/**
 * One of ours, by its serial number and digest.
 */
ours: ReceiptView | null, };
export type AuditSearch = { text: string | null, 
/**
 * Who, by name as shown.
 */
actor: string | null, 
/**
 * An action, or a whole room as `room.`.
 */
action: string | null, 
/**
 * Kind or number of the object, or a part of it.
 */
object: string | null, date_from: BusinessDate | null, date_to: BusinessDate | null, 
/**
 * Only what did not go through.
 */
refused: boolean, before_seq: number | null, limit: number, };
export type AuditRowView = { seq: number, at: Timestamp, actor: string, role: Role | null, device: string, action: string, object: string, before_digest: string | null, after_digest: string | null, reason: string | null, result: string, hash: string, };
export type AuditPage = { rows: Array<AuditRowView>, next_before_seq: number | null, total: number, };
export type AuditVerdict = { verified: boolean, rows: number, broken_seq: number | null, problem: string | null, head: string | null, };
export type CompareFiles = { bill_token: string, ledger_token: string, };
export type CompareView = { matched: number, bill_rows: number, ledger_rows: number, counts: Array<CodeCount>, residual: Money, run_digest: string, faults: Array<FileFault>, millis: number, 
/**
 * differences.csv
 */
file: FileView, };
export type AuditNames = { actors: Array<string>, actions: Array<string>, };
export type BillRange = { account_id: AccountId, date_from: BusinessDate, date_to: BusinessDate, };
export type ExportSource = { "kind": "orders" } & OrderSearch | { "kind": "refunds" } & RefundList | { "kind": "differences" } & DifferenceSearch | { "kind": "bill_lines" } & BillLinesRequest | { "kind": "receipts" } & ReceiptSearch | { "kind": "audit" } & AuditSearch | { "kind": "audit_chain", } | { "kind": "receipt_files" } & ReceiptSearch | { "kind": "bill_archive" } & BillRange;
export type StartExport = { source: ExportSource, format: ExportFormat, language: FileLanguage, negative: NegativeStyle, };
export type ExportView = { export_id: ExportId, kind: ExportKind, format: ExportFormat, file_name: string, state: ExportState, rows: number, 
/**
 * Rows whose file is gone or changed, archives only.
 */
problems: number, 
/**
 * Of its main amount, by currency.
 */
sums: Array<Sum>, bytes: number, sha256: string | null, error: ErrorView | null, created_by: string, created_at: Timestamp, finished_at: Timestamp | null, 
/**
 * When the file goes; the row stays.
 */
expires_at: Timestamp, 
/**
 * Its piece of long work, while it runs.
 */
task_id: string, mine: boolean, };
export type ExportSearch = { cursor: string | null, limit: number, };
export type ExportList = { exports: Array<ExportView>, next_cursor: string | null, };
export type ExportRef = { export_id: ExportId, };
export type IssueBatch = { order_ids: Array<OrderId>, search: OrderSearch | null, title: string, };
export type BatchView = { batch_id: ReceiptBatchId, number: number, title: string, state: BatchState, total: number, 
/**
 * Made, signed and verified again by this batch.
 */
issued: number, 
/**
 * Had theirs before; none was added.
 */
already: number, failed: number, created_by: string, created_at: Timestamp, finished_at: Timestamp | null, task_id: string, mine: boolean, };
export type BatchList = { batches: Array<BatchView>, };
export type BatchRef = { batch_id: ReceiptBatchId, };
export type BatchRowsRequest = { batch_id: ReceiptBatchId, outcome: BatchOutcome | null, cursor: string | null, limit: number, };
export type BatchRowView = { position: number, order_id: OrderId, order_no: string, amount: Money, outcome: BatchOutcome, serial_no: string | null, receipt_id: ReceiptId | null, error: ErrorView | null, };
export type BatchRows = { rows: Array<BatchRowView>, next_cursor: string | null, };
export type TaskView = { task_id: string, 
/**
 * Its kind, e.g. bill_fetch, demo; the console words it.
 */
kind: string, 
/**
 * What it works on: a date, a file's name.
 */
subject: string, 
/**
 * Stable name of the present step.
 */
label: string, 
/**
 * Units done: rows, files, steps, by kind.
 */
done: number, 
/**
 * Units in all, when known.
 */
total: number | null, 
/**
 * No more will follow.
 */
finished: boolean, state: TaskState, can_pause: boolean, can_cancel: boolean, 
/**
 * Told to cancel, and not yet ended.
 */
stopping: boolean, started_at: Timestamp, started_by: string, 
/**
 * Whoever may stop it besides an administrator; null for the program's own timers.
 */
owner_id: UserId | null, 
/**
 * Time worked, without pauses: the base of rate and time left.
 */
worked_millis: number, ended_at: Timestamp | null, error: ErrorView | null, };
export type TaskList = { tasks: Array<TaskView>, };
export type TaskRef = { task_id: string, };
export type ErrorView = { code: string, message: string, remedy: string, retry: Retry, params: Record<string, string>, };
export type AppEvent = { "type": "stale", 
/**
 * Tags as declared by the procedures.
 */
tags: Array<Tag>, } | { "type": "progress" } & TaskView;
