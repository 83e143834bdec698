//! What a run found: packed, sorted per lane, merged into one fixed order when read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use zf_domain::{Currency, DifferenceCode, EntryKind, EntryState, Money, Timestamp};

use crate::entry::{Side, net_minor};
use crate::error::ReconError;
use crate::outcome::Bucket;
use crate::record::{Damaged, Record, Unpacker, kind_bit, put_int, unzigzag, zigzag};
use crate::spill::{Extent, Spill};

/// The longest packed finding: three bytes, a key, two sides, a line, a fee, two channel numbers, two
/// origins.
const FINDING_BYTES_MAX: usize = 3 + 255 + 2 * (2 + 3 * 10) + 10 + 2 * 10 + 2 * 256 + 2 * 10;

/// One side of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SideView {
    /// The amount as this side has it, positive.
    pub amount: Money,
    /// The state as this side has it.
    pub state: EntryState,
    /// When this side says it happened, to the second.
    pub occurred_at: Timestamp,
    /// Line in this side's file.
    pub line_no: u64,
}

/// One difference: a pair that disagrees, a row without partner, or a row too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands in the waterfall: finer than the code, it names the direction.
    pub bucket: Bucket,
    /// The code.
    pub code: DifferenceCode,
    /// Payment or refund.
    pub kind: EntryKind,
    /// Order number of a payment, refund number of a refund.
    pub key: String,
    /// The bill's row, when it has one.
    pub channel: Option<SideView>,
    /// The books' row, when they have one.
    pub ledger: Option<SideView>,
    /// For duplicates: the line of the row that keeps the key on the same side.
    pub twin_line_no: Option<u64>,
    /// For fees: what was charged and what the contract says, minor units.
    pub fee: Option<(i64, i64)>,
    /// For clashes: the channel's numbers, as the bill has it and as the books have it; empty where
    /// a side has none.
    pub channel_nos: [String; 2],
}

/// A pair that agrees, of which one row was carried over from another day: the other clears it, by
/// its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// Payment or refund.
    pub kind: EntryKind,
    /// Order number of a payment, refund number of a refund.
    pub key: String,
    /// The bill's row.
    pub channel: SideView,
    /// The books' row.
    pub ledger: SideView,
    /// Where the bill's row was carried from, by the caller's number; `None` = it is today's.
    pub channel_from: Option<u32>,
    /// Where the books' row was carried from.
    pub ledger_from: Option<u32>,
}

impl Difference {
    /// What this difference adds to one side's net, in minor units of that side's currency:
    /// refunds negative, nothing for what moved no money.
    #[must_use]
    pub fn net_minor(&self, side: Side) -> i128 {
        let view = match side {
            Side::Channel => &self.channel,
            Side::Ledger => &self.ledger,
        };
        view.map_or(0, |v| net_minor(self.kind, v.state, v.amount.minor))
    }

    /// Channel net minus ledger net, with its currency; `None` when the two sides have different
    /// currencies, which no subtraction joins.
    #[must_use]
    pub fn channel_minus_ledger(&self) -> Option<(i128, Currency)> {
        let currency = match (&self.channel, &self.ledger) {
            (Some(c), Some(l)) if c.amount.currency != l.amount.currency => return None,
            (Some(view), _) | (None, Some(view)) => view.amount.currency,
            (None, None) => return None,
        };
        Some((
            self.net_minor(Side::Channel) - self.net_minor(Side::Ledger),
            currency,
        ))
    }
}

/// A row that waits for its partner: not final yet, so its absence on the other side says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Where it was carried from already, by the caller's number; `None` = it is today's.
    pub carried_from: Option<u32>,
    /// The side that has it.
    pub side: Side,
    /// Payment or refund.
    pub kind: EntryKind,
    /// Order number of a payment, refund number of a refund.
    pub key: String,
    /// The row.
    pub row: SideView,
}

/// The compared part of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Content {
    pub(crate) state: EntryState,
    pub(crate) currency: u8,
    pub(crate) minor: i64,
}

/// The part of a side that is only shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Shown {
    seconds: i64,
    line_no: u64,
}

