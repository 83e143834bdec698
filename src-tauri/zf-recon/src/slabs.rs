//! The memory of the rows: blocks of one size, cut from large slabs.
//!
//! Hundreds of megabytes in blocks of some kilobytes are much work for an allocator, and for the system,
//! which hands memory out page by page: a slab is asked for in one piece, with all its pages. Large
//! pages were tried; where the system has none at hand they cost more than they save.

use std::io;

use memmap2::{MmapMut, MmapOptions};

/// Blocks of one slab, a power of two: two megabytes with the usual budget.
const BLOCKS: usize = 256;

/// Number of a block within [`Slabs`].
pub(crate) type BlockNo = u32;

/// Blocks, by their numbers.
#[derive(Debug)]
pub(crate) struct Slabs {
    block_bytes: usize,
    slabs: Vec<MmapMut>,
    /// How many blocks of the last slab were given out.
    given: usize,
    /// Blocks that were given back.
    spare: Vec<BlockNo>,
}

impl Slabs {
    /// Without a block.
    pub(crate) const fn new(block_bytes: usize) -> Self {
        Self {
            block_bytes,
            slabs: Vec::new(),
            given: BLOCKS,
            spare: Vec::new(),
        }
    }

    pub(crate) const fn block_bytes(&self) -> usize {
        self.block_bytes
    }

    /// Gives out a block, of which nothing is known but its size.
    ///
    /// # Errors
    /// When the system has no more memory to give.
    pub(crate) fn take(&mut self) -> io::Result<BlockNo> {
        if let Some(block) = self.spare.pop() {
            return Ok(block);
        }
        if self.given == BLOCKS {
            // All pages at once: asking for each when it is first written takes longer.
            let slab = MmapOptions::new()
                .len(BLOCKS * self.block_bytes)
                .populate()
                .map_anon()?;
            self.slabs.push(slab);
            self.given = 0;
        }
        let block = (self.slabs.len() - 1) * BLOCKS + self.given;
        self.given += 1;
        BlockNo::try_from(block).map_err(|_| io::ErrorKind::OutOfMemory.into())
    }

    /// Takes a block back.
    pub(crate) fn give_back(&mut self, block: BlockNo) {
        self.spare.push(block);
    }

    #[inline]
    pub(crate) fn block(&self, block: BlockNo) -> &[u8] {
        let (slab, from) = self.place(block);
        &self.slabs[slab][from..from + self.block_bytes]
    }

    #[inline]
    pub(crate) fn block_mut(&mut self, block: BlockNo) -> &mut [u8] {
        let (slab, from) = self.place(block);
        &mut self.slabs[slab][from..from + self.block_bytes]
    }

    #[inline]
    const fn place(&self, block: BlockNo) -> (usize, usize) {
        let block = block as usize;
        (block / BLOCKS, block % BLOCKS * self.block_bytes)
    }

    /// Takes over the blocks of another with blocks of the same size; gives what is to be added to
    /// their numbers.
    pub(crate) fn absorb(&mut self, mut other: Self) -> BlockNo {
        let further = (self.slabs.len() * BLOCKS) as BlockNo;
        // What the last slab here has left stays unused: a few blocks a thread.
        self.given = BLOCKS;
        self.slabs.append(&mut other.slabs);
        self.spare
            .extend(other.spare.iter().map(|block| block + further));
        further
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_keep_what_is_written_also_when_taken_over() {
        let mut all = Slabs::new(16);
        let mut written = Vec::new();
        for part in 0..3_u8 {
            let mut slabs = Slabs::new(16);
            let blocks: Vec<BlockNo> = (0..BLOCKS + 10).map(|_| slabs.take().unwrap()).collect();
            for block in &blocks {
                slabs.block_mut(*block).fill(part);
            }
            slabs.give_back(blocks[0]);
            let further = all.absorb(slabs);
            written.extend(blocks[1..].iter().map(|block| (block + further, part)));
        }
        let fresh: Vec<BlockNo> = (0..BLOCKS).map(|_| all.take().unwrap()).collect();
        for block in &fresh {
            assert!(written.iter().all(|(other, _)| other != block));
            all.block_mut(*block).fill(9);
        }
        for (block, part) in written {
            assert_eq!(all.block(block), [part; 16]);
        }
    }
}
