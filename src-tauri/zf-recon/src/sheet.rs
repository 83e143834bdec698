//! Reading the merchant's books from an Excel workbook (.xlsx), cell by cell.
//!
//! The sheet is streamed; what stays in memory is the workbook's table of shared texts. Numbers of
//! orders must be kept as text: a spreadsheet keeps fifteen digits and loses the rest, so a longer
//! number is a fault and never a guess. Amounts that are numbers are taken through their decimal text
//! of fifteen digits, which is what the spreadsheet itself shows; dates are days since 1900 or 1904 in
//! the mapping's zone; formulas count with the value the spreadsheet last calculated.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    DataRef, ExcelDateTime, ExcelDateTimeType, Reader as _, SheetType, SheetVisible, Xlsx,
};
use quick_xml::events::Event;

use crate::books::{BookRow, Meaning, Record, RowFault};
use crate::error::BooksError;
use crate::mapping::{Mapping, TimeFormat};

/// Most parts of one archive; a workbook has a few dozen.
const PARTS_MAX: usize = 10_000;
/// How far into the table of texts its first element is looked for; it is the first line.
const HEAD_BYTES: usize = 4096;
/// Most bytes one sheet may unpack to. A million rows of books take about 300 MB.
const SHEET_BYTES_MAX: u64 = 2 << 30;
/// Most bytes everything else may unpack to: it is kept in memory.
const KEPT_BYTES_MAX: u64 = 256 << 20;
/// Most columns that are looked at.
const COLUMNS_MAX: u32 = 512;
/// Longest text of one cell; Excel itself stops at 32767 characters.
const CELL_BYTES_MAX: usize = 1 << 18;
/// How many rows may stand above the header: titles, dates of export.
const ROWS_ABOVE_MAX: usize = 20;
/// A spreadsheet keeps so many digits of a number: the first one it cannot keep.
const DIGITS_LOST_FROM: f64 = 1e15;

/// How a file that is a zip archive begins.
pub const ZIP_SIGN: &[u8] = b"PK\x03\x04";

/// A workbook, opened and found to be of sound size.
pub struct Workbook<R: Read + Seek> {
    book: Xlsx<BufReader<R>>,
    shown: Vec<String>,
}

impl<R: Read + Seek> std::fmt::Debug for Workbook<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook")
            .field("shown", &self.shown)
            .finish_non_exhaustive()
    }
}

/// One row as it stands, before any mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainRow {
    /// Row of the sheet or line of the file, from 1.
    pub line_no: u64,
    /// Its cells as text, the empty ones too.
    pub cells: Vec<String>,
}

fn unreadable(reason: impl std::fmt::Display) -> BooksError {
    BooksError::Workbook {
        reason: reason.to_string(),
    }
}

/// What a spreadsheet of an attacker's making might do to its reader is an error, not an end.
fn guarded<T>(work: impl FnOnce() -> Result<T, calamine::XlsxError>) -> Result<T, BooksError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(|e| match e {
            calamine::XlsxError::Password => unreadable("it is protected by a password"),
            other => unreadable(other),
        }),
        Err(_) => Err(unreadable("its content contradicts itself")),
    }
}

impl<R: Read + Seek> Workbook<R> {
    /// Opens a workbook.
    ///
    /// Every part is unpacked once and counted before anything of it is kept: sizes that an archive
    /// declares may lie.
    ///
    /// # Errors
    /// `Workbook` when it is none, is protected by a password, or unpacks to more than is taken.
    pub fn open(mut input: R) -> Result<Self, BooksError> {
        measure(&mut input)?;
        input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let input = BufReader::with_capacity(1 << 16, input);
        let book: Xlsx<_> = guarded(|| Xlsx::new(input))?;
        let shown = book
            .sheets_metadata()
            .iter()
            .filter(|s| s.typ == SheetType::WorkSheet && s.visible == SheetVisible::Visible)
            .map(|s| s.name.clone())
            .collect();
        Ok(Self { book, shown })
    }

    /// Names of the sheets that are shown, in their order.
    #[must_use]
    pub fn sheets(&self) -> &[String] {
        &self.shown
    }

    fn sheet(&self, wanted: Option<&str>) -> Result<String, BooksError> {
        match wanted {
            None => self
                .shown
                .first()
                .cloned()
                .ok_or_else(|| unreadable("it has no sheet")),
            Some(wanted) if self.shown.iter().any(|name| name == wanted) => Ok(wanted.to_owned()),
            Some(wanted) => Err(BooksError::NoSheet {
                wanted: wanted.to_owned(),
                found: self.shown.clone(),
            }),
        }
    }