/// One finding. Its order is the order of every listing: bucket, kind, key, then contents; what is
/// only shown comes last, so that equal contents stand together whatever lines they came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) bucket: Bucket,
    pub(crate) kind: EntryKind,
    pub(crate) key: String,
    pub(crate) channel: Option<Content>,
    pub(crate) ledger: Option<Content>,
    /// Charged, and by contract.
    pub(crate) fee: Option<(i64, i64)>,
    pub(crate) channel_nos: [String; 2],
    /// Plus one; 0 = not carried.
    origins: [u64; 2],
    channel_shown: Shown,
    ledger_shown: Shown,
    twin_line_no: u64,
}

impl Finding {
    pub(crate) fn new(
        bucket: Bucket,
        channel: Option<&Record<'_>>,
        ledger: Option<&Record<'_>>,
        twin: Option<&Record<'_>>,
    ) -> Result<Self, ReconError> {
        let any = channel.or(ledger).ok_or(Damaged)?;
        let content = |record: &Record<'_>| Content {
            state: record.state,
            currency: record.currency as u8,
            minor: record.minor,
        };
        let shown = |record: &Record<'_>| Shown {
            seconds: record.seconds,
            line_no: record.line_no,
        };
        Ok(Self {
            bucket,
            kind: any.kind,
            key: std::str::from_utf8(any.key)
                .map_err(|_| ReconError::SpillDamaged)?
                .to_owned(),
            channel: channel.map(content),
            ledger: ledger.map(content),
            fee: None,
            channel_nos: if bucket.code() == Some(DifferenceCode::IdClash) {
                let number = |record: Option<&Record<'_>>| -> Result<String, ReconError> {
                    let bytes = record.map_or(&[][..], |r| r.channel_no);
                    std::str::from_utf8(bytes)
                        .map(str::to_owned)
                        .map_err(|_| ReconError::SpillDamaged)
                };
                // A further row stands beside the one that keeps the key.
                match (channel, ledger) {
                    (Some(_), None) => [number(channel)?, number(twin)?],
                    (None, Some(_)) => [number(twin)?, number(ledger)?],
                    _ => [number(channel)?, number(ledger)?],
                }
            } else {
                Default::default()
            },
            origins: [channel, ledger].map(|record| {
                record
                    .and_then(|r| r.origin)
                    .map_or(0, |n| u64::from(n) + 1)
            }),
            channel_shown: channel.map(shown).unwrap_or_default(),
            ledger_shown: ledger.map(shown).unwrap_or_default(),
            twin_line_no: twin.map_or(0, |record| record.line_no),
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.bucket as u8);
        out.push(
            kind_bit(self.kind)
                | u8::from(self.channel.is_some()) << 1
                | u8::from(self.ledger.is_some()) << 2
                | u8::from(self.fee.is_some()) << 3
                | u8::from(!self.channel_nos.iter().all(String::is_empty)) << 4
                | u8::from(self.origins != [0, 0]) << 5,
        );
        out.push(self.key.len() as u8);
        out.extend_from_slice(self.key.as_bytes());
        for (content, shown) in [
            (self.channel, self.channel_shown),
            (self.ledger, self.ledger_shown),
        ] {
            let Some(content) = content else { continue };
            out.push(content.state as u8);
            out.push(content.currency);
            put_int(zigzag(content.minor), out);
            put_int(zigzag(shown.seconds), out);
            put_int(shown.line_no, out);
        }
        put_int(self.twin_line_no, out);
        if let Some((charged, contract)) = self.fee {
            put_int(zigzag(charged), out);
            put_int(zigzag(contract), out);
        }
        if !self.channel_nos.iter().all(String::is_empty) {
            for number in &self.channel_nos {
                out.push(number.len() as u8);
                out.extend_from_slice(number.as_bytes());
            }
        }
        if self.origins != [0, 0] {
            for origin in self.origins {
                put_int(origin, out);
            }
        }
    }

    fn decode(bytes: &[u8]) -> Result<(Self, usize), ReconError> {
        let mut from = Unpacker { bytes, at: 0 };
        let bucket = *Bucket::ALL.get(usize::from(from.byte()?)).ok_or(Damaged)?;
        let flags = from.byte()?;
        let key_len = usize::from(from.byte()?);
        let key = std::str::from_utf8(from.slice(key_len)?)
            .map_err(|_| ReconError::SpillDamaged)?
            .to_owned();
        let mut side = |present: bool| -> Result<(Option<Content>, Shown), ReconError> {
            if !present {
                return Ok((None, Shown::default()));
            }
            let state = match from.byte()? {
                0 => EntryState::Done,
                1 => EntryState::InProgress,
                2 => EntryState::Void,
                _ => return Err(ReconError::SpillDamaged),
            };
            let currency = from.byte()?;
            let minor = unzigzag(from.int()?);
            let seconds = unzigzag(from.int()?);
            let line_no = from.int()?;
            Ok((
                Some(Content {
                    state,
                    currency,
                    minor,
                }),
                Shown { seconds, line_no },
            ))
        };
        let (channel, channel_shown) = side(flags & 2 != 0)?;
        let (ledger, ledger_shown) = side(flags & 4 != 0)?;
        let twin_line_no = from.int()?;
        let fee = if flags & 8 != 0 {
            Some((unzigzag(from.int()?), unzigzag(from.int()?)))
        } else {
            None
        };
        let mut channel_nos = <[String; 2]>::default();
        if flags & 16 != 0 {
            for number in &mut channel_nos {
                let len = usize::from(from.byte()?);
                *number = std::str::from_utf8(from.slice(len)?)
                    .map_err(|_| ReconError::SpillDamaged)?
                    .to_owned();
            }
        }
        let mut origins = [0; 2];
        if flags & 32 != 0 {
            for origin in &mut origins {
                *origin = from.int()?;
            }
        }
        let finding = Self {
            bucket,
            kind: if flags & 1 == 0 {
                EntryKind::Payment
            } else {
                EntryKind::Refund
            },
            key,
            channel,
            ledger,
            fee,
            channel_nos,
            origins,
            channel_shown,
            ledger_shown,
            twin_line_no,
        };
        Ok((finding, from.at))
    }

    fn views(&self) -> Result<[Option<SideView>; 2], ReconError> {
        let view = |content: Option<Content>, shown: Shown| -> Result<_, ReconError> {
            content
                .map(|content| {
                    Ok(SideView {
                        amount: Money::new(
                            content.minor,
                            *Currency::ALL
                                .get(usize::from(content.currency))
                                .ok_or(Damaged)?,
                        ),
                        state: content.state,
                        occurred_at: Timestamp::from_seconds(shown.seconds),
                        line_no: shown.line_no,
                    })
                })
                .transpose()
        };
        Ok([
            view(self.channel, self.channel_shown)?,
            view(self.ledger, self.ledger_shown)?,
        ])
    }

    /// The public form, for a finding that is a difference.
    pub(crate) fn into_difference(
        mut self,
        over_budget: bool,
    ) -> Result<Option<Difference>, ReconError> {
        if over_budget && self.bucket == Bucket::FeeTolerated {
            self.bucket = Bucket::FeeMismatch;
        }
        let Some(code) = self.bucket.code() else {
            return Ok(None);
        };
        let [channel, ledger] = self.views()?;
        Ok(Some(Difference {
            bucket: self.bucket,
            code,
            kind: self.kind,
            channel,
            ledger,
            twin_line_no: (self.twin_line_no > 0).then_some(self.twin_line_no),
            fee: self.fee,
            channel_nos: self.channel_nos,
            key: self.key,
        }))
    }

    fn origin(&self, side: Side) -> Option<u32> {
        self.origins[side as usize]
            .checked_sub(1)
            .and_then(|n| u32::try_from(n).ok())
    }

    /// The public form, for a pair that clears what was carried.
    pub(crate) fn into_cleared(self) -> Result<Option<Cleared>, ReconError> {
        if self.bucket != Bucket::CrossDay {
            return Ok(None);
        }
        let [Some(channel), Some(ledger)] = self.views()? else {
            return Err(ReconError::SpillDamaged);
        };
        Ok(Some(Cleared {
            kind: self.kind,
            channel,
            ledger,
            channel_from: self.origin(Side::Channel),
            ledger_from: self.origin(Side::Ledger),
            key: self.key,
        }))
    }

    /// The public form, for a finding that waits.
    pub(crate) fn into_carried(self) -> Result<Option<Carried>, ReconError> {
        if self.bucket != Bucket::Waiting {
            return Ok(None);
        }
        let (side, row) = match self.views()? {
            [Some(row), _] => (Side::Channel, row),
            [None, Some(row)] => (Side::Ledger, row),
            [None, None] => return Err(ReconError::SpillDamaged),
        };
        Ok(Some(Carried {
            carried_from: self.origin(side),
            side,
            kind: self.kind,
            key: self.key,
            row,
        }))
    }
}

