//! Refunds with their versions, approvals and attempts.
//!
//! The rules that a database can express stand beside the tables as constraints and triggers; these
//! functions only read and write.

use crate::dialect::{Conn, DbRow, SqlText, dialect_of};
use sqlx::Row as _;
use zf_domain::{
    AccountId, ApprovalPath, BusinessDate, Currency, Money, OrderId, RefundId, RefundState,
    Timestamp, UserId,
};

use crate::error::StoreError;
use crate::orders::{OrderRecord, currency, millis};

/// One refund as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRecord {
    /// Its id.
    pub id: RefundId,
    /// The merchant account.
    pub account_id: AccountId,
    /// The order.
    pub order_id: OrderId,
    /// The merchant's number: stored before anything is sent, the same on every retry.
    pub refund_no: String,
    /// The channel's number, once accepted.
    pub channel_refund_id: Option<String>,
    /// Where it stands.
    pub state: RefundState,
    /// How much goes back.
    pub amount: Money,
    /// Stable word of the reason.
    pub reason_code: String,
    /// For the checker.
    pub note: String,
    /// For the payer.
    pub buyer_note: String,
    /// Version of the content; 0 while nothing was asked.
    pub version: i64,
    /// Digest of that version.
    pub digest: String,
    /// Who opened it; absent for refunds made elsewhere.
    pub maker_id: Option<UserId>,
    /// Made elsewhere.
    pub origin_channel: bool,
    /// When the number was minted.
    pub created_at: Timestamp,
    /// When this version was asked for.
    pub requested_at: Option<Timestamp>,
    /// When it first left this machine.
    pub sent_at: Option<Timestamp>,
    /// When it became final.
    pub finished_at: Option<Timestamp>,
    /// When the next step is due: a query, or the next sending while queued.
    pub next_query_at: Option<Timestamp>,
    /// Steps of that kind taken since the state last changed.
    pub query_count: i64,
    /// Code of what last went wrong.
    pub last_error: Option<String>,
    /// Where the money goes, as the channel prints it.
    pub received_account: Option<String>,
    /// The way it goes, fixed when it was asked for.
    pub path: ApprovalPath,
    /// When a draft was last kept without being sent.
    pub draft_at: Option<Timestamp>,
}

impl RefundRecord {
    /// A fresh draft.
    #[must_use]
    pub fn draft(
        id: RefundId,
        order: &OrderRecord,
        refund_no: &str,
        maker_id: Option<UserId>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            account_id: order.account_id,
            order_id: order.id,
            refund_no: refund_no.to_owned(),
            channel_refund_id: None,
            state: RefundState::Draft,
            amount: Money::new(0, order.amount.currency),
            reason_code: "other".to_owned(),
            note: String::new(),
            buyer_note: String::new(),
            version: 0,
            digest: String::new(),
            maker_id,
            origin_channel: false,
            created_at: now,
            requested_at: None,
            sent_at: None,
            finished_at: None,
            next_query_at: None,
            query_count: 0,
            last_error: None,
            received_account: None,
            path: ApprovalPath {
                checkers: 1,
                approval_hours: 48,
                cooling_off_seconds: 0,
            },
            draft_at: None,
        }
    }

    /// When it expires unless somebody decides, while it waits.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.requested_at
            .filter(|_| {
                matches!(
                    self.state,
                    RefundState::AwaitingApproval | RefundState::ApprovalVoided
                )
            })
            .map(|at| at.plus_millis(self.path.approval_hours * 3_600_000))
    }
}

/// One version of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecord {
    /// Its number, from 1.
    pub version: i64,
    /// Canonical JSON of every signed field.
    pub content: String,
    /// SM3 of that text.
    pub digest: String,
    /// Who wrote it.
    pub editor_id: UserId,
    /// When.
    pub at: Timestamp,
}

/// One decision of a checker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRecord {
    /// Version decided on.
    pub version: i64,
    /// Who decided.
    pub checker_id: UserId,
    /// The name shown.
    pub checker: String,
    /// Yes or no.
    pub approved: bool,
    /// Digest of what was shown.
    pub digest: String,
    /// In the checker's words.
    pub comment: String,
    /// When.
    pub at: Timestamp,
    /// False when a later change voided it.
    pub stands: bool,
}

