//! What can go wrong between this desk and a channel, sorted by who is at fault and by the one
//! question that matters: may money have moved?

use std::fmt;
use std::path::PathBuf;

use zf_domain::Timestamp;

/// The result of a call to a channel.
pub type Result<T> = std::result::Result<T, ChannelError>;

/// Why a call to a channel did not give its answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// The channel said no, finally. No money moved through this request. Whether it may be asked
    /// again, and how, is in `kind` ([`RefusalKind::retry`]).
    #[error("the channel refused: {code}: {message}")]
    Refused {
        /// The vendor's code as it came, for support calls.
        code: String,
        /// The vendor's text, shown to a person, never branched on.
        message: String,
        /// What it means here.
        kind: RefusalKind,
    },
    /// The request left this machine and no trustworthy answer came back. It may have happened.
    /// Query with the same number before anything else.
    #[error("the outcome is unknown ({cause}): the request left at {sent_at}")]
    OutcomeUnknown {
        /// When the first byte may have left.
        sent_at: Timestamp,
        /// What happened to the answer.
        cause: Lost,
    },
    /// Nothing left this machine; the same number may be sent again.
    #[error("nothing was sent: {0}")]
    NotSent(TransportError),
    /// A question (query, bill, balance) got no answer after bounded repeats. Nothing can have
    /// changed at the channel; ask again later.
    #[error("the channel did not answer the question: {0}")]
    Unavailable(Lost),
    /// Bad signature, or a reply unlike the vendor's page. The reply was thrown away.
    #[error("the answer cannot be trusted: {0}")]
    PeerMisbehaved(PeerFault),
    /// Our request or settings are wrong. Nothing happened.
    #[error("{0}")]
    Misuse(Misuse),
    /// The downloaded file could not be kept on this machine.
    #[error("{0}")]
    LocalFile(FileFault),
}

/// How a failed call may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not by itself: a person must change something first, or it is final.
    Never,
    /// Ask what happened with the same number first; never send before that.
    QueryFirst,
    /// Send again with the same number and the same content, now or later.
    SameNumber,
    /// The refund or order needs a new number.
    NewNumber,
}

impl Retry {
    /// The stable word for the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::QueryFirst => "query_first",
            Self::SameNumber => "same_number",
            Self::NewNumber => "new_number",
        }
    }
}

/// What a refusal means, whatever the vendor calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// Malformed, or a rule of the channel is broken.
    InvalidRequest,
    /// The order is closed.
    OrderClosed,
    /// The order is paid already.
    AlreadyPaid,
    /// The order number was used with other parameters.
    OrderNumberUsed,
    /// The channel has no such order.
    OrderNotFound,
    /// The channel has no such refund, order or certificate.
    NotFound,
    /// The merchant's balance at the channel is short.
    InsufficientBalance,
    /// The payer's account is gone or frozen.
    PayerAccountGone,
    /// A risk or business limit of the channel.
    RuleLimit,
    /// The payment is older than the channel refunds.
    TooOld,
    /// The refund number was used with another amount or order.
    RefundMismatch,
    /// The merchant account lacks the permission, or the order belongs to someone else.
    NoPermission,
    /// The app id is not bound to the merchant number.
    AppNotBound,
    /// The channel does not know the merchant number.
    MerchantUnknown,
    /// The payer is entering a password; ask again in a few seconds.
    PayerBusy,
    /// The channel has no bill for the day.
    NoStatement,
    /// The channel is still making the bill.
    StatementCreating,
    /// A code this program does not know.
    Other,
}

impl RefusalKind {
    /// How the same thing may be tried again.
    #[must_use]
    pub const fn retry(self) -> Retry {
        match self {
            Self::InsufficientBalance
            | Self::NotFound
            | Self::PayerBusy
            | Self::StatementCreating => Retry::SameNumber,
            Self::AlreadyPaid => Retry::QueryFirst,
            Self::OrderClosed | Self::OrderNumberUsed | Self::RefundMismatch => Retry::NewNumber,
            Self::InvalidRequest
            | Self::OrderNotFound
            | Self::PayerAccountGone
            | Self::RuleLimit
            | Self::TooOld
            | Self::NoPermission
            | Self::AppNotBound
            | Self::MerchantUnknown
            | Self::NoStatement
            | Self::Other => Retry::Never,
        }
    }

