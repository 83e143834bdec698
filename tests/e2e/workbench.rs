//! The reconciliation workbench by keys, a closed day opened again by two people, and the report of the
//! close saved and judged.

use serde_json::json;

use crate::desk::Desk;
use crate::first_run::{sign_in, sign_out};
use crate::golden_path::{
    fetch_yesterdays_bills, give_every_difference_an_owner, reconcile, sign_the_day,
};
use crate::window::Window;

const CLERK: &str = "xuzhixia";
const APPROVER: &str = "zhouyan";

/// Kinds that move the books, in the order they are tried: which of them fits is the core's to say.
const BY_TWO: [&str; 3] = ["kind-write_off", "kind-adjust", "kind-supplement"];

#[test]
fn differences_are_worked_by_keys_and_decided_by_another_person() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "workbench");
    sign_in(&window, CLERK);
    fetch_yesterdays_bills(&window);
    reconcile(&window);
    window.press("Escape");

    // J goes down, A opens the step with what fits the row; a kind that moves books goes to a second person.
    let kind = window.until("a row that two people settle", || {
        window.press("j");
        // What fits the row comes with its detail; then the button lives, and its key with it.
        let ready =
            "return document.querySelector('[data-testid=resolve]:not([disabled])') !== null";
        window.until("the step can be opened", || {
            if window.has("resolve-step") {
                return Some(());
            }
            if window.script(ready, json!([])) == json!(true) {
                window.press("a");
            }
            None
        });
        let found = BY_TWO.iter().find(|kind| window.has(kind)).copied();
        if found.is_none() {
            window.press("Escape");
            window.gone("resolve-step");
        }
        found
    });
    window.until("the kind is chosen", || {
        if window.is_ticked(kind) {
            return Some(());
        }
        window.press("ArrowDown");
        None
    });
    window.tab_to("resolve-reason");
    window.write("The shop confirmed, see its note of today");
    window.picture("1-resolve");
    window.tab_to("resolve-confirm");
    window.press("Enter");
    window.gone("resolve-step");
    window.see("difference-pane");
    window.see("proposal");
    window.picture("2-proposed");

    // Two rows at once are suspended, and U takes both back.
    let open = window.text_where("count-open", |t| t != "0");
    let mut chosen = 0;
    window.until("two rows are selected", || {
        if chosen == 2 {
            return window.has("suspend-selected").then_some(());
        }
        window.press("j");
        window.press("x");
        chosen += 1;
        None
    });
    window.press("h");
    window.see("suspend-note");
    window.tab_to("suspend-note");
    window.write("Asked the shop");
    window.tab_to("suspend-confirm");
    window.press("Enter");
    window.text_where("count-open", |t| t != open);
    window.press("u");
    window.text_where("count-open", |t| t == open);

    // E takes the evidence of the row along.
    let before = window.all_saved().len();
    window.press("e");
    let pack = window.until("the evidence is saved", || {
        let saved = window.all_saved();
        (saved.len() > before).then(|| {
            saved
                .into_iter()
                .find(|p| p.extension().is_some_and(|e| e == "zip"))
        })
    });
    let bytes = std::fs::read(pack.expect("a ZIP")).expect("the pack");
    assert!(bytes.starts_with(b"PK"), "a ZIP file");
    sign_out(&window);

    // Another person decides, from the ledger.
    sign_in(&window, APPROVER);
    window.go("/recon?pool=ledger");
    window.find("[data-testid=ledger] [data-testid=row]");
    window.picture("3-ledger");
    window.press("a");
    window.see("approve-step");
    window.tab_to("approve-confirm");
    window.press("Enter");
    window.gone("approve-step");
    window.picture("4-approved");
    window.is_clean();
}

#[test]
fn the_pool_shows_what_is_open_over_all_days() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "pool");
    sign_in(&window, CLERK);
    fetch_yesterdays_bills(&window);
    reconcile(&window);
    window.press("Escape");
    let open = window.text_where("count-open", |t| t != "0");
    window.click("count-open");
    window.find("[data-testid=differences] [data-testid=row]");
    let shown = window.until("the pool is listed", || {
        window
            .script(
                "return document.querySelector('[data-testid=differences] [aria-rowcount]')?.getAttribute('aria-rowcount') \
                 ?? document.querySelector('[data-testid=differences][aria-rowcount]')?.getAttribute('aria-rowcount') ?? null",
                json!([]),
            )
            .as_str()
            .and_then(|n| n.parse::<u64>().ok())
            .filter(|n| *n > 0)
    });
    let counted: u64 = open.replace(',', "").parse().expect("a count");
    // The header counts as a row of the grid.
    assert!(shown >= counted, "{shown} rows for {counted} open");
    window.picture("1-pool");
    window.is_clean();
}

#[test]
fn a_closed_day_has_a_report_and_is_opened_again_by_two_people() {
    let desk = Desk::demo();
    let window = Window::open(&desk.home(), &desk.folder(), "report");
    sign_in(&window, CLERK);
    fetch_yesterdays_bills(&window);
    reconcile(&window);
    give_every_difference_an_owner(&window);

    // Before the lock the report is a preview and says so.
    window.click("close-preview");
    window.see("report-mark");
    window.picture("1-preview");
    window.press("Escape");
    window.gone("close-report");
    sign_the_day(&window, 1);
    sign_out(&window);

    sign_in(&window, APPROVER);
    window.click("nav-close");
    sign_the_day(&window, 2);
    window.click("close-preview");
    window.see("close-report");
    assert!(!window.has("report-mark"), "a locked day is no preview");
    for (button, ending) in [("report-xlsx", "xlsx"), ("report-pdf", "pdf")] {
        window.click(button);
        window.until("the report is saved", || {
            window
                .all_saved()
                .into_iter()
                .find(|p| p.extension().is_some_and(|e| e == ending))
        });
    }
    window.picture("2-report");
    window.press("Escape");
    window.gone("close-report");
    let report = window
        .all_saved()
        .into_iter()
        .find(|p| p.extension().is_some_and(|e| e == "pdf"))
        .expect("a PDF");
    window.click("nav-receipts");
    window.will_pick(&report);
    window.click("verify-pick");
    window.attribute_where("verdict", "data-valid", |v| v == "true");
    window.picture("3-report-verified");
    sign_out(&window);

    // One person wishes the day open again, another agrees.
    sign_in(&window, CLERK);
    window.click("nav-close");
    window.click("ask-reopening");
    window.fill("reopening-reason", "A late refund has to be entered");
    window.click("reopening-confirm");
    window.see("reopening");
    assert!(!window.has("reopen-day"), "nobody agrees with themselves");
    window.picture("4-wish");
    sign_out(&window);
    sign_in(&window, APPROVER);
    window.click("nav-close");
    window.click("reopen-day");
    window.fill("reopening-reason", "Agreed");
    window.click("reopening-confirm");
    window.see("closed-before");
    window.picture("5-reopened");
    window.is_clean();
}
