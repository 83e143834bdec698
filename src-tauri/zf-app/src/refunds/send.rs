//! Sending a refund, and following it to its end.
//!
//! The number and an attempt row are on the disk before the first byte leaves. Whatever comes back is
//! stored with its timeline event and audit row in one transaction; what does not come back is unknown
//! and is asked for under the same number. Only the channel's word that it never heard of the number
//! lets it go out again.

use std::sync::Arc;

use zf_channels::{
    ChannelClient, ChannelError, Misuse, RefundOf, RefundOrder, RefundOutcome, RefundSnapshot,
    RefusalKind,
};
use zf_domain::{MerchantRefundNo, RefundId, RefundRules, RefundState, Timestamp};
use zf_store::orders as order_store;
use zf_store::refunds::{self as store, RefundRecord};
use zf_store::{StoreError, Tx};

use super::content::Signed;
use crate::accounts::{self, channel_error};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts;
use crate::orders;
use crate::wire::{Environment, EventKind, FactSource, Tag};

/// What refunds make out of date.
pub(super) const STALES: &[Tag] = &[Tag::Refunds, Tag::Orders, Tag::Status, Tag::Audit];

/// How long to wait between steps, in milliseconds; the last figure repeats.
struct Pace {
    /// Queries while it is unknown.
    unknown: &'static [i64],
    /// Queries while the channel works on it.
    processing: &'static [i64],
    /// Sending again what never left.
    resend: &'static [i64],
    /// Sending again what a person must mend first: a top-up, a key, a clock.
    mend: &'static [i64],
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

/// The channel's own advice: first poll after a minute, then 5, 10, 20, 30.
static REAL_PACE: Pace = Pace {
    unknown: &[MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE],
    processing: &[MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE],
    resend: &[
        10 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
    ],
    mend: &[5 * MINUTE, 10 * MINUTE],
};
/// The same steps where no real money waits and a person watches.
static TRIAL_PACE: Pace = Pace {
    unknown: &[SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND],
    processing: &[2 * SECOND, 2 * SECOND, 3 * SECOND, 5 * SECOND, 10 * SECOND],
    resend: &[SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND],
    mend: &[5 * SECOND, 10 * SECOND],
};

impl Pace {
    const fn of(environment: Environment) -> &'static Self {
        match environment {
            Environment::Production => &REAL_PACE,
            Environment::Sandbox | Environment::Demo => &TRIAL_PACE,
        }
    }
}

fn after(now: Timestamp, steps: &[i64], taken: i64) -> Option<Timestamp> {
    let index = usize::try_from(taken).unwrap_or(0);
    let wait = steps.get(index).or(steps.last())?;
    Some(now.plus_millis(*wait))
}

/// How a sending ended.
enum Sent {
    /// The channel answered with the refund.
    Landed(Box<RefundSnapshot>),
    /// It did not end well.
    Failed(ChannelError),
}

/// A sending that was written down.
struct Job {
    id: RefundId,
    attempt: i64,
    order: RefundOrder,
}

async fn pace_of(app: &App, refund: &RefundRecord) -> Result<&'static Pace, AppError> {
    Ok(Pace::of(
        accounts::find(app, refund.account_id).await?.environment,
    ))
}

/// Sends a queued refund when its time has come; `at_once` for a person who mended what was wrong.
/// Doing nothing is no error: another task may be sending it, or it may be further already.
pub(crate) async fn submit(ctx: &Ctx, id: RefundId, at_once: bool) -> Result<(), AppError> {
    let app = &ctx.app;
    let refund = super::load_by_id(&mut *orders::reader(app).await?, id).await?;
    let pace = pace_of(app, &refund).await?;
    let client = match accounts::channel(app, &refund.account_id).await {
        Ok(client) => client,
        Err(error) => {
            postpone(app, id, error.code, pace).await?;
            return Err(error);
        }
    };
    let Some(job) = claim(ctx, id, at_once).await? else {
        return Ok(());
    };
    let sent = match client.refund(&job.order).await {
        Ok(snapshot) => Sent::Landed(Box::new(snapshot)),
        Err(error) => Sent::Failed(error),
    };
    let app_now = Ctx::timer(app).now;
    let stored = conclude(ctx, app_now, &job, sent, pace).await;
    app.stale(STALES);
    stored
}

