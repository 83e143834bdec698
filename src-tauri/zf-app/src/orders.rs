//! Orders: found by anything, shown with everything known of them, asked about at the channel.

use std::collections::HashMap;

use sqlx::Row as _;
use zf_channels::{ChannelError, PaymentAnswer, PaymentKey, PaymentSnapshot, RefusalKind};
use zf_domain::{
    AccountId, ChannelPaymentId, Currency, DifferenceCode, MerchantOrderNo, MerchantRefundNo,
    Money, OrderId, PaymentState, Permission, ReceiptId, RefundRules, RefundState, Timestamp,
    approval::Remaining,
};
use zf_store::Conn;
use zf_store::StoreError;
use zf_store::bills as bill_store;
use zf_store::orders::{self as store, EventRecord, OrderFilter, OrderRecord, PageStart, Term};
use zf_store::refunds::{self as refund_store, RefundRecord};

use crate::accounts::{self, Account, channel_error};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{self, PaymentFact, read_word};
use crate::refunds;
use crate::wire::{
    BillKind, BillMatch, BillStatus, ChannelKind, EventKind, FactSource, MoneyMoved, NumberKind,
    OrderAction, OrderActionKind, OrderDetail, OrderGap, OrderLookup, OrderPage, OrderRef,
    OrderRow, OrderSearch, OrderSort, OrderTotals, OrderTotalsRequest, PaymentView, ReceiptView,
    RecogniseText, Recognised, RevealPayer, RevealedPayer, StateCount, Sum, TimelineEvent,
};

/// Most rows of one page.
const PAGE_MAX: u32 = 200;
/// Most words of one search.
const TERMS_MAX: usize = 8;
/// Most orders picked by hand; as many as one batch of receipts takes.
pub(crate) const PICKED_MAX: usize = 500;

/// The payer as shown anywhere: only the tail of the channel's id.
pub(crate) fn mask_payer(payer: &str) -> String {
    format!("**{}", accounts::tail(payer))
}

/// Short facts of the accounts, for rows.
pub(crate) async fn account_map(app: &App) -> Result<HashMap<AccountId, Account>, AppError> {
    Ok(accounts::all(app)
        .await?
        .into_iter()
        .map(|a| (a.id, a))
        .collect())
}

pub(crate) fn row(order: &OrderRecord, accounts: &HashMap<AccountId, Account>) -> OrderRow {
    OrderRow {
        order_id: order.id,
        account_id: order.account_id,
        channel: ChannelKind::WechatPay,
        account_tail: accounts
            .get(&order.account_id)
            .map(|a| accounts::tail(&a.merchant_no))
            .unwrap_or_default(),
        order_no: order.order_no.clone(),
        payment_id: order.payment_id.clone(),
        payer_masked: order.payer.as_deref().map(mask_payer),
        goods: order.goods.clone(),
        state: order.state,
        amount: order.amount,
        refunded_minor: order.refunded_minor,
        in_flight_minor: order.in_flight_minor,
        created_at: order.created_at,
        paid_at: order.paid_at,
        reconciliation: order.reconciliation.clone(),
    }
}

/// Reads a search as a person types or pastes it: full-width signs, currency signs, thousands
/// separators and stray spaces are forgiven.
fn read_text(text: &str) -> (Option<String>, Vec<Term>) {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\t' | '\n' | '\r' => ' ',
            other => other,
        })
        .collect();
    let number: String = plain.split_whitespace().collect();
    let terms = plain
        .split_whitespace()
        .take(TERMS_MAX)
        .map(|word| {
            let amount: String = word
                .trim_start_matches(['¥', '￥', '$'])
                .trim_end_matches('元')
                .replace(',', "");
            Term {
                text: word.chars().take(128).collect(),
                minor: Money::parse(&amount, Currency::Cny).ok().map(|m| m.minor),
            }
        })
        .map(|term| match term.minor {
            // “¥12.30” is an amount and nothing else; “1230” may be a tail as well.
            Some(_) => Term {
                text: term
                    .text
                    .trim_start_matches(['¥', '￥', '$'])
                    .trim_end_matches('元')
                    .to_owned(),
                ..term
            },
            None => term,
        })
        .collect();
    (
        (!number.is_empty() && number.len() <= 128).then_some(number),
        terms,
    )
}

