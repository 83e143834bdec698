//! The packed form of a row: about 40 bytes, written into shared blocks, never allocated alone.
//!
//! Six bytes in front: length (two), flags, key length, currency with the width of the amount, widths
//! of time and line. Then the key, and amount, time and line in as many bytes as their widths say,
//! lowest first; then what only some rows have, as the flags say. What matching looks at stands in
//! front, so that most rows are never read to their end. Widths before the values let a row be written
//! and read without a decision for each byte. The same form stands in memory and in the temporary file.

use zf_domain::{Currency, EntryKind, EntryState, Money};

use crate::entry::Entry;
use crate::error::ReconError;

/// The longest packed row: 6 bytes, 3 integers of at most 8 bytes, a key of at most 255; a channel
/// number of at most 255 with its length, a fee, an origin and what the fee is charged on.
pub(crate) const RECORD_BYTES_MAX: usize = RECORD_FIXED_BYTES + 255 + 255;
/// As above, without key and channel number.
pub(crate) const RECORD_FIXED_BYTES: usize = HEAD + 3 * 8 + 1 + 10 + 5 + 10;
/// What a block keeps free behind its last row, so that a row can be written and read in whole words.
pub(crate) const SLACK: usize = 8;

/// What stands before the key.
const HEAD: usize = 6;

const HAS_CHANNEL_NO: u8 = 1 << 3;
const HAS_FEE: u8 = 1 << 4;
const HAS_ORIGIN: u8 = 1 << 5;
const HAS_FEE_BASE: u8 = 1 << 6;

/// A packed row, read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    pub(crate) kind: EntryKind,
    pub(crate) state: EntryState,
    pub(crate) currency: Currency,
    pub(crate) minor: i64,
    pub(crate) seconds: i64,
    pub(crate) line_no: u64,
    pub(crate) key: &'a [u8],
    /// Empty when unknown.
    pub(crate) channel_no: &'a [u8],
    pub(crate) fee: Option<i64>,
    /// What the fee is charged on, where it is not the amount.
    pub(crate) fee_base: Option<i64>,
    /// Carried from this source of the caller's.
    pub(crate) origin: Option<u32>,
}

impl Record<'_> {
    pub(crate) const fn money(&self) -> Money {
        Money::new(self.minor, self.currency)
    }
}

/// Writes the packed form to the front of `out` and gives its length. The key must be at most 255
/// bytes, as the intake has checked, and `out` as long as the row may become, with [`SLACK`] behind.
#[inline(always)]
pub(crate) fn encode(entry: &Entry<'_>, out: &mut [u8]) -> usize {
    let key = entry.key.as_bytes();
    let (amount, time, line) = (
        zigzag(entry.amount.minor),
        zigzag(entry.occurred_at.seconds()),
        entry.line_no,
    );
    let (amount_width, time_width, line_width) = (width(amount), width(time), width(line));
    let amount_at = HEAD + key.len();
    let time_at = amount_at + amount_width;
    let line_at = time_at + time_width;
    let mut len = line_at + line_width;
    let extra = &entry.extra;
    let flags = kind_bit(entry.kind)
        | state_bits(entry.state)
        | u8::from(extra.channel_no.is_some()) << 3
        | u8::from(extra.fee_minor.is_some()) << 4
        | u8::from(extra.carried_from.is_some()) << 5
        | u8::from(extra.fee_base_minor.is_some()) << 6;
    put_key(key, &mut out[HEAD..]);
    put_word(amount, &mut out[amount_at..]);
    put_word(time, &mut out[time_at..]);
    put_word(line, &mut out[line_at..]);
    if flags >= HAS_CHANNEL_NO {
        len = put_extra(extra, len, out);
    }
    let head = len as u64
        | u64::from(flags) << 16
        | (key.len() as u64) << 24
        | (entry.amount.currency as u64 | (amount_width as u64 - 1) << 3) << 32
        | ((time_width as u64 - 1) | (line_width as u64 - 1) << 3) << 40;
    out[..HEAD].copy_from_slice(&head.to_le_bytes()[..HEAD]);
    len
}

const fn state_bits(state: EntryState) -> u8 {
    match state {
        EntryState::Done => 0,
        EntryState::InProgress => 1 << 1,
        EntryState::Void => 2 << 1,
    }
}

