//! Runs exchanges: time limits, bounded repeats with jitter where a repeat is safe, the backup
//! host, the circuit breaker, and one log line a call without bodies, queries or keys.

use std::sync::Arc;
use std::time::{Duration, Instant};

use zf_domain::{Clock, Timestamp};

use crate::breaker::{Breaker, BreakerSettings};
use crate::channel::Endpoint;
use crate::download::{Download, StoredFile};
use crate::error::{ChannelError, Lost, Result, TransportError};
use crate::exchange::{
    Exchange, Incoming, Next, Outgoing, ReplyBody, ReplyKind, Safety, Transport, WireReply,
    WireRequest,
};

/// Pieces of a download are handed to the disk in blocks of this size.
const DISK_BLOCK_BYTES: usize = 256 * 1024;

/// Limits of the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriverSettings {
    /// Longest time for a whole answer; for a file, between two pieces of it.
    pub total: Duration,
    /// Attempts of a repeatable request, the first included.
    pub attempts_max: u32,
    /// Pause before the first repeat; doubles, with jitter between half and whole.
    pub pause_first: Duration,
    /// Longest pause.
    pub pause_max: Duration,
    /// Largest text answer in bytes.
    pub text_bytes_max: usize,
    /// Most requests one exchange may make: a machine that never ends is a bug.
    pub steps_max: u32,
    /// The circuit breaker.
    pub breaker: BreakerSettings,
}

impl Default for DriverSettings {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(30),
            attempts_max: 3,
            pause_first: Duration::from_millis(400),
            pause_max: Duration::from_secs(8),
            text_bytes_max: 1 << 20,
            steps_max: 12,
            breaker: BreakerSettings::default(),
        }
    }
}

/// Carries exchanges over a transport.
pub struct Driver {
    transport: Arc<dyn Transport>,
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    settings: DriverSettings,
    breaker: Breaker,
}

/// How an attempt failed.
enum Failure {
    Transport(TransportError),
    Error(ChannelError),
}

impl Driver {
    /// A driver for one channel account.
    #[must_use]
    pub fn new(
        transport: Arc<dyn Transport>,
        endpoint: Endpoint,
        clock: Arc<dyn Clock>,
        settings: DriverSettings,
    ) -> Self {
        Self {
            transport,
            endpoint,
            clock,
            settings,
            breaker: Breaker::new(settings.breaker),
        }
    }

    /// Stops every call to this channel until [`Self::release`].
    pub fn hold(&self) {
        for origin in self.endpoint.origins() {
            self.breaker.hold(&host_of(origin));
        }
    }

    /// Lets calls through again and forgets past failures.
    pub fn release(&self) {
        for origin in self.endpoint.origins() {
            self.breaker.release(&host_of(origin));
        }
    }

