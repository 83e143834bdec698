//! compare

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

pub(crate) async fn files(
    _ctx: &Ctx,
    _params: wire::CompareFiles,
) -> Result<wire::CompareView, AppError> {
    Err(AppError::internal("not built yet"))
}
