//! How an account's books are read: the mapping in use, databases, keys of encrypted files; and a look at
//! a file before anything of it is imported.
//!
//! Who reconciles describes the columns. Databases and keys are secrets of the house and set by who
//! manages the accounts; a password or key never comes back out of the vault into a reply.

use std::collections::BTreeMap;

use zf_crypto::sealed_file::{FileKey, is_key_name};
use zf_crypto::secret::Secret;
use zf_domain::{AccountId, Permission};
use zf_recon::mapping::{AmountUnit, Columns, TimeFormat, Zone};
use zf_recon::{BookRow, Mapping, guess};
use zf_store::book_ways as store;

use crate::app::App;
use crate::bills::{blocking, check_account};
use crate::books;
use crate::books_file::{BooksFile, Form};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::faults;
use crate::files::{FileEntry, io_error};
use crate::sql_source::{self, Limits, SqlSource};
use crate::wire::{
    AccountRef, AddBooksKey, BookAmountUnit, BookMapping, BookTimeFormat, BooksKeyView,
    BooksPreview, BooksView, BooksWays, DayRef, FileFault, FileRef, FileView, KindWord, MappingRef,
    MappingView, PreviewBooks, PreviewEntry, PreviewRow, SaveMapping, SaveSource, SourceDay,
    SourceRef, SourceView, SqlSettings, StateWord, UseMapping, WordCount,
};

/// Rows of a preview.
const SHOWN: usize = 20;
/// Rows looked at for words and faults.
const LOOKED_AT: usize = 2_000;
/// Most columns, and characters of one name or value, that a reply carries.
const COLUMNS_MAX: usize = 100;
const TEXT_MAX: usize = 120;
/// Most words of one column.
const WORDS_MAX: usize = 60;
const NAME_MAX: usize = 60;
/// Most mappings or databases of an account.
const COUNT_MAX: usize = 50;
const MAPPING_BYTES_MAX: u64 = 256 * 1024;
const KEY_FILE_BYTES_MAX: u64 = 1024;
/// How long a database may take: for a look, and for a day.
const LOOK: Limits = Limits {
    seconds: 20,
    rows: Some(LOOKED_AT as u64),
};
const DAY: Limits = Limits {
    seconds: 600,
    rows: None,
};

fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

fn check_name(name: &str) -> Result<String, AppError> {
    let name = name.trim();
    let sound = (1..=NAME_MAX).contains(&name.chars().count()) && !name.contains(char::is_control);
    if sound {
        Ok(name.to_owned())
    } else {
        Err(AppError::bad(
            "name",
            "名称应为 1 到 60 个字 / a name has 1 to 60 characters",
        ))
    }
}

fn to_wire(mapping: &Mapping) -> BookMapping {
    let columns = &mapping.columns;
    BookMapping {
        kind_column: columns.kind.clone(),
        order_no_column: columns.order_no.clone(),
        refund_no_column: columns.refund_no.clone(),
        channel_no_column: columns.channel_no.clone(),
        amount_column: columns.amount.clone(),
        currency_column: columns.currency.clone(),
        status_column: columns.status.clone(),
        created_at_column: columns.created_at.clone(),
        kinds: mapping
            .kinds
            .iter()
            .map(|(word, kind)| KindWord {
                word: word.clone(),
                kind: Some(*kind),
            })
            .collect(),
        statuses: mapping
            .statuses
            .iter()
            .map(|(word, state)| StateWord {
                word: word.clone(),
                state: Some(*state),
            })
            .collect(),
        amount_unit: match mapping.amount_unit {
            AmountUnit::Yuan => BookAmountUnit::Yuan,
            AmountUnit::Fen => BookAmountUnit::Fen,
        },
        time_format: match mapping.time_format {
            TimeFormat::Rfc3339 => BookTimeFormat::Rfc3339,
            TimeFormat::Beijing => BookTimeFormat::Beijing,
            TimeFormat::Local => BookTimeFormat::Local,
            TimeFormat::UnixSeconds => BookTimeFormat::UnixSeconds,
            TimeFormat::UnixMillis => BookTimeFormat::UnixMillis,
        },
        constant_kind: mapping.constant_kind,
        constant_currency: mapping.constant_currency,
        zone: mapping.zone.to_string(),
        sheet: mapping.sheet.clone(),
    }
}

