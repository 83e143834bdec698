//! Keeps a downloaded file: uncompressed while it arrives, hashed, and given its final name only
//! when it is complete, verified and on the disk.
//!
//! What lands on the disk is the vendor's own file, byte for byte **after gunzip** and before any
//! other treatment (BOM, line ends and all). [`StoredFile::sha1`] and [`StoredFile::sha256`] are
//! over exactly those bytes. The compressed form that crossed the network is not kept.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::write::MultiGzDecoder;
use zf_crypto::digest::{Sha1Stream, Sha256Stream};

use crate::error::{ChannelError, FileFault, PeerFault};

/// The longest file taken, uncompressed: guards against a hostile archive filling the disk.
const UNCOMPRESSED_BYTES_MAX: u64 = 64 << 30;

/// A downloaded file that is complete but has no final name yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredFile {
    /// SHA-1 of the uncompressed bytes.
    pub sha1: [u8; 20],
    /// SHA-256 of the uncompressed bytes.
    pub sha256: [u8; 32],
    /// Uncompressed bytes.
    pub bytes: u64,
    /// Bytes as they crossed the network.
    pub wire_bytes: u64,
    /// Whether it came as a gzip file.
    pub compressed: bool,
}

/// Writes to the part file and hashes what it writes.
struct Tee {
    file: File,
    sha1: Sha1Stream,
    sha256: Sha256Stream,
    bytes: u64,
}

impl Write for Tee {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.bytes.saturating_add(data.len() as u64) > UNCOMPRESSED_BYTES_MAX {
            return Err(io::Error::other(
                "it grows past 64 GiB when uncompressed and is refused",
            ));
        }
        self.file.write_all(data)?;
        self.sha1.update(data);
        self.sha256.update(data);
        self.bytes += data.len() as u64;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

enum Body {
    /// Nothing arrived yet.
    Empty,
    /// First bytes, too few to tell what it is.
    Undecided(Box<Tee>, Vec<u8>),
    Plain(Box<Tee>),
    Gzip(Box<MultiGzDecoder<Tee>>),
    Finished,
}

/// A file being downloaded into `folder` under a temporary name.
pub struct Download {
    folder: PathBuf,
    part: PathBuf,
    body: Body,
    wire_bytes: u64,
    expected_wire_bytes: Option<u64>,
}

impl Download {
    /// Prepares a download into `folder`, which is made when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn into_folder(folder: &Path) -> Result<Self, FileFault> {
        fs::create_dir_all(folder).map_err(|e| fault("create the folder", folder, 0, &e))?;
        let name = format!(".{}.part", zf_crypto::random::alphanumeric(12));
        Ok(Self {
            folder: folder.to_owned(),
            part: folder.join(name),
            body: Body::Empty,
            wire_bytes: 0,
            expected_wire_bytes: None,
        })
    }

    /// Starts (again) from nothing. `wire_bytes` is what the peer announced.
    ///
    /// # Errors
    /// When the part file cannot be made.
    pub fn begin(&mut self, wire_bytes: Option<u64>) -> Result<(), ChannelError> {
        self.body = Body::Empty;
        self.wire_bytes = 0;
        self.expected_wire_bytes = wire_bytes;
        let file =
            File::create(&self.part).map_err(|e| fault("create the file", &self.part, 0, &e))?;
        let tee = Box::new(Tee {
            file,
            sha1: Sha1Stream::new(),
            sha256: Sha256Stream::new(),
            bytes: 0,
        });
        self.body = Body::Undecided(tee, Vec::new());
        Ok(())
    }

    /// Takes the next bytes from the network.
    ///
    /// # Errors
    /// `LocalFile` when they cannot be kept; `PeerMisbehaved` when they do not uncompress.
    pub fn push(&mut self, data: &[u8]) -> Result<(), ChannelError> {
        self.wire_bytes = self.wire_bytes.saturating_add(data.len() as u64);
        let written = match &mut self.body {
            Body::Undecided(_, first) => {
                first.extend_from_slice(data);
                if first.len() < 2 {
                    return Ok(());
                }
                self.decide()
            }
            Body::Plain(tee) => tee.write_all(data),
            Body::Gzip(decoder) => decoder.write_all(data),
            Body::Empty | Body::Finished => Ok(()),
        };
        written.map_err(|e| self.classify(&e))
    }

