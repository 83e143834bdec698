//! Sockets: accepting, TLS, dropping connections on purpose, and the two routers' edges.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawPathParams, Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, any, on};
use hyper::body::{Bytes, Frame, SizeHint};
use hyper::service::Service as _;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::App;
use crate::control::{self, Output};
use crate::faults::{Drawn, FaultKind, Stage, When};
use crate::shared::LogLine;
use crate::time::rfc3339;
use crate::wechatpay::{self, Call, Operation, Outgoing, ROUTES};

/// Largest request body taken. The vendor's own largest field is far below.
const BODY_BYTES_MAX: usize = 1 << 20;

/// The peer of a connection, and whether it came through TLS.
#[derive(Debug, Clone, Copy)]
struct Peer {
    address: SocketAddr,
    tls: bool,
}

/// Marks an answer that must never be sent: the connection is dropped instead.
#[derive(Debug, Clone, Copy)]
struct Cut;

/// The error that makes the HTTP engine drop the connection.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;

/// Accepts until told to stop, then gives open connections a moment to end.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    app: Arc<App>,
    mut stop: watch::Receiver<bool>,
) {
    let router = router(Arc::clone(&app), tls.is_some());
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, address)) => {
                let _ = stream.set_nodelay(true);
                let (router, tls, stop) = (router.clone(), tls.clone(), stop.clone());
                connections.spawn(connection(stream, address, tls, router, stop));
            }
            Err(error) => {
                // Out of file descriptors, say: refusing to spin is all that can be done.
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(Duration::from_secs(1), async {
        while connections.join_next().await.is_some() {}
    })
    .await;
    connections.abort_all();
}

async fn connection(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: watch::Receiver<bool>,
) {
    // A TLS connection opens with the record type 22; anything else on the same port is plain
    // HTTP, which then reaches the control plane only.
    let mut first = [0u8; 1];
    let wants_tls = matches!(stream.peek(&mut first).await, Ok(1)) && first[0] == 22;
    match tls {
        Some(acceptor) if wants_tls => match acceptor.accept(stream).await {
            Ok(stream) => exchange(stream, Peer { address, tls: true }, router, stop).await,
            Err(error) => tracing::debug!(%error, %address, "TLS handshake failed"),
        },
        _ => {
            exchange(
                stream,
                Peer {
                    address,
                    tls: false,
                },
                router,
                stop,
            )
            .await
        }
    }
}

async fn exchange<S>(stream: S, peer: Peer, router: Router, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let inner = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(peer);
        let answer = inner.call(request);
        async move {
            let response = match answer.await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            if response.extensions().get::<Cut>().is_some() {
                Err(Dropped)
            } else {
                Ok(response)
            }
        }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

#[derive(Clone)]
struct Edge {
    app: Arc<App>,
    tls: bool,
}

fn router(app: Arc<App>, tls: bool) -> Router {
    let mut router = Router::new();
    for (method, path, operation) in ROUTES {
        router = router.route(path, route(method, *operation));
    }
    router
        .route("/_sandbox/{name}", any(steer))
        .with_state(Edge { app, tls })
}

fn route(method: &str, operation: Operation) -> MethodRouter<Edge> {
    let filter = if method == "POST" {
        MethodFilter::POST
    } else {
        MethodFilter::GET
    };
    on(
        filter,
        move |State(edge): State<Edge>, captures: RawPathParams, request: Request| {
            vendor(edge, operation, captures, request)
        },
    )
}

fn header(request: &Request, name: &str) -> Option<String> {
    request
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// One vendor endpoint: faults around the real work.
async fn vendor(
    edge: Edge,
    operation: Operation,
    captures: RawPathParams,
    request: Request,
) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    if edge.tls && !peer.is_some_and(|peer| peer.tls) {
        return plain(
            400,
            "this sandbox speaks HTTPS; only /_sandbox answers plain HTTP",
        );
    }
    let method = request.method().to_string();
    let target = request.uri().path_and_query().map_or_else(
        || request.uri().path().to_owned(),
        |target| target.as_str().to_owned(),
    );
    let scheme = if edge.tls { "https" } else { "http" };
    let host = header(&request, "host").unwrap_or_default();
    let mut call = Call {
        method,
        target,
        authorization: header(&request, "authorization"),
        accept: header(&request, "accept").is_some(),
        user_agent: header(&request, "user-agent").is_some_and(|agent| !agent.is_empty()),
        content_type: header(&request, "content-type"),
        serial: header(&request, "wechatpay-serial"),
        base_url: format!("{scheme}://{host}"),
        body: Vec::new(),
        captures: captures.iter().map(|(_, value)| value.to_owned()).collect(),
    };
    match axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX).await {
        Ok(body) => call.body = body.to_vec(),
        Err(_) => return plain(413, ""),
    }
    let content = format!("{}\n{}", call.target, String::from_utf8_lossy(&call.body));
    let app = edge.app;
    let drawn = app
        .shared
        .faults()
        .draw(Stage::Request, operation.name(), &content);
    let mut line = LogLine {
        at: rfc3339(app.shared.clock.now()),
        operation: operation.name(),
        target: call.target.clone(),
        outcome: "cut before".to_owned(),
    };
    pause(&drawn, When::Before).await;
    if drawn.has(FaultKind::CutBefore) {
        app.shared.note(line);
        return cut();
    }
    let outgoing = match wechatpay::faulty(&drawn, When::Before) {
        Some(outgoing) => outgoing,
        None => {
            let worker = Arc::clone(&app);
            let done = tokio::task::spawn_blocking(move || {
                let outgoing = worker.wechat.answer(operation, &call, &drawn);
                (outgoing, drawn)
            })
            .await;
            let Ok((outgoing, drawn)) = done else {
                return plain(500, "");
            };
            app.shared.wake.notify_one();
            pause(&drawn, When::After).await;
            if drawn.has(FaultKind::CutAfter) {
                line.outcome = format!("cut after {}", outgoing.status);
                app.shared.note(line);
                return cut();
            }
            let middle = drawn.has(FaultKind::CutMiddle);
            let outgoing = wechatpay::faulty(&drawn, When::After).unwrap_or(outgoing);
            if middle {
                line.outcome = format!("cut in the middle of {}", outgoing.status);
                app.shared.note(line);
                return response(outgoing, true);
            }
            outgoing
        }
    };
    line.outcome = outgoing.status.to_string();
    app.shared.note(line);
    response(outgoing, false)
}

