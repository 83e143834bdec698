//! The evidence pack of one order: everything this desk keeps that proves what happened to it, as one
//! ZIP file that a third person can check without this program.
//!
//! Bill lines are the archived file's own bytes, with the file's digest and the line's number: whatever
//! the channel wrote there, the payer's id included, as the bills page shows it. Everywhere else the
//! payer stays masked. `manifest.json` names each part with its SHA-256 and SM3
//! and where the audit chain stood.

use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{Row as _, SqliteConnection};
use zf_crypto::digest;
use zf_domain::{RefundState, Timestamp};
use zf_store::orders::OrderRecord;
use zf_store::refunds::RefundRecord;
use zf_store::{StoreError, refunds as refund_store};

use crate::bills::archive_path;
use crate::ctx::Ctx;
use crate::error::AppError;
use crate::files::io_error;
use crate::orders;
use crate::wire::{FileView, OrderRef};

/// One file of the pack.
struct Part {
    name: String,
    bytes: Vec<u8>,
}

/// A line of an archived bill, and where its file lies.
struct Line {
    bill_kind: String,
    date: String,
    path: Option<String>,
    sha256: Option<String>,
    number: u64,
    says: String,
}

pub(crate) async fn pack(ctx: &Ctx, params: OrderRef) -> Result<FileView, AppError> {
    let detail = orders::detail(ctx, OrderRef { ..params }).await?;
    let mut conn = orders::reader(&ctx.app).await?;
    let order = orders::load(&mut conn, params.order_id).await?;
    let refunds: Vec<RefundRecord> = refund_store::of_order(&mut conn, order.id)
        .await?
        .into_iter()
        .filter(|r| r.state != RefundState::Draft)
        .collect();
    let lines = bill_lines(&mut conn, &order, &refunds).await?;
    let answers = answers(&mut conn, &refunds, &detail.timeline).await?;
    drop(conn);
    let mut numbers = vec![order.order_no.clone()];
    numbers.extend(refunds.iter().map(|r| r.refund_no.clone()));
    numbers.extend(detail.receipts.iter().map(|r| r.serial_no.clone()));
    let audit = ctx.app.store().audit_of(&numbers).await?;
    let audit: Vec<Value> = audit
        .iter()
        .map(|row| {
            json!({
                "seq": row.seq, "at": row.entry.at, "actor": row.entry.actor, "role": row.entry.role,
                "device": row.entry.device, "action": row.entry.action, "object_kind": row.entry.object_kind,
                "object_id": row.entry.object_id, "before_digest": row.entry.before_digest,
                "after_digest": row.entry.after_digest, "reason": row.entry.reason, "result": row.entry.result,
                "prev_hash": row.prev_hash, "hash": row.hash,
            })
        })
        .collect();

    let mut parts = vec![
        json_part(
            "order.json",
            &json!({
                "order": detail.row, "account": detail.account_name, "payments": detail.payments,
                "refunds": detail.refunds, "refundable": detail.refundable, "receipts": detail.receipts,
                "checked_at": detail.checked_at,
            }),
        )?,
        json_part("timeline.json", &detail.timeline)?,
        json_part("channel_answers.json", &answers)?,
        json_part("audit.json", &audit)?,
    ];
    let app = ctx.app.clone();
    let (raw, named) = tokio::task::spawn_blocking(move || {
        let mut raw = Vec::new();
        let mut named = Vec::new();
        for line in lines {
            let bytes = match &line.path {
                Some(path) => raw_line(&archive_path(&app, path), line.number)?,
                None => None,
            };
            let part = format!(
                "bills/{}-{}-line-{}.csv",
                line.date, line.bill_kind, line.number
            );
            named.push(json!({
                "bill": line.bill_kind, "date": line.date, "line": line.number, "says": line.says,
                "file_sha256": line.sha256, "part": bytes.as_ref().map(|_| &part),
            }));
            raw.extend(bytes.map(|bytes| Part { name: part, bytes }));
        }
        Ok::<_, AppError>((raw, named))
    })
    .await
    .map_err(AppError::internal)??;
    parts.push(json_part("bill_lines.json", &named)?);
    parts.extend(raw);

    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit("orders.evidence", "order", &order.order_no);
    entry.after_digest = Some(digest::hex_lower(&digest::sm3(
        &parts
            .iter()
            .flat_map(|p| digest::sm3(&p.bytes))
            .collect::<Vec<u8>>(),
    )));
    let row = tx.audit(entry).await?;
    let manifest = json!({
        "order_no": order.order_no, "made_at": ctx.now, "made_by": ctx.actor_name(), "zone": "UTC",
        "audit_seq": row.seq, "audit_hash": row.hash,
        "parts": parts.iter().map(|part| json!({
            "name": part.name, "bytes": part.bytes.len(),
            "sha256": digest::hex_lower(&digest::sha256(&part.bytes)),
            "sm3": digest::hex_lower(&digest::sm3(&part.bytes)),
        })).collect::<Vec<_>>(),
    });
    parts.insert(0, json_part("manifest.json", &manifest)?);
    let bytes = zip_up(&parts)?;
    let file = ctx.app.files().keep(&file_name(&order, ctx.now), &bytes)?;
    tx.commit().await?;
    Ok(file)
}

