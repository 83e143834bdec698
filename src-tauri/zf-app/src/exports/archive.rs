//! Many files as one zip, with an index for people and one for programs.
//!
//! Members are stored as they are: receipts and archived bills, byte for byte. `index.csv` and
//! `index.json` name each with its SHA-256. A file that is gone or no longer what was stored is not
//! put in; the index says so, and the export counts it as a problem.

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zf_crypto::digest::{Sha256Stream, hex_lower};
use zf_domain::Money;
use zf_store::bills as bill_rows;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Counted;
use super::sheet::{create_private, guarded};
use super::source::CHUNK;
use crate::bills::{archive_path, blocking, check_account};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::files::io_error;
use crate::orders::add_sum;
use crate::receipts;
use crate::tasks::{Stopper, Task};
use crate::wire::{BillRange, ReceiptSearch};

/// Days of one archive.
const DAYS_MAX: i64 = 366;
/// Bytes copied between two looks at the wish to stop.
const COPY_BYTES: usize = 256 * 1024;

/// A zip on its way.
struct Archive {
    zip: ZipWriter<BufWriter<File>>,
    index: Vec<Value>,
    problems: u64,
    path: PathBuf,
}

fn zip_error(path: &Path, error: zip::result::ZipError) -> AppError {
    match error {
        zip::result::ZipError::Io(e) => io_error(path, &e),
        other => AppError::internal(format!("zip: {other}")),
    }
}

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

/// One file to be put in.
struct Member {
    from: PathBuf,
    name: String,
    /// What it had when it was stored.
    sha256: String,
    /// What the index says of it.
    about: Value,
}

impl Archive {
    fn begin(path: &Path) -> Result<Self, AppError> {
        Ok(Self {
            zip: ZipWriter::new(BufWriter::new(create_private(path)?)),
            index: Vec::new(),
            problems: 0,
            path: path.to_owned(),
        })
    }

    /// Puts a file in, if it still is what was stored.
    fn add(&mut self, member: Member, stopper: &Stopper) -> Result<(), AppError> {
        let Member {
            from,
            name,
            sha256,
            mut about,
        } = member;
        let problem = match digest_of(&from, stopper)? {
            None => Some("missing"),
            Some(found) if found != sha256 => Some("changed"),
            Some(_) => None,
        };
        if let Value::Object(fields) = &mut about {
            fields.insert("file".to_owned(), Value::from(name.clone()));
            fields.insert("sha256".to_owned(), Value::from(sha256));
            fields.insert("problem".to_owned(), Value::from(problem));
        }
        self.index.push(about);
        if problem.is_some() {
            self.problems += 1;
            return Ok(());
        }
        self.zip
            .start_file(name, stored())
            .map_err(|e| zip_error(&self.path, e))?;
        let mut file = File::open(&from).map_err(|e| io_error(&from, &e))?;
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            stopper.check()?;
            let n = file.read(&mut buffer).map_err(|e| io_error(&from, &e))?;
            if n == 0 {
                return Ok(());
            }
            self.zip
                .write_all(buffer.get(..n).unwrap_or_default())
                .map_err(|e| io_error(&self.path, &e))?;
        }
    }

    /// Writes both indexes and closes the file; gives members in and problems.
    fn finish(mut self, about: Value, columns: &[&str]) -> Result<(u64, u64), AppError> {
        let put = |zip: &mut ZipWriter<BufWriter<File>>, name: &str, bytes: &[u8]| {
            zip.start_file(name, stored())?;
            zip.write_all(bytes)?;
            Ok(())
        };
        let mut sheet = b"\xef\xbb\xbf".to_vec();
        {
            let mut csv = csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .from_writer(&mut sheet);
            let text = |row: &Value, column: &str| match &row[column] {
                Value::Null => String::new(),
                Value::String(text) => guarded(text),
                other => other.to_string(),
            };
            let written = csv.write_record(columns).and_then(|()| {
                self.index
                    .iter()
                    .try_for_each(|row| csv.write_record(columns.iter().map(|c| text(row, c))))
            });
            written.map_err(AppError::internal)?;
            csv.flush().map_err(AppError::internal)?;
        }
        let members = self.index.len() as u64 - self.problems;
        let machine = json!({ "about": about, "files": self.index });
        let machine = serde_json::to_vec_pretty(&machine).map_err(AppError::internal)?;
        let path = self.path;
        put(&mut self.zip, "index.csv", &sheet)
            .and_then(|()| put(&mut self.zip, "index.json", &machine))
            .map_err(|e| zip_error(&path, e))?;
        let out = self.zip.finish().map_err(|e| zip_error(&path, e))?;
        let file = out.into_inner().map_err(|e| io_error(&path, e.error()))?;
        file.sync_all().map_err(|e| io_error(&path, &e))?;
        Ok((members, self.problems))
    }
}

/// The digest of a file; `None` when it is not there.
fn digest_of(path: &Path, stopper: &Stopper) -> Result<Option<String>, AppError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io_error(path, &e)),
    };
    let mut stream = Sha256Stream::new();
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        stopper.check()?;
        let n = file.read(&mut buffer).map_err(|e| io_error(path, &e))?;
        if n == 0 {
            return Ok(Some(hex_lower(&stream.finish())));
        }
        stream.update(buffer.get(..n).unwrap_or_default());
    }
}

