//! Files made for people to take along: made in the background, listed with count, sums and digest.
//!
//! A file is written beside its place and moved there whole, so that half a file is never seen. Its
//! SHA-256 is taken from the disk after that, and stands in the list and in the audit row. A process
//! that ends in the middle leaves a row that the next start calls interrupted; it can be made again.

mod archive;
pub(crate) mod close_report;
mod sheet;
mod source;
mod words;

use std::collections::BTreeMap;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zf_crypto::digest::{Sha256Stream, hex_lower};
use zf_domain::{Currency, ExportId, Money, Permission};
use zf_store::exports::{self as rows, ExportRecord};

use self::sheet::{
    Cell, CsvSheet, Negative, RowDigest, Sheet, XlsxSheet, create_private, stopped_or,
};
use self::source::{CHUNK, Source, check};
use crate::app::App;
use crate::bills::{archive_path, blocking};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{read_word, word};
use crate::files::io_error;
use crate::tasks::{Stopper, Task, TaskSpec};
use crate::wire::{
    ErrorView, ExportFormat, ExportKind, ExportList, ExportRef, ExportSearch, ExportSource,
    ExportState, ExportView, FileLanguage, FileView, NegativeStyle, StartExport, Sum, Tag,
};

/// Days a file is kept; its row and digest stay.
const KEPT_DAYS: i64 = 30;
const DAY_MILLIS: i64 = 86_400_000;
const PAGE_MAX: u32 = 200;
/// Bytes hashed between two looks at the wish to stop.
const HASH_BYTES: usize = 1 << 20;

/// What a finished export turned out to be.
struct Made {
    rows: u64,
    problems: u64,
    sums: Vec<Sum>,
    bytes: u64,
    sha256: String,
}

/// What is kept of a request, so that it can be made again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    source: ExportSource,
    format: ExportFormat,
    language: FileLanguage,
    negative: NegativeStyle,
}

fn view(ctx: &Ctx, record: &ExportRecord) -> ExportView {
    ExportView {
        export_id: record.id,
        kind: read_word(&record.kind).unwrap_or(ExportKind::Orders),
        format: read_word(&record.format).unwrap_or(ExportFormat::Csv),
        file_name: record.file_name.clone(),
        state: read_word(&record.state).unwrap_or(ExportState::Failed),
        rows: record.row_count,
        problems: record.problems,
        sums: serde_json::from_str(&record.sums).unwrap_or_default(),
        bytes: record.bytes,
        sha256: record.sha256.clone(),
        error: record
            .error
            .as_deref()
            .and_then(|text| serde_json::from_str::<ErrorView>(text).ok()),
        created_by: record.created_by_name.clone(),
        created_at: record.created_at,
        finished_at: record.finished_at,
        expires_at: record.expires_at,
        task_id: task_id(record.id),
        mine: ctx
            .person
            .as_ref()
            .is_some_and(|p| p.user_id == record.created_by),
    }
}

fn task_id(id: ExportId) -> String {
    format!("export.{id}")
}

/// Which forms a kind has.
fn check_format(kind: ExportKind, format: ExportFormat) -> Result<(), AppError> {
    let fits = match kind {
        ExportKind::AuditChain => format == ExportFormat::Jsonl,
        ExportKind::ReceiptFiles | ExportKind::BillArchive => format == ExportFormat::Zip,
        _ => matches!(format, ExportFormat::Csv | ExportFormat::Xlsx),
    };
    if fits {
        return Ok(());
    }
    Err(AppError::bad(
        "format",
        "这一种没有这个格式 / this kind has no such format",
    ))
}

