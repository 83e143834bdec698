//! The merchant's own books of one day, clean or with differences planted on purpose.
//!
//! Planting keeps to what an engine can tell apart without guessing: every number is used for at
//! most one difference, refunds are never planted by state (the bill's refund state is a snapshot
//! and differing there is normal), and clean books hold only what the bill of the day holds, so
//! that an engine matching payments by number, amount and paid/not paid, and refunds by number
//! and amount, finds exactly what was planted.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::bills::frozen_at;
use super::model::{Movement, RefundStatus, State, TradeState, yuan};
use crate::rng::Rng;
use crate::time::{compact_day, day_start, next_day, rfc3339};

/// One row of the books.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    refund: bool,
    out_trade_no: String,
    out_refund_no: String,
    amount: i64,
    /// What a coupon left of the amount, for the commonest mistake in books.
    settlement: i64,
    status: &'static str,
    at: i64,
}

impl Row {
    fn number(&self) -> &str {
        if self.refund {
            &self.out_refund_no
        } else {
            &self.out_trade_no
        }
    }
}

/// One difference planted in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Plant {
    code: &'static str,
    kind: &'static str,
    number: String,
    out_trade_no: String,
    note: String,
}

/// The books of a day and what was planted in them.
pub(crate) struct Books {
    rows: Vec<Row>,
    pub(crate) plants: Vec<Plant>,
    pub(crate) bill_rows: usize,
}

/// All codes, so that a count of zero is said and not left out.
const CODES: [&str; 6] = [
    "missing_in_ledger",
    "missing_in_channel",
    "amount_mismatch",
    "status_mismatch",
    "duplicate_in_ledger",
    "duplicate_in_channel",
];

