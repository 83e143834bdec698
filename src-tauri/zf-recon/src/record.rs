//! The packed form of a row: about 30 bytes, written into shared blocks, never allocated alone.
//!
//! `length, flags, currency, key length, key, amount, time, line`: five bytes, the key, three
//! variable-length integers; then what only some rows have, as the flags say. What matching looks at
//! stands in front, so that most rows are never read to their end. The same form stands in memory and in the temporary file.

use zf_domain::{Currency, EntryKind, EntryState, Money};

use crate::entry::Entry;
use crate::error::ReconError;

/// The longest packed row: 5 bytes, 3 integers of at most 10 bytes, a key of at most 255; a channel
/// number of at most 255 with its length, a fee, an origin and what the fee is charged on.
pub(crate) const RECORD_BYTES_MAX: usize = RECORD_FIXED_BYTES + 255 + 255;
/// As above, without key and channel number.
pub(crate) const RECORD_FIXED_BYTES: usize = 5 + 3 * 10 + 1 + 10 + 5 + 10;

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

/// Appends the packed form; the key must be at most 255 bytes, as the intake has checked.
#[inline]
pub(crate) fn encode(entry: &Entry<'_>, out: &mut Vec<u8>) {
    let state = match entry.state {
        EntryState::Done => 0_u8,
        EntryState::InProgress => 1,
        EntryState::Void => 2,
    };
    let extra = &entry.extra;
    let mut ints = Ints::default();
    ints.put(zigzag(entry.amount.minor));
    ints.put(zigzag(entry.occurred_at.seconds()));
    ints.put(entry.line_no);
    let (channel_no, mut tail) = (extra.channel_no, Ints::default());
    if let Some(fee) = extra.fee_minor {
        tail.put(zigzag(fee));
    }
    if let Some(origin) = extra.carried_from {
        tail.put(u64::from(origin));
    }
    if let Some(base) = extra.fee_base_minor {
        tail.put(zigzag(base));
    }
    let key = entry.key.as_bytes();
    let len = 5 + key.len() + ints.len + channel_no.map_or(0, |number| 1 + number.len()) + tail.len;
    let [low, high] = (len as u16).to_le_bytes();
    let flags = kind_bit(entry.kind)
        | state << 1
        | u8::from(extra.channel_no.is_some()) << 3
        | u8::from(extra.fee_minor.is_some()) << 4
        | u8::from(extra.carried_from.is_some()) << 5
        | u8::from(extra.fee_base_minor.is_some()) << 6;
    let currency = entry.amount.currency as u8;
    out.extend_from_slice(&[low, high, flags, currency, key.len() as u8]);
    out.extend_from_slice(key);
    out.extend_from_slice(&ints.bytes[..ints.len]);
    if let Some(number) = channel_no {
        out.push(number.len() as u8);
        out.extend_from_slice(number.as_bytes());
    }
    out.extend_from_slice(&tail.bytes[..tail.len]);
}

/// Up to three packed integers.
#[derive(Default)]
struct Ints {
    bytes: [u8; 30],
    len: usize,
}

impl Ints {
    #[inline]
    fn put(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes[self.len] = value as u8 | 0x80;
            self.len += 1;
            value >>= 7;
        }
        self.bytes[self.len] = value as u8;
        self.len += 1;
    }
}

/// What stands in front of a packed row: enough to find its partner and to agree with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    flags: u8,
    currency: u8,
    pub(crate) key: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Head<'a> {
    /// Reads the front of the packed row that `bytes` begins with: the head, and the row's length.
    #[inline]
    pub(crate) fn read(bytes: &'a [u8]) -> Result<(Self, usize), Damaged> {
        let &[low, high, flags, currency, key_len, ..] = bytes else {
            return Err(Damaged);
        };
        let len = usize::from(u16::from_le_bytes([low, high]));
        let row = bytes.get(5..len).ok_or(Damaged)?;
        let (key, rest) = row.split_at_checked(usize::from(key_len)).ok_or(Damaged)?;
        let head = Self {
            flags,
            currency,
            key,
            rest,
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
    pub(crate) fn same_words(&self, other: &Self) -> Result<Option<i64>, Damaged> {
        if self.flags != other.flags || self.currency != other.currency {
            return Ok(None);
        }
        let minor = Unpacker {
            bytes: self.rest,
            at: 0,
        }
        .int()?;
        let theirs = Unpacker {
            bytes: other.rest,
            at: 0,
        }
        .int()?;
        Ok((minor == theirs).then(|| unzigzag(minor)))
    }

    #[inline]
    pub(crate) fn currency(&self) -> Result<Currency, Damaged> {
        Currency::ALL
            .get(usize::from(self.currency))
            .copied()
            .ok_or(Damaged)
    }

    #[inline]
    pub(crate) fn state(&self) -> Result<EntryState, Damaged> {
        state_of(self.flags)
    }
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

    fn record(&mut self, head: &Head<'a>) -> Result<Record<'a>, Damaged> {
        let mut record = Record {
            kind: head.kind(),
            state: head.state()?,
            currency: head.currency()?,
            minor: unzigzag(self.int()?),
            seconds: unzigzag(self.int()?),
            line_no: self.int()?,
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
#[inline]
pub(crate) fn hash(seed: u64, kind: EntryKind, key: &[u8]) -> u64 {
    const A: u64 = 0x9e37_79b9_7f4a_7c15;
    const B: u64 = 0xd6e8_feb8_6659_fd93;
    let mut state = seed ^ (u64::from(kind_bit(kind)) << 63) ^ key.len() as u64;
    let mut chunks = key.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = fold(state ^ u64::from_le_bytes(word), A);
    }
    let rest = chunks.remainder();
    let mut word = [0; 8];
    word[..rest.len()].copy_from_slice(rest);
    fold(fold(state ^ u64::from_le_bytes(word), A) ^ seed, B)
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
            let mut bytes = Vec::new();
            encode(&entry, &mut bytes);
            prop_assert!(bytes.len() <= RECORD_BYTES_MAX);
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
