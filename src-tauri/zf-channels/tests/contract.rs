//! The client against the sandbox: two readings of one vendor page, made by different hands, must
//! agree on every call, every refusal and every fault.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper that panics fails its test"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zf_channels::wechatpay::bill::{AnyBill, BillReader, FundFlowReader, TradeLayout, open};
use zf_channels::{
    AbnormalRefund, AbnormalWay, BillAbsence, BillAnswer, BillKind, ChannelClient, ChannelError,
    Credentials, Endpoint, FetchedBill, FundAccount, Headers, Lost, Misuse, NoticeEvent,
    PaymentAnswer, PaymentKey, PaymentSnapshot, PeerFault, Prepaid, PrepayOrder, PrepayWay,
    RefundOf, RefundOrder, RefundOutcome, RefusalKind, TransportError, VerifyMode,
    WechatCredentials,
};
use zf_crypto::secret::Secret;
use zf_domain::{
    BusinessDate, Clock, EntryKind, MerchantOrderNo, MerchantRefundNo, Money, PaymentState,
    Timestamp,
};
use zf_sandbox::{Options, Running, Start, WireClock};

/// Ten past ten on a Sunday in Beijing.
const START: &str = "2026-03-15T10:10:00+08:00";

/// The sandbox's business clock, which also stamps its signatures.
struct SandboxClock(Arc<Running>);

impl Clock for SandboxClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.now_unix())
    }
}

/// This machine's clock, off by some seconds.
struct WrongClock(i64);

impl Clock for WrongClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::from_seconds(i64::try_from(since.unwrap().as_secs()).unwrap() + self.0)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    PublicKey,
    Certificates,
}

struct Lab {
    sandbox: Arc<Running>,
    home: tempfile::TempDir,
    client: ChannelClient,
}

struct Change {
    mode: Mode,
    /// Seconds off the system clock; `None`: the sandbox's clock.
    off_seconds: Option<i64>,
    serial_no: Option<String>,
    key_file: &'static str,
    endpoint: Option<Endpoint>,
}

impl Default for Change {
    fn default() -> Self {
        Self {
            mode: Mode::PublicKey,
            off_seconds: None,
            serial_no: None,
            key_file: "apiclient_key.pem",
            endpoint: None,
        }
    }
}

fn date(text: &str) -> BusinessDate {
    BusinessDate::parse(text).unwrap()
}

async fn sandbox(home: &Path, tls: bool, wire: WireClock) -> Arc<Running> {
    let mut options = Options::new(home);
    options.seed = 7;
    options.days = 3;
    options.orders_per_day = 30;
    options.tls = tls;
    options.start = Start::At(Timestamp::parse_rfc3339(START).unwrap().seconds());
    options.wire_clock = wire;
    Arc::new(zf_sandbox::start(options).await.unwrap())
}

fn client(sandbox: &Arc<Running>, change: Change) -> Result<ChannelClient, ChannelError> {
    let folder = sandbox.credentials.join("wechat_pay");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let account: Value = serde_json::from_str(&read("account.json")).unwrap();
    let text = |name: &str| account[name].as_str().unwrap().to_owned();
    let credentials = WechatCredentials {
        mchid: text("mchid"),
        appid: text("appid"),
        serial_no: change
            .serial_no
            .unwrap_or_else(|| text("merchant_certificate_serial")),
        private_key: Secret::new(read(change.key_file)),
        api_v3_key: Secret::new(text("apiv3_key")),
        verify: match change.mode {
            Mode::Certificates => VerifyMode::Certificates,
            Mode::PublicKey => VerifyMode::PublicKey {
                id: text("public_key_id"),
                pem: read("pub_key.pem"),
            },
        },
    };
    let endpoint = change.endpoint.unwrap_or(Endpoint {
        base_url: sandbox.base_urls["wechat_pay"].clone(),
        backup_url: None,
        extra_root_pem: None,
    });
    let clock: Arc<dyn Clock> = match change.off_seconds {
        None => Arc::new(SandboxClock(sandbox.clone())),
        Some(off) => Arc::new(WrongClock(off)),
    };
    zf_channels::open(Credentials::WechatPay(credentials), endpoint, clock)
}

