//! Reconciliation runs with their differences, what people made of them, and closed days.

use std::collections::HashMap;

use crate::dialect::{Conn, DbRow, Dialect, Executor, SqlText};
use sqlx::Row as _;
use zf_domain::standing::{OPEN_DAYS_MAX, Standing, standing};
use zf_domain::{
    AccountId, BillId, BookImportId, BusinessDate, DifferenceCode, DifferenceId, Disposition,
    EntryKind, EntryState, Money, OrderId, RunId, Timestamp, UserId,
};

use crate::bills::{count, like, read_currency, read_date, read_id, read_kind, read_state, stored};
use crate::carry::{DifferenceTerms, read_terms};
use crate::error::StoreError;
use crate::resolutions::{Place, ResolutionRecord, read_place};
use crate::store::Tx;

/// One run of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its id.
    pub id: RunId,
    /// Whose.
    pub account_id: AccountId,
    /// Its day.
    pub date: BusinessDate,
    /// From 1 within the day.
    pub number: u32,
    /// The bill it compared.
    pub bill_id: BillId,
    /// The books it compared.
    pub import_id: BookImportId,
    /// JSON: counts, waterfall, sums.
    pub outcome: String,
    /// Pairs that agree.
    pub matched: u64,
    /// What the engine could not explain: zero, or it refuses to finish.
    pub residual_minor: i64,
    /// SHA-256 of the compared bill; empty on a day without trade.
    pub bill_sha256: String,
    /// SHA-256 of the compared books.
    pub books_sha256: String,
    /// Rows of either file that could not be read and are in no sum.
    pub refused_rows: u64,
    /// SM3 over what it found.
    pub run_digest: String,
    /// Who ran it.
    pub run_by: UserId,
    /// When it was done.
    pub finished_at: Timestamp,
    /// How long it took.
    pub millis: u64,
}

/// One side of a stored difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideRecord {
    /// Line in that side's file.
    pub line_no: u64,
    /// The amount, positive.
    pub amount: Money,
    /// What the side says of it.
    pub state: EntryState,
    /// When the side says it happened.
    pub at: Timestamp,
}

/// A difference of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceRecord {
    /// Its id.
    pub id: DifferenceId,
    /// The run that found it.
    pub run_id: RunId,
    /// Whose.
    pub account_id: AccountId,
    /// The run's day.
    pub date: BusinessDate,
    /// Place in the run's order, from 1.
    pub position: u64,
    /// What is wrong.
    pub code: DifferenceCode,
    /// Finer than the code: which way a pair disagrees.
    pub bucket: String,
    /// Payment or refund.
    pub kind: EntryKind,
    /// Order number of a payment, refund number of a refund.
    pub number: String,
    /// The order behind it.
    pub order_no: String,
    /// Channel less books.
    pub gap: Money,
    /// The bill's row.
    pub channel: Option<SideRecord>,
    /// The books' row.
    pub ledger: Option<SideRecord>,
    /// For duplicates: the line that keeps the number.
    pub twin_line: Option<u64>,
    /// Where it has come to.
    pub place: Place,
}

/// What a page of differences asks for.
#[derive(Debug, Clone, Default)]
pub struct DifferenceFilter {
    /// Only these codes; empty for all.
    pub codes: Vec<DifferenceCode>,
    /// Only those that have come to this.
    pub disposition: Option<Disposition>,
    /// Searched in the numbers.
    pub text: Option<String>,
    /// In place of `text`: whole numbers, see [`whole_numbers`].
    pub numbers: Vec<String>,
    /// The largest gap first, one currency after the other; else in the run's order.
    pub largest: bool,
    /// After this place.
    pub after: u64,
    /// For the largest first: currency and size of the gap at that place.
    pub after_size: Option<(String, i64)>,
    /// At most this many.
    pub limit: u32,
}

fn read_run(row: &DbRow) -> Result<RunRecord, StoreError> {
    Ok(RunRecord {
        id: read_id("run id", row.try_get("id")?, RunId::parse)?,
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        date: read_date(row.try_get("date")?)?,
        number: u32::try_from(row.try_get::<i64, _>("number")?).unwrap_or(0),
        bill_id: read_id("bill id", row.try_get("bill_id")?, BillId::parse)?,
        import_id: read_id("import id", row.try_get("import_id")?, BookImportId::parse)?,
        outcome: row.try_get("outcome")?,
        matched: count(row.try_get("matched")?),
        residual_minor: row.try_get("residual_minor")?,
        bill_sha256: row.try_get("bill_sha256")?,
        books_sha256: row.try_get("books_sha256")?,
        refused_rows: count(row.try_get("refused_rows")?),
        run_digest: row.try_get("run_digest")?,
        run_by: read_id("run_by", row.try_get("run_by")?, UserId::parse)?,
        finished_at: Timestamp::from_millis(row.try_get("finished_at")?),
        millis: count(row.try_get("millis")?),
    })
}

/// One run.
///
/// # Errors
/// When the database fails.
pub async fn run(db: impl Executor<'_>, id: RunId) -> Result<Option<RunRecord>, StoreError> {
    sqlx::query("SELECT * FROM recon_runs WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_run)
        .transpose()
}

/// Runs of a day, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn runs_of_day(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Vec<RunRecord>, StoreError> {
    sqlx::query("SELECT * FROM recon_runs WHERE account_id = $1 AND date = $2 ORDER BY number DESC")
        .bind(account.to_string())
        .bind(date.to_string())
        .fetch_all(db)
        .await?
        .iter()
        .map(read_run)
        .collect()
}

