//! Reconciliation of a day: the channel's bill against the books, run by the engine and kept.
//!
//! A run names every difference, sums what explains the distance between the two nets, and is stored
//! with the digests of exactly the two files it compared. What a person decided about a difference stays
//! with it over re-runs as long as it says the same.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use zf_domain::standing::{Standing, standing};
use zf_domain::{
    BillId, BookEntry, BookImportId, BusinessDate, Currency, DifferenceCode, DifferenceId,
    Disposition, EntryKind, EntryState, Money, RunId, StatementLine,
};
use zf_recon::report::{Language, write_differences};
use zf_recon::{
    Bucket, Carried, Difference, Entry, Extra, Keys, Options, Outcome, Reconciler, Side,
    SideView as Seen,
};
use zf_store::Conn;
use zf_store::bills::{self as rows, BillRecord, BookImport};
use zf_store::carry::{self, DifferenceTerms};
use zf_store::recon::{
    self as runs, Beside, DifferenceFilter, DifferenceRecord, PoolFilter, RunRecord, SideRecord,
};
use zf_store::resolutions::Place;
use zf_store::rule_sets as sets;

use crate::bills::{self, archive_path, blocking, raw_lines};
use crate::books::{self, archive_holds, refuse_locked};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::read_word;
use crate::files::io_error;
use crate::recon_rules::{self as rules, Terms};
use crate::resolutions::CrossDay;
use crate::tasks::{Task, TaskSpec};
use crate::wire::{
    self, BillKind, BillStatus, CodeCount, CurrencyWaterfall, DayRef, DifferenceBucket,
    DifferenceDetail, DifferencePage, DifferenceRef, DifferenceRow, DifferenceSearch,
    DifferenceSort, DifferenceStatus, EventKind, ExportRun, FactSource, FeeView, FileView,
    OrderRef, PoolCounter, PoolRef, PoolSearch, PoolView, ReconDay, ReconView, SideView, Sum,
    WaterfallStep,
};
use crate::{faults, orders, resolutions};

/// Rows read from the store at a time.
const PAGE: u32 = 5_000;
/// What the engine may hold; beyond it, it uses a temporary file in the home.
const MEMORY_BYTES: usize = 256 << 20;
/// Differences of a page.
const DIFFERENCES_MAX: u32 = 200;
/// How many days apart the two sides of one payment or refund may come.
const CARRY_DAYS: i64 = 7;
/// Rows within this distance of midnight may belong to the neighbouring day's bill.
const DAY_CUT_MILLIS: i64 = 10 * 60_000;

