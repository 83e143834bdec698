//! orders

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

pub(crate) async fn search(
    _ctx: &Ctx,
    _params: wire::OrderSearch,
) -> Result<wire::OrderPage, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn detail(
    _ctx: &Ctx,
    _params: wire::OrderRef,
) -> Result<wire::OrderDetail, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn query_channel(
    _ctx: &Ctx,
    _params: wire::OrderRef,
) -> Result<wire::OrderDetail, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn lookup(
    _ctx: &Ctx,
    _params: wire::OrderLookup,
) -> Result<wire::OrderDetail, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn close(
    _ctx: &Ctx,
    _params: wire::OrderRef,
) -> Result<wire::OrderDetail, AppError> {
    Err(AppError::internal("not built yet"))
}
