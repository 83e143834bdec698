//! Receipts: issued once for a paid order, numbered without gaps, signed, checked at once, and kept.
//! And the judge of anybody's receipt.
//!
//! The signing key is made for this desk and sealed in its vault, so that it is the signer's own and
//! under the signer's control (电子签名法 art. 13). Until the merchant imports certificates of an outside
//! authority the chain is self-issued: its root lies as `receipts/root.pem` for whoever wants to check.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Instant;

use zf_crypto::cert::{
    Certificate, CertificateSpec, Name, SigningKey, Usage, issue as certify, self_signed,
};
use zf_crypto::digest::{hex_lower, sha256};
use zf_crypto::random;
use zf_crypto::sm2::Sm2SigningKey;
use zf_domain::{
    ChannelPaymentId, MerchantOrderNo, MerchantRefundNo, Money, OrderId, PaymentState,
    ReceiptBatchId, ReceiptId, RefundState, Timestamp,
};
use zf_receipts::{
    Error as ReceiptError, Profile, ReceiptData, RefundLine, Signer, Template, Title, Verdict,
    VerdictCode, demo_pki,
};
use zf_store::orders::{self, OrderRecord};
use zf_store::receipts::{self as rows, ReceiptRecord};
use zf_store::{StoreError, batches, refunds};

use crate::accounts;
use crate::bills::{archive_path, blocking};
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts;
use crate::files::{io_error, write_private};
use crate::orders::mask_payer;
use crate::setup;
use crate::wire::{
    BatchOutcome, Environment, EventKind, FactSource, FileView, IssueReceipt, Nothing,
    ReceiptCheckView, ReceiptField, ReceiptPage, ReceiptRef, ReceiptSearch, ReceiptVerdict,
    ReceiptVerification, ReceiptView, VerifyReceipt,
};

/// Noto Sans SC, SIL OFL 1.1: the BMP and the part of Extension B it has.
static FONT: &[u8] = include_bytes!("../../../assets/fonts/NotoSansSC-BMP-ExtB.otf");

/// What the signing key is sealed for.
const KEY_PURPOSE: &str = "receipt.signer";
/// What the issuing key is sealed for: it certifies the next signer when this one runs out.
const ISSUING_PURPOSE: &str = "receipt.issuing";
/// Secrets that belong to the desk and to no merchant account.
const DESK: &str = "desk";
/// The chain, the signer's certificate first, the root last.
const CHAIN: &str = "receipt_chain_pem";
/// Numbers run through the whole desk.
const SERIES: &str = "SK";
/// A receipt has some tens of kilobytes; more is no receipt.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Characters of the goods that are printed.
const GOODS_MAX: usize = 40;
const PAGE_MAX: u32 = 200;

const DAY: i64 = 86_400;

/// A key with its certificates, and the key that certified it.
struct Pki {
    signer: Signer,
    issuing_key: SigningKey,
}

