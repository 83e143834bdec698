//! The verifier: ten rules, each reported by itself, in words. It trusts no library's single
//! “valid”: a file may carry a mathematically good signature and still have been rearranged
//! around it.

use serde::Serialize;
use zf_crypto::cert::Certificate;
use zf_crypto::digest::{Sm3Stream, hex_lower};
use zf_crypto::sm2::Sm2VerifyingKey;
use zf_domain::Timestamp;

use crate::cms::Parsed;
use crate::data::Attachment;
use crate::read::{Dictionary, Document, Lexer, Node, Parse, Value};
use crate::report::{self, ReportStatement};
use crate::signer::Profile;
use crate::template::signature_fields;

/// How far a signer's clock may run ahead, in seconds.
const CLOCK_SKEW: i64 = 300;

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// An earlier failure left nothing to examine; this counts as not holding.
    NotExamined,
}

/// One rule's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// 1 to 10.
    pub rule: u8,
    /// Chinese name.
    pub name_zh: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// Whether it holds.
    pub passed: bool,
    /// The same with the third possibility.
    pub outcome: Outcome,
    /// What was found, in Chinese.
    pub detail_zh: String,
    /// What was found, in English.
    pub detail_en: String,
}

/// The verdict in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictCode {
    /// 可信: every rule holds.
    Trustworthy,
    /// 被改过: the file is not what was signed.
    Altered,
    /// 无法判断: not a file that can be judged, or a signer nobody here vouches for.
    CannotTell,
    /// 没有签名.
    NotSigned,
}

/// The result of verifying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Every rule holds.
    pub valid: bool,
    /// The verdict in one word.
    pub code: VerdictCode,
    /// All ten rules in order.
    pub checks: Vec<Check>,
    /// The attached statement. Believe it only when `valid`.
    pub receipt: Option<Attachment>,
    /// The attached statement of a report, when it is one and no receipt. Believe it only when `valid`.
    pub report: Option<ReportStatement>,
    /// Subject of the signer's certificate.
    pub signer_subject: Option<String>,
    /// Serial number of the signer's certificate.
    pub signer_serial: Option<String>,
    /// When it was signed, by the signer's own clock; unix seconds.
    pub signing_time: Option<i64>,
    /// SM3 of the covered bytes, lower-case hexadecimal.
    pub digest: Option<String>,
    /// `pkcs7` or `gmt0010`.
    pub profile: Option<&'static str>,
}

impl Verdict {
    /// The verdict in a Chinese sentence.
    #[must_use]
    pub fn sentence_zh(&self) -> String {
        let reason = self.first_failure().map_or("", |check| &check.detail_zh);
        match self.code {
            VerdictCode::Trustworthy => format!(
                "可信：由 {} 签名，签名后一个字节都没有变。",
                self.signer_subject.as_deref().unwrap_or_default()
            ),
            VerdictCode::Altered => format!("被改过：{reason}"),
            VerdictCode::CannotTell => format!("无法判断：{reason}"),
            VerdictCode::NotSigned => format!("没有签名：{reason}"),
        }
    }

    /// The verdict in an English sentence.
    #[must_use]
    pub fn sentence_en(&self) -> String {
        let reason = self.first_failure().map_or("", |check| &check.detail_en);
        match self.code {
            VerdictCode::Trustworthy => format!(
                "Trustworthy: signed by {}; not one byte has changed since.",
                self.signer_subject.as_deref().unwrap_or_default()
            ),
            VerdictCode::Altered => format!("Altered: {reason}"),
            VerdictCode::CannotTell => format!("Cannot tell: {reason}"),
            VerdictCode::NotSigned => format!("Not signed: {reason}"),
        }
    }

    /// The first rule that fails.
    #[must_use]
    pub fn first_failure(&self) -> Option<&Check> {
        self.checks
            .iter()
            .find(|check| check.outcome == Outcome::Failed)
    }
}

/// Whom to believe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trust<'a> {
    /// Trust anchors.
    pub roots: &'a [Certificate],
    /// Serial numbers of revoked certificates, upper-case hexadecimal.
    pub revoked: &'a [String],
}

