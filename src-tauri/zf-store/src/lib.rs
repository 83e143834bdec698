//! zf-store
