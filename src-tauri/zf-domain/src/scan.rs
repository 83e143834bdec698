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

/// Lines of a text with the places of their values.
///
/// Some kilobytes at a time are looked at in one go, and the place behind every mark and line feed is
/// written down; lines are then read off that list. Apart from each other the two are quicker: the
/// first goes through the bytes without a decision that hangs on where a line ends, and what the second
/// decides is nearly always the same.
///
/// Quotation marks mean nothing here; a text with some goes the long way.
#[derive(Debug)]
pub struct Lines<'a, const TICKED: bool> {
    text: &'a [u8],
    /// How far the text was looked at.
    seen: Seen,
    /// The place behind the line feed before the line to come, behind each mark and line feed from there
    /// on, as far as was looked; then what is of no meaning.
    begins: Vec<usize>,
    /// Which of `begins` stand behind line feeds.
    feeds: Vec<usize>,
    /// How many lines of those were given.
    given: usize,
    /// Which of `begins` stands before the line to come, and where that line begins.
    first: usize,
    from: usize,
}

/// How far a text was looked at.
#[derive(Debug, Clone, Copy)]
struct Seen {
    bytes: usize,
    /// Whether the last of them was a comma.
    comma: u64,
    /// How many places have a meaning.
    places: usize,
    /// How many line feeds are among them.
    feeds: usize,
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

    /// One value, of which the line must have so many, in the text the lines were found in. Where values
    /// are ticked, the line must begin with a tick.
    #[must_use]
    #[inline(always)]
    pub fn of<'t>(&self, text: &'t [u8], number: usize) -> &'t [u8] {
        let (from, to) = self.place(number);
        &text[from..to]
    }
}

/// At commas.
pub type CommaLines<'a> = Lines<'a, false>;
/// At commas with a back-tick behind them.
pub type TickedLines<'a> = Lines<'a, true>;

/// Bytes that are looked at together: as many as a word has bits.
const WINDOW: usize = 64;
/// Windows that are looked at in one go: their bytes and what is found in them stay in the nearest cache.
const WINDOWS: usize = 128;

impl<'a, const TICKED: bool> Lines<'a, TICKED> {
    /// Bytes between two values.
    const GAP: usize = 1 + TICKED as usize;
    /// Places written for each window in any case. As many as a window of the usual files has at most:
    /// that is quicker than asking before each whether there is another one.
    const AT_ONCE: usize = if TICKED { 12 } else { 8 };

    /// The lines of `text`, which begins with a line.
    #[must_use]
    pub const fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            seen: Seen {
                bytes: 0,
                comma: 0,
                places: 1,
                feeds: 0,
            },
            begins: Vec::new(),
            feeds: Vec::new(),
            given: 0,
            first: 0,
            from: 0,
        }
    }

    /// Looks at the bytes to come until a line is whole; false behind the last.
    #[inline(always)]
    fn look(&mut self) -> bool {
        if self.from >= self.text.len() {
            return false;
        }
        // A copy of its own: what is kept in registers need not be written back after every place.
        let mut seen = self.seen;
        // What was found of the line to come moves to the front.
        if self.first > 0 {
            self.begins.copy_within(self.first..seen.places, 0);
            seen.places -= self.first;
        }
        seen.feeds = 0;
        (self.first, self.given) = (0, 0);
        while seen.feeds == 0 {
            let windows = (self.text.len() - seen.bytes).div_ceil(WINDOW).min(WINDOWS);
            // Room for as many as there are bytes.
            let room = windows * WINDOW + 1;
            if self.begins.len() < seen.places + room + Self::AT_ONCE {
                self.begins.resize(seen.places + room + Self::AT_ONCE, 0);
            }
            if self.feeds.len() < room {
                self.feeds.resize(room, 0);
            }
            if windows == 0 {
                // The last line has no line feed: its end does for one.
                self.begins[seen.places] = self.text.len() + 1;
                self.feeds[0] = seen.places;
                seen.places += 1;
                seen.feeds = 1;
            }
            for _ in 0..windows {
                let rest = &self.text[seen.bytes..];
                if let Some(bytes) = rest.first_chunk::<WINDOW>() {
                    Self::window(bytes, &mut seen, &mut self.begins, &mut self.feeds);
                } else {
                    let mut bytes = [0; WINDOW];
                    bytes[..rest.len()].copy_from_slice(rest);
                    Self::window(&bytes, &mut seen, &mut self.begins, &mut self.feeds);
                    seen.bytes = self.text.len();
                }
            }
        }
        self.seen = seen;
        true
    }

    /// Writes down what the next window has.
    #[inline(always)]
    fn window(bytes: &[u8; WINDOW], seen: &mut Seen, begins: &mut [usize], ends: &mut [usize]) {
        let commas = places_of(bytes, b',');
        let feeds = places_of(bytes, b'\n');
        let marks = if TICKED {
            let behind = commas << 1 | seen.comma;
            seen.comma = commas >> 63;
            behind & places_of(bytes, b'`')
        } else {
            commas
        };
        let all = marks | feeds;
        let behind = seen.bytes + 1;
        let mut left = all;
        let (at_once, further) = begins[seen.places..].split_at_mut(Self::AT_ONCE);
        for place in at_once {
            *place = behind + left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
        }
        let mut further = further.iter_mut();
        while left != 0
            && let Some(place) = further.next()
        {
            *place = behind + left.trailing_zeros() as usize;
            left &= left - 1;
        }
        // Most windows have one line feed or none; again one is written in any case.
        let first = feeds & feeds.wrapping_neg();
        let before = all & first.wrapping_sub(1);
        ends[seen.feeds] = seen.places + before.count_ones() as usize;
        seen.feeds += usize::from(feeds != 0);
        let mut more = feeds ^ first;
        while more != 0 {
            let before = all & ((more & more.wrapping_neg()) - 1);
            ends[seen.feeds] = seen.places + before.count_ones() as usize;
            seen.feeds += 1;
            more &= more - 1;
        }
        seen.places += all.count_ones() as usize;
        seen.bytes += WINDOW;
    }

    /// The next line; `None` behind the last. A line feed at the end of the text ends its line and
    /// begins none.
    #[inline(always)]
    pub fn next_line(&mut self) -> Option<Line> {
        if self.given == self.seen.feeds && !self.look() {
            return None;
        }
        let (from, first, last) = (self.from, self.first, self.feeds[self.given]);
        let feed = self.begins[last] - 1;
        let returned = feed > from && self.text[feed - 1] == b'\r';
        let to = feed - usize::from(returned);
        // In the places of the line feeds now stands what `Values` wants to find there.
        self.begins[first] = from + usize::from(TICKED);
        self.begins[last] = to + Self::GAP;
        self.from = feed + 1;
        self.first = last;
        self.given += 1;
        Some(Line {
            from,
            to,
            values: last - first,
        })
    }

    /// The values of `line`, the line given last.
    #[must_use]
    #[inline(always)]
    pub fn values(&self, line: &Line) -> Values<'_, TICKED> {
        Values {
            begins: &self.begins[self.first - line.values..=self.first],
        }
    }
}

