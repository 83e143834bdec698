//! Taking rows in: packed, dealt out by the hash of their key, kept in blocks of one size.

use std::sync::Arc;

use zf_domain::{BookEntry, Currency, StatementLine};

use crate::entry::{Entry, Side, net_minor};
use crate::error::ReconError;
use crate::record::{RECORD_BYTES_MAX, RECORD_FIXED_BYTES, SLACK, encode, hash, kind_bit};
use crate::spill::{Extent, Spill};

/// Partitions: rows of one key meet in one lane, lanes are matched independently of each other.
///
/// As many as keep the rows and tables of one lane of some millions within a processor's own cache.
pub(crate) const LANES: usize = 1024;

const BLOCK_BYTES_MIN: usize = 1024;
const BLOCK_BYTES_MAX: usize = 64 * 1024;
const _: () = assert!(BLOCK_BYTES_MIN >= RECORD_BYTES_MAX + SLACK);

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

/// Packed rows one behind another.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    /// At full length, so that rows are written where they stand; behind the rows is nothing of meaning.
    pub(crate) bytes: Vec<u8>,
    /// As much of it as rows take.
    pub(crate) used: usize,
}

impl Packed {
    pub(crate) fn rows(&self) -> &[u8] {
        &self.bytes[..self.used]
    }
}

/// The rows of one lane of one side.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) held: Vec<Packed>,
    pub(crate) spilled: Vec<Extent>,
    pub(crate) bytes: u64,
}

/// One side's way in. The two sides may be filled from two threads at once.
#[derive(Debug)]
pub struct Intake {
    side: Side,
    seed: u64,
    lanes: Vec<Lane>,
    /// Of each lane the block that is being filled, empty before the first row, and how far it is. Apart
    /// from the lanes, because every row touches them.
    open: Vec<Vec<u8>>,
    used: Vec<u32>,
    block_bytes: usize,
    blocks_max: usize,
    held: usize,
    /// The lane whose blocks are the next to go to the temporary file.
    goes_next: usize,
    spare: Vec<Vec<u8>>,
    spill: Arc<Spill>,
    brought: Brought,
}

/// The block size for a budget of `memory_bytes` on one side: a power of two, small enough that at
/// least three quarters of the budget's blocks are full when the budget is reached.
pub(crate) fn block_bytes(memory_bytes: usize) -> usize {
    let fitting = (memory_bytes / (LANES * 8)).clamp(BLOCK_BYTES_MIN, BLOCK_BYTES_MAX);
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
            open: vec![Vec::new(); LANES],
            used: vec![0; LANES],
            block_bytes,
            blocks_max: memory_bytes / block_bytes,
            held: 0,
            goes_next: 0,
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
    pub(crate) fn absorb(&mut self, mut other: Self) {
        other.close_blocks();
        for (lane, mut more) in self.lanes.iter_mut().zip(other.lanes) {
            lane.held.append(&mut more.held);
            lane.spilled.append(&mut more.spilled);
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
    pub(crate) fn close(mut self) -> (Vec<Lane>, Brought) {
        self.close_blocks();
        (self.lanes, self.brought)
    }

    /// Puts the blocks that were being filled to the others.
    fn close_blocks(&mut self) {
        let open = self.open.iter_mut().zip(&mut self.used);
        for (lane, (bytes, used)) in self.lanes.iter_mut().zip(open) {
            if *used > 0 {
                lane.bytes += u64::from(*used);
                lane.held.push(Packed {
                    bytes: std::mem::take(bytes),
                    used: *used as usize,
                });
                *used = 0;
            }
        }
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
        let needed = RECORD_FIXED_BYTES + SLACK + entry.key.len() + channel_no;
        let fresh = self.open[lane_no].len() - (self.used[lane_no] as usize) < needed;
        if fresh {
            self.next_block(lane_no);
        }
        let used = &mut self.used[lane_no];
        *used += encode(entry, &mut self.open[lane_no][*used as usize..]) as u32;
        self.brought[usize::from(kind_bit(entry.kind))][entry.amount.currency as usize].add(Cell {
            rows: 1,
            gross: i128::from(entry.amount.minor),
            net: net_minor(entry.kind, entry.state, entry.amount.minor),
        });
        if fresh && self.held > self.blocks_max {
            self.make_room()?;
        }
        Ok(())
    }

    /// Gives a lane a fresh block to fill.
    #[cold]
    fn next_block(&mut self, lane_no: usize) {
        let fresh = self
            .spare
            .pop()
            .unwrap_or_else(|| vec![0; self.block_bytes]);
        let lane = &mut self.lanes[lane_no];
        let bytes = std::mem::replace(&mut self.open[lane_no], fresh);
        let used = std::mem::take(&mut self.used[lane_no]) as usize;
        if used > 0 {
            lane.bytes += used as u64;
            lane.held.push(Packed { bytes, used });
        }
        self.held += 1;
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

    /// Writes a quarter of the blocks to the temporary file, lane after lane; with a budget too small
    /// for one block a lane, the ones that are being filled as well.
    fn make_room(&mut self) -> Result<(), ReconError> {
        let wanted = self.blocks_max - self.blocks_max / 4;
        for _ in 0..LANES {
            if self.held <= wanted {
                return Ok(());
            }
            let lane = &mut self.lanes[self.goes_next];
            self.goes_next = (self.goes_next + 1) % LANES;
            for block in lane.held.drain(..) {
                lane.spilled.push(self.spill.append(block.rows())?);
                self.spare.push(block.bytes);
                self.held -= 1;
            }
        }
        if self.held > self.blocks_max {
            for (lane_no, lane) in self.lanes.iter_mut().enumerate() {
                let used = std::mem::take(&mut self.used[lane_no]) as usize;
                if used > 0 {
                    lane.bytes += used as u64;
                    let rows = &self.open[lane_no][..used];
                    lane.spilled.push(self.spill.append(rows)?);
                }
                self.open[lane_no] = Vec::new();
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
