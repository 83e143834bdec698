// Written from Rust by `make generate`. Do not edit.

export type AccountId = string;
export type BillId = string;
export type BusinessDate = string;
export type Currency = "CNY" | "USD" | "HKD" | "EUR" | "GBP" | "JPY";
export type DifferenceCode = "missing_in_ledger" | "missing_in_channel" | "amount_mismatch" | "status_mismatch" | "duplicate_in_channel" | "duplicate_in_ledger" | "currency_mismatch" | "id_clash" | "fee_mismatch";
export type DifferenceId = string;
export type EntryKind = "payment" | "refund";
export type EntryState = "done" | "in_progress" | "void";
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
export type Permission = "view_orders" | "reveal_payer" | "request_refund" | "approve_refund" | "view_bills" | "run_reconciliation" | "sign_day_as_maker" | "sign_day_as_checker" | "issue_receipt" | "verify_receipt" | "view_audit" | "manage_accounts" | "manage_users" | "manage_settings";
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
export type OrderSort = "newest_first" | "oldest_first" | "largest_first" | "smallest_first";
export type MoneyMoved = "in" | "back";
export type NumberKind = "order_no" | "payment_id" | "refund_no" | "channel_refund_id" | "receipt_serial" | "fund_flow_no" | "amount";
export type OrderTotalsRequest = { text: string | null, account_id: AccountId | null, states: Array<OrderState>, date_from: BusinessDate | null, date_to: BusinessDate | null, amount_min_minor: number | null, amount_max_minor: number | null, reconciliation?: Array<string>, moved?: MoneyMoved, order_ids?: Array<OrderId>, };
export type OrderTotals = { total: number, 
/**
 * Collected, by currency.
 */
paid_sums: Array<Sum>, refunded_sums: Array<Sum>, 
/**
 * Over the search without its state filter, for the tabs.
 */
state_counts: Array<StateCount>, gaps: Array<OrderGap>, as_of: Timestamp, };
export type OrderGap = { account_id: AccountId, account_name: string, status: BillStatus, 
/**
 * Newest first, at most 31.
 */
days: Array<BusinessDate>, days_total: number, };
export type RecogniseText = { text: string, };
export type Recognised = { kind: NumberKind | null, number: string, order_id: OrderId | null, order_no: string | null, };
export type RevealPayer = { order_id: OrderId, reason: string, };
export type RevealedPayer = { payer: string, 
/**
 * Masked again after so many seconds.
 */
seconds: number, };
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
export type Disposition = "open" | "suspended" | "pending" | "resolved" | "written_off";
export type DifferenceBucket = "missing_in_ledger" | "missing_in_channel" | "channel_higher" | "channel_lower" | "other_currency" | "channel_ahead" | "ledger_ahead" | "duplicate_in_channel" | "duplicate_in_ledger" | "id_clash" | "clash_in_channel" | "clash_in_ledger" | "fee_mismatch";
export type DifferenceStatus = "waiting" | "broken" | "overdue" | "suspended" | "pending" | "resolved" | "written_off";
export type CloseStatus = "not_started" | "items_open" | "waiting_for_bill" | "bill_missing" | "maker_to_sign" | "checker_to_sign" | "closed";
export type CloseCheckKind = "bills_complete" | "reconciled" | "residual_zero" | "balance_continuous" | "fees_recomputed" | "differences_owned" | "no_unknown_refunds" | "no_overdue" | "withdrawals_at_bank";
export type BankStatementId = string;
export type BankConfirmationId = string;
export type FlowNameId = string;
export type FlowCode = "not_booked" | "booked_otherwise" | "refund_closed" | "not_traded" | "other_entry";
export type FlowName = "withdrawal" | "top_up" | "service_fee" | "adjustment" | "explained";
export type FlowState = "trade_missing" | "flow_missing" | "not_tied" | "stale" | "open" | "tied";
export type OpeningFact = "follows" | "differs" | "not_there" | "no_movement";
export type BankState = "matched" | "ambiguous" | "other_amount" | "missing" | "not_searched" | "no_statement";
export type BankReason = "reference" | "amount" | "group" | "split" | "person";
export type FlowDay = { account_id: AccountId, date: BusinessDate, state: FlowState, locked: boolean, currency: Currency, 
/**
 * Vouchers that tie to the last minor unit.
 */
tied: number, trade_rows: number, flow_rows: number, tied_at: Timestamp | null, 
/**
 * Null when the program tied by itself after a bill came in.
 */
tied_by: string | null, balance: FlowBalance | null, opening: OpeningFact, 
/**
 * Where the day before ended.
 */
closing_before: Money | null, 
/**
 * From the channel's gross to the closing balance, the bank's share named; empty until tied.
 */
waterfall: Array<WaterfallStep>, residual: Money, 
/**
 * The first 200.
 */
findings: Array<FlowFinding>, findings_total: number, 
/**
 * Of them, those nobody and no rule has named.
 */
findings_open: number, withdrawals: Array<Withdrawal>, 
/**
 * Withdrawals the bank's statement holds.
 */
at_bank: number, 
/**
 * Bank lines near the day that belong to no withdrawal yet: what a person may choose from.
 */
open_lines: Array<BankLine>, 
/**
 * Withdrawals near the day that no bank line holds yet.
 */
open_payouts: Array<OpenPayout>, 
/**
 * Statements that stand for this account.
 */
statements: number, };
export type FlowBreak = { line: number, expected: Money, printed: Money, };
export type FlowBalance = { opening: Money, closing: Money, breaks: number, first_break: FlowBreak | null, };
export type EarlierLine = { date: BusinessDate, line_no: number, };
export type FlowFinding = { code: FlowCode, business_no: string, 
/**
 * Gross less fee by the trade bill.
 */
expected: Money, 
/**
 * What the account moved.
 */
booked: Money, 
/**
 * Booked less expected.
 */
difference: Money, trade_line: number | null, flow_lines: number[], 
/**
 * The channel's word for the movement, and its remark.
 */
word: string, remark: string, name: FlowName | null, 
/**
 * Null when a rule named it.
 */
name_id: FlowNameId | null, named_by: string | null, named_at: Timestamp | null, reason: string | null, 
/**
 * Where the refund that came back stands in an earlier trade bill.
 */
earlier: EarlierLine | null, };
export type BankLine = { statement_id: BankStatementId, file_name: string, line_no: number, day: BusinessDate, amount: Money, text: string, counterparty: string, serial_no: string, };
export type OpenPayout = { 
/**
 * Day and number.
 */
key: string, date: BusinessDate, business_no: string, amount: Money, state: BankState, };
export type Withdrawal = { 
/**
 * Day and number.
 */
key: string, business_no: string, amount: Money, flow_line: number, state: BankState, because: BankReason | null, 
/**
 * The bank's lines that hold it.
 */
lines: Array<BankLine>, 
/**
 * Other withdrawals in the same lines.
 */
together_with: Array<string>, confirmation_id: BankConfirmationId | null, confirmed_by: string | null, reason: string | null, };
export type FlowEntryRef = { code: FlowCode, business_no: string, 
/**
 * Its first line in the fund flow, 0 without one.
 */
flow_line: number, };
export type NameEntries = { account_id: AccountId, date: BusinessDate, entries: Array<FlowEntryRef>, name: FlowName, reason: string, };
export type UnnameEntry = { name_id: FlowNameId, reason: string, };
export type ImportBank = { account_id: AccountId, file_token: string, };
export type BankColumn = { 
/**
 * day, credit, debit, amount, direction, balance, serial, text or counterparty.
 */
field: string, column: string, };
export type BankStatementView = { statement_id: BankStatementId, file_name: string, sha256: string, encoding: string, columns: Array<BankColumn>, rows: number, faults: Array<FileFault>, fault_count: number, first_day: BusinessDate, last_day: BusinessDate, imported_by: string, imported_at: Timestamp, 
/**
 * The same bytes stood before; nothing changed.
 */
already_imported: boolean, };
export type BankStatements = { account_id: AccountId, 
/**
 * The newest 200.
 */
statements: Array<BankStatementView>, };
export type WithdrawBank = { account_id: AccountId, statement_id: BankStatementId, reason: string, };
export type BankLineRef = { statement_id: BankStatementId, line_no: number, };
export type ConfirmBank = { account_id: AccountId, date: BusinessDate, lines: Array<BankLineRef>, payouts: Array<string>, reason: string, };
export type UndoBank = { account_id: AccountId, date: BusinessDate, confirmation_id: BankConfirmationId, reason: string, };
export type ThreeWayRules = { 
/**
 * Money going out under one of these words of the channel is a withdrawal.
 */
withdrawal_words: Array<string>, 
/**
 * Bank lines with one of these words come from the channel; where none has, all are looked at.
 */
bank_words: Array<string>, 
/**
 * A withdrawal is looked for at the bank for so many days, 0 to 10.
 */
bank_days: number, 
/**
 * A withdrawal that is not found keeps the day open.
 */
bank_blocks_close: boolean, };
export type ThreeWayVersion = { version: number, rules: ThreeWayRules, by: string, at: Timestamp, note: string, };
export type ThreeWayView = { rules: ThreeWayRules, version: number, defaults: ThreeWayRules, history: Array<ThreeWayVersion>, };
export type SetThreeWay = { rules: ThreeWayRules, version_seen: number, note: string, };
export type ReceiptVerdict = "genuine" | "genuine_untrusted_signer" | "already_booked" | "altered" | "not_signed" | "unreadable" | "bad_signature" | "certificate_invalid";
export type SelfTestStep = "credentials" | "clock" | "signature" | "reply_verification" | "permission";
export type StepOutcome = "passed" | "failed" | "skipped";
export type DeskAction = "fetch_bill" | "see_bill" | "import_books" | "reconcile" | "handle_differences" | "see_close" | "sign_maker" | "sign_checker";
export type Retry = "never" | "same_number" | "query_first" | "later" | "after_fix";
export type TaskState = "running" | "paused" | "cancelled" | "done" | "failed";
export type XrayMode = "request" | "reply" | "notice" | "decrypt";
export type XrayVerdict = "good" | "bad" | "unknown";
export type XrayCause = "valid" | "opened" | "unreadable" | "authorization_missing" | "authorization_format" | "scheme_unknown" | "header_missing" | "serial_header_missing" | "key_missing" | "key_unreadable" | "signature_empty" | "signature_not_base64" | "signature_url_safe" | "signature_plus_lost" | "signature_wrapped" | "signature_probe" | "unsigned_by_design" | "merchant_mismatch" | "serial_unknown" | "serial_is_platforms" | "serial_is_merchants" | "serial_notation" | "timestamp_millis" | "timestamp_format" | "timestamp_other" | "clock_off" | "key_expired" | "key_not_yet" | "key_pair_mismatch" | "key_of_another" | "wrong_key" | "algorithm_mismatch" | "digest_algorithm" | "missing_final_newline" | "url_without_query" | "url_with_host" | "url_decoded" | "url_encoded" | "url_slash" | "query_reordered" | "method_case" | "method_other" | "body_reserialized" | "body_missing" | "body_extra" | "body_newline" | "body_bom" | "body_crlf" | "lines_crlf" | "nonce_case" | "line_order" | "reply_form" | "request_form" | "one_byte" | "content_differs" | "cannot_tell" | "resource_unreadable" | "api_key_missing" | "api_key_length" | "api_key_spaces" | "api_key_wrong" | "nonce_encoded" | "nonce_swapped" | "aad_wrong" | "aead_mode_mixed" | "ciphertext_not_base64" | "ciphertext_url_safe";
export type XrayCheckName = "serial_known" | "not_mixed_up" | "not_expired" | "in_force" | "chain_complete" | "root_trusted" | "pair_matches" | "algorithm_matches" | "encoding_sound" | "usage_matches" | "not_revoked" | "resource_opens";
export type XrayOutcome = "ok" | "failed" | "not_applicable";
export type XrayKeyRole = "merchant" | "platform" | "given";
export type XrayLineName = "method" | "url" | "timestamp" | "nonce" | "body";
export type XrayExampleName = "good_request" | "url_without_query" | "missing_newline" | "platform_serial" | "clock_off" | "serial_header" | "body_rewritten" | "good_reply" | "wrong_key" | "good_notice" | "notice_changed" | "probe" | "sealed" | "sealed_mixed";
export type XrayInput = { mode: XrayMode, 
/**
 * At most 64 KB.
 */
text: string, 
/**
 * Whose keys are used; null with keys pasted.
 */
account_id: AccountId | null, 
/**
 * A certificate, a public key or a private key (its public half is used), PEM.
 */
key_pem: string | null, key_serial: string | null, api_v3_key: string | null, 
/**
 * The message is this example: the keys it was made with are used.
 */
example: XrayExampleName | null, };
export type XrayLine = { name: XrayLineName, common: string, 
/**
 * What the signature covers from the first difference on.
 */
signed: string, 
/**
 * What the message has from there on.
 */
sent: string, same: boolean, 
/**
 * Whether what was signed is known at all.
 */
known: boolean, };
export type XrayByte = { offset: number, line: number, column: number, 
/**
 * Place of the byte within the hexadecimal windows.
 */
mark: number, 
/**
 * Null: the text ends here.
 */
signed_byte: string | null, sent_byte: string | null, signed_hex: Array<string>, sent_hex: Array<string>, };
export type XrayTry = { cause: XrayCause, matched: boolean, };
export type XrayCheck = { name: XrayCheckName, outcome: XrayOutcome, };
export type XrayKeyView = { role: XrayKeyRole, serial: string | null, serial_decimal: string | null, algorithm: string, not_after: Timestamp | null, };
export type XrayReport = { mode: XrayMode, verdict: XrayVerdict, cause: XrayCause, 
/**
 * The signature itself proves the cause.
 */
proven: boolean, params: Record<string, string>, 
/**
 * Line of the paste, from 1.
 */
fault_line: number | null, lines: Array<XrayLine>, difference: XrayByte | null, 
/**
 * Length of the text to sign.
 */
bytes: number, digest_algorithm: string, digest: string, key: XrayKeyView | null, 
/**
 * A private key lies sealed beside this public one.
 */
private_key_sealed: boolean, tries: Array<XrayTry>, checks: Array<XrayCheck>, plaintext: string | null, 
/**
 * The message's time minus the other side's, where both are known.
 */
clock_seconds: number | null, millis: number, };
export type XrayExampleRef = { name: XrayExampleName, };
export type XrayExample = { name: XrayExampleName, mode: XrayMode, text: string, };
export type KeyKind = "merchant_certificate" | "platform_certificate" | "platform_public_key" | "api_v3_key" | "receipt_signer" | "receipt_issuer" | "receipt_root";
export type KeyState = "days_left" | "no_expiry" | "rotating" | "days_left_soon" | "days_left_urgent" | "invalid" | "rotation_advised" | "end_unknown";
export type KeyConsequence = "everything_stops" | "replies_unverified" | "notices_sealed" | "receipts_stop" | "nothing";
export type RehearsalCheck = "old_certificate" | "new_certificate" | "public_key" | "wrong_signature" | "clock_off" | "after_expiry";
export type RehearsalVerdict = "accepted" | "refused" | "other_reason";
export type KeyRow = { key_id: string, kind: KeyKind, 
/**
 * Null: the desk's own.
 */
account: AccountBrief | null, 
/**
 * Hexadecimal, or the id of a plain public key.
 */
serial: string | null, serial_decimal: string | null, algorithm: string, subject: string | null, issuer: string | null, 
/**
 * SHA-256 of the certificate, or of a plain public key.
 */
fingerprint: string | null, not_before: Timestamp | null, not_after: Timestamp | null, 
/**
 * When a change is advised, for what has no end.
 */
suggested_at: Timestamp | null, 
/**
 * Since when the desk has it.
 */
since: Timestamp | null, 
/**
 * When the channel last gave it.
 */
last_seen_at: Timestamp | null, 
/**
 * Days of the Beijing calendar until the end (or the advice); negative once it has passed.
 */
days_left: number | null, state: KeyState, 
/**
 * Within ten days of its end, past it, or unusable.
 */
attention: boolean, 
/**
 * Whether the private key belongs to this certificate; null where that cannot be checked.
 */
paired: boolean | null, consequence: KeyConsequence, };
export type KeyList = { rows: Array<KeyRow>, 
/**
 * Rows that need somebody.
 */
attention: number, today: BusinessDate, now: Timestamp, vault_locked: boolean, 
/**
 * The last rehearsal of each account.
 */
rehearsals: Array<Rehearsal>, };
export type RehearsalResult = { check: RehearsalCheck, found: RehearsalVerdict, wanted: RehearsalVerdict, };
export type Rehearsal = { account_id: AccountId, at: Timestamp, passed: boolean, results: Array<RehearsalResult>, };
export type KeyChangeSearch = { before_seq: number | null, limit: number, };
export type KeyChanges = { rows: Array<AuditRowView>, next_before_seq: number | null, };
export type ExportKind = "orders" | "refunds" | "differences" | "pool" | "resolutions" | "bill_lines" | "receipts" | "audit" | "audit_chain" | "receipt_files" | "bill_archive";
export type ExportFormat = "csv" | "xlsx" | "jsonl" | "zip";
export type ExportState = "running" | "done" | "cancelled" | "failed" | "interrupted" | "removed";
export type NegativeStyle = "minus" | "parentheses";
export type FileLanguage = "zh" | "en";
export type BatchState = "running" | "done" | "cancelled" | "failed" | "interrupted";
export type BatchOutcome = "waiting" | "issued" | "already" | "failed";
export type Tag = "status" | "users" | "accounts" | "orders" | "refunds" | "bills" | "books" | "recon" | "close" | "receipts" | "audit" | "settings" | "access" | "keys" | "exports";
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
export type Badges = { refunds_unknown: number, approvals_waiting: number, differences_open: number, bills_missing: number, 
/**
 * Keys and certificates within ten days of their end, or past it.
 */
keys_due: number, };
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
limit: number, 
/**
 * matched, a difference code, waiting (paid, its day not reconciled) or none; all when absent.
 */
