//! What a run says: counts, sums, a waterfall without remainder, a digest, and the listings.

use zf_crypto::digest::{Sm3Stream, hex_lower};
use zf_domain::{Currency, DifferenceCode, EntryKind};

use crate::cancel::Cancel;
use crate::entry::Side;
use crate::error::ReconError;
use crate::findings::{Carried, Cleared, Content, Difference, Merge, Run};
use crate::intake::{Brought, Cell};
use crate::matching::Tally;
use crate::record::kind_bit;
use crate::rules::RunRules;
use crate::spill::Spill;

/// The one place a row lands in. Finer than [`DifferenceCode`]: it also says which way a pair
/// disagrees, because the waterfall shows the two ways apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// A bill row without a book row.
    MissingInLedger,
    /// A book row that is done, without a bill row.
    MissingInChannel,
    /// A pair; the bill's amount is larger.
    ChannelHigher,
    /// A pair; the bill's amount is smaller.
    ChannelLower,
    /// A pair in two currencies.
    OtherCurrency,
    /// A pair; the bill is further: paid, while the books wait or gave up.
    ChannelAhead,
    /// A pair; the books are further: paid in the books only.
    LedgerAhead,
    /// A further bill row of a key.
    DuplicateInChannel,
    /// A further book row of a key.
    DuplicateInLedger,
    /// A pair by our number, and two numbers of the channel.
    IdClash,
    /// A further bill row of a key, with another number of the channel: another payment.
    ClashInChannel,
    /// A further book row of a key, with another number of the channel.
    ClashInLedger,
    /// A pair that agrees; the fee is not what the contract says.
    FeeMismatch,
    /// As before, within the tolerance: no difference while the day's budget lasts.
    FeeTolerated,
    /// A pair that agrees, of which one was carried over from another day.
    CrossDay,
    /// Not final yet and without partner: no difference, it is carried.
    Waiting,
    /// A pair that agrees.
    Matched,
    /// Moved no money and has no partner: closed orders never appear in a bill.
    Void,
}

impl Bucket {
    /// Every bucket, in report order.
    pub const ALL: [Self; 18] = [
        Self::MissingInLedger,
        Self::MissingInChannel,
        Self::ChannelHigher,
        Self::ChannelLower,
        Self::OtherCurrency,
        Self::ChannelAhead,
        Self::LedgerAhead,
        Self::DuplicateInChannel,
        Self::DuplicateInLedger,
        Self::IdClash,
        Self::ClashInChannel,
        Self::ClashInLedger,
        Self::FeeMismatch,
        Self::FeeTolerated,
        Self::CrossDay,
        Self::Waiting,
        Self::Matched,
        Self::Void,
    ];

    /// The code of a difference; `None` for what is none.
    #[must_use]
    pub const fn code(self) -> Option<DifferenceCode> {
        Some(match self {
            Self::MissingInLedger => DifferenceCode::MissingInLedger,
            Self::MissingInChannel => DifferenceCode::MissingInChannel,
            Self::ChannelHigher | Self::ChannelLower => DifferenceCode::AmountMismatch,
            Self::OtherCurrency => DifferenceCode::CurrencyMismatch,
            Self::IdClash | Self::ClashInChannel | Self::ClashInLedger => DifferenceCode::IdClash,
            Self::FeeMismatch => DifferenceCode::FeeMismatch,
            Self::ChannelAhead | Self::LedgerAhead => DifferenceCode::StatusMismatch,
            Self::DuplicateInChannel => DifferenceCode::DuplicateInChannel,
            Self::DuplicateInLedger => DifferenceCode::DuplicateInLedger,
            Self::FeeTolerated | Self::CrossDay | Self::Waiting | Self::Matched | Self::Void => {
                return None;
            }
        })
    }

    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingInLedger => "missing_in_ledger",
            Self::MissingInChannel => "missing_in_channel",
            Self::ChannelHigher => "channel_higher",
            Self::ChannelLower => "channel_lower",
            Self::OtherCurrency => "other_currency",
            Self::ChannelAhead => "channel_ahead",
            Self::LedgerAhead => "ledger_ahead",
            Self::DuplicateInChannel => "duplicate_in_channel",
            Self::DuplicateInLedger => "duplicate_in_ledger",
            Self::IdClash => "id_clash",
            Self::ClashInChannel => "clash_in_channel",
            Self::ClashInLedger => "clash_in_ledger",
            Self::FeeMismatch => "fee_mismatch",
            Self::FeeTolerated => "fee_tolerated",
            Self::CrossDay => "cross_day",
            Self::Waiting => "waiting",
            Self::Matched => "matched",
            Self::Void => "void",
        }
    }

    /// Whether its rows are listed one by one.
    pub(crate) const fn is_listed(self) -> bool {
        !matches!(self, Self::Matched | Self::Void)
    }
}