/// A search as the store takes it; also what an export of the same search covers.
pub(crate) fn filter(params: &OrderTotalsRequest) -> OrderFilter {
    let (number, terms) = params.text.as_deref().map_or((None, Vec::new()), read_text);
    OrderFilter {
        number,
        terms,
        account_id: params.account_id,
        states: params.states.clone(),
        words: params.reconciliation.clone().unwrap_or_default(),
        from: params.date_from.map(|d| d.beijing_start()),
        before: params.date_to.map(|d| d.beijing_end()),
        minor_min: params.amount_min_minor,
        minor_max: params.amount_max_minor,
        moved: params.moved.map(|moved| match moved {
            MoneyMoved::In => store::Moved::In,
            MoneyMoved::Back => store::Moved::Back,
        }),
    }
}

/// The orders a person picked by hand, or nothing where they did not.
fn picked(params: &OrderTotalsRequest) -> Result<Option<Vec<String>>, AppError> {
    let Some(ids) = &params.order_ids else {
        return Ok(None);
    };
    // None picked is not “all of them”.
    if ids.is_empty() || ids.len() > PICKED_MAX {
        return Err(AppError::bad(
            "order_ids",
            format!("请选 1 到 {PICKED_MAX} 笔 / 1 to {PICKED_MAX} orders"),
        ));
    }
    Ok(Some(ids.iter().map(ToString::to_string).collect()))
}

pub(crate) fn cursor_of(at: Timestamp, id: &str) -> String {
    format!("{}:{id}", at.millis())
}

pub(crate) fn read_cursor(cursor: Option<&str>) -> Result<Option<(i64, String)>, AppError> {
    cursor
        .map(|text| {
            text.split_once(':')
                .and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())))
                .ok_or_else(|| AppError::bad("cursor", "请从头翻页 / begin with the first page"))
        })
        .transpose()
}

/// `amount:currency:time:id`: enough to go on in any order of the list.
fn page_cursor(order: &OrderRecord) -> String {
    format!(
        "{}:{}:{}:{}",
        order.amount.minor,
        order.amount.currency.code(),
        order.created_at.millis(),
        order.id
    )
}

fn read_page_cursor(text: &str) -> Result<(i64, String, i64, String), AppError> {
    let mut parts = text.splitn(4, ':');
    let mut next = || parts.next();
    let read = (|| {
        let minor = next()?.parse().ok()?;
        let currency = next()?.to_owned();
        let created = next()?.parse().ok()?;
        Some((minor, currency, created, next()?.to_owned()))
    })();
    read.ok_or_else(|| AppError::bad("cursor", "请从头翻页 / begin with the first page"))
}

const fn store_sort(sort: OrderSort) -> store::OrderSort {
    match sort {
        OrderSort::NewestFirst => store::OrderSort::NewestFirst,
        OrderSort::OldestFirst => store::OrderSort::OldestFirst,
        OrderSort::LargestFirst => store::OrderSort::LargestFirst,
        OrderSort::SmallestFirst => store::OrderSort::SmallestFirst,
    }
}

const fn number_kind(kind: store::NumberKind) -> NumberKind {
    match kind {
        store::NumberKind::OrderNo => NumberKind::OrderNo,
        store::NumberKind::PaymentId => NumberKind::PaymentId,
        store::NumberKind::RefundNo => NumberKind::RefundNo,
        store::NumberKind::ChannelRefundId => NumberKind::ChannelRefundId,
        store::NumberKind::ReceiptSerial => NumberKind::ReceiptSerial,
        store::NumberKind::FundFlowNo => NumberKind::FundFlowNo,
    }
}

/// What the text of a search is as a whole, and the orders it names.
async fn read_number(
    conn: &mut Conn,
    filter: &OrderFilter,
) -> Result<(Option<NumberKind>, Vec<String>), AppError> {
    if let Some(number) = &filter.number
        && let Some((kind, ids)) = store::recognise(conn, number).await?
    {
        return Ok((Some(number_kind(kind)), ids));
    }
    // Digits alone may be a tail or an amount; with a point they are an amount.
    let amount =
        matches!(&filter.terms[..], [term] if term.minor.is_some() && term.text.contains('.'));
    Ok((amount.then_some(NumberKind::Amount), Vec::new()))
}

