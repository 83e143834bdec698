//! The sandbox's two clocks.
//!
//! The *business clock* dates orders, refunds, bills and notice retries; it can be moved or
//! stopped. The *wire clock* stamps and checks signatures; it follows the system clock unless
//! told otherwise, because an unmodified SDK signs with the system clock and would be refused
//! the moment the business clock is moved by a day.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::SandboxError;

/// Where "now" comes from, in Unix seconds. Tests give a fixed or hand-moved one.
pub type NowUnix = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Which clock stamps and checks signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireClock {
    /// The system clock (or the override given to `start`), for clients that use theirs.
    #[default]
    System,
    /// The business clock, for clients whose clock is moved together with the sandbox's.
    Virtual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ClockState {
    /// Business time minus system time, in seconds.
    pub(crate) offset_seconds: i64,
    /// The business time at which the clock stands still, if it does.
    pub(crate) frozen_at: Option<i64>,
    pub(crate) wire: WireClock,
    /// Deliberate error of the wire clock, in seconds.
    pub(crate) skew_seconds: i64,
}

pub(crate) struct Clock {
    now_unix: NowUnix,
    path: PathBuf,
    state: Mutex<ClockState>,
}

impl Clock {
    /// Opens the clock kept in the home, or sets a new one.
    pub(crate) fn open(
        home: &Path,
        now_unix: NowUnix,
        first: impl FnOnce(i64) -> ClockState,
    ) -> Result<Self, SandboxError> {
        let path = home.join("clock.json");
        let state = match std::fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| SandboxError::DamagedHome {
                    path: path.clone(),
                    line: error.line(),
                    reason: error.to_string(),
                })?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => first(now_unix()),
            Err(error) => return Err(SandboxError::disk("reading", &path)(error)),
        };
        let clock = Self {
            now_unix,
            path,
            state: Mutex::new(state),
        };
        clock.change(|_, _| Ok(()))?;
        Ok(clock)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, ClockState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> ClockState {
        *self.held()
    }

    /// The business time.
    pub(crate) fn now(&self) -> i64 {
        let state = self.state();
        state
            .frozen_at
            .unwrap_or_else(|| (self.now_unix)() + state.offset_seconds)
    }

    /// The time on the wire: request checks and reply signatures.
    pub(crate) fn wire_now(&self) -> i64 {
        let state = self.state();
        let base = match state.wire {
            WireClock::System => (self.now_unix)(),
            WireClock::Virtual => self.now(),
        };
        base + state.skew_seconds
    }

    /// Moves the business clock to `target`.
    ///
    /// # Errors
    /// Time never runs backwards here: events already dated would lie in the future.
    pub(crate) fn set(&self, target: i64) -> Result<(), SandboxError> {
        self.change(|state, system| {
            let now = state.frozen_at.unwrap_or(system + state.offset_seconds);
            if target < now {
                return Err(SandboxError::Refused(format!(
                    "the sandbox clock shows {} and cannot go back to {}; begin a new home instead",
                    crate::time::rfc3339(now),
                    crate::time::rfc3339(target)
                )));
            }
            state.offset_seconds = target - system;
            if state.frozen_at.is_some() {
                state.frozen_at = Some(target);
            }
            Ok(())
        })
    }

    /// Stops the business clock where it is, or lets it run on from there.
    pub(crate) fn freeze(&self, frozen: bool) -> Result<(), SandboxError> {
        self.change(|state, system| {
            let now = state.frozen_at.unwrap_or(system + state.offset_seconds);
            state.offset_seconds = now - system;
            state.frozen_at = frozen.then_some(now);
            Ok(())
        })
    }

    pub(crate) fn set_wire(
        &self,
        wire: Option<WireClock>,
        skew_seconds: Option<i64>,
    ) -> Result<(), SandboxError> {
        self.change(|state, _| {
            state.wire = wire.unwrap_or(state.wire);
            state.skew_seconds = skew_seconds.unwrap_or(state.skew_seconds);
            Ok(())
        })
    }

    fn change(
        &self,
        edit: impl FnOnce(&mut ClockState, i64) -> Result<(), SandboxError>,
    ) -> Result<(), SandboxError> {
        let mut held = self.held();
        let mut next = *held;
        edit(&mut next, (self.now_unix)())?;
        let text = serde_json::to_string(&next).expect("plain numbers serialise");
        crate::journal::replace_file(&self.path, text.as_bytes(), false)?;
        *held = next;
        Ok(())
    }
}
