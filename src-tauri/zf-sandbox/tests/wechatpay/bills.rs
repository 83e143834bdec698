//! Bills and books over the generated history: read here by a reader of their own.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;
use zf_sandbox::Options;

use crate::support::World;

const YESTERDAY: &str = "2026-03-13";

fn small(options: &mut Options) {
    options.days = 4;
    options.orders_per_day = 40;
}

/// A bill as a plain reader sees it: rows by column name, and the summary by name.
struct Read {
    rows: Vec<HashMap<String, String>>,
    summary: HashMap<String, String>,
}

fn read(bytes: &[u8]) -> Read {
    let text = std::str::from_utf8(bytes)
        .unwrap()
        .strip_prefix('\u{feff}')
        .unwrap();
    assert!(text.ends_with("\r\n"));
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    let cells = |line: &str| -> Vec<String> {
        line.strip_prefix('`')
            .unwrap()
            .split(",`")
            .map(str::to_owned)
            .collect()
    };
    let names = |line: &str| -> Vec<String> { line.split(',').map(str::to_owned).collect() };
    let zip = |head: &[String], line: &str| -> HashMap<String, String> {
        let cells = cells(line);
        assert_eq!(cells.len(), head.len(), "{line}");
        head.iter().cloned().zip(cells).collect()
    };
    let head = names(lines[0]);
    let count = lines.len();
    let rows = lines[1..count - 2]
        .iter()
        .map(|line| zip(&head, line))
        .collect();
    let summary = zip(&names(lines[count - 2]), lines[count - 1]);
    Read { rows, summary }
}

/// Yuan text to fen; fees have five decimals of which the last three must be zero.
fn fen(text: &str) -> i64 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap();
    assert!(
        part.len() == 2 || part.len() == 5 && part.ends_with("000"),
        "{text}"
    );
    sign * (whole.parse::<i64>().unwrap() * 100 + part[..2].parse::<i64>().unwrap())
}

fn sum(rows: &[HashMap<String, String>], column: &str) -> i64 {
    rows.iter().map(|row| fen(&row[column])).sum()
}

#[tokio::test]
async fn the_same_seed_makes_the_same_history_to_the_byte() {
    let bill = |seed: u64, days: u32| async move {
        let world = World::with(|options| {
            small(options);
            options.seed = seed;
            options.days = days;
        })
        .await;
        let target = format!("/v3/bill/tradebill?bill_date={YESTERDAY}");
        world.merchant.bill(&target).await.unwrap()
    };
    let first = bill(5, 4).await;
    assert_eq!(first, bill(5, 4).await);
    assert_ne!(first, bill(6, 4).await);
    // What a shop sells on one day does not depend on how far back its history goes.
    let numbers = |bytes: &[u8]| -> HashSet<String> {
        read(bytes)
            .rows
            .iter()
            .map(|row| row["商户订单号"].clone())
            .collect()
    };
    assert!(numbers(&bill(5, 1).await).is_subset(&numbers(&first)));
}

