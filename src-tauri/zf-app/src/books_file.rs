//! A books file as it lies on the disk: CSV, a workbook, or the encrypted house CSV; read alike.
//!
//! What a file is, its first bytes say, never its name. An encrypted one is verified as a whole before
//! its first row is read, and its content is never written anywhere.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use zf_crypto::sealed_file::{self, FileKey, Header, SealedFileError};
use zf_recon::sheet::ZIP_SIGN;
use zf_recon::{BookRow, BooksError, BooksReader, Mapping, PlainRow, RowFault, Workbook, guess};

use crate::error::{AppError, Code};
use crate::faults;
use crate::files::io_error;
use crate::wire::{BooksFormat, FileFault};

/// What a file is, by its first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Workbook,
    /// Encrypted under the key of this name.
    Sealed(String),
}

impl Form {
    pub(crate) const fn word(&self) -> BooksFormat {
        match self {
            Self::Text => BooksFormat::Csv,
            Self::Workbook => BooksFormat::Workbook,
            Self::Sealed(_) => BooksFormat::Sealed,
        }
    }

    /// How its copy in the archive is called.
    pub(crate) const fn extension(&self) -> &'static str {
        match self {
            Self::Text => "csv",
            Self::Workbook => "xlsx",
            Self::Sealed(_) => "zfb",
        }
    }
}

/// One books file, ready to be read.
#[derive(Debug, Clone)]
pub(crate) struct BooksFile {
    pub(crate) path: PathBuf,
    /// What it is called towards people.
    pub(crate) name: String,
    pub(crate) form: Form,
    key: Option<FileKey>,
}

/// What text is read from: the file itself, or what an encrypted one holds.
pub(crate) type Text = BufReader<Box<dyn Read + Send>>;

impl BooksFile {
    /// Looks at a file's first bytes.
    ///
    /// # Errors
    /// `FileMissing`, or when it cannot be read.
    pub(crate) fn look(path: &Path, name: &str) -> Result<Self, AppError> {
        let mut file = File::open(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => AppError::new(Code::FileMissing).with("name", name),
            _ => io_error(path, &e),
        })?;
        if file.metadata().is_ok_and(|m| m.is_dir()) {
            return Err(AppError::new(Code::FileMissing).with("name", name));
        }
        let mut sign = Vec::new();
        Read::by_ref(&mut file)
            .take(4)
            .read_to_end(&mut sign)
            .map_err(|e| io_error(path, &e))?;
        let form = if sign == ZIP_SIGN {
            Form::Workbook
        } else if sign == sealed_file::SIGN {
            let mut file = File::open(path).map_err(|e| io_error(path, &e))?;
            let header = Header::read(&mut file).map_err(|e| sealed_fault(path, name, "", &e))?;
            Form::Sealed(header.key_name)
        } else {
            Form::Text
        };
        Ok(Self {
            path: path.to_owned(),
            name: name.to_owned(),
            form,
            key: None,
        })
    }

    pub(crate) fn with_key(mut self, key: Option<FileKey>) -> Self {
        self.key = key;
        self
    }

    fn file(&self) -> Result<File, AppError> {
        File::open(&self.path).map_err(|e| io_error(&self.path, &e))
    }

    /// The text of a CSV, encrypted or not; of an encrypted one only after all of it was verified.
    ///
    /// # Errors
    /// `BooksKeyMissing`, `BooksSealBroken`, `FileRefused`.
    pub(crate) fn text(&self) -> Result<Text, AppError> {
        let file = self.file()?;
        let input: Box<dyn Read + Send> = match &self.form {
            Form::Text | Form::Workbook => Box::new(file),
            Form::Sealed(key_name) => {
                let key = self.key.as_ref().ok_or_else(|| {
                    AppError::new(Code::BooksKeyMissing)
                        .with("name", &self.name)
                        .with("key", key_name)
                })?;
                let opened = sealed_file::open(key, file)
                    .map_err(|e| sealed_fault(&self.path, &self.name, key_name, &e))?;
                Box::new(opened)
            }
        };
        Ok(BufReader::with_capacity(1 << 20, input))
    }

    fn workbook(&self) -> Result<Workbook<File>, AppError> {
        Workbook::open(self.file()?).map_err(|e| faults::of_books(&self.name, &e))
    }

    /// Hands on every row, or why it is refused, until `on_row` says false.
    ///
    /// # Errors
    /// As [`Self::text`]; `FileRefused` for a file whose rows cannot be read at all.
    pub(crate) fn rows(
        &self,
        mapping: &Mapping,
        on_row: impl FnMut(Result<BookRow<'_>, RowFault>) -> bool,
    ) -> Result<(), AppError> {
        let told = |e: BooksError| faults::of_books(&self.name, &e);
        if self.form == Form::Workbook {
            return self.workbook()?.rows(mapping, on_row).map_err(told);
        }
        self.text_rows(mapping, on_row)
    }

    fn text_rows(
        &self,
        mapping: &Mapping,
        mut on_row: impl FnMut(Result<BookRow<'_>, RowFault>) -> bool,
    ) -> Result<(), AppError> {
        let told = |e: BooksError| faults::of_books(&self.name, &e);
        let mut reader = BooksReader::with_mapping(self.text()?, mapping.clone()).map_err(told)?;
        loop {
            let go_on = match reader.next_row() {
                Ok(Some(row)) => on_row(Ok(row)),
                Ok(None) => return Ok(()),
                Err(BooksError::Row(fault)) => on_row(Err(fault)),
                Err(error) => return Err(told(error)),
            };
            if !go_on {
                return Ok(());
            }
        }
    }

    /// Opens it once for a look: its beginning, then its rows under a mapping.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub(crate) fn opened(&self) -> Result<Opened<'_>, AppError> {
        let book = match self.form {
            Form::Workbook => Some(self.workbook()?),
            Form::Text | Form::Sealed(_) => None,
        };
        Ok(Opened { file: self, book })
    }
}

