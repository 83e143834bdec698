//! What people do about differences: proposed, decided by a second person where it moves money or
//! books, and undone by a reversing entry.
//!
//! Nothing here moves money. A refund goes through the refund desk; the entry only says so and keeps the
//! difference with its owner. An adjustment is an entry for the accountants to post: the books stay the
//! merchant's own file.

use zf_domain::approval::check_separate;
use zf_domain::{
    BusinessDate, DifferenceId, Disposition, Money, Permission, ResolutionId, ResolutionKind,
    ResolutionState, Role, UserId,
};
use zf_store::recon::{self as runs, DifferenceRecord, RunRecord};
use zf_store::resolutions::{self as ledger, LedgerFilter, Place, ResolutionRecord};
use zf_store::{StoreError, Tx, refunds as refund_store};

use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::word;
use crate::orders;
use crate::recon::add_sum;
use crate::wire::{
    BatchFailure, BatchResult, DecideResolutions, OrderRef, ResolutionPage, ResolutionSearch,
    ResolutionView, ResolveDifferences, ReverseResolutions,
};

/// Differences or entries of one call.
const BATCH_MAX: usize = 500;
const PAGE_MAX: u32 = 200;

fn check_batch(n: usize) -> Result<(), AppError> {
    if (1..=BATCH_MAX).contains(&n) {
        Ok(())
    } else {
        Err(AppError::bad("ids", "一次 1–500 条 / 1 to 500 at a time"))
    }
}

/// What a person has to write: trimmed, not empty, at most `longest` characters.
pub(crate) fn check_text(field: &str, text: &str, longest: usize) -> Result<String, AppError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        return Err(AppError::bad(
            field,
            format!("1–{longest} 个字符 / 1 to {longest} characters"),
        ));
    }
    Ok(text.to_owned())
}

/// An active clerk or approver, who can see to a difference.
async fn check_owner(ctx: &Ctx, owner: UserId) -> Result<(), AppError> {
    let found: Option<(String, Option<i64>)> =
        sqlx::query_as("SELECT role, disabled_at FROM users WHERE id = $1")
            .bind(owner.to_string())
            .fetch_optional(ctx.app.store().pool())
            .await
            .map_err(StoreError::from)?;
    let role = found
        .filter(|(_, disabled)| disabled.is_none())
        .and_then(|(role, _)| Role::parse(&role));
    if matches!(role, Some(Role::Clerk | Role::Approver)) {
        Ok(())
    } else {
        Err(AppError::bad(
            "owner_id",
            "负责人须是在岗的经办或复核 / the owner must be an active clerk or approver",
        ))
    }
}

fn illegal(number: impl ToString, from: impl ToString, to: impl ToString) -> AppError {
    AppError::new(Code::IllegalStep)
        .with("number", number.to_string())
        .with("from", from.to_string())
        .with("to", to.to_string())
}

/// The verdicts of a call, row by row.
struct Verdicts(BatchResult);

impl Verdicts {
    const fn new() -> Self {
        Self(BatchResult {
            done: 0,
            failed: Vec::new(),
            sums: Vec::new(),
        })
    }

    fn take(&mut self, id: impl ToString, verdict: Result<Money, (Option<String>, AppError)>) {
        match verdict {
            Ok(gap) => {
                self.0.done += 1;
                let size = Money::new(gap.minor.saturating_abs(), gap.currency);
                add_sum(&mut self.0.sums, size, 1);
            }
            Err((number, refusal)) => self.0.failed.push(BatchFailure {
                id: id.to_string(),
                number,
                code: refusal.code.text().code.to_owned(),
                params: refusal.params,
            }),
        }
    }
}

/// A refusal is one row's verdict; a failing database ends the call.
fn verdict<T>(
    number: Option<String>,
    done: Result<T, AppError>,
) -> Result<Result<T, (Option<String>, AppError)>, AppError> {
    match done {
        Err(error) if error.code == Code::Internal => Err(error),
        Err(error) => Ok(Err((number, error))),
        Ok(done) => Ok(Ok(done)),
    }
}

/// The difference, provided the latest run of its day found it.
async fn standing_difference(tx: &mut Tx, id: DifferenceId) -> Result<DifferenceRecord, AppError> {
    let found = runs::difference(&mut *tx.conn(), id)
        .await?
        .ok_or_else(|| AppError::not_found("difference", id))?;
    let latest = runs::runs_of_day(&mut *tx.conn(), found.account_id, found.date).await?;
    if latest.first().map(|r| r.id) == Some(found.run_id) {
        Ok(found)
    } else {
        Err(illegal(&found.number, "superseded", "resolved"))
    }
}

