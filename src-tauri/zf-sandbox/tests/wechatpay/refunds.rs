//! Refunds: limits, idempotency, states, the way out of an abnormal one.

use base64::Engine as _;
use serde_json::json;

use crate::support::World;

const DAY: i64 = 86_400;

#[tokio::test]
async fn the_same_number_is_one_refund_and_another_amount_is_refused() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    world.paid("ORD-00001", 10_000).await;
    let first = merchant.refund("ORD-00001", "RF-1", 4_000, 10_000).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let refund = first.json();
    assert_eq!(refund["status"], "PROCESSING");
    assert_eq!(refund["refund_id"].as_str().unwrap().len(), 29);
    assert_eq!(refund["user_received_account"], "支付用户零钱");
    assert_eq!(refund["amount"]["settlement_refund"], 4_000);
    assert!(refund.get("success_time").is_none());
    assert_eq!(
        merchant.query("ORD-00001").await.json()["trade_state"],
        "REFUND"
    );

    let again = merchant.refund("ORD-00001", "RF-1", 4_000, 10_000).await;
    assert_eq!(again.json(), refund);
    for (order, amount, total) in [("ORD-00001", 4_001, 10_000), ("ORD-00001", 4_000, 9_999)] {
        let got = merchant.refund(order, "RF-1", amount, total).await;
        assert_eq!(
            (got.status, got.json()["code"].as_str().unwrap()),
            (400, "INVALID_REQUEST")
        );
    }
    // By the channel's own number it is still the same refund.
    let mut body = merchant.refund_body("ORD-00001", "RF-1", 4_000, 10_000);
    body["transaction_id"] = refund["transaction_id"].clone();
    body["out_trade_no"] = json!("ignored-number");
    let got = merchant
        .call("POST", "/v3/refund/domestic/refunds", Some(body))
        .await;
    assert_eq!(got.json()["refund_id"], refund["refund_id"]);
    let state = world.control("state", json!({})).await;
    assert_eq!(state["channels"]["wechat_pay"]["counts"]["refunds"], 1);

    // Five minutes later the change purse has it.
    world.pass(299).await;
    let path = "/v3/refund/domestic/refunds/RF-1";
    let mut late = world.merchant_at(299);
    assert_eq!(
        late.call("GET", path, None).await.json()["status"],
        "PROCESSING"
    );
    world.pass(1).await;
    late.timestamp += 1;
    let done = late.call("GET", path, None).await.json();
    assert_eq!(done["status"], "SUCCESS");
    assert_eq!(done["success_time"], "2026-03-14T10:35:00+08:00");
    let got = late.refund("ORD-00001", "RF-1", 4_000, 10_000).await.json();
    assert_eq!(
        got["status"], "SUCCESS",
        "a repeat answers the current state"
    );
}

#[tokio::test]
async fn every_limit_has_its_refusal() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    world.paid("ORD-00001", 10_000).await;
    merchant
        .prepay("native", merchant.order("ORD-00002", 500))
        .await;
    for (order, number, refund, total, status, code) in [
        ("ORD-99999", "RF-1", 1, 1, 404, "RESOURCE_NOT_EXISTS"),
        ("ORD-00002", "RF-1", 1, 500, 400, "INVALID_REQUEST"),
        ("ORD-00001", "RF-1", 0, 10_000, 400, "PARAM_ERROR"),
        ("ORD-00001", "RF 1", 1, 10_000, 400, "PARAM_ERROR"),
        ("ORD-00001", "RF-1", 1, 9_000, 400, "INVALID_REQUEST"),
        ("ORD-00001", "RF-1", 10_001, 10_000, 400, "INVALID_REQUEST"),
        ("ORD-00001", "RF-1", 6_000, 10_000, 200, ""),
        ("ORD-00001", "RF-2", 1, 10_000, 429, "FREQUENCY_LIMITED"),
        ("ORD-00001", "RF-2", 4_001, 10_000, 400, "INVALID_REQUEST"),
    ] {
        let got = merchant.refund(order, number, refund, total).await;
        let code_got = got.json()["code"].as_str().unwrap_or_default().to_owned();
        assert_eq!(
            (got.status, code_got.as_str()),
            (status, code),
            "{order} {number} {refund}"
        );
    }
    let got = merchant
        .call("GET", "/v3/refund/domestic/refunds/RF-9", None)
        .await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (404, "RESOURCE_NOT_EXISTS")
    );

    // Accounts must add up; an empty list is no list.
    let mut body = merchant.refund_body("ORD-00001", "RF-3", 100, 10_000);
    body["amount"]["from"] = json!([{"account": "AVAILABLE", "amount": 99}]);
    let got = merchant
        .call("POST", "/v3/refund/domestic/refunds", Some(body))
        .await;
    assert_eq!(got.json()["code"], "PARAM_ERROR");

    // Money short: nothing is stored, the same number works after a top-up.
    world.pass(60).await;
    let late = world.merchant_at(60);
    world.control("balance", json!({"available": 3_975})).await;
    let got = late.refund("ORD-00001", "RF-2", 4_000, 10_000).await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (403, "NOT_ENOUGH")
    );
    assert_eq!(
        late.call("GET", "/v3/refund/domestic/refunds/RF-2", None)
            .await
            .status,
        404
    );
    world.control("balance", json!({"available": 3_976})).await;
    assert_eq!(
        late.refund("ORD-00001", "RF-2", 4_000, 10_000).await.status,
        200
    );
    assert_eq!(world.control("balance", json!({})).await["available"], 0);
}