/// A mapping as a person sent it; words without a meaning are left out.
fn of_wire(wire: BookMapping) -> Result<Mapping, AppError> {
    Ok(Mapping {
        columns: Columns {
            kind: wire.kind_column.filter(|name| !name.is_empty()),
            order_no: wire.order_no_column,
            refund_no: wire.refund_no_column.filter(|name| !name.is_empty()),
            channel_no: wire.channel_no_column.filter(|name| !name.is_empty()),
            amount: wire.amount_column,
            currency: wire.currency_column.filter(|name| !name.is_empty()),
            status: wire.status_column,
            created_at: wire.created_at_column,
        },
        kinds: wire
            .kinds
            .into_iter()
            .filter_map(|w| Some((w.word, w.kind?)))
            .collect(),
        statuses: wire
            .statuses
            .into_iter()
            .filter_map(|w| Some((w.word, w.state?)))
            .collect(),
        amount_unit: match wire.amount_unit {
            BookAmountUnit::Yuan => AmountUnit::Yuan,
            BookAmountUnit::Fen => AmountUnit::Fen,
        },
        time_format: match wire.time_format {
            BookTimeFormat::Rfc3339 => TimeFormat::Rfc3339,
            BookTimeFormat::Beijing => TimeFormat::Beijing,
            BookTimeFormat::Local => TimeFormat::Local,
            BookTimeFormat::UnixSeconds => TimeFormat::UnixSeconds,
            BookTimeFormat::UnixMillis => TimeFormat::UnixMillis,
        },
        constant_kind: wire.constant_kind,
        constant_currency: wire.constant_currency,
        zone: Zone::try_from(wire.zone).map_err(|e| AppError::bad("zone", e))?,
        sheet: wire.sheet.filter(|name| !name.is_empty()),
    })
}

/// The mapping the account's books are read with, by its name; `None`: the default ledger file.
pub(crate) async fn in_use(
    app: &App,
    account: AccountId,
) -> Result<Option<(String, Mapping)>, AppError> {
    let kept = store::mappings(app.store().pool(), account).await?;
    kept.into_iter().find(|m| m.in_use).map(parsed).transpose()
}

fn parsed(record: store::MappingRecord) -> Result<(String, Mapping), AppError> {
    let mapping = Mapping::from_json(&record.content).map_err(AppError::internal)?;
    Ok((record.name, mapping))
}

async fn named(app: &App, account: AccountId, name: &str) -> Result<Mapping, AppError> {
    let kept = store::mappings(app.store().pool(), account).await?;
    match kept.into_iter().find(|m| m.name == name) {
        Some(record) => Ok(parsed(record)?.1),
        None => Err(AppError::not_found("mapping", name)),
    }
}

/// The file with the key it names, when it is encrypted and the vault has it.
pub(crate) async fn with_key(app: &App, file: BooksFile) -> Result<BooksFile, AppError> {
    let Form::Sealed(name) = &file.form else {
        return Ok(file);
    };
    let keys = store::keys(app.store().pool()).await?;
    let key = match keys.into_iter().find(|k| k.name == *name) {
        Some(record) => {
            let plain = app.vault().unseal(&key_purpose(name), &record.sealed)?;
            Some(FileKey::parse(plain.expose()).map_err(AppError::internal)?)
        }
        None => None,
    };
    Ok(file.with_key(key))
}

fn key_purpose(name: &str) -> String {
    format!("books.key/{name}")
}

fn password_purpose(account: AccountId, name: &str) -> String {
    format!("books.source_password/{account}/{name}")
}

fn settings_to_wire(source: SqlSource) -> SqlSettings {
    SqlSettings {
        engine: source.engine,
        host: source.host,
        port: source.port,
        database: source.database,
        login: source.login,
        tls: source.tls,
        ca_pem: source.ca_pem,
        query: source.query,
        mapping: source.mapping,
        zone: source.zone,
    }
}

