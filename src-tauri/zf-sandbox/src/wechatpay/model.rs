//! The merchant's orders, refunds, funds and notices, and the events they are made of.
//!
//! State is the fold of the journal: live requests and the generated history go through the same
//! [`Event`]s, so a restart sees exactly what was answered. Money is integer fen.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::settings::Settings;

/// The vendor's standard rate, in hundredths of a percent: 0.60 %.
pub(crate) const FEE_BASIS_POINTS: i64 = 60;
/// Unpaid orders close by themselves about a week after they were placed (page section 5.7).
pub(crate) const UNPAID_LIFE_SECONDS: i64 = 7 * crate::time::DAY;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TradeType {
    #[serde(rename = "JSAPI")]
    Jsapi,
    #[serde(rename = "NATIVE")]
    Native,
    #[serde(rename = "APP")]
    App,
    #[serde(rename = "MWEB")]
    H5,
}

impl TradeType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Jsapi => "JSAPI",
            Self::Native => "NATIVE",
            Self::App => "APP",
            Self::H5 => "MWEB",
        }
    }
}

/// Whether the merchant pays for a coupon (it never arrives in the settlement) or it was topped
/// up beforehand (it arrives like money).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CouponKind {
    /// 充值型: topped up, part of the settlement amount.
    #[serde(rename = "CASH")]
    Cash,
    /// 免充值型: lowers the settlement amount.
    #[serde(rename = "NOCASH")]
    NoCash,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Coupon {
    pub(crate) kind: CouponKind,
    pub(crate) amount: i64,
    pub(crate) coupon_id: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) transaction_id: String,
    pub(crate) at: i64,
    pub(crate) openid: String,
    pub(crate) bank_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coupon: Option<Coupon>,
}

impl Payment {
    fn coupon_of(&self, kind: CouponKind) -> i64 {
        self.coupon
            .as_ref()
            .filter(|coupon| coupon.kind == kind)
            .map_or(0, |c| c.amount)
    }

    pub(crate) fn coupon_amount(&self) -> i64 {
        self.coupon.as_ref().map_or(0, |coupon| coupon.amount)
    }

    /// What the order brings the merchant before fees: 应结订单金额.
    pub(crate) fn settlement(&self, total: i64) -> i64 {
        total - self.coupon_of(CouponKind::NoCash)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) out_trade_no: String,
    pub(crate) trade_type: TradeType,
    pub(crate) description: String,
    pub(crate) total: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attach: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) device_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notify_url: Option<String>,
    /// The payer named in a JSAPI order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) openid: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    /// The request as sent, to tell a repeat from another order under the same number.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) request: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payment: Option<Payment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) closed_at: Option<i64>,
    /// Positions in `State::refunds`.
    #[serde(default, skip)]
    pub(crate) refunds: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TradeState {
    NotPay,
    Success,
    Refund,
    Closed,
}

impl TradeState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NotPay => "NOTPAY",
            Self::Success => "SUCCESS",
            Self::Refund => "REFUND",
            Self::Closed => "CLOSED",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::NotPay => "订单未支付",
            Self::Success => "支付成功",
            Self::Refund => "转入退款",
            Self::Closed => "订单已关闭",
        }
    }
}

impl Order {
    pub(crate) fn state(&self, now: i64) -> TradeState {
        if self.payment.is_some() {
            // Any refund, also a partial one or one that later closes, leaves SUCCESS for good.
            if self.refunds.is_empty() {
                TradeState::Success
            } else {
                TradeState::Refund
            }
        } else if self.closed_at.is_some() || now >= self.created_at + UNPAID_LIFE_SECONDS {
            TradeState::Closed
        } else {
            TradeState::NotPay
        }
    }

    /// The fee taken from the payment, in fen.
    pub(crate) fn fee(&self) -> i64 {
        self.payment
            .as_ref()
            .map_or(0, |payment| fee(payment.settlement(self.total)))
    }
}

/// The vendor's fee on an amount, half up to the fen.
pub(crate) fn fee(amount: i64) -> i64 {
    (amount * FEE_BASIS_POINTS + 5_000) / 10_000
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum RefundStatus {
    Processing,
    Success,
    Closed,
    Abnormal,
}

impl RefundStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success => "SUCCESS",
            Self::Closed => "CLOSED",
            Self::Abnormal => "ABNORMAL",
        }
    }

    /// The bill file's own words for the same states.
    pub(crate) fn in_bill(self) -> &'static str {
        match self {
            Self::Processing => "PROCESSING",
            Self::Success => "SUCCESS",
            Self::Closed => "FAIL",
            Self::Abnormal => "CHANGE",
        }
    }
}

