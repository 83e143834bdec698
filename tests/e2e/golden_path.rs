//! The main job in the real window: from an order to a refund two people stand behind, to a bill
//! reconciled with the books, to a signed receipt.

use serde_json::json;

use crate::desk::Desk;
use crate::first_run::{sign_in, sign_out};
use crate::window::Window;

const CLERK: &str = "xuzhixia";
const APPROVER: &str = "zhouyan";
const AUDITOR: &str = "guqinghe";

#[test]
fn from_an_order_to_a_signed_receipt() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "golden-path");

    sign_in(&window, CLERK);
    let order = find_a_paid_order(&window);
    let refund = ask_for_a_refund(&window);
    the_maker_cannot_approve(&window, &refund);
    sign_out(&window);

    sign_in(&window, APPROVER);
    approve(&window, &refund);
    the_refund_succeeds(&window, &refund);
    sign_out(&window);

    sign_in(&window, CLERK);
    fetch_yesterdays_bills(&window);
    reconcile(&window);
    give_every_difference_an_owner(&window);
    sign_the_day(&window, 1);
    window.picture("13-maker-signed");
    issue_and_verify_a_receipt(&window, &order);
    sign_out(&window);

    sign_in(&window, APPROVER);
    window.click("nav-close");
    sign_the_day(&window, 2);
    window.picture("16-day-closed");
    sign_out(&window);

    sign_in(&window, AUDITOR);
    the_audit_chain_holds(&window);
    window.is_clean();
}

/// Picks a paid order of the list and finds it again by its number.
fn find_a_paid_order(window: &Window) -> String {
    window.click("nav-orders");
    window.see("orders-grid");
    window.picture("01-orders");
    window.go("/orders?state=paid");
    let order = window.until("a paid order is listed", || {
        let number = window.script(
            "const rows = [...document.querySelectorAll('[data-testid=orders-grid] [data-testid=row]')]; \
             const paid = rows.find((row) => row.innerText.includes('已支付')); \
             return paid?.innerText.split('\\n').find((part) => /^[A-Z0-9_-]{10,32}$/.test(part.trim())) ?? null",
            json!([]),
        );
        number.as_str().map(|n| n.trim().to_owned())
    });
    window.fill("orders-search", &order);
    window.attribute_where("orders-count", "data-total", |n| n == "1");
    window.click_css("[data-testid=orders-grid] [data-testid=row]");
    window.see("order-pane");
    assert!(
        window
            .text_where("order-no", |t| !t.is_empty())
            .contains(&order)
    );
    window.see("timeline");
    window.picture("02-order");
    order
}

/// Opens the form from the order, fills it, and hands it to another person.
fn ask_for_a_refund(window: &Window) -> String {
    window.click("action-request_refund");
    window.see("refund-form");
    let refund = window.text_where("form-refund-no", |t| !t.is_empty());
    window.fill("refund-amount", "1.00");
    window.fill("refund-note", "客人改主意，协商退一元");
    window.tick("confirm-order");
    for warning in window.ids("confirm-") {
        window.tick(&warning);
    }
    window.picture("03-refund-form");
    window.click("refund-submit");
    window.attribute_where("refund-detail", "data-state", |s| s == "awaiting_approval");
    window.picture("04-refund-waits");
    refund
}

fn the_maker_cannot_approve(window: &Window, refund: &str) {
    window.click("nav-approvals");
    window.click_css(&format!(
        "[data-testid=queue-item][data-key=\"{refund}\"][data-mine=false]"
    ));
    window.see("request-card");
    assert!(!window.has("approve"), "the maker is offered to approve");
    window.picture("05-maker-cannot-approve");
}

fn approve(window: &Window, refund: &str) {
    window.click("nav-approvals");
    window.click_css(&format!(
        "[data-testid=queue-item][data-key=\"{refund}\"][data-mine=true]"
    ));
    window.text_where("request-no", |t| t.contains(refund));
    window.see("request-digest");
    window.picture("06-approval");
    window.click("approve");
    window.see("approve-step");
    window.picture("07-approval-signing");
    window.click("approve-confirm");
    window.gone("approve-step");
}

