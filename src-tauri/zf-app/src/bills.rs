//! Bills: which days have theirs, fetching, archiving before reading, and their rows.
//!
//! A bill's bytes lie under `bills/<account>/<kind>/`, named by content, written whole and compared
//! with the channel's digest before anything reads them. Reading comes after: rows that cannot be read
//! are kept as faults by line, and a file whose summary contradicts its rows is refused as a whole.
//! What the rows say reaches the orders through [`crate::facts`]. A bill once verified is never
//! replaced by a failure; the same bytes again change nothing.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use zf_channels::wechatpay::bill::{
    BillFault, BillReader, Direction, FundFlowLine, FundFlowReader, FundPurpose, TrailerCheck,
};
use zf_channels::{BillAbsence, BillAnswer, ChannelError, FetchedBill, PeerFault};
use zf_domain::{
    AccountId, BillId, BusinessDate, EntryKind, EntryState, Money, PaymentState, RefundState,
    StatementLine, Timestamp,
};
use zf_store::bills::{self as rows, BillRecord, FundRow};
use zf_store::recon as closes;

use crate::accounts;
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{self, PaymentFact, RefundFact, read_word, word};
use crate::faults;
use crate::files::io_error;
use crate::tasks::{Task, TaskSpec};
use crate::wire::{
    BillCalendar, BillCalendarRequest, BillCell, BillDay, BillKind, BillLineView, BillLines,
    BillLinesRequest, BillRaw, BillRawRequest, BillRef, BillStatus, BillTotal, BillView,
    Environment, FactSource, FetchBill, FileFault, FileView, RawLine, Tag,
};

/// Yesterday's bill is ready at ten in the morning, Beijing time.
const READY_MILLIS: i64 = 10 * 3_600_000;
/// The timer asks a little after the hour it is set to, when the rush is over.
const RUSH_MILLIS: i64 = 5 * 60_000;
/// How long a bill that is still being made is left alone.
const RETRY_MILLIS: i64 = 30 * 60_000;
/// Days the channel keeps bills: three months, counted short.
pub(crate) const KEPT_DAYS: i64 = 90;
/// From so many days before that on, a missing bill is urgent.
const SOON_DAYS: i64 = 14;
/// Rows taken in by one transaction.
const CHUNK: usize = 500;
/// Faults kept with a bill; the rest are counted.
const FAULTS_MAX: usize = 200;
/// Rows of a page.
const PAGE_MAX: u32 = 200;

/// A trade bill's fees, recomputed at each row's own rate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fees {
    /// Rows with a rate.
    pub(crate) checked: u64,
    /// Rows without one.
    pub(crate) without_rate: u64,
    /// What the channel charged, minor units; returned fees are negative.
    pub(crate) charged_minor: i64,
    /// What the rates give.
    pub(crate) recomputed_minor: i64,
    /// Lines that are off by more than one minor unit; at most twenty are kept.
    pub(crate) off_lines: Vec<u64>,
    /// How many are off.
    pub(crate) off: u64,
}

/// A fund-flow bill's running balance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Balance {
    /// Before the first row; `None` on a day without movement.
    pub(crate) opening_minor: Option<i64>,
    pub(crate) collected_minor: i64,
    /// Net of the fees that came back with the refunds.
    pub(crate) refunded_minor: i64,
    pub(crate) fees_minor: i64,
    /// Signed: top-ups and withdrawals.
    pub(crate) other_minor: i64,
    pub(crate) closing_minor: Option<i64>,
    pub(crate) rows: u64,
    /// The first line whose balance is not the one before plus or minus its amount.
    pub(crate) broken_line: Option<u64>,
}

impl Balance {
    fn take(&mut self, line: &FundFlowLine) {
        let amount = line.amount.minor;
        let signed = match line.direction {
            Direction::In => amount,
            Direction::Out => -amount,
        };
        let before = line.balance.minor.saturating_sub(signed);
        match self.closing_minor {
            None => self.opening_minor = Some(before),
            Some(closing) if closing != before && self.broken_line.is_none() => {
                self.broken_line = Some(line.line_no);
            }
            Some(_) => {}
        }
        self.closing_minor = Some(line.balance.minor);
        self.rows += 1;
        let (part, change) = match line.purpose() {
            FundPurpose::Collected => (&mut self.collected_minor, signed),
            FundPurpose::Refunded => (&mut self.refunded_minor, -signed),
            FundPurpose::Fee => (&mut self.fees_minor, -signed),
            FundPurpose::Other => (&mut self.other_minor, signed),
        };
        *part = part.saturating_add(change);
    }

    /// Whether every row follows from the one before, and the parts lead from opening to closing.
    pub(crate) fn is_continuous(&self) -> bool {
        let (Some(opening), Some(closing)) = (self.opening_minor, self.closing_minor) else {
            return self.rows == 0;
        };
        self.broken_line.is_none()
            && opening
                .saturating_add(self.collected_minor)
                .saturating_sub(self.refunded_minor)
                .saturating_sub(self.fees_minor)
                .saturating_add(self.other_minor)
                == closing
    }
}

impl Fees {
    /// `rate`: hundred-thousandths of a percent. Rounded half up to the minor unit, as the channel
    /// says it does; a row may differ by one unit, because returned fees are capped by what is left.
    fn take(&mut self, line: &StatementLine, rate: Option<i64>) {
        self.charged_minor = self.charged_minor.saturating_add(line.fee_minor);
        let Some(rate) = rate else {
            self.without_rate += 1;
            self.recomputed_minor = self.recomputed_minor.saturating_add(line.fee_minor);
            return;
        };
        let exact = i128::from(line.settlement_minor.abs()) * i128::from(rate);
        let rounded = i64::try_from((exact + 5_000_000) / 10_000_000).unwrap_or(i64::MAX);
        let fee = match line.kind {
            EntryKind::Payment => rounded,
            EntryKind::Refund => -rounded,
        };
        self.checked += 1;
        self.recomputed_minor = self.recomputed_minor.saturating_add(fee);
        if (line.fee_minor - fee).abs() > 1 {
            self.off += 1;
            if self.off_lines.len() < 20 {
                self.off_lines.push(line.line_no);
            }
        }
    }
}

