//! What can go wrong: with the books' file, with a mapping, with a run.

use std::io;

use crate::books::RowFault;
use crate::entry::Side;
use crate::rules::RuleError;

/// A books file, or one row of it, that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    /// One row is refused; the reader goes on with the next.
    #[error("{0}")]
    Row(RowFault),
    /// The first line is not the expected header. Nothing was read.
    #[error(
        "line 1: the header lacks {}. Expected the columns {}; found {}. \
         Correct the header, or pass a mapping file that names the columns as they stand",
        quoted(.missing), quoted(.expected), quoted(.found)
    )]
    Header {
        /// Columns that must stand there, in any order.
        expected: Vec<String>,
        /// Columns that stand there.
        found: Vec<String>,
        /// Expected ones that do not.
        missing: Vec<String>,
    },
    /// A needed column stands twice in the header, so that its values would be ambiguous.
    #[error("line 1: the column “{0}” stands twice in the header. Rename or remove one of them")]
    HeaderTwice(String),
    /// The file is not UTF-8 text. Nothing was read.
    #[error(
        "line 1: the file is {looks_like}, not UTF-8 text. Save it again as “CSV UTF-8” \
         (in WPS and Excel: Save as, CSV UTF-8) and import that file"
    )]
    Encoding {
        /// What the bytes look like.
        looks_like: &'static str,
    },
    /// Not even a header.
    #[error("the file is empty: line 1 must be the header {}", quoted(.expected))]
    Empty {
        /// Columns that must stand there.
        expected: Vec<String>,
    },
    /// The workbook cannot be read.
    #[error(
        "the workbook cannot be read: {reason}. Open it in Excel or WPS, save it again as .xlsx and import that file"
    )]
    Workbook {
        /// Why, in words.
        reason: String,
    },
    /// No such sheet.
    #[error(
        "the workbook has no sheet “{wanted}”; it has {}. Correct the sheet in the mapping", quoted(.found)
    )]
    NoSheet {
        /// Its name.
        wanted: String,
        /// What is there.
        found: Vec<String>,
    },
    /// The file could not be read to its end; rows before this point were read.
    #[error(
        "the books could not be read past line {line_no}: {source}. Nothing was changed; try again"
    )]
    Read {
        /// Last line that was read.
        line_no: u64,
        /// The system's reason.
        source: io::Error,
    },
}

/// A mapping file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// Not JSON of the expected shape.
    #[error("the mapping is not valid: {0}")]
    Json(#[from] serde_json::Error),
    /// Something needed is neither a column nor a constant.
    #[error("the mapping names neither {0}")]
    Incomplete(&'static str),
    /// Two meanings for one column.
    #[error("the mapping uses the column “{0}” for two different fields")]
    ColumnTwice(String),
}

/// A report that could not be written to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The differences could not be read back.
    #[error(transparent)]
    Recon(#[from] ReconError),
    /// The report could not be written; what stands there is incomplete and lacks its trailer.
    #[error(
        "the report could not be written: {0}. Free space or choose another folder, then write it again"
    )]
    Write(#[from] io::Error),
}

impl From<csv::Error> for ReportError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(source) => Self::Write(source),
            other => Self::Write(io::Error::other(format!("{other:?}"))),
        }
    }
}

/// A run that could not be finished. No run has an effect outside itself: it can be repeated.
#[derive(Debug, thiserror::Error)]
pub enum ReconError {
    /// The books could not be read.
    #[error(transparent)]
    Books(#[from] BooksError),
    /// It was stopped by the person or program that started it.
    #[error("the reconciliation was stopped; nothing was recorded")]
    Cancelled,
    /// A file could not be read to its end.
    #[error(
        "the file could not be read past line {line_no}: {source}. Nothing was changed; try again"
    )]
    Input {
        /// Last line that was read.
        line_no: u64,
        /// The system's reason.
        source: io::Error,
    },
    /// The rules cannot be used.
    #[error(transparent)]
    Rules(#[from] RuleError),
    /// The temporary file failed.
    #[error(
        "the temporary file of this reconciliation could not be {action}: {source}. \
         Free space in the temporary folder, choose another one, or allow more memory; \
         nothing was recorded, so run it again"
    )]
    Spill {
        /// created, written or read.
        action: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// The system has no memory left for the rows.
    #[error(
        "the system gave no memory for the rows of this reconciliation: {0}. \
         Close other programs or allow less memory; nothing was recorded, so run it again"
    )]
    Memory(io::Error),
    /// The temporary file gave back other bytes than were written.
    #[error(
        "the temporary file of this reconciliation was damaged; nothing was recorded. \
         Check the disk and run it again"
    )]
    SpillDamaged,
    /// A key longer than any channel allows.
    #[error("{} line {line_no}: the number has {length} bytes; 255 are the limit", side.as_str())]
    KeyTooLong {
        /// Which side.
        side: Side,
        /// Line in that side's file.
        line_no: u64,
        /// Bytes of the key.
        length: usize,
    },
    /// A refund can only be matched by its refund number.
    #[error("{} line {line_no}: a refund row without a refund number", side.as_str())]
    NoRefundNumber {
        /// Which side.
        side: Side,
        /// Line in that side's file.
        line_no: u64,
    },
    /// Rows cannot be told apart by their key.
    #[error(
        "tens of millions of rows carry one and the same number: the column mapped as order or \
         refund number is not one. Correct the mapping"
    )]
    KeyTooFrequent,
    /// Sums past `i64` minor units.
    #[error("the sums of this run exceed what can be counted: split the files by day")]
    SumTooLarge,
    /// The engine's own books do not balance: a defect of this program, never of the files.
    #[error(
        "the engine's own sums do not balance ({what}); this is a defect of the program. \
         Do not use this result; report it with the version number"
    )]
    NotConserved {
        /// Which equation failed.
        what: String,
    },
}

fn quoted(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names
        .iter()
        .map(|n| format!("“{n}”"))
        .collect::<Vec<_>>()
        .join(", ")
}
