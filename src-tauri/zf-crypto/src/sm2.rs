//! SM2 signatures with SM3 (GB/T 32918, GM/T 0009), user id `1234567812345678`.
//!
//! Signing is written out here on the `sm2` crate's curve arithmetic for two reasons: the factor
//! (1+d)⁻¹ is computed once a key, and the private scalar is wiped when the key is dropped.

use std::fmt;

use ::sm2::dsa::signature::hazmat::PrehashVerifier;
use ::sm2::elliptic_curve::ops::Reduce;
use ::sm2::elliptic_curve::point::AffineCoordinates;
use ::sm2::elliptic_curve::{Curve, Generate, Group, PrimeField};
use ::sm2::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use ::sm2::{
    FieldBytes, NonZeroScalar, ProjectivePoint, PublicKey, Scalar, SecretKey, Sm2, U256, dsa, pke,
};
use zeroize::Zeroizing;

use crate::digest::Sm3Stream;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::{asn1, pem};

/// The user id of certificates, of CMS and of the channels (GM/T 0009 default).
pub const USER_ID: &str = "1234567812345678";

/// A private key that signs. Wiped when dropped; never printed.
#[derive(Clone)]
pub struct Sm2SigningKey {
    d: Zeroizing<Scalar>,
    /// (1+d)⁻¹ mod n.
    inverse: Zeroizing<Scalar>,
    public: Sm2VerifyingKey,
}

impl Sm2SigningKey {
    /// A new key.
    pub fn generate() -> Self {
        loop {
            // The one scalar in 2²⁵⁶ without (1+d)⁻¹ is refused.
            if let Ok(key) = Self::of(&SecretKey::generate()) {
                return key;
            }
        }
    }

    fn of(secret: &SecretKey) -> Result<Self> {
        let d: Zeroizing<Scalar> = Zeroizing::new(*secret.to_nonzero_scalar());
        let inverse = Option::<Scalar>::from((*d + Scalar::ONE).invert())
            .ok_or_else(|| Error::malformed("the SM2 private key", "it is n − 1"))?;
        Ok(Self {
            d,
            inverse: Zeroizing::new(inverse),
            public: Sm2VerifyingKey::of(secret.public_key())?,
        })
    }

    /// Reads an unencrypted PKCS#8 or SEC1 private key in PEM, or bare Base64.
    ///
    /// # Errors
    /// `WrongKind` names what the text is instead; `Malformed` when the key cannot be read.
    pub fn from_pem(text: &str) -> Result<Self> {
        const WANTED: &str = "an unencrypted SM2 private key (PKCS#8 PEM)";
        let block = pem::one(text, &[pem::PKCS8, pem::SEC1], WANTED)?;
        let secret = if block.label == pem::PKCS8 {
            if let Some(algorithm) = pem::pkcs8_algorithm(&block.der)
                && algorithm != "SM2"
            {
                return Err(Error::WrongKind {
                    found: format!("a private key of the kind {algorithm}"),
                    wanted: WANTED,
                });
            }
            SecretKey::from_pkcs8_der(&block.der).map_err(|e| e.to_string())
        } else {
            SecretKey::from_sec1_der(&block.der).map_err(|e| e.to_string())
        }
        .map_err(|why| Error::malformed("the SM2 private key", why))?;
        Self::of(&secret)
    }

    /// From the private scalar, big-endian.
    ///
    /// # Errors
    /// `Malformed` unless 1 ≤ d ≤ n − 2.
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self> {
        let secret = SecretKey::from_slice(scalar)
            .map_err(|_| Error::malformed("the SM2 private key", "the scalar is out of range"))?;
        Self::of(&secret)
    }

    fn secret(&self) -> Result<SecretKey> {
        let scalar = Option::<NonZeroScalar>::from(NonZeroScalar::new(*self.d))
            .ok_or(Error::Internal("the SM2 private key"))?;
        Ok(SecretKey::from(scalar))
    }

    /// PKCS#8 PEM.
    ///
    /// # Errors
    /// `Internal` when encoding fails, which valid keys do not cause.
    pub fn to_pem(&self) -> Result<Secret<String>> {
        self.secret()?
            .to_pkcs8_pem(LineEnding::LF)
            .map(|text| Secret::new(text.to_string()))
            .map_err(|_| Error::Internal("encoding the SM2 private key"))
    }

