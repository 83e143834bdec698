//! Orders, their payments and their timeline.
//!
//! Functions take a connection, so that they run inside a [`crate::Tx`] or on a reader alike.

use crate::dialect::{Conn, DbRow};
use sqlx::Row as _;
use zf_domain::{
    AccountId, Currency, Money, OrderId, OrderState, PaymentState, RefundState, Timestamp,
};

use crate::error::StoreError;
pub use crate::search::{
    Moved, NumberKind, OrderFilter, OrderSort, PageStart, StateSum, Term, list, named_by, page,
    recognise, sums,
};

/// One order as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRecord {
    /// Its id.
    pub id: OrderId,
    /// The merchant account.
    pub account_id: AccountId,
    /// The merchant's number.
    pub order_no: String,
    /// The channel's number, once paid.
    pub payment_id: Option<String>,
    /// Where the payment stands.
    pub payment_state: PaymentState,
    /// What a list shows.
    pub state: OrderState,
    /// Money arrived after a close.
    pub closed_before_paid: bool,
    /// The order's total.
    pub amount: Money,
    /// The total is the least it can have been: only a refund of it was ever seen.
    pub amount_provisional: bool,
    /// The channel says something was refunded that the desk does not know.
    pub refund_hint: bool,
    /// Collected, minor units.
    pub paid_minor: i64,
    /// Refunded for good, minor units.
    pub refunded_minor: i64,
    /// Asked for and not finally refused, minor units.
    pub in_flight_minor: i64,
    /// The channel's word for how it was paid.
    pub method: String,
    /// The payer as the channel names it; personal data, masked before it is shown.
    pub payer: Option<String>,
    /// What was sold.
    pub goods: Option<String>,
    /// When the order was made, as far as known.
    pub created_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// `matched` or a difference code, once its day was reconciled.
    pub reconciliation: Option<String>,
    /// When the channel last confirmed it.
    pub checked_at: Option<Timestamp>,
    /// Who said what is kept.
    pub source: String,
}

impl OrderRecord {
    /// The day it belongs to: of the payment, or of the order while unpaid.
    #[must_use]
    pub fn business_date(&self) -> String {
        self.paid_at
            .unwrap_or(self.created_at)
            .beijing_date()
            .to_string()
    }
}

/// One payment as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRecord {
    /// The merchant account.
    pub account_id: AccountId,
    /// The channel's number.
    pub payment_id: String,
    /// Its order.
    pub order_id: OrderId,
    /// Where it stands.
    pub state: PaymentState,
    /// The total.
    pub amount: Money,
    /// The channel's word for how it was paid.
    pub method: String,
    /// The payer; personal data.
    pub payer: Option<String>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Who said so.
    pub source: String,
    /// When a signature or hash over it was last checked.
    pub verified_at: Option<Timestamp>,
}

/// One event of a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Its id. Evidence uses one made from its content, so that the same evidence is kept once.
    pub id: String,
    /// The merchant account.
    pub account_id: AccountId,
    /// The order.
    pub order_id: OrderId,
    /// The refund it is about.
    pub refund_no: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// What happened, a stable word.
    pub kind: String,
    /// How much.
    pub amount: Option<Money>,
    /// Who did it.
    pub actor: Option<String>,
    /// Who said so.
    pub source: String,
    /// Whether a signature or hash was checked.
    pub verified: bool,
    /// More, for the reader.
    pub detail: Option<String>,
}

pub(crate) fn millis(row: &DbRow, name: &str) -> Result<Option<Timestamp>, StoreError> {
    let value: Option<i64> = row.try_get(name)?;
    Ok(value.map(Timestamp::from_millis))
}

pub(crate) fn currency(text: &str) -> Result<Currency, StoreError> {
    Currency::parse(text).map_err(|_| StoreError::unreadable("currency", text))
}

