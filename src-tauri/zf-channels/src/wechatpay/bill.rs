//! Reads WeChat Pay's bill files: the trade bill and the fund-flow bill.
//!
//! A file is a header of column names, rows whose every value begins with a backtick, a summary
//! header and one summary row. Columns are found by name, so `ALL`, `SUCCESS`, `REFUND` and the
//! older 24-column layout all read. BOM and CRLF are optional. Amounts are yuan text; they are
//! read as decimals, exactly. One unreadable row is reported with line and column and does not
//! stop the rest; at the end [`BillReader::trailer`] compares counts and sums with the summary.
//!
//! Source: doc/v3/merchant/4013071227 … 4013071254 and captured files; see `quirks.md`.

use std::fmt;
use std::io::{BufRead, Read as _};
use std::ops::Range;

use multiversion::multiversion;
use zf_domain::scan::{self, Parting, TickedLines, Values, is_plain_number};
use zf_domain::{
    ChannelPaymentId, ChannelRefundId, Currency, EntryKind, EntryState, MerchantOrderNo,
    MerchantRefundNo, Money, StatementLine, Timestamp,
};

/// The longest line taken. Real rows have a few hundred bytes.
const LINE_BYTES_MAX: u64 = 1 << 20;
/// Amounts are counted in 1/100 000 yuan: fees are printed with five decimals.
const SCALE_DIGITS: usize = 5;
/// Merchant numbers kept to be shown.
const MERCHANTS_MAX: usize = 16;

/// What kind of trouble a bill has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BillFaultKind {
    /// It is not a bill at all: an error page, an archive, an empty file.
    NotABill,
    /// It is not UTF-8.
    Encoding,
    /// Needed columns are missing.
    Header,
    /// A row has another number of values than the header has names.
    Columns,
    /// One value cannot be read.
    Field,
    /// The summary is missing: the file is cut.
    Truncated,
    /// The summary cannot be read, or something follows it.
    Summary,
    /// The system could not read the file.
    Unreadable,
}

impl BillFaultKind {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotABill => "not_a_bill",
            Self::Encoding => "encoding",
            Self::Header => "header",
            Self::Columns => "columns",
            Self::Field => "field",
            Self::Truncated => "truncated",
            Self::Summary => "summary",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What is wrong with a bill, and where. The caller knows the file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillFault {
    /// Which kind.
    pub kind: BillFaultKind,
    /// Line of the file, 1 = the header.
    pub line: u64,
    /// The column's name, when it is one column.
    pub column: Option<String>,
    /// What stands there, cut to 80 characters.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
    /// What a person does about it.
    pub remedy: &'static str,
}

impl fmt::Display for BillFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        if !self.text.is_empty() {
            write!(f, ", “{}”", self.text)?;
        }
        write!(f, ": {}. {}", self.reason, self.remedy)
    }
}

impl std::error::Error for BillFault {}

/// Faults travel boxed where rows are read, and plain to the outside.
impl From<Box<BillFault>> for BillFault {
    fn from(fault: Box<BillFault>) -> Self {
        *fault
    }
}

const FETCH_AGAIN: &str = "Fetch the bill from the channel again and use that file unchanged.";
const UNCHANGED: &str =
    "Use the file as the channel gave it, not one saved by a spreadsheet program.";

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

impl BillFault {
    fn new(
        kind: BillFaultKind,
        line: u64,
        text: &str,
        reason: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self {
            kind,
            line,
            column: None,
            text: cut(text),
            reason: reason.into(),
            remedy,
        }
    }

    fn field(line: u64, column: &str, text: &str, reason: impl Into<String>) -> Self {
        Self {
            column: Some(column.to_owned()),
            ..Self::new(
                BillFaultKind::Field,
                line,
                text,
                reason,
                "Check this row on the channel's merchant platform; the other rows were read.",
            )
        }
    }
}

/// One line of the summary against the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailerSum {
    /// The vendor's name of it.
    pub name: String,
    /// As printed in the summary.
    pub printed: String,
    /// Counted from the rows.
    pub computed: String,
    /// Whether they are equal.
    pub equal: bool,
}

/// The summary against the rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrailerCheck {
    /// Rows in the file, the unreadable ones included.
    pub rows: u64,
    /// Rows that could not be read; with any, sums are expected to differ.
    pub faulty_rows: u64,
    /// Readable payment rows (fund flow: incoming).
    pub payments: u64,
    /// Readable refund rows (fund flow: outgoing).
    pub refunds: u64,
    /// Every count and sum of the summary.
    pub sums: Vec<TrailerSum>,
    /// Merchant numbers seen, at most sixteen.
    pub merchants: Vec<String>,
    /// Earliest time of a row.
    pub first_at: Option<Timestamp>,
    /// Latest time of a row.
    pub last_at: Option<Timestamp>,
    /// Rows whose fee has a fraction of a fen; their `fee_minor` is rounded half away from zero,
    /// the sums here are exact.
    pub fee_fractions: u64,
}

impl TrailerCheck {
    /// Counts and sums that differ.
    pub fn mismatches(&self) -> impl Iterator<Item = &TrailerSum> {
        self.sums.iter().filter(|s| !s.equal)
    }

    /// Whether every row was read and everything adds up.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faulty_rows == 0 && self.mismatches().next().is_none()
    }
}

/// The values of one row.
#[derive(Clone, Copy)]
struct Cells<'a> {
    header: &'a [String],
    line: &'a str,
    cells: &'a [(usize, usize)],
    line_no: u64,
}

impl<'a> Cells<'a> {
    #[inline]
    fn cell(&self, index: usize) -> &'a str {
        // Split at ASCII bytes, so every range lies on characters.
        {
            let (from, to) = self.cells[index];
            self.line.get(from..to).unwrap_or_default()
        }
    }

    #[inline]
    fn optional(&self, index: Option<usize>) -> &'a str {
        index.map_or("", |i| self.cell(i))
    }

    #[cold]
    fn bad(&self, index: usize, reason: impl Into<String>) -> Box<BillFault> {
        Box::new(BillFault::field(
            self.line_no,
            &self.header[index],
            self.cell(index),
            reason,
        ))
    }

    #[inline]
    fn decimal(&self, index: usize) -> Result<i64, Box<BillFault>> {
        decimal(self.cell(index).as_bytes()).map_err(|reason| self.bad(index, reason))
    }
}

/// Lines, header, rows and summary, whatever the columns mean.
struct Table<R> {
    input: R,
    line: Vec<u8>,
    line_no: u64,
    cells: Vec<(usize, usize)>,
    header: Vec<String>,
    summary: Option<Vec<(String, String)>>,
    ended: bool,
}

enum Item {
    Row,
    Fault(BillFault),
    End,
}

