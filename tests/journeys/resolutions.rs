//! What people do about differences: alone where nothing moves, two where books move, and back again.

use serde_json::{Value, json};

use crate::world::{Token, World, text};

impl World {
    async fn resolve(&self, rows: &[&Value], kind: &str, more: &Value) -> Value {
        let ids: Vec<&Value> = rows.iter().map(|row| &row["difference_id"]).collect();
        let mut asked = json!({ "difference_ids": ids, "kind": kind, "reason": "按凭证处理",
            "owner_id": null, "due_date": null, "label": null });
        for (name, value) in more.as_object().into_iter().flatten() {
            asked[name] = value.clone();
        }
        self.ok(&self.clerk, "recon.resolve", asked).await
    }

    async fn decide(&self, who: &Token, entry: &Value, approve: bool) -> Value {
        let asked = json!({ "resolution_ids": [entry["resolution_id"]], "approve": approve, "note": "已核对原始单据" });
        self.ok(who, "recon.decide", asked).await
    }

    async fn shown(&self, row: &Value) -> Value {
        let asked = json!({ "difference_id": row["difference_id"] });
        self.ok(&self.clerk, "recon.difference", asked).await
    }

    async fn ledger(&self, state: &str) -> Vec<Value> {
        let asked = json!({ "account_id": self.account_id, "state": state, "text": null, "cursor": null, "limit": 200 });
        let page = self.ok(&self.approver, "recon.resolutions", asked).await;
        page["rows"].as_array().unwrap().clone()
    }
}

fn of<'a>(rows: &'a [Value], code: &str) -> &'a Value {
    rows.iter()
        .find(|r| r["code"] == code && r["gap"]["minor"] != 0)
        .unwrap_or_else(|| panic!("no {code}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adjustment_takes_two_people_and_so_does_taking_it_back() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let rows = world.differences(&run).await;
    let row = of(&rows, "amount_mismatch");

    let asked = world.resolve(&[row], "adjust", &json!({})).await;
    assert_eq!(asked["done"], 1, "{asked}");
    let shown = world.shown(row).await;
    assert_eq!(shown["row"]["status"], "pending");
    assert_eq!(shown["choices"], json!([]));
    assert_eq!(shown["history"][0]["state"], "proposed");
    assert_eq!(shown["history"][0]["amount"], row["gap"]);

    // Nobody decides about his own, and a clerk about none; a no needs its reason.
    let entry = world.ledger("proposed").await.remove(0);
    let own = json!({ "resolution_ids": [entry["resolution_id"]], "approve": true, "note": "" });
    assert_eq!(
        world.refused(&world.clerk, "recon.decide", own).await,
        "permission.denied"
    );
    let mute = json!({ "resolution_ids": [entry["resolution_id"]], "approve": false, "note": " " });
    assert_eq!(
        world.refused(&world.approver, "recon.decide", mute).await,
        "request.bad"
    );
    assert_eq!(entry["may_decide"], true);

    let said_no = world.decide(&world.approver, &entry, false).await;
    assert_eq!(said_no["done"], 1, "{said_no}");
    assert_eq!(world.shown(row).await["row"]["disposition"], "open");

    world.resolve(&[row], "adjust", &json!({})).await;
    let entry = world.ledger("proposed").await.remove(0);
    assert_eq!(world.decide(&world.approver, &entry, true).await["done"], 1);
    assert_eq!(world.shown(row).await["row"]["status"], "resolved");
    // A second yes changes nothing and says where the entry stands.
    let twice = world.decide(&world.approver, &entry, true).await;
    assert_eq!(twice["failed"][0]["code"], "state.illegal_step");

    // A later run of the same files finds it settled.
    let again = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    let rows = world.differences(&again).await;
    let row = of(&rows, "amount_mismatch");
    assert_eq!(row["status"], "resolved");

    // Taken back by a reversing entry, which again takes two.
    let back = json!({ "difference_ids": [row["difference_id"]], "reason": "记错科目" });
    let asked = world.ok(&world.clerk, "recon.reverse", back).await;
    assert_eq!(asked["done"], 1, "{asked}");
    assert_eq!(world.shown(row).await["row"]["status"], "pending");
    let entry = world.ledger("proposed").await.remove(0);
    assert_eq!(
        entry["amount"]["minor"].as_i64(),
        row["gap"]["minor"].as_i64().map(|n| -n)
    );
    assert_eq!(world.decide(&world.approver, &entry, true).await["done"], 1);
    let shown = world.shown(row).await;
    assert_eq!(shown["row"]["disposition"], "open");
    let states: Vec<String> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| text(&e["state"]))
        .collect();
    assert_eq!(states, ["rejected", "reversed", "in_effect"]);
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_bulk_every_row_gets_its_own_verdict() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, true).await;
    let rows = world.differences(&run).await;
    let (ours, theirs) = (
        of(&rows, "missing_in_channel"),
        of(&rows, "missing_in_ledger"),
    );

    // The books lack one of the two: only that one can be supplemented.
    let asked = world
        .resolve(&[ours, theirs], "supplement", &json!({}))
        .await;
    assert_eq!(asked["done"], 1);
    assert_eq!(asked["failed"][0]["number"], ours["number"]);
    assert_eq!(asked["failed"][0]["code"], "state.illegal_step");

    // Whoever asked takes it back alone while nobody has decided.
    let back = json!({ "difference_ids": [theirs["difference_id"]], "reason": "点错" });
    assert_eq!(
        world.ok(&world.clerk, "recon.reverse", back).await["done"],
        1
    );
    assert_eq!(world.shown(theirs).await["row"]["disposition"], "open");

    // Another name settles it by one person and needs the name.
    let nameless = json!({ "difference_ids": [theirs["difference_id"]], "kind": "relabel", "reason": "平台费",
        "owner_id": null, "due_date": null, "label": null });
    let error = world
        .call(&world.clerk, "recon.resolve", nameless)
        .await
        .unwrap_err();
    assert_eq!(error.params["field"], "label");
    let named = world
        .resolve(&[theirs], "relabel", &json!({ "label": "平台服务费" }))
        .await;
    assert_eq!(named["done"], 1);
    assert_eq!(world.shown(theirs).await["row"]["status"], "resolved");

    // A wait laid over nothing is undone to nothing; over a claim, to the claim.
    let owner = world.person("clerk").await;
    let held = json!({ "owner_id": owner, "due_date": world.today().plus_days(3) });
    assert_eq!(world.resolve(&[ours], "claim", &held).await["done"], 1);
    assert_eq!(world.resolve(&[ours], "wait", &held).await["done"], 1);
    let back = json!({ "difference_ids": [ours["difference_id"]], "reason": "撤销" });
    world.ok(&world.clerk, "recon.reverse", back.clone()).await;
    let shown = world.shown(ours).await;
    assert_eq!(shown["row"]["disposition"], "suspended");
    assert_eq!(shown["history"][0]["kind"], "claim");
    world.ok(&world.clerk, "recon.reverse", back).await;
    assert_eq!(world.shown(ours).await["row"]["disposition"], "open");
    world.audit_holds().await;
}

