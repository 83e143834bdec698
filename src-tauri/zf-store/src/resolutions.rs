//! The ledger of resolutions: what people did about differences, entry after entry.
//!
//! An entry is never changed but for its state, and never deleted; the database refuses both. The
//! difference keeps where it has come to and which entry brought it there.

use crate::dialect::{Conn, DbRow, Executor, dialect_of};
use sqlx::Row as _;
use zf_domain::{
    AccountId, BusinessDate, DifferenceCode, DifferenceId, Disposition, EntryKind, Money,
    ResolutionId, ResolutionKind, ResolutionState, Timestamp, UserId,
};

use crate::bills::{count, like, read_currency, read_date, read_id, read_kind, stored};
use crate::error::StoreError;
use crate::recon::{DifferenceRecord, RunRecord};
use crate::store::Tx;

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolutionRecord {
    /// Its id.
    pub id: ResolutionId,
    /// Whose.
    pub account_id: AccountId,
    /// The difference it was made for.
    pub difference_id: DifferenceId,
    /// The difference's day.
    pub date: BusinessDate,
    /// What was wrong.
    pub code: DifferenceCode,
    /// Payment or refund.
    pub entry_kind: EntryKind,
    /// Order number of a payment, refund number of a refund.
    pub number: String,
    /// What the bill said, if anything.
    pub channel_minor: Option<i64>,
    /// What the books said, if anything.
    pub ledger_minor: Option<i64>,
    /// What is done.
    pub kind: ResolutionKind,
    /// What it moves: channel less books; the opposite sign in a reversing entry.
    pub amount: Money,
    /// Who sees to it.
    pub owner: Option<UserId>,
    /// Until when.
    pub due_date: Option<BusinessDate>,
    /// Why.
    pub reason: String,
    /// The other name of a relabelled row.
    pub label: Option<String>,
    /// Of a cross-day entry: the other side's day and line.
    pub other: Option<(BusinessDate, u64)>,
    /// Of a reversing entry: what it reverses.
    pub reverses: Option<ResolutionId>,
    /// How it stands.
    pub state: ResolutionState,
    /// Whether a second person decides.
    pub second_person: bool,
    /// By whom.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Timestamp,
    /// The second person, when, and with which words.
    pub decision: Option<(UserId, Timestamp, String)>,
}

impl ResolutionRecord {
    /// An entry about a difference that moves its whole gap, not yet decided on.
    #[must_use]
    pub fn about(
        difference: &DifferenceRecord,
        kind: ResolutionKind,
        reason: String,
        by: UserId,
        at: Timestamp,
    ) -> Self {
        let second_person = kind.needs_second_person();
        Self {
            id: ResolutionId::new(),
            account_id: difference.account_id,
            difference_id: difference.id,
            date: difference.date,
            code: difference.code,
            entry_kind: difference.kind,
            number: difference.number.clone(),
            channel_minor: difference.channel.as_ref().map(|s| s.amount.minor),
            ledger_minor: difference.ledger.as_ref().map(|s| s.amount.minor),
            kind,
            amount: difference.gap,
            owner: None,
            due_date: None,
            reason,
            label: None,
            other: None,
            reverses: None,
            state: if second_person {
                ResolutionState::Proposed
            } else {
                ResolutionState::InEffect
            },
            second_person,
            proposed_by: by,
            proposed_at: at,
            decision: None,
        }
    }
}

