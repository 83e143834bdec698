//! What the engine is given: one row of either side, reduced to what can be compared.

use zf_domain::{BookEntry, EntryKind, EntryState, Money, StatementLine, Timestamp};

use crate::error::ReconError;

/// Which file a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The channel's bill.
    Channel,
    /// The merchant's own books.
    Ledger,
}

impl Side {
    /// Both sides, the channel first.
    pub const ALL: [Self; 2] = [Self::Channel, Self::Ledger];

    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Ledger => "ledger",
        }
    }
}

/// One row, borrowed for the time of the call that takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Payment or refund. The two never match each other.
    pub kind: EntryKind,
    /// The merchant's order number of a payment, refund number of a refund: at most 255 bytes.
    pub key: &'a str,
    /// Positive for payments and refunds alike; minor units with their currency.
    pub amount: Money,
    /// What this side says of it.
    pub state: EntryState,
    /// When this side says it happened. Shown, never compared: the two sides' clocks differ.
    pub occurred_at: Timestamp,
    /// Line in the file, 1 = the header. Shown, never compared.
    pub line_no: u64,
    /// What only some files say.
    pub extra: Extra<'a>,
}

/// What only some files say of a row; what is absent costs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extra<'a> {
    /// The channel's own number, at most 255 bytes. Where both sides have one and they differ, one
    /// merchant number was used twice.
    pub channel_no: Option<&'a str>,
    /// The channel's fee in minor units, negative where it is given back; bill rows only. Compared
    /// with the contract when the run has rules.
    pub fee_minor: Option<i64>,
    /// What the fee is charged on, where it is not the amount: the channel takes no fee on coupons
    /// it paid itself. Bill rows only.
    pub fee_base_minor: Option<i64>,
    /// The row was carried over from another day: the caller's number of the bill or books it came
    /// from. Without partner it goes on waiting.
    pub carried_from: Option<u32>,
}

impl<'a> Extra<'a> {
    /// What a bill row says besides: the channel's number of the payment or refund, and its fee.
    #[must_use]
    pub fn of_line(line: &'a StatementLine) -> Self {
        let number = match line.kind {
            EntryKind::Payment => Some(line.payment_id.as_str()),
            EntryKind::Refund => line.refund_id.as_ref().map(|id| id.as_str()),
        };
        Self {
            channel_no: number.filter(|number| !number.is_empty()),
            fee_minor: Some(line.fee_minor),
            fee_base_minor: (line.settlement_minor.abs() != line.amount.minor)
                .then_some(line.settlement_minor.abs()),
            carried_from: None,
        }
    }
}

impl<'a> Entry<'a> {
    /// A bill row, without what [`Extra::of_line`] adds.
    ///
    /// # Errors
    /// `NoRefundNumber` for a refund row without our refund number.
    pub fn from_line(line: &'a StatementLine) -> Result<Self, ReconError> {
        let key = match line.kind {
            EntryKind::Payment => line.order_no.as_str(),
            EntryKind::Refund => match &line.refund_no {
                Some(number) => number.as_str(),
                None => {
                    return Err(ReconError::NoRefundNumber {
                        side: Side::Channel,
                        line_no: line.line_no,
                    });
                }
            },
        };
        Ok(Self {
            kind: line.kind,
            key,
            amount: line.amount,
            state: line.state,
            occurred_at: line.occurred_at,
            line_no: line.line_no,
            extra: Extra::default(),
        })
    }

    /// A row of the books.
    ///
    /// # Errors
    /// `NoRefundNumber` for a refund row without our refund number.
    pub fn from_book(entry: &'a BookEntry) -> Result<Self, ReconError> {
        let key = match entry.kind {
            EntryKind::Payment => entry.order_no.as_str(),
            EntryKind::Refund => match &entry.refund_no {
                Some(number) => number.as_str(),
                None => {
                    return Err(ReconError::NoRefundNumber {
                        side: Side::Ledger,
                        line_no: entry.line_no,
                    });
                }
            },
        };
        Ok(Self {
            kind: entry.kind,
            key,
            amount: entry.amount,
            state: entry.state,
            occurred_at: entry.created_at,
            line_no: entry.line_no,
            extra: Extra {
                channel_no: entry.channel_no.as_deref(),
                ..Extra::default()
            },
        })
    }
}

/// What a row adds to its side's net, in minor units.
///
/// A payment counts once it is done. A refund counts from its acceptance on, also while in
/// progress: a bill's refund row is a snapshot taken then, and the channel has set the money aside.
/// What is void moved nothing.
#[must_use]
pub(crate) fn net_minor(kind: EntryKind, state: EntryState, minor: i64) -> i128 {
    match (kind, state) {
        (EntryKind::Payment, EntryState::Done) => i128::from(minor),
        (EntryKind::Refund, EntryState::Done | EntryState::InProgress) => -i128::from(minor),
        (EntryKind::Payment, EntryState::InProgress) | (_, EntryState::Void) => 0,
    }
}
