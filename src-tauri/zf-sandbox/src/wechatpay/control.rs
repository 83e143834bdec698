//! The control plane's WeChat Pay part: what a payer, a till or the vendor's back office would do.

use serde_json::{Value, json};

use super::bills::{BillKind, frozen_at, trade_bill};
use super::books::books;
use super::format::{BillType, Style};
use super::model::{
    Coupon, CouponKind, Event, Notice, Order, Payment, Refund, RefundStatus, TradeState,
};
use super::{WechatPay, wire};
use crate::control::Params;
use crate::error::SandboxError;
use crate::time::{day_of, rfc3339};

/// How many items a listing gives unless asked for more.
const LIST_DEFAULT: usize = 200;

fn refused(words: impl Into<String>) -> SandboxError {
    SandboxError::Refused(words.into())
}

impl WechatPay {
    /// `pay`: a payer pays an order.
    pub(crate) fn control_pay(&self, params: &Params) -> Result<Value, SandboxError> {
        let number = params.text("out_trade_no")?;
        let account = self.account();
        let mut held = self.desk();
        let store = &mut held.0;
        let now = self.advance(&account, store);
        let order = store
            .state
            .order(&number)
            .ok_or_else(|| refused(format!("order {number}: unknown")))?;
        let state = order.state(now);
        if state != TradeState::NotPay {
            return Err(refused(format!(
                "order {number}: {} cannot be paid",
                state.as_str()
            )));
        }
        if now >= order.expires_at {
            let until = rfc3339(order.expires_at);
            return Err(refused(format!(
                "order {number}: could be paid until {until}"
            )));
        }
        let openid = params
            .optional("openid")
            .or_else(|| order.openid.clone())
            .unwrap_or_else(|| format!("oPayer{}", zf_crypto::random::alphanumeric(22)));
        let coupon = match params.integer("coupon_amount")? {
            None | Some(0) => None,
            Some(amount) if amount > 0 && amount < order.total => Some(Coupon {
                kind: match params.optional("coupon_kind").as_deref() {
                    Some("NOCASH") => CouponKind::NoCash,
                    None | Some("CASH") => CouponKind::Cash,
                    Some(other) => {
                        return Err(refused(format!("coupon_kind {other}: CASH or NOCASH")));
                    }
                },
                amount,
                coupon_id: format!("{:012}", store.state.movements.len()),
                name: "优惠券".to_owned(),
            }),
            Some(_) => return Err(refused("coupon_amount must lie between 1 and the total")),
        };
        let bank_type = params
            .optional("bank_type")
            .unwrap_or_else(|| "OTHERS".to_owned());
        let transaction_id = store.transaction_id(now);
        let payment = Payment {
            transaction_id,
            at: now,
            openid,
            bank_type,
            coupon,
        };
        store.record(Event::Paid {
            out_trade_no: number.clone(),
            payment,
        });
        store.queue_payment_notice(&account.identity, &number, now, &mut self.shared.faults());
        store.commit()?;
        self.shared.wake.notify_one();
        let order = store
            .state
            .order(&number)
            .ok_or_else(|| refused("the order vanished"))?;
        Ok(wire::transaction(&account.identity, order, now))
    }

    /// `refund`: the vendor finishes, closes or breaks a refund.
    pub(crate) fn control_refund(&self, params: &Params) -> Result<Value, SandboxError> {
        let number = params.text("out_refund_no")?;
        let to = match params.text("to")?.as_str() {
            "success" => RefundStatus::Success,
            "closed" => RefundStatus::Closed,
            "abnormal" => RefundStatus::Abnormal,
            other => return Err(refused(format!("to {other}: success, closed or abnormal"))),
        };
        let account = self.account();
        let mut held = self.desk();
        let store = &mut held.0;
        let now = self.advance(&account, store);
        let refund = store
            .state
            .refund(&number)
            .ok_or_else(|| refused(format!("refund {number}: unknown")))?;
        match (refund.status(), to) {
            (RefundStatus::Processing, _) | (RefundStatus::Abnormal, RefundStatus::Success) => {}
            (from, to) => {
                let words = format!(
                    "refund {number}: {} is not left for {}",
                    from.as_str(),
                    to.as_str()
                );
                return Err(refused(words));
            }
        }
        let faults = &mut self.shared.faults();
        store.move_refund(&account.identity, &number, now, to, Some(faults));
        store.commit()?;
        self.shared.wake.notify_one();
        let refund = store
            .state
            .refund(&number)
            .ok_or_else(|| refused("the refund vanished"))?;
        Ok(wire::refund(&store.state, refund))
    }

