//! How an account's books are read: mappings, keys of encrypted files, databases.

use crate::dialect::{Conn, DbRow, Executor};
use sqlx::Row as _;
use zf_domain::{AccountId, Timestamp, UserId};

use crate::error::StoreError;

/// One mapping of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRecord {
    /// By which it is chosen.
    pub name: String,
    /// The JSON file.
    pub content: String,
    /// Whether the account's books are read with it.
    pub in_use: bool,
    /// The name of who wrote it last.
    pub edited_by: String,
    /// When.
    pub edited_at: Timestamp,
}

/// One key of encrypted books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// By which files name it.
    pub name: String,
    /// Tells keys apart, and nothing about them.
    pub fingerprint: String,
    /// Sealed by the vault.
    pub sealed: Vec<u8>,
    /// The name of who added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

/// One database of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    /// By which it is chosen.
    pub name: String,
    /// JSON.
    pub settings: String,
    /// Sealed by the vault.
    pub sealed_password: Vec<u8>,
    /// The name of who wrote it last.
    pub edited_by: String,
    /// When.
    pub edited_at: Timestamp,
}

fn mapping(row: &DbRow) -> Result<MappingRecord, StoreError> {
    Ok(MappingRecord {
        name: row.try_get("name")?,
        content: row.try_get("content")?,
        in_use: row.try_get::<i64, _>("in_use")? == 1,
        edited_by: row.try_get("display_name")?,
        edited_at: Timestamp::from_millis(row.try_get("edited_at")?),
    })
}

/// Mappings of an account by name.
///
/// # Errors
/// When the database fails.
pub async fn mappings(
    db: impl Executor<'_>,
    account: AccountId,
) -> Result<Vec<MappingRecord>, StoreError> {
    sqlx::query(
        "SELECT m.*, u.display_name FROM book_mappings m JOIN users u ON u.id = m.edited_by
         WHERE m.account_id = $1 ORDER BY m.name",
    )
    .bind(account.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(mapping)
    .collect()
}

/// Keeps a mapping under its name, in place of the one before.
///
/// # Errors
/// When the database fails.
pub async fn put_mapping(
    conn: &mut Conn,
    account: AccountId,
    name: &str,
    content: &str,
    by: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO book_mappings (account_id, name, content, edited_by, edited_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, name) DO UPDATE
         SET content = excluded.content, edited_by = excluded.edited_by, edited_at = excluded.edited_at",
    )
    .bind(account.to_string())
    .bind(name)
    .bind(content)
    .bind(by.to_string())
    .bind(at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Reads the account's books with this mapping from now on; `None` with the default. False when there is
/// no such mapping.
///
/// # Errors
/// When the database fails.
pub async fn use_mapping(
    conn: &mut Conn,
    account: AccountId,
    name: Option<&str>,
) -> Result<bool, StoreError> {
    sqlx::query("UPDATE book_mappings SET in_use = 0 WHERE account_id = $1 AND in_use = 1")
        .bind(account.to_string())
        .execute(&mut *conn)
        .await?;
    let Some(name) = name else {
        return Ok(true);
    };
    let done =
        sqlx::query("UPDATE book_mappings SET in_use = 1 WHERE account_id = $1 AND name = $2")
            .bind(account.to_string())
            .bind(name)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets a mapping. False when there is none.
///
/// # Errors
/// When the database fails.
pub async fn remove_mapping(
    conn: &mut Conn,
    account: AccountId,
    name: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM book_mappings WHERE account_id = $1 AND name = $2")
        .bind(account.to_string())
        .bind(name)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Every key by name.
///
/// # Errors
/// When the database fails.
pub async fn keys(db: impl Executor<'_>) -> Result<Vec<KeyRecord>, StoreError> {
    sqlx::query(
        "SELECT k.*, u.display_name FROM book_keys k JOIN users u ON u.id = k.added_by ORDER BY k.name",
    )
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| {
        Ok(KeyRecord {
            name: row.try_get("name")?,
            fingerprint: row.try_get("fingerprint")?,
            sealed: row.try_get("sealed")?,
            added_by: row.try_get("display_name")?,
            added_at: Timestamp::from_millis(row.try_get("added_at")?),
        })
    })
    .collect()
}

/// Keeps a key under a new name.
///
/// # Errors
/// `Constraint` when the name is taken.
pub async fn add_key(
    conn: &mut Conn,
    name: &str,
    fingerprint: &str,
    sealed: &[u8],
    by: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO book_keys (name, fingerprint, sealed, added_by, added_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(name)
    .bind(fingerprint)
    .bind(sealed)
    .bind(by.to_string())
    .bind(at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets a key. False when there is none.
///
/// # Errors
/// When the database fails.
pub async fn remove_key(conn: &mut Conn, name: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM book_keys WHERE name = $1")
        .bind(name)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Databases of an account by name.
///
/// # Errors
/// When the database fails.
pub async fn sources(
    db: impl Executor<'_>,
    account: AccountId,
) -> Result<Vec<SourceRecord>, StoreError> {
    sqlx::query(
        "SELECT s.*, u.display_name FROM book_sources s JOIN users u ON u.id = s.edited_by
         WHERE s.account_id = $1 ORDER BY s.name",
    )
    .bind(account.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| {
        Ok(SourceRecord {
            name: row.try_get("name")?,
            settings: row.try_get("settings")?,
            sealed_password: row.try_get("sealed_password")?,
            edited_by: row.try_get("display_name")?,
            edited_at: Timestamp::from_millis(row.try_get("edited_at")?),
        })
    })
    .collect()
}

/// Keeps a database under its name, in place of the one before.
///
/// # Errors
/// When the database fails.
pub async fn put_source(
    conn: &mut Conn,
    account: AccountId,
    name: &str,
    settings: &str,
    sealed_password: &[u8],
    by: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO book_sources (account_id, name, settings, sealed_password, edited_by, edited_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account_id, name) DO UPDATE
         SET settings = excluded.settings, sealed_password = excluded.sealed_password,
             edited_by = excluded.edited_by, edited_at = excluded.edited_at",
    )
    .bind(account.to_string())
    .bind(name)
    .bind(settings)
    .bind(sealed_password)
    .bind(by.to_string())
    .bind(at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets a database with its password. False when there is none.
///
/// # Errors
/// When the database fails.
pub async fn remove_source(
    conn: &mut Conn,
    account: AccountId,
    name: &str,
) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM book_sources WHERE account_id = $1 AND name = $2")
        .bind(account.to_string())
        .bind(name)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}
