//! What is compared besides state and amount: channel numbers, fees, rows carried over.

use crate::support::{reconcile, rows, rules};
use zf_recon::{Options, Side};

/// Differences as `bucket key …`, then what was cleared and what waits, then what was tolerated.
#[track_caller]
fn check(input: &str, expected: &str) {
    let (bill, ours) = rows(input);
    let outcome = reconcile(
        &bill,
        &ours,
        Options {
            threads: 1,
            rules: Some(rules()),
            ..Options::default()
        },
    );
    let mut told = Vec::new();
    for difference in outcome.differences().unwrap() {
        let d = difference.unwrap();
        let mut line = format!("{} {} {}", d.code.as_str(), d.bucket.as_str(), d.key);
        if let Some((charged, contract)) = d.fee {
            line += &format!(" {charged} not {contract}");
        }
        if d.channel_nos != [String::new(), String::new()] {
            line += &format!(" {}", d.channel_nos.join("|"));
        }
        told.push(line);
    }
    for cleared in outcome.cleared().unwrap() {
        let c = cleared.unwrap();
        let by = match (c.channel_from, c.ledger_from) {
            (None, Some(from)) => format!("ours of {from} by line {}", c.channel.line_no),
            (Some(from), None) => format!("bill of {from} by line {}", c.ledger.line_no),
            both => format!("{both:?}"),
        };
        told.push(format!("cleared {} {by}", c.key));
    }
    for waiting in outcome.waiting().unwrap() {
        let w = waiting.unwrap();
        let side = match w.side {
            Side::Channel => "bill",
            Side::Ledger => "ours",
        };
        told.push(format!("waiting {} {side} {:?}", w.key, w.carried_from));
    }
    if outcome.counts.matched_within_tolerance > 0 {
        let spent = outcome.tolerance.unwrap();
        told.push(format!("tolerated {} {}", spent.rows, spent.minor));
    }
    assert_eq!(outcome.residual_minor, 0);
    assert_eq!(told.join("; "), expected, "{input}");
}

#[test]
fn one_number_with_two_numbers_of_the_channel_is_a_clash() {
    for (input, expected) in [
        (
            "bill M1 paid 1.00 CNY no=A\nours M1 paid 1.00 CNY no=B",
            "id_clash id_clash M1 A|B",
        ),
        // Where one side does not know it, nothing clashes.
        ("bill M1 paid 1.00 CNY no=A\nours M1 paid 1.00 CNY", ""),
        // The same number twice in the bill: once more, or another trade.
        (
            "bill M1 paid 1.00 CNY no=A\nbill M1 paid 1.00 CNY no=A\nours M1 paid 1.00 CNY",
            "duplicate_in_channel duplicate_in_channel M1",
        ),
        (
            "bill M1 paid 1.00 CNY no=A\nbill M1 paid 1.00 CNY no=B\nours M1 paid 1.00 CNY no=B",
            "id_clash clash_in_channel M1 A|B",
        ),
        (
            "bill M1 paid 1.00 CNY no=A\nours M1 paid 1.00 CNY no=A\nours M1 paid 2.00 CNY no=B",
            "id_clash clash_in_ledger M1 A|B",
        ),
    ] {
        check(input, expected);
    }
}

#[test]
fn two_currencies_are_their_own_code() {
    check(
        "bill M1 paid 1.00 HKD\nours M1 paid 1.00 CNY",
        "currency_mismatch other_currency M1",
    );
}

#[test]
fn fees_are_held_against_the_contract() {
    for (input, expected) in [
        (
            "bill M1 paid 100.00 CNY fee=60\nours M1 paid 100.00 CNY",
            "",
        ),
        (
            "bill M1 paid 100.00 CNY fee=62\nours M1 paid 100.00 CNY",
            "fee_mismatch fee_mismatch M1 62 not 60",
        ),
        (
            "bill M1 paid 100.00 CNY fee=61\nours M1 paid 100.00 CNY",
            "tolerated 1 1",
        ),
        (
            "bill R1 refunding 40.00 CNY fee=-24\nours R1 refunded 40.00 CNY",
            "",
        ),
        (
            "bill R1 refunded 40.00 CNY fee=0\nours R1 refunded 40.00 CNY",
            "fee_mismatch fee_mismatch R1 0 not -24",
        ),
        // A pair that differs otherwise is that difference.
        (
            "bill M1 paid 100.00 CNY fee=62\nours M1 paid 99.00 CNY",
            "amount_mismatch channel_higher M1",
        ),
        // Three fen a day are let pass; with four, none is.
        (
            "bill M1 paid 1.00 CNY fee=2\nours M1 paid 1.00 CNY
             bill M2 paid 1.00 CNY fee=2\nours M2 paid 1.00 CNY
             bill M3 paid 1.00 CNY fee=2\nours M3 paid 1.00 CNY",
            "tolerated 3 3",
        ),
        (
            "bill M1 paid 1.00 CNY fee=2\nours M1 paid 1.00 CNY
             bill M2 paid 1.00 CNY fee=2\nours M2 paid 1.00 CNY
             bill M3 paid 1.00 CNY fee=2\nours M3 paid 1.00 CNY
             bill M4 paid 1.00 CNY fee=0\nours M4 paid 1.00 CNY",
            "fee_mismatch fee_mismatch M1 2 not 1; fee_mismatch fee_mismatch M2 2 not 1; \
             fee_mismatch fee_mismatch M3 2 not 1; fee_mismatch fee_mismatch M4 0 not 1",
        ),
    ] {
        check(input, expected);
    }
}

#[test]
fn what_was_carried_over_is_cleared_by_the_line_of_another_day() {
    for (input, expected) in [
        (
            "bill M1 paid 1.00 CNY\nours M1 paid 1.00 CNY from=3",
            "cleared M1 ours of 3 by line 2",
        ),
        (
            "bill M1 paid 1.00 CNY from=4\nours M9 closed 1.00 CNY\nours M1 paid 1.00 CNY",
            "cleared M1 bill of 4 by line 3",
        ),
        ("ours M1 paid 1.00 CNY from=3", "waiting M1 ours Some(3)"),
        ("bill M1 paid 1.00 CNY from=3", "waiting M1 bill Some(3)"),
        ("ours M1 closed 1.00 CNY from=3", ""),
        // Cleared only by what agrees.
        (
            "bill M1 paid 1.01 CNY\nours M1 paid 1.00 CNY from=3",
            "amount_mismatch channel_higher M1",
        ),
    ] {
        check(input, expected);
    }
}
