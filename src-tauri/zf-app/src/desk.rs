//! The desk page: the day to close, what waits for whom, and what is missing.
//!
//! Everything is added up by the store; nothing here reads orders or bill lines one by one. The words
//! are those of the rooms themselves: a day stands as its close says, a bill as its calendar says, a
//! request as the approval queue says.

use std::collections::HashMap;

use zf_domain::{AccountId, BusinessDate, Currency, Money, Permission, RefundState, Timestamp};
use zf_store::StoreError;
use zf_store::bills as rows;
use zf_store::carry;
use zf_store::desk as store;
use zf_store::recon::{self as runs, PoolDay};

use crate::accounts;
use crate::app::App;
use crate::bills::{self, due_at, is_settled};
use crate::close;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::gaps::{self, can_fetch, counted, severity};
use crate::orders;
use crate::recon;
use crate::refunds;
use crate::wire::{
    AccountBrief, BillKind, BillStatus, CloseStatus, DayRef, DeskAccount, DeskAction, DeskAge,
    DeskApproval, DeskDay, DeskMonth, DeskOverview, DeskPartial, DeskPool, DeskSeries, Nothing,
    Sum,
};

/// Days of the chart.
const MONTH_DAYS: i64 = 30;
/// Requests shown on the page.
const APPROVALS_MAX: usize = 6;
/// Ages of differences: first and last day of each band, as the trade counts them.
const BANDS: [(u32, Option<u32>); 5] = [
    (0, Some(1)),
    (2, Some(3)),
    (4, Some(7)),
    (8, Some(30)),
    (31, None),
];

/// The latest day whose bills are due.
fn business_date(now: Timestamp) -> BusinessDate {
    let yesterday = now.beijing_date().plus_days(-1);
    if now >= due_at(yesterday) {
        yesterday
    } else {
        yesterday.plus_days(-1)
    }
}

/// Unsettled differences that want a person, for the badge: broken and overdue.
pub(crate) async fn unsettled(app: &App, now: Timestamp) -> Result<u32, AppError> {
    let pool = runs::pool_by_day(app.store().pool(), now.beijing_date()).await?;
    let n: u64 = pool.iter().map(|d| d.broken + d.overdue).sum();
    Ok(u32::try_from(n).unwrap_or(u32::MAX))
}

pub(crate) async fn overview(ctx: &Ctx, _: Nothing) -> Result<DeskOverview, AppError> {
    let app = &ctx.app;
    let today = ctx.now.beijing_date();
    let date = business_date(ctx.now);
    let briefs = accounts::briefs(app).await?;
    let pool = pool(app, today).await?;
    let sums = store::day_sums(&mut *orders::reader(app).await?, date, date).await?;
    let (mut collected, mut refunded) = (Vec::new(), Vec::new());
    for day in &sums {
        orders::add_sum(&mut collected, day.currency, day.paid);
        orders::add_sum(&mut refunded, day.currency, day.refunded);
    }
    let mut standing = Vec::with_capacity(briefs.len());
    for brief in &briefs {
        let close = close::standing(ctx, brief.account_id, date).await?;
        standing.push(account(ctx, brief.clone(), date, &close, &pool)?);
    }
    let mut residuals: Vec<Money> = Vec::new();
    for residual in standing.iter().filter_map(|a| a.residual) {
        let size = residual.minor.saturating_abs();
        match residuals
            .iter_mut()
            .find(|r| r.currency == residual.currency)
        {
            Some(known) => known.minor = known.minor.saturating_add(size),
            None => residuals.push(Money::new(size, residual.currency)),
        }
    }
    let (approvals, mine, other, expire_at) = approvals(ctx).await?;
    let (unknown_sums, unknown_next_query_at) = unknown(app).await?;
    Ok(DeskOverview {
        business_date: date,
        today,
        as_of: ctx.now,
        collected,
        refunded,
        residuals,
        reconciled: counted(standing.iter().filter(|a| a.residual.is_some()).count()),
        pool: pool_of(&pool, None),
        approvals_mine: mine,
        approvals_other: other,
        approvals_expire_at: expire_at,
        approvals,
        unknown: counted(unknown_sums.iter().map(|s| s.count as usize).sum()),
        unknown_sums,
        unknown_next_query_at,
        accounts: standing,
        gaps: gaps::map(ctx, &briefs).await?,
        ages: ages(&pool, today),
    })
}

/// The pool by day and account. What a run found waiting belongs to it while its day is not locked:
/// a locked day is settled.
async fn pool(app: &App, today: BusinessDate) -> Result<Vec<PoolDay>, AppError> {
    let mut pool = runs::pool_by_day(app.store().pool(), today).await?;
    for group in carry::groups(app.store().pool(), None, today).await? {
        let (waiting, overdue) = if group.overdue {
            (0, group.count)
        } else {
            (group.count, 0)
        };
        match pool
            .iter_mut()
            .find(|d| d.account_id == group.account_id && d.date == group.date)
        {
            Some(day) => {
                day.waiting += waiting;
                day.overdue += overdue;
            }
            None => pool.push(PoolDay {
                account_id: group.account_id,
                date: group.date,
                waiting,
                broken: 0,
                overdue,
            }),
        }
    }
    pool.sort_by_key(|d| d.date);
    Ok(pool)
}

