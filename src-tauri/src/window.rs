//! The window: where it may go, and what it may open.

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Runtime, Url, WebviewWindowBuilder};

/// Opens the window described in tauri.conf.json.
pub(crate) fn open<R: Runtime>(app: &tauri::App<R>) -> tauri::Result<()> {
    let Some(config) = app.config().app.windows.first() else {
        return Err(tauri::Error::WindowNotFound);
    };
    let mut builder = WebviewWindowBuilder::from_config(app, config)?
        .on_navigation(stays_inside)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        // Files leave through the save dialog, never through a link.
        .on_download(|_, _| false);
    if crate::dialogs::rehearsed().is_some() {
        builder = builder.initialization_script(WATCH);
    }
    builder.build()?;
    Ok(())
}

/// Notes what the page's security policy refused, for the tests to read.
const WATCH: &str = "
    window.zfRefused = [];
    document.addEventListener('securitypolicyviolation', (event) => window.zfRefused.push(
        `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
    window.zfErrors = [];
    window.addEventListener('error', (event) => window.zfErrors.push(String(event.message)));
    window.addEventListener('unhandledrejection', (event) => window.zfErrors.push(String(event.reason)));
";

/// Brings the window before the others.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window("main") {
        // The window may be closing; then there is nothing to show.
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Only the program's own pages; in development also those of Vite.
fn stays_inside(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let inside = match url.scheme() {
        "tauri" => host == "localhost",
        "http" | "https" => {
            (host == "tauri.localhost" && cfg!(any(windows, target_os = "android")))
                || (tauri::is_dev() && host == "localhost" && url.port() == Some(5173))
        }
        _ => false,
    };
    if !inside {
        tracing::warn!(scheme = url.scheme(), host, "the window may not go there");
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_inside() {
        for (address, allowed) in [
            ("tauri://localhost/index.html", true),
            ("tauri://localhost/#/orders", true),
            ("tauri://elsewhere/", false),
            ("https://example.com/", false),
            ("http://localhost:5174/", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
        ] {
            let url = Url::parse(address).expect("an address");
            assert_eq!(stays_inside(&url), allowed, "{address}");
        }
    }
}
