//! What the store knows of people's access: sign-ins, what they asked for and decided, who decides
//! on whose requests.

use crate::dialect::Conn;
use sqlx::Row as _;
use zf_domain::{Role, Timestamp, UserId};

use crate::error::StoreError;
use crate::orders::millis;

/// One person and what they did since a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRow {
    /// Who.
    pub user_id: UserId,
    /// Their login.
    pub login: String,
    /// The name shown.
    pub display_name: String,
    /// Their role now.
    pub role: Role,
    /// The password's hash, for the check against passwords everybody knows.
    pub password_hash: String,
    /// When they were added.
    pub created_at: Timestamp,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// Until when wrong passwords keep them out.
    pub locked_until: Option<Timestamp>,
    /// When they last signed in.
    pub last_sign_in: Option<Timestamp>,
    /// Sessions that could still be used.
    pub live_sessions: i64,
    /// Wrong passwords since the moment asked for.
    pub failed_sign_ins: i64,
    /// Refunds asked for since then.
    pub requested: i64,
    /// Approvals given since then, voided ones included.
    pub approved: i64,
    /// Rejections since then.
    pub rejected: i64,
}

/// Everybody, in the order they were added.
///
/// # Errors
/// When the database fails.
pub async fn people(
    conn: &mut Conn,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<AccessRow>, StoreError> {
    let rows = sqlx::query(
        "SELECT u.*,
            (SELECT MAX(s.created_at) FROM sessions s WHERE s.user_id = u.id) AS last_sign_in,
            (SELECT COUNT(*) FROM sessions s WHERE s.user_id = u.id AND s.revoked_at IS NULL AND s.expires_at > $2) AS live_sessions,
            (SELECT COUNT(*) FROM audit a WHERE a.action = 'session.sign_in' AND a.result <> 'ok'
                AND a.object_kind = 'login' AND a.object_id = u.login AND a.at >= $1) AS failed_sign_ins,
            (SELECT COUNT(*) FROM refunds r WHERE r.maker_id = u.id AND r.version > 0 AND r.created_at >= $1) AS requested,
            (SELECT COUNT(*) FROM approvals p WHERE p.checker_id = u.id AND p.approved = 1 AND p.at >= $1) AS approved,
            (SELECT COUNT(*) FROM approvals p WHERE p.checker_id = u.id AND p.approved = 0 AND p.at >= $1) AS rejected
         FROM users u ORDER BY u.created_at, u.id",
    )
    .bind(since.millis())
    .bind(now.millis())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let (id, role): (String, String) = (row.try_get("id")?, row.try_get("role")?);
            Ok(AccessRow {
                user_id: UserId::parse(&id).map_err(|_| StoreError::unreadable("users.id", &id))?,
                login: row.try_get("login")?,
                display_name: row.try_get("display_name")?,
                role: Role::parse(&role)
                    .ok_or_else(|| StoreError::unreadable("users.role", &role))?,
                password_hash: row.try_get("password_hash")?,
                created_at: Timestamp::from_millis(row.try_get("created_at")?),
                disabled_at: millis(row, "disabled_at")?,
                locked_until: millis(row, "locked_until")?,
                last_sign_in: millis(row, "last_sign_in")?,
                live_sessions: row.try_get("live_sessions")?,
                failed_sign_ins: row.try_get("failed_sign_ins")?,
                requested: row.try_get("requested")?,
                approved: row.try_get("approved")?,
                rejected: row.try_get("rejected")?,
            })
        })
        .collect()
}

/// How often one person's requests were approved by another since a moment, the most often first.
///
/// # Errors
/// When the database fails.
pub async fn pairs(
    conn: &mut Conn,
    since: Timestamp,
) -> Result<Vec<(UserId, UserId, i64)>, StoreError> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT r.maker_id, a.checker_id, COUNT(*) AS n FROM approvals a JOIN refunds r ON r.id = a.refund_id
         WHERE a.approved = 1 AND a.at >= $1 AND r.maker_id IS NOT NULL
         GROUP BY r.maker_id, a.checker_id ORDER BY n DESC, r.maker_id, a.checker_id",
    )
    .bind(since.millis())
    .fetch_all(conn)
    .await?;
    let user = |id: &str| {
        UserId::parse(id).map_err(|_| StoreError::unreadable("approvals.checker_id", id))
    };
    rows.iter()
        .map(|(maker, checker, n)| Ok((user(maker)?, user(checker)?, *n)))
        .collect()
}