pub(crate) async fn start(ctx: &Ctx, params: StartExport) -> Result<ExportView, AppError> {
    let person = ctx.person()?.clone();
    let StartExport {
        source,
        format,
        language,
        negative,
    } = params;
    let kind = source.kind();
    check(ctx, kind)?;
    check_format(kind, format)?;
    let english = language == FileLanguage::En;
    let kept = Kept {
        source,
        format,
        language,
        negative,
    };
    let stamp: String = ctx
        .now
        .to_beijing()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let (day, clock) = stamp.split_at_checked(8).unwrap_or((&stamp, ""));
    let record = ExportRecord {
        id: ExportId::new(),
        kind: word(kind),
        format: word(format),
        file_name: format!("{}-{day}-{clock}.{}", kind.name(english), word(format)),
        request: serde_json::to_string(&kept).map_err(AppError::internal)?,
        state: word(ExportState::Running),
        row_count: 0,
        problems: 0,
        sums: "[]".to_owned(),
        path: None,
        bytes: 0,
        sha256: None,
        error: None,
        created_by: person.user_id,
        created_by_name: person.display_name,
        created_at: ctx.now,
        finished_at: None,
        expires_at: ctx.now.plus_millis(KEPT_DAYS * DAY_MILLIS),
    };
    note(ctx, &record, "exports.start", "ok").await?;
    spawn(ctx, record.clone(), kept);
    Ok(view(ctx, &record))
}

/// Makes an interrupted, cancelled or failed export again, as it was asked for.
pub(crate) async fn again(ctx: &Ctx, params: ExportRef) -> Result<ExportView, AppError> {
    let mut record = find(ctx, params.export_id).await?;
    let person = ctx.person()?.user_id;
    let state = read_word(&record.state).unwrap_or(ExportState::Running);
    if record.created_by != person {
        return Err(AppError::new(Code::TaskNotYours)
            .with("name", &record.file_name)
            .with("person", &record.created_by_name));
    }
    if matches!(state, ExportState::Running | ExportState::Done) {
        return Err(AppError::new(Code::IllegalStep)
            .with("number", &record.file_name)
            .with("from", &record.state)
            .with("to", word(ExportState::Running)));
    }
    let kept: Kept = serde_json::from_str(&record.request).map_err(AppError::internal)?;
    record.state = word(ExportState::Running);
    record.error = None;
    record.path = None;
    record.sha256 = None;
    record.finished_at = None;
    record.expires_at = ctx.now.plus_millis(KEPT_DAYS * DAY_MILLIS);
    note(ctx, &record, "exports.again", "ok").await?;
    spawn(ctx, record.clone(), kept);
    Ok(view(ctx, &record))
}

/// Writes how an export stands, with its audit row.
async fn note(
    ctx: &Ctx,
    record: &ExportRecord,
    action: &str,
    result: &str,
) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    rows::put(&mut tx, record).await?;
    let mut entry = ctx.audit(action, "export", &record.file_name);
    entry.after_digest.clone_from(&record.sha256);
    entry.reason = Some(format!("{} rows", record.row_count));
    result.clone_into(&mut entry.result);
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}

fn spawn(ctx: &Ctx, record: ExportRecord, kept: Kept) {
    let ctx = ctx.detached();
    let task = Task::begin(
        &ctx,
        TaskSpec {
            id: task_id(record.id),
            kind: "export",
            subject: record.file_name.clone(),
            pause: true,
            cancel: true,
        },
    );
    tokio::spawn(async move {
        let done = run(&ctx, record, &kept, &task).await;
        if let Err(error) = &done {
            tracing::info!(code = error.code.text().code, "export");
        }
        ctx.app.stale(&[Tag::Exports, Tag::Audit]);
        task.end(&done);
    });
}

fn part_of(app: &App, id: ExportId) -> PathBuf {
    app.home().join("exports").join(format!("{id}.part"))
}

/// Removes what a half-made export left.
fn sweep_parts(app: &App, id: ExportId) {
    let part = part_of(app, id);
    for path in [part.with_extension("rows"), part] {
        let _ = std::fs::remove_file(path);
    }
}

