//! The ways a text is rewritten on its way between signing and sending.

/// LF as CRLF.
pub(crate) fn crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut before = 0;
    for byte in text {
        if *byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        before = *byte;
    }
    out
}

/// `%41` as the byte it stands for, where the result is text.
pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let value = bytes
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match value {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// The address with more characters escaped: only what must be, and what many libraries also escape.
pub(crate) fn percent_encoded(url: &str) -> Vec<String> {
    let escape = |keep: &dyn Fn(u8) -> bool| {
        let mut out = String::with_capacity(url.len());
        for byte in url.bytes() {
            if byte.is_ascii_alphanumeric() || keep(byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
        out
    };
    let mut all = Vec::new();
    for kept in ["/?&=-_.~%:@!$'()*+,;", "/?&=-_.~%", "/?&=-_.~%*|", "-_.~"] {
        let made = escape(&|byte| kept.bytes().any(|k| k == byte));
        if made != url && !all.contains(&made) {
            all.push(made);
        }
    }
    all
}

/// The same query in other orders: sorted by name, and reversed.
pub(crate) fn queries(url: &str) -> Vec<String> {
    let Some((path, query)) = url.split_once('?') else {
        return Vec::new();
    };
    let mut parts: Vec<&str> = query.split('&').collect();
    let mut all = Vec::new();
    parts.reverse();
    all.push(format!("{path}?{}", parts.join("&")));
    parts.sort_unstable();
    all.push(format!("{path}?{}", parts.join("&")));
    parts.reverse();
    all.push(format!("{path}?{}", parts.join("&")));
    all.retain(|made| made != url);
    all.dedup();
    all
}

/// JSON written again as common libraries write it, with the name of the form.
pub(crate) fn rewritten(body: &str) -> Vec<(&'static str, String)> {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(body) else {
        return Vec::new();
    };
    let compact = spaced(body, ",", ":", None);
    let mut all: Vec<(&'static str, String)> = vec![
        ("compact", compact.clone()),
        ("spaced", spaced(body, ", ", ": ", None)),
        ("indented", spaced(body, ",", ": ", Some(2))),
        ("indented", spaced(body, ",", ": ", Some(4))),
        ("escaped", ascii_only(&compact)),
        ("escaped", ascii_only(&spaced(body, ", ", ": ", None))),
        ("slashes", compact.replace('/', "\\/")),
        ("slashes", ascii_only(&compact).replace('/', "\\/")),
        (
            "html",
            compact
                .replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026"),
        ),
    ];
    // Written from the values: names sorted, escapes resolved.
    let sorted = value.to_string();
    all.push(("sorted", spaced(&sorted, ", ", ": ", None)));
    all.push(("sorted", ascii_only(&spaced(&sorted, ", ", ": ", None))));
    all.push(("sorted", sorted));
    all.push(("unescaped", compact.replace("\\/", "/")));
    all.retain(|(_, text)| text != body);
    all
}

/// JSON with other white space between its parts; strings and numbers stay as they are.
fn spaced(json: &str, comma: &str, colon: &str, indent: Option<usize>) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut inside, mut escaped, mut depth) = (false, false, 0_usize);
    let line = |out: &mut String, depth: usize| {
        if let Some(width) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * depth.min(64)));
        }
    };
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if inside {
            out.push(c);
            inside = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                inside = true;
                out.push(c);
            }
            c if c.is_whitespace() => {}
            '{' | '[' => {
                out.push(c);
                while chars.next_if(|next| next.is_whitespace()).is_some() {}
                if chars.peek().is_some_and(|next| matches!(next, '}' | ']')) {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push_str(comma);
                line(&mut out, depth);
            }
            ':' => out.push_str(colon),
            c => out.push(c),
        }
    }
    out
}

/// Every character beyond ASCII as `\uXXXX`.
fn ascii_only(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_common_libraries() {
        let body = "{\"b\":1.0,\"a\":[\"元/\",{}],\"c\":\"x, y: z\"}";
        let forms = rewritten(body);
        for wanted in [
            "{\"b\": 1.0, \"a\": [\"元/\", {}], \"c\": \"x, y: z\"}",
            "{\n  \"b\": 1.0,\n  \"a\": [\n    \"元/\",\n    {}\n  ],\n  \"c\": \"x, y: z\"\n}",
            "{\"b\":1.0,\"a\":[\"\\u5143\\/\",{}],\"c\":\"x, y: z\"}",
        ] {
            assert!(
                forms.iter().any(|(_, text)| text == wanted),
                "{wanted}: {forms:#?}"
            );
        }
        assert_eq!(percent_decoded("/a%7Cb%"), "/a|b%");
        assert_eq!(crlf(b"a\nb\r\n"), b"a\r\nb\r\n");
        assert_eq!(queries("/a?b=1&a=2"), ["/a?a=2&b=1"]);
    }
}
