//! The run: two intakes, then lanes matched by as many threads as are given.

use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use zf_domain::{BookEntry, StatementLine};

use crate::cancel::Cancel;
use crate::entry::{Entry, Side};
use crate::error::ReconError;
use crate::findings::{Finding, Run, pack};
use crate::intake::{Intake, LANES, block_bytes};
use crate::matching::{Matcher, Tally};
use crate::outcome::Outcome;
use crate::rules::RunRules;
use crate::spill::Spill;

/// How much of the machine a run may take.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that match; 0 = one for each processor.
    pub threads: usize,
    /// Memory for rows, tables and findings together, in bytes. What exceeds it goes through a
    /// temporary file. A guide, not a hard wall: a few megabytes of fixed cost come on top, and rows
    /// that all carry one key must fit in memory.
    pub memory_bytes: usize,
    /// Folder of the temporary file; `None` = the system's.
    pub spill_dir: Option<PathBuf>,
    /// Stops the run when thrown.
    pub cancel: Cancel,
    /// What else is compared, by which version of the rules; `None` = states and amounts only.
    pub rules: Option<RunRules>,
}

impl Default for Options {
    /// Every processor, 512 MiB, the system's temporary folder.
    fn default() -> Self {
        Self {
            threads: 0,
            memory_bytes: 512 << 20,
            spill_dir: None,
            cancel: Cancel::default(),
            rules: None,
        }
    }
}

/// What one side's rows may take while they come in: 13 parts in 32 of the budget. What matching loads
/// has two parts, what it finds four.
const fn intake_bytes(memory_bytes: usize) -> usize {
    memory_bytes / 32 * 13
}

/// One run: rows in, outcome out. Nothing outside it changes; dropping it leaves nothing behind.
#[derive(Debug)]
pub struct Reconciler {
    threads: usize,
    memory_bytes: usize,
    seed: u64,
    block_bytes: usize,
    cancel: Cancel,
    rules: Option<RunRules>,
    spill: Arc<Spill>,
    channel: Intake,
    ledger: Intake,
}

