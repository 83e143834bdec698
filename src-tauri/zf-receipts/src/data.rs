//! What a receipt states, the machine-readable attachment, and the words printed for it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use zf_domain::capital::capital_amount;
use zf_domain::{ChannelPaymentId, Currency, MerchantOrderNo, MerchantRefundNo, Money, Timestamp};

use crate::error::{Error, Result};

/// The printed title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Title {
    /// 收款凭证.
    #[default]
    #[serde(rename = "收款凭证")]
    Receipt,
    /// 电子收款凭证.
    #[serde(rename = "电子收款凭证")]
    ElectronicReceipt,
}

impl Title {
    /// The words.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Receipt => "收款凭证",
            Self::ElectronicReceipt => "电子收款凭证",
        }
    }
}

/// One refund that had succeeded when the receipt was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundLine {
    /// The merchant's refund number.
    pub refund_no: MerchantRefundNo,
    /// Amount refunded, in the payment's currency.
    pub amount: Money,
    /// When it succeeded.
    pub at: Timestamp,
}

/// Everything a receipt states. Mask names and accounts before they come here: what stands in
/// these fields is printed and attached as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptData {
    /// Number of the receipt, unique for ever within the merchant.
    pub serial_no: String,
    /// The printed title.
    pub title: Title,
    /// Who received the money.
    pub merchant_name: String,
    /// Its account at the channel, masked.
    pub merchant_account: String,
    /// Who paid, masked.
    pub payer: String,
    /// Channel and means of payment, in words.
    pub channel: String,
    /// The merchant's order number.
    pub merchant_order_no: MerchantOrderNo,
    /// The channel's payment number.
    pub channel_payment_id: ChannelPaymentId,
    /// What was paid for.
    pub description: String,
    /// When the channel took the money.
    pub paid_at: Timestamp,
    /// How much was paid; more than zero. Amounts in words exist for CNY.
    pub amount: Money,
    /// Refunds to date, oldest first; together at most `amount`.
    pub refunds: Vec<RefundLine>,
    /// Who prepared it.
    pub maker: String,
    /// Who checked it.
    pub checker: String,
    /// When the receipt was drawn up.
    pub issued_at: Timestamp,
    /// One line telling the holder how to verify.
    pub verification: String,
    /// Content of the QR code: at most 152 bytes.
    pub qr_payload: String,
    /// Not about real money: the page then says so, twice.
    pub demo: bool,
}

/// A refund in the attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachedRefund {
    /// The merchant's refund number.
    pub refund_no: String,
    /// Minor units.
    pub amount_minor: i64,
    /// RFC 3339 in Beijing time.
    pub at: String,
}

/// The machine-readable attachment `receipt.json`: the same statement as the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// `zhangfang-receipt/1`.
    pub format: String,
    /// The printed title.
    pub title: Title,
    /// Receipt number.
    pub serial_no: String,
    /// Not about real money.
    pub demo: bool,
    /// Always false: a merchant signed this, no bank.
    pub bank_receipt: bool,
    /// Who received the money.
    pub merchant_name: String,
    /// Its account at the channel, masked.
    pub merchant_account: String,
    /// Who paid, masked.
    pub payer: String,
    /// Channel and means of payment.
    pub channel: String,
    /// The merchant's order number.
    pub merchant_order_no: String,
    /// The channel's payment number.
    pub channel_payment_id: String,
    /// What was paid for.
    pub description: String,
    /// RFC 3339 in Beijing time.
    pub paid_at: String,
    /// ISO 4217.
    pub currency: String,
    /// Minor units paid (CNY: fen).
    pub amount_minor: i64,
    /// As printed.
    pub amount_text: String,
    /// In words, as printed.
    pub amount_capital: String,
    /// Refunds to date.
    pub refunds: Vec<AttachedRefund>,
    /// Minor units refunded to date.
    pub refunded_minor: i64,
    /// Paid less refunded.
    pub net_minor: i64,
    /// Who prepared it.
    pub maker: String,
    /// Who checked it.
    pub checker: String,
    /// RFC 3339 in Beijing time.
    pub issued_at: String,
    /// How to verify.
    pub verification: String,
    /// Content of the QR code.
    pub qr_payload: String,
    /// Who signed: subject of the certificate.
    pub signer: String,
    /// Serial number of the signer's certificate, upper-case hexadecimal.
    pub signer_serial: String,
}

/// One text on the page, under the name it is marked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedField {
    /// Name of the mark in the page content.
    pub name: &'static str,
    /// The text.
    pub text: String,
}

const FORMAT: &str = "zhangfang-receipt/1";
const DEMO_NOTICE: &str = "演示凭证 · 无真实资金 · 不可入账";

