//! Files made for people to take along: what was asked, how it ended, and what the file was.

use crate::dialect::{DbRow, Executor};
use sqlx::Row as _;
use zf_domain::{ExportId, Timestamp, UserId};

use crate::bills::{count, read_id, stored};
use crate::error::StoreError;
use crate::store::Tx;

/// One export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRecord {
    /// Its id.
    pub id: ExportId,
    /// What it holds, e.g. `orders`.
    pub kind: String,
    /// `csv`, `xlsx`, `jsonl` or `zip`.
    pub format: String,
    /// What the file is called towards people.
    pub file_name: String,
    /// JSON: what was asked for.
    pub request: String,
    /// `running`, `done`, `cancelled`, `failed`, `interrupted` or `removed`.
    pub state: String,
    /// Rows written.
    pub row_count: u64,
    /// Rows that could not be given what they stand for, such as a receipt whose file is gone.
    pub problems: u64,
    /// JSON: sums by currency.
    pub sums: String,
    /// Where the file lies, relative to the home.
    pub path: Option<String>,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of the file, lower hex.
    pub sha256: Option<String>,
    /// JSON: what went wrong.
    pub error: Option<String>,
    /// Who asked.
    pub created_by: UserId,
    /// Their name; filled by reads only.
    pub created_by_name: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When the file goes.
    pub expires_at: Timestamp,
}

const SELECT: &str = "SELECT e.*, u.display_name AS created_by_name FROM exports e JOIN users u ON u.id = e.created_by";

fn read(row: &DbRow) -> Result<ExportRecord, StoreError> {
    Ok(ExportRecord {
        id: read_id("export", row.try_get("id")?, ExportId::parse)?,
        kind: row.try_get("kind")?,
        format: row.try_get("format")?,
        file_name: row.try_get("file_name")?,
        request: row.try_get("request")?,
        state: row.try_get("state")?,
        row_count: count(row.try_get("row_count")?),
        problems: count(row.try_get("problems")?),
        sums: row.try_get("sums")?,
        path: row.try_get("path")?,
        bytes: count(row.try_get("bytes")?),
        sha256: row.try_get("sha256")?,
        error: row.try_get("error")?,
        created_by: read_id("created_by", row.try_get("created_by")?, UserId::parse)?,
        created_by_name: row.try_get("created_by_name")?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        finished_at: row
            .try_get::<Option<i64>, _>("finished_at")?
            .map(Timestamp::from_millis),
        expires_at: Timestamp::from_millis(row.try_get("expires_at")?),
    })
}

/// Writes an export, or what became of it.
///
/// # Errors
/// When the database fails.
pub async fn put(tx: &mut Tx, export: &ExportRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO exports (id, kind, format, file_name, request, state, row_count, problems, sums, path, bytes,
                              sha256, error, created_by, created_at, finished_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, row_count = excluded.row_count,
             problems = excluded.problems, sums = excluded.sums, path = excluded.path, bytes = excluded.bytes,
             sha256 = excluded.sha256, error = excluded.error, finished_at = excluded.finished_at,
             expires_at = excluded.expires_at",
    )
    .bind(export.id.to_string())
    .bind(&export.kind)
    .bind(&export.format)
    .bind(&export.file_name)
    .bind(&export.request)
    .bind(&export.state)
    .bind(stored(export.row_count))
    .bind(stored(export.problems))
    .bind(&export.sums)
    .bind(&export.path)
    .bind(stored(export.bytes))
    .bind(&export.sha256)
    .bind(&export.error)
    .bind(export.created_by.to_string())
    .bind(export.created_at.millis())
    .bind(export.finished_at.map(Timestamp::millis))
    .bind(export.expires_at.millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One export.
///
/// # Errors
/// When the database fails.
pub async fn by_id(
    db: impl Executor<'_>,
    id: ExportId,
) -> Result<Option<ExportRecord>, StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} WHERE e.id = $1")))
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Exports, newest first: of one person, or with `None` of everybody.
///
/// # Errors
/// When the database fails.
pub async fn page(
    db: impl Executor<'_>,
    person: Option<UserId>,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<ExportRecord>, StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE ($1 IS NULL OR e.created_by = $1) AND ($2 IS NULL OR e.id < $2) ORDER BY e.id DESC LIMIT $3"
    )))
    .bind(person.map(|p| p.to_string()))
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Exports a former process left unfinished.
///
/// # Errors
/// When the database fails.
pub async fn running(db: impl Executor<'_>) -> Result<Vec<ExportRecord>, StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE e.state = 'running'"
    )))
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Finished exports whose file is due to go.
///
/// # Errors
/// When the database fails.
pub async fn expired(
    db: impl Executor<'_>,
    now: Timestamp,
) -> Result<Vec<ExportRecord>, StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "{SELECT} WHERE e.state = 'done' AND e.expires_at <= $1"
    )))
    .bind(now.millis())
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect()
}
