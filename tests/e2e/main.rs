//! The real desktop window, driven as a person would: WebKitWebDriver under Xvfb.
//!
//! Pictures of every screen are kept in `tests/output/screens/`.

#![cfg(target_os = "linux")]

mod desk;
mod first_run;
mod golden_path;
mod keyboard;
mod living;
mod long_work;
mod webdriver;
mod window;
mod workbench;