/// A quiet day, whole: to be read by eye when it changes.
#[tokio::test]
async fn a_quiet_day_looks_like_this() {
    let world = World::with(|options| {
        options.days = 3;
        options.orders_per_day = 12;
        options.seed = 3;
    })
    .await;
    let mut shown = String::new();
    for kind in ["ALL", "SUCCESS", "REFUND", "FUND"] {
        let bill = world
            .control("bill", json!({"date": YESTERDAY, "bill_type": kind}))
            .await;
        shown.push_str(&format!(
            "== {kind}\n{}",
            bill.as_str().unwrap().replace('\r', "")
        ));
    }
    let books = world
        .control("books", json!({"date": YESTERDAY, "plant": true}))
        .await;
    shown.push_str(&format!("== books\n{}", books.as_str().unwrap()));
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn details_and_summaries_agree_in_all_three_layouts() {
    let world = World::with(|options| options.days = 2).await;
    let mut counts = BTreeMap::new();
    for kind in ["ALL", "SUCCESS", "REFUND"] {
        for zip in ["", "&tar_type=GZIP"] {
            let target = format!("/v3/bill/tradebill?bill_date={YESTERDAY}&bill_type={kind}{zip}");
            let bill = read(&world.merchant.bill(&target).await.unwrap());
            assert_eq!(bill.summary["总交易单数"], bill.rows.len().to_string());
            let columns: &[(&str, &str)] = match kind {
                "SUCCESS" => &[
                    ("应结订单总金额", "应结订单金额"),
                    ("手续费总金额", "手续费"),
                    ("订单总金额", "订单金额"),
                ],
                _ => &[
                    ("应结订单总金额", "应结订单金额"),
                    ("退款总金额", "退款金额"),
                    ("充值券退款总金额", "充值券退款金额"),
                    ("手续费总金额", "手续费"),
                    ("订单总金额", "订单金额"),
                    ("申请退款总金额", "申请退款金额"),
                ],
            };
            for (total, column) in columns {
                assert_eq!(
                    fen(&bill.summary[*total]),
                    sum(&bill.rows, column),
                    "{kind} {total}"
                );
            }
            counts.insert(kind, bill.rows.len());
        }
    }
    assert_eq!(counts["ALL"], counts["SUCCESS"] + counts["REFUND"]);
    assert!(
        counts["REFUND"] > 5 && counts["SUCCESS"] > 200,
        "{counts:?}"
    );
}

#[tokio::test]
async fn the_history_is_believable() {
    let world = World::with(|_| {}).await;
    let target = format!("/v3/bill/tradebill?bill_date={YESTERDAY}");
    let bill = read(&world.merchant.bill(&target).await.unwrap());
    let values = |column: &str| -> HashSet<&str> {
        bill.rows.iter().map(|row| row[column].as_str()).collect()
    };
    assert_eq!(
        values("交易类型"),
        HashSet::from(["JSAPI", "NATIVE", "APP", "MWEB"])
    );
    assert!(values("用户标识").len() > 50);
    assert!(
        values("商品名称").iter().any(|name| name.contains("\\ ")),
        "commas are cleaned"
    );
    assert!(values("退款状态").contains("PROCESSING") && values("退款状态").contains("SUCCESS"));
    assert_eq!(values("费率"), HashSet::from(["0.60%"]));
    let paid: Vec<_> = bill
        .rows
        .iter()
        .filter(|row| row["交易状态"] == "SUCCESS")
        .collect();
    let reduced = paid
        .iter()
        .filter(|row| row["应结订单金额"] != row["订单金额"])
        .count();
    assert!(reduced > 5, "{reduced} rows with another settlement amount");
    for row in &paid {
        let settlement = fen(&row["应结订单金额"]);
        assert_eq!(fen(&row["手续费"]), (settlement * 60 + 5_000) / 10_000);
        assert!(row["交易时间"].starts_with(YESTERDAY));
    }
    let noon = paid
        .iter()
        .filter(|row| row["交易时间"][11..13] == *"12")
        .count();
    let night = paid
        .iter()
        .filter(|row| row["交易时间"][11..13] == *"03")
        .count();
    assert!(
        noon > 10 * night.max(1),
        "{noon} at noon, {night} at three at night"
    );
    let state = world
        .control("orders", json!({"trade_state": "CLOSED", "limit": 1}))
        .await;
    assert!(state["total"].as_u64().unwrap() > 50, "abandoned orders");
    let today = world
        .control("orders", json!({"date": "2026-03-14", "limit": 1}))
        .await;
    let newest = today["orders"][0]["create_time"].as_str().unwrap();
    assert!(
        ("2026-03-14T09:00".."2026-03-14T10:31").contains(&newest),
        "{newest}"
    );
}

#[tokio::test]
async fn the_fund_flow_runs_on_from_day_to_day() {
    let world = World::with(small).await;
    let mut balance = None;
    for date in ["2026-03-10", "2026-03-11", "2026-03-12", YESTERDAY] {
        let target = format!("/v3/bill/fundflowbill?bill_date={date}&tar_type=GZIP");
        let bill = read(&world.merchant.bill(&target).await.unwrap());
        let mut sums = (0, 0);
        for row in &bill.rows {
            let amount = fen(&row["收支金额(元)"]);
            assert!(amount > 0);
            let signed = match row["收支类型"].as_str() {
                "收入" => {
                    sums.0 += amount;
                    amount
                }
                "支出" => {
                    sums.1 += amount;
                    -amount
                }
                other => panic!("{other}"),
            };
            let now = fen(&row["账户结余(元)"]);
            assert_eq!(now, balance.unwrap_or(2_000_000) + signed, "{row:?}");
            assert!(now >= 0);
            balance = Some(now);
        }
        assert_eq!(bill.summary["资金流水总笔数"], bill.rows.len().to_string());
        assert_eq!(fen(&bill.summary["收入金额"]), sums.0);
        assert_eq!(fen(&bill.summary["支出金额"]), sums.1);
        let target = format!("/v3/merchant/fund/dayendbalance/BASIC?date={date}");
        let end = world.merchant.call("GET", &target, None).await.json();
        assert_eq!(end["available_amount"].as_i64(), balance);
    }
}

#[tokio::test]
async fn when_there_is_a_bill_and_when_not() {
    let world = World::with(small).await;
    let merchant = &world.merchant;
    for (target, expected) in [
        ("/v3/bill/tradebill?bill_date=2026-03-14", "INVALID_REQUEST"),
        ("/v3/bill/tradebill?bill_date=2026-03-15", "INVALID_REQUEST"),
        ("/v3/bill/tradebill?bill_date=2025-12-13", "INVALID_REQUEST"),
        (
            "/v3/bill/tradebill?bill_date=2025-12-14",
            "NO_STATEMENT_EXIST",
        ),
        ("/v3/bill/tradebill?bill_date=20260313", "PARAM_ERROR"),
        ("/v3/bill/tradebill", "PARAM_ERROR"),
        (
            "/v3/bill/tradebill?bill_date=2026-03-13&bill_type=EVERY",
            "PARAM_ERROR",
        ),
        (
            "/v3/bill/tradebill?bill_date=2026-03-13&tar_type=ZIP",
            "PARAM_ERROR",
        ),
        (
            "/v3/bill/fundflowbill?bill_date=2026-03-13&account_type=FEES",
            "NO_STATEMENT_EXIST",
        ),
        (
            "/v3/bill/fundflowbill?bill_date=2026-03-13&account_type=MINE",
            "PARAM_ERROR",
        ),
    ] {
        assert_eq!(
            merchant.bill(target).await.unwrap_err(),
            expected,
            "{target}"
        );
    }
    world
        .control("settings", json!({"empty_day": "file"}))
        .await;
    let empty = merchant
        .bill("/v3/bill/tradebill?bill_date=2025-12-14")
        .await
        .unwrap();
    let empty = read(&empty);
    assert_eq!(
        (empty.rows.len(), empty.summary["总交易单数"].as_str()),
        (0, "0")
    );

    // The next morning: not before ten.
    world.pass(86_400 - 1_801).await;
    let early = world.merchant_at(86_400 - 1_801);
    let today = "/v3/bill/tradebill?bill_date=2026-03-14";
    assert_eq!(early.bill(today).await.unwrap_err(), "STATEMENT_CREATING");
    world.pass(1).await;
    assert!(early.bill(today).await.is_ok());
}

#[tokio::test]
async fn a_link_lives_five_minutes() {
    let world = World::with(small).await;
    let target = format!("/v3/bill/tradebill?bill_date={YESTERDAY}");
    let link = world.merchant.call("GET", &target, None).await.json();
    let url = link["download_url"].as_str().unwrap();
    let path = url.strip_prefix(&world.merchant.base_url).unwrap();
    let mut unsigned = world.merchant.draft("GET", path, None);
    unsigned.unset("Authorization");
    assert_eq!(world.merchant.send(unsigned).await.unwrap().status, 401);
    world.pass(300).await;
    assert_eq!(
        world.merchant_at(300).call("GET", path, None).await.status,
        200
    );
    world.pass(1).await;
    let got = world.merchant_at(301).call("GET", path, None).await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (400, "INVALID_REQUEST")
    );
}

