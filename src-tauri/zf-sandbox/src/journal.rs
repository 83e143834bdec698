//! An append-only journal: one JSON value a line, on disk before the caller goes on.
//!
//! A line is one indivisible step. A line cut short by a crash is dropped on opening, because
//! nobody was ever answered for it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Serialize, de::DeserializeOwned};

use crate::error::SandboxError;

pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Journal {
    /// Opens or creates the journal and hands every step in it to `replay`, in order.
    pub(crate) fn open<T: DeserializeOwned>(
        path: &Path,
        mut replay: impl FnMut(T) -> Result<(), String>,
    ) -> Result<Self, SandboxError> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(SandboxError::disk("opening", path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(SandboxError::disk("reading", path))?;
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        if whole < bytes.len() {
            file.set_len(whole as u64)
                .map_err(SandboxError::disk("repairing", path))?;
        }
        let damaged = |line: usize, reason: String| SandboxError::DamagedHome {
            path: path.to_owned(),
            line,
            reason,
        };
        for (index, line) in bytes[..whole].split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let step = serde_json::from_slice(line)
                .map_err(|error| damaged(index + 1, error.to_string()))?;
            replay(step).map_err(|reason| damaged(index + 1, reason))?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            length: whole as u64,
        })
    }

    /// Appends one step and waits until the disk has it. On failure nothing of it remains.
    pub(crate) fn append<T: Serialize>(&mut self, step: &T) -> Result<(), SandboxError> {
        let mut line = serde_json::to_vec(step).expect("steps hold only strings and integers");
        line.push(b'\n');
        let written = self
            .file
            .write_all(&line)
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line must not be left in front of the next step.
            let _ = self.file.set_len(self.length);
            let _ = self.file.seek(SeekFrom::End(0));
            return Err(SandboxError::disk("writing", &self.path)(error));
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

/// Replaces a small file so that a crash leaves either the old or the new content.
pub(crate) fn replace_file(path: &Path, bytes: &[u8], secret: bool) -> Result<(), SandboxError> {
    let draft = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if secret {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = secret;
    let mut file = options
        .open(&draft)
        .map_err(SandboxError::disk("writing", &draft))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&draft, path))
        .map_err(SandboxError::disk("writing", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> Vec<u32> {
        let mut seen = Vec::new();
        Journal::open::<u32>(path, |step| {
            seen.push(step);
            Ok(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn a_step_cut_short_by_a_crash_is_dropped_and_the_next_one_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        std::fs::write(&path, "1\n2\n3").unwrap();
        let mut seen = Vec::new();
        let mut journal = Journal::open::<u32>(&path, |step| {
            seen.push(step);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, [1, 2]);
        journal.append(&4u32).unwrap();
        drop(journal);
        assert_eq!(read(&path), [1, 2, 4]);
    }

    #[test]
    fn damage_in_the_middle_names_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        std::fs::write(&path, "1\noops\n3\n").unwrap();
        let error = Journal::open::<u32>(&path, |_| Ok(()))
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
