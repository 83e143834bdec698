//! What can be wrong with a value or a step, before anything else is asked.

use crate::money::Currency;

/// A sum or an amount that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two currencies in one sum.
    #[error("cannot combine {0} with {1}: sums never cross currencies")]
    CurrencyMismatch(Currency, Currency),
    /// Past `i64` minor units.
    #[error("the amount exceeds what can be counted")]
    Overflow,
    /// The text is not a plain decimal amount of this currency.
    #[error("“{text}” is not an amount in {currency}: {reason}")]
    NotAnAmount {
        /// The text as it stood.
        text: String,
        /// The currency it was read in.
        currency: Currency,
        /// What is wrong with it, and what is expected.
        reason: &'static str,
    },
    /// A currency this program does not know.
    #[error("unknown currency “{0}”: expected an ISO 4217 code such as CNY")]
    UnknownCurrency(String),
}

/// An identifier that cannot be what it claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a {what}: {reason}")]
pub struct IdError {
    /// Which identifier was expected.
    pub what: &'static str,
    /// The text as it stood, cut to 80 characters.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// A time or date that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not {expected}")]
pub struct TimeError {
    /// The text as it stood.
    pub text: String,
    /// The expected form, with an example.
    pub expected: &'static str,
}

/// A step the state machine does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {what} cannot go from {from} to {to}")]
pub struct TransitionError {
    /// The kind of thing.
    pub what: &'static str,
    /// Where it stands.
    pub from: &'static str,
    /// Where it was asked to go.
    pub to: &'static str,
}

/// A house rule that says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The person who asked, or last edited, may not approve.
    #[error("the person who asked for or last edited this cannot approve it")]
    MakerIsChecker,
    /// This person has already approved this version.
    #[error("this person has already approved this version")]
    AlreadyApproved,
    /// What was approved is not what stands now.
    #[error("the content changed since it was shown: its digest is different")]
    DigestMismatch,
    /// Nothing to refund, or less than nothing.
    #[error("the refund must be at least one minor unit")]
    NotPositive,
    /// More than the payment has left.
    #[error("the refund exceeds what is left: {left_minor} minor units remain")]
    ExceedsRemaining {
        /// Minor units still refundable.
        left_minor: i64,
    },
    /// The amount left is not the amount the person saw.
    #[error("the amount left changed while the form was open: it is now {left_minor} minor units")]
    RemainingChanged {
        /// Minor units still refundable.
        left_minor: i64,
    },
    /// The channel refuses refunds this long after the payment.
    #[error("the payment is older than the channel's refund limit of {days} days")]
    TooOld {
        /// The limit in days.
        days: i64,
    },
    /// The channel refuses more partial refunds.
    #[error("the order already has {count} refunds, the channel's limit")]
    TooMany {
        /// The limit.
        count: u32,
    },
    /// Too soon after the last refund of the same order.
    #[error("the last refund of this order was sent less than {seconds} seconds ago")]
    TooSoon {
        /// The shortest interval in seconds.
        seconds: i64,
    },
    /// The request is past its time.
    #[error("the request waited longer than {hours} hours for approval")]
    Expired {
        /// The limit in hours.
        hours: i64,
    },
    /// The person asked for as many refunds today as the house allows.
    #[error("{asked} refunds were asked for today, the house's limit is {limit}")]
    DailyCount {
        /// The limit.
        limit: u32,
        /// Asked for today already.
        asked: u32,
    },
    /// The person would ask for more money today than the house allows.
    #[error("{asked_minor} minor units were asked for today, the house's limit is {limit_minor}")]
    DailySum {
        /// The limit in minor units.
        limit_minor: i64,
        /// Asked for today already, in minor units.
        asked_minor: i64,
    },
}