/// Makes the desk's own signing key and certificates, seals the keys, and writes the root for others.
/// Called at set-up, or by the first receipt. In a demo the certificates' names say that they are a demonstration.
pub(crate) async fn found_pki(ctx: &Ctx, organization: &str) -> Result<(), AppError> {
    let demo = setup::environment(&ctx.app).await? == Some(Environment::Demo);
    let pki = if demo {
        let made = demo_pki(organization, ctx.now).map_err(told)?;
        Pki {
            signer: made.signer,
            issuing_key: made.issuing_key,
        }
    } else {
        self_issued(organization, ctx.now)?
    };
    let chain = pki.signer.chain();
    let root = chain
        .last()
        .ok_or_else(|| AppError::internal("a chain without a root"))?
        .to_pem();
    let text: String = chain.iter().map(Certificate::to_pem).collect();
    let signer_key = pki.signer.key().to_pem().map_err(AppError::internal)?;
    let SigningKey::Sm2(issuing) = &pki.issuing_key else {
        return Err(AppError::internal("the issuing key is not SM2"));
    };
    let issuing_key = issuing.to_pem().map_err(AppError::internal)?;
    let sealed = [
        (
            KEY_PURPOSE,
            ctx.app
                .vault()
                .seal(KEY_PURPOSE, signer_key.expose().as_bytes())?,
        ),
        (
            ISSUING_PURPOSE,
            ctx.app
                .vault()
                .seal(ISSUING_PURPOSE, issuing_key.expose().as_bytes())?,
        ),
    ];
    write_private(
        &ctx.app.home().join("receipts").join("root.pem"),
        root.as_bytes(),
    )?;
    let mut tx = ctx.app.store().begin().await?;
    for (purpose, bytes) in sealed {
        sqlx::query(
            "INSERT INTO secrets (account_id, purpose, sealed) VALUES ($1, $2, $3)
             ON CONFLICT (account_id, purpose) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(DESK)
        .bind(purpose)
        .bind(bytes)
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?;
    }
    tx.set_meta(CHAIN, &text).await?;
    let mut entry = ctx.audit(
        "receipts.found_pki",
        "certificate",
        &pki.signer.certificate().serial_hex(),
    );
    entry.after_digest = Some(hex_lower(&pki.signer.certificate().fingerprint_sha256()));
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(())
}

/// A chain the merchant vouches for itself: root and issuing for ten years, signer for three.
fn self_issued(organization: &str, now: Timestamp) -> Result<Pki, AppError> {
    let from = now.seconds() - DAY;
    let spec = |common_name: String, days: i64, usage| {
        let mut serial: [u8; 16] = random::bytes();
        // Positive, sixteen bytes, no leading zero.
        serial[0] = serial[0] & 0x3f | 0x40;
        CertificateSpec {
            subject: Name {
                country: "CN".to_owned(),
                organization: organization.to_owned(),
                common_name,
            },
            serial: serial.to_vec(),
            not_before: from,
            not_after: from + days * DAY,
            usage,
        }
    };
    let root_key = SigningKey::Sm2(Sm2SigningKey::generate());
    let issuing_key = SigningKey::Sm2(Sm2SigningKey::generate());
    let signer_key = Sm2SigningKey::generate();
    let root = self_signed(
        &root_key,
        &spec(format!("{organization}自签根证书"), 3650, Usage::Root),
    )
    .map_err(AppError::internal)?;
    let issuing = certify(
        &root,
        &root_key,
        &issuing_key.spki_der(),
        &spec(format!("{organization}凭证签发证书"), 3650, Usage::Issuing),
    )
    .map_err(AppError::internal)?;
    let certificate = certify(
        &issuing,
        &issuing_key,
        &signer_key.public().to_spki_der(),
        &spec(format!("{organization}电子凭证章"), 1095, Usage::Signer),
    )
    .map_err(AppError::internal)?;
    Ok(Pki {
        signer: Signer::new(signer_key, vec![certificate, issuing, root]).map_err(told)?,
        issuing_key,
    })
}

/// What stops a receipt, in our words.
pub(crate) fn told(error: ReceiptError) -> AppError {
    match &error {
        ReceiptError::MissingCharacter {
            field, character, ..
        } => AppError::new(Code::ReceiptGlyph)
            .with("character", character)
            .with("field", field),
        ReceiptError::TooLong { field, .. } | ReceiptError::Empty { field } => {
            AppError::bad(field, &error)
        }
        _ => AppError::internal(error),
    }
}

pub(crate) async fn chain(app: &crate::app::App) -> Result<Vec<Certificate>, AppError> {
    let Some(text) = app.store().meta(CHAIN).await? else {
        return Ok(Vec::new());
    };
    Certificate::chain_from_pem(&text).map_err(AppError::internal)
}

/// The roots this home trusts: its own. Empty before set-up.
///
/// # Errors
/// When the store fails or the stored certificates cannot be read.
pub async fn trusted_roots(app: &crate::app::App) -> Result<Vec<Certificate>, AppError> {
    Ok(chain(app).await?.pop().into_iter().collect())
}

/// The desk's chain; a desk that was set up without one gets its own now.
async fn chain_or_found(ctx: &Ctx) -> Result<Vec<Certificate>, AppError> {
    static FOUNDING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let known = chain(&ctx.app).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    let _one_at_a_time = FOUNDING.lock().await;
    if chain(&ctx.app).await?.is_empty() {
        let merchant_name = ctx.app.store().meta("merchant_name").await?;
        found_pki(ctx, &merchant_name.unwrap_or_default()).await?;
    }
    chain(&ctx.app).await
}

/// The page's constant part, built once for each signer of this process.
pub(crate) async fn template(ctx: &Ctx) -> Result<Arc<Template>, AppError> {
    static BUILT: LazyLock<Mutex<HashMap<String, Arc<Template>>>> = LazyLock::new(Mutex::default);
    let chain = chain_or_found(ctx).await?;
    let own = chain
        .first()
        .ok_or_else(|| AppError::not_found("receipt signer", "-"))?;
    // The vault is asked every time: a locked vault signs nothing.
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM secrets WHERE account_id = $1 AND purpose = $2")
            .bind(DESK)
            .bind(KEY_PURPOSE)
            .fetch_optional(ctx.app.store().pool())
            .await
            .map_err(StoreError::from)?;
    let sealed = sealed.ok_or_else(|| AppError::not_found("receipt signer", own.serial_hex()))?;
    let pem = ctx.app.vault().unseal(KEY_PURPOSE, &sealed)?;
    let fingerprint = hex_lower(&own.fingerprint_sha256());
    let built = BUILT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&fingerprint)
        .cloned();
    if let Some(template) = built {
        return Ok(template);
    }
    let made = blocking(move || {
        let pem = std::str::from_utf8(pem.expose())
            .map_err(|_| AppError::internal("the sealed signing key is not PEM"))?;
        let key = Sm2SigningKey::from_pem(pem).map_err(AppError::internal)?;
        let signer = Signer::new(key, chain).map_err(told)?;
        Template::new(FONT, signer, Profile::default()).map_err(told)
    })
    .await?;
    let made = Arc::new(made);
    BUILT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(fingerprint, made.clone());
    Ok(made)
}