const NAMES: [(&str, &str); 10] = [
    ("签名域", "Signature field"),
    ("覆盖全文", "Covers the whole file"),
    ("签名位置", "Place of the signature"),
    ("签名格式", "Signature format"),
    ("内容未变", "Content unchanged"),
    ("内容类型", "Content type"),
    ("签名值", "Signature value"),
    ("签名证书", "Certificate named in the signature"),
    ("证书链", "Chain of trust"),
    ("附件与票面一致", "Page and attachment agree"),
];

/// A rule's finding: details in Chinese and English; `Err` when the rule fails.
type Finding = Result<(String, String), (String, String)>;

fn both(zh: impl Into<String>, en: impl Into<String>) -> (String, String) {
    (zh.into(), en.into())
}

struct Report(Vec<Check>);

impl Report {
    fn put(&mut self, finding: Option<Finding>) -> bool {
        let at = self.0.len();
        let (name_zh, name_en) = NAMES[at.min(9)];
        let (outcome, (detail_zh, detail_en)) = match finding {
            Some(Ok(details)) => (Outcome::Passed, details),
            Some(Err(details)) => (Outcome::Failed, details),
            None => (
                Outcome::NotExamined,
                both(
                    "前面的问题使这一项无从检查",
                    "an earlier failure left nothing to examine",
                ),
            ),
        };
        let passed = outcome == Outcome::Passed;
        self.0.push(Check {
            rule: u8::try_from(at + 1).unwrap_or(10),
            name_zh,
            name_en,
            passed,
            outcome,
            detail_zh,
            detail_en,
        });
        passed
    }
}

/// Verifies a receipt against trust anchors, without a revocation list.
///
/// `at`: the verifier's time in unix seconds; a signing time later than this is refused. `None`
/// takes the signing time as it stands. Certificates are judged at the signing time. Any bytes may
/// be given; nothing panics.
#[must_use]
pub fn verify(pdf: &[u8], roots: &[Certificate], at: Option<i64>) -> Verdict {
    let trust = Trust {
        roots,
        revoked: &[],
    };
    verify_with(pdf, &trust, at)
}

