//! RSA: PKCS#1 v1.5 signatures with SHA-256, and OAEP with SHA-1 for single fields.

use std::fmt;

use ::rsa::pkcs1::DecodeRsaPrivateKey;
use ::rsa::pkcs1v15;
use ::rsa::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding,
};
use ::rsa::signature::{RandomizedSigner, SignatureEncoding, Verifier};
use ::rsa::traits::PublicKeyParts;
use ::rsa::{BoxedUint, Oaep, RsaPrivateKey, RsaPublicKey};

use crate::cert::Certificate;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::{pem, random};

/// The smallest modulus taken, in bits. Every channel asks for 2,048.
const BITS_MIN: usize = 2048;

/// A private key that signs. Wiped when dropped; never printed.
#[derive(Clone)]
pub struct RsaSigningKey {
    // Wipes itself when dropped.
    signer: pkcs1v15::SigningKey<sha2::Sha256>,
}

impl RsaSigningKey {
    /// A new key of `bits` bits (2,048 to 4,096).
    ///
    /// # Errors
    /// `Unsupported` for other sizes.
    pub fn generate(bits: usize) -> Result<Self> {
        if !(BITS_MIN..=4096).contains(&bits) {
            return Err(Error::Unsupported {
                what: format!("an RSA key of {bits} bits (2048 to 4096 are taken)"),
            });
        }
        let key = RsaPrivateKey::new(&mut random::system(), bits)
            .map_err(|_| Error::Internal("RSA key generation"))?;
        Ok(Self::of(key))
    }

    fn of(key: RsaPrivateKey) -> Self {
        Self {
            signer: pkcs1v15::SigningKey::new(key),
        }
    }

    /// Reads an unencrypted private key: PKCS#8 or PKCS#1 in PEM, or their bare Base64.
    ///
    /// # Errors
    /// `WrongKind` names what the text is instead; `Malformed` when the key cannot be read;
    /// `Unsupported` below 2,048 bits.
    pub fn from_pem(text: &str) -> Result<Self> {
        const WANTED: &str = "an unencrypted RSA private key (PKCS#8 or PKCS#1 PEM)";
        let block = pem::one(text, &[pem::PKCS8, pem::PKCS1], WANTED)?;
        if block.label == pem::PKCS8
            && let Some(algorithm) = pem::pkcs8_algorithm(&block.der)
            && algorithm != "RSA"
        {
            return Err(Error::WrongKind {
                found: format!("a private key of the kind {algorithm}"),
                wanted: WANTED,
            });
        }
        let key = if block.label == pem::PKCS8 {
            RsaPrivateKey::from_pkcs8_der(&block.der).map_err(|e| e.to_string())
        } else {
            RsaPrivateKey::from_pkcs1_der(&block.der).map_err(|e| e.to_string())
        }
        .map_err(|why| Error::malformed("the RSA private key", why))?;
        check_size(key.n().bits())?;
        Ok(Self::of(key))
    }

    /// PKCS#8 PEM.
    ///
    /// # Errors
    /// `Internal` when encoding fails, which valid keys do not cause.
    pub fn to_pem(&self) -> Result<Secret<String>> {
        self.key()
            .to_pkcs8_pem(LineEnding::LF)
            .map(|text| Secret::new(text.to_string()))
            .map_err(|_| Error::Internal("encoding the RSA private key"))
    }

    fn key(&self) -> &RsaPrivateKey {
        self.signer.as_ref()
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256. The same input gives the same signature.
    ///
    /// # Errors
    /// `Internal`, which valid keys do not cause.
    pub fn sign_sha256(&self, message: &[u8]) -> Result<Vec<u8>> {
        // The generator only blinds the arithmetic against timing; the result does not depend on it.
        self.signer
            .try_sign_with_rng(&mut random::system(), message)
            .map(|signature| signature.to_vec())
            .map_err(|_| Error::Internal("RSA signing"))
    }

    /// The public half.
    pub fn public(&self) -> RsaVerifyingKey {
        RsaVerifyingKey::of(self.key().to_public_key())
    }

    /// Decrypts a field sealed with RSAES-OAEP, SHA-1 and MGF1-SHA-1 (WeChat Pay's choice).
    ///
    /// # Errors
    /// `Rejected` when it was not sealed for this key.
    pub fn decrypt_oaep_sha1(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        self.key()
            .decrypt_blinded(&mut random::system(), Oaep::<sha1::Sha1>::new(), sealed)
            .map_err(|_| Error::Rejected)
    }
}

impl fmt::Debug for RsaSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaSigningKey(***)")
    }
}

fn check_size(bits: u32) -> Result<()> {
    if (bits as usize) < BITS_MIN {
        return Err(Error::Unsupported {
            what: format!("an RSA key of {bits} bits (at least 2048 are taken)"),
        });
    }
    Ok(())
}

/// What an RSASSA-PKCS1-v1_5 signature holds, opened with the public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureContent {
    /// The digest that was signed.
    Digest {
        /// Its algorithm: `SHA-256`, `SHA-1`, `MD5`, `SHA-384`, `SHA-512`.
        algorithm: &'static str,
        /// Its bytes.
        digest: Vec<u8>,
    },
    /// No padding of this kind: another key made it, or another scheme, or it was altered.
    Unreadable,
}

