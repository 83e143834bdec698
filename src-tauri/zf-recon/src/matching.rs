//! Matching one lane: rows of both sides meet by key; each lands in exactly one bucket.

use std::borrow::Cow;

use zf_domain::{Currency, EntryKind, EntryState, Timestamp};

use crate::entry::{Side, net_minor};
use crate::error::ReconError;
use crate::findings::Finding;
use crate::intake::{CURRENCIES, Cell, KINDS, Lane, PASSES_MAX, pass_of};
use crate::outcome::Bucket;
use crate::record::{Damaged, Head, Record, SLACK, decode, hash, kind_bit, same_key};
use crate::rules::{FeeVerdict, RunRules};
use crate::slabs::Slabs;
use crate::spill::Spill;

const NONE: u32 = u32::MAX;

/// Every row that was matched, by side, kind, currency and bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    cells: [[[[Cell; Bucket::ALL.len()]; CURRENCIES]; KINDS]; 2],
    /// By how much the tolerated fees deviate together.
    pub(crate) tolerated: i128,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            cells: [[[[Cell::default(); Bucket::ALL.len()]; CURRENCIES]; KINDS]; 2],
            tolerated: 0,
        }
    }
}

impl Tally {
    #[inline]
    fn count(&mut self, side: Side, bucket: Bucket, record: &Record<'_>) {
        self.put(
            side,
            bucket,
            record.kind,
            record.state,
            record.currency,
            record.minor,
        );
    }

    fn put(
        &mut self,
        side: Side,
        bucket: Bucket,
        kind: EntryKind,
        state: EntryState,
        currency: Currency,
        minor: i64,
    ) {
        self.cells[side as usize][usize::from(kind_bit(kind))][currency as usize][bucket as usize]
            .add(Cell {
                rows: 1,
                gross: i128::from(minor),
                net: net_minor(kind, state, minor),
            });
    }

    pub(crate) const fn cell(
        &self,
        side: Side,
        kind: EntryKind,
        currency: usize,
        bucket: Bucket,
    ) -> Cell {
        self.cells[side as usize][kind_bit(kind) as usize][currency][bucket as usize]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.tolerated += other.tolerated;
        let cells = self.cells.iter_mut().flatten().flatten().flatten();
        for (cell, more) in cells.zip(other.cells.iter().flatten().flatten().flatten()) {
            cell.add(*more);
        }
    }
}

/// Pairs that agree word for word, by kind, state and currency: nearly all are, and one sum serves both
/// sides.
type Agreed = [[[(u64, i128); CURRENCIES]; STATES]; KINDS];
const STATES: usize = 3;

/// Packed rows one behind another, as they came in or read back.
#[derive(Debug)]
struct Packed<'a> {
    /// Of full length, so that rows are read in whole words; behind the rows is nothing of meaning.
    bytes: Cow<'a, [u8]>,
    /// As much of it as rows take.
    used: usize,
}

/// One worker's share of the matching, with tables that are reused from lane to lane.
pub(crate) struct Matcher<'a> {
    seed: u64,
    block_bytes: usize,
    lane_bytes_max: u64,
    spill: &'a Spill,
    rules: Option<&'a RunRules>,
    blocks: Vec<Packed<'a>>,
    groups: Vec<Group>,
    /// Rows beyond the first of a key and side, with their group and side.
    further: Vec<(u32, Side, u32)>,
    slots: Vec<u64>,
    agreed: Agreed,
}