impl Reconciler {
    /// A run without rows.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads.min(LANES),
        };
        let intake_bytes = intake_bytes(options.memory_bytes);
        // Small enough for every thread to have a way in of its own on each side.
        let block_bytes = block_bytes(intake_bytes / threads);
        // Drawn anew for every run; see `record::hash`. No result depends on it.
        let seed = RandomState::new().hash_one(0_u8);
        let spill = Arc::new(Spill::new(options.spill_dir));
        let intake = |side| Intake::new(side, seed, intake_bytes, block_bytes, spill.clone());
        Self {
            threads,
            memory_bytes: options.memory_bytes,
            seed,
            block_bytes,
            cancel: options.cancel,
            rules: options.rules,
            channel: intake(Side::Channel),
            ledger: intake(Side::Ledger),
            spill,
        }
    }

    /// Takes one row of the bill.
    ///
    /// # Errors
    /// As [`Intake::push`].
    pub fn push_channel(&mut self, entry: &Entry<'_>) -> Result<(), ReconError> {
        self.channel.push(entry)
    }

    /// Takes one row of the books.
    ///
    /// # Errors
    /// As [`Intake::push`].
    pub fn push_ledger(&mut self, entry: &Entry<'_>) -> Result<(), ReconError> {
        self.ledger.push(entry)
    }

    /// Takes one parsed bill row.
    ///
    /// # Errors
    /// As [`Intake::push_line`].
    pub fn push_line(&mut self, line: &StatementLine) -> Result<(), ReconError> {
        self.channel.push_line(line)
    }

    /// Takes one parsed row of the books.
    ///
    /// # Errors
    /// As [`Intake::push_book`].
    pub fn push_book(&mut self, entry: &BookEntry) -> Result<(), ReconError> {
        self.ledger.push_book(entry)
    }

    /// The two ways in, channel and ledger, for a thread each: reading two files side by side takes
    /// half the time.
    pub const fn sides(&mut self) -> (&mut Intake, &mut Intake) {
        (&mut self.channel, &mut self.ledger)
    }

    /// How many threads the run uses.
    #[must_use]
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// The switch that stops the run.
    #[must_use]
    pub const fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// As many further pairs of ways in, channel and ledger, as the run has threads: each thread
    /// reads what it comes by, of both files. They share the budget that [`Self::sides`] has, so
    /// rows go in there or here. Give them back to [`Self::join`] before finishing.
    #[must_use]
    pub fn hands(&self) -> Vec<[Intake; 2]> {
        let bytes = intake_bytes(self.memory_bytes) / self.threads;
        let intake =
            |side| Intake::new(side, self.seed, bytes, self.block_bytes, self.spill.clone());
        (0..self.threads).map(|_| Side::ALL.map(intake)).collect()
    }

    /// Takes the rows of a pair that [`Self::hands`] of this run gave.
    pub fn join(&mut self, [channel, ledger]: [Intake; 2]) {
        self.channel.absorb(channel);
        self.ledger.absorb(ledger);
    }

    /// Matches everything taken in.
    ///
    /// # Errors
    /// `Spill` when the temporary file fails; `SumTooLarge`; `KeyTooFrequent`; `NotConserved` if the
    /// engine's own sums do not balance, which would be a defect of this program; `Cancelled`.
    pub fn finish(self) -> Result<Outcome, ReconError> {
        let Self {
            threads,
            memory_bytes,
            seed,
            block_bytes,
            cancel,
            rules,
            spill,
            channel,
            ledger,
        } = self;
        let findings_bytes = memory_bytes / 8;
        // Rows in a lane, with the tables over them, take about three times their packed size.
        let lane_bytes = (memory_bytes / 16 / threads / 3) as u64;
        let (channel, ledger) = (channel.close(), ledger.close());
        let next = AtomicUsize::new(0);
        let held = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);

        // Sorts and packs what a pass found; beyond the budget it waits in the temporary file.
        let store = |findings: Vec<Finding>, runs: &mut Vec<Run>| -> Result<(), ReconError> {
            if findings.is_empty() {
                return Ok(());
            }
            let bytes = pack(findings);
            let len = bytes.len();
            if held.fetch_add(len, Ordering::Relaxed) + len > findings_bytes {
                held.fetch_sub(len, Ordering::Relaxed);
                runs.push(Run::Spilled(spill.append(&bytes)?));
            } else {
                runs.push(Run::Memory(bytes));
            }
            Ok(())
        };
        let work = || -> Result<(Tally, Vec<Run>), ReconError> {
            let mut matcher = Matcher::new(seed, block_bytes, lane_bytes, &spill, rules.as_ref());
            let (mut tally, mut runs) = (Tally::default(), Vec::new());
            while !failed.load(Ordering::Relaxed)
                && let number = next.fetch_add(1, Ordering::Relaxed)
                && let Some(channel_lane) = channel.lanes.get(number)
                && let Some(ledger_lane) = ledger.lanes.get(number)
            {
                let channel = (channel_lane, &channel.slabs);
                let ledger = (ledger_lane, &ledger.slabs);
                matcher
                    .lane(channel, ledger, &mut tally, |findings| {
                        cancel.check()?;
                        store(findings, &mut runs)
                    })
                    .inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            }
            matcher.close(&mut tally);
            Ok((tally, runs))
        };

        let mut tally = Tally::default();
        let mut runs = Vec::new();
        std::thread::scope(|scope| {
            let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut results = vec![work()];
            for worker in workers {
                match worker.join() {
                    Ok(result) => results.push(result),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            for result in results {
                let (share, mut found) = result?;
                tally.add(&share);
                runs.append(&mut found);
            }
            Ok::<(), ReconError>(())
        })?;
        // Nobody looks at the rows again, and what follows has a part of the budget of its own.
        drop((channel.slabs, ledger.slabs));
        Outcome::draw_up(
            [&channel.brought, &ledger.brought],
            &tally,
            runs,
            spill.clone(),
            memory_bytes / 8,
            &cancel,
            rules.as_ref(),
        )
    }
}