/// One sending of the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// From 1.
    pub attempt: i64,
    /// Which run of the program sent it.
    pub run: String,
    /// Written before the first byte.
    pub started_at: Timestamp,
    /// When its outcome was stored.
    pub finished_at: Option<Timestamp>,
    /// Stable word of the outcome.
    pub outcome: Option<String>,
}

/// Reads a row of `refunds`.
///
/// # Errors
/// `Unreadable` for a value this version does not know.
pub fn read(row: &DbRow) -> Result<RefundRecord, StoreError> {
    let id: String = row.try_get("id")?;
    let account_id: String = row.try_get("account_id")?;
    let order_id: String = row.try_get("order_id")?;
    let state: String = row.try_get("state")?;
    let code: String = row.try_get("currency")?;
    let maker_id: Option<String> = row.try_get("maker_id")?;
    let origin: String = row.try_get("origin")?;
    Ok(RefundRecord {
        id: RefundId::parse(&id).map_err(|_| StoreError::unreadable("refunds.id", &id))?,
        account_id: AccountId::parse(&account_id)
            .map_err(|_| StoreError::unreadable("refunds.account_id", &account_id))?,
        order_id: OrderId::parse(&order_id)
            .map_err(|_| StoreError::unreadable("refunds.order_id", &order_id))?,
        refund_no: row.try_get("refund_no")?,
        channel_refund_id: row.try_get("channel_refund_id")?,
        state: RefundState::parse(&state)
            .ok_or_else(|| StoreError::unreadable("refunds.state", &state))?,
        amount: Money::new(row.try_get("amount_minor")?, currency(&code)?),
        reason_code: row.try_get("reason_code")?,
        note: row.try_get("note")?,
        buyer_note: row.try_get("buyer_note")?,
        version: row.try_get("version")?,
        digest: row.try_get("digest")?,
        maker_id: maker_id.map(|id| user(&id)).transpose()?,
        origin_channel: origin == "channel",
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        requested_at: millis(row, "requested_at")?,
        sent_at: millis(row, "sent_at")?,
        finished_at: millis(row, "finished_at")?,
        next_query_at: millis(row, "next_query_at")?,
        query_count: row.try_get("query_count")?,
        last_error: row.try_get("last_error")?,
        received_account: row.try_get("received_account")?,
        path: ApprovalPath {
            checkers: u32::try_from(row.try_get::<i64, _>("checkers_required")?).unwrap_or(1),
            approval_hours: row.try_get("approval_hours")?,
            cooling_off_seconds: row.try_get("cooling_off_seconds")?,
        },
        draft_at: millis(row, "draft_at")?,
    })
}

fn user(id: &str) -> Result<UserId, StoreError> {
    UserId::parse(id).map_err(|_| StoreError::unreadable("users.id", id))
}

