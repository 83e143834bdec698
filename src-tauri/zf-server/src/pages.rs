//! The pages: files of the built console.

use std::borrow::Cow;
use std::path::{Component, Path};

use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::RustEmbed;

use crate::Ui;

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Built;

/// A page, or one of its files. A path that names no file is a page of the console, which knows its
/// own pages.
pub(crate) async fn page(ui: &Ui, uri: &Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let wanted = if path.is_empty() { "index.html" } else { path };
    if let Some(bytes) = read(ui, wanted).await {
        return file(wanted, bytes);
    }
    let names_a_file = Path::new(wanted).extension().is_some();
    if !names_a_file && let Some(bytes) = read(ui, "index.html").await {
        return file("index.html", bytes);
    }
    let text = if names_a_file {
        "There is no such file.\n"
    } else {
        "The console's pages are not built: run `make ui`, then start again.\n"
    };
    (StatusCode::NOT_FOUND, text).into_response()
}

async fn read(ui: &Ui, name: &str) -> Option<Cow<'static, [u8]>> {
    // Plain names only: nothing above the folder, nothing absolute.
    let plain = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !plain || name.contains(['%', '\\']) {
        return None;
    }
    match ui {
        Ui::Embedded => Built::get(name).map(|file| file.data),
        Ui::Folder(folder) => tokio::fs::read(folder.join(name))
            .await
            .ok()
            .map(Cow::Owned),
    }
}

fn file(name: &str, bytes: Cow<'static, [u8]>) -> Response {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    // Files under assets/ carry the digest of their content in their name.
    let keep = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let kind = HeaderValue::from_str(kind.as_ref())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let kind = if kind == "text/html" {
        HeaderValue::from_static("text/html; charset=utf-8")
    } else {
        kind
    };
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
        ],
        axum::body::Body::from(bytes.into_owned()),
    )
        .into_response()
}
