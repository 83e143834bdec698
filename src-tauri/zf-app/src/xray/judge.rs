//! The judgement: what a message's signature was really made over, and by which of the known ways
//! it came to differ. Pure: text, keys and a time in, a report out.
//!
//! A cause is named only when the signature itself proves it: an RSA signature shows the digest it was
//! made over, and each likely mistake is built and compared with that digest.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD};
use zf_channels::wechatpay::sign::SCHEME;
use zf_crypto::cert::Certificate;
use zf_crypto::rsa::SignatureContent;
use zf_crypto::secret::Secret;
use zf_crypto::xray::{self, Asked, PublicKey};
use zf_crypto::{aead, digest};
use zf_domain::Timestamp;

use super::forms;
use super::http::{self, Pasted};
use crate::wire::{
    XrayByte, XrayCause as Cause, XrayCheck, XrayCheckName as Check, XrayKeyRole as Role,
    XrayKeyView, XrayLine, XrayLineName as Line, XrayMode as Mode, XrayOutcome as Outcome,
    XrayReport, XrayTry, XrayVerdict as Verdict,
};

/// Farthest a signature's time may lie from the receiver's clock, exclusive. Source: spec, 1.5 and 2.1.
const AGE_SECONDS_MAX: i64 = 300;
const SM2_SCHEME: &str = "WECHATPAY2-SM2-WITH-SM3";
/// Characters of one side of a line that are shown.
const SHOWN_MAX: usize = 1_500;
/// Characters shown before the first difference of a long line.
const COMMON_MAX: usize = 240;
/// Characters of a decrypted text that are shown.
const PLAIN_MAX: usize = 24_000;

/// A public key the desk knows, with what it knows of it.
pub(crate) struct KnownKey {
    pub(crate) role: Role,
    pub(crate) serial: Option<String>,
    pub(crate) key: PublicKey,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) not_after: Option<Timestamp>,
    pub(crate) certificate: Option<Certificate>,
}

/// Everything a message is judged with.
#[derive(Default)]
pub(crate) struct KeySet {
    pub(crate) keys: Vec<KnownKey>,
    /// More certificates of a pasted chain.
    pub(crate) issuers: Vec<Certificate>,
    /// A pasted key could not be read.
    pub(crate) unreadable: Option<String>,
    pub(crate) merchant_no: Option<String>,
    /// Whether the private key belongs to the merchant's certificate.
    pub(crate) paired: Option<bool>,
    /// Set in public-key mode.
    pub(crate) public_key_id: Option<String>,
    pub(crate) api_v3_key: Option<Secret<String>>,
    /// The merchant's private key lies in this desk's vault.
    pub(crate) sealed: bool,
    /// Hide the payer in decrypted text.
    pub(crate) mask: bool,
}

/// What was found out, before it is worded for the wire.
struct Finding {
    cause: Cause,
    proven: bool,
    params: BTreeMap<String, String>,
    /// The text the signature covers, when it differs from the pasted one.
    signed: Option<Vec<u8>>,
    fault_line: Option<usize>,
}

impl Finding {
    fn of(cause: Cause) -> Self {
        Self {
            cause,
            proven: true,
            params: BTreeMap::new(),
            signed: None,
            fault_line: None,
        }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        let value: String = value.to_string().chars().take(200).collect();
        self.params.insert(name.to_owned(), value);
        self
    }

    const fn at(mut self, line: usize) -> Self {
        self.fault_line = Some(line);
        self
    }

    const fn unproven(mut self) -> Self {
        self.proven = false;
        self
    }
}

/// Judges a paste.
pub(crate) fn inspect(mode: Mode, text: &str, keys: &KeySet, now: Timestamp) -> XrayReport {
    let pasted = http::read(text);
    if mode == Mode::Decrypt {
        return decrypt(&pasted, keys);
    }
    match Canon::read(mode, pasted) {
        Ok(canon) => signature(&canon, keys, now),
        Err(both) => {
            let (finding, pasted) = *both;
            let checks = checks(None, keys, &finding, Clock::default(), &pasted, None);
            report(mode, finding, checks, None, keys)
        }
    }
}

/// The parts of a message that its signature covers.
struct Canon {
    mode: Mode,
    pasted: Pasted,
    method: String,
    target: String,
    timestamp: String,
    nonce: String,
    signature: String,
    serial: Option<String>,
    scheme: String,
    mchid: Option<String>,
    loose: bool,
    /// As pasted, without the line ends that pasting adds.
    body: Vec<u8>,
    /// Line of the paste where the signature's header stands.
    header_line: usize,
}

