//! The audit chain: append-only rows, each holding the SM3 of the one before.
//!
//! `hash = SM3(prev_hash ‖ "\n" ‖ canonical JSON of the row without its hash)`. Anyone with the rows
//! can recompute it; editing, deleting or reordering any row breaks the chain at that row, also when
//! the database's owner did it. The last row's hash is the anchor to keep elsewhere.

use sqlx::{Row as _, SqliteConnection};
use zf_crypto::digest;
use zf_domain::{Role, Timestamp, UserId};

use crate::error::StoreError;
use crate::store::Store;

/// Who did what, before it has its place in the chain.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who; `None` for the program's own timers.
    pub actor_id: Option<UserId>,
    /// The name shown for who.
    pub actor: String,
    /// In which role.
    pub role: Option<Role>,
    /// From where: `desktop`, `browser`, `cli`, `timer`.
    pub device: String,
    /// `room.verb`, e.g. `refunds.request`.
    pub action: String,
    /// Kind of the object, e.g. `refund`.
    pub object_kind: String,
    /// Its number or id.
    pub object_id: String,
    /// Digest of the content before.
    pub before_digest: Option<String>,
    /// Digest of the content after.
    pub after_digest: Option<String>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// `ok`, or an error code.
    pub result: String,
}

/// A row of the chain.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// Position, from 1 without gaps.
    pub seq: i64,
    /// What it says.
    pub entry: AuditEntry,
    /// Hash of the row before; 64 zeros for the first.
    pub prev_hash: String,
    /// Hash of this row.
    pub hash: String,
}

/// What a check of the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainVerdict {
    /// Rows read.
    pub rows: u64,
    /// The first row that does not fit, with the reason.
    pub broken: Option<(i64, String)>,
    /// Hash of the last sound row.
    pub head: Option<String>,
}

const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl AuditRow {
    fn compute(seq: i64, prev_hash: &str, e: &AuditEntry) -> String {
        // A JSON array in fixed order: every field quoted, so no two rows share one text.
        let canonical = serde_json::json!([
            seq,
            e.at.millis(),
            e.actor_id.map(|id| id.to_string()),
            e.actor,
            e.role.map(Role::as_str),
            e.device,
            e.action,
            e.object_kind,
            e.object_id,
            e.before_digest,
            e.after_digest,
            e.reason,
            e.result
        ]);
        digest::hex_lower(&digest::sm3(format!("{prev_hash}\n{canonical}").as_bytes()))
    }
}

