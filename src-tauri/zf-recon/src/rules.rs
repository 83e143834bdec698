//! The rules of a reconciliation as data: keys, tolerances, fee contracts, day cuts, carry windows.
//!
//! A rule set is a JSON file with a version; a run names the version it used, and [`RuleSet::digest`]
//! proves which text that was. Nothing in it is guessed: an unknown field, two contracts for one day,
//! or a tolerance on principal is refused with the place and the reason.
//!
//! ```json
//! {
//!   "version": 3,
//!   "keys": ["channel_number", "merchant_number"],
//!   "tolerances": [{ "channel": "wechat_pay", "on": "fee", "per_row_minor": 1, "daily_minor": 500,
//!     "monthly_minor": 5000, "owner": "guqinghe", "reason": "rounding of partial refunds" }],
//!   "fees": [{ "channel": "wechat_pay", "rate_ppm": 6000, "minimum_minor": 0, "on_refund": "returned",
//!     "from": "2026-01-01", "until": null }],
//!   "day_cuts": [{ "channel": "wechat_pay", "minutes_after_midnight": 0 }],
//!   "carry": [{ "channel": "wechat_pay", "kind": "payment", "days": 1 }]
//! }
//! ```

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zf_crypto::digest::{Sm3Stream, hex_lower};
use zf_domain::{BusinessDate, EntryKind, Timestamp};

/// A versioned set of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSet {
    /// Counted up with every change; 1 is the set that ships.
    pub version: u32,
    /// By what rows are matched, the first that both sides have; see [`crate::keys`].
    pub keys: Vec<Key>,
    /// What may deviate, by how much, on whose word.
    pub tolerances: Vec<Tolerance>,
    /// What the channels may charge.
    pub fees: Vec<FeeContract>,
    /// Where the channels' days begin.
    pub day_cuts: Vec<DayCut>,
    /// How long a row may wait for its partner.
    pub carry: Vec<CarryWindow>,
}

/// A number rows are matched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// The channel's number, where the books keep it.
    ChannelNumber,
    /// Our order or refund number.
    MerchantNumber,
}

/// What a tolerance is for. Principal has none: there is no word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToleranceOn {
    /// The channel's fee against the contract.
    Fee,
}

/// A deviation that is let pass, counted and budgeted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// The channel's word.
    pub channel: String,
    /// What may deviate.
    pub on: ToleranceOn,
    /// By how much in one row, minor units.
    pub per_row_minor: i64,
    /// By how much in one day, all rows together; beyond it none of the day's is let pass.
    pub daily_minor: i64,
    /// By how much in one month.
    pub monthly_minor: i64,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
}

/// What happens to the fee when a payment is refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeOnRefund {
    /// The channel gives it back in proportion: the refund's fee is negative.
    Returned,
    /// The channel keeps it: the refund's fee is zero.
    Kept,
}

/// What a channel may charge, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeContract {
    /// The channel's word.
    pub channel: String,
    /// The rate in millionths of the amount, hundredths of a basis point: 6000 is 0.60 %.
    pub rate_ppm: u32,
    /// The least fee of a payment that is not free, minor units.
    pub minimum_minor: i64,
    /// What happens to it with a refund.
    pub on_refund: FeeOnRefund,
    /// First day.
    pub from: BusinessDate,
    /// Last day; `null` = until another takes its place.
    pub until: Option<BusinessDate>,
}

impl FeeContract {
    /// The fee of one row, rounded half up to the minor unit: what is below half a fen is nothing.
    /// Negative for a refund whose fee is given back.
    #[must_use]
    pub fn fee_minor(&self, kind: EntryKind, amount_minor: i64) -> i64 {
        const MILLION: i128 = 1_000_000;
        let exact = i128::from(amount_minor) * i128::from(self.rate_ppm);
        let rounded = (exact + MILLION / 2).div_euclid(MILLION);
        let rounded = i64::try_from(rounded).unwrap_or(i64::MAX);
        match (kind, self.on_refund) {
            (EntryKind::Payment, _) if amount_minor > 0 && self.rate_ppm > 0 => {
                rounded.max(self.minimum_minor)
            }
            (EntryKind::Payment, _) => rounded,
            (EntryKind::Refund, FeeOnRefund::Returned) => -rounded,
            (EntryKind::Refund, FeeOnRefund::Kept) => 0,
        }
    }