/// The part of a run that is read as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Summary {
    bill_rows: u64,
    ledger_rows: u64,
    waiting: u64,
    currency: Currency,
    counts: Vec<CountLine>,
    waterfall: Vec<StepLine>,
    /// Of every currency but the first; absent in what older versions wrote.
    #[serde(default)]
    others: Vec<CurrencyWaterfall>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CountLine {
    code: DifferenceCode,
    count: u64,
    channel_minor: i64,
    ledger_minor: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StepLine {
    name: String,
    minor: i64,
    count: u64,
}

/// Figures of a run that stand in its summary.
pub(crate) struct Figures {
    pub(crate) bill_rows: u64,
    pub(crate) currency: Currency,
}

pub(crate) fn figures(run: &RunRecord) -> Result<Figures, AppError> {
    let summary: Summary = serde_json::from_str(&run.outcome).map_err(AppError::internal)?;
    Ok(Figures {
        bill_rows: summary.bill_rows,
        currency: summary.currency,
    })
}

pub(crate) async fn day(ctx: &Ctx, params: DayRef) -> Result<ReconDay, AppError> {
    let DayRef { account_id, date } = params;
    bills::check_account(&ctx.app, account_id).await?;
    let pool = ctx.app.store().pool();
    let bill = rows::of_day(pool, account_id, BillKind::Trade.as_str(), date).await?;
    let standing = rows::standing_books(pool, account_id, date).await?;
    let mut views = Vec::new();
    for run in runs::runs_of_day(pool, account_id, date).await? {
        views.push(view(ctx, &run).await?);
    }
    Ok(ReconDay {
        bill: bills::view(bill.as_ref(), account_id, date, BillKind::Trade, ctx.now),
        books: match &standing {
            Some(import) => Some(books::view(ctx, import, false).await?),
            None => None,
        },
        runs: views,
    })
}

async fn view(ctx: &Ctx, run: &RunRecord) -> Result<ReconView, AppError> {
    let pool = ctx.app.store().pool();
    let summary: Summary = serde_json::from_str(&run.outcome).map_err(AppError::internal)?;
    let open = DifferenceFilter {
        disposition: Some(Disposition::Open),
        ..DifferenceFilter::default()
    };
    Ok(ReconView {
        run_id: run.id,
        account_id: run.account_id,
        date: run.date,
        number: run.number,
        finished_at: run.finished_at,
        millis: run.millis,
        run_by: runs::person_name(pool, run.run_by)
            .await?
            .unwrap_or_default(),
        matched: run.matched,
        waiting: summary.waiting,
        bill_rows: summary.bill_rows,
        ledger_rows: summary.ledger_rows,
        counts: summary
            .counts
            .into_iter()
            .map(|c| CodeCount {
                code: c.code,
                count: c.count,
                channel_minor: c.channel_minor,
                ledger_minor: c.ledger_minor,
            })
            .collect(),
        waterfall: summary
            .waterfall
            .into_iter()
            .map(|s| WaterfallStep {
                name: s.name,
                minor: s.minor,
                count: s.count,
            })
            .collect(),
        other_waterfalls: summary.others,
        residual: Money::new(run.residual_minor, summary.currency),
        run_digest: run.run_digest.clone(),
        terms: rules::terms_view(ctx, run.id).await?,
        open_differences: runs::count_differences(pool, run.id, &open).await?,
    })
}

/// The two files of a day, or what is missing.
async fn inputs(ctx: &Ctx, day: DayRef) -> Result<(BillRecord, BookImport), AppError> {
    let pool = ctx.app.store().pool();
    let bill = rows::of_day(pool, day.account_id, BillKind::Trade.as_str(), day.date)
        .await?
        .filter(|b| {
            matches!(
                read_word(&b.status),
                Some(BillStatus::Verified | BillStatus::NoTrade | BillStatus::Partial)
            )
        });
    let standing = rows::standing_books(pool, day.account_id, day.date).await?;
    let missing = match (&bill, &standing) {
        (None, None) => "账单和账簿 / bill and books",
        (None, Some(_)) => "账单 / bill",
        (Some(_), None) => "账簿 / books",
        (Some(_), Some(_)) => "",
    };
    match (bill, standing) {
        (Some(bill), Some(standing)) => Ok((bill, standing)),
        _ => Err(AppError::new(Code::NothingToReconcile)
            .with("date", day.date)
            .with("missing", missing)),
    }
}

/// Refuses to work on an archive that is no longer what was stored.
async fn check_archive(
    ctx: &Ctx,
    path: Option<&str>,
    sha256: Option<&str>,
    name: &str,
) -> Result<(), AppError> {
    let (Some(path), Some(sha256)) = (path, sha256) else {
        return Ok(());
    };
    if archive_holds(ctx, path, sha256).await? {
        return Ok(());
    }
    Err(faults::refused(
        path,
        &wire::FileFault {
            line: 1,
            column: None,
            field: None,
            problem: format!(
                "归档的{name}被改动过，与入库时的 SHA-256 不同 / the archived file was changed since it was stored"
            ),
            remedy: "请重新获取账单或重新导入账簿。 / Fetch the bill or import the books again."
                .to_owned(),
        },
    ))
}

pub(crate) async fn run(ctx: &Ctx, params: DayRef) -> Result<ReconView, AppError> {
    ctx.person()?;
    let task = Task::begin(
        ctx,
        TaskSpec {
            id: format!("recon.{}.{}", params.account_id, params.date),
            kind: "recon",
            subject: params.date.to_string(),
            pause: false,
            cancel: true,
        },
    );
    let done = run_in_task(ctx, params, &task).await;
    task.end(&done);
    done
}

/// Cancelled before its one transaction, a run leaves nothing.
async fn run_in_task(ctx: &Ctx, params: DayRef, task: &Task) -> Result<ReconView, AppError> {
    let app = &ctx.app;
    let person = ctx.person()?.user_id;
    let began = std::time::Instant::now();
    bills::check_account(app, params.account_id).await?;
    refuse_locked(ctx, params.account_id, params.date).await?;
    let (account_id, date) = (params.account_id, params.date);
    let (bill, standing) = inputs(ctx, params).await?;
    check_archive(ctx, bill.path.as_deref(), bill.sha256.as_deref(), "账单").await?;
    check_archive(ctx, Some(&standing.path), Some(&standing.sha256), "账簿").await?;

    let told = |e: &zf_recon::ReconError| {
        faults::of_recon(bill.path.as_deref().unwrap_or("-"), &standing.file_name, e)
    };
    let mut terms = Terms::gather(&mut *orders::reader(app).await?, account_id, date).await?;
    let mut engine = Reconciler::new(Options {
        threads: 0,
        memory_bytes: MEMORY_BYTES,
        spill_dir: Some(app.home().join("inbox")),
        rules: Some(terms.run_rules()),
        ..Options::default()
    });
    let rows_in_all = Some(bill.row_count + standing.row_count);
    let files = (bill.id, standing.id);
    let read = feed(
        ctx,
        &mut engine,
        files,
        &mut terms,
        &told,
        task,
        rows_in_all,
    )
    .await?;
    task.step("matching", read, rows_in_all);
    let stop = engine.cancel().clone();
    let matching = blocking(move || {
        let outcome = engine.finish().map_err(AppError::internal)?;
        let found = outcome
            .differences()
            .map_err(AppError::internal)?
            .collect::<Result<Vec<Difference>, _>>()
            .map_err(AppError::internal)?;
        let waiting = outcome
            .waiting()
            .map_err(AppError::internal)?
            .collect::<Result<Vec<Carried>, _>>()
            .map_err(AppError::internal)?;
        Ok((outcome, found, waiting))
    });
    let (outcome, found, waiting) = task
        .unless_cancelled(matching)
        .await
        .inspect_err(|_| stop.cancel())??;
    task.past_cancelling();
    task.step("writing", read, rows_in_all);

    let refused_rows =
        (bills::faults_of(&bill.faults).len() + bills::faults_of(&standing.faults).len()) as u64;
    let summary = summarize(&outcome, &found)?;
    let mut tx = app.store().begin().await?;
    let unchanged = rows::by_id(&mut *tx.conn(), bill.id)
        .await?
        .map(|b| b.sha256)
        == Some(bill.sha256.clone())
        && rows::standing_books(&mut *tx.conn(), account_id, date)
            .await?
            .is_some_and(|b| b.id == standing.id)
        && terms.still_hold(tx.conn()).await?;
    if !unchanged {
        return Err(AppError::new(Code::CloseChanged).with("date", date));
    }
    if runs::locked_at(&mut *tx.conn(), account_id, date)
        .await?
        .is_some()
    {
        return Err(AppError::new(Code::DayClosed).with("date", date));
    }
    let earlier = runs::runs_of_day(&mut *tx.conn(), account_id, date).await?;
    let record = RunRecord {
        id: RunId::new(),
        account_id,
        date,
        number: earlier.first().map_or(0, |r| r.number) + 1,
        bill_id: bill.id,
        import_id: standing.id,
        outcome: serde_json::to_string(&summary).map_err(AppError::internal)?,
        matched: outcome.counts.matched + outcome.counts.matched_within_tolerance,
        residual_minor: outcome.residual_minor,
        bill_sha256: bill.sha256.clone().unwrap_or_default(),
        books_sha256: standing.sha256.clone(),
        refused_rows,
        run_digest: outcome.run_digest.clone(),
        run_by: person,
        finished_at: ctx.now,
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    let unsettled = runs::unsettled(tx.conn(), Some(account_id)).await?;
    let expected = carry::forecast(tx.conn(), account_id, date, &unsettled)
        .await?
        .count;
    runs::add_run(&mut tx, &record).await?;
    sets::add_terms(&mut tx, &terms.record(record.id, &outcome)).await?;
    let mut held = match earlier.first() {
        Some(last) => held_over(&mut tx, last).await?,
        None => HashMap::new(),
    };
    for (position, difference) in (1_u64..).zip(&found) {
        let mut kept = to_record(&mut tx, &record, position, difference).await?;
        if let Some(place) = held.get_mut(&identity(&kept)).and_then(Vec::pop) {
            kept.place = place;
        }
        runs::add_difference(&mut tx, &kept).await?;
        let besides = terms.of_difference(difference, &outcome);
        if besides != DifferenceTerms::default() {
            carry::add_terms(&mut tx, kept.id, &besides).await?;
        }
    }
    for (position, row) in (1_u64..).zip(&waiting) {
        carry::add(&mut tx, &terms.of_carried(&record, position, row)).await?;
    }
    let opened = resolutions::unclear(&mut tx, &record).await?;
    let met: Vec<CrossDay> = runs::met_across_days(tx.conn(), &record, CARRY_DAYS)
        .await?
        .into_iter()
        .map(|(carried, met)| CrossDay { carried, met })
        .collect();
    resolutions::clear(ctx, &mut tx, &met, person).await?;
    carry::clear(&mut tx, &record, CARRY_DAYS).await?;
    let cleared = carry::cleared_as_expected(tx.conn(), account_id, date).await?;
    carry::note_forecast(&mut tx, account_id, date, expected, cleared).await?;
    runs::mark_orders(&mut tx, &record).await?;
    let mut entry = ctx.audit("recon.run", "day", &format!("{account_id} {date}"));
    entry.after_digest = Some(record.run_digest.clone());
    entry.reason = Some(format!(
        "run {}: {} matched, {} differences, {} cleared across days, {opened} opened again",
        record.number,
        record.matched,
        found.len(),
        met.len()
    ));
    tx.audit(entry).await?;
    tx.commit().await?;
    crate::flow::tie_quietly(ctx, account_id, date).await;
    view(ctx, &record).await
}

/// Hands the engine every row of a stored bill and of stored books, and `terms` every bill row's fee.
/// Gives how many rows there were; `steps` tells windows how far of how many it is.
pub(crate) async fn feed(
    ctx: &Ctx,
    engine: &mut Reconciler,
    (bill, import): (BillId, BookImportId),
    terms: &mut Terms,
    told: &(impl Fn(&zf_recon::ReconError) -> AppError + Sync),
    task: &Task,
    steps: Option<u64>,
) -> Result<u64, AppError> {
    let pool = ctx.app.store().pool();
    let mut keys = Keys::new(terms.keys());
    let mut after = 0;
    // Only books that keep the channel's number are read twice.
    while keys.wants_books() && rows::has_channel_numbers(pool, import).await? {
        let page = rows::entries(pool, import, after, PAGE).await?;
        for entry in &page {
            keys.learn(&Entry::from_book(entry).map_err(|e| told(&e))?);
            after = entry.line_no;
        }
        task.checkpoint().await?;
        if page.len() < PAGE as usize {
            break;
        }
    }
    let mut read = 0;
    after = 0;
    loop {
        let page = rows::lines(pool, bill, None, after, PAGE).await?;
        for line in &page {
            terms.take(line);
            let row = Entry {
                extra: Extra::of_line(line),
                ..Entry::from_line(line).map_err(|e| told(&e))?
            };
            let entry = Entry {
                key: keys.key_of(&row),
                ..row
            };
            engine.push_channel(&entry).map_err(|e| told(&e))?;
            after = line.line_no;
        }
        read += page.len() as u64;
        if steps.is_some() {
            task.step("reading", read, steps);
        }
        task.checkpoint().await?;
        if page.len() < PAGE as usize {
            break;
        }
    }
    after = 0;
    loop {
        let page = rows::entries(pool, import, after, PAGE).await?;
        for entry in &page {
            engine.push_book(entry).map_err(|e| told(&e))?;
            after = entry.line_no;
        }
        read += page.len() as u64;
        if steps.is_some() {
            task.step("reading", read, steps);
        }
        task.checkpoint().await?;
        if page.len() < PAGE as usize {
            break;
        }
    }
    Ok(read)
}

/// What makes two differences of two runs the same one: what is wrong, with which number, by how much.
type Identity = (DifferenceCode, EntryKind, String, Option<i64>, Option<i64>);

fn identity(d: &DifferenceRecord) -> Identity {
    (
        d.code,
        d.kind,
        d.number.clone(),
        d.channel.as_ref().map(|s| s.amount.minor),
        d.ledger.as_ref().map(|s| s.amount.minor),
    )
}

async fn held_over(
    tx: &mut zf_store::Tx,
    last: &RunRecord,
) -> Result<HashMap<Identity, Vec<Place>>, AppError> {
    let mut held: HashMap<Identity, Vec<Place>> = HashMap::new();
    let all = DifferenceFilter {
        limit: u32::MAX,
        ..DifferenceFilter::default()
    };
    for difference in runs::differences(&mut *tx.conn(), last.id, &all).await? {
        if difference.place.disposition != Disposition::Open {
            held.entry(identity(&difference))
                .or_default()
                .push(difference.place);
        }
    }
    Ok(held)
}

async fn to_record(
    tx: &mut zf_store::Tx,
    run: &RunRecord,
    position: u64,
    d: &Difference,
) -> Result<DifferenceRecord, AppError> {
    let side = |seen: &Option<Seen>| {
        seen.map(|s| SideRecord {
            line_no: s.line_no,
            amount: s.amount,
            state: s.state,
            at: s.occurred_at,
        })
    };
    let order_no = match d.kind {
        EntryKind::Payment => d.key.clone(),
        EntryKind::Refund => {
            let line = match &d.channel {
                Some(seen) => rows::line(&mut *tx.conn(), run.bill_id, seen.line_no).await?,
                None => None,
            };
            match (line, &d.ledger) {
                (Some(line), _) => line.order_no.into(),
                (None, Some(seen)) => rows::entry(&mut *tx.conn(), run.import_id, seen.line_no)
                    .await?
                    .map(|e| e.order_no.into())
                    .unwrap_or_default(),
                (None, None) => String::new(),
            }
        }
    };
    let gap = match d.channel_minus_ledger() {
        Some((minor, currency)) => Money::new(to_minor(minor)?, currency),
        // Two currencies: no subtraction joins them.
        None => Money::new(0, d.channel.map_or(Currency::Cny, |s| s.amount.currency)),
    };
    Ok(DifferenceRecord {
        id: DifferenceId::new(),
        run_id: run.id,
        account_id: run.account_id,
        date: run.date,
        position,
        code: d.code,
        bucket: d.bucket.as_str().to_owned(),
        kind: d.kind,
        number: d.key.clone(),
        order_no,
        gap,
        channel: side(&d.channel),
        ledger: side(&d.ledger),
        twin_line: d.twin_line_no,
        place: Place::OPEN,
    })
}

fn to_minor(sum: i128) -> Result<i64, AppError> {
    i64::try_from(sum).map_err(|_| AppError::internal("a sum exceeds what can be counted"))
}

fn summarize(outcome: &Outcome, found: &[Difference]) -> Result<Summary, AppError> {
    let mut counts = Vec::new();
    for code in DifferenceCode::ALL {
        let of_code = || found.iter().filter(|d| d.code == *code);
        counts.push(CountLine {
            code: *code,
            count: outcome.counts.of(*code),
            channel_minor: to_minor(of_code().map(|d| d.net_minor(Side::Channel)).sum())?,
            ledger_minor: to_minor(of_code().map(|d| d.net_minor(Side::Ledger)).sum())?,
        });
    }
    let mut falls = waterfalls(outcome).into_iter();
    let main = falls.next();
    Ok(Summary {
        bill_rows: outcome.bill_rows,
        ledger_rows: outcome.ledger_rows,
        waiting: outcome.counts.waiting_in_channel + outcome.counts.waiting_in_ledger,
        currency: main.as_ref().map_or(Currency::Cny, |w| w.currency),
        counts,
        waterfall: main
            .map(|w| w.steps)
            .unwrap_or_default()
            .into_iter()
            .map(|s| StepLine {
                name: s.name,
                minor: s.minor,
                count: s.count,
            })
            .collect(),
        others: falls.collect(),
    })
}

/// From the channel's net to ours, one waterfall a currency: sums never cross currencies. Each step is
/// what is added on the way; pairs that agree add nothing and are left out. There is always a first.
pub(crate) fn waterfalls(outcome: &Outcome) -> Vec<CurrencyWaterfall> {
    let of = |main: Option<&zf_recon::Waterfall>, rows: (u64, u64), residual_minor: i64| {
        let step = |name: &str, minor: i64, count: u64| WaterfallStep {
            name: name.to_owned(),
            minor,
            count,
        };
        let mut steps = vec![step(
            "channel_net",
            main.map_or(0, |w| w.channel_net_minor),
            rows.0,
        )];
        for part in main.map_or(&[][..], |w| &w.steps) {
            let name = part.bucket.as_str();
            let moved = -part.channel_minus_ledger_minor;
            if part.bucket.code().is_none() && part.bucket != Bucket::Waiting && moved == 0 {
                continue;
            }
            let rows = part.channel_rows.max(part.ledger_rows);
            match steps.iter_mut().find(|s| s.name == name) {
                // Payments and refunds of one bucket join.
                Some(known) => {
                    known.minor += moved;
                    known.count += rows;
                }
                None => steps.push(step(name, moved, rows)),
            }
        }
        steps.push(step(
            "ledger_net",
            main.map_or(0, |w| w.ledger_net_minor),
            rows.1,
        ));
        steps.push(step("residual", residual_minor, 0));
        CurrencyWaterfall {
            currency: main.map_or(Currency::Cny, |w| w.currency),
            steps,
        }
    };
    let rows = (outcome.bill_rows, outcome.ledger_rows);
    match outcome.waterfalls.as_slice() {
        [] => vec![of(None, rows, outcome.residual_minor)],
        [only] => vec![of(Some(only), rows, outcome.residual_minor)],
        // With several currencies the number of rows of each is not kept: 0 says so.
        several => several
            .iter()
            .map(|w| of(Some(w), (0, 0), w.residual_minor))
            .collect(),
    }
}

async fn find_run(ctx: &Ctx, id: RunId) -> Result<RunRecord, AppError> {
    runs::run(ctx.app.store().pool(), id)
        .await?
        .ok_or_else(|| AppError::not_found("run", id))
}

pub(crate) async fn differences(
    ctx: &Ctx,
    params: DifferenceSearch,
) -> Result<DifferencePage, AppError> {
    let run = find_run(ctx, params.run_id).await?;
    let filter = DifferenceFilter {
        codes: params.codes,
        disposition: params.disposition,
        text: params
            .text
            .map(|t| t.trim().to_owned())
            .filter(|t| !t.is_empty()),
        after: 0,
        after_size: None,
        largest: params.sort == Some(DifferenceSort::Largest),
        numbers: Vec::new(),
        limit: params.limit.clamp(1, DIFFERENCES_MAX),
    };
    let (known, cursor) = counted(params.cursor.as_deref())?;
    let filter = from_cursor(filter, cursor)?;
    let pool = ctx.app.store().pool();
    let numbers = runs::whole_numbers(pool, run.account_id, filter.text.as_deref()).await?;
    let filter = DifferenceFilter { numbers, ..filter };
    let found = runs::differences(pool, run.id, &filter).await?;
    let total = match known {
        Some(total) => total,
        None => runs::count_differences(pool, run.id, &filter).await?,
    };
    let next_cursor = (found.len() == filter.limit as usize)
        .then(|| {
            let last = found.last()?;
            Some(format!("{}@{total}", cursor_after(last, filter.largest)))
        })
        .flatten();
    Ok(DifferencePage {
        rows: rows_of(ctx, &found).await?,
        next_cursor,
        total,
    })
}

/// Splits what the first page counted from a cursor: who scrolls on does not have everything counted anew.
fn counted(cursor: Option<&str>) -> Result<(Option<u64>, Option<&str>), AppError> {
    match cursor.and_then(|cursor| cursor.rsplit_once('@')) {
        Some((place, total)) => {
            let total = total.parse().map_err(|e| AppError::bad("cursor", e))?;
            Ok((Some(total), Some(place)))
        }
        None => Ok((None, cursor)),
    }
}

/// Where the next page begins: the place, and for the largest first the currency and size before it.
fn cursor_after(d: &DifferenceRecord, largest: bool) -> String {
    if largest {
        let size = d.gap.minor.saturating_abs();
        format!("{}/{size}/{}", d.gap.currency.code(), d.position)
    } else {
        d.position.to_string()
    }
}

fn from_cursor(
    mut filter: DifferenceFilter,
    cursor: Option<&str>,
) -> Result<DifferenceFilter, AppError> {
    let Some(cursor) = cursor else {
        return Ok(filter);
    };
    let bad = || AppError::bad("cursor", cursor);
    let place = match (filter.largest, cursor.rsplit_once('/')) {
        (true, Some((size, place))) => {
            let (currency, size) = size.split_once('/').ok_or_else(bad)?;
            let size = size.parse().map_err(|_| bad())?;
            filter.after_size = Some((currency.to_owned(), size));
            place
        }
        _ => cursor,
    };
    filter.after = place.parse().map_err(|_| bad())?;
    Ok(filter)
}

/// Everything open of an account: what waits is no error, what is broken has no owner, what is overdue
/// has one who is late. Sums are channel less books and never cross currencies.
pub(crate) async fn pool(ctx: &Ctx, params: PoolRef) -> Result<PoolView, AppError> {
    bills::check_account(&ctx.app, params.account_id).await?;
    let today = ctx.now.beijing_date();
    let none = || PoolCounter {
        count: 0,
        sums: Vec::new(),
        of_day: 0,
        oldest_days: None,
    };
    let age = |day: BusinessDate| u32::try_from(today.days_since(day)).unwrap_or(0);
    let mut conn = orders::reader(&ctx.app).await?;
    // Read once: counters, forecast and ages are of the same moment.
    let of = runs::unsettled(&mut *conn, Some(params.account_id)).await?;
    let mut view = PoolView {
        waiting: none(),
        broken: none(),
        overdue: none(),
        suspended: none(),
        pending: none(),
        due_today: 0,
        forecast: crate::carry::forecast(&mut conn, params.account_id, today, &of).await?,
        ages: crate::carry::ages(&mut conn, params.account_id, today, &of).await?,
        as_of: ctx.now,
    };
    for group in runs::pool_counters(&of, params.date, today) {
        let counter = match group.status.as_str() {
            "waiting" => &mut view.waiting,
            "broken" => &mut view.broken,
            "overdue" => &mut view.overdue,
            "pending" => &mut view.pending,
            _ => &mut view.suspended,
        };
        counter.count += group.count;
        counter.of_day += group.of_day;
        counter.oldest_days = counter.oldest_days.max(Some(age(group.oldest)));
        add_sum(&mut counter.sums, group.gap, group.count);
        view.due_today += group.due_today;
    }
    // Rows that were not final when their day was last reconciled are no differences.
    for group in carry::groups(&mut *conn, Some(params.account_id), today).await? {
        let counter = if group.overdue {
            &mut view.overdue
        } else {
            &mut view.waiting
        };
        counter.count += group.count;
        if group.date == params.date {
            counter.of_day += group.count;
        }
        counter.oldest_days = counter.oldest_days.max(Some(age(group.date)));
        add_sum(&mut counter.sums, group.gap, group.count);
    }
    Ok(view)
}

pub(crate) fn add_sum(sums: &mut Vec<Sum>, money: Money, count: u64) {
    match sums.iter_mut().find(|s| s.money.currency == money.currency) {
        Some(sum) => {
            sum.money.minor = sum.money.minor.saturating_add(money.minor);
            sum.count += count;
        }
        None => sums.push(Sum { money, count }),
    }
}

/// Open differences over all days. The cursor is the last row's day and place, and for the largest
/// first the currency and size before them.
pub(crate) async fn pool_differences(
    ctx: &Ctx,
    params: PoolSearch,
) -> Result<DifferencePage, AppError> {
    bills::check_account(&ctx.app, params.account_id).await?;
    let text = params
        .text
        .map(|t| t.trim().to_owned())
        .filter(|t| !t.is_empty());
    let db = ctx.app.store().pool();
    let filter = PoolFilter {
        status: params.status.map(crate::facts::word),
        codes: params.codes,
        numbers: runs::whole_numbers(db, params.account_id, text.as_deref()).await?,
        text,
        largest: params.sort == Some(DifferenceSort::Largest),
        after: None,
        after_size: None,
        limit: params.limit.clamp(1, DIFFERENCES_MAX),
    };
    let (known, cursor) = counted(params.cursor.as_deref())?;
    let filter = from_pool_cursor(filter, cursor)?;
    let today = ctx.now.beijing_date();
    let found = runs::pool_differences(db, params.account_id, today, &filter).await?;
    let total = match known {
        Some(total) => total,
        None => runs::count_pool(db, params.account_id, today, &filter).await?,
    };
    let next_cursor = (found.len() == filter.limit as usize)
        .then(|| {
            let last = found.last()?;
            let mut cursor = format!("{}/{}@{total}", last.date, last.position);
            if filter.largest {
                let size = last.gap.minor.saturating_abs();
                cursor = format!("{}/{size}/{cursor}", last.gap.currency.code());
            }
            Some(cursor)
        })
        .flatten();
    Ok(DifferencePage {
        rows: rows_of(ctx, &found).await?,
        next_cursor,
        total,
    })
}

fn from_pool_cursor(mut filter: PoolFilter, cursor: Option<&str>) -> Result<PoolFilter, AppError> {
    let Some(cursor) = cursor else {
        return Ok(filter);
    };
    let bad = || AppError::bad("cursor", cursor);
    let parts: Vec<&str> = cursor.split('/').collect();
    let (day, place) = match (filter.largest, parts.as_slice()) {
        (false, [day, place]) => (*day, *place),
        (true, [currency, size, day, place]) => {
            let size = size.parse().map_err(|_| bad())?;
            filter.after_size = Some(((*currency).to_owned(), size));
            (*day, *place)
        }
        _ => return Err(bad()),
    };
    filter.after = Some((
        BusinessDate::parse(day).map_err(|_| bad())?,
        place.parse().map_err(|_| bad())?,
    ));
    Ok(filter)
}

/// The word for where a difference stands.
pub(crate) fn status(
    d: &DifferenceRecord,
    expected: Option<BusinessDate>,
    today: BusinessDate,
) -> DifferenceStatus {
    match d.place.disposition {
        Disposition::Pending => DifferenceStatus::Pending,
        Disposition::Resolved => DifferenceStatus::Resolved,
        Disposition::WrittenOff => DifferenceStatus::WrittenOff,
        Disposition::Open | Disposition::Suspended => {
            match standing(d.date, d.place.due(), expected, today) {
                Standing::Broken => DifferenceStatus::Broken,
                Standing::Overdue => DifferenceStatus::Overdue,
                Standing::Waiting if d.place.due().is_some() => DifferenceStatus::Suspended,
                Standing::Waiting => DifferenceStatus::Waiting,
            }
        }
    }
}

/// The two rows behind a difference.
struct Evidence {
    line: Option<StatementLine>,
    entry: Option<BookEntry>,
}

async fn row(
    ctx: &Ctx,
    run: &RunRecord,
    d: &DifferenceRecord,
) -> Result<(DifferenceRow, Evidence), AppError> {
    let pool = ctx.app.store().pool();
    let line = match &d.channel {
        Some(side) => rows::line(pool, run.bill_id, side.line_no).await?,
        None => None,
    };
    let entry = match &d.ledger {
        Some(side) => rows::entry(pool, run.import_id, side.line_no).await?,
        None => None,
    };
    let mut beside = runs::beside(pool, std::slice::from_ref(d)).await?;
    let shown = shown(ctx, d, beside.remove(&d.id).unwrap_or_default());
    Ok((shown, Evidence { line, entry }))
}

fn shown(ctx: &Ctx, d: &DifferenceRecord, beside: Beside) -> DifferenceRow {
    let Beside {
        channel_words,
        channel_no,
        ledger_words,
        owner,
        order_id,
        terms,
    } = beside;
    let age = ctx.now.beijing_date().days_since(d.date).max(0);
    let channel = d.channel.as_ref().map(|side| SideView {
        amount: side.amount,
        state_text: channel_words.unwrap_or_else(|| side.state.as_str().to_owned()),
        at: Some(side.at),
        number: channel_no.unwrap_or_else(|| d.number.clone()),
        line_no: side.line_no,
        raw: None,
    });
    let ledger = d.ledger.as_ref().map(|side| SideView {
        amount: side.amount,
        state_text: ledger_words.unwrap_or_else(|| side.state.as_str().to_owned()),
        at: Some(side.at),
        number: d.number.clone(),
        line_no: side.line_no,
        raw: None,
    });
    let suggestion = suggestion(d).to_owned();
    DifferenceRow {
        difference_id: d.id,
        date: d.date,
        code: d.code,
        bucket: read_word(&d.bucket).unwrap_or(match d.code {
            DifferenceCode::MissingInLedger => DifferenceBucket::MissingInLedger,
            DifferenceCode::MissingInChannel => DifferenceBucket::MissingInChannel,
            DifferenceCode::AmountMismatch if d.gap.minor < 0 => DifferenceBucket::ChannelLower,
            DifferenceCode::AmountMismatch => DifferenceBucket::ChannelHigher,
            DifferenceCode::StatusMismatch => DifferenceBucket::ChannelAhead,
            DifferenceCode::DuplicateInChannel => DifferenceBucket::DuplicateInChannel,
            DifferenceCode::DuplicateInLedger => DifferenceBucket::DuplicateInLedger,
            DifferenceCode::CurrencyMismatch => DifferenceBucket::OtherCurrency,
            DifferenceCode::IdClash => DifferenceBucket::IdClash,
            DifferenceCode::FeeMismatch => DifferenceBucket::FeeMismatch,
        }),
        status: status(d, terms.expected, ctx.now.beijing_date()),
        kind: d.kind,
        number: d.number.clone(),
        order_id,
        channel,
        ledger,
        gap: d.gap,
        age_days: u32::try_from(age).unwrap_or(u32::MAX),
        disposition: d.place.disposition,
        owner,
        due_date: d.place.due(),
        note: d.place.note.clone(),
        suggestion,
        fee: terms.fee.map(|(charged, agreed)| FeeView {
            charged: Money::new(charged, d.gap.currency),
            agreed: Money::new(agreed, d.gap.currency),
            over_budget: terms.over_budget,
        }),
        expected_date: terms.expected,
    }
}

/// Differences of any runs as a page shows them: what is read beside them comes for all of them at once.
pub(crate) async fn rows_of(
    ctx: &Ctx,
    found: &[DifferenceRecord],
) -> Result<Vec<DifferenceRow>, AppError> {
    let mut beside = runs::beside(ctx.app.store().pool(), found).await?;
    Ok(found
        .iter()
        .map(|d| shown(ctx, d, beside.remove(&d.id).unwrap_or_default()))
        .collect())
}

/// Whether a moment lies so close to midnight that the neighbouring day's bill may have the row.
fn near_midnight(at: zf_domain::Timestamp) -> bool {
    let into_day = at.millis() - at.beijing_date().beijing_start().millis();
    !(DAY_CUT_MILLIS..=86_400_000 - DAY_CUT_MILLIS).contains(&into_day)
}

/// The first thing to do.
fn suggestion(d: &DifferenceRecord) -> &'static str {
    match d.code {
        DifferenceCode::MissingInLedger
        | DifferenceCode::StatusMismatch
        | DifferenceCode::IdClash => "query_channel",
        DifferenceCode::MissingInChannel => match &d.ledger {
            Some(side) if near_midnight(side.at) => "wait",
            _ => "query_channel",
        },
        DifferenceCode::AmountMismatch
        | DifferenceCode::CurrencyMismatch
        | DifferenceCode::FeeMismatch => "compare_totals",
        DifferenceCode::DuplicateInChannel => "refund",
        DifferenceCode::DuplicateInLedger => "drop_duplicate",
    }
}

/// The likeliest cause, as a name the console words.
fn likely_cause(d: &DifferenceRecord, evidence: &Evidence) -> &'static str {
    match d.code {
        DifferenceCode::MissingInLedger => match d.kind {
            EntryKind::Payment => "lost_notice",
            EntryKind::Refund => "refunded_elsewhere",
        },
        DifferenceCode::MissingInChannel => match &d.ledger {
            Some(side) if near_midnight(side.at) => "day_cut",
            _ => "premature_success",
        },
        DifferenceCode::AmountMismatch => {
            let settlement = evidence.line.as_ref().map(|l| l.settlement_minor);
            let booked = d.ledger.as_ref().map(|s| s.amount.minor);
            if settlement.is_some() && settlement == booked {
                "coupon_settlement"
            } else {
                "changed_by_hand"
            }
        }
        DifferenceCode::StatusMismatch => {
            let waiting = evidence
                .entry
                .as_ref()
                .is_some_and(|e| e.state == EntryState::InProgress);
            match d.bucket.as_str() {
                "channel_ahead" if waiting => "lost_notice",
                "channel_ahead" => "paid_after_close",
                _ => "premature_success",
            }
        }
        DifferenceCode::DuplicateInChannel => "paid_twice",
        DifferenceCode::DuplicateInLedger => "imported_twice",
        DifferenceCode::CurrencyMismatch => "other_currency",
        DifferenceCode::IdClash => "number_reused",
        DifferenceCode::FeeMismatch => "fee_not_agreed",
    }
}

