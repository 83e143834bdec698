//! Reading the merchant's books from CSV, row by row, with faults that say where and what.
//!
//! The default file has the header `kind,out_trade_no,out_refund_no,amount,currency,status,
//! created_at`; a [`Mapping`] names others. Columns are found by name, in any order, beside any
//! others. One bad row never stops the rest, and a quote that is opened and never closed costs its
//! own line only.

use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead, Read as _};

use multiversion::multiversion;
use zf_domain::scan::{self, CommaLines, Parting, Values, is_plain_number};
use zf_domain::{
    BookEntry, Currency, EntryKind, EntryState, MerchantOrderNo, MerchantRefundNo, Money,
    MoneyError, Timestamp,
};

use crate::entry::{Entry, Extra};
use crate::error::{BooksError, ReconError};
use crate::intake::Intake;
use crate::mapping::{AmountUnit, Mapping, TimeFormat, Zone};

/// The longest line that is read, in bytes; a longer one is a fault of its own.
const LINE_BYTES_MAX: usize = 1 << 20;
/// Most lines a quoted value may span.
const QUOTED_LINES_MAX: usize = 16;

/// One row that is refused, and why. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Line in the file, 1 = the header.
    pub line_no: u64,
    /// The column's name in the header; empty when the row as a whole is at fault.
    pub column: String,
    /// What stands there, cut to 80 characters.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line_no)?;
        if !self.column.is_empty() {
            write!(f, ", column “{}”", self.column)?;
        }
        write!(f, ": “{}”: {}. {}", self.field, self.reason, self.remedy)
    }
}

/// One good row, borrowed from the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookRow<'a> {
    /// Line in the file, 1 = the header.
    pub line_no: u64,
    /// Payment or refund.
    pub kind: EntryKind,
    /// Our order number.
    pub order_no: &'a str,
    /// Our refund number: refunds have one, payments none.
    pub refund_no: Option<&'a str>,
    /// The channel's number, where the books keep it.
    pub channel_no: Option<&'a str>,
    /// Positive amount.
    pub amount: Money,
    /// What the books say of it.
    pub state: EntryState,
    /// The books' own word for the state.
    pub state_text: &'a str,
    /// When the books made the row.
    pub created_at: Timestamp,
}

impl<'a> BookRow<'a> {
    /// The row as the engine takes it.
    #[must_use]
    pub fn entry(&self) -> Entry<'a> {
        Entry {
            kind: self.kind,
            key: self.refund_no.unwrap_or(self.order_no),
            amount: self.amount,
            state: self.state,
            occurred_at: self.created_at,
            line_no: self.line_no,
            extra: Extra {
                channel_no: self.channel_no,
                ..Extra::default()
            },
        }
    }

    /// The row as the store keeps it.
    ///
    /// # Errors
    /// The numbers were checked with the row; what cannot be is reported like any other fault.
    pub fn to_entry(&self) -> Result<BookEntry, RowFault> {
        let numbers = MerchantOrderNo::parse(self.order_no).and_then(|order_no| {
            let refund_no = self.refund_no.map(MerchantRefundNo::parse).transpose()?;
            Ok((order_no, refund_no))
        });
        match numbers {
            Ok((order_no, refund_no)) => Ok(BookEntry {
                line_no: self.line_no,
                kind: self.kind,
                order_no,
                refund_no,
                channel_no: self.channel_no.map(str::to_owned),
                amount: self.amount,
                state: self.state,
                state_text: self.state_text.to_owned(),
                created_at: self.created_at,
            }),
            Err(error) => Err(RowFault {
                line_no: self.line_no,
                column: error.what.to_owned(),
                field: error.text,
                reason: error.reason.to_owned(),
                remedy: NUMBER_REMEDY.to_owned(),
            }),
        }
    }
}

/// Reads a books file from front to back.
///
/// As an iterator it gives [`BookEntry`] values; [`Self::next_row`] lends rows without allocating.
/// After `BooksError::Row` it goes on with the next line; after any other error it has ended.
#[derive(Debug)]
pub struct BooksReader<R> {
    lines: Lines<R>,
    meaning: Meaning,
    record: Record,
    quoted: csv_core::Reader,
    ended: bool,
    faults: u64,
}

/// Where the needed columns stand.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) kind: Option<usize>,
    pub(crate) order_no: usize,
    pub(crate) refund_no: Option<usize>,
    pub(crate) channel_no: Option<usize>,
    pub(crate) amount: usize,
    pub(crate) currency: Option<usize>,
    pub(crate) status: usize,
    pub(crate) created_at: usize,
}

/// The fields of one row: ends of stretches of `text`.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) line_no: u64,
    pub(crate) text: Vec<u8>,
    /// Begin and end of each field in `text`.
    pub(crate) fields: Vec<(usize, usize)>,
}

impl Record {
    /// The row it holds, one field for each column of the header.
    pub(crate) fn row<'a>(&'a self, meaning: &'a Meaning) -> Result<BookRow<'a>, Box<RowFault>> {
        RowReader {
            meaning,
            fields: self.fields(),
        }
        .row()
    }

    fn fields(&self) -> Fields<'_> {
        Fields {
            line_no: self.line_no,
            text: &self.text,
            valid: None,
            places: &self.fields,
        }
    }

    fn field(&self, number: usize) -> &[u8] {
        self.fields().field(number)
    }
}

/// The fields of one row, lent.
#[derive(Debug, Clone, Copy)]
struct Fields<'a> {
    line_no: u64,
    text: &'a [u8],
    /// The same, when it is known to be text.
    valid: Option<&'a str>,
    places: &'a [(usize, usize)],
}

impl<'a> Fields<'a> {
    #[inline]
    fn field(&self, number: usize) -> &'a [u8] {
        let (from, to) = self.places[number];
        &self.text[from..to]
    }
}

/// Words with their meanings: few, so looking at each is quicker than a tree.
#[derive(Debug, Clone)]
struct Words<T>(Vec<(String, T)>);

impl<T: Copy> Words<T> {
    fn new(words: &std::collections::BTreeMap<String, T>) -> Self {
        Self(words.iter().map(|(w, t)| (w.clone(), *t)).collect())
    }

    #[inline]
    fn meaning(&self, text: &str) -> Option<T> {
        self.0
            .iter()
            .find(|(word, _)| word == text)
            .map(|(_, meaning)| *meaning)
    }

    /// As [`Self::meaning`], beginning with the word `at`, which was the one before; nearly always it
    /// is the same again.
    #[inline(always)]
    fn meaning_near(&self, text: &[u8], at: &mut usize) -> Option<T> {
        if let Some((word, meaning)) = self.0.get(*at)
            && word.as_bytes() == text
        {
            return Some(*meaning);
        }
        *at = self
            .0
            .iter()
            .position(|(word, _)| word.as_bytes() == text)?;
        Some(self.0[*at].1)
    }