fn the_refund_succeeds(window: &Window, refund: &str) {
    window.go(&format!("/refunds?no={refund}"));
    // The timer follows it; nobody has to ask.
    window.attribute_where("refund-detail", "data-state", |s| s == "succeeded");
    window.see("refund-timeline");
    window.picture("08-refund-succeeded");
}

/// Fetches both bills of the day that still lack them.
pub(crate) fn fetch_yesterdays_bills(window: &Window) {
    window.click("nav-bills");
    window.see("page-bills");
    let cell = window.until("a bill is still to be fetched", || {
        let id = window.script(
            "return [...document.querySelectorAll('[data-testid^=bill-][data-testid$=-trade][data-status=not_fetched]')] \
             .at(-1)?.dataset.testid ?? null",
            json!([]),
        );
        id.as_str().map(str::to_owned)
    });
    window.picture("09-bills");
    for cell in [cell.replace("-trade", "-fund_flow"), cell] {
        window.click(&cell);
        window.click("fetch-bill");
        window.attribute_where(&cell, "data-status", |s| s == "verified");
        window.see("bill-check");
        let rows = window.text_where("bill-rows", |t| t != "0");
        assert!(rows.parse::<u32>().is_ok_and(|n| n > 20), "{rows} rows");
    }
    window.find("[data-testid=bill-lines] [data-testid=row]");
    window.see("books-file");
    window.picture("10-bill-verified");
}

/// Runs the reconciliation and opens its first difference.
pub(crate) fn reconcile(window: &Window) {
    window.click("go-recon");
    window.click("recon-run");
    window.see("waterfall");
    let number = |text: String| text.replace(',', "").parse::<u32>().unwrap_or_default();
    assert!(number(window.text("count-matched")) > 20);
    assert!(
        number(window.text_where("count-open", |t| t != "0")) > 0,
        "the demo's books hold planted differences"
    );
    // No nameless difference: what the codes do not explain is zero.
    assert!(window.text("residual").contains("0.00"));
    window.click_css("[data-testid=differences] [data-testid=row]");
    window.see("difference-pane");
    window.picture("11-reconciliation");
}

/// Suspends all open differences at once: each has an owner and a day by which it is settled.
pub(crate) fn give_every_difference_an_owner(window: &Window) {
    window.tick_css("[data-testid=differences] [role=columnheader] input[type=checkbox]");
    window.click("suspend-selected");
    window.fill("suspend-note", "已转门店核对");
    window.click("suspend-confirm");
    window.text_where("count-open", |t| t == "0");
    window.click("nav-close");
    window.see("sign-box");
    window.picture("12-close");
}

/// Signs the day as whoever is there; `signatures` stand when it is done.
pub(crate) fn sign_the_day(window: &Window, signatures: usize) {
    window.tick("confirm-checks");
    window.tick("confirm-digest");
    window.click("sign-day");
    window.until("the signature stands", || {
        (window.ids("signature").len() == signatures).then_some(())
    });
    assert!(
        !window.has("sign-box"),
        "nobody signs twice, and a closed day takes no signature"
    );
}

fn issue_and_verify_a_receipt(window: &Window, order: &str) {
    window.click("nav-receipts");
    window.fill("issue-number", order);
    window.click("issue-find");
    window.click("issue-confirm");
    window.find("[data-testid=receipts-grid] [data-testid=row]");
    window.click("receipt-save");
    let receipt = window.until("the receipt is saved", || window.all_saved().pop());
    let bytes = std::fs::read(&receipt).expect("a receipt");
    assert!(bytes.starts_with(b"%PDF-"), "a PDF");

    window.will_pick(&receipt);
    window.click("verify-pick");
    window.attribute_where("verdict", "data-valid", |v| v == "true");
    window.picture("14-receipt-valid");

    // One digit more, and it is no longer what was signed.
    let forged = receipt.with_file_name("forged.pdf");
    let mut altered = bytes;
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    std::fs::write(&forged, altered).expect("written");
    window.will_pick(&forged);
    window.click("verify-pick");
    window.attribute_where("verdict", "data-valid", |v| v == "false");
    window.picture("15-receipt-forged");
}

fn the_audit_chain_holds(window: &Window) {
    window.click("nav-audit");
    window.find("[data-testid=audit-grid] [data-testid=row]");
    window.click("audit-verify");
    window.see("audit-verdict");
    window.picture("17-audit");
}
