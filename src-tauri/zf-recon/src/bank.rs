//! Payouts of the fund flow against the bank's statement: one bank line may hold several payouts, and
//! one payout may come in several lines.
//!
//! Four looks, the surest first: the payout's reference stands in the bank's text; one payout of the
//! very amount; a group of payouts that adds up to it; a group of lines that adds up to one payout. The
//! search for groups is bounded. Where more
//! than one answer is possible the line is *ambiguous*, and where the bounds ended the search it is
//! *not searched*: neither is ever confirmed by the program. The same input gives the same answer in
//! any order.

use zf_domain::{BusinessDate, Currency, Money};

/// Money the channel paid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// The channel's number of the movement.
    pub id: String,
    /// What left the account, positive.
    pub amount: Money,
    /// When.
    pub day: BusinessDate,
    /// What the bank is expected to print; empty when nothing is known.
    pub reference: String,
}

/// A credit on the bank's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// Line in the statement.
    pub line_no: u64,
    /// What came in, positive.
    pub amount: Money,
    /// When it was booked.
    pub day: BusinessDate,
    /// The bank's text.
    pub text: String,
}

/// How far the search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// A bank line may come this many days after its payout; it never comes before.
    pub days_max: u16,
    /// The most payouts in one bank line.
    pub group_max: usize,
    /// The most combinations looked at for one bank line.
    pub states_max: u32,
}

impl Default for Bounds {
    /// Three days, eight payouts, a hundred thousand combinations.
    fn default() -> Self {
        Self {
            days_max: 3,
            group_max: 8,
            states_max: 100_000,
        }
    }
}

/// References shorter than this stand in too many texts by chance.
const REFERENCE_CHARS_MIN: usize = 6;

/// What made a bank line and its payouts one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The reference stands in the bank's text, and the amounts agree.
    Reference,
    /// One payout of this amount within the days, and one bank line for it.
    Amount,
    /// One group of payouts, and no other, adds up to it.
    Group,
    /// One group of lines, and no other, adds up to the payout; each of them carries it.
    Split,
}

/// What is said of one bank line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankVerdict {
    /// These payouts, by number.
    Matched {
        /// The payouts' numbers, in order.
        payouts: Vec<String>,
        /// Why.
        because: Because,
    },
    /// The references name these payouts, and their sum is another: payout mismatch.
    OtherAmount {
        /// The payouts' numbers, in order.
        payouts: Vec<String>,
        /// Bank less payouts, minor units.
        difference_minor: i64,
    },
    /// More than one answer; a person chooses. These are two of them.
    Ambiguous {
        /// Two possible groups.
        examples: [Vec<String>; 2],
    },
    /// The bounds ended the search before it was complete.
    NotSearched {
        /// Payouts that could take part.
        candidates: usize,
    },
    /// No payout, nor group within the bounds, fits.
    Unmatched,
}

/// The statement tied to the payouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankOutcome {
    /// Each bank line with its verdict, by day and line.
    pub lines: Vec<(BankLine, BankVerdict)>,
    /// Payouts no bank line was confirmed for, by day and number.
    pub open_payouts: Vec<Payout>,
    /// Confirmed, minor units by currency.
    pub matched_minor: Vec<(Currency, i128)>,
}

