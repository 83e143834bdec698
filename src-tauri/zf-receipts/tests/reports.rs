//! Reports: laid out over several pages, signed, and judged by the ten rules of the verifier.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read the font and may stop at the first surprise"
)]

use zf_crypto::digest::{hex_lower, sm3};
use zf_domain::Timestamp;
use zf_receipts::{
    Profile, ReportBlock, ReportColumn, ReportData, Template, VerdictCode, demo_pki, verify,
};

fn at() -> Timestamp {
    Timestamp::from_seconds(1_763_600_000)
}

fn template() -> (Template, zf_crypto::cert::Certificate) {
    let font = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../assets/fonts/NotoSansSC-BMP-ExtB.otf"
    ))
    .unwrap();
    let pki = demo_pki("青屿生活示例商贸有限公司", at()).unwrap();
    let root = pki.signer.chain().last().unwrap().clone();
    (
        Template::new(&font, pki.signer, Profile::default()).unwrap(),
        root,
    )
}

fn data(rows: usize, mark: Option<&str>) -> ReportData {
    let content = r#"{"format":"zhangfang-day-close/2"}"#.to_owned();
    let columns = [("单号", 4, false), ("说明", 5, false), ("金额", 2, true)]
        .map(|(title, weight, right)| ReportColumn {
            title: title.to_owned(),
            weight,
            right,
        })
        .to_vec();
    ReportData {
        title: "日结报告".to_owned(),
        subtitle: "2026-11-19 · 青屿商城".to_owned(),
        number: "2026-11-19".to_owned(),
        merchant_name: "青屿生活示例商贸有限公司".to_owned(),
        digest_label: "日结指纹 SM3".to_owned(),
        digest: Some(hex_lower(&sm3(content.as_bytes()))),
        content: Some(content),
        mark: mark.map(str::to_owned),
        demo: true,
        made_at: at(),
        blocks: vec![
            ReportBlock::Heading {
                text: "未清项".to_owned(),
            },
            ReportBlock::Facts {
                facts: vec![("期初余额".to_owned(), "¥1,000.00".to_owned())],
            },
            ReportBlock::Note {
                text: "一段很长的话，".repeat(40),
            },
            ReportBlock::Table {
                columns,
                rows: (0..rows)
                    .map(|n| {
                        vec![
                            format!("QY2026111900{n:06}-with-a-very-long-number-that-must-break"),
                            "含有印不出的字 😀 与 (括号) \\ 反斜杠".to_owned(),
                            format!("−¥{n}.00"),
                        ]
                    })
                    .collect(),
            },
        ],
    }
}

#[test]
fn a_report_is_judged_genuine_and_states_what_it_shows() {
    let (template, root) = template();
    let made = template.report(&data(120, None), at()).unwrap();
    if let Ok(path) = std::env::var("ZF_REPORT_OUT") {
        std::fs::write(path, &made.bytes).unwrap();
    }
    assert!(made.pages > 2, "{} pages", made.pages);
    let verdict = verify(&made.bytes, std::slice::from_ref(&root), None);
    assert!(verdict.valid, "{}", verdict.sentence_en());
    assert!(verdict.receipt.is_none());
    let report = verdict.report.unwrap();
    assert_eq!(report.title, "日结报告");
    assert_eq!(report.pages.len(), made.pages);
    assert!(report.last_word);
    let digest = report.digest.unwrap();
    assert_eq!(digest, hex_lower(&sm3(report.content.unwrap().as_bytes())));
    for page in &report.pages {
        let shown = page.iter().any(|t| t.replace(' ', "").contains(&digest));
        assert!(shown, "a page without the digest");
    }
    assert!(report.pages.iter().flatten().any(|t| t.contains('〓')));
}

#[test]
fn a_draft_says_so_on_every_page_and_is_signed_too() {
    let (template, root) = template();
    let made = template
        .report(&data(60, Some("预览 · 未锁")), at())
        .unwrap();
    let verdict = verify(&made.bytes, &[root], None);
    assert!(verdict.valid, "{}", verdict.sentence_en());
    let report = verdict.report.unwrap();
    assert!(!report.last_word);
    assert!(
        report
            .pages
            .iter()
            .all(|p| p.first().unwrap() == "预览 · 未锁")
    );
}

#[test]
fn one_changed_byte_anywhere_is_seen() {
    let (template, root) = template();
    let made = template.report(&data(3, None), at()).unwrap();
    for place in (20..made.bytes.len()).step_by(made.bytes.len() / 60) {
        let mut altered = made.bytes.clone();
        altered[place] ^= 1;
        let verdict = verify(&altered, std::slice::from_ref(&root), None);
        assert!(!verdict.valid, "byte {place}");
    }
    let mut longer = made.bytes.clone();
    longer.extend_from_slice(b"\n");
    assert_eq!(verify(&longer, &[root], None).code, VerdictCode::Altered);
}

#[test]
fn the_same_report_has_the_same_bytes_but_for_the_signature() {
    let (template, _) = template();
    let one = template.report(&data(5, None), at()).unwrap();
    let two = template.report(&data(5, None), at()).unwrap();
    assert_eq!(one.bytes.len(), two.bytes.len());
}