async fn lab(mode: Mode) -> Lab {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox(home.path(), false, WireClock::Virtual).await;
    let client = client(
        &sandbox,
        Change {
            mode,
            ..Change::default()
        },
    )
    .unwrap();
    Lab {
        sandbox,
        home,
        client,
    }
}

impl Lab {
    async fn control(&self, name: &str, params: Value) -> Value {
        self.sandbox.control(name, params).await.unwrap()
    }

    async fn fault(&self, rule: Value) {
        self.control("faults", json!({"rules": [rule]})).await;
    }

    fn other(&self, change: Change) -> ChannelClient {
        client(&self.sandbox, change).unwrap()
    }

    async fn order(&self, number: &str, fen: i64, paid: bool) -> MerchantOrderNo {
        let order = prepay_order(number, fen, PrepayWay::Native);
        self.client.prepay(&order).await.unwrap();
        if paid {
            self.control("pay", json!({"out_trade_no": number})).await;
        }
        order.order_no
    }

    async fn query(&self, number: &MerchantOrderNo) -> PaymentSnapshot {
        match self.client.query_payment(PaymentKey::Order(number)).await {
            Ok(PaymentAnswer::Found(found)) => *found,
            other => panic!("{other:?}"),
        }
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("bills")
    }

    async fn bill(&self, kind: BillKind, day: &str) -> Result<BillAnswer, ChannelError> {
        self.client
            .fetch_bill(kind, date(day), &self.folder())
            .await
    }

    async fn fetched(&self, kind: BillKind, day: &str) -> FetchedBill {
        match self.bill(kind, day).await {
            Ok(BillAnswer::Fetched(bill)) => *bill,
            other => panic!("{other:?}"),
        }
    }
}

fn prepay_order(number: &str, fen: i64, way: PrepayWay) -> PrepayOrder {
    PrepayOrder {
        order_no: MerchantOrderNo::parse(number).unwrap(),
        description: "茶具, 六件".to_owned(),
        amount: Money::cny(fen),
        expires_at: None,
        attach: Some("shop-7".to_owned()),
        notify_url: "https://shop.example/wechatpay/notify".to_owned(),
        way,
    }
}

fn refund(number: &str, of: &MerchantOrderNo, fen: i64, total: i64) -> RefundOrder {
    RefundOrder {
        refund_no: MerchantRefundNo::parse(number).unwrap(),
        of: RefundOf::Order(of.clone()),
        amount: Money::cny(fen),
        total: Money::cny(total),
        reason: Some("七天无理由".to_owned()),
        notify_url: None,
    }
}

fn kind_of(error: &ChannelError) -> Option<RefusalKind> {
    match error {
        ChannelError::Refused { kind, .. } => Some(*kind),
        _ => None,
    }
}

#[tokio::test]
async fn every_call_in_both_ways_of_verifying() {
    for (mode, setting) in [
        (Mode::PublicKey, "public_key"),
        (Mode::PublicKey, "both"),
        (Mode::Certificates, "both"),
        (Mode::Certificates, "certificate"),
    ] {
        let lab = lab(mode).await;
        lab.control("settings", json!({"key_mode": setting})).await;
        every_call(&lab).await;
    }
}

