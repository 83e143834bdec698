//! Refunds, from the form to the payer, with everything that goes wrong on the way.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{World, call, in_order, kinds, open_app, sign_in, text};

const DAY_MILLIS: i64 = 86_400_000;

#[tokio::test]
async fn a_refund_goes_from_the_form_to_the_payer() {
    let w = World::new().await;
    let order = w.paid_order(10_000).await;
    let form = w.open(&w.clerk, &order).await;
    let number = text(&form["refund_no"]);
    assert!(number.starts_with("RF"), "{number}");
    assert_eq!(form["refundable"]["minor"], 10_000);
    // A second click is the same form, and another person's form another number.
    assert_eq!(
        w.open(&w.clerk, &order).await["refund_no"],
        form["refund_no"]
    );
    assert_ne!(
        w.open(&w.clerk_2, &order).await["refund_no"],
        form["refund_no"]
    );

    let request = World::request_of(&form, 4_000, "少发一件");
    let view = w.ok(&w.clerk, "refunds.request", request.clone()).await;
    assert_eq!(view["row"]["state"], "awaiting_approval");
    assert_eq!(view["version"], 1);
    assert_eq!(view["amount_in_words"], "人民币肆拾元整");
    // Submitted twice: the first result, not a second request.
    let again = w.ok(&w.clerk, "refunds.request", request).await;
    assert_eq!(again["digest"], view["digest"]);
    assert_eq!(again["version"], 1);
    assert_eq!(
        w.at_channel(&number).await,
        Vec::<Value>::new(),
        "nothing leaves before approval"
    );

    let queue = w.ok(&w.approver, "approvals.queue", json!({})).await;
    assert_eq!(queue["mine"][0]["refund_no"], view["row"]["refund_no"]);
    let approved = w.approve(&w.approver, &view).await.unwrap();
    assert_eq!(approved["approvals"][0]["stands"], true);
    let done = w.until(&number, "succeeded").await;
    assert!(
        in_order(
            &kinds(&done),
            &[
                "refund_opened",
                "refund_requested",
                "refund_approved",
                "refund_sending",
                "refund_accepted",
                "refund_succeeded"
            ]
        ),
        "{:?}",
        kinds(&done)
    );
    let there = w.at_channel(&number).await;
    assert_eq!(there.len(), 1);
    assert_eq!(there[0]["amount"]["refund"], 4_000);
    let order = w
        .ok(&w.clerk, "orders.detail", json!({ "order_id": order }))
        .await;
    assert_eq!(order["row"]["state"], "partly_refunded");
    assert_eq!(order["refundable"]["minor"], 6_000);
    w.audit_holds().await;
}

/// Each way to lose the reply of a refund, and the way its timeline must tell.
#[tokio::test]
async fn a_lost_reply_ends_as_one_refund() {
    let w = World::new().await;
    let cases: &[(&str, Value, &[&str])] = &[
        (
            "cut after the work",
            json!({ "kind": "cut_after", "on": "refund.create", "times": 1 }),
            &[
                "refund_sending",
                "refund_unknown",
                "refund_queried",
                "refund_succeeded",
            ],
        ),
        (
            "cut before the work",
            json!({ "kind": "cut_before", "on": "refund.create", "times": 1 }),
            &[
                "refund_sending",
                "refund_unknown",
                "refund_queried",
                "refund_never_accepted",
                "refund_sending",
                "refund_succeeded",
            ],
        ),
        (
            "500 after the work",
            json!({ "kind": "status", "on": "refund.create", "when": "after", "times": 1 }),
            &[
                "refund_sending",
                "refund_unknown",
                "refund_queried",
                "refund_succeeded",
            ],
        ),
        (
            "429",
            json!({ "kind": "rate_limit", "on": "refund.create", "times": 1 }),
            &[
                "refund_unknown",
                "refund_never_accepted",
                "refund_sending",
                "refund_succeeded",
            ],
        ),
        (
            "a reply with a bad signature",
            json!({ "kind": "bad_signature", "on": "refund.create", "times": 1 }),
            &["refund_unknown", "refund_queried", "refund_succeeded"],
        ),
    ];
    for (what, rule, story) in cases {
        let order = w.paid_order(5_000).await;
        let view = w.request(&order, 5_000).await;
        let number = text(&view["row"]["refund_no"]);
        w.fault(rule.clone()).await;
        w.approve(&w.approver, &view).await.unwrap();
        let done = w.until(&number, "succeeded").await;
        assert!(in_order(&kinds(&done), story), "{what}: {:?}", kinds(&done));
        let all = w.all_at_channel(&text(&done["row"]["order_no"])).await;
        assert_eq!(all.len(), 1, "{what}: {all:?}");
        assert_eq!(all[0]["out_refund_no"], view["row"]["refund_no"], "{what}");
        let order = w
            .ok(&w.clerk, "orders.detail", json!({ "order_id": order }))
            .await;
        assert_eq!(order["row"]["state"], "fully_refunded", "{what}");
    }
    w.audit_holds().await;
}

