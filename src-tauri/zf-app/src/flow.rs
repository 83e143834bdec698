//! The fund flow of a day: tied to the trade bill, its running balance followed, every other movement
//! named, and the way from the channel's gross to the bank.
//!
//! The tie is stored with the digests of exactly the two files it read, made anew when either changes,
//! and never touched once the day is locked. Whether the day begins where the day before ended is looked
//! at when it is asked, because that bill may come later. What the bank says is in [`crate::bank`].

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use zf_channels::wechatpay::bill::FundPurpose;
use zf_crypto::digest;
use zf_domain::{AccountId, BusinessDate, Currency, EntryKind, FlowNameId, Money};
use zf_recon::flow::{self as engine, FlowCode as Wrong, FlowOutcome, Movement, Purpose, Trade};
use zf_store::Conn;
use zf_store::bills::{self as rows, BillRecord};
use zf_store::flow::{self as store, FindingRecord, NameRecord, TieRecord};
use zf_store::recon as runs;
use zf_store::rules::RulesRecord;

use crate::bank::{self, Tied};
use crate::bills::{self, balance_of, is_settled};
use crate::books::refuse_locked;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{read_word, word};
use crate::orders;
use crate::resolutions::check_text;
use crate::wire::{
    BankState, BillKind, BillStatus, DayRef, EarlierLine, FlowBalance, FlowBreak, FlowCode,
    FlowDay, FlowFinding, FlowName, FlowState, NameEntries, Nothing, OpeningFact, SetThreeWay, Tag,
    ThreeWayRules, ThreeWayVersion, ThreeWayView, UnnameEntry, WaterfallStep,
};

/// Rows read from the store at a time.
const PAGE: u32 = 5_000;
/// Findings of a reply, and names of one call.
const FINDINGS_MAX: usize = 200;
/// Findings kept with a day; more mean that the two files are not of one day or account.
const FINDINGS_KEPT_MAX: usize = 100_000;
/// Larger days are tied when somebody asks for it: the engine holds about 200 bytes a voucher.
const UNASKED_ROWS_MAX: u64 = 1_000_000;
/// Versions of the rules shown.
const HISTORY_MAX: u32 = 50;

/// What a tie keeps beside its findings. Minor units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    paid_minor: i64,
    paid_count: u64,
    refunded_minor: i64,
    refunded_count: u64,
    fee_minor: i64,
    fee_count: u64,
    moved_minor: i64,
    pub(crate) balance: Option<Balance>,
}

/// The running balance as the tie followed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Balance {
    pub(crate) opening_minor: i64,
    pub(crate) closing_minor: i64,
    pub(crate) breaks: u64,
    /// Line, what it should be, what is printed.
    pub(crate) first_break: Option<(u64, i64, i64)>,
}

/// What a finding is, and who says so.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: FlowName,
    /// Absent when a rule says it.
    by: Option<NameRecord>,
}

/// What a finding is: a person's word before a rule's.
pub(crate) fn named(
    finding: &FindingRecord,
    names: &[NameRecord],
    rules: &ThreeWayRules,
) -> Option<Named> {
    if let Some(said) = names.iter().find(|n| n.is_about(finding)) {
        return Some(Named {
            name: read_word(&said.name)?,
            by: Some(said.clone()),
        });
    }
    // A refund the channel closed came back to the last fen: nothing is left to explain.
    let came_back = finding.code == Wrong::RefundClosed.as_str()
        && (finding.earlier.is_some() || finding.trade_line.is_some() && finding.booked_minor == 0);
    if came_back {
        return Some(Named {
            name: FlowName::Explained,
            by: None,
        });
    }
    let goes_out = finding.code == Wrong::OtherEntry.as_str() && finding.booked_minor < 0;
    (goes_out
        && rules
            .withdrawal_words
            .iter()
            .any(|w| finding.word.contains(w.as_str())))
    .then_some(Named {
        name: FlowName::Withdrawal,
        by: None,
    })
}