impl Canon {
    fn read(mode: Mode, pasted: Pasted) -> Result<Self, Box<(Finding, Pasted)>> {
        let refuse = |finding: Finding, pasted: Pasted| Err(Box::new((finding, pasted)));
        let trimmed = pasted
            .body
            .trim_end_matches(['\r', '\n'])
            .as_bytes()
            .to_vec();
        if pasted.headers.is_empty() {
            return refuse(Finding::of(Cause::Unreadable), pasted);
        }
        if mode == Mode::Request {
            let (Some(method), Some(target)) = (pasted.method.clone(), pasted.target.clone())
            else {
                return refuse(Finding::of(Cause::Unreadable), pasted);
            };
            let Some((value, line)) = pasted.find("Authorization") else {
                return refuse(Finding::of(Cause::AuthorizationMissing), pasted);
            };
            let auth = http::authorization(value);
            if auth.scheme != SCHEME && auth.scheme != SM2_SCHEME {
                let finding = Finding::of(Cause::SchemeUnknown)
                    .with("scheme", &auth.scheme)
                    .at(line);
                return refuse(finding, pasted);
            }
            for field in ["mchid", "nonce_str", "timestamp", "serial_no", "signature"] {
                if auth.value(field).is_none() {
                    let finding = Finding::of(Cause::AuthorizationFormat)
                        .with("field", field)
                        .at(line);
                    return refuse(finding, pasted);
                }
            }
            let value = |key: &str| auth.value(key).unwrap_or_default().to_owned();
            return Ok(Self {
                mode,
                method,
                target,
                timestamp: value("timestamp"),
                nonce: value("nonce_str"),
                signature: value("signature"),
                serial: Some(value("serial_no")),
                mchid: Some(value("mchid")),
                loose: auth.loose,
                scheme: auth.scheme.clone(),
                body: trimmed,
                header_line: line,
                pasted,
            });
        }
        if pasted.status.is_some_and(|s| s >= 300) && pasted.header("Wechatpay-Signature").is_none()
        {
            let finding = Finding::of(Cause::UnsignedByDesign)
                .with("status", pasted.status.unwrap_or_default());
            return refuse(finding, pasted);
        }
        for header in [
            "Wechatpay-Timestamp",
            "Wechatpay-Nonce",
            "Wechatpay-Signature",
            "Wechatpay-Serial",
        ] {
            if pasted.header(header).is_none() {
                let finding = Finding::of(Cause::HeaderMissing).with("header", header);
                return refuse(finding, pasted);
            }
        }
        let value = |name: &str| pasted.header(name).unwrap_or_default().to_owned();
        Ok(Self {
            mode,
            method: String::new(),
            target: String::new(),
            timestamp: value("Wechatpay-Timestamp"),
            nonce: value("Wechatpay-Nonce"),
            signature: value("Wechatpay-Signature"),
            serial: Some(value("Wechatpay-Serial")),
            scheme: pasted
                .header("Wechatpay-Signature-Type")
                .unwrap_or(SCHEME)
                .to_owned(),
            mchid: None,
            loose: false,
            body: trimmed,
            header_line: pasted
                .find("Wechatpay-Signature")
                .map_or(1, |(_, line)| line),
            pasted,
        })
    }

    fn role(&self) -> Role {
        if self.mode == Mode::Request {
            Role::Merchant
        } else {
            Role::Platform
        }
    }

    fn url(&self) -> &str {
        let url = xray::path_and_query(&self.target);
        url.split_once('#').map_or(url, |(path, _)| path)
    }

    /// The text that must be signed, with this body.
    fn message(&self, body: &[u8]) -> Vec<u8> {
        if self.mode == Mode::Request {
            xray::request_message(
                &self.method.to_ascii_uppercase(),
                self.url(),
                &self.timestamp,
                &self.nonce,
                body,
            )
        } else {
            xray::reply_message(&self.timestamp, &self.nonce, body)
        }
    }

    /// Bodies the paste may stand for: a text field adds or drops line ends at the end, and its line
    /// ends are always LF. A `Content-Length` says which it was.
    fn bodies(&self) -> Vec<Vec<u8>> {
        let raw = self.pasted.body.as_bytes().to_vec();
        let mut all = vec![self.body.clone()];
        for more in [raw, [self.body.as_slice(), b"\n"].concat()] {
            if !all.contains(&more) {
                all.push(more);
            }
        }
        let length: Option<usize> = self
            .pasted
            .header("Content-Length")
            .and_then(|text| text.trim().parse().ok());
        if let Some(at) = all.iter().position(|b| Some(b.len()) == length) {
            let right = all.swap_remove(at);
            return vec![right];
        }
        all
    }
}

/// Letters of one serial in the form WeChat Pay prints: upper hexadecimal without separators.
fn plain_serial(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ':' | ' ' | '-'))
        .map(|c| c.to_ascii_uppercase())
        .collect::<String>()
        .trim_start_matches('0')
        .to_owned()
}

/// How the serial named in a message was found among the known keys.
enum Picked<'a> {
    /// The key of that serial.
    Named(&'a KnownKey),
    /// Its serial is written another way.
    Notation(&'a KnownKey),
    /// The only key there is, given without a serial.
    Only(&'a KnownKey),
    /// A key of the other side.
    OtherSide,
    Unknown,
}

fn pick<'a>(canon: &Canon, keys: &'a KeySet) -> Picked<'a> {
    let serial = canon.serial.as_deref().unwrap_or_default();
    let of_role = |key: &&KnownKey| key.role == canon.role() || key.role == Role::Given;
    let mut mine = keys.keys.iter().filter(of_role);
    if let Some(key) = mine.clone().find(|k| k.serial.as_deref() == Some(serial)) {
        return Picked::Named(key);
    }
    let written_otherwise = |key: &&KnownKey| {
        key.serial.as_deref().is_some_and(|known| {
            plain_serial(known) == plain_serial(serial)
                || key
                    .certificate
                    .as_ref()
                    .map(Certificate::serial_decimal)
                    .or_else(|| super::decimal(known))
                    .is_some_and(|decimal| decimal == serial)
        })
    };
    if let Some(key) = mine.clone().find(written_otherwise) {
        return Picked::Notation(key);
    }
    let other = keys
        .keys
        .iter()
        .any(|k| !of_role(&k) && k.serial.as_deref() == Some(serial));
    if other {
        return Picked::OtherSide;
    }
    match (mine.next(), mine.next()) {
        (Some(key), None) if key.serial.is_none() => Picked::Only(key),
        _ => Picked::Unknown,
    }
}

/// What the times say.
#[derive(Default, Clone, Copy)]
struct Clock {
    /// Signed time minus the time of the other side, when both are known.
    off: Option<i64>,
    judged: bool,
}

fn clock(canon: &Canon, now: Timestamp) -> Clock {
    let Ok(signed) = canon.timestamp.trim().parse::<i64>() else {
        return Clock::default();
    };
    let date = |pasted: &Pasted| {
        pasted
            .header("Date")
            .and_then(zf_channels::wechatpay::sign::http_date)
    };
    let other = date(&canon.pasted).or_else(|| canon.pasted.reply.as_deref().and_then(date));
    match other {
        Some(other) => Clock {
            off: Some(signed.saturating_sub(other)),
            judged: true,
        },
        // A message may be looked at days later; one from the future cannot be right.
        None => {
            let off = signed.saturating_sub(now.seconds());
            Clock {
                off: (off > -AGE_SECONDS_MAX).then_some(off),
                judged: off > -AGE_SECONDS_MAX,
            }
        }
    }
}

