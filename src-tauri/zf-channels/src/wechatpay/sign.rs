//! Signatures of WeChat Pay API v3: what is signed, and on which bytes it is checked.
//!
//! Source: doc/v3/merchant/4012365342 (requests), 4013053249 (answers), 4012791860 (invoking).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zf_crypto::rsa::RsaSigningKey;
use zf_domain::Timestamp;

use super::keys::KeyRing;
use crate::error::{ChannelError, Misuse, PeerFault, Result};
use crate::exchange::{Headers, Method};

/// The scheme of RSA requests, and the signature type of answers to them.
pub const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";

/// Longest distance between a signature's time and our clock, exclusive.
const AGE_SECONDS_MAX: i64 = 300;

/// The five lines a request is signed over. `target` is path and query as on the wire.
#[must_use]
pub fn request_message(
    method: Method,
    target: &str,
    timestamp: i64,
    nonce: &str,
    body: &[u8],
) -> Vec<u8> {
    let mut message = format!("{}\n{target}\n{timestamp}\n{nonce}\n", method.as_str()).into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// The three lines an answer or a notice is signed over.
#[must_use]
pub fn reply_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// The four lines that let the payer's app start a payment.
#[must_use]
pub fn invoke_message(app_id: &str, timestamp: i64, nonce: &str, package: &str) -> Vec<u8> {
    format!("{app_id}\n{timestamp}\n{nonce}\n{package}\n").into_bytes()
}

/// Signs a message; base64.
///
/// # Errors
/// When the key cannot sign, which a parsed key always can.
pub fn sign(key: &RsaSigningKey, message: &[u8]) -> Result<String> {
    let signature = key.sign_sha256(message).map_err(|e| Misuse::Setting {
        field: "private_key",
        reason: e.to_string(),
    })?;
    Ok(BASE64.encode(signature))
}

/// The value of the `Authorization` header.
#[must_use]
pub fn authorization(
    mchid: &str,
    serial_no: &str,
    timestamp: i64,
    nonce: &str,
    signature: &str,
) -> String {
    format!(
        "{SCHEME} mchid=\"{mchid}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",\
         serial_no=\"{serial_no}\",signature=\"{signature}\""
    )
}

/// Checks the signature of a 2xx answer or a notice on its raw bytes.
///
/// # Errors
/// `PeerMisbehaved` naming what is missing or wrong; `Misuse::ClockSkew` when the answer's own
/// Date header shows that our clock is the one that is off.
pub fn verify(headers: &Headers, body: &[u8], now: Timestamp, keys: &KeyRing) -> Result<()> {
    let needed = |name: &'static str| headers.value(name).ok_or(PeerFault::MissingHeader(name));
    let timestamp = needed("Wechatpay-Timestamp")?;
    let nonce = needed("Wechatpay-Nonce")?;
    let signature = needed("Wechatpay-Signature")?;
    let serial = needed("Wechatpay-Serial")?;
    // Absent means RSA: older answers do not name it.
    if let Some(kind) = headers.value("Wechatpay-Signature-Type")
        && kind != SCHEME
    {
        return Err(PeerFault::SignatureType(kind.chars().take(64).collect()).into());
    }
    let signed_at: i64 = timestamp
        .parse()
        .map_err(|_| PeerFault::MissingHeader("Wechatpay-Timestamp"))?;
    let seconds = signed_at.saturating_sub(now.seconds());
    if seconds.unsigned_abs() >= AGE_SECONDS_MAX.unsigned_abs() {
        return Err(match date(headers) {
            Some(date) if (date - signed_at).abs() < 60 => Misuse::ClockSkew {
                seconds: Some(now.seconds() - date),
            }
            .into(),
            _ => PeerFault::StaleReply { seconds }.into(),
        });
    }
    let key = keys.verifying(serial, now).ok_or_else(|| {
        ChannelError::from(PeerFault::UnknownSerial {
            serial: serial.chars().take(64).collect(),
        })
    })?;
    let wrong = || PeerFault::BadSignature {
        serial: serial.to_owned(),
    };
    let raw = BASE64.decode(signature).map_err(|_| wrong())?;
    key.verify_sha256(&reply_message(timestamp, nonce, body), &raw)
        .map_err(|_| wrong())?;
    Ok(())
}

/// The answer's Date header in Unix seconds.
pub(crate) fn date(headers: &Headers) -> Option<i64> {
    http_date(headers.value("Date")?)
}

/// A date as HTTP headers write it, in Unix seconds.
#[must_use]
pub fn http_date(text: &str) -> Option<i64> {
    let at = httpdate::parse_http_date(text).ok()?;
    let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
