//! Writes the pair of files the peers' benchmark reads: `bill_pair -- DIR [rows]`.
//!
//! `bill.csv` is a WeChat Pay trade bill (27 columns, a back-tick before each value, summary),
//! `ledger.csv` the default ledger. The two stand in different orders; of every thousand rows six
//! carry one planted difference each, another kind each. Prints what was planted as JSON.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a generator of files writes files and says what it planted"
)]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};

/// Of this many rows one carries a planted difference of each kind.
const PLANT_EVERY: u64 = 1000;

const HEADER: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,\
    交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,\
    充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const SUMMARY: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,\
    申请退款总金额";
const GOODS: [&str; 4] = ["Tea set", "茉莉绿茶 三分糖", "Coffee beans 500 g", "手冲壶"];

/// Visits `0..rows` once each, in a scattered order that `step` chooses.
fn scattered(rows: u64, mut step: u64) -> impl Iterator<Item = u64> {
    let gcd = |mut a: u64, mut b: u64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    while gcd(step % rows.max(1), rows) != 1 && rows > 1 {
        step += 1;
    }
    (0..rows).map(move |n| (u128::from(n) * u128::from(step) % u128::from(rows.max(1))) as u64)
}

fn is_refund(number: u64) -> bool {
    number % 20 == 13
}

fn minor(number: u64) -> u64 {
    number.wrapping_mul(7919) % 100_000 + 1
}

fn yuan(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("bill_pair DIR [rows]")?;
    let rows: u64 = arguments
        .next()
        .map_or(Ok(1_000_000), |text| text.parse())?;
    if !rows.is_multiple_of(PLANT_EVERY) {
        return Err(format!("the number of rows is a multiple of {PLANT_EVERY}").into());
    }
    let create = |name: &str| {
        File::create(format!("{folder}/{name}")).map(|f| BufWriter::with_capacity(1 << 20, f))
    };

    let mut bill = create("bill.csv")?;
    write!(bill, "\u{feff}{HEADER}\r\n")?;
    let (mut count, mut paid, mut back, mut fees) = (0_u64, 0_u64, 0_u64, 0_i64);
    for number in scattered(rows, 2_654_435_761) {
        let copies = match number % PLANT_EVERY {
            2 => 0,
            5 => 2,
            _ => 1,
        };
        let minor = minor(number);
        let fee = (minor * 6 + 500) / 1000;
        let second = number % 86_400;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let goods = GOODS[(number % 4) as usize];
        for _ in 0..copies {
            count += 1;
            write!(
                bill,
                "`2026-03-14 {hour:02}:{minute:02}:{second:02},`wx0a1b2c3d4e5f6789,`1900000109,`0,`till-{},\
                 `42000025012026031{number:011},",
                number % 32
            )?;
            let amount = yuan(minor);
            if is_refund(number) {
                back += minor;
                fees -= fee as i64;
                write!(
                    bill,
                    "`ORD20260314{:012},`oInvented{:019},`JSAPI,`REFUND,`CMB_CREDIT,`CNY,`0.00,`0.00,\
                     `503000025020260314{number:011},`RF20260314{number:012},`{amount},`0.00,`ORIGINAL,\
                     `SUCCESS,`{goods},`shop-7,`{}{}000,`0.60%,`0.00,`{amount},`\r\n",
                    number - 1,
                    number % 1_000_003,
                    if fee == 0 { "" } else { "-" },
                    yuan(fee),
                )?;
            } else {
                paid += minor;
                fees += fee as i64;
                write!(
                    bill,
                    "`ORD20260314{number:012},`oInvented{:019},`JSAPI,`SUCCESS,`CMB_CREDIT,`CNY,`{amount},\
                     `0.00,`0,`0,`0.00,`0.00,`,`,`{goods},`shop-7,`{}000,`0.60%,`{amount},`0.00,`\r\n",
                    number % 1_000_003,
                    yuan(fee),
                )?;
            }
        }
    }
    let fee_sum = format!(
        "{}{}000",
        if fees < 0 { "-" } else { "" },
        yuan(fees.unsigned_abs())
    );
    write!(
        bill,
        "{SUMMARY}\r\n`{count},`{},`{},`0.00,`{fee_sum},`{},`{}\r\n",
        yuan(paid),
        yuan(back),
        yuan(paid),
        yuan(back),
    )?;
    bill.flush()?;

    let mut ledger = create("ledger.csv")?;
    writeln!(
        ledger,
        "kind,out_trade_no,out_refund_no,amount,currency,status,created_at"
    )?;
    for number in scattered(rows, 1_000_003) {
        let (minor, status, copies) = match number % PLANT_EVERY {
            1 => continue,
            3 => (minor(number) + 1, "SUCCESS", 1),
            4 => (minor(number), "CLOSED", 1),
            6 => (minor(number), "SUCCESS", 2),
            _ => (minor(number), "SUCCESS", 1),
        };
        let second = number % 86_400;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        for _ in 0..copies {
            if is_refund(number) {
                write!(
                    ledger,
                    "refund,ORD20260314{:012},RF20260314{number:012},",
                    number - 1
                )?;
            } else {
                write!(ledger, "payment,ORD20260314{number:012},,")?;
            }
            writeln!(
                ledger,
                "{},CNY,{status},2026-03-14T{hour:02}:{minute:02}:{second:02}+08:00",
                yuan(minor)
            )?;
        }
    }
    ledger.flush()?;
    let each = rows / PLANT_EVERY;
    println!(
        "{{\"matched\":{},\"missing_in_ledger\":{each},\"missing_in_channel\":{each},\
         \"amount_mismatch\":{each},\"status_mismatch\":{each},\"duplicate_in_channel\":{each},\
         \"duplicate_in_ledger\":{each}}}",
        rows - 4 * each
    );
    Ok(())
}
