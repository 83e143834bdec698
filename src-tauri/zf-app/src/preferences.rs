//! Small choices of one person, the same in every window they sign in at. Only the console reads the
//! values; the core keeps them small and well formed. They are no business content and not audited.

use zf_store::preferences as store;

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::orders::reader;
use crate::wire::{Nothing, PreferencePut, Preferences};

/// Longest value in bytes.
const VALUE_BYTES_MAX: usize = 16 * 1024;
/// Longest name in bytes.
const NAME_BYTES_MAX: usize = 64;
/// Most choices of one person.
const COUNT_MAX: usize = 200;
/// Most bytes of all choices together: they travel in one reply.
const TOTAL_BYTES_MAX: usize = 200 * 1024;

pub(crate) async fn all(ctx: &Ctx, _: Nothing) -> Result<Preferences, AppError> {
    let mut conn = reader(&ctx.app).await?;
    Ok(Preferences {
        values: store::all(&mut conn, ctx.person()?.user_id).await?,
    })
}

pub(crate) async fn put(ctx: &Ctx, choice: PreferencePut) -> Result<Preferences, AppError> {
    let PreferencePut { name, value } = choice;
    let fits = (1..=NAME_BYTES_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'_');
    if !fits {
        return Err(AppError::bad(
            "name",
            "1–64 个小写字母、点或下划线 / 1 to 64 lower-case letters, dots or underscores",
        ));
    }
    if let Some(value) = &value {
        if value.len() > VALUE_BYTES_MAX {
            return Err(AppError::bad("value", "超过 16 KB / more than 16 KB"));
        }
        serde_json::from_str::<serde::de::IgnoredAny>(value)
            .map_err(|e| AppError::bad("value", e))?;
    }
    let user_id = ctx.person()?.user_id;
    let mut tx = ctx.app.store().begin().await?;
    store::put(tx.conn(), user_id, &name, value.as_deref(), ctx.now).await?;
    let values = store::all(tx.conn(), user_id).await?;
    let bytes: usize = values.iter().map(|(n, v)| n.len() + v.len()).sum();
    if values.len() > COUNT_MAX || bytes > TOTAL_BYTES_MAX {
        return Err(AppError::bad(
            "value",
            "个人偏好太多，请先删去一些 / too many preferences; remove some first",
        ));
    }
    tx.commit_bookkeeping().await?;
    Ok(Preferences { values })
}
