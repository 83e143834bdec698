//! The signature X-ray: the exact text a WeChat Pay signature covers, its invisible characters
//! made visible, and the first place where two texts part.
//!
//! Source: WeChat Pay APIv3, request signing and reply verification; checked 2026-08.

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

#[cfg(test)]
mod tests {
    use super::*;

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
