//! Hands that have no mouse: a refund from search to approval, and an input method that composes.

use serde_json::json;

use crate::desk::{Desk, PASSWORD};
use crate::golden_path::{fetch_yesterdays_bills, reconcile};
use crate::window::Window;

const CLERK: &str = "xuzhixia";
const APPROVER: &str = "zhouyan";

#[test]
fn a_refund_from_search_to_approval_without_a_mouse() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "keyboard");
    watch_for_a_mouse(&window);

    sign_in(&window, CLERK);
    let order = search_a_paid_order(&window);
    window.picture("1-order");
    window.press("r");
    window.see("refund-form");
    let refund = window.text_where("form-refund-no", |t| !t.is_empty());
    window.tab_to("refund-amount");
    window.write("1.00");
    window.tab_to("refund-note");
    window.write("Customer changed their mind, one yuan agreed");
    for tick in std::iter::once("confirm-order".to_owned()).chain(window.ids("confirm-")) {
        if !window.is_ticked(&tick) {
            window.tab_to(&tick);
            window.press("Space");
            window.until("the box is ticked", || {
                window.is_ticked(&tick).then_some(())
            });
        }
    }
    window.picture("2-refund-form");
    window.until("the request is complete", || {
        window
            .script(
                "return document.querySelector('[data-testid=refund-submit]')?.disabled === false",
                json!([]),
            )
            .as_bool()
            .filter(|ready| *ready)
    });
    window.press("mod+Enter");
    window.attribute_where("refund-detail", "data-state", |s| s == "awaiting_approval");
    window.picture("3-waits");

    // The maker comes past the queue and is offered no approval, by key neither.
    go(&window, 'a', "page-approvals");
    choose_in_queue(&window, &refund);
    window.press("a");
    window.see("not-allowed");
    assert!(!window.has("approve-step"), "the maker is offered to sign");
    sign_out(&window);

    sign_in(&window, APPROVER);
    go(&window, 'a', "page-approvals");
    choose_in_queue(&window, &refund);
    window.press("a");
    window.see("approve-step");
    window.picture("4-signing");
    // A opens the signing step; it never signs alone.
    assert!(window.text("approve-step").contains(&order));
    window.focus_in("approve-confirm");
    window.press("Enter");
    window.gone("approve-step");
    go(&window, 'r', "page-refunds");
    window.go(&format!("/refunds?no={refund}"));
    window.attribute_where("refund-detail", "data-state", |s| s == "succeeded");
    window.picture("5-succeeded");

    assert_eq!(
        window.script("return window.zfMouse", json!([])),
        json!([]),
        "something was done with a mouse"
    );
    window.is_clean();
}

#[test]
fn the_palette_finds_sums_and_acts() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "palette");
    sign_in(&window, CLERK);
    let order = a_paid_order(&window);
    go(&window, 'b', "page-bills");

    // Any id, from any page.
    window.press("mod+k");
    window.focus_in("palette-input");
    window.write(&order);
    window.picture("1-order");
    choose_in_palette(&window, "order-");
    window.see("order-pane");
    window.text_where("order-no", |t| t.contains(&order));
    assert!(
        window
            .script("return location.hash", json!([]))
            .as_str()
            .is_some_and(|hash| hash.starts_with("#/orders"))
    );

    // A sum, in whole fen.
    window.press("mod+k");
    window.focus_in("palette-input");
    window.write("=0.10+0.20");
    window.text_where("palette-sum", |t| t.contains("0.30"));
    window.picture("2-sum");
    window.press("Escape");
    window.gone("palette");

    // An action by its name, and Escape leaves everything as it was.
    window.press("mod+k");
    window.focus_in("palette-input");
    window.write(">");
    window.picture("3-actions");
    choose_in_palette(&window, "page-/settings");
    window.see("page-settings");
    window.is_clean();
}

#[test]
fn a_suspension_is_taken_back_with_u() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "undo");
    sign_in(&window, CLERK);
    fetch_yesterdays_bills(&window);
    reconcile(&window);
    window.press("Escape");
    let open = window.text_where("count-open", |t| t != "0");
    // The first differences, taken with the keyboard.
    window.until("a difference is selected", || {
        if window.has("suspend-selected") {
            return Some(());
        }
        window.press("j");
        window.press("x");
        None
    });
    window.press("h");
    window.see("suspend-note");
    window.tab_to("suspend-note");
    window.write("Asked the shop, answer on Monday");
    window.tab_to("suspend-confirm");
    window.press("Enter");
    window.text_where("count-open", |t| t != open);
    window.picture("1-suspended");
    window.press("u");
    window.text_where("count-open", |t| t == open);
    window.picture("2-taken-back");
    window.is_clean();
}

