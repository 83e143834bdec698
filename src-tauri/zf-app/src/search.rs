//! One text, everything it may be: orders, refunds, receipts, bills and their rows, differences,
//! people. A whole number is looked up by index in every place it could stand; only when it stands
//! nowhere is it taken as a part of one.

use std::collections::HashMap;
use std::time::Instant;

use zf_domain::{AccountId, BusinessDate, Currency, EntryKind, Money, OrderId, Permission};
use zf_store::Conn;
use zf_store::orders::{self as order_store, OrderFilter, Term};
use zf_store::{bills as bill_store, finding, receipts as receipt_store, refunds as refund_store};

use crate::accounts::{self, Account};
use crate::ctx::Ctx;
use crate::error::AppError;
use crate::facts::read_word;
use crate::orders;
use crate::refunds;
use crate::users;
use crate::wire::{
    BillKind, BillStatus, ChannelKind, EventKind, FindRequest, Found, FoundBill, FoundBillLine,
    FoundDifference, FoundSubject, LooksLike, Nothing, OrderRef,
};

/// Most hits of one kind.
const HITS_MAX: u32 = 6;
/// Most characters of a text.
const TEXT_MAX: usize = 128;
/// Shortest part of a number that is looked for.
const FRAGMENT_MIN: usize = 3;

/// The text without full-width forms, zero-width marks and stray white space at its ends.
fn clean(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .take(TEXT_MAX)
        .collect();
    plain.trim().to_owned()
}

/// The amount a text says, currency signs and well-placed thousands separators forgiven.
fn amount(text: &str) -> Option<Money> {
    let signed = text
        .trim_start_matches(['¥', '￥'])
        .trim_end_matches('元')
        .trim();
    let plain = if signed.contains(',') {
        let mut groups = signed.split('.').next()?.split(',');
        let first = groups.next()?.len();
        if !(1..=3).contains(&first) || !groups.all(|g| g.len() == 3) {
            return None;
        }
        signed.replace(',', "")
    } else {
        signed.to_owned()
    };
    Money::parse(&plain, Currency::Cny)
        .ok()
        .filter(|m| m.minor > 0)
}

/// A day as people write it: 2026-11-19, 20261119, 2026/11/19, 11-19 (of the past year).
fn day(text: &str, today: BusinessDate) -> Option<BusinessDate> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !parts.iter().all(|p| digits(p)) {
        return None;
    }
    let compose =
        |y: &str, m: &str, d: &str| BusinessDate::parse(&format!("{y}-{m:0>2}-{d:0>2}")).ok();
    match parts.as_slice() {
        [all] if all.len() == 8 && (all.starts_with("20") || all.starts_with("19")) => {
            compose(&all[..4], &all[4..6], &all[6..])
        }
        [y, m, d] if y.len() == 4 && m.len() <= 2 && d.len() <= 2 => compose(y, m, d),
        // Two parts with a point are an amount sooner than a day.
        [m, d] if m.len() <= 2 && d.len() <= 2 && !text.contains('.') => {
            let year: i32 = today.to_string()[..4].parse().ok()?;
            compose(&year.to_string(), m, d)
                .filter(|found| *found <= today)
                .or_else(|| compose(&(year - 1).to_string(), m, d))
        }
        _ => None,
    }
}