/// The same, also by the id an earlier run of the day gave it: what a ledger's entry names.
async fn followed_difference(
    ctx: &Ctx,
    tx: &mut Tx,
    id: DifferenceId,
) -> Result<DifferenceRecord, AppError> {
    let superseded = match standing_difference(tx, id).await {
        Ok(found) => return Ok(found),
        Err(superseded) => superseded,
    };
    let Some(old) = runs::difference(&mut *tx.conn(), id).await? else {
        return Err(superseded);
    };
    let person = ctx.person()?.user_id;
    let like = ResolutionRecord::about(&old, ResolutionKind::Wait, String::new(), person, ctx.now);
    runs::same_difference(&mut *tx.conn(), &like)
        .await?
        .ok_or(superseded)
}

pub(crate) async fn resolve(
    ctx: &Ctx,
    params: ResolveDifferences,
) -> Result<BatchResult, AppError> {
    let person = ctx.person()?.user_id;
    let kind = params.kind;
    check_batch(params.difference_ids.len())?;
    let reason = check_text("reason", &params.reason, 500)?;
    if kind == ResolutionKind::CrossDay {
        return Err(AppError::bad(
            "kind",
            "跨日匹配只由对账产生 / only a run makes cross-day entries",
        ));
    }
    let label = match (&params.label, kind) {
        (Some(label), ResolutionKind::Relabel) => Some(check_text("label", label, 50)?),
        (None, ResolutionKind::Relabel) => {
            return Err(AppError::bad("label", "请写明改记成什么 / say what it is"));
        }
        _ => None,
    };
    let held = if kind.needs_owner() {
        let (Some(owner), Some(due)) = (params.owner_id, params.due_date) else {
            return Err(AppError::bad(
                "owner_id",
                "要有负责人和期限 / an owner and a due date are needed",
            ));
        };
        if due < ctx.now.beijing_date() {
            return Err(AppError::bad(
                "due_date",
                "期限不能早于今天 / the due date lies in the past",
            ));
        }
        check_owner(ctx, owner).await?;
        Some((owner, due))
    } else {
        None
    };
    let asked = match kind {
        ResolutionKind::Query => ask_channel(ctx, &params.difference_ids).await?,
        _ => Vec::new(),
    };
    let mut verdicts = Verdicts::new();
    let mut tx = ctx.app.store().begin().await?;
    for id in &params.difference_ids {
        if let Some((_, number, refusal)) = asked.iter().find(|(of, ..)| of == id) {
            verdicts.take(id, Err((Some(number.clone()), refusal.clone())));
            continue;
        }
        let number = runs::difference(&mut *tx.conn(), *id)
            .await?
            .map(|d| d.number);
        let done = async {
            let found = standing_difference(&mut tx, *id).await?;
            let from = found.place.disposition;
            if !matches!(from, Disposition::Open | Disposition::Suspended)
                || !kind.fits(found.code, found.gap.minor)
            {
                let from = match from {
                    Disposition::Open | Disposition::Suspended => word(found.code),
                    other => word(other),
                };
                return Err(illegal(&found.number, from, word(kind)));
            }
            let mut entry = ResolutionRecord::about(&found, kind, reason.clone(), person, ctx.now);
            entry.label.clone_from(&label);
            if let Some((owner, due)) = held {
                entry.owner = Some(owner);
                entry.due_date = Some(due);
            }
            ledger::add(&mut tx, &entry).await?;
            ledger::put(&mut tx, *id, &Place::after(&entry)).await?;
            let mut row = ctx.audit("recon.resolve", "difference", &id.to_string());
            row.reason = Some(format!("{}: {}", kind.as_str(), entry.reason));
            tx.audit(row).await?;
            Ok(found.gap)
        }
        .await;
        verdicts.take(id, verdict(number, done)?);
    }
    if verdicts.0.done > 0 {
        tx.commit().await?;
    }
    Ok(verdicts.0)
}

