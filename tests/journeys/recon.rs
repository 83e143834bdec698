//! Reconciliation: every planted difference found, nothing else, and what people make of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::day::counts;
use crate::world::{World, text};

/// What a run found against what the sandbox planted, number by number.
#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_planted_differences_are_found() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let planted = world.control("planted", json!({ "date": date })).await;
    let mut wanted: BTreeMap<(String, String), u64> = BTreeMap::new();
    for plant in planted["items"]
        .as_array()
        .unwrap_or_else(|| panic!("{planted:#}"))
    {
        *wanted
            .entry((text(&plant["code"]), text(&plant["number"])))
            .or_default() += 1;
    }
    let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
    let rows = world.differences(&run).await;
    for row in &rows {
        *found
            .entry((text(&row["code"]), text(&row["number"])))
            .or_default() += 1;
    }
    assert_eq!(found, wanted);
    assert!(!wanted.is_empty());
    assert_eq!(run["residual"]["minor"], 0);
    assert_eq!(run["open_differences"], rows.len());

    // The waterfall leads from the channel's net to ours, every step named.
    let steps = run["waterfall"].as_array().unwrap();
    let minor = |step: &Value| step["minor"].as_i64().unwrap();
    let (first, last) = (&steps[0], &steps[steps.len() - 1]);
    assert_eq!(first["name"], "channel_net");
    assert_eq!(last["name"], "residual");
    let ledger = &steps[steps.len() - 2];
    assert_eq!(ledger["name"], "ledger_net");
    let walked: i64 = steps[..steps.len() - 2].iter().map(minor).sum();
    assert_eq!(walked, minor(ledger), "{steps:#?}");

    // Each difference shows both sides as they stand in their files.
    for row in &rows {
        let detail = world
            .ok(
                &world.clerk,
                "recon.difference",
                json!({ "difference_id": row["difference_id"] }),
            )
            .await;
        for side in ["channel", "ledger"] {
            let shown = &detail["row"][side];
            if !shown.is_null() {
                assert!(
                    text(&shown["raw"]).contains(&text(&row["number"])),
                    "{detail:#}"
                );
            }
        }
        assert!(!text(&detail["likely_cause"]).is_empty());
        assert_eq!(text(&detail["bill_sha256"]).len(), 64);
    }

    // The orders know.
    let search = |number: &Value| {
        json!({ "text": number, "account_id": null, "states": [], "date_from": null, "date_to": null,
                "amount_min_minor": null, "amount_max_minor": null, "cursor": null, "limit": 10 })
    };
    let missing = rows
        .iter()
        .find(|r| r["code"] == "missing_in_ledger" && r["kind"] == "payment")
        .unwrap();
    let order = world
        .ok(&world.clerk, "orders.search", search(&missing["number"]))
        .await;
    assert_eq!(order["rows"][0]["reconciliation"], "missing_in_ledger");

    let file = world
        .ok(
            &world.clerk,
            "recon.export",
            json!({ "run_id": run["run_id"] }),
        )
        .await;
    let csv = String::from_utf8(world.download(&file)).unwrap();
    assert!(csv.starts_with('\u{feff}') && csv.contains(&text(&run["run_digest"])));
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_books_leave_nothing_open_and_a_repeated_import_changes_nothing() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, false).await;
    assert_eq!(counts(&run), []);
    let csv = world.books(date, false).await;
    let again = world.import(date, &csv).await.unwrap();
    assert_eq!(again["already_imported"], true);
    let day = world.ok(&world.clerk, "recon.day", world.day(date)).await;
    assert_eq!(day["runs"].as_array().unwrap().len(), 1);
    let second = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    assert_eq!(second["number"], 2);
    assert_eq!(second["run_digest"], run["run_digest"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_lacking_a_side_says_which() {
    let (world, date) = World::with_history().await;
    let error = world
        .call(&world.clerk, "recon.run", world.day(date))
        .await
        .unwrap_err();
    assert_eq!(error.code.text().code, "recon.inputs_missing");
    assert!(error.params["missing"].contains("bill and books"));
    world
        .import(date, &world.books(date, false).await)
        .await
        .unwrap();
    let error = world
        .call(&world.clerk, "recon.run", world.day(date))
        .await
        .unwrap_err();
    assert!(error.params["missing"].contains("/ bill"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_is_undone_by_one_call_and_outlives_a_new_run() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let rows = world.differences(&run).await;
    let result = world.suspend(&rows[..2]).await;
    assert_eq!(result["done"], 2);
    assert!(result["sums"][0]["money"]["minor"].as_i64().unwrap() > 0);

    // The pool counts what has an owner apart from what has none, over all days.
    let pool = world.ok(&world.clerk, "recon.pool", world.day(date)).await;
    assert_eq!(pool["broken"]["count"], rows.len() - 2, "{pool:#}");
    assert_eq!(pool["broken"]["of_day"], rows.len() - 2);
    assert_eq!(pool["suspended"]["count"], 2);
    assert_eq!(pool["overdue"]["count"], 0);
    let listed = |status: &'static str, cursor: Value| {
        let world = &world;
        async move {
            world
                .ok(
                    &world.clerk,
                    "recon.pool_differences",
                    json!({ "account_id": world.account_id, "status": status, "codes": [], "text": null,
                            "cursor": cursor, "limit": 1 }),
                )
                .await
        }
    };
    let first = listed("suspended", Value::Null).await;
    assert_eq!(first["total"], 2);
    assert_eq!(first["rows"][0]["status"], "suspended");
    let second_page = listed("suspended", first["next_cursor"].clone()).await;
    assert_ne!(
        second_page["rows"][0]["difference_id"],
        first["rows"][0]["difference_id"]
    );
    assert_eq!(listed("overdue", Value::Null).await["total"], 0);

    // The largest gap first, page by page; and any number of the channel finds its row.
    let ask = async |text: &str, cursor: Value| {
        world
            .ok(
                &world.clerk,
                "recon.pool_differences",
                json!({ "account_id": world.account_id, "status": null, "codes": [], "text": text,
                        "sort": "largest", "cursor": cursor, "limit": 2 }),
            )
            .await
    };
    let (mut sizes, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let page = ask("", cursor).await;
        assert_eq!(page["total"], rows.len(), "every page says how many in all");
        for row in page["rows"].as_array().unwrap() {
            sizes.push(row["gap"]["minor"].as_i64().unwrap().abs());
        }
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(sizes.len(), rows.len());
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    let paid = rows.iter().find(|row| !row["channel"].is_null()).unwrap();
    let found = ask(paid["channel"]["number"].as_str().unwrap(), Value::Null).await;
    assert_eq!(found["total"], 1);
    assert_eq!(found["rows"][0]["difference_id"], paid["difference_id"]);

    // A new run finds the same differences: what was decided about them stays.
    let second = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    assert_eq!(second["open_differences"], rows.len() - 2);
    let kept: Vec<Value> = world
        .differences(&second)
        .await
        .into_iter()
        .filter(|row| row["disposition"] == "suspended")
        .collect();
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0]["owner"], "clerk");
    assert_eq!(kept[0]["note"], "查明后处理");

    let ids: Vec<&Value> = kept.iter().map(|row| &row["difference_id"]).collect();
    let undone = world
        .ok(
            &world.clerk,
            "recon.reverse",
            json!({ "difference_ids": ids, "reason": "重新分派" }),
        )
        .await;
    assert_eq!(undone["done"], 2);
    let day = world.ok(&world.clerk, "recon.day", world.day(date)).await;
    assert_eq!(day["runs"][0]["open_differences"], rows.len());

    // A row of an earlier run is not changed any more, and says so.
    let late = world.suspend(&rows[..1]).await;
    assert_eq!(late["done"], 0);
    assert_eq!(late["failed"][0]["code"], "state.illegal_step");
    assert_eq!(late["failed"][0]["number"], rows[0]["number"]);
    assert_eq!(late["failed"][0]["params"]["from"], "superseded");
    // An owner who is no one, a day in the past, no reason: each is named.
    for (owner, due, note, field) in [
        (
            json!(zf_domain::UserId::new()),
            world.today(),
            "x",
            "owner_id",
        ),
        (
            world.person("clerk").await,
            world.today().plus_days(-1),
            "x",
            "due_date",
        ),
        (world.person("clerk").await, world.today(), " ", "reason"),
    ] {
        let error = world
            .call(
                &world.clerk,
                "recon.resolve",
                json!({ "difference_ids": ids, "kind": "wait", "owner_id": owner, "due_date": due,
                        "reason": note, "label": null }),
            )
            .await
            .unwrap_err();
        assert_eq!(error.params["field"], field);
    }
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_archive_is_not_reconciled() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, false).await;
    assert_eq!(run["residual"]["minor"], 0);
    let folder = world.home.join("books").join(&world.account_id);
    let file = std::fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .next()
        .unwrap()
        .path();
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 4;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = world
        .call(&world.clerk, "recon.run", world.day(date))
        .await
        .unwrap_err();
    assert_eq!(error.code.text().code, "file.refused");
}
