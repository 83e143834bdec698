//! What people do about a difference: the kinds of resolution, what each needs and what it brings.
//!
//! A resolution is an entry of a ledger that only grows. It is undone by a reversing entry, never by
//! deleting. Source: the trade's practice as set down in the glossary (resolution, maker and checker).

use serde::{Deserialize, Serialize};

use crate::entry::DifferenceCode;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
        pub enum $name { $($(#[$of])* #[serde(rename = $text)] #[ts(rename = $text)] $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable word kept in the store.
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

words! {
    /// What is done about a difference.
    ResolutionKind {
        /// It is given time until a date.
        Wait = "wait",
        /// The channel was asked, and the order's state follows its answer.
        Query = "query",
        /// The books lack the entry and get it.
        Supplement = "supplement",
        /// The payer gets the money back, through the refund desk.
        Refund = "refund",
        /// The channel is asked to make it good.
        Claim = "claim",
        /// The books are corrected by the gap.
        Adjust = "adjust",
        /// The gap is given up.
        WriteOff = "write_off",
        /// It is no trade difference but something with a name of its own: a top-up, a service fee.
        Relabel = "relabel",
        /// The other side came in another day's file. Only a run makes this entry, never a person.
        CrossDay = "cross_day",
    }
}

words! {
    /// Where a difference has come to.
    Disposition {
        /// Nobody has taken it.
        Open = "open",
        /// Somebody sees to it until a date.
        Suspended = "suspended",
        /// What was proposed waits for the second person.
        Pending = "pending",
        /// It is settled.
        Resolved = "resolved",
        /// It was given up.
        WrittenOff = "written_off",
    }
}

words! {
    /// How an entry of the ledger stands.
    ResolutionState {
        /// Waits for the second person.
        Proposed = "proposed",
        /// Holds.
        InEffect = "in_effect",
        /// The second person said no.
        Rejected = "rejected",
        /// Who proposed it took it back before it was decided.
        Withdrawn = "withdrawn",
        /// A later entry reversed it.
        Reversed = "reversed",
    }
}

impl Disposition {
    /// Whether the difference still belongs to the pool of what is unsettled.
    #[must_use]
    pub const fn is_unsettled(self) -> bool {
        matches!(self, Self::Open | Self::Suspended | Self::Pending)
    }
}

impl ResolutionKind {
    /// Whether it moves money or books, so that a second person decides.
    #[must_use]
    pub const fn needs_second_person(self) -> bool {
        matches!(self, Self::Supplement | Self::Adjust | Self::WriteOff)
    }

    /// Whether the difference stays with an owner until a date.
    #[must_use]
    pub const fn needs_owner(self) -> bool {
        matches!(self, Self::Wait | Self::Query | Self::Refund | Self::Claim)
    }

    /// Where the difference is once the entry holds.
    #[must_use]
    pub const fn brings(self) -> Disposition {
        match self {
            Self::Wait | Self::Query | Self::Refund | Self::Claim => Disposition::Suspended,
            Self::Supplement | Self::Adjust | Self::Relabel | Self::CrossDay => {
                Disposition::Resolved
            }
            Self::WriteOff => Disposition::WrittenOff,
        }
    }

    /// Whether a person may choose it for a difference of this code whose gap, channel less books, is
    /// `gap_minor`.
    #[must_use]
    pub const fn fits(self, code: DifferenceCode, gap_minor: i64) -> bool {
        use DifferenceCode as C;
        match self {
            Self::Wait | Self::Query => true,
            Self::CrossDay => false,
            // The channel has it and the books do not, or not yet.
            Self::Supplement => matches!(code, C::MissingInLedger | C::StatusMismatch),
            // The payer paid more than the books want.
            Self::Refund => match code {
                C::MissingInLedger | C::DuplicateInChannel => true,
                C::AmountMismatch => gap_minor > 0,
                _ => false,
            },
            // The channel owes: it has less than the books.
            Self::Claim => match code {
                C::MissingInChannel => true,
                C::AmountMismatch => gap_minor < 0,
                _ => false,
            },
            Self::Adjust => !matches!(code, C::MissingInLedger | C::DuplicateInChannel),
            Self::WriteOff => gap_minor != 0,
            Self::Relabel => matches!(code, C::MissingInLedger | C::MissingInChannel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_can_be_settled_by_somebody() {
        for code in DifferenceCode::ALL {
            let settles = ResolutionKind::ALL
                .iter()
                .any(|k| k.fits(*code, 1) && !k.brings().is_unsettled());
            assert!(settles, "{code:?}");
        }
    }

    #[test]
    fn what_fits_follows_who_has_more() {
        use DifferenceCode as C;
        use ResolutionKind as K;
        for (kind, code, gap, fits) in [
            (K::Refund, C::AmountMismatch, 5, true),
            (K::Refund, C::AmountMismatch, -5, false),
            (K::Claim, C::AmountMismatch, -5, true),
            (K::Claim, C::AmountMismatch, 5, false),
            (K::Supplement, C::MissingInLedger, 100, true),
            (K::Supplement, C::MissingInChannel, -100, false),
            (K::Refund, C::MissingInChannel, -100, false),
            (K::Adjust, C::DuplicateInLedger, -100, true),
            (K::WriteOff, C::StatusMismatch, 0, false),
            (K::CrossDay, C::MissingInChannel, -100, false),
        ] {
            assert_eq!(kind.fits(code, gap), fits, "{kind:?} {code:?} {gap}");
        }
    }

    #[test]
    fn whoever_moves_books_is_not_alone() {
        for kind in ResolutionKind::ALL {
            let moves = matches!(
                kind,
                ResolutionKind::Supplement | ResolutionKind::Adjust | ResolutionKind::WriteOff
            );
            assert_eq!(kind.needs_second_person(), moves, "{kind:?}");
            assert_eq!(
                kind.needs_owner(),
                kind.brings() == Disposition::Suspended,
                "{kind:?}"
            );
        }
    }
}
