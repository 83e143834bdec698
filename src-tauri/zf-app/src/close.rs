//! The day close: nine checks with their figures, two people's signatures over one digest, a lock.
//!
//! What is signed is one canonical text: the digests of both bills and of the books, the run's result,
//! every difference with what was decided about it, the balance. Its SM3 is what both people see and
//! sign; whatever changes afterwards changes the digest, and a signature over another digest counts for
//! nothing. Once locked, neither books nor runs nor decisions of that day move: the database refuses.

use serde::Serialize;
use zf_crypto::digest;
use zf_domain::approval::check_separate;
use zf_domain::{
    AccountId, BusinessDate, DifferenceCode, Disposition, Money, Permission, Role, Timestamp,
    UserId,
};
use zf_recon::report::text_cell;
use zf_store::Conn;
use zf_store::bills::{self as rows, BillRecord, BookImport};
use zf_store::recon::{
    self as runs, ClosedBefore, DayClose, DifferenceFilter, DifferenceRecord, ReopeningWish,
    RunRecord, SignatureRecord,
};
use zf_store::rule_sets::{self as sets, RunTerms};
use zf_store::{AuditEntry, StoreError, Tx};

use crate::accounts;
use crate::bills::{self, Balance, Fees, balance_of, faults_of, fees_of, is_settled};
use crate::books::archive_holds;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::word;
use crate::faults::in_one;
use crate::files::io_error;
use crate::flow::Legs;
use crate::recon;
use crate::resolutions::check_text;
use crate::wire::{
    AccountBrief, BalanceLine, BankState, BillKind, BillStatus, CloseBoard, CloseCheck,
    CloseCheckKind, CloseDay, CloseSignature, CloseStatus, CloseView, ClosedBeforeView,
    ExportClose, FileView, FlowState, OpeningFact, ReopeningView, ReturnDay, SignDay,
};

/// Everything a day's close rests on.
struct Day {
    account_id: AccountId,
    date: BusinessDate,
    trade: Option<BillRecord>,
    fund: Option<BillRecord>,
    books: Option<BookImport>,
    run: Option<RunRecord>,
    run_by: Option<String>,
    /// By which rules the run was made, and what they let pass.
    terms: Option<RunTerms>,
    differences: Vec<DifferenceRecord>,
    /// How many, and the oldest.
    overdue: (u64, Option<DifferenceRecord>),
    refunds_sent: i64,
    refunds_unknown: i64,
    close: Option<DayClose>,
    signatures: Vec<SignatureRecord>,
    wish: Option<ReopeningWish>,
    before: Vec<ClosedBefore>,
    legs: Legs,
}

impl Day {
    async fn gather(
        conn: &mut Conn,
        account_id: AccountId,
        date: BusinessDate,
        today: BusinessDate,
    ) -> Result<Self, AppError> {
        let trade = rows::of_day(&mut *conn, account_id, BillKind::Trade.as_str(), date).await?;
        let fund = rows::of_day(&mut *conn, account_id, BillKind::FundFlow.as_str(), date).await?;
        let books = rows::standing_books(&mut *conn, account_id, date).await?;
        let run = recon::latest(&mut *conn, account_id, date).await?;
        let terms = match &run {
            Some(run) => sets::terms(&mut *conn, run.id).await?,
            None => None,
        };
        let (differences, run_by) = match &run {
            Some(run) => {
                let all = DifferenceFilter {
                    limit: u32::MAX,
                    ..DifferenceFilter::default()
                };
                (
                    runs::differences(&mut *conn, run.id, &all).await?,
                    runs::person_name(&mut *conn, run.run_by).await?,
                )
            }
            None => (Vec::new(), None),
        };
        let (refunds_sent, refunds_unknown): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 'unknown' THEN 1 ELSE 0 END), 0) FROM refunds
             WHERE account_id = $1 AND sent_at >= $2 AND sent_at < $3",
        )
        .bind(account_id.to_string())
        .bind(date.beijing_start().millis())
        .bind(date.beijing_end().millis())
        .fetch_one(&mut *conn)
        .await
        .map_err(StoreError::from)?;
        Ok(Self {
            account_id,
            date,
            legs: Legs::gather(&mut *conn, account_id, date).await?,
            trade,
            fund,
            books,
            run,
            run_by,
            terms,
            differences,
            overdue: runs::overdue(&mut *conn, account_id, date, today).await?,
            refunds_sent,
            refunds_unknown,
            close: runs::day_close(&mut *conn, account_id, date).await?,
            signatures: runs::signatures(&mut *conn, account_id, date).await?,
            wish: runs::reopening_wish(&mut *conn, account_id, date).await?,
            before: runs::closed_before(&mut *conn, account_id, date).await?,
        })
    }

    fn balance(&self) -> Option<Balance> {
        self.fund.as_ref().filter(|b| is_settled(b)).map(|bill| {
            // A day without movement has a bill without rows, or none at all.
            balance_of(bill).unwrap_or_default()
        })
    }

    fn fees(&self) -> Option<Fees> {
        self.trade
            .as_ref()
            .filter(|b| is_settled(b))
            .map(|bill| fees_of(bill).unwrap_or_default())
    }

    /// Whether the latest run compared exactly the files that stand now.
    fn run_is_current(&self) -> bool {
        let (Some(run), Some(trade), Some(books)) = (&self.run, &self.trade, &self.books) else {
            return false;
        };
        run.bill_sha256 == trade.sha256.as_deref().unwrap_or_default()
            && run.books_sha256 == books.sha256
    }

    fn refused_rows(&self) -> usize {
        let of = |faults: Option<&str>| faults.map_or(0, |f| faults_of(f).len());
        of(self.trade.as_ref().map(|b| b.faults.as_str()))
            + of(self.fund.as_ref().map(|b| b.faults.as_str()))
            + of(self.books.as_ref().map(|b| b.faults.as_str()))
    }

    fn signature(&self, part: &str) -> Option<&SignatureRecord> {
        self.signatures.iter().find(|s| s.part == part)
    }

    fn is_locked(&self) -> bool {
        self.close.as_ref().is_some_and(|c| c.locked_at.is_some())
    }
}

/// What two people sign. Fields stand in this order and nothing else does: equal days have equal texts.
#[derive(Serialize)]
struct Content<'a> {
    format: &'static str,
    account_id: AccountId,
    date: BusinessDate,
    bills: [SignedBill<'a>; 2],
    books: SignedBooks<'a>,
    run: SignedRun<'a>,
    differences: Vec<SignedDifference<'a>>,
    balance: Balance,
    fees: Fees,
    refunds_sent: i64,
    refunds_unknown: i64,
    /// The tie of the fund flow, what was named in it, and where the withdrawals are at the bank.
    three_way: Vec<String>,
    /// What was signed for this day before and opened again.
    closed_before: Vec<&'a str>,
}

