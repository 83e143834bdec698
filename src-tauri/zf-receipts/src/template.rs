//! The PDF writer: a constant prefix built once a signer, then one pass a receipt.
//!
//! Object numbers are fixed, so that everything that refers to something is constant. Objects 1 to
//! 18 lie in the prefix; 19 (font program of F2), 20 (page content), 21 (QR image), 22 (attached
//! JSON), 23 (signature) and, only for characters beyond the basic plane, 24 (their ToUnicode map)
//! are written for each receipt. The signature's Contents is a hole of exactly the largest
//! envelope; ByteRange is patched before hashing.

use std::collections::BTreeSet;

use zf_crypto::digest::{Sm3Stream, hex_lower, hex_upper, sm3};
use zf_domain::Timestamp;

use crate::cms::Envelope;
use crate::content::{StaticText, date, decimal, deflate, number, unicode};
use crate::data::{Attachment, PrintedField, ReceiptData};
use crate::error::{Error, Result};
use crate::font::{Font, GlyphRef};
use crate::layout::{self, CharSet, PAGE, SEAL_BOX, SignerWords, Writer, px, up};
use crate::qr;
use crate::seal;
use crate::signer::{Profile, Signer};

/// Reserved for the four numbers of ByteRange and its closing bracket.
const RANGE_LEN: usize = 35;
const OBJECTS: usize = 25;
pub(crate) const F1_NAME: &str = "ZFAAAA+NotoSansSC-Regular";
const F2_NAME: &str = "ZFBBBB+NotoSansSC-Regular";

/// The constant beginning of a kind of receipt.
struct Prefix {
    bytes: Vec<u8>,
    offsets: [usize; OBJECTS],
    /// SM3 after `bytes`.
    state: Sm3Stream,
}

/// Everything that stays the same from one receipt of a signer to the next. Building one takes
/// some tens of milliseconds; issuing from it well under one. It may be shared among threads.
pub struct Template {
    pub(crate) signer: Signer,
    pub(crate) signer_subject: String,
    pub(crate) signer_serial: String,
    pub(crate) font: Font,
    shared: CharSet,
    envelope: Envelope,
    /// By demonstration or not, and by characters beyond the basic plane or not.
    prefixes: [Prefix; 4],
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({})", self.signer_subject)
    }
}

impl Template {
    /// Prepares receipts of one signer.
    ///
    /// `font`: bytes of an OpenType font with 1,000 units an em, such as the Noto Sans SC file in
    /// `assets/fonts`.
    ///
    /// # Errors
    /// `Font` when the font cannot be used; `MissingCharacter` when it lacks a character of the
    /// signer's name.
    pub fn new(font: &[u8], signer: Signer, profile: Profile) -> Result<Self> {
        let font = Font::new(font)?;
        let own = signer.certificate();
        let name = own.common_name();
        let serial = own.serial_hex();
        let subject = own.subject();
        let words = SignerWords {
            name: &name,
            serial: &serial,
        };
        let seal = drawn_seal(&font, &signer, "收款专用章");
        let pages = [false, true].map(|demo| layout::static_content(&font, &words, demo));

        let mut characters = layout::common_characters();
        for text in [&seal, &pages[0], &pages[1]] {
            characters.extend(&text.used);
        }
        let program = first_font(&font, &characters)?;
        let shared = CharSet::new(&characters);
        let common = Common {
            widths: font.widths()?,
            program: deflate(&program),
            map: deflate(&layout::unicode_map(&[])),
            seal: deflate(&seal.out),
            icc: deflate(&crate::icc::srgb()),
            signer: &name,
        };
        let kinds = [(0, false), (1, false), (0, true), (1, true)];
        let prefixes = kinds.map(|(page, beyond)| {
            let demo = page == 1;
            prefix(&font, &common, &deflate(&pages[page].out), demo, beyond)
        });
        Ok(Self {
            envelope: Envelope::new(&signer, profile)?,
            signer,
            signer_subject: subject,
            signer_serial: serial,
            font,
            shared,
            prefixes,
        })
    }

