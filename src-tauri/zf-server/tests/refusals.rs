//! What the browser's door turns away, and what it lets in.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use zf_app::vault::EnvironmentSecrets;
use zf_app::{App, AppOptions};
use zf_server::{Running, ServeError, Ui, serve_console};

struct Desk {
    running: Running,
    _home: tempfile::TempDir,
}

/// A fresh home with nobody in it, behind a console whose one page is a line of text.
async fn desk() -> Desk {
    let home = tempfile::tempdir().expect("a folder");
    let pages = home.path().join("pages");
    std::fs::create_dir_all(pages.join("assets")).expect("a folder");
    std::fs::write(pages.join("index.html"), "<!doctype html>the console").expect("a page");
    std::fs::write(pages.join("assets/a-1f.js"), "'use strict'").expect("a script");
    std::fs::write(home.path().join("secret.txt"), "secret").expect("a file");
    let app = App::open(AppOptions {
        home: home.path().join("home"),
        database: None,
        secrets: Arc::new(EnvironmentSecrets),
        sandbox: None,
    })
    .await
    .expect("the home opens");
    let running = serve_console(app, ([127, 0, 0, 1], 0).into(), Ui::Folder(pages))
        .await
        .expect("it listens");
    Desk {
        running,
        _home: home,
    }
}

/// Sends one request as written and reads the answer to its end. `HOST` stands for the address.
async fn send(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it answers");
    let request = request.replace("HOST", &address.to_string());
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it is sent");
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .await
        .expect("the answer ends");
    String::from_utf8_lossy(&answer).into_owned()
}

fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n")
}

const JSON: &str = "Host: HOST\r\nX-Zf-Console: 1\r\nContent-Type: application/json\r\n";

