//! Reads tauri.conf.json, capabilities and permissions into the program.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A fresh clone must compile before the console was ever built.
    let index = Path::new("ui/dist/index.html");
    if !index.exists() {
        std::fs::create_dir_all("ui/dist")?;
        std::fs::write(
            index,
            "<!doctype html><title>Zhangfang</title>The console is not built yet: make ui\n",
        )?;
    }
    println!("cargo:rerun-if-changed=ui/dist");
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(
                tauri_build::AppManifest::new()
                    .permissions_path_pattern("./src-tauri/permissions/**/*"),
            ),
    )?;
    // The schemas editors read belong beside the files that name them, not at the root.
    if Path::new("gen/schemas").exists() {
        std::fs::remove_dir_all("src-tauri/gen").ok();
        std::fs::rename("gen", "src-tauri/gen")?;
    }
    Ok(())
}
