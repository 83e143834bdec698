//! What leaves the workbench and the close: the report of a day, the evidence of a difference, and lists
//! of any length.

use std::io::{Cursor, Read as _};

use calamine::Reader as _;
use serde_json::{Value, json};
use zf_crypto::digest::{hex_lower, sha256, sm3};

use crate::world::{World, text};

fn workbook(bytes: &[u8]) -> Vec<(String, Vec<Vec<String>>)> {
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let names = book.sheet_names();
    names
        .into_iter()
        .map(|name| {
            let range = book.worksheet_range(&name).unwrap();
            let rows = range
                .rows()
                .map(|row| row.iter().map(ToString::to_string).collect())
                .collect();
            (name, rows)
        })
        .collect()
}

impl World {
    async fn report(&self, date: &Value, format: &str) -> (Value, Vec<u8>) {
        let made = self
            .ok(
                &self.clerk,
                "close.report",
                json!({ "account_id": self.account_id, "date": date, "format": format }),
            )
            .await;
        let bytes = self.download(&made["file"]);
        assert_eq!(made["sha256"], hex_lower(&sha256(&bytes)).as_str());
        (made, bytes)
    }

    async fn judged(&self, name: &str, bytes: &[u8]) -> Value {
        let token = self.upload(name, bytes);
        self.ok(
            &self.clerk,
            "receipts.verify",
            json!({ "file_token": token }),
        )
        .await
    }
}

fn field<'a>(judged: &'a Value, name: &str) -> &'a str {
    judged["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["name"] == name)
        .unwrap_or_else(|| panic!("no {name}: {judged:#}"))["value"]
        .as_str()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_report_is_a_draft_before_the_lock_and_the_last_word_after() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let rows = world.differences(&run).await;
    let day = json!(date);

    let draft = world
        .ok(&world.clerk, "close.preview", world.day(date))
        .await;
    assert_eq!(draft["last_word"], false);
    assert_eq!(draft["mark"], "预览 · 未锁账");
    let (made, pdf) = world.report(&day, "pdf").await;
    assert_eq!(made["last_word"], false);
    assert!(made["file"]["name"].as_str().unwrap().contains("preview"));
    let judged = world.judged("draft.pdf", &pdf).await;
    assert_eq!(judged["valid"], true, "{judged:#}");
    assert_eq!(field(&judged, "report_final"), "false");

    // Suspended by one person, signed by two: the report is the last word.
    world.suspend(&rows).await;
    let ready = world.board(&world.clerk, date).await;
    let sign = world.sign_off(date, &ready["digest"]);
    world
        .ok(&world.clerk, "close.sign_maker", sign.clone())
        .await;
    let closed = world.ok(&world.approver, "close.sign_checker", sign).await;
    let digest = text(&closed["digest"]);
    let (made, pdf) = world.report(&day, "pdf").await;
    assert_eq!(made["last_word"], true);
    assert_eq!(made["digest"], digest.as_str());
    let judged = world.judged("close.pdf", &pdf).await;
    assert_eq!(judged["verdict"], "genuine", "{judged:#}");
    assert_eq!(field(&judged, "report_title"), "日结报告");
    assert_eq!(field(&judged, "report_digest"), digest);
    assert_eq!(field(&judged, "report_final"), "true");
    // The file itself carries the text two people signed, and shows its digest on every page.
    let roots = zf_app::trusted_roots(&world.app).await.unwrap();
    let stated = zf_receipts::verify(&pdf, &roots, None).report.unwrap();
    assert_eq!(hex_lower(&sm3(stated.content.unwrap().as_bytes())), digest);
    for page in &stated.pages {
        assert!(page.iter().any(|t| t.replace(' ', "").contains(&digest)));
    }
    let said: Vec<&String> = stated.pages.iter().flatten().collect();
    let number = text(&rows[0]["number"]);
    assert!(
        said.iter().any(|t| t.contains(&number[..12])),
        "open items are listed"
    );
    let mut altered = pdf.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    assert_eq!(world.judged("x.pdf", &altered).await["valid"], false);

    // What happens to a difference after the lock does not reach back.
    let (_, xlsx) = world.report(&day, "xlsx").await;
    let sheets = workbook(&xlsx);
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["概要", "检查清单", "未清项", "处理记录", "签署"]);
    let open = &sheets[2].1;
    assert_eq!(open[1].len(), 11);
    let listed = open
        .iter()
        .filter(|row| rows.iter().any(|r| r["number"] == row[2].as_str()))
        .count();
    assert_eq!(listed, rows.len(), "every open item, its number as text");
    let trailer = |name: &str| {
        open.iter()
            .find(|row| row[0].starts_with(name))
            .unwrap_or_else(|| panic!("no {name}: {open:?}"))[1]
            .clone()
    };
    assert_eq!(trailer("行数"), rows.len().to_string());
    assert_eq!(trailer("日结指纹"), digest);
    assert_eq!(trailer("各行内容 SHA-256").len(), 64);
    assert!(sheets[3].1[0][0].contains("UTC+08:00"));
    world.audit_holds().await;
}

