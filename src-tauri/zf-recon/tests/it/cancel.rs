//! A run can be stopped at any moment and leaves nothing behind.

use std::io::Read;
use std::time::{Duration, Instant};

use zf_domain::{EntryKind, EntryState, Money, Timestamp};
use zf_recon::{Block, Blocks, Cancel, Cut, Entry, Extra, Options, ReconError, Reconciler};

/// A file without end.
struct Endless;

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        out.fill(b'\n');
        Ok(out.len())
    }
}

/// Stopped runs answer within this time. A tenth of a second is promised; a machine that builds
/// beside the test is given more.
const ANSWER: Duration = Duration::from_secs(2);

#[test]
fn reading_stops() {
    let cancel = Cancel::default();
    let blocks = Blocks::new(Endless, 0, Cut::Quoted, cancel.clone());
    let stopped = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut block = Block::default();
            loop {
                if let Err(error) = blocks.next(&mut block) {
                    return (error, Instant::now());
                }
            }
        });
        std::thread::sleep(Duration::from_millis(20));
        let asked = Instant::now();
        cancel.cancel();
        let (error, at) = reader.join().unwrap();
        assert!(matches!(error, ReconError::Cancelled), "{error}");
        at.saturating_duration_since(asked)
    });
    assert!(stopped < ANSWER, "{stopped:?}");
}

#[test]
fn matching_stops_and_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let cancel = Cancel::default();
    let mut run = Reconciler::new(Options {
        threads: 2,
        memory_bytes: 4 << 20,
        spill_dir: Some(dir.path().to_owned()),
        cancel: cancel.clone(),
        ..Options::default()
    });
    for number in 0..300_000_u64 {
        let key = format!("ORD{number:09}");
        let entry = Entry {
            kind: EntryKind::Payment,
            key: &key,
            amount: Money::cny(100),
            state: EntryState::Done,
            occurred_at: Timestamp::from_seconds(1_773_450_753),
            line_no: number,
            extra: Extra::default(),
        };
        run.push_channel(&entry).unwrap();
    }
    let (error, took) = std::thread::scope(|scope| {
        let matching = scope.spawn(|| (run.finish().err(), Instant::now()));
        std::thread::sleep(Duration::from_millis(5));
        let asked = Instant::now();
        cancel.cancel();
        let (error, at) = matching.join().unwrap();
        (error, at.saturating_duration_since(asked))
    });
    assert!(matches!(error, Some(ReconError::Cancelled)), "{error:?}");
    assert!(took < ANSWER, "{took:?}");
    assert_eq!(
        std::path::Path::new(dir.path()).read_dir().unwrap().count(),
        0
    );
}
