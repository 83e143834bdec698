//! State and journal together: nothing is answered before it is on disk.

use std::path::Path;

use zf_crypto::random;

use super::account::Identity;
use super::history::{self, Planned, REACH_DAYS, Step};
use super::model::{
    Attempt, Event, Notice, NoticeState, Order, Payment, Refund, RefundStatus, State, TradeState,
};
use super::wire;
use crate::error::SandboxError;
use crate::faults::{Drawn, FaultBoard, FaultKind, Stage};
use crate::journal::Journal;
use crate::time::{DAY, compact_day, day_of};

pub(crate) struct Store {
    pub(crate) state: State,
    journal: Journal,
    pending: Vec<Event>,
    /// The disk refused a write: the state in memory is ahead of it and must not be trusted.
    broken: bool,
}

impl Store {
    pub(crate) fn open(directory: &Path, opening_balance: i64) -> Result<Self, SandboxError> {
        let mut state = State::new(opening_balance);
        let journal = Journal::open(&directory.join("journal.jsonl"), |step: Vec<Event>| {
            step.into_iter().try_for_each(|event| state.apply(event))
        })?;
        Ok(Self {
            state,
            journal,
            pending: Vec::new(),
            broken: false,
        })
    }

    /// Takes an event in; [`Store::commit`] makes it durable.
    pub(crate) fn record(&mut self, event: Event) {
        self.pending.push(event.clone());
        self.state
            .apply(event)
            .expect("callers record only what the state allows");
    }

    /// Writes everything recorded since the last commit as one indivisible step.
    pub(crate) fn commit(&mut self) -> Result<(), SandboxError> {
        if self.broken {
            return Err(SandboxError::Refused(
                "an earlier write to the sandbox home failed; restart the sandbox".to_owned(),
            ));
        }
        if self.pending.is_empty() {
            return Ok(());
        }
        let step = std::mem::take(&mut self.pending);
        self.journal
            .append(&step)
            .inspect_err(|_| self.broken = true)
    }

    /// Lets the shop trade on until `until`, from its seed. `first` is where a new home begins.
    pub(crate) fn trade(&mut self, identity: &Identity, first: i64, until: i64) {
        let fresh = self.state.traded_until == 0;
        let from = if fresh {
            first
        } else {
            self.state.traded_until
        };
        if until <= from {
            return;
        }
        let mut steps: Vec<Planned> = Vec::new();
        // Orders of earlier days may still be refunded in this stretch.
        let reach = if fresh {
            0
        } else {
            DAY * i64::from(REACH_DAYS)
        };
        let mut date = day_of(from - reach);
        while crate::time::day_start(date) <= until {
            let day = history::day(identity.seed, date, identity.orders_per_day);
            steps.extend(
                day.into_iter()
                    .filter(|planned| planned.at > from && planned.at <= until),
            );
            date = crate::time::next_day(date);
        }
        steps.sort_by_key(|planned| planned.at);
        for Planned { at, step } in steps {
            self.settle(identity, at, None);
            self.happen(at, step);
        }
        self.record(Event::TradedUntil(until));
    }

