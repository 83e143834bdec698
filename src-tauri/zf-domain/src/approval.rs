//! Who may ask and who may approve: the maker-checker rule and the limits of the refund desk.
//!
//! The rules are checked here and again by constraints of the store.

use crate::error::RuleError;
use crate::ids::UserId;
use crate::money::Money;
use crate::time::Timestamp;

/// How many people approve amounts up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalBand {
    /// Highest amount of the band in minor units, included; `None`: whatever is above the others.
    pub up_to_minor: Option<i64>,
    /// How many different people must approve.
    pub checkers: u32,
}

/// The way one request goes: fixed when it is asked for, and part of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalPath {
    /// How many different people must approve.
    pub checkers: u32,
    /// Hours it waits for them before it expires.
    pub approval_hours: i64,
    /// Seconds between the last approval and the sending, in which it can be taken back.
    pub cooling_off_seconds: i64,
}

/// Most people a band may ask for.
pub const CHECKERS_MAX: u32 = 3;
/// Most bands.
pub const BANDS_MAX: usize = 6;

/// Limits of the refund desk. Channel figures: WeChat Pay API v3, refund page §6.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRules {
    /// Longest age of a payment, in days.
    pub age_days_max: i64,
    /// Most refunds one order may have.
    pub refunds_per_order_max: u32,
    /// Shortest interval between two refunds of one order, in seconds.
    pub interval_seconds_min: i64,
    /// Hours a request waits for approval before it expires.
    pub approval_hours_max: i64,
    /// Who approves how much, by ascending amount; the last band has no limit.
    pub bands: Vec<ApprovalBand>,
    /// Seconds between the last approval and the sending; 0 sends at once.
    pub cooling_off_seconds: i64,
    /// Most refunds one person may ask for in one Beijing day.
    pub daily_count_max: Option<u32>,
    /// Most minor units one person may ask for in one Beijing day, in one currency.
    pub daily_sum_minor_max: Option<i64>,
}

impl Default for RefundRules {
    fn default() -> Self {
        Self {
            age_days_max: 365,
            refunds_per_order_max: 50,
            interval_seconds_min: 60,
            approval_hours_max: 48,
            bands: vec![
                ApprovalBand {
                    up_to_minor: Some(500_000),
                    checkers: 1,
                },
                ApprovalBand {
                    up_to_minor: None,
                    checkers: 2,
                },
            ],
            cooling_off_seconds: 0,
            daily_count_max: None,
            daily_sum_minor_max: None,
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
    /// How many different checkers an amount needs; never fewer than one.
    #[must_use]
    pub fn checkers_required(&self, amount_minor: i64) -> u32 {
        self.bands
            .iter()
            .find(|band| band.up_to_minor.is_none_or(|max| amount_minor <= max))
            .or(self.bands.last())
            .map_or(1, |band| band.checkers.max(1))
    }

    /// The way a request of this amount goes under these rules.
    #[must_use]
    pub fn path(&self, amount_minor: i64) -> ApprovalPath {
        ApprovalPath {
            checkers: self.checkers_required(amount_minor),
            approval_hours: self.approval_hours_max,
            cooling_off_seconds: self.cooling_off_seconds,
        }
    }

    /// What keeps these rules from standing: the field, and what is wrong with it as a stable word.
    ///
    /// # Errors
    /// The first field that is out of its bounds.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.bands.is_empty() || self.bands.len() > BANDS_MAX {
            return Err(("bands", "count"));
        }
        let mut below = 0;
        for (at, band) in self.bands.iter().enumerate() {
            let last = at + 1 == self.bands.len();
            if !(1..=CHECKERS_MAX).contains(&band.checkers) {
                return Err(("bands", "checkers"));
            }
            match band.up_to_minor {
                None if last => {}
                Some(max) if !last && max > below => below = max,
                _ => return Err(("bands", "order")),
            }
        }
        // More money never needs fewer people.
        if self.bands.windows(2).any(|w| w[0].checkers > w[1].checkers) {
            return Err(("bands", "fewer_above"));
        }
        if !(1..=720).contains(&self.approval_hours_max) {
            return Err(("approval_hours", "range"));
        }
        if !(0..=86_400).contains(&self.cooling_off_seconds) {
            return Err(("cooling_off_seconds", "range"));
        }
        if self.daily_count_max == Some(0) {
            return Err(("daily_count_max", "range"));
        }
        if self.daily_sum_minor_max.is_some_and(|max| max < 1) {
            return Err(("daily_sum_minor_max", "range"));
        }
        Ok(())
    }