/// Everything known of a day's other two legs.
pub(crate) struct Legs {
    pub(crate) state: FlowState,
    pub(crate) tie: Option<TieRecord>,
    pub(crate) facts: Facts,
    pub(crate) findings: Vec<(FindingRecord, Option<Named>)>,
    pub(crate) closing_before: Option<i64>,
    pub(crate) bank: Tied,
    pub(crate) rules: ThreeWayRules,
    locked: bool,
}

fn digest_of(bill: &BillRecord) -> &str {
    bill.sha256.as_deref().unwrap_or_default()
}

/// Whether a bill can be tied: verified, without trade, or with rows that could not be read.
fn is_there(bill: &BillRecord) -> bool {
    is_settled(bill) || read_word(&bill.status) == Some(BillStatus::Partial)
}

async fn bill_of(
    conn: &mut Conn,
    account: AccountId,
    kind: BillKind,
    date: BusinessDate,
) -> Result<Option<BillRecord>, AppError> {
    let found = rows::of_day(conn, account, kind.as_str(), date).await?;
    Ok(found.filter(is_there))
}

impl Legs {
    pub(crate) async fn gather(
        conn: &mut Conn,
        account: AccountId,
        date: BusinessDate,
    ) -> Result<Self, AppError> {
        let rules = rules_of(conn).await?;
        let trade = bill_of(conn, account, BillKind::Trade, date).await?;
        let flow = bill_of(conn, account, BillKind::FundFlow, date).await?;
        let before = bill_of(conn, account, BillKind::FundFlow, date.plus_days(-1)).await?;
        let tie = store::tie(&mut *conn, account, date).await?;
        let facts = match &tie {
            Some(tie) => serde_json::from_str(&tie.outcome).map_err(AppError::internal)?,
            None => Facts::default(),
        };
        let names = store::names(&mut *conn, account, date, date).await?;
        let findings: Vec<_> = store::findings(&mut *conn, account, date, date, None)
            .await?
            .into_iter()
            .map(|f| {
                let said = named(&f, &names, &rules);
                (f, said)
            })
            .collect();
        let open = findings.iter().any(|(_, said)| said.is_none());
        let state = match (&trade, &flow, &tie) {
            (None, ..) => FlowState::TradeMissing,
            (_, None, _) => FlowState::FlowMissing,
            (_, _, None) => FlowState::NotTied,
            (Some(trade), Some(flow), Some(tie))
                if tie.trade_sha256 != digest_of(trade) || tie.flow_sha256 != digest_of(flow) =>
            {
                FlowState::Stale
            }
            _ if open => FlowState::Open,
            _ => FlowState::Tied,
        };
        Ok(Self {
            state,
            bank: bank::tied(conn, account, date, &rules).await?,
            closing_before: before
                .and_then(|b| balance_of(&b))
                .and_then(|b| b.closing_minor),
            locked: runs::locked_at(&mut *conn, account, date).await?.is_some(),
            tie,
            facts,
            findings,
            rules,
        })
    }

    pub(crate) fn currency(&self) -> Currency {
        self.tie.as_ref().map_or(Currency::Cny, |t| t.currency)
    }

    pub(crate) fn opening(&self) -> OpeningFact {
        match (&self.facts.balance, self.closing_before) {
            (None, _) => OpeningFact::NoMovement,
            (Some(_), None) => OpeningFact::NotThere,
            (Some(b), Some(before)) if b.opening_minor == before => OpeningFact::Follows,
            _ => OpeningFact::Differs,
        }
    }

    /// Findings nobody and no rule has named.
    pub(crate) fn open(&self) -> impl Iterator<Item = &FindingRecord> {
        self.findings
            .iter()
            .filter(|(_, said)| said.is_none())
            .map(|(f, _)| f)
    }

    /// What went to the bank, minor units, positive; `None` until the day is tied.
    pub(crate) fn withdrawn(&self) -> Option<i64> {
        self.tie.as_ref()?;
        let out = self.findings.iter().filter(|(_, said)| {
            said.as_ref()
                .is_some_and(|s| s.name == FlowName::Withdrawal)
        });
        Some(
            out.map(|(f, _)| f.booked_minor)
                .sum::<i64>()
                .saturating_neg(),
        )
    }