    /// Whether it is in force on a day.
    #[must_use]
    pub fn covers(&self, day: BusinessDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// Where a channel's day begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayCut {
    /// The channel's word.
    pub channel: String,
    /// Minutes after midnight, Beijing time, at which the *next* business day begins: 0 for midnight,
    /// 1380 for 23:00.
    pub minutes_after_midnight: u16,
}

/// How long a row may wait for its partner before it is overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarryWindow {
    /// The channel's word.
    pub channel: String,
    /// Payments or refunds.
    pub kind: EntryKind,
    /// Days.
    pub days: u16,
}

/// Who answers for the tolerance that ships, until a house names somebody: its administrator.
pub const SHIPPED_OWNER: &str = "@administrator";
/// Why it ships: fees given back with partial refunds are rounded one by one.
pub const SHIPPED_REASON: &str = "@rounding";

impl Default for RuleSet {
    /// The set that ships, for WeChat Pay: the channel's number where the books keep it, else our own;
    /// principal to the fen; a fen a row for fees, five yuan a day and fifty a month; no contract, since
    /// none is known; days cut at midnight in Beijing; one day for payments and three for refunds.
    fn default() -> Self {
        let channel = || "wechat_pay".to_owned();
        let carry = |kind, days| CarryWindow {
            channel: channel(),
            kind,
            days,
        };
        Self {
            version: 1,
            keys: vec![Key::ChannelNumber, Key::MerchantNumber],
            tolerances: vec![Tolerance {
                channel: channel(),
                on: ToleranceOn::Fee,
                per_row_minor: 1,
                daily_minor: 500,
                monthly_minor: 5_000,
                owner: SHIPPED_OWNER.to_owned(),
                reason: SHIPPED_REASON.to_owned(),
            }],
            fees: Vec::new(),
            day_cuts: vec![DayCut {
                channel: channel(),
                minutes_after_midnight: 0,
            }],
            carry: vec![carry(EntryKind::Payment, 1), carry(EntryKind::Refund, 3)],
        }
    }
}

/// The rules of one run: a set, and the channel the bill is of.
#[derive(Debug, Clone)]
pub struct RunRules {
    /// The set; checked.
    pub rules: Arc<RuleSet>,
    /// The channel's word.
    pub channel: String,
    /// What earlier days left of the month's budget for fees, minor units; `None` when nobody counts.
    pub month_left_minor: Option<i64>,
}

/// What a contract says of a charged fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FeeVerdict {
    Agreed,
    /// Deviates within the tolerance for one row; the fee by contract.
    Tolerated(i64),
    /// Deviates; the fee by contract.
    Wrong(i64),
}

impl RunRules {
    pub(crate) fn fee_tolerance(&self) -> Option<&Tolerance> {
        self.rules.tolerance(&self.channel, ToleranceOn::Fee)
    }

    /// Holds the fee of a bill row against the contract of its day; without a contract every fee is
    /// agreed.
    pub(crate) fn judge_fee(
        &self,
        kind: EntryKind,
        base_minor: i64,
        fee_minor: i64,
        at: Timestamp,
    ) -> FeeVerdict {
        let day = self.rules.business_day(&self.channel, at);
        let Some(contract) = self.rules.contract(&self.channel, day) else {
            return FeeVerdict::Agreed;
        };
        let agreed = contract.fee_minor(kind, base_minor);
        if agreed == fee_minor {
            return FeeVerdict::Agreed;
        }
        let deviation = (i128::from(agreed) - i128::from(fee_minor)).abs();
        match self.fee_tolerance() {
            Some(tolerance) if deviation <= i128::from(tolerance.per_row_minor) => {
                FeeVerdict::Tolerated(agreed)
            }
            _ => FeeVerdict::Wrong(agreed),
        }
    }
}

/// A rule set that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// Not JSON of the expected shape.
    #[error("the rules are not valid: {0}")]
    Json(#[from] serde_json::Error),
    /// One rule is wrong.
    #[error("{at}: {reason}")]
    Rule {
        /// Where in the file, e.g. `fees[1].until`.
        at: String,
        /// What is wrong with it, and what is expected.
        reason: String,
    },
}

