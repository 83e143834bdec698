//! Rules of the house: every version is kept, the newest of a kind stands.

use crate::dialect::{Conn, DbRow};
use sqlx::Row as _;
use zf_domain::{Timestamp, UserId};

use crate::error::StoreError;

/// One version of one kind of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesRecord {
    /// From 1.
    pub version: i64,
    /// Canonical JSON.
    pub content: String,
    /// SM3 of that text.
    pub digest: String,
    /// Who set them.
    pub editor_id: UserId,
    /// The name shown.
    pub editor: String,
    /// Why, in the editor's words.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

fn read(row: &DbRow) -> Result<RulesRecord, StoreError> {
    let editor_id: String = row.try_get("editor_id")?;
    Ok(RulesRecord {
        version: row.try_get("version")?,
        content: row.try_get("content")?,
        digest: row.try_get("digest")?,
        editor_id: UserId::parse(&editor_id)
            .map_err(|_| StoreError::unreadable("house_rules.editor_id", &editor_id))?,
        editor: row.try_get("display_name")?,
        note: row.try_get("note")?,
        at: Timestamp::from_millis(row.try_get("at")?),
    })
}

/// The newest versions of a kind, newest first.
///
/// # Errors
/// When the database fails.
pub async fn history(
    conn: &mut Conn,
    kind: &str,
    limit: u32,
) -> Result<Vec<RulesRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT h.*, u.display_name FROM house_rules h JOIN users u ON u.id = h.editor_id
         WHERE h.kind = $1 ORDER BY h.version DESC LIMIT $2",
    )
    .bind(kind)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Adds a version.
///
/// # Errors
/// `Constraint` when that version is there already.
pub async fn add(conn: &mut Conn, kind: &str, record: &RulesRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO house_rules (kind, version, content, digest, editor_id, note, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(kind)
    .bind(record.version)
    .bind(&record.content)
    .bind(&record.digest)
    .bind(record.editor_id.to_string())
    .bind(&record.note)
    .bind(record.at.millis())
    .execute(conn)
    .await?;
    Ok(())
}