/// What one reading of a file found, before anything of it is believed.
struct Reading {
    rows: u64,
    totals: Vec<BillTotal>,
    faults: Vec<FileFault>,
    fault_count: u64,
    balance: Option<Balance>,
    fees: Option<Fees>,
    /// Why the whole file is refused.
    refusal: Option<FileFault>,
}

impl BillKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::FundFlow => "fund_flow",
        }
    }

    const fn channel(self) -> zf_channels::BillKind {
        match self {
            Self::Trade => zf_channels::BillKind::Trade,
            Self::FundFlow => zf_channels::BillKind::FundFlow,
        }
    }
}

/// When a day's bill is ready.
pub(crate) fn due_at(date: BusinessDate) -> Timestamp {
    date.beijing_end().plus_millis(READY_MILLIS)
}

fn status_of(record: &BillRecord) -> BillStatus {
    read_word(&record.status).unwrap_or(BillStatus::Failed)
}

/// Whether a bill is there to be worked with.
pub(crate) fn is_settled(record: &BillRecord) -> bool {
    matches!(
        status_of(record),
        BillStatus::Verified | BillStatus::NoTrade
    )
}

pub(crate) fn balance_of(record: &BillRecord) -> Option<Balance> {
    record
        .balance
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
}

pub(crate) fn fees_of(record: &BillRecord) -> Option<Fees> {
    record
        .fees
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
}

pub(crate) fn faults_of(text: &str) -> Vec<FileFault> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Where an archived file lies.
pub(crate) fn archive_path(app: &App, relative: &str) -> PathBuf {
    app.home().join(relative)
}

