//! refunds

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

pub(crate) async fn open(
    _ctx: &Ctx,
    _params: wire::OpenRefund,
) -> Result<wire::RefundForm, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn form(
    _ctx: &Ctx,
    _params: wire::RefundRef,
) -> Result<wire::RefundForm, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn preflight(
    _ctx: &Ctx,
    _params: wire::PreflightRequest,
) -> Result<wire::Preflight, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn request(
    _ctx: &Ctx,
    _params: wire::RefundRequest,
) -> Result<wire::RefundView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn withdraw(
    _ctx: &Ctx,
    _params: wire::RefundRef,
) -> Result<wire::RefundView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn list(
    _ctx: &Ctx,
    _params: wire::RefundList,
) -> Result<wire::RefundPage, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn detail(
    _ctx: &Ctx,
    _params: wire::RefundRef,
) -> Result<wire::RefundView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn query_channel(
    _ctx: &Ctx,
    _params: wire::RefundRef,
) -> Result<wire::RefundView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn queue(
    _ctx: &Ctx,
    _params: wire::Nothing,
) -> Result<wire::ApprovalQueue, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn approve(
    _ctx: &Ctx,
    _params: wire::Approve,
) -> Result<wire::RefundView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn reject(
    _ctx: &Ctx,
    _params: wire::Reject,
) -> Result<wire::RefundView, AppError> {
    Err(AppError::internal("not built yet"))
}
