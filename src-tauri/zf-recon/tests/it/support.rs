//! Rows as people write them, and a second, deliberately simple reading of the rules: it compares
//! every row with every other, so it can be checked by eye.

use std::sync::Arc;

use zf_domain::{Currency, DifferenceCode, EntryKind, EntryState, Money, Timestamp};
use zf_recon::{Bucket, Entry, Extra, Options, Outcome, Reconciler, RuleSet, RunRules};

/// A row of either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) kind: EntryKind,
    pub(crate) key: String,
    pub(crate) amount: Money,
    pub(crate) state: EntryState,
    pub(crate) line_no: u64,
    pub(crate) channel_no: Option<String>,
    pub(crate) fee: Option<i64>,
    pub(crate) from: Option<u32>,
}

impl Row {
    pub(crate) fn entry(&self) -> Entry<'_> {
        Entry {
            kind: self.kind,
            key: &self.key,
            amount: self.amount,
            state: self.state,
            occurred_at: Timestamp::from_seconds(1_773_450_753),
            line_no: self.line_no,
            extra: Extra {
                channel_no: self.channel_no.as_deref(),
                fee_minor: self.fee,
                fee_base_minor: None,
                carried_from: self.from,
            },
        }
    }

    /// What it adds to its side's net.
    pub(crate) fn net(&self) -> i128 {
        match (self.kind, self.state) {
            (EntryKind::Payment, EntryState::Done) => i128::from(self.amount.minor),
            (EntryKind::Payment, _) | (EntryKind::Refund, EntryState::Void) => 0,
            (EntryKind::Refund, _) => -i128::from(self.amount.minor),
        }
    }
}

/// 0.60 %, given back with refunds; one fen a row is let pass, three a day.
pub(crate) fn rules() -> RunRules {
    let rules = RuleSet::from_json(
        r#"{"version":7,
            "tolerances":[{"channel":"c","on":"fee","per_row_minor":1,"daily_minor":3,
                "monthly_minor":30,"owner":"finance","reason":"rounding"}],
            "fees":[{"channel":"c","rate_ppm":6000,"minimum_minor":0,"on_refund":"returned",
                "from":"2026-01-01","until":null}]}"#,
    )
    .unwrap();
    RunRules {
        rules: Arc::new(rules),
        channel: "c".to_owned(),
        month_left_minor: None,
    }
}

pub(crate) fn reconcile(bill: &[Row], ours: &[Row], options: Options) -> Outcome {
    let mut run = Reconciler::new(options);
    for row in bill {
        run.push_channel(&row.entry()).unwrap();
    }
    for row in ours {
        run.push_ledger(&row.entry()).unwrap();
    }
    run.finish().unwrap()
}

/// Everything an outcome says, as text.
pub(crate) fn told(outcome: &Outcome) -> String {
    let mut text = format!(
        "{} {}\n{:?}\n{:?}\n{:?}\n{}\n",
        outcome.bill_rows,
        outcome.ledger_rows,
        outcome.counts,
        outcome.sides,
        outcome.waterfalls,
        outcome.run_digest,
    );
    for difference in outcome.differences().unwrap() {
        text += &format!("{:?}\n", difference.unwrap());
    }
    for carried in outcome.waiting().unwrap() {
        text += &format!("{:?}\n", carried.unwrap());
    }
    for cleared in outcome.cleared().unwrap() {
        text += &format!("{:?}\n", cleared.unwrap());
    }
    text
}