/// Remembers why a queued refund cannot even be tried now.
async fn postpone(app: &App, id: RefundId, code: Code, pace: &Pace) -> Result<(), AppError> {
    let now = Ctx::timer(app).now;
    let mut tx = app.store().begin().await?;
    let mut refund = super::load_by_id(tx.conn(), id).await?;
    if refund.state != RefundState::Queued {
        return Ok(());
    }
    refund.last_error = Some(code.text().code.to_owned());
    refund.next_query_at = after(now, pace.mend, refund.query_count);
    refund.query_count += 1;
    store::save(tx.conn(), &refund).await?;
    tx.commit_bookkeeping().await?;
    Ok(())
}

/// Writes down that the number is about to go out, once everything that was approved still stands.
async fn claim(ctx: &Ctx, id: RefundId, at_once: bool) -> Result<Option<Job>, AppError> {
    let now = Ctx::timer(&ctx.app).now;
    let mut tx = ctx.app.store().begin().await?;
    let mut refund = super::load_by_id(tx.conn(), id).await?;
    if refund.state != RefundState::Queued {
        return Ok(None);
    }
    if !at_once && refund.next_query_at.is_some_and(|due| due > now) {
        return Ok(None);
    }
    let earlier = store::attempts(tx.conn(), id).await?;
    if earlier.iter().any(|a| a.finished_at.is_none()) {
        return Ok(None);
    }
    let spacing = RefundRules::default().interval_seconds_min * SECOND;
    let last = store::last_sent(tx.conn(), refund.order_id, id).await?;
    if let Some(free) = last
        .map(|at| at.plus_millis(spacing))
        .filter(|free| *free > now)
    {
        refund.next_query_at = Some(free);
        store::save(tx.conn(), &refund).await?;
        tx.commit_bookkeeping().await?;
        return Ok(None);
    }
    let version = store::versions(tx.conn(), id).await?.pop();
    let standing = store::approvals(tx.conn(), id).await?;
    let approved = standing
        .iter()
        .filter(|a| {
            a.approved && a.stands && a.version == refund.version && a.digest == refund.digest
        })
        .count();
    let needed = refund.path.checkers.max(1) as usize;
    let sendable = version
        .filter(|v| v.version == refund.version && v.digest == refund.digest)
        .and_then(|v| Signed::parse(&v.content))
        .and_then(|signed| signed.sendable(&refund))
        .filter(|_| approved >= needed);
    let order = orders::load(tx.conn(), refund.order_id).await?;
    let Some(sendable) = sendable else {
        // Someone changed the rows around what was approved: it is never sent.
        refund.last_error = Some(Code::DigestMismatch.text().code.to_owned());
        refund.next_query_at = None;
        store::save(tx.conn(), &refund).await?;
        let mut entry = ctx.audit("refunds.send", "refund", &refund.refund_no);
        entry.result = Code::DigestMismatch.text().code.to_owned();
        entry.after_digest = Some(refund.digest.clone());
        tx.audit(entry).await?;
        tx.commit().await?;
        return Err(AppError::new(Code::DigestMismatch).with("number", &refund.refund_no));
    };
    let attempt = store::begin_attempt(tx.conn(), id, ctx.app.channels().run(), now).await?;
    refund.sent_at = refund.sent_at.or(Some(now));
    store::save(tx.conn(), &refund).await?;
    let mut event = facts::event(&order, now, EventKind::RefundSending, FactSource::Desk);
    event.refund_no = Some(refund.refund_no.clone());
    event.amount = Some(refund.amount);
    event.detail = (attempt > 1).then(|| attempt.to_string());
    order_store::add_event(tx.conn(), &event).await?;
    let mut entry = Ctx::timer(&ctx.app).audit("refunds.send", "refund", &refund.refund_no);
    entry.after_digest = Some(refund.digest.clone());
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(Some(Job {
        id,
        attempt,
        order: RefundOrder {
            refund_no: sendable.refund_no,
            of: match sendable.payment_id {
                Some(payment_id) => RefundOf::Payment(payment_id),
                None => RefundOf::Order(sendable.order_no),
            },
            amount: sendable.amount,
            total: sendable.total,
            reason: Some(sendable.buyer_note).filter(|note| !note.is_empty()),
            notify_url: None,
        },
    }))
}

