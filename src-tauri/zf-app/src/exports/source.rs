//! Where the rows of an export come from: the same searches as the pages, masked like the screen.

use std::collections::HashMap;

use zf_domain::{AccountId, BusinessDate, Permission};
use zf_store::Snapshot;
use zf_store::bills::{self as bill_rows, BillRecord};
use zf_store::orders as order_rows;
use zf_store::recon::{self as runs, DifferenceFilter, PoolFilter};
use zf_store::recon_export::{self, DifferenceLine, LedgerLine};
use zf_store::resolutions::{self as ledger, LedgerFilter};

use super::sheet::{Cell, Column};
use super::words::word;
use crate::accounts::Account;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{self, read_word};
use crate::wire::{
    AuditSearch, BillKind, BillLinesRequest, DifferenceSearch, Environment, ExportKind,
    ExportSource, OrderRow, OrderSearch, PoolSearch, ReceiptSearch, RefundList, RefundRow,
    ResolutionSearch,
};
use crate::{audit, bills, orders, receipts, recon, refunds, setup};

/// Rows between two looks at the wish to stop. Even in a debug build this is a few milliseconds.
pub(super) const CHUNK: u32 = 200;
/// The same where one statement reads a whole piece.
const TABLE_CHUNK: u32 = 1_000;

impl ExportSource {
    pub(super) const fn kind(&self) -> ExportKind {
        match self {
            Self::Orders(_) => ExportKind::Orders,
            Self::Refunds(_) => ExportKind::Refunds,
            Self::Differences(_) => ExportKind::Differences,
            Self::Pool(_) => ExportKind::Pool,
            Self::Resolutions(_) => ExportKind::Resolutions,
            Self::BillLines(_) => ExportKind::BillLines,
            Self::Receipts(_) => ExportKind::Receipts,
            Self::Audit(_) => ExportKind::Audit,
            Self::AuditChain {} => ExportKind::AuditChain,
            Self::ReceiptFiles(_) => ExportKind::ReceiptFiles,
            Self::BillArchive(_) => ExportKind::BillArchive,
        }
    }
}

impl ExportKind {
    /// What a person must be allowed to see, to take it along.
    pub(super) const fn needs(self) -> Permission {
        match self {
            Self::Orders | Self::Refunds | Self::Receipts | Self::ReceiptFiles => {
                Permission::ViewOrders
            }
            Self::Differences
            | Self::Pool
            | Self::Resolutions
            | Self::BillLines
            | Self::BillArchive => Permission::ViewBills,
            Self::Audit | Self::AuditChain => Permission::ViewAudit,
        }
    }

    pub(super) const fn name(self, english: bool) -> &'static str {
        let (zh, en) = match self {
            Self::Orders => ("订单", "orders"),
            Self::Refunds => ("退款", "refunds"),
            Self::Differences => ("对账差异", "differences"),
            Self::Pool => ("未清差异池", "open-differences"),
            Self::Resolutions => ("处理记录", "resolutions"),
            Self::BillLines => ("账单明细", "bill-rows"),
            Self::Receipts => ("凭证清单", "receipts"),
            Self::Audit => ("审计日志", "audit-log"),
            Self::AuditChain => ("审计链", "audit-chain"),
            Self::ReceiptFiles => ("凭证文件", "receipt-files"),
            Self::BillArchive => ("账单存档", "bill-archive"),
        };
        if english { en } else { zh }
    }
}

async fn account_name(ctx: &Ctx, id: Option<AccountId>) -> Result<Option<String>, AppError> {
    let accounts = orders::account_map(&ctx.app).await?;
    Ok(id
        .and_then(|id| accounts.get(&id).map(Account::brief))
        .map(|a| a.merchant_no_masked))
}

/// Refuses what this person may not see.
pub(super) fn check(ctx: &Ctx, kind: ExportKind) -> Result<(), AppError> {
    if ctx.may(kind.needs()) {
        return Ok(());
    }
    Err(AppError::new(Code::PermissionDenied).with("permission", facts::word(kind.needs())))
}