/// A books file that is looked at more than once: unpacking a workbook is most of the work.
pub(crate) struct Opened<'a> {
    file: &'a BooksFile,
    book: Option<Workbook<File>>,
}

impl Opened<'_> {
    /// The first rows as they stand, before any mapping, and the sheets of a workbook.
    ///
    /// # Errors
    /// As [`BooksFile::rows`].
    pub(crate) fn first_rows(
        &mut self,
        sheet: Option<&str>,
        most: usize,
    ) -> Result<(Vec<String>, Vec<PlainRow>), AppError> {
        let file = self.file;
        if let Some(book) = &mut self.book {
            let rows = book
                .first_rows(sheet, most)
                .map_err(|e| faults::of_books(&file.name, &e))?;
            return Ok((book.sheets().to_vec(), rows));
        }
        let rows =
            guess::first_rows_of_text(file.text()?, most).map_err(|e| io_error(&file.path, &e))?;
        Ok((Vec::new(), rows))
    }

    /// As [`BooksFile::rows`].
    pub(crate) fn rows(
        &mut self,
        mapping: &Mapping,
        on_row: impl FnMut(Result<BookRow<'_>, RowFault>) -> bool,
    ) -> Result<(), AppError> {
        let file = self.file;
        match &mut self.book {
            Some(book) => book
                .rows(mapping, on_row)
                .map_err(|e| faults::of_books(&file.name, &e)),
            None => file.text_rows(mapping, on_row),
        }
    }
}

impl BooksFile {
    /// One row as it stands: the line of a text, or the cells of a sheet's row between tabs.
    ///
    /// # Errors
    /// As [`Self::rows`].
    pub(crate) fn row(
        &self,
        sheet: Option<&str>,
        line_no: u64,
    ) -> Result<Option<String>, AppError> {
        if self.form == Form::Workbook {
            let row = self
                .workbook()?
                .row(sheet, line_no)
                .map_err(|e| faults::of_books(&self.name, &e))?;
            return Ok(row.map(|row| row.cells.join("\t")));
        }
        let mut input = self.text()?;
        let mut line = Vec::new();
        for _ in 0..line_no {
            line.clear();
            let read = input
                .read_until(b'\n', &mut line)
                .map_err(|e| io_error(&self.path, &e))?;
            if read == 0 {
                return Ok(None);
            }
        }
        let text = String::from_utf8_lossy(&line);
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// A container that does not open.
pub(crate) fn sealed_fault(
    path: &Path,
    name: &str,
    key_name: &str,
    error: &SealedFileError,
) -> AppError {
    match error {
        SealedFileError::Rejected => AppError::new(Code::BooksSealBroken)
            .with("name", name)
            .with("key", key_name),
        SealedFileError::Io(error) => io_error(path, error),
        SealedFileError::Malformed(why) => faults::refused(
            name,
            &FileFault {
                line: 1,
                column: None,
                field: None,
                problem: format!("加密账簿的容器不完整或不是 ZFB1 / {why}"),
                remedy: "请重新取得这份文件。 / Fetch the file again.".to_owned(),
            },
        ),
    }
}
