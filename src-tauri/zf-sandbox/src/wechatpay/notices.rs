//! Notices: sealed, signed and sent until the merchant's server says 200 or 204, on the vendor's
//! schedule. Page section 8.
//!
//! Only `http` addresses on this machine are called: a sandbox must not reach the internet.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::json;

use super::WechatPay;
use super::account::Prover;
use super::model::{Attempt, Notice};
use super::settings::KeyMode;
use crate::error::SandboxError;
use crate::faults::{FaultKind, Stage};
use crate::time::rfc3339;

/// The vendor waits this long for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// One notice on its way out.
struct Parcel {
    index: usize,
    due_at: i64,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    probe: bool,
    delay: Option<Duration>,
}

impl WechatPay {
    /// Moves everything on to the business clock and sends what is due, in order of time, until
    /// nothing is due any more.
    pub(crate) async fn work(self: &Arc<Self>) -> Result<(), SandboxError> {
        let _one_sender = self.sending.lock().await;
        loop {
            let this = Arc::clone(self);
            let parcels = tokio::task::spawn_blocking(move || this.due())
                .await
                .map_err(|error| SandboxError::Refused(error.to_string()))??;
            if parcels.is_empty() {
                return Ok(());
            }
            let mut flights = tokio::task::JoinSet::new();
            for parcel in parcels {
                flights.spawn(async move {
                    let outcome = send(&parcel).await;
                    (parcel, outcome)
                });
            }
            while let Some(landed) = flights.join_next().await {
                let Ok((parcel, outcome)) = landed else {
                    continue;
                };
                // A probe never counts as delivered: the genuine notice follows.
                let delivered = !parcel.probe && matches!(outcome, Ok(200 | 204));
                let words = match outcome {
                    Ok(status) if parcel.probe => format!("probe answered {status}"),
                    Ok(status) => status.to_string(),
                    Err(reason) => reason,
                };
                let mut held = self.desk();
                // Dated by the schedule, so that a clock moved by a day keeps the intervals.
                let attempt = Attempt {
                    at: parcel.due_at,
                    outcome: words,
                };
                held.0.tried(parcel.index, attempt, delivered);
                held.0.commit()?;
            }
        }
    }

    /// Everything due at the earliest due instant, sealed and signed.
    fn due(&self) -> Result<Vec<Parcel>, SandboxError> {
        let account = self.account();
        let (notices, settings) = {
            let mut held = self.desk();
            let store = &mut held.0;
            let now = self.advance(&account, store);
            store.commit()?;
            let due = store.state.notices_due(now);
            let notices: Vec<(usize, i64, Notice)> = due
                .into_iter()
                .map(|(at, index)| (index, at, store.state.notices[index].clone()))
                .collect();
            (notices, store.state.settings.clone())
        };
        let mut parcels = Vec::with_capacity(notices.len());
        for (index, due_at, notice) in notices {
            let operation = match notice.original_type.as_str() {
                "refund" => "notice.refund",
                _ => "notice.payment",
            };
            let drawn = self
                .shared
                .faults()
                .draw(Stage::NoticeSent, operation, &notice.plaintext);
            let nonce = zf_crypto::random::alphanumeric(12);
            let sealed = zf_crypto::aead::aes_gcm_seal(
                account.identity.apiv3_key.as_bytes(),
                nonce.as_bytes(),
                notice.original_type.as_bytes(),
                notice.plaintext.as_bytes(),
            )
            .map_err(SandboxError::crypto("sealing a notice"))?;
            let body = json!({
                "id": notice.id,
                "create_time": rfc3339(notice.created_at),
                "resource_type": "encrypt-resource",
                "event_type": notice.event_type,
                "summary": notice.summary,
                "resource": {
                    "original_type": notice.original_type,
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": BASE64.encode(sealed),
                    "associated_data": notice.original_type,
                    "nonce": nonce,
                },
            })
            .to_string()
            .into_bytes();
            let migrated = {
                let digest = zf_crypto::digest::sha256(notice.id.as_bytes());
                u16::from_be_bytes([digest[0], digest[1]]) % 100
                    < u16::from(settings.notice_public_key_percent)
            };
            let prover = match settings.key_mode {
                KeyMode::PublicKey => Prover::PublicKey,
                KeyMode::Both if migrated => Prover::PublicKey,
                KeyMode::Both | KeyMode::Certificate => Prover::Certificate,
            };
            let headers = self.prove(&account, prover, &body, &drawn)?;
            parcels.push(Parcel {
                index,
                due_at,
                url: notice.url,
                headers,
                body,
                probe: drawn.has(FaultKind::Probe),
                delay: drawn
                    .rule(FaultKind::Delay)
                    .map(|rule| Duration::from_millis(rule.ms.unwrap_or(1_000))),
            });
        }
        Ok(parcels)
    }
}

/// Posts one notice; the status, or in words why there was none.
async fn send(parcel: &Parcel) -> Result<u16, String> {
    if let Some(delay) = parcel.delay {
        tokio::time::sleep(delay).await;
    }
    match tokio::time::timeout(TIMEOUT, post(parcel)).await {
        Ok(result) => result,
        Err(_) => Err("no answer within 5 s".to_owned()),
    }
}

async fn post(parcel: &Parcel) -> Result<u16, String> {
    let uri: hyper::Uri = parcel
        .url
        .parse()
        .map_err(|_| "not an address".to_owned())?;
    let host = uri.host().unwrap_or_default();
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if uri.scheme_str() != Some("http") || !local {
        return Err("not sent: the sandbox calls only http addresses on this machine".to_owned());
    }
    let port = uri.port_u16().unwrap_or(80);
    let address = (host.trim_matches(['[', ']']), port);
    let stream = tokio::net::TcpStream::connect(address)
        .await
        .map_err(|e| e.to_string())?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    let driver = tokio::spawn(connection);
    let mut request = hyper::Request::builder()
        .method("POST")
        .uri(uri.path_and_query().map_or("/", |target| target.as_str()))
        .header("Host", format!("{host}:{port}"))
        .header("Content-Type", "application/json")
        .header("User-Agent", "Mozilla/4.0")
        .header("Accept", "*/*");
    for (name, value) in &parcel.headers {
        request = request.header(*name, value);
    }
    let request = request
        .body(Full::new(Bytes::from(parcel.body.clone())))
        .map_err(|error| error.to_string())?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| error.to_string());
    driver.abort();
    answer.map(|response| response.status().as_u16())
}