/// Keeps a run.
///
/// # Errors
/// `Constraint` when the day is locked.
pub async fn add_run(tx: &mut Tx, run: &RunRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO recon_runs (id, account_id, date, number, bill_id, import_id, outcome, matched, residual_minor,
                                 bill_sha256, books_sha256, refused_rows, run_digest, run_by, finished_at, millis)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(run.id.to_string())
    .bind(run.account_id.to_string())
    .bind(run.date.to_string())
    .bind(i64::from(run.number))
    .bind(run.bill_id.to_string())
    .bind(run.import_id.to_string())
    .bind(&run.outcome)
    .bind(stored(run.matched))
    .bind(run.residual_minor)
    .bind(&run.bill_sha256)
    .bind(&run.books_sha256)
    .bind(stored(run.refused_rows))
    .bind(&run.run_digest)
    .bind(run.run_by.to_string())
    .bind(run.finished_at.millis())
    .bind(stored(run.millis))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps a difference.
///
/// # Errors
/// When the database fails.
pub async fn add_difference(tx: &mut Tx, d: &DifferenceRecord) -> Result<(), StoreError> {
    let (channel, ledger, place) = (&d.channel, &d.ledger, &d.place);
    sqlx::query(
        "INSERT INTO differences (id, run_id, account_id, date, position, code, bucket, kind, number, order_no,
            currency, gap_minor, channel_line, channel_currency, channel_minor, channel_state, channel_at,
            ledger_line, ledger_currency, ledger_minor, ledger_state, ledger_at, twin_line,
            disposition, resolution_id, owner_id, due_date, note, disposed_by, disposed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                 $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)",
    )
    .bind(d.id.to_string())
    .bind(d.run_id.to_string())
    .bind(d.account_id.to_string())
    .bind(d.date.to_string())
    .bind(stored(d.position))
    .bind(d.code.as_str())
    .bind(&d.bucket)
    .bind(d.kind.as_str())
    .bind(&d.number)
    .bind(&d.order_no)
    .bind(d.gap.currency.code())
    .bind(d.gap.minor)
    .bind(channel.as_ref().map(|s| stored(s.line_no)))
    .bind(channel.as_ref().map(|s| s.amount.currency.code()))
    .bind(channel.as_ref().map(|s| s.amount.minor))
    .bind(channel.as_ref().map(|s| s.state.as_str()))
    .bind(channel.as_ref().map(|s| s.at.millis()))
    .bind(ledger.as_ref().map(|s| stored(s.line_no)))
    .bind(ledger.as_ref().map(|s| s.amount.currency.code()))
    .bind(ledger.as_ref().map(|s| s.amount.minor))
    .bind(ledger.as_ref().map(|s| s.state.as_str()))
    .bind(ledger.as_ref().map(|s| s.at.millis()))
    .bind(d.twin_line.map(stored))
    .bind(place.disposition.as_str())
    .bind(place.resolution.map(|id| id.to_string()))
    .bind(place.held.map(|(owner, _)| owner.to_string()))
    .bind(place.held.map(|(_, due)| due.to_string()))
    .bind(&place.note)
    .bind(place.by.map(|id| id.to_string()))
    .bind(place.at.map(Timestamp::millis))
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn read_side(row: &DbRow, side: Side) -> Result<Option<SideRecord>, StoreError> {
    let [line, currency, minor, state, at] = match side {
        Side::Channel => [
            "channel_line",
            "channel_currency",
            "channel_minor",
            "channel_state",
            "channel_at",
        ],
        Side::Ledger => [
            "ledger_line",
            "ledger_currency",
            "ledger_minor",
            "ledger_state",
            "ledger_at",
        ],
    };
    let Some(line_no) = row.try_get::<Option<i64>, _>(line)? else {
        return Ok(None);
    };
    Ok(Some(SideRecord {
        line_no: count(line_no),
        amount: Money::new(row.try_get(minor)?, read_currency(row.try_get(currency)?)?),
        state: read_state(row.try_get(state)?)?,
        at: Timestamp::from_millis(row.try_get(at)?),
    }))
}

#[derive(Clone, Copy)]
enum Side {
    Channel,
    Ledger,
}

pub(crate) fn read_difference(row: &DbRow) -> Result<DifferenceRecord, StoreError> {
    let code: &str = row.try_get("code")?;
    Ok(DifferenceRecord {
        id: read_id("difference id", row.try_get("id")?, DifferenceId::parse)?,
        run_id: read_id("run id", row.try_get("run_id")?, RunId::parse)?,
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        date: read_date(row.try_get("date")?)?,
        position: count(row.try_get("position")?),
        code: DifferenceCode::parse(code).ok_or_else(|| StoreError::unreadable("code", code))?,
        bucket: row.try_get("bucket")?,
        kind: read_kind(row.try_get("kind")?)?,
        number: row.try_get("number")?,
        order_no: row.try_get("order_no")?,
        gap: Money::new(
            row.try_get("gap_minor")?,
            read_currency(row.try_get("currency")?)?,
        ),
        channel: read_side(row, Side::Channel)?,
        ledger: read_side(row, Side::Ledger)?,
        twin_line: row.try_get::<Option<i64>, _>("twin_line")?.map(count),
        place: read_place(row)?,
    })
}

/// One difference.
///
/// # Errors
/// When the database fails.
pub async fn difference(
    db: impl Executor<'_>,
    id: DifferenceId,
) -> Result<Option<DifferenceRecord>, StoreError> {
    sqlx::query("SELECT * FROM differences WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_difference)
        .transpose()
}

/// What a list shows of a difference that stands in other tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// The bill's own word for the row's state.
    pub channel_words: Option<String>,
    /// The channel's number of the payment, or of the refund.
    pub channel_no: Option<String>,
    /// The books' own word.
    pub ledger_words: Option<String>,
    /// Who sees to it.
    pub owner: Option<String>,
    /// Its order, when the desk knows it.
    pub order_id: Option<OrderId>,
    /// Fee and expected date.
    pub terms: DifferenceTerms,
}

/// What stands beside the differences of a page, in one statement: its time is felt while scrolling.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn beside(
    db: impl Executor<'_>,
    of: &[DifferenceRecord],
) -> Result<HashMap<DifferenceId, Beside>, StoreError> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = SqlText::new(
        db.dialect(),
        "SELECT d.id AS of_id, l.state_text AS channel_words, COALESCE(l.refund_id, l.payment_id) AS channel_no,
                e.state_text AS ledger_words, u.display_name AS owner_name, o.id AS order_id,
                t.charged_minor, t.agreed_minor, t.over_budget, t.expected_date, t.likely
         FROM differences d JOIN recon_runs r ON r.id = d.run_id
           LEFT JOIN bill_lines l ON l.bill_id = r.bill_id AND l.line_no = d.channel_line
           LEFT JOIN book_entries e ON e.import_id = r.import_id AND e.line_no = d.ledger_line
           LEFT JOIN difference_terms t ON t.difference_id = d.id
           LEFT JOIN users u ON u.id = d.owner_id
           LEFT JOIN orders o ON o.account_id = d.account_id AND o.order_no = d.order_no
         WHERE d.id IN (",
    );
    let mut list = sql.separated(", ");
    for d in of {
        list.push_bind(d.id.to_string());
    }
    sql.push(")");
    sql.build()
        .fetch_all(db)
        .await?
        .iter()
        .map(|row| {
            let id = read_id("difference id", row.try_get("of_id")?, DifferenceId::parse)?;
            let order: Option<&str> = row.try_get("order_id")?;
            let has_terms = row.try_get::<Option<i64>, _>("likely")?.is_some();
            let beside = Beside {
                channel_words: row.try_get("channel_words")?,
                channel_no: row.try_get("channel_no")?,
                ledger_words: row.try_get("ledger_words")?,
                owner: row.try_get("owner_name")?,
                order_id: order
                    .map(|id| read_id("order id", id, OrderId::parse))
                    .transpose()?,
                terms: if has_terms {
                    read_terms(row)?
                } else {
                    DifferenceTerms::default()
                },
            };
            Ok((id, beside))
        })
        .collect()
}

