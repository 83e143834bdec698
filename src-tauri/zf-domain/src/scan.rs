//! Looking at many bytes of a file at once: where its lines and values end, and what the values say
//! in the forms nearly all of them have.
//!
//! Everything here is a short way, never the only one: what is not in the usual form gives `None`, and
//! the long way reads it or names what is wrong with it. Each short way is held against a plain one in
//! the tests below.
//!
//! What is called for every row is always inlined, so that a caller made for several kinds of processor
//! has all of it made for each.

use wide::u8x16;

/// How a line is parted into values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// `a,b,c`: at every comma.
    Comma,
    /// `` `a,`b,`c ``: at every comma with a back-tick behind it; other commas belong to the value.
    CommaTick,
}

/// Where one line stands in the text, without its end: a line feed, or a carriage return before one or
/// before the end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// How many values it has, at least one.
    pub values: usize,
}

/// Lines of a text with the places of their values, found in one pass over the bytes.
///
/// Quotation marks mean nothing here; a text with some goes the long way.
#[derive(Debug)]
pub struct Lines<'a, const TICKED: bool> {
    text: &'a [u8],
    /// The line to come.
    from: usize,
    /// The window at hand: 64 bytes, the marks and line feeds in it that were not used yet.
    window: usize,
    marks: u64,
    feeds: u64,
    /// Whether the window before ended with a comma.
    comma: u64,
    /// Where the values of the current line begin.
    begins: Vec<usize>,
}

/// Where the values of one line stand in its text.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a, const TICKED: bool> {
    /// Where each begins; then where another one would.
    begins: &'a [usize],
}

impl<const TICKED: bool> Values<'_, TICKED> {
    /// Begin and end of one value, of which the line must have so many.
    #[must_use]
    #[inline(always)]
    pub fn place(&self, number: usize) -> (usize, usize) {
        let end = self.begins[number + 1] - Lines::<TICKED>::GAP;
        (self.begins[number], end)
    }
}

/// At commas.
pub type CommaLines<'a> = Lines<'a, false>;
/// At commas with a back-tick behind them.
pub type TickedLines<'a> = Lines<'a, true>;

const WINDOW: usize = 64;

impl<'a, const TICKED: bool> Lines<'a, TICKED> {
    /// Bytes between two values.
    const GAP: usize = 1 + TICKED as usize;

    /// The lines of `text`, which begins with a line.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        let mut lines = Self {
            text,
            from: 0,
            window: 0,
            marks: 0,
            feeds: 0,
            comma: 0,
            begins: vec![0; 2 * WINDOW],
        };
        lines.look();
        lines
    }

    /// Looks at the bytes of the window.
    #[inline(always)]
    fn look(&mut self) {
        let rest = self.text.get(self.window..).unwrap_or_default();
        if let Some(bytes) = rest.first_chunk::<WINDOW>() {
            self.mark(bytes);
        } else {
            let mut bytes = [0; WINDOW];
            bytes[..rest.len()].copy_from_slice(rest);
            self.mark(&bytes);
        }
    }

    #[inline(always)]
    fn mark(&mut self, bytes: &[u8; WINDOW]) {
        let commas = places_of(bytes, b',');
        self.feeds = places_of(bytes, b'\n');
        self.marks = if TICKED {
            let behind = commas << 1 | self.comma;
            self.comma = commas >> 63;
            behind & places_of(bytes, b'`')
        } else {
            commas
        };
    }

    /// The next line; `None` behind the last. A line feed at the end of the text ends its line and
    /// begins none.
    #[inline(always)]
    pub fn next_line(&mut self) -> Option<Line> {
        let from = self.from;
        if from >= self.text.len() {
            return None;
        }
        self.begins[0] = from + usize::from(TICKED);
        let mut values = 1;
        loop {
            if self.feeds != 0 {
                let feed = self.feeds & self.feeds.wrapping_neg();
                let mine = self.marks & (feed - 1);
                values = self.note(mine, values);
                self.marks ^= mine;
                self.feeds ^= feed;
                return Some(self.end(from, self.window + feed.trailing_zeros() as usize, values));
            }
            values = self.note(self.marks, values);
            self.window += WINDOW;
            if self.window >= self.text.len() {
                self.marks = 0;
                return Some(self.end(from, self.text.len(), values));
            }
            self.look();
        }
    }

    #[inline(always)]
    fn end(&mut self, from: usize, to: usize, values: usize) -> Line {
        self.from = to + 1;
        let returned = to > from && self.text[to - 1] == b'\r';
        let to = to - usize::from(returned);
        self.begins[values] = to + Self::GAP;
        Line { from, to, values }
    }

    /// Notes where the values behind `marks` begin.
    #[inline(always)]
    fn note(&mut self, mut marks: u64, values: usize) -> usize {
        const AT_ONCE: usize = 8;
        let found = marks.count_ones() as usize;
        if self.begins.len() <= values + WINDOW {
            self.begins.resize(2 * (values + WINDOW), 0);
        }
        let first = self.window + 1;
        // As many as a window usually has are written in any case: that is quicker than asking before
        // each whether there is another one.
        if let Some(places) = self.begins[values..].first_chunk_mut::<AT_ONCE>() {
            for place in places {
                *place = first + marks.trailing_zeros() as usize;
                marks &= marks.wrapping_sub(1);
            }
        }
        let mut at = values + AT_ONCE;
        while marks != 0 {
            self.begins[at] = first + marks.trailing_zeros() as usize;
            marks &= marks - 1;
            at += 1;
        }
        values + found
    }

    /// The values of `line`, the line given last.
    #[must_use]
    #[inline(always)]
    pub fn values(&self, line: &Line) -> Values<'_, TICKED> {
        Values {
            begins: &self.begins[..=line.values],
        }
    }
}

