//! X.509 certificates: reading those of the channels, issuing those of the sandbox and of receipts.

use std::fmt;

use der::{Decode as _, Encode as _};
use x509_cert::certificate::CertificateInner;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use crate::asn1::{self, oids};
use crate::error::{Error, Result};
use crate::rsa::{RsaSigningKey, RsaVerifyingKey};
use crate::sm2::{Sm2SigningKey, Sm2VerifyingKey};
use crate::{digest, pem};

/// The kind of public key in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with this modulus size.
    Rsa {
        /// Modulus size in bits.
        bits: u32,
    },
    /// SM2.
    Sm2,
    /// Anything else, in words.
    Other(String),
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::Sm2 => f.write_str("SM2"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// A certificate as it was received: its exact bytes, and what they say.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Vec<u8>,
    spki: Vec<u8>,
    issuer_name: Vec<u8>,
    subject_name: Vec<u8>,
    key_kind: KeyKind,
    read: CertificateInner,
}

const WHAT: &str = "the certificate";

impl Certificate {
    /// Reads the first certificate of a PEM text (or its bare Base64).
    ///
    /// # Errors
    /// `WrongKind` names what the text is instead; `Malformed` when it cannot be read.
    pub fn from_pem(text: &str) -> Result<Self> {
        let block = pem::one(text, &[pem::CERTIFICATE], "a certificate (PEM)")?;
        Self::from_der(&block.der)
    }

    /// Reads all certificates of a PEM text, in order.
    ///
    /// # Errors
    /// As [`Certificate::from_pem`].
    pub fn chain_from_pem(text: &str) -> Result<Vec<Self>> {
        pem::all(text, &[pem::CERTIFICATE], "certificates (PEM)")?
            .iter()
            .map(|block| Self::from_der(&block.der))
            .collect()
    }