/// How many of each. Pairs count once; duplicates count each row beyond the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Pairs that agree.
    pub matched: u64,
    /// Bill rows without a book row.
    pub missing_in_ledger: u64,
    /// Done book rows without a bill row.
    pub missing_in_channel: u64,
    /// Pairs with different amounts.
    pub amount_mismatch: u64,
    /// Pairs with contradicting states.
    pub status_mismatch: u64,
    /// Bill rows beyond the first of their key.
    pub duplicate_in_channel: u64,
    /// Book rows beyond the first of their key.
    pub duplicate_in_ledger: u64,
    /// Pairs in two currencies.
    pub currency_mismatch: u64,
    /// Pairs with two channel numbers, and further rows of a key with another one.
    pub id_clash: u64,
    /// Pairs that agree but for the fee.
    pub fee_mismatch: u64,
    /// Pairs that agree but for a fee within the tolerance and its budget.
    pub matched_within_tolerance: u64,
    /// Pairs that agree, of which one was carried over from another day.
    pub cross_day: u64,
    /// Bill rows that are not final and have no book row.
    pub waiting_in_channel: u64,
    /// Book rows that are not final and have no bill row.
    pub waiting_in_ledger: u64,
    /// Bill rows that moved no money and have no book row.
    pub void_in_channel: u64,
    /// Book rows that moved no money and have no bill row, e.g. closed orders.
    pub void_in_ledger: u64,
}

impl Counts {
    /// The count of one code.
    #[must_use]
    pub const fn of(&self, code: DifferenceCode) -> u64 {
        match code {
            DifferenceCode::MissingInLedger => self.missing_in_ledger,
            DifferenceCode::MissingInChannel => self.missing_in_channel,
            DifferenceCode::AmountMismatch => self.amount_mismatch,
            DifferenceCode::StatusMismatch => self.status_mismatch,
            DifferenceCode::DuplicateInChannel => self.duplicate_in_channel,
            DifferenceCode::DuplicateInLedger => self.duplicate_in_ledger,
            DifferenceCode::CurrencyMismatch => self.currency_mismatch,
            DifferenceCode::IdClash => self.id_clash,
            DifferenceCode::FeeMismatch => self.fee_mismatch,
        }
    }

    /// All differences together; what waits is none.
    #[must_use]
    pub fn differences(&self) -> u64 {
        DifferenceCode::ALL.iter().map(|code| self.of(*code)).sum()
    }
}

/// What one side brought in of one kind and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SideSum {
    /// Which side.
    pub side: Side,
    /// Payments or refunds.
    pub kind: EntryKind,
    /// In which currency.
    pub currency: Currency,
    /// Rows, whatever their state.
    pub rows: u64,
    /// Sum of their amounts, positive for refunds too.
    pub amount_minor: i64,
    /// What they add to the side's net: payments done, less refunds accepted.
    pub net_minor: i64,
}

/// The way from the channel's net to the books' net in one currency, every part named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waterfall {
    /// The currency.
    pub currency: Currency,
    /// Payments done less refunds accepted, as the bill has them.
    pub channel_net_minor: i64,
    /// What stands between the two, in report order; empty buckets are left out.
    pub steps: Vec<Step>,
    /// Payments done less refunds accepted, as the books have them.
    pub ledger_net_minor: i64,
    /// Channel net, less every step, less ledger net. Zero, or the engine refuses to finish.
    pub residual_minor: i64,
}

/// One part of the waterfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What it is.
    pub bucket: Bucket,
    /// Payments or refunds.
    pub kind: EntryKind,
    /// Bill rows in it.
    pub channel_rows: u64,
    /// Book rows in it.
    pub ledger_rows: u64,
    /// What its bill rows add to the channel's net.
    pub channel_net_minor: i64,
    /// What its book rows add to the books' net.
    pub ledger_net_minor: i64,
    /// Channel less books: what it explains of the distance between the two nets.
    pub channel_minus_ledger_minor: i64,
}