impl<R: BufRead> Table<R> {
    fn new(input: R) -> Result<Self, BillFault> {
        let mut table = Self {
            input,
            line: Vec::with_capacity(1024),
            line_no: 0,
            cells: Vec::with_capacity(32),
            header: Vec::new(),
            summary: None,
            ended: false,
        };
        let some = table.read_line()?;
        let first = table.line.as_slice();
        let not_a_bill = |reason: &str, remedy| {
            let shown = String::from_utf8_lossy(&first[..first.len().min(80)]).into_owned();
            let shown: String = shown.chars().filter(|c| !c.is_control()).collect();
            BillFault::new(BillFaultKind::NotABill, 1, &shown, reason, remedy)
        };
        if !some {
            return Err(not_a_bill("the file is empty", FETCH_AGAIN));
        }
        let start = first.trim_ascii_start();
        if first.starts_with(&[0x1f, 0x8b]) {
            return Err(not_a_bill(
                "the file is a gzip archive, not yet uncompressed",
                "Uncompress it first (gunzip), then read the result.",
            ));
        }
        if first.starts_with(b"PK") {
            return Err(not_a_bill(
                "the file is a zip archive or a spreadsheet",
                "Unpack the archive and use the CSV file in it.",
            ));
        }
        if first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]) {
            return Err(BillFault::new(
                BillFaultKind::Encoding,
                1,
                "",
                "the file is UTF-16; a bill is UTF-8",
                UNCHANGED,
            ));
        }
        if start.starts_with(b"<") {
            return Err(not_a_bill(
                "the file is a web page, not a bill",
                "A proxy or a login page answered instead of the channel; fetch the bill again.",
            ));
        }
        if start.starts_with(b"{") {
            return Err(not_a_bill(
                "the file is an error answer of the channel, not a bill",
                "Read its message; then fetch the bill again.",
            ));
        }
        let text = table.text()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header = text
            .split(',')
            .map(|name| normal_name(name.trim().trim_start_matches('`')))
            .collect();
        table.header = header;
        Ok(table)
    }

    /// Reads the next line without its end; false at the end of the file.
    fn read_line(&mut self) -> Result<bool, BillFault> {
        self.line.clear();
        self.line_no += 1;
        let line_no = self.line_no;
        let read = (&mut self.input)
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut self.line)
            .map_err(|e| {
                BillFault::new(
                    BillFaultKind::Unreadable,
                    line_no,
                    "",
                    e.to_string(),
                    "Check the disk and the file, then read it again.",
                )
            })?;
        if read == 0 {
            self.line_no -= 1;
            return Ok(false);
        }
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        } else if read as u64 == LINE_BYTES_MAX {
            return Err(BillFault::new(
                BillFaultKind::NotABill,
                line_no,
                "",
                "the line is longer than a megabyte",
                FETCH_AGAIN,
            ));
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        Ok(true)
    }

    fn text(&self) -> Result<&str, BillFault> {
        text_of(&self.line, self.line_no)
    }

    /// The column of the first of `names` that the header has.
    fn column(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.header.iter().position(|h| h == name))
    }

    /// Moves to the next row; on `Row` its values are in `cells`.
    fn advance(&mut self) -> Item {
        loop {
            if self.ended {
                return Item::End;
            }
            match self.read_line() {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    return Item::End;
                }
                Err(fault) => {
                    self.ended = true;
                    return Item::Fault(fault);
                }
            }
            match judge(&self.line, self.line_no, self.header.len(), &mut self.cells) {
                Judged::Nothing => continue,
                Judged::Summary => {
                    self.ended = true;
                    return match self.read_summary() {
                        Ok(()) => Item::End,
                        Err(fault) => Item::Fault(fault),
                    };
                }
                Judged::Fault(fault) => return Item::Fault(*fault),
                Judged::Row => {}
            }
            return Item::Row;
        }
    }

    fn read_summary(&mut self) -> Result<(), BillFault> {
        let names: Vec<String> = self.text()?.split(',').map(normal_name).collect();
        if !self.read_line()? || self.line.is_empty() {
            return Ok(()); // `trailer` reports it as truncated.
        }
        let values: Vec<String> = self
            .text()?
            .split(',')
            .map(|v| v.trim().trim_start_matches('`').to_owned())
            .collect();
        if names.len() != values.len() {
            return Err(BillFault::new(
                BillFaultKind::Summary,
                self.line_no,
                &String::from_utf8_lossy(&self.line),
                format!(
                    "the summary has {} values for {} names",
                    values.len(),
                    names.len()
                ),
                FETCH_AGAIN,
            ));
        }
        while self.read_line()? {
            if !self.line.is_empty() {
                return Err(BillFault::new(
                    BillFaultKind::Summary,
                    self.line_no,
                    &String::from_utf8_lossy(&self.line),
                    "something follows the summary row: two bills in one file?",
                    "Read each bill from its own file.",
                ));
            }
        }
        // Only now: a summary with something behind it is none, also for who asks for it later.
        self.summary = Some(names.into_iter().zip(values).collect());
        Ok(())
    }

    /// The row `advance` stopped at.
    fn row(&self) -> Cells<'_> {
        Cells {
            header: &self.header,
            // `advance` checked the whole line.
            line: std::str::from_utf8(&self.line).unwrap_or_default(),
            cells: &self.cells,
            line_no: self.line_no,
        }
    }

    fn missing(&self, wanted: &[(&str, Option<usize>)]) -> Result<(), BillFault> {
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|(_, index)| index.is_none())
            .map(|(name, _)| *name)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let shown: Vec<String> = self.header.iter().take(40).map(|h| cut(h)).collect();
        Err(BillFault::new(
            BillFaultKind::Header,
            1,
            "",
            format!(
                "the header lacks {}; it has: {}",
                missing.join(", "),
                shown.join(", ")
            ),
            "Choose the bill of the right channel and kind.",
        ))
    }

    /// The summary's names and values, or why there are none.
    fn summary(&self, rows: u64) -> Result<&[(String, String)], BillFault> {
        self.summary.as_deref().ok_or_else(|| {
            BillFault::new(
                BillFaultKind::Truncated,
                self.line_no,
                "",
                format!("the file ends after {rows} rows without a summary: it is cut"),
                FETCH_AGAIN,
            )
        })
    }
}

/// A line as text, or why it is none.
fn text_of(line: &[u8], line_no: u64) -> Result<&str, BillFault> {
    std::str::from_utf8(line).map_err(|error| {
        let at = error.valid_up_to();
        let shown = String::from_utf8_lossy(&line[..at]);
        let shown: String = shown.chars().rev().take(40).collect();
        let shown: String = shown.chars().rev().collect();
        let (reason, remedy) = if looks_like_gbk(line) {
            (
                "the bytes are not UTF-8 and look like GBK",
                "The file was saved again by another program: use the channel's own file, \
                 or convert it first (iconv -f GB18030 -t UTF-8).",
            )
        } else {
            ("the bytes are not UTF-8: the file is damaged", FETCH_AGAIN)
        };
        BillFault::new(BillFaultKind::Encoding, line_no, &shown, reason, remedy)
    })
}

/// What a line is.
enum Judged {
    /// Empty.
    Nothing,
    /// A row; its values are in the cells.
    Row,
    /// The header of the summary.
    Summary,
    Fault(Box<BillFault>),
}

fn is_summary(line: &[u8]) -> bool {
    ["总交易单数", "资金流水总笔数"]
        .iter()
        .any(|name| line.starts_with(name.as_bytes()))
}

/// Judges a line without its end; a row's values go into `cells`.
fn judge(line: &[u8], line_no: u64, columns: usize, cells: &mut Vec<(usize, usize)>) -> Judged {
    match text_of(line, line_no) {
        Ok(text) => judge_text(text, line_no, columns, cells),
        Err(fault) => Judged::Fault(Box::new(fault)),
    }
}

/// As [`judge`], for what is known to be text.
#[inline]
fn judge_text(text: &str, line_no: u64, columns: usize, cells: &mut Vec<(usize, usize)>) -> Judged {
    let line = text.as_bytes();
    match line.first() {
        None => return Judged::Nothing,
        Some(b'`') => {}
        Some(_) if is_summary(line) => return Judged::Summary,
        Some(_) => {
            return Judged::Fault(Box::new(BillFault::new(
                BillFaultKind::Columns,
                line_no,
                text,
                "a row begins with ` and this line does not: a line break inside a value \
                 cuts the row above, or the file was changed",
                UNCHANGED,
            )));
        }
    }
    split(line, cells);
    if cells.len() == columns {
        return Judged::Row;
    }
    let (found, expected) = (cells.len(), columns);
    let (reason, remedy) = if found > expected {
        (
            format!(
                "the row has {found} values where the header has {expected} columns: a value, \
                 probably the product name, contains ,`"
            ),
            "Check this row on the channel's merchant platform; the other rows were read.",
        )
    } else {
        (
            format!(
                "the row has {found} values where the header has {expected} columns: it is cut"
            ),
            FETCH_AGAIN,
        )
    };
    Judged::Fault(Box::new(BillFault::new(
        BillFaultKind::Columns,
        line_no,
        text,
        reason,
        remedy,
    )))
}

