//! The console in a browser on this machine: the declared API, news, files and the pages.
//!
//! A browser is a rougher place than our own window: other sites' pages run beside ours and other
//! users' programs reach the same loopback address. So the door listens on loopback only, answers
//! only to loopback names (a rebound DNS name gets 421), takes a post only with a header no other
//! site can send, keeps the session in a cookie no script can read, and serves its pages under a
//! policy that runs nothing but their own scripts.
//!
//! What is not here: the team server (TLS, other machines, webhooks from the channels).

mod door;
mod error;
mod guard;
mod pages;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use zf_app::App;

pub use error::ServeError;

/// A client has this long to send the head of a request.
const HEAD_MAX: Duration = Duration::from_secs(10);
/// Connections at once; a browser keeps a handful.
const CONNECTIONS_MAX: usize = 256;
/// Open answers have this long to end when the server stops.
const FAREWELL_MAX: Duration = Duration::from_secs(1);

/// Where the pages come from.
#[derive(Debug, Clone, Default)]
pub enum Ui {
    /// The pages built into this program. A debug build reads `ui/dist` of the source tree.
    #[default]
    Embedded,
    /// A folder holding a built console.
    Folder(PathBuf),
}

/// The console at work. Dropping it stops it at once; [`Running::stop`] lets open answers end.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Serves the console, inside the current Tokio runtime. It answers when this returns.
///
/// `listen`: a loopback address; port 0 takes any free one.
///
/// # Errors
/// When the address is not loopback, or cannot be listened on.
pub async fn serve_console(app: App, listen: SocketAddr, ui: Ui) -> Result<Running, ServeError> {
    if !listen.ip().is_loopback() {
        return Err(ServeError::NotLoopback { address: listen });
    }
    let cannot = |source| ServeError::Listen {
        address: listen,
        source,
    };
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let (stop, stopped) = watch::channel(false);
    let console = Arc::new(Console {
        app,
        ui,
        port: address.port(),
    });
    let task = tokio::spawn(accept(listener, console, stopped));
    Ok(Running {
        address,
        stop,
        task,
    })
}

impl Running {
    /// The address it listens on, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a person types into the browser.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Stops accepting and lets open answers end, at most a second.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What every request needs.
struct Console {
    app: App,
    ui: Ui,
    port: u16,
}

async fn accept(listener: TcpListener, console: Arc<Console>, mut stop: watch::Receiver<bool>) {
    let router = door::router(console);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                // A full house drops the newcomer: its browser tries again.
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                    continue;
                };
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    serve(stream, router, stop).await;
                    drop(place);
                });
            }
            Err(error) => {
                // Out of file descriptors, say: refusing to spin is all that can be done.
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(FAREWELL_MAX, async {
        while connections.join_next().await.is_some() {}
    })
    .await;
}

async fn serve(stream: TcpStream, router: axum::Router, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
