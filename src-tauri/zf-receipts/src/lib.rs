//! zf-receipts