/// Asks the channel about the order behind each difference; gives those that could not be asked about.
async fn ask_channel(
    ctx: &Ctx,
    ids: &[DifferenceId],
) -> Result<Vec<(DifferenceId, String, AppError)>, AppError> {
    let pool = ctx.app.store().pool();
    let mut failed = Vec::new();
    for id in ids {
        let Some(found) = runs::difference(pool, *id).await? else {
            continue;
        };
        let asked = match runs::order_id(pool, found.account_id, &found.order_no).await? {
            Some(order_id) => orders::query_channel(ctx, OrderRef { order_id })
                .await
                .err(),
            None => Some(AppError::not_found("order", &found.order_no)),
        };
        if let Some(error) = asked {
            failed.push((*id, found.number, error));
        }
    }
    Ok(failed)
}

/// Where a difference stands by the entries that hold.
async fn place_of(tx: &mut Tx, difference: &DifferenceRecord) -> Result<Place, AppError> {
    let entries = ledger::of_difference(&mut *tx.conn(), difference).await?;
    Ok(entries
        .iter()
        .rfind(|e| e.state == ResolutionState::InEffect && e.reverses.is_none())
        .map_or(Place::OPEN, Place::after))
}

pub(crate) async fn decide(ctx: &Ctx, params: DecideResolutions) -> Result<BatchResult, AppError> {
    let person = ctx.person()?.user_id;
    check_batch(params.resolution_ids.len())?;
    let note = if params.approve && params.note.trim().is_empty() {
        String::new()
    } else {
        check_text("note", &params.note, 500)?
    };
    let mut verdicts = Verdicts::new();
    let mut tx = ctx.app.store().begin().await?;
    for id in &params.resolution_ids {
        let entry = ledger::by_id(&mut *tx.conn(), *id).await?;
        let number = entry.as_ref().map(|e| e.number.clone());
        let done = async {
            let entry = entry.ok_or_else(|| AppError::not_found("resolution", id))?;
            check_separate(person, &[entry.proposed_by])
                .map_err(|_| AppError::new(Code::SameSigner))?;
            let to = if params.approve {
                ResolutionState::InEffect
            } else {
                ResolutionState::Rejected
            };
            let decision = Some((person, ctx.now, note.as_str()));
            if !ledger::move_to(&mut tx, *id, ResolutionState::Proposed, to, decision).await? {
                return Err(illegal(&entry.number, word(entry.state), word(to)));
            }
            if let (Some(reversed), true) = (entry.reverses, params.approve) {
                settle_reversed(&mut tx, reversed, &entry.number).await?;
            }
            if let Some(difference) = runs::same_difference(&mut *tx.conn(), &entry).await? {
                let place = place_of(&mut tx, &difference).await?;
                ledger::put(&mut tx, difference.id, &place).await?;
            }
            let action = if params.approve {
                "recon.approve_resolution"
            } else {
                "recon.reject_resolution"
            };
            let mut row = ctx.audit(action, "resolution", &id.to_string());
            row.reason = Some(note.clone()).filter(|n| !n.is_empty());
            tx.audit(row).await?;
            Ok(entry.amount)
        }
        .await;
        verdicts.take(id, verdict(number, done)?);
    }
    if verdicts.0.done > 0 {
        tx.commit().await?;
    }
    Ok(verdicts.0)
}

async fn settle_reversed(tx: &mut Tx, id: ResolutionId, number: &str) -> Result<(), AppError> {
    let (from, to) = (ResolutionState::InEffect, ResolutionState::Reversed);
    if ledger::move_to(tx, id, from, to, None).await? {
        Ok(())
    } else {
        Err(illegal(number, "superseded", word(to)))
    }
}

