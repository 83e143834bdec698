//! The calls of WeChat Pay API v3 for a direct merchant: what is asked, what the answer must say.
//!
//! Sources: doc/v3/merchant/4012791856 … 4012791870 (payments), 4013071036, 4013071041,
//! 4013071193 (refunds), 4013071227 … 4013071254 (bills), 4012551764 (certificates).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zf_crypto::digest::hex_lower;
use zf_domain::{
    BusinessDate, ChannelPaymentId, Currency, MerchantOrderNo, MerchantRefundNo, Money, Timestamp,
};

use super::call::{Ask, Operation, Shop};
use super::{map, sign, wire};
use crate::channel::{
    AbnormalRefund, AbnormalWay, Balance, BillAbsence, BillExchange, BillKind, ChannelKey,
    FundAccount, PaymentAnswer, Prepaid, PrepayOrder, PrepayWay, RefundOf, RefundOrder,
    RefundSnapshot, parameter,
};
use crate::driver::host_of;
use crate::error::{ChannelError, Misuse, PeerFault, RefusalKind, Result};
use crate::exchange::{Incoming, Next, ReplyKind, Safety};

/// Milliseconds after midnight in Beijing at which the vendor has the bill of the day before.
const BILL_READY_MILLIS: i64 = 10 * 3_600_000;
/// The vendor's advice for a bill that is being made.
const BILL_PAUSE_MILLIS: i64 = 30 * 60_000;
/// Bills lie ready for three months; beyond the shortest three months a refusal means age.
const BILL_AGE_DAYS_MIN: i64 = 89;

/// Percent-encodes everything but unreserved characters: the address that is signed is then
/// exactly the one that goes on the wire.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&format!("{byte:02X}"));
        }
    }
    out
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|e| {
        Misuse::Setting {
            field: "request",
            reason: e.to_string(),
        }
        .into()
    })
}

fn text_field(
    field: &'static str,
    text: &str,
    chars_max: usize,
    limit: &'static str,
) -> Result<()> {
    if text.is_empty() || text.chars().count() > chars_max {
        return Err(parameter(field, text, limit).into());
    }
    if text.chars().any(|c| c.len_utf8() > 3 || c.is_control()) {
        return Err(parameter(
            field,
            text,
            "emoji and control characters are not taken by WeChat Pay",
        )
        .into());
    }
    Ok(())
}

fn fen(field: &'static str, money: Money) -> Result<i64> {
    if money.currency != Currency::Cny {
        return Err(parameter(field, &money.to_string(), "WeChat Pay takes CNY only").into());
    }
    if money.minor < 1 {
        return Err(parameter(field, &money.to_string(), "at least 0.01 is needed").into());
    }
    Ok(money.minor)
}

fn order_number(order_no: &MerchantOrderNo) -> Result<&str> {
    let text = order_no.as_str();
    if text.len() > 32 {
        return Err(parameter(
            "order_no",
            text,
            "WeChat Pay takes order numbers of at most 32 characters",
        )
        .into());
    }
    Ok(text)
}

fn notify_address(url: &str) -> Result<()> {
    if url.len() > 255 || url.contains('?') || crate::transport::checked(url).is_err() {
        return Err(parameter(
            "notify_url",
            url,
            "a public https address without a query, at most 255 characters, is needed",
        )
        .into());
    }
    Ok(())
}

/// Payment query by either number.
pub(crate) struct QueryPayment {
    order: Option<MerchantOrderNo>,
    payment: Option<ChannelPaymentId>,
}

impl QueryPayment {
    pub(crate) fn by_order(order_no: &MerchantOrderNo) -> Result<Self> {
        order_number(order_no)?;
        Ok(Self {
            order: Some(order_no.clone()),
            payment: None,
        })
    }

    pub(crate) fn by_payment(payment_id: &ChannelPaymentId) -> Self {
        Self {
            order: None,
            payment: Some(payment_id.clone()),
        }
    }
}

impl Operation for QueryPayment {
    type Outcome = PaymentAnswer;

