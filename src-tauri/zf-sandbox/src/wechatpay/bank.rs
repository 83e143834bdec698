//! The statement of the bank account the withdrawals arrive at, as a bank's website exports it: a few
//! lines of heading, other people's bookings between, most withdrawals one line each, some two in one
//! line, some one in two.

use jiff::civil::Date;

use super::model::{State, yuan};
use crate::rng::Rng;
use crate::time::{compact_day, day_of, day_start, next_day};

const PAYER: &str = "财付通支付科技有限公司";
/// What lay on the account before the first line, fen.
const OPENING: i64 = 8_640_000;

struct Line {
    day: Date,
    minor: i64,
    summary: String,
    counterparty: &'static str,
}

/// Withdrawals of the days `first` to `last`, and what else happened on the account.
pub(crate) fn statement(state: &State, seed: u64, first: Date, last: Date) -> String {
    let mut rng = Rng::new(seed, 0x0BA0_0000 ^ day_start(first) as u64);
    let (from, to) = (day_start(first), day_start(next_day(last)));
    let mut lines = Vec::new();
    let mut held: Option<i64> = None;
    let payouts = state
        .funds
        .iter()
        .filter(|entry| entry.kind == "提现" && entry.at >= from && entry.at < to);
    for entry in payouts {
        let amount = -entry.amount;
        let day = day_of(entry.at);
        let mut credit = |minor: i64, summary: String| {
            lines.push(Line {
                day,
                minor,
                summary,
                counterparty: PAYER,
            });
        };
        if let Some(before) = held.take() {
            credit(before + amount, "提现入账 2笔".to_owned());
            continue;
        }
        match rng.below(100) {
            // Comes together with the next day's.
            0..12 if day < last => held = Some(amount),
            12..22 if amount > 200_000 => {
                let part = amount * rng.between(30, 70) / 100;
                credit(part, "提现入账".to_owned());
                credit(amount - part, "提现入账".to_owned());
            }
            22..62 => credit(amount, format!("提现 {}", entry.business_no)),
            _ => credit(amount, "提现入账".to_owned()),
        }
    }
    let mut day = first;
    while day <= last {
        for _ in 0..rng.below(3) {
            let (minor, summary, counterparty) = *rng.pick(&[
                (-128_600, "货款", "示例茶叶有限公司"),
                (-36_050, "水电费", "示例物业有限公司"),
                (258_000, "货款", "示例餐饮管理有限公司"),
                (-1_200, "账户管理费", ""),
                (96_400, "往来款", "示例贸易商行"),
            ]);
            lines.push(Line {
                day,
                minor,
                summary: summary.to_owned(),
                counterparty,
            });
        }
        day = next_day(day);
    }
    lines.sort_by_key(|line| line.day);
    let mut out = format!(
        "账户名称：示例商户结算账户\n币种：人民币,起止日期：{first} 至 {last}\n\n交易日期,摘要,借方发生额,贷方发生额,余额,对方户名,交易流水号\n"
    );
    let mut balance = OPENING;
    for (nth, line) in lines.iter().enumerate() {
        balance += line.minor;
        let (debit, credit) = if line.minor < 0 {
            (yuan(-line.minor), String::new())
        } else {
            (String::new(), yuan(line.minor))
        };
        out.push_str(&format!(
            "{},{},{debit},{credit},{},{},B{}{:05}\n",
            line.day,
            line.summary,
            yuan(balance),
            line.counterparty,
            compact_day(line.day),
            nth + 1
        ));
    }
    out
}