#[derive(Serialize)]
struct SignedBill<'a> {
    kind: &'a str,
    status: &'a str,
    sha256: Option<&'a str>,
    rows: u64,
}

#[derive(Serialize)]
struct SignedBooks<'a> {
    sha256: &'a str,
    rows: u64,
    refused_rows: usize,
}

#[derive(Serialize)]
struct SignedRun<'a> {
    digest: &'a str,
    matched: u64,
    residual_minor: i64,
    /// Absent for a run of an older program.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<SignedRules<'a>>,
}

#[derive(Serialize)]
struct SignedRules<'a> {
    version: u32,
    digest: &'a str,
    fees_charged_minor: i64,
    fees_agreed_minor: i64,
    tolerated_minor: i64,
    budget_spent_minor: i64,
}

#[derive(Serialize)]
struct SignedDifference<'a> {
    code: &'a str,
    kind: &'a str,
    number: &'a str,
    gap_minor: i64,
    currency: &'a str,
    channel_minor: Option<i64>,
    ledger_minor: Option<i64>,
    disposition: &'a str,
    resolution: Option<String>,
    owner: Option<String>,
    due_date: Option<BusinessDate>,
    note: Option<&'a str>,
}

fn signed_bill(bill: &BillRecord) -> SignedBill<'_> {
    SignedBill {
        kind: &bill.kind,
        status: &bill.status,
        sha256: bill.sha256.as_deref(),
        rows: bill.row_count,
    }
}

/// The canonical text, once there is everything to sign.
fn content(day: &Day) -> Result<Option<String>, AppError> {
    let (Some(trade), Some(fund), Some(books), Some(run)) =
        (&day.trade, &day.fund, &day.books, &day.run)
    else {
        return Ok(None);
    };
    let content = Content {
        format: "zhangfang-day-close/3",
        account_id: day.account_id,
        date: day.date,
        bills: [signed_bill(trade), signed_bill(fund)],
        books: SignedBooks {
            sha256: &books.sha256,
            rows: books.row_count,
            refused_rows: faults_of(&books.faults).len(),
        },
        run: SignedRun {
            digest: &run.run_digest,
            matched: run.matched,
            residual_minor: run.residual_minor,
            rules: day.terms.as_ref().map(|t| SignedRules {
                version: t.rules_version,
                digest: &t.rules_digest,
                fees_charged_minor: t.charged_minor,
                fees_agreed_minor: t.agreed_minor,
                tolerated_minor: t.tolerated_minor,
                budget_spent_minor: t.spent_minor,
            }),
        },
        differences: day
            .differences
            .iter()
            .map(|d| SignedDifference {
                code: d.code.as_str(),
                kind: d.kind.as_str(),
                number: &d.number,
                gap_minor: d.gap.minor,
                currency: d.gap.currency.code(),
                channel_minor: d.channel.as_ref().map(|s| s.amount.minor),
                ledger_minor: d.ledger.as_ref().map(|s| s.amount.minor),
                disposition: d.place.disposition.as_str(),
                resolution: d.place.resolution.map(|id| id.to_string()),
                owner: d.place.held.map(|(owner, _)| owner.to_string()),
                due_date: d.place.due(),
                note: d.place.note.as_deref(),
            })
            .collect(),
        balance: day.balance().unwrap_or_default(),
        fees: day.fees().unwrap_or_default(),
        refunds_sent: day.refunds_sent,
        refunds_unknown: day.refunds_unknown,
        three_way: day.legs.signed(),
        closed_before: day.before.iter().map(|b| b.digest.as_str()).collect(),
    };
    serde_json::to_string(&content)
        .map(Some)
        .map_err(AppError::internal)
}

/// What a check is called, in both languages.
pub(crate) const fn check_name(kind: CloseCheckKind) -> (&'static str, &'static str) {
    match kind {
        CloseCheckKind::BillsComplete => ("账单齐全", "bills complete"),
        CloseCheckKind::Reconciled => ("逐行对账完成", "reconciled row by row"),
        CloseCheckKind::ResidualZero => ("未解释残差为零", "nothing unexplained"),
        CloseCheckKind::BalanceContinuous => ("余额逐行连续", "balance continuous"),
        CloseCheckKind::FeesRecomputed => ("手续费复算", "fees recomputed"),
        CloseCheckKind::DifferencesOwned => ("差错都有归属", "differences owned"),
        CloseCheckKind::NoUnknownRefunds => ("没有未知退款", "no unknown refunds"),
        CloseCheckKind::NoOverdue => ("没有超期差异", "nothing overdue"),
        CloseCheckKind::WithdrawalsAtBank => ("提现与银行流水", "withdrawals at the bank"),
    }
}

fn digest_of(content: &str) -> String {
    digest::hex_lower(&digest::sm3(content.as_bytes()))
}

fn yuan(minor: i64) -> String {
    Money::cny(minor).to_decimal()
}

/// Whether somebody answers for it, or it is settled; what waits for a second person is neither.
const fn is_taken(d: &DifferenceRecord) -> bool {
    matches!(
        d.place.disposition,
        Disposition::Suspended | Disposition::Resolved | Disposition::WrittenOff
    )
}

/// A share of a whole as a percentage with two decimals, cut off rather than rounded up: one row
/// short of all is never 100 %.
fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "—".to_owned();
    }
    let hundredths = u128::from(part) * 10_000 / u128::from(whole);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The nine checks, each with its figure and what it rests on.
