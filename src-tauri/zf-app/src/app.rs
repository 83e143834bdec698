//! The application: one home folder, one store, one vault, one clock, one set of channels.
//!
//! Home layout: `desk.db` the store · `vault.json` the wrapped data key · `bills/` archived bills,
//! untouched · `books/` imported books · `receipts/` issued receipts ·
//! `exports/` files made to take along · `inbox/` files on their way
//! in or out · `sandbox/` the demo's own channel.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::{RwLock, broadcast};
use zf_domain::Clock;
use zf_store::Store;

use crate::api::{self, Access, Kind, PROCEDURES};
use crate::clock::DeskClock;
use crate::ctx::SessionChange;
use crate::error::{AppError, Code};
use crate::files::Files;
use crate::session;
use crate::vault::{SecretStore, Vault};
use crate::wire::{AppEvent, Tag};

/// Starts the local stand-in for the channels; the hosts that carry one pass it in.
pub type SandboxStarter = Arc<
    dyn Fn(SandboxSpec) -> Pin<Box<dyn Future<Output = Result<SandboxHandle, String>> + Send>>
        + Send
        + Sync,
>;

/// A call of the sandbox's control interface: its name and parameters; gives the reply's text.
pub type SandboxControl = Arc<
    dyn Fn(&'static str, Value) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send>>
        + Send
        + Sync,
>;

/// What a demo asks of the sandbox.
#[derive(Debug, Clone)]
pub struct SandboxSpec {
    /// Its folder.
    pub home: PathBuf,
    /// Seed of its history.
    pub seed: u64,
    /// Days of history.
    pub days: u32,
    /// Orders a day.
    pub orders_per_day: u32,
    /// The demo's clock, Unix seconds: both sides must agree to five minutes.
    pub now_unix: i64,
}

/// A running sandbox; dropping it stops it.
pub struct SandboxHandle {
    /// Base URL of its WeChat Pay.
    pub wechat_url: String,
    /// Calls its control interface.
    pub control: SandboxControl,
    /// Folder with the merchants' credentials.
    pub credentials: PathBuf,
    /// Keeps it running.
    pub guard: Box<dyn Send + Sync>,
}

/// How a host opens the application.
pub struct AppOptions {
    /// The home folder; made when missing.
    pub home: PathBuf,
    /// The desk's database; absent: the file `desk.db` of the home.
    pub database: Option<zf_store::Target>,
    /// Where the vault's passphrase may be kept.
    pub secrets: Arc<dyn SecretStore>,
    /// The sandbox, in hosts that carry it.
    pub sandbox: Option<SandboxStarter>,
}

/// The application; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    home: PathBuf,
    store: Store,
    clock: Arc<DeskClock>,
    vault: Vault,
    files: Files,
    events: broadcast::Sender<AppEvent>,
    sandbox: Option<SandboxStarter>,
    running_sandbox: RwLock<Option<SandboxHandle>>,
    channels: crate::accounts::ChannelCache,
    tasks: crate::tasks::Tasks,
    _lock: std::fs::File,
}

/// What a door gets back.
#[derive(Debug)]
pub struct Reply {
    /// The reply or the error, as JSON.
    pub result: Result<Value, AppError>,
    /// What to do with the session token.
    pub session: SessionChange,
}

impl App {
    /// Opens a home: database, vault, clock; in a demo home also the sandbox. Work that a crash
    /// interrupted is picked up by [`crate::timer`].
    ///
    /// # Errors
    /// When the folder is in use by another process, or the database cannot be opened.
    pub async fn open(options: AppOptions) -> Result<Self, AppError> {
        let AppOptions {
            home,
            database,
            secrets,
            sandbox,
        } = options;
        crate::files::make_private_dir(&home)?;
        for folder in ["bills", "books", "receipts", "exports", "inbox"] {
            crate::files::make_private_dir(&home.join(folder))?;
        }
        let lock = lock_home(&home)?;
        let database = database.unwrap_or_else(|| zf_store::Target::File(home.join("desk.db")));
        let store = Store::open_target(&database).await?;
        let offset = store
            .meta("clock_offset_millis")
            .await?
            .and_then(|t| t.parse().ok())
            .unwrap_or(0);
        let vault = Vault::open(&home, secrets);
        let app = Self(Arc::new(Inner {
            files: Files::new(home.join("inbox")),
            home,
            store,
            clock: Arc::new(DeskClock::new(offset)),
            vault,
            events: broadcast::channel(256).0,
            sandbox,
            running_sandbox: RwLock::new(None),
            channels: crate::accounts::ChannelCache::default(),
            tasks: crate::tasks::Tasks::default(),
            _lock: lock,
        }));
        crate::exports::recover(&app).await?;
        crate::batches::recover(&app).await?;
        crate::setup::resume_demo(&app).await?;
        Ok(app)
    }