/// Takes back what was done about differences: a wish that waits is withdrawn by whoever made it, an
/// entry that holds is reversed by another.
pub(crate) async fn reverse(
    ctx: &Ctx,
    params: ReverseResolutions,
) -> Result<BatchResult, AppError> {
    let person = ctx.person()?.user_id;
    check_batch(params.difference_ids.len())?;
    let reason = check_text("reason", &params.reason, 500)?;
    let mut verdicts = Verdicts::new();
    let mut tx = ctx.app.store().begin().await?;
    for id in &params.difference_ids {
        let number = runs::difference(&mut *tx.conn(), *id)
            .await?
            .map(|d| d.number);
        let done = async {
            let found = followed_difference(ctx, &mut tx, *id).await?;
            let Some(governing) = found.place.resolution else {
                return Err(illegal(
                    &found.number,
                    word(found.place.disposition),
                    "open",
                ));
            };
            let entry = ledger::by_id(&mut *tx.conn(), governing)
                .await?
                .ok_or_else(|| AppError::not_found("resolution", governing))?;
            match entry.state {
                ResolutionState::Proposed if entry.proposed_by == person => {
                    let to = ResolutionState::Withdrawn;
                    ledger::move_to(&mut tx, entry.id, entry.state, to, None).await?;
                    let place = place_of(&mut tx, &found).await?;
                    ledger::put(&mut tx, found.id, &place).await?;
                }
                ResolutionState::InEffect if entry.kind != ResolutionKind::CrossDay => {
                    if entry.kind == ResolutionKind::Refund {
                        refuse_sent_refund(&mut tx, &found, &entry).await?;
                    }
                    let mut back = ResolutionRecord::about(
                        &found,
                        entry.kind,
                        reason.clone(),
                        person,
                        ctx.now,
                    );
                    back.amount = Money::new(-entry.amount.minor, entry.amount.currency);
                    back.reverses = Some(entry.id);
                    ledger::add(&mut tx, &back).await?;
                    let place = if back.second_person {
                        Place::after(&back)
                    } else {
                        settle_reversed(&mut tx, entry.id, &found.number).await?;
                        place_of(&mut tx, &found).await?
                    };
                    ledger::put(&mut tx, found.id, &place).await?;
                }
                other => return Err(illegal(&found.number, word(other), "reversed")),
            }
            let mut row = ctx.audit(
                "recon.reverse_resolution",
                "difference",
                &found.id.to_string(),
            );
            row.reason = Some(reason.clone());
            tx.audit(row).await?;
            Ok(found.gap)
        }
        .await;
        verdicts.take(id, verdict(number, done)?);
    }
    if verdicts.0.done > 0 {
        tx.commit().await?;
    }
    Ok(verdicts.0)
}

/// Money that left does not come back by taking an entry back.
async fn refuse_sent_refund(
    tx: &mut Tx,
    found: &DifferenceRecord,
    entry: &ResolutionRecord,
) -> Result<(), AppError> {
    let Some(order) = runs::order_id(&mut *tx.conn(), found.account_id, &found.order_no).await?
    else {
        return Ok(());
    };
    let sent = refund_store::of_order(&mut *tx.conn(), order)
        .await?
        .into_iter()
        .find(|r| r.sent_at.is_some_and(|at| at >= entry.proposed_at));
    match sent {
        Some(refund) => Err(illegal(&refund.refund_no, word(refund.state), "reversed")),
        None => Ok(()),
    }
}

pub(crate) async fn search(
    ctx: &Ctx,
    params: ResolutionSearch,
) -> Result<ResolutionPage, AppError> {
    if let Some(account) = params.account_id {
        crate::bills::check_account(&ctx.app, account).await?;
    }
    let before = match &params.cursor {
        Some(cursor) => {
            let (at, id) = cursor.split_once('/').unwrap_or((cursor, ""));
            Some((
                zf_domain::Timestamp::from_millis(
                    at.parse().map_err(|e| AppError::bad("cursor", e))?,
                ),
                ResolutionId::parse(id).map_err(|e| AppError::bad("cursor", e))?,
            ))
        }
        None => None,
    };
    let filter = LedgerFilter {
        account_id: params.account_id,
        state: params.state,
        text: params
            .text
            .map(|t| t.trim().to_owned())
            .filter(|t| !t.is_empty()),
        before,
        limit: params.limit.clamp(1, PAGE_MAX),
    };
    let mut conn = ctx
        .app
        .store()
        .pool()
        .acquire()
        .await
        .map_err(StoreError::from)?;
    let (found, total) = ledger::ledger(&mut conn, &filter).await?;
    drop(conn);
    let next_cursor = (found.len() == filter.limit as usize)
        .then(|| found.last())
        .flatten()
        .map(|e| format!("{}/{}", e.proposed_at.millis(), e.id));
    let mut rows = Vec::with_capacity(found.len());
    for entry in &found {
        rows.push(view(ctx, entry).await?);
    }
    Ok(ResolutionPage {
        rows,
        next_cursor,
        total,
    })
}

/// Why the person asking may not decide about an entry; `None` when they may.
fn obstacle(ctx: &Ctx, entry: &ResolutionRecord) -> Option<Code> {
    if entry.state != ResolutionState::Proposed {
        return Some(Code::IllegalStep);
    }
    match &ctx.person {
        None => Some(Code::SignInRequired),
        Some(person) if person.user_id == entry.proposed_by => Some(Code::SameSigner),
        Some(_) if !ctx.may(Permission::SignDayAsChecker) => Some(Code::PermissionDenied),
        Some(_) => None,
    }
}

