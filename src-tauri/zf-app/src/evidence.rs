//! The evidence pack of one order or one difference: everything this desk keeps that proves what happened to it, as one
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
use sqlx::Row as _;
use zf_crypto::digest;
use zf_domain::{RefundState, Timestamp};
use zf_store::Conn;
use zf_store::orders::OrderRecord;
use zf_store::refunds::RefundRecord;
use zf_store::{AuditEntry, StoreError, bills as rows, recon as runs, refunds as refund_store};

use crate::bills::archive_path;
use crate::ctx::Ctx;
use crate::error::AppError;
use crate::files::io_error;
use crate::wire::{DifferenceRef, EvidenceFile, FileView, OrderRef};
use crate::{orders, recon};

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

/// What the desk keeps about one order.
struct OfOrder {
    order: OrderRecord,
    parts: Vec<Part>,
    lines: Vec<Line>,
    /// Its numbers, those of its refunds and of its receipts.
    numbers: Vec<String>,
}

async fn of_order(ctx: &Ctx, params: OrderRef) -> Result<OfOrder, AppError> {
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
    let parts = vec![
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
        json_part("notices.json", &notices(&detail.timeline))?,
    ];
    Ok(OfOrder {
        order,
        parts,
        lines,
        numbers,
    })
}

/// What the channel told by itself, and whether it could be verified.
fn notices(timeline: &[crate::wire::TimelineEvent]) -> Value {
    use crate::wire::FactSource;
    let told: Vec<_> = timeline
        .iter()
        .filter(|e| e.source == FactSource::ChannelNotice)
        .collect();
    json!({ "received": told.len(), "notices": told })
}

/// Audit rows about these objects, with everything their digests cover.
async fn audit_part(ctx: &Ctx, objects: &[String]) -> Result<Part, AppError> {
    let audit = ctx.app.store().audit_of(objects).await?;
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
    json_part("audit.json", &audit)
}

/// The raw lines themselves, and a list of where each was taken from.
async fn line_parts(ctx: &Ctx, lines: Vec<Line>) -> Result<Vec<Part>, AppError> {
    let app = ctx.app.clone();
    let (raw, named) = tokio::task::spawn_blocking(move || {
        let mut raw: Vec<Part> = Vec::new();
        let mut named = Vec::new();
        for line in lines {
            let bytes = match &line.path {
                Some(path) => raw_line(&archive_path(&app, path), line.number)?,
                None => None,
            };
            let folder = if line.bill_kind == "books" {
                "books"
            } else {
                "bills"
            };
            let part = format!(
                "{folder}/{}-{}-line-{}.csv",
                line.date, line.bill_kind, line.number
            );
            named.push(json!({
                "bill": line.bill_kind, "date": line.date, "line": line.number, "says": line.says,
                "file_sha256": line.sha256, "part": bytes.as_ref().map(|_| &part),
            }));
            if let Some(bytes) = bytes.filter(|_| !raw.iter().any(|p| p.name == part)) {
                raw.push(Part { name: part, bytes });
            }
        }
        Ok::<_, AppError>((raw, named))
    })
    .await
    .map_err(AppError::internal)??;
    let mut parts = vec![json_part("bill_lines.json", &named)?];
    parts.extend(raw);
    Ok(parts)
}

/// Joins the parts under a manifest that names each with its digests, and notes that it was done.
async fn seal(
    ctx: &Ctx,
    mut entry: AuditEntry,
    about: (&str, &str),
    mut parts: Vec<Part>,
    name: &str,
) -> Result<EvidenceFile, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    entry.after_digest = Some(digest::hex_lower(&digest::sm3(
        &parts
            .iter()
            .flat_map(|p| digest::sm3(&p.bytes))
            .collect::<Vec<u8>>(),
    )));
    let row = tx.audit(entry).await?;
    let manifest = json!({
        about.0: about.1, "made_at": ctx.now, "made_by": ctx.actor_name(), "zone": "UTC",
        "audit_seq": row.seq, "audit_hash": row.hash,
        "parts": parts.iter().map(|part| json!({
            "name": part.name, "bytes": part.bytes.len(),
            "sha256": digest::hex_lower(&digest::sha256(&part.bytes)),
            "sm3": digest::hex_lower(&digest::sm3(&part.bytes)),
        })).collect::<Vec<_>>(),
    });
    parts.insert(0, json_part("manifest.json", &manifest)?);
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let bytes = zip_up(&parts)?;
    let file = ctx.app.files().keep(name, &bytes)?;
    tx.commit().await?;
    Ok(EvidenceFile {
        file,
        sha256: digest::hex_lower(&digest::sha256(&bytes)),
        parts: count,
    })
}

