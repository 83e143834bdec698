//! Trade bill against fund-flow bill: what was traded, less the channel's fee, must have been booked,
//! and every balance must follow from the one before.
//!
//! Both are the channel's own files, so nothing here waits or is tolerated. Movements that belong to
//! no trade (top-ups, withdrawals, service fees, adjustments) are listed one by one: a person or a
//! rule must name them. All amounts are minor units of one account's currency.

use std::collections::BTreeMap;

use zf_domain::EntryKind;

use crate::error::ReconError;

/// A row of the trade bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// The channel's number of the payment, or of the refund: the business voucher.
    pub business_no: String,
    /// Payment or refund.
    pub kind: EntryKind,
    /// What is settled of it, before the fee; positive for refunds too. Zero when no money moved.
    pub gross_minor: i64,
    /// The fee; negative where a refund gives it back.
    pub fee_minor: i64,
    /// Line in the trade bill.
    pub line_no: u64,
}

impl Trade {
    /// What the account must have gained: gross less fee, refunds negative.
    #[must_use]
    pub fn net_minor(&self) -> i128 {
        let gross = i128::from(self.gross_minor);
        match self.kind {
            EntryKind::Payment => gross - i128::from(self.fee_minor),
            EntryKind::Refund => -gross - i128::from(self.fee_minor),
        }
    }
}

/// Why money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// A payment came in.
    Collected,
    /// A refund went out, or came back because it was closed.
    Refunded,
    /// The channel took its fee, or gave one back.
    Fee,
    /// Anything else: top-up, withdrawal, service fee, adjustment.
    Other,
}

/// A row of the fund-flow bill, in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// The channel's number of what caused it.
    pub business_no: String,
    /// Why.
    pub purpose: Purpose,
    /// Positive into the account, negative out of it.
    pub minor: i64,
    /// The account after it, as printed.
    pub balance_minor: i64,
    /// Line in the fund-flow bill.
    pub line_no: u64,
}

/// What is wrong with one business voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowCode {
    /// Traded, and the account never moved for it.
    NotBooked,
    /// The account moved by another amount than gross less fee.
    BookedOtherwise,
    /// A refund that came back, on the day it went out or later: it was closed, and the payer has nothing.
    RefundClosed,
    /// The account moved for a payment or refund that the trade bill does not have.
    NotTraded,
    /// A movement that belongs to no trade; it must be named.
    OtherEntry,
}

impl FlowCode {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotBooked => "not_booked",
            Self::BookedOtherwise => "booked_otherwise",
            Self::RefundClosed => "refund_closed",
            Self::NotTraded => "not_traded",
            Self::OtherEntry => "other_entry",
        }
    }
}

/// One business voucher that does not tie, or is to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowFinding {
    /// What is wrong.
    pub code: FlowCode,
    /// The voucher.
    pub business_no: String,
    /// Gross less fee by the trade bill, minor units.
    pub expected_minor: i64,
    /// What the account moved, minor units.
    pub booked_minor: i64,
    /// First line in the trade bill, when it is there.
    pub trade_line: Option<u64>,
    /// Lines in the fund-flow bill.
    pub flow_lines: Vec<u64>,
}

/// The first row whose balance does not follow from the row before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceBreak {
    /// Its line.
    pub line_no: u64,
    /// The balance before it, less or plus its amount.
    pub expected_minor: i64,
    /// The balance it prints.
    pub printed_minor: i64,
}

/// The running balance, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Before the first row, as its amount and balance say.
    pub opening_minor: i64,
    /// After the last row, as printed.
    pub closing_minor: i64,
    /// The first row that breaks the chain.
    pub first_break: Option<BalanceBreak>,
    /// How many rows break it.
    pub breaks: u64,
}

impl Balance {
    /// Whether this day begins where the day before ended.
    #[must_use]
    pub const fn follows(&self, closing_before_minor: i64) -> bool {
        self.opening_minor == closing_before_minor
    }
}

/// The way from what was traded to what the account shows, every part named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlowWaterfall {
    /// Payments of the trade bill.
    pub paid_minor: i64,
    /// Refunds of the trade bill, positive.
    pub refunded_minor: i64,
    /// Fees of the trade bill, less fees given back.
    pub fee_minor: i64,
    /// Booked less expected, over every voucher that does not tie.
    pub untied_minor: i64,
    /// Movements that belong to no trade.
    pub other_minor: i64,
    /// What all movements add up to.
    pub moved_minor: i64,
    /// Moved, less all of the above. Zero, or the engine refuses to finish.
    pub residual_minor: i64,
}

/// The trade bill tied to the fund flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowOutcome {
    /// Vouchers that tie to the last fen.
    pub tied: u64,
    /// What does not, by code and voucher.
    pub findings: Vec<FlowFinding>,
    /// The running balance; `None` without a movement.
    pub balance: Option<Balance>,
    /// From trades to movements.
    pub waterfall: FlowWaterfall,
}

