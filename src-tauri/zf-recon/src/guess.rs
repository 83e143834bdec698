//! Looking at a books file nobody has described yet, and guessing what its columns mean.
//!
//! A guess is a proposal for a person to confirm: every part of it can be changed, and nothing is
//! imported by it.

use std::collections::BTreeMap;
use std::io::Read;

use zf_domain::{Currency, EntryKind, EntryState};

use crate::mapping::{AmountUnit, Columns, Mapping, TimeFormat, Zone};
use crate::sheet::PlainRow;

/// Names columns go by, the surest first. Compared without case, blanks, marks and what stands in
/// brackets.
const ORDER: &[&str] = &[
    "outtradeno",
    "商户订单号",
    "订单号",
    "订单编号",
    "orderno",
    "ordernumber",
    "orderid",
    "merchantorderno",
    "merchantorder",
    "ordersn",
    "单号",
    "tradeno",
    "交易单号",
    "order",
    "业务单号",
];
const REFUND: &[&str] = &[
    "outrefundno",
    "商户退款单号",
    "退款单号",
    "退款编号",
    "refundno",
    "refundid",
    "refundnumber",
    "refundsn",
    "outrequestno",
    "退单号",
    "售后单号",
];
const AMOUNT: &[&str] = &[
    "amount",
    "金额",
    "实付金额",
    "支付金额",
    "订单金额",
    "交易金额",
    "实收金额",
    "收款金额",
    "应收金额",
    "total",
    "totalamount",
    "payamount",
    "paidamount",
    "orderamount",
    "totalfee",
    "金额元",
    "money",
    "price",
    "sum",
];
const CHANNEL: &[&str] = &[
    "渠道单号",
    "渠道订单号",
    "微信支付订单号",
    "微信支付单号",
    "微信订单号",
    "支付宝交易号",
    "transactionid",
    "channelno",
    "channelorderno",
];
const CURRENCY: &[&str] = &[
    "currency",
    "币种",
    "货币",
    "currencycode",
    "货币种类",
    "ccy",
];
const STATUS: &[&str] = &[
    "status",
    "状态",
    "订单状态",
    "交易状态",
    "支付状态",
    "state",
    "tradestate",
    "orderstatus",
    "paystatus",
    "结果",
];
const TIME: &[&str] = &[
    "createdat",
    "下单时间",
    "创建时间",
    "支付时间",
    "交易时间",
    "付款时间",
    "订单时间",
    "完成时间",
    "时间",
    "日期",
    "createtime",
    "ordertime",
    "paytime",
    "paidat",
    "tradetime",
    "createdtime",
    "datetime",
    "time",
    "date",
];
const KIND: &[&str] = &[
    "kind",
    "类型",
    "交易类型",
    "业务类型",
    "收支类型",
    "记录类型",
    "type",
    "tradetype",
    "transactiontype",
    "direction",
    "收付",
    "方向",
];

const PAYMENTS: &[&str] = &[
    "payment", "pay", "收款", "支付", "消费", "销售", "收入", "订单", "sale", "charge", "p", "in",
    "付款",
];
const REFUNDS: &[&str] = &[
    "refund", "退款", "退货", "支出", "退单", "售后", "return", "r", "out",
];
const DONE: &[&str] = &[
    "success",
    "succeeded",
    "refund",
    "refunded",
    "paid",
    "completed",
    "complete",
    "done",
    "finished",
    "settled",
    "ok",
    "已支付",
    "支付成功",
    "成功",
    "已完成",
    "完成",
    "交易成功",
    "已付款",
    "已收款",
    "已退款",
    "退款成功",
    "已发货",
    "已签收",
    "转入退款",
    "shipped",
    "delivered",
];
const IN_PROGRESS: &[&str] = &[
    "processing",
    "pending",
    "notpay",
    "userpaying",
    "created",
    "waiting",
    "unpaid",
    "open",
    "inprogress",
    "待支付",
    "未支付",
    "支付中",
    "处理中",
    "退款中",
    "待付款",
    "待退款",
    "进行中",
    "待处理",
];
const VOID: &[&str] = &[
    "closed",
    "revoked",
    "fail",
    "failed",
    "cancelled",
    "canceled",
    "void",
    "expired",
    "rejected",
    "error",
    "已关闭",
    "关闭",
    "已取消",
    "取消",
    "已撤销",
    "支付失败",
    "失败",
    "退款失败",
    "已失效",
    "交易关闭",
    "退款关闭",
    "作废",
];

/// A name or word without what does not tell: case, blanks, marks, brackets with their content.
fn bare(text: &str) -> String {
    let mut depth = 0_u32;
    let mut bare = String::new();
    for c in text.trim_start_matches('\u{feff}').chars() {
        match c {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            c if depth == 0 && c.is_alphanumeric() => bare.extend(c.to_lowercase()),
            _ => {}
        }
    }
    bare
}

