//! What the hands reach first: choices that follow a person, and finding anything by its number.

use serde_json::{Value, json};

use crate::world::{World, open_app, sign_in};

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
