//! WeChat Pay APIv3 for one direct merchant, as the vendor's page describes it.

mod account;
mod bank;
mod big;
mod bills;
mod books;
mod check;
mod control;
mod format;
mod history;
mod model;
mod notices;
mod orders;
mod refunds;
mod settings;
mod store;
mod wire;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::civil::Date;
use serde_json::json;
use zf_crypto::rsa::RsaSigningKey;

pub use big::{BigPair, PlantCounts, write_big_pair};

use account::{Account, Prover};
use bills::BillKind;
use check::Family;
pub(crate) use check::{Call, percent_decode};
use model::TradeType;
use settings::{KeyMode, Settings};
use store::Store;
use wire::{ApiError, Reply};

use crate::error::SandboxError;
use crate::faults::{Drawn, FaultKind};
use crate::shared::Shared;
use crate::time::{DAY, day_of, day_start, rfc3339};

/// The channel's name in base URLs, credentials and the home.
pub(crate) const CHANNEL: &str = "wechat_pay";
const SIGNATURE_TYPE: &str = "WECHATPAY2-SHA256-RSA2048";

/// What one handler may use.
pub(crate) struct Desk<'a> {
    account: &'a Account,
    store: &'a mut Store,
    downloads: &'a mut HashMap<String, Download>,
    now: i64,
    drawn: &'a Drawn,
}

type Answer = Result<Reply, ApiError>;

/// Where a download link leads. Links live five minutes and are not kept over a restart.
#[derive(Clone, Copy)]
pub(crate) struct Download {
    kind: BillKind,
    date: Date,
    gzip: bool,
    until: i64,
}

/// The endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Certificates,
    Prepay(TradeType),
    QueryByTransaction,
    QueryByNumber,
    Close,
    Refund,
    QueryRefund,
    AbnormalRefund,
    TradeBill,
    FundFlowBill,
    Download,
    Balance,
    DayEndBalance,
}

/// Path, method and operation of every endpoint.
pub(crate) const ROUTES: &[(&str, &str, Operation)] = &[
    ("GET", "/v3/certificates", Operation::Certificates),
    (
        "POST",
        "/v3/pay/transactions/native",
        Operation::Prepay(TradeType::Native),
    ),
    (
        "POST",
        "/v3/pay/transactions/jsapi",
        Operation::Prepay(TradeType::Jsapi),
    ),
    (
        "POST",
        "/v3/pay/transactions/app",
        Operation::Prepay(TradeType::App),
    ),
    (
        "POST",
        "/v3/pay/transactions/h5",
        Operation::Prepay(TradeType::H5),
    ),
    (
        "GET",
        "/v3/pay/transactions/id/{number}",
        Operation::QueryByTransaction,
    ),
    (
        "GET",
        "/v3/pay/transactions/out-trade-no/{number}",
        Operation::QueryByNumber,
    ),
    (
        "POST",
        "/v3/pay/transactions/out-trade-no/{number}/close",
        Operation::Close,
    ),
    ("POST", "/v3/refund/domestic/refunds", Operation::Refund),
    (
        "GET",
        "/v3/refund/domestic/refunds/{number}",
        Operation::QueryRefund,
    ),
    (
        "POST",
        "/v3/refund/domestic/refunds/{number}/apply-abnormal-refund",
        Operation::AbnormalRefund,
    ),
    ("GET", "/v3/bill/tradebill", Operation::TradeBill),
    ("GET", "/v3/bill/fundflowbill", Operation::FundFlowBill),
    ("GET", "/v3/billdownload/file", Operation::Download),
    (
        "GET",
        "/v3/merchant/fund/balance/{number}",
        Operation::Balance,
    ),
    (
        "GET",
        "/v3/merchant/fund/dayendbalance/{number}",
        Operation::DayEndBalance,
    ),
];