fn unzip(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_has_its_evidence_also_without_an_order() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let rows = world.differences(&run).await;
    world.suspend(&rows[..1]).await;
    for row in &rows {
        let made = world
            .ok(
                &world.clerk,
                "recon.evidence",
                json!({ "difference_id": row["difference_id"] }),
            )
            .await;
        let bytes = world.download(&made["file"]);
        assert_eq!(made["sha256"], hex_lower(&sha256(&bytes)).as_str());
        let parts = unzip(&bytes);
        assert_eq!(made["parts"], parts.len());
        let part = |name: &str| -> Value {
            let (_, bytes) = parts
                .iter()
                .find(|(n, _)| n == name)
                .unwrap_or_else(|| panic!("no {name} for {row}"));
            serde_json::from_slice(bytes).unwrap()
        };
        let manifest = part("manifest.json");
        for named in manifest["parts"].as_array().unwrap() {
            let (_, bytes) = parts
                .iter()
                .find(|(n, _)| named["name"] == n.as_str())
                .unwrap();
            assert_eq!(named["sha256"], hex_lower(&sha256(bytes)).as_str());
        }
        let lines = part("bill_lines.json");
        for (side, kind) in [("channel", "trade"), ("ledger", "books")] {
            let Some(line_no) = row[side]["line_no"].as_u64() else {
                continue;
            };
            let line = lines
                .as_array()
                .unwrap()
                .iter()
                .find(|l| l["bill"] == kind && l["line"] == line_no)
                .unwrap_or_else(|| panic!("no {kind} line {line_no}: {lines:#}"));
            assert_eq!(line["file_sha256"].as_str().unwrap().len(), 64);
            let (_, raw) = parts
                .iter()
                .find(|(n, _)| line["part"] == n.as_str())
                .unwrap();
            let number = text(&row["number"]);
            assert!(String::from_utf8_lossy(raw).contains(&number));
        }
        assert_eq!(
            part("difference.json")["difference"]["number"],
            row["number"]
        );
        assert!(part("notices.json")["received"].is_u64());
        let known = parts.iter().any(|(n, _)| n == "order.json");
        assert_eq!(known, !row["order_id"].is_null());
        let done = part("resolutions.json").as_array().unwrap().len();
        assert_eq!(
            done,
            usize::from(row["difference_id"] == rows[0]["difference_id"])
        );
        assert!(
            !part("audit.json").as_array().unwrap().is_empty(),
            "the run is on record"
        );
    }
}

