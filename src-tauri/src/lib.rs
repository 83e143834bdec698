//! The desktop shell: one window, one door to the declared API, the system's file dialogs.
//!
//! It holds no rule of the trade. What is refused or allowed is decided in `zf-app`, where the other
//! door (`zf-server`) meets the same decision.

mod desk;
mod dialogs;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use tauri::Manager as _;

use desk::Desk;

/// Runs the desktop program until its window is closed.
#[must_use]
pub fn run() -> ExitCode {
    zf_host::log();
    // A window that holds other people's money must not be steered by a program beside it. Tests do
    // so through WebDriver, on a debug build.
    if cfg!(not(debug_assertions)) && std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some() {
        return stop(
            "TAURI_WEBVIEW_AUTOMATION is set; this build refuses to be automated. Unset it.",
        );
    }
    let home = match arguments(std::env::args_os().skip(1))
        .and_then(|chosen| zf_host::home(chosen).map_err(|error| error.to_string()))
    {
        Ok(home) => home,
        Err(message) => return stop(&message),
    };
    let mut builder = tauri::Builder::default();
    // Tests run several windows beside each other.
    if !(cfg!(debug_assertions) && std::env::var_os("ZF_SEVERAL").is_some()) {
        builder = builder.plugin(one_window_a_home(&home));
    }
    let opened = builder
        .plugin(tauri_plugin_dialog::init())
        .manage(Desk::default())
        .invoke_handler(tauri::generate_handler![
            desk::rpc,
            desk::subscribe,
            dialogs::pick_file,
            dialogs::save_file
        ])
        .setup(move |app| {
            // The home opens while the page loads; the first call waits for it.
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                handle.state::<Desk>().open(home).await;
            });
            window::open(app)?;
            Ok(())
        })
        .run(tauri::generate_context!());
    match opened {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stop(&format!("The window could not be opened: {error}")),
    }
}

/// `--home DIR` or `--home=DIR`; nothing else is understood.
fn arguments(
    mut given: impl Iterator<Item = std::ffi::OsString>,
) -> Result<Option<PathBuf>, String> {
    let mut home = None;
    while let Some(argument) = given.next() {
        let text = argument.to_string_lossy();
        if text == "--home" {
            home = Some(given.next().ok_or("--home needs a folder")?.into());
        } else if let Some(folder) = text.strip_prefix("--home=") {
            home = Some(folder.into());
        } else {
            return Err(format!(
                "{text} is not understood. Usage: zhangfang [--home DIR]"
            ));
        }
    }
    Ok(home)
}

/// A second start on one home shows the window that is already open. Demo and real desk are two
/// homes and may stand side by side (on Linux; elsewhere the name is the program's).
fn one_window_a_home<R: tauri::Runtime>(home: &std::path::Path) -> tauri::plugin::TauriPlugin<R> {
    let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
    let digest = zf_crypto::digest::sha256(home.as_os_str().as_encoded_bytes());
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!(
            "dev.zhangfang.desk.h{}",
            zf_crypto::digest::hex_lower(&digest[..8])
        ))
        .callback(|app, _, _| window::show(app))
        .build()
}

fn stop(message: &str) -> ExitCode {
    #[allow(clippy::print_stderr, reason = "there is no window to say it in")]
    {
        eprintln!("zhangfang: {message}");
    }
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &[&str]) -> Result<Option<PathBuf>, String> {
        arguments(given.iter().map(Into::into))
    }

    #[test]
    fn arguments_are_understood_or_named() {
        assert_eq!(parse(&[]), Ok(None));
        assert_eq!(parse(&["--home", "a b"]), Ok(Some("a b".into())));
        assert_eq!(parse(&["--home=/x"]), Ok(Some("/x".into())));
        assert_eq!(parse(&["--home"]), Err("--home needs a folder".to_owned()));
        assert!(parse(&["--hom"]).is_err_and(|e| e.contains("--hom is not understood")));
    }
}
