//! Bills that are missing: the map of the last weeks, and fetching whatever can be fetched.

use std::collections::HashMap;
use std::pin::pin;

use zf_domain::{AccountId, BusinessDate};
use zf_store::bills::{self as rows, BillRecord};

use crate::accounts;
use crate::bills::{self, shown_status};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::tasks::{Task, TaskSpec};
use crate::wire::{
    AccountBrief, BillCount, BillKind, BillStatus, BillView, DeskGapDay, DeskGapRow, DeskGaps,
    FetchBill, FetchMissing, FetchMissingItem, FetchMissingResult, Tag,
};

/// Days of the map.
const GAP_DAYS: i64 = 35;
/// Bills one call fetches; what is left is counted.
const FETCH_MAX: usize = 500;
/// So many failures of one kind in a row: the rest would fail alike, and is not tried.
const FAILURES_MAX: u32 = 3;
/// One fetching of gaps at a time.
const TASK_ID: &str = "bills.fetch_missing";

/// A count as the wire carries it.
pub(crate) fn counted(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// How much a bill's word asks of a person; the highest of a day stands for it.
pub(crate) const fn severity(status: BillStatus) -> u8 {
    match status {
        BillStatus::Verified => 0,
        BillStatus::NoTrade => 1,
        BillStatus::NotDue => 2,
        BillStatus::Downloading => 3,
        BillStatus::Generating => 4,
        BillStatus::NotFetched => 5,
        BillStatus::Partial => 6,
        BillStatus::LostSoon => 7,
        BillStatus::Failed => 8,
        BillStatus::Refused => 9,
        BillStatus::Lost => 10,
    }
}

/// Whether asking the channel for a bill of this word now makes sense.
pub(crate) const fn can_fetch(status: BillStatus) -> bool {
    matches!(
        status,
        BillStatus::NotFetched
            | BillStatus::Generating
            | BillStatus::LostSoon
            | BillStatus::Partial
            | BillStatus::Failed
            | BillStatus::Refused
    )
}

/// The last weeks of every account, and which of their bills can be fetched.
pub(crate) async fn map(ctx: &Ctx, briefs: &[AccountBrief]) -> Result<DeskGaps, AppError> {
    let last = ctx.now.beijing_date().plus_days(-1);
    let first = last.plus_days(1 - GAP_DAYS);
    let mut counts: HashMap<BillStatus, u32> = HashMap::new();
    let mut fetchable = 0;
    let mut least_days_left: Option<u32> = None;
    let mut accounts = Vec::with_capacity(briefs.len());
    for brief in briefs {
        let days = days(ctx, brief.account_id, first, last).await?;
        for day in &days {
            least_days_left = least_days_left.into_iter().chain(day.days_left).min();
            for status in [day.trade, day.fund_flow] {
                fetchable += u32::from(can_fetch(status));
                *counts.entry(status).or_default() += 1;
            }
        }
        accounts.push(DeskGapRow {
            account_id: brief.account_id,
            days,
        });
    }
    let mut counts: Vec<BillCount> = counts
        .into_iter()
        .map(|(status, count)| BillCount { status, count })
        .collect();
    counts.sort_by_key(|c| severity(c.status));
    Ok(DeskGaps {
        accounts,
        counts,
        fetchable,
        least_days_left,
        first,
        last,
    })
}

/// Days of one account, oldest first.
async fn days(
    ctx: &Ctx,
    account_id: AccountId,
    first: BusinessDate,
    last: BusinessDate,
) -> Result<Vec<DeskGapDay>, AppError> {
    let today = ctx.now.beijing_date();
    let records = rows::between(ctx.app.store().pool(), account_id, first, last).await?;
    let known: HashMap<(BusinessDate, &str), &BillRecord> = records
        .iter()
        .map(|r| ((r.date, r.kind.as_str()), r))
        .collect();
    Ok((0..=last.days_since(first))
        .map(|ahead| {
            let date = first.plus_days(ahead);
            let status = |kind: BillKind| {
                shown_status(known.get(&(date, kind.as_str())).copied(), date, ctx.now)
            };
            let (trade, fund_flow) = (status(BillKind::Trade), status(BillKind::FundFlow));
            let left = bills::KEPT_DAYS - today.days_since(date);
            DeskGapDay {
                trade,
                fund_flow,
                worse: if severity(fund_flow) > severity(trade) {
                    fund_flow
                } else {
                    trade
                },
                days_left: (can_fetch(trade) || can_fetch(fund_flow))
                    .then(|| u32::try_from(left.max(0)).unwrap_or(0)),
            }
        })
        .collect())
}

/// A bill that can be fetched now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Gap {
    account_id: AccountId,
    date: BusinessDate,
    kind: BillKind,
    status: BillStatus,
}

/// Everything that can be fetched, in the order in which it is: first what will soon be lost, the
/// oldest first; then the newest days, which somebody is about to close.
fn order(gaps: &mut [Gap]) {
    gaps.sort_by_key(|gap| {
        let soon = gap.status == BillStatus::LostSoon;
        let days = gap.date.beijing_start().millis();
        (!soon, if soon { days } else { -days })
    });
}

