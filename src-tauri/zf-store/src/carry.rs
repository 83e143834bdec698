//! The carry-over pool: what waits for its other side, until when, and by which line it was cleared.

use std::collections::HashMap;

use crate::dialect::{Conn, DbRow, Executor};
use sqlx::Row as _;
use zf_domain::{
    AccountId, BusinessDate, DifferenceId, Disposition, EntryKind, Money, RunId, Timestamp,
};

use crate::bills::{count, read_currency, read_date, read_id, read_kind, stored};
use crate::error::StoreError;
use crate::recon::{RunRecord, Unsettled};
use crate::store::Tx;

/// Of a row `c` and its run `r`: only the latest run of a day counts.
const LATEST: &str = "r.number = (SELECT MAX(n.number) FROM recon_runs n WHERE n.account_id = r.account_id AND n.date = r.date)";

/// What only some differences have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DifferenceTerms {
    /// A fee as charged and as agreed, minor units.
    pub fee: Option<(i64, i64)>,
    /// The row alone is within the tolerance, and the budget was spent.
    pub over_budget: bool,
    /// The day in whose bill the other side should be at the latest.
    pub expected: Option<BusinessDate>,
    /// The other side is likely to come with that bill.
    pub likely: bool,
}

/// Keeps them.
///
/// # Errors
/// The database.
pub async fn add_terms(
    tx: &mut Tx,
    id: DifferenceId,
    terms: &DifferenceTerms,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO difference_terms (difference_id, charged_minor, agreed_minor, over_budget, expected_date, likely)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.to_string())
    .bind(terms.fee.map(|(charged, _)| charged))
    .bind(terms.fee.map(|(_, agreed)| agreed))
    .bind(i64::from(terms.over_budget))
    .bind(terms.expected.map(|d| d.to_string()))
    .bind(i64::from(terms.likely))
    .execute(tx.conn())
    .await?;
    if let Some(expected) = terms.expected {
        // Beside the difference too: the pool's counters tell by it what waits.
        sqlx::query("UPDATE differences SET expected_date = $1, likely = $2 WHERE id = $3")
            .bind(expected.to_string())
            .bind(i64::from(terms.likely))
            .bind(id.to_string())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// Of a difference; nothing where there is nothing to say.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn terms(db: impl Executor<'_>, id: DifferenceId) -> Result<DifferenceTerms, StoreError> {
    let row = sqlx::query("SELECT * FROM difference_terms WHERE difference_id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?;
    row.as_ref()
        .map_or(Ok(DifferenceTerms::default()), read_terms)
}

pub(crate) fn read_terms(row: &DbRow) -> Result<DifferenceTerms, StoreError> {
    let charged: Option<i64> = row.try_get("charged_minor")?;
    let agreed: Option<i64> = row.try_get("agreed_minor")?;
    Ok(DifferenceTerms {
        fee: charged.zip(agreed),
        over_budget: row.try_get::<i64, _>("over_budget")? != 0,
        expected: row
            .try_get::<Option<&str>, _>("expected_date")?
            .map(read_date)
            .transpose()?,
        likely: row.try_get::<i64, _>("likely")? != 0,
    })
}

/// A row without partner that was not final when its day was reconciled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedRecord {
    /// The run that carried it.
    pub run_id: RunId,
    /// Place in the run, from 1.
    pub position: u64,
    /// Whose.
    pub account_id: AccountId,
    /// Its day.
    pub date: BusinessDate,
    /// Whether the bill has it; else the books.
    pub in_channel: bool,
    /// Payment or refund.
    pub kind: EntryKind,
    /// Order or refund number.
    pub number: String,
    /// Line in its side's file.
    pub line_no: u64,
    /// The amount, positive.
    pub amount: Money,
    /// When its side says it happened.
    pub at: Timestamp,
    /// The day in whose file the other side should be at the latest.
    pub expected: BusinessDate,
    /// Whether it is likely to.
    pub likely: bool,
    /// The day and line of the other side that cleared it.
    pub cleared: Option<(BusinessDate, u64)>,
}