    /// What two people sign of these legs, one line a fact.
    pub(crate) fn signed(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let Some(tie) = &self.tie else {
            return lines;
        };
        lines.push(format!(
            "tie {} {} {}",
            tie.trade_sha256, tie.flow_sha256, tie.tied
        ));
        for (f, said) in &self.findings {
            let (name, by) = said.as_ref().map_or_else(
                || ("-".to_owned(), String::new()),
                |s| {
                    let by =
                        s.by.as_ref()
                            .map_or_else(|| "rule".to_owned(), |n| n.named_by.to_string());
                    (word(s.name), by)
                },
            );
            lines.push(format!(
                "{} {} {} {name} {by}",
                f.code, f.business_no, f.booked_minor
            ));
        }
        for p in self.bank.of_day() {
            let at: Vec<String> = p
                .lines
                .iter()
                .map(|n| {
                    let line = &self.bank.lines[*n].0;
                    format!("{}:{}", line.statement_id, line.line_no)
                })
                .collect();
            lines.push(format!("bank {} {} {}", p.key, word(p.state), at.join(",")));
        }
        lines
    }

    /// The way from the channel's gross to the bank. Every part has its count; the last step is what
    /// remains, zero unless the printed balance jumps.
    pub(crate) fn waterfall(&self) -> Vec<WaterfallStep> {
        if self.tie.is_none() {
            return Vec::new();
        }
        let f = &self.facts;
        let mut steps: Vec<WaterfallStep> = Vec::new();
        let mut step = |name: &str, minor: i64, count: u64| {
            steps.push(WaterfallStep {
                name: name.to_owned(),
                minor,
                count,
            });
        };
        step("gross_paid", f.paid_minor, f.paid_count);
        step("gross_refunded", -f.refunded_minor, f.refunded_count);
        step("fees", -f.fee_minor, f.fee_count);
        let mut booked = f.paid_minor - f.refunded_minor - f.fee_minor;
        for code in [
            Wrong::NotBooked,
            Wrong::BookedOtherwise,
            Wrong::RefundClosed,
            Wrong::NotTraded,
        ] {
            let (mut minor, mut count) = (0, 0);
            for (found, _) in self
                .findings
                .iter()
                .filter(|(x, _)| x.code == code.as_str())
            {
                minor += found.booked_minor - found.expected_minor;
                count += 1;
            }
            if count > 0 {
                step(code.as_str(), minor, count);
                booked += minor;
            }
        }
        let Some(balance) = &f.balance else {
            step("booked_net", booked, 0);
            step("residual", f.moved_minor - booked, 0);
            return steps;
        };
        let others = self
            .findings
            .iter()
            .filter(|(x, _)| x.code == Wrong::OtherEntry.as_str());
        let rows = self.tie.as_ref().map_or(0, |t| t.flow_rows) - others.clone().count() as u64;
        step("booked_net", booked, rows);
        step("opening_balance", balance.opening_minor, 0);
        let mut walked = booked + balance.opening_minor;
        for (what, wanted) in [
            ("top_up", Some(FlowName::TopUp)),
            ("service_fee", Some(FlowName::ServiceFee)),
            ("adjustment", Some(FlowName::Adjustment)),
            ("explained", Some(FlowName::Explained)),
            ("unnamed", None),
        ] {
            let (mut minor, mut count) = (0, 0);
            for (found, said) in others.clone() {
                if said.as_ref().map(|s| s.name) == wanted {
                    minor += found.booked_minor;
                    count += 1;
                }
            }
            if count > 0 {
                step(what, minor, count);
                walked += minor;
            }
        }
        for (what, at_bank) in [("bank_received", true), ("bank_open", false)] {
            let (mut minor, mut count) = (0, 0);
            for p in self.bank.of_day() {
                if (p.state == BankState::Matched) == at_bank {
                    minor -= p.amount.minor;
                    count += 1;
                }
            }
            if count > 0 {
                step(what, minor, count);
                walked += minor;
            }
        }
        step("closing_balance", balance.closing_minor, 0);
        step("residual", balance.closing_minor - walked, 0);
        steps
    }
}

/// Ties a day when both bills are there, they changed since, and nobody locked it. A failure is logged
/// and shows as a day that is not tied.
pub(crate) async fn tie_quietly(ctx: &Ctx, account: AccountId, date: BusinessDate) {
    if let Err(error) = tie_if_due(ctx, account, date).await {
        tracing::warn!(%date, code = error.code.text().code, "fund flow");
    }
}