    /// Reads a DER certificate.
    ///
    /// # Errors
    /// `Malformed` when it cannot be read or something follows it.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let fault = |why: der::Error| Error::malformed(WHAT, why);
        let read =
            CertificateInner::<x509_cert::certificate::Rfc5280>::from_der(der).map_err(fault)?;
        let mut outer = asn1::Reader::new(der).sequence()?;
        let tbs = outer.expect(asn1::SEQUENCE)?.raw.to_vec();
        let fields = read.tbs_certificate();
        let spki = fields.subject_public_key_info().to_der().map_err(fault)?;
        Ok(Self {
            tbs,
            key_kind: key_kind(&spki),
            spki,
            issuer_name: fields.issuer().to_der().map_err(fault)?,
            subject_name: fields.subject().to_der().map_err(fault)?,
            der: der.to_vec(),
            read,
        })
    }

    /// The exact bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// PEM text.
    pub fn to_pem(&self) -> String {
        pem::armour(pem::CERTIFICATE, &self.der)
    }

    /// Serial number, big-endian, without a leading zero byte.
    pub fn serial(&self) -> &[u8] {
        let bytes = self.read.tbs_certificate().serial_number().as_bytes();
        match bytes {
            [0, rest @ ..] if !rest.is_empty() => rest,
            whole => whole,
        }
    }

    /// Serial number in upper-case hexadecimal, two digits a byte, as WeChat Pay and OpenSSL print it.
    pub fn serial_hex(&self) -> String {
        digest::hex_upper(self.serial())
    }

    /// Serial number in decimal, as Alipay's certificate numbers need it.
    pub fn serial_decimal(&self) -> String {
        // Digits least significant first; each byte multiplies by 256 and adds.
        let mut digits = vec![0_u32];
        for byte in self.serial() {
            let mut carry = u32::from(*byte);
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
        digits
            .iter()
            .rev()
            .filter_map(|digit| char::from_digit(*digit, 10))
            .collect()
    }

    /// Subject in RFC 4514 form, most specific part first: `CN=…,O=…,C=CN`.
    pub fn subject(&self) -> String {
        self.read.tbs_certificate().subject().to_string()
    }

    /// Issuer in RFC 4514 form, most specific part first.
    pub fn issuer(&self) -> String {
        self.read.tbs_certificate().issuer().to_string()
    }

    /// Common name of the subject, or the whole subject when there is none.
    pub fn common_name(&self) -> String {
        self.read
            .tbs_certificate()
            .subject()
            .common_name()
            .ok()
            .flatten()
            .map_or_else(|| self.subject(), |name| name.value().into_owned())
    }

    /// Issuer as DER Name.
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer_name
    }

    /// Subject as DER Name.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_name
    }

    /// Begin of validity, unix seconds.
    pub fn not_before(&self) -> i64 {
        seconds(&self.read.tbs_certificate().validity().not_before)
    }

    /// End of validity, unix seconds.
    pub fn not_after(&self) -> i64 {
        seconds(&self.read.tbs_certificate().validity().not_after)
    }

    /// Whether `at` (unix seconds) lies within the validity, both ends included.
    pub fn is_valid_at(&self, at: i64) -> bool {
        (self.not_before()..=self.not_after()).contains(&at)
    }

    /// The kind of its public key.
    pub fn key_kind(&self) -> KeyKind {
        self.key_kind.clone()
    }

    /// SubjectPublicKeyInfo.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the exact bytes.
    pub fn fingerprint_sha256(&self) -> [u8; 32] {
        digest::sha256(&self.der)
    }

    /// Whether it may issue certificates (basic constraints, and key usage where present).
    pub fn is_ca(&self) -> bool {
        let constraints = self
            .read
            .tbs_certificate()
            .get_extension::<BasicConstraints>();
        let ca = matches!(constraints, Ok(Some((_, constraints))) if constraints.ca);
        ca && self.usage_allows(|usage| usage.key_cert_sign())
    }

    /// How many issuing certificates may follow below this one; `None` when not limited.
    pub fn path_length(&self) -> Option<u8> {
        self.read
            .tbs_certificate()
            .get_extension::<BasicConstraints>()
            .ok()
            .flatten()
            .and_then(|(_, constraints)| constraints.path_len_constraint)
    }

    /// Whether its key may sign content (digital signature or non-repudiation).
    pub fn may_sign_content(&self) -> bool {
        self.usage_allows(|usage| usage.digital_signature() || usage.non_repudiation())
    }

    fn usage_allows(&self, asked: impl Fn(&KeyUsage) -> bool) -> bool {
        match self.read.tbs_certificate().get_extension::<KeyUsage>() {
            Ok(Some((_, usage))) => asked(&usage),
            Ok(None) => true,
            Err(_) => false,
        }
    }

    /// Critical extensions that this program does not understand: such a certificate must not be
    /// trusted.
    pub fn unknown_critical_extensions(&self) -> Vec<String> {
        // Basic constraints, key usage, extended key usage, subject alternative name.
        const KNOWN: [&str; 4] = ["2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.17"];
        self.read
            .tbs_certificate()
            .extensions()
            .into_iter()
            .flatten()
            .filter(|extension| extension.critical)
            .map(|extension| extension.extn_id.to_string())
            .filter(|oid| !KNOWN.contains(&oid.as_str()))
            .collect()
    }

    /// Checks that `issuer` issued this certificate: names fit, the issuer may issue, and its key
    /// made the signature. Validity in time is the caller's question.
    ///
    /// # Errors
    /// `Certificate` when name or role do not fit, `Unsupported` for other algorithms than RSA
    /// with SHA-256 and SM2 with SM3, `BadSignature`.
    pub fn verify_signed_by(&self, issuer: &Self) -> Result<()> {
        if self.issuer_name != issuer.subject_name {
            return Err(Error::Certificate {
                subject: self.subject(),
                why: format!("its issuer is {}, not {}", self.issuer(), issuer.subject()),
            });
        }
        if !issuer.is_ca() {
            return Err(Error::Certificate {
                subject: issuer.subject(),
                why: "it may not issue certificates".to_owned(),
            });
        }
        if self.read.tbs_certificate().signature() != self.read.signature_algorithm() {
            return Err(Error::Certificate {
                subject: self.subject(),
                why: "it names two different signature algorithms".to_owned(),
            });
        }
        let signature = self
            .read
            .signature()
            .as_bytes()
            .ok_or(Error::BadSignature)?;
        match self.read.signature_algorithm().oid.to_string().as_str() {
            oids::RSA_SHA256 => {
                RsaVerifyingKey::from_spki_der(&issuer.spki)?.verify_sha256(&self.tbs, signature)
            }
            oids::SM2_WITH_SM3 => {
                Sm2VerifyingKey::from_spki_der(&issuer.spki)?.verify(&self.tbs, signature)
            }
            other => Err(Error::Unsupported {
                what: format!("a certificate signed with algorithm {other}"),
            }),
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Certificate({}, serial {})",
            self.subject(),
            self.serial_hex()
        )
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

fn seconds(time: &x509_cert::time::Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

fn key_kind(spki: &[u8]) -> KeyKind {
    let read = || -> Result<(String, Option<String>)> {
        let mut algorithm = asn1::Reader::new(spki).sequence()?.sequence()?;
        let oid = algorithm.oid()?;
        Ok((oid, algorithm.oid().ok()))
    };
    match read() {
        Ok((oid, curve)) => match pem::algorithm_in_words(&oid, curve.as_deref()).as_str() {
            "RSA" => match RsaVerifyingKey::from_spki_der(spki) {
                Ok(key) => KeyKind::Rsa { bits: key.bits() },
                Err(_) => KeyKind::Other("RSA of an unsupported size".to_owned()),
            },
            "SM2" => KeyKind::Sm2,
            other => KeyKind::Other(other.to_owned()),
        },
        Err(_) => KeyKind::Other("unreadable".to_owned()),
    }
}

/// A private key of either kind.
#[derive(Debug, Clone)]
pub enum SigningKey {
    /// RSA.
    Rsa(RsaSigningKey),
    /// SM2.
    Sm2(Sm2SigningKey),
}

impl SigningKey {
    /// SubjectPublicKeyInfo of its public half.
    pub fn spki_der(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => key.public().to_spki_der(),
            Self::Sm2(key) => key.public().to_spki_der(),
        }
    }

    fn algorithm(&self) -> Vec<u8> {
        match self {
            // RFC 4055 wants NULL parameters here; SM2 has none.
            Self::Rsa(_) => asn1::sequence(&[
                &asn1::oid(oids::RSA_SHA256),
                &asn1::element(asn1::NULL, &[]),
            ]),
            Self::Sm2(_) => asn1::sequence(&[&asn1::oid(oids::SM2_WITH_SM3)]),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Rsa(key) => key.sign_sha256(message),
            Self::Sm2(key) => key.sign(message),
        }
    }
}

/// A name; empty parts are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// Two letters, such as `CN`.
    pub country: String,
    /// Organization.
    pub organization: String,
    /// Common name.
    pub common_name: String,
}

