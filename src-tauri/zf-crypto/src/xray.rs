//! The signature X-ray: the exact text a WeChat Pay signature covers, its invisible characters
//! made visible, and the first place where two texts part.
//!
//! Source: WeChat Pay APIv3, request signing and reply verification; checked 2026-08.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::Digest as _;

use crate::cert::Certificate;
use crate::error::Result;
use crate::rsa::{RsaVerifyingKey, SignatureContent};
use crate::sm2::Sm2VerifyingKey;

/// What a request signature covers: five lines, each ended by one LF, the last too. `url` is path
/// and query exactly as sent, without scheme and host.
pub fn request_message(
    method: &str,
    url: &str,
    timestamp: &str,
    nonce: &str,
    body: &[u8],
) -> Vec<u8> {
    lines(&[
        method.as_bytes(),
        url.as_bytes(),
        timestamp.as_bytes(),
        nonce.as_bytes(),
        body,
    ])
}

/// What the signature of a reply or a notification covers: three lines, each ended by one LF.
/// `body` is the raw bytes as received; empty for 204.
pub fn reply_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    lines(&[timestamp.as_bytes(), nonce.as_bytes(), body])
}

fn lines(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for part in parts {
        out.extend_from_slice(part);
        out.push(b'\n');
    }
    out
}

/// The text with its line ends and invisible characters shown: `⏎` (and a real line break) for
/// LF, `␍` for CR, `⇥` for TAB, `·` for a space at the end of a line, `⟨U+FEFF⟩` for other
/// characters nobody sees, `⟨FF⟩` for bytes that are not UTF-8.
pub fn visible(data: &[u8]) -> String {
    let mut out = String::with_capacity(data.len() + 16);
    for chunk in data.utf8_chunks() {
        let mut characters = chunk.valid().chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\n' => out.push_str("⏎\n"),
                '\r' => out.push('␍'),
                '\t' => out.push('⇥'),
                ' ' if matches!(characters.peek(), None | Some('\n' | '\r')) => out.push('·'),
                c if is_unseen(c) => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("⟨{byte:02X}⟩"));
        }
    }
    out
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'
                | '\u{2066}'..='\u{2069}' | '\u{3000}' | '\u{feff}'
        )
}

/// The first place where two texts part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Bytes before it, equal in both.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// The left text from there on (at most 24 bytes), made visible; empty at its end.
    pub left: String,
    /// The same of the right text.
    pub right: String,
}

/// Compares two texts byte by byte; `None` when they are equal.
pub fn first_difference(left: &[u8], right: &[u8]) -> Option<Difference> {
    if left == right {
        return None;
    }
    let offset = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let before = &left[..offset];
    let line_start = before
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    // Shown from the beginning of the character that differs, not from its middle.
    let mut from = offset;
    while from > line_start
        && [left, right]
            .iter()
            .any(|text| text.get(from).is_some_and(|b| b & 0xc0 == 0x80))
    {
        from -= 1;
    }
    let show = |text: &[u8]| visible(&text[from.min(text.len())..text.len().min(from + 24)]);
    Some(Difference {
        offset,
        line: before.iter().filter(|b| **b == b'\n').count() + 1,
        column: offset - line_start + 1,
        left: show(left),
        right: show(right),
    })
}

/// How WeChat Pay marks the false signatures it sends on purpose; refusing them is right.
pub const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// A public key of either kind.
#[derive(Debug, Clone)]
pub enum PublicKey {
    /// RSA.
    Rsa(RsaVerifyingKey),
    /// SM2.
    Sm2(Box<Sm2VerifyingKey>),
}

impl PublicKey {
    /// Reads a certificate or a public key in PEM.
    ///
    /// # Errors
    /// `WrongKind` names what the text is instead; `Malformed`, `Unsupported`.
    pub fn from_pem(pem: &str) -> Result<Self> {
        if pem.contains("BEGIN CERTIFICATE") {
            return Self::from_spki_der(Certificate::from_pem(pem)?.spki_der());
        }
        match RsaVerifyingKey::from_spki_pem(pem) {
            Ok(key) => Ok(Self::Rsa(key)),
            Err(rsa) => Sm2VerifyingKey::from_spki_pem(pem)
                .map(|key| Self::Sm2(Box::new(key)))
                .map_err(|_| rsa),
        }
    }