async fn find_difference(
    ctx: &Ctx,
    id: DifferenceId,
) -> Result<(RunRecord, DifferenceRecord), AppError> {
    let found = runs::difference(ctx.app.store().pool(), id)
        .await?
        .ok_or_else(|| AppError::not_found("difference", id))?;
    Ok((find_run(ctx, found.run_id).await?, found))
}

pub(crate) async fn difference(
    ctx: &Ctx,
    params: DifferenceRef,
) -> Result<DifferenceDetail, AppError> {
    let (run, found) = find_difference(ctx, params.difference_id).await?;
    let (mut shown, evidence) = row(ctx, &run, &found).await?;
    let pool = ctx.app.store().pool();
    let bill = rows::by_id(pool, run.bill_id).await?;
    let import = rows::import_by_id(pool, run.import_id).await?;
    // The bill may have been fetched anew since: its lines are then no longer what this run saw.
    let same_bill = bill
        .as_ref()
        .filter(|b| b.sha256.as_deref().unwrap_or_default() == run.bill_sha256);
    if let (Some(side), Some(path)) = (
        &mut shown.channel,
        same_bill.and_then(|b| b.path.as_deref()),
    ) {
        side.raw = raw_line(ctx, path, side.line_no).await?;
    }
    if let (Some(side), Some(import)) = (&mut shown.ledger, &import) {
        side.raw = books::raw_row(ctx, import, side.line_no).await?;
    }
    let order = match shown.order_id {
        Some(order_id) => Some(orders::detail(ctx, OrderRef { order_id }).await?),
        None => None,
    };
    let last = |wanted: &dyn Fn(&wire::TimelineEvent) -> bool| {
        let events = order.iter().flat_map(|o| &o.timeline);
        events.filter(|e| wanted(e)).max_by_key(|e| e.at).cloned()
    };
    let alike = DifferenceFilter {
        codes: vec![found.code],
        ..DifferenceFilter::default()
    };
    Ok(DifferenceDetail {
        queried: last(&|e| {
            matches!(
                e.kind,
                EventKind::ChannelQueried | EventKind::ChannelNotFound | EventKind::RefundQueried
            ) || e.source == FactSource::ChannelQuery
        }),
        noticed: last(&|e| e.source == FactSource::ChannelNotice),
        alike: runs::count_differences(pool, run.id, &alike)
            .await?
            .saturating_sub(1),
        choices: resolutions::choices(&found),
        history: resolutions::history(ctx, &found).await?,
        likely_cause: likely_cause(&found, &evidence).to_owned(),
        row: shown,
        bill_sha256: Some(run.bill_sha256).filter(|s| !s.is_empty()),
        books_sha256: Some(run.books_sha256),
        order: order.map(|o| o.row),
    })
}

