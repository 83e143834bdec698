//! Refunds: asked for by one person, approved by another over a digest of exactly what is shown, sent
//! under a number stored before anything leaves, and followed to their end.

mod content;
mod preflight;
mod send;

use std::collections::HashMap;
use std::time::Instant;

use sqlx::Row as _;
use zf_channels::RefundSnapshot;
use zf_domain::approval::check_separate;
use zf_domain::capital::capital_amount;
use zf_domain::{
    AccountId, Currency, Decision, Money, Permission, RefundId, RefundState, Role, RuleError,
    Timestamp, UserId,
};
use zf_store::Conn;
use zf_store::orders::{self as order_store, OrderRecord};
use zf_store::refunds::{self as store, ApprovalRecord, RefundQuery, RefundRecord, VersionRecord};
use zf_store::{StoreError, Tx};

use self::content::{Signed, digest_of};
use self::preflight::{Known, channel_checks, desk_checks};
pub(crate) use self::send::{expire, follow, follow_due, recover};
use crate::accounts;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{self, RefundFact, read_word, word};
use crate::orders;
use crate::settings::{self, Standing};
use crate::wire::{
    ApprovalQueue, ApprovalView, Approve, ChannelKind, CheckLevel, EventKind, FactSource, NotMine,
    Nothing, OpenRefund, PathView, Preflight, PreflightCheck, PreflightRequest, QueueProgress,
    ReasonCode, RefundContent, RefundForm, RefundLane, RefundList, RefundPage, RefundRef,
    RefundRequest, RefundRow, RefundView, Reject, RelatedOrder, SaveDraft, SignedField,
    VersionView,
};

/// Most rows of one page.
const PAGE_MAX: u32 = 200;
/// Longest note for the checker, characters.
const NOTE_MAX: usize = 500;
/// Longest text for the payer: the channel's limit, characters.
const BUYER_NOTE_MAX: usize = 80;
/// Decisions shown under "handled by me".
const HANDLED_MAX: u32 = 50;

const REASONS: [ReasonCode; 8] = [
    ReasonCode::Duplicate,
    ReasonCode::NotDelivered,
    ReasonCode::Goodwill,
    ReasonCode::Price,
    ReasonCode::Fraud,
    ReasonCode::Test,
    ReasonCode::Reconciliation,
    ReasonCode::Other,
];

const PENDING: [RefundState; 2] = [RefundState::AwaitingApproval, RefundState::ApprovalVoided];

// ---- reading -----------------------------------------------------------------------------------

/// Display names by person.
pub(crate) async fn people(conn: &mut Conn) -> Result<HashMap<UserId, String>, AppError> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT id, display_name FROM users")
        .fetch_all(conn)
        .await
        .map_err(StoreError::from)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, name)| Some((UserId::parse(&id).ok()?, name)))
        .collect())
}

pub(crate) fn is_maker(ctx: &Ctx, refund: &RefundRecord) -> bool {
    refund.maker_id.is_some() && refund.maker_id == ctx.person.as_ref().map(|p| p.user_id)
}

pub(crate) fn row(
    ctx: &Ctx,
    refund: &RefundRecord,
    order: &OrderRecord,
    people: &HashMap<UserId, String>,
) -> RefundRow {
    row_of(ctx, refund, &order.order_no, people)
}

fn row_of(
    ctx: &Ctx,
    refund: &RefundRecord,
    order_no: &str,
    people: &HashMap<UserId, String>,
) -> RefundRow {
    RefundRow {
        refund_no: refund.refund_no.clone(),
        order_id: refund.order_id,
        order_no: order_no.to_owned(),
        channel: ChannelKind::WechatPay,
        state: refund.state,
        amount: refund.amount,
        reason_code: read_word(&refund.reason_code).unwrap_or(ReasonCode::Other),
        maker: refund
            .maker_id
            .and_then(|id| people.get(&id).cloned())
            .unwrap_or_else(|| "—".to_owned()),
        created_at: refund.created_at,
        requested_at: refund.requested_at,
        sent_at: refund.sent_at,
        finished_at: refund.finished_at,
        next_query_at: refund
            .next_query_at
            .filter(|_| refund.state.needs_query() || refund.state == RefundState::Queued),
        query_count: u32::try_from(refund.query_count).unwrap_or(0),
        expires_at: refund.expires_at(),
        cooling_until: refund
            .next_query_at
            .filter(|_| refund.state == RefundState::CoolingOff),
        last_error: refund.last_error.clone(),
        mine: is_maker(ctx, refund)
            && (refund.state == RefundState::Draft
                || refund.state == RefundState::CoolingOff
                || PENDING.contains(&refund.state)),
    }
}

async fn load(conn: &mut Conn, refund_no: &str) -> Result<RefundRecord, AppError> {
    store::find(conn, refund_no.trim())
        .await?
        .ok_or_else(|| AppError::not_found("退款 refund", refund_no))
}

async fn load_by_id(conn: &mut Conn, id: RefundId) -> Result<RefundRecord, AppError> {
    store::by_id(conn, id)
        .await?
        .ok_or_else(|| AppError::not_found("退款 refund", id))
}

/// Minor units this refund may ask for: what it holds itself is free for it.
fn left_for(order: &OrderRecord, own: &RefundRecord) -> i64 {
    let mut remaining = orders::remaining(order);
    if own.state.holds_amount() {
        remaining.in_flight_minor = remaining.in_flight_minor.saturating_sub(own.amount.minor);
    }
    remaining.left_minor()
}

fn illegal(refund: &RefundRecord, to: RefundState) -> AppError {
    AppError::new(Code::IllegalStep)
        .with("number", &refund.refund_no)
        .with("from", refund.state.as_str())
        .with("to", to.as_str())
}

async fn own(ctx: &Ctx, conn: &mut Conn, refund_no: &str) -> Result<RefundRecord, AppError> {
    let refund = load(conn, refund_no).await?;
    if is_maker(ctx, &refund) {
        return Ok(refund);
    }
    let maker = match refund.maker_id {
        Some(id) => people(conn).await?.remove(&id).unwrap_or_default(),
        None => "—".to_owned(),
    };
    Err(AppError::new(Code::RefundNotYours)
        .with("refund_no", &refund.refund_no)
        .with("maker", maker))
}