#[derive(Default)]
struct Voucher {
    expected: i128,
    booked: i128,
    trade_line: Option<u64>,
    flow_lines: Vec<u64>,
    goes_out: bool,
    comes_in: bool,
    named: bool,
}

/// Ties a day's trades to the movements of the account. Trades may come in any order, movements in
/// the order of their file. Needs memory for every voucher: about 200 bytes each.
///
/// # Errors
/// `SumTooLarge`; `NotConserved` if the sums of this very comparison do not balance, which would be
/// a defect of this program.
pub fn tie(
    trades: impl IntoIterator<Item = Trade>,
    movements: impl IntoIterator<Item = Movement>,
) -> Result<FlowOutcome, ReconError> {
    let mut vouchers: BTreeMap<String, Voucher> = BTreeMap::new();
    let (mut paid, mut refunded, mut fee) = (0_i128, 0_i128, 0_i128);
    for trade in trades {
        match trade.kind {
            EntryKind::Payment => paid += i128::from(trade.gross_minor),
            EntryKind::Refund => refunded += i128::from(trade.gross_minor),
        }
        fee += i128::from(trade.fee_minor);
        let net = trade.net_minor();
        let voucher = vouchers.entry(trade.business_no).or_default();
        voucher.expected += net;
        voucher.trade_line = Some(
            voucher
                .trade_line
                .map_or(trade.line_no, |line| line.min(trade.line_no)),
        );
    }
    let (mut moved, mut other) = (0_i128, 0_i128);
    let mut others = Vec::new();
    let mut balance: Option<Balance> = None;
    for movement in movements {
        let minor = i128::from(movement.minor);
        moved += minor;
        balance = Some(step(balance, &movement)?);
        if movement.purpose == Purpose::Other {
            other += minor;
            others.push(FlowFinding {
                code: FlowCode::OtherEntry,
                business_no: movement.business_no,
                expected_minor: 0,
                booked_minor: movement.minor,
                trade_line: None,
                flow_lines: vec![movement.line_no],
            });
            continue;
        }
        let voucher = vouchers.entry(movement.business_no).or_default();
        voucher.booked += minor;
        voucher.flow_lines.push(movement.line_no);
        voucher.goes_out |= movement.purpose == Purpose::Refunded && movement.minor < 0;
        voucher.comes_in |= movement.purpose == Purpose::Refunded && movement.minor > 0;
        voucher.named |= movement.purpose != Purpose::Fee;
    }
    let mut tied = 0;
    let mut untied = 0_i128;
    let mut findings = Vec::new();
    for (business_no, voucher) in vouchers {
        if voucher.trade_line.is_some() && voucher.expected == voucher.booked {
            tied += 1;
            continue;
        }
        untied += voucher.booked - voucher.expected;
        let code = match voucher.trade_line {
            // The refund itself stands in an earlier day's bill.
            None if voucher.comes_in && !voucher.goes_out => FlowCode::RefundClosed,
            None => FlowCode::NotTraded,
            Some(_) if voucher.goes_out && voucher.comes_in && voucher.booked == 0 => {
                FlowCode::RefundClosed
            }
            Some(_) if voucher.flow_lines.is_empty() => FlowCode::NotBooked,
            Some(_) => FlowCode::BookedOtherwise,
        };
        findings.push(FlowFinding {
            code,
            business_no,
            expected_minor: minor(voucher.expected)?,
            booked_minor: minor(voucher.booked)?,
            trade_line: voucher.trade_line,
            flow_lines: voucher.flow_lines,
        });
    }
    findings.append(&mut others);
    findings.sort_by(|a, b| {
        (a.code, &a.business_no, &a.flow_lines).cmp(&(b.code, &b.business_no, &b.flow_lines))
    });
    let residual = moved - (paid - refunded - fee) - untied - other;
    if residual != 0 {
        return Err(ReconError::NotConserved {
            what: format!("{residual} minor units of the fund flow remain unexplained"),
        });
    }
    Ok(FlowOutcome {
        tied,
        findings,
        balance,
        waterfall: FlowWaterfall {
            paid_minor: minor(paid)?,
            refunded_minor: minor(refunded)?,
            fee_minor: minor(fee)?,
            untied_minor: minor(untied)?,
            other_minor: minor(other)?,
            moved_minor: minor(moved)?,
            residual_minor: minor(residual)?,
        },
    })
}

fn minor(sum: i128) -> Result<i64, ReconError> {
    i64::try_from(sum).map_err(|_| ReconError::SumTooLarge)
}

