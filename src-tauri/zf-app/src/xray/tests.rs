//! Damaged messages, each named by its one cause; the published vectors; anything at all.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE};
use zf_channels::wechatpay::sign;
use zf_crypto::rsa::RsaSigningKey;
use zf_crypto::secret::Secret;
use zf_crypto::xray;
use zf_domain::Timestamp;

use super::examples::{self, Props};
use super::judge::{KeySet, inspect};
use crate::wire::{
    XrayCause as Cause, XrayExampleName as Name, XrayMode as Mode, XrayOutcome, XrayReport,
    XrayVerdict as Verdict,
};

const NOW: i64 = 1_795_138_928;

fn now() -> Timestamp {
    Timestamp::from_seconds(NOW)
}

const URL: &str = "/v3/refund/domestic/refunds?b=2&a=%7C1";
const BODY: &str = "{\"reason\":\"重复/付款\",\"amount\":{\"refund\":100}}";
const NONCE: &str = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS";

/// A request whose signature covers what `signed` makes of the right text.
struct Request<'a> {
    props: &'a Props,
    key: &'a RsaSigningKey,
    signed: Vec<u8>,
    serial: String,
    timestamp: String,
    signature: fn(String) -> String,
    separator: &'static str,
    mchid: &'static str,
    wechatpay_serial: bool,
    reply: &'static str,
}

fn right(url: &str, timestamp: &str, body: &str) -> Vec<u8> {
    xray::request_message("POST", url, timestamp, NONCE, body.as_bytes())
}

impl<'a> Request<'a> {
    fn new(props: &'a Props) -> Self {
        let timestamp = (NOW - 4).to_string();
        Self {
            props,
            key: props.merchant,
            signed: right(URL, &timestamp, BODY),
            serial: props.merchant_certificate.serial_hex(),
            timestamp,
            signature: |text| text,
            separator: ",",
            mchid: "1900000109",
            wechatpay_serial: true,
            reply: "",
        }
    }

    fn text(&self) -> String {
        let signature = (self.signature)(sign::sign(self.key, &self.signed).unwrap());
        let fields = [
            format!("mchid=\"{}\"", self.mchid),
            format!("nonce_str=\"{NONCE}\""),
            format!("timestamp=\"{}\"", self.timestamp),
            format!("serial_no=\"{}\"", self.serial),
            format!("signature=\"{signature}\""),
        ]
        .join(self.separator);
        let serial = if self.wechatpay_serial {
            "Wechatpay-Serial: PUB_KEY_ID_1\n"
        } else {
            ""
        };
        let _ = self.props;
        format!(
            "POST {URL} HTTP/1.1\nHost: api.mch.weixin.qq.com\n{serial}Authorization: {} {fields}\n\n{BODY}{}",
            sign::SCHEME,
            self.reply
        )
    }
}

fn judged(mode: Mode, text: &str) -> XrayReport {
    inspect(mode, text, &examples::keys(now()).unwrap(), now())
}

