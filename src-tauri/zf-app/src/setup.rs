//! First run: the offline demo or the merchant's own desk.

use zf_crypto::secret::Secret;
use zf_domain::{Clock as _, Role};

use crate::app::{App, SandboxSpec};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::tasks::{Task, TaskSpec};
use crate::wire::{
    AddWechatAccount, AppStatus, BillKind, DemoLogin, Environment, FetchBill, ImportBank,
    ImportBooks, NewUser, Nothing, SetupDemo, SetupOwn, UnlockVault,
};
use crate::{accounts, bank, bills, books, receipts, recon_rules, session, users};

/// The people of the demo. They are invented, and so is their password.
const DEMO_PEOPLE: [(&str, &str, Role); 5] = [
    ("xuzhixia", "许知夏", Role::Clerk),
    ("zhouyan", "周砚", Role::Approver),
    ("heyining", "何以宁", Role::Approver),
    ("guqinghe", "顾青禾", Role::Auditor),
    ("admin", "示例管理员", Role::Administrator),
];
pub(crate) const DEMO_PASSWORD: &str = "zhangfang-demo";

pub(crate) fn demo_logins() -> Vec<DemoLogin> {
    DEMO_PEOPLE
        .into_iter()
        .map(|(login, display_name, role)| DemoLogin {
            login: login.to_owned(),
            display_name: display_name.to_owned(),
            role,
            password: DEMO_PASSWORD.to_owned(),
        })
        .collect()
}

pub(crate) async fn environment(app: &App) -> Result<Option<Environment>, AppError> {
    let word = app.store().meta("environment").await?;
    Ok(word.and_then(|w| serde_json::from_value(serde_json::Value::String(w)).ok()))
}

pub(crate) async fn own(ctx: &Ctx, params: SetupOwn) -> Result<AppStatus, AppError> {
    if environment(&ctx.app).await?.is_some() {
        return Err(AppError::new(Code::AlreadySetUp));
    }
    if params.environment == Environment::Demo {
        return Err(AppError::bad("environment", "production / sandbox"));
    }
    let merchant_name = params.merchant_name.trim().to_owned();
    if merchant_name.is_empty() || merchant_name.chars().count() > 60 {
        return Err(AppError::bad(
            "merchant_name",
            "1–60 个字符 / 1 to 60 characters",
        ));
    }
    let people = [params.administrator, params.clerk, params.approver];
    let wanted = [Role::Administrator, Role::Clerk, Role::Approver];
    let mut logins: Vec<String> = people
        .iter()
        .map(|p| p.login.trim().to_lowercase())
        .collect();
    logins.sort();
    logins.dedup();
    if logins.len() != 3 || people.iter().zip(wanted).any(|(p, role)| p.role != role) {
        return Err(AppError::new(Code::SetupRoles));
    }
    found(
        ctx,
        params.environment,
        &merchant_name,
        people.into(),
        params.vault_passphrase,
    )
    .await?;
    session::frame(&ctx.app, None, ctx.now).await
}

pub(crate) async fn unlock(ctx: &Ctx, params: UnlockVault) -> Result<AppStatus, AppError> {
    ctx.app.vault().unlock(&Secret::new(params.passphrase))?;
    session::frame(&ctx.app, ctx.person.as_ref(), ctx.now).await
}

/// Makes the vault, the people and the settings of a new home.
async fn found(
    ctx: &Ctx,
    environment: Environment,
    merchant_name: &str,
    people: Vec<NewUser>,
    passphrase: Option<String>,
) -> Result<(), AppError> {
    let mut tx = ctx.app.store().begin().await?;
    for user in people {
        users::insert(&mut tx, user, ctx.now).await?;
    }
    let word = serde_json::to_value(environment).map_err(AppError::internal)?;
    let word = word.as_str().unwrap_or_default();
    tx.set_meta("environment", word).await?;
    tx.set_meta("merchant_name", merchant_name).await?;
    tx.audit(ctx.audit("setup.found", "desk", word)).await?;
    // The vault's file comes last before the commit: a failed commit leaves a vault that seals
    // nothing, which the next try replaces.
    ctx.app.vault().create(
        passphrase.map(Secret::new),
        environment == Environment::Demo,
    )?;
    tx.commit().await?;
    Ok(())
}