/// As [`verify`], with a list of revoked certificates.
#[must_use]
pub fn verify_with(pdf: &[u8], trust: &Trust<'_>, at: Option<i64>) -> Verdict {
    let mut report = Report(Vec::with_capacity(10));
    let mut verdict = Verdict {
        valid: false,
        code: VerdictCode::CannotTell,
        checks: Vec::new(),
        receipt: None,
        report: None,
        signer_subject: None,
        signer_serial: None,
        signing_time: None,
        digest: None,
        profile: None,
    };
    let document = match Document::open(pdf) {
        Ok(document) => document,
        Err(why) => {
            report.put(Some(Err(both(
                format!("文件结构读不懂：{why}"),
                format!("the file's structure cannot be read: {why}"),
            ))));
            while report.0.len() < 10 {
                report.put(None);
            }
            verdict.checks = report.0;
            return verdict;
        }
    };

    // 1: one signature field with a value.
    let field = signature(&document);
    let unsigned = matches!(&field, Ok(None));
    report.put(Some(match &field {
        Ok(Some(_)) => Ok(both(
            "有且只有一个签名域，已签名",
            "there is exactly one signature field, and it is signed",
        )),
        Ok(None) => Err(both(
            "文件里没有签名，或签名已被移除",
            "the file holds no signature, or it was removed",
        )),
        Err(why) => Err(both(
            format!("签名域读不懂：{why}"),
            format!("the signature field cannot be read: {why}"),
        )),
    }));
    let dictionary = field.ok().flatten();
    let contents = dictionary.as_ref().and_then(|d| d.entry("Contents"));

    // 2: what the signature covers.
    let range = dictionary.as_ref().map(byte_range);
    let covered = match &range {
        Some(Ok(range)) => Some(*range),
        _ => None,
    };
    report.put(range.map(|range| match range {
        Err(why) => Err(both(
            format!("签名范围读不懂：{why}"),
            format!("the range the signature covers cannot be read: {why}"),
        )),
        Ok(range) => whole_file(&range, pdf.len()),
    }));

    // 3: the gap holds the signature and nothing else.
    let gap = covered.map(|range| gap(pdf, &range, contents));
    report.put(gap);

    // 4: the envelope.
    let parsed = match contents.map(|node| &node.value) {
        Some(Value::Text(bytes)) => Some(Parsed::read(bytes)),
        Some(_) => Some(Err("Contents is not a text".to_owned())),
        None => dictionary
            .as_ref()
            .map(|_| Err("Contents is missing".to_owned())),
    };
    report.put(parsed.as_ref().map(|parsed| match parsed {
        Ok(parsed) => {
            let profile = profile_name(parsed.profile);
            Ok(both(
                format!("SM2/SM3 分离式签名，一个签名人（{profile}）"),
                format!("detached SM2 with SM3, one signer ({profile})"),
            ))
        }
        Err(why) => Err(both(
            format!("签名数据读不懂：{why}"),
            format!("the signature's data cannot be read: {why}"),
        )),
    }));
    let parsed = parsed.and_then(Result::ok);

    // 5: the digest.
    let digest = covered.and_then(|range| digest_of(pdf, &range));
    verdict.digest = digest.map(|digest| hex_lower(&digest));
    report.put(parsed.as_ref().zip(digest).map(|(parsed, digest)| {
        if parsed.message_digest.as_deref() == Some(digest.as_slice()) {
            Ok(both(
                format!(
                    "内容摘要与签名里的一致（SM3 {}…）",
                    &hex_lower(&digest)[..16]
                ),
                format!(
                    "the content's digest is the signed one (SM3 {}…)",
                    &hex_lower(&digest)[..16]
                ),
            ))
        } else {
            Err(both(
                "签名之后内容被改过：内容摘要与签名里的不一致",
                "the content was changed after signing: its digest is not the signed one",
            ))
        }
    }));

    // 6: content type.
    report.put(parsed.as_ref().map(|parsed| {
        if parsed.content_type.as_deref() == Some(parsed.data_type.as_str()) {
            Ok(both(
                "签名属性里的内容类型与封装一致",
                "the signed content type is that of the envelope",
            ))
        } else {
            Err(both(
                "签名属性里的内容类型与封装不一致",
                "the signed content type is not that of the envelope",
            ))
        }
    }));

    // 7: the signature value.
    let signer = parsed.as_ref().and_then(Parsed::signer);
    report.put(
        parsed
            .as_ref()
            .map(|parsed| signature_value(parsed, signer)),
    );

    // 8: the certificate named.
    report.put(parsed.as_ref().and_then(|parsed| {
        signer.map(|signer| match &parsed.signing_certificate {
            Some(named) if named.is(signer) => Ok(both(
                "签名里写明的证书就是所附的证书",
                "the certificate named in the signature is the one attached",
            )),
            Some(_) => Err(both(
                "签名里写明的是另一张证书：所附证书被换过",
                "the signature names another certificate: the attached one was exchanged",
            )),
            None => Err(both(
                "签名没有写明用的是哪张证书",
                "the signature does not name its certificate",
            )),
        })
    }));

    // 9: chain.
    let signing_time = parsed.as_ref().and_then(|parsed| parsed.signing_time);
    report.put(
        parsed
            .as_ref()
            .and_then(|parsed| signer.map(|signer| chain(signer, parsed, trust, at))),
    );

    // 10: page and attachment.
    let attached = attachment(&document);
    report.put(Some(match &attached {
        Ok((json, statement)) => statement
            .agrees(&document, json, signer, signing_time)
            .map_err(|why| {
                both(
                    format!("附件与票面不一致：{why}"),
                    format!("page and attachment disagree: {why}"),
                )
            }),
        Err(why) => Err(both(
            format!("附件读不懂：{why}"),
            format!("the attachment cannot be read: {why}"),
        )),
    }));

    match attached {
        Ok((_, Statement::Receipt(receipt))) => verdict.receipt = Some(*receipt),
        Ok((_, Statement::Report(report))) => verdict.report = Some(*report),
        Err(_) => {}
    }
    verdict.signer_subject = signer.map(Certificate::subject);
    verdict.signer_serial = signer.map(Certificate::serial_hex);
    verdict.signing_time = signing_time;
    verdict.profile = parsed.as_ref().map(|parsed| profile_name(parsed.profile));
    verdict.valid = report.0.iter().all(|check| check.passed);
    let failed = |rules: &[u8]| {
        report
            .0
            .iter()
            .any(|check| rules.contains(&check.rule) && check.outcome == Outcome::Failed)
    };
    verdict.code = if verdict.valid {
        VerdictCode::Trustworthy
    } else if unsigned {
        VerdictCode::NotSigned
    } else if failed(&[2, 3, 5, 6, 7, 8, 10]) {
        VerdictCode::Altered
    } else {
        VerdictCode::CannotTell
    };
    verdict.checks = report.0;
    verdict
}

