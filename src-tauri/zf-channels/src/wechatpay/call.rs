//! One signed call: signing the request, trusting the answer, fetching keys in between when an
//! answer names one we do not have.

use std::sync::{Arc, PoisonError, RwLock};

use zf_crypto::rsa::RsaSigningKey;
use zf_crypto::secret::Secret;
use zf_domain::{Clock, Timestamp};

use super::keys::{KeyRing, open_certificates};
use super::{map, sign};
use crate::channel::Endpoint;
use crate::error::{ChannelError, Misuse, PeerFault, RefusalKind, Result};
use crate::exchange::{Exchange, Incoming, Method, Next, Outgoing, ReplyKind, Safety};

/// One merchant account, shared by all its exchanges.
pub(crate) struct Shop {
    pub mchid: String,
    pub appid: String,
    pub serial_no: String,
    pub key: RsaSigningKey,
    pub api_v3_key: Secret<String>,
    /// In public-key mode, named on every request so that the answer is signed with it.
    pub public_key_id: Option<String>,
    pub endpoint: Endpoint,
    pub clock: Arc<dyn Clock>,
    pub ring: RwLock<Arc<KeyRing>>,
}

impl Shop {
    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        // The ring is replaced whole; a panic elsewhere cannot leave half of one.
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn swap(&self, ring: Arc<KeyRing>) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    /// The serial to name in requests: the public key's id, else the newest certificate's.
    fn named_serial(&self, now: Timestamp) -> Option<String> {
        self.public_key_id
            .clone()
            .or_else(|| self.ring().encrypting(now).map(|(s, _)| s.to_owned()))
    }

    fn outgoing(&self, ask: &Ask, now: Timestamp) -> Result<Outgoing> {
        let nonce = zf_crypto::random::alphanumeric(32);
        let timestamp = now.seconds();
        let message = sign::request_message(ask.method, &ask.target, timestamp, &nonce, &ask.body);
        let signature = sign::sign(&self.key, &message)?;
        let mut headers = vec![
            (
                "Authorization",
                sign::authorization(&self.mchid, &self.serial_no, timestamp, &nonce, &signature),
            ),
            ("Accept", "application/json".to_owned()),
        ];
        if ask.method == Method::Post {
            headers.push(("Content-Type", "application/json".to_owned()));
        }
        if let Some(serial) = ask.serial.clone().or_else(|| self.named_serial(now)) {
            headers.push(("Wechatpay-Serial", serial));
        }
        Ok(Outgoing {
            method: ask.method,
            target: ask.target.clone(),
            origin: ask.origin.clone(),
            headers,
            body: ask.body.clone(),
            safety: ask.safety,
            reply: ask.reply,
            timeout: None,
        })
    }

    fn certificates_ask() -> Ask {
        Ask::get("/v3/certificates".to_owned())
    }

    /// Takes the answer of `/v3/certificates`: opened with the APIv3 key, its signature checked
    /// with the keys we had and those it brings, then swapped in whole.
    pub(crate) fn take_certificates(&self, incoming: &Incoming, now: Timestamp) -> Result<()> {
        if incoming.status != 200 {
            let error = map::refusal(incoming, incoming.sent_at, &self.serial_no);
            // Merchants of the public-key mode have no certificates; that is not a failure.
            let none = matches!(
                &error,
                ChannelError::Refused {
                    kind: RefusalKind::NotFound,
                    ..
                }
            );
            return if none && self.public_key_id.is_some() {
                Ok(())
            } else {
                Err(error)
            };
        }
        let opened = open_certificates(&incoming.body, self.api_v3_key.expose())?;
        let ring = self.ring().with_certificates(opened);
        sign::verify(&incoming.headers, &incoming.body, now, &ring)?;
        self.swap(Arc::new(ring));
        Ok(())
    }
}

/// A request before it is signed.
pub(crate) struct Ask {
    pub method: Method,
    pub target: String,
    pub origin: Option<String>,
    pub body: Vec<u8>,
    pub safety: Safety,
    pub reply: ReplyKind,
    /// Whether a 2xx answer must be signed. File bodies are not; their hash is.
    pub signed: bool,
    /// The serial of the key the body was encrypted with.
    pub serial: Option<String>,
}

impl Ask {
    pub(crate) fn get(target: String) -> Self {
        Self {
            method: Method::Get,
            target,
            origin: None,
            body: Vec::new(),
            safety: Safety::Question,
            reply: ReplyKind::Text,
            signed: true,
            serial: None,
        }
    }

    pub(crate) fn post(target: String, body: Vec<u8>, safety: Safety) -> Self {
        Self {
            method: Method::Post,
            body,
            safety,
            ..Self::get(target)
        }
    }
}

/// The vendor knowledge of one operation; [`Call`] does the rest.
pub(crate) trait Operation: Send {
    type Outcome;

