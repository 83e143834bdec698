//! Issuing: what comes out, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read the font and write temporary files"
)]

mod common;

use common::{SIGNED_AT, at, good, key, pki, roots, sample, signer, template};
use zf_crypto::cert::SigningKey;
use zf_domain::{Currency, MerchantRefundNo, Money, Timestamp};
use zf_receipts::{
    Error, Profile, ReceiptData, RefundLine, Signer, Template, Title, VerdictCode, demo_pki, verify,
};

#[test]
fn a_receipt_verifies_by_every_rule() {
    let verdict = verify(good(), &roots(), None);
    for check in &verdict.checks {
        assert!(check.passed, "{check:#?}");
    }
    assert!(verdict.valid);
    assert_eq!(verdict.code, VerdictCode::Trustworthy);
    assert_eq!(verdict.checks.len(), 10);
    assert_eq!(verdict.signing_time, Some(at(SIGNED_AT).seconds()));
    assert_eq!(verdict.profile, Some("pkcs7"));
    let statement = verdict.receipt.unwrap();
    assert_eq!(statement.amount_minor, 168_000);
    assert_eq!(statement.amount_capital, "人民币壹仟陆佰捌拾元整");
    assert_eq!(statement.net_minor, 128_000);
    assert!(!statement.bank_receipt);
    assert!(good().len() < 49_000, "{} bytes", good().len());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let again = template().issue(&sample(), at(SIGNED_AT)).unwrap();
    assert_eq!(again, good());
    let mut buffer = vec![1; 100_000];
    template()
        .issue_into(&sample(), at(SIGNED_AT), &mut buffer)
        .unwrap();
    assert_eq!(buffer, good());
}

#[test]
fn a_template_may_be_shared_among_threads() {
    let issued: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| template().issue(&sample(), at(SIGNED_AT)).unwrap()))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(issued.iter().all(|pdf| pdf == good()));
}

#[test]
fn both_profiles_verify() {
    let template = Template::new(common::font(), signer(), Profile::Gmt0010).unwrap();
    let pdf = template.issue(&sample(), at(SIGNED_AT)).unwrap();
    let verdict = verify(&pdf, &roots(), None);
    assert!(verdict.valid, "{:#?}", verdict.first_failure());
    assert_eq!(verdict.profile, Some("gmt0010"));
}

fn issues(change: impl Fn(&mut ReceiptData)) -> Vec<u8> {
    let mut data = sample();
    change(&mut data);
    let pdf = template().issue(&data, at(SIGNED_AT)).unwrap();
    let verdict = verify(&pdf, &roots(), None);
    assert!(verdict.valid, "{:#?}", verdict.first_failure());
    assert_eq!(verdict.receipt.unwrap().demo, data.demo);
    pdf
}

#[test]
fn all_kinds_of_data_are_stated() {
    issues(|data| data.demo = true);
    issues(|data| data.title = Title::ElectronicReceipt);
    issues(|data| data.refunds.clear());
    issues(|data| data.checker.clear());
    issues(|data| data.payer.clear());
    issues(|data| {
        data.amount = Money::new(168_000, Currency::Usd);
        data.refunds.clear();
    });
    // Long, but printable in smaller type and more lines.
    issues(|data| data.description = "秋季新品咖啡豆".repeat(18));
    issues(|data| data.merchant_name = "青屿生活示例商贸有限公司".repeat(4));
    // Brackets, backslashes and code points whose bytes are those of ( ) \ and CR.
    issues(|data| data.description = "a(b)c\\d 尨屜崍〨".into());
    // Characters of Extension B, and a rare one of the basic plane.
    issues(|data| data.payer = "𠮷**、𡈽**、𠮷".into());
    issues(|data| data.payer = "㐀龥".into());
}

#[test]
fn many_refunds_are_summed() {
    let refund = |n: i64| RefundLine {
        refund_no: MerchantRefundNo::parse(&format!("RF-{n:04}")).unwrap(),
        amount: Money::cny(1_000 + n),
        at: at("2026-11-19 22:10:05"),
    };
    for count in [2, 3, 4, 40] {
        issues(|data| data.refunds = (0..count).map(refund).collect());
    }
}