pub(crate) async fn list(ctx: &Ctx, params: AccountRef) -> Result<BooksWays, AppError> {
    check_account(&ctx.app, params.account_id).await?;
    ways(ctx, params.account_id).await
}

async fn ways(ctx: &Ctx, account: AccountId) -> Result<BooksWays, AppError> {
    let pool = ctx.app.store().pool();
    let mut mappings = Vec::new();
    for record in store::mappings(pool, account).await? {
        let mapping = Mapping::from_json(&record.content).map_err(AppError::internal)?;
        mappings.push(MappingView {
            name: record.name,
            in_use: record.in_use,
            mapping: to_wire(&mapping),
            edited_by: record.edited_by,
            edited_at: record.edited_at,
        });
    }
    let mut sources = Vec::new();
    for record in store::sources(pool, account).await? {
        let source: SqlSource =
            serde_json::from_str(&record.settings).map_err(AppError::internal)?;
        sources.push(SourceView {
            name: record.name,
            settings: settings_to_wire(source),
            edited_by: record.edited_by,
            edited_at: record.edited_at,
        });
    }
    let keys = store::keys(pool).await?;
    Ok(BooksWays {
        mappings,
        sources,
        keys: keys
            .into_iter()
            .map(|k| BooksKeyView {
                name: k.name,
                fingerprint: k.fingerprint,
                added_by: k.added_by,
                added_at: k.added_at,
            })
            .collect(),
    })
}

/// Who describes columns and who sets up databases may both look.
fn check_may_look(ctx: &Ctx) -> Result<(), AppError> {
    if ctx.may(Permission::RunReconciliation) || ctx.may(Permission::ManageAccounts) {
        return Ok(());
    }
    let needed = serde_json::to_value(Permission::RunReconciliation).map_err(AppError::internal)?;
    Err(AppError::new(Code::PermissionDenied)
        .with("permission", needed.as_str().unwrap_or_default()))
}

pub(crate) async fn preview(ctx: &Ctx, params: PreviewBooks) -> Result<BooksPreview, AppError> {
    check_may_look(ctx)?;
    let entry = ctx.app.files().find(&params.file_token)?;
    let wanted = params.mapping.map(of_wire).transpose()?;
    let file = BooksFile::look(&entry.path, &entry.name)?;
    let file = with_key(&ctx.app, file).await?;
    blocking(move || look(&file, wanted)).await
}

