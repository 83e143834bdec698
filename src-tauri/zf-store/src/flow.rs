//! Ties of a day's trade bill to its fund flow, and what people named in them.

use crate::dialect::{Conn, DbRow, Executor};
use sqlx::Row as _;
use zf_domain::{AccountId, BusinessDate, Currency, FlowNameId, Timestamp, UserId};

use crate::bills::{count, read_currency, read_date, read_id, stored};
use crate::error::StoreError;
use crate::rules::RulesRecord;
use crate::store::Tx;

/// One day's tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieRecord {
    /// Whose.
    pub account_id: AccountId,
    /// The bills' day.
    pub date: BusinessDate,
    /// Digest of the trade bill it read; empty without a file.
    pub trade_sha256: String,
    /// Digest of the fund-flow bill it read; empty without a file.
    pub flow_sha256: String,
    /// The account's currency.
    pub currency: Currency,
    /// Vouchers that tie to the last minor unit.
    pub tied: u64,
    /// Rows of the trade bill.
    pub trade_rows: u64,
    /// Rows of the fund-flow bill.
    pub flow_rows: u64,
    /// JSON of the use case: balance and waterfall.
    pub outcome: String,
    /// Who asked for it; the program itself when absent.
    pub tied_by: Option<UserId>,
    /// When.
    pub tied_at: Timestamp,
}

/// One voucher that does not tie, or is to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRecord {
    /// The bills' day.
    pub date: BusinessDate,
    /// From 1, in the engine's order.
    pub position: u64,
    /// The engine's word.
    pub code: String,
    /// The channel's number.
    pub business_no: String,
    /// Gross less fee by the trade bill, minor units.
    pub expected_minor: i64,
    /// What the account moved, minor units.
    pub booked_minor: i64,
    /// First line in the trade bill.
    pub trade_line: Option<u64>,
    /// Lines in the fund-flow bill.
    pub flow_lines: Vec<u64>,
    /// The channel's word for the movement.
    pub word: String,
    /// The channel's remark.
    pub remark: String,
    /// Day and line of the earlier trade bill that has the refund which came back.
    pub earlier: Option<(BusinessDate, u64)>,
}

impl FindingRecord {
    /// What tells two findings of one voucher apart: the first line of the fund flow, 0 without one.
    #[must_use]
    pub fn flow_line(&self) -> u64 {
        self.flow_lines.first().copied().unwrap_or(0)
    }
}

/// What a person said a finding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRecord {
    /// Its id.
    pub id: FlowNameId,
    /// Whose.
    pub account_id: AccountId,
    /// The finding's day.
    pub date: BusinessDate,
    /// The finding's code.
    pub code: String,
    /// The finding's number.
    pub business_no: String,
    /// The finding's figures, minor units.
    pub expected_minor: i64,
    /// What the account moved, minor units.
    pub booked_minor: i64,
    /// The finding's first line in the fund flow.
    pub flow_line: u64,
    /// The name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub named_by: UserId,
    /// When.
    pub named_at: Timestamp,
}

impl NameRecord {
    /// Whether it was said of this finding, as it stands.
    #[must_use]
    pub fn is_about(&self, finding: &FindingRecord) -> bool {
        self.date == finding.date
            && self.code == finding.code
            && self.business_no == finding.business_no
            && self.expected_minor == finding.expected_minor
            && self.booked_minor == finding.booked_minor
            && self.flow_line == finding.flow_line()
    }
}

fn read_tie(row: &DbRow) -> Result<TieRecord, StoreError> {
    Ok(TieRecord {
        account_id: read_id("account", row.try_get("account_id")?, AccountId::parse)?,
        date: read_date(row.try_get("date")?)?,
        trade_sha256: row.try_get("trade_sha256")?,
        flow_sha256: row.try_get("flow_sha256")?,
        currency: read_currency(row.try_get("currency")?)?,
        tied: count(row.try_get("tied")?),
        trade_rows: count(row.try_get("trade_rows")?),
        flow_rows: count(row.try_get("flow_rows")?),
        outcome: row.try_get("outcome")?,
        tied_by: row
            .try_get::<Option<&str>, _>("tied_by")?
            .map(|text| read_id("tied_by", text, UserId::parse))
            .transpose()?,
        tied_at: Timestamp::from_millis(row.try_get("tied_at")?),
    })
}

