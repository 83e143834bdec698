//! A file in blocks of whole lines, which several threads take in turn.
//!
//! Where a block ends follows from the bytes alone, never from threads or timing: the same file is
//! cut the same way in every run.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use crate::cancel::Cancel;
use crate::error::ReconError;

/// Bytes read at a time: a part of what a processor has as its own cache, for they are looked at several
/// times, and what they are copied from passes through it as well.
const BLOCK_BYTES: usize = 1 << 17;
/// The longest line that is kept whole; of a longer one the reader sees this much and refuses it.
const LINE_BYTES_MAX: usize = 2 << 20;

/// What a cut must not part.
#[derive(Debug, Clone, Copy)]
pub enum Cut {
    /// Any line end will do, except behind a line this is true of.
    Lines(fn(&[u8]) -> bool),
    /// Values may span lines within quotation marks: a cut has an even number of them before it,
    /// where that can be.
    Quoted,
}

/// Some whole lines.
#[derive(Debug, Default)]
pub struct Block {
    bytes: Vec<u8>,
    len: usize,
    first_line: u64,
}

impl Block {
    /// The lines, with their ends.
    #[must_use]
    pub fn lines(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The number of the first line in the file, 1 = the file's first.
    #[must_use]
    pub const fn first_line(&self) -> u64 {
        self.first_line
    }
}

/// Cuts an input into blocks.
#[derive(Debug)]
pub struct Blocks<R> {
    cut: Cut,
    cancel: Cancel,
    source: Mutex<Source<R>>,
}

#[derive(Debug)]
struct Source<R> {
    input: R,
    /// What was read behind the last cut.
    rest: Vec<u8>,
    /// Lines handed out, or taken before the first block.
    lines: u64,
    /// The end of a line that was cut for its length is to be passed over.
    within_long_line: bool,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    /// Blocks of what is left of `input`, of which `lines` lines, such as the header, were read.
    pub const fn new(input: R, lines: u64, cut: Cut, cancel: Cancel) -> Self {
        Self {
            cut,
            cancel,
            source: Mutex::new(Source {
                input,
                rest: Vec::new(),
                lines,
                within_long_line: false,
                ended: false,
            }),
        }
    }