/// How many bytes a value needs, at least one.
#[inline]
const fn width(value: u64) -> usize {
    (71 - (value | 1).leading_zeros() as usize) / 8
}

/// All eight bytes; what is behind the value's width is written over by what comes next.
#[inline]
fn put_word(value: u64, out: &mut [u8]) {
    if let Some(bytes) = out.first_chunk_mut::<8>() {
        *bytes = value.to_le_bytes();
    }
}

#[inline]
fn put_key(key: &[u8], out: &mut [u8]) {
    // Of the usual lengths, in two pieces that overlap.
    if let (Some(first), Some(last)) = (key.first_chunk::<16>(), key.last_chunk::<16>())
        && key.len() <= 32
        && let Some(out) = out.get_mut(..key.len())
    {
        if let Some(to) = out.first_chunk_mut::<16>() {
            *to = *first;
        }
        if let Some(to) = out.last_chunk_mut::<16>() {
            *to = *last;
        }
    } else {
        out[..key.len()].copy_from_slice(key);
    }
}

/// Writes what only some rows have behind the `len` bytes of the row; gives the new length.
fn put_extra(extra: &crate::entry::Extra<'_>, mut at: usize, out: &mut [u8]) -> usize {
    if let Some(number) = extra.channel_no {
        let end = at + 1 + number.len();
        out[at] = number.len() as u8;
        out[at + 1..end].copy_from_slice(number.as_bytes());
        at = end;
    }
    let rest = [
        extra.fee_minor.map(zigzag),
        extra.carried_from.map(u64::from),
        extra.fee_base_minor.map(zigzag),
    ];
    for mut value in rest.into_iter().flatten() {
        while value >= 0x80 {
            out[at] = value as u8 | 0x80;
            value >>= 7;
            at += 1;
        }
        out[at] = value as u8;
        at += 1;
    }
    at
}

/// What stands in front of a packed row: enough to find its partner and to agree with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    flags: u8,
    /// Currency and width of the amount.
    money: u8,
    /// Widths of time and line.
    widths: u8,
    pub(crate) key: &'a [u8],
    /// The amount, zigzag; of no meaning when the row is damaged, which reading on finds.
    amount: u64,
    /// What stands behind the amount.
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    /// Reads the front of the packed row that `bytes` begins with: the head, and the row's length.
    #[inline]
    pub(crate) fn read(bytes: &'a [u8]) -> Result<(Self, usize), Damaged> {
        let &[low, high, flags, key_len, money, widths, ..] = bytes else {
            return Err(Damaged);
        };
        let len = usize::from(u16::from_le_bytes([low, high]));
        let amount_at = HEAD + usize::from(key_len);
        let amount_width = usize::from(money >> 3 & 7) + 1;
        let rest_at = amount_at + amount_width;
        if len < rest_at {
            return Err(Damaged);
        }
        let head = Self {
            flags,
            money,
            widths,
            key: bytes.get(HEAD..amount_at).ok_or(Damaged)?,
            amount: word_at(bytes, amount_at, amount_width)?,
            rest: bytes.get(rest_at..len).ok_or(Damaged)?,
        };
        Ok((head, len))
    }

    #[inline]
    pub(crate) fn kind(&self) -> EntryKind {
        if self.flags & 1 == 0 {
            EntryKind::Payment
        } else {
            EntryKind::Refund
        }
    }

    /// Whether nothing but state, currency and amount is to be compared.
    #[inline]
    pub(crate) const fn is_plain(&self) -> bool {
        self.flags < HAS_CHANNEL_NO
    }

    /// Whether both say word for word the same of their key.
    #[inline]
    pub(crate) const fn same_words(&self, other: &Self) -> bool {
        self.flags == other.flags && self.money == other.money && self.amount == other.amount
    }

    #[inline]
    pub(crate) const fn minor(&self) -> i64 {
        unzigzag(self.amount)
    }

    #[inline]
    pub(crate) fn currency(&self) -> Result<Currency, Damaged> {
        Currency::ALL
            .get(usize::from(self.money & 7))
            .copied()
            .ok_or(Damaged)
    }

    #[inline]
    pub(crate) fn state(&self) -> Result<EntryState, Damaged> {
        state_of(self.flags)
    }
}

