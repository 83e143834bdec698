//! Files on their way in (chosen or uploaded by a person) or out (exports, receipts).
//!
//! A file is named to the core by a token. Uploads live in the home's `inbox/` and go with the
//! process; a desktop hands over the path the person chose without copying it.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::RwLock;

use crate::error::{AppError, Code};
use crate::wire::FileView;

/// Largest upload, bytes.
pub const UPLOAD_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// A file by its token.
#[derive(Debug, Clone)]
pub struct FileEntry {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is called towards people.
    pub name: String,
}

/// The files of this process.
#[derive(Debug)]
pub struct Files {
    inbox: PathBuf,
    entries: RwLock<HashMap<String, FileEntry>>,
}

impl Files {
    pub(crate) fn new(inbox: PathBuf) -> Self {
        // What an earlier process left behind belongs to nobody.
        if let Ok(left) = std::fs::read_dir(&inbox) {
            for entry in left.flatten() {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Self {
            inbox,
            entries: RwLock::default(),
        }
    }

    /// Registers a file that lies where a person or the core put it.
    ///
    /// # Errors
    /// `FileMissing` when it cannot be read.
    pub fn register(&self, path: &Path, name: &str) -> Result<FileView, AppError> {
        let size = std::fs::metadata(path)
            .map_err(|_| AppError::new(Code::FileMissing).with("name", name))?
            .len();
        let token = zf_crypto::random::alphanumeric(32);
        if let Ok(mut entries) = self.entries.write() {
            entries.insert(
                token.clone(),
                FileEntry {
                    path: path.to_owned(),
                    name: name.to_owned(),
                },
            );
        }
        Ok(FileView {
            file_token: token,
            name: name.to_owned(),
            size,
        })
    }

    /// Keeps bytes in the inbox under a new token.
    ///
    /// # Errors
    /// `FileTooLarge`, `DiskFull`.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<FileView, AppError> {
        if bytes.len() as u64 > UPLOAD_BYTES_MAX {
            return Err(AppError::new(Code::FileTooLarge)
                .with("name", name)
                .with("limit", "512 MB"));
        }
        let path = self.inbox.join(zf_crypto::random::alphanumeric(24));
        write_private(&path, bytes)?;
        self.register(&path, name)
    }

    /// A path in the inbox for an export about to be written.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.inbox.join(zf_crypto::random::alphanumeric(24))
    }

    /// Finds a file by its token.
    ///
    /// # Errors
    /// `FileMissing`.
    pub fn find(&self, token: &str) -> Result<FileEntry, AppError> {
        self.entries
            .read()
            .ok()
            .and_then(|entries| entries.get(token).cloned())
            .filter(|entry| entry.path.is_file())
            .ok_or_else(|| AppError::new(Code::FileMissing).with("name", token))
    }
}

/// Maps an I/O error, naming the path; a full disk has its own code.
#[must_use]
pub fn io_error(path: &Path, error: &std::io::Error) -> AppError {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return AppError::new(Code::DiskFull).with("path", path.display());
    }
    AppError::internal(format!("{}: {error}", path.display()))
}

/// Makes a folder only its owner can read.
///
/// # Errors
/// When it cannot be made.
pub fn make_private_dir(path: &Path) -> Result<(), AppError> {
    std::fs::create_dir_all(path).map_err(|e| io_error(path, &e))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .map_err(|e| io_error(path, &e))?;
    }
    Ok(())
}

/// Writes a file whole or not at all: beside it, synced, then renamed. Only its owner can read it.
///
/// # Errors
/// `DiskFull` or an I/O error; the old file, if any, is untouched then.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), AppError> {
    let part = path.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let mut file = options.open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&part, path)?;
        if let Some(folder) = path.parent() {
            std::fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    };
    write().map_err(|e| {
        let _ = std::fs::remove_file(&part);
        io_error(path, &e)
    })
}
