//! Strict DER: a reader that never panics and a writer of small pieces.
//!
//! Certificates and CMS envelopes are written here piece by piece because their exact bytes are
//! hashed, patched and signed; a serializer that hides the bytes would be in the way.

use crate::error::{Error, Result};

/// Tags used by certificates and CMS.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING.
pub const BITS: u8 = 0x03;
/// OCTET STRING.
pub const OCTETS: u8 = 0x04;
/// NULL.
pub const NULL: u8 = 0x05;
/// OBJECT IDENTIFIER.
pub const OID: u8 = 0x06;
/// UTF8String.
pub const UTF8: u8 = 0x0c;
/// PrintableString.
pub const PRINTABLE: u8 = 0x13;
/// UTCTime.
pub const UTC_TIME: u8 = 0x17;
/// GeneralizedTime.
pub const GENERALIZED_TIME: u8 = 0x18;
/// SEQUENCE, SEQUENCE OF.
pub const SEQUENCE: u8 = 0x30;
/// SET, SET OF.
pub const SET: u8 = 0x31;

/// Object identifiers, dotted.
pub mod oids {
    /// The SM2 curve.
    pub const SM2_CURVE: &str = "1.2.156.10197.1.301";
    /// SM2 with SM3.
    pub const SM2_WITH_SM3: &str = "1.2.156.10197.1.501";
    /// SM2 signature, hash not named (GM/T 0010).
    pub const SM2_SIGN: &str = "1.2.156.10197.1.301.1";
    /// SM3.
    pub const SM3: &str = "1.2.156.10197.1.401";
    /// Elliptic-curve public key.
    pub const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
    /// RSA public key.
    pub const RSA: &str = "1.2.840.113549.1.1.1";
    /// RSA PKCS#1 v1.5 with SHA-256.
    pub const RSA_SHA256: &str = "1.2.840.113549.1.1.11";
}

fn fault(why: &str) -> Error {
    Error::malformed("DER", why)
}

/// One element: its tag, its content and its whole encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// Identifier byte.
    pub tag: u8,
    /// Content without header.
    pub content: &'a [u8],
    /// Header and content.
    pub raw: &'a [u8],
}

/// Reads elements one after the other; definite, minimal lengths only.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `data`.
    pub fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    /// Nothing left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next element, if there is one.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element.
    ///
    /// # Errors
    /// `Malformed` at the end of the data, for multi-byte tags, for indefinite or over-long
    /// lengths, and when the content is cut off.
    pub fn element(&mut self) -> Result<Element<'a>> {
        let (&tag, after) = self
            .rest
            .split_first()
            .ok_or_else(|| fault("it ends early"))?;
        if tag & 0x1f == 0x1f {
            return Err(fault("a multi-byte tag"));
        }
        let (&first, mut after) = after.split_first().ok_or_else(|| fault("it ends early"))?;
        let len = if first < 0x80 {
            usize::from(first)
        } else {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 4 || after.len() < count {
                return Err(fault("a length that DER does not allow"));
            }
            let (digits, rest) = after.split_at(count);
            after = rest;
            let len = digits
                .iter()
                .fold(0_usize, |len, digit| len << 8 | usize::from(*digit));
            if digits[0] == 0 || len < 0x80 {
                return Err(fault("a length longer than needed"));
            }
            len
        };
        if after.len() < len {
            return Err(fault("an element is cut off"));
        }
        let header = self.rest.len() - after.len();
        let (raw, rest) = self.rest.split_at(header + len);
        self.rest = rest;
        Ok(Element {
            tag,
            content: &raw[header..],
            raw,
        })
    }

    /// The next element, which must have this tag.
    ///
    /// # Errors
    /// As [`Reader::element`], and for another tag.
    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>> {
        let before = self.rest;
        let element = self.element()?;
        if element.tag != tag {
            self.rest = before;
            return Err(fault(&format!(
                "tag {:02x} where {tag:02x} belongs",
                element.tag
            )));
        }
        Ok(element)
    }

    /// The inside of the next element, which must have this tag.
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn inside(&mut self, tag: u8) -> Result<Reader<'a>> {
        self.expect(tag).map(|element| Reader::new(element.content))
    }

    /// The inside of the next SEQUENCE.
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn sequence(&mut self) -> Result<Reader<'a>> {
        self.inside(SEQUENCE)
    }

    /// The next OBJECT IDENTIFIER, dotted.
    ///
    /// # Errors
    /// As [`Reader::expect`], and for bytes that are no object identifier.
    pub fn oid(&mut self) -> Result<String> {
        let before = self.rest;
        let element = self.expect(OID)?;
        der::asn1::ObjectIdentifier::from_bytes(element.content)
            .map(|oid| oid.to_string())
            .map_err(|_| {
                self.rest = before;
                fault("an object identifier that cannot be read")
            })
    }

    /// Makes sure nothing follows.
    ///
    /// # Errors
    /// `Malformed` when something does.
    pub fn end(&self) -> Result<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(fault("something follows after the end"))
        }
    }
}

