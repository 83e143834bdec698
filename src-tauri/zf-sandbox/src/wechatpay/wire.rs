//! The vendor's JSON: error bodies, transactions, refunds. Page sections 5.6, 6.1, 8.1 and 9.

use serde_json::{Map, Value, json};

use super::account::Identity;
use super::model::{CouponKind, Order, Refund, RefundStatus, State, TradeState};
use crate::time::rfc3339;

/// A refusal in the vendor's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) detail: Option<Box<Detail>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) field: String,
    pub(crate) value: String,
    pub(crate) issue: String,
    pub(crate) location: &'static str,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            detail: None,
        }
    }

    pub(crate) fn sign(message: &str) -> Self {
        Self::new(401, "SIGN_ERROR", message)
    }

    pub(crate) fn invalid(message: &str) -> Self {
        Self::new(400, "INVALID_REQUEST", message)
    }

    /// A parameter breaks a rule; `field` is a JSON pointer or the name of a query parameter.
    pub(crate) fn parameter(
        location: &'static str,
        field: &str,
        value: &str,
        issue: &str,
        message: String,
    ) -> Self {
        Self {
            detail: Some(Box::new(Detail {
                field: field.to_owned(),
                value: value.chars().take(64).collect(),
                issue: issue.to_owned(),
                location,
            })),
            ..Self::new(400, "PARAM_ERROR", message)
        }
    }

    /// The number at the end of `Request-ID`.
    pub(crate) fn number(&self) -> u32 {
        match self.code.as_str() {
            "ORDER_NOT_EXIST" | "RESOURCE_NOT_EXISTS" => 268_512_771,
            "FREQUENCY_LIMITED" => 268_447_840,
            "PARAM_ERROR" | "INVALID_REQUEST" => 268_435_461,
            "ORDERPAID" => 268_498_689,
            "OUT_TRADE_NO_USED" => 268_498_688,
            "APPID_MCHID_NOT_MATCH" | "MCH_NOT_EXISTS" => 268_445_527,
            "SIGN_ERROR" => 268_443_699,
            _ => 268_435_456,
        }
    }

    /// The body; empty when the answer has no code, as at the vendor's gateway.
    pub(crate) fn body(&self) -> String {
        if self.code.is_empty() {
            return String::new();
        }
        let mut body = json!({"code": self.code, "message": self.message});
        if let Some(detail) = &self.detail {
            body["detail"] = json!({
                "field": detail.field,
                "value": detail.value,
                "issue": detail.issue,
                "location": detail.location,
            });
        }
        body.to_string()
    }
}

/// What a request is answered with when it is not refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// 200, signed.
    Json(Value),
    /// 204, signed too.
    NoContent,
    /// A bill file: the one answer without a signature.
    File {
        content_type: &'static str,
        bytes: Vec<u8>,
    },
}

/// The transaction object, as queried or notified.
pub(crate) fn transaction(identity: &Identity, order: &Order, now: i64) -> Value {
    let state = order.state(now);
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("appid", json!(identity.appid));
    put("mchid", json!(identity.mchid));
    put("out_trade_no", json!(order.out_trade_no));
    put("trade_state", json!(state.as_str()));
    put("trade_state_desc", json!(state.description()));
    if let Some(attach) = &order.attach {
        put("attach", json!(attach));
    }
    if let Some(device_id) = &order.device_id {
        put("scene_info", json!({"device_id": device_id}));
    }
    let Some(payment) = &order.payment else {
        put("amount", json!({"total": order.total, "currency": "CNY"}));
        put("promotion_detail", json!([]));
        return Value::Object(out);
    };
    debug_assert!(matches!(state, TradeState::Success | TradeState::Refund));
    put("transaction_id", json!(payment.transaction_id));
    put("trade_type", json!(order.trade_type.as_str()));
    put("bank_type", json!(payment.bank_type));
    put("success_time", json!(rfc3339(payment.at)));
    put("payer", json!({"openid": payment.openid}));
    put(
        "amount",
        json!({
            "total": order.total,
            "payer_total": order.total - payment.coupon_amount(),
            "currency": "CNY",
            "payer_currency": "CNY",
        }),
    );
    let promotions: Vec<Value> = payment
        .coupon
        .iter()
        .map(|coupon| {
            json!({
                "coupon_id": coupon.coupon_id,
                "name": coupon.name,
                "scope": "GLOBAL",
                "type": match coupon.kind { CouponKind::Cash => "CASH", CouponKind::NoCash => "NOCASH" },
                "amount": coupon.amount,
                "stock_id": "9867041",
                "wechatpay_contribute": 0,
                "merchant_contribute": coupon.amount,
                "other_contribute": 0,
                "currency": "CNY",
                "goods_detail": [],
            })
        })
        .collect();
    put("promotion_detail", Value::Array(promotions));
    Value::Object(out)
}

fn refund_amounts(order: &Order, refund: &Refund) -> Value {
    let payment = order.payment.as_ref();
    let coupon = payment.map_or(0, |payment| payment.coupon_amount());
    let from = if refund.from.is_null() {
        json!([])
    } else {
        refund.from.clone()
    };
    json!({
        "total": order.total,
        "refund": refund.amount,
        "from": from,
        "payer_total": order.total - coupon,
        "payer_refund": refund.split.payer,
        "settlement_refund": refund.settlement(),
        "settlement_total": payment.map_or(order.total, |payment| payment.settlement(order.total)),
        "discount_refund": refund.amount - refund.split.payer,
        "currency": "CNY",
    })
}

/// The refund object, as answered to its creation and to queries.
pub(crate) fn refund(state: &State, refund: &Refund) -> Value {
    let order = state.order_of(refund);
    let payment = order.payment.as_ref();
    let mut out = json!({
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": payment.map_or("", |payment| &payment.transaction_id),
        "out_trade_no": refund.out_trade_no,
        "channel": refund.channel,
        "user_received_account": refund.received_account,
        "create_time": rfc3339(refund.accepted_at),
        "status": refund.status().as_str(),
        "funds_account": "AVAILABLE",
        "amount": refund_amounts(order, refund),
        "promotion_detail": [],
    });
    if let Some(at) = refund.success_at() {
        out["success_time"] = json!(rfc3339(at));
    }
    let coupon_refund = refund.amount - refund.split.payer;
    if let Some(coupon) = payment.and_then(|payment| payment.coupon.as_ref())
        && coupon_refund > 0
    {
        out["promotion_detail"] = json!([{
            "promotion_id": coupon.coupon_id,
            "scope": "GLOBAL",
            "type": match coupon.kind { CouponKind::Cash => "COUPON", CouponKind::NoCash => "DISCOUNT" },
            "amount": coupon.amount,
            "refund_amount": coupon_refund,
            "goods_detail": [],
        }]);
    }
    out
}

/// The plaintext of a refund notice: `refund_status`, not `status`.
pub(crate) fn refund_notice(
    identity: &Identity,
    order: &Order,
    refund: &Refund,
    status: RefundStatus,
    at: i64,
) -> Value {
    let amounts = refund_amounts(order, refund);
    let mut out = json!({
        "mchid": identity.mchid,
        "out_trade_no": refund.out_trade_no,
        "transaction_id": order.payment.as_ref().map_or("", |payment| &payment.transaction_id),
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "refund_status": status.as_str(),
        "user_received_account": refund.received_account,
        "amount": {
            "total": amounts["total"],
            "refund": amounts["refund"],
            "payer_total": amounts["payer_total"],
            "payer_refund": amounts["payer_refund"],
        },
    });
    if status == RefundStatus::Success {
        out["success_time"] = json!(rfc3339(at));
    }
    out
}
