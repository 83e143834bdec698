//! Prepay, query, close. Page section 5.

use serde_json::json;

use super::check::{Body, Call};
use super::model::{Event, Order, TradeState, TradeType, UNPAID_LIFE_SECONDS};
use super::store::prepay_id;
use super::wire::{self, ApiError, Reply};
use super::{Answer, Desk};
use crate::time::{DAY, parse_instant};

fn not_exist() -> ApiError {
    ApiError::new(404, "ORDER_NOT_EXIST", "订单不存在")
}

fn paid() -> ApiError {
    ApiError::new(400, "ORDERPAID", "该订单已支付")
}

impl Desk<'_> {
    /// The body's mchid must be the signer's.
    fn same_merchant(&self, body: &Body) -> Result<(), ApiError> {
        let mchid = body.required("/mchid", "商户号", 32)?;
        if mchid == self.account.identity.mchid {
            return Ok(());
        }
        let message = "http header中的mchid与post payload中的mchid不匹配".to_owned();
        Err(ApiError::parameter(
            "body", "/mchid", &mchid, "mismatch", message,
        ))
    }

    /// The query's mchid must be the signer's.
    fn same_merchant_in_query(&self, call: &Call) -> Result<(), ApiError> {
        match call.query("mchid") {
            Some(mchid) if mchid == self.account.identity.mchid => Ok(()),
            given => {
                let message = if given.is_some() {
                    "http header中的mchid与query中的mchid不匹配"
                } else {
                    "输入源“/query/mchid”映射到值字段“商户号”必填性规则校验失败，此字段为必填项"
                };
                let given = given.unwrap_or_default();
                Err(ApiError::parameter(
                    "query",
                    "mchid",
                    &given,
                    "mismatch",
                    message.to_owned(),
                ))
            }
        }
    }

    /// `POST /v3/pay/transactions/{native|jsapi|app|h5}`
    pub(crate) fn prepay(&mut self, call: &Call, trade_type: TradeType) -> Answer {
        let body = Body::read(call)?;
        self.same_merchant(&body)?;
        let appid = body.required("/appid", "公众号ID", 32)?;
        let description = body.required("/description", "商品描述", 127)?;
        let out_trade_no = body.number("/out_trade_no", "商户订单号", 6, 32)?;
        let time_expire = body.text("/time_expire", "交易结束时间", 64)?;
        let attach = body.text("/attach", "附加数据", 128)?;
        body.required("/notify_url", "通知地址", 255)?;
        let notify_url = body.notify_url("/notify_url", 255)?;
        body.text("/goods_tag", "订单优惠标记", 32)?;
        let total = body.required_integer("/amount/total", "总金额", 1)?;
        body.one_of("/amount/currency", "货币类型", &["CNY"])?;
        let openid = match trade_type {
            TradeType::Jsapi => Some(body.required("/payer/openid", "用户标识", 128)?),
            _ => body.text("/payer/openid", "用户标识", 128)?,
        };
        let device_id = body.text("/scene_info/device_id", "商户端设备号", 32)?;
        if trade_type == TradeType::H5 {
            body.required("/scene_info/payer_client_ip", "用户终端IP", 45)?;
            body.required("/scene_info/h5_info/type", "场景类型", 32)?;
            body.one_of(
                "/scene_info/h5_info/type",
                "场景类型",
                &["Wap", "iOS", "Android"],
            )?;
        }
        if body.has("/limit_pay") {
            for index in 0..body.value["limit_pay"].as_array().map_or(0, Vec::len) {
                body.one_of(
                    &format!("/limit_pay/{index}"),
                    "指定支付方式",
                    &["no_balance", "no_credit", "no_debit", "balance_only"],
                )?;
            }
        }
        let expires_at = match &time_expire {
            None => self.now + UNPAID_LIFE_SECONDS,
            Some(text) => {
                let refuse = |issue: &str, words: &str| {
                    let message =
                        format!("输入源“/body/time_expire”映射到值字段“交易结束时间”{words}");
                    ApiError::parameter("body", "/time_expire", text, issue, message)
                };
                let at = parse_instant(text)
                    .ok_or_else(|| refuse("not RFC 3339", "格式规则校验失败，须为RFC3339格式"))?;
                // The native page allows 7 days, the others 15.
                let days = if trade_type == TradeType::Native {
                    7
                } else {
                    15
                };
                let earlier = self.store.state.order(&out_trade_no).is_some();
                if at <= self.now && !earlier {
                    return Err(refuse("in the past", "规则校验失败，须晚于当前时间"));
                }
                if at > self.now + days * DAY {
                    return Err(refuse(
                        "too late",
                        &format!("规则校验失败，不得超过{days}天"),
                    ));
                }
                at.max(self.now + 60)
            }
        };
        if appid != self.account.identity.appid {
            return Err(ApiError::new(
                400,
                "APPID_MCHID_NOT_MATCH",
                "appid和mch_id不匹配",
            ));
        }

        let request = json!({"trade_type": trade_type, "body": body.value});
        if let Some(order) = self.store.state.order(&out_trade_no) {
            match order.state(self.now) {
                TradeState::Success | TradeState::Refund => return Err(paid()),
                TradeState::Closed => {
                    return Err(ApiError::new(400, "ORDER_CLOSED", "该订单已关闭"));
                }
                TradeState::NotPay if order.request != request => {
                    return Err(ApiError::new(
                        403,
                        "OUT_TRADE_NO_USED",
                        "商户订单号重复，请核实请求参数是否与原请求一致",
                    ));
                }
                TradeState::NotPay => {}
            }
        } else {
            self.store.record(Event::Placed(Order {
                out_trade_no,
                trade_type,
                description,
                total,
                attach,
                device_id,
                notify_url,
                openid,
                created_at: self.now,
                expires_at,
                request,
                payment: None,
                closed_at: None,
                refunds: Vec::new(),
            }));
        }
        let id = prepay_id(self.now);
        Ok(Reply::Json(match trade_type {
            TradeType::Native => {
                let token = zf_crypto::random::alphanumeric(9);
                json!({"code_url": format!("weixin://wxpay/bizpayurl?pr={token}")})
            }
            TradeType::Jsapi | TradeType::App => json!({"prepay_id": id}),
            TradeType::H5 => json!({"h5_url": format!(
                "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={id}&package={}",
                1 + zf_crypto::random::bytes::<2>()[0]
            )}),
        }))
    }

    /// `GET /v3/pay/transactions/id/{transaction_id}`
    pub(crate) fn query_by_transaction(&mut self, call: &Call) -> Answer {
        self.same_merchant_in_query(call)?;
        let order = self
            .store
            .state
            .order_by_transaction(call.capture())
            .ok_or_else(not_exist)?;
        Ok(Reply::Json(wire::transaction(
            &self.account.identity,
            order,
            self.now,
        )))
    }

    /// `GET /v3/pay/transactions/out-trade-no/{out_trade_no}`
    pub(crate) fn query_by_out_trade_no(&mut self, call: &Call) -> Answer {
        self.same_merchant_in_query(call)?;
        let order = self
            .store
            .state
            .order(call.capture())
            .ok_or_else(not_exist)?;
        Ok(Reply::Json(wire::transaction(
            &self.account.identity,
            order,
            self.now,
        )))
    }

    /// `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close`
    pub(crate) fn close(&mut self, call: &Call) -> Answer {
        let body = Body::read(call)?;
        self.same_merchant(&body)?;
        let order = self
            .store
            .state
            .order(call.capture())
            .ok_or_else(not_exist)?;
        match order.state(self.now) {
            TradeState::Success | TradeState::Refund => return Err(paid()),
            TradeState::Closed => {}
            TradeState::NotPay => {
                let out_trade_no = order.out_trade_no.clone();
                self.store.record(Event::Closed {
                    out_trade_no,
                    at: self.now,
                });
            }
        }
        Ok(Reply::NoContent)
    }
}
