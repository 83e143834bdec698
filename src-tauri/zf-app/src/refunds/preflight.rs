//! The pre-flight: every reason why a refund may not go through, before anyone asks for it.

use zf_channels::{Balance, ChannelError, Misuse, RefusalKind};
use zf_domain::{Money, PaymentState, RefundRules, RefundState, Timestamp};
use zf_store::orders::OrderRecord;
use zf_store::refunds::RefundRecord;

use super::left_for;
use crate::accounts::{self, ChannelOrApp};
use crate::app::App;
use crate::error::Code;
use crate::orders::counted;
use crate::wire::{CheckLevel, PreflightCheck};

/// From how many days before the limit on an age is worth a warning.
const AGE_WARNING_DAYS: i64 = 30;
const DAY_MILLIS: i64 = 86_400_000;

/// What the desk itself knows when it judges a refund.
pub(crate) struct Known<'a> {
    /// The house's rules as they stand.
    pub(crate) rules: &'a RefundRules,
    /// What the maker asked for today besides this: how many, and how much in this currency.
    pub(crate) asked_today: (u32, i64),
    pub(crate) order: &'a OrderRecord,
    /// All refunds of the order.
    pub(crate) refunds: &'a [RefundRecord],
    /// The refund judged; it is among `refunds`.
    pub(crate) own: &'a RefundRecord,
    /// Minor units asked for, once the form has any.
    pub(crate) amount_minor: Option<i64>,
    /// Orders of the same payer with money in flight, and how much.
    pub(crate) payer_in_flight: (i64, i64),
    /// When another refund of the order last left.
    pub(crate) last_sent: Option<Timestamp>,
    /// People who could approve it.
    pub(crate) checkers: usize,
    pub(crate) now: Timestamp,
}

struct Report(Vec<PreflightCheck>);

impl Report {
    fn add(&mut self, name: &str, level: CheckLevel, value: String, zh: String, en: String) {
        self.0.push(PreflightCheck {
            name: name.to_owned(),
            level,
            value,
            detail: zh,
            detail_en: en,
        });
    }
}

fn level(block: bool, warn: bool) -> CheckLevel {
    if block {
        CheckLevel::Block
    } else if warn {
        CheckLevel::Warning
    } else {
        CheckLevel::Pass
    }
}

