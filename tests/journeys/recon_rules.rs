//! Rules of reconciliation: two people let them take effect, a run names them, budgets end, trials list
//! what they would hide, and what waits has its date.

use serde_json::{Value, json};
use zf_domain::BusinessDate;

use crate::day::counts;
use crate::world::{World, text};

/// The rules that stand, as the editor gets them.
async fn standing(world: &World) -> Value {
    world.ok(&world.clerk, "recon.rules", json!({})).await["current"].clone()
}

fn contract(rate_ppm: u32) -> Value {
    json!({ "channel": "wechat_pay", "rate_ppm": rate_ppm, "minimum_minor": 0, "on_refund": "returned",
            "from": "2020-01-01", "until": null })
}

fn tolerance(per_row: i64, daily: i64, monthly: i64) -> Value {
    json!({ "channel": "wechat_pay", "on": "fee", "per_row_minor": per_row, "daily_minor": daily,
            "monthly_minor": monthly, "owner": "approver", "reason": "分次退款的进位" })
}

/// Proposes the standing rules with these parts changed; gives the proposal.
async fn propose(world: &World, change: Value) -> Value {
    let current = standing(world).await;
    let mut rules = current["rules"].clone();
    for (part, value) in change.as_object().unwrap() {
        rules[part] = value.clone();
    }
    let sets = world
        .ok(
            &world.clerk,
            "recon.propose_rules",
            json!({ "rules": rules, "based_on": current["version"], "reason": "合同更新" }),
        )
        .await;
    sets["proposals"][0].clone()
}

fn decision(proposal: &Value, back_test: Value) -> Value {
    json!({ "rule_set_id": proposal["rule_set_id"], "digest": proposal["digest"],
            "back_test_digest": back_test, "approve": true, "note": "" })
}

async fn take_effect(world: &World, change: Value) -> Value {
    let proposal = propose(world, change).await;
    let params = decision(&proposal, Value::Null);
    world
        .ok(&world.approver, "recon.decide_rules", params)
        .await["current"]
        .clone()
}