/// Ties bank lines to payouts within `bounds`.
#[must_use]
pub fn tie(mut payouts: Vec<Payout>, mut lines: Vec<BankLine>, bounds: Bounds) -> BankOutcome {
    payouts.sort_by(|a, b| (a.day, &a.id).cmp(&(b.day, &b.id)));
    lines.sort_by_key(|line| (line.day, line.line_no));
    let mut taken = vec![false; payouts.len()];
    let mut verdicts: Vec<Option<BankVerdict>> = vec![None; lines.len()];
    let ids =
        |group: &[usize]| -> Vec<String> { group.iter().map(|n| payouts[*n].id.clone()).collect() };
    let sum = |group: &[usize]| -> i128 {
        group
            .iter()
            .map(|n| i128::from(payouts[*n].amount.minor))
            .sum()
    };

    // By reference. A payout named by two lines is left to the other looks.
    let named: Vec<Vec<usize>> = lines
        .iter()
        .map(|line| {
            (0..payouts.len())
                .filter(|n| {
                    let payout = &payouts[*n];
                    payout.reference.chars().count() >= REFERENCE_CHARS_MIN
                        && payout.amount.currency == line.amount.currency
                        && line.text.contains(&payout.reference)
                })
                .collect()
        })
        .collect();
    for (number, group) in named.iter().enumerate() {
        let alone = group.iter().all(|n| {
            named
                .iter()
                .enumerate()
                .all(|(other, g)| other == number || !g.contains(n))
        });
        if group.is_empty() || !alone {
            continue;
        }
        let difference = i128::from(lines[number].amount.minor) - sum(group);
        verdicts[number] = Some(if difference == 0 {
            for n in group {
                taken[*n] = true;
            }
            BankVerdict::Matched {
                payouts: ids(group),
                because: Because::Reference,
            }
        } else {
            BankVerdict::OtherAmount {
                payouts: ids(group),
                difference_minor: i64::try_from(difference).unwrap_or(i64::MAX),
            }
        });
    }

    // By amount, one to one.
    let candidates = |line: &BankLine, taken: &[bool]| -> Vec<usize> {
        (0..payouts.len())
            .filter(|n| {
                let payout = &payouts[*n];
                let days = line.day.days_since(payout.day);
                !taken[*n]
                    && payout.amount.currency == line.amount.currency
                    && payout.amount.minor > 0
                    && payout.amount.minor <= line.amount.minor
                    && (0..=i64::from(bounds.days_max)).contains(&days)
            })
            .collect()
    };
    let open: Vec<usize> = (0..lines.len())
        .filter(|n| verdicts[*n].is_none())
        .collect();
    let equal: Vec<Vec<usize>> = open
        .iter()
        .map(|number| {
            let line = &lines[*number];
            candidates(line, &taken)
                .into_iter()
                .filter(|n| payouts[*n].amount.minor == line.amount.minor)
                .collect()
        })
        .collect();
    let mut found = Vec::new();
    for (at, number) in open.iter().enumerate() {
        match equal[at][..] {
            [] => {}
            [only] if equal.iter().filter(|group| group.contains(&only)).count() == 1 => {
                found.push((*number, only));
            }
            [only] => {
                verdicts[*number] = Some(BankVerdict::Ambiguous {
                    examples: [ids(&[only]), Vec::new()],
                });
            }
            [first, second, ..] => {
                verdicts[*number] = Some(BankVerdict::Ambiguous {
                    examples: [ids(&[first]), ids(&[second])],
                });
            }
        }
    }
    for (number, payout) in found {
        taken[payout] = true;
        verdicts[number] = Some(BankVerdict::Matched {
            payouts: ids(&[payout]),
            because: Because::Amount,
        });
    }

    // By groups: each line for itself, then lines that want the same payout are ambiguous.
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for number in 0..lines.len() {
        if verdicts[number].is_some() {
            continue;
        }
        let among = candidates(&lines[number], &taken);
        let amounts: Vec<i64> = among.iter().map(|n| payouts[*n].amount.minor).collect();
        let search = Search::run(&amounts, lines[number].amount.minor, bounds);
        let group = |at: usize| -> Vec<usize> {
            let mut group: Vec<usize> = search.found[at].iter().map(|n| among[*n]).collect();
            group.sort_unstable();
            group
        };
        match search.found.len() {
            2 => {
                verdicts[number] = Some(BankVerdict::Ambiguous {
                    examples: [ids(&group(0)), ids(&group(1))],
                });
            }
            _ if search.cut_short => {
                verdicts[number] = Some(BankVerdict::NotSearched {
                    candidates: among.len(),
                });
            }
            1 => groups.push((number, group(0))),
            _ => verdicts[number] = Some(BankVerdict::Unmatched),
        }
    }
    for (at, (number, group)) in groups.iter().enumerate() {
        let rival = groups
            .iter()
            .enumerate()
            .find(|(other, (_, g))| *other != at && g.iter().any(|n| group.contains(n)));
        verdicts[*number] = Some(match rival {
            Some((_, (_, other))) => BankVerdict::Ambiguous {
                examples: [ids(group), ids(other)],
            },
            None => {
                for n in group {
                    taken[*n] = true;
                }
                BankVerdict::Matched {
                    payouts: ids(group),
                    because: Because::Group,
                }
            }
        });
    }

    split(&payouts, &lines, bounds, &mut taken, &mut verdicts);

    let mut matched_minor: Vec<(Currency, i128)> = Vec::new();
    let lines: Vec<(BankLine, BankVerdict)> = lines
        .into_iter()
        .zip(verdicts)
        .map(|(line, verdict)| (line, verdict.unwrap_or(BankVerdict::Unmatched)))
        .collect();
    for currency in Currency::ALL {
        let sum: i128 = lines
            .iter()
            .filter(|(line, verdict)| {
                line.amount.currency == currency && matches!(verdict, BankVerdict::Matched { .. })
            })
            .map(|(line, _)| i128::from(line.amount.minor))
            .sum();
        if sum != 0 {
            matched_minor.push((currency, sum));
        }
    }
    let open_payouts = payouts
        .into_iter()
        .zip(taken)
        .filter(|(_, taken)| !taken)
        .map(|(payout, _)| payout)
        .collect();
    BankOutcome {
        lines,
        open_payouts,
        matched_minor,
    }
}

