//! zf
fn main() {}
