//! What every request passes: names, origins, the header against forged posts, and what every
//! answer says to the browser.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::Console;
use crate::error::Refusal;

/// Pages run their own scripts and styles, and speak to this door only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
     img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

/// What every answer carries.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];

/// Judges a request before anything reads it, and dresses every answer.
pub(crate) async fn guard(
    State(console): State<Arc<Console>>,
    request: Request,
    next: Next,
) -> Response {
    let judged = judge(
        console.port,
        request.method(),
        request.uri(),
        request.headers(),
    );
    let mut response = match judged {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn judge(port: u16, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    // A name of somebody else's that resolves to loopback would let their page read ours.
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|h| h.to_str().ok());
    if hosts.next().is_some() || !host.is_some_and(|host| is_ours(port, host)) {
        return Err(Refusal::new(
            StatusCode::MISDIRECTED_REQUEST,
            "Host",
            "only 127.0.0.1, [::1] and localhost are served here",
        ));
    }
    let origins: Vec<_> = headers.get_all(header::ORIGIN).iter().collect();
    let foreign = |origin: &&&HeaderValue| {
        let origin = origin.to_str().unwrap_or_default();
        let ours = origin
            .strip_prefix("http://")
            .is_some_and(|host| is_ours(port, host));
        // Vite's server stands before us while the console is being written.
        let vite = cfg!(debug_assertions) && origin == "http://localhost:5173";
        !(ours || vite)
    };
    if origins.iter().find(foreign).is_some() {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Origin",
            "the page of another site may not call the console",
        ));
    }
    let site = headers
        .get("sec-fetch-site")
        .and_then(|site| site.to_str().ok());
    if uri.path().starts_with("/api/") && !matches!(site, None | Some("same-origin") | Some("none"))
    {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "Sec-Fetch-Site",
            "the page of another site may not call the console",
        ));
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if !reads && headers.get("x-zf-console").map(HeaderValue::as_bytes) != Some(b"1") {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "X-Zf-Console",
            "a post needs the header X-Zf-Console: 1",
        ));
    }
    Ok(())
}

/// Whether an authority is one of this door's own names, with its port.
fn is_ours(port: u16, authority: &str) -> bool {
    let (name, given) = match authority.rsplit_once(':') {
        Some((name, digits))
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            (name, digits.parse().ok())
        }
        _ => (authority, Some(80)),
    };
    given == Some(port)
        && (matches!(name, "127.0.0.1" | "[::1]") || name.eq_ignore_ascii_case("localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_ours() {
        for (authority, ours) in [
            ("127.0.0.1:8787", true),
            ("localhost:8787", true),
            ("LocalHost:8787", true),
            ("[::1]:8787", true),
            ("127.0.0.1", false),
            ("127.0.0.1:8788", false),
            ("127.0.0.2:8787", false),
            ("localhost.evil.example:8787", false),
            ("evil.example:8787", false),
            ("evil.example", false),
            ("", false),
            ("127.0.0.1:", false),
            ("127.0.0.1:99999999", false),
            ("user@127.0.0.1:8787", false),
        ] {
            assert_eq!(is_ours(8787, authority), ours, "{authority}");
        }
        assert!(is_ours(80, "localhost"), "port 80 goes without saying");
    }
}