/// Full-width and half-width parentheses are both seen in headers.
fn normal_name(name: &str) -> String {
    name.trim().replace('（', "(").replace('）', ")")
}

/// Splits ``​`a,`b,`c`` at ``,` ``. A comma inside a value is no separator.
fn split(line: &[u8], cells: &mut Vec<(usize, usize)>) {
    cells.clear();
    scan::part(line, Parting::CommaTick, cells);
}

fn looks_like_gbk(line: &[u8]) -> bool {
    let mut pairs = 0;
    let mut at = 0;
    while at < line.len() {
        if line[at] < 0x80 {
            at += 1;
            continue;
        }
        let lead = (0x81..=0xfe).contains(&line[at]);
        let trail = line
            .get(at + 1)
            .is_some_and(|b| (0x40..=0xfe).contains(b) && *b != 0x7f);
        if !lead || !trail {
            return false;
        }
        pairs += 1;
        at += 2;
    }
    pairs > 0
}

/// A plain decimal, one leading minus taken, in 1/100 000.
#[inline]
fn decimal(text: &[u8]) -> Result<i64, &'static str> {
    // What stands in most money columns: nothing, or an amount with two or five decimals.
    if text == b"0.00" {
        return Ok(0);
    }
    for (decimals, unit) in [(2, 1000), (5, 1)] {
        if let Some(point) = text.len().checked_sub(decimals + 1)
            && (1..=9).contains(&point)
            && text[point] == b'.'
        {
            let (mut value, mut strange) = (0_i64, false);
            for byte in text[..point].iter().chain(&text[point + 1..]) {
                let digit = byte.wrapping_sub(b'0');
                strange |= digit > 9;
                value = value * 10 + i64::from(digit);
            }
            if !strange {
                return Ok(value * unit);
            }
        }
    }
    any_decimal(text)
}

fn any_decimal(text: &[u8]) -> Result<i64, &'static str> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return Err("it is empty; a number such as 0.00 is expected");
    }
    let mut value: i64 = 0;
    let mut decimals: Option<usize> = None;
    let mut majors = 0;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                match &mut decimals {
                    Some(count) if *count == SCALE_DIGITS => {
                        if *byte != b'0' {
                            return Err("it has more than five decimals");
                        }
                        continue;
                    }
                    Some(count) => *count += 1,
                    None => majors += 1,
                }
                value = value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(i64::from(byte - b'0')))
                    .ok_or("it is too large")?;
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            b'.' => return Err("it has more than one decimal point"),
            b',' => return Err("thousands separators are not part of a bill"),
            b'e' | b'E' => return Err("an exponent is not part of a bill"),
            b' ' => return Err("it contains spaces"),
            _ => return Err("it is not a number"),
        }
    }
    if majors == 0 || decimals == Some(0) {
        return Err("digits are missing");
    }
    for _ in decimals.unwrap_or(0)..SCALE_DIGITS {
        value = value.checked_mul(10).ok_or("it is too large")?;
    }
    Ok(if negative { -value } else { value })
}

/// Back to text: two decimals, or as many as are needed.
fn decimal_text(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    let text = format!("{sign}{}.{:05}", magnitude / 100_000, magnitude % 100_000);
    let kept = text.trim_end_matches('0');
    let point = text.len() - SCALE_DIGITS;
    text[..kept.len().max(point + 2)].to_owned()
}

/// Scaled value → minor units; `Err` holds the value rounded half away from zero.
#[inline]
fn minor(scaled: i64, currency: Currency) -> Result<i64, i64> {
    let unit = 10_i64.pow(SCALE_DIGITS as u32 - currency.digits());
    let (whole, rest) = (scaled / unit, scaled % unit);
    if rest == 0 {
        return Ok(whole);
    }
    let away = if rest.abs() * 2 >= unit {
        scaled.signum()
    } else {
        0
    };
    Err(whole + away)
}

/// `yyyy-MM-dd HH:mm:ss`, Beijing time.
fn beijing(text: &str) -> Option<Timestamp> {
    let b = text.as_bytes();
    if b.len() != 19 {
        return None;
    }
    for (at, want) in [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')] {
        if b[at] != want {
            return None;
        }
    }
    let number = |range: Range<usize>| -> Option<i64> {
        b[range].iter().try_fold(0, |value, digit| {
            digit
                .is_ascii_digit()
                .then(|| value * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 || year == 0 {
        return None;
    }
    // Days since 1970-01-01 of the civil calendar, counting years from March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let since = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = since * 86_400 + (hour - 8) * 3600 + minute * 60 + second;
    Some(Timestamp::from_seconds(seconds))
}

/// Text of the merchant's as it was before the vendor cleaned it: a comma arrives as backslash and
/// space, a line end as its two-letter escape (page section 7.4; the full table is unconfirmed).
fn unescaped(text: &str) -> String {
    if text.contains('\\') {
        text.replace("\\ ", ",")
            .replace("\\r", " ")
            .replace("\\n", " ")
    } else {
        text.to_owned()
    }
}

/// Which columns a trade bill has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TradeLayout {
    /// Payments and refunds.
    All,
    /// Payments only.
    Success,
    /// Refunds only, with their own times.
    Refund,
    /// Payments and refunds, before 2018: no order amount, no amount as asked.
    Old,
}

impl TradeLayout {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "trade_all",
            Self::Success => "trade_success",
            Self::Refund => "trade_refund",
            Self::Old => "trade_old",
        }
    }
}

const SETTLED: &[&str] = &["应结订单金额", "总金额"];
const REFUND_COUPON: &[&str] = &[
    "充值券退款金额",
    "代金券或立减优惠退款金额",
    "企业红包退款金额",
];

/// Names of the summary → the column they add up.
const TRADE_SUMS: &[(&str, &[&str])] = &[
    ("应结订单总金额", SETTLED),
    ("总交易额", SETTLED),
    ("退款总金额", &["退款金额"]),
    ("总退款金额", &["退款金额"]),
    ("充值券退款总金额", REFUND_COUPON),
    ("总代金券或立减优惠退款金额", REFUND_COUPON),
    ("总企业红包退款金额", REFUND_COUPON),
    ("手续费总金额", &["手续费"]),
    ("订单总金额", &["订单金额"]),
    ("申请退款总金额", &["申请退款金额"]),
];

/// Every money column that may be summed.
const TRADE_MONEY: [&[&str]; 6] = [
    SETTLED,
    &["退款金额"],
    REFUND_COUPON,
    &["手续费"],
    &["订单金额"],
    &["申请退款金额"],
];

#[derive(Clone)]
struct TradeColumns {
    /// The columns that are summed, at most one for each of [`TRADE_MONEY`].
    money: Vec<usize>,
    time: usize,
    refund_time: Option<usize>,
    merchant: Option<usize>,
    payment_id: usize,
    order_no: usize,
    payer: Option<usize>,
    method: Option<usize>,
    state: usize,
    currency: Option<usize>,
    settled: usize,
    refund_id: Option<usize>,
    refund_no: Option<usize>,
    refund_settled: Option<usize>,
    refund_state: Option<usize>,
    goods: Option<usize>,
    fee: usize,
    rate: Option<usize>,
    order_amount: usize,
    refund_amount: Option<usize>,
}

/// Streams the rows of a trade bill.
///
/// The iterator gives every row, or what is wrong with it, in file order. When it is exhausted,
/// [`Self::trailer`] tells whether the file is whole and adds up; a bill whose trailer was not
/// checked has not been read.
pub struct BillReader<R> {
    table: Table<R>,
    layout: TradeLayout,
    columns: TradeColumns,
    sums: Sums,
    check: TrailerCheck,
}

/// Sums of the money columns, in the order of [`TradeColumns::money`].
type Sums = [i128; TRADE_MONEY.len()];

impl<R: BufRead> BillReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When this is not a trade bill, and what it seems to be instead.
    pub fn new(reader: R) -> Result<Self, BillFault> {
        Self::from_table(Table::new(reader)?)
    }

    fn from_table(table: Table<R>) -> Result<Self, BillFault> {
        let find = |names: &[&str]| table.column(names);
        let needed = [
            ("交易时间", find(&["交易时间"])),
            ("微信订单号", find(&["微信订单号"])),
            ("商户订单号", find(&["商户订单号"])),
            ("交易状态", find(&["交易状态"])),
            ("应结订单金额 (or 总金额)", find(SETTLED)),
            ("手续费", find(&["手续费"])),
        ];
        table.missing(&needed)?;
        let at = |index: usize| needed[index].1.unwrap_or_default();
        let refund_no = find(&["商户退款单号"]);
        let order_amount = find(&["订单金额"]);
        let refund_time = find(&["退款申请时间"]);
        let layout = match (refund_no, refund_time, order_amount) {
            (_, Some(_), _) => TradeLayout::Refund,
            (None, ..) => TradeLayout::Success,
            (Some(_), None, Some(_)) => TradeLayout::All,
            (Some(_), None, None) => TradeLayout::Old,
        };
        let columns = TradeColumns {
            money: TRADE_MONEY.iter().filter_map(|names| find(names)).collect(),
            time: at(0),
            refund_time,
            merchant: find(&["商户号"]),
            payment_id: at(1),
            order_no: at(2),
            payer: find(&["用户标识"]),
            method: find(&["交易类型"]),
            state: at(3),
            currency: find(&["货币种类"]),
            settled: at(4),
            refund_id: find(&["微信退款单号"]),
            refund_no,
            refund_settled: find(&["退款金额"]),
            refund_state: find(&["退款状态"]),
            goods: find(&["商品名称"]),
            fee: at(5),
            rate: find(&["费率"]),
            order_amount: order_amount.unwrap_or(at(4)),
            refund_amount: find(&["申请退款金额"]).or_else(|| find(&["退款金额"])),
        };
        Ok(Self {
            table,
            layout,
            columns,
            sums: Sums::default(),
            check: TrailerCheck::default(),
        })
    }

    /// Which columns it has.
    #[must_use]
    pub fn layout(&self) -> TradeLayout {
        self.layout
    }

    /// The header's names.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.table.header
    }

    /// Hands over to reading in blocks: what the columns mean, and the input behind the header.
    #[must_use]
    pub fn into_blocks(self) -> (TradeBlocks, R) {
        let blocks = TradeBlocks {
            header: self.table.header,
            usual: UsualRow::of(&self.columns),
            columns: self.columns,
        };
        (blocks, self.table.input)
    }

    /// The fee rate printed in the row read last, in hundred-thousandths of a percent (`0.60%` is
    /// 60 000); `None` when the row prints none or it is no plain percentage.
    #[must_use]
    pub fn fee_rate(&self) -> Option<i64> {
        let index = self.columns.rate?;
        let (from, to) = *self.table.cells.get(index)?;
        let text = self.table.line.get(from..to)?;
        decimal(text.strip_suffix(b"%")?).ok()
    }

    fn row(&mut self) -> Result<StatementLine, BillFault> {
        let row = self.table.row();
        let read = self
            .columns
            .row(row, &mut self.sums)
            .map_err(|fault| *fault)?;
        self.check.note(&read);
        read.owned().map_err(|fault| *fault)
    }

    /// Compares counts and sums with the summary; reads what is left of the file first.
    ///
    /// # Errors
    /// `Truncated` when there is no summary; `Summary` when it cannot be read.
    pub fn trailer(mut self) -> Result<TrailerCheck, BillFault> {
        for row in self.by_ref() {
            if let Err(fault) = row
                && matches!(
                    fault.kind,
                    BillFaultKind::Summary | BillFaultKind::Unreadable
                )
            {
                return Err(fault);
            }
        }
        let summary = self.table.summary(self.check.rows)?;
        Ok(self
            .columns
            .trailer(&self.table.header, summary, &self.sums, self.check))
    }
}