    fn listed(&self) -> String {
        self.0
            .iter()
            .map(|(word, _)| word.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// What the columns of a file mean.
#[derive(Debug, Clone)]
pub(crate) struct Meaning {
    pub(crate) mapping: Mapping,
    kinds: Words<EntryKind>,
    statuses: Words<EntryState>,
    pub(crate) names: Vec<String>,
    pub(crate) at: Layout,
}

impl Meaning {
    /// What a header means under a mapping.
    ///
    /// # Errors
    /// `Header`, `HeaderTwice`.
    pub(crate) fn new(mapping: Mapping, names: Vec<String>) -> Result<Self, BooksError> {
        let expected: Vec<String> = mapping
            .needed_columns()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let missing: Vec<String> = expected
            .iter()
            .filter(|name| !names.contains(name))
            .cloned()
            .collect();
        if !missing.is_empty() {
            return Err(BooksError::Header {
                expected,
                found: names,
                missing,
            });
        }
        for name in mapping.needed_columns() {
            if names.iter().filter(|n| *n == name).count() > 1 {
                return Err(BooksError::HeaderTwice(name.to_owned()));
            }
        }
        let needed = mapping.needed_columns();
        // Every needed name was found above; the others have no place.
        let place = |name: &str| names.iter().position(|n| n == name).unwrap_or_default();
        let optional = |name: &Option<String>| {
            name.as_deref()
                .filter(|name| needed.contains(name))
                .map(place)
        };
        let columns = &mapping.columns;
        let at = Layout {
            kind: optional(&columns.kind).filter(|_| mapping.constant_kind.is_none()),
            order_no: place(&columns.order_no),
            refund_no: optional(&columns.refund_no),
            channel_no: optional(&columns.channel_no),
            amount: place(&columns.amount),
            currency: optional(&columns.currency).filter(|_| mapping.constant_currency.is_none()),
            status: place(&columns.status),
            created_at: place(&columns.created_at),
        };
        Ok(Self {
            kinds: Words::new(&mapping.kinds),
            statuses: Words::new(&mapping.statuses),
            mapping,
            names,
            at,
        })
    }
}

impl<R: BufRead> BooksReader<R> {
    /// A reader of the default file.
    ///
    /// # Errors
    /// `Empty`, `Encoding`, `Header`, `HeaderTwice` or `Read`: nothing was read then.
    pub fn new(input: R) -> Result<Self, BooksError> {
        Self::with_mapping(input, Mapping::default())
    }

    /// A reader of a file that `mapping`, already checked, describes.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_mapping(input: R, mapping: Mapping) -> Result<Self, BooksError> {
        let mut lines = Lines::new(input);
        let mut quoted = csv_core::ReaderBuilder::new()
            .terminator(csv_core::Terminator::Any(b'\n'))
            .build();
        let expected = || -> Vec<String> {
            mapping
                .needed_columns()
                .into_iter()
                .map(str::to_owned)
                .collect()
        };
        let mut record = Record::default();
        if lines.read(&mut record.text)? == LineRead::End {
            return Err(BooksError::Empty {
                expected: expected(),
            });
        }
        if let Some(looks_like) = foreign(&record.text) {
            return Err(BooksError::Encoding { looks_like });
        }
        if record.text.starts_with(BOM) {
            record.text.drain(..BOM.len());
        }
        if record.text.contains(&b'"') {
            let line = std::mem::take(&mut record.text);
            split_quoted(&mut quoted, &line, &mut record);
        } else {
            split_plain(&record.text, &mut record.fields);
        }
        let names: Vec<String> = (0..record.fields.len())
            .map(|number| {
                String::from_utf8_lossy(record.field(number))
                    .trim()
                    .to_owned()
            })
            .collect();
        let meaning = Meaning::new(mapping, names)?;
        Ok(Self {
            lines,
            meaning,
            record,
            quoted,
            ended: false,
            faults: 0,
        })
    }

    /// The header as it stands.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.meaning.names
    }

    /// Hands over to reading in blocks: what the columns mean, and the input behind the header.
    #[must_use]
    pub fn into_blocks(self) -> (BooksBlocks, R) {
        (
            BooksBlocks {
                meaning: self.meaning,
            },
            self.lines.input,
        )
    }

    /// Rows refused so far.
    #[must_use]
    pub const fn faults(&self) -> u64 {
        self.faults
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// `Row` for a refused row, after which reading goes on; `Read` when the file cannot be read
    /// further.
    pub fn next_row(&mut self) -> Result<Option<BookRow<'_>>, BooksError> {
        if self.ended {
            return Ok(None);
        }
        match self.advance() {
            Ok(true) => {}
            Ok(false) => {
                self.ended = true;
                return Ok(None);
            }
            Err(error) => {
                match error {
                    BooksError::Row(_) => self.faults += 1,
                    _ => self.ended = true,
                }
                return Err(error);
            }
        }
        // Counted apart from reading, which borrows the row out.
        let (reader, faults) = (
            RowReader {
                meaning: &self.meaning,
                fields: self.record.fields(),
            },
            &mut self.faults,
        );
        match reader.row() {
            Ok(row) => Ok(Some(row)),
            Err(fault) => {
                *faults += 1;
                Err(BooksError::Row(*fault))
            }
        }
    }

    /// Sends every good row to the engine and every fault to `on_fault`; returns how many rows went.
    ///
    /// # Errors
    /// `Books` when the file cannot be read further; what [`Intake::push`] gives.
    pub fn feed(
        &mut self,
        intake: &mut Intake,
        mut on_fault: impl FnMut(RowFault),
    ) -> Result<u64, ReconError> {
        let mut rows = 0;
        loop {
            match self.next_row() {
                Ok(Some(row)) => {
                    intake.push(&row.entry())?;
                    rows += 1;
                }
                Ok(None) => return Ok(rows),
                Err(BooksError::Row(fault)) => on_fault(fault),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Brings the fields of the next row into `record`; false at the end.
    fn advance(&mut self) -> Result<bool, BooksError> {
        loop {
            let read = self.lines.read(&mut self.record.text)?;
            self.record.line_no = self.lines.line_no;
            match read {
                LineRead::End => return Ok(false),
                LineRead::TooLong => {
                    return Err(self.whole_row(TOO_LONG.0, TOO_LONG.1));
                }
                LineRead::Line => {}
            }
            // Spreadsheets leave rows of bare commas behind the last one.
            if self
                .record
                .text
                .iter()
                .all(|byte| matches!(byte, b',' | b' ' | b'\t'))
            {
                continue;
            }
            if self.record.text.contains(&b'"') {
                self.advance_quoted()?;
            } else {
                split_plain(&self.record.text, &mut self.record.fields);
                self.check_width(0)?;
            }
            return Ok(true);
        }
    }

    /// As [`Self::advance`] for a line with quotes, whose values may span lines.
    fn advance_quoted(&mut self) -> Result<(), BooksError> {
        let mut text = std::mem::take(&mut self.record.text);
        let mut further: Vec<Vec<u8>> = Vec::new();
        loop {
            if split_quoted(&mut self.quoted, &text, &mut self.record) {
                if !further.is_empty() && self.has_swallowed(&further) {
                    return Err(self.unclosed(&text, further));
                }
                let width = self.check_width(further.len());
                if width.is_err() {
                    self.lines.put_back(further);
                }
                return width;
            }
            let mut line = Vec::new();
            if further.len() + 1 < QUOTED_LINES_MAX && self.lines.read(&mut line)? == LineRead::Line
            {
                text.push(b'\n');
                text.extend_from_slice(&line);
                further.push(line);
                continue;
            }
            return Err(self.unclosed(&text, further));
        }
    }

    /// Whether the quotation marks of a row over several lines look like two stray ones with good
    /// rows between: no needed value has line ends, and the lines of a remark are not rows.
    fn has_swallowed(&self, further: &[Vec<u8>]) -> bool {
        let spans = |number: &usize| self.record.field(*number).contains(&b'\n');
        let Some(column) = (0..self.record.fields.len()).find(spans) else {
            return false;
        };
        let needed = self.meaning.mapping.needed_columns();
        if self
            .meaning
            .names
            .get(column)
            .is_some_and(|n| needed.contains(&n.as_str()))
        {
            return true;
        }
        further.iter().enumerate().any(|(number, line)| {
            let row_like =
                line.iter().filter(|b| **b == b',').count() + 1 >= self.meaning.names.len();
            // In a first column the last line rightly has all other columns behind it.
            row_like && (column > 0 || number + 1 < further.len())
        })
    }

    /// The fault of the line that opens the quotation mark; the lines after it are read again.
    fn unclosed(&mut self, text: &[u8], further: Vec<Vec<u8>>) -> BooksError {
        let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        self.record.text = first.to_vec();
        self.lines.put_back(further);
        self.whole_row(
            "a quotation mark is opened and not closed",
            "Close it, or double quotation marks that belong to the value; the lines after this \
             one were read on their own",
        )
    }

    fn check_width(&self, further_lines: usize) -> Result<(), BooksError> {
        let (found, expected) = (self.record.fields.len(), self.meaning.names.len());
        if found == expected {
            return Ok(());
        }
        Err(BooksError::Row(wrong_width(
            self.record.line_no,
            &self.record.text,
            found,
            expected,
            further_lines,
        )))
    }

    fn whole_row(&self, reason: &str, remedy: &str) -> BooksError {
        BooksError::Row(whole_row(
            self.record.line_no,
            &self.record.text,
            reason,
            remedy,
        ))
    }
}

impl<R: BufRead> Iterator for BooksReader<R> {
    type Item = Result<BookEntry, BooksError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.next_row() {
            Ok(row) => row?,
            Err(error) => return Some(Err(error)),
        };
        Some(row.to_entry().map_err(BooksError::Row))
    }
}

const NUMBER_REMEDY: &str = "Correct the number and import the file again";
const AGAIN: &str = "Correct the field and import the file again; the other rows were read";

/// Turns the fields of one row into values.
struct RowReader<'a> {
    meaning: &'a Meaning,
    fields: Fields<'a>,
}

impl<'a> RowReader<'a> {
    fn row(&self) -> Result<BookRow<'a>, Box<RowFault>> {
        let kind = match (self.meaning.mapping.constant_kind, self.meaning.at.kind) {
            (Some(kind), _) => kind,
            (None, column) => self.kind(column.unwrap_or_default())?,
        };
        let order_no = self.number(self.meaning.at.order_no, "order number", |text| {
            MerchantOrderNo::parse(text).map(drop)
        })?;
        let refund_no = match (kind, self.meaning.at.refund_no) {
            (EntryKind::Refund, Some(column)) => {
                Some(self.number(column, "refund number", |text| {
                    MerchantRefundNo::parse(text).map(drop)
                })?)
            }
            (EntryKind::Payment, Some(column)) if !self.fields.field(column).is_empty() => {
                return Err(self.fault(
                    column,
                    "a payment row carries a refund number",
                    "Empty this field, or say in the kind column that the row is a refund",
                ));
            }
            // Without the column every row is a payment: the mapping was checked for that.
            _ => None,
        };
        let currency = match (
            self.meaning.mapping.constant_currency,
            self.meaning.at.currency,
        ) {
            (Some(currency), _) => currency,
            (None, column) => self.currency(column.unwrap_or_default())?,
        };
        let amount = self.amount(currency)?;
        let (state, state_text) = self.state()?;
        let created_at = self.time()?;
        Ok(BookRow {
            line_no: self.fields.line_no,
            kind,
            order_no,
            refund_no,
            channel_no: match self.meaning.at.channel_no {
                Some(column) => Some(self.text(column)?).filter(|text| !text.is_empty()),
                None => None,
            },
            amount,
            state,
            state_text,
            created_at,
        })
    }

    fn fault(&self, column: usize, reason: &str, remedy: &str) -> Box<RowFault> {
        Box::new(RowFault {
            line_no: self.fields.line_no,
            column: self.meaning.names[column].clone(),
            field: shown(self.fields.field(column)),
            reason: reason.to_owned(),
            remedy: remedy.to_owned(),
        })
    }

    fn text(&self, column: usize) -> Result<&'a str, Box<RowFault>> {
        if let Some(valid) = self.fields.valid {
            let (from, to) = self.fields.places[column];
            // Cut at commas, so every field lies on characters.
            return Ok(valid.get(from..to).unwrap_or_default());
        }
        let bytes = self.fields.field(column);
        std::str::from_utf8(bytes).map_err(|_| {
            let reason = if is_gbk(bytes) {
                "the field is in GBK, not UTF-8"
            } else {
                "the field is not UTF-8 text"
            };
            self.fault(
                column,
                reason,
                "Save the file again as “CSV UTF-8” and import that",
            )
        })
    }

