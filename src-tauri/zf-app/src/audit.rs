//! The audit view.

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire::{AuditPage, AuditRowView, AuditSearch, AuditVerdict, Nothing};

pub(crate) async fn page(ctx: &Ctx, search: AuditSearch) -> Result<AuditPage, AppError> {
    let limit = search.limit.clamp(1, 200);
    let text = search
        .text
        .as_deref()
        .map(str::trim)
        .filter(|t| !t.is_empty());
    let (rows, total) = ctx
        .app
        .store()
        .audit_page(search.before_seq, search.action.as_deref(), text, limit)
        .await?;
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

pub(crate) async fn verify(ctx: &Ctx, _: Nothing) -> Result<AuditVerdict, AppError> {
    let verdict = ctx.app.store().verify_audit().await?;
    Ok(AuditVerdict {
        verified: verdict.broken.is_none(),
        rows: verdict.rows,
        broken_seq: verdict.broken.as_ref().map(|(seq, _)| *seq),
        problem: verdict.broken.map(|(_, why)| why),
        head: verdict.head,
    })
}