/// An input method is composing: its keys belong to the text. The window's driver offers no input
/// method, so the page gets the events one sends (WebKit marks them `isComposing`, with key code
/// 229); `ui/browser/live.test.mjs` does the same with a composition made by the browser itself.
#[test]
fn keys_are_dead_while_an_input_method_composes() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "composition");
    sign_in(&window, CLERK);
    go(&window, 'o', "page-orders");
    window.find("[data-testid=orders-grid] [data-testid=row]");
    window.press("/");
    window.focus_in("orders-search");
    let place = window.script("return location.hash", json!([]));
    let heard = window.script(
        COMPOSE,
        json!([["g", "d", "j", "r", "?", "Enter", "Escape"]]),
    );
    assert_eq!(heard, json!(7), "the page heard every key");
    window.focus_in("orders-search");
    assert_eq!(window.script("return location.hash", json!([])), place);
    for overlay in ["shortcut-sheet", "palette", "order-pane", "refund-form"] {
        assert!(!window.has(overlay), "{overlay} opened while composing");
    }
    // The composition over, the same keys work again.
    window.press("Escape");
    window.until("the field is left", || {
        (!window.is_focused("orders-search")).then_some(())
    });
    // For a blink after a composition a key still counts as its end; no hand is that fast, a driver is.
    window.until("? opens the sheet again", || {
        if window.has("shortcut-sheet") {
            return Some(());
        }
        window.press("?");
        None
    });
    window.press("Escape");
    window.gone("shortcut-sheet");
    go(&window, 'b', "page-bills");
    window.is_clean();
}

/// Notes whatever a pointer does to the page, from now on.
fn watch_for_a_mouse(window: &Window) {
    window.see("sign-in");
    window.script(
        "window.zfMouse = []; \
         for (const kind of ['pointerdown', 'mousedown', 'wheel']) \
           document.addEventListener(kind, (e) => window.zfMouse.push(kind + ' ' + e.target.outerHTML.slice(0, 80)), true)",
        json!([]),
    );
}

/// Signs in from the keyboard: the name has the focus already.
fn sign_in(window: &Window, login: &str) {
    window.focus_in("login");
    window.write(login);
    window.tab_to("password");
    window.write(PASSWORD);
    window.press("Enter");
    window.see("who");
}

/// Signs out from the palette, where every action has its name.
fn sign_out(window: &Window) {
    window.press("mod+k");
    window.focus_in("palette-input");
    window.write(">");
    choose_in_palette(window, "frame-sign-out");
    window.see("sign-in");
}

/// Goes down the palette to an entry whose id begins like this, and takes it.
fn choose_in_palette(window: &Window, entry: &str) {
    window.until(&format!("the palette offers {entry}"), || {
        let shown = window.script(
            "const all = [...document.querySelectorAll('[data-testid=palette-entry]')]; \
             const current = all.find((e) => e.getAttribute('aria-selected') === 'true'); \
             if (current?.dataset.entry.startsWith(arguments[0])) return 'here'; \
             return all.some((e) => e.dataset.entry.startsWith(arguments[0]) && e.ariaDisabled !== 'true') ? 'below' : 'absent'",
            json!([entry]),
        );
        match shown.as_str() {
            Some("here") => return Some(()),
            Some("below") => window.press("ArrowDown"),
            _ => {}
        }
        None
    });
    window.press("Enter");
    window.gone("palette");
}

/// G and the letter of a page.
fn go(window: &Window, letter: char, page: &str) {
    window.press("g");
    window.press(&letter.to_string());
    window.see(page);
}

/// Finds a paid order by its number, with `/`, and opens it. Gives the number.
fn search_a_paid_order(window: &Window) -> String {
    go(window, 'o', "page-orders");
    let order = a_paid_order(window);
    go(window, 's', "page-settings");
    go(window, 'o', "page-orders");
    window.press("/");
    window.focus_in("orders-search");
    window.write(&order);
    window.attribute_where("orders-count", "data-total", |n| n == "1");
    window.press("Escape");
    window.press("j");
    window.press("Enter");
    window.see("order-pane");
    window.text_where("order-no", |t| t.contains(&order));
    order
}

/// The number of a paid order, as somebody on the telephone would read it out.
fn a_paid_order(window: &Window) -> String {
    window.go("/orders?state=paid");
    window.until("a paid order is listed", || {
        let number = window.script(
            "const rows = [...document.querySelectorAll('[data-testid=orders-grid] [data-testid=row]')]; \
             const paid = rows.find((row) => row.innerText.includes('已支付')); \
             return paid?.innerText.split('\\n').find((part) => /^[A-Z0-9_-]{10,32}$/.test(part.trim())) ?? null",
            json!([]),
        );
        number.as_str().map(|n| n.trim().to_owned())
    })
}

/// Goes down the queue until the request is the one shown.
fn choose_in_queue(window: &Window, refund: &str) {
    window.find("[data-testid=queue-item]");
    let mut pressed = 0;
    window.until("the request is chosen", || {
        let shown = window.script(
            "return document.querySelector('[data-testid=request-no]')?.innerText ?? ''",
            json!([]),
        );
        if shown.as_str().is_some_and(|no| no.contains(refund)) {
            return Some(());
        }
        if pressed < 40 {
            pressed += 1;
            window.press("j");
        }
        None
    });
}

/// Composes in the focused field as an input method does; gives how many keys the page heard.
const COMPOSE: &str = "const field = document.activeElement; let heard = 0; \
    const listen = (e) => { if (e.isComposing && e.keyCode === 229) heard += 1 }; \
    window.addEventListener('keydown', listen, true); \
    field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true, data: '' })); \
    for (const key of arguments[0]) { \
      field.dispatchEvent(new KeyboardEvent('keydown', { key, keyCode: 229, isComposing: true, bubbles: true, cancelable: true })); \
      field.dispatchEvent(new CompositionEvent('compositionupdate', { bubbles: true, data: key })); \
      field.dispatchEvent(new KeyboardEvent('keyup', { key, isComposing: true, bubbles: true })); \
    } \
    field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '灯' })); \
    window.removeEventListener('keydown', listen, true); \
    return heard";