impl Name {
    fn to_der(&self) -> Vec<u8> {
        let part = |oid: &str, tag: u8, value: &str| {
            if value.is_empty() {
                return Vec::new();
            }
            let value = asn1::element(tag, &[value.as_bytes()]);
            asn1::element(asn1::SET, &[&asn1::sequence(&[&asn1::oid(oid), &value])])
        };
        asn1::sequence(&[
            &part("2.5.4.6", asn1::PRINTABLE, &self.country),
            &part("2.5.4.10", asn1::UTF8, &self.organization),
            &part("2.5.4.3", asn1::UTF8, &self.common_name),
        ])
    }
}

/// What a new certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Usage {
    /// Trust anchor: signs issuing certificates.
    Root,
    /// Issues signer and server certificates, no further authorities.
    Issuing,
    /// Signs receipts or requests.
    Signer,
    /// HTTPS server for these host names or IP addresses.
    TlsServer {
        /// Host names; an entry that is an IP address becomes one.
        dns: Vec<String>,
    },
}

/// What to write into a new certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSpec {
    /// Whose certificate.
    pub subject: Name,
    /// Big-endian, 8 to 20 bytes; some checkers refuse shorter ones.
    pub serial: Vec<u8>,
    /// Unix seconds.
    pub not_before: i64,
    /// Unix seconds; at most 3,653 days later if GmSSL is to accept the chain.
    pub not_after: i64,
    /// What for.
    pub usage: Usage,
}

/// A certificate that its own key signs.
///
/// # Errors
/// `Malformed` for an impossible serial number, name or time.
pub fn self_signed(key: &SigningKey, spec: &CertificateSpec) -> Result<Certificate> {
    let name = spec.subject.to_der();
    let spki = key.spki_der();
    build(key, &name, &spki, &spki, spec)
}

/// A certificate for `subject_spki_der`, issued by `issuer`.
///
/// # Errors
/// `Certificate` when the issuer may not issue or the key is not its own; `Malformed` as
/// [`self_signed`].
pub fn issue(
    issuer: &Certificate,
    issuer_key: &SigningKey,
    subject_spki_der: &[u8],
    spec: &CertificateSpec,
) -> Result<Certificate> {
    let refuse = |why: &str| Error::Certificate {
        subject: issuer.subject(),
        why: why.to_owned(),
    };
    if !issuer.is_ca() {
        return Err(refuse("it may not issue certificates"));
    }
    if issuer_key.spki_der() != issuer.spki {
        return Err(refuse(
            "the private key given belongs to another certificate",
        ));
    }
    build(
        issuer_key,
        &issuer.subject_name,
        &issuer.spki,
        subject_spki_der,
        spec,
    )
}

