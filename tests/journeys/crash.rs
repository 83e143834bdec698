//! `kill -9` of the desk while a refund is on its way: after a restart there is one refund, and the
//! way through *unknown* stands in its timeline.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const PASSPHRASE: &str = "crash journey passphrase";
const PASSWORD: &str = "crash-journey-1";

/// A child process that dies with its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `zf` and reads the one JSON line it prints when ready.
fn start(args: &[&str]) -> (Process, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zf"))
        .args(args)
        .env("ZF_VAULT_PASSPHRASE", PASSPHRASE)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (
        Process(child),
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}")),
    )
}

fn console(home: &Path) -> (Process, String) {
    let (process, ready) = start(&["console", "--json", "--home", home.to_str().unwrap()]);
    (
        process,
        ready["url"]
            .as_str()
            .unwrap()
            .trim_end_matches('/')
            .to_owned(),
    )
}

/// One person at a browser.
struct Browser {
    http: reqwest::Client,
    base: String,
    cookie: Option<String>,
}

impl Browser {
    fn new(base: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            base: base.to_owned(),
            cookie: None,
        }
    }

    async fn signed_in(base: &str, login: &str) -> Self {
        let mut browser = Self::new(base);
        browser
            .call(
                "session.sign_in",
                json!({ "login": login, "password": PASSWORD }),
            )
            .await;
        browser
    }

    async fn post(&mut self, name: &str, params: &Value) -> reqwest::Result<(u16, Value)> {
        let mut request = self
            .http
            .post(format!("{}/api/rpc/{name}", self.base))
            .header("X-Zf-Console", "1")
            .header("Content-Type", "application/json")
            .body(params.to_string());
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie);
        }
        let reply = request.send().await?;
        if let Some(set) = reply.headers().get("set-cookie") {
            self.cookie = set.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        let status = reply.status().as_u16();
        let bytes = reply.bytes().await?;
        Ok((
            status,
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        ))
    }

    async fn call(&mut self, name: &str, params: Value) -> Value {
        let (status, reply) = self.post(name, &params).await.unwrap();
        assert_eq!(status, 200, "{name}: {reply}");
        reply
    }
}

async fn control(base: &str, name: &str, params: Value) -> Value {
    let reply = reqwest::Client::new()
        .post(format!("{base}/_sandbox/{name}"))
        .header("Content-Type", "application/json")
        .body(params.to_string())
        .send()
        .await
        .unwrap();
    let bytes = reply.bytes().await.unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{name}: {e}: {bytes:?}"))
}

async fn refunds_at_the_channel(base: &str, refund_no: &str) -> usize {
    let state = control(base, "state", json!({ "out_refund_no": refund_no })).await;
    state["channels"]["wechat_pay"]["refunds"]
        .as_array()
        .map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_storing_leaves_one_refund() {
    // The client wants one even for plain HTTP; another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let (_sandbox, ready) = start(&[
        "sandbox",
        "--json",
        "--home",
        folder.path().join("sandbox").to_str().unwrap(),
        "--days",
        "2",
        "--orders-per-day",
        "20",
    ]);
    let channel = ready["base_urls"]["wechat_pay"]
        .as_str()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let credentials = Path::new(ready["credentials"].as_str().unwrap()).join("wechat_pay");
    let read = |name: &str| std::fs::read_to_string(credentials.join(name)).unwrap();
    let account: Value = serde_json::from_str(&read("account.json")).unwrap();
    control(&channel, "settings", json!({ "refund_seconds": 1 })).await;

    // A desk of three people on the sandbox's merchant number.
    let home = folder.path().join("home");
    let (desk, base) = console(&home);
    let person = |login: &str, role: &str| json!({ "login": login, "display_name": login, "role": role, "password": PASSWORD });
    let mut browser = Browser::new(&base);
    browser
        .call(
            "setup.own",
            json!({
            "merchant_name": "示例商户", "environment": "sandbox", "vault_passphrase": PASSPHRASE,
            "administrator": person("root", "administrator"), "clerk": person("maker", "clerk"),
            "approver": person("checker", "approver") }),
        )
        .await;
    let mut administrator = Browser::signed_in(&base, "root").await;
    let added = administrator
        .call("accounts.add_wechat", json!({
            "display_name": "示例", "environment": "sandbox", "merchant_no": account["mchid"],
            "appid": account["appid"], "certificate_serial": account["merchant_certificate_serial"],
            "private_key_pem": read("apiclient_key.pem"), "certificate_pem": read("apiclient_cert.pem"),
            "api_v3_key": account["apiv3_key"], "public_key_id": account["public_key_id"],
            "public_key_pem": read("pub_key.pem"), "base_url": channel, "backup_url": null,
            "extra_root_pem": null }))
        .await;
    let orders = control(
        &channel,
        "orders",
        json!({ "trade_state": "SUCCESS", "limit": 1 }),
    )
    .await;
    let number = orders["orders"][0]["out_trade_no"]
        .as_str()
        .unwrap()
        .to_owned();

    let mut maker = Browser::signed_in(&base, "maker").await;
    let order = maker
        .call(
            "orders.lookup",
            json!({ "account_id": added["brief"]["account_id"], "number": number }),
        )
        .await;
    let form = maker
        .call(
            "refunds.open",
            json!({ "order_id": order["row"]["order_id"] }),
        )
        .await;
    let refund_no = form["refund_no"].as_str().unwrap().to_owned();
    let ticked: Vec<&Value> = form["preflight"]["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["name"])
        .collect();
    let asked = maker
        .call("refunds.request", json!({
            "refund_no": refund_no,
            "content": { "amount_minor": 1, "reason_code": "test", "note": "crash", "buyer_note": "" },
            "remaining_seen_minor": form["refundable"]["minor"], "acknowledged": ticked }))
        .await;

    // The sandbox does the work at once and answers too late.
    control(
        &channel,
        "faults",
        json!({ "rules": [
        { "kind": "delay", "on": "refund.create", "when": "after", "ms": 20_000, "times": 1 }] }),
    )
    .await;
    let approval = json!({ "refund_no": refund_no, "digest": asked["digest"], "comment": "" });
    let mut checker = Browser::signed_in(&base, "checker").await;
    let approving = tokio::spawn(async move { checker.post("approvals.approve", &approval).await });
    let begun = Instant::now();
    while refunds_at_the_channel(&channel, &refund_no).await == 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the refund never reached the sandbox"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(desk); // SIGKILL
    let _ = approving.await;

    // A new process on the same home.
    let (_desk, base) = console(&home);
    let mut maker = Browser::signed_in(&base, "maker").await;
    let begun = Instant::now();
    let refund = loop {
        let refund = maker
            .call("refunds.query_channel", json!({ "refund_no": refund_no }))
            .await;
        if refund["row"]["state"] == "succeeded" {
            break refund;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "still {}",
            refund["row"]["state"]
        );
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    let kinds: Vec<&str> = refund["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["kind"].as_str())
        .collect();
    for kind in ["refund_sending", "refund_unknown", "refund_succeeded"] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
    assert_eq!(refunds_at_the_channel(&channel, &refund_no).await, 1);
    let check = Command::new(env!("CARGO_BIN_EXE_zf"))
        .args([
            "audit",
            "verify",
            "--json",
            "--home",
            home.to_str().unwrap(),
        ])
        .output()
        .unwrap();
    let verdict: Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!(verdict["verified"], true, "{verdict}");
}