/// One row of a trade bill, borrowed from the line it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TradeRow<'a> {
    /// Line in the file, 1 = the header.
    line_no: u64,
    /// Payment or refund.
    kind: EntryKind,
    /// When it happened; for refunds, when the channel accepted it.
    occurred_at: Timestamp,
    /// The merchant's order number.
    order_no: &'a str,
    /// The channel's number of the payment.
    payment_id: &'a str,
    /// The merchant's refund number: every refund row has one, no payment.
    refund_no: Option<&'a str>,
    /// The channel's refund number.
    refund_id: Option<&'a str>,
    /// Order amount, or the refund as asked; never negative.
    amount: Money,
    /// What is settled of it, minor units.
    settlement_minor: i64,
    /// The fee, minor units; negative where it is given back.
    fee_minor: i64,
    /// What the channel says of it.
    state: EntryState,
    /// The channel's own word for the state.
    state_text: &'a str,
    /// How it was paid.
    method: &'a str,
    /// Who paid, as printed.
    payer: &'a str,
    /// What was sold, as printed: the vendor's escapes still in it.
    goods: &'a str,
    merchant: &'a str,
    /// Whether the fee has a fraction of a fen.
    fee_fraction: bool,
}

impl TradeRow<'_> {
    /// The row with its texts its own.
    fn owned(&self) -> Result<StatementLine, Box<BillFault>> {
        // The numbers were checked with the row; what cannot be is reported like any other fault.
        let damaged = |error: zf_domain::IdError| {
            Box::new(BillFault::new(
                BillFaultKind::Field,
                self.line_no,
                &error.text,
                error.reason,
                FETCH_AGAIN,
            ))
        };
        Ok(StatementLine {
            line_no: self.line_no,
            kind: self.kind,
            occurred_at: self.occurred_at,
            order_no: MerchantOrderNo::parse(self.order_no).map_err(damaged)?,
            payment_id: ChannelPaymentId::parse(self.payment_id).map_err(damaged)?,
            refund_no: self
                .refund_no
                .map(MerchantRefundNo::parse)
                .transpose()
                .map_err(damaged)?,
            refund_id: self
                .refund_id
                .map(ChannelRefundId::parse)
                .transpose()
                .map_err(damaged)?,
            amount: self.amount,
            settlement_minor: self.settlement_minor,
            fee_minor: self.fee_minor,
            state: self.state,
            state_text: self.state_text.to_owned(),
            method: self.method.to_owned(),
            payer: self.payer.to_owned(),
            goods: unescaped(self.goods),
        })
    }
}

/// What a row says to who compares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradeEntry<'a> {
    /// Line in the file, 1 = the header.
    pub line_no: u64,
    /// Payment or refund.
    pub kind: EntryKind,
    /// The number a row is known by on both sides: the refund's of a refund, else the order's.
    pub key: &'a str,
    /// Order amount, or the refund as asked; never negative.
    pub amount: Money,
    /// What the channel says of it.
    pub state: EntryState,
    /// When it happened; for refunds, when the channel accepted it.
    pub occurred_at: Timestamp,
    /// The channel's number: the refund's of a refund that has one, else the payment's.
    pub channel_no: &'a str,
    /// What is settled of the amount, minor units.
    pub settlement_minor: i64,
    /// The fee, minor units, rounded half away from zero; negative where it is given back.
    pub fee_minor: i64,
}

impl<'a> From<&TradeRow<'a>> for TradeEntry<'a> {
    fn from(row: &TradeRow<'a>) -> Self {
        Self {
            line_no: row.line_no,
            kind: row.kind,
            key: row.refund_no.unwrap_or(row.order_no),
            amount: row.amount,
            state: row.state,
            occurred_at: row.occurred_at,
            channel_no: row.refund_id.unwrap_or(row.payment_id),
            settlement_minor: row.settlement_minor,
            fee_minor: row.fee_minor,
        }
    }
}

