//! Messages with one real fault each. They are built and signed on the spot, with keys made for this
//! run of the program, and judged like any other message.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zf_channels::wechatpay::sign;
use zf_crypto::cert::Certificate;
use zf_crypto::rsa::{RsaSigningKey, RsaVerifyingKey};
use zf_crypto::secret::Secret;
use zf_crypto::xray::{self, PublicKey};
use zf_crypto::{aead, random};
use zf_domain::Timestamp;

use super::judge::{KeySet, KnownKey};
use crate::error::AppError;
use crate::keys;
use crate::wire::{XrayExample, XrayExampleName as Name, XrayKeyRole as Role, XrayMode as Mode};

const MCHID: &str = "1900000109";
const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001092026112000000001";
const HOST: &str = "api.mch.weixin.qq.com";

/// The keys the examples are made with.
pub(crate) struct Props {
    pub(crate) merchant: &'static RsaSigningKey,
    pub(crate) platform: &'static RsaSigningKey,
    pub(crate) merchant_certificate: Certificate,
    pub(crate) platform_certificate: Certificate,
    pub(crate) api_v3_key: Secret<String>,
}

pub(crate) fn props(now: Timestamp) -> Result<&'static Props, AppError> {
    static MADE: OnceLock<Result<Props, AppError>> = OnceLock::new();
    MADE.get_or_init(|| {
        const DAY: i64 = 86_400;
        let (merchant, platform) = keys::throwaway()?;
        let at = now.seconds();
        let (from, to) = (at - 400 * DAY, at + 1_400 * DAY);
        Ok(Props {
            merchant,
            platform,
            merchant_certificate: keys::throwaway_certificate(
                merchant, "merchant", 0x3c, from, to,
            )?,
            platform_certificate: keys::throwaway_certificate(
                platform, "platform", 0x5f, from, to,
            )?,
            api_v3_key: Secret::new(random::alphanumeric(32)),
        })
    })
    .as_ref()
    .map_err(Clone::clone)
}

/// The keys an example is judged with.
pub(crate) fn keys(now: Timestamp) -> Result<KeySet, AppError> {
    let props = props(now)?;
    let public = |key: &RsaVerifyingKey| PublicKey::Rsa(key.clone());
    let known = |role: Role, certificate: &Certificate, key: &RsaSigningKey| KnownKey {
        role,
        serial: Some(certificate.serial_hex()),
        key: public(&key.public()),
        not_before: Some(Timestamp::from_seconds(certificate.not_before())),
        not_after: Some(Timestamp::from_seconds(certificate.not_after())),
        // Self-signed, as an example is; that is not what it shows.
        certificate: None,
    };
    Ok(KeySet {
        keys: vec![
            known(Role::Merchant, &props.merchant_certificate, props.merchant),
            known(Role::Platform, &props.platform_certificate, props.platform),
            KnownKey {
                role: Role::Platform,
                serial: Some(PUBLIC_KEY_ID.to_owned()),
                key: public(&props.platform.public()),
                not_before: None,
                not_after: None,
                certificate: None,
            },
        ],
        merchant_no: Some(MCHID.to_owned()),
        paired: Some(true),
        public_key_id: Some(PUBLIC_KEY_ID.to_owned()),
        api_v3_key: Some(props.api_v3_key.clone()),
        mask: true,
        ..KeySet::default()
    })
}

/// A request before it is signed.
struct Draft {
    method: &'static str,
    url: String,
    body: String,
    timestamp: i64,
    nonce: String,
}

impl Draft {
    fn message(&self) -> Vec<u8> {
        xray::request_message(
            self.method,
            &self.url,
            &self.timestamp.to_string(),
            &self.nonce,
            self.body.as_bytes(),
        )
    }

