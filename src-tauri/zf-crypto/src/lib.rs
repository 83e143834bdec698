//! Cryptography of the house: the primitives the payment channels and the receipts ask for, each
//! behind the smallest interface that cannot be misused, and nothing else. No files, no network,
//! no clock: data in, data out.
//!
//! - [`rsa`], [`sm2`]: signing and verifying. [`cert`]: X.509, reading and issuing.
//! - [`aead`]: AES-GCM and SM4-GCM with the tag at the end, as the channels send it.
//! - [`digest`], [`random`], [`secret`]: small change.
//! - [`vault`], [`password`]: secrets at rest. [`sealed_file`]: an encrypted file, verified before it is read.
//! - [`xray`]: what exactly was signed, made visible.
//! - [`asn1`]: strict DER reading and writing for certificates and receipts.

pub mod aead;
pub mod asn1;
pub mod cert;
pub mod digest;
mod error;
pub mod password;
mod pem;
pub mod random;
pub mod rsa;
pub mod sealed_file;
pub mod secret;
pub mod sm2;
pub mod vault;
pub mod xray;

pub use error::{Error, Result};