pub(crate) fn view(record: &ReceiptRecord, already_issued: bool) -> ReceiptView {
    ReceiptView {
        receipt_id: record.id,
        serial_no: record.serial_no.clone(),
        order_id: record.order_id,
        order_no: record.order_no.clone(),
        amount: record.amount,
        payer_masked: record.payer.as_deref().map(mask_payer),
        issued_at: record.issued_at,
        issued_by: record.issued_by_name.clone(),
        signer: record.signer.clone(),
        sha256: record.sha256.clone(),
        bytes: record.bytes,
        already_issued,
    }
}

pub(crate) async fn issue(ctx: &Ctx, params: IssueReceipt) -> Result<ReceiptView, AppError> {
    issue_one(ctx, params.order_id, None).await
}

/// Issues the receipt of an order, unless it has one. `row`: its place in a batch, noted with it.
pub(crate) async fn issue_one(
    ctx: &Ctx,
    order_id: OrderId,
    row: Option<(ReceiptBatchId, u64)>,
) -> Result<ReceiptView, AppError> {
    let person = ctx.person()?.clone();
    let app = &ctx.app;
    let template = template(ctx).await?;
    let merchant_name = app.store().meta("merchant_name").await?.unwrap_or_default();
    let real_money = setup::environment(app).await? == Some(Environment::Production);

    // One writer at a time: nobody else takes the number or issues for the order until this is done.
    let mut tx = app.store().begin().await?;
    let order = orders::by_id(tx.conn(), order_id)
        .await?
        .ok_or_else(|| AppError::not_found("order", order_id))?;
    if let Some(issued) = rows::of_order(&mut *tx.conn(), order.id).await? {
        return Ok(view(&issued, true));
    }
    let account = accounts::find(app, order.account_id).await?;
    let year = ctx
        .now
        .to_beijing()
        .get(..4)
        .and_then(|y| y.parse().ok())
        .unwrap_or(0);
    let number = rows::next_number(&mut tx, SERIES, year).await?;
    let serial_no = format!("{SERIES}{year}-{number:06}");
    let refunds = refund_lines(&mut tx, &order).await?;
    let data = statement(
        &order,
        refunds,
        Facts {
            serial_no: &serial_no,
            merchant_name: &merchant_name,
            merchant_account: format!("微信支付商户号 {}", account.brief().merchant_no_masked),
            maker: &person.display_name,
            now: ctx.now,
            demo: !real_money,
        },
    )?;
    let roots: Vec<Certificate> = trusted_roots(app).await?;
    let (now, made) = (ctx.now, template.clone());
    let pdf = blocking(move || {
        let pdf = made.issue(&data, now).map_err(told)?;
        // Never hand out what our own judge would not accept.
        let verdict = zf_receipts::verify(&pdf, &roots, Some(now.seconds()));
        if verdict.valid {
            Ok(pdf)
        } else {
            Err(AppError::internal(format!(
                "a receipt just made does not verify: {}",
                verdict.sentence_en()
            )))
        }
    })
    .await?;
    let relative = format!("receipts/{serial_no}.pdf");
    let path = app.home().join(&relative);
    let digest = hex_lower(&sha256(&pdf));
    let bytes = pdf.len() as u64;
    // Before the row: a crash between the two leaves a file whose number the next receipt takes over.
    blocking(move || write_private(&path, &pdf)).await?;
    let record = ReceiptRecord {
        id: ReceiptId::new(),
        account_id: order.account_id,
        order_id: order.id,
        order_no: order.order_no.clone(),
        payer: order.payer.clone(),
        serial_no,
        amount: Money::new(order.paid_minor, order.amount.currency),
        path: relative,
        sha256: digest,
        bytes,
        signer: template.signer().certificate().common_name(),
        issued_by: person.user_id,
        issued_by_name: person.display_name.clone(),
        issued_at: ctx.now,
    };
    rows::add(&mut tx, &record).await?;
    if let Some((batch, position)) = row {
        let issued = facts::word(BatchOutcome::Issued);
        batches::set_outcome(&mut tx, batch, position, &issued, Some(record.id), None).await?;
    }
    let mut event = facts::event(&order, ctx.now, EventKind::ReceiptIssued, FactSource::Desk);
    event.amount = Some(record.amount);
    event.actor = Some(person.display_name);
    event.verified = true;
    event.detail = Some(record.serial_no.clone());
    orders::add_event(tx.conn(), &event).await?;
    let mut entry = ctx.audit("receipts.issue", "receipt", &record.serial_no);
    entry.after_digest = Some(record.sha256.clone());
    entry.reason = Some(order.order_no);
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(view(&record, false))
}