    fn ask(&mut self, shop: &Shop, _now: Timestamp) -> Result<Ask> {
        let by = match (&self.order, &self.payment) {
            (Some(order), _) => format!("out-trade-no/{}", escape(order.as_str())),
            (None, Some(payment)) => format!("id/{}", escape(payment.as_str())),
            (None, None) => return Err(parameter("key", "", "a number is needed").into()),
        };
        Ok(Ask::get(format!(
            "/v3/pay/transactions/{by}?mchid={}",
            escape(&shop.mchid)
        )))
    }

    fn accept(
        &mut self,
        shop: &Shop,
        incoming: Incoming,
        _now: Timestamp,
    ) -> Result<Next<PaymentAnswer>> {
        let snapshot = map::payment(wire::read(&incoming.body)?, &shop.mchid, &incoming.body)?;
        if let Some(order) = &self.order {
            map::same("out_trade_no", order.as_str(), snapshot.order_no.as_str())?;
        }
        if let Some(payment) = &self.payment {
            let found = snapshot.payment_id.as_ref().map_or("", |p| p.as_str());
            map::same("transaction_id", payment.as_str(), found)?;
        }
        Ok(Next::Done(PaymentAnswer::Found(Box::new(snapshot))))
    }

    fn refuse(&mut self, error: ChannelError, _now: Timestamp) -> Result<Next<PaymentAnswer>> {
        match error {
            ChannelError::Refused {
                kind: RefusalKind::OrderNotFound | RefusalKind::NotFound,
                ..
            } => Ok(Next::Done(PaymentAnswer::NotFound)),
            error => Err(error),
        }
    }
}

/// Closes an unpaid order.
pub(crate) struct CloseOrder {
    order_no: MerchantOrderNo,
}

impl CloseOrder {
    pub(crate) fn new(order_no: &MerchantOrderNo) -> Result<Self> {
        order_number(order_no)?;
        Ok(Self {
            order_no: order_no.clone(),
        })
    }
}

impl Operation for CloseOrder {
    type Outcome = ();

    fn ask(&mut self, shop: &Shop, _now: Timestamp) -> Result<Ask> {
        Ok(Ask::post(
            format!(
                "/v3/pay/transactions/out-trade-no/{}/close",
                escape(self.order_no.as_str())
            ),
            json(&wire::Close { mchid: &shop.mchid })?,
            Safety::Repeatable,
        ))
    }

    fn accept(&mut self, _shop: &Shop, _incoming: Incoming, _now: Timestamp) -> Result<Next<()>> {
        Ok(Next::Done(()))
    }

    fn refuse(&mut self, error: ChannelError, _now: Timestamp) -> Result<Next<()>> {
        match error {
            // Closed is what was asked for.
            ChannelError::Refused {
                kind: RefusalKind::OrderClosed,
                ..
            } => Ok(Next::Done(())),
            error => Err(error),
        }
    }
}

/// Makes an order payable. The same number with the same content gives a fresh id, so it may be
/// repeated.
pub(crate) struct Prepay {
    order: PrepayOrder,
}

impl Prepay {
    pub(crate) fn new(order: &PrepayOrder) -> Result<Self> {
        let no = order.order_no.as_str();
        if !(6..=32).contains(&no.len()) || no.contains('@') {
            return Err(parameter(
                "order_no",
                no,
                "WeChat Pay takes 6 to 32 letters, digits, _ - | *",
            )
            .into());
        }
        text_field(
            "description",
            &order.description,
            127,
            "1 to 127 characters are needed",
        )?;
        if let Some(attach) = &order.attach {
            text_field("attach", attach, 128, "1 to 128 characters are needed")?;
        }
        fen("amount", order.amount)?;
        notify_address(&order.notify_url)?;
        match &order.way {
            PrepayWay::Jsapi { openid } => {
                text_field("openid", openid, 128, "the payer's openid is needed")?;
            }
            PrepayWay::H5 { client_ip } => {
                if client_ip.parse::<std::net::IpAddr>().is_err() {
                    return Err(parameter("client_ip", client_ip, "an IP address is needed").into());
                }
            }
            PrepayWay::Native | PrepayWay::App => {}
        }
        Ok(Self {
            order: order.clone(),
        })
    }
}