async fn pause(drawn: &Drawn, when: When) {
    if let Some(rule) = drawn.at(FaultKind::Delay, when) {
        tokio::time::sleep(Duration::from_millis(rule.ms.unwrap_or(1_000))).await;
    }
}

fn cut() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Cut);
    response
}

fn response(outgoing: Outgoing, cut_in_the_middle: bool) -> Response {
    let body = if cut_in_the_middle {
        Body::new(Half {
            bytes: Bytes::from(outgoing.body),
            sent: false,
        })
    } else {
        Body::from(outgoing.body)
    };
    let mut builder = Response::builder().status(outgoing.status);
    for (name, value) in outgoing.headers {
        builder = builder.header(name, value);
    }
    builder.body(body).unwrap_or_else(|_| plain(500, ""))
}

fn plain(status: u16, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() =
        axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::BAD_REQUEST);
    response
}

/// A body that promises its whole length and breaks off after one half.
struct Half {
    bytes: Bytes,
    sent: bool,
}

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if self.sent {
            return Poll::Ready(Some(Err(Dropped)));
        }
        self.sent = true;
        let half = self.bytes.slice(..self.bytes.len() / 2);
        Poll::Ready(Some(Ok(Frame::data(half))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

/// The control plane's edge: this machine only, and not through a browser page of another site.
async fn steer(State(edge): State<Edge>, Path(name): Path<String>, request: Request) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    if !peer.is_some_and(|peer| peer.address.ip().to_canonical().is_loopback()) {
        return refuse(403, "the control plane answers only this machine");
    }
    let host = header(&request, "host").unwrap_or_default();
    let authority = host.parse::<axum::http::uri::Authority>();
    let named = authority.as_ref().map_or("", |authority| authority.host());
    if !matches!(named, "127.0.0.1" | "localhost" | "[::1]") {
        return refuse(403, "the Host header must be 127.0.0.1 or localhost");
    }
    if request.headers().contains_key("origin") {
        return refuse(403, "web pages may not use the control plane");
    }
    let get = request.method() == axum::http::Method::GET;
    if !get && request.method() != axum::http::Method::POST || get && !control::may_be_read(&name) {
        return refuse(405, "POST is wanted here");
    }
    let params = if get {
        let query = request.uri().query().unwrap_or_default();
        let read = control::reads_parameters(&name);
        query
            .split('&')
            .filter(|pair| read && !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "1")))
            .map(|(key, value)| (key.to_owned(), wechatpay::percent_decode(value).into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    } else {
        match axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX).await {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => serde_json::Value::Null,
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(value) => value,
                Err(error) => return refuse(400, &format!("the body is not JSON: {error}")),
            },
            Err(_) => return refuse(413, "the body is too large"),
        }
    };
    match control::call(&edge.app, &name, params).await {
        None => refuse(404, &format!("there is no control call {name}")),
        Some(Ok(Output::Json(value))) => text(200, "application/json", value.to_string()),
        Some(Ok(Output::Text(kind, content))) => text(200, kind, content),
        Some(Err(error)) => refuse(400, &error.to_string()),
    }
}

fn refuse(status: u16, message: &str) -> Response {
    text(
        status,
        "application/json",
        serde_json::json!({ "error": message }).to_string(),
    )
}

fn text(status: u16, kind: &'static str, content: String) -> Response {
    let mut response = Response::new(Body::from(content));
    *response.status_mut() =
        axum::http::StatusCode::from_u16(status).unwrap_or(axum::http::StatusCode::BAD_REQUEST);
    response
        .headers_mut()
        .insert("content-type", axum::http::HeaderValue::from_static(kind));
    response
}
