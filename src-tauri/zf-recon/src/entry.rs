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
}

impl<'a> Entry<'a> {
    /// A bill row.
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
