//! The carry-over pool as people see it: what waits and until when, what is likely to clear with the next
//! bill, and how the last forecast came out.

use zf_domain::{AccountId, BusinessDate};
use zf_store::Conn;
use zf_store::carry as store;
use zf_store::recon::{self as runs, Unsettled};

use crate::bills::check_account;
use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire::{
    CarriedPage, CarriedSearch, CarriedView, ForecastPast, ForecastView, PoolAge, Sum,
};

/// Carry-over bands in days of age, as on the desk page.
const BANDS: [(u32, Option<u32>); 5] = [
    (0, Some(1)),
    (2, Some(3)),
    (4, Some(7)),
    (8, Some(30)),
    (31, None),
];
const PAGE_MAX: u32 = 200;

/// What is likely to clear with the next bill: that of the day after the last one reconciled, or of
/// today where nothing newer is to come before it.
pub(crate) async fn forecast(
    conn: &mut Conn,
    account: AccountId,
    today: BusinessDate,
    of: &[Unsettled],
) -> Result<ForecastView, AppError> {
    let last_run = runs::latest_runs(&mut *conn, account)
        .await?
        .last()
        .map(|run| run.date);
    let date = last_run.map_or(today, |day| day.plus_days(1)).min(today);
    let found = store::forecast(&mut *conn, account, date, of).await?;
    let last = store::last_forecast(&mut *conn, account).await?;
    Ok(ForecastView {
        date,
        count: found.count,
        sums: found
            .sums
            .into_iter()
            .map(|money| Sum {
                money,
                count: found.count,
            })
            .collect(),
        last: last.map(|(date, expected, cleared)| ForecastPast {
            date,
            expected,
            cleared,
        }),
    })
}

/// How old what is unsettled is.
pub(crate) async fn ages(
    conn: &mut Conn,
    account: AccountId,
    today: BusinessDate,
    of: &[Unsettled],
) -> Result<Vec<PoolAge>, AppError> {
    let days = store::ages(conn, account, of).await?;
    Ok(BANDS
        .into_iter()
        .map(|(from_days, to_days)| PoolAge {
            from_days,
            to_days,
            count: days
                .iter()
                .filter(|(day, _)| {
                    let age = today.days_since(**day).max(0);
                    age >= i64::from(from_days) && to_days.is_none_or(|to| age <= i64::from(to))
                })
                .map(|(_, count)| count)
                .sum(),
        })
        .collect())
}

pub(crate) async fn rows(ctx: &Ctx, params: CarriedSearch) -> Result<CarriedPage, AppError> {
    check_account(&ctx.app, params.account_id).await?;
    let after = match &params.cursor {
        Some(cursor) => {
            let (day, place) = cursor.split_once('/').unwrap_or((cursor, "0"));
            Some((
                BusinessDate::parse(day).map_err(|e| AppError::bad("cursor", e))?,
                place.parse().map_err(|e| AppError::bad("cursor", e))?,
            ))
        }
        None => None,
    };
    let limit = params.limit.clamp(1, PAGE_MAX);
    let pool = ctx.app.store().pool();
    let found = store::rows(pool, params.account_id, params.cleared, after, limit).await?;
    let next_cursor = (found.len() == limit as usize)
        .then(|| found.last().map(|c| format!("{}/{}", c.date, c.position)))
        .flatten();
    let today = ctx.now.beijing_date();
    let rows = found
        .into_iter()
        .map(|c| CarriedView {
            date: c.date,
            in_channel: c.in_channel,
            kind: c.kind,
            number: c.number,
            line_no: c.line_no,
            amount: c.amount,
            at: c.at,
            expected_date: c.expected,
            likely: c.likely,
            overdue: c.cleared.is_none() && today > c.expected,
            age_days: u32::try_from(today.days_since(c.date)).unwrap_or(0),
            cleared_date: c.cleared.map(|(date, _)| date),
            cleared_line: c.cleared.map(|(_, line)| line),
        })
        .collect();
    Ok(CarriedPage { rows, next_cursor })
}