async fn run(
    ctx: &Ctx,
    mut record: ExportRecord,
    kept: &Kept,
    task: &Task,
) -> Result<(), AppError> {
    let app = &ctx.app;
    let part = part_of(app, record.id);
    let made = make(ctx, kept, &part, task).await;
    use zf_domain::Clock as _;
    record.finished_at = Some(app.clock().now());
    match made {
        Ok(made) => {
            let relative = format!("exports/{}.{}", record.id, record.format);
            let target = archive_path(app, &relative);
            blocking(move || std::fs::rename(&part, &target).map_err(|e| io_error(&target, &e)))
                .await?;
            record.state = word(ExportState::Done);
            record.row_count = made.rows;
            record.problems = made.problems;
            record.sums = serde_json::to_string(&made.sums).map_err(AppError::internal)?;
            record.path = Some(relative);
            record.bytes = made.bytes;
            record.sha256 = Some(made.sha256);
            note(ctx, &record, "exports.done", "ok").await
        }
        Err(error) => {
            sweep_parts(app, record.id);
            let state = if error.code == Code::TaskCancelled {
                ExportState::Cancelled
            } else {
                record.error = serde_json::to_string(&error.view()).ok();
                ExportState::Failed
            };
            record.state = word(state);
            // What the error says matters more than that it could not be noted.
            if let Err(unnoted) = note(ctx, &record, "exports.done", error.code.text().code).await {
                tracing::warn!(%unnoted, "export");
            }
            Err(error)
        }
    }
}

async fn make(ctx: &Ctx, kept: &Kept, part: &Path, task: &Task) -> Result<Made, AppError> {
    let (rows, problems, sums) = match &kept.source {
        ExportSource::AuditChain {} => chain(ctx, part, task).await?,
        ExportSource::ReceiptFiles(search) => archive::receipts(ctx, search, part, task).await?,
        ExportSource::BillArchive(range) => archive::bills(ctx, range, part, task).await?,
        _ => table(ctx, kept, part, task).await?,
    };
    task.finishing(rows);
    let (path, stopper) = (part.to_owned(), task.stopper());
    let (bytes, sha256) = blocking(move || digest(&path, &stopper)).await?;
    Ok(Made {
        rows,
        problems,
        sums,
        bytes,
        sha256,
    })
}

/// Size and SHA-256 of a file as it lies on the disk.
fn digest(path: &Path, stopper: &Stopper) -> Result<(u64, String), AppError> {
    let mut file = std::fs::File::open(path).map_err(|e| io_error(path, &e))?;
    let mut stream = Sha256Stream::new();
    let mut buffer = vec![0; HASH_BYTES];
    let mut bytes = 0;
    loop {
        stopper.check()?;
        let n = file.read(&mut buffer).map_err(|e| io_error(path, &e))?;
        if n == 0 {
            return Ok((bytes, hex_lower(&stream.finish())));
        }
        bytes += n as u64;
        stream.update(buffer.get(..n).unwrap_or_default());
    }
}

type Counted = (u64, u64, Vec<Sum>);

