//! Pairs of files of any size for measuring and for the million-row check, written as a stream:
//! memory does not grow with the number of rows.
//!
//! Every row is a function of its position, so the books can list the same rows in another order
//! and neither file needs to be remembered.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::format::{BillType, RefundPart, Style, TradeBill, TradeRow, integer, push_yuan};
use super::model::fee;
use crate::error::SandboxError;
use crate::rng::Rng;

/// How many differences of each kind to plant. Payments only, each number at most once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PlantCounts {
    /// In the bill, not in the books.
    pub missing_in_ledger: u64,
    /// In the books as paid, not in the bill.
    pub missing_in_channel: u64,
    /// Another amount in the books.
    pub amount_mismatch: u64,
    /// `CLOSED` in the books, paid in the bill.
    pub status_mismatch: u64,
    /// The same row twice in the books; counted once each.
    pub duplicate_in_ledger: u64,
    /// The same row twice in the bill; counted once each.
    pub duplicate_in_channel: u64,
}

/// What [`write_big_pair`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BigPair {
    /// Detail rows of the bill, duplicates included.
    pub bill_rows: u64,
    /// Rows of the books without the header.
    pub ledger_rows: u64,
    /// Rows that agree on both sides, each counted once.
    pub matched: u64,
    /// The differences.
    pub planted: PlantCounts,
}

const DAY: &str = "2026-03-14";
const DAY_COMPACT: &str = "20260314";
const FLUSH_BYTES: usize = 1 << 20;
/// One row in twenty is the refund of the payment seven rows before it.
const BLOCK: u64 = 20;
const REFUND_OF: u64 = 7;

/// Writes a trade bill (`ALL`, BOM, CRLF, valid summary) of `rows` different rows on 14 March 2026
/// and the books of the same day in the default shape, in another order.
///
/// # Errors
/// `BadOption` when more is planted than there are payments, or `rows` exceeds 10⁹; `Disk` when a
/// file cannot be written.
pub fn write_big_pair(
    bill: &Path,
    ledger: &Path,
    rows: u64,
    seed: u64,
    planted: &PlantCounts,
) -> Result<BigPair, SandboxError> {
    let plan = Plan::new(rows, seed, planted)?;
    let (duplicated, ledger_rows) = std::thread::scope(|scope| {
        let other = scope.spawn(|| write_ledger(&plan, ledger));
        let duplicated = write_bill(&plan, bill);
        let stopped = |_| {
            Err(SandboxError::Refused(
                "writing the books stopped".to_owned(),
            ))
        };
        (duplicated, other.join().unwrap_or_else(stopped))
    });
    let (duplicated, ledger_rows) = (duplicated?, ledger_rows?);
    Ok(BigPair {
        bill_rows: rows + duplicated,
        ledger_rows,
        matched: rows
            - planted.missing_in_ledger
            - planted.amount_mismatch
            - planted.status_mismatch,
        planted: *planted,
    })
}

/// A permutation of `0..n`: multiplication by a number coprime to `n`.
#[derive(Clone, Copy)]
struct Order {
    n: u64,
    factor: u64,
    shift: u64,
}

impl Order {
    fn new(n: u64, rng: &mut Rng) -> Self {
        let n = n.max(1);
        let mut factor = (n / 2 + rng.below(n / 3 + 1)) | 1;
        while gcd(factor, n) != 1 {
            factor += 2;
        }
        Self {
            n,
            factor: factor % n.max(2),
            shift: rng.below(n),
        }
    }

