//! Bills and balances from what was stored. Page sections 7 and 10.

use std::io::Write as _;

use jiff::civil::Date;
use serde_json::json;

use super::account::Identity;
use super::check::Call;
use super::format::{BillType, FundRow, RefundPart, Style, TradeBill, TradeRow, fund_bill};
use super::model::{Movement, RefundStatus, State};
use super::settings::EmptyDay;
use super::wire::{ApiError, Reply};
use super::{Answer, Desk, Download};
use crate::faults::FaultKind;
use crate::time::{bill_time, compact_day, day_of, day_start, next_day, parse_day};

/// Bills are made at nine and promised for ten, Beijing time.
const MADE_SECONDS: i64 = 9 * 3_600;
const READY_SECONDS: i64 = 10 * 3_600;
/// How long a download link lives.
const LINK_SECONDS: i64 = 300;
/// How far back the end-of-day balance can be asked for.
const BALANCE_DAYS_MAX: i64 = 90;

/// Which file a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BillKind {
    Trade(BillType),
    Fund,
}

/// The moment at which the bill of `date` froze the state of its refunds.
pub(crate) fn frozen_at(date: Date) -> i64 {
    day_start(next_day(date)) + MADE_SECONDS
}

/// The trade bill of one Beijing day; `None` when it has no rows of that kind.
pub(crate) fn trade_bill(
    state: &State,
    identity: &Identity,
    date: Date,
    kind: BillType,
    style: Style,
) -> (Vec<u8>, u64) {
    let (from, to) = (day_start(date), day_start(next_day(date)));
    let frozen = frozen_at(date);
    let mut bill = TradeBill::new(kind, style);
    for (at, movement) in &state.movements {
        if *at < from || *at >= to {
            continue;
        }
        let (order, refund) = match movement {
            Movement::Paid(index) => (&state.orders[*index], None),
            Movement::Refunded(index) => {
                let refund = &state.refunds[*index];
                (state.order_of(refund), Some(refund))
            }
        };
        let wanted = match kind {
            BillType::All => true,
            BillType::Success => refund.is_none(),
            BillType::Refund => refund.is_some(),
        };
        let Some(payment) = order.payment.as_ref().filter(|_| wanted) else {
            continue;
        };
        let time = bill_time(*at);
        let paid_time = bill_time(payment.at);
        let mut row = TradeRow {
            time: &time,
            appid: &identity.appid,
            mchid: &identity.mchid,
            device: order.device_id.as_deref().unwrap_or_default(),
            transaction_id: &payment.transaction_id,
            out_trade_no: &order.out_trade_no,
            openid: &payment.openid,
            trade_type: order.trade_type.as_str(),
            bank: &payment.bank_type,
            description: &order.description,
            attach: order.attach.as_deref().unwrap_or_default(),
            ..TradeRow::default()
        };
        match refund {
            None => {
                row.total = order.total;
                row.settlement = payment.settlement(order.total);
                row.coupon = payment.coupon_amount();
                row.fee = order.fee();
                bill.push(&row);
            }
            Some(refund) => {
                let status = refund.status_at(frozen);
                let success_time = match status {
                    RefundStatus::Success => refund.success_at().map(bill_time),
                    _ => None,
                };
                row.fee = -refund.fee_back;
                row.refund = Some(RefundPart {
                    paid_time: &paid_time,
                    success_time: success_time.as_deref().unwrap_or_default(),
                    refund_id: &refund.refund_id,
                    out_refund_no: &refund.out_refund_no,
                    amount: refund.amount,
                    settlement: refund.settlement(),
                    cash_coupon: refund.split.cash_coupon,
                    // Where it went is frozen too: a detour taken later is not in this file.
                    channel: "ORIGINAL",
                    status: status.in_bill(),
                });
                bill.push(&row);
            }
        }
    }
    let rows = bill.rows();
    (bill.finish(), rows)
}