fn checks(day: &Day, now: Timestamp) -> Vec<CloseCheck> {
    use CloseCheckKind as K;
    let check = |kind, passed, figure: String, detail: String| CloseCheck {
        kind,
        passed,
        figure,
        detail,
        checked_at: Some(now),
        checked_by: None,
        warning: false,
    };
    let mut all = Vec::with_capacity(9);

    let settled = [&day.trade, &day.fund]
        .iter()
        .filter(|b| b.as_ref().is_some_and(is_settled))
        .count();
    all.push(CloseCheck {
        checked_at: day.trade.as_ref().and_then(|b| b.fetched_at),
        ..check(
            K::BillsComplete,
            settled == 2,
            format!("{settled} / 2"),
            if settled == 2 {
                "业务账单、资金账单都在，摘要与汇总行一致 / trade and fund-flow bills are there, hash and summary agree".to_owned()
            } else {
                "缺业务账单或资金账单，或有行读不出 / a bill is missing, or rows of it could not be read".to_owned()
            },
        )
    });

    let (figure, detail) = match &day.run {
        None => ("—".to_owned(), "还没有对账 / not reconciled yet".to_owned()),
        Some(run) => (
            share(run.matched, day.trade.as_ref().map_or(0, |b| b.row_count)),
            if day.run_is_current() {
                let (rows, found) = (
                    day.trade.as_ref().map_or(0, |b| b.row_count),
                    day.differences.len(),
                );
                format!(
                    "第 {} 次运行：账单 {rows} 行，勾对 {}，差异 {found} / run {}: {rows} bill rows, {} matched, {found} differences",
                    run.number, run.matched, run.number, run.matched,
                )
            } else {
                "账单或账簿在对账之后换过，请重新对账 / the bill or the books changed since: run again".to_owned()
            },
        ),
    };
    all.push(CloseCheck {
        checked_at: day.run.as_ref().map(|r| r.finished_at),
        checked_by: day.run_by.clone(),
        ..check(K::Reconciled, day.run_is_current(), figure, detail)
    });

    let refused = day.refused_rows();
    let residual = day.run.as_ref().map(|r| r.residual_minor);
    all.push(check(
        K::ResidualZero,
        residual == Some(0) && refused == 0,
        residual.map_or_else(|| "—".to_owned(), yuan),
        if refused > 0 {
            format!("有 {refused} 行读不出，不在任何合计里 / {refused} rows could not be read and are in no sum")
        } else {
            "渠道净额与我方净额之间的每一分钱都有归属 / every minor unit between the two nets is named".to_owned()
        },
    ));

    all.push(balance_check(day, &check));
    all.push(match day.fees() {
        Some(_) if day.terms.as_ref().is_some_and(|t| t.rate_ppm.is_some()) => {
            contract_check(day, &check)
        }
        None => check(
            K::FeesRecomputed,
            false,
            "—".to_owned(),
            "没有可复算的业务账单 / no trade bill to recompute".to_owned(),
        ),
        Some(fees) => {
            let off = fees.charged_minor - fees.recomputed_minor;
            let lines: Vec<String> = fees.off_lines.iter().map(u64::to_string).collect();
            check(
                K::FeesRecomputed,
                fees.off == 0,
                yuan(off),
                if fees.off == 0 {
                    format!(
                        "逐行按费率复算 {} 行，每行差不超过 0.01 / {} rows recomputed, none off by more than 0.01",
                        fees.checked, fees.checked
                    )
                } else {
                    format!(
                        "{} 行手续费与费率不符，第 {} 行 / {} fees do not follow their rate, lines {}",
                        fees.off,
                        lines.join("、"),
                        fees.off,
                        lines.join(", ")
                    )
                },
            )
        }
    });

    let owned = day.differences.iter().filter(|d| is_taken(d)).count();
    let total = day.differences.len();
    all.push(check(
        K::DifferencesOwned,
        day.run.is_some() && owned == total,
        format!("{owned} / {total}"),
        if total == 0 && day.run.is_some() {
            "没有差错 / no difference".to_owned()
        } else if owned == total {
            format!("{total} 条差异都有负责人和期限，或已了结 / every one of {total} differences has an owner and a due date, or is settled")
        } else {
            format!("{} 条差异没有负责人或等待复核 / {} differences have no owner or wait for a second person", total - owned, total - owned)
        },
    ));

    let known = day.refunds_sent - day.refunds_unknown;
    all.push(check(
        K::NoUnknownRefunds,
        day.refunds_unknown == 0,
        format!("{known} / {}", day.refunds_sent),
        if day.refunds_sent == 0 {
            "当日没有发出退款 / no refund was sent that day".to_owned()
        } else if day.refunds_unknown == 0 {
            "当日发出的退款都有渠道结论 / the channel has answered for every refund of the day"
                .to_owned()
        } else {
            format!(
                "{} 笔退款还在核实 / {} refunds are still being checked",
                day.refunds_unknown, day.refunds_unknown
            )
        },
    ));

    let (overdue, oldest) = &day.overdue;
    all.push(check(
        K::NoOverdue,
        *overdue == 0,
        overdue.to_string(),
        match oldest {
            None => "没有超期的差异 / no difference is overdue".to_owned(),
            Some(first) => format!(
                "{overdue} 条差异超期，最早 {} 的 {} / {overdue} differences are overdue, the first is {} of {}",
                first.date, first.number, first.number, first.date
            ),
        },
    ));
    all.push(bank_check(&day.legs, &check));
    all
}

/// Fees by the contract, as the latest run recomputed them: passed when nobody's word is missing for a
/// fee that deviates, and with what the tolerance let pass and what is left of its budget.
fn contract_check(
    day: &Day,
    check: &impl Fn(CloseCheckKind, bool, String, String) -> CloseCheck,
) -> CloseCheck {
    let kind = CloseCheckKind::FeesRecomputed;
    let Some(terms) = &day.terms else {
        return check(kind, false, "—".to_owned(), String::new());
    };
    let fees = || {
        day.differences
            .iter()
            .filter(|d| d.code == DifferenceCode::FeeMismatch)
    };
    let (wrong, open) = (fees().count(), fees().filter(|d| !is_taken(d)).count());
    let rate = terms.rate_ppm.unwrap_or(0);
    let rate = format!("{}.{:02}%", rate / 10_000, rate % 10_000 / 100);
    let (used, budget) = (
        yuan(terms.month_before_minor.saturating_add(terms.spent_minor)),
        yuan(terms.monthly_minor),
    );
    let (rows, tolerated) = (terms.fee_rows, terms.tolerated_rows);
    let mut detail = [
        format!("按 {rate} 逐行复算 {rows} 行"),
        format!("{rows} rows recomputed at {rate}"),
    ];
    if wrong > 0 {
        detail[0].push_str(&format!("，{wrong} 行与合同不符（{open} 行没有归属）"));
        detail[1].push_str(&format!(
            ", {wrong} off the contract ({open} without owner)"
        ));
    }
    if terms.monthly_minor > 0 {
        detail[0].push_str(&format!(
            "，容差内 {tolerated} 行，本月容差预算 {budget}，已用 {used}"
        ));
        detail[1].push_str(&format!(
            ", {tolerated} within tolerance, {used} of {budget} of the month's budget spent"
        ));
    }
    let off = terms.charged_minor.saturating_sub(terms.agreed_minor);
    check(kind, open == 0, yuan(off), detail.join(" / "))
}

