//! Why the console is not served, and how a refused call looks over HTTP.

use std::net::SocketAddr;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use zf_app::{AppError, Code};

/// Why the console cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Anyone on the network could try passwords, over plain HTTP.
    #[error(
        "{address} is not a loopback address. The console is for the browser on this machine: listen on 127.0.0.1 or [::1]. The team server, which other machines may reach, comes later"
    )]
    NotLoopback {
        /// What was asked for.
        address: SocketAddr,
    },
    /// The port is taken, or the system refuses it.
    #[error("cannot listen on {address}: {source}. Choose another port, or 0 for any free one")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// An error on its way to a page or a script.
pub(crate) struct Refusal {
    status: StatusCode,
    error: AppError,
}

impl Refusal {
    /// A request the door itself turns away.
    pub(crate) fn new(status: StatusCode, field: &str, detail: &str) -> Self {
        Self {
            status,
            error: AppError::bad(field, detail),
        }
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self {
            status: status(error.code),
            error,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.error.view())).into_response()
    }
}

/// The nearest HTTP status, for scripts and logs; the console goes by the code.
fn status(code: Code) -> StatusCode {
    use zf_app::wire::Retry;
    match code {
        Code::SignInRequired | Code::SessionExpired | Code::BadCredentials => {
            StatusCode::UNAUTHORIZED
        }
        Code::PermissionDenied | Code::SelfApproval => StatusCode::FORBIDDEN,
        Code::NotFound | Code::NoSuchProcedure | Code::FileMissing => StatusCode::NOT_FOUND,
        Code::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::LockedOut => StatusCode::TOO_MANY_REQUESTS,
        Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::Internal | Code::StoreFailure => StatusCode::INTERNAL_SERVER_ERROR,
        other => match other.text().retry {
            Retry::Never => StatusCode::CONFLICT,
            Retry::AfterFix => StatusCode::UNPROCESSABLE_ENTITY,
            Retry::Later => StatusCode::SERVICE_UNAVAILABLE,
            Retry::SameNumber | Retry::QueryFirst => StatusCode::BAD_GATEWAY,
        },
    }
}
