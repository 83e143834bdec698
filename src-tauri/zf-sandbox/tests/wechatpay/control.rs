//! The control plane's edge, the clock, and TLS.

use serde_json::{Value, json};
use zf_sandbox::{Faults, Start, WireClock};

use crate::support::{Draft, NOW, World, send_to};

fn control(method: &str, name: &str, body: &Value) -> Draft {
    Draft {
        method: method.to_owned(),
        target: format!("/_sandbox/{name}"),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        },
    }
}

#[tokio::test]
async fn only_this_machine_steers() {
    let world = World::empty().await;
    let base = &world.merchant.base_url;
    for (name, value, status) in [
        ("Host", "127.0.0.1:1", 200),
        ("Host", "localhost", 200),
        ("Host", "[::1]:80", 200),
        ("Host", "api.mch.weixin.qq.com", 403),
        ("Host", "127.0.0.1.evil.example", 403),
        ("Origin", "https://evil.example", 403),
    ] {
        let mut draft = control("GET", "clock", &Value::Null);
        draft.set(name, value);
        let got = send_to(base, draft).await.unwrap();
        assert_eq!(got.status, status, "{name}: {value}: {}", got.text());
    }
    for (method, name, body, status) in [
        ("GET", "pay", Value::Null, 405),
        ("DELETE", "clock", Value::Null, 405),
        ("POST", "dance", Value::Null, 404),
        ("POST", "clock", json!([1]), 400),
        ("POST", "clock", json!({"advance": 5}), 400),
        (
            "POST",
            "clock",
            json!({"set": "2026-03-14T10:00:00+08:00"}),
            400,
        ),
        (
            "POST",
            "faults",
            json!({"rules": [{"kind": "gremlin"}]}),
            400,
        ),
        ("POST", "settings", json!({"colour": "red"}), 400),
        ("POST", "settings", json!({"key_mode": "none"}), 400),
        ("POST", "pay", json!({"out_trade_no": "ORD-99999"}), 400),
        (
            "POST",
            "refund",
            json!({"out_refund_no": "R1", "to": "success"}),
            400,
        ),
        ("GET", "planted?date=2026-3-1", Value::Null, 400),
        ("GET", "planted?date=2026-03-13", Value::Null, 200),
        ("GET", "books?date=2026-03-13&plant=1", Value::Null, 200),
    ] {
        let got = send_to(base, control(method, name, &body)).await.unwrap();
        assert_eq!(got.status, status, "{method} {name} {body}: {}", got.text());
    }
    // A GET never changes anything.
    let got = send_to(
        base,
        control("GET", "clock?advance_seconds=500", &Value::Null),
    )
    .await
    .unwrap();
    assert_eq!(got.json()["unix"], NOW);
    let got = send_to(base, control("GET", "balance?available=1", &Value::Null))
        .await
        .unwrap();
    assert_eq!(got.json()["available"], 2_000_000);
}

#[tokio::test]
async fn the_ready_line_and_the_credentials_are_complete() {
    let world = World::empty().await;
    let sandbox = world.sandbox.as_ref().unwrap();
    let line: Value = serde_json::from_str(&sandbox.ready_line()).unwrap();
    assert_eq!(
        line["base_urls"]["wechat_pay"],
        json!(world.merchant.base_url)
    );
    assert_eq!(line["credentials"], json!(world.home().join("credentials")));
    assert_eq!(line.as_object().unwrap().len(), 2);
    assert!(
        sandbox
            .control_url
            .ends_with(&format!(":{}/_sandbox", sandbox.local_addr().port()))
    );
    for name in [
        "merchant_name",
        "mchid",
        "appid",
        "merchant_certificate_serial",
        "apiv3_key",
        "public_key_id",
        "platform_certificate_serial",
        "mode",
        "notify_url",
        "base_url",
    ] {
        assert!(!world.merchant.text(name).is_empty(), "{name}");
    }
    assert_eq!(world.merchant.text("apiv3_key").len(), 32);
    assert!(world.merchant.text("merchant_name").contains("示例"));
    assert_eq!(
        world.merchant.certificate.serial_hex(),
        world.merchant.text("merchant_certificate_serial")
    );
    assert!(
        world
            .merchant
            .text("public_key_id")
            .starts_with("PUB_KEY_ID_01")
    );
}

