//! The vault's passphrase in the system's keychain: Keychain on macOS, Credential Manager on
//! Windows, Secret Service elsewhere.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use zf_app::vault::{EnvironmentSecrets, SecretStore};
use zf_crypto::secret::Secret;

/// The name the entry has in the keychain's own window.
const SERVICE: &str = "Zhangfang";
/// A locked keychain asks its owner; they need time to type, but not for ever.
const ASK_MAX: Duration = Duration::from_secs(60);

/// `ZF_VAULT_PASSPHRASE` for scripts, otherwise the system's keychain. Where there is none (a server
/// without a Secret Service), nothing is kept and the person chooses a passphrase.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemSecrets;

impl SecretStore for SystemSecrets {
    fn load(&self, home: &Path) -> Option<Secret<String>> {
        if let Some(given) = EnvironmentSecrets.load(home) {
            return Some(given);
        }
        ask(home, |entry| entry.get_password()).map(Secret::new)
    }

    fn save(&self, home: &Path, passphrase: &Secret<String>) -> bool {
        let passphrase = passphrase.clone();
        // Read back: a keychain that forgets at once would lose every key of the desk.
        ask(home, move |entry| {
            entry.set_password(passphrase.expose())?;
            Ok(entry.get_password()? == *passphrase.expose())
        })
        .unwrap_or(false)
    }
}

/// Speaks to the keychain on a thread of its own: its blocking calls must not run on an
/// asynchronous worker, and a keychain that never answers must not hold up the program.
fn ask<T: Send + 'static>(
    home: &Path,
    question: impl FnOnce(keyring::v1::Entry) -> keyring::v1::Result<T> + Send + 'static,
) -> Option<T> {
    // One desk by any of its names.
    let name = std::path::absolute(home)
        .unwrap_or_else(|_| home.to_owned())
        .to_string_lossy()
        .into_owned();
    let (answer, answered) = mpsc::channel();
    std::thread::spawn(move || {
        let result = keyring::v1::Entry::new(SERVICE, &name).and_then(question);
        // The asker may have given up.
        let _ = answer.send(result);
    });
    match answered.recv_timeout(ASK_MAX) {
        Ok(Ok(value)) => Some(value),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the keychain did not help");
            None
        }
        Err(_) => {
            tracing::warn!("the keychain did not answer within {} s", ASK_MAX.as_secs());
            None
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_keychain_keeps_nothing_and_says_so_at_once() {
        let bus = std::env::var_os("XDG_RUNTIME_DIR").map(|d| Path::new(&d).join("bus"));
        if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some() || bus.is_some_and(|b| b.exists())
        {
            // Somebody's real keychain is not for tests.
            return;
        }
        let started = std::time::Instant::now();
        let home = Path::new("/nowhere/zhangfang-test");
        let passphrase = Secret::new("a passphrase of a test".to_owned());
        assert!(!SystemSecrets.save(home, &passphrase));
        assert!(ask(home, |entry| entry.get_password()).is_none());
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