fn signature(canon: &Canon, keys: &KeySet, now: Timestamp) -> XrayReport {
    let clock = clock(canon, now);
    let picked = pick(canon, keys);
    let mut tries = Vec::new();
    let (finding, key) = judge(canon, keys, &picked, clock, now, &mut tries);
    let opened = (canon.mode == Mode::Notice && keys.api_v3_key.is_some())
        .then(|| resource_of(&canon.pasted.body).map(|r| open(&r, keys)))
        .flatten();
    // A notice whose signature is right may still not open.
    let mut finding = finding;
    let mut plaintext = None;
    if let Some(opened) = opened {
        if finding.cause == Cause::Valid && opened.cause != Cause::Opened {
            finding = Finding {
                params: opened.params.clone(),
                ..Finding::of(opened.cause)
            };
        }
        plaintext = opened.plaintext.clone();
        let checks = checks(
            key,
            keys,
            &finding,
            clock,
            &canon.pasted,
            Some(opened.cause),
        );
        return finish(canon, finding, checks, key, keys, tries, plaintext, clock);
    }
    let checks = checks(key, keys, &finding, clock, &canon.pasted, None);
    finish(canon, finding, checks, key, keys, tries, plaintext, clock)
}

#[allow(clippy::too_many_arguments, reason = "the parts of one report")]
fn finish(
    canon: &Canon,
    finding: Finding,
    checks: Vec<XrayCheck>,
    key: Option<&KnownKey>,
    keys: &KeySet,
    tries: Vec<XrayTry>,
    plaintext: Option<String>,
    clock: Clock,
) -> XrayReport {
    let bodies = canon.bodies();
    let pasted = canon.message(bodies.first().map_or(&canon.body[..], |b| b));
    let signed = finding.signed.clone();
    let known = signed.is_some() || matches!(finding.cause, Cause::Valid) || covered(&finding);
    let mut out = report(canon.mode, finding, checks, key, keys);
    out.lines = lines(canon.mode, signed.as_deref(), &pasted, known);
    out.difference = signed.as_deref().and_then(|signed| byte(signed, &pasted));
    out.bytes = u32::try_from(pasted.len()).unwrap_or(u32::MAX);
    let sm2 = canon.scheme == SM2_SCHEME;
    out.digest_algorithm = if sm2 { "SM3" } else { "SHA-256" }.to_owned();
    out.digest = match (sm2, key.map(|k| &k.key)) {
        (true, Some(PublicKey::Sm2(key))) => digest::hex_lower(&key.message_digest(&pasted)),
        (true, _) => digest::hex_lower(&digest::sm3(&pasted)),
        _ => digest::hex_lower(&digest::sha256(&pasted)),
    };
    out.tries = tries;
    out.plaintext = plaintext;
    out.clock_seconds = clock.off;
    out
}

/// Causes found beside a signature that is right.
const fn covered(finding: &Finding) -> bool {
    matches!(
        finding.cause,
        Cause::SerialUnknown
            | Cause::SerialIsPlatforms
            | Cause::SerialIsMerchants
            | Cause::SerialNotation
            | Cause::MerchantMismatch
            | Cause::AuthorizationFormat
            | Cause::ClockOff
            | Cause::KeyExpired
            | Cause::KeyNotYet
            | Cause::SerialHeaderMissing
            | Cause::SignatureUrlSafe
            | Cause::SignaturePlusLost
            | Cause::SignatureWrapped
    ) && finding.proven
}

/// The signature's bytes, and how its text had to be mended to get them.
fn decode(text: &str) -> Result<(Vec<u8>, Option<Cause>), Cause> {
    if text.trim().is_empty() {
        return Err(Cause::SignatureEmpty);
    }
    if text.starts_with(xray::PROBE) {
        return Err(Cause::SignatureProbe);
    }
    if let Ok(bytes) = BASE64.decode(text) {
        return Ok((bytes, None));
    }
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let pluses = text.trim().replace(' ', "+");
    let safe = dense.trim_end_matches('=').to_owned();
    if dense.contains(['-', '_'])
        && let Ok(bytes) = URL_SAFE_NO_PAD.decode(&safe)
    {
        return Ok((bytes, Some(Cause::SignatureUrlSafe)));
    }
    if let Ok(bytes) = BASE64.decode(&pluses)
        && pluses != text
    {
        return Ok((bytes, Some(Cause::SignaturePlusLost)));
    }
    if let Ok(bytes) = BASE64.decode(&dense)
        && dense != text
    {
        return Ok((bytes, Some(Cause::SignatureWrapped)));
    }
    Err(Cause::SignatureNotBase64)
}