/// Stores a new refund: a draft of this desk, or one made elsewhere.
///
/// # Errors
/// `Constraint` for a number already used or a refund of this desk that is no draft.
pub async fn insert(conn: &mut Conn, refund: &RefundRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refunds (id, account_id, order_id, refund_no, channel_refund_id, state, currency, amount_minor,
            reason_code, note, buyer_note, version, digest, maker_id, origin, created_at, requested_at, sent_at,
            finished_at, next_query_at, query_count, last_error, received_account, checkers_required,
            approval_hours, cooling_off_seconds, draft_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
            $24, $25, $26, $27)",
    )
    .bind(refund.id.to_string())
    .bind(refund.account_id.to_string())
    .bind(refund.order_id.to_string())
    .bind(&refund.refund_no)
    .bind(&refund.channel_refund_id)
    .bind(refund.state.as_str())
    .bind(refund.amount.currency.code())
    .bind(refund.amount.minor)
    .bind(&refund.reason_code)
    .bind(&refund.note)
    .bind(&refund.buyer_note)
    .bind(refund.version)
    .bind(&refund.digest)
    .bind(refund.maker_id.map(|id| id.to_string()))
    .bind(if refund.origin_channel { "channel" } else { "desk" })
    .bind(refund.created_at.millis())
    .bind(refund.requested_at.map(Timestamp::millis))
    .bind(refund.sent_at.map(Timestamp::millis))
    .bind(refund.finished_at.map(Timestamp::millis))
    .bind(refund.next_query_at.map(Timestamp::millis))
    .bind(refund.query_count)
    .bind(&refund.last_error)
    .bind(&refund.received_account)
    .bind(i64::from(refund.path.checkers))
    .bind(refund.path.approval_hours)
    .bind(refund.path.cooling_off_seconds)
    .bind(refund.draft_at.map(Timestamp::millis))
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes every field of a refund that may change.
///
/// # Errors
/// `Constraint` naming the rule that says no.
pub async fn save(conn: &mut Conn, refund: &RefundRecord) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE refunds SET channel_refund_id = $1, state = $2, currency = $3, amount_minor = $4, reason_code = $5,
            note = $6, buyer_note = $7, version = $8, digest = $9, requested_at = $10, sent_at = $11,
            finished_at = $12, next_query_at = $13, query_count = $14, last_error = $15, received_account = $16,
            checkers_required = $17, approval_hours = $18, cooling_off_seconds = $19, draft_at = $20
         WHERE id = $21",
    )
    .bind(&refund.channel_refund_id)
    .bind(refund.state.as_str())
    .bind(refund.amount.currency.code())
    .bind(refund.amount.minor)
    .bind(&refund.reason_code)
    .bind(&refund.note)
    .bind(&refund.buyer_note)
    .bind(refund.version)
    .bind(&refund.digest)
    .bind(refund.requested_at.map(Timestamp::millis))
    .bind(refund.sent_at.map(Timestamp::millis))
    .bind(refund.finished_at.map(Timestamp::millis))
    .bind(refund.next_query_at.map(Timestamp::millis))
    .bind(refund.query_count)
    .bind(&refund.last_error)
    .bind(&refund.received_account)
    .bind(i64::from(refund.path.checkers))
    .bind(refund.path.approval_hours)
    .bind(refund.path.cooling_off_seconds)
    .bind(refund.draft_at.map(Timestamp::millis))
    .bind(refund.id.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// One refund by its id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: RefundId) -> Result<Option<RefundRecord>, StoreError> {
    let row = sqlx::query("SELECT * FROM refunds WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// One refund by the merchant's number within an account.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &mut Conn,
    account_id: AccountId,
    refund_no: &str,
) -> Result<Option<RefundRecord>, StoreError> {
    let row = sqlx::query("SELECT * FROM refunds WHERE account_id = $1 AND refund_no = $2")
        .bind(account_id.to_string())
        .bind(refund_no)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// One refund by the merchant's number; numbers of this desk are unique over all accounts, and go
/// before one made elsewhere that happens to have the same.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, refund_no: &str) -> Result<Option<RefundRecord>, StoreError> {
    let row = sqlx::query(
        "SELECT * FROM refunds WHERE refund_no = $1
         ORDER BY CASE origin WHEN 'desk' THEN 0 ELSE 1 END, created_at DESC LIMIT 1",
    )
    .bind(refund_no)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Refunds of an order, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn of_order(conn: &mut Conn, order_id: OrderId) -> Result<Vec<RefundRecord>, StoreError> {
    let rows = sqlx::query("SELECT * FROM refunds WHERE order_id = $1 ORDER BY created_at, id")
        .bind(order_id.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

/// The unfinished draft a maker has open for an order.
///
/// # Errors
/// When the database fails.
pub async fn open_draft(
    conn: &mut Conn,
    order_id: OrderId,
    maker_id: UserId,
) -> Result<Option<RefundRecord>, StoreError> {
    let row = sqlx::query(
        "SELECT * FROM refunds WHERE order_id = $1 AND maker_id = $2 AND state = 'draft'
         ORDER BY created_at DESC LIMIT 1",
    )
    .bind(order_id.to_string())
    .bind(maker_id.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The next number of a day's counter, from 1. Counted in the transaction that uses it.
///
/// # Errors
/// When the database fails.
pub async fn next_number(conn: &mut Conn, date: BusinessDate) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(
        "INSERT INTO refund_counters (date, last) VALUES ($1, 1)
         ON CONFLICT (date) DO UPDATE SET last = refund_counters.last + 1 RETURNING last",
    )
    .bind(date.to_string())
    .fetch_one(conn)
    .await?)
}

/// Adds a version of the content.
///
/// # Errors
/// When the database fails.
pub async fn add_version(
    conn: &mut Conn,
    refund_id: RefundId,
    version: &VersionRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refund_versions (refund_id, version, content, digest, editor_id, at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(refund_id.to_string())
    .bind(version.version)
    .bind(&version.content)
    .bind(&version.digest)
    .bind(version.editor_id.to_string())
    .bind(version.at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Versions of a refund, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn versions(
    conn: &mut Conn,
    refund_id: RefundId,
) -> Result<Vec<VersionRecord>, StoreError> {
    let rows = sqlx::query("SELECT * FROM refund_versions WHERE refund_id = $1 ORDER BY version")
        .bind(refund_id.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            let editor: String = row.try_get("editor_id")?;
            Ok(VersionRecord {
                version: row.try_get("version")?,
                content: row.try_get("content")?,
                digest: row.try_get("digest")?,
                editor_id: user(&editor)?,
                at: Timestamp::from_millis(row.try_get("at")?),
            })
        })
        .collect()
}

/// Adds a checker's decision.
///
/// # Errors
/// `Constraint` when the checker is a maker, decided so before, or saw other content.
pub async fn add_approval(
    conn: &mut Conn,
    refund_id: RefundId,
    approval: &ApprovalRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO approvals (refund_id, version, checker_id, approved, digest, comment, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(refund_id.to_string())
    .bind(approval.version)
    .bind(approval.checker_id.to_string())
    .bind(i64::from(approval.approved))
    .bind(&approval.digest)
    .bind(&approval.comment)
    .bind(approval.at.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the standing from every approval of a refund; gives how many stood.
///
/// # Errors
/// When the database fails.
pub async fn void_approvals(conn: &mut Conn, refund_id: RefundId) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "UPDATE approvals SET stands = 0 WHERE refund_id = $1 AND approved = 1 AND stands = 1",
    )
    .bind(refund_id.to_string())
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Decisions on a refund, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn approvals(
    conn: &mut Conn,
    refund_id: RefundId,
) -> Result<Vec<ApprovalRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT a.*, u.display_name FROM approvals a JOIN users u ON u.id = a.checker_id
         WHERE a.refund_id = $1 ORDER BY a.at, a.approved",
    )
    .bind(refund_id.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let checker: String = row.try_get("checker_id")?;
            Ok(ApprovalRecord {
                version: row.try_get("version")?,
                checker_id: user(&checker)?,
                checker: row.try_get("display_name")?,
                approved: row.try_get::<i64, _>("approved")? != 0,
                digest: row.try_get("digest")?,
                comment: row.try_get("comment")?,
                at: Timestamp::from_millis(row.try_get("at")?),
                stands: row.try_get::<i64, _>("stands")? != 0,
            })
        })
        .collect()
}

/// Writes down that the number is about to go out. Commit it before the first byte.
///
/// # Errors
/// `Constraint` when a sending of it has no outcome yet.
pub async fn begin_attempt(
    conn: &mut Conn,
    refund_id: RefundId,
    run: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(
        "INSERT INTO refund_attempts (refund_id, attempt, run, started_at)
         SELECT $1, COALESCE(MAX(attempt), 0) + 1, $2, $3 FROM refund_attempts WHERE refund_id = $1
         RETURNING attempt",
    )
    .bind(refund_id.to_string())
    .bind(run)
    .bind(now.millis())
    .fetch_one(conn)
    .await?)
}

/// Writes down how a sending ended.
///
/// # Errors
/// When the database fails.
pub async fn finish_attempt(
    conn: &mut Conn,
    refund_id: RefundId,
    attempt: i64,
    now: Timestamp,
    outcome: &str,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE refund_attempts SET finished_at = $1, outcome = $2, detail = $3
         WHERE refund_id = $4 AND attempt = $5 AND finished_at IS NULL",
    )
    .bind(now.millis())
    .bind(outcome)
    .bind(detail)
    .bind(refund_id.to_string())
    .bind(attempt)
    .execute(conn)
    .await?;
    Ok(())
}

/// Sendings of a refund, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn attempts(
    conn: &mut Conn,
    refund_id: RefundId,
) -> Result<Vec<AttemptRecord>, StoreError> {
    let rows = sqlx::query("SELECT * FROM refund_attempts WHERE refund_id = $1 ORDER BY attempt")
        .bind(refund_id.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(AttemptRecord {
                attempt: row.try_get("attempt")?,
                run: row.try_get("run")?,
                started_at: Timestamp::from_millis(row.try_get("started_at")?),
                finished_at: millis(row, "finished_at")?,
                outcome: row.try_get("outcome")?,
            })
        })
        .collect()
}

/// Sendings without an outcome that no living task can still finish: another run of the program
/// began them, or they began before `before`.
///
/// # Errors
/// When the database fails.
pub async fn lost_attempts(
    conn: &mut Conn,
    run: &str,
    before: Timestamp,
) -> Result<Vec<(RefundId, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT refund_id, attempt FROM refund_attempts
         WHERE finished_at IS NULL AND (run <> $1 OR started_at < $2)",
    )
    .bind(run)
    .bind(before.millis())
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(id, attempt)| {
            RefundId::parse(&id)
                .map(|id| (id, attempt))
                .map_err(|_| StoreError::unreadable("refund_attempts.refund_id", &id))
        })
        .collect()
}

