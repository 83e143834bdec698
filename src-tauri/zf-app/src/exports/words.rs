//! Words of states and codes, for files that people read. The console has its own dictionary; one of
//! its tests reads this table and fails when the two say different things.

/// (dictionary, code, Chinese, English)
const WORDS: &[(&str, &str, &str, &str)] = &[
    ("order", "awaiting_payment", "待支付", "Awaiting payment"),
    ("order", "paying", "支付中", "Paying"),
    ("order", "paid", "已支付", "Paid"),
    ("order", "partly_refunded", "部分退款", "Partly refunded"),
    ("order", "refunding", "退款中", "Refunding"),
    ("order", "fully_refunded", "已全额退款", "Fully refunded"),
    ("order", "closed", "已关闭", "Closed"),
    (
        "order",
        "paid_after_close",
        "关单后到账",
        "Paid after close",
    ),
    (
        "order",
        "payment_unknown",
        "支付未知·核实中",
        "Payment unknown",
    ),
    (
        "order",
        "refund_unknown",
        "退款未知·核实中",
        "Refund unknown",
    ),
    ("order", "abnormal", "异常", "Abnormal"),
    ("refund", "draft", "草稿", "Draft"),
    ("refund", "awaiting_approval", "待复核", "Awaiting approval"),
    ("refund", "cooling_off", "冷静期", "Cooling-off"),
    ("refund", "queued", "排队发送", "Queued"),
    ("refund", "processing", "渠道处理中", "Processing"),
    ("refund", "unknown", "未知·核实中", "Unknown, checking"),
    ("refund", "succeeded", "退款成功", "Refunded"),
    ("refund", "abnormal", "退款异常", "Abnormal"),
    (
        "refund",
        "closed_by_channel",
        "渠道已关闭",
        "Closed by channel",
    ),
    ("refund", "rejected", "已驳回", "Rejected"),
    ("refund", "approval_expired", "复核过期", "Approval expired"),
    ("refund", "approval_voided", "批准已作废", "Approval voided"),
    ("difference", "matched", "已勾对", "Matched"),
    ("difference", "suspended", "已挂账", "Suspended"),
    ("difference", "waiting", "等待", "Waiting"),
    ("difference", "broken", "差错", "Broken"),
    ("difference", "overdue", "超期", "Overdue"),
    (
        "difference",
        "pending",
        "处理待复核",
        "Fix awaiting approval",
    ),
    ("difference", "resolved", "已平", "Resolved"),
    ("difference", "written_off", "已核销", "Written off"),
    ("resolution", "wait", "挂账等待", "Wait"),
    ("resolution", "query", "向渠道查询", "Query channel"),
    ("resolution", "supplement", "补单", "Supplement"),
    ("resolution", "refund", "退还付款人", "Refund payer"),
    ("resolution", "claim", "向渠道索赔", "Claim from channel"),
    ("resolution", "adjust", "调整账簿", "Adjust books"),
    ("resolution", "write_off", "核销", "Write off"),
    ("resolution", "relabel", "改记名目", "Relabel"),
    ("resolution", "cross_day", "跨日勾对", "Matched across days"),
    ("resolution", "proposed", "待复核", "Awaiting approval"),
    ("resolution", "in_effect", "已生效", "In effect"),
    ("resolution", "rejected", "已驳回", "Rejected"),
    ("resolution", "withdrawn", "已撤回", "Withdrawn"),
    ("resolution", "reversed", "已冲回", "Reversed"),
    ("close", "not_started", "未开始", "Not started"),
    ("close", "items_open", "有未清项", "Items open"),
    ("close", "waiting_for_bill", "等账单", "Waiting for bill"),
    ("close", "bill_missing", "缺账单", "Bill missing"),
    ("close", "maker_to_sign", "待经办签署", "Maker to sign"),
    ("close", "checker_to_sign", "待复核签署", "Checker to sign"),
    ("close", "closed", "已日结", "Closed & locked"),
    ("close", "reopened", "已重开", "Reopened"),
    (
        "code",
        "missing_in_ledger",
        "渠道有 · 我方无",
        "Channel has · we lack",
    ),
    (
        "code",
        "missing_in_channel",
        "我方有 · 渠道无",
        "We have · channel lacks",
    ),
    ("code", "amount_mismatch", "金额不同", "Amounts differ"),
    ("code", "status_mismatch", "状态不同", "States differ"),
    (
        "code",
        "duplicate_in_channel",
        "渠道重复",
        "Twice in the bill",
    ),
    ("code", "currency_mismatch", "币种不同", "Two currencies"),
    ("code", "id_clash", "单号撞号", "Number used twice"),
    ("code", "fee_mismatch", "手续费不符", "Fee not as agreed"),
    (
        "code",
        "duplicate_in_ledger",
        "我方重复",
        "Twice in our books",
    ),
    ("entry", "payment", "收款", "Payment"),
    ("entry", "refund", "退款", "Refund"),
    ("reason_code", "duplicate", "重复支付", "Duplicate payment"),
    ("reason_code", "not_delivered", "未发货", "Not delivered"),
    ("reason_code", "goodwill", "协商退款", "Goodwill"),
    ("reason_code", "price", "价格差", "Price difference"),
    ("reason_code", "fraud", "可疑交易", "Fraud"),
    ("reason_code", "test", "测试", "Test"),
    (
        "reason_code",
        "reconciliation",
        "对账差异",
        "Reconciliation",
    ),
    ("reason_code", "other", "其他", "Other"),
    ("role", "clerk", "经办", "Maker"),
    ("role", "approver", "复核", "Checker"),
    ("role", "auditor", "审计", "Auditor"),
    ("role", "administrator", "管理员", "Administrator"),
];

/// The word of a code; the code itself where there is none, so that nothing is ever left blank.
pub(crate) fn word(dictionary: &str, code: &str, english: bool) -> String {
    WORDS
        .iter()
        .find(|(d, c, _, _)| *d == dictionary && *c == code)
        .map_or_else(
            || code.to_owned(),
            |(_, _, zh, en)| (if english { *en } else { *zh }).to_owned(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use zf_domain::{DifferenceCode, OrderState, RefundState};

    #[test]
    fn every_state_and_code_has_a_word() {
        let missing = |dictionary: &str, codes: Vec<String>| -> Vec<String> {
            codes
                .into_iter()
                .filter(|code| word(dictionary, code, true) == *code)
                .collect()
        };
        let text = |state: serde_json::Value| state.as_str().unwrap().to_owned();
        let json = |v: &dyn erased::Json| text(v.json());
        let orders = OrderState::ALL.iter().map(|s| json(s)).collect();
        let refunds = RefundState::ALL.iter().map(|s| json(s)).collect();
        let codes = DifferenceCode::ALL
            .iter()
            .map(|c| c.as_str().to_owned())
            .collect();
        assert_eq!(missing("order", orders), Vec::<String>::new());
        assert_eq!(missing("refund", refunds), Vec::<String>::new());
        assert_eq!(missing("code", codes), Vec::<String>::new());
    }

    mod erased {
        pub(super) trait Json {
            fn json(&self) -> serde_json::Value;
        }
        impl<T: serde::Serialize> Json for T {
            fn json(&self) -> serde_json::Value {
                serde_json::to_value(self).unwrap()
            }
        }
    }
}