fn judge<'a>(
    canon: &Canon,
    keys: &'a KeySet,
    picked: &Picked<'a>,
    clock: Clock,
    now: Timestamp,
    tries: &mut Vec<XrayTry>,
) -> (Finding, Option<&'a KnownKey>) {
    let at_header = |cause: Cause| Finding::of(cause).at(canon.header_line);
    let key = match picked {
        Picked::Named(key) | Picked::Notation(key) | Picked::Only(key) => Some(*key),
        Picked::OtherSide | Picked::Unknown => keys
            .keys
            .iter()
            .find(|k| k.role == canon.role() || k.role == Role::Given),
    };
    let (bytes, mended) = match decode(&canon.signature) {
        Ok(decoded) => decoded,
        Err(cause) => return (at_header(cause), key),
    };
    let stamp = canon.timestamp.trim();
    if stamp.is_empty() || !stamp.bytes().all(|b| b.is_ascii_digit()) {
        return (
            at_header(Cause::TimestampFormat).with("timestamp", stamp),
            key,
        );
    }
    let Some(first) = key else {
        let finding = match &keys.unreadable {
            Some(why) => Finding::of(Cause::KeyUnreadable)
                .with("detail", why)
                .unproven(),
            None if matches!(picked, Picked::OtherSide) => other_side(canon),
            None => Finding::of(Cause::KeyMissing).unproven(),
        };
        return (finding, None);
    };
    let wanted_sm2 = canon.scheme == SM2_SCHEME;
    if wanted_sm2 != matches!(first.key, PublicKey::Sm2(_))
        || (canon.scheme != SCHEME && !wanted_sm2)
    {
        let found = match first.key {
            PublicKey::Rsa(_) => "RSA",
            PublicKey::Sm2(_) => "SM2",
        };
        let finding = at_header(Cause::AlgorithmMismatch)
            .with("found", found)
            .with("wanted", &canon.scheme);
        return (finding, Some(first));
    }
    // Whoever's signature it is: the key named, or any other the desk knows.
    let bodies = canon.bodies();
    let asked = Asked::new(&first.key, &bytes);
    if bodies.iter().any(|body| asked.covers(&canon.message(body))) {
        return (
            beside(canon, keys, picked, first, mended, clock, now),
            Some(first),
        );
    }
    if stamp.len() == 13 && mended.is_none() {
        // Milliseconds are refused whatever was signed.
        tries.push(XrayTry {
            cause: Cause::TimestampMillis,
            matched: true,
        });
        return (
            at_header(Cause::TimestampMillis).with("timestamp", stamp),
            Some(first),
        );
    }
    let unreadable = matches!(asked.content(), Some(SignatureContent::Unreadable));
    let seconds_key = keys
        .keys
        .iter()
        .filter(|k| !std::ptr::eq(*k, first))
        .find(|k| {
            let asked = Asked::new(&k.key, &bytes);
            match asked.content() {
                Some(SignatureContent::Unreadable) => false,
                Some(SignatureContent::Digest { .. }) => true,
                None => bodies.iter().any(|body| asked.covers(&canon.message(body))),
            }
        });
    if let Some(other) = seconds_key.filter(|_| unreadable || asked.content().is_none()) {
        let serial = other.serial.clone().unwrap_or_else(|| "—".to_owned());
        let mut finding = match picked {
            Picked::OtherSide => other_side(canon),
            Picked::Unknown => at_header(Cause::SerialUnknown),
            _ => at_header(Cause::KeyOfAnother),
        };
        finding = finding
            .with("serial", serial)
            .with("named", canon.serial.clone().unwrap_or_default());
        tries.push(XrayTry {
            cause: finding.cause,
            matched: true,
        });
        return (finding, Some(other));
    }
    match asked.content() {
        Some(SignatureContent::Unreadable) => {
            let finding = if keys.paired == Some(false) && canon.mode == Mode::Request {
                at_header(Cause::KeyPairMismatch)
            } else {
                match picked {
                    Picked::OtherSide => other_side(canon),
                    Picked::Unknown if !keys.keys.is_empty() => at_header(Cause::SerialUnknown)
                        .with("serial", canon.serial.clone().unwrap_or_default()),
                    _ => at_header(Cause::WrongKey)
                        .with("serial", first.serial.clone().unwrap_or_default()),
                }
            };
            tries.push(XrayTry {
                cause: Cause::WrongKey,
                matched: true,
            });
            return (finding, Some(first));
        }
        Some(SignatureContent::Digest { algorithm, .. }) if *algorithm != "SHA-256" => {
            return (
                at_header(Cause::DigestAlgorithm).with("algorithm", algorithm),
                Some(first),
            );
        }
        _ => {}
    }
    for (cause, params, text) in likely(canon) {
        let matched = asked.covers(&text);
        if !tries.iter().any(|t: &XrayTry| t.cause == cause) {
            tries.push(XrayTry { cause, matched });
        } else if matched && let Some(t) = tries.iter_mut().find(|t| t.cause == cause) {
            t.matched = true;
        }
        if matched {
            let mut finding = Finding::of(cause).at(fault_line(canon, cause));
            finding.params.extend(params);
            finding.signed = Some(text);
            return (finding, Some(first));
        }
    }
    for body in &bodies {
        let message = canon.message(body);
        if let Some(text) = asked.one_byte_away(&message) {
            tries.push(XrayTry {
                cause: Cause::OneByte,
                matched: true,
            });
            let mut finding = Finding::of(Cause::OneByte);
            let line = xray::first_difference(&text, &message).map_or(1, |d| d.line);
            finding.fault_line = Some(paste_line(canon, line));
            finding.signed = Some(text);
            return (finding.with("line", line), Some(first));
        }
    }
    tries.push(XrayTry {
        cause: Cause::OneByte,
        matched: false,
    });
    let finding = if asked.content().is_some() {
        // The key is proven right: the signature opens with it.
        Finding::of(Cause::ContentDiffers)
    } else {
        Finding::of(Cause::CannotTell).unproven()
    };
    (finding, Some(first))
}

fn other_side(canon: &Canon) -> Finding {
    let cause = if canon.mode == Mode::Request {
        Cause::SerialIsPlatforms
    } else {
        Cause::SerialIsMerchants
    };
    Finding::of(cause)
        .with("serial", canon.serial.clone().unwrap_or_default())
        .at(canon.header_line)
}