async fn every_call(lab: &Lab) {
    // Prepay, four ways; the number may hold what has to be escaped in an address.
    let ways = [
        ("PAY-1|a*b", PrepayWay::Native),
        ("PAY-2_0001", PrepayWay::App),
        (
            "PAY-3-0001",
            PrepayWay::Jsapi {
                openid: "oInventedOpenid01".to_owned(),
            },
        ),
        (
            "PAY-4-0001",
            PrepayWay::H5 {
                client_ip: "203.0.113.9".to_owned(),
            },
        ),
    ];
    for (number, way) in ways {
        let order = prepay_order(number, 10_000, way.clone());
        let prepaid = lab.client.prepay(&order).await.unwrap();
        let fits = match (&way, &prepaid) {
            (PrepayWay::Native, Prepaid::Native { code_url }) => code_url.starts_with("weixin://"),
            (PrepayWay::App, Prepaid::App { invoke, .. }) => invoke.len() == 7,
            (PrepayWay::Jsapi { .. }, Prepaid::Jsapi { invoke, .. }) => invoke.len() == 6,
            (PrepayWay::H5 { .. }, Prepaid::H5 { h5_url }) => h5_url.starts_with("https://"),
            _ => false,
        };
        assert!(fits, "{number}: {prepaid:?}");
        // The same again is fine, other content is not.
        lab.client.prepay(&order).await.unwrap();
        let other = prepay_order(number, 10_001, way);
        let error = lab.client.prepay(&other).await.unwrap_err();
        assert_eq!(
            kind_of(&error),
            Some(RefusalKind::OrderNumberUsed),
            "{error:?}"
        );
        assert_eq!(
            lab.query(&order.order_no).await.state,
            PaymentState::Pending
        );
    }

    // Pay, and ask by both numbers.
    let order = MerchantOrderNo::parse("PAY-1|a*b").unwrap();
    lab.control(
        "pay",
        json!({"out_trade_no": order.as_str(), "openid": "oPayer1"}),
    )
    .await;
    let paid = lab.query(&order).await;
    assert_eq!(paid.state, PaymentState::Paid);
    assert_eq!(paid.amount, Money::cny(10_000));
    assert_eq!(paid.payer.as_deref(), Some("oPayer1"));
    assert_eq!(paid.attach.as_deref(), Some("shop-7"));
    assert!(!paid.refunded_hint && paid.paid_at.is_some());
    let id = paid.payment_id.clone().unwrap();
    assert_eq!(
        lab.client.query_payment(PaymentKey::Channel(&id)).await,
        Ok(PaymentAnswer::Found(Box::new(PaymentSnapshot {
            raw_digest: paid.raw_digest.clone(),
            ..paid.clone()
        })))
    );
    let nobody = MerchantOrderNo::parse("NOBODY-0001").unwrap();
    assert_eq!(
        lab.client.query_payment(PaymentKey::Order(&nobody)).await,
        Ok(PaymentAnswer::NotFound)
    );

    // Close: unpaid, again, paid, unknown.
    let unpaid = MerchantOrderNo::parse("PAY-2_0001").unwrap();
    lab.client.close_order(&unpaid).await.unwrap();
    lab.client.close_order(&unpaid).await.unwrap();
    assert_eq!(lab.query(&unpaid).await.state, PaymentState::Closed);
    let error = lab.client.close_order(&order).await.unwrap_err();
    assert_eq!(kind_of(&error), Some(RefusalKind::AlreadyPaid), "{error:?}");
    let error = lab.client.close_order(&nobody).await.unwrap_err();
    assert_eq!(
        kind_of(&error),
        Some(RefusalKind::OrderNotFound),
        "{error:?}"
    );
    let error = lab
        .client
        .prepay(&prepay_order("PAY-2_0001", 10_000, PrepayWay::App))
        .await
        .unwrap_err();
    assert_eq!(kind_of(&error), Some(RefusalKind::OrderClosed), "{error:?}");

    // Refund: accepted, asked about, finished; the same number again is the same refund.
    let first = refund("RF-1|a*b@c", &order, 4_000, 10_000);
    let accepted = lab.client.refund(&first).await.unwrap();
    assert_eq!(accepted.state, RefundOutcome::Processing);
    assert_eq!(accepted.payment_id, id);
    assert_eq!(
        lab.client.refund(&first).await.unwrap().refund_id,
        accepted.refund_id
    );
    assert!(lab.query(&order).await.refunded_hint);
    lab.control(
        "refund",
        json!({"out_refund_no": "RF-1|a*b@c", "to": "success"}),
    )
    .await;
    let done = lab
        .client
        .query_refund(&first.refund_no)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(done.state, RefundOutcome::Succeeded);
    assert_eq!(done.amount, Money::cny(4_000));
    assert!(done.succeeded_at.is_some() && done.received_account.is_some());
    let never = MerchantRefundNo::parse("RF-NEVER").unwrap();
    assert_eq!(lab.client.query_refund(&never).await, Ok(None));

    // Refusals.
    let mut by_id = refund("RF-2", &order, 6_001, 10_000);
    by_id.of = RefundOf::Payment(id.clone());
    lab.control("clock", json!({"advance_seconds": 120})).await;
    let too_much = lab.client.refund(&by_id).await.unwrap_err();
    assert!(kind_of(&too_much).is_some(), "{too_much:?}");
    let other_amount = refund("RF-1|a*b@c", &order, 4_001, 10_000);
    assert!(kind_of(&lab.client.refund(&other_amount).await.unwrap_err()).is_some());
    let unknown = refund("RF-3", &nobody, 1, 1);
    let error = lab.client.refund(&unknown).await.unwrap_err();
    assert_eq!(
        kind_of(&error),
        Some(RefusalKind::OrderNotFound),
        "{error:?}"
    );
    assert_eq!(lab.client.query_refund(&unknown.refund_no).await, Ok(None));

    // Short of money, topped up, the same number.
    lab.control("balance", json!({"available": 0})).await;
    by_id.amount = Money::cny(1_000);
    let error = lab.client.refund(&by_id).await.unwrap_err();
    assert_eq!(
        kind_of(&error),
        Some(RefusalKind::InsufficientBalance),
        "{error:?}"
    );
    lab.control("balance", json!({"available": 500_000})).await;
    assert_eq!(
        lab.client
            .balance(FundAccount::Basic)
            .await
            .unwrap()
            .available,
        Money::cny(500_000)
    );
    lab.client.refund(&by_id).await.unwrap();

    // Abnormal, then redirected: to a card, whose number the sandbox must be able to open.
    lab.control("refund", json!({"out_refund_no": "RF-2", "to": "abnormal"}))
        .await;
    let abnormal = lab
        .client
        .query_refund(&by_id.refund_no)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(abnormal.state, RefundOutcome::Abnormal);
    let redirect = |way| AbnormalRefund {
        refund_id: abnormal.refund_id.clone(),
        refund_no: by_id.refund_no.clone(),
        way,
    };
    let card = AbnormalWay::PayerCard {
        bank: "CMB_DEBIT".to_owned(),
        account: Secret::new("6225880000000000".to_owned()),
        holder: Secret::new("王小明".to_owned()),
    };
    let redirected = lab.client.abnormal_refund(redirect(card)).await.unwrap();
    assert_eq!(redirected.state, RefundOutcome::Processing);
    let error = lab
        .client
        .abnormal_refund(redirect(AbnormalWay::MerchantAccount))
        .await
        .unwrap_err();
    assert!(kind_of(&error).is_some(), "{error:?}");

    lab.control("settings", json!({"balance_permission": false}))
        .await;
    let error = lab.client.balance(FundAccount::Basic).await.unwrap_err();
    assert_eq!(
        kind_of(&error),
        Some(RefusalKind::NoPermission),
        "{error:?}"
    );
}

