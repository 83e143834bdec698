//! The bill files, byte for byte: page sections 7.4 to 7.8. Pure: rows in, bytes out.

/// Which trade bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BillType {
    All,
    Success,
    Refund,
}

/// What the files of one merchant look like; both forms are seen in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) bom: bool,
    pub(crate) crlf: bool,
}

impl Style {
    pub(crate) const CAPTURED: Self = Self {
        bom: true,
        crlf: true,
    };
}

/// One row of a trade bill. Amounts in fen.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TradeRow<'a> {
    /// Payment time, or the time the refund was accepted.
    pub(crate) time: &'a str,
    pub(crate) appid: &'a str,
    pub(crate) mchid: &'a str,
    pub(crate) device: &'a str,
    pub(crate) transaction_id: &'a str,
    pub(crate) out_trade_no: &'a str,
    pub(crate) openid: &'a str,
    pub(crate) trade_type: &'a str,
    pub(crate) bank: &'a str,
    pub(crate) description: &'a str,
    pub(crate) attach: &'a str,
    /// Payment rows; 0 in refund rows.
    pub(crate) total: i64,
    pub(crate) settlement: i64,
    pub(crate) coupon: i64,
    /// Taken from a payment (positive) or given back with a refund (negative).
    pub(crate) fee: i64,
    pub(crate) refund: Option<RefundPart<'a>>,
}

/// The refund half of a refund row.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RefundPart<'a> {
    /// The original payment's time.
    pub(crate) paid_time: &'a str,
    /// Empty while it is processing.
    pub(crate) success_time: &'a str,
    pub(crate) refund_id: &'a str,
    pub(crate) out_refund_no: &'a str,
    pub(crate) amount: i64,
    pub(crate) settlement: i64,
    pub(crate) cash_coupon: i64,
    pub(crate) channel: &'a str,
    pub(crate) status: &'a str,
}

const HEAD: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额";
const TRADE_SUMMARY: &str =
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
const FUND_HEAD: &str = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号";
const FUND_SUMMARY: &str = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额";

/// Builds a trade bill row by row. Bytes gather in `out` and may be drained at any time.
pub(crate) struct TradeBill {
    pub(crate) out: Vec<u8>,
    kind: BillType,
    line_end: &'static [u8],
    rows: u64,
    settlement: i64,
    refund_settlement: i64,
    cash_coupon: i64,
    fee: i64,
    total: i64,
    refunded: i64,
}

impl TradeBill {
    pub(crate) fn new(kind: BillType, style: Style) -> Self {
        let mut bill = Self {
            out: Vec::new(),
            kind,
            line_end: line_end(style),
            rows: 0,
            settlement: 0,
            refund_settlement: 0,
            cash_coupon: 0,
            fee: 0,
            total: 0,
            refunded: 0,
        };
        bom(&mut bill.out, style);
        bill.out.extend_from_slice(HEAD.as_bytes());
        let tail = match kind {
            BillType::All => {
                ",微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
            }
            BillType::Success => ",商品名称,商户数据包,手续费,费率,订单金额,费率备注",
            BillType::Refund => {
                ",退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
            }
        };
        bill.out.extend_from_slice(tail.as_bytes());
        bill.out.extend_from_slice(bill.line_end);
        bill
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn push(&mut self, row: &TradeRow<'_>) {
        let refund = row.refund.unwrap_or_default();
        let is_refund = row.refund.is_some();
        self.rows += 1;
        self.settlement += row.settlement;
        self.total += row.total;
        self.fee += row.fee;
        self.refund_settlement += refund.settlement;
        self.cash_coupon += refund.cash_coupon;
        self.refunded += refund.amount;

        let out = &mut self.out;
        let time = if self.kind == BillType::Refund {
            refund.paid_time
        } else {
            row.time
        };
        out.push(b'`');
        out.extend_from_slice(time.as_bytes());
        for cell in [row.appid, row.mchid, "0"] {
            text(out, cell);
        }
        cleaned(out, row.device);
        for cell in [
            row.transaction_id,
            row.out_trade_no,
            row.openid,
            row.trade_type,
            if is_refund { "REFUND" } else { "SUCCESS" },
            row.bank,
            "CNY",
        ] {
            text(out, cell);
        }
        money(out, row.settlement);
        money(out, row.coupon);
        if self.kind == BillType::Refund {
            text(out, row.time);
            text(out, refund.success_time);
        }
        if self.kind != BillType::Success {
            text(out, if is_refund { refund.refund_id } else { "0" });
            text(out, if is_refund { refund.out_refund_no } else { "0" });
            money(out, refund.settlement);
            money(out, refund.cash_coupon);
            text(out, refund.channel);
            text(out, refund.status);
        }
        cleaned(out, row.description);
        cleaned(out, row.attach);
        fee_cell(out, row.fee);
        text(out, "0.60%");
        money(out, row.total);
        if self.kind != BillType::Success {
            money(out, refund.amount);
        }
        text(out, "");
        out.extend_from_slice(self.line_end);
    }

    /// Closes the file with its summary.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let out = &mut self.out;
        out.extend_from_slice(TRADE_SUMMARY.as_bytes());
        out.extend_from_slice(self.line_end);
        out.push(b'`');
        integer(out, self.rows);
        for amount in [self.settlement, self.refund_settlement, self.cash_coupon] {
            money(out, amount);
        }
        fee_cell(out, self.fee);
        money(out, self.total);
        money(out, self.refunded);
        out.extend_from_slice(self.line_end);
        self.out
    }
}

