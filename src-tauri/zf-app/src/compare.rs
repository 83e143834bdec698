//! Two files, no account: a bill against a ledger, streamed from the disk.
//!
//! `zf reconcile` and the console's first page share this. Neither file is loaded; the engine keeps to
//! its memory budget. A bill that contradicts its own summary is refused, because a comparison with half
//! a bill would name differences that do not exist; single rows that cannot be read are named and the
//! rest is compared.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use zf_channels::wechatpay::bill::{BillReader, TradeBlocks, TradeEntry, TradePart};
use zf_domain::{Currency, DifferenceCode, Money};
use zf_recon::report::{Language, write_differences};
use zf_recon::{
    Block, Blocks, BooksReader, Counts, Cut, Entry, Extra, Intake, Mapping, Options, ReconError,
    Reconciler, ReportError, Side,
};

use crate::bills::{blocking, trailer_refusal};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::faults;
use crate::files::{io_error, make_private_dir};
use crate::recon;
use crate::wire::{CodeCount, CompareFiles, CompareView, CurrencyWaterfall, FileFault};

/// Faults kept for each file; all are counted.
const FAULTS_MAX: usize = 200;
/// What the engine may hold when nothing else is said.
const MEMORY_MB: usize = 512;

/// How two files are compared.
#[derive(Debug, Clone, Default)]
pub struct CompareOptions {
    /// The channel's trade bill, as the channel gave it. WeChat Pay's is the one this build reads.
    pub bill: PathBuf,
    /// The merchant's books, CSV.
    pub ledger: PathBuf,
    /// How the books say what they say; `None` for the default header.
    pub mapping: Option<PathBuf>,
    /// Folder that gets `differences.csv`; made when missing.
    pub out: Option<PathBuf>,
    /// Threads that match; `None` or 0 = one for each processor.
    pub threads: Option<usize>,
    /// Memory for rows and findings in MiB; 0 = 512.
    pub memory_mb: u64,
    /// Language of the report's headings and of the faults.
    pub english: bool,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareFault {
    /// Name of the file.
    pub file: String,
    /// Line, 1 = the header.
    pub line: u64,
    /// Column, when it is one.
    pub column: Option<String>,
    /// What stands there.
    pub field: Option<String>,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// What a comparison found.
#[derive(Debug, Clone)]
pub struct CompareOutcome {
    /// Pairs that agree.
    pub matched: u64,
    /// Every code with its count.
    pub counts: Vec<(DifferenceCode, u64)>,
    /// Rows that are not final and have no partner: no differences.
    pub waiting: u64,
    /// Rows of the bill that were compared.
    pub bill_rows: u64,
    /// Rows of the books that were compared.
    pub ledger_rows: u64,
    /// What no difference explains, minor units: zero.
    pub residual_minor: i64,
    /// SM3 over the result; the same rows give the same digest.
    pub run_digest: String,
    /// Rows that could not be read, at most two hundred a file.
    pub faults: Vec<CompareFault>,
    /// How many could not be read.
    pub refused_rows: u64,
    /// The report, when one was asked for.
    pub differences_csv: Option<PathBuf>,
    /// From opening the files to the finished report.
    pub seconds: f64,
}

/// What one side's file gave besides its rows.
#[derive(Default)]
struct Faults {
    kept: Vec<FileFault>,
    count: u64,
}

impl Faults {
    fn take(&mut self, fault: FileFault) {
        self.count += 1;
        if self.kept.len() < FAULTS_MAX {
            self.kept.push(fault);
        }
    }

    /// Takes those of another part of the same file; the first lines are kept.
    fn join(&mut self, other: Self) {
        self.count += other.count;
        self.kept.extend(other.kept);
        self.kept.sort_by_key(|fault| fault.line);
        self.kept.truncate(FAULTS_MAX);
    }
}

/// Compares a channel's bill with the merchant's books, both streamed from files.
///
/// # Errors
/// `FileMissing`; `FileRefused` naming file, line, column and remedy for a file that is not what it
/// should be, also for a bill whose summary contradicts its rows; `BadRequest` for a mapping that cannot
/// be used; `DiskFull` for the report or the temporary file. Nothing is changed in either file.
pub fn compare_files(options: &CompareOptions) -> Result<CompareOutcome, AppError> {
    let report = match &options.out {
        Some(folder) => {
            make_dir(folder)?;
            Some(folder.join("differences.csv"))
        }
        None => None,
    };
    let name = |path: &Path| {
        path.file_name().map_or_else(
            || path.display().to_string(),
            |n| n.to_string_lossy().into_owned(),
        )
    };
    let (bill, ledger) = (name(&options.bill), name(&options.ledger));
    let compared = compare(
        Named {
            path: &options.bill,
            name: &bill,
        },
        Named {
            path: &options.ledger,
            name: &ledger,
        },
        options,
        report,
    )?;
    let mut faults = Vec::new();
    for (file, found) in [
        (&bill, compared.bill_faults),
        (&ledger, compared.ledger_faults),
    ] {
        faults.extend(found.kept.into_iter().map(|fault| CompareFault {
            file: file.clone(),
            line: fault.line,
            column: fault.column,
            field: fault.field,
            problem: faults::in_one(&fault.problem, options.english).to_owned(),
            remedy: faults::in_one(&fault.remedy, options.english).to_owned(),
        }));
    }
    Ok(CompareOutcome {
        matched: compared.counts.matched,
        counts: DifferenceCode::ALL
            .iter()
            .map(|code| (*code, compared.counts.of(*code)))
            .collect(),
        waiting: compared.counts.waiting_in_channel + compared.counts.waiting_in_ledger,
        bill_rows: compared.bill_rows,
        ledger_rows: compared.ledger_rows,
        residual_minor: compared.residual.minor,
        run_digest: compared.run_digest,
        faults,
        refused_rows: compared.refused_rows,
        differences_csv: compared.report,
        seconds: compared.elapsed.as_secs_f64(),
    })
}

/// What both doors make their reply of.
struct Compared {
    counts: Counts,
    /// Sums by code, minor units, refunds negative.
    sums: Vec<CodeCount>,
    waterfalls: Vec<CurrencyWaterfall>,
    bill_rows: u64,
    ledger_rows: u64,
    residual: Money,
    run_digest: String,
    bill_faults: Faults,
    ledger_faults: Faults,
    refused_rows: u64,
    report: Option<PathBuf>,
    elapsed: Duration,
}

/// A report folder is for people: it gets the usual rights, unlike the folders of a home.
fn make_dir(folder: &Path) -> Result<(), AppError> {
    std::fs::create_dir_all(folder).map_err(|e| io_error(folder, &e))
}

#[derive(Clone, Copy)]
struct Named<'a> {
    path: &'a Path,
    name: &'a str,
}

impl Named<'_> {
    fn open(self) -> Result<BufReader<File>, AppError> {
        let file = File::open(self.path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                AppError::new(Code::FileMissing).with("name", self.name)
            }
            _ => io_error(self.path, &e),
        })?;
        if file.metadata().is_ok_and(|m| m.is_dir()) {
            return Err(AppError::new(Code::FileMissing).with("name", self.name));
        }
        // Smaller than the blocks that are read, which then pass it by and are copied once.
        Ok(BufReader::with_capacity(1 << 16, file))
    }
}