impl Operation {
    /// The name fault rules use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Certificates => "certificates",
            Self::Prepay(_) => "prepay",
            Self::QueryByTransaction | Self::QueryByNumber => "order.query",
            Self::Close => "order.close",
            Self::Refund => "refund.create",
            Self::QueryRefund => "refund.query",
            Self::AbnormalRefund => "refund.abnormal",
            Self::TradeBill => "bill.trade",
            Self::FundFlowBill => "bill.fund_flow",
            Self::Download => "bill.download",
            Self::Balance => "balance",
            Self::DayEndBalance => "balance.day_end",
        }
    }

    fn family(self) -> Family {
        match self {
            Self::Prepay(_) | Self::QueryByTransaction | Self::QueryByNumber | Self::Close => {
                Family::Pay
            }
            Self::Certificates | Self::Refund | Self::QueryRefund | Self::AbnormalRefund => {
                Family::Strict
            }
            Self::TradeBill
            | Self::FundFlowBill
            | Self::Download
            | Self::Balance
            | Self::DayEndBalance => Family::Other,
        }
    }
}

/// An answer ready for the wire.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What opening the channel needs from the home's options.
pub(crate) struct Opening {
    pub(crate) seed: u64,
    pub(crate) days: u32,
    pub(crate) orders_per_day: u32,
    pub(crate) trade_on: bool,
}

pub(crate) struct WechatPay {
    shared: Arc<Shared>,
    account: RwLock<Account>,
    desk: Mutex<(Store, HashMap<String, Download>)>,
    /// Where the generated history begins.
    first: i64,
    trade_on: bool,
    /// Held while due notices are sent, so that only one task sends.
    sending: tokio::sync::Mutex<()>,
}

/// The key files this channel needs, for making them beside others.
pub(crate) fn key_paths(home: &Path) -> Vec<PathBuf> {
    account::key_paths(&home.join(CHANNEL)).to_vec()
}

impl WechatPay {
    pub(crate) fn open(
        home: &Path,
        keys: [RsaSigningKey; 3],
        opening: &Opening,
        shared: Arc<Shared>,
    ) -> Result<Self, SandboxError> {
        let directory = home.join(CHANNEL);
        let now = shared.clock.now();
        let kept = Account::identity(&directory)?;
        let identity = kept.unwrap_or_else(|| {
            account::new_identity(opening.seed, opening.days, opening.orders_per_day)
        });
        let account = Account::open(&directory, identity, keys, &shared.authority, now)?;
        let identity = &account.identity;
        let mut store = Store::open(&directory, identity.opening_balance)?;
        let fresh = store.state.traded_until == 0;
        let first = day_start(day_of(now)) - i64::from(identity.days) * DAY;
        if fresh || opening.trade_on {
            store.trade(identity, first, now);
        }
        store.settle(identity, now, None);
        store.commit()?;
        Ok(Self {
            shared,
            first,
            account: RwLock::new(account),
            desk: Mutex::new((store, HashMap::new())),
            trade_on: opening.trade_on,
            sending: tokio::sync::Mutex::new(()),
        })
    }

