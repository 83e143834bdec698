//! Published known answers of the channels and of the standards. All key material here is public
//! test data of the vendors' documentation and SDKs, never of a merchant.
//!
//! Sources: WeChat Pay APIv3 documentation and the tests of wechatpay-go and wechatpay-java;
//! GM/T 0003.5; checked 2026-08.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zf_crypto::rsa::{RsaSigningKey, RsaVerifyingKey};
use zf_crypto::sm2::{Sm2SigningKey, Sm2VerifyingKey};
use zf_crypto::{Error, aead, cert, digest, xray};

const DOCUMENTATION_KEY: &str = include_str!("wechat_documentation_key.pem");
const TIMESTAMP: &str = "1554208460";
const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";

fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap()
}

fn hex<const N: usize>(text: &str) -> [u8; N] {
    digest::hex_bytes(text).unwrap().try_into().unwrap()
}

/// Signs with the documentation key; compares the beginning and the hash of the Base64 text.
fn check_signature(message: &[u8], begins: &str, sha256_of_base64: &str) {
    let key = RsaSigningKey::from_pem(DOCUMENTATION_KEY).unwrap();
    let signature = key.sign_sha256(message).unwrap();
    key.public().verify_sha256(message, &signature).unwrap();
    let text = STANDARD.encode(&signature);
    assert!(text.starts_with(begins), "{text}");
    assert_eq!(
        digest::hex_lower(&digest::sha256(text.as_bytes())),
        sha256_of_base64
    );
}

#[test]
fn wechat_get_request() {
    check_signature(
        &xray::request_message(
            "GET",
            "/v3/refund/domestic/refunds/123123123123",
            TIMESTAMP,
            NONCE,
            b"",
        ),
        "Lc9VXxmeonkd",
        "f2042d618cf18541beefb622e14f99154db2c251660eca64296329fb9c92dcef",
    );
}

#[test]
fn wechat_post_request() {
    let body = r#"{"appid":"wxd678efh567hg6787","mchid":"1900007291","description":"Image形象店-深圳腾大-QQ公仔","out_trade_no":"1217752501201407033233368018","notify_url":"https://www.weixin.qq.com/wxpay/pay.php","amount":{"total":100,"currency":"CNY"},"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}"#;
    let message = xray::request_message(
        "POST",
        "/v3/pay/transactions/jsapi",
        TIMESTAMP,
        NONCE,
        body.as_bytes(),
    );
    let key = RsaSigningKey::from_pem(DOCUMENTATION_KEY).unwrap();
    assert_eq!(
        STANDARD.encode(key.sign_sha256(&message).unwrap()),
        "jnks4dlrPw3ZX+ozVvSK39oa0t7OMBsg83BHAwd8BRdUFiVaQNTLTvci+wURgP1OQBbKYhFGvt7iqYpDSTQkp7Uq1sltaQKyncCyrA1g88m5bsKERQfPyT0ahSwKTYJ1CAn9QiJuSJRq1QsQs07eehbU/k9BCS51jTyc1Jpsi2H77HF9f/BnjXAOP3/sPObg6V5Ee4EzwLox684hhuMuIwHo7D8KFk3LIHOKDcNI4It1aCXydFWNpNK+SG86VUDe5kwoDpw4Ulqfu9z8OFDGbDs9TCxEv8iqQzbpxOlEVoOe2kalSYM5kApQb3nZcxdUtoE0liJGW3RGUNE0t4v01A=="
    );
}

#[test]
fn wechat_invoke_parameters() {
    let invoke =
        |prepay: &str| format!("wx2421b1c4370ec43b\n{TIMESTAMP}\n{NONCE}\n{prepay}\n").into_bytes();
    check_signature(
        &invoke("prepay_id=wx201410272009395522657a690389285100"),
        "mI35pfNEQV67",
        "10e17ee8c19ec30aff5496e0c6a630dba637330f97c34aa0b56f5b2c34ac84db",
    );
    check_signature(
        &invoke("wx201410272009395522657a690389285100"),
        "gXx9KhTP6Ioo",
        "97c3a0a4a02560c8b64e56166ef20fd50456a9f91ec9aaded53ca3ed7b8be9ba",
    );
}

