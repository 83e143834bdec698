//! `kill -9`, and what a restart makes of it: while a refund is on its way there is one refund after
//! it, and the way through *unknown* stands in its timeline; books that were being taken in go on where
//! they stopped; a comparison of two files leaves nothing behind.

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

/// A desk of three people on a sandbox's merchant number: `root`, `maker` and `checker`.
struct Founded {
    _sandbox: Process,
    channel: String,
    desk: Process,
    base: String,
    account_id: Value,
}

async fn found(folder: &Path) -> Founded {
    // The client wants one even for plain HTTP; another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (sandbox, ready) = start(&[
        "sandbox",
        "--json",
        "--home",
        folder.join("sandbox").to_str().unwrap(),
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

    let (desk, base) = console(&folder.join("home"));
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
    Founded {
        _sandbox: sandbox,
        channel,
        desk,
        base,
        account_id: added["brief"]["account_id"].clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_sending_and_storing_leaves_one_refund() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let Founded {
        _sandbox,
        channel,
        desk,
        base,
        account_id,
    } = found(folder.path()).await;
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
            json!({ "account_id": account_id, "number": number }),
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

/// Sends a file to the desk and gives its token.
async fn upload(browser: &Browser, path: &Path) -> Value {
    let reply = browser
        .http
        .post(format!("{}/api/files?name=books.csv", browser.base))
        .header("X-Zf-Console", "1")
        .header("Cookie", browser.cookie.as_deref().unwrap())
        .body(std::fs::read(path).unwrap())
        .send()
        .await
        .unwrap();
    let bytes = reply.bytes().await.unwrap();
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    file["file_token"].clone()
}

/// The steps in which books were taken in, from the audit log: rows and last line of each.
async fn steps(administrator: &mut Browser) -> Vec<(u64, u64)> {
    let page = administrator
        .call(
            "audit.page",
            json!({ "text": null, "actor": null, "action": "books.take_in", "object": null,
                "date_from": null, "date_to": null, "refused": false, "before_seq": null, "limit": 200 }),
        )
        .await;
    let number = |word: Option<&str>| word.unwrap().parse::<u64>().unwrap();
    page["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let mut words = row["reason"].as_str().unwrap().split(' ');
            (number(words.next()), number(words.next_back()))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_books_are_taken_in_goes_on_where_it_stopped() {
    const ROWS: u64 = 20_000;
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let Founded {
        _sandbox,
        channel: _,
        desk,
        base,
        account_id,
    } = found(folder.path()).await;
    let (bill, books) = (
        folder.path().join("bill.csv"),
        folder.path().join("books.csv"),
    );
    zf_sandbox::write_big_pair(&bill, &books, ROWS, 9, &zf_sandbox::PlantCounts::default())
        .unwrap();
    let import =
        |file: Value| json!({ "account_id": account_id, "date": "2026-03-14", "file_token": file });

    let mut maker = Browser::signed_in(&base, "maker").await;
    let mut administrator = Browser::signed_in(&base, "root").await;
    let params = import(upload(&maker, &books).await);
    let importing = tokio::spawn(async move { maker.post("books.import", &params).await });
    let begun = Instant::now();
    while steps(&mut administrator).await.len() < 2 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "no row was taken in"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(desk); // SIGKILL
    let _ = importing.await;

    let (_desk, base) = console(&home);
    assert_eq!(
        home.join("inbox").read_dir().unwrap().count(),
        0,
        "what was on its way is cleared away"
    );
    let mut administrator = Browser::signed_in(&base, "root").await;
    let before = steps(&mut administrator).await;
    let taken: u64 = before.iter().map(|(rows, _)| rows).sum();
    assert!(taken < ROWS, "killed too late to show anything");
    let mut maker = Browser::signed_in(&base, "maker").await;
    let file = upload(&maker, &books).await;
    let done = maker.call("books.import", import(file)).await;
    assert_eq!(
        (&done["rows"], &done["already_imported"]),
        (&json!(ROWS), &json!(false))
    );
    let after = steps(&mut administrator).await;
    let rows: u64 = after.iter().map(|(rows, _)| rows).sum();
    assert_eq!(
        rows, ROWS,
        "every row once, the {taken} from before the kill too"
    );
    let last = after.iter().map(|(_, line)| *line).max();
    assert_eq!(last, Some(ROWS + 1));
    // The same bytes again change nothing.
    let file = upload(&maker, &books).await;
    let again = maker.call("books.import", import(file)).await;
    assert_eq!(again["already_imported"], json!(true));
    assert_eq!(steps(&mut administrator).await.len(), after.len());
}

/// Whether a process holds a file open that has no name any more: what exceeds the memory budget.
#[cfg(target_os = "linux")]
fn spills(process: u32) -> bool {
    std::fs::read_dir(format!("/proc/{process}/fd"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|fd| std::fs::read_link(fd.path()).ok())
        .any(|target| target.to_string_lossy().ends_with(" (deleted)"))
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_comparison_leaves_nothing_and_repeats() {
    let folder = tempfile::tempdir().unwrap();
    let (bill, books) = (
        folder.path().join("bill.csv"),
        folder.path().join("books.csv"),
    );
    let planted = zf_sandbox::PlantCounts {
        amount_mismatch: 5,
        ..zf_sandbox::PlantCounts::default()
    };
    let pair = zf_sandbox::write_big_pair(&bill, &books, 100_000, 9, &planted).unwrap();
    let (temporary, out) = (folder.path().join("tmp"), folder.path().join("out"));
    std::fs::create_dir(&temporary).unwrap();
    let reconcile = |memory: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zf"));
        command
            .args(["reconcile", "--channel", "wechat_pay", "--json", "--bill"])
            .arg(&bill)
            .arg("--ledger")
            .arg(&books)
            .arg("--out")
            .arg(&out)
            .args(["--memory-mb", memory])
            .env("TMPDIR", &temporary);
        command
    };
    let mut running = Process(reconcile("4").stdout(Stdio::piped()).spawn().unwrap());
    let begun = Instant::now();
    while !spills(running.0.id()) {
        assert!(
            begun.elapsed() < Duration::from_secs(60) && running.0.try_wait().unwrap().is_none(),
            "nothing exceeded the memory budget"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(running); // SIGKILL
    assert_eq!(temporary.read_dir().unwrap().count(), 0);
    assert!(!out.join("differences.csv").exists());

    let answer = |memory: &str| -> Value {
        serde_json::from_slice(&reconcile(memory).output().unwrap().stdout).unwrap()
    };
    let (tight, roomy) = (answer("4"), answer("256"));
    assert_eq!(tight["matched"], json!(pair.matched));
    assert_eq!(tight["amount_mismatch"], json!(5));
    assert_eq!(tight["run_digest"], roomy["run_digest"]);
    assert_eq!(temporary.read_dir().unwrap().count(), 0);
    let names: Vec<_> = out
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["differences.csv"]);
}
