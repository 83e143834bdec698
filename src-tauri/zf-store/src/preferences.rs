//! Small choices of one person: theme, language, saved views, keys.

use std::collections::BTreeMap;

use crate::dialect::Conn;
use zf_domain::{Timestamp, UserId};

use crate::error::StoreError;

/// Everything one person chose, by name; values are JSON text.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &mut Conn, user_id: UserId) -> Result<BTreeMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT name, value FROM preferences WHERE user_id = $1")
            .bind(user_id.to_string())
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().collect())
}

/// Keeps a choice; `None` forgets it.
///
/// # Errors
/// When the database fails.
pub async fn put(
    conn: &mut Conn,
    user_id: UserId,
    name: &str,
    value: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = if value.is_some() {
        "INSERT INTO preferences (user_id, name, value, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at"
    } else {
        "DELETE FROM preferences WHERE user_id = $1 AND name = $2"
    };
    let mut query = sqlx::query(statement).bind(user_id.to_string()).bind(name);
    if let Some(value) = value {
        query = query.bind(value).bind(now.millis());
    }
    query.execute(conn).await?;
    Ok(())
}
