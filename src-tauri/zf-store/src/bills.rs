//! Archived bills with their lines, and imported books with their entries.
//!
//! Reads take any executor, so that one function serves a page and a transaction alike. Status and
//! kind are the stable words of the console; JSON columns are written by the use cases.

use std::sync::OnceLock;

use crate::dialect::{DbRow, Executor};
use sqlx::{AssertSqlSafe, Row as _};
use zf_domain::{
    AccountId, BillId, BookEntry, BookImportId, BusinessDate, ChannelPaymentId, ChannelRefundId,
    Currency, EntryKind, EntryState, MerchantOrderNo, MerchantRefundNo, Money, StatementLine,
    Timestamp, UserId,
};

use crate::error::StoreError;
use crate::store::Tx;

/// One bill of one day: fetched, refused, absent or still awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillRecord {
    /// Its id; stays when it is fetched again.
    pub id: BillId,
    /// Whose.
    pub account_id: AccountId,
    /// `trade` or `fund_flow`.
    pub kind: String,
    /// Its day.
    pub date: BusinessDate,
    /// A word of the bill calendar.
    pub status: String,
    /// Where the bytes lie, relative to the home.
    pub path: Option<String>,
    /// SHA-256 of the bytes, lower hex.
    pub sha256: Option<String>,
    /// The digest the channel promised.
    pub channel_hash: Option<String>,
    /// Whether the bytes have it.
    pub hash_verified: bool,
    /// Size.
    pub bytes: u64,
    /// Rows that were read.
    pub row_count: u64,
    /// JSON: trailer totals against the counted ones.
    pub totals: String,
    /// JSON: what could not be read, by line.
    pub faults: String,
    /// JSON: the running balance of a fund-flow bill.
    pub balance: Option<String>,
    /// JSON: recomputed fees of a trade bill.
    pub fees: Option<String>,
    /// When it was fetched.
    pub fetched_at: Option<Timestamp>,
    /// When the timer asks again.
    pub next_try_at: Option<Timestamp>,
    /// How often it was asked for.
    pub attempts: u32,
    /// What a person should know of its status.
    pub detail: Option<String>,
}

/// One movement of the merchant's account at the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundRow {
    /// Line in the file, 1 = the header.
    pub line_no: u64,
    /// When it was booked.
    pub occurred_at: Timestamp,
    /// The channel's number of the business behind it.
    pub business_no: String,
    /// The channel's number of the movement.
    pub flow_no: String,
    /// What it is, in the channel's words.
    pub business_type: String,
    /// In or out.
    pub income: bool,
    /// Positive.
    pub amount: Money,
    /// The account's balance after it.
    pub balance_minor: i64,
    /// The channel's remark.
    pub remark: String,
    /// Our number, when there is one.
    pub voucher_no: String,
}

/// One import of a day's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookImport {
    /// Its id.
    pub id: BookImportId,
    /// Whose.
    pub account_id: AccountId,
    /// Its day.
    pub date: BusinessDate,
    /// The name of the file it came from.
    pub file_name: String,
    /// Where the bytes lie, relative to the home.
    pub path: String,
    /// SHA-256 of the bytes, lower hex.
    pub sha256: String,
    /// Rows that were read.
    pub row_count: u64,
    /// JSON: sums by currency.
    pub sums: String,
    /// JSON: refused rows.
    pub faults: String,
    /// Who imported it.
    pub imported_by: UserId,
    /// When.
    pub imported_at: Timestamp,
    /// The mapping it was read with, JSON; `None` is the default ledger file.
    pub mapping: Option<String>,
}

pub(crate) fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

pub(crate) fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(crate) fn read_id<T>(
    field: &'static str,
    text: &str,
    parse: fn(&str) -> Result<T, zf_domain::IdError>,
) -> Result<T, StoreError> {
    parse(text).map_err(|_| StoreError::unreadable(field, text))
}

pub(crate) fn read_date(text: &str) -> Result<BusinessDate, StoreError> {
    BusinessDate::parse(text).map_err(|_| StoreError::unreadable("date", text))
}

pub(crate) fn read_currency(text: &str) -> Result<Currency, StoreError> {
    Currency::parse(text).map_err(|_| StoreError::unreadable("currency", text))
}

