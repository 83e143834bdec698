//! Signed reports: A4 pages of plain blocks, with the same kind of signature as a receipt and the same
//! ten rules at the verifier.
//!
//! The file carries its statement (`report.json`): the digest people signed, the text that digest is
//! over, and every text of every page in order. The verifier reads the pages again and compares.
//! One revision, one signature over the whole file; objects are numbered as they are written.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use zf_crypto::digest::{Sm3Stream, hex_lower, sm3};
use zf_domain::Timestamp;

use crate::content::{code, date, decimal, deflate, number, op, unicode};
use crate::error::{Error, Result};
use crate::font::Font;
use crate::layout::{text_width, unicode_map};
use crate::read::{Document, Lexer, Parse, Value};
use crate::seal;
use crate::template::{
    F1_NAME, FLATE, Template, cross_references, drawn_seal, first_font, metadata, stream,
};

/// What `report.json` calls itself.
pub(crate) const FORMAT: &str = "zhangfang-report/1";
/// The largest text that is attached beside its digest, bytes; a longer one is named by its digest alone.
const CONTENT_BYTES_MAX: usize = 4 << 20;

// Hundredths of a point; A4 upright.
const WIDTH: i32 = 59_528;
const HEIGHT: i32 = 84_189;
const LEFT: i32 = 4_250;
const RIGHT: i32 = WIDTH - LEFT;
const TOP: i32 = HEIGHT - 4_600;
const BOTTOM: i32 = 5_400;
const BODY: i32 = 900;
const SMALL: i32 = 750;
const LEADING: i32 = 1_320;
const GAP: i32 = 300;

/// One column of a report's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportColumn {
    /// Its heading.
    pub title: String,
    /// Its share of the width.
    pub weight: u16,
    /// Whether its cells end at the right edge, as amounts do.
    pub right: bool,
}

/// A piece of a report, one below the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ReportBlock {
    /// A heading.
    Heading {
        /// Its words.
        text: String,
    },
    /// Names with their values.
    Facts {
        /// Name and value, line by line.
        facts: Vec<(String, String)>,
    },
    /// A table; its heading row stands on each page it reaches.
    Table {
        /// The columns.
        columns: Vec<ReportColumn>,
        /// Cells, row by row.
        rows: Vec<Vec<String>>,
    },
    /// A sentence or several.
    Note {
        /// The words.
        text: String,
    },
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportData {
    /// Printed large, and the document's title.
    pub title: String,
    /// Under the title.
    pub subtitle: String,
    /// A name of this report among others of its kind.
    pub number: String,
    /// The merchant whose report it is.
    pub merchant_name: String,
    /// The words before the digest in the footer of each page.
    pub digest_label: String,
    /// SM3 that people signed, lower-case hexadecimal; `None` while there is nothing to sign.
    pub digest: Option<String>,
    /// The text the digest is over, byte for byte.
    pub content: Option<String>,
    /// Large across each page, of what is not final; `None` for a final report.
    pub mark: Option<String>,
    /// Of a demonstration.
    pub demo: bool,
    /// When it was made.
    pub made_at: Timestamp,
    /// The pieces.
    pub blocks: Vec<ReportBlock>,
}

/// What a signed report states about itself, as read back from the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportStatement {
    /// Which kind of statement this is.
    pub format: String,
    /// The report's own title.
    pub title: String,
    /// A name of this report among others of its kind.
    pub number: String,
    /// The merchant whose report it is.
    pub merchant_name: String,
    /// SM3 that people signed, lower-case hexadecimal.
    pub digest: Option<String>,
    /// The text that digest is over; absent when it is too long to travel along.
    pub content: Option<String>,
    /// Whether it was final when it was made.
    pub last_word: bool,
    /// Of a demonstration.
    pub demo: bool,
    /// When it was made, RFC 3339 in Beijing time.
    pub made_at: String,
    /// Subject of the signer's certificate.
    pub signer: String,
    /// Serial number of the signer's certificate.
    pub signer_serial: String,
    /// Every text shown, page by page, in order.
    pub pages: Vec<Vec<String>>,
}

