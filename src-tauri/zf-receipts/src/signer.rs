//! Who signs.

use zf_crypto::cert::{Certificate, KeyKind};
use zf_crypto::sm2::Sm2SigningKey;

use crate::error::{Error, Result};

/// Which object identifiers the signature names. No choice satisfies every verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// PKCS#7 content types and SM2-with-SM3: passes PDF/A and most verifiers.
    #[default]
    Pkcs7,
    /// GM/T 0010 content types and the plain SM2 signature identifier.
    Gmt0010,
}

/// A signing key with its certificates.
#[derive(Debug, Clone)]
pub struct Signer {
    key: Sm2SigningKey,
    chain: Vec<Certificate>,
}

impl Signer {
    /// Joins a key with its chain: the signer's certificate first, then the issuing one; a root
    /// may follow and is not put into receipts.
    ///
    /// # Errors
    /// `Signer` when the key is not the certificate's, the chain is broken, or the certificate may
    /// not sign.
    pub fn new(key: Sm2SigningKey, chain: Vec<Certificate>) -> Result<Self> {
        let fault = |why: String| Err(Error::Signer(why));
        let Some(own) = chain.first() else {
            return fault("no certificate is given".to_owned());
        };
        if own.key_kind() != KeyKind::Sm2 {
            return fault(format!(
                "the certificate holds a key of the kind {}; SM2 is wanted",
                own.key_kind()
            ));
        }
        if own.spki_der() != key.public().to_spki_der() {
            return fault("the private key belongs to another certificate".to_owned());
        }
        if !own.may_sign_content() {
            return fault("the certificate may not sign content (key usage)".to_owned());
        }
        let used = own.common_name();
        if let Some(c) = used.chars().find(|c| u32::from(*c) > 0xffff) {
            return fault(format!(
                "the certificate's name contains “{c}”, which the page's fixed part cannot print"
            ));
        }
        for pair in chain.windows(2) {
            pair[0].verify_signed_by(&pair[1])?;
        }
        Ok(Self { key, chain })
    }

    /// The signer's certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.chain[0]
    }

    /// The certificates, the signer's first.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// The key, for sealing it into a vault.
    #[must_use]
    pub fn key(&self) -> &Sm2SigningKey {
        &self.key
    }

    /// e = SM3(Z ‖ M) of the bytes to sign.
    pub(crate) fn message_digest(&self, message: &[u8]) -> [u8; 32] {
        self.key.verifying().message_digest(message)
    }

    /// All a cipher machine would be asked for.
    pub(crate) fn sign(&self, e: &[u8; 32]) -> Result<([u8; 32], [u8; 32])> {
        Ok(self.key.sign_digest(e)?)
    }
}
