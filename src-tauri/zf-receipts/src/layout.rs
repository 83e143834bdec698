//! The page: A5 landscape. Positions are taken from the design picture, which is 1,309 units wide;
//! [`px`] turns them into hundredths of a point. Distances count from the top, as people read.

use std::collections::BTreeSet;

use crate::content::{StaticText, code, decimal, number, op};
use crate::data::{PrintedField, field_in_words};
use crate::error::{Error, Result};
use crate::font::{Font, GlyphRef};

/// Page width and height in hundredths of a point.
pub(crate) const PAGE: (i32, i32) = (59_528, 41_953);

/// Hundredths of a point of one design unit count.
pub(crate) const fn px(units: i32) -> i32 {
    units * 45_476 / 1000
}

/// Distance from the top in design units → from the bottom in hundredths of a point.
pub(crate) const fn up(units: i32) -> i32 {
    PAGE.1 - px(units)
}

const INK: [i32; 3] = [10, 11, 14];
const LABEL: [i32; 3] = [33, 35, 40];
const FAINT: [i32; 3] = [45, 47, 52];
/// The red of lines, seal and notices.
pub(crate) const RED: [i32; 3] = [77, 16, 18];
const GRID: [i32; 3] = [66, 67, 70];

/// Where the seal's box lies: left, top, right, bottom in design units.
pub(crate) const SEAL_BOX: [i32; 4] = [1000, 604, 1184, 788];
/// Left and top of the QR code, design units.
const QR_PLACE: (i32, i32) = (62, 609);
/// Side of the QR code, hundredths of a point: 2 pt a module at 41 modules.
const QR_SIDE: i32 = 8200;

const LEFT: i32 = 62;
const RIGHT: i32 = 1247;
const ROWS: [i32; 9] = [181, 229, 278, 326, 375, 423, 491, 540, 588];
/// Column edges of the table.
const COLUMNS: [i32; 3] = [185, 655, 778];

#[derive(Clone, Copy)]
enum Align {
    Left,
    Middle,
    Right,
}

/// Where and how a field is printed.
struct Place {
    name: &'static str,
    /// Left edge, middle or right edge, design units.
    x: i32,
    /// Middle of the text, from the top, design units.
    y: i32,
    /// Design units.
    width: i32,
    /// Hundredths of a point.
    size: i32,
    align: Align,
    /// Extra stroke, hundredths of a point.
    bold: i32,
    /// Space between characters, hundredths of a point.
    spacing: i32,
    lines_max: usize,
    color: [i32; 3],
}

const PLAIN: Place = Place {
    name: "",
    x: 0,
    y: 0,
    width: 437,
    size: 740,
    align: Align::Left,
    bold: 0,
    spacing: 0,
    lines_max: 3,
    color: INK,
};

const fn middle(row: usize) -> i32 {
    (ROWS[row] + ROWS[row + 1]) / 2
}

/// A field in the left, right or whole value column of a table row.
const fn cell(name: &'static str, row: usize, x: i32, width: i32) -> Place {
    Place {
        name,
        x,
        y: middle(row),
        width,
        ..PLAIN
    }
}

