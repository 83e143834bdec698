//! Rules of reconciliation: proposed by one person, in effect by another, named by every run.
//!
//! A version is never rewritten and never reaches back: a run keeps the version it was made by, and a
//! closed day is not run again. What a run was judged by (the contract, the tolerance, how much of the
//! month's budget was left) is kept with it.

use std::sync::Arc;

use zf_domain::approval::check_separate;
use zf_domain::{
    AccountId, BusinessDate, DifferenceCode, EntryKind, Permission, RuleSetId, RunId,
    StatementLine, Timestamp,
};
use zf_recon::rules::{Key, SHIPPED_OWNER, SHIPPED_REASON, Tolerance, ToleranceOn};
use zf_recon::{Carried, Difference, Outcome, RuleError, RuleSet, RunRules, Side};
use zf_store::Conn;
use zf_store::StoreError;
use zf_store::carry::{CarriedRecord, DifferenceTerms};
use zf_store::recon::{self as runs, RunRecord};
use zf_store::rule_sets::{self as sets, RuleSetRecord, RunTerms};

use crate::back_tests;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::files::io_error;
use crate::orders;
use crate::resolutions::check_text;
use crate::wire::{
    BudgetEnd, BudgetView, ChannelKind, DecideRules, ExportRules, FeeOnRefund, FeeRule, FileView,
    Nothing, ProposeRules, RuleBody, RuleFile, RuleSetRef, RuleSetState, RuleSetView, RuleSetsView,
    RunTermsView, ToleranceOn as On,
};

/// Sets shown, with their contents.
const HISTORY_MAX: u32 = 60;
/// Longest rule file.
const FILE_BYTES_MAX: u64 = 128 << 10;
/// Rows this close to the day cut may stand in the neighbouring day's file.
const DAY_CUT_MILLIS: i64 = 10 * 60_000;
/// Longest reason of a proposal or a decision, characters.
const REASON_MAX: usize = 500;

/// A set of rules with its digest.
#[derive(Debug, Clone)]
pub(crate) struct InForce {
    pub(crate) rules: Arc<RuleSet>,
    pub(crate) digest: String,
}

fn shipped() -> Result<InForce, AppError> {
    let rules = RuleSet::default();
    Ok(InForce {
        digest: rules.digest().map_err(AppError::internal)?,
        rules: Arc::new(rules),
    })
}

pub(crate) fn parse(record: &RuleSetRecord) -> Result<InForce, AppError> {
    let rules = RuleSet::from_json(&record.content).map_err(AppError::internal)?;
    Ok(InForce {
        digest: record.digest.clone(),
        rules: Arc::new(rules),
    })
}

/// The rules that stand now.
pub(crate) async fn in_force(conn: &mut Conn) -> Result<InForce, AppError> {
    match sets::in_effect(conn).await? {
        Some(record) => parse(&record),
        None => shipped(),
    }
}

/// What one run is judged by, and what it adds up on the way.
pub(crate) struct Terms {
    force: InForce,
    channel: String,
    account_id: AccountId,
    date: BusinessDate,
    month_before_minor: i64,
    fee_rows: u64,
    charged_minor: i64,
    agreed_minor: i64,
}

/// The channel of an account, as rules name it.
pub(crate) async fn channel_of(conn: &mut Conn, account: AccountId) -> Result<String, AppError> {
    Ok(
        sqlx::query_scalar("SELECT channel FROM accounts WHERE id = $1")
            .bind(account.to_string())
            .fetch_one(conn)
            .await
            .map_err(StoreError::from)?,
    )
}

impl Terms {
    pub(crate) async fn gather(
        conn: &mut Conn,
        account_id: AccountId,
        date: BusinessDate,
    ) -> Result<Self, AppError> {
        let channel = channel_of(&mut *conn, account_id).await?;
        let before =
            sets::spent_in_month(&mut *conn, &channel, date, account_id, [date, date]).await?;
        Ok(Self::of(
            in_force(conn).await?,
            channel,
            account_id,
            date,
            before,
        ))
    }