/// Reads the beginning of a file with a mapping, or with a guessed one.
fn look(file: &BooksFile, wanted: Option<Mapping>) -> Result<BooksPreview, AppError> {
    let sheet = wanted.as_ref().and_then(|m| m.sheet.clone());
    let mut opened = file.opened()?;
    let (sheets, rows) = opened.first_rows(sheet.as_deref(), LOOKED_AT)?;
    // A text file's header is its first line; in a sheet titles may stand above it.
    let header = match file.form {
        Form::Workbook => header_row(&rows, wanted.as_ref()),
        Form::Text | Form::Sealed(_) => 0,
    };
    let columns: Vec<String> = rows
        .get(header)
        .map(|row| row.cells.iter().map(|c| c.trim().to_owned()).collect())
        .unwrap_or_default();
    let rows = rows.get(header + 1..).unwrap_or_default();
    let mapping = wanted.unwrap_or_else(|| guess::guess(&columns, rows));
    let words = |name: Option<&str>| -> Vec<WordCount> {
        let Some(at) = name.and_then(|name| columns.iter().position(|c| c == name)) else {
            return Vec::new();
        };
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for word in rows.iter().filter_map(|row| row.cells.get(at)) {
            *counted.entry(word.as_str()).or_default() += 1;
        }
        let mut counted: Vec<_> = counted
            .into_iter()
            .filter(|(word, _)| !word.is_empty())
            .collect();
        counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counted
            .into_iter()
            .take(WORDS_MAX)
            .map(|(word, count)| WordCount {
                word: cut(word),
                count,
            })
            .collect()
    };
    let mut preview = BooksPreview {
        name: file.name.clone(),
        format: file.form.word(),
        sheets,
        kind_words: words(mapping.columns.kind.as_deref()),
        status_words: words(Some(&mapping.columns.status)),
        mapping: to_wire(&mapping),
        rows: Vec::new(),
        looked_at: 0,
        refused: 0,
        problem: None,
        columns: columns.iter().take(COLUMNS_MAX).map(|c| cut(c)).collect(),
    };
    if let Err(error) = mapping.check() {
        preview.problem = Some(FileFault {
            line: 1,
            column: None,
            field: None,
            problem: format!("映射还不完整 / {error}"),
            remedy: "请为缺的字段选列，或说明每行都一样。 / Choose a column for what is missing, or say that every row is alike.".to_owned(),
        });
        return Ok(preview);
    }
    let read = opened.rows(&mapping, |row| {
        preview.looked_at += 1;
        let row = match row {
            Ok(row) => PreviewRow {
                line_no: row.line_no,
                entry: Some(previewed(&row)),
                fault: None,
            },
            Err(fault) => {
                preview.refused += 1;
                PreviewRow {
                    line_no: fault.line_no,
                    entry: None,
                    fault: Some(faults::of_row(&fault)),
                }
            }
        };
        if preview.rows.len() < SHOWN {
            preview.rows.push(row);
        }
        preview.looked_at < LOOKED_AT as u64
    });
    match read {
        Ok(()) => {}
        // The mapping does not fit this file: what to change is part of the preview.
        Err(error) if error.code == Code::FileRefused => {
            let param = |name: &str| error.params.get(name).cloned().unwrap_or_default();
            preview.problem = Some(FileFault {
                line: param("line").parse().unwrap_or(1),
                column: Some(param("column")).filter(|c| !c.is_empty()),
                field: None,
                problem: param("problem"),
                remedy: param("remedy"),
            });
        }
        Err(error) => return Err(error),
    }
    Ok(preview)
}

/// Which of the first rows has the columns a mapping needs, or looks most like a header.
fn header_row(rows: &[zf_recon::PlainRow], mapping: Option<&Mapping>) -> usize {
    mapping
        .and_then(|mapping| {
            let needed = mapping.needed_columns();
            rows.iter().take(SHOWN).position(|row| {
                needed
                    .iter()
                    .all(|name| row.cells.iter().any(|c| c.trim() == *name))
            })
        })
        .or_else(|| guess::header_of(rows))
        .unwrap_or_default()
}

fn previewed(row: &BookRow<'_>) -> PreviewEntry {
    PreviewEntry {
        kind: row.kind,
        order_no: row.order_no.to_owned(),
        refund_no: row.refund_no.map(str::to_owned),
        channel_no: row.channel_no.map(str::to_owned),
        amount: row.amount,
        state: row.state,
        state_text: cut(row.state_text),
        created_at: row.created_at,
    }
}

pub(crate) async fn save_mapping(ctx: &Ctx, params: SaveMapping) -> Result<BooksWays, AppError> {
    let app = &ctx.app;
    let person = ctx.person()?.user_id;
    check_account(app, params.account_id).await?;
    let name = check_name(&params.name)?;
    let mapping = of_wire(params.mapping)?;
    mapping.check().map_err(|e| AppError::bad("mapping", e))?;
    let content = mapping.to_json().map_err(AppError::internal)?;
    if content.len() as u64 > MAPPING_BYTES_MAX {
        return Err(AppError::bad(
            "mapping",
            "映射太大 / the mapping is too large",
        ));
    }
    let there = store::mappings(app.store().pool(), params.account_id).await?;
    if there.len() >= COUNT_MAX && there.iter().all(|m| m.name != name) {
        return Err(AppError::bad(
            "name",
            "映射太多，请先删去不用的 / too many mappings: remove unused ones first",
        ));
    }
    let mut tx = app.store().begin().await?;
    store::put_mapping(
        tx.conn(),
        params.account_id,
        &name,
        &content,
        person,
        ctx.now,
    )
    .await?;
    if params.use_it {
        store::use_mapping(tx.conn(), params.account_id, Some(&name)).await?;
    }
    let before = there.iter().find(|m| m.name == name);
    let mut entry = ctx.audit(
        "books.save_mapping",
        "mapping",
        &format!("{} {name}", params.account_id),
    );
    entry.before_digest = before.map(|m| digest(&m.content));
    entry.after_digest = Some(digest(&content));
    tx.audit(entry).await?;
    tx.commit().await?;
    ways(ctx, params.account_id).await
}

