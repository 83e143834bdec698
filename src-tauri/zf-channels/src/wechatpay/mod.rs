//! WeChat Pay API v3 for a direct merchant: RSA signatures, public-key or certificate mode.
//!
//! Facts and their sources: `quirks.md` beside this file.

pub mod bill;
mod call;
mod keys;
pub mod map;
mod operations;
pub mod sign;
mod wire;

use std::sync::{Arc, RwLock};

use zf_crypto::digest::{hex_lower, sha256};
use zf_crypto::rsa::{RsaSigningKey, RsaVerifyingKey};
use zf_crypto::secret::Secret;
use zf_domain::{BusinessDate, Clock, MerchantOrderNo, MerchantRefundNo, Timestamp};

pub use keys::KeyRing;

use crate::channel::{
    AbnormalRefund, Balance, BillExchange, BillKind, Capability, Channel, ChannelKey, ChannelKind,
    Endpoint, FundAccount, Notice, NoticeEvent, Operation, PaymentAnswer, PaymentKey, Prepaid,
    PrepayOrder, RefundLimits, RefundOrder, RefundSnapshot,
};
use crate::error::{Misuse, PeerFault, Result};
use crate::exchange::{BoxExchange, Headers};
use call::{Call, Shop};

/// How answers are verified.
pub enum VerifyMode {
    /// With the WeChat Pay public key: every merchant since late 2024.
    PublicKey {
        /// `PUB_KEY_ID_…`
        id: String,
        /// SPKI PEM (`BEGIN PUBLIC KEY`).
        pem: String,
    },
    /// With platform certificates, fetched with the APIv3 key.
    Certificates,
}

/// Credentials of one merchant account.
pub struct WechatCredentials {
    /// The merchant number.
    pub mchid: String,
    /// An app id bound to it.
    pub appid: String,
    /// Serial number of the merchant's API certificate, hex.
    pub serial_no: String,
    /// Its private key, PKCS#8 or PKCS#1 PEM.
    pub private_key: Secret<String>,
    /// The APIv3 key: 32 ASCII characters.
    pub api_v3_key: Secret<String>,
    /// How answers are verified.
    pub verify: VerifyMode,
}

/// The vendor's public hosts.
#[must_use]
pub fn live_endpoint() -> Endpoint {
    Endpoint {
        base_url: "https://api.mch.weixin.qq.com".to_owned(),
        backup_url: Some("https://api2.mch.weixin.qq.com".to_owned()),
        extra_root_pem: None,
    }
}

/// WeChat Pay as a [`Channel`].
pub struct WechatPay {
    shop: Arc<Shop>,
}

impl WechatPay {
    /// Reads and checks the credentials. Nothing is sent.
    ///
    /// # Errors
    /// `Misuse::Setting` naming the field and what is wrong with it, never its content.
    pub fn new(
        credentials: WechatCredentials,
        endpoint: Endpoint,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let setting = |field: &'static str, reason: String| Misuse::Setting { field, reason };
        let WechatCredentials {
            mchid,
            appid,
            serial_no,
            private_key,
            api_v3_key,
            verify,
        } = credentials;
        let mchid = mchid.trim().to_owned();
        if !(1..=32).contains(&mchid.len()) || !mchid.bytes().all(|b| b.is_ascii_digit()) {
            return Err(setting("mchid", "a merchant number is digits only".to_owned()).into());
        }
        let appid = appid.trim().to_owned();
        if !(1..=32).contains(&appid.len()) || !appid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(setting("appid", "an app id is letters and digits".to_owned()).into());
        }
        // Shown with colons or spaces by some tools; the vendor prints upper hex.
        let serial_no: String = serial_no
            .chars()
            .filter(|c| !matches!(c, ':' | ' ' | '\n' | '\r' | '\t'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if serial_no.is_empty() || !serial_no.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(setting(
                "serial_no",
                "the API certificate's serial number is hex digits".to_owned(),
            )
            .into());
        }
        let key = RsaSigningKey::from_pem(private_key.expose())
            .map_err(|e| setting("private_key", e.to_string()))?;
        if api_v3_key.expose().len() != 32 || !api_v3_key.expose().is_ascii() {
            return Err(setting(
                "api_v3_key",
                format!(
                    "it is 32 ASCII characters; this one has {} bytes",
                    api_v3_key.expose().len()
                ),
            )
            .into());
        }
        let (public_key_id, ring) = match verify {
            VerifyMode::Certificates => (None, KeyRing::default()),
            VerifyMode::PublicKey { id, pem } => {
                let id = id.trim().to_owned();
                if !id.starts_with("PUB_KEY_ID_") {
                    return Err(
                        setting("public_key_id", "it begins with PUB_KEY_ID_".to_owned()).into(),
                    );
                }
                let key = RsaVerifyingKey::from_spki_pem(&pem)
                    .map_err(|e| setting("public_key", e.to_string()))?;
                (Some(id.clone()), KeyRing::with_public_key(id, key))
            }
        };
        Ok(Self {
            shop: Arc::new(Shop {
                mchid,
                appid,
                serial_no,
                key,
                api_v3_key,
                public_key_id,
                endpoint: endpoint.trimmed(),
                clock,
                ring: RwLock::new(Arc::new(ring)),
            }),
        })
    }

    fn call<O: call::Operation + 'static>(&self, operation: O) -> BoxExchange<O::Outcome> {
        Box::new(Call::new(self.shop.clone(), operation))
    }
}

impl Channel for WechatPay {
    fn kind(&self) -> ChannelKind {
        ChannelKind::WechatPay
    }