    /// Calls a declared procedure for whoever holds the token.
    pub async fn call(
        &self,
        token: Option<&str>,
        device: &str,
        name: &str,
        params: Value,
    ) -> Reply {
        let mut change = SessionChange::Keep;
        let result = self
            .call_inner(token, device, name, params, &mut change)
            .await;
        if let Err(error) = &result {
            tracing::info!(procedure = name, code = error.code.text().code, "refused");
            if error.code == Code::SessionExpired {
                change = SessionChange::Clear;
            }
        }
        Reply {
            result,
            session: change,
        }
    }

    async fn call_inner(
        &self,
        token: Option<&str>,
        device: &str,
        name: &str,
        params: Value,
        change: &mut SessionChange,
    ) -> Result<Value, AppError> {
        let procedure = PROCEDURES
            .iter()
            .find(|p| p.name == name)
            .ok_or_else(|| AppError::new(Code::NoSuchProcedure).with("name", name))?;
        let ctx = session::context(self, token, device, procedure.access).await?;
        match procedure.access {
            Access::Anyone => {}
            Access::SignedIn => {
                ctx.person()?;
            }
            Access::Needs(permission) => {
                if !ctx.person()?.role.may(permission) {
                    let mut tx = self.store().begin().await?;
                    let mut entry = ctx.audit(name, "procedure", name);
                    entry.result = Code::PermissionDenied.text().code.to_owned();
                    tx.audit(entry).await?;
                    tx.commit().await?;
                    return Err(AppError::new(Code::PermissionDenied).with(
                        "permission",
                        serde_json::to_value(permission).unwrap_or_default(),
                    ));
                }
            }
        }
        let reply = api::dispatch(&ctx, name, params).await?;
        if let Ok(mut slot) = ctx.session.lock() {
            *change = std::mem::take(&mut slot);
        }
        if procedure.kind == Kind::Mutation {
            self.stale(procedure.stales);
        }
        Ok(reply)
    }

    /// Tells every window that replies with these tags are out of date.
    pub fn stale(&self, tags: &[Tag]) {
        if !tags.is_empty() {
            self.emit(AppEvent::Stale {
                tags: tags.to_vec(),
            });
        }
    }

    /// Tells every window something.
    pub fn emit(&self, event: AppEvent) {
        // Nobody listening is no error.
        let _ = self.0.events.send(event);
    }

    /// Listens to what the core tells windows.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<AppEvent> {
        self.0.events.subscribe()
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.0.home
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &DeskClock {
        &self.0.clock
    }

    /// The clock, to share.
    #[must_use]
    pub fn shared_clock(&self) -> Arc<dyn Clock> {
        self.0.clock.clone()
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// Files on their way in or out.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.0.files
    }

    pub(crate) fn sandbox_starter(&self) -> Option<&SandboxStarter> {
        self.0.sandbox.as_ref()
    }

    /// The running sandbox of a demo home.
    #[must_use]
    pub fn running_sandbox(&self) -> &RwLock<Option<SandboxHandle>> {
        &self.0.running_sandbox
    }

    pub(crate) fn tasks(&self) -> &crate::tasks::Tasks {
        &self.0.tasks
    }

    pub(crate) fn channels(&self) -> &crate::accounts::ChannelCache {
        &self.0.channels
    }
}

/// One process at a time works in a home: two timers would send one refund twice.
fn lock_home(home: &Path) -> Result<std::fs::File, AppError> {
    let path = home.join("lock");
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| crate::files::io_error(&path, &e))?;
    file.try_lock().map_err(|_| {
        AppError::internal(format!(
            "{} is in use by another Zhangfang process; close it first",
            home.display()
        ))
    })?;
    Ok(file)
}

/// Where a desk lives when nobody says otherwise: the user's data folder.
#[must_use]
pub fn default_home() -> Option<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    if cfg!(target_os = "windows") {
        return set("APPDATA").map(|d| d.join("Zhangfang"));
    }
    if cfg!(target_os = "macos") {
        return set("HOME").map(|d| d.join("Library/Application Support/Zhangfang"));
    }
    set("XDG_DATA_HOME")
        .or_else(|| set("HOME").map(|d| d.join(".local/share")))
        .map(|d| d.join("zhangfang"))
}