/// The tie of a day.
///
/// # Errors
/// When the database fails.
pub async fn tie(
    db: impl Executor<'_>,
    account: AccountId,
    date: BusinessDate,
) -> Result<Option<TieRecord>, StoreError> {
    sqlx::query("SELECT * FROM flow_ties WHERE account_id = $1 AND date = $2")
        .bind(account.to_string())
        .bind(date.to_string())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read_tie)
        .transpose()
}

/// Replaces the tie of a day with its findings.
///
/// # Errors
/// `Constraint` when the day is locked; the database.
pub async fn put_tie(
    tx: &mut Tx,
    tie: &TieRecord,
    findings: &[FindingRecord],
) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM flow_findings WHERE account_id = $1 AND date = $2",
        "DELETE FROM flow_ties WHERE account_id = $1 AND date = $2",
    ] {
        sqlx::query(sql)
            .bind(tie.account_id.to_string())
            .bind(tie.date.to_string())
            .execute(tx.conn())
            .await?;
    }
    sqlx::query(
        "INSERT INTO flow_ties (account_id, date, trade_sha256, flow_sha256, currency, tied, trade_rows, flow_rows,
                                outcome, tied_by, tied_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(tie.account_id.to_string())
    .bind(tie.date.to_string())
    .bind(&tie.trade_sha256)
    .bind(&tie.flow_sha256)
    .bind(tie.currency.code())
    .bind(stored(tie.tied))
    .bind(stored(tie.trade_rows))
    .bind(stored(tie.flow_rows))
    .bind(&tie.outcome)
    .bind(tie.tied_by.map(|id| id.to_string()))
    .bind(tie.tied_at.millis())
    .execute(tx.conn())
    .await?;
    for f in findings {
        let lines: Vec<String> = f.flow_lines.iter().map(u64::to_string).collect();
        sqlx::query(
            "INSERT INTO flow_findings (account_id, date, position, code, business_no, expected_minor, booked_minor,
                                        trade_line, flow_lines, word, remark, earlier_day, earlier_line)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(tie.account_id.to_string())
        .bind(tie.date.to_string())
        .bind(stored(f.position))
        .bind(&f.code)
        .bind(&f.business_no)
        .bind(f.expected_minor)
        .bind(f.booked_minor)
        .bind(f.trade_line.map(stored))
        .bind(lines.join(","))
        .bind(&f.word)
        .bind(&f.remark)
        .bind(f.earlier.map(|(day, _)| day.to_string()))
        .bind(f.earlier.map(|(_, line)| stored(line)))
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Where an earlier trade bill of the account has the refund that took exactly `net_minor` from it: the
/// day and the line.
///
/// # Errors
/// When the database fails.
pub async fn earlier_refund(
    db: impl Executor<'_>,
    account: AccountId,
    before: BusinessDate,
    refund_id: &str,
    net_minor: i64,
) -> Result<Option<(BusinessDate, u64)>, StoreError> {
    let found: Option<(String, i64)> = sqlx::query_as(
        "SELECT b.date, l.line_no FROM bill_lines l JOIN bills b ON b.id = l.bill_id
         WHERE l.account_id = $1 AND l.refund_id = $2 AND b.date < $3 AND l.settlement_minor + l.fee_minor = $4
         ORDER BY b.date DESC LIMIT 1",
    )
    .bind(account.to_string())
    .bind(refund_id)
    .bind(before.to_string())
    .bind(net_minor)
    .fetch_optional(db)
    .await?;
    found
        .map(|(day, line)| Ok((read_date(&day)?, count(line))))
        .transpose()
}

/// Findings of the days from `first` to `last`, both included, in order.
///
/// # Errors
/// When the database fails.
pub async fn findings(
    db: impl Executor<'_>,
    account: AccountId,
    first: BusinessDate,
    last: BusinessDate,
    code: Option<&str>,
) -> Result<Vec<FindingRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM flow_findings WHERE account_id = $1 AND date >= $2 AND date <= $3
            AND ($4 IS NULL OR code = $4) ORDER BY date, position",
    )
    .bind(account.to_string())
    .bind(first.to_string())
    .bind(last.to_string())
    .bind(code)
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| {
        let lines: &str = row.try_get("flow_lines")?;
        Ok(FindingRecord {
            date: read_date(row.try_get("date")?)?,
            position: count(row.try_get("position")?),
            code: row.try_get("code")?,
            business_no: row.try_get("business_no")?,
            expected_minor: row.try_get("expected_minor")?,
            booked_minor: row.try_get("booked_minor")?,
            trade_line: row.try_get::<Option<i64>, _>("trade_line")?.map(count),
            flow_lines: lines.split(',').filter_map(|n| n.parse().ok()).collect(),
            word: row.try_get("word")?,
            remark: row.try_get("remark")?,
            earlier: row
                .try_get::<Option<&str>, _>("earlier_day")?
                .map(read_date)
                .transpose()?
                .zip(row.try_get::<Option<i64>, _>("earlier_line")?.map(count)),
        })
    })
    .collect()
}