pub(crate) fn read_kind(text: &str) -> Result<EntryKind, StoreError> {
    [EntryKind::Payment, EntryKind::Refund]
        .into_iter()
        .find(|k| k.as_str() == text)
        .ok_or_else(|| StoreError::unreadable("kind", text))
}

pub(crate) fn read_state(text: &str) -> Result<EntryState, StoreError> {
    [EntryState::Done, EntryState::InProgress, EntryState::Void]
        .into_iter()
        .find(|s| s.as_str() == text)
        .ok_or_else(|| StoreError::unreadable("state", text))
}

fn read_bill(row: &DbRow) -> Result<BillRecord, StoreError> {
    let time = |name| -> Result<Option<Timestamp>, StoreError> {
        Ok(row
            .try_get::<Option<i64>, _>(name)?
            .map(Timestamp::from_millis))
    };
    Ok(BillRecord {
        id: read_id("bill id", row.try_get("id")?, BillId::parse)?,
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        kind: row.try_get("kind")?,
        date: read_date(row.try_get("date")?)?,
        status: row.try_get("status")?,
        path: row.try_get("path")?,
        sha256: row.try_get("sha256")?,
        channel_hash: row.try_get("channel_hash")?,
        hash_verified: row.try_get::<i64, _>("hash_verified")? != 0,
        bytes: count(row.try_get("bytes")?),
        row_count: count(row.try_get("row_count")?),
        totals: row.try_get("totals")?,
        faults: row.try_get("faults")?,
        balance: row.try_get("balance")?,
        fees: row.try_get("fees")?,
        fetched_at: time("fetched_at")?,
        next_try_at: time("next_try_at")?,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(0),
        detail: row.try_get("detail")?,
    })
}

/// The bill with this id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(db: impl Executor<'_>, id: BillId) -> Result<Option<BillRecord>, StoreError> {
    sqlx::query("SELECT * FROM bills WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_bill)
        .transpose()
}

/// The bill of one kind and day.
///
/// # Errors
/// When the database fails.
pub async fn of_day(
    db: impl Executor<'_>,
    account: AccountId,
    kind: &str,
    date: BusinessDate,
) -> Result<Option<BillRecord>, StoreError> {
    sqlx::query("SELECT * FROM bills WHERE account_id = $1 AND kind = $2 AND date = $3")
        .bind(account.to_string())
        .bind(kind)
        .bind(date.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_bill)
        .transpose()
}

/// Bills of both kinds from `first` to `last`, both days included.
///
/// # Errors
/// When the database fails.
pub async fn between(
    db: impl Executor<'_>,
    account: AccountId,
    first: BusinessDate,
    last: BusinessDate,
) -> Result<Vec<BillRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM bills WHERE account_id = $1 AND date >= $2 AND date <= $3 ORDER BY date DESC, kind",
    )
    .bind(account.to_string())
    .bind(first.to_string())
    .bind(last.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(read_bill)
    .collect()
}