/// The places of `byte` among 64, the first in the lowest bit.
#[inline(always)]
fn places_of(bytes: &[u8; WINDOW], byte: u8) -> u64 {
    let (parts, _) = bytes.as_chunks::<16>();
    let wanted = u8x16::splat(byte);
    let places = |number: usize| {
        let here = u8x16::from(parts[number]).simd_eq(wanted).to_bitmask();
        u64::from(here) << (16 * number)
    };
    places(0) | places(1) | places(2) | places(3)
}

/// The bytes as text, when they are UTF-8.
#[must_use]
pub fn as_text(bytes: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes).ok()
}

/// Appends begin and end of each value of one line, which has no line feed in it.
pub fn part(line: &[u8], parting: Parting, values: &mut Vec<(usize, usize)>) {
    fn parted<const TICKED: bool>(line: &[u8], values: &mut Vec<(usize, usize)>) {
        let mut lines = Lines::<TICKED>::new(line);
        let Some(found) = lines.next_line() else {
            // An empty line has one empty value.
            values.push((0, 0));
            return;
        };
        let places = lines.values(&found);
        values.extend((0..found.values).map(|number| places.place(number)));
        // Here a carriage return is no end, but a byte like any other.
        if let Some((_, end)) = values.last_mut() {
            *end = line.len();
        }
    }
    match parting {
        Parting::Comma => parted::<false>(line, values),
        Parting::CommaTick => parted::<true>(line, values),
    }
}

/// Whether a number of the merchant's or the channel's needs no further look: 1 to 64 letters, digits,
/// `-` or `_`, which every check of [`ids`](crate::ids) takes.
#[must_use]
#[inline(always)]
pub fn is_plain_number(text: &[u8]) -> bool {
    if text.len() > 64 {
        return false;
    }
    match (text.first_chunk::<16>(), text.last_chunk::<16>()) {
        (Some(first), Some(last)) => {
            // The last sixteen overlap the ones before; looking twice does no harm.
            let mut plain = are_plain(first) & are_plain(last);
            if text.len() > 32 {
                let (parts, _) = text.as_chunks::<16>();
                plain &= parts.iter().all(are_plain);
            }
            plain
        }
        _ => !text.is_empty() && text.iter().copied().all(is_plain),
    }
}

#[inline(always)]
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[inline(always)]
fn are_plain(bytes: &[u8; 16]) -> bool {
    let bytes = u8x16::from(*bytes);
    let none = u8x16::splat(0);
    let within = |first: u8, more: u8, bytes: u8x16| {
        (bytes - u8x16::splat(first))
            .saturating_sub(u8x16::splat(more))
            .simd_eq(none)
    };
    let letter = within(b'a', 25, bytes | u8x16::splat(0x20));
    let digit = within(b'0', 9, bytes);
    let dash = bytes.simd_eq(u8x16::splat(b'-')) | bytes.simd_eq(u8x16::splat(b'_'));
    (letter | digit | dash).to_bitmask() == 0xffff
}