/// Whether two keys are the same, quickly for the usual lengths: those of up to 32 bytes are two pieces
/// that may overlap.
#[inline(always)]
pub(crate) fn same_key(one: &[u8], other: &[u8]) -> bool {
    if one.len() <= 32
        && let (Some(first), Some(last)) = (one.first_chunk::<16>(), one.last_chunk::<16>())
    {
        one.len() == other.len()
            && other.first_chunk::<16>() == Some(first)
            && other.last_chunk::<16>() == Some(last)
    } else {
        one == other
    }
}

/// The value of `width` bytes, 1 to 8, at `at`.
#[inline]
fn word_at(bytes: &[u8], at: usize, width: usize) -> Result<u64, Damaged> {
    let from = bytes.get(at..).ok_or(Damaged)?;
    if let Some(word) = from.first_chunk::<8>() {
        return Ok(u64::from_le_bytes(*word) & u64::MAX >> (64 - 8 * width));
    }
    let mut word = [0; 8];
    word[..width].copy_from_slice(from.get(..width).ok_or(Damaged)?);
    Ok(u64::from_le_bytes(word))
}

#[inline]
fn state_of(flags: u8) -> Result<EntryState, Damaged> {
    match flags >> 1 & 3 {
        0 => Ok(EntryState::Done),
        1 => Ok(EntryState::InProgress),
        2 => Ok(EntryState::Void),
        _ => Err(Damaged),
    }
}

/// Bytes that are no packed value. Has no size, unlike `ReconError`, so that results of the hot
/// path travel in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damaged;

impl From<Damaged> for ReconError {
    fn from(_: Damaged) -> Self {
        Self::SpillDamaged
    }
}

/// Reads one packed row from the front of `bytes`: the row, and how many bytes it took.
#[inline]
pub(crate) fn decode(bytes: &[u8]) -> Result<(Record<'_>, usize), Damaged> {
    let (head, len) = Head::read(bytes)?;
    let mut reader = Unpacker {
        bytes: head.rest,
        at: 0,
    };
    Ok((reader.record(&head)?, len))
}

pub(crate) const fn kind_bit(kind: EntryKind) -> u8 {
    match kind {
        EntryKind::Payment => 0,
        EntryKind::Refund => 1,
    }
}

pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(crate) const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[inline]
pub(crate) fn put_int(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads packed values one after another.
pub(crate) struct Unpacker<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Unpacker<'a> {
    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Damaged> {
        let byte = *self.bytes.get(self.at).ok_or(Damaged)?;
        self.at += 1;
        Ok(byte)
    }

    #[inline]
    pub(crate) fn int(&mut self) -> Result<u64, Damaged> {
        let mut value = 0_u64;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
            if shift > 63 {
                return Err(Damaged);
            }
        }
    }

    #[inline]
    pub(crate) fn slice(&mut self, len: usize) -> Result<&'a [u8], Damaged> {
        let slice = self.bytes.get(self.at..self.at + len).ok_or(Damaged)?;
        self.at += len;
        Ok(slice)
    }

    fn word(&mut self, width: u8) -> Result<u64, Damaged> {
        let width = usize::from(width & 7) + 1;
        let word = word_at(self.bytes, self.at, width)?;
        self.at += width;
        Ok(word)
    }

    fn record(&mut self, head: &Head<'a>) -> Result<Record<'a>, Damaged> {
        let mut record = Record {
            kind: head.kind(),
            state: head.state()?,
            currency: head.currency()?,
            minor: head.minor(),
            seconds: unzigzag(self.word(head.widths)?),
            line_no: self.word(head.widths >> 3)?,
            key: head.key,
            channel_no: &[],
            fee: None,
            fee_base: None,
            origin: None,
        };
        if !head.is_plain() {
            self.extra(head.flags, &mut record)?;
        }
        if self.at != self.bytes.len() {
            return Err(Damaged);
        }
        Ok(record)
    }

    fn extra(&mut self, flags: u8, record: &mut Record<'a>) -> Result<(), Damaged> {
        if flags & HAS_CHANNEL_NO != 0 {
            let len = usize::from(self.byte()?);
            record.channel_no = self.slice(len)?;
        }
        if flags & HAS_FEE != 0 {
            record.fee = Some(unzigzag(self.int()?));
        }
        if flags & HAS_ORIGIN != 0 {
            record.origin = Some(u32::try_from(self.int()?).map_err(|_| Damaged)?);
        }
        if flags & HAS_FEE_BASE != 0 {
            record.fee_base = Some(unzigzag(self.int()?));
        }
        if flags >= HAS_FEE_BASE << 1 {
            return Err(Damaged);
        }
        Ok(())
    }
}