#[tokio::test]
async fn bills_arrive_untouched_and_add_up() {
    let lab = lab(Mode::PublicKey).await;
    for (bom, crlf) in [(true, true), (false, false)] {
        lab.control("settings", json!({"bill_bom": bom, "bill_crlf": crlf}))
            .await;
        let bill = lab.fetched(BillKind::Trade, "2026-03-14").await;
        let bytes = std::fs::read(&bill.path).unwrap();
        let shown = lab.control("bill", json!({"date": "2026-03-14"})).await;
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            shown.as_str().unwrap()
        );
        assert!(bill.hash_verified && bill.compressed && bill.bytes == bytes.len() as u64);
        let mut reader = BillReader::new(bytes.as_slice()).unwrap();
        assert_eq!(reader.layout(), TradeLayout::All);
        let lines: Vec<_> = reader.by_ref().collect::<Result<_, _>>().unwrap();
        assert!(lines.iter().any(|l| l.kind == EntryKind::Payment));
        assert!(lines.iter().any(|l| l.kind == EntryKind::Refund));
        assert!(
            lines
                .iter()
                .all(|l| l.occurred_at.beijing_date() == date("2026-03-14"))
        );
        let trailer = reader.trailer().unwrap();
        assert!(trailer.is_sound(), "{trailer:?}");
        assert_eq!(trailer.rows, lines.len() as u64);

        let flow = lab.fetched(BillKind::FundFlow, "2026-03-14").await;
        let bytes = std::fs::read(&flow.path).unwrap();
        let mut reader = FundFlowReader::new(bytes.as_slice()).unwrap();
        let moves: Vec<_> = reader.by_ref().collect::<Result<_, _>>().unwrap();
        assert!(!moves.is_empty());
        let trailer = reader.trailer().unwrap();
        assert!(trailer.is_sound(), "{trailer:?}");
    }
    for kind in ["SUCCESS", "REFUND", "FUND"] {
        let shown = lab
            .control("bill", json!({"date": "2026-03-14", "bill_type": kind}))
            .await;
        let text = shown.as_str().unwrap().to_owned();
        let trailer = match open(text.as_bytes()).unwrap() {
            AnyBill::Trade(reader) => reader.trailer(),
            AnyBill::FundFlow(reader) => reader.trailer(),
        }
        .unwrap();
        assert!(
            trailer.is_sound() && trailer.rows > 0,
            "{kind}: {trailer:?}"
        );
    }
}