const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// The eight bytes of `text` before `to`, the last one highest; `None` when there are not so many.
#[inline(always)]
fn eight_before(text: &[u8], to: usize) -> Option<u64> {
    let from = to.checked_sub(8)?;
    let bytes = text.get(from..to)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes))
}

/// Whether each byte is a digit's value.
#[inline(always)]
const fn are_digits(values: u64) -> bool {
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    const TO_HIGH: u64 = u64::from_le_bytes([0x80 - 10; 8]);
    (values.wrapping_add(TO_HIGH) | values) & HIGH == 0
}

/// Eight digits' values as a number, the first in the lowest byte.
#[inline(always)]
const fn number_of(values: u64) -> u64 {
    let pairs = values.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000 << 32 | 1) >> 32
}

/// The number that `text[from..to]` says, its decimal point left out: digits with exactly `DECIMALS`
/// of them (2 or 5) behind a point, at least one before it, eight characters at most.
///
/// `None` for anything else, and where fewer than eight bytes stand before `to`.
#[must_use]
#[inline(always)]
pub fn short_decimal<const DECIMALS: u32>(text: &[u8], from: usize, to: usize) -> Option<i64> {
    let len = to.wrapping_sub(from) as u32;
    if !(DECIMALS + 2..=8).contains(&len) {
        return None;
    }
    let word = eight_before(text, to)?;
    let point = 8 * (7 - DECIMALS);
    if (word >> point) as u8 != b'.' {
        return None;
    }
    // Closes the gap of the point, and leaves out what stands before `from`.
    let behind = u64::MAX << (point + 8);
    let digits = word & behind | word << 8 & !behind;
    let values = (digits ^ ZEROS) & u64::MAX << (8 * (9 - len));
    are_digits(values).then(|| number_of(values).cast_signed())
}