const PLACES: [Place; 20] = [
    Place {
        name: "title",
        x: 654,
        y: 73,
        width: 500,
        size: 1760,
        align: Align::Middle,
        bold: 55,
        spacing: 520,
        lines_max: 1,
        ..PLAIN
    },
    Place {
        name: "serial_no",
        x: 139,
        y: 159,
        width: 440,
        bold: 14,
        lines_max: 1,
        ..PLAIN
    },
    Place {
        name: "business_date",
        x: 695,
        y: 159,
        width: 300,
        bold: 14,
        lines_max: 1,
        ..PLAIN
    },
    cell("payer", 0, 201, 437),
    cell("merchant_name", 0, 794, 437),
    cell("channel", 1, 201, 437),
    cell("merchant_account", 1, 794, 437),
    cell("merchant_order_no", 2, 201, 437),
    cell("paid_at", 2, 794, 437),
    cell("channel_payment_id", 3, 201, 1030),
    cell("description", 4, 201, 1030),
    Place {
        size: 980,
        bold: 16,
        ..cell("amount_capital", 5, 201, 437)
    },
    Place {
        size: 1360,
        bold: 34,
        align: Align::Right,
        lines_max: 1,
        x: 1231,
        ..cell("amount", 5, 794, 437)
    },
    cell("refunds", 6, 201, 1030),
    cell("people", 7, 201, 437),
    cell("issued_at", 7, 794, 437),
    Place {
        name: "verification",
        x: 262,
        y: 627,
        width: 710,
        size: 670,
        color: LABEL,
        lines_max: 2,
        ..PLAIN
    },
    Place {
        name: "demo",
        x: RIGHT,
        y: 60,
        width: 330,
        size: 800,
        align: Align::Right,
        bold: 14,
        color: RED,
        lines_max: 1,
        ..PLAIN
    },
    Place {
        name: "signed_at",
        x: RIGHT,
        y: 874,
        width: 330,
        size: 600,
        align: Align::Right,
        color: FAINT,
        lines_max: 1,
        ..PLAIN
    },
    Place {
        name: "digest",
        x: 146,
        y: 874,
        width: 700,
        size: 600,
        color: FAINT,
        lines_max: 1,
        ..PLAIN
    },
];

/// Characters of F1 beyond those of the labels: what nearly every receipt needs. None of them is
/// taken from customers' data.
const COMMON: &str = "（），。、：；·¥\
    人民币零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整\
    收款凭证电子付渠道商户单号支时间摘要大制复核出具年月日\
    微信宝银联云闪零钱余额账户尾号扫码截至已退无净收笔共逐见附件\
    演示真实资不可入签署";

/// A set of basic-plane characters.
pub(crate) struct CharSet(Vec<u64>);

impl CharSet {
    pub(crate) fn new(characters: &BTreeSet<char>) -> Self {
        let mut bits = vec![0; 1024];
        for c in characters {
            if let Ok(cid) = u16::try_from(u32::from(*c)) {
                bits[usize::from(cid >> 6)] |= 1 << (cid & 63);
            }
        }
        Self(bits)
    }

    fn has(&self, cid: u16) -> bool {
        self.0[usize::from(cid >> 6)] & (1 << (cid & 63)) != 0
    }
}

/// The characters every template's F1 holds.
pub(crate) fn common_characters() -> BTreeSet<char> {
    (' '..='~')
        .filter(|c| c.is_ascii_alphanumeric() || " *,-./:()@_|".contains(*c))
        .chain(COMMON.chars())
        .collect()
}

fn color(out: &mut Vec<u8>, rgb: [i32; 3], operator: &str) {
    op(out, &rgb, operator);
}

fn rectangle(out: &mut Vec<u8>, left: i32, top: i32, right: i32, bottom: i32, paint: &str) {
    op(
        out,
        &[px(left), up(bottom), px(right - left), px(bottom - top)],
        "re",
    );
    op(out, &[], paint);
}

fn line(out: &mut Vec<u8>, from: (i32, i32), to: (i32, i32)) {
    op(out, &[px(from.0), up(from.1)], "m");
    op(out, &[px(to.0), up(to.1)], "l");
    op(out, &[], "S");
}

/// Width of a text of one size, hundredths of a point.
pub(crate) fn text_width(font: &Font, text: &str, size: i32) -> i32 {
    let thousandths: i32 = text
        .chars()
        .map(|c| font.glyph(c).map_or(1000, |glyph| i32::from(glyph.width)))
        .sum();
    (thousandths * size) / 1000
}

impl StaticText {
    /// Shows a label whose text is centred on `y`.
    fn label(&mut self, x: i32, y: i32, size: i32, rgb: [i32; 3], text: &str) {
        op(&mut self.out, &[], "BT");
        color(&mut self.out, rgb, "rg");
        self.out.extend_from_slice(b"/F1 ");
        op(&mut self.out, &[size], "Tf");
        op(&mut self.out, &[x, up(y) - size * 38 / 100], "Td");
        self.show(text);
        op(&mut self.out, &[], "ET");
    }

