//! A believable merchant: what happens in its shop on one day, from the seed alone.
//!
//! Every day has a generator of its own, so a day's trade does not depend on how many days were
//! asked for, and a home can trade on from where it stopped.

use jiff::civil::{Date, Weekday};

use super::model::{Coupon, CouponKind, Order, RefundStatus, TradeType, UNPAID_LIFE_SECONDS};
use crate::rng::Rng;
use crate::time::{DAY, compact_clock, compact_day, day_start};

/// One step of the day's trade.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    pub(crate) at: i64,
    pub(crate) step: Step,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Place(Box<Order>),
    Pay {
        out_trade_no: String,
        openid: String,
        bank_type: String,
        coupon: Option<Coupon>,
    },
    Close {
        out_trade_no: String,
    },
    Refund {
        out_trade_no: String,
        out_refund_no: String,
        amount: i64,
        reason: String,
        end: (i64, RefundStatus),
    },
    /// The balance above the float goes to the merchant's bank.
    Withdraw {
        number: String,
    },
}

/// How long after its day the last step of an order can come: a late second refund.
pub(crate) const REACH_DAYS: i32 = 6;

/// Customers by hour of the day: breakfast, lunch, afternoon tea, after work; a few at night, so
/// that some orders are placed on one day and paid on the next.
const RUSH: [u64; 24] = [
    4, 2, 1, 1, 1, 2, 8, 30, 52, 40, 45, 70, 85, 60, 50, 62, 70, 66, 80, 78, 60, 40, 22, 12,
];

/// Name and price in fen. Commas in names are common in the field and break naive readers.
const MENU: &[(u64, (&str, i64))] = &[
    (30, ("珍珠奶茶", 1_400)),
    (18, ("珍珠奶茶,大杯", 1_700)),
    (16, ("茉莉绿茶,三分糖,去冰", 1_200)),
    (14, ("杨枝甘露", 1_900)),
    (10, ("手打柠檬茶", 1_500)),
    (8, ("芋泥波波（热）", 1_800)),
    (7, ("美式咖啡", 1_300)),
    (6, ("双人套餐：奶茶两杯,蛋挞一份", 3_850)),
    (5, ("黑糖珍珠吐司", 990)),
    (4, ("桂花乌龙 茶包 20袋", 4_580)),
    (3, ("茶具礼盒“山水”,含2罐新茶", 26_800)),
    (2, ("企业下午茶订餐", 58_600)),
    (1, ("会员储值卡 100元", 10_000)),
    (1, ("支付联调测试商品", 1)),
];

const TRADE_TYPES: &[(u64, TradeType)] = &[
    (60, TradeType::Jsapi),
    (22, TradeType::Native),
    (11, TradeType::App),
    (7, TradeType::H5),
];

const BANKS: &[(u64, &str)] = &[
    (52, "OTHERS"),
    (12, "CMB_CREDIT"),
    (9, "CMB_DEBIT"),
    (9, "ICBC_DEBIT"),
    (7, "CCB_DEBIT"),
    (5, "ABC_DEBIT"),
    (3, "BOC_CREDIT"),
    (2, "PSBC_DEBIT"),
    (1, "SPDB_CREDIT"),
];

const REASONS: &[&str] = &[
    "顾客取消",
    "缺货",
    "重复下单",
    "口味不符",
    "错拍",
    "活动补偿",
];

/// The account a refund goes back to, in the vendor's words.
pub(crate) fn received_account(bank_type: &str, tail: u64) -> String {
    let bank = match bank_type.split('_').next().unwrap_or_default() {
        "CMB" => "招商银行",
        "ICBC" => "工商银行",
        "CCB" => "建设银行",
        "ABC" => "农业银行",
        "BOC" => "中国银行",
        "PSBC" => "邮储银行",
        "SPDB" => "浦发银行",
        _ => return "支付用户零钱".to_owned(),
    };
    let kind = if bank_type.ends_with("_CREDIT") {
        "信用卡"
    } else {
        "储蓄卡"
    };
    format!("{bank}{kind}{:04}", tail % 10_000)
}