/// Whether a failed sending ends the refund, waits, or leaves the outcome open.
enum Verdict {
    /// It may have happened.
    Unknown,
    /// It did not happen, and may go out again by itself.
    Again(Code),
    /// It did not happen, and a person must mend something first.
    Mend(Code),
    /// It did not happen and never will under this number.
    Final(Code),
}

fn judge(error: &ChannelError) -> (Verdict, String) {
    let code = channel_error(error, "").code;
    match error {
        ChannelError::Refused { kind, .. } => {
            let verdict = match kind {
                RefusalKind::InsufficientBalance => Verdict::Mend(code),
                RefusalKind::PayerBusy => Verdict::Again(code),
                // The number is there already with other content: what happened under it is open.
                RefusalKind::RefundMismatch => Verdict::Unknown,
                _ => Verdict::Final(code),
            };
            (verdict, format!("refused:{}", kind.as_str()))
        }
        ChannelError::NotSent(_) => (Verdict::Again(code), "not_sent".to_owned()),
        ChannelError::Misuse(Misuse::Parameter { .. } | Misuse::Unsupported { .. }) => {
            (Verdict::Final(code), "refused:parameter".to_owned())
        }
        ChannelError::Misuse(_) => (Verdict::Mend(code), "misuse".to_owned()),
        // Anything else of a sending leaves it open whether money moved.
        ChannelError::OutcomeUnknown { .. }
        | ChannelError::Unavailable(_)
        | ChannelError::PeerMisbehaved(_)
        | ChannelError::LocalFile(_) => (Verdict::Unknown, "unknown".to_owned()),
    }
}

/// Stores how a sending ended.
async fn conclude(
    ctx: &Ctx,
    now: Timestamp,
    job: &Job,
    sent: Sent,
    pace: &Pace,
) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    let mut refund = super::load_by_id(tx.conn(), job.id).await?;
    let (outcome, detail) = match &sent {
        Sent::Landed(snapshot) => ("accepted".to_owned(), snapshot.state_text.clone()),
        Sent::Failed(error) => (judge(error).1, error.to_string()),
    };
    store::finish_attempt(tx.conn(), job.id, job.attempt, now, &outcome, Some(&detail)).await?;
    let mut entry = Ctx::timer(&ctx.app).audit("refunds.sent", "refund", &refund.refund_no);
    match sent {
        Sent::Landed(snapshot) => {
            entry.after_digest = Some(snapshot.raw_digest.clone());
            land(&mut tx, now, &mut refund, &snapshot, pace).await?;
        }
        Sent::Failed(error) => {
            let earlier = store::attempts(tx.conn(), job.id).await?;
            let open_before = earlier.iter().any(|a| {
                a.attempt != job.attempt && matches!(a.outcome.as_deref(), Some("unknown" | "lost"))
            });
            let never_left = earlier
                .iter()
                .all(|a| matches!(a.outcome.as_deref(), Some("not_sent" | "misuse")));
            let (verdict, _) = judge(&error);
            entry.result = channel_error(&error, "").code.text().code.to_owned();
            // After an attempt whose outcome was never learnt, a refusal of this one does not tell
            // what became of that one: the channel is asked.
            let verdict = match verdict {
                Verdict::Final(_) if open_before => Verdict::Unknown,
                other => other,
            };
            if refund.state == RefundState::Queued {
                fail(&mut tx, now, &mut refund, &verdict, &error, pace).await?;
                if never_left {
                    refund.sent_at = None;
                    store::save(tx.conn(), &refund).await?;
                }
            }
        }
    }
    facts::settle(tx.conn(), refund.order_id, false).await?;
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}