fn digest(text: &str) -> String {
    zf_crypto::digest::hex_lower(&zf_crypto::digest::sm3(text.as_bytes()))
}

pub(crate) async fn use_mapping(ctx: &Ctx, params: UseMapping) -> Result<BooksWays, AppError> {
    check_account(&ctx.app, params.account_id).await?;
    let mut tx = ctx.app.store().begin().await?;
    let name = params.name.as_deref();
    if !store::use_mapping(tx.conn(), params.account_id, name).await? {
        return Err(AppError::not_found("mapping", name.unwrap_or_default()));
    }
    let object = format!("{} {}", params.account_id, name.unwrap_or("default"));
    tx.audit(ctx.audit("books.use_mapping", "mapping", &object))
        .await?;
    tx.commit().await?;
    ways(ctx, params.account_id).await
}

pub(crate) async fn remove_mapping(ctx: &Ctx, params: MappingRef) -> Result<BooksWays, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    if !store::remove_mapping(tx.conn(), params.account_id, &params.name).await? {
        return Err(AppError::not_found("mapping", &params.name));
    }
    let object = format!("{} {}", params.account_id, params.name);
    tx.audit(ctx.audit("books.remove_mapping", "mapping", &object))
        .await?;
    tx.commit().await?;
    ways(ctx, params.account_id).await
}

pub(crate) async fn export_mapping(ctx: &Ctx, params: MappingRef) -> Result<FileView, AppError> {
    let mapping = named(&ctx.app, params.account_id, &params.name).await?;
    let text = mapping.to_json().map_err(AppError::internal)?;
    let mut tx = ctx.app.store().begin().await?;
    let object = format!("{} {}", params.account_id, params.name);
    tx.audit(ctx.audit("books.export_mapping", "mapping", &object))
        .await?;
    tx.commit().await?;
    let name: String = params
        .name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    ctx.app
        .files()
        .keep(&format!("{name}.mapping.json"), text.as_bytes())
}

/// A small file a person chose, whole.
fn small_file(entry: &FileEntry, most: u64) -> Result<Secret<Vec<u8>>, AppError> {
    let size = std::fs::metadata(&entry.path)
        .map_err(|e| io_error(&entry.path, &e))?
        .len();
    if size > most {
        return Err(AppError::new(Code::FileTooLarge)
            .with("name", &entry.name)
            .with("limit", format!("{most} B")));
    }
    std::fs::read(&entry.path)
        .map(Secret::new)
        .map_err(|e| io_error(&entry.path, &e))
}

pub(crate) async fn read_mapping(ctx: &Ctx, params: FileRef) -> Result<BookMapping, AppError> {
    let entry = ctx.app.files().find(&params.file_token)?;
    let bytes = small_file(&entry, MAPPING_BYTES_MAX)?;
    let text = String::from_utf8_lossy(bytes.expose());
    let mapping = Mapping::from_json(&text).map_err(|e| {
        faults::refused(
            &entry.name,
            &FileFault {
                line: 1,
                column: None,
                field: None,
                problem: format!("这不是能用的映射文件 / {e}"),
                remedy: "请选择从这里导出的映射文件。 / Choose a mapping file exported here."
                    .to_owned(),
            },
        )
    })?;
    Ok(to_wire(&mapping))
}

