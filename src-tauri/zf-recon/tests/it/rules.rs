//! The rules of matching, as a table: two sides in, what is said of them out.

use crate::support::{reconcile, rows};
use zf_domain::Money;
use zf_recon::{Difference, Options, Outcome, Side, SideView};

/// Runs the rows through the engine and compares what it says. The listing has a line for each
/// difference and each waiting row, then the counts of what is not listed.
#[track_caller]
fn check(input: &str, expected: &str) {
    let (bill, ours) = rows(input);
    let outcome = reconcile(
        &bill,
        &ours,
        Options {
            threads: 1,
            ..Options::default()
        },
    );
    let lines: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(listing(&outcome), lines.join("\n"), "{input}");
}

fn listing(outcome: &Outcome) -> String {
    let mut lines: Vec<String> = outcome
        .differences()
        .unwrap()
        .map(|d| line(&d.unwrap()))
        .collect();
    for carried in outcome.waiting().unwrap() {
        let carried = carried.unwrap();
        let side = match carried.side {
            Side::Channel => "bill",
            Side::Ledger => "ours",
        };
        lines.push(format!(
            "waiting {} {side}={}",
            carried.key, carried.row.amount
        ));
    }
    for (name, count) in [
        ("matched", outcome.counts.matched),
        ("void-bill", outcome.counts.void_in_channel),
        ("void-ours", outcome.counts.void_in_ledger),
    ] {
        if count > 0 {
            lines.push(format!("{name} {count}"));
        }
    }
    lines.join("\n")
}

fn line(d: &Difference) -> String {
    let amount = |view: &Option<SideView>| view.map(|v| v.amount.to_decimal()).unwrap_or_default();
    let state = |view: &Option<SideView>| view.map(|v| v.state.as_str()).unwrap_or_default();
    match (d.bucket.as_str(), d.twin_line_no) {
        ("channel_higher" | "channel_lower", _) => {
            let (net, currency) = d.channel_minus_ledger().unwrap();
            let diff = Money::new(i64::try_from(-net).unwrap(), currency);
            format!(
                "amount {} ours={} bill={} diff={diff}",
                d.key,
                amount(&d.ledger),
                amount(&d.channel),
            )
        }
        ("other_currency", _) => format!(
            "currency {} ours={} bill={}",
            d.key,
            d.ledger.unwrap().amount,
            d.channel.unwrap().amount,
        ),
        ("channel_ahead" | "ledger_ahead", _) => format!(
            "{} {} ours={} bill={}",
            d.bucket.as_str(),
            d.key,
            state(&d.ledger),
            state(&d.channel),
        ),
        (name, Some(twin)) => {
            let view = d.channel.or(d.ledger).unwrap();
            format!(
                "{name} {} {} line={} of={twin}",
                d.key, view.amount, view.line_no
            )
        }
        (name, None) => format!(
            "{name} {} {}",
            d.key,
            d.channel.or(d.ledger).unwrap().amount
        ),
    }
}

#[test]
fn one_fen_short() {
    check(
        "ours M1 paid 100.00 CNY
         bill M1 paid  99.99 CNY",
        "amount M1 ours=100.00 bill=99.99 diff=0.01 CNY",
    );
}

#[test]
fn equal_rows_match() {
    check("", "");
    check(
        "ours M1 paid 100.00 CNY
         bill M1 paid 100.00 CNY
         ours R1 refunded 40.00 CNY
         bill R1 refunded 40.00 CNY",
        "matched 2",
    );
}

#[test]
fn a_row_without_partner() {
    check("bill M1 paid 1.00 CNY", "missing_in_ledger M1 1.00 CNY");
    check("ours M1 paid 1.00 CNY", "missing_in_channel M1 1.00 CNY");
    check("bill R1 refunded 1.00 CNY", "missing_in_ledger R1 1.00 CNY");
    check(
        "ours R1 refunded 1.00 CNY",
        "missing_in_channel R1 1.00 CNY",
    );
    // The channel has accepted it: the books must know, also before it is final.
    check(
        "bill R1 refunding 1.00 CNY",
        "missing_in_ledger R1 1.00 CNY",
    );
}