async fn fail(
    tx: &mut Tx,
    now: Timestamp,
    refund: &mut RefundRecord,
    verdict: &Verdict,
    error: &ChannelError,
    pace: &Pace,
) -> Result<(), AppError> {
    let order = orders::load(tx.conn(), refund.order_id).await?;
    let (kind, detail) = match error {
        ChannelError::Refused { code, message, .. } => {
            (EventKind::RefundRefused, format!("{message} ({code})"))
        }
        other => (EventKind::RefundRefused, other.to_string()),
    };
    let kind = match verdict {
        Verdict::Unknown => {
            step(refund, RefundState::Unknown)?;
            refund.query_count = 0;
            refund.next_query_at = after(now, pace.unknown, 0);
            refund.last_error = Some(Code::OutcomeUnknown.text().code.to_owned());
            EventKind::RefundUnknown
        }
        Verdict::Again(code) | Verdict::Mend(code) => {
            let steps = if matches!(verdict, Verdict::Mend(_)) {
                pace.mend
            } else {
                pace.resend
            };
            refund.next_query_at = after(now, steps, refund.query_count);
            refund.query_count += 1;
            // The same trouble again is one line in the timeline, not a hundred.
            let code = code.text().code;
            let repeated = refund.last_error.as_deref() == Some(code);
            refund.last_error = Some(code.to_owned());
            if repeated {
                store::save(tx.conn(), refund).await?;
                return Ok(());
            }
            kind
        }
        Verdict::Final(code) => {
            step(refund, RefundState::ClosedByChannel)?;
            refund.finished_at = Some(now);
            refund.next_query_at = None;
            refund.last_error = Some(code.text().code.to_owned());
            kind
        }
    };
    store::save(tx.conn(), refund).await?;
    let mut event = facts::event(&order, now, kind, FactSource::Desk);
    event.refund_no = Some(refund.refund_no.clone());
    event.amount = Some(refund.amount);
    event.verified = matches!(error, ChannelError::Refused { .. });
    event.detail = Some(detail);
    order_store::add_event(tx.conn(), &event).await?;
    Ok(())
}

fn step(refund: &mut RefundRecord, to: RefundState) -> Result<(), AppError> {
    refund.state = refund.state.step(to).map_err(|e| {
        AppError::new(Code::IllegalStep)
            .with("number", &refund.refund_no)
            .with("from", e.from)
            .with("to", e.to)
    })?;
    Ok(())
}

pub(super) const fn state_of(outcome: RefundOutcome) -> RefundState {
    match outcome {
        RefundOutcome::Processing => RefundState::Processing,
        RefundOutcome::Succeeded => RefundState::Succeeded,
        RefundOutcome::Closed => RefundState::ClosedByChannel,
        RefundOutcome::Abnormal => RefundState::Abnormal,
    }
}

/// Takes in what the channel says of our refund. Gives whether the state changed.
async fn land(
    tx: &mut Tx,
    now: Timestamp,
    refund: &mut RefundRecord,
    snapshot: &RefundSnapshot,
    pace: &Pace,
) -> Result<bool, AppError> {
    let to = state_of(snapshot.state);
    refund.channel_refund_id = Some(snapshot.refund_id.as_str().to_owned());
    refund.received_account = snapshot
        .received_account
        .clone()
        .or_else(|| refund.received_account.clone());
    let steps = refund.state != to && refund.state.allows(to);
    if steps {
        refund.state = to;
        refund.query_count = 0;
        refund.last_error = None;
        if to.is_final() {
            refund.finished_at = Some(snapshot.succeeded_at.unwrap_or(now));
        }
    }
    refund.next_query_at = if refund.state.needs_query() {
        after(now, pace.processing, refund.query_count)
    } else {
        None
    };
    store::save(tx.conn(), refund).await?;
    if steps {
        let order = orders::load(tx.conn(), refund.order_id).await?;
        let mut event = facts::event(
            &order,
            now,
            facts::refund_event(to),
            FactSource::ChannelQuery,
        );
        event.refund_no = Some(refund.refund_no.clone());
        event.amount = Some(refund.amount);
        event.verified = true;
        event.detail = snapshot.received_account.clone();
        order_store::add_event(tx.conn(), &event).await?;
    }
    Ok(steps)
}

/// Takes the next step with a refund: sends what is queued, asks about what is under way.
///
/// # Errors
/// What the channel said, after it was stored.
pub(crate) async fn follow(ctx: &Ctx, id: RefundId) -> Result<(), AppError> {
    let refund = super::load_by_id(&mut *orders::reader(&ctx.app).await?, id).await?;
    match refund.state {
        RefundState::Queued => submit(ctx, id, ctx.person.is_some()).await,
        RefundState::CoolingOff => release(ctx, id).await,
        state if state.needs_query() => query(ctx, &refund).await,
        _ => Ok(()),
    }
}

