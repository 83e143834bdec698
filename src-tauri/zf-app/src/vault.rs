//! The vault: every secret sealed under one data key, the data key wrapped under a passphrase.
//!
//! The passphrase is kept by the system's keychain where there is one; otherwise a person types it
//! at start, or a script gives it in `ZF_VAULT_PASSPHRASE`. A demo home keeps it in a file beside
//! the vault and says so: its keys open nothing but the demo's own sandbox.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use serde::{Deserialize, Serialize};
use zf_crypto::secret::Secret;
use zf_crypto::vault::{DataKey, WrappedKey, unwrap, wrap};

use crate::error::{AppError, Code};
use crate::files::{io_error, write_private};

/// Where a passphrase can be kept outside the home folder.
pub trait SecretStore: Send + Sync {
    /// The passphrase of this home, if it is kept here.
    fn load(&self, home: &Path) -> Option<Secret<String>>;
    /// Keeps the passphrase; false where this place cannot.
    fn save(&self, home: &Path, passphrase: &Secret<String>) -> bool;
}

/// The passphrase from `ZF_VAULT_PASSPHRASE`; keeps nothing.
#[derive(Debug, Default)]
pub struct EnvironmentSecrets;

impl SecretStore for EnvironmentSecrets {
    fn load(&self, _home: &Path) -> Option<Secret<String>> {
        std::env::var("ZF_VAULT_PASSPHRASE").ok().map(Secret::new)
    }

    fn save(&self, _home: &Path, _passphrase: &Secret<String>) -> bool {
        false
    }
}

/// How the passphrase of a vault is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeping {
    /// In the system's keychain.
    Keychain,
    /// In a person's head.
    Passphrase,
    /// In `demo.key` beside the vault.
    DemoFile,
}

impl Keeping {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Passphrase => "passphrase",
            Self::DemoFile => "demo_file",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct VaultFile {
    keeping: Keeping,
    key: WrappedKey,
}

/// The vault of one home.
pub struct Vault {
    path: PathBuf,
    home: PathBuf,
    secrets: Arc<dyn SecretStore>,
    state: RwLock<State>,
}

enum State {
    Absent,
    Locked(Keeping),
    Open(Keeping, Arc<DataKey>),
}

impl Vault {
    /// Opens the vault of a home as far as it can be opened without a person.
    #[must_use]
    pub fn open(home: &Path, secrets: Arc<dyn SecretStore>) -> Self {
        let vault = Self {
            path: home.join("vault.json"),
            home: home.to_owned(),
            secrets,
            state: RwLock::new(State::Absent),
        };
        if let Ok(Some(file)) = vault.read() {
            vault.set(State::Locked(file.keeping));
            let passphrase = match file.keeping {
                Keeping::DemoFile => std::fs::read_to_string(home.join("demo.key"))
                    .ok()
                    .map(Secret::new),
                Keeping::Keychain | Keeping::Passphrase => vault.secrets.load(home),
            };
            if let Some(Ok(key)) = passphrase.map(|p| unwrap(&file.key, &p)) {
                vault.set(State::Open(file.keeping, Arc::new(key)));
            }
        }
        vault
    }

    /// Makes the vault of a new home.
    ///
    /// # Errors
    /// When it exists, when no passphrase is given and the system has no keychain, or when the file
    /// cannot be written.
    pub fn create(
        &self,
        passphrase: Option<Secret<String>>,
        demo: bool,
    ) -> Result<Keeping, AppError> {
        if self.read()?.is_some() {
            return Err(AppError::new(Code::AlreadySetUp));
        }
        let random = || Secret::new(zf_crypto::random::alphanumeric(40));
        let (keeping, passphrase) = if demo {
            let passphrase = random();
            write_private(&self.home.join("demo.key"), passphrase.expose().as_bytes())?;
            (Keeping::DemoFile, passphrase)
        } else if let Some(passphrase) = passphrase {
            if passphrase.expose().chars().count() < 12 {
                return Err(AppError::new(Code::PasswordTooWeak).with("least", 12));
            }
            (Keeping::Passphrase, passphrase)
        } else {
            let passphrase = random();
            if !self.secrets.save(&self.home, &passphrase) {
                return Err(AppError::bad(
                    "vault_passphrase",
                    "这台电脑没有系统钥匙串，请设置密钥库口令 / no keychain here: give a vault passphrase",
                ));
            }
            (Keeping::Keychain, passphrase)
        };
        let data_key = DataKey::generate();
        let key = wrap(&data_key, &passphrase).map_err(AppError::internal)?;
        let text =
            serde_json::to_vec_pretty(&VaultFile { keeping, key }).map_err(AppError::internal)?;
        write_private(&self.path, &text)?;
        self.set(State::Open(keeping, Arc::new(data_key)));
        Ok(keeping)
    }

    /// Opens the vault with a typed passphrase.
    ///
    /// # Errors
    /// `VaultPassphrase` when it is wrong.
    pub fn unlock(&self, passphrase: &Secret<String>) -> Result<(), AppError> {
        let file = self
            .read()?
            .ok_or_else(|| AppError::not_found("vault", self.path.display()))?;
        let key =
            unwrap(&file.key, passphrase).map_err(|_| AppError::new(Code::VaultPassphrase))?;
        self.set(State::Open(file.keeping, Arc::new(key)));
        Ok(())
    }

    /// Whether secrets exist that cannot be read yet.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self.state.read().as_deref(), Ok(State::Locked(_)))
    }

    /// How the passphrase is kept, once there is a vault.
    #[must_use]
    pub fn keeping(&self) -> Option<Keeping> {
        match self.state.read().as_deref() {
            Ok(State::Locked(keeping) | State::Open(keeping, _)) => Some(*keeping),
            _ => None,
        }
    }

    /// Seals a secret for one purpose, such as `wechat_pay.private_key/<account>`.
    ///
    /// # Errors
    /// `VaultLocked`.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, AppError> {
        Ok(self.key()?.seal(purpose, plain))
    }

    /// Opens a sealed secret; the purpose must be the one it was sealed for.
    ///
    /// # Errors
    /// `VaultLocked`; an internal error when the bytes were altered or moved from another purpose.
    pub fn unseal(&self, purpose: &str, sealed: &[u8]) -> Result<Secret<Vec<u8>>, AppError> {
        self.key()?.open(purpose, sealed).map_err(|e| {
            AppError::internal(format!("sealed secret “{purpose}” cannot be opened: {e}"))
        })
    }

    fn key(&self) -> Result<Arc<DataKey>, AppError> {
        match self.state.read().as_deref() {
            Ok(State::Open(_, key)) => Ok(key.clone()),
            _ => Err(AppError::new(Code::VaultLocked)),
        }
    }

    fn read(&self) -> Result<Option<VaultFile>, AppError> {
        match std::fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| {
                AppError::internal(format!("{} is damaged: {e}", self.path.display()))
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(io_error(&self.path, &e)),
        }
    }

    fn set(&self, state: State) {
        if let Ok(mut slot) = self.state.write() {
            *slot = state;
        }
    }
}