async fn tie_if_due(ctx: &Ctx, account: AccountId, date: BusinessDate) -> Result<(), AppError> {
    let mut conn = orders::reader(&ctx.app).await?;
    if runs::locked_at(&mut *conn, account, date).await?.is_some() {
        return Ok(());
    }
    let trade = bill_of(&mut conn, account, BillKind::Trade, date).await?;
    let flow = bill_of(&mut conn, account, BillKind::FundFlow, date).await?;
    let tie = store::tie(&mut *conn, account, date).await?;
    drop(conn);
    if let (Some(trade), Some(flow)) = (trade, flow) {
        let stands = tie.is_some_and(|t| {
            t.trade_sha256 == digest_of(&trade) && t.flow_sha256 == digest_of(&flow)
        });
        if !stands && trade.row_count.max(flow.row_count) <= UNASKED_ROWS_MAX {
            make(ctx, &trade, &flow).await?;
            ctx.app.stale(&[Tag::Recon, Tag::Close]);
        }
    }
    Ok(())
}

pub(crate) async fn tie(ctx: &Ctx, params: DayRef) -> Result<FlowDay, AppError> {
    ctx.person()?;
    let DayRef { account_id, date } = params;
    bills::check_account(&ctx.app, account_id).await?;
    refuse_locked(ctx, account_id, date).await?;
    let mut conn = orders::reader(&ctx.app).await?;
    let trade = bill_of(&mut conn, account_id, BillKind::Trade, date).await?;
    let flow = bill_of(&mut conn, account_id, BillKind::FundFlow, date).await?;
    drop(conn);
    let missing = match (&trade, &flow) {
        (None, None) => "业务账单和资金账单 / trade bill and fund-flow bill",
        (None, Some(_)) => "业务账单 / trade bill",
        _ => "资金账单 / fund-flow bill",
    };
    let (Some(trade), Some(flow)) = (trade, flow) else {
        return Err(AppError::new(Code::NothingToReconcile)
            .with("date", date)
            .with("missing", missing));
    };
    make(ctx, &trade, &flow).await?;
    day(ctx, DayRef { account_id, date }).await
}

/// Reads both bills once, in their order, and stores what came of it.
async fn make(ctx: &Ctx, trade: &BillRecord, flow: &BillRecord) -> Result<(), AppError> {
    let pool = ctx.app.store().pool();
    let (send_trades, mut trades) = tokio::sync::mpsc::channel::<Vec<Trade>>(2);
    let (send_moves, mut moves) = tokio::sync::mpsc::channel::<Vec<Movement>>(2);
    // The engine takes every trade before the first movement; pages keep what is in memory small.
    let tying = tokio::task::spawn_blocking(move || {
        let trades = std::iter::from_fn(|| trades.blocking_recv()).flatten();
        let moves = std::iter::from_fn(|| moves.blocking_recv()).flatten();
        engine::tie(trades, moves)
    });
    let mut facts = Facts::default();
    let mut currency = None;
    let mut trade_rows = 0;
    let mut after = 0;
    loop {
        let page = rows::lines(pool, trade.id, None, after, PAGE).await?;
        let last = page.len() < PAGE as usize;
        after = page.last().map_or(after, |l| l.line_no);
        trade_rows += page.len() as u64;
        let mut batch = Vec::with_capacity(page.len());
        for line in page {
            currency.get_or_insert(line.amount.currency);
            match line.kind {
                EntryKind::Payment => facts.paid_count += 1,
                EntryKind::Refund => facts.refunded_count += 1,
            }
            facts.fee_count += u64::from(line.fee_minor != 0);
            batch.push(Trade {
                business_no: match line.refund_id {
                    Some(refund) if line.kind == EntryKind::Refund => refund.to_string(),
                    _ => line.payment_id.to_string(),
                },
                kind: line.kind,
                gross_minor: line.settlement_minor,
                fee_minor: line.fee_minor,
                line_no: line.line_no,
            });
        }
        if send_trades.send(batch).await.is_err() || last {
            break;
        }
    }
    drop(send_trades);
    let mut flow_rows = 0;
    // The channel's words for what belongs to no trade.
    let mut words: HashMap<u64, (String, String)> = HashMap::new();
    after = 0;
    loop {
        let page = rows::fund_lines(pool, flow.id, None, after, PAGE).await?;
        let last = page.len() < PAGE as usize;
        after = page.last().map_or(after, |l| l.line_no);
        flow_rows += page.len() as u64;
        let mut batch = Vec::with_capacity(page.len());
        for line in page {
            currency.get_or_insert(line.amount.currency);
            let purpose = match FundPurpose::of_word(&line.business_type) {
                FundPurpose::Collected => Purpose::Collected,
                FundPurpose::Refunded => Purpose::Refunded,
                FundPurpose::Fee => Purpose::Fee,
                FundPurpose::Other => Purpose::Other,
            };
            if purpose == Purpose::Other && words.len() < FINDINGS_KEPT_MAX {
                words.insert(line.line_no, (line.business_type, line.remark));
            }
            batch.push(Movement {
                business_no: line.business_no,
                purpose,
                minor: if line.income {
                    line.amount.minor
                } else {
                    -line.amount.minor
                },
                balance_minor: line.balance_minor,
                line_no: line.line_no,
            });
        }
        if send_moves.send(batch).await.is_err() || last {
            break;
        }
    }
    drop(send_moves);
    let outcome = tying
        .await
        .map_err(AppError::internal)?
        .map_err(AppError::internal)?;
    keep(
        ctx,
        (trade, flow),
        (trade_rows, flow_rows),
        facts,
        currency.unwrap_or(Currency::Cny),
        &words,
        outcome,
    )
    .await
}

