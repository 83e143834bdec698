//! Damaged books: no byte of a file makes the reader fail otherwise than by naming line, column and
//! reason, and reading in blocks says the same as reading from front to back.
//!
//! A short run with fixed seeds is an ordinary test; `ZF_FUZZ_SECONDS=600 cargo test -p zf-recon
//! --release --test it fuzz -- --nocapture` goes on from a fresh seed and prints how far it came.

use std::time::{Duration, Instant};

use std::io::{Cursor, Read as _, Write as _};

use zf_crypto::sealed_file::{self, FileKey};
use zf_recon::{
    BooksError, BooksReader, Intake, Mapping, Options, Reconciler, RowFault, Workbook, guess,
};

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
    fuzz("books", 3000, |dice| {
        let bytes = dice.damage(BOOKS);
        check(&bytes, dice);
    });
}

/// Runs so many rounds with fixed seeds, or as many as fit into the seconds asked for.
fn fuzz(what: &str, few: u64, mut round: impl FnMut(&mut Dice)) {
    let seconds: Option<u64> = std::env::var("ZF_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let base = seconds.map_or(0, |_| u64::from(std::process::id()) << 32);
    let began = Instant::now();
    let mut rounds = 0_u64;
    while match seconds {
        None => rounds < few,
        Some(seconds) => began.elapsed() < Duration::from_secs(seconds),
    } {
        rounds += 1;
        let mut dice = Dice((base + rounds).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        round(&mut dice);
    }
    if seconds.is_some() {
        println!(
            "{what}: {rounds} damaged files in {:?}, none crashed",
            began.elapsed()
        );
    }
}

/// A workbook with every kind of cell, as its parts: names with their bytes.
fn workbook_parts() -> Vec<(String, Vec<u8>)> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("账簿").unwrap();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (r, line) in (0_u32..).zip(BOOKS.trim_start_matches('\u{feff}').split("\r\n").take(5)) {
        for (c, cell) in (0_u16..).zip(line.split(',')) {
            match cell.parse::<f64>() {
                Ok(number) => drop(sheet.write_number(r, c, number)),
                Err(_) => drop(sheet.write_string(r, c, cell)),
            }
        }
    }
    sheet
        .write_number_with_format(2, 6, 46095.38, &date)
        .unwrap();
    sheet
        .write_formula(
            3,
            3,
            rust_xlsxwriter::Formula::new("=20*2").set_result("40"),
        )
        .unwrap();
    sheet.write_boolean(4, 7, true).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|number| {
            let mut part = archive.by_index(number).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (part.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn zipped(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        writer.start_file(name.as_str(), stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Reads a workbook; returns how many rows came, good or refused.
fn read_workbook(bytes: &[u8]) -> Option<u64> {
    let mut book = Workbook::open(Cursor::new(bytes)).ok()?;
    let rows = book.first_rows(None, 50).unwrap_or_default();
    if let Some(at) = guess::header_of(&rows) {
        // Whatever stands there, a proposal is made and can be written down.
        guess::guess(&rows[at].cells, &rows[at + 1..])
            .to_json()
            .unwrap();
    }
    let mut seen = 0;
    book.rows(&Mapping::default(), |row| {
        seen += 1;
        if let Err(fault) = row {
            assert!(
                fault.line_no >= 1 && !fault.reason.is_empty() && !fault.remedy.is_empty(),
                "{fault:?}"
            );
            assert!(fault.field.chars().count() <= 80, "{fault:?}");
        }
        true
    })
    .ok()?;
    Some(seen)
}

const CELLS: &[&[u8]] = &[
    b"<v>",
    b"</v>",
    b"<c r=\"B2\" t=\"s\">",
    b"<c t=\"n\"><v>+1</v></c>",
    b"</row>",
    b"<row r=\"1048577\">",
    b"r=\"ZZZZ99999999\"",
    b"t=\"s\"",
    b"t=\"e\"",
    b"t=\"d\"",
    b"t=\"inlineStr\"",
    b"1e309",
    b"-1",
    b"NaN",
    b"4294967296",
    b" uniqueCount=\"4294967296\" ",
    b"&#x1F600;",
    b"&bogus;",
    b"<!--",
    b"]]>",
    b"<f t=\"shared\" si=\"9\"/>",
    b"\xff",
    b"date1904=\"1\"",
];

#[test]
fn damaged_workbooks_are_named_not_crashed() {
    let sound = workbook_parts();
    assert_eq!(read_workbook(&zipped(&sound)), Some(4));
    let whole = zipped(&sound);
    let inner: Vec<usize> = (0..sound.len())
        .filter(|at| {
            sound[*at].0.contains("sheet1.xml")
                || sound[*at].0.contains("sharedStrings")
                || sound[*at].0.contains("workbook.xml")
                || sound[*at].0.contains("styles")
        })
        .collect();
    fuzz("workbooks", 600, |dice| {
        if dice.roll(4) == 0 {
            // The archive itself.
            let mut bytes = whole.clone();
            for _ in 0..=dice.roll(4) {
                let at = dice.roll(bytes.len());
                bytes[at] ^= 1 << dice.roll(8);
            }
            read_workbook(&bytes);
            return;
        }
        let mut parts = sound.clone();
        let text = &mut parts[inner[dice.roll(inner.len())]].1;
        for _ in 0..=dice.roll(5) {
            let at = dice.roll(text.len() + 1);
            let end = (at + dice.roll(40)).min(text.len());
            let piece = CELLS[dice.roll(CELLS.len())];
            match dice.roll(5) {
                0 if at < text.len() => text[at] ^= 1 << dice.roll(8),
                1 => drop(text.drain(at..end)),
                2 => drop(text.splice(at..at, piece.iter().copied())),
                3 => drop(text.splice(at..end, piece.iter().copied())),
                _ => text.truncate(at.max(text.len() / 2)),
            }
        }
        read_workbook(&zipped(&parts));
    });
}

#[test]
fn damaged_containers_give_out_nothing() {
    let key = FileKey::parse(&[7; 32]).unwrap();
    let mut sealed = Vec::new();
    sealed_file::seal(&key, "books", &mut BOOKS.as_bytes(), &mut sealed).unwrap();
    fuzz("containers", 3000, |dice| {
        let mut bytes = sealed.clone();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(bytes.len());
            match dice.roll(4) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes.insert(at, u8::try_from(dice.roll(256)).unwrap()),
                2 => drop(bytes.remove(at)),
                _ => bytes[at] ^= 1 << dice.roll(8),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let opened = sealed_file::open(&key, Cursor::new(&bytes));
        assert_eq!(opened.is_ok(), bytes == sealed);
    });
}
