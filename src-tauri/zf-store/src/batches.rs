//! Receipts issued in batches: which orders, and what became of each.

use crate::dialect::{DbRow, Executor};
use sqlx::Row as _;
use zf_domain::{Money, OrderId, ReceiptBatchId, ReceiptId, Timestamp, UserId};

use crate::bills::{count, read_currency, read_id, stored};
use crate::error::StoreError;
use crate::store::Tx;

/// One batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRecord {
    /// Its id.
    pub id: ReceiptBatchId,
    /// Its number, from 1.
    pub number: u64,
    /// What was chosen.
    pub title: String,
    /// `running`, `done`, `cancelled`, `failed` or `interrupted`.
    pub state: String,
    /// Orders in all.
    pub total: u64,
    /// Receipts made by this batch.
    pub issued: u64,
    /// Orders that had theirs before.
    pub already: u64,
    /// Orders that got none.
    pub failed: u64,
    /// Who asked.
    pub created_by: UserId,
    /// Their name.
    pub created_by_name: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// One order of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRowRecord {
    /// Position, from 1.
    pub position: u64,
    /// The order.
    pub order_id: OrderId,
    /// Its number.
    pub order_no: String,
    /// What was paid.
    pub amount: Money,
    /// `waiting`, `issued`, `already` or `failed`.
    pub outcome: String,
    /// Its receipt.
    pub receipt_id: Option<ReceiptId>,
    /// The receipt's number.
    pub serial_no: Option<String>,
    /// JSON: why there is none.
    pub error: Option<String>,
}

const SELECT: &str = "SELECT b.*, u.display_name AS created_by_name,
    (SELECT COUNT(*) FROM receipt_batch_rows r WHERE r.batch_id = b.id) AS total,
    (SELECT COUNT(*) FROM receipt_batch_rows r WHERE r.batch_id = b.id AND r.outcome = 'issued') AS issued,
    (SELECT COUNT(*) FROM receipt_batch_rows r WHERE r.batch_id = b.id AND r.outcome = 'already') AS already,
    (SELECT COUNT(*) FROM receipt_batch_rows r WHERE r.batch_id = b.id AND r.outcome = 'failed') AS failed
    FROM receipt_batches b JOIN users u ON u.id = b.created_by";

fn read(row: &DbRow) -> Result<BatchRecord, StoreError> {
    Ok(BatchRecord {
        id: read_id("batch", row.try_get("id")?, ReceiptBatchId::parse)?,
        number: count(row.try_get("number")?),
        title: row.try_get("title")?,
        state: row.try_get("state")?,
        total: count(row.try_get("total")?),
        issued: count(row.try_get("issued")?),
        already: count(row.try_get("already")?),
        failed: count(row.try_get("failed")?),
        created_by: read_id("created_by", row.try_get("created_by")?, UserId::parse)?,
        created_by_name: row.try_get("created_by_name")?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        finished_at: row
            .try_get::<Option<i64>, _>("finished_at")?
            .map(Timestamp::from_millis),
    })
}

fn read_row(row: &DbRow) -> Result<BatchRowRecord, StoreError> {
    let receipt: Option<String> = row.try_get("receipt_id")?;
    Ok(BatchRowRecord {
        position: count(row.try_get("position")?),
        order_id: read_id("order", row.try_get("order_id")?, OrderId::parse)?,
        order_no: row.try_get("order_no")?,
        amount: Money::new(
            row.try_get("paid_minor")?,
            read_currency(row.try_get("currency")?)?,
        ),
        outcome: row.try_get("outcome")?,
        receipt_id: receipt
            .map(|id| read_id("receipt", &id, ReceiptId::parse))
            .transpose()?,
        serial_no: row.try_get("serial_no")?,
        error: row.try_get("error")?,
    })
}

/// Keeps a new batch with its orders, in their order; gives its number. An order named twice counts once.
///
/// # Errors
/// `Constraint` when an order does not exist.
pub async fn add(
    tx: &mut Tx,
    id: ReceiptBatchId,
    title: &str,
    orders: &[OrderId],
    by: UserId,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let number: i64 =
        sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) + 1 FROM receipt_batches")
            .fetch_one(tx.conn())
            .await?;
    sqlx::query(
        "INSERT INTO receipt_batches (id, number, title, state, created_by, created_at)
         VALUES ($1, $2, $3, 'running', $4, $5)",
    )
    .bind(id.to_string())
    .bind(number)
    .bind(title)
    .bind(by.to_string())
    .bind(at.millis())
    .execute(tx.conn())
    .await?;
    for (position, order) in (1_u64..).zip(orders) {
        sqlx::query(
            "INSERT INTO receipt_batch_rows (batch_id, position, order_id) VALUES ($1, $2, $3)
             ON CONFLICT (batch_id, order_id) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(stored(position))
        .bind(order.to_string())
        .execute(tx.conn())
        .await?;
    }
    Ok(count(number))
}

/// Writes how a batch stands.
///
/// # Errors
/// When the database fails.
pub async fn set_state(
    tx: &mut Tx,
    id: ReceiptBatchId,
    state: &str,
    finished_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE receipt_batches SET state = $1, finished_at = $2 WHERE id = $3")
        .bind(state)
        .bind(finished_at.map(Timestamp::millis))
        .bind(id.to_string())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Writes what became of one order.
///
/// # Errors
/// When the database fails.
pub async fn set_outcome(
    tx: &mut Tx,
    id: ReceiptBatchId,
    position: u64,
    outcome: &str,
    receipt: Option<ReceiptId>,
    error: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE receipt_batch_rows SET outcome = $1, receipt_id = $2, error = $3
         WHERE batch_id = $4 AND position = $5",
    )
    .bind(outcome)
    .bind(receipt.map(|r| r.to_string()))
    .bind(error)
    .bind(id.to_string())
    .bind(stored(position))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Batches, newest first.
///
/// # Errors
/// When the database fails.
pub async fn page(db: impl Executor<'_>, limit: u32) -> Result<Vec<BatchRecord>, StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "{SELECT} ORDER BY b.number DESC LIMIT $1"
    )))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// One batch.
///
/// # Errors
/// When the database fails.
pub async fn by_id(
    db: impl Executor<'_>,
    id: ReceiptBatchId,
) -> Result<Option<BatchRecord>, StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE b.id = $1")))
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Orders of a batch after a position; with an outcome, only those.
///
/// # Errors
/// When the database fails.
pub async fn rows(
    db: impl Executor<'_>,
    id: ReceiptBatchId,
    outcome: Option<&str>,
    after: u64,
    limit: u32,
) -> Result<Vec<BatchRowRecord>, StoreError> {
    sqlx::query(
        "SELECT r.*, o.order_no, o.paid_minor, o.currency, t.serial_no FROM receipt_batch_rows r
         JOIN orders o ON o.id = r.order_id LEFT JOIN receipts t ON t.id = r.receipt_id
         WHERE r.batch_id = $1 AND ($2 IS NULL OR r.outcome = $2) AND r.position > $3
         ORDER BY r.position LIMIT $4",
    )
    .bind(id.to_string())
    .bind(outcome)
    .bind(stored(after))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(read_row)
    .collect()
}

/// Marks batches a former process left unfinished; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn interrupt(tx: &mut Tx) -> Result<u64, StoreError> {
    Ok(
        sqlx::query("UPDATE receipt_batches SET state = 'interrupted' WHERE state = 'running'")
            .execute(tx.conn())
            .await?
            .rows_affected(),
    )
}
