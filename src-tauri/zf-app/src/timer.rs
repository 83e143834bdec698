//! The clock's own work: what is due is done, also after a crash.
//!
//! Everything it does is found in the store, so nothing is lost with the process: sendings cut off are
//! recovered as unknown, unknown refunds are asked about, queued ones sent, requests expire, bills come.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::app::App;
use crate::error::AppError;
use crate::{accounts, exports, refunds, setup};

/// How often refunds are looked at; the rows say what is due.
const EVERY: Duration = Duration::from_secs(1);
/// Bills are looked at once in this many rounds.
const BILLS_EVERY: u32 = 30;
/// The channels' keys are fetched anew once in this many rounds: six hours, where twelve are the
/// longest allowed (WeChat Pay API v3, platform certificates).
const KEYS_EVERY: u32 = 6 * 3600;

/// Exports whose days are over are removed once in this many rounds.
const EXPORTS_EVERY: u32 = 600;

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tick {
    /// Sendings without an outcome found after a crash.
    pub recovered: u64,
    /// Requests nobody decided in time.
    pub expired: u64,
    /// Refunds sent or asked about.
    pub followed: u64,
}

/// Starts the timer; it runs until the handle is aborted or the process ends. What it began is not
/// torn: a sending under way runs to its end, or is recovered by the next start.
#[must_use]
pub fn spawn(app: &App) -> JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut round = 0_u32;
        loop {
            interval.tick().await;
            if let Err(error) = refunds_due(&app).await {
                tracing::warn!(%error, "timer");
            }
            if round.is_multiple_of(BILLS_EVERY)
                && let Err(error) = bills_due(&app).await
            {
                tracing::warn!(%error, "bills");
            }
            if round.is_multiple_of(EXPORTS_EVERY)
                && let Err(error) = exports::expire(&app).await
            {
                tracing::warn!(%error, "exports");
            }
            if round % KEYS_EVERY == KEYS_EVERY - 1 {
                accounts::refresh_keys(&app).await;
            }
            round = round.wrapping_add(1);
        }
    })
}

/// One round of everything, now.
///
/// # Errors
/// When the store fails. What a channel answers is stored with each refund and is no error here.
pub async fn tick(app: &App) -> Result<Tick, AppError> {
    let done = refunds_due(app).await?;
    bills_due(app).await?;
    Ok(done)
}

async fn ready(app: &App) -> Result<bool, AppError> {
    Ok(setup::environment(app).await?.is_some())
}

async fn refunds_due(app: &App) -> Result<Tick, AppError> {
    if !ready(app).await? {
        return Ok(Tick::default());
    }
    let recovered = refunds::recover(app).await?;
    let expired = refunds::expire(app).await?;
    // Without its keys nothing can be asked; it all stays due.
    let followed = if app.vault().is_locked() {
        0
    } else {
        refunds::follow_due(app).await?
    };
    Ok(Tick {
        recovered,
        expired,
        followed,
    })
}

async fn bills_due(app: &App) -> Result<(), AppError> {
    if !ready(app).await? || app.vault().is_locked() {
        return Ok(());
    }
    crate::bills::tick(app).await
}
