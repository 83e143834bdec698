//! Trials: proposed rules run over days already reconciled, and every difference they would have hidden
//! or raised. Nothing of the trial's runs is kept but the report.

use std::collections::HashMap;
use std::io::Write as _;

use serde::{Deserialize, Serialize};
use zf_crypto::digest::{Sm3Stream, hex_lower};
use zf_domain::{BackTestId, DifferenceCode, DifferenceId, EntryKind, Money};
use zf_recon::report::text_cell;
use zf_recon::{Difference, Options, Reconciler};
use zf_store::carry;
use zf_store::recon::{self as runs, DifferenceFilter, DifferenceRecord, RunRecord};
use zf_store::rule_sets::{self as sets, BackTestItem, BackTestRecord};

use crate::bills::{blocking, check_account};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::word;
use crate::files::io_error;
use crate::orders;
use crate::recon::feed;
use crate::recon_rules::{self as rules, Terms};
use crate::tasks::{Task, TaskSpec};
use crate::wire::{
    BackTestChange, BackTestCode, BackTestDay, BackTestItemView, BackTestItems,
    BackTestItemsRequest, BackTestRef, BackTestRequest, BackTestView, FeeView, FileView,
};

/// Longest range.
pub(crate) const DAYS_MAX: u32 = 92;
/// What the engine may hold for one day.
const MEMORY_BYTES: usize = 128 << 20;
const PAGE_MAX: u32 = 200;

/// The part of a trial that is read as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Report {
    days: Vec<BackTestDay>,
    codes: Vec<BackTestCode>,
}

/// Fees of stored differences, as charged and as agreed.
type Fees = HashMap<DifferenceId, Option<(i64, i64)>>;

/// What makes two differences the same one.
type Identity = (
    DifferenceCode,
    EntryKind,
    String,
    Option<Money>,
    Option<Money>,
);

fn found(d: &Difference) -> Identity {
    let amount = |side: &Option<zf_recon::SideView>| side.map(|s| s.amount);
    (
        d.code,
        d.kind,
        d.key.clone(),
        amount(&d.channel),
        amount(&d.ledger),
    )
}

fn kept(d: &DifferenceRecord) -> Identity {
    let amount = |side: &Option<runs::SideRecord>| side.as_ref().map(|s| s.amount);
    (
        d.code,
        d.kind,
        d.number.clone(),
        amount(&d.channel),
        amount(&d.ledger),
    )
}

pub(crate) async fn run(ctx: &Ctx, params: BackTestRequest) -> Result<BackTestView, AppError> {
    ctx.person()?;
    check_account(&ctx.app, params.account_id).await?;
    if params.last < params.first || params.last.days_since(params.first) >= i64::from(DAYS_MAX) {
        return Err(AppError::bad(
            "last",
            format!("1–{DAYS_MAX} 天 / 1 to {DAYS_MAX} days"),
        ));
    }
    let task = Task::begin(
        ctx,
        TaskSpec {
            id: format!("back_test.{}", params.rule_set_id),
            kind: "back_test",
            subject: format!("{} – {}", params.first, params.last),
            pause: true,
            cancel: true,
        },
    );
    let done = run_in_task(ctx, params, &task).await;
    task.end(&done);
    done
}