/// Every withdrawal of the day on the bank's statement. Not every merchant imports one: whether it keeps
/// the day open is the house's rule.
fn bank_check(
    legs: &Legs,
    check: &impl Fn(CloseCheckKind, bool, String, String) -> CloseCheck,
) -> CloseCheck {
    let kind = CloseCheckKind::WithdrawalsAtBank;
    if legs.tie.is_none() {
        return check(
            kind,
            !legs.rules.bank_blocks_close,
            "—".to_owned(),
            "资金流水还没有核对，不知道有没有提现 / the fund flow is not tied: withdrawals are not known".to_owned(),
        );
    }
    let payouts: Vec<_> = legs.bank.of_day().collect();
    if payouts.is_empty() {
        let none = "当日没有提现 / no withdrawal that day".to_owned();
        return check(kind, true, "0 / 0".to_owned(), none);
    }
    let found = payouts
        .iter()
        .filter(|p| p.state == BankState::Matched)
        .count();
    let detail = match payouts.iter().find(|p| p.state != BankState::Matched) {
        None => {
            let lines: Vec<String> = payouts
                .iter()
                .flat_map(|p| legs.bank.line_numbers(p))
                .map(|n| n.to_string())
                .collect();
            let sum: i64 = payouts.iter().map(|p| p.amount.minor).sum();
            format!(
                "{found} 笔共 {} 已在银行流水第 {} 行找到 / {found} withdrawals of {} found on line {} of the bank statement",
                yuan(sum),
                lines.join("、"),
                yuan(sum),
                lines.join(", ")
            )
        }
        Some(p) => {
            let (zh, en) = match p.state {
                BankState::Ambiguous => (
                    "有多种配法，等人确认",
                    "could be more than one line: a person must choose",
                ),
                BankState::OtherAmount => (
                    "银行流水上金额不同",
                    "stands on the statement with another amount",
                ),
                BankState::NotSearched => (
                    "组合太多，没有搜完",
                    "was not searched to the end: too many combinations",
                ),
                BankState::Missing => ("银行流水上没有", "is not on the bank statement"),
                BankState::NoStatement | BankState::Matched => (
                    "还没有覆盖到账日的银行流水",
                    "has no bank statement that covers its days yet",
                ),
            };
            let amount = p.amount.to_decimal();
            format!(
                "{} {amount}：{zh} / {} of {amount} {en}",
                p.business_no, p.business_no
            )
        }
    };
    let all = found == payouts.len();
    CloseCheck {
        warning: !all && !legs.rules.bank_blocks_close,
        ..check(
            kind,
            all || !legs.rules.bank_blocks_close,
            format!("{found} / {}", payouts.len()),
            detail,
        )
    }
}

fn balance_check(
    day: &Day,
    check: &impl Fn(CloseCheckKind, bool, String, String) -> CloseCheck,
) -> CloseCheck {
    let kind = CloseCheckKind::BalanceContinuous;
    let Some(balance) = day.balance() else {
        return check(
            kind,
            false,
            "—".to_owned(),
            "没有资金账单 / no fund-flow bill".to_owned(),
        );
    };
    let figure = balance.closing_minor.map_or_else(|| "—".to_owned(), yuan);
    let legs = &day.legs;
    let fails = |detail: String| check(kind, false, figure.clone(), detail);
    if !matches!(legs.state, FlowState::Open | FlowState::Tied) {
        return fails(
            "资金流水还没有与现在的业务账单核对 / the fund flow is not tied to the trade bill that stands now".to_owned(),
        );
    }
    if let Some(tied) = &legs.facts.balance {
        if let Some((line, expected, printed)) = tied.first_break {
            let (expected, printed) = (yuan(expected), yuan(printed));
            return fails(format!(
                "第 {line} 行余额应为 {expected}，账单上是 {printed} / the balance of line {line} should be {expected}; it says {printed}"
            ));
        }
        if let (OpeningFact::Differs, Some(before)) = (legs.opening(), legs.closing_before) {
            let (opening, before) = (yuan(tied.opening_minor), yuan(before));
            return fails(format!(
                "期初 {opening} 不等于前一日期末 {before} / the opening {opening} is not the closing {before} of the day before"
            ));
        }
    }
    let open = legs.open().count();
    if let Some(first) = legs.open().next() {
        return fails(format!(
            "{open} 条资金流水与业务账单不符或没有定名，首个是 {} / {open} movements do not tie or have no name, the first is {}",
            first.business_no, first.business_no
        ));
    }
    if !balance.is_continuous() {
        return fails(
            "期初加减各项不等于期末 / opening and movements do not lead to the closing balance"
                .to_owned(),
        );
    }
    let rows = balance.rows;
    check(
        kind,
        true,
        figure.clone(),
        match legs.opening() {
            OpeningFact::NotThere => format!(
                "{rows} 行首尾相接，逐笔等于业务账单；前一日资金账单没有取，未比对期初 / {rows} rows follow each other and tie to the trade bill; the day before has no bill to compare with"
            ),
            OpeningFact::NoMovement => "当日没有资金流水 / no movement that day".to_owned(),
            _ => format!(
                "{rows} 行首尾相接，逐笔等于业务账单，期初等于前一日期末 / {rows} rows follow each other and tie to the trade bill, opening equals the closing of the day before"
            ),
        },
    )
}

fn status(day: &Day, passed: bool, digest: Option<&str>, now: Timestamp) -> CloseStatus {
    if day.is_locked() {
        return CloseStatus::Closed;
    }
    if day.date >= now.beijing_date() {
        return CloseStatus::NotStarted;
    }
    let words: Vec<BillStatus> = [
        (&day.trade, BillKind::Trade),
        (&day.fund, BillKind::FundFlow),
    ]
    .into_iter()
    .map(|(bill, kind)| bills::view(bill.as_ref(), day.account_id, day.date, kind, now).status)
    .collect();
    let waits = |s: &BillStatus| {
        matches!(
            s,
            BillStatus::NotDue | BillStatus::Generating | BillStatus::Downloading
        )
    };
    let missing = |s: &BillStatus| {
        !waits(s)
            && !matches!(
                s,
                BillStatus::Verified | BillStatus::NoTrade | BillStatus::Partial
            )
    };
    if words.iter().any(missing) {
        return CloseStatus::BillMissing;
    }
    if words.iter().any(waits) {
        return CloseStatus::WaitingForBill;
    }
    if day.run.is_none() {
        return CloseStatus::NotStarted;
    }
    if !passed {
        return CloseStatus::ItemsOpen;
    }
    match (day.signature("maker"), digest) {
        (Some(maker), Some(digest)) if maker.digest == digest => CloseStatus::CheckerToSign,
        _ => CloseStatus::MakerToSign,
    }
}

