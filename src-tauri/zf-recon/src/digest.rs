//! SM3, the digest of every fingerprint this crate prints.

use std::io;

use sm3::{Digest as _, Sm3};

/// SM3 over what is written so far.
#[derive(Clone)]
pub(crate) struct Fingerprint(Sm3);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self(Sm3::new())
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// 64 lowercase hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.0
            .finalize()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
            .collect()
    }
}

impl io::Write for Fingerprint {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GB/T 32905-2016, appendix A.1.
    #[test]
    fn sm3_of_abc() {
        let mut print = Fingerprint::new();
        print.update(b"abc");
        assert_eq!(
            print.hex(),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
    }
}