/// What people named on these days and did not take back.
///
/// # Errors
/// When the database fails.
pub async fn names(
    db: impl Executor<'_>,
    account: AccountId,
    first: BusinessDate,
    last: BusinessDate,
) -> Result<Vec<NameRecord>, StoreError> {
    sqlx::query(
        "SELECT * FROM flow_names WHERE account_id = $1 AND date >= $2 AND date <= $3 AND undone_at IS NULL
         ORDER BY named_at, id",
    )
    .bind(account.to_string())
    .bind(first.to_string())
    .bind(last.to_string())
    .fetch_all(db)
    .await?
    .iter()
    .map(|row| {
        Ok(NameRecord {
            id: read_id("name", row.try_get("id")?, FlowNameId::parse)?,
            account_id: account,
            date: read_date(row.try_get("date")?)?,
            code: row.try_get("code")?,
            business_no: row.try_get("business_no")?,
            expected_minor: row.try_get("expected_minor")?,
            booked_minor: row.try_get("booked_minor")?,
            flow_line: count(row.try_get("flow_line")?),
            name: row.try_get("name")?,
            reason: row.try_get("reason")?,
            named_by: read_id("named_by", row.try_get("named_by")?, UserId::parse)?,
            named_at: Timestamp::from_millis(row.try_get("named_at")?),
        })
    })
    .collect()
}

/// Adds a name.
///
/// # Errors
/// `Constraint` when the finding has one, or the day is locked; the database.
pub async fn add_name(tx: &mut Tx, n: &NameRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO flow_names (id, account_id, date, code, business_no, expected_minor, booked_minor, flow_line,
                                 name, reason, named_by, named_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(n.id.to_string())
    .bind(n.account_id.to_string())
    .bind(n.date.to_string())
    .bind(&n.code)
    .bind(&n.business_no)
    .bind(n.expected_minor)
    .bind(n.booked_minor)
    .bind(stored(n.flow_line))
    .bind(&n.name)
    .bind(&n.reason)
    .bind(n.named_by.to_string())
    .bind(n.named_at.millis())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a name back; gives its account and day, or nothing when it does not stand.
///
/// # Errors
/// `Constraint` when the day is locked; the database.
pub async fn undo_name(
    tx: &mut Tx,
    id: FlowNameId,
    by: UserId,
    at: Timestamp,
    reason: &str,
) -> Result<Option<(AccountId, BusinessDate)>, StoreError> {
    let found: Option<(String, String)> = sqlx::query_as(
        "UPDATE flow_names SET undone_by = $2, undone_at = $3, undone_reason = $4
         WHERE id = $1 AND undone_at IS NULL RETURNING account_id, date",
    )
    .bind(id.to_string())
    .bind(by.to_string())
    .bind(at.millis())
    .bind(reason)
    .fetch_optional(tx.conn())
    .await?;
    found
        .map(|(account, date)| {
            Ok((
                read_id("account", &account, AccountId::parse)?,
                read_date(&date)?,
            ))
        })
        .transpose()
}

/// The newest versions of the rules of both ties, newest first.
///
/// # Errors
/// When the database fails.
pub async fn rules(conn: &mut Conn, limit: u32) -> Result<Vec<RulesRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT h.*, u.display_name FROM three_way_rules h JOIN users u ON u.id = h.editor_id
         ORDER BY h.version DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(RulesRecord {
                version: row.try_get("version")?,
                content: row.try_get("content")?,
                digest: row.try_get("digest")?,
                editor_id: read_id("editor_id", row.try_get("editor_id")?, UserId::parse)?,
                editor: row.try_get("display_name")?,
                note: row.try_get("note")?,
                at: Timestamp::from_millis(row.try_get("at")?),
            })
        })
        .collect()
}

/// Adds a version of those rules.
///
/// # Errors
/// `Constraint` when that version is there already.
pub async fn add_rules(conn: &mut Conn, record: &RulesRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO three_way_rules (version, content, digest, editor_id, note, at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
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