/// Payouts that came in parts: groups of lines nothing else was found for. A line that two payouts want
/// belongs to neither until a person says so.
fn split(
    payouts: &[Payout],
    lines: &[BankLine],
    bounds: Bounds,
    taken: &mut [bool],
    verdicts: &mut [Option<BankVerdict>],
) {
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (number, payout) in payouts.iter().enumerate() {
        if taken[number] {
            continue;
        }
        let among: Vec<usize> = (0..lines.len())
            .filter(|n| {
                let line = &lines[*n];
                let days = line.day.days_since(payout.day);
                verdicts[*n] == Some(BankVerdict::Unmatched)
                    && line.amount.currency == payout.amount.currency
                    && line.amount.minor > 0
                    && line.amount.minor < payout.amount.minor
                    && (0..=i64::from(bounds.days_max)).contains(&days)
            })
            .collect();
        let amounts: Vec<i64> = among.iter().map(|n| lines[*n].amount.minor).collect();
        let search = Search::run(&amounts, payout.amount.minor, bounds);
        let ambiguous = search.found.len() == 2;
        if ambiguous {
            // Every line of either answer could carry it.
            for at in search.found.iter().flatten() {
                verdicts[among[*at]] = Some(BankVerdict::Ambiguous {
                    examples: [vec![payout.id.clone()], Vec::new()],
                });
            }
        } else if search.cut_short {
            for n in &among {
                verdicts[*n] = Some(BankVerdict::NotSearched { candidates: 1 });
            }
        } else if let Some(found) = search.found.first() {
            groups.push((number, found.iter().map(|at| among[*at]).collect()));
        }
    }
    for (at, (number, group)) in groups.iter().enumerate() {
        let rivals: Vec<&str> = groups
            .iter()
            .enumerate()
            .filter(|(other, (_, g))| *other != at && g.iter().any(|n| group.contains(n)))
            .map(|(_, (other, _))| payouts[*other].id.as_str())
            .collect();
        // Another payout may have found its lines ambiguous since.
        let free = group.iter().all(|n| {
            matches!(
                verdicts[*n],
                Some(BankVerdict::Unmatched | BankVerdict::Ambiguous { .. })
            )
        });
        if !free {
            continue;
        }
        let untouched = group
            .iter()
            .all(|n| verdicts[*n] == Some(BankVerdict::Unmatched));
        let id = payouts[*number].id.clone();
        if rivals.is_empty() && untouched {
            taken[*number] = true;
        }
        for n in group {
            verdicts[*n] = Some(match rivals.first() {
                Some(other) => {
                    let mut both = [vec![id.clone()], vec![(*other).to_owned()]];
                    both.sort();
                    BankVerdict::Ambiguous { examples: both }
                }
                None if untouched => BankVerdict::Matched {
                    payouts: vec![id.clone()],
                    because: Because::Split,
                },
                None => BankVerdict::Ambiguous {
                    examples: [vec![id.clone()], Vec::new()],
                },
            });
        }
    }
}

