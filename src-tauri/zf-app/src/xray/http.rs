//! Reads what a person pastes: raw HTTP, headers alone, `curl -v` output, or a curl command.
//!
//! Lenient about everything that does not change what is signed; exact about what does.

/// A pasted message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pasted {
    pub(crate) method: Option<String>,
    /// As written: a path, or a whole address.
    pub(crate) target: Option<String>,
    pub(crate) status: Option<u16>,
    /// Name, value, line of the paste (from 1).
    pub(crate) headers: Vec<(String, String, usize)>,
    pub(crate) body: String,
    /// Line of the request line, and of the body's first line.
    pub(crate) target_line: usize,
    pub(crate) body_line: usize,
    /// A reply pasted behind the request.
    pub(crate) reply: Option<Box<Pasted>>,
    /// The body is in a file the command names.
    pub(crate) body_elsewhere: bool,
}

impl Pasted {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.find(name).map(|(value, _)| value)
    }

    pub(crate) fn find(&self, name: &str) -> Option<(&str, usize)> {
        self.headers
            .iter()
            .find(|(n, ..)| n.eq_ignore_ascii_case(name))
            .map(|(_, value, line)| (value.as_str(), *line))
    }
}

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Reads a paste. Anything is taken; what is missing is the caller's to say.
pub(crate) fn read(text: &str) -> Pasted {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    if start.starts_with("curl ") || start.starts_with("curl\t") || start.starts_with("$ curl ") {
        return curl(start.trim_start_matches("$ "));
    }
    if start.starts_with("> ") || start.starts_with("* ") || start.starts_with("< ") {
        return message(&unmarked(text), 1);
    }
    message(text, 1)
}

/// `curl -v` marks lines sent with `>` and received with `<`; its own notes begin with `*`.
fn unmarked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.starts_with("* ") || line.starts_with("{ [") || line.starts_with("} [") {
            continue;
        }
        let bare = line
            .strip_prefix("> ")
            .or_else(|| line.strip_prefix("< "))
            .or_else(|| line.strip_prefix('>'))
            .or_else(|| line.strip_prefix('<'));
        out.push_str(bare.unwrap_or(line));
    }
    out
}

