//! The signature X-ray: a pasted message, the keys of an account or keys pasted with it, and the one
//! cause why it is refused.
//!
//! Works without a network. What was pasted lives for the length of the call; the audit row says that
//! somebody looked, at what kind of message and with whose keys, and nothing of its content. The
//! account's private key is never used to sign anything here: an X-ray that signs would be a way round
//! the second person.

mod examples;
mod forms;
mod http;
mod judge;
#[cfg(test)]
mod tests;

use std::time::Instant;

use zf_crypto::cert::Certificate;
use zf_crypto::rsa::RsaSigningKey;
use zf_crypto::secret::Secret;
use zf_crypto::sm2::Sm2SigningKey;
use zf_crypto::xray::PublicKey;
use zf_domain::Timestamp;

use crate::accounts;
use crate::ctx::Ctx;
use crate::error::AppError;
pub(crate) use crate::keys::decimal;
use crate::wire::{XrayExample, XrayExampleRef, XrayInput, XrayKeyRole, XrayMode, XrayReport};
use judge::{KeySet, KnownKey};

/// Longest paste in bytes. A message of a channel has a few kilobytes.
const TEXT_MAX: usize = 64 * 1024;

pub(crate) async fn example(ctx: &Ctx, params: XrayExampleRef) -> Result<XrayExample, AppError> {
    let now = ctx.now;
    tokio::task::spawn_blocking(move || examples::make(params.name, now))
        .await
        .map_err(AppError::internal)?
}

pub(crate) async fn inspect(ctx: &Ctx, input: XrayInput) -> Result<XrayReport, AppError> {
    if input.text.len() > TEXT_MAX {
        return Err(AppError::bad("text", "64 KB 以内 / at most 64 KB"));
    }
    let begun = Instant::now();
    let XrayInput {
        mode,
        text,
        account_id,
        key_pem,
        key_serial,
        api_v3_key,
        example,
    } = input;
    let text = Secret::new(text);
    let pem = key_pem.filter(|p| !p.trim().is_empty()).map(Secret::new);
    let api_v3_key = api_v3_key.filter(|k| !k.trim().is_empty()).map(Secret::new);
    let (mut keys, object) = match (example, account_id) {
        (Some(_), _) => (examples::keys(ctx.now)?, "example".to_owned()),
        (None, Some(id)) => {
            let account = accounts::find(&ctx.app, id).await?;
            let number = account.merchant_no.clone();
            (of_account(ctx, &account).await?, number)
        }
        (None, None) => (KeySet::default(), "pasted".to_owned()),
    };
    if let Some(pem) = &pem {
        given(&mut keys, mode, pem, key_serial);
    }
    if api_v3_key.is_some() {
        keys.api_v3_key = api_v3_key;
        keys.mask = false;
    }
    let now = ctx.now;
    let mut report =
        tokio::task::spawn_blocking(move || judge::inspect(mode, text.expose(), &keys, now))
            .await
            .map_err(AppError::internal)?;
    report.millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let word = crate::facts::word(mode);
    let mut entry = ctx.audit("xray.inspect", "message", &format!("{word}/{object}"));
    entry.result = crate::facts::word(report.cause).to_owned();
    let mut tx = ctx.app.store().begin().await?;
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(report)
}

/// Everything public of one account, and of the others for mix-ups between merchant numbers.
async fn of_account(ctx: &Ctx, account: &accounts::Account) -> Result<KeySet, AppError> {
    let app = &ctx.app;
    let mut keys = KeySet {
        merchant_no: Some(account.merchant_no.clone()),
        public_key_id: account.public_key_id().map(str::to_owned),
        api_v3_key: accounts::api_v3_key(app, account.id).await.ok(),
        sealed: true,
        mask: true,
        ..KeySet::default()
    };
    let seen = app.store().seen_keys().await?;
    let mut all = accounts::all(app).await?;
    // The account asked about first: where a serial fits two, it is meant.
    all.sort_by_key(|other| other.id != account.id);
    for other in &all {
        let material = accounts::material(app, other).await;
        let mine = other.id == account.id;
        let public = material
            .own_public
            .clone()
            .or_else(|| material.certificate.as_ref().map(|c| c.spki_der().to_vec()));
        if mine {
            keys.paired = match (&material.certificate, &material.own_public) {
                (Some(certificate), Some(own)) => Some(certificate.spki_der() == own.as_slice()),
                _ => None,
            };
        }
        if let Some(key) = public.and_then(|der| PublicKey::from_spki_der(&der).ok()) {
            let times = material.certificate.as_ref();
            keys.keys.push(KnownKey {
                role: XrayKeyRole::Merchant,
                serial: Some(other.certificate_serial().to_owned()),
                key,
                not_before: times.map(|c| Timestamp::from_seconds(c.not_before())),
                not_after: other.certificate_expires_at(),
                certificate: material.certificate.clone(),
            });
        }
        let kept =
            seen.iter()
                .filter(|k| k.account_id == other.id)
                .map(|k| zf_channels::ChannelKey {
                    serial: k.serial.clone(),
                    not_before: k.not_before,
                    not_after: k.not_after,
                    spki_der: k.spki.clone(),
                });
        for channel_key in material.channel_keys.iter().cloned().chain(kept) {
            let known = keys
                .keys
                .iter()
                .any(|k| k.serial.as_deref() == Some(channel_key.serial.as_str()));
            if !known && let Ok(key) = PublicKey::from_spki_der(&channel_key.spki_der) {
                keys.keys.push(KnownKey {
                    role: XrayKeyRole::Platform,
                    serial: Some(channel_key.serial),
                    key,
                    not_before: channel_key.not_before,
                    not_after: channel_key.not_after,
                    certificate: None,
                });
            }
        }
    }
    Ok(keys)
}

/// Takes a pasted key: the first of a chain of certificates, a public key, or the public half of a
/// private one.
fn given(keys: &mut KeySet, mode: XrayMode, pem: &Secret<String>, serial: Option<String>) {
    let text = pem.expose();
    let serial = serial
        .map(|s| s.trim().to_owned())
        .filter(|s| !s.is_empty());
    let mut chain = Certificate::chain_from_pem(text).unwrap_or_default();
    let certificate = (!chain.is_empty()).then(|| chain.remove(0));
    keys.issuers = chain;
    let key = match &certificate {
        Some(certificate) => PublicKey::from_spki_der(certificate.spki_der()),
        None => PublicKey::from_pem(text).or_else(|first| {
            RsaSigningKey::from_pem(text)
                .map(|key| PublicKey::Rsa(key.public()))
                .or_else(|_| {
                    Sm2SigningKey::from_pem(text).map(|k| PublicKey::Sm2(Box::new(k.public())))
                })
                .map_err(|_| first)
        }),
    };
    let key = match key {
        Ok(key) => key,
        Err(error) => {
            // The texts of this error name kinds, never content.
            keys.unreadable = Some(error.to_string());
            return;
        }
    };
    let role = match (mode, keys.keys.is_empty()) {
        (_, true) => XrayKeyRole::Given,
        (XrayMode::Request, _) => XrayKeyRole::Merchant,
        _ => XrayKeyRole::Platform,
    };
    let known = KnownKey {
        role,
        serial: serial.or_else(|| certificate.as_ref().map(Certificate::serial_hex)),
        key,
        not_before: certificate
            .as_ref()
            .map(|c| Timestamp::from_seconds(c.not_before())),
        not_after: certificate
            .as_ref()
            .map(|c| Timestamp::from_seconds(c.not_after())),
        certificate,
    };
    keys.keys.insert(0, known);
}