    pub(crate) const fn of(
        force: InForce,
        channel: String,
        account_id: AccountId,
        date: BusinessDate,
        month_before_minor: i64,
    ) -> Self {
        Self {
            force,
            channel,
            account_id,
            date,
            month_before_minor,
            fee_rows: 0,
            charged_minor: 0,
            agreed_minor: 0,
        }
    }

    fn tolerance(&self) -> Option<&Tolerance> {
        self.force.rules.tolerance(&self.channel, ToleranceOn::Fee)
    }

    /// The rules as the engine takes them.
    pub(crate) fn run_rules(&self) -> RunRules {
        RunRules {
            rules: self.force.rules.clone(),
            channel: self.channel.clone(),
            month_left_minor: self
                .tolerance()
                .map(|t| t.monthly_minor.saturating_sub(self.month_before_minor)),
        }
    }

    /// By which numbers rows meet, the first first.
    pub(crate) fn keys(&self) -> &[Key] {
        &self.force.rules.keys
    }

    /// Holds the fee of a bill row against the contract of its day.
    pub(crate) fn take(&mut self, line: &StatementLine) {
        let day = self
            .force
            .rules
            .business_day(&self.channel, line.occurred_at);
        if let Some(contract) = self.force.rules.contract(&self.channel, day) {
            let agreed = contract.fee_minor(line.kind, line.settlement_minor.abs());
            self.fee_rows += 1;
            self.charged_minor = self.charged_minor.saturating_add(line.fee_minor);
            self.agreed_minor = self.agreed_minor.saturating_add(agreed);
        }
    }

    /// Whether what the run was begun with still holds: another day of the month may have spent of the
    /// budget, another person may have let other rules take effect.
    pub(crate) async fn still_hold(&self, conn: &mut Conn) -> Result<bool, AppError> {
        let dates = [self.date, self.date];
        let spent =
            sets::spent_in_month(&mut *conn, &self.channel, self.date, self.account_id, dates)
                .await?;
        Ok(spent == self.month_before_minor && in_force(conn).await?.digest == self.force.digest)
    }

    /// What is kept with the run.
    pub(crate) fn record(&self, run_id: RunId, outcome: &Outcome) -> RunTerms {
        let tolerance = self.tolerance();
        let spent = outcome.tolerance;
        RunTerms {
            run_id,
            account_id: self.account_id,
            channel: self.channel.clone(),
            date: self.date,
            rules_version: self.force.rules.version,
            rules_digest: self.force.digest.clone(),
            rate_ppm: self
                .force
                .rules
                .contract(&self.channel, self.date)
                .map(|c| c.rate_ppm),
            fee_rows: self.fee_rows,
            charged_minor: self.charged_minor,
            agreed_minor: self.agreed_minor,
            tolerated_rows: spent.map_or(0, |s| s.rows),
            tolerated_minor: spent.map_or(0, |s| s.minor),
            spent_minor: spent.filter(|s| s.within()).map_or(0, |s| s.minor),
            per_row_minor: tolerance.map_or(0, |t| t.per_row_minor),
            daily_minor: tolerance.map_or(0, |t| t.daily_minor),
            monthly_minor: tolerance.map_or(0, |t| t.monthly_minor),
            month_before_minor: self.month_before_minor,
            owner: tolerance.map_or_else(String::new, |t| t.owner.clone()),
            reason: tolerance.map_or_else(String::new, |t| t.reason.clone()),
        }
    }

    /// Whether a moment lies so close to the day cut that the neighbouring day's file may have the row.
    fn near_cut(&self, at: Timestamp) -> bool {
        let rules = &self.force.rules;
        let day = |at| rules.business_day(&self.channel, at);
        day(at.plus_millis(-DAY_CUT_MILLIS)) != day(at.plus_millis(DAY_CUT_MILLIS))
    }

    fn expected(&self, kind: EntryKind) -> BusinessDate {
        self.force.rules.expected_by(&self.channel, kind, self.date)
    }