/// What kinds of thing a text looks like, likeliest first.
pub(crate) fn looks_like(text: &str, today: BusinessDate) -> Vec<LooksLike> {
    let number: String = text.split_whitespace().collect();
    let (upper, length) = (number.to_ascii_uppercase(), number.len());
    let all_digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let money = amount(text);
    let said_as_money =
        money.is_some() && (text.contains(['¥', '￥', '元', ',']) || text.contains('.'));
    let mut kinds = Vec::new();
    if text.is_empty() {
        return kinds;
    }
    if text.starts_with('@') {
        return vec![LooksLike::Person];
    }
    if all_digits && length == 28 && number.starts_with('4') {
        kinds.push(LooksLike::WechatPaymentId);
    } else if all_digits && (28..=29).contains(&length) && number.starts_with('5') {
        kinds.push(LooksLike::ChannelRefundId);
    }
    let after = |prefix: &str| {
        upper
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.bytes().next().is_some_and(|b| b.is_ascii_digit()))
    };
    if after("RF") && number.contains('-') {
        kinds.push(LooksLike::RefundNo);
    }
    if after("SK") && number.contains('-') {
        kinds.push(LooksLike::ReceiptNo);
    }
    if said_as_money {
        kinds.push(LooksLike::Amount);
    }
    if day(&number, today).is_some() {
        kinds.push(LooksLike::Date);
    }
    if all_digits && length == 4 {
        kinds.push(LooksLike::Tail);
    }
    if money.is_some() && !said_as_money && length <= 9 {
        kinds.push(LooksLike::Amount);
    }
    let is_number = number
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*' | b'|'));
    if is_number
        && (6..=32).contains(&length)
        && number.bytes().any(|b| b.is_ascii_digit())
        && kinds.is_empty()
    {
        kinds.push(LooksLike::OrderNo);
    }
    if kinds.is_empty() {
        kinds.push(LooksLike::Fragment);
    }
    kinds
}

/// The desk's bill of a day, as the palette names it.
fn bill_row(
    record: &bill_store::BillRecord,
    accounts: &HashMap<AccountId, Account>,
) -> Option<FoundBill> {
    Some(FoundBill {
        account_id: record.account_id,
        channel: ChannelKind::WechatPay,
        account_tail: tail_of(record.account_id, accounts),
        kind: read_word::<BillKind>(&record.kind)?,
        date: record.date,
        status: read_word::<BillStatus>(&record.status)?,
        rows: record.row_count,
    })
}

fn tail_of(id: AccountId, accounts: &HashMap<AccountId, Account>) -> String {
    accounts
        .get(&id)
        .map(|a| accounts::tail(&a.merchant_no))
        .unwrap_or_default()
}

fn nothing(looks_like: Vec<LooksLike>) -> Found {
    Found {
        looks_like,
        orders: Vec::new(),
        refunds: Vec::new(),
        receipts: Vec::new(),
        bills: Vec::new(),
        bill_lines: Vec::new(),
        differences: Vec::new(),
        people: Vec::new(),
        subject: None,
        exact: false,
        micros: 0,
    }
}

pub(crate) async fn find(ctx: &Ctx, params: FindRequest) -> Result<Found, AppError> {
    let begun = Instant::now();
    let text = clean(&params.text);
    let today = ctx.now.beijing_date();
    let mut found = nothing(looks_like(&text, today));
    if !text.is_empty() {
        find_people(ctx, &text, &mut found).await?;
        if !text.starts_with('@') {
            let accounts = orders::account_map(&ctx.app).await?;
            let mut conn = orders::reader(&ctx.app).await?;
            if ctx.may(Permission::ViewOrders) {
                find_trade(ctx, &mut conn, &text, &accounts, &mut found).await?;
            }
            if ctx.may(Permission::ViewBills) {
                find_bills(&mut conn, &text, today, &accounts, &mut found).await?;
            }
            drop(conn);
            find_subject(ctx, &accounts, &mut found).await?;
        }
    }
    found.micros = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
    Ok(found)
}

/// People whose name or login begins with, or contains, what follows the `@`.
async fn find_people(ctx: &Ctx, text: &str, found: &mut Found) -> Result<(), AppError> {
    let asked = text.strip_prefix('@').map(str::trim);
    let wanted = asked.unwrap_or(text).to_lowercase();
    // Without the sign only a name is worth guessing: a number is no person.
    if asked.is_none() && (wanted.chars().count() < 2 || wanted.bytes().any(|b| b.is_ascii_digit()))
    {
        return Ok(());
    }
    let all = users::people(ctx, Nothing {}).await?.people;
    found.people = all
        .into_iter()
        .filter(|p| p.display_name.to_lowercase().contains(&wanted) || p.login.contains(&wanted))
        .take(if asked.is_some() {
            20
        } else {
            HITS_MAX as usize
        })
        .collect();
    if !found.people.is_empty() && !found.looks_like.contains(&LooksLike::Person) {
        found.looks_like.insert(0, LooksLike::Person);
    }
    Ok(())
}

