//! The merchant account: who it is, its keys, WeChat Pay's keys, and the credentials directory.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zf_crypto::cert::{Certificate, Usage};
use zf_crypto::rsa::{RsaSigningKey, RsaVerifyingKey};

use super::settings::KeyMode;
use crate::error::SandboxError;
use crate::journal::replace_file;
use crate::keys::{self, Authority, VALIDITY_SECONDS};
use crate::rng::Rng;
use crate::time::DAY;

/// An obviously invented company.
pub(crate) const MERCHANT_NAME: &str = "示例茶饮（虚构）有限公司";
/// What the balance is when the history begins: 20,000.00 yuan.
const OPENING_BALANCE: i64 = 2_000_000;

/// What is fixed when a home is made. The APIv3 key is inside, so the file is private.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) seed: u64,
    pub(crate) days: u32,
    pub(crate) orders_per_day: u32,
    pub(crate) mchid: String,
    pub(crate) appid: String,
    pub(crate) merchant_name: String,
    pub(crate) apiv3_key: String,
    pub(crate) public_key_id: String,
    pub(crate) opening_balance: i64,
    /// Serial numbers of the platform certificates `/v3/certificates` lists, oldest first.
    pub(crate) platform: Vec<String>,
    /// The one of them that signs.
    pub(crate) signing: String,
}

/// One of WeChat Pay's certificates with its key.
pub(crate) struct PlatformKey {
    pub(crate) certificate: Certificate,
    pub(crate) serial: String,
    key: RsaSigningKey,
}

/// Which key proves an answer or a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prover {
    PublicKey,
    Certificate,
}

pub(crate) struct Account {
    pub(crate) identity: Identity,
    pub(crate) merchant_certificate: Certificate,
    pub(crate) merchant_serial: String,
    pub(crate) merchant_public: RsaVerifyingKey,
    merchant_key: RsaSigningKey,
    public_key: RsaSigningKey,
    platform: Vec<PlatformKey>,
    directory: PathBuf,
}

/// The key files a new home needs, to be made in parallel with others.
pub(crate) fn key_paths(directory: &Path) -> [PathBuf; 3] {
    ["merchant_key.pem", "public_key.pem", "platform_key.pem"].map(|name| directory.join(name))
}

/// The identity of a new home. Numbers follow the seed, secrets do not.
pub(crate) fn new_identity(seed: u64, days: u32, orders_per_day: u32) -> Identity {
    let mut rng = Rng::new(seed, 0x1D);
    let mchid = format!("19{:08}", rng.below(100_000_000));
    let digits = rng.below(10_000_000_000_000_000);
    Identity {
        seed,
        days,
        orders_per_day,
        appid: format!("wx{:016x}", rng.next()),
        merchant_name: MERCHANT_NAME.to_owned(),
        apiv3_key: zf_crypto::random::alphanumeric(32),
        public_key_id: format!("PUB_KEY_ID_01{mchid}{digits:016}"),
        mchid,
        opening_balance: OPENING_BALANCE,
        platform: Vec::new(),
        signing: String::new(),
    }
}