fn read(row: &DbRow) -> Result<CarriedRecord, StoreError> {
    let cleared_date = row
        .try_get::<Option<&str>, _>("cleared_date")?
        .map(read_date)
        .transpose()?;
    let cleared_line = row.try_get::<Option<i64>, _>("cleared_line")?.map(count);
    Ok(CarriedRecord {
        run_id: read_id("run id", row.try_get("run_id")?, RunId::parse)?,
        position: count(row.try_get("position")?),
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        date: read_date(row.try_get("date")?)?,
        in_channel: row.try_get::<&str, _>("side")? == "channel",
        kind: read_kind(row.try_get("kind")?)?,
        number: row.try_get("number")?,
        line_no: count(row.try_get("line_no")?),
        amount: Money::new(
            row.try_get("amount_minor")?,
            read_currency(row.try_get("currency")?)?,
        ),
        at: Timestamp::from_millis(row.try_get("at")?),
        expected: read_date(row.try_get("expected_date")?)?,
        likely: row.try_get::<i64, _>("likely")? != 0,
        cleared: cleared_date.zip(cleared_line),
    })
}

/// Keeps a carried row.
///
/// # Errors
/// The database.
pub async fn add(tx: &mut Tx, c: &CarriedRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO carried_rows (run_id, position, account_id, date, side, kind, number, line_no, currency, amount_minor,
             at, expected_date, likely) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(c.run_id.to_string())
    .bind(stored(c.position))
    .bind(c.account_id.to_string())
    .bind(c.date.to_string())
    .bind(if c.in_channel { "channel" } else { "ledger" })
    .bind(c.kind.as_str())
    .bind(&c.number)
    .bind(stored(c.line_no))
    .bind(c.amount.currency.code())
    .bind(c.amount.minor)
    .bind(c.at.millis())
    .bind(c.expected.to_string())
    .bind(i64::from(c.likely))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Looks for the other side of what is carried, in the files other days were last reconciled with, and
/// notes day and line. What a file of `run`'s day had cleared before is looked for anew. Gives how many
/// of all are cleared by `run`'s day now.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn clear(tx: &mut Tx, run: &RunRecord, window: i64) -> Result<u64, StoreError> {
    let account = run.account_id.to_string();
    let (first, last) = (run.date.plus_days(-window), run.date.plus_days(window));
    sqlx::query(
        "UPDATE carried_rows SET cleared_date = NULL, cleared_line = NULL WHERE account_id = $1 AND cleared_date = $2",
    )
    .bind(&account)
    .bind(run.date.to_string())
    .execute(tx.conn())
    .await?;
    let waiting: Vec<CarriedRecord> = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT c.* FROM carried_rows c JOIN recon_runs r ON r.id = c.run_id
         WHERE c.account_id = $1 AND c.date >= $2 AND c.date <= $3 AND c.cleared_date IS NULL AND {LATEST}"
    )))
    .bind(&account)
    .bind(first.to_string())
    .bind(last.to_string())
    .fetch_all(tx.conn())
    .await?
    .iter()
    .map(read)
    .collect::<Result<_, _>>()?;
    let mut by_today = 0;
    for row in waiting {
        let number = match row.kind {
            EntryKind::Payment => "order_no",
            EntryKind::Refund => "refund_no",
        };
        let (table, file) = if row.in_channel {
            ("book_entries", "import_id")
        } else {
            ("bill_lines", "bill_id")
        };
        let other: Option<(String, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT r.date, l.line_no FROM {table} l JOIN recon_runs r ON r.{file} = l.{file} AND r.account_id = l.account_id
             WHERE l.account_id = $1 AND l.{number} = $2 AND l.kind = $3 AND l.currency = $4 AND l.amount_minor = $5
               AND l.state <> 'void' AND r.date <> $6 AND r.date >= $7 AND r.date <= $8 AND {LATEST}
             ORDER BY r.date, l.line_no LIMIT 1"
        )))
        .bind(&account)
        .bind(&row.number)
        .bind(row.kind.as_str())
        .bind(row.amount.currency.code())
        .bind(row.amount.minor)
        .bind(row.date.to_string())
        .bind(row.date.plus_days(-window).to_string())
        .bind(row.date.plus_days(window).to_string())
        .fetch_optional(tx.conn())
        .await?;
        let Some((date, line)) = other else { continue };
        by_today += u64::from(date == run.date.to_string());
        sqlx::query(
            "UPDATE carried_rows SET cleared_date = $3, cleared_line = $4 WHERE run_id = $1 AND position = $2",
        )
        .bind(row.run_id.to_string())
        .bind(stored(row.position))
        .bind(date)
        .bind(line)
        .execute(tx.conn())
        .await?;
    }
    Ok(by_today)
}

