//! From the text of the books and parsed bill rows to the written report, and the temporary file.

use zf_domain::{
    ChannelPaymentId, ChannelRefundId, EntryKind, EntryState, MerchantOrderNo, MerchantRefundNo,
    Money, StatementLine, Timestamp,
};
use zf_recon::report::{Language, write_differences};
use zf_recon::{BooksReader, Options, ReconError, Reconciler};

use crate::support::rows;

fn bill_line(line_no: u64, number: &str, minor: i64, refund: bool) -> StatementLine {
    StatementLine {
        line_no,
        kind: if refund {
            EntryKind::Refund
        } else {
            EntryKind::Payment
        },
        occurred_at: Timestamp::parse_beijing("2026-03-14 09:12:33").unwrap(),
        order_no: MerchantOrderNo::parse(if refund { "ORD-1" } else { number }).unwrap(),
        payment_id: ChannelPaymentId::parse("4200002501202603140000000001").unwrap(),
        refund_no: refund.then(|| MerchantRefundNo::parse(number).unwrap()),
        refund_id: refund.then(|| ChannelRefundId::parse("50300002502026031400000000001").unwrap()),
        amount: Money::cny(minor),
        settlement_minor: minor,
        fee_minor: 0,
        state: if refund {
            EntryState::InProgress
        } else {
            EntryState::Done
        },
        state_text: String::new(),
        method: "NATIVE".to_owned(),
        payer: String::new(),
        goods: String::new(),
    }
}

#[test]
fn books_and_bill_become_a_report() {
    let books = "\u{feff}kind,out_trade_no,out_refund_no,amount,currency,status,created_at\r\n\
                 payment,ORD-1,,100.00,CNY,SUCCESS,2026-03-14T09:12:33+08:00\r\n\
                 payment,ORD-2,,1e3,CNY,SUCCESS,2026-03-14T09:12:33+08:00\r\n\
                 payment,ORD-3,,50.00,CNY,NOTPAY,2026-03-14T09:12:33+08:00\r\n\
                 refund,ORD-1,RF-1,40.00,CNY,SUCCESS,2026-03-14T15:40:02+08:00\r\n";
    let mut run = Reconciler::new(Options::default());
    for line in [
        bill_line(2, "ORD-1", 10_000, false),
        bill_line(3, "ORD-3", 5_000, false),
        bill_line(4, "RF-1", 4_000, true),
    ] {
        run.push_line(&line).unwrap();
    }
    let mut reader = BooksReader::new(books.as_bytes()).unwrap();
    let mut faults = Vec::new();
    let (_, ledger) = run.sides();
    let read = reader.feed(ledger, |f| faults.push(f.line_no)).unwrap();
    assert_eq!((read, &faults[..], reader.faults()), (3, &[3][..], 1));

    let outcome = run.finish().unwrap();
    assert_eq!(
        (outcome.counts.matched, outcome.counts.status_mismatch),
        (2, 1)
    );
    let mut csv = Vec::new();
    let written = write_differences(
        &mut csv,
        outcome.differences().unwrap(),
        &outcome.run_digest,
        Language::Zh,
    )
    .unwrap();
    assert_eq!(written.rows, 1);
    let csv = String::from_utf8(csv).unwrap();
    let second = csv.lines().nth(1).unwrap();
    assert_eq!(
        second,
        "status_mismatch,渠道成功·我方未成功,payment,\"=\"\"ORD-3\"\"\",CNY,50.00,CNY,50.00,50.00,\
         成功,处理中,2026-03-14 09:12:33,2026-03-14 09:12:33,3,4,,channel_ahead"
    );
    assert!(csv.contains(&outcome.run_digest) && csv.ends_with(&format!("{}\r\n", written.digest)));
}

#[test]
fn books_given_row_by_row_are_the_same() {
    let books = "kind,out_trade_no,out_refund_no,amount,currency,status,created_at\n\
                 payment,ORD-1,,100.00,CNY,SUCCESS,2026-03-14T09:12:33+08:00\n\
                 refund,ORD-1,RF-1,40.00,CNY,SUCCESS,2026-03-14T15:40:02+08:00\n";
    let mut lent = Reconciler::new(Options::default());
    let mut owned = Reconciler::new(Options::default());
    BooksReader::new(books.as_bytes())
        .unwrap()
        .feed(lent.sides().1, |fault| panic!("{fault}"))
        .unwrap();
    for entry in BooksReader::new(books.as_bytes()).unwrap() {
        owned.push_book(&entry.unwrap()).unwrap();
    }
    assert_eq!(
        lent.finish().unwrap().run_digest,
        owned.finish().unwrap().run_digest
    );
}

#[test]
fn a_refund_without_its_number_is_refused() {
    let mut line = bill_line(9, "RF-1", 1, true);
    line.refund_no = None;
    let error = Reconciler::new(Options::default()).push_line(&line);
    assert!(matches!(
        error,
        Err(ReconError::NoRefundNumber { line_no: 9, .. })
    ));
}

#[test]
fn the_temporary_file_has_no_name_and_its_failure_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let options = |spill_dir| Options {
        threads: 2,
        memory_bytes: 0,
        spill_dir: Some(spill_dir),
        ..Options::default()
    };
    let names = || std::path::Path::new(dir.path()).read_dir().unwrap().count();
    let (bill, _) = rows("bill M1 paid 1.00 CNY\nbill M2 paid 1.00 CNY");
    let mut run = Reconciler::new(options(dir.path().to_owned()));
    for row in &bill {
        run.push_channel(&row.entry()).unwrap();
        if cfg!(target_os = "linux") {
            assert_eq!(names(), 0);
        }
    }
    let outcome = run.finish().unwrap();
    assert!(outcome.spilled_bytes > 0);
    assert_eq!(outcome.differences().unwrap().count(), 2);
    drop(outcome);
    assert_eq!(names(), 0);

    let mut run = Reconciler::new(options(dir.path().join("absent")));
    let error = run.push_channel(&bill[0].entry()).unwrap_err().to_string();
    assert!(
        error.contains("could not be created") && error.contains("Free space"),
        "{error}"
    );
}
