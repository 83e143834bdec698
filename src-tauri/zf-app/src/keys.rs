//! Every key and certificate in use: how long each lasts, what stops when nothing is done, and a
//! rehearsal of a change through the code that verifies for real.
//!
//! Only public halves, serial numbers and dates leave this room.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zf_channels::wechatpay::{KeyRing, sign};
use zf_channels::{ChannelError, ChannelKey, Headers, Misuse, PeerFault};
use zf_crypto::cert::{Certificate, CertificateSpec, Name, SigningKey, Usage, self_signed};
use zf_crypto::digest;
use zf_crypto::rsa::{RsaSigningKey, RsaVerifyingKey};
use zf_domain::{AccountId, Clock as _, Timestamp};
use zf_store::keys::SeenKey;

use crate::accounts::{self, Account};
use crate::app::App;
use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire::{
    AccountRef, AuditRowView, KeyChangeSearch, KeyChanges, KeyConsequence, KeyKind, KeyList,
    KeyRow, KeyState, Nothing, Rehearsal, RehearsalCheck, RehearsalResult, RehearsalVerdict,
};
use crate::{audit, receipts};

/// The bands before an end: from here on a successor must be at hand …
pub(crate) const BAND_DAYS: i64 = 10;
/// … and from here on it must be able to work.
pub(crate) const URGENT_DAYS: i64 = 5;
/// From here on the word says that it is soon.
const SOON_DAYS: i64 = 30;
/// An APIv3 key never expires. A year is this program's advice, not the channel's rule.
const API_V3_KEY_DAYS: i64 = 365;
/// Where the last rehearsal of an account is kept.
const REHEARSAL: &str = "keys_rehearsal";
const PAGE_MAX: u32 = 200;

pub(crate) async fn list(ctx: &Ctx, _: Nothing) -> Result<KeyList, AppError> {
    let app = &ctx.app;
    let mut rows = Vec::new();
    let seen = app.store().seen_keys().await?;
    for account in accounts::all(app).await? {
        let material = accounts::material(app, &account).await;
        rows.extend(merchant_keys(&account, &material, ctx.now));
        rows.extend(channel_keys(
            &account,
            &seen,
            &material.channel_keys,
            ctx.now,
        ));
        rows.push(api_v3_key(&account, ctx.now));
    }
    rows.extend(receipt_keys(app, ctx.now).await?);
    let attention = count_attention(&rows);
    let mut rehearsals = Vec::new();
    for account in accounts::all(app).await? {
        if let Some(text) = app.store().meta(&rehearsal_name(account.id)).await?
            && let Ok(kept) = serde_json::from_str::<Rehearsal>(&text)
        {
            rehearsals.push(kept);
        }
    }
    Ok(KeyList {
        rows,
        attention,
        today: ctx.now.beijing_date(),
        now: ctx.now,
        vault_locked: app.vault().is_locked(),
        rehearsals,
    })
}

/// What the navigation counts: the rows that need somebody, judged without opening the vault.
pub(crate) async fn attention(app: &App, now: Timestamp) -> Result<u32, AppError> {
    let seen = app.store().seen_keys().await?;
    let mut rows = receipt_keys(app, now).await?;
    for account in accounts::all(app).await? {
        let material = accounts::public_material(&account);
        rows.extend(merchant_keys(&account, &material, now));
        rows.extend(channel_keys(&account, &seen, &material.channel_keys, now));
    }
    Ok(count_attention(&rows))
}

fn count_attention(rows: &[KeyRow]) -> u32 {
    let n = rows.iter().filter(|row| row.attention).count();
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Whole days of the calendar from today to the day of an end; negative once the end has passed.
fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    let days = end.beijing_date().days_since(now.beijing_date());
    if end < now {
        days.min(0) - i64::from(days >= 0)
    } else {
        days
    }
}

/// The word for a key that ends then.
fn state(end: Option<Timestamp>, now: Timestamp) -> KeyState {
    let Some(end) = end else {
        return KeyState::NoExpiry;
    };
    if end < now {
        return KeyState::Invalid;
    }
    match days_left(end, now) {
        days if days <= URGENT_DAYS => KeyState::DaysLeftUrgent,
        days if days <= SOON_DAYS => KeyState::DaysLeftSoon,
        _ => KeyState::DaysLeft,
    }
}