async fn keep(
    ctx: &Ctx,
    (trade, flow): (&BillRecord, &BillRecord),
    (trade_rows, flow_rows): (u64, u64),
    facts: Facts,
    currency: Currency,
    words: &HashMap<u64, (String, String)>,
    outcome: FlowOutcome,
) -> Result<(), AppError> {
    let (account_id, date) = (trade.account_id, trade.date);
    if outcome.findings.len() > FINDINGS_KEPT_MAX {
        return Err(AppError::internal(format!(
            "{} vouchers do not tie: the two bills are not of one day and account",
            outcome.findings.len()
        )));
    }
    let facts = Facts {
        paid_minor: outcome.waterfall.paid_minor,
        refunded_minor: outcome.waterfall.refunded_minor,
        fee_minor: outcome.waterfall.fee_minor,
        moved_minor: outcome.waterfall.moved_minor,
        balance: outcome.balance.map(|b| Balance {
            opening_minor: b.opening_minor,
            closing_minor: b.closing_minor,
            breaks: b.breaks,
            first_break: b
                .first_break
                .map(|at| (at.line_no, at.expected_minor, at.printed_minor)),
        }),
        ..facts
    };
    let tie = TieRecord {
        account_id,
        date,
        trade_sha256: digest_of(trade).to_owned(),
        flow_sha256: digest_of(flow).to_owned(),
        currency,
        tied: outcome.tied,
        trade_rows,
        flow_rows,
        outcome: serde_json::to_string(&facts).map_err(AppError::internal)?,
        tied_by: ctx.person.as_ref().map(|p| p.user_id),
        tied_at: ctx.now,
    };
    let mut findings = Vec::with_capacity(outcome.findings.len());
    for (position, f) in (1_u64..).zip(outcome.findings) {
        let (word, remark) = f
            .flow_lines
            .first()
            .and_then(|line| words.get(line))
            .cloned()
            .unwrap_or_default();
        let earlier = match (f.code, f.trade_line) {
            (Wrong::RefundClosed, None) => {
                let pool = ctx.app.store().pool();
                store::earlier_refund(pool, account_id, date, &f.business_no, f.booked_minor)
                    .await?
            }
            _ => None,
        };
        findings.push(FindingRecord {
            date,
            position,
            code: f.code.as_str().to_owned(),
            business_no: f.business_no,
            expected_minor: f.expected_minor,
            booked_minor: f.booked_minor,
            trade_line: f.trade_line,
            flow_lines: f.flow_lines,
            word,
            remark,
            earlier,
        });
    }
    let mut tx = ctx.app.store().begin().await?;
    // Both files must still be the ones that were read, and the day open.
    for bill in [trade, flow] {
        let now = rows::by_id(&mut *tx.conn(), bill.id).await?;
        if now.as_ref().map(digest_of) != Some(digest_of(bill)) {
            return Err(AppError::new(Code::CloseChanged).with("date", date));
        }
    }
    if runs::locked_at(&mut *tx.conn(), account_id, date)
        .await?
        .is_some()
    {
        return Err(AppError::new(Code::DayClosed).with("date", date));
    }
    store::put_tie(&mut tx, &tie, &findings).await?;
    let mut entry = ctx.audit("recon.tie_flow", "day", &format!("{account_id} {date}"));
    entry.after_digest = Some(digest::hex_lower(&digest::sm3(
        format!("{} {} {}", tie.trade_sha256, tie.flow_sha256, tie.outcome).as_bytes(),
    )));
    entry.reason = Some(format!(
        "{} vouchers tie, {} findings, {flow_rows} movements",
        tie.tied,
        findings.len()
    ));
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}

