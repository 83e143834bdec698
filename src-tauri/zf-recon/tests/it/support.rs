//! Rows as people write them, and a second, deliberately simple reading of the rules: it compares
//! every row with every other, so it can be checked by eye.

use zf_domain::{Currency, DifferenceCode, EntryKind, EntryState, Money, Timestamp};
use zf_recon::{Bucket, Entry, Options, Outcome, Reconciler};

/// A row of either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) kind: EntryKind,
    pub(crate) key: String,
    pub(crate) amount: Money,
    pub(crate) state: EntryState,
    pub(crate) line_no: u64,
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
                )
            });
            found
        };
        let (theirs, own) = (of(bill), of(ours));
        let extra = |rows: &[Row]| rows.len().saturating_sub(1) as u64;
        put(Bucket::DuplicateInChannel, extra(&theirs), 0);
        put(Bucket::DuplicateInLedger, 0, extra(&own));
        let agree = theirs.iter().any(|t| {
            own.iter()
                .any(|o| alike(t) == alike(o) && t.amount == o.amount)
        });
        match (theirs.first(), own.first()) {
            (Some(_), Some(_)) if agree => put(Bucket::Matched, 1, 1),
            (Some(t), Some(o)) if alike(t) < alike(o) => put(Bucket::ChannelAhead, 1, 1),
            (Some(t), Some(o)) if alike(t) > alike(o) => put(Bucket::LedgerAhead, 1, 1),
            (Some(t), Some(o)) if t.amount.currency != o.amount.currency => {
                put(Bucket::OtherCurrency, 1, 1);
            }
            (Some(t), Some(o)) if t.amount.minor > o.amount.minor => {
                put(Bucket::ChannelHigher, 1, 1);
            }
            (Some(_), Some(_)) => put(Bucket::ChannelLower, 1, 1),
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

/// Reads `ours M1 paid 100.00 CNY` and `bill M1 paid 99.99 CNY`, one row a line. Line numbers count
/// from 2 on each side, as below a header.
pub(crate) fn rows(text: &str) -> (Vec<Row>, Vec<Row>) {
    let (mut bill, mut ours) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
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