fn profile_name(profile: Profile) -> &'static str {
    match profile {
        Profile::Pkcs7 => "pkcs7",
        Profile::Gmt0010 => "gmt0010",
    }
}

/// The signature dictionary of the only signature field; `None` without one.
fn signature(document: &Document<'_>) -> Parse<Option<Dictionary>> {
    let catalog = document.dictionary(&document.trailer, "Root")?;
    if catalog.entry("AcroForm").is_none() {
        return Ok(None);
    }
    let form = document.dictionary(&catalog, "AcroForm")?;
    let mut signed = None;
    let mut fields = document.array(&form, "Fields")?;
    let mut looked = 0;
    while let Some(field) = fields.pop() {
        looked += 1;
        if looked > 64 {
            return Err("there are more form fields than a receipt has".to_owned());
        }
        let Value::Dictionary(field) = document.resolve(&field.value)? else {
            return Err("a form field is not a dictionary".to_owned());
        };
        if field.entry("Kids").is_some() {
            fields.extend(document.array(&field, "Kids")?);
        }
        if field.is_named("FT", "Sig") && field.entry("V").is_some() {
            if signed.is_some() {
                return Err("there is more than one signature".to_owned());
            }
            signed = Some(document.dictionary(&field, "V")?);
        }
    }
    let Some(dictionary) = signed else {
        return Ok(None);
    };
    if !["adbe.pkcs7.detached", "ETSI.CAdES.detached"]
        .iter()
        .any(|kind| dictionary.is_named("SubFilter", kind))
    {
        return Err("the signature is of a kind receipts never have".to_owned());
    }
    Ok(Some(dictionary))
}

/// The four integers of ByteRange as [start, length, start, length].
fn byte_range(dictionary: &Dictionary) -> Parse<[usize; 4]> {
    let Some(Value::Array(numbers)) = dictionary.value("ByteRange") else {
        return Err("ByteRange is missing".to_owned());
    };
    let numbers: Option<Vec<usize>> = numbers
        .iter()
        .map(|node| match node.value {
            Value::Integer(number) => usize::try_from(number).ok(),
            _ => None,
        })
        .collect();
    numbers
        .and_then(|numbers| <[usize; 4]>::try_from(numbers).ok())
        .ok_or_else(|| "ByteRange is not four whole numbers".to_owned())
}

fn whole_file(range: &[usize; 4], length: usize) -> Finding {
    let [start, first, second, rest] = *range;
    let end = second.checked_add(rest);
    if start != 0 || second < first {
        return Err(both(
            "签名范围不从文件开头开始",
            "the signature does not cover the file from its beginning",
        ));
    }
    match end {
        Some(end) if end == length => Ok(both(
            "签名覆盖整个文件，没有后加的内容",
            "the signature covers the whole file; nothing was added",
        )),
        Some(end) if end < length => Err(both(
            format!("签名之后文件又加了 {} 个字节", length - end),
            format!("{} bytes were added after signing", length - end),
        )),
        _ => Err(both(
            "签名范围超出文件末尾：文件被截短过",
            "the signature covers more than there is: the file was cut",
        )),
    }
}

/// The gap must be one hexadecimal string, and that string the Contents of the dictionary that
/// holds this very ByteRange.
fn gap(pdf: &[u8], range: &[usize; 4], contents: Option<&Node>) -> Finding {
    let [_, open, close, _] = *range;
    let bad = |zh: &str, en: &str| Err(both(zh, en));
    let Some(bytes) = pdf.get(open..close) else {
        return bad("签名范围超出文件", "the range lies outside the file");
    };
    let hexadecimal = bytes.len() >= 2
        && bytes.first() == Some(&b'<')
        && bytes.last() == Some(&b'>')
        && bytes[1..bytes.len() - 1].iter().all(u8::is_ascii_hexdigit);
    if !hexadecimal {
        return bad(
            "签名范围之外夹带了别的内容",
            "something else than the signature hides in the part that is not covered",
        );
    }
    match contents {
        Some(node) if (node.start, node.end) == (open, close) => Ok(both(
            "未覆盖的部分正好是签名本身",
            "the part not covered is exactly the signature itself",
        )),
        _ => bad(
            "未覆盖的部分不是这个签名",
            "the part not covered is not this signature",
        ),
    }
}

