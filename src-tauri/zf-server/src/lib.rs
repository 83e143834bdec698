//! zf-server
