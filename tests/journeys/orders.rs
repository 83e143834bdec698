//! Orders: who paid is seen only for a reason that the log keeps; and what proves an order leaves in
//! one file.

use std::io::{Cursor, Read as _};

use serde_json::{Value, json};
use zf_crypto::digest;

use crate::world::{World, text};

#[tokio::test]
async fn a_payer_is_shown_for_a_reason_that_is_kept() {
    let w = World::new().await;
    let order = w.paid_order(1_200).await;
    let ask = |reason: &str| json!({ "order_id": order, "reason": reason });
    for empty in ["", "  "] {
        let code = w.refused(&w.clerk, "orders.reveal_payer", ask(empty)).await;
        assert_eq!(code, "refund.reason_required");
    }
    let shown = w
        .ok(&w.clerk, "orders.reveal_payer", ask("买家来电核对"))
        .await;
    let detail = w
        .ok(&w.clerk, "orders.detail", json!({ "order_id": order }))
        .await;
    let masked = text(&detail["row"]["payer_masked"]);
    let payer = text(&shown["payer"]);
    assert!(payer.ends_with(masked.trim_start_matches('*')), "{masked}");
    assert!(payer.len() > masked.len());
    assert_eq!(shown["seconds"], 30);

    let audit = w
        .ok(
            &w.approver,
            "audit.page",
            json!({ "text": null, "actor": null, "action": "orders.reveal_payer", "object": null, "date_from": null,
                    "date_to": null, "refused": false, "before_seq": null, "limit": 10 }),
        )
        .await;
    let rows = audit["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "refusals show nothing and change nothing");
    assert_eq!(rows[0]["reason"], "买家来电核对");
    assert_eq!(
        rows[0]["object"],
        format!("order {}", text(&detail["row"]["order_no"]))
    );
    assert!(
        !audit.to_string().contains(&payer),
        "the log says that, not whom"
    );
    w.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_holds_the_bills_own_bytes_and_a_digest_of_each_part() {
    let (w, date) = World::with_history().await;
    let bill = w.fetch(date, "trade").await.unwrap();
    let lines = w
        .ok(
            &w.clerk,
            "bills.lines",
            json!({ "bill_id": bill["bill_id"], "text": null, "after_line": null, "limit": 1 }),
        )
        .await;
    let line = &lines["lines"][0];
    let found = w
        .ok(
            &w.clerk,
            "orders.recognise",
            json!({ "text": format!(" {} ", text(&line["order_no"])) }),
        )
        .await;
    assert_eq!(found["kind"], "order_no");
    let order = json!({ "order_id": found["order_id"] });

    let file = w.ok(&w.clerk, "orders.evidence", order.clone()).await;
    assert!(text(&file["name"]).starts_with("evidence-"));
    let mut pack = zip::ZipArchive::new(Cursor::new(w.download(&file))).unwrap();
    let mut part = |name: &str| {
        let mut bytes = Vec::new();
        pack.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let manifest: Value = serde_json::from_slice(&part("manifest.json")).unwrap();
    let parts = manifest["parts"].as_array().unwrap();
    for listed in parts {
        let bytes = part(listed["name"].as_str().unwrap());
        assert_eq!(listed["bytes"], bytes.len());
        assert_eq!(listed["sha256"], digest::hex_lower(&digest::sha256(&bytes)));
        assert_eq!(listed["sm3"], digest::hex_lower(&digest::sm3(&bytes)));
    }
    let listed: Value = serde_json::from_slice(&part("bill_lines.json")).unwrap();
    let ours = &listed[0];
    assert_eq!(ours["file_sha256"], bill["sha256"]);
    assert_eq!(ours["line"], line["line_no"]);
    let raw = String::from_utf8(part(ours["part"].as_str().unwrap())).unwrap();
    assert_eq!(raw.trim_end(), text(&line["raw"]));

    // Masked as in every export: the payer's id is in none of our own files.
    let payer = text(
        &w.ok(
            &w.clerk,
            "orders.reveal_payer",
            json!({ "order_id": found["order_id"], "reason": "核对" }),
        )
        .await["payer"],
    );
    for name in [
        "order.json",
        "timeline.json",
        "channel_answers.json",
        "audit.json",
    ] {
        assert!(
            !String::from_utf8(part(name)).unwrap().contains(&payer),
            "{name}"
        );
    }
    w.audit_holds().await;
}