/// A search for two or more amounts that add up to a sum; it ends at the second answer.
struct Search<'a> {
    amounts: &'a [i64],
    /// Largest first, and what all from here on add up to.
    order: Vec<usize>,
    rest: Vec<i128>,
    bounds: Bounds,
    states: u32,
    chosen: Vec<usize>,
    found: Vec<Vec<usize>>,
    cut_short: bool,
}

impl<'a> Search<'a> {
    fn run(amounts: &'a [i64], sum: i64, bounds: Bounds) -> Self {
        let mut order: Vec<usize> = (0..amounts.len()).collect();
        order.sort_by_key(|n| (std::cmp::Reverse(amounts[*n]), *n));
        let mut rest = vec![0; amounts.len() + 1];
        for at in (0..amounts.len()).rev() {
            rest[at] = rest[at + 1] + i128::from(amounts[order[at]]);
        }
        let mut search = Self {
            amounts,
            order,
            rest,
            bounds,
            states: 0,
            chosen: Vec::new(),
            found: Vec::new(),
            cut_short: false,
        };
        search.go(0, i128::from(sum));
        search
    }

    fn go(&mut self, at: usize, missing: i128) {
        if self.found.len() == 2 || self.cut_short {
            return;
        }
        if missing == 0 {
            if self.chosen.len() > 1 {
                self.found.push(self.chosen.clone());
            }
            return;
        }
        self.states += 1;
        if self.states > self.bounds.states_max {
            self.cut_short = true;
            return;
        }
        if at == self.order.len() || self.rest[at] < missing {
            return;
        }
        if self.chosen.len() == self.bounds.group_max {
            // A larger group might fit: nobody looked.
            self.cut_short = true;
            return;
        }
        let amount = i128::from(self.amounts[self.order[at]]);
        if amount <= missing {
            self.chosen.push(self.order[at]);
            self.go(at + 1, missing - amount);
            self.chosen.pop();
        }
        self.go(at + 1, missing);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `out ID day amount [reference]` and `bank line day amount [text]`; days of March 2026.
    fn told(text: &str, bounds: Bounds) -> String {
        let (mut payouts, mut lines) = (Vec::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let day = BusinessDate::parse(&format!("2026-03-{:0>2}", words[2])).unwrap();
            let amount = Money::cny(words[3].parse().unwrap());
            let rest = words.get(4).copied().unwrap_or_default().to_owned();
            match words[0] {
                "out" => payouts.push(Payout {
                    id: words[1].to_owned(),
                    amount,
                    day,
                    reference: rest,
                }),
                _ => lines.push(BankLine {
                    line_no: words[1].parse().unwrap(),
                    amount,
                    day,
                    text: rest,
                }),
            }
        }
        let outcome = tie(payouts.clone(), lines.clone(), bounds);
        payouts.reverse();
        lines.reverse();
        assert_eq!(
            tie(payouts, lines, bounds),
            outcome,
            "order matters: {text}"
        );
        let mut told: Vec<String> = outcome
            .lines
            .iter()
            .map(|(line, verdict)| {
                let what = match verdict {
                    BankVerdict::Matched { payouts, because } => {
                        format!("{because:?} {}", payouts.join("+"))
                    }
                    BankVerdict::OtherAmount {
                        payouts,
                        difference_minor,
                    } => format!("OtherAmount {} {difference_minor}", payouts.join("+")),
                    BankVerdict::Ambiguous { examples } => {
                        format!(
                            "Ambiguous {} {}",
                            examples[0].join("+"),
                            examples[1].join("+")
                        )
                    }
                    BankVerdict::NotSearched { candidates } => format!("NotSearched {candidates}"),
                    BankVerdict::Unmatched => "Unmatched".to_owned(),
                };
                format!("{} {}", line.line_no, what.trim_end())
            })
            .collect();
        told.push(format!(
            "open {}",
            outcome
                .open_payouts
                .iter()
                .map(|p| p.id.as_str())
                .collect::<Vec<_>>()
                .join("+")
        ));
        told.join("; ")
    }

    #[test]
    fn payouts_meet_the_bank() {
        for (text, expected) in [
            ("out A 1 100\nbank 2 2 100", "2 Amount A; open "),
            ("out A 1 100\nbank 2 5 100", "2 Unmatched; open A"),
            ("out A 2 100\nbank 2 1 100", "2 Unmatched; open A"),
            (
                "out A 1 100 REF001\nout B 1 100 REF002\nbank 2 1 100 x-REF002",
                "2 Reference B; open A",
            ),
            (
                "out A 1 100 REF001\nbank 2 1 99 REF001",
                "2 OtherAmount A -1; open A",
            ),
            (
                "out A 1 60\nout B 1 40\nout C 1 7\nbank 2 2 100",
                "2 Group A+B; open C",
            ),
            (
                "out A 1 100\nout B 1 100\nbank 2 2 100",
                "2 Ambiguous A B; open A+B",
            ),
            (
                "out A 1 100\nbank 2 2 100\nbank 3 2 100",
                "2 Ambiguous A; 3 Ambiguous A; open A",
            ),
            (
                "out A 1 60\nout B 1 40\nout C 1 70\nout D 1 30\nbank 2 2 100",
                "2 Ambiguous C+D A+B; open A+B+C+D",
            ),
            (
                "out A 1 60\nout B 1 40\nbank 2 1 100\nbank 3 2 100",
                "2 Ambiguous A+B A+B; 3 Ambiguous A+B A+B; open A+B",
            ),
            ("bank 2 1 100", "2 Unmatched; open "),
            (
                "out A 1 100\nbank 2 1 60\nbank 3 2 40\nbank 4 2 7",
                "2 Split A; 3 Split A; 4 Unmatched; open ",
            ),
            (
                "out A 1 100\nbank 2 1 60\nbank 3 2 40\nbank 4 2 30\nbank 5 2 70",
                "2 Ambiguous A; 3 Ambiguous A; 4 Ambiguous A; 5 Ambiguous A; open A",
            ),
            (
                "out A 1 100\nout B 1 100\nbank 2 1 60\nbank 3 1 40",
                "2 Ambiguous A B; 3 Ambiguous A B; open A+B",
            ),
            (
                "out A 1 100\nbank 2 1 60\nbank 3 6 40",
                "2 Unmatched; 3 Unmatched; open A",
            ),
        ] {
            assert_eq!(told(text, Bounds::default()), expected, "{text}");
        }
    }

    #[test]
    fn what_was_not_searched_is_said() {
        let mut text = String::new();
        for number in 0..40 {
            text += &format!("out P{number:02} 1 {}\n", 1001 + 2 * number);
        }
        text += "bank 2 1 20000";
        let few = Bounds {
            states_max: 50,
            ..Bounds::default()
        };
        assert!(told(&text, few).starts_with("2 NotSearched 40"));

        // Three would fit, two may be taken: nobody looked.
        let pairs = Bounds {
            group_max: 2,
            ..Bounds::default()
        };
        assert_eq!(
            told("out A 1 10\nout B 1 20\nout C 1 30\nbank 2 1 60", pairs),
            "2 NotSearched 3; open A+B+C"
        );
    }
}