/// Writes what is known of a bill; the id of an earlier row of the same day stays.
///
/// # Errors
/// When the database fails.
pub async fn put(tx: &mut Tx, bill: &BillRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO bills (id, account_id, kind, date, status, path, sha256, channel_hash, hash_verified,
                            bytes, row_count, totals, faults, balance, fees, fetched_at, next_try_at, attempts, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         ON CONFLICT (account_id, kind, date) DO UPDATE SET
            status = excluded.status, path = excluded.path, sha256 = excluded.sha256,
            channel_hash = excluded.channel_hash, hash_verified = excluded.hash_verified,
            bytes = excluded.bytes, row_count = excluded.row_count, totals = excluded.totals,
            faults = excluded.faults, balance = excluded.balance, fees = excluded.fees,
            fetched_at = excluded.fetched_at, next_try_at = excluded.next_try_at,
            attempts = excluded.attempts, detail = excluded.detail",
    )
    .bind(bill.id.to_string())
    .bind(bill.account_id.to_string())
    .bind(&bill.kind)
    .bind(bill.date.to_string())
    .bind(&bill.status)
    .bind(&bill.path)
    .bind(&bill.sha256)
    .bind(&bill.channel_hash)
    .bind(i64::from(bill.hash_verified))
    .bind(stored(bill.bytes))
    .bind(stored(bill.row_count))
    .bind(&bill.totals)
    .bind(&bill.faults)
    .bind(&bill.balance)
    .bind(&bill.fees)
    .bind(bill.fetched_at.map(Timestamp::millis))
    .bind(bill.next_try_at.map(Timestamp::millis))
    .bind(i64::from(bill.attempts))
    .bind(&bill.detail)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets the parsed lines of a bill, before they are read anew. The archived bytes stay.
///
/// # Errors
/// When the database fails.
pub async fn clear_lines(tx: &mut Tx, id: BillId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM bill_lines WHERE bill_id = $1",
        "DELETE FROM fund_lines WHERE bill_id = $1",
    ] {
        sqlx::query(sql)
            .bind(id.to_string())
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

/// Rows of one INSERT: large enough that SQLite's own work dominates, small enough for its limit of
/// bound values.
const BATCH: usize = 100;

/// `INSERT … VALUES (…), (…)` for `rows` rows of `columns` values.
fn insert_sql(head: &str, columns: usize, rows: usize) -> String {
    let mut sql = String::from(head);
    for row in 0..rows {
        sql.push_str(if row == 0 { " (" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                sql.push_str(", ");
            }
            sql.push('$');
            sql.push_str(&(row * columns + column + 1).to_string());
        }
        sql.push(')');
    }
    sql
}

fn batch_sql(
    head: &'static str,
    columns: usize,
    rows: usize,
    full: &'static OnceLock<String>,
) -> String {
    if rows == BATCH {
        full.get_or_init(|| insert_sql(head, columns, BATCH))
            .clone()
    } else {
        insert_sql(head, columns, rows)
    }
}

/// Appends parsed lines of a trade bill.
///
/// # Errors
/// When the database fails.
pub async fn add_lines(
    tx: &mut Tx,
    bill: BillId,
    account: AccountId,
    lines: &[StatementLine],
) -> Result<(), StoreError> {
    static FULL: OnceLock<String> = OnceLock::new();
    let (bill, account) = (bill.to_string(), account.to_string());
    for chunk in lines.chunks(BATCH) {
        let sql = batch_sql(
            "INSERT INTO bill_lines (bill_id, line_no, account_id, kind, occurred_at, order_no, payment_id, refund_no,
                refund_id, currency, amount_minor, settlement_minor, fee_minor, state, state_text, method, payer, goods) VALUES",
            18,
            chunk.len(),
            &FULL,
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for line in chunk {
            query = query
                .bind(&bill)
                .bind(stored(line.line_no))
                .bind(&account)
                .bind(line.kind.as_str())
                .bind(line.occurred_at.millis())
                .bind(line.order_no.as_str())
                .bind(line.payment_id.as_str())
                .bind(line.refund_no.as_ref().map(MerchantRefundNo::as_str))
                .bind(line.refund_id.as_ref().map(ChannelRefundId::as_str))
                .bind(line.amount.currency.code())
                .bind(line.amount.minor)
                .bind(line.settlement_minor)
                .bind(line.fee_minor)
                .bind(line.state.as_str())
                .bind(&line.state_text)
                .bind(&line.method)
                .bind(&line.payer)
                .bind(&line.goods);
        }
        query.execute(tx.conn()).await?;
    }
    Ok(())
}

/// Appends parsed lines of a fund-flow bill.
///
/// # Errors
/// When the database fails.
pub async fn add_fund_lines(
    tx: &mut Tx,
    bill: BillId,
    account: AccountId,
    lines: &[FundRow],
) -> Result<(), StoreError> {
    static FULL: OnceLock<String> = OnceLock::new();
    let (bill, account) = (bill.to_string(), account.to_string());
    for chunk in lines.chunks(BATCH) {
        let sql = batch_sql(
            "INSERT INTO fund_lines (bill_id, line_no, account_id, occurred_at, business_no, flow_no, business_type,
                income, currency, amount_minor, balance_minor, remark, voucher_no) VALUES",
            13,
            chunk.len(),
            &FULL,
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for line in chunk {
            query = query
                .bind(&bill)
                .bind(stored(line.line_no))
                .bind(&account)
                .bind(line.occurred_at.millis())
                .bind(&line.business_no)
                .bind(&line.flow_no)
                .bind(&line.business_type)
                .bind(i64::from(line.income))
                .bind(line.amount.currency.code())
                .bind(line.amount.minor)
                .bind(line.balance_minor)
                .bind(&line.remark)
                .bind(&line.voucher_no);
        }
        query.execute(tx.conn()).await?;
    }
    Ok(())
}

fn read_line(row: &DbRow) -> Result<StatementLine, StoreError> {
    let refund_no: Option<&str> = row.try_get("refund_no")?;
    let refund_id: Option<&str> = row.try_get("refund_id")?;
    Ok(StatementLine {
        line_no: count(row.try_get("line_no")?),
        kind: read_kind(row.try_get("kind")?)?,
        occurred_at: Timestamp::from_millis(row.try_get("occurred_at")?),
        order_no: read_id("order_no", row.try_get("order_no")?, MerchantOrderNo::parse)?,
        payment_id: read_id(
            "payment_id",
            row.try_get("payment_id")?,
            ChannelPaymentId::parse,
        )?,
        refund_no: refund_no
            .map(|t| read_id("refund_no", t, MerchantRefundNo::parse))
            .transpose()?,
        refund_id: refund_id
            .map(|t| read_id("refund_id", t, ChannelRefundId::parse))
            .transpose()?,
        amount: Money::new(
            row.try_get("amount_minor")?,
            read_currency(row.try_get("currency")?)?,
        ),
        settlement_minor: row.try_get("settlement_minor")?,
        fee_minor: row.try_get("fee_minor")?,
        state: read_state(row.try_get("state")?)?,
        state_text: row.try_get("state_text")?,
        method: row.try_get("method")?,
        payer: row.try_get("payer")?,
        goods: row.try_get("goods")?,
    })
}

/// Lines of a trade bill after a line, in file order. `text` is searched in every number and in the
/// goods.
///
/// # Errors
/// When the database fails.
pub async fn lines(
    db: impl Executor<'_>,
    bill: BillId,
    text: Option<&str>,
    after_line: u64,
    limit: u32,
) -> Result<Vec<StatementLine>, StoreError> {
    sqlx::query(db.dialect().statement(
        "SELECT * FROM bill_lines WHERE bill_id = $1 AND line_no > $2 AND ($3 IS NULL
            OR order_no LIKE $3 OR payment_id LIKE $3 OR refund_no LIKE $3 OR refund_id LIKE $3 OR goods LIKE $3)
         ORDER BY line_no LIMIT $4",
    ))
    .bind(bill.to_string())
    .bind(stored(after_line))
    .bind(text.map(like))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(read_line)
    .collect()
}

/// One line of a trade bill.
///
/// # Errors
/// When the database fails.
pub async fn line(
    db: impl Executor<'_>,
    bill: BillId,
    line_no: u64,
) -> Result<Option<StatementLine>, StoreError> {
    sqlx::query("SELECT * FROM bill_lines WHERE bill_id = $1 AND line_no = $2")
        .bind(bill.to_string())
        .bind(stored(line_no))
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_line)
        .transpose()
}