/// A day with everything that follows from it.
struct Judged {
    day: Day,
    checks: Vec<CloseCheck>,
    content: Option<String>,
    digest: Option<String>,
    status: CloseStatus,
}

impl Judged {
    fn new(day: Day, now: Timestamp) -> Result<Self, AppError> {
        if let Some(close) = day.close.clone().filter(|c| c.locked_at.is_some()) {
            // As it was signed, not as later events would make it look.
            return Ok(Self {
                checks: serde_json::from_str(&close.checks).map_err(AppError::internal)?,
                content: Some(close.content),
                digest: Some(close.digest),
                status: CloseStatus::Closed,
                day,
            });
        }
        let checks = checks(&day, now);
        let content = content(&day)?;
        let digest = content.as_deref().map(digest_of);
        let passed = checks.iter().all(|c| c.passed);
        let status = status(&day, passed, digest.as_deref(), now);
        Ok(Self {
            day,
            checks,
            content,
            digest,
            status,
        })
    }

    fn failing(&self) -> Vec<(String, String)> {
        self.checks
            .iter()
            .filter(|c| !c.passed)
            .map(|c| {
                let (zh, en) = check_name(c.kind);
                let figure = c.figure.replace(" / ", "/");
                (format!("{zh}（{figure}）"), format!("{en} ({figure})"))
            })
            .collect()
    }

    /// Every failing check in one text of both languages.
    fn failing_text(&self) -> String {
        let failing = self.failing();
        let join = |part: fn(&(String, String)) -> &str, between: &str| {
            failing.iter().map(part).collect::<Vec<_>>().join(between)
        };
        format!("{} / {}", join(|f| &f.0, "、"), join(|f| &f.1, ", "))
    }

    /// Refuses unless the day is open, complete and exactly what the person saw.
    fn may_be_signed(&self, shown: &str) -> Result<(&str, &str), AppError> {
        let date = self.day.date;
        if self.day.is_locked() {
            return Err(AppError::new(Code::DayClosed).with("date", date));
        }
        let blocked = |what: String| {
            AppError::new(Code::CloseBlocked)
                .with("date", date)
                .with("checks", what)
        };
        let (Some(digest), Some(content)) = (&self.digest, &self.content) else {
            return Err(blocked(self.failing_text()));
        };
        if digest != shown {
            return Err(AppError::new(Code::CloseChanged).with("date", date));
        }
        if !self.failing().is_empty() {
            return Err(blocked(self.failing_text()));
        }
        Ok((digest, content))
    }

    /// The maker's signature, if it covers the day as it stands.
    fn maker(&self) -> Option<&SignatureRecord> {
        self.day
            .signature("maker")
            .filter(|s| Some(&s.digest) == self.digest.as_ref())
    }

    /// Why the person asking may not sign now; `None` when they may.
    fn obstacle(&self, ctx: &Ctx) -> Option<Code> {
        let Some(person) = &ctx.person else {
            return Some(Code::SignInRequired);
        };
        if self.day.is_locked() {
            return Some(Code::DayClosed);
        }
        let (maker, checker) = (
            ctx.may(Permission::SignDayAsMaker),
            ctx.may(Permission::SignDayAsChecker),
        );
        if !maker && !checker {
            return Some(Code::PermissionDenied);
        }
        if self.digest.is_none() || self.checks.iter().any(|c| !c.passed) {
            return Some(Code::CloseBlocked);
        }
        match self.maker() {
            Some(signed) if signed.user_id == person.user_id => Some(Code::SameSigner),
            Some(_) if checker => None,
            Some(_) => Some(Code::PermissionDenied),
            None if maker => None,
            None => Some(Code::MakerFirst),
        }
    }
}

async fn judge(ctx: &Ctx, account_id: AccountId, date: BusinessDate) -> Result<Judged, AppError> {
    let mut conn = ctx
        .app
        .store()
        .pool()
        .acquire()
        .await
        .map_err(StoreError::from)?;
    let today = ctx.now.beijing_date();
    Judged::new(
        Day::gather(&mut conn, account_id, date, today).await?,
        ctx.now,
    )
}

/// What the desk page shows of a day.
pub(crate) struct Standing {
    pub(crate) status: CloseStatus,
    pub(crate) locked_at: Option<Timestamp>,
    pub(crate) trade: Option<BillRecord>,
    pub(crate) fund: Option<BillRecord>,
    pub(crate) has_books: bool,
    /// The latest run, and whether it compared the files that stand now.
    pub(crate) run: Option<RunRecord>,
    pub(crate) run_is_current: bool,
    /// Differences of that run that nobody has taken.
    pub(crate) open: usize,
    /// Why the person asking may not sign now.
    pub(crate) obstacle: Option<Code>,
}

/// How a day stands, by the same judgement as its close.
pub(crate) async fn standing(
    ctx: &Ctx,
    account_id: AccountId,
    date: BusinessDate,
) -> Result<Standing, AppError> {
    let judged = judge(ctx, account_id, date).await?;
    let obstacle = judged.obstacle(ctx);
    let Judged { day, status, .. } = judged;
    Ok(Standing {
        status,
        locked_at: day.close.as_ref().and_then(|c| c.locked_at),
        has_books: day.books.is_some(),
        run_is_current: day.run_is_current(),
        open: day
            .differences
            .iter()
            .filter(|d| d.place.disposition == Disposition::Open)
            .count(),
        trade: day.trade,
        fund: day.fund,
        run: day.run,
        obstacle,
    })
}

async fn signature_view(ctx: &Ctx, s: &SignatureRecord) -> Result<CloseSignature, AppError> {
    let found: Option<(String, String)> =
        sqlx::query_as("SELECT display_name, role FROM users WHERE id = $1")
            .bind(s.user_id.to_string())
            .fetch_optional(ctx.app.store().pool())
            .await
            .map_err(StoreError::from)?;
    let (person, role) = found.ok_or_else(|| AppError::not_found("user", s.user_id))?;
    Ok(CloseSignature {
        person,
        user_id: s.user_id,
        role: Role::parse(&role).ok_or_else(|| StoreError::unreadable("role", &role))?,
        at: s.at,
        digest: s.digest.clone(),
        note: s.note.clone(),
    })
}

