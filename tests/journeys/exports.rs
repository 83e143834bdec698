//! Files made to take along: what stands in them, what stopping leaves, and who may have them.

use std::io::Read as _;
use std::time::{Duration, Instant};

use calamine::{Data, Reader as _};
use serde_json::{Value, json};
use zf_crypto::digest::{hex_lower, sha256};

use crate::world::{Token, World, open_app, text};

fn orders() -> Value {
    json!({ "kind": "orders", "text": null, "account_id": null, "states": [], "date_from": null,
            "date_to": null, "amount_min_minor": null, "amount_max_minor": null, "cursor": null, "limit": 1 })
}

impl World {
    pub(crate) async fn export(&self, who: &Token, source: Value, format: &str) -> Value {
        self.ok(
            who,
            "exports.start",
            json!({ "source": source, "format": format, "language": "zh", "negative": "minus" }),
        )
        .await
    }

    async fn export_row(&self, who: &Token, export: &Value) -> Value {
        let list = self
            .ok(who, "exports.list", json!({ "cursor": null, "limit": 200 }))
            .await;
        list["exports"]
            .as_array()
            .unwrap()
            .iter()
            .find(|e| e["export_id"] == export["export_id"])
            .unwrap_or_else(|| panic!("not listed: {export}"))
            .clone()
    }