fn refused(change: impl Fn(&mut ReceiptData)) -> Error {
    let mut data = sample();
    change(&mut data);
    template().issue(&data, at(SIGNED_AT)).unwrap_err()
}

#[test]
fn what_cannot_be_stated_is_refused_by_name() {
    let error = refused(|data| data.description = "咖啡☕和🍰".replace('☕', ""));
    assert!(
        matches!(&error, Error::MissingCharacter { character: '🍰', code: 0x1f370, field } if field.contains("摘要")),
        "{error}"
    );
    assert!(error.to_string().contains("U+1F370"), "{error}");
    for bad in ["a\nb", "a\u{0}b", "a\tb"] {
        let error = refused(|data| data.payer = bad.into());
        assert!(matches!(error, Error::MissingCharacter { .. }), "{error}");
    }
    let error = refused(|data| data.description = "长".repeat(400));
    assert!(
        matches!(error, Error::TooLong { length: 400, .. }),
        "{error}"
    );
    let error = refused(|data| data.qr_payload = "x".repeat(153));
    assert!(
        matches!(error, Error::TooLong { length: 153, .. }),
        "{error}"
    );
    let error = refused(|data| data.qr_payload.clear());
    assert!(matches!(error, Error::Empty { .. }), "{error}");
    let error = refused(|data| data.serial_no = " ".into());
    assert!(matches!(error, Error::Empty { .. }), "{error}");
    for minor in [0, -1] {
        let error = refused(|data| data.amount = Money::cny(minor));
        assert!(matches!(error, Error::Amount { .. }), "{error}");
    }
    let error = refused(|data| data.refunds[0].amount = Money::cny(168_001));
    assert!(
        error.to_string().contains("more than the amount paid"),
        "{error}"
    );
    let error = refused(|data| data.refunds[0].amount = Money::new(1, Currency::Usd));
    assert!(error.to_string().contains("RF1119-0277"), "{error}");
    for late in ["1969-12-31 00:00:00", "2050-01-02 00:00:00"] {
        let error = template().issue(&sample(), at(late)).unwrap_err();
        assert!(matches!(error, Error::SigningTime), "{error}");
    }
}

#[test]
fn a_signer_must_fit_together() {
    let pki = pki();
    let chain = vec![pki.certificate.clone(), pki.issuing.clone()];
    assert!(matches!(
        Signer::new(key("another"), chain).unwrap_err(),
        Error::Signer(_)
    ));
    assert!(matches!(
        Signer::new(pki.signer_key.clone(), Vec::new()).unwrap_err(),
        Error::Signer(_)
    ));
    assert!(
        Signer::new(
            pki.signer_key.clone(),
            vec![pki.certificate.clone(), pki.root.clone()]
        )
        .is_err()
    );
    let SigningKey::Sm2(issuing) = &pki.issuing_key else {
        unreachable!()
    };
    assert!(matches!(
        Signer::new(issuing.clone(), vec![pki.issuing.clone()]).unwrap_err(),
        Error::Signer(_)
    ));
}

#[test]
fn a_demonstration_chain_signs_and_is_trusted_only_by_its_root() {
    let now = at(SIGNED_AT);
    let demo = demo_pki("南屏物流示例公司", now).unwrap();
    for certificate in demo.signer.chain() {
        assert!(certificate.not_after() - certificate.not_before() <= 3_653 * 86_400);
        assert!(certificate.serial().len() >= 8);
    }
    let template = Template::new(common::font(), demo.signer.clone(), Profile::Pkcs7).unwrap();
    let mut data = sample();
    data.demo = true;
    let pdf = template.issue(&data, now).unwrap();
    let verdict = verify(&pdf, std::slice::from_ref(&demo.root), Some(now.seconds()));
    assert!(verdict.valid, "{:#?}", verdict.first_failure());
    for roots in [Vec::new(), roots()] {
        let verdict = verify(&pdf, &roots, None);
        assert_eq!(verdict.code, VerdictCode::CannotTell);
        assert_eq!(verdict.first_failure().unwrap().rule, 9);
    }
    // Signed in the future, and after the certificate ended.
    let early = verify(
        &pdf,
        std::slice::from_ref(&demo.root),
        Some(now.seconds() - 3_600),
    );
    assert_eq!(early.first_failure().unwrap().rule, 9);
    let late = Timestamp::from_seconds(now.seconds() + 1_200 * 86_400);
    let pdf = template.issue(&data, late).unwrap();
    let verdict = verify(&pdf, std::slice::from_ref(&demo.root), None);
    assert_eq!(verdict.first_failure().unwrap().rule, 9);
    // The signer keeps its key over its text form.
    let text = demo.signer.key().to_pem().unwrap();
    let again = zf_crypto::sm2::Sm2SigningKey::from_pem(text.expose()).unwrap();
    Signer::new(again, demo.signer.chain().to_vec()).unwrap();
}