/// One of the shop's regulars. The same seed has the same customers every day.
fn customer(seed: u64, rng: &mut Rng) -> String {
    // Squaring draws the low numbers more often: some people come every day.
    let draw = rng.below(1_000);
    let who = draw * draw / 1_000;
    format!("o{}", Rng::new(seed, 0x0001_0000 + who).text(27))
}

/// Everything that follows from the orders placed on one Beijing day, in order of time.
pub(crate) fn day(seed: u64, date: Date, orders_per_day: u32) -> Vec<Planned> {
    let start = day_start(date);
    let mut rng = Rng::new(seed, 0x0D00_0000 ^ start as u64);
    let busy = match date.weekday() {
        Weekday::Friday => 110,
        Weekday::Saturday => 130,
        Weekday::Sunday => 124,
        _ => 96,
    };
    let count = i64::from(orders_per_day) * busy * rng.between(92, 108) / 10_000;
    let hours: Vec<(u64, i64)> = RUSH
        .iter()
        .enumerate()
        .map(|(hour, weight)| (*weight, hour as i64))
        .collect();
    let mut times: Vec<i64> = (0..count)
        .map(|_| start + *rng.weighted(&hours) * 3_600 + rng.between(0, 3_599))
        .collect();
    times.sort_unstable();

    let mut steps = Vec::with_capacity(times.len() * 3);
    if orders_per_day > 0 {
        steps.push(Planned {
            at: start + 5 * 3_600 + rng.between(0, 900),
            step: Step::Withdraw {
                number: format!("TX{}0001", compact_day(date)),
            },
        });
    }
    for (index, at) in times.into_iter().enumerate() {
        order(seed, &mut rng, date, index, at, &mut steps);
    }
    steps.sort_by_key(|planned| planned.at);
    steps
}

fn order(seed: u64, rng: &mut Rng, date: Date, index: usize, at: i64, steps: &mut Vec<Planned>) {
    let trade_type = *rng.weighted(TRADE_TYPES);
    let (name, price) = *rng.weighted(MENU);
    let quantity = if price < 5_000 && rng.chance(22) {
        rng.between(2, 4)
    } else {
        1
    };
    let total = price * quantity;
    let description = if quantity > 1 {
        format!("{name} x{quantity}")
    } else {
        name.to_owned()
    };
    let out_trade_no = format!("ZF{}{}{index:04}", compact_day(date), compact_clock(at));
    let openid = customer(seed, rng);
    let attach = match rng.below(100) {
        0..45 => None,
        45..85 => Some(format!("门店-{}", rng.between(1, 6))),
        _ => Some(format!(
            "{{\"shop\":{},\"till\":{}}}",
            rng.between(1, 6),
            rng.between(1, 3)
        )),
    };
    let device_id = (trade_type == TradeType::Native && rng.chance(60))
        .then(|| format!("till-{}", rng.between(1, 4)));
    steps.push(Planned {
        at,
        step: Step::Place(Box::new(Order {
            out_trade_no: out_trade_no.clone(),
            trade_type,
            description,
            total,
            attach,
            device_id,
            notify_url: None,
            openid: (trade_type == TradeType::Jsapi).then(|| openid.clone()),
            created_at: at,
            expires_at: at + UNPAID_LIFE_SECONDS,
            request: serde_json::Value::Null,
            payment: None,
            closed_at: None,
            refunds: Vec::new(),
        })),
    });

    match rng.below(100) {
        // Abandoned and closed by the shop's till.
        0..6 => {
            steps.push(Planned {
                at: at + rng.between(300, 1_800),
                step: Step::Close { out_trade_no },
            });
            return;
        }
        // Abandoned and forgotten: closes by itself after a week.
        6..9 => return,
        _ => {}
    }

    let bank_type = (*rng.weighted(BANKS)).to_owned();
    let coupon = coupon(rng, total);
    let paid_at = at + rng.between(3, 75);
    let on_card = bank_type != "OTHERS";
    steps.push(Planned {
        at: paid_at,
        step: Step::Pay {
            out_trade_no: out_trade_no.clone(),
            openid,
            bank_type,
            coupon,
        },
    });
    if rng.chance(6) {
        refunds(
            rng,
            date,
            index,
            &out_trade_no,
            total,
            paid_at,
            on_card,
            steps,
        );
    }
}