    /// Signs a message; the value is DER SEQUENCE { r, s }. The nonce is that of RFC 6979 with
    /// HMAC-SM3, so the same input gives the same signature.
    ///
    /// # Errors
    /// `Internal`, with negligible probability.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let (r, s) = self.sign_digest(&self.public.message_digest(message))?;
        Ok(encode(&r, &s))
    }

    /// Signs e = SM3(Z ‖ M), giving r and s big-endian: all a cipher machine would be asked for.
    ///
    /// # Errors
    /// `Internal`, with negligible probability.
    pub fn sign_digest(&self, e: &[u8; 32]) -> Result<([u8; 32], [u8; 32])> {
        let e: Scalar = Scalar::reduce(&FieldBytes::from(*e));
        let d_bytes = Zeroizing::new(<[u8; 32]>::from(self.d.to_repr()));
        let mut nonces = rfc6979::KGenerator::<sm3::Sm3, U256>::new(
            &FieldBytes::from(*d_bytes),
            &e.to_repr(),
            &[],
            &Sm2::ORDER,
        );
        for _ in 0..8 {
            let mut k = FieldBytes::default();
            nonces.fill_next_k(&mut k);
            let k = Option::<Scalar>::from(Scalar::from_repr(k)).map(Zeroizing::new);
            if let Some(k) = k
                && let Some(signature) = self.sign_with_nonce(&e, &k)
            {
                return Ok(signature);
            }
        }
        Err(Error::Internal("SM2 signing"))
    }

    /// r = e + x₁, s = (1+d)⁻¹(k + r) − r; `None` for the cases the standard rejects.
    fn sign_with_nonce(&self, e: &Scalar, k: &Scalar) -> Option<([u8; 32], [u8; 32])> {
        let x1 = ProjectivePoint::mul_by_generator(k).to_affine().x();
        let r = *e + Scalar::reduce(&x1);
        if bool::from(r.is_zero()) || bool::from((r + k).is_zero()) {
            return None;
        }
        let s = *self.inverse * (*k + r) - r;
        if bool::from(s.is_zero()) {
            return None;
        }
        Some((r.to_repr().into(), s.to_repr().into()))
    }

    /// The public half.
    pub fn public(&self) -> Sm2VerifyingKey {
        self.public.clone()
    }

    /// The public half, borrowed.
    pub fn verifying(&self) -> &Sm2VerifyingKey {
        &self.public
    }

    /// Decrypts a field: DER { x₁, y₁, C3, C2 } (C1C3C2 order), as WeChat Pay sends in SM2 mode.
    ///
    /// # Errors
    /// `Rejected` when it was not sealed for this key.
    pub fn decrypt(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        // The layout is fixed by the standard; reading it first keeps odd input away from the crate.
        let mut inside = asn1::Reader::new(sealed).sequence()?;
        inside.expect(asn1::INTEGER)?;
        inside.expect(asn1::INTEGER)?;
        inside.expect(asn1::OCTETS)?;
        inside.expect(asn1::OCTETS)?;
        inside.end()?;
        pke::DecryptingKey::new(self.secret()?)
            .decrypt_der(sealed)
            .map_err(|_| Error::Rejected)
    }
}

impl fmt::Debug for Sm2SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm2SigningKey(***)")
    }
}

/// DER SEQUENCE { INTEGER r, INTEGER s }: 70 to 72 bytes, rarely less.
pub fn encode(r: &[u8; 32], s: &[u8; 32]) -> Vec<u8> {
    asn1::sequence(&[&asn1::integer(r), &asn1::integer(s)])
}

/// A public key that verifies.
#[derive(Clone)]
pub struct Sm2VerifyingKey {
    key: PublicKey,
    verifier: dsa::VerifyingKey,
    z: [u8; 32],
}