#[tokio::test]
async fn a_year_and_a_day_is_too_late_and_fifty_parts_are_enough() {
    let world = World::empty().await;
    world
        .control("settings", json!({"refund_seconds": 1}))
        .await;
    world.paid("ORD-00001", 10_000).await;
    world.paid("ORD-00002", 10_000).await;
    for part in 0..51 {
        let merchant = world.merchant_at(part * 60);
        let got = merchant
            .refund("ORD-00001", &format!("P-{part}"), 10, 10_000)
            .await;
        assert_eq!(
            got.status,
            if part < 50 { 200 } else { 400 },
            "{part}: {}",
            got.text()
        );
        world.pass(60).await;
    }
    world.pass(365 * DAY - 51 * 60).await;
    let merchant = world.merchant_at(365 * DAY);
    assert_eq!(
        merchant.refund("ORD-00002", "L-1", 10, 10_000).await.status,
        200
    );
    world.pass(61).await;
    let merchant = world.merchant_at(365 * DAY + 61);
    let got = merchant.refund("ORD-00002", "L-2", 10, 10_000).await;
    assert_eq!(got.json()["code"], "TRADE_OVERDUE");
}

#[tokio::test]
async fn coupons_divide_and_the_last_refund_takes_the_rest() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    merchant
        .prepay("native", merchant.order("ORD-00001", 1_000))
        .await;
    let pay = json!({"out_trade_no": "ORD-00001", "coupon_amount": 301, "coupon_kind": "NOCASH"});
    world.control("pay", pay).await;
    let first = merchant.refund("ORD-00001", "C-1", 333, 1_000).await.json();
    assert_eq!(first["amount"]["discount_refund"], 100);
    assert_eq!(first["amount"]["payer_refund"], 233);
    assert_eq!(first["amount"]["settlement_refund"], 233);
    assert_eq!(first["amount"]["settlement_total"], 699);
    assert_eq!(first["promotion_detail"][0]["type"], "DISCOUNT");
    world.pass(60).await;
    let rest = world
        .merchant_at(60)
        .refund("ORD-00001", "C-2", 667, 1_000)
        .await
        .json();
    assert_eq!(rest["amount"]["discount_refund"], 201);
    // All money and all fees are back: the balance is where it began.
    assert_eq!(
        world.control("balance", json!({})).await["available"],
        2_000_000
    );
}

#[tokio::test]
async fn an_abnormal_refund_is_sent_to_another_card() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    world.paid("ORD-00001", 10_000).await;
    let refund = merchant
        .refund("ORD-00001", "RF-1", 4_000, 10_000)
        .await
        .json();
    let id = refund["refund_id"].as_str().unwrap();
    let path = format!("/v3/refund/domestic/refunds/{id}/apply-abnormal-refund");
    let seal = |text: &str| {
        let sealed = merchant
            .public_key
            .encrypt_oaep_sha1(text.as_bytes())
            .unwrap();
        base64::engine::general_purpose::STANDARD.encode(sealed)
    };
    let body = json!({
        "out_refund_no": "RF-1", "type": "USER_BANK_CARD", "bank_type": "ICBC_DEBIT",
        "bank_account": seal("6222020200112233445"), "real_name": seal("张三"),
    });
    let got = merchant.call("POST", &path, Some(body.clone())).await;
    assert_eq!(
        got.json()["code"],
        "INVALID_REQUEST",
        "only an abnormal one"
    );
    world
        .control("refund", json!({"out_refund_no": "RF-1", "to": "abnormal"}))
        .await;

    let mut plain = body.clone();
    plain["bank_account"] = json!("6222020200112233445");
    let got = merchant.call("POST", &path, Some(plain)).await;
    assert_eq!(
        got.json()["code"],
        "PARAM_ERROR",
        "fields must be encrypted"
    );
    let mut draft = merchant.draft("POST", &path, Some(&body));
    draft.unset("Wechatpay-Serial");
    let got = merchant.send(draft.clone()).await.unwrap();
    assert_eq!(
        got.json()["message"],
        "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)"
    );
    draft.set(
        "Wechatpay-Serial",
        "3A7C19E0B2D45F6688A1C3E5F70912B4D6E8FA0C",
    );
    let got = merchant.send(draft).await.unwrap();
    assert_eq!(got.json()["message"], "平台证书序列号Wechatpay-Serial错误");

    let got = merchant.call("POST", &path, Some(body)).await.json();
    assert_eq!(got["status"], "PROCESSING", "{got}");
    assert_eq!(got["user_received_account"], "工商银行储蓄卡3445");
    assert_eq!(got["channel"], "OTHER_BANKCARD");
    world.pass(DAY).await;
    let got = world
        .merchant_at(DAY)
        .call("GET", "/v3/refund/domestic/refunds/RF-1", None)
        .await;
    assert_eq!(got.json()["status"], "SUCCESS");
}

#[tokio::test]
async fn a_closed_refund_gives_the_money_back_and_wants_a_new_number() {
    let world = World::empty().await;
    world.paid("ORD-00001", 10_000).await;
    world
        .merchant
        .refund("ORD-00001", "RF-1", 10_000, 10_000)
        .await;
    world
        .control("refund", json!({"out_refund_no": "RF-1", "to": "closed"}))
        .await;
    assert_eq!(
        world.control("balance", json!({})).await["available"],
        2_009_940
    );
    let again = world
        .merchant
        .refund("ORD-00001", "RF-1", 10_000, 10_000)
        .await
        .json();
    assert_eq!(again["status"], "CLOSED");
    world.pass(60).await;
    let merchant = world.merchant_at(60);
    assert_eq!(
        merchant
            .refund("ORD-00001", "RF-2", 10_000, 10_000)
            .await
            .status,
        200
    );
    assert_eq!(
        merchant.query("ORD-00001").await.json()["trade_state"],
        "REFUND"
    );
}