/// A page of a search, what its text is as a whole, and whether more follows.
async fn records(
    ctx: &Ctx,
    params: OrderSearch,
) -> Result<(Option<NumberKind>, Vec<OrderRecord>, bool), AppError> {
    let limit = params.limit.clamp(1, PAGE_MAX);
    let start = match (&params.cursor, params.offset) {
        (Some(cursor), _) => {
            let (minor, currency, created, id) = read_page_cursor(cursor)?;
            PageStart::After {
                currency,
                minor,
                created,
                id,
            }
        }
        (None, offset) => PageStart::At {
            offset: offset.unwrap_or(0),
            anchor: params
                .anchor
                .as_deref()
                .map(read_page_cursor)
                .transpose()?
                .map(|(_, _, created, id)| (created, id)),
        },
    };
    let sort = store_sort(params.sort.unwrap_or(OrderSort::NewestFirst));
    let wanted = params.into();
    let filter = filter(&wanted);
    let chosen = picked(&wanted)?;
    let mut conn = reader(&ctx.app).await?;
    let (recognised, ids) = match chosen {
        Some(ids) => (None, ids),
        None => read_number(&mut conn, &filter).await?,
    };
    let mut found = store::list(&mut conn, &filter, &ids, sort, &start, limit + 1).await?;
    drop(conn);
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    Ok((recognised, found, more))
}

pub(crate) async fn search(ctx: &Ctx, params: OrderSearch) -> Result<OrderPage, AppError> {
    let (recognised, found, more) = records(ctx, params).await?;
    let accounts = account_map(&ctx.app).await?;
    Ok(OrderPage {
        rows: found.iter().map(|order| row(order, &accounts)).collect(),
        next_cursor: found.last().filter(|_| more).map(page_cursor),
        anchor: found.first().map(page_cursor),
        recognised,
        as_of: ctx.now,
    })
}

pub(crate) async fn totals(ctx: &Ctx, params: OrderTotalsRequest) -> Result<OrderTotals, AppError> {
    let filter = filter(&params);
    let chosen = picked(&params)?;
    let mut conn = reader(&ctx.app).await?;
    let ids = match chosen {
        Some(ids) => ids,
        None => read_number(&mut conn, &filter).await?.1,
    };
    let sums = store::sums(&mut conn, &filter, &ids).await?;
    drop(conn);
    let wanted = |state| filter.states.is_empty() || filter.states.contains(&state);
    let mut state_counts: Vec<StateCount> = Vec::new();
    let mut paid_sums: Vec<Sum> = Vec::new();
    let mut refunded_sums: Vec<Sum> = Vec::new();
    let mut total = 0;
    for sum in &sums {
        match state_counts.iter_mut().find(|c| c.state == sum.state) {
            Some(known) => known.count += sum.count,
            None => state_counts.push(StateCount {
                state: sum.state,
                count: sum.count,
            }),
        }
        if wanted(sum.state) {
            total += sum.count;
            add_sum(&mut paid_sums, sum.currency, sum.paid);
            add_sum(&mut refunded_sums, sum.currency, sum.refunded);
        }
    }
    state_counts.sort_by_key(|c| c.state);
    // Orders named one by one are all there, whatever bills are missing.
    let gaps = if ids.is_empty() {
        gaps(ctx, &params).await?
    } else {
        Vec::new()
    };
    Ok(OrderTotals {
        total,
        paid_sums,
        refunded_sums,
        state_counts,
        gaps,
        as_of: ctx.now,
    })
}

/// Most days that a gap names; the rest are counted.
const GAP_DAYS_MAX: usize = 31;
/// How far back a search without dates looks for gaps.
const GAP_LOOK_BACK: i64 = 92;

