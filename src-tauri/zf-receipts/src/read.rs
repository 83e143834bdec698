//! A small strict reader of PDF structure: enough to judge receipts, on any bytes, without ever
//! panicking. It follows the cross-reference tables exactly as a viewer does; what it cannot
//! follow it refuses.

use std::collections::HashMap;
use std::io::Read as _;

/// Why a file cannot be followed.
pub(crate) type Fault = String;
pub(crate) type Parse<T> = std::result::Result<T, Fault>;

const DEPTH_MAX: usize = 24;
const UPDATES_MAX: usize = 32;
const INFLATED_MAX: u64 = 8 << 20;

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    /// A number with a fraction; its value matters nowhere here.
    Real,
    Name(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<Node>),
    Dictionary(Dictionary),
    Reference(u32),
    /// true, false, or an operator of a content stream.
    Word(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Dictionary(Vec<(Vec<u8>, Node)>);

impl Dictionary {
    pub(crate) fn entry(&self, key: &str) -> Option<&Node> {
        self.0
            .iter()
            .find(|(name, _)| name == key.as_bytes())
            .map(|(_, node)| node)
            .filter(|node| node.value != Value::Null)
    }

    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|node| &node.value)
    }

    pub(crate) fn is_named(&self, key: &str, name: &str) -> bool {
        matches!(self.value(key), Some(Value::Name(found)) if found == name.as_bytes())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// Reads values one after the other.
pub(crate) struct Lexer<'a> {
    data: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(data: &'a [u8], at: usize) -> Self {
        Self {
            data,
            at: at.min(data.len()),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.data.get(self.at).copied()
    }

    fn starts(&self, with: &[u8]) -> bool {
        self.data
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(with))
    }

    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|b| !is_space(b) && !is_delimiter(b))
        {
            self.at += 1;
        }
        &self.data[start..self.at]
    }

    /// An unsigned integer.
    pub(crate) fn unsigned(&mut self) -> Option<usize> {
        self.skip_space();
        let before = self.at;
        let word = self.word();
        let value = (!word.is_empty() && word.len() <= 12 && word.iter().all(u8::is_ascii_digit))
            .then(|| {
                word.iter()
                    .fold(0_usize, |sum, digit| sum * 10 + usize::from(digit - b'0'))
            });
        if value.is_none() {
            self.at = before;
        }
        value
    }

    pub(crate) fn keyword(&mut self, word: &str) -> Parse<()> {
        self.skip_space();
        let start = self.at;
        if self.word() == word.as_bytes() {
            Ok(())
        } else {
            Err(format!("“{word}” is missing at byte {start}"))
        }
    }

    /// The next value, `None` at the end of the data.
    pub(crate) fn value(&mut self, depth: usize) -> Parse<Option<Node>> {
        self.skip_space();
        let start = self.at;
        let Some(first) = self.peek() else {
            return Ok(None);
        };
        if depth > DEPTH_MAX {
            return Err(format!("values nest too deeply at byte {start}"));
        }
        let value = match first {
            b'/' => Value::Name(self.name()?),
            b'(' => Value::Text(self.literal()?),
            b'<' if self.starts(b"<<") => Value::Dictionary(self.dictionary(depth)?),
            b'<' => Value::Text(self.hexadecimal()?),
            b'[' => Value::Array(self.array(depth)?),
            byte if is_delimiter(byte) => {
                return Err(format!(
                    "a “{}” out of place at byte {start}",
                    char::from(byte)
                ));
            }
            _ => self.plain()?,
        };
        Ok(Some(Node {
            value,
            start,
            end: self.at,
        }))
    }

    fn plain(&mut self) -> Parse<Value> {
        let start = self.at;
        let word = self.word();
        if word == b"null" {
            return Ok(Value::Null);
        }
        let numeric = |b: &u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.');
        if !word.iter().all(numeric) {
            return Ok(Value::Word(word.to_vec()));
        }
        let text = String::from_utf8_lossy(word);
        let Ok(integer) = text.parse::<i64>() else {
            return if text.contains('.') {
                Ok(Value::Real)
            } else {
                Err(format!("a number that cannot be read at byte {start}"))
            };
        };
        // A reference is two integers and R.
        let after = self.at;
        if let Ok(number) = u32::try_from(integer)
            && self.unsigned() == Some(0)
        {
            self.skip_space();
            if self.word() == b"R" {
                return Ok(Value::Reference(number));
            }
        }
        self.at = after;
        Ok(Value::Integer(integer))
    }

    fn name(&mut self) -> Parse<Vec<u8>> {
        self.at += 1;
        let start = self.at;
        let word = self.word();
        let mut out = Vec::with_capacity(word.len());
        let mut rest = word.iter().copied();
        while let Some(byte) = rest.next() {
            if byte == b'#' {
                let digits = (
                    rest.next().and_then(hex_digit),
                    rest.next().and_then(hex_digit),
                );
                let (Some(high), Some(low)) = digits else {
                    return Err(format!("a name that cannot be read at byte {start}"));
                };
                out.push(high << 4 | low);
            } else {
                out.push(byte);
            }
        }
        Ok(out)
    }

    fn literal(&mut self) -> Parse<Vec<u8>> {
        let start = self.at;
        self.at += 1;
        let mut out = Vec::new();
        let mut depth = 1;
        loop {
            let byte = self
                .peek()
                .ok_or_else(|| format!("a text without end at byte {start}"))?;
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(out);
                    }
                }
                b'\\' => {
                    let next = self.peek();
                    self.at += 1;
                    match next {
                        Some(b'n') => out.push(b'\n'),
                        Some(b'r') => out.push(b'\r'),
                        Some(b't') => out.push(b'\t'),
                        Some(b'b') => out.push(8),
                        Some(b'f') => out.push(12),
                        Some(first @ b'0'..=b'7') => {
                            let mut value = u32::from(first - b'0');
                            for _ in 0..2 {
                                if let Some(digit @ b'0'..=b'7') = self.peek() {
                                    value = value * 8 + u32::from(digit - b'0');
                                    self.at += 1;
                                }
                            }
                            out.push(u8::try_from(value & 0xff).unwrap_or(0));
                        }
                        Some(b'\n') | None => {}
                        Some(b'\r') => {
                            if self.peek() == Some(b'\n') {
                                self.at += 1;
                            }
                        }
                        Some(other) => out.push(other),
                    }
                    continue;
                }
                _ => {}
            }
            out.push(byte);
        }
    }

    fn hexadecimal(&mut self) -> Parse<Vec<u8>> {
        let start = self.at;
        self.at += 1;
        let mut digits = Vec::new();
        loop {
            let byte = self
                .peek()
                .ok_or_else(|| format!("a text without end at byte {start}"))?;
            self.at += 1;
            match byte {
                b'>' => break,
                byte if is_space(byte) => {}
                byte => digits.push(hex_digit(byte).ok_or_else(|| {
                    format!("a hexadecimal text that cannot be read at byte {start}")
                })?),
            }
        }
        Ok(digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0))
            .collect())
    }

    fn array(&mut self, depth: usize) -> Parse<Vec<Node>> {
        let start = self.at;
        self.at += 1;
        let mut out = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(out);
            }
            out.push(
                self.value(depth + 1)?
                    .ok_or_else(|| format!("an array without end at byte {start}"))?,
            );
        }
    }

    fn dictionary(&mut self, depth: usize) -> Parse<Dictionary> {
        let start = self.at;
        self.at += 2;
        let mut out: Vec<(Vec<u8>, Node)> = Vec::new();
        loop {
            self.skip_space();
            if self.starts(b">>") {
                self.at += 2;
                return Ok(Dictionary(out));
            }
            if self.peek() != Some(b'/') {
                return Err(format!("a dictionary that cannot be read at byte {start}"));
            }
            let key = self.name()?;
            let value = self
                .value(depth + 1)?
                .ok_or_else(|| format!("a dictionary without end at byte {start}"))?;
            // Two values under one key let two programs see two things.
            if out.iter().any(|(known, _)| *known == key) {
                return Err(format!(
                    "the key {} stands twice in one dictionary at byte {start}",
                    String::from_utf8_lossy(&key)
                ));
            }
            out.push((key, value));
        }
    }
}

