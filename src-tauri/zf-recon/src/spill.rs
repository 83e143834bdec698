//! The temporary file for what exceeds the memory budget: the only file access of this crate.
//!
//! The file never has a name a person could see (on Linux it is opened unlinked, on Windows it is
//! deleted on close), so nothing is left behind, also after a crash.
#![allow(
    clippy::disallowed_methods,
    reason = "rows beyond the memory budget wait in an unnamed temporary file, and only here"
)]

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::error::ReconError;

/// A stretch of the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    at: u64,
    pub(crate) len: usize,
}

/// An append-only file, created when first needed.
#[derive(Debug)]
pub(crate) struct Spill {
    dir: Option<PathBuf>,
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    file: File,
    end: u64,
}

impl Spill {
    /// In `dir`, or in the system's folder for temporary files.
    pub(crate) const fn new(dir: Option<PathBuf>) -> Self {
        Self {
            dir,
            open: Mutex::new(None),
        }
    }

    /// Bytes written so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map_or(0, |open| open.end)
    }

    pub(crate) fn append(&self, bytes: &[u8]) -> Result<Extent, ReconError> {
        let mut guard = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match &mut *guard {
            Some(open) => open,
            empty => empty.insert(Open {
                file: match &self.dir {
                    Some(dir) => tempfile::tempfile_in(dir),
                    None => tempfile::tempfile(),
                }
                .map_err(|source| ReconError::Spill {
                    action: "created",
                    source,
                })?,
                end: 0,
            }),
        };
        let at = open.end;
        open.file
            .seek(SeekFrom::Start(at))
            .and_then(|_| open.file.write_all(bytes))
            .map_err(|source| ReconError::Spill {
                action: "written",
                source,
            })?;
        open.end += bytes.len() as u64;
        Ok(Extent {
            at,
            len: bytes.len(),
        })
    }

    /// Replaces `into` with `len` bytes from `skip` on within `extent`.
    pub(crate) fn read(
        &self,
        extent: Extent,
        skip: usize,
        len: usize,
        into: &mut Vec<u8>,
    ) -> Result<(), ReconError> {
        into.resize(len, 0);
        let mut guard = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = &mut *guard else {
            return Err(ReconError::SpillDamaged);
        };
        open.file
            .seek(SeekFrom::Start(extent.at + skip as u64))
            .and_then(|_| open.file.read_exact(into))
            .map_err(|source| ReconError::Spill {
                action: "read",
                source,
            })
    }
}
