//! A stateful local stand-in for the payment channels' servers.
//!
//! A newcomer has no merchant number, a test must not need the internet, and a channel's own
//! sandbox (WeChat Pay V3 has none) cannot be told to lose a reply. This one checks every request
//! as strictly as the vendor's page says, signs every answer, keeps its state on disk, makes bills
//! in the vendor's exact file format, sends notices on the vendor's schedule, and begins with a
//! believable merchant history made from a seed. It never uses `zf-channels`: two independent
//! readings of one vendor page must agree.
//!
//! [`start`] runs it inside the calling process; `zf sandbox` is a thin wrapper. What a payer, a
//! bank or the vendor's back office would do is done through the control plane: `POST
//! /_sandbox/{call}` on loopback, or [`Running::control`] in process, with the same JSON.
//!
//! | Call | Parameters | Does |
//! |---|---|---|
//! | `pay` | `out_trade_no`, `openid`?, `bank_type`?, `coupon_amount`? fen, `coupon_kind`? `CASH`/`NOCASH` | a payer pays |
//! | `refund` | `out_refund_no`, `to`: `success`/`closed`/`abnormal` | moves a refund on at once |
//! | `balance` | `available`? fen | shows or sets the merchant's balance |
//! | `clock` | `advance_seconds`?, `set`? RFC 3339, `freeze`?, `wire`? `system`/`virtual`, `skew_seconds`? | shows or moves time; returns when what became due is done |
//! | `faults` | `rules`?, `add`? | shows, replaces or adds [`FaultRule`]s |
//! | `settings` | any of the settings | shows or changes the merchant account |
//! | `keys` | `do`?: `add`/`switch`/`retire`/`rotate` | platform certificates |
//! | `books` | `date`, `plant`? | the merchant's own ledger of a day, CSV |
//! | `bank` | `from`, `to` | the statement of the merchant's bank account, as CSV |
//! | `planted` | `date` | what `books` with `plant` hides |
//! | `bill` | `date`, `bill_type`? `ALL`/`SUCCESS`/`REFUND`/`FUND` | the bill's text, without the vendor's detour |
//! | `orders` | `date`?, `trade_state`?, `limit`?, `offset`? | what the shop sold, newest first |
//! | `state` | `limit`?, `out_trade_no`?, `out_refund_no`? | everything |
//!
//! Not here: service-provider (partner) calls, combined payment, SM2 signatures, encrypted
//! sub-merchant bills, complaints, transfers, rate limits (429 comes as a fault), `Accept-Language`.

mod clock;
mod control;
mod error;
mod faults;
mod http;
mod journal;
mod keys;
mod rng;
mod shared;
mod time;
mod wechatpay;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use zf_crypto::cert::Usage;

pub use clock::{NowUnix, WireClock};
pub use error::SandboxError;
pub use faults::{FaultKind, FaultRule, Faults, When};
pub use wechatpay::{BigPair, PlantCounts, write_big_pair};

use clock::{Clock, ClockState};
use faults::FaultBoard;
use keys::Authority;
use shared::Shared;
use wechatpay::{Opening, WechatPay};

/// Host names the TLS certificate is valid for, besides this machine's own.
const VENDOR_HOSTS: [&str; 2] = ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"];
/// A little after ten in the morning, Beijing time: every channel's bill of yesterday is there.
const BILLS_READY_SECONDS: i64 = 10 * 3_600 + 300;
/// How often the sandbox looks whether something became due.
const TICK: Duration = Duration::from_millis(200);

/// Where the business clock starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// A new home at the system clock.
    #[default]
    Now,
    /// At the system clock, or at 10:05 Beijing time of the same day when it is earlier:
    /// yesterday's bill is ready then. Looked after at every start, also of an old home.
    BillsReady,
    /// A new home at this Unix second.
    At(i64),
}

/// How to start a sandbox. What a home already holds (clock, seed, history) wins over these.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// Directory that keeps everything; made when missing.
    pub home: PathBuf,
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// HTTPS under the home's own CA (`ca.pem`) for the vendors' host names and this machine.
    /// The control plane also answers plain HTTP on the same port.
    pub tls: bool,
    /// Decides the merchant's numbers, its history and the faults' chances.
    pub seed: u64,
    /// Whole days of history before today, at most 400.
    pub days: u32,
    /// Orders on an average day, at most 100,000.
    pub orders_per_day: u32,
    /// Faults in force from the start. They are not kept over a restart.
    pub faults: Option<Faults>,
    /// Where the business clock starts.
    pub start: Start,
    /// Which clock signatures follow.
    pub wire_clock: WireClock,
    /// Replaces the system clock, in Unix seconds.
    pub now_unix: Option<NowUnix>,
    /// Whether the shop goes on trading as the clock moves; otherwise its generated history ends
    /// where the home began, and only what clients do is added.
    pub trade_on: bool,
    /// The notification address suggested in the credentials.
    pub notify_url: Option<String>,
}

