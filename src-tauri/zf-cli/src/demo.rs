//! `zf demo`: the main job, by itself, through the same declared API as the window: three people
//! sign in and do what they would do by hand.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::{Map, Value, json};
use zf_app::wire::{
    AppStatus, AuditVerdict, BillView, CloseBoard, CloseView, DifferencePage, FileView, OrderPage,
    OrderTotals, People, ReceiptVerification, ReceiptView, ReconView, RefundForm, RefundView,
};
use zf_app::{App, AppError};
use zf_domain::{Clock as _, DifferenceCode, RefundState};

use crate::home::Desk;
use crate::output::{Answer, Done, Failure, Output};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Home folder to make; a temporary one when left out.
    #[arg(long)]
    home: Option<PathBuf>,
    /// Seed of the merchant's history.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Replace an earlier demo home.
    #[arg(long)]
    fresh: bool,
}

/// How long the story waits for the refund to arrive; the demo's sandbox takes about four seconds.
const REFUND_WAIT: Duration = Duration::from_secs(60);

pub(crate) async fn run(args: Args, out: &Output) -> Done {
    let home = match &args.home {
        Some(home) => home.clone(),
        None => std::env::temp_dir().join(format!("zhangfang-demo-{}", std::process::id())),
    };
    if args.fresh {
        clear(&home)?;
    }
    out.line(out.say(
        "账房演示：人、公司和钱都是编的。",
        "Zhangfang demo: people, company and money are invented.",
    ));
    let app = zf_host::open(home.clone()).await?;
    let timer = zf_app::timer::spawn(&app);
    let told = story(&app, args.seed, out).await;
    timer.abort();
    let json = told?;
    let agree = json["reconciliation"] == json["planted"];
    let yes = agree
        && json["refund"]["status"] == "success"
        && json["bill"]["hash_verified"] == true
        && json["receipt"]["valid"] == true
        && json["close"]["locked"] == true
        && json["audit"]["verified"] == true;
    let text = format!(
        "\n{} {}\n{} {}",
        out.say("签名凭证在", "The signed receipt is"),
        json["receipt"]["path"].as_str().unwrap_or_default(),
        out.say("数据目录在", "The home folder is"),
        home.display(),
    );
    Ok(Answer { json, text, yes })
}

/// Removes an earlier demo, and nothing that is not one.
fn clear(home: &std::path::Path) -> Result<(), Failure> {
    if !home.exists() {
        return Ok(());
    }
    let empty = std::fs::read_dir(home).is_ok_and(|mut entries| entries.next().is_none());
    if !empty && !home.join("demo.key").is_file() && !home.join("sandbox").is_dir() {
        return Err(Failure::usage(
            "demo.not_a_demo_home",
            (
                "这个目录不是演示数据，没有删除",
                "请换一个目录，或自己清空它。",
            ),
            (
                "This folder is no demo home and was not removed",
                "Give another folder, or empty it yourself.",
            ),
        ));
    }
    std::fs::remove_dir_all(home).map_err(|e| Failure::file(home, e))
}

