//! Where an unsettled difference stands: the three counters of every list.

use serde::{Deserialize, Serialize};

use crate::time::BusinessDate;

/// Days after its own day by which somebody must have taken an open difference: the carry-over
/// bands after these (8–30 days, more than 30) hold only what is overdue.
pub const OPEN_DAYS_MAX: i64 = 7;

/// Waiting is never an error; broken wants a person; overdue is past its date.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS,
)]
#[serde(rename_all = "snake_case")]
#[ts(rename_all = "snake_case")]
pub enum Standing {
    /// Suspended, its due date not yet past; or open, and its other side may still come.
    Waiting,
    /// Open: nobody has taken it.
    Broken,
    /// Suspended past its due date, or open for more than [`OPEN_DAYS_MAX`] days.
    Overdue,
}

/// The last day on which an unsettled difference is in time: the due date a person set, else
/// [`OPEN_DAYS_MAX`] days after its own day.
#[must_use]
pub fn last_day_in_time(date: BusinessDate, due: Option<BusinessDate>) -> BusinessDate {
    due.unwrap_or_else(|| date.plus_days(OPEN_DAYS_MAX))
}

/// Where a difference of day `date` stands on `today`; `due` is the date of its suspension, `None`
/// while it is open, and `expected` the day until which its other side may still come.
#[must_use]
pub fn standing(
    date: BusinessDate,
    due: Option<BusinessDate>,
    expected: Option<BusinessDate>,
    today: BusinessDate,
) -> Standing {
    if today > last_day_in_time(date, due) {
        Standing::Overdue
    } else if due.is_some() || expected.is_some_and(|expected| today <= expected) {
        Standing::Waiting
    } else {
        Standing::Broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_date_counts_to_its_end() {
        let day = |text: &str| BusinessDate::parse(text).unwrap();
        for (due, until, today, expected) in [
            (None, None, "2026-11-02", Standing::Broken),
            (None, None, "2026-11-08", Standing::Broken),
            (None, None, "2026-11-09", Standing::Overdue),
            (None, Some("2026-11-02"), "2026-11-02", Standing::Waiting),
            (None, Some("2026-11-02"), "2026-11-03", Standing::Broken),
            (None, Some("2026-11-30"), "2026-11-09", Standing::Overdue),
            (Some("2026-11-20"), None, "2026-11-09", Standing::Waiting),
            (Some("2026-11-20"), None, "2026-11-20", Standing::Waiting),
            (Some("2026-11-20"), None, "2026-11-21", Standing::Overdue),
            (Some("2026-11-03"), None, "2026-11-04", Standing::Overdue),
        ] {
            assert_eq!(
                standing(day("2026-11-01"), due.map(day), until.map(day), day(today)),
                expected,
                "{due:?} {until:?} {today}"
            );
        }
    }
}
