//! Looking one number up everywhere at once. Every statement here reads an index: the number of
//! orders must not be felt.

use crate::dialect::Conn;
use sqlx::Row as _;
use zf_domain::{AccountId, BillId, BusinessDate, Money};

use crate::bills::{count, read_currency, read_date, read_id};
use crate::error::StoreError;
use crate::recon::{DifferenceRecord, read_difference};
use crate::refunds::{self, RefundRecord};

/// A row of an archived bill that carries a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillLineFound {
    /// Its bill.
    pub bill_id: BillId,
    /// The merchant account.
    pub account_id: AccountId,
    /// The bill's day.
    pub date: BusinessDate,
    /// Line of the file.
    pub line_no: u64,
    /// `payment` or `refund`.
    pub kind: String,
    /// The order's number on it.
    pub order_no: String,
    /// The refund's number on it.
    pub refund_no: Option<String>,
    /// Its amount.
    pub amount: Money,
}

/// Refunds with this number, ours or the channel's.
///
/// # Errors
/// When the database fails.
pub async fn refunds_numbered(
    conn: &mut Conn,
    number: &str,
    limit: u32,
) -> Result<Vec<RefundRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM refunds WHERE id IN (
             SELECT id FROM refunds WHERE refund_no = $1 UNION SELECT id FROM refunds WHERE channel_refund_id = $1)
         ORDER BY created_at DESC LIMIT $2",
    )
    .bind(number)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(refunds::read).collect()
}

/// Rows of one account's trade bills with this number of an order or refund, ours or the channel's.
///
/// # Errors
/// When the database fails.
pub async fn bill_lines_numbered(
    conn: &mut Conn,
    account: AccountId,
    number: &str,
    limit: u32,
) -> Result<Vec<BillLineFound>, StoreError> {
    let rows = sqlx::query(
        "SELECT l.bill_id, l.line_no, l.kind, l.order_no, l.refund_no, l.currency, l.amount_minor, b.date
         FROM (SELECT * FROM bill_lines WHERE account_id = $1 AND order_no = $2
               UNION SELECT * FROM bill_lines WHERE account_id = $1 AND refund_no = $2
               UNION SELECT * FROM bill_lines WHERE account_id = $1 AND payment_id = $2
               UNION SELECT * FROM bill_lines WHERE account_id = $1 AND refund_id = $2 AND refund_id IS NOT NULL) l
         JOIN bills b ON b.id = l.bill_id WHERE b.kind = 'trade' ORDER BY b.date DESC, l.line_no LIMIT $3",
    )
    .bind(account.to_string())
    .bind(number)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(BillLineFound {
                bill_id: read_id("bill_lines.bill_id", row.try_get("bill_id")?, BillId::parse)?,
                account_id: account,
                date: read_date(row.try_get("date")?)?,
                line_no: count(row.try_get("line_no")?),
                kind: row.try_get("kind")?,
                order_no: row.try_get("order_no")?,
                refund_no: row.try_get("refund_no")?,
                amount: Money::new(
                    row.try_get("amount_minor")?,
                    read_currency(row.try_get("currency")?)?,
                ),
            })
        })
        .collect()
}

/// Differences of one account about this order or refund number, in the latest run of their day.
///
/// # Errors
/// When the database fails.
pub async fn differences_numbered(
    conn: &mut Conn,
    account: AccountId,
    number: &str,
    limit: u32,
) -> Result<Vec<DifferenceRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT d.* FROM (SELECT * FROM differences WHERE account_id = $1 AND order_no = $2
                          UNION SELECT * FROM differences WHERE account_id = $1 AND number = $2) d
         JOIN recon_runs r ON r.id = d.run_id
         WHERE r.number = (SELECT MAX(n.number) FROM recon_runs n WHERE n.account_id = r.account_id AND n.date = r.date)
         ORDER BY d.date DESC, d.position LIMIT $3",
    )
    .bind(account.to_string())
    .bind(number)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read_difference).collect()
}
