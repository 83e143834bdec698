//! HTTP over reqwest and rustls: the only file of this crate that touches the network.
//!
//! TLS 1.2 or later with the Mozilla roots compiled in, so that what is installed on the desktop
//! decides nothing; one more root can be added per account. No redirects. Plain HTTP to loopback
//! addresses only.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use url::{Host, Url};

use crate::channel::Endpoint;
use crate::error::{Misuse, Result, TransportError};
use crate::exchange::{BoxFuture, Headers, Method, ReplyBody, Transport, WireReply, WireRequest};

/// Longest time for name lookup, TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(5);
/// Idle connections are dropped before servers usually drop them, so that a refund rarely meets
/// a connection that is already dead.
const IDLE: Duration = Duration::from_secs(20);

/// The HTTP transport of one account.
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// A client for `endpoint`.
    ///
    /// # Errors
    /// `Misuse::Setting` for an address that is refused, or an unusable root certificate.
    pub fn new(endpoint: &Endpoint) -> Result<Self> {
        let mut loopback = true;
        for origin in endpoint.origins() {
            let url = checked(origin).map_err(|reason| Misuse::Setting {
                field: "base_url",
                reason: format!("{origin}: {reason}"),
            })?;
            loopback &= is_loopback(&url);
        }
        let mut roots =
            rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(pem) = &endpoint.extra_root_pem {
            let unusable = |reason: String| Misuse::Setting {
                field: "extra_root_pem",
                reason,
            };
            for der in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                let der = der.map_err(|e| unusable(format!("not a PEM certificate: {e}")))?;
                roots
                    .add(der)
                    .map_err(|e| unusable(format!("not a usable root certificate: {e}")))?;
            }
            if roots.len() == webpki_roots::TLS_SERVER_ROOTS.len() {
                return Err(unusable("it contains no certificate".to_owned()).into());
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(|e| Misuse::Setting {
                field: "tls",
                reason: e.to_string(),
            })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut builder = reqwest::Client::builder()
            .use_preconfigured_tls(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
            .user_agent(concat!("zhangfang/", env!("CARGO_PKG_VERSION")));
        if loopback {
            // A proxy of the environment must not be asked for this machine itself.
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|e| Misuse::Setting {
            field: "tls",
            reason: chain(&e),
        })?;
        Ok(Self { client })
    }
}

impl Transport for HttpTransport {
    fn send<'a>(
        &'a self,
        request: &'a WireRequest,
    ) -> BoxFuture<'a, std::result::Result<WireReply, TransportError>> {
        Box::pin(async move {
            let url = checked(&request.url).map_err(|reason| TransportError::Address {
                url: format!("https://{}", request.host),
                reason,
            })?;
            let method = match request.method {
                Method::Get => reqwest::Method::GET,
                Method::Post => reqwest::Method::POST,
            };
            let mut outgoing = self.client.request(method, url);
            for (name, value) in &request.headers {
                outgoing = outgoing.header(*name, value);
            }
            if !request.body.is_empty() || request.method == Method::Post {
                outgoing = outgoing.body(request.body.clone());
            }
            let host = request.host.clone();
            let response = outgoing.send().await.map_err(|e| classify(&e, &host))?;
            let headers = response
                .headers()
                .iter()
                .filter_map(|(n, v)| {
                    // Header text beyond ASCII is not part of anything the vendor promises.
                    Some((n.as_str().to_owned(), v.to_str().ok()?.to_owned()))
                })
                .collect();
            Ok(WireReply {
                status: response.status().as_u16(),
                headers: Headers(headers),
                body: Box::new(HttpBody { response, host }),
            })
        })
    }
}

struct HttpBody {
    response: reqwest::Response,
    host: String,
}

impl ReplyBody for HttpBody {
    fn piece(&mut self) -> BoxFuture<'_, std::result::Result<Option<Vec<u8>>, TransportError>> {
        Box::pin(async move {
            match self.response.chunk().await {
                Ok(piece) => Ok(piece.map(|bytes| bytes.to_vec())),
                Err(e) => Err(TransportError::Cut {
                    host: self.host.clone(),
                    reason: chain(&e.without_url()),
                }),
            }
        })
    }
}

/// `is_connect` covers name lookup, TCP and TLS: no byte of the request has left then. Everything
/// else counts as possibly sent.
fn classify(error: &reqwest::Error, host: &str) -> TransportError {
    let host = host.to_owned();
    if error.is_connect() {
        return TransportError::Connect {
            host,
            reason: chain(error),
        };
    }
    if error.is_builder() {
        return TransportError::Address {
            url: host,
            reason: "the request cannot be written as HTTP",
        };
    }
    if error.is_timeout() {
        return TransportError::Timeout { host };
    }
    TransportError::Cut {
        host,
        reason: chain(error),
    }
}

/// The innermost reasons, without the address (its query may hold a token).
fn chain(error: &reqwest::Error) -> String {
    let mut reasons = Vec::new();
    let mut source = error.source();
    while let Some(inner) = source {
        reasons.push(inner.to_string());
        source = inner.source();
    }
    reasons
        .pop()
        .unwrap_or_else(|| "no reason given".to_owned())
}

/// An address this program talks to: https, or http to this machine itself.
pub(crate) fn checked(text: &str) -> std::result::Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "it is not an address such as https://host")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address with a user name is not taken");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err("plain http is taken for loopback addresses only; use https"),
        _ => Err("only https is taken"),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (text, ok) in [
            ("https://api.mch.weixin.qq.com", true),
            ("http://127.0.0.1:8080", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:80", true),
            ("http://localhost:1", true),
            ("http://localhost.example.cn", false),
            ("http://10.0.0.1", false),
            ("http://127.0.0.1.nip.example", false),
            ("http://user@127.0.0.1", false),
            ("ftp://127.0.0.1", false),
            ("api.mch.weixin.qq.com", false),
        ] {
            assert_eq!(checked(text).is_ok(), ok, "{text}");
        }
    }
}