    /// The signer.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Writes and signs one receipt. The same data, time and key give the same bytes.
    ///
    /// # Errors
    /// `MissingCharacter`, `TooLong`, `Empty`, `Amount` when the data cannot be stated; nothing is
    /// signed then. `SigningTime` outside 1970 to 2049.
    pub fn issue(&self, data: &ReceiptData, signing_time: Timestamp) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.issue_into(data, signing_time, &mut out)?;
        Ok(out)
    }

    /// As [`Template::issue`], into a buffer that is cleared first and may be used again.
    ///
    /// # Errors
    /// As [`Template::issue`]; the buffer's content is then of no use.
    pub fn issue_into(
        &self,
        data: &ReceiptData,
        signing_time: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let statement = Attachment::of(data, &self.signer_subject, &self.signer_serial)?;
        let json = serde_json::to_vec(&statement)
            .map_err(|_| Error::Internal("writing the attachment"))?;
        let mut fields = statement
            .printed()
            .map_err(|_| Error::Internal("stating the receipt"))?;
        fields.extend(signature_fields(&json, signing_time.seconds()));
        let symbol = qr::symbol(&data.qr_payload)?;

        let mut page = Writer::new(&self.font, &self.shared);
        page.fields(&fields)?;
        page.qr();

        let rare = !page.beyond.is_empty();
        let prefix = &self.prefixes[usize::from(data.demo) + 2 * usize::from(rare)];
        out.clear();
        out.reserve(prefix.bytes.len() + 20_000);
        out.extend_from_slice(&prefix.bytes);
        let mut offsets = prefix.offsets;

        offsets[20] = out.len();
        stream(out, 20, "", &page.out);

        let map = page.second_map();
        let glyphs = page.second_font();
        let mut program = Vec::with_capacity(glyphs.len() * 200 + 256);
        self.font.assemble(F2_NAME, &glyphs, &mut program);
        offsets[19] = out.len();
        stream(out, 19, "/Subtype/CIDFontType0C", &program);
        if rare {
            offsets[24] = out.len();
            stream(out, 24, "", &map);
        }

        offsets[21] = out.len();
        let image = format!(
            "/Type/XObject/Subtype/Image/Width {0}/Height {0}/ColorSpace/DeviceGray/BitsPerComponent 1",
            symbol.size
        );
        stream(out, 21, &image, &symbol.rows);

        offsets[22] = out.len();
        let mut attached =
            b"/Type/EmbeddedFile/Subtype/application#2Fjson/Params<</ModDate".to_vec();
        date(&mut attached, &signing_time.to_beijing());
        attached.extend_from_slice(b"/Size ");
        decimal(&mut attached, u32::try_from(json.len()).unwrap_or(0));
        attached.extend_from_slice(b">>");
        stream(out, 22, &String::from_utf8_lossy(&attached), &json);

        offsets[23] = out.len();
        let hole = self.signature_object(out, 23, "出具收款凭证", signing_time);

        let xref = out.len();
        let count = if rare { OBJECTS } else { OBJECTS - 1 };
        cross_references(out, &offsets[..count], &data.serial_no, xref);

        self.seal_up(
            out,
            hole,
            prefix.state.clone(),
            prefix.bytes.len(),
            signing_time,
        )
    }

    /// Fills in ByteRange and the signature. `state` has seen the first `seen` bytes already.
    pub(crate) fn seal_up(
        &self,
        out: &mut [u8],
        (range, open, close): (usize, usize, usize),
        mut state: Sm3Stream,
        seen: usize,
        signing_time: Timestamp,
    ) -> Result<()> {
        // ByteRange: everything but the hexadecimal string with its brackets.
        let tail = out.len() - close;
        let text = format!("0 {open} {close} {tail}]");
        let place = &mut out[range..range + RANGE_LEN];
        place.fill(b' ');
        place
            .get_mut(..text.len())
            .ok_or(Error::Internal("placing the ByteRange"))?
            .copy_from_slice(text.as_bytes());

        state.update(&out[seen..open]);
        state.update(&out[close..]);
        let envelope = self
            .envelope
            .sign(&self.signer, &state.finish(), signing_time.seconds())?;
        let digits = hex_lower(&envelope);
        out.get_mut(open + 1..open + 1 + digits.len())
            .filter(|_| open + 1 + digits.len() < close)
            .ok_or(Error::Internal("placing the signature"))?
            .copy_from_slice(digits.as_bytes());
        Ok(())
    }

    /// Writes the signature dictionary; returns where ByteRange's numbers go, and the hole with its
    /// brackets.
    pub(crate) fn signature_object(
        &self,
        out: &mut Vec<u8>,
        object: usize,
        reason: &str,
        signing_time: Timestamp,
    ) -> (usize, usize, usize) {
        out.extend_from_slice(format!("{object} 0 obj\n").as_bytes());
        out.extend_from_slice(b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/M");
        date(out, &signing_time.to_beijing());
        out.extend_from_slice(b"/Name");
        out.extend_from_slice(unicode(&self.signer.certificate().common_name()).as_bytes());
        out.extend_from_slice(b"/Reason");
        out.extend_from_slice(unicode(reason).as_bytes());
        out.extend_from_slice(
            b"/Reference[<</Type/SigRef/TransformMethod/DocMDP\
            /TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]/ByteRange[",
        );
        let range = out.len();
        out.resize(range + RANGE_LEN, b' ');
        out.extend_from_slice(b"/Contents");
        let open = out.len();
        out.push(b'<');
        out.resize(open + 1 + 2 * self.envelope.length_max, b'0');
        out.push(b'>');
        let close = out.len();
        out.extend_from_slice(b">>\nendobj\n");
        (range, open, close)
    }
}

