//! People and their roles. Nobody holds two; an administrator never touches money.

use sqlx::Row as _;
use zf_crypto::password;
use zf_crypto::secret::Secret;
use zf_domain::{Role, Timestamp, UserId};
use zf_store::{StoreError, Tx};

use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::session::check_strength;
use crate::wire::{
    NewUser, Nothing, People, Person, ResetPassword, SetRole, UserList, UserRef, UserView,
};

/// Adds a person inside a transaction; the caller audits.
pub(crate) async fn insert(tx: &mut Tx, user: NewUser, now: Timestamp) -> Result<UserId, AppError> {
    let login = user.login.trim().to_lowercase();
    if login.is_empty() || login.chars().count() > 40 {
        return Err(AppError::bad("login", "1–40 个字符 / 1 to 40 characters"));
    }
    let display_name = user.display_name.trim().to_owned();
    if display_name.is_empty() || display_name.chars().count() > 40 {
        return Err(AppError::bad(
            "display_name",
            "1–40 个字符 / 1 to 40 characters",
        ));
    }
    let password = Secret::new(user.password);
    check_strength(&password)?;
    let taken: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users WHERE login = $1")
        .bind(&login)
        .fetch_one(tx.conn())
        .await
        .map_err(StoreError::from)?;
    if taken > 0 {
        return Err(AppError::new(Code::LoginTaken).with("login", login));
    }
    let id = UserId::new();
    sqlx::query(
        "INSERT INTO users (id, login, display_name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.to_string())
    .bind(&login)
    .bind(&display_name)
    .bind(user.role.as_str())
    .bind(password::hash(&password).map_err(AppError::internal)?)
    .bind(now.millis())
    .execute(tx.conn())
    .await
    .map_err(StoreError::from)?;
    Ok(id)
}

pub(crate) async fn people(ctx: &Ctx, _: Nothing) -> Result<People, AppError> {
    let users = all(ctx).await?;
    Ok(People {
        people: users
            .into_iter()
            .filter(|u| !u.disabled)
            .map(|u| Person {
                user_id: u.user_id,
                login: u.login,
                display_name: u.display_name,
                role: u.role,
            })
            .collect(),
    })
}

pub(crate) async fn list(ctx: &Ctx, _: Nothing) -> Result<UserList, AppError> {
    Ok(UserList {
        users: all(ctx).await?,
    })
}

pub(crate) async fn add(ctx: &Ctx, user: NewUser) -> Result<UserList, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    let (login, role) = (user.login.clone(), user.role);
    insert(&mut tx, user, ctx.now).await?;
    let mut entry = ctx.audit("users.add", "user", &login);
    entry.reason = Some(role.as_str().to_owned());
    tx.audit(entry).await?;
    tx.commit().await?;
    list(ctx, Nothing {}).await
}

/// Nobody takes the last administrator away, nor their own rights.
async fn guard(tx: &mut Tx, ctx: &Ctx, user: UserId) -> Result<(), AppError> {
    let others: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM users WHERE role = 'administrator' AND disabled_at IS NULL AND id <> $1",
    )
    .bind(user.to_string())
    .fetch_one(tx.conn())
    .await
    .map_err(StoreError::from)?;
    if others == 0 {
        return Err(AppError::new(Code::LastAdministrator));
    }
    if ctx.person()?.user_id == user {
        return Err(AppError::new(Code::OwnAccount));
    }
    Ok(())
}

async fn login_of(tx: &mut Tx, user: UserId) -> Result<(String, String), AppError> {
    let found: Option<(String, String)> =
        sqlx::query_as("SELECT login, role FROM users WHERE id = $1")
            .bind(user.to_string())
            .fetch_optional(tx.conn())
            .await
            .map_err(StoreError::from)?;
    found.ok_or_else(|| AppError::not_found("user", user))
}

pub(crate) async fn enable(ctx: &Ctx, user: UserRef) -> Result<UserList, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    let (login, _) = login_of(&mut tx, user.user_id).await?;
    sqlx::query("UPDATE users SET disabled_at = NULL WHERE id = $1")
        .bind(user.user_id.to_string())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?;
    tx.audit(ctx.audit("users.enable", "user", &login)).await?;
    tx.commit().await?;
    list(ctx, Nothing {}).await
}