    /// The first rows with anything in them, as they stand; `most` of them.
    ///
    /// # Errors
    /// `NoSheet`, `Workbook`.
    pub fn first_rows(
        &mut self,
        sheet: Option<&str>,
        most: usize,
    ) -> Result<Vec<PlainRow>, BooksError> {
        let mut rows = Vec::new();
        if most == 0 {
            return Ok(rows);
        }
        self.walk(sheet, |row, _| {
            rows.push(PlainRow {
                line_no: row.line_no,
                cells: row.cells.iter().map(Cell::shown).collect(),
            });
            rows.len() < most
        })?;
        Ok(rows)
    }

    /// One row as it stands; `None` when the sheet has nothing there.
    ///
    /// # Errors
    /// `NoSheet`, `Workbook`.
    pub fn row(
        &mut self,
        sheet: Option<&str>,
        line_no: u64,
    ) -> Result<Option<PlainRow>, BooksError> {
        let mut found = None;
        self.walk(sheet, |row, _| {
            if row.line_no == line_no {
                found = Some(PlainRow {
                    line_no,
                    cells: row.cells.iter().map(Cell::shown).collect(),
                });
            }
            row.line_no < line_no
        })?;
        Ok(found)
    }

    /// Hands on every row of the mapping's sheet, or why it is refused, until `on_row` says false.
    ///
    /// The header is the first row that has all needed columns, among the first twenty. Lines are
    /// rows of the sheet; a fault's column names sheet and cell, `Orders!D7 amount`.
    ///
    /// # Errors
    /// `Empty`, `Header`, `HeaderTwice`, `NoSheet`, `Workbook`.
    pub fn rows(
        &mut self,
        mapping: &Mapping,
        mut on_row: impl FnMut(Result<BookRow<'_>, RowFault>) -> bool,
    ) -> Result<(), BooksError> {
        let name = self.sheet(mapping.sheet.as_deref())?;
        let mut meaning: Option<Meaning> = None;
        let mut first_problem = None;
        let mut above = 0;
        let mut record = Record::default();
        self.walk(mapping.sheet.as_deref(), |row, is_1904| {
            let Some(meaning) = &meaning else {
                let names = row
                    .cells
                    .iter()
                    .map(|c| c.shown().trim().to_owned())
                    .collect();
                match Meaning::new(mapping.clone(), names) {
                    Ok(found) => meaning = Some(found),
                    Err(problem) => {
                        above += 1;
                        first_problem.get_or_insert(problem);
                    }
                }
                return meaning.is_some() || above < ROWS_ABOVE_MAX;
            };
            let refused = fill(&mut record, meaning, row, is_1904);
            let taken = match refused {
                None => record.row(meaning).map_err(|fault| *fault),
                Some(fault) => Err(fault),
            };
            on_row(taken.map_err(|mut fault| {
                if let Some(at) = meaning.names.iter().position(|n| *n == fault.column) {
                    let column = letters(at);
                    fault.column = format!("{name}!{column}{} {}", row.line_no, fault.column);
                }
                fault
            }))
        })?;
        match (meaning, first_problem) {
            (Some(_), _) => Ok(()),
            (None, Some(problem)) => Err(problem),
            (None, None) => Err(BooksError::Empty {
                expected: mapping
                    .needed_columns()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            }),
        }
    }

    /// Hands on every row that has anything in it, with whether days count from 1904.
    fn walk(
        &mut self,
        sheet: Option<&str>,
        mut on_row: impl FnMut(&SheetRow, bool) -> bool,
    ) -> Result<(), BooksError> {
        let name = self.sheet(sheet)?;
        let is_1904 = self.book.has_1904_epoch();
        let book = &mut self.book;
        let mut reader = guarded(|| book.worksheet_cells_reader(&name))?;
        let mut row = SheetRow::default();
        loop {
            let cell = match guarded(|| reader.next_cell()) {
                Ok(Some(cell)) => cell,
                Ok(None) => break,
                Err(BooksError::Workbook { reason }) => {
                    return Err(unreadable(format!(
                        "{reason} (sheet {name}, after row {})",
                        row.line_no
                    )));
                }
                Err(other) => return Err(other),
            };
            let (at, column) = cell.get_position();
            let line_no = u64::from(at) + 1;
            if line_no != row.line_no {
                if line_no < row.line_no {
                    return Err(unreadable(format!(
                        "row {line_no} of sheet {name} stands after row {}",
                        row.line_no
                    )));
                }
                if row.has_content() && !on_row(&row, is_1904) {
                    return Ok(());
                }
                row.line_no = line_no;
                row.cells.clear();
            }
            let column = match usize::try_from(column) {
                Ok(place) if column < COLUMNS_MAX => place,
                _ => continue,
            };
            while row.cells.len() <= column {
                row.cells.push(Cell::Empty);
            }
            row.cells[column] = Cell::of(cell.get_value());
        }
        if row.has_content() {
            on_row(&row, is_1904);
        }
        Ok(())
    }
}

/// Counts what an archive unpacks to, keeping none of it.
fn measure<R: Read + Seek>(input: &mut R) -> Result<(), BooksError> {
    let mut archive = zip::ZipArchive::new(input)
        .map_err(|_| unreadable("it is not an Excel workbook (.xlsx)"))?;
    if archive.len() > PARTS_MAX {
        return Err(unreadable(format!(
            "it has {} parts; {PARTS_MAX} are the limit",
            archive.len()
        )));
    }
    let mut kept = 0;
    let mut block = vec![0; 1 << 16];
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).map_err(unreadable)?;
        let name = part.name().map_err(unreadable)?.to_lowercase();
        let is_sheet = name.contains("worksheets/");
        let limit = if is_sheet {
            SHEET_BYTES_MAX
        } else {
            KEPT_BYTES_MAX
        };
        let mut size = 0_u64;
        let mut head = Vec::new();
        loop {
            let read = part.read(&mut block).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            head.extend_from_slice(&block[..read.min(HEAD_BYTES - head.len())]);
            size += read as u64;
            if size > limit || (!is_sheet && kept + size > KEPT_BYTES_MAX) {
                return Err(unreadable(
                    "it unpacks to more than is taken: 2 GB a sheet, 256 MB for everything else",
                ));
            }
        }
        if !is_sheet {
            kept += size;
        }
        if name.ends_with("sharedstrings.xml") {
            let declared = declared_strings(&head)
                .ok_or_else(|| unreadable("its table of texts does not begin as one"))?;
            // `<si/>` is the shortest text.
            if declared > size / 5 {
                return Err(unreadable(format!(
                    "its table of texts says it holds {declared}, in {size} bytes"
                )));
            }
        }
    }
    Ok(())
}

