//! Randomness of the operating system.

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;

/// The system generator in the shape the RustCrypto crates take. A system that cannot give random
/// bytes must not sign or pay: it stops the program.
pub(crate) fn system() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// `N` unpredictable bytes.
///
/// # Panics
/// When the operating system gives no random bytes: going on without them would be unsafe.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    getrandom::fill(&mut out).expect("the operating system gives random bytes");
    out
}

/// `len` unpredictable characters of `0-9A-Za-z`, evenly distributed (5.95 bits each).
///
/// # Panics
/// As [`bytes`].
pub fn alphanumeric(len: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = String::with_capacity(len);
    while out.len() < len {
        for byte in bytes::<64>() {
            // 248 = 4 × 62: larger values would favour the first letters.
            if byte < 248 && out.len() < len {
                out.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_of_the_length_asked() {
        for len in [0, 1, 32, 200] {
            let text = alphanumeric(len);
            assert_eq!(text.len(), len);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric()));
        }
        assert_ne!(alphanumeric(32), alphanumeric(32));
    }
}
