//! A call to a channel as a machine without I/O, and the two words it speaks with the world:
//! what goes out, what comes in.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use zf_domain::Timestamp;

use crate::download::StoredFile;
use crate::error::{PeerFault, Result, TransportError};

/// What repeating a request can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// A question: changes nothing, may be repeated freely.
    Question,
    /// Changes something, but the same request again has no further effect.
    Repeatable,
    /// May move money. Never sent again by the driver once a byte may have left.
    Once,
}

/// The HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the name says it all")]
pub enum Method {
    Get,
    Post,
}

impl Method {
    /// Upper case, as signed and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What the body of a 2xx answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    /// Small text, read whole up to the driver's limit.
    Text,
    /// A file: streamed into the sink the caller gave.
    File,
}

/// A request of an exchange, complete but for the host.
#[derive(Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Path and query exactly as signed, beginning with `/`.
    pub target: String,
    /// Another origin than the channel's own (`https://host[:port]`), for download links.
    pub origin: Option<String>,
    /// Headers besides User-Agent, which the transport adds.
    pub headers: Vec<(&'static str, String)>,
    /// The exact bytes signed; empty for none.
    pub body: Vec<u8>,
    /// What repeating it can do.
    pub safety: Safety,
    /// What comes back.
    pub reply: ReplyKind,
    /// Longest time for the whole answer (text), or between two pieces of it (file);
    /// `None` takes the driver's.
    pub timeout: Option<Duration>,
}

/// Header names are compared without case; the first one wins.
#[derive(Debug, Clone, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The value of `name`.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }
}

/// An answer, read whole, or stored.
pub struct Incoming {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Headers,
    /// Raw bytes; empty when the body went into a file.
    pub body: Vec<u8>,
    /// The file, for a 2xx answer to [`ReplyKind::File`], or what was wrong with its bytes.
    pub file: Option<std::result::Result<StoredFile, PeerFault>>,
    /// When the request left.
    pub sent_at: Timestamp,
}

/// What follows an answer.
#[derive(Debug)]
pub enum Next<T> {
    /// The exchange is over.
    Done(T),
    /// Ask for the next request.
    Again,
}

/// One call to a channel: yields a request, takes its answer, and so on to the outcome.
///
/// [`Exchange::request`] must give the same request (freshly signed) as long as no answer was
/// taken: the driver asks again when it repeats.
pub trait Exchange: Send {
    /// What the call gives.
    type Outcome;

    /// The next request.
    ///
    /// # Errors
    /// `Misuse` when it cannot be built.
    fn request(&mut self, now: Timestamp) -> Result<Outgoing>;

    /// Takes the answer to the last request.
    ///
    /// # Errors
    /// Whatever the answer means, if it is not an outcome.
    fn reply(&mut self, incoming: Incoming, now: Timestamp) -> Result<Next<Self::Outcome>>;
}

/// An exchange behind a pointer.
pub type BoxExchange<T> = Box<dyn Exchange<Outcome = T>>;

/// A future behind a pointer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A request with its host, ready for the wire.
#[derive(Clone)]
pub struct WireRequest {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// The host, for messages.
    pub host: String,
    /// All headers but User-Agent and Host.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The head of an answer; its body follows in pieces.
pub struct WireReply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: Headers,
    /// The body.
    pub body: Box<dyn ReplyBody>,
}

/// The body of an answer, piece by piece.
pub trait ReplyBody: Send {
    /// The next piece; `None` at the proper end.
    fn piece(&mut self) -> BoxFuture<'_, std::result::Result<Option<Vec<u8>>, TransportError>>;
}

/// What carries requests: HTTP, or a script in tests.
pub trait Transport: Send + Sync {
    /// Sends one request once, follows no redirect, repeats nothing.
    fn send<'a>(
        &'a self,
        request: &'a WireRequest,
    ) -> BoxFuture<'a, std::result::Result<WireReply, TransportError>>;
}
