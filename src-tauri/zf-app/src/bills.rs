//! bills

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

pub(crate) async fn calendar(
    _ctx: &Ctx,
    _params: wire::BillCalendarRequest,
) -> Result<wire::BillCalendar, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn fetch(
    _ctx: &Ctx,
    _params: wire::FetchBill,
) -> Result<wire::BillView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn detail(_ctx: &Ctx, _params: wire::BillRef) -> Result<wire::BillView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn lines(
    _ctx: &Ctx,
    _params: wire::BillLinesRequest,
) -> Result<wire::BillLines, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn export(_ctx: &Ctx, _params: wire::BillRef) -> Result<wire::FileView, AppError> {
    Err(AppError::internal("not built yet"))
}