/// Refunds whose next step (sending or query) is due, the longest due first.
///
/// # Errors
/// When the database fails.
pub async fn due(
    conn: &mut Conn,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<RefundRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM refunds WHERE next_query_at <= $1
         AND state IN ('cooling_off', 'queued', 'processing', 'unknown', 'abnormal') ORDER BY next_query_at LIMIT $2",
    )
    .bind(now.millis())
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// Requests past the hours they were asked under that still wait for a checker.
///
/// # Errors
/// When the database fails.
pub async fn expired(conn: &mut Conn, now: Timestamp) -> Result<Vec<RefundRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM refunds WHERE state IN ('awaiting_approval', 'approval_voided')
         AND requested_at + approval_hours * 3600000 < $1",
    )
    .bind(now.millis())
    .fetch_all(conn)
    .await?;
    rows.iter().map(read).collect()
}

/// What a person asked for since a moment and was not refused, in one currency: how many, and how
/// much in all. `except` is left out.
///
/// # Errors
/// When the database fails.
pub async fn asked_since(
    conn: &mut Conn,
    maker_id: UserId,
    since: Timestamp,
    currency: Currency,
    except: RefundId,
) -> Result<(i64, i64), StoreError> {
    let (count, minor): (i64, Option<i64>) = sqlx::query_as(
        "SELECT COUNT(*), CAST(SUM(CASE WHEN currency = $3 THEN amount_minor ELSE 0 END) AS BIGINT) FROM refunds
         WHERE maker_id = $1 AND requested_at >= $2 AND id <> $4
           AND state NOT IN ('draft', 'rejected', 'approval_expired', 'closed_by_channel')",
    )
    .bind(maker_id.to_string())
    .bind(since.millis())
    .bind(currency.code())
    .bind(except.to_string())
    .fetch_one(conn)
    .await?;
    Ok((count, minor.unwrap_or(0)))
}

