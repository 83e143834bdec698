//! Matching one lane: rows of both sides meet by key; each lands in exactly one bucket.

use zf_domain::{Currency, EntryKind, EntryState, Timestamp};

use crate::entry::{Side, net_minor};
use crate::error::ReconError;
use crate::findings::Finding;
use crate::intake::{CURRENCIES, Cell, KINDS, Lane, PASSES_MAX, pass_of};
use crate::outcome::Bucket;
use crate::record::{Damaged, Head, Record, decode, hash, kind_bit};
use crate::rules::{FeeVerdict, RunRules};
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

    #[inline]
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

/// One worker's share of the matching, with tables that are reused from lane to lane.
pub(crate) struct Matcher<'a> {
    seed: u64,
    block_bytes: usize,
    lane_bytes_max: u64,
    spill: &'a Spill,
    rules: Option<&'a RunRules>,
    blocks: Vec<Vec<u8>>,
    rows: Vec<RowRef>,
    next: Vec<u32>,
    groups: Vec<Group>,
    slots: Vec<u64>,
    pub(crate) tally: Tally,
}

/// Where a row stands, and the hash of its key.
#[derive(Clone, Copy)]
struct RowRef {
    hash: u64,
    at: u32,
}

/// Rows of one key: the heads of a chain on either side.
#[derive(Clone, Copy)]
struct Group {
    row_at: u32,
    channel: u32,
    ledger: u32,
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
            rows: Vec::new(),
            next: Vec::new(),
            groups: Vec::new(),
            slots: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Matches a lane; `emit` gets the findings of each pass, unsorted.
    pub(crate) fn lane(
        &mut self,
        mut channel: Lane,
        mut ledger: Lane,
        mut emit: impl FnMut(Vec<Finding>) -> Result<(), ReconError>,
    ) -> Result<(), ReconError> {
        let passes = ((channel.bytes + ledger.bytes) / self.lane_bytes_max + 1)
            .next_power_of_two()
            .min(PASSES_MAX);
        for pass in 0..passes {
            self.blocks.clear();
            self.rows.clear();
            let channel_rows = self.load(&mut channel, pass, passes)?;
            self.load(&mut ledger, pass, passes)?;
            self.group(channel_rows)?;
            let findings = self.judge_groups()?;
            emit(findings)?;
        }
        Ok(())
    }

    /// Brings a lane's rows of this pass into blocks; returns how many rows stand there now.
    fn load(&mut self, lane: &mut Lane, pass: u64, passes: u64) -> Result<usize, ReconError> {
        let mut chunk = Vec::new();
        for extent in &lane.spilled {
            if passes == 1 {
                let mut block = Vec::with_capacity(extent.len);
                self.spill.read(*extent, 0, extent.len, &mut block)?;
                self.take(block)?;
            } else {
                self.spill.read(*extent, 0, extent.len, &mut chunk)?;
                self.filter(&chunk, pass, passes)?;
            }
        }
        if passes == 1 {
            for block in lane.full.drain(..) {
                self.take(block)?;
            }
            self.take(std::mem::take(&mut lane.open))?;
        } else {
            for block in lane.full.iter().chain([&lane.open]) {
                self.filter(block, pass, passes)?;
            }
        }
        Ok(self.rows.len())
    }

    /// Adopts a block and notes where its rows begin.
    fn take(&mut self, block: Vec<u8>) -> Result<(), ReconError> {
        let base = self.blocks.len() * self.block_bytes;
        let mut at = 0;
        while at < block.len() {
            let (head, used) = Head::read(&block[at..])?;
            self.rows.push(RowRef {
                hash: hash(self.seed, head.kind(), head.key),
                at: position(base + at)?,
            });
            at += used;
        }
        self.blocks.push(block);
        Ok(())
    }

    /// Copies the rows of this pass.
    fn filter(&mut self, from: &[u8], pass: u64, passes: u64) -> Result<(), ReconError> {
        let mut at = 0;
        while at < from.len() {
            let (head, used) = Head::read(&from[at..])?;
            let hash = hash(self.seed, head.kind(), head.key);
            if pass_of(hash, passes) == pass {
                let fits = self
                    .blocks
                    .last()
                    .is_some_and(|block| block.len() + used <= self.block_bytes);
                if !fits {
                    self.blocks.push(Vec::with_capacity(self.block_bytes));
                }
                let number = self.blocks.len() - 1;
                let block = &mut self.blocks[number];
                self.rows.push(RowRef {
                    hash,
                    at: position(number * self.block_bytes + block.len())?,
                });
                block.extend_from_slice(&from[at..at + used]);
            }
            at += used;
        }
        Ok(())
    }

    #[inline]
    fn bytes(&self, row_at: u32) -> &[u8] {
        // A power of two, so a shift and a mask.
        let number = row_at as usize >> self.block_bytes.trailing_zeros();
        let at = row_at as usize & (self.block_bytes - 1);
        &self.blocks[number][at..]
    }