    fn kind(&self, column: usize) -> Result<EntryKind, Box<RowFault>> {
        let text = self.text(column)?;
        self.meaning.kinds.meaning(text).ok_or_else(|| {
            self.fault(
                column,
                &format!("unknown kind; {} are taken", self.meaning.kinds.listed()),
                AGAIN,
            )
        })
    }

    fn number(
        &self,
        column: usize,
        what: &str,
        check: impl Fn(&str) -> Result<(), zf_domain::IdError>,
    ) -> Result<&'a str, Box<RowFault>> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Err(self.fault(column, &format!("the {what} is missing"), NUMBER_REMEDY));
        }
        if is_plain_number(text.as_bytes()) {
            return Ok(text);
        }
        match check(text) {
            Ok(()) => Ok(text),
            // What a spreadsheet makes of a long number: only the source still has its digits.
            Err(_) if looks_rounded(text) => Err(self.fault(
                column,
                "a spreadsheet has rounded this number",
                "Export the file again and do not save it from a spreadsheet; the digits are lost",
            )),
            Err(error) => Err(self.fault(column, error.reason, NUMBER_REMEDY)),
        }
    }

    fn currency(&self, column: usize) -> Result<Currency, Box<RowFault>> {
        let text = self.text(column)?;
        if text == "CNY" {
            return Ok(Currency::Cny);
        }
        Currency::parse(text).map_err(|_| {
            let codes = Currency::ALL.map(Currency::code).join(", ");
            self.fault(
                column,
                &format!("unknown currency; {codes} are taken"),
                AGAIN,
            )
        })
    }

    fn amount(&self, currency: Currency) -> Result<Money, Box<RowFault>> {
        let column = self.meaning.at.amount;
        let text = self.text(column)?;
        let refused = |reason: &str| self.fault(column, reason, AGAIN);
        if self.meaning.mapping.amount_unit == AmountUnit::Yuan
            && let Some(minor) = usual_amount(text, currency)
        {
            return Ok(Money::new(minor, currency));
        }
        let parsed = Money::parse(text, currency).map_err(|error| match error {
            MoneyError::NotAnAmount { reason, .. } => refused(reason),
            other => refused(&other.to_string()),
        });
        match self.meaning.mapping.amount_unit {
            AmountUnit::Yuan => parsed,
            AmountUnit::Fen if text.contains('.') => Err(refused(
                "whole minor units are expected, without a decimal point",
            )),
            AmountUnit::Fen => text
                .parse()
                .map(|minor| Money::new(minor, currency))
                .map_err(|_| match parsed {
                    Err(fault) => fault,
                    Ok(_) => refused("the amount exceeds what can be counted"),
                })
                .and_then(|money| match money.minor < 0 || text.starts_with('+') {
                    true => Err(refused("signs are not taken here; amounts are positive")),
                    false => Ok(money),
                }),
        }
    }

    fn state(&self) -> Result<(EntryState, &'a str), Box<RowFault>> {
        let column = self.meaning.at.status;
        let text = self.text(column)?;
        match self.meaning.statuses.meaning(text) {
            Some(state) => Ok((state, text)),
            None => Err(self.fault(
                column,
                &format!(
                    "unknown status; {} are taken",
                    self.meaning.statuses.listed()
                ),
                "Correct the field, or give this word a meaning in the mapping",
            )),
        }
    }

    fn time(&self) -> Result<Timestamp, Box<RowFault>> {
        let column = self.meaning.at.created_at;
        let text = self.text(column)?;
        let (parsed, expected) = match self.meaning.mapping.time_format {
            TimeFormat::Rfc3339 => (
                usual_time(text).or_else(|| Timestamp::parse_rfc3339(text).ok()),
                "an RFC 3339 time such as 2026-03-14T09:12:33+08:00",
            ),
            TimeFormat::Beijing => (
                Timestamp::parse_beijing(text).ok(),
                "a Beijing time such as 2026-03-14 09:12:33",
            ),
            TimeFormat::Local => (
                local_time(text, self.meaning.mapping.zone),
                "a date and time such as 2026-03-14 09:12:33",
            ),
            TimeFormat::UnixSeconds => (
                text.parse().ok().map(Timestamp::from_seconds),
                "seconds since 1970 UTC such as 1773450753",
            ),
            TimeFormat::UnixMillis => (
                text.parse().ok().map(Timestamp::from_millis),
                "milliseconds since 1970 UTC such as 1773450753000",
            ),
        };
        parsed.ok_or_else(|| self.fault(column, &format!("this is not {expected}"), AGAIN))
    }
}