/// What a tolerance cost in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Rows within the tolerance for one row.
    pub rows: u64,
    /// By how much they deviate together, minor units, each deviation counted positive.
    pub minor: i64,
    /// What the day allows, or the rest of the month's budget where that is less. Beyond it none of
    /// the rows is let pass: each is a fee mismatch.
    pub allowed_minor: i64,
}

impl Spent {
    /// Whether the day's budget holds them.
    #[must_use]
    pub const fn within(&self) -> bool {
        self.minor <= self.allowed_minor
    }
}

/// The result of a run. The same rows give an equal outcome, in any order and with any number of
/// threads and any memory budget.
#[derive(Debug)]
pub struct Outcome {
    /// Rows of the bill.
    pub bill_rows: u64,
    /// Rows of the books.
    pub ledger_rows: u64,
    /// How many of each.
    pub counts: Counts,
    /// What each side brought in, by side, kind and currency; what is absent is left out.
    pub sides: Vec<SideSum>,
    /// One waterfall for each currency.
    pub waterfalls: Vec<Waterfall>,
    /// The unexplained rest over all currencies, by magnitude: zero, or the engine refuses to finish.
    pub residual_minor: i64,
    /// SM3, 64 lowercase hexadecimal digits, over the counts, the sums and every listed finding in
    /// canonical order. Line numbers and times are not in it: they say where a row stood, not what
    /// it says, and the same rows in another order are the same result.
    pub run_digest: String,
    /// The rules the run was made by: their version and digest; `None` without rules.
    pub rules: Option<(u32, String)>,
    /// What was let pass by the tolerance on fees; `None` without one.
    pub tolerance: Option<Spent>,
    /// Bytes that did not fit the memory budget and went through the temporary file.
    pub spilled_bytes: u64,
    runs: Vec<Run>,
    spill: std::sync::Arc<Spill>,
    merge_bytes: usize,
}

