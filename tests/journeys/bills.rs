//! Bills: fetched, verified, archived; and every way in which one does not come.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::world::{World, text};

/// Files with this ending anywhere under a folder.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_verified_archived_untouched_and_taken_in_once() {
    let (world, date) = World::with_history().await;
    assert_eq!(world.cell(date, "trade").await["status"], "not_fetched");
    assert_eq!(
        world.cell(world.today(), "trade").await["status"],
        "not_due"
    );

    let bill = world.fetch(date, "trade").await.unwrap();
    assert_eq!(bill["status"], "verified");
    assert_eq!(bill["hash_verified"], true);
    assert!(bill["rows"].as_u64().unwrap() > 20, "{bill}");
    let totals = bill["totals"].as_array().unwrap();
    assert!(
        !totals.is_empty() && totals.iter().all(|t| t["agrees"] == true),
        "{totals:?}"
    );
    assert_eq!(world.cell(date, "trade").await["status"], "verified");

    // The archived bytes are the channel's own, and each row can be shown as it stands there.
    let file = world
        .ok(
            &world.clerk,
            "bills.export",
            json!({ "bill_id": bill["bill_id"] }),
        )
        .await;
    let archived = String::from_utf8(world.download(&file)).unwrap();
    let original = world
        .control("bill", json!({ "date": date, "bill_type": "ALL" }))
        .await;
    assert_eq!(archived, text(&original));
    let raw = world
        .ok(
            &world.clerk,
            "bills.raw",
            json!({ "bill_id": bill["bill_id"], "from_line": 2, "limit": 2 }),
        )
        .await;
    let wanted: Vec<&str> = archived.lines().skip(1).take(2).collect();
    assert_eq!(raw["lines"][0]["line_no"], 2);
    assert_eq!(raw["lines"][0]["text"], wanted[0]);
    assert_eq!(raw["lines"][1]["text"], wanted[1]);
    assert_eq!(raw["next_line"], 4);
    let named = bill["totals"].as_array().unwrap();
    assert!(
        !named.is_empty() && named.iter().all(|total| total["code"] != ""),
        "every total of the trailer has a name the console can word: {named:#?}"
    );
    let page = world
        .ok(
            &world.clerk,
            "bills.lines",
            json!({ "bill_id": bill["bill_id"], "text": null, "after_line": null, "limit": 5 }),
        )
        .await;
    for line in page["lines"].as_array().unwrap() {
        let raw = text(&line["raw"]);
        assert!(raw.contains(&text(&line["order_no"])), "{raw}");
        assert_eq!(
            archived
                .lines()
                .nth(line["line_no"].as_u64().unwrap() as usize - 1),
            Some(raw.as_str())
        );
    }

    // What it says reached the orders, with its proof.
    let number = text(&page["lines"][0]["order_no"]);
    let search = json!({ "text": number, "account_id": null, "states": [], "date_from": null, "date_to": null,
        "amount_min_minor": null, "amount_max_minor": null, "cursor": null, "limit": 10 });
    let found = world
        .ok(&world.clerk, "orders.search", search.clone())
        .await;
    assert_eq!(found["rows"].as_array().unwrap().len(), 1);
    let order = world
        .ok(
            &world.clerk,
            "orders.detail",
            json!({ "order_id": found["rows"][0]["order_id"] }),
        )
        .await;
    let events = order["timeline"].as_array().unwrap();
    let proof = events
        .iter()
        .filter(|e| e["kind"] == "bill_line")
        .collect::<Vec<_>>();
    assert_eq!(proof.len(), 1);
    assert_eq!(proof[0]["verified"], true);

    // Again: the same bytes change nothing.
    let again = world.fetch(date, "trade").await.unwrap();
    assert_eq!(again["bill_id"], bill["bill_id"]);
    assert_eq!(again["fetched_at"], bill["fetched_at"]);
    let order_again = world
        .ok(
            &world.clerk,
            "orders.detail",
            json!({ "order_id": found["rows"][0]["order_id"] }),
        )
        .await;
    assert_eq!(order_again["timeline"], order["timeline"]);
    assert_eq!(files(&world.home.join("bills"), ".csv").len(), 1);
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fund_flow_bill_has_an_unbroken_balance() {
    let (world, date) = World::with_history().await;
    for day in [date.plus_days(-1), date] {
        let bill = world.fetch(day, "fund_flow").await.unwrap();
        assert_eq!(bill["status"], "verified", "{bill}");
    }
    // The balance counts once every movement is tied to the trade bill.
    world.fetch(date, "trade").await.unwrap();
    let view = world.board(&world.clerk, date).await;
    let minor = |name: &str| view["balance"][name]["minor"].as_i64().unwrap();
    assert_eq!(
        minor("opening") + minor("collected") - minor("refunded") - minor("fees") + minor("other"),
        minor("closing")
    );
    let check = |kind: &str| {
        view["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["kind"] == kind)
            .unwrap()
            .clone()
    };
    assert_eq!(check("balance_continuous")["passed"], true, "{view:#}");
    let bill_id = world.cell(date, "fund_flow").await["bill_id"].clone();
    let page = world
        .ok(
            &world.clerk,
            "bills.lines",
            json!({ "bill_id": bill_id, "text": null, "after_line": null, "limit": 3 }),
        )
        .await;
    assert_eq!(page["lines"].as_array().unwrap().len(), 3);
    assert!(page["next_after_line"].is_number());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_still_being_made_is_no_failure() {
    let (world, date) = World::with_history().await;
    world
        .fault(json!({ "kind": "bill_not_ready", "on": "bill.trade", "times": 1 }))
        .await;
    let bill = world.fetch(date, "trade").await.unwrap();
    assert_eq!(bill["status"], "generating");
    assert!(bill["next_try_at"].is_string(), "{bill}");
    assert_eq!(world.cell(date, "trade").await["status"], "generating");
    let bill = world.fetch(date, "trade").await.unwrap();
    assert_eq!(bill["status"], "verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_other_than_promised_are_refused_and_kept_as_evidence() {
    for (kind, code) in [
        ("bill_corrupted", "bill.hash_mismatch"),
        ("bill_truncated", "bill.incomplete"),
    ] {
        let (world, date) = World::with_history().await;
        // Also the fresh attempt that follows at once.
        world.fault(json!({ "kind": kind, "times": 2 })).await;
        let error = world.fetch(date, "trade").await.unwrap_err();
        assert_eq!(error.code.text().code, code, "{kind}: {error}");
        let kept = files(&world.home.join("bills"), ".refused");
        assert_eq!(kept.len(), 1, "{kind}");
        assert_eq!(error.params["path"], kept[0].to_string_lossy());
        let cell = world.cell(date, "trade").await;
        assert_eq!(cell["status"], "refused", "{cell}");
        assert_eq!(cell["rows"], 0);

        // The right bytes come later; the evidence stays.
        let bill = world.fetch(date, "trade").await.unwrap();
        assert_eq!(bill["status"], "verified");
        assert_eq!(files(&world.home.join("bills"), ".refused"), kept);
        world.audit_holds().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_bill_is_not_lost_to_a_later_failure() {
    let (world, date) = World::with_history().await;
    let bill = world.fetch(date, "trade").await.unwrap();
    world
        .fault(json!({ "kind": "bill_corrupted", "times": 2 }))
        .await;
    world.fetch(date, "trade").await.unwrap_err();
    let detail = world
        .ok(
            &world.clerk,
            "bills.detail",
            json!({ "bill_id": bill["bill_id"] }),
        )
        .await;
    assert_eq!(detail["status"], "verified");
    assert_eq!(detail["sha256"], bill["sha256"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_trade_is_a_fact_of_its_own() {
    let (world, date) = World::with_history().await;
    let quiet = date.plus_days(-40);
    let bill = world.fetch(quiet, "trade").await.unwrap();
    assert_eq!(bill["status"], "no_trade", "{bill}");
    assert_eq!(world.cell(quiet, "trade").await["status"], "no_trade");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_not_over_has_no_bill() {
    let (world, _) = World::with_history().await;
    let error = world.fetch(world.today(), "trade").await.unwrap_err();
    assert_eq!(error.code.text().code, "bill.not_ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_may_look_and_not_fetch() {
    let (world, date) = World::with_history().await;
    let params = json!({ "account_id": world.account_id, "date": date, "kind": "trade" });
    assert_eq!(
        world.refused(&world.approver, "bills.fetch", params).await,
        "permission.denied"
    );
}

/// A file system of a few pages, where this machine lets a test mount one.
struct TinyDisk(PathBuf);

impl TinyDisk {
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"])
            .arg(at)
            .output();
        match done {
            Ok(output) if output.status.success() => Some(Self(at.to_owned())),
            Ok(output) => {
                eprintln!(
                    "skipped, no tmpfs: {}",
                    String::from_utf8_lossy(&output.stderr).trim()
                );
                None
            }
            Err(error) => {
                eprintln!("skipped, no mount: {error}");
                None
            }
        }
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_while_archiving_loses_nothing() {
    let (world, date) = World::with_history().await;
    let earlier = world.fetch(date.plus_days(-1), "fund_flow").await.unwrap();
    let folder = world
        .home
        .join("bills")
        .join(&world.account_id)
        .join("trade");
    let Some(disk) = TinyDisk::mount(&folder) else {
        return;
    };
    let error = world.fetch(date, "trade").await.unwrap_err();
    assert_eq!(error.code.text().code, "disk.full", "{error}");
    assert!(error.params["path"].contains("trade"), "{error}");
    assert_eq!(files(&folder, "").len(), 0, "nothing half-written stays");
    assert_eq!(world.cell(date, "trade").await["status"], "not_fetched");

    let books = world.home.join("books").join(&world.account_id);
    let books_disk = TinyDisk::mount(&books).expect("the second mount works as the first did");
    let csv = format!(
        "{}{}",
        world.books(date, false).await,
        ",,,,,,\n".repeat(4_000)
    );
    let error = world.import(date, &csv).await.unwrap_err();
    assert_eq!(error.code.text().code, "disk.full", "{error}");
    drop(books_disk);

    // With room again everything works, and what was there is still there.
    drop(disk);
    let bill = world.fetch(date, "trade").await.unwrap();
    assert_eq!(bill["status"], "verified");
    let still: Value = world
        .ok(
            &world.clerk,
            "bills.detail",
            json!({ "bill_id": earlier["bill_id"] }),
        )
        .await;
    assert_eq!(still, earlier);
    world.audit_holds().await;
}