/// A search of a page, read to its end.
pub(super) struct Source {
    from: From,
    english: bool,
    /// How many there were at the beginning, for the progress.
    pub(super) total: Option<u64>,
    ended: bool,
}

enum From {
    Orders {
        search: OrderSearch,
        accounts: HashMap<AccountId, Account>,
    },
    Refunds(RefundList),
    Differences(DifferenceSearch, DifferenceFilter, Snapshot),
    Pool(PoolSearch, PoolFilter, Snapshot),
    Resolutions(ResolutionSearch, LedgerFilter, Snapshot),
    Trade(BillRecord, BillLinesRequest),
    FundFlow(BillRecord, BillLinesRequest),
    Receipts(ReceiptSearch),
    Audit(AuditSearch),
}

/// Every piece read through it is of the same moment.
async fn snapshot(ctx: &Ctx) -> Result<Snapshot, AppError> {
    Ok(ctx.app.store().snapshot().await?)
}

/// A text a person searched by; `None` when it says nothing.
fn wanted(text: &Option<String>) -> Option<String> {
    text.as_deref()
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
}

impl Source {
    /// # Errors
    /// When the run, bill or account does not exist, or the kind is no table.
    pub(super) async fn open(
        ctx: &Ctx,
        source: ExportSource,
        english: bool,
    ) -> Result<Self, AppError> {
        let mut total = None;
        let from = match source {
            ExportSource::Orders(mut search) => {
                search.cursor = None;
                search.offset = None;
                search.anchor = None;
                total = Some(orders::totals(ctx, search.clone().into()).await?.total);
                search.limit = CHUNK;
                From::Orders {
                    search,
                    accounts: orders::account_map(&ctx.app).await?,
                }
            }
            ExportSource::Refunds(mut list) => {
                list.cursor = None;
                list.limit = 1;
                total = Some(refunds::list(ctx, list.clone()).await?.total);
                list.limit = CHUNK;
                From::Refunds(list)
            }
            ExportSource::Differences(search) => {
                let filter = DifferenceFilter {
                    codes: search.codes.clone(),
                    disposition: search.disposition,
                    text: wanted(&search.text),
                    limit: TABLE_CHUNK,
                    ..DifferenceFilter::default()
                };
                let mut at = snapshot(ctx).await?;
                let run = runs::run(&mut *at, search.run_id)
                    .await?
                    .ok_or_else(|| AppError::not_found("run", search.run_id))?;
                let numbers =
                    runs::whole_numbers(&mut *at, run.account_id, filter.text.as_deref()).await?;
                let filter = DifferenceFilter { numbers, ..filter };
                total = Some(runs::count_differences(&mut *at, search.run_id, &filter).await?);
                From::Differences(search, filter, at)
            }
            ExportSource::Pool(search) => {
                bills::check_account(&ctx.app, search.account_id).await?;
                let text = wanted(&search.text);
                let today = ctx.now.beijing_date();
                let mut at = snapshot(ctx).await?;
                let filter = PoolFilter {
                    status: search.status.map(facts::word),
                    codes: search.codes.clone(),
                    numbers: runs::whole_numbers(&mut *at, search.account_id, text.as_deref())
                        .await?,
                    text,
                    limit: TABLE_CHUNK,
                    ..PoolFilter::default()
                };
                total = Some(runs::count_pool(&mut *at, search.account_id, today, &filter).await?);
                From::Pool(search, filter, at)
            }
            ExportSource::Resolutions(search) => {
                if let Some(account) = search.account_id {
                    bills::check_account(&ctx.app, account).await?;
                }
                let mut filter = LedgerFilter {
                    account_id: search.account_id,
                    state: search.state,
                    text: wanted(&search.text),
                    before: None,
                    limit: 1,
                };
                let mut at = snapshot(ctx).await?;
                total = Some(ledger::ledger(&mut at, &filter).await?.1);
                filter.limit = TABLE_CHUNK;
                From::Resolutions(search, filter, at)
            }
            ExportSource::BillLines(mut request) => {
                let bill = bill_rows::by_id(ctx.app.store().pool(), request.bill_id)
                    .await?
                    .ok_or_else(|| AppError::not_found("bill", request.bill_id))?;
                request.after_line = None;
                if request.text.as_deref().is_none_or(|t| t.trim().is_empty()) {
                    request.text = None;
                    total = Some(bill.row_count);
                }
                match read_word(&bill.kind) {
                    Some(BillKind::FundFlow) => From::FundFlow(bill, request),
                    _ => From::Trade(bill, request),
                }
            }
            ExportSource::Receipts(mut search) => {
                search.cursor = None;
                search.limit = 1;
                total = Some(receipts::list(ctx, search.clone()).await?.total);
                search.limit = CHUNK;
                From::Receipts(search)
            }
            ExportSource::Audit(mut search) => {
                search.before_seq = None;
                search.limit = 1;
                total = Some(audit::page(ctx, search.clone()).await?.total);
                search.limit = CHUNK;
                From::Audit(search)
            }
            ExportSource::AuditChain {}
            | ExportSource::ReceiptFiles(_)
            | ExportSource::BillArchive(_) => {
                return Err(AppError::bad(
                    "format",
                    "这一种不是表格 / this kind is no table",
                ));
            }
        };
        Ok(Self {
            from,
            english,
            total,
            ended: false,
        })
    }

