//! One contract, two databases: what the store promises holds on SQLite and on PostgreSQL alike. Every
//! case gets an empty database of each kind; a PostgreSQL of this machine is started for the test.

#![allow(
    clippy::unwrap_used,
    reason = "a broken fixture or database ends the test"
)]

mod audit;
mod days;
mod desk;
mod exports;
mod orders;
mod recon;
mod refunds;
mod roles;
mod schema;
mod target;