/// One row of the fund-flow bill.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FundRow<'a> {
    pub(crate) time: &'a str,
    pub(crate) business_no: &'a str,
    pub(crate) flow_no: &'a str,
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    /// Positive for income.
    pub(crate) amount: i64,
    pub(crate) balance: i64,
    pub(crate) applicant: &'a str,
    pub(crate) remark: &'a str,
    pub(crate) voucher: &'a str,
}

/// A whole fund-flow bill.
pub(crate) fn fund_bill<'a>(rows: impl Iterator<Item = FundRow<'a>>, style: Style) -> Vec<u8> {
    let end = line_end(style);
    let mut out = Vec::new();
    bom(&mut out, style);
    out.extend_from_slice(FUND_HEAD.as_bytes());
    out.extend_from_slice(end);
    let mut sums = [(0u64, 0i64); 2];
    for row in rows {
        let outgoing = row.amount < 0;
        let sum = &mut sums[usize::from(outgoing)];
        *sum = (sum.0 + 1, sum.1 + row.amount.abs());
        out.push(b'`');
        out.extend_from_slice(row.time.as_bytes());
        for cell in [row.business_no, row.flow_no, row.name, row.kind] {
            text(&mut out, cell);
        }
        text(&mut out, if outgoing { "支出" } else { "收入" });
        money(&mut out, row.amount.abs());
        money(&mut out, row.balance);
        text(&mut out, row.applicant);
        cleaned(&mut out, row.remark);
        cleaned(&mut out, row.voucher);
        out.extend_from_slice(end);
    }
    out.extend_from_slice(FUND_SUMMARY.as_bytes());
    out.extend_from_slice(end);
    out.push(b'`');
    integer(&mut out, sums[0].0 + sums[1].0);
    for (count, amount) in sums {
        out.extend_from_slice(b",`");
        integer(&mut out, count);
        money(&mut out, amount);
    }
    out.extend_from_slice(end);
    out
}

fn line_end(style: Style) -> &'static [u8] {
    if style.crlf { b"\r\n" } else { b"\n" }
}

fn bom(out: &mut Vec<u8>, style: Style) {
    if style.bom {
        out.extend_from_slice(&[0xEF, 0xBB, 0xBF]);
    }
}

fn text(out: &mut Vec<u8>, cell: &str) {
    out.extend_from_slice(b",`");
    out.extend_from_slice(cell.as_bytes());
}

/// A field the merchant filled in: the characters that would break the table are replaced.
fn cleaned(out: &mut Vec<u8>, cell: &str) {
    out.extend_from_slice(b",`");
    if !cell
        .bytes()
        .any(|byte| matches!(byte, b',' | b'\r' | b'\n' | 1))
    {
        out.extend_from_slice(cell.as_bytes());
        return;
    }
    for byte in cell.bytes() {
        match byte {
            b',' => out.extend_from_slice(b"\\ "),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\n' => out.extend_from_slice(b"\\n"),
            1 => out.push(b' '),
            other => out.push(other),
        }
    }
}

