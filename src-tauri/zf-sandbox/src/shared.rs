//! What all channels of one sandbox have in common.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::clock::Clock;
use crate::faults::FaultBoard;
use crate::keys::Authority;

/// How many requests are remembered for `/_sandbox/state`.
const LOG_MAX: usize = 1_000;

pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) authority: Authority,
    pub(crate) faults: Mutex<FaultBoard>,
    pub(crate) log: Mutex<VecDeque<LogLine>>,
    /// Rung when something may have become due.
    pub(crate) wake: tokio::sync::Notify,
}

/// One request that reached an endpoint.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LogLine {
    pub(crate) at: String,
    pub(crate) operation: &'static str,
    pub(crate) target: String,
    /// The status answered, or `cut` when the connection was dropped.
    pub(crate) outcome: String,
}

impl Shared {
    pub(crate) fn faults(&self) -> MutexGuard<'_, FaultBoard> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, line: LogLine) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == LOG_MAX {
            log.pop_front();
        }
        log.push_back(line);
    }

    pub(crate) fn requests(&self) -> Vec<LogLine> {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }
}