fn relative(app: &App, path: &Path) -> String {
    path.strip_prefix(app.home())
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

/// What the console shows of a stored status: time turns some words into others.
pub(crate) fn shown_status(
    record: Option<&BillRecord>,
    date: BusinessDate,
    now: Timestamp,
) -> BillStatus {
    let left = KEPT_DAYS - now.beijing_date().days_since(date);
    match record.map(status_of) {
        Some(
            status @ (BillStatus::Verified
            | BillStatus::NoTrade
            | BillStatus::Partial
            | BillStatus::Refused
            | BillStatus::Lost),
        ) => status,
        _ if left < 0 => BillStatus::Lost,
        Some(status @ (BillStatus::Generating | BillStatus::Failed)) => status,
        Some(BillStatus::Downloading) => BillStatus::Downloading,
        _ if now < due_at(date) => BillStatus::NotDue,
        _ if left <= SOON_DAYS => BillStatus::LostSoon,
        _ => BillStatus::NotFetched,
    }
}

pub(crate) fn view(
    record: Option<&BillRecord>,
    account_id: AccountId,
    date: BusinessDate,
    kind: BillKind,
    now: Timestamp,
) -> BillView {
    let status = shown_status(record, date, now);
    BillView {
        bill_id: record.map(|r| r.id),
        account_id,
        date,
        kind,
        status,
        rows: record.map_or(0, |r| r.row_count),
        bytes: record.map_or(0, |r| r.bytes),
        sha256: record.and_then(|r| r.sha256.clone()),
        channel_hash: record.and_then(|r| r.channel_hash.clone()),
        hash_verified: record.is_some_and(|r| r.hash_verified),
        totals: record
            .and_then(|r| serde_json::from_str::<Vec<BillTotal>>(&r.totals).ok())
            .unwrap_or_default()
            .into_iter()
            .map(|total| BillTotal {
                code: total_code(&total.name).to_owned(),
                ..total
            })
            .collect(),
        faults: record.map(|r| faults_of(&r.faults)).unwrap_or_default(),
        fetched_at: record.and_then(|r| r.fetched_at),
        next_try_at: record.and_then(|r| r.next_try_at),
        detail: record.and_then(|r| r.detail.clone()),
    }
}

pub(crate) async fn calendar(
    ctx: &Ctx,
    params: BillCalendarRequest,
) -> Result<BillCalendar, AppError> {
    check_account(&ctx.app, params.account_id).await?;
    let today = ctx.now.beijing_date();
    let days = i64::from(params.days.clamp(1, 92));
    let first = today.plus_days(1 - days);
    let records = rows::between(ctx.app.store().pool(), params.account_id, first, today).await?;
    let cell = |date: BusinessDate, kind: BillKind| {
        let record = records
            .iter()
            .find(|r| r.date == date && r.kind == kind.as_str());
        let status = shown_status(record, date, ctx.now);
        let left = KEPT_DAYS - today.days_since(date);
        BillCell {
            status,
            bill_id: record.map(|r| r.id),
            rows: record.map_or(0, |r| r.row_count),
            days_left: (!matches!(
                status,
                BillStatus::Verified | BillStatus::NoTrade | BillStatus::Lost | BillStatus::NotDue
            ))
            .then(|| u32::try_from(left.max(0)).unwrap_or(0)),
            detail: record.and_then(|r| r.detail.clone()),
            fetched_at: record.and_then(|r| r.fetched_at),
            next_try_at: record.and_then(|r| r.next_try_at),
        }
    };
    Ok(BillCalendar {
        account_id: params.account_id,
        days: (0..days)
            .map(|ago| {
                let date = today.plus_days(-ago);
                BillDay {
                    date,
                    trade: cell(date, BillKind::Trade),
                    fund_flow: cell(date, BillKind::FundFlow),
                }
            })
            .collect(),
    })
}

pub(crate) async fn check_account(app: &App, id: AccountId) -> Result<(), AppError> {
    let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM accounts WHERE id = $1")
        .bind(id.to_string())
        .fetch_one(app.store().pool())
        .await
        .map_err(zf_store::StoreError::from)?;
    if known == 0 {
        return Err(AppError::not_found("account", id));
    }
    Ok(())
}

type Key = (AccountId, BillKind, BusinessDate);

/// One fetch of one bill at a time: the timer and a person may ask together.
async fn turn(key: Key) -> tokio::sync::OwnedMutexGuard<()> {
    static TURNS: LazyLock<Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>> =
        LazyLock::new(Mutex::default);
    let turn = {
        let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(key).or_default().clone()
    };
    turn.lock_owned().await
}

/// Names the work of fetching one bill.
pub(crate) fn task_id(account_id: AccountId, kind: BillKind, date: BusinessDate) -> String {
    format!("bill.{account_id}.{}.{date}", kind.as_str())
}

pub(crate) async fn fetch(ctx: &Ctx, params: FetchBill) -> Result<BillView, AppError> {
    let app = &ctx.app;
    let FetchBill {
        account_id,
        date,
        kind,
    } = params;
    check_account(app, account_id).await?;
    if ctx.now < due_at(date) {
        return Err(AppError::new(Code::BillNotReady).with("date", date));
    }
    let _turn = turn((account_id, kind, date)).await;
    let task = Task::begin(
        ctx,
        TaskSpec {
            id: task_id(account_id, kind, date),
            kind: "bill_fetch",
            subject: date.to_string(),
            pause: false,
            cancel: true,
        },
    );
    task.step("asking", 0, None);
    let done = fetch_in_turn(ctx, account_id, date, kind, &task).await;
    task.end(&done);
    // A failure is recorded too, and windows only refresh by themselves after a success.
    if done.is_err() {
        app.stale(&[Tag::Bills, Tag::Close, Tag::Status]);
    }
    let record = done?;
    crate::flow::tie_quietly(ctx, account_id, date).await;
    Ok(view(Some(&record), account_id, date, kind, ctx.now))
}

async fn fetch_in_turn(
    ctx: &Ctx,
    account_id: AccountId,
    date: BusinessDate,
    kind: BillKind,
    task: &Task,
) -> Result<BillRecord, AppError> {
    let app = &ctx.app;
    let earlier = rows::of_day(app.store().pool(), account_id, kind.as_str(), date).await?;
    let stands = earlier.as_ref().is_some_and(is_settled);
    let mut record = earlier.clone().unwrap_or_else(|| BillRecord {
        id: BillId::new(),
        account_id,
        kind: kind.as_str().to_owned(),
        date,
        status: word(BillStatus::NotFetched),
        path: None,
        sha256: None,
        channel_hash: None,
        hash_verified: false,
        bytes: 0,
        row_count: 0,
        totals: "[]".to_owned(),
        faults: "[]".to_owned(),
        balance: None,
        fees: None,
        fetched_at: None,
        next_try_at: None,
        attempts: 0,
        detail: None,
    });
    record.attempts += 1;
    let folder = app
        .home()
        .join("bills")
        .join(account_id.to_string())
        .join(kind.as_str());
    crate::files::make_private_dir(&folder)?;
    let channel = accounts::channel(app, &account_id).await?;
    task.step("downloading", 0, None);
    // Nothing is kept before the whole file is: until then it may be dropped at any moment.
    let answer = task
        .unless_cancelled(channel.fetch_bill(kind.channel(), date, &folder))
        .await?;
    task.past_cancelling();
    match answer {
        Ok(BillAnswer::Fetched(file)) => keep(ctx, kind, earlier, record, &file, task).await,
        // What is verified stays, whatever the channel says later.
        Ok(BillAnswer::Absent(_)) if stands => Ok(record),
        Ok(BillAnswer::Absent(BillAbsence::NoStatement)) => {
            record.status = word(BillStatus::NoTrade);
            record.fetched_at = Some(ctx.now);
            record.next_try_at = None;
            record.detail = None;
            note(ctx, &record, "no_trade").await?;
            Ok(record)
        }
        Ok(BillAnswer::Absent(BillAbsence::StillCreating { ready_at })) => {
            record.status = word(BillStatus::Generating);
            record.next_try_at = Some(ready_at.max(ctx.now.plus_millis(RETRY_MILLIS)));
            record.detail = None;
            note(ctx, &record, "generating").await?;
            Ok(record)
        }
        Ok(BillAnswer::Absent(BillAbsence::TooOld)) => {
            record.status = word(BillStatus::Lost);
            record.next_try_at = None;
            note(ctx, &record, "too_old").await?;
            Err(AppError::new(Code::BillTooOld).with("date", date))
        }
        Err(error) => {
            let kept = kept_bytes(&error, &folder, date);
            let told = told(&error, date, kept.as_deref());
            // With a full disk nothing can be recorded, and nothing was lost.
            if !stands && told.code != Code::DiskFull {
                record.detail = Some(format!(
                    "{} / {}",
                    told.sentences(false).0,
                    told.sentences(true).0
                ));
                if let Some(path) = &kept {
                    record.status = word(BillStatus::Refused);
                    record.path = Some(relative(app, path));
                    record.hash_verified = false;
                    record.fetched_at = Some(ctx.now);
                } else {
                    record.status = word(BillStatus::Failed);
                }
                record.next_try_at = Some(next_try(&record, ctx.now));
                note(ctx, &record, told.code.text().code).await?;
            }
            Err(told)
        }
    }
}

/// When a failed fetch is tried again: half an hour later, then ever more slowly, at least daily.
fn next_try(record: &BillRecord, now: Timestamp) -> Timestamp {
    now.plus_millis(RETRY_MILLIS * i64::from(record.attempts.clamp(1, 48)))
}

/// Records what became of a fetch.
async fn note(ctx: &Ctx, record: &BillRecord, result: &str) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    rows::put(&mut tx, record).await?;
    tx.audit(audit(ctx, record, result)).await?;
    tx.commit().await?;
    Ok(())
}

