//! The keys WeChat Pay signs with, by the exact serial it names in its answers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zf_crypto::aead::aes_gcm_open;
use zf_crypto::cert::Certificate;
use zf_crypto::rsa::RsaVerifyingKey;
use zf_domain::Timestamp;

use super::wire;
use crate::channel::ChannelKey;
use crate::error::{PeerFault, Result};

#[derive(Clone)]
struct Entry {
    key: RsaVerifyingKey,
    /// Unix seconds; `None` for plain public keys.
    validity: Option<(i64, i64)>,
}

/// Serial → key. Both kinds stay side by side: while a merchant moves from certificates to the
/// public key, notices come with either.
#[derive(Clone, Default)]
pub struct KeyRing {
    entries: BTreeMap<String, Entry>,
}

impl KeyRing {
    /// A ring with one plain public key.
    #[must_use]
    pub fn with_public_key(id: String, key: RsaVerifyingKey) -> Self {
        let mut entries = BTreeMap::new();
        entries.insert(
            id,
            Entry {
                key,
                validity: None,
            },
        );
        Self { entries }
    }

    /// The key named `serial`, unless it is expired. WeChat Pay never signs with an expired one.
    #[must_use]
    pub fn verifying(&self, serial: &str, now: Timestamp) -> Option<&RsaVerifyingKey> {
        let entry = self.entries.get(serial)?;
        match entry.validity {
            Some((_, not_after)) if now.seconds() > not_after => None,
            _ => Some(&entry.key),
        }
    }

    /// The key to encrypt with: the plain public key, otherwise the newest valid certificate's.
    #[must_use]
    pub fn encrypting(&self, now: Timestamp) -> Option<(&str, &RsaVerifyingKey)> {
        self.entries
            .iter()
            .filter(|(_, e)| {
                e.validity
                    .is_none_or(|(from, to)| (from..=to).contains(&now.seconds()))
            })
            .max_by_key(|(_, e)| e.validity.map_or(i64::MAX, |(from, _)| from))
            .map(|(serial, e)| (serial.as_str(), &e.key))
    }

    /// This ring with its certificates replaced; plain public keys stay.
    #[must_use]
    pub fn with_certificates(
        &self,
        certificates: Vec<(String, Certificate, RsaVerifyingKey)>,
    ) -> Self {
        let mut entries: BTreeMap<_, _> = self
            .entries
            .iter()
            .filter(|(_, e)| e.validity.is_none())
            .map(|(s, e)| (s.clone(), e.clone()))
            .collect();
        for (serial, certificate, key) in certificates {
            let validity = Some((certificate.not_before(), certificate.not_after()));
            entries.insert(serial, Entry { key, validity });
        }
        Self { entries }
    }

    /// What is in the ring.
    #[must_use]
    pub fn list(&self) -> Vec<ChannelKey> {
        self.entries
            .iter()
            .map(|(serial, e)| ChannelKey {
                serial: serial.clone(),
                not_before: e.validity.map(|(from, _)| Timestamp::from_seconds(from)),
                not_after: e.validity.map(|(_, to)| Timestamp::from_seconds(to)),
                spki_der: e.key.to_spki_der(),
            })
            .collect()
    }
}

/// Opens the answer of `/v3/certificates`. That it opens with the APIv3 key is the anchor of trust.
///
/// # Errors
/// `BadJson`, `Undecryptable`.
pub(crate) fn open_certificates(
    body: &[u8],
    api_v3_key: &str,
) -> Result<Vec<(String, Certificate, RsaVerifyingKey)>> {
    let list: wire::Certificates = wire::read(body)?;
    let mut opened = Vec::with_capacity(list.data.len());
    for item in list.data {
        let sealed = item.encrypt_certificate;
        if sealed.algorithm != "AEAD_AES_256_GCM" {
            // An SM2 certificate beside the RSA ones: not for this client.
            continue;
        }
        let plain = open_resource(&sealed, api_v3_key, "platform certificate")?;
        let bad = |why: String| PeerFault::BadJson(format!("platform certificate: {why}"));
        let pem = String::from_utf8(plain).map_err(|_| bad("not text".to_owned()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|e| bad(e.to_string()))?;
        let same = |a: &str, b: &str| {
            a.trim_start_matches('0')
                .eq_ignore_ascii_case(b.trim_start_matches('0'))
        };
        if !same(&certificate.serial_hex(), &item.serial_no) {
            return Err(PeerFault::Mismatch {
                field: "serial_no",
                expected: item.serial_no,
                found: certificate.serial_hex(),
            }
            .into());
        }
        let key =
            RsaVerifyingKey::from_certificate(&certificate).map_err(|e| bad(e.to_string()))?;
        opened.push((item.serial_no, certificate, key));
    }
    Ok(opened)
}

/// Opens an AES-256-GCM resource: key, nonce and associated data are the bytes of their texts,
/// the tag stands at the end.
pub(crate) fn open_resource(
    sealed: &wire::Sealed,
    api_v3_key: &str,
    what: &'static str,
) -> Result<Vec<u8>> {
    let ciphertext = BASE64
        .decode(&sealed.ciphertext)
        .map_err(|_| PeerFault::BadJson(format!("{what}: ciphertext is not base64")))?;
    let aad = sealed.associated_data.as_deref().unwrap_or_default();
    let plain = aes_gcm_open(
        api_v3_key.as_bytes(),
        sealed.nonce.as_bytes(),
        aad.as_bytes(),
        &ciphertext,
    )
    .map_err(|_| PeerFault::Undecryptable(what))?;
    Ok(plain)
}