/// DigestInfo headers by algorithm. Source: RFC 8017, section 9.2, note 1.
const DIGEST_INFO: [(&str, &[u8], usize); 5] = [
    (
        "SHA-256",
        b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        32,
    ),
    (
        "SHA-1",
        b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
        20,
    ),
    (
        "MD5",
        b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
        16,
    ),
    (
        "SHA-384",
        b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        48,
    ),
    (
        "SHA-512",
        b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
        64,
    ),
];

/// A public key that verifies.
#[derive(Clone)]
pub struct RsaVerifyingKey {
    verifier: pkcs1v15::VerifyingKey<sha2::Sha256>,
}

impl RsaVerifyingKey {
    fn of(key: RsaPublicKey) -> Self {
        Self {
            verifier: pkcs1v15::VerifyingKey::new(key),
        }
    }

    /// Reads `-----BEGIN PUBLIC KEY-----`, or its bare Base64.
    ///
    /// # Errors
    /// As [`RsaSigningKey::from_pem`].
    pub fn from_spki_pem(text: &str) -> Result<Self> {
        let block = pem::one(text, &[pem::SPKI], "an RSA public key (PEM “PUBLIC KEY”)")?;
        Self::from_spki_der(&block.der)
    }

    /// Reads a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// `Malformed` when it is not an RSA key; `Unsupported` below 2,048 bits.
    pub fn from_spki_der(der: &[u8]) -> Result<Self> {
        let key = RsaPublicKey::from_public_key_der(der)
            .map_err(|why| Error::malformed("the RSA public key", why))?;
        check_size(key.n().bits())?;
        Ok(Self::of(key))
    }

    /// The key of a certificate. The certificate itself is not judged here.
    ///
    /// # Errors
    /// `WrongKind` when the certificate holds another kind of key.
    pub fn from_certificate(certificate: &Certificate) -> Result<Self> {
        match certificate.key_kind() {
            crate::cert::KeyKind::Rsa { .. } => Self::from_spki_der(certificate.spki_der()),
            other => Err(Error::WrongKind {
                found: format!("a certificate with a key of the kind {other}"),
                wanted: "a certificate with an RSA key",
            }),
        }
    }

    /// Verifies an RSASSA-PKCS1-v1_5 signature with SHA-256.
    ///
    /// # Errors
    /// `BadSignature`.
    pub fn verify_sha256(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        let signature =
            pkcs1v15::Signature::try_from(signature).map_err(|_| Error::BadSignature)?;
        self.verifier
            .verify(message, &signature)
            .map_err(|_| Error::BadSignature)
    }

    /// What a signature holds. For explaining one that does not verify; whether to trust it is
    /// [`RsaVerifyingKey::verify_sha256`]'s answer alone.
    pub fn open_signature(&self, signature: &[u8]) -> SignatureContent {
        self.opened(signature)
            .unwrap_or(SignatureContent::Unreadable)
    }

    fn opened(&self, signature: &[u8]) -> Option<SignatureContent> {
        let key = self.key();
        let size = key.size();
        if signature.len() != size {
            return None;
        }
        let number = BoxedUint::from_be_slice(signature, key.n_bits_precision()).ok()?;
        if number >= *key.n().as_ref() {
            return None;
        }
        let raw = ::rsa::hazmat::rsa_encrypt(key, &number).ok()?.to_be_bytes();
        let block = raw.get(raw.len().checked_sub(size)?..)?;
        // 00 01 FF … FF 00 DigestInfo, at least eight FF.
        let rest = block.strip_prefix(&[0, 1])?;
        let padding = rest.iter().take_while(|byte| **byte == 0xff).count();
        let info = rest[padding..].strip_prefix(&[0])?;
        if padding < 8 {
            return None;
        }
        DIGEST_INFO.iter().find_map(|(algorithm, head, length)| {
            let digest = info.strip_prefix(*head)?;
            (digest.len() == *length).then(|| SignatureContent::Digest {
                algorithm,
                digest: digest.to_vec(),
            })
        })
    }

    fn key(&self) -> &RsaPublicKey {
        self.verifier.as_ref()
    }

    /// Modulus size in bits.
    pub fn bits(&self) -> u32 {
        self.key().n().bits()
    }

    /// SubjectPublicKeyInfo as PEM.
    pub fn to_spki_pem(&self) -> String {
        pem::armour(pem::SPKI, &self.to_spki_der())
    }

    /// SubjectPublicKeyInfo.
    pub fn to_spki_der(&self) -> Vec<u8> {
        self.key()
            .to_public_key_der()
            .map(|document| document.as_bytes().to_vec())
            .expect("a valid RSA key encodes")
    }

    /// Seals one field with RSAES-OAEP, SHA-1 and MGF1-SHA-1 (WeChat Pay's choice): at most 214
    /// bytes with a 2,048-bit key.
    ///
    /// # Errors
    /// `Length` when the field is longer.
    pub fn encrypt_oaep_sha1(&self, plain: &[u8]) -> Result<Vec<u8>> {
        self.key()
            .encrypt(&mut random::system(), Oaep::<sha1::Sha1>::new(), plain)
            .map_err(|_| Error::Length {
                what: "the field to encrypt",
                found: plain.len(),
                wanted: "at most 42 fewer than the key has are taken (214 for 2048 bits)",
            })
    }
}

impl fmt::Debug for RsaVerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaVerifyingKey({} bits)", self.bits())
    }
}
