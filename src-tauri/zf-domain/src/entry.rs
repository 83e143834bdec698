//! The two sides of reconciliation: a parsed bill row, a book row, and what may differ.

use serde::{Deserialize, Serialize};

use crate::ids::{ChannelPaymentId, ChannelRefundId, MerchantOrderNo, MerchantRefundNo};
use crate::money::Money;
use crate::time::Timestamp;

/// A payment or a refund.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[ts(rename_all = "snake_case")]
pub enum EntryKind {
    /// Money in.
    Payment,
    /// Money back to the payer.
    Refund,
}

/// What one side says of an entry, reduced to what both sides can mean.
///
/// A refund row of a WeChat Pay bill is a snapshot at acceptance and is never updated, so for
/// refunds `Done` and `InProgress` do not contradict each other.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[ts(rename_all = "snake_case")]
pub enum EntryState {
    /// Paid, or refunded.
    Done,
    /// Not final yet.
    InProgress,
    /// Closed, cancelled or failed: no money moved.
    Void,
}

impl EntryState {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::InProgress => "in_progress",
            Self::Void => "void",
        }
    }
}

impl EntryKind {
    /// The stable word, also the ledger file's `kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
        }
    }
}

/// One parsed row of a channel's trade bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// Line in the file, 1 = the header.
    pub line_no: u64,
    /// Payment or refund.
    pub kind: EntryKind,
    /// The channel's time of the row (payments: success; refunds: acceptance).
    pub occurred_at: Timestamp,
    /// Our order number.
    pub order_no: MerchantOrderNo,
    /// The channel's payment number.
    pub payment_id: ChannelPaymentId,
    /// Our refund number, refund rows only.
    pub refund_no: Option<MerchantRefundNo>,
    /// The channel's refund number, refund rows only.
    pub refund_id: Option<ChannelRefundId>,
    /// Order total (payments) or refund as asked (refunds), positive.
    pub amount: Money,
    /// What the channel settles for the row before fees: smaller when coupons are deducted.
    pub settlement_minor: i64,
    /// The channel's fee in minor units; negative when it is returned.
    pub fee_minor: i64,
    /// What the channel says of it.
    pub state: EntryState,
    /// The channel's own word for the state, as printed.
    pub state_text: String,
    /// How it was paid (NATIVE, JSAPI …), as printed.
    pub method: String,
    /// The payer as the channel names it (an openid); personal data.
    pub payer: String,
    /// Goods description as printed.
    pub goods: String,
}

/// One row of the merchant's own books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookEntry {
    /// Line in the file, 1 = the header.
    pub line_no: u64,
    /// Payment or refund.
    pub kind: EntryKind,
    /// Our order number.
    pub order_no: MerchantOrderNo,
    /// Our refund number, refund rows only.
    pub refund_no: Option<MerchantRefundNo>,
    /// The channel's number of the payment or refund, where the books keep it.
    pub channel_no: Option<String>,
    /// Positive amount.
    pub amount: Money,
    /// What the books say of it.
    pub state: EntryState,
    /// The books' own word for the state.
    pub state_text: String,
    /// When the books made the row.
    pub created_at: Timestamp,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)?) => {
        /// What may be wrong between the two sides. The words a person reads name the side
        /// (渠道有·我方无), never the ambiguous 长款/短款.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
        pub enum DifferenceCode { $($(#[$doc])* #[serde(rename = $text)] #[ts(rename = $text)] $variant),* }

        impl DifferenceCode {
            /// Every code, in report order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable word, as in the JSON of `zf reconcile`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads the stable word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

codes!(
    /// Bill line without a book entry.
    MissingInLedger = "missing_in_ledger",
    /// Book entry without a bill line.
    MissingInChannel = "missing_in_channel",
    /// Both, with different amounts.
    AmountMismatch = "amount_mismatch",
    /// Both, one says done and the other does not.
    StatusMismatch = "status_mismatch",
    /// The same key twice in the bill.
    DuplicateInChannel = "duplicate_in_channel",
    /// The same key twice in the books.
    DuplicateInLedger = "duplicate_in_ledger",
    /// Both, in two currencies.
    CurrencyMismatch = "currency_mismatch",
    /// One merchant number with two channel numbers.
    IdClash = "id_clash",
    /// Both agree, and the channel's fee is not what the contract says.
    FeeMismatch = "fee_mismatch",
);
