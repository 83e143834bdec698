//! Signing in and out: argon2 passwords, lock-out, tokens kept only as their SHA-256.

use sqlx::Row as _;
use zf_crypto::digest;
use zf_crypto::password;
use zf_crypto::secret::Secret;
use zf_domain::{Permission, Role, Timestamp, UserId};

use crate::accounts;
use crate::api::Access;
use crate::app::App;
use crate::ctx::{Ctx, SessionChange};
use crate::error::{AppError, Code};
use crate::setup;
use crate::wire::{AppStatus, Badges, ChangePassword, Environment, Nothing, Person, SignIn, Stage};

/// Failures in a row that lock a login.
const FAILURES_MAX: i64 = 5;
const LOCK_MILLIS: i64 = 15 * 60 * 1000;
/// A session ends after this long without a call …
const IDLE_MILLIS: i64 = 30 * 60 * 1000;
/// … and after this long in any case.
const LIFE_MILLIS: i64 = 12 * 60 * 60 * 1000;
/// Least characters of a person's password.
pub(crate) const PASSWORD_LEAST: usize = 10;

/// Builds the context of a call from its token.
pub(crate) async fn context(
    app: &App,
    token: Option<&str>,
    device: &str,
    access: Access,
) -> Result<Ctx, AppError> {
    use zf_domain::Clock as _;
    let now = app.clock().now();
    let mut ctx = Ctx {
        app: app.clone(),
        person: None,
        token_hash: None,
        device: device.to_owned(),
        now,
        session: std::sync::Mutex::default(),
    };
    let Some(token) = token else { return Ok(ctx) };
    let token_hash = hash_token(token);
    let found = sqlx::query(
        "SELECT s.last_seen_at, s.expires_at, s.revoked_at, u.id, u.login, u.display_name, u.role, u.disabled_at
         FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1",
    )
    .bind(&token_hash)
    .fetch_optional(app.store().pool())
    .await
    .map_err(zf_store::StoreError::from)?;
    let live = match found {
        Some(row) => {
            let read = || -> Result<Option<(Person, i64)>, sqlx::Error> {
                let last_seen: i64 = row.try_get("last_seen_at")?;
                let expires: i64 = row.try_get("expires_at")?;
                let revoked: Option<i64> = row.try_get("revoked_at")?;
                let disabled: Option<i64> = row.try_get("disabled_at")?;
                let role: String = row.try_get("role")?;
                let id: String = row.try_get("id")?;
                let (Some(role), Ok(user_id)) = (Role::parse(&role), UserId::parse(&id)) else {
                    return Ok(None);
                };
                let idle = now.millis() - last_seen > IDLE_MILLIS;
                if revoked.is_some() || disabled.is_some() || idle || now.millis() >= expires {
                    return Ok(None);
                }
                let person = Person {
                    user_id,
                    login: row.try_get("login")?,
                    display_name: row.try_get("display_name")?,
                    role,
                };
                Ok(Some((person, last_seen)))
            };
            read().map_err(zf_store::StoreError::from)?
        }
        None => None,
    };
    match live {
        Some((person, last_seen)) => {
            ctx.person = Some(person);
            ctx.token_hash = Some(token_hash.clone());
            // Once a minute is precise enough for half an hour, and spares a write per read.
            if now.millis() - last_seen > 60_000 {
                let mut tx = app.store().begin().await?;
                sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE token_hash = $2")
                    .bind(now.millis())
                    .bind(&token_hash)
                    .execute(tx.conn())
                    .await
                    .map_err(zf_store::StoreError::from)?;
                tx.commit_bookkeeping().await?;
            }
            Ok(ctx)
        }
        None if access == Access::Anyone => {
            ctx.change_session(SessionChange::Clear);
            Ok(ctx)
        }
        None => Err(AppError::new(Code::SessionExpired)),
    }
}