    /// Spreads a label's characters evenly between two edges, as printed forms do.
    fn spread(&mut self, font: &Font, left: i32, right: i32, y: i32, size: i32, text: &str) {
        let gaps = i32::try_from(text.chars().count()).unwrap_or(2).max(2) - 1;
        let free = px(right - left) - text_width(font, text, size);
        op(&mut self.out, &[], "q");
        op(&mut self.out, &[free / gaps], "Tc");
        self.label(px(left), y, size, LABEL, text);
        op(&mut self.out, &[], "Q");
    }
}

/// What the constant part of the page says about the signer.
pub(crate) struct SignerWords<'a> {
    pub(crate) name: &'a str,
    pub(crate) serial: &'a str,
}

/// The constant part of the page: frame, grid, labels, signer.
pub(crate) fn static_content(font: &Font, signer: &SignerWords<'_>, demo: bool) -> StaticText {
    let mut page = StaticText::default();
    let out = &mut page.out;
    op(out, &[], "q");
    // Frame.
    op(out, &[50], "w");
    color(out, [84, 84, 85], "RG");
    rectangle(out, 24, 24, 1284, 899, "S");
    color(out, [92, 92, 92], "RG");
    op(out, &[35], "w");
    rectangle(out, 29, 29, 1280, 894, "S");
    waves(out);
    // Label cells.
    color(out, [97, 97, 96], "rg");
    rectangle(out, LEFT, ROWS[0], COLUMNS[0], ROWS[8], "f");
    for row in [0, 1, 2, 5, 7] {
        rectangle(out, COLUMNS[1], ROWS[row], COLUMNS[2], ROWS[row + 1], "f");
    }
    if demo {
        watermark(&mut page);
    }
    let out = &mut page.out;
    // Grid.
    color(out, GRID, "RG");
    op(out, &[45], "w");
    for y in &ROWS[1..8] {
        line(out, (LEFT, *y), (RIGHT, *y));
    }
    line(out, (COLUMNS[0], ROWS[0]), (COLUMNS[0], ROWS[8]));
    for x in &COLUMNS[1..] {
        for (top, bottom) in [(0, 3), (5, 6), (7, 8)] {
            line(out, (*x, ROWS[top]), (*x, ROWS[bottom]));
        }
    }
    op(out, &[70], "w");
    rectangle(out, LEFT, ROWS[0], RIGHT, ROWS[8], "S");
    // Red lines under the title.
    color(out, RED, "RG");
    op(out, &[110], "w");
    line(out, (473, 103), (836, 103));
    op(out, &[35], "w");
    line(out, (473, 107), (836, 107));
    // Footer.
    color(out, [72, 72, 74], "RG");
    op(out, &[45], "w");
    out.extend_from_slice(b"[2 1.5]0 d\n");
    line(out, (LEFT, 836), (RIGHT, 836));
    op(out, &[], "Q");

    let subtitle = "商户签发，不是银行回单";
    let width = text_width(font, subtitle, 640);
    page.label(px(654) - width / 2, 126, 640, FAINT, subtitle);
    page.label(px(LEFT), 159, 690, LABEL, "凭证编号");
    page.label(px(618), 159, 690, LABEL, "业务日期");
    let pages = "第 1 页 / 共 1 页";
    let width = text_width(font, pages, 690);
    page.label(px(RIGHT) - width, 159, 690, LABEL, pages);
    for (row, left, right) in [
        (0, "付款方", "收款方"),
        (1, "付款渠道", "收款账户"),
        (2, "商户单号", "支付时间"),
        (3, "渠道单号", ""),
        (4, "摘要", ""),
        (5, "金额大写", "金额小写"),
        (6, "退款情况", ""),
        (7, "制单/复核", "出具时间"),
    ] {
        page.spread(font, 78, 170, middle(row), 690, left);
        if !right.is_empty() {
            page.spread(font, 670, 763, middle(row), 690, right);
        }
    }
    for (y, note) in [
        (
            662,
            "本凭证由上列收款方出具并签名，证明其经上列渠道收到款项；它不是银行回单，也不是发票。",
        ),
        (
            686,
            "本文件内嵌机读数据与电子签名，纸面打印件须与电子原件一并保存。",
        ),
        (710, "同一凭证编号只可入账一次；金额以电子原件为准。"),
    ] {
        page.label(px(262), y, 640, LABEL, note);
    }

    let signature = format!(
        "签名　SM2-SM3（GB/T 32918）　签名人 {}　证书 {}",
        signer.name, signer.serial
    );
    // A long name is set smaller rather than cut.
    let mut size = 600;
    while size > 300 && text_width(font, &signature, size) > px(1085) {
        size -= 20;
    }
    page.label(px(LEFT), 855, size, FAINT, &signature);
    let house = "账房出具";
    let width = text_width(font, house, 600);
    page.label(px(RIGHT) - width, 855, 600, FAINT, house);
    page.label(px(LEFT), 874, 600, FAINT, "原文摘要 SM3");
    page
}

