//! What the desk adds up over many days at once.

use crate::dialect::Conn;
use zf_domain::{BusinessDate, Currency};

use crate::error::StoreError;

/// Collected and refunded of the orders made on one Beijing day, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySum {
    /// The day the orders were made.
    pub date: BusinessDate,
    /// Their currency.
    pub currency: Currency,
    /// Collected, minor units, and in how many orders.
    pub paid: (i64, u64),
    /// Refunded for good, minor units, and in how many orders.
    pub refunded: (i64, u64),
}

/// Sums of every day from `first` to `last`, both included; a currency's days without orders are left
/// out.
///
/// One range of a covering index a day and currency: the orders themselves are never read, and nothing
/// is sorted.
///
/// # Errors
/// When the database fails.
pub async fn day_sums(
    conn: &mut Conn,
    first: BusinessDate,
    last: BusinessDate,
) -> Result<Vec<DaySum>, StoreError> {
    let mut sums = Vec::new();
    for currency in Currency::ALL {
        let known: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM orders WHERE currency = $1 LIMIT 1")
                .bind(currency.code())
                .fetch_optional(&mut *conn)
                .await?;
        if known.is_none() {
            continue;
        }
        for ahead in 0..=last.days_since(first) {
            let date = first.plus_days(ahead);
            let (orders, paid, paid_n, refunded, refunded_n): (i64, i64, i64, i64, i64) =
                sqlx::query_as(
                    "SELECT COUNT(*), CAST(COALESCE(SUM(paid_minor), 0) AS BIGINT), COALESCE(SUM(CASE WHEN paid_minor > 0 THEN 1 ELSE 0 END), 0),
                            CAST(COALESCE(SUM(refunded_minor), 0) AS BIGINT), COALESCE(SUM(CASE WHEN refunded_minor > 0 THEN 1 ELSE 0 END), 0)
                     FROM orders WHERE currency = $1 AND created_at >= $2 AND created_at < $3",
                )
                .bind(currency.code())
                .bind(date.beijing_start().millis())
                .bind(date.beijing_end().millis())
                .fetch_one(&mut *conn)
                .await?;
            if orders > 0 {
                let count = |n: i64| u64::try_from(n).unwrap_or(0);
                sums.push(DaySum {
                    date,
                    currency,
                    paid: (paid, count(paid_n)),
                    refunded: (refunded, count(refunded_n)),
                });
            }
        }
    }
    Ok(sums)
}