/// How many texts the table of shared texts says it holds: memory for all of them is taken before the
/// first is read, and a lie there would end the program.
fn declared_strings(head: &[u8]) -> Option<u64> {
    let mut xml = quick_xml::Reader::from_reader(head);
    loop {
        match xml.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == "sst" => {
                // The reader of workbooks takes attributes no strict one would: the number behind the
                // name counts, however it is written.
                let digit = |c: char| c.is_ascii_digit();
                return start
                    .attributes_raw()
                    .split("uniqueCount")
                    .skip(1)
                    .filter_map(|rest| rest[rest.find(digit)?..].split(|c| !digit(c)).next())
                    .map(|number| number.parse().unwrap_or(u64::MAX))
                    .max()
                    .or(Some(0));
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[derive(Default)]
struct SheetRow {
    line_no: u64,
    cells: Vec<Cell>,
}

impl SheetRow {
    fn has_content(&self) -> bool {
        self.cells.iter().any(|cell| !matches!(cell, Cell::Empty))
    }
}

/// What a cell holds.
enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Time(ExcelDateTime),
}

impl Cell {
    fn of(value: &DataRef<'_>) -> Self {
        match value {
            DataRef::Empty => Self::Empty,
            DataRef::String(text) => Self::text(text),
            DataRef::SharedString(text) => Self::text(text),
            DataRef::Int(number) => Self::text(&number.to_string()),
            DataRef::Float(number) => Self::Number(*number),
            DataRef::Bool(true) => Self::text("TRUE"),
            DataRef::Bool(false) => Self::text("FALSE"),
            DataRef::DateTime(time) => Self::Time(*time),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Self::text(text),
            DataRef::Error(error) => Self::text(&error.to_string()),
        }
    }

    fn text(text: &str) -> Self {
        if text.is_empty() {
            return Self::Empty;
        }
        let mut end = text.len().min(CELL_BYTES_MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self::Text(text[..end].to_owned())
    }

    /// As a person sees it in the sheet.
    fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) if number.abs() >= DIGITS_LOST_FROM => {
                format!("{number:E}")
            }
            Self::Number(number) => decimal(*number),
            Self::Time(time) => civil(time).unwrap_or_else(|| decimal(time.as_f64())),
        }
    }
}