    /// `balance`: shows it, or tops it up or draws it down to `available` fen.
    pub(crate) fn control_balance(&self, params: &Params) -> Result<Value, SandboxError> {
        let account = self.account();
        let mut held = self.desk();
        let store = &mut held.0;
        let now = self.advance(&account, store);
        if let Some(wanted) = params.integer("available")? {
            if wanted < 0 {
                return Err(refused("available: fen, not below 0"));
            }
            let amount = wanted - store.state.balance;
            if amount != 0 {
                let number = format!("CZ{:010}", store.state.funds.len());
                store.record(Event::Funds {
                    at: now,
                    number,
                    amount,
                });
            }
            store.commit()?;
        }
        Ok(json!({"available": store.state.balance, "currency": "CNY"}))
    }

    /// `settings`: shows them, or replaces those named.
    pub(crate) fn control_settings(&self, params: &Params) -> Result<Value, SandboxError> {
        let mut held = self.desk();
        let store = &mut held.0;
        if !params.is_empty() {
            let settings = store.state.settings.with(params.value()).map_err(refused)?;
            store.record(Event::Settings(Box::new(settings)));
            store.commit()?;
        }
        serde_json::to_value(&store.state.settings).map_err(|error| refused(error.to_string()))
    }

    /// `keys`: `add` a platform certificate, `switch` to the newest, `retire` the others,
    /// or `rotate` (add and switch).
    pub(crate) fn control_keys(&self, params: &Params) -> Result<Value, SandboxError> {
        match params.optional("do").as_deref() {
            None => {}
            Some("rotate") => drop(self.rotate()?),
            Some("add") => {
                let now = self.shared.clock.now();
                self.account_mut()
                    .add_platform(&self.shared.authority, now)?;
            }
            Some("switch") => drop(self.account_mut().switch_platform()?),
            Some("retire") => self.account_mut().retire_platform()?,
            Some(other) => {
                return Err(refused(format!(
                    "do {other}: add, switch, retire or rotate"
                )));
            }
        }
        let account = self.account();
        Ok(json!({
            "platform_certificates": account.identity.platform,
            "signing": account.identity.signing,
            "public_key_id": account.identity.public_key_id,
        }))
    }

    /// `books`: the merchant's own ledger of one day, as CSV.
    pub(crate) fn control_books(&self, params: &Params) -> Result<String, SandboxError> {
        let date = params.day("date")?;
        let account = self.account();
        let mut held = self.desk();
        self.advance(&account, &mut held.0);
        held.0.commit()?;
        let plant = params.flag("plant");
        Ok(books(&held.0.state, account.identity.seed, date, plant).to_csv())
    }

    /// `planted`: what `books` with `plant` hides, by code and number.
    pub(crate) fn control_planted(&self, params: &Params) -> Result<Value, SandboxError> {
        let date = params.day("date")?;
        let account = self.account();
        let mut held = self.desk();
        self.advance(&account, &mut held.0);
        held.0.commit()?;
        let books = books(&held.0.state, account.identity.seed, date, true);
        Ok(json!({
            "date": date.to_string(),
            "counts": books.counts(),
            "ledger_rows": books.len(),
            "bill_rows": books.bill_rows,
            "items": books.plants,
        }))
    }

    /// `bank`: the statement of the bank account the withdrawals arrive at, days `from` to `to`, as CSV.
    pub(crate) fn control_bank(&self, params: &Params) -> Result<String, SandboxError> {
        let (from, to) = (params.day("from")?, params.day("to")?);
        let account = self.account();
        let mut held = self.desk();
        self.advance(&account, &mut held.0);
        held.0.commit()?;
        Ok(super::bank::statement(
            &held.0.state,
            account.identity.seed,
            from,
            to,
        ))
    }

    /// `bill`: the trade bill's bytes as text, without application and link, for a quick look.
    pub(crate) fn control_bill(&self, params: &Params) -> Result<String, SandboxError> {
        let date = params.day("date")?;
        let kind = match params.optional("bill_type").as_deref() {
            None | Some("ALL") => BillKind::Trade(BillType::All),
            Some("SUCCESS") => BillKind::Trade(BillType::Success),
            Some("REFUND") => BillKind::Trade(BillType::Refund),
            Some("FUND") => BillKind::Fund,
            Some(other) => return Err(refused(format!("bill_type {other}: unknown"))),
        };
        let account = self.account();
        let mut held = self.desk();
        let now = self.advance(&account, &mut held.0);
        held.0.commit()?;
        if now < frozen_at(date) {
            return Err(refused(format!(
                "the bill of {date} is made at nine the next morning"
            )));
        }
        let state = &held.0.state;
        let style = Style {
            bom: state.settings.bill_bom,
            crlf: state.settings.bill_crlf,
        };
        let (bytes, _) = match kind {
            BillKind::Trade(kind) => trade_bill(state, &account.identity, date, kind, style),
            BillKind::Fund => super::bills::fund_flow_bill(state, &account.identity, date, style),
        };
        String::from_utf8(bytes).map_err(|error| refused(error.to_string()))
    }