impl TradeColumns {
    /// Reads one row; its money columns go into `sums` first, so that a row which fails below still
    /// counts as what it says, where it says it.
    fn row<'a>(&self, row: Cells<'a>, sums: &mut Sums) -> Result<TradeRow<'a>, Box<BillFault>> {
        let mut scaled = [0_i64; TRADE_MONEY.len()];
        for ((index, sum), value) in self.money.iter().zip(sums).zip(&mut scaled) {
            *value = row.decimal(*index)?;
            *sum += i128::from(*value);
        }
        let currency = match row.optional(self.currency) {
            "CNY" | "" => Currency::Cny,
            code => Currency::parse(code)
                .map_err(|e| row.bad(self.currency.unwrap_or_default(), e.to_string()))?,
        };
        let value = |index: usize| -> Result<i64, Box<BillFault>> {
            match self.money.iter().position(|i| *i == index) {
                Some(known) => Ok(scaled[known]),
                None => row.decimal(index),
            }
        };
        let exact = |index: usize| -> Result<i64, Box<BillFault>> {
            minor(value(index)?, currency)
                .map_err(|_| row.bad(index, "it has a fraction of the smallest unit"))
        };
        let state_word = row.cell(self.state);
        let present = |index: Option<usize>| {
            index
                .map(|i| (i, row.cell(i)))
                .filter(|(_, t)| !matches!(*t, "" | "0"))
        };
        let refund_no = present(self.refund_no);
        let refund_id = present(self.refund_id);
        let refund_row = state_word == "REFUND" || (state_word != "SUCCESS" && refund_no.is_some());
        let time_column = match self.refund_time {
            Some(index) if refund_row && !row.cell(index).is_empty() => index,
            _ => self.time,
        };
        let occurred_at = beijing(row.cell(time_column)).ok_or_else(|| {
            row.bad(
                time_column,
                "a time such as 2026-03-14 09:12:33 is expected",
            )
        })?;
        let number = |index: usize,
                      parse: fn(&str) -> Result<(), zf_domain::IdError>|
         -> Result<&'a str, Box<BillFault>> {
            let text = row.cell(index);
            if !is_plain_number(text.as_bytes()) {
                parse(text).map_err(|e| row.bad(index, e.reason))?;
            }
            Ok(text)
        };
        let order_no = number(self.order_no, |t| MerchantOrderNo::parse(t).map(drop))?;
        let payment_id = number(self.payment_id, |t| ChannelPaymentId::parse(t).map(drop))?;
        let (fee_minor, fee_fraction) = match minor(value(self.fee)?, currency) {
            Ok(fee) => (fee, false),
            Err(rounded) => (rounded, true),
        };
        let read = TradeRow {
            line_no: row.line_no,
            kind: EntryKind::Payment,
            occurred_at,
            order_no,
            payment_id,
            refund_no: None,
            refund_id: None,
            amount: Money::new(0, currency),
            settlement_minor: 0,
            fee_minor,
            state: EntryState::InProgress,
            state_text: state_word,
            method: row.optional(self.method),
            payer: row.optional(self.payer),
            goods: row.optional(self.goods),
            merchant: row.optional(self.merchant),
            fee_fraction,
        };
        let (read, amount_column) = if refund_row {
            let Some((no_column, _)) = refund_no else {
                return Err(match self.refund_no {
                    Some(column) => row.bad(column, "a refund row needs its refund number"),
                    None => row.bad(self.state, "a refund row in a bill without refund columns"),
                });
            };
            let amount_column = self
                .refund_amount
                .ok_or_else(|| row.bad(self.state, "a refund row in a bill without amounts"))?;
            let state_text = row.optional(self.refund_state);
            let read = TradeRow {
                kind: EntryKind::Refund,
                refund_no: Some(number(no_column, |t| MerchantRefundNo::parse(t).map(drop))?),
                refund_id: refund_id
                    .map(|(column, _)| number(column, |t| ChannelRefundId::parse(t).map(drop)))
                    .transpose()?,
                amount: Money::new(exact(amount_column)?, currency),
                settlement_minor: exact(self.refund_settled.unwrap_or(amount_column))?,
                // A snapshot of the day, in other words than the API's. CHANGE: the money could
                // not reach the payer and waits for a person, so nothing is final.
                state: match state_text {
                    "SUCCESS" => EntryState::Done,
                    "FAIL" => EntryState::Void,
                    _ => EntryState::InProgress,
                },
                state_text: if state_text.is_empty() {
                    state_word
                } else {
                    state_text
                },
                ..read
            };
            (read, amount_column)
        } else {
            let read = TradeRow {
                amount: Money::new(exact(self.order_amount)?, currency),
                settlement_minor: exact(self.settled)?,
                state: match state_word {
                    "SUCCESS" => EntryState::Done,
                    "REVOKED" => EntryState::Void,
                    _ => EntryState::InProgress,
                },
                ..read
            };
            (read, self.order_amount)
        };
        if read.amount.minor < 0 {
            return Err(row.bad(amount_column, "an amount is never negative here"));
        }
        Ok(read)
    }

    /// Holds counts and sums against the summary.
    fn trailer(
        &self,
        header: &[String],
        summary: &[(String, String)],
        sums: &Sums,
        mut check: TrailerCheck,
    ) -> TrailerCheck {
        for (name, printed) in summary {
            if name == "总交易单数" {
                check.sums.push(count(name, printed, check.rows));
                continue;
            }
            let Some((_, columns)) = TRADE_SUMS.iter().find(|(n, _)| n == name) else {
                continue;
            };
            // A SUCCESS bill prints refund sums without having the columns: nothing is zero.
            let sum = columns
                .iter()
                .find_map(|name| header.iter().position(|h| h == name))
                .and_then(|index| self.money.iter().position(|i| *i == index))
                .map_or(0, |at| sums[at]);
            check.sums.push(compare(name, printed, sum));
        }
        check
    }
}

impl TrailerCheck {
    #[inline]
    fn note(&mut self, row: &TradeRow<'_>) {
        match row.kind {
            EntryKind::Refund => self.refunds += 1,
            EntryKind::Payment => self.payments += 1,
        }
        self.fee_fractions += u64::from(row.fee_fraction);
        note_time(self, row.occurred_at);
        note_merchant(self, row.merchant);
    }
}

/// A trade bill read in blocks of whole lines, by as many threads as like to.
///
/// Made by [`BillReader::into_blocks`]. Each thread keeps a [`TradePart`]; when all blocks are read,
/// [`Self::trailer`] joins the parts. Rows and faults are the same as the reader's.
pub struct TradeBlocks {
    header: Vec<String>,
    columns: TradeColumns,
    usual: UsualRow,
}