    /// What a difference has besides: its fee, and the day until which its other side may come. A book
    /// row without bill line is carried for the whole window; a bill line without book row only close
    /// to the day cut, because elsewhere it is a lost notice that wants a person at once.
    pub(crate) fn of_difference(&self, d: &Difference, outcome: &Outcome) -> DifferenceTerms {
        let over = outcome.tolerance.is_some_and(|spent| !spent.within());
        let (expected, likely) = match (d.code, &d.channel, &d.ledger) {
            (DifferenceCode::MissingInChannel, _, Some(side)) => {
                (Some(self.expected(d.kind)), self.near_cut(side.occurred_at))
            }
            (DifferenceCode::MissingInLedger, Some(side), _) if self.near_cut(side.occurred_at) => {
                (Some(self.expected(d.kind)), true)
            }
            _ => (None, false),
        };
        DifferenceTerms {
            fee: d.fee,
            over_budget: over
                && d.fee.is_some_and(|(charged, agreed)| {
                    self.tolerance()
                        .is_some_and(|t| (charged - agreed).abs() <= t.per_row_minor)
                }),
            expected: expected.filter(|day| *day > self.date),
            likely,
        }
    }

    /// A row that waits: a refund is on its way to the other side, a payment in progress only close to
    /// the day cut.
    pub(crate) fn of_carried(
        &self,
        run: &RunRecord,
        position: u64,
        carried: &Carried,
    ) -> CarriedRecord {
        CarriedRecord {
            run_id: run.id,
            position,
            account_id: run.account_id,
            date: run.date,
            in_channel: carried.side == Side::Channel,
            kind: carried.kind,
            number: carried.key.clone(),
            line_no: carried.row.line_no,
            amount: carried.row.amount,
            at: carried.row.occurred_at,
            expected: self.expected(carried.kind),
            likely: carried.kind == EntryKind::Refund || self.near_cut(carried.row.occurred_at),
            cleared: None,
        }
    }
}

/// Which budget the tolerated rows of a run would have overdrawn.
pub(crate) const fn ended_by(terms: &RunTerms) -> Option<BudgetEnd> {
    if terms.tolerated_minor == terms.spent_minor {
        None
    } else if terms.tolerated_minor > terms.daily_minor {
        Some(BudgetEnd::Day)
    } else {
        Some(BudgetEnd::Month)
    }
}

/// What a run was judged by, for the console.
pub(crate) async fn terms_view(ctx: &Ctx, run: RunId) -> Result<Option<RunTermsView>, AppError> {
    let pool = ctx.app.store().pool();
    let Some(t) = sets::terms(pool, run).await? else {
        return Ok(None);
    };
    let month_spent = t.month_before_minor.saturating_add(t.spent_minor);
    Ok(Some(RunTermsView {
        ended_by: ended_by(&t),
        rules_version: t.rules_version,
        rate_ppm: t.rate_ppm,
        fee_rows: t.fee_rows,
        charged_minor: t.charged_minor,
        agreed_minor: t.agreed_minor,
        off_minor: t.charged_minor.saturating_sub(t.agreed_minor),
        tolerated_rows: t.tolerated_rows,
        tolerated_minor: t.tolerated_minor,
        spent_minor: t.spent_minor,
        per_row_minor: t.per_row_minor,
        daily_minor: t.daily_minor,
        monthly_minor: t.monthly_minor,
        month_spent_minor: month_spent,
        month_left_minor: t.monthly_minor.saturating_sub(month_spent).max(0),
        owner: owner_name(ctx, &t.owner).await?,
        rules_digest: t.rules_digest,
        reason: t.reason,
    }))
}

/// The name of whoever answers for a tolerance; the login where nobody has it any more.
async fn owner_name(ctx: &Ctx, login: &str) -> Result<String, AppError> {
    let name: Option<String> =
        sqlx::query_scalar("SELECT display_name FROM users WHERE login = $1")
            .bind(login)
            .fetch_optional(ctx.app.store().pool())
            .await
            .map_err(StoreError::from)?;
    Ok(name.unwrap_or_else(|| login.to_owned()))
}

fn to_body(rules: &RuleSet) -> Result<RuleBody, AppError> {
    let value = serde_json::to_value(rules).map_err(AppError::internal)?;
    serde_json::from_value(value).map_err(AppError::internal)
}