fn digest_of(pdf: &[u8], range: &[usize; 4]) -> Option<[u8; 32]> {
    let [start, first, second, rest] = *range;
    let mut stream = Sm3Stream::new();
    stream.update(pdf.get(start..start.checked_add(first)?)?);
    stream.update(pdf.get(second..second.checked_add(rest)?)?);
    Some(stream.finish())
}

fn signature_value(parsed: &Parsed, signer: Option<&Certificate>) -> Finding {
    let Some(signer) = signer else {
        return Err(both(
            "签名里没有签名人的证书",
            "the signer's certificate is not in the signature",
        ));
    };
    let key = Sm2VerifyingKey::from_spki_der(signer.spki_der());
    match key.and_then(|key| key.verify(&parsed.attributes, &parsed.signature)) {
        Ok(()) => Ok(both(
            format!("SM2 签名验证通过，签名人 {}", signer.common_name()),
            format!("the SM2 signature of {} verifies", signer.common_name()),
        )),
        Err(why) => Err(both(
            format!("SM2 签名验证不通过，不是 {} 所签", signer.common_name()),
            format!("not signed by {}: {why}", signer.common_name()),
        )),
    }
}

fn day(seconds: i64) -> String {
    Timestamp::from_seconds(seconds).to_beijing()
}

fn chain(signer: &Certificate, parsed: &Parsed, trust: &Trust<'_>, at: Option<i64>) -> Finding {
    let Some(time) = parsed.signing_time.or(at) else {
        return Err(both(
            "不知道签署时间，无法判断证书是否有效",
            "the signing time is unknown, so nothing can be said of the certificates",
        ));
    };
    if let Some(now) = at
        && time > now.saturating_add(CLOCK_SKEW)
    {
        return Err(both(
            format!("签署时间 {} 在将来", day(time)),
            format!("the signing time {} lies in the future", day(time)),
        ));
    }
    if !signer.may_sign_content() || signer.is_ca() {
        return Err(both(
            "签名人的证书不是用来签名的",
            "the signer's certificate is not made for signing content",
        ));
    }
    let sound = |certificate: &Certificate| -> Result<(), (String, String)> {
        let name = certificate.common_name();
        if !certificate.is_valid_at(time) {
            return Err(both(
                format!("签署时（{}）证书“{name}”不在有效期内", day(time)),
                format!(
                    "certificate “{name}” was not valid when signing ({})",
                    day(time)
                ),
            ));
        }
        if trust.revoked.contains(&certificate.serial_hex()) {
            return Err(both(
                format!("证书“{name}”已被吊销"),
                format!("certificate “{name}” has been revoked"),
            ));
        }
        if let Some(extension) = certificate.unknown_critical_extensions().first() {
            return Err(both(
                format!("证书“{name}”有读不懂的关键扩展 {extension}"),
                format!("certificate “{name}” has an unknown critical extension {extension}"),
            ));
        }
        Ok(())
    };
    let mut current = signer;
    // How many issuing certificates lie below the one looked at.
    for below in 0..4_u8 {
        sound(current)?;
        if let Some(root) = trust
            .roots
            .iter()
            .find(|root| current.verify_signed_by(root).is_ok())
        {
            sound(root)?;
            if root.path_length().is_some_and(|limit| below > limit) {
                break;
            }
            let list = if trust.revoked.is_empty() {
                both("未提供吊销名单", "no revocation list was given")
            } else {
                both("已查吊销名单", "the revocation list was consulted")
            };
            return Ok(both(
                format!(
                    "证书链到受信的根“{}”，签署时有效；{}",
                    root.common_name(),
                    list.0
                ),
                format!(
                    "the chain ends at the trusted root “{}” and was valid when signing; {}",
                    root.common_name(),
                    list.1
                ),
            ));
        }
        let next = parsed.certificates.iter().find(|candidate| {
            *candidate != current
                && candidate.path_length().is_none_or(|limit| below <= limit)
                && current.verify_signed_by(candidate).is_ok()
        });
        match next {
            Some(issuer) => current = issuer,
            None => break,
        }
    }
    Err(both(
        format!("签名人“{}”的证书不是由受信的机构签发", signer.common_name()),
        format!(
            "nobody trusted here vouches for the signer “{}”",
            signer.common_name()
        ),
    ))
}