/// Carried rows in the latest runs of an account's days, the oldest first: those that wait, or with
/// `cleared` those that no longer do.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn rows(
    db: impl Executor<'_>,
    account: AccountId,
    cleared: bool,
    after: Option<(BusinessDate, u64)>,
    limit: u32,
) -> Result<Vec<CarriedRecord>, StoreError> {
    let (day, place) = after.map_or((None, 0), |(day, place)| {
        (Some(day.to_string()), stored(place))
    });
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT c.* FROM carried_rows c JOIN recon_runs r ON r.id = c.run_id
         WHERE c.account_id = $1 AND (c.cleared_date IS NOT NULL) = $2 AND {LATEST}
           AND ($3 IS NULL OR c.date > $3 OR (c.date = $3 AND c.position > $4))
         ORDER BY c.date, c.position LIMIT $5"
    )))
    .bind(account.to_string())
    .bind(cleared)
    .bind(day)
    .bind(place)
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// What waits, by account, day and whether its expected date is past: how many, and their net, channel
/// less books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedGroup {
    /// Whose.
    pub account_id: AccountId,
    /// Their day.
    pub date: BusinessDate,
    /// Past their expected date.
    pub overdue: bool,
    /// How many.
    pub count: u64,
    /// Channel less books, as far as money is set aside: refunds in progress; payments count nothing.
    pub gap: Money,
}

/// What waits in the latest runs, of one account or all. A locked day is settled.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn groups(
    db: impl Executor<'_>,
    account: Option<AccountId>,
    today: BusinessDate,
) -> Result<Vec<CarriedGroup>, StoreError> {
    let of_account = match account {
        Some(_) => "c.account_id = $2 AND",
        None => "",
    };
    // Along the index of what waits, then only the days that have any: is this their latest run?
    let sql = format!(
        "SELECT g.* FROM (
            SELECT c.account_id AS account_id, c.date AS date, c.run_id AS run_id, c.currency AS currency,
                   CASE WHEN c.expected_date < $1 THEN 1 ELSE 0 END AS overdue, COUNT(*) AS n,
                   CAST(SUM(CASE WHEN c.kind = 'payment' THEN 0 WHEN c.side = 'channel' THEN -c.amount_minor
                            ELSE c.amount_minor END) AS BIGINT) AS gap_minor
            FROM carried_rows c WHERE {of_account} c.cleared_date IS NULL
            GROUP BY c.account_id, c.date, c.run_id, c.currency, CASE WHEN c.expected_date < $1 THEN 1 ELSE 0 END) AS g
         JOIN recon_runs r ON r.id = g.run_id
         WHERE {LATEST}
           AND NOT EXISTS (SELECT 1 FROM day_closes k WHERE k.account_id = g.account_id AND k.date = g.date AND k.locked_at IS NOT NULL)
         ORDER BY g.date, g.account_id"
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(today.to_string());
    if let Some(account) = account {
        query = query.bind(account.to_string());
    }
    query
        .fetch_all(db)
        .await?
        .iter()
        .map(|row| {
            Ok(CarriedGroup {
                account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
                date: read_date(row.try_get("date")?)?,
                overdue: row.try_get::<i64, _>("overdue")? != 0,
                count: count(row.try_get("n")?),
                gap: Money::new(
                    row.try_get("gap_minor")?,
                    read_currency(row.try_get("currency")?)?,
                ),
            })
        })
        .collect()
}

/// What is likely to clear with a day's bill.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forecast {
    /// How many.
    pub count: u64,
    /// Their amounts by currency, positive.
    pub sums: Vec<Money>,
}

