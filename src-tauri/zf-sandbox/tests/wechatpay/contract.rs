//! Every refusal of the vendor page, as a table; then what good requests are answered.

use serde_json::{Value, json};

use crate::support::{Draft, World};

const REFUNDS: &str = "/v3/refund/domestic/refunds";
const NATIVE: &str = "/v3/pay/transactions/native";

/// Sends what `spoil` makes of a correct request and compares status, code and message.
async fn check(
    world: &World,
    name: &str,
    draft: Draft,
    spoil: impl FnOnce(&mut Draft),
    expected: (u16, &str, &str),
) {
    let mut draft = draft;
    spoil(&mut draft);
    let got = world.merchant.send(draft).await.unwrap();
    let body = got.json();
    let code = body["code"].as_str().unwrap_or_default();
    let message = body["message"].as_str().unwrap_or_default();
    assert_eq!(
        (got.status, code),
        (expected.0, expected.1),
        "{name}: {message}"
    );
    assert!(message.contains(expected.2), "{name}: {message}");
    assert!(
        got.headers.get("Wechatpay-Signature").is_none(),
        "{name}: errors are not signed"
    );
    assert!(got.header("Request-ID").contains('-'), "{name}");
}

#[tokio::test]
async fn headers_clock_certificate_and_signature_are_checked_in_order() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    let certificates = || merchant.draft("GET", "/v3/certificates", None);
    let query = || {
        let mchid = merchant.text("mchid");
        merchant.draft(
            "GET",
            &format!("/v3/pay/transactions/id/4200?mchid={mchid}"),
            None,
        )
    };
    let format = "Http头Authorization值格式错误";
    let no_header = |draft: &mut Draft| draft.unset("Authorization");

    check(
        &world,
        "no agent",
        certificates(),
        |d| d.unset("User-Agent"),
        (400, "INVALID_REQUEST", "Http头缺少Accept或User-Agent"),
    )
    .await;
    check(
        &world,
        "no accept",
        certificates(),
        |d| d.unset("Accept"),
        (400, "INVALID_REQUEST", "Http头缺少Accept"),
    )
    .await;
    check(
        &world,
        "agent before authorization",
        certificates(),
        |d| {
            d.unset("Accept");
            d.unset("Authorization");
        },
        (400, "INVALID_REQUEST", ""),
    )
    .await;
    check(
        &world,
        "pay needs no agent",
        query(),
        |d| {
            d.unset("Accept");
            d.unset("User-Agent");
        },
        (404, "ORDER_NOT_EXIST", ""),
    )
    .await;
    check(
        &world,
        "no header",
        certificates(),
        no_header,
        (401, "SIGN_ERROR", format),
    )
    .await;
    check(
        &world,
        "no header, pay",
        query(),
        no_header,
        (401, "SIGN_ERROR", "签名信息错误，验签失败"),
    )
    .await;
    check(
        &world,
        "no header, bill",
        merchant.draft("GET", "/v3/bill/tradebill?bill_date=2026-03-13", None),
        no_header,
        (401, "SIGN_ERROR", format),
    )
    .await;
    check(
        &world,
        "spaces after commas",
        certificates(),
        |d| d.edit("Authorization", |v| v.replace(',', ", ")),
        (401, "SIGN_ERROR", format),
    )
    .await;
    check(
        &world,
        "four keys",
        certificates(),
        |d| d.edit("Authorization", |v| v.replace("serial_no=", "serial=")),
        (401, "SIGN_ERROR", format),
    )
    .await;
    check(
        &world,
        "scheme",
        certificates(),
        |d| {
            d.edit("Authorization", |v| {
                v.replace("WECHATPAY2-SHA256-RSA2048", "Bearer")
            })
        },
        (401, "SIGN_ERROR", "认证类型不正确"),
    )
    .await;
    let serial = merchant.text("merchant_certificate_serial");
    let unknown = "商户证书序列号有误";
    check(
        &world,
        "serial",
        certificates(),
        |d| {
            d.edit("Authorization", |v| {
                v.replace(&serial, "3A7C19E0B2D45F6688A1C3E5F70912B4D6E8FA0C")
            })
        },
        (401, "SIGN_ERROR", unknown),
    )
    .await;
    let platform = merchant.text("platform_certificate_serial");
    check(
        &world,
        "platform serial",
        certificates(),
        |d| d.edit("Authorization", |v| v.replace(&serial, &platform)),
        (401, "SIGN_ERROR", unknown),
    )
    .await;
    let mchid = merchant.text("mchid");
    check(
        &world,
        "merchant",
        certificates(),
        |d| d.edit("Authorization", |v| v.replace(&mchid, "1900000109")),
        (401, "SIGN_ERROR", unknown),
    )
    .await;
    check(
        &world,
        "another path than signed",
        certificates(),
        |d| d.target.push_str("?algorithm_type=RSA"),
        (401, "SIGN_ERROR", "签名错误"),
    )
    .await;
    let refund = merchant.draft(
        "POST",
        REFUNDS,
        Some(&merchant.refund_body("ORD-00001", "R1", 1, 1)),
    );
    check(
        &world,
        "another body than signed",
        refund,
        |d| d.body.push(b'\n'),
        (401, "SIGN_ERROR", "签名错误"),
    )
    .await;
}

