//! A fixed chain, a fixed sample and one shared template: the same bytes on every run. Keys, people
//! and companies are invented.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "each test file uses a part; tests read the font"
)]

use std::sync::OnceLock;

use zf_crypto::cert::{Certificate, CertificateSpec, Name, SigningKey, Usage, issue, self_signed};
use zf_crypto::digest::sm3;
use zf_crypto::sm2::Sm2SigningKey;
use zf_domain::{ChannelPaymentId, MerchantOrderNo, MerchantRefundNo, Money, Timestamp};
use zf_receipts::{Profile, ReceiptData, RefundLine, Signer, Template, Title};

pub(crate) const FONT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../assets/fonts/NotoSansSC-BMP-ExtB.otf"
);

pub(crate) fn font() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| std::fs::read(FONT).unwrap())
}

/// A key for tests only, made from a word.
pub(crate) fn key(word: &str) -> Sm2SigningKey {
    Sm2SigningKey::from_scalar(&sm3(word.as_bytes())).unwrap()
}

pub(crate) struct Pki {
    pub(crate) root: Certificate,
    pub(crate) issuing: Certificate,
    pub(crate) issuing_key: SigningKey,
    pub(crate) signer_key: Sm2SigningKey,
    pub(crate) certificate: Certificate,
}

pub(crate) fn spec(organization: &str, name: &str, serial: u8, usage: Usage) -> CertificateSpec {
    CertificateSpec {
        subject: Name {
            country: "CN".into(),
            organization: organization.into(),
            common_name: name.into(),
        },
        serial: vec![serial, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99],
        not_before: 1_767_196_800,
        not_after: 1_767_196_800 + 3_650 * 86_400,
        usage,
    }
}

pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let root_key = SigningKey::Sm2(key("root"));
        let issuing_key = SigningKey::Sm2(key("issuing"));
        let signer_key = key("signer");
        let root = self_signed(&root_key, &spec("测试", "测试根证书", 0x11, Usage::Root)).unwrap();
        let issuing = issue(
            &root,
            &root_key,
            &issuing_key.spki_der(),
            &spec("测试", "测试签发证书", 0x22, Usage::Issuing),
        )
        .unwrap();
        let certificate = issue(
            &issuing,
            &issuing_key,
            &signer_key.public().to_spki_der(),
            &signer_spec("青屿生活示例商贸有限公司"),
        )
        .unwrap();
        Pki {
            root,
            issuing,
            issuing_key,
            signer_key,
            certificate,
        }
    })
}

pub(crate) fn signer_spec(organization: &str) -> CertificateSpec {
    spec(
        organization,
        "青屿生活示例商贸有限公司电子凭证章",
        0x5a,
        Usage::Signer,
    )
}

pub(crate) fn signer() -> Signer {
    let pki = pki();
    Signer::new(
        pki.signer_key.clone(),
        vec![
            pki.certificate.clone(),
            pki.issuing.clone(),
            pki.root.clone(),
        ],
    )
    .unwrap()
}

pub(crate) fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| Template::new(font(), signer(), Profile::Pkcs7).unwrap())
}

pub(crate) fn at(beijing: &str) -> Timestamp {
    Timestamp::parse_beijing(beijing).unwrap()
}

pub(crate) const SIGNED_AT: &str = "2026-11-20 09:20:41";

pub(crate) fn sample() -> ReceiptData {
    ReceiptData {
        serial_no: "SK20261119-0004127".into(),
        title: Title::Receipt,
        merchant_name: "青屿生活示例商贸有限公司".into(),
        merchant_account: "微信商户号 1900••2481".replace('•', "*"),
        payer: "李**（尾号 7731）".into(),
        channel: "微信支付 · 零钱".into(),
        merchant_order_no: MerchantOrderNo::parse("QY202611190004127").unwrap(),
        channel_payment_id: ChannelPaymentId::parse("4200002481202611196730185524").unwrap(),
        description: "露营灯 2 件 等 3 项".into(),
        paid_at: at("2026-11-19 20:58:31"),
        amount: Money::cny(168_000),
        refunds: vec![RefundLine {
            refund_no: MerchantRefundNo::parse("RF1119-0277").unwrap(),
            amount: Money::cny(40_000),
            at: at("2026-11-19 22:10:05"),
        }],
        maker: "许知夏".into(),
        checker: "周砚".into(),
        issued_at: at(SIGNED_AT),
        verification:
            "扫码或打开 verify.example 输入凭证编号与校验码 7K3M-Q9XD 可查真伪与最新退款。".into(),
        qr_payload: "https://verify.example/r?n=SK20261119-0004127&c=7K3M-Q9XD&a=168000".into(),
        demo: false,
    }
}

pub(crate) fn good() -> &'static [u8] {
    static GOOD: OnceLock<Vec<u8>> = OnceLock::new();
    GOOD.get_or_init(|| template().issue(&sample(), at(SIGNED_AT)).unwrap())
}

pub(crate) fn roots() -> Vec<Certificate> {
    vec![pki().root.clone()]
}
