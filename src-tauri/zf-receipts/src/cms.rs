//! The detached CMS envelope: written from constant pieces, read strictly.

use zf_crypto::asn1::{self, Element, Reader, oids};
use zf_crypto::cert::Certificate;
use zf_crypto::{digest, sm2};

use crate::error::{Error, Result};
use crate::signer::{Profile, Signer};

const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.47";

const PKCS7_DATA: &str = "1.2.840.113549.1.7.1";
const PKCS7_SIGNED: &str = "1.2.840.113549.1.7.2";
const GMT_DATA: &str = "1.2.156.10197.6.1.4.2.1";
const GMT_SIGNED: &str = "1.2.156.10197.6.1.4.2.2";

/// The longest DER signature: two integers of 33 bytes.
const SIGNATURE_MAX: usize = 72;

/// Everything of an envelope that does not change from receipt to receipt.
pub(crate) struct Envelope {
    signed_data: Vec<u8>,
    data: Vec<u8>,
    certificates: Vec<u8>,
    signer_id: Vec<u8>,
    content_type_attribute: Vec<u8>,
    certificate_attribute: Vec<u8>,
    signature_algorithm: Vec<u8>,
    /// Length of an envelope with the longest signature: what the hole in the PDF must hold.
    pub(crate) length_max: usize,
}

fn attribute(oid: &str, value: &[u8]) -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(oid), &asn1::element(asn1::SET, &[value])])
}

fn sm3() -> Vec<u8> {
    asn1::sequence(&[&asn1::oid(oids::SM3)])
}

impl Envelope {
    pub(crate) fn new(signer: &Signer, profile: Profile) -> Result<Self> {
        let (signed, data, algorithm) = match profile {
            Profile::Pkcs7 => (PKCS7_SIGNED, PKCS7_DATA, oids::SM2_WITH_SM3),
            Profile::Gmt0010 => (GMT_SIGNED, GMT_DATA, oids::SM2_SIGN),
        };
        let own = signer.certificate();
        let serial = asn1::integer(own.serial());
        // A root verifies nothing by travelling along; verifiers have their own.
        let certificates: Vec<&[u8]> = signer
            .chain()
            .iter()
            .filter(|c| c.issuer_der() != c.subject_der())
            .map(Certificate::der)
            .collect();
        let issuer = asn1::sequence(&[&asn1::element(0xa4, &[own.issuer_der()])]);
        let named = asn1::sequence(&[
            &sm3(),
            &asn1::octets(&digest::sm3(own.der())),
            &asn1::sequence(&[&issuer, &serial]),
        ]);
        let named = asn1::sequence(&[&asn1::sequence(&[&named])]);
        let mut envelope = Self {
            signed_data: asn1::oid(signed),
            data: asn1::oid(data),
            certificates: asn1::element(0xa0, &certificates),
            signer_id: asn1::sequence(&[own.issuer_der(), &serial]),
            content_type_attribute: attribute(CONTENT_TYPE, &asn1::oid(data)),
            certificate_attribute: attribute(SIGNING_CERTIFICATE, &named),
            signature_algorithm: asn1::sequence(&[&asn1::oid(algorithm)]),
            length_max: 0,
        };
        let attributes = envelope.attributes(&[0; 32], 0)?;
        envelope.length_max = envelope.assemble(&attributes, &[0; SIGNATURE_MAX]).len();
        Ok(envelope)
    }

    /// The signed attributes as SET OF: these bytes are signed.
    fn attributes(&self, message_digest: &[u8; 32], signing_time: i64) -> Result<Vec<u8>> {
        let time = asn1::time(signing_time).map_err(|_| Error::SigningTime)?;
        if time.first() != Some(&asn1::UTC_TIME) {
            return Err(Error::SigningTime);
        }
        Ok(asn1::set_of(&[
            &self.content_type_attribute,
            &attribute(SIGNING_TIME, &time),
            &attribute(MESSAGE_DIGEST, &asn1::octets(message_digest)),
            &self.certificate_attribute,
        ]))
    }

    fn assemble(&self, attributes: &[u8], signature: &[u8]) -> Vec<u8> {
        // Stored under the tag [0], signed under SET OF.
        let mut stored = attributes.to_vec();
        stored[0] = 0xa0;
        let version = asn1::integer(&[1]);
        let info = asn1::sequence(&[
            &version,
            &self.signer_id,
            &sm3(),
            &stored,
            &self.signature_algorithm,
            &asn1::octets(signature),
        ]);
        let signed = asn1::sequence(&[
            &version,
            &asn1::element(asn1::SET, &[&sm3()]),
            &asn1::sequence(&[&self.data]),
            &self.certificates,
            &asn1::element(asn1::SET, &[&info]),
        ]);
        asn1::sequence(&[&self.signed_data, &asn1::element(0xa0, &[&signed])])
    }