/// What is expected of an account's bill of `date` and likely to come with it: of the unsettled
/// differences `of` it those nobody has settled, and carried rows.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn forecast(
    conn: &mut Conn,
    account: AccountId,
    date: BusinessDate,
    of: &[Unsettled],
) -> Result<Forecast, StoreError> {
    let mut found = Forecast::default();
    let mut add = |n: u64, money: Money| {
        found.count += n;
        match found.sums.iter_mut().find(|s| s.currency == money.currency) {
            Some(sum) => sum.minor = sum.minor.saturating_add(money.minor),
            None => found.sums.push(money),
        }
    };
    for u in of {
        if u.account_id == account
            && u.date < date
            && u.likely
            && u.expected.is_some_and(|day| day >= date)
            && u.disposition != Disposition::Pending
        {
            add(u.count, Money::new(u.moved_minor, u.gap.currency));
        }
    }
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT g.currency, g.n, g.minor FROM (
            SELECT c.account_id AS account_id, c.date AS date, c.run_id AS run_id, c.currency AS currency,
                   COUNT(*) AS n, CAST(SUM(c.amount_minor) AS BIGINT) AS minor
            FROM carried_rows c
            WHERE c.account_id = $1 AND c.date < $2 AND c.expected_date >= $2 AND c.likely = 1 AND c.cleared_date IS NULL
            GROUP BY c.account_id, c.date, c.run_id, c.currency) AS g
         JOIN recon_runs r ON r.id = g.run_id WHERE {LATEST}"
    )))
    .bind(account.to_string())
    .bind(date.to_string())
    .fetch_all(conn)
    .await?;
    for row in &rows {
        add(
            count(row.try_get("n")?),
            Money::new(
                row.try_get("minor")?,
                read_currency(row.try_get("currency")?)?,
            ),
        );
    }
    found.sums.sort_by_key(|sum| sum.currency.code());
    Ok(found)
}

/// Notes what was expected of a day's bill, the first time it is reconciled, and how many of what was
/// expected it cleared.
///
/// # Errors
/// The database.
pub async fn note_forecast(
    tx: &mut Tx,
    account: AccountId,
    date: BusinessDate,
    expected: u64,
    cleared: u64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO forecasts (account_id, date, expected, cleared) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, date) DO UPDATE SET cleared = excluded.cleared",
    )
    .bind(account.to_string())
    .bind(date.to_string())
    .bind(stored(expected))
    .bind(stored(cleared))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last day an account was reconciled: what was expected of its bill, and what it cleared.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn last_forecast(
    db: impl Executor<'_>,
    account: AccountId,
) -> Result<Option<(BusinessDate, u64, u64)>, StoreError> {
    let row: Option<(String, i64, i64)> = sqlx::query_as(
        "SELECT date, expected, cleared FROM forecasts WHERE account_id = $1 ORDER BY date DESC LIMIT 1",
    )
    .bind(account.to_string())
    .fetch_optional(db)
    .await?;
    row.map(|(date, expected, cleared)| Ok((read_date(&date)?, count(expected), count(cleared))))
        .transpose()
}

/// Differences of earlier days that were likely to be met by the bill of `date`, and were, by a line of
/// that day's files; with the carried rows cleared by it.
///
/// # Errors
/// The database.
pub async fn cleared_as_expected(
    conn: &mut Conn,
    account: AccountId,
    date: BusinessDate,
) -> Result<u64, StoreError> {
    let n: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "SELECT (SELECT COUNT(*) FROM differences d JOIN recon_runs r ON r.id = d.run_id
                   JOIN difference_terms t ON t.difference_id = d.id JOIN resolutions e ON e.id = d.resolution_id
                 WHERE d.account_id = $1 AND d.date < $2 AND t.expected_date >= $2 AND t.likely = 1
                   AND e.kind = 'cross_day' AND e.other_date = $2 AND {LATEST})
              + (SELECT COUNT(*) FROM carried_rows c JOIN recon_runs r ON r.id = c.run_id
                 WHERE c.account_id = $1 AND c.date < $2 AND c.expected_date >= $2 AND c.likely = 1
                   AND c.cleared_date = $2 AND {LATEST})"
    )))
    .bind(account.to_string())
    .bind(date.to_string())
    .fetch_one(conn)
    .await?;
    Ok(count(n))
}

/// Days of what waits in an account's pool, the unsettled differences `of` it and carried rows: how many
/// are of each.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn ages(
    conn: &mut Conn,
    account: AccountId,
    of: &[Unsettled],
) -> Result<HashMap<BusinessDate, u64>, StoreError> {
    let mut days = HashMap::new();
    for u in of.iter().filter(|u| u.account_id == account) {
        *days.entry(u.date).or_default() += u.count;
    }
    let rows: Vec<(String, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT g.date, g.n FROM (
            SELECT c.account_id AS account_id, c.date AS date, c.run_id AS run_id, COUNT(*) AS n FROM carried_rows c
            WHERE c.account_id = $1 AND c.cleared_date IS NULL GROUP BY c.account_id, c.date, c.run_id) AS g
         JOIN recon_runs r ON r.id = g.run_id WHERE {LATEST}"
    )))
    .bind(account.to_string())
    .fetch_all(conn)
    .await?;
    for (date, n) in rows {
        *days.entry(read_date(&date)?).or_default() += count(n);
    }
    Ok(days)
}