impl Outcome {
    /// Every difference, by bucket, kind and key; fees beyond a spent budget after the other fees.
    /// Reads them from where they wait: they need not
    /// fit in memory. May be called again.
    ///
    /// # Errors
    /// Each item, and the call, may fail with `Spill` when the temporary file cannot be read.
    pub fn differences(
        &self,
    ) -> Result<impl Iterator<Item = Result<Difference, ReconError>> + '_, ReconError> {
        let over_budget = self.tolerance.is_some_and(|spent| !spent.within());
        let mut merge = self.merge()?;
        Ok(std::iter::from_fn(move || {
            loop {
                match merge.next().transpose()? {
                    Err(error) => return Some(Err(error)),
                    Ok(finding) => match finding.into_difference(over_budget).transpose() {
                        Some(item) => return Some(item),
                        None => continue,
                    },
                }
            }
        }))
    }

    /// Every row that waits, by kind and key.
    ///
    /// # Errors
    /// As [`Self::differences`].
    pub fn waiting(
        &self,
    ) -> Result<impl Iterator<Item = Result<Carried, ReconError>> + '_, ReconError> {
        let mut merge = self.merge()?;
        Ok(std::iter::from_fn(move || {
            loop {
                match merge.next().transpose()? {
                    Err(error) => return Some(Err(error)),
                    Ok(finding) => match finding.into_carried().transpose() {
                        Some(item) => return Some(item),
                        None => continue,
                    },
                }
            }
        }))
    }

    /// Every pair of which one row was carried over from another day, by kind and key.
    ///
    /// # Errors
    /// As [`Self::differences`].
    pub fn cleared(
        &self,
    ) -> Result<impl Iterator<Item = Result<Cleared, ReconError>> + '_, ReconError> {
        let mut merge = self.merge()?;
        Ok(std::iter::from_fn(move || {
            loop {
                match merge.next().transpose()? {
                    Err(error) => return Some(Err(error)),
                    Ok(finding) => match finding.into_cleared().transpose() {
                        Some(item) => return Some(item),
                        None => continue,
                    },
                }
            }
        }))
    }

    fn merge(&self) -> Result<Merge<'_>, ReconError> {
        Merge::new(&self.runs, &self.spill, self.merge_bytes)
    }

    /// Holds what was matched against what was brought in, and draws up the result.
    pub(crate) fn draw_up(
        brought: [&Brought; 2],
        tally: &Tally,
        runs: Vec<Run>,
        spill: std::sync::Arc<Spill>,
        merge_bytes: usize,
        cancel: &Cancel,
        rules: Option<&RunRules>,
    ) -> Result<Self, ReconError> {
        let tolerance = match rules.and_then(RunRules::fee_tolerance) {
            Some(allowed) => Some(Spent {
                rows: total(
                    tally,
                    Side::Channel,
                    &KINDS,
                    0..Currency::ALL.len(),
                    &[Bucket::FeeTolerated],
                )
                .rows,
                minor: minor(tally.tolerated)?,
                allowed_minor: rules
                    .and_then(|r| r.month_left_minor)
                    .map_or(allowed.daily_minor, |left| {
                        left.clamp(0, allowed.daily_minor)
                    }),
            }),
            None => None,
        };
        let over_budget = tolerance.is_some_and(|spent| !spent.within());
        check_conservation(brought, tally)?;
        let sides = side_sums(brought)?;
        let rows = |side: Side| {
            sides
                .iter()
                .filter(|s| s.side == side)
                .map(|s| s.rows)
                .sum()
        };
        let mut waterfalls = Vec::new();
        for (number, currency) in Currency::ALL.into_iter().enumerate() {
            if sides.iter().any(|s| s.currency == currency) {
                waterfalls.push(waterfall(brought, tally, number, currency)?);
            }
        }
        let residual = waterfalls
            .iter()
            .map(|w| i128::from(w.residual_minor).abs())
            .sum();
        let mut outcome = Self {
            bill_rows: rows(Side::Channel),
            ledger_rows: rows(Side::Ledger),
            counts: counts(tally, over_budget),
            sides,
            waterfalls,
            residual_minor: minor(residual)?,
            run_digest: String::new(),
            rules: rules
                .map(|r| Ok::<_, ReconError>((r.rules.version, r.rules.digest()?)))
                .transpose()?,
            tolerance,
            spilled_bytes: spill.bytes(),
            runs,
            spill,
            merge_bytes,
        };
        outcome.run_digest = outcome.digest(cancel)?;
        Ok(outcome)
    }

    /// The canonical text, one fact a line, each field closed by a tab; keys carry their length so
    /// that no two results share a text.
    fn digest(&self, cancel: &Cancel) -> Result<String, ReconError> {
        use std::fmt::Write as _;

        let mut print = Sm3Stream::new();
        let mut line = String::new();
        // Writing into a String cannot fail.
        let _ = writeln!(line, "zhangfang reconciliation 1");
        let c = &self.counts;
        for (name, count) in [
            ("bill_rows", self.bill_rows),
            ("ledger_rows", self.ledger_rows),
            ("matched", c.matched),
            ("missing_in_ledger", c.missing_in_ledger),
            ("missing_in_channel", c.missing_in_channel),
            ("amount_mismatch", c.amount_mismatch),
            ("status_mismatch", c.status_mismatch),
            ("duplicate_in_channel", c.duplicate_in_channel),
            ("duplicate_in_ledger", c.duplicate_in_ledger),
            ("waiting_in_channel", c.waiting_in_channel),
            ("waiting_in_ledger", c.waiting_in_ledger),
            ("void_in_channel", c.void_in_channel),
            ("void_in_ledger", c.void_in_ledger),
        ] {
            let _ = writeln!(line, "{name}\t{count}\t");
        }
        // Words that came later stand there only when there is something to say, so that results
        // without them keep their digests.
        for (name, count) in [
            ("currency_mismatch", c.currency_mismatch),
            ("id_clash", c.id_clash),
            ("fee_mismatch", c.fee_mismatch),
            ("matched_within_tolerance", c.matched_within_tolerance),
            ("cross_day", c.cross_day),
        ] {
            if count > 0 {
                let _ = writeln!(line, "{name}\t{count}\t");
            }
        }
        if let Some((version, digest)) = &self.rules {
            let _ = writeln!(line, "rules\t{version}\t{digest}\t");
        }
        for sum in &self.sides {
            let _ = writeln!(
                line,
                "sum\t{}\t{}\t{}\t{}\t{}\t{}\t",
                sum.side.as_str(),
                sum.kind.as_str(),
                sum.currency.code(),
                sum.rows,
                sum.amount_minor,
                sum.net_minor,
            );
        }
        print.update(line.as_bytes());
        let mut merge = self.merge()?;
        while let Some(finding) = merge.next()? {
            cancel.check()?;
            line.clear();
            let _ = write!(
                line,
                "{}\t{}\t{}:{}\t",
                finding.bucket.as_str(),
                finding.kind.as_str(),
                finding.key.len(),
                finding.key,
            );
            for content in [finding.channel, finding.ledger] {
                match content {
                    None => line.push_str("-\t"),
                    Some(Content {
                        state,
                        currency,
                        minor,
                    }) => {
                        let code = Currency::ALL
                            .get(usize::from(currency))
                            .ok_or(ReconError::SpillDamaged)?
                            .code();
                        let _ = write!(line, "{} {minor} {code}\t", state.as_str());
                    }
                }
            }
            if let Some((charged, contract)) = finding.fee {
                let _ = write!(line, "fee {charged} {contract}\t");
            }
            for number in &finding.channel_nos {
                if !number.is_empty() {
                    let _ = write!(line, "{}:{number}\t", number.len());
                }
            }
            line.push('\n');
            print.update(line.as_bytes());
        }
        Ok(hex_lower(&print.finish()))
    }
}