async fn view(ctx: &Ctx, account: AccountBrief, judged: &Judged) -> Result<CloseView, AppError> {
    let day = &judged.day;
    let balance = day.balance().and_then(|b| {
        Some(BalanceLine {
            opening: Money::cny(b.opening_minor?),
            collected: Money::cny(b.collected_minor),
            refunded: Money::cny(b.refunded_minor),
            fees: Money::cny(b.fees_minor),
            other: Money::cny(b.other_minor),
            closing: Money::cny(b.closing_minor?),
            withdrawn: day.legs.withdrawn().map(Money::cny),
        })
    });
    let maker = match judged.maker() {
        Some(signed) => Some(signature_view(ctx, signed).await?),
        None => None,
    };
    let checker = match day.signature("checker") {
        Some(signed) => Some(signature_view(ctx, signed).await?),
        None => None,
    };
    let held: Vec<DifferenceRecord> = day
        .differences
        .iter()
        .filter(|d| d.place.disposition == Disposition::Suspended)
        .cloned()
        .collect();
    let suspended = match &day.run {
        Some(_) => recon::rows_of(ctx, &held).await?,
        None => Vec::new(),
    };
    let obstacle = judged.obstacle(ctx);
    Ok(CloseView {
        account,
        date: day.date,
        status: judged.status,
        checks: judged.checks.clone(),
        balance,
        digest: judged.digest.clone(),
        maker,
        checker,
        suspended,
        may_sign: obstacle.is_none(),
        may_not_because: obstacle.map(|code| code.text().code.to_owned()),
        reopening: reopening_view(ctx, day).await?,
        closed_before: before_views(ctx, &day.before).await?,
    })
}

async fn name_of(ctx: &Ctx, person: UserId) -> Result<String, AppError> {
    Ok(runs::person_name(ctx.app.store().pool(), person)
        .await?
        .unwrap_or_default())
}

async fn reopening_view(ctx: &Ctx, day: &Day) -> Result<Option<ReopeningView>, AppError> {
    let Some(wish) = &day.wish else {
        return Ok(None);
    };
    let own = ctx.person.as_ref().is_some_and(|p| p.user_id == wish.by);
    Ok(Some(ReopeningView {
        reason: wish.reason.clone(),
        requested_by: name_of(ctx, wish.by).await?,
        requested_at: wish.at,
        may_decide: ctx.may(Permission::SignDayAsChecker) && !own,
        own,
    }))
}

async fn before_views(
    ctx: &Ctx,
    before: &[ClosedBefore],
) -> Result<Vec<ClosedBeforeView>, AppError> {
    let mut views = Vec::with_capacity(before.len());
    for b in before {
        let [maker, checker] = b.signers;
        views.push(ClosedBeforeView {
            version: b.version,
            locked_at: b.locked_at,
            digest: b.digest.clone(),
            maker: name_of(ctx, maker).await?,
            checker: name_of(ctx, checker).await?,
            reason: b.wish.reason.clone(),
            requested_by: name_of(ctx, b.wish.by).await?,
            reopened_by: name_of(ctx, b.reopened_by).await?,
            reopened_at: b.reopened_at,
        });
    }
    Ok(views)
}

pub(crate) async fn board(ctx: &Ctx, params: CloseDay) -> Result<CloseBoard, AppError> {
    let mut views = Vec::new();
    for account in accounts::briefs(&ctx.app).await? {
        let judged = judge(ctx, account.account_id, params.date).await?;
        views.push(view(ctx, account, &judged).await?);
    }
    Ok(CloseBoard {
        date: params.date,
        accounts: views,
    })
}

async fn one(ctx: &Ctx, account_id: AccountId, date: BusinessDate) -> Result<CloseView, AppError> {
    let account = accounts::briefs(&ctx.app)
        .await?
        .into_iter()
        .find(|a| a.account_id == account_id)
        .ok_or_else(|| AppError::not_found("account", account_id))?;
    let judged = judge(ctx, account_id, date).await?;
    view(ctx, account, &judged).await
}

/// Nobody signs over archived bytes that are no longer what was stored.
async fn check_archives(ctx: &Ctx, params: &SignDay) -> Result<(), AppError> {
    let pool = ctx.app.store().pool();
    let mut files: Vec<(String, String)> = Vec::new();
    for kind in [BillKind::Trade, BillKind::FundFlow] {
        let bill = rows::of_day(pool, params.account_id, kind.as_str(), params.date).await?;
        if let Some((path, sha256)) = bill.and_then(|b| Some((b.path?, b.sha256?))) {
            files.push((path, sha256));
        }
    }
    if let Some(books) = rows::standing_books(pool, params.account_id, params.date).await? {
        files.push((books.path, books.sha256));
    }
    for (path, sha256) in files {
        if !archive_holds(ctx, &path, &sha256).await? {
            return Err(AppError::new(Code::CloseBlocked)
                .with("date", params.date)
                .with(
                    "checks",
                    format!("归档文件被改动过：{path} / the archived file was changed: {path}"),
                ));
        }
    }
    Ok(())
}