    /// Checks what one person asks for on one day, this request included.
    ///
    /// `asked_count` and `asked_minor`: what the person asked for today already and was not refused.
    ///
    /// # Errors
    /// `DailyCount` or `DailySum` with the limit and what stands already.
    pub const fn check_daily(
        &self,
        asked_count: u32,
        asked_minor: i64,
        amount_minor: i64,
    ) -> Result<(), RuleError> {
        if let Some(limit) = self.daily_count_max
            && asked_count >= limit
        {
            return Err(RuleError::DailyCount {
                limit,
                asked: asked_count,
            });
        }
        if let Some(limit_minor) = self.daily_sum_minor_max
            && asked_minor.saturating_add(amount_minor) > limit_minor
        {
            return Err(RuleError::DailySum {
                limit_minor,
                asked_minor,
            });
        }
        Ok(())
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
}

impl ApprovalPath {
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
        if now.seconds().saturating_sub(asked_at.seconds()) > self.approval_hours * 3600 {
            return Err(RuleError::Expired {
                hours: self.approval_hours,
            });
        }
        let have = u32::try_from(approved.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let missing = self.checkers.saturating_sub(have);
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
            rules.path(minor).decide(
                who,
                &[maker],
                approved,
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

    fn band(up_to_minor: Option<i64>, checkers: u32) -> ApprovalBand {
        ApprovalBand {
            up_to_minor,
            checkers,
        }
    }

    #[test]
    fn bands_are_read_by_amount_and_refused_when_they_make_no_sense() {
        let rules = RefundRules {
            bands: vec![band(Some(100), 1), band(Some(1_000), 2), band(None, 3)],
            ..RefundRules::default()
        };
        for (minor, checkers) in [(1, 1), (100, 1), (101, 2), (1_000, 2), (1_001, 3)] {
            assert_eq!(rules.checkers_required(minor), checkers, "{minor}");
        }
        assert_eq!(rules.check(), Ok(()));
        for (bands, fault) in [
            (vec![], "count"),
            (vec![band(None, 0)], "checkers"),
            (vec![band(None, 4)], "checkers"),
            (vec![band(Some(100), 1)], "order"),
            (vec![band(None, 1), band(None, 2)], "order"),
            (
                vec![band(Some(100), 1), band(Some(100), 1), band(None, 2)],
                "order",
            ),
            (vec![band(Some(100), 2), band(None, 1)], "fewer_above"),
        ] {
            let rules = RefundRules {
                bands,
                ..RefundRules::default()
            };
            assert_eq!(rules.check(), Err(("bands", fault)), "{:?}", rules.bands);
        }
    }

    #[test]
    fn a_day_has_its_limits_of_count_and_sum() {
        let rules = RefundRules {
            daily_count_max: Some(2),
            daily_sum_minor_max: Some(1_000),
            ..RefundRules::default()
        };
        assert_eq!(rules.check_daily(1, 400, 600), Ok(()));
        assert_eq!(
            rules.check_daily(2, 0, 1),
            Err(RuleError::DailyCount { limit: 2, asked: 2 })
        );
        assert_eq!(
            rules.check_daily(1, 400, 601),
            Err(RuleError::DailySum {
                limit_minor: 1_000,
                asked_minor: 400
            })
        );
        assert_eq!(
            RefundRules::default().check_daily(9_999, i64::MAX, 1),
            Ok(())
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