/// The difference an entry is about as the latest run of its day found it, if that run still does.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn same_difference(
    db: impl Executor<'_>,
    entry: &ResolutionRecord,
) -> Result<Option<DifferenceRecord>, StoreError> {
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT d.* FROM differences d JOIN recon_runs r ON r.id = d.run_id
         WHERE d.account_id = $1 AND d.date = $2 AND d.number = $3 AND d.code = $4 AND d.kind = $5
           AND d.channel_minor IS NOT DISTINCT FROM $6 AND d.ledger_minor IS NOT DISTINCT FROM $7 AND {LATEST}
         ORDER BY CASE WHEN d.id = $8 THEN 0 ELSE 1 END, d.position LIMIT 1"
    )))
    .bind(entry.account_id.to_string())
    .bind(entry.date.to_string())
    .bind(&entry.number)
    .bind(entry.code.as_str())
    .bind(entry.entry_kind.as_str())
    .bind(entry.channel_minor)
    .bind(entry.ledger_minor)
    .bind(entry.difference_id.to_string())
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read_difference)
    .transpose()
}

/// Conditions and parameters of a list, its pieces written only where the filter wants them, so that the
/// database sees which index serves.
pub(crate) fn wanted(
    dialect: Dialect,
    run: RunId,
    filter: &DifferenceFilter,
    head: &str,
    from: &str,
) -> Sql {
    let mut sql = SqlText::new(dialect, "");
    push_wanted(&mut sql, run, filter, head, from);
    sql
}

fn push_wanted(sql: &mut Sql, run: RunId, filter: &DifferenceFilter, head: &str, from: &str) {
    sql.push(head)
        .push(" ")
        .push(from)
        .push(" WHERE d.run_id = ")
        .push_bind(run.to_string());
    if let Some(disposition) = filter.disposition {
        sql.push(" AND d.disposition = ")
            .push_bind(disposition.as_str());
    }
    push_looked_for(sql, &filter.codes, &filter.numbers, filter.text.as_deref());
}

/// Codes, and whole numbers or else a part of one, as conditions on a difference `d`.
fn push_looked_for(
    sql: &mut Sql,
    codes: &[DifferenceCode],
    numbers: &[String],
    text: Option<&str>,
) {
    if !codes.is_empty() {
        sql.push(" AND d.code IN (");
        let mut list = sql.separated(", ");
        for code in codes {
            list.push_bind(code.as_str());
        }
        sql.push(")");
    }
    if !numbers.is_empty() {
        sql.push(" AND d.number IN (");
        let mut list = sql.separated(", ");
        for number in numbers {
            list.push_bind(number.clone());
        }
        sql.push(")");
    } else if let Some(text) = text {
        let text = like(text);
        sql.push(" AND (d.number LIKE ").push_bind(text.clone());
        sql.push(" OR d.order_no LIKE ").push_bind(text);
        sql.push(")");
    }
}

/// Turns a text that is a whole number of either side into the numbers of its differences: an order, a
/// refund, or what the channel calls either. Any other text stays a text. Every step reads an index.
///
/// # Errors
/// When the database fails.
pub async fn whole_numbers(
    db: impl Executor<'_>,
    account: AccountId,
    text: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    Ok(sqlx::query_scalar(
        "SELECT number FROM differences WHERE account_id = $1 AND number = $2
         UNION SELECT number FROM differences WHERE account_id = $1 AND order_no = $2
         UNION SELECT COALESCE(refund_no, order_no) FROM bill_lines WHERE account_id = $1 AND payment_id = $2
         UNION SELECT refund_no FROM bill_lines WHERE account_id = $1 AND refund_id = $2 AND refund_no IS NOT NULL
         LIMIT 200",
    )
    .bind(account.to_string())
    .bind(text)
    .fetch_all(db)
    .await?)
}

/// Differences of a run, in its order or the largest gap first.
///
/// # Errors
/// When the database fails.
pub async fn differences(
    db: impl Executor<'_>,
    run: RunId,
    filter: &DifferenceFilter,
) -> Result<Vec<DifferenceRecord>, StoreError> {
    let mut sql = SqlText::new(db.dialect(), "");
    let from = "FROM differences d";
    if filter.largest {
        push_largest(
            &mut sql,
            filter.after_size.as_ref(),
            "d.position",
            filter.limit,
            |sql| push_wanted(sql, run, filter, "SELECT d.*", from),
            |sql| {
                sql.push("d.position > ").push_bind(stored(filter.after));
            },
        );
    } else {
        push_wanted(&mut sql, run, filter, "SELECT d.*", from);
        if filter.after > 0 {
            sql.push(" AND d.position > ")
                .push_bind(stored(filter.after));
        }
        // Few rows have the number: found by it and sorted, not met on a walk through the whole run.
        sql.push(if filter.numbers.is_empty() {
            " ORDER BY d.position"
        } else {
            " ORDER BY +d.position"
        });
        sql.push(" LIMIT ").push_bind(i64::from(filter.limit));
    }
    sql.build()
        .fetch_all(db)
        .await?
        .iter()
        .map(read_difference)
        .collect()
}

type Sql = SqlText;

/// A page of the largest gaps, one currency after the other, and equal ones by `place`. Where it goes on
/// after one, what is left of that one's currency and the currencies behind it are asked for apart: each
/// is then one range of an index.
fn push_largest(
    sql: &mut Sql,
    after: Option<&(String, i64)>,
    place: &str,
    limit: u32,
    list: impl Fn(&mut Sql),
    behind: impl Fn(&mut Sql),
) {
    let order = format!(" ORDER BY d.currency, -ABS(d.gap_minor), {place} LIMIT ");
    let Some((currency, size)) = after else {
        list(sql);
        sql.push(order).push_bind(i64::from(limit));
        return;
    };
    sql.push("SELECT * FROM (SELECT * FROM (");
    list(sql);
    sql.push(" AND d.currency = ")
        .push_bind(currency.clone())
        .push(" AND -ABS(d.gap_minor) >= ")
        .push_bind(-size)
        .push(" AND (-ABS(d.gap_minor) > ")
        .push_bind(-size)
        .push(" OR ");
    behind(sql);
    sql.push(")").push(&order).push_bind(i64::from(limit));
    sql.push(") AS same UNION ALL SELECT * FROM (");
    list(sql);
    sql.push(" AND d.currency > ").push_bind(currency.clone());
    sql.push(&order).push_bind(i64::from(limit));
    sql.push(") AS others) AS d").push(&order);
    sql.push_bind(i64::from(limit));
}