#[test]
fn what_is_not_final_waits_and_what_is_void_is_no_difference() {
    check("ours M1 paying 1.00 CNY", "waiting M1 ours=1.00 CNY");
    check("ours R1 refunding 1.00 CNY", "waiting R1 ours=1.00 CNY");
    check("bill M1 paying 1.00 CNY", "waiting M1 bill=1.00 CNY");
    check("ours M1 closed 1.00 CNY", "void-ours 1");
    check("bill M1 closed 1.00 CNY", "void-bill 1");
    check("ours R1 unrefunded 1.00 CNY", "void-ours 1");
    check(
        "ours M1 closed 1.00 CNY
         bill M1 closed 1.00 CNY",
        "matched 1",
    );
}

#[test]
fn states_of_payments_must_agree() {
    for (bill, ours, expected) in [
        (
            "paid",
            "paying",
            "channel_ahead M1 ours=in_progress bill=done",
        ),
        ("paid", "closed", "channel_ahead M1 ours=void bill=done"),
        (
            "paying",
            "closed",
            "channel_ahead M1 ours=void bill=in_progress",
        ),
        (
            "paying",
            "paid",
            "ledger_ahead M1 ours=done bill=in_progress",
        ),
        ("closed", "paid", "ledger_ahead M1 ours=done bill=void"),
        (
            "closed",
            "paying",
            "ledger_ahead M1 ours=in_progress bill=void",
        ),
        ("paying", "paying", "matched 1"),
    ] {
        check(
            &format!("bill M1 {bill} 1.00 CNY\nours M1 {ours} 1.00 CNY"),
            expected,
        );
        if expected != "matched 1" {
            // Where the state differs the amount is not looked at yet: one row, one bucket.
            check(
                &format!("bill M1 {bill} 2.00 CNY\nours M1 {ours} 1.00 CNY"),
                expected,
            );
        }
    }
}

#[test]
fn refund_rows_of_a_bill_are_snapshots() {
    for (bill, ours, expected) in [
        ("refunding", "refunded", "matched 1"),
        ("refunded", "refunding", "matched 1"),
        ("refunding", "refunding", "matched 1"),
        ("unrefunded", "unrefunded", "matched 1"),
        (
            "refunding",
            "unrefunded",
            "channel_ahead R1 ours=void bill=in_progress",
        ),
        (
            "refunded",
            "unrefunded",
            "channel_ahead R1 ours=void bill=done",
        ),
        (
            "unrefunded",
            "refunded",
            "ledger_ahead R1 ours=done bill=void",
        ),
    ] {
        check(
            &format!("bill R1 {bill} 1.00 CNY\nours R1 {ours} 1.00 CNY"),
            expected,
        );
    }
    check(
        "bill R1 refunding 1.00 CNY
         ours R1 refunded 1.01 CNY",
        // Of a refund, more in our books takes more off our net.
        "amount R1 ours=1.01 bill=1.00 diff=-0.01 CNY",
    );
}

#[test]
fn each_further_row_of_a_key_is_a_duplicate() {
    check(
        "bill M1 paid 1.00 CNY
         bill M1 paid 1.00 CNY
         bill M1 paid 1.00 CNY
         ours M1 paid 1.00 CNY",
        "duplicate_in_channel M1 1.00 CNY line=3 of=2
         duplicate_in_channel M1 1.00 CNY line=4 of=2
         matched 1",
    );
    check(
        "bill M1 paid 1.00 CNY
         ours M1 paid 2.00 CNY
         ours M1 paid 1.00 CNY",
        "duplicate_in_ledger M1 2.00 CNY line=2 of=3
         matched 1",
    );
    check(
        "ours M1 paid 1.00 CNY
         ours M1 paid 1.00 CNY",
        "missing_in_channel M1 1.00 CNY
         duplicate_in_ledger M1 1.00 CNY line=3 of=2",
    );
    // Paid once, though the books tried twice: the paid row is the one that counts.
    check(
        "bill M1 paid 1.00 CNY
         ours M1 closed 1.00 CNY
         ours M1 paid 1.00 CNY",
        "duplicate_in_ledger M1 1.00 CNY line=2 of=3
         matched 1",
    );
    check(
        "bill M1 paid 1.00 CNY
         bill M1 paid 1.00 CNY
         ours M1 paid 1.00 CNY
         ours M1 paid 1.00 CNY",
        "duplicate_in_channel M1 1.00 CNY line=3 of=2
         duplicate_in_ledger M1 1.00 CNY line=3 of=2
         matched 1",
    );
}

