//! Files the person chooses, through the system's dialogs.

use std::path::{Path, PathBuf};

use tauri::{State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder};
use zf_app::AppError;
use zf_app::files::io_error;
use zf_app::wire::{ErrorView, FileView};

use crate::desk::Desk;

/// Dialogs cannot be driven by a test. A debug build given `ZF_REHEARSE=DIR` asks that folder
/// instead: `DIR/pick` holds the path to choose and is used once; saved files go to `DIR/saved/`.
pub(crate) fn rehearsed() -> Option<PathBuf> {
    if cfg!(debug_assertions) {
        std::env::var_os("ZF_REHEARSE").map(PathBuf::from)
    } else {
        None
    }
}

/// Lets the person choose a file; `null` when they change their mind.
#[tauri::command]
pub(crate) async fn pick_file(
    window: WebviewWindow,
    desk: State<'_, Desk>,
    kind: String,
) -> Result<Option<FileView>, ErrorView> {
    let app = desk.app().await?;
    let chosen = match rehearsed() {
        Some(folder) => {
            let note = folder.join("pick");
            let chosen = std::fs::read_to_string(&note).ok();
            let _ = std::fs::remove_file(note);
            chosen.map(|path| PathBuf::from(path.trim()))
        }
        None => {
            let extensions = extensions(&kind);
            let mut dialog = window.dialog().file().set_parent(&window);
            if !extensions.is_empty() {
                dialog = dialog.add_filter(extensions.join(", "), extensions);
            }
            answer(dialog, FileDialogBuilder::pick_file).await
        }
    };
    let Some(path) = chosen else { return Ok(None) };
    let name = path.file_name().map_or_else(
        || "file".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let file = app.files().register(&path, &name);
    file.map(Some).map_err(|error| error.view())
}

/// Writes a file the core made to where the person wants it: the path, or `null` when they change
/// their mind.
#[tauri::command]
pub(crate) async fn save_file(
    window: WebviewWindow,
    desk: State<'_, Desk>,
    file_token: String,
    suggested_name: String,
) -> Result<Option<String>, ErrorView> {
    let app = desk.app().await?;
    let file = app
        .files()
        .find(&file_token)
        .map_err(|error| error.view())?;
    // A name, never a path of the page's choosing.
    let name = Path::new(&suggested_name).file_name().map_or_else(
        || file.name.clone(),
        |name| name.to_string_lossy().into_owned(),
    );
    let chosen = match rehearsed() {
        Some(folder) => {
            let saved = folder.join("saved");
            std::fs::create_dir_all(&saved).map_err(|e| io_error(&saved, &e).view())?;
            Some(saved.join(name))
        }
        None => {
            let dialog = window
                .dialog()
                .file()
                .set_parent(&window)
                .set_file_name(name);
            answer(dialog, FileDialogBuilder::save_file).await
        }
    };
    let Some(path) = chosen else { return Ok(None) };
    let target = path.clone();
    let copied =
        tauri::async_runtime::spawn_blocking(move || copy_whole(&file.path, &target)).await;
    match copied {
        Ok(Ok(())) => Ok(Some(path.to_string_lossy().into_owned())),
        Ok(Err(error)) => Err(io_error(&path, &error).view()),
        Err(error) => Err(AppError::internal(error).view()),
    }
}

/// Copies beside the target and renames: an interrupted copy never looks like the file.
fn copy_whole(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let copied = std::fs::copy(from, &part)
        .and_then(|_| std::fs::File::open(&part)?.sync_all())
        .and_then(|()| std::fs::rename(&part, to));
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    copied
}

/// Shows a dialog and waits for the person without holding up anything else.
async fn answer<R: tauri::Runtime>(
    dialog: FileDialogBuilder<R>,
    show: impl FnOnce(
        FileDialogBuilder<R>,
        Box<dyn FnOnce(Option<tauri_plugin_dialog::FilePath>) + Send>,
    ),
) -> Option<PathBuf> {
    let (tell, told) = tokio::sync::oneshot::channel();
    show(
        dialog,
        Box::new(move |path| {
            let _ = tell.send(path);
        }),
    );
    // The dialog going away unanswered is a person changing their mind.
    told.await.ok().flatten()?.into_path().ok()
}

/// What the files of one kind usually end in.
fn extensions(kind: &str) -> &'static [&'static str] {
    match kind {
        "bill" => &["csv", "txt", "gz"],
        "books" => &["csv", "txt", "xlsx", "zfb"],
        "pem" => &["pem", "key", "crt", "cer"],
        "receipt" => &["pdf"],
        _ => &[],
    }
}