impl Sm2VerifyingKey {
    fn of(key: PublicKey) -> Result<Self> {
        let verifier = dsa::VerifyingKey::new(USER_ID, key)
            .map_err(|_| Error::Internal("the SM2 public key's identity"))?;
        let point = key.to_sec1_bytes();
        Ok(Self {
            z: identity(USER_ID.as_bytes(), &point[1..]),
            key,
            verifier,
        })
    }

    /// Reads a SubjectPublicKeyInfo with the SM2 curve.
    ///
    /// # Errors
    /// `Malformed` when it is not an SM2 key.
    pub fn from_spki_der(der: &[u8]) -> Result<Self> {
        use ::sm2::pkcs8::DecodePublicKey as _;
        PublicKey::from_public_key_der(der)
            .map_err(|why| Error::malformed("the SM2 public key", why))
            .and_then(Self::of)
    }

    /// Reads `-----BEGIN PUBLIC KEY-----`, or its bare Base64.
    ///
    /// # Errors
    /// `WrongKind` names what the text is instead.
    pub fn from_spki_pem(text: &str) -> Result<Self> {
        let block = pem::one(text, &[pem::SPKI], "an SM2 public key (PEM “PUBLIC KEY”)")?;
        Self::from_spki_der(&block.der)
    }

    /// Reads an encoded point (`04 ‖ x ‖ y`, or compressed).
    ///
    /// # Errors
    /// `Malformed` when it is not a point of the curve.
    pub fn from_sec1(point: &[u8]) -> Result<Self> {
        PublicKey::from_sec1_bytes(point)
            .map_err(|_| Error::malformed("the SM2 public key", "not a point of the curve"))
            .and_then(Self::of)
    }

    /// Verifies a DER signature over a message.
    ///
    /// # Errors
    /// `BadSignature`.
    pub fn verify(&self, message: &[u8], der_signature: &[u8]) -> Result<()> {
        self.verify_digest(&self.message_digest(message), der_signature)
    }

    /// Verifies a DER signature over e = SM3(Z ‖ M).
    ///
    /// # Errors
    /// `BadSignature`.
    pub fn verify_digest(&self, e: &[u8; 32], der_signature: &[u8]) -> Result<()> {
        let signature = dsa::Signature::from_der(der_signature).map_err(|_| Error::BadSignature)?;
        self.verifier
            .verify_prehash(e, &signature)
            .map_err(|_| Error::BadSignature)
    }

    /// Z: the hash of user id, curve and public key that goes before every message.
    pub fn identity_hash(&self) -> &[u8; 32] {
        &self.z
    }

    /// e = SM3(Z ‖ M).
    pub fn message_digest(&self, message: &[u8]) -> [u8; 32] {
        let mut stream = Sm3Stream::new();
        stream.update(&self.z);
        stream.update(message);
        stream.finish()
    }

    /// SubjectPublicKeyInfo.
    pub fn to_spki_der(&self) -> Vec<u8> {
        self.key
            .to_public_key_der()
            .map(|document| document.as_bytes().to_vec())
            .expect("a valid SM2 key encodes")
    }

    /// SubjectPublicKeyInfo as PEM.
    pub fn to_spki_pem(&self) -> String {
        pem::armour(pem::SPKI, &self.to_spki_der())
    }

    /// The uncompressed point `04 ‖ x ‖ y`.
    pub fn to_sec1(&self) -> Vec<u8> {
        self.key.to_sec1_bytes().to_vec()
    }
}

impl fmt::Debug for Sm2VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm2VerifyingKey")
    }
}

/// SM3(ENTL ‖ ID ‖ a ‖ b ‖ Gx ‖ Gy ‖ Px ‖ Py); `point` is Px ‖ Py.
fn identity(id: &[u8], point: &[u8]) -> [u8; 32] {
    // Source: GB/T 32918.5, the recommended curve.
    const CURVE: &str = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC\
        28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93\
        32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7\
        BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0";
    let bit_length = u16::try_from(id.len() * 8).unwrap_or(u16::MAX);
    let mut stream = Sm3Stream::new();
    stream.update(&bit_length.to_be_bytes());
    stream.update(id);
    stream.update(&crate::digest::hex_bytes(CURVE).unwrap_or_default());
    stream.update(point);
    stream.finish()
}
