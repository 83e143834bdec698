//! Imported bank statements with their lines, and which of them people confirmed.

use crate::dialect::{DbRow, Executor};
use sqlx::Row as _;
use zf_domain::{
    AccountId, BankConfirmationId, BankStatementId, BusinessDate, Currency, Timestamp, UserId,
};

use crate::bills::{count, read_currency, read_date, read_id, stored};
use crate::error::StoreError;
use crate::store::Tx;

/// One imported file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRecord {
    /// Its id.
    pub id: BankStatementId,
    /// Whose payouts it is about.
    pub account_id: AccountId,
    /// What the person called it.
    pub file_name: String,
    /// Where the bytes lie, relative to the home.
    pub path: String,
    /// SHA-256 of the bytes, lower hex.
    pub sha256: String,
    /// The bank account's currency.
    pub currency: Currency,
    /// `utf-8`, `utf-16` or `gbk`.
    pub encoding: String,
    /// JSON: what was read out of which column.
    pub columns: String,
    /// Rows that were read.
    pub row_count: u64,
    /// JSON: the first rows that could not be read.
    pub faults: String,
    /// How many could not be read.
    pub fault_count: u64,
    /// Its earliest booking.
    pub first_day: BusinessDate,
    /// Its latest booking.
    pub last_day: BusinessDate,
    /// Who imported it.
    pub imported_by: UserId,
    /// When.
    pub imported_at: Timestamp,
}

/// One booking of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRecord {
    /// Its file.
    pub statement_id: BankStatementId,
    /// Line in the file, from 1.
    pub line_no: u64,
    /// When it was booked.
    pub day: BusinessDate,
    /// Positive came in; minor units.
    pub minor: i64,
    /// The account after it.
    pub balance_minor: Option<i64>,
    /// The bank's number; may be empty.
    pub serial_no: String,
    /// What it is for.
    pub text: String,
    /// Who paid.
    pub counterparty: String,
}

/// A person's choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationRecord {
    /// Its id.
    pub id: BankConfirmationId,
    /// Whose.
    pub account_id: AccountId,
    /// JSON: statement and line, pair by pair.
    pub lines: String,
    /// JSON: the payouts' keys.
    pub payouts: String,
    /// Their currency.
    pub currency: Currency,
    /// What both sides add up to, minor units.
    pub amount_minor: i64,
    /// Why.
    pub reason: String,
    /// Who.
    pub confirmed_by: UserId,
    /// When.
    pub confirmed_at: Timestamp,
}

fn read_statement(row: &DbRow) -> Result<StatementRecord, StoreError> {
    Ok(StatementRecord {
        id: read_id("statement", row.try_get("id")?, BankStatementId::parse)?,
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        file_name: row.try_get("file_name")?,
        path: row.try_get("path")?,
        sha256: row.try_get("sha256")?,
        currency: read_currency(row.try_get("currency")?)?,
        encoding: row.try_get("encoding")?,
        columns: row.try_get("columns")?,
        row_count: count(row.try_get("row_count")?),
        faults: row.try_get("faults")?,
        fault_count: count(row.try_get("fault_count")?),
        first_day: read_date(row.try_get("first_day")?)?,
        last_day: read_date(row.try_get("last_day")?)?,
        imported_by: read_id("imported_by", row.try_get("imported_by")?, UserId::parse)?,
        imported_at: Timestamp::from_millis(row.try_get("imported_at")?),
    })
}

/// The statements of an account that stand, newest days first.
///
/// # Errors
/// When the database fails.
pub async fn statements(
    db: impl Executor<'_>,
    account: AccountId,
    limit: u32,
) -> Result<Vec<StatementRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM bank_statements WHERE account_id = $1 AND withdrawn_at IS NULL
         ORDER BY last_day DESC, imported_at DESC, id LIMIT $2",
    )
    .bind(account.to_string())
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(read_statement)
    .collect()
}

/// The standing statement with these bytes.
///
/// # Errors
/// When the database fails.
pub async fn with_bytes(
    db: impl Executor<'_>,
    account: AccountId,
    sha256: &str,
) -> Result<Option<StatementRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM bank_statements WHERE account_id = $1 AND sha256 = $2 AND withdrawn_at IS NULL",
    )
    .bind(account.to_string())
    .bind(sha256)
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read_statement)
    .transpose()
}

