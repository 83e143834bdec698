//! The WeChat Pay sandbox from outside: over sockets, as a merchant's program sees it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

mod bills;
mod contract;
mod control;
mod faults;
mod notices;
mod refunds;
mod restart;
