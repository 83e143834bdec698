//! Time: UTC instants from a clock, and business dates that belong to a channel's zone.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::error::TimeError;

/// Beijing time, the zone of the Chinese channels' bills and business days: UTC+8 all year.
const BEIJING: Offset = Offset::constant(8);

/// An instant: milliseconds since 1970 UTC. On the wire RFC 3339 in UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS,
)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970 UTC, clamped to the years 1–9999.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(-62_135_596_800_000, 253_402_207_200_999))
    }

    /// From seconds since 1970 UTC.
    #[must_use]
    #[inline]
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970 UTC.
    #[must_use]
    #[inline]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This instant plus `millis` (may be negative).
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// Reads RFC 3339 with any offset.
    ///
    /// # Errors
    /// When the text is not RFC 3339.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        text.parse::<jiff::Timestamp>()
            .map(|t| Self::from_millis(t.as_millisecond()))
            .map_err(|_| TimeError {
                text: text.chars().take(40).collect(),
                expected: "an RFC 3339 time such as 2026-03-14T09:12:33+08:00",
            })
    }

    /// Reads `yyyy-MM-dd HH:mm:ss` in Beijing time, as Chinese bills print it.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn parse_beijing(text: &str) -> Result<Self, TimeError> {
        civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text)
            .ok()
            .and_then(|local| BEIJING.to_timestamp(local).ok())
            .map(|t| Self::from_millis(t.as_millisecond()))
            .ok_or_else(|| TimeError {
                text: text.chars().take(40).collect(),
                expected: "a Beijing time such as 2026-03-14 09:12:33",
            })
    }

    /// `yyyy-MM-dd HH:mm:ss` in Beijing time.
    #[must_use]
    pub fn to_beijing(self) -> String {
        BEIJING
            .to_datetime(self.instant())
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string()
    }

    /// RFC 3339 with `+08:00`, whole seconds, as Chinese channels write it.
    #[must_use]
    pub fn to_rfc3339_beijing(self) -> String {
        BEIJING
            .to_datetime(self.instant())
            .strftime("%Y-%m-%dT%H:%M:%S+08:00")
            .to_string()
    }

    /// The Beijing calendar day of this instant.
    #[must_use]
    pub fn beijing_date(self) -> BusinessDate {
        BusinessDate(BEIJING.to_datetime(self.instant()).date())
    }

    fn instant(self) -> jiff::Timestamp {
        // Clamped on construction to what jiff can hold.
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.instant())
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        Self::parse_rfc3339(&text)
    }
}

impl From<Timestamp> for String {
    fn from(t: Timestamp) -> Self {
        t.to_string()
    }
}

/// A calendar day of a channel's zone. On the wire `yyyy-MM-dd`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS,
)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct BusinessDate(civil::Date);

impl BusinessDate {
    /// Reads `yyyy-MM-dd`.
    ///
    /// # Errors
    /// When the text has another form or is no day of the calendar.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError {
            text: text.chars().take(40).collect(),
            expected: "a date such as 2026-03-14",
        };
        if text.len() != 10 {
            return Err(wrong());
        }
        civil::Date::strptime("%Y-%m-%d", text)
            .map(Self)
            .map_err(|_| wrong())
    }

    /// The day `days` later (negative: earlier); saturates at the calendar's ends.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(
            self.0
                .saturating_add(jiff::Span::new().days(days.clamp(-3_000_000, 3_000_000))),
        )
    }

    /// Days from `earlier` to this day.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        i64::from((self.0 - earlier.0).get_days())
    }

    /// First instant of this day in Beijing.
    #[must_use]
    pub fn beijing_start(self) -> Timestamp {
        BEIJING
            .to_timestamp(self.0.at(0, 0, 0, 0))
            .map_or(Timestamp(0), |t| Timestamp::from_millis(t.as_millisecond()))
    }

    /// First instant of the next day in Beijing.
    #[must_use]
    pub fn beijing_end(self) -> Timestamp {
        self.plus_days(1).beijing_start()
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.strftime("%Y-%m-%d"))
    }
}

impl TryFrom<String> for BusinessDate {
    type Error = TimeError;
    fn try_from(text: String) -> Result<Self, TimeError> {
        Self::parse(&text)
    }
}

impl From<BusinessDate> for String {
    fn from(d: BusinessDate) -> Self {
        d.to_string()
    }
}

/// Where "now" comes from: the system's clock, or one that a test or the demo moves.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at `start`.
    #[must_use]
    pub const fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.0))
    }

    /// Moves the clock forward by `millis`.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Sets the clock.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beijing_days_begin_at_sixteen_utc() {
        let t = Timestamp::parse_rfc3339("2026-03-14T16:00:00Z").unwrap();
        assert_eq!(t.beijing_date().to_string(), "2026-03-15");
        assert_eq!(t.plus_millis(-1).beijing_date().to_string(), "2026-03-14");
        assert_eq!(t.beijing_date().beijing_start(), t);
        assert_eq!(t.to_beijing(), "2026-03-15 00:00:00");
        assert_eq!(Timestamp::parse_beijing("2026-03-15 00:00:00").unwrap(), t);
        assert_eq!(t.to_rfc3339_beijing(), "2026-03-15T00:00:00+08:00");
    }

    #[test]
    fn dates_are_strict() {
        for (text, ok) in [
            ("2026-02-28", true),
            ("2026-02-30", false),
            ("2026-2-3", false),
            ("", false),
        ] {
            assert_eq!(BusinessDate::parse(text).is_ok(), ok, "{text:?}");
        }
    }
}