/// One element of these content parts.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(len + 6);
    out.push(tag);
    if len < 0x80 {
        out.push(u8::try_from(len).unwrap_or(0));
    } else {
        let digits = len.to_be_bytes();
        let skip = digits.iter().take_while(|digit| **digit == 0).count();
        let count = digits.len() - skip;
        out.push(0x80 | u8::try_from(count).unwrap_or(0));
        out.extend_from_slice(&digits[skip..]);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// SEQUENCE of elements.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, parts)
}

/// SET OF elements, put into DER order.
pub fn set_of(parts: &[&[u8]]) -> Vec<u8> {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    element(SET, &sorted)
}

/// OBJECT IDENTIFIER from its dotted text.
///
/// # Panics
/// When the text is not an object identifier; only constants are passed here.
pub fn oid(dotted: &str) -> Vec<u8> {
    let oid = der::asn1::ObjectIdentifier::new(dotted).expect("a constant object identifier");
    element(OID, &[oid.as_bytes()])
}

/// Non-negative INTEGER from big-endian bytes.
pub fn integer(big_endian: &[u8]) -> Vec<u8> {
    let skip = big_endian.iter().take_while(|byte| **byte == 0).count();
    match big_endian.get(skip) {
        None => element(INTEGER, &[&[0]]),
        Some(first) if *first >= 0x80 => element(INTEGER, &[&[0], &big_endian[skip..]]),
        Some(_) => element(INTEGER, &[&big_endian[skip..]]),
    }
}

/// OCTET STRING.
pub fn octets(content: &[u8]) -> Vec<u8> {
    element(OCTETS, &[content])
}

/// BIT STRING of whole bytes.
pub fn bits(content: &[u8]) -> Vec<u8> {
    element(BITS, &[&[0], content])
}

/// UTCTime until 2049, GeneralizedTime after; whole seconds, Z.
///
/// # Errors
/// `Malformed` for a time before 1970 or after 9999.
pub fn time(unix_seconds: i64) -> Result<Vec<u8>> {
    use der::Encode as _;
    let fault = |_| Error::malformed("time", "it lies outside 1970 to 9999");
    let seconds =
        u64::try_from(unix_seconds).map_err(|_| Error::malformed("time", "it lies before 1970"))?;
    let duration = std::time::Duration::from_secs(seconds);
    let date = der::DateTime::from_unix_duration(duration).map_err(fault)?;
    if date.year() < 2050 {
        der::asn1::UtcTime::from_unix_duration(duration)
            .and_then(|t| t.to_der())
            .map_err(fault)
    } else {
        der::asn1::GeneralizedTime::from_unix_duration(duration)
            .and_then(|t| t.to_der())
            .map_err(fault)
    }
}

/// Unix seconds of a UTCTime or GeneralizedTime element.
///
/// # Errors
/// `Malformed` for another tag or an impossible date.
pub fn read_time(element: &Element<'_>) -> Result<i64> {
    use der::Decode as _;
    let fault = |_| fault("a time that cannot be read");
    let duration = match element.tag {
        UTC_TIME => der::asn1::UtcTime::from_der(element.raw)
            .map_err(fault)?
            .to_unix_duration(),
        GENERALIZED_TIME => der::asn1::GeneralizedTime::from_der(element.raw)
            .map_err(fault)?
            .to_unix_duration(),
        _ => return Err(Error::malformed("DER", "no time where a time belongs")),
    };
    i64::try_from(duration.as_secs()).map_err(|_| Error::malformed("time", "out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        let long = vec![7; 300];
        for content in [&b""[..], b"\x01", &long[..127], &long[..128], &long] {
            let raw = octets(content);
            let mut reader = Reader::new(&raw);
            assert_eq!(reader.expect(OCTETS).unwrap().content, content);
            reader.end().unwrap();
        }
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
        assert_eq!(integer(&[0, 0x7f]), [2, 1, 0x7f]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(
            Reader::new(&oid(oids::SM3)).oid().unwrap(),
            oids::SM3.to_owned()
        );
        for seconds in [0, 1_793_149_241, 2_524_607_999, 2_524_608_000] {
            let raw = time(seconds).unwrap();
            let element = Reader::new(&raw).element().unwrap();
            assert_eq!(read_time(&element).unwrap(), seconds);
            assert_eq!(element.tag == UTC_TIME, seconds < 2_524_608_000);
        }
    }

    #[test]
    fn refuses_what_der_does_not_allow() {
        for bad in [
            &[][..],
            &[0x30],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x81, 0x01, 0],
            &[0x30, 0x82, 0x00, 0x80],
            &[0x04, 5, 1, 2],
            &[0x1f, 0x81, 0x01, 0],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
        ] {
            assert!(Reader::new(bad).element().is_err(), "{bad:x?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(data: Vec<u8>) {
            let mut reader = Reader::new(&data);
            while reader.element().is_ok() {}
        }
    }
}