#[tokio::test]
async fn the_maker_cannot_approve_through_the_api() {
    let w = World::new().await;
    let order = w.paid_order(1_000).await;
    let view = w.request(&order, 1_000).await;
    let decision = json!({ "refund_no": view["row"]["refund_no"], "digest": view["digest"], "comment": "", "reason": "x" });
    for (who, token) in [("the maker", &w.clerk), ("another clerk", &w.clerk_2)] {
        for name in ["approvals.approve", "approvals.reject"] {
            assert_eq!(
                w.refused(token, name, decision.clone()).await,
                "permission.denied",
                "{who} {name}"
            );
        }
    }
    // A checker who once was a maker of this very refund meets the rule itself, and below it the
    // database: here the role is changed behind the program's back.
    for sql in ["UPDATE users SET role = 'approver' WHERE login = 'clerk'"] {
        sqlx::query(sql)
            .execute(w.app.store().pool())
            .await
            .unwrap();
    }
    assert_eq!(
        w.refused(&w.clerk, "approvals.approve", decision.clone())
            .await,
        "approval.maker_is_checker"
    );
    let refund_id: String = sqlx::query_scalar("SELECT id FROM refunds")
        .fetch_one(w.app.store().pool())
        .await
        .unwrap();
    let clerk_id: String = sqlx::query_scalar("SELECT id FROM users WHERE login = 'clerk'")
        .fetch_one(w.app.store().pool())
        .await
        .unwrap();
    let forced = sqlx::query("INSERT INTO approvals (refund_id, version, checker_id, approved, digest, comment, at) VALUES ($1, 1, $2, 1, $3, '', 0)")
        .bind(&refund_id).bind(&clerk_id).bind(view["digest"].as_str())
        .execute(w.app.store().pool()).await;
    assert!(forced.unwrap_err().to_string().contains("maker is checker"));
    let sent = sqlx::query("UPDATE refunds SET state = 'queued'")
        .execute(w.app.store().pool())
        .await;
    assert!(sent.unwrap_err().to_string().contains("not approved"));
    assert_eq!(
        w.view(&text(&view["row"]["refund_no"])).await["row"]["state"],
        "awaiting_approval"
    );
    w.audit_holds().await;
}

