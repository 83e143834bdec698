//! Rules of reconciliation: proposed, decided by another person, kept for ever; by which of them a run
//! was made and what they let pass; and trials of proposed ones.

use crate::dialect::{Conn, DbRow, Executor};
use sqlx::Row as _;
use zf_domain::{
    AccountId, BackTestId, BusinessDate, DifferenceCode, EntryKind, Money, RuleSetId, RunId,
    Timestamp, UserId,
};

use crate::bills::{count, read_currency, read_date, read_id, read_kind, stored};
use crate::error::StoreError;
use crate::store::Tx;

/// A set of rules somebody proposed, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetRecord {
    /// Its id.
    pub id: RuleSetId,
    /// What it is called once in effect.
    pub version: u32,
    /// The version its author had before them.
    pub based_on: u32,
    /// `proposed`, `in_effect`, `rejected` or `withdrawn`.
    pub state: String,
    /// The rule file, canonical.
    pub content: String,
    /// SM3 of it.
    pub digest: String,
    /// Why.
    pub reason: String,
    /// Whose idea.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Timestamp,
    /// Who decided, when, and with which words.
    pub decision: Option<(UserId, Timestamp, String)>,
    /// Digest of the back-test the decision had before it.
    pub back_test_digest: Option<String>,
}

fn version(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

fn read(row: &DbRow) -> Result<RuleSetRecord, StoreError> {
    let decided_by: Option<&str> = row.try_get("decided_by")?;
    let decision = match decided_by {
        Some(by) => Some((
            read_id("decided_by", by, UserId::parse)?,
            Timestamp::from_millis(row.try_get("decided_at")?),
            row.try_get::<Option<String>, _>("decision_note")?
                .unwrap_or_default(),
        )),
        None => None,
    };
    Ok(RuleSetRecord {
        id: read_id("rule set", row.try_get("id")?, RuleSetId::parse)?,
        version: version(row.try_get("version")?),
        based_on: version(row.try_get("based_on")?),
        state: row.try_get("state")?,
        content: row.try_get("content")?,
        digest: row.try_get("digest")?,
        reason: row.try_get("reason")?,
        proposed_by: read_id("proposed_by", row.try_get("proposed_by")?, UserId::parse)?,
        proposed_at: Timestamp::from_millis(row.try_get("proposed_at")?),
        decision,
        back_test_digest: row.try_get("back_test_digest")?,
    })
}

/// The set in effect; `None` while the built-in one is.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn in_effect(db: impl Executor<'_>) -> Result<Option<RuleSetRecord>, StoreError> {
    sqlx::query("SELECT * FROM rule_sets WHERE state = 'in_effect' ORDER BY version DESC LIMIT 1")
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// One set.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn by_id(
    db: impl Executor<'_>,
    id: RuleSetId,
) -> Result<Option<RuleSetRecord>, StoreError> {
    sqlx::query("SELECT * FROM rule_sets WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Every set ever proposed, the newest first, at most `limit`.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn history(db: impl Executor<'_>, limit: u32) -> Result<Vec<RuleSetRecord>, StoreError> {
    sqlx::query("SELECT * FROM rule_sets ORDER BY proposed_at DESC, id DESC LIMIT $1")
        .bind(i64::from(limit))
        .fetch_all(db)
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Keeps a proposal.
///
/// # Errors
/// `Constraint` when it is no proposal; the database.
pub async fn propose(tx: &mut Tx, set: &RuleSetRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO rule_sets (id, version, based_on, state, content, digest, reason, proposed_by, proposed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(set.id.to_string())
    .bind(i64::from(set.version))
    .bind(i64::from(set.based_on))
    .bind(&set.state)
    .bind(&set.content)
    .bind(&set.digest)
    .bind(&set.reason)
    .bind(set.proposed_by.to_string())
    .bind(set.proposed_at.millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a proposal; false when it was ended before.
///
/// # Errors
/// `Constraint` when one person proposed and decided; the database.
pub async fn decide(
    tx: &mut Tx,
    id: RuleSetId,
    state: &str,
    decision: Option<(UserId, Timestamp, &str)>,
    back_test_digest: Option<&str>,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE rule_sets SET state = $2, decided_by = $3, decided_at = $4, decision_note = $5, back_test_digest = $6
         WHERE id = $1 AND state = 'proposed'",
    )
    .bind(id.to_string())
    .bind(state)
    .bind(decision.map(|(by, ..)| by.to_string()))
    .bind(decision.map(|(_, at, _)| at.millis()))
    .bind(decision.map(|(.., note)| note))
    .bind(back_test_digest)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// By which rules a run was made, and what they let pass. Sums in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTerms {
    /// The run.
    pub run_id: RunId,
    /// Whose.
    pub account_id: AccountId,
    /// The channel's word.
    pub channel: String,
    /// The run's day.
    pub date: BusinessDate,
    /// Which rules.
    pub rules_version: u32,
    /// Their digest.
    pub rules_digest: String,
    /// Rate of the day's contract, millionths.
    pub rate_ppm: Option<u32>,
    /// Bill rows held against the contract.
    pub fee_rows: u64,
    /// What they were charged.
    pub charged_minor: i64,
    /// What the contract says.
    pub agreed_minor: i64,
    /// Rows within the tolerance for one row.
    pub tolerated_rows: u64,
    /// By how much they deviate together.
    pub tolerated_minor: i64,
    /// What of it was let pass: all or nothing.
    pub spent_minor: i64,
    /// The tolerance for a row; 0 without one.
    pub per_row_minor: i64,
    /// For a day.
    pub daily_minor: i64,
    /// For a month.
    pub monthly_minor: i64,
    /// What other days of the month had spent.
    pub month_before_minor: i64,
    /// Who answers for the tolerance.
    pub owner: String,
    /// Why there is one.
    pub reason: String,
}

/// Keeps by what a run was judged.
///
/// # Errors
/// The database.
pub async fn add_terms(tx: &mut Tx, t: &RunTerms) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO run_terms (run_id, account_id, channel, date, rules_version, rules_digest, rate_ppm, fee_rows,
             charged_minor, agreed_minor, tolerated_rows, tolerated_minor, spent_minor, per_row_minor, daily_minor,
             monthly_minor, month_before_minor, owner, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(t.run_id.to_string())
    .bind(t.account_id.to_string())
    .bind(&t.channel)
    .bind(t.date.to_string())
    .bind(i64::from(t.rules_version))
    .bind(&t.rules_digest)
    .bind(t.rate_ppm.map(i64::from))
    .bind(stored(t.fee_rows))
    .bind(t.charged_minor)
    .bind(t.agreed_minor)
    .bind(stored(t.tolerated_rows))
    .bind(t.tolerated_minor)
    .bind(t.spent_minor)
    .bind(t.per_row_minor)
    .bind(t.daily_minor)
    .bind(t.monthly_minor)
    .bind(t.month_before_minor)
    .bind(&t.owner)
    .bind(&t.reason)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// By what a run was judged; `None` for a run of an older version of this program.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn terms(db: impl Executor<'_>, run: RunId) -> Result<Option<RunTerms>, StoreError> {
    let row = sqlx::query("SELECT * FROM run_terms WHERE run_id = $1")
        .bind(run.to_string())
        .fetch_optional(db)
        .await?;
    row.map(|row| {
        Ok(RunTerms {
            run_id: read_id("run id", row.try_get("run_id")?, RunId::parse)?,
            account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
            channel: row.try_get("channel")?,
            date: read_date(row.try_get("date")?)?,
            rules_version: version(row.try_get("rules_version")?),
            rules_digest: row.try_get("rules_digest")?,
            rate_ppm: row.try_get::<Option<i64>, _>("rate_ppm")?.map(version),
            fee_rows: count(row.try_get("fee_rows")?),
            charged_minor: row.try_get("charged_minor")?,
            agreed_minor: row.try_get("agreed_minor")?,
            tolerated_rows: count(row.try_get("tolerated_rows")?),
            tolerated_minor: row.try_get("tolerated_minor")?,
            spent_minor: row.try_get("spent_minor")?,
            per_row_minor: row.try_get("per_row_minor")?,
            daily_minor: row.try_get("daily_minor")?,
            monthly_minor: row.try_get("monthly_minor")?,
            month_before_minor: row.try_get("month_before_minor")?,
            owner: row.try_get("owner")?,
            reason: row.try_get("reason")?,
        })
    })
    .transpose()
}

/// What the latest runs of a channel's days in the month of `date` let pass together, all accounts.
/// Minor units.
///
/// # Errors
/// The database.
pub async fn spent_of_month(
    db: impl Executor<'_>,
    channel: &str,
    date: BusinessDate,
) -> Result<i64, StoreError> {
    spent(db, channel, date, None).await
}

/// As [`spent_of_month`], but without the account's own days from the first to the last of `without`.
///
/// # Errors
/// The database.
pub async fn spent_in_month(
    db: impl Executor<'_>,
    channel: &str,
    date: BusinessDate,
    account: AccountId,
    without: [BusinessDate; 2],
) -> Result<i64, StoreError> {
    spent(db, channel, date, Some((account, without))).await
}

async fn spent(
    db: impl Executor<'_>,
    channel: &str,
    date: BusinessDate,
    without: Option<(AccountId, [BusinessDate; 2])>,
) -> Result<i64, StoreError> {
    let month = date.to_string();
    let month = month.get(..7).unwrap_or(&month);
    Ok(sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(t.spent_minor), 0) AS BIGINT) FROM run_terms t JOIN recon_runs r ON r.id = t.run_id
         WHERE t.channel = $1 AND t.date >= $2 AND t.date <= $3 AND NOT ($4 IS NOT NULL AND t.account_id = $4 AND t.date >= $5 AND t.date <= $6)
           AND r.number = (SELECT MAX(n.number) FROM recon_runs n WHERE n.account_id = r.account_id AND n.date = r.date)",
    )
    .bind(channel)
    .bind(format!("{month}-01"))
    .bind(format!("{month}-31"))
    .bind(without.map(|(account, _)| account.to_string()))
    .bind(without.map(|(_, [first, _])| first.to_string()))
    .bind(without.map(|(_, [_, last])| last.to_string()))
    .fetch_one(db)
    .await?)
}

/// A trial of proposed rules on days already reconciled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackTestRecord {
    /// Its id.
    pub id: BackTestId,
    /// The tested rules.
    pub rule_set_id: RuleSetId,
    /// Their digest.
    pub rules_digest: String,
    /// The version that stood.
    pub against_version: u32,
    /// Whose days.
    pub account_id: AccountId,
    /// From this day.
    pub first: BusinessDate,
    /// To this.
    pub last: BusinessDate,
    /// JSON: days and codes.
    pub report: String,
    /// Differences the tested rules would not have shown.
    pub hidden: u64,
    /// Differences they would have shown besides.
    pub raised: u64,
    /// SM3 over report and items.
    pub digest: String,
    /// Who ran it.
    pub run_by: UserId,
    /// When.
    pub at: Timestamp,
}