    /// Signs a digest of the covered bytes.
    pub(crate) fn sign(
        &self,
        signer: &Signer,
        message_digest: &[u8; 32],
        signing_time: i64,
    ) -> Result<Vec<u8>> {
        let attributes = self.attributes(message_digest, signing_time)?;
        let (r, s) = signer.sign(&signer.message_digest(&attributes))?;
        Ok(self.assemble(&attributes, &sm2::encode(&r, &s)))
    }
}

/// What an envelope says, before anything is believed.
pub(crate) struct Parsed {
    pub(crate) profile: Profile,
    pub(crate) data_type: String,
    pub(crate) certificates: Vec<Certificate>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
    /// Re-tagged as SET OF.
    pub(crate) attributes: Vec<u8>,
    pub(crate) content_type: Option<String>,
    pub(crate) message_digest: Option<Vec<u8>>,
    pub(crate) signing_time: Option<i64>,
    /// Hash algorithm and value, issuer and serial of signing-certificate-v2.
    pub(crate) signing_certificate: Option<NamedCertificate>,
    pub(crate) signature: Vec<u8>,
}

/// The certificate a signature names as its own.
pub(crate) struct NamedCertificate {
    algorithm: String,
    hash: Vec<u8>,
    issuer: Option<(Vec<u8>, Vec<u8>)>,
}

impl NamedCertificate {
    /// Whether it is this one.
    pub(crate) fn is(&self, certificate: &Certificate) -> bool {
        let hash = match self.algorithm.as_str() {
            oids::SM3 => digest::sm3(certificate.der()).to_vec(),
            SHA256 => digest::sha256(certificate.der()).to_vec(),
            _ => return false,
        };
        let named = self.issuer.as_ref().is_none_or(|(name, serial)| {
            name == certificate.issuer_der() && serial == certificate.serial()
        });
        hash == self.hash && named
    }
}

const SHA256: &str = "2.16.840.1.101.3.4.2.1";

type Parse<T> = std::result::Result<T, String>;

fn bad(what: &'static str) -> impl Fn(zf_crypto::Error) -> String {
    move |error| format!("{what}: {error}")
}

/// An algorithm whose parameters are absent or NULL.
fn algorithm(reader: &mut Reader<'_>, what: &'static str) -> Parse<String> {
    let mut inside = reader.sequence().map_err(bad(what))?;
    let oid = inside.oid().map_err(bad(what))?;
    if !inside.is_empty() {
        let parameters = inside.expect(asn1::NULL).map_err(bad(what))?;
        if !parameters.content.is_empty() {
            return Err(format!("{what}: parameters that are not empty"));
        }
    }
    inside.end().map_err(bad(what))?;
    Ok(oid)
}

/// A positive INTEGER without its leading zero byte.
fn unsigned<'a>(element: &Element<'a>) -> &'a [u8] {
    match element.content {
        [0, rest @ ..] if !rest.is_empty() => rest,
        whole => whole,
    }
}

impl Parsed {
    /// Reads an envelope; zero bytes may follow it (the hole is a little larger).
    pub(crate) fn read(bytes: &[u8]) -> Parse<Self> {
        let mut outer = Reader::new(bytes);
        let whole = outer.expect(asn1::SEQUENCE).map_err(bad("ContentInfo"))?;
        if bytes[whole.raw.len()..].iter().any(|byte| *byte != 0) {
            return Err("something follows after the envelope".to_owned());
        }
        let mut info = Reader::new(whole.content);
        let profile = match info.oid().map_err(bad("contentType"))?.as_str() {
            PKCS7_SIGNED => Profile::Pkcs7,
            GMT_SIGNED => Profile::Gmt0010,
            other => return Err(format!("the content type is {other}, not signed data")),
        };
        let mut explicit = info.inside(0xa0).map_err(bad("content"))?;
        info.end().map_err(bad("ContentInfo"))?;
        let mut signed = explicit.sequence().map_err(bad("SignedData"))?;
        explicit.end().map_err(bad("SignedData"))?;
        version_one(&mut signed)?;
        let mut digests = signed.inside(asn1::SET).map_err(bad("digestAlgorithms"))?;
        while !digests.is_empty() {
            only_sm3(&algorithm(&mut digests, "digestAlgorithms")?)?;
        }
        let mut encapsulated = signed.sequence().map_err(bad("encapContentInfo"))?;
        let data_type = encapsulated.oid().map_err(bad("encapContentInfo"))?;
        if !encapsulated.is_empty() {
            return Err("the signature is not detached".to_owned());
        }
        let mut certificates = Vec::new();
        if signed.peek() == Some(0xa0) {
            let mut list = signed.inside(0xa0).map_err(bad("certificates"))?;
            while !list.is_empty() {
                let element = list.element().map_err(bad("certificates"))?;
                certificates.push(Certificate::from_der(element.raw).map_err(bad("certificates"))?);
            }
        }
        if signed.peek() == Some(0xa1) {
            signed.element().map_err(bad("crls"))?;
        }
        let mut infos = signed.inside(asn1::SET).map_err(bad("signerInfos"))?;
        signed.end().map_err(bad("SignedData"))?;
        let mut signer = infos.sequence().map_err(bad("SignerInfo"))?;
        if !infos.is_empty() {
            return Err("there is more than one signature in the envelope".to_owned());
        }
        version_one(&mut signer)?;
        let mut id = signer.sequence().map_err(bad("signer identifier"))?;
        let issuer = id
            .expect(asn1::SEQUENCE)
            .map_err(bad("issuer"))?
            .raw
            .to_vec();
        let serial = unsigned(&id.expect(asn1::INTEGER).map_err(bad("serial"))?).to_vec();
        id.end().map_err(bad("signer identifier"))?;
        only_sm3(&algorithm(&mut signer, "digestAlgorithm")?)?;
        let stored = signer.expect(0xa0).map_err(bad("signed attributes"))?;
        let mut attributes = stored.raw.to_vec();
        attributes[0] = asn1::SET;
        match algorithm(&mut signer, "signatureAlgorithm")?.as_str() {
            oids::SM2_WITH_SM3 | oids::SM2_SIGN => {}
            other => return Err(format!("the signature algorithm {other} is not SM2")),
        }
        let signature = signer.expect(asn1::OCTETS).map_err(bad("signature"))?;
        if signer.peek() == Some(0xa1) {
            // Unsigned attributes, such as a time-stamp: they change nothing here.
            signer.element().map_err(bad("unsigned attributes"))?;
        }
        signer.end().map_err(bad("SignerInfo"))?;
        let mut parsed = Self {
            profile,
            data_type,
            certificates,
            issuer,
            serial,
            attributes,
            content_type: None,
            message_digest: None,
            signing_time: None,
            signing_certificate: None,
            signature: signature.content.to_vec(),
        };
        parsed.read_attributes(stored.content)?;
        Ok(parsed)
    }