pub(crate) fn read(row: &DbRow) -> Result<ResolutionRecord, StoreError> {
    let (code, kind, state): (&str, &str, &str) = (
        row.try_get("code")?,
        row.try_get("kind")?,
        row.try_get("state")?,
    );
    let person = |column: &'static str| -> Result<Option<UserId>, StoreError> {
        row.try_get::<Option<&str>, _>(column)?
            .map(|text| read_id(column, text, UserId::parse))
            .transpose()
    };
    let day = |column: &str| -> Result<Option<BusinessDate>, StoreError> {
        row.try_get::<Option<&str>, _>(column)?
            .map(read_date)
            .transpose()
    };
    Ok(ResolutionRecord {
        id: read_id("resolution", row.try_get("id")?, ResolutionId::parse)?,
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        difference_id: read_id(
            "difference",
            row.try_get("difference_id")?,
            DifferenceId::parse,
        )?,
        date: read_date(row.try_get("date")?)?,
        code: DifferenceCode::parse(code).ok_or_else(|| StoreError::unreadable("code", code))?,
        entry_kind: read_kind(row.try_get("entry_kind")?)?,
        number: row.try_get("number")?,
        channel_minor: row.try_get("channel_minor")?,
        ledger_minor: row.try_get("ledger_minor")?,
        kind: ResolutionKind::parse(kind).ok_or_else(|| StoreError::unreadable("kind", kind))?,
        amount: Money::new(
            row.try_get("amount_minor")?,
            read_currency(row.try_get("currency")?)?,
        ),
        owner: person("owner_id")?,
        due_date: day("due_date")?,
        reason: row.try_get("reason")?,
        label: row.try_get("label")?,
        other: match (
            day("other_date")?,
            row.try_get::<Option<i64>, _>("other_line")?,
        ) {
            (Some(date), Some(line)) => Some((date, count(line))),
            _ => None,
        },
        reverses: row
            .try_get::<Option<&str>, _>("reverses")?
            .map(|text| read_id("reverses", text, ResolutionId::parse))
            .transpose()?,
        state: ResolutionState::parse(state)
            .ok_or_else(|| StoreError::unreadable("state", state))?,
        second_person: row.try_get::<i64, _>("second_person")? != 0,
        proposed_by: read_id("proposed_by", row.try_get("proposed_by")?, UserId::parse)?,
        proposed_at: Timestamp::from_millis(row.try_get("proposed_at")?),
        decision: match (
            person("decided_by")?,
            row.try_get::<Option<i64>, _>("decided_at")?,
        ) {
            (Some(by), Some(at)) => Some((
                by,
                Timestamp::from_millis(at),
                row.try_get::<Option<String>, _>("decision_note")?
                    .unwrap_or_default(),
            )),
            _ => None,
        },
    })
}