/// Days with orders or after an account's first order, within the search, whose trade bill is due and
/// not here.
async fn gaps(ctx: &Ctx, params: &OrderTotalsRequest) -> Result<Vec<OrderGap>, AppError> {
    let today = ctx.now.beijing_date();
    let last = params.date_to.map_or(today, |to| to.min(today));
    let mut found: Vec<OrderGap> = Vec::new();
    for account in accounts::all(&ctx.app).await? {
        if params.account_id.is_some_and(|id| id != account.id) {
            continue;
        }
        let first_day: Option<i64> = sqlx::query_scalar(
            "SELECT MIN(day) FROM order_days WHERE account_id = $1 AND orders > 0",
        )
        .bind(account.id.to_string())
        .fetch_one(ctx.app.store().pool())
        .await
        .map_err(StoreError::from)?;
        let Some(first_day) = first_day else { continue };
        let first_order = Timestamp::from_millis(first_day * 86_400_000).beijing_date();
        let first = params
            .date_from
            .map_or(first_order, |from| from.max(first_order))
            .max(today.plus_days(-GAP_LOOK_BACK));
        if first > last {
            continue;
        }
        let bills = bill_store::between(ctx.app.store().pool(), account.id, first, last).await?;
        for ago in 0..=last.days_since(first) {
            let day = last.plus_days(-ago);
            let record = bills
                .iter()
                .find(|b| b.date == day && b.kind == facts::word(BillKind::Trade));
            let status = crate::bills::shown_status(record, day, ctx.now);
            if matches!(
                status,
                BillStatus::Verified | BillStatus::NoTrade | BillStatus::NotDue
            ) {
                continue;
            }
            match found
                .iter_mut()
                .find(|g| g.account_id == account.id && g.status == status)
            {
                Some(gap) => {
                    gap.days_total += 1;
                    if gap.days.len() < GAP_DAYS_MAX {
                        gap.days.push(day);
                    }
                }
                None => found.push(OrderGap {
                    account_id: account.id,
                    account_name: account.display_name.clone(),
                    status,
                    days: vec![day],
                    days_total: 1,
                }),
            }
        }
    }
    Ok(found)
}

pub(crate) async fn recognise(ctx: &Ctx, params: RecogniseText) -> Result<Recognised, AppError> {
    let (number, terms) = read_text(&params.text);
    let number = number.unwrap_or_default();
    let filter = OrderFilter {
        number: Some(number.clone()),
        terms,
        ..OrderFilter::default()
    };
    let mut conn = reader(&ctx.app).await?;
    let (kind, ids) = read_number(&mut conn, &filter).await?;
    let order = match &ids[..] {
        [id] => {
            let id = OrderId::parse(id).map_err(AppError::internal)?;
            store::by_id(&mut conn, id).await?
        }
        _ => None,
    };
    Ok(Recognised {
        kind,
        number,
        order_id: order.as_ref().map(|o| o.id),
        order_no: order.map(|o| o.order_no),
    })
}

/// How long a revealed payer stays on screen, seconds.
const REVEAL_SECONDS: u32 = 30;
/// Longest reason kept, characters.
const REASON_MAX: usize = 200;

pub(crate) async fn reveal_payer(
    ctx: &Ctx,
    params: RevealPayer,
) -> Result<RevealedPayer, AppError> {
    let reason = params.reason.trim();
    if reason.is_empty() {
        return Err(AppError::new(Code::ReasonRequired));
    }
    if reason.chars().count() > REASON_MAX {
        return Err(AppError::bad(
            "reason",
            format!("最多 {REASON_MAX} 字 / at most {REASON_MAX} characters"),
        ));
    }
    let mut tx = ctx.app.store().begin().await?;
    let order = load(tx.conn(), params.order_id).await?;
    let payer = order
        .payer
        .ok_or_else(|| AppError::not_found("付款人 payer", &order.order_no))?;
    let mut entry = ctx.audit("orders.reveal_payer", "order", &order.order_no);
    entry.reason = Some(reason.to_owned());
    tx.audit(entry).await?;
    // Nothing is shown that the log does not hold.
    tx.commit().await?;
    Ok(RevealedPayer {
        payer,
        seconds: REVEAL_SECONDS,
    })
}

/// One page of a search without its sums, for work that reads it to the end; and where to go on.
pub(crate) async fn rows(
    ctx: &Ctx,
    params: &OrderSearch,
) -> Result<(Vec<OrderRecord>, Option<String>), AppError> {
    let (_, found, more) = records(ctx, params.clone()).await?;
    let next = found.last().filter(|_| more).map(page_cursor);
    Ok((found, next))
}

pub(crate) fn add_sum(sums: &mut Vec<Sum>, currency: Currency, (minor, count): (i64, u64)) {
    if count == 0 {
        return;
    }
    match sums.iter_mut().find(|s| s.money.currency == currency) {
        Some(sum) => {
            sum.money.minor = sum.money.minor.saturating_add(minor);
            sum.count += count;
        }
        None => sums.push(Sum {
            money: Money::new(minor, currency),
            count,
        }),
    }
}

pub(crate) async fn reader(app: &App) -> Result<zf_store::PoolConn, AppError> {
    Ok(app
        .store()
        .pool()
        .acquire()
        .await
        .map_err(StoreError::from)?)
}