/// The engine's reasons in Chinese; what is not listed stays as it is.
fn in_chinese(reason: &str) -> &str {
    match reason {
        "at least one key is needed" => "至少要有一个匹配键",
        "this key stands there already" => "这个匹配键已经有了",
        "the merchant's number must be among them: every row has it" => {
            "必须有商户单号：每一行都有它"
        }
        "a channel is needed" => "要写渠道",
        "a positive number of minor units is needed" => "要大于 0",
        "a day must allow at least one row" => "每日上限不能小于每行容差",
        "a month must allow at least one day" => "每月预算不能小于每日上限",
        "someone must answer for a tolerance" => "容差要有负责人",
        "a tolerance needs its reason" => "容差要写理由",
        "this channel has a tolerance for it already" => "这个渠道已有同类容差",
        "more than the whole amount; 6000 is 0.60 %" => "费率超过 100%",
        "a fee is never negative" => "手续费不能为负",
        "the last day comes before the first" => "截止日早于起始日",
        "a day has 1440 minutes" => "一天只有 1440 分钟",
        "this channel has a day cut already" => "这个渠道已有日切",
        "more than a year" => "超过一年",
        "this channel has a window for it already" => "这个渠道已有同类窗口",
        other if other.contains("is in force as well") => {
            "与另一份费率合同的日期重叠，请先让那一份截止"
        }
        other => other,
    }
}

fn invalid(error: &RuleError) -> AppError {
    let (field, detail) = match error {
        RuleError::Rule { at, reason } => {
            (at.clone(), format!("{} / {reason}", in_chinese(reason)))
        }
        RuleError::Json(e) => ("JSON".to_owned(), format!("{e}")),
    };
    AppError::new(Code::SettingInvalid)
        .with("name", "recon_rules")
        .with("field", field)
        .with("detail", detail)
}

fn to_rules(body: &RuleBody) -> Result<RuleSet, AppError> {
    let text = serde_json::to_string(body).map_err(AppError::internal)?;
    RuleSet::from_json(&text).map_err(|e| invalid(&e))
}

fn state(record: &RuleSetRecord, current: u32) -> RuleSetState {
    match record.state.as_str() {
        "in_effect" if record.version == current => RuleSetState::InEffect,
        "in_effect" => RuleSetState::Superseded,
        "rejected" => RuleSetState::Rejected,
        "withdrawn" => RuleSetState::Withdrawn,
        _ => RuleSetState::Proposed,
    }
}

/// Why the person asking may not decide about a proposal.
fn obstacle(ctx: &Ctx, record: &RuleSetRecord) -> Option<Code> {
    if record.state != "proposed" {
        return Some(Code::IllegalStep);
    }
    match &ctx.person {
        None => Some(Code::SignInRequired),
        Some(person) if person.user_id == record.proposed_by => Some(Code::SelfApproval),
        Some(_) if !ctx.may(Permission::SignDayAsChecker) => Some(Code::PermissionDenied),
        Some(_) => None,
    }
}

async fn view(ctx: &Ctx, record: &RuleSetRecord, current: u32) -> Result<RuleSetView, AppError> {
    let pool = ctx.app.store().pool();
    let decided_by = match &record.decision {
        Some((by, ..)) => runs::person_name(pool, *by).await?,
        None => None,
    };
    let back_test = match sets::newest_back_test(pool, record.id).await? {
        Some(test) => Some(back_tests::view(ctx, &test).await?),
        None => None,
    };
    let may_not = obstacle(ctx, record);
    Ok(RuleSetView {
        rule_set_id: Some(record.id),
        version: record.version,
        based_on: record.based_on,
        state: state(record, current),
        rules: to_body(&parse(record)?.rules)?,
        digest: record.digest.clone(),
        reason: record.reason.clone(),
        proposed_by: runs::person_name(pool, record.proposed_by).await?,
        proposed_at: Some(record.proposed_at),
        decided_by,
        decided_at: record.decision.as_ref().map(|(_, at, _)| *at),
        decision_note: record
            .decision
            .as_ref()
            .map(|(.., note)| note.clone())
            .filter(|note| !note.is_empty()),
        back_test_digest: record.back_test_digest.clone(),
        back_test,
        mine: ctx
            .person
            .as_ref()
            .is_some_and(|p| p.user_id == record.proposed_by),
        may_decide: may_not.is_none(),
        may_not_because: may_not.map(|code| code.text().code.to_owned()),
    })
}