/// Receipts issued by earlier versions must verify for ever.
#[test]
fn the_receipt_kept_in_the_repository_still_verifies() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/receipts");
    let pdf = std::fs::read(format!("{folder}/good.pdf")).unwrap();
    let root = std::fs::read_to_string(format!("{folder}/root.pem")).unwrap();
    let root = zf_crypto::cert::Certificate::from_pem(&root).unwrap();
    let verdict = verify(&pdf, &[root], None);
    assert!(verdict.valid, "{:#?}", verdict.first_failure());
}

/// `cargo test -p zf-receipts -- --ignored write_fixture` writes it anew, into a folder named by
/// `RECEIPT_OUT`, with a demonstration and a gmt0010 receipt beside it.
#[test]
#[ignore = "writes files"]
fn write_fixture() {
    let Ok(folder) = std::env::var("RECEIPT_OUT") else {
        return;
    };
    let write =
        |name: &str, bytes: &[u8]| std::fs::write(format!("{folder}/{name}"), bytes).unwrap();
    write("good.pdf", good());
    write("root.pem", pki().root.to_pem().as_bytes());
    write(
        "demo.pdf",
        &issues(|data| {
            data.demo = true;
            data.payer = "𠮷**（尾号 7731）".into();
            data.description = "秋季新品咖啡豆 500 克装、手冲壶、滤纸等".repeat(3);
            data.title = Title::ElectronicReceipt;
        }),
    );
    let template = Template::new(common::font(), signer(), Profile::Gmt0010).unwrap();
    write(
        "gmt0010.pdf",
        &template.issue(&sample(), at(SIGNED_AT)).unwrap(),
    );
    let start = std::time::Instant::now();
    let mut buffer = Vec::new();
    for _ in 0..2_000 {
        common::template()
            .issue_into(&sample(), at(SIGNED_AT), &mut buffer)
            .unwrap();
    }
    println!("2000 receipts in {:?}", start.elapsed());
    let start = std::time::Instant::now();
    for n in 0..2_000_u16 {
        let mut e = [7; 32];
        e[..2].copy_from_slice(&n.to_be_bytes());
        pki().signer_key.sign_digest(&e).unwrap();
    }
    println!("2000 signatures in {:?}", start.elapsed());
    let start = std::time::Instant::now();
    for _ in 0..500 {
        assert!(verify(&buffer, &roots(), None).valid);
    }
    println!("500 verified in {:?}", start.elapsed());
}

fn has(tool: &str) -> bool {
    std::process::Command::new(tool)
        .arg("--version")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok()
}

#[test]
fn other_peoples_tools_accept_it() {
    if !has("openssl") || !has("qpdf") {
        println!("skipped: openssl or qpdf is not installed here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, pki().root.to_pem()).unwrap();
    let gmt = Template::new(common::font(), signer(), Profile::Gmt0010).unwrap();
    let cases = [
        ("pkcs7.pdf", good().to_vec()),
        ("gmt0010.pdf", gmt.issue(&sample(), at(SIGNED_AT)).unwrap()),
        (
            "demo.pdf",
            issues(|data| {
                data.demo = true;
                data.payer = "𠮷**".into();
            }),
        ),
    ];
    for (name, pdf) in cases {
        let file = folder.path().join(name);
        std::fs::write(&file, pdf).unwrap();
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/receipts/verify-with-tools.sh"
        );
        let output = std::process::Command::new("bash")
            .arg(script)
            .arg(&file)
            .arg(&root)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(3) {
            println!("skipped: {text}");
            return;
        }
        assert!(output.status.success(), "{name}:\n{text}");
    }
}