#[test]
fn wechat_notification_verifies_and_opens() {
    let body = include_bytes!("wechat_notification.json");
    assert_eq!(body.len(), 568);
    let spki = base64(
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2VCTd91fnUn73Xy9DLvt/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXagHQ4vGeZN0yqm++rDsGK+U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOmDeJf2vg6byms9RUipiq4SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B834uxl1zNLYQCrkdBzb8oUxwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGfy8wus7hwKz6clt3Whmmda7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtkaSef4FdEEgEXJiw0VAJT8wIDAQAB",
    );
    let signature = base64(
        "tJHIiIS9eB2hAYstmAmbbD3ZE5LiIm/Ug5tuL4fC0YOFRWIHV39UFIZXC0e9Wl6lBu6sKvkqDkzpqzBsVHyXFlbYZTOQrVdG4b6LfTnK4mikv9++ixJMd3vTf2yCqvBkh98zs3Ds5zsYQakzbcwhmw4fMJs4nPLws28H0UW9FjDR//rxELLwXvV1VEA1IBLX70xptjL8hrfUjEE8kkry6yNJTHZRU8CAc7qHli2Ng1V1qb9ARbK8A3ThmFmPQvRGrapI/jS2laKKgYUmfdEdkNO6B2Cke5e8VTxY406ArAmQ90GAihDwIcb16TQMnzCMBoutnwZKNiKRACrFmtxw2Q==",
    );
    let key = RsaVerifyingKey::from_spki_der(&spki).unwrap();
    assert_eq!(key.to_spki_der(), spki);
    let nonce = "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz";
    let message = xray::reply_message("1624523846", nonce, body);
    key.verify_sha256(&message, &signature).unwrap();

    let mut longer = message.clone();
    longer.push(b'\n');
    for wrong in [&message[..message.len() - 1], &longer] {
        assert_eq!(
            key.verify_sha256(wrong, &signature).unwrap_err(),
            Error::BadSignature
        );
    }
    // The probe WeChat Pay sends on purpose must simply fail.
    for probe in [&b""[..], b"WECHATPAY/SIGNTEST/abc", &signature[1..]] {
        assert_eq!(
            key.verify_sha256(&message, probe).unwrap_err(),
            Error::BadSignature
        );
    }

    let notice: serde_json::Value = serde_json::from_slice(body).unwrap();
    let resource = &notice["resource"];
    let text = |field: &str| resource[field].as_str().unwrap();
    let opened = aead::aes_gcm_open(
        b"testMchAPIv3Key0",
        text("nonce").as_bytes(),
        text("associated_data").as_bytes(),
        &base64(text("ciphertext")),
    )
    .unwrap();
    assert_eq!(
        String::from_utf8(opened).unwrap(),
        r#"{"mchid":"1234567890","appid":"054aa7d7a2a54ab5898df65bd96f001c","create_time":"2020-06-30T12:12:00+08:00","out_contract_code":"21640bdbd08e473e828f3206a2741c6e"}"#
    );
}

type Open = fn(&[u8], &[u8], &[u8], &[u8]) -> zf_crypto::Result<Vec<u8>>;

/// Opens, seals again, and makes sure every changed bit is refused.
fn check_aead(
    open: Open,
    seal: Open,
    key: &[u8],
    nonce: &str,
    aad: &str,
    sealed: &str,
    plain: &str,
) {
    let (nonce, aad, sealed) = (nonce.as_bytes(), aad.as_bytes(), base64(sealed));
    assert_eq!(open(key, nonce, aad, &sealed).unwrap(), plain.as_bytes());
    assert_eq!(seal(key, nonce, aad, plain.as_bytes()).unwrap(), sealed);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 0x10;
        assert_eq!(
            open(key, nonce, aad, &changed).unwrap_err(),
            Error::Rejected
        );
        assert_eq!(
            open(key, nonce, aad, &sealed[..at]).unwrap_err(),
            Error::Rejected
        );
    }
    assert_eq!(
        open(key, nonce, b"other", &sealed).unwrap_err(),
        Error::Rejected
    );
}