pub(crate) async fn load(conn: &mut Conn, id: OrderId) -> Result<OrderRecord, AppError> {
    store::by_id(conn, id)
        .await?
        .ok_or_else(|| AppError::not_found("订单 order", id))
}

/// Why no refund of this order can be asked for now; `None` when one can.
pub(crate) fn refund_bar(
    order: &OrderRecord,
    refunds: &[RefundRecord],
    now: Timestamp,
) -> Option<Code> {
    let rules = RefundRules::default();
    if order.payment_state != PaymentState::Paid {
        return Some(Code::OrderNotPaid);
    }
    if order.amount_provisional {
        return Some(Code::OrderAmountUnknown);
    }
    let left = remaining(order).left_minor();
    if left == 0 && order.refunded_minor >= order.paid_minor {
        return Some(Code::OrderAlreadyRefunded);
    }
    if left == 0 {
        return Some(Code::OrderAllInFlight);
    }
    if rules
        .check_age(order.paid_at.unwrap_or(order.created_at), now)
        .is_err()
    {
        return Some(Code::OrderTooOld);
    }
    if counted(refunds) >= rules.refunds_per_order_max as usize {
        return Some(Code::OrderTooManyRefunds);
    }
    None
}

/// Refunds that the channel's limit of refunds an order counts, or will.
pub(crate) fn counted(refunds: &[RefundRecord]) -> usize {
    refunds
        .iter()
        .filter(|r| r.state == RefundState::Succeeded || r.state.holds_amount())
        .count()
}

pub(crate) const fn remaining(order: &OrderRecord) -> Remaining {
    Remaining {
        paid: Money::new(order.paid_minor, order.amount.currency),
        refunded_minor: order.refunded_minor,
        in_flight_minor: order.in_flight_minor,
    }
}

fn actions(ctx: &Ctx, order: &OrderRecord, refunds: &[RefundRecord]) -> Vec<OrderAction> {
    let action = |action, permission, bar: Option<Code>| {
        let bar = if ctx.may(permission) {
            bar
        } else {
            Some(Code::PermissionDenied)
        };
        OrderAction {
            action,
            allowed: bar.is_none(),
            reason: bar.map(|code| code.text().code.to_owned()),
        }
    };
    let paid = order.payment_state == PaymentState::Paid;
    let locked = ctx.app.vault().is_locked().then_some(Code::VaultLocked);
    let close = match order.payment_state {
        PaymentState::Paid => Some(Code::OrderAlreadyPaid),
        PaymentState::Closed | PaymentState::Failed => Some(Code::OrderAlreadyClosed),
        PaymentState::Pending | PaymentState::Paying => locked,
    };
    vec![
        action(
            OrderActionKind::RequestRefund,
            Permission::RequestRefund,
            refund_bar(order, refunds, ctx.now),
        ),
        action(
            OrderActionKind::QueryChannel,
            Permission::ViewOrders,
            locked,
        ),
        action(
            OrderActionKind::IssueReceipt,
            Permission::IssueReceipt,
            (!paid).then_some(Code::OrderNotPaid),
        ),
        action(
            OrderActionKind::CloseOrder,
            Permission::RequestRefund,
            close,
        ),
    ]
}

pub(crate) fn timeline(events: Vec<EventRecord>) -> Vec<TimelineEvent> {
    events
        .into_iter()
        .filter_map(|e| {
            Some(TimelineEvent {
                at: e.at,
                kind: read_word::<EventKind>(&e.kind)?,
                amount: e.amount,
                refund_no: e.refund_no,
                actor: e.actor,
                source: read_word::<FactSource>(&e.source)?,
                verified: e.verified,
                detail: e.detail,
            })
        })
        .collect()
}

