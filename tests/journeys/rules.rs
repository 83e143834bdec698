//! Rules of the house: who may set them, what they refuse, and that they leave alone what was asked
//! for before.

use serde_json::{Value, json};

use crate::world::{World, in_order, kinds, sign_in, text};

/// The rules that stand, with some fields set otherwise.
async fn set(w: &World, changes: Value) -> Value {
    let admin = sign_in(&w.app, "admin").await;
    let now = w.ok(&admin, "settings.rules", json!({})).await;
    let mut rules = now["rules"].clone();
    for (name, value) in changes.as_object().unwrap() {
        rules[name] = value.clone();
    }
    w.ok(
        &admin,
        "settings.set_rules",
        json!({ "rules": rules, "version_seen": now["version"], "note": "试" }),
    )
    .await
}

fn field(view: &Value, name: &str) -> Value {
    view["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["name"] == name)
        .unwrap_or_else(|| panic!("no field {name}"))
        .clone()
}

#[tokio::test]
async fn rules_are_set_by_administrators_only_and_named_when_they_make_no_sense() {
    let w = World::new().await;
    let admin = sign_in(&w.app, "admin").await;
    let first = w.ok(&w.clerk, "settings.rules", json!({})).await;
    assert_eq!(first["version"], 0);
    assert_eq!(first["rules"], first["defaults"]);
    let change = json!({ "rules": first["rules"], "version_seen": 0, "note": "" });
    for who in [&w.clerk, &w.approver] {
        assert_eq!(
            w.refused(who, "settings.set_rules", change.clone()).await,
            "permission.denied"
        );
    }
    for (name, value) in [
        ("bands", json!([])),
        ("bands", json!([{ "up_to_minor": 100, "checkers": 1 }])),
        ("bands", json!([{ "up_to_minor": null, "checkers": 0 }])),
        ("approval_hours", json!(0)),
        ("cooling_off_seconds", json!(90_000)),
        ("daily_count_max", json!(0)),
        ("daily_sum_minor_max", json!(0)),
        ("buyer_note", json!("字".repeat(81))),
    ] {
        let mut bad = change.clone();
        bad["rules"][name] = value;
        let error = w.call(&admin, "settings.set_rules", bad).await.unwrap_err();
        assert_eq!(error.code.text().code, "settings.invalid", "{name}");
        assert_eq!(error.params["name"], name);
    }
    let second = set(&w, json!({ "cooling_off_seconds": 60 })).await;
    assert_eq!(second["version"], 1);
    assert_eq!(second["history"][0]["by"], "admin");
    // Somebody who still looks at the version before is told who was first.
    let stale = w
        .call(&admin, "settings.set_rules", change)
        .await
        .unwrap_err();
    assert_eq!(stale.code.text().code, "settings.changed_elsewhere");
    assert_eq!(stale.params["by"], "admin");
    // No path rewrites what stood.
    let forced = sqlx::query("UPDATE house_rules SET content = '{}'")
        .execute(w.app.store().pool())
        .await;
    assert!(forced.unwrap_err().to_string().contains("never changed"));

    for (hour, code) in [(9, "settings.invalid"), (24, "settings.invalid")] {
        let schedule = json!({ "schedule": { "fetch_bills": true, "fetch_hour": hour }, "version_seen": 0, "note": "" });
        assert_eq!(
            w.refused(&admin, "settings.set_schedule", schedule).await,
            code
        );
    }
    let schedule = json!({ "schedule": { "fetch_bills": false, "fetch_hour": 11 }, "version_seen": 0, "note": "" });
    let set = w.ok(&admin, "settings.set_schedule", schedule).await;
    assert_eq!(set["schedule"]["fetch_bills"], false);
    w.audit_holds().await;
}

#[tokio::test]
async fn a_request_keeps_the_path_it_was_asked_under() {
    let w = World::new().await;
    let order = w.paid_order(10_000).await;
    let before = w.request(&order, 4_000).await;
    assert_eq!(field(&before, "checkers")["value"], "1");
    set(
        &w,
        json!({ "bands": [{ "up_to_minor": null, "checkers": 2 }], "approval_hours": 1 }),
    )
    .await;
    let still = w.view(&text(&before["row"]["refund_no"])).await;
    assert_eq!(still["digest"], before["digest"]);
    assert_eq!(still["checkers_required"], 1);
    assert_eq!(still["row"]["expires_at"], before["row"]["expires_at"]);
    w.approve(&w.approver, &still).await.unwrap();
    w.until(&text(&before["row"]["refund_no"]), "succeeded")
        .await;

    // What is asked for now goes the new way, and the database counts too.
    let order = w.paid_order(10_000).await;
    let after = w.request(&order, 4_000).await;
    assert_eq!(after["checkers_required"], 2);
    assert_eq!(field(&after, "rules_version")["value"], "1");
    let one = w.approve(&w.approver, &after).await.unwrap();
    assert_eq!(one["row"]["state"], "awaiting_approval");
    let forced = sqlx::query("UPDATE refunds SET state = 'queued' WHERE refund_no = $1")
        .bind(after["row"]["refund_no"].as_str())
        .execute(w.app.store().pool())
        .await;
    assert!(forced.unwrap_err().to_string().contains("not approved"));
    let queue = w.ok(&w.approver_2, "approvals.queue", json!({})).await;
    assert_eq!(queue["progress"][0]["approved"], 1);
    assert_eq!(queue["progress"][0]["needed"], 2);
    w.approve(&w.approver_2, &after).await.unwrap();
    w.until(&text(&after["row"]["refund_no"]), "succeeded")
        .await;
    w.audit_holds().await;
}

#[tokio::test]
async fn a_day_has_its_limits_and_says_the_numbers() {
    let w = World::new().await;
    set(&w, json!({ "daily_sum_minor_max": 5_000 })).await;
    let order = w.paid_order(10_000).await;
    w.request(&order, 4_000).await;
    let form = w.open(&w.clerk, &order).await;
    let refused = w
        .call(
            &w.clerk,
            "refunds.request",
            World::request_of(&form, 1_001, "再退"),
        )
        .await
        .unwrap_err();
    assert_eq!(refused.code.text().code, "refund.daily_sum");
    assert_eq!(
        (
            refused.params["asked"].as_str(),
            refused.params["amount"].as_str(),
            refused.params["limit"].as_str()
        ),
        ("40.00 CNY", "10.01 CNY", "50.00 CNY")
    );
    let flight = w
        .ok(
            &w.clerk,
            "refunds.preflight",
            json!({ "refund_no": form["refund_no"], "amount_minor": 1_001 }),
        )
        .await;
    let checks = flight["checks"].as_array().unwrap();
    let limit = checks.iter().find(|c| c["name"] == "daily_limit").unwrap();
    assert_eq!(limit["level"], "block");
    // Another person has a day of their own; and a count is a limit as well.
    let theirs = w.open(&w.clerk_2, &order).await;
    w.ok(
        &w.clerk_2,
        "refunds.request",
        World::request_of(&theirs, 1_001, "同事"),
    )
    .await;
    set(
        &w,
        json!({ "daily_sum_minor_max": null, "daily_count_max": 1 }),
    )
    .await;
    assert_eq!(
        w.refused(
            &w.clerk,
            "refunds.request",
            World::request_of(
                &w.ok(
                    &w.clerk,
                    "refunds.form",
                    json!({ "refund_no": form["refund_no"] })
                )
                .await,
                100,
                "再退"
            )
        )
        .await,
        "refund.daily_count"
    );
    // A reason that needs no note takes none; "other" always does.
    set(&w, json!({ "daily_count_max": null, "note_required": [] })).await;
    let form = w
        .ok(
            &w.clerk,
            "refunds.form",
            json!({ "refund_no": form["refund_no"] }),
        )
        .await;
    let mut silent = World::request_of(&form, 100, "");
    silent["content"]["reason_code"] = json!("other");
    assert_eq!(
        w.refused(&w.clerk, "refunds.request", silent.clone()).await,
        "refund.reason_required"
    );
    silent["content"]["reason_code"] = json!("price");
    w.ok(&w.clerk, "refunds.request", silent).await;
    w.audit_holds().await;
}

#[tokio::test]
async fn while_it_cools_off_it_can_be_taken_back_and_afterwards_one_refund_leaves() {
    let w = World::new().await;
    set(&w, json!({ "cooling_off_seconds": 600 })).await;
    let order = w.paid_order(10_000).await;

    // The maker takes it back: nothing is sent, also when the time is over.
    let view = w.request(&order, 3_000).await;
    let number = text(&view["row"]["refund_no"]);
    let cooling = w.approve(&w.approver, &view).await.unwrap();
    assert_eq!(cooling["row"]["state"], "cooling_off");
    assert_eq!(cooling["may_recall"], true);
    zf_app::timer::tick(&w.app).await.unwrap();
    // Asking the channel by hand does not shorten it.
    w.ok(
        &w.clerk,
        "refunds.query_channel",
        json!({ "refund_no": number }),
    )
    .await;
    assert_eq!(w.view(&number).await["row"]["state"], "cooling_off");
    let back = w
        .ok(&w.clerk, "refunds.withdraw", json!({ "refund_no": number }))
        .await;
    assert_eq!(back["row"]["state"], "draft");

    // The checker takes the approval back: the maker must ask anew, the same content included.
    let form = w
        .ok(&w.clerk, "refunds.form", json!({ "refund_no": number }))
        .await;
    let request = World::request_of(&form, 3_000, "顾客要求退款");
    let again = w.ok(&w.clerk, "refunds.request", request.clone()).await;
    assert_eq!(again["version"], 2);
    w.approve(&w.approver, &again).await.unwrap();
    let recall = json!({ "refund_no": number, "digest": again["digest"], "reason": "看错了" });
    assert_eq!(
        w.refused(&w.approver_2, "approvals.recall", recall.clone())
            .await,
        "permission.denied",
        "whoever did not approve has nothing to take back"
    );
    let voided = w.ok(&w.approver, "approvals.recall", recall).await;
    assert_eq!(voided["row"]["state"], "approval_voided");

    // Past the time: exactly one refund at the channel.
    let third = w.ok(&w.clerk, "refunds.request", request).await;
    assert_eq!(third["version"], 3);
    w.approve(&w.approver, &third).await.unwrap();
    assert_eq!(w.at_channel(&number).await, Vec::<Value>::new());
    // As if ten minutes had gone by.
    sqlx::query("UPDATE refunds SET next_query_at = 0 WHERE refund_no = $1")
        .bind(&number)
        .execute(w.app.store().pool())
        .await
        .unwrap();
    let done = w.until(&number, "succeeded").await;
    assert!(
        in_order(
            &kinds(&done),
            &[
                "refund_cooling_off",
                "refund_withdrawn",
                "refund_cooling_off",
                "approval_recalled",
                "refund_cooling_off",
                "refund_sending",
                "refund_succeeded"
            ]
        ),
        "{:?}",
        kinds(&done)
    );
    assert_eq!(w.at_channel(&number).await.len(), 1);
    assert_eq!(
        w.refused(&w.clerk, "refunds.withdraw", json!({ "refund_no": number }))
            .await,
        "state.illegal_step"
    );
    w.audit_holds().await;
}

#[tokio::test]
async fn a_second_version_shows_old_beside_new_and_a_closed_form_is_kept() {
    let w = World::new().await;
    let order = w.paid_order(10_000).await;
    let form = w.open(&w.clerk, &order).await;
    let draft = json!({ "refund_no": form["refund_no"], "amount_minor": 1_234, "reason_code": "price", "note": "写到一半", "buyer_note": "" });
    w.ok(&w.clerk, "refunds.save_draft", draft.clone()).await;
    let kept = w.open(&w.clerk, &order).await;
    assert_eq!(kept["refund_no"], form["refund_no"]);
    assert_eq!(kept["content"]["amount_minor"], 1_234);
    assert_eq!(kept["content"]["note"], "写到一半");
    assert_eq!(kept["refundable"]["minor"], 10_000, "a draft holds nothing");
    assert_eq!(
        w.refused(&w.clerk_2, "refunds.save_draft", draft).await,
        "refund.not_yours"
    );

    let first = w
        .ok(
            &w.clerk,
            "refunds.request",
            World::request_of(&form, 4_000, "第一版"),
        )
        .await;
    w.approve(&w.approver, &{
        let mut two = first.clone();
        two["digest"] = json!("0".repeat(64));
        two
    })
    .await
    .unwrap_err();
    let form = w
        .ok(
            &w.clerk,
            "refunds.form",
            json!({ "refund_no": form["refund_no"] }),
        )
        .await;
    let second = w
        .ok(
            &w.clerk,
            "refunds.request",
            World::request_of(&form, 4_100, "第二版"),
        )
        .await;
    let amount = field(&second, "amount");
    assert_eq!(
        (amount["before"].as_str(), amount["value"].as_str()),
        (Some("40.00"), Some("41.00"))
    );
    assert_eq!(field(&second, "note")["before"], "第一版");
    assert_eq!(second["versions"].as_array().unwrap().len(), 2);
    assert_eq!(second["versions"][0]["digest"], first["digest"]);
    assert!(text(&second["signed_text"]).contains("第二版"));
    assert_eq!(
        w.approve(&w.approver, &first)
            .await
            .unwrap_err()
            .code
            .text()
            .code,
        "approval.content_changed"
    );
    // Found by its number, its order's number, its note and its amount.
    let order_no = text(&second["row"]["order_no"]);
    for (what, n) in [
        (text(&second["row"]["refund_no"]).as_str(), 1),
        (order_no.as_str(), 1),
        ("第二", 1),
        ("41.00", 1),
        ("41.01", 0),
        ("nothing like it", 0),
    ] {
        let page = w
            .ok(
                &w.clerk,
                "refunds.list",
                json!({ "lane": "all", "text": what, "cursor": null, "limit": 50 }),
            )
            .await;
        assert_eq!(page["total"], n, "{what}");
        assert_eq!(page["rows"].as_array().unwrap().len(), n, "{what}");
    }
    w.audit_holds().await;
}

#[tokio::test]
async fn the_review_of_access_finds_what_is_there() {
    let w = World::new().await;
    assert_eq!(
        w.refused(&w.clerk, "access.review", json!({})).await,
        "permission.denied"
    );
    let kinds_of = |review: &Value| -> Vec<String> {
        review["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| text(&f["kind"]))
            .collect()
    };
    let healthy = w.ok(&w.approver, "access.review", json!({})).await;
    assert_eq!(kinds_of(&healthy), ["single_administrator"]);

    // A password everybody knows, wrong passwords, one checker for all, three checkers wanted.
    let admin = sign_in(&w.app, "admin").await;
    let users = w.ok(&admin, "users.list", json!({})).await;
    let id = |login: &str| {
        users["users"]
            .as_array()
            .unwrap()
            .iter()
            .find(|u| u["login"] == login)
            .map(|u| u["user_id"].clone())
            .unwrap()
    };
    w.ok(
        &admin,
        "users.reset_password",
        json!({ "user_id": id("clerk2"), "new_password": "zhangfang-demo" }),
    )
    .await;
    for _ in 0..5 {
        let _ = w
            .app
            .call(
                None,
                "cli",
                "session.sign_in",
                json!({ "login": "approver2", "password": "wrong" }),
            )
            .await;
    }
    for _ in 0..5 {
        let order = w.paid_order(1_000).await;
        let view = w.request(&order, 1_000).await;
        w.approve(&w.approver, &view).await.unwrap();
    }
    set(
        &w,
        json!({ "bands": [{ "up_to_minor": null, "checkers": 3 }] }),
    )
    .await;
    let review = w.ok(&w.approver, "access.review", json!({})).await;
    assert_eq!(
        kinds_of(&review),
        [
            "default_password",
            "too_few_checkers",
            "fixed_pair",
            "failed_sign_ins",
            "single_administrator"
        ]
    );
    assert_eq!(review["findings"][0]["people"], json!(["clerk2"]));
    assert_eq!(review["pairs"][0]["approved"], 5);

    // Roles: the last administrator stays one, nobody changes their own, sessions end.
    let role = |login: &str, role: &str| json!({ "user_id": id(login), "role": role });
    assert_eq!(
        w.refused(&admin, "users.set_role", role("admin", "clerk"))
            .await,
        "user.last_administrator"
    );
    w.ok(&admin, "users.set_role", role("clerk2", "administrator"))
        .await;
    assert_eq!(
        w.refused(&admin, "users.set_role", role("admin", "clerk"))
            .await,
        "user.own_account"
    );
    assert_eq!(
        w.refused(&w.clerk_2, "settings.rules", json!({})).await,
        "session.expired"
    );
    // A clerk who becomes a checker shows as one who asked and approved, once both happened.
    w.ok(&admin, "users.set_role", role("clerk", "approver"))
        .await;
    w.ok(
        &admin,
        "users.disable",
        json!({ "user_id": id("approver2") }),
    )
    .await;
    let back = w
        .ok(
            &admin,
            "users.enable",
            json!({ "user_id": id("approver2") }),
        )
        .await;
    assert!(
        back["users"]
            .as_array()
            .unwrap()
            .iter()
            .all(|u| u["disabled"] == false)
    );
    w.audit_holds().await;
}
