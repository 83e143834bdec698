//! `zf` as a script sees it: one JSON object on standard output, exit codes, clear refusals.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

const PASSWORD: &str = "zhangfang-demo";

fn zf(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zf"))
        .args(args)
        .env("ZF_PASSWORD", PASSWORD)
        .env("LANG", "C.UTF-8")
        .env_remove("LC_ALL")
        .env_remove("ZF_HOME")
        .output()
        .unwrap()
}

/// Runs with `--json`; standard output must be exactly one JSON object.
fn zf_json(args: &[&str]) -> (i32, Value) {
    let output = zf(&[args, &["--json"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|e| {
        panic!(
            "{args:?}: {e}\n{text}\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (output.status.code().unwrap(), value)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn demo(home: &Path, seed: u32) -> Value {
    let (exit, told) = zf_json(&["demo", "--home", text(home), "--seed", &seed.to_string()]);
    assert_eq!(exit, 0, "seed {seed}: {told}");
    told
}

/// The main job for twenty merchants: exactly the planted differences, every time.
#[test]
fn the_demo_finds_exactly_what_was_planted() {
    let folder = tempfile::tempdir().unwrap();
    let next = std::sync::atomic::AtomicU32::new(1);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    if seed > 20 {
                        return;
                    }
                    let told = demo(&folder.path().join(seed.to_string()), seed);
                    assert_eq!(told["reconciliation"], told["planted"], "seed {seed}");
                    let planted: u64 = told["planted"]
                        .as_object()
                        .unwrap()
                        .values()
                        .filter_map(Value::as_u64)
                        .sum();
                    assert!(planted > 0, "seed {seed} planted nothing");
                    assert_eq!(told["residual_minor"], 0, "seed {seed}");
                    assert_eq!(told["refund"]["status"], "success", "seed {seed}");
                    assert_eq!(told["bill"]["hash_verified"], true, "seed {seed}");
                    assert_eq!(told["receipt"]["valid"], true, "seed {seed}");
                    assert_eq!(told["close"]["locked"], true, "seed {seed}");
                    assert_eq!(told["audit"]["verified"], true, "seed {seed}");
                }
            });
        }
    });
}

/// One demo home, looked at from every side a script has.
#[test]
fn a_demo_home_under_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let told = demo(&home, 7);

    // The maker cannot approve through the command line either.
    let call = |login: &str, name: &str, params: Value| {
        zf_json(&[
            "call",
            name,
            &params.to_string(),
            "--login",
            login,
            "--home",
            text(&home),
        ])
    };
    let search = json!({ "text": null, "account_id": null, "states": ["paid"], "date_from": null, "date_to": null,
        "amount_min_minor": null, "amount_max_minor": null, "cursor": null, "limit": 1 });
    let (_, page) = call("xuzhixia", "orders.search", search);
    let (_, form) = call(
        "xuzhixia",
        "refunds.open",
        json!({ "order_id": page["rows"][0]["order_id"] }),
    );
    let ticked: Vec<&Value> = form["preflight"]["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["name"])
        .collect();
    let request = json!({ "refund_no": form["refund_no"],
        "content": { "amount_minor": 1, "reason_code": "test", "note": "script", "buyer_note": "" },
        "remaining_seen_minor": form["refundable"]["minor"], "acknowledged": ticked });
    let (exit, asked) = call("xuzhixia", "refunds.request", request);
    assert_eq!(exit, 0, "{asked}");
    let approval =
        json!({ "refund_no": form["refund_no"], "digest": asked["digest"], "comment": "" });
    let (exit, refused) = call("xuzhixia", "approvals.approve", approval);
    assert_eq!(
        (exit, &refused["error"]["code"]),
        (1, &json!("permission.denied")),
        "{refused}"
    );

    // The receipt: genuine as issued, refused when one byte differs.
    let receipt = told["receipt"]["path"].as_str().unwrap();
    let (exit, verdict) = zf_json(&["receipt", "verify", receipt, "--home", text(&home)]);
    assert_eq!(
        (exit, &verdict["valid"], &verdict["verdict"]),
        (0, &json!(true), &json!("genuine"))
    );
    let (exit, verdict) = zf_json(&["receipt", "verify", receipt]);
    assert_eq!(
        (exit, &verdict["verdict"]),
        (1, &json!("genuine_untrusted_signer")),
        "no root given"
    );
    let mut bytes = std::fs::read(receipt).unwrap();
    let at = bytes
        .windows(12)
        .position(|w| w == b"amount_minor")
        .map_or(2_000, |at| at + 15);
    bytes[at] ^= 1;
    let forged = folder.path().join("forged.pdf");
    std::fs::write(&forged, bytes).unwrap();
    let (exit, verdict) = zf_json(&["receipt", "verify", text(&forged), "--home", text(&home)]);
    assert_eq!((exit, &verdict["valid"]), (1, &json!(false)), "{verdict}");

    // The archive's bill, looked into.
    let bill = find(&home.join("bills"), ".csv").expect("an archived bill");
    let (exit, inspected) = zf_json(&["bill", "inspect", text(&bill)]);
    assert_eq!(
        (exit, &inspected["sound"]),
        (0, &json!(true)),
        "{inspected}"
    );

    // The database and the audit chain, sound and then not.
    assert_eq!(zf_json(&["db", "check", "--home", text(&home)]).0, 0);
    let (exit, audit) = zf_json(&["audit", "verify", "--home", text(&home)]);
    assert_eq!((exit, &audit["verified"]), (0, &json!(true)));
    let (exit, nothing) = zf_json(&[
        "audit",
        "verify",
        "--db",
        text(&folder.path().join("none.db")),
    ]);
    assert_eq!(
        (exit, &nothing["error"]["code"]),
        (2, &json!("file.unreadable"))
    );
}