    /// A gzip file says so in its first two bytes; a bill is text and never begins like that.
    fn decide(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.body, Body::Empty) {
            Body::Undecided(mut tee, first) => {
                if first.starts_with(&[0x1f, 0x8b]) {
                    let mut decoder = Box::new(MultiGzDecoder::new(*tee));
                    let written = decoder.write_all(&first);
                    self.body = Body::Gzip(decoder);
                    written
                } else {
                    let written = tee.write_all(&first);
                    self.body = Body::Plain(tee);
                    written
                }
            }
            other => {
                self.body = other;
                Ok(())
            }
        }
    }

    /// Ends the transfer: flushed to the disk under the temporary name, hashes ready.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn complete(&mut self) -> Result<StoredFile, ChannelError> {
        if matches!(self.body, Body::Undecided(..)) {
            let decided = self.decide();
            decided.map_err(|e| self.classify(&e))?;
        }
        let (tee, compressed) = match std::mem::replace(&mut self.body, Body::Finished) {
            Body::Plain(tee) | Body::Undecided(tee, _) => (*tee, false),
            Body::Gzip(decoder) => match decoder.finish() {
                Ok(tee) => (tee, true),
                Err(e) => return Err(self.classify(&e)),
            },
            Body::Empty | Body::Finished => {
                return Err(FileFault::Io {
                    action: "complete the file",
                    path: self.part.clone(),
                    reason: "nothing was downloaded".to_owned(),
                }
                .into());
            }
        };
        tee.file
            .sync_all()
            .map_err(|e| fault("write the file to the disk", &self.part, tee.bytes, &e))?;
        Ok(StoredFile {
            sha1: tee.sha1.finish(),
            sha256: tee.sha256.finish(),
            bytes: tee.bytes,
            wire_bytes: self.wire_bytes,
            compressed,
        })
    }

    /// Gives the completed file its final name and makes the name durable. A file already there
    /// under that name is replaced; names made from the content's digest make that harmless.
    ///
    /// # Errors
    /// `LocalFile`.
    pub fn keep_as(&mut self, name: &str) -> Result<PathBuf, ChannelError> {
        let path = self.folder.join(name);
        fs::rename(&self.part, &path).map_err(|e| fault("name the file", &path, 0, &e))?;
        sync_folder(&self.folder)
            .map_err(|e| fault("write the folder to the disk", &self.folder, 0, &e))?;
        Ok(path)
    }

    fn classify(&self, error: &io::Error) -> ChannelError {
        let bytes = match &self.body {
            Body::Plain(tee) | Body::Undecided(tee, _) => tee.bytes,
            Body::Gzip(decoder) => decoder.get_ref().bytes,
            Body::Empty | Body::Finished => 0,
        };
        let remaining = self
            .expected_wire_bytes
            .unwrap_or(0)
            .saturating_sub(self.wire_bytes);
        // What the decoder reports about its input, against what the disk reports.
        match error.kind() {
            io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::WriteZero => PeerFault::BillCorrupt(error.to_string()).into(),
            _ => fault(
                "write the file",
                &self.part,
                bytes.saturating_add(remaining),
                error,
            )
            .into(),
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        // The part file is ours alone; after `keep_as` it no longer exists under this name.
        self.body = Body::Finished;
        let _ = fs::remove_file(&self.part);
    }
}

fn fault(action: &'static str, path: &Path, needed_bytes: u64, error: &io::Error) -> FileFault {
    if matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    ) {
        return FileFault::DiskFull {
            path: path.to_owned(),
            needed_bytes: needed_bytes.max(1),
        };
    }
    FileFault::Io {
        action,
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    // Windows has no flush of a directory; the rename itself is journalled.
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn feed(
        folder: &Path,
        data: &[u8],
        step: usize,
    ) -> Result<(StoredFile, PathBuf), ChannelError> {
        let mut download = Download::into_folder(folder)?;
        download.begin(Some(data.len() as u64))?;
        for piece in data.chunks(step) {
            download.push(piece)?;
        }
        let stored = download.complete()?;
        Ok((stored, download.keep_as("bill.csv")?))
    }

    fn files(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn what_is_kept_and_hashed_is_the_uncompressed_file() {
        let text = "\u{feff}交易时间\r\n".repeat(500);
        for (data, compressed) in [
            (text.as_bytes().to_vec(), false),
            (gzip(text.as_bytes()), true),
        ] {
            for step in [1, 7, 4096] {
                let folder = tempfile::tempdir().unwrap();
                let (stored, path) = feed(folder.path(), &data, step).unwrap();
                assert_eq!(fs::read(&path).unwrap(), text.as_bytes());
                assert_eq!(stored.compressed, compressed);
                assert_eq!(stored.bytes, text.len() as u64);
                assert_eq!(stored.wire_bytes, data.len() as u64);
                assert_eq!(stored.sha1, zf_crypto::digest::sha1(text.as_bytes()));
                assert_eq!(stored.sha256, zf_crypto::digest::sha256(text.as_bytes()));
                assert_eq!(files(folder.path()), 1, "no part file stays");
            }
        }
    }

    #[test]
    fn an_empty_file_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let (stored, _) = feed(folder.path(), b"", 1).unwrap();
        assert_eq!(stored.bytes, 0);
    }

    #[test]
    fn a_cut_or_broken_archive_is_the_peers_fault_and_leaves_nothing() {
        let whole = gzip(&b"row,".repeat(9000));
        let mut broken = whole.clone();
        let middle = broken.len() / 2;
        broken[middle] ^= 0x40;
        broken[middle + 1] ^= 0xff;
        for data in [&whole[..whole.len() - 9], &broken[..]] {
            let folder = tempfile::tempdir().unwrap();
            let error = feed(folder.path(), data, 64).unwrap_err();
            assert!(
                matches!(
                    error,
                    ChannelError::PeerMisbehaved(PeerFault::BillCorrupt(_))
                ),
                "{error:?}"
            );
            assert_eq!(files(folder.path()), 0);
        }
    }

    #[test]
    fn a_full_disk_is_named_with_the_path_and_what_is_needed() {
        let error = fault(
            "write the file",
            Path::new("/bills/x"),
            4096,
            &io::Error::from(io::ErrorKind::StorageFull),
        );
        let text = error.to_string();
        assert!(
            text.contains("/bills/x") && text.contains("4096") && text.contains("nothing was lost")
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_systems_own_full_device_is_recognised() {
        let mut full = File::options().write(true).open("/dev/full").unwrap();
        let error = full.write_all(b"x").unwrap_err();
        assert!(matches!(
            fault("write the file", Path::new("/dev/full"), 1, &error),
            FileFault::DiskFull { .. }
        ));
    }
}