/// Lets an approved refund go when its cooling-off is over, never before. Whoever takes it back in
/// the meantime does so in a transaction of their own: one of the two comes first.
async fn release(ctx: &Ctx, id: RefundId) -> Result<(), AppError> {
    let now = Ctx::timer(&ctx.app).now;
    let mut tx = ctx.app.store().begin().await?;
    let mut refund = super::load_by_id(tx.conn(), id).await?;
    let due = refund.next_query_at.is_some_and(|at| at <= now);
    if refund.state != RefundState::CoolingOff || !due {
        return Ok(());
    }
    step(&mut refund, RefundState::Queued)?;
    refund.next_query_at = Some(now);
    refund.query_count = 0;
    store::save(tx.conn(), &refund).await?;
    facts::recompute_order(&mut tx, refund.order_id).await?;
    let mut entry = Ctx::timer(&ctx.app).audit("refunds.cooled_off", "refund", &refund.refund_no);
    entry.after_digest = Some(refund.digest.clone());
    tx.audit(entry).await?;
    tx.commit().await?;
    ctx.app.stale(STALES);
    submit(ctx, id, false).await
}

async fn query(ctx: &Ctx, refund: &RefundRecord) -> Result<(), AppError> {
    let app = &ctx.app;
    let pace = pace_of(app, refund).await?;
    let refund_no = MerchantRefundNo::parse(&refund.refund_no).map_err(AppError::internal)?;
    let asked: Result<Option<RefundSnapshot>, AppError> =
        match accounts::channel(app, &refund.account_id).await {
            Ok(client) => ask(&client, &refund_no).await,
            Err(error) => Err(error),
        };
    let now = Ctx::timer(app).now;
    let mut tx = app.store().begin().await?;
    let mut refund = super::load_by_id(tx.conn(), refund.id).await?;
    if !refund.state.needs_query() {
        return Ok(());
    }
    let order = orders::load(tx.conn(), refund.order_id).await?;
    let was_unknown = refund.state == RefundState::Unknown;
    refund.query_count += 1;
    let steps = if was_unknown {
        pace.unknown
    } else {
        pace.processing
    };
    let mut entry = ctx.audit("refunds.query_channel", "refund", &refund.refund_no);
    let mut changed = ctx.person.is_some();
    let mut failed = None;
    // A refund under our number but with other content is somebody's mistake: nothing is concluded.
    let asked = asked.and_then(|answer| match answer {
        Some(s) if s.amount != refund.amount || s.order_no.as_str() != order.order_no => {
            Err(AppError::new(Code::ChannelUntrusted)
                .with(
                    "detail",
                    format!("{}: {} {}", refund.refund_no, s.order_no, s.amount),
                )
                .with("remedy", "请与渠道核对 / check with the channel"))
        }
        other => Ok(other),
    });
    match asked {
        Ok(Some(snapshot)) => {
            entry.after_digest = Some(snapshot.raw_digest.clone());
            if was_unknown {
                queried(&mut tx, ctx, now, &refund, Some(&snapshot.state_text)).await?;
            }
            changed |= land(&mut tx, now, &mut refund, &snapshot, pace).await?;
        }
        Ok(None) if was_unknown => {
            changed = true;
            let last = store::attempts(tx.conn(), refund.id).await?.pop();
            let refused = last
                .and_then(|a| a.outcome)
                .is_some_and(|outcome| outcome.starts_with("refused:"));
            queried(&mut tx, ctx, now, &refund, None).await?;
            let to = if refused {
                RefundState::ClosedByChannel
            } else {
                RefundState::Queued
            };
            step(&mut refund, to)?;
            refund.last_error = None;
            refund.query_count = 0;
            refund.finished_at = refused.then_some(now);
            // At once, with the same number and the same content.
            refund.next_query_at = (!refused).then_some(now);
            store::save(tx.conn(), &refund).await?;
            let kind = if refused {
                EventKind::RefundClosed
            } else {
                EventKind::RefundNeverAccepted
            };
            let mut event = facts::event(&order, now, kind, FactSource::ChannelQuery);
            event.refund_no = Some(refund.refund_no.clone());
            event.amount = Some(refund.amount);
            event.verified = true;
            order_store::add_event(tx.conn(), &event).await?;
        }
        // It was accepted before and is not found now: the channel contradicts itself, so ask again.
        Ok(None) => {
            refund.last_error = Some(Code::ChannelNotFound.text().code.to_owned());
            refund.next_query_at = after(now, steps, refund.query_count);
            store::save(tx.conn(), &refund).await?;
        }
        Err(error) => {
            entry.result = error.code.text().code.to_owned();
            refund.last_error = Some(entry.result.clone());
            refund.next_query_at = after(now, steps, refund.query_count);
            store::save(tx.conn(), &refund).await?;
            if was_unknown {
                queried(&mut tx, ctx, now, &refund, Some(&entry.result)).await?;
            }
            failed = Some(error);
        }
    }
    facts::settle(tx.conn(), refund.order_id, false).await?;
    let again = refund.state == RefundState::Queued;
    if changed {
        tx.audit(entry).await?;
        tx.commit().await?;
    } else {
        tx.commit_bookkeeping().await?;
    }
    app.stale(STALES);
    if again {
        super::spawn_submit(app, refund.id);
    }
    failed.map_or(Ok(()), Err)
}

