//! Use cases, permissions, schedules and the one declared API of the desk.
//!
//! A door (the Tauri shell, `zf-server`, the command line) opens an [`App`] and hands it a procedure's
//! name with JSON parameters; everything else happens here.

#![recursion_limit = "256"]

mod access;
mod accounts;
pub mod api;
pub mod app;
mod audit;
mod back_tests;
mod bank;
mod batches;
mod bills;
mod book_ways;
mod books;
mod books_file;
mod carry;
pub mod clock;
mod close;
pub mod compare;
pub mod ctx;
mod desk;
pub mod error;
mod evidence;
mod exports;
mod facts;
mod faults;
pub mod files;
mod flow;
mod gaps;
pub mod generate;
mod keys;
mod orders;
mod preferences;
pub mod receipts;
mod recon;
mod recon_rules;
mod refunds;
mod resolutions;
mod search;
mod session;
mod settings;
pub mod setup;
mod sql_source;
mod tasks;
pub mod timer;
mod users;
pub mod vault;
pub mod wire;
mod xray;

pub use app::{
    App, AppOptions, Reply, SandboxControl, SandboxHandle, SandboxSpec, SandboxStarter,
    default_home,
};
pub use error::{AppError, Code};
pub use receipts::{trusted_roots, verify_receipt};
