//! What the doors carry: the only types serialized for the console.
//!
//! Money is integer minor units with its currency; times are RFC 3339 UTC; business dates are
//! `yyyy-MM-dd` of the channel's zone (Beijing). TypeScript is generated from here.

use serde::{Deserialize, Serialize};
use zf_domain::{
    AccountId, BankConfirmationId, BankStatementId, BillId, BusinessDate, Currency, DifferenceCode,
    DifferenceId, Disposition, EntryKind, EntryState, ExportId, FlowNameId, Money, OrderId,
    OrderState, PaymentState, Permission, ReceiptBatchId, ReceiptId, RefundState, ResolutionId,
    ResolutionKind, ResolutionState, Role, RunId, Timestamp, UserId,
};

macro_rules! wire {
    ($($(#[$doc:meta])* struct $name:ident { $($body:tt)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
        #[allow(missing_docs, reason = "fields are named by the glossary; units in the module's head")]
        pub struct $name { $($body)* }
    )*};
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        #[ts(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "the word is the meaning; the console's dictionary translates it")]
        pub enum $name { $($variant),* }
    )*};
}

mod rules;
pub use rules::*;

words! {
    /// Which money is behind the screen.
    Environment { Production, Sandbox, Demo }
    /// What the program needs before anyone can work.
    Stage { FirstRun, VaultLocked, SignIn, Ready }
    /// A channel this build has.
    ChannelKind { WechatPay }
    /// How a row of the orders list was last confirmed.
    FactSource { ChannelQuery, ChannelBill, ChannelNotice, Books, Desk }
    /// In which order the orders list is read; amounts run through one currency after the other.
    OrderSort { NewestFirst, OldestFirst, LargestFirst, SmallestFirst }
    /// Which way money moved through an order: something was collected, or refunded for good.
    MoneyMoved { In, Back }
    /// What a searched number turned out to be.
    NumberKind { OrderNo, PaymentId, RefundNo, ChannelRefundId, ReceiptSerial, FundFlowNo, Amount }
    /// What a person may do with an order.
    OrderActionKind { RequestRefund, QueryChannel, IssueReceipt, CloseOrder }
    /// Worst first: a block stops the request, a warning needs a tick.
    CheckLevel { Block, Warning, Pass }
    /// Why a refund is asked; the words of domain.md §3.
    ReasonCode { Duplicate, NotDelivered, Goodwill, Price, Fraud, Test, Reconciliation, Other }
    /// What kind of thing a searched text looks like.
    LooksLike {
        WechatPaymentId, ChannelRefundId, RefundNo, OrderNo, ReceiptNo, Amount, Date, Tail, Person, Fragment,
    }
    /// What a review of access found.
    FindingKind {
        DefaultPassword, NoChecker, TooFewCheckers, SingleChecker, SingleAdministrator, AskedAndApproved,
        AdministratorApproved, FixedPair, FailedSignIns, Dormant, NeverSignedIn,
    }
    /// How soon a finding should be seen to.
    Severity { High, Medium, Low }
    /// Which refunds a list shows.
    RefundLane { All, Mine, Open, AwaitingApproval, Unknown, Finished }
    /// What happened, for a timeline; the console words it.
    EventKind {
        OrderCreated, BooksEntry, BillLine, PaymentPaid, PaymentClosed, PaymentPending, PaidAfterClose, ChannelQueried,
        ChannelNotFound, RefundOpened, RefundRequested, RefundRevised, RefundWithdrawn, RefundApproved,
        RefundRejected, RefundCoolingOff, ApprovalRecalled, ApprovalVoided, ApprovalExpired, RefundSending, RefundAccepted, RefundUnknown,
        RefundQueried, RefundNeverAccepted, RefundSucceeded, RefundAbnormal, RefundClosed, RefundRefused, ReceiptIssued,
    }
    /// The channel's two day files.
    BillKind { Trade, FundFlow }
    /// Words of the bill calendar.
    BillStatus { NotDue, NotFetched, Generating, Downloading, Verified, NoTrade, LostSoon, Partial, Failed, Refused, Lost }
    /// The two-sided name of a difference: which side has more, or is further.
    DifferenceBucket {
        MissingInLedger, MissingInChannel, ChannelHigher, ChannelLower, OtherCurrency, ChannelAhead, LedgerAhead,
        DuplicateInChannel, DuplicateInLedger, IdClash, ClashInChannel, ClashInLedger, FeeMismatch,
    }
    /// Where an open difference stands: its other side may still come, nobody owns it, its owner is late,
    /// or its owner is in time.
    /// `Pending` waits for a second person; the last two are settled.
    DifferenceStatus { Waiting, Broken, Overdue, Suspended, Pending, Resolved, WrittenOff }
    /// Words of the day close.
    CloseStatus { NotStarted, ItemsOpen, WaitingForBill, BillMissing, MakerToSign, CheckerToSign, Closed }
    /// One of the closing checks.
    CloseCheckKind { BillsComplete, Reconciled, ResidualZero, BalanceContinuous, FeesRecomputed, DifferencesOwned, NoUnknownRefunds, NoOverdue, WithdrawalsAtBank }
    /// In which order differences of a run are read; gaps run through one currency after the other.
    DifferenceSort { Position, Largest }
    /// What a close report is written as.
    CloseReportFormat { Pdf, Xlsx }
    /// What is wrong with a voucher of the fund flow, or that it is to be named.
    FlowCode { NotBooked, BookedOtherwise, RefundClosed, NotTraded, OtherEntry }
    /// What a person or a rule says a movement is.
    FlowName { Withdrawal, TopUp, ServiceFee, Adjustment, Explained }
    /// How the tie of a day's fund flow stands.
    FlowState { TradeMissing, FlowMissing, NotTied, Stale, Open, Tied }
    /// Whether the day begins where the day before ended.
    OpeningFact { Follows, Differs, NotThere, NoMovement }
    /// Where a withdrawal is at the bank.
    BankState { Matched, Ambiguous, OtherAmount, Missing, NotSearched, NoStatement }
    /// What made a withdrawal and the bank's lines one.
    BankReason { Reference, Amount, Group, Split, Person }
    /// One plain judgement on a receipt.
    ReceiptVerdict { Genuine, GenuineUntrustedSigner, AlreadyBooked, Altered, NotSigned, Unreadable, BadSignature, CertificateInvalid }
    /// Where a bell rings on failure.
    SelfTestStep { Credentials, Clock, Signature, ReplyVerification, Permission }
    /// Whether a self-test step held.
    StepOutcome { Passed, Failed, Skipped }
    /// What an export holds.
    ExportKind { Orders, Refunds, Differences, Pool, Resolutions, BillLines, Receipts, Audit, AuditChain, ReceiptFiles, BillArchive }
    /// Its file format.
    ExportFormat { Csv, Xlsx, Jsonl, Zip }
    /// How an export stands.
    ExportState { Running, Done, Cancelled, Failed, Interrupted, Removed }
    /// How negative amounts are written in a file.
    NegativeStyle { Minus, Parentheses }
    /// The language of a file's headings and words.
    FileLanguage { Zh, En }
    /// How a batch of receipts stands.
    BatchState { Running, Done, Cancelled, Failed, Interrupted }
    /// What became of one order of a batch.
    BatchOutcome { Waiting, Issued, Already, Failed }
    /// How a piece of long work stands.
    TaskState { Running, Paused, Cancelled, Done, Failed }
    /// What a key or certificate is.
    KeyKind { MerchantCertificate, PlatformCertificate, PlatformPublicKey, ApiV3Key, ReceiptSigner, ReceiptIssuer, ReceiptRoot }
    /// Words of the key list; the console's dictionary has the same.
    KeyState { DaysLeft, NoExpiry, Rotating, DaysLeftSoon, DaysLeftUrgent, Invalid, RotationAdvised, EndUnknown }
    /// What stops when nothing is done.
    KeyConsequence { EverythingStops, RepliesUnverified, NoticesSealed, ReceiptsStop, Nothing }
    /// One step of the rehearsal of a change of keys.
    RehearsalCheck { OldCertificate, NewCertificate, PublicKey, WrongSignature, ClockOff, AfterExpiry }
    /// What the verifying code said: `other_reason` is a refusal for another reason than rehearsed.
    RehearsalVerdict { Accepted, Refused, OtherReason }
    /// What kind of message the X-ray looks at.
    XrayMode { Request, Reply, Notice, Decrypt }
    /// `unknown`: nothing is proven either way.
    XrayVerdict { Good, Bad, Unknown }
    /// The one named cause; the console words it.
    XrayCause {
        Valid, Opened, Unreadable, AuthorizationMissing, AuthorizationFormat, SchemeUnknown, HeaderMissing,
        SerialHeaderMissing, KeyMissing, KeyUnreadable, SignatureEmpty, SignatureNotBase64, SignatureUrlSafe,
        SignaturePlusLost, SignatureWrapped, SignatureProbe, UnsignedByDesign, MerchantMismatch, SerialUnknown,
        SerialIsPlatforms, SerialIsMerchants, SerialNotation, TimestampMillis, TimestampFormat, TimestampOther,
        ClockOff, KeyExpired, KeyNotYet, KeyPairMismatch, KeyOfAnother, WrongKey, AlgorithmMismatch,
        DigestAlgorithm, MissingFinalNewline, UrlWithoutQuery, UrlWithHost, UrlDecoded, UrlEncoded, UrlSlash,
        QueryReordered, MethodCase, MethodOther, BodyReserialized, BodyMissing, BodyExtra, BodyNewline, BodyBom,
        BodyCrlf, LinesCrlf, NonceCase, LineOrder, ReplyForm, RequestForm, OneByte, ContentDiffers, CannotTell,
        ResourceUnreadable, ApiKeyMissing, ApiKeyLength, ApiKeySpaces, ApiKeyWrong, NonceEncoded, NonceSwapped,
        AadWrong, AeadModeMixed, CiphertextNotBase64, CiphertextUrlSafe,
    }
    /// The twelve failures of domain.md §8, each as the healthy statement.
    XrayCheckName {
        SerialKnown, NotMixedUp, NotExpired, InForce, ChainComplete, RootTrusted, PairMatches, AlgorithmMatches,
        EncodingSound, UsageMatches, NotRevoked, ResourceOpens,
    }
    /// How a check came out.
    XrayOutcome { Ok, Failed, NotApplicable }
    /// Whose public key.
    XrayKeyRole { Merchant, Platform, Given }
    /// A line of the signed text.
    XrayLineName { Method, Url, Timestamp, Nonce, Body }
    /// Messages with one real fault each, made on the spot.
    XrayExampleName {
        GoodRequest, UrlWithoutQuery, MissingNewline, PlatformSerial, ClockOff, SerialHeader, BodyRewritten,
        GoodReply, WrongKey, GoodNotice, NoticeChanged, Probe, Sealed, SealedMixed,
    }
    /// The one next step of an account's day on the desk page.
    DeskAction { FetchBill, SeeBill, ImportBooks, Reconcile, HandleDifferences, SeeClose, SignMaker, SignChecker }
    /// What a books file is, by its bytes.
    BooksFormat { Csv, Workbook, Sealed }
    /// What one in the books' amount column is.
    BookAmountUnit { Yuan, Fen }
    /// How the books write times.
    BookTimeFormat { Rfc3339, Beijing, Local, UnixSeconds, UnixMillis }
    /// Which database.
    SqlEngine { Postgres, Mysql }
    /// How a connection to a database is protected.
    SqlTls { Verify, Encrypt, Off }
    /// What a client may safely do after an error.
    Retry { Never, SameNumber, QueryFirst, Later, AfterFix }
}