/// An amount in the form nearly all have: up to nine digits, a point, as many digits as the
/// currency's minor units have. Everything else, faults too, is the domain's to read.
#[inline]
fn usual_amount(text: &str, currency: Currency) -> Option<i64> {
    let bytes = text.as_bytes();
    let point = bytes.len().checked_sub(3)?;
    if currency.digits() != 2 || !(1..=9).contains(&point) || bytes[point] != b'.' {
        return None;
    }
    let mut minor = 0;
    for byte in bytes[..point].iter().chain(&bytes[point + 1..]) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        minor = minor * 10 + i64::from(digit);
    }
    Some(minor)
}

/// A time in the form nearly all have: `2026-03-14T09:12:33+08:00`. Everything else, faults too, is
/// the domain's to read.
#[inline]
fn usual_time(text: &str) -> Option<Timestamp> {
    let b: &[u8; 25] = text.as_bytes().try_into().ok()?;
    let shaped = b[4] == b'-'
        && b[7] == b'-'
        && b[10] == b'T'
        && b[13] == b':'
        && b[16] == b':'
        && b[22] == b':'
        && matches!(b[19], b'+' | b'-');
    if !shaped {
        return None;
    }
    let mut wrong = false;
    let mut pair = |at: usize| -> i64 {
        let (tens, ones) = (b[at].wrapping_sub(b'0'), b[at + 1].wrapping_sub(b'0'));
        wrong |= tens > 9 || ones > 9;
        i64::from(tens) * 10 + i64::from(ones)
    };
    let year = pair(0) * 100 + pair(2);
    let (month, day) = (pair(5), pair(8));
    let (hour, minute, second) = (pair(11), pair(14), pair(17));
    let offset = (pair(20) * 60 + pair(23)) * 60;
    let within = (1..=12).contains(&month)
        // Later days are not in every month.
        && (1..=28).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && offset < 86_400
        && year > 0
        && !(b[19] == b'-' && offset == 0);
    if wrong || !within {
        return None;
    }
    // Days since 1970-01-01 of the civil calendar, counting years from March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let local = days * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Timestamp::from_seconds(if b[19] == b'+' {
        local - offset
    } else {
        local + offset
    }))
}

/// A time as spreadsheets and databases write it: year, month, day and perhaps hour, minute, second
/// in this order, any usual marks between; local to the zone unless it says its offset.
fn local_time(text: &str, zone: Zone) -> Option<Timestamp> {
    let text = text.trim();
    let mut numbers = [0_i64; 6];
    let mut rest = text;
    let mut count = 0;
    while count < 6 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 4 || (count == 0) != (digits == 4) || (count > 0 && digits > 2) {
            return None;
        }
        numbers[count] = rest[..digits].parse().ok()?;
        count += 1;
        rest = &rest[digits..];
        let marks: &[char] = match count {
            1 | 2 => &['-', '/', '.'],
            3 => &[' ', 'T'],
            4 | 5 => &[':'],
            _ => break,
        };
        match rest.strip_prefix(marks) {
            Some(more) => rest = more.trim_start_matches(' '),
            None => break,
        }
    }
    // A day, or a day with at least hours and minutes.
    if !matches!(count, 3 | 5 | 6) {
        return None;
    }
    if let Some(fraction) = rest.strip_prefix('.').filter(|_| count == 6) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        rest = &fraction[digits..];
    }
    let offset = match rest.trim_start() {
        "" => zone.to_string(),
        "Z" => "+00:00".to_owned(),
        hours if hours.len() == 3 => format!("{hours}:00"),
        given => given.to_owned(),
    };
    let [year, month, day, hour, minute, second] = numbers;
    Timestamp::parse_rfc3339(&format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}"
    ))
    .ok()
}