    /// The stable word for codes (`channel.refused.insufficient_balance`).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::OrderClosed => "order_closed",
            Self::AlreadyPaid => "already_paid",
            Self::OrderNumberUsed => "order_number_used",
            Self::OrderNotFound => "order_not_found",
            Self::NotFound => "not_found",
            Self::InsufficientBalance => "insufficient_balance",
            Self::PayerAccountGone => "payer_account_gone",
            Self::RuleLimit => "rule_limit",
            Self::TooOld => "too_old",
            Self::RefundMismatch => "refund_mismatch",
            Self::NoPermission => "no_permission",
            Self::AppNotBound => "app_not_bound",
            Self::MerchantUnknown => "merchant_unknown",
            Self::PayerBusy => "payer_busy",
            Self::NoStatement => "no_statement",
            Self::StatementCreating => "statement_creating",
            Self::Other => "other",
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::InvalidRequest => "Read the channel's message, correct the request, ask again.",
            Self::OrderClosed => "The order is closed at the channel; use a new order number.",
            Self::AlreadyPaid => "Query the order: it is paid.",
            Self::OrderNumberUsed => "Query the order; then use a new order number.",
            Self::OrderNotFound => "Check the order number and the merchant account.",
            Self::NotFound => {
                "The channel never accepted it; it may be sent again with the same number."
            }
            Self::InsufficientBalance => {
                "Top up the merchant balance at the channel, then send again with the same refund number."
            }
            Self::PayerAccountGone => "Pay the customer back outside the channel.",
            Self::RuleLimit => {
                "A limit of the channel applies; see its merchant platform. Do not repeat automatically."
            }
            Self::TooOld => {
                "The payment is past the channel's refund limit; pay back outside the channel."
            }
            Self::RefundMismatch => {
                "This refund number was used with other content; query it, then use a new number."
            }
            Self::NoPermission => {
                "Open the permission on the channel's merchant platform, or check the merchant account."
            }
            Self::AppNotBound => {
                "Bind the app id to the merchant number on the channel's merchant platform."
            }
            Self::MerchantUnknown => "Check the merchant number in the account settings.",
            Self::PayerBusy => "The payer is entering a password; ask again in five seconds.",
            Self::NoStatement => "There was no business that day, or the day has no bill.",
            Self::StatementCreating => {
                "The channel is still making this bill; fetch it again in half an hour."
            }
            Self::Other => "Read the channel's message; ask its support with the code.",
        }
    }
}

/// How an answer got lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// No complete answer within the time.
    Timeout,
    /// The connection broke after the request may have left.
    ConnectionCut,
    /// The channel answered that it does not know (5xx, or 429 on a refund).
    Status {
        /// The HTTP status.
        status: u16,
        /// The vendor's code, when there was one.
        code: Option<String>,
    },
    /// An answer came that cannot be trusted.
    Untrusted(Box<PeerFault>),
    /// An answer came whose trust could not be settled because of this.
    Unsettled(Box<ChannelError>),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("no answer in time"),
            Self::ConnectionCut => f.write_str("the connection broke before the answer"),
            Self::Status {
                status,
                code: Some(code),
            } => write!(f, "HTTP {status} {code}"),
            Self::Status { status, code: None } => write!(f, "HTTP {status}"),
            Self::Untrusted(fault) => write!(f, "{fault}"),
            Self::Unsettled(error) => write!(f, "{error}"),
        }
    }
}

/// Why a request did not leave, or its answer did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Name lookup, TCP or TLS failed: no byte of the request left.
    #[error("cannot connect to {host}: {reason}")]
    Connect {
        /// The host.
        host: String,
        /// Why, without secrets.
        reason: String,
    },
    /// The connection broke after the request may have left.
    #[error("the connection to {host} broke: {reason}")]
    Cut {
        /// The host.
        host: String,
        /// Why, without secrets.
        reason: String,
    },
    /// No answer within the time; the request may have left.
    #[error("{host} did not answer in time")]
    Timeout {
        /// The host.
        host: String,
    },
    /// The answer is larger than this program takes.
    #[error("the answer of {host} exceeds {limit} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The host failed repeatedly; calls rest until `until`.
    #[error("{host} failed repeatedly; calls rest until {until}")]
    CircuitOpen {
        /// The host.
        host: String,
        /// When one call is tried again.
        until: Timestamp,
    },
    /// A person stopped all calls to this channel.
    #[error("calls to {host} are on hold")]
    Held {
        /// The host.
        host: String,
    },
    /// The address is not one this program talks to.
    #[error("{url} is refused: {reason}")]
    Address {
        /// The address.
        url: String,
        /// Why.
        reason: &'static str,
    },
}