    /// Whether calls are on hold.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.breaker.is_held(&host_of(&self.endpoint.base_url))
    }

    /// Until when the circuit of the main host is open, if it is.
    #[must_use]
    pub fn resting_until(&self) -> Option<Timestamp> {
        let until = self.breaker.open_until(&host_of(&self.endpoint.base_url))?;
        (until > self.clock.now()).then_some(until)
    }

    /// Runs `exchange` to its outcome.
    ///
    /// # Errors
    /// What the exchange makes of the answers; `NotSent`, `Unavailable` or `OutcomeUnknown` when
    /// there are none. Once a request that may move money has left, every failure short of a
    /// refusal by the channel is `OutcomeUnknown`.
    pub async fn run<T>(&self, exchange: &mut dyn Exchange<Outcome = T>) -> Result<T> {
        let mut nowhere = None;
        self.run_with(exchange, &mut nowhere).await
    }

    /// As [`Self::run`], with a place for a file; it comes back also when the outcome is an error.
    pub async fn run_into<T>(
        &self,
        exchange: &mut dyn Exchange<Outcome = T>,
        download: Download,
    ) -> (Result<T>, Option<Download>) {
        let mut place = Some(download);
        let outcome = self.run_with(exchange, &mut place).await;
        (outcome, place)
    }

    async fn run_with<T>(
        &self,
        exchange: &mut dyn Exchange<Outcome = T>,
        place: &mut Option<Download>,
    ) -> Result<T> {
        // When a request that may move money left, if one did.
        let mut committed: Option<Timestamp> = None;
        for _ in 0..self.settings.steps_max {
            let unsettled = |error: ChannelError| match (committed, error) {
                (None, error) => error,
                (Some(_), error @ ChannelError::OutcomeUnknown { .. }) => error,
                (Some(sent_at), error) => ChannelError::OutcomeUnknown {
                    sent_at,
                    cause: Lost::Unsettled(Box::new(error)),
                },
            };
            let (incoming, safety) = self.deliver(exchange, place).await.map_err(unsettled)?;
            let (status, sent_at) = (incoming.status, incoming.sent_at);
            match exchange.reply(incoming, self.clock.now()) {
                Ok(Next::Done(outcome)) => return Ok(outcome),
                Ok(Next::Again) => {
                    if safety == Safety::Once {
                        committed = Some(sent_at);
                    }
                }
                Err(error) if committed.is_some() => {
                    return Err(match error {
                        // The held answer was settled after all, and it is a no.
                        error @ ChannelError::Refused { .. } => error,
                        error => unsettled(error),
                    });
                }
                Err(error) if safety == Safety::Question => return Err(error),
                Err(error) => return Err(after_effect(error, status, sent_at)),
            }
        }
        let error = ChannelError::Unavailable(Lost::Status {
            status: 0,
            code: Some("too many steps".to_owned()),
        });
        Err(match committed {
            None => error,
            Some(sent_at) => ChannelError::OutcomeUnknown {
                sent_at,
                cause: Lost::Unsettled(Box::new(error)),
            },
        })
    }

    /// Gets an answer to the exchange's present request, repeating where that is safe.
    async fn deliver<T>(
        &self,
        exchange: &mut dyn Exchange<Outcome = T>,
        place: &mut Option<Download>,
    ) -> Result<(Incoming, Safety)> {
        let mut attempt: u32 = 0;
        loop {
            attempt += 1;
            let sent_at = self.clock.now();
            let outgoing = exchange.request(sent_at)?;
            let safety = outgoing.safety;
            let last = attempt >= self.settings.attempts_max;
            match self.attempt(&outgoing, sent_at, attempt, place).await {
                Ok(incoming) => {
                    let again = matches!(incoming.status, 429 | 500..=599);
                    if !again {
                        return Ok((incoming, safety));
                    }
                    if safety == Safety::Once || last {
                        return Ok((incoming, safety));
                    }
                }
                Err(Failure::Error(error)) => return Err(error),
                Err(Failure::Transport(error)) => {
                    let rests = matches!(
                        error,
                        TransportError::CircuitOpen { .. }
                            | TransportError::Held { .. }
                            | TransportError::Address { .. }
                    );
                    if !error.may_have_left() {
                        // Nothing left, so even a refund may be tried again; but a caller who
                        // waits for a refund is told at once.
                        if rests || last || safety == Safety::Once {
                            return Err(ChannelError::NotSent(error));
                        }
                    } else {
                        let lost = match error {
                            TransportError::Timeout { .. } => Lost::Timeout,
                            _ => Lost::ConnectionCut,
                        };
                        match safety {
                            Safety::Once => {
                                return Err(ChannelError::OutcomeUnknown {
                                    sent_at,
                                    cause: lost,
                                });
                            }
                            Safety::Repeatable if last => {
                                return Err(ChannelError::OutcomeUnknown {
                                    sent_at,
                                    cause: lost,
                                });
                            }
                            Safety::Question if last => {
                                return Err(ChannelError::Unavailable(lost));
                            }
                            Safety::Question | Safety::Repeatable => {}
                        }
                    }
                }
            }
            tokio::time::sleep(self.pause(attempt)).await;
        }
    }

    /// One attempt: the main host, and on failure to connect once the backup host with the very
    /// same signed request (the host is not signed).
    async fn attempt(
        &self,
        outgoing: &Outgoing,
        sent_at: Timestamp,
        attempt: u32,
        place: &mut Option<Download>,
    ) -> std::result::Result<Incoming, Failure> {
        let main = outgoing
            .origin
            .as_deref()
            .unwrap_or(&self.endpoint.base_url);
        let first = self.once(main, outgoing, sent_at, attempt, place).await;
        let Err(Failure::Transport(error)) = &first else {
            return first;
        };
        let helps = error.is_connect() || matches!(error, TransportError::CircuitOpen { .. });
        match &self.endpoint.backup_url {
            Some(backup) if helps && backup != main => {
                tracing::warn!(
                    host = host_of(main),
                    backup = host_of(backup),
                    "main host unreachable, trying the backup host"
                );
                self.once(backup, outgoing, sent_at, attempt, place).await
            }
            _ => first,
        }
    }

    async fn once(
        &self,
        origin: &str,
        outgoing: &Outgoing,
        sent_at: Timestamp,
        attempt: u32,
        place: &mut Option<Download>,
    ) -> std::result::Result<Incoming, Failure> {
        let host = host_of(origin);
        self.breaker
            .admit(&host, self.clock.now())
            .map_err(Failure::Transport)?;
        let guard = Admitted {
            breaker: &self.breaker,
            host: &host,
            noted: false,
        };
        let request = WireRequest {
            method: outgoing.method,
            url: format!("{origin}{}", outgoing.target),
            host: host.clone(),
            headers: outgoing.headers.clone(),
            body: outgoing.body.clone(),
        };
        let started = Instant::now();
        let result = self
            .exchange_bytes(&request, outgoing, sent_at, place)
            .await;
        let path = outgoing.target.split('?').next().unwrap_or_default();
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(incoming) => {
                guard.note(incoming.status < 500, self.clock.now());
                tracing::info!(
                    host,
                    path,
                    attempt,
                    ms,
                    method = outgoing.method.as_str(),
                    status = incoming.status,
                    request_id = incoming.headers.value("Request-ID").unwrap_or("-"),
                    "channel call"
                );
            }
            Err(Failure::Transport(error)) => {
                guard.note(false, self.clock.now());
                tracing::warn!(host, path, attempt, ms, method = outgoing.method.as_str(), %error, "channel call failed");
            }
            // The disk failed, not the host.
            Err(Failure::Error(error)) => {
                tracing::warn!(host, path, attempt, ms, method = outgoing.method.as_str(), %error, "channel call failed here");
            }
        }
        result
    }

    async fn exchange_bytes(
        &self,
        request: &WireRequest,
        outgoing: &Outgoing,
        sent_at: Timestamp,
        place: &mut Option<Download>,
    ) -> std::result::Result<Incoming, Failure> {
        let limit = outgoing.timeout.unwrap_or(self.settings.total);
        let late = || {
            Failure::Transport(TransportError::Timeout {
                host: request.host.clone(),
            })
        };
        let deadline = tokio::time::Instant::now() + limit;
        let reply = tokio::time::timeout_at(deadline, self.transport.send(request))
            .await
            .map_err(|_| late())?
            .map_err(Failure::Transport)?;
        let WireReply {
            status,
            headers,
            mut body,
        } = reply;
        let mut incoming = Incoming {
            status,
            headers,
            body: Vec::new(),
            file: None,
            sent_at,
        };
        if outgoing.reply == ReplyKind::File && (200..300).contains(&status) {
            let announced = incoming
                .headers
                .value("Content-Length")
                .and_then(|v| v.parse().ok());
            let stored = self.store(announced, limit, &late, &mut *body, place).await;
            incoming.file = match stored {
                Ok(stored) => Some(Ok(stored)),
                Err(Failure::Error(ChannelError::PeerMisbehaved(fault))) => Some(Err(fault)),
                Err(failure) => return Err(failure),
            };
            return Ok(incoming);
        }
        loop {
            let piece = tokio::time::timeout_at(deadline, body.piece())
                .await
                .map_err(|_| late())?
                .map_err(Failure::Transport)?;
            let Some(piece) = piece else { break };
            if incoming.body.len() + piece.len() > self.settings.text_bytes_max {
                return Err(Failure::Transport(TransportError::TooLarge {
                    host: request.host.clone(),
                    limit: self.settings.text_bytes_max,
                }));
            }
            incoming.body.extend_from_slice(&piece);
        }
        Ok(incoming)
    }

    async fn store(
        &self,
        announced: Option<u64>,
        limit: Duration,
        late: &(dyn Fn() -> Failure + Sync),
        body: &mut dyn ReplyBody,
        place: &mut Option<Download>,
    ) -> std::result::Result<StoredFile, Failure> {
        in_place(place, move |d| d.begin(announced)).await?;
        let mut block = Vec::with_capacity(DISK_BLOCK_BYTES);
        loop {
            let piece = tokio::time::timeout(limit, body.piece())
                .await
                .map_err(|_| late())?
                .map_err(Failure::Transport)?;
            let end = piece.is_none();
            block.extend_from_slice(&piece.unwrap_or_default());
            if block.len() >= DISK_BLOCK_BYTES || (end && !block.is_empty()) {
                let full = std::mem::replace(&mut block, Vec::with_capacity(DISK_BLOCK_BYTES));
                in_place(place, move |d| d.push(&full)).await?;
            }
            if end {
                break;
            }
        }
        in_place(place, Download::complete).await
    }

    /// Doubling pause with jitter between half and whole.
    fn pause(&self, attempt: u32) -> Duration {
        let doubled = self
            .settings
            .pause_first
            .saturating_mul(1 << attempt.saturating_sub(1).min(16));
        let whole = u64::try_from(doubled.min(self.settings.pause_max).as_millis())
            .unwrap_or(u64::MAX)
            .max(2);
        let random = u64::from(u32::from_le_bytes(zf_crypto::random::bytes::<4>()));
        Duration::from_millis(whole / 2 + random % (whole / 2 + 1))
    }
}

