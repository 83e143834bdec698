//! Facts: what a channel, a bill or the books say of an order or a refund, taken in once.
//!
//! Every way in ends here, so that a fact heard twice changes nothing, a late one never takes a state
//! back, and each change leaves its event in the timeline. The caller's transaction carries the audit
//! row. Books are the merchant's own claim: they never make an order paid.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;
use zf_crypto::digest;
use zf_domain::{
    AccountId, ChannelPaymentId, ChannelRefundId, MerchantOrderNo, MerchantRefundNo, Money,
    OrderId, OrderState, PaymentState, RefundId, RefundState, Timestamp,
};
use zf_store::Tx;
use zf_store::orders::{self, EventRecord, OrderRecord, PaymentRecord};
use zf_store::refunds::{self, RefundRecord};

use crate::error::AppError;
use crate::wire::{EventKind, FactSource};

/// What someone says of one payment.
#[derive(Debug, Clone)]
pub(crate) struct PaymentFact {
    pub(crate) account_id: AccountId,
    pub(crate) order_no: MerchantOrderNo,
    pub(crate) payment_id: Option<ChannelPaymentId>,
    pub(crate) state: PaymentState,
    /// The order's total.
    pub(crate) amount: Money,
    pub(crate) method: String,
    /// The payer as the channel names it.
    pub(crate) payer: Option<String>,
    pub(crate) goods: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) source: FactSource,
    /// Signature or hash checked.
    pub(crate) verified: bool,
    /// Where it stands, e.g. bill date and line.
    pub(crate) detail: Option<String>,
}

/// What someone says of one refund.
#[derive(Debug, Clone)]
pub(crate) struct RefundFact {
    pub(crate) account_id: AccountId,
    pub(crate) order_no: MerchantOrderNo,
    pub(crate) refund_no: MerchantRefundNo,
    pub(crate) refund_id: Option<ChannelRefundId>,
    pub(crate) amount: Money,
    pub(crate) state: RefundState,
    pub(crate) at: Timestamp,
    pub(crate) source: FactSource,
    /// Signature or hash checked.
    pub(crate) verified: bool,
}

/// What taking in a fact did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) order_id: OrderId,
    /// Whether an amount, a state or a number of the desk changed.
    pub(crate) changed: bool,
}

/// The stable word of a wire enum, as the store keeps it.
pub(crate) fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Reads the stable word of a wire enum.
pub(crate) fn read_word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(text)).ok()
}

/// A new event of an order's timeline.
pub(crate) fn event(
    order: &OrderRecord,
    at: Timestamp,
    kind: EventKind,
    source: FactSource,
) -> EventRecord {
    EventRecord {
        id: RefundId::new().to_string(),
        account_id: order.account_id,
        order_id: order.id,
        refund_no: None,
        at,
        kind: word(kind),
        amount: None,
        actor: None,
        source: word(source),
        verified: false,
        detail: None,
    }
}

/// Gives a piece of evidence an id made from its content: read again, it is the same piece.
fn as_evidence(mut event: EventRecord) -> EventRecord {
    let content = format!(
        "{}\n{}\n{}\n{}\n{:?}\n{:?}",
        event.order_id,
        event.kind,
        event.source,
        event.refund_no.as_deref().unwrap_or(""),
        event.amount,
        event.detail
    );
    event.id = format!(
        "evidence-{}",
        &digest::hex_lower(&digest::sm3(content.as_bytes()))[..32]
    );
    event
}

const fn state_event(state: PaymentState, after_close: bool) -> EventKind {
    match state {
        PaymentState::Paid if after_close => EventKind::PaidAfterClose,
        PaymentState::Paid => EventKind::PaymentPaid,
        PaymentState::Closed | PaymentState::Failed => EventKind::PaymentClosed,
        PaymentState::Pending | PaymentState::Paying => EventKind::PaymentPending,
    }
}

fn is_claim(source: FactSource) -> bool {
    matches!(source, FactSource::Books | FactSource::Desk)
}