/// A books file read in blocks of whole lines, by as many threads as like to.
///
/// Made by [`BooksReader::into_blocks`]; cut the input with [`Cut::Quoted`](crate::Cut::Quoted).
/// Rows and faults are the same as the reader's.
#[derive(Debug)]
pub struct BooksBlocks {
    meaning: Meaning,
}

impl BooksBlocks {
    /// Sends every good row of a block, whose first line is line `first_line` of the file, to the
    /// engine and every fault to `on_fault`; returns how many rows went.
    ///
    /// # Errors
    /// What [`Intake::push`] gives.
    pub fn feed(
        &self,
        block: &[u8],
        first_line: u64,
        intake: &mut Intake,
        on_fault: impl FnMut(RowFault),
    ) -> Result<u64, ReconError> {
        if memchr::memchr(b'"', block).is_some() {
            let mut lines = Lines::new(block);
            lines.line_no = first_line - 1;
            let mut reader = BooksReader {
                lines,
                meaning: self.meaning.clone(),
                record: Record::default(),
                quoted: csv_core::ReaderBuilder::new()
                    .terminator(csv_core::Terminator::Any(b'\n'))
                    .build(),
                ended: false,
                faults: 0,
            };
            return reader.feed(intake, on_fault);
        }
        feed_lines(&self.meaning, block, first_line, intake, on_fault)
    }
}

/// Feeds a block without quotation marks; made for processors with AVX2 and for all others.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"), dispatcher = "direct")]
fn feed_lines<F: FnMut(RowFault)>(
    meaning: &Meaning,
    block: &[u8],
    first_line: u64,
    intake: &mut Intake,
    mut on_fault: F,
) -> Result<u64, ReconError> {
    // Whole blocks are text, but for a damaged file: then every field is looked at alone.
    let valid = scan::as_text(block);
    let mut rows = 0;
    let mut line_no = first_line;
    let mut places = Vec::new();
    let mut usual = UsualRow::of(meaning);
    let mut lines = CommaLines::new(block);
    while let Some(line) = lines.next_line() {
        if let Some(valid) = valid
            && line.values == meaning.names.len()
            && line.to - line.from <= LINE_BYTES_MAX
            && let Some(usual) = &mut usual
            && let Some(entry) = usual.read(valid, lines.values(&line), line_no)
        {
            intake.push(&entry)?;
            rows += 1;
            line_no += 1;
            continue;
        }
        let (from, to) = (line.from, line.to);
        let text = &block[from..to];
        let fields = |places| Fields {
            line_no,
            text,
            valid: valid.and_then(|valid| valid.get(from..to)),
            places,
        };
        if text.len() > LINE_BYTES_MAX {
            on_fault(whole_row(line_no, text, TOO_LONG.0, TOO_LONG.1));
        } else if !text.iter().all(|byte| matches!(byte, b',' | b' ' | b'\t')) {
            split_plain(text, &mut places);
            if places.len() == meaning.names.len() {
                let reader = RowReader {
                    meaning,
                    fields: fields(&places),
                };
                match reader.row() {
                    Ok(row) => {
                        intake.push(&row.entry())?;
                        rows += 1;
                    }
                    Err(fault) => on_fault(*fault),
                }
            } else {
                on_fault(wrong_width(
                    line_no,
                    text,
                    places.len(),
                    meaning.names.len(),
                    0,
                ));
            }
        }
        line_no += 1;
    }
    Ok(rows)
}

/// The short way through the rows nearly all are: every value in its usual form, amounts in yuan and
/// CNY, times as RFC 3339. Any other row gives `None`; [`RowReader`] reads it, or says what is wrong
/// with it. Keeps what the row before said.
struct UsualRow<'a> {
    meaning: &'a Meaning,
    kind_at: usize,
    status_at: usize,
    day: Day,
}

impl<'a> UsualRow<'a> {
    /// `None` for a file whose mapping says something else.
    fn of(meaning: &'a Meaning) -> Option<Self> {
        let mapping = &meaning.mapping;
        let usual = mapping.amount_unit == AmountUnit::Yuan
            && mapping.time_format == TimeFormat::Rfc3339
            && mapping.constant_currency.is_none_or(|c| c == Currency::Cny);
        usual.then(|| Self {
            meaning,
            kind_at: 0,
            status_at: 0,
            day: Day::default(),
        })
    }

    #[inline(always)]
    fn read<'t>(
        &mut self,
        text: &'t str,
        values: Values<'_, false>,
        line_no: u64,
    ) -> Option<Entry<'t>> {
        let Meaning {
            kinds,
            statuses,
            at,
            mapping,
            ..
        } = self.meaning;
        let bytes = text.as_bytes();
        let kind = match (mapping.constant_kind, at.kind) {
            (Some(kind), _) => kind,
            (None, column) => kinds.meaning_near(values.of(bytes, column?), &mut self.kind_at)?,
        };
        if !is_plain_number(values.of(bytes, at.order_no)) {
            return None;
        }
        let key = match (kind, at.refund_no) {
            (EntryKind::Refund, Some(column)) => {
                if !is_plain_number(values.of(bytes, column)) {
                    return None;
                }
                column
            }
            (EntryKind::Payment, Some(column)) if !values.of(bytes, column).is_empty() => {
                return None;
            }
            _ => at.order_no,
        };
        if let Some(column) = at.currency
            && values.of(bytes, column) != b"CNY"
        {
            return None;
        }
        let (from, to) = values.place(at.amount);
        let minor = match scan::short_decimal::<2>(bytes, from, to) {
            Some(minor) => minor,
            None => usual_amount(text.get(from..to)?, Currency::Cny)?,
        };
        let state = statuses.meaning_near(values.of(bytes, at.status), &mut self.status_at)?;
        let occurred_at = self.day.at(values.of(bytes, at.created_at))?;
        let (from, to) = values.place(key);
        Some(Entry {
            kind,
            key: text.get(from..to)?,
            amount: Money::cny(minor),
            state,
            occurred_at,
            line_no,
            extra: Extra::default(),
        })
    }
}

/// The day of the row read last, and how far from UTC: most rows of a file have the same.
#[derive(Default)]
struct Day {
    /// As they stand before and behind the time of day.
    day: [u8; 11],
    zone: [u8; 6],
    began: i64,
}