/// Brings a row into the record as the text its columns want; what cannot be is a fault.
fn fill(record: &mut Record, meaning: &Meaning, row: &SheetRow, is_1904: bool) -> Option<RowFault> {
    record.line_no = row.line_no;
    record.text.clear();
    record.fields.clear();
    let at = &meaning.at;
    let unix = matches!(
        meaning.mapping.time_format,
        TimeFormat::UnixSeconds | TimeFormat::UnixMillis
    );
    let mut refused = None;
    for column in 0..meaning.names.len() {
        let cell = row.cells.get(column).unwrap_or(&Cell::Empty);
        let from = record.text.len();
        let text = match cell {
            Cell::Number(number) if column == at.order_no || Some(column) == at.refund_no => {
                if number.fract() != 0.0 || number.abs() >= DIGITS_LOST_FROM {
                    refused.get_or_insert_with(|| RowFault {
                        line_no: row.line_no,
                        column: meaning.names[column].clone(),
                        field: cell.shown(),
                        reason: "the id lost digits in Excel: a number keeps fifteen digits there"
                            .to_owned(),
                        remedy:
                            "Keep the column as text: export it again, or paste the ids into cells \
                                 that are formatted as text; the lost digits are not in this file"
                                .to_owned(),
                    });
                }
                decimal(*number)
            }
            Cell::Number(number) if column == at.created_at && !unix => {
                let time = ExcelDateTime::new(*number, ExcelDateTimeType::DateTime, is_1904);
                time_text(meaning, &time).unwrap_or_else(|| decimal(*number))
            }
            Cell::Time(time) if column == at.created_at => {
                time_text(meaning, time).unwrap_or_else(|| decimal(time.as_f64()))
            }
            Cell::Time(time) if column == at.amount => decimal(time.as_f64()),
            Cell::Number(number) => decimal(*number),
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Time(_) => cell.shown(),
        };
        record.text.extend_from_slice(text.as_bytes());
        record.fields.push((from, record.text.len()));
    }
    refused
}

/// A date cell as the mapping's way of writing times has it; `None` for what is no day.
fn time_text(meaning: &Meaning, time: &ExcelDateTime) -> Option<String> {
    let civil = civil(time)?;
    let mapping = &meaning.mapping;
    Some(match mapping.time_format {
        TimeFormat::Local | TimeFormat::Beijing => civil,
        // The sheet has no offset to show: its dates are of the mapping's zone.
        TimeFormat::Rfc3339 => format!("{}{}", civil.replacen(' ', "T", 1), mapping.zone),
        TimeFormat::UnixSeconds | TimeFormat::UnixMillis => return None,
    })
}

/// `2026-03-14 09:12:33` of a date cell, to the nearest second; `None` for durations and what lies
/// outside the years 1950 to 2199, where a serial is surely something else.
fn civil(time: &ExcelDateTime) -> Option<String> {
    if !time.is_datetime() {
        return None;
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    if !(1950..2200).contains(&year) {
        return None;
    }
    let whole = zf_domain::Timestamp::parse_rfc3339(&format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00"
    ))
    .ok()?;
    // A serial is a fraction of a day: 09:12:33 comes as 09:12:32.9996.
    Some(
        whole
            .plus_millis(if milli >= 500 { 1000 } else { 0 })
            .to_beijing(),
    )
}

/// A number's decimal text of fifteen significant digits, the ones a spreadsheet keeps and shows, without
/// zeros behind: `100`, `0.3`, `12.34`. Beyond that the exponent form, which no field takes.
fn decimal(number: f64) -> String {
    if !number.is_finite() || number.abs() >= DIGITS_LOST_FROM {
        return format!("{number:E}");
    }
    // `1.00000000000000e2`: fifteen digits and where the point belongs.
    let text = format!("{number:.14e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let Ok(exponent) = exponent.parse::<i32>() else {
        return text;
    };
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let digits: String = digits.chars().filter(|c| *c != '.').collect();
    let plain = match usize::try_from(exponent) {
        Ok(whole) => {
            let (whole, rest) = digits.split_at((whole + 1).min(digits.len()));
            format!("{whole}.{rest}")
        }
        Err(_) if exponent < -20 => return format!("{number:E}"),
        Err(_) => format!(
            "0.{}{digits}",
            "0".repeat(exponent.unsigned_abs() as usize - 1)
        ),
    };
    let plain = plain.trim_end_matches('0').trim_end_matches('.');
    match plain {
        "0" => "0".to_owned(),
        other => format!("{sign}{other}"),
    }
}