fn of_code(run: &Value, code: &str) -> i64 {
    run["counts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["code"] == code)
        .map_or(0, |c| c["count"].as_i64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_take_effect_by_two_people_and_a_run_names_them() {
    let (world, date) = World::with_history().await;
    let first = world.reconciled(date, false).await;
    assert_eq!(first["terms"]["rules_version"], 1);
    assert_eq!(first["terms"]["rate_ppm"], Value::Null);
    assert_eq!(text(&first["terms"]["rules_digest"]).len(), 64);

    let proposal = propose(&world, json!({ "fees": [contract(6_000)] })).await;
    assert_eq!(proposal["version"], 2);
    assert_eq!(proposal["state"], "proposed");
    let params = decision(&proposal, Value::Null);
    // Nobody who may propose may approve, and the rule stands again beneath the rights.
    assert_eq!(
        world
            .refused(&world.clerk, "recon.decide_rules", params.clone())
            .await,
        "permission.denied"
    );
    let pool = world.app.store().pool();
    let by_hand = sqlx::query(
        "UPDATE rule_sets SET state = 'in_effect', decided_by = proposed_by, decided_at = 0 WHERE state = 'proposed'",
    )
    .execute(pool)
    .await;
    assert!(by_hand.is_err());
    // Whoever proposed it and became an approver since is still the one who proposed it.
    sqlx::query("UPDATE users SET role = 'approver' WHERE login = 'clerk'")
        .execute(pool)
        .await
        .unwrap();
    assert_eq!(
        world
            .refused(&world.clerk, "recon.decide_rules", params.clone())
            .await,
        "approval.maker_is_checker"
    );
    sqlx::query("UPDATE users SET role = 'clerk' WHERE login = 'clerk'")
        .execute(pool)
        .await
        .unwrap();
    let mut other = params.clone();
    other["digest"] = json!("0".repeat(64));
    assert_eq!(
        world
            .refused(&world.approver, "recon.decide_rules", other)
            .await,
        "approval.content_changed"
    );
    let sets = world
        .ok(&world.approver, "recon.decide_rules", params)
        .await;
    assert_eq!(sets["current"]["version"], 2);
    assert_eq!(sets["current"]["state"], "in_effect");
    assert_eq!(sets["current"]["decided_by"], "approver");

    // The stored run keeps its rules; the next one names the new ones, and finds no fee to object to.
    let day = world.ok(&world.clerk, "recon.day", world.day(date)).await;
    assert_eq!(day["runs"][0]["terms"]["rules_version"], 1);
    let second = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    assert_eq!(second["terms"]["rules_version"], 2);
    assert_eq!(second["terms"]["rules_digest"], sets["current"]["digest"]);
    assert_eq!(second["terms"]["rate_ppm"], 6_000);
    assert_ne!(second["run_digest"], first["run_digest"]);
    assert_eq!(counts(&second), []);
    assert_eq!(second["matched"], first["matched"]);
    assert!(second["terms"]["fee_rows"].as_u64().unwrap() > 0);

    // What was decided does not change, and an editor who did not see it is told.
    let changed = sqlx::query("UPDATE rule_sets SET reason = 'x'")
        .execute(pool)
        .await;
    assert!(changed.is_err());
    let stale = json!({ "rules": sets["current"]["rules"], "based_on": 1, "reason": "r" });
    assert_eq!(
        world
            .refused(&world.clerk, "recon.propose_rules", stale)
            .await,
        "settings.changed_elsewhere"
    );
    let mut overlapping = sets["current"]["rules"].clone();
    overlapping["fees"] = json!([contract(6_000), contract(3_800)]);
    let params = json!({ "rules": overlapping, "based_on": 2, "reason": "r" });
    assert_eq!(
        world
            .refused(&world.clerk, "recon.propose_rules", params)
            .await,
        "settings.invalid"
    );
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fee_off_the_contract_is_a_difference_and_a_tolerance_ends_with_its_budget() {
    let (world, latest) = World::with_history().await;
    // Two days of one month, both old enough to have their bills.
    let same_month = |a: BusinessDate, b: BusinessDate| a.to_string()[..7] == b.to_string()[..7];
    let date = if same_month(latest, latest.plus_days(-1)) {
        latest
    } else {
        latest.plus_days(-1)
    };
    let other = date.plus_days(-1);
    world.reconciled(date, false).await;
    // Another rate than the channel charges, and nothing let pass.
    take_effect(
        &world,
        json!({ "fees": [contract(5_000)], "tolerances": [] }),
    )
    .await;
    let strict = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    let wrong = of_code(&strict, "fee_mismatch");
    assert!(wrong > 0, "{strict:#}");
    assert_eq!(strict["residual"]["minor"], 0);
    let row = world
        .differences(&strict)
        .await
        .into_iter()
        .find(|r| r["code"] == "fee_mismatch")
        .unwrap();
    assert_ne!(
        row["fee"]["charged"]["minor"],
        row["fee"]["agreed"]["minor"]
    );
    assert_eq!(row["fee"]["over_budget"], false);
    let off = strict["terms"]["off_minor"].as_i64().unwrap();
    assert_ne!(off, 0);

    let widest = world
        .differences(&strict)
        .await
        .iter()
        .filter_map(|r| {
            Some(r["fee"]["charged"]["minor"].as_i64()? - r["fee"]["agreed"]["minor"].as_i64()?)
        })
        .map(i64::abs)
        .max()
        .unwrap();
    // A tolerance wide enough for the day hides all of them, and counts what it let pass.
    take_effect(
        &world,
        json!({ "tolerances": [tolerance(widest, 1_000_000, 1_000_000)] }),
    )
    .await;
    let lenient = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    assert_eq!(of_code(&lenient, "fee_mismatch"), 0);
    assert_eq!(lenient["terms"]["tolerated_rows"], wrong);
    let spent = lenient["terms"]["spent_minor"].as_i64().unwrap();
    assert!(spent > 0);
    assert_eq!(lenient["terms"]["month_spent_minor"], spent);
    assert_eq!(lenient["terms"]["owner"], "approver");
    assert_eq!(lenient["terms"]["ended_by"], Value::Null);
    // The close says so in one sentence a language.
    let board = world.board(&world.clerk, date).await;
    let fees = board["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["kind"] == "fees_recomputed")
        .unwrap();
    let (chinese, english) = text(&fees["detail"])
        .split_once(" / ")
        .map(|(zh, en)| (zh.to_owned(), en.to_owned()))
        .unwrap();
    assert!(
        chinese.contains("本月容差预算 10000.00，已用 "),
        "{chinese}"
    );
    assert!(
        english.contains(" of 10000.00 of the month's budget"),
        "{english}"
    );

    // The month has one day's worth: the day that spends it passes, the next one does not.
    take_effect(
        &world,
        json!({ "tolerances": [tolerance(widest, spent, spent)] }),
    )
    .await;
    let again = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    assert_eq!(of_code(&again, "fee_mismatch"), 0);
    assert_eq!(again["terms"]["month_left_minor"], 0);
    let stopped = world.reconciled(other, false).await;
    assert!(of_code(&stopped, "fee_mismatch") > 0);
    assert_eq!(stopped["terms"]["spent_minor"], 0);
    assert!(
        ["day", "month"].contains(&text(&stopped["terms"]["ended_by"]).as_str()),
        "{stopped:#}"
    );
    // Every row within the limit of a row is named as one the budget no longer covers.
    let rows = world.differences(&stopped).await;
    let over = rows
        .iter()
        .filter(|r| r["fee"]["over_budget"] == true)
        .count();
    assert_eq!(stopped["terms"]["tolerated_rows"], over);
    assert!(over > 0);
    let sets = world.ok(&world.clerk, "recon.rules", json!({})).await;
    assert_eq!(sets["budgets"][0]["spent_minor"], spent);
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_lists_exactly_what_the_rules_would_hide() {
    let (world, date) = World::with_history().await;
    world.reconciled(date, true).await;
    take_effect(
        &world,
        json!({ "fees": [contract(5_000)], "tolerances": [] }),
    )
    .await;
    let run = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    let mut wrong: Vec<String> = world
        .differences(&run)
        .await
        .iter()
        .filter(|r| r["code"] == "fee_mismatch")
        .map(|r| text(&r["number"]))
        .collect();
    wrong.sort();
    assert!(!wrong.is_empty());

    let proposal = propose(
        &world,
        json!({ "tolerances": [tolerance(100_000, 1_000_000, 1_000_000)] }),
    )
    .await;
    let runs_before: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM recon_runs")
        .fetch_one(world.app.store().pool())
        .await
        .unwrap();
    let test = world
        .ok(
            &world.approver,
            "recon.back_test",
            json!({ "rule_set_id": proposal["rule_set_id"], "account_id": world.account_id,
                    "first": date.plus_days(-5), "last": date }),
        )
        .await;
    let runs_after: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM recon_runs")
        .fetch_one(world.app.store().pool())
        .await
        .unwrap();
    assert_eq!(runs_before, runs_after);
    assert_eq!(test["hidden"], wrong.len());
    assert_eq!(test["raised"], 0);
    assert_eq!(test["days"][0]["date"], date.to_string());
    let items = world
        .ok(
            &world.approver,
            "recon.back_test_items",
            json!({ "back_test_id": test["back_test_id"], "cursor": null, "limit": 200 }),
        )
        .await;
    let mut listed: Vec<String> = items["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            assert_eq!(row["change"], "hidden");
            assert!(row["fee"]["charged"]["minor"].is_i64(), "{row}");
            text(&row["number"])
        })
        .collect();
    listed.sort();
    assert_eq!(listed, wrong);
    let file = world
        .ok(
            &world.approver,
            "recon.export_back_test",
            json!({ "back_test_id": test["back_test_id"] }),
        )
        .await;
    let csv = String::from_utf8(world.download(&file)).unwrap();
    assert!(csv.contains(&text(&test["digest"])) && csv.contains(&wrong[0]));

    // An approval covers the trial that was shown, not an older picture of it.
    assert_eq!(
        world
            .refused(
                &world.approver,
                "recon.decide_rules",
                decision(&proposal, Value::Null)
            )
            .await,
        "approval.content_changed"
    );
    let sets = world
        .ok(
            &world.approver,
            "recon.decide_rules",
            decision(&proposal, test["digest"].clone()),
        )
        .await;
    assert_eq!(sets["current"]["back_test_digest"], test["digest"]);
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_file_goes_out_and_comes_back() {
    let (world, _) = World::with_history().await;
    let file = world
        .ok(
            &world.clerk,
            "recon.export_rules",
            json!({ "rule_set_id": null }),
        )
        .await;
    let bytes = world.download(&file);
    let token = world.upload("rules.json", &bytes);
    let rules = world
        .ok(
            &world.clerk,
            "recon.read_rules",
            json!({ "file_token": token }),
        )
        .await;
    assert_eq!(rules, standing(&world).await["rules"]);
    let token = world.upload("rules.json", br#"{"kees":[]}"#);
    assert_eq!(
        world
            .refused(
                &world.clerk,
                "recon.read_rules",
                json!({ "file_token": token })
            )
            .await,
        "settings.invalid"
    );
}

/// Books that keep the channel's number meet the bill by it first; one merchant number with another
/// channel number is two payments.
#[tokio::test(flavor = "multi_thread")]
async fn the_channels_number_comes_first_where_the_books_keep_it() {
    let (world, date) = World::with_history().await;
    world.reconciled(date, false).await;
    let pool = world.app.store().pool();
    sqlx::query(
        "UPDATE book_entries SET channel_no = (SELECT l.payment_id FROM bill_lines l WHERE l.order_no = book_entries.order_no
             AND l.kind = 'payment' LIMIT 1) WHERE kind = 'payment'",
    )
    .execute(pool)
    .await
    .unwrap();
    let all = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    assert_eq!(counts(&all), []);
    // Another name in the books, the same number of the channel: they still meet.
    sqlx::query(
        "UPDATE book_entries SET order_no = order_no || 'X' WHERE line_no = 2 AND kind = 'payment'",
    )
    .execute(pool)
    .await
    .unwrap();
    let renamed = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    assert_eq!(counts(&renamed), []);
    // By the merchant's number alone they do not.
    take_effect(&world, json!({ "keys": ["merchant_number"] })).await;
    let apart = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    let renamed: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM book_entries WHERE order_no LIKE '%X'")
            .fetch_one(pool)
            .await
            .unwrap();
    assert_eq!(of_code(&apart, "missing_in_ledger"), renamed);
    // One merchant number, another number of the channel.
    sqlx::query("UPDATE book_entries SET order_no = rtrim(order_no, 'X')")
        .execute(pool)
        .await
        .unwrap();
    sqlx::query(
        "UPDATE book_entries SET channel_no = 'ANOTHER' WHERE line_no = 3 AND kind = 'payment'",
    )
    .execute(pool)
    .await
    .unwrap();
    let clash = world.ok(&world.clerk, "recon.run", world.day(date)).await;
    assert_eq!(of_code(&clash, "id_clash"), 1, "{clash:#}");
}

/// What waits has its date, is counted apart from what is broken, is forecast for the next bill, and is
/// cleared by a line of another day.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_has_its_date_and_is_cleared_by_another_days_line() {
    let (world, second) = World::with_history().await;
    let first = second.plus_days(-1);
    for kind in ["trade", "fund_flow"] {
        world.fetch(first, kind).await.unwrap();
        world.fetch(second, kind).await.unwrap();
    }
    // The till booked one of the second day's payments a minute before midnight, and a refund of the
    // second day was on its way.
    let books = world.books(second, false).await;
    let mut lines: Vec<String> = books.lines().map(str::to_owned).collect();
    let taken = lines
        .iter()
        .position(|l| l.starts_with("payment,") && l.contains(",SUCCESS,"))
        .unwrap();
    let early = lines.remove(taken);
    let refund = lines.iter().find(|l| l.starts_with("refund,")).cloned();
    let mut fields: Vec<String> = early.split(',').map(str::to_owned).collect();
    let last = fields.len() - 1;
    fields[last] = format!("{first}T23:59:00+08:00");
    let mut before = world.books(first, false).await;
    before.push_str(&format!("{}\n", fields.join(",")));
    if let Some(refund) = &refund {
        let mut fields: Vec<String> = refund.split(',').map(str::to_owned).collect();
        fields[5] = "PROCESSING".to_owned();
        fields[last] = format!("{first}T23:58:00+08:00");
        before.push_str(&format!("{}\n", fields.join(",")));
        lines.retain(|l| l != refund);
    }
    world.import(first, &before).await.unwrap();
    let run = world.ok(&world.clerk, "recon.run", world.day(first)).await;
    assert_eq!(of_code(&run, "missing_in_channel"), 1, "{run:#}");
    assert_eq!(run["waiting"], u64::from(refund.is_some()));
    let row = &world.differences(&run).await[0];
    assert_eq!(row["expected_date"], second.to_string());

    let pool_of = async || world.ok(&world.clerk, "recon.pool", world.day(first)).await;
    let pool = pool_of().await;
    let expected = 1 + u64::from(refund.is_some());
    assert_eq!(pool["forecast"]["date"], second.to_string());
    assert_eq!(pool["forecast"]["count"], expected, "{pool:#}");
    let carried = async |cleared: bool| {
        world
            .ok(
                &world.clerk,
                "recon.carried",
                json!({ "account_id": world.account_id, "cleared": cleared, "cursor": null, "limit": 50 }),
            )
            .await["rows"]
            .as_array()
            .unwrap()
            .clone()
    };
    if refund.is_some() {
        let row = &carried(false).await[0];
        assert_eq!(row["expected_date"], first.plus_days(3).to_string());
        assert_eq!(row["likely"], true);
    }

    let text_of = |lines: &[String]| format!("{}\n", lines.join("\n"));
    world.import(second, &text_of(&lines)).await.unwrap();
    let next = world.ok(&world.clerk, "recon.run", world.day(second)).await;
    let pool = pool_of().await;
    assert_eq!(pool["forecast"]["last"]["date"], second.to_string());
    assert_eq!(pool["forecast"]["last"]["expected"], expected);
    assert_eq!(
        pool["forecast"]["last"]["cleared"], expected,
        "{pool:#} {next:#}"
    );
    assert_eq!(pool["waiting"]["count"], 0);
    if refund.is_some() {
        assert_eq!(carried(false).await, Vec::<Value>::new());
        let row = &carried(true).await[0];
        assert_eq!(row["cleared_date"], second.to_string());
        assert!(row["cleared_line"].as_u64().unwrap() > 1);
    }
    let ages: u64 = pool["ages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["count"].as_u64().unwrap())
        .sum();
    let open: u64 = ["waiting", "broken", "overdue", "suspended"]
        .iter()
        .map(|c| pool[c]["count"].as_u64().unwrap())
        .sum();
    assert_eq!(ages, open);
    world.audit_holds().await;
}