impl RuleSet {
    /// Reads and checks a rule file.
    ///
    /// # Errors
    /// `Json` with line and column; `Rule` with the place.
    pub fn from_json(text: &str) -> Result<Self, RuleError> {
        let rules: Self = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        rules.check()?;
        Ok(rules)
    }

    /// The rules as a file.
    ///
    /// # Errors
    /// When they cannot be written as JSON, which checked rules always can.
    pub fn to_json(&self) -> Result<String, RuleError> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// SM3 over the rules' canonical text, 64 lowercase hexadecimal digits: equal rules, equal digest.
    ///
    /// # Errors
    /// As [`Self::to_json`].
    pub fn digest(&self) -> Result<String, RuleError> {
        let mut print = Sm3Stream::new();
        print.update(serde_json::to_string(self)?.as_bytes());
        Ok(hex_lower(&print.finish()))
    }

    /// Whether a run can use them.
    ///
    /// # Errors
    /// `Rule` for the first that is wrong.
    pub fn check(&self) -> Result<(), RuleError> {
        let wrong = |at: String, reason: &str| {
            Err(RuleError::Rule {
                at,
                reason: reason.to_owned(),
            })
        };
        if self.keys.is_empty() {
            return wrong("keys".to_owned(), "at least one key is needed");
        }
        for (n, key) in self.keys.iter().enumerate() {
            if self.keys[..n].contains(key) {
                return wrong(format!("keys[{n}]"), "this key stands there already");
            }
        }
        if !self.keys.contains(&Key::MerchantNumber) {
            return wrong(
                "keys".to_owned(),
                "the merchant's number must be among them: every row has it",
            );
        }
        for (n, rule) in self.tolerances.iter().enumerate() {
            let at = |field: &str| format!("tolerances[{n}].{field}");
            if rule.channel.is_empty() {
                return wrong(at("channel"), "a channel is needed");
            }
            if rule.per_row_minor <= 0 {
                return wrong(
                    at("per_row_minor"),
                    "a positive number of minor units is needed",
                );
            }
            if rule.daily_minor < rule.per_row_minor {
                return wrong(at("daily_minor"), "a day must allow at least one row");
            }
            if rule.monthly_minor < rule.daily_minor {
                return wrong(at("monthly_minor"), "a month must allow at least one day");
            }
            if rule.owner.trim().is_empty() {
                return wrong(at("owner"), "someone must answer for a tolerance");
            }
            if rule.reason.trim().is_empty() {
                return wrong(at("reason"), "a tolerance needs its reason");
            }
            let again = self.tolerances[..n]
                .iter()
                .any(|other| other.channel == rule.channel && other.on == rule.on);
            if again {
                return wrong(at("on"), "this channel has a tolerance for it already");
            }
        }
        for (n, rule) in self.fees.iter().enumerate() {
            let at = |field: &str| format!("fees[{n}].{field}");
            if rule.channel.is_empty() {
                return wrong(at("channel"), "a channel is needed");
            }
            if rule.rate_ppm > 1_000_000 {
                return wrong(at("rate_ppm"), "more than the whole amount; 6000 is 0.60 %");
            }
            if rule.minimum_minor < 0 {
                return wrong(at("minimum_minor"), "a fee is never negative");
            }
            if rule.until.is_some_and(|until| until < rule.from) {
                return wrong(at("until"), "the last day comes before the first");
            }
            for (m, other) in self.fees[..n].iter().enumerate() {
                let apart = rule.until.is_some_and(|until| until < other.from)
                    || other.until.is_some_and(|until| until < rule.from);
                if other.channel == rule.channel && !apart {
                    return wrong(
                        at("from"),
                        &format!("on some days fees[{m}] is in force as well; end that one first"),
                    );
                }
            }
        }
        for (n, rule) in self.day_cuts.iter().enumerate() {
            let at = |field: &str| format!("day_cuts[{n}].{field}");
            if rule.minutes_after_midnight >= 24 * 60 {
                return wrong(at("minutes_after_midnight"), "a day has 1440 minutes");
            }
            if self.day_cuts[..n].iter().any(|o| o.channel == rule.channel) {
                return wrong(at("channel"), "this channel has a day cut already");
            }
        }
        for (n, rule) in self.carry.iter().enumerate() {
            let at = |field: &str| format!("carry[{n}].{field}");
            if rule.days > 366 {
                return wrong(at("days"), "more than a year");
            }
            let again = self.carry[..n]
                .iter()
                .any(|o| o.channel == rule.channel && o.kind == rule.kind);
            if again {
                return wrong(at("kind"), "this channel has a window for it already");
            }
        }
        Ok(())
    }

