//! What every channel offers: the operations, what goes in and what comes out, in our words.

use std::path::PathBuf;
use std::sync::Arc;

use zf_crypto::secret::Secret;
use zf_domain::{
    BusinessDate, ChannelPaymentId, ChannelRefundId, Clock, MerchantOrderNo, MerchantRefundNo,
    Money, PaymentState, Timestamp,
};

use crate::error::{Misuse, Result};
use crate::exchange::{BoxExchange, Headers};

/// Where a channel is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `https://host[:port]` without a path; `http` to loopback addresses only.
    pub base_url: String,
    /// Tried once, with the same signed request, when the main host cannot be connected to.
    pub backup_url: Option<String>,
    /// One more root certificate (PEM), e.g. the sandbox's own authority.
    pub extra_root_pem: Option<String>,
}

impl Endpoint {
    /// The origins, main first.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.base_url.as_str()).chain(self.backup_url.as_deref())
    }

    /// Without trailing slashes, as requests append a path.
    #[must_use]
    pub(crate) fn trimmed(mut self) -> Self {
        fn trim(origin: &str) -> String {
            origin.trim().trim_end_matches('/').to_owned()
        }
        self.base_url = trim(&self.base_url);
        self.backup_url = self
            .backup_url
            .as_deref()
            .map(trim)
            .filter(|origin| !origin.is_empty());
        self
    }
}

/// The channels this program can speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// WeChat Pay, API v3, direct merchant.
    WechatPay,
}

impl ChannelKind {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WechatPay => "wechat_pay",
        }
    }

    /// Reads the stable word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "wechat_pay" => Some(Self::WechatPay),
            _ => None,
        }
    }
}

/// Something a channel can be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the name says it all")]
pub enum Operation {
    QueryPayment,
    CloseOrder,
    PrepayNative,
    PrepayJsapi,
    PrepayApp,
    PrepayH5,
    Refund,
    PartialRefund,
    QueryRefund,
    AbnormalRefund,
    Balance,
    TradeBill,
    FundFlowBill,
    Notices,
}

/// Whether a channel can do something, and if not, or not always, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// What.
    pub operation: Operation,
    /// Whether it is offered.
    pub available: bool,
    /// Why not, or the limit to know; English, for the tooltip's translation key see `code`.
    pub reason: Option<&'static str>,
    /// Stable word of the reason.
    pub code: Option<&'static str>,
}

/// Limits of refunds at a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundLimits {
    /// Days after the payment.
    pub age_days_max: i64,
    /// Refunds of one order.
    pub count_max: u32,
    /// Seconds between two refunds of one order.
    pub interval_seconds: i64,
    /// Characters of the reason.
    pub reason_chars_max: usize,
}

/// By which number a payment is asked for.
#[derive(Debug, Clone, Copy)]
pub enum PaymentKey<'a> {
    /// Our order number.
    Order(&'a MerchantOrderNo),
    /// The channel's payment number.
    Channel(&'a ChannelPaymentId),
}

/// What the channel says of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSnapshot {
    /// Our order number.
    pub order_no: MerchantOrderNo,
    /// The channel's number, once paid.
    pub payment_id: Option<ChannelPaymentId>,
    /// Where it stands; a vendor state we do not know reads `Pending`.
    pub state: PaymentState,
    /// The order's total.
    pub amount: Money,
    /// What the payer paid after coupons, once paid.
    pub payer_amount: Option<Money>,
    /// The payer as the channel names it; personal data.
    pub payer: Option<String>,
    /// How it was paid, the vendor's word (NATIVE, JSAPI …).
    pub method: Option<String>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// The vendor's own word for the state and its explanation, as printed.
    pub state_text: String,
    /// Whether the channel says that something was refunded (it does not say how much).
    pub refunded_hint: bool,
    /// The merchant's data echoed by the channel.
    pub attach: Option<String>,
    /// SHA-256 of the verified answer, lower hex, for the audit trail.
    pub raw_digest: String,
}

/// The answer to a payment query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentAnswer {
    /// The channel knows it.
    Found(Box<PaymentSnapshot>),
    /// The channel never had such an order.
    NotFound,
}

/// How the payer will pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrepayWay {
    /// A code to scan.
    Native,
    /// Inside the channel's app or a mini program.
    Jsapi {
        /// The payer's openid under the app id.
        openid: String,
    },
    /// From the merchant's own app.
    App,
    /// From a mobile browser.
    H5 {
        /// The payer's IP address.
        client_ip: String,
    },
}

/// An order to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepayOrder {
    /// Our order number, 6 to 32 characters.
    pub order_no: MerchantOrderNo,
    /// What the payer reads.
    pub description: String,
    /// The total.
    pub amount: Money,
    /// After this it cannot be paid; `None` takes the channel's default.
    pub expires_at: Option<Timestamp>,
    /// Echoed in queries, notices and bills.
    pub attach: Option<String>,
    /// Where notices go: public https without a query.
    pub notify_url: String,
    /// How.
    pub way: PrepayWay,
}

