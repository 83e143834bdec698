//! What holds for any two files.

use std::collections::BTreeSet;

use crate::support::{Row, codes, reconcile, rules, simple, told};
use proptest::prelude::*;
use zf_domain::{Currency, DifferenceCode, EntryKind, EntryState, Money};
use zf_recon::{Bucket, Options, Reconciler, Side};

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
        (
            prop::option::weighted(0.2, 0..2_u8),
            prop::option::weighted(0.2, -3..4_i64),
            prop::option::weighted(0.2, 0..2_u32),
        ),
    )
        .prop_map(|(kind, key, minor, state, currency, extra)| Row {
            kind,
            key: format!("K{key}"),
            // A fee of a fen or two, so that fees differ by little.
            amount: Money::new(minor * 150, currency),
            state,
            line_no: 0,
            channel_no: extra.0.map(|n| format!("4200{n}")),
            fee: extra.1,
            from: extra.2,
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
        ..Options::default()
    }
}

fn ruled(threads: usize, memory_bytes: usize) -> Options {
    Options {
        rules: Some(rules()),
        ..tight(threads, memory_bytes)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Every row lands in exactly one bucket, the same one the simple reading puts it in, and the
    /// parts explain the whole.
    #[test]
    fn nothing_is_lost(bill in side(), ours in side()) {
        let outcome = reconcile(&bill, &ours, ruled(2, 1 << 20));
        let c = &outcome.counts;
        let expected = simple(&bill, &ours);
        let came: (u64, u64) = expected
            .iter()
            .fold((0, 0), |sum, (_, bill, ours)| (sum.0 + bill, sum.1 + ours));
        prop_assert_eq!(came, (bill.len() as u64, ours.len() as u64));
        let spent = outcome.tolerance.unwrap();
        let (tolerated, refused) = match spent.within() {
            true => (spent.rows, 0),
            false => (0, spent.rows),
        };
        prop_assert_eq!(c.matched_within_tolerance, tolerated);
        for code in DifferenceCode::ALL {
            let rows: u64 = expected
                .iter()
                .filter(|(bucket, ..)| bucket.code() == Some(*code))
                .map(|(_, bill, ours)| *bill.max(ours))
                .sum();
            let beyond = if *code == DifferenceCode::FeeMismatch { refused } else { 0 };
            prop_assert_eq!(c.of(*code), rows + beyond, "{:?}", code);
        }
        let of = |bucket| {
            let (_, bill, ours) = expected.iter().find(|(b, ..)| *b == bucket).unwrap();
            (*bill, *ours)
        };
        prop_assert_eq!((c.matched, c.matched), of(Bucket::Matched));
        prop_assert_eq!((spent.rows, spent.rows), of(Bucket::FeeTolerated));
        prop_assert_eq!((c.cross_day, c.cross_day), of(Bucket::CrossDay));
        prop_assert_eq!(outcome.cleared().unwrap().count() as u64, c.cross_day);
        prop_assert_eq!((c.waiting_in_channel, c.waiting_in_ledger), of(Bucket::Waiting));
        prop_assert_eq!((c.void_in_channel, c.void_in_ledger), of(Bucket::Void));

        // The listing has what was counted, in order, and its nets explain the distance.
        let listed: Vec<_> = outcome.differences().unwrap().map(Result::unwrap).collect();
        for (code, count) in codes(&outcome) {
            prop_assert_eq!(listed.iter().filter(|d| d.code == code).count() as u64, count);
        }
        if spent.within() {
            prop_assert!(listed.is_sorted_by_key(|d| (d.bucket, d.kind, d.key.clone())));
        }
        let net = |rows: &[Row]| rows.iter().map(Row::net).sum::<i128>();
        let waiting: i128 = outcome
            .waiting()
            .unwrap()
            .map(Result::unwrap)
            .map(|w| {
                let net = match (w.kind, w.row.state) {
                    (EntryKind::Payment, EntryState::Done) => i128::from(w.row.amount.minor),
                    (EntryKind::Payment, _) | (_, EntryState::Void) => 0,
                    (EntryKind::Refund, _) => -i128::from(w.row.amount.minor),
                };
                match w.side {
                    Side::Channel => net,
                    Side::Ledger => -net,
                }
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
        let plain = told(&reconcile(&bill, &ours, ruled(1, 64 << 20)));
        for (threads, memory_bytes) in [(3, 64 << 20), (1, 0), (2, 3000), (4, 0)] {
            let other = reconcile(&shuffled_bill, &shuffled_ours, ruled(threads, memory_bytes));
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

/// A million rows with a thousandth of each code, in an order of its own on each side and through as
/// little memory as makes most of it pass the temporary file: all are found, nothing else is.
#[test]
fn planted_differences_are_all_found_among_a_million() {
    const ROWS: u64 = 1_000_000;
    let scattered = |step: u64| (0..ROWS).map(move |n| n * step % ROWS);
    let row = |number: u64| {
        let refund = number % 20 == 13;
        let minor = (number as i64 * 7919) % 100_000 + 1;
        let fee = (minor * 6 + 500) / 1000;
        Row {
            kind: if refund {
                EntryKind::Refund
            } else {
                EntryKind::Payment
            },
            key: format!("{}20260314-{number:07}", if refund { "RF" } else { "ORD" }),
            amount: Money::cny(minor),
            state: EntryState::Done,
            line_no: number + 2,
            channel_no: Some(format!("4200{number:07}")),
            fee: Some(if refund { -fee } else { fee }),
            from: None,
        }
    };
    let code_of = |number: u64| match number % 1000 {
        1 => Some(DifferenceCode::MissingInLedger),
        2 => Some(DifferenceCode::MissingInChannel),
        3 => Some(DifferenceCode::AmountMismatch),
        4 => Some(DifferenceCode::StatusMismatch),
        5 => Some(DifferenceCode::DuplicateInChannel),
        6 => Some(DifferenceCode::DuplicateInLedger),
        7 => Some(DifferenceCode::CurrencyMismatch),
        8 | 9 => Some(DifferenceCode::IdClash),
        10 => Some(DifferenceCode::FeeMismatch),
        _ => None,
    };
    let planted: BTreeSet<(DifferenceCode, String)> = (0..ROWS)
        .filter_map(|number| code_of(number).map(|code| (code, row(number).key)))
        .collect();
    let mut digests = BTreeSet::new();
    for (threads, memory_bytes, steps) in [
        (2, 512 << 20, (7_919, 104_729)),
        (1, 4 << 20, (15_485_863, 1)),
    ] {
        let mut run = Reconciler::new(ruled(threads, memory_bytes));
        for number in scattered(steps.0) {
            let mut row = row(number);
            match number % 1000 {
                2 => continue,
                10 => row.fee = row.fee.map(|fee| fee + 5),
                11 => row.from = Some(3),
                _ => {}
            }
            run.push_channel(&row.entry()).unwrap();
            if number % 1000 == 5 {
                run.push_channel(&row.entry()).unwrap();
            }
            if number % 1000 == 9 {
                row.channel_no = Some("another".to_owned());
                run.push_channel(&row.entry()).unwrap();
            }
        }
        for number in scattered(steps.1) {
            let mut row = row(number);
            row.fee = None;
            match number % 1000 {
                1 => continue,
                3 => row.amount.minor += 1,
                4 => row.state = EntryState::Void,
                7 => row.amount.currency = Currency::Hkd,
                8 => row.channel_no = Some("another".to_owned()),
                _ => {}
            }
            run.push_ledger(&row.entry()).unwrap();
            if number % 1000 == 6 {
                run.push_ledger(&row.entry()).unwrap();
            }
        }
        let outcome = run.finish().unwrap();
        let found: BTreeSet<(DifferenceCode, String)> = outcome
            .differences()
            .unwrap()
            .map(|d| d.map(|d| (d.code, d.key)).unwrap())
            .collect();
        assert!(found == planted, "{:?}", outcome.counts);
        assert_eq!(outcome.counts.differences(), planted.len() as u64);
        assert_eq!(outcome.counts.cross_day, 1000);
        assert_eq!(outcome.residual_minor, 0);
        assert_eq!(outcome.spilled_bytes > 0, memory_bytes < 100 << 20);
        digests.insert(outcome.run_digest);
    }
    assert_eq!(digests.len(), 1);
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
            channel_no: None,
            fee: None,
            from: None,
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