async fn refund_lines(
    tx: &mut zf_store::Tx,
    order: &OrderRecord,
) -> Result<Vec<RefundLine>, AppError> {
    refunds::of_order(tx.conn(), order.id)
        .await?
        .into_iter()
        .filter(|r| r.state == RefundState::Succeeded)
        .map(|r| {
            Ok(RefundLine {
                refund_no: MerchantRefundNo::parse(&r.refund_no).map_err(AppError::internal)?,
                amount: r.amount,
                at: r.finished_at.or(r.sent_at).unwrap_or(r.created_at),
            })
        })
        .collect()
}

/// What a receipt states besides the order.
struct Facts<'a> {
    serial_no: &'a str,
    merchant_name: &'a str,
    merchant_account: String,
    maker: &'a str,
    now: Timestamp,
    demo: bool,
}

/// How it was paid, in words.
fn channel_words(method: &str) -> String {
    let way = match method {
        "NATIVE" => "扫码支付",
        "JSAPI" => "公众号或小程序支付",
        "APP" => "App 支付",
        "MWEB" | "H5" => "手机网页支付",
        "MICROPAY" => "付款码支付",
        "FACEPAY" | "FACE" => "刷脸支付",
        _ => return "微信支付".to_owned(),
    };
    format!("微信支付 · {way}")
}

