//! zf-crypto