/// Rows of one key: where the first of either side stands.
#[derive(Clone, Copy)]
struct Group {
    channel: u32,
    ledger: u32,
    standing: GroupStanding,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum GroupStanding {
    /// At most one row on each side, to be judged.
    Open,
    /// One row on each side, word for word the same: counted already.
    Agreed,
    /// More than one row on a side.
    Crowd,
}

impl<'a> Matcher<'a> {
    /// Loads at most `lane_bytes_max` at a time, taking a lane in several passes when it is larger.
    pub(crate) fn new(
        seed: u64,
        block_bytes: usize,
        lane_bytes_max: u64,
        spill: &'a Spill,
        rules: Option<&'a RunRules>,
    ) -> Self {
        Self {
            seed,
            block_bytes,
            // Row positions are 32 bits wide.
            lane_bytes_max: lane_bytes_max.clamp(1 << 12, 1 << 30),
            spill,
            rules,
            blocks: Vec::new(),
            groups: Vec::new(),
            further: Vec::new(),
            slots: Vec::new(),
            agreed: Agreed::default(),
        }
    }

    /// Adds what was only counted by pairs.
    pub(crate) fn close(self, tally: &mut Tally) {
        for (kind, states) in [EntryKind::Payment, EntryKind::Refund]
            .into_iter()
            .zip(self.agreed)
        {
            for (state, currencies) in ALL_STATES.into_iter().zip(states) {
                for (number, (rows, gross)) in currencies.into_iter().enumerate() {
                    let cell = Cell {
                        rows,
                        gross,
                        net: net_minor(kind, state, 1) * gross,
                    };
                    for side in Side::ALL {
                        tally.cells[side as usize][usize::from(kind_bit(kind))][number]
                            [Bucket::Matched as usize]
                            .add(cell);
                    }
                }
            }
        }
    }