#[test]
fn a_payment_never_matches_a_refund() {
    check(
        "bill X1 paid 1.00 CNY
         ours X1 refunded 1.00 CNY",
        "missing_in_ledger X1 1.00 CNY
         missing_in_channel X1 1.00 CNY",
    );
}

#[test]
fn currencies_never_mix() {
    check(
        "bill M1 paid 1.00 USD
         ours M1 paid 1.00 CNY",
        "currency M1 ours=1.00 CNY bill=1.00 USD",
    );
}

#[test]
fn the_waterfall_leads_from_one_net_to_the_other() {
    let (bill, ours) = rows(
        "bill M1 paid 100.00 CNY
         ours M1 paid 100.00 CNY
         bill M2 paid 50.00 CNY
         ours M3 paid 30.00 CNY
         bill M4 paid 20.00 CNY
         ours M4 paid 19.00 CNY
         bill M5 paid 10.00 CNY
         ours M5 paying 10.00 CNY
         bill R1 refunding 40.00 CNY
         ours R1 refunded 40.00 CNY
         bill R2 refunded 5.00 CNY
         ours R3 refunding 2.00 CNY
         ours M6 closed 7.00 CNY
         bill M7 paid 9.99 HKD",
    );
    let outcome = reconcile(&bill, &ours, Options::default());
    let told: Vec<String> = outcome
        .waterfalls
        .iter()
        .map(|w| {
            let steps: Vec<String> = w
                .steps
                .iter()
                .map(|s| {
                    format!(
                        "{} {} {}+{} {}",
                        s.bucket.as_str(),
                        s.kind.as_str(),
                        s.channel_rows,
                        s.ledger_rows,
                        s.channel_minus_ledger_minor
                    )
                })
                .collect();
            assert_eq!(
                w.channel_net_minor
                    - w.steps
                        .iter()
                        .map(|s| s.channel_minus_ledger_minor)
                        .sum::<i64>(),
                w.ledger_net_minor,
            );
            assert_eq!(w.residual_minor, 0);
            format!(
                "{} {} [{}] {}",
                w.currency,
                w.channel_net_minor,
                steps.join(", "),
                w.ledger_net_minor
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "CNY 13500 [missing_in_ledger payment 1+0 5000, missing_in_ledger refund 1+0 -500, \
             missing_in_channel payment 0+1 -3000, channel_higher payment 1+1 100, \
             channel_ahead payment 1+1 1000, waiting refund 0+1 200] 10700",
            "HKD 999 [missing_in_ledger payment 1+0 999] 0",
        ]
    );
}

#[test]
fn the_digest_is_pinned() {
    // A change here changes what stored runs are compared with: raise the version in its first line.
    let (bill, ours) = rows(
        "ours M1 paid 100.00 CNY
         bill M1 paid  99.99 CNY",
    );
    let outcome = reconcile(&bill, &ours, Options::default());
    assert_eq!(
        outcome.run_digest,
        "1a6974576c952f3749f7e5e0d4eb5e665605040e30e85d0cb8218a526c32f52e"
    );
}

#[test]
fn sums_past_what_can_be_counted_are_refused() {
    let (bill, _) = rows(
        "bill M1 paid 92233720368547758.07 CNY
         bill M2 paid 92233720368547758.07 CNY",
    );
    let mut run = zf_recon::Reconciler::new(Options::default());
    for row in &bill {
        run.push_channel(&row.entry()).unwrap();
    }
    assert!(matches!(
        run.finish(),
        Err(zf_recon::ReconError::SumTooLarge)
    ));
}