/// The column that goes by the surest of the names; one that only contains a name counts less.
fn find(columns: &[String], names: &[&str], taken: &[usize]) -> Option<usize> {
    let bared: Vec<String> = columns.iter().map(|c| bare(c)).collect();
    let free = |at: &usize| !taken.contains(at);
    names
        .iter()
        .find_map(|name| (0..bared.len()).filter(free).find(|at| bared[*at] == *name))
        .or_else(|| {
            names
                .iter()
                .filter(|name| name.chars().count() > 1)
                .find_map(|name| {
                    (0..bared.len())
                        .filter(free)
                        .find(|at| bared[*at].contains(name))
                })
        })
}

/// How many of the needed columns a row of names would give.
fn score(columns: &[String]) -> usize {
    [ORDER, REFUND, AMOUNT, CURRENCY, STATUS, TIME, KIND]
        .iter()
        .filter(|names| find(columns, names, &[]).is_some())
        .count()
}

/// Which of the first rows is most likely the header; titles may stand above it.
#[must_use]
pub fn header_of(rows: &[PlainRow]) -> Option<usize> {
    let best = rows.iter().take(20).map(|row| score(&row.cells)).max()?;
    if best < 2 {
        return Some(0);
    }
    rows.iter().position(|row| score(&row.cells) == best)
}

/// What a word of the state column most likely means.
#[must_use]
pub fn state_of(word: &str) -> Option<EntryState> {
    let bare = bare(word);
    [
        (DONE, EntryState::Done),
        (IN_PROGRESS, EntryState::InProgress),
        (VOID, EntryState::Void),
    ]
    .into_iter()
    .find_map(|(words, state)| words.contains(&bare.as_str()).then_some(state))
}

/// What a word of the kind column most likely means.
#[must_use]
pub fn kind_of(word: &str) -> Option<EntryKind> {
    let bare = bare(word);
    [(PAYMENTS, EntryKind::Payment), (REFUNDS, EntryKind::Refund)]
        .into_iter()
        .find_map(|(words, kind)| words.contains(&bare.as_str()).then_some(kind))
}

/// A mapping for these columns, judged by their names and by the values under them. A field no column
/// was found for has an empty name.
#[must_use]
pub fn guess(columns: &[String], rows: &[PlainRow]) -> Mapping {
    let values = |at: usize| {
        rows.iter()
            .filter_map(move |row| row.cells.get(at))
            .map(|v| v.trim())
            .filter(|v| !v.is_empty())
    };
    let name = |at: Option<usize>| at.map(|at| columns[at].clone());
    let mut taken = Vec::new();
    let mut column = |names: &[&str]| {
        let at = find(columns, names, &taken);
        taken.extend(at);
        at
    };
    // Refund before order: “退款单号” contains “单号”. Kind last: “交易类型” is rarer than the rest.
    let refund_no = column(REFUND);
    // Before the order too: “微信支付订单号” contains “订单号”.
    let channel_no = column(CHANNEL);
    let order_no = column(ORDER);
    let currency = column(CURRENCY);
    let status = column(STATUS);
    let created_at = column(TIME);
    let amount = column(AMOUNT);
    let kind = column(KIND);

    let mut words = BTreeMap::new();
    if let Some(at) = kind {
        words.extend(values(at).filter_map(|word| Some((word.to_owned(), kind_of(word)?))));
    }
    let kind_known = !words.is_empty();
    let mut statuses = BTreeMap::new();
    if let Some(at) = status {
        statuses.extend(values(at).filter_map(|word| Some((word.to_owned(), state_of(word)?))));
    }
    let defaults = Mapping::default();
    Mapping {
        columns: Columns {
            kind: name(kind).filter(|_| kind_known),
            order_no: name(order_no).unwrap_or_default(),
            refund_no: name(refund_no).filter(|_| kind_known),
            channel_no: name(channel_no),
            amount: name(amount).unwrap_or_default(),
            currency: name(currency),
            status: name(status).unwrap_or_default(),
            created_at: name(created_at).unwrap_or_default(),
        },
        kinds: if kind_known { words } else { defaults.kinds },
        statuses: if statuses.is_empty() {
            defaults.statuses
        } else {
            statuses
        },
        amount_unit: amount.map_or(AmountUnit::Yuan, |at| {
            let named = columns[at].contains('分')
                || columns[at].to_lowercase().contains("fen")
                || columns[at].to_lowercase().contains("cent");
            let whole = values(at).all(|v| v.bytes().all(|b| b.is_ascii_digit()));
            if named && whole {
                AmountUnit::Fen
            } else {
                AmountUnit::Yuan
            }
        }),
        time_format: created_at.map_or(TimeFormat::Local, |at| time_format(values(at))),
        constant_kind: (!kind_known).then_some(EntryKind::Payment),
        constant_currency: currency.is_none().then_some(Currency::Cny),
        zone: Zone::BEIJING,
        sheet: None,
    }
}

