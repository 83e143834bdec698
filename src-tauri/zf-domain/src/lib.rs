//! The words and rules every other crate agrees on: money, ids, time, states and their legal
//! transitions, maker-checker and limits. Pure: no file, no socket, no clock of its own.
//!
//! Facts: the trade glossary of `docs/` and the channels' own pages, named where they are used.

pub mod approval;
pub mod capital;
pub mod entry;
pub mod error;
pub mod ids;
pub mod money;
pub mod people;
pub mod resolution;
pub mod scan;
pub mod standing;
pub mod state;
pub mod time;

pub use approval::{ApprovalBand, ApprovalPath, Decision, RefundRules, Remaining};
pub use entry::{BookEntry, DifferenceCode, EntryKind, EntryState, StatementLine};
pub use error::{IdError, MoneyError, RuleError, TimeError, TransitionError};
pub use ids::*;
pub use money::{Currency, Money};
pub use people::{Permission, Role};
pub use resolution::{Disposition, ResolutionKind, ResolutionState};
pub use standing::Standing;
pub use state::{OrderState, PaymentState, RefundState};
pub use time::{BusinessDate, Clock, ManualClock, Timestamp};