/// What else can be wrong when the signature covers the message.
fn beside(
    canon: &Canon,
    keys: &KeySet,
    picked: &Picked<'_>,
    key: &KnownKey,
    mended: Option<Cause>,
    clock: Clock,
    now: Timestamp,
) -> Finding {
    let at_header = |cause: Cause| Finding::of(cause).at(canon.header_line);
    let serial = canon.serial.clone().unwrap_or_default();
    if let Some(cause) = mended {
        return at_header(cause);
    }
    if canon.timestamp.trim().len() == 13 {
        return at_header(Cause::TimestampMillis).with("timestamp", &canon.timestamp);
    }
    match picked {
        Picked::OtherSide => return other_side(canon),
        Picked::Notation(_) => {
            let wanted = key.serial.clone().unwrap_or_default();
            return at_header(Cause::SerialNotation)
                .with("serial", serial)
                .with("wanted", wanted);
        }
        Picked::Unknown => return at_header(Cause::SerialUnknown).with("serial", serial),
        Picked::Named(_) | Picked::Only(_) => {}
    }
    if let (Some(found), Some(wanted)) = (&canon.mchid, &keys.merchant_no)
        && found != wanted
    {
        return at_header(Cause::MerchantMismatch)
            .with("found", found)
            .with("wanted", wanted);
    }
    if canon.loose {
        return at_header(Cause::AuthorizationFormat).with("field", "spaces");
    }
    if let Some(off) = clock.off.filter(|off| off.abs() >= AGE_SECONDS_MAX) {
        return at_header(Cause::ClockOff)
            .with("seconds", off.abs())
            .with("minutes", off.abs() / 60);
    }
    // Judged at the time of the message: an old message was right with an old certificate.
    let at = canon.timestamp.parse().map_or(now, Timestamp::from_seconds);
    if let Some(end) = key.not_after.filter(|end| *end < at) {
        return Finding::of(Cause::KeyExpired).with("date", end.beijing_date());
    }
    if let Some(from) = key.not_before.filter(|from| *from > at) {
        return Finding::of(Cause::KeyNotYet).with("date", from.beijing_date());
    }
    if canon.mode == Mode::Request
        && let Some(id) = &keys.public_key_id
        && canon.pasted.header("Wechatpay-Serial").is_none()
    {
        return Finding::of(Cause::SerialHeaderMissing).with("serial", id);
    }
    Finding::of(Cause::Valid)
}

type Likely = (Cause, Vec<(String, String)>, Vec<u8>);

/// Every likely mistake, as the text it would have signed.
fn likely(canon: &Canon) -> Vec<Likely> {
    let mut all: Vec<Likely> = Vec::new();
    let mut push = |cause: Cause, text: Vec<u8>| all.push((cause, Vec::new(), text));
    let method = canon.method.to_ascii_uppercase();
    let (ts, nonce, url) = (canon.timestamp.as_str(), canon.nonce.as_str(), canon.url());
    let request = canon.mode == Mode::Request;
    let build = |method: &str, url: &str, ts: &str, nonce: &str, body: &[u8]| {
        if request {
            xray::request_message(method, url, ts, nonce, body)
        } else {
            xray::reply_message(ts, nonce, body)
        }
    };
    let bodies = canon.bodies();
    let body: &[u8] = bodies.first().map_or(&[], |b| b);
    let right = build(&method, url, ts, nonce, body);
    push(
        Cause::MissingFinalNewline,
        right[..right.len() - 1].to_vec(),
    );
    if request {
        if let Some((path, _)) = url.split_once('?') {
            push(
                Cause::UrlWithoutQuery,
                build(&method, path, ts, nonce, body),
            );
            for changed in forms::queries(url) {
                push(
                    Cause::QueryReordered,
                    build(&method, &changed, ts, nonce, body),
                );
            }
        }
        for host in [
            "https://api.mch.weixin.qq.com",
            "api.mch.weixin.qq.com",
            "https://api2.mch.weixin.qq.com",
        ] {
            push(
                Cause::UrlWithHost,
                build(&method, &format!("{host}{url}"), ts, nonce, body),
            );
        }
        if canon.target != url {
            push(
                Cause::UrlWithHost,
                build(&method, &canon.target, ts, nonce, body),
            );
        }
        push(
            Cause::UrlDecoded,
            build(&method, &forms::percent_decoded(url), ts, nonce, body),
        );
        for changed in forms::percent_encoded(url) {
            push(Cause::UrlEncoded, build(&method, &changed, ts, nonce, body));
        }
        if url.len() > 1 {
            let toggled = url
                .strip_suffix('/')
                .map_or_else(|| format!("{url}/"), str::to_owned);
            push(Cause::UrlSlash, build(&method, &toggled, ts, nonce, body));
        }
        push(
            Cause::MethodCase,
            build(&method.to_lowercase(), url, ts, nonce, body),
        );
        for other in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if other != method {
                push(Cause::MethodOther, build(other, url, ts, nonce, body));
            }
        }
        push(Cause::ReplyForm, xray::reply_message(ts, nonce, body));
        push(
            Cause::LineOrder,
            xray::request_message(&method, url, nonce, ts, body),
        );
        let json: [&[u8]; 4] = [b"{}", b"null", b"[]", b"\"\""];
        if body.is_empty() {
            for extra in json {
                push(Cause::BodyExtra, build(&method, url, ts, nonce, extra));
            }
        }
    } else {
        push(Cause::LineOrder, xray::reply_message(nonce, ts, body));
        for target in ["POST\n/", "GET\n/"] {
            push(
                Cause::RequestForm,
                [target.as_bytes(), b"\n", &right].concat(),
            );
        }
    }
    if !body.is_empty() {
        push(Cause::BodyMissing, build(&method, url, ts, nonce, b""));
    }
    push(
        Cause::BodyNewline,
        build(&method, url, ts, nonce, &[body, b"\n"].concat()),
    );
    push(
        Cause::BodyNewline,
        build(&method, url, ts, nonce, &[body, b"\r\n"].concat()),
    );
    push(
        Cause::BodyNewline,
        build(&method, url, ts, nonce, body.trim_ascii()),
    );
    push(
        Cause::BodyBom,
        build(
            &method,
            url,
            ts,
            nonce,
            &["\u{feff}".as_bytes(), body].concat(),
        ),
    );
    push(Cause::LinesCrlf, forms::crlf(&right));
    if body.contains(&b'\n') {
        push(
            Cause::BodyCrlf,
            build(&method, url, ts, nonce, &forms::crlf(body)),
        );
    }
    for changed in [nonce.to_lowercase(), nonce.to_uppercase()] {
        if changed != nonce {
            push(Cause::NonceCase, build(&method, url, ts, &changed, body));
        }
    }
    if let Ok(text) = std::str::from_utf8(body) {
        for (form, changed) in forms::rewritten(text) {
            all.push((
                Cause::BodyReserialized,
                vec![("form".to_owned(), form.to_owned())],
                build(&method, url, ts, nonce, changed.as_bytes()),
            ));
        }
    }
    // The time was taken twice, or written in another unit.
    if let Ok(seconds) = ts.trim().parse::<i64>() {
        let mut other = |signed: String| {
            all.push((
                Cause::TimestampOther,
                vec![("signed".to_owned(), signed.clone())],
                build(&method, url, &signed, nonce, body),
            ));
        };
        for millis in [
            seconds.saturating_mul(1000).to_string(),
            (seconds / 1000).to_string(),
        ] {
            other(millis);
        }
        for by in (1..=600).flat_map(|n| [n, -n]) {
            other(seconds.saturating_add(by).to_string());
        }
    }
    all
}