/// A cell of the close report: text from people never begins a formula.
fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The close report: balance, checks, what is suspended, both signatures and the digest they signed, with
/// the digest of the report itself as its last line. UTF-8 with a mark, times in Beijing time.
fn report(view: &CloseView, now: Timestamp, english: bool) -> Result<Vec<u8>, csv::Error> {
    let mut out = b"\xef\xbb\xbf".to_vec();
    let say = |zh: &'static str, en: &'static str| if english { en } else { zh };
    {
        let mut csv = csv::WriterBuilder::new()
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut out);
        let mut line = |cells: &[&str]| csv.write_record(cells);
        line(&[say("日结报告", "Day close report"), &view.date.to_string()])?;
        line(&[
            say("账户", "Account"),
            &cell(&view.account.display_name),
            &text_cell(&view.account.merchant_no_masked),
        ])?;
        line(&[say("状态", "State"), &word(view.status)])?;
        line(&[
            say("导出时间(UTC+08:00)", "Exported (UTC+08:00)"),
            &now.to_beijing(),
        ])?;
        if let Some(balance) = &view.balance {
            for (name, money) in [
                (say("期初余额", "Opening"), balance.opening),
                (say("收款", "Collected"), balance.collected),
                (say("退款", "Refunded"), balance.refunded),
                (say("手续费", "Fees"), balance.fees),
                (say("其他", "Other"), balance.other),
                (say("期末余额", "Closing"), balance.closing),
            ] {
                line(&[name, &money.to_decimal(), money.currency.code()])?;
            }
        }
        line(&[
            say("检查项", "Check"),
            say("通过", "Passed"),
            say("数", "Figure"),
            say("依据", "Evidence"),
            say("时间", "Time"),
            say("谁", "Who"),
        ])?;
        for check in &view.checks {
            let (zh, en) = check_name(check.kind);
            line(&[
                say(zh, en),
                if check.passed {
                    say("是", "yes")
                } else {
                    say("否", "no")
                },
                &cell(in_one(&check.figure, english)),
                in_one(&check.detail, english),
                &check
                    .checked_at
                    .map(|at| at.to_beijing())
                    .unwrap_or_default(),
                check.checked_by.as_deref().unwrap_or(say("系统", "system")),
            ])?;
        }
        line(&[
            say("挂账", "Suspended"),
            say("单号", "Number"),
            say("渠道减我方", "Channel less ours"),
            say("币种", "Currency"),
            say("负责人", "Owner"),
            say("期限", "Due"),
            say("理由", "Reason"),
        ])?;
        for held in &view.suspended {
            line(&[
                held.code.as_str(),
                &text_cell(&held.number),
                &held.gap.to_decimal(),
                held.gap.currency.code(),
                &cell(held.owner.as_deref().unwrap_or_default()),
                &held.due_date.map(|d| d.to_string()).unwrap_or_default(),
                &cell(held.note.as_deref().unwrap_or_default()),
            ])?;
        }
        for (part, signed) in [
            (say("经办签署", "Signed by the maker"), &view.maker),
            (say("复核签署", "Signed by the checker"), &view.checker),
        ] {
            match signed {
                Some(s) => line(&[
                    part,
                    &cell(&s.person),
                    &s.at.to_beijing(),
                    &s.digest,
                    &cell(&s.note),
                ])?,
                None => line(&[part, "—"])?,
            }
        }
        line(&[
            say("日结指纹 SM3", "Close digest SM3"),
            view.digest.as_deref().unwrap_or("—"),
        ])?;
        csv.flush()?;
    }
    let own = digest::hex_lower(&digest::sm3(&out));
    let name = say("#以上全部字节 SM3", "#SM3 of every byte above");
    out.extend_from_slice(format!("{name},{own}\r\n").as_bytes());
    Ok(out)
}

/// Writes the close report of a day as it stands, signed or not.
pub(crate) async fn export(ctx: &Ctx, params: ExportClose) -> Result<FileView, AppError> {
    let shown = one(ctx, params.account_id, params.date).await?;
    let bytes = report(&shown, ctx.now, params.english).map_err(AppError::internal)?;
    let path = ctx.app.files().scratch();
    let target = path.clone();
    let printed = digest::hex_lower(&digest::sm3(&bytes));
    bills::blocking(move || std::fs::write(&target, &bytes).map_err(|e| io_error(&target, &e)))
        .await?;
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit(
        "close.export",
        "day",
        &format!("{} {}", params.account_id, params.date),
    );
    entry.after_digest = Some(printed);
    tx.audit(entry).await?;
    tx.commit().await?;
    ctx.app
        .files()
        .register(&path, &format!("day-close-{}.csv", params.date))
}

fn check_note(note: &str) -> Result<String, AppError> {
    let note = note.trim();
    if note.chars().count() > 500 {
        return Err(AppError::bad(
            "note",
            "最多 500 个字符 / at most 500 characters",
        ));
    }
    Ok(note.to_owned())
}

fn audit(ctx: &Ctx, action: &str, params: &SignDay) -> zf_store::AuditEntry {
    let mut entry = ctx.audit(
        action,
        "day",
        &format!("{} {}", params.account_id, params.date),
    );
    entry.after_digest = Some(params.digest.clone());
    entry.reason = Some(params.note.clone()).filter(|n| !n.is_empty());
    entry
}

pub(crate) async fn sign_maker(ctx: &Ctx, mut params: SignDay) -> Result<CloseView, AppError> {
    let person = ctx.person()?.user_id;
    params.note = check_note(&params.note)?;
    bills::check_account(&ctx.app, params.account_id).await?;
    check_archives(ctx, &params).await?;
    let today = ctx.now.beijing_date();
    let mut tx = ctx.app.store().begin().await?;
    let day = Day::gather(tx.conn(), params.account_id, params.date, today).await?;
    let judged = Judged::new(day, ctx.now)?;
    let (digest, content) = judged.may_be_signed(&params.digest)?;
    match judged.maker() {
        Some(signed) if signed.user_id == person => {
            drop(tx);
            return one(ctx, params.account_id, params.date).await;
        }
        Some(_) => {
            return Err(AppError::new(Code::IllegalStep)
                .with("number", params.date)
                .with("from", word(CloseStatus::CheckerToSign))
                .with("to", word(CloseStatus::MakerToSign)));
        }
        None => {}
    }
    runs::drop_maker_signature(&mut tx, params.account_id, params.date).await?;
    runs::put_day_close(
        &mut tx,
        params.account_id,
        params.date,
        &DayClose {
            locked_at: None,
            digest: digest.to_owned(),
            content: content.to_owned(),
            checks: serde_json::to_string(&judged.checks).map_err(AppError::internal)?,
        },
    )
    .await?;
    runs::add_signature(
        &mut tx,
        params.account_id,
        params.date,
        &SignatureRecord {
            part: "maker".to_owned(),
            user_id: person,
            digest: digest.to_owned(),
            note: params.note.clone(),
            at: ctx.now,
        },
    )
    .await?;
    tx.audit(audit(ctx, "close.sign_maker", &params)).await?;
    tx.commit().await?;
    one(ctx, params.account_id, params.date).await
}

pub(crate) async fn sign_checker(ctx: &Ctx, mut params: SignDay) -> Result<CloseView, AppError> {
    let person = ctx.person()?.user_id;
    params.note = check_note(&params.note)?;
    bills::check_account(&ctx.app, params.account_id).await?;
    check_archives(ctx, &params).await?;
    let today = ctx.now.beijing_date();
    let mut tx = ctx.app.store().begin().await?;
    let day = Day::gather(tx.conn(), params.account_id, params.date, today).await?;
    let judged = Judged::new(day, ctx.now)?;
    let (digest, content) = judged.may_be_signed(&params.digest)?;
    let maker = judged
        .maker()
        .ok_or_else(|| AppError::new(Code::MakerFirst).with("date", params.date))?;
    check_separate(person, &[maker.user_id]).map_err(|_| AppError::new(Code::SameSigner))?;
    runs::add_signature(
        &mut tx,
        params.account_id,
        params.date,
        &SignatureRecord {
            part: "checker".to_owned(),
            user_id: person,
            digest: digest.to_owned(),
            note: params.note.clone(),
            at: ctx.now,
        },
    )
    .await?;
    runs::put_day_close(
        &mut tx,
        params.account_id,
        params.date,
        &DayClose {
            locked_at: Some(ctx.now),
            digest: digest.to_owned(),
            content: content.to_owned(),
            checks: serde_json::to_string(&judged.checks).map_err(AppError::internal)?,
        },
    )
    .await?;
    tx.audit(audit(ctx, "close.sign_checker", &params)).await?;
    tx.commit().await?;
    one(ctx, params.account_id, params.date).await
}

