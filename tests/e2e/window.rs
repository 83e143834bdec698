//! The real desktop window on a screen of its own.
//!
//! One Xvfb and one WebKitWebDriver a window, each in a process group of its own and ended by that
//! group's id. Elements are found by their `data-testid`; every step waits for what it needs.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::webdriver::{Answer, Element, Refused, Session};

/// Long enough for the slowest step on a busy machine of two cores.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program with its children, ended together.
struct Group(Child);

impl Group {
    fn start(command: &mut Command) -> Self {
        let what = format!("{command:?}");
        let child = command
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{what}: {error}. scripts/setup.sh test installs it"));
        Self(child)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        let end = Instant::now() + Duration::from_secs(5);
        while Instant::now() < end {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
        let _ = self.0.wait();
    }
}

/// The window of one home.
pub(crate) struct Window {
    session: Session,
    screens: PathBuf,
    rehearsal: PathBuf,
    // In this order: the program goes before its screen.
    _driver: Group,
    _screen: Group,
}

impl Window {
    /// Opens the window on a home. `folder` holds what the window and its desktop keep for
    /// themselves; `screens` names the folder of its pictures under `tests/output/`.
    pub(crate) fn open(home: &Path, folder: &Path, screens: &str) -> Self {
        let mut screen = Group::start(
            Command::new("Xvfb")
                .args([
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    "1600x1000x24",
                    "-nolisten",
                    "tcp",
                ])
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        );
        let mut number = String::new();
        let output = screen.0.stdout.take().expect("piped");
        BufReader::new(output)
            .read_line(&mut number)
            .expect("Xvfb names its display");
        let display = format!(":{}", number.trim());

        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|l| l.local_addr())
            .expect("a free port")
            .port();
        let rehearsal = folder.join("rehearsal");
        for name in ["rehearsal", "config", "cache", "data", "run"] {
            std::fs::create_dir_all(folder.join(name)).expect("a folder");
        }
        let log = std::fs::File::create(folder.join("window.log")).expect("a log");
        let driver = Group::start(
            Command::new("WebKitWebDriver")
                .arg(format!("--port={port}"))
                .arg("--host=127.0.0.1")
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap_or_default())
                .env("DISPLAY", &display)
                .env("GDK_BACKEND", "x11")
                .env("TAURI_WEBVIEW_AUTOMATION", "true")
                .env("NO_AT_BRIDGE", "1")
                .env("LANG", "C.UTF-8")
                .env("TZ", "Asia/Shanghai")
                .env("HOME", folder)
                .env("XDG_CONFIG_HOME", folder.join("config"))
                .env("XDG_CACHE_HOME", folder.join("cache"))
                .env("XDG_DATA_HOME", folder.join("data"))
                .env("XDG_RUNTIME_DIR", folder.join("run"))
                .env("ZF_SEVERAL", "1")
                .env("ZF_REHEARSE", &rehearsal)
                .env("ZF_LOG", "info")
                .stdout(Stdio::null())
                .stderr(log),
        );
        wait("WebKitWebDriver listens", || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
        });
        let capabilities = json!({
            "webkitgtk:browserOptions": {
                "binary": env!("CARGO_BIN_EXE_zhangfang"),
                "args": ["--home", home],
            }
        });
        let session = Session::open(port, &capabilities).unwrap_or_else(|refused| {
            let log = std::fs::read_to_string(folder.join("window.log")).unwrap_or_default();
            panic!("the window did not open: {}\n{log}", refused.message)
        });
        let screens = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/output/screens")
            .join(screens);
        std::fs::create_dir_all(&screens).expect("a folder");
        let window = Self {
            session,
            screens,
            rehearsal,
            _driver: driver,
            _screen: screen,
        };
        window.session.resize(1440, 900).expect("a size");
        window
    }

    /// Saves a picture of the window.
    pub(crate) fn picture(&self, name: &str) {
        // What moves comes to rest first; what turns for ever is not waited for.
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end
            && self
                .try_script(MOVING, json!([]))
                .is_ok_and(|moving| moving == true)
        {
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(400));
        // WebKit refuses a picture while it lays the page out anew.
        let end = Instant::now() + PATIENCE;
        let png = loop {
            match self.session.screenshot() {
                Ok(png) => break png,
                Err(refused) if Instant::now() > end => {
                    panic!("no screenshot {name}: {}", refused.message)
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        };
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(png)
            .expect("base64");
        std::fs::write(self.screens.join(format!("{name}.png")), bytes).expect("saved");
    }

    /// Waits for an element by its `data-testid`.
    pub(crate) fn see(&self, id: &str) -> Element {
        self.find(&of(id))
    }

    /// Waits for a visible element by a CSS selector.
    pub(crate) fn find(&self, css: &str) -> Element {
        self.until(&format!("{css} is there"), || {
            let element = self.session.find(css).ok()?;
            self.script(VISIBLE, json!([css]))
                .as_bool()
                .unwrap_or_default()
                .then_some(element)
        })
    }

    /// Whether an element is there now.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.session.find(&of(id)).is_ok()
    }

    /// Waits until an element is gone.
    pub(crate) fn gone(&self, id: &str) {
        self.until(&format!("{id} is gone"), || (!self.has(id)).then_some(()));
    }

    /// Clicks an element by its `data-testid`, once it can be clicked.
    pub(crate) fn click(&self, id: &str) {
        self.click_css(&of(id));
    }

    /// Clicks the element of a CSS selector, once it can be clicked.
    pub(crate) fn click_css(&self, css: &str) {
        // What still slides in is no longer where it was when the pointer gets there.
        let mut before = Value::Null;
        self.until(&format!("{css} takes a click"), || {
            let place = self.script(CLICKABLE, json!([css]));
            let rests = place != Value::Null && place == before;
            before = place;
            if !rests {
                return None;
            }
            let element = self.session.find(css).ok()?;
            self.session.click(&element).ok()
        });
    }

    /// Chooses an item of an open menu by its `data-testid`: the item itself, not its place, because a
    /// menu aligns itself anew when what lies under it is painted.
    pub(crate) fn choose(&self, id: &str) {
        let css = of(id);
        self.until(&format!("{css} is chosen"), || {
            self.script(CHOOSE, json!([css]))
                .as_bool()
                .filter(|done| *done)
        });
    }

    /// Replaces what a field holds.
    pub(crate) fn fill(&self, id: &str, text: &str) {
        let css = of(id);
        self.until(&format!("{css} takes text"), || {
            let element = self.session.find(&css).ok()?;
            // Typed over, as a person would: emptied from outside, the page's own state would stay.
            self.script(SELECT, json!([css]));
            self.session.keys(&element, text).ok()?;
            let held = self.script(
                "return document.querySelector(arguments[0])?.value ?? null",
                json!([css]),
            );
            held.as_str().filter(|held| *held == text).map(drop)
        });
    }

    /// Ticks a box. Its real input lies unseen under what is drawn, where a pointer cannot reach it.
    pub(crate) fn tick(&self, id: &str) {
        self.tick_css(&of(id));
    }

    /// Ticks the box of a CSS selector.
    pub(crate) fn tick_css(&self, css: &str) {
        self.until(&format!("{css} takes a tick"), || {
            self.script(TICK, json!([css]))
                .as_bool()
                .filter(|done| *done)
        });
    }

    /// Presses a key into whatever has the focus: `j`, `Enter`, `mod+k`, `shift+Tab`.
    pub(crate) fn press(&self, key: &str) {
        self.session
            .press(&[chord(key)])
            .unwrap_or_else(|refused| panic!("{key}: {}", refused.message));
    }

    /// Writes into whatever has the focus, key by key.
    pub(crate) fn write(&self, text: &str) {
        let keys: Vec<_> = text.chars().map(|key| vec![key]).collect();
        self.session
            .press(&keys)
            .unwrap_or_else(|refused| panic!("{text}: {}", refused.message));
    }

    /// Waits until the focus is in an element or in what it holds.
    pub(crate) fn focus_in(&self, id: &str) {
        self.until(&format!("the focus is in {id}"), || {
            self.is_focused(id).then_some(())
        });
    }

    /// Whether an element or what it holds has the focus.
    pub(crate) fn is_focused(&self, id: &str) -> bool {
        self.script(FOCUSED, json!([of(id)])) == true
    }

    /// Goes on with Tab until an element has the focus, as hands that have no mouse do.
    pub(crate) fn tab_to(&self, id: &str) {
        self.see(id);
        for _ in 0..150 {
            if self.is_focused(id) {
                return;
            }
            self.press("Tab");
        }
        self.picture("failed");
        panic!("Tab never comes to {id}");
    }

    /// Whether the box of an element is ticked.
    pub(crate) fn is_ticked(&self, id: &str) -> bool {
        self.script(TICKED, json!([of(id)])) == true
    }

    /// Sets the size of the window.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.session.resize(width, height).expect("a size");
        self.until("the window has its size", || {
            let size = self.script("return [innerWidth, innerHeight]", json!([]));
            (size == json!([width, height])).then_some(())
        });
    }

    /// Every `data-testid` on the page that begins like this.
    pub(crate) fn ids(&self, beginning: &str) -> Vec<String> {
        let found = self.script(
            "return [...document.querySelectorAll(`[data-testid^=\"${arguments[0]}\"]`)].map((e) => e.dataset.testid)",
            json!([beginning]),
        );
        serde_json::from_value(found).unwrap_or_default()
    }

    /// Goes to a place of the console by its address.
    pub(crate) fn go(&self, place: &str) {
        self.script("window.location.hash = arguments[0]", json!([place]));
    }

    /// The text of an element, once it is there.
    pub(crate) fn text(&self, id: &str) -> String {
        self.text_where(id, |_| true)
    }

    /// Waits until the text of an element satisfies a condition, and gives it.
    pub(crate) fn text_where(&self, id: &str, wanted: impl Fn(&str) -> bool) -> String {
        let css = of(id);
        self.until(&format!("the text of {css} is as wanted"), || {
            let text = self.script(
                "return document.querySelector(arguments[0])?.innerText ?? null",
                json!([css]),
            );
            text.as_str()
                .map(str::trim)
                .filter(|t| wanted(t))
                .map(str::to_owned)
        })
    }

    /// Waits for an attribute of an element.
    pub(crate) fn attribute_where(
        &self,
        id: &str,
        name: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> String {
        let css = of(id);
        self.until(&format!("{name} of {css} is as wanted"), || {
            let value = self.script(
                "return document.querySelector(arguments[0])?.getAttribute(arguments[1]) ?? null",
                json!([css, name]),
            );
            value.as_str().filter(|v| wanted(v)).map(str::to_owned)
        })
    }

    /// Runs a script in the page.
    pub(crate) fn script(&self, body: &str, arguments: Value) -> Value {
        self.session
            .script(body, arguments)
            .unwrap_or_else(|refused| panic!("{body}: {}", refused.message))
    }

    /// Runs a script that may be refused, as while a page is going.
    pub(crate) fn try_script(&self, body: &str, arguments: Value) -> Answer<Value> {
        self.session.script(body, arguments)
    }

    /// The next file dialog chooses this file.
    pub(crate) fn will_pick(&self, path: &Path) {
        std::fs::write(
            self.rehearsal.join("pick"),
            path.to_string_lossy().as_bytes(),
        )
        .expect("noted");
    }

    /// Every file the save dialog wrote so far.
    pub(crate) fn all_saved(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.rehearsal.join("saved")).map_or_else(
            |_| Vec::new(),
            |entries| entries.flatten().map(|e| e.path()).collect(),
        )
    }

    /// Nothing was refused by the page's own security policy, and no script failed.
    pub(crate) fn is_clean(&self) {
        for list in ["zfRefused", "zfErrors"] {
            let noted = self.script(&format!("return window.{list} ?? null"), json!([]));
            assert_eq!(noted, json!([]), "{list}");
        }
    }

    /// Waits until something holds; a picture is kept of what never did.
    pub(crate) fn until<T>(&self, what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(value) = holds() {
                return value;
            }
            if Instant::now() > end {
                self.picture("failed");
                let text = self
                    .try_script("return document.body.innerText", json!([]))
                    .unwrap_or_else(|refused: Refused| refused.message.into());
                panic!(
                    "waited in vain: {what}. A picture is in {}. The page says:\n{}",
                    self.screens.display(),
                    text.as_str().unwrap_or_default()
                );
            }
            std::thread::sleep(Duration::from_millis(60));
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.session.close();
    }
}

