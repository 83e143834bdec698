//! What can go wrong while starting or steering the sandbox.

use std::path::PathBuf;

/// A failure of the sandbox itself. Vendor-shaped refusals are answers, not errors, and never
/// appear here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// A file or directory of the home could not be read or written.
    #[error("{action} {}: {source}. Check the path, its permissions and the free space.", path.display())]
    Disk {
        /// What was being done, such as `writing`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Another sandbox holds this home.
    #[error("the sandbox home {} is in use by another sandbox. Stop that one, or choose another home.", home.display())]
    HomeInUse {
        /// The home both want.
        home: PathBuf,
    },
    /// A stored file says something this program cannot understand.
    #[error("{} line {line}: {reason}. The sandbox keeps only invented data: delete the home to begin anew.", path.display())]
    DamagedHome {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// An option is outside what the sandbox accepts.
    #[error("{0}")]
    BadOption(String),
    /// The listening address could not be taken.
    #[error(
        "listening on {address}: {source}. Choose another address, or port 0 for any free one."
    )]
    Listen {
        /// The address asked for.
        address: std::net::SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A key, certificate or ciphertext could not be made or read.
    #[error("{action}: {reason}")]
    Crypto {
        /// What was being done.
        action: &'static str,
        /// The reason given by the cryptography, free of secrets.
        reason: String,
    },
    /// The control plane was asked for something it cannot do.
    #[error("{0}")]
    Refused(String),
}

impl SandboxError {
    pub(crate) fn disk(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Disk {
            action,
            path,
            source,
        }
    }

    pub(crate) fn crypto<E: std::fmt::Display>(action: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Crypto {
            action,
            reason: error.to_string(),
        }
    }
}