    fn at(self, index: u64) -> u64 {
        ((u128::from(index) * u128::from(self.factor) + u128::from(self.shift))
            % u128::from(self.n)) as u64
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Clean,
    MissingInLedger,
    Amount,
    Status,
    TwiceInLedger,
    TwiceInChannel,
}

struct Plan {
    rows: u64,
    seed: u64,
    shuffled: Order,
    /// Payments by a scattered rank; the first ranks carry the differences.
    rank: Order,
    bounds: [(u64, Fate); 5],
    missing_in_channel: u64,
}

impl Plan {
    fn new(rows: u64, seed: u64, planted: &PlantCounts) -> Result<Self, SandboxError> {
        let mut rng = Rng::new(seed, 0xB16);
        let payments = payments_in(rows);
        let mut upper = 0u64;
        let bounds = [
            (planted.missing_in_ledger, Fate::MissingInLedger),
            (planted.amount_mismatch, Fate::Amount),
            (planted.status_mismatch, Fate::Status),
            (planted.duplicate_in_ledger, Fate::TwiceInLedger),
            (planted.duplicate_in_channel, Fate::TwiceInChannel),
        ]
        .map(|(count, fate)| {
            upper = upper.saturating_add(count);
            (upper, fate)
        });
        if upper > payments || rows > 1_000_000_000 {
            return Err(SandboxError::BadOption(format!(
                "{upper} differences do not fit into {payments} payments ({rows} rows, at most 10^9)"
            )));
        }
        Ok(Self {
            rows,
            seed,
            shuffled: Order::new(rows, &mut rng),
            rank: Order::new(payments, &mut rng),
            bounds,
            missing_in_channel: planted.missing_in_channel,
        })
    }

    fn fate(&self, index: u64) -> Fate {
        if is_refund(index) {
            return Fate::Clean;
        }
        let payment = index - index / BLOCK;
        let rank = self.rank.at(payment);
        self.bounds
            .iter()
            .find(|(upper, _)| rank < *upper)
            .map_or(Fate::Clean, |(_, fate)| *fate)
    }