/// The places of `byte` among 64, the first in the lowest bit.
#[inline(always)]
fn places_of(bytes: &[u8; WINDOW], byte: u8) -> u64 {
    let (parts, _) = bytes.as_chunks::<16>();
    let wanted = u8x16::splat(byte);
    let places = |number: usize| u8x16::from(parts[number]).simd_eq(wanted).to_bitmask();
    // In pairs, which become one comparison where the processor takes 32 bytes at a time.
    let pair = |number: usize| places(number) | places(number + 1) << 16;
    u64::from(pair(0)) | u64::from(pair(2)) << 32
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
    let word = eight_before(text, to)?;
    decimal_of(word, to.wrapping_sub(from), DECIMALS)
}

/// As [`short_decimal`] with two decimals or with five, whichever stand there, in units of the fifth.
#[must_use]
#[inline(always)]
pub fn short_amount(text: &[u8], from: usize, to: usize) -> Option<i64> {
    const NOTHING: u32 = u32::from_le_bytes(*b"0.00");
    let (word, len) = (eight_before(text, to)?, to.wrapping_sub(from));
    // Half of a bill's amounts.
    if len == 4 && (word >> 32) as u32 == NOTHING {
        return Some(0);
    }
    // Fees have five.
    let (decimals, unit) = if has_point(word, 2) {
        (2, 1000)
    } else {
        (5, 1)
    };
    Some(decimal_of(word, len, decimals)? * unit)
}

/// Where the point stands in a word with so many decimals behind it.
const fn point_at(decimals: u32) -> u32 {
    8 * (7 - decimals)
}

#[inline(always)]
const fn has_point(word: u64, decimals: u32) -> bool {
    (word >> point_at(decimals)) as u8 == b'.'
}

/// The number that the last `len` of eight characters say, its point left out.
#[inline(always)]
fn decimal_of(word: u64, len: usize, decimals: u32) -> Option<i64> {
    if !(decimals as usize + 2..=8).contains(&len) || !has_point(word, decimals) {
        return None;
    }
    // Closes the gap of the point, and leaves out what stands before.
    let behind = u64::MAX << (point_at(decimals) + 8);
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
        fn lines_are_found_beyond_what_is_looked_at_in_one_go(
            part in prop::collection::vec(prop::sample::select(b"aaaaaaaa,,`\n\r".to_vec()), 1..200),
            times in 1..400_usize,
            tail in prop::collection::vec(prop::sample::select(b"a,`\n".to_vec()), 0..WINDOW),
        ) {
            let text = [part.repeat(times), tail].concat();
            prop_assert_eq!(quickly::<false>(&text), plainly(&text, false));
            prop_assert_eq!(quickly::<true>(&text), plainly(&text, true));
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
            usual in "0\\.00|[0-9]{1,6}\\.([0-9]{2}|[0-9]{5})",
            odd in "[0-9.`/:-]{0,10}",
        ) {
            for value in [usual, odd] {
                let text = format!("{before}{value}");
                let (from, to) = (before.len(), text.len());
                let bytes = text.as_bytes();
                prop_assert_eq!(short_decimal::<2>(bytes, from, to), decimal(value.as_bytes(), 2));
                prop_assert_eq!(short_decimal::<5>(bytes, from, to), decimal(value.as_bytes(), 5));
                let either = decimal(value.as_bytes(), 2).map(|v| v * 1000).or(decimal(value.as_bytes(), 5));
                prop_assert_eq!(short_amount(bytes, from, to), either);
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