fn find(folder: &Path, ending: &str) -> Option<std::path::PathBuf> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if let Some(found) = find(&path, ending) {
                return Some(found);
            }
        } else if path.to_string_lossy().ends_with(ending) {
            return Some(path);
        }
    }
    None
}

const LEDGER_HEAD: &str = "kind,out_trade_no,out_refund_no,amount,currency,status,created_at\n";

/// The sample bill of the vendor's page: two payments and a refund of 2026-03-14.
fn sample_bill() -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/wechatpay/trade_all.csv"),
    )
    .unwrap()
}

fn sample_ledger() -> String {
    format!(
        "{LEDGER_HEAD}payment,ORD20260314-0001,,100.00,CNY,SUCCESS,2026-03-14T09:12:00+08:00\n\
         payment,ORD20260314-0002,,50.00,CNY,SUCCESS,2026-03-14T11:40:00+08:00\n\
         refund,ORD20260314-0001,RF20260314-0001,40.00,CNY,SUCCESS,2026-03-14T15:40:00+08:00\n"
    )
}

fn reconcile(bill: &[u8], ledger: &[u8], more: &[&str]) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    let (b, l) = (
        folder.path().join("bill.csv"),
        folder.path().join("books.csv"),
    );
    std::fs::write(&b, bill).unwrap();
    std::fs::write(&l, ledger).unwrap();
    let args = [
        "reconcile",
        "--channel",
        "wechat_pay",
        "--bill",
        text(&b),
        "--ledger",
        text(&l),
    ];
    zf_json(&[&args, more].concat())
}

#[test]
fn reconcile_counts_and_its_exit_code() {
    let (exit, r) = reconcile(&sample_bill(), sample_ledger().as_bytes(), &["--strict"]);
    assert_eq!(exit, 0, "{r}");
    assert_eq!(
        (&r["matched"], &r["bill_rows"], &r["residual_minor"]),
        (&json!(3), &json!(3), &json!(0))
    );

    let one_fen_short = sample_ledger().replace("100.00", "99.99");
    let (exit, r) = reconcile(&sample_bill(), one_fen_short.as_bytes(), &[]);
    assert_eq!(
        (exit, &r["amount_mismatch"], &r["matched"]),
        (0, &json!(1), &json!(2)),
        "{r}"
    );
    let (exit, _) = reconcile(&sample_bill(), one_fen_short.as_bytes(), &["--strict"]);
    assert_eq!(exit, 1);

    let doubled = format!(
        "{}payment,ORD20260314-0002,,50.00,CNY,SUCCESS,2026-03-14T11:40:00+08:00\n",
        sample_ledger()
    );
    let (_, r) = reconcile(&sample_bill(), doubled.as_bytes(), &[]);
    assert_eq!(
        (&r["duplicate_in_ledger"], &r["matched"]),
        (&json!(1), &json!(3)),
        "{r}"
    );
}

fn books_fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/books")
        .join(name)
}