async fn raw_line(ctx: &Ctx, path: &str, line_no: u64) -> Result<Option<String>, AppError> {
    let path = archive_path(&ctx.app, path);
    blocking(move || Ok(raw_lines(&path, &[line_no])?.remove(&line_no))).await
}

pub(crate) async fn export(ctx: &Ctx, params: ExportRun) -> Result<FileView, AppError> {
    let run = find_run(ctx, params.run_id).await?;
    let all = DifferenceFilter {
        limit: u32::MAX,
        ..DifferenceFilter::default()
    };
    let found = runs::differences(ctx.app.store().pool(), run.id, &all).await?;
    let path = ctx.app.files().scratch();
    let (target, digest) = (path.clone(), run.run_digest.clone());
    let language = if params.english {
        Language::En
    } else {
        Language::Zh
    };
    let written = blocking(move || {
        let file = std::fs::File::create(&target).map_err(|e| io_error(&target, &e))?;
        let rows = found.iter().map(|d| Ok(to_difference(d)));
        write_differences(std::io::BufWriter::new(file), rows, &digest, language).map_err(|e| {
            match e {
                zf_recon::ReportError::Write(e) => io_error(&target, &e),
                other => AppError::internal(other),
            }
        })
    })
    .await?;
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit("recon.export", "run", &run.id.to_string());
    entry.after_digest = Some(written.digest);
    tx.audit(entry).await?;
    tx.commit().await?;
    let name = format!("differences-{}-{}.csv", run.date, run.number);
    ctx.app.files().register(&path, &name)
}

fn to_difference(d: &DifferenceRecord) -> Difference {
    let side = |s: &Option<SideRecord>| {
        s.as_ref().map(|s| Seen {
            amount: s.amount,
            state: s.state,
            occurred_at: s.at,
            line_no: s.line_no,
        })
    };
    Difference {
        bucket: Bucket::ALL
            .into_iter()
            .find(|b| b.as_str() == d.bucket)
            .unwrap_or(Bucket::MissingInLedger),
        code: d.code,
        kind: d.kind,
        key: d.number.clone(),
        channel: side(&d.channel),
        ledger: side(&d.ledger),
        twin_line_no: d.twin_line,
        fee: None,
        channel_nos: Default::default(),
    }
}

/// The latest run of a day.
pub(crate) async fn latest(
    conn: &mut Conn,
    account_id: zf_domain::AccountId,
    date: BusinessDate,
) -> Result<Option<RunRecord>, AppError> {
    Ok(runs::runs_of_day(conn, account_id, date)
        .await?
        .into_iter()
        .next())
}