    fn happen(&mut self, at: i64, step: Step) {
        match step {
            Step::Place(order) => {
                if self.state.order(&order.out_trade_no).is_none() {
                    self.record(Event::Placed(*order));
                }
            }
            Step::Pay {
                out_trade_no,
                openid,
                bank_type,
                coupon,
            } => {
                let open = |order: &Order| order.state(at) == TradeState::NotPay;
                if self.state.order(&out_trade_no).is_some_and(open) {
                    let transaction_id = self.transaction_id(at);
                    let payment = Payment {
                        transaction_id,
                        at,
                        openid,
                        bank_type,
                        coupon,
                    };
                    self.record(Event::Paid {
                        out_trade_no,
                        payment,
                    });
                }
            }
            Step::Close { out_trade_no } => {
                let open = |order: &Order| order.state(at) == TradeState::NotPay;
                if self.state.order(&out_trade_no).is_some_and(open) {
                    self.record(Event::Closed { out_trade_no, at });
                }
            }
            Step::Refund {
                out_trade_no,
                out_refund_no,
                amount,
                reason,
                end,
            } => {
                let Some(order) = self.state.order(&out_trade_no) else {
                    return;
                };
                let Some(payment) = &order.payment else {
                    return;
                };
                let refunded: i64 = self
                    .state
                    .refunds_of(order)
                    .map(|refund| refund.amount)
                    .sum();
                let (split, fee_back) = self.state.split(order, amount);
                let net = amount - split.no_cash_coupon - fee_back;
                if refunded + amount > order.total
                    || net > self.state.balance
                    || self.state.refund(&out_refund_no).is_some()
                {
                    return;
                }
                let tail = u64::from(crc(&payment.openid));
                let received_account = history::received_account(&payment.bank_type, tail);
                let refund_id = self.refund_id(at);
                self.record(Event::Refunded(Refund {
                    refund_id,
                    out_refund_no,
                    out_trade_no,
                    amount,
                    split,
                    fee_back,
                    accepted_at: at,
                    reason: Some(reason),
                    notify_url: None,
                    channel: "ORIGINAL".to_owned(),
                    received_account,
                    from: serde_json::Value::Null,
                    due: Some(end),
                    request: serde_json::Value::Null,
                    trail: Vec::new(),
                }));
            }
            Step::Withdraw { number } => {
                // A float of 5,000 yuan stays for refunds; the rest goes out in whole hundreds.
                let amount = (self.state.balance - 500_000) / 10_000 * 10_000;
                if amount > 0 {
                    self.record(Event::Funds {
                        at,
                        number,
                        amount: -amount,
                    });
                }
            }
        }
    }

    /// Lets every refund whose time has come move on.
    pub(crate) fn settle(
        &mut self,
        identity: &Identity,
        now: i64,
        mut faults: Option<&mut FaultBoard>,
    ) {
        while let Some(refund) = self.state.refund_due(now) {
            let Some((at, status)) = refund.due else {
                return;
            };
            let number = refund.out_refund_no.clone();
            self.move_refund(identity, &number, at, status, faults.as_deref_mut());
        }
    }

    /// Moves a refund to a state and queues the notice about it.
    pub(crate) fn move_refund(
        &mut self,
        identity: &Identity,
        out_refund_no: &str,
        at: i64,
        status: RefundStatus,
        faults: Option<&mut FaultBoard>,
    ) {
        self.record(Event::RefundMoved {
            out_refund_no: out_refund_no.to_owned(),
            at,
            status,
            due: None,
            to: None,
        });
        let Some(refund) = self.state.refund(out_refund_no) else {
            return;
        };
        let Some(url) = refund.notify_url.clone() else {
            return;
        };
        let summary = match status {
            RefundStatus::Success => "退款成功",
            RefundStatus::Abnormal => "退款异常",
            RefundStatus::Closed => "退款关闭",
            RefundStatus::Processing => return,
        };
        let order = self.state.order_of(refund);
        let plaintext = wire::refund_notice(identity, order, refund, status, at).to_string();
        let event_type = format!("REFUND.{}", status.as_str());
        self.queue(
            "notice.refund",
            &event_type,
            "refund",
            summary,
            url,
            plaintext,
            at,
            faults,
        );
    }

    /// Queues the notice about a payment, when the order asked for one.
    pub(crate) fn queue_payment_notice(
        &mut self,
        identity: &Identity,
        out_trade_no: &str,
        at: i64,
        faults: &mut FaultBoard,
    ) {
        let Some(order) = self.state.order(out_trade_no) else {
            return;
        };
        let Some(url) = order.notify_url.clone() else {
            return;
        };
        let plaintext = wire::transaction(identity, order, at).to_string();
        self.queue(
            "notice.payment",
            "TRANSACTION.SUCCESS",
            "transaction",
            "支付成功",
            url,
            plaintext,
            at,
            Some(faults),
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one notice's parts, from two callers"
    )]
    fn queue(
        &mut self,
        operation: &str,
        event_type: &str,
        original_type: &str,
        summary: &str,
        url: String,
        plaintext: String,
        at: i64,
        faults: Option<&mut FaultBoard>,
    ) {
        if !self.state.settings.apiv3_key_set {
            // Without an APIv3 key the vendor sends nothing at all.
            return;
        }
        let drawn = faults.map_or_else(Drawn::default, |board| {
            board.draw(Stage::NoticeBorn, operation, &plaintext)
        });
        let late = drawn
            .rule(FaultKind::NoticeLate)
            .map_or(0, |rule| rule.seconds.unwrap_or(600));
        let held = drawn.has(FaultKind::NoticeOutOfOrder);
        let lost = drawn.has(FaultKind::NoticeLost);
        // A held notice that nothing overtakes still goes out after an hour.
        let first = at + late.max(0) + if held { 3_600 } else { 0 };
        let notice = Notice {
            id: uuid::Uuid::new_v4().to_string(),
            event_type: event_type.to_owned(),
            original_type: original_type.to_owned(),
            summary: summary.to_owned(),
            url,
            plaintext,
            created_at: at,
            next_at: (!lost).then_some(first),
            held,
            state: if lost {
                NoticeState::Lost
            } else {
                NoticeState::Waiting
            },
            attempts: Vec::new(),
        };
        let twin = drawn.has(FaultKind::NoticeDoubled).then(|| notice.clone());
        self.record(Event::NoticeQueued(notice));
        if let Some(twin) = twin {
            self.record(Event::NoticeQueued(twin));
        }
        if !held && !lost {
            let waiting: Vec<usize> = (0..self.state.notices.len())
                .filter(|index| self.state.notices[*index].held)
                .collect();
            for index in waiting {
                self.record(Event::NoticeReleased {
                    index,
                    next_at: first + 1,
                });
            }
        }
    }