/// The line of the paste a cause is about.
fn fault_line(canon: &Canon, cause: Cause) -> usize {
    match cause {
        Cause::UrlWithoutQuery
        | Cause::UrlWithHost
        | Cause::UrlDecoded
        | Cause::UrlEncoded
        | Cause::UrlSlash
        | Cause::QueryReordered
        | Cause::MethodCase
        | Cause::MethodOther => canon.pasted.target_line,
        Cause::BodyReserialized
        | Cause::BodyMissing
        | Cause::BodyExtra
        | Cause::BodyNewline
        | Cause::BodyBom
        | Cause::BodyCrlf
        | Cause::MissingFinalNewline => canon.pasted.body_line,
        _ => canon.header_line,
    }
}

/// The line of the paste that holds a line of the signed text.
fn paste_line(canon: &Canon, line: usize) -> usize {
    let last = if canon.mode == Mode::Request { 5 } else { 3 };
    match line {
        1 | 2 if canon.mode == Mode::Request => canon.pasted.target_line,
        n if n >= last => canon.pasted.body_line + (n - last),
        _ => canon.header_line,
    }
}

/// A text cut into its signed lines; the last is the body, with its own line end.
fn split(text: &[u8], count: usize) -> Vec<&[u8]> {
    text.splitn(count, |b| *b == b'\n').collect()
}

/// The lines side by side, equal beginnings once.
fn lines(mode: Mode, signed: Option<&[u8]>, pasted: &[u8], known: bool) -> Vec<XrayLine> {
    let names: &[Line] = if mode == Mode::Request {
        &[
            Line::Method,
            Line::Url,
            Line::Timestamp,
            Line::Nonce,
            Line::Body,
        ]
    } else {
        &[Line::Timestamp, Line::Nonce, Line::Body]
    };
    let count = names.len();
    let mine = split(pasted, count);
    let theirs = signed.map(|text| split(text, count));
    let whole = |parts: &[&[u8]], at: usize| -> Vec<u8> {
        let Some(part) = parts.get(at) else {
            return Vec::new();
        };
        let mut line = part.to_vec();
        // All but the last were cut at a line end; the last carries its own.
        if at + 1 < parts.len() {
            line.push(b'\n');
        }
        line
    };
    names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let sent = whole(&mine, at);
            let other = theirs.as_ref().map(|parts| whole(parts, at));
            let base = other.as_ref().unwrap_or(&sent);
            let mut common = base.iter().zip(&sent).take_while(|(a, b)| a == b).count();
            while common > 0
                && !std::str::from_utf8(&sent[..common])
                    .is_ok_and(|_| boundary(base, common) && boundary(&sent, common))
            {
                common -= 1;
            }
            let same = other.as_ref().is_none_or(|o| *o == sent);
            let show = |bytes: &[u8]| cut_end(xray::visible(bytes).trim_end_matches('\n'));
            if same {
                return XrayLine {
                    name: *name,
                    common: show(&sent),
                    signed: String::new(),
                    sent: String::new(),
                    same: true,
                    known,
                };
            }
            XrayLine {
                name: *name,
                common: cut_start(&xray::visible(&sent[..common])),
                signed: show(&base[common..]),
                sent: show(&sent[common..]),
                same: false,
                known,
            }
        })
        .collect()
}

/// Whether a character begins at this byte.
fn boundary(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|b| b & 0xc0 != 0x80)
}