    /// Reads a SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// `Malformed`, `Unsupported`.
    pub fn from_spki_der(der: &[u8]) -> Result<Self> {
        match RsaVerifyingKey::from_spki_der(der) {
            Ok(key) => Ok(Self::Rsa(key)),
            Err(rsa) => Sm2VerifyingKey::from_spki_der(der)
                .map(|key| Self::Sm2(Box::new(key)))
                .map_err(|_| rsa),
        }
    }

    /// SubjectPublicKeyInfo.
    pub fn to_spki_der(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => key.to_spki_der(),
            Self::Sm2(key) => key.to_spki_der(),
        }
    }

    /// Whether the signature is over exactly this message: SHA-256 for RSA, SM3 for SM2.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(key) => key.verify_sha256(message, signature).is_ok(),
            Self::Sm2(key) => key.verify(message, signature).is_ok(),
        }
    }
}

/// Why a signature is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The channel sent a false signature on purpose.
    Probe,
    /// The text is no Base64.
    NotBase64,
    /// There is no text.
    Empty,
    /// Other bytes, another key, or an altered signature.
    Mismatch,
}

impl Refusal {
    /// The stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::NotBase64 => "not_base64",
            Self::Empty => "empty",
            Self::Mismatch => "mismatch",
        }
    }
}

/// Judges a signature in its Base64 text.
///
/// # Errors
/// Why it is refused.
pub fn judge(key: &PublicKey, message: &[u8], signature: &str) -> std::result::Result<(), Refusal> {
    if signature.starts_with(PROBE) {
        return Err(Refusal::Probe);
    }
    if signature.is_empty() {
        return Err(Refusal::Empty);
    }
    let bytes = BASE64.decode(signature).map_err(|_| Refusal::NotBase64)?;
    if key.verifies(message, &bytes) {
        Ok(())
    } else {
        Err(Refusal::Mismatch)
    }
}

/// Path and query of an address, as they are signed: without scheme and host.
pub fn path_and_query(url: &str) -> &str {
    match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => url,
    }
}

/// Asks whether a text is what a signature was made over, as often as one likes: an RSA signature is
/// opened once, and each text then costs one digest.
pub struct Asked<'a> {
    key: &'a PublicKey,
    signature: &'a [u8],
    content: Option<SignatureContent>,
}

impl<'a> Asked<'a> {
    /// A signature with the key it is said to be of.
    pub fn new(key: &'a PublicKey, signature: &'a [u8]) -> Self {
        let content = match key {
            PublicKey::Rsa(rsa) => Some(rsa.open_signature(signature)),
            PublicKey::Sm2(_) => None,
        };
        Self {
            key,
            signature,
            content,
        }
    }

    /// What the signature holds; `None` for SM2, which does not show it.
    pub const fn content(&self) -> Option<&SignatureContent> {
        self.content.as_ref()
    }

    /// Whether the signature covers this text.
    pub fn covers(&self, message: &[u8]) -> bool {
        match &self.content {
            Some(SignatureContent::Digest {
                algorithm: "SHA-256",
                digest,
            }) => sha2::Sha256::digest(message).as_slice() == digest.as_slice(),
            Some(_) => false,
            None => self.key.verifies(message, self.signature),
        }
    }