/// As [`TradeBlocks::read`], made for processors with AVX2 and for all others.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"), dispatcher = "direct")]
fn read_lines<E, R: FnMut(&TradeEntry<'_>) -> Result<(), E>, F: FnMut(BillFault)>(
    blocks: &TradeBlocks,
    block: &[u8],
    first_line: u64,
    part: &mut TradePart,
    mut on_row: R,
    mut on_fault: F,
) -> Result<(), E> {
    // Whole blocks are text, but for a damaged file: then every line is looked at alone.
    let text = scan::as_text(block);
    let mut lines = TickedLines::new(block);
    let mut line_no = first_line;
    while let Some(line) = lines.next_line() {
        let (from, to) = (line.from, line.to);
        // Empty lines say nothing, also behind the summary.
        if to > from {
            part.last_line = part.last_line.max(line_no);
        }
        if let Some(text) = text
            && block[from] == b'`'
            && line.values == blocks.header.len()
            && let Some(entry) =
                blocks
                    .usual
                    .read(&blocks.columns, text, lines.values(&line), line_no, part)
        {
            on_row(&entry)?;
            line_no += 1;
            continue;
        }
        let TradePart {
            sums,
            check,
            cells,
            summary,
            last_line,
            ..
        } = part;
        let judged = match text.and_then(|text| text.get(from..to)) {
            Some(line) => judge_text(line, line_no, blocks.header.len(), cells),
            None => judge(&block[from..to], line_no, blocks.header.len(), cells),
        };
        match judged {
            Judged::Nothing => {}
            Judged::Summary => {
                let (last, read) = blocks.summary(&block[from..], line_no);
                *last_line = (*last_line).max(last);
                // A thread may come by a second one in a later block; the first ends the bill.
                if summary.as_ref().is_none_or(|(at, _)| last < *at) {
                    *summary = Some((last, read));
                }
                return Ok(());
            }
            Judged::Fault(fault) => {
                check.rows += 1;
                check.faulty_rows += 1;
                on_fault(*fault);
            }
            Judged::Row => {
                let row = Cells {
                    header: &blocks.header,
                    line: text.map_or_else(
                        || std::str::from_utf8(&block[from..to]).unwrap_or_default(),
                        |text| &text[from..to],
                    ),
                    cells,
                    line_no,
                };
                check.rows += 1;
                match blocks.columns.row(row, sums) {
                    Ok(read) => {
                        check.note(&read);
                        on_row(&TradeEntry::from(&read))?;
                    }
                    Err(fault) => {
                        check.faulty_rows += 1;
                        on_fault(*fault);
                    }
                }
            }
        }
        line_no += 1;
    }
    Ok(())
}

/// The short way through the rows nearly all are: paid or refunded, in CNY, every value in its usual
/// form. Any other row gives `None` and leaves nothing behind; [`TradeColumns::row`] reads it, or says
/// what is wrong with it.
struct UsualRow {
    /// Places within [`TradeColumns::money`].
    fee: Option<usize>,
    order_amount: Option<usize>,
    settled: Option<usize>,
    refund_amount: Option<usize>,
    refund_settled: Option<usize>,
}

impl UsualRow {
    fn of(columns: &TradeColumns) -> Self {
        let among = |index: usize| columns.money.iter().position(|i| *i == index);
        Self {
            fee: among(columns.fee),
            order_amount: among(columns.order_amount),
            settled: among(columns.settled),
            refund_amount: columns.refund_amount.and_then(among),
            refund_settled: columns
                .refund_settled
                .or(columns.refund_amount)
                .and_then(among),
        }
    }

    #[inline(always)]
    fn read<'a>(
        &self,
        columns: &TradeColumns,
        text: &'a str,
        values: Values<'_, true>,
        line_no: u64,
        part: &mut TradePart,
    ) -> Option<TradeEntry<'a>> {
        let bytes = text.as_bytes();
        let refund = match values.of(bytes, columns.state) {
            b"SUCCESS" => false,
            b"REFUND" => true,
            _ => return None,
        };
        if let Some(index) = columns.currency
            && !matches!(values.of(bytes, index), b"CNY" | b"")
        {
            return None;
        }
        let mut scaled = [0_i64; TRADE_MONEY.len()];
        for (index, value) in columns.money.iter().zip(&mut scaled) {
            let (from, to) = values.place(*index);
            *value = usual_decimal(bytes, from, to)?;
        }
        if !(is_plain_number(values.of(bytes, columns.order_no))
            && is_plain_number(values.of(bytes, columns.payment_id)))
        {
            return None;
        }
        let (mut key, mut time, mut state) = (columns.order_no, columns.time, EntryState::Done);
        let mut channel_no = columns.payment_id;
        let (amount, settled);
        if refund {
            key = columns.refund_no?;
            if !is_plain_number(values.of(bytes, key)) || values.of(bytes, key) == b"0" {
                return None;
            }
            if let Some(index) = columns.refund_id
                && !matches!(values.of(bytes, index), b"" | b"0")
            {
                if !is_plain_number(values.of(bytes, index)) {
                    return None;
                }
                channel_no = index;
            }
            if let Some(index) = columns.refund_time
                && !values.of(bytes, index).is_empty()
            {
                time = index;
            }
            state = match columns
                .refund_state
                .map_or(&b""[..], |index| values.of(bytes, index))
            {
                b"SUCCESS" => EntryState::Done,
                b"FAIL" => EntryState::Void,
                _ => EntryState::InProgress,
            };
            (amount, settled) = (self.refund_amount?, self.refund_settled?);
        } else {
            (amount, settled) = (self.order_amount?, self.settled?);
        }
        let fee = self.fee?;
        let amount = scaled[amount];
        if amount < 0 || amount % FEN != 0 || scaled[settled] % FEN != 0 {
            return None;
        }
        let occurred_at = part.day.at(values.of(bytes, time))?;
        let (from, to) = values.place(key);
        let key = text.get(from..to)?;
        let (from, to) = values.place(channel_no);
        let channel_no = text.get(from..to)?;

        for (sum, value) in part.sums.iter_mut().zip(scaled) {
            *sum += i128::from(value);
        }
        let check = &mut part.check;
        check.rows += 1;
        check.payments += u64::from(!refund);
        check.refunds += u64::from(refund);
        check.fee_fractions += u64::from(scaled[fee] % FEN != 0);
        note_time(check, occurred_at);
        if let Some(index) = columns.merchant
            && check.merchants.first().map(String::as_bytes) != Some(values.of(bytes, index))
        {
            let (from, to) = values.place(index);
            note_merchant(check, text.get(from..to).unwrap_or_default());
        }
        Some(TradeEntry {
            line_no,
            kind: if refund {
                EntryKind::Refund
            } else {
                EntryKind::Payment
            },
            key,
            amount: Money::cny(amount / FEN),
            state,
            occurred_at,
            channel_no,
            settlement_minor: scaled[settled] / FEN,
            fee_minor: minor(scaled[fee], Currency::Cny).unwrap_or_else(|rounded| rounded),
        })
    }
}

/// A fen in the unit amounts are counted in.
const FEN: i64 = 1000;

/// As [`decimal`], quickly for what stands in most money columns: two or five decimals.
#[inline(always)]
fn usual_decimal(text: &[u8], from: usize, to: usize) -> Option<i64> {
    match scan::short_amount(text, from, to) {
        Some(value) => Some(value),
        None => longer_decimal(text.get(from..to)?),
    }
}

/// Apart, so that what is called for every value stays small.
#[cold]
#[inline(never)]
fn longer_decimal(text: &[u8]) -> Option<i64> {
    decimal(text).ok()
}

/// The day of the row read last: most rows of a bill are of one.
#[derive(Default)]
struct Day {
    /// As it stands before the time of day.
    text: [u8; 11],
    began: i64,
}

impl Day {
    #[inline(always)]
    fn at(&mut self, text: &[u8]) -> Option<Timestamp> {
        let text: &[u8; 19] = text.try_into().ok()?;
        let (day, time) = (text.first_chunk::<11>()?, text.last_chunk::<8>()?);
        let of_day = scan::time_of_day(time)?;
        if *day != self.text {
            let at = beijing(std::str::from_utf8(text).ok()?)?;
            *self = Self {
                text: *day,
                began: at.seconds() - of_day,
            };
        }
        Some(Timestamp::from_seconds(self.began + of_day))
    }
}

/// The summary's names with their values.
type SummaryRow = Vec<(String, String)>;

/// What one thread has read of a bill.
#[derive(Default)]
pub struct TradePart {
    sums: Sums,
    check: TrailerCheck,
    cells: Vec<(usize, usize)>,
    day: Day,
    /// The summary, the line it ended at, and whether something stands behind it in its block.
    summary: Option<(u64, Result<SummaryRow, BillFault>)>,
    /// The last line read.
    last_line: u64,
}

impl TradeBlocks {
    /// Whether a line must stay together with what follows it: the summary's header, whose values
    /// stand in the next line.
    #[must_use]
    pub fn holds_the_next(line: &[u8]) -> bool {
        is_summary(line)
    }

