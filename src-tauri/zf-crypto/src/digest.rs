//! Hash functions, whole and by stream, and hexadecimal text.

use sha2::Digest as _;

/// SHA-256 of `data`.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(data).into()
}

/// SHA-1 of `data`. Only for what a channel prescribes (bill hashes); it protects nothing.
pub fn sha1(data: &[u8]) -> [u8; 20] {
    sha1::Sha1::digest(data).into()
}

/// SM3 of `data` (GB/T 32905).
pub fn sm3(data: &[u8]) -> [u8; 32] {
    sm3::Sm3::digest(data).into()
}

/// MD5 of `data`. Only for Alipay's certificate numbers; it protects nothing.
pub fn md5(data: &[u8]) -> [u8; 16] {
    md5::Md5::digest(data).into()
}

macro_rules! stream {
    ($(#[$doc:meta])* $name:ident, $inner:ty, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Default)]
        pub struct $name($inner);

        impl $name {
            /// An empty stream.
            pub fn new() -> Self {
                Self::default()
            }

            /// Takes the next bytes.
            pub fn update(&mut self, data: &[u8]) {
                self.0.update(data);
            }

            /// The digest of all bytes taken.
            pub fn finish(self) -> [u8; $len] {
                self.0.finalize().into()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

stream!(
    /// SHA-1 of bytes that come in pieces.
    Sha1Stream, sha1::Sha1, 20
);
stream!(
    /// SHA-256 of bytes that come in pieces.
    Sha256Stream, sha2::Sha256, 32
);
stream!(
    /// SM3 of bytes that come in pieces; a clone keeps the state after a common beginning.
    Sm3Stream, sm3::Sm3, 32
);

fn hex(data: &[u8], digits: &[u8; 16]) -> String {
    data.iter()
        .flat_map(|b| [digits[usize::from(b >> 4)], digits[usize::from(b & 15)]])
        .map(char::from)
        .collect()
}

/// Lower-case hexadecimal text.
pub fn hex_lower(data: &[u8]) -> String {
    hex(data, b"0123456789abcdef")
}

/// Upper-case hexadecimal text.
pub fn hex_upper(data: &[u8]) -> String {
    hex(data, b"0123456789ABCDEF")
}

/// The bytes a hexadecimal text stands for; `None` unless it is pairs of hexadecimal digits only.
pub fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers_for_abc() {
        let cases: [(&str, Vec<u8>); 4] = [
            (
                "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
                sm3(b"abc").to_vec(),
            ),
            (
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                sha256(b"abc").to_vec(),
            ),
            (
                "a9993e364706816aba3e25717850c26c9cd0d89d",
                sha1(b"abc").to_vec(),
            ),
            ("900150983cd24fb0d6963f7d28e17f72", md5(b"abc").to_vec()),
        ];
        for (wanted, found) in cases {
            assert_eq!(hex_lower(&found), wanted);
            assert_eq!(hex_bytes(&hex_upper(&found)), Some(found));
        }
    }

    #[test]
    fn a_stream_equals_the_whole() {
        let mut sm3s = Sm3Stream::new();
        let mut sha1s = Sha1Stream::new();
        let mut sha256s = Sha256Stream::new();
        for piece in [&b"a"[..], b"", b"bc"] {
            sm3s.update(piece);
            sha1s.update(piece);
            sha256s.update(piece);
        }
        assert_eq!(sm3s.finish(), sm3(b"abc"));
        assert_eq!(sha1s.finish(), sha1(b"abc"));
        assert_eq!(sha256s.finish(), sha256(b"abc"));
    }

    #[test]
    fn hex_refuses_what_is_not_hex() {
        for bad in ["0", "0g", "é", " 0", "+1"] {
            assert_eq!(hex_bytes(bad), None, "{bad}");
        }
    }
}
