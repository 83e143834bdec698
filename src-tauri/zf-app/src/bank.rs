//! Bank statements: imported, archived, and tied to the withdrawals of the fund flow.
//!
//! The tie is worked out when it is asked for, over a few weeks around the day, from what stands: the
//! withdrawals of the tied days, the statements nobody took out of use, and what people confirmed. The
//! program never chooses between two answers; a person does, and can take it back.

use std::collections::{BTreeMap, HashSet};

use zf_domain::{AccountId, BankConfirmationId, BankStatementId, BusinessDate, Currency, Money};
use zf_recon::bank::{self as engine, BankVerdict, Because, Bounds};
use zf_recon::flow::FlowCode;
use zf_recon::statement::{self, Statement, StatementError, StatementFault, StatementProblem};
use zf_store::Conn;
use zf_store::bank::{self as store, ConfirmationRecord, LineRecord, StatementRecord};
use zf_store::{flow as flows, recon as runs};

use crate::bills::{blocking, check_account, faults_of};
use crate::books::archive;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::faults;
use crate::files::{io_error, make_private_dir};
use crate::flow;
use crate::orders;
use crate::resolutions::check_text;
use crate::wire::{
    AccountRef, BankColumn, BankLine, BankReason, BankState, BankStatementView, BankStatements,
    ConfirmBank, DayRef, FileFault, FlowDay, FlowName, ImportBank, OpenPayout, ThreeWayRules,
    UndoBank, WithdrawBank, Withdrawal,
};

/// So many days before and after the asked one take part in the tie.
const WINDOW_DAYS: i64 = 14;
/// The bank's days may run over weekends and holidays; a person may reach further than the program.
const CHOICE_DAYS: i64 = 10;
/// Rows of each list of a reply.
const LIST_MAX: usize = 200;
/// Statements looked at for what they cover.
const STATEMENTS_MAX: u32 = 2_000;
/// Faults kept with a statement; the rest are counted.
const FAULTS_MAX: usize = 200;
/// Largest statement, bytes: it is read as a whole.
const BYTES_MAX: u64 = 64 << 20;

/// A withdrawal and where it is at the bank.
#[derive(Debug, Clone)]
pub(crate) struct Payout {
    /// Day and number.
    pub(crate) key: String,
    pub(crate) date: BusinessDate,
    pub(crate) business_no: String,
    /// Positive.
    pub(crate) amount: Money,
    flow_line: u64,
    pub(crate) state: BankState,
    because: Option<BankReason>,
    /// Places in [`Tied::lines`].
    pub(crate) lines: Vec<usize>,
    together: Vec<String>,
    confirmation: Option<ConfirmationRecord>,
}

/// The withdrawals around a day against the bank.
pub(crate) struct Tied {
    date: BusinessDate,
    pub(crate) payouts: Vec<Payout>,
    pub(crate) lines: Vec<(LineRecord, Currency)>,
    taken: Vec<bool>,
    pub(crate) statements: Vec<StatementRecord>,
}

impl Tied {
    /// The withdrawals of the asked day.
    pub(crate) fn of_day(&self) -> impl Iterator<Item = &Payout> {
        self.payouts.iter().filter(|p| p.date == self.date)
    }

    /// Where a withdrawal stands in its statement: the file's line numbers.
    pub(crate) fn line_numbers(&self, payout: &Payout) -> Vec<u64> {
        payout
            .lines
            .iter()
            .map(|n| self.lines[*n].0.line_no)
            .collect()
    }
}