/// What starts the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prepaid {
    /// Show this as a QR code; two hours.
    Native {
        /// The content of the code, opaque.
        code_url: String,
    },
    /// Hand these to the channel's script; two hours.
    Jsapi {
        /// The channel's id.
        prepay_id: String,
        /// Field name and value, in the vendor's names.
        invoke: Vec<(&'static str, String)>,
    },
    /// Hand these to the channel's library; two hours.
    App {
        /// The channel's id.
        prepay_id: String,
        /// Field name and value, in the vendor's names.
        invoke: Vec<(&'static str, String)>,
    },
    /// Send the browser here; five minutes.
    H5 {
        /// The page.
        h5_url: String,
    },
}

/// Which payment a refund returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOf {
    /// By our order number.
    Order(MerchantOrderNo),
    /// By the channel's payment number.
    Payment(ChannelPaymentId),
}

/// A refund to be sent. Its number is stored before this is used, and reused on every retry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// Our refund number: the idempotency key.
    pub refund_no: MerchantRefundNo,
    /// Which payment.
    pub of: RefundOf,
    /// What goes back; with earlier refunds at most `total`.
    pub amount: Money,
    /// The order's total.
    pub total: Money,
    /// What the payer reads, at most 80 characters.
    pub reason: Option<String>,
    /// Where notices go.
    pub notify_url: Option<String>,
}

/// Where a refund stands at the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundOutcome {
    /// Accepted, not final. Also every state this program does not know.
    Processing,
    /// The money is back; final.
    Succeeded,
    /// The channel closed it, no money moved; final, needs a new number.
    Closed,
    /// The payer's account cannot take it; a person must act.
    Abnormal,
}

/// What the channel says of one refund. Acceptance is not completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundSnapshot {
    /// Our refund number.
    pub refund_no: MerchantRefundNo,
    /// The channel's number.
    pub refund_id: ChannelRefundId,
    /// Our order number.
    pub order_no: MerchantOrderNo,
    /// The channel's payment number.
    pub payment_id: ChannelPaymentId,
    /// Where it stands.
    pub state: RefundOutcome,
    /// The vendor's own word.
    pub state_text: String,
    /// What goes back.
    pub amount: Money,
    /// When the channel accepted it.
    pub created_at: Option<Timestamp>,
    /// When the money arrived.
    pub succeeded_at: Option<Timestamp>,
    /// Where it goes, as the channel prints it (a card's last digits).
    pub received_account: Option<String>,
    /// SHA-256 of the verified answer, lower hex.
    pub raw_digest: String,
}

/// Where an abnormal refund shall go instead.
pub enum AbnormalWay {
    /// To another bank card of the payer.
    PayerCard {
        /// The vendor's bank code, e.g. `CMB_DEBIT`.
        bank: String,
        /// The card number; encrypted on the wire.
        account: Secret<String>,
        /// The holder; encrypted on the wire.
        holder: Secret<String>,
    },
    /// To the merchant's own bank account, to be handed on by the merchant.
    MerchantAccount,
}

/// An abnormal refund to be redirected.
pub struct AbnormalRefund {
    /// The channel's refund number.
    pub refund_id: ChannelRefundId,
    /// Our refund number.
    pub refund_no: MerchantRefundNo,
    /// Where to.
    pub way: AbnormalWay,
}

/// An account of the merchant at the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the vendor's own three accounts")]
pub enum FundAccount {
    Basic,
    Operation,
    Fees,
}

/// Money at the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Usable now.
    pub available: Money,
    /// Not usable yet.
    pub pending: Money,
}

/// Which bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BillKind {
    /// Every payment and refund of the day.
    Trade,
    /// Every movement of the merchant's basic account.
    FundFlow,
}

impl BillKind {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::FundFlow => "fund_flow",
        }
    }
}

/// Why there is no bill. None of these is a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillAbsence {
    /// The channel has no bill for that day: usually no business.
    NoStatement,
    /// Not made yet; ask again at `ready_at`.
    StillCreating {
        /// When to ask again.
        ready_at: Timestamp,
    },
    /// Past the channel's three months.
    TooOld,
}

/// A bill that was fetched, verified and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedBill {
    /// Which bill.
    pub kind: BillKind,
    /// Its day.
    pub date: BusinessDate,
    /// The file: the vendor's uncompressed bytes, untouched, complete and on the disk.
    pub path: PathBuf,
    /// SHA-256 of that file, lower hex.
    pub sha256: String,
    /// The SHA-1 promised by the channel's signed answer, lower hex.
    pub expected_hash: String,
    /// Whether the file has it. Always true: a file that has not is never kept.
    pub hash_verified: bool,
    /// Size of the file.
    pub bytes: u64,
    /// Bytes that crossed the network.
    pub wire_bytes: u64,
    /// Whether it was compressed on the way.
    pub compressed: bool,
}