impl TransportError {
    /// Whether the request can have reached the peer.
    #[must_use]
    pub const fn may_have_left(&self) -> bool {
        matches!(
            self,
            Self::Cut { .. } | Self::Timeout { .. } | Self::TooLarge { .. }
        )
    }

    /// Whether it is a failure to connect, where a backup host helps.
    #[must_use]
    pub const fn is_connect(&self) -> bool {
        matches!(self, Self::Connect { .. })
    }
}

/// What was wrong with a reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerFault {
    /// Signed with a key we do not have, also after asking for the keys once.
    #[error("it is signed with the unknown key {serial}")]
    UnknownSerial {
        /// The serial named by the reply.
        serial: String,
    },
    /// The signature does not match the bytes.
    #[error("its signature (key {serial}) does not match its bytes")]
    BadSignature {
        /// The serial named by the reply.
        serial: String,
    },
    /// Signed too long ago, or in the future: a replay, or a wrong clock.
    #[error("it was signed {seconds} s away from this machine's clock (limit 300 s)")]
    StaleReply {
        /// Signature time minus our clock, in seconds.
        seconds: i64,
    },
    /// A header the vendor always sends is missing or unreadable.
    #[error("the header {0} is missing or unreadable")]
    MissingHeader(&'static str),
    /// A signature method we do not take.
    #[error("unknown signature type {0}")]
    SignatureType(String),
    /// The body is not the JSON of the vendor's page.
    #[error("its body is unlike the vendor's page: {0}")]
    BadJson(String),
    /// The answer speaks of something else than was asked.
    #[error("it says {field} = “{found}” where “{expected}” was asked")]
    Mismatch {
        /// The field.
        field: &'static str,
        /// What was asked.
        expected: String,
        /// What came.
        found: String,
    },
    /// An HTTP status without the vendor's body: a proxy or a gateway answered.
    #[error("HTTP {status} without the vendor's body (Request-ID {request_id})")]
    NotTheVendor {
        /// The HTTP status.
        status: u16,
        /// The vendor's trace number, `-` when absent.
        request_id: String,
    },
    /// The downloaded bill is not the file the channel promised.
    #[error("the bill's SHA-1 is {found}, the channel promised {expected}")]
    BillHash {
        /// From the signed answer, lower hex.
        expected: String,
        /// Of the uncompressed bytes, lower hex.
        found: String,
    },
    /// The downloaded bill cannot be uncompressed, e.g. because it is cut.
    #[error("the bill cannot be uncompressed: {0}")]
    BillCorrupt(String),
    /// The download address is not on the channel's hosts.
    #[error("the download address {0} is not on the channel's hosts")]
    ForeignUrl(String),
    /// Encrypted content that our key does not open.
    #[error("the encrypted {0} does not open with the APIv3 key")]
    Undecryptable(&'static str),
}

/// What is wrong on our side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// This machine's clock is off by more than the channel's five minutes.
    #[error("this machine's clock is wrong{}", skew(*.seconds))]
    ClockSkew {
        /// Our clock minus the channel's, in seconds, when the reply told.
        seconds: Option<i64>,
    },
    /// The private key does not belong to the certificate serial number.
    #[error("the channel rejects our signature: {message}")]
    WrongKey {
        /// The vendor's text.
        message: String,
    },
    /// The certificate serial number is not valid at the channel (unknown, expired, revoked).
    #[error("the channel rejects the certificate serial number {serial}: {message}")]
    WrongSerial {
        /// The serial we named.
        serial: String,
        /// The vendor's text.
        message: String,
    },
    /// A setting cannot be used.
    #[error("{field}: {reason}")]
    Setting {
        /// Which setting.
        field: &'static str,
        /// What is wrong, without secrets.
        reason: String,
    },
    /// A parameter the channel does not take; refused before anything was sent.
    #[error("{field} “{value}”: {reason}")]
    Parameter {
        /// Which parameter.
        field: &'static str,
        /// What was given.
        value: String,
        /// What is expected.
        reason: &'static str,
    },
    /// The channel has no such operation.
    #[error("{operation} is not available: {reason}")]
    Unsupported {
        /// The operation.
        operation: &'static str,
        /// Why.
        reason: String,
    },
}

