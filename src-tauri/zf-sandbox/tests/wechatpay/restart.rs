//! What a home keeps.

use serde_json::json;
use zf_sandbox::{Options, SandboxError, start};

use crate::support::{Receiver, World};

#[tokio::test]
async fn everything_answered_survives_a_restart() {
    let mut world = World::with(|options| {
        options.days = 1;
        options.orders_per_day = 20;
    })
    .await;
    let receiver = Receiver::answering(&[500]).await;
    let mut order = world.merchant.order("ORD-00001", 10_000);
    order["notify_url"] = json!(receiver.url);
    world.merchant.prepay("native", order).await;
    world
        .control("pay", json!({"out_trade_no": "ORD-00001"}))
        .await;
    world.control("clock", json!({"advance_seconds": 0})).await;
    world
        .merchant
        .refund("ORD-00001", "RF-1", 4_000, 10_000)
        .await;
    world.control("settings", json!({"bill_bom": false})).await;
    world.control("keys", json!({"do": "rotate"})).await;
    world
        .control("clock", json!({"advance_seconds": 14, "skew_seconds": 1}))
        .await;
    let kept = |state: &serde_json::Value| {
        let mut channel = state["channels"]["wechat_pay"].clone();
        channel["clock"] = state["clock"].clone();
        channel
    };
    let before = world.control("state", json!({"limit": 1000})).await;
    let bill_before = world.control("bill", json!({"date": "2026-03-13"})).await;
    let serial = world.merchant.certificate.serial_hex();

    world.restart().await;
    let after = world.control("state", json!({"limit": 1000})).await;
    assert_eq!(kept(&before), kept(&after));
    assert_eq!(
        bill_before,
        world.control("bill", json!({"date": "2026-03-13"})).await
    );
    assert_eq!(serial, world.merchant.certificate.serial_hex());
    let refund = world
        .merchant
        .refund("ORD-00001", "RF-1", 4_000, 10_000)
        .await
        .json();
    assert_eq!(
        refund["refund_id"],
        before["channels"]["wechat_pay"]["refunds"][0]["refund_id"]
    );
    assert_eq!(receiver.arrived().len(), 1);
    world.control("clock", json!({"advance_seconds": 1})).await;
    assert_eq!(receiver.arrived().len(), 2, "the retry is still due");
    world
        .control("clock", json!({"advance_seconds": 300}))
        .await;
    let state = world
        .control("state", json!({"out_refund_no": "RF-1"}))
        .await;
    assert_eq!(
        state["channels"]["wechat_pay"]["refunds"][0]["status"],
        "SUCCESS"
    );
}

#[tokio::test]
async fn a_journal_cut_in_the_middle_of_a_line_opens_and_goes_on() {
    let mut world = World::empty().await;
    world.paid("ORD-00001", 10_000).await;
    let journal = world.home().join("wechat_pay/journal.jsonl");
    let whole = std::fs::read(&journal).unwrap();
    let torn = [whole.as_slice(), b"[{\"paid\":{\"out_tra"].concat();
    std::fs::write(&journal, torn).unwrap();
    world.restart().await;
    assert_eq!(
        world.merchant.query("ORD-00001").await.json()["trade_state"],
        "SUCCESS"
    );
    world.paid("ORD-00002", 100).await;
    world.restart().await;
    assert_eq!(
        world.merchant.query("ORD-00002").await.json()["trade_state"],
        "SUCCESS"
    );
}

#[tokio::test]
async fn one_sandbox_a_home_and_damage_is_named() {
    let mut world = World::empty().await;
    let again = Options::new(world.home());
    assert!(matches!(
        start(again.clone()).await,
        Err(SandboxError::HomeInUse { .. })
    ));
    world.sandbox.take().unwrap().shutdown().await;
    let journal = world.home().join("wechat_pay/journal.jsonl");
    std::fs::write(&journal, "[]\n{\"nonsense\":1}\n").unwrap();
    let error = start(again).await.unwrap_err().to_string();
    assert!(error.contains("journal.jsonl line 2"), "{error}");
}

#[tokio::test]
async fn a_shop_that_trades_on_catches_up_with_the_clock() {
    let world = World::with(|options| {
        options.days = 1;
        options.orders_per_day = 50;
        options.trade_on = true;
    })
    .await;
    let count = |value: serde_json::Value| value["total"].as_u64().unwrap();
    let today = json!({"date": "2026-03-14", "limit": 0});
    let tomorrow = json!({"date": "2026-03-15", "limit": 0});
    let morning = count(world.control("orders", today.clone()).await);
    world.pass(86_400).await;
    let evening = count(world.control("orders", today).await);
    assert!(evening > morning && morning > 0, "{morning} {evening}");
    assert!(count(world.control("orders", tomorrow).await) > 0);
    let bill = world
        .merchant_at(86_400)
        .bill("/v3/bill/tradebill?bill_date=2026-03-14")
        .await;
    assert!(bill.is_ok());
}

#[tokio::test]
async fn secrets_on_disk_are_private() {
    let world = World::empty().await;
    #[cfg(unix)]
    for file in [
        "credentials/wechat_pay/apiclient_key.pem",
        "credentials/wechat_pay/account.json",
        "wechat_pay/identity.json",
    ] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(world.home().join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    let shown = format!("{:?}", world.sandbox);
    assert!(!shown.contains(&world.merchant.text("apiv3_key")));
}