fn build(
    key: &SigningKey,
    issuer_name: &[u8],
    issuer_spki: &[u8],
    subject_spki: &[u8],
    spec: &CertificateSpec,
) -> Result<Certificate> {
    if !(8..=20).contains(&spec.serial.len()) || spec.serial.iter().all(|b| *b == 0) {
        return Err(Error::Length {
            what: "the serial number",
            found: spec.serial.len(),
            wanted: "8 to 20, not all zero, are taken",
        });
    }
    if spec.serial.len() == 20 && spec.serial[0] >= 0x80 {
        return Err(Error::malformed("the serial number", "it needs 21 bytes"));
    }
    let country = spec.subject.country.as_bytes();
    if !(country.is_empty() || matches!(country, [b'A'..=b'Z', b'A'..=b'Z'])) {
        return Err(Error::malformed(
            "the subject",
            "a country is two capital letters",
        ));
    }
    let extensions = extensions(spec, issuer_spki, subject_spki)?;
    let algorithm = key.algorithm();
    let validity = asn1::sequence(&[&asn1::time(spec.not_before)?, &asn1::time(spec.not_after)?]);
    let tbs = asn1::sequence(&[
        // version 3
        &[0xa0, 3, 2, 1, 2],
        &asn1::integer(&spec.serial),
        &algorithm,
        issuer_name,
        &validity,
        &spec.subject.to_der(),
        subject_spki,
        &asn1::element(0xa3, &[&extensions]),
    ]);
    let signature = key.sign(&tbs)?;
    Certificate::from_der(&asn1::sequence(&[
        &tbs,
        &algorithm,
        &asn1::bits(&signature),
    ]))
}

/// A key identifier: 20 bytes of a hash of the public key. Any hash will do.
fn key_identifier(spki: &[u8]) -> Vec<u8> {
    digest::sm3(spki)[..20].to_vec()
}

fn extensions(spec: &CertificateSpec, issuer_spki: &[u8], subject_spki: &[u8]) -> Result<Vec<u8>> {
    let extension = |oid: &str, critical: bool, value: &[u8]| {
        let flag = asn1::element(asn1::BOOLEAN, &[&[0xff]]);
        let flag: &[u8] = if critical { &flag } else { &[] };
        asn1::sequence(&[&asn1::oid(oid), flag, &asn1::octets(value)])
    };
    let yes = asn1::element(asn1::BOOLEAN, &[&[0xff]]);
    // Unused bits, then the bits from the left: digitalSignature, nonRepudiation,
    // keyEncipherment, …, keyCertSign (5), cRLSign (6).
    let usage_bits = |unused: u8, bits: u8| asn1::element(asn1::BITS, &[&[unused, bits]]);
    let (constraints, usage) = match &spec.usage {
        Usage::Root => (asn1::sequence(&[&yes]), usage_bits(1, 0b0000_0110)),
        Usage::Issuing => (
            asn1::sequence(&[&yes, &asn1::integer(&[0])]),
            usage_bits(1, 0b0000_0110),
        ),
        Usage::Signer => (asn1::sequence(&[]), usage_bits(6, 0b1100_0000)),
        Usage::TlsServer { .. } => (asn1::sequence(&[]), usage_bits(5, 0b1010_0000)),
    };
    let subject_id = key_identifier(subject_spki);
    let issuer_id = key_identifier(issuer_spki);
    let mut list = vec![
        extension("2.5.29.19", true, &constraints),
        extension("2.5.29.15", true, &usage),
        extension("2.5.29.14", false, &asn1::octets(&subject_id)),
        extension(
            "2.5.29.35",
            false,
            &asn1::sequence(&[&asn1::element(0x80, &[&issuer_id])]),
        ),
    ];
    if let Usage::TlsServer { dns } = &spec.usage {
        let names: Vec<Vec<u8>> = dns
            .iter()
            .map(|name| match name.parse::<std::net::IpAddr>() {
                Ok(std::net::IpAddr::V4(address)) => Ok(asn1::element(0x87, &[&address.octets()])),
                Ok(std::net::IpAddr::V6(address)) => Ok(asn1::element(0x87, &[&address.octets()])),
                Err(_) if name.is_ascii() && !name.is_empty() => {
                    Ok(asn1::element(0x82, &[name.as_bytes()]))
                }
                Err(_) => Err(Error::malformed(
                    "the host name",
                    format!("“{name}” is not ASCII; use its punycode form"),
                )),
            })
            .collect::<Result<_>>()?;
        let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
        list.push(extension("2.5.29.17", false, &asn1::sequence(&names)));
        let server = asn1::sequence(&[&asn1::oid("1.3.6.1.5.5.7.3.1")]);
        list.push(extension("2.5.29.37", false, &server));
    }
    let list: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
    Ok(asn1::sequence(&list))
}
