//! Keys: what the desk holds, how long it lasts by the core's clock, and a rehearsal of a change.

use serde_json::{Value, json};

use crate::world::{World, sign_in, text};

fn of_kind<'a>(list: &'a Value, kind: &str) -> Vec<&'a Value> {
    list["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["kind"] == kind)
        .collect()
}

#[tokio::test]
async fn keys_are_listed_with_their_days_and_never_a_secret() {
    let w = World::new().await;
    let admin = sign_in(&w.app, "admin").await;
    let account = json!({ "account_id": w.account_id });
    let list = w.ok(&w.clerk, "keys.list", json!({})).await;
    let merchant = of_kind(&list, "merchant_certificate")[0];
    assert_eq!(merchant["paired"], true);
    assert_eq!(merchant["state"], "days_left");
    let days = merchant["days_left"].as_i64().unwrap();
    assert!(days > 30, "{days}");
    assert_eq!(
        of_kind(&list, "platform_public_key")[0]["state"],
        "no_expiry"
    );
    assert_eq!(of_kind(&list, "api_v3_key").len(), 1);
    assert_eq!(list["attention"], 0);

    // The channel's certificates come when it is asked for them, and are kept.
    w.ok(&admin, "keys.refresh", account.clone()).await;
    let list = w.ok(&w.clerk, "keys.list", json!({})).await;
    let platform = of_kind(&list, "platform_certificate");
    assert!(!platform.is_empty());
    assert!(platform[0]["last_seen_at"].is_string());

    // Ten days before the end by the core's clock the row asks for somebody, and so does the badge.
    let offset = (days - 9) * 86_400_000;
    w.app.clock().set_offset_millis(offset);
    let clerk = sign_in(&w.app, "clerk").await;
    let list = w.ok(&clerk, "keys.list", json!({})).await;
    let merchant = of_kind(&list, "merchant_certificate")[0];
    assert_eq!(merchant["days_left"], 9);
    assert_eq!(merchant["state"], "days_left_soon");
    assert_eq!(merchant["attention"], true);
    let status = w.ok(&clerk, "app.status", json!({})).await;
    assert_eq!(status["badges"]["keys_due"], list["attention"]);
    w.app.clock().set_offset_millis(0);

    // The change runs through the verifying code.
    let rehearsal = w.ok(&admin, "keys.rehearse", account.clone()).await;
    assert_eq!(rehearsal["passed"], true, "{rehearsal:#}");
    assert_eq!(rehearsal["results"].as_array().unwrap().len(), 6);
    assert_eq!(
        w.refused(&w.clerk, "keys.rehearse", account).await,
        "permission.denied"
    );

    let changes = w
        .ok(
            &w.clerk,
            "keys.changes",
            json!({ "before_seq": null, "limit": 50 }),
        )
        .await;
    let actions: Vec<String> = changes["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| text(&row["action"]))
        .collect();
    for wanted in [
        "keys.rehearse",
        "keys.refresh",
        "keys.seen",
        "accounts.add_wechat",
    ] {
        assert!(actions.iter().any(|a| a == wanted), "{wanted}: {actions:?}");
    }
    let folder = w.sandbox.credentials.join("wechat_pay");
    let kept: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("account.json")).unwrap())
            .unwrap();
    let shown = w.ok(&w.clerk, "keys.list", json!({})).await.to_string();
    assert!(!shown.contains("PRIVATE KEY") && !shown.contains(&text(&kept["apiv3_key"])));
    w.audit_holds().await;
}

/// An X-ray keeps nothing of what was pasted, and never shows a key.
#[tokio::test]
async fn an_xray_leaves_only_that_it_was_made() {
    let w = World::new().await;
    let example = w
        .ok(&w.clerk, "xray.example", json!({ "name": "good_notice" }))
        .await;
    let input = |text: &Value, more: Value| {
        let mut input = json!({
            "mode": "notice", "text": text, "account_id": null, "key_pem": null,
            "key_serial": null, "api_v3_key": null, "example": null,
        });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let found = w
        .ok(
            &w.clerk,
            "xray.inspect",
            input(&example["text"], json!({ "example": "good_notice" })),
        )
        .await;
    assert_eq!(found["cause"], "valid");
    // With the account's keys the same notice is a stranger's.
    let found = w
        .ok(
            &w.clerk,
            "xray.inspect",
            input(&example["text"], json!({ "account_id": w.account_id })),
        )
        .await;
    assert_eq!(found["cause"], "serial_unknown");
    // Keys pasted by hand stay in the call.
    let folder = w.sandbox.credentials.join("wechat_pay");
    let private = std::fs::read_to_string(folder.join("apiclient_key.pem")).unwrap();
    let secret = "ThisIsAnInventedApiV3KeyOf32Byte";
    let found = w
        .ok(
            &w.clerk,
            "xray.inspect",
            input(
                &example["text"],
                json!({ "key_pem": private, "api_v3_key": secret }),
            ),
        )
        .await;
    let line = private.lines().nth(3).unwrap();
    assert!(!found.to_string().contains(line) && !found.to_string().contains(secret));
    let rows = w
        .app
        .store()
        .audit_page(&zf_store::AuditFilter::default(), None, 50)
        .await
        .unwrap();
    let mut inspections = 0;
    for row in rows {
        let text = format!("{row:?}");
        assert!(
            !text.contains(secret) && !text.contains(line) && !text.contains("Wechatpay"),
            "{text}"
        );
        inspections += usize::from(row.entry.action == "xray.inspect");
    }
    assert_eq!(inspections, 3);
    for entry in std::fs::read_dir(&w.home).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap_or_default();
            let held = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!held, "{}", path.display());
        }
    }
    assert_eq!(
        w.refused(
            &w.clerk,
            "xray.inspect",
            input(&Value::String("x".repeat(70_000)), json!({}))
        )
        .await,
        "request.bad"
    );
    w.audit_holds().await;
}