    /// The contract of a channel on a day, if there is one.
    #[must_use]
    pub fn contract(&self, channel: &str, day: BusinessDate) -> Option<&FeeContract> {
        self.fees
            .iter()
            .find(|rule| rule.channel == channel && rule.covers(day))
    }

    /// The tolerance of a channel, if there is one.
    #[must_use]
    pub fn tolerance(&self, channel: &str, on: ToleranceOn) -> Option<&Tolerance> {
        self.tolerances
            .iter()
            .find(|rule| rule.channel == channel && rule.on == on)
    }

    /// The day in whose bill the partner of a row of `day` should be at the latest; the day itself where nothing is said.
    #[must_use]
    pub fn expected_by(&self, channel: &str, kind: EntryKind, day: BusinessDate) -> BusinessDate {
        let days = self
            .carry
            .iter()
            .find(|rule| rule.channel == channel && rule.kind == kind)
            .map_or(0, |rule| i64::from(rule.days));
        day.plus_days(days)
    }

    /// The business day of an instant by the channel's day cut: from the cut on it is the next day's.
    #[must_use]
    pub fn business_day(&self, channel: &str, at: Timestamp) -> BusinessDate {
        let cut = self
            .day_cuts
            .iter()
            .find(|rule| rule.channel == channel)
            .map_or(0, |rule| i64::from(rule.minutes_after_midnight));
        let date = at.beijing_date();
        let minutes = (at.seconds() - date.beijing_start().seconds()) / 60;
        if cut > 0 && minutes >= cut {
            date.plus_days(1)
        } else {
            date
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> BusinessDate {
        BusinessDate::parse(text).unwrap()
    }

    const CONTRACT: &str = r#"{"channel":"c","rate_ppm":6000,"minimum_minor":0,"on_refund":"returned","from":"2026-01-01","until":null}"#;

    #[test]
    fn the_set_that_ships_is_sound_and_comes_back() {
        let rules = RuleSet::default();
        rules.check().unwrap();
        let again = RuleSet::from_json(&rules.to_json().unwrap()).unwrap();
        assert_eq!(again, rules);
        assert_eq!(again.digest().unwrap(), rules.digest().unwrap());
        assert_eq!(RuleSet::from_json("{}").unwrap(), rules);
        let later = RuleSet {
            version: 2,
            ..rules.clone()
        };
        assert_ne!(later.digest().unwrap(), rules.digest().unwrap());
    }

    #[test]
    fn rules_that_cannot_be_used_say_where_and_why() {
        let tolerance = |change: &str| {
            let mut rule = serde_json::json!({"channel":"c","on":"fee","per_row_minor":1,
                "daily_minor":5,"monthly_minor":50,"owner":"o","reason":"r"});
            let change: serde_json::Value = serde_json::from_str(change).unwrap();
            for (key, value) in change.as_object().unwrap() {
                rule[key] = value.clone();
            }
            format!("{{\"tolerances\":[{rule}]}}")
        };
        for (json, expected) in [
            (r#"{"kees":[]}"#.to_owned(), "unknown field `kees`"),
            (r#"{"keys":[]}"#.to_owned(), "keys: at least one"),
            (
                r#"{"keys":["merchant_number","merchant_number"]}"#.to_owned(),
                "keys[1]: this key",
            ),
            (
                r#"{"keys":["channel_number"]}"#.to_owned(),
                "keys: the merchant's number",
            ),
            (tolerance(r#"{"on":"amount"}"#), "unknown variant `amount`"),
            (
                tolerance(r#"{"per_row_minor":0}"#),
                "tolerances[0].per_row_minor",
            ),
            (
                tolerance(r#"{"daily_minor":0}"#),
                "tolerances[0].daily_minor",
            ),
            (
                tolerance(r#"{"monthly_minor":4}"#),
                "tolerances[0].monthly_minor",
            ),
            (tolerance(r#"{"owner":" "}"#), "tolerances[0].owner"),
            (tolerance(r#"{"reason":""}"#), "tolerances[0].reason"),
            (
                format!("{{\"fees\":[{CONTRACT},{CONTRACT}]}}"),
                "fees[1].from: on some days fees[0]",
            ),
            (
                format!(
                    "{{\"fees\":[{}]}}",
                    CONTRACT.replace("null", "\"2025-12-31\"")
                ),
                "fees[0].until",
            ),
            (
                format!("{{\"fees\":[{}]}}", CONTRACT.replace("6000", "1000001")),
                "fees[0].rate_ppm",
            ),
            (
                r#"{"day_cuts":[{"channel":"c","minutes_after_midnight":1440}]}"#.to_owned(),
                "day_cuts[0].minutes_after_midnight",
            ),
            (
                r#"{"carry":[{"channel":"c","kind":"payment","days":400}]}"#.to_owned(),
                "carry[0].days",
            ),
        ] {
            let error = RuleSet::from_json(&json).unwrap_err().to_string();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }

    #[test]
    fn fees_are_rounded_half_up_to_the_fen() {
        let contract = |rate_ppm, minimum_minor, on_refund| FeeContract {
            channel: "c".to_owned(),
            rate_ppm,
            minimum_minor,
            on_refund,
            from: day("2026-01-01"),
            until: None,
        };
        use EntryKind::{Payment, Refund};
        use FeeOnRefund::{Kept, Returned};
        for (rate, minimum, on_refund, kind, amount, fee) in [
            (6000, 0, Returned, Payment, 10_000, 60),
            (6000, 0, Returned, Payment, 600, 4), // 3.6
            (6000, 0, Returned, Payment, 84, 1),  // 0.504
            (6000, 0, Returned, Payment, 83, 0),  // 0.498
            (5000, 0, Returned, Payment, 100, 1), // 0.5 goes up
            (6000, 0, Returned, Refund, 26_000, -156),
            (6000, 0, Kept, Refund, 26_000, 0),
            (6000, 10, Returned, Payment, 100, 10),
            (6000, 10, Returned, Payment, 0, 0),
            (0, 10, Returned, Payment, 100, 0),
        ] {
            assert_eq!(
                contract(rate, minimum, on_refund).fee_minor(kind, amount),
                fee,
                "{rate} {amount}"
            );
        }
    }

    #[test]
    fn contracts_days_and_windows_are_found_by_channel_and_date() {
        let rules = RuleSet::from_json(&format!(
            "{{\"fees\":[{},{}],\"day_cuts\":[{{\"channel\":\"c\",\"minutes_after_midnight\":1380}}],\
             \"carry\":[{{\"channel\":\"c\",\"kind\":\"refund\",\"days\":3}}]}}",
            CONTRACT.replace("null", "\"2026-02-28\""),
            CONTRACT
                .replace("2026-01-01", "2026-03-01")
                .replace("6000", "3800"),
        ))
        .unwrap();
        let rate = |on: &str| rules.contract("c", day(on)).map(|c| c.rate_ppm);
        assert_eq!(rate("2025-12-31"), None);
        assert_eq!(rate("2026-02-28"), Some(6000));
        assert_eq!(rate("2026-03-01"), Some(3800));
        assert_eq!(rules.contract("d", day("2026-03-01")), None);

        let on = |text: &str| rules.business_day("c", Timestamp::parse_beijing(text).unwrap());
        assert_eq!(on("2026-03-14 22:59:59"), day("2026-03-14"));
        assert_eq!(on("2026-03-14 23:00:00"), day("2026-03-15"));

        let by = |kind| rules.expected_by("c", kind, day("2026-03-14"));
        assert_eq!(by(EntryKind::Refund), day("2026-03-17"));
        assert_eq!(by(EntryKind::Payment), day("2026-03-14"));
    }
}