async fn ask(
    client: &Arc<ChannelClient>,
    refund_no: &MerchantRefundNo,
) -> Result<Option<RefundSnapshot>, AppError> {
    client
        .query_refund(refund_no)
        .await
        .map_err(|e| channel_error(&e, refund_no.as_str()))
}

/// A query about an unknown refund is part of its story, also when it answered nothing.
async fn queried(
    tx: &mut Tx,
    ctx: &Ctx,
    now: Timestamp,
    refund: &RefundRecord,
    detail: Option<&str>,
) -> Result<(), AppError> {
    let order = orders::load(tx.conn(), refund.order_id).await?;
    let mut event = facts::event(
        &order,
        now,
        EventKind::RefundQueried,
        FactSource::ChannelQuery,
    );
    event.refund_no = Some(refund.refund_no.clone());
    event.actor = ctx.person.as_ref().map(|p| p.display_name.clone());
    event.verified = detail.is_none_or(|d| !d.contains('.'));
    event.detail = detail.map(str::to_owned);
    order_store::add_event(tx.conn(), &event).await?;
    Ok(())
}

/// How long a sending of this run may be without an outcome before its task counts as dead.
const LOST_AFTER: i64 = 5 * MINUTE;

/// Sendings that a crash cut off: they may have happened, so they are unknown and are asked about now.
pub(crate) async fn recover(app: &App) -> Result<u64, AppError> {
    let ctx = Ctx::timer(app);
    let now = ctx.now;
    let lost = store::lost_attempts(
        &mut *orders::reader(app).await?,
        app.channels().run(),
        now.plus_millis(-LOST_AFTER),
    )
    .await?;
    let mut found = 0;
    for (id, attempt) in lost {
        let mut tx = app.store().begin().await?;
        let mut refund = super::load_by_id(tx.conn(), id).await?;
        store::finish_attempt(tx.conn(), id, attempt, now, "lost", None).await?;
        if refund.state == RefundState::Queued {
            step(&mut refund, RefundState::Unknown)?;
            refund.query_count = 0;
            refund.next_query_at = Some(now);
            refund.last_error = Some(Code::OutcomeUnknown.text().code.to_owned());
            store::save(tx.conn(), &refund).await?;
            let order = orders::load(tx.conn(), refund.order_id).await?;
            let mut event = facts::event(&order, now, EventKind::RefundUnknown, FactSource::Desk);
            event.refund_no = Some(refund.refund_no.clone());
            event.amount = Some(refund.amount);
            event.detail = Some("restart".to_owned());
            order_store::add_event(tx.conn(), &event).await?;
            facts::settle(tx.conn(), refund.order_id, false).await?;
        }
        let mut entry = ctx.audit("refunds.recover", "refund", &refund.refund_no);
        entry.result = Code::OutcomeUnknown.text().code.to_owned();
        tx.audit(entry).await?;
        tx.commit().await?;
        found += 1;
    }
    if found > 0 {
        app.stale(STALES);
    }
    Ok(found)
}