/// The counters of one account, or of all.
fn pool_of(pool: &[PoolDay], account: Option<AccountId>) -> DeskPool {
    let mut sum = DeskPool {
        waiting: 0,
        broken: 0,
        overdue: 0,
        first: None,
    };
    for day in pool
        .iter()
        .filter(|d| account.is_none_or(|a| d.account_id == a))
    {
        sum.waiting += day.waiting;
        sum.broken += day.broken;
        sum.overdue += day.overdue;
        if sum.first.is_none() && day.broken + day.overdue > 0 {
            sum.first = Some(DayRef {
                account_id: day.account_id,
                date: day.date,
            });
        }
    }
    sum
}

fn ages(pool: &[PoolDay], today: BusinessDate) -> Vec<DeskAge> {
    BANDS
        .into_iter()
        .map(|(from_days, to_days)| {
            let mut age = DeskAge {
                from_days,
                to_days,
                waiting: 0,
                broken: 0,
                overdue: 0,
            };
            for day in pool {
                let days = today.days_since(day.date).max(0);
                if days >= i64::from(from_days) && to_days.is_none_or(|to| days <= i64::from(to)) {
                    age.waiting += day.waiting;
                    age.broken += day.broken;
                    age.overdue += day.overdue;
                }
            }
            age
        })
        .collect()
}

fn account(
    ctx: &Ctx,
    account: AccountBrief,
    date: BusinessDate,
    close: &close::Standing,
    pool: &[PoolDay],
) -> Result<DeskAccount, AppError> {
    let id = account.account_id;
    let views = [
        bills::view(close.trade.as_ref(), id, date, BillKind::Trade, ctx.now),
        bills::view(close.fund.as_ref(), id, date, BillKind::FundFlow, ctx.now),
    ];
    let worse = if severity(views[1].status) > severity(views[0].status) {
        &views[1]
    } else {
        &views[0]
    };
    let left = bills::KEPT_DAYS - ctx.now.beijing_date().days_since(date);
    let trade = close.trade.as_ref().filter(|b| is_settled(b));
    let run = close.run.as_ref().filter(|_| close.run_is_current);
    let figures = run.map(recon::figures).transpose()?;
    let pool = pool_of(pool, Some(id));
    let action = next_action(close, worse.status, pool.broken + pool.overdue > 0);
    let (needs, obstacle) = match action {
        DeskAction::SeeBill | DeskAction::SeeClose => (None, None),
        DeskAction::SignMaker => (Some(Permission::SignDayAsMaker), close.obstacle),
        DeskAction::SignChecker => (Some(Permission::SignDayAsChecker), close.obstacle),
        DeskAction::FetchBill
        | DeskAction::ImportBooks
        | DeskAction::Reconcile
        | DeskAction::HandleDifferences => {
            let needs = Permission::RunReconciliation;
            (
                Some(needs),
                (!ctx.may(needs)).then_some(Code::PermissionDenied),
            )
        }
    };
    Ok(DeskAccount {
        account,
        bills_settled: counted(
            [&close.trade, &close.fund]
                .into_iter()
                .filter(|b| b.as_ref().is_some_and(is_settled))
                .count(),
        ),
        bill_status: worse.status,
        bill_days_left: (worse.status == BillStatus::LostSoon)
            .then(|| u32::try_from(left.max(0)).unwrap_or(0)),
        bill_next_try_at: worse.next_try_at,
        bill_rows: trade.map(|b| b.row_count),
        matched: run.map(|r| r.matched),
        match_basis_points: run.zip(figures.as_ref()).and_then(|(run, figures)| {
            basis_points(run.matched, figures.bill_rows)
                .map(|bp| u32::try_from(bp.min(10_000)).unwrap_or(10_000))
        }),
        pool,
        residual: run
            .zip(figures.as_ref())
            .map(|(run, figures)| Money::new(run.residual_minor, figures.currency)),
        close: close.status,
        closed_at: close.locked_at,
        action,
        needs,
        not_mine_because: obstacle.map(|code| code.text().code.to_owned()),
    })
}

/// `part` of `whole` in hundredths of a percent, rounded down: 100 % is never shown for less.
fn basis_points(part: u64, whole: u64) -> Option<u64> {
    if whole == 0 {
        return None;
    }
    u64::try_from(u128::from(part) * 10_000 / u128::from(whole)).ok()
}

