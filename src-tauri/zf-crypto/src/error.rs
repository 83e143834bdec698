//! The one error type of this crate. No variant ever carries key material.

/// What can go wrong. The texts say what was found and what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text holds something else than what is needed here, for example a certificate where a
    /// private key belongs.
    #[error("found {found}, but {wanted} is wanted here")]
    WrongKind {
        /// What the text really is.
        found: String,
        /// What this place needs.
        wanted: &'static str,
    },
    /// The right kind of thing, but its content cannot be read.
    #[error("{what} cannot be read: {why}")]
    Malformed {
        /// Which thing.
        what: &'static str,
        /// Why, in words.
        why: String,
    },
    /// A known algorithm or size that this program does not use.
    #[error("{what} is not supported")]
    Unsupported {
        /// Which one.
        what: String,
    },
    /// The signature was not made over these bytes by this key.
    #[error("the signature does not match: other bytes, another key, or damage on the way")]
    BadSignature,
    /// Authenticated decryption refused: wrong key, wrong nonce, wrong associated data or changed
    /// bytes; which one cannot be known.
    #[error(
        "decryption refused: the key, the nonce, the associated data or the ciphertext is not the \
         one it was sealed with"
    )]
    Rejected,
    /// A key, nonce or other input of a length the algorithm does not take.
    #[error("{what} has {found} bytes; {wanted}")]
    Length {
        /// Which input.
        what: &'static str,
        /// Its length in bytes.
        found: usize,
        /// Lengths taken, in words.
        wanted: &'static str,
    },
    /// The passphrase does not open this wrapped key (or the wrapped key was changed).
    #[error("the passphrase does not open this vault")]
    WrongPassphrase,
    /// A certificate does not fit the role it was used in.
    #[error("certificate {subject}: {why}")]
    Certificate {
        /// Subject of the certificate.
        subject: String,
        /// Why it does not fit.
        why: String,
    },
    /// A failure inside a primitive that valid input cannot cause.
    #[error("{0} failed")]
    Internal(&'static str),
}

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn malformed(what: &'static str, why: impl ToString) -> Self {
        Self::Malformed {
            what,
            why: why.to_string(),
        }
    }
}