/// One difference a trial hides or raises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackTestItem {
    /// From 1.
    pub position: u64,
    /// Whether the tested rules hide it; else they raise it.
    pub hidden: bool,
    /// Its day.
    pub date: BusinessDate,
    /// What is wrong.
    pub code: DifferenceCode,
    /// Payment or refund.
    pub kind: EntryKind,
    /// Order or refund number.
    pub number: String,
    /// What the bill says.
    pub channel: Option<Money>,
    /// What the books say.
    pub ledger: Option<Money>,
    /// Line in the bill.
    pub channel_line: Option<u64>,
    /// Line in the books.
    pub ledger_line: Option<u64>,
    /// A fee as charged and as agreed, minor units.
    pub fee: Option<(i64, i64)>,
}

/// Keeps a trial with its items.
///
/// # Errors
/// The database.
pub async fn add_back_test(
    tx: &mut Tx,
    test: &BackTestRecord,
    items: &[BackTestItem],
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO back_tests (id, rule_set_id, rules_digest, against_version, account_id, first_date, last_date, report,
             hidden, raised, digest, run_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(test.id.to_string())
    .bind(test.rule_set_id.to_string())
    .bind(&test.rules_digest)
    .bind(i64::from(test.against_version))
    .bind(test.account_id.to_string())
    .bind(test.first.to_string())
    .bind(test.last.to_string())
    .bind(&test.report)
    .bind(stored(test.hidden))
    .bind(stored(test.raised))
    .bind(&test.digest)
    .bind(test.run_by.to_string())
    .bind(test.at.millis())
    .execute(tx.conn())
    .await?;
    for item in items {
        let currency = item
            .channel
            .or(item.ledger)
            .map_or("CNY", |m| m.currency.code());
        sqlx::query(
            "INSERT INTO back_test_items (test_id, position, change, date, code, kind, number, currency, channel_minor,
                 ledger_minor, channel_line, ledger_line, charged_minor, agreed_minor)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(test.id.to_string())
        .bind(stored(item.position))
        .bind(if item.hidden { "hidden" } else { "raised" })
        .bind(item.date.to_string())
        .bind(item.code.as_str())
        .bind(item.kind.as_str())
        .bind(&item.number)
        .bind(currency)
        .bind(item.channel.map(|m| m.minor))
        .bind(item.ledger.map(|m| m.minor))
        .bind(item.channel_line.map(stored))
        .bind(item.ledger_line.map(stored))
        .bind(item.fee.map(|(charged, _)| charged))
        .bind(item.fee.map(|(_, agreed)| agreed))
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

fn read_test(row: &DbRow) -> Result<BackTestRecord, StoreError> {
    Ok(BackTestRecord {
        id: read_id("back-test", row.try_get("id")?, BackTestId::parse)?,
        rule_set_id: read_id("rule set", row.try_get("rule_set_id")?, RuleSetId::parse)?,
        rules_digest: row.try_get("rules_digest")?,
        against_version: version(row.try_get("against_version")?),
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        first: read_date(row.try_get("first_date")?)?,
        last: read_date(row.try_get("last_date")?)?,
        report: row.try_get("report")?,
        hidden: count(row.try_get("hidden")?),
        raised: count(row.try_get("raised")?),
        digest: row.try_get("digest")?,
        run_by: read_id("run_by", row.try_get("run_by")?, UserId::parse)?,
        at: Timestamp::from_millis(row.try_get("at")?),
    })
}

/// One trial.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn back_test(
    db: impl Executor<'_>,
    id: BackTestId,
) -> Result<Option<BackTestRecord>, StoreError> {
    sqlx::query("SELECT * FROM back_tests WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_test)
        .transpose()
}

/// The newest trial of proposed rules.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn newest_back_test(
    db: impl Executor<'_>,
    set: RuleSetId,
) -> Result<Option<BackTestRecord>, StoreError> {
    sqlx::query("SELECT * FROM back_tests WHERE rule_set_id = $1 ORDER BY at DESC, id DESC LIMIT 1")
        .bind(set.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_test)
        .transpose()
}

/// Items of a trial after a place.
///
/// # Errors
/// The database, or an unreadable row.
pub async fn back_test_items(
    conn: &mut Conn,
    id: BackTestId,
    after: u64,
    limit: u32,
) -> Result<Vec<BackTestItem>, StoreError> {
    sqlx::query(
        "SELECT * FROM back_test_items WHERE test_id = $1 AND position > $2 ORDER BY position LIMIT $3",
    )
    .bind(id.to_string())
    .bind(stored(after))
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?
    .iter()
    .map(|row| {
        let code: &str = row.try_get("code")?;
        let currency = read_currency(row.try_get("currency")?)?;
        let money = |name: &str| -> Result<Option<Money>, StoreError> {
            Ok(row
                .try_get::<Option<i64>, _>(name)?
                .map(|minor| Money::new(minor, currency)))
        };
        let line = |name: &str| -> Result<Option<u64>, StoreError> {
            Ok(row.try_get::<Option<i64>, _>(name)?.map(count))
        };
        let charged: Option<i64> = row.try_get("charged_minor")?;
        let agreed: Option<i64> = row.try_get("agreed_minor")?;
        Ok(BackTestItem {
            position: count(row.try_get("position")?),
            hidden: row.try_get::<&str, _>("change")? == "hidden",
            date: read_date(row.try_get("date")?)?,
            code: DifferenceCode::parse(code)
                .ok_or_else(|| StoreError::unreadable("code", code))?,
            kind: read_kind(row.try_get("kind")?)?,
            number: row.try_get("number")?,
            channel: money("channel_minor")?,
            ledger: money("ledger_minor")?,
            channel_line: line("channel_line")?,
            ledger_line: line("ledger_line")?,
            fee: charged.zip(agreed),
        })
    })
    .collect()
}