/// The block at the head of `index.json`.
fn about(ctx: &Ctx, what: &str) -> Value {
    json!({
        "content": what,
        "as_of": ctx.now.to_rfc3339_beijing(),
        "zone": "UTC+8",
        "exported_by": ctx.actor_name(),
        "program": format!("Zhangfang {}", env!("CARGO_PKG_VERSION")),
    })
}

async fn add(archive: Archive, member: Member, stopper: Stopper) -> Result<Archive, AppError> {
    let mut archive = archive;
    blocking(move || {
        archive.add(member, &stopper)?;
        Ok(archive)
    })
    .await
}

/// Receipts of a search with an index.
pub(super) async fn receipts(
    ctx: &Ctx,
    search: &ReceiptSearch,
    part: &Path,
    task: &Task,
) -> Result<Counted, AppError> {
    let mut search = search.clone();
    search.cursor = None;
    search.limit = CHUNK;
    let mut archive = Archive::begin(part)?;
    let mut sums = Vec::new();
    let mut done = 0;
    loop {
        let page = receipts::list(ctx, search.clone()).await?;
        for row in page.rows {
            task.checkpoint().await?;
            let member = Member {
                from: archive_path(&ctx.app, &format!("receipts/{}.pdf", row.serial_no)),
                name: format!("{}.pdf", row.serial_no),
                sha256: row.sha256.clone(),
                about: json!({
                    "serial_no": row.serial_no,
                    "order_no": row.order_no,
                    "currency": row.amount.currency.code(),
                    "amount": row.amount.to_decimal(),
                    "issued_at": row.issued_at.to_rfc3339_beijing(),
                    "issued_by": row.issued_by,
                    "signer": row.signer,
                    "bytes": row.bytes,
                }),
            };
            archive = add(archive, member, task.stopper()).await?;
            add_sum(&mut sums, row.amount.currency, (row.amount.minor, 1));
            done += 1;
            task.step("packing", done, Some(page.total.max(done)));
        }
        search.cursor = page.next_cursor;
        if search.cursor.is_none() {
            break;
        }
    }
    task.finishing(done);
    let mut head = about(ctx, "receipts");
    head["search"] = Value::from(search.text.clone());
    head["sums"] = sums
        .iter()
        .map(|s: &crate::wire::Sum| {
            let money: Money = s.money;
            json!({ "currency": money.currency.code(), "amount": money.to_decimal(), "count": s.count })
        })
        .collect();
    let columns = [
        "serial_no",
        "order_no",
        "currency",
        "amount",
        "issued_at",
        "issued_by",
        "signer",
        "file",
        "bytes",
        "sha256",
        "problem",
    ];
    let (rows, problems) = blocking(move || archive.finish(head, &columns)).await?;
    Ok((rows, problems, sums))
}

/// Archived bills of a range of days: the channel's own bytes.
pub(super) async fn bills(
    ctx: &Ctx,
    range: &BillRange,
    part: &Path,
    task: &Task,
) -> Result<Counted, AppError> {
    check_account(&ctx.app, range.account_id).await?;
    let days = range.date_to.days_since(range.date_from);
    if !(0..DAYS_MAX).contains(&days) {
        return Err(AppError::bad(
            "date_to",
            "一次最多一年 / at most one year at a time",
        ));
    }
    let found = bill_rows::between(
        ctx.app.store().pool(),
        range.account_id,
        range.date_from,
        range.date_to,
    )
    .await?;
    let kept: Vec<_> = found
        .into_iter()
        .filter(|b| b.path.is_some() && b.sha256.is_some())
        .collect();
    if kept.is_empty() {
        return Err(AppError::new(Code::NotFound)
            .with("what", "账单 bill")
            .with("number", format!("{} – {}", range.date_from, range.date_to)));
    }
    let total = kept.len() as u64;
    let mut archive = Archive::begin(part)?;
    for (done, bill) in (1_u64..).zip(kept) {
        task.checkpoint().await?;
        let (Some(path), Some(sha256)) = (bill.path, bill.sha256) else {
            continue;
        };
        let from = archive_path(&ctx.app, &path);
        let file = from
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let member = Member {
            name: format!("{}/{}-{file}", bill.kind, bill.date),
            from,
            sha256,
            about: json!({
                "date": bill.date.to_string(),
                "kind": bill.kind,
                "status": bill.status,
                "rows": bill.row_count,
                "bytes": bill.bytes,
                "channel_hash": bill.channel_hash,
                "hash_verified": bill.hash_verified,
                "fetched_at": bill.fetched_at.map(zf_domain::Timestamp::to_rfc3339_beijing),
            }),
        };
        archive = add(archive, member, task.stopper()).await?;
        task.step("packing", done, Some(total));
    }
    task.finishing(total);
    let mut head = about(ctx, "bills");
    head["account_id"] = Value::from(range.account_id.to_string());
    head["from"] = Value::from(range.date_from.to_string());
    head["to"] = Value::from(range.date_to.to_string());
    let columns = [
        "date",
        "kind",
        "status",
        "rows",
        "file",
        "bytes",
        "sha256",
        "channel_hash",
        "hash_verified",
        "fetched_at",
        "problem",
    ];
    let (rows, problems) = blocking(move || archive.finish(head, &columns)).await?;
    Ok((rows, problems, Vec::new()))
}
