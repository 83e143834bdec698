//! Fifteen ways to change a receipt, each made by code from one good receipt, and the rule that
//! must catch it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read the font and may stop at the first surprise"
)]

mod common;

use common::{good, key, pki, roots, signer_spec};
use proptest::prelude::*;
use zf_crypto::asn1::{self, Reader};
use zf_crypto::cert::issue;
use zf_crypto::digest::{hex_bytes, hex_lower};
use zf_receipts::{Outcome, VerdictCode, verify};

fn position(data: &[u8], needle: &[u8]) -> usize {
    data.windows(needle.len())
        .position(|window| window == needle)
        .unwrap_or_else(|| panic!("{} is missing", String::from_utf8_lossy(needle)))
}

fn last_position(data: &[u8], needle: &[u8]) -> usize {
    data.windows(needle.len())
        .rposition(|window| window == needle)
        .unwrap()
}

/// The four numbers of ByteRange.
fn range(pdf: &[u8]) -> [usize; 4] {
    let at = position(pdf, b"/ByteRange[") + 11;
    let text = String::from_utf8_lossy(&pdf[at..at + 35]).into_owned();
    let numbers: Vec<usize> = text
        .split(']')
        .next()
        .unwrap()
        .split(' ')
        .map(|word| word.parse().unwrap())
        .collect();
    numbers.try_into().unwrap()
}

fn with_range(mut pdf: Vec<u8>, numbers: [usize; 4]) -> Vec<u8> {
    let at = position(&pdf, b"/ByteRange[") + 11;
    let [a, b, c, d] = numbers;
    let text = format!("{a} {b} {c} {d}]");
    pdf[at..at + 35].fill(b' ');
    pdf[at..at + text.len()].copy_from_slice(text.as_bytes());
    pdf
}

fn envelope(pdf: &[u8]) -> Vec<u8> {
    let [_, open, close, _] = range(pdf);
    hex_bytes(&String::from_utf8_lossy(&pdf[open + 1..close - 1])).unwrap()
}

fn with_envelope(mut pdf: Vec<u8>, envelope: &[u8]) -> Vec<u8> {
    let [_, open, close, _] = range(&pdf);
    let hex = hex_lower(envelope);
    assert!(open + 1 + hex.len() < close, "the hole is too small");
    pdf[open + 1..close - 1].fill(b'0');
    pdf[open + 1..open + 1 + hex.len()].copy_from_slice(hex.as_bytes());
    pdf
}

fn text16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn replaced(mut pdf: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = position(&pdf, old);
    pdf[at..at + new.len()].copy_from_slice(new);
    pdf
}

fn xref_at(pdf: &[u8]) -> usize {
    let at = last_position(pdf, b"startxref\n") + 10;
    let text = String::from_utf8_lossy(&pdf[at..]).into_owned();
    text.split('\n').next().unwrap().parse().unwrap()
}