/// Takes in what someone says of a payment. Idempotent; only legal steps; an unknown state is never
/// paid; books never make an order paid.
///
/// # Errors
/// When the store fails.
pub(crate) async fn apply_payment(
    tx: &mut Tx,
    now: Timestamp,
    fact: &PaymentFact,
) -> Result<Applied, AppError> {
    let conn = tx.conn();
    let claim = is_claim(fact.source);
    // A claim of being paid is kept as an order whose payment is not confirmed.
    let stated = if claim && fact.state == PaymentState::Paid {
        PaymentState::Pending
    } else {
        fact.state
    };
    let paid = stated == PaymentState::Paid;
    let known = orders::by_no(conn, fact.account_id, fact.order_no.as_str()).await?;
    let is_new = known.is_none();
    let mut order = known.clone().unwrap_or_else(|| OrderRecord {
        id: OrderId::new(),
        account_id: fact.account_id,
        order_no: fact.order_no.as_str().to_owned(),
        payment_id: None,
        payment_state: stated,
        state: OrderState::AwaitingPayment,
        closed_before_paid: false,
        amount: fact.amount,
        amount_provisional: false,
        refund_hint: false,
        paid_minor: 0,
        refunded_minor: 0,
        in_flight_minor: 0,
        method: String::new(),
        payer: None,
        goods: None,
        created_at: fact.created_at,
        paid_at: None,
        reconciliation: None,
        checked_at: None,
        source: word(fact.source),
    });
    let held_claim = read_word::<FactSource>(&order.source).is_some_and(is_claim);
    let before = order.payment_state;
    let mut stepped = is_new;
    if claim {
        // The channel's word stands; a claim only replaces an earlier claim.
        if held_claim && !is_new {
            order.payment_state = stated;
            order.amount = fact.amount;
        }
    } else {
        let confirms = held_claim && !is_new;
        if before != stated && (confirms || before.allows(stated)) {
            order.closed_before_paid |= before == PaymentState::Closed && paid && !confirms;
            order.payment_state = stated;
            stepped = true;
        }
        if confirms {
            order.source = word(fact.source);
            stepped = true;
        }
        let settled = before == PaymentState::Paid && !order.amount_provisional && !confirms;
        if !settled && fact.amount.minor >= order.refunded_minor {
            order.amount = fact.amount;
            order.amount_provisional = false;
        }
    }
    if order.payment_state == PaymentState::Paid && !claim {
        order.paid_minor = order.paid_minor.max(order.amount.minor);
        if paid {
            order.payment_id = order
                .payment_id
                .or_else(|| fact.payment_id.as_ref().map(|p| p.as_str().to_owned()));
            order.paid_at = order.paid_at.or(fact.paid_at);
        }
        if fact.source == FactSource::ChannelQuery || order.checked_at.is_none() {
            order.checked_at = Some(now);
        }
    } else if !claim {
        order.checked_at = Some(now);
    }
    if order.method.is_empty() {
        order.method.clone_from(&fact.method);
    }
    order.payer = order
        .payer
        .or_else(|| fact.payer.clone().filter(|p| !p.is_empty()));
    order.goods = order
        .goods
        .or_else(|| fact.goods.clone().filter(|g| !g.is_empty()));
    let none_refunded = order.refunded_minor == 0 && order.in_flight_minor == 0;
    let refund_states = if none_refunded {
        Vec::new()
    } else {
        orders::refund_states(conn, order.id).await?
    };
    order.state = derive(&order, &refund_states);
    let touched = known.as_ref() != Some(&order);
    let changed = known.as_ref().is_none_or(|known| {
        OrderRecord {
            checked_at: None,
            ..known.clone()
        } != OrderRecord {
            checked_at: None,
            ..order.clone()
        }
    });
    if touched {
        orders::save(conn, &order).await?;
    }
    if !claim
        && paid
        && changed
        && let Some(payment_id) = &fact.payment_id
    {
        let payment = PaymentRecord {
            account_id: order.account_id,
            payment_id: payment_id.as_str().to_owned(),
            order_id: order.id,
            state: stated,
            amount: fact.amount,
            method: fact.method.clone(),
            payer: fact.payer.clone().filter(|p| !p.is_empty()),
            paid_at: fact.paid_at,
            source: word(fact.source),
            verified_at: fact.verified.then_some(now),
        };
        orders::save_payment(conn, &payment).await?;
    }
    if is_new && !claim && fact.paid_at.is_none_or(|paid_at| fact.created_at < paid_at) {
        let mut created = event(
            &order,
            fact.created_at,
            EventKind::OrderCreated,
            fact.source,
        );
        created.amount = Some(order.amount);
        orders::add_event(conn, &created).await?;
    }
    if stepped && !claim {
        let kind = state_event(
            stated,
            order.closed_before_paid && before != PaymentState::Paid,
        );
        let at = if paid {
            fact.paid_at.unwrap_or(now)
        } else {
            now
        };
        let mut step = event(&order, at, kind, fact.source);
        step.amount = Some(fact.amount);
        step.verified = fact.verified;
        if !matches!(fact.source, FactSource::ChannelBill) {
            step.detail.clone_from(&fact.detail);
        }
        orders::add_event(conn, &step).await?;
    }
    if let Some(kind) = evidence_kind(fact.source) {
        let at = if claim { fact.created_at } else { now };
        let mut seen = event(&order, at, kind, fact.source);
        seen.amount = Some(fact.amount);
        seen.verified = fact.verified;
        seen.detail.clone_from(&fact.detail);
        orders::add_event(conn, &as_evidence(seen)).await?;
    }
    Ok(Applied {
        order_id: order.id,
        changed,
    })
}