    /// Puts the next lines into `block`; false when there are none. Gives `line` and the system's
    /// reason when the input cannot be read.
    ///
    /// # Errors
    /// `Cancelled`; `Input` when the input cannot be read.
    pub fn next(&self, block: &mut Block) -> Result<bool, ReconError> {
        self.cancel.check()?;
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let line_no = source.lines;
        source
            .fill(block, self.cut)
            .map_err(|source| ReconError::Input { line_no, source })
    }
}

impl<R: Read> Source<R> {
    fn fill(&mut self, block: &mut Block, cut: Cut) -> io::Result<bool> {
        if block.bytes.len() < BLOCK_BYTES {
            block.bytes.resize(BLOCK_BYTES, 0);
        }
        block.len = 0;
        let mut have = 0;
        if !self.rest.is_empty() {
            if block.bytes.len() < self.rest.len() + BLOCK_BYTES / 2 {
                block.bytes.resize(self.rest.len() + BLOCK_BYTES / 2, 0);
            }
            have = self.rest.len();
            block.bytes[..have].copy_from_slice(&self.rest);
            self.rest.clear();
        }
        loop {
            while have < block.bytes.len() && !self.ended {
                match self.input.read(&mut block.bytes[have..]) {
                    Ok(0) => self.ended = true,
                    Ok(read) => have += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            if self.within_long_line {
                let Some(end) = memchr::memchr(b'\n', &block.bytes[..have]) else {
                    if self.ended {
                        return Ok(false);
                    }
                    have = 0;
                    continue;
                };
                block.bytes.copy_within(end + 1..have, 0);
                have -= end + 1;
                self.within_long_line = false;
                continue;
            }
            if have == 0 {
                return Ok(false);
            }
            let whole = if self.ended {
                Some(have)
            } else {
                place(&block.bytes[..have], cut)
            };
            let end = match whole {
                Some(end) => end,
                None if have < LINE_BYTES_MAX => {
                    block.bytes.resize(block.bytes.len() + BLOCK_BYTES, 0);
                    continue;
                }
                None => {
                    self.within_long_line = true;
                    have
                }
            };
            self.rest.extend_from_slice(&block.bytes[end..have]);
            block.len = end;
            block.first_line = self.lines + 1;
            let ends = memchr::memchr_iter(b'\n', &block.bytes[..end]).count() as u64;
            // A line cut for its length, or the last one without an end, counts as well.
            self.lines += ends + u64::from(block.bytes[end - 1] != b'\n');
            return Ok(true);
        }
    }
}

/// Where to cut: behind the last line end that parts nothing.
fn place(bytes: &[u8], cut: Cut) -> Option<usize> {
    let last = memchr::memrchr(b'\n', bytes)?;
    match cut {
        Cut::Lines(holds_the_next) => {
            let from = memchr::memrchr(b'\n', &bytes[..last]).map_or(0, |n| n + 1);
            if from > 0 && holds_the_next(&bytes[from..last]) {
                return Some(from);
            }
            Some(last + 1)
        }
        Cut::Quoted => {
            let mut odd = memchr::memchr_iter(b'"', &bytes[..last]).count() % 2 == 1;
            let mut end = last;
            while odd {
                // With one stray mark no place is right; then the last line end is as good as any,
                // and the reader names the stray one.
                let Some(before) = memchr::memrchr(b'\n', &bytes[..end]) else {
                    return Some(last + 1);
                };
                let marks = memchr::memchr_iter(b'"', &bytes[before..end]).count();
                odd ^= marks % 2 == 1;
                end = before;
            }
            Some(end + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut_up(text: &[u8], cut: Cut) -> Vec<(u64, Vec<u8>)> {
        let blocks = Blocks::new(text, 1, cut, Cancel::default());
        let mut block = Block::default();
        let mut parts = Vec::new();
        while blocks.next(&mut block).unwrap() {
            parts.push((block.first_line(), block.lines().to_vec()));
        }
        parts
    }

    #[test]
    fn lines_stay_whole_and_numbered() {
        let mut text = Vec::new();
        for number in 0..200_000 {
            text.extend_from_slice(format!("line {number}\n").as_bytes());
        }
        let parts = cut_up(&text, Cut::Lines(|_| false));
        assert!(parts.len() > 1);
        let mut line_no = 2;
        for (first, lines) in &parts {
            assert_eq!(*first, line_no);
            assert_eq!(lines.last(), Some(&b'\n'));
            line_no += lines.iter().filter(|b| **b == b'\n').count() as u64;
        }
        let joined: Vec<u8> = parts.into_iter().flat_map(|(_, lines)| lines).collect();
        assert_eq!(joined, text);
    }

    #[test]
    fn a_line_beyond_all_measure_is_shown_in_part_and_the_next_ones_keep_their_numbers() {
        let mut text = b"first\n".to_vec();
        text.resize(text.len() + 5 * LINE_BYTES_MAX, b'x');
        text.extend_from_slice(b"\nthird\nfourth");
        let parts = cut_up(&text, Cut::Lines(|_| false));
        assert_eq!(parts.last().unwrap(), &(4, b"third\nfourth".to_vec()));
    }

    #[test]
    fn what_belongs_together_is_not_parted() {
        let text = vec![b'\n'; BLOCK_BYTES - 3]
            .into_iter()
            .chain(*b"#\n1\nbehind\n")
            .collect::<Vec<u8>>();
        let parts = cut_up(&text, Cut::Lines(|line| line == b"#"));
        assert!(parts[1].1.starts_with(b"#\n1\n"), "{:?}", parts[1]);

        let text = vec![b'a'; BLOCK_BYTES - 10]
            .into_iter()
            .chain(*b"\n\"b\nc\nd\nee\"\nf\n")
            .collect::<Vec<u8>>();
        let parts = cut_up(&text, Cut::Quoted);
        assert!(parts[1].1.starts_with(b"\"b\nc"), "{:?}", parts[1]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(lines in prop::collection::vec("[a\"]{0,6}", 0..40), quoted: bool) {
            let text = lines.join("\n");
            let cut = if quoted { Cut::Quoted } else { Cut::Lines(|_| false) };
            let joined: Vec<u8> = cut_up(text.as_bytes(), cut).into_iter().flat_map(|(_, l)| l).collect();
            prop_assert_eq!(joined, text.as_bytes());
        }
    }
}