#[tokio::test]
async fn the_two_clocks() {
    let world = World::empty().await;
    // The business clock moves, signatures stay with the system clock.
    let clock = world
        .control("clock", json!({"advance_seconds": 86_400}))
        .await;
    assert_eq!(clock["now"], "2026-03-15T10:30:00+08:00");
    assert_eq!(clock["wire_unix"], NOW);
    world.merchant.call("GET", "/v3/certificates", None).await;
    // Clients whose clock moves with the sandbox's.
    world.control("clock", json!({"wire": "virtual"})).await;
    let got = world.merchant.call("GET", "/v3/certificates", None).await;
    assert_eq!(got.status, 401);
    let later = world.merchant_at(86_400);
    assert_eq!(
        later.call("GET", "/v3/certificates", None).await.status,
        200
    );
    // A sandbox whose clock is wrong.
    world.control("clock", json!({"skew_seconds": 600})).await;
    assert_eq!(
        later.call("GET", "/v3/certificates", None).await.status,
        401
    );
    // A stopped clock.
    let stopped = world.control("clock", json!({"freeze": true})).await;
    world
        .system
        .fetch_add(50, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        world.control("clock", json!({})).await["unix"],
        stopped["unix"]
    );
    let running = world.control("clock", json!({"freeze": false})).await;
    assert_eq!(running["unix"], stopped["unix"]);
    world
        .system
        .fetch_add(50, std::sync::atomic::Ordering::SeqCst);
    let later = world.control("clock", json!({})).await["unix"]
        .as_i64()
        .unwrap();
    assert_eq!(later, stopped["unix"].as_i64().unwrap() + 50);
}

#[tokio::test]
async fn a_new_home_can_start_when_bills_are_ready() {
    for (system, expected) in [
        (NOW - 8 * 3_600, "2026-03-14T10:05:00+08:00"),
        (NOW, "2026-03-14T10:30:00+08:00"),
    ] {
        let world = World::with(|options| {
            options.now_unix = Some(std::sync::Arc::new(move || system));
            options.start = Start::BillsReady;
            options.wire_clock = WireClock::Virtual;
            options.orders_per_day = 20;
        })
        .await;
        assert_eq!(world.control("clock", json!({})).await["now"], expected);
        assert!(
            world
                .merchant
                .bill("/v3/bill/tradebill?bill_date=2026-03-13")
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn an_old_home_opened_early_in_the_morning_has_its_bills_too() {
    let mut world = World::with(|options| {
        options.start = Start::BillsReady;
        options.trade_on = true;
        options.days = 1;
        options.orders_per_day = 20;
    })
    .await;
    world
        .system
        .fetch_add(2 * 86_400 - 8 * 3_600, std::sync::atomic::Ordering::SeqCst);
    world.restart().await;
    assert_eq!(
        world.control("clock", json!({})).await["now"],
        "2026-03-16T10:05:00+08:00"
    );
    let early = world.merchant_at(2 * 86_400 - 8 * 3_600);
    assert!(
        early
            .bill("/v3/bill/tradebill?bill_date=2026-03-15")
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn faults_can_come_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("faults.json");
    std::fs::write(
        &path,
        r#"{"rules":[{"kind":"rate_limit","on":"certificates"}]}"#,
    )
    .unwrap();
    let faults = Faults::from_file(&path).unwrap();
    let world = World::with(|options| {
        options.orders_per_day = 0;
        options.faults = Some(faults);
    })
    .await;
    assert_eq!(
        world
            .merchant
            .call("GET", "/v3/certificates", None)
            .await
            .status,
        429
    );
    let shown = world.control("faults", json!({})).await;
    assert_eq!(shown["rules"][0]["struck"], 1);
    std::fs::write(&path, "{").unwrap();
    assert!(
        Faults::from_file(&path)
            .unwrap_err()
            .to_string()
            .contains("faults.json")
    );
}

#[tokio::test]
async fn https_under_its_own_authority() {
    let world = World::with(|options| {
        options.orders_per_day = 0;
        options.tls = true;
    })
    .await;
    let sandbox = world.sandbox.as_ref().unwrap();
    assert!(world.merchant.base_url.starts_with("https://127.0.0.1:"));
    let ca = std::fs::read(world.home().join("ca.pem")).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    use rustls::pki_types::pem::PemObject as _;
    roots
        .add(rustls::pki_types::CertificateDer::from_pem_slice(&ca).unwrap())
        .unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    for host in [
        "api.mch.weixin.qq.com",
        "api2.mch.weixin.qq.com",
        "localhost",
        "127.0.0.1",
    ] {
        let stream = tokio::net::TcpStream::connect(sandbox.local_addr())
            .await
            .unwrap();
        let name = rustls::pki_types::ServerName::try_from(host).unwrap();
        let mut stream = connector.connect(name, stream).await.unwrap();
        let draft = world.merchant.draft("GET", "/v3/certificates", None);
        let mut request =
            format!("GET /v3/certificates HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for (name, value) in &draft.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(
            answer.starts_with(b"HTTP/1.1 200"),
            "{host}: {}",
            String::from_utf8_lossy(&answer)
        );
    }
    // Plain HTTP on the same port reaches the control plane only.
    let plain = format!("http://{}", sandbox.local_addr());
    let got = send_to(&plain, control("GET", "clock", &Value::Null))
        .await
        .unwrap();
    assert_eq!(got.status, 200);
    let got = send_to(
        &plain,
        world.merchant.draft("GET", "/v3/certificates", None),
    )
    .await
    .unwrap();
    assert_eq!(got.status, 400);
}