    pub(super) fn columns(&self) -> &'static [Column] {
        match &self.from {
            From::Orders { .. } => ORDERS,
            From::Refunds(_) => REFUNDS,
            From::Differences(..) | From::Pool(..) => DIFFERENCES,
            From::Resolutions(..) => RESOLUTIONS,
            From::Trade(..) => TRADE,
            From::FundFlow(..) => FUND_FLOW,
            From::Receipts(_) => RECEIPTS,
            From::Audit(_) => AUDIT,
        }
    }

    /// The filters in words, for the block above the table.
    // Exclusive, though it changes nothing: a connection may be lent to one thread at a time.
    pub(super) async fn filters(&mut self, ctx: &Ctx) -> Result<Vec<(String, String)>, AppError> {
        let english = self.english;
        let mut said = Vec::new();
        let mut say = |zh: &str, en: &str, value: Option<String>| {
            if let Some(value) = value.filter(|v| !v.is_empty()) {
                said.push(((if english { en } else { zh }).to_owned(), value));
            }
        };
        let demo = setup::environment(&ctx.app).await?;
        say(
            "环境",
            "Environment",
            demo.filter(|e| *e != Environment::Production).map(|e| {
                match (e, english) {
                    (Environment::Demo, false) => "演示，虚构数据",
                    (Environment::Demo, true) => "demo, invented data",
                    (_, false) => "沙箱，不是真实资金",
                    (_, true) => "sandbox, no real money",
                }
                .to_owned()
            }),
        );
        let period = |from: Option<String>, to: Option<String>| match (from, to) {
            (None, None) => None,
            (from, to) => Some(format!(
                "{} – {}",
                from.unwrap_or_else(|| "…".to_owned()),
                to.unwrap_or_else(|| "…".to_owned())
            )),
        };
        let text = |t: &Option<String>| t.as_deref().map(|t| t.trim().to_owned());
        match &self.from {
            From::Orders { search, accounts } => {
                say("搜索", "Search", text(&search.text));
                say(
                    "商户号",
                    "Account",
                    search
                        .account_id
                        .and_then(|id| accounts.get(&id))
                        .map(|a| a.brief().merchant_no_masked),
                );
                let states: Vec<String> = search
                    .states
                    .iter()
                    .map(|s| word("order", &facts::word(*s), english))
                    .collect();
                say("状态", "State", Some(states.join(", ")));
                say(
                    "日期",
                    "Period",
                    period(
                        search.date_from.map(|d| d.to_string()),
                        search.date_to.map(|d| d.to_string()),
                    ),
                );
                say(
                    "金额（最小单位）",
                    "Amount (minor units)",
                    period(
                        search.amount_min_minor.map(|n| n.to_string()),
                        search.amount_max_minor.map(|n| n.to_string()),
                    ),
                );
            }
            From::Refunds(list) => {
                say("列表", "List", Some(facts::word(list.lane)));
                say("搜索", "Search", text(&list.text));
            }
            From::Pool(search, ..) => {
                let account = account_name(ctx, Some(search.account_id)).await?;
                say("商户号", "Account", account);
                let codes: Vec<String> = search
                    .codes
                    .iter()
                    .map(|c| word("code", c.as_str(), english))
                    .collect();
                say("差异", "Differences", Some(codes.join(", ")));
                say(
                    "处理",
                    "Handling",
                    search
                        .status
                        .map(|s| word("difference", &facts::word(s), english)),
                );
                say("搜索", "Search", text(&search.text));
            }
            From::Resolutions(search, ..) => {
                let account = account_name(ctx, search.account_id).await?;
                say("商户号", "Account", account);
                say(
                    "状态",
                    "State",
                    search
                        .state
                        .map(|s| word("resolution", s.as_str(), english)),
                );
                say("搜索", "Search", text(&search.text));
            }
            From::Differences(search, ..) => {
                say("对账编号", "Run", Some(search.run_id.to_string()));
                let codes: Vec<String> = search
                    .codes
                    .iter()
                    .map(|c| word("code", c.as_str(), english))
                    .collect();
                say("差异", "Differences", Some(codes.join(", ")));
                say("处理", "Handling", search.disposition.map(facts::word));
                say("搜索", "Search", text(&search.text));
            }
            From::Trade(bill, request) | From::FundFlow(bill, request) => {
                say("账单日", "Bill of", Some(bill.date.to_string()));
                say("账单文件 SHA-256", "Bill file SHA-256", bill.sha256.clone());
                say("搜索", "Search", text(&request.text));
            }
            From::Receipts(search) => say("搜索", "Search", text(&search.text)),
            From::Audit(search) => {
                say("搜索", "Search", text(&search.text));
                say("谁", "Who", search.actor.clone());
                say("做了什么", "Action", search.action.clone());
                say("对象", "Object", search.object.clone());
                say(
                    "日期",
                    "Period",
                    period(
                        search.date_from.map(|d| d.to_string()),
                        search.date_to.map(|d| d.to_string()),
                    ),
                );
            }
        }
        if said.is_empty() {
            said.push(if english {
                ("Filters".to_owned(), "none".to_owned())
            } else {
                ("筛选".to_owned(), "无".to_owned())
            });
        }
        Ok(said)
    }

    /// The next rows; empty at the end.
    pub(super) async fn next(&mut self, ctx: &Ctx) -> Result<Vec<Vec<Cell>>, AppError> {
        if self.ended {
            return Ok(Vec::new());
        }
        let english = self.english;
        let pool = ctx.app.store().pool();
        let (rows, ended) = match &mut self.from {
            From::Orders { search, accounts } => {
                let (found, cursor) = orders::rows(ctx, search).await?;
                search.cursor = cursor;
                let rows = found
                    .iter()
                    .map(|o: &order_rows::OrderRecord| {
                        order_cells(&orders::row(o, accounts), english)
                    })
                    .collect();
                (rows, search.cursor.is_none())
            }
            From::Refunds(list) => {
                let page = refunds::list(ctx, list.clone()).await?;
                list.cursor = page.next_cursor;
                let rows = page.rows.iter().map(|r| refund_cells(r, english)).collect();
                (rows, list.cursor.is_none())
            }
            From::Differences(search, filter, at) => {
                let found = recon_export::of_run(at, search.run_id, filter).await?;
                if let Some(last) = found.last() {
                    filter.after = last.difference.position;
                }
                let today = ctx.now.beijing_date();
                let rows = found
                    .iter()
                    .map(|d| difference_cells(d, today, english))
                    .collect();
                (rows, found.len() < TABLE_CHUNK as usize)
            }
            From::Pool(search, filter, at) => {
                let today = ctx.now.beijing_date();
                let found = recon_export::of_pool(at, search.account_id, today, filter).await?;
                if let Some(last) = found.last() {
                    filter.after = Some((last.difference.date, last.difference.position));
                }
                let rows = found
                    .iter()
                    .map(|d| difference_cells(d, today, english))
                    .collect();
                (rows, found.len() < TABLE_CHUNK as usize)
            }
            From::Resolutions(_, filter, at) => {
                let found = recon_export::of_ledger(at, filter).await?;
                if let Some(last) = found.last() {
                    filter.before = Some((last.entry.proposed_at, last.entry.id));
                }
                let rows = found.iter().map(|e| resolution_cells(e, english)).collect();
                (rows, found.len() < TABLE_CHUNK as usize)
            }
            From::Trade(bill, request) => {
                let after = request.after_line.unwrap_or(0);
                let found =
                    bill_rows::lines(pool, bill.id, request.text.as_deref(), after, CHUNK).await?;
                request.after_line = found.last().map(|l| l.line_no);
                let rows = found
                    .iter()
                    .map(|l| {
                        // As on the page: what went back to a payer is negative.
                        let signed = match l.kind {
                            zf_domain::EntryKind::Payment => l.amount.minor,
                            zf_domain::EntryKind::Refund => -l.amount.minor.abs(),
                        };
                        vec![
                            Cell::Count(l.line_no),
                            Cell::text(word("entry", &facts::word(l.kind), english)),
                            Cell::Time(l.occurred_at),
                            Cell::Id(l.order_no.to_string()),
                            Cell::Id(l.payment_id.to_string()),
                            Cell::id(l.refund_no.as_ref().map(ToString::to_string)),
                            Cell::currency(l.amount.currency),
                            Cell::Amount(zf_domain::Money::new(signed, l.amount.currency)),
                            Cell::Amount(zf_domain::Money::new(l.fee_minor, l.amount.currency)),
                            Cell::text(&l.state_text),
                            Cell::text(&l.goods),
                        ]
                    })
                    .collect();
                (rows, found.len() < CHUNK as usize)
            }
            From::FundFlow(bill, request) => {
                let after = request.after_line.unwrap_or(0);
                let found =
                    bill_rows::fund_lines(pool, bill.id, request.text.as_deref(), after, CHUNK)
                        .await?;
                request.after_line = found.last().map(|l| l.line_no);
                let rows = found
                    .iter()
                    .map(|l| {
                        let signed = if l.income {
                            l.amount.minor
                        } else {
                            -l.amount.minor
                        };
                        let money =
                            |minor| Cell::Amount(zf_domain::Money::new(minor, l.amount.currency));
                        vec![
                            Cell::Count(l.line_no),
                            Cell::Time(l.occurred_at),
                            Cell::Id(l.business_no.clone()),
                            Cell::Id(l.flow_no.clone()),
                            Cell::text(&l.business_type),
                            Cell::currency(l.amount.currency),
                            money(signed),
                            money(l.balance_minor),
                            Cell::Id(l.voucher_no.clone()),
                            Cell::text(&l.remark),
                        ]
                    })
                    .collect();
                (rows, found.len() < CHUNK as usize)
            }
            From::Receipts(search) => {
                let page = receipts::list(ctx, search.clone()).await?;
                search.cursor = page.next_cursor;
                let rows = page
                    .rows
                    .iter()
                    .map(|r| {
                        vec![
                            Cell::Id(r.serial_no.clone()),
                            Cell::Id(r.order_no.clone()),
                            Cell::maybe(r.payer_masked.clone()),
                            Cell::currency(r.amount.currency),
                            Cell::Amount(r.amount),
                            Cell::Time(r.issued_at),
                            Cell::text(&r.issued_by),
                            Cell::text(&r.signer),
                            Cell::Count(r.bytes),
                            Cell::Id(r.sha256.clone()),
                        ]
                    })
                    .collect();
                (rows, search.cursor.is_none())
            }
            From::Audit(search) => {
                let page = audit::page_rows(ctx, search).await?;
                search.before_seq = page.last().map(|r| r.seq);
                let rows = page
                    .iter()
                    .map(|r| {
                        let e = &r.entry;
                        vec![
                            Cell::Count(u64::try_from(r.seq).unwrap_or(0)),
                            Cell::Time(e.at),
                            Cell::text(&e.actor),
                            Cell::maybe(e.role.map(|r| word("role", r.as_str(), english))),
                            Cell::text(&e.device),
                            Cell::text(&e.action),
                            Cell::text(&e.object_kind),
                            Cell::Id(e.object_id.clone()),
                            Cell::maybe(e.reason.clone()),
                            Cell::text(&e.result),
                            Cell::id(e.before_digest.clone()),
                            Cell::id(e.after_digest.clone()),
                            Cell::Id(r.hash.clone()),
                        ]
                    })
                    .collect();
                (rows, page.len() < CHUNK as usize)
            }
        };
        self.ended = ended;
        Ok(rows)
    }
}