async fn checkers(conn: &mut Conn) -> Result<Vec<String>, AppError> {
    let rows = sqlx::query(
        "SELECT display_name FROM users WHERE role = $1 AND disabled_at IS NULL ORDER BY created_at, id",
    )
    .bind(Role::Approver.as_str())
    .fetch_all(conn)
    .await
    .map_err(StoreError::from)?;
    rows.iter()
        .map(|row| row.try_get("display_name").map_err(StoreError::from))
        .collect::<Result<_, _>>()
        .map_err(AppError::from)
}

// ---- pre-flight --------------------------------------------------------------------------------

/// The desk's own checks over what stands in this transaction.
async fn judge(
    conn: &mut Conn,
    order: &OrderRecord,
    own: &RefundRecord,
    amount_minor: Option<i64>,
    now: Timestamp,
) -> Result<Vec<PreflightCheck>, AppError> {
    let refunds = store::of_order(conn, order.id).await?;
    let payer_in_flight = match &order.payer {
        Some(payer) => store::payer_in_flight(conn, order.account_id, payer, order.id).await?,
        None => (0, 0),
    };
    let last_sent = store::last_sent(conn, order.id, own.id).await?;
    let checkers = checkers(conn).await?.len();
    let rules = settings::standing(conn).await?.refund;
    let asked_today = asked_today(conn, order, own, now).await?;
    Ok(desk_checks(&Known {
        rules: &rules,
        asked_today,
        order,
        refunds: &refunds,
        own,
        amount_minor,
        payer_in_flight,
        last_sent,
        checkers,
        now,
    }))
}

/// What the maker asked for today besides this refund: how many, and how much in its currency.
async fn asked_today(
    conn: &mut Conn,
    order: &OrderRecord,
    own: &RefundRecord,
    now: Timestamp,
) -> Result<(u32, i64), AppError> {
    let Some(maker) = own.maker_id else {
        return Ok((0, 0));
    };
    let since = now.beijing_date().beijing_start();
    let (count, minor) =
        store::asked_since(conn, maker, since, order.amount.currency, own.id).await?;
    Ok((u32::try_from(count).unwrap_or(u32::MAX), minor))
}

/// When the money is with the payer, by how it was paid. Source: WeChat Pay refund page (change about
/// five minutes, cards one to three working days).
const ARRIVAL: (&str, &str) = (
    "零钱支付约 5 分钟到账；银行卡 1–3 个工作日。渠道受理不等于到账，账房会跟到最后。",
    "Change arrives in about 5 minutes, cards in 1 to 3 working days. Acceptance is not arrival; it is followed to the end.",
);

async fn run_preflight(
    ctx: &Ctx,
    order: &OrderRecord,
    own: &RefundRecord,
    amount_minor: Option<i64>,
) -> Result<Preflight, AppError> {
    let begun = Instant::now();
    let mut checks = judge(
        &mut *orders::reader(&ctx.app).await?,
        order,
        own,
        amount_minor,
        ctx.now,
    )
    .await?;
    checks.extend(channel_checks(&ctx.app, order, amount_minor).await);
    preflight::sort(&mut checks);
    Ok(Preflight {
        checks,
        checked_at: ctx.now,
        millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        arrival: ARRIVAL.0.to_owned(),
        arrival_en: ARRIVAL.1.to_owned(),
    })
}

pub(crate) async fn preflight(ctx: &Ctx, params: PreflightRequest) -> Result<Preflight, AppError> {
    let mut conn = orders::reader(&ctx.app).await?;
    let refund = own(ctx, &mut conn, &params.refund_no).await?;
    let order = orders::load(&mut conn, refund.order_id).await?;
    drop(conn);
    run_preflight(ctx, &order, &refund, Some(params.amount_minor)).await
}

// ---- the form ----------------------------------------------------------------------------------

/// Opens the form: the number is minted and stored in one transaction, so that no crash and no second
/// click can ever give it out twice.
pub(crate) async fn open(ctx: &Ctx, params: OpenRefund) -> Result<RefundForm, AppError> {
    let maker = ctx.person()?.clone();
    let mut tx = ctx.app.store().begin().await?;
    let order = orders::load(tx.conn(), params.order_id).await?;
    if let Some(draft) = store::open_draft(tx.conn(), order.id, maker.user_id).await? {
        drop(tx);
        return build_form(ctx, draft).await;
    }
    let refunds = store::of_order(tx.conn(), order.id).await?;
    if let Some(bar) = orders::refund_bar(&order, &refunds, ctx.now) {
        return Err(AppError::new(bar));
    }
    let refund_no = mint(&mut tx, ctx.now).await?;
    let refund = RefundRecord::draft(
        RefundId::new(),
        &order,
        &refund_no,
        Some(maker.user_id),
        ctx.now,
    );
    store::insert(tx.conn(), &refund).await?;
    event(ctx, &mut tx, &refund, &order, EventKind::RefundOpened, None).await?;
    tx.audit(ctx.audit("refunds.open", "refund", &refund_no))
        .await?;
    tx.commit().await?;
    build_form(ctx, refund).await
}

/// `RF` + day in Beijing + counter of the day + four random letters: the counter keeps two drafts of
/// this desk apart, the letters two desks (or a desk brought back from an old backup) at one channel.
async fn mint(tx: &mut Tx, now: Timestamp) -> Result<String, AppError> {
    let date = now.beijing_date();
    let sequence = store::next_number(tx.conn(), date).await?;
    let day = date.to_string().replace('-', "");
    let letters = zf_crypto::random::alphanumeric(4).to_lowercase();
    Ok(format!("RF{}-{sequence:04}-{letters}", &day[2..]))
}

pub(crate) async fn form(ctx: &Ctx, params: RefundRef) -> Result<RefundForm, AppError> {
    let refund = own(
        ctx,
        &mut *orders::reader(&ctx.app).await?,
        &params.refund_no,
    )
    .await?;
    if refund.state != RefundState::Draft && !PENDING.contains(&refund.state) {
        return Err(illegal(&refund, RefundState::Draft));
    }
    build_form(ctx, refund).await
}