/// A sorted, packed list of findings.
#[derive(Debug)]
pub(crate) enum Run {
    Memory(Vec<u8>),
    Spilled(Extent),
}

/// Sorts and packs.
pub(crate) fn pack(mut findings: Vec<Finding>) -> Vec<u8> {
    findings.sort_unstable();
    let mut bytes = Vec::new();
    for finding in &findings {
        finding.encode(&mut bytes);
    }
    bytes
}

/// Reads one run from its front.
struct Cursor<'a> {
    run: &'a Run,
    spill: &'a Spill,
    chunk_bytes: usize,
    /// Bytes of the run already handed out.
    done: usize,
    /// For spilled runs: what is buffered, and where in it the next finding begins.
    chunk: Vec<u8>,
    at: usize,
}

impl Cursor<'_> {
    fn next(&mut self) -> Result<Option<Finding>, ReconError> {
        match self.run {
            Run::Memory(bytes) => {
                if self.done == bytes.len() {
                    return Ok(None);
                }
                let (finding, used) = Finding::decode(&bytes[self.done..])?;
                self.done += used;
                Ok(Some(finding))
            }
            Run::Spilled(extent) => {
                let left = extent.len - self.done;
                if left == 0 {
                    return Ok(None);
                }
                let buffered = self.chunk.len() - self.at;
                if buffered < left && buffered < FINDING_BYTES_MAX {
                    let len = left.min(self.chunk_bytes);
                    self.spill.read(*extent, self.done, len, &mut self.chunk)?;
                    self.at = 0;
                }
                let (finding, used) = Finding::decode(&self.chunk[self.at..])?;
                self.at += used;
                self.done += used;
                Ok(Some(finding))
            }
        }
    }
}