const ORDERS: &[Column] = &[
    Column::plain("商户号尾号", "Account tail"),
    Column::plain("商户单号", "Order no."),
    Column::plain("渠道单号", "Channel no."),
    Column::plain("付款人（遮罩）", "Payer (masked)"),
    Column::plain("商品", "Goods"),
    Column::plain("状态", "State"),
    Column::plain("币种", "Currency"),
    Column::sum("金额", "Amount"),
    Column::sum("已退", "Refunded"),
    Column::sum("在途退款", "Refund in flight"),
    Column::plain("下单时间（北京时间）", "Created (Beijing)"),
    Column::plain("支付时间（北京时间）", "Paid (Beijing)"),
    Column::plain("对账", "Reconciliation"),
];

fn order_cells(row: &OrderRow, english: bool) -> Vec<Cell> {
    let money = |minor| Cell::Amount(zf_domain::Money::new(minor, row.amount.currency));
    vec![
        Cell::Id(row.account_tail.clone()),
        Cell::Id(row.order_no.clone()),
        Cell::id(row.payment_id.clone()),
        Cell::maybe(row.payer_masked.clone()),
        Cell::maybe(row.goods.clone()),
        Cell::text(word("order", &facts::word(row.state), english)),
        Cell::currency(row.amount.currency),
        Cell::Amount(row.amount),
        money(row.refunded_minor),
        money(row.in_flight_minor),
        Cell::Time(row.created_at),
        Cell::time(row.paid_at),
        Cell::maybe(row.reconciliation.as_deref().map(|code| match code {
            "matched" => word("difference", code, english),
            other => word("code", other, english),
        })),
    ]
}