/// An incremental update adding or replacing objects.
fn updated(mut pdf: Vec<u8>, objects: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let previous = xref_at(&pdf);
    let mut table = String::from("xref\n");
    for (number, body) in objects {
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", pdf.len()));
        pdf.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        pdf.extend_from_slice(body);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let at = pdf.len();
    pdf.extend_from_slice(table.as_bytes());
    pdf.extend_from_slice(
        format!("trailer\n<</Size 30/Root 1 0 R/Prev {previous}>>\nstartxref\n{at}\n%%EOF\n")
            .as_bytes(),
    );
    pdf
}

/// The page's changing content as an object body, with another amount.
fn forged_content(pdf: &[u8]) -> Vec<u8> {
    let start = position(pdf, b"\n20 0 obj\n") + 10;
    let end = start + position(&pdf[start..], b"\nendobj\n");
    replaced(
        pdf[start..end].to_vec(),
        &text16("1,680.00"),
        &text16("9,680.00"),
    )
}

fn object_body(pdf: &[u8], number: usize) -> Vec<u8> {
    let head = format!("\n{number} 0 obj\n");
    let start = position(pdf, head.as_bytes()) + head.len();
    let end = start + position(&pdf[start..], b"\nendobj\n");
    pdf[start..end].to_vec()
}

/// Puts another certificate in the place of the signer's.
fn with_certificate(pdf: Vec<u8>, certificate: &[u8]) -> Vec<u8> {
    let old = envelope(&pdf);
    let whole = Reader::new(&old).element().unwrap();
    let mut info = Reader::new(whole.content);
    let kind = info.element().unwrap();
    let mut signed = info.inside(0xa0).unwrap().sequence().unwrap();
    let version = signed.element().unwrap();
    let digests = signed.element().unwrap();
    let data = signed.element().unwrap();
    let mut certificates = signed.inside(0xa0).unwrap();
    certificates.element().unwrap();
    let issuing = certificates.element().unwrap();
    let infos = signed.element().unwrap();
    let rebuilt = asn1::sequence(&[
        kind.raw,
        &asn1::element(
            0xa0,
            &[&asn1::sequence(&[
                version.raw,
                digests.raw,
                data.raw,
                &asn1::element(0xa0, &[certificate, issuing.raw]),
                infos.raw,
            ])],
        ),
    ]);
    with_envelope(pdf, &rebuilt)
}

/// A certificate that fits the hole: its own signature may be a byte longer or shorter.
fn fitting(make: impl Fn(i64) -> Vec<u8>) -> Vec<u8> {
    (0..100)
        .map(make)
        .find(|der| der.len() <= pki().certificate.der().len())
        .unwrap()
}

fn twin(key: &zf_crypto::sm2::Sm2SigningKey, organization: &str) -> Vec<u8> {
    let pki = pki();
    fitting(|shift| {
        let mut spec = signer_spec(organization);
        spec.not_after -= shift;
        issue(
            &pki.issuing,
            &pki.issuing_key,
            &key.public().to_spki_der(),
            &spec,
        )
        .unwrap()
        .der()
        .to_vec()
    })
}

/// Asserts the first rule that fails, that all these fail, and the verdict.
fn check(name: &str, pdf: &[u8], rules: &[u8], code: VerdictCode) {
    let verdict = verify(pdf, &roots(), None);
    let failed: Vec<u8> = verdict
        .checks
        .iter()
        .filter(|check| check.outcome == Outcome::Failed)
        .map(|check| check.rule)
        .collect();
    assert!(!verdict.valid, "{name}");
    assert_eq!(failed.first(), rules.first(), "{name}: failed {failed:?}");
    for rule in rules {
        assert!(failed.contains(rule), "{name}: failed {failed:?}");
    }
    assert_eq!(verdict.code, code, "{name}: failed {failed:?}");
    for check in &verdict.checks {
        assert!(!check.detail_zh.is_empty() && !check.detail_en.is_empty());
    }
    assert!(!verdict.sentence_zh().is_empty() && !verdict.sentence_en().is_empty());
}

use VerdictCode::{Altered, CannotTell, NotSigned};

#[test]
fn case_1_amount_digit_in_the_page() {
    let pdf = replaced(good().to_vec(), &text16("1,680.00"), &text16("9,680.00"));
    check("1", &pdf, &[5, 10], Altered);
}

#[test]
fn case_2_byte_in_the_attachment() {
    let pdf = replaced(
        good().to_vec(),
        b"\"amount_minor\":168000",
        b"\"amount_minor\":968000",
    );
    check("2", &pdf, &[5, 10], Altered);
    let pdf = replaced(good().to_vec(), "露营灯".as_bytes(), "露营车".as_bytes());
    check("2", &pdf, &[5, 10], Altered);
}

#[test]
fn case_2b_byte_in_the_static_font() {
    let mut pdf = good().to_vec();
    let at = position(&pdf, b"\n10 0 obj\n");
    let at = at + position(&pdf[at..], b"stream\n") + 500;
    pdf[at] ^= 1;
    check("2b", &pdf, &[5], Altered);
}

#[test]
fn case_3_update_replacing_the_page_content() {
    let pdf = updated(good().to_vec(), &[(20, forged_content(good()))]);
    check("3", &pdf, &[2, 10], Altered);
    // Page and attachment changed together: only the coverage tells.
    let body = object_body(good(), 22);
    let mut json = replaced(body, b"\"amount_minor\":168000", b"\"amount_minor\":968000");
    json = replaced(json, b"1,680.00", b"9,680.00");
    let pdf = updated(good().to_vec(), &[(20, forged_content(good())), (22, json)]);
    check("3", &pdf, &[2], Altered);
}

#[test]
fn case_3b_update_adding_an_annotation() {
    let page = String::from_utf8(object_body(good(), 3)).unwrap();
    let page = page.replace("/Annots[4 0 R]", "/Annots[4 0 R 25 0 R]");
    let note =
        b"<</Type/Annot/Subtype/FreeText/Rect[0 0 99 99]/F 4/Contents(9,680.00)/DA(/F1 9 Tf)>>";
    let pdf = updated(
        good().to_vec(),
        &[(3, page.into_bytes()), (25, note.to_vec())],
    );
    check("3b", &pdf, &[2], Altered);
}

#[test]
fn case_4_one_byte_after_the_end() {
    let mut pdf = good().to_vec();
    pdf.push(b'\n');
    check("4", &pdf, &[2], Altered);
    let cut = &good()[..good().len() - 1];
    check("4 cut", cut, &[2], Altered);
}

#[test]
fn case_4b_update_adding_an_unused_object() {
    let pdf = updated(good().to_vec(), &[(26, b"(nothing)".to_vec())]);
    check("4b", &pdf, &[2], Altered);
}

#[test]
fn case_5_signer_certificate_swapped() {
    let pdf = with_certificate(
        good().to_vec(),
        &twin(&key("another"), "青屿生活示例商贸有限公司"),
    );
    check("5", &pdf, &[7, 8], Altered);
}

#[test]
fn case_5b_twin_certificate() {
    // Same key, issuer and serial number; another company.
    let pdf = with_certificate(
        good().to_vec(),
        &twin(&pki().signer_key, "绿屿生活示例商贸有限公司"),
    );
    check("5b", &pdf, &[8, 10], Altered);
}

#[test]
fn case_6_range_shortened() {
    let [a, b, c, d] = range(good());
    let pdf = with_range(good().to_vec(), [a, b, c, d - 10]);
    check("6", &pdf, &[2, 5], Altered);
}

#[test]
fn case_6b_gap_start_moved() {
    let [a, b, c, d] = range(good());
    for moved in [b - 1, b + 1, b + 9] {
        let pdf = with_range(good().to_vec(), [a, moved, c, d]);
        check("6b", &pdf, &[3, 5], Altered);
    }
}

#[test]
fn case_7_signature_wrapping() {
    // The signed tail, with the end of the file in it, is pushed back; its pointer to the table
    // then leads into the gap, where a forged table and a forged signature dictionary wait.
    let original = good();
    let [_, open, close, rest] = range(original);
    let target = xref_at(original);
    let mut gap = original[open..close].to_vec();
    let mut places = Vec::new();
    let mut put = |gap: &mut Vec<u8>, number: usize, body: &[u8]| {
        places.push((number, open + gap.len() + 1));
        gap.extend_from_slice(format!("\n{number} 0 obj\n").as_bytes());
        gap.extend_from_slice(body);
        gap.extend_from_slice(b"\nendobj\n");
    };
    let json = replaced(
        replaced(
            object_body(original, 22),
            b"\"amount_minor\":168000",
            b"\"amount_minor\":968000",
        ),
        b"1,680.00",
        b"9,680.00",
    );
    put(&mut gap, 20, &forged_content(original));
    put(&mut gap, 22, &json);
    // Its range is patched below, when the lengths are known.
    let mut signature =
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 ".to_vec();
    let range_in_body = signature.len();
    signature.extend_from_slice(&[b' '; 40]);
    signature.extend_from_slice(b"]/Contents");
    signature.extend_from_slice(&original[open..close]);
    signature.extend_from_slice(b">>");
    put(&mut gap, 23, &signature);
    let patch = places[2].1 - open + "23 0 obj\n".len() + range_in_body;
    assert!(open + gap.len() < target || target > open);
    // The table must begin exactly where the tail's pointer leads.
    while open + gap.len() < target {
        gap.push(b' ');
    }
    if open + gap.len() > target {
        // The gap outgrew the pointer: its parts go behind the table instead.
        let body = gap.split_off(close - open);
        while open + gap.len() < target {
            gap.push(b' ');
        }
        let shift_from = close;
        let table_len = 600;
        let start = open + gap.len() + table_len;
        for (_, at) in &mut places {
            *at = *at - shift_from + start;
        }
        let table = forged_table(original, &places, table_len);
        gap.extend_from_slice(&table);
        let patch = patch - (close - open) + (start - open);
        gap.extend_from_slice(&body);
        finish_wrapping(original, gap, patch, open, close, rest);
        return;
    }
    let table = forged_table(original, &places, 600);
    gap.extend_from_slice(&table);
    finish_wrapping(original, gap, patch, open, close, rest);
}

/// A whole table with some entries led elsewhere, padded to a length.
fn forged_table(original: &[u8], places: &[(usize, usize)], length: usize) -> Vec<u8> {
    let at = xref_at(original);
    let mut table = original[at..].to_vec();
    let end = position(&table, b"\nstartxref");
    table.truncate(end);
    let first = position(&table, b"0000000000 65535 f \n");
    for (number, place) in places {
        let entry = first + number * 20;
        table[entry..entry + 10].copy_from_slice(format!("{place:010}").as_bytes());
    }
    assert!(table.len() < length + 400);
    table.resize(table.len().max(length), b' ');
    table.resize(600.max(table.len()), b' ');
    table
}

fn finish_wrapping(
    original: &[u8],
    mut gap: Vec<u8>,
    patch: usize,
    open: usize,
    close: usize,
    rest: usize,
) {
    gap.push(b'\n');
    let second = open + gap.len();
    let text = format!("{open} {second} {rest}");
    gap[patch..patch + text.len()].copy_from_slice(text.as_bytes());
    let mut pdf = original[..open].to_vec();
    pdf.extend_from_slice(&gap);
    pdf.extend_from_slice(&original[close..]);
    let verdict = verify(&pdf, &roots(), None);
    // The forgery is followed and its digest is right: only the gap gives it away.
    assert!(verdict.checks[0].passed, "{:#?}", verdict.checks[0]);
    assert!(verdict.checks[1].passed, "{:#?}", verdict.checks[1]);
    assert!(verdict.checks[4].passed, "{:#?}", verdict.checks[4]);
    assert!(verdict.checks[6].passed, "{:#?}", verdict.checks[6]);
    assert_eq!(verdict.receipt.as_ref().unwrap().amount_minor, 968_000);
    check("7", &pdf, &[3], Altered);
}

#[test]
fn case_8_bit_of_the_signature() {
    let pdf = good().to_vec();
    let mut cms = envelope(&pdf);
    let end = Reader::new(&cms).element().unwrap().raw.len();
    cms.truncate(end);
    cms[end - 1] ^= 1;
    check("8", &with_envelope(pdf, &cms), &[7], Altered);
}

#[test]
fn case_9_field_emptied() {
    let pdf = replaced(good().to_vec(), b"/V 23 0 R", b"         ");
    check("9", &pdf, &[1], NotSigned);
}

#[test]
fn case_10_signing_time_changed() {
    let pdf = good().to_vec();
    let mut cms = envelope(&pdf);
    let end = Reader::new(&cms).element().unwrap().raw.len();
    cms.truncate(end);
    // 09:20:41 in Beijing is 01:20:41 UTC; certificates hold other times.
    let at = position(&cms, b"261120012041Z");
    cms[at + 5] = b'1';
    check("10", &with_envelope(pdf, &cms), &[7, 10], Altered);
}

#[test]
fn what_is_no_receipt() {
    check("empty", b"", &[1], CannotTell);
    check("text", b"hello", &[1], CannotTell);
    check("cut", &good()[..20_000], &[1], CannotTell);
    check("header", b"%PDF-1.7\nstartxref\n0\n%%EOF", &[1], CannotTell);
}

#[test]
fn a_revoked_signer_is_refused() {
    let revoked = [pki().certificate.serial_hex()];
    let trust = zf_receipts::Trust {
        roots: &roots(),
        revoked: &revoked,
    };
    let verdict = zf_receipts::verify_with(good(), &trust, None);
    assert_eq!(verdict.first_failure().unwrap().rule, 9);
    assert_eq!(verdict.code, CannotTell);
}

/// Every byte of the file matters: a valid verdict for a changed file is only possible where the
/// change means nothing (the case of a hexadecimal digit).
#[test]
fn every_byte_counts() {
    let original = good();
    let [_, open, close, _] = range(original);
    // Everything that is not one long stream, and a part of those.
    let places =
        (0..original.len()).filter(|at| at % 61 == 0 || (open..close).contains(at) && at % 7 == 0);
    for at in places {
        let mut pdf = original.to_vec();
        pdf[at] ^= 1 << (at % 8);
        let verdict = verify(&pdf, &roots(), None);
        if verdict.valid {
            assert!(
                (open..close).contains(&at) && pdf[at].eq_ignore_ascii_case(&original[at]),
                "byte {at}: {} → {}",
                original[at],
                pdf[at]
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn changed_bytes_never_pass_for_another_receipt(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::weighted(0.2, any::<proptest::sample::Index>()),
    ) {
        let mut pdf = good().to_vec();
        for (at, value) in changes {
            let at = at.index(pdf.len());
            pdf[at] = value;
        }
        if let Some(cut) = cut {
            pdf.truncate(cut.index(pdf.len()));
        }
        let verdict = verify(&pdf, &roots(), None);
        if verdict.valid {
            let original = verify(good(), &roots(), None);
            prop_assert_eq!(verdict.receipt, original.receipt);
            prop_assert_eq!(verdict.digest, original.digest);
        }
    }

    #[test]
    fn changes_in_the_structure_are_survived(
        at in any::<proptest::sample::Index>(),
        value in "[0-9/<>()\\[\\] R-]{1,12}",
    ) {
        // The table, the trailer and the signature dictionary, where every byte steers the reader.
        let mut pdf = good().to_vec();
        let from = position(&pdf, b"\n23 0 obj");
        let at = from + at.index(pdf.len() - from);
        let end = (at + value.len()).min(pdf.len());
        pdf.splice(at..end, value.bytes());
        let verdict = verify(&pdf, &roots(), None);
        if verdict.valid {
            let original = verify(good(), &roots(), None);
            prop_assert_eq!(verdict.receipt, original.receipt);
        }
    }

    #[test]
    fn any_bytes_are_survived(data: Vec<u8>) {
        prop_assert!(!verify(&data, &roots(), None).valid);
    }
}

/// The envelope is not covered by the digest; still no bit of it may change unnoticed.
#[test]
fn every_byte_of_the_envelope_counts() {
    let cms = envelope(good());
    let [_, open, close, _] = range(good());
    let mut pdf = good().to_vec();
    for at in 0..cms.len() {
        let mut changed = cms.clone();
        changed[at] ^= 1 << (at % 8);
        pdf[open + 1..close - 1].copy_from_slice(hex_lower(&changed).as_bytes());
        assert!(!verify(&pdf, &roots(), None).valid, "byte {at}");
    }
}