async fn build_form(ctx: &Ctx, refund: RefundRecord) -> Result<RefundForm, AppError> {
    let accounts = orders::account_map(&ctx.app).await?;
    let mut conn = orders::reader(&ctx.app).await?;
    let order = orders::load(&mut conn, refund.order_id).await?;
    let people = people(&mut conn).await?;
    let earlier = store::of_order(&mut conn, order.id)
        .await?
        .iter()
        .filter(|r| r.id != refund.id && r.state != RefundState::Draft)
        .map(|r| row(ctx, r, &order, &people))
        .collect();
    let checkers = checkers(&mut conn).await?;
    let standing = settings::standing(&mut conn).await?;
    drop(conn);
    let rules = &standing.refund;
    let left = left_for(&order, &refund);
    let kept = refund.version > 0 || refund.draft_at.is_some();
    let content = kept.then(|| content_of(&refund));
    let amount = content
        .as_ref()
        .map(|c| c.amount_minor)
        .filter(|minor| *minor > 0)
        .unwrap_or(left);
    let preflight = run_preflight(ctx, &order, &refund, Some(amount)).await?;
    Ok(RefundForm {
        refund_no: refund.refund_no.clone(),
        order: orders::row(&order, &accounts),
        account_name: accounts
            .get(&order.account_id)
            .map(|a| a.display_name.clone())
            .unwrap_or_default(),
        refundable: Money::new(left, order.amount.currency),
        earlier,
        preflight,
        reason_codes: REASONS.to_vec(),
        checkers,
        checkers_required: rules.checkers_required(amount),
        bands: settings::bands(rules),
        approval_hours: rules.approval_hours_max,
        cooling_off_seconds: rules.cooling_off_seconds,
        rules_version: u32::try_from(standing.version).unwrap_or(0),
        note_required: standing.note_required,
        buyer_note: standing.buyer_note,
        content,
    })
}

fn content_of(refund: &RefundRecord) -> RefundContent {
    RefundContent {
        amount_minor: refund.amount.minor,
        reason_code: read_word(&refund.reason_code).unwrap_or(ReasonCode::Other),
        note: refund.note.clone(),
        buyer_note: refund.buyer_note.clone(),
    }
}

async fn event(
    ctx: &Ctx,
    tx: &mut Tx,
    refund: &RefundRecord,
    order: &OrderRecord,
    kind: EventKind,
    detail: Option<String>,
) -> Result<(), AppError> {
    let mut event = facts::event(order, ctx.now, kind, FactSource::Desk);
    event.refund_no = Some(refund.refund_no.clone());
    event.amount = (refund.amount.minor > 0).then_some(refund.amount);
    event.actor = Some(ctx.actor_name());
    event.detail = detail;
    order_store::add_event(tx.conn(), &event).await?;
    Ok(())
}

/// Keeps a form that was closed before it was sent. Nothing is asked of anybody and no amount is
/// held: bookkeeping of the maker's own desk, so no audit row.
pub(crate) async fn save_draft(ctx: &Ctx, params: SaveDraft) -> Result<Nothing, AppError> {
    let content = bounded(RefundContent {
        amount_minor: params.amount_minor.unwrap_or(0).max(0),
        reason_code: params.reason_code,
        note: params.note,
        buyer_note: params.buyer_note,
    })?;
    let mut tx = ctx.app.store().begin().await?;
    let mut refund = own(ctx, tx.conn(), &params.refund_no).await?;
    if refund.state != RefundState::Draft {
        return Err(illegal(&refund, RefundState::Draft));
    }
    refund.amount.minor = content.amount_minor;
    refund.reason_code = word(content.reason_code);
    refund.note = content.note;
    refund.buyer_note = content.buyer_note;
    refund.draft_at = Some(ctx.now);
    store::save(tx.conn(), &refund).await?;
    tx.commit_bookkeeping().await?;
    Ok(Nothing {})
}

fn tidy(content: RefundContent, rules: &Standing) -> Result<RefundContent, AppError> {
    let content = bounded(content)?;
    if content.note.is_empty() && rules.needs_note(content.reason_code) {
        return Err(AppError::new(Code::ReasonRequired));
    }
    Ok(content)
}

fn bounded(content: RefundContent) -> Result<RefundContent, AppError> {
    let note = content.note.trim().to_owned();
    let buyer_note = content.buyer_note.trim().to_owned();
    if note.chars().count() > NOTE_MAX {
        return Err(AppError::bad(
            "note",
            format!("最多 {NOTE_MAX} 个字 / at most {NOTE_MAX} characters"),
        ));
    }
    if buyer_note.chars().count() > BUYER_NOTE_MAX || buyer_note.chars().any(char::is_control) {
        return Err(AppError::bad(
            "buyer_note",
            format!(
                "一行，最多 {BUYER_NOTE_MAX} 个字 / one line of at most {BUYER_NOTE_MAX} characters"
            ),
        ));
    }
    Ok(RefundContent {
        note,
        buyer_note,
        ..content
    })
}