/// Takes one row into the running balance. After a break the chain goes on from what is printed, so
/// that one wrong row is one break.
fn step(before: Option<Balance>, movement: &Movement) -> Result<Balance, ReconError> {
    let printed = movement.balance_minor;
    let Some(mut balance) = before else {
        return Ok(Balance {
            opening_minor: minor(i128::from(printed) - i128::from(movement.minor))?,
            closing_minor: printed,
            first_break: None,
            breaks: 0,
        });
    };
    let expected = minor(i128::from(balance.closing_minor) + i128::from(movement.minor))?;
    if expected != printed {
        balance.breaks += 1;
        balance.first_break.get_or_insert(BalanceBreak {
            line_no: movement.line_no,
            expected_minor: expected,
            printed_minor: printed,
        });
    }
    balance.closing_minor = printed;
    Ok(balance)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trades as `pay P1 100.00 0.60`, `refund R1 40.00 -0.24`; movements as `in P1 100.00 1100.00`,
    /// `fee P1 -0.60 1099.40`, `back R1 -39.76 1059.64`, `other W1 -500.00 559.64`.
    fn told(text: &str) -> String {
        let fen = |text: &str| -> i64 { text.replace('.', "").parse().unwrap() };
        let (mut trades, mut movements) = (Vec::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [what, number, first, second] = words[..] else {
                panic!("{line}");
            };
            let purpose = match what {
                "pay" | "refund" => {
                    trades.push(Trade {
                        business_no: number.to_owned(),
                        kind: if what == "pay" {
                            EntryKind::Payment
                        } else {
                            EntryKind::Refund
                        },
                        gross_minor: fen(first),
                        fee_minor: fen(second),
                        line_no: trades.len() as u64 + 2,
                    });
                    continue;
                }
                "in" => Purpose::Collected,
                "fee" => Purpose::Fee,
                "back" => Purpose::Refunded,
                "other" => Purpose::Other,
                _ => panic!("{line}"),
            };
            movements.push(Movement {
                business_no: number.to_owned(),
                purpose,
                minor: fen(first),
                balance_minor: fen(second),
                line_no: movements.len() as u64 + 2,
            });
        }
        let outcome = tie(trades, movements).unwrap();
        let mut lines = vec![format!("tied {}", outcome.tied)];
        for f in &outcome.findings {
            lines.push(format!(
                "{} {} {} {} {:?}",
                f.code.as_str(),
                f.business_no,
                f.expected_minor,
                f.booked_minor,
                f.flow_lines
            ));
        }
        if let Some(balance) = outcome.balance {
            let mut line = format!("{} to {}", balance.opening_minor, balance.closing_minor);
            if let Some(b) = balance.first_break {
                line += &format!(
                    ", line {}: {} not {}, {} in all",
                    b.line_no, b.printed_minor, b.expected_minor, balance.breaks
                );
            }
            lines.push(line);
        }
        assert_eq!(outcome.waterfall.residual_minor, 0);
        lines.join("\n")
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let expected: Vec<&str> = expected.lines().map(str::trim).collect();
        assert_eq!(told(text), expected.join("\n"), "{text}");
    }

    #[test]
    fn gross_less_fee_is_booked() {
        check(
            "pay P1 100.00 0.60
             refund R1 40.00 -0.24
             in P1 100.00 1100.00
             fee P1 -0.60 1099.40
             back R1 -39.76 1059.64",
            "tied 2
             100000 to 105964",
        );
    }

    #[test]
    fn what_does_not_tie_is_named() {
        for (text, expected) in [
            ("pay P1 100.00 0.60", "tied 0\nnot_booked P1 9940 0 []"),
            (
                "pay P1 100.00 0.60\nin P1 100.00 100.00\nfee P1 -0.61 99.39",
                "tied 0\nbooked_otherwise P1 9940 9939 [2, 3]\n0 to 9939",
            ),
            (
                "in P9 5.00 5.00",
                "tied 0\nnot_traded P9 0 500 [2]\n0 to 500",
            ),
            (
                "refund R1 40.00 -0.24\nback R1 -39.76 60.24\nback R1 39.76 100.00",
                "tied 0\nrefund_closed R1 -3976 0 [2, 3]\n10000 to 10000",
            ),
            (
                "back R9 39.76 100.00",
                "tied 0\nrefund_closed R9 0 3976 [2]\n6024 to 10000",
            ),
            (
                "other W1 -500.00 0.00",
                "tied 0\nother_entry W1 0 -50000 [2]\n50000 to 0",
            ),
            // A payment that moved no money, and its absence, tie.
            ("pay P1 0.00 0.00", "tied 1"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn the_first_row_that_breaks_the_balance_is_pointed_at() {
        check(
            "in P1 1.00 11.00\nin P2 1.00 12.01\nin P3 1.00 13.01\nin P4 1.00 14.00",
            "tied 0
             not_traded P1 0 100 [2]
             not_traded P2 0 100 [3]
             not_traded P3 0 100 [4]
             not_traded P4 0 100 [5]
             1000 to 1400, line 3: 1201 not 1200, 2 in all",
        );
        let balance = Balance {
            opening_minor: 5,
            closing_minor: 9,
            first_break: None,
            breaks: 0,
        };
        assert!(balance.follows(5) && !balance.follows(6));
    }
}
