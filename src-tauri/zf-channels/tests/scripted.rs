//! The driver and the WeChat Pay machine against a script: what is sent, what is never sent
//! again, and what is made of each way an answer can go wrong.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper that panics fails its test"
)]

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zf_channels::exchange::{
    BoxFuture, Headers, Method, ReplyBody, Transport, WireReply, WireRequest,
};
use zf_channels::wechatpay::sign;
use zf_channels::{
    AbnormalRefund, AbnormalWay, BillAbsence, BillAnswer, BillKind, BreakerSettings, ChannelClient,
    ChannelError, DriverSettings, Endpoint, FundAccount, Lost, Misuse, NoticeEvent, PaymentAnswer,
    PaymentKey, PeerFault, Prepaid, PrepayOrder, PrepayWay, RefundOf, RefundOrder, RefundOutcome,
    RefusalKind, Retry, TransportError, VerifyMode, WechatCredentials, WechatPay,
};
use zf_crypto::cert::{Certificate, CertificateSpec, Name, SigningKey, Usage, self_signed};
use zf_crypto::rsa::RsaSigningKey;
use zf_crypto::secret::Secret;
use zf_domain::{
    BusinessDate, ChannelRefundId, Clock as _, ManualClock, MerchantOrderNo, MerchantRefundNo,
    Money, PaymentState, Timestamp,
};

const MCHID: &str = "1900000109";
const APPID: &str = "wx0a1b2c3d4e5f6789";
const SERIAL: &str = "3A7C19E0B2D45F6688A1C3E5F70912B4D6E8FA0C";
const PUB_KEY_ID: &str = "PUB_KEY_ID_0119000001092026031400000000";
const API_V3_KEY: &str = "0123456789abcdefghijABCDEFGHIJ!#";
const NOW: &str = "2026-03-15T11:00:00+08:00";
const BASE: &str = "https://main.example";
const BACKUP: &str = "https://backup.example";

struct Keys {
    merchant: RsaSigningKey,
    platform: RsaSigningKey,
    stranger: RsaSigningKey,
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys {
        merchant: RsaSigningKey::generate(2048).unwrap(),
        platform: RsaSigningKey::generate(2048).unwrap(),
        stranger: RsaSigningKey::generate(2048).unwrap(),
    })
}

fn now() -> Timestamp {
    Timestamp::parse_rfc3339(NOW).unwrap()
}

// ---- the scripted transport ----

type Pieces = VecDeque<Result<Vec<u8>, TransportError>>;

/// What the script does with one request.
enum Act {
    Reply(u16, Vec<(String, String)>, Pieces),
    Fail(TransportError),
    Hang,
}

struct Script {
    acts: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<WireRequest>>,
}

struct Body(Pieces);

impl ReplyBody for Body {
    fn piece(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, TransportError>> {
        let piece = self.0.pop_front().transpose();
        Box::pin(async move { piece })
    }
}

impl Transport for Script {
    fn send<'a>(
        &'a self,
        request: &'a WireRequest,
    ) -> BoxFuture<'a, Result<WireReply, TransportError>> {
        self.seen.lock().unwrap().push(request.clone());
        let act = self
            .acts
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or_else(|| panic!("unexpected request {}", request.url));
        Box::pin(async move {
            match act {
                Act::Reply(status, headers, body) => Ok(WireReply {
                    status,
                    headers: Headers(headers),
                    body: Box::new(Body(body)),
                }),
                Act::Fail(error) => Err(error),
                Act::Hang => std::future::pending().await,
            }
        })
    }
}

impl Script {
    fn urls(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .map(|r| format!("{} {}", r.method.as_str(), r.url))
            .collect()
    }

    fn left(&self) -> usize {
        self.acts.lock().unwrap().len()
    }
}

fn connect() -> Act {
    Act::Fail(TransportError::Connect {
        host: "main.example".to_owned(),
        reason: "refused".to_owned(),
    })
}

fn cut() -> Act {
    Act::Fail(TransportError::Cut {
        host: "main.example".to_owned(),
        reason: "reset".to_owned(),
    })
}

fn plain(status: u16, body: &str) -> Act {
    Act::Reply(status, Vec::new(), [Ok(body.as_bytes().to_vec())].into())
}