/// Checks that need nobody else. Pure, so that the same judgement stands inside the transaction.
pub(crate) fn desk_checks(known: &Known<'_>) -> Vec<PreflightCheck> {
    let rules = known.rules;
    let order = known.order;
    let currency = order.amount.currency;
    // With its currency: the console writes such amounts its own way, and hides them when told to.
    let money = |minor| Money::new(minor, currency).to_string();
    let mut report = Report(Vec::new());

    let paid = order.payment_state == PaymentState::Paid && !order.amount_provisional;
    report.add(
        "payment",
        level(!paid, false),
        money(order.paid_minor),
        if order.amount_provisional {
            "只见过这笔订单的退款，还不知道总金额；请先向渠道查询".to_owned()
        } else if paid {
            format!("渠道确认实付 {}", money(order.paid_minor))
        } else {
            "渠道还没有确认收到款".to_owned()
        },
        if order.amount_provisional {
            "Only a refund of this order was seen; query it at the channel first".to_owned()
        } else if paid {
            format!("The channel confirmed {} paid", money(order.paid_minor))
        } else {
            "The channel has not confirmed a payment".to_owned()
        },
    );

    let left = left_for(order, known.own);
    let amount = known.amount_minor.unwrap_or(0);
    let over = amount > left || left == 0;
    report.add(
        "remaining",
        level(over, order.refund_hint),
        money(left),
        if order.refund_hint {
            "渠道说这笔订单有过退款，但账房不知道多少；以渠道为准，退多了会被渠道拒绝".to_owned()
        } else {
            format!(
                "实付 {} − 已退 {} − 在途 {}",
                money(order.paid_minor),
                money(order.refunded_minor),
                money(order.paid_minor - order.refunded_minor - left)
            )
        },
        if order.refund_hint {
            "The channel says something was refunded that this desk does not know; it refuses what is too much".to_owned()
        } else {
            format!(
                "Paid {} − refunded {} − in flight {}",
                money(order.paid_minor),
                money(order.refunded_minor),
                money(order.paid_minor - order.refunded_minor - left)
            )
        },
    );

    let others: Vec<&RefundRecord> = known
        .refunds
        .iter()
        .filter(|r| r.id != known.own.id && r.state.holds_amount())
        .collect();
    let doubtful = others.iter().any(|r| {
        matches!(r.state, RefundState::Unknown | RefundState::Abnormal)
            || known.amount_minor == Some(r.amount.minor)
    });
    let in_flight = others
        .iter()
        .fold(0_i64, |sum, r| sum.saturating_add(r.amount.minor));
    report.add(
        "in_flight",
        level(false, doubtful),
        if others.is_empty() {
            "无 / none".to_owned()
        } else {
            format!("{0} 笔 / {0} more", others.len())
        },
        if others.is_empty() {
            "这笔订单没有其他退款在途".to_owned()
        } else if !doubtful {
            format!(
                "另有 {} 笔在途，共 {}，金额与这笔不同",
                others.len(),
                money(in_flight)
            )
        } else {
            format!(
                "另有 {} 笔在途，共 {}，请确认不是重复退款",
                others.len(),
                money(in_flight)
            )
        },
        if others.is_empty() {
            "No other refund of this order is in flight".to_owned()
        } else if !doubtful {
            format!(
                "{} more in flight, {} in all, of other amounts",
                others.len(),
                money(in_flight)
            )
        } else {
            format!(
                "{} more in flight, {} in all; make sure this is not a second time",
                others.len(),
                money(in_flight)
            )
        },
    );

    let paid_at = order.paid_at.unwrap_or(order.created_at);
    let age_days = (known.now.millis() - paid_at.millis()).max(0) / DAY_MILLIS;
    let days_left = rules.age_days_max - age_days;
    report.add(
        "age",
        level(
            rules.check_age(paid_at, known.now).is_err(),
            days_left <= AGE_WARNING_DAYS,
        ),
        format!("剩 {0} 天 / {0} days left", days_left.max(0)),
        format!(
            "支付后 {} 天内，到 {}",
            rules.age_days_max,
            paid_at.beijing_date().plus_days(rules.age_days_max)
        ),
        format!(
            "Within {} days of the payment, until {}",
            rules.age_days_max,
            paid_at.beijing_date().plus_days(rules.age_days_max)
        ),
    );

    let count = counted(known.refunds).saturating_sub(usize::from(known.own.state.holds_amount()));
    let max = rules.refunds_per_order_max as usize;
    report.add(
        "count",
        level(count >= max, count + 5 >= max),
        format!("第 {0} 次 / no. {0}", count + 1),
        format!("渠道上限 {max} 次"),
        format!("The channel takes {max} at most"),
    );

    let wait = known.last_sent.map_or(0, |at| {
        at.millis() + rules.interval_seconds_min * 1000 - known.now.millis()
    });
    report.add(
        "interval",
        CheckLevel::Pass,
        if wait > 0 {
            format!("{0} 秒 / {0} seconds", (wait + 999) / 1000)
        } else {
            "不用等 / no wait".to_owned()
        },
        if wait > 0 {
            format!(
                "同一订单两笔退款至少间隔 {} 秒，批准后会自动等到时间再发",
                rules.interval_seconds_min
            )
        } else {
            format!("同一订单两笔退款至少隔 {} 秒", rules.interval_seconds_min)
        },
        if wait > 0 {
            format!(
                "Two refunds of one order are {} s apart; once approved it waits by itself",
                rules.interval_seconds_min
            )
        } else {
            format!(
                "Two refunds of one order are at least {} s apart",
                rules.interval_seconds_min
            )
        },
    );

    let (orders, minor) = known.payer_in_flight;
    report.add(
        "payer_in_flight",
        level(false, orders > 0),
        if orders > 0 {
            money(minor)
        } else {
            "无 / none".to_owned()
        },
        if orders > 0 {
            format!(
                "同一付款人还有 {orders} 笔订单的退款在途，共 {}",
                money(minor)
            )
        } else {
            "同一付款人没有其他退款在途".to_owned()
        },
        if orders > 0 {
            format!(
                "{orders} more orders of this payer have refunds in flight, {} in all",
                money(minor)
            )
        } else {
            "Nothing else of this payer is in flight".to_owned()
        },
    );

    daily_check(&mut report, known, amount);

    let needed = rules.checkers_required(amount.max(1)) as usize;
    report.add(
        "checkers",
        level(known.checkers < needed, false),
        format!("{0} 人 / {0} people", known.checkers),
        format!("需要 {needed} 人复核，可复核的有 {} 人", known.checkers),
        format!("{needed} must approve; {} can", known.checkers),
    );
    report.0
}