impl Operation for Prepay {
    type Outcome = Prepaid;

    fn ask(&mut self, shop: &Shop, _now: Timestamp) -> Result<Ask> {
        let order = &self.order;
        let (path, payer, scene_info) = match &order.way {
            PrepayWay::Native => ("native", None, None),
            PrepayWay::Jsapi { openid } => ("jsapi", Some(wire::PayerOut { openid }), None),
            PrepayWay::App => ("app", None, None),
            PrepayWay::H5 { client_ip } => (
                "h5",
                None,
                Some(wire::SceneInfo {
                    payer_client_ip: client_ip,
                    h5_info: wire::H5Info { kind: "Wap" },
                }),
            ),
        };
        let body = json(&wire::Prepay {
            appid: &shop.appid,
            mchid: &shop.mchid,
            description: &order.description,
            out_trade_no: order.order_no.as_str(),
            time_expire: order.expires_at.map(Timestamp::to_rfc3339_beijing),
            attach: order.attach.as_deref(),
            notify_url: &order.notify_url,
            amount: wire::Amount {
                total: order.amount.minor,
                currency: order.amount.currency.code(),
            },
            payer,
            scene_info,
        })?;
        Ok(Ask::post(
            format!("/v3/pay/transactions/{path}"),
            body,
            Safety::Repeatable,
        ))
    }

    fn accept(&mut self, shop: &Shop, incoming: Incoming, now: Timestamp) -> Result<Next<Prepaid>> {
        let answer: wire::Prepaid = wire::read(&incoming.body)?;
        let needed = |value: Option<String>, field: &str| {
            value
                .filter(|v| !v.is_empty())
                .ok_or_else(|| PeerFault::BadJson(format!("{field} is missing")))
        };
        let nonce = zf_crypto::random::alphanumeric(32);
        let timestamp = now.seconds();
        let prepaid = match &self.order.way {
            PrepayWay::Native => Prepaid::Native {
                code_url: needed(answer.code_url, "code_url")?,
            },
            PrepayWay::H5 { .. } => Prepaid::H5 {
                h5_url: needed(answer.h5_url, "h5_url")?,
            },
            PrepayWay::Jsapi { .. } => {
                let prepay_id = needed(answer.prepay_id, "prepay_id")?;
                let package = format!("prepay_id={prepay_id}");
                let message = sign::invoke_message(&shop.appid, timestamp, &nonce, &package);
                Prepaid::Jsapi {
                    prepay_id,
                    invoke: vec![
                        ("appId", shop.appid.clone()),
                        ("timeStamp", timestamp.to_string()),
                        ("nonceStr", nonce),
                        ("package", package),
                        ("signType", "RSA".to_owned()),
                        ("paySign", sign::sign(&shop.key, &message)?),
                    ],
                }
            }
            PrepayWay::App => {
                let prepay_id = needed(answer.prepay_id, "prepay_id")?;
                let message = sign::invoke_message(&shop.appid, timestamp, &nonce, &prepay_id);
                Prepaid::App {
                    invoke: vec![
                        ("appid", shop.appid.clone()),
                        ("partnerid", shop.mchid.clone()),
                        ("prepayid", prepay_id.clone()),
                        ("package", "Sign=WXPay".to_owned()),
                        ("noncestr", nonce),
                        ("timestamp", timestamp.to_string()),
                        ("sign", sign::sign(&shop.key, &message)?),
                    ],
                    prepay_id,
                }
            }
        };
        Ok(Next::Done(prepaid))
    }
}

/// Sends a refund. 200 means accepted, not refunded.
pub(crate) struct Refund {
    order: RefundOrder,
}

impl Refund {
    pub(crate) fn new(order: &RefundOrder) -> Result<Self> {
        let refund = fen("amount", order.amount)?;
        let total = fen("total", order.total)?;
        if refund > total {
            return Err(parameter(
                "amount",
                &order.amount.to_string(),
                "it exceeds the order's total",
            )
            .into());
        }
        if let RefundOf::Order(order_no) = &order.of {
            order_number(order_no)?;
        }
        if let Some(reason) = &order.reason {
            text_field("reason", reason, 80, "1 to 80 characters are taken")?;
        }
        if let Some(url) = &order.notify_url {
            notify_address(url)?;
        }
        Ok(Self {
            order: order.clone(),
        })
    }
}

