//! What holds for any two files.

use std::collections::BTreeSet;

use crate::support::{Row, codes, reconcile, simple, told};
use proptest::prelude::*;
use zf_domain::{Currency, DifferenceCode, EntryKind, EntryState, Money};
use zf_recon::{Bucket, Options, Side};

/// Few keys and few amounts, so that everything that can meet does.
fn side() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        prop_oneof![Just(EntryKind::Payment), Just(EntryKind::Refund)],
        0..12_u8,
        0..4_i64,
        prop_oneof![
            6 => Just(EntryState::Done),
            2 => Just(EntryState::InProgress),
            2 => Just(EntryState::Void)
        ],
        prop_oneof![9 => Just(Currency::Cny), 1 => Just(Currency::Hkd)],
    )
        .prop_map(|(kind, key, minor, state, currency)| Row {
            kind,
            key: format!("K{key}"),
            amount: Money::new(minor, currency),
            state,
            line_no: 0,
        });
    prop::collection::vec(row, 0..60).prop_map(|mut rows| {
        for (number, row) in rows.iter_mut().enumerate() {
            row.line_no = number as u64 + 2;
        }
        rows
    })
}

fn tight(threads: usize, memory_bytes: usize) -> Options {
    Options {
        threads,
        memory_bytes,
        spill_dir: None,
    }
}

proptest! {
    /// Every row lands in exactly one bucket, the same one the simple reading puts it in, and the
    /// parts explain the whole.
    #[test]
    fn nothing_is_lost(bill in side(), ours in side()) {
        let outcome = reconcile(&bill, &ours, tight(2, 1 << 20));
        let c = &outcome.counts;
        let pairs = c.matched + c.amount_mismatch + c.status_mismatch;
        prop_assert_eq!(
            pairs + c.missing_in_ledger + c.duplicate_in_channel + c.waiting_in_channel
                + c.void_in_channel,
            bill.len() as u64
        );
        prop_assert_eq!(
            pairs + c.missing_in_channel + c.duplicate_in_ledger + c.waiting_in_ledger
                + c.void_in_ledger,
            ours.len() as u64
        );

        let expected = simple(&bill, &ours);
        for code in DifferenceCode::ALL {
            let rows: u64 = expected
                .iter()
                .filter(|(bucket, ..)| bucket.code() == Some(*code))
                .map(|(_, bill, ours)| *bill.max(ours))
                .sum();
            prop_assert_eq!(c.of(*code), rows, "{:?}", code);
        }
        let of = |bucket| {
            let (_, bill, ours) = expected.iter().find(|(b, ..)| *b == bucket).unwrap();
            (*bill, *ours)
        };
        prop_assert_eq!((c.matched, c.matched), of(Bucket::Matched));
        prop_assert_eq!((c.waiting_in_channel, c.waiting_in_ledger), of(Bucket::Waiting));
        prop_assert_eq!((c.void_in_channel, c.void_in_ledger), of(Bucket::Void));

        // The listing has what was counted, in order, and its nets explain the distance.
        let listed: Vec<_> = outcome.differences().unwrap().map(Result::unwrap).collect();
        for (code, count) in codes(&outcome) {
            prop_assert_eq!(listed.iter().filter(|d| d.code == code).count() as u64, count);
        }
        prop_assert!(listed.is_sorted_by_key(|d| (d.bucket, d.kind, d.key.clone())));
        let net = |rows: &[Row]| rows.iter().map(Row::net).sum::<i128>();
        let waiting: i128 = outcome
            .waiting()
            .unwrap()
            .map(Result::unwrap)
            .map(|w| match (w.side, w.kind) {
                (_, EntryKind::Payment) => 0,
                (Side::Channel, EntryKind::Refund) => -i128::from(w.row.amount.minor),
                (Side::Ledger, EntryKind::Refund) => i128::from(w.row.amount.minor),
            })
            .sum();
        let explained: i128 = listed
            .iter()
            .map(|d| d.net_minor(Side::Channel) - d.net_minor(Side::Ledger))
            .sum();
        prop_assert_eq!(net(&bill) - net(&ours), explained + waiting);
        prop_assert_eq!(outcome.residual_minor, 0);
    }

    /// The order of rows, the number of threads and the memory budget change nothing: with no
    /// memory at all every row and every finding goes through the temporary file.
    #[test]
    fn order_threads_and_memory_change_nothing(
        (bill, shuffled_bill) in side().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        (ours, shuffled_ours) in side().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let plain = told(&reconcile(&bill, &ours, tight(1, 64 << 20)));
        for (threads, memory_bytes) in [(3, 64 << 20), (1, 0), (2, 3000), (4, 0)] {
            let other = reconcile(&shuffled_bill, &shuffled_ours, tight(threads, memory_bytes));
            prop_assert!(memory_bytes > 0 || bill.is_empty() || other.spilled_bytes > 0);
            prop_assert_eq!(&told(&other), &plain);
        }
    }

    /// Line numbers are not part of the digest; anything compared is.
    #[test]
    fn the_digest_follows_contents_only(bill in side(), ours in side(), at: prop::sample::Index) {
        let digest = |bill: &[Row], ours: &[Row]| {
            reconcile(bill, ours, tight(1, 1 << 20)).run_digest
        };
        let first = digest(&bill, &ours);
        let mut moved = bill.clone();
        for row in &mut moved {
            row.line_no += 1000;
        }
        prop_assert_eq!(digest(&moved, &ours), first.clone());
        if !bill.is_empty() {
            let mut changed = bill.clone();
            let row = &mut changed[at.index(bill.len())];
            row.amount.minor += 1;
            prop_assert_ne!(digest(&changed, &ours), first);
        }
    }
}