    /// The request as it goes out, with a signature over `signed`.
    fn sent(
        &self,
        props: &Props,
        signed: &[u8],
        serial: &str,
        with_serial: bool,
    ) -> Result<String, AppError> {
        let signature = sign::sign(props.merchant, signed).map_err(AppError::internal)?;
        let authorization =
            sign::authorization(MCHID, serial, self.timestamp, &self.nonce, &signature)
                .replace("\",", "\",\n  ")
                .replacen(' ', "\n  ", 1);
        let Self {
            method, url, body, ..
        } = self;
        let mut text = format!("{method} {url} HTTP/1.1\nHost: {HOST}\nAccept: application/json\n");
        if with_serial {
            text.push_str(&format!("Wechatpay-Serial: {PUBLIC_KEY_ID}\n"));
        }
        text.push_str(&format!("Authorization: {authorization}\n"));
        if !body.is_empty() {
            text.push_str("Content-Type: application/json\n");
        }
        text.push_str(&format!("\n{body}"));
        Ok(text)
    }
}

fn http_date(at: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    // "2026-11-20T01:42:04.000Z"
    let text = Timestamp::from_seconds(at).to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    let month: usize = part(5, 7).parse().unwrap_or(1);
    let weekday = usize::try_from(at.div_euclid(86_400).rem_euclid(7)).unwrap_or(0);
    format!(
        "{}, {} {} {} {} GMT",
        DAYS[weekday],
        part(8, 10),
        MONTHS[(month - 1).min(11)],
        part(0, 4),
        part(11, 19)
    )
}

fn refusal(at: i64, message: &str) -> String {
    format!(
        "\n\nHTTP/1.1 401 Unauthorized\nDate: {}\nContent-Type: application/json\n\n{{\"code\":\"SIGN_ERROR\",\"message\":\"{message}\"}}",
        http_date(at)
    )
}

/// A reply or notice with its signature.
fn answered(
    head: &str,
    props: &Props,
    key: &RsaSigningKey,
    serial: &str,
    at: i64,
    body: &str,
    shown_body: &str,
) -> Result<String, AppError> {
    let _ = props;
    let nonce = random::alphanumeric(32);
    let message = sign::reply_message(&at.to_string(), &nonce, body.as_bytes());
    let signature = sign::sign(key, &message).map_err(AppError::internal)?;
    Ok(format!(
        "{head}\nContent-Type: application/json; charset=utf-8\nWechatpay-Timestamp: {at}\nWechatpay-Nonce: {nonce}\nWechatpay-Serial: {serial}\nWechatpay-Signature-Type: {}\nWechatpay-Signature: {signature}\n\n{shown_body}",
        sign::SCHEME
    ))
}

/// A notice's body with its resource sealed.
fn notice(props: &Props, sm4: bool) -> Result<String, AppError> {
    let plain = r#"{"mchid":"1900000109","out_trade_no":"QY202611200004127","transaction_id":"4200002481202611206730185524","trade_state":"SUCCESS","payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},"amount":{"total":12800,"payer_total":12800,"currency":"CNY"}}"#;
    let nonce = random::alphanumeric(12);
    let key = props.api_v3_key.expose().as_bytes();
    let sealed = if sm4 {
        aead::sm4_gcm_seal(
            &aead::sm4_key_of_apiv3_key(key),
            nonce.as_bytes(),
            b"transaction",
            plain.as_bytes(),
        )
    } else {
        aead::aes_gcm_seal(key, nonce.as_bytes(), b"transaction", plain.as_bytes())
    }
    .map_err(AppError::internal)?;
    Ok(format!(
        r#"{{"id":"{}","create_time":"2026-11-20T09:42:04+08:00","resource_type":"encrypt-resource","event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{{"original_type":"transaction","algorithm":"AEAD_AES_256_GCM","ciphertext":"{}","associated_data":"transaction","nonce":"{nonce}"}}}}"#,
        random::alphanumeric(32).to_lowercase(),
        BASE64.encode(sealed)
    ))
}

