//! The audit chain: append-only rows, each holding the SM3 of the one before.
//!
//! `hash = SM3(prev_hash ‖ "\n" ‖ canonical JSON of the row without its hash)`. Anyone with the rows
//! can recompute it; editing, deleting or reordering any row breaks the chain at that row, also when
//! the database's owner did it. The last row's hash is the anchor to keep elsewhere.

use crate::dialect::{Conn, DbRow, SqlText};
use sqlx::Row as _;
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

pub(crate) async fn append(conn: &mut Conn, entry: AuditEntry) -> Result<AuditRow, StoreError> {
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

pub(crate) fn read(row: &DbRow) -> Result<AuditRow, StoreError> {
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

/// A check of the chain on its way, page by page, so that it can be watched and stopped.
#[derive(Debug, Clone)]
pub struct ChainWalk {
    expected_seq: i64,
    prev: String,
    rows: u64,
    broken: Option<(i64, String)>,
}

impl Default for ChainWalk {
    fn default() -> Self {
        Self {
            expected_seq: 1,
            prev: GENESIS.to_owned(),
            rows: 0,
            broken: None,
        }
    }
}

impl ChainWalk {
    /// A check of rows from `seq` on, which stand behind the row with the hash `prev`: of an excerpt.
    /// It proves that the excerpt is whole in itself, and belongs behind that row.
    #[must_use]
    pub fn from(seq: i64, prev: &str) -> Self {
        Self {
            expected_seq: seq,
            prev: prev.to_owned(),
            ..Self::default()
        }
    }

    /// Rows that held so far.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes the next row; false once the chain is broken.
    pub fn take(&mut self, row: &AuditRow) -> bool {
        if self.broken.is_some() {
            return false;
        }
        let why = if row.seq != self.expected_seq {
            Some((
                row.seq.min(self.expected_seq),
                format!("row {} is missing", self.expected_seq),
            ))
        } else if row.prev_hash != self.prev {
            Some((
                row.seq,
                format!("row {} does not follow the row before it", row.seq),
            ))
        } else if AuditRow::compute(row.seq, &self.prev, &row.entry) != row.hash {
            Some((
                row.seq,
                format!("row {} was changed after it was written", row.seq),
            ))
        } else {
            None
        };
        self.broken = why;
        if self.broken.is_some() {
            return false;
        }
        self.prev.clone_from(&row.hash);
        self.expected_seq += 1;
        self.rows += 1;
        true
    }

    fn refuse(&mut self, seq: i64, why: String) {
        self.broken = Some((seq.min(self.expected_seq), why));
    }

    /// What was found.
    #[must_use]
    pub fn verdict(self) -> ChainVerdict {
        ChainVerdict {
            rows: self.rows,
            head: (self.rows > 0).then_some(self.prev),
            broken: self.broken,
        }
    }
}

/// Which rows of the log are meant. Empty fields leave nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Words, each searched in actor, action, object, reason and result.
    pub words: Vec<String>,
    /// Who, by name as shown.
    pub actor: Option<String>,
    /// An action `room.verb`, or a whole room as `room.`.
    pub action: Option<String>,
    /// Kind or number of the object, or a part of it.
    pub object: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub before: Option<Timestamp>,
    /// Only what did not go through.
    pub refused: bool,
}

/// At most so many words of a search.
const WORDS_MAX: usize = 6;

fn like(text: &str) -> String {
    format!("%{}%", text.replace(['%', '_'], "").replace('\\', "_"))
}

fn push_filter(sql: &mut SqlText, filter: &AuditFilter) {
    sql.push(" WHERE 1 = 1");
    if let Some(actor) = &filter.actor {
        sql.push(" AND actor = ").push_bind(actor.clone());
    }
    if let Some(action) = &filter.action {
        if action.ends_with('.') {
            sql.push(" AND action LIKE ")
                .push_bind(format!("{}%", action.replace(['%', '_'], "")));
        } else {
            sql.push(" AND action = ").push_bind(action.clone());
        }
    }
    if let Some(object) = &filter.object {
        sql.push(" AND (object_kind || ' ' || object_id) LIKE ")
            .push_bind(like(object));
    }
    if let Some(from) = filter.from {
        sql.push(" AND at >= ").push_bind(from.millis());
    }
    if let Some(before) = filter.before {
        sql.push(" AND at < ").push_bind(before.millis());
    }
    if filter.refused {
        // Results are `ok`, a word of the thing done, or an error code, which has a dot.
        sql.push(" AND (result LIKE '%.%' OR result LIKE '%failed%' OR result LIKE '%denied%')");
    }
    for word in filter.words.iter().take(WORDS_MAX) {
        let word = like(word);
        sql.push(" AND (actor LIKE ").push_bind(word.clone());
        for column in ["action", "object_kind", "object_id", "reason", "result"] {
            sql.push(format!(" OR {column} LIKE "))
                .push_bind(word.clone());
        }
        sql.push(")");
    }
}

impl Store {
    /// Recomputes the chain from its first row to its last.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn verify_audit(&self) -> Result<ChainVerdict, StoreError> {
        let mut walk = ChainWalk::default();
        while self.walk_audit(&mut walk, 2_000).await? {}
        self.end_walk(walk).await
    }

    /// Takes the next rows of a check; false when there are no more, or the chain is broken.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub async fn walk_audit(&self, walk: &mut ChainWalk, limit: u32) -> Result<bool, StoreError> {
        let page = sqlx::query("SELECT * FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2")
            .bind(walk.expected_seq)
            .bind(i64::from(limit))
            .fetch_all(self.pool())
            .await?;
        for raw in &page {
            let seq: i64 = raw.try_get("seq")?;
            match read(raw) {
                Ok(row) => {
                    if !walk.take(&row) {
                        return Ok(false);
                    }
                }
                Err(error) => {
                    walk.refuse(seq, format!("row {seq} cannot be read: {error}"));
                    return Ok(false);
                }
            }
        }
        Ok(page.len() == limit as usize)
    }

    /// Ends a check that took every row: rows cut off at the end leave no gap, so what was issued last
    /// is kept beside the chain and compared here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_walk(&self, walk: ChainWalk) -> Result<ChainVerdict, StoreError> {
        let mut verdict = walk.clone().verdict();
        if verdict.broken.is_some() {
            return Ok(verdict);
        }
        let kept: Option<String> = self.meta("audit_head").await?;
        if let Some((seq, hash)) = kept.as_deref().and_then(|k| k.split_once(':')) {
            let seq: i64 = seq.parse().unwrap_or(0);
            let next = walk.expected_seq;
            if seq >= next && self.audit_row(next).await?.is_none() {
                verdict.broken = Some((next, format!("rows {next} to {seq} were cut off")));
            } else if seq == next - 1 && hash != walk.prev {
                verdict.broken = Some((
                    seq,
                    format!("row {seq} is not the one that was written last"),
                ));
            }
        }
        Ok(verdict)
    }

    /// Every row about some objects, oldest first, at most 10,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_of(&self, object_ids: &[String]) -> Result<Vec<AuditRow>, StoreError> {
        let mut sql = SqlText::new(self.dialect(), "SELECT * FROM audit WHERE object_id IN (");
        let mut list = sql.separated(", ");
        for id in object_ids {
            list.push_bind(id.clone());
        }
        sql.push(") ORDER BY seq LIMIT 10000");
        let rows = sql.build().fetch_all(self.pool()).await?;
        rows.iter().map(read).collect()
    }

    /// How many rows the log has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_rows(&self) -> Result<u64, StoreError> {
        let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM audit")
            .fetch_one(self.pool())
            .await?;
        Ok(u64::try_from(rows).unwrap_or(0))
    }

    /// One row.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_row(&self, seq: i64) -> Result<Option<AuditRow>, StoreError> {
        sqlx::query("SELECT * FROM audit WHERE seq = $1")
            .bind(seq)
            .fetch_optional(self.pool())
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    /// Rows of the chain behind a row, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_after(&self, seq: i64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        sqlx::query("SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(seq)
            .bind(i64::from(limit))
            .fetch_all(self.pool())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// A page of the chain, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        before_seq: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let mut sql = SqlText::new(self.dialect(), "SELECT * FROM audit");
        push_filter(&mut sql, filter);
        if let Some(seq) = before_seq {
            sql.push(" AND seq < ").push_bind(seq);
        }
        sql.push(" ORDER BY seq DESC LIMIT ")
            .push_bind(i64::from(limit));
        sql.build()
            .fetch_all(self.pool())
            .await?
            .iter()
            .map(read)
            .collect()
    }

    /// How many rows a filter leaves.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_count(&self, filter: &AuditFilter) -> Result<u64, StoreError> {
        let mut sql = SqlText::new(self.dialect(), "SELECT COUNT(*) FROM audit");
        push_filter(&mut sql, filter);
        let total: i64 = sql.build_query_scalar().fetch_one(self.pool()).await?;
        Ok(u64::try_from(total).unwrap_or(0))
    }

    /// Who and what stands in the log: the choices of its filters.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_names(&self) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let list = async |sql: &'static str| -> Result<Vec<String>, StoreError> {
            Ok(sqlx::query_scalar(sql).fetch_all(self.pool()).await?)
        };
        Ok((
            list("SELECT DISTINCT actor FROM audit ORDER BY actor LIMIT 500").await?,
            list("SELECT DISTINCT action FROM audit ORDER BY action LIMIT 500").await?,
        ))
    }
}

