//! A word that stops a run from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::ReconError;

/// A switch that can be shared and is thrown once. Reading and matching look at it after every block
/// of about a megabyte, so that a run ends well within a tenth of a second.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Stops every run that has this switch.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was thrown.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes on, or not.
    ///
    /// # Errors
    /// `Cancelled` once it was thrown.
    #[inline]
    pub fn check(&self) -> Result<(), ReconError> {
        if self.is_cancelled() {
            return Err(ReconError::Cancelled);
        }
        Ok(())
    }
}