fn time_format<'a>(values: impl Iterator<Item = &'a str> + Clone) -> TimeFormat {
    let every =
        |check: &dyn Fn(&str) -> bool| values.clone().next().is_some() && values.clone().all(check);
    let digits = |v: &str, count: usize| v.len() == count && v.bytes().all(|b| b.is_ascii_digit());
    if every(&|v| digits(v, 10)) {
        TimeFormat::UnixSeconds
    } else if every(&|v| digits(v, 13)) {
        TimeFormat::UnixMillis
    } else if every(&|v| zf_domain::Timestamp::parse_rfc3339(v).is_ok()) {
        TimeFormat::Rfc3339
    } else {
        TimeFormat::Local
    }
}

/// The first rows of a text file as they stand, its header among them; `most` of them. Bytes that are
/// not UTF-8 show as �.
///
/// # Errors
/// When the input cannot be read.
pub fn first_rows_of_text(input: impl Read, most: usize) -> std::io::Result<Vec<PlainRow>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(input);
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    while rows.len() < most {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => match error.into_kind() {
                csv::ErrorKind::Io(error) => return Err(error),
                _ => break,
            },
        }
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        rows.push(PlainRow {
            line_no: record.position().map_or(0, csv::Position::line),
            cells: record
                .iter()
                .map(|cell| {
                    String::from_utf8_lossy(&cell[..cell.len().min(4096)])
                        .trim_start_matches('\u{feff}')
                        .to_owned()
                })
                .collect(),
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(header: &str, row: &str) -> Mapping {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        guess(
            &cells(header),
            &[PlainRow {
                line_no: 2,
                cells: cells(row),
            }],
        )
    }

    #[test]
    fn the_default_file_is_guessed_as_itself() {
        let mapping = guessed(
            "kind,out_trade_no,out_refund_no,amount,currency,status,created_at",
            "payment,M1,,1.00,CNY,SUCCESS,2026-03-14T09:12:33+08:00",
        );
        assert_eq!(mapping.columns, Columns::default());
        assert_eq!(mapping.time_format, TimeFormat::Rfc3339);
        assert_eq!(mapping.constant_currency, None);
        mapping.check().unwrap();
    }

    #[test]
    fn house_files_are_guessed_by_name_and_value() {
        for (header, row, expected) in [
            (
                "订单号,门店,金额(分),状态,下单时间",
                "M1,一号店,1230,已支付,2026-03-14 09:12:33",
                "- 订单号 - 金额(分) - 状态 下单时间 fen local 1",
            ),
            (
                "交易类型,商户订单号,退款单号,金额（元）,币种,订单状态,支付时间",
                "收款,M1,,12.30,CNY,已完成,2026/3/14 9:12",
                "交易类型 商户订单号 退款单号 金额（元） 币种 订单状态 支付时间 yuan local 1",
            ),
            (
                "Order No.,Total Amount,Currency,Order Status,Paid At,Type,Refund No",
                "M1,1.00,CNY,paid,1773450753,Sale,",
                "Type Order No. Refund No Total Amount Currency Order Status Paid At yuan unix_seconds 1",
            ),
        ] {
            let m = guessed(header, row);
            let c = &m.columns;
            let or = |o: &Option<String>| o.clone().unwrap_or_else(|| "-".to_owned());
            let found = [
                or(&c.kind),
                c.order_no.clone(),
                or(&c.refund_no),
                c.amount.clone(),
                or(&c.currency),
                c.status.clone(),
                c.created_at.clone(),
                serde_json::to_value(m.amount_unit)
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .to_owned(),
                serde_json::to_value(m.time_format)
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .to_owned(),
                m.statuses.len().to_string(),
            ];
            assert_eq!(found.join(" "), expected);
            m.check().unwrap();
        }
    }

    #[test]
    fn what_is_not_found_stays_empty() {
        let mapping = guessed("a,b", "1,2");
        assert_eq!(mapping.columns.order_no, "");
        assert!(mapping.check().is_err());
    }

    #[test]
    fn a_title_above_is_no_header() {
        let rows = first_rows_of_text(&b"\xef\xbb\xbf\xe6\x8a\xa5\xe8\xa1\xa8\n\n\xe8\xae\xa2\xe5\x8d\x95\xe5\x8f\xb7,\xe9\x87\x91\xe9\xa2\x9d\nM1,1\n"[..], 9).unwrap();
        assert_eq!(header_of(&rows), Some(1));
    }
}