const REFUNDS: &[Column] = &[
    Column::plain("退款单号", "Refund no."),
    Column::plain("商户单号", "Order no."),
    Column::plain("状态", "State"),
    Column::plain("币种", "Currency"),
    Column::sum("金额", "Amount"),
    Column::plain("原因", "Reason"),
    Column::plain("经办", "Maker"),
    Column::plain("打开时间（北京时间）", "Opened (Beijing)"),
    Column::plain("申请时间（北京时间）", "Requested (Beijing)"),
    Column::plain("发送时间（北京时间）", "Sent (Beijing)"),
    Column::plain("完成时间（北京时间）", "Finished (Beijing)"),
];

fn refund_cells(row: &RefundRow, english: bool) -> Vec<Cell> {
    vec![
        Cell::Id(row.refund_no.clone()),
        Cell::Id(row.order_no.clone()),
        Cell::text(word("refund", &facts::word(row.state), english)),
        Cell::currency(row.amount.currency),
        Cell::Amount(row.amount),
        Cell::text(word("reason_code", &facts::word(row.reason_code), english)),
        Cell::text(&row.maker),
        Cell::Time(row.created_at),
        Cell::time(row.requested_at),
        Cell::time(row.sent_at),
        Cell::time(row.finished_at),
    ]
}