/// The statement of a receipt. Only what the channel itself confirmed is stated.
fn statement(
    order: &OrderRecord,
    refunds: Vec<RefundLine>,
    facts: Facts<'_>,
) -> Result<ReceiptData, AppError> {
    let not_paid = || AppError::new(Code::ReceiptNotAllowed).with("order_no", &order.order_no);
    let paid = order.payment_state == PaymentState::Paid
        && order.paid_minor > 0
        && !order.amount_provisional;
    let (Some(paid_at), Some(payment_id)) = (order.paid_at, &order.payment_id) else {
        return Err(not_paid());
    };
    if !paid {
        return Err(not_paid());
    }
    let amount = Money::new(order.paid_minor, order.amount.currency);
    let mut description: String = order
        .goods
        .as_deref()
        .map(str::trim)
        .filter(|g| !g.is_empty())
        .unwrap_or("商品")
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    if description.chars().count() > GOODS_MAX {
        description = description.chars().take(GOODS_MAX - 1).collect();
        description.push('…');
    }
    let qr_payload = format!(
        "ZF-RECEIPT;{};{};{} {};{}",
        facts.serial_no,
        order.order_no,
        amount.to_decimal(),
        amount.currency,
        paid_at.beijing_date()
    );
    Ok(ReceiptData {
        serial_no: facts.serial_no.to_owned(),
        title: Title::ElectronicReceipt,
        merchant_name: facts.merchant_name.to_owned(),
        merchant_account: facts.merchant_account,
        payer: order.payer.as_deref().map_or_else(
            || "微信用户".to_owned(),
            |p| format!("微信用户（尾号 {}）", crate::accounts::tail(p)),
        ),
        channel: channel_words(&order.method),
        merchant_order_no: MerchantOrderNo::parse(&order.order_no).map_err(AppError::internal)?,
        channel_payment_id: ChannelPaymentId::parse(payment_id).map_err(AppError::internal)?,
        description,
        paid_at,
        amount,
        refunds,
        maker: facts.maker.to_owned(),
        checker: String::new(),
        issued_at: facts.now,
        verification: "验证：账房“回单”页，或 zf receipt verify".to_owned(),
        qr_payload,
        demo: facts.demo,
    })
}

pub(crate) async fn list(ctx: &Ctx, params: ReceiptSearch) -> Result<ReceiptPage, AppError> {
    let limit = params.limit.clamp(1, PAGE_MAX);
    let text = params
        .text
        .as_deref()
        .map(str::trim)
        .filter(|t| !t.is_empty());
    let (found, total) = rows::page(
        ctx.app.store().pool(),
        text,
        params.cursor.as_deref(),
        limit,
    )
    .await?;
    Ok(ReceiptPage {
        next_cursor: (found.len() == limit as usize)
            .then(|| found.last().map(|r| r.id.to_string()))
            .flatten(),
        rows: found.iter().map(|r| view(r, false)).collect(),
        total,
    })
}

pub(crate) async fn file(ctx: &Ctx, params: ReceiptRef) -> Result<FileView, AppError> {
    let record = rows::by_id(ctx.app.store().pool(), params.receipt_id)
        .await?
        .ok_or_else(|| AppError::not_found("receipt", params.receipt_id))?;
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit("receipts.file", "receipt", &record.serial_no);
    entry.after_digest = Some(record.sha256.clone());
    tx.audit(entry).await?;
    tx.commit().await?;
    let name = format!("{}.pdf", record.serial_no);
    ctx.app
        .files()
        .register(&archive_path(&ctx.app, &record.path), &name)
}

