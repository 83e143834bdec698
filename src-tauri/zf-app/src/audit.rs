//! The audit view.

use zf_store::{AuditFilter, AuditRow, ChainWalk};

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::tasks::{Task, TaskSpec};
use crate::wire::{AuditNames, AuditPage, AuditRowView, AuditSearch, AuditVerdict, Nothing};

/// Rows of a page.
const PAGE_MAX: u32 = 200;
/// Rows verified between two looks at the wish to stop.
const WALK_ROWS: u32 = 500;

/// Forgiving: blanks, empty words and full-width blanks are nothing.
fn filter(search: &AuditSearch) -> AuditFilter {
    let given = |text: &Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
    };
    AuditFilter {
        words: search
            .text
            .as_deref()
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        actor: given(&search.actor),
        action: given(&search.action),
        object: given(&search.object),
        from: search.date_from.map(|d| d.beijing_start()),
        before: search.date_to.map(|d| d.beijing_end()),
        refused: search.refused,
    }
}

/// One page of a search without its count.
pub(crate) async fn page_rows(ctx: &Ctx, search: &AuditSearch) -> Result<Vec<AuditRow>, AppError> {
    let limit = search.limit.clamp(1, PAGE_MAX);
    Ok(ctx
        .app
        .store()
        .audit_page(&filter(search), search.before_seq, limit)
        .await?)
}

pub(crate) async fn page(ctx: &Ctx, search: AuditSearch) -> Result<AuditPage, AppError> {
    let rows = page_rows(ctx, &search).await?;
    let total = ctx.app.store().audit_count(&filter(&search)).await?;
    let limit = search.limit.clamp(1, PAGE_MAX);
    let next_before_seq =
        (rows.len() == limit as usize).then(|| rows.last().map_or(0, |row| row.seq));
    Ok(AuditPage {
        rows: rows.into_iter().map(view).collect(),
        next_before_seq,
        total,
    })
}

pub(crate) fn view(row: zf_store::AuditRow) -> AuditRowView {
    AuditRowView {
        seq: row.seq,
        at: row.entry.at,
        actor: row.entry.actor,
        role: row.entry.role,
        device: row.entry.device,
        action: row.entry.action,
        object: format!("{} {}", row.entry.object_kind, row.entry.object_id),
        before_digest: row.entry.before_digest,
        after_digest: row.entry.after_digest,
        reason: row.entry.reason,
        result: row.entry.result,
        hash: row.hash,
    }
}

pub(crate) async fn names(ctx: &Ctx, _: Nothing) -> Result<AuditNames, AppError> {
    let (actors, actions) = ctx.app.store().audit_names().await?;
    Ok(AuditNames { actors, actions })
}

pub(crate) async fn verify(ctx: &Ctx, _: Nothing) -> Result<AuditVerdict, AppError> {
    let task = Task::begin(
        ctx,
        TaskSpec {
            // Two people may check at once; each has a check of their own.
            id: format!("audit.verify.{}", zf_crypto::random::alphanumeric(12)),
            kind: "audit_verify",
            subject: String::new(),
            pause: true,
            cancel: true,
        },
    );
    let done = walk(ctx, &task).await;
    task.end(&done);
    done
}

async fn walk(ctx: &Ctx, task: &Task) -> Result<AuditVerdict, AppError> {
    let store = ctx.app.store();
    let total = store.audit_rows().await?;
    let mut walk = ChainWalk::default();
    loop {
        task.checkpoint().await?;
        let more = store.walk_audit(&mut walk, WALK_ROWS).await?;
        task.step("verifying", walk.rows(), Some(total.max(walk.rows())));
        if !more {
            break;
        }
    }
    let verdict = store.end_walk(walk).await?;
    Ok(AuditVerdict {
        verified: verdict.broken.is_none(),
        rows: verdict.rows,
        broken_seq: verdict.broken.as_ref().map(|(seq, _)| *seq),
        problem: verdict.broken.map(|(_, why)| why),
        head: verdict.head,
    })
}