fn audit(ctx: &Ctx, record: &BillRecord, result: &str) -> zf_store::AuditEntry {
    let mut entry = ctx.audit(
        "bills.fetch",
        "bill",
        &format!("{} {} {}", record.account_id, record.kind, record.date),
    );
    entry.after_digest.clone_from(&record.sha256);
    entry.result = result.to_owned();
    entry
}

/// The refused bytes the channel client left as evidence.
fn kept_bytes(error: &ChannelError, folder: &Path, date: BusinessDate) -> Option<PathBuf> {
    let ending = match error {
        ChannelError::PeerMisbehaved(PeerFault::BillHash { found, .. }) => {
            format!("-{date}-{}.refused", found.get(..12)?)
        }
        ChannelError::PeerMisbehaved(PeerFault::BillCorrupt(_)) => {
            format!("-{date}-incomplete.refused")
        }
        _ => return None,
    };
    std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.to_string_lossy().ends_with(&ending))
}

/// A channel's failure in our words.
fn told(error: &ChannelError, date: BusinessDate, kept: Option<&Path>) -> AppError {
    let path = kept.map_or_else(|| "—".into(), Path::to_string_lossy);
    match error {
        ChannelError::PeerMisbehaved(PeerFault::BillHash { .. }) => AppError::new(Code::BillHash)
            .with("date", date)
            .with("path", path),
        ChannelError::PeerMisbehaved(PeerFault::BillCorrupt(why)) => {
            AppError::new(Code::BillIncomplete)
                .with("date", date)
                .with("path", path)
                .with("detail", why)
        }
        other => accounts::channel_error(other, &format!("{date} 账单")),
    }
}

/// The bytes are on the disk; everything after this may fail and be done again.
async fn keep(
    ctx: &Ctx,
    kind: BillKind,
    earlier: Option<BillRecord>,
    mut record: BillRecord,
    file: &FetchedBill,
    task: &Task,
) -> Result<BillRecord, AppError> {
    let app = &ctx.app;
    if let Some(earlier) = &earlier {
        if is_settled(earlier) && earlier.sha256.as_deref() == Some(&file.sha256) {
            let mut again = earlier.clone();
            again.attempts += 1;
            note(ctx, &again, "unchanged").await?;
            return Ok(again);
        }
        let locked = closes::locked_at(app.store().pool(), record.account_id, record.date).await?;
        if locked.is_some() {
            return Err(AppError::new(Code::DayClosed).with("date", record.date));
        }
    }
    record.status = word(BillStatus::Downloading);
    record.path = Some(relative(app, &file.path));
    record.sha256 = Some(file.sha256.clone());
    record.channel_hash = Some(file.expected_hash.clone());
    record.hash_verified = file.hash_verified;
    record.bytes = file.bytes;
    record.fetched_at = Some(ctx.now);
    record.next_try_at = None;
    record.detail = None;
    record.balance = None;
    record.fees = None;
    note(ctx, &record, "archived").await?;

    task.step("checking", 0, None);
    let path = file.path.clone();
    let reading = blocking(move || Ok(read(&path, kind))).await??;
    record.row_count = reading.rows;
    record.totals = json(&reading.totals)?;
    record.faults = json(&reading.faults)?;
    record.balance = reading.balance.as_ref().map(json).transpose()?;
    record.fees = reading.fees.as_ref().map(json).transpose()?;
    if let Some(refusal) = reading.refusal {
        return refuse(ctx, record, &file.path, &refusal).await;
    }

    take_in(ctx, kind, &record, &file.path, task).await?;
    record.status = word(if reading.fault_count == 0 {
        BillStatus::Verified
    } else {
        BillStatus::Partial
    });
    if reading.fault_count > 0 {
        let first = reading.faults.first().map_or(0, |f| f.line);
        record.detail = Some(format!(
            "{} 行读不出（首个在第 {first} 行） / {} rows could not be read, the first is line {first}",
            reading.fault_count, reading.fault_count
        ));
    }
    note(ctx, &record, &record.status.clone()).await?;
    app.stale(&[Tag::Bills, Tag::Orders]);
    Ok(record)
}

/// A file that contradicts itself: its bytes stay under a name that says so, none of its rows count.
async fn refuse(
    ctx: &Ctx,
    mut record: BillRecord,
    path: &Path,
    refusal: &FileFault,
) -> Result<BillRecord, AppError> {
    let refused = path.with_extension("refused");
    std::fs::rename(path, &refused).map_err(|e| io_error(path, &e))?;
    let name = refused
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    record.status = word(BillStatus::Refused);
    record.path = Some(relative(&ctx.app, &refused));
    record.row_count = 0;
    record.next_try_at = Some(next_try(&record, ctx.now));
    record.detail = Some(refusal.problem.clone());
    let mut tx = ctx.app.store().begin().await?;
    rows::clear_lines(&mut tx, record.id).await?;
    rows::put(&mut tx, &record).await?;
    tx.audit(audit(ctx, &record, Code::FileRefused.text().code))
        .await?;
    tx.commit().await?;
    Err(faults::refused(&name, refusal))
}

fn json<T: Serialize>(value: &T) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(AppError::internal)
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(AppError::internal)?
}

fn open(path: &Path) -> Result<BufReader<File>, AppError> {
    let file = File::open(path).map_err(|e| io_error(path, &e))?;
    Ok(BufReader::with_capacity(1 << 18, file))
}

fn refusal_only(fault: &BillFault) -> Reading {
    Reading {
        rows: 0,
        totals: Vec::new(),
        faults: vec![faults::of_bill(fault)],
        fault_count: 1,
        balance: None,
        fees: None,
        refusal: Some(faults::of_bill(fault)),
    }
}