pub(crate) async fn day(ctx: &Ctx, params: DayRef) -> Result<FlowDay, AppError> {
    let DayRef { account_id, date } = params;
    bills::check_account(&ctx.app, account_id).await?;
    let mut conn = orders::reader(&ctx.app).await?;
    let legs = Legs::gather(&mut conn, account_id, date).await?;
    let currency = legs.currency();
    let money = |minor| Money::new(minor, currency);
    let tied_by = match legs.tie.as_ref().and_then(|t| t.tied_by) {
        Some(person) => runs::person_name(&mut *conn, person).await?,
        None => None,
    };
    let mut findings = Vec::new();
    for (f, said) in legs.findings.iter().take(FINDINGS_MAX) {
        let by = said.as_ref().and_then(|s| s.by.as_ref());
        let named_by = match by {
            Some(n) => runs::person_name(&mut *conn, n.named_by).await?,
            None => None,
        };
        findings.push(FlowFinding {
            code: read_word(&f.code).unwrap_or(FlowCode::OtherEntry),
            business_no: f.business_no.clone(),
            expected: money(f.expected_minor),
            booked: money(f.booked_minor),
            difference: money(f.booked_minor - f.expected_minor),
            trade_line: f.trade_line,
            flow_lines: f.flow_lines.clone(),
            word: f.word.clone(),
            remark: f.remark.clone(),
            name: said.as_ref().map(|s| s.name),
            name_id: by.map(|n| n.id),
            named_by,
            named_at: by.map(|n| n.named_at),
            reason: by.map(|n| n.reason.clone()),
            earlier: f
                .earlier
                .map(|(date, line_no)| EarlierLine { date, line_no }),
        });
    }
    let waterfall = legs.waterfall();
    let shown = bank::views(&mut conn, &legs.bank).await?;
    Ok(FlowDay {
        account_id,
        date,
        state: legs.state,
        locked: legs.locked,
        currency,
        tied: legs.tie.as_ref().map_or(0, |t| t.tied),
        trade_rows: legs.tie.as_ref().map_or(0, |t| t.trade_rows),
        flow_rows: legs.tie.as_ref().map_or(0, |t| t.flow_rows),
        tied_at: legs.tie.as_ref().map(|t| t.tied_at),
        tied_by,
        balance: legs.facts.balance.as_ref().map(|b| FlowBalance {
            opening: money(b.opening_minor),
            closing: money(b.closing_minor),
            breaks: b.breaks,
            first_break: b.first_break.map(|(line, expected, printed)| FlowBreak {
                line,
                expected: money(expected),
                printed: money(printed),
            }),
        }),
        opening: legs.opening(),
        closing_before: legs.closing_before.map(money),
        residual: money(
            waterfall
                .iter()
                .find(|s| s.name == "residual")
                .map_or(0, |s| s.minor),
        ),
        waterfall,
        findings_total: legs.findings.len() as u64,
        findings_open: legs.open().count() as u64,
        findings,
        at_bank: legs
            .bank
            .of_day()
            .filter(|p| p.state == BankState::Matched)
            .count() as u64,
        withdrawals: shown.withdrawals,
        open_lines: shown.open_lines,
        open_payouts: shown.open_payouts,
        statements: legs.bank.statements.len() as u64,
    })
}