const DIFFERENCES: &[Column] = &[
    Column::plain("业务日", "Business day"),
    Column::plain("差异", "Difference"),
    Column::plain("类型", "Kind"),
    Column::plain("单号", "Number"),
    Column::plain("币种", "Currency"),
    Column::plain("渠道金额", "Channel amount"),
    Column::plain("渠道状态", "Channel state"),
    Column::plain("渠道时间（北京时间）", "Channel time (Beijing)"),
    Column::plain("账单行", "Bill line"),
    Column::plain("我方金额", "Our amount"),
    Column::plain("我方状态", "Our state"),
    Column::plain("我方时间（北京时间）", "Our time (Beijing)"),
    Column::plain("账簿行", "Book line"),
    Column::sum("渠道减我方", "Channel less ours"),
    Column::plain("天数", "Days"),
    Column::plain("处理", "Handling"),
    Column::plain("等到", "Waits until"),
    Column::plain("负责人", "Owner"),
    Column::plain("期限", "Due"),
    Column::plain("说明", "Note"),
];

fn difference_cells(line: &DifferenceLine, today: BusinessDate, english: bool) -> Vec<Cell> {
    let d = &line.difference;
    let mut cells = vec![
        Cell::text(d.date.to_string()),
        Cell::text(word("code", d.code.as_str(), english)),
        Cell::text(word("entry", d.kind.as_str(), english)),
        Cell::Id(d.number.clone()),
        Cell::currency(d.gap.currency),
    ];
    for (side, words) in [
        (&d.channel, &line.channel_words),
        (&d.ledger, &line.ledger_words),
    ] {
        match side {
            Some(side) => cells.extend([
                Cell::Amount(side.amount),
                Cell::text(words.as_deref().unwrap_or(side.state.as_str())),
                Cell::Time(side.at),
                Cell::Count(side.line_no),
            ]),
            None => cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]),
        }
    }
    let status = facts::word(recon::status(d, line.expected, today));
    cells.extend([
        Cell::Amount(d.gap),
        Cell::Count(u64::try_from(today.days_since(d.date)).unwrap_or(0)),
        Cell::text(word("difference", &status, english)),
        Cell::maybe(line.expected.map(|day| day.to_string())),
        Cell::maybe(line.owner.clone()),
        Cell::maybe(d.place.due().map(|d| d.to_string())),
        Cell::maybe(d.place.note.clone()),
    ]);
    cells
}