/// A container another program made is read; without its key, or changed, not one row is.
#[test]
fn reconcile_reads_encrypted_books() {
    let sealed = std::fs::read(books_fixture("house.zfb")).unwrap();
    let key = books_fixture("example.key");
    let (exit, r) = reconcile(
        &sample_bill(),
        &sealed,
        &["--strict", "--key-file", text(&key)],
    );
    assert_eq!(
        (exit, &r["matched"], &r["ledger_rows"]),
        (0, &json!(3), &json!(3)),
        "{r}"
    );

    let (exit, r) = reconcile(&sample_bill(), &sealed, &[]);
    assert_eq!(
        (exit, &r["error"]["code"]),
        (2, &json!("books.key_missing")),
        "{r}"
    );
    let mut changed = sealed.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    let (exit, r) = reconcile(&sample_bill(), &changed, &["--key-file", text(&key)]);
    assert_eq!(
        (exit, &r["error"]["code"]),
        (2, &json!("books.seal_broken")),
        "{r}"
    );
    assert!(!r.to_string().contains("000102030405"), "{r}");
}

#[test]
fn books_are_encrypted_and_decrypted() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let plain = books_fixture("house.csv");
    let (exit, opened) = zf_json(&[
        "books",
        "decrypt",
        "--key-file",
        text(&books_fixture("example.key")),
        text(&books_fixture("house.zfb")),
        text(&at("opened.csv")),
    ]);
    assert_eq!(
        (exit, &opened["key_name"]),
        (0, &json!("books-2026")),
        "{opened}"
    );
    assert_eq!(
        std::fs::read(at("opened.csv")).unwrap(),
        std::fs::read(&plain).unwrap()
    );

    let (exit, made) = zf_json(&["books", "key", text(&at("k"))]);
    assert_eq!(exit, 0, "{made}");
    assert!(
        !made
            .to_string()
            .contains(std::fs::read_to_string(at("k")).unwrap().trim())
    );
    // A key that is there is never overwritten.
    assert_ne!(zf_json(&["books", "key", text(&at("k"))]).0, 0);
    let (exit, r) = zf_json(&[
        "books",
        "encrypt",
        "--key-file",
        text(&at("k")),
        "--key-name",
        "mine",
        text(&plain),
        text(&at("c.zfb")),
    ]);
    assert_eq!((exit, &r["fingerprint"]), (0, &made["fingerprint"]), "{r}");
    let decrypt = |key: &Path, out: &str| {
        zf_json(&[
            "books",
            "decrypt",
            "--key-file",
            text(key),
            text(&at("c.zfb")),
            text(&at(out)),
        ])
    };
    let (exit, r) = decrypt(&books_fixture("example.key"), "no.csv");
    assert_eq!(
        (exit, &r["error"]["code"]),
        (2, &json!("books.seal_broken")),
        "{r}"
    );
    assert!(!at("no.csv").exists());
    assert_eq!(decrypt(&at("k"), "yes.csv").0, 0);
    assert_eq!(
        std::fs::read(at("yes.csv")).unwrap(),
        std::fs::read(&plain).unwrap()
    );
}

/// A workbook with the house's own columns, through a mapping file.
#[test]
fn reconcile_reads_a_workbook_through_a_mapping() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for (column, name) in (0..).zip(["订单", "退款单", "类型", "金额", "状态", "时间"])
    {
        sheet.write_string(0, column, name).unwrap();
    }
    for (row, (order, refund, kind, amount)) in (1..).zip([
        ("ORD20260314-0001", "", "收", 100.0),
        ("ORD20260314-0002", "", "收", 49.99),
        ("ORD20260314-0001", "RF20260314-0001", "退", 40.0),
    ]) {
        for (column, cell) in (0..).zip([order, refund, kind]) {
            sheet.write_string(row, column, cell).unwrap();
        }
        sheet.write_number(row, 3, amount).unwrap();
        sheet.write_string(row, 4, "完成").unwrap();
        sheet
            .write_number_with_format(row, 5, 46095.5, &date)
            .unwrap();
    }
    sheet.write_number(4, 0, 123_456_789_012_345_678.0).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("mapping.json");
    std::fs::write(
        &mapping,
        r#"{"columns": {"kind": "类型", "order_no": "订单", "refund_no": "退款单", "amount": "金额",
             "currency": null, "status": "状态", "created_at": "时间"},
            "kinds": {"收": "payment", "退": "refund"}, "statuses": {"完成": "done"},
            "time_format": "local", "constant_currency": "CNY"}"#,
    )
    .unwrap();
    let (exit, r) = reconcile(
        &sample_bill(),
        &bytes,
        &["--mapping", text(&mapping), "--lang", "en"],
    );
    assert_eq!(exit, 0, "{r}");
    assert_eq!(
        (&r["matched"], &r["amount_mismatch"], &r["ledger_rows"]),
        (&json!(2), &json!(1), &json!(3)),
        "{r}"
    );
    assert_eq!(
        (&r["faults"][0]["line"], &r["faults"][0]["column"]),
        (&json!(5), &json!("Sheet1!A5 订单")),
        "{r}"
    );

    // Without the mapping, or cut, the file is refused by name.
    for (bytes, more, word) in [
        (&bytes[..], &[][..], "header lacks"),
        (
            &bytes[..bytes.len() / 2],
            &["--mapping", text(&mapping)][..],
            "workbook cannot be read",
        ),
    ] {
        let (exit, r) = reconcile(&sample_bill(), bytes, more);
        assert_eq!(
            (exit, &r["error"]["code"]),
            (2, &json!("file.refused")),
            "{r}"
        );
        assert!(
            r.to_string().contains(word) && r.to_string().contains("books.csv"),
            "{r}"
        );
    }
}