fn read_mapping(path: Option<&Path>) -> Result<Mapping, AppError> {
    let Some(path) = path else {
        return Ok(Mapping::default());
    };
    let text = std::fs::read_to_string(path).map_err(|e| io_error(path, &e))?;
    Mapping::from_json(&text)
        .map_err(|e| AppError::bad("mapping", format!("{}: {e}", path.display())))
}

fn compare(
    bill: Named<'_>,
    ledger: Named<'_>,
    options: &CompareOptions,
    report: Option<PathBuf>,
) -> Result<Compared, AppError> {
    let began = Instant::now();
    let mapping = read_mapping(options.mapping.as_deref())?;
    let memory_mb = match usize::try_from(options.memory_mb).unwrap_or(usize::MAX) {
        0 => MEMORY_MB,
        given => given,
    };
    let threads = options.threads.unwrap_or(0);
    let mut engine = Reconciler::new(Options {
        threads,
        memory_bytes: memory_mb.saturating_mul(1 << 20),
        ..Options::default()
    });
    let (bill_faults, ledger_faults) = read_both(bill, ledger, mapping, &mut engine)?;
    let told = |e: &zf_recon::ReconError| faults::of_recon(bill.name, ledger.name, e);
    let outcome = engine.finish().map_err(|e| told(&e))?;
    let mut sums: Vec<(DifferenceCode, i128, i128)> = DifferenceCode::ALL
        .iter()
        .map(|code| (*code, 0, 0))
        .collect();
    let differences = outcome.differences().map_err(|e| told(&e))?.inspect(|d| {
        if let Ok(d) = d
            && let Some((_, channel, ledger)) = sums.iter_mut().find(|(code, ..)| *code == d.code)
        {
            *channel += d.net_minor(Side::Channel);
            *ledger += d.net_minor(Side::Ledger);
        }
    });
    let language = if options.english {
        Language::En
    } else {
        Language::Zh
    };
    match &report {
        Some(path) => {
            let part = path.with_extension("part");
            let write = || -> Result<(), ReportError> {
                let mut out = BufWriter::new(File::create(&part)?);
                write_differences(&mut out, differences, &outcome.run_digest, language)?;
                out.flush()?;
                std::fs::rename(&part, path)?;
                Ok(())
            };
            write().map_err(|e| {
                let _ = std::fs::remove_file(&part);
                match e {
                    ReportError::Write(e) => io_error(path, &e),
                    ReportError::Recon(e) => told(&e),
                }
            })?;
        }
        None => {
            for difference in differences {
                difference.map_err(|e| told(&e))?;
            }
        }
    }
    let minor = |sum: i128| {
        i64::try_from(sum).map_err(|_| AppError::internal("a sum exceeds what can be counted"))
    };
    let currency = outcome
        .waterfalls
        .first()
        .map_or(Currency::Cny, |w| w.currency);
    Ok(Compared {
        waterfalls: recon::waterfalls(&outcome),
        counts: outcome.counts,
        sums: sums
            .into_iter()
            .map(|(code, channel, ledger)| {
                Ok(CodeCount {
                    code,
                    count: outcome.counts.of(code),
                    channel_minor: minor(channel)?,
                    ledger_minor: minor(ledger)?,
                })
            })
            .collect::<Result<_, AppError>>()?,
        bill_rows: outcome.bill_rows,
        ledger_rows: outcome.ledger_rows,
        residual: Money::new(outcome.residual_minor, currency),
        run_digest: outcome.run_digest.clone(),
        refused_rows: bill_faults.count + ledger_faults.count,
        bill_faults,
        ledger_faults,
        report,
        elapsed: began.elapsed(),
    })
}