/// Orders, refunds and receipts.
async fn find_trade(
    ctx: &Ctx,
    conn: &mut Conn,
    text: &str,
    accounts: &HashMap<AccountId, Account>,
    found: &mut Found,
) -> Result<(), AppError> {
    let number: String = text.split_whitespace().collect();
    let people = refunds::people(conn).await?;
    let visible = |r: &refund_store::RefundRecord| {
        r.state != zf_domain::RefundState::Draft || refunds::is_maker(ctx, r)
    };

    let ids = order_store::named_by(conn, &number).await?;
    for id in ids.iter().take(HITS_MAX as usize) {
        let id = OrderId::parse(id).map_err(AppError::internal)?;
        if let Some(order) = order_store::by_id(conn, id).await? {
            found.orders.push(orders::row(&order, accounts));
        }
    }
    for refund in finding::refunds_numbered(conn, &number, HITS_MAX).await? {
        if !visible(&refund) {
            continue;
        }
        if let Some(order) = order_store::by_id(conn, refund.order_id).await? {
            found
                .refunds
                .push(refunds::row(ctx, &refund, &order, &people));
        }
    }
    if let Some(receipt) =
        receipt_store::by_serial(&mut *conn, &number.to_ascii_uppercase()).await?
    {
        found.receipts.push(crate::receipts::view(&receipt, true));
        if found.orders.is_empty()
            && let Some(order) = order_store::by_id(conn, receipt.order_id).await?
        {
            found.orders.push(orders::row(&order, accounts));
        }
    }
    found.exact =
        !found.orders.is_empty() || !found.refunds.is_empty() || !found.receipts.is_empty();
    let is_date = found.looks_like.first() == Some(&LooksLike::Date);
    if found.exact || is_date || text.chars().count() < FRAGMENT_MIN {
        return Ok(());
    }
    let money = amount(text);
    let said_as_money = found.looks_like.first() == Some(&LooksLike::Amount);
    let filter = match money {
        Some(money) if said_as_money => OrderFilter {
            minor_min: Some(money.minor),
            minor_max: Some(money.minor),
            ..OrderFilter::default()
        },
        _ => OrderFilter {
            terms: text
                .split_whitespace()
                .take(4)
                .map(|word| Term {
                    text: word.to_owned(),
                    minor: amount(word).map(|m| m.minor),
                })
                .collect(),
            ..OrderFilter::default()
        },
    };
    let some = order_store::page(conn, &filter, &[], None, HITS_MAX).await?;
    found.orders = some
        .iter()
        .map(|order| orders::row(order, accounts))
        .collect();
    Ok(())
}

/// Bills of a day; rows and differences with a number.
async fn find_bills(
    conn: &mut Conn,
    text: &str,
    today: BusinessDate,
    accounts: &HashMap<AccountId, Account>,
    found: &mut Found,
) -> Result<(), AppError> {
    let number: String = text.split_whitespace().collect();
    if let Some(date) = day(&number, today) {
        for account in accounts.keys() {
            let bills = bill_store::between(&mut *conn, *account, date, date).await?;
            found
                .bills
                .extend(bills.iter().filter_map(|b| bill_row(b, accounts)));
        }
        found
            .bills
            .sort_by(|a, b| (&a.account_tail, a.kind as u8).cmp(&(&b.account_tail, b.kind as u8)));
        found.bills.truncate(HITS_MAX as usize * 2);
    }
    if number.len() < 6 {
        return Ok(());
    }
    // A payment's own number stands on bills beside its order's number, which is indexed.
    let mut numbers = vec![number];
    if found.exact {
        numbers.extend(found.orders.iter().map(|o| o.order_no.clone()));
        numbers.extend(found.refunds.iter().map(|r| r.refund_no.clone()));
        numbers.sort();
        numbers.dedup();
    }
    for account in accounts.keys() {
        for number in &numbers {
            if found.orders.is_empty() {
                let lines = finding::bill_lines_numbered(conn, *account, number, HITS_MAX).await?;
                for line in lines {
                    found.bill_lines.push(FoundBillLine {
                        bill_id: line.bill_id,
                        account_id: line.account_id,
                        channel: ChannelKind::WechatPay,
                        account_tail: tail_of(line.account_id, accounts),
                        date: line.date,
                        line_no: line.line_no,
                        kind: if line.kind == EntryKind::Refund.as_str() {
                            EntryKind::Refund
                        } else {
                            EntryKind::Payment
                        },
                        number: line.refund_no.unwrap_or(line.order_no),
                        amount: line.amount,
                    });
                }
            }
            for d in finding::differences_numbered(conn, *account, number, HITS_MAX).await? {
                if found.differences.iter().any(|f| f.difference_id == d.id) {
                    continue;
                }
                found.differences.push(FoundDifference {
                    difference_id: d.id,
                    account_id: d.account_id,
                    date: d.date,
                    code: d.code,
                    number: d.number,
                    gap: d.gap,
                    disposition: d.place.disposition,
                });
            }
        }
    }
    found.differences.truncate(HITS_MAX as usize);
    found.exact |= !found.bill_lines.is_empty() || !found.differences.is_empty();
    Ok(())
}