/// Asks for the refund, or asks again with changed content. The same content again gives the first
/// result; changed content voids every approval of the version before.
pub(crate) async fn request(ctx: &Ctx, params: RefundRequest) -> Result<RefundView, AppError> {
    let maker = ctx.person()?.clone();
    let refund_no = params.refund_no.clone();
    let rules = settings::standing(&mut *orders::reader(&ctx.app).await?).await?;
    let content = tidy(params.content.clone(), &rules)?;
    // What the channel says is asked before the write lock is taken.
    let (order, refund) = {
        let mut conn = orders::reader(&ctx.app).await?;
        let refund = own(ctx, &mut conn, &refund_no).await?;
        (orders::load(&mut conn, refund.order_id).await?, refund)
    };
    let account = accounts::find(&ctx.app, order.account_id).await?;
    let repeated = |refund: &RefundRecord| {
        // After a recall the same content is asked for anew.
        !matches!(
            refund.state,
            RefundState::Draft | RefundState::ApprovalVoided
        ) && content_of(refund) == content
    };
    let from_channel = if repeated(&refund) {
        Vec::new()
    } else {
        channel_checks(&ctx.app, &order, Some(content.amount_minor)).await
    };

    let mut tx = ctx.app.store().begin().await?;
    let mut refund = own(ctx, tx.conn(), &refund_no).await?;
    let order = orders::load(tx.conn(), refund.order_id).await?;
    let revised = PENDING.contains(&refund.state);
    if repeated(&refund) {
        drop(tx);
        return detail(ctx, RefundRef { refund_no }).await;
    }
    if refund.state != RefundState::Draft && !revised {
        return Err(illegal(&refund, RefundState::AwaitingApproval));
    }
    let left = left_for(&order, &refund);
    let left_text = Money::new(left, order.amount.currency).to_string();
    // The rules of this moment, not of when the form was opened.
    let rules = settings::standing(tx.conn()).await?;
    let path = rules.refund.path(content.amount_minor);
    check_rules(
        ctx,
        &mut tx,
        &order,
        &refund,
        (&rules, &content),
        &params,
        from_channel,
    )
    .await?;

    let version = refund.version + 1;
    let signed = Signed::new(
        &refund,
        version,
        &content,
        &order,
        &account,
        &maker,
        (&path, rules.version),
    );
    let text = signed.text();
    let before_digest = Some(refund.digest.clone()).filter(|d| !d.is_empty());
    let digest = digest_of(&text);
    store::add_version(
        tx.conn(),
        refund.id,
        &VersionRecord {
            version,
            content: text,
            digest: digest.clone(),
            editor_id: maker.user_id,
            at: ctx.now,
        },
    )
    .await?;
    let voided = store::void_approvals(tx.conn(), refund.id).await?;
    if voided > 0 && refund.state == RefundState::AwaitingApproval {
        refund.state = RefundState::ApprovalVoided;
        store::save(tx.conn(), &refund).await?;
        event(
            ctx,
            &mut tx,
            &refund,
            &order,
            EventKind::ApprovalVoided,
            None,
        )
        .await?;
    }
    refund.amount = Money::new(content.amount_minor, order.amount.currency);
    refund.reason_code = word(content.reason_code);
    refund.note = content.note;
    refund.buyer_note = content.buyer_note;
    refund.version = version;
    refund.digest.clone_from(&digest);
    refund.requested_at = Some(ctx.now);
    refund.path = path;
    refund.last_error = None;
    refund.state = RefundState::AwaitingApproval;
    send::ruled(
        store::save(tx.conn(), &refund).await,
        &left_text,
        &refund_no,
    )?;
    let kind = if revised {
        EventKind::RefundRevised
    } else {
        EventKind::RefundRequested
    };
    event(
        ctx,
        &mut tx,
        &refund,
        &order,
        kind,
        Some(refund.note.clone()),
    )
    .await?;
    facts::recompute_order(&mut tx, order.id)
        .await
        .map_err(|e| send::rule_of(e, &left_text, &refund_no))?;
    let mut entry = ctx.audit("refunds.request", "refund", &refund_no);
    entry.before_digest = before_digest;
    entry.after_digest = Some(digest);
    entry.reason = Some(refund.note.clone());
    tx.audit(entry).await?;
    tx.commit().await?;
    detail(ctx, RefundRef { refund_no }).await
}

/// Everything that may speak against a request, judged on what stands in this transaction.
async fn check_rules(
    ctx: &Ctx,
    tx: &mut Tx,
    order: &OrderRecord,
    refund: &RefundRecord,
    (rules, content): (&Standing, &RefundContent),
    params: &RefundRequest,
    from_channel: Vec<PreflightCheck>,
) -> Result<(), AppError> {
    let mut remaining = orders::remaining(order);
    if refund.state.holds_amount() {
        remaining.in_flight_minor -= refund.amount.minor;
    }
    let money = |minor| Money::new(minor, order.amount.currency);
    let judged = rules.refund.check_amount(
        content.amount_minor,
        &remaining,
        params.remaining_seen_minor,
    );
    match judged {
        Ok(()) => {}
        Err(RuleError::RemainingChanged { left_minor }) => {
            return Err(remaining_changed(tx, order, refund, left_minor).await?);
        }
        Err(RuleError::ExceedsRemaining { left_minor }) => {
            return Err(AppError::new(Code::ExceedsRemaining).with("left", money(left_minor)));
        }
        Err(_) => {
            return Err(AppError::bad(
                "amount_minor",
                "至少 0.01 / at least one minor unit",
            ));
        }
    }
    let (asked_count, asked_minor) = asked_today(tx.conn(), order, refund, ctx.now).await?;
    let daily = rules
        .refund
        .check_daily(asked_count, asked_minor, content.amount_minor);
    match daily {
        Err(RuleError::DailyCount { limit, asked }) => {
            return Err(AppError::new(Code::DailyCount)
                .with("limit", limit)
                .with("asked", asked));
        }
        Err(RuleError::DailySum {
            limit_minor,
            asked_minor,
        }) => {
            return Err(AppError::new(Code::DailySum)
                .with("limit", money(limit_minor))
                .with("asked", money(asked_minor))
                .with("amount", money(content.amount_minor)));
        }
        _ => {}
    }
    let mut checks = judge(
        tx.conn(),
        order,
        refund,
        Some(content.amount_minor),
        ctx.now,
    )
    .await?;
    checks.extend(from_channel);
    if let Some(block) = checks.iter().find(|c| c.level == CheckLevel::Block) {
        return Err(AppError::new(preflight::code_of(block, order))
            .with("refund_no", &refund.refund_no)
            .with("left", money(left_for(order, refund)))
            .with("detail", format!("{} / {}", block.detail, block.detail_en))
            .with("remedy", "请看预检 / see the pre-flight"));
    }
    let open: Vec<&str> = checks
        .iter()
        .filter(|c| c.level == CheckLevel::Warning && !params.acknowledged.contains(&c.name))
        .map(|c| c.name.as_str())
        .collect();
    if !open.is_empty() {
        return Err(AppError::new(Code::WarningNotAcknowledged)
            .with("refund_no", &refund.refund_no)
            .with("checks", open.join(", ")));
    }
    Ok(())
}