/// Days some standing statement covers, as stretches without a gap.
fn covered(statements: &[StatementRecord]) -> Vec<(BusinessDate, BusinessDate)> {
    let mut spans: Vec<_> = statements
        .iter()
        .map(|s| (s.first_day, s.last_day))
        .collect();
    spans.sort_unstable();
    let mut joined: Vec<(BusinessDate, BusinessDate)> = Vec::new();
    for (first, last) in spans {
        match joined.last_mut() {
            Some(open) if first <= open.1.plus_days(1) => open.1 = open.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// The credits that may be the channel's: a booking that stands in two statements counts once, and where a
/// statement names the channel, what does not name it is somebody else's.
fn of_the_channel(
    lines: Vec<(LineRecord, Currency)>,
    rules: &ThreeWayRules,
) -> Vec<(LineRecord, Currency)> {
    let names = |l: &LineRecord| {
        rules
            .bank_words
            .iter()
            .any(|w| l.text.contains(w.as_str()) || l.counterparty.contains(w.as_str()))
    };
    let naming: HashSet<BankStatementId> = lines
        .iter()
        .filter(|(l, _)| names(l))
        .map(|(l, _)| l.statement_id)
        .collect();
    let mut seen = HashSet::new();
    lines
        .into_iter()
        .filter(|(l, _)| names(l) || !naming.contains(&l.statement_id))
        .filter(|(l, _)| {
            // Without number and balance two equal bookings cannot be told from one.
            let tells = !l.serial_no.is_empty() || l.balance_minor.is_some();
            let own = (!tells).then_some((l.statement_id, l.line_no));
            let text = (l.serial_no.clone(), l.text.clone());
            seen.insert((l.day, l.minor, l.balance_minor, text, own))
        })
        .collect()
}

/// Ties the withdrawals around a day to the bank's lines.
pub(crate) async fn tied(
    conn: &mut Conn,
    account: AccountId,
    date: BusinessDate,
    rules: &ThreeWayRules,
) -> Result<Tied, AppError> {
    let days = i64::from(rules.bank_days);
    let reach = days.max(CHOICE_DAYS);
    let (first, last) = (date.plus_days(-WINDOW_DAYS), date.plus_days(WINDOW_DAYS));
    let names = flows::names(&mut *conn, account, first.plus_days(-days), last).await?;
    let found = flows::findings(
        &mut *conn,
        account,
        first.plus_days(-days),
        last,
        Some(FlowCode::OtherEntry.as_str()),
    )
    .await?;
    let mut payouts: Vec<Payout> = Vec::new();
    for f in found {
        let is_payout = f.booked_minor < 0
            && flow::named(&f, &names, rules).is_some_and(|n| n.name == FlowName::Withdrawal);
        if !is_payout {
            continue;
        }
        let mut key = format!("{}/{}", f.date, f.business_no);
        if payouts.iter().any(|p| p.key == key) {
            key = format!("{key}/{}", f.flow_line());
        }
        payouts.push(Payout {
            key,
            date: f.date,
            amount: Money::cny(f.booked_minor.saturating_neg()),
            flow_line: f.flow_line(),
            business_no: f.business_no,
            state: BankState::NoStatement,
            because: None,
            lines: Vec::new(),
            together: Vec::new(),
            confirmation: None,
        });
    }
    let statements = store::statements(&mut *conn, account, STATEMENTS_MAX).await?;
    let credits = store::credits(
        &mut *conn,
        account,
        first.plus_days(-days),
        last.plus_days(reach),
    )
    .await?;
    let lines = of_the_channel(credits, rules);
    let mut tied = Tied {
        date,
        payouts,
        taken: vec![false; lines.len()],
        lines,
        statements,
    };
    if tied.payouts.is_empty() {
        return Ok(tied);
    }
    for confirmation in store::confirmations(&mut *conn, account).await? {
        take_confirmed(&mut tied, confirmation)?;
    }
    judge(&mut tied, days);
    Ok(tied)
}

/// What a person chose, as long as every line and withdrawal of it is still there.
fn take_confirmed(tied: &mut Tied, confirmation: ConfirmationRecord) -> Result<(), AppError> {
    let lines: Vec<(BankStatementId, u64)> =
        serde_json::from_str(&confirmation.lines).map_err(AppError::internal)?;
    let keys: Vec<String> =
        serde_json::from_str(&confirmation.payouts).map_err(AppError::internal)?;
    let at: Option<Vec<usize>> = lines
        .iter()
        .map(|(statement, line)| {
            tied.lines
                .iter()
                .position(|(l, _)| l.statement_id == *statement && l.line_no == *line)
        })
        .collect();
    let who: Option<Vec<usize>> = keys
        .iter()
        .map(|key| tied.payouts.iter().position(|p| p.key == *key))
        .collect();
    let (Some(at), Some(who)) = (at, who) else {
        return Ok(());
    };
    let sum: i128 = who
        .iter()
        .map(|n| i128::from(tied.payouts[*n].amount.minor))
        .sum();
    if sum != i128::from(confirmation.amount_minor) || at.iter().any(|n| tied.taken[*n]) {
        return Ok(());
    }
    for n in &at {
        tied.taken[*n] = true;
    }
    for n in who {
        let payout = &mut tied.payouts[n];
        payout.state = BankState::Matched;
        payout.because = Some(BankReason::Person);
        payout.lines.clone_from(&at);
        payout.together = keys.iter().filter(|k| **k != payout.key).cloned().collect();
        payout.confirmation = Some(confirmation.clone());
    }
    Ok(())
}

/// What the engine says of everything people have not settled.
fn judge(tied: &mut Tied, days: i64) {
    let open: Vec<engine::Payout> = tied
        .payouts
        .iter()
        .filter(|p| p.state != BankState::Matched)
        .map(|p| engine::Payout {
            id: p.key.clone(),
            amount: p.amount,
            day: p.date,
            reference: p.business_no.clone(),
        })
        .collect();
    // A line's number here is its place in the list: line numbers of two files may be the same.
    let lines: Vec<engine::BankLine> = tied
        .lines
        .iter()
        .enumerate()
        .filter(|(n, _)| !tied.taken[*n])
        .map(|(n, (l, currency))| engine::BankLine {
            line_no: n as u64,
            amount: Money::new(l.minor, *currency),
            day: l.day,
            text: format!("{} {} {}", l.text, l.counterparty, l.serial_no),
        })
        .collect();
    let bounds = Bounds {
        days_max: u16::try_from(days).unwrap_or(u16::MAX),
        ..Bounds::default()
    };
    let outcome = engine::tie(open, lines, bounds);
    let spans = covered(&tied.statements);
    let mut matched: BTreeMap<String, (Vec<usize>, BankReason, Vec<String>)> = BTreeMap::new();
    for (line, verdict) in &outcome.lines {
        let BankVerdict::Matched { payouts, because } = verdict else {
            continue;
        };
        let at = usize::try_from(line.line_no).unwrap_or(usize::MAX);
        if let Some(taken) = tied.taken.get_mut(at) {
            *taken = true;
        }
        let because = match because {
            Because::Reference => BankReason::Reference,
            Because::Amount => BankReason::Amount,
            Because::Group => BankReason::Group,
            Because::Split => BankReason::Split,
        };
        for key in payouts {
            let entry = matched
                .entry(key.clone())
                .or_insert_with(|| (Vec::new(), because, Vec::new()));
            entry.0.push(at);
            entry.2 = payouts.iter().filter(|k| *k != key).cloned().collect();
        }
    }
    for payout in &mut tied.payouts {
        if payout.state == BankState::Matched {
            continue;
        }
        if let Some((lines, because, together)) = matched.remove(&payout.key) {
            payout.state = BankState::Matched;
            payout.because = Some(because);
            payout.lines = lines;
            payout.together = together;
            continue;
        }
        let mut ambiguous = false;
        let mut other = Vec::new();
        let mut unsearched = false;
        for (line, verdict) in &outcome.lines {
            let at = usize::try_from(line.line_no).unwrap_or(usize::MAX);
            let near = (0..=days).contains(&line.day.days_since(payout.date));
            match verdict {
                BankVerdict::Ambiguous { examples } => {
                    // Two of the answers are told; an equal amount is an answer as well.
                    ambiguous |= examples.iter().any(|e| e.contains(&payout.key))
                        || (near && line.amount == payout.amount);
                }
                BankVerdict::OtherAmount { payouts, .. } if payouts.contains(&payout.key) => {
                    other.push(at);
                }
                BankVerdict::NotSearched { .. } => unsearched |= near,
                _ => {}
            }
        }
        let until = payout.date.plus_days(days);
        payout.state = if ambiguous {
            BankState::Ambiguous
        } else if !other.is_empty() {
            payout.lines = other;
            BankState::OtherAmount
        } else if unsearched {
            BankState::NotSearched
        } else if spans
            .iter()
            .any(|(first, last)| *first <= payout.date && *last >= until)
        {
            BankState::Missing
        } else {
            BankState::NoStatement
        };
    }
}

/// What the console shows of a tie.
pub(crate) struct Shown {
    pub(crate) withdrawals: Vec<Withdrawal>,
    pub(crate) open_lines: Vec<BankLine>,
    pub(crate) open_payouts: Vec<OpenPayout>,
}

pub(crate) async fn views(conn: &mut Conn, tied: &Tied) -> Result<Shown, AppError> {
    let line = |n: usize| {
        let (l, currency) = &tied.lines[n];
        BankLine {
            statement_id: l.statement_id,
            file_name: tied
                .statements
                .iter()
                .find(|s| s.id == l.statement_id)
                .map(|s| s.file_name.clone())
                .unwrap_or_default(),
            line_no: l.line_no,
            day: l.day,
            amount: Money::new(l.minor, *currency),
            text: l.text.clone(),
            counterparty: l.counterparty.clone(),
            serial_no: l.serial_no.clone(),
        }
    };
    let mut withdrawals = Vec::new();
    for p in tied.of_day().take(LIST_MAX) {
        let confirmed_by = match &p.confirmation {
            Some(c) => runs::person_name(&mut *conn, c.confirmed_by).await?,
            None => None,
        };
        withdrawals.push(Withdrawal {
            key: p.key.clone(),
            business_no: p.business_no.clone(),
            amount: p.amount,
            flow_line: p.flow_line,
            state: p.state,
            because: p.because,
            lines: p.lines.iter().map(|n| line(*n)).collect(),
            together_with: p.together.clone(),
            confirmation_id: p.confirmation.as_ref().map(|c| c.id),
            confirmed_by,
            reason: p.confirmation.as_ref().map(|c| c.reason.clone()),
        });
    }
    let near = |day: BusinessDate| (0..=CHOICE_DAYS).contains(&day.days_since(tied.date));
    Ok(Shown {
        withdrawals,
        open_lines: (0..tied.lines.len())
            .filter(|n| !tied.taken[*n] && near(tied.lines[*n].0.day))
            .take(LIST_MAX)
            .map(line)
            .collect(),
        open_payouts: tied
            .payouts
            .iter()
            .filter(|p| {
                p.state != BankState::Matched && p.date.days_since(tied.date).abs() <= CHOICE_DAYS
            })
            .take(LIST_MAX)
            .map(|p| OpenPayout {
                key: p.key.clone(),
                date: p.date,
                business_no: p.business_no.clone(),
                amount: p.amount,
                state: p.state,
            })
            .collect(),
    })
}

async fn view(
    conn: &mut Conn,
    s: &StatementRecord,
    already_imported: bool,
) -> Result<BankStatementView, AppError> {
    Ok(BankStatementView {
        statement_id: s.id,
        file_name: s.file_name.clone(),
        sha256: s.sha256.clone(),
        encoding: s.encoding.clone(),
        columns: serde_json::from_str(&s.columns).unwrap_or_default(),
        rows: s.row_count,
        faults: faults_of(&s.faults),
        fault_count: s.fault_count,
        first_day: s.first_day,
        last_day: s.last_day,
        imported_by: runs::person_name(&mut *conn, s.imported_by)
            .await?
            .unwrap_or_default(),
        imported_at: s.imported_at,
        already_imported,
    })
}

pub(crate) async fn statements(ctx: &Ctx, params: AccountRef) -> Result<BankStatements, AppError> {
    check_account(&ctx.app, params.account_id).await?;
    let mut conn = orders::reader(&ctx.app).await?;
    let found = store::statements(&mut *conn, params.account_id, LIST_MAX as u32).await?;
    let mut shown = Vec::with_capacity(found.len());
    for s in &found {
        let mut one = view(&mut conn, s, false).await?;
        // The list stays small; one import shows all that was kept.
        one.faults.truncate(3);
        shown.push(one);
    }
    Ok(BankStatements {
        account_id: params.account_id,
        statements: shown,
    })
}

/// A fault in words.
fn fault(f: &StatementFault) -> FileFault {
    let (problem, remedy) = match f.problem {
        StatementProblem::Date => (
            "日期应如 2026-11-19 / a date such as 2026-11-19 is expected",
            "请改正这一处后重新导入；其余行已读取。 / Correct it and import again; the other rows were read.",
        ),
        StatementProblem::Amount | StatementProblem::Balance => (
            "不是金额，应如 1,234.50 / not an amount; 1,234.50 is expected",
            "请改正这一处后重新导入；其余行已读取。 / Correct it and import again; the other rows were read.",
        ),
        StatementProblem::TwoAmounts => (
            "同一行既有收入又有支出 / money in and out on one line",
            "请按银行原文件核对这一行。 / Compare this row with the bank's own file.",
        ),
        StatementProblem::NoAmount => (
            "这一行没有金额 / this row has no amount",
            "请按银行原文件核对这一行。 / Compare this row with the bank's own file.",
        ),
        StatementProblem::Direction => (
            "看不出是收入还是支出 / neither in nor out",
            "借贷标志应为 借、贷、收入或支出。 / The direction must say credit or debit.",
        ),
    };
    FileFault {
        line: f.line_no,
        column: (!f.column.is_empty()).then(|| f.column.clone()),
        field: (!f.text.is_empty()).then(|| f.text.clone()),
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// What the columns are called towards people, in both languages.
fn column_name(field: &str) -> (&'static str, &'static str) {
    match field {
        "day" => ("交易日期", "date"),
        "credit" => ("贷方/收入", "credit"),
        "debit" => ("借方/支出", "debit"),
        "amount" => ("金额", "amount"),
        _ => ("余额", "balance"),
    }
}

fn refused(name: &str, error: &StatementError) -> AppError {
    let save = "请在网银导出 CSV，或用表格软件另存为“CSV UTF-8”后再导入。 / Export CSV from the bank, or save the sheet as “CSV UTF-8”, then import that.";
    let (line, column, problem) = match error {
        StatementError::Empty => (1, None, "文件是空的 / the file is empty".to_owned()),
        StatementError::NotText(_) => (
            1,
            None,
            format!("文件是电子表格、压缩包或 PDF，不是 CSV 文本 / {error}"),
        ),
        StatementError::Encoding(_) => (
            1,
            None,
            format!("文件编码既不是 UTF-8 也不是 GBK / {error}"),
        ),
        StatementError::Header { missing, line_no } => {
            let zh: Vec<_> = missing.iter().map(|f| column_name(f).0).collect();
            let en: Vec<_> = missing.iter().map(|f| column_name(f).1).collect();
            (
                *line_no,
                None,
                format!(
                    "表头缺列：{} / the header lacks {}",
                    zh.join("、"),
                    en.join(", ")
                ),
            )
        }
        StatementError::ColumnTwice { line_no, field } => {
            let (zh, en) = column_name(field);
            (
                *line_no,
                None,
                format!("表头里有两列都是{zh} / two columns of the header hold the {en}"),
            )
        }
    };
    faults::refused(
        name,
        &FileFault {
            line,
            column,
            field: None,
            problem,
            remedy: save.to_owned(),
        },
    )
}

pub(crate) async fn import(ctx: &Ctx, params: ImportBank) -> Result<BankStatementView, AppError> {
    let app = &ctx.app;
    let person = ctx.person()?.user_id;
    let account_id = params.account_id;
    check_account(app, account_id).await?;
    let file = app.files().find(&params.file_token)?;
    let folder = app.home().join("bank").join(account_id.to_string());
    make_private_dir(&folder)?;
    let (source, name) = (file.path.clone(), file.name.clone());
    let archived = blocking(move || {
        let size = std::fs::metadata(&source)
            .map_err(|e| io_error(&source, &e))?
            .len();
        if size > BYTES_MAX {
            return Err(AppError::new(Code::FileTooLarge)
                .with("name", &name)
                .with("limit", "64 MB"));
        }
        archive(&source, &folder, "statement", "csv")
    })
    .await?;
    let mut conn = orders::reader(app).await?;
    let standing = store::with_bytes(&mut *conn, account_id, &archived.sha256).await?;
    if let Some(standing) = standing {
        return view(&mut conn, &standing, true).await;
    }
    drop(conn);

    let path = archived.path.clone();
    let read: Result<Statement, StatementError> = blocking(move || {
        let bytes = std::fs::read(&path).map_err(|e| io_error(&path, &e))?;
        Ok(statement::read(&bytes, Currency::Cny))
    })
    .await?;
    let read = read.map_err(|error| refused(&file.name, &error))?;
    let (Some(first_day), Some(last_day)) = (
        read.rows.iter().map(|r| r.day).min(),
        read.rows.iter().map(|r| r.day).max(),
    ) else {
        return Err(match read.faults.first() {
            Some(first) => faults::refused(&file.name, &fault(first)),
            None => refused(&file.name, &StatementError::Empty),
        });
    };
    let columns: Vec<BankColumn> = read
        .columns
        .iter()
        .map(|(field, column)| BankColumn {
            field: field.as_str().to_owned(),
            column: column.clone(),
        })
        .collect();
    let kept: Vec<FileFault> = read.faults.iter().take(FAULTS_MAX).map(fault).collect();
    let record = StatementRecord {
        id: BankStatementId::new(),
        account_id,
        file_name: file.name.clone(),
        path: archived
            .path
            .strip_prefix(app.home())
            .unwrap_or(&archived.path)
            .to_string_lossy()
            .into_owned(),
        sha256: archived.sha256,
        currency: Currency::Cny,
        encoding: read.encoding.to_owned(),
        columns: serde_json::to_string(&columns).map_err(AppError::internal)?,
        row_count: read.rows.len() as u64,
        faults: serde_json::to_string(&kept).map_err(AppError::internal)?,
        fault_count: read.faults.len() as u64,
        first_day,
        last_day,
        imported_by: person,
        imported_at: ctx.now,
    };
    let lines: Vec<LineRecord> = read
        .rows
        .into_iter()
        .map(|r| LineRecord {
            statement_id: record.id,
            line_no: r.line_no,
            day: r.day,
            minor: r.minor,
            balance_minor: r.balance_minor,
            serial_no: r.serial_no,
            text: r.text,
            counterparty: r.counterparty,
        })
        .collect();
    let mut tx = app.store().begin().await?;
    // Somebody may have imported the same bytes in the meantime.
    if let Some(standing) = store::with_bytes(&mut *tx.conn(), account_id, &record.sha256).await? {
        return view(tx.conn(), &standing, true).await;
    }
    store::add(&mut tx, &record, &lines).await?;
    let mut entry = ctx.audit(
        "recon.import_bank",
        "bank_statement",
        &record.id.to_string(),
    );
    entry.after_digest = Some(record.sha256.clone());
    entry.reason = Some(format!(
        "{}: {} rows of {first_day} to {last_day}, {} not read",
        record.file_name, record.row_count, record.fault_count
    ));
    tx.audit(entry).await?;
    tx.commit().await?;
    view(&mut *orders::reader(app).await?, &record, false).await
}

pub(crate) async fn withdraw(ctx: &Ctx, params: WithdrawBank) -> Result<BankStatements, AppError> {
    let person = ctx.person()?.user_id;
    let reason = check_text("reason", &params.reason, 500)?;
    let mut tx = ctx.app.store().begin().await?;
    let (account_id, sha256) =
        store::withdraw(&mut tx, params.statement_id, person, ctx.now, &reason)
            .await?
            .filter(|(account, _)| *account == params.account_id)
            .ok_or_else(|| AppError::not_found("bank statement", params.statement_id))?;
    let mut entry = ctx.audit(
        "recon.withdraw_bank",
        "bank_statement",
        &params.statement_id.to_string(),
    );
    entry.before_digest = Some(sha256);
    entry.reason = Some(reason);
    tx.audit(entry).await?;
    tx.commit().await?;
    statements(ctx, AccountRef { account_id }).await
}

pub(crate) async fn confirm(ctx: &Ctx, params: ConfirmBank) -> Result<FlowDay, AppError> {
    let person = ctx.person()?.user_id;
    let reason = check_text("reason", &params.reason, 500)?;
    let (account_id, date) = (params.account_id, params.date);
    check_account(&ctx.app, account_id).await?;
    let sizes = 1..=LIST_MAX;
    if !sizes.contains(&params.lines.len()) || !sizes.contains(&params.payouts.len()) {
        return Err(AppError::bad(
            "lines",
            "至少选一行银行流水和一笔提现 / choose at least one bank line and one withdrawal",
        ));
    }
    let mut tx = ctx.app.store().begin().await?;
    let rules = flow::rules_of(tx.conn()).await?;
    let tied = tied(tx.conn(), account_id, date, &rules).await?;
    let illegal = |number: &str| {
        AppError::new(Code::IllegalStep)
            .with("number", number)
            .with("from", "matched")
            .with("to", "matched")
    };
    let (mut at_bank, mut paid_out) = (0_i128, 0_i128);
    let mut currencies = HashSet::new();
    let mut lines: Vec<(BankStatementId, u64)> = Vec::new();
    for wanted in &params.lines {
        let place = tied
            .lines
            .iter()
            .position(|(l, _)| l.statement_id == wanted.statement_id && l.line_no == wanted.line_no)
            .ok_or_else(|| AppError::not_found("bank line", wanted.line_no))?;
        let chosen = (wanted.statement_id, wanted.line_no);
        if tied.taken[place] || lines.contains(&chosen) {
            return Err(illegal(&wanted.line_no.to_string()));
        }
        at_bank += i128::from(tied.lines[place].0.minor);
        currencies.insert(tied.lines[place].1);
        lines.push(chosen);
    }
    let mut payouts: Vec<String> = Vec::new();
    for key in &params.payouts {
        let payout = tied
            .payouts
            .iter()
            .find(|p| p.key == *key)
            .ok_or_else(|| AppError::not_found("withdrawal", key))?;
        if payout.state == BankState::Matched || payouts.contains(key) {
            return Err(illegal(&payout.business_no));
        }
        paid_out += i128::from(payout.amount.minor);
        currencies.insert(payout.amount.currency);
        payouts.push(key.clone());
    }
    let (1, Some(currency)) = (currencies.len(), currencies.iter().next().copied()) else {
        return Err(AppError::bad(
            "lines",
            "两种币种不能相加 / two currencies are never added",
        ));
    };
    let sum = |minor: i128| {
        i64::try_from(minor).map_or_else(
            |_| minor.to_string(),
            |minor| Money::new(minor, currency).to_decimal(),
        )
    };
    if at_bank != paid_out {
        return Err(AppError::bad(
            "lines",
            format!(
                "银行流水合计 {}，提现合计 {}，不相等 / the bank lines add up to {}, the withdrawals to {}",
                sum(at_bank),
                sum(paid_out),
                sum(at_bank),
                sum(paid_out)
            ),
        ));
    }
    let record = ConfirmationRecord {
        id: BankConfirmationId::new(),
        account_id,
        lines: serde_json::to_string(&lines).map_err(AppError::internal)?,
        payouts: serde_json::to_string(&payouts).map_err(AppError::internal)?,
        currency,
        amount_minor: i64::try_from(paid_out).map_err(AppError::internal)?,
        reason: reason.clone(),
        confirmed_by: person,
        confirmed_at: ctx.now,
    };
    store::confirm(&mut tx, &record).await?;
    let mut entry = ctx.audit("recon.confirm_bank", "bank_match", &record.id.to_string());
    entry.reason = Some(format!(
        "{} = {} lines, {}: {reason}",
        payouts.join(" + "),
        lines.len(),
        sum(paid_out)
    ));
    tx.audit(entry).await?;
    tx.commit().await?;
    flow::day(ctx, DayRef { account_id, date }).await
}

pub(crate) async fn undo(ctx: &Ctx, params: UndoBank) -> Result<FlowDay, AppError> {
    let person = ctx.person()?.user_id;
    let reason = check_text("reason", &params.reason, 500)?;
    let id = params.confirmation_id;
    let mut tx = ctx.app.store().begin().await?;
    if !store::undo_confirmation(&mut tx, id, person, ctx.now, &reason).await? {
        return Err(AppError::not_found("bank match", id));
    }
    let mut entry = ctx.audit("recon.undo_bank", "bank_match", &id.to_string());
    entry.reason = Some(reason);
    tx.audit(entry).await?;
    tx.commit().await?;
    let (account_id, date) = (params.account_id, params.date);
    flow::day(ctx, DayRef { account_id, date }).await
}