/// Fine waves behind the table: a copy shows them broken, and they carry no meaning.
fn waves(out: &mut Vec<u8>) {
    op(out, &[], "q");
    op(
        out,
        &[
            px(LEFT),
            up(ROWS[8]),
            px(RIGHT - LEFT),
            px(ROWS[8] - ROWS[0]),
        ],
        "re",
    );
    out.extend_from_slice(b"W n\n");
    color(out, [94, 94, 94], "RG");
    op(out, &[30], "w");
    for (count, y) in (ROWS[0] + 10..ROWS[8]).step_by(27).enumerate() {
        // The same words for every row, moved into place, compress to almost nothing.
        let shift = if count % 2 == 0 { 96 } else { 72 };
        op(out, &[], "q");
        op(out, &[100, 0, 0, 100, px(LEFT - shift), up(y)], "cm");
        op(out, &[0, 0], "m");
        for x in (0..RIGHT - LEFT + 96).step_by(96) {
            let [a, b, c, d] = [24, 48, 72, 96].map(|part| px(x + part));
            op(out, &[a, px(9), a, px(9), b, 0], "c");
            op(out, &[c, -px(9), c, -px(9), d, 0], "c");
        }
        op(out, &[], "S");
        op(out, &[], "Q");
    }
    op(out, &[], "Q");
}

/// 演示 across the page.
fn watermark(page: &mut StaticText) {
    for x in [140, 510, 880] {
        for (y, shift) in [(320, 0), (560, 110)] {
            let out = &mut page.out;
            op(out, &[], "BT");
            color(out, [98, 89, 89], "rg");
            out.extend_from_slice(b"/F1 62 Tf\n");
            // Turned by about 17 degrees.
            op(out, &[96, 29, -29, 96, px(x + shift), up(y)], "Tm");
            page.show("演示");
            op(&mut page.out, &[], "ET");
        }
    }
}

/// The changing part of a page while it is written, and the characters F2 must hold.
pub(crate) struct Writer<'a> {
    font: &'a Font,
    shared: &'a CharSet,
    pub(crate) out: Vec<u8>,
    /// Characters of the basic plane that F1 lacks.
    extra: Vec<u16>,
    /// Characters beyond it, in order of CIDs from D800.
    pub(crate) beyond: Vec<char>,
    /// Fill colour in force.
    color: [i32; 3],
}

impl<'a> Writer<'a> {
    pub(crate) fn new(font: &'a Font, shared: &'a CharSet) -> Self {
        Self {
            font,
            shared,
            out: Vec::with_capacity(4096),
            extra: Vec::with_capacity(256),
            beyond: Vec::new(),
            color: [0; 3],
        }
    }

    /// Prints all fields, each within its mark.
    pub(crate) fn fields(&mut self, fields: &[PrintedField]) -> Result<()> {
        for field in fields {
            if field.text.is_empty() {
                continue;
            }
            let place = PLACES
                .iter()
                .find(|place| place.name == field.name)
                .ok_or(Error::Internal("placing a field"))?;
            self.field(place, &field.text)?;
        }
        Ok(())
    }