/// One plain judgement out of ten checks.
fn judgement(verdict: &Verdict) -> ReceiptVerdict {
    let failed = |rule: u8| {
        verdict
            .checks
            .iter()
            .any(|c| c.rule == rule && c.outcome == zf_receipts::Outcome::Failed)
    };
    match verdict.code {
        VerdictCode::Trustworthy => ReceiptVerdict::Genuine,
        VerdictCode::NotSigned => ReceiptVerdict::NotSigned,
        // The content is as signed, but the mathematics or the named certificate is not.
        VerdictCode::Altered
            if (failed(7) || failed(8)) && ![2, 3, 5, 6, 10].into_iter().any(failed) =>
        {
            ReceiptVerdict::BadSignature
        }
        VerdictCode::Altered => ReceiptVerdict::Altered,
        VerdictCode::CannotTell if failed(9) => {
            let unknown = verdict
                .checks
                .iter()
                .any(|c| c.rule == 9 && c.detail_en.starts_with("nobody trusted here"));
            let only = verdict.checks.iter().all(|c| c.rule == 9 || c.passed);
            if unknown && only {
                ReceiptVerdict::GenuineUntrustedSigner
            } else {
                ReceiptVerdict::CertificateInvalid
            }
        }
        VerdictCode::CannotTell => ReceiptVerdict::Unreadable,
    }
}

/// Judges any PDF under the given roots (PEM, one after another; may be empty), at the system's time.
///
/// # Errors
/// `BadRequest` when the roots are no certificates. Whatever the PDF's bytes are is a verdict, no error.
pub fn verify_receipt(pdf: &[u8], roots_pem: &str) -> Result<ReceiptVerification, AppError> {
    use zf_domain::Clock as _;
    let roots = if roots_pem.trim().is_empty() {
        Vec::new()
    } else {
        Certificate::chain_from_pem(roots_pem).map_err(|e| AppError::bad("root", e))?
    };
    Ok(judge(
        "",
        pdf,
        &roots,
        crate::clock::DeskClock::new(0).now(),
    ))
}

/// Ten checks and one verdict. `now`: the judge's time, against which a signing time in the future is
/// refused.
fn judge(
    file_name: &str,
    pdf: &[u8],
    roots: &[Certificate],
    now: Timestamp,
) -> ReceiptVerification {
    let began = Instant::now();
    // A demonstration lives on a clock of its own, which may run ahead; a real receipt may not.
    let mut verdict = zf_receipts::verify(pdf, roots, None);
    let of_demo = verdict.receipt.as_ref().is_some_and(|r| r.demo)
        || verdict.report.as_ref().is_some_and(|r| r.demo);
    if !of_demo {
        verdict = zf_receipts::verify(pdf, roots, Some(now.seconds()));
    }
    let judged = judgement(&verdict);
    // An altered file's statement is not shown as if it were one.
    let believable = matches!(
        judged,
        ReceiptVerdict::Genuine | ReceiptVerdict::GenuineUntrustedSigner
    );
    let fields = verdict
        .report
        .as_ref()
        .filter(|_| believable)
        .map(report_fields)
        .or_else(|| {
            verdict.receipt.as_ref().filter(|_| believable).map(|r| {
                [
                    ("serial_no", r.serial_no.clone()),
                    ("merchant_name", r.merchant_name.clone()),
                    ("merchant_account", r.merchant_account.clone()),
                    ("payer", r.payer.clone()),
                    ("amount", format!("{} {}", r.amount_text, r.currency)),
                    ("amount_capital", r.amount_capital.clone()),
                    ("refunded", Money::cny(r.refunded_minor).to_decimal()),
                    ("channel", r.channel.clone()),
                    ("merchant_order_no", r.merchant_order_no.clone()),
                    ("channel_payment_id", r.channel_payment_id.clone()),
                    ("description", r.description.clone()),
                    ("paid_at", r.paid_at.clone()),
                    ("issued_at", r.issued_at.clone()),
                    ("demo", r.demo.to_string()),
                ]
                .into_iter()
                .map(|(name, value)| ReceiptField {
                    name: name.to_owned(),
                    value,
                })
                .collect()
            })
        })
        .unwrap_or_default();
    ReceiptVerification {
        file_name: file_name.to_owned(),
        bytes: pdf.len() as u64,
        verdict: judged,
        valid: verdict.valid,
        checks: verdict
            .checks
            .iter()
            .map(|c| ReceiptCheckView {
                rule: u32::from(c.rule),
                name: c.name_zh.to_owned(),
                passed: c.passed,
                detail_zh: c.detail_zh.clone(),
                detail_en: c.detail_en.clone(),
            })
            .collect(),
        fields,
        signer: verdict.signer_subject.clone(),
        signed_at: verdict.signing_time.map(Timestamp::from_seconds),
        digest: verdict.digest.clone(),
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        ours: None,
    }
}