/// A signed report.
#[derive(Debug, Clone)]
pub struct SignedReport {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// How many pages.
    pub pages: usize,
}

/// A page being drawn.
#[derive(Default)]
struct Page {
    out: Vec<u8>,
    texts: Vec<String>,
}

struct Layout<'a> {
    font: &'a Font,
    used: BTreeSet<char>,
    pages: Vec<Page>,
    y: i32,
}

/// Grey levels in hundredths.
const INK: i32 = 11;
const GREY: i32 = 42;
const RULE: i32 = 82;
const FAINT: i32 = 91;

impl<'a> Layout<'a> {
    fn new(font: &'a Font) -> Self {
        Self {
            font,
            used: BTreeSet::new(),
            pages: vec![Page::default()],
            y: TOP,
        }
    }

    fn page(&mut self) -> &mut Page {
        if self.pages.is_empty() {
            self.pages.push(Page::default());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// What the font can print: anything else becomes 〓, the printers' sign for a missing type.
    fn printable(&self, text: &str) -> String {
        text.chars()
            .map(|c| match c {
                '\n' | '\r' | '\t' => ' ',
                '\u{2212}' => '-',
                c if u32::from(c) <= 0xffff && self.font.glyph(c).is_some() => c,
                _ => '〓',
            })
            .collect()
    }

    /// Draws a text whose baseline begins at a place.
    fn text(&mut self, x: i32, y: i32, size: i32, grey: i32, text: &str) {
        if text.is_empty() {
            return;
        }
        self.used.extend(text.chars());
        let page = self.page();
        let out = &mut page.out;
        op(out, &[], "BT");
        op(out, &[grey], "g");
        out.extend_from_slice(b"/F1 ");
        op(out, &[size], "Tf");
        op(out, &[x, y], "Td");
        out.push(b'(');
        for c in text.chars() {
            code(out, u16::try_from(u32::from(c)).unwrap_or(0));
        }
        out.extend_from_slice(b")Tj\n");
        op(out, &[], "ET");
        page.texts.push(text.to_owned());
    }

    fn rule(&mut self, y: i32, grey: i32) {
        let out = &mut self.page().out;
        op(out, &[grey], "G");
        op(out, &[50], "w");
        op(out, &[LEFT, y], "m");
        op(out, &[RIGHT, y], "l");
        op(out, &[], "S");
    }

    fn band(&mut self, y: i32, height: i32, grey: i32) {
        let out = &mut self.page().out;
        op(out, &[grey], "g");
        op(out, &[LEFT, y, RIGHT - LEFT, height], "re");
        op(out, &[], "f");
    }

    fn turn(&mut self) {
        self.pages.push(Page::default());
        self.y = TOP;
    }

    /// Goes to the next page unless this much height is left.
    fn need(&mut self, height: i32) -> bool {
        if self.y - height >= BOTTOM {
            return false;
        }
        self.turn();
        true
    }

    /// Breaks a text into lines of at most this width: at blanks and between Chinese characters where
    /// it can, within a word where it must.
    fn lines(&self, text: &str, size: i32, width: i32) -> Vec<String> {
        let text = self.printable(text);
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut taken = 0;
        // Bytes of the line after which it may break.
        let mut may = 0;
        for c in text.trim().chars() {
            let wide = text_width(self.font, c.encode_utf8(&mut [0; 4]), size);
            if taken + wide > width && !line.is_empty() {
                let rest = if may > 0 && may < line.len() {
                    line.split_off(may)
                } else {
                    String::new()
                };
                lines.push(line.trim_end().to_owned());
                line = rest.trim_start().to_owned();
                taken = text_width(self.font, &line, size);
                may = 0;
            }
            if c == ' ' && line.is_empty() {
                continue;
            }
            if u32::from(c) >= 0x2e80 && !"，。、；：）》」".contains(c) {
                may = line.len();
            }
            line.push(c);
            taken += wide;
            if c == ' ' || c == '/' || c == ',' || "，。、；：".contains(c) {
                may = line.len();
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }

    fn head(&mut self, data: &ReportData, beside: i32) {
        let title = self.printable(&data.title);
        let (title_size, y) = (1_800, self.y - 1_800);
        self.text(LEFT, y, title_size, INK, &title);
        self.y = y - 1_700;
        for line in self.lines(&data.subtitle, BODY, RIGHT - LEFT - beside) {
            let y = self.y;
            self.text(LEFT, y, BODY, GREY, &line);
            self.y -= LEADING;
        }
    }

    fn block(&mut self, block: &ReportBlock) {
        match block {
            ReportBlock::Heading { text } => {
                self.need(5 * LEADING);
                self.y -= LEADING + GAP;
                let (text, y) = (self.printable(text), self.y);
                self.text(LEFT, y, 1_150, INK, &text);
                self.y -= 520;
                let y = self.y;
                self.rule(y, GREY);
                self.y -= GAP;
            }
            ReportBlock::Facts { facts } => {
                let value_at = LEFT + 11_000;
                for (name, value) in facts {
                    let lines = self.lines(value, BODY, RIGHT - value_at);
                    let name = self.lines(name, BODY, 10_500);
                    let high = lines.len().max(name.len());
                    self.need(i32::try_from(high).unwrap_or(1) * LEADING);
                    for at in 0..high {
                        self.y -= LEADING;
                        let y = self.y;
                        if let Some(name) = name.get(at) {
                            self.text(LEFT, y, BODY, GREY, name);
                        }
                        if let Some(line) = lines.get(at) {
                            self.text(value_at, y, BODY, INK, line);
                        }
                    }
                }
                self.y -= GAP;
            }
            ReportBlock::Note { text } => {
                for line in self.lines(text, BODY, RIGHT - LEFT) {
                    self.need(LEADING);
                    self.y -= LEADING;
                    let y = self.y;
                    self.text(LEFT, y, BODY, GREY, &line);
                }
                self.y -= GAP;
            }
            ReportBlock::Table { columns, rows } => self.table(columns, rows),
        }
    }

    fn table(&mut self, columns: &[ReportColumn], rows: &[Vec<String>]) {
        const PAD: i32 = 350;
        let weights: i32 = columns.iter().map(|c| i32::from(c.weight)).sum();
        let room = RIGHT - LEFT;
        let mut edges = vec![LEFT];
        let mut sum = 0;
        for column in columns {
            sum += i32::from(column.weight);
            edges.push(LEFT + room * sum / weights.max(1));
        }
        let titles: Vec<String> = columns.iter().map(|c| c.title.clone()).collect();
        self.need(4 * LEADING);
        self.row(columns, &edges, &titles, true, PAD);
        for row in rows {
            let high = (0..columns.len())
                .map(|at| {
                    let width = edges[at + 1] - edges[at] - PAD;
                    row.get(at)
                        .map_or(1, |cell| self.lines(cell, SMALL, width).len())
                })
                .max()
                .unwrap_or(1);
            if self.need(i32::try_from(high).unwrap_or(1) * 1_050 + 600) {
                self.row(columns, &edges, &titles, true, PAD);
            }
            self.row(columns, &edges, row, false, PAD);
        }
        self.y -= GAP;
    }

    fn row(
        &mut self,
        columns: &[ReportColumn],
        edges: &[i32],
        cells: &[String],
        head: bool,
        pad: i32,
    ) {
        const STEP: i32 = 1_050;
        let set: Vec<Vec<String>> = columns
            .iter()
            .enumerate()
            .map(|(at, _)| {
                let width = edges[at + 1] - edges[at] - pad;
                cells
                    .get(at)
                    .map(|cell| self.lines(cell, SMALL, width))
                    .unwrap_or_default()
            })
            .collect();
        let high = i32::try_from(set.iter().map(Vec::len).max().unwrap_or(1)).unwrap_or(1);
        let below = self.y - high * STEP - 500;
        if head {
            self.band(below, high * STEP + 500, 96);
        }
        for (at, lines) in set.iter().enumerate() {
            let mut y = self.y - 1_000;
            for line in lines {
                let x = if columns[at].right {
                    edges[at + 1] - pad / 2 - text_width(self.font, line, SMALL)
                } else {
                    edges[at] + pad / 2
                };
                self.text(x, y, SMALL, if head { GREY } else { INK }, line);
                y -= STEP;
            }
        }
        self.y = below;
        self.rule(below, RULE);
    }

    /// Mark and footer of every page, once their number is known.
    fn finish(&mut self, data: &ReportData) {
        let count = self.pages.len();
        let digest = data.digest.as_deref().map_or_else(
            || "—".to_owned(),
            |digest| {
                let mut grouped = String::with_capacity(80);
                for (at, digit) in digest.chars().enumerate() {
                    if at > 0 && at % 4 == 0 {
                        grouped.push(' ');
                    }
                    grouped.push(digit);
                }
                grouped
            },
        );
        let line = self.printable(&format!("{} {digest}", data.digest_label));
        let mark = data.mark.as_deref().map(|mark| self.printable(mark));
        let name = self.printable(&format!("{} · {}", data.merchant_name, data.number));
        let mut finished = Vec::with_capacity(count);
        let pages = std::mem::take(&mut self.pages);
        for (at, page) in pages.into_iter().enumerate() {
            // The mark lies under everything.
            self.pages = vec![Page::default()];
            if let Some(mark) = &mark {
                let size = 5_200;
                let x = (WIDTH - text_width(self.font, mark, size)) / 2;
                self.text(x, HEIGHT / 2, size, FAINT, mark);
            }
            {
                let under = self.page();
                under.out.extend_from_slice(&page.out);
                under.texts.extend(page.texts);
            }
            self.rule(4_500, RULE);
            self.text(LEFT, 3_600, SMALL, INK, &line);
            self.text(LEFT, 2_500, SMALL, GREY, &name);
            let place = format!("{} / {count}", at + 1);
            let x = RIGHT - text_width(self.font, &place, SMALL);
            self.text(x, 2_500, SMALL, GREY, &place);
            finished.append(&mut self.pages);
        }
        self.pages = finished;
    }
}

/// Objects, numbered from 1 in the order they are begun.
struct Objects {
    out: Vec<u8>,
    offsets: Vec<usize>,
}

impl Objects {
    fn put(&mut self, number: usize, body: &str) {
        self.note(number);
        self.out
            .extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }

    fn file(&mut self, number: usize, keys: &str, data: &[u8]) {
        self.note(number);
        stream(
            &mut self.out,
            u32::try_from(number).unwrap_or(0),
            keys,
            data,
        );
    }

    fn note(&mut self, number: usize) {
        if self.offsets.len() <= number {
            self.offsets.resize(number + 1, 0);
        }
        self.offsets[number] = self.out.len();
    }
}

const CATALOG: usize = 1;
const PAGES: usize = 2;
const FIELD: usize = 3;
const SEAL: usize = 4;
const FONT: usize = 5;
const DESCENDANT: usize = 6;
const DESCRIPTOR: usize = 7;
const PROGRAM: usize = 8;
const MAP: usize = 9;
const METADATA: usize = 10;
const PROFILE: usize = 11;
const SPECIFICATION: usize = 12;
const ATTACHED: usize = 13;
const SIGNATURE: usize = 14;
/// From here on a page and its content take turns.
const FIRST_PAGE: usize = 15;

impl Template {
    /// Lays a report out and signs it. The same data, time and key give the same bytes. What the font
    /// cannot print is shown as 〓.
    ///
    /// # Errors
    /// `SigningTime` outside 1970 to 2049; failures of cryptography.
    pub fn report(&self, data: &ReportData, signing_time: Timestamp) -> Result<SignedReport> {
        let mut layout = Layout::new(&self.font);
        let sealed = data.mark.is_none();
        layout.head(data, if sealed { seal::SIDE + 800 } else { 0 });
        for block in &data.blocks {
            layout.block(block);
        }
        layout.finish(data);
        let Layout { used, pages, .. } = layout;

        let statement = ReportStatement {
            format: FORMAT.to_owned(),
            title: data.title.clone(),
            number: data.number.clone(),
            merchant_name: data.merchant_name.clone(),
            digest: data.digest.clone(),
            content: data
                .content
                .clone()
                .filter(|c| c.len() <= CONTENT_BYTES_MAX),
            last_word: sealed,
            demo: data.demo,
            made_at: data.made_at.to_rfc3339_beijing(),
            signer: self.signer_subject.clone(),
            signer_serial: self.signer_serial.clone(),
            pages: pages.iter().map(|p| p.texts.clone()).collect(),
        };
        let json = serde_json::to_vec(&statement)
            .map_err(|_| Error::Internal("writing the attachment"))?;
        let mut objects = Objects {
            out: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            offsets: vec![0],
        };
        self.frame(&mut objects, data, &used, &pages, sealed)?;
        let mut attached =
            b"/Type/EmbeddedFile/Subtype/application#2Fjson/Params<</ModDate".to_vec();
        date(&mut attached, &signing_time.to_beijing());
        attached.extend_from_slice(b"/Size ");
        decimal(&mut attached, u32::try_from(json.len()).unwrap_or(0));
        attached.extend_from_slice(format!(">>{FLATE}").as_bytes());
        objects.file(
            ATTACHED,
            &String::from_utf8_lossy(&attached),
            &deflate(&json),
        );
        objects.note(SIGNATURE);
        let Objects { mut out, offsets } = objects;
        let hole = self.signature_object(&mut out, SIGNATURE, &data.title, signing_time);
        let xref = out.len();
        cross_references(&mut out, &offsets, &data.number, xref);
        self.seal_up(&mut out, hole, Sm3Stream::new(), 0, signing_time)?;
        Ok(SignedReport {
            bytes: out,
            pages: pages.len(),
        })
    }

    /// Everything but the attachment and the signature.
    fn frame(
        &self,
        objects: &mut Objects,
        data: &ReportData,
        used: &BTreeSet<char>,
        pages: &[Page],
        sealed: bool,
    ) -> Result<()> {
        let seal = drawn_seal(&self.font, &self.signer, "电子签章");
        let mut characters = used.clone();
        characters.extend(&seal.used);
        objects.put(
            CATALOG,
            &format!(
                "<</Type/Catalog/Version/1.7/Pages {PAGES} 0 R/Lang(zh-CN)/Metadata {METADATA} 0 R\
                /OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)\
                /Info(sRGB)/DestOutputProfile {PROFILE} 0 R>>]\
                /AcroForm<</Fields[{FIELD} 0 R]/SigFlags 3>>\
                /Names<</EmbeddedFiles<</Names[(report.json){SPECIFICATION} 0 R]>>>>/AF[{SPECIFICATION} 0 R]\
                /ViewerPreferences<</DisplayDocTitle true>>/Perms<</DocMDP {SIGNATURE} 0 R>>>>"
            ),
        );
        let kids: Vec<String> = (0..pages.len())
            .map(|at| format!("{} 0 R", FIRST_PAGE + 2 * at))
            .collect();
        objects.put(
            PAGES,
            &format!(
                "<</Type/Pages/Kids[{}]/Count {}>>",
                kids.join(" "),
                pages.len()
            ),
        );
        let length = |value: i32| {
            let mut out = Vec::new();
            number(&mut out, value);
            String::from_utf8_lossy(&out).into_owned()
        };
        let side = length(seal::SIDE);
        // A draft is signed as well, but bears no seal.
        let rect = if sealed {
            let (x, y) = (RIGHT - seal::SIDE, TOP - seal::SIDE + 1_200);
            [x, y, x + seal::SIDE, y + seal::SIDE].map(length).join(" ")
        } else {
            "0 0 0 0".to_owned()
        };
        objects.put(
            FIELD,
            &format!(
                "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/V {SIGNATURE} 0 R/P {FIRST_PAGE} 0 R/F 132\
                /Rect[{rect}]/AP<</N {SEAL} 0 R>>/TU{}>>",
                unicode(&format!("电子签名：{}", self.signer.certificate().common_name()))
            ),
        );
        objects.file(
            SEAL,
            &format!(
                "/Type/XObject/Subtype/Form/BBox[0 0 {side} {side}]\
                /Resources<</Font<</F1 {FONT} 0 R>>>>{FLATE}"
            ),
            &deflate(&seal.out),
        );
        self.font_objects(objects, &characters)?;
        let signer = self.signer.certificate().common_name();
        objects.file(
            METADATA,
            "/Type/Metadata/Subtype/XML",
            metadata(&data.title, &signer).as_bytes(),
        );
        objects.file(
            PROFILE,
            &format!("/N 3{FLATE}"),
            &deflate(&crate::icc::srgb()),
        );
        objects.put(
            SPECIFICATION,
            &format!(
                "<</Type/Filespec/F(report.json)/UF(report.json)/Desc{}\
                /AFRelationship/Data/EF<</F {ATTACHED} 0 R/UF {ATTACHED} 0 R>>>>",
                unicode("报告数据 report data")
            ),
        );
        let (width, height) = (length(WIDTH), length(HEIGHT));
        for (at, page) in pages.iter().enumerate() {
            let (this, content) = (FIRST_PAGE + 2 * at, FIRST_PAGE + 2 * at + 1);
            let annotations = if at == 0 {
                format!("/Annots[{FIELD} 0 R]")
            } else {
                String::new()
            };
            objects.put(
                this,
                &format!(
                    "<</Type/Page/Parent {PAGES} 0 R/MediaBox[0 0 {width} {height}]\
                    /Resources<</Font<</F1 {FONT} 0 R>>>>/Contents {content} 0 R{annotations}>>"
                ),
            );
            objects.file(content, FLATE, &deflate(&page.out));
        }
        Ok(())
    }

    fn font_objects(&self, objects: &mut Objects, characters: &BTreeSet<char>) -> Result<()> {
        let mut widths = String::from("[");
        for c in characters {
            if let Some(glyph) = self.font.glyph(*c) {
                widths.push_str(&format!("{}[{}]", u32::from(*c), glyph.width));
            }
        }
        widths.push(']');
        objects.put(
            FONT,
            &format!(
                "<</Type/Font/Subtype/Type0/BaseFont/{F1_NAME}/Encoding/Identity-H\
                /DescendantFonts[{DESCENDANT} 0 R]/ToUnicode {MAP} 0 R>>"
            ),
        );
        objects.put(
            DESCENDANT,
            &format!(
                "<</Type/Font/Subtype/CIDFontType0/BaseFont/{F1_NAME}\
                /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
                /FontDescriptor {DESCRIPTOR} 0 R/DW 1000/W {widths}>>"
            ),
        );
        let [x0, y0, x1, y1] = self.font.bounding_box;
        objects.put(
            DESCRIPTOR,
            &format!(
                "<</Type/FontDescriptor/FontName/{F1_NAME}/Flags 4/FontBBox[{x0} {y0} {x1} {y1}]\
                /ItalicAngle 0/Ascent {}/Descent {}/CapHeight {}/StemV 80/FontFile3 {PROGRAM} 0 R>>",
                self.font.ascent, self.font.descent, self.font.capital_height
            ),
        );
        objects.file(
            PROGRAM,
            &format!("/Subtype/CIDFontType0C{FLATE}"),
            &deflate(&first_font(&self.font, characters)?),
        );
        objects.file(MAP, FLATE, &deflate(&unicode_map(&[])));
        Ok(())
    }
}

/// Compares what the pages show with what the statement says they show, and its digest with its text.
/// `Err` says what disagrees.
pub(crate) fn agreement(
    document: &Document<'_>,
    statement: &ReportStatement,
) -> std::result::Result<(String, String), String> {
    if let (Some(digest), Some(content)) = (&statement.digest, &statement.content)
        && hex_lower(&sm3(content.as_bytes())) != *digest
    {
        return Err("its digest is not that of the text it states".to_owned());
    }
    let shown = pages(document)?;
    if shown.len() != statement.pages.len() {
        return Err(format!(
            "{} pages are stated, {} are there",
            statement.pages.len(),
            shown.len()
        ));
    }
    let grouped: Option<String> = statement.digest.as_deref().map(|digest| {
        digest
            .as_bytes()
            .chunks(4)
            .map(|four| String::from_utf8_lossy(four).into_owned())
            .collect::<Vec<_>>()
            .join(" ")
    });
    let mut texts = 0;
    for (at, (stated, page)) in statement.pages.iter().zip(&shown).enumerate() {
        for (wanted, found) in stated.iter().zip(page) {
            if wanted != found {
                return Err(format!("page {}: “{wanted}” / “{found}”", at + 1));
            }
        }
        if stated.len() != page.len() {
            return Err(format!(
                "page {}: {} texts are stated, {} are shown",
                at + 1,
                stated.len(),
                page.len()
            ));
        }
        if let Some(digest) = &grouped
            && !page.iter().any(|text| text.contains(digest.as_str()))
        {
            return Err(format!("page {} does not show the digest", at + 1));
        }
        texts += page.len();
    }
    Ok((
        format!(
            "附件与 {} 页上 {texts} 处文字逐字一致，每页页脚印有指纹",
            shown.len()
        ),
        format!(
            "attachment and {} pages agree in all {texts} texts; each page's footer shows the digest",
            shown.len()
        ),
    ))
}

/// Every text of every page, in order.
fn pages(document: &Document<'_>) -> Parse<Vec<Vec<String>>> {
    let catalog = document.dictionary(&document.trailer, "Root")?;
    let tree = document.dictionary(&catalog, "Pages")?;
    let mut all = Vec::new();
    for kid in document.array(&tree, "Kids")? {
        let Value::Dictionary(page) = document.resolve(&kid.value)? else {
            return Err("a page cannot be read".to_owned());
        };
        let content = page
            .value("Contents")
            .ok_or("a page shows nothing")
            .map_err(str::to_owned)?;
        let (_, content) = document.stream(content)?;
        let mut lexer = Lexer::new(&content, 0);
        let mut texts = Vec::new();
        let mut last = Value::Null;
        while let Some(node) = lexer.value(0)? {
            let Value::Word(word) = node.value else {
                last = node.value;
                continue;
            };
            match (word.as_slice(), std::mem::replace(&mut last, Value::Null)) {
                (b"Tj", Value::Text(codes)) => texts.push(
                    codes
                        .chunks(2)
                        .map(|pair| {
                            let unit = [pair[0], pair.get(1).copied().unwrap_or(0)];
                            char::from_u32(u32::from(u16::from_be_bytes(unit)))
                                .unwrap_or('\u{fffd}')
                        })
                        .collect(),
                ),
                (b"TJ" | b"'" | b"\"" | b"BI" | b"Do", _) => {
                    return Err("a page shows something that is no text of the report".to_owned());
                }
                _ => {}
            }
        }
        all.push(texts);
    }
    Ok(all)
}