/// Lines of a fund-flow bill after a line, in file order.
///
/// # Errors
/// When the database fails.
pub async fn fund_lines(
    db: impl Executor<'_>,
    bill: BillId,
    text: Option<&str>,
    after_line: u64,
    limit: u32,
) -> Result<Vec<FundRow>, StoreError> {
    sqlx::query(db.dialect().statement(
        "SELECT * FROM fund_lines WHERE bill_id = $1 AND line_no > $2 AND ($3 IS NULL
            OR business_no LIKE $3 OR flow_no LIKE $3 OR voucher_no LIKE $3 OR remark LIKE $3)
         ORDER BY line_no LIMIT $4",
    ))
    .bind(bill.to_string())
    .bind(stored(after_line))
    .bind(text.map(like))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| {
        Ok(FundRow {
            line_no: count(row.try_get("line_no")?),
            occurred_at: Timestamp::from_millis(row.try_get("occurred_at")?),
            business_no: row.try_get("business_no")?,
            flow_no: row.try_get("flow_no")?,
            business_type: row.try_get("business_type")?,
            income: row.try_get::<i64, _>("income")? != 0,
            amount: Money::new(
                row.try_get("amount_minor")?,
                read_currency(row.try_get("currency")?)?,
            ),
            balance_minor: row.try_get("balance_minor")?,
            remark: row.try_get("remark")?,
            voucher_no: row.try_get("voucher_no")?,
        })
    })
    .collect()
}

