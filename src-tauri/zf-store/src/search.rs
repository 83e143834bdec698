//! Orders by the million: found by any number or fragment, paged by cursor or by position, counted.
//!
//! Three readings keep every screen quick whatever the number of orders:
//!
//! - whole numbers are looked up in indexes ([`recognise`], [`named_by`]);
//! - fragments are looked up by their three-character pieces in `order_fragments`, then compared;
//! - counts, sums and the day on which the row at a position lies come from `order_days`, which the
//!   database keeps in the transaction of each change.
//!
//! A list either *walks* an index in the order of the list, or, when few orders match, *gathers* the
//! matches through the most selective index and sorts them. Which one is decided by counting first,
//! never by guessing. Terms that must not choose the index are written as expressions (`x || ''`,
//! `x + 0`), which every SQL database reads alike.
//!
//! Not quick by nature: a fragment found in a large part of all orders, or of one or two characters,
//! is compared row by row. Its first page is quick (matches are everywhere), its totals are not.

use crate::dialect::{Conn, DbRow, Dialect, SqlText, dialect_of};
use sqlx::Row as _;
use zf_domain::{AccountId, Currency, OrderState, Timestamp};

use crate::error::StoreError;
use crate::orders::{OrderRecord, currency, read};

/// One word of a search, already cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The word: a fragment of a number, a goods word, a payer's tail.
    pub text: String,
    /// Minor units, when the word can be read as an amount.
    pub minor: Option<i64>,
}

/// What orders a list wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// A whole number as typed, spaces taken out: looked up in the indexes first.
    pub number: Option<String>,
    /// All of these must be found somewhere in the order.
    pub terms: Vec<Term>,
    /// Only this account.
    pub account_id: Option<AccountId>,
    /// Only these states; all when empty.
    pub states: Vec<OrderState>,
    /// Only these words of reconciliation: `matched`, a difference code, `waiting` (paid, its day
    /// not reconciled yet) or `none`; all when empty.
    pub words: Vec<String>,
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub before: Option<Timestamp>,
    /// At least this many minor units.
    pub minor_min: Option<i64>,
    /// At most this many minor units.
    pub minor_max: Option<i64>,
    /// Only orders through which money moved this way.
    pub moved: Option<Moved>,
}

/// Which way money moved through an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Something was collected.
    In,
    /// Something was refunded for good.
    Back,
}

impl Moved {
    /// The sum of an order that is not zero then.
    const fn column(self) -> &'static str {
        match self {
            Self::In => "paid_minor",
            Self::Back => "refunded_minor",
        }
    }
}

/// In which order a list is read. Amounts of different currencies are not compared: the list runs
/// through one currency after the other, by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrderSort {
    /// Newest first.
    #[default]
    NewestFirst,
    /// Oldest first.
    OldestFirst,
    /// Largest amount first; newest first among equals.
    LargestFirst,
    /// Smallest amount first; oldest first among equals.
    SmallestFirst,
}

impl OrderSort {
    const fn descends(self) -> bool {
        matches!(self, Self::NewestFirst | Self::LargestFirst)
    }

    const fn by_amount(self) -> bool {
        matches!(self, Self::LargestFirst | Self::SmallestFirst)
    }
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// Behind this order of the same list.
    After {
        /// Its currency, for lists by amount.
        currency: String,
        /// Its amount, for lists by amount.
        minor: i64,
        /// When it was made, milliseconds.
        created: i64,
        /// Its id.
        id: String,
    },
    /// At this position, from 0. With `anchor` (when an order was made, and its id) the list, newest
    /// first, begins at that order: what came in above it later does not move the rows.
    At {
        /// The position.
        offset: u64,
        /// The first order of the list as it was first read.
        anchor: Option<(i64, String)>,
    },
}

/// Count and sums of one state and currency over a whole search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateSum {
    /// The state.
    pub state: OrderState,
    /// The currency.
    pub currency: Currency,
    /// Orders.
    pub count: u64,
    /// Collected, minor units, and in how many orders.
    pub paid: (i64, u64),
    /// Refunded, minor units, and in how many orders.
    pub refunded: (i64, u64),
}

/// What a whole number turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// The merchant's order number.
    OrderNo,
    /// The channel's number of a payment.
    PaymentId,
    /// The merchant's refund number.
    RefundNo,
    /// The channel's number of a refund.
    ChannelRefundId,
    /// The serial number of a receipt.
    ReceiptSerial,
    /// The number of a movement in a fund-flow bill.
    FundFlowNo,
}

/// Most orders one whole number names; a number shared by more is a mistake somewhere.
const NAMED_MAX: i64 = 200;

/// What a whole number is, and the orders it names: as order, payment, refund or channel refund
/// number, as receipt serial or as a movement of a fund-flow bill. The first kind that knows it counts.
///
/// # Errors
/// When the database fails.
pub async fn recognise(
    conn: &mut Conn,
    number: &str,
) -> Result<Option<(NumberKind, Vec<String>)>, StoreError> {
    const LOOKUPS: [(NumberKind, &str); 6] = [
        (
            NumberKind::OrderNo,
            "SELECT id FROM orders WHERE order_no = $1 LIMIT $2",
        ),
        (
            NumberKind::PaymentId,
            "SELECT id FROM orders WHERE payment_id = $1
             UNION SELECT order_id FROM payments WHERE payment_id = $1 LIMIT $2",
        ),
        (
            NumberKind::RefundNo,
            "SELECT DISTINCT order_id FROM refunds WHERE refund_no = $1 LIMIT $2",
        ),
        (
            NumberKind::ChannelRefundId,
            "SELECT DISTINCT order_id FROM refunds WHERE channel_refund_id = $1 LIMIT $2",
        ),
        (
            NumberKind::ReceiptSerial,
            "SELECT order_id FROM receipts WHERE serial_no = $1 LIMIT $2",
        ),
        // A movement names the payment or refund it belongs to, by the channel's or by our number.
        (
            NumberKind::FundFlowNo,
            "SELECT o.id FROM fund_lines f JOIN orders o ON o.payment_id = f.business_no WHERE f.flow_no = $1
             UNION SELECT o.id FROM fund_lines f JOIN orders o ON o.account_id = f.account_id AND o.order_no = f.voucher_no
                   WHERE f.flow_no = $1
             UNION SELECT r.order_id FROM fund_lines f JOIN refunds r ON r.channel_refund_id = f.business_no WHERE f.flow_no = $1
             UNION SELECT r.order_id FROM fund_lines f JOIN refunds r ON r.account_id = f.account_id AND r.refund_no = f.voucher_no
                   WHERE f.flow_no = $1 LIMIT $2",
        ),
    ];
    for (kind, sql) in LOOKUPS {
        let ids: Vec<String> = sqlx::query_scalar(sql)
            .bind(number)
            .bind(NAMED_MAX)
            .fetch_all(&mut *conn)
            .await?;
        if !ids.is_empty() {
            return Ok(Some((kind, ids)));
        }
    }
    Ok(None)
}