    /// Notes how an attempt at a notice went and when the next one is due.
    pub(crate) fn tried(&mut self, index: usize, attempt: Attempt, delivered: bool) {
        let Some(notice) = self.state.notices.get(index) else {
            return;
        };
        let done = notice.attempts.len();
        let next = RETRY_SECONDS
            .get(done)
            .filter(|_| !delivered)
            .map(|delay| attempt.at + delay);
        let state = match (delivered, next) {
            (true, _) => NoticeState::Delivered,
            (false, Some(_)) => NoticeState::Waiting,
            (false, None) => NoticeState::GivenUp,
        };
        self.record(Event::NoticeTried {
            index,
            attempt,
            state,
            next_at: next,
        });
    }

    /// `4200…`, 28 digits.
    pub(crate) fn transaction_id(&self, at: i64) -> String {
        let paid = self.state.movements.len() as u64;
        let tail = scatter(paid, 10_000_000_000);
        format!("4200002501{}{tail:010}", compact_day(day_of(at)))
    }

    /// `503…`, 29 digits.
    pub(crate) fn refund_id(&self, at: i64) -> String {
        let tail = scatter(self.state.refunds.len() as u64, 100_000_000_000);
        format!("5030000250{}{tail:011}", compact_day(day_of(at)))
    }
}

/// The vendor's delays between attempts, in seconds: 24 hours and 4 minutes together
/// (page section 8.2).
pub(crate) const RETRY_SECONDS: [i64; 15] = [
    15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600,
];

/// Spreads a counter over `modulus` (a power of ten) without ever repeating: the factor shares
/// no divisor with ten.
pub(crate) fn scatter(counter: u64, modulus: u64) -> u64 {
    (u128::from(counter) * 7_654_321_907 % u128::from(modulus)) as u64
}

fn crc(text: &str) -> u32 {
    let digest = zf_crypto::digest::sha256(text.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// A fresh prepay id: `wx`, fourteen digits of the moment, a hexadecimal tail, 36 characters.
pub(crate) fn prepay_id(now: i64) -> String {
    let local = crate::time::bill_time(now);
    let digits: String = local.chars().filter(char::is_ascii_digit).skip(6).collect();
    let random: [u8; 11] = random::bytes();
    let hex = zf_crypto::digest::hex_lower(&random);
    let micro = u32::from(random[0]) * 3_906;
    format!("wx{digits}{micro:06}{}0000", &hex[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_retry_schedule_lasts_a_day_and_four_minutes() {
        assert_eq!(RETRY_SECONDS.iter().sum::<i64>(), 24 * 3_600 + 4 * 60);
    }

    #[test]
    fn a_prepay_id_looks_like_the_vendors() {
        let id = prepay_id(1_773_450_720);
        assert!(id.starts_with("wx14091200"), "{id}");
        assert_eq!(id.len(), 36);
    }

    #[test]
    fn scattered_numbers_do_not_repeat() {
        let mut seen: Vec<u64> = (0..20_000).map(|n| scatter(n, 10_000_000_000)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 20_000);
    }
}
