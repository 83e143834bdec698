//! Notices: content, signature, schedule, and the ways they go wrong.

use serde_json::{Value, json};

use crate::support::{Arrived, Merchant, NOW, Receiver, World};

fn header(arrived: &Arrived, name: &str) -> String {
    arrived
        .headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
        .to_owned()
}

/// Verifies a notice as a merchant must, and opens it.
fn opened(merchant: &Merchant, arrived: &Arrived) -> Result<(Value, Value), String> {
    merchant.verify_parts(
        &header(arrived, "Wechatpay-Serial"),
        &header(arrived, "Wechatpay-Timestamp"),
        &header(arrived, "Wechatpay-Nonce"),
        &header(arrived, "Wechatpay-Signature"),
        &arrived.body,
    )?;
    let outer: Value = serde_json::from_slice(&arrived.body).unwrap();
    let inner = serde_json::from_slice(&merchant.open(&outer["resource"])).unwrap();
    Ok((outer, inner))
}

/// A paid order whose notices go to `receiver`.
async fn pay_for(world: &World, receiver: &Receiver, number: &str) {
    let mut order = world.merchant.order(number, 10_000);
    order["notify_url"] = json!(receiver.url);
    let got = world.merchant.prepay("native", order).await;
    assert_eq!(got.status, 200, "{}", got.text());
    world.control("pay", json!({"out_trade_no": number})).await;
    world.control("clock", json!({"advance_seconds": 0})).await;
}

async fn notices(world: &World) -> Vec<Value> {
    let state = world.control("state", json!({})).await;
    state["channels"]["wechat_pay"]["notices"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .cloned()
        .collect()
}

#[tokio::test]
async fn payments_and_refunds_are_notified_signed_and_sealed() {
    let world = World::empty().await;
    let receiver = Receiver::answering(&[]).await;
    pay_for(&world, &receiver, "ORD-00001").await;
    let mut refund = world
        .merchant
        .refund_body("ORD-00001", "RF-1", 4_000, 10_000);
    refund["notify_url"] = json!(receiver.url);
    let got = world
        .merchant
        .call("POST", "/v3/refund/domestic/refunds", Some(refund))
        .await;
    assert_eq!(got.status, 200, "{}", got.text());
    world
        .control("refund", json!({"out_refund_no": "RF-1", "to": "success"}))
        .await;
    world.control("clock", json!({"advance_seconds": 0})).await;

    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 2);
    assert_eq!(header(&arrived[0], "Content-Type"), "application/json");
    assert_eq!(
        header(&arrived[0], "Wechatpay-Signature-Type"),
        "WECHATPAY2-SHA256-RSA2048"
    );
    let (outer, payment) = opened(&world.merchant, &arrived[0]).unwrap();
    assert_eq!(outer["event_type"], "TRANSACTION.SUCCESS");
    assert_eq!(outer["resource_type"], "encrypt-resource");
    assert_eq!(outer["resource"]["original_type"], "transaction");
    assert_eq!(outer["resource"]["nonce"].as_str().unwrap().len(), 12);
    assert_eq!(outer["id"].as_str().unwrap().len(), 36);
    assert_eq!(payment["trade_state"], "SUCCESS");
    assert_eq!(payment["amount"]["total"], 10_000);

    let (outer, refund) = opened(&world.merchant, &arrived[1]).unwrap();
    assert_eq!(outer["event_type"], "REFUND.SUCCESS");
    assert_eq!(refund["refund_status"], "SUCCESS");
    assert_eq!(
        refund["amount"],
        json!({"total": 10_000, "refund": 4_000, "payer_total": 10_000, "payer_refund": 4_000})
    );
    for absent in ["status", "channel", "funds_account"] {
        assert!(refund.get(absent).is_none(), "{absent}");
    }
    assert!(
        notices(&world)
            .await
            .iter()
            .all(|notice| notice["state"] == "delivered")
    );
}