async fn run_in_task(
    ctx: &Ctx,
    params: BackTestRequest,
    task: &Task,
) -> Result<BackTestView, AppError> {
    let person = ctx.person()?.user_id;
    let mut conn = orders::reader(&ctx.app).await?;
    let proposed = sets::by_id(&mut *conn, params.rule_set_id)
        .await?
        .filter(|set| set.state == "proposed")
        .ok_or_else(|| AppError::not_found("rules", params.rule_set_id))?;
    let force = rules::parse(&proposed)?;
    let against = rules::in_force(&mut conn).await?.rules.version;
    let channel = rules::channel_of(&mut conn, params.account_id).await?;
    let days: Vec<RunRecord> = runs::latest_runs(&mut *conn, params.account_id)
        .await?
        .into_iter()
        .filter(|r| r.date >= params.first && r.date <= params.last)
        .collect();
    drop(conn);
    if days.is_empty() {
        return Err(AppError::new(Code::NothingToReconcile)
            .with("date", format!("{} – {}", params.first, params.last))
            .with("missing", "对过账的日子 / days that were reconciled"));
    }
    let total = Some(days.len() as u64);
    let mut report = Report {
        days: Vec::with_capacity(days.len()),
        codes: DifferenceCode::ALL
            .iter()
            .map(|code| BackTestCode {
                code: *code,
                before: 0,
                after: 0,
            })
            .collect(),
    };
    let mut items = Vec::new();
    // What the tested rules have spent so far, by month.
    let mut spent: HashMap<String, i64> = HashMap::new();
    for (done, run) in (0_u64..).zip(&days) {
        task.step("matching", done, total);
        task.checkpoint().await?;
        let mut conn = orders::reader(&ctx.app).await?;
        let month = run.date.to_string()[..7].to_owned();
        let before = match spent.get(&month) {
            Some(before) => *before,
            // Days outside the range have spent what they have spent.
            None => {
                let range = [params.first, params.last];
                sets::spent_in_month(&mut *conn, &channel, run.date, run.account_id, range).await?
            }
        };
        let mut terms = Terms::of(
            force.clone(),
            channel.clone(),
            run.account_id,
            run.date,
            before,
        );
        let mut engine = Reconciler::new(Options {
            threads: 0,
            memory_bytes: MEMORY_BYTES,
            spill_dir: Some(ctx.app.home().join("inbox")),
            rules: Some(terms.run_rules()),
            ..Options::default()
        });
        feed(
            ctx,
            &mut engine,
            (run.bill_id, run.import_id),
            &mut terms,
            &|e| AppError::internal(e),
            task,
            None,
        )
        .await?;
        let matching = blocking(move || {
            let outcome = engine.finish().map_err(AppError::internal)?;
            let found = outcome
                .differences()
                .map_err(AppError::internal)?
                .collect::<Result<Vec<Difference>, _>>()
                .map_err(AppError::internal)?;
            Ok((outcome, found))
        });
        let (outcome, after) = task.unless_cancelled(matching).await??;
        let all = DifferenceFilter {
            limit: u32::MAX,
            ..DifferenceFilter::default()
        };
        let stood = runs::differences(&mut *conn, run.id, &all).await?;
        let made_by = sets::terms(&mut *conn, run.id).await?;
        let mut fees = HashMap::new();
        for difference in stood
            .iter()
            .filter(|d| d.code == DifferenceCode::FeeMismatch)
        {
            let fee = carry::terms(&mut *conn, difference.id).await?.fee;
            fees.insert(difference.id, fee);
        }
        drop(conn);
        for code in &mut report.codes {
            code.before += stood.iter().filter(|d| d.code == code.code).count() as u64;
            code.after += outcome.counts.of(code.code);
        }
        let record = terms.record(run.id, &outcome);
        spent.insert(month, before.saturating_add(record.spent_minor));
        let (hidden, raised) = compare(run, (&stood, &fees), &after, &mut items);
        report.days.push(BackTestDay {
            date: run.date,
            run_number: run.number,
            rules_version: made_by.map_or(0, |t| t.rules_version),
            before: stood.len() as u64,
            after: after.len() as u64,
            hidden,
            raised,
            tolerated_rows: record.tolerated_rows,
            spent_minor: record.spent_minor,
            ended_by: rules::ended_by(&record),
        });
    }
    task.past_cancelling();
    task.step("writing", days.len() as u64, total);
    for (position, item) in (1_u64..).zip(&mut items) {
        item.position = position;
    }
    let text = serde_json::to_string(&report).map_err(AppError::internal)?;
    let test = BackTestRecord {
        id: BackTestId::new(),
        rule_set_id: proposed.id,
        rules_digest: proposed.digest.clone(),
        against_version: against,
        account_id: params.account_id,
        first: params.first,
        last: params.last,
        hidden: items.iter().filter(|i| i.hidden).count() as u64,
        raised: items.iter().filter(|i| !i.hidden).count() as u64,
        digest: digest(&proposed.digest, &text, &items),
        report: text,
        run_by: person,
        at: ctx.now,
    };
    let mut tx = ctx.app.store().begin().await?;
    sets::add_back_test(&mut tx, &test, &items).await?;
    let mut entry = ctx.audit(
        "recon.back_test",
        "rules",
        &format!("v{}", proposed.version),
    );
    entry.before_digest = Some(proposed.digest);
    entry.after_digest = Some(test.digest.clone());
    entry.reason = Some(format!(
        "{} – {}: {} hidden, {} raised",
        test.first, test.last, test.hidden, test.raised
    ));
    tx.audit(entry).await?;
    tx.commit().await?;
    view(ctx, &test).await
}