/// A row with its dates judged; the caller adds what else it knows.
fn row(
    kind: KeyKind,
    id: &str,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    consequence: KeyConsequence,
    now: Timestamp,
) -> KeyRow {
    let left = not_after.map(|end| days_left(end, now));
    KeyRow {
        key_id: id.to_owned(),
        kind,
        account: None,
        serial: None,
        serial_decimal: None,
        algorithm: String::new(),
        subject: None,
        issuer: None,
        fingerprint: None,
        not_before,
        not_after,
        suggested_at: None,
        since: None,
        last_seen_at: None,
        days_left: left,
        state: state(not_after, now),
        attention: left.is_some_and(|days| days <= BAND_DAYS),
        paired: None,
        consequence,
    }
}

fn with_certificate(mut row: KeyRow, certificate: &Certificate) -> KeyRow {
    row.serial = Some(certificate.serial_hex());
    row.serial_decimal = Some(certificate.serial_decimal());
    row.algorithm = certificate.key_kind().to_string();
    row.subject = Some(certificate.subject());
    row.issuer = Some(certificate.issuer());
    row.fingerprint = Some(digest::hex_lower(&certificate.fingerprint_sha256()));
    row
}

fn validity(certificate: &Certificate) -> (Option<Timestamp>, Option<Timestamp>) {
    (
        Some(Timestamp::from_seconds(certificate.not_before())),
        Some(Timestamp::from_seconds(certificate.not_after())),
    )
}

/// The merchant's certificate, and whether its private key belongs to it.
fn merchant_keys(
    account: &Account,
    material: &accounts::Material,
    now: Timestamp,
) -> Option<KeyRow> {
    let id = format!("{}/merchant_certificate", account.id);
    let consequence = KeyConsequence::EverythingStops;
    let certificate = material.certificate.as_ref();
    let mut made = match certificate {
        Some(certificate) => {
            let (from, to) = validity(certificate);
            with_certificate(
                row(
                    KeyKind::MerchantCertificate,
                    &id,
                    from,
                    to,
                    consequence,
                    now,
                ),
                certificate,
            )
        }
        // Connected by its serial number alone: when it ends is not known here.
        None => {
            let end = account.certificate_expires_at();
            let mut made = row(
                KeyKind::MerchantCertificate,
                &id,
                None,
                end,
                consequence,
                now,
            );
            made.serial = Some(account.certificate_serial().to_owned());
            made.algorithm = "RSA".to_owned();
            if end.is_none() {
                made.state = KeyState::EndUnknown;
            }
            made
        }
    };
    made.paired = match (certificate, &material.own_public) {
        (Some(certificate), Some(own)) => Some(certificate.spki_der() == own.as_slice()),
        _ => None,
    };
    if made.paired == Some(false) {
        made.state = KeyState::Invalid;
        made.attention = true;
    }
    made.account = Some(account.brief());
    made.since = Some(account.created_at());
    Some(made)
}