const fn evidence_kind(source: FactSource) -> Option<EventKind> {
    match source {
        FactSource::ChannelBill => Some(EventKind::BillLine),
        FactSource::Books => Some(EventKind::BooksEntry),
        FactSource::ChannelQuery | FactSource::ChannelNotice | FactSource::Desk => None,
    }
}

/// What a person reads: as the domain derives it, and for an order that only the books know and call
/// paid, that this is not confirmed.
fn derive(order: &OrderRecord, refunds: &[(RefundState, i64)]) -> OrderState {
    let state = OrderState::derive(
        order.payment_state,
        order.closed_before_paid,
        order.paid_minor,
        refunds,
    );
    let claimed = read_word::<FactSource>(&order.source).is_some_and(is_claim);
    if state == OrderState::AwaitingPayment && claimed {
        OrderState::PaymentUnknown
    } else {
        state
    }
}

/// The timeline word for where a refund went.
pub(crate) const fn refund_event(state: RefundState) -> EventKind {
    match state {
        RefundState::Draft => EventKind::RefundOpened,
        RefundState::AwaitingApproval => EventKind::RefundRequested,
        RefundState::CoolingOff | RefundState::Queued => EventKind::RefundApproved,
        RefundState::Processing => EventKind::RefundAccepted,
        RefundState::Unknown => EventKind::RefundUnknown,
        RefundState::Succeeded => EventKind::RefundSucceeded,
        RefundState::Abnormal => EventKind::RefundAbnormal,
        RefundState::ClosedByChannel => EventKind::RefundClosed,
        RefundState::Rejected => EventKind::RefundRejected,
        RefundState::ApprovalExpired => EventKind::ApprovalExpired,
        RefundState::ApprovalVoided => EventKind::ApprovalVoided,
    }
}

/// Takes in what someone says of a refund, also of one made elsewhere, such as on the channel's
/// merchant platform. A channel that refunded an order was paid for it; the books' word changes
/// nothing but the timeline.
///
/// # Errors
/// When the store fails.
pub(crate) async fn apply_refund(
    tx: &mut Tx,
    now: Timestamp,
    fact: &RefundFact,
) -> Result<Applied, AppError> {
    let conn = tx.conn();
    let order = match orders::by_no(conn, fact.account_id, fact.order_no.as_str()).await? {
        Some(order) => order,
        None => {
            let claim = is_claim(fact.source);
            let mut order = OrderRecord {
                id: OrderId::new(),
                account_id: fact.account_id,
                order_no: fact.order_no.as_str().to_owned(),
                payment_id: None,
                payment_state: if claim {
                    PaymentState::Pending
                } else {
                    PaymentState::Paid
                },
                state: OrderState::AwaitingPayment,
                closed_before_paid: false,
                amount: fact.amount,
                amount_provisional: true,
                refund_hint: false,
                paid_minor: if claim { 0 } else { fact.amount.minor },
                refunded_minor: 0,
                in_flight_minor: 0,
                method: String::new(),
                payer: None,
                goods: None,
                created_at: fact.at,
                paid_at: None,
                reconciliation: None,
                checked_at: None,
                source: word(fact.source),
            };
            order.state = derive(&order, &[]);
            orders::save(conn, &order).await?;
            order
        }
    };
    if let Some(kind) = evidence_kind(fact.source) {
        let mut seen = event(&order, now, kind, fact.source);
        seen.refund_no = Some(fact.refund_no.as_str().to_owned());
        seen.amount = Some(fact.amount);
        seen.verified = fact.verified;
        orders::add_event(conn, &as_evidence(seen)).await?;
    }
    if is_claim(fact.source) {
        return Ok(Applied {
            order_id: order.id,
            changed: false,
        });
    }
    let known = refunds::by_no(conn, fact.account_id, fact.refund_no.as_str()).await?;
    let changed = match known {
        None => {
            insert_elsewhere(conn, &order, fact).await?;
            true
        }
        Some(known) => step_known(conn, now, &order, known, fact).await?,
    };
    if changed {
        settle(conn, order.id, false).await?;
    }
    Ok(Applied {
        order_id: order.id,
        changed,
    })
}

