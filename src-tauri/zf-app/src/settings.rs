//! Rules of the refund desk and schedules: what an administrator may set, versioned and audited.
//!
//! A version is never rewritten. A request carries the path it was asked under, so a change of rules
//! reaches only what is asked for afterwards.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zf_crypto::digest;
use zf_domain::{ApprovalBand, RefundRules};
use zf_store::Conn;
use zf_store::rules::{self as store, RulesRecord};

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::orders;
use crate::wire::{
    Band, DeskRules, Nothing, ReasonCode, RulesVersion, RulesView, Schedule, ScheduleVersion,
    ScheduleView, SetRules, SetSchedule,
};

const REFUND: &str = "refund";
const SCHEDULE: &str = "schedule";
/// Versions shown with their contents.
const HISTORY_MAX: u32 = 50;
/// Longest note of a change, characters.
const NOTE_MAX: usize = 200;
/// Longest text for the payer: the channel's limit, characters.
const BUYER_NOTE_MAX: usize = 80;

/// The rules that stand.
pub(crate) struct Standing {
    pub(crate) refund: RefundRules,
    /// Reasons that need a note for the checker.
    pub(crate) note_required: Vec<ReasonCode>,
    /// What the buyer reads unless the clerk writes something else.
    pub(crate) buyer_note: String,
    /// 0: the defaults this program ships with.
    pub(crate) version: i64,
}

impl Standing {
    pub(crate) fn needs_note(&self, reason: ReasonCode) -> bool {
        reason == ReasonCode::Other || self.note_required.contains(&reason)
    }
}

const ALL_REASONS: [ReasonCode; 8] = [
    ReasonCode::Duplicate,
    ReasonCode::NotDelivered,
    ReasonCode::Goodwill,
    ReasonCode::Price,
    ReasonCode::Fraud,
    ReasonCode::Test,
    ReasonCode::Reconciliation,
    ReasonCode::Other,
];

pub(crate) fn bands(rules: &RefundRules) -> Vec<Band> {
    rules
        .bands
        .iter()
        .map(|b| Band {
            up_to_minor: b.up_to_minor,
            checkers: b.checkers,
        })
        .collect()
}

fn defaults() -> DeskRules {
    let rules = RefundRules::default();
    DeskRules {
        bands: bands(&rules),
        approval_hours: rules.approval_hours_max,
        cooling_off_seconds: rules.cooling_off_seconds,
        daily_count_max: rules.daily_count_max,
        daily_sum_minor_max: rules.daily_sum_minor_max,
        note_required: ALL_REASONS.to_vec(),
        buyer_note: String::new(),
    }
}

const fn default_schedule() -> Schedule {
    Schedule {
        fetch_bills: true,
        fetch_hour: 10,
    }
}

fn refund_rules(rules: &DeskRules) -> RefundRules {
    RefundRules {
        bands: rules
            .bands
            .iter()
            .map(|b| ApprovalBand {
                up_to_minor: b.up_to_minor,
                checkers: b.checkers,
            })
            .collect(),
        approval_hours_max: rules.approval_hours,
        cooling_off_seconds: rules.cooling_off_seconds,
        daily_count_max: rules.daily_count_max,
        daily_sum_minor_max: rules.daily_sum_minor_max,
        ..RefundRules::default()
    }
}

fn parse<T: DeserializeOwned>(record: &RulesRecord) -> Result<T, AppError> {
    serde_json::from_str(&record.content).map_err(AppError::internal)
}

/// The rules that stand now, read where a decision is made.
pub(crate) async fn standing(conn: &mut Conn) -> Result<Standing, AppError> {
    let newest = store::history(conn, REFUND, 1).await?.pop();
    let (rules, version) = match &newest {
        Some(record) => (parse(record)?, record.version),
        None => (defaults(), 0),
    };
    Ok(Standing {
        refund: refund_rules(&rules),
        note_required: rules.note_required,
        buyer_note: rules.buyer_note,
        version,
    })
}

/// The schedule that stands now.
pub(crate) async fn schedule_of(app: &App) -> Result<Schedule, AppError> {
    let newest = store::history(&mut *orders::reader(app).await?, SCHEDULE, 1)
        .await?
        .pop();
    newest.as_ref().map_or(Ok(default_schedule()), parse)
}

fn invalid(name: &str, field: &str, detail: &str) -> AppError {
    AppError::new(Code::SettingInvalid)
        .with("name", name)
        .with("field", field)
        .with("detail", detail)
}

/// Names the field that cannot stand, in words.
fn check(rules: &DeskRules) -> Result<(), AppError> {
    refund_rules(rules).check().map_err(|(name, fault)| {
        let (field, detail) = match (name, fault) {
            ("bands", "count") => (
                "复核档位 / approval bands",
                "要有 1 到 6 档 / there must be 1 to 6",
            ),
            ("bands", "checkers") => (
                "复核档位 / approval bands",
                "每档 1 到 3 人复核 / each needs 1 to 3 checkers",
            ),
            ("bands", "order") => (
                "复核档位 / approval bands",
                "上限要从小到大，最后一档不设上限 / limits must rise, and the last has none",
            ),
            ("bands", _) => (
                "复核档位 / approval bands",
                "金额更大的一档不能更少人复核 / more money cannot need fewer checkers",
            ),
            ("approval_hours", _) => (
                "复核时限 / time to approve",
                "1 到 720 小时 / 1 to 720 hours",
            ),
            ("cooling_off_seconds", _) => (
                "冷静期 / cooling-off",
                "0 秒到 24 小时 / 0 seconds to 24 hours",
            ),
            ("daily_count_max", _) => (
                "每人每日笔数 / refunds a person a day",
                "至少 1 笔，或不限 / at least 1, or none",
            ),
            _ => (
                "每人每日金额 / amount a person a day",
                "至少 0.01，或不限 / at least 0.01, or none",
            ),
        };
        invalid(name, field, detail)
    })?;
    let note = &rules.buyer_note;
    if note.chars().count() > BUYER_NOTE_MAX || note.chars().any(char::is_control) {
        return Err(invalid(
            "buyer_note",
            "给买家的话 / words to the buyer",
            "一行，最多 80 个字 / one line of at most 80 characters",
        ));
    }
    Ok(())
}