/// Keeps a statement with its lines.
///
/// # Errors
/// `Constraint` when the same bytes stand already; the database.
pub async fn add(tx: &mut Tx, s: &StatementRecord, lines: &[LineRecord]) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO bank_statements (id, account_id, file_name, path, sha256, currency, encoding, columns, row_count,
                                      faults, fault_count, first_day, last_day, imported_by, imported_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(s.id.to_string())
    .bind(s.account_id.to_string())
    .bind(&s.file_name)
    .bind(&s.path)
    .bind(&s.sha256)
    .bind(s.currency.code())
    .bind(&s.encoding)
    .bind(&s.columns)
    .bind(stored(s.row_count))
    .bind(&s.faults)
    .bind(stored(s.fault_count))
    .bind(s.first_day.to_string())
    .bind(s.last_day.to_string())
    .bind(s.imported_by.to_string())
    .bind(s.imported_at.millis())
    .execute(tx.conn())
    .await?;
    for line in lines {
        sqlx::query(
            "INSERT INTO bank_lines (statement_id, line_no, account_id, day, minor, balance_minor, serial_no, text,
                                     counterparty)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(s.id.to_string())
        .bind(stored(line.line_no))
        .bind(s.account_id.to_string())
        .bind(line.day.to_string())
        .bind(line.minor)
        .bind(line.balance_minor)
        .bind(&line.serial_no)
        .bind(&line.text)
        .bind(&line.counterparty)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Takes a statement out of use; its row and bytes stay. Gives its account, or nothing when it does not
/// stand.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(
    tx: &mut Tx,
    id: BankStatementId,
    by: UserId,
    at: Timestamp,
    reason: &str,
) -> Result<Option<(AccountId, String)>, StoreError> {
    let found: Option<(String, String)> = sqlx::query_as(
        "UPDATE bank_statements SET withdrawn_by = $2, withdrawn_at = $3, withdrawn_reason = $4
         WHERE id = $1 AND withdrawn_at IS NULL RETURNING account_id, sha256",
    )
    .bind(id.to_string())
    .bind(by.to_string())
    .bind(at.millis())
    .bind(reason)
    .fetch_optional(tx.conn())
    .await?;
    found
        .map(|(account, sha256)| Ok((read_id("account", &account, AccountId::parse)?, sha256)))
        .transpose()
}

/// Money that came in on these days, by the statements that stand, in the order of their import and of
/// their lines.
///
/// # Errors
/// When the database fails.
pub async fn credits(
    db: impl Executor<'_>,
    account: AccountId,
    first: BusinessDate,
    last: BusinessDate,
) -> Result<Vec<(LineRecord, Currency)>, StoreError> {
    sqlx::query(
        "SELECT l.*, s.currency FROM bank_lines l JOIN bank_statements s ON s.id = l.statement_id
         WHERE l.account_id = $1 AND l.day >= $2 AND l.day <= $3 AND l.minor > 0 AND s.withdrawn_at IS NULL
         ORDER BY s.imported_at, s.id, l.line_no",
    )
    .bind(account.to_string())
    .bind(first.to_string())
    .bind(last.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| {
        Ok((
            LineRecord {
                statement_id: read_id(
                    "statement",
                    row.try_get("statement_id")?,
                    BankStatementId::parse,
                )?,
                line_no: count(row.try_get("line_no")?),
                day: read_date(row.try_get("day")?)?,
                minor: row.try_get("minor")?,
                balance_minor: row.try_get("balance_minor")?,
                serial_no: row.try_get("serial_no")?,
                text: row.try_get("text")?,
                counterparty: row.try_get("counterparty")?,
            },
            read_currency(row.try_get("currency")?)?,
        ))
    })
    .collect()
}

/// What people confirmed of an account and did not take back.
///
/// # Errors
/// When the database fails.
pub async fn confirmations(
    db: impl Executor<'_>,
    account: AccountId,
) -> Result<Vec<ConfirmationRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM bank_confirmations WHERE account_id = $1 AND undone_at IS NULL ORDER BY confirmed_at, id",
    )
    .bind(account.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| {
        Ok(ConfirmationRecord {
            id: read_id("confirmation", row.try_get("id")?, BankConfirmationId::parse)?,
            account_id: account,
            lines: row.try_get("lines")?,
            payouts: row.try_get("payouts")?,
            currency: read_currency(row.try_get("currency")?)?,
            amount_minor: row.try_get("amount_minor")?,
            reason: row.try_get("reason")?,
            confirmed_by: read_id("confirmed_by", row.try_get("confirmed_by")?, UserId::parse)?,
            confirmed_at: Timestamp::from_millis(row.try_get("confirmed_at")?),
        })
    })
    .collect()
}

/// Keeps a choice.
///
/// # Errors
/// When the database fails.
pub async fn confirm(tx: &mut Tx, c: &ConfirmationRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO bank_confirmations (id, account_id, lines, payouts, currency, amount_minor, reason, confirmed_by,
                                         confirmed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(c.id.to_string())
    .bind(c.account_id.to_string())
    .bind(&c.lines)
    .bind(&c.payouts)
    .bind(c.currency.code())
    .bind(c.amount_minor)
    .bind(&c.reason)
    .bind(c.confirmed_by.to_string())
    .bind(c.confirmed_at.millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a choice back; whether it stood.
///
/// # Errors
/// When the database fails.
pub async fn undo_confirmation(
    tx: &mut Tx,
    id: BankConfirmationId,
    by: UserId,
    at: Timestamp,
    reason: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE bank_confirmations SET undone_by = $2, undone_at = $3, undone_reason = $4
         WHERE id = $1 AND undone_at IS NULL",
    )
    .bind(id.to_string())
    .bind(by.to_string())
    .bind(at.millis())
    .bind(reason)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}
