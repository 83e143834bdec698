//! Published vectors of the vendor's page through this crate's own signing and verifying.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper that panics fails its test"
)]

use std::path::PathBuf;

use zf_channels::exchange::{Headers, Method};
use zf_channels::wechatpay::{KeyRing, sign};
use zf_channels::{ChannelError, Misuse, PeerFault};
use zf_crypto::digest::{hex_lower, sha256};
use zf_crypto::rsa::{RsaSigningKey, RsaVerifyingKey};
use zf_domain::Timestamp;

fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures/wechatpay")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn requests_and_invocations_sign_as_published() {
    let key = RsaSigningKey::from_pem(&fixture("doc_private_key.pem")).unwrap();
    let (timestamp, nonce) = (1_554_208_460, "593BEC0C930BF1AFEB40B4A08C8FB242");
    let prepay = fixture("prepay_body.json");
    let (appid, prepay_id) = ("wx2421b1c4370ec43b", "wx201410272009395522657a690389285100");
    let cases = [
        (
            sign::request_message(
                Method::Get,
                "/v3/refund/domestic/refunds/123123123123",
                timestamp,
                nonce,
                b"",
            ),
            "Lc9VXxmeonkd",
            "f2042d618cf18541beefb622e14f99154db2c251660eca64296329fb9c92dcef",
        ),
        (
            sign::request_message(
                Method::Post,
                "/v3/pay/transactions/jsapi",
                timestamp,
                nonce,
                prepay.as_bytes(),
            ),
            "jnks4dlrPw3ZX+ozVvSK39oa0t7OMBsg83BHAwd8BRdUFiVaQNTLTvci",
            "",
        ),
        (
            sign::invoke_message(appid, timestamp, nonce, &format!("prepay_id={prepay_id}")),
            "mI35pfNEQV67",
            "10e17ee8c19ec30aff5496e0c6a630dba637330f97c34aa0b56f5b2c34ac84db",
        ),
        (
            sign::invoke_message(appid, timestamp, nonce, prepay_id),
            "gXx9KhTP6Ioo",
            "97c3a0a4a02560c8b64e56166ef20fd50456a9f91ec9aaded53ca3ed7b8be9ba",
        ),
    ];
    for (message, begins, digest) in cases {
        let signature = sign::sign(&key, &message).unwrap();
        assert!(signature.starts_with(begins), "{signature}");
        if !digest.is_empty() {
            assert_eq!(hex_lower(&sha256(signature.as_bytes())), digest);
        }
    }
}

#[test]
fn the_authorization_header_has_the_vendors_grammar() {
    assert_eq!(
        sign::authorization("1900000109", "3A7C", 1_773_450_753, "q7Rk", "c2ln"),
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000109\",nonce_str=\"q7Rk\",\
         timestamp=\"1773450753\",serial_no=\"3A7C\",signature=\"c2ln\""
    );
}

#[test]
fn the_published_notice_verifies_and_every_change_is_seen() {
    let serial = "D7CE59D1F522D701";
    let key = RsaVerifyingKey::from_spki_pem(&fixture("notice_public_key.pem")).unwrap();
    let ring = KeyRing::with_public_key(serial.to_owned(), key);
    let body = fixture("notice_body.json");
    let signature = fixture("notice_signature.txt");
    let signed_at = 1_624_523_846;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let genuine = vec![
        header("wechatpay-timestamp", "1624523846"),
        header("WECHATPAY-NONCE", "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz"),
        header("Wechatpay-Serial", serial),
        header("Wechatpay-Signature", &signature),
    ];
    let check = |headers: &[(String, String)], body: &str, now: i64| {
        sign::verify(
            &Headers(headers.to_vec()),
            body.as_bytes(),
            Timestamp::from_seconds(now),
            &ring,
        )
    };
    let with = |name: &str, value: Option<&str>| {
        let mut headers: Vec<_> = genuine
            .iter()
            .filter(|(n, _)| !n.eq_ignore_ascii_case(name))
            .cloned()
            .collect();
        if let Some(value) = value {
            headers.push(header(name, value));
        }
        headers
    };
    for at in [signed_at, signed_at + 299, signed_at - 299] {
        assert_eq!(check(&genuine, &body, at), Ok(()));
    }
    type Case = (Vec<(String, String)>, String, i64, PeerFault);
    let faults: Vec<Case> = vec![
        (
            genuine.clone(),
            body.clone(),
            signed_at + 300,
            PeerFault::StaleReply { seconds: -300 },
        ),
        (
            genuine.clone(),
            body.replace("签约", "解约"),
            signed_at,
            PeerFault::BadSignature {
                serial: serial.to_owned(),
            },
        ),
        (
            with("Wechatpay-Nonce", Some("EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBy")),
            body.clone(),
            signed_at,
            PeerFault::BadSignature {
                serial: serial.to_owned(),
            },
        ),
        (
            with("Wechatpay-Signature", Some("WECHATPAY/SIGNTEST/abcd")),
            body.clone(),
            signed_at,
            PeerFault::BadSignature {
                serial: serial.to_owned(),
            },
        ),
        (
            with("Wechatpay-Serial", Some("D7CE59D1F522D702")),
            body.clone(),
            signed_at,
            PeerFault::UnknownSerial {
                serial: "D7CE59D1F522D702".to_owned(),
            },
        ),
        (
            with("Wechatpay-Signature", None),
            body.clone(),
            signed_at,
            PeerFault::MissingHeader("Wechatpay-Signature"),
        ),
        (
            with("Wechatpay-Signature-Type", Some("WECHATPAY2-SM2-WITH-SM3")),
            body.clone(),
            signed_at,
            PeerFault::SignatureType("WECHATPAY2-SM2-WITH-SM3".to_owned()),
        ),
    ];
    for (headers, body, now, fault) in faults {
        assert_eq!(
            check(&headers, &body, now),
            Err(ChannelError::PeerMisbehaved(fault))
        );
    }
    // Our clock is the one that is off when the answer's own Date agrees with its signature.
    let mut dated = genuine.clone();
    dated.push(header("Date", "Thu, 24 Jun 2021 08:37:26 GMT"));
    assert_eq!(
        check(&dated, &body, signed_at + 600),
        Err(ChannelError::Misuse(Misuse::ClockSkew {
            seconds: Some(600)
        }))
    );
}