#[tokio::test]
async fn days_without_a_bill_say_why() {
    let lab = lab(Mode::PublicKey).await;
    let absent = |answer: Result<BillAnswer, ChannelError>| match answer {
        Ok(BillAnswer::Absent(why)) => why,
        other => panic!("{other:?}"),
    };
    let ready = |text: &str| BillAbsence::StillCreating {
        ready_at: Timestamp::parse_rfc3339(text).unwrap(),
    };
    assert_eq!(
        absent(lab.bill(BillKind::Trade, "2026-03-15").await),
        ready("2026-03-16T10:00:00+08:00")
    );
    assert_eq!(
        absent(lab.bill(BillKind::Trade, "2026-02-01").await),
        BillAbsence::NoStatement
    );
    assert_eq!(
        absent(lab.bill(BillKind::Trade, "2025-10-01").await),
        BillAbsence::TooOld
    );
    lab.fault(json!({"kind": "bill_not_ready", "times": 1}))
        .await;
    assert!(matches!(
        absent(lab.bill(BillKind::Trade, "2026-03-14").await),
        BillAbsence::StillCreating { .. }
    ));
    lab.control("settings", json!({"empty_day": "file"})).await;
    let empty = lab.fetched(BillKind::Trade, "2026-02-01").await;
    let bytes = std::fs::read(&empty.path).unwrap();
    let trailer = BillReader::new(bytes.as_slice())
        .unwrap()
        .trailer()
        .unwrap();
    assert!(trailer.is_sound() && trailer.rows == 0, "{trailer:?}");
}

#[tokio::test]
async fn damaged_bills_are_refused_and_fetched_again() {
    let lab = lab(Mode::PublicKey).await;
    for kind in ["bill_truncated", "bill_corrupted", "cut_middle"] {
        lab.fault(json!({"kind": kind, "on": "bill.download", "times": 1}))
            .await;
        lab.fetched(BillKind::Trade, "2026-03-14").await;
        let state = lab.control("faults", json!({})).await;
        assert_eq!(state["rules"][0]["struck"], 1, "{kind}: {state}");
    }
    for kind in ["bill_truncated", "bill_corrupted"] {
        lab.fault(json!({"kind": kind, "on": "bill.download"}))
            .await;
        let before = std::fs::read_dir(lab.folder()).unwrap().count();
        let error = lab.bill(BillKind::Trade, "2026-03-13").await.unwrap_err();
        assert!(
            matches!(
                error,
                ChannelError::PeerMisbehaved(
                    PeerFault::BillHash { .. } | PeerFault::BillCorrupt(_)
                )
            ),
            "{kind}: {error:?}"
        );
        let bills = std::fs::read_dir(lab.folder()).unwrap();
        let after = bills.filter(|e| {
            let name = e.as_ref().unwrap().file_name();
            !name.to_string_lossy().ends_with(".refused")
        });
        assert!(after.count() <= before, "{kind}");
    }
}