impl Account {
    /// Reads the identity of an existing home.
    pub(crate) fn identity(directory: &Path) -> Result<Option<Identity>, SandboxError> {
        let path = directory.join("identity.json");
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                SandboxError::DamagedHome {
                    path,
                    line: error.line(),
                    reason: error.to_string(),
                }
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SandboxError::disk("reading", path)(error)),
        }
    }

    /// Puts the account together from its identity and the keys of [`key_paths`].
    pub(crate) fn open(
        directory: &Path,
        mut identity: Identity,
        keys: [RsaSigningKey; 3],
        authority: &Authority,
        now: i64,
    ) -> Result<Self, SandboxError> {
        let [merchant_key, public_key, first_platform] = keys;
        let merchant_certificate =
            keys::load_or_issue(&directory.join("merchant_cert.pem"), || {
                let from = now - 390 * DAY;
                authority.issue(
                    &merchant_key,
                    &format!("{} {}", identity.mchid, identity.merchant_name),
                    from,
                    from + VALIDITY_SECONDS,
                    Usage::Signer,
                )
            })?;
        let first = keys::load_or_issue(&directory.join("platform_cert.pem"), || {
            let from = now - 390 * DAY;
            issue_platform(authority, &first_platform, from)
        })?;
        if identity.platform.is_empty() {
            identity.platform.push(first.serial_hex());
            identity.signing = first.serial_hex();
        }
        let mut account = Self {
            merchant_serial: merchant_certificate.serial_hex(),
            merchant_public: merchant_key.public(),
            merchant_certificate,
            merchant_key,
            public_key,
            platform: vec![PlatformKey {
                serial: first.serial_hex(),
                certificate: first,
                key: first_platform,
            }],
            directory: directory.to_owned(),
            identity,
        };
        for serial in account.identity.platform.clone() {
            if account.platform.iter().all(|known| known.serial != serial) {
                let key_path = account.platform_path(&serial, "key");
                let mut keys = keys::load_or_generate(&[key_path])?;
                let certificate =
                    keys::load_or_issue(&account.platform_path(&serial, "cert"), || {
                        Err(zf_crypto::Error::Internal(
                            "finding a rotated platform certificate",
                        ))
                    })?;
                let key = keys.remove(0);
                account.platform.push(PlatformKey {
                    certificate,
                    serial,
                    key,
                });
            }
        }
        account.save()?;
        Ok(account)
    }

    fn platform_path(&self, serial: &str, what: &str) -> PathBuf {
        self.directory.join(format!("platform_{what}_{serial}.pem"))
    }

    fn save(&self) -> Result<(), SandboxError> {
        let text = serde_json::to_string_pretty(&self.identity).expect("plain text serialises");
        replace_file(&self.directory.join("identity.json"), text.as_bytes(), true)
    }

    /// Makes the successor of the newest platform certificate and lists it beside the old ones.
    pub(crate) fn add_platform(
        &mut self,
        authority: &Authority,
        now: i64,
    ) -> Result<String, SandboxError> {
        let key =
            RsaSigningKey::generate(2048).map_err(SandboxError::crypto("generating a key"))?;
        let certificate = issue_platform(authority, &key, now)
            .map_err(SandboxError::crypto("issuing a certificate"))?;
        let serial = certificate.serial_hex();
        let pem = key
            .to_pem()
            .map_err(SandboxError::crypto("writing a key"))?;
        replace_file(
            &self.platform_path(&serial, "key"),
            pem.expose().as_bytes(),
            true,
        )?;
        replace_file(
            &self.platform_path(&serial, "cert"),
            certificate.to_pem().as_bytes(),
            false,
        )?;
        self.platform.push(PlatformKey {
            certificate,
            serial: serial.clone(),
            key,
        });
        self.identity.platform.push(serial.clone());
        self.save()?;
        Ok(serial)
    }

    /// Lets the newest listed certificate sign.
    pub(crate) fn switch_platform(&mut self) -> Result<String, SandboxError> {
        let newest =
            self.identity.platform.last().cloned().ok_or_else(|| {
                SandboxError::Refused("no platform certificate is listed".to_owned())
            })?;
        self.identity.signing.clone_from(&newest);
        self.save()?;
        Ok(newest)
    }

    /// Takes every certificate but the signing one off the list.
    pub(crate) fn retire_platform(&mut self) -> Result<(), SandboxError> {
        let signing = self.identity.signing.clone();
        self.identity.platform.retain(|serial| *serial == signing);
        self.save()
    }

    /// The certificates `/v3/certificates` gives, oldest first.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &PlatformKey> {
        self.platform
            .iter()
            .filter(|key| self.identity.platform.contains(&key.serial))
    }

    fn signing(&self) -> &PlatformKey {
        self.platform
            .iter()
            .find(|key| key.serial == self.identity.signing)
            .unwrap_or(&self.platform[0])
    }

    /// The prover an answer must use: the one the request names, as far as the mode has it.
    pub(crate) fn prover(&self, mode: KeyMode, named: Option<&str>) -> Prover {
        match mode {
            KeyMode::PublicKey => Prover::PublicKey,
            KeyMode::Certificate => Prover::Certificate,
            KeyMode::Both if named == Some(self.identity.public_key_id.as_str()) => {
                Prover::PublicKey
            }
            KeyMode::Both => Prover::Certificate,
        }
    }

    /// The serial and the base64 signature over `message`.
    pub(crate) fn sign(
        &self,
        prover: Prover,
        message: &[u8],
    ) -> Result<(String, Vec<u8>), SandboxError> {
        let (serial, key) = match prover {
            Prover::PublicKey => (&self.identity.public_key_id, &self.public_key),
            Prover::Certificate => (&self.signing().serial, &self.signing().key),
        };
        let signature = key
            .sign_sha256(message)
            .map_err(SandboxError::crypto("signing"))?;
        Ok((serial.clone(), signature))
    }

    /// Decrypts a field that a request sealed for the key it names. `None`: no such key;
    /// `Some(None)`: the key does not open it.
    pub(crate) fn open_field(&self, serial: &str, sealed: &[u8]) -> Option<Option<Vec<u8>>> {
        let key = if serial == self.identity.public_key_id {
            &self.public_key
        } else {
            &self.listed().find(|key| key.serial == serial)?.key
        };
        Some(key.decrypt_oaep_sha1(sealed).ok())
    }

    /// Writes the credentials as a merchant downloads them from the vendor.
    pub(crate) fn export(
        &self,
        directory: &Path,
        mode: KeyMode,
        base_url: &str,
        notify_url: &str,
    ) -> Result<(), SandboxError> {
        std::fs::create_dir_all(directory).map_err(SandboxError::disk("creating", directory))?;
        let key = self
            .merchant_key
            .to_pem()
            .map_err(SandboxError::crypto("writing a key"))?;
        let certificate = self.merchant_certificate.to_pem();
        let account = serde_json::json!({
            "channel": "wechat_pay",
            "merchant_name": self.identity.merchant_name,
            "mchid": self.identity.mchid,
            "appid": self.identity.appid,
            "merchant_certificate_serial": self.merchant_serial,
            "apiv3_key": self.identity.apiv3_key,
            "public_key_id": self.identity.public_key_id,
            "platform_certificate_serial": self.signing().serial,
            "mode": mode,
            "notify_url": notify_url,
            "base_url": base_url,
        });
        let account = serde_json::to_string_pretty(&account).expect("plain text serialises");
        for (name, text, secret) in [
            ("apiclient_key.pem", key.expose().as_str(), true),
            ("apiclient_cert.pem", &certificate, false),
            (
                "platform_cert.pem",
                &self.signing().certificate.to_pem(),
                false,
            ),
            (
                "pub_key.pem",
                &self.public_key.public().to_spki_pem(),
                false,
            ),
            ("account.json", &account, true),
        ] {
            replace_file(&directory.join(name), text.as_bytes(), secret)?;
        }
        Ok(())
    }
}

fn issue_platform(
    authority: &Authority,
    key: &RsaSigningKey,
    from: i64,
) -> Result<Certificate, zf_crypto::Error> {
    authority.issue(
        key,
        "Zhangfang Sandbox platform certificate",
        from,
        from + VALIDITY_SECONDS,
        Usage::Signer,
    )
}
