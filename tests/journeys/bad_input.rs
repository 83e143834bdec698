//! Files as people have them: each refused or read with its fault named by file, line, column and
//! remedy, and nothing lost.

use serde_json::{Value, json};
use zf_app::AppError;

use crate::world::World;

const BILL: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注
`2026-03-14 09:12:33,`wx0a1b2c3d4e5f6789,`1900000109,`0,`,`4200002501202603140000000001,`ORD20260314-0001,`oInventedOpenid01,`JSAPI,`SUCCESS,`CMB_CREDIT,`CNY,`100.00,`0.00,`0,`0,`0.00,`0.00,`,`,`Tea set,`shop-7,`0.60000,`0.60%,`100.00,`0.00,`
`2026-03-14 11:40:05,`wx0a1b2c3d4e5f6789,`1900000109,`0,`till-2,`4200002501202603140000000002,`ORD20260314-0002,`oInventedOpenid02,`NATIVE,`SUCCESS,`OTHERS,`CNY,`50.00,`5.00,`0,`0,`0.00,`0.00,`,`,`Coffee,`,`0.30000,`0.60%,`50.00,`0.00,`
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额
`2,`150.00,`0.00,`0.00,`0.90000,`150.00,`0.00
";

const LEDGER: &str = "kind,out_trade_no,out_refund_no,amount,currency,status,created_at
payment,ORD20260314-0001,,100.00,CNY,SUCCESS,2026-03-14T09:12:33+08:00
payment,ORD20260314-0002,,50.00,CNY,SUCCESS,2026-03-14T11:40:05+08:00
";

async fn compare(world: &World, bill: &[u8], ledger: &[u8]) -> Result<Value, AppError> {
    let params = json!({ "bill_token": world.upload("bill.csv", bill), "ledger_token": world.upload("books.csv", ledger) });
    world
        .call(&world.clerk, "recon.compare_files", params)
        .await
}

/// `line`, part of the column, and part of the problem of a refused file.
async fn refused(world: &World, bill: &[u8], ledger: &[u8], wanted: (&str, &str, &str, &str)) {
    let error = compare(world, bill, ledger).await.unwrap_err();
    let (name, line, column, problem) = wanted;
    assert_eq!(error.code.text().code, "file.refused", "{error}");
    assert_eq!(error.params["name"], name, "{error}");
    assert_eq!(error.params["line"], line, "{error}");
    assert!(error.params["column"].contains(column), "{error}");
    assert!(error.params["problem"].contains(problem), "{error}");
    assert!(error.params["remedy"].len() > 10, "{error}");
}

fn gbk(text: &str) -> Vec<u8> {
    // 交易 and 商品 as GBK among ASCII is all the check needs.
    let mut bytes = Vec::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii() => bytes.push(c as u8),
            _ => bytes.extend_from_slice(&[0xbd, 0xbb]),
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn files_as_people_have_them() {
    let world = World::new().await;
    let (bill, ledger) = (BILL.as_bytes(), LEDGER.as_bytes());

    // As it should be, and with what the vendor also sends: BOM and CRLF.
    let dressed = format!("\u{feff}{}", BILL.replace('\n', "\r\n"));
    for bill in [bill, dressed.as_bytes()] {
        let found = compare(&world, bill, ledger).await.unwrap();
        assert_eq!(
            (
                &found["matched"],
                &found["bill_faults"],
                &found["ledger_faults"]
            ),
            (&json!(2), &json!([]), &json!([]))
        );
    }
    let books_with_bom = format!("\u{feff}{LEDGER}");
    let found = compare(&world, bill, books_with_bom.as_bytes())
        .await
        .unwrap();
    assert_eq!(found["matched"], 2);

    // A bill cut in the middle, and one that lost a row or had an amount changed.
    let cut = &bill[..bill.len() / 2 + 200];
    refused(&world, cut, ledger, ("bill.csv", "3", "", "被截断")).await;
    let lost: String = BILL
        .split_inclusive('\n')
        .enumerate()
        .filter(|(n, _)| *n != 2)
        .map(|(_, l)| l)
        .collect();
    refused(
        &world,
        lost.as_bytes(),
        ledger,
        ("bill.csv", "4", "总交易单数", "汇总行"),
    )
    .await;
    let changed = BILL.replacen("`100.00", "`100.01", 1);
    refused(
        &world,
        changed.as_bytes(),
        ledger,
        ("bill.csv", "5", "", "汇总行"),
    )
    .await;

    // Another file, another encoding, a web page, nothing at all.
    refused(&world, &gbk(BILL), ledger, ("bill.csv", "1", "", "GBK")).await;
    refused(&world, b"", ledger, ("bill.csv", "1", "", "空")).await;
    refused(
        &world,
        b"<html>login</html>",
        ledger,
        ("bill.csv", "1", "", "网页"),
    )
    .await;
    refused(&world, ledger, ledger, ("bill.csv", "1", "", "缺列")).await;
    refused(
        &world,
        bill,
        &gbk("kind,交易\n1,2\n"),
        ("books.csv", "1", "", "GBK"),
    )
    .await;
    refused(&world, bill, b"", ("books.csv", "1", "", "空")).await;
    refused(
        &world,
        bill,
        b"type,order,sum\n1,2,3\n",
        ("books.csv", "1", "out_trade_no", "表头"),
    )
    .await;

    // A comma in a product name is text; backtick and comma together are not, and cost one row.
    let comma = BILL.replace("`Tea set", "`Tea, set");
    assert_eq!(
        compare(&world, comma.as_bytes(), ledger).await.unwrap()["matched"],
        2
    );
    let broken = BILL.replace("`Tea set", "`Tea,`set");
    let found = compare(&world, broken.as_bytes(), ledger).await.unwrap();
    assert_eq!(found["matched"], 1);
    assert_eq!(found["bill_faults"][0]["line"], 2);

    // A day without a single row.
    let head = BILL.lines().next().unwrap();
    let empty = format!("{head}\n总交易单数,应结订单总金额\n`0,`0.00\n");
    let found = compare(
        &world,
        empty.as_bytes(),
        LEDGER.lines().next().unwrap().as_bytes(),
    )
    .await
    .unwrap();
    assert_eq!(
        (&found["bill_rows"], &found["ledger_rows"]),
        (&json!(0), &json!(0))
    );

    // Rows twice.
    let twice = format!("{LEDGER}{}\n", LEDGER.lines().nth(1).unwrap());
    let found = compare(&world, bill, twice.as_bytes()).await.unwrap();
    let count = |code: &str| {
        found["counts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["code"] == code)
            .unwrap()["count"]
            .clone()
    };
    assert_eq!(count("duplicate_in_ledger"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_nobody_should_guess_at_cost_their_row_and_no_other() {
    let world = World::new().await;
    for (amount, words) in [
        ("1e3", "科学计数法"),
        ("-0.01", "正负号"),
        ("\"1,234.5\"", "千位分隔符"),
        ("1.234", "小数位数"),
        ("", "空"),
        ("一百", ""),
    ] {
        let csv = LEDGER.replace(",100.00,", &format!(",{amount},"));
        let found = compare(&world, BILL.as_bytes(), csv.as_bytes())
            .await
            .unwrap();
        let fault = &found["ledger_faults"][0];
        assert_eq!(found["matched"], 1, "{amount}: {found:#}");
        assert_eq!(
            (&fault["line"], &fault["column"]),
            (&json!(2), &json!("amount")),
            "{amount}: {fault}"
        );
        assert!(
            fault["problem"].as_str().unwrap().contains(words),
            "{amount}: {fault}"
        );
        assert!(!fault["remedy"].as_str().unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn books_that_are_not_the_days_are_refused_and_the_earlier_ones_stay() {
    let (world, date) = World::with_history().await;
    let books = world
        .import(date, &world.books(date, false).await)
        .await
        .unwrap();
    for (csv, line) in [
        ("type,order,sum\n1,2,3\n".to_owned(), "1"),
        (LEDGER.to_owned(), "2"),
        (
            format!(
                "{}\npayment,A1,,1e3,CNY,SUCCESS,{date}T12:00:00+08:00\n",
                LEDGER.lines().next().unwrap()
            ),
            "2",
        ),
    ] {
        let error = world.import(date, &csv).await.unwrap_err();
        assert_eq!(error.code.text().code, "file.refused", "{error}");
        assert_eq!(error.params["line"], line, "{error}");
    }
    let day = world.ok(&world.clerk, "recon.day", world.day(date)).await;
    assert_eq!(day["books"]["sha256"], books["sha256"]);
    // A file that is not there any more.
    let error = world
        .call(
            &world.clerk,
            "books.import",
            json!({ "account_id": world.account_id, "date": date, "file_token": "gone" }),
        )
        .await
        .unwrap_err();
    assert_eq!(error.code.text().code, "file.missing");
}

/// Two generated files, twice: with room, and with so little memory that most rows wait on the disk.
#[tokio::test(flavor = "multi_thread")]
async fn large_files_give_the_planted_counts_whatever_the_memory() {
    use zf_app::compare::{CompareOptions, compare_files};

    let folder = tempfile::tempdir().unwrap();
    let (bill, ledger) = (
        folder.path().join("bill.csv"),
        folder.path().join("books.csv"),
    );
    let planted = zf_sandbox::PlantCounts {
        missing_in_ledger: 31,
        missing_in_channel: 17,
        amount_mismatch: 23,
        status_mismatch: 11,
        duplicate_in_ledger: 7,
        duplicate_in_channel: 5,
    };
    let pair = zf_sandbox::write_big_pair(&bill, &ledger, 100_000, 9, &planted).unwrap();
    let run = |memory_mb, threads| {
        let out = folder.path().join(format!("out-{memory_mb}"));
        compare_files(&CompareOptions {
            bill: bill.clone(),
            ledger: ledger.clone(),
            out: Some(out),
            threads: Some(threads),
            memory_mb,
            ..CompareOptions::default()
        })
        .unwrap()
    };
    let (roomy, tight) = (run(256, 2), run(4, 1));
    for found in [&roomy, &tight] {
        let count = |wanted: &str| {
            let code = found
                .counts
                .iter()
                .find(|(code, _)| code.as_str() == wanted);
            code.unwrap().1
        };
        assert_eq!(found.matched, pair.matched);
        assert_eq!(
            (found.bill_rows, found.ledger_rows),
            (pair.bill_rows, pair.ledger_rows)
        );
        assert_eq!(count("missing_in_ledger"), planted.missing_in_ledger);
        assert_eq!(count("missing_in_channel"), planted.missing_in_channel);
        assert_eq!(count("amount_mismatch"), planted.amount_mismatch);
        assert_eq!(count("status_mismatch"), planted.status_mismatch);
        assert_eq!(count("duplicate_in_ledger"), planted.duplicate_in_ledger);
        assert_eq!(count("duplicate_in_channel"), planted.duplicate_in_channel);
        assert_eq!((found.residual_minor, found.refused_rows), (0, 0));
        let csv = std::fs::read_to_string(found.differences_csv.as_ref().unwrap()).unwrap();
        // The header, one line a difference, four of the trailer.
        assert_eq!(csv.lines().count(), 1 + 94 + 4);
    }
    assert_eq!(roomy.run_digest, tight.run_digest);
}