/// Lists what stood and is gone, and what is there and did not stand; gives how many of each.
fn compare(
    run: &RunRecord,
    (stood, fees): (&[DifferenceRecord], &Fees),
    after: &[Difference],
    items: &mut Vec<BackTestItem>,
) -> (u64, u64) {
    let mut there: HashMap<Identity, u64> = HashMap::new();
    for difference in after {
        *there.entry(found(difference)).or_default() += 1;
    }
    let (mut hidden, mut raised) = (0, 0);
    let mut known: HashMap<Identity, u64> = HashMap::new();
    for difference in stood {
        let identity = kept(difference);
        *known.entry(identity.clone()).or_default() += 1;
        if let Some(left) = there.get_mut(&identity).filter(|left| **left > 0) {
            *left -= 1;
            continue;
        }
        hidden += 1;
        items.push(BackTestItem {
            position: 0,
            hidden: true,
            date: run.date,
            code: difference.code,
            kind: difference.kind,
            number: difference.number.clone(),
            channel: difference.channel.as_ref().map(|s| s.amount),
            ledger: difference.ledger.as_ref().map(|s| s.amount),
            channel_line: difference.channel.as_ref().map(|s| s.line_no),
            ledger_line: difference.ledger.as_ref().map(|s| s.line_no),
            fee: fees.get(&difference.id).copied().flatten(),
        });
    }
    for difference in after {
        if let Some(left) = known.get_mut(&found(difference)).filter(|left| **left > 0) {
            *left -= 1;
            continue;
        }
        raised += 1;
        items.push(BackTestItem {
            position: 0,
            hidden: false,
            date: run.date,
            code: difference.code,
            kind: difference.kind,
            number: difference.key.clone(),
            channel: difference.channel.map(|s| s.amount),
            ledger: difference.ledger.map(|s| s.amount),
            channel_line: difference.channel.map(|s| s.line_no),
            ledger_line: difference.ledger.map(|s| s.line_no),
            fee: difference.fee,
        });
    }
    (hidden, raised)
}

/// One line an item, each field closed by a tab.
fn digest(rules: &str, report: &str, items: &[BackTestItem]) -> String {
    let mut print = Sm3Stream::new();
    print.update(format!("zhangfang back-test 1\n{rules}\n{report}\n").as_bytes());
    for item in items {
        let money = |m: Option<Money>| {
            m.map_or_else(
                || "-".to_owned(),
                |m| format!("{} {}", m.minor, m.currency.code()),
            )
        };
        let fee = item
            .fee
            .map_or_else(|| "-".to_owned(), |(c, a)| format!("{c} {a}"));
        print.update(
            format!(
                "{}\t{}\t{}\t{}\t{}:{}\t{}\t{}\t{fee}\t\n",
                if item.hidden { "hidden" } else { "raised" },
                item.date,
                item.code.as_str(),
                item.kind.as_str(),
                item.number.len(),
                item.number,
                money(item.channel),
                money(item.ledger),
            )
            .as_bytes(),
        );
    }
    hex_lower(&print.finish())
}

pub(crate) async fn view(ctx: &Ctx, test: &BackTestRecord) -> Result<BackTestView, AppError> {
    let report: Report = serde_json::from_str(&test.report).map_err(AppError::internal)?;
    Ok(BackTestView {
        back_test_id: test.id,
        rule_set_id: test.rule_set_id,
        rules_digest: test.rules_digest.clone(),
        against_version: test.against_version,
        account_id: test.account_id,
        first: test.first,
        last: test.last,
        days: report.days,
        codes: report.codes,
        hidden: test.hidden,
        raised: test.raised,
        digest: test.digest.clone(),
        run_by: runs::person_name(ctx.app.store().pool(), test.run_by)
            .await?
            .unwrap_or_default(),
        at: test.at,
    })
}

async fn find(ctx: &Ctx, id: BackTestId) -> Result<BackTestRecord, AppError> {
    sets::back_test(ctx.app.store().pool(), id)
        .await?
        .ok_or_else(|| AppError::not_found("back-test", id))
}

