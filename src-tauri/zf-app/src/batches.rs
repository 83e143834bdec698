//! Receipts for many orders. The orders of a batch are stored before the first receipt is made, and
//! each outcome in the transaction of its receipt, so that a batch cut off anywhere goes on where it
//! was. An order that has a receipt gets no second, whoever asks and however often.

use zf_domain::{Clock as _, OrderId, ReceiptBatchId};
use zf_store::batches::{self as store, BatchRecord, BatchRowRecord};

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{read_word, word};
use crate::tasks::{Task, TaskSpec};
use crate::wire::{
    BatchList, BatchOutcome, BatchRef, BatchRowView, BatchRows, BatchRowsRequest, BatchState,
    BatchView, ErrorView, IssueBatch, Nothing, OrderSearch, Tag,
};
use crate::{orders, receipts};

/// Orders of one batch.
const ORDERS_MAX: usize = orders::PICKED_MAX;
/// Batches shown.
const LIST_MAX: u32 = 50;
const PAGE_MAX: u32 = 200;
/// Characters of a title.
const TITLE_MAX: usize = 80;

fn view(ctx: &Ctx, record: &BatchRecord) -> BatchView {
    BatchView {
        batch_id: record.id,
        number: record.number,
        title: record.title.clone(),
        state: read_word(&record.state).unwrap_or(BatchState::Failed),
        total: record.total,
        issued: record.issued,
        already: record.already,
        failed: record.failed,
        created_by: record.created_by_name.clone(),
        created_at: record.created_at,
        finished_at: record.finished_at,
        task_id: task_id(record.id),
        mine: ctx
            .person
            .as_ref()
            .is_some_and(|p| p.user_id == record.created_by),
    }
}

fn task_id(id: ReceiptBatchId) -> String {
    format!("receipts.{id}")
}

async fn load(ctx: &Ctx, id: ReceiptBatchId) -> Result<BatchRecord, AppError> {
    store::by_id(ctx.app.store().pool(), id)
        .await?
        .ok_or_else(|| AppError::not_found("batch", id))
}

/// The orders of a search, oldest first: numbers then follow the time of payment.
async fn of_search(ctx: &Ctx, mut search: OrderSearch) -> Result<Vec<OrderId>, AppError> {
    search.cursor = None;
    search.limit = PAGE_MAX;
    let mut found = Vec::new();
    loop {
        let (rows, cursor) = orders::rows(ctx, &search).await?;
        found.extend(rows.iter().map(|o| o.id));
        if found.len() > ORDERS_MAX {
            return Err(too_many());
        }
        search.cursor = cursor;
        if search.cursor.is_none() {
            break;
        }
    }
    found.reverse();
    Ok(found)
}

fn too_many() -> AppError {
    AppError::new(Code::BatchTooLarge).with("limit", ORDERS_MAX)
}

pub(crate) async fn start(ctx: &Ctx, params: IssueBatch) -> Result<BatchView, AppError> {
    let person = ctx.person()?.user_id;
    let mut chosen = params.order_ids;
    if let Some(search) = params.search {
        chosen.extend(of_search(ctx, search).await?);
    }
    if chosen.is_empty() {
        return Err(AppError::new(Code::BatchEmpty));
    }
    if chosen.len() > ORDERS_MAX {
        return Err(too_many());
    }
    let title: String = params
        .title
        .chars()
        .filter(|c| !c.is_control())
        .take(TITLE_MAX)
        .collect();
    let id = ReceiptBatchId::new();
    let mut tx = ctx.app.store().begin().await?;
    for order in &chosen {
        orders::load(tx.conn(), *order).await?;
    }
    let number = store::add(&mut tx, id, title.trim(), &chosen, person, ctx.now).await?;
    let mut entry = ctx.audit("receipts.issue_batch", "batch", &number.to_string());
    entry.reason = Some(format!("{} orders", chosen.len()));
    tx.audit(entry).await?;
    tx.commit().await?;
    let record = load(ctx, id).await?;
    spawn(ctx, &record);
    Ok(view(ctx, &record))
}

pub(crate) async fn go_on(ctx: &Ctx, params: BatchRef) -> Result<BatchView, AppError> {
    ctx.person()?;
    let record = load(ctx, params.batch_id).await?;
    let waiting = record.total - record.issued - record.already - record.failed;
    if record.state == word(BatchState::Running) || waiting == 0 {
        return Err(AppError::new(Code::IllegalStep)
            .with("number", record.number)
            .with("from", &record.state)
            .with("to", word(BatchState::Running)));
    }
    let mut tx = ctx.app.store().begin().await?;
    store::set_state(&mut tx, record.id, &word(BatchState::Running), None).await?;
    tx.audit(ctx.audit(
        "receipts.continue_batch",
        "batch",
        &record.number.to_string(),
    ))
    .await?;
    tx.commit().await?;
    let record = load(ctx, record.id).await?;
    spawn(ctx, &record);
    Ok(view(ctx, &record))
}