/// What a file states about itself.
enum Statement {
    Receipt(Box<Attachment>),
    Report(Box<ReportStatement>),
}

impl Statement {
    fn read(json: &[u8]) -> Parse<Self> {
        #[derive(serde::Deserialize)]
        struct Kind {
            #[serde(default)]
            format: String,
        }
        let fault = |why: serde_json::Error| format!("the attachment is no statement: {why}");
        let kind: Kind = serde_json::from_slice(json).map_err(fault)?;
        if kind.format == report::FORMAT {
            return serde_json::from_slice(json)
                .map(|report| Self::Report(Box::new(report)))
                .map_err(fault);
        }
        serde_json::from_slice(json)
            .map(|receipt| Self::Receipt(Box::new(receipt)))
            .map_err(|why| format!("receipt.json is not a receipt's statement: {why}"))
    }

    fn agrees(
        &self,
        document: &Document<'_>,
        json: &[u8],
        signer: Option<&Certificate>,
        signing_time: Option<i64>,
    ) -> Result<(String, String), String> {
        match self {
            Self::Receipt(receipt) => agreement(document, json, receipt, signer, signing_time),
            Self::Report(stated) => {
                names_its_signer(&stated.signer, &stated.signer_serial, signer)?;
                report::agreement(document, stated)
            }
        }
    }
}

/// The statement must name the certificate that signed it.
fn names_its_signer(
    subject: &str,
    serial: &str,
    signer: Option<&Certificate>,
) -> Result<(), String> {
    match signer {
        Some(signer) if subject != signer.subject() || serial != signer.serial_hex() => {
            Err("the statement names another signer".to_owned())
        }
        _ => Ok(()),
    }
}

/// The attached JSON: exact bytes, and the statement.
fn attachment(document: &Document<'_>) -> Parse<(Vec<u8>, Statement)> {
    let catalog = document.dictionary(&document.trailer, "Root")?;
    let files = document.array(&catalog, "AF")?;
    let [file] = files.as_slice() else {
        return Err("a receipt has exactly one attachment".to_owned());
    };
    // The name tree that viewers show must lead to the same file.
    let names = document.dictionary(&catalog, "Names")?;
    let embedded = document.dictionary(&names, "EmbeddedFiles")?;
    let list = document.array(&embedded, "Names")?;
    if list.len() != 2 || list[1].value != file.value {
        return Err("the list of attachments names another file".to_owned());
    }
    let Value::Dictionary(specification) = document.resolve(&file.value)? else {
        return Err("the attachment is not described".to_owned());
    };
    let places = document.dictionary(&specification, "EF")?;
    let place = places.value("F").ok_or("the attachment is empty")?;
    if places.value("UF").is_some_and(|other| other != place) {
        return Err("the attachment has two contents".to_owned());
    }
    let (_, json) = document.stream(place)?;
    let statement = Statement::read(&json)?;
    Ok((json, statement))
}

/// Compares what the page shows with what the attachment states.
fn agreement(
    document: &Document<'_>,
    json: &[u8],
    statement: &Attachment,
    signer: Option<&Certificate>,
    signing_time: Option<i64>,
) -> Result<(String, String), String> {
    let mut wanted = statement.printed()?;
    wanted.retain(|field| !field.text.is_empty());
    let [digest, signed_at] = signature_fields(json, signing_time.unwrap_or(0));
    wanted.push(digest);
    if signing_time.is_some() {
        wanted.push(signed_at);
    }
    let mut shown = page_texts(document)?;
    if signing_time.is_none() {
        shown.retain(|(name, _)| name != b"signed_at");
    }
    for (field, (name, text)) in wanted.iter().zip(&shown) {
        if field.name.as_bytes() != name.as_slice() || field.text != *text {
            return Err(format!(
                "{}: “{}” / “{text}”",
                crate::data::field_in_words(field.name),
                field.text
            ));
        }
    }
    if wanted.len() != shown.len() {
        return Err(format!(
            "{} fields are stated, {} are shown",
            wanted.len(),
            shown.len()
        ));
    }
    names_its_signer(&statement.signer, &statement.signer_serial, signer)?;
    Ok(both(
        format!("附件与票面 {} 处文字逐字一致，金额自洽", shown.len()),
        format!(
            "attachment and page agree in all {} texts; the amounts add up",
            shown.len()
        ),
    ))
}

