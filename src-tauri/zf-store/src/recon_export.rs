//! Differences and the ledger of resolutions, read to their end in pieces: each row with the words of its
//! files and the names of its people, one statement a piece, by keyset.
//!
//! Whoever reads more than one piece hands in the connection of one read transaction, so that all pieces
//! are of one moment.

use crate::dialect::{Conn, DbRow, SqlText, dialect_of};
use sqlx::Row as _;
use zf_domain::{AccountId, BusinessDate, RunId};

use crate::bills::{like, read_date, stored};
use crate::error::StoreError;
use crate::recon::{
    self as runs, DifferenceFilter, DifferenceRecord, PoolFilter, push_pool_page, read_difference,
    wanted,
};
use crate::resolutions::{self, LedgerFilter, ResolutionRecord};

/// A difference as a file shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceLine {
    /// The difference.
    pub difference: DifferenceRecord,
    /// The bill's own word for the row's state.
    pub channel_words: Option<String>,
    /// The books' own word.
    pub ledger_words: Option<String>,
    /// Until when it waits, when it does.
    pub expected: Option<BusinessDate>,
    /// Who sees to it.
    pub owner: Option<String>,
}

/// An entry of the ledger as a file shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerLine {
    /// The entry.
    pub entry: ResolutionRecord,
    /// Who sees to it.
    pub owner: Option<String>,
    /// Who proposed it.
    pub proposed_by: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// What is read beside a difference `d` of the run `r`.
const BESIDE: &str =
    "d.*, l.state_text AS channel_words, e.state_text AS ledger_words, d.expected_date AS expected,
    u.display_name AS owner_name";
const JOINED: &str =
    "LEFT JOIN bill_lines l ON l.bill_id = r.bill_id AND l.line_no = d.channel_line
       LEFT JOIN book_entries e ON e.import_id = r.import_id AND e.line_no = d.ledger_line
       LEFT JOIN users u ON u.id = d.owner_id";

fn line(row: &DbRow) -> Result<DifferenceLine, StoreError> {
    Ok(DifferenceLine {
        difference: read_difference(row)?,
        channel_words: row.try_get("channel_words")?,
        ledger_words: row.try_get("ledger_words")?,
        expected: row
            .try_get::<Option<&str>, _>("expected")?
            .map(read_date)
            .transpose()?,
        owner: row.try_get("owner_name")?,
    })
}

/// Differences of a run after `filter.after`, in its order.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn of_run(
    conn: &mut Conn,
    run: RunId,
    filter: &DifferenceFilter,
) -> Result<Vec<DifferenceLine>, StoreError> {
    let head = format!("SELECT {BESIDE}");
    let from = format!("FROM differences d JOIN recon_runs r ON r.id = d.run_id {JOINED}");
    let mut sql = wanted(dialect_of(conn), run, filter, &head, &from);
    sql.push(" AND d.position > ")
        .push_bind(stored(filter.after))
        .push(" ORDER BY d.position LIMIT ")
        .push_bind(i64::from(filter.limit));
    sql.build()
        .fetch_all(conn)
        .await?
        .iter()
        .map(line)
        .collect()
}

/// Open differences of an account over all days after `filter.after`, the oldest first.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn of_pool(
    conn: &mut Conn,
    account: AccountId,
    today: BusinessDate,
    filter: &PoolFilter,
) -> Result<Vec<DifferenceLine>, StoreError> {
    let head = format!("SELECT {BESIDE}");
    let mut sql = SqlText::new(dialect_of(conn), "");
    runs::push_pool(&mut sql, account, today, filter, &head, JOINED);
    push_pool_page(&mut sql, filter);
    sql.build()
        .fetch_all(conn)
        .await?
        .iter()
        .map(line)
        .collect()
}

/// Entries of the ledger older than `filter.before`, the newest first.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn of_ledger(
    conn: &mut Conn,
    filter: &LedgerFilter,
) -> Result<Vec<LedgerLine>, StoreError> {
    let (at, id) = match filter.before {
        Some((at, id)) => (at.millis(), id.to_string()),
        None => (i64::MAX, String::new()),
    };
    sqlx::query(dialect_of(conn).statement(
        "SELECT r.*, o.display_name AS owner_name, p.display_name AS proposer_name, c.display_name AS decider_name
         FROM resolutions r LEFT JOIN users o ON o.id = r.owner_id LEFT JOIN users p ON p.id = r.proposed_by
           LEFT JOIN users c ON c.id = r.decided_by
         WHERE ($1 IS NULL OR r.account_id = $1) AND ($2 IS NULL OR r.state = $2) AND ($3 IS NULL OR r.number LIKE $3)
           AND (r.proposed_at, r.id) < ($4, $5)
         ORDER BY r.proposed_at DESC, r.id DESC LIMIT $6",
    ))
    .bind(filter.account_id.map(|id| id.to_string()))
    .bind(filter.state.map(zf_domain::ResolutionState::as_str))
    .bind(filter.text.as_deref().map(like))
    .bind(at)
    .bind(id)
    .bind(i64::from(filter.limit))
    .fetch_all(conn)
    .await?
    .iter()
    .map(|row| {
        Ok(LedgerLine {
            entry: resolutions::read(row)?,
            owner: row.try_get("owner_name")?,
            proposed_by: row.try_get("proposer_name")?,
            decided_by: row.try_get("decider_name")?,
        })
    })
    .collect()
}