/// A search as a table.
async fn table(ctx: &Ctx, kept: &Kept, part: &Path, task: &Task) -> Result<Counted, AppError> {
    let english = kept.language == FileLanguage::En;
    let negative = match kept.negative {
        NegativeStyle::Minus => Negative::Minus,
        NegativeStyle::Parentheses => Negative::Parentheses,
    };
    task.step("counting", 0, None);
    // Counting a million rows takes longer than a person waits for a cancel.
    let mut source = task
        .unless_cancelled(Source::open(ctx, kept.source.clone(), english))
        .await??;
    let columns = source.columns();
    let headings: Vec<&str> = columns.iter().map(|c| c.name(english)).collect();
    let mut sheet = match kept.format {
        ExportFormat::Xlsx => Sheet::Xlsx(Box::new(XlsxSheet::begin(
            part, &headings, negative, english,
        )?)),
        _ => Sheet::Csv(Box::new(CsvSheet::begin(part, &headings, negative)?)),
    };
    let total = source.total;
    let mut rows = 0;
    let mut written = RowDigest::new();
    // By column, then by currency: no sum crosses either.
    let mut sums: BTreeMap<(usize, Currency), (i64, u64)> = BTreeMap::new();
    loop {
        task.checkpoint().await?;
        let chunk = task.unless_cancelled(source.next(ctx)).await??;
        if chunk.is_empty() {
            break;
        }
        for row in &chunk {
            written.take(row);
            for (at, (cell, column)) in row.iter().zip(columns).enumerate() {
                if let (Cell::Amount(money), true) = (cell, column.sum) {
                    let (sum, count) = sums.entry((at, money.currency)).or_default();
                    *sum = sum
                        .checked_add(money.minor)
                        .ok_or_else(|| AppError::internal("a sum exceeds what can be counted"))?;
                    *count += 1;
                }
            }
        }
        sheet.rows(&chunk)?;
        rows += chunk.len() as u64;
        task.step("writing", rows, total.map(|t| t.max(rows)));
    }
    let mut about = about(ctx, kept, english, rows);
    about.extend(source.filters(ctx).await?);
    for ((at, currency), (minor, count)) in &sums {
        let name = columns.get(*at).map_or("", |c| c.name(english));
        let money = Money::new(*minor, *currency).to_decimal();
        let value = if english {
            format!("{money} {} in {count} rows", currency.code())
        } else {
            format!("{money} {}（{count} 行）", currency.code())
        };
        let heading = if english { "Sum of" } else { "合计" };
        about.push((format!("{heading} {name}"), value));
    }
    about.push((
        if english {
            "SHA-256 of the rows (tab between cells, line feed after each row)"
        } else {
            "各行内容 SHA-256（格间制表符，行尾换行）"
        }
        .to_owned(),
        written.finish(),
    ));
    let stopper = task.stopper();
    task.finishing(rows);
    blocking(move || sheet.finish(&about, &stopper)).await?;
    let main = columns.iter().position(|c| c.sum);
    let main_sums = sums
        .iter()
        .filter(|((at, _), _)| Some(*at) == main)
        .map(|((_, currency), (minor, count))| Sum {
            money: Money::new(*minor, *currency),
            count: *count,
        })
        .collect();
    Ok((rows, 0, main_sums))
}

/// What a file is: the block above its table.
fn about(ctx: &Ctx, kept: &Kept, english: bool, rows: u64) -> Vec<(String, String)> {
    let kind = kept.source.kind();
    let line =
        |zh: &str, en: &str, value: String| ((if english { en } else { zh }).to_owned(), value);
    let tool = if english {
        format!("Zhangfang {}", env!("CARGO_PKG_VERSION"))
    } else {
        format!("账房 {}", env!("CARGO_PKG_VERSION"))
    };
    vec![
        line("内容", "Content", kind.name(english).to_owned()),
        line("行数", "Rows", rows.to_string()),
        line("数据截至", "As of", ctx.now.to_rfc3339_beijing()),
        line(
            "时区",
            "Time zone",
            if english {
                "all times Beijing, UTC+8".to_owned()
            } else {
                "时间均为北京时间 UTC+8".to_owned()
            },
        ),
        line("导出人", "Exported by", ctx.actor_name()),
        line("程序", "Program", tool),
    ]
}

/// The whole audit chain as JSON Lines, each line with everything its digest covers.
async fn chain(ctx: &Ctx, part: &Path, task: &Task) -> Result<Counted, AppError> {
    let store = ctx.app.store();
    let total = store.audit_rows().await?;
    let fail = |e: std::io::Error| io_error(part, &e);
    let mut out = BufWriter::new(create_private(part)?);
    let (mut last, mut rows) = (0, 0);
    loop {
        task.checkpoint().await?;
        let chunk = store.audit_after(last, CHUNK).await?;
        let Some(row) = chunk.last() else { break };
        last = row.seq;
        for row in &chunk {
            out.write_all(row.to_line().as_bytes()).map_err(fail)?;
            out.write_all(b"\n").map_err(fail)?;
        }
        rows += chunk.len() as u64;
        task.step("writing", rows, Some(total.max(rows)));
    }
    let file = out.into_inner().map_err(|e| io_error(part, e.error()))?;
    let (path, stopper) = (part.to_owned(), task.stopper());
    blocking(move || file.sync_all().map_err(|e| stopped_or(&stopper, &path, &e))).await?;
    Ok((rows, 0, Vec::new()))
}

