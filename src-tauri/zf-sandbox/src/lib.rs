//! zf-sandbox