/// Makes an example, by the desk's clock.
pub(crate) fn make(name: Name, now: Timestamp) -> Result<XrayExample, AppError> {
    let props = props(now)?;
    let at = now.seconds() - 4;
    let merchant_serial = props.merchant_certificate.serial_hex();
    let query = Draft {
        method: "GET",
        url: "/v3/refund/domestic/refunds/RF1120-0307?sub_mchid=1900007736".to_owned(),
        body: String::new(),
        timestamp: at,
        nonce: random::alphanumeric(32),
    };
    let refund = Draft {
        method: "POST",
        url: "/v3/refund/domestic/refunds".to_owned(),
        body: r#"{"out_trade_no":"QY202611190004127","out_refund_no":"RF1120-0318","reason":"重复付款","amount":{"refund":12800,"total":12800,"currency":"CNY"}}"#.to_owned(),
        timestamp: at,
        nonce: random::alphanumeric(32),
    };
    let wrong = "签名错误";
    let reply_body = r#"{"refund_id":"50300002482026112012345678901","out_refund_no":"RF1120-0318","status":"PROCESSING","amount":{"total":12800,"refund":12800,"currency":"CNY"}}"#;
    let ok = format!("HTTP/1.1 200 OK\nDate: {}", http_date(at));
    let called = "POST /wechat/notify HTTP/1.1\nHost: shop.example";
    let (mode, text) = match name {
        Name::GoodRequest => (
            Mode::Request,
            refund.sent(props, &refund.message(), &merchant_serial, true)?,
        ),
        Name::UrlWithoutQuery => {
            let path = query.url.split('?').next().unwrap_or_default();
            let signed = xray::request_message("GET", path, &at.to_string(), &query.nonce, b"");
            let text = query.sent(props, &signed, &merchant_serial, true)?;
            (Mode::Request, text + &refusal(at, wrong))
        }
        Name::MissingNewline => {
            let message = refund.message();
            let text = refund.sent(props, &message[..message.len() - 1], &merchant_serial, true)?;
            (Mode::Request, text + &refusal(at, wrong))
        }
        Name::PlatformSerial => {
            let serial = props.platform_certificate.serial_hex();
            let text = refund.sent(props, &refund.message(), &serial, true)?;
            let said = "商户证书序列号有误。请使用签名私钥匹配的证书序列号";
            (Mode::Request, text + &refusal(at, said))
        }
        Name::ClockOff => {
            let late = Draft {
                timestamp: at - 360,
                ..refund
            };
            let text = late.sent(props, &late.message(), &merchant_serial, true)?;
            let said = "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟";
            (Mode::Request, text + &refusal(at, said))
        }
        Name::SerialHeader => (
            Mode::Request,
            refund.sent(props, &refund.message(), &merchant_serial, false)?,
        ),
        Name::BodyRewritten => {
            let spaced = refund.body.replace("\":", "\": ").replace(",\"", ", \"");
            let signed = xray::request_message(
                "POST",
                &refund.url,
                &at.to_string(),
                &refund.nonce,
                spaced.as_bytes(),
            );
            let text = refund.sent(props, &signed, &merchant_serial, true)?;
            (Mode::Request, text + &refusal(at, wrong))
        }
        Name::GoodReply => (
            Mode::Reply,
            answered(
                &ok,
                props,
                props.platform,
                PUBLIC_KEY_ID,
                at,
                reply_body,
                reply_body,
            )?,
        ),
        // Signed with the merchant's own key: what a test double does that took the wrong certificate.
        Name::WrongKey => (
            Mode::Reply,
            answered(
                &ok,
                props,
                props.merchant,
                PUBLIC_KEY_ID,
                at,
                reply_body,
                reply_body,
            )?,
        ),
        Name::GoodNotice => {
            let body = notice(props, false)?;
            let serial = props.platform_certificate.serial_hex();
            (
                Mode::Notice,
                answered(called, props, props.platform, &serial, at, &body, &body)?,
            )
        }
        Name::NoticeChanged => {
            let body = notice(props, false)?;
            let changed = body.replacen("TRANSACTION.SUCCESS", "TRANSACTION.SUCCES5", 1);
            let serial = props.platform_certificate.serial_hex();
            (
                Mode::Notice,
                answered(called, props, props.platform, &serial, at, &body, &changed)?,
            )
        }
        Name::Probe => {
            let body = notice(props, false)?;
            let serial = props.platform_certificate.serial_hex();
            let text = answered(called, props, props.platform, &serial, at, &body, &body)?;
            let mark = "Wechatpay-Signature: ";
            (
                Mode::Notice,
                text.replacen(mark, &format!("{mark}{}", xray::PROBE), 1),
            )
        }
        Name::Sealed => (Mode::Decrypt, notice(props, false)?),
        Name::SealedMixed => (Mode::Decrypt, notice(props, true)?),
    };
    Ok(XrayExample { name, mode, text })
}
