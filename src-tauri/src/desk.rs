//! The door of the desktop: the declared API through one command, and news from the core.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tauri::{State, WebviewWindow};
use tokio::sync::SetOnce;
use tokio::sync::broadcast::error::RecvError;
use zf_app::App;
use zf_app::api::every_tag;
use zf_app::ctx::SessionChange;
use zf_app::wire::{AppEvent, ErrorView};
use zf_crypto::secret::Secret;

/// What the program holds for its windows.
#[derive(Default)]
pub(crate) struct Desk {
    /// The application, or why its home could not be opened.
    app: SetOnce<Result<App, ErrorView>>,
    windows: Mutex<HashMap<String, Seat>>,
}

/// What belongs to one window. Its page never sees the token.
#[derive(Default)]
struct Seat {
    token: Option<Secret<String>>,
    news: Option<JoinHandle<()>>,
}

impl Desk {
    /// Opens the home; calls wait until this is done.
    pub(crate) async fn open(&self, home: PathBuf) {
        let opened = zf_host::open(home).await;
        match &opened {
            // Follows what is on its way: refunds at the channel, bills not ready yet.
            Ok(app) => drop(zf_app::timer::spawn(app)),
            Err(error) => tracing::error!(%error, "the home could not be opened"),
        }
        // It is opened once.
        let _ = self.app.set(opened.map_err(|error| error.view()));
    }

    /// The application, once its home is open.
    pub(crate) async fn app(&self) -> Result<&App, ErrorView> {
        self.app.wait().await.as_ref().map_err(Clone::clone)
    }

    fn seats(&self) -> MutexGuard<'_, HashMap<String, Seat>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self, window: &str) -> Option<Secret<String>> {
        self.seats().get(window).and_then(|seat| seat.token.clone())
    }

    /// Carries out what a call made under `used` did to the window's session.
    fn change(&self, window: &str, used: Option<&Secret<String>>, change: SessionChange) {
        let mut seats = self.seats();
        let seat = seats.entry(window.to_owned()).or_default();
        match change {
            SessionChange::Keep => {}
            SessionChange::Set(token) => seat.token = Some(Secret::new(token)),
            // A slow call of an earlier session must not end the one that came after it.
            SessionChange::Clear => {
                if seat.token.as_ref().map(Secret::expose) == used.map(Secret::expose) {
                    seat.token = None;
                }
            }
        }
    }
}

/// Calls a declared procedure.
#[tauri::command]
pub(crate) async fn rpc(
    window: WebviewWindow,
    desk: State<'_, Desk>,
    name: String,
    params: Value,
) -> Result<Value, ErrorView> {
    let app = desk.app().await?;
    let token = desk.token(window.label());
    let bare = token.as_ref().map(|token| token.expose().as_str());
    let reply = app.call(bare, "desktop", &name, params).await;
    desk.change(window.label(), token.as_ref(), reply.session);
    reply.result.map_err(|error| error.view())
}

/// Sends what the core tells windows down the channel, until the page asks anew or the window goes.
#[tauri::command]
pub(crate) async fn subscribe(
    window: WebviewWindow,
    desk: State<'_, Desk>,
    channel: Channel<AppEvent>,
) -> Result<(), ErrorView> {
    let mut news = desk.app().await?.subscribe();
    let task = tauri::async_runtime::spawn(async move {
        loop {
            let sent = match news.recv().await {
                Ok(event) => channel.send(event),
                // Too slow for some of it: what was missed may have made anything out of date.
                Err(RecvError::Lagged(_)) => channel.send(AppEvent::Stale { tags: every_tag() }),
                Err(RecvError::Closed) => return,
            };
            if sent.is_err() {
                return;
            }
        }
    });
    let earlier = {
        let mut seats = desk.seats();
        let seat = seats.entry(window.label().to_owned()).or_default();
        seat.news.replace(task)
    };
    if let Some(earlier) = earlier {
        earlier.abort();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_reply_of_an_old_session_does_not_end_the_new_one() {
        let desk = Desk::default();
        desk.change("main", None, SessionChange::Set("old".to_owned()));
        let old = desk.token("main");
        desk.change("main", old.as_ref(), SessionChange::Set("new".to_owned()));
        desk.change("main", old.as_ref(), SessionChange::Clear);
        let held = desk.token("main").expect("still signed in");
        assert_eq!(held.expose(), "new");
        assert!(desk.token("other").is_none(), "windows share no session");
        desk.change("main", Some(&held), SessionChange::Clear);
        assert!(desk.token("main").is_none());
    }
}