/// Reads a row of `orders`.
///
/// # Errors
/// `Unreadable` for a value this version does not know.
pub fn read(row: &DbRow) -> Result<OrderRecord, StoreError> {
    let id: String = row.try_get("id")?;
    let account_id: String = row.try_get("account_id")?;
    let payment_state: String = row.try_get("payment_state")?;
    let state: String = row.try_get("state")?;
    let currency_code: String = row.try_get("currency")?;
    Ok(OrderRecord {
        id: OrderId::parse(&id).map_err(|_| StoreError::unreadable("orders.id", &id))?,
        account_id: AccountId::parse(&account_id)
            .map_err(|_| StoreError::unreadable("orders.account_id", &account_id))?,
        order_no: row.try_get("order_no")?,
        payment_id: row.try_get("payment_id")?,
        payment_state: PaymentState::parse(&payment_state)
            .ok_or_else(|| StoreError::unreadable("orders.payment_state", &payment_state))?,
        state: OrderState::parse(&state)
            .ok_or_else(|| StoreError::unreadable("orders.state", &state))?,
        closed_before_paid: row.try_get::<i64, _>("closed_before_paid")? != 0,
        amount: Money::new(row.try_get("amount_minor")?, currency(&currency_code)?),
        amount_provisional: row.try_get::<i64, _>("amount_provisional")? != 0,
        refund_hint: row.try_get::<i64, _>("refund_hint")? != 0,
        paid_minor: row.try_get("paid_minor")?,
        refunded_minor: row.try_get("refunded_minor")?,
        in_flight_minor: row.try_get("in_flight_minor")?,
        method: row.try_get("method")?,
        payer: row.try_get("payer")?,
        goods: row.try_get("goods")?,
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        paid_at: millis(row, "paid_at")?,
        reconciliation: row.try_get("reconciliation")?,
        checked_at: millis(row, "checked_at")?,
        source: row.try_get("source")?,
    })
}

