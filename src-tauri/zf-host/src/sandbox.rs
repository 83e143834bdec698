//! The demo's sandbox inside the host's process.

use std::sync::Arc;

use serde_json::Value;
use zf_app::{SandboxHandle, SandboxSpec, SandboxStarter};
use zf_sandbox::{Options, Start, WireClock};

/// Starts the sandbox for a demo home; hand it to `AppOptions`.
#[must_use]
pub fn starter() -> SandboxStarter {
    Arc::new(|spec| Box::pin(start(spec)))
}

async fn start(spec: SandboxSpec) -> Result<SandboxHandle, String> {
    let mut options = Options::new(spec.home);
    options.seed = spec.seed;
    options.days = spec.days;
    options.orders_per_day = spec.orders_per_day;
    options.start = Start::At(spec.now_unix);
    // The desk of a demo signs with the story's clock, not with the system's.
    options.wire_clock = WireClock::Virtual;
    // Opened again tomorrow, it has traded on.
    options.trade_on = true;
    let running = zf_sandbox::start(options)
        .await
        .map_err(|e| e.to_string())?;
    let wechat_url = running
        .base_urls
        .get("wechat_pay")
        .cloned()
        .ok_or("the sandbox has no WeChat Pay")?;
    let credentials = running.credentials.clone();
    let running = Arc::new(running);
    let controlled = Arc::clone(&running);
    Ok(SandboxHandle {
        wechat_url,
        control: Arc::new(move |name, params| {
            let running = Arc::clone(&controlled);
            Box::pin(async move {
                match running.control(name, params).await {
                    Ok(Value::String(text)) => Ok(text),
                    Ok(value) => Ok(value.to_string()),
                    Err(error) => Err(error.to_string()),
                }
            })
        }),
        credentials,
        guard: Box::new(running),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_reach_the_control_plane() {
        let home = tempfile::tempdir().expect("a folder");
        let handle = start(SandboxSpec {
            home: home.path().to_owned(),
            seed: 7,
            days: 1,
            orders_per_day: 5,
            now_unix: 1_795_000_000,
        })
        .await
        .expect("it starts");
        let call = &handle.control;
        let orders = call("orders", serde_json::json!({ "limit": 1 }))
            .await
            .expect("orders");
        assert!(orders.contains("out_trade_no"), "{orders}");
        let set = serde_json::json!({ "refund_seconds": 4 });
        assert!(call("settings", set).await.is_ok());
        let refused = call("no_such_call", serde_json::json!({})).await;
        assert!(refused.is_err_and(|e| e.contains("no_such_call")));
    }
}