/// What the channel signs with: its public key, its certificates, or both during a change.
fn channel_keys(
    account: &Account,
    seen: &[SeenKey],
    open: &[ChannelKey],
    now: Timestamp,
) -> Vec<KeyRow> {
    let mut known: Vec<(ChannelKey, Option<Timestamp>, Option<Timestamp>)> = seen
        .iter()
        .filter(|key| key.account_id == account.id)
        .map(|key| {
            let plain = ChannelKey {
                serial: key.serial.clone(),
                not_before: key.not_before,
                not_after: key.not_after,
                spki_der: key.spki.clone(),
            };
            (plain, Some(key.first_seen_at), Some(key.last_seen_at))
        })
        .collect();
    for key in open {
        if !known.iter().any(|(have, ..)| have.serial == key.serial) {
            known.push((key.clone(), None, None));
        }
    }
    // The oldest first: an old certificate stands above its successor.
    known.sort_by_key(|(key, ..)| (key.not_before, key.serial.clone()));
    let in_force = |key: &ChannelKey| key.not_after.is_some_and(|end| end >= now);
    let certificates_in_force = known.iter().filter(|(key, ..)| in_force(key)).count();
    let newest = known
        .iter()
        .filter(|(key, ..)| in_force(key))
        .filter_map(|(key, ..)| key.not_before)
        .max();
    let mut rows = Vec::new();
    for (key, first, last) in &known {
        let plain = key.not_after.is_none();
        let kind = if plain {
            KeyKind::PlatformPublicKey
        } else {
            KeyKind::PlatformCertificate
        };
        let succeeded = !plain && certificates_in_force > 1 && key.not_before < newest;
        // With the public key at hand a certificate is the way of before.
        let by_public_key = account.public_key_id().is_some();
        let consequence = if plain || succeeded || by_public_key {
            KeyConsequence::Nothing
        } else {
            KeyConsequence::RepliesUnverified
        };
        let id = format!("{}/{}", account.id, key.serial);
        let mut made = row(kind, &id, key.not_before, key.not_after, consequence, now);
        made.algorithm = RsaVerifyingKey::from_spki_der(&key.spki_der)
            .map_or_else(|_| "—".to_owned(), |k| format!("RSA-{}", k.bits()));
        made.fingerprint = Some(digest::hex_lower(&digest::sha256(&key.spki_der)));
        made.serial_decimal = (!plain).then(|| decimal(&key.serial)).flatten();
        made.serial = Some(key.serial.clone());
        made.account = Some(account.brief());
        made.since = first.or(plain.then_some(account.created_at()));
        made.last_seen_at = *last;
        if !plain && certificates_in_force > 1 && key.not_before == newest {
            made.state = KeyState::Rotating;
        }
        made.attention &= plain || !by_public_key;
        // An expired certificate with a successor is history, no work.
        if !plain && made.attention && certificates_in_force > usize::from(in_force(key)) {
            made.attention = in_force(key);
            if !in_force(key) {
                made.consequence = KeyConsequence::Nothing;
            }
        }
        rows.push(made);
    }
    if rows.is_empty() && account.public_key_id().is_none() {
        let id = format!("{}/platform_certificate", account.id);
        let mut made = row(
            KeyKind::PlatformCertificate,
            &id,
            None,
            None,
            KeyConsequence::RepliesUnverified,
            now,
        );
        made.state = KeyState::EndUnknown;
        made.account = Some(account.brief());
        rows.push(made);
    }
    rows
}

/// A hexadecimal serial in decimal, as other channels and some tools print it.
pub(crate) fn decimal(hex: &str) -> Option<String> {
    let even = if hex.len().is_multiple_of(2) {
        hex.to_owned()
    } else {
        format!("0{hex}")
    };
    let mut digits = vec![0_u32];
    for byte in digest::hex_bytes(&even)? {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            let value = *digit * 256 + carry;
            *digit = value % 10;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    Some(
        digits
            .iter()
            .rev()
            .filter_map(|d| char::from_digit(*d, 10))
            .collect(),
    )
}

/// The APIv3 key has an age and an advice, no end.
fn api_v3_key(account: &Account, now: Timestamp) -> KeyRow {
    let id = format!("{}/api_v3_key", account.id);
    let since = account.created_at();
    let advised = since
        .beijing_date()
        .plus_days(API_V3_KEY_DAYS)
        .beijing_start();
    let mut made = row(
        KeyKind::ApiV3Key,
        &id,
        Some(since),
        None,
        KeyConsequence::NoticesSealed,
        now,
    );
    made.algorithm = "AES-256-GCM".to_owned();
    made.account = Some(account.brief());
    made.since = Some(since);
    made.suggested_at = Some(advised);
    made.days_left = Some(days_left(advised, now));
    if advised < now {
        made.state = KeyState::RotationAdvised;
    }
    made
}

/// The chain receipts are signed under: signer, issuing, root.
async fn receipt_keys(app: &App, now: Timestamp) -> Result<Vec<KeyRow>, AppError> {
    let chain = receipts::chain(app).await?;
    let last = chain.len().saturating_sub(1);
    Ok(chain
        .iter()
        .enumerate()
        .map(|(at, certificate)| {
            let kind = match at {
                0 => KeyKind::ReceiptSigner,
                _ if at == last => KeyKind::ReceiptRoot,
                _ => KeyKind::ReceiptIssuer,
            };
            let (from, to) = validity(certificate);
            let id = format!("desk/receipt/{}", certificate.serial_hex());
            let mut made = row(kind, &id, from, to, KeyConsequence::ReceiptsStop, now);
            made.since = from;
            with_certificate(made, certificate)
        })
        .collect())
}

/// Asks the channel for its present keys and keeps them.
pub(crate) async fn refresh(ctx: &Ctx, params: AccountRef) -> Result<KeyList, AppError> {
    let account = accounts::find(&ctx.app, params.account_id).await?;
    let client = accounts::channel(&ctx.app, &account.id).await?;
    let keys = client
        .refresh_keys()
        .await
        .map_err(|e| accounts::channel_error(&e, &account.merchant_no))?;
    remember(ctx, &account, &keys, true).await?;
    list(ctx, Nothing {}).await
}

/// Keeps the keys a channel gave. A key never seen before is a change, and audited as one.
///
/// # Errors
/// When the store fails.
pub(crate) async fn remember(
    ctx: &Ctx,
    account: &Account,
    keys: &[ChannelKey],
    asked: bool,
) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    let mut audited = false;
    for key in keys {
        let seen = SeenKey {
            account_id: account.id,
            serial: key.serial.clone(),
            not_before: key.not_before,
            not_after: key.not_after,
            spki: key.spki_der.clone(),
            first_seen_at: ctx.now,
            last_seen_at: ctx.now,
        };
        if tx.remember_key(&seen).await? {
            let mut entry = ctx.audit("keys.seen", "channel_key", &key.serial);
            entry.after_digest = Some(digest::hex_lower(&digest::sha256(&key.spki_der)));
            tx.audit(entry).await?;
            audited = true;
        }
    }
    if asked {
        tx.audit(ctx.audit("keys.refresh", "account", &account.merchant_no))
            .await?;
        audited = true;
    }
    if audited {
        tx.commit().await?
    } else {
        tx.commit_bookkeeping().await?
    }
    Ok(())
}