pub(crate) async fn name(ctx: &Ctx, params: NameEntries) -> Result<FlowDay, AppError> {
    let person = ctx.person()?.user_id;
    let reason = check_text("reason", &params.reason, 500)?;
    if !(1..=FINDINGS_MAX).contains(&params.entries.len()) {
        return Err(AppError::bad(
            "entries",
            "一次 1–200 条 / 1 to 200 at a time",
        ));
    }
    let (account_id, date) = (params.account_id, params.date);
    refuse_locked(ctx, account_id, date).await?;
    let mut tx = ctx.app.store().begin().await?;
    let findings = store::findings(&mut *tx.conn(), account_id, date, date, None).await?;
    let names = store::names(&mut *tx.conn(), account_id, date, date).await?;
    for entry in &params.entries {
        let code = word(entry.code);
        let found = findings
            .iter()
            .find(|f| {
                f.code == code
                    && f.business_no == entry.business_no
                    && f.flow_line() == entry.flow_line
            })
            .ok_or_else(|| AppError::not_found("movement", &entry.business_no))?;
        // A withdrawal is money going out; what the trade bill says of a voucher can only be explained.
        let fits = match params.name {
            FlowName::Withdrawal | FlowName::ServiceFee => {
                entry.code == FlowCode::OtherEntry && found.booked_minor < 0
            }
            FlowName::TopUp => entry.code == FlowCode::OtherEntry && found.booked_minor > 0,
            FlowName::Adjustment => entry.code == FlowCode::OtherEntry,
            FlowName::Explained => true,
        };
        let already = names.iter().any(|n| n.is_about(found));
        if already || !fits {
            return Err(AppError::new(Code::IllegalStep)
                .with("number", &entry.business_no)
                .with("from", if already { "named".to_owned() } else { code })
                .with("to", word(params.name)));
        }
        let record = NameRecord {
            id: FlowNameId::new(),
            account_id,
            date,
            code: found.code.clone(),
            business_no: found.business_no.clone(),
            expected_minor: found.expected_minor,
            booked_minor: found.booked_minor,
            flow_line: found.flow_line(),
            name: word(params.name),
            reason: reason.clone(),
            named_by: person,
            named_at: ctx.now,
        };
        store::add_name(&mut tx, &record).await?;
        let subject = format!("{account_id} {date} {}", found.business_no);
        let mut audit = ctx.audit("recon.name_entry", "movement", &subject);
        audit.reason = Some(format!("{}: {reason}", record.name));
        tx.audit(audit).await?;
    }
    tx.commit().await?;
    day(ctx, DayRef { account_id, date }).await
}

pub(crate) async fn unname(ctx: &Ctx, params: UnnameEntry) -> Result<FlowDay, AppError> {
    let person = ctx.person()?.user_id;
    let reason = check_text("reason", &params.reason, 500)?;
    let mut tx = ctx.app.store().begin().await?;
    let (account_id, date) = store::undo_name(&mut tx, params.name_id, person, ctx.now, &reason)
        .await?
        .ok_or_else(|| AppError::not_found("name", params.name_id))?;
    let mut audit = ctx.audit(
        "recon.unname_entry",
        "movement",
        &params.name_id.to_string(),
    );
    audit.reason = Some(reason);
    tx.audit(audit).await?;
    tx.commit().await?;
    day(ctx, DayRef { account_id, date }).await
}

fn default_rules() -> ThreeWayRules {
    ThreeWayRules {
        withdrawal_words: vec!["提现".to_owned()],
        bank_words: ["财付通", "微信支付", "Tenpay", "WeChat Pay"]
            .map(str::to_owned)
            .to_vec(),
        bank_days: 3,
        // Not every merchant imports statements.
        bank_blocks_close: false,
    }
}

fn parse_rules(record: &RulesRecord) -> Result<ThreeWayRules, AppError> {
    serde_json::from_str(&record.content).map_err(AppError::internal)
}

