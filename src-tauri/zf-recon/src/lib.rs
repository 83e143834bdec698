//! zf-recon
