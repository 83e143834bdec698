//! Refunds: create, query, and the way out of an abnormal one. Page section 6.
//!
//! The page leaves open which code answers which broken limit. Here: 429 `FREQUENCY_LIMITED` for
//! two refunds of one order within a minute (waiting helps, and the number stays good), 400
//! `TRADE_OVERDUE` after a year, 400 `INVALID_REQUEST` for the rest.

use base64::Engine as _;
use serde_json::{Value, json};

use super::check::{Body, Call};
use super::history::received_account;
use super::model::{Event, Order, Refund, RefundStatus};
use super::wire::{self, ApiError, Reply};
use super::{Answer, Desk};
use crate::faults::FaultKind;
use crate::time::DAY;

/// Oldest payment that can be refunded.
const AGE_DAYS_MAX: i64 = 365;
/// Most partial refunds of one order.
const PARTS_MAX: usize = 50;
/// Shortest time between two refunds of one order.
const SPACING_SECONDS: i64 = 60;
/// Until the payer's change purse has it.
const PURSE_SECONDS: i64 = 300;

fn not_found(what: &str) -> ApiError {
    ApiError::new(404, "RESOURCE_NOT_EXISTS", what)
}

impl Desk<'_> {
    /// `POST /v3/refund/domestic/refunds`
    pub(crate) fn refund(&mut self, call: &Call) -> Answer {
        let body = Body::read(call)?;
        let transaction_id = body.text("/transaction_id", "微信支付订单号", 32)?;
        let out_trade_no = body.text("/out_trade_no", "商户订单号", 32)?;
        let out_refund_no = body.number("/out_refund_no", "商户退款单号", 1, 64)?;
        let reason = body.text("/reason", "退款原因", 80)?;
        let notify_url = body.notify_url("/notify_url", 256)?;
        let funds = body.one_of(
            "/funds_account",
            "退款资金来源",
            &["AVAILABLE", "UNSETTLED"],
        )?;
        let amount = body.required_integer("/amount/refund", "退款金额", 1)?;
        let total = body.required_integer("/amount/total", "原订单金额", 1)?;
        body.required("/amount/currency", "退款币种", 16)?;
        body.one_of("/amount/currency", "退款币种", &["CNY"])?;
        let from = self.paying_accounts(&body, amount)?;
        if funds.as_deref() == Some("UNSETTLED") {
            return Err(ApiError::new(
                403,
                "NO_AUTH",
                "商户无权限使用未结算资金退款",
            ));
        }

        let state = &self.store.state;
        let order = match (transaction_id.as_deref(), out_trade_no.as_deref()) {
            (Some(id), _) if !id.is_empty() => state.order_by_transaction(id),
            (_, Some(number)) if !number.is_empty() => state.order(number),
            _ => {
                let message = "微信支付订单号与商户订单号不能同时为空".to_owned();
                return Err(ApiError::parameter(
                    "body",
                    "/out_trade_no",
                    "",
                    "required",
                    message,
                ));
            }
        };
        let order = order.ok_or_else(|| not_found("订单不存在"))?;
        // What makes two requests the same refund, however they named the order.
        let request = json!({
            "out_trade_no": order.out_trade_no, "refund": amount, "total": total,
            "from": from, "reason": reason, "notify_url": notify_url, "funds_account": funds,
            "goods_detail": body.value.get("goods_detail"),
        });
        if let Some(earlier) = state.refund(&out_refund_no) {
            if earlier.request == request {
                return Ok(Reply::Json(wire::refund(state, earlier)));
            }
            return Err(ApiError::invalid(
                "订单金额或退款金额与之前请求不一致，请核实后再试",
            ));
        }
        let refund = self.accept(order, &out_refund_no, amount, total)?;
        let refund = Refund {
            reason,
            notify_url,
            from,
            request,
            ..refund
        };
        self.store.record(Event::Refunded(refund));
        let state = &self.store.state;
        let stored = state.refund(&out_refund_no).expect("just recorded");
        Ok(Reply::Json(wire::refund(state, stored)))
    }

    /// The accounts a refund is paid from must add up to it.
    fn paying_accounts(&self, body: &Body, amount: i64) -> Result<Value, ApiError> {
        let Some(list) = body.value.pointer("/amount/from") else {
            return Ok(Value::Null);
        };
        let count = list.as_array().map_or(0, Vec::len);
        let mut sum = 0i64;
        for index in 0..count {
            let account = format!("/amount/from/{index}/account");
            body.required(&account, "出资账户类型", 32)?;
            body.one_of(&account, "出资账户类型", &["AVAILABLE", "UNAVAILABLE"])?;
            let part = format!("/amount/from/{index}/amount");
            sum = sum.saturating_add(body.required_integer(&part, "出资金额", 1)?);
        }
        if count > 0 && sum != amount {
            let message = "出资账户金额之和须等于退款金额".to_owned();
            return Err(ApiError::parameter(
                "body",
                "/amount/from",
                &sum.to_string(),
                "sum differs from refund",
                message,
            ));
        }
        Ok(list.clone())
    }

    /// The business checks of a new refund, and the refund when all hold.
    fn accept(
        &self,
        order: &Order,
        out_refund_no: &str,
        amount: i64,
        total: i64,
    ) -> Result<Refund, ApiError> {
        let state = &self.store.state;
        let Some(payment) = &order.payment else {
            return Err(ApiError::invalid("订单未支付，不允许退款"));
        };
        if total != order.total {
            return Err(ApiError::invalid("原订单金额与支付单不一致，请核实后再试"));
        }
        if self.now - payment.at > AGE_DAYS_MAX * DAY {
            return Err(ApiError::new(
                400,
                "TRADE_OVERDUE",
                "订单已超过可退款的最大期限",
            ));
        }
        let standing = || {
            state
                .refunds_of(order)
                .filter(|r| r.status() != RefundStatus::Closed)
        };
        let refunded: i64 = standing().map(|refund| refund.amount).sum();
        if amount > order.total - refunded {
            return Err(ApiError::invalid("申请退款金额超过订单可退金额"));
        }
        if standing().count() >= PARTS_MAX {
            return Err(ApiError::invalid("订单部分退款次数超过50次"));
        }
        let last = state
            .refunds_of(order)
            .map(|refund| refund.accepted_at)
            .max();
        if last.is_some_and(|at| self.now - at < SPACING_SECONDS) {
            return Err(ApiError::new(
                429,
                "FREQUENCY_LIMITED",
                "同一订单退款间隔须不少于1分钟",
            ));
        }
        let (split, fee_back) = state.split(order, amount);
        if amount - split.no_cash_coupon - fee_back > state.balance {
            return Err(ApiError::new(
                403,
                "NOT_ENOUGH",
                "基本账户余额不足，请充值后重新发起",
            ));
        }
        let on_card = payment.bank_type != "OTHERS";
        let delay = match state.settings.refund_seconds {
            Some(seconds) => i64::from(seconds),
            None if on_card => DAY + (order.total % 48) * 3_600,
            None => PURSE_SECONDS,
        };
        let end = if self.drawn.has(FaultKind::RefundAbnormal) {
            RefundStatus::Abnormal
        } else if self.drawn.has(FaultKind::RefundClosed) {
            RefundStatus::Closed
        } else {
            RefundStatus::Success
        };
        Ok(Refund {
            refund_id: self.store.refund_id(self.now),
            out_refund_no: out_refund_no.to_owned(),
            out_trade_no: order.out_trade_no.clone(),
            amount,
            split,
            fee_back,
            accepted_at: self.now,
            reason: None,
            notify_url: None,
            channel: "ORIGINAL".to_owned(),
            received_account: received_account(&payment.bank_type, order.total as u64),
            from: Value::Null,
            due: Some((self.now + delay, end)),
            request: Value::Null,
            trail: Vec::new(),
        })
    }

    /// `GET /v3/refund/domestic/refunds/{out_refund_no}`
    pub(crate) fn query_refund(&mut self, call: &Call) -> Answer {
        let state = &self.store.state;
        let refund = state
            .refund(call.capture())
            .ok_or_else(|| not_found("退款单不存在"))?;
        Ok(Reply::Json(wire::refund(state, refund)))
    }

    /// `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`
    pub(crate) fn abnormal_refund(&mut self, call: &Call) -> Answer {
        let body = Body::read(call)?;
        let out_refund_no = body.number("/out_refund_no", "商户退款单号", 1, 64)?;
        body.required("/type", "异常退款处理方式", 32)?;
        let kind = body.one_of(
            "/type",
            "异常退款处理方式",
            &["USER_BANK_CARD", "MERCHANT_BANK_CARD"],
        )?;
        body.one_of("/bank_type", "开户银行", &BANKS)?;
        let to_user = kind.as_deref() == Some("USER_BANK_CARD");
        let mut tail = None;
        if to_user {
            body.required("/bank_type", "开户银行", 16)?;
            let account = self.sealed(call, &body, "/bank_account", "收款银行卡号")?;
            self.sealed(call, &body, "/real_name", "收款用户姓名")?;
            tail = account
                .get(account.len().saturating_sub(4)..)
                .map(str::to_owned);
        }
        let state = &self.store.state;
        let refund = state
            .refund_by_id(call.capture())
            .filter(|refund| refund.out_refund_no == out_refund_no)
            .ok_or_else(|| not_found("退款单不存在"))?;
        if refund.status() != RefundStatus::Abnormal {
            return Err(ApiError::invalid(
                "退款单状态不是退款异常，不允许发起异常退款",
            ));
        }
        let (channel, account) = if to_user {
            let bank = body.value["bank_type"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let digits = tail.and_then(|digits| digits.parse().ok()).unwrap_or(0);
            ("OTHER_BANKCARD", received_account(&bank, digits))
        } else {
            ("OTHER_BANKCARD", "商户基本账户商户结算银行账户".to_owned())
        };
        let delay = state.settings.refund_seconds.map_or(DAY, i64::from);
        self.store.record(Event::RefundMoved {
            out_refund_no: out_refund_no.clone(),
            at: self.now,
            status: RefundStatus::Processing,
            due: Some((self.now + delay, RefundStatus::Success)),
            to: Some((channel.to_owned(), account)),
        });
        let state = &self.store.state;
        let stored = state.refund(&out_refund_no).expect("found above");
        Ok(Reply::Json(wire::refund(state, stored)))
    }

    /// A field encrypted for WeChat Pay: the header must name the key, and the key must open it.
    fn sealed(
        &self,
        call: &Call,
        body: &Body,
        pointer: &str,
        label: &str,
    ) -> Result<String, ApiError> {
        let text = body.required(pointer, label, 1024)?;
        let Some(serial) = &call.serial else {
            return Err(ApiError::invalid(
                "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)",
            ));
        };
        let sealed = base64::engine::general_purpose::STANDARD.decode(&text).ok();
        let opened = self.account.open_field(serial, &sealed.unwrap_or_default());
        let Some(plain) = opened else {
            let message = "平台证书序列号Wechatpay-Serial错误".to_owned();
            return Err(ApiError::parameter(
                "header",
                "Wechatpay-Serial",
                serial,
                "unknown",
                message,
            ));
        };
        plain
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| {
                let message = format!("输入源“/body{pointer}”映射到值字段“{label}”解密失败");
                ApiError::parameter("body", pointer, "", "cannot be decrypted", message)
            })
    }
}

const BANKS: [&str; 15] = [
    "CMB_DEBIT",
    "ICBC_DEBIT",
    "ABC_DEBIT",
    "CCB_DEBIT",
    "BOC_DEBIT",
    "COMM_DEBIT",
    "PSBC_DEBIT",
    "CITIC_DEBIT",
    "CEB_DEBIT",
    "CMBC_DEBIT",
    "CIB_DEBIT",
    "GDB_DEBIT",
    "PAB_DEBIT",
    "SPDB_DEBIT",
    "NBCB_DEBIT",
];
