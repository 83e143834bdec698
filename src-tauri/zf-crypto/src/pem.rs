//! PEM text as people have it: with Windows line ends, text around the blocks, several blocks, or
//! no armour at all (Alipay's key tool writes bare Base64). The answer to a wrong file names what
//! the file is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use zeroize::Zeroizing;

use crate::asn1;
use crate::error::{Error, Result};

/// One block: its label and its content.
pub(crate) struct Block {
    pub(crate) label: String,
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// Labels this crate asks for.
pub(crate) const PKCS8: &str = "PRIVATE KEY";
pub(crate) const PKCS1: &str = "RSA PRIVATE KEY";
pub(crate) const SEC1: &str = "EC PRIVATE KEY";
pub(crate) const SPKI: &str = "PUBLIC KEY";
pub(crate) const CERTIFICATE: &str = "CERTIFICATE";

const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// All blocks of a text, in order.
fn blocks(text: &str) -> Result<Vec<Block>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        rest = &rest[start + 11..];
        let Some(end) = rest.find("-----") else {
            return Err(Error::malformed("PEM text", "a BEGIN line is not finished"));
        };
        let mut label = rest[..end].trim().to_owned();
        rest = &rest[end + 5..];
        let closing = format!("-----END {label}-----");
        let Some(end) = rest.find(&closing) else {
            return Err(Error::malformed(
                "PEM text",
                format!("the line “{closing}” is missing; the text may be cut off"),
            ));
        };
        let body = &rest[..end];
        rest = &rest[end + closing.len()..];
        if body.contains("ENCRYPTED") {
            // Old OpenSSL style: headers say so, the label does not.
            label = ENCRYPTED.to_owned();
            found.push(Block {
                label,
                der: Zeroizing::default(),
            });
            continue;
        }
        let der = decode(body)?;
        found.push(Block { label, der });
    }
    Ok(found)
}

fn decode(body: &str) -> Result<Zeroizing<Vec<u8>>> {
    let compact: Zeroizing<String> =
        Zeroizing::new(body.chars().filter(|c| !c.is_whitespace()).collect());
    STANDARD
        .decode(compact.as_bytes())
        .or_else(|_| STANDARD_NO_PAD.decode(compact.as_bytes()))
        .map(Zeroizing::new)
        .map_err(|_| Error::malformed("PEM text", "the content between its lines is not Base64"))
}

/// What a label means, in words for a person holding the wrong file.
fn describe(label: &str) -> String {
    match label {
        CERTIFICATE | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => "a certificate".to_owned(),
        PKCS8 => "a private key (PKCS#8)".to_owned(),
        PKCS1 => "an RSA private key".to_owned(),
        SEC1 => "an elliptic-curve private key (SEC1)".to_owned(),
        ENCRYPTED => {
            "an encrypted private key (decrypt it first; no password is asked here)".to_owned()
        }
        SPKI => "a public key".to_owned(),
        "RSA PUBLIC KEY" => "an RSA public key (PKCS#1)".to_owned(),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => "a certificate request".to_owned(),
        other => format!("a PEM block “{other}”"),
    }
}

/// A bare Base64 or DER content recognised by its shape.
fn bare_kind(der: &[u8]) -> Option<&'static str> {
    let outer = asn1::Reader::new(der).sequence().ok()?;
    let mut inner = outer;
    let first = inner.element().ok()?;
    let second = inner.element().ok();
    match (first.tag, second.map(|e| e.tag)) {
        (asn1::INTEGER, Some(asn1::SEQUENCE)) => Some(PKCS8),
        (asn1::INTEGER, Some(asn1::INTEGER)) if inner.is_empty() => Some("RSA PUBLIC KEY"),
        (asn1::INTEGER, Some(asn1::INTEGER)) => Some(PKCS1),
        (asn1::INTEGER, Some(asn1::OCTETS)) => Some(SEC1),
        (asn1::SEQUENCE, Some(asn1::BITS)) => Some(SPKI),
        (asn1::SEQUENCE, Some(asn1::OCTETS)) => Some(ENCRYPTED),
        (asn1::SEQUENCE, Some(asn1::SEQUENCE)) => Some(CERTIFICATE),
        _ => None,
    }
}

/// All blocks with one of the labels wanted; an error that names what was found otherwise.
pub(crate) fn all(text: &str, labels: &[&str], wanted: &'static str) -> Result<Vec<Block>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut found = blocks(text)?;
    if found.is_empty() {
        if text.trim().is_empty() {
            return Err(Error::WrongKind {
                found: "an empty text".to_owned(),
                wanted,
            });
        }
        let bare = decode(text)
            .ok()
            .and_then(|der| bare_kind(&der).map(|label| (label, der)));
        match bare {
            Some((label, der)) => found.push(Block {
                label: label.to_owned(),
                der,
            }),
            None => {
                return Err(Error::WrongKind {
                    found: "a text that is not PEM (no -----BEGIN … line)".to_owned(),
                    wanted,
                });
            }
        }
    }
    let first = describe(&found[0].label);
    found.retain(|block| labels.contains(&block.label.as_str()));
    if found.is_empty() {
        return Err(Error::WrongKind {
            found: first,
            wanted,
        });
    }
    Ok(found)
}

/// The first block with one of the labels wanted.
pub(crate) fn one(text: &str, labels: &[&str], wanted: &'static str) -> Result<Block> {
    all(text, labels, wanted).map(|mut found| found.swap_remove(0))
}

/// PEM text with LF line ends and 64 columns, for content that is not secret.
pub(crate) fn armour(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in base64.as_bytes().chunks(64) {
        out.extend(line.iter().map(|b| char::from(*b)));
        out.push('\n');
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}

/// What algorithm a PKCS#8 private key or a public key is for, in words.
pub(crate) fn algorithm_in_words(oid: &str, parameters: Option<&str>) -> String {
    match (oid, parameters) {
        ("1.2.840.113549.1.1.1", _) => "RSA".to_owned(),
        ("1.2.840.10045.2.1", Some(asn1::oids::SM2_CURVE)) => "SM2".to_owned(),
        ("1.2.840.10045.2.1", Some("1.2.840.10045.3.1.7")) => "ECDSA P-256".to_owned(),
        ("1.2.840.10045.2.1", Some("1.3.132.0.34")) => "ECDSA P-384".to_owned(),
        ("1.2.840.10045.2.1", _) => "elliptic-curve".to_owned(),
        ("1.3.101.112", _) => "Ed25519".to_owned(),
        (other, _) => format!("algorithm {other}"),
    }
}

/// The algorithm named inside a PKCS#8 private key.
pub(crate) fn pkcs8_algorithm(der: &[u8]) -> Option<String> {
    let mut key = asn1::Reader::new(der).sequence().ok()?;
    key.element().ok()?;
    let mut algorithm = key.sequence().ok()?;
    let oid = algorithm.oid().ok()?;
    let curve = algorithm.oid().ok();
    Some(algorithm_in_words(&oid, curve.as_deref()))
}
