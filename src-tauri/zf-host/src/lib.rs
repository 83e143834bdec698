//! What every host (the desktop shell, the command line, the web console) sets up alike: where the
//! home is, where the vault's passphrase is kept, the demo's sandbox, the log.
//!
//! It stands beside `zf-app` rather than in it, because `zf-app` must know neither the sandbox nor
//! a keychain.

mod keychain;
mod sandbox;

use std::path::PathBuf;
use std::sync::Arc;

use zf_app::{App, AppError, AppOptions};

pub use keychain::SystemSecrets;
pub use sandbox::starter;

/// Opens a home with everything a host carries: the system's keychain and the demo's sandbox.
///
/// # Errors
/// As [`App::open`]: the folder is in use by another process, or the database cannot be opened.
pub async fn open(home: PathBuf) -> Result<App, AppError> {
    App::open(AppOptions {
        home,
        database: None,
        secrets: Arc::new(SystemSecrets),
        sandbox: Some(starter()),
    })
    .await
}

/// The home a person chose: `--home`, else `ZF_HOME`, else their data folder.
///
/// # Errors
/// When none of the three is known.
pub fn home(chosen: Option<PathBuf>) -> Result<PathBuf, AppError> {
    chosen
        .or_else(|| {
            std::env::var_os("ZF_HOME")
                .filter(|home| !home.is_empty())
                .map(PathBuf::from)
        })
        .or_else(zf_app::default_home)
        .ok_or_else(|| {
            AppError::bad(
                "home",
                "不知道数据目录在哪里，请用 --home 指定 / the home folder is not known: give --home",
            )
        })
}

/// Sends the log to standard error: warnings, or what `ZF_LOG` asks for (as in `zf_app=debug`).
/// A second call changes nothing.
pub fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ZF_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