#[tokio::test]
async fn a_bill_freezes_the_state_of_its_refunds() {
    let world = World::empty().await;
    world
        .control("settings", json!({"refund_seconds": 2 * 86_400}))
        .await;
    world.paid("ORD-00001", 10_000).await;
    world
        .merchant
        .refund("ORD-00001", "RF-1", 4_000, 10_000)
        .await;
    let target = "/v3/bill/tradebill?bill_date=2026-03-14&bill_type=REFUND";
    let mut seen = Vec::new();
    for day in 1..4 {
        world.pass(86_400).await;
        let merchant = world.merchant_at(day * 86_400);
        seen.push(merchant.bill(target).await.unwrap());
    }
    assert_eq!(
        seen[0], seen[2],
        "unchanged although the refund has succeeded"
    );
    let row = &read(&seen[0]).rows[0];
    assert_eq!(row["退款状态"], "PROCESSING");
    assert_eq!(row["手续费"], "-0.24000");
    assert_eq!(row["退款成功时间"], "");
}

/// A matching engine of thirty lines: payments by number, amount and paid or not; refunds by
/// number and amount.
fn differences(bill: &str, books: &str) -> BTreeMap<&'static str, u64> {
    let bill = read(bill.as_bytes());
    let mut channel: HashMap<String, String> = HashMap::new();
    let mut found: BTreeMap<&str, u64> = [
        "missing_in_ledger",
        "missing_in_channel",
        "amount_mismatch",
        "status_mismatch",
        "duplicate_in_ledger",
        "duplicate_in_channel",
    ]
    .map(|code| (code, 0))
    .into();
    let mut add = |code| *found.get_mut(code).unwrap() += 1;
    for row in &bill.rows {
        let refund = row["交易状态"] == "REFUND";
        let (key, amount) = if refund {
            (format!("R{}", row["商户退款单号"]), &row["申请退款金额"])
        } else {
            (format!("P{}", row["商户订单号"]), &row["订单金额"])
        };
        if channel.insert(key, amount.clone()).is_some() {
            add("duplicate_in_channel");
        }
    }
    let mut lines = books.lines();
    assert_eq!(
        lines.next(),
        Some("kind,out_trade_no,out_refund_no,amount,currency,status,created_at")
    );
    let mut seen = HashSet::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 7, "{line}");
        let payment = cells[0] == "payment";
        let key = if payment {
            format!("P{}", cells[1])
        } else {
            format!("R{}", cells[2])
        };
        if !seen.insert(key.clone()) {
            add("duplicate_in_ledger");
            continue;
        }
        match channel.get(&key) {
            None => add("missing_in_channel"),
            Some(amount) if amount != cells[3] => add("amount_mismatch"),
            Some(_) if payment && !matches!(cells[5], "SUCCESS" | "REFUND") => {
                add("status_mismatch");
            }
            Some(_) => {}
        }
    }
    let absent = channel.keys().filter(|key| !seen.contains(*key)).count() as u64;
    found.insert("missing_in_ledger", absent);
    found
}