pub(crate) async fn fetch_missing(
    ctx: &Ctx,
    params: FetchMissing,
) -> Result<FetchMissingResult, AppError> {
    if ctx.app.tasks().is_running(TASK_ID) {
        return Err(AppError::new(Code::BillsFetching));
    }
    let last = ctx.now.beijing_date().plus_days(-1);
    let first = last.plus_days(1 - GAP_DAYS);
    let mut gaps = Vec::new();
    for brief in accounts::briefs(&ctx.app).await? {
        if params.account_id.is_some_and(|id| id != brief.account_id) {
            continue;
        }
        let days = days(ctx, brief.account_id, first, last).await?;
        for (ahead, day) in (0..).zip(&days) {
            for (kind, status) in [
                (BillKind::Trade, day.trade),
                (BillKind::FundFlow, day.fund_flow),
            ] {
                if can_fetch(status) {
                    gaps.push(Gap {
                        account_id: brief.account_id,
                        date: first.plus_days(ahead),
                        kind,
                        status,
                    });
                }
            }
        }
    }
    order(&mut gaps);
    let left = counted(gaps.len().saturating_sub(FETCH_MAX));
    gaps.truncate(FETCH_MAX);
    let task = Task::begin(
        ctx,
        TaskSpec {
            id: TASK_ID.to_owned(),
            kind: "bill_gaps",
            subject: format!("{first} – {last}"),
            pause: true,
            cancel: true,
        },
    );
    let done = fetch_all(ctx, &gaps, left, &task).await;
    // Cancelled work has a result all the same: what it fetched stays, and the rest is named.
    match &done {
        Ok(result) if result.cancelled => {
            task.end(&Err::<(), _>(AppError::new(Code::TaskCancelled)));
        }
        _ => task.end(&done),
    }
    done
}

async fn fetch_all(
    ctx: &Ctx,
    gaps: &[Gap],
    left: u32,
    task: &Task,
) -> Result<FetchMissingResult, AppError> {
    let mut result = FetchMissingResult {
        fetched: 0,
        rows: 0,
        troubled: Vec::new(),
        left,
        cancelled: false,
        stopped: false,
    };
    let mut failing: Option<(Code, u32)> = None;
    for (done, gap) in gaps.iter().enumerate() {
        task.step("downloading", done as u64, Some(gaps.len() as u64));
        result.cancelled = result.cancelled || task.checkpoint().await.is_err();
        result.stopped = failing.is_some_and(|(_, times)| times >= FAILURES_MAX);
        let mut item = FetchMissingItem {
            account_id: gap.account_id,
            date: gap.date,
            kind: gap.kind,
            status: None,
            error: None,
        };
        if result.cancelled || result.stopped {
            result.troubled.push(item);
            continue;
        }
        match fetch_one(ctx, gap, task).await {
            Ok(view) => {
                failing = None;
                match view.status {
                    BillStatus::Verified | BillStatus::NoTrade => {
                        result.fetched += 1;
                        result.rows += view.rows;
                    }
                    status => {
                        item.status = Some(status);
                        result.troubled.push(item);
                    }
                }
                ctx.app.stale(&[Tag::Bills, Tag::Orders, Tag::Status]);
            }
            Err(error) if error.code == Code::TaskCancelled => {
                result.cancelled = true;
                result.troubled.push(item);
            }
            Err(error) => {
                failing = match failing {
                    Some((code, times)) if code == error.code => Some((code, times + 1)),
                    _ => Some((error.code, 1)),
                };
                item.error = Some(error.view());
                result.troubled.push(item);
            }
        }
    }
    task.step("ready", gaps.len() as u64, Some(gaps.len() as u64));
    Ok(result)
}

/// Fetches one bill as [`bills::fetch`] does; a wish to cancel the whole is passed on to it, and it
/// ends as it would by itself: before the file is there at once, after that with the file taken in.
async fn fetch_one(ctx: &Ctx, gap: &Gap, task: &Task) -> Result<BillView, AppError> {
    let request = FetchBill {
        account_id: gap.account_id,
        date: gap.date,
        kind: gap.kind,
    };
    let id = bills::task_id(gap.account_id, gap.kind, gap.date);
    let mut work = pin!(bills::fetch(ctx, request));
    match task.unless_cancelled(work.as_mut()).await {
        Ok(done) => done,
        Err(_) => {
            ctx.app.tasks().stop(&id);
            work.await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_will_soon_be_lost_comes_first_then_the_newest_day() {
        let account_id = AccountId::new();
        let gap = |date: &str, status| Gap {
            account_id,
            date: BusinessDate::parse(date).unwrap(),
            kind: BillKind::Trade,
            status,
        };
        let mut gaps = vec![
            gap("2026-11-17", BillStatus::NotFetched),
            gap("2026-09-02", BillStatus::LostSoon),
            gap("2026-11-19", BillStatus::Failed),
            gap("2026-09-01", BillStatus::LostSoon),
        ];
        order(&mut gaps);
        let dates: Vec<String> = gaps.iter().map(|g| g.date.to_string()).collect();
        assert_eq!(
            dates,
            ["2026-09-01", "2026-09-02", "2026-11-19", "2026-11-17"]
        );
    }
}
