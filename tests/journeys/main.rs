//! Journeys: whole use cases through the declared API, against the sandbox in this process.
//!
//! The sandbox reads the vendor's page independently of the channel client, and can be told to lose a
//! reply at the worst moment; what it holds in the end is what really happened to the money.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what is missing ends the journey; what is skipped says so"
)]

mod accounts;
mod bad_input;
mod bills;
mod close;
mod databases;
mod day;
mod desk;
mod exports;
mod flow;
mod hands;
mod keys;
mod orders;
mod receipts;
mod recon;
mod recon_rules;
mod refunds;
mod reports;
mod resolutions;
mod rules;
mod sources;
mod world;