/// How many differences a filter finds, wherever the page begins.
///
/// # Errors
/// When the database fails.
pub async fn count_differences(
    db: impl Executor<'_>,
    run: RunId,
    filter: &DifferenceFilter,
) -> Result<u64, StoreError> {
    let found: i64 = wanted(
        db.dialect(),
        run,
        filter,
        "SELECT COUNT(*)",
        "FROM differences d",
    )
    .build_query_scalar()
    .fetch_one(db)
    .await?;
    Ok(count(found))
}

/// Of a difference `d` and its run `r`: only the latest run of a day counts.
const LATEST: &str = "r.number = (SELECT MAX(n.number) FROM recon_runs n WHERE n.account_id = r.account_id AND n.date = r.date)";

/// Of a difference `d`: nobody has settled it yet; what waits for a second person is not settled. The
/// pool's indexes hold just these rows, under these very words.
const UNSETTLED: &str = "d.disposition IN ('open', 'suspended', 'pending')";

/// Unsettled differences of one day that no counter tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    /// Whose.
    pub account_id: AccountId,
    /// The run's day.
    pub date: BusinessDate,
    /// Open, suspended, or waiting for a second person.
    pub disposition: Disposition,
    /// Until when somebody sees to it.
    pub due: Option<BusinessDate>,
    /// The day in whose file the other side should be at the latest.
    pub expected: Option<BusinessDate>,
    /// Whether it is likely to be.
    pub likely: bool,
    /// How many.
    pub count: u64,
    /// Channel less books, summed.
    pub gap: Money,
    /// The same regardless of the direction of each, minor units.
    pub moved_minor: i64,
}

impl Unsettled {
    /// What waits for a second person is broken or overdue until it is decided.
    fn standing(&self, today: BusinessDate) -> Standing {
        let due = self
            .due
            .filter(|_| self.disposition == Disposition::Suspended);
        standing(self.date, due, self.expected, today)
    }
}

/// Everything unsettled in the latest runs, of one account or all, the oldest first: one walk along an
/// index that holds nothing else.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn unsettled(
    db: impl Executor<'_>,
    account: Option<AccountId>,
) -> Result<Vec<Unsettled>, StoreError> {
    let of_account = match account {
        Some(_) => "r.account_id = $1 AND",
        None => "",
    };
    let sql = format!(
        "SELECT r.account_id, r.date, g.* FROM (
            SELECT d.run_id AS run_id, d.disposition AS disposition, d.currency AS currency, d.due_date AS due_date,
                   d.expected_date AS expected_date, d.likely AS likely, COUNT(*) AS n,
                   CAST(SUM(d.gap_minor) AS BIGINT) AS gap_minor, CAST(SUM(ABS(d.gap_minor)) AS BIGINT) AS moved_minor
            FROM differences d WHERE {UNSETTLED}
            GROUP BY d.run_id, d.disposition, d.currency, d.due_date, d.expected_date, d.likely) AS g
         JOIN recon_runs r ON r.id = g.run_id WHERE {of_account} {LATEST} ORDER BY r.date, r.account_id"
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    if let Some(account) = account {
        query = query.bind(account.to_string());
    }
    let date = |row: &DbRow, column: &str| {
        row.try_get::<Option<&str>, _>(column)?
            .map(read_date)
            .transpose()
    };
    query
        .fetch_all(db)
        .await?
        .iter()
        .map(|row| {
            let word: &str = row.try_get("disposition")?;
            Ok(Unsettled {
                account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
                date: read_date(row.try_get("date")?)?,
                disposition: Disposition::parse(word)
                    .ok_or_else(|| StoreError::unreadable("disposition", word))?,
                due: date(row, "due_date")?,
                expected: date(row, "expected_date")?,
                likely: row.try_get::<i64, _>("likely")? != 0,
                count: count(row.try_get("n")?),
                gap: Money::new(
                    row.try_get("gap_minor")?,
                    read_currency(row.try_get("currency")?)?,
                ),
                moved_minor: row.try_get("moved_minor")?,
            })
        })
        .collect()
}

/// [`zf_domain::standing`] as a condition on a difference `d`, for the words of [`PoolFilter::status`].
fn push_standing(sql: &mut Sql, word: &str, today: BusinessDate, date: &str) {
    let oldest_open = today.plus_days(-OPEN_DAYS_MAX).to_string();
    let today = today.to_string();
    match word {
        "pending" => {
            sql.push(" AND d.disposition = 'pending'");
        }
        "suspended" => {
            sql.push(" AND d.disposition = 'suspended' AND d.due_date >= ")
                .push_bind(today);
        }
        "overdue" => {
            sql.push(" AND (d.disposition = 'suspended' AND d.due_date < ")
                .push_bind(today)
                .push(" OR d.disposition <> 'suspended' AND ")
                .push(date)
                .push(" < ")
                .push_bind(oldest_open)
                .push(")");
        }
        "waiting" | "broken" => {
            sql.push(" AND d.disposition <> 'suspended' AND ")
                .push(date)
                .push(" >= ")
                .push_bind(oldest_open);
            if word == "waiting" {
                sql.push(" AND d.expected_date >= ").push_bind(today);
            } else {
                sql.push(" AND (d.expected_date IS NULL OR d.expected_date < ")
                    .push_bind(today)
                    .push(")");
            }
        }
        // Settled words are no standing of the pool: nothing is found.
        _ => {
            sql.push(" AND 1 = 0");
        }
    }
}

/// The pool as a list without its order: `head` is what is read of a difference `d`, `joined` what is read
/// beside it and its run `r`.
pub(crate) fn push_pool(
    sql: &mut Sql,
    account: AccountId,
    today: BusinessDate,
    filter: &PoolFilter,
    head: &str,
    joined: &str,
) {
    sql.push(head)
        .push(" FROM differences d JOIN recon_runs r ON r.id = d.run_id ")
        .push(joined)
        .push(" WHERE d.account_id = ")
        .push_bind(account.to_string())
        .push(" AND ")
        .push(UNSETTLED)
        .push(" AND ")
        .push(LATEST);
    if let Some(word) = &filter.status {
        // The largest first is read from its own index in its order, whatever days are wanted.
        let date = if filter.largest {
            "d.date || ''"
        } else {
            "d.date"
        };
        push_standing(sql, word, today, date);
    }
    push_looked_for(sql, &filter.codes, &filter.numbers, filter.text.as_deref());
}