/// The figure changed while the form was open: to what, and by whose refund.
async fn remaining_changed(
    tx: &mut Tx,
    order: &OrderRecord,
    own: &RefundRecord,
    left_minor: i64,
) -> Result<AppError, AppError> {
    let error = AppError::new(Code::RemainingChanged)
        .with("left", Money::new(left_minor, order.amount.currency))
        .with("left_minor", left_minor);
    let other = store::of_order(tx.conn(), order.id)
        .await?
        .into_iter()
        .filter(|r| r.id != own.id && (r.state.holds_amount() || r.state == RefundState::Succeeded))
        .max_by_key(|r| r.requested_at.unwrap_or(r.created_at));
    let Some(other) = other else {
        return Ok(error);
    };
    let names = people(tx.conn()).await?;
    Ok(error
        .with(
            "by",
            other
                .maker_id
                .and_then(|id| names.get(&id))
                .map_or("—", String::as_str),
        )
        .with("other_no", &other.refund_no)
        .with("other_minor", other.amount.minor)
        .with("other_at", other.requested_at.unwrap_or(other.created_at)))
}

pub(crate) async fn withdraw(ctx: &Ctx, params: RefundRef) -> Result<RefundView, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    let mut refund = own(ctx, tx.conn(), &params.refund_no).await?;
    if refund.state == RefundState::Draft {
        drop(tx);
        return detail(ctx, params).await;
    }
    refund.state = refund
        .state
        .step(RefundState::Draft)
        .map_err(|_| illegal(&refund, RefundState::Draft))?;
    refund.requested_at = None;
    refund.next_query_at = None;
    store::void_approvals(tx.conn(), refund.id).await?;
    store::save(tx.conn(), &refund).await?;
    let order = orders::load(tx.conn(), refund.order_id).await?;
    event(
        ctx,
        &mut tx,
        &refund,
        &order,
        EventKind::RefundWithdrawn,
        None,
    )
    .await?;
    facts::recompute_order(&mut tx, refund.order_id).await?;
    let mut entry = ctx.audit("refunds.withdraw", "refund", &refund.refund_no);
    entry.before_digest = Some(refund.digest.clone());
    tx.audit(entry).await?;
    tx.commit().await?;
    detail(ctx, params).await
}

// ---- lists and detail --------------------------------------------------------------------------

fn lane(ctx: &Ctx, lane: RefundLane) -> RefundQuery {
    let me = ctx.person.as_ref().map(|p| p.user_id);
    let states: Vec<RefundState> = match lane {
        RefundLane::All | RefundLane::Mine => Vec::new(),
        RefundLane::Open => RefundState::ALL
            .iter()
            .copied()
            .filter(|s| s.holds_amount())
            .collect(),
        RefundLane::AwaitingApproval => PENDING.to_vec(),
        RefundLane::Unknown => vec![RefundState::Unknown],
        RefundLane::Finished => RefundState::ALL
            .iter()
            .copied()
            .filter(|s| s.is_final())
            .collect(),
    };
    RefundQuery {
        states,
        maker_id: me.filter(|_| lane == RefundLane::Mine),
        drafts_of: me,
        ..RefundQuery::default()
    }
}