/// A few of each kind among many rows, more than one pass and one temporary file can hide: all are
/// found, nothing else is.
#[test]
fn planted_differences_are_all_found() {
    let mut bill = Vec::new();
    let mut ours = Vec::new();
    let mut planted: BTreeSet<(DifferenceCode, String)> = BTreeSet::new();
    for number in 0..60_000_u64 {
        let refund = number % 10 == 3;
        let key = format!("{}20260314-{number:06}", if refund { "RF" } else { "ORD" });
        let row = Row {
            kind: if refund {
                EntryKind::Refund
            } else {
                EntryKind::Payment
            },
            key: key.clone(),
            amount: Money::cny((number as i64 * 7919) % 100_000 + 1),
            state: EntryState::Done,
            line_no: number + 2,
        };
        let mut plant = |code| planted.insert((code, key.clone()));
        match number % 1000 {
            1 => {
                plant(DifferenceCode::MissingInLedger);
                bill.push(row);
            }
            2 => {
                plant(DifferenceCode::MissingInChannel);
                ours.push(row);
            }
            3 => {
                plant(DifferenceCode::AmountMismatch);
                let mut other = row.clone();
                other.amount.minor += 1;
                bill.push(row);
                ours.push(other);
            }
            4 => {
                plant(DifferenceCode::StatusMismatch);
                let mut other = row.clone();
                other.state = EntryState::Void;
                bill.push(row);
                ours.push(other);
            }
            5 => {
                plant(DifferenceCode::DuplicateInChannel);
                bill.extend([row.clone(), row.clone()]);
                ours.push(row);
            }
            6 => {
                plant(DifferenceCode::DuplicateInLedger);
                bill.push(row.clone());
                ours.extend([row.clone(), row]);
            }
            7 => {
                let mut closed = row;
                closed.state = EntryState::Void;
                ours.push(closed);
            }
            _ => {
                bill.push(row.clone());
                ours.push(row);
            }
        }
    }
    ours.reverse();
    let mut digests = BTreeSet::new();
    for options in [tight(1, 512 << 20), tight(2, 1 << 20), tight(2, 100_000)] {
        let outcome = reconcile(&bill, &ours, options);
        let found: BTreeSet<(DifferenceCode, String)> = outcome
            .differences()
            .unwrap()
            .map(|d| d.map(|d| (d.code, d.key)).unwrap())
            .collect();
        assert_eq!(found, planted);
        assert_eq!(outcome.counts.differences(), planted.len() as u64);
        assert_eq!(outcome.counts.void_in_ledger, 60);
        assert_eq!(outcome.counts.matched, 60_000 - 60 * 5);
        digests.insert(outcome.run_digest);
    }
    assert_eq!(digests.len(), 1);
}