/// Adds so many differences to the store, past the desk.
async fn plant(world: &World, run: &Value, many: u64) {
    let pool = world.app.store().pool();
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
         INSERT INTO differences (id, run_id, account_id, date, position, code, bucket, kind, number, order_no, currency,
            gap_minor, channel_line, channel_currency, channel_minor, channel_state, channel_at, disposition)
         SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8' ||
                      substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
                r.id, r.account_id, r.date, 100000 + i, 'missing_in_ledger', 'missing_in_ledger', 'payment',
                '0042' || printf('%016d', i), '', 'CNY', i, i, 'CNY', i, 'done', 0, 'open'
         FROM n, recon_runs r WHERE r.id = $2",
    )
    .bind(i64::try_from(many).unwrap())
    .bind(text(&run["run_id"]))
    .execute(pool)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_thousand_differences_come_out_of_one_moment() {
    const MANY: u64 = 200_000;
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let before = world.differences(&run).await.len() as u64;
    plant(&world, &run, MANY).await;
    let before_kb = resident_kb();
    let pool = json!({ "kind": "pool", "account_id": world.account_id, "status": null, "codes": [], "text": null,
                       "cursor": null, "limit": 200 });
    let started = world.export(&world.clerk, pool, "csv").await;
    // What changes while the file is written is not in it: 50 rows are settled meanwhile.
    loop {
        let tasks = world.ok(&world.clerk, "tasks.list", json!({})).await;
        let writing = |t: &Value| t["label"] == "writing" || t["finished"] == true;
        if tasks["tasks"].as_array().unwrap().iter().any(writing) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    sqlx::query(
        "UPDATE differences SET disposition = 'resolved' WHERE position BETWEEN 299000 AND 299049",
    )
    .execute(world.app.store().pool())
    .await
    .unwrap();
    let done = loop {
        let list = json!({ "cursor": null, "limit": 10 });
        let list = world.ok(&world.clerk, "exports.list", list).await;
        let of = |e: &&Value| e["export_id"] == started["export_id"];
        let row = list["exports"].as_array().unwrap().iter().find(of);
        match row {
            Some(row) if row["state"] != "running" => break row.clone(),
            _ => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    };
    assert_eq!(done["state"], "done", "{done:#}");
    assert_eq!(done["rows"], MANY + before);
    let grown = resident_kb().saturating_sub(before_kb);
    assert!(grown < 200_000, "grew by {grown} KiB");
    let held = world
        .ok(
            &world.clerk,
            "exports.file",
            json!({ "export_id": done["export_id"] }),
        )
        .await;
    let csv = String::from_utf8(world.download(&held)).unwrap();
    assert!(csv.contains("=\"\"0042"), "an id keeps its zeros as text");
    assert_eq!(csv.matches("=\"\"0042").count() as u64, MANY);
    assert!(csv.contains("各行内容 SHA-256"));
    assert!(csv.contains("#合计 渠道减我方"));
}

/// Memory of this process, KiB; 0 where the system does not say.
fn resident_kb() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .and_then(|l| l.split_whitespace().next())
        .and_then(|n| n.parse().ok())
        .unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_comes_out_with_its_people() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let rows = world.differences(&run).await;
    world.suspend(&rows[..2]).await;
    let source = json!({ "kind": "resolutions", "account_id": world.account_id, "state": null, "text": null,
                         "cursor": null, "limit": 200 });
    let started = world.export(&world.clerk, source, "xlsx").await;
    let done = world.exported(&world.clerk, &started).await;
    assert_eq!(done["rows"], 2, "{done:#}");
    let held = world
        .ok(
            &world.clerk,
            "exports.file",
            json!({ "export_id": done["export_id"] }),
        )
        .await;
    let sheets = workbook(&world.download(&held));
    let row = &sheets[0].1[1];
    assert_eq!(row[5], "挂账等待");
    assert_eq!(row[9], "已生效");
    assert_eq!(row[10], "clerk");
    assert!(rows.iter().any(|r| r["number"] == row[4].as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_number_finds_its_difference_and_the_largest_come_first() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let rows = world.differences(&run).await;
    let ask = |text: Value, sort: &str, cursor: Value, limit: u32| {
        json!({ "run_id": run["run_id"], "codes": [], "disposition": null, "text": text, "sort": sort,
                "cursor": cursor, "limit": limit })
    };
    let with_channel = rows.iter().find(|r| !r["channel"].is_null()).unwrap();
    for number in [&with_channel["number"], &with_channel["channel"]["number"]] {
        let found = world
            .ok(
                &world.clerk,
                "recon.differences",
                ask(number.clone(), "position", Value::Null, 200),
            )
            .await;
        assert!(
            found["rows"]
                .as_array()
                .unwrap()
                .iter()
                .any(|r| r["difference_id"] == with_channel["difference_id"]),
            "{number}: {found:#}"
        );
        assert_eq!(found["total"], found["rows"].as_array().unwrap().len());
    }
    let mut sizes = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = world
            .ok(
                &world.clerk,
                "recon.differences",
                ask(Value::Null, "largest", cursor, 2),
            )
            .await;
        for row in page["rows"].as_array().unwrap() {
            sizes.push(row["gap"]["minor"].as_i64().unwrap().abs());
        }
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(sizes.len(), rows.len());
    assert!(sizes.windows(2).all(|w| w[0] >= w[1]), "{sizes:?}");
}
