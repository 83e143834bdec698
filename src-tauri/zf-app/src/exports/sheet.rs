//! Tables as files: CSV that opens in Excel and WPS, and XLSX.
//!
//! - CSV is UTF-8 with a byte order mark and CRLF ends. Above the table stands a block that says what
//!   it is: filters, zone, time, who, count and sums; it is written last, when they are known.
//! - Amounts are plain decimal text with the currency beside them; in XLSX they are numbers.
//! - Numbers of orders stay text with every digit: `="…"` in CSV, a text cell in XLSX.
//! - No cell of foreign text is ever taken for a formula: in CSV such a cell begins with `'`; in XLSX
//!   text is a text cell.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use zf_crypto::digest::{Sha256Stream, hex_lower};
use zf_domain::{Currency, Money, Timestamp};
use zf_recon::report::text_cell;

use crate::error::AppError;
use crate::files::io_error;
use crate::tasks::Stopper;

/// Excel holds 1,048,576 rows; a new sheet begins before that.
const SHEET_ROWS_MAX: u32 = 1_000_000;
/// Excel holds 15 digits of a number; a larger amount stays text.
const EXACT_MINOR_MAX: u64 = 99_999_999_999_999;
/// Excel holds so many characters in a cell.
const CELL_CHARS_MAX: usize = 32_000;
/// Bytes copied between two looks at the wish to stop.
const COPY_BYTES: usize = 256 * 1024;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Text from anywhere.
    Text(String),
    /// A number that is a name: never calculated with, every digit kept.
    Id(String),
    /// An amount; its currency stands in a column of its own.
    Amount(Money),
    /// A count.
    Count(u64),
    /// A moment, written in Beijing time.
    Time(Timestamp),
    /// Not applicable.
    Empty,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn id(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Empty, |t| Self::Id(t.into()))
    }

    pub(super) fn maybe(text: Option<impl Into<String>>) -> Self {
        text.map_or(Self::Empty, |t| Self::Text(t.into()))
    }

    pub(super) fn time(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Empty, Self::Time)
    }

    pub(super) fn currency(currency: Currency) -> Self {
        Self::Text(currency.code().to_owned())
    }

    /// What the cell says, without any guard.
    pub(super) fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Id(text) => Cow::Borrowed(text),
            Self::Amount(money) => Cow::Owned(money.to_decimal()),
            Self::Count(n) => Cow::Owned(n.to_string()),
            Self::Time(at) => Cow::Owned(at.to_beijing()),
            Self::Empty => Cow::Borrowed(""),
        }
    }
}

/// A column's heading.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    /// Whether its amounts are added up, by currency.
    pub(super) sum: bool,
}

impl Column {
    pub(super) const fn plain(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en, sum: false }
    }

    pub(super) const fn sum(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en, sum: true }
    }

    pub(super) const fn name(self, english: bool) -> &'static str {
        if english { self.en } else { self.zh }
    }
}

/// How negative amounts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Negative {
    /// `-12.30`
    Minus,
    /// `(12.30)`
    Parentheses,
}

/// Text that a spreadsheet would take for a formula gets a `'` before it. Blanks before the sign do not
/// help an attacker, nor do the wide forms of the signs.
pub(super) fn guarded(text: &str) -> String {
    let dangerous = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    let first = text.chars().next();
    let inked = text.chars().find(|c| !c.is_whitespace());
    if first.is_some_and(dangerous) || inked.is_some_and(dangerous) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// An id as a CSV cell. Only plain ids are put into the formula form; anything else is foreign text.
fn id_cell(text: &str) -> String {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '•' | '*' | ':');
    if !text.is_empty() && text.chars().all(plain) {
        text_cell(text)
    } else {
        guarded(text)
    }
}

fn amount_text(money: Money, negative: Negative) -> String {
    let text = money.to_decimal();
    match (negative, text.strip_prefix('-')) {
        (Negative::Parentheses, Some(magnitude)) => format!("({magnitude})"),
        _ => text,
    }
}