/// Another role: every session of the person ends, so that no right of the old one lingers.
pub(crate) async fn set_role(ctx: &Ctx, params: SetRole) -> Result<UserList, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    guard(&mut tx, ctx, params.user_id).await?;
    let (login, before) = login_of(&mut tx, params.user_id).await?;
    if before == params.role.as_str() {
        drop(tx);
        return list(ctx, Nothing {}).await;
    }
    sqlx::query("UPDATE users SET role = $1 WHERE id = $2")
        .bind(params.role.as_str())
        .bind(params.user_id.to_string())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?;
    revoke(&mut tx, ctx, params.user_id).await?;
    let mut entry = ctx.audit("users.set_role", "user", &login);
    entry.reason = Some(format!("{before} → {}", params.role.as_str()));
    tx.audit(entry).await?;
    tx.commit().await?;
    list(ctx, Nothing {}).await
}

pub(crate) async fn disable(ctx: &Ctx, user: UserRef) -> Result<UserList, AppError> {
    let mut tx = ctx.app.store().begin().await?;
    guard(&mut tx, ctx, user.user_id).await?;
    let changed =
        sqlx::query("UPDATE users SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL")
            .bind(ctx.now.millis())
            .bind(user.user_id.to_string())
            .execute(tx.conn())
            .await
            .map_err(StoreError::from)?;
    if changed.rows_affected() == 0 {
        return Err(AppError::not_found("user", user.user_id));
    }
    revoke(&mut tx, ctx, user.user_id).await?;
    tx.audit(ctx.audit("users.disable", "user", &user.user_id.to_string()))
        .await?;
    tx.commit().await?;
    list(ctx, Nothing {}).await
}

pub(crate) async fn reset_password(ctx: &Ctx, params: ResetPassword) -> Result<UserList, AppError> {
    let password = Secret::new(params.new_password);
    check_strength(&password)?;
    let mut tx = ctx.app.store().begin().await?;
    let changed = sqlx::query(
        "UPDATE users SET password_hash = $1, failed_count = 0, locked_until = NULL WHERE id = $2",
    )
    .bind(password::hash(&password).map_err(AppError::internal)?)
    .bind(params.user_id.to_string())
    .execute(tx.conn())
    .await
    .map_err(StoreError::from)?;
    if changed.rows_affected() == 0 {
        return Err(AppError::not_found("user", params.user_id));
    }
    revoke(&mut tx, ctx, params.user_id).await?;
    tx.audit(ctx.audit("users.reset_password", "user", &params.user_id.to_string()))
        .await?;
    tx.commit().await?;
    list(ctx, Nothing {}).await
}

async fn revoke(tx: &mut Tx, ctx: &Ctx, user: UserId) -> Result<(), AppError> {
    sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE user_id = $2 AND revoked_at IS NULL")
        .bind(ctx.now.millis())
        .bind(user.to_string())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?;
    Ok(())
}

async fn all(ctx: &Ctx) -> Result<Vec<UserView>, AppError> {
    let rows = sqlx::query(
        "SELECT id, login, display_name, role, created_at, locked_until, disabled_at,
            (SELECT MAX(s.created_at) FROM sessions s WHERE s.user_id = users.id) AS last_sign_in
         FROM users ORDER BY created_at, id",
    )
    .fetch_all(ctx.app.store().pool())
    .await
    .map_err(StoreError::from)?;
    let mut users = Vec::with_capacity(rows.len());
    for row in rows {
        let read = |e: sqlx::Error| AppError::from(StoreError::from(e));
        let (id, role): (String, String) = (
            row.try_get("id").map_err(read)?,
            row.try_get("role").map_err(read)?,
        );
        let locked: Option<i64> = row.try_get("locked_until").map_err(read)?;
        let disabled: Option<i64> = row.try_get("disabled_at").map_err(read)?;
        users.push(UserView {
            user_id: UserId::parse(&id).map_err(AppError::internal)?,
            login: row.try_get("login").map_err(read)?,
            display_name: row.try_get("display_name").map_err(read)?,
            role: Role::parse(&role).ok_or_else(|| StoreError::unreadable("role", &role))?,
            created_at: Timestamp::from_millis(row.try_get("created_at").map_err(read)?),
            locked_until: locked
                .filter(|until| *until > ctx.now.millis())
                .map(Timestamp::from_millis),
            disabled: disabled.is_some(),
            last_sign_in: row
                .try_get::<Option<i64>, _>("last_sign_in")
                .map_err(read)?
                .map(Timestamp::from_millis),
        });
    }
    Ok(users)
}