/// Ids of the orders a whole number names, whatever its kind.
///
/// # Errors
/// When the database fails.
pub async fn named_by(conn: &mut Conn, number: &str) -> Result<Vec<String>, StoreError> {
    Ok(recognise(conn, number)
        .await?
        .map(|(_, ids)| ids)
        .unwrap_or_default())
}

/// Text for `LIKE`: its own wildcards taken literally.
fn like(prefix: &str, text: &str, suffix: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    out.push_str(prefix);
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push_str(suffix);
    out
}

/// Shortest tail of a payer's id that finds it: less would match by chance.
const PAYER_TAIL_MIN: usize = 4;
/// Characters of a payer's tail that the fragment index holds.
const PAYER_TAIL_KEPT: usize = 8;
/// Characters of one piece of the fragment index.
const PIECE: usize = 3;
/// Up to this many candidates are gathered and sorted; more are met soon enough by walking.
const CANDIDATES_MAX: i64 = if cfg!(test) { 40 } else { 5_000 };
/// The same for orders that the counts of days or amounts say match.
const GATHER_MAX: u64 = 20_000;
/// A walk reads at most about this many rows for each one it shows.
const WALK_FACTOR: u64 = 20;
/// Milliseconds of a day, and from midnight in Beijing to midnight UTC.
const DAY_MS: i64 = 86_400_000;
const BEIJING_MS: i64 = 28_800_000;

/// What chooses the index of a statement; every other term is written so that it cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driver {
    /// Ids of the candidates.
    Ids,
    /// The time of the order, within the account if one is asked for.
    Time,
    State,
    Word,
    Amount,
}

impl OrderFilter {
    /// Whether `order_days` alone can count what matches: whole days, no text, no amounts.
    fn counted_by_days(&self) -> bool {
        let aligned = |t: Option<Timestamp>| {
            t.is_none_or(|t| (t.millis() + BEIJING_MS).rem_euclid(DAY_MS) == 0)
        };
        self.terms.is_empty()
            && self.minor_min.is_none()
            && self.minor_max.is_none()
            && aligned(self.from)
            && aligned(self.before)
    }

    /// The column of `order_days` that counts what matches.
    const fn day_column(&self) -> &'static str {
        match self.moved {
            None => "orders",
            Some(Moved::In) => "paid_orders",
            Some(Moved::Back) => "refunded_orders",
        }
    }

    fn has_amounts(&self) -> bool {
        self.minor_min.is_some() || self.minor_max.is_some()
    }
}

/// Pushes ` AND …` for every condition of the filter but the text.
fn push_plain(sql: &mut SqlText, filter: &OrderFilter, driver: Driver, with_states: bool) {
    let mut list = |column: &str, free: bool, values: &[&str]| {
        let bare = if free { "" } else { " || ''" };
        sql.push(format!(" AND (o.{column}{bare}) IN ("));
        let mut separated = sql.separated(", ");
        for value in values {
            separated.push_bind((*value).to_owned());
        }
        sql.push(")");
    };
    if let Some(account_id) = filter.account_id {
        list(
            "account_id",
            driver == Driver::Time,
            &[&account_id.to_string()],
        );
    }
    if with_states && !filter.states.is_empty() {
        let states: Vec<&str> = filter.states.iter().map(|s| s.as_str()).collect();
        list("state", driver == Driver::State, &states);
    }
    if !filter.words.is_empty() {
        push_words(sql, &filter.words, driver == Driver::Word);
    }
    if let Some(moved) = filter.moved {
        sql.push(format!(" AND (o.{} + 0) > 0", moved.column()));
    }
    let time = if driver == Driver::Time { "" } else { " + 0" };
    let amount = if driver == Driver::Amount { "" } else { " + 0" };
    for (clause, value) in [
        (
            format!(" AND (o.created_at{time}) >= "),
            filter.from.map(Timestamp::millis),
        ),
        (
            format!(" AND (o.created_at{time}) < "),
            filter.before.map(Timestamp::millis),
        ),
        (
            format!(" AND (o.amount_minor{amount}) >= "),
            filter.minor_min,
        ),
        (
            format!(" AND (o.amount_minor{amount}) <= "),
            filter.minor_max,
        ),
    ] {
        if let Some(value) = value {
            sql.push(clause).push_bind(value);
        }
    }
}

fn push_words(sql: &mut SqlText, words: &[String], free: bool) {
    let bare = if free { "" } else { " || ''" };
    let mut or = " AND (";
    for word in words {
        sql.push(or);
        or = " OR ";
        match word.as_str() {
            "waiting" => {
                sql.push(format!(
                    "(o.reconciliation{bare}) IS NULL AND o.payment_state = 'paid'"
                ));
            }
            "none" => {
                sql.push(format!(
                    "(o.reconciliation{bare}) IS NULL AND o.payment_state <> 'paid'"
                ));
            }
            code => {
                sql.push(format!("(o.reconciliation{bare}) = "))
                    .push_bind(code.to_owned());
            }
        }
    }
    sql.push(")");
}

/// Pushes ` AND …` comparing every word of the search with the order itself.
fn push_terms(sql: &mut SqlText, terms: &[Term]) {
    for term in terms {
        let anywhere = like("%", &term.text, "%");
        sql.push(" AND (o.order_no LIKE ")
            .push_bind(anywhere.clone());
        sql.push(" ESCAPE '\\' OR o.payment_id LIKE ")
            .push_bind(anywhere.clone());
        sql.push(" ESCAPE '\\' OR o.goods LIKE ")
            .push_bind(anywhere.clone());
        sql.push(" ESCAPE '\\'");
        if term.text.chars().count() >= PAYER_TAIL_MIN {
            sql.push(" OR o.payer LIKE ")
                .push_bind(like("%", &term.text, ""));
            sql.push(" ESCAPE '\\'");
        }
        sql.push(
            " OR EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = o.id AND (r.refund_no LIKE ",
        )
        .push_bind(anywhere.clone());
        sql.push(" ESCAPE '\\' OR r.channel_refund_id LIKE ")
            .push_bind(anywhere.clone());
        sql.push(" ESCAPE '\\'");
        if let Some(minor) = term.minor {
            sql.push(" OR (r.state <> 'draft' AND r.amount_minor = ")
                .push_bind(minor);
            sql.push(")");
        }
        sql.push(
            ")) OR EXISTS (SELECT 1 FROM receipts p WHERE p.order_id = o.id AND p.serial_no LIKE ",
        )
        .push_bind(anywhere);
        sql.push(" ESCAPE '\\')");
        if let Some(minor) = term.minor {
            sql.push(" OR o.amount_minor = ").push_bind(minor);
        }
        sql.push(")");
    }
}

/// The pieces of a word, for the fragment index: all must occur. `None` for one or two characters.
fn pieces(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < PIECE {
        return None;
    }
    let mut all: Vec<String> = chars
        .windows(PIECE)
        .map(|w| format!("\"{}\"", w.iter().collect::<String>().replace('"', "\"\"")))
        .collect();
    all.sort();
    all.dedup();
    Some(all.join(" AND "))
}