/// The rules that stand now.
pub(crate) async fn rules_of(conn: &mut Conn) -> Result<ThreeWayRules, AppError> {
    let newest = store::rules(conn, 1).await?.pop();
    newest
        .as_ref()
        .map_or_else(|| Ok(default_rules()), parse_rules)
}

fn number(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

pub(crate) async fn rules_view(ctx: &Ctx, _: Nothing) -> Result<ThreeWayView, AppError> {
    let mut conn = orders::reader(&ctx.app).await?;
    let history = store::rules(&mut conn, HISTORY_MAX)
        .await?
        .iter()
        .map(|record| {
            Ok(ThreeWayVersion {
                version: number(record.version),
                rules: parse_rules(record)?,
                by: record.editor.clone(),
                at: record.at,
                note: record.note.clone(),
            })
        })
        .collect::<Result<Vec<_>, AppError>>()?;
    Ok(ThreeWayView {
        rules: history
            .first()
            .map_or_else(default_rules, |v| v.rules.clone()),
        version: history.first().map_or(0, |v| v.version),
        defaults: default_rules(),
        history,
    })
}

/// Words as they are kept: trimmed, none twice, none empty.
fn words(given: Vec<String>, name: &str, field: &str) -> Result<Vec<String>, AppError> {
    let mut kept: Vec<String> = Vec::new();
    for word in given {
        let word = word.trim().to_owned();
        if !word.is_empty() && !kept.contains(&word) {
            kept.push(word);
        }
    }
    if kept.len() > 20 || kept.iter().any(|w| w.chars().count() > 40) {
        return Err(AppError::new(Code::SettingInvalid)
            .with("name", name)
            .with("field", field)
            .with(
                "detail",
                "最多 20 个词，每个最多 40 个字 / at most 20 words of at most 40 characters",
            ));
    }
    Ok(kept)
}

pub(crate) async fn set_rules(ctx: &Ctx, params: SetThreeWay) -> Result<ThreeWayView, AppError> {
    let person = ctx.person()?.clone();
    let given = params.rules;
    if given.bank_days > 10 {
        return Err(AppError::new(Code::SettingInvalid)
            .with("name", "bank_days")
            .with("field", "到账天数 / days until the bank has it")
            .with("detail", "0 到 10 天 / 0 to 10 days"));
    }
    let rules = ThreeWayRules {
        withdrawal_words: words(
            given.withdrawal_words,
            "withdrawal_words",
            "提现的叫法 / words for a withdrawal",
        )?,
        bank_words: words(
            given.bank_words,
            "bank_words",
            "银行流水里的渠道名 / the channel's names at the bank",
        )?,
        ..given
    };
    let text = serde_json::to_string(&rules).map_err(AppError::internal)?;
    let note: String = params.note.trim().chars().take(200).collect();
    let mut tx = ctx.app.store().begin().await?;
    let newest = store::rules(tx.conn(), 1).await?.pop();
    if newest.as_ref().map_or(0, |r| number(r.version)) != params.version_seen {
        let (by, at, version) = newest.map_or_else(
            || (String::new(), String::new(), 0),
            |r| (r.editor, r.at.to_beijing(), r.version),
        );
        return Err(AppError::new(Code::SettingsChanged)
            .with("by", by)
            .with("at", at)
            .with("version", version));
    }
    if newest.as_ref().is_none_or(|r| r.content != text) {
        let record = RulesRecord {
            version: i64::from(params.version_seen) + 1,
            digest: digest::hex_lower(&digest::sm3(text.as_bytes())),
            content: text,
            editor_id: person.user_id,
            editor: person.display_name,
            note: note.clone(),
            at: ctx.now,
        };
        store::add_rules(tx.conn(), &record).await?;
        let mut entry = ctx.audit(
            "settings.set_three_way",
            "settings",
            &format!("three_way v{}", record.version),
        );
        entry.before_digest = newest.map(|r| r.digest);
        entry.after_digest = Some(record.digest);
        entry.reason = Some(note).filter(|n| !n.is_empty());
        tx.audit(entry).await?;
        tx.commit().await?;
    }
    rules_view(ctx, Nothing {}).await
}