/// Gives the breaker's trial back when the call is dropped half-way.
struct Admitted<'a> {
    breaker: &'a Breaker,
    host: &'a str,
    noted: bool,
}

impl Admitted<'_> {
    fn note(mut self, healthy: bool, now: Timestamp) {
        self.noted = true;
        self.breaker.note(self.host, healthy, now);
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        if !self.noted {
            self.breaker.abandon(self.host);
        }
    }
}

/// What an error in the answer to an effectful request means.
fn after_effect(error: ChannelError, status: u16, sent_at: Timestamp) -> ChannelError {
    match error {
        error @ (ChannelError::Refused { .. } | ChannelError::OutcomeUnknown { .. }) => error,
        // The channel turned us away before looking at the content.
        error @ ChannelError::Misuse(_) if !(200..300).contains(&status) => error,
        ChannelError::Unavailable(cause) => ChannelError::OutcomeUnknown { sent_at, cause },
        ChannelError::PeerMisbehaved(fault) => ChannelError::OutcomeUnknown {
            sent_at,
            cause: Lost::Untrusted(Box::new(fault)),
        },
        error => ChannelError::OutcomeUnknown {
            sent_at,
            cause: Lost::Unsettled(Box::new(error)),
        },
    }
}

/// Runs disk work beside the async threads.
async fn in_place<R: Send + 'static>(
    place: &mut Option<Download>,
    work: impl FnOnce(&mut Download) -> Result<R> + Send + 'static,
) -> std::result::Result<R, Failure> {
    let missing = || {
        Failure::Error(
            crate::error::Misuse::Parameter {
                field: "download",
                value: String::new(),
                reason: "this exchange answers with a file and was given no place for it",
            }
            .into(),
        )
    };
    let mut download = place.take().ok_or_else(missing)?;
    let joined = tokio::task::spawn_blocking(move || {
        let result = work(&mut download);
        (download, result)
    })
    .await;
    match joined {
        Ok((download, result)) => {
            *place = Some(download);
            result.map_err(Failure::Error)
        }
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// `host[:port]` of an origin.
pub(crate) fn host_of(origin: &str) -> String {
    origin
        .split_once("://")
        .map_or(origin, |(_, rest)| rest)
        .split('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}
