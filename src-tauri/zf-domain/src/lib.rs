//! zf-domain