/// What one thread has taken from both files.
struct Hand {
    sides: [Intake; 2],
    part: TradePart,
    bill_faults: Faults,
    ledger_faults: Faults,
    ledger_rows: u64,
}

/// Reads both files into the engine, block by block, each thread taking what comes next.
fn read_both(
    bill: Named<'_>,
    ledger: Named<'_>,
    mapping: Mapping,
    engine: &mut Reconciler,
) -> Result<(Faults, Faults), AppError> {
    let refused = |fault| faults::refused(bill.name, &faults::of_bill(&fault));
    let (trade, rest) = BillReader::new(bill.open()?)
        .map_err(refused)?
        .into_blocks();
    let bill_blocks = Blocks::new(
        rest,
        1,
        Cut::Lines(TradeBlocks::holds_the_next),
        engine.cancel().clone(),
    );
    let (books, rest) = BooksReader::with_mapping(ledger.open()?, mapping)
        .map_err(|e| faults::of_books(ledger.name, &e))?
        .into_blocks();
    let books_blocks = Blocks::new(rest, 1, Cut::Quoted, engine.cancel().clone());
    let failed = AtomicBool::new(false);
    let told = |file: Named<'_>, error: ReconError| match error {
        ReconError::Input { source, .. } => io_error(file.path, &source),
        other => faults::of_recon(bill.name, ledger.name, &other),
    };
    let read = |hand: &mut Hand| -> Result<(), AppError> {
        let [channel_side, ledger_side] = &mut hand.sides;
        let mut block = Block::default();
        while !failed.load(Ordering::Relaxed)
            && bill_blocks.next(&mut block).map_err(|e| told(bill, e))?
        {
            trade
                .read(
                    block.lines(),
                    block.first_line(),
                    &mut hand.part,
                    |row| channel_side.push(&entry(row)),
                    |fault| hand.bill_faults.take(faults::of_bill(&fault)),
                )
                .map_err(|e| told(bill, e))?;
        }
        while !failed.load(Ordering::Relaxed)
            && books_blocks.next(&mut block).map_err(|e| told(ledger, e))?
        {
            hand.ledger_rows += books
                .feed(block.lines(), block.first_line(), ledger_side, |fault| {
                    hand.ledger_faults.take(faults::of_row(&fault));
                })
                .map_err(|e| told(ledger, e))?;
        }
        Ok(())
    };
    let work = |sides| -> Result<Hand, AppError> {
        let mut hand = Hand {
            sides,
            part: TradePart::default(),
            bill_faults: Faults::default(),
            ledger_faults: Faults::default(),
            ledger_rows: 0,
        };
        read(&mut hand).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        Ok(hand)
    };
    let hands = std::thread::scope(|scope| {
        let threads: Vec<_> = engine
            .hands()
            .into_iter()
            .map(|sides| scope.spawn(|| work(sides)))
            .collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect::<Result<Vec<Hand>, AppError>>()
    })?;
    let (mut bill_faults, mut ledger_faults) = (Faults::default(), Faults::default());
    let mut parts = Vec::new();
    let mut ledger_rows = 0;
    for hand in hands {
        engine.join(hand.sides);
        parts.push(hand.part);
        bill_faults.join(hand.bill_faults);
        ledger_faults.join(hand.ledger_faults);
        ledger_rows += hand.ledger_rows;
    }
    let check = trade.trailer(parts).map_err(refused)?;
    if let Some(refusal) = trailer_refusal(&check) {
        return Err(faults::refused(bill.name, &refusal));
    }
    match ledger_faults.kept.first() {
        // Not one row is readable: this is another file, not one with a bad row.
        Some(first) if ledger_rows == 0 => Err(faults::refused(ledger.name, first)),
        _ => Ok((bill_faults, ledger_faults)),
    }
}