pub(crate) async fn save_source(ctx: &Ctx, params: SaveSource) -> Result<BooksWays, AppError> {
    let app = &ctx.app;
    let password = params.password.map(Secret::new);
    let person = ctx.person()?.user_id;
    check_account(app, params.account_id).await?;
    let name = check_name(&params.name)?;
    let wire = params.settings;
    let source = SqlSource {
        engine: wire.engine,
        host: wire.host.trim().to_owned(),
        port: if wire.port == 0 {
            sql_source::usual_port(wire.engine)
        } else {
            wire.port
        },
        database: wire.database.trim().to_owned(),
        login: wire.login.trim().to_owned(),
        tls: wire.tls,
        ca_pem: wire.ca_pem.filter(|pem| !pem.trim().is_empty()),
        query: wire.query,
        mapping: wire.mapping,
        zone: wire.zone,
    };
    sql_source::check(&source)?;
    if let Some(mapping) = &source.mapping {
        named(app, params.account_id, mapping).await?;
    }
    let there = store::sources(app.store().pool(), params.account_id).await?;
    let before = there.iter().find(|s| s.name == name);
    let purpose = password_purpose(params.account_id, &name);
    let sealed = match (&password, before) {
        (Some(password), _) => app.vault().seal(&purpose, password.expose().as_bytes())?,
        (None, Some(before)) => {
            // A kept password goes only to the server it was given for.
            let earlier: SqlSource =
                serde_json::from_str(&before.settings).map_err(AppError::internal)?;
            if (&earlier.host, earlier.port) != (&source.host, source.port) {
                return Err(AppError::bad(
                    "password",
                    "换了服务器，请重新输入密码 / another server: give the password again",
                ));
            }
            before.sealed_password.clone()
        }
        (None, None) => return Err(AppError::bad("password", "请输入密码 / give the password")),
    };
    if there.len() >= COUNT_MAX && before.is_none() {
        return Err(AppError::bad(
            "name",
            "数据库太多，请先删去不用的 / too many databases: remove unused ones first",
        ));
    }
    let settings = serde_json::to_string(&source).map_err(AppError::internal)?;
    let mut tx = app.store().begin().await?;
    store::put_source(
        tx.conn(),
        params.account_id,
        &name,
        &settings,
        &sealed,
        person,
        ctx.now,
    )
    .await?;
    let mut entry = ctx.audit(
        "books.save_source",
        "source",
        &format!("{} {name}", params.account_id),
    );
    entry.before_digest = before.map(|s| digest(&s.settings));
    entry.after_digest = Some(digest(&settings));
    tx.audit(entry).await?;
    tx.commit().await?;
    ways(ctx, params.account_id).await
}

pub(crate) async fn remove_source(ctx: &Ctx, params: SourceRef) -> Result<BooksWays, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    if !store::remove_source(tx.conn(), params.account_id, &params.name).await? {
        return Err(AppError::not_found("source", &params.name));
    }
    let object = format!("{} {}", params.account_id, params.name);
    tx.audit(ctx.audit("books.remove_source", "source", &object))
        .await?;
    tx.commit().await?;
    ways(ctx, params.account_id).await
}

/// What a source gives for a day, as a CSV in the inbox, and which mapping is its own.
async fn fetch(
    ctx: &Ctx,
    params: &SourceDay,
    limits: Limits,
) -> Result<(FileView, Option<String>), AppError> {
    let app = &ctx.app;
    check_account(app, params.account_id).await?;
    let there = store::sources(app.store().pool(), params.account_id).await?;
    let record = there
        .into_iter()
        .find(|s| s.name == params.name)
        .ok_or_else(|| AppError::not_found("source", &params.name))?;
    let source: SqlSource = serde_json::from_str(&record.settings).map_err(AppError::internal)?;
    let plain = app.vault().unseal(
        &password_purpose(params.account_id, &params.name),
        &record.sealed_password,
    )?;
    let password = Secret::new(String::from_utf8_lossy(plain.expose()).into_owned());
    let path = app.files().scratch();
    let written = write_rows(&source, &password, params, limits, &path).await;
    if let Err(error) = written {
        let _ = std::fs::remove_file(&path);
        return Err(error);
    }
    let name = format!("{} {}.csv", params.name, params.date);
    Ok((app.files().register(&path, &name)?, source.mapping))
}