/// A file whose cross-reference tables could be followed.
pub(crate) struct Document<'a> {
    data: &'a [u8],
    offsets: HashMap<u32, Option<usize>>,
    pub(crate) trailer: Dictionary,
}

impl<'a> Document<'a> {
    pub(crate) fn open(data: &'a [u8]) -> Parse<Self> {
        if !data.starts_with(b"%PDF-") {
            return Err("it is not a PDF file".to_owned());
        }
        let from = data.len().saturating_sub(2048);
        let marker = data[from..]
            .windows(9)
            .rposition(|window| window == b"startxref")
            .ok_or("the end of the PDF file is missing; it may be cut off")?;
        let mut next = Lexer::new(data, from + marker + 9).unsigned();
        let mut offsets = HashMap::new();
        let mut trailer = None;
        let mut seen = Vec::new();
        while let Some(at) = next {
            if seen.contains(&at) || seen.len() > UPDATES_MAX {
                return Err("its cross-reference tables run in a circle".to_owned());
            }
            seen.push(at);
            let dictionary = table(data, at, &mut offsets)?;
            next = match dictionary.value("Prev") {
                None => None,
                Some(Value::Integer(at)) => Some(
                    usize::try_from(*at)
                        .map_err(|_| "a cross-reference table lies outside the file".to_owned())?,
                ),
                Some(_) => return Err("its trailer cannot be read".to_owned()),
            };
            trailer.get_or_insert(dictionary);
        }
        Ok(Self {
            data,
            offsets,
            trailer: trailer.ok_or("its cross-reference table cannot be found")?,
        })
    }