/// Every way a request goes wrong has its own name, and the name is proven by the signature.
#[test]
fn damaged_requests_are_named() {
    let props = examples::props(now()).unwrap();
    let ts = (NOW - 4).to_string();
    let signed = |text: &[u8]| Request {
        signed: text.to_vec(),
        ..Request::new(props)
    };
    let whole = right(URL, &ts, BODY);
    let cases: Vec<(Request<'_>, Cause)> = vec![
        (Request::new(props), Cause::Valid),
        (
            signed(&whole[..whole.len() - 1]),
            Cause::MissingFinalNewline,
        ),
        (
            signed(&right("/v3/refund/domestic/refunds", &ts, BODY)),
            Cause::UrlWithoutQuery,
        ),
        (
            signed(&right(
                &format!("https://api.mch.weixin.qq.com{URL}"),
                &ts,
                BODY,
            )),
            Cause::UrlWithHost,
        ),
        (
            signed(&right("/v3/refund/domestic/refunds?b=2&a=|1", &ts, BODY)),
            Cause::UrlDecoded,
        ),
        (
            signed(&right("/v3/refund/domestic/refunds?a=%7C1&b=2", &ts, BODY)),
            Cause::QueryReordered,
        ),
        (
            signed(&xray::request_message(
                "post",
                URL,
                &ts,
                NONCE,
                BODY.as_bytes(),
            )),
            Cause::MethodCase,
        ),
        (
            signed(&xray::request_message(
                "GET",
                URL,
                &ts,
                NONCE,
                BODY.as_bytes(),
            )),
            Cause::MethodOther,
        ),
        (
            signed(&right(
                URL,
                &ts,
                "{\"reason\": \"重复/付款\", \"amount\": {\"refund\": 100}}",
            )),
            Cause::BodyReserialized,
        ),
        (
            signed(&right(
                URL,
                &ts,
                "{\"reason\":\"\\u91cd\\u590d\\/\\u4ed8\\u6b3e\",\"amount\":{\"refund\":100}}",
            )),
            Cause::BodyReserialized,
        ),
        (
            signed(&right(
                URL,
                &ts,
                "{\"amount\":{\"refund\":100},\"reason\":\"重复/付款\"}",
            )),
            Cause::BodyReserialized,
        ),
        (signed(&right(URL, &ts, "")), Cause::BodyMissing),
        (
            signed(&right(URL, &ts, &format!("{BODY}\r\n"))),
            Cause::BodyNewline,
        ),
        (
            signed(&right(URL, &ts, &format!("\u{feff}{BODY}"))),
            Cause::BodyBom,
        ),
        (
            signed(
                String::from_utf8_lossy(&whole)
                    .replace('\n', "\r\n")
                    .as_bytes(),
            ),
            Cause::LinesCrlf,
        ),
        (
            signed(&right(URL, &(NOW - 3).to_string(), BODY)),
            Cause::TimestampOther,
        ),
        (
            signed(&right(URL, &format!("{ts}000"), BODY)),
            Cause::TimestampOther,
        ),
        (
            signed(&xray::request_message(
                "POST",
                URL,
                &ts,
                &NONCE.to_lowercase(),
                BODY.as_bytes(),
            )),
            Cause::NonceCase,
        ),
        (
            signed(&xray::request_message(
                "POST",
                URL,
                NONCE,
                &ts,
                BODY.as_bytes(),
            )),
            Cause::LineOrder,
        ),
        (
            signed(&xray::reply_message(&ts, NONCE, BODY.as_bytes())),
            Cause::ReplyForm,
        ),
        (
            signed(&right(URL, &ts, &BODY.replace("100", "900"))),
            Cause::OneByte,
        ),
        (
            signed(&right(URL, &ts, "{\"something\":\"else\"}")),
            Cause::ContentDiffers,
        ),
        (
            Request {
                key: props.platform,
                ..Request::new(props)
            },
            Cause::KeyOfAnother,
        ),
        (
            Request {
                serial: props.platform_certificate.serial_hex(),
                ..Request::new(props)
            },
            Cause::SerialIsPlatforms,
        ),
        (
            Request {
                serial: props.merchant_certificate.serial_hex().to_lowercase(),
                ..Request::new(props)
            },
            Cause::SerialNotation,
        ),
        (
            Request {
                serial: props.merchant_certificate.serial_decimal(),
                ..Request::new(props)
            },
            Cause::SerialNotation,
        ),
        (
            Request {
                serial: "00FF".to_owned(),
                ..Request::new(props)
            },
            Cause::SerialUnknown,
        ),
        (
            Request {
                mchid: "1900000108",
                ..Request::new(props)
            },
            Cause::MerchantMismatch,
        ),
        (
            Request {
                separator: ", ",
                ..Request::new(props)
            },
            Cause::AuthorizationFormat,
        ),
        (
            Request {
                wechatpay_serial: false,
                ..Request::new(props)
            },
            Cause::SerialHeaderMissing,
        ),
        (
            Request {
                timestamp: format!("{ts}000"),
                signed: right(URL, &format!("{ts}000"), BODY),
                ..Request::new(props)
            },
            Cause::TimestampMillis,
        ),
        (
            Request {
                timestamp: (NOW + 360).to_string(),
                signed: right(URL, &(NOW + 360).to_string(), BODY),
                ..Request::new(props)
            },
            Cause::ClockOff,
        ),
        (
            Request {
                signature: |text| URL_SAFE.encode(BASE64.decode(text).unwrap()),
                ..Request::new(props)
            },
            Cause::SignatureUrlSafe,
        ),
        (
            Request {
                signature: |text| text.replace('+', " "),
                ..Request::new(props)
            },
            Cause::SignaturePlusLost,
        ),
        (
            Request {
                signature: |_| String::new(),
                ..Request::new(props)
            },
            Cause::SignatureEmpty,
        ),
        (
            Request {
                signature: |_| "not base64".to_owned(),
                ..Request::new(props)
            },
            Cause::SignatureNotBase64,
        ),
    ];
    for (request, wanted) in cases {
        let text = request.text();
        let found = judged(Mode::Request, &text);
        // A signature without a plus or a slash shows nothing of its alphabet.
        let untouched = matches!(wanted, Cause::SignatureUrlSafe | Cause::SignaturePlusLost)
            && found.cause == Cause::Valid;
        assert!(
            untouched || found.cause == wanted,
            "{wanted:?}: {found:#?}\n{text}"
        );
        assert!(found.proven, "{wanted:?}");
        assert_eq!(found.checks.len(), 12);
        let good = matches!(found.cause, Cause::Valid);
        assert_eq!(found.verdict == Verdict::Good, good, "{wanted:?}");
    }
}