const RESOLUTIONS: &[Column] = &[
    Column::plain("时间（北京时间）", "Time (Beijing)"),
    Column::plain("业务日", "Business day"),
    Column::plain("差异", "Difference"),
    Column::plain("类型", "Kind"),
    Column::plain("单号", "Number"),
    Column::plain("做法", "What was done"),
    Column::plain("改记为", "Relabelled as"),
    Column::plain("币种", "Currency"),
    Column::sum("金额", "Amount"),
    Column::plain("状态", "State"),
    Column::plain("提出", "Proposed by"),
    Column::plain("复核", "Decided by"),
    Column::plain("复核时间（北京时间）", "Decided (Beijing)"),
    Column::plain("复核意见", "Decision note"),
    Column::plain("负责人", "Owner"),
    Column::plain("期限", "Due"),
    Column::plain("理由", "Reason"),
    Column::plain("另一侧", "Other side"),
    Column::plain("记录号", "Entry"),
    Column::plain("冲回", "Reverses"),
];

fn resolution_cells(line: &LedgerLine, english: bool) -> Vec<Cell> {
    let e = &line.entry;
    let decision = e.decision.as_ref();
    vec![
        Cell::Time(e.proposed_at),
        Cell::text(e.date.to_string()),
        Cell::text(word("code", e.code.as_str(), english)),
        Cell::text(word("entry", e.entry_kind.as_str(), english)),
        Cell::Id(e.number.clone()),
        Cell::text(word("resolution", e.kind.as_str(), english)),
        Cell::maybe(e.label.clone()),
        Cell::currency(e.amount.currency),
        Cell::Amount(e.amount),
        Cell::text(word("resolution", e.state.as_str(), english)),
        Cell::maybe(line.proposed_by.clone()),
        Cell::maybe(line.decided_by.clone()),
        Cell::time(decision.map(|(_, at, _)| *at)),
        Cell::maybe(decision.map(|(.., note)| note.clone())),
        Cell::maybe(line.owner.clone()),
        Cell::maybe(e.due_date.map(|d| d.to_string())),
        Cell::text(&e.reason),
        Cell::maybe(e.other.map(|(date, no)| format!("{date} #{no}"))),
        Cell::Id(e.id.to_string()),
        Cell::id(e.reverses.map(|id| id.to_string())),
    ]
}

