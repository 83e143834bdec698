//! The merchant's own books of a day, from a file of theirs or from their database.
//!
//! The bytes are archived under `books/<account>/`, named by day and content, before they are read.
//! A wrong header refuses the file; a bad row is named and does not stop the rest. The same bytes again
//! change nothing; other bytes take the place of the earlier import, which is kept. Books are the
//! merchant's claim: they make orders known, never paid.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zf_crypto::digest::{Sha256Stream, hex_lower};
use zf_domain::{
    BookEntry, BookImportId, BusinessDate, Currency, EntryKind, EntryState, Money, PaymentState,
    RefundState, Timestamp,
};
use zf_recon::Mapping;
use zf_store::bills::{self as rows, BookImport};
use zf_store::recon as closes;

use crate::bills::{archive_path, blocking, check_account, faults_of};
use crate::book_ways;
use crate::books_file::BooksFile;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{self, PaymentFact, RefundFact};
use crate::faults;
use crate::files::{FileEntry, io_error, make_private_dir};
use crate::wire::{BooksView, DayRef, FactSource, FileFault, ImportBooks, Sum};

/// Rows taken in by one transaction.
const CHUNK: usize = 500;
/// Faults kept with an import; the rest are counted in its last one.
const FAULTS_MAX: usize = 200;

/// What one reading of the file found.
struct Reading {
    rows: u64,
    sums: Vec<Sum>,
    faults: Vec<FileFault>,
    /// Whether any row lies on the day or next to it.
    near: bool,
}

pub(crate) async fn import(ctx: &Ctx, params: ImportBooks) -> Result<BooksView, AppError> {
    let app = &ctx.app;
    let ImportBooks {
        account_id,
        date,
        file_token,
    } = params;
    check_account(app, account_id).await?;
    let file = app.files().find(&file_token)?;
    let mapping = book_ways::in_use(app, account_id).await?;
    let mapping = mapping.map(|(_, mapping)| mapping);
    import_file(ctx, DayRef { account_id, date }, &file, mapping).await
}

/// Archives a file and takes it in as the day's books.
pub(crate) async fn import_file(
    ctx: &Ctx,
    day: DayRef,
    file: &FileEntry,
    mapping: Option<Mapping>,
) -> Result<BooksView, AppError> {
    let app = &ctx.app;
    let DayRef { account_id, date } = day;
    let person = ctx.person()?.user_id;
    refuse_locked(ctx, account_id, date).await?;
    let content = match &mapping {
        Some(mapping) => Some(mapping.to_json().map_err(AppError::internal)?),
        None => None,
    };
    let mapping = mapping.unwrap_or_default();

    let folder = app.home().join("books").join(account_id.to_string());
    make_private_dir(&folder)?;
    let (source, stem, name) = (file.path.clone(), date.to_string(), file.name.clone());
    let (archived, books) = blocking(move || {
        let form = BooksFile::look(&source, &name)?.form;
        let archived = archive(&source, &folder, &stem, form.extension())?;
        let books = BooksFile::look(&archived.path, &name)?;
        Ok((archived, books))
    })
    .await?;
    let standing = rows::standing_books(app.store().pool(), account_id, date).await?;
    if let Some(standing) = standing.filter(|s| s.sha256 == archived.sha256 && s.mapping == content)
    {
        return view(ctx, &standing, true).await;
    }

    let books = book_ways::with_key(app, books).await?;
    let (reading_books, reading_mapping) = (books.clone(), mapping.clone());
    let reading = blocking(move || read(&reading_books, &reading_mapping, date)).await?;
    if let Some(first) = reading.faults.first().filter(|_| reading.rows == 0) {
        return Err(faults::refused(&file.name, first));
    }
    if reading.rows > 0 && !reading.near {
        return Err(faults::refused(
            &file.name,
            &FileFault {
                line: 2,
                column: Some("created_at".to_owned()),
                field: None,
                problem: format!(
                    "没有一行在 {date} 或其前后一天 / no row lies on {date} or the day before or after"
                ),
                remedy: format!("请选择 {date} 的账簿。 / Choose the books of {date}."),
            },
        ));
    }
    let id = rows::unfinished_books(
        app.store().pool(),
        account_id,
        date,
        &archived.sha256,
        content.as_deref(),
    )
    .await?;
    let import = BookImport {
        id: id.unwrap_or_else(BookImportId::new),
        account_id,
        date,
        file_name: file.name.clone(),
        path: archived
            .path
            .strip_prefix(app.home())
            .unwrap_or(&archived.path)
            .to_string_lossy()
            .into_owned(),
        sha256: archived.sha256,
        row_count: reading.rows,
        sums: serde_json::to_string(&reading.sums).map_err(AppError::internal)?,
        faults: serde_json::to_string(&reading.faults).map_err(AppError::internal)?,
        imported_by: person,
        imported_at: ctx.now,
        mapping: content,
    };
    take_in(ctx, &import, books, mapping).await?;
    view(ctx, &import, false).await
}