impl Day {
    #[inline(always)]
    fn at(&mut self, text: &[u8]) -> Option<Timestamp> {
        let text: &[u8; 25] = text.try_into().ok()?;
        let (day, rest) = text.split_first_chunk::<11>()?;
        let (time, zone) = rest.split_first_chunk::<8>()?;
        let zone: &[u8; 6] = zone.try_into().ok()?;
        let of_day = scan::time_of_day(time)?;
        if *day != self.day || *zone != self.zone {
            let at = usual_time(std::str::from_utf8(text).ok()?)?;
            *self = Self {
                day: *day,
                zone: *zone,
                began: at.seconds() - of_day,
            };
        }
        Some(Timestamp::from_seconds(self.began + of_day))
    }
}

const TOO_LONG: (&str, &str) = (
    "the line is longer than a million bytes",
    "Check that the file is a CSV with line ends",
);

fn whole_row(line_no: u64, text: &[u8], reason: &str, remedy: &str) -> RowFault {
    RowFault {
        line_no,
        column: String::new(),
        field: shown(text),
        reason: reason.to_owned(),
        remedy: remedy.to_owned(),
    }
}

fn wrong_width(
    line_no: u64,
    text: &[u8],
    found: usize,
    expected: usize,
    further_lines: usize,
) -> RowFault {
    let spans = if further_lines > 0 {
        format!(" (with quotation marks reaching {further_lines} lines further)")
    } else {
        String::new()
    };
    whole_row(
        line_no,
        text,
        &format!("the row has {found} columns{spans}, the header has {expected}"),
        "A comma inside a value needs quotation marks around the value; correct the row and \
         import the file again",
    )
}

/// `1.23457E+17`: what a spreadsheet shows, and saves, for a long number.
fn looks_rounded(text: &str) -> bool {
    text.split_once("E+").is_some_and(|(digits, exponent)| {
        digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && exponent.bytes().all(|b| b.is_ascii_digit())
    })
}

/// What a message may show of a field: at most 80 characters on one line.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .take(80)
        .map(|c| if c.is_control() { '␤' } else { c })
        .collect()
}

/// Splits a line without quotation marks: begin and end of each field.
fn split_plain(text: &[u8], fields: &mut Vec<(usize, usize)>) {
    fields.clear();
    scan::part(text, Parting::Comma, fields);
}

