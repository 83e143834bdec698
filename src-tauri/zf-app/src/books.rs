//! books

use crate::ctx::Ctx;
use crate::error::AppError;
use crate::wire;

pub(crate) async fn import(
    _ctx: &Ctx,
    _params: wire::ImportBooks,
) -> Result<wire::BooksView, AppError> {
    Err(AppError::internal("not built yet"))
}
