//! First run: the offline demo or the merchant's own desk.

use zf_crypto::secret::Secret;
use zf_domain::Role;

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::session;
use crate::users;
use crate::wire::{AppStatus, DemoLogin, Environment, NewUser, SetupDemo, SetupOwn, UnlockVault};

/// The people of the demo. They are invented, and so is their password.
const DEMO_PEOPLE: [(&str, &str, Role); 5] = [
    ("xuzhixia", "许知夏", Role::Clerk),
    ("zhouyan", "周砚", Role::Approver),
    ("heyining", "何以宁", Role::Approver),
    ("guqinghe", "顾青禾", Role::Auditor),
    ("admin", "示例管理员", Role::Administrator),
];
const DEMO_PASSWORD: &str = "zhangfang-demo";

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

pub(crate) async fn demo(ctx: &Ctx, _params: SetupDemo) -> Result<AppStatus, AppError> {
    let people = demo_logins()
        .into_iter()
        .map(|l| NewUser {
            login: l.login,
            display_name: l.display_name,
            role: l.role,
            password: l.password,
        })
        .collect();
    found(ctx, Environment::Demo, "示例商户", people, None).await?;
    session::frame(&ctx.app, None, ctx.now).await
}

pub(crate) async fn resume_demo(_app: &App) -> Result<(), AppError> {
    Ok(())
}