/// Overdue differences in the latest runs of an account's days up to `date`, see
/// [`zf_domain::standing`]: how many, and the oldest. Of a big run they are not all read.
///
/// # Errors
/// When the database fails.
pub async fn overdue(
    conn: &mut Conn,
    account: AccountId,
    date: BusinessDate,
    today: BusinessDate,
) -> Result<(u64, Option<DifferenceRecord>), StoreError> {
    let late = |u: &&Unsettled| u.date <= date && u.standing(today) == Standing::Overdue;
    let all = unsettled(&mut *conn, Some(account)).await?;
    let n: u64 = all.iter().filter(late).map(|u| u.count).sum();
    if n == 0 {
        return Ok((0, None));
    }
    let filter = PoolFilter {
        status: Some("overdue".to_owned()),
        limit: 1,
        ..PoolFilter::default()
    };
    // The oldest of all is of a day up to `date`, or none would be.
    let first = pool_differences(conn, account, today, &filter).await?;
    Ok((n, first.into_iter().next()))
}

/// What an account's pool holds of one currency in one standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolGroup {
    /// `waiting`, `broken`, `overdue` or `suspended`.
    pub status: String,
    /// Channel less books, summed.
    pub gap: Money,
    /// How many.
    pub count: u64,
    /// Of them, how many belong to the day asked about.
    pub of_day: u64,
    /// Of them, how many are due today.
    pub due_today: u64,
    /// Day of the oldest.
    pub oldest: BusinessDate,
}

/// Counters of what is unsettled, by standing and currency; `date` is the day asked about. What waits for
/// a second person is in there twice: where it stands, and once more as `pending`.
#[must_use]
pub fn pool_counters(of: &[Unsettled], date: BusinessDate, today: BusinessDate) -> Vec<PoolGroup> {
    let mut groups: Vec<PoolGroup> = Vec::new();
    for u in of {
        let stands = match u.standing(today) {
            Standing::Overdue => "overdue",
            Standing::Broken => "broken",
            Standing::Waiting if u.disposition == Disposition::Suspended => "suspended",
            Standing::Waiting => "waiting",
        };
        let pending = (u.disposition == Disposition::Pending).then_some("pending");
        let due_today = u.disposition == Disposition::Suspended && u.due == Some(today);
        for status in std::iter::once(stands).chain(pending) {
            let known = groups
                .iter()
                .position(|g| g.status == status && g.gap.currency == u.gap.currency);
            let at = known.unwrap_or_else(|| {
                groups.push(PoolGroup {
                    status: status.to_owned(),
                    gap: Money::new(0, u.gap.currency),
                    count: 0,
                    of_day: 0,
                    due_today: 0,
                    oldest: u.date,
                });
                groups.len() - 1
            });
            let group = &mut groups[at];
            group.gap.minor = group.gap.minor.saturating_add(u.gap.minor);
            group.count += u.count;
            group.of_day += if u.date == date { u.count } else { 0 };
            group.due_today += if due_today { u.count } else { 0 };
            group.oldest = group.oldest.min(u.date);
        }
    }
    groups.sort_by(|a, b| {
        (&a.status, a.gap.currency.code()).cmp(&(&b.status, b.gap.currency.code()))
    });
    groups
}

/// Which differences of the pool a list shows.
#[derive(Debug, Clone, Default)]
pub struct PoolFilter {
    /// `waiting`, `broken`, `overdue`, `suspended` or `pending`; `None` for all.
    pub status: Option<String>,
    /// Codes; empty for all.
    pub codes: Vec<DifferenceCode>,
    /// Part of a number.
    pub text: Option<String>,
    /// In place of `text`: whole numbers, see [`whole_numbers`].
    pub numbers: Vec<String>,
    /// The largest gap first, one currency after the other; else the oldest day first.
    pub largest: bool,
    /// After this one: its day and place.
    pub after: Option<(BusinessDate, u64)>,
    /// For the largest first: currency and size of the gap of that one.
    pub after_size: Option<(String, i64)>,
    /// At most so many.
    pub limit: u32,
}

/// Open differences of an account over all days, the oldest or the largest first.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn pool_differences(
    db: impl Executor<'_>,
    account: AccountId,
    today: BusinessDate,
    filter: &PoolFilter,
) -> Result<Vec<DifferenceRecord>, StoreError> {
    let mut sql = SqlText::new(db.dialect(), "");
    let head = "SELECT d.*";
    if filter.largest {
        let after = filter.after_size.as_ref().zip(filter.after);
        push_largest(
            &mut sql,
            after.map(|(size, _)| size),
            "d.date, d.position",
            filter.limit,
            |sql| push_pool(sql, account, today, filter, head, ""),
            |sql| {
                if let Some((_, (day, place))) = after {
                    sql.push("(d.date, d.position) > (")
                        .push_bind(day.to_string())
                        .push(", ")
                        .push_bind(stored(place))
                        .push(")");
                }
            },
        );
    } else {
        push_pool(&mut sql, account, today, filter, head, "");
        push_pool_page(&mut sql, filter);
    }
    sql.build()
        .fetch_all(db)
        .await?
        .iter()
        .map(read_difference)
        .collect()
}

/// Where a page of the pool begins and its length, the oldest first.
pub(crate) fn push_pool_page(sql: &mut Sql, filter: &PoolFilter) {
    if let Some((day, place)) = filter.after {
        sql.push(" AND (d.date, d.position) > (")
            .push_bind(day.to_string())
            .push(", ")
            .push_bind(stored(place))
            .push(")");
    }
    // Few rows have the number: found by it and sorted, not met on a walk through all days.
    sql.push(if filter.numbers.is_empty() {
        " ORDER BY d.date, d.position LIMIT "
    } else {
        " ORDER BY d.date || '', d.position LIMIT "
    });
    sql.push_bind(i64::from(filter.limit));
}

/// How many the pool's list has in all, wherever its page begins.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn count_pool(
    db: impl Executor<'_>,
    account: AccountId,
    today: BusinessDate,
    filter: &PoolFilter,
) -> Result<u64, StoreError> {
    if filter.codes.is_empty() && filter.numbers.is_empty() && filter.text.is_none() {
        let stands = |u: &Unsettled| match filter.status.as_deref() {
            None => true,
            Some("pending") => u.disposition == Disposition::Pending,
            Some("overdue") => u.standing(today) == Standing::Overdue,
            Some("broken") => u.standing(today) == Standing::Broken,
            Some(word @ ("waiting" | "suspended")) => {
                u.standing(today) == Standing::Waiting
                    && (word == "suspended") == (u.disposition == Disposition::Suspended)
            }
            Some(_) => false,
        };
        let found = unsettled(db, Some(account)).await?;
        return Ok(found.iter().filter(|u| stands(u)).map(|u| u.count).sum());
    }
    let mut sql = SqlText::new(db.dialect(), "");
    push_pool(&mut sql, account, today, filter, "SELECT COUNT(*)", "");
    let found: i64 = sql.build_query_scalar().fetch_one(db).await?;
    Ok(count(found))
}