fn spawn(ctx: &Ctx, record: &BatchRecord) {
    let ctx = ctx.detached();
    let (id, number) = (record.id, record.number);
    let done = record.issued + record.already + record.failed;
    let total = record.total;
    let task = Task::begin(
        &ctx,
        TaskSpec {
            id: task_id(id),
            kind: "receipts",
            subject: number.to_string(),
            pause: true,
            cancel: true,
        },
    );
    tokio::spawn(async move {
        let result = run(&ctx, id, done, total, &task).await;
        let state = match &result {
            Ok(()) => BatchState::Done,
            Err(error) if error.code == Code::TaskCancelled => BatchState::Cancelled,
            Err(_) => BatchState::Failed,
        };
        let result = match end(&ctx, id, number, state).await {
            Ok(()) => result,
            Err(unnoted) => result.and(Err(unnoted)),
        };
        ctx.app.stale(&[Tag::Receipts, Tag::Orders, Tag::Audit]);
        task.end(&result);
    });
}

async fn end(
    ctx: &Ctx,
    id: ReceiptBatchId,
    number: u64,
    state: BatchState,
) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    let now = ctx.app.clock().now();
    store::set_state(&mut tx, id, &word(state), Some(now)).await?;
    let mut entry = ctx.audit("receipts.end_batch", "batch", &number.to_string());
    entry.at = now;
    entry.result = word(state);
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}

/// One receipt after the other; a wish to stop is looked at before each.
async fn run(
    ctx: &Ctx,
    id: ReceiptBatchId,
    mut done: u64,
    total: u64,
    task: &Task,
) -> Result<(), AppError> {
    let mut after = 0;
    loop {
        let waiting = word(BatchOutcome::Waiting);
        let page = store::rows(ctx.app.store().pool(), id, Some(&waiting), after, PAGE_MAX).await?;
        if page.is_empty() {
            return Ok(());
        }
        for row in page {
            task.checkpoint().await?;
            one(ctx, id, &row).await?;
            after = row.position;
            done += 1;
            task.step("issuing", done, Some(total));
        }
    }
}

/// Issues one, or says why not. What stops every other as well stops the batch.
async fn one(ctx: &Ctx, id: ReceiptBatchId, row: &BatchRowRecord) -> Result<(), AppError> {
    let mut ctx = ctx.detached();
    ctx.now = ctx.app.clock().now();
    let (outcome, receipt, error) =
        match receipts::issue_one(&ctx, row.order_id, Some((id, row.position))).await {
            Ok(issued) if issued.already_issued => {
                (BatchOutcome::Already, Some(issued.receipt_id), None)
            }
            // Written with the receipt itself.
            Ok(_) => return Ok(()),
            Err(error) if stops_all(error.code) => return Err(error),
            Err(error) => (
                BatchOutcome::Failed,
                None,
                Some(serde_json::to_string(&error.view()).map_err(AppError::internal)?),
            ),
        };
    let mut tx = ctx.app.store().begin().await?;
    store::set_outcome(
        &mut tx,
        id,
        row.position,
        &word(outcome),
        receipt,
        error.as_deref(),
    )
    .await?;
    tx.commit_bookkeeping().await?;
    Ok(())
}

const fn stops_all(code: Code) -> bool {
    matches!(
        code,
        Code::VaultLocked | Code::DiskFull | Code::StoreFailure | Code::Internal
    )
}

pub(crate) async fn list(ctx: &Ctx, _: Nothing) -> Result<BatchList, AppError> {
    let found = store::page(ctx.app.store().pool(), LIST_MAX).await?;
    Ok(BatchList {
        batches: found.iter().map(|b| view(ctx, b)).collect(),
    })
}

pub(crate) async fn rows(ctx: &Ctx, params: BatchRowsRequest) -> Result<BatchRows, AppError> {
    let limit = params.limit.clamp(1, PAGE_MAX);
    let after = match params.cursor {
        Some(cursor) => cursor.parse().map_err(|e| AppError::bad("cursor", e))?,
        None => 0,
    };
    let outcome = params.outcome.map(word);
    let found = store::rows(
        ctx.app.store().pool(),
        params.batch_id,
        outcome.as_deref(),
        after,
        limit,
    )
    .await?;
    Ok(BatchRows {
        next_cursor: (found.len() == limit as usize)
            .then(|| found.last().map(|r| r.position.to_string()))
            .flatten(),
        rows: found
            .into_iter()
            .map(|r| BatchRowView {
                position: r.position,
                order_id: r.order_id,
                order_no: r.order_no,
                amount: r.amount,
                outcome: read_word(&r.outcome).unwrap_or(BatchOutcome::Failed),
                serial_no: r.serial_no,
                receipt_id: r.receipt_id,
                error: r
                    .error
                    .as_deref()
                    .and_then(|text| serde_json::from_str::<ErrorView>(text).ok()),
            })
            .collect(),
    })
}

/// Batches a former process left unfinished wait for somebody to go on with them.
///
/// # Errors
/// When the store fails.
pub(crate) async fn recover(app: &App) -> Result<(), AppError> {
    let ctx = Ctx::timer(app);
    let mut tx = app.store().begin().await?;
    let found = store::interrupt(&mut tx).await?;
    if found == 0 {
        return Ok(());
    }
    let mut entry = ctx.audit("receipts.end_batch", "batch", "-");
    entry.reason = Some(format!("{found} batches"));
    entry.result = word(BatchState::Interrupted);
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}
