//! The desk page: its numbers are those of the lists they open.

use serde_json::{Value, json};

use crate::world::{World, sign_in, text};

impl World {
    async fn overview(&self) -> Value {
        self.ok(&self.clerk, "desk.overview", json!({})).await
    }

    /// The sums the order list shows over a day.
    async fn searched(&self, date: &Value) -> Value {
        self.ok(
            &self.clerk,
            "orders.totals",
            json!({ "text": null, "account_id": null, "states": [], "date_from": date, "date_to": date,
                    "amount_min_minor": null, "amount_max_minor": null }),
        )
        .await
    }

    async fn badges(&self) -> Value {
        self.ok(&self.clerk, "app.status", json!({})).await["badges"].clone()
    }
}

fn count(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("no count: {value}"))
}

#[tokio::test]
async fn the_desk_shows_what_its_lists_show() {
    let world = World::of(6, 40).await;
    let first = world.overview().await;
    let date: zf_domain::BusinessDate =
        serde_json::from_value(first["business_date"].clone()).unwrap();
    let behind = world.today().days_since(date);
    assert!((1..=2).contains(&behind), "{behind}");
    // Nothing was fetched: nothing is added up in silence, and the next step says what is missing.
    let account = &first["accounts"][0];
    assert_eq!(account["bills_settled"], 0);
    assert_eq!(account["close"], "bill_missing");
    assert_eq!(account["action"], "fetch_bill");
    assert_eq!(account["bill_rows"], Value::Null);
    assert_eq!(first["reconciled"], 0);
    assert_eq!(first["residuals"], json!([]));

    let run = world.reconciled(date, true).await;
    let older = world.reconciled(date.plus_days(-3), true).await;
    let desk = world.overview().await;
    let account = &desk["accounts"][0];
    assert_eq!(account["bills_settled"], 2);
    assert_eq!(account["matched"], run["matched"]);
    assert_eq!(account["bill_rows"], run["bill_rows"]);
    assert_eq!(account["residual"]["minor"], 0);
    assert_eq!(desk["reconciled"], 1);
    assert_eq!(desk["residuals"][0]["minor"], 0);
    assert_eq!(
        count(&account["match_basis_points"]),
        count(&run["matched"]) * 10_000 / count(&run["bill_rows"])
    );
    assert_eq!(account["action"], "handle_differences");
    assert_eq!(account["not_mine_because"], Value::Null);

    // The open differences are those of the workbench, of both days, and of the badge. From ten in
    // the morning the newest day is yesterday, and what waits for its next bill is not broken yet.
    let open = count(&run["open_differences"]) + count(&older["open_differences"]);
    let mut rows = world.differences(&run).await;
    rows.extend(world.differences(&older).await);
    let (broken, awaited): (Vec<Value>, Vec<Value>) = rows
        .into_iter()
        .filter(|row| row["status"] == "broken" || row["status"] == "waiting")
        .partition(|row| row["status"] == "broken");
    assert_eq!((broken.len() + awaited.len()) as u64, open);
    assert!(!broken.is_empty());
    let (broken_n, awaited_n) = (broken.len() as u64, awaited.len() as u64);
    assert_eq!(count(&desk["pool"]["broken"]), broken_n);
    assert_eq!(count(&desk["pool"]["overdue"]), 0);
    assert_eq!(
        desk["pool"]["first"]["date"],
        json!(date.plus_days(-3)),
        "the oldest day first"
    );
    assert_eq!(count(&world.badges().await["differences_open"]), broken_n);
    let by_age: u64 = desk["ages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|age| count(&age["broken"]) + count(&age["overdue"]))
        .sum();
    assert_eq!(by_age, broken_n);

    // Suspended ones wait until their date, and are no error.
    world.suspend(&broken[..1]).await;
    let waiting = count(&desk["pool"]["waiting"]);
    assert!(waiting >= awaited_n);
    let desk = world.overview().await;
    assert_eq!(count(&desk["pool"]["broken"]), broken_n - 1);
    assert_eq!(count(&desk["pool"]["waiting"]), waiting + 1);

    // Eight days on, the suspension is past its date, and what nobody took, awaited or not, is
    // overdue with it.
    let clock = world.app.clock();
    clock.set_offset_millis(clock.offset_millis() + 8 * 86_400_000);
    let clerk = sign_in(&world.app, "clerk").await;
    let desk = world.ok(&clerk, "desk.overview", json!({})).await;
    assert_eq!(count(&desk["pool"]["overdue"]), open);
    assert_eq!(count(&desk["pool"]["broken"]), 0);
    assert_eq!(count(&desk["pool"]["waiting"]), waiting - awaited_n);
    let status = world.ok(&clerk, "app.status", json!({})).await;
    assert_eq!(count(&status["badges"]["differences_open"]), open);
    let board = world.board(&clerk, date).await;
    let overdue = board["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["kind"] == "no_overdue")
        .unwrap();
    assert_eq!(text(&overdue["figure"]), open.to_string());
    assert_eq!(overdue["passed"], false);
}

#[tokio::test]
async fn sums_of_a_day_are_those_of_the_order_list() {
    let world = World::of(5, 40).await;
    let date: zf_domain::BusinessDate =
        serde_json::from_value(world.overview().await["business_date"].clone()).unwrap();
    for ago in 0..3 {
        world.fetch(date.plus_days(-ago), "trade").await.unwrap();
    }
    let desk = world.overview().await;
    let searched = world.searched(&desk["business_date"]).await;
    assert_eq!(desk["collected"], searched["paid_sums"]);
    assert_eq!(desk["refunded"], searched["refunded_sums"]);
    assert!(count(&desk["collected"][0]["count"]) > 0);

    let month = world.ok(&world.clerk, "desk.month", json!({})).await;
    assert_eq!(month["last"], desk["business_date"]);
    let mut seen = 0;
    for series in month["series"].as_array().unwrap() {
        let days = series["days"].as_array().unwrap();
        assert_eq!(days.len(), 30);
        for day in days {
            let searched = world.searched(&day["date"]).await;
            let of = |sums: &Value| {
                sums.as_array()
                    .unwrap()
                    .iter()
                    .find(|s| s["money"]["currency"] == series["currency"])
                    .map_or((0, 0), |s| {
                        (s["money"]["minor"].as_i64().unwrap(), count(&s["count"]))
                    })
            };
            assert_eq!(
                (
                    day["collected_minor"].as_i64().unwrap(),
                    count(&day["collected_count"])
                ),
                of(&searched["paid_sums"]),
                "{day}"
            );
            assert_eq!(
                (
                    day["refunded_minor"].as_i64().unwrap(),
                    count(&day["refunded_count"])
                ),
                of(&searched["refunded_sums"]),
                "{day}"
            );
            seen += count(&day["collected_count"]);
        }
    }
    assert!(seen > 0);
    // Days without their bill are named: their figures are not whole.
    let partial = month["partial"][0]["days"].as_array().unwrap();
    assert_eq!(partial.len(), 27);
    assert!(!partial.contains(&json!(date)));

    // The gap map says of each day what the calendar says.
    let calendar = world
        .ok(
            &world.clerk,
            "bills.calendar",
            json!({ "account_id": world.account_id, "days": 36 }),
        )
        .await;
    let first: zf_domain::BusinessDate =
        serde_json::from_value(desk["gaps"]["first"].clone()).unwrap();
    let mut words: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for (ahead, day) in (0..).zip(desk["gaps"]["accounts"][0]["days"].as_array().unwrap()) {
        let date = first.plus_days(ahead);
        let same = calendar["days"]
            .as_array()
            .unwrap()
            .iter()
            .find(|d| d["date"] == json!(date))
            .unwrap();
        for kind in ["trade", "fund_flow"] {
            assert_eq!(day[kind], same[kind]["status"], "{date}");
            *words.entry(text(&day[kind])).or_default() += 1;
        }
    }
    for word in desk["gaps"]["counts"].as_array().unwrap() {
        assert_eq!(
            words.remove(&text(&word["status"])),
            Some(count(&word["count"]))
        );
    }
    assert!(words.is_empty(), "{words:?}");
}

#[tokio::test]
async fn approvals_and_unknown_refunds_are_those_of_their_queue() {
    let world = World::new().await;
    let order = world.paid_order(10_000).await;
    let view = world.request(&order, 1_000).await;
    let of_checker = world.ok(&world.approver, "desk.overview", json!({})).await;
    assert_eq!(of_checker["approvals_mine"], 1);
    assert_eq!(
        of_checker["approvals"][0]["row"]["refund_no"],
        view["row"]["refund_no"]
    );
    assert_eq!(of_checker["approvals_expire_at"], view["row"]["expires_at"]);
    // Who asked does not decide, and is told why.
    let of_maker = world.overview().await;
    assert_eq!(of_maker["approvals_mine"], 0);
    assert_eq!(of_maker["approvals_other"], 1);
    assert_eq!(of_maker["approvals"][0]["because"], "permission.denied");

    // The reply is lost, and the channel does not answer questions about it either.
    world
        .control(
            "faults",
            json!({ "rules": [
                { "kind": "cut_after", "on": "refund.create", "times": 1 },
                { "kind": "status", "on": "refund.query", "when": "before", "times": 1000 },
            ] }),
        )
        .await;
    world.approve(&world.approver, &view).await.unwrap();
    let refund_no = text(&view["row"]["refund_no"]);
    let refund = world.until(&refund_no, "unknown").await;
    let desk = world.overview().await;
    assert_eq!(desk["unknown"], 1);
    assert_eq!(desk["unknown_sums"][0]["money"]["minor"], 1_000);
    assert_eq!(
        desk["unknown_next_query_at"],
        refund["row"]["next_query_at"]
    );
    assert_eq!(desk["unknown"], world.badges().await["refunds_unknown"]);
}

#[tokio::test]
async fn every_gap_that_can_be_fetched_is_fetched_and_the_others_are_named() {
    let world = World::of(3, 20).await;
    let gaps = world.overview().await["gaps"].clone();
    let fetchable = count(&gaps["fetchable"]);
    assert!(fetchable >= 66, "{gaps}");
    // The newest day's trade bill comes first, and arrives damaged, also at the second attempt.
    world
        .fault(json!({ "kind": "bill_corrupted", "times": 2 }))
        .await;
    let done = world
        .ok(
            &world.clerk,
            "bills.fetch_missing",
            json!({ "account_id": null }),
        )
        .await;
    let troubled = done["troubled"].as_array().unwrap();
    assert_eq!(count(&done["fetched"]) + troubled.len() as u64, fetchable);
    assert_eq!(troubled.len(), 1, "{done}");
    assert!(troubled[0]["error"]["code"].is_string(), "{done}");
    assert_eq!(done["left"], 0);
    assert_eq!(done["cancelled"], false);
    let after = world.overview().await["gaps"].clone();
    assert_eq!(after["fetchable"], 1, "what failed can be fetched again");
    assert_eq!(
        world
            .refused(
                &world.approver,
                "bills.fetch_missing",
                json!({ "account_id": null })
            )
            .await,
        "permission.denied"
    );
    world.audit_holds().await;
}

#[tokio::test]
async fn fetching_the_gaps_is_cancelled_at_once_and_keeps_what_it_has() {
    let world = World::of(3, 20).await;
    world
        .control(
            "faults",
            json!({ "rules": [{ "kind": "delay", "on": "bill.trade", "ms": 30_000, "times": 1000 }] }),
        )
        .await;
    let fetching = world.call(
        &world.clerk,
        "bills.fetch_missing",
        json!({ "account_id": null }),
    );
    let cancelling = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let begun = std::time::Instant::now();
        world
            .ok(
                &world.clerk,
                "tasks.cancel",
                json!({ "task_id": "bills.fetch_missing" }),
            )
            .await;
        begun.elapsed()
    };
    let (done, took) = tokio::join!(fetching, cancelling);
    assert!(took < std::time::Duration::from_secs(2), "{took:?}");
    let done = done.unwrap();
    assert_eq!(done["cancelled"], true);
    let gaps = world.overview().await["gaps"].clone();
    assert_eq!(
        gaps["fetchable"].as_u64().unwrap(),
        done["troubled"].as_array().unwrap().len() as u64,
        "everything not fetched is named and can be fetched again"
    );
    world.audit_holds().await;
}
