//! Every payment channel behind one interface.
//!
//! A call is an [`exchange::Exchange`], a machine without I/O; one [`driver::Driver`] carries it
//! over a [`exchange::Transport`]. Vendor knowledge lives in one folder a channel. The use cases
//! hold a [`ChannelClient`]; bills are read by the channel's bill reader
//! ([`wechatpay::bill`]).

mod breaker;
pub mod channel;
pub mod client;
pub mod download;
pub mod driver;
pub mod error;
pub mod exchange;
pub mod registry;
mod transport;
pub mod wechatpay;

pub use breaker::BreakerSettings;
pub use channel::*;
pub use client::ChannelClient;
pub use driver::{Driver, DriverSettings};
pub use error::{
    ChannelError, FileFault, Lost, Misuse, PeerFault, RefusalKind, Result, Retry, TransportError,
};
pub use exchange::Headers;
pub use registry::{Credentials, live_endpoint, open};
pub use transport::HttpTransport;
pub use wechatpay::{VerifyMode, WechatCredentials, WechatPay};