    /// An object's value, and its stream's bytes as stored if it is one.
    pub(crate) fn object(&self, number: u32) -> Parse<(Node, Option<&'a [u8]>)> {
        self.object_within(number, 0)
    }

    fn object_within(&self, number: u32, depth: usize) -> Parse<(Node, Option<&'a [u8]>)> {
        let at = self
            .offsets
            .get(&number)
            .copied()
            .flatten()
            .ok_or_else(|| format!("object {number} is missing"))?;
        let mut lexer = Lexer::new(self.data, at);
        if lexer.unsigned() != usize::try_from(number).ok() || lexer.unsigned().is_none() {
            return Err(format!("object {number} is not where the table says"));
        }
        lexer.keyword("obj")?;
        let node = lexer
            .value(0)?
            .ok_or_else(|| format!("object {number} is empty"))?;
        lexer.skip_space();
        if !lexer.starts(b"stream") {
            lexer.keyword("endobj")?;
            return Ok((node, None));
        }
        let Value::Dictionary(dictionary) = &node.value else {
            return Err(format!("the stream of object {number} has no dictionary"));
        };
        let length = match dictionary.value("Length") {
            Some(Value::Integer(length)) => *length,
            Some(Value::Reference(other)) if depth == 0 => {
                match self.object_within(*other, 1)?.0.value {
                    Value::Integer(length) => length,
                    _ => return Err(format!("the length of object {number} is unknown")),
                }
            }
            _ => return Err(format!("the length of object {number} is unknown")),
        };
        lexer.at += 6;
        if lexer.starts(b"\r\n") {
            lexer.at += 2;
        } else if lexer.starts(b"\n") {
            lexer.at += 1;
        } else {
            return Err(format!("the stream of object {number} begins wrongly"));
        }
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| lexer.at.checked_add(length));
        let bytes = end
            .and_then(|end| self.data.get(lexer.at..end))
            .ok_or_else(|| format!("the stream of object {number} is cut off"))?;
        let mut after = Lexer::new(self.data, lexer.at + bytes.len());
        after.keyword("endstream")?;
        after.keyword("endobj")?;
        Ok((node, Some(bytes)))
    }

    /// A value, following one reference.
    pub(crate) fn resolve(&self, value: &Value) -> Parse<Value> {
        match value {
            Value::Reference(number) => match self.object(*number)?.0.value {
                Value::Reference(_) => Err(format!("object {number} is only a reference")),
                value => Ok(value),
            },
            other => Ok(other.clone()),
        }
    }

    /// The dictionary under a key, following one reference.
    pub(crate) fn dictionary(&self, within: &Dictionary, key: &str) -> Parse<Dictionary> {
        let value = within
            .value(key)
            .ok_or_else(|| format!("/{key} is missing"))?;
        match self.resolve(value)? {
            Value::Dictionary(dictionary) => Ok(dictionary),
            _ => Err(format!("/{key} is not a dictionary")),
        }
    }

    /// The array under a key, following one reference.
    pub(crate) fn array(&self, within: &Dictionary, key: &str) -> Parse<Vec<Node>> {
        let value = within
            .value(key)
            .ok_or_else(|| format!("/{key} is missing"))?;
        match self.resolve(value)? {
            Value::Array(array) => Ok(array),
            _ => Err(format!("/{key} is not an array")),
        }
    }

    /// A stream's content, inflated where it was deflated, with its dictionary.
    pub(crate) fn stream(&self, value: &Value) -> Parse<(Dictionary, Vec<u8>)> {
        let Value::Reference(number) = value else {
            return Err("a stream is not an object of its own".to_owned());
        };
        let (node, bytes) = self.object(*number)?;
        let (Value::Dictionary(dictionary), Some(bytes)) = (node.value, bytes) else {
            return Err(format!("object {number} is not a stream"));
        };
        let content = match dictionary.value("Filter") {
            None => bytes.to_vec(),
            Some(Value::Name(name))
                if name == b"FlateDecode" && dictionary.value("DecodeParms").is_none() =>
            {
                let mut out = Vec::new();
                flate2::read::ZlibDecoder::new(bytes)
                    .take(INFLATED_MAX)
                    .read_to_end(&mut out)
                    .map_err(|_| format!("the stream of object {number} is damaged"))?;
                out
            }
            Some(_) => {
                return Err(format!(
                    "object {number} is coded in a way receipts never are"
                ));
            }
        };
        Ok((dictionary, content))
    }
}