/// All runs as one sorted sequence.
pub(crate) struct Merge<'a> {
    cursors: Vec<Cursor<'a>>,
    heap: BinaryHeap<Reverse<(Finding, usize)>>,
}

impl<'a> Merge<'a> {
    /// Buffers of spilled runs share `memory_bytes`, but have at least one kilobyte each.
    pub(crate) fn new(
        runs: &'a [Run],
        spill: &'a Spill,
        memory_bytes: usize,
    ) -> Result<Self, ReconError> {
        let chunk_bytes = (memory_bytes / runs.len().max(1)).clamp(1024, 64 * 1024);
        let mut merge = Self {
            cursors: runs
                .iter()
                .map(|run| Cursor {
                    run,
                    spill,
                    chunk_bytes,
                    done: 0,
                    chunk: Vec::new(),
                    at: 0,
                })
                .collect(),
            heap: BinaryHeap::with_capacity(runs.len()),
        };
        for number in 0..merge.cursors.len() {
            merge.refill(number)?;
        }
        Ok(merge)
    }

    fn refill(&mut self, number: usize) -> Result<(), ReconError> {
        if let Some(finding) = self.cursors[number].next()? {
            self.heap.push(Reverse((finding, number)));
        }
        Ok(())
    }

    pub(crate) fn next(&mut self) -> Result<Option<Finding>, ReconError> {
        let Some(Reverse((finding, number))) = self.heap.pop() else {
            return Ok(None);
        };
        self.refill(number)?;
        Ok(Some(finding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;
    use crate::record;

    #[test]
    fn a_packed_finding_fits_its_bound_and_comes_back() {
        let key = "K".repeat(255);
        let mut bytes = vec![0; record::RECORD_BYTES_MAX + record::SLACK];
        record::encode(
            &Entry {
                kind: EntryKind::Refund,
                key: &key,
                amount: Money::new(i64::MIN, Currency::Jpy),
                state: EntryState::Void,
                occurred_at: Timestamp::from_seconds(i64::MIN),
                line_no: u64::MAX,
                extra: crate::entry::Extra {
                    channel_no: Some(&key),
                    fee_minor: Some(i64::MIN),
                    carried_from: Some(u32::MAX),
                },
            },
            &mut bytes,
        );
        let (row, _) = record::decode(&bytes).unwrap();
        let mut finding =
            Finding::new(Bucket::IdClash, Some(&row), Some(&row), Some(&row)).unwrap();
        finding.fee = Some((i64::MIN, i64::MIN));
        let packed = pack(vec![finding.clone()]);
        assert!(packed.len() <= FINDING_BYTES_MAX);
        assert_eq!(Finding::decode(&packed).unwrap(), (finding, packed.len()));
    }
}