/// The latest run of every day of an account.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn latest_runs(
    db: impl Executor<'_>,
    account: AccountId,
) -> Result<Vec<RunRecord>, StoreError> {
    sqlx::query(
        "SELECT r.* FROM recon_runs r WHERE r.account_id = $1
           AND r.number = (SELECT MAX(n.number) FROM recon_runs n WHERE n.account_id = r.account_id AND n.date = r.date)
         ORDER BY r.date",
    )
    .bind(account.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(read_run)
    .collect()
}

/// Pairs of a run's differences and carried ones that are each other's missing side: the same number,
/// kind and amount, one day's bill against another day's books. Days within `window` of the run's.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn met_across_days(
    conn: &mut Conn,
    run: &RunRecord,
    window: i64,
) -> Result<Vec<(DifferenceRecord, DifferenceRecord)>, StoreError> {
    let pairs: Vec<(String, String)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT d.id, m.id FROM differences m JOIN differences d ON d.account_id = m.account_id AND d.number = m.number
             AND d.kind = m.kind AND d.date <> m.date
           JOIN recon_runs r ON r.id = d.run_id
         WHERE m.run_id = $1 AND m.disposition IN ('open', 'suspended') AND d.disposition IN ('open', 'suspended')
           AND d.date BETWEEN $2 AND $3 AND {LATEST}
           AND (m.code = 'missing_in_ledger' AND d.code = 'missing_in_channel' AND m.channel_minor = d.ledger_minor
                  AND m.channel_currency = d.ledger_currency AND m.channel_state = d.ledger_state
             OR m.code = 'missing_in_channel' AND d.code = 'missing_in_ledger' AND m.ledger_minor = d.channel_minor
                  AND m.ledger_currency = d.channel_currency AND m.ledger_state = d.channel_state)
         ORDER BY m.position, d.date, d.position"
    )))
    .bind(run.id.to_string())
    .bind(run.date.plus_days(-window).to_string())
    .bind(run.date.plus_days(window).to_string())
    .fetch_all(&mut *conn)
    .await?;
    let mut taken = std::collections::HashSet::new();
    let mut found = Vec::new();
    for (carried, met) in pairs {
        if taken.contains(&carried) || taken.contains(&met) {
            continue;
        }
        let load = |text: &str| read_id("difference id", text, DifferenceId::parse);
        let (of_carried, of_met) = (load(&carried)?, load(&met)?);
        if let (Some(c), Some(m)) = (
            difference(&mut *conn, of_carried).await?,
            difference(&mut *conn, of_met).await?,
        ) {
            found.push((c, m));
        }
        taken.extend([carried, met]);
    }
    Ok(found)
}

/// Unsettled differences of one day of one account, by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolDay {
    /// Whose.
    pub account_id: AccountId,
    /// The run's day.
    pub date: BusinessDate,
    /// Suspended and in time.
    pub waiting: u64,
    /// Open.
    pub broken: u64,
    /// Past their date.
    pub overdue: u64,
}

/// The whole pool of unsettled differences: of the latest run of every day, oldest day first.
///
/// # Errors
/// When the database fails.
pub async fn pool_by_day(
    db: impl Executor<'_>,
    today: BusinessDate,
) -> Result<Vec<PoolDay>, StoreError> {
    let mut days: Vec<PoolDay> = Vec::new();
    for u in unsettled(db, None).await? {
        let same = |d: &PoolDay| d.account_id == u.account_id && d.date == u.date;
        if !days.last().is_some_and(same) {
            days.push(PoolDay {
                account_id: u.account_id,
                date: u.date,
                waiting: 0,
                broken: 0,
                overdue: 0,
            });
        }
        if let Some(day) = days.last_mut() {
            *match u.standing(today) {
                Standing::Waiting => &mut day.waiting,
                Standing::Broken => &mut day.broken,
                Standing::Overdue => &mut day.overdue,
            } += u.count;
        }
    }
    Ok(days)
}

/// The latest run of every day that is not locked, from `first` on, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn open_runs(
    db: impl Executor<'_>,
    first: BusinessDate,
) -> Result<Vec<RunRecord>, StoreError> {
    sqlx::query(
        "SELECT r.* FROM recon_runs r WHERE r.date >= $1
           AND r.number = (SELECT MAX(n.number) FROM recon_runs n WHERE n.account_id = r.account_id AND n.date = r.date)
           AND NOT EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = r.account_id AND c.date = r.date
                           AND c.locked_at IS NOT NULL)
         ORDER BY r.date, r.account_id",
    )
    .bind(first.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(read_run)
    .collect()
}

/// Writes what a run found to the orders of its day.
///
/// An order is marked by its payment row. A refund row marks its order only when it differs; an order
/// that only an earlier run of the day had marked so is matched again.
///
/// # Errors
/// When the database fails.
pub async fn mark_orders(tx: &mut Tx, run: &RunRecord) -> Result<(), StoreError> {
    let account = run.account_id.to_string();
    sqlx::query(
        "UPDATE orders SET reconciliation = 'matched' WHERE account_id = $1 AND order_no IN (
            SELECT order_no FROM bill_lines WHERE bill_id = $2 AND kind = 'payment'
            UNION SELECT order_no FROM book_entries WHERE import_id = $3 AND kind = 'payment' AND state = 'done'
            UNION SELECT d.order_no FROM differences d JOIN recon_runs r ON r.id = d.run_id
                  WHERE d.account_id = $1 AND d.date = $4 AND d.kind = 'refund' AND r.number = $5)",
    )
    .bind(&account)
    .bind(run.bill_id.to_string())
    .bind(run.import_id.to_string())
    .bind(run.date.to_string())
    .bind(i64::from(run.number) - 1)
    .execute(tx.conn())
    .await?;
    // A payment's own difference outranks that of a refund: it is written last.
    for kind in ["refund", "payment"] {
        sqlx::query(
            "UPDATE orders SET reconciliation = (
                SELECT d.code FROM differences d WHERE d.run_id = $1 AND d.kind = $2 AND d.order_no = orders.order_no
                ORDER BY d.position LIMIT 1)
             WHERE account_id = $3 AND order_no IN (SELECT order_no FROM differences WHERE run_id = $1 AND kind = $2)",
        )
        .bind(run.id.to_string())
        .bind(kind)
        .bind(&account)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// The order behind a number, when the desk knows it.
///
/// # Errors
/// When the database fails.
pub async fn order_id(
    db: impl Executor<'_>,
    account: AccountId,
    order_no: &str,
) -> Result<Option<OrderId>, StoreError> {
    let id: Option<String> =
        sqlx::query_scalar("SELECT id FROM orders WHERE account_id = $1 AND order_no = $2")
            .bind(account.to_string())
            .bind(order_no)
            .fetch_optional(db)
            .await?;
    id.map(|id| read_id("order id", &id, OrderId::parse))
        .transpose()
}