fn coupon(rng: &mut Rng, total: i64) -> Option<Coupon> {
    let (kind, name) = match rng.below(100) {
        0..5 => (CouponKind::Cash, "满减券（充值）"),
        5..13 => (CouponKind::NoCash, "新客立减"),
        _ => return None,
    };
    let amount = *rng.pick(&[200, 300, 500]);
    let coupon_id = format!("{:012}", rng.below(1_000_000_000_000));
    (amount * 2 < total).then(|| Coupon {
        kind,
        amount,
        coupon_id,
        name: name.to_owned(),
    })
}

#[expect(clippy::too_many_arguments, reason = "one order's facts, used once")]
fn refunds(
    rng: &mut Rng,
    date: Date,
    index: usize,
    out_trade_no: &str,
    total: i64,
    paid_at: i64,
    on_card: bool,
    steps: &mut Vec<Planned>,
) {
    let part = (total * rng.between(20, 70) / 100).max(1);
    let soon = paid_at + rng.between(300, 4 * 3_600);
    let later = paid_at + rng.between(1, 4) * DAY + rng.between(0, 6 * 3_600);
    let plan: Vec<(i64, i64)> = match rng.below(100) {
        0..50 => vec![(soon, total)],
        50..70 => vec![(soon, part)],
        70..85 => vec![(later, total)],
        85..95 if part < total => vec![(soon, part), (later, total - part)],
        _ => vec![(later, part)],
    };
    for (nth, (at, amount)) in plan.into_iter().enumerate() {
        // Money to a card takes days, and it is cards that die: no bill, made the next morning,
        // ever shows more than "processing" for those.
        let end = match (on_card, rng.below(100)) {
            (false, _) => (at + rng.between(90, 420), RefundStatus::Success),
            (true, 0..5) => (at + 3 * DAY + rng.between(0, DAY), RefundStatus::Abnormal),
            (true, 5..7) => (at + 7 * DAY + rng.between(0, DAY), RefundStatus::Closed),
            (true, _) => (at + rng.between(DAY, 3 * DAY), RefundStatus::Success),
        };
        steps.push(Planned {
            at,
            step: Step::Refund {
                out_trade_no: out_trade_no.to_owned(),
                out_refund_no: format!("TK{}{index:04}{}", compact_day(date), nth + 1),
                amount,
                reason: (*rng.pick(REASONS)).to_owned(),
                end,
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_depends_on_nothing_but_seed_date_and_size() {
        let date = jiff::civil::date(2026, 3, 14);
        let first = day(7, date, 300);
        assert_eq!(first, day(7, date, 300));
        assert_ne!(first, day(8, date, 300));
        let placed = first
            .iter()
            .filter(|p| matches!(p.step, Step::Place(_)))
            .count();
        assert!((300..=430).contains(&placed), "a Saturday: {placed}");
        assert!(day(7, date, 0).is_empty());
    }

    #[test]
    fn nothing_reaches_further_than_promised() {
        for seed in 0..20 {
            let date = jiff::civil::date(2026, 3, 14);
            let limit = day_start(date) + i64::from(REACH_DAYS) * DAY;
            assert!(
                day(seed, date, 500)
                    .iter()
                    .all(|planned| planned.at < limit)
            );
        }
    }
}
