//! `zf receipt`: issuing as a signed-in person, and verifying anyone's PDF.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};
use zf_app::wire::{FileView, OrderPage, ReceiptView};

use crate::home::{HomeArgs, LoginArgs};
use crate::output::{Answer, Done, Failure, Output};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Issues the signed receipt of a paid order.
    Issue {
        /// Merchant order number, or any number that finds exactly one order.
        order: String,
        /// Where to write the PDF; the home's receipts folder when left out.
        #[arg(long)]
        out: Option<PathBuf>,
        #[command(flatten)]
        home: HomeArgs,
        #[command(flatten)]
        login: LoginArgs,
    },
    /// Prints every check of a PDF and a verdict.
    Verify {
        /// The PDF.
        file: PathBuf,
        /// Trusted root certificates, PEM; may be given more than once.
        #[arg(long)]
        root: Vec<PathBuf>,
        /// Also trust the roots of this home.
        #[arg(long, env = "ZF_HOME")]
        home: Option<PathBuf>,
    },
}

pub(crate) async fn run(command: Command, out: &Output) -> Done {
    match command {
        Command::Issue {
            order,
            out: target,
            home,
            login,
        } => {
            let app = home.open().await?;
            let desk = login.sign_in(&app).await?;
            let search = json!({ "text": order, "account_id": null, "states": [], "date_from": null,
                "date_to": null, "amount_min_minor": null, "amount_max_minor": null, "cursor": null, "limit": 2 });
            let page: OrderPage = desk.ask("orders.search", search).await?;
            let exact = page.rows.iter().find(|row| row.order_no == order);
            let found = match (exact, page.rows.as_slice()) {
                (Some(row), _) | (None, [row]) => row,
                (None, []) => return Err(zf_app::AppError::not_found("order", &order).into()),
                (None, _) => {
                    return Err(Failure::usage(
                        "order.ambiguous",
                        ("有多个订单符合", "请给出完整的商户单号。"),
                        (
                            "More than one order matches",
                            "Give the whole merchant order number.",
                        ),
                    ));
                }
            };
            let receipt: ReceiptView = desk
                .ask("receipts.issue", json!({ "order_id": found.order_id }))
                .await?;
            let file: FileView = desk
                .ask("receipts.file", json!({ "receipt_id": receipt.receipt_id }))
                .await?;
            let mut path = app.files().find(&file.file_token)?.path;
            if let Some(target) = target {
                std::fs::copy(&path, &target).map_err(|e| Failure::file(&target, e))?;
                path = target;
            }
            let text = format!(
                "{} {} → {}",
                if receipt.already_issued {
                    out.say(
                        "这笔订单已开过凭证，没有再开：",
                        "This order already has a receipt; no second was made:",
                    )
                } else {
                    out.say("已开具", "Issued")
                },
                receipt.serial_no,
                path.display()
            );
            let mut json = serde_json::to_value(&receipt).unwrap_or_default();
            json["path"] = json!(path);
            Ok(Answer::yes(json, text))
        }
        Command::Verify { file, root, home } => {
            let pdf = std::fs::read(&file).map_err(|e| Failure::file(&file, e))?;
            let mut roots = String::new();
            for path in root
                .iter()
                .cloned()
                .chain(home.map(|h| h.join("receipts/root.pem")))
            {
                roots.push_str(
                    &std::fs::read_to_string(&path).map_err(|e| Failure::file(&path, e))?,
                );
                roots.push('\n');
            }
            let verdict = zf_app::verify_receipt(&pdf, &roots)?;
            let checks: Vec<Value> = verdict
                .checks
                .iter()
                .map(|c| {
                    json!({ "rule": c.rule, "name": c.name, "passed": c.passed,
                            "detail": if out.is_english() { &c.detail_en } else { &c.detail_zh } })
                })
                .collect();
            let mut text = format!("{}\n", file.display());
            for check in &verdict.checks {
                let _ = writeln!(
                    text,
                    "{} {:>2} {}",
                    if check.passed { "✓" } else { "✗" },
                    check.rule,
                    if out.is_english() {
                        &check.detail_en
                    } else {
                        &check.detail_zh
                    },
                );
            }
            let (zh, en) = sentence(verdict.verdict);
            let _ = writeln!(text, "{}", out.say(zh, en));
            let json = json!({
                "file": file, "bytes": pdf.len(), "valid": verdict.valid, "verdict": verdict.verdict,
                "signer": verdict.signer, "signed_at": verdict.signed_at, "digest": verdict.digest,
                "checks": checks,
                "fields": verdict.fields.iter().map(|f| (f.name.clone(), Value::from(f.value.clone())))
                    .collect::<serde_json::Map<_, _>>(),
            });
            Ok(Answer {
                json,
                text,
                yes: verdict.valid,
            })
        }
    }
}

const fn sentence(verdict: zf_app::wire::ReceiptVerdict) -> (&'static str, &'static str) {
    use zf_app::wire::ReceiptVerdict as V;
    match verdict {
        V::Genuine => ("是真的，没有被改过。", "Genuine and unaltered."),
        V::GenuineUntrustedSigner => (
            "没有被改过，但签名人的证书不在信任的根之下；请向对方要根证书，用 --root 指定。",
            "Unaltered, but the signer's certificate is under no trusted root; ask for the root and give --root.",
        ),
        V::AlreadyBooked => ("是真的，但已经记过账。", "Genuine, but already booked."),
        V::Altered => (
            "签名之后被改过，不要入账。",
            "Altered after signing; do not book it.",
        ),
        V::NotSigned => (
            "没有签名，不能证明真伪。",
            "Not signed; nothing can be proved.",
        ),
        V::Unreadable => (
            "读不懂这个文件，不是有效的凭证。",
            "The file cannot be read as a receipt.",
        ),
        V::BadSignature => (
            "签名不对，不要入账。",
            "The signature is wrong; do not book it.",
        ),
        V::CertificateInvalid => (
            "签名人的证书无效，不要入账。",
            "The signer's certificate is not valid; do not book it.",
        ),
    }
}
