//! Private keys kept in the home, and the sandbox's own certificate authority.

use std::path::{Path, PathBuf};

use zf_crypto::cert::{self, Certificate, CertificateSpec, Name, SigningKey, Usage};
use zf_crypto::rsa::RsaSigningKey;

use crate::error::SandboxError;
use crate::journal::replace_file;
use crate::time::DAY;

/// Five years, the vendor's validity.
pub(crate) const VALIDITY_SECONDS: i64 = 1_826 * DAY;

/// Reads these keys, making the missing ones: RSA generation takes a moment, so each has a
/// thread of its own.
pub(crate) fn load_or_generate(paths: &[PathBuf]) -> Result<Vec<RsaSigningKey>, SandboxError> {
    std::thread::scope(|scope| {
        let running: Vec<_> = paths.iter().map(|path| scope.spawn(|| one(path))).collect();
        running
            .into_iter()
            .map(|thread| {
                thread.join().unwrap_or_else(|_| {
                    Err(SandboxError::Crypto {
                        action: "generating a key",
                        reason: "the thread stopped".to_owned(),
                    })
                })
            })
            .collect()
    })
}

fn one(path: &Path) -> Result<RsaSigningKey, SandboxError> {
    match std::fs::read_to_string(path) {
        Ok(text) => RsaSigningKey::from_pem(&text).map_err(SandboxError::crypto("reading a key")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key =
                RsaSigningKey::generate(2048).map_err(SandboxError::crypto("generating a key"))?;
            let pem = key
                .to_pem()
                .map_err(SandboxError::crypto("writing a key"))?;
            replace_file(path, pem.expose().as_bytes(), true)?;
            Ok(key)
        }
        Err(error) => Err(SandboxError::disk("reading", path)(error)),
    }
}

/// Reads a certificate, or makes and keeps it.
pub(crate) fn load_or_issue(
    path: &Path,
    make: impl FnOnce() -> Result<Certificate, zf_crypto::Error>,
) -> Result<Certificate, SandboxError> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            Certificate::from_pem(&text).map_err(SandboxError::crypto("reading a certificate"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let made = make().map_err(SandboxError::crypto("issuing a certificate"))?;
            replace_file(path, made.to_pem().as_bytes(), false)?;
            Ok(made)
        }
        Err(error) => Err(SandboxError::disk("reading", path)(error)),
    }
}

/// Twenty random bytes that print as 40 hexadecimal digits without a leading zero, which some
/// clients drop.
pub(crate) fn serial() -> Vec<u8> {
    let mut bytes = zf_crypto::random::bytes::<20>();
    bytes[0] = 0x10 | (bytes[0] & 0x6F);
    bytes.to_vec()
}

/// The authority that issues every certificate of one home.
pub(crate) struct Authority {
    pub(crate) certificate: Certificate,
    key: SigningKey,
}

impl Authority {
    /// `now` is the business clock when the home is new.
    pub(crate) fn open(home: &Path, key: RsaSigningKey, now: i64) -> Result<Self, SandboxError> {
        let key = SigningKey::Rsa(key);
        let certificate = load_or_issue(&home.join("ca.pem"), || {
            cert::self_signed(
                &key,
                &CertificateSpec {
                    subject: name("Zhangfang Sandbox Root CA (invented, for tests only)"),
                    serial: serial(),
                    not_before: now.min(system_now()) - 400 * DAY,
                    not_after: now.max(system_now()) + 2 * VALIDITY_SECONDS - 400 * DAY,
                    usage: Usage::Root,
                },
            )
        })?;
        Ok(Self { certificate, key })
    }

    pub(crate) fn issue(
        &self,
        subject: &RsaSigningKey,
        common_name: &str,
        not_before: i64,
        not_after: i64,
        usage: Usage,
    ) -> Result<Certificate, zf_crypto::Error> {
        cert::issue(
            &self.certificate,
            &self.key,
            &subject.public().to_spki_der(),
            &CertificateSpec {
                subject: name(common_name),
                serial: serial(),
                not_before,
                not_after,
                usage,
            },
        )
    }
}

fn name(common_name: &str) -> Name {
    Name {
        country: "CN".to_owned(),
        organization: "Zhangfang Sandbox".to_owned(),
        common_name: common_name.to_owned(),
    }
}

/// The system clock; certificates of the TLS server must be valid for real clients.
pub(crate) fn system_now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs() as i64)
}
