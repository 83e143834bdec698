//! The matching engine: a channel's bill against the merchant's books, to the last fen.
//!
//! Rows go in on two sides in any order, through one thread or two; out come the differences in
//! one fixed order, the sums that explain them, and a digest that repeats for the same rows.
//! Memory stays within a budget whatever the size: what exceeds it waits in a temporary file that
//! has no name, so that nothing is left behind even when the process is killed.
//!
//! ```
//! use zf_domain::{EntryKind, EntryState, Money, Timestamp};
//! use zf_recon::{Entry, Extra, Options, Reconciler};
//!
//! let mut run = Reconciler::new(Options::default());
//! let paid = |amount, line_no| Entry {
//!     kind: EntryKind::Payment,
//!     key: "ORD20260314-0001",
//!     amount: Money::cny(amount),
//!     state: EntryState::Done,
//!     occurred_at: Timestamp::from_seconds(1_773_450_753),
//!     line_no,
//!     extra: Extra::default(),
//! };
//! run.push_channel(&paid(9_999, 2))?;
//! run.push_ledger(&paid(10_000, 2))?;
//! let outcome = run.finish()?;
//! assert_eq!(outcome.counts.amount_mismatch, 1);
//! assert_eq!(outcome.residual_minor, 0);
//! # Ok::<(), zf_recon::ReconError>(())
//! ```

pub mod bank;
mod blocks;
pub mod books;
mod cancel;
mod engine;
mod entry;
mod error;
mod findings;
pub mod flow;
pub mod guess;
mod intake;
pub mod keys;
pub mod mapping;
mod matching;
mod outcome;
mod record;
pub mod report;
pub mod rules;
pub mod sheet;
mod slabs;
mod spill;
pub mod statement;

pub use blocks::{Block, Blocks, Cut};
pub use books::{BookRow, BooksBlocks, BooksReader, RowFault};
pub use cancel::Cancel;
pub use engine::{Options, Reconciler};
pub use entry::{Entry, Extra, Side};
pub use error::{BooksError, MappingError, ReconError, ReportError};
pub use findings::{Carried, Cleared, Difference, SideView};
pub use intake::Intake;
pub use keys::Keys;
pub use mapping::Mapping;
pub use outcome::{Bucket, Counts, Outcome, SideSum, Spent, Step, Waterfall};
pub use rules::{RuleError, RuleSet, RunRules};
pub use sheet::{PlainRow, Workbook};