pub(super) fn create_private(path: &Path) -> Result<File, AppError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).read(true).write(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map_err(|e| io_error(path, &e))
}

/// A table on its way to a file.
pub(super) enum Sheet {
    Csv(Box<CsvSheet>),
    Xlsx(Box<XlsxSheet>),
}

impl Sheet {
    /// Writes rows, all of one chunk.
    pub(super) fn rows(&mut self, rows: &[Vec<Cell>]) -> Result<(), AppError> {
        match self {
            Self::Csv(sheet) => sheet.rows(rows),
            Self::Xlsx(sheet) => sheet.rows(rows),
        }
    }

    /// Puts the block above (CSV) or on a sheet of its own (XLSX) and closes the file.
    pub(super) fn finish(
        self,
        about: &[(String, String)],
        stopper: &Stopper,
    ) -> Result<(), AppError> {
        match self {
            Self::Csv(sheet) => sheet.finish(about, stopper),
            Self::Xlsx(sheet) => sheet.finish(about, stopper),
        }
    }
}

pub(super) struct CsvSheet {
    target: PathBuf,
    body: PathBuf,
    csv: csv::Writer<BufWriter<File>>,
    negative: Negative,
}

fn csv_error(path: &Path, error: csv::Error) -> AppError {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => io_error(path, &e),
        other => AppError::internal(format!("csv: {other:?}")),
    }
}

impl CsvSheet {
    pub(super) fn begin(
        target: &Path,
        headings: &[&str],
        negative: Negative,
    ) -> Result<Self, AppError> {
        let body = target.with_extension("rows");
        let mut csv = csv::WriterBuilder::new()
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer(BufWriter::new(create_private(&body)?));
        csv.write_record(headings)
            .map_err(|e| csv_error(&body, e))?;
        Ok(Self {
            target: target.to_owned(),
            body,
            csv,
            negative,
        })
    }

    fn rows(&mut self, rows: &[Vec<Cell>]) -> Result<(), AppError> {
        for row in rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => guarded(text),
                Cell::Id(text) => id_cell(text),
                Cell::Amount(money) => amount_text(*money, self.negative),
                Cell::Count(n) => n.to_string(),
                Cell::Time(at) => at.to_beijing(),
                Cell::Empty => String::new(),
            });
            self.csv
                .write_record(cells)
                .map_err(|e| csv_error(&self.body, e))?;
        }
        Ok(())
    }

    fn finish(
        self: Box<Self>,
        about: &[(String, String)],
        stopper: &Stopper,
    ) -> Result<(), AppError> {
        let body_path = self.body;
        let file = self
            .csv
            .into_inner()
            .map_err(|e| io_error(&body_path, e.error()))?;
        let mut body = file
            .into_inner()
            .map_err(|e| io_error(&body_path, e.error()))?;
        let target = self.target;
        let mut out = create_private(&target)?;
        let written = (|| -> std::io::Result<()> {
            out.write_all(b"\xef\xbb\xbf")?;
            {
                let mut csv = csv::WriterBuilder::new()
                    .flexible(true)
                    .terminator(csv::Terminator::CRLF)
                    .from_writer(&mut out);
                for (name, value) in about {
                    csv.write_record([format!("#{name}"), guarded(value)])?;
                }
                csv.flush()?;
            }
            out.write_all(b"\r\n")?;
            body.seek(SeekFrom::Start(0))
                .and_then(|_| copy(&mut body, &mut out, stopper))?;
            out.sync_all()
        })();
        let _ = std::fs::remove_file(&body_path);
        written.map_err(|e| stopped_or(stopper, &target, &e))
    }
}

/// A write that broke off because somebody cancelled is a cancel, not a fault of the disk.
pub(super) fn stopped_or(stopper: &Stopper, path: &Path, error: &std::io::Error) -> AppError {
    match stopper.check() {
        Err(cancelled) => cancelled,
        Ok(()) => io_error(path, error),
    }
}