/// What the desk is told of a refund struck by each fault, and what the channel really has.
#[tokio::test]
async fn a_refund_under_every_fault_is_one_refund_or_none() {
    #[derive(Debug, PartialEq)]
    enum Told {
        Accepted,
        Unknown,
        NotAtAll,
    }
    let cases = [
        (json!({"kind": "cut_before"}), Told::Unknown, false),
        (json!({"kind": "cut_after"}), Told::Unknown, true),
        (json!({"kind": "cut_middle"}), Told::Unknown, true),
        (json!({"kind": "status"}), Told::Unknown, false),
        (
            json!({"kind": "status", "when": "after"}),
            Told::Unknown,
            true,
        ),
        (
            json!({"kind": "status", "status": 502, "code": "", "when": "after"}),
            Told::Unknown,
            true,
        ),
        (json!({"kind": "rate_limit"}), Told::Unknown, false),
        (
            json!({"kind": "rate_limit", "when": "after"}),
            Told::Unknown,
            true,
        ),
        (json!({"kind": "bad_signature"}), Told::Unknown, true),
        (json!({"kind": "unknown_serial"}), Told::Unknown, true),
        (json!({"kind": "probe"}), Told::Unknown, true),
        (json!({"kind": "clock_skew"}), Told::Unknown, true),
        (json!({"kind": "rotate_key"}), Told::Accepted, true),
        (json!({"kind": "delay", "ms": 300}), Told::Accepted, true),
        (
            json!({"kind": "status", "status": 403, "code": "NOT_ENOUGH"}),
            Told::NotAtAll,
            false,
        ),
    ];
    for mode in [Mode::PublicKey, Mode::Certificates] {
        let lab = lab(mode).await;
        // Keys first, so that each case meets a client that knows the channel.
        lab.client.refresh_keys().await.unwrap();
        for (index, (rule, told, exists)) in cases.iter().enumerate() {
            let order = lab.order(&format!("FAULT-{index:04}"), 1_000, true).await;
            let refund = refund(&format!("RFAULT-{index:04}"), &order, 400, 1_000);
            let mut rule = rule.clone();
            rule["on"] = json!("refund.create");
            rule["times"] = json!(1);
            lab.fault(rule.clone()).await;
            let found = match lab.client.refund(&refund).await {
                Ok(_) => Told::Accepted,
                Err(ChannelError::OutcomeUnknown { .. }) => Told::Unknown,
                Err(ChannelError::Refused { .. }) => Told::NotAtAll,
                Err(other) => panic!("{rule}: {other:?}"),
            };
            assert_eq!(found, *told, "{rule}");
            let known = lab.client.query_refund(&refund.refund_no).await.unwrap();
            assert_eq!(known.is_some(), *exists, "{rule}");
            // Whatever happened, the same number settles it, once.
            let again = lab.client.refund(&refund).await.unwrap();
            if let Some(known) = known {
                assert_eq!(again.refund_id, known.refund_id, "{rule}");
            }
            let state = lab
                .control("state", json!({"out_trade_no": order.as_str()}))
                .await;
            let refunds = state["channels"]["wechat_pay"]["refunds"]
                .as_array()
                .unwrap_or_else(|| panic!("{state}"));
            assert_eq!(refunds.len(), 1, "{rule}");
        }
    }
}

#[tokio::test]
async fn questions_get_over_every_passing_fault() {
    for mode in [Mode::PublicKey, Mode::Certificates] {
        let lab = lab(mode).await;
        let order = lab.order("QUESTION-0001", 1_000, true).await;
        for rule in [
            json!({"kind": "cut_before"}),
            json!({"kind": "cut_after"}),
            json!({"kind": "cut_middle"}),
            json!({"kind": "status"}),
            json!({"kind": "status", "status": 503, "code": "SERVICE_UNAVAILABLE"}),
            json!({"kind": "rate_limit"}),
            json!({"kind": "bad_signature"}),
            json!({"kind": "probe"}),
            json!({"kind": "rotate_key"}),
        ] {
            let mut rule = rule;
            rule["on"] = json!("order.query");
            rule["times"] = json!(1);
            lab.fault(rule.clone()).await;
            let answer = lab.client.query_payment(PaymentKey::Order(&order)).await;
            assert!(
                matches!(answer, Ok(PaymentAnswer::Found(_))),
                "{rule}: {answer:?}"
            );
            let state = lab.control("faults", json!({})).await;
            assert_eq!(state["rules"][0]["struck"], 1, "{rule}: {state}");
        }
        for (rule, fits) in [
            (
                json!({"kind": "unknown_serial", "on": "order.query"}),
                (|e| {
                    matches!(
                        e,
                        ChannelError::PeerMisbehaved(PeerFault::UnknownSerial { .. })
                    )
                }) as fn(&ChannelError) -> bool,
            ),
            (json!({"kind": "bad_signature", "on": "order.query"}), |e| {
                matches!(
                    e,
                    ChannelError::PeerMisbehaved(PeerFault::BadSignature { .. })
                )
            }),
            (json!({"kind": "clock_skew", "on": "order.query"}), |e| {
                matches!(
                    e,
                    ChannelError::PeerMisbehaved(PeerFault::StaleReply { .. })
                        | ChannelError::Misuse(Misuse::ClockSkew { .. })
                )
            }),
            (json!({"kind": "cut_before", "on": "order.query"}), |e| {
                matches!(e, ChannelError::Unavailable(Lost::ConnectionCut))
            }),
        ] {
            lab.fault(rule.clone()).await;
            let error = lab
                .client
                .query_payment(PaymentKey::Order(&order))
                .await
                .unwrap_err();
            assert!(fits(&error), "{rule}: {error:?}");
        }
    }
}

