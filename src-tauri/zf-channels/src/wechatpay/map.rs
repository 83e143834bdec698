//! WeChat Pay's words → ours. Unknown states read as not final, never as paid or refunded.

use zf_crypto::digest::{hex_lower, sha256};
use zf_domain::{
    ChannelPaymentId, ChannelRefundId, Currency, MerchantOrderNo, MerchantRefundNo, Money,
    PaymentState, Timestamp,
};

use super::wire;
use crate::channel::{PaymentSnapshot, RefundOutcome, RefundSnapshot};
use crate::error::{ChannelError, Lost, Misuse, PeerFault, RefusalKind, Result};
use crate::exchange::Incoming;

/// `trade_state`.
#[must_use]
pub fn payment_state(word: &str) -> PaymentState {
    match word {
        // Any refund, also a partial one, turns SUCCESS into REFUND: both mean paid.
        "SUCCESS" | "REFUND" => PaymentState::Paid,
        "USERPAYING" => PaymentState::Paying,
        "CLOSED" => PaymentState::Closed,
        "REVOKED" | "PAYERROR" => PaymentState::Failed,
        _ => PaymentState::Pending,
    }
}

/// `status` of a refund.
#[must_use]
pub fn refund_outcome(word: &str) -> RefundOutcome {
    match word {
        "SUCCESS" => RefundOutcome::Succeeded,
        "CLOSED" => RefundOutcome::Closed,
        "ABNORMAL" => RefundOutcome::Abnormal,
        _ => RefundOutcome::Processing,
    }
}

/// Codes that say the channel itself does not know, whatever the status.
fn is_unsure(status: u16, code: &str) -> bool {
    matches!(status, 429 | 500..=599)
        || matches!(
            code,
            "SYSTEM_ERROR"
                | "SYSTEMERROR"
                | "SERVICE_UNAVAILABLE"
                | "BIZERR_NEED_RETRY"
                | "FREQUENCY_LIMITED"
                | "FREQUENCY_LIMIT_EXCEED"
                | "RATELIMIT_EXCEEDED"
                | "RATELIMIT_EXCEED"
                | "RATE_LIMITED"
                | "BANK_ERROR"
                | "BANKERROR"
        )
}

/// A vendor code → what it means, all spellings seen over the years.
#[must_use]
pub fn refusal_kind(code: &str) -> RefusalKind {
    match code {
        "PARAM_ERROR" | "INVALID_REQUEST" | "INVALID_TRANSACTIONID" | "OPENID_MISMATCH" => {
            RefusalKind::InvalidRequest
        }
        "ORDER_CLOSED" | "ORDERCLOSED" => RefusalKind::OrderClosed,
        "ORDERPAID" | "ORDER_PAID" => RefusalKind::AlreadyPaid,
        "OUT_TRADE_NO_USED" => RefusalKind::OrderNumberUsed,
        "ORDER_NOT_EXIST" | "ORDERNOTEXIST" => RefusalKind::OrderNotFound,
        "RESOURCE_NOT_EXISTS" => RefusalKind::NotFound,
        "NOT_ENOUGH" | "NOTENOUGH" => RefusalKind::InsufficientBalance,
        "USER_ACCOUNT_ABNORMAL" => RefusalKind::PayerAccountGone,
        "RULE_LIMIT" | "RULELIMIT" | "TRADE_ERROR" | "ACCOUNT_ERROR" | "ACCOUNTERROR" => {
            RefusalKind::RuleLimit
        }
        "TRADE_OVERDUE" => RefusalKind::TooOld,
        "REFUND_FEE_MISMATCH" => RefusalKind::RefundMismatch,
        "NO_AUTH" | "NOAUTH" => RefusalKind::NoPermission,
        "APPID_MCHID_NOT_MATCH" => RefusalKind::AppNotBound,
        "MCH_NOT_EXISTS" => RefusalKind::MerchantUnknown,
        "USERPAYING" | "USER_PAYING" => RefusalKind::PayerBusy,
        "NO_STATEMENT_EXIST" => RefusalKind::NoStatement,
        "STATEMENT_CREATING" => RefusalKind::StatementCreating,
        _ => RefusalKind::Other,
    }
}