/// How a refund divides: `amount` = payer + cash coupon + no-cash coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Split {
    pub(crate) payer: i64,
    pub(crate) cash_coupon: i64,
    pub(crate) no_cash_coupon: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) refund_id: String,
    pub(crate) out_refund_no: String,
    pub(crate) out_trade_no: String,
    pub(crate) amount: i64,
    pub(crate) split: Split,
    /// The part of the payment's fee that comes back with it.
    pub(crate) fee_back: i64,
    pub(crate) accepted_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notify_url: Option<String>,
    pub(crate) channel: String,
    pub(crate) received_account: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) from: Value,
    /// When it will move on by itself, and to what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) due: Option<(i64, RefundStatus)>,
    /// The request as sent, to tell a repeat from another refund under the same number.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(crate) request: Value,
    /// Every state after the first, with its time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) trail: Vec<(i64, RefundStatus)>,
}

impl Refund {
    pub(crate) fn status(&self) -> RefundStatus {
        self.trail
            .last()
            .map_or(RefundStatus::Processing, |(_, status)| *status)
    }

    /// The state as it stood at an earlier instant: bills freeze it.
    pub(crate) fn status_at(&self, instant: i64) -> RefundStatus {
        self.trail
            .iter()
            .rev()
            .find(|(at, _)| *at <= instant)
            .map_or(RefundStatus::Processing, |(_, status)| *status)
    }

    pub(crate) fn success_at(&self) -> Option<i64> {
        self.trail
            .last()
            .filter(|(_, status)| *status == RefundStatus::Success)
            .map(|(at, _)| *at)
    }

    /// What leaves the merchant's settlement: 退款金额.
    pub(crate) fn settlement(&self) -> i64 {
        self.amount - self.split.no_cash_coupon
    }

    /// What leaves the merchant's balance.
    pub(crate) fn net(&self) -> i64 {
        self.settlement() - self.fee_back
    }
}

/// One line of the fund-flow account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FundEntry {
    pub(crate) at: i64,
    pub(crate) business_no: String,
    /// 业务名称 and 业务类型.
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    /// Positive for income.
    pub(crate) amount: i64,
    pub(crate) balance: i64,
    /// True when a person or program of the merchant asked for it, through the API.
    pub(crate) by_api: bool,
    pub(crate) remark: String,
    pub(crate) voucher: String,
}

/// What a bill lists, in the order it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Movement {
    Paid(usize),
    Refunded(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoticeState {
    Waiting,
    Delivered,
    GivenUp,
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) at: i64,
    /// The HTTP status, or why there was none.
    pub(crate) outcome: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) id: String,
    pub(crate) event_type: String,
    pub(crate) original_type: String,
    pub(crate) summary: String,
    pub(crate) url: String,
    pub(crate) plaintext: String,
    pub(crate) created_at: i64,
    pub(crate) next_at: Option<i64>,
    /// Waits for the next notice to overtake it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) held: bool,
    pub(crate) state: NoticeState,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attempts: Vec<Attempt>,
}

/// One thing that happened. The journal is made of these.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    Placed(Order),
    Paid {
        out_trade_no: String,
        payment: Payment,
    },
    Closed {
        out_trade_no: String,
        at: i64,
    },
    Refunded(Refund),
    RefundMoved {
        out_refund_no: String,
        at: i64,
        status: RefundStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<(i64, RefundStatus)>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<(String, String)>,
    },
    Funds {
        at: i64,
        number: String,
        amount: i64,
    },
    NoticeQueued(Notice),
    NoticeTried {
        index: usize,
        attempt: Attempt,
        state: NoticeState,
        next_at: Option<i64>,
    },
    NoticeReleased {
        index: usize,
        next_at: i64,
    },
    Settings(Box<Settings>),
    TradedUntil(i64),
}

/// Everything one merchant account holds.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) orders: Vec<Order>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) movements: Vec<(i64, Movement)>,
    pub(crate) funds: Vec<FundEntry>,
    pub(crate) opening_balance: i64,
    pub(crate) balance: i64,
    pub(crate) settings: Settings,
    pub(crate) traded_until: i64,
    by_out_trade_no: HashMap<String, usize>,
    by_transaction_id: HashMap<String, usize>,
    by_out_refund_no: HashMap<String, usize>,
    by_refund_id: HashMap<String, usize>,
    refunds_due: BTreeSet<(i64, usize)>,
    notices_due: BTreeSet<(i64, usize)>,
}

impl State {
    pub(crate) fn new(opening_balance: i64) -> Self {
        Self {
            opening_balance,
            balance: opening_balance,
            ..Self::default()
        }
    }

    pub(crate) fn order(&self, out_trade_no: &str) -> Option<&Order> {
        self.by_out_trade_no
            .get(out_trade_no)
            .map(|at| &self.orders[*at])
    }

