//! close

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

pub(crate) async fn board(
    _ctx: &Ctx,
    _params: wire::CloseDay,
) -> Result<wire::CloseBoard, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn sign_maker(
    _ctx: &Ctx,
    _params: wire::SignDay,
) -> Result<wire::CloseView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn sign_checker(
    _ctx: &Ctx,
    _params: wire::SignDay,
) -> Result<wire::CloseView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn return_to_maker(
    _ctx: &Ctx,
    _params: wire::ReturnDay,
) -> Result<wire::CloseView, AppError> {
    Err(AppError::internal("not built yet"))
}