    fn field(&mut self, place: &Place, text: &str) -> Result<()> {
        let field = field_in_words(place.name);
        let mut widths = Vec::with_capacity(text.len());
        for c in text.chars() {
            let glyph = self.font.glyph(c).ok_or_else(|| Error::MissingCharacter {
                field,
                character: if c.is_control() { '\u{fffd}' } else { c },
                code: u32::from(c),
            })?;
            widths.push(i32::from(glyph.width));
        }
        let (size, breaks) = fit(place, &widths).ok_or(Error::TooLong {
            field,
            length: widths.len(),
        })?;
        let leading = size * 5 / 4;
        let lines = i32::try_from(breaks.len()).unwrap_or(1);
        let mut baseline = up(place.y) - size * 38 / 100 + leading * (lines - 1) / 2;

        self.out.push(b'/');
        self.out.extend_from_slice(place.name.as_bytes());
        self.out.extend_from_slice(b" BMC\n");
        if place.bold > 0 {
            op(&mut self.out, &[], "q");
            color(&mut self.out, place.color, "RG");
            op(&mut self.out, &[place.bold * size / place.size], "w");
            self.out.extend_from_slice(b"2 Tr\n");
        }
        if place.spacing > 0 {
            op(&mut self.out, &[place.spacing], "Tc");
        }
        if place.bold > 0 || self.color != place.color {
            color(&mut self.out, place.color, "rg");
        }
        if place.bold == 0 {
            self.color = place.color;
        }
        let mut characters = text.chars();
        let mut start = 0;
        for end in breaks {
            let width = line_width(&widths[start..end], size, place.spacing);
            let x = match place.align {
                Align::Left => px(place.x),
                Align::Middle => px(place.x) - width / 2,
                Align::Right => px(place.x) - width,
            };
            self.line(x, baseline, size, characters.by_ref().take(end - start));
            start = end;
            baseline -= leading;
        }
        if place.bold > 0 {
            op(&mut self.out, &[], "Q");
        }
        op(&mut self.out, &[], "EMC");
        Ok(())
    }

    fn line(&mut self, x: i32, y: i32, size: i32, text: impl Iterator<Item = char>) {
        op(&mut self.out, &[], "BT");
        let mut current = 0;
        for c in text {
            let (font, cid) = self.code_of(c);
            if font != current {
                if current != 0 {
                    self.out.extend_from_slice(b")Tj\n");
                }
                self.out
                    .extend_from_slice(if font == 1 { b"/F1 " } else { b"/F2 " });
                op(&mut self.out, &[size], "Tf");
                if current == 0 {
                    op(&mut self.out, &[x, y], "Td");
                }
                self.out.push(b'(');
                current = font;
            }
            code(&mut self.out, cid);
        }
        if current != 0 {
            self.out.extend_from_slice(b")Tj\n");
        }
        op(&mut self.out, &[], "ET");
    }

    fn code_of(&mut self, c: char) -> (u8, u16) {
        if let Ok(cid) = u16::try_from(u32::from(c)) {
            if self.shared.has(cid) {
                return (1, cid);
            }
            self.extra.push(cid);
            return (2, cid);
        }
        let at = self
            .beyond
            .iter()
            .position(|known| *known == c)
            .unwrap_or_else(|| {
                self.beyond.push(c);
                self.beyond.len() - 1
            });
        (2, 0xd800 + u16::try_from(at).unwrap_or(0))
    }

    /// Places the QR image.
    pub(crate) fn qr(&mut self) {
        op(&mut self.out, &[], "q");
        let bottom = up(QR_PLACE.1) - QR_SIDE;
        for part in [QR_SIDE, 0, 0, QR_SIDE, px(QR_PLACE.0), bottom] {
            number(&mut self.out, part);
            self.out.push(b' ');
        }
        self.out.extend_from_slice(b"cm\n/Q Do\nQ\n");
    }