/// `¥1,680.00`, or `USD 1,680.00` for other currencies than CNY.
fn figures(amount: Money) -> String {
    let plain = amount.to_decimal();
    let (sign, digits) = plain
        .strip_prefix('-')
        .map_or(("", plain.as_str()), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = match amount.currency {
        Currency::Cny => String::from("¥"),
        other => format!("{other} "),
    };
    out.push_str(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

impl Attachment {
    /// The statement of a receipt, checked for sense.
    ///
    /// # Errors
    /// `Empty` and `Amount`.
    pub(crate) fn of(data: &ReceiptData, signer: &str, signer_serial: &str) -> Result<Self> {
        for (field, text) in [
            ("凭证编号 (serial number)", &data.serial_no),
            ("收款方 (merchant name)", &data.merchant_name),
            ("付款渠道 (channel)", &data.channel),
            ("制单 (maker)", &data.maker),
        ] {
            if text.trim().is_empty() {
                return Err(Error::Empty { field });
            }
        }
        let fault = |why: String| Error::Amount {
            serial_no: data.serial_no.clone(),
            why,
        };
        if data.amount.minor <= 0 {
            return Err(fault("the amount paid must be more than zero".to_owned()));
        }
        let mut refunded = Money::new(0, data.amount.currency);
        for refund in &data.refunds {
            if refund.amount.minor <= 0 {
                return Err(fault(format!(
                    "refund {} must be more than zero",
                    refund.refund_no
                )));
            }
            refunded = refunded
                .checked_add(refund.amount)
                .map_err(|error| fault(format!("refund {}: {error}", refund.refund_no)))?;
        }
        if refunded.minor > data.amount.minor {
            return Err(fault(
                "the refunds listed are more than the amount paid".to_owned(),
            ));
        }
        Ok(Self {
            format: FORMAT.to_owned(),
            title: data.title,
            serial_no: data.serial_no.clone(),
            demo: data.demo,
            bank_receipt: false,
            merchant_name: data.merchant_name.clone(),
            merchant_account: data.merchant_account.clone(),
            payer: data.payer.clone(),
            channel: data.channel.clone(),
            merchant_order_no: data.merchant_order_no.as_str().to_owned(),
            channel_payment_id: data.channel_payment_id.as_str().to_owned(),
            description: data.description.clone(),
            paid_at: data.paid_at.to_rfc3339_beijing(),
            currency: data.amount.currency.code().to_owned(),
            amount_minor: data.amount.minor,
            amount_text: figures(data.amount),
            amount_capital: in_words(data.amount).map_err(fault)?,
            refunds: data
                .refunds
                .iter()
                .map(|refund| AttachedRefund {
                    refund_no: refund.refund_no.as_str().to_owned(),
                    amount_minor: refund.amount.minor,
                    at: refund.at.to_rfc3339_beijing(),
                })
                .collect(),
            refunded_minor: refunded.minor,
            net_minor: data.amount.minor - refunded.minor,
            maker: data.maker.clone(),
            checker: data.checker.clone(),
            issued_at: data.issued_at.to_rfc3339_beijing(),
            verification: data.verification.clone(),
            qr_payload: data.qr_payload.clone(),
            signer: signer.to_owned(),
            signer_serial: signer_serial.to_owned(),
        })
    }

    /// The texts the page must show for this statement, in the order they are printed; `Err` says
    /// what in the statement contradicts itself. Both the writer and the verifier use this.
    ///
    /// # Errors
    /// A sentence in English naming the contradiction.
    pub(crate) fn printed(&self) -> std::result::Result<Vec<PrintedField>, String> {
        if self.format != FORMAT {
            return Err(format!("its format “{}” is unknown", self.format));
        }
        if self.bank_receipt {
            return Err("it claims to be a bank receipt".to_owned());
        }
        let currency = Currency::parse(&self.currency).map_err(|error| error.to_string())?;
        let money = |minor| Money::new(minor, currency);
        let mut refunded = 0_i64;
        for refund in &self.refunds {
            refunded = refunded
                .checked_add(refund.amount_minor)
                .ok_or("its refunds exceed what can be counted")?;
        }
        if refunded != self.refunded_minor {
            return Err("its refunds do not add up to the sum refunded".to_owned());
        }
        if self.amount_minor.checked_sub(refunded) != Some(self.net_minor) || self.net_minor < 0 {
            return Err("its net amount is not paid less refunded".to_owned());
        }
        if figures(money(self.amount_minor)) != self.amount_text {
            return Err("its amount in figures differs from its amount in minor units".to_owned());
        }
        if in_words(money(self.amount_minor))? != self.amount_capital {
            return Err("its amount in words differs from its amount in minor units".to_owned());
        }
        let date_of = |text: &str| -> std::result::Result<String, String> {
            let at = Timestamp::parse_rfc3339(text).map_err(|error| error.to_string())?;
            if at.to_rfc3339_beijing() != text {
                return Err(format!("“{text}” is not written in Beijing time"));
            }
            Ok(at.to_beijing())
        };
        let paid_at = date_of(&self.paid_at)?;
        let issued_at = date_of(&self.issued_at)?;

        let mut refunds = String::new();
        match self.refunds.as_slice() {
            [] => refunds.push_str("截至出具时无退款"),
            few if few.len() <= 3 => {
                refunds.push_str("截至出具时已退 ");
                for (at, refund) in few.iter().enumerate() {
                    if at > 0 {
                        refunds.push('、');
                    }
                    let day = date_of(&refund.at)?;
                    let _ = write!(
                        refunds,
                        "{}（{}，{}）",
                        figures(money(refund.amount_minor)),
                        part(&day, 0, 10),
                        refund.refund_no
                    );
                }
                let _ = write!(refunds, "，净收 {}", figures(money(self.net_minor)));
            }
            many => {
                for refund in many {
                    date_of(&refund.at)?;
                }
                let _ = write!(
                    refunds,
                    "截至出具时已退 {} 笔共 {}（逐笔见附件），净收 {}",
                    many.len(),
                    figures(money(self.refunded_minor)),
                    figures(money(self.net_minor))
                );
            }
        }
        let people = if self.checker.is_empty() {
            self.maker.clone()
        } else {
            format!("{} / {}", self.maker, self.checker)
        };
        let fields = [
            ("title", self.title.text().to_owned()),
            ("serial_no", self.serial_no.clone()),
            (
                "business_date",
                format!(
                    "{} 年 {} 月 {} 日",
                    part(&paid_at, 0, 4),
                    part(&paid_at, 5, 7).trim_start_matches('0'),
                    part(&paid_at, 8, 10).trim_start_matches('0')
                ),
            ),
            ("payer", self.payer.clone()),
            ("merchant_name", self.merchant_name.clone()),
            ("channel", self.channel.clone()),
            ("merchant_account", self.merchant_account.clone()),
            ("merchant_order_no", self.merchant_order_no.clone()),
            ("paid_at", format!("{paid_at}（UTC+8）")),
            ("channel_payment_id", self.channel_payment_id.clone()),
            ("description", self.description.clone()),
            ("amount_capital", self.amount_capital.clone()),
            ("amount", self.amount_text.clone()),
            ("refunds", refunds),
            ("people", people),
            ("issued_at", format!("{issued_at}（UTC+8）")),
            ("verification", self.verification.clone()),
            (
                "demo",
                if self.demo {
                    DEMO_NOTICE.to_owned()
                } else {
                    String::new()
                },
            ),
        ];
        Ok(fields
            .into_iter()
            .map(|(name, text)| PrintedField { name, text })
            .collect())
    }
}

/// Part of a printed time, which is ASCII.
fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// The amount in words; other currencies than CNY have none in law.
fn in_words(amount: Money) -> std::result::Result<String, String> {
    match amount.currency {
        Currency::Cny => capital_amount(amount).map_err(|error| error.to_string()),
        other => Ok(format!("外币 {other}，以小写金额为准")),
    }
}

/// A field's name as a person knows it, for errors.
pub(crate) fn field_in_words(name: &str) -> &'static str {
    match name {
        "title" => "标题 (title)",
        "serial_no" => "凭证编号 (serial number)",
        "business_date" => "业务日期 (business date)",
        "payer" => "付款方 (payer)",
        "merchant_name" => "收款方 (merchant name)",
        "channel" => "付款渠道 (channel)",
        "merchant_account" => "收款账户 (merchant account)",
        "merchant_order_no" => "商户单号 (merchant order number)",
        "paid_at" => "支付时间 (time paid)",
        "channel_payment_id" => "渠道单号 (channel payment number)",
        "description" => "摘要 (description)",
        "amount_capital" => "金额大写 (amount in words)",
        "amount" => "金额小写 (amount)",
        "refunds" => "退款情况 (refunds)",
        "people" => "制单 / 复核 (maker and checker)",
        "issued_at" => "出具时间 (time of issue)",
        "verification" => "验证说明 (how to verify)",
        "demo" => "演示说明 (demonstration notice)",
        "signed_at" => "签署时间 (time of signing)",
        "digest" => "原文摘要 (digest)",
        _ => "页面 (page)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_group_thousands() {
        for (minor, currency, wanted) in [
            (168_000, Currency::Cny, "¥1,680.00"),
            (1, Currency::Cny, "¥0.01"),
            (99_999, Currency::Cny, "¥999.99"),
            (100_000_000, Currency::Cny, "¥1,000,000.00"),
            (1_234, Currency::Jpy, "JPY 1,234"),
            (1_234, Currency::Usd, "USD 12.34"),
        ] {
            assert_eq!(figures(Money::new(minor, currency)), wanted);
        }
    }
}