pub(crate) async fn list(ctx: &Ctx, params: RefundList) -> Result<RefundPage, AppError> {
    let text = params
        .text
        .map(|t| t.trim().to_owned())
        .filter(|t| !t.is_empty());
    let query = RefundQuery {
        amount_minor: text
            .as_deref()
            .and_then(|t| Money::parse(t, Currency::Cny).ok())
            .map(|m| m.minor),
        text,
        ..lane(ctx, params.lane)
    };
    let limit = params.limit.clamp(1, PAGE_MAX);
    let cursor = orders::read_cursor(params.cursor.as_deref())?;
    let mut conn = orders::reader(&ctx.app).await?;
    let after = cursor.as_ref().map(|(at, id)| (*at, id.as_str()));
    let mut found = store::page(&mut conn, &query, after, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let people = people(&mut conn).await?;
    let mut total = 0;
    let mut sums = Vec::new();
    for (currency, minor, count) in store::sums(&mut conn, &query).await? {
        total += count;
        orders::add_sum(&mut sums, currency, (minor, count));
    }
    Ok(RefundPage {
        as_of: ctx.now,
        next_cursor: found
            .last()
            .filter(|_| more)
            .map(|(last, _)| orders::cursor_of(last.created_at, &last.id.to_string())),
        rows: found
            .iter()
            .map(|(refund, order_no)| row_of(ctx, refund, order_no, &people))
            .collect(),
        total,
        sums,
    })
}

/// Why this person may not approve this refund now; `None` when they may.
fn approval_bar(
    ctx: &Ctx,
    refund: &RefundRecord,
    editors: &[UserId],
    approvals: &[ApprovalRecord],
) -> Option<Code> {
    if refund.state == RefundState::ApprovalExpired {
        return Some(Code::ApprovalExpired);
    }
    if refund.state != RefundState::AwaitingApproval {
        return Some(Code::IllegalStep);
    }
    let person = ctx.person.as_ref()?;
    if !person.role.may(Permission::ApproveRefund) {
        return Some(Code::PermissionDenied);
    }
    refund
        .path
        .decide(
            person.user_id,
            editors,
            &standing(refund, approvals),
            &refund.digest,
            &refund.digest,
            refund.requested_at.unwrap_or(refund.created_at),
            ctx.now,
        )
        .err()
        .map(|rule| rule_code(&rule))
}

const fn rule_code(rule: &RuleError) -> Code {
    match rule {
        RuleError::MakerIsChecker => Code::SelfApproval,
        RuleError::AlreadyApproved => Code::ApprovedAlready,
        RuleError::DigestMismatch => Code::DigestMismatch,
        RuleError::Expired { .. } => Code::ApprovalExpired,
        _ => Code::RefundRule,
    }
}

/// Who approved what stands now.
fn standing(refund: &RefundRecord, approvals: &[ApprovalRecord]) -> Vec<UserId> {
    approvals
        .iter()
        .filter(|a| a.approved && a.stands && a.version == refund.version)
        .map(|a| a.checker_id)
        .collect()
}

/// All who asked for or edited it.
fn editors(refund: &RefundRecord, versions: &[VersionRecord]) -> Vec<UserId> {
    versions
        .iter()
        .map(|v| v.editor_id)
        .chain(refund.maker_id)
        .collect()
}

pub(crate) async fn detail(ctx: &Ctx, params: RefundRef) -> Result<RefundView, AppError> {
    let accounts = orders::account_map(&ctx.app).await?;
    let mut conn = orders::reader(&ctx.app).await?;
    let refund = load(&mut conn, &params.refund_no).await?;
    if refund.state == RefundState::Draft && !is_maker(ctx, &refund) {
        return Err(AppError::not_found("退款 refund", &params.refund_no));
    }
    let order = orders::load(&mut conn, refund.order_id).await?;
    let people = people(&mut conn).await?;
    let versions = store::versions(&mut conn, refund.id).await?;
    let approvals = store::approvals(&mut conn, refund.id).await?;
    let events = order_store::events(&mut conn, order.id, Some(&refund.refund_no)).await?;
    let related = related(&mut conn, &order).await?;
    drop(conn);
    let signed = |version: i64| {
        versions
            .iter()
            .find(|v| v.version == version)
            .and_then(|v| Signed::parse(&v.content))
    };
    let before = signed(refund.version - 1);
    let fields = signed(refund.version).map_or_else(Vec::new, |now| {
        now.fields()
            .iter()
            .map(|(name, value)| SignedField {
                name: name.clone(),
                value: value.clone(),
                before: before
                    .as_ref()
                    .map(|b| b.value(name))
                    .filter(|old| *old != value && name != "version")
                    .map(str::to_owned),
            })
            .collect()
    });
    let bar = approval_bar(ctx, &refund, &editors(&refund, &versions), &approvals);
    let may_recall = refund.state == RefundState::CoolingOff
        && ctx
            .person
            .as_ref()
            .is_some_and(|p| standing(&refund, &approvals).contains(&p.user_id));
    let preflight = if PENDING.contains(&refund.state) {
        Some(run_preflight(ctx, &order, &refund, Some(refund.amount.minor)).await?)
    } else {
        None
    };
    let pending = refund.state == RefundState::Draft || PENDING.contains(&refund.state);
    let left = left_for(&order, &refund) - if pending { refund.amount.minor } else { 0 };
    Ok(RefundView {
        row: row(ctx, &refund, &order, &people),
        content: content_of(&refund),
        version: u32::try_from(refund.version).unwrap_or(0),
        order: orders::row(&order, &accounts),
        refundable_after: Money::new(left.max(0), order.amount.currency),
        amount_in_words: capital_amount(refund.amount)
            .ok()
            .filter(|_| refund.amount.minor > 0),
        fields,
        digest: refund.digest.clone(),
        approvals: approvals
            .into_iter()
            .map(|a| ApprovalView {
                version: u32::try_from(a.version).unwrap_or(0),
                checker: a.checker,
                approved: a.approved,
                comment: a.comment,
                at: a.at,
                stands: a.stands && a.version == refund.version,
            })
            .collect(),
        checkers_required: refund.path.checkers,
        may_approve: bar.is_none() && ctx.person.is_some(),
        may_not_because: bar.map(|code| code.text().code.to_owned()),
        preflight,
        timeline: orders::timeline(events),
        received_account: refund.received_account,
        channel_refund_id: refund.channel_refund_id,
        path: PathView {
            checkers: refund.path.checkers,
            approval_hours: refund.path.approval_hours,
            cooling_off_seconds: refund.path.cooling_off_seconds,
        },
        signed_text: versions
            .iter()
            .find(|v| v.version == refund.version)
            .map(|v| v.content.clone())
            .unwrap_or_default(),
        versions: versions
            .into_iter()
            .map(|v| VersionView {
                version: u32::try_from(v.version).unwrap_or(0),
                editor: people
                    .get(&v.editor_id)
                    .cloned()
                    .unwrap_or_else(|| "—".to_owned()),
                at: v.at,
                digest: v.digest,
            })
            .collect(),
        related,
        may_recall,
    })
}

/// How far around a payment another one of the same payer is shown to the checker.
const RELATED_SPAN_MILLIS: i64 = 86_400_000;
/// Most of them shown.
const RELATED_MAX: u32 = 6;

async fn related(conn: &mut Conn, order: &OrderRecord) -> Result<Vec<RelatedOrder>, AppError> {
    let (Some(payer), Some(paid_at)) = (&order.payer, order.paid_at) else {
        return Ok(Vec::new());
    };
    let found = store::of_payer_near(
        conn,
        order.account_id,
        payer,
        paid_at,
        RELATED_SPAN_MILLIS,
        RELATED_MAX,
    )
    .await?;
    Ok(found
        .into_iter()
        .map(|o| RelatedOrder {
            this: o.id == order.id,
            order_id: o.id,
            order_no: o.order_no,
            amount: o.amount,
            refunded_minor: o.refunded_minor,
            goods: o.goods,
            paid_at: o.paid_at,
        })
        .collect())
}

pub(crate) async fn queue(ctx: &Ctx, _: Nothing) -> Result<ApprovalQueue, AppError> {
    let mut conn = orders::reader(&ctx.app).await?;
    let people = people(&mut conn).await?;
    let mut waiting = store::page(
        &mut conn,
        &lane(ctx, RefundLane::AwaitingApproval),
        None,
        PAGE_MAX,
    )
    .await?;
    // The least time left first.
    waiting.sort_by_key(|(refund, _)| refund.expires_at());
    let mut mine = Vec::new();
    let mut not_mine = Vec::new();
    let mut progress = Vec::new();
    for (refund, order_no) in &waiting {
        let versions = store::versions(&mut conn, refund.id).await?;
        let approvals = store::approvals(&mut conn, refund.id).await?;
        let row = row_of(ctx, refund, order_no, &people);
        progress.push(QueueProgress {
            refund_no: refund.refund_no.clone(),
            version: u32::try_from(refund.version).unwrap_or(0),
            approved: u32::try_from(standing(refund, &approvals).len()).unwrap_or(0),
            needed: refund.path.checkers,
        });
        match approval_bar(ctx, refund, &editors(refund, &versions), &approvals) {
            None => mine.push(row),
            Some(code) => not_mine.push(NotMine {
                row,
                because: code.text().code.to_owned(),
            }),
        }
    }
    let rows = |found: Vec<(RefundRecord, String)>| {
        found
            .iter()
            .map(|(refund, order_no)| row_of(ctx, refund, order_no, &people))
            .collect::<Vec<_>>()
    };
    let unknown = store::page(&mut conn, &lane(ctx, RefundLane::Unknown), None, PAGE_MAX).await?;
    let cooling = RefundQuery {
        states: vec![RefundState::CoolingOff],
        ..RefundQuery::default()
    };
    let mut cooling = store::page(&mut conn, &cooling, None, PAGE_MAX).await?;
    cooling.sort_by_key(|(refund, _)| refund.next_query_at);
    let handled = match ctx.person.as_ref() {
        Some(person) => {
            let query = RefundQuery {
                decided_by: Some(person.user_id),
                ..RefundQuery::default()
            };
            store::page(&mut conn, &query, None, HANDLED_MAX).await?
        }
        None => Vec::new(),
    };
    Ok(ApprovalQueue {
        cooling: rows(cooling),
        progress,
        mine,
        not_mine,
        unknown: rows(unknown),
        handled: rows(handled),
    })
}

// ---- decisions ---------------------------------------------------------------------------------

/// What a decision rests on, read in its own transaction.
struct Case {
    refund: RefundRecord,
    order: OrderRecord,
    editors: Vec<UserId>,
    approved: Vec<UserId>,
}

/// Loads a pending refund for a decision; one past its time expires here and now.
async fn open_case(tx: &mut Tx, refund_no: &str) -> Result<Case, AppError> {
    let refund = load(tx.conn(), refund_no).await?;
    let hours = refund.path.approval_hours;
    if refund.state == RefundState::ApprovalExpired {
        return Err(AppError::new(Code::ApprovalExpired)
            .with("number", refund_no)
            .with("hours", hours));
    }
    if refund.state != RefundState::AwaitingApproval {
        return Err(illegal(&refund, RefundState::Queued));
    }
    let versions = store::versions(tx.conn(), refund.id).await?;
    let approvals = store::approvals(tx.conn(), refund.id).await?;
    // The digest binds only while it is the digest of the content that is kept.
    let kept = versions.iter().find(|v| v.version == refund.version);
    let sound = kept.is_some_and(|v| {
        v.digest == refund.digest
            && Signed::parse(&v.content).is_some_and(|s| s.sendable(&refund).is_some())
    });
    if !sound {
        return Err(AppError::new(Code::DigestMismatch).with("number", refund_no));
    }
    let order = orders::load(tx.conn(), refund.order_id).await?;
    Ok(Case {
        editors: editors(&refund, &versions),
        approved: standing(&refund, &approvals),
        order,
        refund,
    })
}

pub(crate) async fn approve(ctx: &Ctx, params: Approve) -> Result<RefundView, AppError> {
    let checker = ctx.person()?.clone();
    let refund_no = params.refund_no.trim().to_owned();
    let mut tx = ctx.app.store().begin().await?;
    let mut case = open_case(&mut tx, &refund_no).await?;
    let path = case.refund.path;
    let decided = path.decide(
        checker.user_id,
        &case.editors,
        &case.approved,
        &params.digest,
        &case.refund.digest,
        case.refund.requested_at.unwrap_or(case.refund.created_at),
        ctx.now,
    );
    let decision = match decided {
        Ok(decision) => decision,
        Err(rule) => return Err(refuse(ctx, tx, case.refund, &rule, "approvals.approve").await?),
    };
    let approval = ApprovalRecord {
        version: case.refund.version,
        checker_id: checker.user_id,
        checker: checker.display_name.clone(),
        approved: true,
        digest: params.digest.clone(),
        comment: params.comment.trim().chars().take(NOTE_MAX).collect(),
        at: ctx.now,
        stands: true,
    };
    send::ruled(
        store::add_approval(tx.conn(), case.refund.id, &approval).await,
        "",
        &refund_no,
    )?;
    let complete = decision == Decision::Complete;
    let cools = complete && path.cooling_off_seconds > 0;
    if complete {
        case.refund.state = if cools {
            RefundState::CoolingOff
        } else {
            RefundState::Queued
        };
        case.refund.next_query_at = Some(ctx.now.plus_millis(path.cooling_off_seconds * 1000));
        case.refund.query_count = 0;
        store::save(tx.conn(), &case.refund).await?;
    }
    let comment = Some(approval.comment).filter(|c| !c.is_empty());
    event(
        ctx,
        &mut tx,
        &case.refund,
        &case.order,
        EventKind::RefundApproved,
        comment.clone(),
    )
    .await?;
    if cools {
        event(
            ctx,
            &mut tx,
            &case.refund,
            &case.order,
            EventKind::RefundCoolingOff,
            Some(format!("{} s", path.cooling_off_seconds)),
        )
        .await?;
    }
    facts::recompute_order(&mut tx, case.order.id).await?;
    let mut entry = ctx.audit("approvals.approve", "refund", &refund_no);
    entry.after_digest = Some(params.digest);
    entry.reason = comment;
    tx.audit(entry).await?;
    tx.commit().await?;
    if complete && !cools {
        spawn_submit(&ctx.app, case.refund.id);
    }
    detail(ctx, RefundRef { refund_no }).await
}

/// Turns a rule's no into an error, with its audit row; a request past its time expires.
async fn refuse(
    ctx: &Ctx,
    mut tx: Tx,
    refund: RefundRecord,
    rule: &RuleError,
    action: &str,
) -> Result<AppError, AppError> {
    let code = rule_code(rule);
    let mut error = AppError::new(code).with("number", &refund.refund_no);
    if let RuleError::Expired { hours } = rule {
        error = error.with("hours", hours);
        send::expire_one(&mut tx, ctx, refund.clone()).await?;
    }
    let mut entry = ctx.audit(action, "refund", &refund.refund_no);
    entry.result = code.text().code.to_owned();
    tx.audit(entry).await?;
    tx.commit().await?;
    ctx.app.stale(send::STALES);
    Ok(error)
}

/// Takes an approval back before anything left: the request goes back to its maker, who must ask anew.
pub(crate) async fn recall(ctx: &Ctx, params: Reject) -> Result<RefundView, AppError> {
    let checker = ctx.person()?.clone();
    let refund_no = params.refund_no.trim().to_owned();
    let reason: String = params.reason.trim().chars().take(NOTE_MAX).collect();
    if reason.is_empty() {
        return Err(AppError::new(Code::ReasonRequired));
    }
    let mut tx = ctx.app.store().begin().await?;
    let mut refund = load(tx.conn(), &refund_no).await?;
    if refund.state != RefundState::CoolingOff {
        return Err(illegal(&refund, RefundState::ApprovalVoided));
    }
    let approvals = store::approvals(tx.conn(), refund.id).await?;
    if !standing(&refund, &approvals).contains(&checker.user_id) {
        return Err(AppError::new(Code::PermissionDenied).with("permission", "approve_refund"));
    }
    if params.digest != refund.digest {
        return Err(AppError::new(Code::DigestMismatch).with("number", refund_no));
    }
    refund.state = refund
        .state
        .step(RefundState::ApprovalVoided)
        .map_err(|_| illegal(&refund, RefundState::ApprovalVoided))?;
    refund.next_query_at = None;
    // The maker has the full time again.
    refund.requested_at = Some(ctx.now);
    store::void_approvals(tx.conn(), refund.id).await?;
    store::save(tx.conn(), &refund).await?;
    let order = orders::load(tx.conn(), refund.order_id).await?;
    event(
        ctx,
        &mut tx,
        &refund,
        &order,
        EventKind::ApprovalRecalled,
        Some(reason.clone()),
    )
    .await?;
    facts::recompute_order(&mut tx, order.id).await?;
    let mut entry = ctx.audit("approvals.recall", "refund", &refund_no);
    entry.before_digest = Some(params.digest);
    entry.reason = Some(reason);
    tx.audit(entry).await?;
    tx.commit().await?;
    detail(ctx, RefundRef { refund_no }).await
}

pub(crate) async fn reject(ctx: &Ctx, params: Reject) -> Result<RefundView, AppError> {
    let checker = ctx.person()?.clone();
    let refund_no = params.refund_no.trim().to_owned();
    let reason = params.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(AppError::new(Code::ReasonRequired));
    }
    let mut tx = ctx.app.store().begin().await?;
    let mut case = open_case(&mut tx, &refund_no).await?;
    if let Err(rule) = check_separate(checker.user_id, &case.editors) {
        return Err(refuse(ctx, tx, case.refund, &rule, "approvals.reject").await?);
    }
    if params.digest != case.refund.digest {
        return Err(refuse(
            ctx,
            tx,
            case.refund,
            &RuleError::DigestMismatch,
            "approvals.reject",
        )
        .await?);
    }
    let rejection = ApprovalRecord {
        version: case.refund.version,
        checker_id: checker.user_id,
        checker: checker.display_name.clone(),
        approved: false,
        digest: params.digest.clone(),
        comment: reason.chars().take(NOTE_MAX).collect(),
        at: ctx.now,
        stands: true,
    };
    send::ruled(
        store::add_approval(tx.conn(), case.refund.id, &rejection).await,
        "",
        &refund_no,
    )?;
    store::void_approvals(tx.conn(), case.refund.id).await?;
    case.refund.state = RefundState::Rejected;
    case.refund.finished_at = Some(ctx.now);
    store::save(tx.conn(), &case.refund).await?;
    event(
        ctx,
        &mut tx,
        &case.refund,
        &case.order,
        EventKind::RefundRejected,
        Some(reason.clone()),
    )
    .await?;
    facts::recompute_order(&mut tx, case.order.id).await?;
    let mut entry = ctx.audit("approvals.reject", "refund", &refund_no);
    entry.before_digest = Some(params.digest);
    entry.reason = Some(reason);
    tx.audit(entry).await?;
    tx.commit().await?;
    detail(ctx, RefundRef { refund_no }).await
}

