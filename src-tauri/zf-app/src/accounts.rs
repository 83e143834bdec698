//! accounts

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

/// Open channel clients by account.
#[derive(Default)]
pub(crate) struct ChannelCache {}

pub(crate) async fn briefs(_app: &crate::app::App) -> Result<Vec<wire::AccountBrief>, AppError> {
    Ok(Vec::new())
}

pub(crate) async fn list(
    _ctx: &Ctx,
    _params: wire::Nothing,
) -> Result<wire::AccountList, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn add_wechat(
    _ctx: &Ctx,
    _params: wire::AddWechatAccount,
) -> Result<wire::AccountView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn self_test(
    _ctx: &Ctx,
    _params: wire::AccountRef,
) -> Result<wire::SelfTest, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn insert_wechat(
    _ctx: &Ctx,
    _params: wire::AddWechatAccount,
) -> Result<zf_domain::AccountId, AppError> {
    Err(AppError::internal("not built yet"))
}