/// Adds an entry.
///
/// # Errors
/// `Constraint` when it reverses what is reversed already; the database.
pub async fn add(tx: &mut Tx, r: &ResolutionRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO resolutions (id, account_id, difference_id, date, code, entry_kind, number, channel_minor,
            ledger_minor, kind, currency, amount_minor, owner_id, due_date, reason, label, other_date, other_line,
            reverses, second_person, state, proposed_by, proposed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
    )
    .bind(r.id.to_string())
    .bind(r.account_id.to_string())
    .bind(r.difference_id.to_string())
    .bind(r.date.to_string())
    .bind(r.code.as_str())
    .bind(r.entry_kind.as_str())
    .bind(&r.number)
    .bind(r.channel_minor)
    .bind(r.ledger_minor)
    .bind(r.kind.as_str())
    .bind(r.amount.currency.code())
    .bind(r.amount.minor)
    .bind(r.owner.map(|id| id.to_string()))
    .bind(r.due_date.map(|d| d.to_string()))
    .bind(&r.reason)
    .bind(&r.label)
    .bind(r.other.map(|(date, _)| date.to_string()))
    .bind(r.other.map(|(_, line)| stored(line)))
    .bind(r.reverses.map(|id| id.to_string()))
    .bind(i64::from(r.second_person))
    .bind(r.state.as_str())
    .bind(r.proposed_by.to_string())
    .bind(r.proposed_at.millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Moves an entry to a state; with a decision, notes the second person. False when it stood elsewhere
/// than in `from`.
///
/// # Errors
/// `Constraint` when the second person is the first; the database.
pub async fn move_to(
    tx: &mut Tx,
    id: ResolutionId,
    from: ResolutionState,
    to: ResolutionState,
    decision: Option<(UserId, Timestamp, &str)>,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE resolutions SET state = $1, decided_by = COALESCE($2, decided_by),
                decided_at = COALESCE($3, decided_at), decision_note = COALESCE($4, decision_note)
         WHERE id = $5 AND state = $6",
    )
    .bind(to.as_str())
    .bind(decision.map(|(by, ..)| by.to_string()))
    .bind(decision.map(|(_, at, _)| at.millis()))
    .bind(decision.map(|(.., note)| note))
    .bind(id.to_string())
    .bind(from.as_str())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// One entry.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn by_id(
    db: impl Executor<'_>,
    id: ResolutionId,
) -> Result<Option<ResolutionRecord>, StoreError> {
    sqlx::query("SELECT * FROM resolutions WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Every entry about a difference, also those made when an earlier run found it, the oldest first.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn of_difference(
    db: impl Executor<'_>,
    d: &DifferenceRecord,
) -> Result<Vec<ResolutionRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM resolutions WHERE account_id = $1 AND date = $2 AND number = $3 AND code = $4 AND entry_kind = $5
           AND channel_minor IS NOT DISTINCT FROM $6 AND ledger_minor IS NOT DISTINCT FROM $7
         ORDER BY proposed_at, id",
    )
    .bind(d.account_id.to_string())
    .bind(d.date.to_string())
    .bind(&d.number)
    .bind(d.code.as_str())
    .bind(d.kind.as_str())
    .bind(d.channel.as_ref().map(|s| s.amount.minor))
    .bind(d.ledger.as_ref().map(|s| s.amount.minor))
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Every entry about an account's day, the oldest first.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn of_day(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Vec<ResolutionRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM resolutions WHERE account_id = $1 AND date = $2 ORDER BY proposed_at, id",
    )
    .bind(account.to_string())
    .bind(date.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Cross-day entries that hold by a line of this run's day which the run does not leave over any more:
/// it was matched within its own day since.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn cross_days_undone(
    db: impl Executor<'_>,
    run: &RunRecord,
) -> Result<Vec<ResolutionRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM resolutions r WHERE r.account_id = $1 AND r.kind = 'cross_day' AND r.state = 'in_effect'
           AND r.other_date = $2
           AND NOT EXISTS (SELECT 1 FROM differences d WHERE d.run_id = $3 AND d.number = r.number
                             AND d.kind = r.entry_kind AND d.code <> r.code
                             AND COALESCE(d.channel_minor, d.ledger_minor) = COALESCE(r.channel_minor, r.ledger_minor))
         ORDER BY r.proposed_at, r.id",
    )
    .bind(run.account_id.to_string())
    .bind(run.date.to_string())
    .bind(run.id.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Which entries a page of the ledger shows.
#[derive(Debug, Clone)]
pub struct LedgerFilter {
    /// Whose; `None` for every account.
    pub account_id: Option<AccountId>,
    /// Only in this state.
    pub state: Option<ResolutionState>,
    /// Part of a number.
    pub text: Option<String>,
    /// Older than this entry.
    pub before: Option<(Timestamp, ResolutionId)>,
    /// At most so many.
    pub limit: u32,
}

/// A page of the ledger, the newest first, and how many entries there are in all.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn ledger(
    conn: &mut Conn,
    filter: &LedgerFilter,
) -> Result<(Vec<ResolutionRecord>, u64), StoreError> {
    const WANTED: &str =
        "FROM resolutions WHERE ($1 IS NULL OR account_id = $1) AND ($2 IS NULL OR state = $2)
           AND ($3 IS NULL OR number LIKE $3)";
    let account = filter.account_id.map(|id| id.to_string());
    let state = filter.state.map(ResolutionState::as_str);
    let text = filter.text.as_deref().map(like);
    let dialect = dialect_of(conn);
    let total: i64 = sqlx::query_scalar(dialect.statement(&format!("SELECT COUNT(*) {WANTED}")))
        .bind(&account)
        .bind(state)
        .bind(&text)
        .fetch_one(&mut *conn)
        .await?;
    let (at, id) = match filter.before {
        Some((at, id)) => (Some(at.millis()), Some(id.to_string())),
        None => (None, None),
    };
    let rows = sqlx::query(dialect.statement(&format!(
        "SELECT * {WANTED} AND ($4 IS NULL OR proposed_at < $4 OR proposed_at = $4 AND id < $5)
         ORDER BY proposed_at DESC, id DESC LIMIT $6"
    )))
    .bind(&account)
    .bind(state)
    .bind(&text)
    .bind(at)
    .bind(id)
    .bind(i64::from(filter.limit))
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(read)
    .collect::<Result<_, _>>()?;
    Ok((rows, count(total)))
}