const KINDS: [EntryKind; 2] = [EntryKind::Payment, EntryKind::Refund];

fn minor(sum: i128) -> Result<i64, ReconError> {
    i64::try_from(sum).map_err(|_| ReconError::SumTooLarge)
}

fn total(
    tally: &Tally,
    side: Side,
    kinds: &[EntryKind],
    currencies: std::ops::Range<usize>,
    buckets: &[Bucket],
) -> Cell {
    let mut sum = Cell::default();
    for kind in kinds {
        for currency in currencies.clone() {
            for bucket in buckets {
                sum.add(tally.cell(side, *kind, currency, *bucket));
            }
        }
    }
    sum
}

/// Every row that came in stands in exactly one bucket, in count, amount and net; pairs have as many
/// rows on one side as on the other; and what agrees sums to the same on both sides.
fn check_conservation(brought: [&Brought; 2], tally: &Tally) -> Result<(), ReconError> {
    let not_conserved = |what: String| Err(ReconError::NotConserved { what });
    for kind in KINDS {
        for (number, currency) in Currency::ALL.into_iter().enumerate() {
            for side in Side::ALL {
                let placed = total(tally, side, &[kind], number..number + 1, &Bucket::ALL);
                let came = brought[side as usize][usize::from(kind_bit(kind))][number];
                if placed != came {
                    return not_conserved(format!(
                        "{} {} {currency}: {came:?} came in, {placed:?} were placed",
                        side.as_str(),
                        kind.as_str(),
                    ));
                }
            }
            for bucket in [
                Bucket::Matched,
                Bucket::FeeMismatch,
                Bucket::FeeTolerated,
                Bucket::CrossDay,
            ] {
                let [channel, ledger] =
                    Side::ALL.map(|side| tally.cell(side, kind, number, bucket));
                if channel != ledger {
                    return not_conserved(format!(
                        "{} {} {currency}: {channel:?} against {ledger:?}",
                        bucket.as_str(),
                        kind.as_str()
                    ));
                }
            }
        }
    }
    for bucket in [
        Bucket::ChannelHigher,
        Bucket::ChannelLower,
        Bucket::OtherCurrency,
        Bucket::ChannelAhead,
        Bucket::LedgerAhead,
        Bucket::IdClash,
    ] {
        let [channel, ledger] =
            Side::ALL.map(|side| total(tally, side, &KINDS, 0..Currency::ALL.len(), &[bucket]));
        if channel.rows != ledger.rows {
            return not_conserved(format!(
                "{}: {} bill rows against {} book rows",
                bucket.as_str(),
                channel.rows,
                ledger.rows
            ));
        }
    }
    Ok(())
}