/// Whether the first match takes up room on the screen.
const VISIBLE: &str = "const e = document.querySelector(arguments[0]); \
    return e !== null && e.getClientRects().length > 0";

/// Where the first match is, when it is visible, may be clicked, and nothing it lies in moves or is about
/// to: a menu that slides in puts another of its items under the pointer.
const CLICKABLE: &str = "const e = document.querySelector(arguments[0]); \
    if (e === null || e.disabled || e.getAttribute('aria-disabled') === 'true') return null; \
    const moves = (a) => (a.playState === 'running' || a.playState === 'paused') && \
    a.effect?.getComputedTiming().endTime !== Infinity && a.effect?.target?.contains(e); \
    if (document.getAnimations().some(moves)) return null; \
    const rect = e.getClientRects()[0]; \
    return rect && getComputedStyle(e).pointerEvents !== 'none' ? [rect.x, rect.y, rect.width, rect.height] : null";

/// Whether anything on the page moves and will come to rest.
const MOVING: &str = "return document.getAnimations().some((a) => a.playState === 'running' && \
    a.effect?.getComputedTiming().endTime !== Infinity)";

/// Clicks the menu item the first match lies in, once it is there.
const CHOOSE: &str = "const e = document.querySelector(arguments[0])?.closest('[role=menuitem]'); \
    e?.click(); return e != null";