/// A locked day takes neither books nor runs.
pub(crate) async fn refuse_locked(
    ctx: &Ctx,
    account_id: zf_domain::AccountId,
    date: BusinessDate,
) -> Result<(), AppError> {
    let locked = closes::locked_at(ctx.app.store().pool(), account_id, date).await?;
    match locked {
        Some(_) => Err(AppError::new(Code::DayClosed).with("date", date)),
        None => Ok(()),
    }
}

pub(crate) async fn view(
    ctx: &Ctx,
    import: &BookImport,
    already_imported: bool,
) -> Result<BooksView, AppError> {
    let imported_by = closes::person_name(ctx.app.store().pool(), import.imported_by)
        .await?
        .unwrap_or_default();
    Ok(BooksView {
        account_id: import.account_id,
        date: import.date,
        file_name: import.file_name.clone(),
        rows: import.row_count,
        sums: serde_json::from_str(&import.sums).unwrap_or_default(),
        faults: faults_of(&import.faults),
        sha256: import.sha256.clone(),
        imported_at: import.imported_at,
        imported_by,
        already_imported,
    })
}

/// A file in the archive.
pub(crate) struct Archived {
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
}

/// Copies a file into the archive under a name made from its content: written whole, synced, renamed.
pub(crate) fn archive(
    source: &Path,
    folder: &Path,
    stem: &str,
    extension: &str,
) -> Result<Archived, AppError> {
    let mut input = File::open(source).map_err(|e| io_error(source, &e))?;
    let part = folder.join(format!(".{}.part", zf_crypto::random::alphanumeric(12)));
    let mut copy = || -> std::io::Result<String> {
        let mut options = std::fs::OpenOptions::new();
        options.create_new(true).write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut output = options.open(&part)?;
        let mut hash = Sha256Stream::new();
        let mut block = vec![0; 1 << 18];
        loop {
            let read = input.read(&mut block)?;
            if read == 0 {
                break;
            }
            hash.update(&block[..read]);
            output.write_all(&block[..read])?;
        }
        output.sync_all()?;
        Ok(hex_lower(&hash.finish()))
    };
    let done = copy().and_then(|sha256| {
        let path = folder.join(format!("{stem}-{}.{extension}", &sha256[..12]));
        std::fs::rename(&part, &path)?;
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        Ok(Archived { path, sha256 })
    });
    done.map_err(|e| {
        let _ = std::fs::remove_file(&part);
        io_error(folder, &e)
    })
}

pub(crate) fn open(path: &Path) -> Result<BufReader<File>, AppError> {
    let file = File::open(path).map_err(|e| io_error(path, &e))?;
    Ok(BufReader::with_capacity(1 << 18, file))
}