#[tokio::test]
async fn a_changed_request_voids_its_approval_and_large_ones_need_two() {
    let w = World::new().await;
    let order = w.paid_order(800_000).await;
    let first = w.request(&order, 600_000).await;
    let number = text(&first["row"]["refund_no"]);
    assert_eq!(first["checkers_required"], 2);
    let one = w.approve(&w.approver, &first).await.unwrap();
    assert_eq!(one["row"]["state"], "awaiting_approval");
    assert_eq!(one["may_not_because"], "approval.already_approved");
    let twice = w.approve(&w.approver, &first).await.unwrap_err();
    assert_eq!(twice.code.text().code, "approval.already_approved");

    // The maker changes the amount: the approval is void, and the old digest approves nothing.
    let form = w
        .ok(&w.clerk, "refunds.form", json!({ "refund_no": number }))
        .await;
    assert_eq!(
        form["refundable"]["minor"], 800_000,
        "what the request holds is free for itself"
    );
    let second = w
        .ok(
            &w.clerk,
            "refunds.request",
            World::request_of(&form, 700_000, "改金额"),
        )
        .await;
    assert_eq!(second["version"], 2);
    assert_ne!(second["digest"], first["digest"]);
    assert_eq!(second["approvals"][0]["stands"], false);
    assert!(
        in_order(
            &kinds(&second),
            &["refund_approved", "approval_voided", "refund_revised"]
        ),
        "{:?}",
        kinds(&second)
    );
    let amount = second["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["name"] == "amount")
        .unwrap()
        .clone();
    assert_eq!(
        (amount["before"].as_str(), amount["value"].as_str()),
        (Some("6000.00"), Some("7000.00"))
    );
    let stale = w.approve(&w.approver_2, &first).await.unwrap_err();
    assert_eq!(stale.code.text().code, "approval.content_changed");

    assert_eq!(
        w.approve(&w.approver, &second).await.unwrap()["row"]["state"],
        "awaiting_approval"
    );
    w.approve(&w.approver_2, &second).await.unwrap();
    w.until(&number, "succeeded").await;
    assert_eq!(w.at_channel(&number).await[0]["amount"]["refund"], 700_000);
    w.audit_holds().await;
}

#[tokio::test]
async fn what_is_left_is_checked_again_and_two_requests_never_exceed_it() {
    let w = World::new().await;
    let order = w.paid_order(10_000).await;
    let (one, two) = (
        w.open(&w.clerk, &order).await,
        w.open(&w.clerk_2, &order).await,
    );
    // Both see 100.00 and ask for it at the same time.
    let (a, b) = tokio::join!(
        w.call(
            &w.clerk,
            "refunds.request",
            World::request_of(&one, 10_000, "甲")
        ),
        w.call(
            &w.clerk_2,
            "refunds.request",
            World::request_of(&two, 10_000, "乙")
        ),
    );
    let codes: Vec<&str> = [&a, &b]
        .iter()
        .filter_map(|r| r.as_ref().err())
        .map(|e| e.code.text().code)
        .collect();
    assert_eq!(codes, ["refund.remaining_changed"], "{a:?} {b:?}");
    let order_row = w
        .ok(&w.clerk, "orders.detail", json!({ "order_id": order }))
        .await;
    assert_eq!(order_row["refundable"]["minor"], 0);
    assert_eq!(order_row["actions"][0]["reason"], "order.all_in_flight");

    // More than what is left, and what is not an amount.
    let order = w.paid_order(10_000).await;
    let form = w.open(&w.clerk, &order).await;
    for (minor, code) in [
        (10_001, "refund.exceeds_remaining"),
        (0, "request.bad"),
        (-1, "request.bad"),
    ] {
        assert_eq!(
            w.refused(
                &w.clerk,
                "refunds.request",
                World::request_of(&form, minor, "x")
            )
            .await,
            code,
            "{minor}"
        );
    }
    let mut silent = World::request_of(&form, 100, "  ");
    assert_eq!(
        w.refused(&w.clerk, "refunds.request", silent.clone()).await,
        "refund.reason_required"
    );
    silent["content"]["note"] = json!("说明");
    silent["content"]["buyer_note"] = json!("字".repeat(81));
    assert_eq!(
        w.refused(&w.clerk, "refunds.request", silent).await,
        "request.bad"
    );

    // The database itself refuses what the core would have let through.
    let forced = sqlx::query(
        "UPDATE refunds SET amount_minor = 10001, state = 'awaiting_approval' WHERE refund_no = $1",
    )
    .bind(form["refund_no"].as_str())
    .execute(w.app.store().pool())
    .await;
    assert!(
        forced
            .unwrap_err()
            .to_string()
            .contains("refunds exceed the payment")
    );
    w.audit_holds().await;
}

#[tokio::test]
async fn a_short_balance_waits_for_the_top_up_under_the_same_number() {
    let w = World::new().await;
    let order = w.paid_order(2_000).await;
    let view = w.request(&order, 2_000).await;
    let number = text(&view["row"]["refund_no"]);
    w.control("balance", json!({ "available": 0 })).await;
    w.approve(&w.approver, &view).await.unwrap();
    let begun = Instant::now();
    let waiting = loop {
        let view = w.view(&number).await;
        if view["row"]["last_error"] == "channel.insufficient_balance" {
            break view;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{view:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(waiting["row"]["state"], "queued");
    assert_eq!(w.at_channel(&number).await, Vec::<Value>::new());
    w.control("balance", json!({ "available": 1_000_000 }))
        .await;
    // A person who topped up need not wait for the timer.
    w.ok(
        &w.clerk,
        "refunds.query_channel",
        json!({ "refund_no": number }),
    )
    .await;
    w.until(&number, "succeeded").await;
    assert_eq!(w.at_channel(&number).await.len(), 1);
    w.audit_holds().await;
}

#[tokio::test]
async fn the_channels_bad_endings_are_told_apart() {
    let w = World::new().await;
    for (kind, state, event) in [
        ("refund_closed", "closed_by_channel", "refund_closed"),
        ("refund_abnormal", "abnormal", "refund_abnormal"),
    ] {
        let order = w.paid_order(3_000).await;
        let view = w.request(&order, 3_000).await;
        let number = text(&view["row"]["refund_no"]);
        w.fault(json!({ "kind": kind, "on": "refund.create", "times": 1 }))
            .await;
        w.approve(&w.approver, &view).await.unwrap();
        let done = w.until(&number, state).await;
        assert!(
            kinds(&done).iter().any(|k| k == event),
            "{:?}",
            kinds(&done)
        );
        let order = w
            .ok(&w.clerk, "orders.detail", json!({ "order_id": order }))
            .await;
        let left = if state == "abnormal" { 0 } else { 3_000 };
        assert_eq!(order["refundable"]["minor"], left, "{kind}");
    }
    // Refused outright: the sandbox is told to say so.
    let order = w.paid_order(3_000).await;
    let view = w.request(&order, 3_000).await;
    let number = text(&view["row"]["refund_no"]);
    w.fault(json!({ "kind": "status", "status": 403, "code": "USER_ACCOUNT_ABNORMAL", "on": "refund.create", "times": 1 })).await;
    w.approve(&w.approver, &view).await.unwrap();
    let done = w.until(&number, "closed_by_channel").await;
    assert_eq!(done["row"]["last_error"], "channel.payer_gone");
    assert!(kinds(&done).iter().any(|k| k == "refund_refused"));
    w.audit_holds().await;
}

#[tokio::test]
async fn a_request_nobody_decides_expires() {
    let w = World::new().await;
    let order = w.paid_order(1_000).await;
    let view = w.request(&order, 1_000).await;
    let number = text(&view["row"]["refund_no"]);
    w.app.clock().set_offset_millis(2 * DAY_MILLIS + 60_000);
    let approver = sign_in(&w.app, "approver").await;
    let late = w.approve(&approver, &view).await.unwrap_err();
    assert_eq!(late.code.text().code, "approval.expired");
    // The channel's clock goes along.
    w.control(
        "clock",
        json!({ "advance_seconds": 2 * 86_400 + 60, "wire": "virtual" }),
    )
    .await;
    let clerk = sign_in(&w.app, "clerk").await;
    let gone = w
        .ok(&clerk, "refunds.detail", json!({ "refund_no": number }))
        .await;
    assert_eq!(gone["row"]["state"], "approval_expired");
    assert_eq!(
        gone["order"]["in_flight_minor"], 0,
        "the money is free again"
    );
    let form = w.open(&clerk, &order).await;
    w.ok(
        &clerk,
        "refunds.request",
        World::request_of(&form, 1_000, "再申请"),
    )
    .await;
    // Without anyone looking, the timer finds it.
    w.app.clock().set_offset_millis(5 * DAY_MILLIS);
    let tick = zf_app::timer::tick(&w.app).await.unwrap();
    assert_eq!(tick.expired, 1);
    w.audit_holds().await;
}

#[tokio::test]
async fn a_rejection_needs_a_reason_and_ends_it() {
    let w = World::new().await;
    let order = w.paid_order(1_000).await;
    let view = w.request(&order, 1_000).await;
    let mut decision =
        json!({ "refund_no": view["row"]["refund_no"], "digest": view["digest"], "reason": " " });
    assert_eq!(
        w.refused(&w.approver, "approvals.reject", decision.clone())
            .await,
        "refund.reason_required"
    );
    decision["reason"] = json!("依据不足");
    let done = w.ok(&w.approver, "approvals.reject", decision).await;
    assert_eq!(done["row"]["state"], "rejected");
    assert_eq!(done["order"]["in_flight_minor"], 0);
    let late = w.approve(&w.approver_2, &view).await.unwrap_err();
    assert_eq!(late.code.text().code, "state.illegal_step");
    let handled = w.ok(&w.approver, "approvals.queue", json!({})).await;
    assert_eq!(handled["handled"][0]["refund_no"], view["row"]["refund_no"]);
}

/// The child of the next journey: approves in a process of its own, which is then killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the journey that kills it"]
async fn child_approves_and_is_killed() {
    let Some(home) = std::env::var_os("ZF_JOURNEY_HOME") else {
        return;
    };
    let app = open_app(std::path::Path::new(&home)).await;
    let approver = sign_in(&app, "approver").await;
    let number = std::env::var("ZF_JOURNEY_REFUND").unwrap();
    let view = call(
        &app,
        Some(&approver),
        "refunds.detail",
        json!({ "refund_no": number }),
    )
    .await
    .unwrap();
    let decision = json!({ "refund_no": number, "digest": view["digest"], "comment": "" });
    call(&app, Some(&approver), "approvals.approve", decision)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_storing_it_ends_as_one_refund() {
    let mut w = World::new().await;
    let order = w.paid_order(5_000).await;
    let view = w.request(&order, 5_000).await;
    let number = text(&view["row"]["refund_no"]);
    // The work is done at once, the answer comes much later: that is when the process dies.
    w.fault(json!({ "kind": "delay", "on": "refund.create", "when": "after", "ms": 30_000, "times": 1 })).await;
    // The home belongs to one process at a time.
    let parked = tempfile::tempdir().unwrap();
    let mine = std::mem::replace(&mut w.app, open_app(parked.path()).await);
    mine.store().close().await;
    drop(mine);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "refunds::child_approves_and_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env("ZF_JOURNEY_HOME", &w.home)
        .env("ZF_JOURNEY_REFUND", &number)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while w.at_channel(&number).await.is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(40),
            "the child never sent"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();

    w.app = open_app(&w.home).await;
    w.clerk = sign_in(&w.app, "clerk").await;
    assert_eq!(
        w.view(&number).await["row"]["state"],
        "queued",
        "the outcome was never stored"
    );
    let tick = zf_app::timer::tick(&w.app).await.unwrap();
    assert_eq!(tick.recovered, 1);
    let done = w.until(&number, "succeeded").await;
    assert!(
        in_order(
            &kinds(&done),
            &[
                "refund_sending",
                "refund_unknown",
                "refund_queried",
                "refund_succeeded"
            ]
        ),
        "{:?}",
        kinds(&done)
    );
    assert_eq!(
        kinds(&done)
            .iter()
            .filter(|k| *k == "refund_sending")
            .count(),
        1,
        "never sent again"
    );
    assert_eq!(
        w.all_at_channel(&text(&done["row"]["order_no"]))
            .await
            .len(),
        1
    );
    w.audit_holds().await;
}

#[tokio::test]
async fn orders_are_found_by_anything() {
    let w = World::new().await;
    let order = w.paid_order(123_456).await;
    let view = w.request(&order, 3_456).await;
    let row = w
        .ok(&w.clerk, "orders.detail", json!({ "order_id": order }))
        .await["row"]
        .clone();
    let (order_no, payment_id) = (text(&row["order_no"]), text(&row["payment_id"]));
    let refund_no = text(&view["row"]["refund_no"]);
    let search = |text: String| {
        json!({ "text": text, "account_id": null, "states": [], "date_from": null, "date_to": null,
        "amount_min_minor": null, "amount_max_minor": null, "cursor": null, "limit": 50 })
    };
    let spaced = format!(" {} {}", &payment_id[..8], &payment_id[8..]);
    for typed in [
        order_no.clone(),
        order_no[6..].to_owned(),
        order_no.to_lowercase(),
        payment_id.clone(),
        spaced,
        payment_id[20..].to_owned(),
        refund_no.clone(),
        refund_no[4..].to_owned(),
        "1234.56".to_owned(),
        "¥1,234.56".to_owned(),
        "34.56元".to_owned(),
    ] {
        let page = w.ok(&w.clerk, "orders.search", search(typed.clone())).await;
        assert_eq!(page["rows"][0]["order_id"], row["order_id"], "{typed:?}");
        let totals = w.ok(&w.clerk, "orders.totals", search(typed.clone())).await;
        assert_eq!(
            totals["paid_sums"][0]["money"]["minor"], 123_456,
            "{typed:?}"
        );
    }
    for nothing in ["ORD-NOBODY", "100%", "_", "'; DROP TABLE orders; --"] {
        let page = w
            .ok(&w.clerk, "orders.totals", search(nothing.to_owned()))
            .await;
        assert_eq!(
            page["total"],
            if nothing == "_" {
                page["total"].clone()
            } else {
                json!(0)
            },
            "{nothing}"
        );
    }
    // Nobody sees who paid.
    assert!(
        row["payer_masked"]
            .as_str()
            .is_none_or(|p| p.starts_with("**")),
        "{row}"
    );
    assert_eq!(
        w.refused(
            &w.clerk,
            "orders.lookup",
            json!({ "account_id": w.account_id, "number": "NOSUCHORDER1" })
        )
        .await,
        "channel.not_found"
    );
    let by_refund = w
        .ok(
            &w.clerk,
            "orders.query_channel",
            json!({ "order_id": order }),
        )
        .await;
    assert!(kinds(&by_refund).iter().any(|k| k == "channel_queried"));
}