reconciliation?: Array<string>, 
/**
 * Newest first when absent.
 */
sort?: OrderSort, 
/**
 * Begins at this position, from 0, instead of behind a cursor.
 */
offset?: number, 
/**
 * With `offset`, newest first: the cursor of the row the list began with, so that what came in
 * later does not move the rows.
 */
anchor?: string, 
/**
 * Only orders through which money moved this way; all when absent.
 */
moved?: MoneyMoved, 
/**
 * Only these orders, 1 to 500, whatever the text; the other conditions hold beside them.
 */
order_ids?: Array<OrderId>, };
export type OrderRow = { order_id: OrderId, account_id: AccountId, channel: ChannelKind, account_tail: string, order_no: string, payment_id: string | null, payer_masked: string | null, goods: string | null, state: OrderState, amount: Money, refunded_minor: number, in_flight_minor: number, created_at: Timestamp, paid_at: Timestamp | null, 
/**
 * matched, a difference code, or null when its day was not reconciled.
 */
reconciliation: string | null, };
export type Sum = { money: Money, count: number, };
export type StateCount = { state: OrderState, count: number, };
export type OrderPage = { rows: Array<OrderRow>, next_cursor: string | null, 
/**
 * Cursor of the first row, to anchor positions to.
 */
anchor: string | null, 
/**
 * What the searched text is, where it names something as a whole.
 */
recognised: NumberKind | null, as_of: Timestamp, };
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
export type RefundPage = { rows: Array<RefundRow>, next_cursor: string | null, total: number, sums: Array<Sum>, as_of: Timestamp, };
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
export type BillCell = { status: BillStatus, bill_id: BillId | null, rows: number, days_left: number | null, detail: string | null, fetched_at: Timestamp | null, next_try_at: Timestamp | null, };
export type BillCalendar = { account_id: AccountId, days: Array<BillDay>, };
export type FetchBill = { account_id: AccountId, date: BusinessDate, kind: BillKind, };
export type FetchMissing = { account_id: AccountId | null, };
export type FetchMissingResult = { 
/**
 * Bills that are there now, or whose day had no trade.
 */
fetched: number, 
/**
 * Rows of those.
 */
rows: number, 
/**
 * All others of this run.
 */
troubled: Array<FetchMissingItem>, 
/**
 * More could be fetched than one run does.
 */
left: number, cancelled: boolean, 
/**
 * The same failure came several times in a row: the rest was not tried.
 */
stopped: boolean, };
export type FetchMissingItem = { account_id: AccountId, date: BusinessDate, kind: BillKind, status: BillStatus | null, error: ErrorView | null, };
export type BillRef = { bill_id: BillId, };
export type BillTotal = { 
/**
 * As it is printed in the file.
 */
name: string, 
/**
 * Stable name the console words; empty for one this build does not know.
 */
code: string, trailer: string, counted: string, agrees: boolean, };
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
export type BooksFormat = "csv" | "workbook" | "sealed";
export type BookAmountUnit = "yuan" | "fen";
export type BookTimeFormat = "rfc3339" | "beijing" | "local" | "unix_seconds" | "unix_millis";
export type SqlEngine = "postgres" | "mysql";
export type SqlTls = "verify" | "encrypt" | "off";
export type KindWord = { word: string, kind: EntryKind | null, };
export type StateWord = { word: string, state: EntryState | null, };
export type BookMapping = { kind_column: string | null, order_no_column: string, refund_no_column: string | null, 
/**
 * The channel's own number, which is compared when the books have it.
 */
channel_no_column: string | null, amount_column: string, currency_column: string | null, status_column: string, created_at_column: string, kinds: Array<KindWord>, statuses: Array<StateWord>, amount_unit: BookAmountUnit, time_format: BookTimeFormat, constant_kind: EntryKind | null, constant_currency: Currency | null, 
/**
 * Offset from UTC of times written without one, `+08:00`.
 */
zone: string, 
/**
 * Of a workbook; `null`: the first.
 */
sheet: string | null, };
export type MappingView = { name: string, in_use: boolean, mapping: BookMapping, edited_by: string, edited_at: Timestamp, };
export type BooksKeyView = { name: string, fingerprint: string, added_by: string, added_at: Timestamp, };
export type SqlSettings = { engine: SqlEngine, host: string, port: number, database: string, login: string, tls: SqlTls, 
/**
 * Certificates that vouch for the server, PEM; `null`: the well-known authorities.
 */
ca_pem: string | null, 
/**
 * One SELECT; `:day`, `:from` and `:to` stand for the day, its first instant and the next day's.
 */
query: string, 
/**
 * The mapping of its columns; `null`: the one in use for the account.
 */
mapping: string | null, 
/**
 * Offset from UTC of the database's times without one, `+08:00`.
 */
zone: string, };
export type SourceView = { name: string, settings: SqlSettings, edited_by: string, edited_at: Timestamp, };
export type BooksWays = { mappings: Array<MappingView>, sources: Array<SourceView>, keys: Array<BooksKeyView>, };
export type PreviewBooks = { file_token: string, mapping: BookMapping | null, };
export type PreviewEntry = { kind: EntryKind, order_no: string, refund_no: string | null, channel_no: string | null, amount: Money, state: EntryState, state_text: string, created_at: Timestamp, };
export type PreviewRow = { line_no: number, entry: PreviewEntry | null, fault: FileFault | null, };
export type WordCount = { word: string, count: number, };
export type BooksPreview = { name: string, format: BooksFormat, sheets: Array<string>, columns: Array<string>, mapping: BookMapping, 
/**
 * The first rows.
 */
rows: Array<PreviewRow>, kind_words: Array<WordCount>, status_words: Array<WordCount>, 
/**
 * How many rows were looked at for the words and the count of faults.
 */
looked_at: number, refused: number, 
/**
 * Why nothing can be read with this mapping yet.
 */
problem: FileFault | null, };
export type SaveMapping = { account_id: AccountId, name: string, mapping: BookMapping, 
/**
 * Read the account's books with it from now on.
 */
use_it: boolean, };
export type MappingRef = { account_id: AccountId, name: string, };
export type UseMapping = { account_id: AccountId, name: string | null, };
export type FileRef = { file_token: string, };
export type SaveSource = { account_id: AccountId, name: string, settings: SqlSettings, 
/**
 * `null` keeps the one there.
 */
password: string | null, };
export type SourceRef = { account_id: AccountId, name: string, };
export type SourceDay = { account_id: AccountId, date: BusinessDate, name: string, };
export type AddBooksKey = { account_id: AccountId, name: string, file_token: string, };
export type DayRef = { account_id: AccountId, date: BusinessDate, };
export type CodeCount = { code: DifferenceCode, count: number, channel_minor: number, ledger_minor: number, };
export type WaterfallStep = { 
/**
 * channel_net, a difference code, waiting, ledger_net or residual.
 */
name: string, minor: number, count: number, };
export type ReconView = { run_id: RunId, account_id: AccountId, date: BusinessDate, number: number, finished_at: Timestamp, millis: number, run_by: string, matched: number, waiting: number, bill_rows: number, ledger_rows: number, counts: Array<CodeCount>, 
/**
 * Of the residual's currency.
 */
waterfall: Array<WaterfallStep>, 
/**
 * Of every further currency: never added to the first.
 */
other_waterfalls: Array<CurrencyWaterfall>, residual: Money, run_digest: string, open_differences: number, 
/**
 * By which rules; absent for a run of an older program.
 */
terms?: RunTermsView, };
export type ReconDay = { bill: BillView, books: BooksView | null, runs: Array<ReconView>, };
export type RunRef = { run_id: RunId, };
export type ExportRun = { run_id: RunId, 
/**
 * Headings in English.
 */
english: boolean, };
export type ExportClose = { account_id: AccountId, date: BusinessDate, 
/**
 * Headings and sentences in English.
 */
english: boolean, };
export type CloseReportFormat = "pdf" | "xlsx";
export type CloseReportAsk = { account_id: AccountId, date: BusinessDate, 
/**
 * Headings and sentences in English.
 */
english: boolean, };
export type CloseReportRequest = { account_id: AccountId, date: BusinessDate, format: CloseReportFormat, 
/**
 * Headings and sentences in English.
 */
english: boolean, };
export type CloseReportView = { title: string, subtitle: string, digest: string | null, 
/**
 * Locked: the report is the last word on the day.
 */
last_word: boolean, 
/**
 * What stands across each page of one that is not.
 */
mark: string | null, parts: Array<ReportPart>, };
export type ReportPart = { heading: string, facts: Array<ReportFact>, columns: Array<ReportHead>, rows: Array<Array<string>>, 
/**
 * Rows of the table in all.
 */
rows_in_all: number, note: string | null, };
export type ReportFact = { name: string, value: string, };
export type ReportHead = { title: string, right: boolean, };
export type CloseReportFile = { file: FileView, sha256: string, digest: string | null, last_word: boolean, pages: number | null, };
export type CurrencyWaterfall = { currency: Currency, steps: Array<WaterfallStep>, };
export type PoolRef = { account_id: AccountId, date: BusinessDate, };
export type PoolCounter = { count: number, 
/**
 * Channel less books, by currency.
 */
sums: Array<Sum>, 
/**
 * Of the day asked about.
 */
of_day: number, oldest_days: number | null, };
export type PoolView = { waiting: PoolCounter, broken: PoolCounter, overdue: PoolCounter, suspended: PoolCounter, 
/**
 * What waits for a second person.
 */
pending: PoolCounter, 
/**
 * Suspended ones whose date is today.
 */
due_today: number, forecast: ForecastView, ages: Array<PoolAge>, as_of: Timestamp, };
export type PoolSearch = { account_id: AccountId, status: DifferenceStatus | null, codes: Array<DifferenceCode>, text: string | null, 
/**
 * The oldest day first unless said otherwise; `position` says the same.
 */
sort?: DifferenceSort | null, cursor: string | null, limit: number, };
export type BillRawRequest = { bill_id: BillId, from_line: number, limit: number, };
export type RawLine = { line_no: number, text: string, };
export type BillRaw = { lines: Array<RawLine>, next_line: number | null, };
export type DifferenceSort = "position" | "largest";
export type DifferenceSearch = { run_id: RunId, codes: Array<DifferenceCode>, disposition: Disposition | null, text: string | null, 
/**
 * In the run's order unless said otherwise.
 */
sort?: DifferenceSort | null, cursor: string | null, limit: number, };
export type SideView = { amount: Money, state_text: string, at: Timestamp | null, number: string, line_no: number, 
/**
 * The raw row.
 */
raw: string | null, };
export type DifferenceRow = { difference_id: DifferenceId, date: BusinessDate, code: DifferenceCode, bucket: DifferenceBucket, status: DifferenceStatus, kind: EntryKind, number: string, order_id: OrderId | null, channel: SideView | null, ledger: SideView | null, 
/**
 * Channel minus ledger.
 */
gap: Money, age_days: number, disposition: Disposition, owner: string | null, due_date: BusinessDate | null, note: string | null, 
/**
 * Name of the first thing to do: query_channel, compare_totals, drop_duplicate, wait, refund.
 */
suggestion: string, fee?: FeeView, 
/**
 * The day in whose bill or books the other side should be at the latest.
 */
expected_date?: BusinessDate, };
export type DifferencePage = { rows: Array<DifferenceRow>, next_cursor: string | null, total: number, };
export type DifferenceRef = { difference_id: DifferenceId, };
export type DifferenceDetail = { row: DifferenceRow, bill_sha256: string | null, books_sha256: string | null, likely_cause: string, order: OrderRow | null, 
/**
 * The last time the channel was asked about the order.
 */
queried: TimelineEvent | null, 
/**
 * The last notice of the channel about it.
 */
noticed: TimelineEvent | null, 
/**
 * Others of the same kind in the same run.
 */
alike: number, 
/**
 * What a person may do about it as it stands.
 */
choices: Array<ResolutionKind>, 
/**
 * Everything done about it, the oldest first.
 */
history: Array<ResolutionView>, };
export type EvidenceFile = { file: FileView, 
/**
 * Of the whole ZIP.
 */
sha256: string, 
/**
 * With the manifest.
 */
parts: number, };
export type ResolutionId = string;
export type ResolutionKind = "wait" | "query" | "supplement" | "refund" | "claim" | "adjust" | "write_off" | "relabel" | "cross_day";
export type ResolutionState = "proposed" | "in_effect" | "rejected" | "withdrawn" | "reversed";
export type ResolveDifferences = { difference_ids: Array<DifferenceId>, kind: ResolutionKind, reason: string, owner_id: UserId | null, due_date: BusinessDate | null, label: string | null, };
export type DecideResolutions = { resolution_ids: Array<ResolutionId>, approve: boolean, 
/**
 * Needed to say no.
 */
note: string, };
export type ReverseResolutions = { difference_ids: Array<DifferenceId>, reason: string, };
export type ResolutionSearch = { account_id: AccountId | null, state: ResolutionState | null, text: string | null, cursor: string | null, limit: number, };
export type ResolutionPage = { rows: Array<ResolutionView>, next_cursor: string | null, total: number, };
export type ResolutionView = { resolution_id: ResolutionId, difference_id: DifferenceId, account_id: AccountId, date: BusinessDate, code: DifferenceCode, entry_kind: EntryKind, number: string, kind: ResolutionKind, 
/**
 * Channel less books; the opposite sign in a reversing entry.
 */
amount: Money, owner: string | null, due_date: BusinessDate | null, reason: string, label: string | null, 
/**
 * Of a cross-day entry: the day and the line of the other side.
 */
other_date: BusinessDate | null, other_line: number | null, reverses: ResolutionId | null, state: ResolutionState, second_person: boolean, proposed_by: string, proposed_at: Timestamp, decided_by: string | null, decided_at: Timestamp | null, decision_note: string | null, may_decide: boolean, may_not_because: string | null, };
export type BatchResult = { done: number, failed: Array<BatchFailure>, 
/**
 * Sizes of the gaps, by currency.
 */
sums: Array<Sum>, };
export type BatchFailure = { id: string, number: string | null, code: string, params: { [key in string]: string }, };
export type People = { people: Array<Person>, };
export type CloseDay = { date: BusinessDate, };
export type CloseCheck = { kind: CloseCheckKind, passed: boolean, figure: string, detail: string, checked_at: Timestamp | null, checked_by: string | null, 
/**
 * Does not hold, and the house's rules let the day close all the same.
 */
warning: boolean, };
export type CloseSignature = { person: string, user_id: UserId, role: Role, at: Timestamp, digest: string, note: string, };
export type CloseView = { account: AccountBrief, date: BusinessDate, status: CloseStatus, checks: Array<CloseCheck>, 
/**
 * opening + collected − refunded − fees = closing, from the fund-flow bill; null until it is there.
 */
balance: BalanceLine | null, digest: string | null, maker: CloseSignature | null, checker: CloseSignature | null, suspended: Array<DifferenceRow>, may_sign: boolean, may_not_because: string | null, 
/**
 * The wish to open the closed day again, while nobody has decided.
 */
reopening: ReopeningView | null, 
/**
 * Closes of this day that were opened again, the first one first.
 */
closed_before: Array<ClosedBeforeView>, };
export type ReopeningView = { reason: string, requested_by: string, requested_at: Timestamp, may_decide: boolean, 
/**
 * The person asking made it.
 */
own: boolean, };
export type ClosedBeforeView = { version: number, locked_at: Timestamp, digest: string, maker: string, checker: string, reason: string, requested_by: string, reopened_by: string, reopened_at: Timestamp, };
export type BalanceLine = { opening: Money, collected: Money, refunded: Money, fees: Money, other: Money, closing: Money, 
/**
 * What of the other movements went to the bank, positive; null until the fund flow is tied.
 */
withdrawn: Money | null, };
export type CloseBoard = { date: BusinessDate, accounts: Array<CloseView>, };
export type SignDay = { account_id: AccountId, date: BusinessDate, 
/**
 * The digest that was on the screen.
 */
digest: string, note: string, };
export type ReturnDay = { account_id: AccountId, date: BusinessDate, reason: string, };
export type DeskOverview = { 
/**
 * The latest day whose bills are due.
 */
business_date: BusinessDate, today: BusinessDate, as_of: Timestamp, 
/**
 * Collected from the orders made on the business date, by currency.
 */
collected: Array<Sum>, 
/**
 * Refunded for good of the orders made on the business date, by currency.
 */
refunded: Array<Sum>, 
/**
 * What the business date's reconciliations could not explain, sign left out, by currency.
 */
residuals: Array<Money>, 
/**
 * Accounts whose business date is reconciled with the files that stand now.
 */
reconciled: number, 
/**
 * Unsettled differences of all days and accounts.
 */
pool: DeskPool, 
/**
 * Requests this person may decide.
 */
approvals_mine: number, 
/**
 * Requests others must decide.
 */
approvals_other: number, 
/**
 * When the first of those this person may decide expires.
 */
approvals_expire_at: Timestamp | null, 
/**
 * Those with the least time left, one's own first.
 */
approvals: Array<DeskApproval>, unknown: number, unknown_sums: Array<Sum>, unknown_next_query_at: Timestamp | null, 
/**
 * Accounts to close, in the order of the accounts.
 */
accounts: Array<DeskAccount>, 
/**
 * Days of the gap map, oldest first, each account's days in the same order.
 */
gaps: DeskGaps, 
/**
 * Ages of unsettled differences: 0–1, 2–3, 4–7, 8–30, over 30 days.
 */
ages: Array<DeskAge>, };
export type DeskPool = { waiting: number, broken: number, overdue: number, 
/**
 * The oldest day with something broken or overdue, and its account: where to begin.
 */
first: DayRef | null, };
export type DeskApproval = { row: RefundRow, 
/**
 * Why this person may not decide it: an error code.
 */
because: string | null, };
export type DeskAccount = { account: AccountBrief, 
/**
 * Bills of the business date that are there, of two.
 */
bills_settled: number, 
/**
 * The worse word of the two bills.
 */
bill_status: BillStatus, 
/**
 * For `lost_soon`.
 */
bill_days_left: number | null, 
/**
 * When the missing bill is asked for next.
 */
bill_next_try_at: Timestamp | null, 
/**
 * Rows of the trade bill; null until it is there.
 */
bill_rows: number | null, 
/**
 * Pairs that agree; null until reconciled.
 */
matched: number | null, 
/**
 * Matched of bill rows in hundredths of a percent, rounded down; null without rows.
 */
match_basis_points: number | null, pool: DeskPool, residual: Money | null, close: CloseStatus, closed_at: Timestamp | null, action: DeskAction, 
/**
 * The right the action needs; null for looking.
 */
needs: Permission | null, 
/**
 * Why this person does not do it: an error code; null when it is theirs.
 */
not_mine_because: string | null, };
export type DeskGaps = { accounts: Array<DeskGapRow>, 
/**
 * Bills by word, over all accounts, days and both kinds.
 */
counts: Array<BillCount>, 
/**
 * Bills that can be fetched now.
 */
fetchable: number, 
/**
 * Least days before one of them is lost.
 */
least_days_left: number | null, first: BusinessDate, last: BusinessDate, };
export type DeskGapRow = { account_id: AccountId, days: Array<DeskGapDay>, };
export type DeskGapDay = { trade: BillStatus, fund_flow: BillStatus, 
/**
 * The worse word of the two: what the map shows.
 */
worse: BillStatus, 
/**
 * Before the bill that is missing is lost.
 */
days_left: number | null, };
export type BillCount = { status: BillStatus, count: number, };
export type DeskAge = { from_days: number, 
/**
 * Null: no end.
 */
to_days: number | null, waiting: number, broken: number, overdue: number, };
export type DeskMonth = { first: BusinessDate, last: BusinessDate, series: Array<DeskSeries>, 
/**
 * Days whose trade bill is missing for one account or more: their figures are not whole.
 */
partial: Array<DeskPartial>, as_of: Timestamp, };
export type DeskSeries = { currency: Currency, days: Array<DeskDay>, };
export type DeskDay = { date: BusinessDate, collected_minor: number, collected_count: number, refunded_minor: number, refunded_count: number, 
/**
 * Refunded of collected in hundredths of a percent, rounded down; null when nothing was collected.
 */
rate_basis_points: number | null, };
export type DeskPartial = { account_id: AccountId, days: Array<BusinessDate>, };
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
export type CompareFiles = { bill_token: string, ledger_token: string, 
/**
 * A mapping file; absent: the default header.
 */
mapping_token?: string | null, 
/**
 * The key file of encrypted books.
 */
key_token?: string | null, };
export type CompareView = { matched: number, bill_rows: number, ledger_rows: number, counts: Array<CodeCount>, residual: Money, run_digest: string, waiting: number, waterfalls: Array<CurrencyWaterfall>, bill_name: string, ledger_name: string, bill_faults: Array<FileFault>, ledger_faults: Array<FileFault>, 
/**
 * Rows of both files that could not be read; the faults name the first of them.
 */
refused_rows: number, millis: number, 
/**
 * differences.csv
 */
file: FileView, };
export type AuditNames = { actors: Array<string>, actions: Array<string>, };
export type BillRange = { account_id: AccountId, date_from: BusinessDate, date_to: BusinessDate, };
export type ExportSource = { "kind": "orders" } & OrderSearch | { "kind": "refunds" } & RefundList | { "kind": "differences" } & DifferenceSearch | { "kind": "pool" } & PoolSearch | { "kind": "resolutions" } & ResolutionSearch | { "kind": "bill_lines" } & BillLinesRequest | { "kind": "receipts" } & ReceiptSearch | { "kind": "audit" } & AuditSearch | { "kind": "audit_chain", } | { "kind": "receipt_files" } & ReceiptSearch | { "kind": "bill_archive" } & BillRange;
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
export type RuleSetId = string;
export type BackTestId = string;
export type RuleSetState = "built_in" | "proposed" | "in_effect" | "superseded" | "rejected" | "withdrawn";
export type RuleKey = "channel_number" | "merchant_number";
export type ToleranceOn = "fee";
export type FeeOnRefund = "returned" | "kept";
export type BackTestChange = "hidden" | "raised";
export type BudgetEnd = "day" | "month";
export type ToleranceRule = { channel: string, on: ToleranceOn, per_row_minor: number, daily_minor: number, monthly_minor: number, 
/**
 * Login of whoever answers for it; `@administrator` in the set that ships.
 */
owner: string, reason: string, };
export type FeeRule = { channel: string, 
/**
 * Millionths: 6000 is 0.60 %.
 */
rate_ppm: number, minimum_minor: number, on_refund: FeeOnRefund, from: BusinessDate, until: BusinessDate | null, };
export type DayCutRule = { channel: string, minutes_after_midnight: number, };
export type CarryRule = { channel: string, kind: EntryKind, days: number, };
export type RuleBody = { version: number, keys: Array<RuleKey>, tolerances: Array<ToleranceRule>, fees: Array<FeeRule>, day_cuts: Array<DayCutRule>, carry: Array<CarryRule>, };
export type RuleSetView = { 
/**
 * Null: the set that ships.
 */
rule_set_id: RuleSetId | null, version: number, based_on: number, state: RuleSetState, rules: RuleBody, digest: string, reason: string, proposed_by: string | null, proposed_at: Timestamp | null, decided_by: string | null, decided_at: Timestamp | null, decision_note: string | null, 
/**
 * What the second person had before them.
 */
back_test_digest: string | null, 
/**
 * The newest trial of a proposal.
 */
back_test: BackTestView | null, 
/**
 * Whoever asks proposed it.
 */
mine: boolean, may_decide: boolean, 
/**
 * Error code why not.
 */
may_not_because: string | null, };
export type BudgetView = { channel: string, on: ToleranceOn, 
/**
 * First day of the month.
 */
month: BusinessDate, spent_minor: number, monthly_minor: number, owner: string, };
export type RuleSetsView = { current: RuleSetView, proposals: Array<RuleSetView>, 
/**
 * Everything decided, the newest first.
 */
history: Array<RuleSetView>, budgets: Array<BudgetView>, 
/**
 * Longest range of a trial, days.
 */
back_test_days_max: number, };
export type ProposeRules = { rules: RuleBody, based_on: number, reason: string, };
export type DecideRules = { rule_set_id: RuleSetId, digest: string, back_test_digest: string | null, approve: boolean, note: string, };
export type RuleSetRef = { rule_set_id: RuleSetId, };
export type ExportRules = { rule_set_id: RuleSetId | null, };
export type RuleFile = { file_token: string, };
export type BackTestRequest = { rule_set_id: RuleSetId, account_id: AccountId, first: BusinessDate, last: BusinessDate, };
export type BackTestDay = { date: BusinessDate, run_number: number, 
/**
 * The rules that run was made by; 0 for a run of an older program.
 */
rules_version: number, before: number, after: number, hidden: number, raised: number, tolerated_rows: number, spent_minor: number, ended_by: BudgetEnd | null, };
export type BackTestCode = { code: DifferenceCode, before: number, after: number, };
export type BackTestView = { back_test_id: BackTestId, rule_set_id: RuleSetId, rules_digest: string, against_version: number, account_id: AccountId, first: BusinessDate, last: BusinessDate, days: Array<BackTestDay>, codes: Array<BackTestCode>, hidden: number, raised: number, digest: string, run_by: string, at: Timestamp, };
export type BackTestItemsRequest = { back_test_id: BackTestId, cursor: string | null, limit: number, };
export type BackTestItemView = { position: number, change: BackTestChange, date: BusinessDate, code: DifferenceCode, kind: EntryKind, number: string, channel: Money | null, ledger: Money | null, channel_line: number | null, ledger_line: number | null, fee: FeeView | null, };
export type BackTestItems = { rows: Array<BackTestItemView>, next_cursor: string | null, total: number, };
export type BackTestRef = { back_test_id: BackTestId, 
/**
 * Headings in English.
 */
english: boolean, };
export type FeeView = { charged: Money, agreed: Money, 
/**
 * The row alone is within the tolerance; its budget was spent.
 */
over_budget: boolean, };
export type RunTermsView = { rules_version: number, rules_digest: string, 
/**
 * Rate of the day's contract in millionths; null without a contract.
 */
rate_ppm: number | null, fee_rows: number, charged_minor: number, agreed_minor: number, 
/**
 * Charged less agreed.
 */
off_minor: number, tolerated_rows: number, tolerated_minor: number, 
/**
 * What of it was let pass: all or nothing.
 */
spent_minor: number, per_row_minor: number, daily_minor: number, monthly_minor: number, 
/**
 * Of the month's budget, this run's share included.
 */
month_spent_minor: number, month_left_minor: number, 
/**
 * Which budget these rows would have overdrawn.
 */
ended_by: BudgetEnd | null, owner: string, reason: string, };
export type ForecastView = { 
/**
 * Day of the next bill.
 */
date: BusinessDate, count: number, sums: Array<Sum>, last: ForecastPast | null, };
export type ForecastPast = { date: BusinessDate, expected: number, cleared: number, };
export type PoolAge = { from_days: number, 
/**
 * Null: no end.
 */
to_days: number | null, count: number, };
export type CarriedSearch = { account_id: AccountId, cleared: boolean, cursor: string | null, limit: number, };
export type CarriedView = { date: BusinessDate, 
/**
 * Whether the bill has it; else the books.
 */
in_channel: boolean, kind: EntryKind, number: string, line_no: number, amount: Money, at: Timestamp, expected_date: BusinessDate, likely: boolean, overdue: boolean, age_days: number, cleared_date: BusinessDate | null, cleared_line: number | null, };
export type CarriedPage = { rows: Array<CarriedView>, next_cursor: string | null, };