/// The outcome of fetching a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BillAnswer {
    /// It is on the disk.
    Fetched(Box<FetchedBill>),
    /// There is none.
    Absent(BillAbsence),
}

/// What a bill exchange found out; the file itself lies with the driver's download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BillExchange {
    /// Downloaded and equal to the promised hash.
    Verified {
        /// Sizes and digests.
        file: crate::download::StoredFile,
        /// The promised SHA-1, lower hex.
        expected_hash: String,
    },
    /// There is none.
    Absent(BillAbsence),
}

/// A key the channel signs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelKey {
    /// Its serial number or id, as the channel names it in answers.
    pub serial: String,
    /// Start of validity; absent for plain public keys.
    pub not_before: Option<Timestamp>,
    /// End of validity; absent for plain public keys.
    pub not_after: Option<Timestamp>,
    /// The public key itself: SubjectPublicKeyInfo, DER.
    pub spki_der: Vec<u8>,
}

/// A verified and decrypted notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The channel's id of the notice.
    pub id: String,
    /// When the channel made it.
    pub created_at: Timestamp,
    /// The vendor's event word.
    pub event_type: String,
    /// What it says.
    pub event: NoticeEvent,
    /// SHA-256 of the raw body, lower hex.
    pub raw_digest: String,
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeEvent {
    /// A payment.
    Payment(Box<PaymentSnapshot>),
    /// A refund.
    Refund(Box<RefundSnapshot>),
    /// Something else, kept as the decrypted JSON text.
    Other(String),
}

/// A channel: builds exchanges, knows its capabilities. Does no I/O.
pub trait Channel: Send + Sync {
    /// Which channel.
    fn kind(&self) -> ChannelKind;

    /// The merchant number.
    fn merchant_no(&self) -> &str;

    /// Where it is reached.
    fn endpoint(&self) -> &Endpoint;

    /// Its clock.
    fn clock(&self) -> Arc<dyn Clock>;

    /// What it can do, and why not.
    fn capabilities(&self) -> Vec<Capability>;

    /// Its limits of refunds.
    fn refund_limits(&self) -> RefundLimits;

    /// The keys answers are verified with now.
    fn keys(&self) -> Vec<ChannelKey>;

    /// Asks how a payment stands.
    ///
    /// # Errors
    /// `Misuse`, as for all of these.
    fn query_payment(&self, key: PaymentKey<'_>) -> Result<BoxExchange<PaymentAnswer>>;

    /// Closes an unpaid order. Closing it again is fine.
    ///
    /// # Errors
    /// `Misuse`.
    fn close_order(&self, order_no: &MerchantOrderNo) -> Result<BoxExchange<()>>;

    /// Makes an order payable.
    ///
    /// # Errors
    /// `Misuse`.
    fn prepay(&self, order: &PrepayOrder) -> Result<BoxExchange<Prepaid>>;

    /// Asks the channel to return part or all of one payment.
    ///
    /// # Errors
    /// `Misuse`.
    fn refund(&self, order: &RefundOrder) -> Result<BoxExchange<RefundSnapshot>>;

    /// Asks how a refund stands; `None`: the channel never accepted this number.
    ///
    /// # Errors
    /// `Misuse`.
    fn query_refund(
        &self,
        refund_no: &MerchantRefundNo,
    ) -> Result<BoxExchange<Option<RefundSnapshot>>>;

    /// Redirects an abnormal refund.
    ///
    /// # Errors
    /// `Misuse`.
    fn abnormal_refund(&self, refund: AbnormalRefund) -> Result<BoxExchange<RefundSnapshot>>;

    /// Asks for a balance.
    ///
    /// # Errors
    /// `Misuse`.
    fn balance(&self, account: FundAccount) -> Result<BoxExchange<Balance>>;

    /// Applies for a bill and downloads it into the driver's file.
    ///
    /// # Errors
    /// `Misuse`.
    fn bill(&self, kind: BillKind, date: BusinessDate) -> Result<BoxExchange<BillExchange>>;

    /// Fetches the channel's present keys and swaps them in.
    ///
    /// # Errors
    /// `Misuse`.
    fn refresh_keys(&self) -> Result<BoxExchange<Vec<ChannelKey>>>;

    /// Verifies a notice on its raw bytes, then decrypts and reads it.
    ///
    /// # Errors
    /// `PeerMisbehaved`; on `UnknownSerial` refresh the keys once and verify again.
    fn verify_notice(&self, headers: &Headers, body: &[u8]) -> Result<Notice>;
}

pub(crate) fn parameter(field: &'static str, value: &str, reason: &'static str) -> Misuse {
    Misuse::Parameter {
        field,
        value: value.chars().take(80).collect(),
        reason,
    }
}