fn shipped_view() -> Result<RuleSetView, AppError> {
    let force = shipped()?;
    Ok(RuleSetView {
        rule_set_id: None,
        version: force.rules.version,
        based_on: 0,
        state: RuleSetState::BuiltIn,
        rules: to_body(&force.rules)?,
        digest: force.digest,
        reason: SHIPPED_REASON.to_owned(),
        proposed_by: None,
        proposed_at: None,
        decided_by: None,
        decided_at: None,
        decision_note: None,
        back_test_digest: None,
        back_test: None,
        mine: false,
        may_decide: false,
        may_not_because: None,
    })
}

pub(crate) async fn all(ctx: &Ctx, _: Nothing) -> Result<RuleSetsView, AppError> {
    let mut conn = orders::reader(&ctx.app).await?;
    let kept = sets::history(&mut *conn, HISTORY_MAX).await?;
    let standing = sets::in_effect(&mut *conn).await?;
    let current_version = standing.as_ref().map_or(1, |r| r.version);
    let current = match &standing {
        Some(record) => view(ctx, record, current_version).await?,
        None => shipped_view()?,
    };
    let (mut proposals, mut history) = (Vec::new(), Vec::new());
    for record in &kept {
        let shown = view(ctx, record, current_version).await?;
        if shown.state == RuleSetState::Proposed {
            proposals.push(shown);
        } else {
            history.push(shown);
        }
    }
    history.push(shipped_view()?);
    let today = ctx.now.beijing_date();
    let month = BusinessDate::parse(&format!("{}-01", &today.to_string()[..7]))
        .map_err(AppError::internal)?;
    let mut budgets = Vec::new();
    for rule in &current.rules.tolerances {
        budgets.push(BudgetView {
            channel: rule.channel.clone(),
            on: On::Fee,
            month,
            spent_minor: sets::spent_of_month(&mut *conn, &rule.channel, today).await?,
            monthly_minor: rule.monthly_minor,
            owner: owner_name(ctx, &rule.owner).await?,
        });
    }
    Ok(RuleSetsView {
        current,
        proposals,
        history,
        budgets,
        back_test_days_max: back_tests::DAYS_MAX,
    })
}

/// Owners are people of this desk who can still sign in.
async fn check_owners(conn: &mut Conn, rules: &RuleSet) -> Result<(), AppError> {
    for (n, rule) in rules.tolerances.iter().enumerate() {
        let known: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM users WHERE login = $1 AND disabled_at IS NULL",
        )
        .bind(&rule.owner)
        .fetch_one(&mut *conn)
        .await
        .map_err(StoreError::from)?;
        if known == 0 && rule.owner != SHIPPED_OWNER {
            return Err(AppError::new(Code::SettingInvalid)
                .with("name", "recon_rules")
                .with("field", format!("tolerances[{n}].owner"))
                .with(
                    "detail",
                    "负责人须是在岗的人 / the owner must be somebody who can sign in",
                ));
        }
    }
    Ok(())
}

async fn refuse_stale(conn: &mut Conn, based_on: u32) -> Result<RuleSet, AppError> {
    let standing = sets::in_effect(&mut *conn).await?;
    let current = standing.as_ref().map_or(1, |r| r.version);
    if current != based_on {
        let (by, at) = match standing.as_ref().and_then(|r| r.decision.as_ref()) {
            Some((by, at, _)) => (
                runs::person_name(conn, *by).await?.unwrap_or_default(),
                at.to_beijing(),
            ),
            None => (String::new(), String::new()),
        };
        return Err(AppError::new(Code::SettingsChanged)
            .with("by", by)
            .with("at", at)
            .with("version", current));
    }
    match &standing {
        Some(record) => Ok((*parse(record)?.rules).clone()),
        None => Ok(RuleSet::default()),
    }
}