#[tokio::test]
async fn five_minutes_is_the_limit_and_is_looked_at_before_the_signature() {
    let mut world = World::empty().await;
    let now = world.merchant.timestamp;
    for (off, status) in [(-301, 401), (-300, 200), (300, 200), (301, 401)] {
        world.merchant.timestamp = now + off;
        let draft = world.merchant.draft("GET", "/v3/certificates", None);
        let got = world.merchant.send(draft).await.unwrap();
        assert_eq!(got.status, status, "{off}: {}", got.text());
    }
    world.merchant.timestamp = now + 600;
    let draft = world.merchant.draft("GET", "/v3/certificates", None);
    let spoil = |d: &mut Draft| {
        d.edit("Authorization", |v| {
            v.replace("signature=\"", "signature=\"AAAA")
        })
    };
    check(
        &world,
        "clock first",
        draft,
        spoil,
        (401, "SIGN_ERROR", "timestamp与发起请求的时间不得超过5分钟"),
    )
    .await;
}

#[tokio::test]
async fn the_standing_of_the_merchant_certificate_is_told() {
    let world = World::empty().await;
    for (settings, message) in [
        (json!({"merchant_certificate": "expired"}), "商户证书已过期"),
        (json!({"merchant_certificate": "revoked"}), "商户证书已作废"),
        (
            json!({"merchant_certificate": "replaced"}),
            "已更换证书，请使用新证书",
        ),
        (
            json!({"merchant_certificate": "missing"}),
            "商户未申请过证书。",
        ),
        (
            json!({"merchant_certificate": "valid", "apiv3_key_set": false}),
            "商户未设置APIv3密钥。",
        ),
    ] {
        world.control("settings", settings).await;
        let draft = world.merchant.draft("GET", "/v3/certificates", None);
        check(&world, message, draft, |_| {}, (401, "SIGN_ERROR", message)).await;
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_have_empty_bodies() {
    let world = World::empty().await;
    for (method, target, status) in [
        ("GET", "/v3/nothing", 404),
        ("GET", "/", 404),
        ("DELETE", "/v3/certificates", 405),
        ("GET", NATIVE, 405),
    ] {
        let got = world
            .merchant
            .send(world.merchant.draft(method, target, None))
            .await
            .unwrap();
        assert_eq!(
            (got.status, got.body.len()),
            (status, 0),
            "{method} {target}"
        );
    }
}

#[tokio::test]
async fn parameters_are_refused_with_their_place() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    let changed = |pointer: &str, value: Value| {
        let mut body = merchant.order("ORD-00001", 100);
        match pointer.rsplit_once('/') {
            Some((parent, last)) => {
                let parent = if parent.is_empty() {
                    &mut body
                } else {
                    body.pointer_mut(parent).unwrap()
                };
                if value == json!("REMOVE") {
                    parent.as_object_mut().unwrap().remove(last);
                } else {
                    parent[last] = value;
                }
            }
            None => body = value,
        }
        body
    };
    let long = "长".repeat(128);
    for (pointer, value, code, words) in [
        (
            "/mchid",
            json!("1900000109"),
            "PARAM_ERROR",
            "http header中的mchid与post payload中的mchid不匹配",
        ),
        (
            "/appid",
            json!("wx0000000000000000"),
            "APPID_MCHID_NOT_MATCH",
            "appid和mch_id不匹配",
        ),
        ("/appid", json!("REMOVE"), "PARAM_ERROR", "必填"),
        ("/description", json!(long), "PARAM_ERROR", "大于最大值 127"),
        ("/description", json!("奶茶🧋"), "PARAM_ERROR", "JSON"),
        ("/description", json!(null), "PARAM_ERROR", "null"),
        (
            "/out_trade_no",
            json!("ORD1"),
            "PARAM_ERROR",
            "小于最小值 6",
        ),
        (
            "/out_trade_no",
            json!("ORD 00001"),
            "PARAM_ERROR",
            "不允许的字符",
        ),
        ("/out_trade_no", json!(12345678), "PARAM_ERROR", "字符串"),
        (
            "/amount/total",
            json!(0),
            "PARAM_ERROR",
            "输入源“/body/amount/total”映射到数值字段“总金额”规则校验失败，值低于最小值 1",
        ),
        (
            "/amount/total",
            json!("100"),
            "PARAM_ERROR",
            "64 位有符号整数",
        ),
        (
            "/amount/total",
            json!(1.5),
            "PARAM_ERROR",
            "64 位有符号整数",
        ),
        ("/amount/total", json!("REMOVE"), "PARAM_ERROR", "必填"),
        ("/amount/currency", json!("USD"), "PARAM_ERROR", "枚举"),
        (
            "/notify_url",
            json!("http://shop.example/x"),
            "PARAM_ERROR",
            "https",
        ),
        (
            "/notify_url",
            json!("https://shop.example/x?a=1"),
            "PARAM_ERROR",
            "https",
        ),
        (
            "/notify_url",
            json!("http://127.0.0.1.evil.example/"),
            "PARAM_ERROR",
            "https",
        ),
        ("/time_expire", json!("tomorrow"), "PARAM_ERROR", "RFC3339"),
        (
            "/time_expire",
            json!("2026-03-14T10:00:00+08:00"),
            "PARAM_ERROR",
            "晚于",
        ),
        (
            "/time_expire",
            json!("2026-04-14T10:00:00+08:00"),
            "PARAM_ERROR",
            "7天",
        ),
        ("/limit_pay", json!(["no_cash"]), "PARAM_ERROR", "枚举"),
    ] {
        let draft = merchant.draft("POST", NATIVE, Some(&changed(pointer, value)));
        check(&world, pointer, draft, |_| {}, (400, code, words)).await;
    }
    let got = merchant
        .prepay("native", changed("/amount/total", json!(0)))
        .await;
    assert_eq!(
        got.json()["detail"],
        json!({"field": "/amount/total", "value": "0", "issue": "less than minimum", "location": "body"})
    );
    assert!(got.header("Request-ID").ends_with("-268435461"));

    let order = merchant.order("ORD-00001", 100);
    for (kind, field) in [("jsapi", "用户标识"), ("h5", "用户终端IP")] {
        let draft = merchant.draft(
            "POST",
            &format!("/v3/pay/transactions/{kind}"),
            Some(&order),
        );
        check(&world, kind, draft, |_| {}, (400, "PARAM_ERROR", field)).await;
    }
    let text = merchant.draft("POST", NATIVE, Some(&order));
    check(
        &world,
        "content type",
        text,
        |d| d.set("Content-Type", "text/plain"),
        (400, "INVALID_REQUEST", "Content-Type"),
    )
    .await;
    let got = merchant
        .call("GET", "/v3/pay/transactions/id/4200", None)
        .await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (400, "PARAM_ERROR")
    );
    let state = world.control("state", json!({})).await;
    assert_eq!(
        state["channels"]["wechat_pay"]["counts"]["orders"], 0,
        "nothing was stored"
    );
}

