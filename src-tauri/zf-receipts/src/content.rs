//! Small pieces of PDF syntax, written byte by byte. Lengths are hundredths of a point.

use std::collections::BTreeSet;
use std::io::Write as _;

/// Writes a length given in hundredths of a point.
pub(crate) fn number(out: &mut Vec<u8>, hundredths: i32) {
    if hundredths < 0 {
        out.push(b'-');
    }
    let value = hundredths.unsigned_abs();
    let (whole, rest) = (value / 100, value % 100);
    if whole > 0 || rest == 0 {
        decimal(out, whole);
    }
    if rest > 0 {
        out.push(b'.');
        out.push(b'0' + u8::try_from(rest / 10).unwrap_or(0));
        if rest % 10 > 0 {
            out.push(b'0' + u8::try_from(rest % 10).unwrap_or(0));
        }
    }
}

/// Writes an unsigned decimal number.
pub(crate) fn decimal(out: &mut Vec<u8>, value: u32) {
    let mut digits = [0; 10];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Writes operands and an operator: `op(out, &[x, y], "m")`.
pub(crate) fn op(out: &mut Vec<u8>, operands: &[i32], operator: &str) {
    for operand in operands {
        number(out, *operand);
        out.push(b' ');
    }
    out.extend_from_slice(operator.as_bytes());
    out.push(b'\n');
}

/// Writes one byte of a literal string, escaped.
fn escaped(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'(' | b')' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\r' => out.extend_from_slice(b"\\r"),
        byte => out.push(byte),
    }
}

/// Writes one two-byte code inside a literal string.
pub(crate) fn code(out: &mut Vec<u8>, cid: u16) {
    let [high, low] = cid.to_be_bytes();
    escaped(out, high);
    escaped(out, low);
}

/// A PDF date in Beijing time: `(D:20261120092041+08'00')`, from `2026-11-20 09:20:41`.
pub(crate) fn date(out: &mut Vec<u8>, beijing: &str) {
    out.extend_from_slice(b"(D:");
    out.extend(beijing.bytes().filter(u8::is_ascii_digit));
    out.extend_from_slice(b"+08'00')");
}

/// A text string of the document level: UTF-16 with its mark, hexadecimal.
pub(crate) fn unicode(text: &str) -> String {
    let mut out = String::from("<FEFF");
    for unit in text.encode_utf16() {
        out.push_str(&format!("{unit:04X}"));
    }
    out.push('>');
    out
}

/// Compresses a stream that is written once a template.
pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(data)
        .and_then(|()| encoder.finish())
        .expect("writing to memory does not fail")
}

/// Text set in F1 only, collecting the characters it needs.
#[derive(Default)]
pub(crate) struct StaticText {
    pub(crate) out: Vec<u8>,
    pub(crate) used: BTreeSet<char>,
}

impl StaticText {
    /// Shows a text at the current place.
    pub(crate) fn show(&mut self, text: &str) {
        self.out.push(b'(');
        for c in text.chars() {
            self.used.insert(c);
            // Callers have made sure of the basic plane.
            code(&mut self.out, u16::try_from(u32::from(c)).unwrap_or(0));
        }
        self.out.extend_from_slice(b")Tj\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, wanted) in [
            (0, "0"),
            (100, "1"),
            (-50, "-.5"),
            (1234, "12.34"),
            (59528, "595.28"),
            (5, ".05"),
            (-1001, "-10.01"),
        ] {
            let mut out = Vec::new();
            number(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), wanted);
        }
    }
}