/// A person's name.
///
/// # Errors
/// When the database fails.
pub async fn person_name(db: impl Executor<'_>, id: UserId) -> Result<Option<String>, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT display_name FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(db)
            .await?,
    )
}

/// When a day was locked; `None` while it is open.
///
/// # Errors
/// When the database fails.
pub async fn locked_at(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Option<Timestamp>, StoreError> {
    let locked: Option<Option<i64>> =
        sqlx::query_scalar("SELECT locked_at FROM day_closes WHERE account_id = $1 AND date = $2")
            .bind(account.to_string())
            .bind(date.to_string())
            .fetch_optional(db)
            .await?;
    Ok(locked.flatten().map(Timestamp::from_millis))
}

/// What two people closed a day over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayClose {
    /// When it was locked; `None` while only the maker has signed.
    pub locked_at: Option<Timestamp>,
    /// SM3 over `content`.
    pub digest: String,
    /// The canonical text that was signed.
    pub content: String,
    /// JSON: the checks as they stood then.
    pub checks: String,
}

/// One signature under a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRecord {
    /// `maker` or `checker`.
    pub part: String,
    /// Who.
    pub user_id: UserId,
    /// Over which digest.
    pub digest: String,
    /// With which words.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// A day's close, begun or done.
///
/// # Errors
/// When the database fails.
pub async fn day_close(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Option<DayClose>, StoreError> {
    let row = sqlx::query("SELECT * FROM day_closes WHERE account_id = $1 AND date = $2")
        .bind(account.to_string())
        .bind(date.to_string())
        .fetch_optional(db)
        .await?;
    row.map(|row| {
        Ok(DayClose {
            locked_at: row
                .try_get::<Option<i64>, _>("locked_at")?
                .map(Timestamp::from_millis),
            digest: row.try_get("digest")?,
            content: row.try_get("content")?,
            checks: row.try_get("checks")?,
        })
    })
    .transpose()
}

/// Writes a day's close; a locked one is never overwritten.
///
/// # Errors
/// When the database fails.
pub async fn put_day_close(
    tx: &mut Tx,
    account: AccountId,
    date: BusinessDate,
    close: &DayClose,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO day_closes (account_id, date, locked_at, digest, content, checks) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (account_id, date) DO UPDATE
            SET locked_at = excluded.locked_at, digest = excluded.digest, content = excluded.content, checks = excluded.checks
            WHERE day_closes.locked_at IS NULL",
    )
    .bind(account.to_string())
    .bind(date.to_string())
    .bind(close.locked_at.map(Timestamp::millis))
    .bind(&close.digest)
    .bind(&close.content)
    .bind(&close.checks)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Signatures under a day.
///
/// # Errors
/// When the database fails.
pub async fn signatures(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Vec<SignatureRecord>, StoreError> {
    sqlx::query("SELECT * FROM close_signatures WHERE account_id = $1 AND date = $2 ORDER BY at")
        .bind(account.to_string())
        .bind(date.to_string())
        .fetch_all(db)
        .await?
        .iter()
        .map(|row| {
            Ok(SignatureRecord {
                part: row.try_get("part")?,
                user_id: read_id("user", row.try_get("user_id")?, UserId::parse)?,
                digest: row.try_get("digest")?,
                note: row.try_get("note")?,
                at: Timestamp::from_millis(row.try_get("at")?),
            })
        })
        .collect()
}

/// Adds a signature.
///
/// # Errors
/// `Constraint` when the other part is the same person's or covers another digest.
pub async fn add_signature(
    tx: &mut Tx,
    account: AccountId,
    date: BusinessDate,
    signature: &SignatureRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO close_signatures (account_id, date, part, user_id, digest, note, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(account.to_string())
    .bind(date.to_string())
    .bind(&signature.part)
    .bind(signature.user_id.to_string())
    .bind(&signature.digest)
    .bind(&signature.note)
    .bind(signature.at.millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes the maker's signature back, as long as the day is not locked.
///
/// # Errors
/// When the database fails.
pub async fn drop_maker_signature(
    tx: &mut Tx,
    account: AccountId,
    date: BusinessDate,
) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM close_signatures WHERE account_id = $1 AND date = $2 AND part = 'maker'
           AND NOT EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = $1 AND c.date = $2 AND c.locked_at IS NOT NULL)",
    )
    .bind(account.to_string())
    .bind(date.to_string())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A wish to open a closed day again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReopeningWish {
    /// Why.
    pub reason: String,
    /// Whose.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A close that was opened again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedBefore {
    /// From 1.
    pub version: u32,
    /// When it was locked.
    pub locked_at: Timestamp,
    /// What was signed.
    pub digest: String,
    /// Who signed it.
    pub signers: [UserId; 2],
    /// Who wished it open, when and why.
    pub wish: ReopeningWish,
    /// Who agreed.
    pub reopened_by: UserId,
    /// When.
    pub reopened_at: Timestamp,
}

/// The wish to reopen a day, if there is one.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn reopening_wish(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Option<ReopeningWish>, StoreError> {
    sqlx::query("SELECT * FROM reopening_wishes WHERE account_id = $1 AND date = $2")
        .bind(account.to_string())
        .bind(date.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_wish)
        .transpose()
}

fn read_wish(row: &DbRow) -> Result<ReopeningWish, StoreError> {
    Ok(ReopeningWish {
        reason: row.try_get("reason")?,
        by: read_id("requested_by", row.try_get("requested_by")?, UserId::parse)?,
        at: Timestamp::from_millis(row.try_get("requested_at")?),
    })
}

/// Notes a wish to reopen a day; an earlier one is replaced.
///
/// # Errors
/// The database.
pub async fn put_reopening_wish(
    tx: &mut Tx,
    account: AccountId,
    date: BusinessDate,
    wish: &ReopeningWish,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO reopening_wishes (account_id, date, reason, requested_by, requested_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, date) DO UPDATE
            SET reason = excluded.reason, requested_by = excluded.requested_by, requested_at = excluded.requested_at",
    )
    .bind(account.to_string())
    .bind(date.to_string())
    .bind(&wish.reason)
    .bind(wish.by.to_string())
    .bind(wish.at.millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets the wish to reopen a day.
///
/// # Errors
/// The database.
pub async fn drop_reopening_wish(
    tx: &mut Tx,
    account: AccountId,
    date: BusinessDate,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM reopening_wishes WHERE account_id = $1 AND date = $2")
        .bind(account.to_string())
        .bind(date.to_string())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Closes of a day that were opened again, the first one first.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn closed_before(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Vec<ClosedBefore>, StoreError> {
    sqlx::query("SELECT * FROM closed_before WHERE account_id = $1 AND date = $2 ORDER BY version")
        .bind(account.to_string())
        .bind(date.to_string())
        .fetch_all(db)
        .await?
        .iter()
        .map(|row| {
            Ok(ClosedBefore {
                version: u32::try_from(row.try_get::<i64, _>("version")?).unwrap_or(0),
                locked_at: Timestamp::from_millis(row.try_get("locked_at")?),
                digest: row.try_get("digest")?,
                signers: [
                    read_id("maker_id", row.try_get("maker_id")?, UserId::parse)?,
                    read_id("checker_id", row.try_get("checker_id")?, UserId::parse)?,
                ],
                wish: read_wish(row)?,
                reopened_by: read_id("reopened_by", row.try_get("reopened_by")?, UserId::parse)?,
                reopened_at: Timestamp::from_millis(row.try_get("reopened_at")?),
            })
        })
        .collect()
}

/// Opens a locked day again: what was signed goes into the history, the wish is done. False when the
/// day is not locked.
///
/// # Errors
/// `Constraint` when one person wished and agreed; the database.
pub async fn reopen(
    tx: &mut Tx,
    account: AccountId,
    date: BusinessDate,
    wish: &ReopeningWish,
    by: UserId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let kept = sqlx::query(
        "INSERT INTO closed_before (account_id, date, version, locked_at, digest, content, checks, maker_id, checker_id,
                                    reason, requested_by, requested_at, reopened_by, reopened_at)
         SELECT c.account_id, c.date,
                (SELECT COUNT(*) + 1 FROM closed_before b WHERE b.account_id = c.account_id AND b.date = c.date),
                c.locked_at, c.digest, c.content, c.checks, m.user_id, k.user_id, $3, $4, $5, $6, $7
         FROM day_closes c
           JOIN close_signatures m ON m.account_id = c.account_id AND m.date = c.date AND m.part = 'maker'
           JOIN close_signatures k ON k.account_id = c.account_id AND k.date = c.date AND k.part = 'checker'
         WHERE c.account_id = $1 AND c.date = $2 AND c.locked_at IS NOT NULL",
    )
    .bind(account.to_string())
    .bind(date.to_string())
    .bind(&wish.reason)
    .bind(wish.by.to_string())
    .bind(wish.at.millis())
    .bind(by.to_string())
    .bind(at.millis())
    .execute(tx.conn())
    .await?;
    if kept.rows_affected() == 0 {
        return Ok(false);
    }
    for table in ["day_closes", "close_signatures", "reopening_wishes"] {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "DELETE FROM {table} WHERE account_id = $1 AND date = $2"
        )))
        .bind(account.to_string())
        .bind(date.to_string())
        .execute(tx.conn())
        .await?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counters in SQL say of every difference what the rule of the domain says.
    #[tokio::test]
    async fn the_pool_counts_as_the_rule_says() {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::Store::open(&dir.path().join("desk.db"))
            .await
            .unwrap();
        let mut conn = store.pool().acquire().await.unwrap();
        sqlx::query("PRAGMA foreign_keys = OFF")
            .execute(&mut *conn)
            .await
            .unwrap();
        let account = AccountId::new();
        let today = BusinessDate::parse("2026-11-20").unwrap();
        let mut expected: Vec<(BusinessDate, [u64; 3])> = Vec::new();
        for ago in (0..40).rev() {
            let date = today.plus_days(-ago);
            // The first run is superseded: nothing of it counts.
            let runs = [RunId::new(), RunId::new()];
            let mut counts = [0; 3];
            for (number, run) in (1..).zip(runs) {
                sqlx::query(
                    "INSERT INTO recon_runs VALUES ($1, $2, $3, $4, 'b', 'i', '{}', 0, 0, '', '', 0, '', 'u', 0, 0)",
                )
                .bind(run.to_string())
                .bind(account.to_string())
                .bind(date.to_string())
                .bind(number)
                .execute(&mut *conn)
                .await
                .unwrap();
                for (position, due) in (1..).zip([None, Some(-3), Some(0), Some(2), Some(9)]) {
                    let due = due.map(|days| date.plus_days(days));
                    if number == 2 {
                        let at = match standing(date, due, None, today) {
                            Standing::Waiting => 0,
                            Standing::Broken => 1,
                            Standing::Overdue => 2,
                        };
                        counts[at] += 1;
                    }
                    sqlx::query(
                        "INSERT INTO differences (id, run_id, account_id, date, position, code, bucket, kind, number,
                             order_no, currency, gap_minor, disposition, due_date, owner_id, disposed_by, disposed_at, note)
                         VALUES ($1, $2, $3, $4, $5, 'missing_in_ledger', '', 'payment', '', '', 'CNY', 0,
                                 $6, $7, $8, $8, 0, 'n')",
                    )
                    .bind(DifferenceId::new().to_string())
                    .bind(run.to_string())
                    .bind(account.to_string())
                    .bind(date.to_string())
                    .bind(position)
                    .bind(if due.is_some() { "suspended" } else { "open" })
                    .bind(due.map(|d| d.to_string()))
                    .bind(UserId::new().to_string())
                    .execute(&mut *conn)
                    .await
                    .unwrap();
                }
            }
            expected.push((date, counts));
        }
        let found: Vec<(BusinessDate, [u64; 3])> = pool_by_day(&mut *conn, today)
            .await
            .unwrap()
            .into_iter()
            .map(|d| (d.date, [d.waiting, d.broken, d.overdue]))
            .collect();
        assert_eq!(found, expected);
        let (last, first) = overdue(&mut conn, account, today, today).await.unwrap();
        assert_eq!(first.map(|d| d.date), Some(expected[0].0));
        assert_eq!(last, expected.iter().map(|(_, c)| c[2]).sum::<u64>());

        // The workbench counts the same pool by account.
        let by_word = |found: &[PoolGroup], word: &str| -> u64 {
            found
                .iter()
                .filter(|g| g.status == word)
                .map(|g| g.count)
                .sum()
        };
        let all = unsettled(&mut *conn, Some(account)).await.unwrap();
        let found = pool_counters(&all, today, today);
        for (at, word) in ["suspended", "broken", "overdue"].into_iter().enumerate() {
            let wanted = expected.iter().map(|(_, c)| c[at]).sum::<u64>();
            assert_eq!(by_word(&found, word), wanted, "{word}");
            let filter = PoolFilter {
                status: Some(word.to_owned()),
                limit: 200,
                ..PoolFilter::default()
            };
            let rows = pool_differences(&mut *conn, account, today, &filter)
                .await
                .unwrap();
            let total = count_pool(&mut *conn, account, today, &filter)
                .await
                .unwrap();
            assert_eq!((rows.len() as u64, total), (wanted, wanted), "{word}");
        }
    }
}