pub(crate) async fn propose(ctx: &Ctx, params: ProposeRules) -> Result<RuleSetsView, AppError> {
    let person = ctx.person()?.user_id;
    let reason = check_text("reason", &params.reason, REASON_MAX)?;
    let mut rules = to_rules(&params.rules)?;
    let mut tx = ctx.app.store().begin().await?;
    let standing = refuse_stale(tx.conn(), params.based_on).await?;
    rules.version = params.based_on + 1;
    check_owners(tx.conn(), &rules).await?;
    let same = RuleSet {
        version: standing.version,
        ..rules.clone()
    } == standing;
    if same {
        return Err(AppError::bad(
            "rules",
            "与现行规则相同 / the same rules stand already",
        ));
    }
    let record = RuleSetRecord {
        id: RuleSetId::new(),
        version: rules.version,
        based_on: params.based_on,
        state: "proposed".to_owned(),
        content: serde_json::to_string(&rules).map_err(AppError::internal)?,
        digest: rules.digest().map_err(AppError::internal)?,
        reason: reason.clone(),
        proposed_by: person,
        proposed_at: ctx.now,
        decision: None,
        back_test_digest: None,
    };
    sets::propose(&mut tx, &record).await?;
    let mut entry = ctx.audit(
        "recon.propose_rules",
        "rules",
        &format!("v{}", record.version),
    );
    entry.before_digest = Some(standing.digest().map_err(AppError::internal)?);
    entry.after_digest = Some(record.digest);
    entry.reason = Some(reason);
    tx.audit(entry).await?;
    tx.commit().await?;
    all(ctx, Nothing {}).await
}

async fn proposal(tx: &mut zf_store::Tx, id: RuleSetId) -> Result<RuleSetRecord, AppError> {
    sets::by_id(tx.conn(), id)
        .await?
        .ok_or_else(|| AppError::not_found("rules", id))
}

fn illegal(record: &RuleSetRecord, to: &str) -> AppError {
    AppError::new(Code::IllegalStep)
        .with("number", format!("v{}", record.version))
        .with("from", &record.state)
        .with("to", to)
}

pub(crate) async fn decide(ctx: &Ctx, params: DecideRules) -> Result<RuleSetsView, AppError> {
    let person = ctx.person()?.user_id;
    let note = if params.approve && params.note.trim().is_empty() {
        String::new()
    } else {
        check_text("note", &params.note, REASON_MAX)?
    };
    let mut tx = ctx.app.store().begin().await?;
    let record = proposal(&mut tx, params.rule_set_id).await?;
    let number = format!("v{}", record.version);
    check_separate(person, &[record.proposed_by])
        .map_err(|_| AppError::new(Code::SelfApproval).with("number", &number))?;
    let tested = sets::newest_back_test(tx.conn(), record.id).await?;
    let seen = (&params.digest, params.back_test_digest.as_ref());
    if seen != (&record.digest, tested.as_ref().map(|t| &t.digest)) {
        return Err(AppError::new(Code::DigestMismatch).with("number", &number));
    }
    let (to, action) = if params.approve {
        refuse_stale(tx.conn(), record.based_on).await?;
        check_owners(tx.conn(), &parse(&record)?.rules).await?;
        ("in_effect", "recon.approve_rules")
    } else {
        ("rejected", "recon.reject_rules")
    };
    let decision = Some((person, ctx.now, note.as_str()));
    let tested = tested.map(|t| t.digest);
    if !sets::decide(&mut tx, record.id, to, decision, tested.as_deref()).await? {
        return Err(illegal(&record, to));
    }
    let mut entry = ctx.audit(action, "rules", &number);
    entry.before_digest = tested;
    entry.after_digest = Some(record.digest);
    entry.reason = Some(note).filter(|n| !n.is_empty());
    tx.audit(entry).await?;
    tx.commit().await?;
    all(ctx, Nothing {}).await
}