const TRADE: &[Column] = &[
    Column::plain("行号", "Line"),
    Column::plain("类型", "Kind"),
    Column::plain("时间（北京时间）", "Time (Beijing)"),
    Column::plain("商户单号", "Order no."),
    Column::plain("渠道单号", "Channel no."),
    Column::plain("退款单号", "Refund no."),
    Column::plain("币种", "Currency"),
    Column::sum("金额", "Amount"),
    Column::sum("手续费", "Fee"),
    Column::plain("渠道状态", "Channel state"),
    Column::plain("商品", "Goods"),
];

const FUND_FLOW: &[Column] = &[
    Column::plain("行号", "Line"),
    Column::plain("入账时间（北京时间）", "Booked (Beijing)"),
    Column::plain("业务单号", "Business no."),
    Column::plain("资金流水号", "Flow no."),
    Column::plain("业务类型", "Business"),
    Column::plain("币种", "Currency"),
    Column::sum("收支", "Movement"),
    Column::plain("结余", "Balance"),
    Column::plain("凭证号", "Voucher no."),
    Column::plain("备注", "Remark"),
];

const RECEIPTS: &[Column] = &[
    Column::plain("凭证编号", "Receipt no."),
    Column::plain("商户单号", "Order no."),
    Column::plain("付款人（遮罩）", "Payer (masked)"),
    Column::plain("币种", "Currency"),
    Column::sum("金额", "Amount"),
    Column::plain("开具时间（北京时间）", "Issued (Beijing)"),
    Column::plain("开具人", "By"),
    Column::plain("签名人", "Signer"),
    Column::plain("字节", "Bytes"),
    Column::plain("文件 SHA-256", "File SHA-256"),
];

const AUDIT: &[Column] = &[
    Column::plain("序号", "No."),
    Column::plain("时间（北京时间）", "Time (Beijing)"),
    Column::plain("谁", "Who"),
    Column::plain("角色", "Role"),
    Column::plain("设备", "Device"),
    Column::plain("做了什么", "Action"),
    Column::plain("对象", "Object kind"),
    Column::plain("对象编号", "Object"),
    Column::plain("原因", "Reason"),
    Column::plain("结果", "Result"),
    Column::plain("之前的摘要", "Digest before"),
    Column::plain("之后的摘要", "Digest after"),
    Column::plain("行指纹 SM3", "Row digest SM3"),
];
