//! What the hands reach first: choices that follow a person, and finding anything by its number.

use serde_json::{Value, json};

use crate::world::{Token, World, open_app, sign_in, text};

#[tokio::test]
async fn choices_follow_the_person_and_nobody_else() {
    let w = World::new().await;
    let put = |name: &str, value: Value| json!({ "name": name, "value": value });
    let kept = w
        .ok(
            &w.clerk,
            "preferences.put",
            put("look.theme", json!("\"dark\"")),
        )
        .await;
    assert_eq!(kept["values"], json!({ "look.theme": "\"dark\"" }));
    w.ok(
        &w.clerk,
        "preferences.put",
        put("keymap", json!("{\"next_row\":\"n\"}")),
    )
    .await;
    let others = w.ok(&w.approver, "preferences.all", json!({})).await;
    assert_eq!(others["values"], json!({}));

    // Small, well formed, well named; what is refused leaves the old value.
    for (name, value) in [
        ("Look", json!("1")),
        ("look theme", json!("1")),
        ("", json!("1")),
        ("look.theme", json!("not json")),
        (
            "look.theme",
            json!(format!("\"{}\"", "x".repeat(17 * 1024))),
        ),
    ] {
        assert_eq!(
            w.refused(&w.clerk, "preferences.put", put(name, value))
                .await,
            "request.bad"
        );
    }
    let forgotten = w
        .ok(&w.clerk, "preferences.put", put("keymap", Value::Null))
        .await;
    assert_eq!(forgotten["values"], json!({ "look.theme": "\"dark\"" }));
    w.audit_holds().await;

    // They are there after a restart, wherever the person signs in.
    let mut w = w;
    let parked = tempfile::tempdir().unwrap();
    let before = std::mem::replace(&mut w.app, open_app(parked.path()).await);
    before.store().close().await;
    drop(before);
    w.app = open_app(&w.home).await;
    w.clerk = sign_in(&w.app, "clerk").await;
    let all = w.ok(&w.clerk, "preferences.all", json!({})).await;
    assert_eq!(all["values"], json!({ "look.theme": "\"dark\"" }));
}

/// Names of what was found, for comparing.
fn orders_of(found: &Value) -> Vec<String> {
    found["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| text(&o["order_id"]))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_text_finds_it_and_says_what_may_be_done() {
    let w = World::new().await;
    let order = w.paid_order(128_000).await;
    let view = w.request(&order, 40_000).await;
    w.approve(&w.approver, &view).await.unwrap();
    let refund_no = text(&view["row"]["refund_no"]);
    w.until(&refund_no, "succeeded").await;
    let receipt = w
        .ok(&w.clerk, "receipts.issue", json!({ "order_id": order }))
        .await;
    let detail = w
        .ok(&w.clerk, "orders.detail", json!({ "order_id": order }))
        .await;
    let find = async |token: &Token, what: &str| -> Value {
        w.ok(token, "search.find", json!({ "text": what })).await
    };

    // By every number it has; spaces of a paste and small letters are forgiven.
    let order_no = text(&detail["row"]["order_no"]);
    let payment_id = text(&detail["row"]["payment_id"]);
    let spaced = format!(" {} {} ", &payment_id[..10], &payment_id[10..]);
    for (what, looks) in [
        (order_no.as_str(), "order_no"),
        (payment_id.as_str(), "wechat_payment_id"),
        (spaced.as_str(), "wechat_payment_id"),
    ] {
        let found = find(&w.clerk, what).await;
        assert_eq!(found["looks_like"][0], looks, "{what}");
        assert_eq!(orders_of(&found), std::slice::from_ref(&order), "{what}");
        assert_eq!(found["exact"], true);
        let subject = &found["subject"];
        assert_eq!(subject["refundable"]["minor"], 88_000);
        assert_eq!(subject["refunds"][0]["refund_no"], refund_no.as_str());
        assert_eq!(subject["receipts"][0]["serial_no"], receipt["serial_no"]);
        let actions = subject["actions"].as_array().unwrap();
        let of = |name: &str| actions.iter().find(|a| a["action"] == name).unwrap();
        assert_eq!(of("request_refund")["allowed"], true);
        assert_eq!(of("close_order")["allowed"], false);
        assert_eq!(of("close_order")["reason"], "order.already_paid");
    }
    let by_refund = find(&w.clerk, &refund_no).await;
    assert_eq!(by_refund["looks_like"][0], "refund_no");
    assert_eq!(by_refund["refunds"][0]["refund_no"], refund_no.as_str());
    assert_eq!(by_refund["subject"]["order"]["order_id"], order.as_str());
    let by_receipt = find(&w.clerk, &text(&receipt["serial_no"]).to_lowercase()).await;
    assert_eq!(by_receipt["receipts"][0]["serial_no"], receipt["serial_no"]);

    // By amount; an approver may look, and is told why they may not ask.
    let by_amount = find(&w.approver, "¥1,280.00").await;
    assert_eq!(by_amount["looks_like"], json!(["amount"]));
    assert!(orders_of(&by_amount).contains(&order));
    assert_eq!(by_amount["exact"], false);
    let may_not = find(&w.approver, &order_no).await;
    assert_eq!(
        may_not["subject"]["actions"][0]["reason"],
        "permission.denied"
    );

    // People, and only they, after the sign.
    let people = find(&w.clerk, "@clerk").await;
    assert_eq!(people["subject"], Value::Null);
    let logins: Vec<&Value> = people["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["login"])
        .collect();
    assert_eq!(logins, ["clerk", "clerk2"]);

    // Nothing is an answer too, and looking is no change.
    let none = find(&w.clerk, "NO-SUCH-NUMBER-9").await;
    assert_eq!(orders_of(&none), Vec::<String>::new());
    assert_eq!(none["exact"], false);
    assert_eq!(find(&w.clerk, "   ").await["looks_like"], json!([]));
}