/// Whether this person may see an export: their own, or with the right to audit, everybody's; never of
/// a kind their role may not see.
fn visible(ctx: &Ctx, record: &ExportRecord) -> bool {
    let kind: Option<ExportKind> = read_word(&record.kind);
    let own = ctx
        .person
        .as_ref()
        .is_some_and(|p| p.user_id == record.created_by);
    kind.is_some_and(|k| ctx.may(k.needs())) && (own || ctx.may(Permission::ViewAudit))
}

async fn find(ctx: &Ctx, id: ExportId) -> Result<ExportRecord, AppError> {
    rows::by_id(ctx.app.store().pool(), id)
        .await?
        .filter(|r| visible(ctx, r))
        .ok_or_else(|| AppError::not_found("export", id))
}

pub(crate) async fn list(ctx: &Ctx, params: ExportSearch) -> Result<ExportList, AppError> {
    let person = ctx.person()?.user_id;
    let limit = params.limit.clamp(1, PAGE_MAX);
    let own = (!ctx.may(Permission::ViewAudit)).then_some(person);
    let found = rows::page(ctx.app.store().pool(), own, params.cursor.as_deref(), limit).await?;
    let next_cursor = (found.len() == limit as usize)
        .then(|| found.last().map(|r| r.id.to_string()))
        .flatten();
    Ok(ExportList {
        exports: found
            .iter()
            .filter(|r| visible(ctx, r))
            .map(|r| view(ctx, r))
            .collect(),
        next_cursor,
    })
}

pub(crate) async fn file(ctx: &Ctx, params: ExportRef) -> Result<FileView, AppError> {
    let record = find(ctx, params.export_id).await?;
    let path = record
        .path
        .as_deref()
        .filter(|_| record.state == word(ExportState::Done))
        .ok_or_else(|| AppError::new(Code::FileMissing).with("name", &record.file_name))?;
    let held = ctx
        .app
        .files()
        .register(&archive_path(&ctx.app, path), &record.file_name)?;
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit("exports.file", "export", &record.file_name);
    entry.after_digest.clone_from(&record.sha256);
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(held)
}

/// Takes the file away; what it was stays in the list.
pub(crate) async fn remove(ctx: &Ctx, params: ExportRef) -> Result<ExportView, AppError> {
    let record = find(ctx, params.export_id).await?;
    if record.state == word(ExportState::Running) {
        return Err(AppError::new(Code::IllegalStep)
            .with("number", &record.file_name)
            .with("from", &record.state)
            .with("to", word(ExportState::Removed)));
    }
    let removed = drop_file(ctx, record).await?;
    Ok(view(ctx, &removed))
}

async fn drop_file(ctx: &Ctx, mut record: ExportRecord) -> Result<ExportRecord, AppError> {
    let path = record.path.take();
    record.state = word(ExportState::Removed);
    note(ctx, &record, "exports.remove", "ok").await?;
    // After the row: a file left behind by a crash between the two is found by its missing row.
    if let Some(path) = path {
        let path = archive_path(&ctx.app, &path);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io_error(&path, &e)),
            _ => {}
        }
    }
    Ok(record)
}

/// What a former process left unfinished is called interrupted, and its half file removed.
///
/// # Errors
/// When the store fails.
pub(crate) async fn recover(app: &App) -> Result<(), AppError> {
    let ctx = Ctx::timer(app);
    for mut record in rows::running(app.store().pool()).await? {
        sweep_parts(app, record.id);
        record.state = word(ExportState::Interrupted);
        record.finished_at = Some(ctx.now);
        note(&ctx, &record, "exports.interrupted", "interrupted").await?;
    }
    Ok(())
}

/// Removes files whose days are over.
///
/// # Errors
/// When the store fails.
pub(crate) async fn expire(app: &App) -> Result<(), AppError> {
    let ctx = Ctx::timer(app);
    for record in rows::expired(app.store().pool(), ctx.now).await? {
        drop_file(&ctx, record).await?;
    }
    Ok(())
}
