//! Glyphs: read once from the font file as Type 2 charstrings, then assembled into small
//! CID-keyed CFF programs. A character's CID is its code point (basic plane), so that text needs
//! no table of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use ttf_parser::{Face, OutlineBuilder};

use crate::error::{Error, Result};

/// One glyph as a charstring, its width included.
#[derive(Debug)]
pub(crate) struct Glyph {
    /// Advance width in thousandths of the size.
    pub(crate) width: u16,
    charstring: Box<[u8]>,
}

/// Width of nearly every glyph of a Chinese font; charstrings of this width do not state it.
const WIDTH_DEFAULT: u16 = 1000;

/// The font file and every glyph asked of it so far.
pub(crate) struct Font {
    file: Arc<[u8]>,
    /// By code point of the basic plane; filled on first use.
    basic: Vec<OnceLock<Option<Box<Glyph>>>>,
    /// Characters beyond the basic plane are rare.
    beyond: Mutex<HashMap<char, Option<Arc<Glyph>>>>,
    notdef: Glyph,
    /// Font-wide bounding box in thousandths of the size.
    pub(crate) bounding_box: [i16; 4],
    pub(crate) ascent: i16,
    pub(crate) descent: i16,
    pub(crate) capital_height: i16,
}

/// A glyph borrowed from either cache.
pub(crate) enum GlyphRef<'a> {
    Basic(&'a Glyph),
    Beyond(Arc<Glyph>),
}

impl std::ops::Deref for GlyphRef<'_> {
    type Target = Glyph;

    fn deref(&self) -> &Glyph {
        match self {
            Self::Basic(glyph) => glyph,
            Self::Beyond(glyph) => glyph,
        }
    }
}