pub(crate) async fn withdraw(ctx: &Ctx, params: RuleSetRef) -> Result<RuleSetsView, AppError> {
    let person = ctx.person()?.user_id;
    let mut tx = ctx.app.store().begin().await?;
    let record = proposal(&mut tx, params.rule_set_id).await?;
    if record.proposed_by != person {
        return Err(illegal(&record, "withdrawn"));
    }
    if !sets::decide(&mut tx, record.id, "withdrawn", None, None).await? {
        return Err(illegal(&record, "withdrawn"));
    }
    let mut entry = ctx.audit(
        "recon.withdraw_rules",
        "rules",
        &format!("v{}", record.version),
    );
    entry.before_digest = Some(record.digest);
    tx.audit(entry).await?;
    tx.commit().await?;
    all(ctx, Nothing {}).await
}

/// The demo merchant's contract with its channel, as two people of the demo would enter it: the rate the
/// sandbox charges, and somebody who answers for the rounding.
pub(crate) async fn found_demo_rules(
    clerk: &Ctx,
    approver: &Ctx,
    owner: &str,
    from: BusinessDate,
) -> Result<(), AppError> {
    let shipped = RuleSet::default();
    let mut rules = to_body(&shipped)?;
    for rule in &mut rules.tolerances {
        owner.clone_into(&mut rule.owner);
        "分次退款逐笔进位".clone_into(&mut rule.reason);
    }
    rules.fees = vec![FeeRule {
        channel: crate::facts::word(ChannelKind::WechatPay),
        rate_ppm: 6_000,
        minimum_minor: 0,
        on_refund: FeeOnRefund::Returned,
        from,
        until: None,
    }];
    let proposed = ProposeRules {
        rules,
        based_on: shipped.version,
        reason: "录入渠道费率合同 0.60%".to_owned(),
    };
    let sets = propose(clerk, proposed).await?;
    let Some((proposal, id)) = sets
        .proposals
        .first()
        .and_then(|p| Some((p, p.rule_set_id?)))
    else {
        return Err(AppError::internal("the demo's rules were not proposed"));
    };
    let decision = DecideRules {
        rule_set_id: id,
        digest: proposal.digest.clone(),
        back_test_digest: None,
        approve: true,
        note: "与合同核对一致".to_owned(),
    };
    decide(approver, decision).await?;
    Ok(())
}

/// The rule file, as `zf reconcile --rules` takes it.
pub(crate) async fn export(ctx: &Ctx, params: ExportRules) -> Result<FileView, AppError> {
    let force = match params.rule_set_id {
        Some(id) => {
            let record = sets::by_id(ctx.app.store().pool(), id)
                .await?
                .ok_or_else(|| AppError::not_found("rules", id))?;
            parse(&record)?
        }
        None => shipped()?,
    };
    let text = force.rules.to_json().map_err(AppError::internal)?;
    let path = ctx.app.files().scratch();
    std::fs::write(&path, text).map_err(|e| io_error(&path, &e))?;
    let number = format!("v{}", force.rules.version);
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit("recon.export_rules", "rules", &number);
    entry.after_digest = Some(force.digest);
    tx.audit(entry).await?;
    tx.commit().await?;
    ctx.app
        .files()
        .register(&path, &format!("recon-rules-{number}.json"))
}

/// Reads a rule file for the editor; nothing is kept of it.
pub(crate) async fn read_file(ctx: &Ctx, params: RuleFile) -> Result<RuleBody, AppError> {
    let file = ctx.app.files().find(&params.file_token)?;
    let size = std::fs::metadata(&file.path)
        .map_err(|e| io_error(&file.path, &e))?
        .len();
    if size > FILE_BYTES_MAX {
        return Err(AppError::new(Code::FileTooLarge)
            .with("name", &file.name)
            .with("limit", "128 KB"));
    }
    let text = std::fs::read_to_string(&file.path).map_err(|e| io_error(&file.path, &e))?;
    let rules = RuleSet::from_json(&text).map_err(|e| invalid(&e))?;
    to_body(&rules)
}