    /// The glyphs F2 must hold, ascending by CID.
    pub(crate) fn second_font(&mut self) -> Vec<(u16, GlyphRef<'_>)> {
        self.extra.sort_unstable();
        self.extra.dedup();
        let basic = self
            .extra
            .iter()
            .map(|cid| (*cid, char::from_u32(u32::from(*cid)).unwrap_or(' ')));
        let beyond = self
            .beyond
            .iter()
            .zip(0xd800_u16..)
            .map(|(c, cid)| (cid, *c));
        let mut all: Vec<(u16, char)> = basic.chain(beyond).collect();
        all.sort_unstable();
        all.into_iter()
            .filter_map(|(cid, c)| self.font.glyph(c).map(|glyph| (cid, glyph)))
            .collect()
    }

    /// The ToUnicode map of F2 when it holds characters beyond the basic plane.
    pub(crate) fn second_map(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for (c, cid) in self.beyond.iter().zip(0xd800_u16..) {
            let mut units = [0; 2];
            let mut line = format!("<{cid:04X}> <");
            for unit in c.encode_utf16(&mut units) {
                line.push_str(&format!("{unit:04X}"));
            }
            line.push_str(">\n");
            lines.push(line);
        }
        unicode_map(&lines)
    }
}

fn line_width(widths: &[i32], size: i32, spacing: i32) -> i32 {
    let gaps = i32::try_from(widths.len()).unwrap_or(1).max(1) - 1;
    widths.iter().sum::<i32>() * size / 1000 + gaps * spacing
}

/// Finds a size and the ends of the lines: one line first, a little smaller if need be, then more
/// lines.
fn fit(place: &Place, widths: &[i32]) -> Option<(i32, Vec<usize>)> {
    let room = px(place.width);
    for percent in [100, 92, 85] {
        let size = place.size * percent / 100;
        if line_width(widths, size, place.spacing) <= room {
            return Some((size, vec![widths.len()]));
        }
    }
    for (lines, percent) in [(2, 78), (3, 68), (3, 58)] {
        let size = (place.size * percent / 100).min(if lines == 2 { 580 } else { 500 });
        if lines > place.lines_max {
            continue;
        }
        let mut breaks = Vec::new();
        let mut start = 0;
        while start < widths.len() {
            let mut end = start;
            let mut used = 0;
            while end < widths.len() && used + widths[end] * size / 1000 < room {
                used += widths[end] * size / 1000;
                end += 1;
            }
            if end == start {
                return None;
            }
            breaks.push(end);
            start = end;
        }
        if breaks.len() <= lines {
            return Some((size, breaks));
        }
    }
    None
}

/// A ToUnicode map: the whole basic plane onto itself, and these single lines.
pub(crate) fn unicode_map(singles: &[String]) -> Vec<u8> {
    let mut out = b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
        /CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n\
        /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
        1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        .to_vec();
    // Ranges of 256 so that only the last byte counts; surrogates stand for themselves nowhere.
    let ranges: Vec<String> = (0..=0xff_u32)
        .filter(|high| !(0xd8..=0xdf).contains(high))
        .map(|high| {
            let first = if high == 0 { 1 } else { high << 8 };
            let last = if high == 0xff {
                0xfffd
            } else {
                high << 8 | 0xff
            };
            format!("<{first:04X}> <{last:04X}> <{first:04X}>\n")
        })
        .collect();
    for block in ranges.chunks(100) {
        decimal(&mut out, u32::try_from(block.len()).unwrap_or(0));
        out.extend_from_slice(b" beginbfrange\n");
        for line in block {
            out.extend_from_slice(line.as_bytes());
        }
        out.extend_from_slice(b"endbfrange\n");
    }
    for block in singles.chunks(100) {
        decimal(&mut out, u32::try_from(block.len()).unwrap_or(0));
        out.extend_from_slice(b" beginbfchar\n");
        for line in block {
            out.extend_from_slice(line.as_bytes());
        }
        out.extend_from_slice(b"endbfchar\n");
    }
    out.extend_from_slice(b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    out
}