async fn story(app: &App, seed: u32, out: &Output) -> Result<Value, Failure> {
    app.call(None, "cli", "setup.demo", json!({ "seed": seed }))
        .await
        .result?;
    let password = demo_password(app).await?;
    let clerk = Desk::sign_in(app, "xuzhixia", &password).await?;
    let approver = Desk::sign_in(app, "zhouyan", &password).await?;
    let auditor = Desk::sign_in(app, "guqinghe", &password).await?;
    let status: AppStatus = clerk.ask("app.status", json!({})).await?;
    let account = status
        .accounts
        .first()
        .ok_or_else(|| AppError::internal("the demo has no account"))?
        .account_id;
    let yesterday = app.clock().now().beijing_date().plus_days(-1);

    // Orders.
    let search = json!({ "text": null, "account_id": null, "states": ["paid"], "date_from": null, "date_to": null,
        "amount_min_minor": 1000, "amount_max_minor": 300_000, "cursor": null, "limit": 50 });
    let page: OrderPage = clerk.ask("orders.search", search).await?;
    let all = json!({ "text": null, "account_id": null, "states": [], "date_from": null, "date_to": null,
        "amount_min_minor": null, "amount_max_minor": null });
    let orders: OrderTotals = clerk.ask("orders.totals", all).await?;
    out.line(&format!(
        "1  {} {}",
        out.say("订单", "Orders"),
        orders.total
    ));
    let order = page
        .rows
        .first()
        .ok_or_else(|| AppError::internal("the demo has no paid order"))?
        .clone();

    // A refund: asked by one person, approved by another, followed to its end.
    let form: RefundForm = clerk
        .ask("refunds.open", json!({ "order_id": order.order_id }))
        .await?;
    let amount_minor = (form.refundable.minor / 2).max(1);
    let request = json!({
        "refund_no": form.refund_no,
        "content": { "amount_minor": amount_minor, "reason_code": "not_delivered",
                     "note": out.say("演示：少发一件", "Demo: one item missing"), "buyer_note": "少发一件，为您退款" },
        "remaining_seen_minor": form.refundable.minor,
        "acknowledged": form.preflight.checks.iter().map(|c| c.name.clone()).collect::<Vec<_>>(),
    });
    let asked: RefundView = clerk.ask("refunds.request", request).await?;
    out.line(&format!(
        "2  {} {} {} — {} {}",
        out.say("退款申请", "Refund asked"),
        form.refund_no,
        asked.row.amount,
        out.say("经办", "maker"),
        asked.row.maker,
    ));
    let approval = json!({ "refund_no": form.refund_no, "digest": asked.digest, "comment": "" });
    // The maker tries first, and is refused: two people or nothing.
    match clerk.call("approvals.approve", approval.clone()).await {
        Err(error) => out.line(&format!(
            "   {} {}",
            out.say(
                "经办自己批准 → 拒绝：",
                "The maker tries to approve → refused:"
            ),
            error.sentences(out.is_english()).0
        )),
        Ok(_) => return Err(AppError::internal("the maker could approve").into()),
    }
    approver.call("approvals.approve", approval).await?;
    out.line(&format!(
        "   {} {}…{}",
        out.say("复核 周砚 批准，指纹", "Approved by 周砚, digest"),
        &asked.digest[..4],
        &asked.digest[60..]
    ));
    let refund = follow(&clerk, &form.refund_no).await?;
    out.line(&format!(
        "   {} {:?}",
        out.say("渠道结果：", "Channel says:"),
        refund.row.state
    ));

    // Yesterday's bill, fetched and verified.
    let bill: BillView = clerk
        .ask(
            "bills.fetch",
            json!({ "account_id": account, "date": yesterday, "kind": "trade" }),
        )
        .await?;
    let fund: BillView = clerk
        .ask(
            "bills.fetch",
            json!({ "account_id": account, "date": yesterday, "kind": "fund_flow" }),
        )
        .await?;
    out.line(&format!(
        "3  {} {yesterday}: {} {}, {} {}; {} {} {}",
        out.say("账单", "Bill"),
        bill.rows,
        out.say("行", "rows"),
        out.say("摘要核对", "hash"),
        if bill.hash_verified { "✓" } else { "✗" },
        out.say("资金账单", "fund flow"),
        fund.rows,
        out.say("行", "rows"),
    ));

    // Reconciliation, against what was planted.
    let run: ReconView = clerk
        .ask(
            "recon.run",
            json!({ "account_id": account, "date": yesterday }),
        )
        .await?;
    let planted_text =
        zf_app::setup::sandbox_control(app, "planted", json!({ "date": yesterday })).await?;
    let planted_all: Value = serde_json::from_str(&planted_text).map_err(AppError::internal)?;
    let planted = counts(|code| planted_all["counts"][code.as_str()].as_u64().unwrap_or(0));
    let found = counts(|code| {
        run.counts
            .iter()
            .find(|c| c.code == code)
            .map_or(0, |c| c.count)
    });
    out.line(&format!(
        "4  {} {} / {} {}; {} {} {}; {} {}",
        out.say("对账：勾对", "Reconciled: matched"),
        run.matched,
        run.bill_rows,
        out.say("行", "rows"),
        out.say("差异", "differences"),
        total(&found),
        if found == planted {
            out.say("（埋下的全部找到）", "(exactly those planted)")
        } else {
            out.say("（与埋下的不符！）", "(NOT those planted!)")
        },
        out.say("未解释", "unexplained"),
        run.residual,
    ));
    for (code, count) in &found {
        if count != 0 {
            out.line(&format!("   {code} {count}"));
        }
    }

    // Every difference gets an owner and a date; then the day is closed by two people.
    let people: People = clerk.ask("users.people", json!({})).await?;
    let owner = people
        .people
        .iter()
        .find(|p| p.login == "xuzhixia")
        .map(|p| p.user_id);
    let mut cursor: Option<String> = None;
    loop {
        let search = json!({ "run_id": run.run_id, "codes": [], "disposition": "open", "text": null,
            "cursor": cursor, "limit": 200 });
        let page: DifferencePage = clerk.ask("recon.differences", search).await?;
        let ids: Vec<_> = page.rows.iter().map(|row| row.difference_id).collect();
        if ids.is_empty() {
            break;
        }
        let wait = json!({ "difference_ids": ids, "kind": "wait", "owner_id": owner, "label": null,
            "due_date": yesterday.plus_days(7), "reason": out.say("演示：挂账，查明后处理", "Demo: suspended until explained") });
        clerk.call("recon.resolve", wait).await?;
        if page.next_cursor.is_none() {
            break;
        }
        cursor = None;
    }
    let board: CloseBoard = clerk
        .ask("close.board", json!({ "date": yesterday }))
        .await?;
    let day = board
        .accounts
        .first()
        .ok_or_else(|| AppError::internal("no account on the board"))?;
    let sign =
        json!({ "account_id": account, "date": yesterday, "digest": day.digest, "note": "" });
    clerk.call("close.sign_maker", sign.clone()).await?;
    let closed: CloseView = approver.ask("close.sign_checker", sign).await?;
    let locked = closed.status == zf_app::wire::CloseStatus::Closed;
    out.line(&format!(
        "5  {} {yesterday}: {} 许知夏 + 周砚{}",
        out.say("日结", "Day close"),
        out.say("两人签署", "signed by"),
        if locked {
            out.say("，已锁定", ", locked")
        } else {
            ""
        },
    ));

    // A receipt, signed and verified.
    let receipt: ReceiptView = clerk
        .ask("receipts.issue", json!({ "order_id": order.order_id }))
        .await?;
    let file: FileView = clerk
        .ask("receipts.file", json!({ "receipt_id": receipt.receipt_id }))
        .await?;
    let verified: ReceiptVerification = auditor
        .ask("receipts.verify", json!({ "file_token": file.file_token }))
        .await?;
    let path = app.files().find(&file.file_token)?.path;
    out.line(&format!(
        "6  {} {}: {}/{} {}",
        out.say("收款凭证", "Receipt"),
        receipt.serial_no,
        verified.checks.iter().filter(|c| c.passed).count(),
        verified.checks.len(),
        out.say(
            "项检查通过，SM2 签名有效",
            "checks passed, SM2 signature valid"
        ),
    ));

    let audit: AuditVerdict = auditor.ask("audit.verify", json!({})).await?;
    out.line(&format!(
        "7  {} {} {}",
        out.say("审计链", "Audit chain"),
        audit.rows,
        if audit.verified {
            out.say("行，完整", "rows, whole")
        } else {
            out.say("行，断裂！", "rows, BROKEN!")
        },
    ));

    Ok(json!({
        "orders": orders.total,
        "refund": {
            "refund_no": refund.row.refund_no,
            "status": if refund.row.state == RefundState::Succeeded { "success" } else { refund.row.state.as_str() },
            "amount_minor": refund.row.amount.minor, "maker": refund.row.maker,
            "checkers": refund.approvals.iter().map(|a| a.checker.clone()).collect::<Vec<_>>(),
        },
        "bill": { "date": yesterday, "rows": bill.rows, "hash_verified": bill.hash_verified },
        "reconciliation": found,
        "planted": planted,
        "matched": run.matched,
        "residual_minor": run.residual.minor,
        "run_digest": run.run_digest,
        "close": { "date": yesterday, "locked": locked, "digest": closed.digest },
        "receipt": { "path": path, "serial_no": receipt.serial_no, "valid": verified.valid },
        "audit": { "verified": audit.verified, "rows": audit.rows },
        "home": app.home(),
    }))
}

async fn demo_password(app: &App) -> Result<String, AppError> {
    let status = app
        .call(None, "cli", "app.status", json!({}))
        .await
        .result?;
    let status: AppStatus = serde_json::from_value(status).map_err(AppError::internal)?;
    status
        .demo_logins
        .first()
        .map(|login| login.password.clone())
        .ok_or_else(|| AppError::internal("this is no demo home"))
}

/// Waits for the timer to bring the channel's final word, as a person watching the screen would.
async fn follow(clerk: &Desk, refund_no: &str) -> Result<RefundView, AppError> {
    let begun = tokio::time::Instant::now();
    loop {
        let refund: RefundView = clerk
            .ask("refunds.detail", json!({ "refund_no": refund_no }))
            .await?;
        if refund.row.state.is_final() || begun.elapsed() > REFUND_WAIT {
            return Ok(refund);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn counts(of: impl Fn(DifferenceCode) -> u64) -> Map<String, Value> {
    DifferenceCode::ALL
        .iter()
        .map(|code| (code.as_str().to_owned(), of(*code).into()))
        .collect()
}

fn total(counts: &Map<String, Value>) -> u64 {
    counts.values().filter_map(Value::as_u64).sum()
}
