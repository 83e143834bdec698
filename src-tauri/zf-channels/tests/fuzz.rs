//! Damaged bills: no byte of a file makes a reader fail otherwise than by naming line and reason, and
//! reading in blocks says the same as reading from front to back.
//!
//! A short run with fixed seeds is an ordinary test; `ZF_FUZZ_SECONDS=600 cargo test -p zf-channels
//! --release --test fuzz -- --nocapture` goes on from a fresh seed and prints how far it came.

#![cfg(test)]

use std::time::{Duration, Instant};

use zf_channels::wechatpay::bill::{
    AnyBill, BillFault, BillFaultKind, BillReader, FundFlowReader, TradePart, TrailerCheck, open,
};

const TRADE: &str = "\u{feff}交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\r\n\
`2026-03-14 09:12:33,`wx0a1b2c3d4e5f6789,`1900000109,`0,`,`4200002501202603140000000001,`ORD20260314-0001,`oInventedOpenid01,`JSAPI,`SUCCESS,`CMB_CREDIT,`CNY,`100.00,`0.00,`0,`0,`0.00,`0.00,`,`,`Tea set,`shop-7,`0.60000,`0.60%,`100.00,`0.00,`\r\n\
`2026-03-14 11:40:05,`wx0a1b2c3d4e5f6789,`1900000109,`0,`till-2,`4200002501202603140000000002,`ORD20260314-0002,`oInventedOpenid02,`NATIVE,`SUCCESS,`OTHERS,`CNY,`50.00,`5.00,`0,`0,`0.00,`0.00,`,`,`手冲壶,`,`0.30000,`0.60%,`50.00,`0.00,`\r\n\
`2026-03-14 15:40:02,`wx0a1b2c3d4e5f6789,`1900000109,`0,`,`4200002501202603140000000001,`ORD20260314-0001,`oInventedOpenid01,`JSAPI,`REFUND,`CMB_CREDIT,`CNY,`0.00,`0.00,`50300002502026031400000000001,`RF20260314-0001,`40.00,`0.00,`ORIGINAL,`PROCESSING,`Tea set,`shop-7,`-0.24000,`0.60%,`0.00,`40.00,`\r\n\
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n\
`3,`150.00,`40.00,`0.00,`0.66000,`150.00,`40.00\r\n";

const FUND: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\n\
`2026-03-14 09:12:33,`4200002501202603140000000001,`1900000109260314000000000001,`交易,`交易,`收入,`100.00,`1100.00,`system,`,`ORD20260314-0001\n\
`2026-03-14 09:12:33,`4200002501202603140000000001,`1900000109260314000000000002,`交易,`扣除交易手续费,`支出,`0.60,`1099.40,`system,`,`ORD20260314-0001\n\
`2026-03-14 15:40:02,`50300002502026031400000000001,`1900000109260314000000000003,`退款,`退款,`支出,`39.76,`1059.64,`1900000109API,`退款总金额40.00元;含手续费0.24元,`RF20260314-0001\n\
资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n\
`3,`1,`100.00,`2,`40.36\n";

/// Pieces that mean something to the readers.
const PIECES: &[&[u8]] = &[
    b"`",
    b",`",
    b",",
    b"\n",
    b"\r\n",
    b"\"",
    b"-",
    b".",
    b"0.00",
    b"9999999999999999999",
    b"\xff",
    b"\xe6",
    b"\0",
    b"1e9",
    b"REFUND",
    b"SUCCESS",
    b"HKD",
    b"JPY",
    b"\xef\xbb\xbf",
    "总交易单数".as_bytes(),
    "资金流水总笔数".as_bytes(),
    "支出".as_bytes(),
];

/// Xorshift: the same seed, the same damage.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below.max(1) as u64).unwrap()
    }

    fn damage(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.roll(6) {
            let at = self.roll(bytes.len() + 1);
            let end = (at + self.roll(40)).min(bytes.len());
            match self.roll(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.roll(8),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let piece = PIECES[self.roll(PIECES.len())];
                    drop(bytes.splice(at..at, piece.iter().copied()));
                }
                3 => {
                    let again = bytes[at..end].to_vec();
                    let to = self.roll(bytes.len() + 1);
                    drop(bytes.splice(to..to, again));
                }
                4 => {
                    let piece = PIECES[self.roll(PIECES.len())];
                    drop(bytes.splice(at..end, piece.iter().copied()));
                }
                _ => bytes.truncate(at.max(bytes.len() / 2)),
            }
        }
        bytes
    }
}

fn sound_fault(fault: &BillFault) {
    assert!(fault.line >= 1, "{fault:?}");
    assert!(
        !fault.reason.is_empty() && !fault.remedy.is_empty(),
        "{fault:?}"
    );
    assert!(fault.text.chars().count() <= 80, "{fault:?}");
    if fault.kind == BillFaultKind::Field {
        assert!(fault.column.is_some(), "{fault:?}");
    }
}

/// What is said of a bill: rows and faults in the order of lines, and the verdict on its summary.
type Told = (Vec<String>, Result<TrailerCheck, BillFaultKind>);