/// Where a difference has come to, and by which entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub disposition: Disposition,
    /// The entry that brought it there.
    pub resolution: Option<ResolutionId>,
    /// Who sees to it and until when.
    pub held: Option<(UserId, BusinessDate)>,
    /// The entry's reason.
    pub note: Option<String>,
    /// Who made the entry.
    pub by: Option<UserId>,
    /// When.
    pub at: Option<Timestamp>,
}

impl Place {
    /// Nobody has taken it.
    pub const OPEN: Self = Self {
        disposition: Disposition::Open,
        resolution: None,
        held: None,
        note: None,
        by: None,
        at: None,
    };

    /// Until when somebody sees to it; `None` unless suspended.
    #[must_use]
    pub fn due(&self) -> Option<BusinessDate> {
        match (self.disposition, self.held) {
            (Disposition::Suspended, Some((_, due))) => Some(due),
            _ => None,
        }
    }

    /// Where an entry brings its difference.
    #[must_use]
    pub fn after(entry: &ResolutionRecord) -> Self {
        Self {
            disposition: match entry.state {
                ResolutionState::Proposed => Disposition::Pending,
                _ => entry.kind.brings(),
            },
            resolution: Some(entry.id),
            held: entry.owner.zip(entry.due_date),
            note: Some(entry.reason.clone()),
            by: Some(entry.proposed_by),
            at: Some(entry.proposed_at),
        }
    }
}

/// Puts a difference where it has come to.
///
/// # Errors
/// The database.
pub async fn put(tx: &mut Tx, id: DifferenceId, place: &Place) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE differences SET disposition = $1, resolution_id = $2, owner_id = $3, due_date = $4, note = $5,
                disposed_by = $6, disposed_at = $7
         WHERE id = $8",
    )
    .bind(place.disposition.as_str())
    .bind(place.resolution.map(|id| id.to_string()))
    .bind(place.held.map(|(owner, _)| owner.to_string()))
    .bind(place.held.map(|(_, due)| due.to_string()))
    .bind(&place.note)
    .bind(place.by.map(|id| id.to_string()))
    .bind(place.at.map(Timestamp::millis))
    .bind(id.to_string())
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(crate) fn read_place(row: &DbRow) -> Result<Place, StoreError> {
    let word: &str = row.try_get("disposition")?;
    let person = |column: &'static str| -> Result<Option<UserId>, StoreError> {
        row.try_get::<Option<&str>, _>(column)?
            .map(|text| read_id(column, text, UserId::parse))
            .transpose()
    };
    let due = row
        .try_get::<Option<&str>, _>("due_date")?
        .map(read_date)
        .transpose()?;
    Ok(Place {
        disposition: Disposition::parse(word)
            .ok_or_else(|| StoreError::unreadable("disposition", word))?,
        resolution: row
            .try_get::<Option<&str>, _>("resolution_id")?
            .map(|text| read_id("resolution_id", text, ResolutionId::parse))
            .transpose()?,
        held: person("owner_id")?.zip(due),
        note: row.try_get("note")?,
        by: person("disposed_by")?,
        at: row
            .try_get::<Option<i64>, _>("disposed_at")?
            .map(Timestamp::from_millis),
    })
}
