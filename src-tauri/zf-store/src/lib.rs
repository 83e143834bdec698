//! The desk's memory: one concrete store on SQLite or PostgreSQL through sqlx.
//!
//! A write happens in a [`Tx`], and a `Tx` refuses to commit without an audit row: state and audit
//! change together or not at all. Rooms of the store are modules named by what they keep.

pub mod access;
pub mod audit;
pub mod bank;
pub mod batches;
pub mod bills;
pub mod book_ways;
pub mod carry;
pub mod desk;
pub mod dialect;
pub mod error;
pub mod exports;
pub mod finding;
pub mod flow;
pub mod keys;
pub mod orders;
pub mod preferences;
pub mod receipts;
pub mod recon;
pub mod recon_export;
pub mod refunds;
pub mod resolutions;
pub mod rule_sets;
pub mod rules;
pub mod search;
mod store;

pub use audit::{AuditEntry, AuditFilter, AuditRow, ChainVerdict, ChainWalk};
pub use dialect::{Conn, DbRow, Dialect, Executor, PoolConn, Snapshot, SqlText};
pub use error::StoreError;
pub use store::{Store, Target, Tx};