/// The bill line of an order's payment, with what its day's latest run made of it.
async fn bill_match(conn: &mut Conn, order: &OrderRecord) -> Result<Option<BillMatch>, AppError> {
    let found = sqlx::query(
        "SELECT b.date, l.line_no, (SELECT d.code FROM differences d JOIN recon_runs r ON r.id = d.run_id
             WHERE r.account_id = l.account_id AND r.date = b.date AND d.order_no = l.order_no AND d.kind = 'payment'
             ORDER BY r.number DESC LIMIT 1) AS code
         FROM bill_lines l JOIN bills b ON b.id = l.bill_id
         WHERE l.account_id = $1 AND l.order_no = $2 AND l.kind = 'payment' AND b.kind = 'trade'
         ORDER BY b.date DESC, l.line_no LIMIT 1",
    )
    .bind(order.account_id.to_string())
    .bind(&order.order_no)
    .fetch_optional(conn)
    .await
    .map_err(StoreError::from)?;
    let Some(row) = found else { return Ok(None) };
    let read = |e: sqlx::Error| AppError::from(StoreError::from(e));
    let date: String = row.try_get("date").map_err(read)?;
    let code: Option<String> = row.try_get("code").map_err(read)?;
    let line_no: i64 = row.try_get("line_no").map_err(read)?;
    Ok(Some(BillMatch {
        date: zf_domain::BusinessDate::parse(&date).map_err(AppError::internal)?,
        line_no: u64::try_from(line_no).unwrap_or(0),
        code: code.as_deref().and_then(DifferenceCode::parse),
    }))
}

async fn receipts_of(conn: &mut Conn, order: &OrderRecord) -> Result<Vec<ReceiptView>, AppError> {
    let rows = sqlx::query(
        "SELECT r.*, u.display_name FROM receipts r JOIN users u ON u.id = r.issued_by
         WHERE r.order_id = $1 ORDER BY r.issued_at",
    )
    .bind(order.id.to_string())
    .fetch_all(conn)
    .await
    .map_err(StoreError::from)?;
    rows.iter()
        .map(|row| {
            let read = || -> Result<ReceiptView, StoreError> {
                let id: String = row.try_get("id")?;
                Ok(ReceiptView {
                    receipt_id: ReceiptId::parse(&id)
                        .map_err(|_| StoreError::unreadable("receipts.id", &id))?,
                    serial_no: row.try_get("serial_no")?,
                    order_id: order.id,
                    order_no: order.order_no.clone(),
                    amount: Money::new(row.try_get("amount_minor")?, order.amount.currency),
                    payer_masked: order.payer.as_deref().map(mask_payer),
                    issued_at: Timestamp::from_millis(row.try_get("issued_at")?),
                    issued_by: row.try_get("display_name")?,
                    signer: row.try_get("signer")?,
                    sha256: row.try_get("sha256")?,
                    bytes: u64::try_from(row.try_get::<i64, _>("bytes")?).unwrap_or(0),
                    already_issued: true,
                })
            };
            read().map_err(AppError::from)
        })
        .collect()
}

pub(crate) async fn detail(ctx: &Ctx, params: OrderRef) -> Result<OrderDetail, AppError> {
    let accounts = account_map(&ctx.app).await?;
    let mut conn = reader(&ctx.app).await?;
    let order = load(&mut conn, params.order_id).await?;
    let refunds_of = refund_store::of_order(&mut conn, order.id).await?;
    let people = refunds::people(&mut conn).await?;
    let payments = store::payments(&mut conn, order.id).await?;
    let events = store::events(&mut conn, order.id, None).await?;
    let bill_match = bill_match(&mut conn, &order).await?;
    let receipts = receipts_of(&mut conn, &order).await?;
    drop(conn);
    let left = remaining(&order).left_minor();
    Ok(OrderDetail {
        row: row(&order, &accounts),
        account_name: accounts
            .get(&order.account_id)
            .map(|a| a.display_name.clone())
            .unwrap_or_default(),
        payments: payments
            .into_iter()
            .map(|p| PaymentView {
                payment_id: p.payment_id,
                state: p.state,
                amount: p.amount,
                method: p.method,
                payer_masked: p.payer.as_deref().map(mask_payer),
                paid_at: p.paid_at,
                source: read_word(&p.source).unwrap_or(FactSource::Desk),
                verified_at: p.verified_at,
            })
            .collect(),
        // An unfinished form is its maker's alone.
        refunds: refunds_of
            .iter()
            .filter(|r| r.state != RefundState::Draft || refunds::is_maker(ctx, r))
            .map(|r| refunds::row(ctx, r, &order, &people))
            .collect(),
        refundable: Money::new(left, order.amount.currency),
        actions: actions(ctx, &order, &refunds_of),
        timeline: timeline(events),
        bill_match,
        receipts,
        checked_at: order.checked_at,
    })
}