impl Options {
    /// Seven days of 300 orders, seed 1, plain HTTP on a free loopback port.
    pub fn new(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: false,
            seed: 1,
            days: 7,
            orders_per_day: 300,
            faults: None,
            start: Start::Now,
            wire_clock: WireClock::System,
            now_unix: None,
            trade_on: false,
            notify_url: None,
        }
    }
}

pub(crate) struct App {
    pub(crate) shared: Arc<Shared>,
    pub(crate) wechat: Arc<WechatPay>,
    /// Held as long as anything can still write to the home.
    _lock: std::fs::File,
}

/// A sandbox at work. Dropping it stops it at once; [`Running::shutdown`] lets open answers end.
pub struct Running {
    /// Base URL by channel name, for the channels that exist.
    pub base_urls: BTreeMap<String, String>,
    /// Where the control plane is, without a trailing slash; loopback only, plain HTTP.
    pub control_url: String,
    /// The credentials directory; one folder a channel.
    pub credentials: PathBuf,
    app: Arc<App>,
    local_addr: SocketAddr,
    stop: tokio::sync::watch::Sender<bool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("base_urls", &self.base_urls)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

/// Starts a sandbox in the calling process, inside the current Tokio runtime. It is ready when
/// this returns.
///
/// # Errors
/// When an option is out of range, the home is in use or damaged, or the address is taken.
pub async fn start(options: Options) -> Result<Running, SandboxError> {
    if options.days > 400 || options.orders_per_day > 100_000 {
        return Err(SandboxError::BadOption(
            "at most 400 days and 100,000 orders a day".to_owned(),
        ));
    }
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .map_err(|source| SandboxError::Listen {
            address: options.listen,
            source,
        })?;
    let local_addr = listener
        .local_addr()
        .map_err(|source| SandboxError::Listen {
            address: options.listen,
            source,
        })?;
    let opened = tokio::task::spawn_blocking(move || open(&options, local_addr))
        .await
        .map_err(|error| SandboxError::Refused(format!("opening the home stopped: {error}")))??;
    let Opened {
        app,
        tls,
        base_urls,
        credentials,
    } = opened;

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let server = tokio::spawn(http::serve(
        listener,
        tls,
        Arc::clone(&app),
        stopped.clone(),
    ));
    let worker = tokio::spawn(work(Arc::clone(&app), stopped));
    let control_host = if local_addr.ip().is_ipv6() {
        "[::1]"
    } else {
        "127.0.0.1"
    };
    Ok(Running {
        base_urls,
        control_url: format!("http://{control_host}:{}/_sandbox", local_addr.port()),
        credentials,
        app,
        local_addr,
        stop,
        tasks: vec![server, worker],
    })
}

struct Opened {
    app: Arc<App>,
    tls: Option<tokio_rustls::TlsAcceptor>,
    base_urls: BTreeMap<String, String>,
    credentials: PathBuf,
}

/// The part of starting that reads and writes files and makes keys.
fn open(options: &Options, local_addr: SocketAddr) -> Result<Opened, SandboxError> {
    let home = &options.home;
    let channel = home.join(wechatpay::CHANNEL);
    std::fs::create_dir_all(&channel).map_err(SandboxError::disk("creating", &channel))?;
    let lock = lock(home)?;

    let now_unix = options
        .now_unix
        .clone()
        .unwrap_or_else(|| Arc::new(keys::system_now));
    let clock = Clock::open(home, now_unix, |now| {
        let target = match options.start {
            Start::Now | Start::BillsReady => now,
            Start::At(unix) => unix,
        };
        ClockState {
            offset_seconds: target - now,
            wire: options.wire_clock,
            ..ClockState::default()
        }
    })?;

    if options.start == Start::BillsReady {
        let now = clock.now();
        clock.set(now.max(time::day_start(time::day_of(now)) + BILLS_READY_SECONDS))?;
    }

    let mut paths = wechatpay::key_paths(home);
    paths.push(home.join("ca_key.pem"));
    if options.tls {
        paths.push(home.join("tls_key.pem"));
    }
    let mut made = keys::load_or_generate(&paths)?;
    let tls_key = if options.tls { made.pop() } else { None };
    let (Some(ca_key), Ok(channel_keys)) = (made.pop(), <[_; 3]>::try_from(made)) else {
        return Err(SandboxError::Crypto {
            action: "generating keys",
            reason: "some are missing".to_owned(),
        });
    };
    let authority = Authority::open(home, ca_key, clock.now())?;
    let tls = tls_key
        .map(|key| acceptor(home, &key, &authority))
        .transpose()?;

    let shared = Arc::new(Shared {
        clock,
        authority,
        faults: Mutex::new(FaultBoard::new(
            options.faults.clone().unwrap_or_default(),
            options.seed,
        )),
        log: Mutex::new(VecDeque::new()),
        wake: tokio::sync::Notify::new(),
    });
    let opening = Opening {
        seed: options.seed,
        days: options.days,
        orders_per_day: options.orders_per_day,
        trade_on: options.trade_on,
    };
    let wechat = Arc::new(WechatPay::open(
        home,
        channel_keys,
        &opening,
        Arc::clone(&shared),
    )?);

    let scheme = if options.tls { "https" } else { "http" };
    let host = match local_addr {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    let base_url = format!("{scheme}://{host}:{}", local_addr.port());
    let credentials = home.join("credentials");
    let notify_url = options
        .notify_url
        .as_deref()
        .unwrap_or("https://shop.example/wechatpay/notify");
    wechat.export(&credentials.join(wechatpay::CHANNEL), &base_url, notify_url)?;
    let base_urls = BTreeMap::from([(wechatpay::CHANNEL.to_owned(), base_url)]);
    Ok(Opened {
        app: Arc::new(App {
            shared,
            wechat,
            _lock: lock,
        }),
        tls,
        base_urls,
        credentials,
    })
}

/// One sandbox a home: two would write over each other.
fn lock(home: &Path) -> Result<std::fs::File, SandboxError> {
    let path = home.join("lock");
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(SandboxError::disk("opening", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(SandboxError::HomeInUse {
            home: home.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(error)) => {
            Err(SandboxError::disk("locking", &path)(error))
        }
    }
}

fn acceptor(
    home: &Path,
    key: &zf_crypto::rsa::RsaSigningKey,
    authority: &Authority,
) -> Result<tokio_rustls::TlsAcceptor, SandboxError> {
    let dns = VENDOR_HOSTS
        .into_iter()
        .chain(["localhost", "127.0.0.1", "::1"]);
    let now = keys::system_now();
    // Reissued on every start: short-lived, and always valid for today's clients.
    let certificate = authority
        .issue(
            key,
            "localhost",
            now - time::DAY,
            now + 397 * time::DAY,
            Usage::TlsServer {
                dns: dns.map(str::to_owned).collect(),
            },
        )
        .map_err(SandboxError::crypto("issuing the TLS certificate"))?;
    let pem = certificate.to_pem();
    journal::replace_file(&home.join("tls_cert.pem"), pem.as_bytes(), false)?;
    let chain = [&certificate, &authority.certificate]
        .map(|certificate| rustls::pki_types::CertificateDer::from(certificate.der().to_vec()));
    let key_pem = key
        .to_pem()
        .map_err(SandboxError::crypto("reading the TLS key"))?;
    let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(key_pem.expose().as_bytes())
        .map_err(SandboxError::crypto("reading the TLS key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(SandboxError::crypto("setting up TLS"))?
        .with_no_client_auth()
        .with_single_cert(chain.to_vec(), key)
        .map_err(SandboxError::crypto("setting up TLS"))?;
    Ok(tokio_rustls::TlsAcceptor::from(Arc::new(config)))
}

/// Lets refunds finish and notices go out as the clock passes.
async fn work(app: Arc<App>, mut stop: tokio::sync::watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = app.shared.wake.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
        if let Err(error) = app.wechat.work().await {
            tracing::warn!(%error, "the sandbox could not do what was due");
        }
    }
}

impl Running {
    /// The address it listens on, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The one line a program waiting for this sandbox reads:
    /// `{"base_urls":{"wechat_pay":…},"credentials":"…"}`.
    pub fn ready_line(&self) -> String {
        serde_json::json!({
            "base_urls": self.base_urls,
            "credentials": self.credentials.to_string_lossy(),
        })
        .to_string()
    }

    /// The merchant's invented name.
    pub fn merchant_name(&self) -> String {
        self.app.wechat.merchant_name()
    }

    /// The business clock, in Unix seconds.
    pub fn now_unix(&self) -> i64 {
        self.app.shared.clock.now()
    }

    /// Does a control call (see the crate's table) without a socket. `books` and `bill` give a
    /// JSON string, everything else what the HTTP call gives.
    ///
    /// # Errors
    /// `Refused` with the reason, also when there is no such call.
    pub async fn control(
        &self,
        name: &str,
        params: serde_json::Value,
    ) -> Result<serde_json::Value, SandboxError> {
        match control::call(&self.app, name, params).await {
            None => Err(SandboxError::Refused(format!(
                "there is no control call {name}"
            ))),
            Some(Ok(control::Output::Json(value))) => Ok(value),
            Some(Ok(control::Output::Text(_, text))) => Ok(text.into()),
            Some(Err(error)) => Err(error),
        }
    }

    /// Stops accepting, lets open answers end (at most a second) and gives the home free.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        for task in std::mem::take(&mut self.tasks) {
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        for task in &self.tasks {
            task.abort();
        }
    }
}