#[tokio::test]
async fn a_day_of_refusals_follows_the_vendors_schedule_and_then_ends() {
    let world = World::empty().await;
    let receiver = Receiver::answering(&[500; 20]).await;
    pay_for(&world, &receiver, "ORD-00001").await;
    assert_eq!(receiver.arrived().len(), 1);
    // Step by step at first, then a whole day in one move.
    for (seconds, count) in [
        (14, 1),
        (1, 2),
        (15, 3),
        (29, 3),
        (1, 4),
        (86_580, 16),
        (86_400, 16),
    ] {
        world
            .control("clock", json!({"advance_seconds": seconds}))
            .await;
        assert_eq!(
            receiver.arrived().len(),
            count,
            "after {seconds} more seconds"
        );
    }
    let notice = &notices(&world).await[0];
    assert_eq!(notice["state"], "given_up");
    let times: Vec<&str> = notice["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["at"].as_str().unwrap())
        .collect();
    assert_eq!(times[0], "2026-03-14T10:30:00+08:00");
    assert_eq!(times[3], "2026-03-14T10:31:00+08:00");
    assert_eq!(times[15], "2026-03-15T10:34:00+08:00");
    let arrived = receiver.arrived();
    let ids = arrived
        .iter()
        .map(|one| opened(&world.merchant, one).unwrap().0["id"].clone());
    assert_eq!(
        ids.collect::<std::collections::HashSet<_>>().len(),
        1,
        "one id"
    );
    let nonces = arrived.iter().map(|one| header(one, "Wechatpay-Nonce"));
    assert_eq!(
        nonces.collect::<std::collections::HashSet<_>>().len(),
        16,
        "signed anew each time"
    );
}

#[tokio::test]
async fn an_accepted_retry_ends_the_schedule() {
    let world = World::empty().await;
    let receiver = Receiver::answering(&[500, 302, 200]).await;
    pay_for(&world, &receiver, "ORD-00001").await;
    world
        .control("clock", json!({"advance_seconds": 86_400}))
        .await;
    assert_eq!(receiver.arrived().len(), 3);
    let outcomes = notices(&world).await[0]["attempts"].clone();
    assert_eq!(outcomes[1]["outcome"], "302");
    assert_eq!(outcomes[2]["outcome"], "200");
}

#[tokio::test]
async fn lost_late_doubled_overtaken_and_probed() {
    let world = World::empty().await;
    let receiver = Receiver::answering(&[]).await;
    let rules = json!([
        {"kind": "notice_lost", "number": "ORD-LOST1"},
        {"kind": "notice_late", "number": "ORD-LATE1", "seconds": 100},
        {"kind": "notice_doubled", "number": "ORD-TWICE"},
        {"kind": "notice_out_of_order", "number": "ORD-FIRST"},
        {"kind": "probe", "on": "notice.*", "number": "ORD-PROBE", "times": 1},
        {"kind": "bad_signature", "on": "notice.*", "number": "ORD-WRONG", "times": 1},
    ]);
    world.control("faults", json!({ "rules": rules })).await;
    let count = || receiver.arrived().len();

    pay_for(&world, &receiver, "ORD-LOST1").await;
    world
        .control("clock", json!({"advance_seconds": 90_000}))
        .await;
    assert_eq!(count(), 0);
    assert_eq!(notices(&world).await[0]["state"], "lost");

    pay_for(&world, &receiver, "ORD-LATE1").await;
    assert_eq!(count(), 0);
    world
        .control("clock", json!({"advance_seconds": 100}))
        .await;
    assert_eq!(count(), 1);

    pay_for(&world, &receiver, "ORD-TWICE").await;
    assert_eq!(count(), 3);

    pay_for(&world, &receiver, "ORD-FIRST").await;
    assert_eq!(count(), 3);
    pay_for(&world, &receiver, "ORD-SECOND").await;
    world.control("clock", json!({"advance_seconds": 1})).await;
    let numbers: Vec<String> = receiver.arrived()[3..]
        .iter()
        .map(|one| {
            opened(&world.merchant, one).unwrap().1["out_trade_no"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(numbers, ["ORD-SECOND", "ORD-FIRST"]);

    // A probe must be refused; even if it is accepted, the genuine notice follows.
    pay_for(&world, &receiver, "ORD-PROBE").await;
    let probe = receiver.arrived()[5].clone();
    assert!(header(&probe, "Wechatpay-Signature").starts_with("WECHATPAY/SIGNTEST/"));
    assert!(opened(&world.merchant, &probe).is_err());
    world.control("clock", json!({"advance_seconds": 15})).await;
    opened(&world.merchant, &receiver.arrived()[6]).unwrap();

    pay_for(&world, &receiver, "ORD-WRONG").await;
    assert!(opened(&world.merchant, &receiver.arrived()[7]).is_err());
}

#[tokio::test]
async fn nothing_leaves_this_machine() {
    let world = World::empty().await;
    world.paid("ORD-00001", 100).await;
    world.control("clock", json!({"advance_seconds": 0})).await;
    let notice = &notices(&world).await[0];
    assert_eq!(notice["state"], "waiting");
    assert!(
        notice["attempts"][0]["outcome"]
            .as_str()
            .unwrap()
            .contains("only http addresses on this machine")
    );
    assert_eq!(notice["created_at"], "2026-03-14T10:30:00+08:00");
    assert_eq!(world.merchant.timestamp, NOW);
}