    fn merchant_no(&self) -> &str {
        &self.shop.mchid
    }

    fn endpoint(&self) -> &Endpoint {
        &self.shop.endpoint
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.shop.clock.clone()
    }

    fn capabilities(&self) -> Vec<Capability> {
        let yes = |operation| Capability {
            operation,
            available: true,
            reason: None,
            code: None,
        };
        let limited = |operation, code, reason| Capability {
            operation,
            available: true,
            reason: Some(reason),
            code: Some(code),
        };
        vec![
            yes(Operation::QueryPayment),
            yes(Operation::CloseOrder),
            yes(Operation::PrepayNative),
            yes(Operation::PrepayJsapi),
            yes(Operation::PrepayApp),
            yes(Operation::PrepayH5),
            limited(
                Operation::Refund,
                "refund_age",
                "up to 365 days after the payment",
            ),
            limited(
                Operation::PartialRefund,
                "refund_count",
                "up to 50 refunds an order, one a minute",
            ),
            yes(Operation::QueryRefund),
            limited(
                Operation::AbnormalRefund,
                "abnormal_only",
                "only while the channel reports the refund as abnormal",
            ),
            limited(
                Operation::Balance,
                "by_permission",
                "not opened for every direct merchant",
            ),
            limited(
                Operation::TradeBill,
                "bill_age",
                "from ten o'clock the next day, three months back",
            ),
            limited(
                Operation::FundFlowBill,
                "bill_age",
                "from ten o'clock the next day, three months back",
            ),
            yes(Operation::Notices),
        ]
    }

    fn refund_limits(&self) -> RefundLimits {
        RefundLimits {
            age_days_max: 365,
            count_max: 50,
            interval_seconds: 60,
            reason_chars_max: 80,
        }
    }

    fn keys(&self) -> Vec<ChannelKey> {
        self.shop.ring().list()
    }

    fn query_payment(&self, key: PaymentKey<'_>) -> Result<BoxExchange<PaymentAnswer>> {
        let operation = match key {
            PaymentKey::Order(no) => operations::QueryPayment::by_order(no)?,
            PaymentKey::Channel(id) => operations::QueryPayment::by_payment(id),
        };
        Ok(self.call(operation))
    }

    fn close_order(&self, order_no: &MerchantOrderNo) -> Result<BoxExchange<()>> {
        Ok(self.call(operations::CloseOrder::new(order_no)?))
    }

    fn prepay(&self, order: &PrepayOrder) -> Result<BoxExchange<Prepaid>> {
        Ok(self.call(operations::Prepay::new(order)?))
    }

    fn refund(&self, order: &RefundOrder) -> Result<BoxExchange<RefundSnapshot>> {
        Ok(self.call(operations::Refund::new(order)?))
    }

    fn query_refund(
        &self,
        refund_no: &MerchantRefundNo,
    ) -> Result<BoxExchange<Option<RefundSnapshot>>> {
        Ok(self.call(operations::QueryRefund {
            refund_no: refund_no.clone(),
        }))
    }

    fn abnormal_refund(&self, refund: AbnormalRefund) -> Result<BoxExchange<RefundSnapshot>> {
        Ok(self.call(operations::Redirect::new(refund)))
    }

    fn balance(&self, account: FundAccount) -> Result<BoxExchange<Balance>> {
        Ok(self.call(operations::QueryBalance { account }))
    }

    fn bill(&self, kind: BillKind, date: BusinessDate) -> Result<BoxExchange<BillExchange>> {
        Ok(self.call(operations::FetchBill::new(kind, date)))
    }

    fn refresh_keys(&self) -> Result<BoxExchange<Vec<ChannelKey>>> {
        Ok(self.call(operations::RefreshKeys))
    }

    fn verify_notice(&self, headers: &Headers, body: &[u8]) -> Result<Notice> {
        let shop = &self.shop;
        sign::verify(headers, body, shop.clock.now(), &shop.ring())?;
        let envelope: wire::NoticeEnvelope = wire::read(body)?;
        let created_at = Timestamp::parse_rfc3339(&envelope.create_time)
            .map_err(|e| PeerFault::BadJson(format!("create_time: {e}")))?;
        let sealed = &envelope.resource.sealed;
        if sealed.algorithm != "AEAD_AES_256_GCM" {
            let found: String = sealed.algorithm.chars().take(40).collect();
            return Err(PeerFault::BadJson(format!("algorithm {found} is not taken")).into());
        }
        let plain = keys::open_resource(sealed, shop.api_v3_key.expose(), "notice")?;
        let event = match envelope.resource.original_type.as_str() {
            // A combined payment has another shape; it is kept as text.
            "transaction"
                if memchr::memmem::find(&plain, b"\"combine_out_trade_no\"").is_none() =>
            {
                NoticeEvent::Payment(Box::new(map::payment(
                    wire::read(&plain)?,
                    &shop.mchid,
                    body,
                )?))
            }
            "refund" => {
                let refund: wire::Refund = wire::read(&plain)?;
                map::same(
                    "mchid",
                    &shop.mchid,
                    refund.mchid.as_deref().unwrap_or_default(),
                )?;
                NoticeEvent::Refund(Box::new(map::refund(refund, body)?))
            }
            _ => NoticeEvent::Other(
                String::from_utf8(plain)
                    .map_err(|_| PeerFault::BadJson("the notice is not text".to_owned()))?,
            ),
        };
        Ok(Notice {
            id: envelope.id,
            created_at,
            event_type: envelope.event_type,
            event,
            raw_digest: hex_lower(&sha256(body)),
        })
    }
}
