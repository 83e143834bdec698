//! `zf books`: the encrypted house CSV. Keys come from files, never from the command line.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;
use zf_app::compare::read_key;
use zf_crypto::random;
use zf_crypto::sealed_file::{self, FileKey, Header, SealedFileError};

use crate::output::{Answer, Done, Failure, Output};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a key file: 32 random bytes as hexadecimal digits, readable by its owner only.
    Key {
        /// The file to make; one that is there stays as it is.
        out: PathBuf,
    },
    /// Encrypts a file into a ZFB1 container.
    Encrypt {
        /// File with the key.
        #[arg(long)]
        key_file: PathBuf,
        /// The name the key goes by, as it is kept in the console.
        #[arg(long)]
        key_name: String,
        /// What to encrypt.
        input: PathBuf,
        /// The container to make.
        output: PathBuf,
    },
    /// Verifies a ZFB1 container, then writes what it holds.
    Decrypt {
        /// File with the key.
        #[arg(long)]
        key_file: PathBuf,
        /// The container.
        input: PathBuf,
        /// The file to make; readable by its owner only.
        output: PathBuf,
    },
}

pub(crate) fn run(command: Command, out: &Output) -> Done {
    match command {
        Command::Key { out: path } => {
            let key = FileKey::generate();
            private(&path)
                .and_then(|mut file| {
                    file.write_all(key.to_file().expose().as_bytes())?;
                    file.sync_all()
                })
                .map_err(|e| Failure::file(&path, e))?;
            Ok(Answer::yes(
                json!({ "key_file": path, "fingerprint": key.fingerprint() }),
                format!(
                    "{} {}  {} {}\n",
                    out.say("钥匙", "Key"),
                    path.display(),
                    out.say("指纹", "fingerprint"),
                    key.fingerprint()
                ),
            ))
        }
        Command::Encrypt {
            key_file,
            key_name,
            input,
            output,
        } => {
            let key = read_key(&key_file)?;
            let mut from = BufReader::new(open(&input)?);
            written(&output, |to| {
                sealed_file::seal(&key, &key_name, &mut from, to)
            })?;
            told(out, &output, &key_name, &key)
        }
        Command::Decrypt {
            key_file,
            input,
            output,
        } => {
            let key = read_key(&key_file)?;
            let refused = |e: SealedFileError| refused(&input, e);
            let header = Header::read(&mut open(&input)?).map_err(refused)?;
            let mut content = sealed_file::open(&key, open(&input)?).map_err(refused)?;
            written(&output, |to| {
                std::io::copy(&mut content, to)?;
                Ok(())
            })?;
            told(out, &output, &header.key_name, &key)
        }
    }
}

fn told(out: &Output, path: &Path, key_name: &str, key: &FileKey) -> Done {
    Ok(Answer::yes(
        json!({ "path": path, "key_name": key_name, "fingerprint": key.fingerprint() }),
        format!("{} {}\n", out.say("已写出", "Written:"), path.display()),
    ))
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|e| Failure::file(path, e))
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Writes a file whole or not at all.
fn written(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), SealedFileError>,
) -> Result<(), Failure> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", random::alphanumeric(8)));
    let part = PathBuf::from(part);
    let whole = || -> Result<(), SealedFileError> {
        let mut file = BufWriter::new(private(&part)?);
        write(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        std::fs::rename(&part, path)?;
        Ok(())
    };
    whole().map_err(|e| {
        let _ = std::fs::remove_file(&part);
        refused(path, e)
    })
}

fn refused(path: &Path, error: SealedFileError) -> Failure {
    match error {
        SealedFileError::Io(e) => Failure::file(path, e),
        SealedFileError::Rejected => Failure::usage(
            "books.seal_broken",
            (
                "没有通过校验：不是用这把钥匙加密的，或者字节被改过。什么也没有写出。",
                "请核对钥匙的指纹，或重新取得文件。",
            ),
            (
                "The check failed: it was sealed with another key, or its bytes were changed. Nothing was written.",
                "Compare the key's fingerprint, or fetch the file again.",
            ),
        ),
        SealedFileError::Malformed(why) => Failure::usage(
            "books.container",
            (
                "不是能用的 ZFB1 容器，或钥匙名称不对。",
                "请检查文件和名称。",
            ),
            (why, "Check the file and the name."),
        ),
    }
}