/// Rows by where they land, as the simple reading has it: bucket, rows of the bill, rows of ours.
pub(crate) fn simple(bill: &[Row], ours: &[Row]) -> Vec<(Bucket, u64, u64)> {
    let mut tally: Vec<(Bucket, u64, u64)> = Bucket::ALL.map(|b| (b, 0, 0)).to_vec();
    let mut put = |bucket: Bucket, bill: u64, ours: u64| {
        let line = tally.iter_mut().find(|t| t.0 == bucket).unwrap();
        line.1 += bill;
        line.2 += ours;
    };
    let mut keys: Vec<(EntryKind, &str)> = bill
        .iter()
        .chain(ours)
        .map(|r| (r.kind, r.key.as_str()))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    for (kind, key) in keys {
        let of = |rows: &'_ [Row]| -> Vec<Row> {
            let mut found: Vec<Row> = rows
                .iter()
                .filter(|r| r.kind == kind && r.key == key)
                .cloned()
                .collect();
            found.sort_by_key(|r| {
                (
                    alike(r),
                    currency_rank(r.amount.currency),
                    r.amount.minor,
                    r.state,
                    r.channel_no.clone(),
                    r.fee,
                    r.from,
                )
            });
            found
        };
        let (theirs, own) = (of(bill), of(ours));
        let pairs = || (0..theirs.len()).flat_map(|t| (0..own.len()).map(move |o| (t, o)));
        let agree = |(t, o): &(usize, usize)| {
            alike(&theirs[*t]) == alike(&own[*o]) && theirs[*t].amount == own[*o].amount
        };
        let apart = |(t, o): &(usize, usize)| clash(&theirs[*t], &own[*o]);
        let (t, o) = pairs()
            .find(|pair| agree(pair) && !apart(pair))
            .or_else(|| pairs().find(|pair| agree(pair)))
            .unwrap_or((0, 0));
        for (at, row) in theirs.iter().enumerate().filter(|(at, _)| *at != t) {
            debug_assert_ne!(at, t);
            if clash(row, &theirs[t]) {
                put(Bucket::ClashInChannel, 1, 0);
            } else {
                put(Bucket::DuplicateInChannel, 1, 0);
            }
        }
        for (at, row) in own.iter().enumerate().filter(|(at, _)| *at != o) {
            debug_assert_ne!(at, o);
            if clash(row, &own[o]) {
                put(Bucket::ClashInLedger, 0, 1);
            } else {
                put(Bucket::DuplicateInLedger, 0, 1);
            }
        }
        match (theirs.get(t), own.get(o)) {
            (Some(t), Some(o)) if clash(t, o) => put(Bucket::IdClash, 1, 1),
            (Some(t), Some(o)) if alike(t) < alike(o) => put(Bucket::ChannelAhead, 1, 1),
            (Some(t), Some(o)) if alike(t) > alike(o) => put(Bucket::LedgerAhead, 1, 1),
            (Some(t), Some(o)) if t.amount.currency != o.amount.currency => {
                put(Bucket::OtherCurrency, 1, 1);
            }
            (Some(t), Some(o)) if t.amount.minor > o.amount.minor => {
                put(Bucket::ChannelHigher, 1, 1);
            }
            (Some(t), Some(o)) if t.amount.minor < o.amount.minor => {
                put(Bucket::ChannelLower, 1, 1);
            }
            (Some(t), Some(o)) => match fee_off(t) {
                Some(0) | None if t.from.is_some() || o.from.is_some() => {
                    put(Bucket::CrossDay, 1, 1);
                }
                Some(0) | None => put(Bucket::Matched, 1, 1),
                Some(1) => put(Bucket::FeeTolerated, 1, 1),
                Some(_) => put(Bucket::FeeMismatch, 1, 1),
            },
            (Some(row), None) if row.from.is_some() && row.state != EntryState::Void => {
                put(Bucket::Waiting, 1, 0);
            }
            (None, Some(row)) if row.from.is_some() && row.state != EntryState::Void => {
                put(Bucket::Waiting, 0, 1);
            }
            (Some(t), None) => match (t.kind, t.state) {
                (_, EntryState::Void) => put(Bucket::Void, 1, 0),
                (EntryKind::Payment, EntryState::InProgress) => put(Bucket::Waiting, 1, 0),
                _ => put(Bucket::MissingInLedger, 1, 0),
            },
            (None, Some(o)) => match o.state {
                EntryState::Void => put(Bucket::Void, 0, 1),
                EntryState::InProgress => put(Bucket::Waiting, 0, 1),
                EntryState::Done => put(Bucket::MissingInChannel, 0, 1),
            },
            (None, None) => unreachable!("the key comes from one of them"),
        }
    }
    tally
}

fn clash(one: &Row, other: &Row) -> bool {
    one.channel_no.is_some() && other.channel_no.is_some() && one.channel_no != other.channel_no
}

/// By how much a row's fee differs from 0.60 %, half up; `None` without a fee, or for a void row.
fn fee_off(row: &Row) -> Option<i64> {
    let fee = row.fee.filter(|_| row.state != EntryState::Void)?;
    let exact = row.amount.minor * 6;
    let rounded = exact / 1000 + i64::from(exact % 1000 >= 500);
    let agreed = match row.kind {
        EntryKind::Payment => rounded,
        EntryKind::Refund => -rounded,
    };
    Some((agreed - fee).abs())
}

/// The state as far as it is compared: for refunds in progress is as good as done.
fn alike(row: &Row) -> EntryState {
    match (row.kind, row.state) {
        (EntryKind::Refund, EntryState::InProgress) => EntryState::Done,
        (_, state) => state,
    }
}

fn currency_rank(currency: Currency) -> usize {
    Currency::ALL.iter().position(|c| *c == currency).unwrap()
}

/// Reads `ours M1 paid 100.00 CNY` and `bill M1 paid 99.99 CNY no=4200 fee=60 from=3`, one row a line. Line numbers count
/// from 2 on each side, as below a header.
pub(crate) fn rows(text: &str) -> (Vec<Row>, Vec<Row>) {
    let (mut bill, mut ours) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let more = words.split_off(words.len().min(5));
        let extra = |name: &str| more.iter().find_map(|word| word.strip_prefix(name));
        let [side, key, word, amount, currency] = words[..] else {
            panic!("{line}: expected side, key, state, amount, currency");
        };
        let (kind, state) = match word {
            "paid" => (EntryKind::Payment, EntryState::Done),
            "paying" => (EntryKind::Payment, EntryState::InProgress),
            "closed" => (EntryKind::Payment, EntryState::Void),
            "refunded" => (EntryKind::Refund, EntryState::Done),
            "refunding" => (EntryKind::Refund, EntryState::InProgress),
            "unrefunded" => (EntryKind::Refund, EntryState::Void),
            other => panic!("{line}: unknown state {other}"),
        };
        let to = match side {
            "bill" => &mut bill,
            "ours" => &mut ours,
            other => panic!("{line}: unknown side {other}"),
        };
        to.push(Row {
            kind,
            key: key.to_owned(),
            amount: Money::parse(amount, Currency::parse(currency).unwrap()).unwrap(),
            state,
            line_no: to.len() as u64 + 2,
            channel_no: extra("no=").map(str::to_owned),
            fee: extra("fee=").map(|text| text.parse().unwrap()),
            from: extra("from=").map(|text| text.parse().unwrap()),
        });
    }
    (bill, ours)
}

/// Every code with its count.
pub(crate) fn codes(outcome: &Outcome) -> Vec<(DifferenceCode, u64)> {
    DifferenceCode::ALL
        .iter()
        .map(|code| (*code, outcome.counts.of(*code)))
        .collect()
}
