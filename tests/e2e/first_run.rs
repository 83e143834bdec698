//! The first minutes: a fresh home, and signing in.

use crate::desk::{Desk, PASSWORD};
use crate::window::Window;

/// Signs a person of the demo in.
pub(crate) fn sign_in(window: &Window, login: &str) {
    window.fill("login", login);
    window.fill("password", PASSWORD);
    window.click("sign-in");
    window.see("who");
}

#[test]
fn a_stranger_sees_what_can_be_done_first() {
    let desk = Desk::fresh();
    let window = Window::open(&desk.home(), &desk.folder(), "first-run");
    window.see("setup-demo");
    window.picture("first-run");
    window.is_clean();
}

#[test]
fn a_clerk_signs_in_and_out() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "sign-in");
    window.see("sign-in");
    window.picture("sign-in");

    window.fill("login", "xuzhixia");
    window.fill("password", "not the password");
    window.click("sign-in");
    window.see("signin-error");
    window.picture("sign-in-refused");

    sign_in(&window, "xuzhixia");
    assert_eq!(window.text("who-name"), "许知夏");
    window.attribute_where("environment", "data-environment", |e| e == "demo");
    window.picture("signed-in");
    let held = window.script(
        "return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])",
        serde_json::json!([]),
    );
    let held = held.as_str().unwrap_or_default().to_owned();
    assert!(
        !held.contains("token") && !held.contains("session"),
        "{held}"
    );

    window.click("who");
    window.click("menu-sign-out");
    window.see("sign-in");
    window.is_clean();
}
