//! zf-channels