/// Splits a line, or several joined by line feeds, with quotation marks; false when one of them is
/// not closed.
fn split_quoted(reader: &mut csv_core::Reader, text: &[u8], record: &mut Record) -> bool {
    reader.reset();
    let mut input = Vec::with_capacity(text.len() + 1);
    input.extend_from_slice(text);
    input.push(b'\n');
    let mut out = vec![0; input.len()];
    let mut ends = vec![0; input.iter().filter(|b| **b == b',').count() + 2];
    let (result, _, written, fields) = reader.read_record(&input, &mut out, &mut ends);
    if result != csv_core::ReadRecordResult::Record {
        return false;
    }
    out.truncate(written);
    record.text = out;
    record.fields.clear();
    let mut from = 0;
    for end in &ends[..fields] {
        record.fields.push((from, *end));
        from = *end;
    }
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineRead {
    Line,
    TooLong,
    End,
}

/// Lines of a file, numbered, without their ends; read ones can be put back.
#[derive(Debug)]
struct Lines<R> {
    input: R,
    /// The number of the line read last.
    line_no: u64,
    waiting: VecDeque<Vec<u8>>,
}

impl<R: BufRead> Lines<R> {
    const fn new(input: R) -> Self {
        Self {
            input,
            line_no: 0,
            waiting: VecDeque::new(),
        }
    }

    fn read(&mut self, into: &mut Vec<u8>) -> Result<LineRead, BooksError> {
        into.clear();
        if let Some(line) = self.waiting.pop_front() {
            *into = line;
            self.line_no += 1;
            return Ok(LineRead::Line);
        }
        let line_no = self.line_no;
        let failed = |source| BooksError::Read { line_no, source };
        let read = (&mut self.input)
            .take(LINE_BYTES_MAX as u64)
            .read_until(b'\n', into)
            .map_err(failed)?;
        if read == 0 {
            return Ok(LineRead::End);
        }
        self.line_no += 1;
        if into.last() == Some(&b'\n') {
            into.pop();
        } else if read == LINE_BYTES_MAX {
            self.skip_line().map_err(failed)?;
            return Ok(LineRead::TooLong);
        }
        if into.last() == Some(&b'\r') {
            into.pop();
        }
        Ok(LineRead::Line)
    }

    /// Passes over the rest of a line without keeping it.
    fn skip_line(&mut self) -> std::io::Result<()> {
        let mut rest = Vec::new();
        loop {
            rest.clear();
            let read = (&mut self.input)
                .take(LINE_BYTES_MAX as u64)
                .read_until(b'\n', &mut rest)?;
            if read == 0 || rest.last() == Some(&b'\n') {
                return Ok(());
            }
        }
    }

    /// Puts back the lines read last, in their order.
    fn put_back(&mut self, lines: Vec<Vec<u8>>) {
        self.line_no -= lines.len() as u64;
        for line in lines.into_iter().rev() {
            self.waiting.push_front(line);
        }
    }
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// What a file that is not UTF-8 text looks like; `None` when it is, judged by its first line.
fn foreign(first_line: &[u8]) -> Option<&'static str> {
    const SIGNS: &[(&[u8], &str)] = &[
        (b"\xff\xfe", "in UTF-16 (“Unicode text”)"),
        (b"\xfe\xff", "in UTF-16 (“Unicode text”)"),
        (b"PK\x03\x04", "an Excel workbook (.xlsx) or a zip archive"),
        (b"\xd0\xcf\x11\xe0", "an Excel workbook (.xls)"),
        (b"\x1f\x8b", "a gzip archive"),
    ];
    if let Some((_, name)) = SIGNS.iter().find(|(sign, _)| first_line.starts_with(sign)) {
        return Some(name);
    }
    if std::str::from_utf8(first_line).is_ok() {
        return None;
    }
    Some(if is_gbk(first_line) {
        "in GBK (the Chinese Windows encoding)"
    } else {
        "in an unknown encoding"
    })
}

/// Whether bytes that are not UTF-8 have the form of GBK: every byte above 0x7f leads a pair.
fn is_gbk(bytes: &[u8]) -> bool {
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            0..=0x7f => {}
            0x81..=0xfe => match bytes.next() {
                Some(0x40..=0x7e | 0x80..=0xfe) => {}
                _ => return false,
            },
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "kind,out_trade_no,out_refund_no,amount,currency,status,created_at\n";
    const TIME: &str = "2026-03-14T09:12:33+08:00";

    /// Reads a file after the default header: good rows as `line number amount state`, faults as
    /// their message. `T` stands for a time.
    fn read(rows: &str) -> String {
        read_file(
            format!("{HEADER}{rows}")
                .replace(",T", &format!(",{TIME}"))
                .as_bytes(),
        )
    }

    fn read_file(bytes: &[u8]) -> String {
        read_mapped(bytes, Mapping::default())
    }

    fn read_mapped(bytes: &[u8], mapping: Mapping) -> String {
        let reader = match BooksReader::with_mapping(bytes, mapping) {
            Ok(reader) => reader,
            Err(error) => return error.to_string(),
        };
        reader
            .map(|row| match row {
                Ok(entry) => format!(
                    "{} {} {} {}",
                    entry.line_no,
                    entry
                        .refund_no
                        .as_ref()
                        .map_or(entry.order_no.as_str(), |n| n.as_str()),
                    entry.amount,
                    entry.state.as_str(),
                ),
                Err(fault) => fault.to_string(),
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn check(rows: &str, expected: &str) {
        assert_eq!(read(rows), expected, "{rows}");
    }

    #[test]
    fn rows_are_read_as_they_stand() {
        check(
            "payment,M1,,100.00,CNY,SUCCESS,T\nrefund,M1,R1,40,CNY,PROCESSING,T\r\n\n,,,,,,\npayment,M2,,5.5,HKD,CLOSED,T",
            "2 M1 100.00 CNY done\n3 R1 40.00 CNY in_progress\n6 M2 5.50 HKD void",
        );
        check(
            "payment,\"M1\",\"\",\"100.00\",CNY,\"SUCCESS\",T",
            "2 M1 100.00 CNY done",
        );
        check("", "");
    }

    #[test]
    fn every_status_word_has_its_meaning() {
        for (words, state) in [
            ("SUCCESS REFUND", "done"),
            ("PROCESSING PENDING NOTPAY USERPAYING", "in_progress"),
            ("CLOSED REVOKED FAIL CANCELLED", "void"),
        ] {
            for word in words.split(' ') {
                check(
                    &format!("payment,M1,,1,CNY,{word},T"),
                    &format!("2 M1 1.00 CNY {state}"),
                );
            }
        }
    }

    #[test]
    fn a_fault_names_line_column_field_and_remedy() {
        let again = "Correct the field and import the file again; the other rows were read";
        for (row, fault) in [
            (
                "payment,M1,,1e3,CNY,SUCCESS,T",
                format!("column “amount”: “1e3”: exponents are not taken; write the amount out. {again}"),
            ),
            (
                "payment,M1,,-0.01,CNY,SUCCESS,T",
                format!("column “amount”: “-0.01”: signs are not taken here; amounts are positive. {again}"),
            ),
            (
                "payment,M1,,\"1,234.5\",CNY,SUCCESS,T",
                format!("column “amount”: “1,234.5”: thousands separators are not taken; write 1234.50. {again}"),
            ),
            (
                "payment,M1,,,CNY,SUCCESS,T",
                format!("column “amount”: “”: it is empty; write 0.00 for nothing. {again}"),
            ),
            (
                "payment,M1,,1,XYZ,SUCCESS,T",
                format!("column “currency”: “XYZ”: unknown currency; CNY, USD, HKD, EUR, GBP, JPY are taken. {again}"),
            ),
            (
                "payment,M1,,1,CNY,PAID,T",
                "column “status”: “PAID”: unknown status; CANCELLED, CLOSED, FAIL, NOTPAY, PENDING, \
                 PROCESSING, REFUND, REVOKED, SUCCESS, USERPAYING are taken. Correct the field, or \
                 give this word a meaning in the mapping"
                    .to_owned(),
            ),
            (
                "payout,M1,,1,CNY,SUCCESS,T",
                format!("column “kind”: “payout”: unknown kind; payment, refund are taken. {again}"),
            ),
            (
                "payment,M1,,1,CNY,SUCCESS,14/03/2026",
                format!("column “created_at”: “14/03/2026”: this is not an RFC 3339 time such as 2026-03-14T09:12:33+08:00. {again}"),
            ),
            (
                "payment,,,1,CNY,SUCCESS,T",
                "column “out_trade_no”: “”: the order number is missing. Correct the number and import the file again".to_owned(),
            ),
            (
                "refund,M1,,1,CNY,SUCCESS,T",
                "column “out_refund_no”: “”: the refund number is missing. Correct the number and import the file again".to_owned(),
            ),
            (
                "payment,M1,R1,1,CNY,SUCCESS,T",
                "column “out_refund_no”: “R1”: a payment row carries a refund number. Empty this field, or say in the kind column that the row is a refund".to_owned(),
            ),
            (
                "payment,1.23457E+17,,1,CNY,SUCCESS,T",
                "column “out_trade_no”: “1.23457E+17”: a spreadsheet has rounded this number. Export the file again and do not save it from a spreadsheet; the digits are lost".to_owned(),
            ),
            (
                "payment,M 1,,1,CNY,SUCCESS,T",
                "column “out_trade_no”: “M 1”: 1 to 64 letters, digits, _ - | * @ are taken. Correct the number and import the file again".to_owned(),
            ),
        ] {
            // The row after the bad one is read all the same.
            check(
                &format!("{row}\npayment,M9,,1,CNY,SUCCESS,T"),
                &format!("line 2, {fault}\n3 M9 1.00 CNY done"),
            );
        }
    }

    #[test]
    fn a_comma_too_many_costs_its_own_row_only() {
        check(
            "payment,M1,,1,234.50,CNY,SUCCESS,T\npayment,M2,,1,CNY,SUCCESS,T",
            &format!(
                "line 2: “payment,M1,,1,234.50,CNY,SUCCESS,{TIME}”: the row has 8 columns, the header \
                 has 7. A comma inside a value needs quotation marks around the value; correct the row \
                 and import the file again\n3 M2 1.00 CNY done"
            ),
        );
    }

    #[test]
    fn a_stray_quote_costs_its_own_line_only() {
        let rows = "payment,\"M1,,1,CNY,SUCCESS,T\npayment,M2,,1,CNY,SUCCESS,T\npayment,M3,,1,CNY,SUCCESS,T\n";
        let text = read(rows);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("line 2: “payment,\"M1"), "{text}");
        assert!(lines[0].contains("opened and not closed"), "{text}");
        assert_eq!(lines[1..], ["3 M2 1.00 CNY done", "4 M3 1.00 CNY done"]);

        // Closed by another stray one two lines on: the good row between is not swallowed.
        let rows = "payment,\"M1,,1,CNY,SUCCESS,T\npayment,M2,,1,CNY,SUCCESS,T\npayment,M3\",,1,CNY,SUCCESS,T\npayment,M4,,1,CNY,SUCCESS,T\n";
        let text = read(rows);
        assert!(text.contains("\n3 M2 1.00 CNY done\n"), "{text}");
        assert!(text.ends_with("\n5 M4 1.00 CNY done"), "{text}");

        // The same in a column nobody needs.
        let file = format!(
            "{}{}",
            HEADER.replace('\n', ",note\n"),
            (1..=4)
                .map(|n| format!(
                    "payment,M{n},,1,CNY,SUCCESS,{TIME},{}\n",
                    ["\"x", "x", "\"", "x"][n - 1]
                ))
                .collect::<String>()
        );
        let text = read_file(file.as_bytes());
        assert!(text.contains("\n3 M2 1.00 CNY done\n"), "{text}");
        assert!(text.ends_with("\n5 M4 1.00 CNY done"), "{text}");
    }

    #[test]
    fn a_value_over_two_lines_keeps_the_count_of_lines() {
        let file = format!(
            "note,{HEADER}\"two\nlines\",payment,M1,,1,CNY,SUCCESS,{TIME}\nx,payment,M2,,1,CNY,SUCCESS,{TIME}\n"
        );
        assert_eq!(
            read_file(file.as_bytes()),
            "2 M1 1.00 CNY done\n4 M2 1.00 CNY done"
        );
    }

    #[test]
    fn columns_are_found_by_name_beside_others() {
        let file = format!(
            "\u{feff}created_at,门店,status,\"currency\",amount,out_refund_no,out_trade_no,kind\r\n{TIME},一号店,SUCCESS,CNY,12.30,,M1,payment\r\n"
        );
        assert_eq!(read_file(file.as_bytes()), "2 M1 12.30 CNY done");
    }

    #[test]
    fn wrong_headers_say_what_is_expected_and_what_was_found() {
        assert_eq!(
            read_file(b"type,out_trade_no,amount\n"),
            "line 1: the header lacks “kind”, “out_refund_no”, “currency”, “status”, “created_at”. \
             Expected the columns “kind”, “out_trade_no”, “out_refund_no”, “amount”, “currency”, \
             “status”, “created_at”; found “type”, “out_trade_no”, “amount”. Correct the header, or \
             pass a mapping file that names the columns as they stand"
        );
        assert!(read_file(b"").starts_with("the file is empty: line 1 must be the header “kind”"));
        assert!(
            read_file(HEADER.replace("\n", ",amount\n").as_bytes())
                .contains("“amount” stands twice")
        );
    }

    #[test]
    fn other_encodings_are_named() {
        for (bytes, name) in [
            (&b"\xc0\xe0\xd0\xcd,\xb6\xa9\xb5\xa5\xba\xc5\n"[..], "GBK"),
            (b"\xff\xfek\0i\0n\0d\0", "UTF-16"),
            (b"PK\x03\x04rest", ".xlsx"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", ".xls"),
            (b"\xff\xff\xff", "unknown encoding"),
        ] {
            let message = read_file(bytes);
            assert!(
                message.contains(name) && message.contains("CSV UTF-8"),
                "{message}"
            );
        }
        // An English header, Chinese values: the rows without a needed GBK field are still read.
        let mut file = format!("{HEADER}payment,M1,,1,CNY,").into_bytes();
        file.extend_from_slice(b"\xb3\xc9\xb9\xa6,2026-03-14T09:12:33Z\n");
        file.extend_from_slice(format!("payment,M2,,1,CNY,SUCCESS,{TIME}\n").as_bytes());
        let text = read_file(&file);
        assert!(
            text.contains("line 2, column “status”") && text.contains("in GBK"),
            "{text}"
        );
        assert!(text.ends_with("3 M2 1.00 CNY done"), "{text}");
    }

    #[test]
    fn a_line_without_end_is_passed_over() {
        let mut file = HEADER.as_bytes().to_vec();
        file.extend(vec![b'x'; 3 * LINE_BYTES_MAX]);
        file.extend_from_slice(format!("\npayment,M2,,1,CNY,SUCCESS,{TIME}").as_bytes());
        let text = read_file(&file);
        assert!(text.starts_with("line 2: ") && text.contains("longer than a million"));
        assert!(text.ends_with("\n3 M2 1.00 CNY done"));
    }

    #[test]
    fn a_house_file_is_read_through_its_mapping() {
        let mapping = Mapping::from_json(
            r#"{
                "columns": {"order_no": "订单号", "amount": "金额(分)", "status": "状态", "created_at": "下单时间"},
                "constant_kind": "payment", "constant_currency": "CNY",
                "amount_unit": "fen", "time_format": "beijing",
                "statuses": {"已支付": "done", "待支付": "in_progress"}
            }"#,
        )
        .unwrap();
        let file = "订单号,门店,金额(分),状态,下单时间\n\
                    M1,一号店,1230,已支付,2026-03-14 09:12:33\n\
                    M2,一号店,12.30,已支付,2026-03-14 09:12:33\n\
                    M3,一号店,-5,待支付,2026-03-14 09:12:33\n";
        assert_eq!(
            read_mapped(file.as_bytes(), mapping),
            "2 M1 12.30 CNY done\n\
             line 3, column “金额(分)”: “12.30”: whole minor units are expected, without a decimal \
             point. Correct the field and import the file again; the other rows were read\n\
             line 4, column “金额(分)”: “-5”: signs are not taken here; amounts are positive. Correct \
             the field and import the file again; the other rows were read"
        );
    }

    #[test]
    fn local_times_are_read_in_their_zone() {
        let at = |text: &str, zone: &str| {
            local_time(text, Zone::try_from(zone.to_owned()).unwrap())
                .map_or_else(|| "-".to_owned(), Timestamp::to_rfc3339_beijing)
        };
        for (text, zone, expected) in [
            ("2026-03-14 09:12:33", "+08:00", "2026-03-14T09:12:33+08:00"),
            (
                "2026-03-14T09:12:33.250",
                "+08:00",
                "2026-03-14T09:12:33+08:00",
            ),
            ("2026/3/14 9:12", "+08:00", "2026-03-14T09:12:00+08:00"),
            ("2026.3.14", "+08:00", "2026-03-14T00:00:00+08:00"),
            ("2026-03-14 01:12:33", "+00:00", "2026-03-14T09:12:33+08:00"),
            (
                "2026-03-14 01:12:33+00",
                "+08:00",
                "2026-03-14T09:12:33+08:00",
            ),
            (
                "2026-03-14T01:12:33Z",
                "+08:00",
                "2026-03-14T09:12:33+08:00",
            ),
            ("14/03/2026", "+08:00", "-"),
            ("2026-02-30", "+08:00", "-"),
            ("2026-03-14 09", "+08:00", "-"),
            ("2026-03-14 09:12:33 PM", "+08:00", "-"),
            ("46095.38", "+08:00", "-"),
            ("", "+08:00", "-"),
        ] {
            assert_eq!(at(text, zone), expected, "{text}");
        }
    }

    proptest::proptest! {
        /// Whatever the bytes, the reader ends, and every line is a row, a fault or blank.
        #[test]
        fn any_bytes_are_read_or_refused(tail: Vec<u8>, quotes in "[a,\"\n]{0,200}") {
            for rows in [&tail[..], quotes.as_bytes()] {
                let mut file = HEADER.as_bytes().to_vec();
                file.extend_from_slice(rows);
                let reader = BooksReader::new(&file[..]).unwrap();
                let items = reader.count();
                let lines = rows.split(|b| *b == b'\n').count();
                assert!(items <= lines);
            }
        }
    }
}