fn copy(from: &mut File, to: &mut File, stopper: &Stopper) -> std::io::Result<()> {
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        stopper.check().map_err(std::io::Error::other)?;
        let n = from.read(&mut buffer)?;
        if n == 0 {
            return Ok(());
        }
        to.write_all(buffer.get(..n).unwrap_or_default())?;
    }
}

pub(super) struct XlsxSheet {
    target: PathBuf,
    workbook: Workbook,
    headings: Vec<String>,
    sheets: u16,
    /// Row of the present sheet to be written next.
    row: u32,
    formats: Formats,
    english: bool,
}

pub(super) struct Formats {
    pub(super) head: Format,
    two: Format,
    none: Format,
}

impl Formats {
    pub(super) fn new(negative: Negative) -> Self {
        let number = |digits: &str| {
            Format::new().set_num_format(match negative {
                Negative::Minus => format!("#,##0{digits}"),
                Negative::Parentheses => format!("#,##0{digits};(#,##0{digits})"),
            })
        };
        Self {
            head: Format::new().set_bold(),
            two: number(".00"),
            none: number(""),
        }
    }
}

/// Writes one cell of a workbook: text as text, whatever it begins with; amounts as numbers.
pub(super) fn put(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) | Cell::Id(text) => {
            let text: String = text.chars().take(CELL_CHARS_MAX).collect();
            worksheet.write_string(row, column, text)?;
        }
        Cell::Amount(money) => {
            let format = match money.currency.digits() {
                0 => &formats.none,
                _ => &formats.two,
            };
            let text = money.to_decimal();
            // The nearest number to the decimal text: what Excel itself would read.
            match text.parse::<f64>() {
                Ok(number) if money.minor.unsigned_abs() <= EXACT_MINOR_MAX => {
                    worksheet.write_number_with_format(row, column, number, format)?;
                }
                _ => {
                    worksheet.write_string(row, column, text)?;
                }
            }
        }
        Cell::Count(n) => match u32::try_from(*n) {
            Ok(n) => {
                worksheet.write_number(row, column, n)?;
            }
            Err(_) => {
                worksheet.write_string(row, column, n.to_string())?;
            }
        },
        Cell::Time(at) => {
            worksheet.write_string(row, column, at.to_beijing())?;
        }
        Cell::Empty => {}
    }
    Ok(())
}

/// SHA-256 over the rows of a table, whatever file they go into: the plain text of each cell, a tab
/// between two, a line feed after each row.
pub(super) struct RowDigest(Sha256Stream);

impl RowDigest {
    pub(super) fn new() -> Self {
        Self(Sha256Stream::new())
    }

    pub(super) fn take(&mut self, row: &[Cell]) {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                self.0.update(b"\t");
            }
            self.0.update(cell.plain().as_bytes());
        }
        self.0.update(b"\n");
    }

    pub(super) fn finish(self) -> String {
        hex_lower(&self.0.finish())
    }
}

pub(super) fn xlsx_error(path: &Path, error: XlsxError) -> AppError {
    match error {
        XlsxError::IoError(e) => io_error(path, &e),
        other => AppError::internal(format!("xlsx: {other}")),
    }
}

impl XlsxSheet {
    pub(super) fn begin(
        target: &Path,
        headings: &[&str],
        negative: Negative,
        english: bool,
    ) -> Result<Self, AppError> {
        let mut workbook = Workbook::new();
        // Rows wait in a file beside the target, never in memory.
        let folder = target.parent().unwrap_or_else(|| Path::new("."));
        workbook
            .set_tempdir(folder)
            .map_err(|e| xlsx_error(target, e))?;
        let mut sheet = Self {
            target: target.to_owned(),
            workbook,
            headings: headings.iter().map(|&h| h.to_owned()).collect(),
            sheets: 0,
            row: 0,
            formats: Formats::new(negative),
            english,
        };
        sheet.next_sheet()?;
        Ok(sheet)
    }