/// The maker's own limits of the day, where the house set any.
fn daily_check(report: &mut Report, known: &Known<'_>, amount: i64) {
    let (count, minor) = known.asked_today;
    let rules = known.rules;
    if rules.daily_count_max.is_none() && rules.daily_sum_minor_max.is_none() {
        return;
    }
    let money = |minor| Money::new(minor, known.order.amount.currency).to_string();
    let over = rules.check_daily(count, minor, amount.max(0)).is_err();
    let limits = |zh: bool| {
        let count = rules.daily_count_max.map(|max| {
            if zh {
                format!("{max} 笔")
            } else {
                format!("{max} refunds")
            }
        });
        let sum = rules.daily_sum_minor_max.map(money);
        [count, sum]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(if zh { "、" } else { ", " })
    };
    report.add(
        "daily_limit",
        level(over, false),
        money(minor),
        format!(
            "您今天已申请 {count} 笔，共 {}；每人每日上限 {}",
            money(minor),
            limits(true)
        ),
        format!(
            "You asked for {count} today, {} in all; the limit a person a day is {}",
            money(minor),
            limits(false)
        ),
    );
}

/// Checks that ask the channel; the answer is at most half a minute old.
pub(crate) async fn channel_checks(
    app: &App,
    order: &OrderRecord,
    amount_minor: Option<i64>,
) -> Vec<PreflightCheck> {
    let mut report = Report(Vec::new());
    let reached = |report: &mut Report| {
        report.add(
            "channel",
            CheckLevel::Pass,
            "正常 / working".to_owned(),
            "签名、密钥和网络都通".to_owned(),
            "Signature, keys and network work".to_owned(),
        );
    };
    match accounts::balance(app, order.account_id).await {
        Ok(Balance { available, .. }) => {
            reached(&mut report);
            let short = amount_minor.is_some_and(|minor| minor > available.minor);
            report.add(
                "balance",
                level(false, short),
                available.to_string(),
                if short {
                    "余额不够这笔退款：渠道会拒绝，充值后用同一单号自动重发".to_owned()
                } else {
                    "渠道账户的可用余额够退".to_owned()
                },
                if short {
                    "Short for this refund: the channel will refuse it; after a top-up it is sent again under the same number".to_owned()
                } else {
                    "Enough for this refund".to_owned()
                },
            );
        }
        // Not every merchant account may ask for its balance; the way there and back still works.
        Err(ChannelOrApp::Channel(ChannelError::Refused {
            kind: RefusalKind::NoPermission,
            ..
        })) => {
            reached(&mut report);
            report.add(
                "balance",
                CheckLevel::Pass,
                "—".to_owned(),
                "这个商户号没有查询余额的权限".to_owned(),
                "This merchant account may not ask for its balance".to_owned(),
            );
        }
        Err(failed) => {
            let (error, block) = match failed {
                ChannelOrApp::Channel(error) => {
                    let block = matches!(error, ChannelError::Misuse(ref m) if !matches!(m, Misuse::Unsupported { .. }));
                    (accounts::channel_error(&error, &order.order_no), block)
                }
                ChannelOrApp::App(error) => (error, true),
            };
            let zh = error.sentences(false);
            let en = error.sentences(true);
            report.add(
                "channel",
                level(block, true),
                error.code.text().code.to_owned(),
                format!("{}{}", zh.0, zh.1),
                format!("{} {}", en.0, en.1),
            );
        }
    }
    report.0
}

/// Worst first, otherwise in the order they were made.
pub(crate) fn sort(checks: &mut [PreflightCheck]) {
    checks.sort_by_key(|c| match c.level {
        CheckLevel::Block => 0,
        CheckLevel::Warning => 1,
        CheckLevel::Pass => 2,
    });
}

/// The error a blocking check stands for.
pub(crate) fn code_of(check: &PreflightCheck, order: &OrderRecord) -> Code {
    match check.name.as_str() {
        "payment" if order.amount_provisional => Code::OrderAmountUnknown,
        "payment" => Code::OrderNotPaid,
        "remaining" => Code::ExceedsRemaining,
        "age" => Code::OrderTooOld,
        "count" => Code::OrderTooManyRefunds,
        _ => Code::RefundRule,
    }
}