fn refused(status: u16, code: &str) -> Act {
    plain(status, &format!(r#"{{"code":"{code}","message":"why"}}"#))
}

fn signed_by(key: &RsaSigningKey, serial: &str, status: u16, body: &str) -> Act {
    let (timestamp, nonce) = (now().seconds().to_string(), "nonce-of-the-answer");
    let signature = sign::sign(
        key,
        &sign::reply_message(&timestamp, nonce, body.as_bytes()),
    )
    .unwrap();
    let headers = [
        ("Wechatpay-Timestamp", timestamp.as_str()),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Serial", serial),
        ("Wechatpay-Signature", &signature),
        ("Wechatpay-Signature-Type", sign::SCHEME),
    ];
    Act::Reply(
        status,
        headers.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        [Ok(body.as_bytes().to_vec())].into(),
    )
}

fn signed(status: u16, body: &str) -> Act {
    signed_by(&keys().platform, PUB_KEY_ID, status, body)
}

fn probe(body: &str) -> Act {
    let Act::Reply(status, mut headers, pieces) = signed(200, body) else {
        unreachable!()
    };
    for (name, value) in &mut headers {
        if name == "Wechatpay-Signature" {
            *value = "WECHATPAY/SIGNTEST/abcdefgh".to_owned();
        }
    }
    Act::Reply(status, headers, pieces)
}

struct Desk {
    client: ChannelClient,
    script: Arc<Script>,
    clock: Arc<ManualClock>,
}

fn desk_in(verify: VerifyMode, acts: Vec<Act>) -> Desk {
    let clock = Arc::new(ManualClock::new(now()));
    let credentials = WechatCredentials {
        mchid: MCHID.to_owned(),
        appid: APPID.to_owned(),
        serial_no: SERIAL.to_owned(),
        private_key: keys().merchant.to_pem().unwrap(),
        api_v3_key: Secret::new(API_V3_KEY.to_owned()),
        verify,
    };
    let endpoint = Endpoint {
        base_url: format!("{BASE}/"),
        backup_url: Some(BACKUP.to_owned()),
        extra_root_pem: None,
    };
    let channel = WechatPay::new(credentials, endpoint, clock.clone()).unwrap();
    let script = Arc::new(Script {
        acts: Mutex::new(acts.into()),
        seen: Mutex::default(),
    });
    let settings = DriverSettings {
        breaker: BreakerSettings {
            failures_max: 6,
            rest_millis: 30_000,
        },
        ..DriverSettings::default()
    };
    Desk {
        client: ChannelClient::over(Box::new(channel), script.clone(), settings),
        script,
        clock,
    }
}

fn desk(acts: Vec<Act>) -> Desk {
    let pem = keys().platform.public().to_spki_pem();
    let id = PUB_KEY_ID.to_owned();
    desk_in(VerifyMode::PublicKey { id, pem }, acts)
}

fn order_no() -> MerchantOrderNo {
    MerchantOrderNo::parse("ORD20260314-0001").unwrap()
}

fn refund_no() -> MerchantRefundNo {
    MerchantRefundNo::parse("RF20260314-0001").unwrap()
}

fn refund_order() -> RefundOrder {
    RefundOrder {
        refund_no: refund_no(),
        of: RefundOf::Order(order_no()),
        amount: Money::cny(4000),
        total: Money::cny(10_000),
        reason: Some("七天无理由".to_owned()),
        notify_url: None,
    }
}

fn transaction(state: &str) -> String {
    format!(
        r#"{{"appid":"{APPID}","mchid":"{MCHID}","out_trade_no":"ORD20260314-0001","transaction_id":"4200002501202603140000000001","trade_type":"JSAPI","trade_state":"{state}","trade_state_desc":"支付成功","bank_type":"CMB_CREDIT","success_time":"2026-03-14T09:12:33+08:00","payer":{{"openid":"oInventedOpenid01"}},"amount":{{"total":10000,"payer_total":9500,"currency":"CNY","payer_currency":"CNY"}},"new_field":[1]}}"#
    )
}

fn refund(status: &str) -> String {
    format!(
        r#"{{"refund_id":"50300002502026031400000000001","out_refund_no":"RF20260314-0001","transaction_id":"4200002501202603140000000001","out_trade_no":"ORD20260314-0001","channel":"ORIGINAL","user_received_account":"招商银行信用卡1234","create_time":"2026-03-14T15:40:02+08:00","status":"{status}","amount":{{"total":10000,"refund":4000,"currency":"CNY"}}}}"#
    )
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

fn query(desk: &Desk) -> Result<PaymentAnswer, ChannelError> {
    block_on(desk.client.query_payment(PaymentKey::Order(&order_no())))
}

// ---- requests ----

#[test]
fn requests_are_signed_over_exactly_what_is_sent() {
    let desk = desk(vec![
        signed(200, &transaction("SUCCESS")),
        signed(200, &refund("PROCESSING")),
    ]);
    query(&desk).unwrap();
    block_on(desk.client.refund(&refund_order())).unwrap();
    let seen = desk.script.seen.lock().unwrap();
    for request in seen.iter() {
        let value = |name: &str| {
            let found = request.headers.iter().find(|(n, _)| *n == name);
            found.map(|(_, v)| v.clone()).unwrap_or_default()
        };
        let authorization = value("Authorization");
        let part = |key: &str| {
            let (_, rest) = authorization.split_once(&format!("{key}=\"")).unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        };
        assert_eq!(part("mchid"), MCHID);
        assert_eq!(part("serial_no"), SERIAL);
        assert_eq!(part("timestamp"), now().seconds().to_string());
        assert_eq!(part("nonce_str").len(), 32);
        let message = sign::request_message(
            request.method,
            &request.url[BASE.len()..],
            now().seconds(),
            &part("nonce_str"),
            &request.body,
        );
        let signature = BASE64.decode(part("signature")).unwrap();
        let public = keys().merchant.public();
        public.verify_sha256(&message, &signature).unwrap();
        assert_eq!(value("Wechatpay-Serial"), PUB_KEY_ID);
        assert_eq!(value("Accept"), "application/json");
        let json = request.method == Method::Post;
        assert_eq!(value("Content-Type") == "application/json", json);
    }
    assert_eq!(
        seen[0].url,
        format!("{BASE}/v3/pay/transactions/out-trade-no/ORD20260314-0001?mchid={MCHID}")
    );
    assert_eq!(
        String::from_utf8(seen[1].body.clone()).unwrap(),
        r#"{"out_trade_no":"ORD20260314-0001","out_refund_no":"RF20260314-0001","reason":"七天无理由","amount":{"refund":4000,"total":10000,"currency":"CNY"}}"#
    );
}

#[test]
fn wrong_parameters_are_refused_before_anything_is_sent() {
    let desk = desk(Vec::new());
    type Change = fn(&mut RefundOrder);
    let refunds: [(&str, Change); 6] = [
        ("amount", |r| r.amount = Money::cny(0)),
        ("amount", |r| r.amount = Money::cny(10_001)),
        ("amount", |r| {
            r.amount = Money::new(1, zf_domain::Currency::Usd)
        }),
        ("reason", |r| r.reason = Some("😀".to_owned())),
        ("reason", |r| r.reason = Some("长".repeat(81))),
        ("notify_url", |r| {
            r.notify_url = Some("http://shop.example/x".to_owned())
        }),
    ];
    for (field, change) in refunds {
        let mut order = refund_order();
        change(&mut order);
        let error = block_on(desk.client.refund(&order)).unwrap_err();
        assert!(
            matches!(&error, ChannelError::Misuse(Misuse::Parameter { field: f, .. }) if *f == field),
            "{error:?}"
        );
    }
    assert_eq!(desk.script.urls().len(), 0);
}

#[test]
fn settings_are_refused_by_name_and_never_shown() {
    let good = || WechatCredentials {
        mchid: MCHID.to_owned(),
        appid: APPID.to_owned(),
        serial_no: SERIAL.to_owned(),
        private_key: keys().merchant.to_pem().unwrap(),
        api_v3_key: Secret::new(API_V3_KEY.to_owned()),
        verify: VerifyMode::Certificates,
    };
    let public_pem = keys().merchant.public().to_spki_pem();
    type Case = (&'static str, Box<dyn Fn(&mut WechatCredentials)>);
    let cases: Vec<Case> = vec![
        ("mchid", Box::new(|c| c.mchid = "shop".to_owned())),
        ("appid", Box::new(|c| c.appid = String::new())),
        (
            "serial_no",
            Box::new(|c| c.serial_no = "not hex".to_owned()),
        ),
        (
            "private_key",
            Box::new(move |c| c.private_key = Secret::new(public_pem.clone())),
        ),
        (
            "private_key",
            Box::new(|c| c.private_key = Secret::new("hunter2".to_owned())),
        ),
        (
            "api_v3_key",
            Box::new(|c| c.api_v3_key = Secret::new("hunter2".to_owned())),
        ),
        (
            "public_key_id",
            Box::new(|c| {
                c.verify = VerifyMode::PublicKey {
                    id: "3A7C".to_owned(),
                    pem: String::new(),
                };
            }),
        ),
        (
            "public_key",
            Box::new(|c| {
                c.verify = VerifyMode::PublicKey {
                    id: PUB_KEY_ID.to_owned(),
                    pem: "hunter2".to_owned(),
                };
            }),
        ),
    ];
    let endpoint = || Endpoint {
        base_url: BASE.to_owned(),
        backup_url: None,
        extra_root_pem: None,
    };
    let clock = Arc::new(ManualClock::new(now()));
    for (field, change) in cases {
        let mut credentials = good();
        change(&mut credentials);
        let error = WechatPay::new(credentials, endpoint(), clock.clone())
            .err()
            .unwrap();
        assert!(
            matches!(&error, ChannelError::Misuse(Misuse::Setting { field: f, .. }) if *f == field),
            "{field}: {error:?}"
        );
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    let mut spaced = good();
    spaced.serial_no = "3a:7c:19:e0".to_owned();
    assert!(WechatPay::new(spaced, endpoint(), clock.clone()).is_ok());
    for (base, ok) in [
        ("https://a.example", true),
        ("http://127.0.0.1:9", true),
        ("http://a.example", false),
    ] {
        let at = Endpoint {
            base_url: base.to_owned(),
            ..endpoint()
        };
        let channel = WechatPay::new(good(), at, clock.clone()).unwrap();
        assert_eq!(ChannelClient::connect(channel).is_ok(), ok, "{base}");
    }
}

// ---- answers ----

#[test]
fn a_payment_is_read_and_any_refund_still_means_paid() {
    for (word, state, refunded) in [
        ("SUCCESS", PaymentState::Paid, false),
        ("REFUND", PaymentState::Paid, true),
        ("NOTPAY", PaymentState::Pending, false),
        ("SOMETHING_NEW", PaymentState::Pending, false),
    ] {
        let desk = desk(vec![signed(200, &transaction(word))]);
        let PaymentAnswer::Found(found) = query(&desk).unwrap() else {
            panic!()
        };
        assert_eq!(
            (found.state, found.refunded_hint),
            (state, refunded),
            "{word}"
        );
        assert_eq!(found.amount, Money::cny(10_000));
        assert_eq!(found.payer_amount, Some(Money::cny(9_500)));
        assert_eq!(found.payer.as_deref(), Some("oInventedOpenid01"));
        assert_eq!(found.paid_at.unwrap().to_beijing(), "2026-03-14 09:12:33");
    }
    let desk = desk(vec![refused(404, "ORDERNOTEXIST")]);
    assert_eq!(query(&desk), Ok(PaymentAnswer::NotFound));
}

#[test]
fn answers_that_cannot_be_trusted_are_thrown_away() {
    let other_order = transaction("SUCCESS").replace("-0001\"", "-0002\"");
    let other_shop = transaction("SUCCESS").replace(MCHID, "1900000110");
    let mut late = signed(200, &transaction("SUCCESS"));
    if let Act::Reply(_, headers, _) = &mut late {
        headers[0].1 = (now().seconds() - 300).to_string();
    }
    type Judge = fn(&PeerFault) -> bool;
    let cases: Vec<(&str, Act, Judge)> = vec![
        ("unsigned", plain(200, &transaction("SUCCESS")), |f| {
            matches!(f, PeerFault::MissingHeader(_))
        }),
        ("late", late, |f| {
            matches!(f, PeerFault::StaleReply { seconds: -300 })
        }),
        ("no json", signed(200, "<html>"), |f| {
            matches!(f, PeerFault::BadJson(_))
        }),
        ("other order", signed(200, &other_order), |f| {
            matches!(
                f,
                PeerFault::Mismatch {
                    field: "out_trade_no",
                    ..
                }
            )
        }),
        ("other shop", signed(200, &other_shop), |f| {
            matches!(f, PeerFault::Mismatch { field: "mchid", .. })
        }),
        ("redirect", plain(302, ""), |f| {
            matches!(f, PeerFault::NotTheVendor { status: 302, .. })
        }),
        ("proxy", plain(403, "<html>blocked</html>"), |f| {
            matches!(f, PeerFault::NotTheVendor { status: 403, .. })
        }),
    ];
    for (name, act, judge) in cases {
        let desk = desk(vec![act]);
        match query(&desk) {
            Err(ChannelError::PeerMisbehaved(fault)) => assert!(judge(&fault), "{name}: {fault:?}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_probe_signature_is_repeated_once_then_refused() {
    let good = desk(vec![
        probe(&transaction("SUCCESS")),
        signed(200, &transaction("SUCCESS")),
    ]);
    assert!(matches!(query(&good), Ok(PaymentAnswer::Found(_))));
    let bad = desk(vec![
        probe(&transaction("SUCCESS")),
        probe(&transaction("SUCCESS")),
    ]);
    assert!(matches!(
        query(&bad),
        Err(ChannelError::PeerMisbehaved(PeerFault::BadSignature { .. }))
    ));
}

#[test]
fn an_answer_with_204_is_signed_too() {
    let close = |act| {
        let desk = desk(vec![act]);
        block_on(desk.client.close_order(&order_no()))
    };
    assert_eq!(close(signed(204, "")), Ok(()));
    assert_eq!(close(refused(400, "ORDERCLOSED")), Ok(()));
    assert!(matches!(
        close(plain(204, "")),
        Err(ChannelError::OutcomeUnknown { .. })
    ));
    assert!(matches!(
        close(refused(400, "ORDERPAID")),
        Err(ChannelError::Refused {
            kind: RefusalKind::AlreadyPaid,
            ..
        })
    ));
}

// ---- repeats, limits, hosts ----

#[test]
fn questions_are_repeated_within_bounds() {
    let answer = || signed(200, &transaction("SUCCESS"));
    for first in [
        cut(),
        Act::Hang,
        plain(500, ""),
        refused(429, "FREQUENCY_LIMITED"),
        refused(503, "SERVICE_UNAVAILABLE"),
    ] {
        let desk = desk(vec![first, answer()]);
        assert!(query(&desk).is_ok());
        assert_eq!(desk.script.urls().len(), 2);
    }
    let never = desk(vec![cut(), Act::Hang, plain(502, "")]);
    assert!(matches!(
        query(&never),
        Err(ChannelError::Unavailable(Lost::Status { status: 502, .. }))
    ));
    assert_eq!(never.script.left(), 0);
    let fresh = desk(vec![cut(), cut(), cut()]);
    assert_eq!(
        query(&fresh),
        Err(ChannelError::Unavailable(Lost::ConnectionCut))
    );
    let nonces: Vec<String> = fresh
        .script
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|r| r.headers[0].1.clone())
        .collect();
    assert!(
        nonces[0] != nonces[1] && nonces[1] != nonces[2],
        "each repeat is signed anew"
    );
}

#[test]
fn the_backup_host_takes_over_on_failure_to_connect_only_with_the_same_signature() {
    let moved = desk(vec![connect(), signed(200, &transaction("SUCCESS"))]);
    assert!(query(&moved).is_ok());
    let urls = moved.script.urls();
    assert!(
        urls[0].contains(BASE) && urls[1].contains(BACKUP),
        "{urls:?}"
    );
    {
        let seen = moved.script.seen.lock().unwrap();
        assert_eq!(seen[0].headers, seen[1].headers);
    }
    let stays = desk(vec![cut(), signed(200, &transaction("SUCCESS"))]);
    assert!(query(&stays).is_ok());
    assert!(stays.script.urls().iter().all(|u| u.contains(BASE)));
}

#[test]
fn an_answer_beyond_the_limit_is_not_read_on() {
    let flood = || {
        let pieces = (0..40).map(|_| Ok(vec![b' '; 64 * 1024])).collect();
        Act::Reply(200, Vec::new(), pieces)
    };
    let desk = desk(vec![flood(), flood(), flood()]);
    assert!(matches!(query(&desk), Err(ChannelError::Unavailable(_))));
}

#[test]
fn a_failing_host_is_left_alone_and_a_hold_stops_everything() {
    // Six failures in a row open the circuit of the main host (three calls, two attempts each).
    let mut acts: Vec<Act> = (0..6).map(|_| cut()).collect();
    acts.push(signed(200, &transaction("SUCCESS")));
    acts.push(signed(200, &transaction("SUCCESS")));
    let desk = desk(acts);
    assert!(query(&desk).is_err());
    assert!(query(&desk).is_err());
    assert!(desk.client.resting_until().is_some());
    assert!(query(&desk).is_ok(), "the backup host answers");
    assert!(desk.script.urls()[6].contains(BACKUP));
    desk.client.hold();
    assert!(matches!(
        query(&desk),
        Err(ChannelError::NotSent(TransportError::Held { .. }))
    ));
    desk.client.release();
    assert!(query(&desk).is_ok());
    assert!(desk.script.urls()[7].contains(BASE));
}

// ---- refunds: sent once ----

#[test]
fn acceptance_is_not_completion() {
    for (word, state) in [
        ("PROCESSING", RefundOutcome::Processing),
        ("SUCCESS", RefundOutcome::Succeeded),
        ("SOMETHING_NEW", RefundOutcome::Processing),
    ] {
        let desk = desk(vec![signed(200, &refund(word))]);
        let snapshot = block_on(desk.client.refund(&refund_order())).unwrap();
        assert_eq!(snapshot.state, state);
        assert_eq!(
            snapshot.received_account.as_deref(),
            Some("招商银行信用卡1234")
        );
    }
}

#[test]
fn a_refund_is_never_sent_twice() {
    let other_amount = refund("PROCESSING").replace("\"refund\":4000", "\"refund\":5000");
    let unknown: Vec<(&str, Act)> = vec![
        ("cut", cut()),
        ("no answer", Act::Hang),
        ("500", refused(500, "SYSTEM_ERROR")),
        ("502 empty", plain(502, "")),
        ("429", refused(429, "FREQUENCY_LIMITED")),
        ("frequency by code", refused(403, "RATE_LIMITED")),
        ("probe", probe(&refund("PROCESSING"))),
        ("unsigned", plain(200, &refund("PROCESSING"))),
        ("other amount", signed(200, &other_amount)),
        ("no json", signed(200, "{}")),
        ("proxy page", plain(403, "<html>")),
    ];
    for (name, act) in unknown {
        let desk = desk(vec![act]);
        let error = block_on(desk.client.refund(&refund_order())).unwrap_err();
        match &error {
            ChannelError::OutcomeUnknown { sent_at, .. } => assert_eq!(*sent_at, now(), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(error.retry(), Retry::QueryFirst, "{name}");
        assert_eq!(desk.script.urls().len(), 1, "{name}");
    }
}

#[test]
fn a_refund_that_did_not_leave_says_so() {
    let refused_twice = desk(vec![connect(), connect()]);
    let error = block_on(refused_twice.client.refund(&refund_order())).unwrap_err();
    assert!(matches!(error, ChannelError::NotSent(_)), "{error:?}");
    assert_eq!(error.retry(), Retry::SameNumber);
    let urls = refused_twice.script.urls();
    assert!(urls.len() == 2 && urls[1].contains(BACKUP), "{urls:?}");

    let on_backup = desk(vec![connect(), cut()]);
    assert!(matches!(
        block_on(on_backup.client.refund(&refund_order())),
        Err(ChannelError::OutcomeUnknown { .. })
    ));
}

#[test]
fn refusals_are_final_and_say_what_next() {
    for (status, code, kind, retry) in [
        (
            403,
            "NOT_ENOUGH",
            RefusalKind::InsufficientBalance,
            Retry::SameNumber,
        ),
        (
            400,
            "INVALID_REQUEST",
            RefusalKind::InvalidRequest,
            Retry::Never,
        ),
        (
            404,
            "RESOURCE_NOT_EXISTS",
            RefusalKind::OrderNotFound,
            Retry::Never,
        ),
        (
            403,
            "USER_ACCOUNT_ABNORMAL",
            RefusalKind::PayerAccountGone,
            Retry::Never,
        ),
    ] {
        let desk = desk(vec![refused(status, code)]);
        let error = block_on(desk.client.refund(&refund_order())).unwrap_err();
        assert!(
            matches!(&error, ChannelError::Refused { kind: k, .. } if *k == kind),
            "{code}: {error:?}"
        );
        assert_eq!(error.retry(), retry, "{code}");
    }
    let clock = desk(vec![plain(
        401,
        r#"{"code":"SIGN_ERROR","message":"timestamp"}"#,
    )]);
    assert!(matches!(
        block_on(clock.client.refund(&refund_order())),
        Err(ChannelError::Misuse(Misuse::ClockSkew { .. }))
    ));
}

#[test]
fn only_the_vendors_word_means_never_accepted() {
    let ask = |act: Vec<Act>| {
        let desk = desk(act);
        block_on(desk.client.query_refund(&refund_no()))
    };
    assert_eq!(ask(vec![refused(404, "RESOURCE_NOT_EXISTS")]), Ok(None));
    for act in [
        plain(404, ""),
        refused(404, "MCH_NOT_EXISTS"),
        refused(404, "ORDER_NOT_EXIST"),
    ] {
        assert!(ask(vec![act]).is_err());
    }
    let found = ask(vec![signed(200, &refund("SUCCESS"))]).unwrap().unwrap();
    assert_eq!(found.state, RefundOutcome::Succeeded);
}

// ---- keys ----

fn certificate(serial: u8, key: &RsaSigningKey) -> Certificate {
    let spec = CertificateSpec {
        subject: Name {
            country: "CN".into(),
            organization: "Example".into(),
            common_name: "Platform".into(),
        },
        serial: vec![serial; 20],
        not_before: now().seconds() - 86_400,
        not_after: now().seconds() + 86_400,
        usage: Usage::Signer,
    };
    self_signed(&SigningKey::Rsa(key.clone()), &spec).unwrap()
}

fn certificates_body(list: &[&Certificate], api_v3_key: &str) -> String {
    let items: Vec<String> = list
        .iter()
        .map(|certificate| {
            let nonce = "c4e10b77a92d";
            let sealed = zf_crypto::aead::aes_gcm_seal(
                api_v3_key.as_bytes(),
                nonce.as_bytes(),
                b"certificate",
                certificate.to_pem().as_bytes(),
            )
            .unwrap();
            format!(
                r#"{{"serial_no":"{}","effective_time":"2026-03-14T11:00:00+08:00","expire_time":"2026-03-16T11:00:00+08:00","encrypt_certificate":{{"algorithm":"AEAD_AES_256_GCM","nonce":"{nonce}","associated_data":"certificate","ciphertext":"{}"}}}}"#,
                certificate.serial_hex(),
                BASE64.encode(sealed)
            )
        })
        .collect();
    format!(r#"{{"data":[{}]}}"#, items.join(","))
}

#[test]
fn certificates_are_fetched_for_the_first_answer_and_that_answer_is_kept() {
    let certificate = certificate(0x6b, &keys().platform);
    let serial = certificate.serial_hex();
    let list = certificates_body(&[&certificate], API_V3_KEY);
    let signed = |body: &str| signed_by(&keys().platform, &serial, 200, body);
    let desk = desk_in(
        VerifyMode::Certificates,
        vec![
            signed(&refund("PROCESSING")),
            signed(&list),
            signed(&refund("SUCCESS")),
        ],
    );
    // The refund is not sent again for the sake of its answer's signature.
    let snapshot = block_on(desk.client.refund(&refund_order())).unwrap();
    assert_eq!(snapshot.state, RefundOutcome::Processing);
    let after = block_on(desk.client.query_refund(&refund_no()))
        .unwrap()
        .unwrap();
    assert_eq!(after.state, RefundOutcome::Succeeded);
    assert_eq!(
        desk.script.urls(),
        [
            format!("POST {BASE}/v3/refund/domestic/refunds"),
            format!("GET {BASE}/v3/certificates"),
            format!("GET {BASE}/v3/refund/domestic/refunds/RF20260314-0001"),
        ]
    );
    assert_eq!(desk.client.keys()[0].serial, serial);
}

#[test]
fn keys_that_do_not_help_leave_a_refund_unknown_and_a_question_refused() {
    let certificate = certificate(0x6b, &keys().platform);
    let serial = certificate.serial_hex();
    let sealed = |key: &str| {
        let body = certificates_body(&[&certificate], key);
        signed_by(&keys().platform, &serial, 200, &body)
    };
    let stranger = |body: &str| signed_by(&keys().stranger, "77AA", 200, body);
    type Judge = fn(&ChannelError) -> bool;
    let cases: Vec<(&str, Vec<Act>, Judge)> = vec![
        ("unknown also after asking", vec![sealed(API_V3_KEY)], |e| {
            matches!(
                e,
                ChannelError::PeerMisbehaved(PeerFault::UnknownSerial { .. })
            )
        }),
        (
            "another APIv3 key",
            vec![sealed("x123456789abcdefghijABCDEFGHIJ!#")],
            |e| matches!(e, ChannelError::PeerMisbehaved(PeerFault::Undecryptable(_))),
        ),
        (
            "none for this merchant",
            vec![refused(404, "RESOURCE_NOT_EXISTS")],
            |e| {
                matches!(
                    e,
                    ChannelError::PeerMisbehaved(PeerFault::UnknownSerial { .. })
                )
            },
        ),
        ("no connection", (0..6).map(|_| connect()).collect(), |e| {
            matches!(e, ChannelError::NotSent(_))
        }),
    ];
    for (name, acts, judge) in cases {
        let mut script = vec![stranger(&refund("PROCESSING"))];
        script.extend(acts);
        let desk = desk_in(VerifyMode::Certificates, script);
        match block_on(desk.client.refund(&refund_order())) {
            Err(ChannelError::OutcomeUnknown {
                cause: Lost::Unsettled(error),
                ..
            }) => {
                assert!(judge(&error), "{name}: {error:?}");
            }
            other => panic!("{name}: {other:?}"),
        }
        assert!(desk.client.keys().len() <= 1);
        let posts = desk
            .script
            .urls()
            .iter()
            .filter(|u| u.starts_with("POST"))
            .count();
        assert_eq!(posts, 1, "{name}");
    }
    let question = desk_in(
        VerifyMode::Certificates,
        vec![stranger(&transaction("SUCCESS")), sealed(API_V3_KEY)],
    );
    assert!(matches!(
        query(&question),
        Err(ChannelError::PeerMisbehaved(
            PeerFault::UnknownSerial { .. }
        ))
    ));
}

#[test]
fn rotation_swaps_the_whole_map_and_a_failed_refresh_keeps_it() {
    let (old, new) = (
        certificate(0x6b, &keys().platform),
        certificate(0x7c, &keys().stranger),
    );
    let by_old = |list: &[&Certificate]| {
        let body = certificates_body(list, API_V3_KEY);
        signed_by(&keys().platform, &old.serial_hex(), 200, &body)
    };
    let desk = desk_in(
        VerifyMode::Certificates,
        vec![
            by_old(&[&old]),
            by_old(&[&old, &new]),
            refused(403, "NO_AUTH"),
        ],
    );
    assert_eq!(block_on(desk.client.refresh_keys()).unwrap().len(), 1);
    assert_eq!(block_on(desk.client.refresh_keys()).unwrap().len(), 2);
    assert!(block_on(desk.client.refresh_keys()).is_err());
    assert_eq!(desk.client.keys().len(), 2);
    let forged = {
        let body = certificates_body(&[&new], API_V3_KEY);
        signed_by(&keys().merchant, &new.serial_hex(), 200, &body)
    };
    desk.script.acts.lock().unwrap().push_back(forged);
    assert!(matches!(
        block_on(desk.client.refresh_keys()),
        Err(ChannelError::PeerMisbehaved(PeerFault::BadSignature { .. }))
    ));
    assert_eq!(desk.client.keys().len(), 2);
}

// ---- the other calls ----

#[test]
fn prepay_gives_what_the_payer_needs() {
    let order = |way| PrepayOrder {
        order_no: order_no(),
        description: "Tea set".to_owned(),
        amount: Money::cny(10_000),
        expires_at: Some(Timestamp::parse_rfc3339("2026-03-15T12:00:00+08:00").unwrap()),
        attach: None,
        notify_url: "https://pay.example.cn/wx/notify".to_owned(),
        way,
    };
    let openid = "oInventedOpenid01".to_owned();
    let prepay_id = "wx14091200123456a1b2c3d4e5f6a7b80000";
    let id_body = format!(r#"{{"prepay_id":"{prepay_id}"}}"#);
    let verify =
        |package: &str, invoke: &[(&str, String)], stamp: &str, nonce: &str, mark: &str| {
            let value = |name: &str| invoke.iter().find(|(n, _)| *n == name).unwrap().1.clone();
            let message =
                sign::invoke_message(APPID, value(stamp).parse().unwrap(), &value(nonce), package);
            let signature = BASE64.decode(value(mark)).unwrap();
            keys()
                .merchant
                .public()
                .verify_sha256(&message, &signature)
                .unwrap();
        };
    let ask = |body: &str, way| {
        let desk = desk(vec![signed(200, body)]);
        let prepaid = block_on(desk.client.prepay(&order(way))).unwrap();
        (prepaid, desk.script.seen.lock().unwrap()[0].clone())
    };
    let (prepaid, request) = ask(r#"{"code_url":"weixin://x"}"#, PrepayWay::Native);
    assert_eq!(
        prepaid,
        Prepaid::Native {
            code_url: "weixin://x".to_owned()
        }
    );
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        format!(
            r#"{{"appid":"{APPID}","mchid":"{MCHID}","description":"Tea set","out_trade_no":"ORD20260314-0001","time_expire":"2026-03-15T12:00:00+08:00","notify_url":"https://pay.example.cn/wx/notify","amount":{{"total":10000,"currency":"CNY"}}}}"#
        )
    );
    let (prepaid, _) = ask(&id_body, PrepayWay::Jsapi { openid });
    let Prepaid::Jsapi { invoke, .. } = prepaid else {
        panic!()
    };
    verify(
        &format!("prepay_id={prepay_id}"),
        &invoke,
        "timeStamp",
        "nonceStr",
        "paySign",
    );
    let (prepaid, _) = ask(&id_body, PrepayWay::App);
    let Prepaid::App { invoke, .. } = prepaid else {
        panic!()
    };
    verify(prepay_id, &invoke, "timestamp", "noncestr", "sign");
    let h5 = PrepayWay::H5 {
        client_ip: "203.0.113.9".to_owned(),
    };
    let (prepaid, request) = ask(r#"{"h5_url":"https://wx.tenpay.com/x"}"#, h5);
    assert!(matches!(prepaid, Prepaid::H5 { .. }));
    assert!(request.url.ends_with("/h5"));
}

#[test]
fn a_redirected_refund_hides_the_card_from_everyone_but_the_channel() {
    let desk = desk(vec![signed(200, &refund("PROCESSING"))]);
    let redirect = AbnormalRefund {
        refund_id: ChannelRefundId::parse("50300002502026031400000000001").unwrap(),
        refund_no: refund_no(),
        way: AbnormalWay::PayerCard {
            bank: "CMB_DEBIT".to_owned(),
            account: Secret::new("6225000000000000".to_owned()),
            holder: Secret::new("王小明".to_owned()),
        },
    };
    block_on(desk.client.abnormal_refund(redirect)).unwrap();
    let seen = desk.script.seen.lock().unwrap();
    let body: serde_json::Value = serde_json::from_slice(&seen[0].body).unwrap();
    assert_eq!(body["type"], "USER_BANK_CARD");
    let sealed = BASE64
        .decode(body["bank_account"].as_str().unwrap())
        .unwrap();
    let opened = keys().platform.decrypt_oaep_sha1(&sealed).unwrap();
    assert_eq!(opened, b"6225000000000000");
    assert!(!String::from_utf8_lossy(&seen[0].body).contains("王小明"));
}

#[test]
fn a_balance_is_read_or_its_refusal_named() {
    let good = desk(vec![signed(
        200,
        r#"{"available_amount":100,"pending_amount":7}"#,
    )]);
    let balance = block_on(good.client.balance(FundAccount::Basic)).unwrap();
    assert_eq!(
        (balance.available, balance.pending),
        (Money::cny(100), Money::cny(7))
    );
    let closed = desk(vec![refused(403, "NO_AUTH")]);
    assert!(matches!(
        block_on(closed.client.balance(FundAccount::Fees)),
        Err(ChannelError::Refused {
            kind: RefusalKind::NoPermission,
            ..
        })
    ));
}

#[test]
fn notices_are_verified_before_they_are_opened() {
    let desk = desk(Vec::new());
    // The published vector: key, nonce, associated data `refund`.
    let short =
        "bdUJwWnL9PQgWqNSTO1W+uSG3T5n4zsXyuGscJOZS1c7xJYC71lJto50nHtBdcncVcCX3du8OX9iyNeNGTDRPTc=";
    let envelope = |original: &str, aad: &str, ciphertext: &str| {
        format!(
            r#"{{"id":"6f0a3c1e","create_time":"2026-03-15T10:59:58+08:00","resource_type":"encrypt-resource","event_type":"REFUND.SUCCESS","summary":"退款成功","resource":{{"original_type":"{original}","algorithm":"AEAD_AES_256_GCM","ciphertext":"{ciphertext}","associated_data":"{aad}","nonce":"aZ09bY18cX27"}}}}"#
        )
    };
    let headers = |body: &str| match signed(200, body) {
        Act::Reply(_, headers, _) => Headers(headers),
        _ => unreachable!(),
    };
    let body = envelope("something", "refund", short);
    let notice = block_on(desk.client.verify_notice(&headers(&body), body.as_bytes())).unwrap();
    assert_eq!(
        notice.event,
        NoticeEvent::Other(r#"{"out_refund_no":"RF1","refund_status":"SUCCESS"}"#.to_owned())
    );
    let plain = r#"{"mchid":"1900000109","out_trade_no":"ORD20260314-0001","transaction_id":"4200002501202603140000000001","out_refund_no":"RF20260314-0001","refund_id":"50300002502026031400000000001","refund_status":"ABNORMAL","user_received_account":"招商银行信用卡1234","amount":{"total":10000,"refund":4000,"payer_total":10000,"payer_refund":4000}}"#;
    let sealed = zf_crypto::aead::aes_gcm_seal(
        API_V3_KEY.as_bytes(),
        b"aZ09bY18cX27",
        b"refund",
        plain.as_bytes(),
    )
    .unwrap();
    let body = envelope("refund", "refund", &BASE64.encode(sealed));
    let notice = block_on(desk.client.verify_notice(&headers(&body), body.as_bytes())).unwrap();
    let NoticeEvent::Refund(refund) = notice.event else {
        panic!()
    };
    assert_eq!(refund.state, RefundOutcome::Abnormal);
    let changed = body.replace("10:59:58", "10:59:59");
    assert!(matches!(
        block_on(
            desk.client
                .verify_notice(&headers(&body), changed.as_bytes())
        ),
        Err(ChannelError::PeerMisbehaved(PeerFault::BadSignature { .. }))
    ));
    let wrong_aad = envelope("refund", "refond", short);
    assert!(matches!(
        block_on(
            desk.client
                .verify_notice(&headers(&wrong_aad), wrong_aad.as_bytes())
        ),
        Err(ChannelError::PeerMisbehaved(PeerFault::Undecryptable(_)))
    ));
}

// ---- bills ----

fn sample() -> Vec<u8> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/wechatpay/trade_all.csv");
    std::fs::read(path).unwrap()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn offer() -> Act {
    offer_at(&format!(
        "{BASE}/v3/billdownload/file?token=abc%2Bd&tartype=gzip"
    ))
}

fn offer_at(url: &str) -> Act {
    signed(
        200,
        &format!(
            r#"{{"hash_type":"SHA1","hash_value":"DBF7A093F9B5AE62583C6A4856DDAAE6C2DB2EBB","download_url":"{url}"}}"#
        ),
    )
}

fn file(bytes: &[u8]) -> Act {
    let pieces = bytes.chunks(100).map(|c| Ok(c.to_vec())).collect();
    let length = ("Content-Length".to_owned(), bytes.len().to_string());
    Act::Reply(200, vec![length], pieces)
}

fn cut_file(bytes: &[u8]) -> Act {
    let lost = TransportError::Cut {
        host: "main.example".to_owned(),
        reason: "reset".to_owned(),
    };
    Act::Reply(
        200,
        Vec::new(),
        [Ok(bytes[..50].to_vec()), Err(lost)].into(),
    )
}

fn day() -> BusinessDate {
    BusinessDate::parse("2026-03-14").unwrap()
}

fn fetch(desk: &Desk, folder: &Path) -> Result<BillAnswer, ChannelError> {
    block_on(desk.client.fetch_bill(BillKind::Trade, day(), folder))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_bill_is_kept_as_the_vendor_made_it() {
    let whole = gzip(&sample());
    let ways: Vec<(&str, Vec<Act>)> = vec![
        ("at once", vec![offer(), file(&whole)]),
        ("not compressed", vec![offer(), file(&sample())]),
        (
            "cut, repeated",
            vec![offer(), cut_file(&whole), file(&whole)],
        ),
        (
            "link expired, applied again",
            vec![
                offer(),
                refused(400, "INVALID_REQUEST"),
                offer(),
                file(&whole),
            ],
        ),
        (
            "damaged, applied again",
            vec![
                offer(),
                file(&whole[..whole.len() - 9]),
                offer(),
                file(&whole),
            ],
        ),
        (
            "other bytes, applied again",
            vec![offer(), file(&gzip(b"other")), offer(), file(&whole)],
        ),
        (
            "from the backup host",
            vec![
                offer_at(&format!("{BACKUP}/v3/billdownload/file?token=x")),
                file(&whole),
            ],
        ),
    ];
    for (name, acts) in ways {
        let desk = desk(acts);
        let folder = tempfile::tempdir().unwrap();
        let BillAnswer::Fetched(bill) = fetch(&desk, folder.path()).unwrap() else {
            panic!("{name}")
        };
        assert_eq!(std::fs::read(&bill.path).unwrap(), sample(), "{name}");
        assert!(bill.hash_verified);
        assert_eq!(bill.bytes, 1360);
        assert_eq!(bill.compressed, name != "not compressed");
        assert_eq!(
            names(folder.path()),
            [format!(
                "wechat_pay-{MCHID}-trade-2026-03-14-{}.csv",
                &bill.sha256[..12]
            )],
            "{name}"
        );
        let urls = desk.script.urls();
        assert!(
            urls[0]
                .ends_with("/v3/bill/tradebill?bill_date=2026-03-14&bill_type=ALL&tar_type=GZIP")
        );
        assert_eq!(desk.script.left(), 0, "{name}");
    }
}

#[test]
fn a_bill_that_stays_wrong_leaves_nothing_behind() {
    let whole = gzip(&sample());
    let cut_short = &whole[..whole.len() - 9];
    type Judge = fn(&ChannelError) -> bool;
    let ways: Vec<(&str, Vec<Act>, Judge)> = vec![
        (
            "other bytes",
            vec![offer(), file(b"other"), offer(), file(b"other")],
            |e| matches!(e, ChannelError::PeerMisbehaved(PeerFault::BillHash { .. })),
        ),
        (
            "damaged",
            vec![offer(), file(cut_short), offer(), file(cut_short)],
            |e| matches!(e, ChannelError::PeerMisbehaved(PeerFault::BillCorrupt(_))),
        ),
        (
            "cut",
            vec![
                offer(),
                cut_file(&whole),
                cut_file(&whole),
                cut_file(&whole),
            ],
            |e| matches!(e, ChannelError::Unavailable(Lost::ConnectionCut)),
        ),
        (
            "foreign link",
            vec![offer_at(
                "https://evil.example/v3/billdownload/file?token=x",
            )],
            |e| matches!(e, ChannelError::PeerMisbehaved(PeerFault::ForeignUrl(_))),
        ),
        ("not ours", vec![offer(), refused(403, "NO_AUTH")], |e| {
            matches!(
                e,
                ChannelError::Refused {
                    kind: RefusalKind::NoPermission,
                    ..
                }
            )
        }),
        (
            "unsigned offer",
            vec![plain(200, r#"{"hash_type":"SHA1"}"#)],
            |e| matches!(e, ChannelError::PeerMisbehaved(PeerFault::MissingHeader(_))),
        ),
    ];
    for (name, acts, judge) in ways {
        let desk = desk(acts);
        let folder = tempfile::tempdir().unwrap();
        let error = fetch(&desk, folder.path()).unwrap_err();
        assert!(judge(&error), "{name}: {error:?}");
        // Bytes that came whole but wrong are evidence; they never look like a bill.
        let left = names(folder.path());
        let evidence = left.iter().all(|n| n.ends_with(".refused"));
        let expected = usize::from(matches!(name, "other bytes" | "damaged"));
        assert!(evidence && left.len() == expected, "{name}: {left:?}");
    }
}

#[test]
fn a_day_without_a_bill_is_told_from_a_day_too_early_and_a_day_too_old() {
    let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
    let ready = |text: &str| BillAbsence::StillCreating { ready_at: at(text) };
    let cases = [
        (NOW, "NO_STATEMENT_EXIST", Some(BillAbsence::NoStatement)),
        (
            NOW,
            "STATEMENT_CREATING",
            Some(ready("2026-03-15T11:30:00+08:00")),
        ),
        (
            "2026-03-15T09:00:00+08:00",
            "NO_STATEMENT_EXIST",
            Some(ready("2026-03-15T10:00:00+08:00")),
        ),
        (
            "2026-03-14T12:00:00+08:00",
            "INVALID_REQUEST",
            Some(ready("2026-03-15T10:00:00+08:00")),
        ),
        (
            "2026-03-14T12:00:00+08:00",
            "PARAM_ERROR",
            Some(ready("2026-03-15T10:00:00+08:00")),
        ),
        (
            "2026-07-01T12:00:00+08:00",
            "INVALID_REQUEST",
            Some(BillAbsence::TooOld),
        ),
        (NOW, "INVALID_REQUEST", None),
    ];
    for (clock, code, absence) in cases {
        let desk = desk(vec![refused(400, code)]);
        desk.clock.set(at(clock));
        let folder = tempfile::tempdir().unwrap();
        match (fetch(&desk, folder.path()), absence) {
            (Ok(BillAnswer::Absent(found)), Some(absence)) => {
                assert_eq!(found, absence, "{clock} {code}")
            }
            (Err(ChannelError::Refused { .. }), None) => {}
            (other, _) => panic!("{clock} {code}: {other:?}"),
        }
        assert_eq!(names(folder.path()), Vec::<String>::new());
        assert_eq!(desk.clock.now(), at(clock));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("a file");
    std::fs::write(&blocked, b"x").unwrap();
    let desk = desk(Vec::new());
    let error = fetch(&desk, &blocked).unwrap_err();
    assert!(matches!(error, ChannelError::LocalFile(_)), "{error:?}");
    assert!(error.to_string().contains("a file"));
}
