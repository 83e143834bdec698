//! Accounts: the self-test names the one thing to mend.

use serde_json::json;

use crate::world::{World, sign_in, text};

#[tokio::test]
async fn the_self_test_names_what_to_mend() {
    let w = World::new().await;
    let admin = sign_in(&w.app, "admin").await;
    let probe = json!({ "account_id": w.account_id });
    let failed = async |what: &str| -> Option<(String, String)> {
        let test = w.ok(&admin, "accounts.self_test", probe.clone()).await;
        let step = test["steps"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["outcome"] == "failed")
            .cloned();
        assert_eq!(test["passed"], step.is_none(), "{what}");
        step.map(|s| (text(&s["step"]), text(&s["detail"])))
    };
    assert_eq!(failed("a healthy account").await, None);
    w.fault(json!({ "kind": "bad_signature" })).await;
    assert_eq!(
        failed("a forged reply").await.unwrap().0,
        "reply_verification"
    );
    w.control("faults", json!({ "rules": [] })).await;
    // Ten minutes off: the channel takes nothing, and says so.
    w.app.clock().set_offset_millis(600_000);
    let (step, detail) = failed("a wrong clock").await.unwrap();
    assert_eq!(step, "clock", "{detail}");
    w.app.clock().set_offset_millis(0);
    let list = w.ok(&admin, "accounts.list", json!({})).await;
    assert_eq!(list["accounts"][0]["last_self_test"]["passed"], false);
    // What was sealed never comes back.
    let shown = list.to_string();
    assert!(
        !shown.contains("PRIVATE KEY") && !shown.contains("api_v3"),
        "{shown}"
    );
    assert_eq!(
        w.refused(&w.clerk, "accounts.self_test", probe.clone())
            .await,
        "permission.denied"
    );
}