    pub(crate) fn order_by_transaction(&self, transaction_id: &str) -> Option<&Order> {
        self.by_transaction_id
            .get(transaction_id)
            .map(|at| &self.orders[*at])
    }

    pub(crate) fn refund(&self, out_refund_no: &str) -> Option<&Refund> {
        self.by_out_refund_no
            .get(out_refund_no)
            .map(|at| &self.refunds[*at])
    }

    pub(crate) fn refund_by_id(&self, refund_id: &str) -> Option<&Refund> {
        self.by_refund_id
            .get(refund_id)
            .map(|at| &self.refunds[*at])
    }

    pub(crate) fn refunds_of<'a>(&'a self, order: &'a Order) -> impl Iterator<Item = &'a Refund> {
        order.refunds.iter().map(|at| &self.refunds[*at])
    }

    /// The order a refund belongs to.
    pub(crate) fn order_of(&self, refund: &Refund) -> &Order {
        self.order(&refund.out_trade_no)
            .expect("a refund is only recorded for a known order")
    }

    /// The earliest refund that moves on by itself at or before `now`.
    pub(crate) fn refund_due(&self, now: i64) -> Option<&Refund> {
        self.refunds_due
            .first()
            .filter(|(at, _)| *at <= now)
            .map(|(_, at)| &self.refunds[*at])
    }

    /// The notices to be sent at the earliest due instant at or before `now`.
    pub(crate) fn notices_due(&self, now: i64) -> Vec<(i64, usize)> {
        let Some((first, _)) = self.notices_due.first().filter(|(at, _)| *at <= now) else {
            return Vec::new();
        };
        self.notices_due.range(..(first + 1, 0)).copied().collect()
    }

    /// What may still be refunded, and what a refund of `amount` is made of.
    pub(crate) fn split(&self, order: &Order, amount: i64) -> (Split, i64) {
        let Some(payment) = &order.payment else {
            return (Split::default(), 0);
        };
        let earlier: Vec<&Refund> = self
            .refunds_of(order)
            .filter(|refund| refund.status() != RefundStatus::Closed)
            .collect();
        let refunded: i64 = earlier.iter().map(|refund| refund.amount).sum();
        let last = refunded + amount >= order.total;
        let coupon_left = payment.coupon_amount()
            - earlier
                .iter()
                .map(|refund| refund.split.cash_coupon + refund.split.no_cash_coupon)
                .sum::<i64>();
        // Proportional, the rest with the last one, so that the parts always add up.
        let coupon = if last {
            coupon_left
        } else {
            (payment.coupon_amount() * amount / order.total).min(coupon_left)
        };
        let no_cash = match payment.coupon.as_ref().map(|coupon| coupon.kind) {
            Some(CouponKind::NoCash) => coupon,
            _ => 0,
        };
        let split = Split {
            payer: amount - coupon,
            cash_coupon: coupon - no_cash,
            no_cash_coupon: no_cash,
        };
        let fee_left = order.fee() - earlier.iter().map(|refund| refund.fee_back).sum::<i64>();
        (split, fee(amount - no_cash).min(fee_left))
    }

    fn order_index(&self, out_trade_no: &str) -> Result<usize, String> {
        let found = self.by_out_trade_no.get(out_trade_no).copied();
        found.ok_or_else(|| format!("order {out_trade_no} was never placed"))
    }

    fn refund_index(&self, out_refund_no: &str) -> Result<usize, String> {
        let found = self.by_out_refund_no.get(out_refund_no).copied();
        found.ok_or_else(|| format!("refund {out_refund_no} was never accepted"))
    }