/// What a genuine report says of itself.
fn report_fields(report: &zf_receipts::ReportStatement) -> Vec<ReceiptField> {
    let field = |name: &str, value: String| ReceiptField {
        name: name.to_owned(),
        value,
    };
    vec![
        field("report_title", report.title.clone()),
        field("report_number", report.number.clone()),
        field("merchant_name", report.merchant_name.clone()),
        field("report_digest", report.digest.clone().unwrap_or_default()),
        field("report_final", report.last_word.to_string()),
        field("report_pages", report.pages.len().to_string()),
        field("issued_at", report.made_at.clone()),
        field("demo", report.demo.to_string()),
    ]
}

/// Reads a file of at most 64 MB.
fn read_bounded(path: &Path, name: &str) -> Result<Vec<u8>, AppError> {
    let size = std::fs::metadata(path)
        .map_err(|e| io_error(path, &e))?
        .len();
    if size > FILE_BYTES_MAX {
        return Err(AppError::new(Code::FileTooLarge)
            .with("name", name)
            .with("limit", "64 MB"));
    }
    std::fs::read(path).map_err(|e| io_error(path, &e))
}

/// What an altered receipt looks like to the judge: the newest one issued here with one byte of the
/// signed part changed, in memory only. Nothing is stored, the receipt stays as it is.
pub(crate) async fn try_altered(
    ctx: &Ctx,
    _params: Nothing,
) -> Result<ReceiptVerification, AppError> {
    let (newest, _) = rows::page(ctx.app.store().pool(), None, None, 1).await?;
    let record = newest
        .into_iter()
        .next()
        .ok_or_else(|| AppError::not_found("receipt", "—"))?;
    let roots = trusted_roots(&ctx.app).await?;
    let path = archive_path(&ctx.app, &record.path);
    let now = ctx.now;
    blocking(move || {
        let name = format!("{}-altered.pdf", record.serial_no);
        let mut pdf = read_bounded(&path, &name)?;
        let middle = pdf.len() / 2;
        if let Some(byte) = pdf.get_mut(middle) {
            *byte ^= 1;
        }
        Ok(judge(&name, &pdf, &roots, now))
    })
    .await
}

pub(crate) async fn verify(
    ctx: &Ctx,
    params: VerifyReceipt,
) -> Result<ReceiptVerification, AppError> {
    let file = ctx.app.files().find(&params.file_token)?;
    let roots = trusted_roots(&ctx.app).await?;
    let now = ctx.now;
    let (mut judged, digest) = blocking(move || {
        let pdf = read_bounded(&file.path, &file.name)?;
        let digest = hex_lower(&sha256(&pdf));
        Ok((judge(&file.name, &pdf, &roots, now), digest))
    })
    .await?;
    let serial = judged
        .fields
        .iter()
        .find(|f| f.name == "serial_no")
        .map(|f| f.value.clone());
    if let Some(serial) = &serial {
        judged.ours = rows::by_serial(ctx.app.store().pool(), serial)
            .await?
            .filter(|r| r.sha256 == digest)
            .map(|r| view(&r, true));
    }
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit(
        "receipts.verify",
        "file",
        serial.as_deref().unwrap_or(&judged.file_name),
    );
    entry.after_digest = Some(digest);
    entry.result = facts::word(judged.verdict);
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(judged)
}