#[tokio::test]
async fn the_four_ways_to_pay_and_the_life_of_an_order() {
    let world = World::empty().await;
    let merchant = &world.merchant;
    let got = merchant
        .prepay("native", merchant.order("ORD-00001", 100))
        .await
        .json();
    assert!(
        got["code_url"]
            .as_str()
            .unwrap()
            .starts_with("weixin://wxpay/bizpayurl?pr=")
    );
    let mut order = merchant.order("ORD-00002", 100);
    order["payer"] = json!({"openid": "oInventedOpenid01"});
    let got = merchant.prepay("jsapi", order.clone()).await.json();
    assert_eq!(got["prepay_id"].as_str().unwrap().len(), 36);
    let app = merchant
        .prepay("app", merchant.order("ORD-00003", 100))
        .await
        .json();
    assert!(app["prepay_id"].as_str().unwrap().starts_with("wx14103000"));
    let mut h5 = merchant.order("ORD-00004", 100);
    h5["scene_info"] = json!({"payer_client_ip": "192.0.2.7", "h5_info": {"type": "Wap"}});
    let got = merchant.prepay("h5", h5).await.json();
    assert!(
        got["h5_url"]
            .as_str()
            .unwrap()
            .contains("checkmweb?prepay_id=wx")
    );

    // The same request again gives a fresh id, another one under the number is refused.
    let again = merchant.prepay("jsapi", order.clone()).await.json();
    assert_ne!(again["prepay_id"], app["prepay_id"]);
    order["amount"]["total"] = json!(200);
    let got = merchant.prepay("jsapi", order.clone()).await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (403, "OUT_TRADE_NO_USED")
    );

    let unpaid = merchant.query("ORD-00002").await.json();
    assert_eq!(unpaid["trade_state"], "NOTPAY");
    assert_eq!(unpaid["amount"]["total"], 100);
    assert!(unpaid.get("transaction_id").is_none());

    let paid = world
        .control(
            "pay",
            json!({"out_trade_no": "ORD-00002", "bank_type": "CMB_CREDIT", "coupon_amount": 30}),
        )
        .await;
    let by_number = merchant.query("ORD-00002").await.json();
    assert_eq!(paid, by_number);
    let id = by_number["transaction_id"].as_str().unwrap();
    assert_eq!((id.len(), &id[..4]), (28, "4200"));
    assert_eq!(by_number["trade_state"], "SUCCESS");
    assert_eq!(by_number["trade_type"], "JSAPI");
    assert_eq!(by_number["success_time"], "2026-03-14T10:30:00+08:00");
    assert_eq!(by_number["payer"]["openid"], "oInventedOpenid01");
    assert_eq!(
        by_number["amount"],
        json!({"total": 100, "payer_total": 70, "currency": "CNY", "payer_currency": "CNY"})
    );
    assert_eq!(by_number["promotion_detail"][0]["amount"], 30);
    let mchid = merchant.text("mchid");
    let by_id = merchant
        .call(
            "GET",
            &format!("/v3/pay/transactions/id/{id}?mchid={mchid}"),
            None,
        )
        .await;
    assert_eq!(by_id.json(), by_number);

    order["amount"]["total"] = json!(100);
    let got = merchant.prepay("jsapi", order).await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (400, "ORDERPAID")
    );

    // Closing: 204 and signed, repeatable; paid and unknown orders are refused.
    let close = |number: &str| {
        let target = format!("/v3/pay/transactions/out-trade-no/{number}/close");
        let body = json!({"mchid": mchid});
        async move { merchant.call("POST", &target, Some(body)).await }
    };
    for _ in 0..2 {
        let got = close("ORD-00003").await;
        assert_eq!((got.status, got.body.len()), (204, 0));
    }
    assert_eq!(
        merchant.query("ORD-00003").await.json()["trade_state"],
        "CLOSED"
    );
    assert_eq!(close("ORD-00002").await.json()["code"], "ORDERPAID");
    assert_eq!(close("ORD-99999").await.json()["code"], "ORDER_NOT_EXIST");
    let got = merchant
        .prepay("app", merchant.order("ORD-00003", 100))
        .await;
    assert_eq!(got.json()["code"], "ORDER_CLOSED");

    // Left alone, an unpaid order closes by itself after a week.
    world
        .control("clock", json!({"advance_seconds": 7 * 86_400}))
        .await;
    assert_eq!(
        merchant.query("ORD-00001").await.json()["trade_state"],
        "CLOSED"
    );
}

