//! Receipts: one for a paid order, judged by ten rules, and whatever is changed is seen.

use serde_json::{Value, json};

use crate::world::{World, text};

async fn verify(world: &World, name: &str, pdf: &[u8]) -> Value {
    let token = world.upload(name, pdf);
    world
        .ok(
            &world.approver,
            "receipts.verify",
            json!({ "file_token": token }),
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_issued_once_verifies_and_shows_every_change() {
    let world = World::new().await;
    let order_id = world.paid_order(168_000).await;
    let receipt = world
        .ok(
            &world.clerk,
            "receipts.issue",
            json!({ "order_id": order_id }),
        )
        .await;
    assert_eq!(receipt["already_issued"], false);
    assert_eq!(receipt["amount"]["minor"], 168_000);
    assert!(
        text(&receipt["serial_no"]).ends_with("-000001"),
        "{receipt}"
    );

    let again = world
        .ok(
            &world.clerk_2,
            "receipts.issue",
            json!({ "order_id": order_id }),
        )
        .await;
    assert_eq!(again["already_issued"], true);
    assert_eq!(again["serial_no"], receipt["serial_no"]);
    let second = world.paid_order(1).await;
    let second = world
        .ok(
            &world.clerk,
            "receipts.issue",
            json!({ "order_id": second }),
        )
        .await;
    assert!(text(&second["serial_no"]).ends_with("-000002"));

    let file = world
        .ok(
            &world.clerk,
            "receipts.file",
            json!({ "receipt_id": receipt["receipt_id"] }),
        )
        .await;
    let pdf = world.download(&file);
    let judged = verify(&world, "a.pdf", &pdf).await;
    assert_eq!(judged["verdict"], "genuine", "{judged:#}");
    assert_eq!(judged["valid"], true);
    assert_eq!(judged["checks"].as_array().unwrap().len(), 10);
    assert_eq!(judged["ours"]["receipt_id"], receipt["receipt_id"]);
    let field = |name: &str| {
        judged["fields"]
            .as_array()
            .unwrap()
            .iter()
            .find(|f| f["name"] == name)
            .unwrap()["value"]
            .clone()
    };
    assert_eq!(field("amount"), "¥1,680.00 CNY");

    // The root lies there for others; without it the content is sound and the signer unknown.
    let root = std::fs::read_to_string(world.home.join("receipts/root.pem")).unwrap();
    assert!(zf_app::verify_receipt(&pdf, &root).unwrap().valid);
    let stranger = zf_app::verify_receipt(&pdf, "").unwrap();
    assert_eq!(
        stranger.verdict,
        zf_app::wire::ReceiptVerdict::GenuineUntrustedSigner
    );

    // One byte in the middle, one byte at the end, the head only, no receipt at all.
    let mut changed = pdf.clone();
    let at = changed
        .windows(6)
        .position(|w| w == b"168000")
        .expect("the amount is in the attachment");
    changed[at] = b'9';
    let mut longer = pdf.clone();
    longer.push(b'\n');
    for (name, bytes, verdict) in [
        ("changed.pdf", changed.as_slice(), "altered"),
        ("longer.pdf", longer.as_slice(), "altered"),
        ("text.pdf", b"not a PDF".as_slice(), "unreadable"),
    ] {
        let judged = verify(&world, name, bytes).await;
        assert_eq!(judged["verdict"], verdict, "{name}: {judged:#}");
        assert_eq!(judged["valid"], false);
        assert_eq!(judged["fields"], json!([]), "{name} states nothing");
        assert_eq!(judged["ours"], Value::Null);
    }

    let page = world
        .ok(
            &world.clerk,
            "receipts.list",
            json!({ "text": null, "cursor": null, "limit": 1 }),
        )
        .await;
    assert_eq!(page["total"], 2);
    assert_eq!(page["rows"][0]["serial_no"], second["serial_no"]);
    let next = world
        .ok(
            &world.clerk,
            "receipts.list",
            json!({ "text": null, "cursor": page["next_cursor"], "limit": 1 }),
        )
        .await;
    assert_eq!(next["rows"][0]["serial_no"], receipt["serial_no"]);

    let order = world
        .ok(
            &world.clerk,
            "orders.detail",
            json!({ "order_id": order_id }),
        )
        .await;
    let kinds = crate::world::kinds(&order);
    assert_eq!(kinds.iter().filter(|k| *k == "receipt_issued").count(), 1);
    assert_eq!(order["receipts"][0]["serial_no"], receipt["serial_no"]);
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_only_the_books_call_paid_gets_no_receipt() {
    let (world, date) = World::with_history().await;
    let csv = format!(
        "kind,out_trade_no,out_refund_no,amount,currency,status,created_at\n\
         payment,CLAIM-0001,,12.30,CNY,SUCCESS,{date}T12:00:00+08:00\n"
    );
    world.import(date, &csv).await.unwrap();
    let search = json!({ "text": "CLAIM-0001", "account_id": null, "states": [], "date_from": null, "date_to": null,
        "amount_min_minor": null, "amount_max_minor": null, "cursor": null, "limit": 10 });
    let found = world.ok(&world.clerk, "orders.search", search).await;
    let code = world
        .refused(
            &world.clerk,
            "receipts.issue",
            json!({ "order_id": found["rows"][0]["order_id"] }),
        )
        .await;
    assert_eq!(code, "receipt.not_paid");
    // The number was not used up.
    let order_id = world.paid_order(100).await;
    let receipt = world
        .ok(
            &world.clerk,
            "receipts.issue",
            json!({ "order_id": order_id }),
        )
        .await;
    assert!(text(&receipt["serial_no"]).ends_with("-000001"));
}