#[tokio::test]
async fn each_refusal_has_its_status_and_reason() {
    let desk = desk().await;
    let status = "/api/rpc/app.status";
    let with = |more: &str| format!("{JSON}{more}");
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    #[rustfmt::skip]
    let cases: Vec<(&str, String, &str, &str)> = vec![
        ("a call", post(status, JSON, "{}"), "200", "first_run"),
        ("of our own page", post(status, &with("Origin: http://HOST\r\nSec-Fetch-Site: same-origin\r\n"), "{}"), "200", "first_run"),
        ("under another of our names", post(status, JSON, "{}").replace("HOST", &format!("localhost:{}", desk.running.address().port())), "200", "first_run"),
        ("a rebound name", post(status, &JSON.replace("HOST", "rebound.example"), "{}"), "421", "Host"),
        ("a page under a rebound name", get("/", "Host: rebound.example\r\n"), "421", "Host"),
        ("two names", get("/", "Host: HOST\r\nHost: rebound.example\r\n"), "421", "Host"),
        ("no name", get("/", ""), "421", "Host"),
        ("another port's name", get("/", "Host: 127.0.0.1:1\r\n"), "421", "Host"),
        ("another site's page", post(status, &with("Origin: https://evil.example\r\n"), "{}"), "403", "Origin"),
        ("a page without origin", post(status, &with("Origin: null\r\n"), "{}"), "403", "Origin"),
        ("another port's page", post(status, &with("Origin: http://127.0.0.1:1\r\n"), "{}"), "403", "Origin"),
        ("a cross-site read", get("/api/events", "Host: HOST\r\nSec-Fetch-Site: cross-site\r\n"), "403", "Sec-Fetch-Site"),
        ("a same-site read", get("/api/events", "Host: HOST\r\nSec-Fetch-Site: same-site\r\n"), "403", "Sec-Fetch-Site"),
        ("a post without the header", post(status, &JSON.replace("X-Zf-Console: 1\r\n", ""), "{}"), "403", "X-Zf-Console"),
        ("an upload without the header", post("/api/files?name=a", "Host: HOST\r\n", "x"), "403", "X-Zf-Console"),
        ("a form", post(status, &JSON.replace("application/json", "application/x-www-form-urlencoded"), "a=b"), "415", "Content-Type"),
        ("no JSON", post(status, JSON, "{"), "400", "request.bad"),
        ("too much JSON", post(status, JSON, &large), "413", "1 MB"),
        ("no such procedure", post("/api/rpc/no.such", JSON, "{}"), "404", "request.unknown"),
        ("without signing in", post("/api/rpc/audit.page", JSON, "{}"), "401", "session.required"),
        ("a made-up session", post("/api/rpc/audit.page", &with(&format!("Cookie: zf_session_{}=made-up\r\n", desk.running.address().port())), "{}"), "401", "session.expired"),
        ("an unknown file", get("/api/files/nothing", "Host: HOST\r\n"), "404", "file.missing"),
        ("an unknown address", get("/api/nothing", "Host: HOST\r\n"), "404", "request.not_found"),
        ("too large a file", post("/api/files?name=a", &with("Content-Length: 999999999999\r\n"), "").replace("Content-Length: 0\r\n", ""), "413", "file.too_large"),
        ("a read by post", post("/api/events", JSON, "{}"), "405", ""),
        ("a page by post", post("/", JSON, "{}"), "405", ""),
        ("above the pages", get("/../secret.txt", "Host: HOST\r\n"), "404", ""),
        ("above, encoded", get("/%2e%2e/secret.txt", "Host: HOST\r\n"), "404", ""),
        ("an absolute page", get("//etc/passwd", "Host: HOST\r\n"), "200", "the console"),
        ("a missing script", get("/assets/none.js", "Host: HOST\r\n"), "404", "no such file"),
        ("a page", get("/", "Host: HOST\r\n"), "200", "the console"),
        ("a page by its path", get("/orders", "Host: HOST\r\n"), "200", "the console"),
        ("health", get("/healthz", "Host: HOST\r\n"), "200", "ok"),
    ];
    for (what, request, status, says) in cases {
        let answer = send(desk.running.address(), &request).await;
        let first = answer.lines().next().unwrap_or_default();
        assert!(
            first.starts_with(&format!("HTTP/1.1 {status}")),
            "{what}: {answer}"
        );
        assert!(answer.contains(says), "{what}: {answer}");
        assert!(!answer.contains("secret"), "{what}: {answer}");
        let lower = answer.to_lowercase();
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "cache-control: ",
        ] {
            assert!(lower.contains(header), "{what} lacks {header}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_session_is_a_cookie_no_script_reads() {
    let desk = desk().await;
    let address = desk.running.address();
    let person = |login: &str, role: &str| serde_json::json!({"login": login, "display_name": login, "role": role, "password": "long enough, this one"});
    let own = serde_json::json!({
        "merchant_name": "示例商户", "environment": "sandbox", "vault_passphrase": "a long vault passphrase",
        "administrator": person("an-admin", "administrator"),
        "clerk": person("a-clerk", "clerk"), "approver": person("an-approver", "approver"),
    });
    let set_up = send(address, &post("/api/rpc/setup.own", JSON, &own.to_string())).await;
    assert!(set_up.starts_with("HTTP/1.1 200"), "{set_up}");
    let sign_in = r#"{"login":"a-clerk","password":"long enough, this one"}"#;
    let signed = send(address, &post("/api/rpc/session.sign_in", JSON, sign_in)).await;
    assert!(signed.starts_with("HTTP/1.1 200"), "{signed}");
    let line = signed
        .lines()
        .find_map(|l| l.strip_prefix("set-cookie: "))
        .expect("a cookie");
    let (cookie, attributes) = line.split_once("; ").expect("attributes");
    assert_eq!(attributes, "Path=/api; HttpOnly; SameSite=Strict");
    assert!(
        cookie.starts_with(&format!("zf_session_{}=", address.port())),
        "{cookie}"
    );
    let body = signed.split("\r\n\r\n").nth(1).unwrap_or_default();
    let token = cookie.split('=').nth(1).unwrap_or_default();
    assert!(!body.contains(token), "the page must not see the token");

    let as_clerk = format!("{JSON}Cookie: other=1; {cookie}\r\n");
    let status = send(address, &post("/api/rpc/app.status", &as_clerk, "{}")).await;
    assert!(status.contains("\"ready\""), "{status}");
    let out = send(address, &post("/api/rpc/session.sign_out", &as_clerk, "{}")).await;
    assert!(out.contains("Max-Age=0"), "{out}");
    let people = send(address, &post("/api/rpc/users.people", &as_clerk, "{}")).await;
    assert!(people.starts_with("HTTP/1.1 401"), "{people}");
}

#[tokio::test]
async fn files_go_in_and_come_out_as_they_were() {
    let desk = desk().await;
    let address = desk.running.address();
    let sent = post(
        "/api/files?name=..%2F%E8%B4%A6%E5%8D%95.csv",
        "Host: HOST\r\nX-Zf-Console: 1\r\n",
        "a,b\r\n1,2\r\n",
    );
    let taken = send(address, &sent).await;
    let body = taken.split("\r\n\r\n").nth(1).unwrap_or_default();
    let view: serde_json::Value = serde_json::from_str(body).expect("a file view");
    assert_eq!(view["name"], "账单.csv");
    assert_eq!(view["size"], 10);
    let token = view["file_token"].as_str().expect("a token");
    let given = send(
        address,
        &get(&format!("/api/files/{token}"), "Host: HOST\r\n"),
    )
    .await;
    assert!(given.ends_with("\r\n\r\na,b\r\n1,2\r\n"), "{given}");
    assert!(
        given.contains("content-disposition: attachment; filename*=UTF-8''%E8%B4%A6%E5%8D%95.csv"),
        "{given}"
    );
    assert!(
        given.contains("content-type: application/octet-stream"),
        "{given}"
    );
}

#[tokio::test]
async fn news_comes_as_events() {
    let desk = desk().await;
    let mut stream = TcpStream::connect(desk.running.address())
        .await
        .expect("it answers");
    let request =
        get("/api/events", "Host: HOST\r\n").replace("HOST", &desk.running.address().to_string());
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it is sent");
    let mut heard = String::new();
    let mut piece = [0_u8; 4096];
    let mut asked = false;
    while !heard.contains("data: ") {
        let n = tokio::time::timeout(std::time::Duration::from_secs(20), stream.read(&mut piece))
            .await
            .expect("news in time")
            .expect("the connection lives");
        assert!(n > 0, "it ended: {heard}");
        heard.push_str(&String::from_utf8_lossy(&piece[..n]));
        if !asked && heard.contains("text/event-stream") {
            asked = true;
            // Signing out makes the status stale, also for nobody.
            send(
                desk.running.address(),
                &post("/api/rpc/session.sign_out", JSON, "{}"),
            )
            .await;
        }
    }
    assert!(
        heard.contains(r#"data: {"type":"stale","tags":["status"]}"#),
        "{heard}"
    );
    desk.running.stop().await;
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let home = tempfile::tempdir().expect("a folder");
    let app = App::open(AppOptions {
        home: home.path().to_owned(),
        database: None,
        secrets: Arc::new(EnvironmentSecrets),
        sandbox: None,
    })
    .await
    .expect("the home opens");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8787"] {
        let address: SocketAddr = address.parse().expect("an address");
        let refused = serve_console(app.clone(), address, Ui::Embedded).await;
        let error = refused.expect_err("it must refuse");
        assert!(matches!(error, ServeError::NotLoopback { .. }), "{error}");
        assert!(error.to_string().contains("team server"), "{error}");
    }
}