// ---- the channel -------------------------------------------------------------------------------

/// Sends in a task of its own: a closed window or a lost connection does not stop it.
fn spawn_submit(app: &App, id: RefundId) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = send::submit(&Ctx::timer(&app), id, false).await {
            tracing::info!(refund = %id, %error, "refund was not sent");
        }
    });
}

pub(crate) async fn query_channel(ctx: &Ctx, params: RefundRef) -> Result<RefundView, AppError> {
    let refund = load(&mut *orders::reader(&ctx.app).await?, &params.refund_no).await?;
    send::follow(ctx, refund.id).await?;
    detail(ctx, params).await
}

/// Takes in a refund found at the channel under a number this desk may never have seen.
pub(crate) async fn take_in_elsewhere(
    ctx: &Ctx,
    account_id: AccountId,
    snapshot: &RefundSnapshot,
) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    let fact = RefundFact {
        account_id,
        order_no: snapshot.order_no.clone(),
        refund_no: snapshot.refund_no.clone(),
        refund_id: Some(snapshot.refund_id.clone()),
        amount: snapshot.amount,
        state: send::state_of(snapshot.state),
        at: snapshot
            .succeeded_at
            .or(snapshot.created_at)
            .unwrap_or(ctx.now),
        source: FactSource::ChannelQuery,
        verified: true,
    };
    facts::apply_refund(&mut tx, ctx.now, &fact).await?;
    let mut entry = ctx.audit("orders.lookup", "refund", fact.refund_no.as_str());
    entry.after_digest = Some(snapshot.raw_digest.clone());
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}