async fn view(ctx: &Ctx, e: &ResolutionRecord) -> Result<ResolutionView, AppError> {
    let pool = ctx.app.store().pool();
    let owner = match e.owner {
        Some(owner) => runs::person_name(pool, owner).await?,
        None => None,
    };
    let decided_by = match &e.decision {
        Some((by, ..)) => runs::person_name(pool, *by).await?,
        None => None,
    };
    let may_not = obstacle(ctx, e);
    Ok(ResolutionView {
        resolution_id: e.id,
        difference_id: e.difference_id,
        account_id: e.account_id,
        date: e.date,
        code: e.code,
        entry_kind: e.entry_kind,
        number: e.number.clone(),
        kind: e.kind,
        amount: e.amount,
        owner,
        due_date: e.due_date,
        reason: e.reason.clone(),
        label: e.label.clone(),
        other_date: e.other.map(|(date, _)| date),
        other_line: e.other.map(|(_, line)| line),
        reverses: e.reverses,
        state: e.state,
        second_person: e.second_person,
        proposed_by: runs::person_name(pool, e.proposed_by)
            .await?
            .unwrap_or_default(),
        proposed_at: e.proposed_at,
        decided_by,
        decided_at: e.decision.as_ref().map(|(_, at, _)| *at),
        decision_note: e
            .decision
            .as_ref()
            .map(|(.., note)| note.clone())
            .filter(|note| !note.is_empty()),
        may_decide: may_not.is_none(),
        may_not_because: may_not.map(|code| code.text().code.to_owned()),
    })
}

/// Everything done about a difference, the oldest first.
pub(crate) async fn history(
    ctx: &Ctx,
    difference: &DifferenceRecord,
) -> Result<Vec<ResolutionView>, AppError> {
    let entries = ledger::of_difference(ctx.app.store().pool(), difference).await?;
    let mut views = Vec::with_capacity(entries.len());
    for entry in &entries {
        views.push(view(ctx, entry).await?);
    }
    Ok(views)
}

/// What a person may do about a difference as it stands.
pub(crate) fn choices(difference: &DifferenceRecord) -> Vec<ResolutionKind> {
    if !matches!(
        difference.place.disposition,
        Disposition::Open | Disposition::Suspended
    ) {
        return Vec::new();
    }
    ResolutionKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.fits(difference.code, difference.gap.minor))
        .collect()
}

/// One row of another day's file that settles a carried difference.
pub(crate) struct CrossDay {
    /// The carried difference of the earlier day.
    pub(crate) carried: DifferenceRecord,
    /// The difference of this run that is its other side.
    pub(crate) met: DifferenceRecord,
}

/// Opens again what another day's line had settled, where a new run of that day does not leave the line
/// over any more. Gives how many.
pub(crate) async fn unclear(tx: &mut Tx, run: &RunRecord) -> Result<usize, AppError> {
    let undone = ledger::cross_days_undone(&mut *tx.conn(), run).await?;
    for entry in &undone {
        settle_reversed(tx, entry.id, &entry.number).await?;
        if let Some(difference) = runs::same_difference(&mut *tx.conn(), entry).await? {
            let place = place_of(tx, &difference).await?;
            ledger::put(tx, difference.id, &place).await?;
        }
    }
    Ok(undone.len())
}

/// Clears pairs whose two sides came in different days' files: both differences are settled, each by
/// the other's day and line. The entries belong to the person who ran the reconciliation.
pub(crate) async fn clear(
    ctx: &Ctx,
    tx: &mut Tx,
    pairs: &[CrossDay],
    by: UserId,
) -> Result<(), AppError> {
    let line = |d: &DifferenceRecord| -> (BusinessDate, u64) {
        let side = d.channel.as_ref().or(d.ledger.as_ref());
        (d.date, side.map_or(0, |s| s.line_no))
    };
    for CrossDay { carried, met } in pairs {
        for (of, other) in [(carried, met), (met, carried)] {
            let (date, line_no) = line(other);
            let mut entry = ResolutionRecord::about(
                of,
                ResolutionKind::CrossDay,
                format!("{date} #{line_no}"),
                by,
                ctx.now,
            );
            entry.other = Some((date, line_no));
            ledger::add(tx, &entry).await?;
            ledger::put(tx, of.id, &Place::after(&entry)).await?;
        }
    }
    Ok(())
}