/// Gives the first match the keys, with all it holds selected.
const SELECT: &str = "const e = document.querySelector(arguments[0]); e?.focus(); e?.select?.()";

/// Whether the focus is in the first match, or in the control it stands for.
const FOCUSED: &str = "const e = document.querySelector(arguments[0]); \
    const at = document.activeElement; \
    return e !== null && at !== null && at !== document.body && (e === at || e.contains(at))";

/// Whether the box of the first match is ticked.
const TICKED: &str = "const e = document.querySelector(arguments[0]); \
    return (e?.matches('input') ? e : e?.querySelector('input'))?.checked ?? false";

/// Ticks the box of the first match and says whether it is ticked.
const TICK: &str = "const e = document.querySelector(arguments[0]); \
    const box = e?.matches('input') ? e : e?.querySelector('input'); \
    if (box && !box.checked && !box.disabled) box.click(); \
    return box?.checked ?? false";

/// `mod+Enter` as the characters of the protocol.
fn chord(key: &str) -> Vec<char> {
    key.split('+')
        .map(|part| match part {
            "mod" | "Control" => '\u{e009}',
            "shift" => '\u{e008}',
            "Enter" => '\u{e007}',
            "Tab" => '\u{e004}',
            "Escape" => '\u{e00c}',
            "Space" => ' ',
            "ArrowUp" => '\u{e013}',
            "ArrowDown" => '\u{e015}',
            "Backspace" => '\u{e003}',
            one => one
                .chars()
                .next()
                .filter(|_| one.chars().count() == 1)
                .unwrap_or_else(|| panic!("{one} is no key")),
        })
        .collect()
}

fn of(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}

fn wait<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = holds() {
            return value;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