fn status_line(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/")?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

fn request_line(line: &str) -> Option<(String, String)> {
    let (method, rest) = line.split_once([' ', '\t'])?;
    if !METHODS.contains(&method.to_ascii_uppercase().as_str()) {
        return None;
    }
    let rest = rest.trim();
    let target = rest
        .rsplit_once([' ', '\t'])
        .filter(|(_, version)| version.starts_with("HTTP/"))
        .map_or(rest, |(target, _)| target.trim_end());
    Some((method.to_owned(), target.to_owned()))
}

fn header_line(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let good = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    good.then(|| (name, value.trim()))
}

fn message(text: &str, first_line: usize) -> Pasted {
    let mut found = Pasted {
        target_line: first_line,
        ..Pasted::default()
    };
    let mut rest = text;
    let mut at = first_line;
    let mut begun = false;
    let mut versioned = false;
    loop {
        let (line, after) = match rest.split_once('\n') {
            Some((line, after)) => (line, Some(after)),
            None => (rest, None),
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            // Empty lines before anything are how people paste.
            if begun {
                rest = after.unwrap_or_default();
                at += 1;
                break;
            }
        } else if !begun {
            begun = true;
            let line = line.trim_start();
            if let Some(status) = status_line(line) {
                found.status = Some(status);
            } else if let Some((method, target)) = request_line(line) {
                versioned = line.contains(" HTTP/");
                found.method = Some(method);
                found.target = Some(target);
                found.target_line = at;
            } else if let Some((name, value)) = header_line(line) {
                found.headers.push((name.to_owned(), value.to_owned(), at));
            } else {
                // No head at all: the whole paste is a body.
                found.body = rest.to_owned();
                found.body_line = at;
                return found;
            }
        } else if line.starts_with([' ', '\t']) {
            fold(&mut found, line.trim(), at, versioned);
        } else if let Some((name, value)) = header_line(line) {
            found.headers.push((name.to_owned(), value.to_owned(), at));
        } else if line.starts_with(['{', '[']) || status_line(line).is_some() {
            // Pasted without the empty line in between.
            break;
        }
        match after {
            Some(after) => {
                rest = after;
                at += 1;
            }
            None => {
                rest = "";
                break;
            }
        }
    }
    found.body_line = at;
    // A reply behind a request.
    if found.status.is_none() {
        let mut offset = 0;
        for (n, line) in rest.split_inclusive('\n').enumerate() {
            if status_line(line).is_some() {
                found.reply = Some(Box::new(message(&rest[offset..], at + n)));
                rest = rest[..offset].trim_end_matches(['\r', '\n']);
                break;
            }
            offset += line.len();
        }
    }
    found.body = rest.to_owned();
    found
}

/// A continuation line belongs to what stands before it.
fn fold(found: &mut Pasted, line: &str, at: usize, versioned: bool) {
    match found.headers.last_mut() {
        Some((name, value, _)) => {
            let open_quote = value.matches('"').count() % 2 == 1;
            let tight = name.eq_ignore_ascii_case("Authorization") && value.ends_with(',');
            if !(open_quote || tight || value.is_empty()) {
                value.push(' ');
            }
            value.push_str(line);
        }
        None if !versioned => {
            if let Some(target) = &mut found.target {
                let line = line
                    .rsplit_once(' ')
                    .filter(|(_, version)| version.starts_with("HTTP/"))
                    .map_or(line, |(target, _)| target);
                target.push_str(line);
                // The part that is signed wrongly most often is the end of the address.
                found.target_line = at;
            }
        }
        None => {}
    }
}

/// Words of a shell command, as a POSIX shell would split them.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let into = word.get_or_insert_default();
                into.extend(chars.by_ref().take_while(|c| *c != '\''));
            }
            '"' => {
                let into = word.get_or_insert_default();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => match chars.next() {
                            Some(next @ ('"' | '\\' | '$' | '`')) => into.push(next),
                            Some('\n') | None => {}
                            Some(next) => {
                                into.push('\\');
                                into.push(next);
                            }
                        },
                        c => into.push(c),
                    }
                }
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                }
                Some(next) => word.get_or_insert_default().push(next),
            },
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn curl(text: &str) -> Pasted {
    let mut found = Pasted {
        target_line: 1,
        body_line: 1,
        ..Pasted::default()
    };
    let line_of = |needle: &str| {
        let head: String = needle.chars().take(24).collect();
        text.find(&head)
            .map_or(1, |at| text[..at].matches('\n').count() + 1)
    };
    let words = shell_words(text);
    let mut words = words.iter().skip(1).peekable();
    let mut data: Option<String> = None;
    while let Some(word) = words.next() {
        let (flag, joined) = match word.split_once('=') {
            Some((flag, value)) if word.starts_with("--") => (flag, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = || {
            joined
                .clone()
                .or_else(|| words.next().cloned())
                .unwrap_or_default()
        };
        match flag {
            "-X" | "--request" => found.method = Some(value()),
            "--url" => found.target = Some(value()),
            "-H" | "--header" => {
                let value = value();
                if let Some((name, content)) = header_line(&value) {
                    let line = line_of(&value);
                    found
                        .headers
                        .push((name.to_owned(), content.to_owned(), line));
                }
            }
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--json" => {
                let value = value();
                if value.starts_with('@') && flag != "--data-raw" {
                    found.body_elsewhere = true;
                    continue;
                }
                found.body_line = line_of(&value);
                data = Some(match data {
                    Some(before) => format!("{before}&{value}"),
                    None => value,
                });
            }
            "-o" | "--output" | "-A" | "--user-agent" | "-e" | "--referer" | "-m"
            | "--max-time" | "--connect-timeout" | "-u" | "--user" | "-b" | "--cookie"
            | "--cacert" | "--resolve" => {
                value();
            }
            _ if word.starts_with('-') => {}
            _ => found.target = Some(word.clone()),
        }
    }
    if let Some(target) = &found.target {
        found.target_line = line_of(target);
    }
    if found.method.is_none() && found.target.is_some() {
        let posts = data.is_some() || found.body_elsewhere;
        found.method = Some(if posts { "POST" } else { "GET" }.to_owned());
    }
    found.body = data.unwrap_or_default();
    found
}

/// The `Authorization` header's parts, however it was written.
#[derive(Debug, Default)]
pub(crate) struct Authorization {
    pub(crate) scheme: String,
    pub(crate) pairs: Vec<(String, String)>,
    /// Something stands between the pairs that the grammar does not have.
    pub(crate) loose: bool,
}

impl Authorization {
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    }
}