/// What the fragment index must hold for a word to be found: in numbers or goods all of its pieces,
/// in a payer's tail those of its last eight characters.
fn fragment_query(text: &str) -> Option<String> {
    let whole = pieces(text)?;
    if text.chars().count() <= PAYER_TAIL_KEPT {
        return Some(whole);
    }
    let tail = pieces(&tail(text))?;
    Some(format!("({whole}) OR ({tail})"))
}

/// What of a word can stand in the index as a payer's tail.
fn tail(text: &str) -> String {
    let over = text.chars().count().saturating_sub(PAYER_TAIL_KEPT);
    text.chars().skip(over).collect()
}

/// Pushes a query for the ids of the orders that may hold a word: through the fragment index, or, for
/// one or two characters, through the words alone, which are a fraction of the orders.
fn push_candidates(sql: &mut SqlText, term: &Term, fragments: Option<&str>, currencies: &[String]) {
    if sql.dialect() == Dialect::Postgres {
        // One index of pieces serves any pattern; what it brings is compared again.
        sql.push("SELECT w.order_id AS id FROM order_words w WHERE ");
        let mut or = "";
        for text in [term.text.clone(), tail(&term.text)] {
            let anywhere = like("%", &text, "%");
            sql.push(or)
                .push("w.base LIKE ")
                .push_bind(anywhere.clone());
            sql.push(" OR w.later LIKE ").push_bind(anywhere);
            or = " OR ";
        }
    } else if let Some(fragments) = fragments {
        sql.push(
            "SELECT w.order_id AS id FROM order_fragments f JOIN order_words w ON w.seq = f.rowid
             WHERE f.order_fragments MATCH ",
        )
        .push_bind(fragments.to_owned());
    } else {
        let anywhere = like("%", &term.text, "%");
        sql.push("SELECT w.order_id AS id FROM order_words w WHERE w.base LIKE ")
            .push_bind(anywhere.clone());
        sql.push(" ESCAPE '\\' OR w.later LIKE ")
            .push_bind(anywhere);
        sql.push(" ESCAPE '\\'");
    }
    if let Some(minor) = term.minor {
        sql.push(" UNION SELECT a.id FROM orders a WHERE a.currency IN (");
        let mut list = sql.separated(", ");
        for code in currencies {
            list.push_bind(code.clone());
        }
        sql.push(") AND a.amount_minor = ").push_bind(minor);
        sql.push(" UNION SELECT order_id FROM refunds WHERE amount_minor = ")
            .push_bind(minor);
    }
}

/// Currencies orders were ever made in, by code.
async fn currencies(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    Ok(
        sqlx::query_scalar("SELECT DISTINCT currency FROM order_days ORDER BY currency")
            .fetch_all(conn)
            .await?,
    )
}

/// Ids of the orders a search can find, when they are few: by whole number or by the rarest word.
async fn candidates(
    conn: &mut Conn,
    filter: &OrderFilter,
    ids: &[String],
) -> Result<Option<Vec<String>>, StoreError> {
    if !ids.is_empty() {
        return Ok(Some(ids.to_vec()));
    }
    if filter.terms.is_empty() {
        return Ok(None);
    }
    let known = currencies(conn).await?;
    let mut words: Vec<(&Term, String)> = filter
        .terms
        .iter()
        .filter_map(|term| Some((term, fragment_query(&term.text)?)))
        .collect();
    // The longest word is likeliest to be rare.
    words.sort_by_key(|(term, _)| std::cmp::Reverse(term.text.len()));
    for (term, fragments) in words {
        let mut sql = SqlText::new(dialect_of(conn), "SELECT id FROM (");
        push_candidates(&mut sql, term, Some(&fragments), &known);
        sql.push(") AS found LIMIT ").push_bind(CANDIDATES_MAX + 1);
        let found: Vec<String> = sql.build_query_scalar().fetch_all(&mut *conn).await?;
        if found.len() <= usize::try_from(CANDIDATES_MAX).unwrap_or(usize::MAX) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn push_currencies(sql: &mut SqlText, known: &[String]) {
    sql.push(" AND o.currency IN (");
    let mut list = sql.separated(", ");
    for code in known {
        list.push_bind(code.clone());
    }
    sql.push(")");
}

fn push_ids(sql: &mut SqlText, ids: &[String]) {
    sql.push(" AND o.id IN (");
    if ids.is_empty() {
        sql.push("NULL");
    } else {
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id.clone());
        }
    }
    sql.push(")");
}

/// Orders of the filter a day, newest day first, from `order_days`. Only where `counted_by_days`.
async fn by_day(conn: &mut Conn, filter: &OrderFilter) -> Result<Vec<(i64, u64)>, StoreError> {
    let column = filter.day_column();
    let mut sql = SqlText::new(
        dialect_of(conn),
        format!("SELECT day, CAST(SUM({column}) AS BIGINT) FROM order_days d WHERE 1 = 1"),
    );
    push_day_filter(&mut sql, filter, true);
    sql.push(format!(
        " GROUP BY day HAVING SUM({column}) > 0 ORDER BY day DESC"
    ));
    let rows: Vec<(i64, i64)> = sql.build_query_as().fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|(day, n)| (day, u64::try_from(n).unwrap_or(0)))
        .collect())
}

fn push_day_filter(sql: &mut SqlText, filter: &OrderFilter, with_states: bool) {
    let mut list = |column: &str, values: &[&str]| {
        sql.push(format!(" AND d.{column} IN ("));
        let mut separated = sql.separated(", ");
        for value in values {
            separated.push_bind((*value).to_owned());
        }
        sql.push(")");
    };
    if let Some(account_id) = filter.account_id {
        list("account_id", &[&account_id.to_string()]);
    }
    if with_states && !filter.states.is_empty() {
        let states: Vec<&str> = filter.states.iter().map(|s| s.as_str()).collect();
        list("state", &states);
    }
    if !filter.words.is_empty() {
        let words: Vec<&str> = filter.words.iter().map(String::as_str).collect();
        list("word", &words);
    }
    let day = |t: Timestamp| (t.millis() + BEIJING_MS).div_euclid(DAY_MS);
    if let Some(from) = filter.from {
        sql.push(" AND d.day >= ").push_bind(day(from));
    }
    if let Some(before) = filter.before {
        sql.push(" AND d.day < ").push_bind(day(before));
    }
}

async fn day_count(conn: &mut Conn, filter: &OrderFilter) -> Result<u64, StoreError> {
    Ok(by_day(conn, filter).await?.iter().map(|(_, n)| n).sum())
}

/// How a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Along the index of the list's order.
    Walk,
    /// Through another index, then sorted.
    Gather(Driver),
}