pub(crate) async fn pack(ctx: &Ctx, params: OrderRef) -> Result<FileView, AppError> {
    let OfOrder {
        order,
        mut parts,
        lines,
        numbers,
    } = of_order(ctx, params).await?;
    parts.push(audit_part(ctx, &numbers).await?);
    parts.extend(line_parts(ctx, lines).await?);
    let entry = ctx.audit("orders.evidence", "order", &order.order_no);
    let name = file_name(&order.order_no, ctx.now);
    let about = ("order_no", order.order_no.as_str());
    Ok(seal(ctx, entry, about, parts, &name).await?.file)
}

/// The evidence pack of one difference: both rows as they lie in the files the run compared, everything
/// done about it, and what the desk keeps of the order behind it, when there is one.
pub(crate) async fn of_difference(
    ctx: &Ctx,
    params: DifferenceRef,
) -> Result<EvidenceFile, AppError> {
    let detail = recon::difference(ctx, DifferenceRef { ..params }).await?;
    let pool = ctx.app.store().pool();
    let found = runs::difference(pool, params.difference_id)
        .await?
        .ok_or_else(|| AppError::not_found("difference", params.difference_id))?;
    let run = runs::run(pool, found.run_id)
        .await?
        .ok_or_else(|| AppError::not_found("run", found.run_id))?;
    let (mut parts, mut lines, mut objects) = match detail.row.order_id {
        Some(order_id) => {
            let of = of_order(ctx, OrderRef { order_id }).await?;
            (of.parts, of.lines, of.numbers)
        }
        // Nothing is known of an order the desk never had: no answers and no notices either.
        None => (
            vec![json_part("notices.json", &notices(&[]))?],
            Vec::new(),
            Vec::new(),
        ),
    };
    let bill = rows::by_id(pool, run.bill_id).await?;
    let books = rows::import_by_id(pool, run.import_id).await?;
    let same_bill = bill
        .as_ref()
        .filter(|b| b.sha256.as_deref().unwrap_or_default() == run.bill_sha256);
    if let Some(side) = &found.channel {
        lines.push(Line {
            bill_kind: "trade".to_owned(),
            date: run.date.to_string(),
            // A bill fetched anew since is another file: its lines prove nothing about this run.
            path: same_bill.and_then(|b| b.path.clone()),
            sha256: Some(run.bill_sha256.clone()),
            number: side.line_no,
            says: side.state.as_str().to_owned(),
        });
    }
    if let (Some(side), Some(books)) = (&found.ledger, &books) {
        lines.push(Line {
            bill_kind: "books".to_owned(),
            date: run.date.to_string(),
            path: Some(books.path.clone()),
            sha256: Some(run.books_sha256.clone()),
            number: side.line_no,
            says: side.state.as_str().to_owned(),
        });
    }
    lines.dedup_by(|a, b| (&a.bill_kind, &a.date, a.number) == (&b.bill_kind, &b.date, b.number));
    let day = format!("{} {}", found.account_id, found.date);
    objects.extend([found.id.to_string(), found.number.clone(), day]);
    objects.extend(detail.history.iter().map(|e| e.resolution_id.to_string()));
    parts.insert(
        0,
        json_part(
            "difference.json",
            &json!({
                "difference": detail.row, "likely_cause": detail.likely_cause, "order_known": detail.order.is_some(),
                "last_query": detail.queried, "last_notice": detail.noticed,
                "run": {
                    "run_id": run.id, "date": run.date, "number": run.number, "run_digest": run.run_digest,
                    "finished_at": run.finished_at, "bill_sha256": run.bill_sha256,
                    "books_sha256": run.books_sha256, "books_file": books.as_ref().map(|b| &b.file_name),
                    "bill_is_what_the_run_compared": same_bill.is_some(),
                },
            }),
        )?,
    );
    parts.push(json_part("resolutions.json", &detail.history)?);
    parts.push(audit_part(ctx, &objects).await?);
    parts.extend(line_parts(ctx, lines).await?);
    let id = found.id.to_string();
    let entry = ctx.audit("recon.evidence", "difference", &id);
    let name = file_name(&found.number, ctx.now);
    seal(ctx, entry, ("difference_id", &id), parts, &name).await
}

/// `evidence-<number>-<date>.zip`, without what a file system would stumble over.
fn file_name(number: &str, now: Timestamp) -> String {
    let number: String = number
        .chars()
        .take(80)
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
    conn: &mut Conn,
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
    conn: &mut Conn,
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