/// The two printed lines that depend on the signature: the digest of the attachment and the time.
pub(crate) fn signature_fields(json: &[u8], signing_time: i64) -> [PrintedField; 2] {
    let digest = hex_lower(&sm3(json));
    let mut grouped = String::with_capacity(80);
    for (at, digit) in digest.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    let time = Timestamp::from_seconds(signing_time).to_beijing();
    [
        PrintedField {
            name: "digest",
            text: grouped,
        },
        PrintedField {
            name: "signed_at",
            text: format!("签署时间 {time} UTC+8"),
        },
    ]
}

/// The seal of a signer. It carries the organization, which receives the money.
pub(crate) fn drawn_seal(font: &Font, signer: &Signer, purpose: &str) -> StaticText {
    let own = signer.certificate();
    let serial = own.serial_hex();
    let number = match serial.len() {
        0..=12 => serial.clone(),
        long => format!("{} {}", &serial[..4], &serial[long - 8..]),
    };
    let organization = organization_of(&own.subject()).unwrap_or_else(|| own.common_name());
    seal::draw(font, &organization, purpose, &number)
}

/// The O= part of an RFC 4514 name.
fn organization_of(subject: &str) -> Option<String> {
    subject
        .split(',')
        .find_map(|part| part.trim().strip_prefix("O="))
        .map(|name| name.replace('\\', ""))
        .filter(|name| !name.is_empty())
}

/// The font program every receipt of the signer shares.
pub(crate) fn first_font(font: &Font, characters: &BTreeSet<char>) -> Result<Vec<u8>> {
    let mut glyphs: Vec<(u16, GlyphRef<'_>)> = Vec::with_capacity(characters.len());
    for c in characters {
        let missing = || Error::MissingCharacter {
            field: "签名人名称 (the signer's name)",
            character: *c,
            code: u32::from(*c),
        };
        let cid = u16::try_from(u32::from(*c)).map_err(|_| missing())?;
        glyphs.push((cid, font.glyph(*c).ok_or_else(missing)?));
    }
    let mut out = Vec::new();
    font.assemble(F1_NAME, &glyphs, &mut out);
    Ok(out)
}

pub(crate) fn stream(out: &mut Vec<u8>, number: u32, keys: &str, data: &[u8]) {
    decimal(out, number);
    out.extend_from_slice(b" 0 obj\n<<");
    out.extend_from_slice(keys.as_bytes());
    out.extend_from_slice(b"/Length ");
    decimal(out, u32::try_from(data.len()).unwrap_or(0));
    out.extend_from_slice(b">>\nstream\n");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\nendstream\nendobj\n");
}

pub(crate) fn cross_references(out: &mut Vec<u8>, offsets: &[usize], serial_no: &str, xref: usize) {
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len()).as_bytes());
    for offset in &offsets[1..] {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let id = hex_upper(&sm3(serial_no.as_bytes())[..16]);
    out.extend_from_slice(
        format!(
            "trailer\n<</Size {}/Root 1 0 R/ID[<{id}><{id}>]>>\nstartxref\n{xref}\n%%EOF\n",
            offsets.len()
        )
        .as_bytes(),
    );
}

/// Pieces all four prefixes share.
struct Common<'a> {
    widths: String,
    program: Vec<u8>,
    map: Vec<u8>,
    seal: Vec<u8>,
    icc: Vec<u8>,
    signer: &'a str,
}

pub(crate) const FLATE: &str = "/Filter/FlateDecode";