    fn account(&self) -> RwLockReadGuard<'_, Account> {
        self.account.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn account_mut(&self) -> RwLockWriteGuard<'_, Account> {
        self.account.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self) -> MutexGuard<'_, (Store, HashMap<String, Download>)> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the books up to the business clock: trade that went on, refunds that moved on.
    fn advance(&self, account: &Account, store: &mut Store) -> i64 {
        let now = self.shared.clock.now();
        if self.trade_on {
            store.trade(&account.identity, self.first, now);
        }
        store.settle(&account.identity, now, Some(&mut self.shared.faults()));
        now
    }

    /// Answers one request, after everything it did is on disk.
    pub(crate) fn answer(&self, operation: Operation, call: &Call, drawn: &Drawn) -> Outgoing {
        if drawn.has(FaultKind::RotateKey) {
            // A failed rotation leaves the old key signing; the request itself still counts.
            if let Err(error) = self.rotate() {
                tracing::warn!(%error, "key rotation failed");
            }
        }
        let account = self.account();
        let (result, settings) = {
            let mut held = self.desk();
            let (store, downloads) = &mut *held;
            let now = self.advance(&account, store);
            let settings = store.state.settings.clone();
            let wire_now = self.shared.clock.wire_now();
            let checked =
                check::authenticate(&account, &settings, operation.family(), call, wire_now, now);
            let result = checked.and_then(|()| {
                let desk = Desk {
                    account: &account,
                    store,
                    downloads,
                    now,
                    drawn,
                };
                desk.handle(operation, call)
            });
            let result = match store.commit() {
                Ok(()) => result,
                Err(error) => {
                    tracing::error!(%error, "the sandbox home cannot be written");
                    Err(ApiError::new(500, "SYSTEM_ERROR", "系统异常，请稍后重试"))
                }
            };
            (result, settings)
        };
        match result {
            Ok(reply) => self.signed(&account, &settings, call, reply, drawn),
            Err(error) => refusal(&error),
        }
    }

    fn signed(
        &self,
        account: &Account,
        settings: &Settings,
        call: &Call,
        reply: Reply,
        drawn: &Drawn,
    ) -> Outgoing {
        let (status, body) = match reply {
            Reply::File {
                content_type,
                bytes,
            } => {
                return Outgoing {
                    status: 200,
                    headers: vec![
                        ("Content-Type", content_type.to_owned()),
                        ("Request-ID", request_id(0)),
                        ("Server", "nginx".to_owned()),
                    ],
                    body: bytes,
                };
            }
            Reply::Json(value) => (200, value.to_string().into_bytes()),
            Reply::NoContent => (204, Vec::new()),
        };
        let prover = account.prover(settings.key_mode, call.serial.as_deref());
        match self.prove(account, prover, &body, drawn) {
            Ok(proof) => {
                let mut headers = common_headers(0);
                headers.extend(proof);
                Outgoing {
                    status,
                    headers,
                    body,
                }
            }
            Err(error) => {
                tracing::error!(%error, "signing failed");
                refusal(&ApiError::new(500, "SYSTEM_ERROR", "系统异常，请稍后重试"))
            }
        }
    }

    /// The five signature headers over a body, with the faults drawn for it.
    fn prove(
        &self,
        account: &Account,
        prover: Prover,
        body: &[u8],
        drawn: &Drawn,
    ) -> Result<Vec<(&'static str, String)>, SandboxError> {
        let skew = drawn
            .rule(FaultKind::ClockSkew)
            .map_or(0, |rule| rule.seconds.unwrap_or(600));
        let timestamp = self.shared.clock.wire_now() + skew;
        let nonce = zf_crypto::random::alphanumeric(32);
        let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
        message.extend_from_slice(body);
        message.push(b'\n');
        if drawn.has(FaultKind::BadSignature) {
            message.push(b'\n');
        }
        let (mut serial, signature) = account.sign(prover, &message)?;
        let mut signature = BASE64.encode(signature);
        if drawn.has(FaultKind::UnknownSerial) {
            serial = zf_crypto::digest::hex_upper(&crate::keys::serial());
        }
        if drawn.has(FaultKind::Probe) {
            let noise = zf_crypto::random::bytes::<192>();
            signature = format!("WECHATPAY/SIGNTEST/{}", BASE64.encode(noise));
        }
        Ok(vec![
            ("Wechatpay-Timestamp", timestamp.to_string()),
            ("Wechatpay-Nonce", nonce),
            ("Wechatpay-Signature", signature),
            ("Wechatpay-Serial", serial),
            ("Wechatpay-Signature-Type", SIGNATURE_TYPE.to_owned()),
        ])
    }

    /// A new platform certificate beside the old ones, signing from now on.
    fn rotate(&self) -> Result<String, SandboxError> {
        let mut account = self.account_mut();
        account.add_platform(&self.shared.authority, self.shared.clock.now())?;
        account.switch_platform()
    }

    /// Writes the credentials directory.
    pub(crate) fn export(
        &self,
        directory: &Path,
        base_url: &str,
        notify_url: &str,
    ) -> Result<(), SandboxError> {
        let mode = self.desk().0.state.settings.key_mode;
        self.account().export(directory, mode, base_url, notify_url)
    }

    pub(crate) fn merchant_name(&self) -> String {
        self.account().identity.merchant_name.clone()
    }
}