/// A 64-bit hash of a key, different in every run: `seed` is drawn at its start, so nobody can
/// prepare numbers that all fall together. No result depends on it.
#[inline(always)]
pub(crate) fn hash(seed: u64, kind: EntryKind, key: &[u8]) -> u64 {
    const B: u64 = 0xd6e8_feb8_6659_fd93;
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let mut state = seed ^ (u64::from(kind_bit(kind)) << 63) ^ key.len() as u64;
    // Both factors hang on the seed, so that no key makes one of them nothing on purpose.
    let other = seed.rotate_left(32) ^ B;
    if let (Some(_), Some(last)) = (key.first_chunk::<16>(), key.last_chunk::<16>()) {
        let (pairs, _) = key[..key.len() - 1].as_chunks::<16>();
        for pair in pairs.iter().chain([last]) {
            let (words, _) = pair.as_chunks::<8>();
            state = fold(state ^ word(&words[0]), other ^ word(&words[1]));
        }
    } else if let (Some(first), Some(last)) = (key.first_chunk::<8>(), key.last_chunk::<8>()) {
        state = fold(state ^ word(first), other ^ word(last));
    } else {
        let short = key
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        state = fold(state ^ short, other);
    }
    fold(state ^ seed, B)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zf_domain::Timestamp;

    use super::*;

    #[test]
    fn currencies_are_numbered_as_listed() {
        for (number, currency) in Currency::ALL.into_iter().enumerate() {
            assert_eq!(currency as usize, number);
        }
    }

    proptest! {
        #[test]
        fn keys_are_the_same_when_all_their_bytes_are(
            key in prop::collection::vec(any::<u8>(), 0..40),
            at: prop::sample::Index,
            byte: u8,
            cut: prop::sample::Index,
        ) {
            prop_assert!(same_key(&key, &key.clone()));
            let shorter = &key[..cut.index(key.len() + 1)];
            prop_assert_eq!(same_key(&key, shorter), key == shorter);
            let mut other = key.clone();
            if let Some(place) = (!key.is_empty()).then(|| at.index(key.len())) {
                other[place] = byte;
            }
            prop_assert_eq!(same_key(&key, &other), key == other);
        }

        #[test]
        fn rows_survive_packing(
            minor: i64,
            seconds in -60_000_000_000_i64..250_000_000_000,
            line_no: u64,
            key in "[ -~]{0,255}",
            refund: bool,
            state in 0..3_u8,
            currency in 0..6_usize,
            channel_no in prop::option::of("[ -~]{1,255}"),
            fee_minor: Option<i64>,
            fee_base_minor: Option<i64>,
            carried_from: Option<u32>,
        ) {
            let entry = Entry {
                kind: if refund { EntryKind::Refund } else { EntryKind::Payment },
                key: &key,
                amount: Money::new(minor, Currency::ALL[currency]),
                state: [EntryState::Done, EntryState::InProgress, EntryState::Void][usize::from(state)],
                occurred_at: Timestamp::from_seconds(seconds),
                line_no,
                extra: crate::entry::Extra {
                    channel_no: channel_no.as_deref(),
                    fee_minor,
                    fee_base_minor,
                    carried_from,
                },
            };
            let mut bytes = vec![0xee; RECORD_BYTES_MAX + SLACK];
            let len = encode(&entry, &mut bytes);
            prop_assert!(len <= RECORD_BYTES_MAX);
            bytes.truncate(len);
            let (back, used) = decode(&bytes).unwrap();
            prop_assert_eq!(used, bytes.len());
            prop_assert_eq!(back, Record {
                kind: entry.kind,
                state: entry.state,
                currency: entry.amount.currency,
                minor,
                seconds,
                line_no,
                key: key.as_bytes(),
                channel_no: channel_no.as_deref().unwrap_or_default().as_bytes(),
                fee: fee_minor,
                fee_base: fee_base_minor,
                origin: carried_from,
            });
            for cut in 0..bytes.len() {
                prop_assert!(decode(&bytes[..cut]).is_err());
            }
        }
    }
}
