//! receipts

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

pub(crate) async fn issue(
    _ctx: &Ctx,
    _params: wire::IssueReceipt,
) -> Result<wire::ReceiptView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn list(
    _ctx: &Ctx,
    _params: wire::ReceiptSearch,
) -> Result<wire::ReceiptPage, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn file(
    _ctx: &Ctx,
    _params: wire::ReceiptRef,
) -> Result<wire::FileView, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn verify(
    _ctx: &Ctx,
    _params: wire::VerifyReceipt,
) -> Result<wire::ReceiptVerification, AppError> {
    Err(AppError::internal("not built yet"))
}

pub(crate) async fn found_pki(_ctx: &Ctx, _subject: &str) -> Result<(), AppError> {
    Err(AppError::internal("not built yet"))
}