pub(crate) async fn append(
    conn: &mut SqliteConnection,
    entry: AuditEntry,
) -> Result<AuditRow, StoreError> {
    let last: Option<(i64, String)> =
        sqlx::query_as("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
            .fetch_optional(&mut *conn)
            .await?;
    let (seq, prev_hash) = last.map_or((1, GENESIS.to_owned()), |(seq, hash)| (seq + 1, hash));
    let hash = AuditRow::compute(seq, &prev_hash, &entry);
    sqlx::query(
        "INSERT INTO audit (seq, at, actor_id, actor, role, device, action, object_kind, object_id,
                            before_digest, after_digest, reason, result, prev_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(seq)
    .bind(entry.at.millis())
    .bind(entry.actor_id.map(|id| id.to_string()))
    .bind(&entry.actor)
    .bind(entry.role.map(Role::as_str))
    .bind(&entry.device)
    .bind(&entry.action)
    .bind(&entry.object_kind)
    .bind(&entry.object_id)
    .bind(&entry.before_digest)
    .bind(&entry.after_digest)
    .bind(&entry.reason)
    .bind(&entry.result)
    .bind(&prev_hash)
    .bind(&hash)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO meta (name, value) VALUES ('audit_head', $1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(format!("{seq}:{hash}"))
    .execute(&mut *conn)
    .await?;
    Ok(AuditRow {
        seq,
        entry,
        prev_hash,
        hash,
    })
}

pub(crate) fn read(row: &sqlx::sqlite::SqliteRow) -> Result<AuditRow, StoreError> {
    let actor_id: Option<String> = row.try_get("actor_id")?;
    let role: Option<String> = row.try_get("role")?;
    Ok(AuditRow {
        seq: row.try_get("seq")?,
        entry: AuditEntry {
            at: Timestamp::from_millis(row.try_get("at")?),
            actor_id: actor_id
                .map(|id| UserId::parse(&id).map_err(|_| StoreError::unreadable("actor_id", &id)))
                .transpose()?,
            actor: row.try_get("actor")?,
            role: role
                .map(|r| Role::parse(&r).ok_or_else(|| StoreError::unreadable("role", &r)))
                .transpose()?,
            device: row.try_get("device")?,
            action: row.try_get("action")?,
            object_kind: row.try_get("object_kind")?,
            object_id: row.try_get("object_id")?,
            before_digest: row.try_get("before_digest")?,
            after_digest: row.try_get("after_digest")?,
            reason: row.try_get("reason")?,
            result: row.try_get("result")?,
        },
        prev_hash: row.try_get("prev_hash")?,
        hash: row.try_get("hash")?,
    })
}

impl Store {
    /// Recomputes the chain from its first row to its last.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn verify_audit(&self) -> Result<ChainVerdict, StoreError> {
        const PAGE: i64 = 2_000;
        let mut expected_seq = 1;
        let mut prev = GENESIS.to_owned();
        let mut rows = 0;
        loop {
            let page = sqlx::query("SELECT * FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2")
                .bind(expected_seq)
                .bind(PAGE)
                .fetch_all(self.pool())
                .await?;
            let last_page = i64::try_from(page.len()).unwrap_or(0) < PAGE;
            for raw in &page {
                let seq: i64 = raw.try_get("seq")?;
                let broken = |why: String| ChainVerdict {
                    rows,
                    broken: Some((seq.min(expected_seq), why)),
                    head: (rows > 0).then(|| prev.clone()),
                };
                if seq != expected_seq {
                    return Ok(broken(format!("row {expected_seq} is missing")));
                }
                let row = match read(raw) {
                    Ok(row) => row,
                    Err(error) => return Ok(broken(format!("row {seq} cannot be read: {error}"))),
                };
                if row.prev_hash != prev {
                    return Ok(broken(format!(
                        "row {seq} does not follow the row before it"
                    )));
                }
                if AuditRow::compute(seq, &prev, &row.entry) != row.hash {
                    return Ok(broken(format!(
                        "row {seq} was changed after it was written"
                    )));
                }
                prev = row.hash;
                expected_seq += 1;
                rows += 1;
            }
            if last_page {
                break;
            }
        }
        // Rows cut off at the end leave no gap; what was issued last is kept beside the chain.
        let kept: Option<String> = self.meta("audit_head").await?;
        if let Some((seq, hash)) = kept.as_deref().and_then(|k| k.split_once(':')) {
            let seq: i64 = seq.parse().unwrap_or(0);
            if seq >= expected_seq {
                return Ok(ChainVerdict {
                    rows,
                    broken: Some((
                        expected_seq,
                        format!("rows {expected_seq} to {seq} were cut off"),
                    )),
                    head: (rows > 0).then_some(prev),
                });
            }
            if seq == expected_seq - 1 && hash != prev {
                return Ok(ChainVerdict {
                    rows,
                    broken: Some((
                        seq,
                        format!("row {seq} is not the one that was written last"),
                    )),
                    head: Some(prev),
                });
            }
        }
        Ok(ChainVerdict {
            rows,
            broken: None,
            head: (rows > 0).then_some(prev),
        })
    }

    /// Every row about some objects, oldest first, at most 10,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_of(&self, object_ids: &[String]) -> Result<Vec<AuditRow>, StoreError> {
        let mut sql =
            sqlx::QueryBuilder::<sqlx::Sqlite>::new("SELECT * FROM audit WHERE object_id IN (");
        let mut list = sql.separated(", ");
        for id in object_ids {
            list.push_bind(id.clone());
        }
        sql.push(") ORDER BY seq LIMIT 10000");
        let rows = sql.build().fetch_all(self.pool()).await?;
        rows.iter().map(read).collect()
    }

    /// A page of the chain, newest first. `text` is searched in actor, object and reason.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_page(
        &self,
        before_seq: Option<i64>,
        action: Option<&str>,
        text: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<AuditRow>, u64), StoreError> {
        let like = text.map(|t| format!("%{}%", t.replace(['%', '_'], "")));
        let rows = sqlx::query(
            "SELECT * FROM audit WHERE ($1 IS NULL OR seq < $1) AND ($2 IS NULL OR action = $2)
             AND ($3 IS NULL OR actor LIKE $3 OR object_id LIKE $3 OR reason LIKE $3 OR action LIKE $3)
             ORDER BY seq DESC LIMIT $4",
        )
        .bind(before_seq)
        .bind(action)
        .bind(&like)
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await?;
        let total: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM audit WHERE ($1 IS NULL OR action = $1)
             AND ($2 IS NULL OR actor LIKE $2 OR object_id LIKE $2 OR reason LIKE $2 OR action LIKE $2)",
        )
        .bind(action)
        .bind(&like)
        .fetch_one(self.pool())
        .await?;
        Ok((
            rows.iter().map(read).collect::<Result<_, _>>()?,
            u64::try_from(total).unwrap_or(0),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: i64) -> AuditEntry {
        AuditEntry {
            at: Timestamp::from_seconds(1_800_000_000 + n),
            actor_id: None,
            actor: "定时任务".to_owned(),
            role: None,
            device: "timer".to_owned(),
            action: "test.step".to_owned(),
            object_kind: "thing".to_owned(),
            object_id: n.to_string(),
            before_digest: None,
            after_digest: None,
            reason: None,
            result: "ok".to_owned(),
        }
    }

    async fn chain(rows: i64) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("desk.db")).await.unwrap();
        for n in 1..=rows {
            let mut tx = store.begin().await.unwrap();
            tx.audit(entry(n)).await.unwrap();
            tx.commit().await.unwrap();
        }
        (dir, store)
    }

    /// Each way of tampering, by someone who owns the database and drops its triggers first.
    #[tokio::test]
    async fn the_first_broken_row_is_named() {
        for (what, sql, broken) in [
            ("nothing", "SELECT 1", None),
            (
                "edit",
                "UPDATE audit SET reason = 'because' WHERE seq = 4",
                Some(4),
            ),
            ("delete", "DELETE FROM audit WHERE seq = 3", Some(3)),
            ("cut the end", "DELETE FROM audit WHERE seq > 4", Some(5)),
            (
                "swap",
                "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)",
                Some(2),
            ),
        ] {
            let (_dir, store) = chain(6).await;
            for statement in [
                "DROP TRIGGER audit_is_never_changed",
                "DROP TRIGGER audit_is_never_deleted",
                sql,
                "UPDATE audit SET seq = -seq WHERE seq < 0",
            ] {
                sqlx::query(statement).execute(store.pool()).await.unwrap();
            }
            let verdict = store.verify_audit().await.unwrap();
            assert_eq!(
                verdict.broken.as_ref().map(|(seq, _)| *seq),
                broken,
                "{what}: {verdict:?}"
            );
        }
    }

    #[tokio::test]
    async fn the_chain_cannot_be_changed_through_the_store_and_changes_need_a_row() {
        let (_dir, store) = chain(2).await;
        for sql in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
            let refused = sqlx::query(sql)
                .execute(store.pool())
                .await
                .map_err(StoreError::from);
            assert!(matches!(refused, Err(StoreError::Constraint(_))), "{sql}");
        }
        let mut tx = store.begin().await.unwrap();
        tx.set_meta("a", "b").await.unwrap();
        assert!(matches!(tx.commit().await, Err(StoreError::Unaudited)));
        assert_eq!(store.meta("a").await.unwrap(), None);
    }
}