/// A LIKE pattern that holds `text` literally; a backslash, which only PostgreSQL would give a meaning,
/// stands for any character.
pub(crate) fn like(text: &str) -> String {
    format!("%{}%", text.replace(['%', '_'], "").replace('\\', "_"))
}

fn read_import(row: &DbRow) -> Result<BookImport, StoreError> {
    Ok(BookImport {
        id: read_id("import id", row.try_get("id")?, BookImportId::parse)?,
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        date: read_date(row.try_get("date")?)?,
        file_name: row.try_get("file_name")?,
        path: row.try_get("path")?,
        sha256: row.try_get("sha256")?,
        row_count: count(row.try_get("row_count")?),
        sums: row.try_get("sums")?,
        faults: row.try_get("faults")?,
        imported_by: read_id("imported_by", row.try_get("imported_by")?, UserId::parse)?,
        imported_at: Timestamp::from_millis(row.try_get("imported_at")?),
        mapping: row.try_get("mapping")?,
    })
}

/// The books that stand for a day.
///
/// # Errors
/// When the database fails.
pub async fn standing_books(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Option<BookImport>, StoreError> {
    sqlx::query(
        "SELECT * FROM book_imports WHERE account_id = $1 AND date = $2 AND superseded_at IS NULL",
    )
    .bind(account.to_string())
    .bind(date.to_string())
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read_import)
    .transpose()
}

/// One import, standing or not.
///
/// # Errors
/// When the database fails.
pub async fn import_by_id(
    db: impl Executor<'_>,
    id: BookImportId,
) -> Result<Option<BookImport>, StoreError> {
    sqlx::query("SELECT * FROM book_imports WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_import)
        .transpose()
}

/// Keeps an import that does not stand yet: its entries follow in steps, then [`let_stand`].
///
/// # Errors
/// `Constraint` when the day is locked.
pub async fn stage_books(tx: &mut Tx, import: &BookImport) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO book_imports (id, account_id, date, file_name, path, sha256, row_count, sums, faults, imported_by,
                                   imported_at, superseded_at, mapping)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(import.id.to_string())
    .bind(import.account_id.to_string())
    .bind(import.date.to_string())
    .bind(&import.file_name)
    .bind(&import.path)
    .bind(&import.sha256)
    .bind(stored(import.row_count))
    .bind(&import.sums)
    .bind(&import.faults)
    .bind(import.imported_by.to_string())
    .bind(import.imported_at.millis())
    .bind(import.mapping.as_deref())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An import of the same bytes, read with the same mapping, for the same day that was cut short before
/// it stood.
///
/// # Errors
/// When the database fails.
pub async fn unfinished_books(
    db: impl Executor<'_>,
    account_id: AccountId,
    date: BusinessDate,
    sha256: &str,
    mapping: Option<&str>,
) -> Result<Option<BookImportId>, StoreError> {
    let id: Option<String> = sqlx::query_scalar(
        "SELECT id FROM book_imports
         WHERE account_id = $1 AND date = $2 AND sha256 = $3 AND superseded_at = imported_at
           AND mapping IS NOT DISTINCT FROM $4",
    )
    .bind(account_id.to_string())
    .bind(date.to_string())
    .bind(sha256)
    .bind(mapping)
    .fetch_optional(db)
    .await?;
    id.map(|id| read_id("import id", &id, BookImportId::parse))
        .transpose()
}

/// The last line of an import that was taken in; 0 for none.
///
/// # Errors
/// When the database fails.
pub async fn last_entry_line(
    db: impl Executor<'_>,
    import: BookImportId,
) -> Result<u64, StoreError> {
    let line: Option<i64> =
        sqlx::query_scalar("SELECT MAX(line_no) FROM book_entries WHERE import_id = $1")
            .bind(import.to_string())
            .fetch_one(db)
            .await?;
    Ok(line.map_or(0, count))
}

/// Lets a complete import stand for its day in place of the earlier one, which is kept.
///
/// # Errors
/// When the database fails.
pub async fn let_stand(tx: &mut Tx, import: &BookImport) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE book_imports SET superseded_at = $1 WHERE account_id = $2 AND date = $3 AND superseded_at IS NULL",
    )
    .bind(import.imported_at.millis())
    .bind(import.account_id.to_string())
    .bind(import.date.to_string())
    .execute(tx.conn())
    .await?;
    sqlx::query("UPDATE book_imports SET superseded_at = NULL WHERE id = $1")
        .bind(import.id.to_string())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Appends entries of an import.