async fn plan(conn: &mut Conn, filter: &OrderFilter, sort: OrderSort) -> Result<Plan, StoreError> {
    if filter.has_amounts() && !sort.by_amount() {
        let known = currencies(conn).await?;
        let mut sql = SqlText::new(
            dialect_of(conn),
            "SELECT COUNT(*) FROM (SELECT 1 FROM orders o WHERE o.currency IN (",
        );
        let mut list = sql.separated(", ");
        for code in &known {
            list.push_bind(code.clone());
        }
        sql.push(")");
        let only_amounts = OrderFilter {
            minor_min: filter.minor_min,
            minor_max: filter.minor_max,
            ..OrderFilter::default()
        };
        push_plain(&mut sql, &only_amounts, Driver::Amount, true);
        sql.push(" LIMIT ")
            .push_bind(i64::try_from(GATHER_MAX).unwrap_or(i64::MAX) + 1);
        sql.push(") AS found");
        let count: i64 = sql.build_query_scalar().fetch_one(&mut *conn).await?;
        if u64::try_from(count).unwrap_or(0) <= GATHER_MAX && filter.terms.is_empty() {
            return Ok(Plan::Gather(Driver::Amount));
        }
    }
    let bare = |f: OrderFilter| OrderFilter {
        from: filter.from,
        before: filter.before,
        ..f
    };
    let coarse = OrderFilter {
        terms: Vec::new(),
        minor_min: None,
        minor_max: None,
        ..filter.clone()
    };
    if !coarse.counted_by_days() {
        return Ok(Plan::Walk);
    }
    let matching = day_count(conn, &coarse).await?;
    let all = if sort.by_amount() {
        day_count(conn, &OrderFilter::default()).await?
    } else {
        let narrowed = OrderFilter {
            account_id: filter.account_id,
            ..OrderFilter::default()
        };
        day_count(conn, &bare(narrowed)).await?
    };
    if matching > GATHER_MAX || matching.saturating_mul(WALK_FACTOR) >= all {
        return Ok(Plan::Walk);
    }
    // The dimension that leaves the fewest rows to look at.
    let mut best = (Driver::Time, {
        let alone = OrderFilter {
            account_id: filter.account_id,
            ..OrderFilter::default()
        };
        day_count(conn, &bare(alone)).await?
    });
    for (driver, alone) in [
        (
            Driver::State,
            (!filter.states.is_empty()).then(|| OrderFilter {
                states: filter.states.clone(),
                ..OrderFilter::default()
            }),
        ),
        (
            Driver::Word,
            (!filter.words.is_empty()).then(|| OrderFilter {
                words: filter.words.clone(),
                ..OrderFilter::default()
            }),
        ),
    ] {
        if let Some(alone) = alone {
            let count = day_count(conn, &alone).await?;
            if count < best.1 {
                best = (driver, count);
            }
        }
    }
    Ok(Plan::Gather(best.0))
}

/// ` ORDER BY` of a list, reversed when `back`. A gathered list sorts by expressions, so that the
/// order cannot choose the index.
fn order_by(sort: OrderSort, walk: bool, back: bool) -> String {
    let word = if sort.descends() == back {
        "ASC"
    } else {
        "DESC"
    };
    let plus = if walk { "" } else { " + 0" };
    if sort.by_amount() {
        format!(" ORDER BY o.amount_minor{plus} {word}, o.created_at{plus} {word}, o.id {word}")
    } else {
        format!(" ORDER BY o.created_at{plus} {word}, o.id {word}")
    }
}