/// Paid orders of one payer within a span around a moment, the earliest first: what a checker
/// compares a double payment with.
///
/// # Errors
/// When the database fails.
pub async fn of_payer_near(
    conn: &mut Conn,
    account_id: AccountId,
    payer: &str,
    around: Timestamp,
    span_millis: i64,
    limit: u32,
) -> Result<Vec<OrderRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM orders WHERE account_id = $1 AND payer = $2 AND paid_at BETWEEN $3 AND $4
         ORDER BY paid_at, id LIMIT $5",
    )
    .bind(account_id.to_string())
    .bind(payer)
    .bind(around.millis() - span_millis)
    .bind(around.millis() + span_millis)
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter().map(crate::orders::read).collect()
}

/// When the order's latest other refund left this machine.
///
/// # Errors
/// When the database fails.
pub async fn last_sent(
    conn: &mut Conn,
    order_id: OrderId,
    other_than: RefundId,
) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<i64> =
        sqlx::query_scalar("SELECT MAX(sent_at) FROM refunds WHERE order_id = $1 AND id <> $2")
            .bind(order_id.to_string())
            .bind(other_than.to_string())
            .fetch_one(conn)
            .await?;
    Ok(at.map(Timestamp::from_millis))
}

/// Other orders of a payer with money in flight: how many, and how much in all.
///
/// # Errors
/// When the database fails.
pub async fn payer_in_flight(
    conn: &mut Conn,
    account_id: AccountId,
    payer: &str,
    other_than: OrderId,
) -> Result<(i64, i64), StoreError> {
    let (count, minor): (i64, Option<i64>) = sqlx::query_as(
        "SELECT COUNT(*), CAST(SUM(in_flight_minor) AS BIGINT) FROM orders
         WHERE account_id = $1 AND payer = $2 AND id <> $3 AND in_flight_minor > 0",
    )
    .bind(account_id.to_string())
    .bind(payer)
    .bind(other_than.to_string())
    .fetch_one(conn)
    .await?;
    Ok((count, minor.unwrap_or(0)))
}