/// What an answer that is not 2xx (or is 202) means.
pub(crate) fn refusal(incoming: &Incoming, signed_at: Timestamp, serial_no: &str) -> ChannelError {
    let status = incoming.status;
    let error: wire::VendorError = serde_json::from_slice(&incoming.body).unwrap_or_default();
    if status == 401 || error.code == "SIGN_ERROR" {
        return sign_error(incoming, &error, signed_at, serial_no).into();
    }
    if is_unsure(status, &error.code) {
        let code = (!error.code.is_empty()).then_some(error.code);
        return ChannelError::Unavailable(Lost::Status { status, code });
    }
    if error.code.is_empty() {
        let request_id = incoming.headers.value("Request-ID").unwrap_or("-");
        return PeerFault::NotTheVendor {
            status,
            request_id: request_id.chars().take(80).collect(),
        }
        .into();
    }
    let kind = refusal_kind(&error.code);
    let mut message = error.message;
    if let Some(detail) = error.detail
        && let Some(field) = detail.get("field").and_then(|f| f.as_str())
        && !message.contains(field)
    {
        message = format!("{message} ({field})");
    }
    ChannelError::Refused {
        code: error.code,
        message,
        kind,
    }
}

/// All 401 share one code; the text and the Date header tell which of our settings is wrong.
fn sign_error(
    incoming: &Incoming,
    error: &wire::VendorError,
    signed_at: Timestamp,
    serial_no: &str,
) -> Misuse {
    let skew = super::sign::date(&incoming.headers)
        .map(|date| signed_at.seconds() - date)
        .filter(|s| s.abs() > 240);
    let message = error.message.clone();
    if message.contains("timestamp") || message.contains("5分钟") {
        return Misuse::ClockSkew { seconds: skew };
    }
    if ["序列号", "证书已", "新证书", "未申请过证书"]
        .iter()
        .any(|hint| message.contains(hint))
    {
        return Misuse::WrongSerial {
            serial: serial_no.to_owned(),
            message,
        };
    }
    if message.is_empty() && skew.is_some() {
        return Misuse::ClockSkew { seconds: skew };
    }
    Misuse::WrongKey { message }
}

fn bad(field: &str, why: impl std::fmt::Display) -> ChannelError {
    PeerFault::BadJson(format!("{field}: {why}")).into()
}

fn currency(code: Option<&str>) -> Result<Currency> {
    code.map_or(Ok(Currency::Cny), |c| {
        Currency::parse(c).map_err(|e| bad("currency", e))
    })
}

fn time(field: &str, text: Option<&str>) -> Result<Option<Timestamp>> {
    text.filter(|t| !t.is_empty())
        .map(|t| Timestamp::parse_rfc3339(t).map_err(|e| bad(field, e)))
        .transpose()
}

pub(crate) fn same(field: &'static str, expected: &str, found: &str) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(PeerFault::Mismatch {
        field,
        expected: expected.to_owned(),
        found: found.chars().take(80).collect(),
    }
    .into())
}

/// The transaction object of a query or a notice. `raw` is the verified body, for its digest.
pub(crate) fn payment(
    transaction: wire::Transaction,
    mchid: &str,
    raw: &[u8],
) -> Result<PaymentSnapshot> {
    same("mchid", mchid, &transaction.mchid)?;
    let state = payment_state(&transaction.trade_state);
    let currency_code = currency(transaction.amount.currency.as_deref())?;
    let total = transaction
        .amount
        .total
        .ok_or_else(|| bad("amount.total", "it is missing"))?;
    let payer_currency = currency(
        transaction
            .amount
            .payer_currency
            .as_deref()
            .or(transaction.amount.currency.as_deref()),
    )?;
    let payment_id = transaction
        .transaction_id
        .filter(|t| !t.is_empty())
        .map(|t| ChannelPaymentId::parse(&t).map_err(|e| bad("transaction_id", e)))
        .transpose()?;
    if state == PaymentState::Paid && payment_id.is_none() {
        return Err(bad("transaction_id", "a paid order has none"));
    }
    let state_text = if transaction.trade_state_desc.is_empty() {
        transaction.trade_state.clone()
    } else {
        format!(
            "{} {}",
            transaction.trade_state, transaction.trade_state_desc
        )
    };
    Ok(PaymentSnapshot {
        order_no: MerchantOrderNo::parse(&transaction.out_trade_no)
            .map_err(|e| bad("out_trade_no", e))?,
        payment_id,
        state,
        amount: Money::new(total, currency_code),
        payer_amount: transaction
            .amount
            .payer_total
            .map(|minor| Money::new(minor, payer_currency)),
        payer: transaction.payer.and_then(|p| p.openid),
        method: transaction.trade_type,
        paid_at: time("success_time", transaction.success_time.as_deref())?,
        state_text,
        refunded_hint: transaction.trade_state == "REFUND",
        attach: transaction.attach,
        raw_digest: hex_lower(&sha256(raw)),
    })
}