impl AuditRow {
    /// The row as one line of JSON with everything its hash covers, for checks without the database.
    #[must_use]
    pub fn to_line(&self) -> String {
        let e = &self.entry;
        serde_json::json!({
            "seq": self.seq,
            "at_millis": e.at.millis(),
            "at": e.at.to_rfc3339_beijing(),
            "actor_id": e.actor_id.map(|id| id.to_string()),
            "actor": e.actor,
            "role": e.role.map(Role::as_str),
            "device": e.device,
            "action": e.action,
            "object_kind": e.object_kind,
            "object_id": e.object_id,
            "before_digest": e.before_digest,
            "after_digest": e.after_digest,
            "reason": e.reason,
            "result": e.result,
            "prev_hash": self.prev_hash,
            "hash": self.hash,
        })
        .to_string()
    }

    /// Reads such a line.
    ///
    /// # Errors
    /// `Unreadable` when it is none.
    pub fn from_line(line: &str) -> Result<Self, StoreError> {
        let unreadable = || StoreError::unreadable("audit line", line);
        let value: serde_json::Value = serde_json::from_str(line).map_err(|_| unreadable())?;
        let optional = |name: &str| value[name].as_str().map(str::to_owned);
        let text = |name: &str| optional(name).ok_or_else(unreadable);
        Ok(Self {
            seq: value["seq"].as_i64().ok_or_else(unreadable)?,
            entry: AuditEntry {
                at: Timestamp::from_millis(value["at_millis"].as_i64().ok_or_else(unreadable)?),
                actor_id: optional("actor_id")
                    .map(|id| UserId::parse(&id).map_err(|_| unreadable()))
                    .transpose()?,
                actor: text("actor")?,
                role: optional("role")
                    .map(|r| Role::parse(&r).ok_or_else(unreadable))
                    .transpose()?,
                device: text("device")?,
                action: text("action")?,
                object_kind: text("object_kind")?,
                object_id: text("object_id")?,
                before_digest: optional("before_digest"),
                after_digest: optional("after_digest"),
                reason: optional("reason"),
                result: text("result")?,
            },
            prev_hash: text("prev_hash")?,
            hash: text("hash")?,
        })
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

    #[tokio::test]
    async fn lines_outside_the_database_prove_the_same_and_an_excerpt_proves_itself() {
        let (_dir, store) = chain(6).await;
        let lines: Vec<String> = store
            .audit_after(0, 100)
            .await
            .unwrap()
            .iter()
            .map(AuditRow::to_line)
            .collect();
        let check = |mut walk: ChainWalk, lines: &[String]| {
            for line in lines {
                walk.take(&AuditRow::from_line(line).unwrap());
            }
            walk.verdict()
        };
        let whole = check(ChainWalk::default(), &lines);
        assert_eq!((whole.rows, whole.broken), (6, None));
        let third = AuditRow::from_line(&lines[2]).unwrap();
        let part = check(ChainWalk::from(3, &third.prev_hash), &lines[2..5]);
        assert_eq!((part.rows, part.broken), (3, None));
        let mut changed = lines.clone();
        changed[3] = changed[3].replace("thing", "other");
        assert_eq!(
            check(ChainWalk::default(), &changed).broken.map(|b| b.0),
            Some(4)
        );
    }
}