    /// Reads the lines of one block, the first of which is line `first_line` of the file.
    ///
    /// # Errors
    /// What `on_row` gives; reading of the block ends there.
    pub fn read<E>(
        &self,
        block: &[u8],
        first_line: u64,
        part: &mut TradePart,
        on_row: impl FnMut(&TradeEntry<'_>) -> Result<(), E>,
        on_fault: impl FnMut(BillFault),
    ) -> Result<(), E> {
        read_lines(self, block, first_line, part, on_row, on_fault)
    }

    /// Reads the summary and what is behind it in its block.
    fn summary(&self, rest: &[u8], line_no: u64) -> (u64, Result<SummaryRow, BillFault>) {
        let mut table = Table {
            input: rest,
            line: Vec::new(),
            line_no: line_no - 1,
            cells: Vec::new(),
            header: Vec::new(),
            summary: None,
            ended: false,
        };
        let read = table
            .read_line()
            .and_then(|_| table.read_summary())
            .map(|()| table.summary.take().unwrap_or_default());
        (table.line_no, read)
    }

    /// Joins what the threads have read and compares it with the summary, as
    /// [`BillReader::trailer`].
    ///
    /// # Errors
    /// As there.
    pub fn trailer(
        &self,
        parts: impl IntoIterator<Item = TradePart>,
    ) -> Result<TrailerCheck, BillFault> {
        let mut sums = Sums::default();
        let mut check = TrailerCheck::default();
        let mut summary = None;
        let mut last_line = 1;
        for part in parts {
            for (sum, more) in sums.iter_mut().zip(part.sums) {
                *sum += more;
            }
            let more = part.check;
            check.rows += more.rows;
            check.faulty_rows += more.faulty_rows;
            check.payments += more.payments;
            check.refunds += more.refunds;
            check.fee_fractions += more.fee_fractions;
            for at in [more.first_at, more.last_at].into_iter().flatten() {
                note_time(&mut check, at);
            }
            for merchant in &more.merchants {
                note_merchant(&mut check, merchant);
            }
            last_line = last_line.max(part.last_line);
            // The first summary ends the bill; a second one is something behind it.
            if let Some(found) = part.summary
                && summary.as_ref().is_none_or(|(at, _)| found.0 < *at)
            {
                summary = Some(found);
            }
        }
        // Which thread met a merchant first is chance.
        check.merchants.sort_unstable();
        match summary {
            Some((_, Err(fault))) => Err(fault),
            Some((at, Ok(_))) if last_line > at => Err(BillFault::new(
                BillFaultKind::Summary,
                at + 1,
                "",
                "something follows the summary row: two bills in one file?",
                "Read each bill from its own file.",
            )),
            Some((_, Ok(summary))) if !summary.is_empty() => {
                Ok(self.columns.trailer(&self.header, &summary, &sums, check))
            }
            _ => Err(BillFault::new(
                BillFaultKind::Truncated,
                last_line,
                "",
                format!(
                    "the file ends after {} rows without a summary: it is cut",
                    check.rows
                ),
                FETCH_AGAIN,
            )),
        }
    }
}

#[inline]
fn note_time(check: &mut TrailerCheck, at: Timestamp) {
    check.first_at = Some(check.first_at.map_or(at, |t| t.min(at)));
    check.last_at = Some(check.last_at.map_or(at, |t| t.max(at)));
}

fn note_merchant(check: &mut TrailerCheck, merchant: &str) {
    let known = check.merchants.iter().any(|m| m == merchant);
    if !merchant.is_empty() && !known && check.merchants.len() < MERCHANTS_MAX {
        check.merchants.push(merchant.to_owned());
    }
}

fn count(name: &str, printed: &str, rows: u64) -> TrailerSum {
    let wanted = i128::from(rows) * 100_000;
    TrailerSum {
        name: name.to_owned(),
        printed: printed.to_owned(),
        computed: rows.to_string(),
        equal: decimal(printed.as_bytes()).is_ok_and(|p| i128::from(p) == wanted),
    }
}

fn compare(name: &str, printed: &str, sum: i128) -> TrailerSum {
    TrailerSum {
        name: name.to_owned(),
        printed: printed.to_owned(),
        computed: decimal_text(sum),
        equal: decimal(printed.as_bytes()).is_ok_and(|p| i128::from(p) == sum),
    }
}

impl<R: BufRead> Iterator for BillReader<R> {
    type Item = Result<StatementLine, BillFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let result = match self.table.advance() {
            Item::End => return None,
            Item::Fault(fault) => {
                if !matches!(
                    fault.kind,
                    BillFaultKind::Summary | BillFaultKind::Unreadable
                ) {
                    self.check.rows += 1;
                    self.check.faulty_rows += 1;
                }
                return Some(Err(fault));
            }
            Item::Row => self.row(),
        };
        self.check.rows += 1;
        self.check.faulty_rows += u64::from(result.is_err());
        Some(result)
    }
}

/// Money in or out of the merchant's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// 收入
    In,
    /// 支出
    Out,
}

/// One parsed row of a fund-flow bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundFlowLine {
    /// Line in the file, 1 = the header.
    pub line_no: u64,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// The channel's number of what caused it: a payment, a refund, or another.
    pub business_no: String,
    /// The channel's number of the movement.
    pub flow_no: String,
    /// What caused it, as printed (交易, 退款, 提现 …).
    pub business_name: String,
    /// What exactly, as printed (交易, 扣除交易手续费 …).
    pub business_type: String,
    /// In or out.
    pub direction: Direction,
    /// How much, never negative.
    pub amount: Money,
    /// The account after it.
    pub balance: Money,
    /// Who caused it, as printed.
    pub submitted_by: String,
    /// As printed.
    pub remark: String,
    /// Our own number, as printed.
    pub voucher_no: String,
}

/// What a movement of the merchant's account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FundPurpose {
    /// A payment came in.
    Collected,
    /// A refund went out, or came back because it was closed. Net of the fee returned with it.
    Refunded,
    /// The channel took its fee, or gave one back.
    Fee,
    /// Anything else: withdrawal, top-up, adjustment.
    Other,
}

impl FundPurpose {
    /// By the vendor's word for the kind of movement; an unknown word is `Other`.
    #[must_use]
    pub fn of_word(business_type: &str) -> Self {
        match business_type {
            "扣除交易手续费" | "退还交易手续费" => Self::Fee,
            "交易" => Self::Collected,
            "退款" | "退款关闭" => Self::Refunded,
            _ => Self::Other,
        }
    }
}

impl FundFlowLine {
    /// What the movement is for, by the vendor's words; unknown words are `Other`.
    #[must_use]
    pub fn purpose(&self) -> FundPurpose {
        FundPurpose::of_word(&self.business_type)
    }
}

struct FundColumns {
    time: usize,
    business_no: usize,
    flow_no: usize,
    business_name: Option<usize>,
    business_type: usize,
    direction: usize,
    amount: usize,
    balance: usize,
    submitted_by: Option<usize>,
    remark: Option<usize>,
    voucher_no: Option<usize>,
}

/// Streams the rows of a fund-flow bill; see [`BillReader`].
pub struct FundFlowReader<R> {
    table: Table<R>,
    columns: FundColumns,
    totals: [(u64, i128); 2],
    check: TrailerCheck,
}

