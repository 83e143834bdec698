//! Why a receipt was not issued. Nothing was signed when one of these comes back.

/// What stops a receipt or a template.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A character the font cannot print: an empty box in a name would be worse than no receipt.
    #[error(
        "{field} contains “{character}” (U+{code:04X}), which the receipt font cannot print; write it another way"
    )]
    MissingCharacter {
        /// Which field.
        field: &'static str,
        /// The character; `�` when it is not printable at all.
        character: char,
        /// Its code point.
        code: u32,
    },
    /// A text too long for its place on the page.
    #[error(
        "{field} has {length} characters and does not fit its place on the receipt; shorten it"
    )]
    TooLong {
        /// Which field.
        field: &'static str,
        /// Length in characters (bytes for the QR code).
        length: usize,
    },
    /// A field that must not be empty.
    #[error("{field} is empty; a receipt needs it")]
    Empty {
        /// Which field.
        field: &'static str,
    },
    /// An amount a receipt cannot state.
    #[error("receipt {serial_no}: {why}")]
    Amount {
        /// Receipt number.
        serial_no: String,
        /// What is wrong.
        why: String,
    },
    /// The signing time is one the format cannot hold.
    #[error("the signing time lies outside 1970 to 2049")]
    SigningTime,
    /// The font file cannot be used.
    #[error("the receipt font cannot be used: {0}")]
    Font(String),
    /// The signer's key and certificates do not belong together.
    #[error("the signer cannot be used: {0}")]
    Signer(String),
    /// A failure of cryptography.
    #[error(transparent)]
    Crypto(#[from] zf_crypto::Error),
    /// A failure valid input cannot cause.
    #[error("{0} failed")]
    Internal(&'static str),
}

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