/// Bad input: each names file, line, column or field and what to do.
#[test]
fn bad_files_are_refused_by_name() {
    let bill = sample_bill();
    let ledger = sample_ledger();
    let mut gbk = LEDGER_HEAD.as_bytes().to_vec();
    gbk.extend(b"payment,\xc9\xcc\xc6\xb7\xb5\xc4\xc3\xfb\xd7\xd6,,1.00,CNY,SUCCESS,2026-03-14T09:12:00+08:00\n");
    let truncated = bill[..bill.len() - 120].to_vec();
    let amount = |text: &str| ledger.replacen("50.00", text, 1).into_bytes();
    // name, bill, ledger, what the JSON text must mention
    type Case = (&'static str, Vec<u8>, Vec<u8>, Vec<&'static str>);
    let cases: Vec<Case> = vec![
        (
            "truncated bill",
            truncated,
            ledger.clone().into(),
            vec!["bill.csv"],
        ),
        (
            "wrong header",
            bill.clone(),
            b"a,b,c\n1,2,3\n".to_vec(),
            vec!["books.csv", "kind"],
        ),
        ("gbk books", bill.clone(), gbk, vec!["books.csv", "GBK"]),
        (
            "exponent",
            bill.clone(),
            amount("1e3"),
            vec!["books.csv", "1e3", "amount", "3"],
        ),
        (
            "negative",
            bill.clone(),
            amount("-0.01"),
            vec!["books.csv", "-0.01", "amount", "3"],
        ),
        (
            "thousands",
            bill.clone(),
            amount("\"1,234.5\""),
            vec!["books.csv", "1,234.5", "amount", "3"],
        ),
        (
            "not a bill",
            b"<html>busy</html>".to_vec(),
            ledger.clone().into(),
            vec!["bill.csv"],
        ),
        (
            "empty bill",
            Vec::new(),
            ledger.clone().into(),
            vec!["bill.csv"],
        ),
    ];
    for (name, bill, ledger, mentions) in cases {
        let (exit, reply) = reconcile(&bill, &ledger, &["--strict"]);
        assert_ne!(exit, 0, "{name}: {reply}");
        let text = reply.to_string();
        for word in mentions {
            assert!(text.contains(word), "{name}: {word:?} is not in {text}");
        }
    }
}

/// The published documentation key and signature, through the command line.
#[test]
fn debug_sign_gives_the_published_signature() {
    let spec = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/fixtures/wechatpay/doc_private_key.pem"),
    );
    let Ok(pem) = spec else {
        panic!("tests/fixtures/wechatpay/doc_private_key.pem is missing")
    };
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    std::fs::write(&key, pem).unwrap();
    let (exit, signed) = zf_json(&[
        "debug",
        "sign",
        "--key",
        text(&key),
        "--mchid",
        "1900007291",
        "--serial",
        "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB",
        "--timestamp",
        "1554208460",
        "--nonce",
        "593BEC0C930BF1AFEB40B4A08C8FB242",
        "GET",
        "/v3/refund/domestic/refunds/123123123123",
    ]);
    assert_eq!(exit, 0, "{signed}");
    assert!(
        signed["signature"]
            .as_str()
            .unwrap()
            .starts_with("Lc9VXxmeonkd"),
        "{signed}"
    );
    assert!(!signed.to_string().contains("PRIVATE KEY"));

    // A certificate given where a key belongs is named for what it is.
    let wrong = folder.path().join("wrong.pem");
    std::fs::write(
        &wrong,
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let (exit, refused) = zf_json(&[
        "debug",
        "sign",
        "--key",
        text(&wrong),
        "--mchid",
        "1",
        "--serial",
        "1",
        "GET",
        "/",
    ]);
    assert_eq!(
        (exit, &refused["error"]["code"]),
        (2, &json!("key.unusable")),
        "{refused}"
    );
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("certificate"),
        "{refused}"
    );
}