fn prefix(font: &Font, common: &Common<'_>, page: &[u8], demo: bool, beyond: bool) -> Prefix {
    let mut out = Vec::with_capacity(48_000);
    let mut offsets = [0; OBJECTS];
    // The second line's bytes tell transfer programs that this is binary.
    out.extend_from_slice(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    let mut object = |out: &mut Vec<u8>, number: usize, body: &str| {
        offsets[number] = out.len();
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    };
    object(
        &mut out,
        1,
        "<</Type/Catalog/Version/1.7/Pages 2 0 R/Lang(zh-CN)/Metadata 16 0 R\
        /OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)\
        /Info(sRGB)/DestOutputProfile 17 0 R>>]\
        /AcroForm<</Fields[4 0 R]/SigFlags 3>>\
        /Names<</EmbeddedFiles<</Names[(receipt.json)18 0 R]>>>>/AF[18 0 R]\
        /ViewerPreferences<</DisplayDocTitle true>>/Perms<</DocMDP 23 0 R>>>>",
    );
    object(&mut out, 2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
    let mut media = Vec::new();
    number(&mut media, PAGE.0);
    media.push(b' ');
    number(&mut media, PAGE.1);
    let media = String::from_utf8_lossy(&media).into_owned();
    object(
        &mut out,
        3,
        &format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {media}]\
            /Resources<</Font<</F1 7 0 R/F2 12 0 R>>/XObject<</Q 21 0 R>>>>\
            /Contents[6 0 R 20 0 R]/Annots[4 0 R]>>"
        ),
    );
    let mut rect = Vec::new();
    let [left, _, _, bottom] = SEAL_BOX;
    for edge in [
        px(left),
        up(bottom),
        px(left) + seal::SIDE,
        up(bottom) + seal::SIDE,
    ] {
        number(&mut rect, edge);
        rect.push(b' ');
    }
    let rect = String::from_utf8_lossy(&rect).trim_end().to_owned();
    object(
        &mut out,
        4,
        &format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/V 23 0 R/P 3 0 R/F 132\
            /Rect[{rect}]/AP<</N 5 0 R>>/TU{}>>",
            unicode(&format!("电子签名：{}", common.signer))
        ),
    );
    let mut side = Vec::new();
    number(&mut side, seal::SIDE);
    let side = String::from_utf8_lossy(&side).into_owned();
    let keys = format!(
        "/Type/XObject/Subtype/Form/BBox[0 0 {side} {side}]\
        /Resources<</Font<</F1 7 0 R>>>>{FLATE}"
    );
    let mut filed = |out: &mut Vec<u8>, number: usize, keys: &str, data: &[u8]| {
        offsets[number] = out.len();
        stream(out, u32::try_from(number).unwrap_or(0), keys, data);
    };
    filed(&mut out, 5, &keys, &common.seal);
    filed(&mut out, 6, FLATE, page);
    filed(
        &mut out,
        10,
        &format!("/Subtype/CIDFontType0C{FLATE}"),
        &common.program,
    );
    filed(&mut out, 11, FLATE, &common.map);
    filed(&mut out, 17, &format!("/N 3{FLATE}"), &common.icc);
    let title = if demo {
        "收款凭证（演示）"
    } else {
        "收款凭证"
    };
    filed(
        &mut out,
        16,
        "/Type/Metadata/Subtype/XML",
        metadata(title, common.signer).as_bytes(),
    );
    let mut object = |out: &mut Vec<u8>, number: usize, body: &str| {
        offsets[number] = out.len();
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    };
    let fonts = [
        (7, F1_NAME, 10, 11),
        (12, F2_NAME, 19, if beyond { 24 } else { 11 }),
    ];
    for (first, name, program, map) in fonts {
        object(
            &mut out,
            first,
            &format!(
                "<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H\
                /DescendantFonts[{} 0 R]/ToUnicode {map} 0 R>>",
                first + 1
            ),
        );
        object(
            &mut out,
            first + 1,
            &format!(
                "<</Type/Font/Subtype/CIDFontType0/BaseFont/{name}\
                /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
                /FontDescriptor {} 0 R/DW 1000/W 15 0 R>>",
                first + 2
            ),
        );
        let [x0, y0, x1, y1] = font.bounding_box;
        object(
            &mut out,
            first + 2,
            &format!(
                "<</Type/FontDescriptor/FontName/{name}/Flags 4/FontBBox[{x0} {y0} {x1} {y1}]\
                /ItalicAngle 0/Ascent {}/Descent {}/CapHeight {}/StemV 80/FontFile3 {program} 0 R>>",
                font.ascent, font.descent, font.capital_height
            ),
        );
    }
    object(&mut out, 15, &common.widths);
    object(
        &mut out,
        18,
        &format!(
            "<</Type/Filespec/F(receipt.json)/UF(receipt.json)/Desc{}\
            /AFRelationship/Data/EF<</F 22 0 R/UF 22 0 R>>>>",
            unicode("凭证数据 receipt data")
        ),
    );
    // Whole blocks of SM3, so that the kept state leaves nothing over.
    out.push(b'%');
    while out.len() % 64 != 63 {
        out.push(b'-');
    }
    out.push(b'\n');
    let mut state = Sm3Stream::new();
    state.update(&out);
    Prefix {
        bytes: out,
        offsets,
        state,
    }
}

/// XMP: what PDF/A wants to read, and nothing that could contradict the receipt.
pub(crate) fn metadata(title: &str, signer: &str) -> String {
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let (title, signer) = (escaped(title), escaped(signer));
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
        <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
        <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
        <rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" \
        xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">\
        <pdfaid:part>3</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>\
        <dc:format>application/pdf</dc:format>\
        <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\
        <dc:creator><rdf:Seq><rdf:li>{signer}</rdf:li></rdf:Seq></dc:creator>\
        <dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language>\
        <xmp:CreatorTool>Zhangfang</xmp:CreatorTool>\
        </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>"
    )
}
