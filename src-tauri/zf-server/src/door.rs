//! The door: procedures, news and files.

use std::convert::Infallible;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use futures_util::Stream;
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::broadcast::error::RecvError;
use zf_app::api::every_tag;
use zf_app::ctx::SessionChange;
use zf_app::files::{UPLOAD_BYTES_MAX, io_error};
use zf_app::wire::{AppEvent, FileView};
use zf_app::{App, AppError, Code};
use zf_crypto::secret::Secret;

use crate::error::Refusal;
use crate::{Console, guard, pages};

/// Largest parameters of a call; the largest real ones are a few key files.
const CALL_BYTES_MAX: usize = 1024 * 1024;
/// A client that sends nothing for this long is given up.
const QUIET_MAX: Duration = Duration::from_secs(30);

pub(crate) fn router(console: Arc<Console>) -> Router {
    Router::new()
        .route("/api/rpc/{name}", post(call))
        .route("/api/events", get(news))
        .route("/api/files", post(take))
        .route("/api/files/{token}", get(give))
        .route("/api/{*rest}", get(nothing).post(nothing))
        .route("/healthz", get(health))
        .fallback(page)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&console),
            guard::guard,
        ))
        .with_state(console)
}

async fn call(
    State(console): State<Arc<Console>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.split(';').next() == Some("application/json"));
    if !json {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Type",
            "parameters are application/json",
        ));
    }
    let bytes = tokio::time::timeout(QUIET_MAX, to_bytes(body, CALL_BYTES_MAX))
        .await
        .map_err(|_| too_slow())?
        .map_err(|_| {
            Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body",
                "parameters are at most 1 MB",
            )
        })?;
    let params: Value =
        serde_json::from_slice(&bytes).map_err(|error| AppError::bad("body", error))?;
    let cookie = cookie_name(console.port);
    let token = cookie_of(&headers, &cookie).map(Secret::new);
    // On a task of its own: a browser that goes away must not stop a refund half way.
    let app = console.app.clone();
    let reply = tokio::spawn(async move {
        let bare = token.as_ref().map(|token| token.expose().as_str());
        app.call(bare, "browser", &name, params).await
    })
    .await
    .map_err(AppError::internal)?;
    let mut response = match reply.result {
        Ok(value) => Json(value).into_response(),
        Err(error) => Refusal::from(error).into_response(),
    };
    let set = match reply.session {
        SessionChange::Keep => None,
        SessionChange::Set(token) => Some(format!(
            "{cookie}={token}; Path=/api; HttpOnly; SameSite=Strict"
        )),
        SessionChange::Clear => Some(format!(
            "{cookie}=; Path=/api; HttpOnly; SameSite=Strict; Max-Age=0"
        )),
    };
    if let Some(set) = set {
        let mut value = HeaderValue::from_str(&set).map_err(AppError::internal)?;
        value.set_sensitive(true);
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// Cookies know no ports: two consoles on one machine must not take each other's.
fn cookie_name(port: u16) -> String {
    format!("zf_session_{port}")
}

fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

async fn news(
    State(console): State<Arc<Console>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = console.app.subscribe();
    let events = futures_util::stream::unfold(receiver, |mut receiver| async move {
        let event = match receiver.recv().await {
            Ok(event) => event,
            // Too slow for some of it: what was missed may have made anything out of date.
            Err(RecvError::Lagged(_)) => AppEvent::Stale { tags: every_tag() },
            Err(RecvError::Closed) => return None,
        };
        let text = serde_json::to_string(&event).unwrap_or_default();
        Some((Ok(Event::default().data(text)), receiver))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
struct Upload {
    name: Option<String>,
}

async fn take(
    State(console): State<Arc<Console>>,
    Query(upload): Query<Upload>,
    request: Request,
) -> Result<Json<FileView>, Refusal> {
    let name = plain_name(upload.name.as_deref().unwrap_or_default());
    let told = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|told| told > UPLOAD_BYTES_MAX) {
        return Err(too_large(&name).into());
    }
    let path = console.app.files().scratch();
    let taken = write(&path, &name, request.into_body()).await;
    if let Err(refusal) = taken {
        let _ = tokio::fs::remove_file(&path).await;
        return Err(refusal);
    }
    Ok(Json(console.app.files().register(&path, &name)?))
}

/// Writes a body to a file as it comes, never holding more than a piece of it.
async fn write(path: &FilePath, name: &str, mut body: Body) -> Result<(), Refusal> {
    let disk = |error: std::io::Error| io_error(path, &error);
    let mut options = tokio::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path).await.map_err(disk)?;
    let mut size: u64 = 0;
    loop {
        let frame = tokio::time::timeout(QUIET_MAX, body.frame())
            .await
            .map_err(|_| too_slow())?;
        let Some(frame) = frame else { break };
        let piece: Bytes = match frame {
            Ok(frame) => frame.into_data().unwrap_or_default(),
            Err(_) => {
                return Err(Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "body",
                    "the file broke off",
                ));
            }
        };
        size = size.saturating_add(piece.len() as u64);
        if size > UPLOAD_BYTES_MAX {
            return Err(too_large(name).into());
        }
        file.write_all(&piece).await.map_err(disk)?;
    }
    file.flush().await.map_err(disk)?;
    Ok(())
}

fn too_large(name: &str) -> AppError {
    AppError::new(Code::FileTooLarge)
        .with("name", name)
        .with("limit", "512 MB")
}

fn too_slow() -> Refusal {
    Refusal::new(
        StatusCode::REQUEST_TIMEOUT,
        "body",
        "nothing came for 30 seconds",
    )
}

/// The last part of a name, without what could mislead a person or a terminal.
fn plain_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if plain.is_empty() || plain.chars().all(|c| c == '.') {
        "file".to_owned()
    } else {
        plain
    }
}

async fn give(
    State(console): State<Arc<Console>>,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    let entry = console.app.files().find(&token)?;
    let disk = |error: std::io::Error| io_error(&entry.path, &error);
    let file = tokio::fs::File::open(&entry.path).await.map_err(disk)?;
    let size = file.metadata().await.map_err(disk)?.len();
    let name: String = url::form_urlencoded::byte_serialize(entry.name.as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    let disposition = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}"))
        .map_err(AppError::internal)?;
    Ok((
        [
            (header::CONTENT_DISPOSITION, disposition),
            // Never a type a browser would run.
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/octet-stream"),
            ),
            (header::CONTENT_LENGTH, HeaderValue::from(size)),
        ],
        Body::from_stream(tokio_util::io::ReaderStream::new(file)),
    )
        .into_response())
}

async fn nothing(uri: Uri) -> Refusal {
    AppError::not_found("address", uri.path()).into()
}

async fn health(State(console): State<Arc<Console>>) -> Response {
    match healthy(&console.app).await {
        Ok(()) => "ok\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not healthy");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
                .into_response()
        }
    }
}

async fn healthy(app: &App) -> Result<(), AppError> {
    app.store().meta("environment").await?;
    Ok(())
}

async fn page(State(console): State<Arc<Console>>, request: Request) -> Response {
    if !request.method().is_safe() {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    pages::page(&console.ui, request.uri()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_name() {
        for (given, kept) in [
            ("账单 11-19.csv", "账单 11-19.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\bills\\a.csv", "a.csv"),
            ("a\u{1b}[31m.csv", "a[31m.csv"),
            ("", "file"),
            ("..", "file"),
            ("dir/", "file"),
        ] {
            assert_eq!(plain_name(given), kept, "{given:?}");
        }
    }
}