/// Reads one cross-reference table and its trailer; entries already known are newer.
fn table(data: &[u8], at: usize, offsets: &mut HashMap<u32, Option<usize>>) -> Parse<Dictionary> {
    let mut lexer = Lexer::new(data, at);
    lexer
        .keyword("xref")
        .map_err(|_| "its cross-reference table is not where its end says".to_owned())?;
    let fault = || "its cross-reference table cannot be read".to_owned();
    loop {
        let Some(first) = lexer.unsigned() else {
            lexer.keyword("trailer").map_err(|_| fault())?;
            break;
        };
        let count = lexer.unsigned().ok_or_else(fault)?;
        for number in first..first.saturating_add(count) {
            let offset = lexer.unsigned().ok_or_else(fault)?;
            lexer.unsigned().ok_or_else(fault)?;
            lexer.skip_space();
            let place = match lexer.word() {
                b"n" => Some(offset),
                b"f" => None,
                _ => return Err(fault()),
            };
            let number = u32::try_from(number).map_err(|_| fault())?;
            offsets.entry(number).or_insert(place);
        }
    }
    match lexer.value(0)?.map(|node| node.value) {
        Some(Value::Dictionary(dictionary)) => Ok(dictionary),
        _ => Err("its trailer cannot be read".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(data: Vec<u8>) {
            let mut whole = b"%PDF-1.7\n".to_vec();
            whole.extend_from_slice(&data);
            whole.extend_from_slice(b"startxref 9");
            let _ = Document::open(&whole);
            let mut lexer = Lexer::new(&data, 0);
            while let Ok(Some(_)) = lexer.value(0) {}
        }

        #[test]
        fn anything_like_pdf_is_survived(data in "[0-9 /<>()\\[\\]Rabc%\\\\\n-]{0,200}") {
            let mut lexer = Lexer::new(data.as_bytes(), 0);
            while let Ok(Some(node)) = lexer.value(0) {
                proptest::prop_assert!(node.start < node.end && node.end <= data.len());
            }
        }
    }
}
