//! The desk's clock: the system's, moved by a fixed amount in a demo home.

use std::sync::atomic::{AtomicI64, Ordering};

use zf_domain::{Clock, Timestamp};

/// System time plus an offset. The offset is zero everywhere but in a demo home, where the story
/// needs it to be past ten in the morning, when yesterday's bill is ready.
#[derive(Debug)]
pub struct DeskClock {
    offset_millis: AtomicI64,
}

impl DeskClock {
    /// A clock `offset_millis` ahead of the system's.
    #[must_use]
    pub const fn new(offset_millis: i64) -> Self {
        Self {
            offset_millis: AtomicI64::new(offset_millis),
        }
    }

    /// The offset.
    #[must_use]
    pub fn offset_millis(&self) -> i64 {
        self.offset_millis.load(Ordering::SeqCst)
    }

    /// Moves the clock. Only a demo home does this.
    pub fn set_offset_millis(&self, offset: i64) {
        self.offset_millis.store(offset, Ordering::SeqCst);
    }
}

impl Clock for DeskClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        Timestamp::from_millis(since).plus_millis(self.offset_millis())
    }
}
