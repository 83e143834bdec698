//! Facts: what a channel, a bill or the books say of an order or a refund, taken in once.
//!
//! Every way in ends here, so that a fact heard twice changes nothing, a late one never takes a state
//! back, and each change leaves its event in the timeline. The caller's transaction carries the audit
//! row. Books are the merchant's own claim: they never make an order paid.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zf_crypto::digest;
use zf_domain::{
    AccountId, ChannelPaymentId, ChannelRefundId, MerchantOrderNo, MerchantRefundNo, Money,
    OrderId, OrderState, PaymentState, RefundId, RefundState, Timestamp,
};
use zf_store::Conn;
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
    conn: &mut Conn,
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
    conn: &mut Conn,
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
    let nothing_new = !steps && (!learnt_id || !same);
    if nothing_new {
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
    conn: &mut Conn,
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

#[cfg(test)]
mod tests {
    use super::*;

    const T0: i64 = 1_790_000_000;

    struct Desk {
        _dir: tempfile::TempDir,
        store: zf_store::Store,
        account_id: AccountId,
    }

    async fn desk() -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let store = zf_store::Store::open(&dir.path().join("desk.db"))
            .await
            .unwrap();
        let account_id = AccountId::new();
        sqlx::query(
            "INSERT INTO accounts (id, channel, environment, display_name, merchant_no, appid, certificate_serial, base_url, created_at)
             VALUES ($1, 'wechat_pay', 'demo', '示例', '1900000109', 'wx0', '00', 'sandbox:', 0)",
        )
        .bind(account_id.to_string())
        .execute(store.pool())
        .await
        .unwrap();
        Desk {
            _dir: dir,
            store,
            account_id,
        }
    }

    impl Desk {
        /// Takes in facts written as lines: `pay <state> <minor> <source>` or
        /// `refund <number> <state> <minor> <source>`, all of order M1.
        async fn say(&self, line: &str) -> bool {
            let words: Vec<&str> = line.split_whitespace().collect();
            let now = Timestamp::from_seconds(T0 + 1_000);
            let order_no = MerchantOrderNo::parse("M1").unwrap();
            let mut tx = self.store.begin().await.unwrap();
            let applied = match words[..] {
                ["pay", state, minor, source] => {
                    let state = PaymentState::parse(state).unwrap();
                    let paid = state == PaymentState::Paid;
                    let fact = PaymentFact {
                        account_id: self.account_id,
                        order_no,
                        payment_id: paid.then(|| ChannelPaymentId::parse("4200").unwrap()),
                        state,
                        amount: Money::cny(minor.parse().unwrap()),
                        method: "NATIVE".to_owned(),
                        payer: Some("oPayer0001".to_owned()),
                        goods: None,
                        created_at: Timestamp::from_seconds(T0),
                        paid_at: paid.then(|| Timestamp::from_seconds(T0 + 60)),
                        source: read_word(source).unwrap(),
                        verified: true,
                        detail: None,
                    };
                    apply_payment(&mut tx, now, &fact).await.unwrap()
                }
                ["refund", number, state, minor, source] => {
                    let fact = RefundFact {
                        account_id: self.account_id,
                        order_no,
                        refund_no: MerchantRefundNo::parse(number).unwrap(),
                        refund_id: None,
                        amount: Money::cny(minor.parse().unwrap()),
                        state: RefundState::parse(state).unwrap(),
                        at: Timestamp::from_seconds(T0 + 500),
                        source: read_word(source).unwrap(),
                        verified: true,
                    };
                    apply_refund(&mut tx, now, &fact).await.unwrap()
                }
                _ => panic!("{line}"),
            };
            tx.commit_bookkeeping().await.unwrap();
            applied.changed
        }

        async fn order(&self) -> OrderRecord {
            let mut conn = self.store.pool().acquire().await.unwrap();
            orders::by_no(&mut conn, self.account_id, "M1")
                .await
                .unwrap()
                .unwrap()
        }

        async fn events(&self) -> Vec<String> {
            let mut conn = self.store.pool().acquire().await.unwrap();
            let order = self.order().await;
            orders::events(&mut conn, order.id, None)
                .await
                .unwrap()
                .into_iter()
                .map(|e| e.kind)
                .collect()
        }
    }

    /// Facts in order, then what the order reads: state, paid, refunded, in flight.
    #[tokio::test]
    async fn facts_add_up_whatever_their_order() {
        use OrderState as S;
        type Case = (&'static str, &'static [&'static str], (S, i64, i64, i64));
        let cases: &[Case] = &[
            (
                "books never pay",
                &["pay paid 100 books"],
                (S::PaymentUnknown, 0, 0, 0),
            ),
            (
                "the channel confirms the books",
                &["pay paid 100 books", "pay paid 100 channel_bill"],
                (S::Paid, 100, 0, 0),
            ),
            (
                "the channel's amount stands",
                &[
                    "pay paid 90 books",
                    "pay paid 100 channel_bill",
                    "pay paid 90 books",
                ],
                (S::Paid, 100, 0, 0),
            ),
            (
                "a late pending takes nothing back",
                &[
                    "pay paid 100 channel_query",
                    "pay pending 100 channel_query",
                ],
                (S::Paid, 100, 0, 0),
            ),
            (
                "a late close takes nothing back",
                &["pay paid 100 channel_query", "pay closed 100 channel_query"],
                (S::Paid, 100, 0, 0),
            ),
            (
                "closed, then paid",
                &["pay closed 100 channel_query", "pay paid 100 channel_query"],
                (S::PaidAfterClose, 100, 0, 0),
            ),
            (
                "closed in the books only, then paid",
                &["pay closed 100 books", "pay paid 100 channel_query"],
                (S::Paid, 100, 0, 0),
            ),
            (
                "pending is not paid",
                &["pay pending 100 channel_query"],
                (S::AwaitingPayment, 0, 0, 0),
            ),
            (
                "a refund made elsewhere",
                &[
                    "pay paid 100 channel_bill",
                    "refund R1 processing 40 channel_bill",
                ],
                (S::Refunding, 100, 0, 40),
            ),
            (
                "it arrives, once",
                &[
                    "pay paid 100 channel_bill",
                    "refund R1 processing 40 channel_bill",
                    "refund R1 succeeded 40 channel_query",
                    "refund R1 processing 40 channel_bill",
                ],
                (S::PartlyRefunded, 100, 40, 0),
            ),
            (
                "only the refund is known",
                &["refund R1 succeeded 40 channel_bill"],
                (S::FullyRefunded, 40, 40, 0),
            ),
            (
                "then its payment",
                &[
                    "refund R1 succeeded 40 channel_bill",
                    "pay paid 100 channel_query",
                ],
                (S::PartlyRefunded, 100, 40, 0),
            ),
            (
                "two refunds of an unknown order",
                &[
                    "refund R1 succeeded 40 channel_bill",
                    "refund R2 succeeded 30 channel_bill",
                ],
                (S::FullyRefunded, 70, 70, 0),
            ),
            (
                "books refund nothing",
                &["pay paid 100 channel_bill", "refund R1 succeeded 40 books"],
                (S::Paid, 100, 0, 0),
            ),
            (
                "another amount under the number is not believed",
                &[
                    "pay paid 100 channel_bill",
                    "refund R1 processing 40 channel_bill",
                    "refund R1 succeeded 50 channel_bill",
                ],
                (S::Refunding, 100, 0, 40),
            ),
            (
                "more than was paid is shown as wrong",
                &[
                    "pay paid 100 channel_bill",
                    "refund R1 succeeded 80 channel_bill",
                    "refund R2 succeeded 80 channel_bill",
                ],
                (S::Abnormal, 100, 100, 0),
            ),
        ];
        for (what, lines, expected) in cases {
            let desk = desk().await;
            for line in *lines {
                desk.say(line).await;
            }
            let order = desk.order().await;
            let found = (
                order.state,
                order.paid_minor,
                order.refunded_minor,
                order.in_flight_minor,
            );
            assert_eq!(found, *expected, "{what}");
            // Said again, nothing changes and no event is added.
            let events = desk.events().await;
            if let Some(last) = lines.last() {
                assert!(!desk.say(last).await, "{what}: changed by a repetition");
            }
            assert_eq!(desk.order().await.state, expected.0, "{what}");
            assert_eq!(desk.events().await, events, "{what}");
        }
    }

    #[tokio::test]
    async fn each_change_leaves_its_event() {
        let desk = desk().await;
        for line in [
            "pay paid 100 books",
            "pay pending 100 channel_query",
            "pay paid 100 channel_bill",
            "refund R1 processing 40 channel_bill",
            "refund R1 succeeded 40 channel_query",
        ] {
            assert!(desk.say(line).await, "{line}");
        }
        let mut events = desk.events().await;
        events.sort();
        assert_eq!(
            events,
            [
                "bill_line",
                "bill_line",
                "books_entry",
                "payment_paid",
                "payment_pending",
                "refund_accepted",
                "refund_succeeded"
            ]
        );
    }

    /// A bill of a busy day goes in within one transaction; the count keeps it quick to notice when
    /// somebody adds a read for each line.
    #[tokio::test]
    async fn a_thousand_lines_in_one_transaction() {
        let desk = desk().await;
        let now = Timestamp::from_seconds(T0 + 1_000);
        for round in 0..2 {
            let mut tx = desk.store.begin().await.unwrap();
            let mut changed = 0;
            for n in 0..1_000 {
                let fact = PaymentFact {
                    account_id: desk.account_id,
                    order_no: MerchantOrderNo::parse(&format!("M{n:06}")).unwrap(),
                    payment_id: Some(ChannelPaymentId::parse(&format!("4200{n:024}")).unwrap()),
                    state: PaymentState::Paid,
                    amount: Money::cny(100 + n),
                    method: "NATIVE".to_owned(),
                    payer: Some(format!("oPayer{n:05}")),
                    goods: Some("茶".to_owned()),
                    created_at: Timestamp::from_seconds(T0),
                    paid_at: Some(Timestamp::from_seconds(T0)),
                    source: FactSource::ChannelBill,
                    verified: true,
                    detail: Some(format!("line {n}")),
                };
                changed += i64::from(apply_payment(&mut tx, now, &fact).await.unwrap().changed);
            }
            tx.commit_bookkeeping().await.unwrap();
            assert_eq!(changed, if round == 0 { 1_000 } else { 0 });
        }
        let events: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM order_events")
            .fetch_one(desk.store.pool())
            .await
            .unwrap();
        assert_eq!(events, 2_000, "paid and its bill line, each once");
    }
}