/// What a channel's answer says, as a fact.
pub(crate) fn fact(
    account_id: AccountId,
    snapshot: &PaymentSnapshot,
    source: FactSource,
    now: Timestamp,
) -> PaymentFact {
    PaymentFact {
        account_id,
        order_no: snapshot.order_no.clone(),
        payment_id: snapshot.payment_id.clone(),
        state: snapshot.state,
        amount: snapshot.amount,
        method: snapshot.method.clone().unwrap_or_default(),
        payer: snapshot.payer.clone(),
        goods: None,
        created_at: snapshot.paid_at.unwrap_or(now),
        paid_at: snapshot.paid_at,
        source,
        verified: true,
        detail: Some(snapshot.state_text.clone()),
    }
}

/// Takes in the channel's answer about an order, with its audit row.
async fn take_in(
    ctx: &Ctx,
    action: &str,
    account_id: AccountId,
    snapshot: &PaymentSnapshot,
) -> Result<OrderId, AppError> {
    let now = ctx.now;
    let mut tx = ctx.app.store().begin().await?;
    let fact = fact(account_id, snapshot, FactSource::ChannelQuery, now);
    let applied = facts::apply_payment(&mut tx, now, &fact).await?;
    let mut order = load(tx.conn(), applied.order_id).await?;
    // The channel tells that something was refunded, not how much. What this desk knows of is no news.
    let hint = snapshot.refunded_hint && order.refunded_minor == 0 && order.in_flight_minor == 0;
    if hint != order.refund_hint {
        order.refund_hint = hint;
        store::save(tx.conn(), &order).await?;
    }
    let mut asked = facts::event(
        &order,
        now,
        EventKind::ChannelQueried,
        FactSource::ChannelQuery,
    );
    asked.actor = Some(ctx.actor_name());
    asked.verified = true;
    asked.detail = Some(snapshot.state_text.clone());
    store::add_event(tx.conn(), &asked).await?;
    let mut entry = ctx.audit(action, "order", &order.order_no);
    entry.after_digest = Some(snapshot.raw_digest.clone());
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(order.id)
}

pub(crate) async fn query_channel(ctx: &Ctx, params: OrderRef) -> Result<OrderDetail, AppError> {
    let order = load(&mut *reader(&ctx.app).await?, params.order_id).await?;
    ask(ctx, "orders.query_channel", &order).await?;
    // Its refunds that are under way are asked about as well; each has its own outcome and audit row.
    let refunds_of = refund_store::of_order(&mut *reader(&ctx.app).await?, order.id).await?;
    for refund in refunds_of.iter().filter(|r| r.state.needs_query()) {
        if let Err(error) = refunds::follow(ctx, refund.id).await {
            tracing::info!(refund_no = %refund.refund_no, %error, "refund could not be queried");
        }
    }
    detail(ctx, params).await
}