impl Books {
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, usize> {
        CODES
            .iter()
            .map(|code| {
                (
                    *code,
                    self.plants
                        .iter()
                        .filter(|plant| plant.code == *code)
                        .count(),
                )
            })
            .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// `kind,out_trade_no,out_refund_no,amount,currency,status,created_at`
    pub(crate) fn to_csv(&self) -> String {
        let mut out =
            String::from("kind,out_trade_no,out_refund_no,amount,currency,status,created_at\n");
        for row in &self.rows {
            out.push_str(&format!(
                "{},{},{},{},CNY,{},{}\n",
                if row.refund { "refund" } else { "payment" },
                row.out_trade_no,
                row.out_refund_no,
                yuan(row.amount),
                row.status,
                rfc3339(row.at)
            ));
        }
        out
    }
}

/// The books of `date`. The same seed, date and trade give the same books.
pub(crate) fn books(state: &State, seed: u64, date: Date, plant: bool) -> Books {
    let mut rows = clean(state, seed, date);
    let bill_rows = rows.len();
    let mut plants = Vec::new();
    if plant {
        plants = plant_into(state, seed, date, &mut rows);
    }
    rows.sort_by(|a, b| (a.at, a.number()).cmp(&(b.at, b.number())));
    Books {
        rows,
        plants,
        bill_rows,
    }
}

fn clean(state: &State, seed: u64, date: Date) -> Vec<Row> {
    let (from, to) = (day_start(date), day_start(next_day(date)));
    let frozen = frozen_at(date);
    // The till's habits, one draw for each row whatever it is, so that they do not depend on
    // the state of any other row.
    let mut rng = Rng::new(seed, 0x0B00_0000 ^ from as u64);
    let of_day = state
        .movements
        .iter()
        .filter(|(at, _)| *at >= from && *at < to);
    of_day
        .map(|(at, movement)| {
            let optimistic = rng.chance(50);
            match movement {
                Movement::Paid(index) => {
                    let order = &state.orders[*index];
                    let refunded = state
                        .refunds_of(order)
                        .any(|refund| refund.accepted_at < frozen);
                    let settlement = order
                        .payment
                        .as_ref()
                        .map_or(order.total, |payment| payment.settlement(order.total));
                    Row {
                        refund: false,
                        out_trade_no: order.out_trade_no.clone(),
                        out_refund_no: String::new(),
                        amount: order.total,
                        settlement,
                        status: if refunded && optimistic {
                            "REFUND"
                        } else {
                            "SUCCESS"
                        },
                        at: *at,
                    }
                }
                Movement::Refunded(index) => {
                    let refund = &state.refunds[*index];
                    let done = refund.status_at(frozen) == RefundStatus::Success;
                    Row {
                        refund: true,
                        out_trade_no: refund.out_trade_no.clone(),
                        out_refund_no: refund.out_refund_no.clone(),
                        amount: refund.amount,
                        settlement: refund.amount,
                        // Half of the tills write "done" the moment a refund is accepted.
                        status: if done || optimistic {
                            "SUCCESS"
                        } else {
                            "PROCESSING"
                        },
                        at: *at,
                    }
                }
            }
        })
        .collect()
}

fn plant_into(state: &State, seed: u64, date: Date, rows: &mut Vec<Row>) -> Vec<Plant> {
    let start = day_start(date);
    let mut rng = Rng::new(seed, 0x9A00_0000 ^ start as u64);
    let mut payments: Vec<usize> = (0..rows.len()).filter(|at| !rows[*at].refund).collect();
    let mut refunds: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].refund).collect();
    rng.shuffle(&mut payments);
    rng.shuffle(&mut refunds);
    // At most a third of a quiet day is spoilt.
    let each_max = (payments.len() / 12) as u64;
    let mut plants = Vec::new();
    let mut removed = Vec::new();
    let mut added = Vec::new();
    let mut note = |code, row: &Row, note: String| {
        plants.push(Plant {
            code,
            kind: if row.refund { "refund" } else { "payment" },
            number: row.number().to_owned(),
            out_trade_no: row.out_trade_no.clone(),
            note,
        });
    };
    let mut how_many = |low: u64, high: u64| (low + rng.below(high - low + 1)).min(each_max);
    let [lost, early, wrong, stale, twice] = [
        how_many(2, 4),
        how_many(1, 3),
        how_many(2, 3),
        how_many(1, 3),
        how_many(1, 2),
    ];

    for at in payments.drain(..lost as usize) {
        note(
            "missing_in_ledger",
            &rows[at],
            "the notice of this payment was lost".to_owned(),
        );
        removed.push(at);
    }
    if refunds.len() > 3
        && let Some(at) = refunds.pop()
    {
        note(
            "missing_in_ledger",
            &rows[at],
            "refunded by hand, never booked".to_owned(),
        );
        removed.push(at);
    }

    // Someone who took the settlement amount for the order amount, if there was a coupon.
    let coupon = payments
        .iter()
        .position(|at| rows[*at].settlement != rows[*at].amount);
    let mut mistaken: Vec<usize> = coupon
        .filter(|_| wrong > 0)
        .map(|place| payments.remove(place))
        .into_iter()
        .collect();
    let more = (wrong as usize).saturating_sub(mistaken.len());
    mistaken.extend(payments.drain(..more));
    if refunds.len() > 3 {
        mistaken.extend(refunds.pop());
    }
    for at in mistaken {
        let right = rows[at].amount;
        let written = if rows[at].settlement == right {
            right + rng.between(1, 500)
        } else {
            rows[at].settlement
        };
        rows[at].amount = written;
        let words = format!("booked {} instead of {}", yuan(written), yuan(right));
        note("amount_mismatch", &rows[at], words);
    }

    for (nth, at) in payments.drain(..stale as usize).enumerate() {
        rows[at].status = if nth % 2 == 0 { "PROCESSING" } else { "CLOSED" };
        let words = format!("booked as {}, although paid", rows[at].status);
        note("status_mismatch", &rows[at], words);
    }

    for at in payments.drain(..twice as usize) {
        note(
            "duplicate_in_ledger",
            &rows[at],
            "imported twice".to_owned(),
        );
        added.push(rows[at].clone());
    }

    // Paid in the books, not at the channel: abandoned orders of the day first, then numbers
    // the channel has never heard of.
    let end = day_start(next_day(date));
    let abandoned: Vec<_> = state
        .orders
        .iter()
        .filter(|order| order.created_at >= start && order.created_at < end)
        .filter(|order| order.state(end) == TradeState::Closed && order.payment.is_none())
        .collect();
    for nth in 0..early {
        let at = start + rng.between(9 * 3_600, 21 * 3_600);
        let known = (nth % 2 == 0 && !abandoned.is_empty()).then(|| {
            let place = (rng.below(abandoned.len() as u64) + nth) as usize % abandoned.len();
            abandoned[place]
        });
        let (number, amount, at) = match known {
            Some(order) => (
                order.out_trade_no.clone(),
                order.total,
                order.created_at + 30,
            ),
            None => {
                let number = format!("ZF{}WX{:06}", compact_day(date), rng.below(1_000_000));
                (number, rng.between(9, 88) * 100, at)
            }
        };
        if added.iter().any(|row: &Row| row.out_trade_no == number) {
            continue;
        }
        let row = Row {
            refund: false,
            out_trade_no: number,
            out_refund_no: String::new(),
            amount,
            settlement: amount,
            status: "SUCCESS",
            at: at.min(end - 1),
        };
        note(
            "missing_in_channel",
            &row,
            "booked as paid, never paid at the channel".to_owned(),
        );
        added.push(row);
    }

    removed.sort_unstable();
    for at in removed.into_iter().rev() {
        rows.remove(at);
    }
    rows.extend(added);
    plants
}