    /// Takes one event in. Fails only for a journal that contradicts itself.
    pub(crate) fn apply(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Placed(order) => {
                let number = order.out_trade_no.clone();
                if self
                    .by_out_trade_no
                    .insert(number, self.orders.len())
                    .is_some()
                {
                    return Err(format!("order {} was placed twice", order.out_trade_no));
                }
                self.orders.push(order);
            }
            Event::Paid {
                out_trade_no,
                payment,
            } => {
                let at = self.order_index(&out_trade_no)?;
                self.by_transaction_id
                    .insert(payment.transaction_id.clone(), at);
                self.movements.push((payment.at, Movement::Paid(at)));
                let order = &mut self.orders[at];
                let settlement = payment.settlement(order.total);
                let (when, transaction_id) = (payment.at, payment.transaction_id.clone());
                order.payment = Some(payment);
                let fee = order.fee();
                for (kind, amount) in [("交易", settlement), ("扣除交易手续费", -fee)] {
                    if amount != 0 {
                        self.book(FundEntry {
                            at: when,
                            business_no: transaction_id.clone(),
                            name: "交易",
                            kind,
                            amount,
                            balance: 0,
                            by_api: false,
                            remark: String::new(),
                            voucher: out_trade_no.clone(),
                        });
                    }
                }
            }
            Event::Closed { out_trade_no, at } => {
                let index = self.order_index(&out_trade_no)?;
                self.orders[index].closed_at = Some(at);
            }
            Event::Refunded(refund) => {
                let order = self.order_index(&refund.out_trade_no)?;
                let index = self.refunds.len();
                let number = refund.out_refund_no.clone();
                if self.by_out_refund_no.insert(number, index).is_some() {
                    return Err(format!(
                        "refund {} was accepted twice",
                        refund.out_refund_no
                    ));
                }
                self.by_refund_id.insert(refund.refund_id.clone(), index);
                self.orders[order].refunds.push(index);
                self.movements
                    .push((refund.accepted_at, Movement::Refunded(index)));
                if let Some((at, _)) = refund.due {
                    self.refunds_due.insert((at, index));
                }
                self.book(FundEntry {
                    at: refund.accepted_at,
                    business_no: refund.refund_id.clone(),
                    name: "退款",
                    kind: "退款",
                    amount: -refund.net(),
                    balance: 0,
                    by_api: true,
                    remark: format!(
                        "退款总金额{}元;含手续费{}元",
                        yuan(refund.settlement()),
                        yuan(refund.fee_back)
                    ),
                    voucher: refund.out_refund_no.clone(),
                });
                self.refunds.push(refund);
            }
            Event::RefundMoved {
                out_refund_no,
                at,
                status,
                due,
                to,
            } => {
                let index = self.refund_index(&out_refund_no)?;
                let refund = &mut self.refunds[index];
                if let Some((old, _)) = refund.due.take() {
                    self.refunds_due.remove(&(old, index));
                }
                refund.trail.push((at, status));
                refund.due = due;
                if let Some((due_at, _)) = due {
                    self.refunds_due.insert((due_at, index));
                }
                if let Some((channel, account)) = to {
                    refund.channel = channel;
                    refund.received_account = account;
                }
                if status == RefundStatus::Closed {
                    let entry = FundEntry {
                        at,
                        business_no: refund.refund_id.clone(),
                        name: "退款",
                        kind: "退款关闭",
                        amount: refund.net(),
                        balance: 0,
                        by_api: false,
                        remark: String::new(),
                        voucher: refund.out_refund_no.clone(),
                    };
                    self.book(entry);
                }
            }
            Event::Funds { at, number, amount } => {
                let name = if amount < 0 { "提现" } else { "充值" };
                self.book(FundEntry {
                    at,
                    business_no: number.clone(),
                    name,
                    kind: name,
                    amount,
                    balance: 0,
                    by_api: false,
                    remark: String::new(),
                    voucher: number,
                });
            }
            Event::NoticeQueued(notice) => {
                if let Some(at) = notice.next_at {
                    self.notices_due.insert((at, self.notices.len()));
                }
                self.notices.push(notice);
            }
            Event::NoticeTried {
                index,
                attempt,
                state,
                next_at,
            } => {
                self.reschedule(index, next_at)?;
                let notice = &mut self.notices[index];
                notice.attempts.push(attempt);
                notice.state = state;
            }
            Event::NoticeReleased { index, next_at } => {
                self.reschedule(index, Some(next_at))?;
                self.notices[index].held = false;
            }
            Event::Settings(settings) => self.settings = *settings,
            Event::TradedUntil(at) => self.traded_until = at,
        }
        Ok(())
    }

    fn reschedule(&mut self, index: usize, next_at: Option<i64>) -> Result<(), String> {
        let notice = self
            .notices
            .get_mut(index)
            .ok_or(format!("notice {index} is unknown"))?;
        if let Some(old) = notice.next_at {
            self.notices_due.remove(&(old, index));
        }
        notice.next_at = next_at;
        if let Some(at) = next_at {
            self.notices_due.insert((at, index));
        }
        Ok(())
    }

    fn book(&mut self, mut entry: FundEntry) {
        self.balance += entry.amount;
        entry.balance = self.balance;
        self.funds.push(entry);
    }
}

/// Fen as yuan text with two decimals, as in the bill files.
pub(crate) fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_printed_exactly() {
        for (fen, text) in [(0, "0.00"), (5, "0.05"), (-24, "-0.24"), (10_000, "100.00")] {
            assert_eq!(yuan(fen), text);
        }
    }

    #[test]
    fn fees_round_half_up_to_the_fen() {
        for (amount, expected) in [
            (10_000, 60),
            (600, 4),
            (83, 0),
            (84, 1),
            (4_000, 24),
            (26_000, 156),
            (1, 0),
        ] {
            assert_eq!(fee(amount), expected, "{amount}");
        }
    }
}