///
/// # Errors
/// When the database fails.
pub async fn add_entries(
    tx: &mut Tx,
    import: BookImportId,
    account: AccountId,
    entries: &[BookEntry],
) -> Result<(), StoreError> {
    static FULL: OnceLock<String> = OnceLock::new();
    let (import, account) = (import.to_string(), account.to_string());
    for chunk in entries.chunks(BATCH) {
        let sql = batch_sql(
            "INSERT INTO book_entries (import_id, line_no, account_id, kind, order_no, refund_no, currency,
                amount_minor, state, state_text, created_at, channel_no) VALUES",
            12,
            chunk.len(),
            &FULL,
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for entry in chunk {
            query = query
                .bind(&import)
                .bind(stored(entry.line_no))
                .bind(&account)
                .bind(entry.kind.as_str())
                .bind(entry.order_no.as_str())
                .bind(entry.refund_no.as_ref().map(MerchantRefundNo::as_str))
                .bind(entry.amount.currency.code())
                .bind(entry.amount.minor)
                .bind(entry.state.as_str())
                .bind(&entry.state_text)
                .bind(entry.created_at.millis())
                .bind(entry.channel_no.as_deref());
        }
        query.execute(tx.conn()).await?;
    }
    Ok(())
}

fn read_entry(row: &DbRow) -> Result<BookEntry, StoreError> {
    let refund_no: Option<&str> = row.try_get("refund_no")?;
    Ok(BookEntry {
        line_no: count(row.try_get("line_no")?),
        kind: read_kind(row.try_get("kind")?)?,
        order_no: read_id("order_no", row.try_get("order_no")?, MerchantOrderNo::parse)?,
        refund_no: refund_no
            .map(|t| read_id("refund_no", t, MerchantRefundNo::parse))
            .transpose()?,
        amount: Money::new(
            row.try_get("amount_minor")?,
            read_currency(row.try_get("currency")?)?,
        ),
        state: read_state(row.try_get("state")?)?,
        state_text: row.try_get("state_text")?,
        channel_no: row.try_get("channel_no")?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
    })
}

/// Entries of an import after a line, in file order.
///
/// # Errors
/// When the database fails.
pub async fn entries(
    db: impl Executor<'_>,
    import: BookImportId,
    after_line: u64,
    limit: u32,
) -> Result<Vec<BookEntry>, StoreError> {
    sqlx::query(
        "SELECT * FROM book_entries WHERE import_id = $1 AND line_no > $2 ORDER BY line_no LIMIT $3",
    )
    .bind(import.to_string())
    .bind(stored(after_line))
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(read_entry)
    .collect()
}

/// Whether any entry of an import has the channel's number.
///
/// # Errors
/// When the database fails.
pub async fn has_channel_numbers(
    db: impl Executor<'_>,
    import: BookImportId,
) -> Result<bool, StoreError> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM book_entries WHERE import_id = $1 AND channel_no IS NOT NULL LIMIT 1",
    )
    .bind(import.to_string())
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// One entry of an import.
///
/// # Errors
/// When the database fails.
pub async fn entry(
    db: impl Executor<'_>,
    import: BookImportId,
    line_no: u64,
) -> Result<Option<BookEntry>, StoreError> {
    sqlx::query("SELECT * FROM book_entries WHERE import_id = $1 AND line_no = $2")
        .bind(import.to_string())
        .bind(stored(line_no))
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_entry)
        .transpose()
}