fn cut_end(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn cut_start(text: &str) -> String {
    let count = text.chars().count();
    if count <= COMMON_MAX {
        return text.to_owned();
    }
    let kept: String = text.chars().skip(count - COMMON_MAX).collect();
    format!("…{kept}")
}

/// The first differing byte with its neighbours in hexadecimal.
fn byte(signed: &[u8], pasted: &[u8]) -> Option<XrayByte> {
    const BEFORE: usize = 5;
    const AFTER: usize = 7;
    let difference = xray::first_difference(signed, pasted)?;
    let from = difference.offset.saturating_sub(BEFORE);
    let window = |text: &[u8]| -> Vec<String> {
        text[from.min(text.len())..text.len().min(difference.offset + AFTER)]
            .iter()
            .map(|b| format!("{b:02X}"))
            .collect()
    };
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let shown = |text: &[u8]| text.get(difference.offset).map(|b| format!("{b:02X}"));
    Some(XrayByte {
        offset: number(difference.offset),
        line: number(difference.line),
        column: number(difference.column),
        mark: number(difference.offset - from),
        signed_byte: shown(signed),
        sent_byte: shown(pasted),
        signed_hex: window(signed),
        sent_hex: window(pasted),
    })
}

fn key_view(key: &KnownKey) -> XrayKeyView {
    let algorithm = match &key.key {
        PublicKey::Rsa(key) => format!("RSA-{}", key.bits()),
        PublicKey::Sm2(_) => "SM2".to_owned(),
    };
    XrayKeyView {
        role: key.role,
        serial: key.serial.clone(),
        serial_decimal: key.serial.as_deref().and_then(super::decimal),
        algorithm,
        not_after: key.not_after,
    }
}

fn report(
    mode: Mode,
    finding: Finding,
    checks: Vec<XrayCheck>,
    key: Option<&KnownKey>,
    keys: &KeySet,
) -> XrayReport {
    let verdict = match finding.cause {
        Cause::Valid | Cause::Opened => Verdict::Good,
        _ if finding.proven => Verdict::Bad,
        _ => Verdict::Unknown,
    };
    XrayReport {
        mode,
        verdict,
        cause: finding.cause,
        proven: finding.proven,
        params: finding.params,
        fault_line: finding.fault_line.and_then(|n| u32::try_from(n).ok()),
        lines: Vec::new(),
        difference: None,
        bytes: 0,
        digest_algorithm: String::new(),
        digest: String::new(),
        key: key.map(key_view),
        private_key_sealed: keys.sealed,
        tries: Vec::new(),
        checks,
        plaintext: None,
        clock_seconds: None,
        millis: 0,
    }
}

const CHECKS: [Check; 12] = [
    Check::SerialKnown,
    Check::NotMixedUp,
    Check::NotExpired,
    Check::InForce,
    Check::ChainComplete,
    Check::RootTrusted,
    Check::PairMatches,
    Check::AlgorithmMatches,
    Check::EncodingSound,
    Check::UsageMatches,
    Check::NotRevoked,
    Check::ResourceOpens,
];

/// The twelve checks as healthy statements.
fn checks(
    key: Option<&KnownKey>,
    keys: &KeySet,
    finding: &Finding,
    clock: Clock,
    pasted: &Pasted,
    opened: Option<Cause>,
) -> Vec<XrayCheck> {
    use Outcome::{Failed, NotApplicable, Ok as Fine};
    let cause = finding.cause;
    let told = |bad: bool, judged: bool| match (bad, judged) {
        (true, _) => Failed,
        (false, true) => Fine,
        (false, false) => NotApplicable,
    };
    let certificate = key.and_then(|k| k.certificate.as_ref());
    let has_key = key.is_some();
    let chain = certificate
        .filter(|_| !keys.issuers.is_empty())
        .map(|leaf| {
            let mut present = leaf;
            keys.issuers.iter().all(|issuer| {
                let good = present.verify_signed_by(issuer).is_ok();
                present = issuer;
                good
            })
        });
    let self_signed = certificate.map(|c| c.issuer_der() == c.subject_der());
    // What the channel said of this very certificate.
    let said = pasted
        .reply
        .as_deref()
        .filter(|reply| reply.body.contains("SIGN_ERROR"))
        .map(|reply| {
            ["已作废", "已更换证书"]
                .iter()
                .any(|word| reply.body.contains(word))
        });
    let host = pasted.header("Host").map(str::to_owned).or_else(|| {
        let (_, rest) = pasted.target.as_deref()?.split_once("://")?;
        rest.split('/').next().map(str::to_owned)
    });
    let vendor_host = host.map(|h| {
        matches!(
            h.as_str(),
            "api.mch.weixin.qq.com" | "api2.mch.weixin.qq.com"
        )
    });
    let is_ca = certificate.is_some_and(Certificate::is_ca);
    let outcome = |name: Check| match name {
        Check::SerialKnown => told(
            matches!(cause, Cause::SerialUnknown | Cause::SerialNotation),
            has_key && key.is_some_and(|k| k.serial.is_some()),
        ),
        Check::NotMixedUp => told(
            matches!(
                cause,
                Cause::SerialIsPlatforms
                    | Cause::SerialIsMerchants
                    | Cause::KeyOfAnother
                    | Cause::WrongKey
            ),
            has_key,
        ),
        Check::NotExpired => told(
            cause == Cause::KeyExpired,
            key.is_some_and(|k| k.not_after.is_some()),
        ),
        Check::InForce => told(
            matches!(
                cause,
                Cause::ClockOff
                    | Cause::KeyNotYet
                    | Cause::TimestampMillis
                    | Cause::TimestampFormat
            ),
            clock.judged,
        ),
        Check::ChainComplete => told(chain == Some(false), chain.is_some()),
        // A root of the channel is not published; a certificate that vouches for itself is none.
        Check::RootTrusted => told(self_signed == Some(true), false),
        Check::PairMatches => told(
            cause == Cause::KeyPairMismatch || keys.paired == Some(false),
            keys.paired.is_some(),
        ),
        Check::AlgorithmMatches => told(
            matches!(
                cause,
                Cause::AlgorithmMismatch | Cause::DigestAlgorithm | Cause::SchemeUnknown
            ),
            has_key,
        ),
        Check::EncodingSound => told(
            matches!(
                cause,
                Cause::SignatureEmpty
                    | Cause::SignatureNotBase64
                    | Cause::SignatureUrlSafe
                    | Cause::SignaturePlusLost
                    | Cause::SignatureWrapped
                    | Cause::KeyUnreadable
            ),
            has_key && cause != Cause::SignatureProbe,
        ),
        Check::UsageMatches => told(is_ca, vendor_host == Some(true)),
        Check::NotRevoked => told(said == Some(true), said.is_some()),
        Check::ResourceOpens => told(opened.is_some_and(|c| c != Cause::Opened), opened.is_some()),
    };
    CHECKS
        .iter()
        .map(|name| XrayCheck {
            name: *name,
            outcome: outcome(*name),
        })
        .collect()
}

/// An encrypted resource as it stands in a notice or a list of certificates.
struct Resource {
    algorithm: String,
    nonce: String,
    aad: String,
    ciphertext: String,
}

fn resource_of(text: &str) -> Option<Resource> {
    let value: serde_json::Value = serde_json::from_str(text.trim()).ok()?;
    let found = value
        .get("resource")
        .or_else(|| value.get("encrypt_certificate"))
        .or_else(|| value.pointer("/data/0/encrypt_certificate"))
        .unwrap_or(&value);
    let field = |name: &str| {
        found
            .get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    found.get("ciphertext")?.as_str()?;
    Some(Resource {
        algorithm: field("algorithm"),
        nonce: field("nonce"),
        aad: field("associated_data"),
        ciphertext: field("ciphertext"),
    })
}

struct Opened {
    cause: Cause,
    params: BTreeMap<String, String>,
    plaintext: Option<String>,
}

/// Opens a resource, or finds out why it does not open.
fn open(resource: &Resource, keys: &KeySet) -> Opened {
    let told = |cause: Cause, params: &[(&str, String)]| Opened {
        cause,
        params: params
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.chars().take(80).collect()))
            .collect(),
        plaintext: None,
    };
    let Some(secret) = &keys.api_v3_key else {
        return told(Cause::ApiKeyMissing, &[]);
    };
    let key = secret.expose();
    let dense: String = resource
        .ciphertext
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let standard = BASE64.decode(&dense);
    let url_safe = URL_SAFE_NO_PAD.decode(dense.trim_end_matches('='));
    let Some(sealed) = standard.as_ref().ok().or(url_safe.as_ref().ok()) else {
        return told(Cause::CiphertextNotBase64, &[]);
    };
    let aes =
        |key: &[u8], nonce: &[u8], aad: &[u8]| aead::aes_gcm_open(key, nonce, aad, sealed).ok();
    let sm4 = |nonce: &[u8], aad: &[u8]| {
        aead::sm4_gcm_open(
            &aead::sm4_key_of_apiv3_key(key.trim().as_bytes()),
            nonce,
            aad,
            sealed,
        )
        .ok()
    };
    let (nonce, aad) = (resource.nonce.as_bytes(), resource.aad.as_bytes());
    let says_sm4 = resource.algorithm == "AEAD_SM4_GCM";
    let right = if says_sm4 {
        sm4(nonce, aad)
    } else {
        aes(key.as_bytes(), nonce, aad)
    };
    let plain = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(shown_plain(&text, keys.mask))
    };
    if let Some(bytes) = right {
        let cause = if standard.is_err() {
            Cause::CiphertextUrlSafe
        } else {
            Cause::Opened
        };
        return Opened {
            plaintext: plain(bytes),
            ..told(cause, &[])
        };
    }
    let trimmed = key.trim();
    if trimmed != key && aes(trimmed.as_bytes(), nonce, aad).is_some() {
        return told(Cause::ApiKeySpaces, &[]);
    }
    let found = if says_sm4 {
        aes(trimmed.as_bytes(), nonce, aad)
    } else {
        sm4(nonce, aad)
    };
    if found.is_some() {
        let other = if says_sm4 {
            "AEAD_AES_256_GCM"
        } else {
            "AEAD_SM4_GCM"
        };
        return told(
            Cause::AeadModeMixed,
            &[
                ("says", resource.algorithm.clone()),
                ("found", other.to_owned()),
            ],
        );
    }
    let k = trimmed.as_bytes();
    for other in ["", "certificate", "transaction", "refund"] {
        if aes(k, nonce, other.as_bytes()).is_some() {
            return told(
                Cause::AadWrong,
                &[
                    ("given", resource.aad.clone()),
                    ("wanted", other.to_owned()),
                ],
            );
        }
    }
    if aes(k, aad, nonce).is_some() {
        return told(Cause::NonceSwapped, &[]);
    }
    let encoded = [
        BASE64.encode(nonce),
        digest::hex_lower(nonce),
        resource.nonce.trim().to_owned(),
    ];
    if encoded.iter().any(|n| aes(k, n.as_bytes(), aad).is_some())
        || BASE64
            .decode(&resource.nonce)
            .is_ok_and(|raw| aes(k, &raw, aad).is_some())
    {
        return told(Cause::NonceEncoded, &[]);
    }
    if !matches!(trimmed.len(), 32) {
        return told(
            Cause::ApiKeyLength,
            &[("length", trimmed.len().to_string())],
        );
    }
    told(Cause::ApiKeyWrong, &[])
}