impl Font {
    pub(crate) fn new(file: &[u8]) -> Result<Self> {
        let face = Face::parse(file, 0).map_err(|why| Error::Font(why.to_string()))?;
        if face.units_per_em() != 1000 {
            return Err(Error::Font(format!(
                "it counts {} units an em; 1000 are wanted",
                face.units_per_em()
            )));
        }
        let notdef = outline(&face, ttf_parser::GlyphId(0))
            .ok_or_else(|| Error::Font("it has no .notdef glyph".to_owned()))?;
        let bounds = face.global_bounding_box();
        let (ascent, descent) = (face.ascender(), face.descender());
        let capital_height = face.capital_height().unwrap_or(733);
        Ok(Self {
            file: Arc::from(file),
            basic: (0..0x1_0000).map(|_| OnceLock::new()).collect(),
            beyond: Mutex::default(),
            notdef,
            bounding_box: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max],
            ascent,
            descent,
            capital_height,
        })
    }

    fn read(&self, c: char) -> Option<Glyph> {
        if c.is_control() {
            return None;
        }
        // Parsed again only for a character never seen before.
        let face = Face::parse(&self.file, 0).ok()?;
        let id = face.glyph_index(c).filter(|id| id.0 != 0)?;
        outline(&face, id)
    }

    /// The glyph of a character, if the font has it.
    pub(crate) fn glyph(&self, c: char) -> Option<GlyphRef<'_>> {
        match u16::try_from(u32::from(c)) {
            Ok(cid) => self.basic[usize::from(cid)]
                .get_or_init(|| self.read(c).map(Box::new))
                .as_deref()
                .map(GlyphRef::Basic),
            Err(_) => self
                .beyond
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .entry(c)
                .or_insert_with(|| self.read(c).map(Arc::new))
                .clone()
                .map(GlyphRef::Beyond),
        }
    }

    /// The W array of both fonts: every character of the basic plane that is not 1000 wide.
    pub(crate) fn widths(&self) -> Result<String> {
        let face = Face::parse(&self.file, 0).map_err(|why| Error::Font(why.to_string()))?;
        let mut out = String::from("[");
        let mut last = None;
        for code in 0x20..=0xffff_u32 {
            let width = char::from_u32(code)
                .and_then(|c| face.glyph_index(c))
                .and_then(|id| face.glyph_hor_advance(id))
                .filter(|width| *width != WIDTH_DEFAULT);
            if let Some(width) = width {
                if last == Some(code - 1) {
                    out.push_str(&format!(" {width}"));
                } else {
                    if last.is_some() {
                        out.push(']');
                    }
                    out.push_str(&format!("{code}[{width}"));
                }
                last = Some(code);
            }
        }
        if last.is_some() {
            out.push(']');
        }
        out.push(']');
        Ok(out)
    }

    /// Assembles a font program of these glyphs; `glyphs` ascend by CID and leave out `.notdef`.
    pub(crate) fn assemble(&self, name: &str, glyphs: &[(u16, GlyphRef<'_>)], out: &mut Vec<u8>) {
        let start = out.len();
        // Header: version 1.0, four bytes, offsets of four bytes.
        out.extend_from_slice(&[1, 0, 4, 4]);
        index(out, &[name.as_bytes()]);
        // Top DICT: offsets are patched below; each is a five-byte integer.
        out.extend_from_slice(&[0, 1, 1, 1, 1 + TOP_DICT_LEN]);
        let top = out.len();
        // ROS Adobe-Identity-0 (strings 391 and 392), CIDCount 65535.
        out.extend_from_slice(&[28, 1, 135, 28, 1, 136, 139, 12, 30]);
        out.extend_from_slice(&[29, 0, 0, 0xff, 0xff, 12, 34]);
        for edge in self.bounding_box {
            let [high, low] = edge.to_be_bytes();
            out.extend_from_slice(&[28, high, low]);
        }
        out.push(5);
        for operator in [&[15][..], &[17], &[12, 36], &[12, 37]] {
            out.extend_from_slice(&[29, 0, 0, 0, 0]);
            out.extend_from_slice(operator);
        }
        debug_assert_eq!(out.len() - top, usize::from(TOP_DICT_LEN));
        index(out, &[b"Adobe", b"Identity"]);
        // No global subroutines.
        out.extend_from_slice(&[0, 0]);

        let charset = out.len() - start;
        out.push(0);
        for (cid, _) in glyphs {
            out.extend_from_slice(&cid.to_be_bytes());
        }

        let count = u16::try_from(glyphs.len() + 1).unwrap_or(u16::MAX);
        let select = out.len() - start;
        out.extend_from_slice(&[3, 0, 1, 0, 0, 0]);
        out.extend_from_slice(&count.to_be_bytes());

        let charstrings = out.len() - start;
        out.extend_from_slice(&count.to_be_bytes());
        out.push(3);
        let mut offset = 1_u32;
        let lengths = std::iter::once(&self.notdef)
            .chain(glyphs.iter().map(|(_, glyph)| &**glyph))
            .map(|glyph| u32::try_from(glyph.charstring.len()).unwrap_or(0));
        out.extend_from_slice(&offset.to_be_bytes()[1..]);
        for length in lengths {
            offset += length;
            out.extend_from_slice(&offset.to_be_bytes()[1..]);
        }
        out.extend_from_slice(&self.notdef.charstring);
        for (_, glyph) in glyphs {
            out.extend_from_slice(&glyph.charstring);
        }

        let array = out.len() - start;
        // One font DICT holding only Private (size 6, offset), operator 18.
        out.extend_from_slice(&[0, 1, 1, 1, 1 + 7, 139 + 6, 29]);
        let private = out.len() - start + 4 + 1;
        out.extend_from_slice(&u32::try_from(private).unwrap_or(0).to_be_bytes());
        out.push(18);
        // defaultWidthX 1000, nominalWidthX 0.
        out.extend_from_slice(&[28, 3, 232, 20, 139, 21]);

        // ROS 9 bytes, CIDCount 7, FontBBox 13; then the four offsets.
        let mut place = top + 29;
        for (value, operator) in [(charset, 1), (charstrings, 1), (array, 2), (select, 2)] {
            let bytes = u32::try_from(value).unwrap_or(0).to_be_bytes();
            out[place + 1..place + 5].copy_from_slice(&bytes);
            place += 5 + operator;
        }
    }
}

const TOP_DICT_LEN: u8 = 9 + 7 + 13 + 6 + 6 + 7 + 7;

/// A CFF INDEX of short items.
fn index(out: &mut Vec<u8>, items: &[&[u8]]) {
    let count = u16::try_from(items.len()).unwrap_or(0);
    out.extend_from_slice(&count.to_be_bytes());
    out.push(1);
    let mut offset = 1_u8;
    out.push(offset);
    for item in items {
        offset += u8::try_from(item.len()).unwrap_or(0);
        out.push(offset);
    }
    for item in items {
        out.extend_from_slice(item);
    }
}

fn outline(face: &Face<'_>, id: ttf_parser::GlyphId) -> Option<Glyph> {
    let width = face.glyph_hor_advance(id)?;
    let mut pen = Pen::default();
    if width != WIDTH_DEFAULT {
        pen.number(i32::from(width));
    }
    // A space has no outline.
    let _ = face.outline_glyph(id, &mut pen);
    pen.flush();
    pen.out.push(14);
    Some(Glyph {
        width,
        charstring: pen.out.into_boxed_slice(),
    })
}

/// One piece of an outline, relative to the end of the one before.
#[derive(Clone, Copy)]
enum Segment {
    Line(i32, i32),
    Curve([i32; 6]),
}

/// Turns an outline into a Type 2 charstring without hints, using the short forms for horizontal
/// and vertical pieces, which Chinese characters are full of.
///
/// Source: Adobe Technical Note 5177, The Type 2 Charstring Format.
#[derive(Default)]
struct Pen {
    out: Vec<u8>,
    x: i32,
    y: i32,
    start: (i32, i32),
    segments: Vec<Segment>,
}

/// Most operands one operator may have.
const STACK: usize = 48;

impl Pen {
    fn number(&mut self, value: i32) {
        let low = |v: i32| v.to_be_bytes()[3];
        match value {
            -107..=107 => self.out.push(low(value + 139)),
            108..=1131 => {
                let v = value - 108;
                self.out.extend_from_slice(&[247 + low(v >> 8), low(v)]);
            }
            -1131..=-108 => {
                let v = -value - 108;
                self.out.extend_from_slice(&[251 + low(v >> 8), low(v)]);
            }
            _ => {
                let [_, _, high, low] = value.to_be_bytes();
                self.out.extend_from_slice(&[28, high, low]);
            }
        }
    }

    fn operator(&mut self, operands: &[i32], operator: u8) {
        for operand in operands {
            self.number(*operand);
        }
        self.out.push(operator);
    }

    /// Moves the pen and says by how much.
    fn step(&mut self, x: f32, y: f32) -> (i32, i32) {
        // Outlines of CFF fonts have whole coordinates.
        let (x, y) = (whole(x), whole(y));
        let delta = (x - self.x, y - self.y);
        (self.x, self.y) = (x, y);
        delta
    }

    fn flush(&mut self) {
        let segments = std::mem::take(&mut self.segments);
        let mut rest = segments.as_slice();
        let mut operands = Vec::with_capacity(STACK);
        while let Some(first) = rest.first() {
            operands.clear();
            let taken = match *first {
                Segment::Line(x, y) if x == 0 || y == 0 => self.straight_lines(rest, &mut operands),
                Segment::Line(..) => self.lines(rest, &mut operands),
                Segment::Curve([_, 0, _, _, 0, _] | [0, _, _, _, _, 0]) => {
                    self.quarter_curves(rest, &mut operands)
                }
                Segment::Curve(_) => self.curves(rest, &mut operands),
            };
            rest = &rest[taken..];
        }
    }

    /// Lines alternating between horizontal and vertical.
    fn straight_lines(&mut self, rest: &[Segment], operands: &mut Vec<i32>) -> usize {
        let Some(Segment::Line(_, 0)) = rest.first() else {
            return self.alternating(rest, operands, false, 7);
        };
        self.alternating(rest, operands, true, 6)
    }

    fn alternating(
        &mut self,
        rest: &[Segment],
        operands: &mut Vec<i32>,
        mut horizontal: bool,
        operator: u8,
    ) -> usize {
        for segment in rest {
            match *segment {
                Segment::Line(x, 0) if horizontal => operands.push(x),
                Segment::Line(0, y) if !horizontal => operands.push(y),
                _ => break,
            }
            horizontal = !horizontal;
            if operands.len() == STACK {
                break;
            }
        }
        self.operator(operands, operator);
        operands.len()
    }

    /// Lines of any direction, up to where two straight ones follow each other.
    fn lines(&mut self, rest: &[Segment], operands: &mut Vec<i32>) -> usize {
        let mut taken = 0;
        while let Some(Segment::Line(x, y)) = rest.get(taken) {
            let straight =
                |at: usize| matches!(rest.get(at), Some(Segment::Line(x, y)) if *x == 0 || *y == 0);
            if operands.len() + 2 > STACK || straight(taken) && straight(taken + 1) {
                break;
            }
            operands.extend_from_slice(&[*x, *y]);
            taken += 1;
        }
        self.operator(operands, 5);
        taken
    }

    /// Curves that begin horizontal and end vertical, or the other way round, in turn.
    fn quarter_curves(&mut self, rest: &[Segment], operands: &mut Vec<i32>) -> usize {
        let begins_horizontal = matches!(rest.first(), Some(Segment::Curve([_, 0, _, _, 0, _])));
        let mut horizontal = begins_horizontal;
        let mut taken = 0;
        while let Some(Segment::Curve(curve)) = rest.get(taken) {
            let [x1, y1, x2, y2, x3, y3] = *curve;
            if operands.len() + 4 > STACK {
                break;
            }
            if horizontal && y1 == 0 && x3 == 0 {
                operands.extend_from_slice(&[x1, x2, y2, y3]);
            } else if !horizontal && x1 == 0 && y3 == 0 {
                operands.extend_from_slice(&[y1, x2, y2, x3]);
            } else {
                break;
            }
            horizontal = !horizontal;
            taken += 1;
        }
        self.operator(operands, if begins_horizontal { 31 } else { 30 });
        taken
    }

    /// Curves of any direction, up to where short ones begin.
    fn curves(&mut self, rest: &[Segment], operands: &mut Vec<i32>) -> usize {
        let mut taken = 0;
        while let Some(Segment::Curve(curve)) = rest.get(taken) {
            let [_, y1, _, _, x3, _] = *curve;
            let short = y1 == 0 && x3 == 0 || curve[0] == 0 && curve[5] == 0;
            if operands.len() + 6 > STACK || short && taken > 0 {
                break;
            }
            operands.extend_from_slice(curve);
            taken += 1;
        }
        self.operator(operands, 8);
        taken
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "font units fit 16 bits; a float cast saturates"
)]
fn whole(value: f32) -> i32 {
    value.round() as i32
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.flush();
        match self.step(x, y) {
            (dx, 0) => self.operator(&[dx], 22),
            (0, dy) => self.operator(&[dy], 4),
            (dx, dy) => self.operator(&[dx, dy], 21),
        }
        self.start = (self.x, self.y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (dx, dy) = self.step(x, y);
        if (dx, dy) != (0, 0) {
            self.segments.push(Segment::Line(dx, dy));
        }
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        // Only TrueType outlines have these: raised to third degree.
        let (x1, y1, x3, y3) = (whole(x1), whole(y1), whole(x), whole(y));
        let (x0, y0) = (self.x, self.y);
        let first = ((x0 + 2 * x1) / 3, (y0 + 2 * y1) / 3);
        let second = ((x3 + 2 * x1) / 3, (y3 + 2 * y1) / 3);
        (self.x, self.y) = (x3, y3);
        self.segments.push(Segment::Curve([
            first.0 - x0,
            first.1 - y0,
            second.0 - first.0,
            second.1 - first.1,
            x3 - second.0,
            y3 - second.1,
        ]));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (a, b) = self.step(x1, y1);
        let (c, d) = self.step(x2, y2);
        let (e, f) = self.step(x, y);
        self.segments.push(Segment::Curve([a, b, c, d, e, f]));
    }

    fn close(&mut self) {
        // Every outline closes by itself: a last line back to its start says nothing.
        if let Some(Segment::Line(..)) = self.segments.last()
            && (self.x, self.y) == self.start
            && let Some(Segment::Line(dx, dy)) = self.segments.pop()
        {
            // The pen stays where the drawing ended; the next move counts from there.
            (self.x, self.y) = (self.x - dx, self.y - dy);
        }
    }
}