async fn ask(ctx: &Ctx, action: &str, order: &OrderRecord) -> Result<(), AppError> {
    let client = accounts::channel(&ctx.app, &order.account_id).await?;
    let order_no = MerchantOrderNo::parse(&order.order_no).map_err(AppError::internal)?;
    let answer = client
        .query_payment(PaymentKey::Order(&order_no))
        .await
        .map_err(|e| channel_error(&e, &order.order_no))?;
    match answer {
        PaymentAnswer::Found(snapshot) => {
            take_in(ctx, action, order.account_id, &snapshot).await?;
        }
        PaymentAnswer::NotFound => {
            let mut tx = ctx.app.store().begin().await?;
            let mut missing = facts::event(
                order,
                ctx.now,
                EventKind::ChannelNotFound,
                FactSource::ChannelQuery,
            );
            missing.actor = Some(ctx.actor_name());
            missing.verified = true;
            store::add_event(tx.conn(), &missing).await?;
            let mut entry = ctx.audit(action, "order", &order.order_no);
            entry.result = "not_found".to_owned();
            tx.audit(entry).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Asks the channel about any number: the merchant's order number, the channel's payment number, or a
/// refund number of the merchant's.
pub(crate) async fn lookup(ctx: &Ctx, params: OrderLookup) -> Result<OrderDetail, AppError> {
    let number: String = read_text(&params.number).0.unwrap_or_default();
    if number.is_empty() {
        return Err(AppError::bad("number", "请填写单号 / give a number"));
    }
    let client = accounts::channel(&ctx.app, &params.account_id).await?;
    let asked = |e: ChannelError| match e {
        // A number this channel cannot have is simply not there.
        ChannelError::Misuse(_) => Ok(PaymentAnswer::NotFound),
        other => Err(channel_error(&other, &number)),
    };
    let by_payment = || async {
        match ChannelPaymentId::parse(&number) {
            Ok(id) => client
                .query_payment(PaymentKey::Channel(&id))
                .await
                .or_else(asked),
            Err(_) => Ok(PaymentAnswer::NotFound),
        }
    };
    let by_order = |order_no: MerchantOrderNo| {
        let client = client.clone();
        async move { client.query_payment(PaymentKey::Order(&order_no)).await }
    };
    // WeChat Pay's payment numbers have 28 digits; asking under the likelier name first spares a call.
    let payment_first = number.len() == 28 && number.bytes().all(|b| b.is_ascii_digit());
    let mut answer = PaymentAnswer::NotFound;
    if payment_first {
        answer = by_payment().await?;
    }
    if answer == PaymentAnswer::NotFound
        && let Ok(order_no) = MerchantOrderNo::parse(&number)
    {
        answer = by_order(order_no).await.or_else(asked)?;
    }
    if answer == PaymentAnswer::NotFound && !payment_first {
        answer = by_payment().await?;
    }
    let mut refund = None;
    if answer == PaymentAnswer::NotFound
        && let Ok(refund_no) = MerchantRefundNo::parse(&number)
    {
        match client.query_refund(&refund_no).await {
            Ok(Some(snapshot)) => {
                answer = by_order(snapshot.order_no.clone()).await.or_else(asked)?;
                refund = Some(snapshot);
            }
            Ok(None) | Err(ChannelError::Misuse(_)) => {}
            Err(other) => return Err(channel_error(&other, &number)),
        }
    }
    let PaymentAnswer::Found(snapshot) = answer else {
        return Err(AppError::new(Code::ChannelNotFound).with("number", number));
    };
    let order_id = take_in(ctx, "orders.lookup", params.account_id, &snapshot).await?;
    if let Some(refund) = refund {
        refunds::take_in_elsewhere(ctx, params.account_id, &refund).await?;
    }
    detail(ctx, OrderRef { order_id }).await
}

pub(crate) async fn close(ctx: &Ctx, params: OrderRef) -> Result<OrderDetail, AppError> {
    let order = load(&mut *reader(&ctx.app).await?, params.order_id).await?;
    match order.payment_state {
        PaymentState::Pending | PaymentState::Paying => {}
        PaymentState::Paid => return Err(AppError::new(Code::OrderAlreadyPaid)),
        PaymentState::Closed | PaymentState::Failed => {
            return Err(AppError::new(Code::OrderAlreadyClosed));
        }
    }
    let client = accounts::channel(&ctx.app, &order.account_id).await?;
    let order_no = MerchantOrderNo::parse(&order.order_no).map_err(AppError::internal)?;
    match client.close_order(&order_no).await {
        // Closed, or maybe closed: the channel's own word on it is what counts.
        Ok(()) | Err(ChannelError::OutcomeUnknown { .. }) => {
            ask(ctx, "orders.close", &order).await?;
        }
        Err(ChannelError::Refused {
            kind: RefusalKind::AlreadyPaid,
            ..
        }) => {
            ask(ctx, "orders.close", &order).await?;
            return Err(AppError::new(Code::OrderAlreadyPaid));
        }
        Err(other) => return Err(channel_error(&other, &order.order_no)),
    }
    detail(ctx, params).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_read_as_people_type_it() {
        let check = |text: &str, number: &str, words: &[(&str, Option<i64>)]| {
            let (found, terms) = read_text(text);
            assert_eq!(found.as_deref(), Some(number), "{text:?}");
            let terms: Vec<(&str, Option<i64>)> =
                terms.iter().map(|t| (t.text.as_str(), t.minor)).collect();
            assert_eq!(terms, words, "{text:?}");
        };
        check(" ORD-1 ", "ORD-1", &[("ORD-1", None)]);
        check(
            "4200 0025",
            "42000025",
            &[("4200", Some(420_000)), ("0025", Some(2_500))],
        );
        check("¥1,234.50", "¥1,234.50", &[("1,234.50", Some(123_450))]);
        check("１２．３０元", "12.30元", &[("12.30", Some(1_230))]);
        check(
            "红茶\u{200b} 12",
            "红茶12",
            &[("红茶", None), ("12", Some(1_200))],
        );
        assert_eq!(read_text("  ").1, Vec::new());
    }

    #[test]
    fn payers_are_masked() {
        assert_eq!(mask_payer("oInventedOpenid01"), "**id01");
    }
}