/// A row of one day's books that only the next day's bill has: both differences are settled by each
/// other, with the day and the line, when the second day is reconciled.
#[tokio::test(flavor = "multi_thread")]
async fn the_other_side_of_another_day_clears_what_was_carried() {
    let (world, date) = World::with_history().await;
    let (first, second) = (date.plus_days(-1), date);
    for day in [first, second] {
        for kind in ["trade", "fund_flow"] {
            world.fetch(day, kind).await.unwrap();
        }
    }
    // One payment of the second day's books was booked on the first.
    let (early, late) = (
        world.books(first, false).await,
        world.books(second, false).await,
    );
    let moved = late
        .lines()
        .skip(1)
        .find(|l| !l.contains("refund") && !l.contains("退款"))
        .unwrap()
        .to_owned();
    let late: String = late
        .lines()
        .filter(|l| *l != moved)
        .map(|l| format!("{l}\n"))
        .collect();
    world
        .import(first, &format!("{}\n{moved}\n", early.trim_end()))
        .await
        .unwrap();
    world.import(second, &late).await.unwrap();

    let run = world.ok(&world.clerk, "recon.run", world.day(first)).await;
    let carried = world.differences(&run).await;
    assert_eq!(carried.len(), 1, "{carried:#?}");
    assert_eq!(carried[0]["code"], "missing_in_channel");
    let run = world.ok(&world.clerk, "recon.run", world.day(second)).await;
    let met = world.differences(&run).await;
    assert_eq!(met.len(), 1, "{met:#?}");
    assert_eq!(met[0]["status"], "resolved");
    let shown = world.shown(&carried[0]).await;
    assert_eq!(shown["row"]["status"], "resolved");
    assert_eq!(shown["history"][0]["kind"], "cross_day");
    assert_eq!(shown["history"][0]["other_date"], json!(second));
    assert_eq!(
        shown["history"][0]["other_line"],
        met[0]["channel"]["line_no"]
    );
    // Run again with the same files, it stays so.
    world.ok(&world.clerk, "recon.run", world.day(second)).await;
    assert_eq!(world.shown(&carried[0]).await["row"]["status"], "resolved");
    // A run's own entry is not taken back by hand.
    let back = json!({ "difference_ids": [carried[0]["difference_id"]], "reason": "撤销" });
    let refused = world.ok(&world.clerk, "recon.reverse", back).await;
    assert_eq!(refused["failed"][0]["code"], "state.illegal_step");

    // Books that have the row on its own day after all: what was settled by it is open again.
    let whole = world.books(second, false).await;
    world.import(second, &whole).await.unwrap();
    let run = world.ok(&world.clerk, "recon.run", world.day(second)).await;
    assert_eq!(run["open_differences"], 0);
    let shown = world.shown(&carried[0]).await;
    assert_eq!(shown["row"]["disposition"], "open", "{shown:#}");
    assert_eq!(shown["history"][0]["state"], "reversed");
    world.audit_holds().await;
}