/// Every text of the page's changing content, by its mark.
fn page_texts(document: &Document<'_>) -> Parse<Vec<(Vec<u8>, String)>> {
    let catalog = document.dictionary(&document.trailer, "Root")?;
    let pages = document.dictionary(&catalog, "Pages")?;
    let kids = document.array(&pages, "Kids")?;
    let [page] = kids.as_slice() else {
        return Err("a receipt has one page".to_owned());
    };
    let Value::Dictionary(page) = document.resolve(&page.value)? else {
        return Err("the page cannot be read".to_owned());
    };
    let contents = document.array(&page, "Contents")?;
    let [_, changing] = contents.as_slice() else {
        return Err("the page is not built as a receipt's".to_owned());
    };
    let (_, content) = document.stream(&changing.value)?;
    let resources = document.dictionary(&page, "Resources")?;
    let fonts = document.dictionary(&resources, "Font")?;
    let second = document.dictionary(&fonts, "F2")?;
    let map = second
        .value("ToUnicode")
        .ok_or("a font has no ToUnicode map")?;
    let rare = rare_characters(&document.stream(map)?.1);

    let mut lexer = Lexer::new(&content, 0);
    let mut texts: Vec<(Vec<u8>, String)> = Vec::new();
    let mut open = false;
    let mut last = Value::Null;
    while let Some(node) = lexer.value(0)? {
        let Value::Word(word) = node.value else {
            last = node.value;
            continue;
        };
        match (word.as_slice(), std::mem::replace(&mut last, Value::Null)) {
            (b"BMC", Value::Name(name)) if !open => {
                texts.push((name, String::new()));
                open = true;
            }
            (b"EMC", _) if open => open = false,
            (b"Tj", Value::Text(codes)) if open => {
                if let Some((_, text)) = texts.last_mut() {
                    decode(&codes, &rare, text);
                }
            }
            (b"BMC" | b"EMC" | b"Tj" | b"TJ" | b"'" | b"\"" | b"BI" | b"BDC", _) => {
                return Err("the page shows something outside its fields".to_owned());
            }
            _ => {}
        }
    }
    Ok(texts)
}

/// CIDs D800 and up of this receipt, in order.
fn rare_characters(map: &[u8]) -> Vec<(u16, char)> {
    let text = String::from_utf8_lossy(map);
    let mut found = Vec::new();
    for section in text.split("beginbfchar").skip(1) {
        let section = section.split("endbfchar").next().unwrap_or_default();
        let mut words = section
            .split_whitespace()
            .map(|word| word.trim_start_matches('<').trim_end_matches('>'));
        while let (Some(cid), Some(units)) = (words.next(), words.next()) {
            let units: Option<Vec<u16>> = units
                .as_bytes()
                .chunks(4)
                .map(|digits| {
                    std::str::from_utf8(digits)
                        .ok()
                        .and_then(|digits| u16::from_str_radix(digits, 16).ok())
                })
                .collect();
            if let (Ok(cid), Some(units)) = (u16::from_str_radix(cid, 16), units)
                && let Ok(character) = String::from_utf16(&units)
                && let Some(c) = character.chars().next()
            {
                found.push((cid, c));
            }
        }
    }
    found
}

fn decode(codes: &[u8], rare: &[(u16, char)], text: &mut String) {
    for pair in codes.chunks(2) {
        let cid = u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
        let c = char::from_u32(u32::from(cid)).or_else(|| {
            rare.iter()
                .find(|(known, _)| *known == cid)
                .map(|(_, c)| *c)
        });
        text.push(c.unwrap_or('\u{fffd}'));
    }
}