    fn next_sheet(&mut self) -> Result<(), AppError> {
        self.sheets += 1;
        let name = match (self.english, self.sheets) {
            (false, 1) => "数据".to_owned(),
            (true, 1) => "Data".to_owned(),
            (false, n) => format!("数据 {n}"),
            (true, n) => format!("Data {n}"),
        };
        let write = || -> Result<(), XlsxError> {
            let worksheet = self.workbook.add_worksheet_with_constant_memory()?;
            worksheet.set_name(name)?;
            worksheet.set_freeze_panes(1, 0)?;
            for (column, heading) in (0_u16..).zip(&self.headings) {
                worksheet.set_column_width(column, 20)?;
                worksheet.write_string_with_format(0, column, heading, &self.formats.head)?;
            }
            Ok(())
        };
        write().map_err(|e| xlsx_error(&self.target, e))?;
        self.row = 1;
        Ok(())
    }

    fn rows(&mut self, rows: &[Vec<Cell>]) -> Result<(), AppError> {
        for row in rows {
            if self.row >= SHEET_ROWS_MAX {
                self.next_sheet()?;
            }
            self.one(row).map_err(|e| xlsx_error(&self.target, e))?;
            self.row += 1;
        }
        Ok(())
    }

    fn one(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        let row = self.row;
        let worksheet = self
            .workbook
            .worksheet_from_index(usize::from(self.sheets) - 1)?;
        for (column, cell) in (0_u16..).zip(cells) {
            put(worksheet, row, column, cell, &self.formats)?;
        }
        Ok(())
    }

    fn finish(
        mut self: Box<Self>,
        about: &[(String, String)],
        stopper: &Stopper,
    ) -> Result<(), AppError> {
        let target = self.target.clone();
        let name = if self.english { "About" } else { "说明" };
        let mut write = || -> Result<(), XlsxError> {
            let worksheet = self.workbook.add_worksheet_with_constant_memory()?;
            worksheet.set_name(name)?;
            worksheet.set_column_width(0, 18)?;
            worksheet.set_column_width(1, 80)?;
            for (row, (name, value)) in (0_u32..).zip(about) {
                worksheet.write_string_with_format(row, 0, name, &self.formats.head)?;
                worksheet.write_string(row, 1, value)?;
            }
            Ok(())
        };
        write().map_err(|e| xlsx_error(&target, e))?;
        let file = create_private(&target)?;
        let mut out = BufWriter::new(Watched {
            file,
            stopper: stopper.clone(),
        });
        self.workbook
            .save_to_writer(&mut out)
            .map_err(|e| match stopper.check() {
                Err(cancelled) => cancelled,
                Ok(()) => xlsx_error(&target, e),
            })?;
        out.flush()
            .and_then(|()| out.get_ref().file.sync_all())
            .map_err(|e| stopped_or(stopper, &target, &e))
    }
}

/// A file that refuses the next write once somebody cancelled.
struct Watched {
    file: File,
    stopper: Stopper,
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.stopper.check().map_err(std::io::Error::other)?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_foreign_is_a_formula() {
        for (text, cell) in [
            ("露营灯", "露营灯"),
            ("=1+1", "'=1+1"),
            ("+86 138", "'+86 138"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =HYPERLINK(\"x\")", "'  =HYPERLINK(\"x\")"),
            ("\t=1", "'\t=1"),
            ("＝1+1", "'＝1+1"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), cell, "{text:?}");
        }
        assert_eq!(
            id_cell("4200002481202611196730185524"),
            "=\"4200002481202611196730185524\""
        );
        assert_eq!(id_cell("=cmd|'/C calc'!A0"), "'=cmd|'/C calc'!A0");
        assert_eq!(id_cell("A\"&1"), "A\"&1");
    }

    #[test]
    fn negative_amounts_have_two_styles() {
        let money = Money::cny(-123_450);
        assert_eq!(amount_text(money, Negative::Minus), "-1234.50");
        assert_eq!(amount_text(money, Negative::Parentheses), "(1234.50)");
        assert_eq!(amount_text(Money::cny(1), Negative::Parentheses), "0.01");
    }
}