/// The change log of keys and certificates, newest first.
pub(crate) async fn changes(ctx: &Ctx, search: KeyChangeSearch) -> Result<KeyChanges, AppError> {
    let limit = search.limit.clamp(1, PAGE_MAX);
    let rows = ctx
        .app
        .store()
        .key_changes(search.before_seq, limit)
        .await?;
    let next_before_seq =
        (rows.len() == limit as usize).then(|| rows.last().map_or(0, |row| row.seq));
    let rows: Vec<AuditRowView> = rows.into_iter().map(audit::view).collect();
    Ok(KeyChanges {
        rows,
        next_before_seq,
    })
}

fn rehearsal_name(account_id: AccountId) -> String {
    format!("{REHEARSAL}/{account_id}")
}

/// Runs through a change of certificates with messages signed for the purpose: the code that verifies
/// every reply judges them, and nothing leaves this machine.
pub(crate) async fn rehearse(ctx: &Ctx, params: AccountRef) -> Result<Rehearsal, AppError> {
    let account = accounts::find(&ctx.app, params.account_id).await?;
    let now = ctx.now;
    let results = tokio::task::spawn_blocking(move || run_rehearsal(now))
        .await
        .map_err(AppError::internal)??;
    let rehearsal = Rehearsal {
        account_id: account.id,
        at: ctx.now,
        passed: results.iter().all(|r| r.found == r.wanted),
        results,
    };
    let mut tx = ctx.app.store().begin().await?;
    let text = serde_json::to_string(&rehearsal).map_err(AppError::internal)?;
    tx.set_meta(&rehearsal_name(account.id), &text).await?;
    let mut entry = ctx.audit("keys.rehearse", "account", &account.merchant_no);
    if !rehearsal.passed {
        entry.result = "failed".to_owned();
    }
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(rehearsal)
}

/// Two certificates with an overlap, and a plain key: what a change of keys looks like.
struct Stage {
    old: RsaSigningKey,
    new: RsaSigningKey,
}

/// Made once for each run of the program: an RSA key takes a moment.
fn stage() -> Result<&'static Stage, AppError> {
    static MADE: OnceLock<Option<Stage>> = OnceLock::new();
    MADE.get_or_init(|| {
        Some(Stage {
            old: RsaSigningKey::generate(2048).ok()?,
            new: RsaSigningKey::generate(2048).ok()?,
        })
    })
    .as_ref()
    .ok_or_else(|| AppError::internal("rehearsal keys could not be made"))
}