    /// `orders`: what the shop itself knows it sold, newest first.
    pub(crate) fn control_orders(&self, params: &Params) -> Result<Value, SandboxError> {
        let account = self.account();
        let mut held = self.desk();
        let now = self.advance(&account, &mut held.0);
        held.0.commit()?;
        let state = &held.0.state;
        let date = if params.has("date") {
            Some(params.day("date")?)
        } else {
            None
        };
        let wanted_state = params.optional("trade_state");
        let limit = params
            .integer("limit")?
            .map_or(LIST_DEFAULT, |n| n.max(0) as usize);
        let offset = params.integer("offset")?.map_or(0, |n| n.max(0) as usize);
        let matching: Vec<&Order> = state
            .orders
            .iter()
            .rev()
            .filter(|order| date.is_none_or(|date| day_of(order.created_at) == date))
            .filter(|order| {
                wanted_state
                    .as_deref()
                    .is_none_or(|wanted| order.state(now).as_str() == wanted)
            })
            .collect();
        let items: Vec<Value> = matching
            .iter()
            .skip(offset)
            .take(limit)
            .map(|order| self.describe_order(&account.identity, order, now))
            .collect();
        Ok(json!({"total": matching.len(), "orders": items}))
    }

    fn describe_order(
        &self,
        identity: &super::account::Identity,
        order: &Order,
        now: i64,
    ) -> Value {
        let mut out = wire::transaction(identity, order, now);
        out["description"] = json!(order.description);
        out["trade_type"] = json!(order.trade_type.as_str());
        out["create_time"] = json!(rfc3339(order.created_at));
        out
    }

    /// This channel's part of `state`.
    pub(crate) fn control_state(&self, params: &Params) -> Result<Value, SandboxError> {
        let account = self.account();
        let mut held = self.desk();
        let now = self.advance(&account, &mut held.0);
        held.0.commit()?;
        let state = &held.0.state;
        let limit = params
            .integer("limit")?
            .map_or(LIST_DEFAULT, |n| n.max(0) as usize);
        let one_order = params.optional("out_trade_no");
        let one_refund = params.optional("out_refund_no");
        let wanted = |refund: &&Refund| {
            one_order
                .as_deref()
                .is_none_or(|number| refund.out_trade_no == number)
                && one_refund
                    .as_deref()
                    .is_none_or(|number| refund.out_refund_no == number)
        };
        let orders: Vec<Value> = state
            .orders
            .iter()
            .rev()
            .filter(|order| one_order.as_deref().is_none_or(|n| order.out_trade_no == n))
            .take(limit)
            .map(|order| self.describe_order(&account.identity, order, now))
            .collect();
        let refunds: Vec<Value> = state
            .refunds
            .iter()
            .rev()
            .filter(wanted)
            .take(limit)
            .map(|refund| wire::refund(state, refund))
            .collect();
        let notices: Vec<Value> = state
            .notices
            .iter()
            .rev()
            .take(limit)
            .map(describe_notice)
            .collect();
        let paid = state
            .orders
            .iter()
            .filter(|order| order.payment.is_some())
            .count();
        Ok(json!({
            "merchant_name": account.identity.merchant_name,
            "mchid": account.identity.mchid,
            "counts": {
                "orders": state.orders.len(),
                "paid": paid,
                "refunds": state.refunds.len(),
                "notices": state.notices.len(),
            },
            "balance": state.balance,
            "settings": state.settings,
            "platform_certificates": account.identity.platform,
            "signing": account.identity.signing,
            "orders": orders,
            "refunds": refunds,
            "notices": notices,
        }))
    }
}

fn describe_notice(notice: &Notice) -> Value {
    let attempts: Vec<Value> = notice
        .attempts
        .iter()
        .map(|attempt| json!({"at": rfc3339(attempt.at), "outcome": attempt.outcome}))
        .collect();
    json!({
        "id": notice.id,
        "event_type": notice.event_type,
        "url": notice.url,
        "state": notice.state,
        "created_at": rfc3339(notice.created_at),
        "next_at": notice.next_at.map(rfc3339),
        "attempts": attempts,
        "content": serde_json::from_str::<Value>(&notice.plaintext).unwrap_or_default(),
    })
}