    fn read_attributes(&mut self, content: &[u8]) -> Parse<()> {
        let fault = bad("signed attributes");
        let mut list = Reader::new(content);
        while !list.is_empty() {
            let mut attribute = list.sequence().map_err(&fault)?;
            let oid = attribute.oid().map_err(&fault)?;
            let mut values = attribute.inside(asn1::SET).map_err(&fault)?;
            attribute.end().map_err(&fault)?;
            let twice = match oid.as_str() {
                CONTENT_TYPE => {
                    let value = values.oid().map_err(&fault)?;
                    self.content_type.replace(value).is_some()
                }
                MESSAGE_DIGEST => {
                    let value = values.expect(asn1::OCTETS).map_err(&fault)?;
                    self.message_digest
                        .replace(value.content.to_vec())
                        .is_some()
                }
                SIGNING_TIME => {
                    let value = values.element().map_err(&fault)?;
                    let time = asn1::read_time(&value).map_err(&fault)?;
                    self.signing_time.replace(time).is_some()
                }
                SIGNING_CERTIFICATE => {
                    let value = named_certificate(&mut values)?;
                    self.signing_certificate.replace(value).is_some()
                }
                _ => continue,
            };
            values.end().map_err(&fault)?;
            if twice {
                return Err(format!("the attribute {oid} occurs twice"));
            }
        }
        Ok(())
    }

    /// The certificate the signature claims, by issuer and serial number.
    pub(crate) fn signer(&self) -> Option<&Certificate> {
        self.certificates
            .iter()
            .find(|c| c.issuer_der() == self.issuer && c.serial() == self.serial)
    }
}

fn version_one(reader: &mut Reader<'_>) -> Parse<()> {
    let version = reader.expect(asn1::INTEGER).map_err(bad("version"))?;
    if version.content == [1] {
        Ok(())
    } else {
        Err("the version is not 1".to_owned())
    }
}

fn only_sm3(oid: &str) -> Parse<()> {
    if oid == oids::SM3 {
        Ok(())
    } else {
        Err(format!("the digest algorithm {oid} is not SM3"))
    }
}

fn named_certificate(values: &mut Reader<'_>) -> Parse<NamedCertificate> {
    let fault = bad("signing-certificate-v2");
    let mut value = values.sequence().map_err(&fault)?;
    let mut list = value.sequence().map_err(&fault)?;
    // The first is the signer's; others would describe its chain.
    let mut id = list.sequence().map_err(&fault)?;
    let algorithm = if id.peek() == Some(asn1::SEQUENCE) {
        algorithm(&mut id, "signing-certificate-v2")?
    } else {
        // RFC 5035: SHA-256 when not stated.
        SHA256.to_owned()
    };
    let hash = id.expect(asn1::OCTETS).map_err(&fault)?.content.to_vec();
    let issuer = if id.is_empty() {
        None
    } else {
        let mut issuer_serial = id.sequence().map_err(&fault)?;
        let mut names = issuer_serial.sequence().map_err(&fault)?;
        let mut name = names.inside(0xa4).map_err(&fault)?;
        let name = name.expect(asn1::SEQUENCE).map_err(&fault)?.raw.to_vec();
        let serial = issuer_serial.expect(asn1::INTEGER).map_err(&fault)?;
        Some((name, unsigned(&serial).to_vec()))
    };
    Ok(NamedCertificate {
        algorithm,
        hash,
        issuer,
    })
}
