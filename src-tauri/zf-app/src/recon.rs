//! recon

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

pub(crate) async fn day(_ctx: &Ctx, _params: wire::DayRef) -> Result<wire::ReconDay, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn run(_ctx: &Ctx, _params: wire::DayRef) -> Result<wire::ReconView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn differences(
    _ctx: &Ctx,
    _params: wire::DifferenceSearch,
) -> Result<wire::DifferencePage, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn difference(
    _ctx: &Ctx,
    _params: wire::DifferenceRef,
) -> Result<wire::DifferenceDetail, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn suspend(
    _ctx: &Ctx,
    _params: wire::SuspendDifferences,
) -> Result<wire::BatchResult, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn reopen(
    _ctx: &Ctx,
    _params: wire::ReopenDifferences,
) -> Result<wire::BatchResult, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn export(_ctx: &Ctx, _params: wire::RunRef) -> Result<wire::FileView, AppError> {
    Err(AppError::internal("not built yet"))
}