    /// The text that was signed, when it differs from this one by a single byte: changed, added or
    /// lost. Only for RSA, and for texts of at most `BYTES_MAX` bytes: every position is tried with
    /// every visible ASCII character, space and line end.
    pub fn one_byte_away(&self, message: &[u8]) -> Option<Vec<u8>> {
        const BYTES_MAX: usize = 1_600;
        let Some(SignatureContent::Digest {
            algorithm: "SHA-256",
            digest,
        }) = &self.content
        else {
            return None;
        };
        if message.len() > BYTES_MAX {
            return None;
        }
        let wanted = digest.as_slice();
        let with = |head: &sha2::Sha256, byte: Option<u8>, tail: &[u8]| {
            let mut hash = head.clone();
            if let Some(byte) = byte {
                hash.update([byte]);
            }
            hash.update(tail);
            hash.finalize().as_slice() == wanted
        };
        let build = |at: usize, byte: Option<u8>, tail: &[u8]| {
            let mut found = message[..at].to_vec();
            found.extend(byte);
            found.extend_from_slice(tail);
            found
        };
        let mut head = sha2::Sha256::new();
        for at in 0..=message.len() {
            let rest = &message[at..];
            let after = rest.get(1..).unwrap_or_default();
            if !rest.is_empty() && with(&head, None, after) {
                return Some(build(at, None, after));
            }
            for byte in (0x20..0x7f).chain([b'\n', b'\r', b'\t']) {
                if !rest.is_empty() && with(&head, Some(byte), after) {
                    return Some(build(at, Some(byte), after));
                }
                if with(&head, Some(byte), rest) {
                    return Some(build(at, Some(byte), rest));
                }
            }
            head.update(&rest[..rest.len().min(1)]);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was signed is found again from a text one byte away; nothing is found for other texts.
    #[test]
    fn a_single_byte_is_found() {
        let key = crate::rsa::RsaSigningKey::generate(2048).unwrap();
        let public = PublicKey::Rsa(key.public());
        let message = b"1\nn\n{\"total\":100}\n";
        let signature = key.sign_sha256(message).unwrap();
        let asked = Asked::new(&public, &signature);
        assert!(asked.covers(message));
        for near in [
            &b"1\nn\n{\"total\":900}\n"[..],
            b"1\nn\n{\"total\":1000}\n",
            b"1\nn\n{\"total\":10}\n",
            b"1\nn\n{\"total\":100}",
        ] {
            assert!(!asked.covers(near));
            assert_eq!(asked.one_byte_away(near).as_deref(), Some(&message[..]));
        }
        assert_eq!(asked.one_byte_away(b"1\nn\n{\"total\":999}\n"), None);
        let other = PublicKey::Rsa(crate::rsa::RsaSigningKey::generate(2048).unwrap().public());
        assert_eq!(
            Asked::new(&other, &signature).content(),
            Some(&SignatureContent::Unreadable)
        );
    }

    #[test]
    fn an_address_is_cut_to_what_is_signed() {
        for (url, wanted) in [
            ("https://api.mch.weixin.qq.com/v3/a?b=1", "/v3/a?b=1"),
            ("/v3/a?b=1", "/v3/a?b=1"),
            ("https://host", "/"),
        ] {
            assert_eq!(path_and_query(url), wanted);
        }
    }

    #[test]
    fn messages_end_every_line() {
        assert_eq!(
            request_message("GET", "/v3/certificates?a=1", "1", "n", b""),
            b"GET\n/v3/certificates?a=1\n1\nn\n\n"
        );
        assert_eq!(reply_message("1", "n", b"{}\n"), b"1\nn\n{}\n\n");
        assert_eq!(reply_message("1", "n", b""), b"1\nn\n\n");
    }

    #[test]
    fn the_invisible_is_shown() {
        let cases: [(&[u8], &str); 6] = [
            (b"a\nb", "a⏎\nb"),
            (b"a\r\n", "a␍⏎\n"),
            (b"a b \n ", "a b·⏎\n·"),
            ("\u{feff}{}".as_bytes(), "⟨U+FEFF⟩{}"),
            (b"\x00\t", "⟨U+0000⟩⇥"),
            (b"\xff\xe4\xb8", "⟨FF⟩⟨E4⟩⟨B8⟩"),
        ];
        for (data, wanted) in cases {
            assert_eq!(visible(data), wanted);
        }
    }

    #[test]
    fn the_first_difference_has_a_place() {
        let check = |left: &str, right: &str, wanted: Option<(usize, usize, usize, &str, &str)>| {
            let found = first_difference(left.as_bytes(), right.as_bytes());
            let found = found.as_ref().map(|d| {
                (
                    d.offset,
                    d.line,
                    d.column,
                    d.left.as_str(),
                    d.right.as_str(),
                )
            });
            assert_eq!(found, wanted, "{left:?} {right:?}");
        };
        check("same", "same", None);
        check("POST\n/a\n", "POST\n/b\n", Some((6, 2, 2, "a⏎\n", "b⏎\n")));
        check("{}\n", "{}", Some((2, 1, 3, "⏎\n", "")));
        check("{}\r\n", "{}\n", Some((2, 1, 3, "␍⏎\n", "⏎\n")));
        check("元", "兀", Some((2, 1, 3, "元", "兀")));
        check("", "x", Some((0, 1, 1, "", "x")));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(left: Vec<u8>, right: Vec<u8>) {
            visible(&left);
            let difference = first_difference(&left, &right);
            proptest::prop_assert_eq!(difference.is_none(), left == right);
        }
    }
}
