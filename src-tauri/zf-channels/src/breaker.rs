//! A circuit breaker per host, and the manual hold.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use zf_domain::Timestamp;

use crate::error::TransportError;

/// When a host is left alone for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row (no connection, no answer, 5xx) that open the circuit.
    pub failures_max: u32,
    /// How long it stays open, in milliseconds; then one call is tried.
    pub rest_millis: i64,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures_max: 8,
            rest_millis: 30_000,
        }
    }
}

#[derive(Default)]
struct HostState {
    failures: u32,
    open_until: Option<Timestamp>,
    trial_running: bool,
}

#[derive(Default)]
struct State {
    hosts: HashMap<String, HostState>,
    held: HashSet<String>,
}

pub(crate) struct Breaker {
    settings: BreakerSettings,
    state: Mutex<State>,
}

impl Breaker {
    pub(crate) fn new(settings: BreakerSettings) -> Self {
        Self {
            settings,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic while counting failures cannot leave the counts in a harmful state.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether a call may go to `host` now.
    pub(crate) fn admit(&self, host: &str, now: Timestamp) -> Result<(), TransportError> {
        let mut state = self.state();
        if state.held.contains(host) {
            return Err(TransportError::Held {
                host: host.to_owned(),
            });
        }
        let Some(entry) = state.hosts.get_mut(host) else {
            return Ok(());
        };
        match entry.open_until {
            Some(until) if now < until || entry.trial_running => Err(TransportError::CircuitOpen {
                host: host.to_owned(),
                until: if now < until {
                    until
                } else {
                    now.plus_millis(1000)
                },
            }),
            Some(_) => {
                entry.trial_running = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Notes how a call went.
    pub(crate) fn note(&self, host: &str, healthy: bool, now: Timestamp) {
        let mut state = self.state();
        if healthy {
            state.hosts.remove(host);
            return;
        }
        let entry = state.hosts.entry(host.to_owned()).or_default();
        entry.failures = entry.failures.saturating_add(1);
        entry.trial_running = false;
        if entry.failures >= self.settings.failures_max {
            entry.open_until = Some(now.plus_millis(self.settings.rest_millis));
        }
    }

    /// Ends an admitted call that was dropped half-way: neither healthy nor failed.
    pub(crate) fn abandon(&self, host: &str) {
        if let Some(entry) = self.state().hosts.get_mut(host) {
            entry.trial_running = false;
        }
    }

    pub(crate) fn hold(&self, host: &str) {
        self.state().held.insert(host.to_owned());
    }

    pub(crate) fn release(&self, host: &str) {
        let mut state = self.state();
        state.held.remove(host);
        state.hosts.remove(host);
    }

    pub(crate) fn is_held(&self, host: &str) -> bool {
        self.state().held.contains(host)
    }

    pub(crate) fn open_until(&self, host: &str) -> Option<Timestamp> {
        self.state().hosts.get(host).and_then(|h| h.open_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_failures_tries_one_call_and_closes_on_health() {
        let breaker = Breaker::new(BreakerSettings {
            failures_max: 2,
            rest_millis: 1000,
        });
        let at = Timestamp::from_millis;
        let host = "h";
        assert!(breaker.admit(host, at(0)).is_ok());
        breaker.note(host, false, at(0));
        assert!(breaker.admit(host, at(1)).is_ok());
        breaker.note(host, false, at(1));
        assert!(matches!(
            breaker.admit(host, at(2)),
            Err(TransportError::CircuitOpen { until, .. }) if until == at(1001)
        ));
        assert!(breaker.admit(host, at(1001)).is_ok(), "one trial");
        assert!(breaker.admit(host, at(1002)).is_err(), "only one");
        breaker.abandon(host);
        assert!(
            breaker.admit(host, at(1003)).is_ok(),
            "a dropped trial is given back"
        );
        breaker.note(host, true, at(1003));
        assert!(breaker.admit(host, at(1004)).is_ok());
        breaker.hold(host);
        assert!(matches!(
            breaker.admit(host, at(1005)),
            Err(TransportError::Held { .. })
        ));
        breaker.release(host);
        assert!(breaker.admit(host, at(1006)).is_ok());
    }
}