/// Rows of one currency's stretch (or of all, in lists by time).
struct Stretch<'a> {
    filter: &'a OrderFilter,
    ids: Option<&'a [String]>,
    sort: OrderSort,
    plan: Plan,
    currency: Option<&'a str>,
    /// Every currency there is: the index of amounts begins with it.
    currencies: &'a [String],
    /// Behind this order: amount, time, id.
    after: Option<(i64, i64, &'a str)>,
    /// At or behind this order of a list newest first.
    anchor: Option<(i64, &'a str)>,
}

impl Stretch<'_> {
    fn push_where(&self, sql: &mut SqlText) {
        sql.push(" WHERE 1 = 1");
        let driver = match (self.ids, self.plan) {
            (Some(_), _) => Driver::Ids,
            (None, Plan::Walk) if self.sort.by_amount() => Driver::Amount,
            (None, Plan::Walk) => Driver::Time,
            (None, Plan::Gather(driver)) => driver,
        };
        if let Some(ids) = self.ids {
            push_ids(sql, ids);
        }
        if let Some(code) = self.currency {
            let bare = if driver == Driver::Amount {
                ""
            } else {
                " || ''"
            };
            sql.push(format!(" AND (o.currency{bare}) = "))
                .push_bind(code.to_owned());
        } else if driver == Driver::Amount {
            push_currencies(sql, self.currencies);
        }
        push_plain(sql, self.filter, driver, true);
        push_terms(sql, &self.filter.terms);
        if let Some((minor, created, id)) = self.after {
            let past = if self.sort.descends() { "<" } else { ">" };
            if self.sort.by_amount() {
                sql.push(format!(
                    " AND (o.amount_minor, o.created_at, o.id) {past} ("
                ))
                .push_bind(minor);
                sql.push(", ").push_bind(created);
            } else {
                sql.push(format!(" AND (o.created_at, o.id) {past} ("))
                    .push_bind(created);
            }
            sql.push(", ").push_bind(id.to_owned());
            sql.push(")");
        }
        if let Some((created, id)) = self.anchor {
            sql.push(" AND (o.created_at, o.id) <= (")
                .push_bind(created);
            sql.push(", ").push_bind(id.to_owned());
            sql.push(")");
        }
    }

    async fn read(
        &self,
        conn: &mut Conn,
        offset: u64,
        limit: u64,
        back: bool,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let walk = self.plan == Plan::Walk && self.ids.is_none();
        // Positions are counted in the index alone; only the rows of the page are then read.
        let mut sql = SqlText::new(dialect_of(conn), "SELECT o.id FROM orders o");
        self.push_where(&mut sql);
        sql.push(order_by(self.sort, walk, back));
        sql.push(" LIMIT ")
            .push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        sql.push(" OFFSET ")
            .push_bind(i64::try_from(offset).unwrap_or(i64::MAX));
        let ids: Vec<String> = sql.build_query_scalar().fetch_all(&mut *conn).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = SqlText::new(dialect_of(conn), "SELECT * FROM orders o WHERE 1 = 1");
        push_ids(&mut sql, &ids);
        sql.push(order_by(self.sort, false, false));
        let rows = sql.build().fetch_all(conn).await?;
        rows.iter().map(read).collect()
    }

    async fn count(&self, conn: &mut Conn) -> Result<u64, StoreError> {
        let mut sql = SqlText::new(dialect_of(conn), "SELECT COUNT(*) FROM orders o");
        self.push_where(&mut sql);
        let count: i64 = sql.build_query_scalar().fetch_one(conn).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

/// One page of at most `limit` orders. `ids` from [`named_by`] narrow the search to them when there
/// are any.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    filter: &OrderFilter,
    ids: &[String],
    sort: OrderSort,
    start: &PageStart,
    limit: u32,
) -> Result<Vec<OrderRecord>, StoreError> {
    let found = candidates(conn, filter, ids).await?;
    // A whole number names its orders; the words are not compared again.
    let named = OrderFilter {
        terms: Vec::new(),
        ..filter.clone()
    };
    let filter = if ids.is_empty() { filter } else { &named };
    let plan = if found.is_some() {
        Plan::Gather(Driver::Ids)
    } else {
        plan(conn, filter, sort).await?
    };
    let limit = u64::from(limit);
    let known = currencies(conn).await?;
    let stretch = Stretch {
        filter,
        ids: found.as_deref(),
        sort,
        plan,
        currency: None,
        currencies: &known,
        after: None,
        anchor: None,
    };
    if sort.by_amount() {
        return by_amount(conn, stretch, start, limit).await;
    }
    match start {
        PageStart::After { created, id, .. } => {
            let after = Stretch {
                after: Some((0, *created, id)),
                ..stretch
            };
            after.read(conn, 0, limit, false).await
        }
        PageStart::At { offset, anchor } => {
            let anchor = anchor
                .as_ref()
                .filter(|_| sort == OrderSort::NewestFirst)
                .map(|(created, id)| (*created, id.as_str()));
            let stretch = Stretch { anchor, ..stretch };
            at_position(conn, stretch, *offset, limit).await
        }
    }
}

/// In lists by time: finds the day of the position first, and walks only within it.
async fn at_position(
    conn: &mut Conn,
    stretch: Stretch<'_>,
    offset: u64,
    limit: u64,
) -> Result<Vec<OrderRecord>, StoreError> {
    if offset == 0 || stretch.plan != Plan::Walk || !stretch.filter.counted_by_days() {
        return stretch.read(conn, offset, limit, false).await;
    }
    let mut days = by_day(conn, stretch.filter).await?;
    let start_of = |day: i64| Timestamp::from_millis(day * DAY_MS - BEIJING_MS);
    if let Some((created, _)) = stretch.anchor {
        let anchor_day = (created + BEIJING_MS).div_euclid(DAY_MS);
        days.retain(|(day, _)| *day <= anchor_day);
        if let Some(first) = days.first_mut().filter(|(day, _)| *day == anchor_day) {
            let within = OrderFilter {
                from: Some(start_of(anchor_day)),
                ..stretch.filter.clone()
            };
            first.1 = Stretch {
                filter: &within,
                ..stretch
            }
            .count(conn)
            .await?;
        }
    }
    if !stretch.sort.descends() {
        days.reverse();
    }
    let mut left = offset;
    for (day, orders) in days {
        if left >= orders {
            left -= orders;
            continue;
        }
        let mut within = stretch.filter.clone();
        if stretch.sort.descends() {
            within.before = Some(start_of(day + 1));
        } else {
            within.from = Some(start_of(day));
        }
        let from_day = Stretch {
            filter: &within,
            ..stretch
        };
        return from_day.read(conn, left, limit, false).await;
    }
    Ok(Vec::new())
}

/// In lists by amount: one currency after the other; within one, from its nearer end.
async fn by_amount(
    conn: &mut Conn,
    stretch: Stretch<'_>,
    start: &PageStart,
    limit: u64,
) -> Result<Vec<OrderRecord>, StoreError> {
    let known = stretch.currencies;
    let mut out: Vec<OrderRecord> = Vec::new();
    let mut skip = match start {
        PageStart::At { offset, .. } => *offset,
        PageStart::After { .. } => 0,
    };
    for code in known {
        let want = limit - out.len() as u64;
        if want == 0 {
            break;
        }
        let mut part = Stretch {
            currency: Some(code),
            ..stretch
        };
        if let PageStart::After {
            currency,
            minor,
            created,
            id,
        } = start
        {
            match code.as_str().cmp(currency.as_str()) {
                std::cmp::Ordering::Less => continue,
                std::cmp::Ordering::Equal => part.after = Some((*minor, *created, id)),
                std::cmp::Ordering::Greater => {}
            }
            out.extend(part.read(conn, 0, want, false).await?);
            continue;
        }
        if skip == 0 {
            out.extend(part.read(conn, 0, want, false).await?);
            continue;
        }
        let total = if known.len() > 1 || part.filter.counted_by_days() {
            Some(match part.filter.counted_by_days() && part.ids.is_none() {
                true => currency_count(conn, part.filter, code).await?,
                false => part.count(conn).await?,
            })
        } else {
            None
        };
        if let Some(total) = total {
            if skip >= total {
                skip -= total;
                continue;
            }
            if skip > total / 2 {
                let take = want.min(total - skip);
                out.extend(part.read(conn, total - skip - take, take, true).await?);
                skip = 0;
                continue;
            }
        }
        out.extend(part.read(conn, skip, want, false).await?);
        skip = 0;
    }
    Ok(out)
}

async fn currency_count(
    conn: &mut Conn,
    filter: &OrderFilter,
    code: &str,
) -> Result<u64, StoreError> {
    let mut sql = SqlText::new(
        dialect_of(conn),
        format!(
            "SELECT CAST(COALESCE(SUM({}), 0) AS BIGINT) FROM order_days d WHERE d.currency = ",
            filter.day_column()
        ),
    );
    sql.push_bind(code.to_owned());
    push_day_filter(&mut sql, filter, true);
    let count: i64 = sql.build_query_scalar().fetch_one(conn).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// One page, newest first, beginning after the order made at `after.0` with id `after.1`. `ids` from
/// [`named_by`] narrow the search to them when there are any.
///
/// # Errors
/// When the database fails.
pub async fn page(
    conn: &mut Conn,
    filter: &OrderFilter,
    ids: &[String],
    after: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<OrderRecord>, StoreError> {
    let start = match after {
        Some((created, id)) => PageStart::After {
            currency: String::new(),
            minor: 0,
            created,
            id: id.to_owned(),
        },
        None => PageStart::At {
            offset: 0,
            anchor: None,
        },
    };
    list(conn, filter, ids, OrderSort::NewestFirst, &start, limit).await
}

/// Counts and sums over the whole search, without its state filter: one statement, so that every
/// figure is of one moment.
///
/// # Errors
/// When the database fails.
pub async fn sums(
    conn: &mut Conn,
    filter: &OrderFilter,
    ids: &[String],
) -> Result<Vec<StateSum>, StoreError> {
    // What was collected of the refunded orders alone is not kept by day.
    if ids.is_empty() && filter.counted_by_days() && filter.moved != Some(Moved::Back) {
        let column = filter.day_column();
        let mut sql = SqlText::new(dialect_of(conn), format!(
            "SELECT state, currency, CAST(SUM({column}) AS BIGINT) AS n,
                    CAST(SUM(paid_minor) AS BIGINT) AS paid, CAST(SUM(paid_orders) AS BIGINT) AS paid_n,
                    CAST(SUM(refunded_minor) AS BIGINT) AS refunded, CAST(SUM(refunded_orders) AS BIGINT) AS refunded_n
             FROM order_days d WHERE 1 = 1",
        ));
        push_day_filter(&mut sql, filter, false);
        sql.push(format!(
            " GROUP BY state, currency HAVING SUM({column}) > 0 ORDER BY currency, state"
        ));
        return read_sums(&sql.build().fetch_all(conn).await?);
    }
    let found = candidates(conn, filter, ids).await?;
    let by_amounts = found.is_none() && filter.terms.is_empty() && filter.has_amounts();
    // Too many to name one by one: the database joins them itself, and compares only those.
    let rarest = filter
        .terms
        .iter()
        .max_by_key(|term| term.text.len())
        .filter(|_| found.is_none());
    let known = currencies(conn).await?;
    let mut sql = SqlText::new(dialect_of(conn),
        "SELECT state, currency, COUNT(*) AS n, CAST(SUM(paid_minor) AS BIGINT) AS paid,
                COUNT(CASE WHEN paid_minor > 0 THEN 1 END) AS paid_n, CAST(SUM(refunded_minor) AS BIGINT) AS refunded,
                COUNT(CASE WHEN refunded_minor > 0 THEN 1 END) AS refunded_n FROM orders o WHERE 1 = 1",
    );
    if let Some(found) = &found {
        push_ids(&mut sql, found);
    }
    if by_amounts {
        push_currencies(&mut sql, &known);
    }
    if let Some(term) = rarest {
        sql.push(" AND o.id IN (");
        let fragments = fragment_query(&term.text);
        push_candidates(&mut sql, term, fragments.as_deref(), &known);
        sql.push(")");
    }
    let driver = if found.is_some() || rarest.is_some() {
        Driver::Ids
    } else if by_amounts {
        Driver::Amount
    } else {
        Driver::Time
    };
    push_plain(&mut sql, filter, driver, false);
    if ids.is_empty() {
        push_terms(&mut sql, &filter.terms);
    }
    sql.push(" GROUP BY state, currency ORDER BY currency, state");
    read_sums(&sql.build().fetch_all(conn).await?)
}

fn read_sums(rows: &[DbRow]) -> Result<Vec<StateSum>, StoreError> {
    rows.iter()
        .map(|row| {
            let state: String = row.try_get("state")?;
            let code: String = row.try_get("currency")?;
            let count = |name: &str| -> Result<u64, StoreError> {
                Ok(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or(0))
            };
            Ok(StateSum {
                state: OrderState::parse(&state)
                    .ok_or_else(|| StoreError::unreadable("orders.state", &state))?,
                currency: currency(&code)?,
                count: count("n")?,
                paid: (row.try_get("paid")?, count("paid_n")?),
                refunded: (row.try_get("refunded")?, count("refunded_n")?),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a broken fixture ends the test")]

    use super::*;
    use crate::{Store, orders};
    use zf_domain::{Money, OrderId, PaymentState};

    /// A seeded stream of small numbers.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % sides
        }

        fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
            let at = self.roll(from.len() as u64);
            &from[usize::try_from(at).unwrap()]
        }
    }

    struct Desk {
        _dir: tempfile::TempDir,
        store: Store,
        accounts: [AccountId; 2],
    }

    async fn desk() -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("desk.db")).await.unwrap();
        let accounts = [AccountId::new(), AccountId::new()];
        for (n, id) in accounts.iter().enumerate() {
            sqlx::query(
                "INSERT INTO accounts (id, channel, environment, display_name, merchant_no, appid, certificate_serial, base_url, created_at)
                 VALUES ($1, 'wechat_pay', 'demo', '示例', $2, 'wx0', '00', 'sandbox:', 0)",
            )
            .bind(id.to_string())
            .bind(format!("19000001{n:02}"))
            .execute(store.pool())
            .await
            .unwrap();
        }
        Desk {
            _dir: dir,
            store,
            accounts,
        }
    }

    /// Monday 2026-03-02, midnight in Beijing.
    const MONDAY: i64 = 1_772_380_800_000;

    fn order(desk: &Desk, dice: &mut Dice, n: u64) -> OrderRecord {
        let states = [
            (OrderState::Paid, PaymentState::Paid),
            (OrderState::Paid, PaymentState::Paid),
            (OrderState::Paid, PaymentState::Paid),
            (OrderState::AwaitingPayment, PaymentState::Pending),
            (OrderState::PartlyRefunded, PaymentState::Paid),
            (OrderState::RefundUnknown, PaymentState::Paid),
        ];
        let rare = dice.roll(40) == 0;
        let (state, payment_state) = if rare {
            states[5]
        } else {
            states[usize::try_from(dice.roll(5)).unwrap()]
        };
        let currency = if dice.roll(5) == 0 {
            Currency::Usd
        } else {
            Currency::Cny
        };
        let minor = i64::try_from(100 * (1 + dice.roll(60))).unwrap();
        let paid = payment_state == PaymentState::Paid;
        OrderRecord {
            id: OrderId::new(),
            account_id: desk.accounts[usize::from(dice.roll(4) == 0)],
            order_no: format!("QY2026{:03}{n:05}", dice.roll(1000)),
            payment_id: paid
                .then(|| format!("4200{:024}", dice.roll(u64::MAX) % 1_000_000_000_000)),
            payment_state,
            state,
            closed_before_paid: false,
            amount: Money::new(minor, currency),
            amount_provisional: false,
            refund_hint: false,
            paid_minor: if paid { minor } else { 0 },
            refunded_minor: if state == OrderState::PartlyRefunded {
                50
            } else {
                0
            },
            in_flight_minor: 0,
            method: "NATIVE".to_owned(),
            payer: paid.then(|| format!("oInvented{:05}", dice.roll(100_000))),
            goods: Some((*dice.pick(&["红茶", "露营灯", "雨衣 XL", "100% 棉毛巾"])).to_owned()),
            // Many at one instant, so that ties are met.
            created_at: Timestamp::from_millis(
                MONDAY + i64::try_from(dice.roll(6 * 24)).unwrap() * 3_600_000,
            ),
            paid_at: None,
            reconciliation: None,
            checked_at: None,
            source: "channel_bill".to_owned(),
        }
    }

    async fn fill(desk: &Desk, dice: &mut Dice, count: u64) -> Vec<OrderRecord> {
        let mut tx = desk.store.begin().await.unwrap();
        let mut all = Vec::new();
        for n in 0..count {
            let mut order = order(desk, dice, n);
            orders::save(tx.conn(), &order).await.unwrap();
            if dice.roll(3) > 0 {
                let word = *dice.pick(&["matched", "matched", "amount_mismatch"]);
                sqlx::query("UPDATE orders SET reconciliation = $1 WHERE id = $2")
                    .bind(word)
                    .bind(order.id.to_string())
                    .execute(tx.conn())
                    .await
                    .unwrap();
                order.reconciliation = Some(word.to_owned());
            }
            all.push(order);
        }
        tx.commit_bookkeeping().await.unwrap();
        all
    }

    fn word(order: &OrderRecord) -> &str {
        match (&order.reconciliation, order.payment_state) {
            (Some(word), _) => word,
            (None, PaymentState::Paid) => "waiting",
            (None, _) => "none",
        }
    }

    /// The same question answered by looking at every order.
    fn model(
        all: &[OrderRecord],
        filter: &OrderFilter,
        states: bool,
        sort: OrderSort,
    ) -> Vec<OrderRecord> {
        let has = |field: Option<&str>, text: &str| {
            field.is_some_and(|f| f.to_lowercase().contains(&text.to_lowercase()))
        };
        let mut found: Vec<OrderRecord> = all
            .iter()
            .filter(|o| {
                filter.terms.iter().all(|t| {
                    has(Some(&o.order_no), &t.text)
                        || has(o.payment_id.as_deref(), &t.text)
                        || has(o.goods.as_deref(), &t.text)
                        || (t.text.chars().count() >= PAYER_TAIL_MIN
                            && o.payer.as_deref().is_some_and(|p| {
                                p.to_lowercase().ends_with(&t.text.to_lowercase())
                            }))
                        || t.minor == Some(o.amount.minor)
                })
            })
            .filter(|o| filter.account_id.is_none_or(|a| a == o.account_id))
            .filter(|o| !states || filter.states.is_empty() || filter.states.contains(&o.state))
            .filter(|o| filter.words.is_empty() || filter.words.iter().any(|w| w == word(o)))
            .filter(|o| filter.from.is_none_or(|t| o.created_at >= t))
            .filter(|o| filter.before.is_none_or(|t| o.created_at < t))
            .filter(|o| filter.minor_min.is_none_or(|m| o.amount.minor >= m))
            .filter(|o| filter.minor_max.is_none_or(|m| o.amount.minor <= m))
            .filter(|o| match filter.moved {
                None => true,
                Some(Moved::In) => o.paid_minor > 0,
                Some(Moved::Back) => o.refunded_minor > 0,
            })
            .cloned()
            .collect();
        let time = |o: &OrderRecord| (o.created_at, o.id.to_string());
        let amount = |o: &OrderRecord| (o.amount.minor, o.created_at, o.id.to_string());
        found.sort_by(|a, b| match sort {
            OrderSort::NewestFirst => time(b).cmp(&time(a)),
            OrderSort::OldestFirst => time(a).cmp(&time(b)),
            OrderSort::LargestFirst => (a.amount.currency.code().cmp(b.amount.currency.code()))
                .then(amount(b).cmp(&amount(a))),
            OrderSort::SmallestFirst => (a.amount.currency.code().cmp(b.amount.currency.code()))
                .then(amount(a).cmp(&amount(b))),
        });
        found
    }

    fn question(desk: &Desk, dice: &mut Dice, all: &[OrderRecord]) -> OrderFilter {
        let sample = dice.pick(all).clone();
        let term = match dice.roll(12) {
            0 => sample.order_no[8..].to_owned(),
            1 => sample.order_no[..9].to_owned(),
            2 => sample
                .payment_id
                .clone()
                .unwrap_or_default()
                .chars()
                .skip(20)
                .collect(),
            3 => "红茶".to_owned(),
            4 => "00% 棉".to_owned(),
            5 => sample
                .payer
                .clone()
                .unwrap_or_default()
                .chars()
                .skip(3)
                .collect(),
            6 => format!("{}.00", sample.amount.minor / 100),
            7 => "y_0".to_owned(),
            _ => String::new(),
        };
        let minor = Money::parse(&term, Currency::Cny).ok().map(|m| m.minor);
        let day = |n: u64| Timestamp::from_millis(MONDAY + i64::try_from(n).unwrap() * DAY_MS);
        let from = dice.roll(6);
        OrderFilter {
            number: None,
            terms: if term.is_empty() {
                Vec::new()
            } else {
                vec![Term { text: term, minor }]
            },
            account_id: (dice.roll(3) == 0).then(|| *dice.pick(&desk.accounts)),
            states: match dice.roll(6) {
                0 => vec![OrderState::RefundUnknown],
                1 => vec![OrderState::Paid, OrderState::PartlyRefunded],
                _ => Vec::new(),
            },
            words: match dice.roll(6) {
                0 => vec!["waiting".to_owned()],
                1 => vec!["amount_mismatch".to_owned(), "none".to_owned()],
                2 => vec!["matched".to_owned()],
                _ => Vec::new(),
            },
            from: (dice.roll(3) == 0).then(|| day(from)),
            before: (dice.roll(3) == 0).then(|| day(from + 1 + dice.roll(3))),
            minor_min: (dice.roll(5) == 0).then_some(sample.amount.minor),
            minor_max: (dice.roll(5) == 0).then_some(4_000),
            moved: *dice.pick(&[None, None, None, Some(Moved::In), Some(Moved::Back)]),
        }
    }

    /// Whatever is asked: the pages together are the full sort, a page at a position is a window of
    /// it, and the sums are those of the pages.
    #[tokio::test]
    async fn pages_and_sums_are_those_of_the_full_list() {
        let desk = desk().await;
        let mut dice = Dice(0x5eed_0000_1234_5678);
        let all = fill(&desk, &mut dice, 600).await;
        let mut conn = desk.store.pool().acquire().await.unwrap();
        for round in 0..400 {
            let filter = question(&desk, &mut dice, &all);
            let sort = *dice.pick(&[
                OrderSort::NewestFirst,
                OrderSort::NewestFirst,
                OrderSort::OldestFirst,
                OrderSort::LargestFirst,
                OrderSort::SmallestFirst,
            ]);
            let expected = model(&all, &filter, true, sort);
            let what = format!("round {round}: {filter:?} {sort:?}");
            let no =
                |list: &[OrderRecord]| list.iter().map(|o| o.order_no.clone()).collect::<Vec<_>>();
            // By cursor.
            let size = u32::try_from(1 + dice.roll(200)).unwrap();
            let mut pages: Vec<OrderRecord> = Vec::new();
            loop {
                let start = match pages.last() {
                    None => PageStart::At {
                        offset: 0,
                        anchor: None,
                    },
                    Some(last) => PageStart::After {
                        currency: last.amount.currency.code().to_owned(),
                        minor: last.amount.minor,
                        created: last.created_at.millis(),
                        id: last.id.to_string(),
                    },
                };
                let page = list(&mut conn, &filter, &[], sort, &start, size)
                    .await
                    .unwrap();
                let last = page.len() < size as usize;
                pages.extend(page);
                if last {
                    break;
                }
            }
            assert_eq!(no(&pages), no(&expected), "{what}");
            // By position, with rows above that came in later.
            let newer = usize::try_from(dice.roll(5))
                .unwrap()
                .min(expected.len().saturating_sub(1));
            let anchored =
                sort == OrderSort::NewestFirst && !expected.is_empty() && dice.roll(2) == 0;
            let (window, anchor) = if anchored {
                let first = &expected[newer];
                (
                    &expected[newer..],
                    Some((first.created_at.millis(), first.id.to_string())),
                )
            } else {
                (&expected[..], None)
            };
            let offset = dice.roll(window.len() as u64 + 3);
            let start = PageStart::At { offset, anchor };
            let page = list(&mut conn, &filter, &[], sort, &start, 30)
                .await
                .unwrap();
            let at = usize::try_from(offset).unwrap().min(window.len());
            assert_eq!(
                no(&page),
                no(&window[at..window.len().min(at + 30)]),
                "{what} at {start:?}"
            );
            // Totals.
            let counted = model(&all, &filter, false, sort);
            for sum in sums(&mut conn, &filter, &[]).await.unwrap() {
                let of: Vec<&OrderRecord> = counted
                    .iter()
                    .filter(|o| o.state == sum.state && o.amount.currency == sum.currency)
                    .collect();
                assert_eq!(sum.count, of.len() as u64, "{what}");
                assert_eq!(
                    sum.paid.0,
                    of.iter().map(|o| o.paid_minor).sum::<i64>(),
                    "{what}"
                );
                assert_eq!(
                    sum.paid.1,
                    of.iter().filter(|o| o.paid_minor > 0).count() as u64,
                    "{what}"
                );
                assert_eq!(
                    sum.refunded.0,
                    of.iter().map(|o| o.refunded_minor).sum::<i64>(),
                    "{what}"
                );
            }
            let total: u64 = sums(&mut conn, &filter, &[])
                .await
                .unwrap()
                .iter()
                .map(|s| s.count)
                .sum();
            assert_eq!(total, counted.len() as u64, "{what}");
        }
    }

    /// The days' counts follow every change of an order, and the words every number it gains.
    #[tokio::test]
    async fn counts_and_words_follow_each_change() {
        let desk = desk().await;
        let mut dice = Dice(0x0dd_b411);
        let all = fill(&desk, &mut dice, 60).await;
        let mut tx = desk.store.begin().await.unwrap();
        for order in &all {
            let mut order = order.clone();
            match dice.roll(4) {
                0 => order.state = OrderState::Closed,
                1 => order.created_at = order.created_at.plus_millis(-DAY_MS),
                2 => order.goods = Some("保温杯".to_owned()),
                _ => {}
            }
            orders::save(tx.conn(), &order).await.unwrap();
        }
        tx.commit_bookkeeping().await.unwrap();
        let kept: Vec<(i64, String, i64, i64)> =
            sqlx::query_as("SELECT day, state, SUM(orders), SUM(paid_minor) FROM order_days GROUP BY 1, 2 HAVING SUM(orders) > 0 ORDER BY 1, 2")
                .fetch_all(desk.store.pool())
                .await
                .unwrap();
        let counted: Vec<(i64, String, i64, i64)> = sqlx::query_as(
            "SELECT (created_at + 28800000) / 86400000, state, COUNT(*), SUM(paid_minor) FROM orders GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .fetch_all(desk.store.pool())
        .await
        .unwrap();
        assert_eq!(kept, counted);
        let cups: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM orders WHERE goods = '保温杯'")
            .fetch_one(desk.store.pool())
            .await
            .unwrap();
        let mut conn = desk.store.pool().acquire().await.unwrap();
        let filter = OrderFilter {
            terms: vec![Term {
                text: "保温杯".to_owned(),
                minor: None,
            }],
            ..OrderFilter::default()
        };
        let found = page(&mut conn, &filter, &[], None, 200).await.unwrap();
        assert_eq!(found.len() as i64, cups);
        assert_eq!(desk.store.check().await.unwrap(), Vec::<String>::new());
    }

    /// One order with everything that can name it; each way of asking finds it and says what it was.
    #[tokio::test]
    async fn each_kind_of_number_is_recognised() {
        let desk = desk().await;
        let mut dice = Dice(7);
        let all = fill(&desk, &mut dice, 30).await;
        let order = all.iter().find(|o| o.payment_id.is_some()).unwrap();
        let payment_id = order.payment_id.clone().unwrap();
        for (sql, binds) in [
            ("INSERT INTO users (id, login, display_name, role, password_hash, created_at) VALUES ('u', 'u', 'u', 'clerk', '', 0)", vec![]),
            (
                "INSERT INTO refunds (id, account_id, order_id, refund_no, channel_refund_id, state, currency, amount_minor, reason_code,
                    note, buyer_note, origin, created_at)
                 VALUES ('r', $1, $2, 'RF0302-0001', '50300000000000000000000000007', 'succeeded', 'CNY', 77, 'other', '', '', 'channel', 0)",
                vec![order.account_id.to_string(), order.id.to_string()],
            ),
            (
                "INSERT INTO receipts (id, account_id, order_id, serial_no, currency, amount_minor, path, sha256, bytes, signer, issued_by, issued_at)
                 VALUES ('p', $1, $2, 'ZF-2026-000042', 'CNY', 1, '', '', 0, '', 'u', 0)",
                vec![order.account_id.to_string(), order.id.to_string()],
            ),
            (
                "INSERT INTO bills (id, account_id, kind, date, status) VALUES ('b', $1, 'fund_flow', '2026-03-02', 'verified')",
                vec![order.account_id.to_string()],
            ),
            (
                "INSERT INTO fund_lines (bill_id, line_no, account_id, occurred_at, business_no, flow_no, business_type, income, currency,
                    amount_minor, balance_minor, remark, voucher_no)
                 VALUES ('b', 1, $1, 0, $2, '8000000001', '交易', 1, 'CNY', 1, 1, '', '')",
                vec![order.account_id.to_string(), payment_id.clone()],
            ),
        ] {
            let mut query = sqlx::query(sql);
            for bind in binds {
                query = query.bind(bind);
            }
            query.execute(desk.store.pool()).await.unwrap();
        }
        let mut conn = desk.store.pool().acquire().await.unwrap();
        for (number, kind) in [
            (order.order_no.as_str(), Some(NumberKind::OrderNo)),
            (payment_id.as_str(), Some(NumberKind::PaymentId)),
            ("RF0302-0001", Some(NumberKind::RefundNo)),
            (
                "50300000000000000000000000007",
                Some(NumberKind::ChannelRefundId),
            ),
            ("ZF-2026-000042", Some(NumberKind::ReceiptSerial)),
            ("8000000001", Some(NumberKind::FundFlowNo)),
            ("8000000002", None),
        ] {
            let found = recognise(&mut conn, number).await.unwrap();
            assert_eq!(found.as_ref().map(|(kind, _)| *kind), kind, "{number}");
            if let Some((_, ids)) = found {
                assert_eq!(ids, [order.id.to_string()], "{number}");
            }
        }
        // Fragments of the numbers that came later, and a refund's amount.
        for (text, minor) in [
            ("302-000", None),
            ("0000000007", None),
            ("000042", None),
            ("0.77", Some(77)),
        ] {
            let filter = OrderFilter {
                terms: vec![Term {
                    text: text.to_owned(),
                    minor,
                }],
                ..OrderFilter::default()
            };
            let found = page(&mut conn, &filter, &[], None, 200).await.unwrap();
            assert!(found.iter().any(|o| o.id == order.id), "{text}");
        }
    }
}
