//! Faults: what the merchant sees, and what was really done.

use serde_json::{Value, json};

use crate::support::World;

async fn rules(world: &World, rules: Value) {
    world.control("faults", json!({ "rules": rules })).await;
}

async fn refunds(world: &World) -> u64 {
    let state = world.control("state", json!({})).await;
    state["channels"]["wechat_pay"]["counts"]["refunds"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn a_connection_cut_after_the_work_leaves_one_refund() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    world.paid("ORD-00001", 10_000).await;
    let body = merchant.refund_body("ORD-00001", "RF-1", 4_000, 10_000);
    let send = || merchant.send(merchant.draft("POST", "/v3/refund/domestic/refunds", Some(&body)));

    rules(
        &world,
        json!([{"kind": "cut_before", "on": "refund.create", "times": 1}]),
    )
    .await;
    assert!(send().await.is_err(), "no byte of an answer");
    assert_eq!(refunds(&world).await, 0, "nothing was done");

    rules(
        &world,
        json!([{"kind": "cut_after", "on": "refund.create", "number": "RF-1", "times": 1}]),
    )
    .await;
    assert!(send().await.is_err(), "no byte of an answer");
    assert_eq!(refunds(&world).await, 1, "the work was done");

    let query = merchant
        .call("GET", "/v3/refund/domestic/refunds/RF-1", None)
        .await
        .json();
    let again = send().await.unwrap();
    merchant.verify(&again).unwrap();
    assert_eq!(again.json()["refund_id"], query["refund_id"]);
    assert_eq!(refunds(&world).await, 1);
    let state = world.control("state", json!({})).await;
    let outcomes: Vec<&str> = state["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["operation"] == "refund.create")
        .map(|line| line["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["cut before", "cut after 200", "200"]);
}

#[tokio::test]
async fn errors_before_and_after_the_effect() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    world.paid("ORD-00001", 10_000).await;
    for (rule, status, code, stored) in [
        (
            json!({"kind": "rate_limit", "times": 1}),
            429,
            "FREQUENCY_LIMITED",
            0,
        ),
        (
            json!({"kind": "status", "status": 503, "code": "SERVICE_UNAVAILABLE", "times": 1}),
            503,
            "SERVICE_UNAVAILABLE",
            0,
        ),
        (
            json!({"kind": "status", "when": "after", "times": 1}),
            500,
            "SYSTEM_ERROR",
            1,
        ),
    ] {
        rules(&world, json!([rule])).await;
        let got = merchant.refund("ORD-00001", "RF-1", 4_000, 10_000).await;
        assert_eq!(
            (got.status, got.json()["code"].as_str().unwrap()),
            (status, code)
        );
        assert_eq!(refunds(&world).await, stored, "{rule}");
    }
    rules(
        &world,
        json!([{"kind": "status", "status": 502, "code": ""}]),
    )
    .await;
    let got = merchant.query("ORD-00001").await;
    assert_eq!(
        (got.status, got.body.len()),
        (502, 0),
        "a gateway says nothing"
    );
    rules(&world, json!([])).await;
    assert_eq!(merchant.query("ORD-00001").await.status, 200);
}

#[tokio::test]
async fn answers_that_must_not_be_believed() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    for (kind, reason) in [
        ("bad_signature", "signature"),
        ("unknown_serial", "unknown serial"),
        ("probe", "not base64"),
        ("clock_skew", "timestamp"),
        ("rotate_key", "unknown serial"),
    ] {
        rules(&world, json!([{"kind": kind, "times": 1}])).await;
        let mut draft = merchant.draft("GET", "/v3/certificates", None);
        if kind == "rotate_key" {
            draft.unset("Wechatpay-Serial");
        }
        let got = merchant.send(draft).await.unwrap();
        assert_eq!(got.status, 200);
        let error = merchant.verify(&got).unwrap_err();
        assert!(error.contains(reason), "{kind}: {error}");
        if kind == "probe" {
            assert!(
                got.header("Wechatpay-Signature")
                    .starts_with("WECHATPAY/SIGNTEST/")
            );
        }
        if kind == "rotate_key" {
            assert_eq!(
                got.json()["data"].as_array().unwrap().len(),
                2,
                "old and new together"
            );
        }
        // The repeat is genuine.
        merchant.call("GET", "/v3/certificates", None).await;
    }
}

#[tokio::test]
async fn bills_that_bite() {
    let world = World::with(|options| {
        options.days = 1;
        options.orders_per_day = 30;
    })
    .await;
    let plain = "/v3/bill/tradebill?bill_date=2026-03-13";
    let zipped = "/v3/bill/tradebill?bill_date=2026-03-13&tar_type=GZIP";
    for (kind, target, reason) in [
        ("bill_not_ready", plain, "STATEMENT_CREATING"),
        ("bill_truncated", plain, "hash"),
        ("bill_truncated", zipped, ""),
        ("bill_corrupted", plain, "hash"),
        ("bill_corrupted", zipped, "hash"),
    ] {
        rules(&world, json!([{"kind": kind, "times": 1}])).await;
        let error = world.merchant.bill(target).await.unwrap_err();
        assert!(error.contains(reason), "{kind} {target}: {error}");
        assert!(
            world.merchant.bill(target).await.is_ok(),
            "{kind}: the repeat is whole"
        );
    }
    rules(
        &world,
        json!([{"kind": "cut_middle", "on": "bill.download", "times": 1}]),
    )
    .await;
    assert!(
        world.merchant.bill(plain).await.is_err(),
        "the connection broke on the way"
    );
    assert!(world.merchant.bill(plain).await.is_ok());
}

#[tokio::test]
async fn refunds_that_end_badly_and_answers_that_take_their_time() {
    let world = World::empty().await;
    world
        .control("settings", json!({"refund_seconds": 10}))
        .await;
    world.paid("ORD-00001", 10_000).await;
    world.paid("ORD-00002", 10_000).await;
    rules(
        &world,
        json!([
            {"kind": "refund_abnormal", "number": "RF-1"},
            {"kind": "refund_closed", "number": "RF-2"},
            {"kind": "delay", "on": "refund.query", "ms": 120},
        ]),
    )
    .await;
    world
        .merchant
        .refund("ORD-00001", "RF-1", 100, 10_000)
        .await;
    world
        .merchant
        .refund("ORD-00002", "RF-2", 100, 10_000)
        .await;
    world.pass(10).await;
    let merchant = world.merchant_at(10);
    for (number, status) in [("RF-1", "ABNORMAL"), ("RF-2", "CLOSED")] {
        let begun = std::time::Instant::now();
        let path = format!("/v3/refund/domestic/refunds/{number}");
        assert_eq!(
            merchant.call("GET", &path, None).await.json()["status"],
            status
        );
        assert!(begun.elapsed().as_millis() >= 120);
    }
}