/// The answer must speak of the refund that was asked for.
fn refund_answer(
    incoming: &Incoming,
    refund_no: &MerchantRefundNo,
    amount: Option<Money>,
    of: Option<&RefundOf>,
) -> Result<RefundSnapshot> {
    let snapshot = map::refund(wire::read(&incoming.body)?, &incoming.body)?;
    map::same(
        "out_refund_no",
        refund_no.as_str(),
        snapshot.refund_no.as_str(),
    )?;
    if let Some(amount) = amount {
        map::same(
            "amount.refund",
            &amount.to_string(),
            &snapshot.amount.to_string(),
        )?;
    }
    match of {
        Some(RefundOf::Order(no)) => {
            map::same("out_trade_no", no.as_str(), snapshot.order_no.as_str())?;
        }
        Some(RefundOf::Payment(id)) => {
            map::same("transaction_id", id.as_str(), snapshot.payment_id.as_str())?;
        }
        None => {}
    }
    Ok(snapshot)
}

impl Operation for Refund {
    type Outcome = RefundSnapshot;

    fn ask(&mut self, _shop: &Shop, _now: Timestamp) -> Result<Ask> {
        let order = &self.order;
        let (out_trade_no, transaction_id) = match &order.of {
            RefundOf::Order(no) => (Some(no.as_str()), None),
            RefundOf::Payment(id) => (None, Some(id.as_str())),
        };
        let body = json(&wire::RefundOut {
            transaction_id,
            out_trade_no,
            out_refund_no: order.refund_no.as_str(),
            reason: order.reason.as_deref(),
            notify_url: order.notify_url.as_deref(),
            amount: wire::RefundAmountOut {
                refund: order.amount.minor,
                total: order.total.minor,
                currency: order.amount.currency.code(),
            },
        })?;
        Ok(Ask::post(
            "/v3/refund/domestic/refunds".to_owned(),
            body,
            Safety::Once,
        ))
    }

    fn accept(
        &mut self,
        _shop: &Shop,
        incoming: Incoming,
        _now: Timestamp,
    ) -> Result<Next<RefundSnapshot>> {
        let order = &self.order;
        refund_answer(
            &incoming,
            &order.refund_no,
            Some(order.amount),
            Some(&order.of),
        )
        .map(Next::Done)
    }

    fn refuse(&mut self, error: ChannelError, _now: Timestamp) -> Result<Next<RefundSnapshot>> {
        Err(match error {
            // What does not exist here is the order to refund, not the refund.
            ChannelError::Refused {
                code,
                message,
                kind: RefusalKind::NotFound,
            } => ChannelError::Refused {
                code,
                message,
                kind: RefusalKind::OrderNotFound,
            },
            error => error,
        })
    }
}

/// Refund query by our number.
pub(crate) struct QueryRefund {
    pub refund_no: MerchantRefundNo,
}

impl Operation for QueryRefund {
    type Outcome = Option<RefundSnapshot>;

    fn ask(&mut self, _shop: &Shop, _now: Timestamp) -> Result<Ask> {
        Ok(Ask::get(format!(
            "/v3/refund/domestic/refunds/{}",
            escape(self.refund_no.as_str())
        )))
    }

    fn accept(
        &mut self,
        _shop: &Shop,
        incoming: Incoming,
        _now: Timestamp,
    ) -> Result<Next<Option<RefundSnapshot>>> {
        refund_answer(&incoming, &self.refund_no, None, None).map(|r| Next::Done(Some(r)))
    }

    fn refuse(
        &mut self,
        error: ChannelError,
        _now: Timestamp,
    ) -> Result<Next<Option<RefundSnapshot>>> {
        match error {
            // Only this code says that the number was never accepted. An empty 404, or one of
            // another code, says nothing of the refund.
            ChannelError::Refused {
                kind: RefusalKind::NotFound,
                ..
            } => Ok(Next::Done(None)),
            error => Err(error),
        }
    }
}

