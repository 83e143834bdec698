//! The bill reader on files as the vendor makes them, and as they come damaged.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper that panics fails its test"
)]

use std::path::PathBuf;

use zf_channels::wechatpay::bill::{
    AnyBill, BillFault, BillFaultKind, BillReader, Direction, FundFlowReader, TradeLayout,
    TrailerCheck, open,
};
use zf_crypto::digest::{hex_lower, sha1};
use zf_domain::{EntryKind, EntryState, StatementLine};

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/wechatpay")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

struct Read {
    lines: Vec<StatementLine>,
    faults: Vec<BillFault>,
    trailer: Result<TrailerCheck, BillFault>,
}

fn read(bytes: &[u8]) -> Read {
    let mut reader = BillReader::new(bytes).unwrap();
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for row in reader.by_ref() {
        match row {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push(fault),
        }
    }
    Read {
        lines,
        faults,
        trailer: reader.trailer(),
    }
}

/// One line a row: what reconciliation sees of it.
fn shown(line: &StatementLine) -> String {
    format!(
        "{} {:?} {} {} {} {} settles {} fee {} {:?} {} {}",
        line.line_no,
        line.kind,
        line.occurred_at.to_beijing(),
        line.order_no,
        line.refund_no.as_ref().map_or("-", |n| n.as_str()),
        line.amount,
        line.settlement_minor,
        line.fee_minor,
        line.state,
        line.state_text,
        line.method,
    )
}

#[test]
fn whole_bills_read_and_add_up() {
    let all = [
        "2 Payment 2026-03-14 09:12:33 ORD20260314-0001 - 100.00 CNY settles 10000 fee 60 Done SUCCESS JSAPI",
        "3 Payment 2026-03-14 11:40:05 ORD20260314-0002 - 50.00 CNY settles 5000 fee 30 Done SUCCESS NATIVE",
        "4 Refund 2026-03-14 15:40:02 ORD20260314-0001 RF20260314-0001 40.00 CNY settles 4000 fee -24 InProgress PROCESSING JSAPI",
    ];
    let cases: &[(&str, TradeLayout, &[&str])] = &[
        ("trade_all.csv", TradeLayout::All, &all),
        ("trade_all_lf.csv", TradeLayout::All, &all),
        ("trade_old.csv", TradeLayout::Old, &all),
        ("trade_success.csv", TradeLayout::Success, &all[..2]),
        (
            "trade_refund.csv",
            TradeLayout::Refund,
            &[
                "2 Refund 2026-03-14 15:40:02 ORD20260314-0001 RF20260314-0001 40.00 CNY settles 4000 fee -24 InProgress PROCESSING JSAPI",
            ],
        ),
        ("trade_partner.csv", TradeLayout::All, &all[..1]),
        ("trade_empty.csv", TradeLayout::All, &[]),
    ];
    for (name, layout, expected) in cases {
        let bytes = fixture(name);
        assert_eq!(
            BillReader::new(bytes.as_slice()).unwrap().layout(),
            *layout,
            "{name}"
        );
        let read = read(&bytes);
        assert_eq!(read.faults, [], "{name}");
        let lines: Vec<String> = read.lines.iter().map(shown).collect();
        assert_eq!(&lines, expected, "{name}");
        let trailer = read.trailer.unwrap();
        assert!(trailer.is_sound(), "{name}: {trailer:?}");
        assert_eq!(trailer.rows, expected.len() as u64, "{name}");
        assert!(trailer.sums.len() >= 5, "{name}: {trailer:?}");
    }
}

#[test]
fn the_printed_example_is_the_vendors_to_the_byte() {
    let bytes = fixture("trade_all.csv");
    assert_eq!(bytes.len(), 1360);
    assert_eq!(
        hex_lower(&sha1(&bytes)),
        "dbf7a093f9b5ae62583c6a4856ddaae6c2db2ebb"
    );
    let Read { lines, trailer, .. } = read(&bytes);
    let refund = &lines[2];
    assert_eq!(
        refund.refund_id.as_ref().unwrap().as_str(),
        "50300002502026031400000000001"
    );
    assert_eq!(refund.payment_id.as_str(), "4200002501202603140000000001");
    assert_eq!(
        (lines[0].goods.as_str(), lines[0].payer.as_str()),
        ("Tea set", "oInventedOpenid01")
    );
    let trailer = trailer.unwrap();
    assert_eq!(trailer.merchants, ["1900000109"]);
    assert_eq!((trailer.payments, trailer.refunds), (2, 1));
}