fn from_front(bytes: &[u8]) -> Option<Told> {
    let mut reader = match BillReader::new(bytes) {
        Ok(reader) => reader,
        Err(fault) => {
            sound_fault(&fault);
            return None;
        }
    };
    let mut told = Vec::new();
    for row in reader.by_ref() {
        match row {
            Ok(line) => told.push(format!("{} {:?}", line.line_no, line.amount)),
            Err(fault) => {
                sound_fault(&fault);
                // What is wrong with the summary is the verdict on the file.
                if fault.kind != BillFaultKind::Summary {
                    told.push(fault.to_string());
                }
            }
        }
    }
    let verdict = reader.trailer().map_err(|fault| {
        sound_fault(&fault);
        fault.kind
    });
    Some((told, verdict))
}

fn in_blocks(bytes: &[u8], cuts: &mut Dice) -> Option<Told> {
    let (trade, rest) = BillReader::new(bytes).ok()?.into_blocks();
    let mut told = Vec::new();
    let mut parts = [TradePart::default(), TradePart::default()];
    let (mut from, mut line) = (0, 2);
    while from < rest.len() {
        // Any line end may be a cut, but none behind the header of the summary.
        let mut end = rest.len();
        let ends = |from: usize| {
            rest[from..]
                .iter()
                .position(|b| *b == b'\n')
                .map(|n| from + n)
        };
        let mut at = from;
        while let Some(cut) = ends(at) {
            let begin = rest[..cut]
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |n| n + 1);
            let held = zf_channels::wechatpay::bill::TradeBlocks::holds_the_next(&rest[begin..cut]);
            at = cut + 1;
            if !held && cuts.roll(2) == 0 {
                end = cut + 1;
                break;
            }
        }
        let which = cuts.roll(2);
        let block = &rest[from..end];
        let mut faults = Vec::new();
        let mut rows = Vec::new();
        trade
            .read(
                block,
                line,
                &mut parts[which],
                |row| {
                    rows.push((row.line_no, format!("{} {:?}", row.line_no, row.amount)));
                    Ok::<(), ()>(())
                },
                |fault| faults.push((fault.line, fault.to_string())),
            )
            .unwrap();
        rows.append(&mut faults);
        rows.sort();
        told.extend(rows.into_iter().map(|(_, text)| text));
        line += block.iter().filter(|b| **b == b'\n').count() as u64;
        from = end;
    }
    Some((
        told,
        trade.trailer(parts).map_err(|fault| {
            sound_fault(&fault);
            fault.kind
        }),
    ))
}

fn check_trade(bytes: &[u8], dice: &mut Dice) {
    let front = from_front(bytes);
    let blocks = in_blocks(bytes, dice);
    match (front, blocks) {
        (Some((rows, verdict)), Some((block_rows, block_verdict))) => {
            match (verdict, block_verdict) {
                (Ok(mut check), Ok(block_check)) => {
                    check.merchants.sort_unstable();
                    assert_eq!(check, block_check, "{}", String::from_utf8_lossy(bytes));
                    assert_eq!(rows, block_rows, "{}", String::from_utf8_lossy(bytes));
                }
                // A bill that is refused as a whole may be refused at another point.
                (Err(_), Err(_)) => {}
                (front, blocks) => panic!(
                    "from the front {front:?}, in blocks {blocks:?}: {}",
                    String::from_utf8_lossy(bytes)
                ),
            }
        }
        (None, None) => {}
        (front, blocks) => panic!("{front:?} {blocks:?}"),
    }
}

fn check_fund(bytes: &[u8]) {
    match FundFlowReader::new(bytes) {
        Err(fault) => sound_fault(&fault),
        Ok(mut reader) => {
            for fault in reader.by_ref().filter_map(Result::err) {
                sound_fault(&fault);
            }
            if let Err(fault) = reader.trailer() {
                sound_fault(&fault);
            }
        }
    }
    match open(bytes) {
        Ok(AnyBill::Trade(_) | AnyBill::FundFlow(_)) => {}
        Err(fault) => sound_fault(&fault),
    }
}

/// Runs `check` on damaged files: a fixed number, or for as long as is asked.
fn run(what: &str, mut check: impl FnMut(&mut Dice)) {
    let seconds: Option<u64> = std::env::var("ZF_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let began = Instant::now();
    let mut rounds = 0_u64;
    let base = match seconds {
        None => 0,
        Some(_) => u64::from(std::process::id()) << 32,
    };
    loop {
        let done = match seconds {
            None => rounds == 3000,
            Some(seconds) => began.elapsed() >= Duration::from_secs(seconds),
        };
        if done {
            break;
        }
        rounds += 1;
        check(&mut Dice(
            (base + rounds).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        ));
    }
    if seconds.is_some() {
        println!(
            "{what}: {rounds} damaged files in {:?}, none crashed",
            began.elapsed()
        );
    }
}

#[test]
fn damaged_trade_bills_are_named_not_crashed() {
    let mut dice = Dice(7);
    check_trade(TRADE.as_bytes(), &mut dice);
    assert!(from_front(TRADE.as_bytes()).unwrap().1.unwrap().is_sound());
    // A file cut within its last line end says all it has to say.
    let cut = format!("{}\r", TRADE.trim_end());
    check_trade(cut.as_bytes(), &mut dice);
    check_trade(format!("{cut}\n\r").as_bytes(), &mut dice);
    assert!(from_front(cut.as_bytes()).unwrap().1.unwrap().is_sound());
    run("trade bill", |dice| {
        let bytes = dice.damage(TRADE);
        check_trade(&bytes, dice);
    });
}

#[test]
fn damaged_fund_flow_bills_are_named_not_crashed() {
    run("fund-flow bill", |dice| check_fund(&dice.damage(FUND)));
}