/// Redirects an abnormal refund.
pub(crate) struct Redirect {
    pub refund: AbnormalRefund,
    /// Encrypted once, so that nothing changes when the request is built again.
    sealed: Option<SealedCard>,
}

#[derive(Clone)]
struct SealedCard {
    serial: String,
    account: String,
    holder: String,
}

impl Redirect {
    pub(crate) fn new(refund: AbnormalRefund) -> Self {
        Self {
            refund,
            sealed: None,
        }
    }

    fn seal(&mut self, shop: &Shop, now: Timestamp) -> Result<Option<SealedCard>> {
        let AbnormalWay::PayerCard {
            account, holder, ..
        } = &self.refund.way
        else {
            return Ok(None);
        };
        if self.sealed.is_none() {
            let ring = shop.ring();
            let (serial, key) = ring.encrypting(now).ok_or(Misuse::Setting {
                field: "verify",
                reason: "there is no WeChat Pay key to encrypt with".to_owned(),
            })?;
            let seal = |field: &'static str, text: &str| -> Result<String> {
                let sealed =
                    key.encrypt_oaep_sha1(text.as_bytes())
                        .map_err(|e| Misuse::Setting {
                            field,
                            reason: e.to_string(),
                        })?;
                Ok(BASE64.encode(sealed))
            };
            self.sealed = Some(SealedCard {
                serial: serial.to_owned(),
                account: seal("bank_account", account.expose())?,
                holder: seal("real_name", holder.expose())?,
            });
        }
        Ok(self.sealed.clone())
    }
}

impl Operation for Redirect {
    type Outcome = RefundSnapshot;

    fn encrypts(&self) -> bool {
        matches!(self.refund.way, AbnormalWay::PayerCard { .. })
    }

    fn ask(&mut self, shop: &Shop, now: Timestamp) -> Result<Ask> {
        let sealed = self.seal(shop, now)?;
        let (kind, bank_type) = match &self.refund.way {
            AbnormalWay::PayerCard { bank, .. } => ("USER_BANK_CARD", Some(bank.as_str())),
            AbnormalWay::MerchantAccount => ("MERCHANT_BANK_CARD", None),
        };
        let serial = sealed.as_ref().map(|s| s.serial.clone());
        let (bank_account, real_name) = sealed.map(|s| (s.account, s.holder)).unzip();
        let body = json(&wire::AbnormalOut {
            out_refund_no: self.refund.refund_no.as_str(),
            kind,
            bank_type,
            bank_account,
            real_name,
        })?;
        let mut ask = Ask::post(
            format!(
                "/v3/refund/domestic/refunds/{}/apply-abnormal-refund",
                escape(self.refund.refund_id.as_str())
            ),
            body,
            Safety::Once,
        );
        ask.serial = serial;
        Ok(ask)
    }

    fn accept(
        &mut self,
        _shop: &Shop,
        incoming: Incoming,
        _now: Timestamp,
    ) -> Result<Next<RefundSnapshot>> {
        refund_answer(&incoming, &self.refund.refund_no, None, None).map(Next::Done)
    }
}

/// Balance of one account.
pub(crate) struct QueryBalance {
    pub account: FundAccount,
}

impl Operation for QueryBalance {
    type Outcome = Balance;

    fn ask(&mut self, _shop: &Shop, _now: Timestamp) -> Result<Ask> {
        let account = match self.account {
            FundAccount::Basic => "BASIC",
            FundAccount::Operation => "OPERATION",
            FundAccount::Fees => "FEES",
        };
        Ok(Ask::get(format!("/v3/merchant/fund/balance/{account}")))
    }

    fn accept(
        &mut self,
        _shop: &Shop,
        incoming: Incoming,
        _now: Timestamp,
    ) -> Result<Next<Balance>> {
        let answer: wire::Balance = wire::read(&incoming.body)?;
        Ok(Next::Done(Balance {
            available: Money::cny(answer.available_amount),
            pending: Money::cny(answer.pending_amount),
        }))
    }
}