impl Desk<'_> {
    fn handle(mut self, operation: Operation, call: &Call) -> Answer {
        match operation {
            Operation::Certificates => self.certificates(call),
            Operation::Prepay(trade_type) => self.prepay(call, trade_type),
            Operation::QueryByTransaction => self.query_by_transaction(call),
            Operation::QueryByNumber => self.query_by_out_trade_no(call),
            Operation::Close => self.close(call),
            Operation::Refund => self.refund(call),
            Operation::QueryRefund => self.query_refund(call),
            Operation::AbnormalRefund => self.abnormal_refund(call),
            Operation::TradeBill => self.trade_bill(call),
            Operation::FundFlowBill => self.fund_flow_bill(call),
            Operation::Download => self.download(call),
            Operation::Balance => self.balance(call),
            Operation::DayEndBalance => self.day_end_balance(call),
        }
    }

    /// `GET /v3/certificates`. Page section 3.
    fn certificates(&mut self, call: &Call) -> Answer {
        let none = || {
            ApiError::new(
                404,
                "RESOURCE_NOT_EXISTS",
                "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。",
            )
        };
        match call.query("algorithm_type").as_deref() {
            None | Some("RSA" | "ALL") => {}
            // This merchant has not applied for SM2.
            Some("SM2") => return Err(none()),
            Some(other) => {
                let message = "输入源“/query/algorithm_type”映射到值字段“算法类型”枚举规则校验失败"
                    .to_owned();
                return Err(ApiError::parameter(
                    "query",
                    "algorithm_type",
                    other,
                    "not in enumeration",
                    message,
                ));
            }
        }
        let identity = &self.account.identity;
        let mut data = Vec::new();
        for key in self.account.listed() {
            let nonce = zf_crypto::random::alphanumeric(12).to_lowercase();
            let sealed = zf_crypto::aead::aes_gcm_seal(
                identity.apiv3_key.as_bytes(),
                nonce.as_bytes(),
                b"certificate",
                key.certificate.to_pem().as_bytes(),
            )
            .map_err(|_| ApiError::new(500, "SYSTEM_ERROR", "系统异常，请稍后重试"))?;
            data.push(json!({
                "serial_no": key.serial,
                "effective_time": rfc3339(key.certificate.not_before()),
                "expire_time": rfc3339(key.certificate.not_after()),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "nonce": nonce,
                    "associated_data": "certificate",
                    "ciphertext": BASE64.encode(sealed),
                },
            }));
        }
        if data.is_empty() || self.store.state.settings.key_mode == KeyMode::PublicKey {
            return Err(none());
        }
        Ok(Reply::Json(json!({ "data": data })))
    }
}

/// An error answer: not signed.
pub(crate) fn refusal(error: &ApiError) -> Outgoing {
    Outgoing {
        status: error.status,
        headers: common_headers(error.number()),
        body: error.body().into_bytes(),
    }
}

/// The error answer a `status` or `rate_limit` fault asks for.
pub(crate) fn faulty(drawn: &Drawn, when: crate::faults::When) -> Option<Outgoing> {
    if drawn.at(FaultKind::RateLimit, when).is_some() {
        return Some(refusal(&ApiError::new(
            429,
            "FREQUENCY_LIMITED",
            "频率限制，请稍后重试",
        )));
    }
    let rule = drawn.at(FaultKind::Status, when)?;
    let status = rule.status.unwrap_or(500);
    let code = rule.code.as_deref().unwrap_or("SYSTEM_ERROR");
    Some(refusal(&ApiError::new(
        status,
        code,
        "系统异常，请稍后重试",
    )))
}

fn common_headers(number: u32) -> Vec<(&'static str, String)> {
    [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Cache-Control", "no-cache, must-revalidate"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Language", "zh-CN"),
        ("Server", "nginx"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.to_owned()))
    .chain([("Request-ID", request_id(number))])
    .collect()
}

/// `{hex}-{number}`; the number is the internal error code, 0 when fine.
fn request_id(number: u32) -> String {
    let random: [u8; 20] = zf_crypto::random::bytes();
    format!("08{}-{number}", zf_crypto::digest::hex_upper(&random))
}
