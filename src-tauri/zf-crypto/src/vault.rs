//! Secrets at rest: a data key seals each secret, a passphrase (or the system keychain) keeps the
//! data key.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::{aead, random};

/// First byte of everything sealed, so that a later format can be told apart.
const FORMAT: u8 = 1;
const NONCE_LEN: usize = 12;

/// Key-derivation cost of new wrapped keys.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// The key every stored secret is sealed with (AES-256-GCM). Wiped when dropped; never printed.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl DataKey {
    /// A new random key.
    pub fn generate() -> Self {
        Self(Zeroizing::new(random::bytes()))
    }

    /// From 32 bytes kept elsewhere, such as the system keychain.
    ///
    /// # Errors
    /// `Length` for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        <[u8; 32]>::try_from(bytes)
            .map(|key| Self(Zeroizing::new(key)))
            .map_err(|_| Error::Length {
                what: "the data key",
                found: bytes.len(),
                wanted: "32 are taken",
            })
    }

    /// The key for keeping elsewhere, such as the system keychain.
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        Secret::new(self.0.to_vec())
    }

    /// Seals a secret. `purpose` says what it is (for example `channel-key/17`): it is bound to
    /// the result, so that one stored secret cannot be put in the place of another.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = random::bytes::<NONCE_LEN>();
        let body = aead::aes_gcm_seal(self.0.as_slice(), &nonce, purpose.as_bytes(), plain)
            .expect("a 32-byte key and a 12-byte nonce are taken");
        [&[FORMAT][..], &nonce, &body].concat()
    }

    /// Opens what [`DataKey::seal`] sealed for the same purpose.
    ///
    /// # Errors
    /// `Malformed` for another format; `Rejected` for another key or purpose or changed bytes.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>> {
        match sealed.split_first() {
            Some((&FORMAT, rest)) if rest.len() > NONCE_LEN => {
                let (nonce, body) = rest.split_at(NONCE_LEN);
                aead::aes_gcm_open(self.0.as_slice(), nonce, purpose.as_bytes(), body)
                    .map(Secret::new)
            }
            _ => Err(Error::malformed(
                "the sealed secret",
                "its format is unknown or it is cut off",
            )),
        }
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(***)")
    }
}

/// A data key locked with a passphrase; safe to store. Opening it costs time on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    /// Always `argon2id+aes-256-gcm`.
    method: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// Base64.
    salt: String,
    /// Base64 of nonce, ciphertext and tag.
    sealed: String,
}

const METHOD: &str = "argon2id+aes-256-gcm";

impl WrappedKey {
    fn lock(&self, passphrase: &Secret<String>, salt: &[u8]) -> Result<DataKey> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|_| Error::malformed("the wrapped key", "impossible cost parameters"))?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut_slice())
            .map_err(|_| Error::Internal("deriving the key from the passphrase"))?;
        Ok(DataKey(key))
    }

    /// Bound to the sealed key, so that a cheaper cost cannot be written into the file.
    fn purpose(&self) -> String {
        format!(
            "{} m={} t={} p={} {}",
            self.method, self.memory_kib, self.passes, self.lanes, self.salt
        )
    }
}

/// Locks a data key with a passphrase: Argon2id (64 MiB, three passes), then AES-256-GCM.
///
/// # Errors
/// `Internal` when memory is short.
pub fn wrap(key: &DataKey, passphrase: &Secret<String>) -> Result<WrappedKey> {
    let salt = random::bytes::<16>();
    let mut wrapped = WrappedKey {
        method: METHOD.to_owned(),
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: STANDARD.encode(salt),
        sealed: String::new(),
    };
    let lock = wrapped.lock(passphrase, &salt)?;
    wrapped.sealed = STANDARD.encode(lock.seal(&wrapped.purpose(), key.0.as_slice()));
    Ok(wrapped)
}

/// Unlocks a data key.
///
/// # Errors
/// `WrongPassphrase`; `Malformed` when the stored text was damaged or asks for more than 1 GiB.
pub fn unwrap(wrapped: &WrappedKey, passphrase: &Secret<String>) -> Result<DataKey> {
    let damaged = |why: &str| Error::malformed("the wrapped key", why);
    if wrapped.method != METHOD {
        return Err(damaged("its method is unknown"));
    }
    // A changed file must not be able to exhaust the machine.
    if wrapped.memory_kib > 1024 * 1024 || wrapped.passes > 32 || wrapped.lanes > 16 {
        return Err(damaged("its cost parameters are out of bounds"));
    }
    let salt = STANDARD
        .decode(&wrapped.salt)
        .map_err(|_| damaged("its salt is not Base64"))?;
    let sealed = STANDARD
        .decode(&wrapped.sealed)
        .map_err(|_| damaged("its content is not Base64"))?;
    let opened = wrapped
        .lock(passphrase, &salt)?
        .open(&wrapped.purpose(), &sealed)
        .map_err(|error| match error {
            Error::Rejected => Error::WrongPassphrase,
            other => other,
        })?;
    DataKey::from_bytes(opened.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_secret_opens_only_for_its_purpose_and_key() {
        let key = DataKey::generate();
        let sealed = key.seal("channel-key/1", b"secret");
        assert_eq!(
            key.open("channel-key/1", &sealed).unwrap().expose(),
            b"secret"
        );
        assert_eq!(
            key.open("channel-key/2", &sealed).unwrap_err(),
            Error::Rejected
        );
        assert_eq!(
            DataKey::generate()
                .open("channel-key/1", &sealed)
                .unwrap_err(),
            Error::Rejected
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("channel-key/1", &changed).is_err(), "byte {at}");
            assert!(
                key.open("channel-key/1", &sealed[..at]).is_err(),
                "cut {at}"
            );
        }
        assert_ne!(key.seal("channel-key/1", b"secret"), sealed);
        assert_eq!(format!("{key:?}"), "DataKey(***)");
    }

    #[test]
    fn wrapping_survives_storage_and_refuses_other_passphrases() {
        let key = DataKey::generate();
        let wrapped = wrap(&key, &pass("long enough")).unwrap();
        let stored = serde_json::to_string(&wrapped).unwrap();
        let read: WrappedKey = serde_json::from_str(&stored).unwrap();
        let opened = unwrap(&read, &pass("long enough")).unwrap();
        assert_eq!(opened.to_secret().expose(), key.to_secret().expose());
        assert_eq!(
            unwrap(&read, &pass("long enougi")).unwrap_err(),
            Error::WrongPassphrase
        );
        let cheaper = WrappedKey {
            passes: 1,
            ..read.clone()
        };
        assert_eq!(
            unwrap(&cheaper, &pass("long enough")).unwrap_err(),
            Error::WrongPassphrase
        );
        let greedy = WrappedKey {
            memory_kib: u32::MAX,
            ..read
        };
        assert!(matches!(
            unwrap(&greedy, &pass("long enough")).unwrap_err(),
            Error::Malformed { .. }
        ));
    }
}
