//! Measures the engine on generated files: `cargo run --example reconcile_bench -- [rows] [memory MiB]
//! [threads]`. Prints rows a second for each stage and the peak memory of the process.
//!
//! The books go through the CSV reader from text in memory; the bill side is pushed as parsed rows,
//! because its reader belongs to the channels. Differences of every kind are planted and must all
//! be found. Comparisons with other programs stand in `benches/`.
#![allow(
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a measuring program prints seconds and rates; no amount passes through a float"
)]

use std::error::Error;
use std::io::{BufReader, Read};
use std::time::Instant;

use zf_domain::{EntryKind, EntryState, Money, Timestamp};
use zf_recon::{BooksReader, Entry, Extra, Options, Reconciler};

/// One row in this many is a planted difference of each kind.
const PLANT_EVERY: u64 = 1000;
const START_SECONDS: i64 = 1_773_417_600; // 2026-03-14 00:00 in Beijing

/// Row `number` of the common history: key, kind, amount.
fn row(number: u64, key: &mut String) -> (EntryKind, i64) {
    use std::fmt::Write as _;
    key.clear();
    let refund = number % 20 == 13;
    // Writing into a String cannot fail.
    let _ = write!(
        key,
        "{}20260314{number:012}",
        if refund { "RF" } else { "ORD" }
    );
    let kind = if refund {
        EntryKind::Refund
    } else {
        EntryKind::Payment
    };
    (kind, (number.wrapping_mul(7919) % 100_000) as i64 + 1)
}

/// Visits `0..rows` once each, in a scattered order.
fn shuffled(rows: u64) -> impl Iterator<Item = u64> {
    // A step coprime to the number of rows visits each once.
    let mut step = 1_000_003 % rows.max(1);
    while rows > 1 && (step == 0 || gcd(step, rows) != 1) {
        step += 1;
    }
    (0..rows).map(move |n| (u128::from(n) * u128::from(step) % u128::from(rows)) as u64)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The books as CSV text, made while it is read, so that the file takes no memory.
struct LedgerText<I> {
    numbers: I,
    text: Vec<u8>,
    at: usize,
    key: String,
}

impl<I: Iterator<Item = u64>> Read for LedgerText<I> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        use std::io::Write as _;
        if self.at == self.text.len() {
            self.text.clear();
            self.at = 0;
            for number in self.numbers.by_ref().take(1000) {
                let (kind, minor) = row(number, &mut self.key);
                let (minor, status, copies) = match number % PLANT_EVERY {
                    1 => continue,
                    3 => (minor + 1, "SUCCESS", 1),
                    4 => (minor, "CLOSED", 1),
                    6 => (minor, "SUCCESS", 2),
                    _ => (minor, "SUCCESS", 1),
                };
                for _ in 0..copies {
                    let (order, refund) = match kind {
                        EntryKind::Payment => (self.key.as_str(), ""),
                        EntryKind::Refund => ("ORD20260314000000000000", self.key.as_str()),
                    };
                    writeln!(
                        self.text,
                        "{},{order},{refund},{}.{:02},CNY,{status},2026-03-14T09:12:33+08:00",
                        kind.as_str(),
                        minor / 100,
                        minor % 100,
                    )?;
                }
            }
        }
        let len = out.len().min(self.text.len() - self.at);
        out[..len].copy_from_slice(&self.text[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| -> Result<u64, std::num::ParseIntError> {
        arguments.next().map_or(Ok(default), |text| text.parse())
    };
    let rows = number(1_000_000)?;
    let memory_mb = number(512)?;
    let threads = number(0)? as usize;
    let mut run = Reconciler::new(Options {
        threads,
        memory_bytes: (memory_mb as usize) << 20,
        ..Options::default()
    });

    let start = Instant::now();
    {
        let mut key = String::new();
        for number in shuffled(rows) {
            let (kind, minor) = row(number, &mut key);
            let copies = match number % PLANT_EVERY {
                2 => 0,
                5 => 2,
                _ => 1,
            };
            for _ in 0..copies {
                run.push_channel(&Entry {
                    kind,
                    key: &key,
                    amount: Money::cny(minor),
                    state: EntryState::Done,
                    occurred_at: Timestamp::from_seconds(START_SECONDS + (number % 86_400) as i64),
                    line_no: number + 2,
                    extra: Extra::default(),
                })?;
            }
        }
    }
    let bill_seconds = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let header = "kind,out_trade_no,out_refund_no,amount,currency,status,created_at\n";
    let text = LedgerText {
        numbers: 0..rows,
        text: Vec::new(),
        at: 0,
        key: String::new(),
    };
    let input = BufReader::with_capacity(1 << 16, header.as_bytes().chain(text));
    let mut reader = BooksReader::new(input)?;
    let mut fault = None;
    reader.feed(run.sides().1, |f| fault = Some(f))?;
    if let Some(fault) = fault {
        return Err(fault.to_string().into());
    }
    let books_seconds = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let outcome = run.finish()?;
    let match_seconds = start.elapsed().as_secs_f64();

    let each = (0..rows).filter(|n| n % PLANT_EVERY == 1).count() as u64;
    let c = outcome.counts;
    let found = [
        c.missing_in_ledger,
        c.missing_in_channel,
        c.amount_mismatch,
        c.status_mismatch,
        c.duplicate_in_channel,
        c.duplicate_in_ledger,
    ];
    if rows % PLANT_EVERY == 0 && found != [each; 6] {
        return Err(format!("planted {each} of each kind, found {found:?}").into());
    }
    let total = bill_seconds + books_seconds + match_seconds;
    let rate = |seconds: f64| rows as f64 / seconds / 1e6;
    println!(
        "{rows} × {rows} rows, {memory_mb} MiB: bill in {bill_seconds:.2} s ({:.1} M/s), books from \
         CSV {books_seconds:.2} s ({:.1} M/s), matched {match_seconds:.2} s ({:.1} M/s), together \
         {total:.2} s; spilled {} MiB; peak memory {} MiB; digest {}",
        rate(bill_seconds),
        rate(books_seconds),
        rate(match_seconds),
        outcome.spilled_bytes >> 20,
        peak_memory_kib().map_or_else(|| "?".to_owned(), |kib| (kib >> 10).to_string()),
        &outcome.run_digest[..12],
    );
    Ok(())
}

/// The most memory this process has had, as Linux counts it.
#[allow(
    clippy::disallowed_methods,
    reason = "a measuring program asks the system about itself"
)]
fn peak_memory_kib() -> Option<u64> {
    let status = String::from_utf8(std::fs::read("/proc/self/status").ok()?).ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}