/// Reads the whole file without keeping its rows.
fn read(file: &BooksFile, mapping: &Mapping, date: BusinessDate) -> Result<Reading, AppError> {
    let mut reading = Reading {
        rows: 0,
        sums: Vec::new(),
        faults: Vec::new(),
        near: false,
    };
    let mut sums: Vec<(EntryKind, Currency, i64, u64)> = Vec::new();
    let mut refused = 0_u64;
    let mut too_large = false;
    file.rows(mapping, |row| {
        let row = match row {
            Ok(row) => row,
            Err(fault) => {
                refused += 1;
                if reading.faults.len() < FAULTS_MAX {
                    reading.faults.push(faults::of_row(&fault));
                }
                return true;
            }
        };
        reading.rows += 1;
        let day = row.created_at.beijing_date();
        reading.near |= day.days_since(date).abs() <= 1;
        let signed = match row.kind {
            EntryKind::Payment => row.amount.minor,
            EntryKind::Refund => -row.amount.minor,
        };
        let key = (row.kind, row.amount.currency);
        match sums.iter_mut().find(|(k, c, ..)| (*k, *c) == key) {
            Some((_, _, minor, count)) => match minor.checked_add(signed) {
                Some(sum) => {
                    *minor = sum;
                    *count += 1;
                }
                None => too_large = true,
            },
            None => sums.push((key.0, key.1, signed, 1)),
        }
        !too_large
    })?;
    if too_large {
        return Err(AppError::internal(
            "the sums of these books exceed what can be counted",
        ));
    }
    let unseen = refused.saturating_sub(reading.faults.len() as u64);
    if unseen > 0 {
        reading.faults.push(FileFault {
            line: 0,
            column: None,
            field: None,
            problem: format!("另有 {unseen} 行读不出 / {unseen} more rows could not be read"),
            remedy: "请先改正以上各行。 / Correct the rows above first.".to_owned(),
        });
    }
    // Payments before refunds, refunds negative.
    sums.sort_by_key(|(kind, currency, ..)| (*currency, *kind));
    reading.sums = sums
        .into_iter()
        .map(|(_, currency, minor, count)| Sum {
            money: Money::new(minor, currency),
            count,
        })
        .collect();
    Ok(reading)
}

/// Rows in steps, then the import stands. A kill before the last step leaves the earlier books standing,
/// and the next import of the same bytes goes on behind the last row that was taken in.
async fn take_in(
    ctx: &Ctx,
    import: &BookImport,
    file: BooksFile,
    mapping: Mapping,
) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    rows::stage_books(&mut tx, import).await?;
    let mut entry = audit(ctx, import);
    entry.action = "books.archive".to_owned();
    tx.audit(entry).await?;
    tx.commit().await?;

    let taken = rows::last_entry_line(ctx.app.store().pool(), import.id).await?;
    let (send, mut receive) = tokio::sync::mpsc::channel::<Vec<BookEntry>>(2);
    let reader = tokio::task::spawn_blocking(move || -> Result<(), AppError> {
        let mut chunk = Vec::with_capacity(CHUNK);
        file.rows(&mapping, |row| {
            let entry = row.ok().and_then(|row| row.to_entry().ok());
            chunk.extend(entry.filter(|entry| entry.line_no > taken));
            if chunk.len() < CHUNK {
                return true;
            }
            send.blocking_send(std::mem::take(&mut chunk)).is_ok()
        })?;
        if !chunk.is_empty() {
            // Nobody takes it only when taking in has failed, which is told there.
            let _ = send.blocking_send(chunk);
        }
        Ok(())
    });
    while let Some(entries) = receive.recv().await {
        let mut tx = ctx.app.store().begin().await?;
        rows::add_entries(&mut tx, import.id, import.account_id, &entries).await?;
        for entry in &entries {
            apply(&mut tx, ctx.now, import, entry).await?;
        }
        let mut entry = audit(ctx, import);
        entry.action = "books.take_in".to_owned();
        let last = entries.last().map_or(0, |e| e.line_no);
        entry.reason = Some(format!("{} rows to line {last}", entries.len()));
        tx.audit(entry).await?;
        tx.commit().await?;
    }
    reader.await.map_err(AppError::internal)??;

    let mut tx = ctx.app.store().begin().await?;
    if closes::locked_at(&mut *tx.conn(), import.account_id, import.date)
        .await?
        .is_some()
    {
        return Err(AppError::new(Code::DayClosed).with("date", import.date));
    }
    rows::let_stand(&mut tx, import).await?;
    tx.audit(audit(ctx, import)).await?;
    tx.commit().await?;
    Ok(())
}