/// The picture's own case, to the byte.
#[test]
fn the_first_differing_byte_is_shown() {
    let example = examples::make(Name::UrlWithoutQuery, now()).unwrap();
    let found = judged(example.mode, &example.text);
    assert_eq!(found.cause, Cause::UrlWithoutQuery);
    let byte = found.difference.unwrap();
    assert_eq!(
        (byte.line, byte.column),
        (2, 40),
        "the path has 39 characters"
    );
    assert_eq!(byte.signed_byte.as_deref(), Some("0A"));
    assert_eq!(byte.sent_byte.as_deref(), Some("3F"));
    let url = &found.lines[1];
    assert_eq!(url.common, "/v3/refund/domestic/refunds/RF1120-0307");
    assert_eq!(url.signed, "⏎");
    assert_eq!(url.sent, "?sub_mchid=1900007736⏎");
    assert!(found.lines.iter().filter(|l| !l.same).count() == 1);
}

/// Every example has the fault it is named after, found by the same judge as any message.
#[test]
fn examples_are_judged_like_any_message() {
    for (name, wanted) in [
        (Name::GoodRequest, Cause::Valid),
        (Name::UrlWithoutQuery, Cause::UrlWithoutQuery),
        (Name::MissingNewline, Cause::MissingFinalNewline),
        (Name::PlatformSerial, Cause::SerialIsPlatforms),
        (Name::ClockOff, Cause::ClockOff),
        (Name::SerialHeader, Cause::SerialHeaderMissing),
        (Name::BodyRewritten, Cause::BodyReserialized),
        (Name::GoodReply, Cause::Valid),
        (Name::WrongKey, Cause::KeyOfAnother),
        (Name::GoodNotice, Cause::Valid),
        (Name::NoticeChanged, Cause::OneByte),
        (Name::Probe, Cause::SignatureProbe),
        (Name::Sealed, Cause::Opened),
        (Name::SealedMixed, Cause::AeadModeMixed),
    ] {
        let example = examples::make(name, now()).unwrap();
        let found = judged(example.mode, &example.text);
        assert_eq!(
            found.cause, wanted,
            "{name:?}: {found:#?}\n{}",
            example.text
        );
    }
}

#[test]
fn notices_and_replies_are_named() {
    let example = examples::make(Name::GoodNotice, now()).unwrap();
    let check = |text: String, wanted: Cause| {
        let found = judged(Mode::Notice, &text);
        assert_eq!(found.cause, wanted, "{found:#?}\n{text}");
    };
    let text = example.text;
    check(text.clone(), Cause::Valid);
    check(text.replace('\n', "\r\n"), Cause::Valid);
    check(format!("{text}\n\n"), Cause::Valid);
    let head = text.split("\n\n").next().unwrap().to_owned();
    let body = text.split_once("\n\n").unwrap().1.to_owned();
    check(
        format!("{head}\n\n{}", body.replace("\":\"", "\": \"")),
        Cause::BodyReserialized,
    );
    check(
        text.replace("Wechatpay-Nonce", "X-Nonce"),
        Cause::HeaderMissing,
    );
    check(
        text.replace("WECHATPAY2-SHA256-RSA2048", "WECHATPAY2-SM2-WITH-SM3"),
        Cause::AlgorithmMismatch,
    );
    let props = examples::props(now()).unwrap();
    let platform = props.platform_certificate.serial_hex();
    check(
        text.replace(&platform, &props.merchant_certificate.serial_hex()),
        Cause::SerialIsMerchants,
    );
    check(
        text.replace(&platform, &"7".repeat(40)),
        Cause::SerialUnknown,
    );
    let refused = judged(Mode::Reply, "HTTP/1.1 404 Not Found\nDate: x\n\n{}");
    assert_eq!(refused.cause, Cause::UnsignedByDesign);
}