/// The letters a spreadsheet names a column by: 0 → A, 26 → AA.
#[must_use]
pub fn letters(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(b'A' + u8::try_from(column % 26).unwrap_or(0));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    name.iter().rev().map(|b| char::from(*b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{Format, Formula, Workbook as Writer};
    use std::io::Cursor;

    const HEADER: [&str; 7] = [
        "kind",
        "out_trade_no",
        "out_refund_no",
        "amount",
        "currency",
        "status",
        "created_at",
    ];

    /// A workbook of one sheet; a cell of digits and one point, or `=formula`, or `@serial` for a date,
    /// is written as such when it begins with `#`, `=` or `@`.
    fn book(rows: &[&[&str]]) -> Vec<u8> {
        let mut writer = Writer::new();
        let sheet = writer.add_worksheet().set_name("Orders").unwrap();
        let date = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        for (r, row) in rows.iter().enumerate() {
            for (c, cell) in row.iter().enumerate() {
                let (r, c) = (u32::try_from(r).unwrap(), u16::try_from(c).unwrap());
                match cell.chars().next() {
                    None => {}
                    Some('#') => drop(sheet.write_number(r, c, cell[1..].parse::<f64>().unwrap())),
                    Some('@') => drop(sheet.write_number_with_format(
                        r,
                        c,
                        cell[1..].parse::<f64>().unwrap(),
                        &date,
                    )),
                    Some('=') => {
                        let (formula, result) = cell.split_once('→').unwrap();
                        drop(sheet.write_formula(r, c, Formula::new(formula).set_result(result)));
                    }
                    Some(_) => drop(sheet.write_string(r, c, *cell)),
                }
            }
        }
        writer.save_to_buffer().unwrap()
    }

    fn read(bytes: Vec<u8>, mapping: &Mapping) -> String {
        let mut lines = Vec::new();
        let run = || {
            Workbook::open(Cursor::new(bytes))?.rows(mapping, |row| {
                lines.push(match row {
                    Ok(row) => format!(
                        "{} {} {} {} {}",
                        row.line_no,
                        row.refund_no.unwrap_or(row.order_no),
                        row.amount,
                        row.state.as_str(),
                        row.created_at.to_rfc3339_beijing(),
                    ),
                    Err(fault) => fault.to_string(),
                });
                true
            })
        };
        if let Err(error) = run() {
            lines.push(error.to_string());
        }
        lines.join("\n")
    }

    fn row<'a>(no: &'a str, amount: &'a str, time: &'a str) -> Vec<&'a str> {
        vec!["payment", no, "", amount, "CNY", "SUCCESS", time]
    }

    #[test]
    fn cells_are_read_by_what_they_are() {
        let rows = [
            row("M1", "100.00", "2026-03-14T09:12:33+08:00"),
            row("M2", "#12.3", "@46095.3837152778"),
            row(
                "#123456789012345",
                "=0.1+0.2→0.30000000000000004",
                "#46095.5",
            ),
            row("M4", "#0.1", "@46095"),
        ];
        let mut all: Vec<&[&str]> = vec![&["订单导出 2026-03-14"], &[], &HEADER];
        all.extend(rows.iter().map(Vec::as_slice));
        assert_eq!(
            read(book(&all), &Mapping::default()),
            "4 M1 100.00 CNY done 2026-03-14T09:12:33+08:00\n\
             5 M2 12.30 CNY done 2026-03-14T09:12:33+08:00\n\
             6 123456789012345 0.30 CNY done 2026-03-14T12:00:00+08:00\n\
             7 M4 0.10 CNY done 2026-03-14T00:00:00+08:00"
        );
    }

    #[test]
    fn what_excel_lost_is_a_fault_with_its_cell() {
        let rows = [
            row("#123456789012345678", "1", "@46095"),
            row("M2", "#1.005", "@46095"),
            row("1.23457E+17", "1", "@46095"),
            row("M4", "#1e16", "@46095"),
            row("M5", "1", "#12"),
            row("M6", "1", "@46095"),
        ];
        let mut all: Vec<&[&str]> = vec![&HEADER];
        all.extend(rows.iter().map(Vec::as_slice));
        let text = read(book(&all), &Mapping::default());
        let lines: Vec<&str> = text.lines().collect();
        for (line, parts) in lines.iter().zip([
            &[
                "Orders!B2 out_trade_no",
                "1.2345678901234568E17",
                "the id lost digits in Excel",
                "as text",
            ][..],
            &["Orders!D3 amount", "“1.005”"],
            &["Orders!B4 out_trade_no", "rounded this number"],
            &["Orders!D5 amount", "1E16"],
            &["Orders!G6 created_at", "“12”"],
            &["7 M6 1.00 CNY done"],
        ]) {
            for part in parts {
                assert!(line.contains(part), "{line}: {part}");
            }
        }
    }

    #[test]
    fn the_sheet_and_the_zone_are_the_mappings() {
        let mut writer = Writer::new();
        writer
            .add_worksheet()
            .set_name("说明")
            .unwrap()
            .write_string(0, 0, "读我")
            .unwrap();
        let sheet = writer.add_worksheet().set_name("明细").unwrap();
        for (column, name) in HEADER.iter().enumerate() {
            sheet
                .write_string(0, u16::try_from(column).unwrap(), *name)
                .unwrap();
        }
        for (column, text) in row("M1", "1", "").iter().enumerate() {
            sheet
                .write_string(1, u16::try_from(column).unwrap(), *text)
                .unwrap();
        }
        sheet.write_number(1, 6, 46095.0).unwrap();
        let bytes = writer.save_to_buffer().unwrap();
        let mapping = |sheet: &str| Mapping {
            sheet: Some(sheet.to_owned()),
            zone: "+00:00".to_owned().try_into().unwrap(),
            ..Mapping::default()
        };
        assert_eq!(
            read(bytes.clone(), &mapping("明细")),
            "2 M1 1.00 CNY done 2026-03-14T08:00:00+08:00"
        );
        assert!(
            read(bytes.clone(), &mapping("汇总"))
                .contains("has no sheet “汇总”; it has “说明”, “明细”")
        );
        assert!(read(bytes, &Mapping::default()).contains("the header lacks “kind”"));
    }

    #[test]
    fn what_is_no_workbook_says_so() {
        for bytes in [
            b"".to_vec(),
            b"PK\x03\x04rest".to_vec(),
            b"kind,amount\n".to_vec(),
        ] {
            assert!(read(bytes, &Mapping::default()).contains("the workbook cannot be read"));
        }
        assert!(read(book(&[]), &Mapping::default()).contains("the file is empty"));
    }

    #[test]
    fn a_zip_bomb_is_refused_before_it_is_kept() {
        use std::io::Write as _;
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let deflated = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        zip.start_file("xl/sharedStrings.xml", deflated).unwrap();
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..=256 {
            zip.write_all(&zeros).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 2 << 20);
        assert!(read(bytes, &Mapping::default()).contains("unpacks to more than is taken"));
    }

    #[test]
    fn a_table_of_texts_that_lies_about_its_size_is_refused() {
        use std::io::Write as _;
        for (table, reason) in [
            (
                "<?xml version=\"1.0\"?><sst count=\"9\" uniqueCount=\"4294967296\"><si/></sst>",
                "says it holds 4294967296, in 72 bytes",
            ),
            (
                "<sst <c r=\"B2\" uniqueCount=\"4294967296\" count=3><si/></sst>",
                "says it holds 4294967296, in 59 bytes",
            ),
            ("<?xml version=\"1.0\"?><sheet/>", "does not begin as one"),
        ] {
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            zip.start_file(
                "xl/SharedStrings.xml",
                zip::write::SimpleFileOptions::default(),
            )
            .unwrap();
            zip.write_all(table.as_bytes()).unwrap();
            let refused = read(zip.finish().unwrap().into_inner(), &Mapping::default());
            assert!(refused.contains(reason), "{refused}");
        }
    }

    #[test]
    fn numbers_become_the_text_a_sheet_shows() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (100.0, "100"),
            (0.300_000_000_000_000_04, "0.3"),
            (12.34, "12.34"),
            (-5.5, "-5.5"),
            (0.005, "0.005"),
            (1.005, "1.005"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1E15"),
            (1e-30, "1E-30"),
            (4503599627370.49, "4503599627370.49"),
        ] {
            assert_eq!(decimal(number), text);
        }
        for (number, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(number), name);
        }
    }
}