/// Each damage: what is still read, what is said about the rest, what the trailer says.
#[test]
fn damaged_bills_say_where_and_lose_nothing_else() {
    use BillFaultKind as K;
    type Case = (
        &'static str,
        usize,
        &'static [(u64, K, Option<&'static str>, &'static str)],
        Result<usize, K>,
    );
    let cases: &[Case] = &[
        (
            "trade_truncated.csv",
            2,
            &[(4, K::Columns, None, "it is cut")],
            Err(K::Truncated),
        ),
        (
            "trade_comma.csv",
            2,
            &[(3, K::Columns, None, "contains ,`")],
            // The row's values cannot be told apart, so they are missing from three sums.
            Ok(3),
        ),
        (
            "trade_bad_amounts.csv",
            1,
            &[
                (2, K::Field, Some("订单金额"), "exponent"),
                (3, K::Field, Some("订单金额"), "thousands"),
            ],
            Ok(1),
        ),
        ("trade_wrong_sums.csv", 3, &[], Ok(2)),
    ];
    for (name, rows, faults, trailer) in cases {
        let read = read(&fixture(name));
        assert_eq!(read.lines.len(), *rows, "{name}");
        let found: Vec<_> = read
            .faults
            .iter()
            .map(|f| (f.line, f.kind, f.column.as_deref()))
            .collect();
        let expected: Vec<_> = faults.iter().map(|(l, k, c, _)| (*l, *k, *c)).collect();
        assert_eq!(found, expected, "{name}");
        for (fault, (.., words)) in read.faults.iter().zip(*faults) {
            let text = fault.to_string();
            assert!(text.contains(words), "{name}: {text}");
            assert!(text.starts_with(&format!("line {}", fault.line)));
            assert!(!fault.remedy.is_empty());
        }
        match (&read.trailer, trailer) {
            (Ok(check), Ok(mismatches)) => {
                assert_eq!(check.mismatches().count(), *mismatches, "{name}: {check:?}");
                assert_eq!(check.faulty_rows, faults.len() as u64, "{name}");
            }
            (Err(fault), Err(kind)) => assert_eq!(fault.kind, *kind, "{name}: {fault}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}

#[test]
fn a_plain_comma_in_a_product_name_is_part_of_the_name() {
    let read = read(&fixture("trade_comma.csv"));
    assert_eq!(read.lines[0].goods, "Tea set, green, 2 cups");
}

#[test]
fn files_that_are_no_trade_bill_are_named_for_what_they_are() {
    use BillFaultKind as K;
    let text = |s: &str| s.as_bytes().to_vec();
    let utf16 = [0xff_u8, 0xfe, 0x41, 0x00].to_vec();
    let cases: Vec<(&str, Vec<u8>, K, &str)> = vec![
        (
            "gbk",
            fixture("trade_gbk.csv"),
            K::Encoding,
            "look like GBK",
        ),
        ("utf16", utf16, K::Encoding, "UTF-16"),
        ("html", fixture("error_page.html"), K::NotABill, "web page"),
        (
            "json",
            text("{\"code\":\"NO_AUTH\"}"),
            K::NotABill,
            "error answer",
        ),
        ("gzip", vec![0x1f, 0x8b, 8, 0], K::NotABill, "gzip"),
        ("zip", text("PK\u{3}\u{4}"), K::NotABill, "zip"),
        ("empty", Vec::new(), K::NotABill, "empty"),
        (
            "header",
            fixture("trade_wrong_header.csv"),
            K::Header,
            "lacks 商户订单号; it has: 交易时间, ",
        ),
        (
            "fund flow",
            fixture("fund_flow.csv"),
            K::Header,
            "lacks 交易时间",
        ),
        (
            "ledger",
            text("kind,out_trade_no\npayment,1\n"),
            K::Header,
            "it has: kind, out_trade_no",
        ),
    ];
    for (name, bytes, kind, words) in cases {
        let fault = BillReader::new(bytes.as_slice()).err().unwrap();
        assert_eq!(fault.kind, kind, "{name}");
        assert!(fault.reason.contains(words), "{name}: {fault}");
        assert_eq!(fault.line, 1, "{name}");
        assert!(!fault.remedy.is_empty(), "{name}");
    }
}

#[test]
fn gbk_in_one_row_is_said_of_that_row() {
    let mut bytes = fixture("trade_all.csv");
    let at = bytes.windows(7).position(|w| w == b"Tea set").unwrap();
    // 茶 in GBK.
    bytes.splice(at..at + 7, [0xb2, 0xe8]);
    let read = read(&bytes);
    assert_eq!(read.lines.len(), 2);
    assert_eq!(read.faults[0].kind, BillFaultKind::Encoding);
    assert_eq!(read.faults[0].line, 2);
    assert!(read.faults[0].reason.contains("GBK"));
}

#[test]
fn a_line_break_inside_a_value_costs_one_row() {
    let text = String::from_utf8(fixture("trade_all.csv")).unwrap();
    let read = read(text.replace("Coffee", "Cof\r\nfee").as_bytes());
    assert_eq!(read.lines.len(), 2);
    let lines: Vec<u64> = read.faults.iter().map(|f| f.line).collect();
    assert_eq!(lines, [3, 4]);
    assert!(read.trailer.unwrap().faulty_rows == 2);
}

#[test]
fn something_after_the_summary_is_refused() {
    let mut bytes = fixture("trade_all.csv");
    bytes.extend_from_slice(&fixture("trade_all.csv"));
    let read = read(&bytes);
    assert_eq!(read.lines.len(), 3);
    assert_eq!(read.faults[0].kind, BillFaultKind::Summary);
    assert!(read.faults[0].reason.contains("two bills"));
}

#[test]
fn snapshot_states_of_refunds_and_revoked_payments() {
    let text = String::from_utf8(fixture("trade_all.csv")).unwrap();
    for (word, state) in [
        ("SUCCESS", EntryState::Done),
        ("PROCESSING", EntryState::InProgress),
        ("CHANGE", EntryState::InProgress),
        ("FAIL", EntryState::Void),
        ("SOMETHING_NEW", EntryState::InProgress),
    ] {
        let read = read(text.replace("PROCESSING", word).as_bytes());
        assert_eq!(read.lines[2].state, state, "{word}");
        assert_eq!(read.lines[2].state_text, word);
    }
    for (word, state) in [
        ("REVOKED", EntryState::Void),
        ("SOMETHING_NEW", EntryState::InProgress),
    ] {
        let read = read(
            text.replace("`NATIVE,`SUCCESS", &format!("`NATIVE,`{word}"))
                .as_bytes(),
        );
        assert_eq!(read.lines[1].state, state, "{word}");
        assert_eq!(read.lines[1].kind, EntryKind::Payment, "{word}");
    }
}

#[test]
fn a_fee_with_a_fraction_is_rounded_and_counted_but_summed_exactly() {
    let text = String::from_utf8(fixture("trade_all.csv")).unwrap();
    let text = text
        .replace("`0.30000,", "`0.30500,")
        .replace("`0.66000,", "`0.66500,");
    let read = read(text.as_bytes());
    assert_eq!(read.lines[1].fee_minor, 31);
    let trailer = read.trailer.unwrap();
    assert!(trailer.is_sound(), "{trailer:?}");
    assert_eq!(trailer.fee_fractions, 1);
}

#[test]
fn fund_flow_bills_read_and_add_up() {
    let bytes = fixture("fund_flow.csv");
    let text = String::from_utf8(bytes.clone()).unwrap();
    let full_width = text.replace("(元)", "（元）").into_bytes();
    for bytes in [bytes, full_width] {
        let mut reader = FundFlowReader::new(bytes.as_slice()).unwrap();
        let lines: Vec<_> = reader.by_ref().collect::<Result<_, _>>().unwrap();
        let shown: Vec<_> = lines
            .iter()
            .map(|l| {
                (
                    l.direction,
                    l.amount.minor,
                    l.balance.minor,
                    l.voucher_no.as_str(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                (Direction::In, 10_000, 110_000, "ORD20260314-0001"),
                (Direction::Out, 60, 109_940, "ORD20260314-0001"),
                (Direction::Out, 3_976, 105_964, "RF20260314-0001"),
            ]
        );
        assert_eq!(lines[2].remark, "退款总金额40.00元;含手续费0.24元");
        let trailer = reader.trailer().unwrap();
        assert!(trailer.is_sound(), "{trailer:?}");
        assert_eq!(trailer.sums.len(), 5);
    }
}

#[test]
fn the_kind_of_a_bill_is_told_by_its_header() {
    assert!(matches!(
        open(fixture("fund_flow.csv").as_slice()),
        Ok(AnyBill::FundFlow(_))
    ));
    assert!(matches!(
        open(fixture("trade_old.csv").as_slice()),
        Ok(AnyBill::Trade(_))
    ));
}

/// Memory and time stay flat: a million rows stream through one buffer. Timed by hand with
/// `--ignored --nocapture`; asserts counts, never seconds.
#[test]
#[ignore = "a million rows; run by hand to see the time"]
fn a_million_rows() {
    let sample = String::from_utf8(fixture("trade_all_lf.csv")).unwrap();
    let lines: Vec<&str> = sample.lines().collect();
    let mut file = format!("{}\n", lines[0]);
    for _ in 0..500_000 {
        file.push_str(lines[1]);
        file.push('\n');
        file.push_str(lines[2]);
        file.push('\n');
    }
    file.push_str(lines[4]);
    file.push_str("\n`1000000,`75000000.00,`0.00,`0.00,`450000.00000,`75000000.00,`0.00\n");
    let started = std::time::Instant::now();
    let mut reader = BillReader::new(file.as_bytes()).unwrap();
    let total: i64 = reader.by_ref().map(|r| r.unwrap().amount.minor).sum();
    let trailer = reader.trailer().unwrap();
    println!("1 000 000 rows in {:?}", started.elapsed());
    assert_eq!(total, 7_500_000_000);
    assert!(trailer.is_sound(), "{trailer:?}");
}