/// The fund-flow bill of one Beijing day and its number of rows.
pub(crate) fn fund_flow_bill(
    state: &State,
    identity: &Identity,
    date: Date,
    style: Style,
) -> (Vec<u8>, u64) {
    let (from, to) = (day_start(date), day_start(next_day(date)));
    let day = &compact_day(date)[2..];
    let api = format!("{}API", identity.mchid);
    let entries: Vec<_> = state
        .funds
        .iter()
        .filter(|entry| entry.at >= from && entry.at < to)
        .collect();
    let texts: Vec<(String, String)> = entries
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            (
                bill_time(entry.at),
                format!("{}{day}{:012}", identity.mchid, index + 1),
            )
        })
        .collect();
    let rows = entries
        .iter()
        .zip(&texts)
        .map(|(entry, (time, flow_no))| FundRow {
            time,
            business_no: &entry.business_no,
            flow_no,
            name: entry.name,
            kind: entry.kind,
            amount: entry.amount,
            balance: entry.balance,
            applicant: if entry.by_api { &api } else { "system" },
            remark: &entry.remark,
            voucher: &entry.voucher,
        });
    (fund_bill(rows, style), entries.len() as u64)
}

impl Desk<'_> {
    fn style(&self) -> Style {
        let settings = &self.store.state.settings;
        Style {
            bom: settings.bill_bom,
            crlf: settings.bill_crlf,
        }
    }

    fn bill_file(&self, kind: BillKind, date: Date) -> (Vec<u8>, u64) {
        let (state, identity) = (&self.store.state, &self.account.identity);
        match kind {
            BillKind::Trade(kind) => trade_bill(state, identity, date, kind, self.style()),
            BillKind::Fund => fund_flow_bill(state, identity, date, self.style()),
        }
    }

    /// Reads a date parameter that must lie before today and not before `oldest`.
    fn past_day(&self, call: &Call, name: &str, oldest: Date) -> Result<Date, ApiError> {
        let given = call.query(name).unwrap_or_default();
        let Some(date) = parse_day(&given) else {
            let message =
                format!("输入源“/query/{name}”映射到值字段“日期”格式规则校验失败，须为yyyy-MM-dd");
            return Err(ApiError::parameter(
                "query",
                name,
                &given,
                "not yyyy-MM-dd",
                message,
            ));
        };
        let today = day_of(self.now);
        if date >= today {
            return Err(ApiError::invalid("日期须早于今天"));
        }
        if date < oldest {
            return Err(ApiError::invalid("日期超出可查询的范围"));
        }
        Ok(date)
    }

    fn apply_bill(&mut self, call: &Call, kind: BillKind) -> Answer {
        let three_months_ago = day_of(self.now).saturating_sub(jiff::Span::new().months(3));
        let date = self.past_day(call, "bill_date", three_months_ago)?;
        let gzip = match call.query("tar_type").as_deref() {
            None => false,
            Some("GZIP") => true,
            Some(other) => {
                let message =
                    "输入源“/query/tar_type”映射到值字段“压缩类型”枚举规则校验失败".to_owned();
                return Err(ApiError::parameter(
                    "query",
                    "tar_type",
                    other,
                    "not in enumeration",
                    message,
                ));
            }
        };
        let ready = day_start(next_day(date)) + READY_SECONDS;
        if self.now < ready || self.drawn.has(FaultKind::BillNotReady) {
            return Err(ApiError::new(
                400,
                "STATEMENT_CREATING",
                "账单生成中，请稍后再试",
            ));
        }
        let (bytes, rows) = self.bill_file(kind, date);
        if rows == 0 && self.store.state.settings.empty_day == EmptyDay::Error {
            return Err(ApiError::new(400, "NO_STATEMENT_EXIST", "账单文件不存在"));
        }
        let token = zf_crypto::random::alphanumeric(48);
        let now = self.now;
        self.downloads.retain(|_, download| download.until >= now);
        self.downloads.insert(
            token.clone(),
            Download {
                kind,
                date,
                gzip,
                until: self.now + LINK_SECONDS,
            },
        );
        // The hash is that of the file as it is before compression.
        let hash = zf_crypto::digest::hex_lower(&zf_crypto::digest::sha1(&bytes));
        let tail = if gzip { "&tartype=gzip" } else { "" };
        Ok(Reply::Json(json!({
            "hash_type": "SHA1",
            "hash_value": hash,
            "download_url": format!("{}/v3/billdownload/file?token={token}{tail}", call.base_url),
        })))
    }

    /// `GET /v3/bill/tradebill`
    pub(crate) fn trade_bill(&mut self, call: &Call) -> Answer {
        let kind = match call.query("bill_type").as_deref() {
            None | Some("ALL") => BillType::All,
            Some("SUCCESS") => BillType::Success,
            Some("REFUND") => BillType::Refund,
            Some(other) => {
                let message =
                    "输入源“/query/bill_type”映射到值字段“账单类型”枚举规则校验失败".to_owned();
                return Err(ApiError::parameter(
                    "query",
                    "bill_type",
                    other,
                    "not in enumeration",
                    message,
                ));
            }
        };
        self.apply_bill(call, BillKind::Trade(kind))
    }

    /// `GET /v3/bill/fundflowbill`
    pub(crate) fn fund_flow_bill(&mut self, call: &Call) -> Answer {
        match call.query("account_type").as_deref() {
            None | Some("BASIC") => self.apply_bill(call, BillKind::Fund),
            Some("OPERATION" | "FEES") => {
                Err(ApiError::new(400, "NO_STATEMENT_EXIST", "账单文件不存在"))
            }
            Some(other) => Err(bad_account("query", other)),
        }
    }

    /// `GET /v3/billdownload/file`
    pub(crate) fn download(&mut self, call: &Call) -> Answer {
        let token = call.query("token").unwrap_or_default();
        let found = self
            .downloads
            .get(&token)
            .filter(|download| self.now <= download.until);
        let Some(download) = found.copied() else {
            return Err(ApiError::invalid("token已失效，请重新申请账单"));
        };
        let (mut bytes, _) = self.bill_file(download.kind, download.date);
        if self.drawn.has(FaultKind::BillCorrupted) {
            // A digit in the middle of the table, so that the file still reads like a bill.
            let middle = bytes.len() / 2;
            if let Some(digit) = bytes[middle..]
                .iter_mut()
                .find(|byte| byte.is_ascii_digit())
            {
                *digit = b'0' + (*digit - b'0' + 1) % 10;
            }
        }
        let truncated = self.drawn.has(FaultKind::BillTruncated);
        if truncated && !download.gzip {
            bytes.truncate(bytes.len() * 2 / 3);
        }
        if !download.gzip {
            return Ok(Reply::File {
                content_type: "text/plain",
                bytes,
            });
        }
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let packed = packer.write_all(&bytes).and_then(|()| packer.finish());
        let mut bytes = packed.map_err(|_| ApiError::new(500, "SYSTEM_ERROR", "系统异常"))?;
        if truncated {
            bytes.truncate(bytes.len() * 2 / 3);
        }
        Ok(Reply::File {
            content_type: "application/x-gzip",
            bytes,
        })
    }

    fn basic_account(&self, call: &Call) -> Result<(), ApiError> {
        if !self.store.state.settings.balance_permission {
            return Err(ApiError::new(403, "NO_AUTH", "商户暂无权限使用此功能"));
        }
        match call.capture() {
            "BASIC" => Ok(()),
            "OPERATION" | "FEES" => Err(ApiError::invalid("账户未开通")),
            other => Err(bad_account("url", other)),
        }
    }

    /// `GET /v3/merchant/fund/balance/{account_type}`
    pub(crate) fn balance(&mut self, call: &Call) -> Answer {
        self.basic_account(call)?;
        let available = self.store.state.balance;
        Ok(Reply::Json(
            json!({"available_amount": available, "pending_amount": 0}),
        ))
    }

    /// `GET /v3/merchant/fund/dayendbalance/{account_type}`
    pub(crate) fn day_end_balance(&mut self, call: &Call) -> Answer {
        self.basic_account(call)?;
        let oldest = day_of(self.now - BALANCE_DAYS_MAX * crate::time::DAY);
        let date = self.past_day(call, "date", oldest)?;
        let end = day_start(next_day(date));
        if self.now < end + READY_SECONDS {
            return Err(ApiError::invalid("日终余额尚未生成，请于10点后查询"));
        }
        let state = &self.store.state;
        let last = state.funds.iter().rev().find(|entry| entry.at < end);
        let available = last.map_or(state.opening_balance, |entry| entry.balance);
        Ok(Reply::Json(
            json!({"available_amount": available, "pending_amount": 0}),
        ))
    }
}

fn bad_account(location: &'static str, given: &str) -> ApiError {
    let message = format!("输入源“/{location}/account_type”映射到值字段“账户类型”枚举规则校验失败");
    ApiError::parameter(
        location,
        "account_type",
        given,
        "not in enumeration",
        message,
    )
}