/// The one next step of an account's day.
fn next_action(close: &close::Standing, worse: BillStatus, unsettled: bool) -> DeskAction {
    match close.status {
        CloseStatus::Closed if unsettled => DeskAction::HandleDifferences,
        CloseStatus::Closed => DeskAction::SeeClose,
        CloseStatus::BillMissing if can_fetch(worse) => DeskAction::FetchBill,
        CloseStatus::BillMissing | CloseStatus::WaitingForBill => DeskAction::SeeBill,
        CloseStatus::MakerToSign => DeskAction::SignMaker,
        CloseStatus::CheckerToSign => DeskAction::SignChecker,
        CloseStatus::NotStarted | CloseStatus::ItemsOpen => {
            if !close.has_books {
                DeskAction::ImportBooks
            } else if !close.run_is_current {
                DeskAction::Reconcile
            } else if close.open > 0 || unsettled {
                DeskAction::HandleDifferences
            } else {
                DeskAction::SeeClose
            }
        }
    }
}

type Approvals = (Vec<DeskApproval>, u32, u32, Option<Timestamp>);

/// The approval queue in short: whose, how many, and which expires first.
async fn approvals(ctx: &Ctx) -> Result<Approvals, AppError> {
    let queue = refunds::queue(ctx, Nothing {}).await?;
    let (mine, other) = (counted(queue.mine.len()), counted(queue.not_mine.len()));
    let expire_at = queue.mine.iter().filter_map(|row| row.expires_at).min();
    let short = queue
        .mine
        .into_iter()
        .map(|row| DeskApproval { row, because: None })
        .chain(queue.not_mine.into_iter().map(|n| DeskApproval {
            row: n.row,
            because: Some(n.because),
        }))
        .take(APPROVALS_MAX)
        .collect();
    Ok((short, mine, other, expire_at))
}

/// Refunds whose outcome nobody knows, and when the first of them is asked about next.
async fn unknown(app: &App) -> Result<(Vec<Sum>, Option<Timestamp>), AppError> {
    let rows: Vec<(String, i64, i64, Option<i64>)> = sqlx::query_as(
        "SELECT currency, COUNT(*), CAST(SUM(amount_minor) AS BIGINT), MIN(next_query_at) FROM refunds WHERE state = $1
         GROUP BY currency ORDER BY currency",
    )
    .bind(RefundState::Unknown.as_str())
    .fetch_all(app.store().pool())
    .await
    .map_err(StoreError::from)?;
    let mut sums = Vec::new();
    for (code, count, minor, _) in &rows {
        let currency =
            Currency::parse(code).map_err(|_| StoreError::unreadable("currency", code))?;
        orders::add_sum(
            &mut sums,
            currency,
            (*minor, u64::try_from(*count).unwrap_or(0)),
        );
    }
    let next = rows.iter().filter_map(|(.., next)| *next).min();
    Ok((sums, next.map(Timestamp::from_millis)))
}

pub(crate) async fn month(ctx: &Ctx, _: Nothing) -> Result<DeskMonth, AppError> {
    let last = business_date(ctx.now);
    let first = last.plus_days(1 - MONTH_DAYS);
    let sums = store::day_sums(&mut *orders::reader(&ctx.app).await?, first, last).await?;
    let mut series: Vec<DeskSeries> = Vec::new();
    for currency in Currency::ALL {
        let mut of_currency = sums.iter().filter(|s| s.currency == currency).peekable();
        if of_currency.peek().is_none() {
            continue;
        }
        let known: HashMap<BusinessDate, &store::DaySum> =
            of_currency.map(|s| (s.date, s)).collect();
        let days = (0..MONTH_DAYS)
            .map(|ahead| {
                let date = first.plus_days(ahead);
                let (paid, refunded) = known
                    .get(&date)
                    .map_or(((0, 0), (0, 0)), |s| (s.paid, s.refunded));
                let whole = u64::try_from(paid.0).unwrap_or(0);
                DeskDay {
                    date,
                    collected_minor: paid.0,
                    collected_count: paid.1,
                    refunded_minor: refunded.0,
                    refunded_count: refunded.1,
                    rate_basis_points: basis_points(u64::try_from(refunded.0).unwrap_or(0), whole),
                }
            })
            .collect();
        series.push(DeskSeries { currency, days });
    }
    let mut partial = Vec::new();
    for brief in accounts::briefs(&ctx.app).await? {
        let records = rows::between(ctx.app.store().pool(), brief.account_id, first, last).await?;
        let days: Vec<BusinessDate> = (0..MONTH_DAYS)
            .map(|ahead| first.plus_days(ahead))
            .filter(|date| {
                !records
                    .iter()
                    .any(|r| r.date == *date && r.kind == BillKind::Trade.as_str() && is_settled(r))
            })
            .collect();
        if !days.is_empty() {
            partial.push(DeskPartial {
                account_id: brief.account_id,
                days,
            });
        }
    }
    Ok(DeskMonth {
        first,
        last,
        series,
        partial,
        as_of: ctx.now,
    })
}