pub(crate) async fn sign_in(ctx: &Ctx, params: SignIn) -> Result<AppStatus, AppError> {
    let login = params.login.trim().to_lowercase();
    let password = Secret::new(params.password);
    let mut tx = ctx.app.store().begin().await?;
    let found = sqlx::query(
        "SELECT id, display_name, role, password_hash, failed_count, locked_until, disabled_at FROM users WHERE login = $1",
    )
    .bind(&login)
    .fetch_optional(tx.conn())
    .await
    .map_err(zf_store::StoreError::from)?;
    let mut entry = ctx.audit("session.sign_in", "login", &login);
    let Some(row) = found else {
        // As much work as for a real login: the answer's time tells nothing.
        let _ = password::hash(&password);
        entry.result = Code::BadCredentials.text().code.to_owned();
        tx.audit(entry).await?;
        tx.commit().await?;
        return Err(AppError::new(Code::BadCredentials).with("left", FAILURES_MAX));
    };
    let read = |e: sqlx::Error| AppError::from(zf_store::StoreError::from(e));
    let id: String = row.try_get("id").map_err(read)?;
    let role: String = row.try_get("role").map_err(read)?;
    let phc: String = row.try_get("password_hash").map_err(read)?;
    let failed: i64 = row.try_get("failed_count").map_err(read)?;
    let locked_until: Option<i64> = row.try_get("locked_until").map_err(read)?;
    let disabled: Option<i64> = row.try_get("disabled_at").map_err(read)?;
    if let Some(until) = locked_until.filter(|until| *until > ctx.now.millis()) {
        entry.result = Code::LockedOut.text().code.to_owned();
        tx.audit(entry).await?;
        tx.commit().await?;
        return Err(AppError::new(Code::LockedOut)
            .with("until", Timestamp::from_millis(until).to_beijing()));
    }
    if disabled.is_some() || !password::verify(&password, &phc) {
        let failed = failed + 1;
        let locked = (failed >= FAILURES_MAX).then(|| ctx.now.millis() + LOCK_MILLIS);
        sqlx::query("UPDATE users SET failed_count = $1, locked_until = $2 WHERE id = $3")
            .bind(if locked.is_some() { 0 } else { failed })
            .bind(locked)
            .bind(&id)
            .execute(tx.conn())
            .await
            .map_err(read)?;
        entry.result = Code::BadCredentials.text().code.to_owned();
        tx.audit(entry).await?;
        tx.commit().await?;
        return Err(match locked {
            Some(until) => AppError::new(Code::LockedOut)
                .with("until", Timestamp::from_millis(until).to_beijing()),
            None => AppError::new(Code::BadCredentials).with("left", FAILURES_MAX - failed),
        });
    }
    let person = Person {
        user_id: UserId::parse(&id).map_err(AppError::internal)?,
        login: login.clone(),
        display_name: row.try_get("display_name").map_err(read)?,
        role: Role::parse(&role).ok_or_else(|| AppError::internal("unknown role"))?,
    };
    let token = zf_crypto::random::alphanumeric(48);
    sqlx::query("UPDATE users SET failed_count = 0, locked_until = NULL WHERE id = $1")
        .bind(&id)
        .execute(tx.conn())
        .await
        .map_err(read)?;
    sqlx::query(
        "INSERT INTO sessions (token_hash, user_id, device, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $4, $5)",
    )
    .bind(hash_token(&token))
    .bind(&id)
    .bind(&ctx.device)
    .bind(ctx.now.millis())
    .bind(ctx.now.millis() + LIFE_MILLIS)
    .execute(tx.conn())
    .await
    .map_err(read)?;
    entry.actor_id = Some(person.user_id);
    entry.actor.clone_from(&person.display_name);
    entry.role = Some(person.role);
    tx.audit(entry).await?;
    tx.commit().await?;
    ctx.change_session(SessionChange::Set(token));
    frame(&ctx.app, Some(&person), ctx.now).await
}

pub(crate) async fn sign_out(ctx: &Ctx, _: Nothing) -> Result<AppStatus, AppError> {
    if let (Some(hash), Some(person)) = (&ctx.token_hash, &ctx.person) {
        let mut tx = ctx.app.store().begin().await?;
        sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE token_hash = $2")
            .bind(ctx.now.millis())
            .bind(hash)
            .execute(tx.conn())
            .await
            .map_err(zf_store::StoreError::from)?;
        tx.audit(ctx.audit("session.sign_out", "login", &person.login))
            .await?;
        tx.commit().await?;
    }
    ctx.change_session(SessionChange::Clear);
    frame(&ctx.app, None, ctx.now).await
}

