//! Damaged books: no byte of a file makes the reader fail otherwise than by naming line, column and
//! reason, and reading in blocks says the same as reading from front to back.
//!
//! A short run with fixed seeds is an ordinary test; `ZF_FUZZ_SECONDS=600 cargo test -p zf-recon
//! --release --test it fuzz -- --nocapture` goes on from a fresh seed and prints how far it came.

use std::time::{Duration, Instant};

use zf_recon::{BooksError, BooksReader, Intake, Options, Reconciler, RowFault};

const BOOKS: &str = "\u{feff}kind,out_trade_no,out_refund_no,amount,currency,status,created_at,remark\r\n\
payment,ORD20260314-0001,,100.00,CNY,SUCCESS,2026-03-14T09:12:33+08:00,\"two\nlines\"\r\n\
payment,ORD20260314-0002,,50.5,HKD,REFUND,2026-03-14T01:12:33Z,茶\r\n\
refund,ORD20260314-0001,RF20260314-0001,40,CNY,PROCESSING,2026-03-14T15:40:02+08:00,\"a \"\"b\"\"\"\r\n\
payment,ORD20260314-0003,,0.01,CNY,CLOSED,2026-02-29T15:40:02+08:00,\r\n\
,,,,,,,\r\n";

const PIECES: &[&[u8]] = &[
    b",",
    b"\n",
    b"\r\n",
    b"\"",
    b"\"\"",
    b"-",
    b"+",
    b".",
    b"1e9",
    b"99999999999999999999",
    b"\xff",
    b"\xe6\x89",
    b"\0",
    b"refund",
    b"SUCCESS",
    b"JPY",
    b"\xef\xbb\xbf",
    b"2026-13-41T25:61:61+99:99",
    b"-00:00",
    b"0.005",
    b"1.23457E+17",
];

/// Xorshift: the same seed, the same damage.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).unwrap()
    }

    fn damage(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.roll(6) {
            let at = self.roll(bytes.len() + 1);
            let end = (at + self.roll(30)).min(bytes.len());
            let piece = PIECES[self.roll(PIECES.len())];
            match self.roll(5) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.roll(8),
                1 => drop(bytes.drain(at..end)),
                2 => drop(bytes.splice(at..at, piece.iter().copied())),
                3 => drop(bytes.splice(at..end, piece.iter().copied())),
                _ => bytes.truncate(at.max(bytes.len() / 2)),
            }
        }
        bytes
    }
}

fn sound_fault(fault: &RowFault) {
    assert!(fault.line_no >= 2, "{fault:?}");
    assert!(
        !fault.reason.is_empty() && !fault.remedy.is_empty(),
        "{fault:?}"
    );
    assert!(fault.field.chars().count() <= 80, "{fault:?}");
}

/// Digest of what was read, and the faults.
fn told(read: impl FnOnce(&mut Intake, &mut dyn FnMut(RowFault))) -> (String, Vec<RowFault>) {
    let mut run = Reconciler::new(Options {
        threads: 1,
        memory_bytes: 1 << 20,
        ..Options::default()
    });
    let mut faults = Vec::new();
    read(run.sides().1, &mut |fault| {
        sound_fault(&fault);
        faults.push(fault);
    });
    (run.finish().unwrap().run_digest, faults)
}

fn check(bytes: &[u8], dice: &mut Dice) {
    let mut reader = match BooksReader::new(bytes) {
        Ok(reader) => reader,
        Err(BooksError::Row(fault)) => panic!("a row before the header: {fault}"),
        Err(_) => return,
    };
    let front = told(|intake, faults| {
        reader.feed(intake, faults).unwrap();
    });
    let (blocks, rest) = BooksReader::new(bytes).unwrap().into_blocks();
    let whole = told(|intake, faults| {
        blocks.feed(rest, 2, intake, faults).unwrap();
    });
    assert_eq!(front, whole, "{}", String::from_utf8_lossy(bytes));
    if rest.contains(&b'"') {
        return;
    }
    let parted = told(|intake, faults| {
        let (mut from, mut line) = (0, 2);
        while from < rest.len() {
            let ends: Vec<usize> = (from..rest.len()).filter(|n| rest[*n] == b'\n').collect();
            let end = match ends.len() {
                0 => rest.len(),
                many => ends[dice.roll(many)] + 1,
            };
            blocks
                .feed(&rest[from..end], line, intake, &mut *faults)
                .unwrap();
            line += rest[from..end].iter().filter(|b| **b == b'\n').count() as u64;
            from = end;
        }
    });
    assert_eq!(front, parted, "{}", String::from_utf8_lossy(bytes));
}

#[test]
fn damaged_books_are_named_not_crashed() {
    check(BOOKS.as_bytes(), &mut Dice(7));
    let seconds: Option<u64> = std::env::var("ZF_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let base = seconds.map_or(0, |_| u64::from(std::process::id()) << 32);
    let began = Instant::now();
    let mut rounds = 0_u64;
    while match seconds {
        None => rounds < 3000,
        Some(seconds) => began.elapsed() < Duration::from_secs(seconds),
    } {
        rounds += 1;
        let mut dice = Dice((base + rounds).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let bytes = dice.damage(BOOKS);
        check(&bytes, &mut dice);
    }
    if seconds.is_some() {
        println!(
            "books: {rounds} damaged files in {:?}, none crashed",
            began.elapsed()
        );
    }
}