#[tokio::test]
async fn clean_books_agree_and_planted_differences_are_all_and_only_found() {
    for seed in 1..=20 {
        let world = World::with(|options| {
            options.seed = seed;
            options.days = 3;
            options.orders_per_day = 120;
        })
        .await;
        for date in ["2026-03-12", YESTERDAY] {
            let text = |value: serde_json::Value| value.as_str().unwrap().to_owned();
            let bill = text(world.control("bill", json!({"date": date})).await);
            let clean = text(world.control("books", json!({"date": date})).await);
            let none = differences(&bill, &clean);
            assert!(
                none.values().all(|count| *count == 0),
                "seed {seed} {date}: {none:?}"
            );
            let books = text(
                world
                    .control("books", json!({"date": date, "plant": true}))
                    .await,
            );
            let planted = world.control("planted", json!({"date": date})).await;
            let found = json!(differences(&bill, &books));
            assert_eq!(found, planted["counts"], "seed {seed} {date}");
            for code in [
                "missing_in_ledger",
                "missing_in_channel",
                "amount_mismatch",
                "status_mismatch",
                "duplicate_in_ledger",
            ] {
                assert!(
                    found[code].as_u64().unwrap() > 0,
                    "seed {seed} {date}: no {code}"
                );
            }
            let again = text(
                world
                    .control("books", json!({"date": date, "plant": "1"}))
                    .await,
            );
            assert_eq!(books, again);
            let items = planted["items"].as_array().unwrap();
            let numbers: HashSet<&str> = items
                .iter()
                .map(|item| item["number"].as_str().unwrap())
                .collect();
            assert_eq!(numbers.len(), items.len(), "a number is used once");
        }
    }
}