pub(crate) async fn rules(ctx: &Ctx, _: Nothing) -> Result<RulesView, AppError> {
    let mut conn = orders::reader(&ctx.app).await?;
    let kept = store::history(&mut conn, REFUND, HISTORY_MAX).await?;
    let history = kept
        .iter()
        .map(|record| {
            Ok(RulesVersion {
                version: number(record.version),
                rules: parse(record)?,
                by: record.editor.clone(),
                at: record.at,
                note: record.note.clone(),
            })
        })
        .collect::<Result<Vec<_>, AppError>>()?;
    let checkers: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM users WHERE role = 'approver' AND disabled_at IS NULL",
    )
    .fetch_one(&mut *conn)
    .await
    .map_err(zf_store::StoreError::from)?;
    Ok(RulesView {
        rules: history.first().map_or_else(defaults, |v| v.rules.clone()),
        version: history.first().map_or(0, |v| v.version),
        defaults: defaults(),
        history,
        checkers: number(checkers),
    })
}

pub(crate) async fn set_rules(ctx: &Ctx, params: SetRules) -> Result<RulesView, AppError> {
    let mut rules = params.rules;
    rules.buyer_note = rules.buyer_note.trim().to_owned();
    // "Other" says nothing by itself.
    rules.note_required = ALL_REASONS
        .into_iter()
        .filter(|r| *r == ReasonCode::Other || rules.note_required.contains(r))
        .collect();
    check(&rules)?;
    keep(
        ctx,
        REFUND,
        "settings.set_rules",
        &rules,
        params.version_seen,
        &params.note,
    )
    .await?;
    self::rules(ctx, Nothing {}).await
}

pub(crate) async fn schedule(ctx: &Ctx, _: Nothing) -> Result<ScheduleView, AppError> {
    let mut conn = orders::reader(&ctx.app).await?;
    let history = store::history(&mut conn, SCHEDULE, HISTORY_MAX)
        .await?
        .iter()
        .map(|record| {
            Ok(ScheduleVersion {
                version: number(record.version),
                schedule: parse(record)?,
                by: record.editor.clone(),
                at: record.at,
                note: record.note.clone(),
            })
        })
        .collect::<Result<Vec<_>, AppError>>()?;
    Ok(ScheduleView {
        schedule: history
            .first()
            .map_or_else(default_schedule, |v| v.schedule.clone()),
        version: history.first().map_or(0, |v| v.version),
        defaults: default_schedule(),
        history,
    })
}

pub(crate) async fn set_schedule(ctx: &Ctx, params: SetSchedule) -> Result<ScheduleView, AppError> {
    if !(10..=23).contains(&params.schedule.fetch_hour) {
        return Err(invalid(
            "fetch_hour",
            "取账单的时间 / hour of the bills",
            "渠道 10:00 以后才有账单，请选 10 到 23 点 / bills are there from 10:00; choose 10 to 23",
        ));
    }
    keep(
        ctx,
        SCHEDULE,
        "settings.set_schedule",
        &params.schedule,
        params.version_seen,
        &params.note,
    )
    .await?;
    schedule(ctx, Nothing {}).await
}

/// Stores the next version, unless somebody set another in the meantime.
async fn keep<T: Serialize + Sync>(
    ctx: &Ctx,
    kind: &str,
    action: &str,
    content: &T,
    version_seen: u32,
    note: &str,
) -> Result<(), AppError> {
    let person = ctx.person()?.clone();
    let note: String = note.trim().chars().take(NOTE_MAX).collect();
    let text = serde_json::to_string(content).map_err(AppError::internal)?;
    let mut tx = ctx.app.store().begin().await?;
    let newest = store::history(tx.conn(), kind, 1).await?.pop();
    if newest.as_ref().map_or(0, |r| number(r.version)) != version_seen {
        let (by, at, version) = newest.map_or_else(
            || (String::new(), String::new(), 0),
            |r| (r.editor, r.at.to_beijing(), r.version),
        );
        return Err(AppError::new(Code::SettingsChanged)
            .with("by", by)
            .with("at", at)
            .with("version", version));
    }
    if newest.as_ref().is_some_and(|r| r.content == text) {
        return Ok(());
    }
    let record = RulesRecord {
        version: i64::from(version_seen) + 1,
        digest: digest::hex_lower(&digest::sm3(text.as_bytes())),
        content: text,
        editor_id: person.user_id,
        editor: person.display_name,
        note: note.clone(),
        at: ctx.now,
    };
    store::add(tx.conn(), kind, &record).await?;
    let mut entry = ctx.audit(action, "settings", &format!("{kind} v{}", record.version));
    entry.before_digest = newest.map(|r| r.digest);
    entry.after_digest = Some(record.digest);
    entry.reason = Some(note).filter(|n| !n.is_empty());
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}

fn number(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