wire! {
    /// No parameters.
    struct Nothing {}

    /// Small choices of whoever asks, by name; values are JSON text.
    struct Preferences {
        pub values: std::collections::BTreeMap<String, String>,
    }

    /// One choice: a name of lower-case letters, dots and underscores, at most 16 KB of JSON text;
    /// `null` forgets it.
    struct PreferencePut {
        pub name: String,
        pub value: Option<String>,
    }

    /// Who is signed in.
    struct Person {
        pub user_id: UserId,
        pub login: String,
        pub display_name: String,
        pub role: Role,
    }

    /// A demo login a newcomer may use; only ever filled in a demo home.
    struct DemoLogin {
        pub login: String,
        pub display_name: String,
        pub role: Role,
        pub password: String,
    }

    /// The frame of the window.
    struct AppStatus {
        pub stage: Stage,
        pub environment: Option<Environment>,
        pub merchant_name: Option<String>,
        pub version: String,
        pub now: Timestamp,
        pub person: Option<Person>,
        pub permissions: Vec<Permission>,
        pub demo_logins: Vec<DemoLogin>,
        pub accounts: Vec<AccountBrief>,
        pub badges: Badges,
        /// How the vault's key is kept: keychain, passphrase, or demo_file.
        pub vault: Option<String>,
    }

    /// Work that waits, for the navigation.
    struct Badges {
        pub refunds_unknown: u32,
        pub approvals_waiting: u32,
        pub differences_open: u32,
        pub bills_missing: u32,
        /// Keys and certificates within ten days of their end, or past it.
        pub keys_due: u32,
    }

    /// First run: the offline demo.
    struct SetupDemo { pub seed: Option<u32> }

    /// First run: the merchant's own desk.
    struct SetupOwn {
        pub merchant_name: String,
        pub environment: Environment,
        /// Seals the vault where the system has no keychain; at least 12 characters.
        pub vault_passphrase: Option<String>,
        pub administrator: NewUser,
        pub clerk: NewUser,
        pub approver: NewUser,
    }

    /// A person to add.
    struct NewUser {
        pub login: String,
        pub display_name: String,
        pub role: Role,
        /// At least 10 characters.
        pub password: String,
    }

    struct SignIn { pub login: String, pub password: String }
    struct UnlockVault { pub passphrase: String }
    struct ChangePassword { pub old_password: String, pub new_password: String }

    struct UserView {
        pub user_id: UserId,
        pub login: String,
        pub display_name: String,
        pub role: Role,
        pub created_at: Timestamp,
        pub locked_until: Option<Timestamp>,
        pub disabled: bool,
        pub last_sign_in: Option<Timestamp>,
    }
    struct UserList { pub users: Vec<UserView> }
    struct UserRef { pub user_id: UserId }
    struct SetRole { pub user_id: UserId, pub role: Role }
    struct ResetPassword { pub user_id: UserId, pub new_password: String }

    struct AccountBrief {
        pub account_id: AccountId,
        pub channel: ChannelKind,
        pub environment: Environment,
        pub display_name: String,
        /// The merchant number with its middle hidden.
        pub merchant_no_masked: String,
    }
    struct AccountView {
        pub brief: AccountBrief,
        pub merchant_no: String,
        pub appid: String,
        pub certificate_serial: String,
        pub certificate_expires_at: Option<Timestamp>,
        pub verify_mode: String,
        pub base_url: String,
        pub backup_url: Option<String>,
        pub created_at: Timestamp,
        pub last_self_test: Option<SelfTest>,
    }
    struct AccountList { pub accounts: Vec<AccountView> }
    struct AccountRef { pub account_id: AccountId }

    /// A WeChat Pay merchant number with its key material; secrets go into the vault and never come back.
    struct AddWechatAccount {
        pub display_name: String,
        pub environment: Environment,
        pub merchant_no: String,
        pub appid: String,
        /// Empty: read from the certificate.
        pub certificate_serial: String,
        /// PEM text of apiclient_key.pem.
        pub private_key_pem: String,
        /// PEM text of apiclient_cert.pem; checked against the key.
        pub certificate_pem: Option<String>,
        /// 32 ASCII characters.
        pub api_v3_key: String,
        /// Public-key mode: PUB_KEY_ID_…; empty for platform certificates.
        pub public_key_id: Option<String>,
        pub public_key_pem: Option<String>,
        pub base_url: Option<String>,
        pub backup_url: Option<String>,
        /// Only for a server with its own root, such as the sandbox with --tls.
        pub extra_root_pem: Option<String>,
    }
    struct SelfTestResult { pub step: SelfTestStep, pub outcome: StepOutcome, pub detail: String, pub remedy: Option<String> }
    struct SelfTest { pub at: Timestamp, pub passed: bool, pub steps: Vec<SelfTestResult> }

    /// A key or certificate in use. Public halves and dates only.
    struct KeyRow {
        pub key_id: String,
        pub kind: KeyKind,
        /// Null: the desk's own.
        pub account: Option<AccountBrief>,
        /// Hexadecimal, or the id of a plain public key.
        pub serial: Option<String>,
        pub serial_decimal: Option<String>,
        pub algorithm: String,
        pub subject: Option<String>,
        pub issuer: Option<String>,
        /// SHA-256 of the certificate, or of a plain public key.
        pub fingerprint: Option<String>,
        pub not_before: Option<Timestamp>,
        pub not_after: Option<Timestamp>,
        /// When a change is advised, for what has no end.
        pub suggested_at: Option<Timestamp>,
        /// Since when the desk has it.
        pub since: Option<Timestamp>,
        /// When the channel last gave it.
        pub last_seen_at: Option<Timestamp>,
        /// Days of the Beijing calendar until the end (or the advice); negative once it has passed.
        #[ts(type = "number | null")]
        pub days_left: Option<i64>,
        pub state: KeyState,
        /// Within ten days of its end, past it, or unusable.
        pub attention: bool,
        /// Whether the private key belongs to this certificate; null where that cannot be checked.
        pub paired: Option<bool>,
        pub consequence: KeyConsequence,
    }
    struct KeyList {
        pub rows: Vec<KeyRow>,
        /// Rows that need somebody.
        pub attention: u32,
        pub today: BusinessDate,
        pub now: Timestamp,
        pub vault_locked: bool,
        /// The last rehearsal of each account.
        pub rehearsals: Vec<Rehearsal>,
    }
    struct RehearsalResult { pub check: RehearsalCheck, pub found: RehearsalVerdict, pub wanted: RehearsalVerdict }
    struct Rehearsal { pub account_id: AccountId, pub at: Timestamp, pub passed: bool, pub results: Vec<RehearsalResult> }
    struct KeyChangeSearch { #[ts(type = "number | null")] pub before_seq: Option<i64>, pub limit: u32 }
    struct KeyChanges { pub rows: Vec<AuditRowView>, #[ts(type = "number | null")] pub next_before_seq: Option<i64> }

    /// A pasted message with the keys to judge it by. Lives in memory for the length of the call.
    struct XrayInput {
        pub mode: XrayMode,
        /// At most 64 KB.
        pub text: String,
        /// Whose keys are used; null with keys pasted.
        pub account_id: Option<AccountId>,
        /// A certificate, a public key or a private key (its public half is used), PEM.
        pub key_pem: Option<String>,
        pub key_serial: Option<String>,
        pub api_v3_key: Option<String>,
        /// The message is this example: the keys it was made with are used.
        pub example: Option<XrayExampleName>,
    }
    /// One signed line, equal beginnings once; invisible characters are shown.
    struct XrayLine {
        pub name: XrayLineName,
        pub common: String,
        /// What the signature covers from the first difference on.
        pub signed: String,
        /// What the message has from there on.
        pub sent: String,
        pub same: bool,
        /// Whether what was signed is known at all.
        pub known: bool,
    }
    /// The first differing byte; `offset` from 0, line and column (bytes) from 1.
    struct XrayByte {
        pub offset: u32,
        pub line: u32,
        pub column: u32,
        /// Place of the byte within the hexadecimal windows.
        pub mark: u32,
        /// Null: the text ends here.
        pub signed_byte: Option<String>,
        pub sent_byte: Option<String>,
        pub signed_hex: Vec<String>,
        pub sent_hex: Vec<String>,
    }
    struct XrayTry { pub cause: XrayCause, pub matched: bool }
    struct XrayCheck { pub name: XrayCheckName, pub outcome: XrayOutcome }
    struct XrayKeyView { pub role: XrayKeyRole, pub serial: Option<String>, pub serial_decimal: Option<String>, pub algorithm: String, pub not_after: Option<Timestamp> }
    struct XrayReport {
        pub mode: XrayMode,
        pub verdict: XrayVerdict,
        pub cause: XrayCause,
        /// The signature itself proves the cause.
        pub proven: bool,
        #[ts(type = "Record<string, string>")]
        pub params: std::collections::BTreeMap<String, String>,
        /// Line of the paste, from 1.
        pub fault_line: Option<u32>,
        pub lines: Vec<XrayLine>,
        pub difference: Option<XrayByte>,
        /// Length of the text to sign.
        pub bytes: u32,
        pub digest_algorithm: String,
        pub digest: String,
        pub key: Option<XrayKeyView>,
        /// A private key lies sealed beside this public one.
        pub private_key_sealed: bool,
        pub tries: Vec<XrayTry>,
        pub checks: Vec<XrayCheck>,
        pub plaintext: Option<String>,
        /// The message's time minus the other side's, where both are known.
        #[ts(type = "number | null")]
        pub clock_seconds: Option<i64>,
        #[ts(type = "number")]
        pub millis: u64,
    }
    struct XrayExampleRef { pub name: XrayExampleName }
    struct XrayExample { pub name: XrayExampleName, pub mode: XrayMode, pub text: String }

    /// Forgiving search: any number, an amount (12.30), the payer's tail, a goods word.
    struct OrderSearch {
        pub text: Option<String>,
        pub account_id: Option<AccountId>,
        pub states: Vec<OrderState>,
        pub date_from: Option<BusinessDate>,
        pub date_to: Option<BusinessDate>,
        #[ts(type = "number | null")]
        pub amount_min_minor: Option<i64>,
        #[ts(type = "number | null")]
        pub amount_max_minor: Option<i64>,
        pub cursor: Option<String>,
        /// At most 200.
        pub limit: u32,
        /// matched, a difference code, waiting (paid, its day not reconciled) or none; all when absent.
        #[ts(optional)]
        pub reconciliation: Option<Vec<String>>,
        /// Newest first when absent.
        #[ts(optional)]
        pub sort: Option<OrderSort>,
        /// Begins at this position, from 0, instead of behind a cursor.
        #[ts(optional, type = "number")]
        pub offset: Option<u64>,
        /// With `offset`, newest first: the cursor of the row the list began with, so that what came in
        /// later does not move the rows.
        #[ts(optional)]
        pub anchor: Option<String>,
        /// Only orders through which money moved this way; all when absent.
        #[ts(optional)]
        pub moved: Option<MoneyMoved>,
        /// Only these orders, 1 to 500, whatever the text; the other conditions hold beside them.
        #[ts(optional)]
        pub order_ids: Option<Vec<OrderId>>,
    }
    /// What orders to count; the same words as a search.
    struct OrderTotalsRequest {
        pub text: Option<String>,
        pub account_id: Option<AccountId>,
        pub states: Vec<OrderState>,
        pub date_from: Option<BusinessDate>,
        pub date_to: Option<BusinessDate>,
        #[ts(type = "number | null")]
        pub amount_min_minor: Option<i64>,
        #[ts(type = "number | null")]
        pub amount_max_minor: Option<i64>,
        #[ts(optional)]
        pub reconciliation: Option<Vec<String>>,
        #[ts(optional)]
        pub moved: Option<MoneyMoved>,
        #[ts(optional)]
        pub order_ids: Option<Vec<OrderId>>,
    }
    struct OrderRow {
        pub order_id: OrderId,
        pub account_id: AccountId,
        pub channel: ChannelKind,
        pub account_tail: String,
        pub order_no: String,
        pub payment_id: Option<String>,
        pub payer_masked: Option<String>,
        pub goods: Option<String>,
        pub state: OrderState,
        pub amount: Money,
        #[ts(type = "number")]
        pub refunded_minor: i64,
        #[ts(type = "number")]
        pub in_flight_minor: i64,
        pub created_at: Timestamp,
        pub paid_at: Option<Timestamp>,
        /// matched, a difference code, or null when its day was not reconciled.
        pub reconciliation: Option<String>,
    }
    /// One currency's sum over the whole search, not only the page.
    struct Sum { pub money: Money, #[ts(type = "number")] pub count: u64 }
    struct StateCount { pub state: OrderState, #[ts(type = "number")] pub count: u64 }
    struct OrderPage {
        pub rows: Vec<OrderRow>,
        pub next_cursor: Option<String>,
        /// Cursor of the first row, to anchor positions to.
        pub anchor: Option<String>,
        /// What the searched text is, where it names something as a whole.
        pub recognised: Option<NumberKind>,
        pub as_of: Timestamp,
    }
    /// Days of an account whose trade bill is not here, within what is counted: what those days sold
    /// is known only as far as the channel was asked.
    struct OrderGap {
        pub account_id: AccountId,
        pub account_name: String,
        pub status: BillStatus,
        /// Newest first, at most 31.
        pub days: Vec<BusinessDate>,
        #[ts(type = "number")]
        pub days_total: u64,
    }
    /// Counted over the whole search, exactly, at one moment.
    struct OrderTotals {
        #[ts(type = "number")]
        pub total: u64,
        /// Collected, by currency.
        pub paid_sums: Vec<Sum>,
        pub refunded_sums: Vec<Sum>,
        /// Over the search without its state filter, for the tabs.
        pub state_counts: Vec<StateCount>,
        pub gaps: Vec<OrderGap>,
        pub as_of: Timestamp,
    }
    /// A text, such as the clipboard's, that may be a number of this desk.
    struct RecogniseText { pub text: String }
    struct Recognised {
        pub kind: Option<NumberKind>,
        pub number: String,
        pub order_id: Option<OrderId>,
        pub order_no: Option<String>,
    }
    /// Why a person needs to see who paid.
    struct RevealPayer { pub order_id: OrderId, pub reason: String }
    struct RevealedPayer { pub payer: String, /// Masked again after so many seconds.
        pub seconds: u32 }
    struct OrderRef { pub order_id: OrderId }
    /// Looks a number up at the channel, also one the desk has never seen.
    struct OrderLookup { pub account_id: AccountId, pub number: String }

    struct PaymentView {
        pub payment_id: String,
        pub state: PaymentState,
        pub amount: Money,
        pub method: String,
        pub payer_masked: Option<String>,
        pub paid_at: Option<Timestamp>,
        pub source: FactSource,
        pub verified_at: Option<Timestamp>,
    }
    struct OrderAction { pub action: OrderActionKind, pub allowed: bool, /// Why not, as an error code the console words.
        pub reason: Option<String> }
    struct TimelineEvent {
        pub at: Timestamp,
        pub kind: EventKind,
        pub amount: Option<Money>,
        pub refund_no: Option<String>,
        pub actor: Option<String>,
        pub source: FactSource,
        /// Signature or hash checked.
        pub verified: bool,
        pub detail: Option<String>,
    }
    struct OrderDetail {
        pub row: OrderRow,
        pub account_name: String,
        pub payments: Vec<PaymentView>,
        pub refunds: Vec<RefundRow>,
        pub refundable: Money,
        pub actions: Vec<OrderAction>,
        pub timeline: Vec<TimelineEvent>,
        pub bill_match: Option<BillMatch>,
        pub receipts: Vec<ReceiptView>,
        pub checked_at: Option<Timestamp>,
    }
    struct BillMatch { pub date: BusinessDate, #[ts(type = "number")] pub line_no: u64, pub code: Option<DifferenceCode> }

    struct RefundRow {
        pub refund_no: String,
        pub order_id: OrderId,
        pub order_no: String,
        pub channel: ChannelKind,
        pub state: RefundState,
        pub amount: Money,
        pub reason_code: ReasonCode,
        pub maker: String,
        pub created_at: Timestamp,
        pub requested_at: Option<Timestamp>,
        pub sent_at: Option<Timestamp>,
        pub finished_at: Option<Timestamp>,
        pub next_query_at: Option<Timestamp>,
        pub query_count: u32,
        pub expires_at: Option<Timestamp>,
        /// Approved, and sent at this moment unless somebody takes it back.
        pub cooling_until: Option<Timestamp>,
        /// Code of the last thing that went wrong; the console words it.
        pub last_error: Option<String>,
        /// Whether this person may withdraw or revise it now.
        pub mine: bool,
    }
    /// One text, as typed or pasted; `@` before it looks for people only.
    struct FindRequest { pub text: String }
    struct FoundBill {
        pub account_id: AccountId,
        pub channel: ChannelKind,
        pub account_tail: String,
        pub kind: BillKind,
        pub date: BusinessDate,
        pub status: BillStatus,
        #[ts(type = "number")]
        pub rows: u64,
    }
    struct FoundBillLine {
        pub bill_id: BillId,
        pub account_id: AccountId,
        pub channel: ChannelKind,
        pub account_tail: String,
        pub date: BusinessDate,
        #[ts(type = "number")]
        pub line_no: u64,
        pub kind: EntryKind,
        pub number: String,
        pub amount: Money,
    }
    struct FoundDifference {
        pub difference_id: DifferenceId,
        pub account_id: AccountId,
        pub date: BusinessDate,
        pub code: DifferenceCode,
        pub number: String,
        pub gap: Money,
        pub disposition: Disposition,
    }
    /// The one order everything found is about, with what may be done and why the rest may not.
    struct FoundSubject {
        pub order: OrderRow,
        pub refundable: Money,
        pub actions: Vec<OrderAction>,
        pub refunds: Vec<RefundRow>,
        pub receipts: Vec<ReceiptView>,
        pub bill_match: Option<BillMatch>,
        /// The trade bill of that day.
        pub bill: Option<FoundBill>,
        /// Notices of the channel about it.
        pub notices: u32,
    }
    struct Found {
        /// Likeliest first; empty for an empty text.
        pub looks_like: Vec<LooksLike>,
        pub orders: Vec<OrderRow>,
        pub refunds: Vec<RefundRow>,
        pub receipts: Vec<ReceiptView>,
        pub bills: Vec<FoundBill>,
        pub bill_lines: Vec<FoundBillLine>,
        pub differences: Vec<FoundDifference>,
        pub people: Vec<Person>,
        pub subject: Option<FoundSubject>,
        /// Whether the numbers were found whole, not as a part of others.
        pub exact: bool,
        /// How long the search took, microseconds.
        pub micros: u32,
    }

    struct OpenRefund { pub order_id: OrderId }
    struct PreflightCheck {
        /// Stable name, e.g. remaining, age, count, interval, in_flight, payer_in_flight, balance, channel.
        pub name: String,
        pub level: CheckLevel,
        /// Short figure at the right: an amount, a count, a date.
        pub value: String,
        /// A sentence with the numbers it rests on, in Chinese.
        pub detail: String,
        /// The same in English.
        pub detail_en: String,
    }
    struct Preflight { pub checks: Vec<PreflightCheck>, pub checked_at: Timestamp, #[ts(type = "number")] pub millis: u64, /// Text for "expected arrival", in Chinese.
        pub arrival: String, /// The same in English.
        pub arrival_en: String }
    /// The form: the number is minted and stored when this is made.
    struct RefundForm {
        pub refund_no: String,
        pub order: OrderRow,
        pub account_name: String,
        pub refundable: Money,
        pub earlier: Vec<RefundRow>,
        pub preflight: Preflight,
        pub reason_codes: Vec<ReasonCode>,
        pub checkers: Vec<String>,
        pub checkers_required: u32,
        /// Who approves how much, for the amount being typed.
        pub bands: Vec<Band>,
        #[ts(type = "number")]
        pub approval_hours: i64,
        #[ts(type = "number")]
        pub cooling_off_seconds: i64,
        /// Version of the rules these come from; 0 are the defaults.
        pub rules_version: u32,
        /// Reasons that need a note for the checker.
        pub note_required: Vec<ReasonCode>,
        /// What the buyer reads unless the clerk writes something else.
        pub buyer_note: String,
        /// Present when an unfinished form or a pending request is revised.
        pub content: Option<RefundContent>,
    }
    /// How many people approve amounts up to a limit; the last band has none.
    struct Band {
        #[ts(type = "number | null")]
        pub up_to_minor: Option<i64>,
        pub checkers: u32,
    }
    /// A form that was closed before it was sent: kept as it stood, asked for by nobody.
    struct SaveDraft {
        pub refund_no: String,
        #[ts(type = "number | null")]
        pub amount_minor: Option<i64>,
        pub reason_code: ReasonCode,
        pub note: String,
        pub buyer_note: String,
    }
    /// Everything an approval covers, besides order, payee and account.
    struct RefundContent {
        #[ts(type = "number")]
        pub amount_minor: i64,
        pub reason_code: ReasonCode,
        /// For the checker; required.
        pub note: String,
        /// Shown to the payer; at most 80 characters.
        pub buyer_note: String,
    }
    struct PreflightRequest { pub refund_no: String, #[ts(type = "number")] pub amount_minor: i64 }
    struct RefundRequest {
        pub refund_no: String,
        pub content: RefundContent,
        /// What the form showed as left; a different figure refuses the request.
        #[ts(type = "number")]
        pub remaining_seen_minor: i64,
        /// Names of the warnings that were ticked.
        pub acknowledged: Vec<String>,
    }
    struct RefundRef { pub refund_no: String }
    struct RefundList { pub lane: RefundLane, /// A part of a number or of the note, or an amount.
        pub text: Option<String>, pub cursor: Option<String>, pub limit: u32 }
    struct RefundPage { pub rows: Vec<RefundRow>, pub next_cursor: Option<String>, #[ts(type = "number")] pub total: u64, pub sums: Vec<Sum>, pub as_of: Timestamp }
    /// One signed field as the checker reads it.
    struct SignedField { pub name: String, pub value: String, /// Value in the version approved or shown before, when it changed.
        pub before: Option<String> }
    struct ApprovalView { pub version: u32, pub checker: String, pub approved: bool, pub comment: String, pub at: Timestamp, /// False when a later change voided it.
        pub stands: bool }
    struct RefundView {
        pub row: RefundRow,
        pub content: RefundContent,
        pub version: u32,
        pub order: OrderRow,
        pub refundable_after: Money,
        /// 大写, CNY only.
        pub amount_in_words: Option<String>,
        pub fields: Vec<SignedField>,
        /// SM3 over the signed fields, 64 hex digits.
        pub digest: String,
        pub approvals: Vec<ApprovalView>,
        pub checkers_required: u32,
        pub may_approve: bool,
        /// Why not: an error code.
        pub may_not_because: Option<String>,
        pub preflight: Option<Preflight>,
        pub timeline: Vec<TimelineEvent>,
        pub received_account: Option<String>,
        pub channel_refund_id: Option<String>,
        /// The way it goes, as it was asked for.
        pub path: PathView,
        /// Every version, oldest first.
        pub versions: Vec<VersionView>,
        /// Paid orders of the same payer within a day of this one, this one among them.
        pub related: Vec<RelatedOrder>,
        /// The canonical text the digest is over.
        pub signed_text: String,
        /// Whether this person may take an approval back before it is sent.
        pub may_recall: bool,
    }
    struct PathView {
        pub checkers: u32,
        #[ts(type = "number")]
        pub approval_hours: i64,
        #[ts(type = "number")]
        pub cooling_off_seconds: i64,
    }
    struct VersionView { pub version: u32, pub editor: String, pub at: Timestamp, pub digest: String }
    struct RelatedOrder {
        pub order_id: OrderId,
        pub order_no: String,
        pub amount: Money,
        #[ts(type = "number")]
        pub refunded_minor: i64,
        pub goods: Option<String>,
        pub paid_at: Option<Timestamp>,
        /// The order this refund is of.
        pub this: bool,
    }
    struct Approve { pub refund_no: String, /// The digest that was on the screen.
        pub digest: String, pub comment: String }
    struct Reject { pub refund_no: String, pub digest: String, pub reason: String }
    /// How far the approval of one request is.
    struct QueueProgress { pub refund_no: String, pub version: u32, pub approved: u32, pub needed: u32 }
    struct ApprovalQueue { /// Approved, not sent yet, can be taken back.
        pub cooling: Vec<RefundRow>, pub progress: Vec<QueueProgress>, pub mine: Vec<RefundRow>, pub not_mine: Vec<NotMine>, pub unknown: Vec<RefundRow>, pub handled: Vec<RefundRow> }
    struct NotMine { pub row: RefundRow, pub because: String }

    /// Rules of the refund desk.
    struct DeskRules {
        pub bands: Vec<Band>,
        /// Hours a request waits for approval.
        #[ts(type = "number")]
        pub approval_hours: i64,
        /// Seconds between the last approval and the sending; 0 sends at once.
        #[ts(type = "number")]
        pub cooling_off_seconds: i64,
        /// Refunds one person may ask for in a Beijing day; null: no limit.
        pub daily_count_max: Option<u32>,
        /// Minor units one person may ask for in a Beijing day; null: no limit.
        #[ts(type = "number | null")]
        pub daily_sum_minor_max: Option<i64>,
        pub note_required: Vec<ReasonCode>,
        pub buyer_note: String,
    }
    struct RulesVersion { pub version: u32, pub rules: DeskRules, pub by: String, pub at: Timestamp, pub note: String }
    struct RulesView {
        pub rules: DeskRules,
        /// 0: the defaults, which nobody changed yet.
        pub version: u32,
        pub defaults: DeskRules,
        /// Newest first, at most 50.
        pub history: Vec<RulesVersion>,
        /// People who could approve now.
        pub checkers: u32,
    }
    struct SetRules { pub rules: DeskRules, /// The version that was on the screen; another refuses the change.
        pub version_seen: u32, pub note: String }
    /// What the timer does by itself.
    struct Schedule {
        /// Yesterday's bills are fetched without anybody asking.
        pub fetch_bills: bool,
        /// From this hour on, Beijing time, 10 to 23.
        pub fetch_hour: u32,
    }
    struct ScheduleVersion { pub version: u32, pub schedule: Schedule, pub by: String, pub at: Timestamp, pub note: String }
    struct ScheduleView { pub schedule: Schedule, pub version: u32, pub defaults: Schedule, pub history: Vec<ScheduleVersion> }
    struct SetSchedule { pub schedule: Schedule, pub version_seen: u32, pub note: String }

    struct AccessPerson {
        pub user_id: UserId,
        pub login: String,
        pub display_name: String,
        pub role: Role,
        pub rights: Vec<Permission>,
        pub disabled: bool,
        pub locked_until: Option<Timestamp>,
        pub created_at: Timestamp,
        pub last_sign_in: Option<Timestamp>,
        /// Whole days since the last sign-in.
        pub dormant_days: Option<u32>,
        pub live_sessions: u32,
        pub failed_sign_ins: u32,
        pub requested: u32,
        pub approved: u32,
        pub rejected: u32,
    }
    /// `n` and `limit`: the figures the finding rests on; the console words them by kind.
    struct AccessFinding { pub kind: FindingKind, pub severity: Severity, pub people: Vec<String>, pub n: u32, pub limit: u32 }
    struct AccessPair { pub maker: String, pub checker: String, pub approved: u32, /// Approvals of this maker's requests in all.
        pub of_maker: u32 }
    struct AccessReview {
        pub at: Timestamp,
        pub since: Timestamp,
        pub days: u32,
        /// Worst first.
        pub findings: Vec<AccessFinding>,
        /// What was looked for and not found.
        pub passed: Vec<FindingKind>,
        pub people: Vec<AccessPerson>,
        pub pairs: Vec<AccessPair>,
    }

    struct BillCalendarRequest { pub account_id: AccountId, pub days: u32 }
    struct BillDay { pub date: BusinessDate, pub trade: BillCell, pub fund_flow: BillCell }
    struct BillCell { pub status: BillStatus, pub bill_id: Option<BillId>, #[ts(type = "number")] pub rows: u64, pub days_left: Option<u32>, pub detail: Option<String>, pub fetched_at: Option<Timestamp>, pub next_try_at: Option<Timestamp> }
    struct BillCalendar { pub account_id: AccountId, pub days: Vec<BillDay> }
    struct FetchBill { pub account_id: AccountId, pub date: BusinessDate, pub kind: BillKind }
    /// Every bill of the last weeks that can be fetched; of one account, or of all.
    struct FetchMissing { pub account_id: Option<AccountId> }
    struct FetchMissingResult {
        /// Bills that are there now, or whose day had no trade.
        pub fetched: u32,
        /// Rows of those.
        #[ts(type = "number")]
        pub rows: u64,
        /// All others of this run.
        pub troubled: Vec<FetchMissingItem>,
        /// More could be fetched than one run does.
        pub left: u32,
        pub cancelled: bool,
        /// The same failure came several times in a row: the rest was not tried.
        pub stopped: bool,
    }
    /// Neither status nor error: it was not tried.
    struct FetchMissingItem { pub account_id: AccountId, pub date: BusinessDate, pub kind: BillKind, pub status: Option<BillStatus>, pub error: Option<ErrorView> }
    struct BillRef { pub bill_id: BillId }
    struct BillTotal {
        /// As it is printed in the file.
        pub name: String,
        /// Stable name the console words; empty for one this build does not know.
        #[serde(default)]
        pub code: String,
        pub trailer: String,
        pub counted: String,
        pub agrees: bool,
    }
    /// The file as text, from a line on.
    struct BillRawRequest { pub bill_id: BillId, #[ts(type = "number")] pub from_line: u64, pub limit: u32 }
    struct RawLine { #[ts(type = "number")] pub line_no: u64, pub text: String }
    struct BillRaw { pub lines: Vec<RawLine>, #[ts(type = "number | null")] pub next_line: Option<u64> }
    struct FileFault { #[ts(type = "number")] pub line: u64, pub column: Option<String>, pub field: Option<String>, pub problem: String, pub remedy: String }
    struct BillView {
        pub bill_id: Option<BillId>,
        pub account_id: AccountId,
        pub date: BusinessDate,
        pub kind: BillKind,
        pub status: BillStatus,
        #[ts(type = "number")]
        pub rows: u64,
        #[ts(type = "number")]
        pub bytes: u64,
        pub sha256: Option<String>,
        pub channel_hash: Option<String>,
        pub hash_verified: bool,
        pub totals: Vec<BillTotal>,
        pub faults: Vec<FileFault>,
        pub fetched_at: Option<Timestamp>,
        pub next_try_at: Option<Timestamp>,
        pub detail: Option<String>,
    }
    struct BillLinesRequest { pub bill_id: BillId, pub text: Option<String>, #[ts(type = "number | null")] pub after_line: Option<u64>, pub limit: u32 }
    struct BillLineView {
        #[ts(type = "number")]
        pub line_no: u64,
        pub kind: EntryKind,
        pub occurred_at: Timestamp,
        pub order_no: String,
        pub payment_id: String,
        pub refund_no: Option<String>,
        pub amount: Money,
        #[ts(type = "number")]
        pub fee_minor: i64,
        pub state_text: String,
        pub goods: String,
        /// The row's bytes as they stand in the file.
        pub raw: String,
    }
    struct BillLines { pub lines: Vec<BillLineView>, #[ts(type = "number | null")] pub next_after_line: Option<u64> }

    struct ImportBooks { pub account_id: AccountId, pub date: BusinessDate, pub file_token: String }
    struct BooksView {
        pub account_id: AccountId,
        pub date: BusinessDate,
        pub file_name: String,
        #[ts(type = "number")]
        pub rows: u64,
        pub sums: Vec<Sum>,
        pub faults: Vec<FileFault>,
        pub sha256: String,
        pub imported_at: Timestamp,
        pub imported_by: String,
        /// The same bytes were imported before; nothing changed.
        pub already_imported: bool,
    }
    /// A word of the books and what it means; `null`: not said yet.
    struct KindWord { pub word: String, pub kind: Option<EntryKind> }
    struct StateWord { pub word: String, pub state: Option<EntryState> }
    /// How books say what they say. A needed column that was not found is empty.
    struct BookMapping {
        pub kind_column: Option<String>,
        pub order_no_column: String,
        pub refund_no_column: Option<String>,
        /// The channel's own number, which is compared when the books have it.
        pub channel_no_column: Option<String>,
        pub amount_column: String,
        pub currency_column: Option<String>,
        pub status_column: String,
        pub created_at_column: String,
        pub kinds: Vec<KindWord>,
        pub statuses: Vec<StateWord>,
        pub amount_unit: BookAmountUnit,
        pub time_format: BookTimeFormat,
        pub constant_kind: Option<EntryKind>,
        pub constant_currency: Option<Currency>,
        /// Offset from UTC of times written without one, `+08:00`.
        pub zone: String,
        /// Of a workbook; `null`: the first.
        pub sheet: Option<String>,
    }
    struct MappingView { pub name: String, pub in_use: bool, pub mapping: BookMapping, pub edited_by: String, pub edited_at: Timestamp }
    struct BooksKeyView { pub name: String, pub fingerprint: String, pub added_by: String, pub added_at: Timestamp }
    /// How a database is reached; never the password.
    struct SqlSettings {
        pub engine: SqlEngine,
        pub host: String,
        pub port: u16,
        pub database: String,
        pub login: String,
        pub tls: SqlTls,
        /// Certificates that vouch for the server, PEM; `null`: the well-known authorities.
        pub ca_pem: Option<String>,
        /// One SELECT; `:day`, `:from` and `:to` stand for the day, its first instant and the next day's.
        pub query: String,
        /// The mapping of its columns; `null`: the one in use for the account.
        pub mapping: Option<String>,
        /// Offset from UTC of the database's times without one, `+08:00`.
        pub zone: String,
    }
    struct SourceView { pub name: String, pub settings: SqlSettings, pub edited_by: String, pub edited_at: Timestamp }
    /// Every way an account's books can be read.
    struct BooksWays { pub mappings: Vec<MappingView>, pub sources: Vec<SourceView>, pub keys: Vec<BooksKeyView> }
    /// The books as they stand; without a mapping one is proposed.
    struct PreviewBooks { pub file_token: String, pub mapping: Option<BookMapping> }
    struct PreviewEntry {
        pub kind: EntryKind,
        pub order_no: String,
        pub refund_no: Option<String>,
        pub channel_no: Option<String>,
        pub amount: Money,
        pub state: EntryState,
        pub state_text: String,
        pub created_at: Timestamp,
    }
    /// A row as the engine reads it, or why it does not.
    struct PreviewRow { #[ts(type = "number")] pub line_no: u64, pub entry: Option<PreviewEntry>, pub fault: Option<FileFault> }
    /// A word of a column and how often it stands there.
    struct WordCount { pub word: String, #[ts(type = "number")] pub count: u64 }
    struct BooksPreview {
        pub name: String,
        pub format: BooksFormat,
        pub sheets: Vec<String>,
        pub columns: Vec<String>,
        pub mapping: BookMapping,
        /// The first rows.
        pub rows: Vec<PreviewRow>,
        pub kind_words: Vec<WordCount>,
        pub status_words: Vec<WordCount>,
        /// How many rows were looked at for the words and the count of faults.
        #[ts(type = "number")]
        pub looked_at: u64,
        #[ts(type = "number")]
        pub refused: u64,
        /// Why nothing can be read with this mapping yet.
        pub problem: Option<FileFault>,
    }
    struct SaveMapping { pub account_id: AccountId, pub name: String, pub mapping: BookMapping, /// Read the account's books with it from now on.
        pub use_it: bool }
    struct MappingRef { pub account_id: AccountId, pub name: String }
    /// `null`: the default ledger file.
    struct UseMapping { pub account_id: AccountId, pub name: Option<String> }
    struct FileRef { pub file_token: String }
    struct SaveSource { pub account_id: AccountId, pub name: String, pub settings: SqlSettings, /// `null` keeps the one there.
        pub password: Option<String> }
    struct SourceRef { pub account_id: AccountId, pub name: String }
    struct SourceDay { pub account_id: AccountId, pub date: BusinessDate, pub name: String }
    struct AddBooksKey { pub account_id: AccountId, pub name: String, pub file_token: String }
    struct DayRef { pub account_id: AccountId, pub date: BusinessDate }

    struct CodeCount { pub code: DifferenceCode, #[ts(type = "number")] pub count: u64, #[ts(type = "number")] pub channel_minor: i64, #[ts(type = "number")] pub ledger_minor: i64 }
    struct WaterfallStep { /// channel_net, a difference code, waiting, ledger_net or residual.
        pub name: String, #[ts(type = "number")] pub minor: i64, #[ts(type = "number")] pub count: u64 }
    struct ReconView {
        pub run_id: RunId,
        pub account_id: AccountId,
        pub date: BusinessDate,
        pub number: u32,
        pub finished_at: Timestamp,
        #[ts(type = "number")]
        pub millis: u64,
        pub run_by: String,
        #[ts(type = "number")]
        pub matched: u64,
        #[ts(type = "number")]
        pub waiting: u64,
        #[ts(type = "number")]
        pub bill_rows: u64,
        #[ts(type = "number")]
        pub ledger_rows: u64,
        pub counts: Vec<CodeCount>,
        /// Of the residual's currency.
        pub waterfall: Vec<WaterfallStep>,
        /// Of every further currency: never added to the first.
        pub other_waterfalls: Vec<CurrencyWaterfall>,
        pub residual: Money,
        pub run_digest: String,
        #[ts(type = "number")]
        pub open_differences: u64,
        /// By which rules; absent for a run of an older program.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub terms: Option<RunTermsView>,
    }
    /// What a day has before it can be reconciled.
    struct ReconDay { pub bill: BillView, pub books: Option<BooksView>, pub runs: Vec<ReconView> }
    struct CurrencyWaterfall { pub currency: Currency, pub steps: Vec<WaterfallStep> }
    struct ExportRun { pub run_id: RunId, /// Headings in English.
        #[serde(default)] pub english: bool }
    struct RunRef { pub run_id: RunId }
    struct PoolRef { pub account_id: AccountId, pub date: BusinessDate }
    /// One of the counters over everything open of an account, whatever its day.
    struct PoolCounter {
        #[ts(type = "number")]
        pub count: u64,
        /// Channel less books, by currency.
        pub sums: Vec<Sum>,
        /// Of the day asked about.
        #[ts(type = "number")]
        pub of_day: u64,
        pub oldest_days: Option<u32>,
    }
    struct PoolView { pub waiting: PoolCounter, pub broken: PoolCounter, pub overdue: PoolCounter, pub suspended: PoolCounter, /// What waits for a second person.
        pub pending: PoolCounter, /// Suspended ones whose date is today.
        #[ts(type = "number")] pub due_today: u64, pub forecast: ForecastView, pub ages: Vec<PoolAge>, pub as_of: Timestamp }
    /// Open differences of an account over all days. A whole number of either side, the channel's included, finds its rows; anything else is looked for within the numbers.
    struct PoolSearch { pub account_id: AccountId, pub status: Option<DifferenceStatus>, pub codes: Vec<DifferenceCode>, pub text: Option<String>, /// The oldest day first unless said otherwise; `position` says the same.
        #[serde(default)] #[ts(optional = nullable)] pub sort: Option<DifferenceSort>, pub cursor: Option<String>, pub limit: u32 }
    /// A whole number of either side, the channel's included, finds its rows; anything else is looked for within the numbers.
    struct DifferenceSearch { pub run_id: RunId, pub codes: Vec<DifferenceCode>, pub disposition: Option<Disposition>, pub text: Option<String>, /// In the run's order unless said otherwise.
        #[serde(default)] #[ts(optional = nullable)] pub sort: Option<DifferenceSort>, pub cursor: Option<String>, pub limit: u32 }
    struct SideView { pub amount: Money, pub state_text: String, pub at: Option<Timestamp>, pub number: String, #[ts(type = "number")] pub line_no: u64, /// The raw row.
        pub raw: Option<String> }
    struct DifferenceRow {
        pub difference_id: DifferenceId,
        pub date: BusinessDate,
        pub code: DifferenceCode,
        pub bucket: DifferenceBucket,
        pub status: DifferenceStatus,
        pub kind: EntryKind,
        pub number: String,
        pub order_id: Option<OrderId>,
        pub channel: Option<SideView>,
        pub ledger: Option<SideView>,
        /// Channel minus ledger.
        pub gap: Money,
        pub age_days: u32,
        pub disposition: Disposition,
        pub owner: Option<String>,
        pub due_date: Option<BusinessDate>,
        pub note: Option<String>,
        /// Name of the first thing to do: query_channel, compare_totals, drop_duplicate, wait, refund.
        pub suggestion: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub fee: Option<FeeView>,
        /// The day in whose bill or books the other side should be at the latest.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub expected_date: Option<BusinessDate>,
    }
    struct DifferencePage { pub rows: Vec<DifferenceRow>, pub next_cursor: Option<String>, #[ts(type = "number")] pub total: u64 }
    struct DifferenceRef { pub difference_id: DifferenceId }
    struct DifferenceDetail { pub row: DifferenceRow, pub bill_sha256: Option<String>, pub books_sha256: Option<String>, pub likely_cause: String, pub order: Option<OrderRow>, /// The last time the channel was asked about the order.
        pub queried: Option<TimelineEvent>, /// The last notice of the channel about it.
        pub noticed: Option<TimelineEvent>, /// Others of the same kind in the same run.
        #[ts(type = "number")] pub alike: u64,
        /// What a person may do about it as it stands.
        pub choices: Vec<ResolutionKind>,
        /// Everything done about it, the oldest first.
        pub history: Vec<ResolutionView> }
    /// An evidence pack: a ZIP with a manifest of its parts.
    struct EvidenceFile { pub file: FileView, /// Of the whole ZIP.
        pub sha256: String, /// With the manifest.
        pub parts: u32 }
    /// At most 500. The owner and the due date are for kinds that leave it with somebody, the label for
    /// `relabel`.
    struct ResolveDifferences { pub difference_ids: Vec<DifferenceId>, pub kind: ResolutionKind, pub reason: String, pub owner_id: Option<UserId>, pub due_date: Option<BusinessDate>, pub label: Option<String> }
    /// At most 500.
    struct DecideResolutions { pub resolution_ids: Vec<ResolutionId>, pub approve: bool, /// Needed to say no.
        pub note: String }
    /// At most 500.
    struct ReverseResolutions { pub difference_ids: Vec<DifferenceId>, pub reason: String }
    struct ResolutionSearch { pub account_id: Option<AccountId>, pub state: Option<ResolutionState>, pub text: Option<String>, pub cursor: Option<String>, pub limit: u32 }
    struct ResolutionPage { pub rows: Vec<ResolutionView>, pub next_cursor: Option<String>, #[ts(type = "number")] pub total: u64 }
    /// One entry of the ledger of resolutions; an entry is never changed, only reversed by another.
    struct ResolutionView {
        pub resolution_id: ResolutionId,
        pub difference_id: DifferenceId,
        pub account_id: AccountId,
        pub date: BusinessDate,
        pub code: DifferenceCode,
        pub entry_kind: EntryKind,
        pub number: String,
        pub kind: ResolutionKind,
        /// Channel less books; the opposite sign in a reversing entry.
        pub amount: Money,
        pub owner: Option<String>,
        pub due_date: Option<BusinessDate>,
        pub reason: String,
        pub label: Option<String>,
        /// Of a cross-day entry: the day and the line of the other side.
        pub other_date: Option<BusinessDate>,
        #[ts(type = "number | null")]
        pub other_line: Option<u64>,
        pub reverses: Option<ResolutionId>,
        pub state: ResolutionState,
        pub second_person: bool,
        pub proposed_by: String,
        pub proposed_at: Timestamp,
        pub decided_by: Option<String>,
        pub decided_at: Option<Timestamp>,
        pub decision_note: Option<String>,
        pub may_decide: bool,
        pub may_not_because: Option<String>,
    }
    struct BatchResult { pub done: u32, pub failed: Vec<BatchFailure>, /// Sizes of the gaps, by currency.
        pub sums: Vec<Sum> }
    struct BatchFailure { pub id: String, pub number: Option<String>, pub code: String, pub params: std::collections::BTreeMap<String, String> }
    struct People { pub people: Vec<Person> }

    /// The other two legs of a day: trade bill and fund flow, fund flow and bank.
    struct FlowDay {
        pub account_id: AccountId,
        pub date: BusinessDate,
        pub state: FlowState,
        pub locked: bool,
        pub currency: Currency,
        /// Vouchers that tie to the last minor unit.
        #[ts(type = "number")]
        pub tied: u64,
        #[ts(type = "number")]
        pub trade_rows: u64,
        #[ts(type = "number")]
        pub flow_rows: u64,
        pub tied_at: Option<Timestamp>,
        /// Null when the program tied by itself after a bill came in.
        pub tied_by: Option<String>,
        pub balance: Option<FlowBalance>,
        pub opening: OpeningFact,
        /// Where the day before ended.
        pub closing_before: Option<Money>,
        /// From the channel's gross to the closing balance, the bank's share named; empty until tied.
        pub waterfall: Vec<WaterfallStep>,
        pub residual: Money,
        /// The first 200.
        pub findings: Vec<FlowFinding>,
        #[ts(type = "number")]
        pub findings_total: u64,
        /// Of them, those nobody and no rule has named.
        #[ts(type = "number")]
        pub findings_open: u64,
        pub withdrawals: Vec<Withdrawal>,
        /// Withdrawals the bank's statement holds.
        #[ts(type = "number")]
        pub at_bank: u64,
        /// Bank lines near the day that belong to no withdrawal yet: what a person may choose from.
        pub open_lines: Vec<BankLine>,
        /// Withdrawals near the day that no bank line holds yet.
        pub open_payouts: Vec<OpenPayout>,
        /// Statements that stand for this account.
        #[ts(type = "number")]
        pub statements: u64,
    }
    struct FlowBreak { #[ts(type = "number")] pub line: u64, pub expected: Money, pub printed: Money }
    struct FlowBalance { pub opening: Money, pub closing: Money, #[ts(type = "number")] pub breaks: u64, pub first_break: Option<FlowBreak> }
    struct FlowFinding {
        pub code: FlowCode,
        pub business_no: String,
        /// Gross less fee by the trade bill.
        pub expected: Money,
        /// What the account moved.
        pub booked: Money,
        /// Booked less expected.
        pub difference: Money,
        #[ts(type = "number | null")]
        pub trade_line: Option<u64>,
        #[ts(type = "number[]")]
        pub flow_lines: Vec<u64>,
        /// The channel's word for the movement, and its remark.
        pub word: String,
        pub remark: String,
        pub name: Option<FlowName>,
        /// Null when a rule named it.
        pub name_id: Option<FlowNameId>,
        pub named_by: Option<String>,
        pub named_at: Option<Timestamp>,
        pub reason: Option<String>,
        /// Where the refund that came back stands in an earlier trade bill.
        pub earlier: Option<EarlierLine>,
    }
    struct EarlierLine { pub date: BusinessDate, #[ts(type = "number")] pub line_no: u64 }
    struct BankLine { pub statement_id: BankStatementId, pub file_name: String, #[ts(type = "number")] pub line_no: u64, pub day: BusinessDate, pub amount: Money, pub text: String, pub counterparty: String, pub serial_no: String }
    struct OpenPayout { /// Day and number.
        pub key: String, pub date: BusinessDate, pub business_no: String, pub amount: Money, pub state: BankState }
    struct Withdrawal {
        /// Day and number.
        pub key: String,
        pub business_no: String,
        pub amount: Money,
        #[ts(type = "number")]
        pub flow_line: u64,
        pub state: BankState,
        pub because: Option<BankReason>,
        /// The bank's lines that hold it.
        pub lines: Vec<BankLine>,
        /// Other withdrawals in the same lines.
        pub together_with: Vec<String>,
        pub confirmation_id: Option<BankConfirmationId>,
        pub confirmed_by: Option<String>,
        pub reason: Option<String>,
    }
    struct FlowEntryRef { pub code: FlowCode, pub business_no: String, /// Its first line in the fund flow, 0 without one.
        #[ts(type = "number")] pub flow_line: u64 }
    /// At most 200.
    struct NameEntries { pub account_id: AccountId, pub date: BusinessDate, pub entries: Vec<FlowEntryRef>, pub name: FlowName, pub reason: String }
    struct UnnameEntry { pub name_id: FlowNameId, pub reason: String }
    struct ImportBank { pub account_id: AccountId, pub file_token: String }
    struct BankColumn { /// day, credit, debit, amount, direction, balance, serial, text or counterparty.
        pub field: String, pub column: String }
    struct BankStatementView {
        pub statement_id: BankStatementId,
        pub file_name: String,
        pub sha256: String,
        pub encoding: String,
        pub columns: Vec<BankColumn>,
        #[ts(type = "number")]
        pub rows: u64,
        pub faults: Vec<FileFault>,
        #[ts(type = "number")]
        pub fault_count: u64,
        pub first_day: BusinessDate,
        pub last_day: BusinessDate,
        pub imported_by: String,
        pub imported_at: Timestamp,
        /// The same bytes stood before; nothing changed.
        pub already_imported: bool,
    }
    struct BankStatements { pub account_id: AccountId, /// The newest 200.
        pub statements: Vec<BankStatementView> }
    struct WithdrawBank { pub account_id: AccountId, pub statement_id: BankStatementId, pub reason: String }
    struct BankLineRef { pub statement_id: BankStatementId, #[ts(type = "number")] pub line_no: u64 }
    /// These lines are these withdrawals; both sides must add up to the same.
    struct ConfirmBank { pub account_id: AccountId, pub date: BusinessDate, pub lines: Vec<BankLineRef>, pub payouts: Vec<String>, pub reason: String }
    struct UndoBank { pub account_id: AccountId, pub date: BusinessDate, pub confirmation_id: BankConfirmationId, pub reason: String }
    /// What the desk does about the fund flow and the bank.
    struct ThreeWayRules {
        /// Money going out under one of these words of the channel is a withdrawal.
        pub withdrawal_words: Vec<String>,
        /// Bank lines with one of these words come from the channel; where none has, all are looked at.
        pub bank_words: Vec<String>,
        /// A withdrawal is looked for at the bank for so many days, 0 to 10.
        pub bank_days: u32,
        /// A withdrawal that is not found keeps the day open.
        pub bank_blocks_close: bool,
    }
    struct ThreeWayVersion { pub version: u32, pub rules: ThreeWayRules, pub by: String, pub at: Timestamp, pub note: String }
    struct ThreeWayView { pub rules: ThreeWayRules, pub version: u32, pub defaults: ThreeWayRules, pub history: Vec<ThreeWayVersion> }
    struct SetThreeWay { pub rules: ThreeWayRules, pub version_seen: u32, pub note: String }

    struct CloseDay { pub date: BusinessDate }
    struct ExportClose { pub account_id: AccountId, pub date: BusinessDate, /// Headings and sentences in English.
        #[serde(default)] pub english: bool }
    /// A day's close report, locked or not.
    struct CloseReportAsk { pub account_id: AccountId, pub date: BusinessDate, /// Headings and sentences in English.
        #[serde(default)] pub english: bool }
    struct CloseReportRequest { pub account_id: AccountId, pub date: BusinessDate, pub format: CloseReportFormat, /// Headings and sentences in English.
        #[serde(default)] pub english: bool }
    /// What the report shows, piece by piece, with at most 100 rows of each table.
    struct CloseReportView { pub title: String, pub subtitle: String, pub digest: Option<String>, /// Locked: the report is the last word on the day.
        pub last_word: bool, /// What stands across each page of one that is not.
        pub mark: Option<String>, pub parts: Vec<ReportPart> }
    struct ReportPart { pub heading: String, pub facts: Vec<ReportFact>, pub columns: Vec<ReportHead>, pub rows: Vec<Vec<String>>, /// Rows of the table in all.
        #[ts(type = "number")] pub rows_in_all: u64, pub note: Option<String> }
    struct ReportFact { pub name: String, pub value: String }
    struct ReportHead { pub title: String, pub right: bool }
    /// A written report; a PDF was verified again before it is handed out.
    struct CloseReportFile { pub file: FileView, pub sha256: String, pub digest: Option<String>, pub last_word: bool, pub pages: Option<u32> }
    struct CloseCheck { pub kind: CloseCheckKind, pub passed: bool, pub figure: String, pub detail: String, pub checked_at: Option<Timestamp>, pub checked_by: Option<String>,
        /// Does not hold, and the house's rules let the day close all the same.
        #[serde(default)] pub warning: bool }
    struct CloseSignature { pub person: String, pub user_id: UserId, pub role: Role, pub at: Timestamp, pub digest: String, pub note: String }
    struct CloseView {
        pub account: AccountBrief,
        pub date: BusinessDate,
        pub status: CloseStatus,
        pub checks: Vec<CloseCheck>,
        /// opening + collected − refunded − fees = closing, from the fund-flow bill; null until it is there.
        pub balance: Option<BalanceLine>,
        pub digest: Option<String>,
        pub maker: Option<CloseSignature>,
        pub checker: Option<CloseSignature>,
        pub suspended: Vec<DifferenceRow>,
        pub may_sign: bool,
        pub may_not_because: Option<String>,
        /// The wish to open the closed day again, while nobody has decided.
        pub reopening: Option<ReopeningView>,
        /// Closes of this day that were opened again, the first one first.
        pub closed_before: Vec<ClosedBeforeView>,
    }
    struct ReopeningView { pub reason: String, pub requested_by: String, pub requested_at: Timestamp, pub may_decide: bool, /// The person asking made it.
        pub own: bool }
    struct ClosedBeforeView { pub version: u32, pub locked_at: Timestamp, pub digest: String, pub maker: String, pub checker: String, pub reason: String, pub requested_by: String, pub reopened_by: String, pub reopened_at: Timestamp }
    struct BalanceLine { pub opening: Money, pub collected: Money, pub refunded: Money, pub fees: Money, pub other: Money, pub closing: Money,
        /// What of the other movements went to the bank, positive; null until the fund flow is tied.
        #[serde(default)] pub withdrawn: Option<Money> }
    struct CloseBoard { pub date: BusinessDate, pub accounts: Vec<CloseView> }
    struct SignDay { pub account_id: AccountId, pub date: BusinessDate, /// The digest that was on the screen.
        pub digest: String, pub note: String }
    struct ReturnDay { pub account_id: AccountId, pub date: BusinessDate, pub reason: String }

    /// How the desk stands: the latest day whose bills are due, and what waits for people.
    struct DeskOverview {
        /// The latest day whose bills are due.
        pub business_date: BusinessDate,
        pub today: BusinessDate,
        pub as_of: Timestamp,
        /// Collected from the orders made on the business date, by currency.
        pub collected: Vec<Sum>,
        /// Refunded for good of the orders made on the business date, by currency.
        pub refunded: Vec<Sum>,
        /// What the business date's reconciliations could not explain, sign left out, by currency.
        pub residuals: Vec<Money>,
        /// Accounts whose business date is reconciled with the files that stand now.
        pub reconciled: u32,
        /// Unsettled differences of all days and accounts.
        pub pool: DeskPool,
        /// Requests this person may decide.
        pub approvals_mine: u32,
        /// Requests others must decide.
        pub approvals_other: u32,
        /// When the first of those this person may decide expires.
        pub approvals_expire_at: Option<Timestamp>,
        /// Those with the least time left, one's own first.
        pub approvals: Vec<DeskApproval>,
        pub unknown: u32,
        pub unknown_sums: Vec<Sum>,
        pub unknown_next_query_at: Option<Timestamp>,
        /// Accounts to close, in the order of the accounts.
        pub accounts: Vec<DeskAccount>,
        /// Days of the gap map, oldest first, each account's days in the same order.
        pub gaps: DeskGaps,
        /// Ages of unsettled differences: 0–1, 2–3, 4–7, 8–30, over 30 days.
        pub ages: Vec<DeskAge>,
    }
    /// The three counters over the whole pool; waiting is no error.
    struct DeskPool {
        #[ts(type = "number")]
        pub waiting: u64,
        #[ts(type = "number")]
        pub broken: u64,
        #[ts(type = "number")]
        pub overdue: u64,
        /// The oldest day with something broken or overdue, and its account: where to begin.
        pub first: Option<DayRef>,
    }
    struct DeskApproval { pub row: RefundRow, /// Why this person may not decide it: an error code.
        pub because: Option<String> }
    struct DeskAccount {
        pub account: AccountBrief,
        /// Bills of the business date that are there, of two.
        pub bills_settled: u32,
        /// The worse word of the two bills.
        pub bill_status: BillStatus,
        /// For `lost_soon`.
        pub bill_days_left: Option<u32>,
        /// When the missing bill is asked for next.
        pub bill_next_try_at: Option<Timestamp>,
        /// Rows of the trade bill; null until it is there.
        #[ts(type = "number | null")]
        pub bill_rows: Option<u64>,
        /// Pairs that agree; null until reconciled.
        #[ts(type = "number | null")]
        pub matched: Option<u64>,
        /// Matched of bill rows in hundredths of a percent, rounded down; null without rows.
        pub match_basis_points: Option<u32>,
        pub pool: DeskPool,
        pub residual: Option<Money>,
        pub close: CloseStatus,
        pub closed_at: Option<Timestamp>,
        pub action: DeskAction,
        /// The right the action needs; null for looking.
        pub needs: Option<Permission>,
        /// Why this person does not do it: an error code; null when it is theirs.
        pub not_mine_because: Option<String>,
    }
    struct DeskGaps {
        pub accounts: Vec<DeskGapRow>,
        /// Bills by word, over all accounts, days and both kinds.
        pub counts: Vec<BillCount>,
        /// Bills that can be fetched now.
        pub fetchable: u32,
        /// Least days before one of them is lost.
        pub least_days_left: Option<u32>,
        pub first: BusinessDate,
        pub last: BusinessDate,
    }
    struct DeskGapRow { pub account_id: AccountId, pub days: Vec<DeskGapDay> }
    struct DeskGapDay { pub trade: BillStatus, pub fund_flow: BillStatus, /// The worse word of the two: what the map shows.
        pub worse: BillStatus, /// Before the bill that is missing is lost.
        pub days_left: Option<u32> }
    struct BillCount { pub status: BillStatus, pub count: u32 }
    struct DeskAge {
        pub from_days: u32,
        /// Null: no end.
        pub to_days: Option<u32>,
        #[ts(type = "number")]
        pub waiting: u64,
        #[ts(type = "number")]
        pub broken: u64,
        #[ts(type = "number")]
        pub overdue: u64,
    }
    /// Collected and refunded of thirty days, one series a currency.
    struct DeskMonth { pub first: BusinessDate, pub last: BusinessDate, pub series: Vec<DeskSeries>, /// Days whose trade bill is missing for one account or more: their figures are not whole.
        pub partial: Vec<DeskPartial>, pub as_of: Timestamp }
    struct DeskSeries { pub currency: Currency, pub days: Vec<DeskDay> }
    struct DeskDay {
        pub date: BusinessDate,
        #[ts(type = "number")]
        pub collected_minor: i64,
        #[ts(type = "number")]
        pub collected_count: u64,
        #[ts(type = "number")]
        pub refunded_minor: i64,
        #[ts(type = "number")]
        pub refunded_count: u64,
        /// Refunded of collected in hundredths of a percent, rounded down; null when nothing was collected.
        #[ts(type = "number | null")]
        pub rate_basis_points: Option<u64>,
    }
    struct DeskPartial { pub account_id: AccountId, pub days: Vec<BusinessDate> }

    struct IssueReceipt { pub order_id: OrderId }
    struct ReceiptView {
        pub receipt_id: ReceiptId,
        pub serial_no: String,
        pub order_id: OrderId,
        pub order_no: String,
        pub amount: Money,
        pub payer_masked: Option<String>,
        pub issued_at: Timestamp,
        pub issued_by: String,
        pub signer: String,
        pub sha256: String,
        #[ts(type = "number")]
        pub bytes: u64,
        /// This order already had a receipt; that one is returned, no second is made.
        pub already_issued: bool,
    }
    struct ReceiptRef { pub receipt_id: ReceiptId }
    struct ReceiptSearch { pub text: Option<String>, pub cursor: Option<String>, pub limit: u32 }
    struct ReceiptPage { pub rows: Vec<ReceiptView>, pub next_cursor: Option<String>, #[ts(type = "number")] pub total: u64 }
    struct FileView { pub file_token: String, pub name: String, #[ts(type = "number")] pub size: u64 }
    struct VerifyReceipt { pub file_token: String }
    struct ReceiptCheckView { pub rule: u32, pub name: String, pub passed: bool, pub detail_zh: String, pub detail_en: String }
    struct ReceiptField { pub name: String, pub value: String }
    struct ReceiptVerification {
        pub file_name: String,
        #[ts(type = "number")]
        pub bytes: u64,
        pub verdict: ReceiptVerdict,
        pub valid: bool,
        pub checks: Vec<ReceiptCheckView>,
        pub fields: Vec<ReceiptField>,
        pub signer: Option<String>,
        pub signed_at: Option<Timestamp>,
        pub digest: Option<String>,
        #[ts(type = "number")]
        pub millis: u64,
        /// One of ours, by its serial number and digest.
        pub ours: Option<ReceiptView>,
    }

    /// Empty fields leave nothing out. Text is forgiving: several words, in any order.
    struct AuditSearch {
        pub text: Option<String>,
        /// Who, by name as shown.
        pub actor: Option<String>,
        /// An action, or a whole room as `room.`.
        pub action: Option<String>,
        /// Kind or number of the object, or a part of it.
        pub object: Option<String>,
        pub date_from: Option<BusinessDate>,
        pub date_to: Option<BusinessDate>,
        /// Only what did not go through.
        pub refused: bool,
        #[ts(type = "number | null")]
        pub before_seq: Option<i64>,
        pub limit: u32,
    }
    /// The choices of the audit filters.
    struct AuditNames { pub actors: Vec<String>, pub actions: Vec<String> }
    struct AuditRowView {
        #[ts(type = "number")]
        pub seq: i64,
        pub at: Timestamp,
        pub actor: String,
        pub role: Option<Role>,
        pub device: String,
        pub action: String,
        pub object: String,
        pub before_digest: Option<String>,
        pub after_digest: Option<String>,
        pub reason: Option<String>,
        pub result: String,
        pub hash: String,
    }
    struct AuditPage { pub rows: Vec<AuditRowView>, #[ts(type = "number | null")] pub next_before_seq: Option<i64>, #[ts(type = "number")] pub total: u64 }
    struct AuditVerdict { pub verified: bool, #[ts(type = "number")] pub rows: u64, #[ts(type = "number | null")] pub broken_seq: Option<i64>, pub problem: Option<String>, pub head: Option<String> }

    /// Two files, no account: reconcile and show.
    struct CompareFiles { pub bill_token: String, pub ledger_token: String, /// A mapping file; absent: the default header.
        #[serde(default)] #[ts(optional = nullable)] pub mapping_token: Option<String>, /// The key file of encrypted books.
        #[serde(default)] #[ts(optional = nullable)] pub key_token: Option<String> }
    struct CompareView {
        #[ts(type = "number")]
        pub matched: u64,
        #[ts(type = "number")]
        pub bill_rows: u64,
        #[ts(type = "number")]
        pub ledger_rows: u64,
        pub counts: Vec<CodeCount>,
        pub residual: Money,
        pub run_digest: String,
        #[ts(type = "number")]
        pub waiting: u64,
        pub waterfalls: Vec<CurrencyWaterfall>,
        pub bill_name: String,
        pub ledger_name: String,
        pub bill_faults: Vec<FileFault>,
        pub ledger_faults: Vec<FileFault>,
        /// Rows of both files that could not be read; the faults name the first of them.
        #[ts(type = "number")]
        pub refused_rows: u64,
        #[ts(type = "number")]
        pub millis: u64,
        /// differences.csv
        pub file: FileView,
    }

    /// Archived bills of a range of days, both included; at most a year.
    struct BillRange { pub account_id: AccountId, pub date_from: BusinessDate, pub date_to: BusinessDate }
    struct StartExport { pub source: ExportSource, pub format: ExportFormat, pub language: FileLanguage, pub negative: NegativeStyle }
    /// A file made to take along.
    struct ExportView {
        pub export_id: ExportId,
        pub kind: ExportKind,
        pub format: ExportFormat,
        pub file_name: String,
        pub state: ExportState,
        #[ts(type = "number")]
        pub rows: u64,
        /// Rows whose file is gone or changed, archives only.
        #[ts(type = "number")]
        pub problems: u64,
        /// Of its main amount, by currency.
        pub sums: Vec<Sum>,
        #[ts(type = "number")]
        pub bytes: u64,
        pub sha256: Option<String>,
        pub error: Option<ErrorView>,
        pub created_by: String,
        pub created_at: Timestamp,
        pub finished_at: Option<Timestamp>,
        /// When the file goes; the row stays.
        pub expires_at: Timestamp,
        /// Its piece of long work, while it runs.
        pub task_id: String,
        pub mine: bool,
    }
    struct ExportSearch { pub cursor: Option<String>, pub limit: u32 }
    struct ExportList { pub exports: Vec<ExportView>, pub next_cursor: Option<String> }
    struct ExportRef { pub export_id: ExportId }

    /// Which orders get receipts: those named, or those of a search; at most 500.
    struct IssueBatch { pub order_ids: Vec<OrderId>, pub search: Option<OrderSearch>, pub title: String }
    struct BatchView {
        pub batch_id: ReceiptBatchId,
        #[ts(type = "number")]
        pub number: u64,
        pub title: String,
        pub state: BatchState,
        #[ts(type = "number")]
        pub total: u64,
        /// Made, signed and verified again by this batch.
        #[ts(type = "number")]
        pub issued: u64,
        /// Had theirs before; none was added.
        #[ts(type = "number")]
        pub already: u64,
        #[ts(type = "number")]
        pub failed: u64,
        pub created_by: String,
        pub created_at: Timestamp,
        pub finished_at: Option<Timestamp>,
        pub task_id: String,
        pub mine: bool,
    }
    struct BatchList { pub batches: Vec<BatchView> }
    struct BatchRef { pub batch_id: ReceiptBatchId }
    struct BatchRowsRequest { pub batch_id: ReceiptBatchId, pub outcome: Option<BatchOutcome>, pub cursor: Option<String>, pub limit: u32 }
    struct BatchRowView {
        #[ts(type = "number")]
        pub position: u64,
        pub order_id: OrderId,
        pub order_no: String,
        pub amount: Money,
        pub outcome: BatchOutcome,
        pub serial_no: Option<String>,
        pub receipt_id: Option<ReceiptId>,
        pub error: Option<ErrorView>,
    }
    struct BatchRows { pub rows: Vec<BatchRowView>, pub next_cursor: Option<String> }

    /// A piece of long work.
    struct TaskView {
        pub task_id: String,
        /// Its kind, e.g. bill_fetch, demo; the console words it.
        pub kind: String,
        /// What it works on: a date, a file's name.
        pub subject: String,
        /// Stable name of the present step.
        pub label: String,
        /// Units done: rows, files, steps, by kind.
        #[ts(type = "number")]
        pub done: u64,
        /// Units in all, when known.
        #[ts(type = "number | null")]
        pub total: Option<u64>,
        /// No more will follow.
        pub finished: bool,
        pub state: TaskState,
        pub can_pause: bool,
        pub can_cancel: bool,
        /// Told to cancel, and not yet ended.
        pub stopping: bool,
        pub started_at: Timestamp,
        pub started_by: String,
        /// Whoever may stop it besides an administrator; null for the program's own timers.
        pub owner_id: Option<UserId>,
        /// Time worked, without pauses: the base of rate and time left.
        #[ts(type = "number")]
        pub worked_millis: u64,
        pub ended_at: Option<Timestamp>,
        pub error: Option<ErrorView>,
    }
    struct TaskList { pub tasks: Vec<TaskView> }
    struct TaskRef { pub task_id: String }

    /// An error as the console gets it.
    struct ErrorView {
        pub code: String,
        pub message: String,
        pub remedy: String,
        pub retry: Retry,
        #[ts(type = "Record<string, string>")]
        pub params: std::collections::BTreeMap<String, String>,
    }
}

impl Badges {
    /// Nothing waits.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            refunds_unknown: 0,
            approvals_waiting: 0,
            differences_open: 0,
            bills_missing: 0,
            keys_due: 0,
        }
    }
}

/// What is exported: the search of a page, or files. Its cursor and limit are ignored: all of it is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(tag = "kind", rename_all = "snake_case")]
pub enum ExportSource {
    /// Orders of a search.
    Orders(OrderSearch),
    /// Refunds of a lane.
    Refunds(RefundList),
    /// Differences of a run.
    Differences(DifferenceSearch),
    /// Open differences of an account over all days.
    Pool(PoolSearch),
    /// The ledger of everything done about differences.
    Resolutions(ResolutionSearch),
    /// Rows of one bill.
    BillLines(BillLinesRequest),
    /// The index of issued receipts.
    Receipts(ReceiptSearch),
    /// Rows of the audit log.
    Audit(AuditSearch),
    /// The whole audit chain, to be verified elsewhere.
    AuditChain {},
    /// Issued receipts themselves, with an index.
    ReceiptFiles(ReceiptSearch),
    /// Archived bills themselves, with an index.
    BillArchive(BillRange),
}

/// What the core tells every open window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[ts(tag = "type", rename_all = "snake_case")]
pub enum AppEvent {
    /// Cached replies with these tags are out of date.
    Stale {
        /// Tags as declared by the procedures.
        tags: Vec<Tag>,
    },
    /// Long work moved.
    Progress(Box<TaskView>),
}

words! {
    /// What a mutation makes out of date.
    Tag { Status, Users, Accounts, Orders, Refunds, Bills, Books, Recon, Close, Receipts, Audit, Settings, Access, Keys, Exports }
}

impl From<OrderSearch> for OrderTotalsRequest {
    fn from(search: OrderSearch) -> Self {
        Self {
            text: search.text,
            account_id: search.account_id,
            states: search.states,
            date_from: search.date_from,
            date_to: search.date_to,
            amount_min_minor: search.amount_min_minor,
            amount_max_minor: search.amount_max_minor,
            reconciliation: search.reconciliation,
            moved: search.moved,
            order_ids: search.order_ids,
        }
    }
}

/// TypeScript declarations of every type that crosses a door.
pub(crate) fn declarations() -> Vec<String> {
    use ts_rs::TS as _;
    let config = ts_rs::Config::default();
    let mut all = vec![
        AccountId::decl(&config),
        BillId::decl(&config),
        BusinessDate::decl(&config),
        Currency::decl(&config),
        DifferenceCode::decl(&config),
        DifferenceId::decl(&config),
        EntryKind::decl(&config),
        EntryState::decl(&config),
        Money::decl(&config),
        OrderId::decl(&config),
        OrderState::decl(&config),
        PaymentState::decl(&config),
        Permission::decl(&config),
        ReceiptId::decl(&config),
        ReceiptBatchId::decl(&config),
        ExportId::decl(&config),
        RefundState::decl(&config),
        Role::decl(&config),
        RunId::decl(&config),
        Timestamp::decl(&config),
        UserId::decl(&config),
        Environment::decl(&config),
        Stage::decl(&config),
        ChannelKind::decl(&config),
        FactSource::decl(&config),
        OrderSort::decl(&config),
        MoneyMoved::decl(&config),
        NumberKind::decl(&config),
        OrderTotalsRequest::decl(&config),
        OrderTotals::decl(&config),
        OrderGap::decl(&config),
        RecogniseText::decl(&config),
        Recognised::decl(&config),
        RevealPayer::decl(&config),
        RevealedPayer::decl(&config),
        OrderActionKind::decl(&config),
        CheckLevel::decl(&config),
        ReasonCode::decl(&config),
        LooksLike::decl(&config),
        FindingKind::decl(&config),
        Severity::decl(&config),
        RefundLane::decl(&config),
        EventKind::decl(&config),
        BillKind::decl(&config),
        BillStatus::decl(&config),
        Disposition::decl(&config),
        DifferenceBucket::decl(&config),
        DifferenceStatus::decl(&config),
        CloseStatus::decl(&config),
        CloseCheckKind::decl(&config),
        BankStatementId::decl(&config),
        BankConfirmationId::decl(&config),
        FlowNameId::decl(&config),
        FlowCode::decl(&config),
        FlowName::decl(&config),
        FlowState::decl(&config),
        OpeningFact::decl(&config),
        BankState::decl(&config),
        BankReason::decl(&config),
        FlowDay::decl(&config),
        FlowBreak::decl(&config),
        FlowBalance::decl(&config),
        EarlierLine::decl(&config),
        FlowFinding::decl(&config),
        BankLine::decl(&config),
        OpenPayout::decl(&config),
        Withdrawal::decl(&config),
        FlowEntryRef::decl(&config),
        NameEntries::decl(&config),
        UnnameEntry::decl(&config),
        ImportBank::decl(&config),
        BankColumn::decl(&config),
        BankStatementView::decl(&config),
        BankStatements::decl(&config),
        WithdrawBank::decl(&config),
        BankLineRef::decl(&config),
        ConfirmBank::decl(&config),
        UndoBank::decl(&config),
        ThreeWayRules::decl(&config),
        ThreeWayVersion::decl(&config),
        ThreeWayView::decl(&config),
        SetThreeWay::decl(&config),
        ReceiptVerdict::decl(&config),
        SelfTestStep::decl(&config),
        StepOutcome::decl(&config),
        DeskAction::decl(&config),
        Retry::decl(&config),
        TaskState::decl(&config),
        XrayMode::decl(&config),
        XrayVerdict::decl(&config),
        XrayCause::decl(&config),
        XrayCheckName::decl(&config),
        XrayOutcome::decl(&config),
        XrayKeyRole::decl(&config),
        XrayLineName::decl(&config),
        XrayExampleName::decl(&config),
        XrayInput::decl(&config),
        XrayLine::decl(&config),
        XrayByte::decl(&config),
        XrayTry::decl(&config),
        XrayCheck::decl(&config),
        XrayKeyView::decl(&config),
        XrayReport::decl(&config),
        XrayExampleRef::decl(&config),
        XrayExample::decl(&config),
        KeyKind::decl(&config),
        KeyState::decl(&config),
        KeyConsequence::decl(&config),
        RehearsalCheck::decl(&config),
        RehearsalVerdict::decl(&config),
        KeyRow::decl(&config),
        KeyList::decl(&config),
        RehearsalResult::decl(&config),
        Rehearsal::decl(&config),
        KeyChangeSearch::decl(&config),
        KeyChanges::decl(&config),
        ExportKind::decl(&config),
        ExportFormat::decl(&config),
        ExportState::decl(&config),
        NegativeStyle::decl(&config),
        FileLanguage::decl(&config),
        BatchState::decl(&config),
        BatchOutcome::decl(&config),
        Tag::decl(&config),
        Nothing::decl(&config),
        FindRequest::decl(&config),
        Found::decl(&config),
        FoundBill::decl(&config),
        FoundBillLine::decl(&config),
        FoundDifference::decl(&config),
        FoundSubject::decl(&config),
        Preferences::decl(&config),
        PreferencePut::decl(&config),
        Person::decl(&config),
        DemoLogin::decl(&config),
        AppStatus::decl(&config),
        Badges::decl(&config),
        SetupDemo::decl(&config),
        SetupOwn::decl(&config),
        NewUser::decl(&config),
        SignIn::decl(&config),
        UnlockVault::decl(&config),
        ChangePassword::decl(&config),
        UserView::decl(&config),
        UserList::decl(&config),
        UserRef::decl(&config),
        SetRole::decl(&config),
        ResetPassword::decl(&config),
        AccountBrief::decl(&config),
        AccountView::decl(&config),
        AccountList::decl(&config),
        AccountRef::decl(&config),
        AddWechatAccount::decl(&config),
        SelfTestResult::decl(&config),
        SelfTest::decl(&config),
        OrderSearch::decl(&config),
        OrderRow::decl(&config),
        Sum::decl(&config),
        StateCount::decl(&config),
        OrderPage::decl(&config),
        OrderRef::decl(&config),
        OrderLookup::decl(&config),
        PaymentView::decl(&config),
        OrderAction::decl(&config),
        TimelineEvent::decl(&config),
        OrderDetail::decl(&config),
        BillMatch::decl(&config),
        RefundRow::decl(&config),
        OpenRefund::decl(&config),
        PreflightCheck::decl(&config),
        Preflight::decl(&config),
        Band::decl(&config),
        RefundForm::decl(&config),
        SaveDraft::decl(&config),
        RefundContent::decl(&config),
        PreflightRequest::decl(&config),
        RefundRequest::decl(&config),
        RefundRef::decl(&config),
        RefundList::decl(&config),
        RefundPage::decl(&config),
        SignedField::decl(&config),
        ApprovalView::decl(&config),
        PathView::decl(&config),
        VersionView::decl(&config),
        RelatedOrder::decl(&config),
        RefundView::decl(&config),
        Approve::decl(&config),
        Reject::decl(&config),
        QueueProgress::decl(&config),
        ApprovalQueue::decl(&config),
        NotMine::decl(&config),
        DeskRules::decl(&config),
        RulesVersion::decl(&config),
        RulesView::decl(&config),
        SetRules::decl(&config),
        Schedule::decl(&config),
        ScheduleVersion::decl(&config),
        ScheduleView::decl(&config),
        SetSchedule::decl(&config),
        AccessPerson::decl(&config),
        AccessFinding::decl(&config),
        AccessPair::decl(&config),
        AccessReview::decl(&config),
        BillCalendarRequest::decl(&config),
        BillDay::decl(&config),
        BillCell::decl(&config),
        BillCalendar::decl(&config),
        FetchBill::decl(&config),
        FetchMissing::decl(&config),
        FetchMissingResult::decl(&config),
        FetchMissingItem::decl(&config),
        BillRef::decl(&config),
        BillTotal::decl(&config),
        FileFault::decl(&config),
        BillView::decl(&config),
        BillLinesRequest::decl(&config),
        BillLineView::decl(&config),
        BillLines::decl(&config),
        ImportBooks::decl(&config),
        BooksView::decl(&config),
        BooksFormat::decl(&config),
        BookAmountUnit::decl(&config),
        BookTimeFormat::decl(&config),
        SqlEngine::decl(&config),
        SqlTls::decl(&config),
        KindWord::decl(&config),
        StateWord::decl(&config),
        BookMapping::decl(&config),
        MappingView::decl(&config),
        BooksKeyView::decl(&config),
        SqlSettings::decl(&config),
        SourceView::decl(&config),
        BooksWays::decl(&config),
        PreviewBooks::decl(&config),
        PreviewEntry::decl(&config),
        PreviewRow::decl(&config),
        WordCount::decl(&config),
        BooksPreview::decl(&config),
        SaveMapping::decl(&config),
        MappingRef::decl(&config),
        UseMapping::decl(&config),
        FileRef::decl(&config),
        SaveSource::decl(&config),
        SourceRef::decl(&config),
        SourceDay::decl(&config),
        AddBooksKey::decl(&config),
        DayRef::decl(&config),
        CodeCount::decl(&config),
        WaterfallStep::decl(&config),
        ReconView::decl(&config),
        ReconDay::decl(&config),
        RunRef::decl(&config),
        ExportRun::decl(&config),
        ExportClose::decl(&config),
        CloseReportFormat::decl(&config),
        CloseReportAsk::decl(&config),
        CloseReportRequest::decl(&config),
        CloseReportView::decl(&config),
        ReportPart::decl(&config),
        ReportFact::decl(&config),
        ReportHead::decl(&config),
        CloseReportFile::decl(&config),
        CurrencyWaterfall::decl(&config),
        PoolRef::decl(&config),
        PoolCounter::decl(&config),
        PoolView::decl(&config),
        PoolSearch::decl(&config),
        BillRawRequest::decl(&config),
        RawLine::decl(&config),
        BillRaw::decl(&config),
        DifferenceSort::decl(&config),
        DifferenceSearch::decl(&config),
        SideView::decl(&config),
        DifferenceRow::decl(&config),
        DifferencePage::decl(&config),
        DifferenceRef::decl(&config),
        DifferenceDetail::decl(&config),
        EvidenceFile::decl(&config),
        ResolutionId::decl(&config),
        ResolutionKind::decl(&config),
        ResolutionState::decl(&config),
        ResolveDifferences::decl(&config),
        DecideResolutions::decl(&config),
        ReverseResolutions::decl(&config),
        ResolutionSearch::decl(&config),
        ResolutionPage::decl(&config),
        ResolutionView::decl(&config),
        BatchResult::decl(&config),
        BatchFailure::decl(&config),
        People::decl(&config),
        CloseDay::decl(&config),
        CloseCheck::decl(&config),
        CloseSignature::decl(&config),
        CloseView::decl(&config),
        ReopeningView::decl(&config),
        ClosedBeforeView::decl(&config),
        BalanceLine::decl(&config),
        CloseBoard::decl(&config),
        SignDay::decl(&config),
        ReturnDay::decl(&config),
        DeskOverview::decl(&config),
        DeskPool::decl(&config),
        DeskApproval::decl(&config),
        DeskAccount::decl(&config),
        DeskGaps::decl(&config),
        DeskGapRow::decl(&config),
        DeskGapDay::decl(&config),
        BillCount::decl(&config),
        DeskAge::decl(&config),
        DeskMonth::decl(&config),
        DeskSeries::decl(&config),
        DeskDay::decl(&config),
        DeskPartial::decl(&config),
        IssueReceipt::decl(&config),
        ReceiptView::decl(&config),
        ReceiptRef::decl(&config),
        ReceiptSearch::decl(&config),
        ReceiptPage::decl(&config),
        FileView::decl(&config),
        VerifyReceipt::decl(&config),
        ReceiptCheckView::decl(&config),
        ReceiptField::decl(&config),
        ReceiptVerification::decl(&config),
        AuditSearch::decl(&config),
        AuditRowView::decl(&config),
        AuditPage::decl(&config),
        AuditVerdict::decl(&config),
        CompareFiles::decl(&config),
        CompareView::decl(&config),
        AuditNames::decl(&config),
        BillRange::decl(&config),
        ExportSource::decl(&config),
        StartExport::decl(&config),
        ExportView::decl(&config),
        ExportSearch::decl(&config),
        ExportList::decl(&config),
        ExportRef::decl(&config),
        IssueBatch::decl(&config),
        BatchView::decl(&config),
        BatchList::decl(&config),
        BatchRef::decl(&config),
        BatchRowsRequest::decl(&config),
        BatchRowView::decl(&config),
        BatchRows::decl(&config),
        TaskView::decl(&config),
        TaskList::decl(&config),
        TaskRef::decl(&config),
        ErrorView::decl(&config),
        AppEvent::decl(&config),
    ];
    all.extend(rules::declarations());
    all
}
