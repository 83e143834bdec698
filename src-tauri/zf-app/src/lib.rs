//! zf-app