/// When everything whole that was found is about one order: what may be done with it.
async fn find_subject(
    ctx: &Ctx,
    accounts: &HashMap<AccountId, Account>,
    found: &mut Found,
) -> Result<(), AppError> {
    let mut about: Vec<OrderId> = found
        .orders
        .iter()
        .map(|o| o.order_id)
        .chain(found.refunds.iter().map(|r| r.order_id))
        .collect();
    about.sort();
    about.dedup();
    let [order_id] = about[..] else {
        return Ok(());
    };
    let detail = orders::detail(ctx, OrderRef { order_id }).await?;
    let bill = match (&detail.bill_match, ctx.may(Permission::ViewBills)) {
        (Some(at), true) => {
            let mut conn = orders::reader(&ctx.app).await?;
            bill_store::of_day(&mut *conn, detail.row.account_id, "trade", at.date)
                .await?
                .and_then(|b| bill_row(&b, accounts))
        }
        _ => None,
    };
    let notices = detail
        .timeline
        .iter()
        .filter(|e| {
            e.source == crate::wire::FactSource::ChannelNotice
                && e.kind != EventKind::ChannelQueried
        })
        .count();
    found.subject = Some(FoundSubject {
        order: detail.row,
        refundable: detail.refundable,
        actions: detail.actions,
        refunds: detail.refunds,
        receipts: detail.receipts,
        bill_match: detail.bill_match,
        bill,
        notices: u32::try_from(notices).unwrap_or(u32::MAX),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[LooksLike]) {
        let today = BusinessDate::parse("2026-11-20").unwrap();
        assert_eq!(looks_like(&clean(text), today), expected, "{text}");
    }

    #[test]
    fn texts_look_like_what_they_are() {
        use LooksLike::{
            Amount, ChannelRefundId, Date, Fragment, OrderNo, Person, ReceiptNo, RefundNo, Tail,
            WechatPaymentId,
        };
        check("", &[]);
        check("4200002481202611196730185524", &[WechatPaymentId]);
        check(" 4200002481 2026111967 30185524 ", &[WechatPaymentId]);
        check("50300108092026111900123456789", &[ChannelRefundId]);
        check("RF261119-0277-KQ", &[RefundNo]);
        check("SK2026-000123", &[ReceiptNo]);
        check("QY202611190004127", &[OrderNo]);
        check("¥1,280.00", &[Amount]);
        check("36.5", &[Amount]);
        check("１２８０．００", &[Amount]);
        check("7731", &[Tail, Amount]);
        check("2026-11-19", &[Date]);
        check("11-19", &[Date]);
        check("20261119", &[Date, Amount]);
        check("@周", &[Person]);
        check("露营灯", &[Fragment]);
        check("1,28.00", &[Fragment]);
    }

    #[test]
    fn a_day_without_its_year_is_the_last_one_there_was() {
        let today = BusinessDate::parse("2026-11-20").unwrap();
        for (text, expected) in [
            ("11-19", Some("2026-11-19")),
            ("11-21", Some("2025-11-21")),
            ("2026/1/2", Some("2026-01-02")),
            ("13-40", None),
            ("11.19", None),
        ] {
            assert_eq!(
                day(text, today).map(|d| d.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }
}