impl<R: BufRead> FundFlowReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When this is not a fund-flow bill.
    pub fn new(reader: R) -> Result<Self, BillFault> {
        Self::from_table(Table::new(reader)?)
    }

    fn from_table(table: Table<R>) -> Result<Self, BillFault> {
        let find = |names: &[&str]| table.column(names);
        let needed = [
            ("记账时间", find(&["记账时间"])),
            ("微信支付业务单号", find(&["微信支付业务单号"])),
            ("资金流水单号", find(&["资金流水单号"])),
            ("业务类型", find(&["业务类型"])),
            ("收支类型", find(&["收支类型"])),
            ("收支金额(元)", find(&["收支金额(元)", "收支金额"])),
            ("账户结余(元)", find(&["账户结余(元)", "账户结余"])),
        ];
        table.missing(&needed)?;
        let at = |index: usize| needed[index].1.unwrap_or_default();
        let columns = FundColumns {
            time: at(0),
            business_no: at(1),
            flow_no: at(2),
            business_name: find(&["业务名称"]),
            business_type: at(3),
            direction: at(4),
            amount: at(5),
            balance: at(6),
            submitted_by: find(&["资金变更提交申请人"]),
            remark: find(&["备注"]),
            voucher_no: find(&["业务凭证号"]),
        };
        Ok(Self {
            table,
            columns,
            totals: [(0, 0); 2],
            check: TrailerCheck::default(),
        })
    }

    /// The header's names.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.table.header
    }

    fn row(&mut self) -> Result<FundFlowLine, BillFault> {
        let row = self.table.row();
        let c = &self.columns;
        let direction = match row.cell(c.direction) {
            "收入" => Direction::In,
            "支出" => Direction::Out,
            _ => return Err(*row.bad(c.direction, "收入 or 支出 is expected")),
        };
        let scaled = row.decimal(c.amount)?;
        let (count, sum) = &mut self.totals[usize::from(direction == Direction::Out)];
        *count += 1;
        *sum += i128::from(scaled);
        if scaled < 0 {
            return Err(*row.bad(c.amount, "an amount is never negative here"));
        }
        let money = |index: usize| -> Result<Money, BillFault> {
            minor(row.decimal(index)?, Currency::Cny)
                .map(Money::cny)
                .map_err(|_| *row.bad(index, "it has a fraction of a fen"))
        };
        let booked_at = beijing(row.cell(c.time))
            .ok_or_else(|| *row.bad(c.time, "a time such as 2026-03-14 09:12:33 is expected"))?;
        let line = FundFlowLine {
            line_no: row.line_no,
            booked_at,
            business_no: row.cell(c.business_no).to_owned(),
            flow_no: row.cell(c.flow_no).to_owned(),
            business_name: row.optional(c.business_name).to_owned(),
            business_type: row.cell(c.business_type).to_owned(),
            direction,
            amount: money(c.amount)?,
            balance: money(c.balance)?,
            submitted_by: row.optional(c.submitted_by).to_owned(),
            remark: row.optional(c.remark).to_owned(),
            voucher_no: row.optional(c.voucher_no).to_owned(),
        };
        match direction {
            Direction::In => self.check.payments += 1,
            Direction::Out => self.check.refunds += 1,
        }
        note_time(&mut self.check, booked_at);
        Ok(line)
    }

    /// As [`BillReader::trailer`].
    ///
    /// # Errors
    /// As there.
    pub fn trailer(mut self) -> Result<TrailerCheck, BillFault> {
        for row in self.by_ref() {
            if let Err(fault) = row
                && matches!(
                    fault.kind,
                    BillFaultKind::Summary | BillFaultKind::Unreadable
                )
            {
                return Err(fault);
            }
        }
        let Self {
            table,
            totals: [income, outgo],
            mut check,
            ..
        } = self;
        for (name, printed) in table.summary(check.rows)? {
            let sum = match name.as_str() {
                "资金流水总笔数" => count(name, printed, check.rows),
                "收入笔数" => count(name, printed, income.0),
                "支出笔数" => count(name, printed, outgo.0),
                "收入金额" | "收入金额(元)" => compare(name, printed, income.1),
                "支出金额" | "支出金额(元)" => compare(name, printed, outgo.1),
                _ => continue,
            };
            check.sums.push(sum);
        }
        Ok(check)
    }
}

impl<R: BufRead> Iterator for FundFlowReader<R> {
    type Item = Result<FundFlowLine, BillFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let result = match self.table.advance() {
            Item::End => return None,
            Item::Fault(fault) => {
                if !matches!(
                    fault.kind,
                    BillFaultKind::Summary | BillFaultKind::Unreadable
                ) {
                    self.check.rows += 1;
                    self.check.faulty_rows += 1;
                }
                return Some(Err(fault));
            }
            Item::Row => self.row(),
        };
        self.check.rows += 1;
        self.check.faulty_rows += u64::from(result.is_err());
        Some(result)
    }
}

/// A bill of either kind.
pub enum AnyBill<R> {
    /// A trade bill.
    Trade(BillReader<R>),
    /// A fund-flow bill.
    FundFlow(FundFlowReader<R>),
}

/// Opens a bill and tells its kind by its header.
///
/// # Errors
/// When it is neither.
pub fn open<R: BufRead>(reader: R) -> Result<AnyBill<R>, BillFault> {
    let table = Table::new(reader)?;
    if table.column(&["记账时间", "资金流水单号"]).is_some() {
        return FundFlowReader::from_table(table).map(AnyBill::FundFlow);
    }
    BillReader::from_table(table).map(AnyBill::Trade)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_vendors_cleaning_is_undone() {
        for (printed, meant) in [
            ("Tea set", "Tea set"),
            ("茉莉绿茶\\ 三分糖\\ 去冰", "茉莉绿茶,三分糖,去冰"),
            ("a\\nb", "a b"),
            ("", ""),
        ] {
            assert_eq!(unescaped(printed), meant);
        }
    }

    #[test]
    fn decimals_are_read_exactly_or_refused() {
        for (text, value) in [
            ("0", Some(0)),
            ("0.60000", Some(60_000)),
            ("-0.24000", Some(-24_000)),
            ("100.00", Some(10_000_000)),
            ("45.0", Some(4_500_000)),
            ("0.0000000", Some(0)),
            ("0.0000001", None),
            ("1e3", None),
            ("1,234.5", None),
            ("", None),
            ("-", None),
            (".5", None),
            ("5.", None),
            ("1.2.3", None),
            ("--1", None),
            ("¥1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(decimal(text.as_bytes()).ok(), value, "{text}");
        }
        for (value, text) in [
            (0, "0.00"),
            (60_000, "0.60"),
            (66_123, "0.66123"),
            (-24_000, "-0.24"),
            (15_000_000, "150.00"),
            (100, "0.001"),
        ] {
            assert_eq!(decimal_text(value), text);
        }
        assert_eq!(minor(60_000, Currency::Cny), Ok(60));
        assert_eq!(minor(500, Currency::Cny), Err(1));
        assert_eq!(minor(499, Currency::Cny), Err(0));
        assert_eq!(minor(-500, Currency::Cny), Err(-1));
    }

    proptest! {
        #[test]
        fn times_read_as_the_domain_reads_them(seconds in 0i64..4_000_000_000) {
            let at = Timestamp::from_seconds(seconds);
            prop_assert_eq!(beijing(&at.to_beijing()), Some(at));
        }

        #[test]
        fn any_bytes_are_read_or_refused_without_panic(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut file = "交易时间,微信订单号,商户订单号,交易状态,总金额,手续费\n`".as_bytes().to_vec();
            file.extend_from_slice(&tail);
            let reader = BillReader::new(file.as_slice()).unwrap();
            let _ = reader.trailer();
            let _ = open(tail.as_slice()).map(|_| ());
        }
    }

    #[test]
    fn days_of_the_calendar_only() {
        for text in [
            "2026-02-29 00:00:00",
            "2026-13-01 00:00:00",
            "2026-00-01 00:00:00",
            "2026-01-01 24:00:00",
            "2026-01-01T00:00:00",
            "2026-1-1 00:00:00",
            "",
        ] {
            assert_eq!(beijing(text), None, "{text}");
        }
        assert!(beijing("2028-02-29 23:59:59").is_some());
    }

    #[test]
    fn commas_inside_a_value_do_not_split_it() {
        let mut cells = Vec::new();
        let line = "`a,`Tea, set,`,`b".as_bytes();
        split(line, &mut cells);
        let cells: Vec<&[u8]> = cells.into_iter().map(|(a, b)| &line[a..b]).collect();
        assert_eq!(cells, [&b"a"[..], b"Tea, set", b"", b"b"]);
    }
}
