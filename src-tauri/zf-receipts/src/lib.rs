//! Receipts: A5 PDF pages with an SM2 signature, machine-readable data inside, and a verifier that
//! reports every check by itself. Data in, bytes out: no files, no network, no clock.
//!
//! A receipt (收款凭证) is the merchant's own statement that it received a payment. It is no bank
//! receipt, and the page says so.
//!
//! - [`Template`] is built once a signer from the font's bytes; [`Template::issue`] writes one
//!   receipt from one [`ReceiptData`].
//! - [`Template::report`] lays out and signs a report of several pages from one [`ReportData`].
//! - [`verify`] judges any bytes and never panics.
//! - [`demo_pki`] makes a certificate chain for demonstrations and tests.
//!
//! Format: PDF 1.7, PDF/A-3u, one revision; detached CMS with SM2 and SM3 (GM/T 0010 or PKCS#7
//! object identifiers, see [`Profile`]).

mod cms;
mod content;
mod data;
mod error;
mod font;
mod icc;
mod layout;
mod pki;
mod qr;
mod read;
mod report;
mod seal;
mod signer;
mod template;
mod verify;

pub use data::{AttachedRefund, Attachment, PrintedField, ReceiptData, RefundLine, Title};
pub use error::{Error, Result};
pub use pki::{DemoPki, demo_pki};
pub use report::{ReportBlock, ReportColumn, ReportData, ReportStatement, SignedReport};
pub use signer::{Profile, Signer};
pub use template::Template;
pub use verify::{Check, Outcome, Trust, Verdict, VerdictCode, verify, verify_with};