#[test]
fn aead_known_answers() {
    check_aead(
        aead::aes_gcm_open,
        aead::aes_gcm_seal,
        b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb",
        "uluk4a9R25RW",
        "associatedData",
        "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=",
        "message",
    );
    check_aead(
        aead::aes_gcm_open,
        aead::aes_gcm_seal,
        b"testAPIv3Key0000",
        "wCq51qZv4Yfg",
        "Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8",
        "FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC",
        "Hello World",
    );
    let sm4_key = aead::sm4_key_of_apiv3_key(b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb");
    assert_eq!(
        digest::hex_lower(&sm4_key),
        "fa2028801e86d45f5638cadafb5db2e9"
    );
    check_aead(
        aead::sm4_gcm_open,
        aead::sm4_gcm_seal,
        &sm4_key,
        "uluk4a9R25RW",
        "associatedData",
        "+lcLNfkZQQx+iQm20Apa3x9Mb/5L7PgZ7w==",
        "plaintext",
    );
}

/// Made with Python `cryptography` 48 (OpenSSL), an independent implementation: a 16-byte nonce
/// takes the GHASH path of GCM, and the empty plaintext leaves only a tag.
#[test]
fn aead_with_other_nonce_lengths() {
    let key256: Vec<u8> = (0..32).collect();
    let key128: Vec<u8> = (0..16).collect();
    for (key, nonce, aad, plain, sealed) in SELF_MADE {
        let key = if *key == 32 { &key256 } else { &key128 };
        check_aead(
            aead::aes_gcm_open,
            aead::aes_gcm_seal,
            key,
            nonce,
            aad,
            sealed,
            plain,
        );
    }
    for (key, nonce) in [(15, 12), (24, 12), (32, 11), (32, 0), (16, 13)] {
        assert!(matches!(
            aead::aes_gcm_seal(&vec![0; key], &vec![0; nonce], b"", b"").unwrap_err(),
            Error::Length { .. }
        ));
    }
    assert!(matches!(
        aead::sm4_gcm_open(&[0; 32], &[0; 12], b"", b"").unwrap_err(),
        Error::Length { .. }
    ));
}

const SELF_MADE: &[(usize, &str, &str, &str, &str)] = &[
    (
        32,
        "0123456789abcdef",
        "aad",
        "sixteen byte nonce",
        "Pt8hpahvXL4aS8EX0EfekptFPkzLQVgQ4L7Acgk5QaJjXQ==",
    ),
    (32, "0123456789ab", "", "", "hT/q/HeF/gf/rU0ExDLrxA=="),
    (
        16,
        "0123456789abcdef",
        "",
        "128 and sixteen",
        "GbWNGOR7zrmeKyhjp9BhKjPHTnxuQMsRtTWfHfRypw==",
    ),
    (
        16,
        "0123456789ab",
        "x",
        "账房",
        "UwITUajGbPJQ0mSlV7C0CNbrasjUSw==",
    ),
];

#[test]
fn sm2_known_answer_of_the_standard() {
    let key = Sm2SigningKey::from_scalar(&hex(
        "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8",
    ))
    .unwrap();
    let public = key.public();
    assert_eq!(
        digest::hex_upper(public.identity_hash()),
        "B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3"
    );
    let e = public.message_digest(b"message digest");
    assert_eq!(
        digest::hex_upper(&e),
        "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"
    );
    // The signature with the nonce the standard chose must verify …
    let published = zf_crypto::sm2::encode(
        &hex("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"),
        &hex("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"),
    );
    public.verify(b"message digest", &published).unwrap();
    // … and ours, with the nonce of RFC 6979, is this one.
    let (r, s) = key.sign_digest(&e).unwrap();
    assert!(digest::hex_upper(&r).starts_with("24858EE7"));
    assert!(digest::hex_upper(&s).starts_with("3D15550D"));
    public
        .verify(b"message digest", &zf_crypto::sm2::encode(&r, &s))
        .unwrap();
    assert_eq!(
        public.verify(b"message digesT", &published).unwrap_err(),
        Error::BadSignature
    );
}

#[test]
fn sm2_of_wechat() {
    let key = Sm2SigningKey::from_scalar(&hex(
        "fd4f526b3e5c78319084504c7ff707221dbeab92f3be1adbf0bd92238b0f511f",
    ))
    .unwrap();
    let point = "047bcd47f75ea19d04c0a72b4da70f57dd1b3f9337cc5dd1241881b913431939bf69a55ef6b46710c7e1724523d0f646dd694d2483976f6e850d466378fa8b2f7e";
    assert_eq!(digest::hex_lower(&key.public().to_sec1()), point);
    let public = Sm2VerifyingKey::from_sec1(&digest::hex_bytes(point).unwrap()).unwrap();
    let signature = base64(
        "MEYCIQD35Rp3CKt7pLme/a0GaCVmwSeOl7X/12+ppRivcJuf6QIhAO5Vpy4tSk9SJUrgH5I5Qy0aYhFG9lN0aof1f5wJOI05",
    );
    public.verify(b"message", &signature).unwrap();
    for wrong in [&signature[1..], &signature[..70], b"", &[0x30, 0]] {
        assert_eq!(
            public.verify(b"message", wrong).unwrap_err(),
            Error::BadSignature
        );
    }
    public
        .verify(b"message", &key.sign(b"message").unwrap())
        .unwrap();
    let sealed = base64(
        "MHECIAGn23Ew8nF0zRfu3qgdD6VATSmGM5wrVFvNqg1ToXneAiBgfOJLVi1NtpRVH2qanzooL4gOrDKKOloD7gS17g+iCQQgcTtJpGhytHZeV/HeTqYkg3YqOY+Vybx+OQx217Ktn0QECdMjiI7lpId5dg==",
    );
    assert_eq!(key.decrypt(&sealed).unwrap(), b"plaintext");
    assert!(key.decrypt(&sealed[..60]).is_err());
}

#[test]
fn keys_survive_their_text_form() {
    let rsa = RsaSigningKey::generate(2048).unwrap();
    let again = RsaSigningKey::from_pem(rsa.to_pem().unwrap().expose()).unwrap();
    assert_eq!(rsa.public().to_spki_der(), again.public().to_spki_der());
    let sealed = rsa.public().encrypt_oaep_sha1("张三".as_bytes()).unwrap();
    assert_eq!(again.decrypt_oaep_sha1(&sealed).unwrap(), "张三".as_bytes());
    assert_eq!(again.decrypt_oaep_sha1(&sealed[1..]), Err(Error::Rejected));
    rsa.public().encrypt_oaep_sha1(&[7; 214]).unwrap();
    assert!(matches!(
        rsa.public().encrypt_oaep_sha1(&[7; 215]),
        Err(Error::Length { found: 215, .. })
    ));
    let spki = RsaVerifyingKey::from_spki_pem(&rsa.public().to_spki_pem()).unwrap();
    assert_eq!(spki.to_spki_der(), rsa.public().to_spki_der());

    let sm2 = Sm2SigningKey::generate();
    let again = Sm2SigningKey::from_pem(sm2.to_pem().unwrap().expose()).unwrap();
    assert_eq!(sm2.public().to_sec1(), again.public().to_sec1());
    let spki = Sm2VerifyingKey::from_spki_pem(&sm2.public().to_spki_pem()).unwrap();
    assert_eq!(spki.to_sec1(), sm2.public().to_sec1());

    assert_eq!(
        format!("{rsa:?} {sm2:?}"),
        "RsaSigningKey(***) Sm2SigningKey(***)"
    );
}

/// Keys as the vendors' tools really write them.
#[test]
fn key_files_as_people_have_them() {
    let crlf = DOCUMENTATION_KEY.replace('\n', "\r\n");
    let noisy = format!("\u{feff}Bag Attributes\n  x: y\n{DOCUMENTATION_KEY}\ntrailing");
    let bare: String = DOCUMENTATION_KEY
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let wanted = RsaSigningKey::from_pem(DOCUMENTATION_KEY)
        .unwrap()
        .public()
        .to_spki_der();
    for text in [crlf, noisy, bare] {
        let key = RsaSigningKey::from_pem(&text).unwrap();
        assert_eq!(key.public().to_spki_der(), wanted);
    }
}

#[test]
fn a_wrong_file_is_named() {
    let spec = |usage| cert::CertificateSpec {
        subject: cert::Name {
            country: "CN".into(),
            organization: "示例".into(),
            common_name: "示例根".into(),
        },
        serial: vec![0x11; 8],
        not_before: 1_760_000_000,
        not_after: 1_860_000_000,
        usage,
    };
    let sm2 = Sm2SigningKey::generate();
    let sm2_pem = sm2.to_pem().unwrap();
    let certificate = cert::self_signed(
        &cert::SigningKey::Sm2(sm2.clone()),
        &spec(cert::Usage::Root),
    )
    .unwrap()
    .to_pem();
    let public = sm2.public().to_spki_pem();
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
    let old_encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----";
    let check = |error: Error, found: &str| {
        let text = error.to_string();
        assert!(text.contains(found), "“{text}” should name “{found}”");
        assert!(text.contains("wanted"), "{text}");
    };
    for (text, found) in [
        (certificate.as_str(), "a certificate"),
        (&public, "a public key"),
        (encrypted, "encrypted private key"),
        (old_encrypted, "encrypted private key"),
        (sm2_pem.expose(), "SM2"),
        ("", "an empty text"),
        ("hello", "not PEM"),
    ] {
        check(RsaSigningKey::from_pem(text).unwrap_err(), found);
    }
    check(
        Sm2SigningKey::from_pem(DOCUMENTATION_KEY).unwrap_err(),
        "RSA",
    );
    check(
        RsaVerifyingKey::from_spki_pem(DOCUMENTATION_KEY).unwrap_err(),
        "a private key",
    );
    check(
        cert::Certificate::from_pem(DOCUMENTATION_KEY).unwrap_err(),
        "a private key",
    );
    let cut = &DOCUMENTATION_KEY[..400];
    let text = RsaSigningKey::from_pem(cut).unwrap_err().to_string();
    assert!(text.contains("cut off"), "{text}");
}

fn chain_of(key: impl Fn() -> cert::SigningKey) {
    use cert::{CertificateSpec, Name, Usage, issue, self_signed};
    let spec = |name: &str, serial: u8, usage| CertificateSpec {
        subject: Name {
            country: "CN".into(),
            organization: "示例商贸".into(),
            common_name: name.into(),
        },
        serial: vec![serial; 16],
        not_before: 1_760_000_000,
        not_after: 1_860_000_000,
        usage,
    };
    let (root_key, middle_key, leaf_key) = (key(), key(), key());
    let root = self_signed(&root_key, &spec("根", 0x11, Usage::Root)).unwrap();
    let middle = issue(
        &root,
        &root_key,
        &middle_key.spki_der(),
        &spec("签发", 0x22, Usage::Issuing),
    )
    .unwrap();
    let leaf = issue(
        &middle,
        &middle_key,
        &leaf_key.spki_der(),
        &spec("签章", 0x33, Usage::Signer),
    )
    .unwrap();
    root.verify_signed_by(&root).unwrap();
    middle.verify_signed_by(&root).unwrap();
    leaf.verify_signed_by(&middle).unwrap();
    assert!(leaf.verify_signed_by(&root).is_err());
    assert!(leaf.verify_signed_by(&leaf).is_err());
    assert!(root.is_ca() && middle.is_ca() && !leaf.is_ca());
    assert_eq!((root.path_length(), middle.path_length()), (None, Some(0)));
    assert!(leaf.may_sign_content() && !middle.may_sign_content());
    assert!(leaf.unknown_critical_extensions().is_empty());
    assert_eq!(leaf.serial_hex(), "33".repeat(16));
    assert_eq!(leaf.subject(), "CN=签章,O=示例商贸,C=CN");
    assert_eq!(leaf.common_name(), "签章");
    assert_eq!(leaf.issuer(), middle.subject());
    assert_eq!(leaf.not_before(), 1_760_000_000);
    assert_eq!(leaf.not_after(), 1_860_000_000);
    assert_eq!(leaf.spki_der(), leaf_key.spki_der());

    let text = format!("{}{}", leaf.to_pem(), middle.to_pem());
    let read = cert::Certificate::chain_from_pem(&text).unwrap();
    assert_eq!(read, [leaf.clone(), middle.clone()]);

    let refused = issue(
        &leaf,
        &leaf_key,
        &leaf_key.spki_der(),
        &spec("x", 0x44, Usage::Signer),
    );
    assert!(matches!(refused, Err(Error::Certificate { .. })));
    let refused = issue(
        &middle,
        &root_key,
        &leaf_key.spki_der(),
        &spec("x", 0x44, Usage::Signer),
    );
    assert!(matches!(refused, Err(Error::Certificate { .. })));

    // Any changed byte: unreadable, or no longer signed by its issuer.
    for at in 0..leaf.der().len() {
        let mut changed = leaf.der().to_vec();
        changed[at] ^= 1;
        if let Ok(read) = cert::Certificate::from_der(&changed) {
            assert!(read.verify_signed_by(&middle).is_err(), "byte {at}");
        }
    }

    let server = issue(
        &middle,
        &middle_key,
        &leaf_key.spki_der(),
        &spec(
            "api.mch.weixin.qq.com",
            0x55,
            Usage::TlsServer {
                dns: vec!["api.mch.weixin.qq.com".into(), "127.0.0.1".into()],
            },
        ),
    )
    .unwrap();
    server.verify_signed_by(&middle).unwrap();
    assert!(server.unknown_critical_extensions().is_empty());
}

#[test]
fn certificates_with_sm2() {
    chain_of(|| cert::SigningKey::Sm2(Sm2SigningKey::generate()));
}

#[test]
fn certificates_with_rsa() {
    // One key throughout: making three takes longer than the test is worth.
    let key = RsaSigningKey::from_pem(DOCUMENTATION_KEY).unwrap();
    let other = RsaSigningKey::generate(2048).unwrap();
    let count = std::cell::Cell::new(0);
    chain_of(|| {
        count.set(count.get() + 1);
        cert::SigningKey::Rsa(if count.get() == 1 {
            other.clone()
        } else {
            key.clone()
        })
    });
}

#[test]
fn serial_numbers_in_decimal() {
    let key = cert::SigningKey::Sm2(Sm2SigningKey::generate());
    for (serial, decimal) in [
        ("0000000000000001", "1"),
        ("00000000000000000100", "256"),
        ("ffffffffffffffffff", "4722366482869645213695"),
        (
            "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB",
            "368475901513257255001947488155316308835194601691",
        ),
    ] {
        let certificate = cert::self_signed(
            &key,
            &cert::CertificateSpec {
                subject: cert::Name::default(),
                serial: digest::hex_bytes(serial).unwrap(),
                not_before: 0,
                not_after: 4_000_000_000,
                usage: cert::Usage::Root,
            },
        )
        .unwrap();
        assert_eq!(certificate.serial_decimal(), decimal);
        assert_eq!(certificate.not_after(), 4_000_000_000);
        assert_eq!(
            certificate.serial_hex(),
            serial.to_uppercase().trim_start_matches("00")
        );
    }
}