fn money(out: &mut Vec<u8>, fen: i64) {
    out.extend_from_slice(b",`");
    push_yuan(out, fen);
}

/// Fees have five decimals, the last three always zero.
fn fee_cell(out: &mut Vec<u8>, fen: i64) {
    money(out, fen);
    out.extend_from_slice(b"000");
}

pub(crate) fn push_yuan(out: &mut Vec<u8>, fen: i64) {
    if fen < 0 {
        out.push(b'-');
    }
    let fen = fen.unsigned_abs();
    integer(out, fen / 100);
    let cents = (fen % 100) as u8;
    out.extend_from_slice(&[b'.', b'0' + cents / 10, b'0' + cents % 10]);
}

pub(crate) fn integer(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use zf_crypto::digest::{hex_lower, sha1};

    const APPID: &str = "wx0a1b2c3d4e5f6789";
    const MCHID: &str = "1900000109";

    fn sample() -> [TradeRow<'static>; 3] {
        let tea = TradeRow {
            time: "2026-03-14 09:12:33",
            appid: APPID,
            mchid: MCHID,
            transaction_id: "4200002501202603140000000001",
            out_trade_no: "ORD20260314-0001",
            openid: "oInventedOpenid01",
            trade_type: "JSAPI",
            bank: "CMB_CREDIT",
            description: "Tea set",
            attach: "shop-7",
            total: 10_000,
            settlement: 10_000,
            fee: 60,
            ..TradeRow::default()
        };
        let coffee = TradeRow {
            time: "2026-03-14 11:40:05",
            device: "till-2",
            transaction_id: "4200002501202603140000000002",
            out_trade_no: "ORD20260314-0002",
            openid: "oInventedOpenid02",
            trade_type: "NATIVE",
            bank: "OTHERS",
            description: "Coffee",
            attach: "",
            total: 5_000,
            settlement: 5_000,
            coupon: 500,
            fee: 30,
            ..tea
        };
        let refund = TradeRow {
            time: "2026-03-14 15:40:02",
            total: 0,
            settlement: 0,
            fee: -24,
            refund: Some(RefundPart {
                paid_time: "2026-03-14 09:12:33",
                refund_id: "50300002502026031400000000001",
                out_refund_no: "RF20260314-0001",
                amount: 4_000,
                settlement: 4_000,
                channel: "ORIGINAL",
                status: "PROCESSING",
                ..RefundPart::default()
            }),
            ..tea
        };
        [tea, coffee, refund]
    }

    fn bill(kind: BillType, style: Style, rows: &[TradeRow<'_>]) -> Vec<u8> {
        let mut bill = TradeBill::new(kind, style);
        rows.iter().for_each(|row| bill.push(row));
        bill.finish()
    }

    /// The vendor page gives this file's size and digests.
    #[test]
    fn the_sample_trade_bill_is_reproduced_to_the_byte() {
        let rows = sample();
        let file = bill(BillType::All, Style::CAPTURED, &rows);
        assert_eq!(file.len(), 1360);
        assert_eq!(
            hex_lower(&sha1(&file)),
            "dbf7a093f9b5ae62583c6a4856ddaae6c2db2ebb"
        );
        let bare = bill(
            BillType::All,
            Style {
                bom: false,
                crlf: true,
            },
            &rows,
        );
        assert_eq!(
            hex_lower(&sha1(&bare)),
            "0cc22ce3c473d83e08757c68324e903307bab51b"
        );
    }

    #[test]
    fn the_other_layouts_are_the_pages_own() {
        let rows = sample();
        let plain = Style {
            bom: false,
            crlf: false,
        };
        let text =
            |kind, rows: &[TradeRow<'_>]| String::from_utf8(bill(kind, plain, rows)).unwrap();
        assert_eq!(
            text(BillType::Success, &rows[..2]),
            "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注\n\
             `2026-03-14 09:12:33,`wx0a1b2c3d4e5f6789,`1900000109,`0,`,`4200002501202603140000000001,`ORD20260314-0001,`oInventedOpenid01,`JSAPI,`SUCCESS,`CMB_CREDIT,`CNY,`100.00,`0.00,`Tea set,`shop-7,`0.60000,`0.60%,`100.00,`\n\
             `2026-03-14 11:40:05,`wx0a1b2c3d4e5f6789,`1900000109,`0,`till-2,`4200002501202603140000000002,`ORD20260314-0002,`oInventedOpenid02,`NATIVE,`SUCCESS,`OTHERS,`CNY,`50.00,`5.00,`Coffee,`,`0.30000,`0.60%,`50.00,`\n\
             总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n\
             `2,`150.00,`0.00,`0.00,`0.90000,`150.00,`0.00\n"
        );
        assert_eq!(
            text(BillType::Refund, &rows[2..]),
            "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\n\
             `2026-03-14 09:12:33,`wx0a1b2c3d4e5f6789,`1900000109,`0,`,`4200002501202603140000000001,`ORD20260314-0001,`oInventedOpenid01,`JSAPI,`REFUND,`CMB_CREDIT,`CNY,`0.00,`0.00,`2026-03-14 15:40:02,`,`50300002502026031400000000001,`RF20260314-0001,`40.00,`0.00,`ORIGINAL,`PROCESSING,`Tea set,`shop-7,`-0.24000,`0.60%,`0.00,`40.00,`\n\
             总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n\
             `1,`0.00,`40.00,`0.00,`-0.24000,`0.00,`40.00\n"
        );
    }

    #[test]
    fn the_sample_fund_flow_bill_is_reproduced() {
        let row = |time, business_no, flow_no, name, kind, amount, balance| FundRow {
            time,
            business_no,
            flow_no,
            name,
            kind,
            amount,
            balance,
            applicant: "system",
            remark: "",
            voucher: "ORD20260314-0001",
        };
        let order = "4200002501202603140000000001";
        let rows = [
            row(
                "2026-03-14 09:12:33",
                order,
                "1900000109260314000000000001",
                "交易",
                "交易",
                10_000,
                110_000,
            ),
            row(
                "2026-03-14 09:12:33",
                order,
                "1900000109260314000000000002",
                "交易",
                "扣除交易手续费",
                -60,
                109_940,
            ),
            FundRow {
                applicant: "1900000109API",
                remark: "退款总金额40.00元;含手续费0.24元",
                voucher: "RF20260314-0001",
                ..row(
                    "2026-03-14 15:40:02",
                    "50300002502026031400000000001",
                    "1900000109260314000000000003",
                    "退款",
                    "退款",
                    -3_976,
                    105_964,
                )
            },
        ];
        let file = fund_bill(
            rows.into_iter(),
            Style {
                bom: false,
                crlf: false,
            },
        );
        assert_eq!(
            String::from_utf8(file).unwrap(),
            "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\n\
             `2026-03-14 09:12:33,`4200002501202603140000000001,`1900000109260314000000000001,`交易,`交易,`收入,`100.00,`1100.00,`system,`,`ORD20260314-0001\n\
             `2026-03-14 09:12:33,`4200002501202603140000000001,`1900000109260314000000000002,`交易,`扣除交易手续费,`支出,`0.60,`1099.40,`system,`,`ORD20260314-0001\n\
             `2026-03-14 15:40:02,`50300002502026031400000000001,`1900000109260314000000000003,`退款,`退款,`支出,`39.76,`1059.64,`1900000109API,`退款总金额40.00元;含手续费0.24元,`RF20260314-0001\n\
             资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n\
             `3,`1,`100.00,`2,`40.36\n"
        );
    }

    #[test]
    fn merchant_text_cannot_break_the_table() {
        let mut out = Vec::new();
        cleaned(&mut out, "奶茶,大杯\r\n第二行\u{1}完");
        assert_eq!(
            String::from_utf8(out).unwrap(),
            ",`奶茶\\ 大杯\\r\\n第二行 完"
        );
    }
}