    fn record(&self, row_at: u32) -> Result<Record<'_>, Damaged> {
        Ok(decode(self.bytes(row_at))?.0)
    }

    #[inline]
    fn head(&self, row_at: u32) -> Result<Head<'_>, Damaged> {
        Ok(Head::read(self.bytes(row_at))?.0)
    }

    /// Chains the rows of each key; the first `channel_rows` rows are the channel's.
    fn group(&mut self, channel_rows: usize) -> Result<(), ReconError> {
        let slots = (self.rows.len() * 3 / 2 + 1).next_power_of_two();
        let mask = slots as u64 - 1;
        self.slots.clear();
        self.slots.resize(slots, 0);
        self.groups.clear();
        self.next.clear();
        self.next.resize(self.rows.len(), NONE);
        for number in 0..self.rows.len() {
            let RowRef { hash, at: row_at } = self.rows[number];
            let tag = hash & !u64::from(u32::MAX);
            let mut slot = hash & mask;
            let group = loop {
                // A slot holds the high half of the hash and the group's number plus one.
                let held = self.slots[slot as usize];
                if held == 0 {
                    break None;
                }
                if held & !u64::from(u32::MAX) == tag {
                    let group = held as u32 as usize - 1;
                    let head = self.head(row_at)?;
                    let other = self.head(self.groups[group].row_at)?;
                    if other.key == head.key && other.kind() == head.kind() {
                        break Some(group);
                    }
                }
                slot = (slot + 1) & mask;
            };
            let group = match group {
                Some(group) => group,
                None => {
                    self.groups.push(Group {
                        row_at,
                        channel: NONE,
                        ledger: NONE,
                    });
                    self.slots[slot as usize] = tag | self.groups.len() as u64;
                    self.groups.len() - 1
                }
            };
            let head = if number < channel_rows {
                &mut self.groups[group].channel
            } else {
                &mut self.groups[group].ledger
            };
            self.next[number] = std::mem::replace(head, number as u32);
        }
        Ok(())
    }

    fn judge_groups(&mut self) -> Result<Vec<Finding>, ReconError> {
        let mut tally = std::mem::take(&mut self.tally);
        let mut findings = Vec::new();
        let single = |row: u32| row == NONE || self.next[row as usize] == NONE;
        for group in &self.groups {
            if single(group.channel) && single(group.ledger) {
                if self.plainly_agree(group, &mut tally)? {
                    continue;
                }
                let channel = self.optional(group.channel)?;
                let ledger = self.optional(group.ledger)?;
                settle(
                    self.rules,
                    channel.as_ref(),
                    ledger.as_ref(),
                    &mut tally,
                    &mut findings,
                )?;
            } else {
                self.crowd(group, &mut tally, &mut findings)?;
            }
        }
        self.tally = tally;
        Ok(findings)
    }

    /// Counts the pair nearly all are: one row on each side, word for word the same.
    #[inline]
    fn plainly_agree(&self, group: &Group, tally: &mut Tally) -> Result<bool, Damaged> {
        if group.channel == NONE || group.ledger == NONE {
            return Ok(false);
        }
        let channel = self.head(self.rows[group.channel as usize].at)?;
        let ledger = self.head(self.rows[group.ledger as usize].at)?;
        if !channel.is_plain() {
            return Ok(false);
        }
        let Some(minor) = channel.same_words(&ledger)? else {
            return Ok(false);
        };
        let (kind, state, currency) = (channel.kind(), channel.state()?, channel.currency()?);
        for side in Side::ALL {
            tally.put(side, Bucket::Matched, kind, state, currency, minor);
        }
        Ok(true)
    }

    #[inline]
    fn optional(&self, row: u32) -> Result<Option<Record<'_>>, Damaged> {
        (row != NONE)
            .then(|| self.record(self.rows[row as usize].at))
            .transpose()
    }

    /// A key that stands more than once on a side: one row of each side is paired, preferring two
    /// that agree, and every other row is a duplicate. The choice follows contents, never the order
    /// of rows.
    fn crowd(
        &self,
        group: &Group,
        tally: &mut Tally,
        findings: &mut Vec<Finding>,
    ) -> Result<(), ReconError> {
        let mut channel = self.chain(group.channel)?;
        let mut ledger = self.chain(group.ledger)?;
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
    fn chain(&self, head: u32) -> Result<Vec<Record<'_>>, ReconError> {
        let mut records = Vec::new();
        let mut row = head;
        while row != NONE {
            records.push(self.record(self.rows[row as usize].at)?);
            row = self.next[row as usize];
        }
        records.sort_unstable_by_key(|r| {
            let fee = (r.fee, r.fee_base);
            let content = (comparable(r), r.state, r.channel_no, fee, r.origin);
            (content, r.seconds, r.line_no)
        });
        Ok(records)
    }
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