fn entry<'a>(row: &TradeEntry<'a>) -> Entry<'a> {
    Entry {
        kind: row.kind,
        key: row.key,
        amount: row.amount,
        state: row.state,
        occurred_at: row.occurred_at,
        line_no: row.line_no,
        extra: Extra::default(),
    }
}

pub(crate) async fn files(ctx: &Ctx, params: CompareFiles) -> Result<CompareView, AppError> {
    let bill = ctx.app.files().find(&params.bill_token)?;
    let ledger = ctx.app.files().find(&params.ledger_token)?;
    let inbox = ctx.app.home().join("inbox");
    make_private_dir(&inbox)?;
    let report = ctx.app.files().scratch();
    let names = (bill.name.clone(), ledger.name.clone());
    let outcome = blocking(move || {
        compare(
            Named {
                path: &bill.path,
                name: &bill.name,
            },
            Named {
                path: &ledger.path,
                name: &ledger.name,
            },
            &CompareOptions::default(),
            Some(report),
        )
    })
    .await?;
    let report = outcome
        .report
        .as_deref()
        .ok_or_else(|| AppError::internal("a comparison without its report"))?;
    let file = ctx.app.files().register(report, "differences.csv")?;
    Ok(CompareView {
        matched: outcome.counts.matched,
        bill_rows: outcome.bill_rows,
        ledger_rows: outcome.ledger_rows,
        counts: outcome.sums,
        residual: outcome.residual,
        run_digest: outcome.run_digest,
        waiting: outcome.counts.waiting_in_channel + outcome.counts.waiting_in_ledger,
        waterfalls: outcome.waterfalls,
        bill_name: names.0,
        ledger_name: names.1,
        bill_faults: outcome.bill_faults.kept,
        ledger_faults: outcome.ledger_faults.kept,
        refused_rows: outcome.refused_rows,
        millis: u64::try_from(outcome.elapsed.as_millis()).unwrap_or(u64::MAX),
        file,
    })
}