/// Fetches the platform certificates.
pub(crate) struct RefreshKeys;

impl Operation for RefreshKeys {
    type Outcome = Vec<ChannelKey>;

    fn ask(&mut self, _shop: &Shop, _now: Timestamp) -> Result<Ask> {
        // Verified with the keys it brings, inside `take_certificates`.
        let mut ask = Ask::get("/v3/certificates".to_owned());
        ask.signed = false;
        Ok(ask)
    }

    fn accept(
        &mut self,
        shop: &Shop,
        incoming: Incoming,
        now: Timestamp,
    ) -> Result<Next<Vec<ChannelKey>>> {
        match shop.take_certificates(&incoming, now) {
            Ok(()) => Ok(Next::Done(shop.ring().list())),
            Err(error) => Err(error),
        }
    }

    fn refuse(&mut self, error: ChannelError, _now: Timestamp) -> Result<Next<Vec<ChannelKey>>> {
        match error {
            ChannelError::Refused {
                kind: RefusalKind::NotFound,
                message,
                ..
            } => Err(Misuse::Setting {
                field: "verify",
                reason: format!(
                    "this merchant has no platform certificates, enter the WeChat Pay public key: {message}"
                ),
            }
            .into()),
            error => Err(error),
        }
    }
}

enum BillStep {
    Apply,
    Download {
        target: String,
        origin: Option<String>,
        hash: String,
    },
}

/// Applies for a bill, then downloads it and compares its hash.
pub(crate) struct FetchBill {
    kind: BillKind,
    date: BusinessDate,
    step: BillStep,
    /// A fresh application is made once: for an expired link, or a damaged download.
    renewed: bool,
}

impl FetchBill {
    pub(crate) fn new(kind: BillKind, date: BusinessDate) -> Self {
        Self {
            kind,
            date,
            step: BillStep::Apply,
            renewed: false,
        }
    }

    fn ready_at(&self, now: Timestamp) -> Timestamp {
        let first = self.date.beijing_end().plus_millis(BILL_READY_MILLIS);
        first.max(now.plus_millis(BILL_PAUSE_MILLIS))
    }

    /// Starts over once.
    fn renew(&mut self, error: ChannelError) -> Result<Next<BillExchange>> {
        if self.renewed {
            return Err(error);
        }
        tracing::warn!(%error, "applying for the bill once more");
        self.renewed = true;
        self.step = BillStep::Apply;
        Ok(Next::Again)
    }

    fn offer(&mut self, shop: &Shop, incoming: &Incoming) -> Result<Next<BillExchange>> {
        let offer: wire::BillOffer = wire::read(&incoming.body)?;
        if offer.hash_type != "SHA1" {
            return Err(PeerFault::BadJson(format!(
                "hash_type {} instead of SHA1",
                offer.hash_type.chars().take(20).collect::<String>()
            ))
            .into());
        }
        let hash = offer.hash_value.to_ascii_lowercase();
        if hash.len() != 40 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(PeerFault::BadJson("hash_value is not 40 hex digits".to_owned()).into());
        }
        let (origin, target) = split_download(&offer.download_url, shop)?;
        self.step = BillStep::Download {
            target,
            origin,
            hash,
        };
        Ok(Next::Again)
    }
}

/// The vendor's own hosts: a signed answer may point from one of them to another.
const VENDOR_HOSTS: [&str; 4] = [
    "api.mch.weixin.qq.com",
    "api2.mch.weixin.qq.com",
    "api.wechatpay.cn",
    "api2.wechatpay.cn",
];