/// Reads a file from front to back without keeping its rows, and judges it.
fn read(path: &Path, kind: BillKind) -> Result<Reading, AppError> {
    let input = open(path)?;
    Ok(match kind {
        BillKind::Trade => match BillReader::new(input) {
            Err(fault) => refusal_only(&fault),
            Ok(mut reader) => {
                let mut fees = Fees::default();
                let mut found = Found::default();
                while let Some(row) = reader.next() {
                    match row {
                        Ok(line) => fees.take(&line, reader.fee_rate()),
                        Err(fault) => found.take(&fault),
                    }
                }
                let mut reading = found.judge(reader.trailer());
                reading.fees = Some(fees);
                reading
            }
        },
        BillKind::FundFlow => match FundFlowReader::new(input) {
            Err(fault) => refusal_only(&fault),
            Ok(mut reader) => {
                let mut balance = Balance::default();
                let mut found = Found::default();
                for row in reader.by_ref() {
                    match row {
                        Ok(line) => balance.take(&line),
                        Err(fault) => found.take(&fault),
                    }
                }
                let mut reading = found.judge(reader.trailer());
                reading.balance = Some(balance);
                reading
            }
        },
    })
}

/// Faults met on the way.
#[derive(Default)]
struct Found {
    faults: Vec<FileFault>,
    count: u64,
}

impl Found {
    fn take(&mut self, fault: &BillFault) {
        self.count += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(faults::of_bill(fault));
        }
    }

    fn judge(self, trailer: Result<TrailerCheck, BillFault>) -> Reading {
        match trailer {
            Err(fault) => Reading {
                faults: self.faults,
                fault_count: self.count,
                ..refusal_only(&fault)
            },
            Ok(check) => {
                let refusal = trailer_refusal(&check);
                Reading {
                    rows: check.payments + check.refunds,
                    totals: totals(&check),
                    faults: self.faults,
                    fault_count: self.count,
                    balance: None,
                    fees: None,
                    refusal,
                }
            }
        }
    }
}

pub(crate) fn totals(check: &TrailerCheck) -> Vec<BillTotal> {
    check
        .sums
        .iter()
        .map(|sum| BillTotal {
            name: sum.name.clone(),
            code: total_code(&sum.name).to_owned(),
            trailer: sum.printed.clone(),
            counted: sum.computed.clone(),
            agrees: sum.equal,
        })
        .collect()
}

/// The stable name of a total the trailer prints; empty for one this build does not know.
fn total_code(printed: &str) -> &'static str {
    match printed {
        "总交易单数" => "trade_count",
        "应结订单总金额" => "settled_sum",
        "退款总金额" => "refund_sum",
        "充值券退款总金额" => "coupon_refund_sum",
        "手续费总金额" => "fee_sum",
        "订单总金额" => "order_sum",
        "申请退款总金额" => "asked_refund_sum",
        "资金流水总笔数" => "flow_count",
        "收入笔数" => "in_count",
        "收入金额" => "in_sum",
        "支出笔数" => "out_count",
        "支出金额" => "out_sum",
        _ => "",
    }
}

/// A summary that contradicts the rows refuses the file. With unreadable rows the sums are expected to
/// differ, but the number of rows is not: a file that lost rows is refused all the same.
pub(crate) fn trailer_refusal(check: &TrailerCheck) -> Option<FileFault> {
    let is_count = |name: &str| name.ends_with("笔数") || name.ends_with("单数");
    let wrong = check.mismatches().find(|sum| {
        check.faulty_rows == 0 || (is_count(&sum.name) && sum.name.starts_with(['总', '资']))
    })?;
    Some(FileFault {
        line: check.rows + 3,
        column: Some(wrong.name.clone()),
        field: Some(wrong.printed.clone()),
        problem: format!(
            "汇总行「{}」为 {}，逐行合计为 {}：文件不完整或被改过 / the summary says {} where the rows add up to {}: the file is incomplete or was changed",
            wrong.name, wrong.printed, wrong.computed, wrong.printed, wrong.computed
        ),
        remedy: faults::remedy(
            "Fetch the bill from the channel again and use that file unchanged.",
        ),
    })
}

/// Takes the rows into the store and into the orders, in steps small enough that nobody waits for the
/// database. A kill between two steps leaves a bill that is fetched and read again from the start.
async fn take_in(
    ctx: &Ctx,
    kind: BillKind,
    record: &BillRecord,
    path: &Path,
    task: &Task,
) -> Result<(), AppError> {
    let (send, mut receive) = tokio::sync::mpsc::channel::<Chunk>(2);
    let path = path.to_owned();
    let reader = tokio::task::spawn_blocking(move || feed(&path, kind, &send));
    let mut done = 0;
    let mut first = true;
    while let Some(chunk) = receive.recv().await {
        let (count, last_line) = chunk.extent();
        let mut tx = ctx.app.store().begin().await?;
        if first {
            rows::clear_lines(&mut tx, record.id).await?;
            first = false;
        }
        match &chunk {
            Chunk::Trade(lines) => {
                rows::add_lines(&mut tx, record.id, record.account_id, lines).await?;
                for line in lines {
                    apply(&mut tx, ctx.now, record, line).await?;
                }
            }
            Chunk::FundFlow(lines) => {
                rows::add_fund_lines(&mut tx, record.id, record.account_id, lines).await?;
            }
        }
        let mut entry = audit(ctx, record, "ok");
        entry.action = "bills.take_in".to_owned();
        entry.reason = Some(format!("{count} rows to line {last_line}"));
        tx.audit(entry).await?;
        tx.commit().await?;
        done += count;
        task.step("reading", done, Some(record.row_count));
    }
    reader.await.map_err(AppError::internal)??;
    if first {
        // A day without rows: what an earlier file of the day had said no longer stands.
        let mut tx = ctx.app.store().begin().await?;
        rows::clear_lines(&mut tx, record.id).await?;
        tx.commit_bookkeeping().await?;
    }
    Ok(())
}

enum Chunk {
    Trade(Vec<StatementLine>),
    FundFlow(Vec<FundRow>),
}

impl Chunk {
    fn extent(&self) -> (u64, u64) {
        match self {
            Self::Trade(lines) => (lines.len() as u64, lines.last().map_or(0, |l| l.line_no)),
            Self::FundFlow(lines) => (lines.len() as u64, lines.last().map_or(0, |l| l.line_no)),
        }
    }
}