    /// Matches a lane into `tally`; `emit` gets the findings of each pass, unsorted.
    pub(crate) fn lane(
        &mut self,
        channel: (&Lane, &'a Slabs),
        ledger: (&Lane, &'a Slabs),
        tally: &mut Tally,
        mut emit: impl FnMut(Vec<Finding>) -> Result<(), ReconError>,
    ) -> Result<(), ReconError> {
        let passes = ((channel.0.bytes + ledger.0.bytes) / self.lane_bytes_max + 1)
            .next_power_of_two()
            .min(PASSES_MAX);
        for pass in 0..passes {
            self.blocks.clear();
            self.load(channel, pass, passes)?;
            let channel_blocks = self.blocks.len();
            self.load(ledger, pass, passes)?;
            self.group(channel_blocks)?;
            let findings = self.judge_groups(tally)?;
            emit(findings)?;
        }
        Ok(())
    }

    /// Brings a lane's rows of this pass into blocks.
    fn load(
        &mut self,
        (lane, slabs): (&Lane, &'a Slabs),
        pass: u64,
        passes: u64,
    ) -> Result<(), ReconError> {
        let begun = self.blocks.len();
        let mut chunk = Vec::new();
        for extent in &lane.spilled {
            if passes == 1 {
                let mut bytes = Vec::with_capacity(extent.len + SLACK);
                self.spill.read(*extent, 0, extent.len, &mut bytes)?;
                let used = bytes.len();
                bytes.resize(used + SLACK, 0);
                self.blocks.push(Packed {
                    bytes: Cow::Owned(bytes),
                    used,
                });
            } else {
                self.spill.read(*extent, 0, extent.len, &mut chunk)?;
                self.filter(&chunk, begun, pass, passes)?;
            }
        }
        for held in &lane.held {
            let bytes = slabs.block(held.block);
            if passes == 1 {
                self.blocks.push(Packed {
                    bytes: Cow::Borrowed(bytes),
                    used: held.used,
                });
            } else {
                self.filter(&bytes[..held.used], begun, pass, passes)?;
            }
        }
        Ok(())
    }

    /// Copies the rows of this pass, into the blocks from number `begun` on.
    fn filter(
        &mut self,
        from: &[u8],
        begun: usize,
        pass: u64,
        passes: u64,
    ) -> Result<(), ReconError> {
        let mut at = 0;
        while at < from.len() {
            let (head, len) = Head::read(&from[at..])?;
            let hash = hash(self.seed, head.kind(), head.key);
            if pass_of(hash, passes) == pass {
                let fits = self.blocks[begun..]
                    .last()
                    .is_some_and(|block| block.used + len <= self.block_bytes);
                if !fits {
                    self.blocks.push(Packed {
                        bytes: Cow::Owned(vec![0; self.block_bytes]),
                        used: 0,
                    });
                }
                if let Some(block) = self.blocks.last_mut() {
                    block.bytes.to_mut()[block.used..block.used + len]
                        .copy_from_slice(&from[at..at + len]);
                    block.used += len;
                }
            }
            at += len;
        }
        Ok(())
    }

    #[inline]
    fn bytes(&self, row_at: u32) -> &[u8] {
        row_bytes(&self.blocks, self.block_bytes, row_at)
    }

    fn record(&self, row_at: u32) -> Result<Record<'_>, Damaged> {
        Ok(decode(self.bytes(row_at))?.0)
    }

    /// Groups the rows by their keys; the first `channel_blocks` blocks are the channel's. What agrees
    /// word for word is counted on the way, while both rows are at hand.
    fn group(&mut self, channel_blocks: usize) -> Result<(), ReconError> {
        let bytes: usize = self.blocks.iter().map(|block| block.used).sum();
        let slots = (bytes / SLOT_PER_BYTES + 16).next_power_of_two();
        let mut mask = slots - 1;
        self.slots.clear();
        self.slots.resize(slots, 0);
        self.groups.clear();
        self.further.clear();
        for number in 0..self.blocks.len() {
            let side = match number < channel_blocks {
                true => Side::Channel,
                false => Side::Ledger,
            };
            let base = number * self.block_bytes;
            let rows = &self.blocks[number].bytes;
            let used = self.blocks[number].used;
            let mut at = 0;
            while at < used {
                let (head, len) = Head::read(&rows[at..])?;
                let row_at = position(base + at)?;
                at += len;
                let hash = hash(self.seed, head.kind(), head.key);
                // A slot holds a part of the hash that chose neither lane nor slot, and the group's
                // number plus one.
                let tag = hash << 10 & !u64::from(u32::MAX);
                let mut slot = hash as usize & mask;
                let found = loop {
                    let held = self.slots[slot];
                    if held == 0 {
                        break None;
                    }
                    if held & !u64::from(u32::MAX) == tag {
                        let number = held as u32 - 1;
                        let group = &self.groups[number as usize];
                        let first = match group.channel {
                            NONE => group.ledger,
                            channel => channel,
                        };
                        let (other, _) =
                            Head::read(row_bytes(&self.blocks, self.block_bytes, first))?;
                        if same_key(other.key, head.key) && other.kind() == head.kind() {
                            break Some((number, other));
                        }
                    }
                    slot = (slot + 1) & mask;
                };
                let Some((number, other)) = found else {
                    self.groups.push(Group {
                        channel: if side == Side::Channel { row_at } else { NONE },
                        ledger: if side == Side::Ledger { row_at } else { NONE },
                        standing: GroupStanding::Open,
                    });
                    self.slots[slot] = tag | self.groups.len() as u64;
                    if self.groups.len() > mask / 4 * 3 {
                        mask = 2 * mask + 1;
                        regrow(
                            &mut self.slots,
                            mask,
                            &self.groups,
                            &self.blocks,
                            self.block_bytes,
                            self.seed,
                        )?;
                    }
                    continue;
                };
                let group = &mut self.groups[number as usize];
                if side == Side::Ledger && group.ledger == NONE {
                    group.ledger = row_at;
                    if group.standing == GroupStanding::Open
                        && head.is_plain()
                        && head.same_words(&other)
                    {
                        group.standing = GroupStanding::Agreed;
                        let cell = agreed_cell(&mut self.agreed, &head)?;
                        cell.0 += 1;
                        cell.1 += i128::from(head.minor());
                    }
                    continue;
                }
                self.further.push((number, side, row_at));
                if group.standing == GroupStanding::Agreed {
                    // Word for word the same as what was counted: the channel's row of the group.
                    let cell = agreed_cell(&mut self.agreed, &other)?;
                    cell.0 -= 1;
                    cell.1 -= i128::from(other.minor());
                }
                group.standing = GroupStanding::Crowd;
            }
        }
        Ok(())
    }

    fn judge_groups(&mut self, tally: &mut Tally) -> Result<Vec<Finding>, ReconError> {
        let mut findings = Vec::new();
        self.further.sort_unstable_by_key(|(group, ..)| *group);
        let mut further = self.further.as_slice();
        for (number, group) in self.groups.iter().enumerate() {
            match group.standing {
                GroupStanding::Agreed => {}
                GroupStanding::Open => {
                    let channel = self.optional(group.channel)?;
                    let ledger = self.optional(group.ledger)?;
                    settle(
                        self.rules,
                        channel.as_ref(),
                        ledger.as_ref(),
                        tally,
                        &mut findings,
                    )?;
                }
                GroupStanding::Crowd => {
                    let (mine, others) =
                        further.split_at(further.partition_point(|f| f.0 as usize <= number));
                    further = others;
                    self.crowd(group, mine, tally, &mut findings)?;
                }
            }
        }
        Ok(findings)
    }

    #[inline]
    fn optional(&self, row_at: u32) -> Result<Option<Record<'_>>, Damaged> {
        (row_at != NONE).then(|| self.record(row_at)).transpose()
    }

    /// A key that stands more than once on a side: one row of each side is paired, preferring two
    /// that agree, and every other row is a duplicate. The choice follows contents, never the order
    /// of rows.
    fn crowd(
        &self,
        group: &Group,
        further: &[(u32, Side, u32)],
        tally: &mut Tally,
        findings: &mut Vec<Finding>,
    ) -> Result<(), ReconError> {
        let mut channel = self.rows(group.channel, Side::Channel, further)?;
        let mut ledger = self.rows(group.ledger, Side::Ledger, further)?;
        // The best of two that agree have the same number of the channel; among very many rows of one
        // key only the first are looked at for it.
        let agreeing = |same_number: bool| {
            channel.iter().enumerate().find_map(|(at, record)| {
                let wanted = comparable(record);
                let first = ledger.partition_point(|other| comparable(other) < wanted);
                ledger[first..]
                    .iter()
                    .take(if same_number { TWINS_MAX } else { 1 })
                    .take_while(|other| comparable(other) == wanted)
                    .position(|other| !same_number || !clash(record, other))
                    .map(|further| (at, first + further))
            })
        };
        let (at, partner) = agreeing(true).or_else(|| agreeing(false)).unwrap_or((0, 0));
        let kept_channel = (!channel.is_empty()).then(|| channel.remove(at));
        let kept_ledger = (!ledger.is_empty()).then(|| ledger.remove(partner));
        settle(
            self.rules,
            kept_channel.as_ref(),
            kept_ledger.as_ref(),
            tally,
            findings,
        )?;
        let another = |extra: &Record<'_>, kept: &Option<Record<'_>>| {
            kept.as_ref().is_some_and(|kept| clash(extra, kept))
        };
        for extra in &channel {
            let bucket = if another(extra, &kept_channel) {
                Bucket::ClashInChannel
            } else {
                Bucket::DuplicateInChannel
            };
            tally.count(Side::Channel, bucket, extra);
            findings.push(Finding::new(
                bucket,
                Some(extra),
                None,
                kept_channel.as_ref(),
            )?);
        }
        for extra in &ledger {
            let bucket = if another(extra, &kept_ledger) {
                Bucket::ClashInLedger
            } else {
                Bucket::DuplicateInLedger
            };
            tally.count(Side::Ledger, bucket, extra);
            findings.push(Finding::new(
                bucket,
                None,
                Some(extra),
                kept_ledger.as_ref(),
            )?);
        }
        Ok(())
    }

    /// The rows of one key and side, in the order of their contents.
    fn rows(
        &self,
        first: u32,
        side: Side,
        further: &[(u32, Side, u32)],
    ) -> Result<Vec<Record<'_>>, ReconError> {
        let further = further
            .iter()
            .filter(|(_, other, _)| *other == side)
            .map(|(.., row_at)| *row_at);
        let mut records = Vec::new();
        for row_at in [first].into_iter().filter(|at| *at != NONE).chain(further) {
            records.push(self.record(row_at)?);
        }
        records.sort_unstable_by_key(|r| {
            let fee = (r.fee, r.fee_base);
            let content = (comparable(r), r.state, r.channel_no, fee, r.origin);
            (content, r.seconds, r.line_no)
        });
        Ok(records)
    }
}

/// A slot for so many bytes of rows: at least one for each row, nearly always, and half of them have a
/// partner. With shorter rows the table grows on the way.
const SLOT_PER_BYTES: usize = 32;

const ALL_STATES: [EntryState; STATES] =
    [EntryState::Done, EntryState::InProgress, EntryState::Void];

#[inline]
fn agreed_cell<'a>(
    agreed: &'a mut Agreed,
    head: &Head<'_>,
) -> Result<&'a mut (u64, i128), Damaged> {
    Ok(
        &mut agreed[usize::from(kind_bit(head.kind()))][head.state()? as usize]
            [head.currency()? as usize],
    )
}