/// Two throw-away RSA keys of this run of the program, for rehearsals and examples.
pub(crate) fn throwaway() -> Result<(&'static RsaSigningKey, &'static RsaSigningKey), AppError> {
    stage().map(|stage| (&stage.old, &stage.new))
}

/// A certificate made for a demonstration.
pub(crate) fn throwaway_certificate(
    key: &RsaSigningKey,
    common_name: &str,
    first_byte: u8,
    not_before: i64,
    not_after: i64,
) -> Result<Certificate, AppError> {
    let pem = key.to_pem().map_err(AppError::internal)?;
    let signing =
        SigningKey::Rsa(RsaSigningKey::from_pem(pem.expose()).map_err(AppError::internal)?);
    let mut serial = zf_crypto::random::bytes::<20>().to_vec();
    serial[0] = first_byte;
    self_signed(
        &signing,
        &CertificateSpec {
            subject: Name {
                country: "CN".to_owned(),
                organization: "Zhangfang rehearsal".to_owned(),
                common_name: common_name.to_owned(),
            },
            serial,
            not_before,
            not_after,
            usage: Usage::Signer,
        },
    )
    .map_err(AppError::internal)
}

const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_REHEARSAL";
const BODY: &str = r#"{"id":"rehearsal","event_type":"TRANSACTION.SUCCESS","summary":"rehearsal"}"#;

fn run_rehearsal(now: Timestamp) -> Result<Vec<RehearsalResult>, AppError> {
    use RehearsalCheck as C;
    use RehearsalVerdict::{Accepted, Refused};
    const DAY: i64 = 86_400;
    let stage = stage()?;
    let at = now.seconds();
    let old_end = at + 9 * DAY;
    let old = throwaway_certificate(&stage.old, "old", 0x51, at - 360 * DAY, old_end)?;
    let new = throwaway_certificate(&stage.new, "new", 0x62, at - DAY, at + 1_800 * DAY)?;
    let (old_serial, new_serial) = (old.serial_hex(), new.serial_hex());
    let public = |key: &RsaSigningKey| RsaVerifyingKey::from_spki_der(&key.public().to_spki_der());
    let ring = KeyRing::with_public_key(
        PUBLIC_KEY_ID.to_owned(),
        public(&stage.new).map_err(AppError::internal)?,
    )
    .with_certificates(vec![
        (
            old_serial.clone(),
            old,
            public(&stage.old).map_err(AppError::internal)?,
        ),
        (
            new_serial.clone(),
            new,
            public(&stage.new).map_err(AppError::internal)?,
        ),
    ]);
    let judge = |key: &RsaSigningKey, serial: &str, signed_at: i64, body: &str, clock: i64| {
        let nonce = zf_crypto::random::alphanumeric(32);
        let message = sign::reply_message(&signed_at.to_string(), &nonce, BODY.as_bytes());
        let signature = key.sign_sha256(&message).map_err(AppError::internal)?;
        let headers = Headers(vec![
            ("Wechatpay-Timestamp".to_owned(), signed_at.to_string()),
            ("Wechatpay-Nonce".to_owned(), nonce),
            ("Wechatpay-Signature".to_owned(), BASE64.encode(signature)),
            ("Wechatpay-Serial".to_owned(), serial.to_owned()),
            (
                "Wechatpay-Signature-Type".to_owned(),
                sign::SCHEME.to_owned(),
            ),
        ]);
        let judged = sign::verify(
            &headers,
            body.as_bytes(),
            Timestamp::from_seconds(clock),
            &ring,
        );
        Ok::<_, AppError>(judged)
    };
    let accepted = |judged: &Result<(), ChannelError>| match judged {
        Ok(()) => Accepted,
        Err(_) => Refused,
    };
    // A refusal counts only when it is for the reason rehearsed.
    let refused_for =
        |judged: &Result<(), ChannelError>, right: fn(&ChannelError) -> bool| match judged {
            Err(why) if right(why) => Refused,
            Err(_) => RehearsalVerdict::OtherReason,
            Ok(()) => Accepted,
        };
    let bad_signature = |e: &ChannelError| {
        matches!(
            e,
            ChannelError::PeerMisbehaved(PeerFault::BadSignature { .. })
        )
    };
    let off_clock = |e: &ChannelError| {
        matches!(
            e,
            ChannelError::PeerMisbehaved(PeerFault::StaleReply { .. })
                | ChannelError::Misuse(Misuse::ClockSkew { .. })
        )
    };
    let unknown = |e: &ChannelError| {
        matches!(
            e,
            ChannelError::PeerMisbehaved(PeerFault::UnknownSerial { .. })
        )
    };
    let after = old_end + 1;
    let tampered = BODY.replace("SUCCESS", "SUCCES5");
    let old_late = refused_for(
        &judge(&stage.old, &old_serial, after, BODY, after)?,
        unknown,
    );
    let new_late = accepted(&judge(&stage.new, &new_serial, after, BODY, after)?);
    let results = [
        (
            C::OldCertificate,
            accepted(&judge(&stage.old, &old_serial, at, BODY, at)?),
            Accepted,
        ),
        (
            C::NewCertificate,
            accepted(&judge(&stage.new, &new_serial, at, BODY, at)?),
            Accepted,
        ),
        (
            C::PublicKey,
            accepted(&judge(&stage.new, PUBLIC_KEY_ID, at, BODY, at)?),
            Accepted,
        ),
        (
            C::WrongSignature,
            refused_for(
                &judge(&stage.old, &old_serial, at, &tampered, at)?,
                bad_signature,
            ),
            Refused,
        ),
        (
            C::ClockOff,
            refused_for(
                &judge(&stage.old, &old_serial, at + 360, BODY, at)?,
                off_clock,
            ),
            Refused,
        ),
        (
            C::AfterExpiry,
            if new_late == Accepted {
                old_late
            } else {
                RehearsalVerdict::OtherReason
            },
            Refused,
        ),
    ];
    Ok(results
        .into_iter()
        .map(|(check, found, wanted)| RehearsalResult {
            check,
            found,
            wanted,
        })
        .collect())
}