/// A refund made elsewhere: it never had a draft here, so whatever the channel says is where it is.
async fn insert_elsewhere(
    conn: &mut SqliteConnection,
    order: &OrderRecord,
    fact: &RefundFact,
) -> Result<(), AppError> {
    let state = match fact.state {
        RefundState::Succeeded
        | RefundState::Abnormal
        | RefundState::ClosedByChannel
        | RefundState::Unknown => fact.state,
        _ => RefundState::Processing,
    };
    let refund = RefundRecord {
        channel_refund_id: fact.refund_id.as_ref().map(|id| id.as_str().to_owned()),
        state,
        amount: fact.amount,
        origin_channel: true,
        sent_at: Some(fact.at),
        finished_at: state.is_final().then_some(fact.at),
        next_query_at: state.needs_query().then_some(fact.at),
        ..RefundRecord::draft(
            RefundId::new(),
            order,
            fact.refund_no.as_str(),
            None,
            fact.at,
        )
    };
    refunds::insert(conn, &refund).await?;
    let mut seen = event(order, fact.at, refund_event(state), fact.source);
    seen.refund_no = Some(refund.refund_no.clone());
    seen.amount = Some(fact.amount);
    seen.verified = fact.verified;
    seen.detail = Some("elsewhere".to_owned());
    orders::add_event(conn, &seen).await?;
    Ok(())
}

async fn step_known(
    conn: &mut SqliteConnection,
    now: Timestamp,
    order: &OrderRecord,
    mut refund: RefundRecord,
    fact: &RefundFact,
) -> Result<bool, AppError> {
    let learnt_id = refund.channel_refund_id.is_none() && fact.refund_id.is_some();
    if learnt_id {
        refund.channel_refund_id = fact.refund_id.as_ref().map(|id| id.as_str().to_owned());
    }
    // Another order or amount under our number is not our refund: the query will tell, a bill must not.
    let same = refund.order_id == order.id && refund.amount == fact.amount;
    let steps = same && refund.state != fact.state && refund.state.allows(fact.state);
    if steps {
        refund.state = fact.state;
        refund.sent_at = refund.sent_at.or(Some(fact.at));
        refund.last_error = None;
        if fact.state.is_final() {
            refund.finished_at = Some(fact.at);
            refund.next_query_at = None;
        } else if refund.next_query_at.is_none() {
            refund.next_query_at = Some(now);
        }
    }
    if !steps && !(learnt_id && same) {
        return Ok(false);
    }
    refunds::save(conn, &refund).await?;
    if steps {
        let mut seen = event(order, fact.at, refund_event(fact.state), fact.source);
        seen.refund_no = Some(refund.refund_no.clone());
        seen.amount = Some(fact.amount);
        seen.verified = fact.verified;
        orders::add_event(conn, &seen).await?;
    }
    Ok(steps)
}

/// Computes an order's sums and state anew from its refunds.
///
/// # Errors
/// `ExceedsRemaining` through the database's own rule when refunds would exceed the payment.
pub(crate) async fn recompute_order(tx: &mut Tx, order_id: OrderId) -> Result<(), AppError> {
    settle(tx.conn(), order_id, true).await
}

/// `strict`: a promise of this desk, which the database's rule may refuse. Otherwise the channel's own
/// word, which is taken as it is: what it already did cannot be refused, so what is in flight is
/// counted only as far as money is left for it.
pub(crate) async fn settle(
    conn: &mut SqliteConnection,
    order_id: OrderId,
    strict: bool,
) -> Result<(), AppError> {
    let Some(known) = orders::by_id(conn, order_id).await? else {
        return Err(AppError::not_found("order", order_id));
    };
    let states = orders::refund_states(conn, order_id).await?;
    let sum = |wanted: fn(RefundState) -> bool| {
        states
            .iter()
            .filter(|(state, _)| wanted(*state))
            .fold(0_i64, |sum, (_, minor)| sum.saturating_add(*minor))
    };
    let refunded = sum(|s| s == RefundState::Succeeded);
    let in_flight = sum(RefundState::holds_amount);
    let mut order = known.clone();
    if !strict && (refunded > 0 || in_flight > 0) && order.payment_state != PaymentState::Paid {
        order.payment_state = PaymentState::Paid;
        order.paid_minor = order.amount.minor;
    }
    if !strict && order.amount_provisional {
        order.amount.minor = order.amount.minor.max(refunded.saturating_add(in_flight));
        order.paid_minor = order.amount.minor;
    }
    order.refunded_minor = refunded;
    order.in_flight_minor = in_flight;
    if !strict {
        order.refunded_minor = refunded.min(order.paid_minor);
        order.in_flight_minor = in_flight.min(order.paid_minor - order.refunded_minor);
    }
    order.state = derive(&order, &states);
    if !strict && refunded > order.paid_minor {
        order.state = OrderState::Abnormal;
    }
    if order != known {
        orders::save(conn, &order).await?;
    }
    Ok(())
}
