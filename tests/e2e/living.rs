//! The window while somebody works in it: another theme, another language, another size.

use serde_json::json;

use crate::desk::Desk;
use crate::first_run::sign_in;
use crate::window::Window;

const CLERK: &str = "xuzhixia";

#[test]
fn theme_and_language_change_without_loading_the_page_anew() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "look");
    sign_in(&window, CLERK);
    window.click("nav-orders");
    window.click_css("[data-testid=orders-grid] [data-testid=row]");
    window.see("order-pane");
    let order = window.text_where("order-no", |t| !t.is_empty());
    window.script("window.zfSamePage = true", json!([]));

    let ground = || window.script(GROUND, json!([]));
    let light = ground();
    window.click("who");
    window.choose("menu-theme");
    window.until("the ground is dark", || (ground() != light).then_some(()));
    window.picture("1-dark");
    window.click("who");
    window.choose("menu-language");
    window.until("the page says it is English", || {
        (window.script("return document.documentElement.lang", json!([])) == "en").then_some(())
    });
    window.text_where("nav-orders", |t| t.contains("Orders"));
    window.picture("2-dark-english");
    window.click("who");
    window.choose("menu-theme");
    window.until("the ground is light again", || {
        (ground() == light).then_some(())
    });

    assert_eq!(window.text("order-no"), order, "the place is kept");
    assert_eq!(
        window.script("return window.zfSamePage ?? false", json!([])),
        json!(true),
        "the page was loaded anew"
    );
    window.is_clean();
}

#[test]
fn the_smallest_window_holds_every_page() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "small");
    sign_in(&window, CLERK);
    window.resize(1100, 700);
    for nav in window.ids("nav-") {
        if nav == "nav-fold" {
            continue;
        }
        window.click(&nav);
        let page = nav.replacen("nav-", "page-", 1);
        window.see(&page);
        window.until(&format!("{page} has everything"), || {
            // A yes or no: an element handed over may be gone before it arrives.
            let waits = "return document.querySelector('.zf-skeleton') !== null";
            (window.script(waits, json!([])) == json!(false)).then_some(())
        });
        let wide = window.script(TOO_WIDE, json!([]));
        assert_eq!(wide, json!([]), "{page} is wider than the window");
        window.picture(&page);
    }
    // A detail is a drawer here, and goes with Escape.
    window.click("nav-orders");
    window.click_css("[data-testid=orders-grid] [data-testid=row]");
    window.see("order-pane");
    window.find(".ant-drawer [data-testid=order-pane]");
    window.picture("drawer");
    window.press("Escape");
    window.gone("order-pane");
    window.is_clean();
}

const GROUND: &str = "return getComputedStyle(document.body).backgroundColor";

const TOO_WIDE: &str = "return [document.documentElement, ...document.querySelectorAll('.zf-main, .zf-page, .zf-title, .zf-statusbar')] \
    .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => `${e.className}: ${e.scrollWidth} > ${e.clientWidth}`)";
