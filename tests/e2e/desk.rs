//! Homes for the window to open.

use std::path::PathBuf;

use serde_json::json;

/// The password of everybody in a demo home.
pub(crate) const PASSWORD: &str = "zhangfang-demo";

/// A folder of one test: a home, and what the window keeps for itself.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    /// A home nobody has set up.
    pub(crate) fn fresh() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("home")).expect("a folder");
        Self { folder }
    }

    /// A demo home, made the way `zf demo` and the first-run page make it.
    pub(crate) fn demo() -> Self {
        let desk = Self::fresh();
        let home = desk.home();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let app = zf_host::open(home).await.expect("the home opens");
            let reply = app.call(None, "desktop", "setup.demo", json!({})).await;
            reply.result.expect("the demo is set up");
        });
        // The home is given free before the window opens it.
        runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        desk
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}