    /// Waits until an export is no longer running.
    pub(crate) async fn exported(&self, who: &Token, export: &Value) -> Value {
        let begun = Instant::now();
        loop {
            let row = self.export_row(who, export).await;
            if row["state"] != "running" {
                return row;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{row:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn export_bytes(&self, who: &Token, export: &Value) -> Vec<u8> {
        let held = self
            .ok(
                who,
                "exports.file",
                json!({ "export_id": export["export_id"] }),
            )
            .await;
        self.download(&held)
    }

    fn left_in_exports(&self) -> Vec<String> {
        std::fs::read_dir(self.home.join("exports"))
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }
}

/// The block above a table, and the table with its heading.
fn parse(bytes: &[u8]) -> (Vec<(String, String)>, Vec<Vec<String>>) {
    assert_eq!(&bytes[..3], b"\xef\xbb\xbf", "a byte order mark for Excel");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(&bytes[3..]);
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|r| r.unwrap().iter().map(str::to_owned).collect())
        .collect();
    let (about, table): (Vec<_>, Vec<_>) = rows.into_iter().partition(|r| r[0].starts_with('#'));
    (
        about
            .into_iter()
            .map(|r| (r[0].clone(), r[1].clone()))
            .collect(),
        table,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_come_out_as_they_stand_on_the_page_in_csv_and_in_excel() {
    let (world, date) = World::with_history().await;
    world.fetch(date, "trade").await.unwrap();
    let started = world.export(&world.clerk, orders(), "csv").await;
    let done = world.exported(&world.clerk, &started).await;
    assert_eq!(done["state"], "done", "{done:#}");
    let bytes = world.export_bytes(&world.clerk, &done).await;
    assert_eq!(done["sha256"], json!(hex_lower(&sha256(&bytes))));
    assert_eq!(done["bytes"], json!(bytes.len()));

    let (about, table) = parse(&bytes);
    let totals = world
        .ok(
            &world.clerk,
            "orders.totals",
            json!({ "text": null, "account_id": null, "states": [], "date_from": null, "date_to": null,
                    "amount_min_minor": null, "amount_max_minor": null }),
        )
        .await;
    let said = |name: &str| {
        about
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
            .unwrap_or_else(|| panic!("{name}: {about:?}"))
    };
    assert_eq!(said("#行数"), totals["total"].to_string());
    assert_eq!(said("#导出人"), "clerk");
    assert!(said("#时区").contains("UTC+8"));
    assert!(said("#数据截至").ends_with("+08:00"));
    assert_eq!(table.len() as u64 - 1, totals["total"].as_u64().unwrap());
    let column = |name: &str| table[0].iter().position(|h| h == name).unwrap();
    let (number, amount, payer) = (column("商户单号"), column("金额"), column("付款人（遮罩）"));
    let mut sum = 0;
    for row in &table[1..] {
        assert!(
            row[number].starts_with("=\""),
            "a number stays text: {row:?}"
        );
        assert!(
            row[payer].is_empty() || row[payer].starts_with("**"),
            "{row:?}"
        );
        sum += row[amount].replace('.', "").parse::<i64>().unwrap();
    }
    assert_eq!(done["sums"][0]["money"]["minor"], json!(sum));
    assert!(said("#合计 金额").starts_with(&format!("{}.{:02} CNY", sum / 100, sum % 100)));

    let started = world.export(&world.clerk, orders(), "xlsx").await;
    let done = world.exported(&world.clerk, &started).await;
    assert_eq!(done["state"], "done", "{done:#}");
    let bytes = world.export_bytes(&world.clerk, &done).await;
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("数据").unwrap();
    assert_eq!(sheet.height(), table.len());
    let mut cents = 0;
    for row in sheet.rows().skip(1) {
        assert!(matches!(row[number], Data::String(_)), "ids are text");
        let Data::Float(yuan) = row[amount] else {
            panic!("an amount is a number: {:?}", row[amount])
        };
        cents += format!("{yuan:.2}")
            .replace('.', "")
            .parse::<i64>()
            .unwrap();
    }
    assert_eq!(cents, sum);
    let about = book.worksheet_range("说明").unwrap();
    assert!(
        about
            .rows()
            .any(|r| r[0] == Data::String("行数".to_owned()))
    );
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_from_outside_is_never_a_formula() {
    let (world, date) = World::with_history().await;
    let csv = format!(
        "kind,out_trade_no,out_refund_no,amount,currency,status,created_at\n\
         payment,CLAIM-0001,,12.30,CNY,SUCCESS,{date}T12:00:00+08:00\n"
    );
    world.import(date, &csv).await.unwrap();
    let mut tx = world.app.store().begin().await.unwrap();
    sqlx::query("UPDATE orders SET goods = '=HYPERLINK(\"http://evil.example\")' WHERE order_no = 'CLAIM-0001'")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit_bookkeeping().await.unwrap();
    let mut search = orders();
    search["text"] = json!("CLAIM-0001");
    for format in ["csv", "xlsx"] {
        let started = world.export(&world.clerk, search.clone(), format).await;
        let done = world.exported(&world.clerk, &started).await;
        assert_eq!(done["rows"], 1, "{done:#}");
        let bytes = world.export_bytes(&world.clerk, &done).await;
        if format == "csv" {
            let (about, table) = parse(&bytes);
            assert_eq!(table[1][4], "'=HYPERLINK(\"http://evil.example\")");
            assert!(about.contains(&("#搜索".to_owned(), "CLAIM-0001".to_owned())));
        } else {
            let mut book: calamine::Xlsx<_> =
                calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
            let sheet = book.worksheet_range("数据").unwrap();
            assert!(matches!(&sheet[(1, 4)], Data::String(s) if s.starts_with('=')));
            assert_eq!(
                book.worksheet_formula("数据").unwrap().used_cells().count(),
                0
            );
        }
    }
}

/// A log long enough that an export of it takes many chunks.
async fn long_log(world: &World, rows: usize) {
    let ctx = zf_app::ctx::Ctx::timer(&world.app);
    let mut tx = world.app.store().begin().await.unwrap();
    for n in 0..rows {
        tx.audit(ctx.audit("test.fill", "thing", &n.to_string()))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

fn audit_search() -> Value {
    json!({ "kind": "audit", "text": null, "actor": null, "action": "test.fill", "object": null, "date_from": null,
            "date_to": null, "refused": false, "before_seq": null, "limit": 1 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_removes_the_half_file_and_a_pause_changes_nothing() {
    let world = World::new().await;
    long_log(&world, 8_000).await;
    let plain = world.export(&world.approver, audit_search(), "csv").await;
    let plain = world.exported(&world.approver, &plain).await;
    assert_eq!(plain["rows"], 8_000);

    let started = world.export(&world.approver, audit_search(), "csv").await;
    let task = json!({ "task_id": started["task_id"] });
    let paused = world.ok(&world.approver, "tasks.pause", task.clone()).await;
    assert_eq!(paused["state"], "paused", "{paused}");
    assert!(paused["done"].as_u64().unwrap() < 8_000);
    assert!(world.left_in_exports().iter().any(|f| f.ends_with(".rows")));
    let refused = world
        .refused(&world.clerk, "tasks.cancel", task.clone())
        .await;
    assert_eq!(refused, "task.not_yours");
    world.ok(&world.approver, "tasks.resume", task).await;
    let rested = world.exported(&world.approver, &started).await;
    assert_eq!(rested["state"], "done");
    let table = |bytes: Vec<u8>| parse(&bytes).1;
    assert_eq!(
        table(world.export_bytes(&world.approver, &rested).await),
        table(world.export_bytes(&world.approver, &plain).await),
        "a pause leaves no trace in the table"
    );

    let before = world.left_in_exports().len();
    let started = world.export(&world.approver, audit_search(), "xlsx").await;
    let task = json!({ "task_id": started["task_id"] });
    let paused = world.ok(&world.approver, "tasks.pause", task.clone()).await;
    let cancelled = world.ok(&world.approver, "tasks.cancel", task).await;
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    assert_eq!(
        cancelled["done"], paused["done"],
        "nothing more was written"
    );
    let row = world.exported(&world.approver, &started).await;
    assert_eq!(row["state"], "cancelled");
    assert_eq!(
        world.left_in_exports().len(),
        before,
        "no half file is left"
    );
    let code = world
        .refused(
            &world.approver,
            "exports.file",
            json!({ "export_id": row["export_id"] }),
        )
        .await;
    assert_eq!(code, "file.missing");
    world
        .ok(
            &world.approver,
            "exports.again",
            json!({ "export_id": row["export_id"] }),
        )
        .await;
    let again = world.exported(&world.approver, &row).await;
    assert_eq!(
        (&again["state"], &again["rows"]),
        (&json!("done"), &json!(8_000))
    );
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_cut_off_is_called_interrupted_and_made_again() {
    let world = World::new().await;
    long_log(&world, 8_000).await;
    let started = world.export(&world.approver, audit_search(), "csv").await;
    world
        .ok(
            &world.approver,
            "tasks.pause",
            json!({ "task_id": started["task_id"] }),
        )
        .await;
    if crate::databases::elsewhere().is_some() {
        // The copy of a home leaves its database where it is.
        return;
    }
    // As a kill leaves it: a copy of the home in the middle of the work.
    let copy = tempfile::tempdir().unwrap();
    for entry in ["desk.db", "desk.db-wal", "vault.json"] {
        let _ = std::fs::copy(world.home.join(entry), copy.path().join(entry));
    }
    std::fs::create_dir(copy.path().join("exports")).unwrap();
    for file in world.left_in_exports() {
        std::fs::copy(
            world.home.join("exports").join(&file),
            copy.path().join("exports").join(&file),
        )
        .unwrap();
    }
    let app = open_app(copy.path()).await;
    assert_eq!(
        std::fs::read_dir(copy.path().join("exports"))
            .unwrap()
            .count(),
        0,
        "the half file is gone"
    );
    let token = crate::world::sign_in(&app, "approver").await;
    let list = crate::world::call(
        &app,
        Some(&token),
        "exports.list",
        json!({ "cursor": null, "limit": 10 }),
    )
    .await
    .unwrap();
    assert_eq!(list["exports"][0]["state"], "interrupted", "{list:#}");
    let again = crate::world::call(
        &app,
        Some(&token),
        "exports.again",
        json!({ "export_id": started["export_id"] }),
    )
    .await
    .unwrap();
    assert_eq!(again["state"], "running");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_along_what_they_may_not_see() {
    let world = World::new().await;
    let code = world
        .refused(
            &world.clerk,
            "exports.start",
            json!({ "source": audit_search(), "format": "csv", "language": "zh", "negative": "minus" }),
        )
        .await;
    assert_eq!(code, "permission.denied");
    let started = world
        .export(&world.approver, json!({ "kind": "audit_chain" }), "jsonl")
        .await;
    let done = world.exported(&world.approver, &started).await;
    assert_eq!(done["state"], "done", "{done:#}");
    let reference = json!({ "export_id": done["export_id"] });
    for procedure in ["exports.file", "exports.remove", "exports.again"] {
        assert_eq!(
            world
                .refused(&world.clerk, procedure, reference.clone())
                .await,
            "request.not_found",
            "{procedure}"
        );
    }
    // The chain verifies from the file alone.
    let lines = String::from_utf8(world.export_bytes(&world.approver, &done).await).unwrap();
    let mut walk = zf_store::ChainWalk::default();
    for line in lines.lines() {
        assert!(walk.take(&zf_store::AuditRow::from_line(line).unwrap()));
    }
    assert_eq!(json!(walk.verdict().rows), done["rows"]);
    let gone = world.ok(&world.approver, "exports.remove", reference).await;
    assert_eq!(gone["state"], "removed");
    assert_eq!(gone["sha256"], done["sha256"], "what it was stays");
    assert_eq!(world.left_in_exports(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_hold_the_very_bytes_and_an_index() {
    let (world, date) = World::with_history().await;
    for kind in ["trade", "fund_flow"] {
        world.fetch(date, kind).await.unwrap();
    }
    let range = json!({ "kind": "bill_archive", "account_id": world.account_id, "date_from": date, "date_to": date });
    let started = world.export(&world.clerk, range, "zip").await;
    let done = world.exported(&world.clerk, &started).await;
    assert_eq!(
        (&done["state"], &done["rows"], &done["problems"]),
        (&json!("done"), &json!(2), &json!(0)),
        "{done:#}"
    );
    let bytes = world.export_bytes(&world.clerk, &done).await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let member = |zip: &mut zip::ZipArchive<_>, name: &str| {
        let mut out = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut out).unwrap();
        out
    };
    let index: Value = serde_json::from_slice(&member(&mut zip, "index.json")).unwrap();
    for file in index["files"].as_array().unwrap() {
        let inside = member(&mut zip, &text(&file["file"]));
        assert_eq!(file["sha256"], json!(hex_lower(&sha256(&inside))));
    }
    assert!(member(&mut zip, "index.csv").starts_with(b"\xef\xbb\xbf"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_issues_each_receipt_once_and_goes_on_where_it_was() {
    let world = World::new().await;
    let mut orders = Vec::new();
    for minor in 1..=3 {
        orders.push(world.paid_order(minor * 100).await);
    }
    world
        .ok(
            &world.clerk,
            "receipts.issue",
            json!({ "order_id": orders[0] }),
        )
        .await;
    let batch = world
        .ok(
            &world.clerk,
            "receipts.issue_batch",
            json!({ "order_ids": orders, "search": null, "title": "三笔" }),
        )
        .await;
    let ended = async |batch: &Value| {
        let begun = Instant::now();
        loop {
            let list = world.ok(&world.clerk, "receipts.batches", json!({})).await;
            let row = list["batches"]
                .as_array()
                .unwrap()
                .iter()
                .find(|b| b["batch_id"] == batch["batch_id"])
                .unwrap()
                .clone();
            if row["state"] != "running" {
                return row;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{row:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let row = ended(&batch).await;
    assert_eq!(
        [
            &row["state"],
            &row["issued"],
            &row["already"],
            &row["failed"]
        ],
        [&json!("done"), &json!(2), &json!(1), &json!(0)],
        "{row:#}"
    );
    // The same again: nothing is made twice.
    let again = world
        .ok(
            &world.clerk_2,
            "receipts.issue_batch",
            json!({ "order_ids": orders, "search": null, "title": "" }),
        )
        .await;
    let row = ended(&again).await;
    assert_eq!([&row["issued"], &row["already"]], [&json!(0), &json!(3)]);
    let page = world
        .ok(
            &world.clerk,
            "receipts.list",
            json!({ "text": null, "cursor": null, "limit": 10 }),
        )
        .await;
    assert_eq!(page["total"], 3);
    let rows = world
        .ok(
            &world.clerk,
            "receipts.batch_rows",
            json!({ "batch_id": batch["batch_id"], "outcome": null, "cursor": null, "limit": 10 }),
        )
        .await;
    let outcomes: Vec<String> = rows["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| text(&r["outcome"]))
        .collect();
    assert_eq!(outcomes, ["already", "issued", "issued"]);
    assert!(rows["rows"][2]["serial_no"].is_string());

    // All of them as one file: each still verifies.
    let source = json!({ "kind": "receipt_files", "text": null, "cursor": null, "limit": 1 });
    let started = world.export(&world.clerk, source, "zip").await;
    let done = world.exported(&world.clerk, &started).await;
    assert_eq!(
        (&done["rows"], &done["sums"][0]["money"]["minor"]),
        (&json!(3), &json!(600))
    );
    let bytes = world.export_bytes(&world.clerk, &done).await;
    let root = std::fs::read_to_string(world.home.join("receipts/root.pem")).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let pdfs: Vec<String> = zip
        .file_names()
        .map(|n| n.unwrap().into_owned())
        .filter(|n| n.ends_with(".pdf"))
        .collect();
    assert_eq!(pdfs.len(), 3);
    for name in pdfs {
        let mut pdf = Vec::new();
        zip.by_name(&name).unwrap().read_to_end(&mut pdf).unwrap();
        assert!(zf_app::verify_receipt(&pdf, &root).unwrap().valid, "{name}");
    }
    let none = world
        .refused(
            &world.clerk,
            "receipts.issue_batch",
            json!({ "order_ids": [], "search": null, "title": "" }),
        )
        .await;
    assert_eq!(none, "batch.empty");
    world.audit_holds().await;
}
