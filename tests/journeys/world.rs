//! One desk, one sandbox, four people.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use zf_app::ctx::SessionChange;
use zf_app::vault::SecretStore;
use zf_app::{App, AppError, AppOptions};
use zf_channels::{PrepayOrder, PrepayWay, VerifyMode, WechatCredentials};
use zf_crypto::secret::Secret;
use zf_domain::{MerchantOrderNo, Money, Timestamp};

use crate::databases;

const PASSWORD: &str = "a-long-password";
const PASSPHRASE: &str = "a-vault-passphrase";

/// Hands out the vault's passphrase, as a keychain would.
struct Keychain;

impl SecretStore for Keychain {
    fn load(&self, _home: &Path) -> Option<Secret<String>> {
        Some(Secret::new(PASSPHRASE.to_owned()))
    }
    fn save(&self, _home: &Path, _passphrase: &Secret<String>) -> bool {
        false
    }
}

/// A person signed in.
#[derive(Debug, Clone)]
pub(crate) struct Token(pub(crate) String);

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) sandbox: zf_sandbox::Running,
    pub(crate) account_id: String,
    pub(crate) clerk: Token,
    pub(crate) clerk_2: Token,
    pub(crate) approver: Token,
    pub(crate) approver_2: Token,
    pub(crate) home: PathBuf,
    _dir: tempfile::TempDir,
}

/// Opens the desk of a home, as a host does.
pub(crate) async fn open_app(home: &Path) -> App {
    App::open(AppOptions {
        home: home.to_owned(),
        database: databases::of_home(home).await,
        secrets: Arc::new(Keychain),
        sandbox: None,
    })
    .await
    .expect("the home opens")
}

/// Calls a procedure as whoever holds the token.
pub(crate) async fn call(
    app: &App,
    token: Option<&Token>,
    name: &str,
    params: Value,
) -> Result<Value, AppError> {
    let token = token.map(|t| t.0.as_str());
    app.call(token, "cli", name, params).await.result
}