    /// Whether a key to encrypt with is needed before the first request.
    fn encrypts(&self) -> bool {
        false
    }

    /// The present request. Asked again for every repeat.
    fn ask(&mut self, shop: &Shop, now: Timestamp) -> Result<Ask>;

    /// A verified 2xx answer.
    fn accept(
        &mut self,
        shop: &Shop,
        incoming: Incoming,
        now: Timestamp,
    ) -> Result<Next<Self::Outcome>>;

    /// A refusal, for operations where it is an outcome.
    fn refuse(&mut self, error: ChannelError, _now: Timestamp) -> Result<Next<Self::Outcome>> {
        Err(error)
    }
}

enum Phase {
    Main,
    /// Asking for keys before the first request.
    KeysFirst,
    /// Asking for keys to judge this answer, which is never asked for again.
    KeysFor(Box<Incoming>),
}

/// An operation as an exchange.
pub(crate) struct Call<O> {
    shop: Arc<Shop>,
    operation: O,
    phase: Phase,
    /// Of the request last built in the main phase.
    safety: Safety,
    signed: bool,
    keys_asked: bool,
    repeated: bool,
}

impl<O: Operation> Call<O> {
    pub(crate) fn new(shop: Arc<Shop>, operation: O) -> Self {
        Self {
            shop,
            operation,
            phase: Phase::Main,
            safety: Safety::Question,
            signed: true,
            keys_asked: false,
            repeated: false,
        }
    }

    fn judge(&mut self, incoming: Incoming, now: Timestamp) -> Result<Next<O::Outcome>> {
        if !(200..300).contains(&incoming.status) {
            let error = map::refusal(&incoming, incoming.sent_at, &self.shop.serial_no);
            return self.operation.refuse(error, now);
        }
        if self.signed {
            let trust = sign::verify(&incoming.headers, &incoming.body, now, &self.shop.ring());
            match trust {
                Ok(()) => {}
                Err(ChannelError::PeerMisbehaved(PeerFault::UnknownSerial { .. }))
                    if !self.keys_asked =>
                {
                    self.keys_asked = true;
                    self.phase = Phase::KeysFor(Box::new(incoming));
                    return Ok(Next::Again);
                }
                // The vendor sends a few wrong signatures on purpose, to see that they are
                // refused; its page says to throw the answer away and ask again. Not for what
                // may move money: that is asked about, not repeated.
                Err(ChannelError::PeerMisbehaved(PeerFault::BadSignature { .. }))
                    if !self.repeated && self.safety != Safety::Once =>
                {
                    self.repeated = true;
                    return Ok(Next::Again);
                }
                Err(error) => return Err(error),
            }
        }
        if incoming.status == 202 {
            let error = map::refusal(&incoming, incoming.sent_at, &self.shop.serial_no);
            return self.operation.refuse(error, now);
        }
        self.operation.accept(&self.shop, incoming, now)
    }
}

impl<O: Operation> Exchange for Call<O> {
    type Outcome = O::Outcome;

    fn request(&mut self, now: Timestamp) -> Result<Outgoing> {
        if self.operation.encrypts()
            && !self.keys_asked
            && self.shop.ring().encrypting(now).is_none()
        {
            self.keys_asked = true;
            self.phase = Phase::KeysFirst;
        }
        if !matches!(self.phase, Phase::Main) {
            return self.shop.outgoing(&Shop::certificates_ask(), now);
        }
        let ask = self.operation.ask(&self.shop, now)?;
        self.safety = ask.safety;
        self.signed = ask.signed;
        self.shop.outgoing(&ask, now)
    }

    fn reply(&mut self, incoming: Incoming, now: Timestamp) -> Result<Next<O::Outcome>> {
        match std::mem::replace(&mut self.phase, Phase::Main) {
            Phase::Main => self.judge(incoming, now),
            // A refusal of the keys is no refusal of what was asked for, and must not read as one.
            Phase::KeysFirst => match self.shop.take_certificates(&incoming, now) {
                Ok(()) => Ok(Next::Again),
                Err(ChannelError::Refused { code, message, .. }) => Err(Misuse::Setting {
                    field: "verify",
                    reason: format!("the channel gives no keys: {code}: {message}"),
                }
                .into()),
                Err(error) => Err(error),
            },
            Phase::KeysFor(held) => match self.shop.take_certificates(&incoming, now) {
                Ok(()) => self.judge(*held, now),
                Err(ChannelError::Refused { code, .. }) => {
                    tracing::warn!(code, "the channel gives no keys");
                    let serial = held.headers.value("Wechatpay-Serial").unwrap_or_default();
                    Err(PeerFault::UnknownSerial {
                        serial: serial.chars().take(64).collect(),
                    }
                    .into())
                }
                Err(error) => Err(error),
            },
        }
    }
}