    fn amount(&self, index: u64) -> i64 {
        Rng::new(self.seed, index).between(100, 50_000)
    }
}

fn is_refund(index: u64) -> bool {
    index % BLOCK == BLOCK - 1
}

fn payments_in(rows: u64) -> u64 {
    rows - rows / BLOCK
}

/// The texts of one row, rebuilt in place.
#[derive(Default)]
struct Texts {
    time: String,
    paid_time: String,
    number: String,
    transaction: String,
    refund_no: String,
    refund_id: String,
    openid: String,
}

impl Texts {
    fn fill(&mut self, rows: u64, index: u64) {
        let paid = if is_refund(index) {
            index - REFUND_OF
        } else {
            index
        };
        clock(&mut self.time, rows, index, " ");
        clock(&mut self.paid_time, rows, paid, " ");
        numbered(
            &mut self.number,
            &["M", DAY_COMPACT],
            scattered(paid, 12),
            12,
        );
        numbered(
            &mut self.transaction,
            &["4200002501", DAY_COMPACT],
            scattered(paid, 10),
            10,
        );
        numbered(
            &mut self.openid,
            &["oBig"],
            scattered(paid % 99_991, 10),
            10,
        );
        if is_refund(index) {
            numbered(
                &mut self.refund_no,
                &["R", DAY_COMPACT],
                scattered(paid, 12),
                12,
            );
            numbered(
                &mut self.refund_id,
                &["5030000250", DAY_COMPACT],
                scattered(paid, 10),
                11,
            );
        }
    }
}

/// Scatters a position over `digits` decimal digits without repeating.
fn scattered(index: u64, digits: u32) -> u64 {
    (u128::from(index) * 7_654_321_907 % u128::from(10u64.pow(digits))) as u64
}

fn numbered(out: &mut String, heads: &[&str], number: u64, digits: usize) {
    out.clear();
    heads.iter().for_each(|head| out.push_str(head));
    let mut bytes = [b'0'; 12];
    let mut left = number;
    for byte in bytes[..digits].iter_mut().rev() {
        *byte = b'0' + (left % 10) as u8;
        left /= 10;
    }
    bytes[..digits]
        .iter()
        .for_each(|byte| out.push(char::from(*byte)));
}

fn clock(out: &mut String, rows: u64, index: u64, between: &str) {
    let second = index * 86_399 / rows.max(1);
    out.clear();
    out.push_str(DAY);
    out.push_str(between);
    for (at, part) in [second / 3_600, second / 60 % 60, second % 60]
        .into_iter()
        .enumerate()
    {
        if at > 0 {
            out.push(':');
        }
        out.push(char::from(b'0' + (part / 10) as u8));
        out.push(char::from(b'0' + (part % 10) as u8));
    }
}

const NAMES: [&str; 4] = [
    "珍珠奶茶",
    "茉莉绿茶,三分糖",
    "美式咖啡",
    "双人套餐：奶茶两杯,蛋挞一份",
];

fn write_bill(plan: &Plan, path: &Path) -> Result<u64, SandboxError> {
    let fault = || SandboxError::disk("writing", path);
    let mut file = File::create(path).map_err(fault())?;
    let mut bill = TradeBill::new(BillType::All, Style::CAPTURED);
    let mut texts = Texts::default();
    let mut duplicated = 0;
    for index in 0..plan.rows {
        texts.fill(plan.rows, index);
        let paid = if is_refund(index) {
            index - REFUND_OF
        } else {
            index
        };
        let total = plan.amount(paid);
        let mut row = TradeRow {
            time: &texts.time,
            appid: "wx0a1b2c3d4e5f6789",
            mchid: "1900000109",
            transaction_id: &texts.transaction,
            out_trade_no: &texts.number,
            openid: &texts.openid,
            trade_type: if paid % 4 == 0 { "NATIVE" } else { "JSAPI" },
            bank: if paid % 3 == 0 {
                "CMB_CREDIT"
            } else {
                "OTHERS"
            },
            description: NAMES[(paid % 4) as usize],
            ..TradeRow::default()
        };
        if is_refund(index) {
            row.fee = -fee(total);
            row.refund = Some(RefundPart {
                paid_time: &texts.paid_time,
                refund_id: &texts.refund_id,
                out_refund_no: &texts.refund_no,
                amount: total,
                settlement: total,
                channel: "ORIGINAL",
                status: "SUCCESS",
                ..RefundPart::default()
            });
        } else {
            row.total = total;
            row.settlement = total;
            row.fee = fee(total);
        }
        bill.push(&row);
        if plan.fate(index) == Fate::TwiceInChannel {
            bill.push(&row);
            duplicated += 1;
        }
        if bill.out.len() > FLUSH_BYTES {
            file.write_all(&bill.out).map_err(fault())?;
            bill.out.clear();
        }
    }
    file.write_all(&bill.finish()).map_err(fault())?;
    Ok(duplicated)
}

fn write_ledger(plan: &Plan, path: &Path) -> Result<u64, SandboxError> {
    let fault = || SandboxError::disk("writing", path);
    let mut file = File::create(path).map_err(fault())?;
    let mut out = b"kind,out_trade_no,out_refund_no,amount,currency,status,created_at\n".to_vec();
    let mut texts = Texts::default();
    let mut written = 0u64;
    let mut line = Vec::new();
    for place in 0..plan.rows {
        let index = plan.shuffled.at(place);
        let fate = plan.fate(index);
        if fate == Fate::MissingInLedger {
            continue;
        }
        texts.fill(plan.rows, index);
        let refund = is_refund(index);
        let paid = if refund { index - REFUND_OF } else { index };
        let off = if fate == Fate::Amount { 1 } else { 0 };
        line.clear();
        line.extend_from_slice(if refund { b"refund," } else { b"payment," });
        line.extend_from_slice(texts.number.as_bytes());
        line.push(b',');
        if refund {
            line.extend_from_slice(texts.refund_no.as_bytes());
        }
        line.push(b',');
        push_yuan(&mut line, plan.amount(paid) + off);
        let status: &[u8] = if fate == Fate::Status {
            b",CNY,CLOSED,"
        } else {
            b",CNY,SUCCESS,"
        };
        line.extend_from_slice(status);
        line.extend_from_slice(&texts.time.as_bytes()[..10]);
        line.push(b'T');
        line.extend_from_slice(&texts.time.as_bytes()[11..]);
        line.extend_from_slice(b"+08:00\n");
        let copies = if fate == Fate::TwiceInLedger { 2 } else { 1 };
        for _ in 0..copies {
            out.extend_from_slice(&line);
            written += 1;
        }
        if out.len() > FLUSH_BYTES {
            file.write_all(&out).map_err(fault())?;
            out.clear();
        }
    }
    for extra in 0..plan.missing_in_channel {
        out.extend_from_slice(b"payment,X20260314");
        integer(&mut out, extra);
        out.extend_from_slice(b",,");
        push_yuan(&mut out, plan.amount(u64::MAX - extra));
        out.extend_from_slice(b",CNY,SUCCESS,2026-03-14T12:00:00+08:00\n");
        written += 1;
        if out.len() > FLUSH_BYTES {
            file.write_all(&out).map_err(fault())?;
            out.clear();
        }
    }
    file.write_all(&out).map_err(fault())?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// An independent count over both files: strip, split, compare.
    #[test]
    fn a_naive_comparison_finds_exactly_what_was_planted() {
        let dir = tempfile::tempdir().unwrap();
        let (bill, ledger) = (dir.path().join("bill.csv"), dir.path().join("ledger.csv"));
        for (rows, planted) in [
            (
                5_003,
                PlantCounts {
                    missing_in_ledger: 7,
                    missing_in_channel: 5,
                    amount_mismatch: 11,
                    status_mismatch: 3,
                    duplicate_in_ledger: 4,
                    duplicate_in_channel: 2,
                },
            ),
            (1, PlantCounts::default()),
            (0, PlantCounts::default()),
            (
                400,
                PlantCounts {
                    missing_in_ledger: 380,
                    ..PlantCounts::default()
                },
            ),
        ] {
            let report = write_big_pair(&bill, &ledger, rows, 9, &planted).unwrap();
            let text = std::fs::read_to_string(&bill).unwrap();
            let mut channel: HashMap<String, Vec<String>> = HashMap::new();
            let mut total = 0u64;
            for line in text
                .lines()
                .skip(1)
                .take_while(|line| line.starts_with('`'))
            {
                let cells: Vec<&str> = line[1..].split(",`").collect();
                assert_eq!(cells.len(), 27, "{line}");
                let refund = cells[9] == "REFUND";
                let key = if refund { cells[15] } else { cells[6] };
                let amount = if refund { cells[25] } else { cells[24] };
                channel
                    .entry(key.to_owned())
                    .or_default()
                    .push(amount.to_owned());
                total += 1;
            }
            assert_eq!(total, report.bill_rows);
            let mut found = PlantCounts {
                duplicate_in_channel: total - channel.len() as u64,
                ..PlantCounts::default()
            };
            let mut seen: HashMap<String, u64> = HashMap::new();
            let (mut matched, mut ledger_rows) = (0, 0);
            for line in std::fs::read_to_string(&ledger).unwrap().lines().skip(1) {
                ledger_rows += 1;
                let cells: Vec<&str> = line.split(',').collect();
                let key = if cells[0] == "refund" {
                    cells[2]
                } else {
                    cells[1]
                };
                let times = seen.entry(key.to_owned()).or_default();
                *times += 1;
                if *times > 1 {
                    found.duplicate_in_ledger += 1;
                    continue;
                }
                match channel.get(key) {
                    None => found.missing_in_channel += 1,
                    Some(amounts) if amounts[0] != cells[3] => found.amount_mismatch += 1,
                    Some(_) if cells[5] == "CLOSED" => found.status_mismatch += 1,
                    Some(_) => matched += 1,
                }
            }
            found.missing_in_ledger = channel
                .keys()
                .filter(|key| !seen.contains_key(*key))
                .count() as u64;
            assert_eq!(found, planted, "{rows} rows");
            assert_eq!((matched, ledger_rows), (report.matched, report.ledger_rows));
        }
    }

    #[test]
    fn more_differences_than_payments_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let planted = PlantCounts {
            amount_mismatch: 20,
            ..PlantCounts::default()
        };
        let path = dir.path().join("x");
        assert!(write_big_pair(&path, &path, 20, 1, &planted).is_err());
    }
}