#[tokio::test]
async fn keys_rotate_under_a_running_client() {
    let lab = lab(Mode::Certificates).await;
    lab.control("settings", json!({"key_mode": "certificate"}))
        .await;
    assert!(lab.client.keys().is_empty());
    let order = lab.order("ROTATE-0001", 1_000, true).await;
    assert_eq!(lab.client.keys().len(), 1);
    lab.control("keys", json!({"do": "add"})).await;
    assert_eq!(lab.client.refresh_keys().await.unwrap().len(), 2);
    lab.control("keys", json!({"do": "switch"})).await;
    assert_eq!(lab.query(&order).await.state, PaymentState::Paid);
    lab.control("keys", json!({"do": "retire"})).await;
    assert_eq!(lab.client.refresh_keys().await.unwrap().len(), 1);
    lab.control("keys", json!({"do": "rotate"})).await;
    let refund = refund("RROTATE-0001", &order, 400, 1_000);
    assert_eq!(
        lab.client.refund(&refund).await.unwrap().state,
        RefundOutcome::Processing
    );
    assert_eq!(lab.query(&order).await.state, PaymentState::Paid);
}

#[tokio::test]
async fn what_is_wrong_on_our_side_is_named() {
    // Signatures by the system's clock, as with an unmodified client.
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox(home.path(), false, WireClock::System).await;
    let right = Change {
        off_seconds: Some(0),
        ..Change::default()
    };
    let client_at_work = client(&sandbox, right).unwrap();
    let lab = Lab {
        sandbox,
        home,
        client: client_at_work,
    };
    let order = lab.order("MISUSE-0001", 1_000, true).await;
    let refund = refund("RMISUSE-0001", &order, 400, 1_000);
    type Judge = fn(&Misuse) -> bool;
    let off = |seconds| Change {
        off_seconds: Some(seconds),
        ..Change::default()
    };
    let serial = Change {
        off_seconds: Some(0),
        serial_no: Some("3A7C19E0B2D45F6688A1C3E5F70912B4D6E8FA0C".to_owned()),
        ..Change::default()
    };
    let cases: Vec<(&str, Change, Judge)> = vec![
        ("fast", off(600), |m| {
            matches!(
                m,
                Misuse::ClockSkew {
                    seconds: Some(598..=602)
                }
            )
        }),
        ("slow", off(-600), |m| {
            matches!(
                m,
                Misuse::ClockSkew {
                    seconds: Some(-602..=-598)
                }
            )
        }),
        ("serial", serial, |m| {
            matches!(m, Misuse::WrongSerial { .. })
        }),
    ];
    for (name, change, judge) in cases {
        let client = lab.other(change);
        for error in [
            client
                .query_payment(PaymentKey::Order(&order))
                .await
                .unwrap_err(),
            client.refund(&refund).await.unwrap_err(),
            client.refresh_keys().await.unwrap_err(),
        ] {
            assert!(
                matches!(&error, ChannelError::Misuse(m) if judge(m)),
                "{name}: {error:?}"
            );
        }
    }
    for standing in ["expired", "revoked", "replaced"] {
        lab.control("settings", json!({"merchant_certificate": standing}))
            .await;
        let error = lab.client.refund(&refund).await.unwrap_err();
        assert!(
            matches!(error, ChannelError::Misuse(Misuse::WrongSerial { .. })),
            "{standing}: {error:?}"
        );
    }
    lab.control("settings", json!({"merchant_certificate": "valid"}))
        .await;
    assert_eq!(lab.client.query_refund(&refund.refund_no).await, Ok(None));

    // A key that is no private key never gets as far as a client.
    let error = client(
        &lab.sandbox,
        Change {
            key_file: "apiclient_cert.pem",
            ..Change::default()
        },
    )
    .err()
    .unwrap();
    assert!(
        matches!(
            &error,
            ChannelError::Misuse(Misuse::Setting {
                field: "private_key",
                ..
            })
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn hosts_and_tls() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox(home.path(), true, WireClock::Virtual).await;
    let base = sandbox.base_urls["wechat_pay"].clone();
    assert!(base.starts_with("https://"));
    let ca = std::fs::read_to_string(home.path().join("ca.pem")).unwrap();
    let refused_port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let dead = format!("https://127.0.0.1:{refused_port}");
    let at = |base_url: &str, backup: Option<&str>, root: bool| {
        let endpoint = Endpoint {
            base_url: base_url.to_owned(),
            backup_url: backup.map(str::to_owned),
            extra_root_pem: root.then(|| ca.clone()),
        };
        let change = Change {
            endpoint: Some(endpoint),
            ..Change::default()
        };
        client(&sandbox, change).unwrap()
    };
    let order = prepay_order("HOSTS-0001", 1_000, PrepayWay::Native);
    at(&base, None, true).prepay(&order).await.unwrap();
    sandbox
        .control("pay", json!({"out_trade_no": "HOSTS-0001"}))
        .await
        .unwrap();
    let refund = refund("RHOSTS-0001", &order.order_no, 400, 1_000);
    for (name, client) in [
        ("nobody there", at(&dead, None, true)),
        ("unknown authority", at(&base, None, false)),
    ] {
        let error = client.refund(&refund).await.unwrap_err();
        assert!(
            matches!(
                &error,
                ChannelError::NotSent(TransportError::Connect { .. })
            ),
            "{name}: {error:?}"
        );
    }
    let moved = at(&dead, Some(&base), true);
    assert_eq!(
        moved.refund(&refund).await.unwrap().state,
        RefundOutcome::Processing
    );
}

#[tokio::test]
async fn notices_of_the_channel_are_understood() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    let lab = lab(Mode::PublicKey).await;
    let mut order = prepay_order("NOTICE-0001", 1_000, PrepayWay::Native);
    order.notify_url.clone_from(&url);
    lab.client.prepay(&order).await.unwrap();
    lab.control("pay", json!({"out_trade_no": "NOTICE-0001"}))
        .await;
    let (headers, body) = receive(&listener).await;
    let notice = lab.client.verify_notice(&headers, &body).await.unwrap();
    let NoticeEvent::Payment(paid) = notice.event else {
        panic!("{notice:?}")
    };
    assert_eq!(
        (paid.state, paid.amount),
        (PaymentState::Paid, Money::cny(1_000))
    );
    let mut refund = refund("RNOTICE-0001", &order.order_no, 400, 1_000);
    refund.notify_url = Some(url);
    lab.client.refund(&refund).await.unwrap();
    lab.control(
        "refund",
        json!({"out_refund_no": "RNOTICE-0001", "to": "success"}),
    )
    .await;
    let (headers, body) = receive(&listener).await;
    let notice = lab.client.verify_notice(&headers, &body).await.unwrap();
    let NoticeEvent::Refund(done) = notice.event else {
        panic!("{notice:?}")
    };
    assert_eq!(done.state, RefundOutcome::Succeeded);
    assert_eq!(done.refund_no, refund.refund_no);
    // The same notice with one byte changed.
    let mut changed = body.clone();
    let last = changed.len() - 2;
    changed[last] ^= 1;
    assert!(lab.client.verify_notice(&headers, &changed).await.is_err());
}

/// Takes one POST and answers 204.
async fn receive(listener: &tokio::net::TcpListener) -> (Headers, Vec<u8>) {
    let accepted = tokio::time::timeout(std::time::Duration::from_secs(20), listener.accept());
    let (mut socket, _) = accepted.await.expect("a notice").unwrap();
    let mut bytes = Vec::new();
    let (head, start) = loop {
        let mut buffer = [0; 4096];
        let read = socket.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break (String::from_utf8(bytes[..end].to_vec()).unwrap(), end + 4);
        }
        assert!(read > 0, "the sender hung up");
    };
    let headers = Headers(
        head.lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
    );
    let length: usize = headers.value("Content-Length").unwrap().parse().unwrap();
    while bytes.len() < start + length {
        let mut buffer = [0; 4096];
        let read = socket.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the sender hung up");
        bytes.extend_from_slice(&buffer[..read]);
    }
    socket
        .write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    (headers, bytes[start..start + length].to_vec())
}