/// Reads the good rows again and hands them on; stops when nobody listens any more.
fn feed(
    path: &Path,
    kind: BillKind,
    send: &tokio::sync::mpsc::Sender<Chunk>,
) -> Result<(), AppError> {
    let input = open(path)?;
    let unreadable =
        |fault: BillFault| faults::refused(&path.to_string_lossy(), &faults::of_bill(&fault));
    match kind {
        BillKind::Trade => {
            let reader = BillReader::new(input).map_err(unreadable)?;
            send_chunks(reader.flatten(), |lines| {
                send.blocking_send(Chunk::Trade(lines)).is_ok()
            });
        }
        BillKind::FundFlow => {
            let reader = FundFlowReader::new(input).map_err(unreadable)?;
            send_chunks(reader.flatten().map(fund_row), |lines| {
                send.blocking_send(Chunk::FundFlow(lines)).is_ok()
            });
        }
    }
    Ok(())
}

fn send_chunks<T>(items: impl Iterator<Item = T>, mut send: impl FnMut(Vec<T>) -> bool) {
    let mut items = items.peekable();
    while items.peek().is_some() {
        let chunk: Vec<T> = items.by_ref().take(CHUNK).collect();
        if !send(chunk) {
            return;
        }
    }
}

fn fund_row(line: FundFlowLine) -> FundRow {
    FundRow {
        line_no: line.line_no,
        occurred_at: line.booked_at,
        business_no: line.business_no,
        flow_no: line.flow_no,
        business_type: line.business_type,
        income: line.direction == Direction::In,
        amount: line.amount,
        balance_minor: line.balance.minor,
        remark: line.remark,
        voucher_no: line.voucher_no,
    }
}

/// What one row says of an order.
async fn apply(
    tx: &mut zf_store::Tx,
    now: Timestamp,
    record: &BillRecord,
    line: &StatementLine,
) -> Result<(), AppError> {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match (line.kind, &line.refund_no) {
        (EntryKind::Payment, _) => {
            let state = match line.state {
                EntryState::Done => PaymentState::Paid,
                EntryState::InProgress => PaymentState::Pending,
                EntryState::Void => PaymentState::Failed,
            };
            let fact = PaymentFact {
                account_id: record.account_id,
                order_no: line.order_no.clone(),
                payment_id: Some(line.payment_id.clone()),
                state,
                amount: line.amount,
                method: line.method.clone(),
                payer: filled(&line.payer),
                goods: filled(&line.goods),
                created_at: line.occurred_at,
                paid_at: (state == PaymentState::Paid).then_some(line.occurred_at),
                source: FactSource::ChannelBill,
                verified: record.hash_verified,
                detail: Some(format!("{}:{}", record.date, line.line_no)),
            };
            facts::apply_payment(tx, now, &fact).await?;
        }
        (EntryKind::Refund, Some(refund_no)) => {
            let fact = RefundFact {
                account_id: record.account_id,
                order_no: line.order_no.clone(),
                refund_no: refund_no.clone(),
                refund_id: line.refund_id.clone(),
                amount: line.amount,
                // The bill's word is a snapshot at acceptance: the query tells how it ended.
                state: match line.state {
                    EntryState::Done => RefundState::Succeeded,
                    EntryState::InProgress => RefundState::Processing,
                    EntryState::Void => RefundState::ClosedByChannel,
                },
                at: line.occurred_at,
                source: FactSource::ChannelBill,
                verified: record.hash_verified,
            };
            facts::apply_refund(tx, now, &fact).await?;
        }
        (EntryKind::Refund, None) => {}
    }
    Ok(())
}

async fn find(ctx: &Ctx, id: BillId) -> Result<BillRecord, AppError> {
    rows::by_id(ctx.app.store().pool(), id)
        .await?
        .ok_or_else(|| AppError::not_found("bill", id))
}

fn kind_of(record: &BillRecord) -> BillKind {
    read_word(&record.kind).unwrap_or(BillKind::Trade)
}

pub(crate) async fn detail(ctx: &Ctx, params: BillRef) -> Result<BillView, AppError> {
    let record = find(ctx, params.bill_id).await?;
    Ok(view(
        Some(&record),
        record.account_id,
        record.date,
        kind_of(&record),
        ctx.now,
    ))
}

pub(crate) async fn lines(ctx: &Ctx, params: BillLinesRequest) -> Result<BillLines, AppError> {
    let record = find(ctx, params.bill_id).await?;
    let limit = params.limit.clamp(1, PAGE_MAX);
    let after = params.after_line.unwrap_or(0);
    let text = params
        .text
        .as_deref()
        .map(str::trim)
        .filter(|t| !t.is_empty());
    let pool = ctx.app.store().pool();
    let mut lines: Vec<BillLineView> = match kind_of(&record) {
        BillKind::Trade => rows::lines(pool, record.id, text, after, limit)
            .await?
            .into_iter()
            .map(|line| BillLineView {
                line_no: line.line_no,
                kind: line.kind,
                occurred_at: line.occurred_at,
                order_no: line.order_no.into(),
                payment_id: line.payment_id.into(),
                refund_no: line.refund_no.map(Into::into),
                amount: line.amount,
                fee_minor: line.fee_minor,
                state_text: line.state_text,
                goods: line.goods,
                raw: String::new(),
            })
            .collect(),
        // Money in reads as a payment, money out as a refund with a negative amount; what exactly it
        // is stands in the channel's word.
        BillKind::FundFlow => rows::fund_lines(pool, record.id, text, after, limit)
            .await?
            .into_iter()
            .map(|line| BillLineView {
                line_no: line.line_no,
                kind: if line.income {
                    EntryKind::Payment
                } else {
                    EntryKind::Refund
                },
                occurred_at: line.occurred_at,
                order_no: line.voucher_no,
                payment_id: line.business_no,
                refund_no: None,
                amount: Money {
                    minor: if line.income {
                        line.amount.minor
                    } else {
                        -line.amount.minor
                    },
                    ..line.amount
                },
                fee_minor: 0,
                state_text: line.business_type,
                goods: line.remark,
                raw: String::new(),
            })
            .collect(),
    };
    if let Some(path) = &record.path {
        let wanted: Vec<u64> = lines.iter().map(|l| l.line_no).collect();
        let path = archive_path(&ctx.app, path);
        let mut raw = blocking(move || raw_lines(&path, &wanted)).await?;
        for line in &mut lines {
            line.raw = raw.remove(&line.line_no).unwrap_or_default();
        }
    }
    let next_after_line =
        (lines.len() == limit as usize).then(|| lines.last().map_or(0, |line| line.line_no));
    Ok(BillLines {
        lines,
        next_after_line,
    })
}

