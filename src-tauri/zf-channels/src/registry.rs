//! The list of channels: one line each.

use std::sync::Arc;

use zf_domain::Clock;

use crate::channel::{ChannelKind, Endpoint};
use crate::client::ChannelClient;
use crate::error::Result;
use crate::wechatpay::{self, WechatCredentials, WechatPay};

/// Credentials of one merchant account at one channel.
pub enum Credentials {
    /// WeChat Pay API v3.
    WechatPay(WechatCredentials),
}

impl Credentials {
    /// Which channel they are for.
    #[must_use]
    pub const fn kind(&self) -> ChannelKind {
        match self {
            Self::WechatPay(_) => ChannelKind::WechatPay,
        }
    }
}

/// The channel's public address, for a real merchant account.
#[must_use]
pub fn live_endpoint(kind: ChannelKind) -> Endpoint {
    match kind {
        ChannelKind::WechatPay => wechatpay::live_endpoint(),
    }
}

/// Opens a channel account.
///
/// # Errors
/// `Misuse::Setting` naming the field that cannot be used, never its content.
pub fn open(
    credentials: Credentials,
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
) -> Result<ChannelClient> {
    match credentials {
        Credentials::WechatPay(c) => ChannelClient::connect(WechatPay::new(c, endpoint, clock)?),
    }
}
