//! The first minutes: a fresh home, and signing in.

use serde_json::json;

use crate::desk::{Desk, PASSWORD};
use crate::window::Window;

/// Signs a person of the demo in.
pub(crate) fn sign_in(window: &Window, login: &str) {
    window.fill("login", login);
    window.fill("password", PASSWORD);
    window.click("sign-in");
    window.see("who");
}

/// Signs whoever is there out.
pub(crate) fn sign_out(window: &Window) {
    window.click("who");
    window.choose("menu-sign-out");
    window.see("sign-in");
}

#[test]
fn a_stranger_sets_up_the_demo() {
    let desk = Desk::fresh();
    let window = Window::open(&desk.home(), &desk.folder(), "first-run");
    window.see("setup-demo");
    window.picture("1-first-run");
    window.click("setup-demo");
    window.see("sign-in");
    window.picture("2-sign-in");
    window.click("demo-clerk");
    window.see("who");
    window.picture("3-signed-in");
    window.is_clean();
}

#[test]
fn a_clerk_signs_in_and_out() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "sign-in");
    window.fill("login", "xuzhixia");
    window.fill("password", "not the password");
    window.click("sign-in");
    window.see("signin-error");
    window.picture("1-refused");

    sign_in(&window, "xuzhixia");
    assert_eq!(window.text("who-name"), "许知夏");
    window.attribute_where("environment", "data-environment", |e| e == "demo");
    window.picture("2-signed-in");
    let kept = window.script(
        "return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])",
        json!([]),
    );
    let kept = kept.as_str().unwrap_or_default().to_owned();
    assert!(
        !kept.contains("token") && !kept.contains("session"),
        "the page keeps {kept}"
    );

    sign_out(&window);
    window.is_clean();
}