fn audit(ctx: &Ctx, import: &BookImport) -> zf_store::AuditEntry {
    let mut entry = ctx.audit(
        "books.import",
        "books",
        &format!("{} {}", import.account_id, import.date),
    );
    entry.after_digest = Some(import.sha256.clone());
    entry.reason = Some(import.file_name.clone());
    entry
}

/// What one row of the books claims.
async fn apply(
    tx: &mut zf_store::Tx,
    now: Timestamp,
    import: &BookImport,
    entry: &BookEntry,
) -> Result<(), AppError> {
    match (entry.kind, &entry.refund_no) {
        (EntryKind::Payment, _) => {
            let fact = PaymentFact {
                account_id: import.account_id,
                order_no: entry.order_no.clone(),
                payment_id: None,
                state: match entry.state {
                    EntryState::Done => PaymentState::Paid,
                    EntryState::InProgress => PaymentState::Pending,
                    EntryState::Void => PaymentState::Closed,
                },
                amount: entry.amount,
                method: String::new(),
                payer: None,
                goods: None,
                created_at: entry.created_at,
                paid_at: None,
                source: FactSource::Books,
                verified: false,
                detail: Some(format!("{}:{}", import.date, entry.line_no)),
            };
            facts::apply_payment(tx, now, &fact).await?;
        }
        (EntryKind::Refund, Some(refund_no)) => {
            let fact = RefundFact {
                account_id: import.account_id,
                order_no: entry.order_no.clone(),
                refund_no: refund_no.clone(),
                refund_id: None,
                amount: entry.amount,
                state: match entry.state {
                    EntryState::Done => RefundState::Succeeded,
                    EntryState::InProgress => RefundState::Processing,
                    EntryState::Void => RefundState::ClosedByChannel,
                },
                at: entry.created_at,
                source: FactSource::Books,
                verified: false,
            };
            facts::apply_refund(tx, now, &fact).await?;
        }
        (EntryKind::Refund, None) => {}
    }
    Ok(())
}

/// One row of the books as it stands in the archive; of a workbook, its cells.
pub(crate) async fn raw_row(
    ctx: &Ctx,
    import: &BookImport,
    line_no: u64,
) -> Result<Option<String>, AppError> {
    let path = archive_path(&ctx.app, &import.path);
    let sheet = match &import.mapping {
        Some(content) => {
            Mapping::from_json(content)
                .map_err(AppError::internal)?
                .sheet
        }
        None => None,
    };
    let name = import.file_name.clone();
    let file = blocking(move || BooksFile::look(&path, &name)).await?;
    let file = book_ways::with_key(&ctx.app, file).await?;
    blocking(move || match file.row(sheet.as_deref(), line_no) {
        // The key may be gone since: the difference is shown without the row.
        Err(error) if error.code == Code::BooksKeyMissing => Ok(None),
        found => found,
    })
    .await
}

/// Whether the archived bytes are still the ones that were imported.
pub(crate) async fn archive_holds(
    ctx: &Ctx,
    relative: &str,
    sha256: &str,
) -> Result<bool, AppError> {
    let path = archive_path(&ctx.app, relative);
    let expected = sha256.to_owned();
    blocking(move || {
        let mut input = open(&path)?;
        let mut hash = Sha256Stream::new();
        let mut block = vec![0; 1 << 18];
        loop {
            let read = input.read(&mut block).map_err(|e| io_error(&path, &e))?;
            if read == 0 {
                return Ok(hex_lower(&hash.finish()) == expected);
            }
            hash.update(&block[..read]);
        }
    })
    .await
}
