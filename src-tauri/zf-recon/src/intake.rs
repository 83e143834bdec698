//! Taking rows in: packed, dealt out by the hash of their key, kept in blocks of one size.

use std::sync::Arc;

use zf_domain::{BookEntry, Currency, StatementLine};

use crate::entry::{Entry, Side, net_minor};
use crate::error::ReconError;
use crate::record::{RECORD_BYTES_MAX, RECORD_FIXED_BYTES, encode, hash, kind_bit};
use crate::spill::{Extent, Spill};

/// Partitions: rows of one key meet in one lane, lanes are matched independently of each other.
///
/// As many as keep the rows and tables of one lane of some millions within a processor's own cache.
pub(crate) const LANES: usize = 1024;

const BLOCK_BYTES_MIN: usize = 1024;
const BLOCK_BYTES_MAX: usize = 64 * 1024;
const _: () = assert!(BLOCK_BYTES_MIN >= RECORD_BYTES_MAX);

/// Rows, their sum, and what they add to the side's net.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) rows: u64,
    pub(crate) gross: i128,
    pub(crate) net: i128,
}

impl Cell {
    pub(crate) const fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.gross += other.gross;
        self.net += other.net;
    }
}

pub(crate) const KINDS: usize = 2;
pub(crate) const CURRENCIES: usize = Currency::ALL.len();

/// What one side brought in, by kind and currency: counted here, before any matching, so that the
/// outcome can be held against it.
pub(crate) type Brought = [[Cell; CURRENCIES]; KINDS];

/// The rows of one lane of one side.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) full: Vec<Vec<u8>>,
    pub(crate) open: Vec<u8>,
    pub(crate) spilled: Vec<Extent>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// One side's way in. The two sides may be filled from two threads at once.
#[derive(Debug)]
pub struct Intake {
    side: Side,
    seed: u64,
    lanes: Vec<Lane>,
    block_bytes: usize,
    blocks_max: usize,
    held: usize,
    spare: Vec<Vec<u8>>,
    spill: Arc<Spill>,
    brought: Brought,
}

/// The block size for a budget of `memory_bytes` on one side: a power of two, small enough that at
/// least half the budget's blocks are full when the budget is reached.
pub(crate) fn block_bytes(memory_bytes: usize) -> usize {
    let fitting = (memory_bytes / (LANES * 4)).clamp(BLOCK_BYTES_MIN, BLOCK_BYTES_MAX);
    1 << fitting.ilog2()
}

impl Intake {
    pub(crate) fn new(
        side: Side,
        seed: u64,
        memory_bytes: usize,
        block_bytes: usize,
        spill: Arc<Spill>,
    ) -> Self {
        Self {
            side,
            seed,
            lanes: (0..LANES).map(|_| Lane::default()).collect(),
            block_bytes,
            blocks_max: memory_bytes / block_bytes,
            held: 0,
            spare: Vec::new(),
            spill,
            brought: Brought::default(),
        }
    }

    /// Which side this is.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.side
    }

    /// Rows taken so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.brought.iter().flatten().map(|cell| cell.rows).sum()
    }

    /// Takes over the rows of another of the same run and side.
    pub(crate) fn absorb(&mut self, other: Self) {
        for (lane, mut more) in self.lanes.iter_mut().zip(other.lanes) {
            lane.full.append(&mut more.full);
            if !more.open.is_empty() {
                lane.full.push(more.open);
            }
            lane.spilled.append(&mut more.spilled);
            lane.rows += more.rows;
            lane.bytes += more.bytes;
        }
        self.held += other.held;
        for (cell, more) in self
            .brought
            .iter_mut()
            .flatten()
            .zip(other.brought.iter().flatten())
        {
            cell.add(*more);
        }
    }

    /// What matching needs; the rest is freed.
    pub(crate) fn close(self) -> (Vec<Lane>, Brought) {
        (self.lanes, self.brought)
    }

    /// Takes one row.
    ///
    /// # Errors
    /// `KeyTooLong` past 255 bytes; `Spill` when the temporary file fails.
    #[inline]
    pub fn push(&mut self, entry: &Entry<'_>) -> Result<(), ReconError> {
        let channel_no = entry.extra.channel_no.map_or(0, str::len);
        let longest = entry.key.len().max(channel_no);
        if longest > usize::from(u8::MAX) {
            return Err(ReconError::KeyTooLong {
                side: self.side,
                line_no: entry.line_no,
                length: longest,
            });
        }
        let lane_no = lane_of(hash(self.seed, entry.kind, entry.key.as_bytes()));
        let lane = &mut self.lanes[lane_no];
        let needed = RECORD_FIXED_BYTES + entry.key.len() + channel_no;
        if lane.open.capacity() - lane.open.len() < needed {
            let fresh = self
                .spare
                .pop()
                .unwrap_or_else(|| Vec::with_capacity(self.block_bytes));
            let filled = std::mem::replace(&mut lane.open, fresh);
            if !filled.is_empty() {
                lane.full.push(filled);
            }
            self.held += 1;
        }
        let before = lane.open.len();
        encode(entry, &mut lane.open);
        lane.bytes += (lane.open.len() - before) as u64;
        lane.rows += 1;
        self.brought[usize::from(kind_bit(entry.kind))][entry.amount.currency as usize].add(Cell {
            rows: 1,
            gross: i128::from(entry.amount.minor),
            net: net_minor(entry.kind, entry.state, entry.amount.minor),
        });
        if self.held > self.blocks_max {
            self.make_room()?;
        }
        Ok(())
    }

    /// Takes a bill row.
    ///
    /// # Errors
    /// As [`Self::push`] and [`Entry::from_line`].
    pub fn push_line(&mut self, line: &StatementLine) -> Result<(), ReconError> {
        self.push(&Entry::from_line(line)?)
    }

    /// Takes a row of the books.
    ///
    /// # Errors
    /// As [`Self::push`] and [`Entry::from_book`].
    pub fn push_book(&mut self, entry: &BookEntry) -> Result<(), ReconError> {
        self.push(&Entry::from_book(entry)?)
    }

    /// Writes the full blocks to the temporary file; with a budget too small for one block a lane,
    /// the open ones as well.
    fn make_room(&mut self) -> Result<(), ReconError> {
        for lane in &mut self.lanes {
            for mut block in lane.full.drain(..) {
                lane.spilled.push(self.spill.append(&block)?);
                block.clear();
                self.spare.push(block);
                self.held -= 1;
            }
        }
        if self.held > self.blocks_max {
            for lane in &mut self.lanes {
                if !lane.open.is_empty() {
                    lane.spilled.push(self.spill.append(&lane.open)?);
                }
                lane.open = Vec::new();
            }
            self.held = 0;
        }
        Ok(())
    }
}

/// The lane of a hash: its top bits. Passes within a lane use the next ones, tables the lowest.
#[inline]
pub(crate) const fn lane_of(hash: u64) -> usize {
    (hash >> 54) as usize
}

/// The most passes over one lane.
pub(crate) const PASSES_MAX: u64 = 1 << 14;

/// Which of `passes` (a power of two, at most [`PASSES_MAX`]) a hash belongs to.
#[inline]
pub(crate) const fn pass_of(hash: u64, passes: u64) -> u64 {
    (hash >> 40) & (passes - 1)
}