#[tokio::test]
async fn a_number_with_a_bar_is_signed_as_it_goes_on_the_wire() {
    let world = World::empty().await;
    world.paid("ORD|2026*1", 100).await;
    let got = world.merchant.query("ORD%7C2026*1").await;
    assert_eq!(got.json()["out_trade_no"], "ORD|2026*1", "{}", got.text());
}

#[tokio::test]
async fn certificates_come_as_none_one_or_two_and_answers_follow_the_named_key() {
    let mut world = World::empty().await;
    let got = world.merchant.call("GET", "/v3/certificates", None).await;
    assert_eq!(
        got.header("Wechatpay-Serial"),
        world.merchant.text("public_key_id")
    );
    let listed = got.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let pem = world
        .merchant
        .open(&listed["data"][0]["encrypt_certificate"]);
    let pem = String::from_utf8(pem).unwrap();
    assert_eq!(pem, world.merchant.platform.to_pem());
    assert_eq!(
        listed["data"][0]["serial_no"],
        world.merchant.platform.serial_hex()
    );
    assert!(!world.merchant.platform.serial_hex().starts_with('0'));
    let ca = std::fs::read_to_string(world.home().join("ca.pem")).unwrap();
    let ca = zf_crypto::cert::Certificate::from_pem(&ca).unwrap();
    world.merchant.platform.verify_signed_by(&ca).unwrap();
    world.merchant.certificate.verify_signed_by(&ca).unwrap();

    // Certificate mode: no header, or the certificate's serial.
    for named in [None, Some(world.merchant.platform.serial_hex())] {
        world.merchant.named = named;
        let got = world.merchant.call("GET", "/v3/certificates", None).await;
        assert_eq!(
            got.header("Wechatpay-Serial"),
            world.merchant.platform.serial_hex()
        );
    }

    // Rotation: both are listed, then the new one signs, then the old one goes.
    let keys = world.control("keys", json!({"do": "add"})).await;
    assert_eq!(keys["signing"], world.merchant.platform.serial_hex());
    let got = world.merchant.call("GET", "/v3/certificates", None).await;
    assert_eq!(got.json()["data"].as_array().unwrap().len(), 2);
    let keys = world.control("keys", json!({"do": "switch"})).await;
    let draft = world.merchant.draft("GET", "/v3/certificates", None);
    let got = world.merchant.send(draft).await.unwrap();
    assert_eq!(
        got.header("Wechatpay-Serial"),
        keys["signing"].as_str().unwrap()
    );
    assert!(
        world.merchant.verify(&got).is_err(),
        "the old certificate no longer fits"
    );
    let fresh = &got.json()["data"][1];
    let pem = String::from_utf8(world.merchant.open(&fresh["encrypt_certificate"])).unwrap();
    world.merchant.platform = zf_crypto::cert::Certificate::from_pem(&pem).unwrap();
    world.merchant.verify(&got).unwrap();
    let keys = world.control("keys", json!({"do": "retire"})).await;
    assert_eq!(keys["platform_certificates"].as_array().unwrap().len(), 1);

    world
        .control("settings", json!({"key_mode": "public_key"}))
        .await;
    let got = world.merchant.call("GET", "/v3/certificates", None).await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (404, "RESOURCE_NOT_EXISTS")
    );
    assert!(
        got.json()["message"]
            .as_str()
            .unwrap()
            .contains("申请使用微信支付公钥")
    );
    let sm2 = world
        .merchant
        .call("GET", "/v3/certificates?algorithm_type=SM2", None)
        .await;
    assert_eq!(sm2.status, 404);
}

