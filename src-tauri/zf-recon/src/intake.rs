//! Taking rows in: packed, dealt out by the hash of their key, kept in blocks of one size.

use std::sync::Arc;

use zf_domain::{BookEntry, Currency, StatementLine};

use crate::entry::{Entry, Side, net_minor};
use crate::error::ReconError;
use crate::record::{RECORD_BYTES_MAX, RECORD_FIXED_BYTES, SLACK, encode, hash, kind_bit};
use crate::slabs::{BlockNo, Slabs};
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

/// A block with packed rows one behind another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) block: BlockNo,
    /// As much of it as rows take.
    pub(crate) used: usize,
}

/// The rows of one lane of one side.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) held: Vec<Held>,
    pub(crate) spilled: Vec<Extent>,
    pub(crate) bytes: u64,
}

/// The block that is being filled.
#[derive(Debug, Clone, Copy)]
struct Open {
    block: BlockNo,
    /// How far it is; [`NO_BLOCK`] when there is none.
    used: u32,
}

/// Beyond the end of any block, so that whoever wants to write looks for another one.
const NO_BLOCK: u32 = u32::MAX;

impl Open {
    const NONE: Self = Self {
        block: 0,
        used: NO_BLOCK,
    };

    /// The block, to be closed; `None` when there is none.
    const fn close(&mut self) -> Option<Held> {
        let held = Held {
            block: self.block,
            used: self.used as usize,
        };
        let open = self.used != NO_BLOCK;
        *self = Self::NONE;
        if open { Some(held) } else { None }
    }
}

/// One side's rows, all taken in.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) lanes: Vec<Lane>,
    pub(crate) slabs: Slabs,
    pub(crate) brought: Brought,
}

/// One side's way in. The two sides may be filled from two threads at once.
#[derive(Debug)]
pub struct Intake {
    side: Side,
    seed: u64,
    lanes: Vec<Lane>,
    /// Of each lane the block that is being filled. Apart from the lanes, because every row touches them.
    open: Vec<Open>,
    slabs: Slabs,
    blocks_max: usize,
    held: usize,
    /// The lane whose blocks are the next to go to the temporary file.
    goes_next: usize,
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
            open: vec![Open::NONE; LANES],
            slabs: Slabs::new(block_bytes),
            blocks_max: memory_bytes / block_bytes,
            held: 0,
            goes_next: 0,
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
        let further = self.slabs.absorb(other.slabs);
        for (lane, mut more) in self.lanes.iter_mut().zip(other.lanes) {
            lane.held.extend(more.held.iter().map(|held| Held {
                block: held.block + further,
                used: held.used,
            }));
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
    pub(crate) fn close(mut self) -> Taken {
        self.close_blocks();
        Taken {
            lanes: self.lanes,
            slabs: self.slabs,
            brought: self.brought,
        }
    }

    /// Puts the blocks that were being filled to the others.
    fn close_blocks(&mut self) {
        for (lane, open) in self.lanes.iter_mut().zip(&mut self.open) {
            if let Some(held) = open.close() {
                lane.bytes += held.used as u64;
                lane.held.push(held);
            }
        }
    }

    /// Takes one row.
    ///
    /// # Errors
    /// `KeyTooLong` past 255 bytes; `Spill` when the temporary file fails; `Memory` when the system
    /// has none left.
    // Always inlined, so that a caller made for several kinds of processor has it made for each.
    #[inline(always)]
    pub fn push(&mut self, entry: &Entry<'_>) -> Result<(), ReconError> {
        let channel_no = entry.extra.channel_no.map_or(0, str::len);
        let longest = entry.key.len().max(channel_no);
        if longest > usize::from(u8::MAX) {
            return Err(self.too_long(entry.line_no, longest));
        }
        let lane_no = lane_of(hash(self.seed, entry.kind, entry.key.as_bytes()));
        let needed = RECORD_FIXED_BYTES + SLACK + entry.key.len() + channel_no;
        let fresh = self.open[lane_no].used as usize + needed > self.slabs.block_bytes();
        if fresh {
            self.next_block(lane_no)?;
        }
        let open = &mut self.open[lane_no];
        let room = &mut self.slabs.block_mut(open.block)[open.used as usize..];
        open.used += encode(entry, room) as u32;
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

    #[cold]
    const fn too_long(&self, line_no: u64, length: usize) -> ReconError {
        ReconError::KeyTooLong {
            side: self.side,
            line_no,
            length,
        }
    }

    /// Gives a lane a fresh block to fill.
    #[cold]
    fn next_block(&mut self, lane_no: usize) -> Result<(), ReconError> {
        if let Some(held) = self.open[lane_no].close() {
            let lane = &mut self.lanes[lane_no];
            lane.bytes += held.used as u64;
            lane.held.push(held);
        }
        self.open[lane_no] = Open {
            block: self.slabs.take().map_err(ReconError::Memory)?,
            used: 0,
        };
        self.held += 1;
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
            for held in lane.held.drain(..) {
                let rows = &self.slabs.block(held.block)[..held.used];
                lane.spilled.push(self.spill.append(rows)?);
                self.slabs.give_back(held.block);
                self.held -= 1;
            }
        }
        if self.held > self.blocks_max {
            for (lane, open) in self.lanes.iter_mut().zip(&mut self.open) {
                if let Some(held) = open.close() {
                    lane.bytes += held.used as u64;
                    let rows = &self.slabs.block(held.block)[..held.used];
                    lane.spilled.push(self.spill.append(rows)?);
                    self.slabs.give_back(held.block);
                }
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