/// What the demo's history looks like.
const DEMO_DAYS: u32 = 31;
const DEMO_ORDERS_PER_DAY: u32 = 120;
/// Bills fetched at set-up, so that orders and history are there; yesterday's is left to the people.
const DEMO_BILL_DAYS: std::ops::RangeInclusive<i64> = 2..=8;
/// Yesterday's bill is ready at ten: the demo opens its day no earlier than half past ten, and no
/// later than ten in the evening, so that midnight does not move the business day while somebody
/// is shown around.
const DEMO_OPENS_MILLIS: i64 = (10 * 60 + 30) * 60 * 1000;
const DEMO_LAST_OPENING_MILLIS: i64 = 22 * 60 * 60 * 1000;
const DAY_MILLIS: i64 = 86_400_000;

/// How far a new demo's clock runs ahead, founded so many milliseconds after Beijing midnight.
fn demo_offset_millis(since_midnight: i64) -> i64 {
    if since_midnight < DEMO_OPENS_MILLIS {
        DEMO_OPENS_MILLIS - since_midnight
    } else if since_midnight > DEMO_LAST_OPENING_MILLIS {
        DAY_MILLIS + DEMO_OPENS_MILLIS - since_midnight
    } else {
        0
    }
}

pub(crate) async fn demo(ctx: &Ctx, params: SetupDemo) -> Result<AppStatus, AppError> {
    let app = &ctx.app;
    if environment(app).await?.is_some() {
        return Err(AppError::new(Code::AlreadySetUp));
    }
    if app.sandbox_starter().is_none() {
        return Err(AppError::new(Code::SandboxUnavailable));
    }
    let seed = u64::from(params.seed.unwrap_or(1));
    let task = Task::begin(
        ctx,
        TaskSpec {
            id: "setup.demo".to_owned(),
            kind: "demo",
            subject: String::new(),
            pause: false,
            cancel: false,
        },
    );
    let done = prepare_demo(ctx, seed, &task).await;
    task.end(&done);
    done
}

async fn prepare_demo(ctx: &Ctx, seed: u64, task: &Task) -> Result<AppStatus, AppError> {
    let app = &ctx.app;
    let steps = Some(DEMO_BILL_DAYS.count() as u64 + 3);
    let step = |label: &str, done: u64| task.step(label, done, steps);
    step("sandbox", 0);
    let now = app.clock().now();
    let since_midnight = now.millis() - now.beijing_date().beijing_start().millis();
    app.clock()
        .set_offset_millis(demo_offset_millis(since_midnight));
    start_sandbox(app, seed).await?;
    let account = demo_account(app).await?;
    let merchant_name = account.display_name.clone();

    step("desk", 1);
    let people = demo_logins()
        .into_iter()
        .map(|l| NewUser {
            login: l.login,
            display_name: l.display_name,
            role: l.role,
            password: l.password,
        })
        .collect();
    // The environment is written last: until then a restart finds a desk that was never set up.
    let mut tx = app.store().begin().await?;
    tx.set_meta(
        "clock_offset_millis",
        &app.clock().offset_millis().to_string(),
    )
    .await?;
    tx.set_meta("demo_seed", &seed.to_string()).await?;
    tx.commit_bookkeeping().await?;
    found(ctx, Environment::Demo, &merchant_name, people, None).await?;

    let account_id = accounts::insert_wechat(ctx, account).await?;
    receipts::found_pki(ctx, &merchant_name).await?;
    let clerk = acting_as(app, DEMO_PEOPLE[0].0).await?;
    let today = app.clock().now().beijing_date();
    for (done, days_ago) in (2u64..).zip(DEMO_BILL_DAYS.rev()) {
        step("history", done);
        for kind in [BillKind::Trade, BillKind::FundFlow] {
            let date = today.plus_days(-days_ago);
            bills::fetch(
                &clerk,
                FetchBill {
                    account_id,
                    date,
                    kind,
                },
            )
            .await?;
        }
    }
    step("books", DEMO_BILL_DAYS.count() as u64 + 2);
    for days_ago in [2, 1] {
        let date = today.plus_days(-days_ago);
        let text = sandbox_control(
            app,
            "books",
            serde_json::json!({ "date": date, "plant": true }),
        )
        .await?;
        let file = app
            .files()
            .keep(&format!("books-{date}.csv"), text.as_bytes())?;
        books::import(
            &clerk,
            ImportBooks {
                account_id,
                date,
                file_token: file.file_token,
            },
        )
        .await?;
    }
    let approver = acting_as(app, DEMO_PEOPLE[1].0).await?;
    recon_rules::found_demo_rules(&clerk, &approver, DEMO_PEOPLE[3].0, today.plus_days(-365))
        .await?;
    // Where the withdrawals arrived, up to today.
    let from = today.plus_days(-DEMO_BILL_DAYS.end());
    let text = sandbox_control(
        app,
        "bank",
        serde_json::json!({ "from": from, "to": today }),
    )
    .await?;
    let file = app
        .files()
        .keep(&format!("bank-{from}-{today}.csv"), text.as_bytes())?;
    bank::import(
        &clerk,
        ImportBank {
            account_id,
            file_token: file.file_token,
        },
    )
    .await?;
    step("ready", DEMO_BILL_DAYS.count() as u64 + 3);
    session::frame(app, None, ctx.now).await
}

