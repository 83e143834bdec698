//! Rules of reconciliation, what a run was judged by, trials of proposed rules, and the carry-over pool.

use serde::{Deserialize, Serialize};
use zf_domain::{
    AccountId, BackTestId, BusinessDate, DifferenceCode, EntryKind, Money, RuleSetId, Timestamp,
};

use super::Sum;

words! {
    /// How a set of rules stands.
    RuleSetState { BuiltIn, Proposed, InEffect, Superseded, Rejected, Withdrawn }
    /// A number rows are matched by.
    RuleKey { ChannelNumber, MerchantNumber }
    /// What may deviate.
    ToleranceOn { Fee }
    /// What becomes of the fee with a refund.
    FeeOnRefund { Returned, Kept }
    /// Whether proposed rules hide a difference or raise one.
    BackTestChange { Hidden, Raised }
    /// What ended the tolerance of a run.
    BudgetEnd { Day, Month }
}

wire! {
    struct ToleranceRule {
        pub channel: String,
        pub on: ToleranceOn,
        #[ts(type = "number")]
        pub per_row_minor: i64,
        #[ts(type = "number")]
        pub daily_minor: i64,
        #[ts(type = "number")]
        pub monthly_minor: i64,
        /// Login of whoever answers for it; `@administrator` in the set that ships.
        pub owner: String,
        pub reason: String,
    }
    struct FeeRule {
        pub channel: String,
        /// Millionths: 6000 is 0.60 %.
        pub rate_ppm: u32,
        #[ts(type = "number")]
        pub minimum_minor: i64,
        pub on_refund: FeeOnRefund,
        pub from: BusinessDate,
        pub until: Option<BusinessDate>,
    }
    struct DayCutRule { pub channel: String, pub minutes_after_midnight: u16 }
    struct CarryRule { pub channel: String, pub kind: EntryKind, pub days: u16 }
    /// A rule file, as `zf reconcile --rules` takes it.
    struct RuleBody {
        pub version: u32,
        pub keys: Vec<RuleKey>,
        pub tolerances: Vec<ToleranceRule>,
        pub fees: Vec<FeeRule>,
        pub day_cuts: Vec<DayCutRule>,
        pub carry: Vec<CarryRule>,
    }
    struct RuleSetView {
        /// Null: the set that ships.
        pub rule_set_id: Option<RuleSetId>,
        pub version: u32,
        pub based_on: u32,
        pub state: RuleSetState,
        pub rules: RuleBody,
        pub digest: String,
        pub reason: String,
        pub proposed_by: Option<String>,
        pub proposed_at: Option<Timestamp>,
        pub decided_by: Option<String>,
        pub decided_at: Option<Timestamp>,
        pub decision_note: Option<String>,
        /// What the second person had before them.
        pub back_test_digest: Option<String>,
        /// The newest trial of a proposal.
        pub back_test: Option<BackTestView>,
        /// Whoever asks proposed it.
        pub mine: bool,
        pub may_decide: bool,
        /// Error code why not.
        pub may_not_because: Option<String>,
    }
    /// A month's budget of a tolerance, minor units.
    struct BudgetView {
        pub channel: String,
        pub on: ToleranceOn,
        /// First day of the month.
        pub month: BusinessDate,
        #[ts(type = "number")]
        pub spent_minor: i64,
        #[ts(type = "number")]
        pub monthly_minor: i64,
        pub owner: String,
    }
    struct RuleSetsView {
        pub current: RuleSetView,
        pub proposals: Vec<RuleSetView>,
        /// Everything decided, the newest first.
        pub history: Vec<RuleSetView>,
        pub budgets: Vec<BudgetView>,
        /// Longest range of a trial, days.
        pub back_test_days_max: u32,
    }
    /// `based_on`: the version the author had before them; refused when another stands by now.
    struct ProposeRules { pub rules: RuleBody, pub based_on: u32, pub reason: String }
    /// `digest`: of the rules as shown. `back_test_digest`: of the trial as shown, when there is one.
    struct DecideRules { pub rule_set_id: RuleSetId, pub digest: String, pub back_test_digest: Option<String>, pub approve: bool, pub note: String }
    struct RuleSetRef { pub rule_set_id: RuleSetId }
    /// Null: the set that ships.
    struct ExportRules { pub rule_set_id: Option<RuleSetId> }
    struct RuleFile { pub file_token: String }

    struct BackTestRequest { pub rule_set_id: RuleSetId, pub account_id: AccountId, pub first: BusinessDate, pub last: BusinessDate }
    /// One day of a trial: differences its latest run found, and what the tested rules find.
    struct BackTestDay {
        pub date: BusinessDate,
        pub run_number: u32,
        /// The rules that run was made by; 0 for a run of an older program.
        pub rules_version: u32,
        #[ts(type = "number")]
        pub before: u64,
        #[ts(type = "number")]
        pub after: u64,
        #[ts(type = "number")]
        pub hidden: u64,
        #[ts(type = "number")]
        pub raised: u64,
        #[ts(type = "number")]
        pub tolerated_rows: u64,
        #[ts(type = "number")]
        pub spent_minor: i64,
        pub ended_by: Option<BudgetEnd>,
    }
    struct BackTestCode { pub code: DifferenceCode, #[ts(type = "number")] pub before: u64, #[ts(type = "number")] pub after: u64 }
    struct BackTestView {
        pub back_test_id: BackTestId,
        pub rule_set_id: RuleSetId,
        pub rules_digest: String,
        pub against_version: u32,
        pub account_id: AccountId,
        pub first: BusinessDate,
        pub last: BusinessDate,
        pub days: Vec<BackTestDay>,
        pub codes: Vec<BackTestCode>,
        #[ts(type = "number")]
        pub hidden: u64,
        #[ts(type = "number")]
        pub raised: u64,
        pub digest: String,
        pub run_by: String,
        pub at: Timestamp,
    }
    struct BackTestItemsRequest { pub back_test_id: BackTestId, pub cursor: Option<String>, pub limit: u32 }
    struct BackTestItemView {
        #[ts(type = "number")]
        pub position: u64,
        pub change: BackTestChange,
        pub date: BusinessDate,
        pub code: DifferenceCode,
        pub kind: EntryKind,
        pub number: String,
        pub channel: Option<Money>,
        pub ledger: Option<Money>,
        #[ts(type = "number | null")]
        pub channel_line: Option<u64>,
        #[ts(type = "number | null")]
        pub ledger_line: Option<u64>,
        pub fee: Option<FeeView>,
    }
    struct BackTestItems { pub rows: Vec<BackTestItemView>, pub next_cursor: Option<String>, #[ts(type = "number")] pub total: u64 }
    struct BackTestRef { pub back_test_id: BackTestId, /// Headings in English.
        #[serde(default)] pub english: bool }

    /// A fee as charged and as the contract says.
    struct FeeView {
        pub charged: Money,
        pub agreed: Money,
        /// The row alone is within the tolerance; its budget was spent.
        pub over_budget: bool,
    }
    /// By which rules a run was made, and what they let pass. Sums in minor units.
    struct RunTermsView {
        pub rules_version: u32,
        pub rules_digest: String,
        /// Rate of the day's contract in millionths; null without a contract.
        pub rate_ppm: Option<u32>,
        #[ts(type = "number")]
        pub fee_rows: u64,
        #[ts(type = "number")]
        pub charged_minor: i64,
        #[ts(type = "number")]
        pub agreed_minor: i64,
        /// Charged less agreed.
        #[ts(type = "number")]
        pub off_minor: i64,
        #[ts(type = "number")]
        pub tolerated_rows: u64,
        #[ts(type = "number")]
        pub tolerated_minor: i64,
        /// What of it was let pass: all or nothing.
        #[ts(type = "number")]
        pub spent_minor: i64,
        #[ts(type = "number")]
        pub per_row_minor: i64,
        #[ts(type = "number")]
        pub daily_minor: i64,
        #[ts(type = "number")]
        pub monthly_minor: i64,
        /// Of the month's budget, this run's share included.
        #[ts(type = "number")]
        pub month_spent_minor: i64,
        #[ts(type = "number")]
        pub month_left_minor: i64,
        /// Which budget these rows would have overdrawn.
        pub ended_by: Option<BudgetEnd>,
        pub owner: String,
        pub reason: String,
    }

    /// What is likely to clear with the next bill, and how the last forecast came out.
    struct ForecastView {
        /// Day of the next bill.
        pub date: BusinessDate,
        #[ts(type = "number")]
        pub count: u64,
        pub sums: Vec<Sum>,
        pub last: Option<ForecastPast>,
    }
    struct ForecastPast { pub date: BusinessDate, #[ts(type = "number")] pub expected: u64, #[ts(type = "number")] pub cleared: u64 }
    /// How many unsettled items are so old, carried rows included.
    struct PoolAge { pub from_days: u32, /// Null: no end.
        pub to_days: Option<u32>, #[ts(type = "number")] pub count: u64 }
    /// Rows that were not final when their day was reconciled and had no partner. `cleared`: those whose
    /// other side came since.
    struct CarriedSearch { pub account_id: AccountId, pub cleared: bool, pub cursor: Option<String>, pub limit: u32 }
    struct CarriedView {
        pub date: BusinessDate,
        /// Whether the bill has it; else the books.
        pub in_channel: bool,
        pub kind: EntryKind,
        pub number: String,
        #[ts(type = "number")]
        pub line_no: u64,
        pub amount: Money,
        pub at: Timestamp,
        pub expected_date: BusinessDate,
        pub likely: bool,
        pub overdue: bool,
        pub age_days: u32,
        pub cleared_date: Option<BusinessDate>,
        #[ts(type = "number | null")]
        pub cleared_line: Option<u64>,
    }
    struct CarriedPage { pub rows: Vec<CarriedView>, pub next_cursor: Option<String> }
}

/// TypeScript declarations of this room.
pub(super) fn declarations() -> Vec<String> {
    use ts_rs::TS as _;
    let config = ts_rs::Config::default();
    vec![
        RuleSetId::decl(&config),
        BackTestId::decl(&config),
        RuleSetState::decl(&config),
        RuleKey::decl(&config),
        ToleranceOn::decl(&config),
        FeeOnRefund::decl(&config),
        BackTestChange::decl(&config),
        BudgetEnd::decl(&config),
        ToleranceRule::decl(&config),
        FeeRule::decl(&config),
        DayCutRule::decl(&config),
        CarryRule::decl(&config),
        RuleBody::decl(&config),
        RuleSetView::decl(&config),
        BudgetView::decl(&config),
        RuleSetsView::decl(&config),
        ProposeRules::decl(&config),
        DecideRules::decl(&config),
        RuleSetRef::decl(&config),
        ExportRules::decl(&config),
        RuleFile::decl(&config),
        BackTestRequest::decl(&config),
        BackTestDay::decl(&config),
        BackTestCode::decl(&config),
        BackTestView::decl(&config),
        BackTestItemsRequest::decl(&config),
        BackTestItemView::decl(&config),
        BackTestItems::decl(&config),
        BackTestRef::decl(&config),
        FeeView::decl(&config),
        RunTermsView::decl(&config),
        ForecastView::decl(&config),
        ForecastPast::decl(&config),
        PoolAge::decl(&config),
        CarriedSearch::decl(&config),
        CarriedView::decl(&config),
        CarriedPage::decl(&config),
    ]
}