/// A key pasted with the message works without any account. Source: spec, known-answer vectors 11.2.
#[test]
fn the_published_notice_verifies_and_opens() {
    const SPKI: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2VCTd91fnUn73Xy9DLvt/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXagHQ4vGeZN0yqm++rDsGK+U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOmDeJf2vg6byms9RUipiq4SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B834uxl1zNLYQCrkdBzb8oUxwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGfy8wus7hwKz6clt3Whmmda7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtkaSef4FdEEgEXJiw0VAJT8wIDAQAB
-----END PUBLIC KEY-----";
    const TEXT: &str = "Wechatpay-Timestamp: 1624523846
Wechatpay-Nonce: EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz
Wechatpay-Serial: D7CE59D1F522D701
Wechatpay-Signature: tJHIiIS9eB2hAYstmAmbbD3ZE5LiIm/Ug5tuL4fC0YOFRWIHV39UFIZXC0e9Wl6lBu6sKvkqDkzpqzBsVHyXFlbYZTOQrVdG4b6LfTnK4mikv9++ixJMd3vTf2yCqvBkh98zs3Ds5zsYQakzbcwhmw4fMJs4nPLws28H0UW9FjDR//rxELLwXvV1VEA1IBLX70xptjL8hrfUjEE8kkry6yNJTHZRU8CAc7qHli2Ng1V1qb9ARbK8A3ThmFmPQvRGrapI/jS2laKKgYUmfdEdkNO6B2Cke5e8VTxY406ArAmQ90GAihDwIcb16TQMnzCMBoutnwZKNiKRACrFmtxw2Q==

{\"id\":\"3119dfba-e649-5eec-ab1e-3412bc4d2e17\",\"create_time\":\"2021-06-24T16:37:26+08:00\",\"resource_type\":\"encrypt-resource\",\"event_type\":\"PAYSCORE.USER_OPEN_SERVICE\",\"summary\":\"签约成功\",\"resource\":{\"original_type\":\"payscore\",\"algorithm\":\"AEAD_AES_256_GCM\",\"ciphertext\":\"YDS3lKPaC4Y52Gf3uhft5qUBlIa8b428AWTtTauHQfQrRw+X1WpiuHIDy0vo1Vd6VEq67aVyqPdDYMkRVSDaZL3iZttevRMOoPKMifozg6XPWjIZumks/GpT48lI4NizyeaqLBokNebthah3o1H76qSlO9NkDjp9bzmKLEYYH9TEklFUpsvPqOTOcgSLgh21YJXYR7dEBXFgRLiNIKRgO5JdXh1hccRUAlyVWxE54PXpnQ==\",\"associated_data\":\"payscore\",\"nonce\":\"Kj7QIyUiYx1q\"}}";
    let mut keys = KeySet {
        api_v3_key: Some(Secret::new("testMchAPIv3Key0".to_owned())),
        ..KeySet::default()
    };
    super::given(&mut keys, Mode::Notice, &Secret::new(SPKI.to_owned()), None);
    let found = inspect(Mode::Notice, TEXT, &keys, now());
    assert_eq!(found.cause, Cause::Valid, "{found:#?}");
    assert!(
        found
            .plaintext
            .unwrap()
            .contains("054aa7d7a2a54ab5898df65bd96f001c")
    );
    let changed = TEXT.replace("USER_OPEN", "USER-OPEN");
    let found = inspect(Mode::Notice, &changed, &keys, now());
    assert_eq!(found.cause, Cause::OneByte);
    assert_eq!(found.difference.unwrap().signed_byte.as_deref(), Some("5F"));
}

/// Sealed resources. Source: spec, known-answer vectors 11.3.
#[test]
fn resources_that_do_not_open_say_why() {
    let sealed = |algorithm: &str, nonce: &str, aad: &str, ciphertext: &str| {
        format!(
            "{{\"resource\":{{\"algorithm\":\"{algorithm}\",\"nonce\":\"{nonce}\",\"associated_data\":\"{aad}\",\"ciphertext\":\"{ciphertext}\"}}}}"
        )
    };
    const KEY: &str = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";
    const AES: &str = "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=";
    const SM4: &str = "+lcLNfkZQQx+iQm20Apa3x9Mb/5L7PgZ7w==";
    const NONCE: &str = "uluk4a9R25RW";
    for (key, text, wanted) in [
        (
            KEY,
            sealed("AEAD_AES_256_GCM", NONCE, "associatedData", AES),
            Cause::Opened,
        ),
        (
            KEY,
            sealed("AEAD_SM4_GCM", NONCE, "associatedData", SM4),
            Cause::Opened,
        ),
        (
            KEY,
            sealed("AEAD_AES_256_GCM", NONCE, "associatedData", SM4),
            Cause::AeadModeMixed,
        ),
        (
            KEY,
            sealed("AEAD_SM4_GCM", NONCE, "associatedData", AES),
            Cause::AeadModeMixed,
        ),
        (
            KEY,
            sealed("AEAD_AES_256_GCM", NONCE, "x", AES),
            Cause::ApiKeyWrong,
        ),
        (
            "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb ",
            sealed("AEAD_AES_256_GCM", NONCE, "associatedData", AES),
            Cause::ApiKeySpaces,
        ),
        (
            "short",
            sealed("AEAD_AES_256_GCM", NONCE, "associatedData", AES),
            Cause::ApiKeyLength,
        ),
        (
            KEY,
            sealed(
                "AEAD_AES_256_GCM",
                "dWx1azRhOVIyNVJX",
                "associatedData",
                AES,
            ),
            Cause::NonceEncoded,
        ),
        (
            KEY,
            sealed("AEAD_AES_256_GCM", NONCE, "associatedData", "??"),
            Cause::CiphertextNotBase64,
        ),
        (KEY, "{\"nothing\":1}".to_owned(), Cause::ResourceUnreadable),
    ] {
        let keys = KeySet {
            api_v3_key: Some(Secret::new(key.to_owned())),
            ..KeySet::default()
        };
        let found = inspect(Mode::Decrypt, &text, &keys, now());
        assert_eq!(found.cause, wanted, "{text}: {found:#?}");
        let shown = serde_json::to_string(&found).unwrap();
        assert!(!shown.contains(key.trim()), "the key in a reply");
    }
}

/// What is decrypted with the account's key hides the payer.
#[test]
fn the_payer_is_hidden() {
    let example = examples::make(Name::Sealed, now()).unwrap();
    let found = judged(example.mode, &example.text);
    let plain = found.plaintext.unwrap();
    assert!(
        plain.contains("oU••••") && !plain.contains("oUpF8uMuAJO"),
        "{plain}"
    );
}

#[test]
fn a_check_that_fails_belongs_to_its_cause() {
    for (name, failing) in [
        (Name::PlatformSerial, "not_mixed_up"),
        (Name::ClockOff, "in_force"),
        (Name::SealedMixed, "resource_opens"),
    ] {
        let example = examples::make(name, now()).unwrap();
        let found = judged(example.mode, &example.text);
        let failed: Vec<String> = found
            .checks
            .iter()
            .filter(|c| c.outcome == XrayOutcome::Failed)
            .map(|c| {
                serde_json::to_value(c.name)
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(failed, [failing], "{name:?}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// Whatever is pasted, there is an answer, and it fits through the door.
    #[test]
    fn any_paste_is_survived(
        head in "(GET|POST|HTTP/1.1 200|curl|) ?[ -~]{0,40}\n([A-Za-z-]{1,20}: ?.{0,60}\n){0,6}",
        body in proptest::prelude::any::<String>(),
        mode in 0_usize..4,
        cut in 0_usize..2_000,
    ) {
        let mode = [Mode::Request, Mode::Reply, Mode::Notice, Mode::Decrypt][mode];
        let example = examples::make(Name::GoodNotice, now()).unwrap().text;
        let cut: String = example.chars().skip(cut % 200).take(cut).collect();
        let long = format!("{head}\n{}", "\u{1}".repeat(2_000));
        for text in [format!("{head}\n{body}"), body.clone(), cut, long] {
            let found = inspect(mode, &text, &examples::keys(now()).unwrap(), now());
            let size = serde_json::to_vec(&found).unwrap().len();
            proptest::prop_assert!(size <= 256 * 1024, "{size}");
        }
    }
}