/// The bytes of some lines of a file as they stand there, without their line ends.
pub(crate) fn raw_lines(path: &Path, wanted: &[u64]) -> Result<HashMap<u64, String>, AppError> {
    let mut found = HashMap::with_capacity(wanted.len());
    let Some(last) = wanted.iter().max() else {
        return Ok(found);
    };
    let mut input = open(path)?;
    let mut line = Vec::new();
    let mut line_no = 0;
    while line_no < *last {
        line.clear();
        if input
            .read_until(b'\n', &mut line)
            .map_err(|e| io_error(path, &e))?
            == 0
        {
            break;
        }
        line_no += 1;
        if wanted.contains(&line_no) {
            let text = String::from_utf8_lossy(&line);
            found.insert(line_no, text.trim_end_matches(['\r', '\n']).to_owned());
        }
    }
    Ok(found)
}

/// The archived file as text from a line on, at most `limit` (200) lines; a longer line than 2,000
/// characters is cut with a mark, so that a reply stays small.
pub(crate) async fn raw(ctx: &Ctx, params: BillRawRequest) -> Result<BillRaw, AppError> {
    const LINE_MAX: usize = 2_000;
    const BYTES_MAX: usize = 200 * 1024;
    let record = find(ctx, params.bill_id).await?;
    let path = record
        .path
        .as_deref()
        .ok_or_else(|| AppError::not_found("bill file", record.date))?;
    let path = archive_path(&ctx.app, path);
    let from = params.from_line.max(1);
    let limit = u64::from(params.limit.clamp(1, 200));
    blocking(move || {
        let mut input = open(&path)?;
        let (mut line, mut line_no, mut bytes) = (Vec::new(), 0, 0);
        let mut lines = Vec::new();
        loop {
            line.clear();
            if input
                .read_until(b'\n', &mut line)
                .map_err(|e| io_error(&path, &e))?
                == 0
            {
                return Ok(BillRaw {
                    lines,
                    next_line: None,
                });
            }
            line_no += 1;
            if line_no < from {
                continue;
            }
            if line_no >= from + limit || bytes > BYTES_MAX {
                return Ok(BillRaw {
                    lines,
                    next_line: Some(line_no),
                });
            }
            let whole = String::from_utf8_lossy(&line);
            let whole = whole.trim_end_matches(['\r', '\n']);
            let mut text: String = whole.chars().take(LINE_MAX).collect();
            if text.len() < whole.len() {
                text.push('…');
            }
            bytes += text.len();
            lines.push(RawLine { line_no, text });
        }
    })
    .await
}

pub(crate) async fn export(ctx: &Ctx, params: BillRef) -> Result<FileView, AppError> {
    let record = find(ctx, params.bill_id).await?;
    let path = record
        .path
        .as_deref()
        .ok_or_else(|| AppError::not_found("bill file", record.date))?;
    let path = archive_path(&ctx.app, path);
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit("bills.export", "bill", &name);
    entry.after_digest.clone_from(&record.sha256);
    tx.audit(entry).await?;
    tx.commit().await?;
    ctx.app.files().register(&path, &name)
}

/// Fetches what is missing of yesterday and asks again for what was still being made. Called every
/// minute or so by the timer; most calls find nothing to do. In a demo yesterday's bill is left to the
/// person who tries the program.
///
/// # Errors
/// When the store fails. A channel's failure is recorded with the bill and asked again later.
pub(crate) async fn tick(app: &App) -> Result<(), AppError> {
    if app.vault().is_locked() {
        return Ok(());
    }
    let ctx = Ctx::timer(app);
    let today = ctx.now.beijing_date();
    let yesterday = today.plus_days(-1);
    let demo = crate::setup::environment(app).await? == Some(Environment::Demo);
    let schedule = crate::settings::schedule_of(app).await?;
    let from = today
        .beijing_start()
        .plus_millis(i64::from(schedule.fetch_hour) * 3_600_000 + RUSH_MILLIS);
    let accounts: Vec<String> = sqlx::query_scalar("SELECT id FROM accounts ORDER BY id")
        .fetch_all(app.store().pool())
        .await
        .map_err(zf_store::StoreError::from)?;
    for account in accounts {
        let Ok(account_id) = AccountId::parse(&account) else {
            continue;
        };
        let first = today.plus_days(-KEPT_DAYS);
        let known = rows::between(app.store().pool(), account_id, first, yesterday).await?;
        let mut wanted: Vec<(BusinessDate, BillKind)> = known
            .iter()
            .filter(|r| is_due_again(r, ctx.now))
            .map(|r| (r.date, kind_of(r)))
            .collect();
        if !demo && schedule.fetch_bills && ctx.now >= from {
            for kind in [BillKind::Trade, BillKind::FundFlow] {
                let asked = known
                    .iter()
                    .any(|r| r.date == yesterday && r.kind == kind.as_str());
                if !asked {
                    wanted.push((yesterday, kind));
                }
            }
        }
        for (date, kind) in wanted {
            let request = FetchBill {
                account_id,
                date,
                kind,
            };
            match fetch(&ctx, request).await {
                Ok(_) => app.stale(&[Tag::Bills, Tag::Close, Tag::Status]),
                Err(error) => {
                    tracing::warn!(%date, kind = kind.as_str(), code = error.code.text().code, "bill");
                }
            }
        }
    }
    Ok(())
}

