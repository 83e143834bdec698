//! Beijing time, the only zone the vendor knows. Instants are Unix seconds.

use jiff::{Timestamp, civil::Date, tz::Offset};

/// Seconds in one day; Beijing time has no daylight saving.
pub(crate) const DAY: i64 = 86_400;
const BEIJING_SECONDS: i64 = 8 * 3600;

fn local(unix: i64) -> jiff::civil::DateTime {
    let instant = Timestamp::from_second(unix.clamp(-377_705_023_201, 253_402_207_200))
        .expect("clamped to the range of a timestamp");
    Offset::constant(8).to_datetime(instant)
}

/// `2026-03-14T09:12:33+08:00`
pub(crate) fn rfc3339(unix: i64) -> String {
    let t = local(unix);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+08:00",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// `2026-03-14 09:12:33`, the form of the bill files.
pub(crate) fn bill_time(unix: i64) -> String {
    let t = local(unix);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minute(),
        t.second()
    )
}

/// `20260314`, the form inside order numbers.
pub(crate) fn compact_day(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// `091233`, the time of day inside order numbers.
pub(crate) fn compact_clock(unix: i64) -> String {
    let t = local(unix);
    format!("{:02}{:02}{:02}", t.hour(), t.minute(), t.second())
}

/// The Beijing day of an instant.
pub(crate) fn day_of(unix: i64) -> Date {
    local(unix).date()
}

/// The instant a Beijing day begins.
pub(crate) fn day_start(date: Date) -> i64 {
    let midnight = date.to_datetime(jiff::civil::Time::midnight());
    Offset::UTC
        .to_timestamp(midnight)
        .map_or(0, |t| t.as_second())
        - BEIJING_SECONDS
}

/// The next calendar day.
pub(crate) fn next_day(date: Date) -> Date {
    date.tomorrow().unwrap_or(date)
}

/// Reads `yyyy-MM-dd` and nothing looser.
pub(crate) fn parse_day(text: &str) -> Option<Date> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if shaped { text.parse().ok() } else { None }
}

/// Reads an RFC 3339 instant.
pub(crate) fn parse_instant(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beijing_days_and_instants() {
        assert_eq!(rfc3339(1_773_450_753), "2026-03-14T09:12:33+08:00");
        assert_eq!(bill_time(1_773_450_753), "2026-03-14 09:12:33");
        let day = day_of(1_773_450_753);
        assert_eq!(day.to_string(), "2026-03-14");
        assert_eq!(rfc3339(day_start(day)), "2026-03-14T00:00:00+08:00");
        assert_eq!(day_of(day_start(day) - 1).to_string(), "2026-03-13");
        assert_eq!(
            parse_instant("2026-03-14T09:12:33+08:00"),
            Some(1_773_450_753)
        );
        assert_eq!(parse_day("2026-3-14"), None);
        assert_eq!(parse_day("2026-02-30"), None);
    }
}