/// Reads `scheme key="value",key="value"`.
pub(crate) fn authorization(text: &str) -> Authorization {
    let text = text.trim();
    let (scheme, mut rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    let mut found = Authorization {
        scheme: scheme.to_owned(),
        ..Authorization::default()
    };
    rest = rest.trim_start();
    while !rest.is_empty() {
        let Some((key, after)) = rest.split_once('=') else {
            found.loose = true;
            break;
        };
        let clean = key.trim_start_matches([',', ' ', '\t']).trim();
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => {
                found.loose = true;
                match after.find(',') {
                    Some(at) => after.split_at(at),
                    None => (after, ""),
                }
            }
        };
        found.pairs.push((clean.to_owned(), value.to_owned()));
        rest = after;
        if let Some(next) = rest.strip_prefix(',') {
            found.loose |= next.starts_with([' ', '\t']);
            rest = next.trim_start();
        } else if !rest.trim().is_empty() {
            found.loose = true;
            rest = rest.trim_start();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pastes_of_every_shape_are_read() {
        let folded = "GET /v3/refund/domestic/refunds/\n    RF1?sub_mchid=1\nHost: api.mch.weixin.qq.com\nAuthorization: S\n  mchid=\"1\",\n  nonce_str=\"n\"\n\n\nHTTP/1.1 401\n{\"code\":\"SIGN_ERROR\"}";
        let curl = "curl -X POST 'https://api.mch.weixin.qq.com/v3/pay' \\\n  -H 'Authorization: S mchid=\"1\"' -H \"Accept: a/b\" -d '{\"a\": 1}'";
        let verbose = "> POST /v3/pay HTTP/1.1\n> Host: h\n> \n< HTTP/1.1 200 OK\n< Date: x\n<\n{}";
        let cases: [(&str, &str, &str, &str, Option<u16>); 6] = [
            (
                folded,
                "GET",
                "/v3/refund/domestic/refunds/RF1?sub_mchid=1",
                "",
                Some(401),
            ),
            (
                curl,
                "POST",
                "https://api.mch.weixin.qq.com/v3/pay",
                "{\"a\": 1}",
                None,
            ),
            (verbose, "POST", "/v3/pay", "", Some(200)),
            (
                "POST /a HTTP/1.1\r\nA: b\r\n\r\n{\r\n}",
                "POST",
                "/a",
                "{\r\n}",
                None,
            ),
            (
                "\n\nPOST /a\nA: b\n{\"x\":1}",
                "POST",
                "/a",
                "{\"x\":1}",
                None,
            ),
            ("{\"resource\":{}}", "", "", "{\"resource\":{}}", None),
        ];
        for (text, method, target, body, reply) in cases {
            let found = read(text);
            assert_eq!(found.method.as_deref().unwrap_or(""), method, "{text}");
            assert_eq!(found.target.as_deref().unwrap_or(""), target, "{text}");
            assert_eq!(found.body, body, "{text}");
            assert_eq!(found.reply.and_then(|r| r.status), reply, "{text}");
        }
        let found = read(folded);
        assert_eq!((found.target_line, found.headers[1].2), (2, 4));
        assert_eq!(
            found.header("authorization"),
            Some("S mchid=\"1\",nonce_str=\"n\"")
        );
    }

    #[test]
    fn authorization_is_read_and_its_looseness_seen() {
        for (text, pairs, loose) in [
            ("S mchid=\"1\",nonce_str=\"n\"", 2, false),
            ("S mchid=\"1\", nonce_str=\"n\"", 2, true),
            ("S mchid=1,nonce_str=\"n\"", 2, true),
            ("Bearer", 0, false),
            ("S mchid", 0, true),
        ] {
            let found = authorization(text);
            assert_eq!((found.pairs.len(), found.loose), (pairs, loose), "{text}");
        }
    }
}
