//! Issued receipts and their numbers, which have no gaps.

use crate::dialect::{DbRow, Executor};
use sqlx::Row as _;
use zf_domain::{AccountId, Money, OrderId, ReceiptId, Timestamp, UserId};

use crate::bills::{count, like, read_currency, read_id, stored};
use crate::error::StoreError;
use crate::store::Tx;

/// One issued receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// Its id.
    pub id: ReceiptId,
    /// Whose.
    pub account_id: AccountId,
    /// For which order; an order has at most one.
    pub order_id: OrderId,
    /// The order's number.
    pub order_no: String,
    /// The payer as the channel names it; personal data.
    pub payer: Option<String>,
    /// Its own number.
    pub serial_no: String,
    /// What was received.
    pub amount: Money,
    /// Where the file lies, relative to the home.
    pub path: String,
    /// SHA-256 of the file, lower hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// Common name of the certificate that signed it.
    pub signer: String,
    /// Who issued it.
    pub issued_by: UserId,
    /// Their name.
    pub issued_by_name: String,
    /// When.
    pub issued_at: Timestamp,
}

fn read(row: &DbRow) -> Result<ReceiptRecord, StoreError> {
    Ok(ReceiptRecord {
        id: read_id("receipt id", row.try_get("id")?, ReceiptId::parse)?,
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        order_id: read_id("order id", row.try_get("order_id")?, OrderId::parse)?,
        order_no: row.try_get("order_no")?,
        payer: row.try_get("payer")?,
        serial_no: row.try_get("serial_no")?,
        amount: Money::new(
            row.try_get("amount_minor")?,
            read_currency(row.try_get("currency")?)?,
        ),
        path: row.try_get("path")?,
        sha256: row.try_get("sha256")?,
        bytes: count(row.try_get("bytes")?),
        signer: row.try_get("signer")?,
        issued_by: read_id("issued_by", row.try_get("issued_by")?, UserId::parse)?,
        issued_by_name: row.try_get("issued_by_name")?,
        issued_at: Timestamp::from_millis(row.try_get("issued_at")?),
    })
}

/// The receipt with this id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(
    db: impl Executor<'_>,
    id: ReceiptId,
) -> Result<Option<ReceiptRecord>, StoreError> {
    sqlx::query(
        "SELECT r.*, o.order_no, o.payer, u.display_name AS issued_by_name
         FROM receipts r JOIN orders o ON o.id = r.order_id JOIN users u ON u.id = r.issued_by WHERE r.id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The receipt of an order.
///
/// # Errors
/// When the database fails.
pub async fn of_order(
    db: impl Executor<'_>,
    order: OrderId,
) -> Result<Option<ReceiptRecord>, StoreError> {
    sqlx::query(
        "SELECT r.*, o.order_no, o.payer, u.display_name AS issued_by_name
         FROM receipts r JOIN orders o ON o.id = r.order_id JOIN users u ON u.id = r.issued_by WHERE r.order_id = $1",
    )
    .bind(order.to_string())
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The receipt with this number.
///
/// # Errors
/// When the database fails.
pub async fn by_serial(
    db: impl Executor<'_>,
    serial_no: &str,
) -> Result<Option<ReceiptRecord>, StoreError> {
    sqlx::query(
        "SELECT r.*, o.order_no, o.payer, u.display_name AS issued_by_name
         FROM receipts r JOIN orders o ON o.id = r.order_id JOIN users u ON u.id = r.issued_by WHERE r.serial_no = $1",
    )
    .bind(serial_no)
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// Receipts, newest first, and how many there are in all. `before` is the last serial of the page
/// before; `text` is searched in both numbers.
///
/// # Errors
/// When the database fails.
pub async fn page(
    db: &crate::dialect::Pool,
    text: Option<&str>,
    before: Option<&str>,
    limit: u32,
) -> Result<(Vec<ReceiptRecord>, u64), StoreError> {
    let text = text.map(like);
    let rows = sqlx::query(db.dialect().statement(
        "SELECT r.*, o.order_no, o.payer, u.display_name AS issued_by_name
         FROM receipts r JOIN orders o ON o.id = r.order_id JOIN users u ON u.id = r.issued_by
         WHERE ($1 IS NULL OR r.serial_no LIKE $1 OR o.order_no LIKE $1) AND ($2 IS NULL OR r.id < $2)
         ORDER BY r.id DESC LIMIT $3",
    ))
    .bind(&text)
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect::<Result<_, _>>()?;
    let total: i64 = sqlx::query_scalar(db.dialect().statement(
        "SELECT COUNT(*) FROM receipts r JOIN orders o ON o.id = r.order_id
         WHERE ($1 IS NULL OR r.serial_no LIKE $1 OR o.order_no LIKE $1)",
    ))
    .bind(&text)
    .fetch_one(db)
    .await?;
    Ok((rows, count(total)))
}

/// The next number of a series in a year, from 1. It is used up only when the transaction commits.
///
/// # Errors
/// When the database fails.
pub async fn next_number(tx: &mut Tx, series: &str, year: i64) -> Result<u64, StoreError> {
    let next: i64 = sqlx::query_scalar(
        "INSERT INTO receipt_counters (series, year, last) VALUES ($1, $2, 1)
         ON CONFLICT (series, year) DO UPDATE SET last = receipt_counters.last + 1
         RETURNING last",
    )
    .bind(series)
    .bind(year)
    .fetch_one(tx.conn())
    .await?;
    Ok(count(next))
}

/// Keeps an issued receipt.
///
/// # Errors
/// `Constraint` when the order already has one.
pub async fn add(tx: &mut Tx, receipt: &ReceiptRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO receipts (id, account_id, order_id, serial_no, currency, amount_minor, path, sha256, bytes, signer, issued_by, issued_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(receipt.id.to_string())
    .bind(receipt.account_id.to_string())
    .bind(receipt.order_id.to_string())
    .bind(&receipt.serial_no)
    .bind(receipt.amount.currency.code())
    .bind(receipt.amount.minor)
    .bind(&receipt.path)
    .bind(&receipt.sha256)
    .bind(stored(receipt.bytes))
    .bind(&receipt.signer)
    .bind(receipt.issued_by.to_string())
    .bind(receipt.issued_at.millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}