async fn write_rows(
    source: &SqlSource,
    password: &Secret<String>,
    params: &SourceDay,
    limits: Limits,
    path: &std::path::Path,
) -> Result<(), AppError> {
    let told = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => io_error(path, &e),
        other => AppError::internal(format!("{other:?}")),
    };
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path).map_err(|e| io_error(path, &e))?;
    let mut writer = csv::WriterBuilder::new()
        .buffer_capacity(1 << 18)
        .from_writer(file);
    let mut on_row = |cells: &[String]| writer.write_record(cells).map_err(told);
    sql_source::read(source, password, params.date, limits, &mut on_row).await?;
    writer.flush().map_err(|e| io_error(path, &e))
}

pub(crate) async fn sample_source(ctx: &Ctx, params: SourceDay) -> Result<FileView, AppError> {
    check_may_look(ctx)?;
    let (file, _) = fetch(ctx, &params, LOOK).await?;
    audit_read(ctx, &params, "books.sample_source").await?;
    Ok(file)
}

pub(crate) async fn import_source(ctx: &Ctx, params: SourceDay) -> Result<BooksView, AppError> {
    let day = DayRef {
        account_id: params.account_id,
        date: params.date,
    };
    books::refuse_locked(ctx, day.account_id, day.date).await?;
    let (view, own) = fetch(ctx, &params, DAY).await?;
    audit_read(ctx, &params, "books.read_source").await?;
    let mapping = match own {
        Some(name) => Some(named(&ctx.app, params.account_id, &name).await?),
        None => in_use(&ctx.app, params.account_id)
            .await?
            .map(|(_, mapping)| mapping),
    };
    let entry = ctx.app.files().find(&view.file_token)?;
    let done = books::import_file(ctx, day, &entry, mapping).await;
    // The archive has its own copy.
    let _ = std::fs::remove_file(&entry.path);
    done
}

async fn audit_read(ctx: &Ctx, params: &SourceDay, action: &str) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit(
        action,
        "source",
        &format!("{} {}", params.account_id, params.name),
    );
    entry.reason = Some(params.date.to_string());
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}

pub(crate) async fn add_key(ctx: &Ctx, params: AddBooksKey) -> Result<BooksWays, AppError> {
    let app = &ctx.app;
    let person = ctx.person()?.user_id;
    let name = params.name.trim().to_owned();
    if !is_key_name(&name) {
        return Err(AppError::bad(
            "name",
            "钥匙名称是 1 到 64 个字母、数字和 . _ - / a key's name has 1 to 64 letters, digits, dots, hyphens and underscores",
        ));
    }
    let entry = app.files().find(&params.file_token)?;
    let bytes = small_file(&entry, KEY_FILE_BYTES_MAX)?;
    let key = FileKey::parse(bytes.expose())
        .map_err(|e| AppError::bad("key", format!("钥匙文件应为 32 字节或 64 位十六进制 / {e}")))?;
    if store::keys(app.store().pool())
        .await?
        .iter()
        .any(|k| k.name == name)
    {
        return Err(AppError::new(Code::BooksNameTaken).with("name", &name));
    }
    let sealed = app.vault().seal(&key_purpose(&name), key.expose())?;
    let mut tx = app.store().begin().await?;
    store::add_key(
        tx.conn(),
        &name,
        &key.fingerprint(),
        &sealed,
        person,
        ctx.now,
    )
    .await?;
    let mut row = ctx.audit("books.add_key", "books_key", &name);
    row.reason = Some(key.fingerprint());
    tx.audit(row).await?;
    tx.commit().await?;
    ways(ctx, params.account_id).await
}

pub(crate) async fn remove_key(ctx: &Ctx, params: MappingRef) -> Result<BooksWays, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    if !store::remove_key(tx.conn(), &params.name).await? {
        return Err(AppError::not_found("key", &params.name));
    }
    tx.audit(ctx.audit("books.remove_key", "books_key", &params.name))
        .await?;
    tx.commit().await?;
    ways(ctx, params.account_id).await
}