#[tokio::test]
async fn answers_carry_the_vendors_other_headers() {
    let world = World::empty().await;
    let got = world.merchant.call("GET", "/v3/certificates", None).await;
    for (name, value) in [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Cache-Control", "no-cache, must-revalidate"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Language", "zh-CN"),
        ("Server", "nginx"),
        ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
    ] {
        assert_eq!(got.header(name), value);
    }
    assert!(got.header("Request-ID").ends_with("-0"));
}

#[tokio::test]
async fn balances() {
    let world = World::empty().await;
    world.paid("ORD-00001", 10_000).await;
    let path = "/v3/merchant/fund/balance";
    let got = world
        .merchant
        .call("GET", &format!("{path}/BASIC"), None)
        .await
        .json();
    assert_eq!(
        got,
        json!({"available_amount": 2_000_000 + 10_000 - 60, "pending_amount": 0})
    );
    let got = world
        .merchant
        .call("GET", &format!("{path}/FEES"), None)
        .await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (400, "INVALID_REQUEST")
    );
    let day_end = "/v3/merchant/fund/dayendbalance/BASIC?date=2026-03-13";
    let got = world.merchant.call("GET", day_end, None).await.json();
    assert_eq!(got["available_amount"], 2_000_000);
    world
        .control("settings", json!({"balance_permission": false}))
        .await;
    let got = world
        .merchant
        .call("GET", &format!("{path}/BASIC"), None)
        .await;
    assert_eq!(
        (got.status, got.json()["code"].as_str().unwrap()),
        (403, "NO_AUTH")
    );
}