/// One order by its id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &mut Conn, id: OrderId) -> Result<Option<OrderRecord>, StoreError> {
    let row = sqlx::query("SELECT * FROM orders WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// One order by the merchant's number.
///
/// # Errors
/// When the database fails.
pub async fn by_no(
    conn: &mut Conn,
    account_id: AccountId,
    order_no: &str,
) -> Result<Option<OrderRecord>, StoreError> {
    let row = sqlx::query("SELECT * FROM orders WHERE account_id = $1 AND order_no = $2")
        .bind(account_id.to_string())
        .bind(order_no)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Writes an order whole: a new one, or every field of a known one that may change.
///
/// # Errors
/// `Constraint` when refunds would exceed the payment.
pub async fn save(conn: &mut Conn, order: &OrderRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO orders (id, account_id, order_no, payment_id, payment_state, state, closed_before_paid,
            currency, amount_minor, amount_provisional, refund_hint, paid_minor, refunded_minor, in_flight_minor,
            method, payer, goods, created_at, paid_at, business_date, checked_at, source)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
         ON CONFLICT (id) DO UPDATE SET payment_id = excluded.payment_id, payment_state = excluded.payment_state,
            state = excluded.state, closed_before_paid = excluded.closed_before_paid, currency = excluded.currency,
            amount_minor = excluded.amount_minor, amount_provisional = excluded.amount_provisional,
            refund_hint = excluded.refund_hint, paid_minor = excluded.paid_minor,
            refunded_minor = excluded.refunded_minor, in_flight_minor = excluded.in_flight_minor,
            method = excluded.method, payer = excluded.payer, goods = excluded.goods,
            created_at = excluded.created_at, paid_at = excluded.paid_at, business_date = excluded.business_date,
            checked_at = excluded.checked_at, source = excluded.source",
    )
    .bind(order.id.to_string())
    .bind(order.account_id.to_string())
    .bind(&order.order_no)
    .bind(&order.payment_id)
    .bind(order.payment_state.as_str())
    .bind(order.state.as_str())
    .bind(i64::from(order.closed_before_paid))
    .bind(order.amount.currency.code())
    .bind(order.amount.minor)
    .bind(i64::from(order.amount_provisional))
    .bind(i64::from(order.refund_hint))
    .bind(order.paid_minor)
    .bind(order.refunded_minor)
    .bind(order.in_flight_minor)
    .bind(&order.method)
    .bind(&order.payer)
    .bind(&order.goods)
    .bind(order.created_at.millis())
    .bind(order.paid_at.map(Timestamp::millis))
    .bind(order.business_date())
    .bind(order.checked_at.map(Timestamp::millis))
    .bind(&order.source)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes a payment, or what was newly learnt of it.
///
/// # Errors
/// When the database fails.
pub async fn save_payment(conn: &mut Conn, payment: &PaymentRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO payments (account_id, payment_id, order_id, state, currency, amount_minor, method, payer, paid_at, source, verified_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (account_id, payment_id) DO UPDATE SET state = excluded.state,
            method = CASE WHEN excluded.method = '' THEN payments.method ELSE excluded.method END,
            payer = COALESCE(excluded.payer, payments.payer), paid_at = COALESCE(payments.paid_at, excluded.paid_at),
            source = excluded.source, verified_at = COALESCE(excluded.verified_at, payments.verified_at)",
    )
    .bind(payment.account_id.to_string())
    .bind(&payment.payment_id)
    .bind(payment.order_id.to_string())
    .bind(payment.state.as_str())
    .bind(payment.amount.currency.code())
    .bind(payment.amount.minor)
    .bind(&payment.method)
    .bind(&payment.payer)
    .bind(payment.paid_at.map(Timestamp::millis))
    .bind(&payment.source)
    .bind(payment.verified_at.map(Timestamp::millis))
    .execute(conn)
    .await?;
    Ok(())
}

/// Payments of an order, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn payments(
    conn: &mut Conn,
    order_id: OrderId,
) -> Result<Vec<PaymentRecord>, StoreError> {
    let rows =
        sqlx::query("SELECT * FROM payments WHERE order_id = $1 ORDER BY paid_at, payment_id")
            .bind(order_id.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter()
        .map(|row| {
            let account_id: String = row.try_get("account_id")?;
            let state: String = row.try_get("state")?;
            let code: String = row.try_get("currency")?;
            Ok(PaymentRecord {
                account_id: AccountId::parse(&account_id)
                    .map_err(|_| StoreError::unreadable("payments.account_id", &account_id))?,
                payment_id: row.try_get("payment_id")?,
                order_id,
                state: PaymentState::parse(&state)
                    .ok_or_else(|| StoreError::unreadable("payments.state", &state))?,
                amount: Money::new(row.try_get("amount_minor")?, currency(&code)?),
                method: row.try_get("method")?,
                payer: row.try_get("payer")?,
                paid_at: millis(row, "paid_at")?,
                source: row.try_get("source")?,
                verified_at: millis(row, "verified_at")?,
            })
        })
        .collect()
}

/// Adds an event; one with an id that is there already is the same and is not kept twice.
///
/// # Errors
/// When the database fails.
pub async fn add_event(conn: &mut Conn, event: &EventRecord) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO order_events (id, account_id, order_id, refund_no, at, kind, currency, amount_minor, actor, source, verified, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&event.id)
    .bind(event.account_id.to_string())
    .bind(event.order_id.to_string())
    .bind(&event.refund_no)
    .bind(event.at.millis())
    .bind(&event.kind)
    .bind(event.amount.map(|m| m.currency.code()))
    .bind(event.amount.map(|m| m.minor))
    .bind(&event.actor)
    .bind(&event.source)
    .bind(i64::from(event.verified))
    .bind(&event.detail)
    .execute(conn)
    .await?;
    Ok(())
}

/// The timeline of an order, oldest first; of one of its refunds when `refund_no` is given.
///
/// # Errors
/// When the database fails.
pub async fn events(
    conn: &mut Conn,
    order_id: OrderId,
    refund_no: Option<&str>,
) -> Result<Vec<EventRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT * FROM order_events WHERE order_id = $1 AND ($2 IS NULL OR refund_no = $2) ORDER BY at, id LIMIT 1000",
    )
    .bind(order_id.to_string())
    .bind(refund_no)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let account_id: String = row.try_get("account_id")?;
            let code: Option<String> = row.try_get("currency")?;
            let minor: Option<i64> = row.try_get("amount_minor")?;
            let amount = match (code, minor) {
                (Some(code), Some(minor)) => Some(Money::new(minor, currency(&code)?)),
                _ => None,
            };
            Ok(EventRecord {
                id: row.try_get("id")?,
                account_id: AccountId::parse(&account_id)
                    .map_err(|_| StoreError::unreadable("order_events.account_id", &account_id))?,
                order_id,
                refund_no: row.try_get("refund_no")?,
                at: Timestamp::from_millis(row.try_get("at")?),
                kind: row.try_get("kind")?,
                amount,
                actor: row.try_get("actor")?,
                source: row.try_get("source")?,
                verified: row.try_get::<i64, _>("verified")? != 0,
                detail: row.try_get("detail")?,
            })
        })
        .collect()
}

/// States and minor units of all refunds of an order.
///
/// # Errors
/// When the database fails.
pub async fn refund_states(
    conn: &mut Conn,
    order_id: OrderId,
) -> Result<Vec<(RefundState, i64)>, StoreError> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT state, amount_minor FROM refunds WHERE order_id = $1")
            .bind(order_id.to_string())
            .fetch_all(conn)
            .await?;
    rows.into_iter()
        .map(|(state, minor)| {
            RefundState::parse(&state)
                .map(|s| (s, minor))
                .ok_or_else(|| StoreError::unreadable("refunds.state", &state))
        })
        .collect()
}