/// What refunds a list wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundQuery {
    /// Only these states; all when empty.
    pub states: Vec<RefundState>,
    /// Only refunds this person opened.
    pub maker_id: Option<UserId>,
    /// Drafts of this person only; nobody's when absent.
    pub drafts_of: Option<UserId>,
    /// Only refunds this person decided on.
    pub decided_by: Option<UserId>,
    /// Only refunds with this in their number, their order's number or their note; or this amount.
    pub text: Option<String>,
    /// Minor units the text reads as, when it is an amount.
    pub amount_minor: Option<i64>,
}

fn push_filter(sql: &mut SqlText, query: &RefundQuery) {
    sql.push(" WHERE (r.state <> 'draft'");
    if let Some(person) = query.drafts_of {
        sql.push(" OR r.maker_id = ").push_bind(person.to_string());
    }
    sql.push(")");
    if let Some(maker) = query.maker_id {
        sql.push(" AND r.maker_id = ").push_bind(maker.to_string());
    }
    if let Some(checker) = query.decided_by {
        sql.push(" AND r.id IN (SELECT a.refund_id FROM approvals a WHERE a.checker_id = ")
            .push_bind(checker.to_string());
        sql.push(")");
    }
    if !query.states.is_empty() {
        sql.push(" AND r.state IN (");
        let mut list = sql.separated(", ");
        for state in &query.states {
            list.push_bind(state.as_str());
        }
        sql.push(")");
    }
    if let Some(text) = &query.text {
        let like = format!("%{}%", text.replace(['%', '_'], ""));
        sql.push(" AND (r.refund_no LIKE ").push_bind(like.clone());
        sql.push(" OR r.note LIKE ").push_bind(like.clone());
        sql.push(" OR r.channel_refund_id LIKE ")
            .push_bind(like.clone());
        sql.push(" OR r.order_id IN (SELECT s.id FROM orders s WHERE s.id = r.order_id AND s.order_no LIKE ")
            .push_bind(like);
        sql.push(")");
        if let Some(minor) = query.amount_minor {
            sql.push(" OR r.amount_minor = ").push_bind(minor);
        }
        sql.push(")");
    }
}

/// One page with the orders' numbers, newest first, after the refund made at `after.0` with id
/// `after.1`.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    query: &RefundQuery,
    after: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<(RefundRecord, String)>, StoreError> {
    let mut sql = SqlText::new(
        dialect_of(conn),
        "SELECT r.*, o.order_no FROM refunds r JOIN orders o ON o.id = r.order_id",
    );
    push_filter(&mut sql, query);
    if let Some((at, id)) = after {
        sql.push(" AND (r.created_at < ").push_bind(at);
        sql.push(" OR (r.created_at = ").push_bind(at);
        sql.push(" AND r.id < ").push_bind(id.to_owned());
        sql.push("))");
    }
    sql.push(" ORDER BY r.created_at DESC, r.id DESC LIMIT ")
        .push_bind(i64::from(limit));
    let rows = sql.build().fetch_all(conn).await?;
    rows.iter()
        .map(|row| Ok((read(row)?, row.try_get("order_no")?)))
        .collect()
}

/// Count and sum by currency over a whole list.
///
/// # Errors
/// When the database fails.
pub async fn sums(
    conn: &mut Conn,
    query: &RefundQuery,
) -> Result<Vec<(Currency, i64, u64)>, StoreError> {
    let mut sql = SqlText::new(
        dialect_of(conn),
        "SELECT r.currency, CAST(SUM(r.amount_minor) AS BIGINT) AS minor, COUNT(*) AS n FROM refunds r",
    );
    push_filter(&mut sql, query);
    sql.push(" GROUP BY r.currency ORDER BY r.currency");
    let rows = sql.build().fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let code: String = row.try_get("currency")?;
            let count: i64 = row.try_get("n")?;
            Ok((
                currency(&code)?,
                row.try_get("minor")?,
                u64::try_from(count).unwrap_or(0),
            ))
        })
        .collect()
}