#[inline]
fn row_bytes<'b>(blocks: &'b [Packed<'_>], block_bytes: usize, row_at: u32) -> &'b [u8] {
    // A power of two, so a shift and a mask.
    let number = row_at as usize >> block_bytes.trailing_zeros();
    let at = row_at as usize & (block_bytes - 1);
    &blocks[number].bytes[at..]
}

/// Makes the table over the groups anew, with `mask` + 1 slots.
#[cold]
fn regrow(
    slots: &mut Vec<u64>,
    mask: usize,
    groups: &[Group],
    blocks: &[Packed<'_>],
    block_bytes: usize,
    seed: u64,
) -> Result<(), Damaged> {
    slots.clear();
    slots.resize(mask + 1, 0);
    for (number, group) in groups.iter().enumerate() {
        let first = match group.channel {
            NONE => group.ledger,
            channel => channel,
        };
        let (head, _) = Head::read(row_bytes(blocks, block_bytes, first))?;
        let hash = hash(seed, head.kind(), head.key);
        let mut slot = hash as usize & mask;
        while slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        slots[slot] = hash << 10 & !u64::from(u32::MAX) | (number as u64 + 1);
    }
    Ok(())
}

/// Row positions within one pass are 32 bits wide; passes keep a lane far below that, unless
/// millions of rows carry one and the same key.
#[inline]
fn position(at: usize) -> Result<u32, ReconError> {
    u32::try_from(at).map_err(|_| ReconError::KeyTooFrequent)
}

/// What must be equal for two rows of one key to agree.
///
/// The bill's refund rows are snapshots taken at acceptance and never updated, so for refunds done
/// and in progress are one; void is not.
#[inline]
fn comparable(record: &Record<'_>) -> (EntryState, u8, i64) {
    let state = match (record.kind, record.state) {
        (EntryKind::Refund, EntryState::InProgress) => EntryState::Done,
        (_, state) => state,
    };
    (state, record.currency as u8, record.minor)
}

/// Rows of one key that are looked at for the one with the same channel number.
const TWINS_MAX: usize = 64;

/// Whether two rows of one key have two numbers of the channel.
#[inline]
fn clash(one: &Record<'_>, other: &Record<'_>) -> bool {
    !one.channel_no.is_empty() && !other.channel_no.is_empty() && one.channel_no != other.channel_no
}

/// Puts a pair, or a row without partner, into its bucket.
#[inline]
fn settle(
    rules: Option<&RunRules>,
    channel: Option<&Record<'_>>,
    ledger: Option<&Record<'_>>,
    tally: &mut Tally,
    findings: &mut Vec<Finding>,
) -> Result<(), ReconError> {
    let mut fee = None;
    let bucket = match (channel, ledger) {
        (Some(channel), Some(ledger)) => match judge(channel, ledger) {
            Bucket::Matched => agreed(rules, channel, ledger, &mut fee),
            bucket => bucket,
        },
        (Some(channel), None) => alone(Side::Channel, channel),
        (None, Some(ledger)) => alone(Side::Ledger, ledger),
        (None, None) => return Ok(()),
    };
    if let Some(channel) = channel {
        tally.count(Side::Channel, bucket, channel);
    }
    if let Some(ledger) = ledger {
        tally.count(Side::Ledger, bucket, ledger);
    }
    if bucket.is_listed() {
        let mut finding = Finding::new(bucket, channel, ledger, None)?;
        finding.fee = fee;
        if bucket == Bucket::FeeTolerated
            && let Some((charged, contract)) = fee
        {
            tally.tolerated += (i128::from(charged) - i128::from(contract)).abs();
        }
        findings.push(finding);
    }
    Ok(())
}

/// A pair that agrees: what else is to be said of it. A wrong fee comes first, because it is open; a
/// row carried over is settled.
#[inline]
fn agreed(
    rules: Option<&RunRules>,
    channel: &Record<'_>,
    ledger: &Record<'_>,
    fee: &mut Option<(i64, i64)>,
) -> Bucket {
    if let (Some(rules), Some(charged), EntryState::Done | EntryState::InProgress) =
        (rules, channel.fee, channel.state)
    {
        let at = Timestamp::from_seconds(channel.seconds);
        let base = channel.fee_base.unwrap_or(channel.minor);
        match rules.judge_fee(channel.kind, base, charged, at) {
            FeeVerdict::Agreed => {}
            FeeVerdict::Tolerated(contract) => {
                *fee = Some((charged, contract));
                return Bucket::FeeTolerated;
            }
            FeeVerdict::Wrong(contract) => {
                *fee = Some((charged, contract));
                return Bucket::FeeMismatch;
            }
        }
    }
    if channel.origin.is_some() || ledger.origin.is_some() {
        Bucket::CrossDay
    } else {
        Bucket::Matched
    }
}

/// Two rows of one key. The channel's number comes before all: with two of them the rows speak of two
/// things. Then the state: where it differs, amounts say nothing yet.
fn judge(channel: &Record<'_>, ledger: &Record<'_>) -> Bucket {
    if clash(channel, ledger) {
        return Bucket::IdClash;
    }
    let (channel_state, ..) = comparable(channel);
    let (ledger_state, ..) = comparable(ledger);
    if channel_state != ledger_state {
        // Done comes before in progress, and that before void.
        if channel_state < ledger_state {
            Bucket::ChannelAhead
        } else {
            Bucket::LedgerAhead
        }
    } else if channel.currency != ledger.currency {
        Bucket::OtherCurrency
    } else if channel.money() == ledger.money() {
        Bucket::Matched
    } else if channel.minor > ledger.minor {
        Bucket::ChannelHigher
    } else {
        Bucket::ChannelLower
    }
}

/// A row whose key the other side does not have.
///
/// Void rows moved nothing on either side. What is not final may still appear on the other side and
/// waits, except a refund in the bill: the channel has accepted it, so the books must know of it.
fn alone(side: Side, record: &Record<'_>) -> Bucket {
    match (side, record.kind, record.state) {
        (_, _, EntryState::Void) => Bucket::Void,
        // Carried over, and the partner has not come today either.
        _ if record.origin.is_some() => Bucket::Waiting,
        (Side::Channel, EntryKind::Refund, EntryState::InProgress)
        | (Side::Channel, _, EntryState::Done) => Bucket::MissingInLedger,
        (Side::Ledger, _, EntryState::Done) => Bucket::MissingInChannel,
        (_, _, EntryState::InProgress) => Bucket::Waiting,
    }
}