/// The seconds since midnight that `hh:mm:ss` says.
#[must_use]
#[inline(always)]
pub fn time_of_day(text: &[u8; 8]) -> Option<i64> {
    const SHAPE: u64 = u64::from_le_bytes(*b"00:00:00");
    const COLONS: u64 = u64::from_le_bytes([0, 0, 0xff, 0, 0, 0xff, 0, 0]);
    let values = u64::from_le_bytes(*text) ^ SHAPE;
    if values & COLONS != 0 || !are_digits(values) {
        return None;
    }
    let pairs = values.wrapping_mul(10) + (values >> 8);
    let (hour, minute, second) = (pairs & 0xff, pairs >> 24 & 0xff, pairs >> 48 & 0xff);
    (hour < 24 && minute < 60 && second < 60)
        .then(|| (hour * 3600 + minute * 60 + second).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ChannelPaymentId, ChannelRefundId, MerchantOrderNo, MerchantRefundNo};

    /// As [`Lines`], byte by byte.
    fn plainly(text: &[u8], ticked: bool) -> Vec<(Line, Vec<(usize, usize)>)> {
        let mut lines = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let to = (from..text.len())
                .find(|at| text[*at] == b'\n')
                .unwrap_or(text.len());
            let mut begins = vec![from + usize::from(ticked)];
            for at in from..to {
                let parts = if ticked {
                    text[at] == b'`' && at > from && text[at - 1] == b','
                } else {
                    text[at] == b','
                };
                if parts {
                    begins.push(at + 1);
                }
            }
            let values = begins.len();
            let line_from = from;
            from = to + 1;
            let to = to - usize::from(to > line_from && text[to - 1] == b'\r');
            let ends = begins[1..]
                .iter()
                .map(|n| n - 1 - usize::from(ticked))
                .chain([to]);
            let places = begins.iter().copied().zip(ends).collect();
            let line = Line {
                from: line_from,
                to,
                values,
            };
            lines.push((line, places));
        }
        lines
    }

    fn quickly<const TICKED: bool>(text: &[u8]) -> Vec<(Line, Vec<(usize, usize)>)> {
        let mut lines = Lines::<TICKED>::new(text);
        let mut found = Vec::new();
        while let Some(line) = lines.next_line() {
            let values = lines.values(&line);
            found.push((line, (0..line.values).map(|n| values.place(n)).collect()));
        }
        found
    }

    fn decimal(text: &[u8], decimals: usize) -> Option<i64> {
        let point = text.len().checked_sub(decimals + 1)?;
        let digits = [&text[..point], &text[point + 1..]].concat();
        let usual = point > 0
            && text.len() <= 8
            && text[point] == b'.'
            && digits.iter().all(u8::is_ascii_digit);
        usual.then(|| std::str::from_utf8(&digits).unwrap().parse().unwrap())
    }

    proptest! {
        #[test]
        fn lines_and_values_are_found_where_they_stand(
            text in prop::collection::vec(prop::sample::select(b"aaaa,,`\n\r\xe8".to_vec()), 0..400),
            dense in prop::collection::vec(prop::sample::select(b",`\n".to_vec()), 0..400),
            long in prop::collection::vec(prop::sample::select(b",`".to_vec()), 0..700),
        ) {
            for text in [text, dense, long] {
                prop_assert_eq!(quickly::<false>(&text), plainly(&text, false));
                prop_assert_eq!(quickly::<true>(&text), plainly(&text, true));
            }
        }

        #[test]
        fn places_are_those_of_the_byte(bytes in prop::collection::vec(0..4_u8, 64)) {
            let bytes: [u8; 64] = bytes.try_into().unwrap();
            for byte in 0..5 {
                let plainly = (0..64).filter(|n| bytes[*n] == byte).fold(0, |m, n| m | 1_u64 << n);
                prop_assert_eq!(places_of(&bytes, byte), plainly);
            }
        }

        #[test]
        fn plain_numbers_are_plain(text in "[0-9a-zA-Z_-]{0,70}", at: prop::sample::Index, byte: u8) {
            let mut text = text.into_bytes();
            let taken = |text: &[u8]| (1..=64).contains(&text.len()) && text.iter().copied().all(is_plain);
            prop_assert_eq!(is_plain_number(&text), taken(&text));
            if !text.is_empty() {
                let at = at.index(text.len());
                text[at] = byte;
                prop_assert_eq!(is_plain_number(&text), taken(&text));
            }
            if taken(&text) {
                let text = std::str::from_utf8(&text).unwrap();
                prop_assert!(MerchantOrderNo::parse(text).is_ok());
                prop_assert!(MerchantRefundNo::parse(text).is_ok());
                prop_assert!(ChannelPaymentId::parse(text).is_ok());
                prop_assert!(ChannelRefundId::parse(text).is_ok());
            }
        }

        #[test]
        fn short_decimals_say_what_they_say(
            before in "[0-9.`a-]{8,12}",
            usual in "[0-9]{1,6}\\.([0-9]{2}|[0-9]{5})",
            odd in "[0-9.`/:-]{0,10}",
        ) {
            for value in [usual, odd] {
                let text = format!("{before}{value}");
                let (from, to) = (before.len(), text.len());
                let bytes = text.as_bytes();
                prop_assert_eq!(short_decimal::<2>(bytes, from, to), decimal(value.as_bytes(), 2));
                prop_assert_eq!(short_decimal::<5>(bytes, from, to), decimal(value.as_bytes(), 5));
            }
        }

        #[test]
        fn times_of_day_are_those_of_a_clock(
            second in 0..86_400_i64,
            at in 0..8_usize,
            byte: u8,
        ) {
            let clock = |s: i64| format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
            let mut text: [u8; 8] = clock(second).into_bytes().try_into().unwrap();
            prop_assert_eq!(time_of_day(&text), Some(second));
            text[at] = byte;
            if let Some(read) = time_of_day(&text) {
                prop_assert_eq!(clock(read).into_bytes(), text.to_vec());
            }
        }
    }

    #[test]
    fn hours_minutes_and_seconds_end_where_a_clock_ends() {
        for text in [b"24:00:00", b"00:60:00", b"00:00:60", b"0a:00:00"] {
            assert_eq!(time_of_day(text), None);
        }
    }

    #[test]
    fn a_line_parts_into_its_values() {
        let mut values = Vec::new();
        part(b"", Parting::Comma, &mut values);
        assert_eq!(values, [(0, 0)]);
        values.clear();
        part(b"`a,b,`,`c", Parting::CommaTick, &mut values);
        assert_eq!(values, [(1, 4), (6, 6), (8, 9)]);
    }
}