pub(crate) async fn sign_in(app: &App, login: &str) -> Token {
    let reply = app
        .call(
            None,
            "cli",
            "session.sign_in",
            json!({ "login": login, "password": PASSWORD }),
        )
        .await;
    reply.result.expect("sign-in");
    match reply.session {
        SessionChange::Set(token) => Token(token),
        other => panic!("no token: {other:?}"),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::of(1, 30).await
    }

    /// A desk whose merchant has this much history.
    pub(crate) async fn of(days: u32, orders_per_day: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = zf_sandbox::Options::new(dir.path().join("sandbox"));
        options.days = days;
        options.orders_per_day = orders_per_day;
        let sandbox = zf_sandbox::start(options).await.expect("sandbox");
        sandbox
            .control("settings", json!({ "refund_seconds": 1 }))
            .await
            .expect("settings");
        let home = dir.path().join("home");
        let app = open_app(&home).await;
        let person = |login: &str, role: &str| json!({ "login": login, "display_name": login, "role": role, "password": PASSWORD });
        call(
            &app,
            None,
            "setup.own",
            json!({
                "merchant_name": "示例商户", "environment": "sandbox", "vault_passphrase": PASSPHRASE,
                "administrator": person("admin", "administrator"),
                "clerk": person("clerk", "clerk"),
                "approver": person("approver", "approver"),
            }),
        )
        .await
        .expect("set-up");
        let admin = sign_in(&app, "admin").await;
        for (login, role) in [("clerk2", "clerk"), ("approver2", "approver")] {
            call(&app, Some(&admin), "users.add", person(login, role))
                .await
                .expect("a person");
        }
        let folder = sandbox.credentials.join("wechat_pay");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let account: Value = serde_json::from_str(&read("account.json")).unwrap();
        let added = call(
            &app,
            Some(&admin),
            "accounts.add_wechat",
            json!({
                "display_name": "示例门店", "environment": "sandbox",
                "merchant_no": account["mchid"], "appid": account["appid"],
                "certificate_serial": "", "private_key_pem": read("apiclient_key.pem"),
                "certificate_pem": read("apiclient_cert.pem"), "api_v3_key": account["apiv3_key"],
                "public_key_id": account["public_key_id"], "public_key_pem": read("pub_key.pem"),
                "base_url": sandbox.base_urls["wechat_pay"], "backup_url": null, "extra_root_pem": null,
            }),
        )
        .await
        .expect("an account");
        Self {
            account_id: text(&added["brief"]["account_id"]),
            clerk: sign_in(&app, "clerk").await,
            clerk_2: sign_in(&app, "clerk2").await,
            approver: sign_in(&app, "approver").await,
            approver_2: sign_in(&app, "approver2").await,
            app,
            sandbox,
            home,
            _dir: dir,
        }
    }

    pub(crate) async fn call(
        &self,
        token: &Token,
        name: &str,
        params: Value,
    ) -> Result<Value, AppError> {
        call(&self.app, Some(token), name, params).await
    }

    /// A call that must succeed.
    pub(crate) async fn ok(&self, token: &Token, name: &str, params: Value) -> Value {
        match self.call(token, name, params).await {
            Ok(value) => value,
            Err(error) => panic!("{name}: {error}"),
        }
    }

    /// The code of a call that must fail.
    pub(crate) async fn refused(&self, token: &Token, name: &str, params: Value) -> &'static str {
        match self.call(token, name, params).await {
            Ok(value) => panic!("{name} went through: {value}"),
            Err(error) => error.code.text().code,
        }
    }

    /// An order of this many fen, paid at the sandbox and known at the desk.
    pub(crate) async fn paid_order(&self, minor: i64) -> String {
        let folder = self.sandbox.credentials.join("wechat_pay");
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let account: Value = serde_json::from_str(&read("account.json")).unwrap();
        let client = zf_channels::open(
            zf_channels::Credentials::WechatPay(WechatCredentials {
                mchid: text(&account["mchid"]),
                appid: text(&account["appid"]),
                serial_no: text(&account["merchant_certificate_serial"]),
                private_key: Secret::new(read("apiclient_key.pem")),
                api_v3_key: Secret::new(text(&account["apiv3_key"])),
                verify: VerifyMode::PublicKey {
                    id: text(&account["public_key_id"]),
                    pem: read("pub_key.pem"),
                },
            }),
            zf_channels::Endpoint {
                base_url: self.sandbox.base_urls["wechat_pay"].clone(),
                backup_url: None,
                extra_root_pem: None,
            },
            self.app.shared_clock(),
        )
        .unwrap();
        // With a digit at any rate: letters alone look like a word that is searched for.
        let number = format!("TEST26{}", zf_crypto::random::alphanumeric(10));
        client
            .prepay(&PrepayOrder {
                order_no: MerchantOrderNo::parse(&number).unwrap(),
                description: "测试商品".to_owned(),
                amount: Money::cny(minor),
                expires_at: None::<Timestamp>,
                attach: None,
                notify_url: "https://shop.example/notify".to_owned(),
                way: PrepayWay::Native,
            })
            .await
            .expect("prepay");
        self.control("pay", json!({ "out_trade_no": number })).await;
        // Enough money for any refund of these tests.
        self.control("balance", json!({ "available": 100_000_000 }))
            .await;
        let found = self
            .ok(
                &self.clerk,
                "orders.lookup",
                json!({ "account_id": self.account_id, "number": number }),
            )
            .await;
        assert_eq!(found["row"]["state"], "paid");
        assert_eq!(found["row"]["amount"]["minor"], minor);
        text(&found["row"]["order_id"])
    }

    pub(crate) async fn control(&self, name: &str, params: Value) -> Value {
        self.sandbox.control(name, params).await.expect("control")
    }

    /// One fault, at the next refund.
    pub(crate) async fn fault(&self, rule: Value) {
        self.control("faults", json!({ "rules": [rule] })).await;
    }

    /// Opens the form.
    pub(crate) async fn open(&self, clerk: &Token, order_id: &str) -> Value {
        self.ok(clerk, "refunds.open", json!({ "order_id": order_id }))
            .await
    }

    /// Parameters of a request as the form would send them, every warning ticked.
    pub(crate) fn request_of(form: &Value, minor: i64, note: &str) -> Value {
        let warnings: Vec<&Value> = form["preflight"]["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["level"] == "warning")
            .map(|c| &c["name"])
            .collect();
        json!({
            "refund_no": form["refund_no"],
            "content": { "amount_minor": minor, "reason_code": "goodwill", "note": note, "buyer_note": "抱歉" },
            "remaining_seen_minor": form["refundable"]["minor"],
            "acknowledged": warnings,
        })
    }

    /// Opens and requests; gives the refund's view.
    pub(crate) async fn request(&self, order_id: &str, minor: i64) -> Value {
        let form = self.open(&self.clerk, order_id).await;
        self.ok(
            &self.clerk,
            "refunds.request",
            Self::request_of(&form, minor, "顾客要求退款"),
        )
        .await
    }

    pub(crate) async fn approve(&self, token: &Token, view: &Value) -> Result<Value, AppError> {
        self.call(
            token,
            "approvals.approve",
            json!({ "refund_no": view["row"]["refund_no"], "digest": view["digest"], "comment": "" }),
        )
        .await
    }

    pub(crate) async fn view(&self, refund_no: &str) -> Value {
        self.ok(
            &self.clerk,
            "refunds.detail",
            json!({ "refund_no": refund_no }),
        )
        .await
    }

    /// Lets the timer work until the refund is in this state.
    pub(crate) async fn until(&self, refund_no: &str, state: &str) -> Value {
        let begun = Instant::now();
        loop {
            zf_app::timer::tick(&self.app).await.expect("tick");
            let view = self.view(refund_no).await;
            if view["row"]["state"] == state {
                return view;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(45),
                "{refund_no} is not {state} but: {view:#}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The sandbox's refunds under a number: what really happened.
    pub(crate) async fn at_channel(&self, refund_no: &str) -> Vec<Value> {
        let state = self
            .control("state", json!({ "out_refund_no": refund_no }))
            .await;
        state["channels"]["wechat_pay"]["refunds"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// Every refund of an order at the channel, whatever its number.
    pub(crate) async fn all_at_channel(&self, order_no: &str) -> Vec<Value> {
        let state = self
            .control("state", json!({ "out_trade_no": order_no, "limit": 1000 }))
            .await;
        state["channels"]["wechat_pay"]["refunds"]
            .as_array()
            .unwrap()
            .clone()
    }

    pub(crate) async fn audit_holds(&self) {
        let verdict = self.app.store().verify_audit().await.unwrap();
        assert_eq!(verdict.broken, None);
    }
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// The kinds of a timeline, in order.
pub(crate) fn kinds(view: &Value) -> Vec<String> {
    view["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| text(&e["kind"]))
        .collect()
}

/// Whether `wanted` stand in `all` in this order, others between them allowed.
pub(crate) fn in_order(all: &[String], wanted: &[&str]) -> bool {
    let mut rest = all.iter();
    wanted.iter().all(|w| rest.any(|kind| kind == w))
}