/// `evidence-<order number>-<date>.zip`, without what a file system would stumble over.
fn file_name(order: &OrderRecord, now: Timestamp) -> String {
    let number: String = order
        .order_no
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!("evidence-{number}-{}.zip", now.beijing_date())
}

fn json_part<T: Serialize>(name: &str, content: &T) -> Result<Part, AppError> {
    Ok(Part {
        name: name.to_owned(),
        bytes: serde_json::to_vec_pretty(content).map_err(AppError::internal)?,
    })
}

/// The order's lines in trade bills, and those of its payment and refunds in fund-flow bills.
async fn bill_lines(
    conn: &mut SqliteConnection,
    order: &OrderRecord,
    refunds: &[RefundRecord],
) -> Result<Vec<Line>, AppError> {
    let mut numbers = vec![order.order_no.as_str()];
    numbers.extend(refunds.iter().map(|r| r.refund_no.as_str()));
    let mut found = Vec::new();
    for number in numbers {
        let rows = sqlx::query(
            "SELECT b.kind, b.date, b.path, b.sha256, l.line_no, l.kind AS says FROM bill_lines l JOIN bills b ON b.id = l.bill_id
             WHERE l.account_id = $1 AND l.order_no = $2
             UNION ALL
             SELECT b.kind, b.date, b.path, b.sha256, f.line_no, f.business_type FROM fund_lines f JOIN bills b ON b.id = f.bill_id
             WHERE f.account_id = $1 AND f.voucher_no = $2
             ORDER BY 2, 1, 5 LIMIT 200",
        )
        .bind(order.account_id.to_string())
        .bind(number)
        .fetch_all(&mut *conn)
        .await
        .map_err(StoreError::from)?;
        for row in &rows {
            let read = || -> Result<Line, sqlx::Error> {
                Ok(Line {
                    bill_kind: row.try_get("kind")?,
                    date: row.try_get("date")?,
                    path: row.try_get("path")?,
                    sha256: row.try_get("sha256")?,
                    number: u64::try_from(row.try_get::<i64, _>("line_no")?).unwrap_or(0),
                    says: row.try_get("says")?,
                })
            };
            found.push(read().map_err(StoreError::from)?);
        }
    }
    Ok(found)
}

/// One line of a file, its bytes as they are, line end included. `None` when the file ends before it.
fn raw_line(path: &Path, number: u64) -> Result<Option<Vec<u8>>, AppError> {
    let failed = |e: std::io::Error| io_error(path, &e);
    let mut input = BufReader::new(std::fs::File::open(path).map_err(failed)?);
    let mut line = Vec::new();
    for _ in 0..number {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(line))
}

/// What the channel answered, as far as it is kept: its word for each question in the timeline, and
/// the outcome of each time a refund was sent. The digest of each answer stands in the audit rows.
async fn answers(
    conn: &mut SqliteConnection,
    refunds: &[RefundRecord],
    timeline: &[crate::wire::TimelineEvent],
) -> Result<Value, AppError> {
    use crate::wire::FactSource;
    let mut sent = Vec::new();
    for refund in refunds {
        for attempt in refund_store::attempts(conn, refund.id).await? {
            sent.push(json!({
                "refund_no": refund.refund_no, "attempt": attempt.attempt, "started_at": attempt.started_at,
                "finished_at": attempt.finished_at, "outcome": attempt.outcome,
            }));
        }
    }
    let told: Vec<_> = timeline
        .iter()
        .filter(|e| {
            matches!(
                e.source,
                FactSource::ChannelQuery | FactSource::ChannelNotice
            )
        })
        .collect();
    Ok(json!({ "answers": told, "refunds_sent": sent }))
}

fn zip_up(parts: &[Part]) -> Result<Vec<u8>, AppError> {
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        out.start_file(part.name.as_str(), options)
            .map_err(AppError::internal)?;
        out.write_all(&part.bytes).map_err(AppError::internal)?;
    }
    Ok(out.finish().map_err(AppError::internal)?.into_inner())
}