/// Starts the sandbox of a demo home again after a restart.
pub(crate) async fn resume_demo(app: &App) -> Result<(), AppError> {
    if environment(app).await? != Some(Environment::Demo) || app.sandbox_starter().is_none() {
        return Ok(());
    }
    let seed = app
        .store()
        .meta("demo_seed")
        .await?
        .and_then(|s| s.parse().ok())
        .unwrap_or(1);
    start_sandbox(app, seed).await
}

async fn start_sandbox(app: &App, seed: u64) -> Result<(), AppError> {
    let starter = app
        .sandbox_starter()
        .ok_or_else(|| AppError::new(Code::SandboxUnavailable))?;
    let handle = starter(SandboxSpec {
        home: app.home().join("sandbox"),
        seed,
        days: DEMO_DAYS,
        orders_per_day: DEMO_ORDERS_PER_DAY,
        now_unix: app.clock().now().seconds(),
    })
    .await
    .map_err(AppError::internal)?;
    *app.running_sandbox().write().await = Some(handle);
    // A newcomer should see a refund arrive within seconds, not days.
    let quick = serde_json::json!({ "refund_seconds": 4 });
    sandbox_control(app, "settings", quick).await?;
    Ok(())
}

/// Calls the control interface of the running sandbox.
///
/// # Errors
/// When no sandbox runs, or it refuses.
pub async fn sandbox_control(
    app: &App,
    name: &'static str,
    params: serde_json::Value,
) -> Result<String, AppError> {
    let control = {
        let running = app.running_sandbox().read().await;
        running.as_ref().map(|handle| handle.control.clone())
    }
    .ok_or_else(|| AppError::new(Code::SandboxUnavailable))?;
    control(name, params).await.map_err(AppError::internal)
}

/// The demo's account, from the credentials the sandbox wrote in the vendor's own formats.
async fn demo_account(app: &App) -> Result<AddWechatAccount, AppError> {
    #[derive(serde::Deserialize)]
    struct Account {
        mchid: String,
        appid: String,
        merchant_name: String,
        merchant_certificate_serial: String,
        apiv3_key: String,
        public_key_id: String,
    }
    let folder = {
        let running = app.running_sandbox().read().await;
        running
            .as_ref()
            .map(|handle| handle.credentials.join("wechat_pay"))
    }
    .ok_or_else(|| AppError::new(Code::SandboxUnavailable))?;
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|e| crate::files::io_error(&path, &e))
    };
    let account: Account =
        serde_json::from_str(&read("account.json")?).map_err(AppError::internal)?;
    Ok(AddWechatAccount {
        display_name: account.merchant_name,
        environment: Environment::Demo,
        merchant_no: account.mchid,
        appid: account.appid,
        certificate_serial: account.merchant_certificate_serial,
        private_key_pem: read("apiclient_key.pem")?,
        certificate_pem: Some(read("apiclient_cert.pem")?),
        api_v3_key: account.apiv3_key,
        public_key_id: Some(account.public_key_id),
        public_key_pem: Some(read("pub_key.pem")?),
        base_url: Some("sandbox:".to_owned()),
        backup_url: None,
        extra_root_pem: None,
    })
}

/// A context in the name of one of the demo's people, for what set-up does for them.
async fn acting_as(app: &App, login: &str) -> Result<Ctx, AppError> {
    let mut ctx = Ctx::timer(app);
    let people = users::people(&ctx, Nothing {}).await?;
    ctx.person = people.people.into_iter().find(|p| p.login == login);
    Ok(ctx)
}

#[cfg(test)]
mod tests {
    use super::demo_offset_millis;

    #[test]
    fn a_demo_founded_at_any_minute_has_hours_before_midnight() {
        const MINUTE: i64 = 60_000;
        for minute in 0..24 * 60 {
            let founded = minute * MINUTE;
            let shown = (founded + demo_offset_millis(founded)) % super::DAY_MILLIS;
            assert!(
                (10 * 60 + 30..=22 * 60).contains(&(shown / MINUTE)),
                "founded at minute {minute}, shown at {}",
                shown / MINUTE
            );
        }
    }
}