/// Fields of a payer that are hidden unless the key was brought along.
const PERSONAL: [&str; 10] = [
    "openid",
    "sp_openid",
    "sub_openid",
    "unionid",
    "payer_phone",
    "real_name",
    "user_name",
    "id_card",
    "name",
    "phone",
];

fn shown_plain(text: &str, mask: bool) -> String {
    let shown = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(mut value) => {
            if mask {
                hide(&mut value);
            }
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
        Err(_) => text.to_owned(),
    };
    match shown.char_indices().nth(PLAIN_MAX) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown,
    }
}

fn hide(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    serde_json::Value::String(text) if PERSONAL.contains(&name.as_str()) => {
                        let head: String = text.chars().take(2).collect();
                        *text = format!("{head}••••");
                    }
                    other => hide(other),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

fn decrypt(pasted: &Pasted, keys: &KeySet) -> XrayReport {
    let opened = resource_of(&pasted.body).map(|resource| open(&resource, keys));
    let (finding, cause, plaintext) = match opened {
        Some(opened) => {
            let unproven = matches!(opened.cause, Cause::ApiKeyMissing);
            let finding = Finding {
                params: opened.params,
                proven: !unproven,
                ..Finding::of(opened.cause)
            };
            (finding, Some(opened.cause), opened.plaintext)
        }
        None => (Finding::of(Cause::ResourceUnreadable), None, None),
    };
    let judged = cause.filter(|c| *c != Cause::ApiKeyMissing);
    let checks = checks(None, keys, &finding, Clock::default(), pasted, judged);
    let mut out = report(Mode::Decrypt, finding, checks, None, keys);
    out.plaintext = plaintext;
    out
}