/// What the timer's refresh found, kept for the list. Failing to keep it loses nothing but a date.
pub(crate) async fn remember_all(app: &App) {
    let mut ctx = Ctx::timer(app);
    ctx.now = app.clock().now();
    let Ok(accounts) = accounts::all(app).await else {
        return;
    };
    for account in accounts {
        let keys = accounts::material(app, &account).await.channel_keys;
        if !keys.is_empty()
            && let Err(error) = remember(&ctx, &account, &keys, false).await
        {
            tracing::warn!(%error, "channel keys not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days are those of the calendar in Beijing, and the word follows the bands.
    #[test]
    fn words_follow_the_days_left() {
        use KeyState as S;
        // 2026-11-20 09:42 in Beijing.
        let now = Timestamp::parse_rfc3339("2026-11-20T01:42:00Z").unwrap();
        for (end, days, word) in [
            ("2026-11-29T15:59:59Z", 9, S::DaysLeftSoon),
            ("2026-11-25T00:00:00Z", 5, S::DaysLeftUrgent),
            ("2026-11-26T00:00:00Z", 6, S::DaysLeftSoon),
            ("2026-11-20T02:00:00Z", 0, S::DaysLeftUrgent),
            ("2026-11-20T01:41:00Z", -1, S::Invalid),
            ("2026-11-18T01:41:00Z", -2, S::Invalid),
            ("2026-12-20T00:00:00Z", 30, S::DaysLeftSoon),
            ("2026-12-21T00:00:00Z", 31, S::DaysLeft),
        ] {
            let end = Timestamp::parse_rfc3339(end).unwrap();
            assert_eq!(
                (days_left(end, now), state(Some(end), now)),
                (days, word),
                "{end}"
            );
        }
        assert_eq!(state(None, now), S::NoExpiry);
    }

    #[test]
    fn serials_have_both_notations() {
        for (hex, wanted) in [("FF", "255"), ("0100", "256"), ("1", "1"), ("00", "0")] {
            assert_eq!(decimal(hex).as_deref(), Some(wanted));
        }
        assert_eq!(decimal("PUB_KEY_ID_1"), None);
    }

    /// The code that verifies replies accepts and refuses what it should.
    #[test]
    fn the_rehearsal_holds() {
        for result in run_rehearsal(Timestamp::from_seconds(1_795_138_924)).unwrap() {
            assert_eq!(result.found, result.wanted, "{:?}", result.check);
        }
    }
}