fn reopening_audit(ctx: &Ctx, action: &str, params: &ReturnDay, digest: &str) -> AuditEntry {
    let object = format!("{} {}", params.account_id, params.date);
    let mut entry = ctx.audit(action, "day", &object);
    entry.before_digest = Some(digest.to_owned());
    entry.reason = Some(params.reason.trim().to_owned());
    entry
}

/// The locked close of a day, or why there is nothing to reopen.
async fn locked_close(tx: &mut Tx, params: &ReturnDay) -> Result<DayClose, AppError> {
    runs::day_close(&mut *tx.conn(), params.account_id, params.date)
        .await?
        .filter(|c| c.locked_at.is_some())
        .ok_or_else(|| {
            AppError::new(Code::IllegalStep)
                .with("number", params.date)
                .with("from", word(CloseStatus::MakerToSign))
                .with("to", "reopened")
        })
}

/// The maker's wish to open a closed day again; nothing opens until another person agrees.
pub(crate) async fn ask_reopening(ctx: &Ctx, params: ReturnDay) -> Result<CloseView, AppError> {
    let person = ctx.person()?.user_id;
    let reason = check_text("reason", &params.reason, 500)?;
    let mut tx = ctx.app.store().begin().await?;
    let close = locked_close(&mut tx, &params).await?;
    let wish = ReopeningWish {
        reason,
        by: person,
        at: ctx.now,
    };
    runs::put_reopening_wish(&mut tx, params.account_id, params.date, &wish).await?;
    let entry = reopening_audit(ctx, "close.ask_reopening", &params, &close.digest);
    tx.audit(entry).await?;
    tx.commit().await?;
    one(ctx, params.account_id, params.date).await
}

/// The second person's yes: the day is open again, what was signed stays in its history.
pub(crate) async fn reopen(ctx: &Ctx, params: ReturnDay) -> Result<CloseView, AppError> {
    let person = ctx.person()?.user_id;
    check_text("reason", &params.reason, 500)?;
    let mut tx = ctx.app.store().begin().await?;
    let close = locked_close(&mut tx, &params).await?;
    let wish = find_wish(&mut tx, &params).await?;
    check_separate(person, &[wish.by]).map_err(|_| AppError::new(Code::SameSigner))?;
    let (account, date) = (params.account_id, params.date);
    runs::reopen(&mut tx, account, date, &wish, person, ctx.now).await?;
    let entry = reopening_audit(ctx, "close.reopen", &params, &close.digest);
    tx.audit(entry).await?;
    tx.commit().await?;
    one(ctx, account, date).await
}

async fn find_wish(tx: &mut Tx, params: &ReturnDay) -> Result<ReopeningWish, AppError> {
    runs::reopening_wish(&mut *tx.conn(), params.account_id, params.date)
        .await?
        .ok_or_else(|| AppError::not_found("reopening", params.date))
}

/// The second person's no, or the maker's own taking back.
pub(crate) async fn keep_closed(ctx: &Ctx, params: ReturnDay) -> Result<CloseView, AppError> {
    let person = ctx.person()?.user_id;
    check_text("reason", &params.reason, 500)?;
    let mut tx = ctx.app.store().begin().await?;
    let close = locked_close(&mut tx, &params).await?;
    let wish = find_wish(&mut tx, &params).await?;
    if wish.by != person && !ctx.may(Permission::SignDayAsChecker) {
        return Err(AppError::new(Code::PermissionDenied));
    }
    runs::drop_reopening_wish(&mut tx, params.account_id, params.date).await?;
    let entry = reopening_audit(ctx, "close.keep_closed", &params, &close.digest);
    tx.audit(entry).await?;
    tx.commit().await?;
    one(ctx, params.account_id, params.date).await
}

pub(crate) async fn return_to_maker(ctx: &Ctx, params: ReturnDay) -> Result<CloseView, AppError> {
    ctx.person()?;
    let reason = check_text("reason", &params.reason, 500)?;
    let mut tx = ctx.app.store().begin().await?;
    if runs::locked_at(&mut *tx.conn(), params.account_id, params.date)
        .await?
        .is_some()
    {
        return Err(AppError::new(Code::DayClosed).with("date", params.date));
    }
    let signed = runs::signatures(&mut *tx.conn(), params.account_id, params.date).await?;
    let Some(maker) = signed.into_iter().find(|s| s.part == "maker") else {
        return Err(AppError::new(Code::MakerFirst).with("date", params.date));
    };
    runs::drop_maker_signature(&mut tx, params.account_id, params.date).await?;
    let mut entry = ctx.audit(
        "close.return_to_maker",
        "day",
        &format!("{} {}", params.account_id, params.date),
    );
    entry.before_digest = Some(maker.digest);
    entry.reason = Some(reason);
    tx.audit(entry).await?;
    tx.commit().await?;
    one(ctx, params.account_id, params.date).await
}

/// A day as its report shows it.
pub(crate) struct Shown {
    pub(crate) view: CloseView,
    /// The canonical text two people sign; `None` while there is nothing to sign.
    pub(crate) content: Option<String>,
    pub(crate) locked_at: Option<Timestamp>,
}

/// A day with the text its digest is over.
pub(crate) async fn shown(
    ctx: &Ctx,
    account_id: AccountId,
    date: BusinessDate,
) -> Result<Shown, AppError> {
    let account = accounts::briefs(&ctx.app)
        .await?
        .into_iter()
        .find(|a| a.account_id == account_id)
        .ok_or_else(|| AppError::not_found("account", account_id))?;
    let judged = judge(ctx, account_id, date).await?;
    Ok(Shown {
        view: view(ctx, account, &judged).await?,
        locked_at: judged.day.close.as_ref().and_then(|c| c.locked_at),
        content: judged.content,
    })
}
