//! Who may ask and who may approve: the maker-checker rule and the limits of the refund desk.
//!
//! The rules are checked here and again by constraints of the store.

use crate::error::RuleError;
use crate::ids::UserId;
use crate::money::Money;
use crate::time::Timestamp;

/// Limits of the refund desk. Channel figures: WeChat Pay API v3, refund page §6.2.
#[derive(Debug, Clone)]
pub struct RefundRules {
    /// Longest age of a payment, in days.
    pub age_days_max: i64,
    /// Most refunds one order may have.
    pub refunds_per_order_max: u32,
    /// Shortest interval between two refunds of one order, in seconds.
    pub interval_seconds_min: i64,
    /// Hours a request waits for approval before it expires.
    pub approval_hours_max: i64,
    /// Up to this many minor units one checker is enough; above it two are needed.
    pub one_checker_minor_max: i64,
}

impl Default for RefundRules {
    fn default() -> Self {
        Self {
            age_days_max: 365,
            refunds_per_order_max: 50,
            interval_seconds_min: 60,
            approval_hours_max: 48,
            one_checker_minor_max: 500_000,
        }
    }
}

/// What the store knows of an order when a refund is asked.
#[derive(Debug, Clone, Copy)]
pub struct Remaining {
    /// Paid.
    pub paid: Money,
    /// Refunded for good.
    pub refunded_minor: i64,
    /// Asked for and not finally refused.
    pub in_flight_minor: i64,
}

impl Remaining {
    /// Minor units that may still be asked for; never negative.
    #[must_use]
    pub const fn left_minor(&self) -> i64 {
        let left = self
            .paid
            .minor
            .saturating_sub(self.refunded_minor)
            .saturating_sub(self.in_flight_minor);
        if left < 0 { 0 } else { left }
    }
}

/// The answer to "may this person approve?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The approval counts, and more are needed.
    NeedsMore {
        /// How many checkers are still missing.
        missing: u32,
    },
    /// The approval counts, and it was the last one needed.
    Complete,
}

impl RefundRules {
    /// How many different checkers an amount needs.
    #[must_use]
    pub const fn checkers_required(&self, amount_minor: i64) -> u32 {
        if amount_minor > self.one_checker_minor_max {
            2
        } else {
            1
        }
    }

    /// Checks an amount against what the person saw and what is left.
    ///
    /// # Errors
    /// `NotPositive`, `RemainingChanged` or `ExceedsRemaining`.
    pub const fn check_amount(
        &self,
        amount_minor: i64,
        remaining: &Remaining,
        seen_left_minor: i64,
    ) -> Result<(), RuleError> {
        let left_minor = remaining.left_minor();
        if amount_minor < 1 {
            return Err(RuleError::NotPositive);
        }
        if seen_left_minor != left_minor {
            return Err(RuleError::RemainingChanged { left_minor });
        }
        if amount_minor > left_minor {
            return Err(RuleError::ExceedsRemaining { left_minor });
        }
        Ok(())
    }

    /// Checks the age of the payment.
    ///
    /// # Errors
    /// `TooOld` past the channel's limit.
    pub const fn check_age(&self, paid_at: Timestamp, now: Timestamp) -> Result<(), RuleError> {
        if now.seconds().saturating_sub(paid_at.seconds()) > self.age_days_max * 86_400 {
            return Err(RuleError::TooOld {
                days: self.age_days_max,
            });
        }
        Ok(())
    }

    /// Judges one approval.
    ///
    /// `makers` are all who asked for or edited the content; `approved` who approved this version
    /// already; `shown_digest` what the checker saw; `stands_digest` what stands now.
    ///
    /// # Errors
    /// `MakerIsChecker`, `AlreadyApproved`, `DigestMismatch` or `Expired`.
    #[allow(
        clippy::too_many_arguments,
        reason = "one decision, every fact it rests on"
    )]
    pub fn decide(
        &self,
        checker: UserId,
        makers: &[UserId],
        approved: &[UserId],
        amount_minor: i64,
        shown_digest: &str,
        stands_digest: &str,
        asked_at: Timestamp,
        now: Timestamp,
    ) -> Result<Decision, RuleError> {
        check_separate(checker, makers)?;
        if approved.contains(&checker) {
            return Err(RuleError::AlreadyApproved);
        }
        if shown_digest != stands_digest {
            return Err(RuleError::DigestMismatch);
        }
        if now.seconds().saturating_sub(asked_at.seconds()) > self.approval_hours_max * 3600 {
            return Err(RuleError::Expired {
                hours: self.approval_hours_max,
            });
        }
        let have = u32::try_from(approved.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let missing = self.checkers_required(amount_minor).saturating_sub(have);
        Ok(if missing == 0 {
            Decision::Complete
        } else {
            Decision::NeedsMore { missing }
        })
    }
}

/// Maker ≠ checker, the rule every signing path asks.
///
/// # Errors
/// `MakerIsChecker`.
pub fn check_separate(checker: UserId, makers: &[UserId]) -> Result<(), RuleError> {
    if makers.contains(&checker) {
        Err(RuleError::MakerIsChecker)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_maker_is_never_a_checker_and_a_digest_binds() {
        let (maker, a, b) = (UserId::new(), UserId::new(), UserId::new());
        let rules = RefundRules::default();
        let at = Timestamp::from_seconds(1_000_000);
        let decide = |who, approved: &[UserId], minor, shown, hours: i64| {
            rules.decide(
                who,
                &[maker],
                approved,
                minor,
                shown,
                "d1",
                at,
                at.plus_millis(hours * 3_600_000),
            )
        };
        assert_eq!(
            decide(maker, &[], 100, "d1", 0),
            Err(RuleError::MakerIsChecker)
        );
        assert_eq!(decide(a, &[], 100, "d1", 0), Ok(Decision::Complete));
        assert_eq!(decide(a, &[], 100, "d0", 0), Err(RuleError::DigestMismatch));
        assert_eq!(
            decide(a, &[], 500_001, "d1", 0),
            Ok(Decision::NeedsMore { missing: 1 })
        );
        assert_eq!(
            decide(a, &[a], 500_001, "d1", 0),
            Err(RuleError::AlreadyApproved)
        );
        assert_eq!(decide(b, &[a], 500_001, "d1", 0), Ok(Decision::Complete));
        assert_eq!(
            decide(b, &[], 100, "d1", 49),
            Err(RuleError::Expired { hours: 48 })
        );
    }

    proptest! {
        #[test]
        fn nothing_beyond_what_is_left_passes(paid in 0i64..1_000_000, refunded in 0i64..1_000_000,
                                              flight in 0i64..1_000_000, ask in -10i64..2_000_000) {
            let remaining = Remaining { paid: Money::cny(paid), refunded_minor: refunded, in_flight_minor: flight };
            let left = remaining.left_minor();
            if RefundRules::default().check_amount(ask, &remaining, left).is_ok() {
                prop_assert!(ask >= 1 && refunded + flight + ask <= paid);
            }
        }
    }
}