pub(crate) async fn items(
    ctx: &Ctx,
    params: BackTestItemsRequest,
) -> Result<BackTestItems, AppError> {
    let test = find(ctx, params.back_test_id).await?;
    let after = match &params.cursor {
        Some(cursor) => cursor.parse().map_err(|e| AppError::bad("cursor", e))?,
        None => 0,
    };
    let limit = params.limit.clamp(1, PAGE_MAX);
    let mut conn = orders::reader(&ctx.app).await?;
    let found = sets::back_test_items(&mut conn, test.id, after, limit).await?;
    let next_cursor =
        (found.len() == limit as usize).then(|| found.last().map_or(0, |i| i.position).to_string());
    let rows = found.into_iter().map(item_view).collect();
    Ok(BackTestItems {
        rows,
        next_cursor,
        total: test.hidden + test.raised,
    })
}

fn item_view(item: BackTestItem) -> BackTestItemView {
    let currency = item
        .channel
        .or(item.ledger)
        .map_or(zf_domain::Currency::Cny, |m| m.currency);
    BackTestItemView {
        position: item.position,
        change: if item.hidden {
            BackTestChange::Hidden
        } else {
            BackTestChange::Raised
        },
        date: item.date,
        code: item.code,
        kind: item.kind,
        number: item.number,
        channel: item.channel,
        ledger: item.ledger,
        channel_line: item.channel_line,
        ledger_line: item.ledger_line,
        fee: item.fee.map(|(charged, agreed)| FeeView {
            charged: Money::new(charged, currency),
            agreed: Money::new(agreed, currency),
            over_budget: false,
        }),
    }
}

/// Every item as a CSV that opens in a spreadsheet: numbers as text, the digest in the last line.
pub(crate) async fn export(ctx: &Ctx, params: BackTestRef) -> Result<FileView, AppError> {
    let test = find(ctx, params.back_test_id).await?;
    let path = ctx.app.files().scratch();
    let file = std::fs::File::create(&path).map_err(|e| io_error(&path, &e))?;
    let mut out = std::io::BufWriter::new(file);
    let failed = |e: std::io::Error| io_error(&path, &e);
    let head = if params.english {
        "change,date,code,kind,number,channel,ours,currency,bill line,books line,fee charged,fee agreed"
    } else {
        "变化,日期,差异,类型,单号,渠道金额,我方金额,币种,账单行,账簿行,收取手续费,合同手续费"
    };
    writeln!(out, "\u{feff}{head}").map_err(failed)?;
    let mut after = 0;
    let mut conn = orders::reader(&ctx.app).await?;
    loop {
        let page = sets::back_test_items(&mut conn, test.id, after, 1_000).await?;
        for item in &page {
            after = item.position;
            let money = |m: Option<Money>| m.map_or_else(String::new, |m| m.to_decimal());
            let line = |n: Option<u64>| n.map_or_else(String::new, |n| n.to_string());
            let shown = item_view(item.clone());
            writeln!(
                out,
                "{},{},{},{},{},{},{},{},{},{},{},{}",
                word(shown.change),
                item.date,
                item.code.as_str(),
                item.kind.as_str(),
                text_cell(&item.number),
                money(item.channel),
                money(item.ledger),
                item.channel
                    .or(item.ledger)
                    .map_or("", |m| m.currency.code()),
                line(item.channel_line),
                line(item.ledger_line),
                money(shown.fee.as_ref().map(|f| f.charged)),
                money(shown.fee.as_ref().map(|f| f.agreed)),
            )
            .map_err(failed)?;
        }
        if page.len() < 1_000 {
            break;
        }
    }
    drop(conn);
    writeln!(
        out,
        "{},{},{},SM3 {}",
        if params.english { "total" } else { "合计" },
        test.hidden,
        test.raised,
        test.digest
    )
    .and_then(|()| out.flush())
    .map_err(failed)?;
    drop(out);
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit("recon.export_back_test", "rules", &test.id.to_string());
    entry.after_digest = Some(test.digest);
    tx.audit(entry).await?;
    tx.commit().await?;
    let name = format!("back-test-{}-{}.csv", test.first, test.last);
    ctx.app.files().register(&path, &name)
}