/// Requests nobody decided in time.
pub(crate) async fn expire(app: &App) -> Result<u64, AppError> {
    let ctx = Ctx::timer(app);
    let waiting = store::expired(&mut *orders::reader(app).await?, ctx.now).await?;
    let mut done = 0;
    for refund in waiting {
        let mut tx = app.store().begin().await?;
        let refund = super::load_by_id(tx.conn(), refund.id).await?;
        if refund.expires_at().is_some_and(|at| at < ctx.now) {
            expire_one(&mut tx, &ctx, refund).await?;
            tx.commit().await?;
            done += 1;
        }
    }
    if done > 0 {
        app.stale(STALES);
    }
    Ok(done)
}

pub(super) async fn expire_one(
    tx: &mut Tx,
    ctx: &Ctx,
    mut refund: RefundRecord,
) -> Result<(), AppError> {
    step(&mut refund, RefundState::ApprovalExpired)?;
    refund.finished_at = Some(ctx.now);
    store::void_approvals(tx.conn(), refund.id).await?;
    store::save(tx.conn(), &refund).await?;
    let order = orders::load(tx.conn(), refund.order_id).await?;
    let mut event = facts::event(
        &order,
        ctx.now,
        EventKind::ApprovalExpired,
        FactSource::Desk,
    );
    event.refund_no = Some(refund.refund_no.clone());
    event.amount = Some(refund.amount);
    order_store::add_event(tx.conn(), &event).await?;
    facts::recompute_order(tx, refund.order_id).await?;
    let mut entry = ctx.audit("refunds.expire", "refund", &refund.refund_no);
    entry.before_digest = Some(refund.digest.clone());
    tx.audit(entry).await?;
    Ok(())
}

/// Everything that is due, a few at a time. Failures are stored with each refund and do not stop the
/// others.
pub(crate) async fn follow_due(app: &App) -> Result<u64, AppError> {
    const AT_ONCE: usize = 4;
    const PER_TICK: u32 = 40;
    let now = Ctx::timer(app).now;
    let due = store::due(&mut *orders::reader(app).await?, now, PER_TICK).await?;
    let mut done = 0;
    for few in due.chunks(AT_ONCE) {
        // Tasks of their own: a timer that is stopped does not tear a sending in two.
        let running: Vec<_> = few.iter().map(|refund| spawn_follow(app, refund)).collect();
        for task in running {
            let _ = task.await;
            done += 1;
        }
    }
    Ok(done)
}

fn spawn_follow(app: &App, refund: &RefundRecord) -> tokio::task::JoinHandle<()> {
    let (app, id, refund_no) = (app.clone(), refund.id, refund.refund_no.clone());
    tokio::spawn(async move {
        if let Err(error) = follow(&Ctx::timer(&app), id).await {
            tracing::info!(%refund_no, %error, "refund step");
        }
    })
}

/// A constraint of the database, in the words of the rule behind it.
pub(super) fn rule_of(error: AppError, left: &str, refund_no: &str) -> AppError {
    let detail = error.params.get("detail").cloned().unwrap_or_default();
    let known = [
        ("refunds exceed the payment", Code::ExceedsRemaining),
        ("refunded_minor + in_flight_minor", Code::ExceedsRemaining),
        ("maker is checker", Code::SelfApproval),
        ("digest mismatch", Code::DigestMismatch),
        ("approvals.refund_id", Code::ApprovedAlready),
    ];
    match known.iter().find(|(text, _)| detail.contains(text)) {
        Some((_, code)) if error.code == Code::StoreFailure => AppError::new(*code)
            .with("left", left)
            .with("number", refund_no),
        _ => error,
    }
}

/// As [`rule_of`], for a result straight from the store.
pub(super) fn ruled<T>(
    result: Result<T, StoreError>,
    left: &str,
    refund_no: &str,
) -> Result<T, AppError> {
    result.map_err(|e| rule_of(AppError::from(e), left, refund_no))
}