pub(crate) async fn change_password(
    ctx: &Ctx,
    params: ChangePassword,
) -> Result<AppStatus, AppError> {
    let person = ctx.person()?.clone();
    let (old, new) = (
        Secret::new(params.old_password),
        Secret::new(params.new_password),
    );
    check_strength(&new)?;
    let phc: String = sqlx::query_scalar("SELECT password_hash FROM users WHERE id = $1")
        .bind(person.user_id.to_string())
        .fetch_one(ctx.app.store().pool())
        .await
        .map_err(zf_store::StoreError::from)?;
    if !password::verify(&old, &phc) {
        return Err(AppError::new(Code::BadCredentials).with("left", FAILURES_MAX));
    }
    let hash = password::hash(&new).map_err(AppError::internal)?;
    let mut tx = ctx.app.store().begin().await?;
    sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2")
        .bind(hash)
        .bind(person.user_id.to_string())
        .execute(tx.conn())
        .await
        .map_err(zf_store::StoreError::from)?;
    // Whoever else sat in a session of this login is out.
    sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE user_id = $2 AND token_hash <> $3 AND revoked_at IS NULL")
        .bind(ctx.now.millis())
        .bind(person.user_id.to_string())
        .bind(ctx.token_hash.as_deref().unwrap_or(""))
        .execute(tx.conn())
        .await
        .map_err(zf_store::StoreError::from)?;
    tx.audit(ctx.audit("session.change_password", "login", &person.login))
        .await?;
    tx.commit().await?;
    frame(&ctx.app, Some(&person), ctx.now).await
}

pub(crate) async fn status(ctx: &Ctx, _: Nothing) -> Result<AppStatus, AppError> {
    frame(&ctx.app, ctx.person.as_ref(), ctx.now).await
}

/// What the window's frame shows.
pub(crate) async fn frame(
    app: &App,
    person: Option<&Person>,
    now: Timestamp,
) -> Result<AppStatus, AppError> {
    let environment = setup::environment(app).await?;
    let stage = if environment.is_none() {
        Stage::FirstRun
    } else if app.vault().is_locked() {
        Stage::VaultLocked
    } else if person.is_none() {
        Stage::SignIn
    } else {
        Stage::Ready
    };
    let permissions = person.map_or_else(Vec::new, |p| {
        ALL_PERMISSIONS
            .into_iter()
            .filter(|permission| p.role.may(*permission))
            .collect()
    });
    Ok(AppStatus {
        stage,
        environment,
        merchant_name: app.store().meta("merchant_name").await?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now,
        person: person.cloned(),
        permissions,
        demo_logins: if environment == Some(Environment::Demo) {
            setup::demo_logins()
        } else {
            Vec::new()
        },
        accounts: if person.is_some() {
            accounts::briefs(app).await?
        } else {
            Vec::new()
        },
        badges: if person.is_some() {
            badges(app, now).await?
        } else {
            Badges::none()
        },
        vault: app.vault().keeping().map(|k| k.as_str().to_owned()),
    })
}

async fn badges(app: &App, now: Timestamp) -> Result<Badges, AppError> {
    let count = |sql: &'static str| async move {
        sqlx::query_scalar::<_, i64>(sql)
            .fetch_one(app.store().pool())
            .await
            .map(|n| u32::try_from(n).unwrap_or(u32::MAX))
            .map_err(zf_store::StoreError::from)
    };
    Ok(Badges {
        refunds_unknown: count("SELECT COUNT(*) FROM refunds WHERE state = 'unknown'").await?,
        approvals_waiting: count("SELECT COUNT(*) FROM refunds WHERE state = 'awaiting_approval'")
            .await?,
        differences_open: crate::desk::unsettled(app, now).await?,
        bills_missing: count(
            "SELECT COUNT(*) FROM bills WHERE status IN ('failed', 'refused', 'lost')",
        )
        .await?,
        keys_due: crate::keys::attention(app, now).await?,
    })
}

pub(crate) const ALL_PERMISSIONS: [Permission; 14] = [
    Permission::ViewOrders,
    Permission::RevealPayer,
    Permission::RequestRefund,
    Permission::ApproveRefund,
    Permission::ViewBills,
    Permission::RunReconciliation,
    Permission::SignDayAsMaker,
    Permission::SignDayAsChecker,
    Permission::IssueReceipt,
    Permission::VerifyReceipt,
    Permission::ViewAudit,
    Permission::ManageAccounts,
    Permission::ManageUsers,
    Permission::ManageSettings,
];

/// Refuses passwords that are too short to hold.
pub(crate) fn check_strength(password: &Secret<String>) -> Result<(), AppError> {
    if password.expose().chars().count() < PASSWORD_LEAST {
        return Err(AppError::new(Code::PasswordTooWeak).with("least", PASSWORD_LEAST));
    }
    Ok(())
}

fn hash_token(token: &str) -> String {
    digest::hex_lower(&digest::sha256(token.as_bytes()))
}