fn side_sums(brought: [&Brought; 2]) -> Result<Vec<SideSum>, ReconError> {
    let mut sums = Vec::new();
    for side in Side::ALL {
        for kind in KINDS {
            for (number, currency) in Currency::ALL.into_iter().enumerate() {
                let cell = brought[side as usize][usize::from(kind_bit(kind))][number];
                if cell.rows > 0 {
                    sums.push(SideSum {
                        side,
                        kind,
                        currency,
                        rows: cell.rows,
                        amount_minor: minor(cell.gross)?,
                        net_minor: minor(cell.net)?,
                    });
                }
            }
        }
    }
    Ok(sums)
}

/// The nets come from what was brought in, the steps from what was matched: two independent sums,
/// so that the residual proves something.
fn waterfall(
    brought: [&Brought; 2],
    tally: &Tally,
    number: usize,
    currency: Currency,
) -> Result<Waterfall, ReconError> {
    let net = |side: Side| -> i128 {
        KINDS
            .iter()
            .map(|kind| brought[side as usize][usize::from(kind_bit(*kind))][number].net)
            .sum()
    };
    let (channel_net, ledger_net) = (net(Side::Channel), net(Side::Ledger));
    let mut residual = channel_net - ledger_net;
    let mut steps = Vec::new();
    for bucket in Bucket::ALL.into_iter().filter(|b| b.is_listed()) {
        for kind in KINDS {
            let [channel, ledger] = Side::ALL.map(|side| tally.cell(side, kind, number, bucket));
            if channel.rows + ledger.rows == 0 {
                continue;
            }
            residual -= channel.net - ledger.net;
            steps.push(Step {
                bucket,
                kind,
                channel_rows: channel.rows,
                ledger_rows: ledger.rows,
                channel_net_minor: minor(channel.net)?,
                ledger_net_minor: minor(ledger.net)?,
                channel_minus_ledger_minor: minor(channel.net - ledger.net)?,
            });
        }
    }
    if residual != 0 {
        return Err(ReconError::NotConserved {
            what: format!("{residual} minor units of {currency} remain unexplained"),
        });
    }
    Ok(Waterfall {
        currency,
        channel_net_minor: minor(channel_net)?,
        steps,
        ledger_net_minor: minor(ledger_net)?,
        residual_minor: minor(residual)?,
    })
}

fn counts(tally: &Tally, over_budget: bool) -> Counts {
    let rows = |side: Side, buckets: &[Bucket]| {
        total(tally, side, &KINDS, 0..Currency::ALL.len(), buckets).rows
    };
    let of_code = |side: Side, code: DifferenceCode| {
        let buckets: Vec<Bucket> = Bucket::ALL
            .into_iter()
            .filter(|bucket| bucket.code() == Some(code))
            .collect();
        rows(side, &buckets)
    };
    let tolerated = rows(Side::Channel, &[Bucket::FeeTolerated]);
    Counts {
        matched: rows(Side::Channel, &[Bucket::Matched]),
        missing_in_ledger: of_code(Side::Channel, DifferenceCode::MissingInLedger),
        missing_in_channel: of_code(Side::Ledger, DifferenceCode::MissingInChannel),
        amount_mismatch: of_code(Side::Channel, DifferenceCode::AmountMismatch),
        status_mismatch: of_code(Side::Channel, DifferenceCode::StatusMismatch),
        duplicate_in_channel: of_code(Side::Channel, DifferenceCode::DuplicateInChannel),
        duplicate_in_ledger: of_code(Side::Ledger, DifferenceCode::DuplicateInLedger),
        currency_mismatch: of_code(Side::Channel, DifferenceCode::CurrencyMismatch),
        id_clash: of_code(Side::Channel, DifferenceCode::IdClash)
            + rows(Side::Ledger, &[Bucket::ClashInLedger]),
        fee_mismatch: of_code(Side::Channel, DifferenceCode::FeeMismatch)
            + if over_budget { tolerated } else { 0 },
        matched_within_tolerance: if over_budget { 0 } else { tolerated },
        cross_day: rows(Side::Channel, &[Bucket::CrossDay]),
        waiting_in_channel: rows(Side::Channel, &[Bucket::Waiting]),
        waiting_in_ledger: rows(Side::Ledger, &[Bucket::Waiting]),
        void_in_channel: rows(Side::Channel, &[Bucket::Void]),
        void_in_ledger: rows(Side::Ledger, &[Bucket::Void]),
    }
}
