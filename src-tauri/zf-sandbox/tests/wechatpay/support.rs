//! A merchant's program in small: signs, sends over a plain socket, verifies. It shares nothing
//! with the sandbox but the cryptography.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use zf_crypto::cert::Certificate;
use zf_crypto::rsa::{RsaSigningKey, RsaVerifyingKey};
use zf_sandbox::{Options, Running, Start, start};

/// Saturday, 14 March 2026, 10:30 in Beijing.
pub(crate) const NOW: i64 = 1_773_455_400;

/// A sandbox whose system clock stands at [`NOW`] until it is moved, and its merchant.
pub(crate) struct World {
    pub(crate) sandbox: Option<Running>,
    pub(crate) merchant: Merchant,
    pub(crate) system: Arc<AtomicI64>,
    options: Options,
    home: tempfile::TempDir,
}

impl World {
    /// No history: only what the test does.
    pub(crate) async fn empty() -> Self {
        Self::with(|options| {
            options.days = 0;
            options.orders_per_day = 0;
        })
        .await
    }

    pub(crate) async fn with(edit: impl FnOnce(&mut Options)) -> Self {
        let home = tempfile::tempdir().unwrap();
        lay_keys(home.path());
        let system = Arc::new(AtomicI64::new(NOW));
        let mut options = Options::new(home.path());
        let shown = Arc::clone(&system);
        options.now_unix = Some(Arc::new(move || shown.load(Ordering::SeqCst)));
        options.start = Start::Now;
        edit(&mut options);
        let sandbox = start(options.clone()).await.unwrap();
        let merchant = Merchant::of(&sandbox);
        Self {
            sandbox: Some(sandbox),
            merchant,
            system,
            options,
            home,
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Stops the sandbox without farewell and starts it again in the same home.
    pub(crate) async fn restart(&mut self) {
        drop(self.sandbox.take());
        let mut tries = 0;
        self.sandbox = loop {
            match start(self.options.clone()).await {
                Ok(sandbox) => break Some(sandbox),
                // The tasks of the dropped one hold the home until the runtime ends them.
                Err(_) if tries < 50 => {
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                Err(error) => panic!("{error}"),
            }
        };
        self.merchant = Merchant::of(self.sandbox.as_ref().unwrap());
    }

    pub(crate) async fn control(&self, name: &str, params: Value) -> Value {
        let sandbox = self.sandbox.as_ref().unwrap();
        sandbox
            .control(name, params)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Moves the business clock and, like a real day, the system clock with it.
    pub(crate) async fn pass(&self, seconds: i64) {
        self.system.fetch_add(seconds, Ordering::SeqCst);
        self.control("clock", json!({"advance_seconds": 0})).await;
    }

    /// Places and pays an order.
    pub(crate) async fn paid(&self, number: &str, total: i64) -> Value {
        let got = self
            .merchant
            .prepay("native", self.merchant.order(number, total))
            .await;
        assert_eq!(got.status, 200, "{}", got.text());
        self.control(
            "pay",
            json!({"out_trade_no": number, "openid": "oInventedOpenid01"}),
        )
        .await
    }
}

/// Puts ready keys into a new home: making four takes longer than most tests.
fn lay_keys(home: &Path) {
    let files = [
        "ca_key.pem",
        "merchant_key.pem",
        "public_key.pem",
        "platform_key.pem",
    ];
    let store = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sandbox-keys-1");
    if !store.exists() {
        let draft = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::thread::scope(|scope| {
            for file in files {
                let path = draft.path().join(file);
                scope.spawn(move || {
                    let key = RsaSigningKey::generate(2048).unwrap();
                    std::fs::write(path, key.to_pem().unwrap().expose()).unwrap();
                });
            }
        });
        // Another test process may have been quicker.
        let _ = std::fs::rename(draft.path(), &store);
    }
    let channel = home.join("wechat_pay");
    std::fs::create_dir_all(&channel).unwrap();
    std::fs::copy(store.join(files[0]), home.join(files[0])).unwrap();
    for file in &files[1..] {
        std::fs::copy(store.join(file), channel.join(file)).unwrap();
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: hyper::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// A request about to be sent; tests spoil it on purpose.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Draft {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.headers.retain(|(known, _)| known != name);
    }

    pub(crate) fn edit(&mut self, name: &str, edit: impl Fn(&str) -> String) {
        for (known, value) in &mut self.headers {
            if known == name {
                *value = edit(value);
            }
        }
    }
}

pub(crate) struct Merchant {
    pub(crate) base_url: String,
    pub(crate) account: Value,
    pub(crate) key: RsaSigningKey,
    pub(crate) certificate: Certificate,
    pub(crate) platform: Certificate,
    pub(crate) public_key: RsaVerifyingKey,
    /// What `Wechatpay-Serial` says; `None` leaves it out.
    pub(crate) named: Option<String>,
    pub(crate) timestamp: i64,
}

impl Merchant {
    /// Reads the credentials the sandbox wrote.
    pub(crate) fn of(sandbox: &Running) -> Self {
        let directory = sandbox.credentials.join("wechat_pay");
        let read = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
        let account: Value = serde_json::from_str(&read("account.json")).unwrap();
        let named = Some(account["public_key_id"].as_str().unwrap().to_owned());
        Self {
            base_url: sandbox.base_urls["wechat_pay"].clone(),
            account,
            key: RsaSigningKey::from_pem(&read("apiclient_key.pem")).unwrap(),
            certificate: Certificate::from_pem(&read("apiclient_cert.pem")).unwrap(),
            platform: Certificate::from_pem(&read("platform_cert.pem")).unwrap(),
            public_key: RsaVerifyingKey::from_spki_pem(&read("pub_key.pem")).unwrap(),
            named,
            timestamp: sandbox.now_unix(),
        }
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.account[name].as_str().unwrap().to_owned()
    }

    pub(crate) fn order(&self, number: &str, total: i64) -> Value {
        json!({
            "appid": self.account["appid"], "mchid": self.account["mchid"],
            "description": "Tea set", "out_trade_no": number, "attach": "shop-7",
            "notify_url": "https://shop.example/notify",
            "amount": {"total": total, "currency": "CNY"},
        })
    }

    /// A correctly signed request.
    pub(crate) fn draft(&self, method: &str, target: &str, body: Option<&Value>) -> Draft {
        let body = body
            .map(|body| body.to_string().into_bytes())
            .unwrap_or_default();
        let nonce = zf_crypto::random::alphanumeric(32);
        let timestamp = self.timestamp;
        let mut message = format!("{method}\n{target}\n{timestamp}\n{nonce}\n").into_bytes();
        message.extend_from_slice(&body);
        message.push(b'\n');
        let signature = BASE64.encode(self.key.sign_sha256(&message).unwrap());
        let authorization = format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",serial_no=\"{}\",signature=\"{signature}\"",
            self.text("mchid"),
            self.text("merchant_certificate_serial"),
        );
        let mut draft = Draft {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body,
        };
        draft.set("Authorization", &authorization);
        draft.set("Accept", "application/json");
        draft.set("User-Agent", "zf-sandbox-test");
        draft.set("Content-Type", "application/json");
        if let Some(named) = &self.named {
            draft.set("Wechatpay-Serial", named);
        }
        draft
    }

    /// Sends; `Err` when the connection broke.
    pub(crate) async fn send(&self, draft: Draft) -> Result<Got, String> {
        send_to(&self.base_url, draft).await
    }

    /// Sends and insists on a valid signature where the page promises one.
    pub(crate) async fn call(&self, method: &str, target: &str, body: Option<Value>) -> Got {
        let got = self
            .send(self.draft(method, target, body.as_ref()))
            .await
            .unwrap();
        if (200..300).contains(&got.status) && !target.starts_with("/v3/billdownload") {
            self.verify(&got).unwrap();
        }
        got
    }

    pub(crate) async fn prepay(&self, kind: &str, order: Value) -> Got {
        self.call("POST", &format!("/v3/pay/transactions/{kind}"), Some(order))
            .await
    }

    pub(crate) async fn query(&self, number: &str) -> Got {
        let mchid = self.text("mchid");
        let target = format!("/v3/pay/transactions/out-trade-no/{number}?mchid={mchid}");
        self.call("GET", &target, None).await
    }

    pub(crate) fn refund_body(&self, order: &str, number: &str, refund: i64, total: i64) -> Value {
        json!({
            "out_trade_no": order, "out_refund_no": number, "reason": "缺货",
            "amount": {"refund": refund, "total": total, "currency": "CNY"},
        })
    }

    pub(crate) async fn refund(&self, order: &str, number: &str, refund: i64, total: i64) -> Got {
        let body = self.refund_body(order, number, refund, total);
        self.call("POST", "/v3/refund/domestic/refunds", Some(body))
            .await
    }

    /// Applies for a bill and downloads it, checking the hash over the uncompressed bytes.
    pub(crate) async fn bill(&self, target: &str) -> Result<Vec<u8>, String> {
        let link = self.call("GET", target, None).await;
        if link.status != 200 {
            return Err(link.json()["code"].as_str().unwrap().to_owned());
        }
        let link = link.json();
        let url = link["download_url"].as_str().unwrap();
        let target = url
            .strip_prefix(&self.base_url)
            .expect("the link leads to the sandbox");
        let file = self.send(self.draft("GET", target, None)).await?;
        if file.status != 200 {
            return Err(file.json()["code"].as_str().unwrap().to_owned());
        }
        assert!(
            file.headers.get("Wechatpay-Signature").is_none(),
            "files are not signed"
        );
        let bytes = if url.ends_with("&tartype=gzip") {
            assert_eq!(file.header("content-type"), "application/x-gzip");
            let mut plain = Vec::new();
            std::io::Read::read_to_end(
                &mut flate2::read::GzDecoder::new(file.body.as_slice()),
                &mut plain,
            )
            .map_err(|error| error.to_string())?;
            plain
        } else {
            assert_eq!(file.header("content-type"), "text/plain");
            file.body
        };
        let hash = zf_crypto::digest::hex_lower(&zf_crypto::digest::sha1(&bytes));
        if link["hash_value"] == hash {
            Ok(bytes)
        } else {
            Err("the hash does not fit".to_owned())
        }
    }

    /// Verifies an answer as a merchant must.
    pub(crate) fn verify(&self, got: &Got) -> Result<(), String> {
        let header = |name: &str| got.header(name).to_owned();
        self.verify_parts(
            &header("Wechatpay-Serial"),
            &header("Wechatpay-Timestamp"),
            &header("Wechatpay-Nonce"),
            &header("Wechatpay-Signature"),
            &got.body,
        )
    }

    pub(crate) fn verify_parts(
        &self,
        serial: &str,
        timestamp: &str,
        nonce: &str,
        signature: &str,
        body: &[u8],
    ) -> Result<(), String> {
        let seconds: i64 = timestamp.parse().map_err(|_| "no timestamp")?;
        if seconds.abs_diff(self.timestamp) >= 300 {
            return Err("the timestamp is off".to_owned());
        }
        let key = if serial == self.text("public_key_id") {
            self.public_key.clone()
        } else if serial == self.platform.serial_hex() {
            RsaVerifyingKey::from_certificate(&self.platform).unwrap()
        } else {
            return Err(format!("unknown serial {serial}"));
        };
        let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        let signature = BASE64.decode(signature).map_err(|_| "not base64")?;
        key.verify_sha256(&message, &signature)
            .map_err(|error| error.to_string())
    }

    /// Opens an AES-GCM resource with the APIv3 key.
    pub(crate) fn open(&self, resource: &Value) -> Vec<u8> {
        let part = |name: &str| resource[name].as_str().unwrap_or_default();
        zf_crypto::aead::aes_gcm_open(
            self.text("apiv3_key").as_bytes(),
            part("nonce").as_bytes(),
            part("associated_data").as_bytes(),
            &BASE64.decode(part("ciphertext")).unwrap(),
        )
        .unwrap()
    }
}

/// One HTTP exchange over a fresh connection.
pub(crate) async fn send_to(base_url: &str, draft: Draft) -> Result<Got, String> {
    let address = base_url.strip_prefix("http://").unwrap();
    let stream = tokio::net::TcpStream::connect(address)
        .await
        .map_err(|e| e.to_string())?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let mut request = hyper::Request::builder()
        .method(draft.method.as_str())
        .uri(&draft.target);
    if !draft.headers.iter().any(|(name, _)| name == "Host") {
        request = request.header("Host", address);
    }
    for (name, value) in &draft.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(draft.body))).unwrap();
    let response = sender
        .send_request(request)
        .await
        .map_err(|error| error.to_string())?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(|error| error.to_string())?;
    Ok(Got {
        status,
        headers,
        body: body.to_bytes().to_vec(),
    })
}

/// One notice as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) headers: hyper::HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A merchant's notification server that answers with the statuses it is given, then 204.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) arrived: Arc<std::sync::Mutex<Vec<Arrived>>>,
}