/// Whether a bill that was asked for once is to be asked for again now.
fn is_due_again(record: &BillRecord, now: Timestamp) -> bool {
    match status_of(record) {
        BillStatus::Generating | BillStatus::Failed | BillStatus::Refused => {
            record.next_try_at.is_some_and(|at| at <= now)
        }
        // Still under this word after a restart: the process ended while it was being read.
        BillStatus::Downloading => record
            .fetched_at
            .is_none_or(|at| at.plus_millis(RETRY_MILLIS) <= now),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: EntryKind, settlement_minor: i64, fee_minor: i64) -> StatementLine {
        use zf_domain::{ChannelPaymentId, MerchantOrderNo};
        StatementLine {
            line_no: 2,
            kind,
            occurred_at: Timestamp::from_seconds(0),
            order_no: MerchantOrderNo::parse("A1").unwrap(),
            payment_id: ChannelPaymentId::parse("42").unwrap(),
            refund_no: None,
            refund_id: None,
            amount: Money::cny(settlement_minor),
            settlement_minor,
            fee_minor,
            state: EntryState::Done,
            state_text: String::new(),
            method: String::new(),
            payer: String::new(),
            goods: String::new(),
        }
    }

    #[test]
    fn fees_follow_the_rate_to_the_fen_and_one_more() {
        // Figures of the channel's own page: 6.00 at 0.60% is 0.04, a refund of 260.00 gives 1.56 back.
        for (kind, settlement, fee, off) in [
            (EntryKind::Payment, 600, 4, 0),
            (EntryKind::Payment, 10_000, 60, 0),
            (EntryKind::Refund, 26_000, -156, 0),
            (EntryKind::Payment, 10_000, 61, 0),
            (EntryKind::Payment, 10_000, 62, 1),
            (EntryKind::Payment, 10_000, 0, 1),
        ] {
            let mut fees = Fees::default();
            fees.take(&line(kind, settlement, fee), Some(60_000));
            assert_eq!(fees.off, off, "{settlement} {fee}");
        }
    }

    #[test]
    fn a_balance_names_the_first_row_that_breaks() {
        let row = |line_no, direction, amount, balance, business_type: &str| FundFlowLine {
            line_no,
            booked_at: Timestamp::from_seconds(0),
            business_no: String::new(),
            flow_no: String::new(),
            business_name: String::new(),
            business_type: business_type.to_owned(),
            direction,
            amount: Money::cny(amount),
            balance: Money::cny(balance),
            submitted_by: String::new(),
            remark: String::new(),
            voucher_no: String::new(),
        };
        let mut balance = Balance::default();
        balance.take(&row(2, Direction::In, 10_000, 110_000, "交易"));
        balance.take(&row(3, Direction::Out, 60, 109_940, "扣除交易手续费"));
        balance.take(&row(4, Direction::Out, 3_976, 105_964, "退款"));
        assert!(balance.is_continuous());
        assert_eq!(balance.opening_minor, Some(100_000));
        assert_eq!(balance.closing_minor, Some(105_964));
        assert_eq!(
            (
                balance.collected_minor,
                balance.refunded_minor,
                balance.fees_minor
            ),
            (10_000, 3_976, 60)
        );
        balance.take(&row(5, Direction::Out, 100, 105_963, "提现"));
        assert_eq!(balance.broken_line, Some(5));
        assert!(!balance.is_continuous());
        assert!(Balance::default().is_continuous());
    }

    fn record(status: BillStatus) -> BillRecord {
        BillRecord {
            id: BillId::new(),
            account_id: AccountId::new(),
            kind: BillKind::Trade.as_str().to_owned(),
            date: BusinessDate::parse("2026-11-19").unwrap(),
            status: word(status),
            path: None,
            sha256: None,
            channel_hash: None,
            hash_verified: false,
            bytes: 0,
            row_count: 0,
            totals: "[]".to_owned(),
            faults: "[]".to_owned(),
            balance: None,
            fees: None,
            fetched_at: None,
            next_try_at: None,
            attempts: 1,
            detail: None,
        }
    }

    #[test]
    fn what_failed_is_asked_for_again_in_time_and_what_stands_is_not() {
        let now = Timestamp::parse_beijing("2026-11-20 12:00:00").unwrap();
        for (status, minutes_until, due) in [
            (BillStatus::Generating, Some(0), true),
            (BillStatus::Generating, Some(1), false),
            (BillStatus::Failed, Some(-5), true),
            (BillStatus::Refused, Some(0), true),
            (BillStatus::Refused, None, false),
            (BillStatus::Downloading, None, true),
            (BillStatus::Verified, Some(-5), false),
            (BillStatus::NoTrade, Some(-5), false),
            (BillStatus::Partial, Some(-5), false),
            (BillStatus::Lost, Some(-5), false),
        ] {
            let mut record = record(status);
            record.next_try_at = minutes_until.map(|m| now.plus_millis(m * 60_000));
            assert_eq!(is_due_again(&record, now), due, "{status:?}");
        }
        let mut tired = record(BillStatus::Failed);
        tired.attempts = 1_000;
        assert_eq!(next_try(&tired, now), now.plus_millis(86_400_000));
    }

    #[test]
    fn a_day_reads_as_time_goes_by() {
        let date = BusinessDate::parse("2026-11-19").unwrap();
        let at = |text: &str| Timestamp::parse_beijing(text).unwrap();
        for (now, expected) in [
            ("2026-11-20 09:59:59", BillStatus::NotDue),
            ("2026-11-20 10:00:00", BillStatus::NotFetched),
            ("2027-02-03 12:00:00", BillStatus::LostSoon),
            ("2027-02-18 12:00:00", BillStatus::Lost),
        ] {
            assert_eq!(shown_status(None, date, at(now)), expected, "{now}");
        }
    }
}