/// The refund object of an answer or a notice.
pub(crate) fn refund(refund: wire::Refund, raw: &[u8]) -> Result<RefundSnapshot> {
    Ok(RefundSnapshot {
        refund_no: MerchantRefundNo::parse(&refund.out_refund_no)
            .map_err(|e| bad("out_refund_no", e))?,
        refund_id: ChannelRefundId::parse(&refund.refund_id).map_err(|e| bad("refund_id", e))?,
        order_no: MerchantOrderNo::parse(&refund.out_trade_no)
            .map_err(|e| bad("out_trade_no", e))?,
        payment_id: ChannelPaymentId::parse(&refund.transaction_id)
            .map_err(|e| bad("transaction_id", e))?,
        state: refund_outcome(&refund.status),
        state_text: refund.status,
        amount: Money::new(
            refund.amount.refund,
            currency(refund.amount.currency.as_deref())?,
        ),
        created_at: time("create_time", refund.create_time.as_deref())?,
        succeeded_at: time("success_time", refund.success_time.as_deref())?,
        received_account: refund.user_received_account.filter(|a| !a.is_empty()),
        raw_digest: hex_lower(&sha256(raw)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Retry;
    use crate::exchange::Headers;

    #[test]
    fn unknown_states_are_never_final() {
        for (word, state) in [
            ("SUCCESS", PaymentState::Paid),
            ("REFUND", PaymentState::Paid),
            ("NOTPAY", PaymentState::Pending),
            ("USERPAYING", PaymentState::Paying),
            ("CLOSED", PaymentState::Closed),
            ("REVOKED", PaymentState::Failed),
            ("PAYERROR", PaymentState::Failed),
            ("success", PaymentState::Pending),
            ("SOMETHING_NEW", PaymentState::Pending),
            ("", PaymentState::Pending),
        ] {
            assert_eq!(payment_state(word), state, "{word}");
        }
        for (word, state) in [
            ("PROCESSING", RefundOutcome::Processing),
            ("SUCCESS", RefundOutcome::Succeeded),
            ("CLOSED", RefundOutcome::Closed),
            ("ABNORMAL", RefundOutcome::Abnormal),
            ("CHANGE", RefundOutcome::Processing),
            ("DONE", RefundOutcome::Processing),
        ] {
            assert_eq!(refund_outcome(word), state, "{word}");
        }
    }

    fn answer(status: u16, body: &str, date: Option<&str>) -> ChannelError {
        let headers = date.map(|d| ("date".to_owned(), d.to_owned()));
        let incoming = Incoming {
            status,
            headers: Headers(headers.into_iter().collect()),
            body: body.as_bytes().to_vec(),
            file: None,
            sent_at: Timestamp::from_seconds(0),
        };
        let signed_at = Timestamp::parse_rfc3339("2026-03-14T09:12:33+08:00").unwrap();
        refusal(&incoming, signed_at, "3A7C")
    }

    /// The table of the vendor's page, with every spelling it has had.
    #[test]
    fn each_code_means_one_thing() {
        use RefusalKind as K;
        let table: &[(u16, &str, K, Retry)] = &[
            (202, "USERPAYING", K::PayerBusy, Retry::SameNumber),
            (400, "PARAM_ERROR", K::InvalidRequest, Retry::Never),
            (400, "INVALID_REQUEST", K::InvalidRequest, Retry::Never),
            (400, "APPID_MCHID_NOT_MATCH", K::AppNotBound, Retry::Never),
            (400, "MCH_NOT_EXISTS", K::MerchantUnknown, Retry::Never),
            (404, "MCH_NOT_EXISTS", K::MerchantUnknown, Retry::Never),
            (400, "ORDER_CLOSED", K::OrderClosed, Retry::NewNumber),
            (400, "ORDERCLOSED", K::OrderClosed, Retry::NewNumber),
            (400, "ORDERPAID", K::AlreadyPaid, Retry::QueryFirst),
            (400, "ORDER_PAID", K::AlreadyPaid, Retry::QueryFirst),
            (400, "NO_STATEMENT_EXIST", K::NoStatement, Retry::Never),
            (
                400,
                "STATEMENT_CREATING",
                K::StatementCreating,
                Retry::SameNumber,
            ),
            (403, "NO_AUTH", K::NoPermission, Retry::Never),
            (403, "NOAUTH", K::NoPermission, Retry::Never),
            (
                403,
                "OUT_TRADE_NO_USED",
                K::OrderNumberUsed,
                Retry::NewNumber,
            ),
            (403, "NOT_ENOUGH", K::InsufficientBalance, Retry::SameNumber),
            (
                403,
                "USER_ACCOUNT_ABNORMAL",
                K::PayerAccountGone,
                Retry::Never,
            ),
            (403, "RULE_LIMIT", K::RuleLimit, Retry::Never),
            (403, "RULELIMIT", K::RuleLimit, Retry::Never),
            (403, "TRADE_ERROR", K::RuleLimit, Retry::Never),
            (403, "ACCOUNT_ERROR", K::RuleLimit, Retry::Never),
            (404, "ORDER_NOT_EXIST", K::OrderNotFound, Retry::Never),
            (404, "ORDERNOTEXIST", K::OrderNotFound, Retry::Never),
            (404, "RESOURCE_NOT_EXISTS", K::NotFound, Retry::SameNumber),
            (400, "TRADE_OVERDUE", K::TooOld, Retry::Never),
            (
                400,
                "REFUND_FEE_MISMATCH",
                K::RefundMismatch,
                Retry::NewNumber,
            ),
            (400, "SOMETHING_NEW", K::Other, Retry::Never),
        ];
        for (status, code, kind, retry) in table {
            let body = format!(r#"{{"code":"{code}","message":"m"}}"#);
            let error = answer(*status, &body, None);
            assert!(
                matches!(&error, ChannelError::Refused { kind: k, .. } if k == kind),
                "{code}: {error:?}"
            );
            assert_eq!(error.retry(), *retry, "{code}");
            assert!(!error.remedy().is_empty());
        }
        let unsure: &[(u16, &str)] = &[
            (429, "FREQUENCY_LIMITED"),
            (429, "RATELIMIT_EXCEEDED"),
            (400, "RATE_LIMITED"),
            (500, "SYSTEM_ERROR"),
            (500, "BANK_ERROR"),
            (500, "OPENID_MISMATCH"),
            (502, ""),
            (503, "SERVICE_UNAVAILABLE"),
            (200, "BIZERR_NEED_RETRY"),
        ];
        for (status, code) in unsure {
            let body = format!(r#"{{"code":"{code}","message":"m"}}"#);
            let error = answer(*status, &body, None);
            assert!(
                matches!(error, ChannelError::Unavailable(Lost::Status { status: s, .. }) if s == *status),
                "{status} {code}: {error:?}"
            );
        }
        for (status, body) in [(404, ""), (405, ""), (403, "<html>blocked</html>")] {
            assert!(matches!(
                answer(status, body, None),
                ChannelError::PeerMisbehaved(PeerFault::NotTheVendor { .. })
            ));
        }
    }

    #[test]
    fn a_401_names_the_setting_that_is_wrong() {
        let say = |m: &str| format!(r#"{{"code":"SIGN_ERROR","message":"{m}"}}"#);
        let clock = say("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟");
        // Signed at 09:12:33 +08:00 = 01:12:33 GMT.
        for (date, seconds) in [
            (Some("Sat, 14 Mar 2026 01:02:33 GMT"), Some(600)),
            (Some("Sat, 14 Mar 2026 01:22:33 GMT"), Some(-600)),
            (None, None),
        ] {
            assert_eq!(
                answer(401, &clock, date),
                ChannelError::Misuse(Misuse::ClockSkew { seconds })
            );
        }
        for text in [
            "商户证书序列号有误。请使用签名私钥匹配的证书序列号",
            "商户证书已过期",
            "商户证书已作废",
            "已更换证书，请使用新证书",
            "商户未申请过证书。",
        ] {
            assert!(
                matches!(
                    answer(401, &say(text), None),
                    ChannelError::Misuse(Misuse::WrongSerial { .. })
                ),
                "{text}"
            );
        }
        assert!(matches!(
            answer(401, &say("签名错误"), Some("Sat, 14 Mar 2026 01:12:34 GMT")),
            ChannelError::Misuse(Misuse::WrongKey { .. })
        ));
        let text = answer(401, &clock, Some("Sat, 14 Mar 2026 01:02:33 GMT")).to_string();
        assert_eq!(
            text,
            "this machine's clock is wrong: it is 600 s ahead of the channel (limit 300 s)"
        );
    }
}