impl Receiver {
    pub(crate) async fn answering(statuses: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/notify", listener.local_addr().unwrap());
        let arrived = Arc::new(std::sync::Mutex::new(Vec::new()));
        let statuses = Arc::new(std::sync::Mutex::new(
            statuses
                .iter()
                .copied()
                .collect::<std::collections::VecDeque<u16>>(),
        ));
        let kept = Arc::clone(&arrived);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, statuses) = (Arc::clone(&kept), Arc::clone(&statuses));
                let service = hyper::service::service_fn(
                    move |request: hyper::Request<hyper::body::Incoming>| {
                        let (kept, statuses) = (Arc::clone(&kept), Arc::clone(&statuses));
                        async move {
                            let headers = request.headers().clone();
                            let body = request.into_body().collect().await.unwrap().to_bytes();
                            kept.lock().unwrap().push(Arrived {
                                headers,
                                body: body.to_vec(),
                            });
                            let status = statuses.lock().unwrap().pop_front().unwrap_or(204);
                            Ok::<_, std::convert::Infallible>(
                                hyper::Response::builder()
                                    .status(status)
                                    .body(Full::<Bytes>::default())
                                    .unwrap(),
                            )
                        }
                    },
                );
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { url, arrived }
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }
}

impl World {
    /// The merchant's program `seconds` after [`NOW`].
    pub(crate) fn merchant_at(&self, seconds: i64) -> Merchant {
        let mut merchant = Merchant::of(self.sandbox.as_ref().unwrap());
        merchant.timestamp = NOW + seconds;
        merchant
    }
}