fn skew(seconds: Option<i64>) -> String {
    match seconds {
        Some(s) if s >= 0 => format!(": it is {s} s ahead of the channel (limit 300 s)"),
        Some(s) => format!(
            ": it is {} s behind the channel (limit 300 s)",
            s.unsigned_abs()
        ),
        None => " by more than five minutes".to_owned(),
    }
}

/// What went wrong with a file of this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// The disk is full.
    #[error(
        "the disk is full at {}: at least {needed_bytes} bytes are needed; \
         nothing was lost, the unfinished file is removed and earlier bills are untouched", path.display()
    )]
    DiskFull {
        /// The file that was being written.
        path: PathBuf,
        /// Bytes of this file known so far.
        needed_bytes: u64,
    },
    /// Anything else.
    #[error("cannot {action} {}: {reason}; nothing was lost, earlier bills are untouched", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
}

impl ChannelError {
    /// How the same thing may be tried again.
    #[must_use]
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Refused { kind, .. } => kind.retry(),
            Self::OutcomeUnknown { .. } => Retry::QueryFirst,
            Self::NotSent(_) | Self::Unavailable(_) | Self::LocalFile(_) => Retry::SameNumber,
            // Only ever reported for questions: anything that can move money is `OutcomeUnknown`.
            Self::PeerMisbehaved(_) => Retry::SameNumber,
            Self::Misuse(_) => Retry::Never,
        }
    }

    /// Whether money may have moved, as far as this error can tell.
    #[must_use]
    pub const fn may_have_happened(&self) -> bool {
        matches!(self, Self::OutcomeUnknown { .. })
    }

    /// What a person does next, in one plain English sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Refused { kind, .. } => kind.remedy().to_owned(),
            Self::OutcomeUnknown { .. } => {
                "It may have succeeded. Query it by its number before trying again.".to_owned()
            }
            Self::NotSent(TransportError::Held { .. }) => {
                "Release the hold in the channel settings, then send again with the same number."
                    .to_owned()
            }
            Self::NotSent(TransportError::Address { .. }) => {
                "Correct the channel's address in the account settings.".to_owned()
            }
            Self::NotSent(_) => {
                "Check the network; it may be sent again with the same number.".to_owned()
            }
            Self::Unavailable(_) => "Nothing changed at the channel. Ask again later.".to_owned(),
            Self::PeerMisbehaved(PeerFault::BillHash { .. } | PeerFault::BillCorrupt(_)) => {
                "The file was refused. Fetch the bill again.".to_owned()
            }
            Self::PeerMisbehaved(PeerFault::UnknownSerial { .. }) => {
                "Check the channel's public key id in the account settings; then refresh the channel keys."
                    .to_owned()
            }
            Self::PeerMisbehaved(PeerFault::Undecryptable(_)) => {
                "Check the APIv3 key in the account settings.".to_owned()
            }
            Self::PeerMisbehaved(_) => {
                "The answer was thrown away. Ask again; if it stays so, check the channel's keys and the network path."
                    .to_owned()
            }
            Self::Misuse(Misuse::ClockSkew { .. }) => {
                "Set this machine's clock (switch on network time), then try again.".to_owned()
            }
            Self::Misuse(Misuse::WrongKey { .. }) => {
                "Check that the private key and the certificate serial number belong together."
                    .to_owned()
            }
            Self::Misuse(Misuse::WrongSerial { .. }) => {
                "Enter the serial number of the current API certificate.".to_owned()
            }
            Self::Misuse(Misuse::Setting { .. }) => "Correct the account settings.".to_owned(),
            Self::Misuse(Misuse::Parameter { .. }) => "Correct the value and try again.".to_owned(),
            Self::Misuse(Misuse::Unsupported { .. }) => {
                "Use the channel's own merchant platform for this.".to_owned()
            }
            Self::LocalFile(FileFault::DiskFull { .. }) => {
                "Free space on this disk, then fetch the bill again.".to_owned()
            }
            Self::LocalFile(FileFault::Io { .. }) => {
                "Check that the folder exists and may be written, then fetch the bill again."
                    .to_owned()
            }
        }
    }
}

impl From<PeerFault> for ChannelError {
    fn from(fault: PeerFault) -> Self {
        Self::PeerMisbehaved(fault)
    }
}

impl From<Misuse> for ChannelError {
    fn from(misuse: Misuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl From<FileFault> for ChannelError {
    fn from(fault: FileFault) -> Self {
        Self::LocalFile(fault)
    }
}