/// Splits a download address into origin and target; the request is signed, so it goes to the
/// channel's hosts only, never to wherever an answer points.
fn split_download(address: &str, shop: &Shop) -> Result<(Option<String>, String)> {
    let foreign =
        || PeerFault::ForeignUrl(address.split('?').next().unwrap_or_default().to_owned());
    let after_scheme = address.find("://").ok_or_else(foreign)? + 3;
    let slash = address[after_scheme..].find('/').ok_or_else(foreign)? + after_scheme;
    let (origin, target) = address.split_at(slash);
    if target.contains('#') || !target.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(foreign().into());
    }
    if origin == shop.endpoint.base_url {
        return Ok((None, target.to_owned()));
    }
    let ours = shop.endpoint.origins().any(|o| o == origin);
    let vendors = |o: &str| o.starts_with("https://") && VENDOR_HOSTS.contains(&&*host_of(o));
    if ours || (vendors(origin) && vendors(&shop.endpoint.base_url)) {
        return Ok((Some(origin.to_owned()), target.to_owned()));
    }
    Err(foreign().into())
}

impl Operation for FetchBill {
    type Outcome = BillExchange;

    fn ask(&mut self, _shop: &Shop, _now: Timestamp) -> Result<Ask> {
        Ok(match &self.step {
            BillStep::Apply => Ask::get(match self.kind {
                BillKind::Trade => format!(
                    "/v3/bill/tradebill?bill_date={}&bill_type=ALL&tar_type=GZIP",
                    self.date
                ),
                BillKind::FundFlow => format!(
                    "/v3/bill/fundflowbill?bill_date={}&account_type=BASIC&tar_type=GZIP",
                    self.date
                ),
            }),
            BillStep::Download { target, origin, .. } => Ask {
                origin: origin.clone(),
                reply: ReplyKind::File,
                signed: false,
                ..Ask::get(target.clone())
            },
        })
    }

    fn accept(
        &mut self,
        shop: &Shop,
        incoming: Incoming,
        _now: Timestamp,
    ) -> Result<Next<BillExchange>> {
        let BillStep::Download { hash, .. } = &self.step else {
            return self.offer(shop, &incoming);
        };
        let file = match incoming.file {
            Some(Ok(file)) => file,
            Some(Err(fault)) => return self.renew(fault.into()),
            None => {
                return Err(PeerFault::BadJson("the bill has no body".to_owned()).into());
            }
        };
        let found = hex_lower(&file.sha1);
        if &found != hash {
            let fault = PeerFault::BillHash {
                expected: hash.clone(),
                found,
            };
            return self.renew(fault.into());
        }
        Ok(Next::Done(BillExchange::Verified {
            file,
            expected_hash: hash.clone(),
        }))
    }

    fn refuse(&mut self, error: ChannelError, now: Timestamp) -> Result<Next<BillExchange>> {
        let ChannelError::Refused { kind, .. } = &error else {
            return Err(error);
        };
        if matches!(self.step, BillStep::Download { .. }) {
            return match kind {
                // The link lives five minutes.
                RefusalKind::InvalidRequest => self.renew(error),
                _ => Err(error),
            };
        }
        let age_days = now.beijing_date().days_since(self.date);
        let absence = match kind {
            RefusalKind::StatementCreating => BillAbsence::StillCreating {
                ready_at: self.ready_at(now),
            },
            // Before ten o'clock of the next day "none" can also mean "not yet".
            RefusalKind::NoStatement | RefusalKind::InvalidRequest
                if now < self.date.beijing_end().plus_millis(BILL_READY_MILLIS) =>
            {
                BillAbsence::StillCreating {
                    ready_at: self.ready_at(now),
                }
            }
            RefusalKind::InvalidRequest if age_days >= BILL_AGE_DAYS_MIN => BillAbsence::TooOld,
            RefusalKind::NoStatement if age_days > 92 => BillAbsence::TooOld,
            RefusalKind::NoStatement => BillAbsence::NoStatement,
            _ => return Err(error),
        };
        Ok(Next::Done(BillExchange::Absent(absence)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_the_address_parser_leaves_alone() {
        for text in ["a|b*c@d_e-f.g~h", "订单", "a/b?c#d%41"] {
            let target = format!("/v3/x/{}?mchid=1", escape(text));
            let url = url::Url::parse(&format!("https://h{target}")).unwrap();
            let parsed = format!("{}?{}", url.path(), url.query().unwrap());
            assert_eq!(parsed, target);
        }
    }
}
